-- Refusals: who is refused what in which state, in which order, with which texts;
-- that nothing changes (interface.md "Errors").  Ids such as A16 are lines of the
-- catalogue of bad inputs and faults.  Contracts 3000 to 3999.
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

-- The contracts of this file, one a situation.
CREATE FUNCTION pg_temp.contract(id bigint, kind refund.contract_kind DEFAULT 'fixed_price') RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	PERFORM refund.create_contract(id, 'cl_x1', 'fr_x2', 'USD', kind, 'ag_x3', test_clock => 'refusal');
	PERFORM refund.add_milestone(id, 'cl_x1', 1, 'one', '100.00 USD');
	PERFORM refund.add_milestone(id, 'cl_x1', 2, 'two', '100.00 USD');
	IF kind <> 'hourly' THEN
		PERFORM refund.fund(id, 'cl_x1', 1, '80.00 USD', 'card', 'ref');
	END IF;
END $$;

SELECT name FROM refund.create_test_clock('refusal', '2026-03-02 09:00+00');
\pset tuples_only on
SELECT count(pg_temp.contract(id)) FROM generate_series(3000, 3006) id;
SELECT pg_temp.contract(3007, 'hourly');
-- 3000 active; 3001 ended with nothing left; 3002 ended by the freelancer
SELECT request_state FROM refund.end_contract(3001, 'cl_x1', '80.00 USD');
SELECT request_state FROM refund.end_contract(3002, 'fr_x2');
-- 3003 silent until it settled; 3004 approved; 3005 silent and due; 3006 requested
SELECT request_state FROM refund.end_contract(3003, 'cl_x1');
SELECT outcome FROM refund.end_contract(3004, 'cl_x1') e, refund.approve_refund(e.contract_id, 'fr_x2');
SELECT now FROM refund.advance_test_clock('refusal', '7 days');
SELECT request_state FROM refund.end_contract(3005, 'cl_x1');
SELECT now FROM refund.advance_test_clock('refusal', '7 days', false);
SELECT request_state FROM refund.end_contract(3006, 'cl_x1');


-- ---- A01 A02 A12: every verb, in every situation, by everybody ----

CREATE TEMP TABLE situation (id bigint, name text);
INSERT INTO situation VALUES (3000, 'active'), (3001, 'ended, nothing left'), (3002, 'ended by the freelancer'), (3003, 'approved by silence'),
	(3004, 'approved'), (3005, 'due'), (3006, 'requested'), (3007, 'hourly'), (3999, 'unknown');
CREATE TEMP TABLE verb (ordinal integer, name text, call text);
INSERT INTO verb VALUES
	(1, 'add_milestone', 'add_milestone(%s, %L, 3, ''three'', ''1.00 USD'')'),
	(2, 'fund', 'fund(%s, %L, 2, ''1.00 USD'', ''card'')'),
	(3, 'release_payment', 'release_payment(%s, %L, 1, ''1.00 USD'')'),
	(4, 'release_milestone', 'release_milestone(%s, %L, 1)'),
	(5, 'move_leftover', 'move_leftover(%s, %L, 1, 2, ''1.00 USD'')'),
	(6, 'end_contract', 'end_contract(%s, %L)'),
	(7, 'approve_refund', 'approve_refund(%s, %L)'),
	(8, 'pay_in_full', 'pay_in_full(%s, %L)');

