-- The review of submitted work: submit_work, request_changes and silence (process.md §3
-- and §5).  Ids such as A14 are lines of the catalogue of bad inputs and faults.
-- Contracts 21000 to 21999.
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
\set helpers :here '/sql/include/case.sql'
\i :helpers
\set ECHO all

-- the milestones of a contract, each with what it holds and released, and its window
CREATE FUNCTION pg_temp.milestones(id bigint) RETURNS text LANGUAGE sql AS $$
	SELECT string_agg(concat_ws(' ', milestone_no || ':', state, held, released, review_due_at), ', ' ORDER BY milestone_no)
	FROM refund.milestone_status WHERE contract_id = id
$$;
-- its events after the first six, which contract() makes
CREATE FUNCTION pg_temp.events(id bigint) RETURNS TABLE (event_no integer, actor text, party refund.party, event refund.event_kind,
	amount numeric, at timestamptz, effective_at timestamptz, due_at timestamptz, reference text, statement text) LANGUAGE sql AS $$
	SELECT event_no, actor, party, event, amount, at, effective_at, due_at, reference, statement
	FROM refund.case_timeline WHERE contract_id = id AND event_no > 5 ORDER BY event_no
$$;

-- Monday
SELECT name FROM refund.create_test_clock('review', '2026-03-02 09:00+00');
\pset tuples_only on


-- ---- open, submitted, paid ----

SELECT pg_temp.contract(21000, 'review', 'agency'), pg_temp.milestones(21000);
-- the row that comes back is the view's; 14 days
SELECT pg_temp.call($$submit_work(21000, 'freelancer', 1, 'It is done.')$$);
SELECT pg_temp.milestones(21000);
-- once at a time, and either of the freelancer's side
SELECT pg_temp.refused($$SELECT refund.submit_work(21000, 'freelancer', 1)$$);
SELECT pg_temp.refused($$SELECT refund.submit_work(21000, 'agency', 1, 'again')$$);
SELECT pg_temp.call($$submit_work(21000, 'agency', 2)$$);
-- changes: back to open, and the next submission has a fresh window
SELECT now FROM refund.advance_test_clock('review', '3 days 1:30');
SELECT pg_temp.call($$request_changes(21000, 'client', 1, 'The colours are wrong.')$$);
SELECT pg_temp.refused($$SELECT refund.request_changes(21000, 'client', 1, 'again')$$);
SELECT now FROM refund.advance_test_clock('review', '1 day');
SELECT pg_temp.call($$submit_work(21000, 'freelancer', 1, 'Now it is.')$$);
-- the old window's end does nothing to the new one; milestone 2's does
SELECT now FROM refund.advance_test_clock('review', '10 days');
SELECT pg_temp.milestones(21000);
SELECT now FROM refund.advance_test_clock('review', '4 days');
SELECT pg_temp.milestones(21000);
\pset tuples_only off
SELECT * FROM pg_temp.events(21000);
SELECT deposit_no, held, released FROM refund.deposit_status WHERE contract_id = 21000 ORDER BY 1;
SELECT debit, credit, amount, deposit_no, milestone_no FROM refund.transfer WHERE contract_id = 21000 ORDER BY event_no, ordinal;
SELECT kind, description, amount, balance FROM refund.transaction_history WHERE contract_id = 21000 ORDER BY line_no;
SELECT state, held, released, refunded, request_state, due_at FROM refund.contract_status WHERE contract_id = 21000;
\pset tuples_only on
-- nothing is left: no request
SELECT pg_temp.call($$end_contract(21000, 'client')$$);


-- ---- what ends a review: each of them, in the same transaction ----

