\echo '==== 1. A live case: pg_cron will settle it ===='
\echo
\echo 'A policy with a window of two minutes, the job scheduled each minute, and a contract'
\echo 'in real time that its client ends. From here on nobody calls anything for it.'
\echo

SELECT refund.add_policy('demo', '{"refund_response": "2 minutes", "reminder_before": "1 minute"}') AS version;
SELECT job, schedule, status FROM refund.schedule_jobs();
SELECT state, held FROM refund.create_contract(1, client => 'carol', freelancer => 'fred', currency => 'USD', policy => 'demo');
SELECT title, price FROM refund.add_milestone(1, 'carol', 1, 'Translation', '120.00 USD');
SELECT source, held FROM refund.fund(1, 'carol', 1, '120.00 USD', source => 'card');
SELECT request_state, at_stake, due_at FROM refund.end_contract(1, 'carol');
