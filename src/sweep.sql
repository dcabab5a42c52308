/*
 * Time: the job, and test clocks.
 */

CREATE TABLE refund.job_run (
	job text PRIMARY KEY,
	started_at timestamptz NOT NULL,
	finished_at timestamptz NOT NULL,
	cases bigint NOT NULL,
	server_start timestamptz,
	machine_start timestamptz
);
COMMENT ON TABLE refund.job_run IS 'The last finished run of each job: what health() looks at';
COMMENT ON COLUMN refund.job_run.job IS 'Name of the job';
COMMENT ON COLUMN refund.job_run.started_at IS 'When its last finished run began';
COMMENT ON COLUMN refund.job_run.finished_at IS 'When that run finished';
COMMENT ON COLUMN refund.job_run.cases IS 'How many cases that run changed';
COMMENT ON COLUMN refund.job_run.server_start IS 'When the server started under which the clock is watched; null for a job that does not watch it';
COMMENT ON COLUMN refund.job_run.machine_start IS 'When, by the clock at the first run since then, the machine had started: another answer later is a clock that was set';
SELECT pg_catalog.pg_extension_config_dump('refund.job_run', '');

/* Not in the contract's row: what fails must not depend on what it fails to write. */
CREATE TABLE refund.poison_case (
	contract_id bigint PRIMARY KEY,
	sqlstate text NOT NULL,
	message text NOT NULL,
	failures integer NOT NULL,
	first_at timestamptz NOT NULL,
	last_at timestamptz NOT NULL,
	retry_at timestamptz NOT NULL
);
COMMENT ON TABLE refund.poison_case IS 'Contracts whose expiry could not be recorded: the job goes on without them and tries again after growing pauses; forgotten when nothing of theirs is due any more';
COMMENT ON COLUMN refund.poison_case.contract_id IS 'The contract';
COMMENT ON COLUMN refund.poison_case.sqlstate IS 'SQLSTATE of the last failure';
COMMENT ON COLUMN refund.poison_case.message IS 'Message of the last failure';
COMMENT ON COLUMN refund.poison_case.failures IS 'How often it has failed';
COMMENT ON COLUMN refund.poison_case.first_at IS 'When it first failed';
COMMENT ON COLUMN refund.poison_case.last_at IS 'When it last failed';
COMMENT ON COLUMN refund.poison_case.retry_at IS 'No run tries it before: a minute after the first failure, then twice as long each time, at most an hour';
SELECT pg_catalog.pg_extension_config_dump('refund.poison_case', '');

/*
 * The plan must be the index on next_due_at, whatever the statistics of the moment say.
 * What that costs by the planner's count is no reason to compile it.
 */
CREATE FUNCTION refund.expire_due(max_cases integer DEFAULT 1000)
RETURNS integer LANGUAGE c VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET enable_seqscan = off SET enable_bitmapscan = off SET jit = off
AS 'MODULE_PATHNAME', 'refund_expire_due';
COMMENT ON FUNCTION refund.expire_due(integer) IS
	'Applies what is due, earliest first, for at most max_cases live contracts in this transaction; skips contracts that somebody has locked; returns how many changed';

CREATE PROCEDURE refund.run_due(max_cases integer DEFAULT 10000, max_seconds numeric DEFAULT 50)
LANGUAGE c AS 'MODULE_PATHNAME', 'refund_run_due';
COMMENT ON PROCEDURE refund.run_due(integer, numeric) IS
	'Applies everything due in batches that each commit, until nothing is due or a limit is reached; what the scheduled job calls, as its only statement';

CREATE FUNCTION refund.machine_start() RETURNS timestamptz LANGUAGE c VOLATILE PARALLEL SAFE
AS 'MODULE_PATHNAME', 'refund_machine_start';
COMMENT ON FUNCTION refund.machine_start() IS
	'When the machine started, by the clock as it is now: the clock less the time that nobody can set';

CREATE FUNCTION refund.record_run(started_at timestamptz, cases bigint)
RETURNS void LANGUAGE sql VOLATILE PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
	INSERT INTO refund.job_run AS r (job, started_at, finished_at, cases, server_start, machine_start)
	VALUES ('run_due', $1, pg_catalog.clock_timestamp(), $2, pg_catalog.pg_postmaster_start_time(), refund.machine_start())
	ON CONFLICT (job) DO UPDATE SET started_at = excluded.started_at,
		finished_at = excluded.finished_at, cases = excluded.cases, server_start = excluded.server_start,
		machine_start = CASE WHEN r.server_start OPERATOR(pg_catalog.=) excluded.server_start
			THEN r.machine_start ELSE excluded.machine_start END
$$;
COMMENT ON FUNCTION refund.record_run(timestamptz, bigint) IS 'Internal to run_due(): notes that a run has finished';

CREATE FUNCTION refund.create_test_clock(name text, starts_at timestamptz)
RETURNS refund.test_clock LANGUAGE c VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS 'MODULE_PATHNAME', 'refund_create_test_clock';
COMMENT ON FUNCTION refund.create_test_clock(text, timestamptz) IS
	'Makes a clock that contracts can be created under; 23505 when the name is taken';

CREATE FUNCTION refund.advance_test_clock(name text, step interval, run_job boolean DEFAULT true)
RETURNS refund.test_clock LANGUAGE c VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS 'MODULE_PATHNAME', 'refund_advance_test_clock';
COMMENT ON FUNCTION refund.advance_test_clock(text, interval, boolean) IS
	'Moves a test clock forward (days and months in UTC), stopping at every due time on the way as if the job had run then; with run_job false it only moves, as if the job were down';

CREATE FUNCTION refund.drop_test_clock(name text)
RETURNS bigint LANGUAGE c VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS 'MODULE_PATHNAME', 'refund_drop_test_clock';
COMMENT ON FUNCTION refund.drop_test_clock(text) IS
	'Removes a test clock and every contract under it; returns how many contracts those were';
