-- Evident history (faults.md G01 to G08): a superuser silences the triggers and changes,
-- deletes, swaps, inserts or cuts off rows of a contract that has been through everything;
-- verify() names each, by contract and position, and exported heads tell what verify()
-- can not know.  Ids such as G01 are lines of the catalogue of bad inputs and faults.
-- The first steps of it are verify.sql's.  Contracts 28000 to 28999.
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
\set helpers :here '/sql/include/other.sql'
\i :helpers
\set ECHO all

-- What verify() says of a contract after statements with the triggers silenced, which
-- are undone then.
CREATE FUNCTION pg_temp.tampered(id bigint, VARIADIC statements text[]) RETURNS SETOF text LANGUAGE plpgsql AS $$
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
	SELECT coalesce(array_agg(DISTINCT format('%s: %s: %s', contract_id, rule, detail) COLLATE "C"), '{NOT FOUND}') INTO answers FROM refund.verify(id);
	RAISE EXCEPTION USING ERRCODE = 'TE000', MESSAGE = answers::text;
EXCEPTION
	WHEN SQLSTATE 'TE000' THEN
		RETURN QUERY SELECT unnest(SQLERRM::text[]);
	WHEN OTHERS THEN
		RETURN NEXT SQLSTATE || ' ' || SQLERRM;
END $$;

-- in one word, where "place" is how a finding names the position
CREATE FUNCTION pg_temp.verdict(id bigint, place text, VARIADIC statements text[]) RETURNS text LANGUAGE sql AS $$
	SELECT CASE WHEN bool_or(f ~ ('^' || id || ': .*\m(' || place || ')\M')) THEN 'named' WHEN min(f) ~ '^23' THEN 'by a constraint'
		WHEN bool_and(f LIKE id || ': %') THEN 'found' ELSE min(f) END
	FROM pg_temp.tampered(id, VARIADIC statements) f
$$;

INSERT INTO step VALUES
	('milestone', $$add_milestone(%1$s, 'client', 3, 'more', '100 %2$s', '2026-06-01')$$),
	('submit', $$submit_work(%1$s, 'freelancer', 1, 'Here it is.', 'submit')$$),
	('change', $$request_changes(%1$s, 'client', 1, 'Not so blue.')$$),
	('submit 3', $$submit_work(%1$s, 'agency', 3)$$),
	('release', $$release_payment(%1$s, 'client', 1, '150 %2$s', 'release')$$),
	('release 2', $$release_milestone(%1$s, 'client', 2)$$),
	('move', $$move_leftover(%1$s, 'client', 1, 3, '20 %2$s')$$),
	('hold', $$place_hold(%1$s, 'operator', 'legal', 'A court asks.')$$),
	('lift', $$lift_hold(%1$s, 'operator', (SELECT max(h) FROM refund.contract c, unnest(c.holds) h WHERE c.contract_id = %1$s), 'It asks no more.')$$),
	('open', $$report_reversal(%1$s, 'operator', 2, 'chargeback', 'opened', '50 %2$s', 'won')$$),
	('win', $$report_reversal(%1$s, 'operator', 2, 'chargeback', 'won', '50 %2$s', 'won')$$),
	('lose', $$report_reversal(%1$s, 'operator', 2, 'chargeback', 'lost', '60 %2$s', 'lost')$$),
	('fail', $$report_reversal(%1$s, 'operator', 1, 'failed', 'lost', '300 %2$s', 'failed')$$),
	('end', $$end_contract(%1$s, 'client', '30 %2$s')$$),
	('assign', $$assign_case(%1$s, 'operator', 'mediator')$$),
	('dispute with evidence', $$dispute_refund(%1$s, 'freelancer', '250 %2$s', 'It was delivered.', '[{"title": "mail", "media_type": "text/plain", "content": "aGVsbG8=", "statement": "He says so."}, {"title": "video", "media_type": "video/mp4", "uri": "https://example.com/v", "byte_size": 7}]')$$),
	('decline with evidence', $$decline_dispute(%1$s, 'client', 'It was not.', '[{"title": "photo", "media_type": "image/png", "content": "aGFsbG8="}]')$$),
	('extend', $$extend_deadline(%1$s, 'operator', '3 days', 'The post is slow.')$$),
	('client withdraws', $$withdraw_settlement_offer(%1$s, 'client')$$),
	('client pays', $$join_arbitration(%1$s, 'client', 'client card', 'fee 1')$$),
	('freelancer pays', $$join_arbitration(%1$s, 'freelancer', 'freelancer card', 'fee 2')$$),
	('submitted', $$report_refund_payment(%1$s, 'operator', 1, 'submitted', 'po 1')$$),
	('failed', $$report_refund_payment(%1$s, 'operator', 1, 'failed', 'po 1')$$),
	('retry', $$retry_refund_payment(%1$s, 'operator', 1, 'another card')$$),
	('succeeded', $$report_refund_payment(%1$s, 'operator', 1, 'succeeded', 'po 2')$$),
	('late success', $$report_refund_payment(%1$s, 'operator', 1, 'succeeded', 'po 1')$$),
	('bounced', $$report_refund_payment(%1$s, 'operator', 1, 'bounced', 'po 2')$$),
	('give', $$give_refund(%1$s, 'freelancer', 1, '10 %2$s')$$),
	('late', $$fund(%1$s, 'client', 2, '5 %2$s', 'late card', 'late')$$);

