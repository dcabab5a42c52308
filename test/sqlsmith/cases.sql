-- What random queries find: contracts in every state, live ones and ones on a test
-- clock, a table with values of every type that a verb takes, and what sqlsmith is
-- shown of the server's functions.
\set VERBOSITY terse
SET client_min_messages = warning;
CREATE EXTENSION refund;
\i sql/include/refused.sql
\i sql/include/case.sql
SELECT refund.create_test_clock('clock', '2026-01-05 10:00+00');
SELECT pg_temp.contract(n, c) FROM unnest('{1,2}'::bigint[], '{NULL,clock}'::text[]) contract (n, c);
SELECT pg_temp.ended(10 * k + n, c), pg_temp.walk(10 * k + n, VARIADIC steps)
FROM unnest('{1,2}'::integer[], '{NULL,clock}'::text[]) contract (k, c),
	(SELECT row_number() OVER (ORDER BY state) AS n, steps FROM way) w;
-- and settled ones, whose payments are on their way
SELECT pg_temp.ended(30 + n, NULL), pg_temp.walk(30 + n, VARIADIC steps)
FROM (VALUES (1, '{approve}'::text[]), (2, '{dispute,concede}'), (3, '{dispute,withdraw}'), (4, '{pay}'),
	(5, '{dispute,decline,propose,client accepts,freelancer accepts}'), (6, '{client offers,freelancer agrees}')) settled (n, steps);
SELECT refund.place_hold(11, 'operator', 'legal', 'A court asks.');
SELECT refund.submit_work(1, 'freelancer', 1);

CREATE SCHEMA smith;
-- What a verb may be called with: for each contract and each of its people a view of one row, for the role
-- that has their verbs, so that some of the calls succeed.
CREATE TABLE smith.sample AS
SELECT contract_id AS id, 1 AS number, 1::smallint AS small, actor, '50 USD'::refund.amount AS amount, currency,
	'2 business days'::refund.time_limit AS time_limit, now() AS instant, '1 hour'::interval AS pause,
	'[{"title": "A mail", "statement": "It says so."}]'::jsonb AS evidence, '\x00ff'::bytea AS body, state, request_state, outcome
FROM refund.contract, unnest('{client,freelancer,mediator,arbitrator,operator}'::text[]) actor;
SELECT format('CREATE VIEW smith.%1$I AS SELECT * FROM smith.sample WHERE id = %2$s AND actor = %3$L OFFSET 0; GRANT SELECT ON smith.%1$I TO %4$s',
	actor || id, id, actor, CASE actor WHEN 'client' THEN 'everybody, analyst, auditor, app, worker' WHEN 'freelancer' THEN 'app' ELSE actor END)
FROM smith.sample \gexec
-- sqlsmith calls what it finds in pg_proc, and finds this one first: a role that has verbs sees little else,
-- the others all of our functions, and some pure ones of the server that are useful as arguments.  It leaves
-- out functions that return sets: ours do not say so.
CREATE VIEW smith.pg_proc AS
SELECT p.oid, p.proname, p.pronamespace, p.prorettype, p.proargtypes, p.prokind,
	p.proretset AND p.pronamespace <> 'refund'::regnamespace AS proretset
FROM pg_catalog.pg_proc p
WHERE p.pronargs > 0 AND p.prokind <> 'p' AND has_function_privilege(p.oid, 'EXECUTE') AND CASE
	WHEN p.pronamespace = 'refund'::regnamespace THEN p.prokind = 'a' OR p.provolatile <> 'i' OR current_user IN ('everybody', 'analyst', 'auditor')
	ELSE p.provolatile = 'i' AND p.pronargs <= 2 AND p.prokind = 'f' AND p.prorettype = ANY ('{int8,text,timestamptz,interval,jsonb,bytea}'::regtype[])
		AND p.proargtypes::oid[] <@ '{int4,int8,text,interval,jsonb,bytea}'::regtype[]::oid[] AND current_user IN ('everybody', 'analyst', 'auditor')
		AND p.oid NOT IN (SELECT oprcode FROM pg_catalog.pg_operator) END;
GRANT USAGE ON SCHEMA smith TO PUBLIC;
GRANT SELECT ON smith.sample, smith.pg_proc TO PUBLIC;

SELECT rolname, refund.grant_access(oid, rolname) FROM pg_roles WHERE rolname = ANY (string_to_array(:'duties', ' '));
ALTER DATABASE smith SET search_path = smith, refund, pg_catalog;
ALTER DATABASE smith SET log_error_verbosity = verbose;
ALTER DATABASE smith SET track_functions = 'all';
-- sqlsmith finds all operators: those of shapes and ranges, which nothing here has, it would make little else than errors.
SET allow_system_table_mods = on;
DELETE FROM pg_catalog.pg_operator o USING pg_catalog.pg_type t
WHERE t.oid IN (o.oprleft, o.oprright) AND (t.typcategory IN ('G', 'R') OR t.typname IN ('anyrange', 'anymultirange'));
