/*
 * The archive: finished contracts, whole, in ordinary tables outside the
 * extension.  The extension owns an empty partitioned table for each table of a
 * contract; their partitions, in schema refund_archive, belong to no extension,
 * so that a dump carries them with their rows and a DBA can move, detach or drop
 * them.  A partition has a range of contract numbers: one contract, one partition.
 */

CREATE SCHEMA refund_archive;
COMMENT ON SCHEMA refund_archive IS 'The archive: its partitions, which are members of no extension, and what the views of schema refund read';

/*
 * For each table of a contract: refund.archived_NAME, with the columns of NAME,
 * and refund_archive.all_NAME, the rows of both, for views and proofs.  The
 * parents have no index: a dump could not restore what their partitions would
 * inherit of it.
 */
DO $$
DECLARE
	name text;
	attribute record;
BEGIN
	FOREACH name IN ARRAY '{contract,event,transfer,milestone,deposit,arbitration_fee,refund_payment,reversal,statement,evidence,evidence_body,notification}'::text[]
	LOOP
		EXECUTE format('CREATE TABLE refund.archived_%1$s (LIKE refund.%1$s INCLUDING COMMENTS INCLUDING STORAGE)'
			' PARTITION BY RANGE (contract_id)', name);
		EXECUTE format('COMMENT ON TABLE refund.archived_%1$s IS ''Rows of refund.%1$s of archived contracts''', name);
		EXECUTE format('CREATE TRIGGER guard_history BEFORE UPDATE OR DELETE ON refund.archived_%s'
			' FOR EACH ROW EXECUTE FUNCTION refund.guard_archive()', name);
		EXECUTE format('COMMENT ON TRIGGER guard_history ON refund.archived_%s IS ''History is append-only''', name);
		EXECUTE format('CREATE TRIGGER guard_truncate BEFORE TRUNCATE ON refund.archived_%s'
			' FOR EACH STATEMENT EXECUTE FUNCTION refund.guard_archive()', name);
		EXECUTE format('COMMENT ON TRIGGER guard_truncate ON refund.archived_%s IS ''History is append-only''', name);
		EXECUTE format('CREATE VIEW refund_archive.all_%1$s AS SELECT * FROM refund.%1$s UNION ALL SELECT * FROM refund.archived_%1$s', name);
		EXECUTE format('COMMENT ON VIEW refund_archive.all_%1$s IS ''Rows of refund.%1$s of all contracts, archived ones included''', name);
		FOR attribute IN
			SELECT a.attname, col_description(a.attrelid, a.attnum) AS comment
			FROM pg_attribute a
			WHERE a.attrelid = ('refund.' || name)::regclass AND a.attnum > 0
		LOOP
			EXECUTE format('COMMENT ON COLUMN refund_archive.all_%s.%I IS %L', name, attribute.attname, attribute.comment);
		END LOOP;
	END LOOP;
END
$$;

CREATE VIEW refund.archive_partition AS
SELECT substr(c.relname, length('contract_') + 1) AS partition,
	substring(b.bound FROM 'FROM \(''(-?\d+)''')::bigint AS from_contract,
	substring(b.bound FROM 'TO \(''(-?\d+)''')::bigint AS to_contract
FROM pg_inherits i
JOIN pg_class c ON c.oid = i.inhrelid
CROSS JOIN LATERAL pg_get_expr(c.relpartbound, c.oid) b (bound)
WHERE i.inhparent = 'refund.archived_contract'::regclass AND NOT i.inhdetachpending;
COMMENT ON VIEW refund.archive_partition IS
	'The archive''s partitions: each stands for the tables refund_archive.NAME_PARTITION, one for each table of a contract';
COMMENT ON COLUMN refund.archive_partition.partition IS 'How the names of its tables end';
COMMENT ON COLUMN refund.archive_partition.from_contract IS 'The first contract number; null: no lower end';
COMMENT ON COLUMN refund.archive_partition.to_contract IS 'The first contract number beyond; null: no upper end';

CREATE FUNCTION refund.add_archive_partition(from_contract bigint, to_contract bigint)
RETURNS void LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	parent record;
	name text;
	grantee text;
