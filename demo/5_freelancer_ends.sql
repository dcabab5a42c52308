\echo '==== 5. The freelancer ends: everything goes back at once ===='
\echo
\echo 'From here on contracts live in real time again.'
\echo

SELECT state, held FROM refund.create_contract(4, client => 'carol', freelancer => 'fred', currency => 'USD');
SELECT title, price FROM refund.add_milestone(4, 'carol', 1, 'Video', '90.00 USD');
SELECT source, held FROM refund.fund(4, 'carol', 1, '60.00 USD', source => 'card');
SELECT source, held FROM refund.fund(4, 'carol', 1, '30.00 USD', source => 'balance');
SELECT state, held, refunded, request_state FROM refund.end_contract(4, 'fred');

\set contract 4
\i demo/history.sql
