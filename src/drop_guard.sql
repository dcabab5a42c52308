/*
 * Nobody drops the ledger by accident.
 */

CREATE FUNCTION refund.guard_drop() RETURNS event_trigger LANGUAGE c
SET search_path = pg_catalog, pg_temp AS 'MODULE_PATHNAME', 'refund_guard_drop';
COMMENT ON FUNCTION refund.guard_drop() IS
	'Event trigger function: refuses to drop the extension while it has live contracts, unless refund.allow_drop is on';

CREATE EVENT TRIGGER refund_guard_drop ON ddl_command_start
	WHEN TAG IN ('DROP EXTENSION', 'DROP OWNED') EXECUTE FUNCTION refund.guard_drop();
COMMENT ON EVENT TRIGGER refund_guard_drop IS 'Refuses to drop extension refund while it has live contracts';
