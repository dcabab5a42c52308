-- A12: every (state, event, actor) of a refund request.  Each verb is tried by each kind
-- of person in each situation; what works must be what transitions() lists, what is
-- refused must carry the right code and change no row, and allowed_actions() must have
-- said so (process.md §4 and §12, interface.md).  Contracts 14000 to 14999.
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

INSERT INTO step VALUES
	('assign mediator', $$assign_case(%1$s, 'operator', 'mediator')$$),
	('assign arbitrator', $$assign_case(%1$s, 'operator', 'arbitrator')$$),
	('hold', $$place_hold(%1$s, 'operator', 'legal', 'A court asks.')$$),
	('chargeback', $$report_reversal(%1$s, 'operator', 2, 'chargeback', 'opened', '1 %2$s', 'opened')$$),
	('submit 1', $$submit_work(%1$s, 'freelancer', 1)$$),
	('submit 2', $$submit_work(%1$s, 'freelancer', 2)$$),
	('client offers 210', $$offer_settlement(%1$s, 'client', '210 %2$s')$$),
	('freelancer offers 230', $$offer_settlement(%1$s, 'freelancer', '230 %2$s')$$);

-- The situations.  A late one is in the state that silence has led to, which the job
-- has not recorded; "mediator" and "arbitrator" are who is named, else NULL; both sides'
-- offers stand in every open state that is not late.  On hold the windows are over, and
-- that is nothing to the clock.
CREATE TEMP TABLE situation (id bigint GENERATED ALWAYS AS IDENTITY (START 14001), name text, steps text[], state refund.request_state,
	silent refund.request_state, mediator text, arbitrator text, client_answered boolean DEFAULT false, freelancer_answered boolean DEFAULT false,
	active boolean DEFAULT false, submitted boolean DEFAULT false, held boolean DEFAULT false, late boolean DEFAULT false);
INSERT INTO situation (name, steps, active, submitted, held, late) VALUES ('active', '{}', true, false, false, false), ('ended without request', '{}', false, false, false, false),
	('active, submitted', '{submit 1,submit 2}', true, true, false, false), ('active, review late', '{submit 1,submit 2,~14 days}', true, false, false, true),
	('active, on hold', '{hold}', true, false, true, false), ('active, submitted, on hold', '{submit 1,submit 2,hold,~14 days}', true, true, true, false);
INSERT INTO situation (name, steps, state, mediator, arbitrator, client_answered, freelancer_answered) VALUES
	('requested', '{assign mediator}', 'requested', 'mediator', NULL, false, false),
	('disputed', '{assign mediator,dispute}', 'disputed', 'mediator', NULL, false, false),
	('in_review', '{assign mediator,dispute,decline}', 'in_review', 'mediator', NULL, false, false),
	('in_review, nobody named', '{dispute,decline}', 'in_review', NULL, NULL, false, false),
	('proposed', '{dispute,decline,propose,assign arbitrator}', 'proposed', 'mediator', 'arbitrator', false, false),
	('proposed, client accepted', '{dispute,decline,propose,client accepts,assign arbitrator}', 'proposed', 'mediator', 'arbitrator', true, false),
	('proposed, freelancer accepted', '{dispute,decline,propose,freelancer accepts,assign arbitrator}', 'proposed', 'mediator', 'arbitrator', false, true),
	('unresolved', '{dispute,decline,propose,client rejects,assign arbitrator}', 'unresolved', 'mediator', 'arbitrator', false, false),
	('unresolved, client joined', '{dispute,decline,propose,client rejects,client joins,assign arbitrator}', 'unresolved', 'mediator', 'arbitrator', true, false),
	('unresolved, freelancer joined', '{dispute,decline,propose,client rejects,freelancer joins,assign arbitrator}', 'unresolved', 'mediator', 'arbitrator', false, true),
	('in_arbitration', '{dispute,decline,propose,client rejects,client joins,freelancer joins,assign arbitrator}', 'in_arbitration', 'mediator', 'arbitrator', true, true),
	('in_arbitration, nobody named', '{dispute,decline,propose,client rejects,client joins,freelancer joins}', 'in_arbitration', 'mediator', NULL, true, true);
