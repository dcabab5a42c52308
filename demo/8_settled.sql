\echo '==== 8. What pg_cron did meanwhile ===='
\echo
\echo 'The settlement took effect at due_at, and has its own recorded time.'
\echo

SELECT state, outcome, to_freelancer, to_client FROM refund.refund_request_status WHERE contract_id = 1;
SELECT e.due_at, r.effective_at, r.effective_at = e.due_at AS equal, r.settled_at AS recorded
FROM refund.refund_request_status r JOIN refund.event e ON e.contract_id = r.contract_id AND e.kind = 'end_contract'
WHERE r.contract_id = 1;
SELECT runid, command, status, start_time::timestamptz(0) FROM cron.job_run_details ORDER BY runid;

\set contract 1
\i demo/history.sql
