\set n :n + 1
\set id :first + :client_id * :share + :n
SELECT * FROM textbook.release_payment(:id, 'client-1', 1, 200.00);