UPDATE situation SET steps = steps || '{client offers 210,freelancer offers 230}' WHERE state IS NOT NULL;
INSERT INTO situation (name, steps, state, mediator, arbitrator) VALUES
	('settled', '{assign mediator,dispute,decline,propose,client rejects,client joins,freelancer joins,assign arbitrator,award}', 'settled', 'mediator', 'arbitrator');
INSERT INTO situation (name, steps, state, mediator, arbitrator, client_answered, freelancer_answered, held)
SELECT s.name || ', on hold', s.steps || ARRAY[CASE s.name WHEN 'proposed' THEN 'chargeback' ELSE 'hold' END, '~100 days'], s.state, s.mediator, s.arbitrator, s.client_answered, s.freelancer_answered, true
FROM situation s WHERE s.name IN (SELECT unnest(enum_range(NULL::refund.request_state))::text) ORDER BY s.id;
INSERT INTO situation (name, steps, state, silent, mediator, arbitrator, late)
SELECT s.silent || ', late', o.steps || ('~' || s.time), s.state, s.silent, o.mediator, o.arbitrator, true
FROM (VALUES (1, 'requested'::refund.request_state, '7 days', 'settled'::refund.request_state), (2, 'disputed', '5 days', 'settled'), (3, 'in_review', '30 days', 'unresolved'),
	(4, 'proposed', '2 days', 'unresolved'), (5, 'unresolved', '7 days', 'settled'), (6, 'in_arbitration', '90 days', 'settled')) s (n, silent, time, state)
JOIN situation o ON o.name = s.silent::text ORDER BY s.n;

-- The verbs: %1$s is the contract, %2$L who acts, %3$s what the other side's offer gives,
-- %4$s its number.  An offer is tried twice: as a new one, and as equal to the other side's.
-- What follows upon another event comes with it.
CREATE TEMP TABLE attempt (n integer GENERATED ALWAYS AS IDENTITY, event refund.event_kind, call text, after text);
INSERT INTO attempt (event, call) VALUES
	('end_contract', $$end_contract(%1$s, %2$L)$$),
	('approve_refund', $$approve_refund(%1$s, %2$L)$$),
	('dispute_refund', $$dispute_refund(%1$s, %2$L, '250 USD', 'It was delivered.')$$),
	('accept_dispute', $$accept_dispute(%1$s, %2$L)$$),
	('decline_dispute', $$decline_dispute(%1$s, %2$L, 'It was not.')$$),
	('pay_in_full', $$pay_in_full(%1$s, %2$L)$$),
	('withdraw_dispute', $$withdraw_dispute(%1$s, %2$L)$$),
	('propose_resolution', $$propose_resolution(%1$s, %2$L, '150 USD', 'Half of it was.')$$),
	('accept_resolution', $$accept_resolution(%1$s, %2$L)$$),
	('reject_resolution', $$reject_resolution(%1$s, %2$L)$$),
	('join_arbitration', $$join_arbitration(%1$s, %2$L, 'card')$$),
	('record_award', $$record_award(%1$s, %2$L, '180 USD', 'Most of it was.')$$),
	('offer_settlement', $$offer_settlement(%1$s, %2$L, '100 USD')$$),
	('offer_settlement', $$offer_settlement(%1$s, %2$L, '%3$s USD')$$),
	('withdraw_settlement_offer', $$withdraw_settlement_offer(%1$s, %2$L)$$),
	('accept_settlement', $$accept_settlement(%1$s, %2$L, %4$s)$$),
	('assign_case', $$assign_case(%1$s, %2$L, 'somebody')$$),
	('extend_deadline', $$extend_deadline(%1$s, %2$L, '1 day', 'The post is slow.')$$),
	('place_hold', $$place_hold(%1$s, %2$L, 'fraud', 'It looks odd.')$$),
	('lift_hold', $$lift_hold(%1$s, %2$L, 1, 'It was nothing.')$$),
	('submit_work', $$submit_work(%1$s, %2$L, 1)$$),
	('request_changes', $$request_changes(%1$s, %2$L, 1, 'Not so blue.')$$),
	('give_refund', $$give_refund(%1$s, %2$L, 1, '200 USD')$$);
