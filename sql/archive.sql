-- The archive: what is finished moves whole, is seen and proved as before, refuses verbs,
-- and comes back (interface.md "Operations"; architecture.md rule 9).  Ids such as A08 are
-- lines of the catalogue of bad inputs and faults.  Contracts 31000 to 31999.
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

INSERT INTO step VALUES
	('evidence', $$dispute_refund(%1$s, 'freelancer', '250 %2$s', 'It was delivered.', '[{"title": "mail", "media_type": "text/plain", "content": "aGVsbG8=", "statement": "He says so."}, {"title": "video", "media_type": "video/mp4", "uri": "https://example.com/v"}]', 'key')$$),
	('offer', $$offer_settlement(%1$s, 'client', '20 %2$s')$$),
	('open', $$report_reversal(%1$s, 'operator', 2, 'chargeback', 'opened', '50 %2$s', 'cb')$$),
	('win', $$report_reversal(%1$s, 'operator', 2, 'chargeback', 'won', '50 %2$s', 'cb')$$),
	('hold', $$place_hold(%1$s, 'operator', 'legal', 'A court asks.')$$),
	('lift', $$lift_hold(%1$s, 'operator', (SELECT max(h) FROM refund.contract c, unnest(c.holds) h WHERE c.contract_id = %1$s), 'It asks no more.')$$),
	('award nothing', $$record_award(%1$s, 'arbitrator', '0 %2$s', 'Nothing of it was.')$$);

