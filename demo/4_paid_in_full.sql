\echo '==== 4. The client pays in full ===='
\echo
\echo 'From here on contracts live in real time again. The client ends one, paying nothing, and then gives in.'
\echo

SELECT state, held FROM refund.create_contract(5, client => 'carol', freelancer => 'fred', currency => 'USD');
SELECT title, price FROM refund.add_milestone(5, 'carol', 1, 'Article', '250.00 USD');
SELECT source, held FROM refund.fund(5, 'carol', 1, '250.00 USD', source => 'card');
SELECT request_state, at_stake FROM refund.end_contract(5, 'carol');
SELECT state, outcome, to_freelancer, to_client FROM refund.pay_in_full(5, 'carol');

\set contract 5
\i demo/history.sql