CREATE TEMP TABLE ending (id bigint GENERATED ALWAYS AS IDENTITY (START 21010), verb text);
INSERT INTO ending (verb) VALUES
	($$release_payment(%s, 'client', 1, '0.01 USD')$$),
	($$release_payment(%s, 'client', 1, '299.99 USD')$$),
	($$release_payment(%s, 'client', 1, '300.00 USD')$$),
	($$release_milestone(%s, 'client', 1)$$),
	($$request_changes(%s, 'client', 1, 'no')$$),
	($$move_leftover(%s, 'client', 1, 3, '0.01 USD')$$),
	($$move_leftover(%s, 'client', 1, 3, '300.00 USD')$$),
	($$end_contract(%s, 'client')$$),
	($$end_contract(%s, 'client', '300.00 USD')$$),
	($$end_contract(%s, 'client', '500.00 USD')$$),
	($$end_contract(%s, 'freelancer')$$),
	-- and what does not
	($$fund(%s, 'client', 3, '10.00 USD', 'card')$$),
	($$release_payment(%s, 'client', 2, '200.00 USD')$$),
	($$move_leftover(%s, 'client', 2, 3, '10.00 USD')$$),
	($$submit_work(%s, 'freelancer', 2)$$),
	($$place_hold(%s, 'operator', 'fraud', 'A look at it.')$$);
CREATE FUNCTION pg_temp.under_review(id bigint) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	PERFORM pg_temp.contract(id, 'review');
	PERFORM refund.add_milestone(id, 'client', 3, 'more', '300.00 USD');
	PERFORM refund.submit_work(id, 'freelancer', 1);
	RETURN pg_temp.milestones(id);
END $$;
SELECT DISTINCT pg_temp.under_review(id) FROM ending;
\pset tuples_only off
SELECT verb, pg_temp.call(format(verb, id)) LIKE '%BUT THE VIEW%' AS wrong, pg_temp.milestones(id) FROM ending ORDER BY id;
-- the clock has nothing to do in the contracts whose review ended
SELECT verb, c.next_due_at FROM ending JOIN refund.contract c ON c.contract_id = id ORDER BY id;
SELECT now FROM refund.advance_test_clock('review', '14 days');
SELECT id - 21010 AS verb, pg_temp.milestones(id), s.state, s.held, s.released, s.refunded, r.outcome
FROM ending JOIN refund.contract_status s ON s.contract_id = id LEFT JOIN refund.refund_request_status r ON r.contract_id = id ORDER BY id;
SELECT contract_id - 21010 AS verb, string_agg(event::text, ', ' ORDER BY event_no) FROM refund.case_timeline
WHERE contract_id BETWEEN 21010 AND 21029 AND party = 'clock' GROUP BY 1 ORDER BY 1;
\pset tuples_only on
SELECT lifted_by FROM refund.lift_hold(21025, 'operator', 1, 'Nothing.');


-- ---- money that comes into a submitted milestone is released with the rest ----

SELECT pg_temp.contract(21042, 'review');
SELECT milestone_no FROM refund.add_milestone(21042, 'client', 3, 'more', '100.00 USD');
SELECT held FROM refund.move_leftover(21042, 'client', 1, 3, '60.00 USD');
SELECT pg_temp.call($$submit_work(21042, 'freelancer', 3)$$);
SELECT held FROM refund.move_leftover(21042, 'client', 2, 3, '30.00 USD');
SELECT deposit_no FROM refund.fund(21042, 'client', 3, '10.00 USD', 'card');
SELECT pg_temp.milestones(21042);
SELECT now FROM refund.advance_test_clock('review', '14 days');
SELECT pg_temp.milestones(21042);
-- FIFO over the contract, whatever the milestone that was funded
SELECT debit, credit, amount, deposit_no, milestone_no FROM refund.transfer WHERE contract_id = 21042 AND credit = 'freelancer' ORDER BY event_no, ordinal;


-- ---- several at once, in order of due time ----

