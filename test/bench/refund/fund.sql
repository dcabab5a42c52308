\set n :n + 1
\set id :first + :client_id * :share + :n
SELECT * FROM refund.fund(:id, 'client-1', 1, '300.00 USD', 'card:4242', 'pi_1');
