/*
 * Finished contracts in views, into the archive and back.
 */

CREATE FUNCTION refund.effective_state(contract refund.archived_contract, at timestamptz)
RETURNS refund.request_state LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
	SELECT (contract).request_state;
END;
COMMENT ON FUNCTION refund.effective_state(refund.archived_contract, timestamptz) IS
	'The state of an archived contract''s request: no window is open';

/*
 * Views that the planner computes whole in any case: their text once more, on
 * the archived tables.  The other views read the all_ tables, which have no
 * statistics of their own, but let a join reach single contracts.
 */
DO $$
DECLARE
	/* the tables that have an archived_ one */
	tables text := (SELECT string_agg(substr(c.relname, length('archived_') + 1), '|')
		FROM pg_class c
		WHERE c.relnamespace = 'refund'::regnamespace AND c.relkind = 'p');
	name text;
	live text;
BEGIN
	FOREACH name IN ARRAY '{refund_request_status,transaction_history,event_log}'::text[]
	LOOP
		live := rtrim(pg_get_viewdef(format('refund.%I', name)::regclass), ';');
		EXECUTE format('CREATE OR REPLACE VIEW refund.%I AS %s UNION ALL %s', name, live,
			regexp_replace(live, format('([^:])\mrefund\.(%s)\M', tables), '\1refund.archived_\2', 'g'));
	END LOOP;
END
$$;

CREATE FUNCTION refund.archive_next(
	from_contract bigint, before timestamptz, OUT next_contract bigint, OUT archived boolean)
RETURNS record LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS 'MODULE_PATHNAME', 'refund_archive_next';
COMMENT ON FUNCTION refund.archive_next(bigint, timestamptz) IS
	'Internal to archive(): moves the first finished contract from this number on, and tells where to go on; null when that is all';

CREATE PROCEDURE refund.archive(before timestamptz, max integer, INOUT archived bigint DEFAULT NULL)
LANGUAGE c AS 'MODULE_PATHNAME', 'refund_archive';
COMMENT ON PROCEDURE refund.archive(timestamptz, integer, bigint) IS
	'Moves finished live contracts without an event since then into the archive, each in a transaction of its own, at most so many; as its only statement; tells how many';

CREATE FUNCTION refund.unarchive(contract_id bigint)
RETURNS refund.contract_status LANGUAGE c VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS 'MODULE_PATHNAME', 'refund_unarchive';
COMMENT ON FUNCTION refund.unarchive(bigint) IS
	'Brings an archived contract back among the live ones, so that verbs work on it again; RF014 when it is not archived';