SELECT name FROM refund.create_test_clock('review order', '2026-03-02 09:00+00');
SELECT pg_temp.contract(21051, 'review order');
SELECT milestone_no FROM refund.add_milestone(21051, 'client', 3, 'third', '10.00 USD'), refund.fund(21051, 'client', 3, '10.00 USD', 'third');
SELECT review_due_at FROM refund.submit_work(21051, 'freelancer', 2);
SELECT now FROM refund.advance_test_clock('review order', '1 hour');
SELECT review_due_at FROM refund.submit_work(21051, 'freelancer', 3);
SELECT now FROM refund.advance_test_clock('review order', '1 hour');
SELECT review_due_at FROM refund.submit_work(21051, 'freelancer', 1);
-- the job is down, then back: the order is theirs; nobody is reminded of what is over
SELECT now FROM refund.advance_test_clock('review order', '30 days', false);
SELECT now FROM refund.advance_test_clock('review order', '0');
\pset tuples_only off
SELECT event, amount, at, effective_at FROM pg_temp.events(21051) WHERE party = 'clock';
SELECT milestone_no, deposit_no, amount FROM refund.transfer WHERE contract_id = 21051 AND credit = 'freelancer' ORDER BY event_no, ordinal;
-- the job is up: each at its own time, after its reminder
SELECT pg_temp.contract(21052, 'review order');
SELECT review_due_at FROM refund.submit_work(21052, 'freelancer', 2);
SELECT now FROM refund.advance_test_clock('review order', '1 hour');
SELECT review_due_at FROM refund.submit_work(21052, 'freelancer', 1);
SELECT now FROM refund.advance_test_clock('review order', '30 days');
SELECT event, amount, at, effective_at, reference FROM pg_temp.events(21052) WHERE party = 'clock';
SELECT e.event_no, e.milestone_no FROM refund.event e WHERE contract_id = 21052 AND party = 'clock' ORDER BY 1;
-- the client is told of the work and reminded of it; both of what silence did
SELECT person, template, at FROM refund.notification_inbox WHERE contract_id = 21052 AND template IN ('submit_work', 'reminder_due', 'review_expired') ORDER BY at, template, person;
\pset tuples_only on


-- ---- T03: one microsecond before, at and after; the job is down ----

SELECT name FROM refund.create_test_clock('review down', '2026-03-02 09:00+00');
SELECT count(pg_temp.contract(id, 'review down')) FROM generate_series(21060, 21071) id;
SELECT DISTINCT review_due_at FROM generate_series(21060, 21071) id, refund.submit_work(id, 'freelancer', 1, idempotency_key => 'work');
SELECT now FROM refund.advance_test_clock('review down', '0.000001 seconds', false);
SELECT review_due_at FROM refund.submit_work(21071, 'freelancer', 2);
SELECT now FROM refund.advance_test_clock('review down', '13 days 23:59:59.999998', false);
SELECT pg_temp.call($$request_changes(21060, 'client', 1, 'In time.')$$);
SELECT pg_temp.call($$release_payment(21061, 'client', 1, '100.00 USD')$$);
SELECT now FROM refund.advance_test_clock('review down', '0.000001 seconds', false);
-- at due_at: the client is too late, and says no word
SELECT pg_temp.refused($$SELECT refund.request_changes(21062, 'client', 1, 'Late.')$$);
SELECT pg_temp.milestones(21062);
-- what is due comes first, then the verb: each is judged in the new state
SELECT pg_temp.refused($$SELECT refund.release_payment(21062, 'client', 1, '100.00 USD')$$);
SELECT pg_temp.refused($$SELECT refund.release_milestone(21062, 'client', 1)$$);
SELECT pg_temp.refused($$SELECT refund.move_leftover(21062, 'client', 1, 2, '100.00 USD')$$);
SELECT pg_temp.refused($$SELECT refund.submit_work(21062, 'freelancer', 1)$$);
-- the end by either side, and a hold, come too late for it; what is not due yet stays open
SELECT pg_temp.call($$end_contract(21063, 'freelancer')$$);
SELECT pg_temp.milestones(21063);
SELECT payment_no, deposit_no, source, amount FROM refund.refund_payment_status WHERE contract_id = 21063;
SELECT pg_temp.call($$end_contract(21064, 'client')$$);
SELECT pg_temp.call($$release_milestone(21065, 'client', 2)$$);
SELECT pg_temp.milestones(21065);
SELECT pg_temp.call($$submit_work(21066, 'freelancer', 2)$$);
SELECT pg_temp.call($$place_hold(21067, 'operator', 'legal', 'Due first.')$$);
SELECT pg_temp.milestones(21067);
-- one is over, the other ends a microsecond later
SELECT pg_temp.refused($$SELECT refund.request_changes(21071, 'client', 1, 'Late.')$$);
SELECT pg_temp.call($$request_changes(21071, 'client', 2, 'In time.')$$);
SELECT pg_temp.milestones(21071);
\pset tuples_only off
SELECT contract_id, event, party, amount, at, effective_at FROM refund.case_timeline WHERE contract_id BETWEEN 21062 AND 21067 AND event_no > 6 ORDER BY contract_id, event_no;
\pset tuples_only on
SELECT now FROM refund.advance_test_clock('review down', '0.000001 seconds', false);
SELECT pg_temp.refused($$SELECT refund.request_changes(21068, 'client', 1, 'Late.')$$);
-- the job comes back days later: effective then, recorded now
SELECT now FROM refund.advance_test_clock('review down', '30 days', false);
SELECT pg_temp.refused($$SELECT refund.request_changes(21069, 'client', 1, 'Late.')$$);
SELECT now FROM refund.advance_test_clock('review down', '0');
SELECT event, amount, at, effective_at FROM pg_temp.events(21070) WHERE party = 'clock';
-- whoever applied it: the same answer
SELECT pg_temp.refused($$SELECT refund.request_changes(21070, 'client', 1, 'Late.')$$);
SELECT pg_temp.refused($$SELECT refund.request_changes(21065, 'client', 1, 'Late.')$$);
-- a replay passes the deadline
SELECT pg_temp.call($$submit_work(21070, 'freelancer', 1, idempotency_key => 'work')$$);
SELECT pg_temp.refused($$SELECT refund.submit_work(21070, 'freelancer', 2, idempotency_key => 'work')$$);
-- nothing was submitted since: not late, but unknown to the state
SELECT pg_temp.refused($$SELECT refund.request_changes(21061, 'client', 1, 'Nothing here.')$$);
SELECT pg_temp.refused($$SELECT refund.request_changes(21062, 'client', 2, 'Nothing here.')$$);

