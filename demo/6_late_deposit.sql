\echo '==== 6. A deposit that arrives after the end ===='
\echo
\echo 'It is recorded, and goes back to its source in the same transaction. The amount at stake stays.'
\echo

SELECT state, held FROM refund.create_contract(5, client => 'carol', freelancer => 'fred', currency => 'USD');
SELECT title, price FROM refund.add_milestone(5, 'carol', 1, 'Poster', '100.00 USD');
SELECT source, held FROM refund.fund(5, 'carol', 1, '40.00 USD', source => 'card');
SELECT request_state, at_stake FROM refund.end_contract(5, 'carol');
SELECT source, deposited, held, refunded FROM refund.fund(5, 'carol', 1, '60.00 USD', source => 'bank');
SELECT request_state, at_stake, held FROM refund.contract_status WHERE contract_id = 5;
SELECT payment_no, purpose, source, amount, state FROM refund.refund_payment_status WHERE contract_id = 5;

\set contract 5
\i demo/history.sql
