-- The analysts' fact table: a case for each outcome, at known instants, and every column
-- of it checked (interface.md, "Views"); time on hold is no time in a state.
-- Contracts 24000 to 24999.
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

INSERT INTO step VALUES
	('assign mediator', $$assign_case(%1$s, 'operator', 'mediator')$$),
	('hold', $$place_hold(%1$s, 'operator', 'legal', 'A court asks.')$$),
	('hold too', $$place_hold(%1$s, 'operator', 'fraud', 'It looks odd.')$$),
	('lift 1', $$lift_hold(%1$s, 'operator', 1, 'It asks no more.')$$),
	('lift 2', $$lift_hold(%1$s, 'operator', 2, 'It was not.')$$),
	('extend', $$extend_deadline(%1$s, 'operator', '3 days', 'The post is slow.')$$),
	('open', $$report_reversal(%1$s, 'operator', 2, 'chargeback', 'opened', '50 %2$s', 'one')$$),
	('win', $$report_reversal(%1$s, 'operator', 2, 'chargeback', 'won', '50 %2$s', 'one')$$),
	('lose 1', $$report_reversal(%1$s, 'operator', 1, 'chargeback', 'lost', '300 %2$s', 'two')$$),
	('lose 2', $$report_reversal(%1$s, 'operator', 2, 'chargeback', 'lost', '200 %2$s', 'three')$$),
	('lose some', $$report_reversal(%1$s, 'operator', 2, 'chargeback', 'lost', '150 %2$s', 'four')$$),
	('submitted', $$report_refund_payment(%1$s, 'operator', 1, 'submitted', 'po 1')$$),
	('succeeded', $$report_refund_payment(%1$s, 'operator', 1, 'succeeded', 'po 1')$$),
	('give', $$give_refund(%1$s, 'freelancer', 1, '10 %2$s')$$);

-- each begins on Monday, 2 March, at 9
CREATE TEMP TABLE c (id bigint GENERATED ALWAYS AS IDENTITY (START 24001), outcome refund.outcome, steps text[]);
INSERT INTO c (outcome, steps) VALUES
	('approved', '{+1 day,approve}'),
	('approved_by_silence', '{+8 days}'),
	('paid_in_full', '{+2 hours,dispute,+3 hours,pay}'),
	('conceded', '{+2 hours,dispute,+3 hours,concede}'),
	('conceded_by_silence', '{+2 hours,dispute,+6 days}'),
	('dispute_withdrawn', '{+2 hours,dispute,+3 hours,decline,+4 hours,withdraw}'),
	('resolution_accepted', '{+2 hours,dispute,+3 hours,decline,+4 hours,propose,+5 hours,client accepts,+6 hours,freelancer accepts}'),
	('arbitration_waived', '{+2 hours,dispute,+3 hours,decline,+4 hours,propose,+5 hours,client rejects,+8 days}'),
	('arbitration_default', '{+2 hours,dispute,+3 hours,decline,+31 days,freelancer joins,+8 days}'),
	('arbitration_award', '{assign mediator,+2 hours,dispute,+3 hours,decline,+4 hours,propose,+3 days,client joins,+6 hours,freelancer joins,+7 hours,award,+1 hour,submitted,+1 day,succeeded,give}'),
	('mutual_settlement', '{+2 hours,dispute,client offers,+90 minutes,freelancer agrees}'),
	('arbitration_lapsed', '{+2 hours,dispute,+3 hours,decline,+4 hours,propose,+5 hours,freelancer rejects,client joins,freelancer joins,+91 days}'),
	('exhausted', '{+2 hours,dispute,+3 hours,lose 1,+4 hours,lose 2}');
-- nobody had the job running
INSERT INTO c (outcome, steps) VALUES
	('approved_by_silence', '{~20 days,+0 days}'),
	('arbitration_waived', '{dispute,decline,propose,~20 days,+0 days,+7 days}');
-- holds: one; two, of which one lies in the other; two in a row; over a change of state that none stops;
-- a reversal's; one that stands; one of the time after
INSERT INTO c (outcome, steps) VALUES
	('approved', '{+1 day,hold,+10 days,lift 1,+2 hours,approve}'),
	('approved', '{+1 day,hold,+1 day,hold too,+1 day,lift 2,+1 day,lift 1,+3 hours,approve}'),
	('approved', '{+1 day,hold,+1 day,hold too,+1 day,lift 1,+1 day,lift 2,+3 hours,approve}'),
	('conceded', '{+1 hour,hold,+1 day,lift 1,+1 hour,dispute,+2 hours,hold too,+2 days,lift 2,+3 hours,concede}'),
	('exhausted', '{+1 hour,hold,+1 day,lose 1,+1 day,lose 2,+1 day,lift 1}'),
	('conceded', '{+1 hour,open,+1 day,win,+1 hour,dispute,+3 hours,concede}'),
	('approved', '{+1 day,approve,+1 hour,hold,+5 days,lift 1}'),
	('conceded', '{+1 hour,dispute,+1 hour,lose some,+1 hour,extend,+7 days,concede}');
