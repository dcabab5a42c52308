-- What the extension puts into a database: comments, properties of functions,
-- privileges, dump (interface.md; quality.md "Tests").  Ids such as A10 are lines of
-- the catalogue of bad inputs and faults.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS refund;
RESET client_min_messages;
SET TimeZone = 'UTC';
SET DateStyle = 'ISO, MDY';
\pset format unaligned
\pset null '~'

-- ---- the extension ----

SELECT extrelocatable, n.nspname FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE extname = 'refund';
SELECT superuser, trusted, relocatable, schema, requires FROM pg_available_extension_versions WHERE name = 'refund' AND installed;
-- all that is in the schema is the extension's
SELECT c.oid::regclass AS stray FROM pg_class c WHERE relnamespace = 'refund'::regnamespace AND relkind NOT IN ('i', 'c') AND NOT EXISTS
	(SELECT 1 FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e');
SELECT p.oid::regprocedure AS stray FROM pg_proc p WHERE pronamespace = 'refund'::regnamespace AND NOT EXISTS
	(SELECT 1 FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e');
-- tables and views; no sequence, no identity, no materialized view; of what is partitioned the partitions are elsewhere
SELECT relkind, count(*), string_agg(relname, ' ' ORDER BY relname COLLATE "C") FROM pg_class
WHERE relnamespace = 'refund'::regnamespace AND relkind NOT IN ('i', 'I') GROUP BY relkind ORDER BY relkind;
SELECT attrelid::regclass, attname FROM pg_attribute WHERE attrelid IN (SELECT oid FROM pg_class WHERE relnamespace = 'refund'::regnamespace) AND (attidentity <> '' OR attgenerated <> '');
-- contract_id comes first in every key of a contract's tables
SELECT indexrelid::regclass FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid WHERE c.relnamespace = 'refund'::regnamespace AND indisunique
	AND EXISTS (SELECT 1 FROM pg_attribute a WHERE a.attrelid = c.oid AND attname = 'contract_id')
	AND indkey[0] <> (SELECT attnum FROM pg_attribute a WHERE a.attrelid = c.oid AND attname = 'contract_id');
-- B01: every table is dumped, whole, but for the rows that the script brings; partitions are no members, and dumped as such
SELECT c.oid::regclass AS "table", x.condition FROM pg_class c
LEFT JOIN (SELECT unnest(extconfig) AS oid, unnest(extcondition) AS condition FROM pg_extension WHERE extname = 'refund') x USING (oid)
WHERE relnamespace = 'refund'::regnamespace AND relkind IN ('r', 'p', 'S') ORDER BY relname COLLATE "C";
-- triggers: none fires on a plain INSERT by a subscriber or is ALWAYS (architecture.md rule 15)
SELECT tgrelid::regclass AS "table", tgname, tgenabled, tgdeferrable AS deferrable, tginitdeferred AS deferred, tgfoid::regproc AS function,
	concat_ws(' ', CASE WHEN tgtype & 2 > 0 THEN 'before' ELSE 'after' END, CASE WHEN tgtype & 4 > 0 THEN 'insert' END, CASE WHEN tgtype & 8 > 0 THEN 'delete' END,
		CASE WHEN tgtype & 16 > 0 THEN 'update' END, CASE WHEN tgtype & 32 > 0 THEN 'truncate' END, CASE WHEN tgtype & 1 > 0 THEN 'row' ELSE 'statement' END) AS fires
FROM pg_trigger WHERE NOT tgisinternal AND tgrelid IN (SELECT oid FROM pg_class WHERE relnamespace = 'refund'::regnamespace)
ORDER BY tgrelid::regclass::text COLLATE "C", tgname COLLATE "C";


-- ---- a COMMENT on everything ----

SELECT what FROM (
	SELECT 'schema ' || nspname AS what, obj_description(oid, 'pg_namespace') AS comment FROM pg_namespace WHERE nspname = 'refund'
	UNION ALL SELECT 'extension ' || extname, obj_description(oid, 'pg_extension') FROM pg_extension WHERE extname = 'refund'
	UNION ALL SELECT relkind::text || ' ' || oid::regclass, obj_description(oid, 'pg_class') FROM pg_class WHERE relnamespace = 'refund'::regnamespace AND relkind IN ('r', 'v', 'm', 'c', 'S', 'f', 'p')
		AND NOT (relkind = 'c' AND obj_description(reltype, 'pg_type') IS NOT NULL)
	UNION ALL SELECT 'index ' || i.oid::regclass, obj_description(i.oid, 'pg_class') FROM pg_class i WHERE relnamespace = 'refund'::regnamespace AND relkind IN ('i', 'I')
		AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conindid = i.oid)
	UNION ALL SELECT 'column ' || attrelid::regclass || '.' || attname, col_description(attrelid, attnum) FROM pg_attribute JOIN pg_class c ON c.oid = attrelid
		WHERE relnamespace = 'refund'::regnamespace AND relkind IN ('r', 'v', 'm', 'c', 'f', 'p') AND attnum > 0 AND NOT attisdropped
	UNION ALL SELECT 'routine ' || oid::regprocedure, obj_description(oid, 'pg_proc') FROM pg_proc WHERE pronamespace = 'refund'::regnamespace
	UNION ALL SELECT 'type ' || oid::regtype, obj_description(oid, 'pg_type') FROM pg_type WHERE typnamespace = 'refund'::regnamespace AND typtype IN ('b', 'e', 'd', 'r') AND typelem = 0
	UNION ALL SELECT 'operator ' || oid::regoperator, obj_description(oid, 'pg_operator') FROM pg_operator WHERE oprnamespace = 'refund'::regnamespace
	UNION ALL SELECT 'trigger ' || tgname || ' on ' || tgrelid::regclass, obj_description(t.oid, 'pg_trigger') FROM pg_trigger t JOIN pg_class c ON c.oid = tgrelid WHERE relnamespace = 'refund'::regnamespace AND NOT tgisinternal
	UNION ALL SELECT 'event trigger ' || evtname, obj_description(oid, 'pg_event_trigger') FROM pg_event_trigger WHERE evtname LIKE 'refund%'
	UNION ALL SELECT 'cast ' || castsource::regtype || ' as ' || casttarget::regtype, obj_description(c.oid, 'pg_cast') FROM pg_cast c JOIN pg_type t ON t.oid IN (castsource, casttarget) WHERE t.typnamespace = 'refund'::regnamespace
) c WHERE comment IS NULL OR comment !~ '\S' ORDER BY what COLLATE "C";


-- ---- functions: the surface that applications call ----

-- names, order and defaults of arguments are the contract (interface.md)
SELECT p.proname || '(' || pg_get_function_arguments(p.oid) || ')' AS function, pg_get_function_result(p.oid) AS result
FROM pg_proc p WHERE pronamespace = 'refund'::regnamespace AND (prosecdef OR provolatile = 'v' OR prokind = 'p' OR proname IN ('transitions', 'state_diagram', 'allocate'))
	AND prorettype NOT IN ('trigger'::regtype, 'event_trigger'::regtype) ORDER BY proname COLLATE "C";
-- volatility, parallel safety, strictness, rights
SELECT provolatile, proparallel, proisstrict, prosecdef, count(*), string_agg(DISTINCT proname::text, ' ' ORDER BY proname::text) AS functions
FROM (SELECT provolatile, proparallel, proisstrict, prosecdef, proname COLLATE "C" AS proname FROM pg_proc WHERE pronamespace = 'refund'::regnamespace) p
GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4;
-- what runs with the owner's rights pins its search_path, and nothing else does anything to it
SELECT oid::regprocedure, proconfig FROM pg_proc WHERE pronamespace = 'refund'::regnamespace AND prosecdef AND NOT ('search_path=pg_catalog, pg_temp' = ANY (coalesce(proconfig, '{}')));
SELECT proconfig, string_agg(proname::text, ' ' ORDER BY proname::text COLLATE "C") FROM pg_proc WHERE pronamespace = 'refund'::regnamespace AND proconfig IS NOT NULL AND NOT (prosecdef AND proconfig = '{"search_path=pg_catalog, pg_temp"}') GROUP BY 1 ORDER BY 1;
-- no leakproof claim, no support function of somebody else; C and SQL only, but for what makes tables
SELECT p.oid::regprocedure, proleakproof, l.lanname FROM pg_proc p JOIN pg_language l ON l.oid = prolang WHERE pronamespace = 'refund'::regnamespace AND (proleakproof OR lanname NOT IN ('c', 'sql', 'internal'));
SELECT oid::regprocedure FROM pg_proc WHERE pronamespace = 'refund'::regnamespace AND prolang = (SELECT oid FROM pg_language WHERE lanname = 'sql') ORDER BY 1;


-- ---- views: plain types only ----

SELECT relname AS view, string_agg(attname || ' ' || format_type(atttypid, atttypmod), ', ' ORDER BY attnum) AS columns
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND attnum > 0
WHERE relnamespace = 'refund'::regnamespace AND relkind = 'v' GROUP BY relname ORDER BY relname COLLATE "C";
SELECT attrelid::regclass, attname, format_type(atttypid, atttypmod) FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND attnum > 0 JOIN pg_type t ON t.oid = atttypid
WHERE relnamespace = 'refund'::regnamespace AND relkind = 'v' AND typnamespace = 'refund'::regnamespace AND typtype <> 'e';


-- ---- A10: what PUBLIC may do ----

SELECT nspacl::text ~ '(^|[{,])=U/' AS usage, nspacl::text ~ '(^|[{,])=[^,]*C' AS create FROM pg_namespace WHERE nspname = 'refund';
SELECT c.oid::regclass, a.privilege_type FROM pg_class c, aclexplode(relacl) a WHERE relnamespace = 'refund'::regnamespace AND a.grantee <> relowner;
SELECT attrelid::regclass, attname FROM pg_attribute a JOIN pg_class c ON c.oid = attrelid WHERE relnamespace = 'refund'::regnamespace AND attacl IS NOT NULL;
SELECT count(*), string_agg(DISTINCT proname::text, ' ' ORDER BY proname::text) AS may_execute
FROM (SELECT oid, proname COLLATE "C" AS proname, proacl, proowner FROM pg_proc WHERE pronamespace = 'refund'::regnamespace) p
WHERE EXISTS (SELECT 1 FROM aclexplode(coalesce(proacl, acldefault('f', proowner))) a WHERE a.grantee = 0);
SELECT count(*), string_agg(DISTINCT proname::text, ' ' ORDER BY proname::text) AS may_not_execute
FROM (SELECT oid, proname COLLATE "C" AS proname, proacl, proowner FROM pg_proc WHERE pronamespace = 'refund'::regnamespace) p
WHERE NOT EXISTS (SELECT 1 FROM aclexplode(coalesce(proacl, acldefault('f', proowner))) a WHERE a.grantee = 0);
SELECT oid::regprocedure, a.grantee::regrole FROM pg_proc p, aclexplode(proacl) a WHERE pronamespace = 'refund'::regnamespace AND a.grantee NOT IN (0, proowner);

-- A07: a role with nothing, at every table, view and function
CREATE FUNCTION pg_temp.code(statement text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE statement;
	RAISE EXCEPTION USING ERRCODE = 'TE000';
EXCEPTION WHEN OTHERS THEN
	RETURN CASE SQLSTATE WHEN 'TE000' THEN 'PASSED' ELSE SQLSTATE END;
END $$;
CREATE ROLE regress_refund_nobody;
CREATE ROLE regress_refund_somebody;
SET SESSION AUTHORIZATION regress_refund_nobody;
SELECT c.oid::regclass AS "table", s AS not_refused
FROM pg_class c, unnest(ARRAY['SELECT 1 FROM %s', 'INSERT INTO %s DEFAULT VALUES', 'UPDATE %s SET contract_id = 1', 'DELETE FROM %s', 'TRUNCATE %s', 'LOCK %s', 'TABLE %s', 'CREATE TRIGGER t AFTER INSERT ON %s EXECUTE FUNCTION suppress_redundant_updates_trigger()']) s
WHERE relnamespace = 'refund'::regnamespace AND relkind = 'r' AND NOT (s LIKE 'UPDATE%' AND NOT EXISTS (SELECT 1 FROM pg_attribute WHERE attrelid = c.oid AND attname = 'contract_id'))
	AND pg_temp.code(format(s, c.oid::regclass)) <> '42501';
SELECT c.oid::regclass AS readable FROM pg_class c WHERE relnamespace = 'refund'::regnamespace AND relkind = 'v' AND pg_temp.code(format('SELECT 1 FROM %s', c.oid::regclass)) <> '42501';
SELECT pg_temp.code(s) AS answer, s FROM unnest(ARRAY['SELECT refund.create_contract(8000, ''a'', ''b'', ''USD'')', 'SELECT refund.fund(8000, ''a'', 1, ''1 USD'', ''card'')', 'SELECT refund.end_contract(8000, ''a'')',
	'SELECT refund.approve_refund(8000, ''a'')', 'SELECT refund.expire_due()', 'CALL refund.run_due()', 'SELECT refund.record_run(now(), 1)', 'SELECT refund.create_test_clock(''c'', now())', 'SELECT refund.add_policy(''p'', ''{}'')',
	'SELECT refund.verify(1)', 'SELECT refund.verify_all()', 'SELECT refund.health()', 'SELECT refund.schedule_jobs()', 'SELECT refund.unschedule_jobs()', 'SELECT refund.set_holidays(''c'', ''{}'')', 'SELECT refund.validate_policy(''standard'')',
	'SELECT refund.deadline(now(), ''1 day'', ''UTC'', ''default'')', 'SELECT count(*) FROM refund.transitions()', 'SELECT refund.state_diagram()', 'SELECT refund.sum(a::refund.amount) FROM unnest(''{1 USD}''::text[]) a',
	'CREATE TABLE refund.mine (a integer)', 'CREATE FUNCTION refund.mine() RETURNS integer LANGUAGE sql AS ''SELECT 1''', 'DROP EXTENSION refund', 'ALTER EXTENSION refund UPDATE', 'DROP TABLE refund.contract', 'ALTER TABLE refund.contract DISABLE TRIGGER ALL',
	'SET session_replication_role = replica', 'COMMENT ON TABLE refund.contract IS ''mine''']) s;
RESET SESSION AUTHORIZATION;

-- who may execute the verbs needs nothing else; the deferred audit at COMMIT included (architecture.md rule 8)
GRANT EXECUTE ON ALL ROUTINES IN SCHEMA refund TO regress_refund_nobody;
SET SESSION AUTHORIZATION regress_refund_nobody;
SELECT name FROM refund.create_test_clock('catalog', '2026-03-02 09:00+00');
SELECT state FROM refund.create_contract(8001, 'client', 'freelancer', 'USD', test_clock => 'catalog', idempotency_key => 'key');
SELECT title FROM refund.add_milestone(8001, 'client', 1, 'one', '100.00 USD');
SELECT held FROM refund.fund(8001, 'client', 1, '100.00 USD', 'card', 'ref');
SELECT held FROM refund.fund(8001, 'client', 1, '100.00 USD', 'card', 'ref');
BEGIN;
SELECT held FROM refund.release_payment(8001, 'client', 1, '30.00 USD', 'key');
SELECT held FROM refund.release_payment(8001, 'client', 1, '30.00 USD', 'key');
SELECT request_state FROM refund.end_contract(8001, 'client');
SET CONSTRAINTS ALL IMMEDIATE;
COMMIT;
SELECT now FROM refund.advance_test_clock('catalog', '7 days');
SELECT refund.expire_due() >= 0 AS expired;
CALL refund.run_due();
SELECT count(*) FROM refund.verify_all();
SELECT pg_temp.code('SELECT 1 FROM refund.contract_status') AS not_granted;
SELECT refund.drop_test_clock('catalog');
RESET SESSION AUTHORIZATION;
REVOKE EXECUTE ON ALL ROUTINES IN SCHEMA refund FROM regress_refund_nobody;


-- ---- default privileges of who installs it leave nothing behind ----

BEGIN;
SET LOCAL client_min_messages = warning;
SET LOCAL refund.allow_drop = on;
ALTER DEFAULT PRIVILEGES GRANT ALL ON TABLES TO PUBLIC, regress_refund_nobody;
ALTER DEFAULT PRIVILEGES GRANT ALL ON TABLES TO regress_refund_somebody WITH GRANT OPTION;
ALTER DEFAULT PRIVILEGES GRANT ALL ON SEQUENCES TO PUBLIC, regress_refund_nobody;
ALTER DEFAULT PRIVILEGES GRANT ALL ON ROUTINES TO PUBLIC, regress_refund_nobody;
ALTER DEFAULT PRIVILEGES GRANT ALL ON ROUTINES TO regress_refund_somebody WITH GRANT OPTION;
ALTER DEFAULT PRIVILEGES GRANT ALL ON TYPES TO regress_refund_nobody;
ALTER DEFAULT PRIVILEGES GRANT ALL ON SCHEMAS TO PUBLIC, regress_refund_nobody;
ALTER DEFAULT PRIVILEGES GRANT ALL ON SCHEMAS TO regress_refund_somebody WITH GRANT OPTION;
CREATE TEMP TABLE functions_before AS SELECT oid::regprocedure::text AS name, EXISTS (SELECT 1 FROM aclexplode(coalesce(proacl, acldefault('f', proowner))) a WHERE a.grantee = 0) AS public
FROM pg_proc WHERE pronamespace = 'refund'::regnamespace;
DROP EXTENSION refund CASCADE;
CREATE EXTENSION refund;
SELECT 'table' AS what, c.oid::regclass::text AS name, a.grantee::regrole, a.privilege_type FROM pg_class c, aclexplode(relacl) a WHERE relnamespace IN ('refund'::regnamespace, 'refund_archive'::regnamespace) AND a.grantee <> relowner
UNION ALL SELECT 'routine', p.oid::regprocedure::text, a.grantee::regrole, a.privilege_type FROM pg_proc p, aclexplode(proacl) a WHERE pronamespace = 'refund'::regnamespace AND a.grantee NOT IN (0, proowner)
UNION ALL SELECT 'routine', f.name, 0::regrole, 'EXECUTE' FROM functions_before f JOIN pg_proc p ON p.oid = f.name::regprocedure, aclexplode(proacl) a WHERE a.grantee = 0 AND NOT f.public
UNION ALL SELECT 'type', t.oid::regtype::text, a.grantee::regrole, a.privilege_type FROM pg_type t, aclexplode(typacl) a WHERE typnamespace = 'refund'::regnamespace AND a.grantee NOT IN (0, typowner)
UNION ALL SELECT 'schema', nspname, a.grantee::regrole, a.privilege_type FROM pg_namespace, aclexplode(nspacl) a WHERE nspname LIKE 'refund%' AND a.grantee <> nspowner AND NOT (a.grantee = 0 AND privilege_type = 'USAGE' AND nspname = 'refund')
ORDER BY 1, 2, 3, 4;
ROLLBACK;
-- and default privileges that take away leave what everybody needs: a type that can be read
BEGIN;
SET LOCAL client_min_messages = warning;
SET LOCAL refund.allow_drop = on;
ALTER DEFAULT PRIVILEGES REVOKE ALL ON TABLES FROM CURRENT_USER;
DROP EXTENSION refund CASCADE;
CREATE EXTENSION refund;
SELECT state FROM refund.create_contract(8000, 'client', 'freelancer', 'USD');
SET CONSTRAINTS ALL IMMEDIATE;
ROLLBACK;
DROP ROLE regress_refund_nobody;
DROP ROLE regress_refund_somebody;

-- a schema that somebody else made is never adopted
BEGIN;
SET LOCAL client_min_messages = warning;
SET LOCAL refund.allow_drop = on;
DROP EXTENSION refund CASCADE;
CREATE SCHEMA refund;
SAVEPOINT s;
-- PostgreSQL 18 adds where in the script it was
\set SHOW_CONTEXT never
CREATE EXTENSION refund;
ROLLBACK;
SELECT count(*) FROM refund.verify_all();