INSERT INTO attempt (event, call, after) VALUES
	('lift_hold', $$place_hold(%1$s, 'operator', 'fraud', 'It looks odd.'), refund.lift_hold(%1$s, %2$L, 1, 'It was nothing.')$$, 'a hold'),
	('reversal_opened', $$report_reversal(%1$s, %2$L, 1, 'chargeback', 'opened', '300 USD', 'one')$$, ''),
	('reversal_won', $$report_reversal(%1$s, 'operator', 1, 'chargeback', 'opened', '300 USD', 'one'), refund.report_reversal(%1$s, %2$L, 1, 'chargeback', 'won', '300 USD', 'one')$$, 'it was opened'),
	('reversal_lost', $$report_reversal(%1$s, %2$L, 1, 'failed', 'lost', '300 USD', 'one')$$, ''),
	('reversal_lost', $$report_reversal(%1$s, 'operator', 1, 'failed', 'lost', '300 USD', 'one'), refund.report_reversal(%1$s, %2$L, 2, 'failed', 'lost', '200 USD', 'two')$$, 'another one');
-- every event that a verb sends is tried
SELECT DISTINCT t.event FROM refund.transitions() t JOIN pg_proc p ON p.proname = t.event::text AND p.pronamespace = 'refund'::regnamespace
EXCEPT SELECT event FROM attempt;
-- none is left but the clock's
SELECT DISTINCT t.event FROM refund.transitions() t WHERE NOT EXISTS (SELECT FROM attempt a WHERE a.event = t.event) AND t.party <> 'clock';

-- The people; a stranger is also the other mediator, arbitrator or operator.
CREATE TEMP TABLE person (n integer GENERATED ALWAYS AS IDENTITY, name text, party refund.party);
INSERT INTO person (name, party) VALUES ('client', 'client'), ('freelancer', 'freelancer'), ('agency', 'freelancer'),
	('mediator', 'mediator'), ('arbitrator', 'arbitrator'), ('operator', 'operator'), ('stranger', NULL);

-- What came of it: the refusal's code; or, of what worked and was undone, the event.
CREATE TEMP TABLE result (situation bigint, attempt integer, person text, code text,
	from_state refund.request_state, party refund.party, to_state refund.request_state, outcome refund.outcome);

CREATE FUNCTION pg_temp.try(s situation, a attempt, p person) RETURNS result LANGUAGE plpgsql AS $$
DECLARE
	r result;
BEGIN
	r.situation := s.id;
	r.attempt := a.n;
	r.person := p.name;
	EXECUTE 'SELECT refund.' || format(a.call, s.id, p.name, CASE p.party WHEN 'client' THEN 230 ELSE 210 END, CASE p.party WHEN 'client' THEN 2 ELSE 1 END);
	SELECT e.from_state, e.party, e.to_state, e.outcome INTO STRICT r.from_state, r.party, r.to_state, r.outcome
	FROM refund.event e JOIN refund.contract c ON c.contract_id = e.contract_id AND c.event_no = e.event_no
	WHERE e.contract_id = s.id AND e.kind = a.event AND e.actor = p.name;
	RAISE EXCEPTION 'undone' USING ERRCODE = 'ZZ000';
EXCEPTION WHEN OTHERS THEN
	r.code := nullif(SQLSTATE, 'ZZ000');
	RETURN r;