-- ok (and then rolled back) or the SQLSTATE; A20: no text names another party
CREATE FUNCTION pg_temp.outcome(call text, actor text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	before text := pg_temp.digest();
	detail text;
	hint text;
	texts text;
BEGIN
	BEGIN
		EXECUTE 'SELECT refund.' || call;
		RAISE EXCEPTION USING ERRCODE = 'TE000', MESSAGE = 'roll back';
	EXCEPTION WHEN OTHERS THEN
		GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
		texts := concat_ws(' ', SQLERRM, detail, hint);
		IF SQLSTATE = 'TE000' THEN
			RETURN 'ok';
		END IF;
		IF pg_temp.digest() <> before THEN
			RETURN 'ROWS CHANGED ' || SQLSTATE;
		END IF;
		IF detail::jsonb->'contract_id' IS NULL OR detail::jsonb->>'event' <> split_part(call, '(', 1) OR hint = '' THEN
			RETURN 'NO FACTS ' || SQLSTATE;
		END IF;
		IF replace(texts, actor, '') ~ '(cl_x1|fr_x2|ag_x3)' THEN
			RETURN 'TELLS OF OTHERS: ' || texts;
		END IF;
		RETURN SQLSTATE;
	END;
END $$;

\pset tuples_only off
SELECT s.name AS situation, v.name AS verb,
	pg_temp.outcome(format(v.call, s.id, 'cl_x1'), 'cl_x1') AS client,
	pg_temp.outcome(format(v.call, s.id, 'fr_x2'), 'fr_x2') AS freelancer,
	pg_temp.outcome(format(v.call, s.id, 'ag_x3'), 'ag_x3') AS agency,
	pg_temp.outcome(format(v.call, s.id, 'stranger'), 'stranger') AS stranger
FROM situation s, verb v ORDER BY s.id, v.ordinal;
-- A02: a stranger's answer and that of a contract that is not there are one answer
SELECT count(*) AS same FROM verb v
WHERE replace(pg_temp.refused(format('SELECT refund.' || v.call, 3000, 'stranger')), '3000', '3999') = pg_temp.refused(format('SELECT refund.' || v.call, 3999, 'stranger'));
-- what the request's events were allowed to do is what transitions() allows
SELECT s.name, v.name, p.party, pg_temp.outcome(format(v.call, s.id, p.person), p.person) = 'ok' AS allowed,
	EXISTS (SELECT 1 FROM refund.transitions() t WHERE t.from_state IS NOT DISTINCT FROM s.state::refund.request_state AND t.event::text = v.name AND t.party::text = p.party) AS in_table
FROM (VALUES (3003, 'approved by silence', 'settled'), (3004, 'approved', 'settled'), (3006, 'requested', 'requested')) s (id, name, state),
	verb v, (VALUES ('client', 'cl_x1'), ('freelancer', 'fr_x2')) p (party, person)
WHERE v.ordinal >= 6 ORDER BY s.id, v.ordinal, p.party;
\pset tuples_only on


-- ---- A16: a null for each required argument ----

-- every function of the verbs' kind: called with each of its arguments null in turn, the others sound
CREATE TEMP TABLE argument (name text, value text);
INSERT INTO argument VALUES ('contract_id', '3000'), ('actor', '''cl_x1'''), ('client', '''cl_x1'''), ('freelancer', '''fr_x2'''),
	('currency', '''USD'''), ('kind', '''fixed_price'''), ('agency', '''ag_x3'''), ('policy', '''standard'''), ('test_clock', '''refusal'''),
	('milestone_no', '1'), ('title', '''title'''), ('price', '''1.00 USD'''), ('due', '''2026-01-01'''), ('amount', '''1.00 USD'''),
	('source', '''card'''), ('provider_ref', '''a ref'''), ('from_milestone', '1'), ('to_milestone', '2'), ('final_payment', '''1.00 USD'''),
	('idempotency_key', '''a key'''), ('name', '''refusal'''), ('starts_at', '''2026-01-01'''), ('step', '''1 day'''), ('run_job', 'true'), ('max_cases', '1');
CREATE FUNCTION pg_temp.with_null(function regprocedure, argument text) RETURNS text LANGUAGE sql AS $$
	SELECT format('%s(%s)', p.proname, string_agg(format('%I => %s', a.name, CASE WHEN a.name = $2 THEN 'NULL' ELSE v.value END), ', ' ORDER BY a.n))
	FROM pg_proc p, unnest(p.proargnames[:p.pronargs]) WITH ORDINALITY a (name, n) LEFT JOIN argument v USING (name)
	WHERE p.oid = $1 GROUP BY p.proname
$$;
CREATE FUNCTION pg_temp.refusal_of_null(function regprocedure, argument text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE 'SELECT refund.' || pg_temp.with_null($1, $2);
	RAISE EXCEPTION USING ERRCODE = 'TE000', MESSAGE = 'accepted';
EXCEPTION WHEN OTHERS THEN
	RETURN CASE WHEN SQLSTATE <> '22004' OR SQLERRM NOT LIKE '%"' || $2 || '"%' THEN SQLSTATE || ' ' || SQLERRM ELSE 'refused' END;
END $$;
SELECT p.proname, string_agg(a.name || ': ' || pg_temp.refusal_of_null(p.oid, a.name), ', ' ORDER BY a.n)
FROM pg_proc p, unnest(p.proargnames[:p.pronargs]) WITH ORDINALITY a (name, n)
WHERE p.pronamespace = 'refund'::regnamespace AND p.proname = ANY ('{create_contract,add_milestone,fund,release_payment,release_milestone,move_leftover,end_contract,approve_refund,pay_in_full,create_test_clock,advance_test_clock,drop_test_clock,expire_due}')
GROUP BY p.proname ORDER BY p.proname;
SELECT pg_temp.refused('SELECT refund.release_payment(3000, ''cl_x1'', 1, NULL)');
SELECT pg_temp.refused('CALL refund.run_due(NULL, 1)');
SELECT pg_temp.refused('CALL refund.run_due(1, NULL)');
SELECT pg_temp.refused('CALL refund.run_due(-1, 1)');
SELECT pg_temp.refused('CALL refund.run_due(1, -1)');
SELECT pg_temp.refused('CALL refund.run_due(1, ''NaN'')');
SELECT pg_temp.refused('SELECT refund.expire_due(-1)');
SELECT refund.expire_due(0);
-- nothing is asked, nothing is found
SELECT * FROM refund.verify(NULL);


-- ---- the order of refusals ----

-- 22004 before everything
SELECT pg_temp.refused($$SELECT refund.release_payment(3999, 'stranger', 1, NULL)$$);
SELECT pg_temp.refused($$SELECT refund.release_payment(3000, 'cl_x1', 0, NULL)$$);
SELECT pg_temp.refused($$SELECT refund.fund(3000, ' ', 0, NULL, '')$$);
-- RF014 before a key's conflict
SELECT funded.held FROM refund.fund(3000, 'cl_x1', 2, '1.00 USD', 'card', idempotency_key => 'funded') funded;
SELECT pg_temp.refused($$SELECT refund.fund(3000, 'cl_x1', 9, '1.00 USD', 'card', idempotency_key => 'funded')$$);
SELECT pg_temp.refused($$SELECT refund.release_payment(3001, 'cl_x1', 9, '1.00 USD')$$);
SELECT pg_temp.refused($$SELECT refund.release_payment(3001, 'stranger', 1, '1.00 EUR')$$);
-- RF014 before RF011: create_contract
SELECT pg_temp.refused($$SELECT refund.create_contract(3998, 'one', 'one', 'USD', policy => 'none')$$);
SELECT pg_temp.refused($$SELECT refund.create_contract(3998, 'one', 'one', 'USD', test_clock => 'none')$$);
SELECT pg_temp.refused($$SELECT refund.create_contract(3000, 'one', 'one', 'USD')$$);
-- RF007 before RF009, RF002 and the rest
SELECT pg_temp.refused($$SELECT refund.end_contract(3000, 'cl_x1', '1.00 EUR', 'funded')$$);
SELECT pg_temp.refused($$SELECT refund.approve_refund(3000, 'cl_x1', 'funded')$$);
-- RF009 before RF002 and the rest
SELECT pg_temp.refused($$SELECT refund.release_payment(3001, 'fr_x2', 1, '1000.00 EUR')$$);
SELECT pg_temp.refused($$SELECT refund.approve_refund(3000, 'cl_x1')$$);
-- RF002 before RF005, RF001, RF006 and the rest
SELECT pg_temp.refused($$SELECT refund.approve_refund(3005, 'cl_x1')$$);
SELECT pg_temp.refused($$SELECT refund.approve_refund(3004, 'cl_x1')$$);
SELECT pg_temp.refused($$SELECT refund.fund(3007, 'fr_x2', 1, '1.00 EUR', 'card')$$);
SELECT pg_temp.refused($$SELECT refund.release_payment(3000, 'fr_x2', 1, '-1.00 EUR')$$);
-- RF006 before amounts; RF003 before RF004; RF004 before 22003
SELECT pg_temp.refused($$SELECT refund.fund(3007, 'cl_x1', 1, '-1.00 EUR', 'card')$$);
SELECT pg_temp.refused($$SELECT refund.end_contract(3007, 'cl_x1', '-1.00 EUR')$$);
SELECT pg_temp.refused($$SELECT refund.release_payment(3000, 'cl_x1', 1, '-1.00 EUR')$$);
SELECT pg_temp.refused($$SELECT refund.fund(3000, 'cl_x1', 1, '90071992547409.91 USD', 'card')$$);
SELECT pg_temp.refused($$SELECT refund.add_milestone(3000, 'cl_x1', 1, 'again', '0.00 EUR')$$);
SELECT pg_temp.refused($$SELECT refund.add_milestone(3000, 'cl_x1', 1, 'again', '0.00 USD')$$);
-- what allowed lists is what may happen now
SELECT pg_temp.refused($$SELECT refund.approve_refund(3001, 'fr_x2')$$);
SELECT pg_temp.refused($$SELECT refund.pay_in_full(3002, 'cl_x1')$$);


-- ---- X01: texts that want to be more than texts ----

SELECT pg_temp.refused(format('SELECT refund.approve_refund(3000, %L)', t)) FROM unnest(ARRAY[
	'''); DROP TABLE refund.event; --', '$$', '\', '%s%n%I', '"}', E'line\nbreak\ttab', '{"a": 1}', chr(1), chr(8238) || 'right to left', chr(128512)]) t;
SELECT pg_temp.refused(format('SELECT refund.release_payment(3000, %L, 1, %L, %L)', 'cl_x1', '1.00 USD', k)) FROM unnest(ARRAY['funded']) k;
SELECT funded.held FROM refund.fund(3000, 'cl_x1', 2, '1.00 USD', E'"; \\ %s $1', E'r"\n\\', E'k"\n\\''%d') funded;
SELECT pg_temp.refused(format('SELECT refund.release_payment(3000, %L, 1, %L, %L)', 'cl_x1', '1.00 USD', E'k"\n\\''%d'));
SELECT pg_temp.refused(format('SELECT refund.fund(3000, %L, 1, %L, %L, %L)', 'cl_x1', '2.00 USD', 'card', E'r"\n\\'));
-- E07: no NUL, no broken encoding gets in
SELECT pg_temp.refused($$SELECT refund.approve_refund(3000, E'\x00')$$);
SELECT pg_temp.refused($$SELECT refund.approve_refund(3000, E'\xC0\xAF')$$);


-- ---- A17: in a read only transaction ----

BEGIN READ ONLY;
SELECT v.name, left(pg_temp.refused(format('SELECT refund.' || v.call, CASE WHEN v.ordinal < 7 THEN 3000 ELSE 3006 END, CASE v.ordinal WHEN 7 THEN 'fr_x2' ELSE 'cl_x1' END)), 5)
FROM verb v ORDER BY v.ordinal;
SELECT left(pg_temp.refused(c), 5), c FROM unnest(ARRAY['SELECT refund.create_contract(3998, ''a'', ''b'', ''USD'')', 'SELECT refund.expire_due()',
	'SELECT refund.create_test_clock(''c'', ''2026-01-01'')', 'SELECT refund.advance_test_clock(''refusal'', ''1 day'')', 'SELECT refund.drop_test_clock(''refusal'')',
	'SELECT refund.add_policy(''p'', ''{}'')', 'SELECT refund.set_holidays(''c'', ''{}'')',
	-- a replay as well
	'SELECT refund.fund(3000, ''cl_x1'', 2, ''1.00 USD'', ''card'', idempotency_key => ''funded'')']) c;
-- reading is reading
SELECT count(*) FROM refund.verify_all();
SELECT count(*) FROM refund.verify(3000);
SELECT held FROM refund.contract_status WHERE contract_id = 3000;
SELECT effective_state FROM refund.refund_request_status WHERE contract_id = 3005;
SELECT count(*) > 0 FROM refund.transitions();
SELECT left(pg_temp.refused('CALL refund.run_due()'), 5);
COMMIT;


-- ---- C17: savepoints, exception blocks, held cursors ----

BEGIN;
SELECT released FROM refund.release_payment(3000, 'cl_x1', 1, '10.00 USD', 'first');
SAVEPOINT a;
SELECT released FROM refund.release_payment(3000, 'cl_x1', 1, '20.00 USD', 'second');
ROLLBACK TO a;
-- the key went with the savepoint
SELECT released FROM refund.release_payment(3000, 'cl_x1', 1, '5.00 USD', 'second');
SAVEPOINT b;
SELECT released FROM refund.release_payment(3000, 'cl_x1', 1, '1000.00 USD');
ROLLBACK TO b;
SELECT released FROM refund.release_payment(3000, 'cl_x1', 1, '1.00 USD');
RELEASE b;
SET CONSTRAINTS ALL IMMEDIATE;
SAVEPOINT c;
SELECT request_state, at_stake FROM refund.end_contract(3000, 'cl_x1');
ROLLBACK TO c;
COMMIT;
DO $$
BEGIN
	PERFORM refund.release_payment(3000, 'cl_x1', 1, '0.50 USD');
	BEGIN
		PERFORM refund.release_payment(3000, 'cl_x1', 1, '0.25 USD');
		PERFORM 1 / 0;
	EXCEPTION WHEN division_by_zero THEN
		PERFORM refund.release_payment(3000, 'cl_x1', 1, '0.01 USD');
	END;
	BEGIN
		PERFORM refund.release_payment(3000, 'cl_x1', 1, '100.00 USD');
	EXCEPTION WHEN SQLSTATE 'RF004' THEN
		RAISE NOTICE 'caught %', SQLSTATE;
	END;
END $$;
BEGIN;
DECLARE held CURSOR WITH HOLD FOR SELECT held, released FROM refund.contract_status WHERE contract_id = 3000;
SELECT released FROM refund.release_payment(3000, 'cl_x1', 1, '0.49 USD');
COMMIT;
FETCH held;
CLOSE held;
SELECT event_no, event, amount FROM refund.case_timeline WHERE contract_id = 3000 AND event_no > 6 ORDER BY event_no;
SELECT held, released FROM refund.contract_status WHERE contract_id = 3000;

-- several verbs in one statement: each sees what those before it did
SELECT r.released FROM refund.release_payment(3000, 'cl_x1', 1, '1.00 USD') r
UNION ALL SELECT r.released FROM refund.release_payment(3000, 'cl_x1', 1, '1.00 USD') r
UNION ALL SELECT r.released FROM refund.release_payment(3000, 'cl_x1', 1, '1.00 USD') r;
-- all of them or none
SELECT pg_temp.refused($$SELECT refund.release_payment(3000, 'cl_x1', 1, '30.00 USD') FROM generate_series(1, 3)$$);
SELECT held, released FROM refund.contract_status WHERE contract_id = 3000;

-- A09: functions that are not for calling
SELECT pg_temp.refused('SELECT refund.check_contract()');
SELECT pg_temp.refused('SELECT refund.audit_contract()');
SELECT pg_temp.refused('SELECT refund.guard_history()');
SELECT pg_temp.refused('SELECT refund.refuse_change()');
SELECT pg_temp.refused('SELECT refund.forget_cached_rows()');
-- a trigger function of ours on a table of somebody else
CREATE TEMP TABLE foreign_table (contract_id bigint);
CREATE TRIGGER check_contract BEFORE UPDATE ON foreign_table FOR EACH ROW EXECUTE FUNCTION refund.check_contract();
CREATE TRIGGER audit_contract AFTER DELETE ON foreign_table FOR EACH ROW EXECUTE FUNCTION refund.audit_contract();
INSERT INTO foreign_table VALUES (1);
SELECT pg_temp.refused('UPDATE foreign_table SET contract_id = 2');
SELECT pg_temp.refused('DELETE FROM foreign_table');

SELECT * FROM refund.verify_all();
SELECT refund.drop_test_clock('refusal');
SELECT count(*) FROM refund.contract WHERE contract_id BETWEEN 3000 AND 3999;
