-- grant_access() and revoke_access(): who may do what (interface.md "Access").  Ids such
-- as A10 are lines of the catalogue of bad inputs and faults.  Contracts 9200 to 9299.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS refund;
RESET client_min_messages;
SET TimeZone = 'UTC';
\pset format unaligned
\pset null '~'

CREATE TEMP TABLE duty (n int GENERATED ALWAYS AS IDENTITY, name text);
INSERT INTO duty (name) SELECT unnest('{app,mediator,arbitrator,operator,worker,analyst,auditor}'::text[]);
SELECT format('CREATE ROLE %I', 'regress_refund_' || name) FROM duty \gexec
CREATE ROLE regress_refund_stranger;
CREATE VIEW pg_temp.granted AS
SELECT p.proname::text AS object, a.grantee, a.privilege_type, a.is_grantable FROM pg_proc p, aclexplode(p.proacl) a WHERE p.pronamespace = 'refund'::regnamespace AND a.grantee NOT IN (0, p.proowner)
UNION ALL SELECT c.relname, a.grantee, a.privilege_type, a.is_grantable FROM pg_class c, aclexplode(c.relacl) a WHERE c.relnamespace = 'refund'::regnamespace AND a.grantee NOT IN (0, c.relowner);
SELECT count(*) AS granted_before FROM pg_temp.granted;
SELECT refund.grant_access(('regress_refund_' || name)::regrole, name) FROM duty ORDER BY n;
-- twice is once
CREATE TEMP TABLE once AS SELECT * FROM pg_temp.granted;
SELECT refund.grant_access(('regress_refund_' || name)::regrole, name) FROM duty ORDER BY n;
(TABLE pg_temp.granted EXCEPT ALL TABLE once) UNION ALL (TABLE once EXCEPT ALL TABLE pg_temp.granted);


-- ---- A10: function and duty, the golden list ----

SELECT DISTINCT privilege_type, is_grantable FROM pg_temp.granted;
SELECT p.proname, string_agg(d.name, ' ' ORDER BY d.n) AS duties FROM pg_proc p
LEFT JOIN duty d ON has_function_privilege('regress_refund_' || d.name, p.oid, 'EXECUTE')
WHERE p.pronamespace = 'refund'::regnamespace AND NOT has_function_privilege('public', p.oid, 'EXECUTE') AND p.prorettype NOT IN ('trigger'::regtype, 'event_trigger'::regtype)
GROUP BY p.oid, p.proname ORDER BY p.proname COLLATE "C";
-- and no more than PUBLIC of the others, trigger functions included
SELECT p.oid::regprocedure, d.name FROM pg_proc p, duty d WHERE p.pronamespace = 'refund'::regnamespace AND p.prorettype IN ('trigger'::regtype, 'event_trigger'::regtype)
	AND has_function_privilege('regress_refund_' || d.name, p.oid, 'EXECUTE');
SELECT c.relkind, c.relname, string_agg(d.name, ' ' ORDER BY d.n) AS duties FROM pg_class c
LEFT JOIN duty d ON has_table_privilege('regress_refund_' || d.name, c.oid, 'SELECT')
WHERE c.relnamespace = 'refund'::regnamespace AND c.relkind IN ('r', 'p', 'v') GROUP BY c.oid, c.relkind, c.relname ORDER BY c.relkind, c.relname COLLATE "C";
-- nobody writes
SELECT c.relname, d.name FROM pg_class c, duty d, unnest('{INSERT,UPDATE,DELETE,TRUNCATE,REFERENCES,TRIGGER}'::text[]) p
WHERE c.relnamespace = 'refund'::regnamespace AND c.relkind IN ('r', 'p', 'v') AND has_table_privilege('regress_refund_' || d.name, c.oid, p);
SELECT d.name FROM duty d WHERE has_schema_privilege('regress_refund_' || d.name, 'refund', 'CREATE');


-- ---- what they can do with it ----

