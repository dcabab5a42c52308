-- Past the verbs: what a table owner's plain statements meet (A06 A08, faults of the
-- ledger that must not even be written); hostile names in every search_path.  Ids such
-- as A08 are lines of the catalogue of bad inputs and faults.  Contracts 5000 to 5999.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS refund;
RESET client_min_messages;
SET TimeZone = 'UTC';
SET DateStyle = 'ISO, MDY';
\pset format unaligned
\pset null '~'

-- Run a statement and its deferred checks, then roll it back: how it was refused,
-- or that it passed and the rules that verify() finds broken then.
CREATE FUNCTION pg_temp.attempt(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	answer text;
	detail text;
	hint text;
	n bigint;
BEGIN
	EXECUTE statement;
	GET DIAGNOSTICS n = ROW_COUNT;
	SET CONSTRAINTS ALL IMMEDIATE;
	SELECT format('PASSED, %s rows; verify: %s', n, coalesce(string_agg(DISTINCT (contract_id || ' ' || rule) COLLATE "C", ', '), 'sound'))
	INTO answer FROM refund.verify_all() f;
	RAISE EXCEPTION USING ERRCODE = 'TE000', MESSAGE = answer;
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
	IF SQLSTATE = 'TE000' THEN
		RETURN SQLERRM;
	ELSIF SQLSTATE LIKE 'RF%' THEN
		PERFORM detail::jsonb;
		RETURN concat_ws(' | ', SQLSTATE, SQLERRM, detail, nullif(hint, ''));
	END IF;
	RETURN concat_ws(' | ', SQLSTATE, SQLERRM);
END $$;

-- a contract whose request is open, with two deposits and a payment on its way
CREATE FUNCTION pg_temp.contract(id bigint, clock text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	PERFORM refund.create_contract(id, 'client', 'freelancer', 'USD', agency => 'agency', test_clock => clock);
	PERFORM refund.add_milestone(id, 'client', 1, 'one', '100.00 USD');
	PERFORM refund.add_milestone(id, 'client', 2, 'two', '100.00 USD');
	PERFORM refund.fund(id, 'client', 1, '100.00 USD', 'card', 'ref', 'key');
	PERFORM refund.fund(id, 'client', 2, '50.00 USD', 'bank');
	PERFORM refund.end_contract(id, 'client', '30.00 USD');
	PERFORM refund.fund(id, 'client', 2, '5.00 USD', 'late');
	RETURN (SELECT last_event FROM refund.contract WHERE contract_id = id);
END $$;

-- the same, in dispute, so that every table of history has rows of it
CREATE FUNCTION pg_temp.dispute(id bigint) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	PERFORM refund.dispute_refund(id, 'freelancer', '60.00 USD', 'reason', '[{"title": "a", "media_type": "text/plain", "content": "QQ=="}]');
	PERFORM refund.decline_dispute(id, 'client', 'statement', '[{"title": "b", "statement": "b"}]');
	PERFORM refund.propose_resolution(id, 'mediator', '40.00 USD', 'rationale');
	PERFORM refund.reject_resolution(id, 'client');
	PERFORM refund.join_arbitration(id, 'freelancer', 'card', 'fee-1');
	PERFORM refund.join_arbitration(id, 'client', 'card', 'fee-2');
	RETURN (SELECT last_event FROM refund.contract WHERE contract_id = id);
END $$;

SELECT name FROM refund.create_test_clock('bypass', '2026-03-02 09:00+00');
\pset tuples_only on
SELECT pg_temp.contract(5000, 'bypass');
SELECT outcome FROM refund.approve_refund(5000, 'freelancer');
SELECT pg_temp.contract(5001, 'bypass');


-- ---- A08: UPDATE of a contract, every column ----

\set ECHO none
\getenv here PG_ABS_SRCDIR
\set helpers :here '/sql/include/other.sql'
\i :helpers
\set ECHO all
\pset tuples_only off
SELECT attname AS changed, left(pg_temp.attempt(format('UPDATE refund.contract SET %I = %s WHERE contract_id = 5001', attname, pg_temp.other(attname, atttypid))), 100) AS answer
FROM pg_attribute WHERE attrelid = 'refund.contract'::regclass AND attnum > 0 ORDER BY attnum;
-- and with an event that is not there
SELECT attname AS changed, left(pg_temp.attempt(format('UPDATE refund.contract SET event_no = event_no + 1, last_event = ''fund'', %I = %s WHERE contract_id = 5001', attname, pg_temp.other(attname, atttypid))), 100) AS answer
FROM pg_attribute WHERE attrelid = 'refund.contract'::regclass AND attnum > 0 AND attname NOT IN ('event_no', 'last_event') ORDER BY attnum;
\pset tuples_only on
-- a change that changes nothing is none
SELECT pg_temp.attempt('UPDATE refund.contract SET held = held WHERE contract_id = 5001');
SELECT pg_temp.attempt('UPDATE refund.contract SET event_no = event_no + 1 WHERE contract_id = 5001');
SELECT pg_temp.attempt('UPDATE refund.contract SET event_no = event_no - 1 WHERE contract_id = 5001');
SELECT pg_temp.attempt('UPDATE refund.contract SET event_no = event_no + 2 WHERE contract_id = 5001');
SELECT pg_temp.attempt('UPDATE refund.contract SET held = NULL WHERE contract_id = 5001');
SELECT pg_temp.attempt('UPDATE refund.contract SET held = ''-1 USD'', released = released OPERATOR(refund.+) held OPERATOR(refund.+) ''1 USD'' WHERE contract_id = 5001');
-- money that only changes its name
SELECT pg_temp.attempt('UPDATE refund.contract SET released = released OPERATOR(refund.+) held, held = ''0 USD'', milestone_held = ''{0 USD,0 USD}'', deposit_held = ''{}'' WHERE contract_id = 5001');
SELECT pg_temp.attempt('UPDATE refund.contract SET event_no = event_no + 1, last_event = ''fund'', released = deposited, held = ''0 USD'', refunded = ''0 USD'', milestone_held = ''{0 USD,0 USD}'', milestone_refunded = ''{0 USD,0 USD}'', milestone_released = ''{100 USD,55 USD}'', deposit_held = ''{}'' WHERE contract_id = 5001');
-- arrays that no library wrote
SELECT left(pg_temp.attempt('UPDATE refund.contract SET milestone_no = ''{}'' WHERE contract_id = 5001'), 5);
SELECT left(pg_temp.attempt('UPDATE refund.contract SET milestone_no = ''{NULL,2}'' WHERE contract_id = 5001'), 5);
SELECT left(pg_temp.attempt('UPDATE refund.contract SET deposit_held = ''{{70 USD,50 USD}}'' WHERE contract_id = 5001'), 5);
SELECT left(pg_temp.attempt('UPDATE refund.contract SET milestone_held = ''{70 USD,NULL}'' WHERE contract_id = 5001'), 5);
SELECT left(pg_temp.attempt('UPDATE refund.contract SET milestone_held = ''{70 USD,50 EUR}'' WHERE contract_id = 5001'), 5);

-- states that the table does not know
SELECT pg_temp.attempt(format('UPDATE refund.contract SET event_no = event_no + 1, last_event = %L, request_state = %L, outcome = %L WHERE contract_id = 5001', e, s, o))
FROM (VALUES ('approve_refund', 'settled', 'conceded'), ('approve_refund', 'settled', NULL), ('fund', 'settled', 'approved'), ('pay_in_full', 'settled', 'approved'),
	('response_expired', 'settled', 'approved'), ('approve_refund', 'requested', NULL), ('decline_dispute', 'in_review', NULL), ('end_contract', 'requested', NULL), ('end_contract', NULL, NULL),
	('dispute_refund', 'disputed', 'approved')) v (e, s, o);
-- what has settled stays
SELECT pg_temp.attempt(format('UPDATE refund.contract SET event_no = event_no + 1, last_event = %L, request_state = %L, outcome = %L WHERE contract_id = 5000', e, s, o))
FROM (VALUES ('approve_refund', 'settled', 'approved'), ('pay_in_full', 'settled', 'paid_in_full'), ('end_contract', 'requested', NULL), ('fund', 'settled', 'paid_in_full'), ('fund', NULL, NULL)) v (e, s, o);
-- states that it knows: the audit asks for the history
SELECT pg_temp.attempt('UPDATE refund.contract SET event_no = event_no + 1, last_event = ''dispute_refund'', request_state = ''disputed'' WHERE contract_id = 5001');
SELECT pg_temp.attempt('UPDATE refund.contract SET event_no = event_no + 1, last_event = ''approve_refund'', request_state = ''settled'', outcome = ''approved'' WHERE contract_id = 5001');
-- time does not run back
SELECT pg_temp.attempt('UPDATE refund.contract SET event_no = event_no + 1, last_event = ''fund'', last_at = last_at - interval ''1 microsecond'' WHERE contract_id = 5001');
-- other ways to say UPDATE
SELECT pg_temp.attempt('MERGE INTO refund.contract c USING (SELECT 5001 AS id) i ON c.contract_id = i.id WHEN MATCHED THEN UPDATE SET client = ''me''');
SELECT pg_temp.attempt('INSERT INTO refund.contract SELECT * FROM refund.contract WHERE contract_id = 5001 ON CONFLICT (contract_id) DO UPDATE SET client = ''me''');

-- a forged history: event and head agree, the transfers do not
SELECT pg_temp.attempt($$WITH forged AS (INSERT INTO refund.event SELECT (jsonb_populate_record(e, '{"event_no": 8, "kind": "pay_in_full", "from_state": "requested", "to_state": "settled"}')).* FROM refund.event e WHERE contract_id = 5001 AND event_no = 7)
	UPDATE refund.contract SET event_no = 8, last_event = 'pay_in_full', request_state = 'settled', outcome = 'paid_in_full', to_freelancer = at_stake, to_client = '0 USD', due_at = NULL, next_due_at = NULL,
	held = '0 USD', released = released OPERATOR(refund.+) held, milestone_held = '{0 USD,0 USD}', milestone_released = '{100 USD,50 USD}', deposit_held = '{}' WHERE contract_id = 5001$$);
-- the event does not lead to the state
SELECT pg_temp.attempt($$WITH forged AS (INSERT INTO refund.event SELECT (jsonb_populate_record(e, '{"event_no": 8, "kind": "fund"}')).* FROM refund.event e WHERE contract_id = 5001 AND event_no = 7)
	UPDATE refund.contract SET event_no = 8, last_event = 'dispute_refund', request_state = 'disputed' WHERE contract_id = 5001$$);
-- the head is not the event's hash
SELECT pg_temp.attempt($$WITH forged AS (INSERT INTO refund.event SELECT (jsonb_populate_record(e, '{"event_no": 8, "kind": "fund", "hash": "\\x00"}')).* FROM refund.event e WHERE contract_id = 5001 AND event_no = 7)
	UPDATE refund.contract SET event_no = 8, last_event = 'fund' WHERE contract_id = 5001$$);
-- G05: all of it forged: the audit can not know, verify() does
SELECT pg_temp.attempt($$WITH forged AS (INSERT INTO refund.event SELECT (jsonb_populate_record(e, '{"event_no": 8, "kind": "release_payment"}')).* FROM refund.event e WHERE contract_id = 5001 AND event_no = 7)
	UPDATE refund.contract SET event_no = 8, last_event = 'release_payment' WHERE contract_id = 5001$$);


-- ---- INSERT: what a restore must be allowed; the rows' own law holds ----

CREATE FUNCTION pg_temp.copy(changes jsonb) RETURNS text LANGUAGE sql AS $$
	SELECT pg_temp.attempt(format('INSERT INTO refund.contract SELECT (jsonb_populate_record(c, %L)).* FROM refund.contract c WHERE contract_id = 5001', changes || '{"contract_id": 5900}'))
$$;
SELECT pg_temp.copy('{"held": "119.99 USD"}');
SELECT pg_temp.copy('{"held": "120.01 USD", "deposited": "155.01 USD"}');
SELECT pg_temp.copy('{"held": "120.00 EUR"}');
SELECT pg_temp.copy('{"in_transit": "-0.01 USD"}');
SELECT pg_temp.copy('{"deposit_held": ["120.01 USD", "-0.01 USD"]}');
SELECT pg_temp.copy('{"milestone_held": ["70.00 USD", "50.00 EUR"]}');
SELECT pg_temp.copy('{"to_client": "1.00 USD", "to_freelancer": "1.00 USD"}');
SELECT pg_temp.copy('{"policy": "none"}');
SELECT pg_temp.copy('{"test_clock": "none"}');
SELECT pg_temp.copy('{"currency": null}');
-- its currency is the currency of its money
SELECT pg_temp.copy('{"currency": "EUR"}');
-- a row without a history: sound in itself, and verify() misses the rest
SELECT pg_temp.copy('{}');
SELECT pg_temp.attempt('INSERT INTO refund.contract SELECT * FROM refund.contract WHERE contract_id = 5001');
SELECT pg_temp.attempt($$INSERT INTO refund.transfer VALUES (5001, '0.00 USD', 7, 9, 1, 1, 'escrow', 'freelancer')$$);
SELECT pg_temp.attempt($$INSERT INTO refund.transfer VALUES (5001, '-1.00 USD', 7, 9, 1, 1, 'escrow', 'freelancer')$$);
SELECT pg_temp.attempt($$INSERT INTO refund.refund_payment VALUES (5001, '0.00 USD', '2026-01-01', '2026-01-01', 2, 1, 7, 0, 'client', 'settlement', 'pending', true)$$);
SELECT pg_temp.attempt($$INSERT INTO refund.event SELECT (jsonb_populate_record(e, '{"event_no": 20}')).* FROM refund.event e WHERE contract_id = 5001 AND event_no = 4$$);
SELECT pg_temp.attempt($$INSERT INTO refund.deposit VALUES (5001, '1.00 USD', 9, 7, 1, 'card', 'ref')$$);
-- beyond the counters, or of a contract that is not there (architecture.md rule 15)
SELECT pg_temp.attempt($$INSERT INTO refund.event SELECT (jsonb_populate_record(e, '{"event_no": 20, "idempotency_key": null}')).* FROM refund.event e WHERE contract_id = 5001 AND event_no = 4$$);
SELECT pg_temp.attempt($$INSERT INTO refund.transfer VALUES (5001, '1.00 USD', 20, 1, 1, 1, 'escrow', 'freelancer')$$);
SELECT pg_temp.attempt($$INSERT INTO refund.transfer VALUES (5999, '1.00 USD', 1, 1, 1, 1, 'escrow', 'freelancer')$$);
SELECT pg_temp.attempt($$INSERT INTO refund.refund_payment VALUES (5001, '1.00 USD', '2026-01-01', '2026-01-01', 2, 1, 7, 0, 'client', 'settlement', 'pending', true)$$);
SELECT pg_temp.attempt($$INSERT INTO refund.deposit VALUES (5001, '1.00 USD', 4, 7, 1, 'card', NULL)$$);
SELECT pg_temp.attempt($$INSERT INTO refund.milestone VALUES (5001, '1.00 USD', 3, 7, NULL, 'three')$$);
-- within the counters nothing can tell it from a restore; verify() can
SELECT pg_temp.attempt($$INSERT INTO refund.transfer VALUES (5001, '1.00 USD', 7, 9, 1, 1, 'escrow', 'freelancer')$$);


-- ---- UPDATE, DELETE and TRUNCATE of history: of a test clock's contract, and of a live one ----

BEGIN;
SELECT pg_temp.contract(5100, NULL);
SELECT pg_temp.dispute(id) FROM unnest('{5001,5100}'::bigint[]) id;
SELECT reversed FROM (VALUES (5001), (5100)) c (id), refund.report_reversal(c.id, 'operator', 1, 'chargeback', 'lost', '1.00 USD', 'reversal');
-- what was done so far is proved
SET CONSTRAINTS ALL IMMEDIATE;
SET CONSTRAINTS ALL DEFERRED;
\pset tuples_only off
SELECT c.relname AS "table", v.verb, s.which, pg_temp.attempt(format(v.statement, c.relname, s.id)) AS answer
FROM pg_class c, (VALUES (1, 'UPDATE', 'UPDATE refund.%I SET contract_id = contract_id WHERE contract_id = %s'), (2, 'DELETE', 'DELETE FROM refund.%I WHERE contract_id = %s')) v (n, verb, statement),
	(VALUES (5001, 'test'), (5100, 'live')) s (id, which)
WHERE c.relnamespace = 'refund'::regnamespace AND c.relname = ANY ('{contract,event,transfer,milestone,deposit,refund_payment,statement,evidence,evidence_body,arbitration_fee,reversal}')
ORDER BY c.relname COLLATE "C", v.n, s.id DESC;
\pset tuples_only on
ROLLBACK;
SELECT pg_temp.attempt(format('TRUNCATE refund.%I', t)) FROM unnest('{contract,event,transfer,milestone,deposit,refund_payment,statement,evidence,evidence_body,arbitration_fee,reversal,policy,test_clock}'::text[]) t;
SELECT pg_temp.attempt('TRUNCATE refund.policy CASCADE');
SELECT pg_temp.attempt('TRUNCATE refund.test_clock CASCADE');
SELECT pg_temp.attempt('DELETE FROM refund.test_clock WHERE name = ''bypass''');
SELECT pg_temp.attempt('UPDATE refund.test_clock SET name = ''renamed'' WHERE name = ''bypass''');
SELECT pg_temp.attempt('UPDATE refund.policy SET max_extensions = 3');
SELECT pg_temp.attempt('DELETE FROM refund.policy');
-- a contract can not be made a test's, and then be dropped
BEGIN;
SELECT pg_temp.contract(5100, NULL);
SELECT pg_temp.attempt('UPDATE refund.contract SET test_clock = ''bypass'' WHERE contract_id = 5100');
SELECT pg_temp.attempt('UPDATE refund.contract SET test_clock = NULL WHERE contract_id = 5001');
ROLLBACK;


-- ---- the deferred audit, at COMMIT and when asked ----

BEGIN;
UPDATE refund.contract SET event_no = event_no + 1, last_event = 'fund' WHERE contract_id = 5001;
SELECT event_no FROM refund.contract WHERE contract_id = 5001;
COMMIT;
SELECT event_no FROM refund.contract WHERE contract_id = 5001;
BEGIN;
UPDATE refund.contract SET event_no = event_no + 1, last_event = 'fund' WHERE contract_id = 5001;
SET CONSTRAINTS refund.audit_contract IMMEDIATE;
ROLLBACK;
-- verbs work while constraints are immediate, and what is wrong fails at once, also after a good one
BEGIN;
SET CONSTRAINTS ALL IMMEDIATE;
SELECT pg_temp.contract(5002, 'bypass');
SELECT state FROM refund.create_contract(5003, 'client', 'freelancer', 'USD', test_clock => 'bypass');
SELECT outcome FROM refund.approve_refund(5002, 'freelancer');
SELECT now FROM refund.advance_test_clock('bypass', '7 days');
SAVEPOINT before;
UPDATE refund.contract SET event_no = event_no + 1, last_event = 'fund' WHERE contract_id = 5002;
ROLLBACK TO before;
UPDATE refund.contract SET event_no = event_no + 1, last_event = 'fund' WHERE contract_id = 5001;
ROLLBACK TO before;
SELECT held FROM refund.fund(5002, 'client', 1, '1.00 USD', 'card');
COMMIT;
SELECT * FROM refund.verify_all();
-- two events in one verb, constraints immediate
SELECT pg_temp.contract(5004, 'bypass');
SELECT now FROM refund.advance_test_clock('bypass', '7 days', false);
BEGIN;
SET CONSTRAINTS ALL IMMEDIATE;
SELECT deposit_no, refunded FROM refund.fund(5004, 'client', 1, '1.00 USD', 'card');
COMMIT;
SELECT event_no, event, to_state FROM refund.case_timeline WHERE contract_id = 5004 AND event_no > 7 ORDER BY 1;

-- what was proved in a savepoint is not proved after its rollback
SELECT pg_temp.contract(5005, 'bypass');
BEGIN;
SAVEPOINT before;
SELECT now FROM refund.advance_test_clock('bypass', '7 days');
SELECT event_no, outcome FROM refund.contract WHERE contract_id = 5005;
ROLLBACK TO before;
UPDATE refund.contract SET event_no = event_no + 1, last_event = 'fund' WHERE contract_id = 5005;
COMMIT;
BEGIN;
SAVEPOINT before;
SELECT now FROM refund.advance_test_clock('bypass', '7 days');
SET CONSTRAINTS ALL IMMEDIATE;
ROLLBACK TO before;
UPDATE refund.contract SET event_no = event_no + 1, last_event = 'fund' WHERE contract_id = 5005;
SET CONSTRAINTS ALL IMMEDIATE;
ROLLBACK;
SELECT event_no, request_state FROM refund.contract WHERE contract_id = 5005;

-- K12: two-phase commit, where the server allows it (max_prepared_transactions); silent otherwise
SELECT current_setting('max_prepared_transactions')::integer > 0 AS two_phase \gset
\if :two_phase
BEGIN;
SELECT released AS "_" FROM refund.create_contract(5006, 'client', 'freelancer', 'USD', test_clock => 'bypass') \gset
SELECT outcome AS "_" FROM refund.approve_refund(5005, 'freelancer') \gset
PREPARE TRANSACTION 'refund bypass 1';
COMMIT PREPARED 'refund bypass 1';
BEGIN;
SELECT now AS "_" FROM refund.advance_test_clock('bypass', '1 day') \gset
PREPARE TRANSACTION 'refund bypass 2';
ROLLBACK PREPARED 'refund bypass 2';
\else
SELECT outcome AS "_" FROM refund.approve_refund(5005, 'freelancer') \gset
SELECT released AS "_" FROM refund.create_contract(5006, 'client', 'freelancer', 'USD', test_clock => 'bypass') \gset
\endif
SELECT state FROM refund.contract_status WHERE contract_id = 5006;
SELECT outcome FROM refund.refund_request_status WHERE contract_id = 5005;


-- ---- A06: hostile names ----

CREATE SCHEMA hostile;
CREATE TABLE hostile.called (what text);
CREATE FUNCTION hostile.trap(what text) RETURNS void LANGUAGE sql AS $$ INSERT INTO hostile.called VALUES ($1) $$;
CREATE FUNCTION hostile.now() RETURNS timestamptz LANGUAGE plpgsql AS $$ BEGIN PERFORM hostile.trap('now'); RETURN '2000-01-01'; END $$;
CREATE FUNCTION hostile.clock_timestamp() RETURNS timestamptz LANGUAGE plpgsql AS $$ BEGIN PERFORM hostile.trap('clock_timestamp'); RETURN '2000-01-01'; END $$;
CREATE FUNCTION hostile.unnest(anyarray) RETURNS SETOF anyelement LANGUAGE plpgsql AS $$ BEGIN PERFORM hostile.trap('unnest'); RETURN; END $$;
CREATE FUNCTION hostile.minor_units(refund.amount) RETURNS bigint LANGUAGE plpgsql AS $$ BEGIN PERFORM hostile.trap('minor_units'); RETURN 0; END $$;
CREATE FUNCTION hostile.sum(refund.amount) RETURNS refund.amount LANGUAGE plpgsql AS $$ BEGIN PERFORM hostile.trap('sum'); RETURN '0 USD'; END $$;
CREATE FUNCTION hostile.equal(bigint, bigint) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN PERFORM hostile.trap('bigint ='); RETURN true; END $$;
CREATE FUNCTION hostile.equal(text, text) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN PERFORM hostile.trap('text ='); RETURN true; END $$;
CREATE FUNCTION hostile.equal(integer, integer) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN PERFORM hostile.trap('integer ='); RETURN true; END $$;
CREATE FUNCTION hostile.plus(refund.amount, refund.amount) RETURNS refund.amount LANGUAGE plpgsql AS $$ BEGIN PERFORM hostile.trap('amount +'); RETURN '0 USD'; END $$;
CREATE FUNCTION hostile.equal(refund.amount, refund.amount) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN PERFORM hostile.trap('amount ='); RETURN true; END $$;
CREATE FUNCTION hostile.less(timestamptz, timestamptz) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN PERFORM hostile.trap('timestamptz <='); RETURN true; END $$;
CREATE OPERATOR hostile.= (LEFTARG = bigint, RIGHTARG = bigint, FUNCTION = hostile.equal);
CREATE OPERATOR hostile.= (LEFTARG = text, RIGHTARG = text, FUNCTION = hostile.equal);
CREATE OPERATOR hostile.= (LEFTARG = integer, RIGHTARG = integer, FUNCTION = hostile.equal);
CREATE OPERATOR hostile.= (LEFTARG = refund.amount, RIGHTARG = refund.amount, FUNCTION = hostile.equal);
CREATE OPERATOR hostile.+ (LEFTARG = refund.amount, RIGHTARG = refund.amount, FUNCTION = hostile.plus);
CREATE OPERATOR hostile.<= (LEFTARG = timestamptz, RIGHTARG = timestamptz, FUNCTION = hostile.less);
CREATE TABLE hostile.contract (contract_id bigint);
CREATE TABLE hostile.event (contract_id bigint);
CREATE TEMP TABLE contract (contract_id bigint);
CREATE TEMP TABLE event (contract_id bigint);
CREATE TEMP TABLE test_clock (name text, now timestamptz);
CREATE TYPE pg_temp.amount AS (a integer);
CREATE TYPE pg_temp.request_state AS ENUM ('settled');
-- in a session of its own: no plan was made under another path
\c -
SET client_min_messages = warning;
SET search_path = hostile, pg_temp, refund, pg_catalog;
CREATE TEMP TABLE contract (contract_id bigint);
CREATE TEMP TABLE event (contract_id bigint);
CREATE TEMP TABLE test_clock (name text, now timestamptz);
CREATE TYPE pg_temp.amount AS (a integer);
CREATE TYPE pg_temp.request_state AS ENUM ('settled');
\pset tuples_only on
\pset format unaligned
SELECT state FROM refund.create_contract(5010, 'client', 'freelancer', 'USD', test_clock => 'bypass', idempotency_key => 'k');
SELECT state FROM refund.create_contract(5010, 'client', 'freelancer', 'USD', test_clock => 'bypass', idempotency_key => 'k');
SELECT title FROM refund.add_milestone(5010, 'client', 1, 'one', '100.00 USD');
SELECT title FROM refund.add_milestone(5010, 'client', 2, 'two', '100.00 USD');
SELECT held FROM refund.fund(5010, 'client', 1, '100.00 USD', 'card', 'ref', 'k');
SELECT held FROM refund.fund(5010, 'client', 1, '100.00 USD', 'card', 'ref', 'k');
SELECT held FROM refund.release_payment(5010, 'client', 1, '10.00 USD', 'r');
SELECT held FROM refund.move_leftover(5010, 'client', 1, 2, '20.00 USD');
SELECT held FROM refund.release_milestone(5010, 'client', 2);
SELECT at_stake FROM refund.end_contract(5010, 'client', '10.00 USD');
SELECT disputed FROM refund.dispute_refund(5010, 'freelancer', '10.00 USD', 'reason', '[{"title": "a", "media_type": "text/plain", "content": "QQ=="}]', 'd');
SELECT disputed FROM refund.dispute_refund(5010, 'freelancer', '10.00 USD', 'reason', '[{"title": "a", "media_type": "text/plain", "content": "QQ=="}]', 'd');
SELECT statement FROM refund.decline_dispute(5010, 'client', 'statement');
SELECT mediator FROM refund.assign_case(5010, 'operator', 'mediator');
SELECT pg_catalog.count(a) FROM refund.allowed_actions(5010, 'operator') a;
SELECT pg_catalog.jsonb_typeof(refund.case_file(5010, 'mediator')), refund.evidence_content(5010, 'operator', 1);
SELECT proposed FROM refund.propose_resolution(5010, 'mediator', '5.00 USD', 'rationale');
SELECT state FROM refund.reject_resolution(5010, 'client');
SELECT freelancer_joined FROM refund.join_arbitration(5010, 'freelancer', 'card', 'fee');
SELECT freelancer_joined FROM refund.join_arbitration(5010, 'freelancer', 'card', 'fee');
SELECT state FROM refund.offer_settlement(5010, 'client', '1.00 USD');
SELECT outcome FROM refund.accept_settlement(5010, 'freelancer', 1);
SELECT erased FROM refund.erase_evidence(5010, 'operator', 1, 'by law');
SELECT pg_catalog.count(c) > 0 FROM refund.claim_refund_payments(test => true) c;
SELECT pg_catalog.count(c) > 0 FROM refund.claim_notifications(test => true) c;
SELECT state FROM refund.report_refund_payment(5010, 'worker', 1, 'failed', 'p-1');
SELECT state FROM refund.retry_refund_payment(5010, 'operator', 1, 'bank');
SELECT state FROM refund.report_refund_payment(5010, 'worker', 1, 'succeeded', 'p-2', '{"a": 1}');
SELECT state FROM refund.report_refund_payment(5010, 'worker', 1, 'succeeded', 'p-2');
SELECT state FROM refund.fail_notification(5010, 101, 'no such mailbox');
SELECT state FROM refund.confirm_notification(5010, 101, 'mail');
SELECT pg_catalog.count(p) FROM refund.notification_inbox p WHERE pg_catalog.int8eq(contract_id, 5010);
SELECT party, state FROM refund.whose_turn WHERE pg_catalog.int8eq(contract_id, 5010);
SELECT refund.expire_due() >= 0;
CALL refund.run_due();
SELECT count(*) FROM refund.verify(5010);
SELECT count(*) FROM refund.verify_all();
SELECT line_no, kind, amount, balance FROM refund.transaction_history WHERE pg_catalog.int8eq(contract_id, 5010) ORDER BY line_no;
SELECT held, released FROM refund.milestone_status WHERE pg_catalog.int8eq(contract_id, 5010) ORDER BY milestone_no;
SELECT state, effective_state FROM refund.refund_request_status WHERE pg_catalog.int8eq(contract_id, 5010);
UPDATE refund.contract SET event_no = event_no + 1, last_event = 'fund' WHERE pg_catalog.int8eq(contract_id, 5010);
DELETE FROM refund.event WHERE pg_catalog.int8eq(contract_id, 5010) AND pg_catalog.int4eq(event_no, 1) AND false;
-- other settings that a session may have
SET DateStyle = 'German';
SET IntervalStyle = 'iso_8601';
SET bytea_output = 'escape';
SET TimeZone = 'Asia/Kathmandu';
SET transform_null_equals = on;
SET enable_indexscan = off;
SET plan_cache_mode = force_generic_plan;
SELECT now FROM refund.advance_test_clock('bypass', '1 day');
SELECT count(*) FROM refund.verify_all();
RESET ALL;
-- nobody fell into a trap
SELECT what, count(*) FROM hostile.called GROUP BY what ORDER BY what;
SET client_min_messages = warning;
DROP SCHEMA hostile CASCADE;
RESET client_min_messages;

SELECT * FROM refund.verify_all();
SELECT refund.drop_test_clock('bypass');
SELECT count(*) FROM refund.contract WHERE contract_id BETWEEN 5000 AND 5999;
