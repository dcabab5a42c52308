-- health(): each part goes red, names what is wrong and says what to do; run_verify().
-- The job and pg_cron are in test/t/02_cron.pl.  Ids such as J02 are lines of the
-- catalogue of bad inputs and faults.  Contracts 9100 to 9199.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS refund;
RESET client_min_messages;
SET TimeZone = 'UTC';
\pset format unaligned
\pset null '~'

-- of what other tests left here
SELECT refund.run_verify() >= 0 AS verified;
CREATE TEMP TABLE before AS SELECT * FROM refund.health();
SELECT component, threshold FROM refund.health();
-- a hint where something is wrong, and nowhere else
SELECT component FROM refund.health() WHERE (hint IS NULL) <> ok;
-- what has changed since
CREATE VIEW pg_temp.changed AS
SELECT h.component, h.ok, h.value::bigint - b.value::bigint AS more, h.hint
FROM refund.health() h JOIN before b USING (component)
WHERE h.component IN ('waiting_expiries', 'poison_cases', 'refund_payments', 'failed_payments', 'notifications', 'dead_notifications', 'triggers', 'unsound_contracts')
	AND h.value <> b.value;
\set contract 'SELECT refund.create_contract(id, ''client'', ''freelancer'', ''USD''), refund.add_milestone(id, ''client'', 1, ''all'', ''10 USD''), refund.fund(id, ''client'', 1, ''10 USD'', ''card'') FROM generate_series'
\pset tuples_only on

-- J02: a deadline that nobody records; a test clock's is nobody's business
BEGIN;
\o /dev/null
:contract (9100, 9101) id;
SELECT refund.end_contract(9100, 'client');
SET LOCAL session_replication_role = replica;
UPDATE refund.contract SET next_due_at = clock_timestamp() - interval '2 minutes' WHERE contract_id = 9100;
\o
SELECT * FROM pg_temp.changed;
UPDATE refund.contract SET next_due_at = clock_timestamp() - interval '4 minutes' WHERE contract_id = 9100;
SELECT * FROM pg_temp.changed;
-- J06: when it can not be recorded, it is a poison case instead
INSERT INTO refund.poison_case VALUES (9100, '23505', 'duplicate key', 1, now(), now(), now());
SELECT * FROM pg_temp.changed;
ROLLBACK;

-- payments and notifications that nobody fetches, that failed, that are dead
BEGIN;
\o /dev/null
:contract (9100, 9103) id;
SELECT refund.end_contract(id, 'freelancer') FROM generate_series(9100, 9103) id;
\o
SELECT * FROM pg_temp.changed;
UPDATE refund.refund_payment SET claimable_at = clock_timestamp() - interval '61 minutes' WHERE contract_id BETWEEN 9100 AND 9103;
SELECT * FROM pg_temp.changed;
-- a claim passes over what is on hold
SELECT kind FROM refund.place_hold(9103, 'operator', 'legal', 'a court asks');
SELECT * FROM pg_temp.changed;
SELECT state FROM refund.report_refund_payment(9100, 'worker', 1, 'failed', 'p-1');
SELECT state FROM refund.report_refund_payment(9101, 'worker', 1, 'succeeded', 'p-1');
SELECT state FROM refund.report_refund_payment(9101, 'worker', 1, 'bounced', 'p-1');
SELECT * FROM pg_temp.changed;
SELECT state FROM refund.retry_refund_payment(9100, 'operator', 1);
SELECT * FROM pg_temp.changed;
UPDATE refund.notification SET claimable_at = clock_timestamp() - interval '61 minutes' WHERE contract_id = 9100 AND event_no = 4;
UPDATE refund.notification SET state = 'dead', party = 'client' WHERE contract_id = 9101 AND event_no = 4;
SELECT * FROM pg_temp.changed;
SELECT state FROM refund.confirm_notification(9101, (SELECT notification_no FROM refund.notification WHERE contract_id = 9101 AND state = 'dead'), 'by phone');
SELECT * FROM pg_temp.changed;
ROLLBACK;