\pset tuples_only on
SELECT name FROM refund.create_test_clock('access', '2026-03-02 09:00+00');
CREATE FUNCTION pg_temp.code(statement text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE statement;
	RETURN 'done';
EXCEPTION WHEN OTHERS THEN
	RETURN SQLSTATE;
END $$;
SET SESSION AUTHORIZATION regress_refund_app;
SELECT state FROM refund.create_contract(9200, 'client', 'freelancer', 'USD', test_clock => 'access');
SELECT price FROM refund.add_milestone(9200, 'client', 1, 'one', '100.00 USD');
SELECT held FROM refund.fund(9200, 'client', 1, '100.00 USD', 'card');
SELECT request_state FROM refund.end_contract(9200, 'client');
SELECT state FROM refund.dispute_refund(9200, 'freelancer', '60.00 USD', 'reason', '[{"title": "a", "statement": "words"}]');
SELECT state FROM refund.decline_dispute(9200, 'client', 'statement');
SELECT held FROM refund.contract_status WHERE contract_id = 9200;
-- acting for a mediator is not acting for a party
SELECT pg_temp.code('SELECT refund.propose_resolution(9200, ''mediator'', ''40.00 USD'', ''rationale'')');
SELECT pg_temp.code('SELECT refund.place_hold(9200, ''operator'', ''legal'', ''reason'')');
SELECT pg_temp.code('SELECT 1 FROM refund.contract');
RESET SESSION AUTHORIZATION;
-- A05: SET ROLE brings the duty of the role, and its alone
SET ROLE regress_refund_mediator;
SELECT state FROM refund.propose_resolution(9200, 'mediator', '40.00 USD', 'rationale');
SELECT pg_temp.code('SELECT refund.record_award(9200, ''arbitrator'', ''40.00 USD'', ''rationale'')');
SELECT pg_temp.code('SELECT refund.accept_resolution(9200, ''client'')');
RESET ROLE;
-- A05: a definer wrapper has its owner's rights: an attacker's has none, whoever calls it
GRANT CREATE ON SCHEMA public TO regress_refund_stranger, regress_refund_mediator;
SET SESSION AUTHORIZATION regress_refund_stranger;
CREATE FUNCTION public.regress_refund_trap() RETURNS text LANGUAGE sql SECURITY DEFINER AS 'SELECT state FROM refund.propose_resolution(9200, ''mediator'', ''100.00 USD'', ''rationale'')';
SET SESSION AUTHORIZATION regress_refund_mediator;
SELECT pg_temp.code('SELECT public.regress_refund_trap()');
-- and one of a role with a duty passes that duty on, and no other
CREATE FUNCTION public.regress_refund_tool(statement text) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS 'BEGIN EXECUTE statement; END';
SET SESSION AUTHORIZATION regress_refund_stranger;
SELECT pg_temp.code('SELECT public.regress_refund_tool(''SELECT refund.case_file(9200, ''''mediator'''')'')');
SELECT pg_temp.code('SELECT refund.case_file(9200, ''mediator'')');
SELECT pg_temp.code('SELECT public.regress_refund_tool(''SELECT refund.record_award(9200, ''''arbitrator'''', ''''1.00 USD'''', ''''x'''')'')');
RESET SESSION AUTHORIZATION;
DROP FUNCTION public.regress_refund_trap, public.regress_refund_tool;
REVOKE CREATE ON SCHEMA public FROM regress_refund_stranger, regress_refund_mediator;
SET ROLE regress_refund_arbitrator;
SELECT pg_temp.code('SELECT refund.record_award(9200, ''arbitrator'', ''40.00 USD'', ''rationale'')');
SET ROLE regress_refund_operator;
SELECT kind FROM refund.place_hold(9200, 'operator', 'legal', 'reason');
SELECT stands FROM refund.lift_hold(9200, 'operator', 1, 'over');
SELECT count(*) > 0 FROM refund.health();
SELECT now FROM refund.advance_test_clock('access', '1 day');
SET ROLE regress_refund_worker;
CALL refund.run_due();
SELECT refund.run_verify() >= 0;
SELECT count(*) FROM refund.claim_refund_payments(0);
SELECT pg_temp.code('SELECT refund.health()');
RESET ROLE;

-- A18: the views of each reader; what nobody was granted is refused before a predicate sees a row
CREATE FUNCTION pg_temp.leak(text) RETURNS boolean LANGUAGE plpgsql COST 0.0001 AS $$ BEGIN RAISE WARNING 'leaked %', $1; RETURN true; END $$;
SET ROLE regress_refund_mediator;
SELECT pg_temp.code('SELECT 1 FROM refund.contract_status WHERE pg_temp.leak(client)');
SET ROLE regress_refund_app;
SELECT pg_temp.code('SELECT 1 FROM refund.refund_case WHERE pg_temp.leak(mediator)');
RESET ROLE;
SELECT d.name, pg_temp.code(format('SET ROLE %I; SELECT (SELECT count(*) FROM refund.%I)', 'regress_refund_' || d.name, c.relname)) AS answer, count(*), string_agg(CASE WHEN c.relkind = 'r' THEN c.relname END, ' ' ORDER BY c.relname COLLATE "C") AS tables
FROM duty d, pg_class c WHERE d.name IN ('app', 'operator', 'analyst', 'auditor') AND c.relnamespace = 'refund'::regnamespace AND c.relkind IN ('r', 'p', 'v') GROUP BY 1, 2 ORDER BY 1, 2;
RESET ROLE;

-- A19: the auditor reads all and writes nothing; the analyst sees no evidence bodies
SET ROLE regress_refund_auditor;
SELECT i.title, b.statement FROM refund.evidence_index i JOIN refund.evidence_body b USING (contract_id, evidence_no) WHERE contract_id = 9200;
SELECT count(*) FROM refund.verify(9200);
SELECT statement, pg_temp.code(statement) FROM unnest(ARRAY['INSERT INTO refund.event DEFAULT VALUES', 'UPDATE refund.contract SET client = ''me''', 'DELETE FROM refund.evidence_body', 'TRUNCATE refund.transfer',
	'SELECT refund.fund(9200, ''client'', 1, ''1.00 USD'', ''card'')', 'SELECT refund.erase_evidence(9200, ''operator'', 1, ''reason'')', 'SELECT * FROM refund.contract FOR UPDATE', 'SELECT refund.activate()', 'COPY refund.event FROM STDIN']) statement;
SET ROLE regress_refund_analyst;
SELECT pg_temp.code('SELECT 1 FROM refund.evidence_body');
SELECT pg_temp.code('SELECT refund.evidence_content(9200, ''client'', 1)');
SELECT pg_temp.code('SELECT refund.verify(9200)');
RESET ROLE;

-- nobody grants what is not his to grant
GRANT EXECUTE ON FUNCTION refund.grant_access, refund.revoke_access TO regress_refund_operator;
SET ROLE regress_refund_operator;
SELECT pg_temp.code('SELECT refund.grant_access(''regress_refund_operator'', ''app'')');
SELECT pg_temp.code('SELECT refund.revoke_access(''regress_refund_app'', ''app'')');
SET ROLE regress_refund_app;
SELECT pg_temp.code('SELECT refund.grant_access(''regress_refund_app'', ''operator'')');
RESET ROLE;
REVOKE EXECUTE ON FUNCTION refund.grant_access, refund.revoke_access FROM regress_refund_operator;
(TABLE pg_temp.granted EXCEPT ALL TABLE once) UNION ALL (TABLE once EXCEPT ALL TABLE pg_temp.granted);

-- what is wrong is named
SELECT pg_temp.code(statement), statement FROM unnest(ARRAY['SELECT refund.grant_access(''regress_refund_nemo'', ''app'')', 'SELECT refund.grant_access(''public'', ''app'')', 'SELECT refund.grant_access(''-'', ''app'')', 'SELECT refund.grant_access(''1'', ''app'')',
	'SELECT refund.grant_access(NULL, ''app'')', 'SELECT refund.revoke_access(''regress_refund_app'', NULL)', 'SELECT refund.revoke_access(''regress_refund_app'', ''App'')', 'SELECT refund.grant_access(''regress_refund_app'', '''')']) statement;
SELECT refund.grant_access('regress_refund_app', 'boss');
BEGIN READ ONLY;
SELECT refund.grant_access('regress_refund_app', 'worker');
ROLLBACK;
-- a name that must be quoted
CREATE ROLE "regress_refund ""x""; DROP";
SELECT refund.grant_access('"regress_refund ""x""; DROP"', 'mediator');
SELECT count(*) FROM pg_temp.granted WHERE grantee = '"regress_refund ""x""; DROP"'::regrole;
SELECT refund.revoke_access('"regress_refund ""x""; DROP"', 'mediator');
DROP ROLE "regress_refund ""x""; DROP";

-- revoking leaves nothing, so that the roles can go
SELECT refund.revoke_access(('regress_refund_' || name)::regrole, name) FROM duty ORDER BY n;
SELECT count(*) FROM pg_temp.granted;
SELECT format('DROP ROLE %I', 'regress_refund_' || name) FROM duty \gexec
DROP ROLE regress_refund_stranger;
SELECT refund.drop_test_clock('access');
