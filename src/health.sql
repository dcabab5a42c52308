/*
 * How the machinery fares: what a monitor asks.
 */

CREATE FUNCTION refund.run_verify()
RETURNS bigint LANGUAGE sql VOLATILE PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
	WITH found AS MATERIALIZED (SELECT count(DISTINCT f.contract_id) AS cases FROM refund.verify_all() f)
	INSERT INTO refund.job_run (job, started_at, finished_at, cases)
	SELECT 'verify_all', pg_catalog.statement_timestamp(), pg_catalog.clock_timestamp(), found.cases FROM found
	ON CONFLICT (job) DO UPDATE SET started_at = excluded.started_at,
		finished_at = excluded.finished_at, cases = excluded.cases
	RETURNING cases
$$;
COMMENT ON FUNCTION refund.run_verify() IS
	'Runs verify_all() and notes for health() when, and how many contracts did not add up, which it returns';

CREATE INDEX notification_dead ON refund.notification (contract_id, notification_no)
	WHERE state OPERATOR(pg_catalog.=) 'dead';
COMMENT ON INDEX refund.notification_dead IS 'What nobody tries to deliver any more';

CREATE FUNCTION refund.enabled_triggers() RETURNS text[] LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT coalesce(array_agg(t.name ORDER BY t.name), '{}') FROM (
		SELECT t.tgname || ' on ' || c.relname AS name
		FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE n.nspname = 'refund' AND NOT t.tgisinternal AND t.tgenabled = 'O'
		UNION ALL
		SELECT e.evtname || ' on ' || e.evtevent FROM pg_event_trigger e
		WHERE e.evtname = 'refund_guard_drop' AND e.evtenabled = 'O') t;
END;
COMMENT ON FUNCTION refund.enabled_triggers() IS 'The triggers of the extension that are there and enabled now';

/*
 * What is installed now, as a constant: a dropped trigger is missed too.  An
 * update script that makes or drops a trigger makes this anew.
 */
DO $$
BEGIN
	EXECUTE pg_catalog.format('CREATE FUNCTION refund.installed_triggers() RETURNS text[]'
		' LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN %L::text[]', refund.enabled_triggers());
END
$$;
COMMENT ON FUNCTION refund.installed_triggers() IS 'The triggers that were installed with the extension, all of them enabled';

CREATE FUNCTION refund.health(
	OUT component text, OUT ok boolean, OUT value text, OUT threshold text, OUT hint text)
RETURNS SETOF record LANGUAGE c VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS 'MODULE_PATHNAME', 'refund_health';
COMMENT ON FUNCTION refund.health() IS
	'Whether the parts are well, one row each: the job, what it could not do, backlogs of payments and notifications, triggers, the last verification, pg_cron';
