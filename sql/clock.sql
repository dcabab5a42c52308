-- Time: test clocks, the sweep, expire_due() and run_due() (process.md §5).  Ids such
-- as T09 are lines of the catalogue of bad inputs and faults.  Contracts 7000 to 7999.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS refund;
RESET client_min_messages;
SET TimeZone = 'UTC';
SET DateStyle = 'ISO, MDY';
\pset format unaligned
\pset null '~'

\set ECHO none
\getenv here PG_ABS_SRCDIR
\set helpers :here '/sql/include/refused.sql'
\i :helpers
\set ECHO all

CREATE FUNCTION pg_temp.contract(id bigint, clock text) RETURNS refund.request_state LANGUAGE plpgsql AS $$
BEGIN
	PERFORM refund.create_contract(id, 'client', 'freelancer', 'USD', test_clock => clock);
	PERFORM refund.add_milestone(id, 'client', 1, 'work', '100.00 USD');
	PERFORM refund.fund(id, 'client', 1, '100.00 USD', 'card');
	RETURN (SELECT request_state FROM refund.end_contract(id, 'client', '40.00 USD'));
END $$;
\pset tuples_only on


-- ---- create_test_clock ----

SELECT * FROM refund.create_test_clock('clock a', '2026-03-02 09:00+00');
SELECT * FROM refund.create_test_clock('clock b', '2026-03-02 09:00+00');
SELECT length(name), now FROM refund.create_test_clock(repeat(chr(128512), 255), '1999-12-31 23:59:60+00');
SELECT * FROM refund.create_test_clock('clock "of" '' ; --', '0001-01-01 BC');
SELECT left(pg_temp.refused($$SELECT refund.create_test_clock('clock a', '2026-03-02 09:00+00')$$), 5);
SELECT pg_temp.refused($$SELECT refund.create_test_clock('', '2026-03-02 09:00+00')$$);
SELECT pg_temp.refused($$SELECT refund.create_test_clock(' ', '2026-03-02 09:00+00')$$);
SELECT pg_temp.refused($$SELECT refund.create_test_clock(repeat('c', 256), '2026-03-02 09:00+00')$$);
-- T08
SELECT pg_temp.refused($$SELECT refund.create_test_clock('clock c', 'infinity')$$);
SELECT pg_temp.refused($$SELECT refund.create_test_clock('clock c', '-infinity')$$);


-- ---- T09: advance_test_clock moves forward only ----

SELECT * FROM refund.advance_test_clock('clock a', '0 seconds');
SELECT * FROM refund.advance_test_clock('clock a', '1 microsecond');
SELECT * FROM refund.advance_test_clock(name => 'clock a', step => '-1 microsecond 1 day', run_job => false);
SELECT pg_temp.refused($$SELECT refund.advance_test_clock('clock a', '-1 microsecond')$$);
SELECT pg_temp.refused($$SELECT refund.advance_test_clock('clock a', '1 month -31 days -1 microsecond')$$);
SELECT pg_temp.refused($$SELECT refund.advance_test_clock('clock a', '300000 years')$$);
SELECT pg_temp.refused($$SELECT refund.advance_test_clock('clock a', '-300000 years')$$);
SELECT pg_temp.refused($$SELECT refund.advance_test_clock('clock c', '1 day')$$);
SELECT pg_temp.refused($$SELECT refund.drop_test_clock('clock c')$$);
-- days and months are UTC's, whatever the session's zone (its summer time begins in between)
SET TimeZone = 'America/New_York';
SELECT now AT TIME ZONE 'UTC' FROM refund.advance_test_clock('clock a', '7 days');
SELECT now AT TIME ZONE 'UTC' FROM refund.advance_test_clock('clock a', '1 month');
SET TimeZone = 'UTC';
SELECT now FROM refund.advance_test_clock('clock b', '1 month 8 days');


-- ---- one jump walks through every due time on the way, in order ----