SELECT name FROM refund.create_test_clock('tamper', '2026-03-02 09:00+00');
SELECT pg_temp.contract(28000, 'tamper', 'agency');
SELECT pg_temp.walk(28000, 'milestone', 'submit', 'change', 'submit', 'hold', '+1 day', 'lift', 'open', 'win', 'release', 'move', 'submit 3', '+14 days', 'end');
SELECT pg_temp.walk(28000, 'assign', 'dispute with evidence', 'client offers', 'decline with evidence', 'extend', 'hold', '+1 day', 'lift', '+3 days', 'propose', 'freelancer accepts', 'client rejects', 'lose',
	'client offers', 'client withdraws', 'client pays', 'freelancer pays', 'award');
SELECT pg_temp.walk(28000, 'submitted', 'failed', 'retry', 'succeeded', 'late success', 'bounced', 'give', 'fail', 'late');
SELECT erased FROM refund.erase_evidence(28000, 'operator', 1, 'The law.');
-- the end of another one, by an agreement; and one that is still going on, with work under review and a hold
SELECT pg_temp.ended(28001, 'tamper'), pg_temp.walk(28001, 'client offers', 'freelancer agrees');
SELECT pg_temp.contract(28002, 'tamper'), pg_temp.walk(28002, 'release 2', 'submit', 'hold');
SELECT * FROM refund.verify_all() WHERE contract_id BETWEEN 28000 AND 28999;
SELECT event_no, event, to_state, amount, item_no FROM refund.case_timeline WHERE contract_id = 28000 ORDER BY event_no;
-- what verbs say that has not happened to it
SELECT event FROM unnest(enum_range(NULL::refund.event_kind)) event EXCEPT SELECT kind FROM refund.event WHERE contract_id BETWEEN 28000 AND 28999 ORDER BY 1;


-- ---- G01: every column of every row: a change of it is found where it is ----

