/*
 * Are the tables of bare and refund the same: definitions of columns, CHECKs and
 * indexes, and every row, but for times and hashes?  Raises what is not.
 */
DO $$
DECLARE
	t name;
	columns text;
	differ bigint;
BEGIN
	FOR t IN SELECT relname FROM pg_class WHERE relnamespace = 'refund'::regnamespace AND relkind = 'r' LOOP
		SELECT count(*) INTO differ
		FROM (
			SELECT pg_get_indexdef(indexrelid) FROM pg_index
			WHERE indrelid = format('refund.%I', t)::regclass
		) theirs (definition)
		FULL JOIN (
			SELECT replace(pg_get_indexdef(indexrelid), 'bare.', 'refund.') FROM pg_index
			WHERE indrelid = format('bare.%I', t)::regclass
		) ours (definition)
		/* their names are made up */
		ON split_part(theirs.definition, ' USING ', 2) = split_part(ours.definition, ' USING ', 2)
		WHERE theirs.definition IS NULL OR ours.definition IS NULL;
		IF differ > 0 THEN
			RAISE EXCEPTION 'the indexes of bare.% and refund.% differ', t, t;
		END IF;

		/* of times: whether there is one; of hashes: how long they are */
		SELECT string_agg(format(CASE atttypid
				WHEN 'timestamptz'::regtype THEN '%I IS NULL'
				WHEN 'bytea'::regtype THEN 'length(%I)'
				ELSE '%I'
			END, attname), ', ') INTO columns
		FROM pg_attribute
		WHERE attrelid = format('refund.%I', t)::regclass AND attnum > 0 AND NOT attisdropped;
		/* run_due() notes its run there: one row a call, not a case */
		CONTINUE WHEN t = 'job_run';
		EXECUTE format('SELECT count(*) FROM (
			(SELECT %1$s FROM refund.%2$I EXCEPT ALL SELECT %1$s FROM bare.%2$I) UNION ALL
			(SELECT %1$s FROM bare.%2$I EXCEPT ALL SELECT %1$s FROM refund.%2$I)) d', columns, t) INTO differ;
		IF differ > 0 THEN
			RAISE EXCEPTION '% rows of bare.% and refund.% differ', differ, t, t;
		END IF;
	END LOOP;
END
$$;