END $$;
-- all of a situation; no row may have changed when everything was refused or undone
CREATE FUNCTION pg_temp.try_all(s situation) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	before text := pg_temp.digest();
BEGIN
	INSERT INTO result SELECT r.* FROM attempt a, person p, pg_temp.try(s, a, p) r;
	IF pg_temp.digest() <> before THEN
		RAISE 'rows changed: %', s.name;
	END IF;
END $$;

DO $$
DECLARE
	s situation;
BEGIN
	FOR s IN SELECT * FROM situation ORDER BY id LOOP
		PERFORM refund.create_test_clock('matrix ' || s.id, '2026-03-02 09:00+00');
		IF s.state IS NOT NULL THEN
			PERFORM pg_temp.ended(s.id, 'matrix ' || s.id, 'agency');
		ELSE
			PERFORM pg_temp.contract(s.id, 'matrix ' || s.id, 'agency');
		END IF;
		PERFORM pg_temp.walk(s.id, VARIADIC s.steps);
		IF s.name = 'ended without request' THEN
			PERFORM refund.end_contract(s.id, 'freelancer');
		END IF;
		PERFORM pg_temp.try_all(s);
	END LOOP;
END $$;
SELECT count(*) FROM result;
-- the situations are what they are called
SELECT s.name, r.state, r.effective_state FROM situation s LEFT JOIN refund.refund_request_status r ON r.contract_id = s.id
WHERE r.effective_state IS DISTINCT FROM s.state OR r.state IS DISTINCT FROM coalesce(s.silent, s.state);


-- ---- what works is what the table lists ----

-- Nobody has tried an expiry; an end without a request is no row of the table, nor what
-- comes to a request that is settled or to none.
ANALYZE result, situation, attempt, person;
CREATE TEMP TABLE worked AS
SELECT DISTINCT r.from_state, a.event, r.party, r.to_state, r.outcome FROM result r JOIN attempt a ON a.n = r.attempt
WHERE r.code IS NULL AND r.to_state IS NOT NULL AND r.from_state IS DISTINCT FROM 'settled' AND a.event IN (SELECT event FROM refund.transitions());
CREATE TEMP TABLE listed AS
SELECT from_state, event, party, to_state, outcome FROM refund.transitions() WHERE event IN (SELECT event FROM attempt);
SELECT count(*) FROM worked;
SELECT 'does not work' AS what, * FROM (SELECT * FROM listed EXCEPT ALL SELECT * FROM worked) l
UNION ALL
SELECT 'is not listed', * FROM (SELECT * FROM worked EXCEPT ALL SELECT * FROM listed) w;


-- ---- what is refused carries the right code ----

-- The rules of interface.md ("Errors") and of process.md §4 and §7, in the order of refusals,
-- told from transitions() and the situation alone.
CREATE TEMP TABLE rule AS
SELECT s.id AS situation, a.n AS attempt, p.name AS person, CASE
	-- a stranger, unless the verb is a decider's or an operator's
	WHEN NOT is_party AND parties <@ '{client,freelancer}' THEN 'RF014'
	-- a hold that there is not
	WHEN a.event = 'lift_hold' AND a.after IS NULL AND NOT s.held THEN 'RF014'
	-- nothing of the parties' and the deciders' goes on
	WHEN s.held AND NOT parties <@ '{operator}' THEN 'RF008'
	WHEN s.active <> of_active AND a.event <> 'give_refund' AND NOT any_time THEN 'RF009'
	-- a party decides; another one is named
	WHEN is_party AND parties <@ '{mediator,arbitrator}' THEN 'RF011'
	WHEN a.event = 'propose_resolution' AND s.mediator <> p.name THEN 'RF011'
	WHEN a.event = 'record_award' AND s.arbitrator <> p.name THEN 'RF011'
	WHEN is_party AND NOT p.party = ANY (parties) THEN 'RF002'
	-- only the state that silence has ended knew it
	WHEN of_request AND NOT known AND was_known THEN 'RF005'
	WHEN of_request AND NOT known THEN 'RF001'
	-- this side's answer stands
	WHEN a.event IN ('accept_resolution', 'reject_resolution', 'join_arbitration')
		AND CASE p.party WHEN 'client' THEN s.client_answered ELSE s.freelancer_answered END THEN 'RF001'
	-- offers lapsed when silence changed the state
	WHEN s.silent IS NOT NULL AND a.event = 'accept_settlement' THEN 'RF017'
	WHEN s.silent IS NOT NULL AND a.event = 'withdraw_settlement_offer' THEN 'RF014'
	-- under review already; nothing is held once silence has released it
	WHEN a.event = 'submit_work' AND s.submitted THEN 'RF001'
	WHEN a.event = 'submit_work' AND s.late THEN 'RF004'
	-- too late; nothing was submitted
	WHEN a.event = 'request_changes' AND s.late THEN 'RF005'
	WHEN a.event = 'request_changes' AND NOT s.submitted THEN 'RF001'
	-- nothing was released
	WHEN a.event = 'give_refund' AND s.state IS NULL AND NOT s.late THEN 'RF004'
	END AS code
