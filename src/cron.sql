/*
 * The jobs in pg_cron.  Nothing here is needed for a deadline
 * to hold: the job only records what the clock has decided.
 */

CREATE FUNCTION refund.schedule_jobs(
	run_as name DEFAULT current_user, due_every text DEFAULT '* * * * *',
	OUT job text, OUT database name, OUT schedule text, OUT command text, OUT status text)
RETURNS SETOF record LANGUAGE c VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS 'MODULE_PATHNAME', 'refund_schedule_jobs';
COMMENT ON FUNCTION refund.schedule_jobs(name, text) IS
	'Schedules run_due(), a daily run_verify() and the pruning of their log through pg_cron in this database, exactly once; where pg_cron lives in another database, returns the SQL to run there';

CREATE FUNCTION refund.unschedule_jobs()
RETURNS integer LANGUAGE c VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS 'MODULE_PATHNAME', 'refund_unschedule_jobs';
COMMENT ON FUNCTION refund.unschedule_jobs() IS 'Removes this database''s jobs from pg_cron; returns how many there were';
