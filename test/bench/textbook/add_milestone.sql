\set n :n + 1
\set id :first + :client_id * :share + :n
SELECT * FROM textbook.add_milestone(:id, 'client-1', 1, 'Design', 500.00);