-- every row of history, and how a finding names its place: by its own number or by its event's
CREATE TEMP TABLE place AS
SELECT 'event' AS "table", contract_id AS id, event_no AS n, ctid AS at, format('event %s|event %s|the last event is %s', event_no, event_no + 1, event_no - 1) AS place FROM refund.event
UNION ALL SELECT 'transfer', contract_id, event_no, ctid, format('event %s', event_no) FROM refund.transfer
UNION ALL SELECT 'milestone', contract_id, milestone_no, ctid, format('event %s|milestone %s', event_no, milestone_no) FROM refund.milestone
UNION ALL SELECT 'deposit', contract_id, deposit_no, ctid, format('event %s|deposit %s', event_no, deposit_no) FROM refund.deposit
UNION ALL SELECT 'refund_payment', contract_id, payment_no, ctid, format('event %s|payment %s', event_no, payment_no) FROM refund.refund_payment
UNION ALL SELECT 'arbitration_fee', contract_id, event_no, ctid, format('event %s', event_no) FROM refund.arbitration_fee
UNION ALL SELECT 'reversal', contract_id, reversal_no, ctid, format('event %s|reversal %s', event_no, reversal_no) FROM refund.reversal
UNION ALL SELECT 'statement', contract_id, event_no, ctid, format('event %s', event_no) FROM refund.statement
UNION ALL SELECT 'evidence', contract_id, evidence_no, ctid, format('event %1$s|evidence %2$s|number 100%2$s where %2$s comes next', event_no, evidence_no) FROM refund.evidence
UNION ALL SELECT 'evidence_body', contract_id, evidence_no, ctid, format('evidence %s', evidence_no) FROM refund.evidence_body;
DELETE FROM place WHERE id NOT BETWEEN 28000 AND 28999;
SELECT "table", count(*) FROM place GROUP BY "table" ORDER BY "table" COLLATE "C";
-- by table and column what became of all its rows; a row that changes its own number is
-- missed where it was, and is one too many where it is.  A transfer's ordinal is its place
-- among its neighbours, which alone it has kept; what a call's arguments were is of use
-- where it has a key; from when a payment can be claimed is no history.
\set changed 'format(''UPDATE refund.%I SET %I = %s WHERE ctid = %L'', p."table", a.attname, pg_temp.other(a.attname, a.atttypid), p.at)'
CREATE TEMP TABLE changed AS
SELECT p."table", a.attname AS "column", p.id, p.n, a.attnum, pg_temp.verdict(p.id, p.place, :changed) AS verdict
FROM place p JOIN pg_attribute a ON a.attrelid = ('refund.' || p."table")::regclass AND a.attnum > 0;
SELECT "table", "column", count(*) AS rows, string_agg(DISTINCT verdict, ', ' ORDER BY verdict) AS verdict FROM changed GROUP BY "table", "column" ORDER BY "table" COLLATE "C", min(attnum);
SELECT count(*) FROM changed c JOIN refund.event e ON e.contract_id = c.id AND e.event_no = c.n WHERE c."column" = 'arguments_digest' AND c.verdict <> 'named' AND e.idempotency_key IS NOT NULL;
-- the contract's own row; when the next notice is due is no history
SELECT a.attname AS changed, string_agg(DISTINCT pg_temp.verdict(c.contract_id, 'never', format('UPDATE refund.contract SET %I = %s WHERE contract_id = %s', a.attname, pg_temp.other(a.attname, a.atttypid), c.contract_id)), ', ')
FROM refund.contract c, pg_attribute a WHERE c.contract_id IN (28000, 28001, 28002) AND a.attrelid = 'refund.contract'::regclass AND a.attnum > 0 AND a.attname <> 'contract_id'
GROUP BY a.attname, a.attnum ORDER BY a.attnum;

-- an event of each kind: by how much, by whom, when, what, for whom
SELECT pg_temp.tampered(28000, format('UPDATE refund.event SET %s WHERE contract_id = 28000 AND event_no = %s', change, event_no))
FROM refund.event e JOIN (VALUES ('record_award', 'amount = ''181.00 USD'''), ('place_hold', 'reference = ''fraud'''), ('extend_deadline', 'reference = ''9 days'''), ('lift_hold', 'due_at = coalesce(due_at, recorded_at) + interval ''1 day'''),
	('give_refund', 'actor = ''client'''), ('review_expired', 'effective_at = effective_at - interval ''1 day'''), ('reversal_lost', 'kind = ''reversal_won''')) v (kind, change) ON v.kind = e.kind::text
WHERE contract_id = 28000 ORDER BY event_no;
-- a digest of no length that a digest has
SELECT pg_temp.verdict(28000, 'event 20|evidence 2', 'UPDATE refund.evidence SET sha256 = ''x'' WHERE contract_id = 28000 AND evidence_no = 2');
-- a settlement turned round, all that it moved with it: legs, balances, payments
SELECT pg_temp.tampered(28001, 'UPDATE refund.transfer SET credit = ''refund_payable'' WHERE contract_id = 28001 AND event_no = 8',
	'UPDATE refund.contract SET released = ''200 USD'', refunded = ''300 USD'', in_transit = ''300 USD'', to_freelancer = ''0 USD'', to_client = ''300 USD'', milestone_released = ''{200 USD,0 USD}'', milestone_refunded = ''{100 USD,200 USD}'', payment_count = 2 WHERE contract_id = 28001',
	'UPDATE refund.refund_payment SET amount = ''200 USD'' WHERE contract_id = 28001',
	'INSERT INTO refund.refund_payment SELECT (jsonb_populate_record(p, ''{"payment_no": 2, "deposit_no": 1, "amount": "100 USD"}'')).* FROM refund.refund_payment p WHERE contract_id = 28001');