-- a request for all of the money
CREATE FUNCTION pg_temp.ended(id bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	PERFORM pg_temp.contract(id, NULL);
	PERFORM refund.end_contract(id, 'client');
END $$;
-- what workers and mailers do
CREATE FUNCTION pg_temp.paid(id bigint) RETURNS void LANGUAGE sql AS $$
	SELECT refund.report_refund_payment(id, 'worker', payment_no, 'succeeded', 'ref ' || payment_no)
	FROM refund.refund_payment_status WHERE contract_id = id AND state = 'pending'
$$;
CREATE FUNCTION pg_temp.told(id bigint) RETURNS void LANGUAGE sql AS $$
	UPDATE refund.notification SET state = CASE event_no % 2 WHEN 0 THEN 'dead' ELSE 'delivered' END::refund.notification_state WHERE contract_id = id
$$;
-- which of this test's contracts are archived
CREATE FUNCTION pg_temp.archived() RETURNS text LANGUAGE sql AS $$
	SELECT string_agg(contract_id::text, ' ' ORDER BY contract_id) FROM refund.archived_contract WHERE contract_id BETWEEN 31000 AND 31999
$$;


-- ---- what is finished ----

-- one that has been through everything, and releases nothing
SELECT pg_temp.contract(31000, NULL), pg_temp.walk(31000, 'open', 'win', 'hold', 'lift');
SELECT request_state FROM refund.end_contract(31000, 'client');
SELECT pg_temp.walk(31000, 'evidence', 'offer', 'decline', 'propose', 'freelancer rejects', 'client joins', 'freelancer joins', 'award nothing');
SELECT erased FROM refund.erase_evidence(31000, 'operator', 2, 'The law.');
-- approved; ended by the freelancer; ended with nothing in it; a deposit that came late
SELECT pg_temp.ended(31001), pg_temp.walk(31001, 'approve');
SELECT pg_temp.contract(31002, NULL);
SELECT state FROM refund.end_contract(31002, 'freelancer');
SELECT state FROM refund.create_contract(31003, 'client', 'freelancer', 'EUR');
SELECT state FROM refund.end_contract(31003, 'client');
SELECT pg_temp.ended(31004), pg_temp.walk(31004, 'approve');
SELECT refunded FROM refund.fund(31004, 'client', 1, '5 USD', 'card', 'late');
-- all that was released was given back
SELECT pg_temp.contract(31005, NULL);
SELECT released FROM refund.end_contract(31005, 'client', '500 USD');
SELECT refunded FROM refund.give_refund(31005, 'freelancer', 1, '300 USD');
SELECT refunded FROM refund.give_refund(31005, 'freelancer', 2, '200 USD');

-- and what is not, each for its own reason: still active; an open request; a payment not made, failed,
-- made twice; a letter not sent; a hold; a reversal whose hold was lifted; a release that can be
-- given back, in whole and in part; a test clock
SELECT pg_temp.contract(31100, NULL);
SELECT pg_temp.ended(31101);
SELECT pg_temp.ended(id), pg_temp.walk(id, 'approve') FROM generate_series(31102, 31107) id;
SELECT pg_temp.walk(31106, 'hold');
SELECT pg_temp.ended(31108);
SELECT reversed FROM refund.report_reversal(31108, 'operator', 1, 'chargeback', 'opened', '50 USD', 'cb');
SELECT pg_temp.walk(31108, 'lift', 'approve');
SELECT pg_temp.contract(id, NULL) FROM generate_series(31109, 31110) id;
SELECT released FROM generate_series(31109, 31110) id, refund.end_contract(id, 'client', '500 USD');
SELECT refunded FROM refund.give_refund(31110, 'freelancer', 1, '100 USD');
SELECT name FROM refund.create_test_clock('archive', '2020-03-02 09:00+00');
SELECT pg_temp.contract(31111, 'archive');
SELECT state FROM refund.end_contract(31111, 'freelancer');
SELECT count(pg_temp.paid(contract_id)) FROM refund.contract WHERE contract_id BETWEEN 31000 AND 31999 AND contract_id NOT IN (31102, 31103);
SELECT state FROM refund.report_refund_payment(31103, 'worker', 1, 'failed', 'ref 1');
SELECT state FROM refund.report_refund_payment(31103, 'worker', 2, 'succeeded', 'ref 2');
SELECT double_paid FROM refund.report_refund_payment(31104, 'worker', 1, 'succeeded', 'twice');
SELECT count(pg_temp.told(contract_id)) FROM refund.contract WHERE contract_id BETWEEN 31000 AND 31999 AND contract_id <> 31105;
UPDATE refund.notification SET state = 'pending' WHERE contract_id = 31107 AND notification_no = (SELECT max(notification_no) FROM refund.notification WHERE contract_id = 31107);

-- how things look now, in every view of the schema but those of work to be done
CREATE FUNCTION pg_temp.look() RETURNS TABLE (what text, rows bigint, digest text) LANGUAGE plpgsql AS $$
DECLARE
	id text;
BEGIN
	FOR what IN SELECT relname FROM pg_class WHERE relnamespace = 'refund'::regnamespace AND relkind = 'v'
		AND relname NOT IN ('archive_partition', 'notification_status', 'notification_inbox') ORDER BY relname COLLATE "C" LOOP
		SELECT attname INTO id FROM pg_attribute WHERE attrelid = ('refund.' || what)::regclass AND attname IN ('contract_id', 'case_id');
		EXECUTE format('SELECT count(*), md5(string_agg(md5(v::text), '''' ORDER BY v::text)) FROM refund.%I v', what)
			|| CASE WHEN id IS NULL THEN '' ELSE format(' WHERE %I BETWEEN 31000 AND 31999', id) END INTO rows, digest;
		RETURN NEXT;
		id := NULL;
	END LOOP;
	RETURN QUERY SELECT 'case_file ' || c, 1::bigint, md5(refund.case_file(c, 'client')::text) FROM generate_series(31000, 31005) c;
	RETURN QUERY SELECT 'explain ' || c, count(*), md5(string_agg(e::text, '' ORDER BY e.line_no)) FROM generate_series(31000, 31005) c, refund.explain(c) e GROUP BY c;
	RETURN QUERY SELECT 'head_digest', 1::bigint, refund.head_digest();
	RETURN QUERY SELECT 'evidence_content', 1::bigint, refund.evidence_content(31000, 'client', 1)::text;
END $$;
CREATE TEMP TABLE before AS SELECT * FROM pg_temp.look();
CREATE TEMP TABLE exported AS SELECT jsonb_agg(to_jsonb(h)) AS heads FROM refund.chain_head h WHERE contract_id BETWEEN 31000 AND 31999;

-- what verify() says of every change to every column, and of every table's rows cut off
CREATE FUNCTION pg_temp.tampered(prefix text) RETURNS TABLE (what text, finding text) LANGUAGE plpgsql AS $$
DECLARE
	change record;
	n bigint;
BEGIN
	FOR change IN
		SELECT concat_ws(' ', t, a.attname) AS name, CASE WHEN a.attname IS NULL THEN format('DELETE FROM refund.%s WHERE contract_id = 31000', prefix || t)
			ELSE format('UPDATE refund.%s SET %I = %s WHERE contract_id = 31000', prefix || t, a.attname, pg_temp.other(a.attname, a.atttypid)) END AS statement
		FROM unnest('{contract,event,transfer,milestone,deposit,arbitration_fee,refund_payment,reversal,statement,evidence,evidence_body,notification}'::text[]) t
		CROSS JOIN LATERAL (
			SELECT attname, atttypid, attnum FROM pg_attribute WHERE attrelid = ('refund.' || t)::regclass AND attnum > 0 AND attname NOT IN ('contract_id', 'test_clock')
			UNION ALL SELECT NULL, NULL, 0) a
		ORDER BY t, a.attnum
	LOOP
		what := change.name;
		BEGIN
			SET LOCAL session_replication_role = replica;
			EXECUTE change.statement;
			GET DIAGNOSTICS n = ROW_COUNT;
			IF n = 0 THEN
				RAISE EXCEPTION 'NOTHING WAS TAMPERED WITH';
			END IF;
			SELECT coalesce(string_agg(v::text, E'\n' ORDER BY v::text COLLATE "C"), 'NOT FOUND') INTO finding FROM refund.verify(31000) v;
			RAISE EXCEPTION USING ERRCODE = 'TE000', MESSAGE = finding;
		EXCEPTION WHEN OTHERS THEN
			/* the parents have no CHECKs; a key of the live table is one of the partition */
			finding := CASE WHEN SQLSTATE = '23514' THEN 'a CHECK' WHEN SQLSTATE LIKE '23%' THEN SQLSTATE ELSE SQLERRM END;
		END;
		RETURN NEXT;
	END LOOP;
END $$;
CREATE TEMP TABLE tampered AS SELECT * FROM pg_temp.tampered('');


-- ---- archive() ----

-- only as a statement of its own; the arguments
BEGIN;
CALL refund.archive('infinity', 1);
ROLLBACK;
CALL refund.archive(NULL, 1);
CALL refund.archive('infinity', NULL);
CALL refund.archive('infinity', -1);
SELECT pg_temp.archived();
-- no more than asked for; nothing that happened at or after "before"
CALL refund.archive('infinity', 0);
CALL refund.archive('-infinity', 100);
SELECT min(last_at) AS first FROM refund.contract WHERE contract_id BETWEEN 31000 AND 31005 \gset
CALL refund.archive(:'first', 100);
SELECT pg_temp.archived();
\pset tuples_only on
-- the output is how many, other tests' contracts included
\o /dev/null
CALL refund.archive('infinity', 10000);
\o
\pset tuples_only off
SELECT pg_temp.archived();
CALL refund.archive('infinity', 10000);
-- whole: nothing of it is left
CREATE FUNCTION pg_temp.rows(prefix text) RETURNS TABLE (what name, rows bigint) LANGUAGE plpgsql AS $$
BEGIN
	FOR what IN SELECT relname FROM pg_class c WHERE relnamespace = 'refund'::regnamespace AND relkind = 'r' AND relname <> 'poison_case'
		AND EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'contract_id') ORDER BY relname COLLATE "C" LOOP
		EXECUTE format('SELECT count(*) FROM refund.%I WHERE contract_id BETWEEN 31000 AND 31005', prefix || what) INTO rows;
		RETURN NEXT;
	END LOOP;
END $$;
SELECT what, l.rows AS live, a.rows AS archived FROM pg_temp.rows('') l FULL JOIN pg_temp.rows('archived_') a USING (what) ORDER BY what COLLATE "C";
-- where it is: tables of no extension, readable for nobody but the owner
SELECT count(*) AS partitions, bool_and(from_contract <= 31000 AND (to_contract > 31999 OR to_contract IS NULL)) AS covers FROM refund.archive_partition WHERE coalesce(from_contract <= 31000, true) AND coalesce(to_contract > 31000, true);
SELECT count(*) AS tables, count(*) FILTER (WHERE relacl IS NOT NULL AND relacl::text <> format('{%1$s=arwdDxt/%1$s}', relowner::regrole)) AS granted,
	count(*) FILTER (WHERE EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.classid = 'pg_class'::regclass AND d.deptype = 'e')) AS members
FROM pg_class c WHERE relname ~ format('_%s$', (SELECT partition FROM refund.archive_partition WHERE coalesce(from_contract <= 31000, true) AND coalesce(to_contract > 31000, true))) AND relnamespace = 'refund_archive'::regnamespace AND relkind = 'r';
-- what is in that schema has comments, and nobody but the owner has anything to do with it
SELECT c.oid::regclass AS without_comment FROM pg_class c WHERE relnamespace = 'refund_archive'::regnamespace AND relkind IN ('r', 'v') AND obj_description(c.oid, 'pg_class') IS NULL;
SELECT attrelid::regclass, attname AS without_comment FROM pg_attribute a JOIN pg_class c ON c.oid = attrelid WHERE relnamespace = 'refund_archive'::regnamespace AND relkind = 'v' AND attnum > 0 AND col_description(attrelid, attnum) IS NULL;
SELECT nspacl, obj_description(oid, 'pg_namespace') IS NOT NULL AS comment FROM pg_namespace WHERE nspname = 'refund_archive';
-- whatever the owner's default privileges are
BEGIN;
ALTER DEFAULT PRIVILEGES GRANT ALL ON TABLES TO PUBLIC;
SELECT refund.add_archive_partition(-20000, -19990);
SELECT c.oid::regclass, a.privilege_type FROM pg_class c, aclexplode(relacl) a WHERE relnamespace = 'refund_archive'::regnamespace AND a.grantee <> relowner;
ROLLBACK;

-- the rest is not finished, and stays so
SELECT string_agg(contract_id::text, ' ' ORDER BY contract_id) FROM refund.contract WHERE contract_id BETWEEN 31000 AND 31999;
-- when 180 days have passed since the release, what keeps it is its history, which does not say so
SET session_replication_role = replica;
UPDATE refund.event SET recorded_at = recorded_at - interval '181 days' WHERE contract_id = 31109;
RESET session_replication_role;
CALL refund.archive('infinity', 10000);
SET session_replication_role = replica;
UPDATE refund.event SET recorded_at = recorded_at + interval '181 days' WHERE contract_id = 31109;
RESET session_replication_role;


-- ---- what is seen and proved ----

SELECT count(*) AS compared FROM before;
SELECT b.what, b.rows, n.rows FROM before b FULL JOIN pg_temp.look() n USING (what) WHERE (b.rows, b.digest) IS DISTINCT FROM (n.rows, n.digest) ORDER BY 1;
SELECT * FROM refund.verify_all() WHERE contract_id BETWEEN 31000 AND 31999;
SELECT * FROM refund.verify(31000);
SELECT v.* FROM exported, refund.verify_heads(heads) v;
-- G01 to G03: each tampering is found as if it were live; what could not be found then can not be found now
SELECT coalesce(l.what, a.what) AS what, l.finding AS live, a.finding AS archived FROM tampered l FULL JOIN pg_temp.tampered('archived_') a USING (what)
WHERE l.finding IS DISTINCT FROM a.finding ORDER BY 1;
SELECT count(*) AS changes, count(*) FILTER (WHERE finding <> 'NOT FOUND') AS found, string_agg(what, ', ' ORDER BY what) FILTER (WHERE finding = 'NOT FOUND') AS not_found FROM tampered;
-- the rows of a contract without it, it in two places, a cut tail, a contract that is gone
BEGIN;
SET LOCAL session_replication_role = replica;
DELETE FROM refund.archived_contract WHERE contract_id = 31001;
INSERT INTO refund.contract SELECT * FROM refund.archived_contract WHERE contract_id = 31002;
SELECT * FROM refund.verify_all() WHERE contract_id BETWEEN 31000 AND 31999 ORDER BY contract_id, detail;
SELECT rule, detail FROM refund.verify(31001) UNION ALL SELECT rule, detail FROM refund.verify(31002) ORDER BY 2;
SELECT v.* FROM exported, refund.verify_heads(heads) v;
DELETE FROM refund.archived_event WHERE contract_id = 31001;
SELECT v.* FROM exported, refund.verify_heads(heads) v;
ROLLBACK;

-- one index probe more: no scan of a whole table, and of the partitions only the one is looked at
SET enable_seqscan = off;
CREATE FUNCTION pg_temp.plan(view text, id text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	line text;
	lines text := '';
BEGIN
	FOR line IN EXECUTE format('EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF) SELECT * FROM refund.%I WHERE %I = 31000', view, id) LOOP
		lines := lines || CASE WHEN line LIKE '%(never executed)%' THEN '' ELSE line || E'\n' END;
	END LOOP;
	RETURN CASE WHEN lines ~ 'Seq Scan' THEN 'SEQ SCAN' ELSE 'index' END || CASE WHEN lines ~ format('_%s ', (SELECT partition FROM refund.archive_partition WHERE coalesce(from_contract <= 31000, true) AND coalesce(to_contract > 31000, true))) THEN ' in both' ELSE ' IN ONE' END
		|| CASE WHEN lines ~ '-99' THEN ' EVERY PARTITION' ELSE '' END;
END $$;
SELECT refund.add_archive_partition(-10000, -9990), refund.add_archive_partition(-9990, -9980);
SELECT view, pg_temp.plan(view, CASE view WHEN 'event_log' THEN 'case_id' ELSE 'contract_id' END) FROM unnest('{contract_status,milestone_status,deposit_status,refund_request_status,refund_payment_status,settlement_offer_status,transaction_history,case_timeline,hold_status,evidence_index,event_log,refund_case,chain_head}'::text[]) view;
RESET enable_seqscan;

-- one that does not add up stays where it can be seen
SELECT pg_temp.walk(31106, 'lift'), pg_temp.told(31106);
SET session_replication_role = replica;
UPDATE refund.event SET actor = 'somebody' WHERE contract_id = 31106 AND event_no = 1;
RESET session_replication_role;
CALL refund.archive('infinity', 10000);
SET session_replication_role = replica;
UPDATE refund.event SET actor = (SELECT actor FROM refund.event e WHERE e.contract_id = 31102 AND e.event_no = 1) WHERE contract_id = 31106 AND event_no = 1;
RESET session_replication_role;
CALL refund.archive('infinity', 10000);
SELECT pg_temp.archived();


-- ---- verbs ----

SELECT pg_temp.refused($$SELECT refund.fund(31001, 'client', 1, '1 USD', 'card')$$);
-- also the repetition of a call, and a report
SELECT pg_temp.refused($$SELECT refund.dispute_refund(31000, 'freelancer', '250 USD', 'It was delivered.', '[]', 'key')$$);
SELECT pg_temp.refused($$SELECT refund.report_refund_payment(31001, 'worker', 1, 'bounced', 'ref 1')$$);
SELECT pg_temp.refused($$SELECT refund.report_reversal(31001, 'operator', 1, 'chargeback', 'opened', '1 USD', 'cb')$$);
SELECT pg_temp.refused($$SELECT refund.erase_evidence(31000, 'operator', 1, 'The law.')$$);
-- A02, A20: a stranger learns nothing
SELECT pg_temp.refused($$SELECT refund.fund(31001, 'stranger', 1, '1 USD', 'card')$$);
SELECT pg_temp.refused($$SELECT refund.case_file(31000, 'stranger')$$);
SELECT pg_temp.refused($$SELECT refund.confirm_notification(31000, 71, 'mail')$$);
-- its number stays taken
SELECT pg_temp.refused($$SELECT refund.create_contract(31001, 'client', 'freelancer', 'USD')$$);
-- there is nothing to do
SELECT * FROM refund.allowed_actions(31000, 'client');
SELECT * FROM refund.allowed_actions(31000, 'operator');
SELECT * FROM refund.forecast(31000);
SELECT contract_id FROM refund.whose_turn WHERE contract_id BETWEEN 31000 AND 31005;


-- ---- A08: nothing changes or removes an archived row, nor a live one by way of the archive ----

CREATE FUNCTION pg_temp.code(statement text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE statement;
	RAISE EXCEPTION USING ERRCODE = 'TE000';
EXCEPTION WHEN OTHERS THEN
	RETURN CASE SQLSTATE WHEN 'TE000' THEN 'PASSED' ELSE SQLSTATE END;
END $$;
SELECT pg_temp.refused('DELETE FROM refund.archived_event WHERE contract_id = 31000');
SELECT pg_temp.code(format(s, c.oid::regclass)) AS answer, count(*) FROM pg_class c, unnest('{UPDATE %s SET contract_id = contract_id WHERE contract_id = 31000,DELETE FROM %s WHERE contract_id = 31000,TRUNCATE %s}'::text[]) s
WHERE c.relnamespace = 'refund'::regnamespace AND c.relkind = 'p' GROUP BY 1;
SELECT pg_temp.code(format(s, i.inhrelid::regclass)) AS answer, count(*) FROM pg_class c JOIN pg_inherits i ON i.inhparent = c.oid, unnest('{UPDATE %s SET contract_id = contract_id WHERE contract_id = 31000,DELETE FROM %s WHERE contract_id = 31000,TRUNCATE %s}'::text[]) s
WHERE c.relnamespace = 'refund'::regnamespace AND c.relkind = 'p' AND i.inhrelid::regclass::text ~ format('_%s$', (SELECT partition FROM refund.archive_partition WHERE coalesce(from_contract <= 31000, true) AND coalesce(to_contract > 31000, true))) GROUP BY 1;
-- a copy of another head opens no door
BEGIN;
INSERT INTO refund.archived_contract SELECT * FROM refund.contract WHERE contract_id = 31102;
SET LOCAL session_replication_role = replica;
UPDATE refund.archived_contract SET head = sha256('x') WHERE contract_id = 31102;
SET LOCAL session_replication_role = origin;
SELECT pg_temp.code('DELETE FROM refund.event WHERE contract_id = 31102'), pg_temp.code('DELETE FROM refund.archived_contract WHERE contract_id = 31102');
ROLLBACK;


-- ---- unarchive() ----

SELECT pg_temp.refused('SELECT refund.unarchive(NULL)');
SELECT pg_temp.refused('SELECT refund.unarchive(31100)');
SELECT pg_temp.call('unarchive(31000)');
SELECT (SELECT count(*) FROM refund.event WHERE contract_id = 31000) AS live, (SELECT count(*) FROM refund.archived_event WHERE contract_id = 31000) AS archived;
SELECT * FROM refund.verify(31000);
-- what came from outside is recorded, and keys are known again; then it goes back
SELECT erased FROM refund.erase_evidence(31000, 'operator', 1, 'The law.');
SELECT disputed FROM refund.dispute_refund(31000, 'freelancer', '250 USD', 'It was delivered.', '[{"title": "mail", "media_type": "text/plain", "content": "aGVsbG8=", "statement": "He says so."}, {"title": "video", "media_type": "video/mp4", "uri": "https://example.com/v"}]', 'key');
SELECT state FROM refund.unarchive(31001);
SELECT state FROM refund.report_refund_payment(31001, 'worker', 1, 'bounced', 'ref 1');
SELECT pg_temp.told(31000), pg_temp.told(31001);
\o /dev/null
CALL refund.archive('infinity', 10000);
\o
SELECT pg_temp.archived();
SELECT * FROM refund.verify_all() WHERE contract_id BETWEEN 31000 AND 31999;
SELECT count(*) FROM refund.evidence_index WHERE contract_id = 31000 AND erased;


-- ---- partitions ----

-- in blocks of at least 2^20 numbers, at the ends of bigint too; in those that were made before; no two overlap
CREATE FUNCTION pg_temp.partition_of(id bigint) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	PERFORM refund.require_archive_partition(id);
	RETURN (SELECT CASE WHEN partition LIKE '-9990' THEN partition WHEN to_contract IS NULL OR to_contract::numeric - from_contract >= 1048576 THEN 'wide' ELSE 'narrow' END FROM refund.archive_partition p
		WHERE coalesce(p.from_contract <= id, true) AND coalesce(p.to_contract > id, true));
END $$;
SELECT pg_temp.partition_of(-9985), pg_temp.partition_of(9223372036854775807), pg_temp.partition_of(-9223372036854775808);
-- beside those, as large as it fits
SELECT pg_temp.partition_of(-9979);
SELECT pg_temp.refused('SELECT refund.add_archive_partition(-9985, 0)');
-- a DBA takes an old partition away: its contracts are gone, and what was exported of them tells
BEGIN;
SELECT format('ALTER TABLE refund.archived_%s DETACH PARTITION refund_archive.%1$s_%s', t, (SELECT partition FROM refund.archive_partition WHERE coalesce(from_contract <= 31000, true) AND coalesce(to_contract > 31000, true)))
FROM unnest('{contract,event,transfer,milestone,deposit,arbitration_fee,refund_payment,reversal,statement,evidence,evidence_body,notification}'::text[]) t \gexec
SELECT contract_id FROM refund.contract_status WHERE contract_id BETWEEN 31000 AND 31005;
SELECT * FROM refund.verify_all() WHERE contract_id BETWEEN 31000 AND 31999;
SELECT v.* FROM exported, refund.verify_heads(heads) v;
ROLLBACK;

-- a copy archives nothing until it is activated (RF016)
BEGIN;
UPDATE refund.activation SET database_oid = 0;
SELECT pg_temp.refused($$SELECT refund.archive_next(0, 'infinity')$$);
ROLLBACK;
SELECT refund.drop_test_clock('archive');

-- live contracts and archived ones go only when the triggers are silent; other tests look at all that is live
DO $$
DECLARE
	name regclass;
BEGIN
	SET LOCAL session_replication_role = replica;
	FOR name IN SELECT oid FROM pg_class c WHERE relnamespace = 'refund'::regnamespace AND relkind IN ('r', 'p')
		AND EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'contract_id') LOOP
		EXECUTE format('DELETE FROM %s WHERE contract_id BETWEEN 31000 AND 31999', name);
	END LOOP;
END $$;
