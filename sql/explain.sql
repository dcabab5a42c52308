-- explain(), forecast() and error_codes(): why a contract is where it is, where silence
-- leads it, and what the errors mean (process.md §9; interface.md, "Errors").
-- Contracts 27000 to 27999.
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

-- what explain() says, line by line
CREATE FUNCTION pg_temp.words(id bigint) RETURNS TABLE (line_no integer, text text) LANGUAGE sql AS $$
	SELECT e.line_no, e.text FROM refund.explain(id) e ORDER BY 1
$$;
-- the path of silence, a step a line
CREATE FUNCTION pg_temp.path(id bigint) RETURNS SETOF text LANGUAGE sql AS $$
	SELECT concat_ws(' ', f.step_no, f.at, f.event, f.state, f.to_freelancer, f.to_client, f.currency) FROM refund.forecast(id) f ORDER BY f.step_no
$$;
INSERT INTO step VALUES
	('hold', $$place_hold(%1$s, 'operator', 'legal', 'A court asks.')$$),
	('lift', $$lift_hold(%1$s, 'operator', 1, 'It asks no more.')$$),
	('submit 1', $$submit_work(%1$s, 'freelancer', 1)$$),
	('submit 2', $$submit_work(%1$s, 'freelancer', 2)$$),
	('extend', $$extend_deadline(%1$s, 'operator', '3 days', 'The post is slow.')$$),
	('lose 1', $$report_reversal(%1$s, 'operator', 1, 'chargeback', 'lost', '300 %2$s', 'one')$$),
	('lose 2', $$report_reversal(%1$s, 'operator', 2, 'chargeback', 'lost', '200 %2$s', 'two')$$);


-- ---- an active contract ----

SELECT name FROM refund.create_test_clock('explain', '2026-03-02 09:00+00');
SELECT pg_temp.contract(27000, 'explain');
SELECT * FROM pg_temp.words(27000);
SELECT pg_temp.path(27000);
-- an end without a request, and nothing but a contract
SELECT state FROM refund.create_contract(27001, 'client', 'freelancer', 'JPY', test_clock => 'explain');
SELECT * FROM pg_temp.words(27001);
SELECT state FROM refund.end_contract(27001, 'freelancer');
SELECT * FROM pg_temp.words(27001);
SELECT pg_temp.path(27001);
-- a live contract; its policy has a version of its own
BEGIN;
SELECT refund.add_policy('explain', '{"refund_response": "3 days"}');
SELECT refund.add_policy('explain', '{"refund_response": "4 days"}');
SELECT state FROM refund.create_contract(27002, 'client', 'freelancer', 'BHD', policy => 'explain');
SELECT line_no, text, facts FROM refund.explain(27002);
ROLLBACK;

-- under review: the milestones in order of their number, the path in order of time
SELECT pg_temp.walk(27000, 'submit 2', '+1 day', 'submit 1');
SELECT line_no, text, facts FROM refund.explain(27000);
SELECT pg_temp.path(27000);
-- half of it is released before: its window ends, the other one goes on
SELECT held FROM refund.release_payment(27000, 'client', 2, '80.00 USD');
SELECT * FROM pg_temp.words(27000);
SELECT pg_temp.path(27000);
-- on hold there is no path
SELECT pg_temp.walk(27000, 'hold');
SELECT line_no, text, facts FROM refund.explain(27000) WHERE line_no < 3;
SELECT pg_temp.path(27000);
-- nor does silence release anything then
SELECT count(*) FROM refund.explain(27000) WHERE text LIKE '%silence%' OR facts ? 'due_at';
SELECT pg_temp.walk(27000, '+20 days', 'lift');
SELECT * FROM pg_temp.words(27000);
SELECT pg_temp.path(27000);


-- ---- every state of a request: words, facts, path ----

CREATE TEMP TABLE stage (id bigint GENERATED ALWAYS AS IDENTITY (START 27101), state text, steps text[]);
INSERT INTO stage (state, steps) SELECT state, steps FROM way ORDER BY way.state;
INSERT INTO stage (state, steps) VALUES
	-- the mediator was silent; only one has joined; the mediator had nothing to propose before the award's limit
	('unresolved', '{dispute,decline,+30 days}'),
	('unresolved', '{dispute,decline,propose,+2 days}'),
	('unresolved', '{dispute,decline,propose,client rejects,client joins}'),
	('unresolved', '{dispute,decline,propose,client rejects,freelancer joins}'),
	('in_arbitration', '{dispute,decline,+30 days,client joins,freelancer joins}'),
	('proposed', '{dispute,decline,propose,client accepts}');
