-- verify() and verify_all(): what a superuser does to the rows behind the triggers'
-- back is found, with its contract, rule and position.  Ids such as G01 are lines of
-- the catalogue of bad inputs and faults.  Contracts 6000 to 6999.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS refund;
RESET client_min_messages;
SET TimeZone = 'UTC';
SET DateStyle = 'ISO, MDY';
\pset format unaligned
\pset null '~'

-- Tamper as a superuser who silences the triggers: the rules that verify_all() finds
-- broken, and of those that name a place in the history what it says; all of it is
-- rolled back.
CREATE FUNCTION pg_temp.tampered(VARIADIC statements text[]) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
	answers text[];
	statement text;
	n bigint := 0;
	m bigint;
BEGIN
	SET LOCAL session_replication_role = replica;
	FOREACH statement IN ARRAY statements LOOP
		EXECUTE statement;
		GET DIAGNOSTICS m = ROW_COUNT;
		n := n + m;
	END LOOP;
	IF n = 0 THEN
		RAISE EXCEPTION USING ERRCODE = 'TE000', MESSAGE = '{NOTHING WAS TAMPERED WITH}';
	END IF;
	CREATE TEMP TABLE found ON COMMIT DROP AS SELECT * FROM refund.verify_all();
	SELECT coalesce((SELECT array_agg(l) FROM (SELECT contract_id || ': ' || string_agg(DISTINCT rule COLLATE "C", ', ') AS l FROM found GROUP BY contract_id ORDER BY contract_id) r)
		|| (SELECT array_agg(DISTINCT format('%s %s: %s', contract_id, rule, detail) COLLATE "C") FROM found WHERE rule IN ('chain', 'history', 'provenance', 'state', 'deadline', 'payments')), '{NOT FOUND}') INTO answers;
	RAISE EXCEPTION USING ERRCODE = 'TE000', MESSAGE = answers::text;
EXCEPTION
	WHEN SQLSTATE 'TE000' THEN
		RETURN QUERY SELECT unnest(SQLERRM::text[]);
	WHEN OTHERS THEN
		RETURN NEXT SQLSTATE || ' ' || SQLERRM;
END $$;

-- only whether it is found
CREATE FUNCTION pg_temp.verdict(VARIADIC statements text[]) RETURNS text LANGUAGE sql AS $$
	SELECT CASE WHEN min(f) = 'NOT FOUND' THEN 'NOT FOUND' WHEN min(f) LIKE 'NOTHING%' THEN min(f)
		WHEN min(f) ~ '^23' THEN 'by a constraint' WHEN bool_and(f ~ '^600[0-9][: ]') THEN 'found' ELSE min(f) END
	FROM pg_temp.tampered(VARIADIC statements) f
$$;

SELECT name FROM refund.create_test_clock('verify', '2026-03-02 09:00+00');
SELECT name FROM refund.create_test_clock('verify 2', '2026-03-02 09:00+00');
\pset tuples_only on

-- 6000: three deposits, two milestones, releases, a leftover, settled by silence, a late deposit; 6001: the like, open
CREATE FUNCTION pg_temp.contract(id bigint, clock text) RETURNS refund.request_state LANGUAGE plpgsql AS $$
BEGIN
	PERFORM refund.create_contract(id, 'client', 'freelancer', 'USD', agency => 'agency', test_clock => clock);
	PERFORM refund.add_milestone(id, 'client', 1, 'one', '100.00 USD', '2026-06-01');
	PERFORM refund.add_milestone(id, 'client', 2, 'two', '100.00 USD');
	PERFORM refund.fund(id, 'client', 1, '60.00 USD', 'card', 'ref', 'key');
	PERFORM refund.fund(id, 'client', 1, '40.00 USD', 'bank');
	PERFORM refund.fund(id, 'client', 2, '50.00 USD', 'card');
	PERFORM refund.release_payment(id, 'client', 1, '70.00 USD');
	PERFORM refund.move_leftover(id, 'client', 1, 2, '10.00 USD');
	RETURN (SELECT request_state FROM refund.end_contract(id, 'client', '5.00 USD'));
