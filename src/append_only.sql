/*
 * Trigger functions of tables whose rows are never changed or removed.
 */
CREATE FUNCTION refund.refuse_change() RETURNS trigger
LANGUAGE c AS 'MODULE_PATHNAME', 'refund_refuse_change';
COMMENT ON FUNCTION refund.refuse_change() IS
	'Trigger of append-only tables: raises RF012 with its argument as the hint';

CREATE FUNCTION refund.guard_history() RETURNS trigger LANGUAGE c SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS 'MODULE_PATHNAME', 'refund_guard_history';
COMMENT ON FUNCTION refund.guard_history() IS
	'Refuses to change or remove history, also to its owner; contracts of a test clock can go, erased bodies, and a refund payment''s execution changes';

CREATE FUNCTION refund.guard_test_clock() RETURNS trigger LANGUAGE c
AS 'MODULE_PATHNAME', 'refund_guard_test_clock';
COMMENT ON FUNCTION refund.guard_test_clock() IS
	'Refuses to remove a test clock while contracts live under it';

CREATE FUNCTION refund.guard_archive() RETURNS trigger LANGUAGE c SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS 'MODULE_PATHNAME', 'refund_guard_archive';
COMMENT ON FUNCTION refund.guard_archive() IS
	'Refuses to change or remove archived rows, also to their owner; a contract that is among the live ones again goes';
