\echo '==== 2. Approved: the money goes back to where it came from ===='
\echo
\echo '500.00 USD in escrow, 300 from a card and 200 from a bank, on a test clock that starts on a Monday.'
\echo

SELECT * FROM refund.create_test_clock('approved', '2026-03-02 09:00+00');
SELECT state, held FROM refund.create_contract(2, client => 'carol', freelancer => 'fred', currency => 'USD', test_clock => 'approved');
SELECT title, price FROM refund.add_milestone(2, 'carol', 1, 'Website', '500.00 USD');
SELECT source, held FROM refund.fund(2, 'carol', 1, '300.00 USD', source => 'card');
SELECT source, held FROM refund.fund(2, 'carol', 1, '200.00 USD', source => 'bank');

\echo '200.00 are released. Then the client ends the contract: 300.00 are at stake.'
\echo
SELECT held, released FROM refund.release_payment(2, 'carol', 1, '200.00 USD');
SELECT request_state, at_stake, due_at FROM refund.end_contract(2, 'carol');
SELECT party, due_at, on_silence, silence_to_freelancer, silence_to_client FROM refund.whose_turn WHERE contract_id = 2;

\echo 'The freelancer approves two days later. Two refund payments name the sources that still held money.'
\echo
SELECT now FROM refund.advance_test_clock('approved', '2 days');
SELECT state, outcome, to_freelancer, to_client FROM refund.approve_refund(2, 'fred');
SELECT payment_no, source, amount, currency, state, expected_by FROM refund.refund_payment_status WHERE contract_id = 2 ORDER BY payment_no;
SELECT sum(amount) AS refunded FROM refund.refund_payment_status WHERE contract_id = 2;

\set contract 2
\i demo/history.sql
