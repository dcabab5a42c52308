-- To be included at the end of the path in "contract": how it was settled, beside
-- the split that it must end with; fails when they differ.
\set ECHO none
SELECT p.path, r.outcome, r.to_freelancer, r.to_client, p.to_freelancer AS expected_for_freelancer, p.to_client AS expected_for_client
FROM demo.path p LEFT JOIN refund.refund_request_status r USING (contract_id) WHERE contract_id = :contract;
SELECT 'as expected' AS note FROM demo.path p JOIN refund.refund_request_status r USING (contract_id, to_freelancer, to_client)
WHERE contract_id = :contract AND r.state = 'settled' \gset
\set ECHO queries