FROM situation s CROSS JOIN attempt a CROSS JOIN person p
CROSS JOIN LATERAL (SELECT p.name IN ('client', 'freelancer', 'agency') AS is_party,
	-- the freelancer may end a contract, too, which opens no request
	(SELECT array_agg(DISTINCT t.party) FROM refund.transitions() t WHERE t.event = a.event) || CASE WHEN a.event IN ('end_contract', 'submit_work', 'give_refund') THEN '{freelancer}'
		WHEN a.event = 'request_changes' THEN '{client}' ELSE '{}' END::refund.party[] AS parties,
	EXISTS (SELECT FROM refund.transitions() t WHERE t.event = a.event AND t.from_state = s.state) AS known,
	EXISTS (SELECT FROM refund.transitions() t WHERE t.event = a.event AND t.from_state = s.silent) AS was_known,
	a.event IN ('end_contract', 'submit_work', 'request_changes') AS of_active,
	-- whatever the state is
	a.event IN ('place_hold', 'lift_hold', 'reversal_opened', 'reversal_won', 'reversal_lost') AS any_time) x
CROSS JOIN LATERAL (SELECT NOT of_active AND NOT any_time AND a.event <> 'give_refund' AS of_request) y;
SELECT s.name, a.call, person, r.code, u.code AS expected
FROM result r JOIN rule u USING (situation, attempt, person) JOIN situation s ON s.id = r.situation JOIN attempt a ON a.n = r.attempt
WHERE r.code IS DISTINCT FROM u.code ORDER BY s.id, a.n;

-- the table: what each person's verb comes to; RF codes without RF, of what works the outcome or the state
CREATE TEMP TABLE cell AS
SELECT r.situation, r.attempt, r.person, coalesce(substr(r.code, 3), r.outcome::text, r.to_state::text, CASE a.event WHEN 'end_contract' THEN 'ended' ELSE 'done' END) AS cell
FROM result r JOIN attempt a ON a.n = r.attempt;
SELECT s.name AS situation, a.event || CASE WHEN a.call LIKE '%\%3%' THEN ' as the other' WHEN a.after <> '' THEN ' after ' || a.after ELSE '' END AS event, string_agg(c.cell, ' ' ORDER BY p.n) AS "client freelancer agency mediator arbitrator operator stranger"
FROM cell c JOIN situation s ON s.id = c.situation JOIN attempt a ON a.n = c.attempt JOIN person p ON p.name = c.person
GROUP BY s.id, s.name, a.n, a.event, a.call, a.after ORDER BY s.id, a.n;


-- ---- the same once the job has recorded the silence ----