BEGIN
	/* against another one that makes partitions, not against one that fills them */
	LOCK TABLE refund.archived_contract IN SHARE UPDATE EXCLUSIVE MODE;
	FOR parent IN
		SELECT c.relname, substr(c.relname, length('archived_') + 1) AS source,
			(SELECT pg_get_constraintdef(k.oid) FROM pg_constraint k
			 WHERE k.conrelid = format('refund.%I', substr(c.relname, length('archived_') + 1))::regclass AND k.contype = 'p') AS key
		FROM pg_class c
		WHERE c.relnamespace = 'refund'::regnamespace AND c.relkind = 'p'
		ORDER BY c.relname
	LOOP
		name := format('refund_archive.%I', parent.source || '_' || coalesce(from_contract::text, 'first'));
		EXECUTE format('CREATE TABLE %s (LIKE refund.%I INCLUDING STORAGE, %s)', name, parent.source, parent.key);
		EXECUTE format('COMMENT ON TABLE %s IS %L', name, 'Archived rows of refund.' || parent.source);
		EXECUTE format('CREATE TRIGGER guard_truncate BEFORE TRUNCATE ON %s'
			' FOR EACH STATEMENT EXECUTE FUNCTION refund.guard_archive()', name);
		/* what default privileges granted */
		FOR grantee IN
			SELECT DISTINCT CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END
			FROM pg_class c, aclexplode(c.relacl) a
			WHERE c.oid = name::regclass AND a.grantee <> c.relowner
		LOOP
			EXECUTE format('REVOKE ALL ON %s FROM %s', name, grantee);
		END LOOP;
		EXECUTE format('ALTER TABLE refund.%I ATTACH PARTITION %s FOR VALUES FROM (%s) TO (%s)', parent.relname, name,
			coalesce(quote_literal(from_contract), 'MINVALUE'), coalesce(quote_literal(to_contract), 'MAXVALUE'));
	END LOOP;
END
$$;
COMMENT ON FUNCTION refund.add_archive_partition(bigint, bigint) IS
	'Makes the archive''s partition for contract numbers from the first, inclusive, to the second, exclusive; null: no end. archive() makes those that it needs by itself';

/*
 * The partition of a contract, made when it is not there: the aligned block of a
 * power of two of numbers in which a million contracts would be, if they lie as
 * dense as they do now, but not so large that it meets another partition.
 */
CREATE FUNCTION refund.require_archive_partition(contract_id bigint)
RETURNS void LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	bits integer;
	first bigint;
	beyond bigint;
BEGIN
	/* looked for once more behind the lock: somebody may just have made it */
	FOR pass IN 1..2 LOOP
		IF EXISTS (SELECT FROM refund.archive_partition p
			WHERE coalesce(p.from_contract <= $1, true) AND coalesce(p.to_contract > $1, true))
		THEN
			RETURN;
		END IF;
		LOCK TABLE refund.archived_contract IN SHARE UPDATE EXCLUSIVE MODE;
	END LOOP;
	SELECT least(greatest(ceil(log(2, (max(c.contract_id)::numeric - min(c.contract_id) + 1) * 1048576
			/ greatest((SELECT r.reltuples::bigint FROM pg_class r WHERE r.oid = 'refund.contract'::regclass), 1))), 20), 62)
		INTO bits
	FROM refund.contract c;
	LOOP
		first := $1 >> bits << bits;
		/* the last block has no end: its number would be out of range */
		beyond := CASE WHEN first >> bits < (9223372036854775807 >> bits) THEN first + (1::bigint << bits) END;
		EXIT WHEN NOT EXISTS (SELECT FROM refund.archive_partition p
			WHERE coalesce(p.from_contract < beyond, true) AND coalesce(p.to_contract > first, true));
		bits := bits - 1;
	END LOOP;
	PERFORM refund.add_archive_partition(first, beyond);
END
$$;
COMMENT ON FUNCTION refund.require_archive_partition(bigint) IS
	'Internal to archive(): makes the partition that a contract goes to when there is none';
