-- To be included after a statement that must fail with the SQLSTATE in "code":
-- fails if it did not.
\set ECHO none
SELECT 'Refused with ' || :'code' || ', as expected.' AS note WHERE :'SQLSTATE' = :'code' \gset
\echo :note
\echo
\set ECHO queries
