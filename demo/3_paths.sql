\echo '==== 3. Every other way to end ===='
\echo
\echo 'The same contract again and again: 300.00 at stake, of which fred disputes 250.00 and mia proposes 150.00.'
\echo

\echo '---- Fred approves: 100.00 go back to the card and 200.00 to the bank ----'
\echo
SELECT demo.ended(11) AS state;
SELECT state FROM refund.approve_refund(11, 'fred');
SELECT source, amount, state, expected_by FROM refund.refund_payment_status WHERE contract_id = 11 ORDER BY payment_no;
\set contract 11
\i demo/split.sql

\echo '---- Fred says nothing for 7 days ----'
\echo
SELECT demo.ended(12) AS state;
SELECT now FROM refund.advance_test_clock('path 12', '7 days');
\set contract 12
\i demo/split.sql

\echo '---- Carol accepts the dispute ----'
\echo
SELECT demo.disputed(13) AS state;
SELECT state FROM refund.accept_dispute(13, 'carol');
\set contract 13
\i demo/split.sql

\echo '---- Carol says nothing for 5 days ----'
\echo
SELECT demo.disputed(14) AS state;
SELECT now FROM refund.advance_test_clock('path 14', '5 days');
\set contract 14
\i demo/split.sql

\echo '---- Both accept the resolution ----'
\echo
SELECT demo.proposed(15) AS state;
SELECT state FROM refund.accept_resolution(15, 'carol');
SELECT state FROM refund.accept_resolution(15, 'fred');
\set contract 15
\i demo/split.sql

\echo '---- Carol rejects it, and nobody joins arbitration for 7 days ----'
\echo
SELECT demo.unresolved(16) AS state;
SELECT now FROM refund.advance_test_clock('path 16', '7 days');
\set contract 16
\i demo/split.sql

\echo '---- Only fred joins: he gets what he sought, and his fee back ----'
\echo
SELECT demo.unresolved(17) AS state;
SELECT state FROM refund.join_arbitration(17, 'fred', fee_source => 'balance');
SELECT now FROM refund.advance_test_clock('path 17', '7 days');
SELECT purpose, payee, source, amount FROM refund.refund_payment_status WHERE contract_id = 17 ORDER BY payment_no;
\set contract 17
\i demo/split.sql

\echo '---- Only carol joins ----'
\echo
SELECT demo.unresolved(18) AS state;
SELECT state FROM refund.join_arbitration(18, 'carol', fee_source => 'card');
SELECT now FROM refund.advance_test_clock('path 18', '7 days');
\set contract 18
\i demo/split.sql

\echo '---- In any open state they may agree: here carol takes an offer of fred''s ----'
\echo
SELECT demo.ended(19) AS state;
SELECT state FROM refund.offer_settlement(19, 'fred', to_freelancer => '220.00 USD');
SELECT state FROM refund.accept_settlement(19, 'carol', offer_no => 1);
\set contract 19
\i demo/split.sql

\echo '---- And here, in arbitration, they offer each other the same ----'
\echo
SELECT demo.unresolved(20) AS state;
SELECT state FROM refund.join_arbitration(20, 'carol', fee_source => 'card');
SELECT state FROM refund.join_arbitration(20, 'fred', fee_source => 'balance');
SELECT state FROM refund.offer_settlement(20, 'carol', to_freelancer => '200.00 USD');
SELECT state FROM refund.offer_settlement(20, 'fred', to_freelancer => '220.00 USD');
SELECT state FROM refund.offer_settlement(20, 'carol', to_freelancer => '220.00 USD');
SELECT offer_no, party, to_freelancer, to_client, state FROM refund.settlement_offer_status WHERE contract_id = 20 ORDER BY offer_no;
\set contract 20
\i demo/split.sql

\echo '---- Fred withdraws his dispute ----'
\echo
SELECT demo.disputed(21) AS state;
SELECT state FROM refund.withdraw_dispute(21, 'fred');
\set contract 21
\i demo/split.sql

\echo '---- Carol pays in full ----'
\echo
SELECT demo.disputed(22) AS state;
SELECT state FROM refund.pay_in_full(22, 'carol');
\set contract 22
\i demo/split.sql
