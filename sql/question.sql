-- What people may ask: allowed_actions(), case_file(), whose_turn and event_log, in every
-- state and for everybody (process.md §9, interface.md).  Ids such as A02 are lines of
-- the catalogue of bad inputs and faults.  Contracts 23000 to 23999.
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

-- 500.00 USD: 300 from a card, 200 from a bank; 300.00 at stake
CREATE FUNCTION pg_temp.contract(id bigint, clock text) RETURNS refund.request_state LANGUAGE plpgsql AS $$
BEGIN
	PERFORM refund.create_contract(id, 'client', 'freelancer', 'USD', agency => 'agency', test_clock => clock);
	PERFORM refund.add_milestone(id, 'client', 1, 'design', '300.00 USD');
	PERFORM refund.add_milestone(id, 'client', 2, 'build', '250.00 USD');
	PERFORM refund.fund(id, 'client', 1, '300.00 USD', 'card');
	PERFORM refund.fund(id, 'client', 2, '200.00 USD', 'bank');
	RETURN (SELECT request_state FROM refund.end_contract(id, 'client', '200.00 USD'));
END $$;

-- A case in this state; with a proposal of 150.00 where there was one.
CREATE FUNCTION pg_temp.case(id bigint, clock text, state text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	PERFORM pg_temp.contract(id, clock);
	IF state = 'requested' THEN RETURN state; END IF;
	PERFORM refund.dispute_refund(id, 'freelancer', '250.00 USD', 'My reason.', '[{"title": "a photo", "media_type": "image/png", "content": "c2VjcmV0", "statement": "It works."}, {"title": "a page", "media_type": "text/html", "uri": "https://example.org/"}]');
	IF state = 'disputed' THEN RETURN state; END IF;
	PERFORM refund.decline_dispute(id, 'client', 'My statement.', '[{"title": "a note", "statement": "It does not."}]');
	PERFORM refund.assign_case(id, 'operator', 'mediator');
	IF state = 'in_review' THEN RETURN state; END IF;
	PERFORM refund.propose_resolution(id, 'mediator', '150.00 USD', 'My rationale.');
	IF state = 'proposed' THEN RETURN state; END IF;
	PERFORM refund.reject_resolution(id, 'client', 'Too much.');
	PERFORM refund.assign_case(id, 'operator', 'arbitrator');
	IF state = 'unresolved' THEN RETURN state; END IF;
	PERFORM refund.join_arbitration(id, 'client', 'card');
	PERFORM refund.join_arbitration(id, 'agency', 'bank');
	IF state = 'in_arbitration' THEN RETURN state; END IF;
	PERFORM refund.record_award(id, 'arbitrator', '180.00 USD', 'My award.');
	RETURN state;
END $$;

SELECT name FROM refund.create_test_clock('question', '2026-03-02 09:00+00');
\pset tuples_only on
SELECT pg_temp.case(23000 + n, 'question', s) FROM unnest('{requested,disputed,in_review,proposed,unresolved,in_arbitration,settled}'::text[]) WITH ORDINALITY v (s, n) ORDER BY n;
SELECT count(*) FROM refund.verify_all();


-- ---- allowed_actions(): each state, each side ----

\pset tuples_only off
SELECT state, a.verb, a.party, a.until, a.min_amount, a.max_amount, a.currency FROM refund.refund_request_status, refund.allowed_actions(contract_id, 'client') a WHERE contract_id BETWEEN 23001 AND 23007 ORDER BY contract_id, a.verb;
SELECT state, a.verb, a.party, a.until, a.min_amount, a.max_amount, a.currency FROM refund.refund_request_status, refund.allowed_actions(contract_id, 'freelancer') a WHERE contract_id BETWEEN 23001 AND 23007 ORDER BY contract_id, a.verb;
-- the agency is the freelancer's side; deciders and operators, once they are known
SELECT contract_id, (SELECT array_agg(a::text ORDER BY a::text) FROM refund.allowed_actions(contract_id, 'agency') a) = (SELECT array_agg(a::text ORDER BY a::text) FROM refund.allowed_actions(contract_id, 'freelancer') a) AS same
FROM refund.refund_request_status WHERE contract_id BETWEEN 23001 AND 23006 ORDER BY 1;
SELECT p AS person, r.state, a.verb, a.party, a.until, a.min_amount, a.max_amount FROM (VALUES ('mediator', 23003, 23007), ('arbitrator', 23005, 23007), ('operator', 23003, 23007)) v (p, first, last), refund.refund_request_status r, refund.allowed_actions(r.contract_id, p) a
WHERE r.contract_id BETWEEN v.first AND v.last ORDER BY p, r.contract_id, a.verb;
\pset tuples_only on
-- the same as the transition table, but for what nobody can call yet and what offers and answers decide
CREATE FUNCTION pg_temp.difference(id bigint, person text, as_party refund.party) RETURNS SETOF text LANGUAGE sql AS $$
	WITH allowed AS (SELECT a.verb FROM refund.allowed_actions(id, person) a WHERE a.party = as_party),
	expected AS (SELECT t.event::text AS verb FROM refund.transitions() t JOIN refund.refund_request_status r ON r.effective_state = t.from_state
		WHERE r.contract_id = id AND t.party = as_party AND t.event NOT IN ('place_hold', 'lift_hold', 'extend_deadline', 'reversal_opened', 'reversal_won', 'reversal_lost'))
	SELECT 'more: ' || verb FROM (SELECT verb FROM allowed EXCEPT SELECT verb FROM expected) v
	UNION ALL SELECT 'less: ' || verb FROM (SELECT verb FROM expected EXCEPT SELECT verb FROM allowed) v ORDER BY 1
$$;
SELECT r.state, p.person, string_agg(d, ', ' ORDER BY d) FROM refund.refund_request_status r, (VALUES (1, 'client', 'client'), (2, 'freelancer', 'freelancer'), (3, 'mediator', 'mediator'), (4, 'arbitrator', 'arbitrator'), (5, 'operator', 'operator')) p (n, person, party),
	LATERAL pg_temp.difference(r.contract_id, p.person, p.party::refund.party) d
WHERE r.contract_id BETWEEN 23001 AND 23007 AND (p.n <= 2 OR p.n IN (3, 5) AND r.contract_id >= 23003 OR p.n = 4 AND r.contract_id >= 23005) GROUP BY r.contract_id, r.state, p.n, p.person ORDER BY r.contract_id, p.n;

-- offers: what stands can be withdrawn by its side and accepted by the other
SELECT state FROM refund.offer_settlement(23001, 'client', '120.00 USD');
SELECT p, a.verb, a.min_amount, a.max_amount FROM unnest('{client,freelancer,agency}'::text[]) p, refund.allowed_actions(23001, p) a WHERE a.verb ~ 'settlement' ORDER BY p, a.verb;
SELECT state FROM refund.withdraw_settlement_offer(23001, 'client');
SELECT p, a.verb FROM unnest('{client,freelancer}'::text[]) p, refund.allowed_actions(23001, p) a WHERE a.verb ~ 'settlement' ORDER BY p, a.verb;
-- a window that was extended as often as the policy allows
SELECT due_at FROM refund.extend_deadline(23006, 'operator', '1 day', 'They are ill.');
SELECT count(*) FROM refund.allowed_actions(23006, 'operator') a WHERE a.verb = 'extend_deadline';
SELECT due_at FROM refund.extend_deadline(23006, 'operator', '1 day', 'They still are.');
SELECT count(*) FROM refund.allowed_actions(23006, 'operator') a WHERE a.verb = 'extend_deadline';
-- answers: given once
SELECT client_accepted FROM refund.accept_resolution(23004, 'client');
SELECT p, a.verb FROM unnest('{client,freelancer}'::text[]) p, refund.allowed_actions(23004, p) a WHERE a.verb ~ 'resolution' ORDER BY p, a.verb;
SELECT freelancer_joined FROM refund.join_arbitration(23005, 'freelancer', 'card');
SELECT p, a.verb FROM unnest('{client,freelancer,agency}'::text[]) p, refund.allowed_actions(23005, p) a WHERE a.verb ~ 'arbitration' ORDER BY p, a.verb;
-- a mediator who is replaced is no mediator any more; who mediated does not decide on
SELECT mediator FROM refund.assign_case(23003, 'operator', 'another mediator');
SELECT a.verb, a.max_amount FROM refund.allowed_actions(23003, 'another mediator') a;
SELECT pg_temp.refused($$SELECT * FROM refund.allowed_actions(23003, 'mediator')$$);
-- a person in two roles is asked for both
SELECT mediator FROM refund.assign_case(23003, 'another mediator', 'another mediator');
SELECT a.verb, a.party FROM refund.allowed_actions(23003, 'another mediator') a ORDER BY 1, 2;

-- an active contract: amounts are what the milestones hold or have room for
SELECT state FROM refund.create_contract(23010, 'client', 'freelancer', 'JPY', test_clock => 'question');
SELECT a.* FROM unnest('{client,freelancer}'::text[]) p, refund.allowed_actions(23010, p) a ORDER BY a.party, a.verb;
SELECT count(refund.add_milestone(23010, 'client', n, 'part', '100 JPY')) FROM generate_series(1, 2) n;
SELECT held FROM refund.fund(23010, 'client', 1, '70 JPY', 'card');
SELECT held FROM refund.fund(23010, 'client', 2, '40 JPY', 'card');
SELECT a.* FROM unnest('{client,freelancer}'::text[]) p, refund.allowed_actions(23010, p) a ORDER BY a.party, a.verb;
-- what it says is taken, and one more is not
BEGIN;
SELECT held FROM refund.fund(23010, 'client', 2, '60 JPY', 'card');
SELECT pg_temp.refused($$SELECT refund.fund(23010, 'client', 2, '1 JPY', 'card')$$) ~ '^RF004';
ROLLBACK;
SELECT pg_temp.refused($$SELECT refund.fund(23010, 'client', 2, '61 JPY', 'card')$$) ~ '^RF004';
SELECT pg_temp.refused($$SELECT refund.move_leftover(23010, 'client', 1, 2, '61 JPY')$$) ~ '^RF004';
SELECT pg_temp.refused($$SELECT refund.release_payment(23010, 'client', 1, '71 JPY')$$) ~ '^RF004';
SELECT pg_temp.refused($$SELECT refund.end_contract(23010, 'client', '111 JPY')$$) ~ '^RF004';
-- hourly: recorded only; ended without a request: only a late deposit
SELECT state FROM refund.create_contract(23011, 'client', 'freelancer', 'USD', kind => 'hourly', test_clock => 'question');
SELECT a.verb, a.party FROM unnest('{client,freelancer}'::text[]) p, refund.allowed_actions(23011, p) a ORDER BY 2, 1;
SELECT state FROM refund.end_contract(23010, 'freelancer');
SELECT a.verb, a.party, a.min_amount, a.max_amount FROM unnest('{client,freelancer}'::text[]) p, refund.allowed_actions(23010, p) a ORDER BY 2, 1;

-- the job is down: what has expired counts already, and no row changes
SELECT name FROM refund.create_test_clock('question down', '2026-03-02 09:00+00');
SELECT pg_temp.case(23020, 'question down', 'requested');
SELECT pg_temp.case(23021, 'question down', 'disputed');
SELECT pg_temp.case(23022, 'question down', 'proposed');
SELECT pg_temp.case(23023, 'question down', 'in_review');
SELECT now FROM refund.advance_test_clock('question down', '1 day 23:59:59.999999', false);
SELECT a.verb, a.until FROM refund.allowed_actions(23022, 'freelancer') a ORDER BY 1;
SELECT now FROM refund.advance_test_clock('question down', '0.000001 seconds', false);
-- its window opens when somebody records it: now at the earliest
SELECT state, effective_state FROM refund.refund_request_status WHERE contract_id = 23022;
SELECT a.verb, a.until FROM refund.allowed_actions(23022, 'freelancer') a ORDER BY 1;
SELECT now FROM refund.advance_test_clock('question down', '40 days', false);
CREATE TEMP TABLE before AS SELECT pg_temp.digest() AS digest;
SELECT contract_id, state, effective_state, p, a.verb, a.until, a.max_amount FROM refund.refund_request_status, unnest('{client,freelancer}'::text[]) p, refund.allowed_actions(contract_id, p) a WHERE contract_id BETWEEN 23020 AND 23023 ORDER BY 1, p, a.verb;
SELECT pg_temp.digest() = digest FROM before;
-- and the verbs agree
SELECT pg_temp.refused($$SELECT refund.approve_refund(23020, 'freelancer')$$) ~ '^RF005';
SELECT pg_temp.refused($$SELECT refund.accept_resolution(23022, 'freelancer')$$) ~ '^RF005';
SELECT state, due_at FROM refund.join_arbitration(23022, 'freelancer', 'card');


-- ---- whose_turn: every state, and what silence would pay ----

SELECT pg_temp.case(23030 + n, 'question', s) FROM unnest('{requested,disputed,in_review,proposed,proposed,unresolved,unresolved,unresolved,in_arbitration,settled}'::text[]) WITH ORDINALITY v (s, n) ORDER BY n;
SELECT freelancer_accepted FROM refund.accept_resolution(23035, 'agency');
SELECT client_joined FROM refund.join_arbitration(23037, 'client', 'card');
SELECT freelancer_joined FROM refund.join_arbitration(23038, 'agency', 'card');
\pset tuples_only off
SELECT contract_id, state, party, due_at, on_silence, silence_to_freelancer, silence_to_client, currency, is_test FROM refund.whose_turn WHERE contract_id BETWEEN 23031 AND 23040 ORDER BY 1, 3;
\pset tuples_only on
-- without a proposal arbitration's silence gives all back
SELECT name FROM refund.create_test_clock('question long', '2026-03-02 09:00+00');
SELECT pg_temp.case(23041, 'question long', 'in_review');
SELECT now FROM refund.advance_test_clock('question long', '30 days');
SELECT party, state, due_at, on_silence, silence_to_freelancer, silence_to_client FROM refund.whose_turn WHERE contract_id = 23041 ORDER BY 1;
SELECT state FROM refund.join_arbitration(23041, 'freelancer', 'card');
SELECT state FROM refund.join_arbitration(23041, 'client', 'card');
SELECT party, state, due_at, on_silence, silence_to_freelancer, silence_to_client FROM refund.whose_turn WHERE contract_id = 23041 ORDER BY 1;
-- it comes true: what the view said is what silence pays
CREATE TEMP TABLE said AS SELECT DISTINCT contract_id, on_silence, silence_to_freelancer, silence_to_client FROM refund.whose_turn WHERE contract_id BETWEEN 23031 AND 23041 AND silence_to_client IS NOT NULL;
SELECT now FROM refund.advance_test_clock('question', '100 days');
SELECT now FROM refund.advance_test_clock('question long', '100 days');
SELECT s.contract_id, s.on_silence, s.silence_to_freelancer, s.silence_to_client, s.on_silence = r.outcome::text AND s.silence_to_freelancer = r.to_freelancer AND s.silence_to_client = r.to_client AS came_true
FROM said s JOIN refund.refund_request_status r USING (contract_id) ORDER BY 1;
SELECT count(*) FROM refund.whose_turn WHERE contract_id BETWEEN 23031 AND 23041;
-- nobody's turn once the window is over, although nothing is recorded
SELECT count(*) FROM refund.whose_turn WHERE contract_id BETWEEN 23020 AND 23021;


-- ---- case_file(): all that a decider needs, and no content ----

SELECT pg_temp.case(23050, 'question', 'settled');
SELECT state FROM refund.report_refund_payment(23050, 'worker', 1, 'failed', 'ref', '{"code": 1}');
\pset tuples_only off
SELECT k, jsonb_typeof(v) AS type, CASE jsonb_typeof(v) WHEN 'array' THEN jsonb_array_length(v) END AS items FROM jsonb_each(refund.case_file(23050, 'client')) e (k, v) ORDER BY k COLLATE "C";
-- each part is the view of its name
SELECT part, (SELECT string_agg(k, ' ' ORDER BY k COLLATE "C") FROM jsonb_object_keys(CASE jsonb_typeof(v) WHEN 'array' THEN v->0 ELSE v END) k) =
	(SELECT string_agg(attname, ' ' ORDER BY attname COLLATE "C") FROM pg_attribute WHERE attrelid = format('refund.%I', view)::regclass AND attnum > 0) AS complete
FROM (VALUES ('contract', 'contract_status'), ('request', 'refund_request_status'), ('milestones', 'milestone_status'), ('evidence', 'evidence_index'), ('timeline', 'case_timeline'), ('transactions', 'transaction_history'), ('payments', 'refund_payment_status')) p (part, view),
	LATERAL (SELECT refund.case_file(23050, 'client')->part) f (v) ORDER BY part;
\pset tuples_only on
-- who said what
SELECT e->>'event_no', e->>'event', e->>'actor', e->>'statement' FROM jsonb_array_elements(refund.case_file(23050, 'client')->'timeline') WITH ORDINALITY t (e, n) WHERE e->>'statement' IS NOT NULL ORDER BY n;
SELECT f->'request'->>'reason', f->'request'->>'statement', f->'request'->>'mediator', f->'request'->>'arbitrator', f->'request'->>'to_freelancer' FROM refund.case_file(23050, 'client') f;
SELECT e->>'evidence_no', e->>'title', e->>'statement', e->>'uri', e->>'byte_size', e->>'has_content', left(e->>'sha256', 8) FROM jsonb_array_elements(refund.case_file(23050, 'client')->'evidence') WITH ORDINALITY t (e, n) ORDER BY n;
-- no content, in no form, nor a salt
SELECT f ~ 'c2VjcmV0', f ~ encode('secret', 'hex'), f ~ 'secret', f ~ (SELECT encode(b.salt, 'hex') FROM refund.evidence_body b WHERE b.contract_id = 23050 AND b.evidence_no = 1), f ~ 'salt' FROM (SELECT refund.case_file(23050, 'client')::text) v (f);
SELECT e->>'offer_no' FROM jsonb_array_elements(refund.case_file(23001, 'client')->'offers') e ORDER BY 1;
-- the same for each person who is known to the case
SELECT p, refund.case_file(23050, p) = refund.case_file(23050, 'client') FROM unnest('{freelancer,agency,mediator,arbitrator,operator,worker}'::text[]) p;
-- of a contract without a request
SELECT state FROM refund.create_contract(23051, 'client', 'freelancer', 'USD', test_clock => 'question');
SELECT k, v FROM jsonb_each(refund.case_file(23051, 'freelancer')) e (k, v) WHERE k NOT IN ('contract', 'timeline') ORDER BY k COLLATE "C";
-- an erased body is gone from it; the rest stays
SELECT erased FROM refund.erase_evidence(23050, 'operator', 1, 'by law');
SELECT e->>'title', e->>'statement', e->>'erased', e->>'sha256' IS NOT NULL FROM jsonb_array_elements(refund.case_file(23050, 'mediator')->'evidence') WITH ORDINALITY t (e, n) ORDER BY n;


-- ---- A02, A20: strangers learn nothing, whatever they ask ----

-- of a contract that is there and of one that is not: the same answer but for the number
CREATE FUNCTION pg_temp.answers(call text) RETURNS text LANGUAGE sql AS $$
	SELECT CASE WHEN there = replace(absent, '23999', '23050') THEN absent ELSE 'DIFFERENT: ' || there || ' / ' || absent END
	FROM (SELECT pg_temp.refused(replace(call, '#', '23050')), pg_temp.refused(replace(call, '#', '23999'))) v (there, absent)
$$;
SELECT pg_temp.answers(c) FROM unnest(ARRAY[
	'SELECT * FROM refund.allowed_actions(#, ''stranger'')', 'SELECT refund.case_file(#, ''stranger'')', 'SELECT refund.evidence_content(#, ''stranger'', 1)', 'SELECT refund.evidence_content(#, ''stranger'', 99)',
	'SELECT refund.approve_refund(#, ''stranger'')', 'SELECT refund.dispute_refund(#, ''stranger'', ''1.00 USD'', ''x'')', 'SELECT refund.decline_dispute(#, ''stranger'', ''x'')', 'SELECT refund.accept_dispute(#, ''stranger'')',
	'SELECT refund.pay_in_full(#, ''stranger'')', 'SELECT refund.withdraw_dispute(#, ''stranger'')', 'SELECT refund.accept_resolution(#, ''stranger'')', 'SELECT refund.reject_resolution(#, ''stranger'')',
	'SELECT refund.join_arbitration(#, ''stranger'', ''card'')', 'SELECT refund.offer_settlement(#, ''stranger'', ''1.00 USD'')', 'SELECT refund.withdraw_settlement_offer(#, ''stranger'')', 'SELECT refund.accept_settlement(#, ''stranger'', 1)',
	'SELECT refund.fund(#, ''stranger'', 1, ''1.00 USD'', ''card'')', 'SELECT refund.end_contract(#, ''stranger'')']) c;
-- neither do those who may act on it as deciders and operators: no name, no amount, no text of a side
SELECT pg_temp.case(23052, 'question', 'in_review');
SELECT pg_temp.case(23053, 'question', 'in_arbitration');
SELECT c, m FROM unnest(ARRAY['SELECT refund.propose_resolution(23052, ''another mediator'', ''1.00 USD'', ''x'')', 'SELECT refund.record_award(23053, ''another arbitrator'', ''1.00 USD'', ''x'')',
	'SELECT refund.assign_case(23052, ''operator'', ''agency'')', 'SELECT refund.report_refund_payment(23053, ''worker'', 9, ''failed'', ''x'')', 'SELECT refund.erase_evidence(23052, ''operator'', 9, ''x'')',
	'SELECT refund.retry_refund_payment(23050, ''operator'', 9)', 'SELECT refund.record_award(23052, ''operator'', ''1.00 USD'', ''x'')']) c, pg_temp.refused(c) m
WHERE m ~ '"(client|freelancer|mediator|arbitrator)" |250\.00|150\.00|300\.00|337\.50|My |card|photo';
-- one side's texts and offers are not in what the other side is refused with
SELECT state FROM refund.offer_settlement(23022, 'freelancer', '77.00 USD');
SELECT count(*) FROM unnest(ARRAY['SELECT refund.offer_settlement(23022, ''client'', ''300.01 USD'')', 'SELECT refund.withdraw_settlement_offer(23022, ''client'')', 'SELECT refund.decline_dispute(23022, ''client'', ''x'')', 'SELECT refund.approve_refund(23022, ''client'')',
	'SELECT refund.accept_settlement(23022, ''client'', 9)', 'SELECT refund.join_arbitration(23022, ''client'')', 'SELECT refund.evidence_content(23022, ''client'', 9)']) c WHERE pg_temp.refused(c) ~ '77\.00|My |card|freelancer''s|secret|photo';
-- A16: arguments
SELECT pg_temp.refused($$SELECT * FROM refund.allowed_actions(NULL, 'client')$$);
SELECT pg_temp.refused($$SELECT * FROM refund.allowed_actions(23050, NULL)$$);
SELECT pg_temp.refused($$SELECT * FROM refund.allowed_actions(23050, ' ')$$);
SELECT pg_temp.refused($$SELECT * FROM refund.allowed_actions(23050, repeat('c', 256))$$);
SELECT pg_temp.refused($$SELECT refund.case_file(NULL, 'client')$$);
SELECT pg_temp.refused($$SELECT refund.case_file(23050, NULL)$$);
SELECT pg_temp.refused($$SELECT refund.case_file(23050, '')$$);
-- who acted on the case as an operator is known to it; who acted on another is not
SELECT pg_temp.refused($$SELECT * FROM refund.allowed_actions(23050, 'another operator')$$);
SELECT mediator FROM refund.assign_case(23023, 'another operator', 'mediator');
SELECT a.verb, a.party FROM refund.allowed_actions(23023, 'another operator') a ORDER BY 1;
SELECT pg_temp.refused($$SELECT refund.case_file(23050, 'another operator')$$);
-- questions write nothing
BEGIN READ ONLY;
SELECT count(*) > 0 FROM refund.allowed_actions(23022, 'client');
SELECT refund.case_file(23022, 'client') IS NOT NULL, refund.evidence_content(23022, 'client', 1);
ROLLBACK;


-- ---- event_log: what process-mining tools load ----

\pset tuples_only off
SELECT * FROM refund.event_log WHERE case_id = 23022 ORDER BY event_no;
\pset tuples_only on

SELECT * FROM refund.verify_all();
SELECT refund.drop_test_clock(c) FROM unnest('{question,question down,question long}'::text[]) c;
SELECT count(*) FROM refund.contract WHERE contract_id BETWEEN 23000 AND 23999;
