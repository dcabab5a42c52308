/*
 * Many contracts from few, for measurements that want size: rows of the templates
 * are copied under other contract ids, as live contracts.  A copy's hashes are those
 * of its template, so verify() would refuse it.
 *
 * Copy k of contract n is n + spacing * k; its times are moved by shift + k * step.
 */
CREATE PROCEDURE copy_contracts(first_template bigint, last_template bigint, spacing bigint, first_copy bigint,
	last_copy bigint, shift interval, step interval)
LANGUAGE plpgsql AS $$
DECLARE
	t record;
BEGIN
	FOR t IN
		SELECT c.relname AS name, string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) AS columns,
			string_agg(CASE WHEN a.attname = 'contract_id' THEN 't.contract_id + $3 * k'
				WHEN a.attname = 'test_clock' THEN 'NULL'
				WHEN a.attname = 'is_test' THEN 'false'
				WHEN a.atttypid = 'timestamptz'::regtype THEN format('t.%I + $6 + k * $7', a.attname)
				ELSE format('t.%I', a.attname) END, ', ' ORDER BY a.attnum) AS copies,
			CASE WHEN 'event_no' = ANY (array_agg(a.attname)) THEN 't.event_no' ELSE '1' END AS event_no
		FROM pg_class c
		JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
		WHERE c.relnamespace = 'refund'::regnamespace AND c.relkind = 'r'
		GROUP BY c.oid
		HAVING 'contract_id' = ANY (array_agg(a.attname))
	LOOP
		/* as if they had gone on side by side: what happened first is stored first */
		EXECUTE format('INSERT INTO refund.%I (%s)
			SELECT %s
			FROM (SELECT *, (SELECT e.recorded_at FROM refund.event e
					WHERE e.contract_id = t.contract_id AND e.event_no = %s) AS happened_at
				FROM refund.%I t WHERE t.contract_id BETWEEN $1 AND $2 OFFSET 0) t
			CROSS JOIN generate_series($4, $5) k
			ORDER BY t.happened_at + k * $7, k', t.name, t.columns, t.copies, t.event_no, t.name)
			USING first_template, last_template, spacing, first_copy, last_copy, shift, step;
		COMMIT;
	END LOOP;
END
$$;
