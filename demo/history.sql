-- To be included: the timeline and the transactions of the contract in "contract".
\set ECHO none
\echo 'case_timeline and transaction_history of contract' :contract
\echo
SELECT event_no AS no, at::timestamptz(0), effective_at::timestamptz(0), actor, party, event, from_state, to_state, amount
FROM refund.case_timeline WHERE contract_id = :contract ORDER BY event_no;
SELECT line_no AS line, at::timestamptz(0), kind, description, source, amount, currency, balance, payment_state AS state
FROM refund.transaction_history WHERE contract_id = :contract ORDER BY line_no;
\set ECHO queries
