-- Time in a dispute: every window to the microsecond, the job down and back, both units,
-- zones, holidays, reminders and targets (process.md §4 and §5).  Ids such as T03 are
-- lines of the catalogue of bad inputs and faults.  Everything is rolled back at the end.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS refund;
RESET client_min_messages;
SET TimeZone = 'UTC';
SET DateStyle = 'ISO, MDY';
SET IntervalStyle = postgres;
\pset format unaligned
\pset null '~'

\set ECHO none
\getenv here PG_ABS_SRCDIR
\set helpers :here '/sql/include/refused.sql'
\i :helpers
\set helpers :here '/sql/include/case.sql'
\i :helpers
\set ECHO all

BEGIN;
-- Days in New York, where summer time begins on Sunday, 8 March 2026, and ends on 1 November;
-- business days in Berlin, where it begins on 29 March and ends on 25 October; a weekend on
-- Friday and Saturday; hours and minutes.
SELECT refund.set_holidays('time berlin', '{2026-03-04,2026-03-05,2026-04-03,2026-04-06,2026-05-01}');
SELECT refund.set_holidays('time cairo', '{2026-03-08}', '{5,6}');
SELECT refund.add_policy('time days', '{"zone": "America/New_York"}');
SELECT refund.add_policy('time business', '{"refund_response": "5 business days", "dispute_response": "3 business days", "resolution_target": "2 business days",
	"resolution_limit": "20 business days", "resolution_response": "2 business days", "arbitration_window": "5 business days", "award_target": "20 business days",
	"award_limit": "60 business days", "zone": "Europe/Berlin", "calendar": "time berlin"}');
SELECT refund.add_policy('time cairo', '{"refund_response": "2 business days", "dispute_response": "2 business days", "resolution_limit": "3 business days",
	"resolution_response": "2 business days", "arbitration_window": "2 business days", "zone": "Africa/Cairo", "calendar": "time cairo"}');
SELECT refund.add_policy('time hours', '{"refund_response": "168 hours", "dispute_response": "90 minutes", "resolution_target": "20 hours", "resolution_limit": "48 hours",
	"resolution_response": "26 hours", "arbitration_window": "90 minutes", "award_target": "1 day", "award_limit": "72 hours", "reminder_before": "30 minutes", "zone": "America/New_York"}');

-- What happens in each state's window: how to get there, a verb of that state only.
CREATE TEMP TABLE window_of (state refund.request_state PRIMARY KEY, act text, verb text);
INSERT INTO window_of VALUES
	('requested', 'approve', $$approve_refund(%s, 'freelancer')$$),
	('disputed', 'decline', $$decline_dispute(%s, 'client', 'It was not.')$$),
	('in_review', 'propose', $$propose_resolution(%s, 'mediator', '150 USD', 'Half of it was.')$$),
	('proposed', 'client accepts', $$accept_resolution(%s, 'client')$$),
	('unresolved', 'client joins', $$join_arbitration(%s, 'client', 'client card')$$),
	('in_arbitration', 'award', $$record_award(%s, 'arbitrator', '180 USD', 'Most of it was.')$$);

-- A contract of its own under a clock of its own, in a state; its number
CREATE SEQUENCE pg_temp.number START 15001;
CREATE FUNCTION pg_temp.case_in(wanted refund.request_state, starts timestamptz DEFAULT '2026-03-02 09:00+00', policy text DEFAULT 'standard',
	agency text DEFAULT NULL) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
	id bigint := nextval('pg_temp.number');
	way text[] := (SELECT steps FROM way WHERE state = wanted);
BEGIN
	PERFORM refund.create_test_clock('time ' || id, starts);
	PERFORM pg_temp.ended(id, 'time ' || id, agency, policy);
	IF way <> '{}' THEN
		PERFORM pg_temp.walk(id, VARIADIC way);
	END IF;
	RETURN id;
END $$;
-- move a contract's clock to an instant
CREATE FUNCTION pg_temp.move(id bigint, instant timestamptz, job boolean) RETURNS timestamptz LANGUAGE sql AS $$
	SELECT a.now FROM refund.test_clock k, refund.advance_test_clock(k.name, instant - k.now, job) a WHERE k.name = 'time ' || id