-- ---- G02: every row gone, alone ----

SELECT p."table", count(*) AS rows, string_agg(DISTINCT pg_temp.verdict(p.id, p.place, format('DELETE FROM refund.%I WHERE ctid = %L', p."table", p.at)), ', ') AS verdict
FROM place p GROUP BY "table" ORDER BY "table" COLLATE "C";
-- an event with all that came with it
CREATE FUNCTION pg_temp.without(id bigint, n integer) RETURNS text[] LANGUAGE sql AS $$
	SELECT array_agg(format('DELETE FROM refund.%I WHERE contract_id = %s AND event_no = %s', t, id, n)) FROM unnest('{event,transfer,milestone,deposit,refund_payment,arbitration_fee,reversal,statement,evidence}'::text[]) t
$$;
SELECT string_agg(DISTINCT pg_temp.verdict(p.id, format('event %s|event %s', p.n, p.n + 1), VARIADIC pg_temp.without(p.id, p.n)), ', ') AS verdict FROM place p
WHERE "table" = 'event' AND n < (SELECT event_no FROM refund.contract WHERE contract_id = p.id);
-- ---- G03: the tail gone, of each length ----
SELECT p.id, count(*), string_agg(DISTINCT pg_temp.verdict(p.id, format('the last event is %s', p.n - 1), VARIADIC
	(SELECT array_agg(s) FROM generate_series(p.n, c.event_no) n, unnest(pg_temp.without(p.id, n)) s)), ', ') AS verdict
FROM place p JOIN refund.contract c ON c.contract_id = p.id WHERE "table" = 'event' GROUP BY p.id ORDER BY p.id;
-- ---- G04: each two neighbours change places ----
SELECT string_agg(DISTINCT pg_temp.verdict(p.id, format('event %s|event %s', p.n, p.n + 1), format('UPDATE refund.event SET event_no = -1 WHERE contract_id = %s AND event_no = %s', p.id, p.n),
	format('UPDATE refund.event SET event_no = %2$s WHERE contract_id = %1$s AND event_no = %2$s + 1', p.id, p.n), format('UPDATE refund.event SET event_no = %2$s + 1 WHERE contract_id = %1$s AND event_no = -1', p.id, p.n)), ', ') AS verdict
FROM place p JOIN refund.contract c ON c.contract_id = p.id WHERE "table" = 'event' AND n < c.event_no;
-- the legs of an event
SELECT string_agg(DISTINCT pg_temp.verdict(t.contract_id, 'event ' || t.event_no, format('UPDATE refund.transfer SET ordinal = ordinal + 100 WHERE contract_id = %s AND event_no = %s AND ordinal = 1', t.contract_id, t.event_no)), ', ')
FROM refund.transfer t WHERE ordinal = 2 AND contract_id BETWEEN 28000 AND 28999;
-- ---- G05: a copy of each row put in beside it, under the next free number ----
SELECT pg_temp.verdict(28000, format('event %s', n), format('UPDATE refund.event SET event_no = event_no + 1000 WHERE contract_id = 28000 AND event_no >= %s', n), 'UPDATE refund.event SET event_no = event_no - 999 WHERE contract_id = 28000 AND event_no >= 1000',
	format('INSERT INTO refund.event SELECT (jsonb_populate_record(e, ''{"event_no": %s, "idempotency_key": null}'')).* FROM refund.event e WHERE contract_id = 28000 AND event_no = %s - 1', n, n)) AS verdict, count(*)
