\set n :n + 1
\set id :first + :client_id * :share + :n
SELECT * FROM textbook.approve_refund(:id, 'freelancer-1');
