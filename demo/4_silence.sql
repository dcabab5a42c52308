\echo '==== 4. Silence: a deadline holds whether or not the job runs ===='
\echo
\echo 'Two contracts that end at the same instant. The test clock moves to one microsecond before'
\echo 'their deadline, with the job down.'
\echo

SELECT * FROM refund.create_test_clock('silence', '2026-03-02 09:00+00');
SELECT count(refund.create_contract(id, 'carol', 'fred', 'USD', test_clock => 'silence')) AS contracts FROM generate_series(2, 3) id;
SELECT count(refund.add_milestone(id, 'carol', 1, 'Logo', '80.00 USD')) AS milestones FROM generate_series(2, 3) id;
SELECT count(refund.fund(id, 'carol', 1, '80.00 USD', source => 'card')) AS deposits FROM generate_series(2, 3) id;
SELECT contract_id, at_stake, due_at FROM refund.end_contract(2, 'carol');
SELECT contract_id, at_stake, due_at FROM refund.end_contract(3, 'carol');
SELECT now FROM refund.advance_test_clock('silence', '7 days -1 microsecond', run_job => false);

\echo 'One microsecond before due_at, an approval is in time:'
\echo
SELECT contract_id, state, outcome, settled_at FROM refund.approve_refund(2, 'fred');

\echo 'At due_at it is refused, although no job has recorded anything. This error is expected:'
\echo
SELECT now FROM refund.advance_test_clock('silence', '1 microsecond', run_job => false);
SELECT contract_id, state, effective_state FROM refund.refund_request_status WHERE contract_id = 3;
\set ON_ERROR_STOP off
SELECT contract_id, state, outcome FROM refund.approve_refund(3, 'fred');
\set ON_ERROR_STOP on
\set code RF005
\i demo/refused.sql

\echo 'Three hours later the job runs again. What it records took effect at due_at:'
\echo
SELECT now FROM refund.advance_test_clock('silence', '3 hours', run_job => false);
SELECT now FROM refund.advance_test_clock('silence', '0');
SELECT contract_id, state, outcome, to_client, effective_at, settled_at FROM refund.refund_request_status WHERE contract_id = 3;

\set contract 3
\i demo/history.sql