FROM generate_series(2, 40) n GROUP BY 1;
SELECT pg_temp.tampered(28000, format('INSERT INTO refund.%1$I SELECT (jsonb_populate_record(r, %2$L)).* FROM refund.%1$I r WHERE contract_id = 28000 ORDER BY r.ctid LIMIT 1', t, change))
FROM (VALUES (1, 'event', '{"event_no": 1000, "idempotency_key": null}'), (2, 'transfer', '{"ordinal": 1000}'), (3, 'milestone', '{"milestone_no": 1000}'), (4, 'deposit', '{"deposit_no": 1000, "provider_ref": null}'), (5, 'refund_payment', '{"payment_no": 1000}'),
	(6, 'arbitration_fee', '{"event_no": 1, "provider_ref": null}'), (7, 'reversal', '{"reversal_no": 1000, "provider_ref": "x"}'), (8, 'statement', '{"event_no": 1}'), (9, 'evidence', '{"evidence_no": 1000}')) v (n, t, change) ORDER BY n;
-- a body without the piece of evidence that it belongs to
SELECT pg_temp.verdict(28000, 'evidence 1000', 'INSERT INTO refund.evidence_body SELECT 28000, 1000, salt, statement, uri, content FROM refund.evidence_body WHERE contract_id = 28000 AND evidence_no = 2');
-- a forged release, balanced in every total, with a head of its own
SELECT pg_temp.tampered(28002, 'INSERT INTO refund.event SELECT (jsonb_populate_record(e, format(''{"event_no": %s, "kind": "release_payment", "amount": "5.00 USD", "hash": "\\x00"}'', c.event_no + 1)::jsonb)).* FROM refund.event e JOIN refund.contract c USING (contract_id) WHERE contract_id = 28002 AND e.event_no = c.event_no',
	'INSERT INTO refund.transfer SELECT 28002, ''5.00 USD'', event_no + 1, 1, 1, 1, ''escrow'', ''freelancer'' FROM refund.contract WHERE contract_id = 28002',
	'UPDATE refund.contract SET event_no = event_no + 1, head = ''\x00'', held = held OPERATOR(refund.-) ''5.00 USD'', released = released OPERATOR(refund.+) ''5.00 USD'', milestone_held[1] = milestone_held[1] OPERATOR(refund.-) ''5.00 USD'', milestone_released[1] = milestone_released[1] OPERATOR(refund.+) ''5.00 USD'', deposit_held[1] = deposit_held[1] OPERATOR(refund.-) ''5.00 USD'' WHERE contract_id = 28002');
-- ---- G06: triggers off, an edit, triggers on: of a table whose rows are never changed ----
SELECT t, pg_temp.verdict(28000, 'event \d+|evidence \d+|reversal \d+', format('ALTER TABLE refund.%I DISABLE TRIGGER ALL', t), format('DELETE FROM refund.%I WHERE contract_id = 28000', t), format('ALTER TABLE refund.%I ENABLE TRIGGER ALL', t))
FROM unnest('{event,transfer,milestone,deposit,refund_payment,arbitration_fee,reversal,statement,evidence,evidence_body}'::text[]) t;


-- ---- G07: the settings that a contract was decided by ----

SELECT refund.add_policy('tamper', '{"refund_response": "9 days"}');
SELECT pg_temp.ended(28003, 'tamper', NULL, 'tamper');
SELECT pg_temp.verdict(28003, 'never', 'UPDATE refund.policy SET version = 2 WHERE name = ''tamper''');
SELECT pg_temp.verdict(28003, 'never', 'DELETE FROM refund.policy WHERE name = ''tamper''');
SELECT pg_temp.verdict(28003, 'never', 'UPDATE refund.policy SET refund_response = ''1 day'' WHERE name = ''tamper''');
SELECT pg_temp.verdict(28003, 'never', 'UPDATE refund.policy SET arbitration_fee = ''{1.00 USD}'' WHERE name = ''tamper''');
SELECT pg_temp.tampered(28003, 'UPDATE refund.contract SET policy = ''standard'' WHERE contract_id = 28003');
SELECT pg_temp.tampered(28003, 'UPDATE refund.contract SET policy_version = 2 WHERE contract_id = 28003');