-- the job is up: the reminder a day before, the release at the end
SELECT name FROM refund.create_test_clock('review up', '2026-03-02 09:00+00');
SELECT count(pg_temp.contract(id, 'review up')) FROM generate_series(21080, 21083) id;
SELECT DISTINCT review_due_at FROM generate_series(21080, 21083) id, refund.submit_work(id, 'freelancer', 1);
SELECT now FROM refund.advance_test_clock('review up', '12 days 23:59:59.999999');
SELECT count(*) FROM refund.case_timeline WHERE contract_id BETWEEN 21080 AND 21083 AND party = 'clock';
SELECT now FROM refund.advance_test_clock('review up', '0.000001 seconds');
SELECT event, reference, at FROM pg_temp.events(21080) WHERE party = 'clock';
SELECT now FROM refund.advance_test_clock('review up', '23:59:59.999999');
SELECT pg_temp.call($$request_changes(21081, 'client', 1, 'In time.')$$);
SELECT now FROM refund.advance_test_clock('review up', '0.000001 seconds');
SELECT pg_temp.milestones(21080), pg_temp.milestones(21081);
SELECT pg_temp.refused($$SELECT refund.request_changes(21080, 'client', 1, 'Late.')$$);
-- late, until there is work again: priced higher, funded again
SELECT milestone_no FROM refund.add_milestone(21082, 'client', 3, 'more', '20.00 USD'), refund.fund(21082, 'client', 3, '10.00 USD', 'card');
SELECT state FROM refund.submit_work(21082, 'freelancer', 3);
SELECT now FROM refund.advance_test_clock('review up', '14 days');
SELECT deposit_no FROM refund.fund(21082, 'client', 3, '10.00 USD', 'card');
SELECT state FROM refund.submit_work(21082, 'freelancer', 3);
SELECT state FROM refund.request_changes(21082, 'client', 3, 'no');
SELECT pg_temp.refused($$SELECT refund.request_changes(21082, 'client', 3, 'no')$$);
SELECT pg_temp.milestones(21082);


-- ---- the end of the contract ----