END $$;
SELECT pg_temp.contract(6000, 'verify');
SELECT now FROM refund.advance_test_clock('verify', '8 days');
SELECT refunded FROM refund.fund(6000, 'client', 2, '3.00 USD', 'late card');
SELECT now FROM refund.advance_test_clock('verify', '1 day');
SELECT pg_temp.contract(6001, 'verify');
SELECT pg_temp.contract(6002, 'verify');
SELECT state FROM refund.create_contract(6003, 'client', 'freelancer', 'USD', test_clock => 'verify');
SELECT state FROM refund.end_contract(6003, 'freelancer');
-- 6004: in arbitration, with evidence, fees, offers, and a late deposit on its way back for the second time
CREATE FUNCTION pg_temp.dispute(id bigint) RETURNS refund.request_state LANGUAGE plpgsql AS $$
BEGIN
	PERFORM refund.fund(id, 'client', 2, '3.00 USD', 'late card');
	PERFORM refund.dispute_refund(id, 'freelancer', '60.00 USD', 'reason', '[{"title": "a", "media_type": "text/plain", "content": "QQ==", "statement": "b"}, {"title": "c", "media_type": "text/plain", "uri": "urn:c", "byte_size": 3}]');
	PERFORM refund.assign_case(id, 'operator', 'mediator', 'key of it');
	PERFORM refund.decline_dispute(id, 'client', 'statement', '[{"title": "d", "statement": "e"}]');
	PERFORM refund.propose_resolution(id, 'mediator', '40.00 USD', 'rationale');
	PERFORM refund.accept_resolution(id, 'client');
	PERFORM refund.reject_resolution(id, 'agency');
	PERFORM refund.join_arbitration(id, 'agency', 'card', 'fee-1');
	PERFORM refund.assign_case(id, 'operator', 'arbitrator');
	PERFORM refund.join_arbitration(id, 'client', 'card', 'fee-2');
	PERFORM refund.offer_settlement(id, 'client', '1.00 USD');
	PERFORM refund.offer_settlement(id, 'freelancer', '59.00 USD');
	PERFORM refund.report_refund_payment(id, 'worker', 1, 'failed', 'p-1');
	PERFORM refund.retry_refund_payment(id, 'operator', 1, 'another card');
	PERFORM refund.report_refund_payment(id, 'worker', 1, 'succeeded', 'p-2');
	PERFORM refund.report_refund_payment(id, 'worker', 1, 'succeeded', 'p-1', '{"late": true}');
	PERFORM refund.erase_evidence(id, 'operator', 2, 'by law', 'key');
	RETURN (SELECT request_state FROM refund.contract WHERE contract_id = id);
END $$;
SELECT pg_temp.contract(6004, 'verify');
SELECT pg_temp.dispute(6004);
SELECT count(*) FROM refund.verify_all();
SELECT event_no, event, amount FROM refund.case_timeline WHERE contract_id = 6000 ORDER BY event_no;
-- an unknown contract is not sound
SELECT * FROM refund.verify(6999);
SELECT * FROM refund.verify(NULL);


-- ---- G01: a value changed ----

