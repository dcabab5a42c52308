\set n :n + 1
\set id :first + :client_id * :share + :n
SELECT * FROM textbook.create_contract(:id, 'client-1', 'freelancer-1', 'USD');
