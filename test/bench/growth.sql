/*
 * A table with many finished contracts, and some whose window has closed: copies of
 * two.  Variables: finished, due.
 */
SET synchronous_commit = off;

SELECT refund.create_contract(id, 'client-1', 'freelancer-1', 'USD') FROM generate_series(1, 2) id;
SELECT refund.add_milestone(id, 'client-1', 1, 'Design', '500.00 USD') FROM generate_series(1, 2) id;
SELECT refund.fund(id, 'client-1', 1, '300.00 USD', 'card:4242', 'pi_1') FROM generate_series(1, 2) id;
SELECT refund.end_contract(id, 'client-1') FROM generate_series(1, 2) id;
SELECT refund.approve_refund(1, 'freelancer-1');
SELECT refund.report_refund_payment(1, 'worker-1', 1, 'succeeded', 're_1');

SET session_replication_role = replica;
CALL copy_contracts(1, 1, 1, 2, :finished, '-100 days', '1 second');
CALL copy_contracts(2, 2, 1, 500000001, 500000000 + :due, '-8 days', '0');
RESET session_replication_role;
VACUUM ANALYZE;
CHECKPOINT;
