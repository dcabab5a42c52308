/*
 * Which database may move money by itself.
 */

/*
 * A restore adds the row of the database that was dumped to the one made here; with the instant in the key
 * also when that is the same database.
 */
CREATE TABLE refund.activation (
	system_identifier bigint NOT NULL,
	database_oid bigint NOT NULL,
	activated_at timestamptz NOT NULL,
	PRIMARY KEY (system_identifier, database_oid, activated_at)
);
COMMENT ON TABLE refund.activation IS
	'Where this database was activated: with a row of another database it is a copy, and starts no job and pays nothing until activate()';
COMMENT ON COLUMN refund.activation.system_identifier IS 'Identifier of the database cluster';
COMMENT ON COLUMN refund.activation.database_oid IS 'Oid of the database';
COMMENT ON COLUMN refund.activation.activated_at IS 'When it was activated';
SELECT pg_catalog.pg_extension_config_dump('refund.activation', '');

CREATE FUNCTION refund.activate() RETURNS void LANGUAGE c VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS 'MODULE_PATHNAME', 'refund_activate';
COMMENT ON FUNCTION refund.activate() IS
	'Makes this database the one that runs jobs and hands out payments and notifications: for a restored copy that takes the place of its original; CREATE EXTENSION activates a new database by itself';

SELECT refund.activate();
