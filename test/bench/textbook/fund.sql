\set n :n + 1
\set id :first + :client_id * :share + :n
SELECT * FROM textbook.fund(:id, 'client-1', 1, 300.00, 'card:4242', 'pi_1');
