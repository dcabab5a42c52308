\echo '==== 9. The books ===='
\echo
\echo 'The transition table of a refund request as a diagram, for Mermaid.'
\echo

SELECT refund.state_diagram() \g (format=unaligned tuples_only=on)

\echo
\echo 'Cash in the bank = held + in_transit + fees_held, of live contracts:'
\echo
SELECT * FROM refund.escrow_balance;

\echo 'How the job fares:'
\echo
SELECT * FROM refund.health();

\echo 'Every contract''s history replayed, hashes included, and compared with its rows. No row means sound:'
\echo
SELECT * FROM refund.verify_all();
