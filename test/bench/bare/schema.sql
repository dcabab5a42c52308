/*
 * The floor's tables: made from the catalog, so that they are what the extension
 * writes to at this very version: columns, CHECKs, indexes, storage options and
 * foreign keys, but no triggers.
 */
CREATE SCHEMA bare;

DO $$
DECLARE
	t record;
BEGIN
	FOR t IN
		SELECT relname AS name, reloptions AS options
		FROM pg_class
		WHERE relnamespace = 'refund'::regnamespace AND relkind = 'r'
	LOOP
		EXECUTE format('CREATE TABLE bare.%I (LIKE refund.%I INCLUDING ALL)', t.name, t.name);
		IF t.options IS NOT NULL THEN
			EXECUTE format('ALTER TABLE bare.%I SET (%s)', t.name, array_to_string(t.options, ', '));
		END IF;
	END LOOP;
	FOR t IN
		SELECT conrelid::regclass::text AS name, pg_get_constraintdef(oid) AS definition
		FROM pg_constraint
		WHERE connamespace = 'refund'::regnamespace AND contype = 'f'
	LOOP
		EXECUTE format('ALTER TABLE %s ADD %s', replace(t.name, 'refund.', 'bare.'),
			replace(t.definition, 'REFERENCES refund.', 'REFERENCES bare.'));
	END LOOP;
END
$$;

INSERT INTO bare.policy SELECT * FROM refund.policy;
