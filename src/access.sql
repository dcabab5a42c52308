CREATE FUNCTION refund.grant_access(role regrole, duty text)
RETURNS void LANGUAGE c VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp AS 'MODULE_PATHNAME', 'refund_grant_access';
COMMENT ON FUNCTION refund.grant_access(regrole, text) IS
	'Grants a role what one duty needs, by plain GRANTs of its caller: app, mediator, arbitrator, operator, worker, analyst or auditor';

CREATE FUNCTION refund.revoke_access(role regrole, duty text)
RETURNS void LANGUAGE c VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp AS 'MODULE_PATHNAME', 'refund_revoke_access';
COMMENT ON FUNCTION refund.revoke_access(regrole, text) IS
	'Revokes from a role what grant_access() grants for the duty; what another duty of the role shares with it is to be granted again';

/*
 * Nobody but the owner may do anything but ask pure questions.  This part is
 * last in the script: whatever the installing role's default privileges granted
 * is taken back here.
 */
DO $$
DECLARE
	object record;
BEGIN
	/* the schemas and their types: what default privileges granted beside the defaults of PostgreSQL */
	FOR object IN
		SELECT 'SCHEMA ' || n.nspname AS name, a.grantee
		FROM pg_catalog.pg_namespace n, LATERAL pg_catalog.aclexplode(n.nspacl) a
		WHERE n.nspname IN ('refund', 'refund_archive') AND a.grantee <> n.nspowner
		UNION
		SELECT 'TYPE ' || t.oid::pg_catalog.regtype, a.grantee
		FROM pg_catalog.pg_type t, LATERAL pg_catalog.aclexplode(t.typacl) a
		WHERE t.typnamespace IN ('refund'::pg_catalog.regnamespace, 'refund_archive'::pg_catalog.regnamespace)
			AND a.grantee NOT IN (0, t.typowner)
	LOOP
		EXECUTE pg_catalog.format('REVOKE ALL ON %s FROM %s', object.name,
			CASE object.grantee WHEN 0 THEN 'PUBLIC' ELSE object.grantee::pg_catalog.regrole::text END);
	END LOOP;
	GRANT USAGE ON SCHEMA refund TO PUBLIC;
	/* tables and views: all grants of others, also those of default privileges */
	FOR object IN
		SELECT c.oid::pg_catalog.regclass AS name, a.grantee
		FROM pg_catalog.pg_class c, LATERAL pg_catalog.aclexplode(c.relacl) a
		WHERE c.relnamespace IN ('refund'::pg_catalog.regnamespace, 'refund_archive'::pg_catalog.regnamespace)
			AND a.grantee <> c.relowner
	LOOP
		EXECUTE pg_catalog.format('REVOKE ALL ON %s FROM %s', object.name,
			CASE object.grantee WHEN 0 THEN 'PUBLIC' ELSE object.grantee::pg_catalog.regrole::text END);
	END LOOP;
	/* functions: everybody keeps those that are pure, which are the ones that read no table */
	FOR object IN
		SELECT p.oid::pg_catalog.regprocedure AS name
		FROM pg_catalog.pg_proc p
		WHERE p.pronamespace = 'refund'::pg_catalog.regnamespace
			AND (p.prosecdef OR p.provolatile = 'v' OR p.prorettype = 'pg_catalog.trigger'::pg_catalog.regtype)
	LOOP
		EXECUTE pg_catalog.format('REVOKE ALL ON ROUTINE %s FROM PUBLIC', object.name);
	END LOOP;
	FOR object IN
		SELECT p.oid::pg_catalog.regprocedure AS name, a.grantee
		FROM pg_catalog.pg_proc p, LATERAL pg_catalog.aclexplode(p.proacl) a
		WHERE p.pronamespace = 'refund'::pg_catalog.regnamespace
			AND a.grantee NOT IN (0, p.proowner)
	LOOP
		EXECUTE pg_catalog.format('REVOKE ALL ON ROUTINE %s FROM %s', object.name,
			object.grantee::pg_catalog.regrole);
	END LOOP;
END
$$;