$$;
CREATE FUNCTION pg_temp.due(id bigint) RETURNS timestamptz LANGUAGE sql AS $$
	SELECT due_at FROM refund.contract WHERE contract_id = id
$$;
-- what an act at that time comes to: the state, or the code that it is refused with
CREATE FUNCTION pg_temp.act_at(id bigint, instant timestamptz, job boolean, verb text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	result text;
BEGIN
	PERFORM pg_temp.move(id, instant, job);
	BEGIN
		EXECUTE format('SELECT to_jsonb(r)->>''state'' FROM refund.%s r', format(verb, id)) INTO result;
	EXCEPTION WHEN OTHERS THEN
		result := SQLSTATE || CASE WHEN SQLSTATE LIKE 'RF%' THEN '' ELSE ' ' || SQLERRM END;
	END;
	RETURN result;
END $$;
-- the clock's acts on a contract: what, recorded, in effect, the window that it is about
CREATE FUNCTION pg_temp.by_clock(id bigint) RETURNS TABLE (no integer, event refund.event_kind, at timestamptz, effective_at timestamptz, to_state refund.request_state,
	outcome refund.outcome, due_at timestamptz, reference text) LANGUAGE sql AS $$
	SELECT event_no, event, at, effective_at, to_state, outcome, due_at, reference FROM refund.case_timeline WHERE contract_id = id AND party = 'clock'
$$;


-- ---- T03: one microsecond before, at and after due_at, in each window, in both units ----

CREATE TEMP TABLE edge AS
SELECT p.policy, w.state, c.opened_at, c.due_at, e.*
FROM (VALUES (1, 'standard', timestamptz '2026-03-02 09:00+00'), (2, 'time days', '2026-03-02 14:00+00'), (3, 'time days', '2026-10-27 13:00+00'), (4, 'time business', '2026-03-03 16:30+00'),
	(5, 'time business', '2026-10-22 06:00+00'), (6, 'time cairo', '2026-03-05 10:00+00'), (7, 'time hours', '2026-03-06 14:00+00')) p (n, policy, starts)
CROSS JOIN window_of w
CROSS JOIN LATERAL (SELECT pg_temp.case_in(w.state, p.starts, p.policy) AS a, pg_temp.case_in(w.state, p.starts, p.policy) AS b,
	pg_temp.case_in(w.state, p.starts, p.policy) AS c, pg_temp.case_in(w.state, p.starts, p.policy) AS d OFFSET 0) n
CROSS JOIN LATERAL (SELECT p.starts AS opened_at, pg_temp.due(n.a) AS due_at OFFSET 0) c
CROSS JOIN LATERAL (SELECT pg_temp.act_at(n.a, c.due_at - interval '1 microsecond', false, w.verb) AS before, pg_temp.act_at(n.b, c.due_at, false, w.verb) AS at,
	pg_temp.act_at(n.c, c.due_at + interval '1 microsecond', false, w.verb) AS after, pg_temp.act_at(n.d, c.due_at, true, w.verb) AS job_up) e;
SELECT policy, state, opened_at AT TIME ZONE p.zone AS opened, e.due_at AT TIME ZONE p.zone AS due, before, at, after, job_up
FROM edge e JOIN refund.policy p ON p.name = e.policy ORDER BY p.name, opened_at, state;
-- T05: the end of a window told otherwise: the same wall time, days or business days later; hours elapse
SELECT e.policy, e.state, e.opened_at, e.due_at, w.length
FROM edge e JOIN refund.policy p ON p.name = e.policy
CROSS JOIN LATERAL (SELECT (CASE e.state WHEN 'requested' THEN p.refund_response WHEN 'disputed' THEN p.dispute_response WHEN 'in_review' THEN p.resolution_limit
	WHEN 'proposed' THEN p.resolution_response WHEN 'unresolved' THEN p.arbitration_window ELSE p.award_limit END)::text AS length) w
WHERE e.due_at IS DISTINCT FROM CASE
	WHEN w.length LIKE '% business days' THEN (
		SELECT (d::date + (e.opened_at AT TIME ZONE p.zone)::time) AT TIME ZONE p.zone
		FROM generate_series((e.opened_at AT TIME ZONE p.zone)::date + 1, (e.opened_at AT TIME ZONE p.zone)::date + 200, interval '1 day') d
		WHERE NOT extract(isodow FROM d) = ANY (coalesce((SELECT c.weekend FROM refund.calendar c WHERE c.calendar = p.calendar), '{6,7}'))
			AND NOT EXISTS (SELECT FROM refund.holiday h WHERE h.calendar = p.calendar AND h.day = d::date)
		ORDER BY d LIMIT 1 OFFSET split_part(w.length, ' ', 1)::integer - 1)
	WHEN w.length LIKE '% days' THEN ((e.opened_at AT TIME ZONE p.zone) + w.length::interval) AT TIME ZONE p.zone
	ELSE e.opened_at + w.length::interval END;
-- every act was in time before and late from then on, whether or not the job ran
SELECT count(*), count(*) FILTER (WHERE at = 'RF005' AND after = 'RF005' AND job_up = 'RF005'), count(*) FILTER (WHERE before NOT LIKE 'RF%') FROM edge;

-- T07: due in the hour that is skipped, and in the one that comes twice
SELECT pg_temp.due(pg_temp.case_in('requested', '2026-03-01 02:30-05', 'time days')), pg_temp.due(pg_temp.case_in('requested', '2026-10-25 01:30-04', 'time days'));
-- T05: over 29 February, the end of the year, a leap second's text
SELECT pg_temp.due(pg_temp.case_in('requested', '2028-02-25 09:00+00')), pg_temp.due(pg_temp.case_in('disputed', '2027-12-29 23:59:60+00')), pg_temp.due(pg_temp.case_in('unresolved', '2027-02-25 09:00+00'));
-- T06: opened on a day off: Friday evening, Saturday, Sunday, the first holiday of a chain
SELECT to_char(t, 'Dy DD HH24:MI'), to_char(pg_temp.due(pg_temp.case_in('disputed', t, 'time business')), 'Dy DD HH24:MI')
FROM unnest('{2026-03-06 22:00+00,2026-03-07 12:00+00,2026-03-08 12:00+00,2026-03-04 12:00+00}'::timestamptz[]) t;


-- ---- the job is down for 30 days: any verb first applies what is due ----

\pset tuples_only on
-- silence has led on, or to the end; each kind of verb finds that state
CREATE FUNCTION pg_temp.down(wanted refund.request_state, down interval, verb text) RETURNS TABLE (answer text, event refund.event_kind, party refund.party, from_state refund.request_state,
	to_state refund.request_state, outcome refund.outcome, at timestamptz, effective_at timestamptz, due_at timestamptz) LANGUAGE plpgsql AS $$
DECLARE
	id bigint := pg_temp.case_in(wanted);
	last integer := (SELECT event_no FROM refund.contract WHERE contract_id = id);
	said text := pg_temp.act_at(id, timestamptz '2026-03-02 09:00+00' + down, false, verb);
BEGIN
	RETURN QUERY SELECT said, t.event, t.party, t.from_state, t.to_state, t.outcome, t.at, t.effective_at, t.due_at
	FROM (SELECT) one LEFT JOIN refund.case_timeline t ON t.contract_id = id AND t.event_no > last ORDER BY t.event_no;
END $$;
-- a verb of a party, of a decider, of an operator, of the escrow; what is refused records nothing
SELECT * FROM pg_temp.down('requested', '30 days', $$pay_in_full(%s, 'client')$$);
SELECT * FROM pg_temp.down('requested', '30 days', $$record_award(%s, 'arbitrator', '180 USD', 'Most of it was.')$$);
SELECT * FROM pg_temp.down('requested', '30 days', $$assign_case(%s, 'operator', 'mediator')$$);
SELECT * FROM pg_temp.down('requested', '30 days', $$fund(%s, 'client', 1, '10 USD', 'late card')$$);
SELECT * FROM pg_temp.down('disputed', '30 days', $$accept_dispute(%s, 'client')$$);
SELECT * FROM pg_temp.down('in_review', '30 days', $$propose_resolution(%s, 'mediator', '150 USD', 'Half of it was.')$$);
SELECT * FROM pg_temp.down('in_review', '45 days', $$assign_case(%s, 'operator', 'arbitrator')$$);
-- 2 days of silence have passed 28 days ago; the 7 days of the next window begin when that is recorded
SELECT * FROM pg_temp.down('proposed', '30 days', $$accept_resolution(%s, 'client')$$);
SELECT * FROM pg_temp.down('proposed', '30 days', $$reject_resolution(%s, 'client')$$);
SELECT * FROM pg_temp.down('proposed', '30 days', $$join_arbitration(%s, 'client', 'client card')$$);
SELECT * FROM pg_temp.down('proposed', '30 days', $$accept_dispute(%s, 'client')$$);
SELECT * FROM pg_temp.down('proposed', '30 days', $$withdraw_dispute(%s, 'freelancer')$$);
SELECT * FROM pg_temp.down('proposed', '30 days', $$pay_in_full(%s, 'client')$$);
SELECT * FROM pg_temp.down('proposed', '30 days', $$offer_settlement(%s, 'client', '220 USD')$$);
SELECT * FROM pg_temp.down('proposed', '30 days', $$assign_case(%s, 'operator', 'arbitrator')$$);
SELECT * FROM pg_temp.down('unresolved', '30 days', $$join_arbitration(%s, 'client', 'client card')$$);
SELECT * FROM pg_temp.down('in_arbitration', '30 days', $$record_award(%s, 'arbitrator', '180 USD', 'Most of it was.')$$);
SELECT * FROM pg_temp.down('in_arbitration', '120 days', $$record_award(%s, 'arbitrator', '180 USD', 'Most of it was.')$$);
-- a verb after the last one of a failed resolution: the window that it recorded runs from there
CREATE TEMP TABLE resumed AS SELECT pg_temp.case_in('proposed') AS id;
SELECT pg_temp.act_at(id, '2026-04-01 09:00+00', false, $$join_arbitration(%s, 'freelancer', 'freelancer card')$$) FROM resumed;
SELECT pg_temp.act_at(id, '2026-04-08 08:59:59.999999+00', false, $$offer_settlement(%s, 'client', '220 USD')$$) FROM resumed;
SELECT pg_temp.act_at(id, '2026-04-08 09:00+00', false, $$join_arbitration(%s, 'client', 'client card')$$) FROM resumed;
-- reads know it before anybody has recorded it
SELECT state, effective_state, outcome FROM refund.refund_request_status, resumed WHERE contract_id = id;
SELECT count(*) FROM refund.whose_turn, resumed WHERE contract_id = id;

-- the job comes back: in order of due_at, each at most one step, as what it opens begins now
CREATE TEMP TABLE waiting AS SELECT state, pg_temp.case_in(state) AS id FROM window_of;
SELECT count(pg_temp.move(id, '2026-06-30 09:00+00', false)) FROM waiting;
SELECT w.state, r.state, r.effective_state, r.due_at FROM waiting w JOIN refund.refund_request_status r ON r.contract_id = w.id ORDER BY w.state;
SELECT count(pg_temp.move(id, '2026-06-30 09:00+00', true)) FROM waiting;
SELECT w.state, c.* FROM waiting w, pg_temp.by_clock(w.id) c ORDER BY w.state, c.no;
SELECT w.state, r.state, r.outcome, r.to_freelancer, r.effective_at, r.settled_at FROM waiting w JOIN refund.refund_request_status r ON r.contract_id = w.id ORDER BY w.state;
-- T02: ten years later
SELECT count(pg_temp.move(id, '2036-06-30 09:00+00', false)), count(pg_temp.move(id, '2036-06-30 09:00+00', true)) FROM waiting;
SELECT w.state, c.* FROM waiting w, pg_temp.by_clock(w.id) c WHERE at > '2030-01-01' ORDER BY w.state, c.no;


-- ---- a jump of the test clock stops at every due time: 2 days, then 7 ----

CREATE TEMP TABLE jump AS SELECT pg_temp.case_in('proposed') AS id;
SELECT pg_temp.move(id, '2026-04-01 09:00+00', true) FROM jump;
SELECT c.* FROM jump, pg_temp.by_clock(id) c ORDER BY c.no;
-- 30 days, then 7; the target, two business days on, comes first
CREATE TEMP TABLE long_jump AS SELECT pg_temp.case_in('in_review') AS id;
SELECT pg_temp.move(id, '2026-05-01 09:00+00', true) FROM long_jump;
SELECT c.* FROM long_jump, pg_temp.by_clock(id) c ORDER BY c.no;
-- T09: a test clock does not go back, and one contract's clock is not another's
SELECT pg_temp.refused(format('SELECT refund.advance_test_clock(''time %s'', ''-1 microsecond'')', id)) LIKE '22023%' FROM jump;
SELECT count(DISTINCT now) > 5 FROM refund.test_clock WHERE name LIKE 'time %';
-- T01: a clock that was set back (by hand: no function does): no event before its predecessor, no window that ends early
CREATE TEMP TABLE back AS SELECT pg_temp.case_in('proposed') AS id;
UPDATE refund.test_clock SET now = now - interval '8 hours' FROM back WHERE name = 'time ' || id;
SELECT pg_temp.walk(id, 'client accepts', 'freelancer rejects') FROM back;
SELECT event, at, effective_at, due_at FROM refund.case_timeline, back WHERE contract_id = id ORDER BY event_no DESC LIMIT 2;
SELECT pg_temp.act_at(id, '2026-03-09 08:59:59.999999+00', true, $$join_arbitration(%s, 'client', 'client card')$$) FROM back;
-- T08: a window that would end after the end of time is refused whole
CREATE TEMP TABLE forever AS SELECT pg_temp.case_in('requested', '294276-12-15 09:00+00') AS id;
SELECT regexp_replace(pg_temp.refused(format('SELECT pg_temp.walk(%s, ''dispute'', ''decline'')', id)), ' \|.*', '') FROM forever;
SELECT pg_temp.refused($$SELECT refund.create_test_clock('time infinite', 'infinity')$$);
SELECT left(pg_temp.refused(format('SELECT refund.advance_test_clock(''time %s'', ''1000 years'')', id)), 5) FROM forever;


-- ---- T04: the session's TimeZone has no say ----

CREATE FUNCTION pg_temp.row_of(id bigint) RETURNS refund.contract LANGUAGE sql AS $$
	SELECT c FROM refund.contract c WHERE contract_id = id
$$;
CREATE TEMP TABLE zoned (zone text, state refund.request_state, due_at timestamptz, target_at timestamptz, remind_at timestamptz);
SET LOCAL TimeZone = 'America/New_York';
INSERT INTO zoned SELECT 'America/New_York', w.state, c.due_at, c.target_at, c.remind_at FROM (SELECT state, pg_temp.case_in(state, '2026-03-06 21:30+00', 'time business') AS id FROM window_of OFFSET 0) w, LATERAL pg_temp.row_of(w.id) c;
SET LOCAL TimeZone = 'Asia/Kathmandu';
INSERT INTO zoned SELECT 'Asia/Kathmandu', w.state, c.due_at, c.target_at, c.remind_at FROM (SELECT state, pg_temp.case_in(state, '2026-03-06 21:30+00', 'time business') AS id FROM window_of OFFSET 0) w, LATERAL pg_temp.row_of(w.id) c;
SET LOCAL TimeZone = 'UTC';
INSERT INTO zoned SELECT 'UTC', w.state, c.due_at, c.target_at, c.remind_at FROM (SELECT state, pg_temp.case_in(state, '2026-03-06 21:30+00', 'time business') AS id FROM window_of OFFSET 0) w, LATERAL pg_temp.row_of(w.id) c;
SELECT state, count(*), min(due_at), min(target_at), min(remind_at) FROM zoned GROUP BY state ORDER BY state;
SELECT state FROM zoned GROUP BY state HAVING count(DISTINCT (due_at, target_at, remind_at)) > 1;


-- ---- T06, C11: a holiday or a policy's version that comes later moves nothing that is open ----

CREATE TEMP TABLE pinned AS SELECT state, pg_temp.case_in(state, '2026-03-06 08:00+00', 'time business') AS id FROM window_of;
CREATE TEMP TABLE pinned_before AS SELECT p.state, c.due_at, c.target_at, c.remind_at, c.next_due_at FROM pinned p JOIN refund.contract c ON c.contract_id = p.id;
SELECT refund.set_holidays('time berlin', '{2026-03-09,2026-03-10,2026-03-11,2026-03-12,2026-03-13}');
SELECT refund.add_policy('time business', '{"resolution_response": "1 business day", "dispute_response": "9 business days", "reminder_before": "1 hour"}');
SELECT * FROM pinned_before EXCEPT SELECT p.state, c.due_at, c.target_at, c.remind_at, c.next_due_at FROM pinned p JOIN refund.contract c ON c.contract_id = p.id;
-- the next window knows the holiday, and is as long as the contract's version says
SELECT pg_temp.walk(id, 'dispute') FROM pinned WHERE state = 'requested';
SELECT pg_temp.walk(id, 'client rejects') FROM pinned WHERE state = 'proposed';
SELECT state, to_char(pg_temp.due(id), 'Dy DD Mon HH24:MI') FROM pinned WHERE state IN ('requested', 'proposed') ORDER BY state;
-- due on a day off: days go on, business days do not
SELECT refund.add_policy('time holiday', '{"zone": "Europe/Berlin", "calendar": "time berlin"}');
SELECT to_char(pg_temp.due(pg_temp.case_in('requested', '2026-03-02 09:00+00', 'time holiday')), 'Dy DD Mon HH24:MI'), to_char(pg_temp.due(pg_temp.case_in('requested', '2026-03-02 09:00+00', 'time business')), 'Dy DD Mon HH24:MI');


-- ---- reminders: one a window, to those whose turn it is ----

CREATE FUNCTION pg_temp.reminded(id bigint) RETURNS TABLE (person text, party refund.party, template text, at timestamptz) LANGUAGE sql AS $$
	SELECT person, party, template, at FROM refund.notification_inbox WHERE contract_id = id AND template IN ('reminder_due', 'target_missed')
$$;
-- nobody acts, the job is up: before each window closes, once
CREATE TEMP TABLE silent AS SELECT state, pg_temp.case_in(state, agency => 'agency') AS id FROM window_of;
SELECT count(refund.assign_case(id, 'operator', 'arbitrator')) FROM silent WHERE state = 'in_arbitration';
SELECT count(refund.assign_case(id, 'operator', 'mediator')) FROM silent WHERE state = 'in_review';
SELECT count(pg_temp.move(id, '2026-07-01 09:00+00', true)) FROM silent;
SELECT s.state, c.event, c.at, c.effective_at, c.to_state, c.outcome, c.reference FROM silent s, pg_temp.by_clock(s.id) c ORDER BY s.state, c.no;
SELECT s.state, r.* FROM silent s, pg_temp.reminded(s.id) r ORDER BY s.state, r.at, r.person;
-- one side has answered: the other is reminded alone
CREATE TEMP TABLE half AS SELECT n, pg_temp.case_in(CASE WHEN n < 3 THEN 'proposed' ELSE 'unresolved' END::refund.request_state, agency => 'agency') AS id FROM generate_series(1, 4) n;
SELECT pg_temp.walk(id, (ARRAY['client accepts', 'freelancer accepts', 'client joins', 'freelancer joins'])[n]) FROM half ORDER BY n;
SELECT count(pg_temp.move(id, '2026-03-08 10:00+00', true)) FROM half WHERE n > 2;
SELECT count(pg_temp.move(id, '2026-03-03 10:00+00', true)) FROM half WHERE n < 3;
SELECT h.n, c.event, c.at, c.effective_at, c.to_state, c.reference FROM half h, pg_temp.by_clock(h.id) c ORDER BY h.n, c.no;
SELECT h.n, r.* FROM half h, pg_temp.reminded(h.id) r ORDER BY h.n, r.at, r.person;
-- a reminder moves no window, changes no state and lets offers stand
CREATE TEMP TABLE quiet AS SELECT pg_temp.case_in('disputed') AS id;
SELECT pg_temp.walk(id, 'client offers') FROM quiet;
SELECT pg_temp.move(id, '2026-03-06 09:00+00', true) FROM quiet;
SELECT c.event, c.at, c.to_state, pg_temp.due(id) FROM quiet, pg_temp.by_clock(id) c ORDER BY c.no;
SELECT offer_no, state FROM refund.settlement_offer_status, quiet WHERE contract_id = id;
-- after an answer there is none: the next window has its own
SELECT pg_temp.walk(id, 'decline') FROM quiet;
SELECT pg_temp.move(id, '2026-03-09 08:59:59.999999+00', true) FROM quiet;
SELECT c.event, c.at FROM quiet, pg_temp.by_clock(id) c ORDER BY c.no;
-- a verb writes none: the job, when it is back, does, late as it is; none for a window that is over
CREATE TEMP TABLE late AS SELECT n, pg_temp.case_in('disputed') AS id FROM generate_series(1, 3) n;
SELECT pg_temp.act_at(id, '2026-03-06 20:00+00', false, $$offer_settlement(%s, 'client', '220 USD')$$) FROM late WHERE n = 1;
SELECT count(*) FROM late, pg_temp.by_clock(id);
SELECT pg_temp.move(id, '2026-03-06 21:00+00', true) FROM late WHERE n = 1;
SELECT pg_temp.act_at(id, '2026-03-06 20:00+00', false, $$decline_dispute(%s, 'client', 'It was not.')$$) FROM late WHERE n = 2;
SELECT pg_temp.move(id, '2026-03-06 21:00+00', true) FROM late WHERE n = 2;
SELECT pg_temp.move(id, '2026-03-07 09:00+00', false), pg_temp.move(id, '2026-03-07 09:00+00', true) FROM late WHERE n = 3;
SELECT n, c.event, c.at, c.effective_at, c.to_state FROM late, pg_temp.by_clock(id) c ORDER BY n, c.no;
-- the reminder is half-open as the window is: it comes at its own instant
CREATE TEMP TABLE instant AS SELECT pg_temp.case_in('disputed') AS id;
SELECT pg_temp.move(id, '2026-03-06 08:59:59.999999+00', true), (SELECT count(*) FROM pg_temp.by_clock(id)) FROM instant;
SELECT pg_temp.move(id, '2026-03-06 09:00+00', true), (SELECT count(*) FROM pg_temp.by_clock(id)) FROM instant;
SELECT pg_temp.move(id, '2026-03-07 08:59:59.999999+00', true), (SELECT count(*) FROM pg_temp.by_clock(id)) FROM instant;
-- a window that is shorter than the reminder's time has none
SELECT refund.add_policy('time short', '{"resolution_target": "12 hours", "resolution_limit": "20 hours", "award_target": "20 hours", "award_limit": "20 hours"}');
CREATE TEMP TABLE short AS SELECT state, pg_temp.case_in(state, policy => 'time short') AS id FROM window_of WHERE state IN ('in_review', 'in_arbitration');
SELECT count(pg_temp.move(id, '2026-03-03 06:00+00', true)) FROM short;
SELECT s.state, c.event, c.at, c.effective_at, c.to_state, c.outcome FROM short s, pg_temp.by_clock(s.id) c ORDER BY s.state, c.no;


-- ---- targets: past them the case is overdue, operators are told, nothing moves ----

CREATE FUNCTION pg_temp.overdue(id bigint) RETURNS TABLE (what text, due timestamptz, since interval) LANGUAGE sql AS $$
	SELECT concat_ws(' ', what, payment_no) AS what, due, since FROM refund.overdue WHERE contract_id = id ORDER BY what
$$;
-- two business days from Friday are Tuesday
CREATE TEMP TABLE review AS SELECT pg_temp.case_in('in_review', '2026-03-06 15:00+00') AS id;
SELECT a.mediator FROM review, refund.assign_case(id, 'operator', 'mediator') a;
SELECT pg_temp.move(id, '2026-03-10 14:59:59.999999+00', true), (SELECT count(*) FROM pg_temp.overdue(id)) FROM review;
SELECT pg_temp.move(id, '2026-03-10 15:00+00', true) FROM review;
SELECT o.* FROM review, pg_temp.overdue(id) o;
SELECT c.event, c.at, c.effective_at, c.to_state, pg_temp.due(id) AS due_at FROM review, pg_temp.by_clock(id) c ORDER BY c.no;
SELECT n.party, n.person, n.template FROM refund.claim_notifications(1000000, test => true) n, review WHERE n.contract_id = id AND n.template = 'target_missed' ORDER BY n.party;
-- told once; a reminder comes before the limit
SELECT pg_temp.move(id, '2026-04-05 14:00+00', true) FROM review;
SELECT o.* FROM review, pg_temp.overdue(id) o;
SELECT c.event, c.at, c.effective_at, c.to_state FROM review, pg_temp.by_clock(id) c ORDER BY c.no;
SELECT n.party, n.person, n.template FROM refund.claim_notifications(1000000, test => true) n, review WHERE n.contract_id = id ORDER BY n.party;
-- decided: not overdue any more
SELECT pg_temp.walk(id, 'propose') FROM review;
SELECT count(*) FROM review, pg_temp.overdue(id);
-- the award's target is 30 days of 90
CREATE TEMP TABLE verdict AS SELECT pg_temp.case_in('in_arbitration') AS id;
SELECT pg_temp.move(id, '2026-05-30 12:00+00', true) FROM verdict;
SELECT o.* FROM verdict, pg_temp.overdue(id) o;
SELECT c.event, c.at, c.effective_at, c.to_state, c.reference FROM verdict, pg_temp.by_clock(id) c ORDER BY c.no;
SELECT pg_temp.walk(id, 'award'), (SELECT count(*) FROM pg_temp.overdue(id)) FROM verdict;
-- the job was down: a verb records no target; the job records it when it is back, in effect then, and the reminder after it
CREATE TEMP TABLE missed AS SELECT n, pg_temp.case_in('in_review') AS id FROM generate_series(1, 2) n;
SELECT pg_temp.act_at(id, '2026-03-20 09:00+00', false, $$assign_case(%s, 'operator', 'mediator')$$), (SELECT count(*) FROM pg_temp.by_clock(id)) FROM missed ORDER BY n;
-- which does not keep the view from saying it
SELECT o.* FROM missed, pg_temp.overdue(id) o WHERE n = 1;
SELECT pg_temp.move(id, '2026-03-20 09:00+00', true) FROM missed WHERE n = 1;
SELECT pg_temp.move(id, '2026-04-01 00:00+00', false), pg_temp.move(id, '2026-04-01 00:00+00', true) FROM missed WHERE n = 2;
SELECT n, c.event, c.at, c.effective_at, c.to_state FROM missed, pg_temp.by_clock(id) c ORDER BY n, c.no;
-- over a target and a limit in one night: only the limit counts
CREATE TEMP TABLE over AS SELECT pg_temp.case_in('in_review') AS id;
SELECT pg_temp.move(id, '2026-04-02 09:00+00', false), pg_temp.move(id, '2026-04-02 09:00+00', true) FROM over;
SELECT c.event, c.at, c.effective_at, c.to_state, c.due_at FROM over, pg_temp.by_clock(id) c ORDER BY c.no;
-- refund payments are overdue too, each until it has arrived
CREATE TEMP TABLE owed AS SELECT pg_temp.case_in('requested') AS id;
SELECT pg_temp.walk(id, 'approve') FROM owed;
SELECT pg_temp.move(id, '2026-03-09 08:59:59.999999+00', true), (SELECT count(*) FROM pg_temp.overdue(id)) FROM owed;
SELECT pg_temp.move(id, '2026-03-09 10:00+00', true) FROM owed;
SELECT o.* FROM owed, pg_temp.overdue(id) o;
SELECT p.state FROM owed, refund.report_refund_payment(id, 'operator', 1, 'submitted', 're_1') p;
SELECT p.state FROM owed, refund.report_refund_payment(id, 'operator', 2, 'succeeded', 're_2') p;
SELECT o.* FROM owed, pg_temp.overdue(id) o;

SET CONSTRAINTS ALL IMMEDIATE;
SELECT * FROM refund.verify_all();
ROLLBACK;