SELECT DISTINCT r FROM stage s, refund.create_test_clock('explain ' || s.id, '2026-03-02 09:00+00') c, pg_temp.ended(s.id, c.name) r;
SELECT s.id FROM stage s WHERE pg_temp.walk(s.id, VARIADIC s.steps) IS DISTINCT FROM s.state;
SELECT s.id, s.steps, e.line_no, e.text FROM stage s, pg_temp.words(s.id) e ORDER BY s.id, e.line_no;
SELECT s.id, e.line_no, e.facts FROM stage s, refund.explain(s.id) e WHERE e.line_no > 1 ORDER BY s.id, e.line_no;
SELECT s.id, s.state, p AS path FROM stage s, pg_temp.path(s.id) p ORDER BY s.id;
-- each line says no more and no less than the views
SELECT s.id, e.line_no, e.text FROM stage s, refund.refund_request_status r, refund.whose_turn t, refund.explain(s.id) e
WHERE r.contract_id = s.id AND t.contract_id = s.id AND CASE e.line_no
	WHEN 2 THEN (e.facts->>'state', e.facts->>'at_stake') IS DISTINCT FROM (r.effective_state::text, r.at_stake || ' USD')
	WHEN 3 THEN (e.facts->>'due_at')::timestamptz <> r.due_at OR coalesce(e.facts->>'outcome', e.facts->>'state') <> t.on_silence
		OR (e.facts->>'to_freelancer', e.facts->>'to_client') IS DISTINCT FROM (t.silence_to_freelancer || ' USD', t.silence_to_client || ' USD') END;

-- the forecast comes true: the clock walks it step by step when nobody acts, at the
-- instants and to the split that were said
CREATE TEMP TABLE said AS SELECT s.id, c.event_no, f.* FROM stage s JOIN refund.contract c ON c.contract_id = s.id, refund.forecast(s.id) f;
SELECT count(*) FROM said;
SELECT count(refund.advance_test_clock('explain ' || id, '300 days')) FROM stage;
SELECT id, at, event FROM said EXCEPT SELECT e.contract_id, e.effective_at, e.event FROM refund.case_timeline e;
SELECT e.contract_id, e.effective_at, e.event FROM refund.case_timeline e JOIN stage s ON s.id = e.contract_id
WHERE e.party = 'clock' AND e.event NOT IN ('reminder_due', 'target_missed') AND e.event_no > (SELECT min(b.event_no) FROM said b WHERE b.id = s.id)
EXCEPT SELECT id, at, event FROM said;
SELECT s.id, s.to_freelancer, s.to_client FROM said s JOIN refund.refund_request_status r ON r.contract_id = s.id WHERE s.state = 'settled'
AND (s.to_freelancer, s.to_client, s.currency) IS DISTINCT FROM (r.to_freelancer, r.to_client, r.currency);
SELECT count(*) FROM refund.refund_request_status r JOIN stage s ON s.id = r.contract_id WHERE r.state = 'settled';
-- at the end of it nothing more is to come
SELECT count(f) FROM stage s, refund.forecast(s.id) f;


-- ---- settled, by each kind of outcome ----

CREATE TEMP TABLE settled (id bigint GENERATED ALWAYS AS IDENTITY (START 27201), outcome refund.outcome, steps text[]);
INSERT INTO settled (outcome, steps) VALUES
	('approved', '{approve}'), ('approved_by_silence', '{+7 days}'), ('paid_in_full', '{pay}'),
	('conceded', '{dispute,concede}'), ('conceded_by_silence', '{dispute,+5 days}'), ('dispute_withdrawn', '{dispute,withdraw}'),
	('resolution_accepted', '{dispute,decline,propose,client accepts,freelancer accepts}'),
	('arbitration_waived', '{dispute,decline,propose,client rejects,+7 days}'),
	('arbitration_default', '{dispute,decline,propose,client rejects,freelancer joins,+7 days}'),
	('arbitration_award', '{dispute,decline,propose,client rejects,client joins,freelancer joins,award}'),
	('mutual_settlement', '{client offers,freelancer offers}'),
	('mutual_settlement', '{client offers,freelancer agrees}'),
	('arbitration_lapsed', '{dispute,decline,propose,client rejects,client joins,freelancer joins,+90 days}'),
	('exhausted', '{lose 1,lose 2}');
