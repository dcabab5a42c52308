\set n :n + 1
\set id :first + :client_id * :share + :n
SELECT * FROM textbook.end_contract(:id, 'client-1');