SELECT pg_temp.tampered('UPDATE refund.transfer SET amount = ''59.99 USD'' WHERE contract_id = 6000 AND event_no = 4');
SELECT pg_temp.tampered('UPDATE refund.transfer SET amount = ''60.01 USD'' WHERE contract_id = 6000 AND event_no = 7 AND ordinal = 1', 'UPDATE refund.transfer SET amount = ''9.99 USD'' WHERE contract_id = 6000 AND event_no = 7 AND ordinal = 2');
SELECT pg_temp.tampered('UPDATE refund.event SET amount = ''1.00 USD'' WHERE contract_id = 6000 AND event_no = 11');
SELECT pg_temp.tampered('UPDATE refund.event SET actor = ''somebody'' WHERE contract_id = 6000 AND event_no = 6');
SELECT pg_temp.tampered('UPDATE refund.event SET effective_at = effective_at - interval ''1 microsecond'' WHERE contract_id = 6000 AND event_no = 11');
SELECT pg_temp.tampered('UPDATE refund.refund_payment SET amount = ''1.00 USD'' WHERE contract_id = 6000 AND payment_no = 1');
SELECT pg_temp.tampered('UPDATE refund.refund_payment SET expected_by = expected_by + interval ''1 day'' WHERE contract_id = 6000 AND payment_no = 1');
SELECT pg_temp.tampered('UPDATE refund.deposit SET source = ''my card'' WHERE contract_id = 6000 AND deposit_no = 2');
SELECT pg_temp.tampered('UPDATE refund.deposit SET amount = ''4000.00 USD'' WHERE contract_id = 6000 AND deposit_no = 2');
SELECT pg_temp.tampered('UPDATE refund.contract SET client = ''me'' WHERE contract_id = 6000');
SELECT pg_temp.tampered('UPDATE refund.contract SET to_client = ''0 USD'', to_freelancer = at_stake WHERE contract_id = 6000');
SELECT pg_temp.tampered('UPDATE refund.contract SET due_at = due_at + interval ''1 day'', next_due_at = next_due_at + interval ''1 day'' WHERE contract_id = 6001');
SELECT pg_temp.tampered('UPDATE refund.contract SET next_due_at = NULL WHERE contract_id = 6001');
SELECT pg_temp.verdict('UPDATE refund.contract SET state = ''active'' WHERE contract_id = 6001');
-- all the money of one column in another one
SELECT pg_temp.tampered('UPDATE refund.contract SET released = released OPERATOR(refund.+) held, held = ''0 USD'', deposit_held = ''{}'', milestone_released = ARRAY[milestone_released[1] OPERATOR(refund.+) milestone_held[1], milestone_released[2] OPERATOR(refund.+) milestone_held[2]], milestone_held = ''{0 USD,0 USD}'' WHERE contract_id = 6001');
-- from one deposit to the other, from one milestone to the other: every total is as it was
SELECT pg_temp.tampered('UPDATE refund.contract SET deposit_held[2] = ''0 USD'', deposit_held[3] = ''75.00 USD'' WHERE contract_id = 6001');
SELECT pg_temp.tampered('UPDATE refund.contract SET milestone_held = ARRAY[milestone_held[2], milestone_held[1]] WHERE contract_id = 6001');


-- ---- every column of every table: is a change of it found? ----