CREATE TEMP TABLE before AS TABLE result;
DELETE FROM result;
SELECT s.name, refund.advance_test_clock('matrix ' || s.id, '0') IS NOT NULL, pg_temp.try_all(s) IS NOT NULL FROM situation s WHERE s.late OR s.held ORDER BY s.id;
SELECT s.name, r.state, r.outcome FROM situation s JOIN refund.refund_request_status r ON r.contract_id = s.id WHERE s.late OR s.held ORDER BY s.id;
SELECT count(*) FROM result;
SELECT * FROM result EXCEPT SELECT * FROM before;


-- ---- allowed_actions() says what works ----

INSERT INTO result SELECT b.* FROM before b JOIN situation s ON s.id = b.situation WHERE NOT (s.late OR s.held);
-- who is known to the case as what: an operator once that one has acted
CREATE TEMP TABLE known AS
SELECT s.id, p.name, p.party FROM situation s, person p
WHERE p.party IN ('client', 'freelancer') OR p.name IN (s.mediator, s.arbitrator)
	OR p.party = 'operator' AND EXISTS (SELECT FROM refund.event e WHERE e.contract_id = s.id AND e.actor = p.name);
CREATE TEMP TABLE allowed AS
SELECT k.id, k.name, l.verb, l.party, l.until, l.min_amount, l.max_amount, l.currency
FROM known k, refund.allowed_actions(k.id, k.name) l;
CREATE TEMP TABLE works AS
SELECT DISTINCT k.id, k.name, a.event::text AS verb, k.party
FROM result r JOIN attempt a ON a.n = r.attempt JOIN known k ON k.id = r.situation AND k.name = r.person AND k.party = r.party WHERE r.code IS NULL AND a.after IS NULL;
SELECT 'works unsaid' AS what, * FROM (TABLE works EXCEPT SELECT id, name, verb, party FROM allowed) w
UNION ALL
SELECT 'said, does not work', * FROM (SELECT id, name, verb, party FROM allowed WHERE verb IN (SELECT event::text FROM attempt) EXCEPT TABLE works) s
ORDER BY 2, 3, 4;
SELECT count(*) FROM works;
-- with which amounts, until when
SELECT s.name AS situation, l.name AS person, string_agg(l.verb || coalesce(format(' %s..%s', l.min_amount, l.max_amount), ''), ', ' ORDER BY l.verb) AS verbs,
	min(l.until) AS until, max(l.until) = min(l.until) AS one_window, min(l.currency) AS currency
FROM allowed l JOIN situation s ON s.id = l.id GROUP BY s.id, s.name, l.name ORDER BY s.id, l.name;
-- the largest amount of each is no promise too many: some milestone takes it
SELECT s.name, l.name, l.verb, l.max_amount, string_agg(coalesce(t.code, 'works'), ' ' ORDER BY m) AS by_milestone
FROM allowed l JOIN situation s ON s.id = l.id JOIN person p ON p.name = l.name CROSS JOIN generate_series(1, 2) m
CROSS JOIN LATERAL pg_temp.try(s, ROW(0, l.verb, format('%s(%%1$s, %%2$L, %s, ''%s USD'')', l.verb, m, l.max_amount), NULL)::attempt, p) t
WHERE l.verb IN ('give_refund', 'release_payment') GROUP BY s.id, s.name, l.name, l.verb, l.max_amount HAVING bool_and(t.code IS NOT NULL) ORDER BY s.id, l.name;
-- to everybody else the case is not there
SELECT p.name, (pg_temp.try(s, ROW(0, NULL, 'allowed_actions(%1$s, %2$L)', NULL)::attempt, p)).code, string_agg(s.name, ', ' ORDER BY s.id) AS situations
FROM situation s, person p WHERE NOT EXISTS (SELECT FROM known k WHERE k.id = s.id AND k.name = p.name) GROUP BY 1, 2 ORDER BY 1, 2;

SELECT * FROM refund.verify_all();
SELECT count(refund.drop_test_clock('matrix ' || id)) FROM situation;
SELECT count(*) FROM refund.contract WHERE contract_id BETWEEN 14000 AND 14999;
