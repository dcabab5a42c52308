/*
 * The first of many finished contracts, and some whose window has closed: copies of
 * one.  Variable: due.
 */
SET synchronous_commit = off;

SELECT refund.create_contract(id, 'client-1', 'freelancer-1', 'USD') FROM generate_series(1, 2) id;
SELECT refund.add_milestone(id, 'client-1', 1, 'Design', '500.00 USD') FROM generate_series(1, 2) id;
SELECT refund.fund(id, 'client-1', 1, '300.00 USD', 'card:4242', 'pi_1') FROM generate_series(1, 2) id;
SELECT refund.end_contract(id, 'client-1') FROM generate_series(1, 2) id;
SELECT refund.approve_refund(1, 'freelancer-1');
SELECT refund.report_refund_payment(1, 'worker-1', 1, 'succeeded', 're_1');

SET session_replication_role = replica;
CALL copy_contracts(2, 2, 1, 500000001, 500000000 + :due, '-8 days', '0');