SELECT DISTINCT r FROM c, refund.create_test_clock('case ' || c.id, '2026-03-02 09:00+00') k, pg_temp.ended(c.id, k.name, CASE WHEN c.id % 2 = 0 THEN 'agency' END) r;
SELECT DISTINCT pg_temp.walk(id, VARIADIC steps) FROM c;
SELECT c.id, c.outcome, r.outcome FROM c LEFT JOIN refund.refund_case r ON r.contract_id = c.id WHERE r.outcome IS DISTINCT FROM c.outcome;
SELECT unnest(enum_range(NULL::refund.outcome)) EXCEPT SELECT outcome FROM c;


-- ---- every column ----

-- when each stage began; a settlement is there when it takes effect
SELECT contract_id AS id, outcome, opened_at, disputed_at, declined_at, proposed_at, unresolved_at, arbitration_at, settled_at FROM refund.refund_case WHERE contract_id BETWEEN 24000 AND 24999 ORDER BY 1;
-- how long it was in each state, in seconds without holds
SELECT contract_id AS id, state, trim_scale(seconds_requested) AS requested, trim_scale(seconds_disputed) AS disputed, trim_scale(seconds_in_review) AS in_review, trim_scale(seconds_proposed) AS proposed,
	trim_scale(seconds_unresolved) AS unresolved, trim_scale(seconds_in_arbitration) AS in_arbitration, trim_scale(seconds_on_hold) AS on_hold FROM refund.refund_case WHERE contract_id BETWEEN 24000 AND 24999 ORDER BY 1;
-- who was silent where; who answered
SELECT contract_id AS id, concat_ws(', ', CASE WHEN freelancer_silent THEN 'freelancer' END, CASE WHEN client_silent THEN 'client' END, CASE WHEN mediator_silent THEN 'mediator' END, CASE WHEN parties_silent THEN 'parties' END,
	CASE WHEN arbitrator_silent THEN 'arbitrator' END) AS silent, concat_ws(', ', CASE WHEN client_accepted THEN 'client accepted' END, CASE WHEN freelancer_accepted THEN 'freelancer accepted' END,
	CASE WHEN client_joined THEN 'client joined' END, CASE WHEN freelancer_joined THEN 'freelancer joined' END) AS answers, mediator, arbitrator
FROM refund.refund_case WHERE contract_id BETWEEN 24000 AND 24999 ORDER BY 1;
SELECT count(*) FROM refund.refund_case WHERE contract_id BETWEEN 24000 AND 24999 AND (freelancer_silent, client_silent, mediator_silent, parties_silent, arbitrator_silent) IS NULL;
-- the money
SELECT contract_id AS id, outcome, at_stake, disputed, proposed, awarded, to_freelancer, to_client, currency FROM refund.refund_case WHERE contract_id BETWEEN 24000 AND 24999 ORDER BY 1;
-- what it is
SELECT DISTINCT kind, policy, policy_version, state, is_test, count(*) FROM refund.refund_case WHERE contract_id BETWEEN 24000 AND 24999 GROUP BY 1, 2, 3, 4, 5;


-- ---- against the other views ----

-- from the first to the last, every second is in one of them
SELECT contract_id FROM refund.refund_case WHERE contract_id BETWEEN 24000 AND 24999
	AND extract(epoch FROM settled_at - opened_at) <> coalesce(seconds_requested, 0) + coalesce(seconds_disputed, 0) + coalesce(seconds_in_review, 0) + coalesce(seconds_proposed, 0)
		+ coalesce(seconds_unresolved, 0) + coalesce(seconds_in_arbitration, 0) + coalesce(seconds_on_hold, 0);
-- the time on hold is that of the holds, each instant once, up to the settlement
SELECT r.contract_id, r.seconds_on_hold, h.seconds FROM refund.refund_case r
LEFT JOIN (SELECT contract_id, sum(extract(epoch FROM upper(period) - lower(period))) AS seconds
	FROM (SELECT s.contract_id, unnest(range_agg(tstzrange(s.placed_at, least(s.lifted_at, c.settled_at)))) AS period
		FROM refund.hold_status s JOIN refund.refund_case c USING (contract_id) WHERE s.placed_at < c.settled_at GROUP BY 1) p GROUP BY 1) h USING (contract_id)
WHERE contract_id BETWEEN 24000 AND 24999 AND r.seconds_on_hold IS DISTINCT FROM h.seconds;
SELECT r.contract_id FROM refund.refund_case r JOIN refund.refund_request_status s USING (contract_id)
WHERE contract_id BETWEEN 24000 AND 24999 AND (r.state, r.outcome, r.at_stake, r.disputed, r.proposed, r.to_freelancer, r.to_client, r.currency, r.opened_at, r.settled_at, r.client_accepted, r.freelancer_accepted, r.client_joined, r.freelancer_joined, r.mediator, r.arbitrator, r.is_test)
	IS DISTINCT FROM (s.state, s.outcome, s.at_stake, s.disputed, s.proposed, s.to_freelancer, s.to_client, s.currency, s.opened_at, s.effective_at, s.client_accepted, s.freelancer_accepted, s.client_joined, s.freelancer_joined, s.mediator, s.arbitrator, s.is_test);
