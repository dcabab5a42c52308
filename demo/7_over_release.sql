\echo '==== 7. Never more than is held ===='
\echo
\echo '80.00 of 100.00 are released; 80.00 more are refused. This error is expected:'
\echo

SELECT state, held FROM refund.create_contract(6, client => 'carol', freelancer => 'fred', currency => 'USD');
SELECT title, price FROM refund.add_milestone(6, 'carol', 1, 'Icons', '100.00 USD');
SELECT source, held FROM refund.fund(6, 'carol', 1, '100.00 USD', source => 'card');
SELECT held, released FROM refund.release_payment(6, 'carol', 1, '80.00 USD');
\set ON_ERROR_STOP off
SELECT held, released FROM refund.release_payment(6, 'carol', 1, '80.00 USD');
\set ON_ERROR_STOP on
\set code RF004
\i demo/refused.sql

\set contract 6
\i demo/history.sql