SELECT DISTINCT r FROM settled s, refund.create_test_clock('explain ' || s.id, '2026-03-02 09:00+00') c, pg_temp.ended(s.id, c.name) r;
SELECT DISTINCT pg_temp.walk(id, VARIADIC steps) FROM settled;
SELECT s.id FROM settled s JOIN refund.refund_request_status r ON r.contract_id = s.id WHERE r.outcome <> s.outcome;
-- no outcome is left out
SELECT unnest(enum_range(NULL::refund.outcome)) EXCEPT SELECT outcome FROM settled;
SELECT s.id, e.text FROM settled s, pg_temp.words(s.id) e WHERE e.line_no = 2 ORDER BY s.id;
SELECT s.id, e.facts FROM settled s, refund.explain(s.id) e WHERE e.line_no = 2 ORDER BY s.id;
SELECT count(*) FROM settled s, refund.explain(s.id) e WHERE e.line_no > 2;
-- the rule is the row of the table
SELECT s.id, e.facts->>'rule' FROM settled s, refund.explain(s.id) e WHERE e.line_no = 2 AND NOT EXISTS
	(SELECT FROM refund.transitions() t WHERE t.rule = (e.facts->>'rule')::integer AND t.event::text = e.facts->>'event' AND t.outcome = s.outcome);
SELECT count(f) FROM settled s, refund.forecast(s.id) f;


-- ---- holds and extensions ----

SELECT r FROM refund.create_test_clock('explain hold', '2026-03-02 09:00+00') c, pg_temp.ended(27300, c.name) r;
SELECT pg_temp.walk(27300, 'dispute', '+1 day', 'hold', '+1 day');
SELECT line_no, text, facts FROM refund.explain(27300);
SELECT hold_no FROM refund.place_hold(27300, 'operator', 'fraud', 'It looks odd.');
SELECT line_no, text, facts FROM refund.explain(27300);
-- the windows are over, and nothing is due; why it is on hold is nobody's business here
SELECT pg_temp.walk(27300, '+30 days');
SELECT * FROM pg_temp.words(27300);
SELECT count(*) FROM refund.explain(27300) e WHERE e.text || e.facts ~ 'court|odd|legal|fraud';
SELECT pg_temp.path(27300);
SELECT stands FROM refund.lift_hold(27300, 'operator', 2, 'It was not.');
SELECT pg_temp.path(27300);
SELECT pg_temp.walk(27300, 'lift');
SELECT * FROM pg_temp.words(27300);
SELECT pg_temp.path(27300);
SELECT pg_temp.walk(27300, 'extend');
SELECT * FROM pg_temp.words(27300);
SELECT pg_temp.path(27300);
-- a settled case can be on hold, for its payments
SELECT pg_temp.walk(27300, 'concede');
SELECT kind, stands FROM refund.place_hold(27300, 'operator', 'sanctions', 'A list has the name.');
SELECT * FROM pg_temp.words(27300);
SELECT pg_temp.path(27300);


-- ---- units and calendars: one jump is as long as the day it starts on makes it ----

-- business days over a weekend and two holidays; the third of them is a Sunday
SELECT refund.set_holidays('explain', '{2026-03-09,2026-03-10,2026-03-15}');
SELECT refund.add_policy('explain', '{"calendar": "explain", "zone": "America/New_York", "refund_response": "3 business days", "resolution_limit": "10 business days", "resolution_target": "1 business day",
	"resolution_response": "48 hours", "arbitration_window": "4 business days", "arbitration_fee": []}');