SELECT refund.drop_test_clock('clock a');
SELECT refund.drop_test_clock('clock b');
SELECT refund.drop_test_clock(repeat(chr(128512), 255));
SELECT refund.drop_test_clock('clock "of" '' ; --');
SELECT name FROM refund.create_test_clock('clock a', '2026-03-02 09:00+00');
SELECT name FROM refund.create_test_clock('clock b', '2026-03-02 09:00+00');
SELECT pg_temp.contract(7003, 'clock a');
SELECT pg_temp.contract(7100, 'clock b');
SELECT now FROM refund.advance_test_clock('clock a', '1 hour');
SELECT pg_temp.contract(7001, 'clock a');
SELECT now FROM refund.advance_test_clock('clock a', '1 day 00:00:00.000001');
SELECT pg_temp.contract(7002, 'clock a');
SELECT pg_temp.contract(7004, 'clock a');
SELECT contract_id, due_at FROM refund.contract_status WHERE contract_id BETWEEN 7001 AND 7004 ORDER BY due_at, contract_id;
SELECT now FROM refund.advance_test_clock('clock a', '30 days');
-- each was settled at its own instant, as if the job had run then
SELECT contract_id, outcome, effective_at, settled_at FROM refund.refund_request_status WHERE contract_id BETWEEN 7001 AND 7004 ORDER BY settled_at, contract_id;
SELECT contract_id, expected_by FROM refund.refund_payment_status WHERE contract_id BETWEEN 7001 AND 7004 ORDER BY expected_by, contract_id;
-- T09: another clock's contract is where it was
SELECT now FROM refund.test_clock WHERE name = 'clock b';
SELECT contract_id, state, effective_state FROM refund.refund_request_status WHERE contract_id = 7100;
-- a second jump finds nothing to do
SELECT now FROM refund.advance_test_clock('clock a', '30 days');
SELECT contract_id, max(event_no) FROM refund.event WHERE contract_id BETWEEN 7001 AND 7004 GROUP BY 1 ORDER BY 1;


-- ---- the job is down, and comes back ----

SELECT pg_temp.contract(7005, 'clock a');
SELECT now FROM refund.advance_test_clock('clock a', '1 day', false);
SELECT pg_temp.contract(7006, 'clock a');
SELECT now FROM refund.advance_test_clock('clock a', '30 days', false);
SELECT pg_temp.contract(7007, 'clock a');
SELECT contract_id, state, effective_state, due_at FROM refund.refund_request_status WHERE contract_id BETWEEN 7005 AND 7007 ORDER BY 1;
-- expire_due and run_due are the live contracts' and leave these alone
SELECT refund.expire_due() >= 0;
CALL refund.run_due();
SELECT contract_id, state FROM refund.refund_request_status WHERE contract_id BETWEEN 7005 AND 7007 ORDER BY 1;
-- J01: recorded when it is back, effective at the deadline; then at each deadline again
SELECT now FROM refund.advance_test_clock('clock a', '8 days');
SELECT contract_id, outcome, effective_at, settled_at FROM refund.refund_request_status WHERE contract_id BETWEEN 7005 AND 7007 ORDER BY 1;


-- ---- a clock and its contracts go together ----

SELECT count(pg_temp.contract(7200 + n, 'clock b')) FROM generate_series(1, 20) n;
SELECT outcome FROM refund.approve_refund(7201, 'freelancer');
SELECT refund.drop_test_clock('clock b');
SELECT count(*) FROM refund.test_clock WHERE name = 'clock b';
SELECT (SELECT count(*) FROM refund.contract WHERE contract_id BETWEEN 7100 AND 7299), (SELECT count(*) FROM refund.event WHERE contract_id BETWEEN 7100 AND 7299),
	(SELECT count(*) FROM refund.transfer WHERE contract_id BETWEEN 7100 AND 7299), (SELECT count(*) FROM refund.milestone WHERE contract_id BETWEEN 7100 AND 7299),
	(SELECT count(*) FROM refund.deposit WHERE contract_id BETWEEN 7100 AND 7299), (SELECT count(*) FROM refund.refund_payment WHERE contract_id BETWEEN 7100 AND 7299);
SELECT pg_temp.refused($$SELECT refund.drop_test_clock('clock b')$$);
-- the number and the name are free again
SELECT now FROM refund.create_test_clock('clock b', '2030-01-01');
SELECT pg_temp.contract(7201, 'clock b');
-- the number of another clock's contract is taken
SELECT pg_temp.refused($$SELECT refund.create_contract(7201, 'client', 'freelancer', 'USD', test_clock => 'clock a')$$);
-- before and after: more than the server's clock could be
SELECT name FROM refund.create_test_clock('clock early', '4713-01-01 BC');
SELECT name FROM refund.create_test_clock('clock late', '294276-12-31 12:00+00');
SELECT pg_temp.contract(7300, 'clock early');
SELECT now FROM refund.advance_test_clock('clock early', '8 days');
SELECT outcome, settled_at FROM refund.refund_request_status WHERE contract_id = 7300;
-- the window would end after the end of time: refused whole
SELECT pg_temp.refused($$SELECT pg_temp.contract(7301, 'clock late')$$);
SELECT refund.drop_test_clock('clock early');
SELECT refund.drop_test_clock('clock late');


