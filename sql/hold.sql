-- Holds and extensions: place_hold, lift_hold, extend_deadline (process.md §5, interface.md).
-- Ids such as T04 are lines of the catalogue of bad inputs and faults.  Contracts 22000 to
-- 22999.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS refund;
RESET client_min_messages;
SET TimeZone = 'UTC';
SET DateStyle = 'ISO, MDY';
SET IntervalStyle = 'postgres';
\pset format unaligned
\pset null '~'

\set ECHO none
\getenv here PG_ABS_SRCDIR
\set helpers :here '/sql/include/refused.sql'
\i :helpers
\set helpers :here '/sql/include/case.sql'
\i :helpers
\set ECHO all

-- what the people of a case see of its clock
CREATE FUNCTION pg_temp.clock(id bigint) RETURNS text LANGUAGE sql AS $$
	SELECT concat_ws('|', r.state, r.effective_state, CASE WHEN r.on_hold THEN 'on hold' END, r.due_at,
		coalesce('next ' || c.next_due_at, 'stands still'),
		coalesce((SELECT string_agg(t.party::text, ' and ') FROM refund.whose_turn t WHERE t.contract_id = id) || '''s turn', 'nobody''s turn'))
	FROM refund.refund_request_status r JOIN refund.contract c ON c.contract_id = r.contract_id WHERE r.contract_id = id
$$;
-- the code of a refusal, or what happened
CREATE FUNCTION pg_temp.code(verb text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	answer text := pg_temp.refused('SELECT refund.' || verb);
BEGIN
	RETURN CASE WHEN answer LIKE 'NOT REFUSED%' THEN 'done' ELSE substr(answer, 1, 5) || CASE WHEN answer LIKE '%ROWS CHANGED%' THEN ' ROWS CHANGED' ELSE '' END END;
END $$;


-- ---- the rest of a window: worked dates ----

BEGIN;
-- Good Friday and Easter Monday
SELECT refund.set_holidays('hold', '{2026-04-03,2026-04-06}');
SELECT refund.add_policy('hold utc', '{"refund_response": "2 business days"}');
SELECT refund.add_policy('hold business', '{"refund_response": "2 business days", "review_window": "2 business days", "zone": "Europe/Berlin", "calendar": "hold"}');
SELECT refund.add_policy('hold days', '{"refund_response": "7 days", "zone": "Europe/Berlin", "calendar": "hold"}');
SELECT refund.add_policy('hold hours', '{"refund_response": "48 hours", "zone": "Europe/Berlin", "calendar": "hold"}');
SELECT refund.add_policy('hold minutes', '{"refund_response": "90 minutes", "reminder_before": "10 minutes", "zone": "Europe/Berlin", "calendar": "hold"}');
-- "expected" was worked out by hand; all of it in the policy's zone
CREATE TEMP TABLE worked (id bigint GENERATED ALWAYS AS IDENTITY (START 22001), policy text, opened timestamp, due timestamp,
	held timestamp, lifted timestamp, expected timestamp, why text);
INSERT INTO worked (policy, opened, due, held, lifted, expected, why) VALUES
	('hold utc', '2026-03-06 16:00', '2026-03-10 16:00', '2026-03-09 10:00', '2026-03-12 09:00', '2026-03-13 15:00', 'process.md: 1 business day and 6 hours'),
	('hold utc', '2026-03-06 16:00', '2026-03-10 16:00', '2026-03-09 10:00', '2026-03-13 09:00', '2026-03-16 15:00', 'the day that was left comes after a weekend'),
	('hold utc', '2026-03-06 16:00', '2026-03-10 16:00', '2026-03-09 10:00', '2026-03-14 09:00', '2026-03-17 06:00', 'lifted on a Saturday: as if on Monday at 0:00'),
	-- summer time begins on Sunday, 29 March 2026
	('hold business', '2026-03-26 16:00', '2026-03-30 16:00', '2026-03-27 10:00', '2026-03-30 09:00', '2026-03-31 15:00', 'over the weekend of summer time'),
	('hold business', '2026-03-26 16:00', '2026-03-30 16:00', '2026-03-27 10:00', '2026-03-29 05:00', '2026-03-31 06:00', 'lifted on that Sunday'),
	('hold business', '2026-03-26 16:00', '2026-03-30 16:00', '2026-03-27 10:00', '2026-03-27 10:00', '2026-03-30 16:00', 'lifted at once: nothing moves'),
	('hold business', '2026-03-26 16:00', '2026-03-30 16:00', '2026-03-28 12:00', '2026-03-29 12:00', '2026-03-30 16:00', 'held and lifted on days off: nothing moves'),
	('hold business', '2026-03-26 16:00', '2026-03-30 16:00', '2026-03-28 12:00', '2026-04-01 10:00', '2026-04-02 02:00', 'held on a Saturday: 16 hours of Monday are left, which run into the next day'),
	('hold business', '2026-03-26 16:00', '2026-03-30 16:00', '2026-03-28 12:00', '2026-04-02 10:00', '2026-04-07 02:00', 'and over Easter, which is off'),
	('hold business', '2026-03-26 16:00', '2026-03-30 16:00', '2026-03-28 12:00', '2026-04-02 08:00', '2026-04-07 00:00', 'and end where the day ends'),
	('hold business', '2026-03-26 16:00', '2026-03-30 16:00', '2026-03-28 12:00', '2026-04-03 10:00', '2026-04-07 16:00', 'lifted on Good Friday'),
	('hold business', '2026-03-26 09:00', '2026-03-30 09:00', '2026-03-27 17:00', '2026-04-01 17:00', '2026-04-02 09:00', 'no whole day is left, but 16 hours'),
	('hold business', '2026-03-26 09:00', '2026-03-30 09:00', '2026-03-27 17:00', '2026-04-01 05:00', '2026-04-01 21:00', 'which may end on the day of the lift'),
	('hold business', '2026-03-26 09:00', '2026-03-30 09:00', '2026-03-27 17:00', '2026-04-02 17:00', '2026-04-07 09:00', 'or on the far side of Easter'),
	('hold business', '2026-04-01 12:00', '2026-04-07 12:00', '2026-04-05 12:00', '2026-04-06 12:00', '2026-04-07 12:00', 'held on Easter Sunday, lifted on Easter Monday'),
	('hold business', '2026-04-01 12:00', '2026-04-07 12:00', '2026-04-02 13:00', '2026-04-09 13:00', '2026-04-10 12:00', 'held on Thursday for a week: 23 hours are left'),
	-- summer time ends on Sunday, 25 October 2026
	('hold business', '2026-10-22 16:00', '2026-10-26 16:00', '2026-10-23 10:00', '2026-10-26 09:00', '2026-10-27 15:00', 'over the weekend of winter time'),
	('hold business', '2026-10-22 16:00', '2026-10-26 16:00', '2026-10-24 10:00', '2026-10-25 10:00', '2026-10-26 16:00', 'within it'),
	('hold days', '2026-03-25 12:00', '2026-04-01 12:00', '2026-03-28 18:00', '2026-03-29 12:00', '2026-04-02 06:00', 'calendar days: 3 days and 18 hours by the wall clock'),
	('hold days', '2026-03-18 12:00', '2026-03-25 12:00', '2026-03-23 10:00', '2026-03-27 00:30', '2026-03-29 03:30', 'T07 into the hour that summer time skips'),
	('hold days', '2026-10-14 12:00', '2026-10-21 12:00', '2026-10-19 10:00', '2026-10-23 00:30', '2026-10-25 02:30', 'T07 into the hour that comes twice: the first one'),
	('hold days', '2026-04-01 12:00', '2026-04-08 12:00', '2026-04-03 12:00', '2026-04-05 12:00', '2026-04-10 12:00', 'days off count'),
	('hold hours', '2026-03-27 16:00', '2026-03-29 17:00', '2026-03-28 12:00', '2026-03-29 12:00', '2026-03-30 16:00', 'hours elapse: the hold took 23 of them'),
	('hold hours', '2026-10-23 16:00', '2026-10-25 15:00', '2026-10-24 12:00', '2026-10-25 12:00', '2026-10-26 16:00', 'and here 25'),
	('hold minutes', '2026-04-03 12:00', '2026-04-03 13:30', '2026-04-03 12:31', '2026-04-06 09:00', '2026-04-06 09:59', '59 minutes are left');
CREATE FUNCTION pg_temp.zone(policy text) RETURNS text LANGUAGE sql AS $$ SELECT p.zone FROM refund.policy p WHERE p.name = policy AND p.version = 1 $$;
CREATE FUNCTION pg_temp.go(clock text, until timestamptz, job boolean DEFAULT true) RETURNS timestamptz LANGUAGE sql AS $$
	SELECT now FROM refund.advance_test_clock(clock, until - (SELECT k.now FROM refund.test_clock k WHERE k.name = clock), job)
$$;
-- T04: the session's zone has no say in it
SET LOCAL TimeZone = 'Asia/Kathmandu';
CREATE FUNCTION pg_temp.resumed(w worked) RETURNS TABLE (was timestamp, became timestamp) LANGUAGE plpgsql AS $$
DECLARE
	clock text := 'hold ' || w.id;
	zone text := pg_temp.zone(w.policy);
BEGIN
	PERFORM refund.create_test_clock(clock, w.opened AT TIME ZONE zone);
	PERFORM pg_temp.ended(w.id, clock, policy => w.policy);
	was := (SELECT c.due_at FROM refund.contract c WHERE c.contract_id = w.id) AT TIME ZONE zone;
	PERFORM pg_temp.go(clock, w.held AT TIME ZONE zone);
	PERFORM refund.place_hold(w.id, 'operator', 'legal', 'a letter');
	PERFORM pg_temp.go(clock, w.lifted AT TIME ZONE zone);
	PERFORM refund.lift_hold(w.id, 'operator', 1, 'answered');
	became := (SELECT c.due_at FROM refund.contract c WHERE c.contract_id = w.id) AT TIME ZONE zone;
	RETURN NEXT;
END $$;
SELECT w.why, w.was, w.became, CASE WHEN w.was <> w.due THEN 'WRONG BEFORE' END || '' AS before, CASE WHEN w.became <> w.expected THEN 'EXPECTED ' || w.expected END AS after
FROM (SELECT x.*, r.* FROM worked x CROSS JOIN LATERAL pg_temp.resumed(x) r) w ORDER BY w.id;
SET LOCAL TimeZone = 'UTC';
-- the first 2:30 of that Sunday
SELECT due_at FROM refund.contract WHERE contract_id = (SELECT id FROM worked WHERE why LIKE '%comes twice%');
-- silence comes at the new end and not before
SELECT count(pg_temp.go('hold ' || id, expected AT TIME ZONE pg_temp.zone(policy) - interval '1 microsecond')) FROM worked WHERE why NOT LIKE 'T07%';
SELECT r.state, count(*) FROM worked JOIN refund.refund_request_status r ON r.contract_id = id WHERE why NOT LIKE 'T07%' GROUP BY 1;
SELECT count(pg_temp.go('hold ' || id, expected AT TIME ZONE pg_temp.zone(policy))) FROM worked WHERE why NOT LIKE 'T07%';
SELECT r.state, r.outcome, count(*) FROM worked JOIN refund.refund_request_status r ON r.contract_id = id WHERE why NOT LIKE 'T07%' GROUP BY 1, 2;

-- the same for work under review, and there several windows at once
SELECT name FROM refund.create_test_clock('hold review', '2026-03-26 16:00 Europe/Berlin');
SELECT pg_temp.contract(22030, 'hold review', policy => 'hold business');
SELECT review_due_at AT TIME ZONE 'Europe/Berlin' FROM refund.submit_work(22030, 'freelancer', 1);
SELECT pg_temp.go('hold review', '2026-03-26 17:00 Europe/Berlin');
SELECT review_due_at AT TIME ZONE 'Europe/Berlin' FROM refund.submit_work(22030, 'freelancer', 2);
SELECT pg_temp.go('hold review', '2026-03-27 10:00 Europe/Berlin');
SELECT hold_no FROM refund.place_hold(22030, 'operator', 'legal', 'a letter');
SELECT pg_temp.go('hold review', '2026-03-30 09:00 Europe/Berlin');
SELECT hold_no FROM refund.lift_hold(22030, 'operator', 1, 'answered');
SELECT milestone_no, state, review_due_at AT TIME ZONE 'Europe/Berlin' AS due FROM refund.milestone_status WHERE contract_id = 22030 ORDER BY 1;
SELECT pg_temp.go('hold review', '2026-04-01 09:00 Europe/Berlin');
SELECT event, at AT TIME ZONE 'Europe/Berlin' AS at, amount FROM refund.case_timeline WHERE contract_id = 22030 AND party = 'clock' ORDER BY event_no;

-- two holds: the clock stands from the first to the last lift, whichever that is of
SELECT name FROM refund.create_test_clock('hold two', '2026-03-26 16:00 Europe/Berlin');
SELECT count(pg_temp.ended(id, 'hold two', policy => 'hold business')) FROM generate_series(22031, 22033) id;
SELECT pg_temp.go('hold two', '2026-03-27 10:00 Europe/Berlin');
SELECT contract_id, hold_no FROM generate_series(22031, 22033) id, refund.place_hold(id, 'operator', 'legal', 'first') ORDER BY 1;
SELECT pg_temp.go('hold two', '2026-03-27 15:00 Europe/Berlin');
SELECT contract_id, hold_no FROM generate_series(22031, 22032) id, refund.place_hold(id, 'operator', 'fraud', 'second') ORDER BY 1;
SELECT pg_temp.go('hold two', '2026-03-29 05:00 Europe/Berlin');
SELECT hold_no, stands FROM refund.lift_hold(22031, 'operator', 1, 'answered');
SELECT hold_no, stands FROM refund.lift_hold(22032, 'operator', 2, 'answered');
-- one after the other: each takes its own time
SELECT hold_no, stands FROM refund.lift_hold(22033, 'operator', 1, 'answered');
SELECT contract_id, due_at AT TIME ZONE 'Europe/Berlin' AS due, on_hold FROM refund.refund_request_status WHERE contract_id BETWEEN 22031 AND 22033 ORDER BY 1;
SELECT hold_no, stands FROM refund.place_hold(22033, 'operator', 'fraud', 'second');
SELECT pg_temp.go('hold two', '2026-03-30 09:00 Europe/Berlin');
SELECT hold_no, stands FROM refund.lift_hold(22031, 'operator', 2, 'answered');
SELECT hold_no, stands FROM refund.lift_hold(22032, 'operator', 1, 'answered');
SELECT hold_no, stands FROM refund.lift_hold(22033, 'operator', 2, 'answered');
SELECT contract_id, due_at AT TIME ZONE 'Europe/Berlin' AS due, on_hold FROM refund.refund_request_status WHERE contract_id BETWEEN 22031 AND 22033 ORDER BY 1;
SET CONSTRAINTS ALL IMMEDIATE;
SELECT * FROM refund.verify_all();
ROLLBACK;


-- ---- every state of a request ----

-- each under a clock of its own, held a day and three hours after it came there, for a hundred days
CREATE TEMP TABLE held (id bigint GENERATED ALWAYS AS IDENTITY (START 22101), state refund.request_state, steps text[]);
INSERT INTO held (state, steps) SELECT state, steps FROM way ORDER BY state;
CREATE FUNCTION pg_temp.hold(h held) RETURNS TABLE (before text, held text, later text, after text, last text, silence text) LANGUAGE plpgsql AS $$
DECLARE
	clock text := 'hold ' || h.id;
	due timestamptz;
BEGIN
	PERFORM refund.create_test_clock(clock, '2026-03-02 09:00+00');
	PERFORM pg_temp.ended(h.id, clock);
	IF h.steps <> '{}' THEN
		PERFORM pg_temp.walk(h.id, VARIADIC h.steps);
	END IF;
	PERFORM refund.advance_test_clock(clock, '1 day 3:00');
	before := pg_temp.clock(h.id);
	PERFORM refund.place_hold(h.id, 'operator', 'sanctions', 'a list');
	held := pg_temp.clock(h.id);
	PERFORM refund.advance_test_clock(clock, '100 days');
	later := pg_temp.clock(h.id);
	PERFORM refund.lift_hold(h.id, 'operator', 1, 'another name');
	after := pg_temp.clock(h.id);
	due := (SELECT c.due_at FROM refund.contract c WHERE c.contract_id = h.id);
	PERFORM refund.advance_test_clock(clock, due - (SELECT k.now FROM refund.test_clock k WHERE k.name = clock) - interval '1 microsecond');
	last := pg_temp.clock(h.id);
	PERFORM refund.advance_test_clock(clock, '1 microsecond');
	silence := concat_ws('|', pg_temp.clock(h.id), (SELECT r.outcome FROM refund.refund_request_status r WHERE r.contract_id = h.id));
	RETURN NEXT;
END $$;
\x on
SELECT h.state, r.* FROM held h, pg_temp.hold(h) r ORDER BY h.id;
\x off
-- what the clock did: targets and reminders that were still to come are as far from the end as before
SELECT state, string_agg(concat_ws(' ', event, effective_at), ', ' ORDER BY event_no) FROM held JOIN refund.case_timeline ON contract_id = id WHERE party = 'clock' GROUP BY 1 ORDER BY 1;
\x on
SELECT * FROM refund.hold_status WHERE contract_id = 22101;
\x off
SELECT event, actor, party, from_state, to_state, due_at, item_no, reference, statement FROM refund.case_timeline WHERE contract_id = 22101 AND event IN ('place_hold', 'lift_hold') ORDER BY event_no;
-- seconds of the stages leave the hold out
SELECT state, seconds_requested, seconds_on_hold FROM refund.refund_case WHERE contract_id = 22101;


-- ---- verb by verb ----

-- an active contract with work under review, one in each state, two settled ones: all held
SELECT name FROM refund.create_test_clock('hold verbs', '2026-03-02 09:00+00');
CREATE TEMP TABLE stopped (id bigint, at text);
INSERT INTO stopped VALUES (22200, 'active');
INSERT INTO stopped SELECT 22200 + row_number() OVER (ORDER BY state), state::text FROM way;
INSERT INTO stopped VALUES (22207, 'settled'), (22208, 'nothing left');
SELECT count(pg_temp.contract(id, 'hold verbs', 'agency')) FROM stopped;
SELECT count(refund.submit_work(22200, 'freelancer', 1, NULL, 'work'));
SELECT count(refund.end_contract(id, 'client', '200.00 USD', 'end')) FROM stopped WHERE id BETWEEN 22201 AND 22207;
SELECT count(refund.end_contract(22208, 'client', '500.00 USD', 'end'));
-- the proof of the disputes, for somebody to erase
SELECT count(refund.dispute_refund(id, 'freelancer', '250.00 USD', 'It was delivered.', '[{"title": "a photo", "media_type": "text/plain", "content": "cGhvdG8="}]', 'dispute')) FROM stopped WHERE id BETWEEN 22202 AND 22206;
SELECT at, pg_temp.walk(id, VARIADIC steps[2:]) FROM stopped JOIN way ON at = state::text WHERE state > 'disputed' ORDER BY id;
SELECT pg_temp.walk(22207, 'approve');
SELECT state FROM refund.report_refund_payment(22207, 'operator', 1, 'failed', 'first');
SELECT DISTINCT hold_no FROM stopped, refund.place_hold(id, 'operator', 'fraud', 'a pattern', 'hold');
CREATE TEMP TABLE verb (no integer GENERATED ALWAYS AS IDENTITY, call text);
INSERT INTO verb (call) VALUES
	($$add_milestone(%s, 'client', 9, 'more', '10.00 USD')$$), ($$fund(%s, 'client', 1, '10.00 USD', 'card')$$), ($$submit_work(%s, 'freelancer', 2)$$),
	($$request_changes(%s, 'client', 1, 'no')$$), ($$release_payment(%s, 'client', 1, '1.00 USD')$$), ($$release_milestone(%s, 'client', 1)$$),
	($$move_leftover(%s, 'client', 1, 2, '1.00 USD')$$), ($$end_contract(%s, 'client')$$), ($$end_contract(%s, 'freelancer')$$), ($$give_refund(%s, 'freelancer', 1, '1.00 USD')$$),
	($$approve_refund(%s, 'freelancer')$$), ($$dispute_refund(%s, 'freelancer', '250.00 USD', 'It was.')$$), ($$accept_dispute(%s, 'client')$$), ($$decline_dispute(%s, 'client', 'It was not.')$$),
	($$pay_in_full(%s, 'client')$$), ($$withdraw_dispute(%s, 'freelancer')$$), ($$propose_resolution(%s, 'mediator', '150.00 USD', 'Half.')$$), ($$accept_resolution(%s, 'client')$$),
	($$accept_resolution(%s, 'freelancer')$$), ($$reject_resolution(%s, 'client')$$), ($$join_arbitration(%s, 'client', 'card')$$), ($$record_award(%s, 'arbitrator', '180.00 USD', 'Most.')$$),
	($$offer_settlement(%s, 'client', '220.00 USD')$$), ($$withdraw_settlement_offer(%s, 'client')$$), ($$accept_settlement(%s, 'freelancer', 1)$$), ($$retry_refund_payment(%s, 'operator', 1)$$);
-- all verbs of the parties, of the deciders, and the retry: the same answer everywhere; a payment that is not there is RF014
SELECT split_part(v.call, '(', 1) AS verb, c.codes FROM verb v, LATERAL (SELECT string_agg(DISTINCT pg_temp.code(format(v.call, s.id)), ', ') AS codes FROM stopped s) c ORDER BY v.no;
-- nobody forgot one: what is not above, and not below
SELECT DISTINCT p.proname FROM pg_proc p WHERE p.pronamespace = 'refund'::regnamespace AND p.proargnames[1:2] = '{contract_id,actor}' AND p.provolatile = 'v'
	AND p.proname NOT IN (SELECT split_part(call, '(', 1) FROM verb) ORDER BY 1;
-- before it come missing arguments and what is not there; after it everything else
SELECT pg_temp.refused($$SELECT refund.approve_refund(22201, 'freelancer')$$);
SELECT call, pg_temp.code(call) FROM (VALUES
	($$approve_refund(22201, NULL)$$), ($$approve_refund(22201, 'stranger')$$), ($$release_milestone(22200, 'client', 4)$$),
	($$approve_refund(22200, 'freelancer')$$), ($$release_milestone(22201, 'client', 1)$$), ($$propose_resolution(22203, 'client', '150.00 USD', 'x')$$),
	($$approve_refund(22201, 'client')$$), ($$approve_refund(22203, 'freelancer')$$), ($$fund(22200, 'client', 1, '-1 EUR', 'card')$$),
	($$dispute_refund(22201, 'freelancer', '250.00 USD', ' ')$$)) c (call);
-- a replay passes it, other arguments don't
SELECT pg_temp.call($$submit_work(22200, 'freelancer', 1, NULL, 'work')$$);
SELECT pg_temp.call($$end_contract(22203, 'client', '200.00 USD', 'end')$$);
SELECT pg_temp.call($$place_hold(22203, 'operator', 'fraud', 'a pattern', 'hold')$$);
SELECT pg_temp.code($$end_contract(22203, 'client', '200.01 USD', 'end')$$), pg_temp.code($$place_hold(22203, 'operator', 'fraud', 'another', 'hold')$$);
-- who may do what
SELECT s.at, a.actor, string_agg(x.verb, ', ' ORDER BY x.verb) FROM stopped s, unnest('{client,freelancer,agency,operator}'::text[]) a (actor), refund.allowed_actions(s.id, a.actor) x GROUP BY s.id, s.at, a.actor ORDER BY s.id;
SELECT verb FROM refund.allowed_actions(22204, 'mediator');

-- what goes on: the operators' own, and reports from outside
SELECT s.at, pg_temp.call(format($$assign_case(%s, 'operator', 'somebody')$$, s.id)) LIKE '%,somebody,%' AS assigned FROM stopped s WHERE id BETWEEN 22201 AND 22203 ORDER BY id;
SELECT s.at, (SELECT r.due_at FROM refund.extend_deadline(s.id, 'operator', '2 days', 'They are ill.') r) AS due FROM stopped s WHERE id BETWEEN 22201 AND 22206 ORDER BY id;
SELECT pg_temp.call($$erase_evidence(22202, 'operator', 1, 'The law.')$$) ~ '22202,1';
SELECT pg_temp.call($$report_refund_payment(22207, 'worker', 2, 'submitted', 'second')$$);
SELECT pg_temp.call($$report_refund_payment(22207, 'worker', 2, 'succeeded', 'second')$$);
SELECT pg_temp.call($$report_refund_payment(22207, 'worker', 2, 'bounced', 'second')$$);
SELECT pg_temp.call($$report_refund_payment(22207, 'worker', 1, 'unclaimed', NULL)$$);
SELECT pg_temp.call($$report_reversal(22205, 'bank', 2, 'chargeback', 'opened', '10.00 USD', 'cb')$$);
SELECT pg_temp.call($$place_hold(22208, 'another operator', 'legal', 'a letter')$$);
SELECT pg_temp.call($$lift_hold(22208, 'another operator', 1, 'a mistake')$$);
SELECT contract_id, count(*), count(*) FILTER (WHERE stands) FROM refund.hold_status WHERE contract_id BETWEEN 22200 AND 22208 GROUP BY 1 ORDER BY 1;


-- ---- T03: what is due comes first, then the hold ----

SELECT name FROM refund.create_test_clock('hold due', '2026-03-02 09:00+00');
SELECT count(pg_temp.ended(id, 'hold due')) FROM generate_series(22300, 22302) id;
SELECT now FROM refund.advance_test_clock('hold due', '6 days 23:59:59.999999', false);
SELECT stands FROM refund.place_hold(22300, 'operator', 'legal', 'just in time');
SELECT now FROM refund.advance_test_clock('hold due', '0.000001 seconds', false);
SELECT pg_temp.clock(22300), pg_temp.clock(22301);
-- at due_at silence has decided; the hold stops the payments
SELECT pg_temp.call($$place_hold(22301, 'operator', 'legal', 'too late')$$);
SELECT pg_temp.clock(22301);
SELECT event, party, to_state, outcome, at, effective_at FROM refund.case_timeline WHERE contract_id = 22301 AND event_no > 6 ORDER BY event_no;
SELECT now FROM refund.advance_test_clock('hold due', '30 days');
-- the hold went over the due time: a microsecond is left
SELECT pg_temp.clock(22300);
SELECT pg_temp.code($$approve_refund(22300, 'freelancer')$$);
SELECT lifted_at FROM refund.lift_hold(22300, 'operator', 1, 'answered');
SELECT pg_temp.clock(22300);
SELECT now FROM refund.advance_test_clock('hold due', '0.000001 seconds', false);
SELECT pg_temp.clock(22300), pg_temp.code($$approve_refund(22300, 'freelancer')$$);
-- the others: the job was there
SELECT pg_temp.clock(22302);
-- a window that an expiry opens: due first, and the new window is the one that stands still
SELECT name FROM refund.create_test_clock('hold chain', '2026-03-02 09:00+00');
SELECT pg_temp.ended(22310, 'hold chain');
SELECT pg_temp.walk(22310, 'dispute', 'decline', 'propose', '~10 days');
SELECT stands FROM refund.place_hold(22310, 'operator', 'legal', 'a letter');
SELECT pg_temp.clock(22310);
SELECT now FROM refund.advance_test_clock('hold chain', '10 days', false);
SELECT stands FROM refund.lift_hold(22310, 'operator', 1, 'answered');
SELECT pg_temp.clock(22310);
-- acts go on where they were
SELECT pg_temp.walk(22310, 'freelancer joins', '+7 days'), pg_temp.settled(22310);
-- acceptances and offers outlive a hold
SELECT pg_temp.ended(22311, 'hold chain'), pg_temp.ended(22312, 'hold chain');
SELECT pg_temp.walk(22311, 'dispute', 'decline', 'propose', 'client accepts'), pg_temp.walk(22312, 'client offers');
SELECT count(refund.place_hold(id, 'operator', 'legal', 'a letter')) FROM generate_series(22311, 22312) id;
SELECT now FROM refund.advance_test_clock('hold chain', '10 days');
SELECT count(refund.lift_hold(id, 'operator', 1, 'answered')) FROM generate_series(22311, 22312) id;
SELECT pg_temp.walk(22311, 'freelancer accepts'), pg_temp.settled(22311);
SELECT pg_temp.walk(22312, 'freelancer agrees'), pg_temp.settled(22312);


-- ---- reminders and targets ----

SELECT name FROM refund.create_test_clock('hold notices', '2026-03-02 09:00+00');
SELECT count(pg_temp.ended(id, 'hold notices')) FROM generate_series(22320, 22321) id;
-- 22320 is reminded before the hold, and not again; 22321 is held before, and reminded later
SELECT count(refund.place_hold(22321, 'operator', 'legal', 'a letter'));
SELECT now FROM refund.advance_test_clock('hold notices', '6 days 1:00');
SELECT count(refund.place_hold(22320, 'operator', 'legal', 'a letter'));
SELECT now FROM refund.advance_test_clock('hold notices', '10 days');
SELECT count(refund.lift_hold(id, 'operator', 1, 'answered')) FROM generate_series(22320, 22321) id;
SELECT now FROM refund.advance_test_clock('hold notices', '10 days');
SELECT contract_id, event, effective_at FROM refund.case_timeline WHERE contract_id BETWEEN 22320 AND 22321 AND party = 'clock' ORDER BY 1, event_no;
-- a target is overdue by the contract's own clock, which stands still: Monday, 1 June
SELECT name FROM refund.create_test_clock('hold target', '2026-06-01 09:00+00');
SELECT count(pg_temp.ended(id, 'hold target')) FROM generate_series(22325, 22327) id;
SELECT pg_temp.walk(id, 'dispute', 'decline') FROM generate_series(22325, 22327) id;
SELECT now FROM refund.advance_test_clock('hold target', '1 day 2:00');
SELECT count(refund.place_hold(22325, 'operator', 'legal', 'a letter'));
SELECT now FROM refund.advance_test_clock('hold target', '3 days');
-- 22326 and 22327 have missed theirs, held or not; 22325 has not
SELECT count(refund.place_hold(22326, 'operator', 'legal', 'a letter'));
SELECT what, contract_id, due, since FROM refund.overdue WHERE contract_id BETWEEN 22325 AND 22327 ORDER BY 2;
SELECT count(refund.lift_hold(id, 'operator', 1, 'answered')) FROM generate_series(22325, 22326) id;
-- 22 hours are left of the second business day: lifted on Friday at 11:00, Monday at 9:00
SELECT contract_id, target_at, due_at, next_due_at FROM refund.contract WHERE contract_id BETWEEN 22325 AND 22327 ORDER BY 1;
SELECT now FROM refund.advance_test_clock('hold target', '40 days');
SELECT contract_id, event, effective_at FROM refund.case_timeline WHERE contract_id BETWEEN 22325 AND 22327 AND party = 'clock' ORDER BY 1, event_no;
-- one that passed before the hold while no job ran is told after it, and stays where it was
SELECT name FROM refund.create_test_clock('hold untold', '2026-06-01 09:00+00');
SELECT pg_temp.ended(22328, 'hold untold');
SELECT pg_temp.walk(22328, 'dispute', 'decline');
SELECT now FROM refund.advance_test_clock('hold untold', '4 days', run_job => false);
SELECT count(refund.place_hold(22328, 'operator', 'legal', 'a letter'));
SELECT now FROM refund.advance_test_clock('hold untold', '3 days', run_job => false);
SELECT count(refund.lift_hold(22328, 'operator', 1, 'answered'));
SELECT target_at, due_at, next_due_at FROM refund.contract WHERE contract_id = 22328;
SELECT now FROM refund.advance_test_clock('hold untold', '0');
SELECT event, effective_at FROM refund.case_timeline WHERE contract_id = 22328 AND party = 'clock';


-- ---- after the settlement, for the payments ----

SELECT name FROM refund.create_test_clock('hold payments', '2026-03-02 09:00+00');
SELECT count(pg_temp.ended(id, 'hold payments')) FROM generate_series(22330, 22332) id;
SELECT count(refund.approve_refund(id, 'freelancer')) FROM generate_series(22330, 22332) id;
SELECT pg_temp.call($$place_hold(22330, 'operator', 'fraud', 'a pattern')$$);
SELECT state, effective_state, on_hold, due_at FROM refund.refund_request_status WHERE contract_id = 22330;
SELECT contract_id, payment_no FROM refund.claim_refund_payments(1000, test => true) WHERE contract_id BETWEEN 22330 AND 22332 ORDER BY 1, 2;
SELECT pg_temp.code($$retry_refund_payment(22330, 'operator', 1)$$);
-- one that was handed out before is reported
SELECT count(refund.place_hold(22331, 'operator', 'fraud', 'a pattern'));
SELECT state FROM refund.report_refund_payment(22331, 'worker', 1, 'failed', 'ref');
SELECT pg_temp.code($$retry_refund_payment(22331, 'operator', 1)$$);
SELECT stands FROM refund.lift_hold(22330, 'operator', 1, 'a mistake');
SELECT contract_id, payment_no FROM refund.claim_refund_payments(1000, test => true) WHERE contract_id BETWEEN 22330 AND 22332 ORDER BY 1, 2;
SELECT stands FROM refund.lift_hold(22331, 'operator', 1, 'a mistake');
SELECT state FROM refund.retry_refund_payment(22331, 'operator', 1);
-- an active contract, and one that ended without a request
SELECT pg_temp.contract(22333, 'hold payments'), pg_temp.contract(22334, 'hold payments');
SELECT pg_temp.call($$place_hold(22333, 'operator', 'legal', 'a letter')$$);
SELECT refunded FROM refund.end_contract(22334, 'freelancer');
SELECT pg_temp.call($$place_hold(22334, 'operator', 'legal', 'a letter')$$);
SELECT on_hold, state, due_at FROM refund.contract_status WHERE contract_id IN (22333, 22334) ORDER BY contract_id;
SELECT count(*) FROM refund.claim_refund_payments(1000, test => true) WHERE contract_id = 22334;
SELECT pg_temp.call($$lift_hold(22333, 'operator', 1, 'answered')$$);
SELECT pg_temp.call($$lift_hold(22334, 'operator', 1, 'answered')$$);
SELECT count(*) FROM refund.claim_refund_payments(1000, test => true) WHERE contract_id = 22334;
SELECT released FROM refund.release_milestone(22333, 'client', 1);


-- ---- refusals ----

SELECT name FROM refund.create_test_clock('hold no', '2026-03-02 09:00+00');
SELECT pg_temp.ended(22400, 'hold no', 'agency');
-- A16
SELECT call, pg_temp.code(call) FROM (VALUES
	($$place_hold(NULL, 'operator', 'legal', 'x')$$), ($$place_hold(22400, NULL, 'legal', 'x')$$), ($$place_hold(22400, 'operator', NULL, 'x')$$), ($$place_hold(22400, 'operator', 'legal', NULL)$$),
	($$lift_hold(NULL, 'operator', 1, 'x')$$), ($$lift_hold(22400, NULL, 1, 'x')$$), ($$lift_hold(22400, 'operator', NULL, 'x')$$), ($$lift_hold(22400, 'operator', 1, NULL)$$),
	($$extend_deadline(NULL, 'operator', '1 day', 'x')$$), ($$extend_deadline(22400, NULL, '1 day', 'x')$$), ($$extend_deadline(22400, 'operator', NULL, 'x')$$), ($$extend_deadline(22400, 'operator', '1 day', NULL)$$),
	($$place_hold(22400, 'operator', 'maternity', 'x')$$), ($$lift_hold(22400, 'operator', 0, 'x')$$), ($$lift_hold(22400, 'operator', -1, 'x')$$), ($$extend_deadline(22400, 'operator', '0 days', 'x')$$), ($$extend_deadline(22400, 'operator', '-1 days', 'x')$$),
	($$place_hold(22400, ' ', 'legal', 'x')$$), ($$place_hold(22999, 'operator', 'legal', 'x')$$), ($$lift_hold(22999, 'operator', 1, 'x')$$), ($$extend_deadline(22999, 'operator', '1 day', 'x')$$)) c (call);
-- no party holds, lifts or extends; that a hold is not there comes before (interface.md, "Errors")
SELECT pg_temp.refused($$SELECT refund.place_hold(22400, 'client', 'legal', 'x')$$);
SELECT pg_temp.ended(22401, 'hold no', 'agency');
SELECT hold_no FROM refund.place_hold(22401, 'operator', 'legal', 'x');
SELECT actor, pg_temp.code(format($$place_hold(22401, %L, 'legal', 'x')$$, actor)), pg_temp.code(format($$lift_hold(22401, %L, 1, 'x')$$, actor)), pg_temp.code(format($$extend_deadline(22401, %L, '1 day', 'x')$$, actor)),
	pg_temp.code(format($$lift_hold(22401, %L, 2, 'x')$$, actor))
FROM unnest('{client,freelancer,agency}'::text[]) actor;
-- a reason is required
SELECT pg_temp.refused($$SELECT refund.place_hold(22400, 'operator', 'legal', ' ')$$);
SELECT pg_temp.refused($$SELECT refund.lift_hold(22400, 'operator', 1, 'x')$$);
SELECT hold_no FROM refund.place_hold(22400, 'operator', 'legal', 'x', 'key');
SELECT pg_temp.refused($$SELECT refund.lift_hold(22400, 'operator', 1, E'\n')$$);
SELECT pg_temp.refused($$SELECT refund.extend_deadline(22400, 'operator', '1 day', '')$$);
-- A11, A14: told twice, lifted twice, never placed
SELECT pg_temp.call($$place_hold(22400, 'operator', 'legal', 'x', 'key')$$);
SELECT pg_temp.refused($$SELECT refund.place_hold(22400, 'operator', 'fraud', 'x', 'key')$$);
SELECT pg_temp.refused($$SELECT refund.lift_hold(22400, 'operator', 2, 'x')$$);
SELECT pg_temp.call($$lift_hold(22400, 'another operator', 1, 'y', 'key')$$);
SELECT pg_temp.call($$lift_hold(22400, 'another operator', 1, 'y', 'key')$$);
SELECT pg_temp.refused($$SELECT refund.lift_hold(22400, 'operator', 1, 'x')$$);
-- numbers are not used again; at most 100 stand at a time
SELECT count(h.hold_no), max(h.hold_no) FROM generate_series(2, 101) n, refund.place_hold(22400, 'operator', 'fraud', 'letter ' || n) h;
SELECT pg_temp.refused($$SELECT refund.place_hold(22400, 'operator', 'legal', 'x')$$);
SELECT hold_no FROM refund.lift_hold(22400, 'operator', 9, 'x');
SELECT pg_temp.refused($$SELECT refund.lift_hold(22400, 'operator', 9, 'x')$$);
SELECT hold_no FROM refund.place_hold(22400, 'operator', 'legal', 'x');
SELECT count(refund.lift_hold(22400, 'operator', n, 'x')) FROM generate_series(2, 102) n WHERE n NOT IN (9, 12);
SELECT on_hold, due_at FROM refund.contract_status WHERE contract_id = 22400;
SELECT pg_temp.code($$approve_refund(22400, 'freelancer')$$);
SELECT hold_no FROM refund.lift_hold(22400, 'operator', 12, 'x');
SELECT on_hold, due_at FROM refund.contract_status WHERE contract_id = 22400;


-- ---- the reasons are for operators ----

SELECT pg_temp.ended(22410, 'hold no');
SELECT pg_temp.walk(22410, 'dispute', 'decline', 'propose');
SELECT hold_no FROM refund.place_hold(22410, 'operator', 'sanctions', 'SECRET: on a list');
SELECT hold_no FROM refund.place_hold(22410, 'operator', 'fraud', 'SECRET: a pattern');
SELECT hold_no FROM refund.lift_hold(22410, 'operator', 1, 'SECRET: another person');
SELECT actor, file::text LIKE '%SECRET%' AS told, file->'holds' FROM unnest('{client,freelancer,mediator,operator}'::text[]) actor, refund.case_file(22410, actor) file;
-- no view but hold_status shows them, nor do the questions
CREATE FUNCTION pg_temp.shows_secret(view regclass) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
	answer boolean;
BEGIN
	EXECUTE format('SELECT EXISTS (SELECT FROM %s v WHERE v::text LIKE ''%%SECRET%%'')', view) INTO answer;
	RETURN answer;
END $$;
SELECT oid::regclass AS name FROM pg_class WHERE relnamespace = 'refund'::regnamespace AND relkind = 'v' AND pg_temp.shows_secret(oid);
SELECT count(*), bool_or(x::text LIKE '%SECRET%') FROM refund.explain(22410) x;
SELECT count(*) FROM refund.forecast(22410) x;
SELECT hold_no, kind, reason, placed_by, stands, lifted_by, lift_reason FROM refund.hold_status WHERE contract_id = 22410 ORDER BY 1;
-- the parties are told that there is one
SELECT person, template FROM refund.notification_inbox WHERE contract_id = 22410 AND template IN ('place_hold', 'lift_hold') ORDER BY at, template, person;


-- ---- extensions: before expiry, with a reason, at most twice, at most 7 days ----

SELECT name FROM refund.create_test_clock('hold extend', '2026-03-02 09:00+00');
SELECT count(pg_temp.ended(id, 'hold extend')) FROM generate_series(22500, 22504) id;
\x on
SELECT state, due_at, on_hold FROM refund.extend_deadline(22500, 'operator', '7 days', 'They are ill.');
\x off
-- from the old end, in its own unit; not from now
SELECT pg_temp.call($$extend_deadline(22501, 'operator', '2 business days', 'They are ill.')$$) LIKE '%2026-03-11 09:00:00+00%';
SELECT due_at FROM refund.extend_deadline(22502, 'operator', '90 minutes', 'They are ill.');
SELECT event, actor, party, from_state, to_state, due_at, reference, statement FROM refund.case_timeline WHERE contract_id = 22502 AND event = 'extend_deadline';
-- both parties are told
SELECT person, template FROM refund.notification_inbox WHERE contract_id = 22502 AND template = 'extend_deadline' ORDER BY 1;
-- too long, one too many
SELECT pg_temp.refused($$SELECT refund.extend_deadline(22502, 'operator', '8 days', 'x')$$);
SELECT length, pg_temp.code(format($$extend_deadline(22503, 'operator', %L, 'x')$$, length)) FROM unnest('{169 hours,10081 minutes,8 business days,1000 days}'::text[]) length;
SELECT due_at FROM refund.extend_deadline(22502, 'operator', '168 hours', 'x', 'key');
SELECT pg_temp.refused($$SELECT refund.extend_deadline(22502, 'operator', '1 minute', 'x')$$);
-- A11
SELECT due_at FROM refund.extend_deadline(22502, 'operator', '168 hours', 'x', 'key');
SELECT pg_temp.code($$extend_deadline(22502, 'operator', '167 hours', 'x', 'key')$$);
-- each window has its own
SELECT pg_temp.walk(22502, 'dispute');
SELECT due_at FROM refund.extend_deadline(22502, 'operator', '1 day', 'x');
SELECT due_at FROM refund.extend_deadline(22502, 'operator', '1 day', 'x');
SELECT pg_temp.code($$extend_deadline(22502, 'operator', '1 day', 'x')$$);
-- T03: just before the end, and at it
SELECT now FROM refund.advance_test_clock('hold extend', '6 days 23:59:59.999999', false);
SELECT due_at FROM refund.extend_deadline(22503, 'operator', '1 day', 'x');
SELECT now FROM refund.advance_test_clock('hold extend', '0.000001 seconds', false);
SELECT pg_temp.clock(22503);
SELECT pg_temp.refused($$SELECT refund.extend_deadline(22504, 'operator', '1 day', 'x')$$);
SELECT now FROM refund.advance_test_clock('hold extend', '0');
SELECT pg_temp.refused($$SELECT refund.extend_deadline(22504, 'operator', '1 day', 'x')$$);
-- settled by a party, active, ended without a request
SELECT outcome FROM refund.approve_refund(22503, 'freelancer');
SELECT pg_temp.refused($$SELECT refund.extend_deadline(22503, 'operator', '1 day', 'x')$$);
SELECT pg_temp.contract(22520, 'hold extend');
SELECT pg_temp.refused($$SELECT refund.extend_deadline(22520, 'operator', '1 day', 'x')$$);
SELECT held FROM refund.end_contract(22520, 'freelancer');
SELECT pg_temp.refused($$SELECT refund.extend_deadline(22520, 'operator', '1 day', 'x')$$);
-- in every state, and silence comes at the new end; a second reminder before it
SELECT name FROM refund.create_test_clock('hold extended', '2026-03-02 09:00+00');
CREATE TEMP TABLE extended (id bigint GENERATED ALWAYS AS IDENTITY (START 22531), state refund.request_state, steps text[]);
INSERT INTO extended (state, steps) SELECT state, steps FROM way ORDER BY state;
SELECT count(pg_temp.ended(id, 'hold extended')) FROM extended;
SELECT pg_temp.walk(id, VARIADIC steps) FROM extended WHERE steps <> '{}' ORDER BY id;
SELECT now FROM refund.advance_test_clock('hold extended', '1 day 12:00');
SELECT state, (SELECT due_at FROM refund.extend_deadline(id, 'operator', '3 days', 'x')) FROM extended ORDER BY id;
SELECT now FROM refund.advance_test_clock('hold extended', '100 days');
SELECT state, string_agg(concat_ws(' ', event, effective_at), ', ' ORDER BY event_no) FROM extended JOIN refund.case_timeline ON contract_id = id WHERE party = 'clock' GROUP BY 1 ORDER BY 1;
-- while on hold, even after the old end: a hold stops the clock, and what is added is left too
SELECT pg_temp.ended(22540, 'hold extended');
SELECT due_at FROM refund.contract_status WHERE contract_id = 22540;
SELECT now FROM refund.advance_test_clock('hold extended', '6 days');
SELECT hold_no FROM refund.place_hold(22540, 'operator', 'legal', 'a letter');
SELECT now FROM refund.advance_test_clock('hold extended', '6 days');
SELECT due_at, on_hold FROM refund.extend_deadline(22540, 'operator', '2 days', 'x');
SELECT pg_temp.clock(22540);
SELECT hold_no FROM refund.lift_hold(22540, 'operator', 1, 'answered');
SELECT pg_temp.clock(22540);
SELECT now FROM refund.advance_test_clock('hold extended', '10 days');
-- there is a reminder before the new end, even where that was not known while the clock stood still
SELECT event, effective_at FROM refund.case_timeline WHERE contract_id = 22540 AND party = 'clock' ORDER BY event_no;
SELECT pg_temp.ended(22541, 'hold extended');
SELECT due_at FROM refund.contract_status WHERE contract_id = 22541;
SELECT hold_no FROM refund.place_hold(22541, 'operator', 'legal', 'a letter');
SELECT now FROM refund.advance_test_clock('hold extended', '10 days');
SELECT due_at FROM refund.extend_deadline(22541, 'operator', '2 days', 'x');
SELECT hold_no FROM refund.lift_hold(22541, 'operator', 1, 'answered');
SELECT pg_temp.clock(22541);
SELECT now FROM refund.advance_test_clock('hold extended', '10 days');
SELECT event, effective_at FROM refund.case_timeline WHERE contract_id = 22541 AND party = 'clock' ORDER BY event_no;

-- the policy's bounds, in the policy's zone: a window ends after the DST weekend
BEGIN;
SELECT refund.add_policy('hold extend', '{"max_extensions": 1, "max_extension": "5 business days", "zone": "Europe/Berlin"}');
SELECT refund.add_policy('hold never', '{"max_extensions": 0}');
SELECT name FROM refund.create_test_clock('hold bounds', '2026-03-20 16:00 Europe/Berlin');
SELECT pg_temp.ended(22550, 'hold bounds', policy => 'hold extend'), pg_temp.ended(22551, 'hold bounds', policy => 'hold never');
SELECT pg_temp.refused($$SELECT refund.extend_deadline(22551, 'operator', '1 minute', 'x')$$);
SELECT due_at AT TIME ZONE 'Europe/Berlin' FROM refund.contract_status WHERE contract_id = 22550;
SELECT due_at AT TIME ZONE 'Europe/Berlin' FROM refund.extend_deadline(22550, 'operator', '2 business days', 'x');
SELECT pg_temp.code($$extend_deadline(22550, 'operator', '1 minute', 'x')$$);
SET CONSTRAINTS ALL IMMEDIATE;
SELECT * FROM refund.verify_all();
ROLLBACK;

SELECT * FROM refund.verify_all();
SELECT count(refund.drop_test_clock(name)) FROM refund.test_clock WHERE name LIKE 'hold%';
SELECT count(*) FROM refund.contract WHERE contract_id BETWEEN 22000 AND 22999;