-- ---- G08: one table from an old dump ----

SELECT pg_temp.contract(28004, 'tamper', 'agency');
SELECT pg_temp.walk(28004, 'milestone', 'submit', 'change', 'open', 'win', 'end', 'dispute with evidence');
CREATE FUNCTION pg_temp.dump(name text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	t name;
BEGIN
	FOR t IN SELECT relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND attname = 'contract_id' WHERE relnamespace = 'refund'::regnamespace AND relkind = 'r' LOOP
		EXECUTE format('CREATE TEMP TABLE %I AS SELECT * FROM refund.%I WHERE contract_id = 28004', name || ' ' || t, t);
	END LOOP;
END $$;
CREATE FUNCTION pg_temp.restore(name text, t text) RETURNS text[] LANGUAGE sql AS $$
	SELECT ARRAY[format('DELETE FROM refund.%I WHERE contract_id = 28004', t), format('INSERT INTO refund.%I SELECT * FROM %I', t, name || ' ' || t)]
$$;
SELECT pg_temp.dump('old');
SELECT pg_temp.walk(28004, 'decline with evidence', 'propose', 'client rejects', 'client pays', 'freelancer pays', 'lose', 'award', 'submitted', 'late', 'give');
SELECT erased FROM refund.erase_evidence(28004, 'operator', 1, 'The law.');
SELECT pg_temp.dump('new');
SELECT t, f FROM unnest('{contract,event,transfer,deposit,refund_payment,arbitration_fee,reversal,statement,evidence,evidence_body}'::text[]) WITH ORDINALITY t (t, n),
	LATERAL (SELECT f FROM pg_temp.tampered(28004, VARIADIC pg_temp.restore('old', t)) f LIMIT 3) f ORDER BY n, f;


-- ---- what verify() can not know: heads that were exported ----

-- all tables from an old dump: the tail is gone and nothing tells
SELECT pg_temp.tampered(28004, VARIADIC (SELECT array_agg(s) FROM unnest('{contract,event,transfer,milestone,deposit,refund_payment,arbitration_fee,reversal,statement,evidence,evidence_body,notification}'::text[]) t, unnest(pg_temp.restore('old', t)) s));
CREATE FUNCTION pg_temp.export() RETURNS jsonb LANGUAGE sql AS $$ SELECT jsonb_agg(to_jsonb(h)) FROM refund.chain_head h WHERE contract_id BETWEEN 28000 AND 28999 $$;
SELECT contract_id, event_no, length(head) AS digits, last_at, is_test FROM refund.chain_head WHERE contract_id BETWEEN 28000 AND 28999 ORDER BY contract_id;
SELECT pg_temp.export() AS exported \gset
SELECT * FROM refund.verify_heads(:'exported');
BEGIN;
SET LOCAL session_replication_role = replica;
DO $$
DECLARE
	s text;
BEGIN
	FOR s IN SELECT r.s FROM unnest('{contract,event,transfer,milestone,deposit,refund_payment,arbitration_fee,reversal,statement,evidence,evidence_body,notification}'::text[]) t, unnest(pg_temp.restore('old', t)) r (s) LOOP
		EXECUTE s;
	END LOOP;
END $$;
SELECT * FROM refund.verify_all();
SELECT * FROM refund.verify_heads(:'exported');
-- and it goes on from there, past the event that was exported
SET LOCAL session_replication_role = origin;
SELECT pg_temp.walk(28004, 'decline', 'propose', 'client rejects', 'client pays', 'freelancer pays', 'award', 'submitted', 'failed', 'retry', 'succeeded', 'late', 'give', 'fail', 'hold', 'lift');
SELECT * FROM refund.verify(28004);
SELECT * FROM refund.verify_heads(:'exported');
ROLLBACK;
-- what went on since it was exported is no finding, nor is a contract that is new
BEGIN;
SELECT pg_temp.walk(28004, 'fail'), pg_temp.contract(28005, 'tamper');
SELECT * FROM refund.verify_heads(:'exported');
ROLLBACK;
-- a whole history written anew, under the same number, by the verbs themselves
BEGIN;
SET LOCAL session_replication_role = replica;
DO $$
DECLARE
	t name;
BEGIN
	FOR t IN SELECT relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND attname = 'contract_id' WHERE relnamespace = 'refund'::regnamespace AND relkind = 'r' LOOP
		EXECUTE format('DELETE FROM refund.%I WHERE contract_id = 28001', t);
	END LOOP;
END $$;
SELECT * FROM refund.verify_all();
SELECT * FROM refund.verify_heads(:'exported');
SET LOCAL session_replication_role = origin;
SELECT pg_temp.ended(28001, 'tamper'), pg_temp.walk(28001, 'freelancer offers', 'client agrees');
SELECT * FROM refund.verify_all();
SELECT * FROM refund.verify_heads(:'exported');
ROLLBACK;
-- an export that was tampered with, or is none
SELECT count(*) FROM refund.verify_heads(jsonb_build_array(jsonb_build_object('contract_id', 28000, 'event_no', 1, 'head', 'x'), jsonb_build_object('contract_id', 28000, 'event_no', 1000, 'head', 'x'), jsonb_build_object('contract_id', 28999, 'event_no', 1, 'head', 'x')));
SELECT count(*) FROM refund.verify_heads('[{"contract_id": 28000, "event_no": 1, "head": null}]');
SELECT count(*) FROM refund.verify_heads('[{"contract_id": 28000}]');
SELECT count(*) FROM refund.verify_heads('[]');
SELECT count(*) FROM refund.verify_heads(NULL);
SELECT pg_temp.refused($$SELECT * FROM refund.verify_heads('{}')$$);

-- one digest of all live heads: of a live contract, which is rolled back
BEGIN;
SELECT refund.head_digest() AS none \gset
SELECT pg_temp.ended(28100, NULL), pg_temp.contract(28101, NULL);
SELECT refund.head_digest() AS some \gset
SELECT :'some' <> :'none' AS changed, :'some' ~ '^[0-9a-f]{64}$' AS sha256;
-- it is what anybody can compute from an export
SELECT encode(sha256(convert_to(string_agg(format('%s:%s:%s', contract_id, event_no, head), E'\n' ORDER BY contract_id), 'UTF8')), 'hex') = :'some' AS same FROM refund.chain_head WHERE NOT is_test;
-- test contracts are nothing to it, reading is not, and every event of a live one is
SELECT pg_temp.contract(28102, 'tamper');
SELECT refund.head_digest() = :'some' AS same;
SAVEPOINT before;
SET LOCAL session_replication_role = replica;
DELETE FROM refund.event e USING refund.contract c WHERE c.contract_id = 28100 AND e.contract_id = 28100 AND e.event_no = c.event_no;
UPDATE refund.contract c SET event_no = e.event_no, head = e.hash FROM refund.event e WHERE c.contract_id = 28100 AND e.contract_id = 28100 AND e.event_no = c.event_no - 1;
SELECT refund.head_digest() = :'some' AS same;
ROLLBACK TO before;
SELECT refund.head_digest() = :'some' AS same;
SELECT outcome FROM refund.approve_refund(28100, 'freelancer');
SELECT refund.head_digest() = :'some' AS same;
ROLLBACK;

-- G01: an event's hash hangs on every event before it: the last event is the same, the first is not
BEGIN;
SELECT pg_temp.contract(28200, 'tamper', 'agency');
SELECT head FROM refund.chain_head WHERE contract_id = 28200 \gset one_
ROLLBACK;
BEGIN;
SELECT pg_temp.contract(28200, 'tamper', 'another');
SELECT head <> :'one_head' AS differs FROM refund.chain_head WHERE contract_id = 28200;
ROLLBACK;
BEGIN;
SELECT pg_temp.contract(28200, 'tamper', 'agency');
SELECT head = :'one_head' AS same FROM refund.chain_head WHERE contract_id = 28200;
ROLLBACK;

SELECT * FROM refund.verify_all();
SELECT refund.drop_test_clock('tamper');
SET session_replication_role = replica;
DELETE FROM refund.policy WHERE name = 'tamper';
RESET session_replication_role;
SELECT count(*) FROM refund.contract WHERE contract_id BETWEEN 28000 AND 28999;