-- ---- T01: a clock that was set back (by hand: no function does): nothing is recorded before its predecessor ----

SELECT pg_temp.contract(7302, 'clock b');
UPDATE refund.test_clock SET now = now - interval '8 hours' WHERE name = 'clock b';
SELECT outcome, settled_at FROM refund.approve_refund(7302, 'freelancer');
SELECT bool_and(at >= lag) FROM (SELECT at, lag(at) OVER (ORDER BY event_no) FROM refund.case_timeline WHERE contract_id = 7302) l;
-- and nothing expires early
SELECT now FROM refund.advance_test_clock('clock b', '6 days');
SELECT state, effective_state FROM refund.refund_request_status WHERE contract_id = 7201;


-- ---- live contracts: the sweep ----

-- A live window can't pass while a test runs, so a superuser who silences the triggers
-- moves its end.  Once the request is settled nothing of that is left; all of it is
-- rolled back.
BEGIN;
SELECT count(pg_temp.contract(id, NULL)) FROM generate_series(7400, 7409) id;
SELECT pg_temp.contract(7410, 'clock a');
CREATE TEMP TABLE moved AS SELECT contract_id, due_at - interval '7 days 1 hour' + (contract_id - 7400) * interval '1 minute' AS due_at FROM refund.contract WHERE contract_id BETWEEN 7400 AND 7408;
SET LOCAL session_replication_role = replica;
UPDATE refund.contract c SET due_at = m.due_at, next_due_at = m.due_at FROM moved m WHERE m.contract_id = c.contract_id;
SET LOCAL session_replication_role = origin;
SELECT contract_id, state, effective_state FROM refund.refund_request_status WHERE contract_id BETWEEN 7400 AND 7410 ORDER BY 1;
-- J02: a late act is late although no job ran
SELECT left(pg_temp.refused($$SELECT refund.approve_refund(7408, 'freelancer')$$), 5);
SELECT left(pg_temp.refused($$SELECT refund.pay_in_full(7408, 'client')$$), 5);
SELECT outcome, effective_at = settled_at FROM refund.approve_refund(7409, 'freelancer');
-- the earliest first, at most so many
SELECT refund.expire_due(0);
SELECT refund.expire_due(3);
SELECT contract_id, state, outcome FROM refund.refund_request_status WHERE contract_id BETWEEN 7400 AND 7410 ORDER BY 1;
SELECT refund.expire_due(max_cases => 1);
SELECT refund.expire_due();
SELECT refund.expire_due();
SELECT contract_id, s.state, s.outcome, s.effective_at = m.due_at AS effective_when_due, s.settled_at > now() AS recorded_now
FROM refund.refund_request_status s JOIN moved m USING (contract_id) ORDER BY 1;
SELECT count(*), min(currency), sum(amount) FROM refund.refund_payment_status WHERE contract_id BETWEEN 7400 AND 7408;
SET CONSTRAINTS ALL IMMEDIATE;
SELECT * FROM refund.verify_all();
ROLLBACK;

-- run_due commits, so not in a transaction, and not from a function
BEGIN;
CALL refund.run_due();
ROLLBACK;
SELECT pg_temp.refused('CALL refund.run_due()');
CALL refund.run_due();
CALL refund.run_due(0);
CALL refund.run_due(max_cases => 5, max_seconds => 0);
CALL refund.run_due(2147483647, 1e300);
CALL refund.run_due(1, 'Infinity');
SELECT job, finished_at >= started_at AS finished, finished_at > now() - interval '1 minute' AS now, cases FROM refund.job_run WHERE job = 'run_due';
DO $$ BEGIN CALL refund.run_due(); END $$;

SELECT * FROM refund.verify_all();
SELECT refund.drop_test_clock('clock a');
SELECT refund.drop_test_clock('clock b');
SELECT count(*) FROM refund.contract WHERE contract_id BETWEEN 7000 AND 7999;