-- triggers: each one, disabled in every way and dropped, is named
CREATE FUNCTION pg_temp.hint_after(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	answer text;
BEGIN
	EXECUTE statement;
	SELECT ok || ' ' || substring(hint FROM ' \((.*)\)') INTO answer FROM refund.health() WHERE component = 'triggers';
	RAISE EXCEPTION USING ERRCODE = 'TE000', MESSAGE = answer;
EXCEPTION WHEN SQLSTATE 'TE000' THEN
	RETURN SQLERRM;
END $$;
SELECT count(*) > 30 FROM unnest(refund.installed_triggers());
SELECT count(*) AS unnamed FROM pg_trigger t, unnest(ARRAY['ALTER TABLE %s DISABLE TRIGGER %I', 'ALTER TABLE %s ENABLE REPLICA TRIGGER %I', 'ALTER TABLE %s ENABLE ALWAYS TRIGGER %I', 'DROP TRIGGER %2$I ON %1$s']) s
WHERE t.tgrelid IN (SELECT oid FROM pg_class WHERE relnamespace = 'refund'::regnamespace) AND NOT tgisinternal
	AND pg_temp.hint_after(format(s, tgrelid::regclass, tgname)) <> format('false %s on %s', tgname, (SELECT relname FROM pg_class WHERE oid = tgrelid));
SELECT pg_temp.hint_after('ALTER TABLE refund.event DISABLE TRIGGER ALL');
SELECT pg_temp.hint_after('ALTER TABLE refund.contract DISABLE TRIGGER USER');
SELECT pg_temp.hint_after('ALTER EVENT TRIGGER refund_guard_drop ' || s) FROM unnest('{DISABLE,ENABLE REPLICA,ENABLE ALWAYS}'::text[]) s;
-- all of them
SELECT length(pg_temp.hint_after((SELECT string_agg(format('ALTER TABLE refund.%I DISABLE TRIGGER USER', relname), '; ') FROM pg_class WHERE relnamespace = 'refund'::regnamespace AND relkind IN ('r', 'p')) || '; ALTER EVENT TRIGGER refund_guard_drop DISABLE'))
	= length('false ' || array_to_string(refund.installed_triggers(), ', '));

-- T01: a clock that was set back
BEGIN;
UPDATE refund.job_run SET finished_at = clock_timestamp() + interval '1 hour';
SELECT component, ok, value BETWEEN '3590 s' AND '3600 s', hint FROM refund.health() WHERE component = 'clock';
ROLLBACK;

-- T02: a clock that was set forward, or back, while the server ran; another server's reading says nothing
CALL refund.run_due();
SELECT ok, value::numeric < 60 FROM (SELECT ok, rtrim(value, ' s') AS value FROM refund.health() WHERE component = 'clock_step') h;
BEGIN;
UPDATE refund.job_run SET machine_start = machine_start - interval '59 minutes' WHERE job = 'run_due';
SELECT ok FROM refund.health() WHERE component = 'clock_step';
UPDATE refund.job_run SET machine_start = machine_start - interval '7 hours 1 minute' WHERE job = 'run_due';
SELECT ok, value BETWEEN '28790 s' AND '28810 s', hint FROM refund.health() WHERE component = 'clock_step';
UPDATE refund.job_run SET machine_start = machine_start + interval '16 hours' WHERE job = 'run_due';
SELECT ok, value BETWEEN '28790 s' AND '28810 s' FROM refund.health() WHERE component = 'clock_step';
-- the next run leaves it to be seen
SELECT refund.record_run(clock_timestamp(), 0);
SELECT ok FROM refund.health() WHERE component = 'clock_step';
UPDATE refund.job_run SET server_start = server_start - interval '1 s' WHERE job = 'run_due';
SELECT ok, value FROM refund.health() WHERE component = 'clock_step';
SELECT refund.record_run(clock_timestamp(), 0);
SELECT ok, abs(extract(epoch FROM machine_start - refund.machine_start())) < 60 FROM refund.health(), refund.job_run WHERE component = 'clock_step' AND job = 'run_due';
ROLLBACK;

-- roles and databases whose sessions pass by the triggers
BEGIN;
CREATE ROLE refund_test_loader;
ALTER ROLE refund_test_loader SET session_replication_role = replica;
SELECT ok, value, hint FROM refund.health() WHERE component = 'replica_sessions';
DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET session_replication_role = replica', current_database()); END $$;
SELECT ok, value, replace(hint, current_database(), 'this') FROM refund.health() WHERE component = 'replica_sessions';
ALTER ROLE ALL SET session_replication_role = replica;
SELECT value, replace(hint, current_database(), 'this') FROM refund.health() WHERE component = 'replica_sessions';
ALTER ROLE ALL RESET session_replication_role;
ALTER ROLE refund_test_loader SET session_replication_role = local;
SELECT value FROM refund.health() WHERE component = 'replica_sessions';
ROLLBACK;

-- the verification: old, missing, with findings
BEGIN;
UPDATE refund.job_run SET finished_at = clock_timestamp() - interval '172801 s' WHERE job = 'verify_all';
SELECT component, ok, hint FROM refund.health() WHERE component = 'last_verification';
DELETE FROM refund.job_run;
SELECT component, ok, value FROM refund.health() WHERE component IN ('last_verification', 'last_run', 'unsound_contracts', 'clock');
SELECT refund.run_verify() AS unsound \gset
\o /dev/null
:contract (9100, 9101) id;
\o
SET LOCAL session_replication_role = replica;
UPDATE refund.contract SET client = 'somebody else', freelancer = 'a friend' WHERE contract_id = 9100;
SELECT refund.run_verify() - :unsound;
SELECT component, ok, value::bigint - :unsound, hint FROM refund.health() WHERE component = 'unsound_contracts';
SELECT cases - :unsound, started_at <= finished_at FROM refund.job_run WHERE job = 'verify_all';
ROLLBACK;

-- a database that is a copy
BEGIN;
INSERT INTO refund.activation VALUES (1, 1, now());
SELECT component, ok, value, hint FROM refund.health() WHERE component = 'activation';
ROLLBACK;