-- the freelancer ends while work is under review: all of it goes back, at once, for good
SELECT name FROM refund.create_test_clock('review end', '2026-03-02 09:00+00');
SELECT count(pg_temp.contract(id, 'review end')) FROM generate_series(21090, 21091) id;
SELECT count(refund.submit_work(id, 'freelancer', m)) FROM generate_series(21090, 21091) id, generate_series(1, 2) m;
SELECT pg_temp.call($$end_contract(21090, 'freelancer')$$);
SELECT pg_temp.milestones(21090);
-- the client ends: what is under review is at stake with the rest
SELECT pg_temp.call($$end_contract(21091, 'client', '320.00 USD')$$);
SELECT pg_temp.milestones(21091);
SELECT pg_temp.refused($$SELECT refund.request_changes(21091, 'client', 2, 'no')$$);
SELECT pg_temp.refused($$SELECT refund.submit_work(21091, 'freelancer', 2)$$);
SELECT pg_temp.refused($$SELECT refund.submit_work(21090, 'freelancer', 2)$$);
SELECT now FROM refund.advance_test_clock('review end', '30 days');
SELECT event, amount, at FROM refund.case_timeline WHERE contract_id BETWEEN 21090 AND 21091 AND party = 'clock' ORDER BY contract_id, event_no;
SELECT outcome, to_freelancer, to_client FROM refund.refund_request_status WHERE contract_id = 21091;
-- at due_at, and nobody has recorded it: the end finds the work paid
SELECT pg_temp.contract(21093, 'review end');
SELECT review_due_at FROM refund.submit_work(21093, 'freelancer', 2);
SELECT now FROM refund.advance_test_clock('review end', '14 days', false);
SELECT pg_temp.refused($$SELECT refund.end_contract(21093, 'client', '300.01 USD')$$);
SELECT pg_temp.call($$end_contract(21093, 'client', '300.00 USD')$$);
SELECT pg_temp.milestones(21093);


-- ---- refusals ----

SELECT name FROM refund.create_test_clock('review no', '2026-03-02 09:00+00');
SELECT count(pg_temp.contract(id, 'review no')) FROM generate_series(21100, 21101) id;
SELECT milestone_no FROM refund.add_milestone(21100, 'client', 3, 'unfunded', '10.00 USD');
-- A16: what is missing is named
SELECT pg_temp.refused($$SELECT refund.submit_work(NULL, 'freelancer', 1)$$);
SELECT pg_temp.refused($$SELECT refund.submit_work(21100, NULL, 1)$$);
SELECT pg_temp.refused($$SELECT refund.submit_work(21100, 'freelancer', NULL)$$);
SELECT pg_temp.refused($$SELECT refund.request_changes(21100, 'client', 1, NULL)$$);
-- A01, A02: the other side, a stranger, no such contract or milestone
SELECT pg_temp.refused($$SELECT refund.submit_work(21100, 'client', 1)$$);
SELECT pg_temp.refused($$SELECT refund.request_changes(21100, 'freelancer', 1, 'no')$$);
SELECT pg_temp.refused($$SELECT refund.submit_work(21100, 'stranger', 1)$$);
SELECT pg_temp.refused($$SELECT refund.request_changes(21100, 'stranger', 1, 'no')$$);
SELECT pg_temp.refused($$SELECT refund.submit_work(21999, 'freelancer', 1)$$);
SELECT pg_temp.refused($$SELECT refund.submit_work(21100, 'freelancer', 4)$$);
SELECT pg_temp.refused($$SELECT refund.request_changes(21100, 'client', 4, 'no')$$);
-- nothing is held, nothing is under review
SELECT pg_temp.refused($$SELECT refund.submit_work(21100, 'freelancer', 3)$$);
SELECT pg_temp.refused($$SELECT refund.request_changes(21100, 'client', 1, 'no')$$);
SELECT held FROM refund.release_milestone(21100, 'client', 2);
SELECT pg_temp.refused($$SELECT refund.submit_work(21100, 'freelancer', 2)$$);
SELECT pg_temp.refused($$SELECT refund.request_changes(21100, 'client', 2, 'no')$$);
-- words that show nothing
SELECT pg_temp.refused($$SELECT refund.submit_work(21100, 'freelancer', 1, ' ')$$);
SELECT state FROM refund.submit_work(21100, 'freelancer', 1, NULL, 'key');
SELECT pg_temp.refused($$SELECT refund.request_changes(21100, 'client', 1, E' \t\n')$$);
-- A11: the same key
SELECT pg_temp.call($$submit_work(21100, 'freelancer', 1, NULL, 'key')$$);
SELECT pg_temp.refused($$SELECT refund.submit_work(21100, 'freelancer', 1, 'other words', 'key')$$);
SELECT state FROM refund.request_changes(21100, 'client', 1, 'no', 'key');
SELECT pg_temp.call($$request_changes(21100, 'client', 1, 'no', 'key')$$);
SELECT pg_temp.refused($$SELECT refund.release_milestone(21100, 'client', 1, 'key')$$);
-- the replay of the submission shows what became of it
SELECT pg_temp.call($$submit_work(21100, 'freelancer', 1, NULL, 'key')$$);
-- an hourly contract holds nothing
SELECT state FROM refund.create_contract(21102, 'client', 'freelancer', 'USD', 'hourly', test_clock => 'review no');
SELECT milestone_no FROM refund.add_milestone(21102, 'client', 1, 'hours', '10.00 USD');
SELECT pg_temp.refused($$SELECT refund.submit_work(21102, 'freelancer', 1)$$);
-- who may do what
SELECT verb, party FROM refund.allowed_actions(21101, 'freelancer') WHERE verb IN ('submit_work', 'request_changes');
SELECT state FROM refund.submit_work(21101, 'freelancer', 1);
SELECT verb, party FROM refund.allowed_actions(21101, 'client') WHERE verb IN ('submit_work', 'request_changes');
SELECT state FROM refund.submit_work(21101, 'freelancer', 2);
SELECT verb, party FROM refund.allowed_actions(21101, 'freelancer') WHERE verb IN ('submit_work', 'request_changes');