\set ECHO none
\getenv here PG_ABS_SRCDIR
\set helpers :here '/sql/include/other.sql'
\i :helpers
\set ECHO all
\pset tuples_only off
-- ("by a constraint": no superuser's UPDATE can write it.  A transfer's ordinal is its
-- place among its neighbours, and a payment's state moves on: these two are no findings.)
SELECT c.relname AS "table", a.attname AS changed, pg_temp.verdict(format('UPDATE refund.%I SET %I = %s WHERE contract_id = 6000 %s', c.relname, a.attname, pg_temp.other(a.attname, a.atttypid),
		CASE c.relname WHEN 'event' THEN 'AND event_no = 4' WHEN 'transfer' THEN 'AND event_no = 7 AND ordinal = 2' WHEN 'milestone' THEN 'AND milestone_no = 1'
			WHEN 'deposit' THEN 'AND deposit_no = 1' WHEN 'refund_payment' THEN 'AND payment_no = 2' ELSE '' END))
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
WHERE c.relnamespace = 'refund'::regnamespace AND c.relname = ANY ('{contract,event,transfer,milestone,deposit,refund_payment}')
ORDER BY c.relname COLLATE "C", a.attnum;
-- and of a contract in dispute (no findings here are also a lease, and the target that its
-- decider should keep, at which nothing moves)
SELECT c.relname AS "table", a.attname AS changed, pg_temp.verdict(format('UPDATE refund.%I SET %I = %s WHERE contract_id = 6004 %s', c.relname, a.attname, pg_temp.other(a.attname, a.atttypid),
		CASE c.relname WHEN 'event' THEN 'AND kind = ''assign_case'' AND reference = ''mediator''' WHEN 'transfer' THEN 'AND credit = ''fee_held'' AND event_no = (SELECT max(event_no) FROM refund.arbitration_fee WHERE contract_id = 6004)'
			WHEN 'statement' THEN 'AND kind = ''dispute_refund''' WHEN 'evidence' THEN 'AND evidence_no = 1' WHEN 'evidence_body' THEN 'AND evidence_no = 1'
			WHEN 'arbitration_fee' THEN 'AND provider_ref = ''fee-1''' ELSE '' END)) AS verdict
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
WHERE c.relnamespace = 'refund'::regnamespace AND c.relname = ANY ('{contract,event,transfer,refund_payment,statement,evidence,evidence_body,arbitration_fee}')
ORDER BY c.relname COLLATE "C", a.attnum;
\pset tuples_only on
-- the currency of an amount is as much of it as its number
SELECT pg_temp.verdict('UPDATE refund.transfer SET amount = ''60.00 EUR'' WHERE contract_id = 6000 AND event_no = 4');
SELECT pg_temp.verdict('UPDATE refund.event SET amount = ''60.00 EUR'' WHERE contract_id = 6000 AND event_no = 4');
SELECT pg_temp.verdict('UPDATE refund.deposit SET amount = ''60.00 EUR'' WHERE contract_id = 6000 AND deposit_no = 1');
SELECT pg_temp.verdict('UPDATE refund.milestone SET price = ''100.00 EUR'' WHERE contract_id = 6000 AND milestone_no = 1');
SELECT pg_temp.verdict('UPDATE refund.refund_payment SET amount = ''22.00 EUR'' WHERE contract_id = 6000 AND payment_no = 2');


-- ---- G02: a leg, a pair, an event gone ----

SELECT pg_temp.tampered('DELETE FROM refund.transfer WHERE contract_id = 6000 AND event_no = 7 AND ordinal = 2');
SELECT pg_temp.tampered('DELETE FROM refund.transfer WHERE contract_id = 6000 AND event_no = 7');
SELECT pg_temp.tampered('DELETE FROM refund.event WHERE contract_id = 6000 AND event_no = 8');
SELECT pg_temp.tampered('DELETE FROM refund.event WHERE contract_id = 6000 AND event_no = 7', 'DELETE FROM refund.transfer WHERE contract_id = 6000 AND event_no = 7');
SELECT pg_temp.tampered('DELETE FROM refund.refund_payment WHERE contract_id = 6000 AND payment_no = 1');
SELECT pg_temp.tampered('DELETE FROM refund.deposit WHERE contract_id = 6000 AND deposit_no = 2');
SELECT pg_temp.tampered('DELETE FROM refund.milestone WHERE contract_id = 6000 AND milestone_no = 1');
SELECT pg_temp.tampered('DELETE FROM refund.statement WHERE contract_id = 6004 AND kind = ''payment_double_paid''');
SELECT pg_temp.tampered('DELETE FROM refund.statement WHERE contract_id = 6004 AND kind = ''propose_resolution''');
SELECT pg_temp.tampered('DELETE FROM refund.evidence WHERE contract_id = 6004 AND evidence_no = 3');
SELECT pg_temp.tampered('DELETE FROM refund.evidence_body WHERE contract_id = 6004 AND evidence_no = 3');
SELECT pg_temp.tampered('DELETE FROM refund.arbitration_fee WHERE contract_id = 6004');
SELECT pg_temp.tampered('DELETE FROM refund.event WHERE contract_id = 6004 AND kind = ''offer_settlement'' AND item_no = 1');
SELECT pg_temp.tampered('DELETE FROM refund.contract WHERE contract_id = 6000');
SELECT pg_temp.tampered('DELETE FROM refund.event WHERE contract_id = 6000');
-- ---- G03: the tail gone ----
SELECT pg_temp.tampered('DELETE FROM refund.event WHERE contract_id = 6000 AND event_no = 12', 'DELETE FROM refund.transfer WHERE contract_id = 6000 AND event_no = 12',
	'DELETE FROM refund.refund_payment WHERE contract_id = 6000 AND event_no = 12', 'DELETE FROM refund.deposit WHERE contract_id = 6000 AND event_no = 12');
-- ---- G04: two entries change places ----
SELECT pg_temp.tampered('UPDATE refund.transfer SET ordinal = 3 - ordinal + 100 WHERE contract_id = 6000 AND event_no = 7', 'UPDATE refund.transfer SET ordinal = ordinal - 100 WHERE contract_id = 6000 AND event_no = 7');
SELECT pg_temp.tampered('UPDATE refund.event SET event_no = -1 WHERE contract_id = 6000 AND event_no = 5', 'UPDATE refund.event SET event_no = 5 WHERE contract_id = 6000 AND event_no = 6', 'UPDATE refund.event SET event_no = 6 WHERE contract_id = 6000 AND event_no = -1');
SELECT pg_temp.tampered('UPDATE refund.transfer SET deposit_no = 3 - deposit_no WHERE contract_id = 6000 AND event_no = 7');
-- ---- G05: a balanced fake ----
SELECT pg_temp.tampered('INSERT INTO refund.transfer SELECT contract_id, ''5.00 USD'', 7, 3, 2, 1, ''escrow'', ''freelancer'' FROM refund.contract WHERE contract_id = 6001',
	'UPDATE refund.contract SET held = held OPERATOR(refund.-) ''5.00 USD'', released = released OPERATOR(refund.+) ''5.00 USD'', at_stake = at_stake OPERATOR(refund.-) ''5.00 USD'', milestone_held[1] = milestone_held[1] OPERATOR(refund.-) ''5.00 USD'',
	milestone_released[1] = milestone_released[1] OPERATOR(refund.+) ''5.00 USD'', deposit_held[2] = deposit_held[2] OPERATOR(refund.-) ''5.00 USD'' WHERE contract_id = 6001');
SELECT pg_temp.tampered('INSERT INTO refund.event SELECT (jsonb_populate_record(e, ''{"event_no": 10, "kind": "request_changes", "from_state": "requested"}'')).* FROM refund.event e WHERE contract_id = 6001 AND event_no = 9',
	'UPDATE refund.contract SET event_no = 10, last_event = ''request_changes'' WHERE contract_id = 6001');
-- ---- G06: triggers off, an edit, triggers on ----
SELECT pg_temp.tampered('ALTER TABLE refund.event DISABLE TRIGGER ALL', 'UPDATE refund.event SET actor = ''freelancer'' WHERE contract_id = 6001 AND event_no = 9', 'ALTER TABLE refund.event ENABLE TRIGGER ALL');
-- ---- G08: one table from an older time, one from another contract ----
SELECT pg_temp.tampered('DELETE FROM refund.transfer WHERE contract_id = 6000 AND event_no > 10');
SELECT pg_temp.tampered('DELETE FROM refund.event WHERE contract_id = 6001', 'UPDATE refund.event SET contract_id = 6001 WHERE contract_id = 6002');


-- ---- rows that make no sense at all are findings, not errors ----

SELECT pg_temp.verdict('UPDATE refund.contract SET milestone_no = ''{}'' WHERE contract_id = 6000');
SELECT pg_temp.verdict('UPDATE refund.contract SET milestone_no = ''{1,NULL}'' WHERE contract_id = 6000');
SELECT pg_temp.verdict('UPDATE refund.contract SET milestone_no = ''{{1,2}}'' WHERE contract_id = 6000');
SELECT pg_temp.verdict('UPDATE refund.contract SET milestone_room = ''{1 USD,NULL}'' WHERE contract_id = 6000');
SELECT pg_temp.verdict('UPDATE refund.contract SET deposit_held = ''[-5:-4]={0 USD,0 USD}'' WHERE contract_id = 6000');
SELECT pg_temp.verdict('UPDATE refund.contract SET head = '''' WHERE contract_id = 6000');
SELECT pg_temp.verdict('UPDATE refund.contract SET deposit_count = 2147483647 WHERE contract_id = 6000');
SELECT pg_temp.verdict('UPDATE refund.contract SET deposit_count = -1, payment_count = -1, event_no = -1 WHERE contract_id = 6000');
SELECT pg_temp.verdict('UPDATE refund.contract SET policy = ''none'', test_clock = NULL WHERE contract_id = 6000');
SELECT pg_temp.verdict('UPDATE refund.event SET hash = '''' WHERE contract_id = 6000 AND event_no = 12');
SELECT pg_temp.verdict('UPDATE refund.event SET event_no = -event_no WHERE contract_id = 6000 AND event_no = 12');
SELECT pg_temp.verdict('UPDATE refund.transfer SET event_no = 0 WHERE contract_id = 6000 AND event_no = 12');
SELECT pg_temp.verdict('UPDATE refund.transfer SET deposit_no = NULL, milestone_no = NULL WHERE contract_id = 6000 AND event_no = 12');
SELECT pg_temp.verdict('UPDATE refund.transfer SET deposit_no = -2147483648 WHERE contract_id = 6000 AND event_no = 12');
SELECT pg_temp.verdict('UPDATE refund.deposit SET deposit_no = 2147483647 WHERE contract_id = 6000 AND deposit_no = 4', 'UPDATE refund.contract SET deposit_count = 2147483647 WHERE contract_id = 6000');
SELECT pg_temp.verdict('UPDATE refund.deposit SET deposit_no = -1 WHERE contract_id = 6000 AND deposit_no = 4');
SELECT pg_temp.verdict('UPDATE refund.refund_payment SET deposit_no = 77 WHERE contract_id = 6000 AND payment_no = 1');
SELECT pg_temp.verdict('UPDATE refund.evidence SET evidence_no = -1 WHERE contract_id = 6004 AND evidence_no = 3');
SELECT pg_temp.verdict('UPDATE refund.evidence SET evidence_no = 2147483647 WHERE contract_id = 6004 AND evidence_no = 3');
SELECT pg_temp.verdict('UPDATE refund.evidence_body SET salt = ''\x'', statement = NULL, uri = NULL, content = NULL WHERE contract_id = 6004 AND evidence_no = 1');
SELECT pg_temp.verdict('UPDATE refund.statement SET salt = ''\x'', digest = ''\x'' WHERE contract_id = 6004 AND kind = ''dispute_refund''');
SELECT pg_temp.verdict('UPDATE refund.event SET item_no = -2147483648 WHERE contract_id = 6004 AND kind = ''erase_evidence''');
SELECT pg_temp.verdict('UPDATE refund.event SET item_no = 2147483647 WHERE contract_id = 6004 AND kind = ''payment_failed''');
SELECT pg_temp.verdict('UPDATE refund.event SET reference = NULL WHERE contract_id = 6004 AND kind = ''payment_double_paid''');
SELECT pg_temp.verdict('UPDATE refund.contract SET payment_count = 2147483647, evidence_count = -1, offer_count = 2147483647 WHERE contract_id = 6004');
-- a test's notification that a real mailer would get
SELECT pg_temp.verdict('UPDATE refund.notification SET is_test = false WHERE contract_id = 6004');
-- deposits of one event, more of them than an event can have
SELECT pg_temp.verdict('UPDATE refund.deposit SET event_no = 4 WHERE contract_id = 6000');
SELECT pg_temp.verdict('INSERT INTO refund.deposit SELECT 6000, ''1.00 USD'', n, 4, 1, ''card'', NULL FROM generate_series(5, 30) n');


-- ---- strays, and what changed since ----

SELECT pg_temp.tampered('INSERT INTO refund.transfer VALUES (6998, ''1.00 USD'', 1, 1, 1, 1, ''escrow'', ''freelancer'')', 'INSERT INTO refund.milestone VALUES (6997, ''1.00 USD'', 1, 1, NULL, ''stray'')');
BEGIN;
SET LOCAL session_replication_role = replica;
UPDATE refund.transfer SET amount = '59.99 USD' WHERE contract_id = 6000 AND event_no = 4;
UPDATE refund.transfer SET amount = '59.99 USD' WHERE contract_id = 6001 AND event_no = 4;
-- 6000 changed last on the 10th, 6001 on the 11th
SELECT DISTINCT contract_id FROM refund.verify_all() ORDER BY 1;
SELECT DISTINCT contract_id FROM refund.verify_all('2026-03-10 09:00+00') ORDER BY 1;
SELECT DISTINCT contract_id FROM refund.verify_all('2026-03-10 09:00:00.000001+00') ORDER BY 1;
SELECT DISTINCT contract_id FROM refund.verify_all('2026-03-11 09:00+00') ORDER BY 1;
SELECT DISTINCT contract_id FROM refund.verify_all('2026-03-11 09:00:00.000001+00') ORDER BY 1;
SELECT DISTINCT contract_id FROM refund.verify_all('infinity') ORDER BY 1;
SELECT DISTINCT contract_id FROM refund.verify_all('-infinity') ORDER BY 1;
SELECT DISTINCT contract_id FROM refund.verify_all(changed_since => NULL) ORDER BY 1;
SELECT DISTINCT contract_id FROM refund.verify(6000);
SELECT DISTINCT contract_id FROM refund.verify(6002);
ROLLBACK;

-- more contracts than a page of verify_all()
SELECT count(refund.create_contract(6100 + n, 'client', 'freelancer', 'USD', test_clock => 'verify 2')) FROM generate_series(1, 700) n;
SELECT count(*) FROM refund.verify_all();
SELECT count(f), min(f) FROM pg_temp.tampered('UPDATE refund.event SET actor = ''x'' WHERE contract_id BETWEEN 6101 AND 6800') f;
-- the numbers at the ends
SELECT state FROM refund.create_contract(-9223372036854775808, 'client', 'freelancer', 'USD', test_clock => 'verify 2');
SELECT state FROM refund.create_contract(9223372036854775807, 'client', 'freelancer', 'USD', test_clock => 'verify 2');
SELECT pg_temp.tampered('UPDATE refund.event SET actor = ''x'' WHERE contract_id = 9223372036854775807');
SELECT pg_temp.tampered('UPDATE refund.event SET actor = ''x'' WHERE contract_id = -9223372036854775808');

-- in one snapshot: REPEATABLE READ, read only, in a cursor, as a lateral join
BEGIN ISOLATION LEVEL SERIALIZABLE READ ONLY;
SELECT count(*) FROM refund.verify_all();
SELECT count(*) FROM refund.contract c, refund.verify(c.contract_id);
COMMIT;

-- of two successes one came back, and its event does not say which any more
SELECT pg_temp.contract(6005, 'verify 2');
SELECT refunded FROM refund.fund(6005, 'client', 2, '3.00 USD', 'late card');
SELECT state, double_paid FROM refund.report_refund_payment(6005, 'worker', 1, 'succeeded', 'p-1');
SELECT state, double_paid FROM refund.report_refund_payment(6005, 'worker', 1, 'succeeded', 'p-2');
SELECT state, double_paid FROM refund.report_refund_payment(6005, 'worker', 1, 'bounced', 'p-2');
SELECT pg_temp.verdict('UPDATE refund.event SET reference = NULL WHERE contract_id = 6005 AND kind = ''payment_succeeded''');
SELECT pg_temp.verdict('UPDATE refund.event SET reference = NULL WHERE contract_id = 6005 AND kind = ''payment_bounced''');
-- the owner changed what has paid: a report that does not fit says that, as a contract's row would
SELECT state, double_paid FROM refund.report_refund_payment(6005, 'worker', 1, 'succeeded', 'p-3');
BEGIN;
UPDATE refund.refund_payment SET extra_refs = '{other}' WHERE contract_id = 6005;
SELECT rule FROM refund.verify(6005);
\set VERBOSITY sqlstate
SELECT state FROM refund.report_refund_payment(6005, 'worker', 1, 'bounced', 'p-3');
\set VERBOSITY default
ROLLBACK;

SELECT * FROM refund.verify_all();
SELECT refund.drop_test_clock('verify');
SELECT refund.drop_test_clock('verify 2');
SELECT count(*) FROM refund.contract WHERE contract_id BETWEEN 6000 AND 6999;