-- Thursday evening in UTC, still Thursday in New York; in the night to Sunday its clocks go forward
SELECT r FROM refund.create_test_clock('explain days', '2026-03-05 22:30+00') c, pg_temp.ended(27400, c.name, NULL, 'explain') r;
SELECT pg_temp.path(27400);
SELECT pg_temp.walk(27400, 'dispute', 'decline');
SELECT pg_temp.path(27400);
SELECT pg_temp.walk(27400, 'propose');
SELECT pg_temp.path(27400);
-- what was said is said again after some of it, and it comes true
SELECT pg_temp.walk(27400, '+3 days');
SELECT pg_temp.path(27400);
SELECT pg_temp.walk(27400, '+30 days');
SELECT outcome, effective_at FROM refund.refund_request_status WHERE contract_id = 27400;
-- whatever the session's zone is
SET TimeZone = 'Asia/Kathmandu';
SELECT text, facts FROM refund.explain(27101) WHERE line_no = 2;
RESET TimeZone;
SET TimeZone = 'UTC';


-- ---- the job is down: reads say what holds, whoever has recorded it (process.md §5) ----

SELECT r FROM refund.create_test_clock('explain late', '2026-03-02 09:00+00') c, pg_temp.ended(27500, c.name) r;
SELECT pg_temp.walk(27500, 'dispute', 'decline', '~31 days');
SELECT state, effective_state FROM refund.refund_request_status WHERE contract_id = 27500;
-- the clock's next window opens when it is recorded, which is not before now
SELECT pg_temp.path(27500);
SELECT e.facts->>'state' AS state FROM refund.explain(27500) e WHERE line_no = 2;
SELECT pg_temp.walk(27500, '+0 days');
SELECT pg_temp.path(27500);
SELECT e.facts->>'state' AS state FROM refund.explain(27500) e WHERE line_no = 2;


-- ---- what is refused; who may ask ----

SELECT left(r, 34) AS refused, r LIKE '%""%' AS names_nobody FROM pg_temp.refused('SELECT * FROM refund.explain(27999)') r;
SELECT left(r, 34) AS refused, r LIKE '%""%' AS names_nobody FROM pg_temp.refused('SELECT * FROM refund.forecast(27999)') r;
SELECT pg_temp.refused('SELECT * FROM refund.explain(NULL)');
SELECT pg_temp.refused('SELECT * FROM refund.forecast(NULL)');
-- they read and write nothing (S01)
BEGIN READ ONLY;
SELECT count(*) > 0 FROM refund.contract c, refund.explain(c.contract_id) WHERE c.contract_id BETWEEN 27000 AND 27999;
SELECT count(f) FROM refund.contract c, refund.forecast(c.contract_id) f WHERE c.contract_id BETWEEN 27000 AND 27999;
COMMIT;


-- ---- error_codes(): the table of interface.md ----

CREATE TEMP TABLE wanted (code text, name text);
INSERT INTO wanted VALUES
	('RF001', 'illegal_transition'), ('RF002', 'wrong_party'), ('RF003', 'currency_mismatch'), ('RF004', 'amount_out_of_range'),
	('RF005', 'deadline_passed'), ('RF006', 'not_refundable'), ('RF007', 'idempotency_conflict'), ('RF008', 'on_hold'),
	('RF009', 'contract_ended / contract_active'), ('RF010', 'statement_missing / evidence_invalid'), ('RF011', 'conflict_of_interest'), ('RF012', 'append_only'),
	('RF013', 'conservation_violated'), ('RF014', 'unknown'), ('RF015', 'invalid_policy'), ('RF016', 'not_active'),
	('RF017', 'stale_offer'), ('RF018', 'limit_reached');
-- RF000 is no error
SELECT w.*, c.* FROM wanted w FULL JOIN refund.error_codes() c USING (code) WHERE c.name IS DISTINCT FROM w.name;
SELECT * FROM refund.error_codes();
SELECT count(*) FROM refund.error_codes() WHERE "when" !~ '\S';
-- everybody may look a code up
SELECT has_function_privilege('public', 'refund.error_codes()', 'EXECUTE') AS "everybody", has_function_privilege('public', 'refund.explain(bigint)', 'EXECUTE') AS explain,
	has_function_privilege('public', 'refund.forecast(bigint)', 'EXECUTE') AS forecast;

SELECT * FROM refund.verify_all();
SELECT count(refund.drop_test_clock(name)) FROM refund.test_clock WHERE name LIKE 'explain%';
SELECT count(*) FROM refund.contract WHERE contract_id BETWEEN 27000 AND 27999;