SELECT count(*) FROM refund.refund_case r FULL JOIN refund.refund_request_status s USING (contract_id) WHERE r.state IS NULL OR s.state IS NULL;


-- ---- requests that are open ----

CREATE TEMP TABLE o (id bigint GENERATED ALWAYS AS IDENTITY (START 24101), steps text[]);
INSERT INTO o (steps) VALUES ('{}'), ('{+6 days}'), ('{+1 day,dispute,+1 day,client offers}'), ('{+1 day,dispute,decline,+5 days}'), ('{+1 hour,hold,+1 day,hold too}'), ('{+1 hour,dispute,decline,+2 hours,hold,+1 day,lift 1}'), ('{~8 days}');
SELECT count(*) FROM o, refund.create_test_clock('case ' || o.id, '2026-03-02 09:00+00') k, pg_temp.ended(o.id, k.name) r;
SELECT id, steps, pg_temp.walk(id, VARIADIC steps) AS state FROM o ORDER BY id;
SELECT contract_id AS id, state, disputed_at, declined_at, settled_at, outcome, to_freelancer, to_client FROM refund.refund_case WHERE contract_id BETWEEN 24100 AND 24199 ORDER BY 1;
-- how long it will have been in its state nobody knows yet, whatever has happened meanwhile
SELECT contract_id AS id, state, CASE state WHEN 'requested' THEN seconds_requested WHEN 'disputed' THEN seconds_disputed WHEN 'in_review' THEN seconds_in_review END AS in_this_state FROM refund.refund_case
WHERE contract_id BETWEEN 24100 AND 24199 ORDER BY 1;
SELECT contract_id AS id, trim_scale(seconds_requested) AS requested FROM refund.refund_case WHERE contract_id BETWEEN 24100 AND 24199 AND state <> 'requested' ORDER BY 1;


-- ---- a review that is on hold is not late, and its target goes on with the clock ----

SELECT r FROM refund.create_test_clock('case 24150', '2026-03-02 09:00+00') k, pg_temp.ended(24150, k.name) r;
SELECT pg_temp.walk(24150, 'dispute', 'decline', '+1 day', 'hold', '+9 days');
SELECT count(*) FROM refund.overdue WHERE contract_id = 24150;
-- Thursday: one of two business days was left
SELECT pg_temp.walk(24150, 'lift 1', '+23 hours');
SELECT count(*) FROM refund.overdue WHERE contract_id = 24150;
SELECT pg_temp.walk(24150, '+1 hour');
SELECT what, due, since, is_test FROM refund.overdue WHERE contract_id = 24150;


-- ---- contracts without a request are no cases; live ones are told from tests ----

SELECT r FROM refund.create_test_clock('case', '2026-03-02 09:00+00') k, pg_temp.contract(24200, k.name) r;
SELECT pg_temp.contract(24201, 'case');
SELECT state FROM refund.end_contract(24201, 'freelancer');
SELECT pg_temp.contract(24202, 'case');
SELECT state FROM refund.end_contract(24202, 'client', '500.00 USD');
SELECT count(*) FROM refund.refund_case WHERE contract_id BETWEEN 24200 AND 24299;
BEGIN;
SELECT pg_temp.ended(24300, NULL);
SELECT is_test, state FROM refund.refund_case WHERE contract_id = 24300;
ROLLBACK;
-- other currencies, kinds and policies
SELECT state FROM refund.create_contract(24203, 'client', 'freelancer', 'BHD', kind => 'project_catalog', policy => 'client_7_days', test_clock => 'case');
SELECT title FROM refund.add_milestone(24203, 'client', 1, 'all', '1.000 BHD');
SELECT held FROM refund.fund(24203, 'client', 1, '1.000 BHD', 'card');
SELECT at_stake FROM refund.end_contract(24203, 'client');
SELECT outcome FROM refund.pay_in_full(24203, 'client');
SELECT kind, policy, policy_version, currency, at_stake, to_freelancer, trim_scale(seconds_requested) AS requested FROM refund.refund_case WHERE contract_id = 24203;

SELECT * FROM refund.verify_all();
SELECT count(refund.drop_test_clock(name)) FROM refund.test_clock WHERE name = 'case' OR name LIKE 'case %';
SELECT count(*) FROM refund.refund_case WHERE contract_id BETWEEN 24000 AND 24999;

-- everybody may call what the view computes with
SELECT refund.stage_seconds('2026-03-02 09:00+00', '2026-03-02 10:00+00', 1500000), refund.stage_seconds(NULL, now(), 0);
SELECT refund.stage_seconds('-infinity', 'infinity', NULL);