-- ---- the policy's window in the policy's zone (T04) ----

BEGIN;
SELECT refund.set_holidays('review', '{2026-03-30}');
SELECT refund.add_policy('review', '{"review_window": "2 business days", "zone": "Europe/Berlin", "calendar": "review"}');
-- Friday before summer time begins; Monday is off: Wednesday, an hour earlier in UTC
SELECT name FROM refund.create_test_clock('review zone', '2026-03-27 15:00+00');
SELECT pg_temp.contract(21110, 'review zone', policy => 'review');
SELECT review_due_at, review_due_at AT TIME ZONE 'Europe/Berlin' FROM refund.submit_work(21110, 'freelancer', 1);
SELECT refund.add_policy('review', '{"review_window": "90 minutes", "reminder_before": "10 minutes"}');
SELECT pg_temp.contract(21111, 'review zone', policy => 'review');
SELECT review_due_at FROM refund.submit_work(21111, 'freelancer', 1);
SELECT now FROM refund.advance_test_clock('review zone', '90 minutes');
SELECT event, at FROM pg_temp.events(21111) WHERE party = 'clock';
SET CONSTRAINTS ALL IMMEDIATE;
SELECT * FROM refund.verify_all();
ROLLBACK;


-- ---- 30 at once ----

SELECT state FROM refund.create_contract(21120, 'client', 'freelancer', 'JPY', test_clock => 'review no');
SELECT count(refund.add_milestone(21120, 'client', m, 'm', '10 JPY')), count(refund.fund(21120, 'client', m, '10 JPY', 'card')),
	count(refund.submit_work(21120, 'freelancer', m)) FROM generate_series(1, 30) m;
SELECT now FROM refund.advance_test_clock('review no', '14 days', false);
-- one verb applies them all, in order of number where the times are equal
SELECT held, released FROM refund.end_contract(21120, 'client');
SELECT array_agg(e.milestone_no ORDER BY event_no), count(*), refund.sum(e.amount) FROM refund.event e WHERE contract_id = 21120 AND kind = 'review_expired';

SELECT * FROM refund.verify_all();
SELECT count(refund.drop_test_clock(name)) FROM refund.test_clock WHERE name LIKE 'review%';
SELECT count(*) FROM refund.contract WHERE contract_id BETWEEN 21000 AND 21999;
