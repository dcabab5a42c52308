/*
 * What bare does in the place of a verb: the rows that the call writes, as plain
 * SQL, found by making the call and looking at what it changed.
 *
 * pg_temp.script_of(call, contract) makes the call and returns the statements;
 * times are relative to the transaction's, everything else is a constant.
 */

CREATE FUNCTION pg_temp.key_of(table_name text)
RETURNS text[] LANGUAGE sql AS $$
	SELECT array_agg(a.attname::text ORDER BY a.attnum)
	FROM pg_index i
	JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey)
	WHERE i.indrelid = format('refund.%I', table_name)::regclass AND i.indisprimary
$$;

/* All rows of a contract by table, each {column: its text}. */
CREATE FUNCTION pg_temp.rows_of(contract bigint)
RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
	t record;
	found jsonb;
	result jsonb := '{}';
BEGIN
	FOR t IN
		SELECT c.relname AS name, array_agg(a.attname::text ORDER BY a.attnum) AS columns,
			string_agg(format('%I::text', a.attname), ', ' ORDER BY a.attnum) AS texts
		FROM pg_class c
		JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
		WHERE c.relnamespace = 'refund'::regnamespace AND c.relkind = 'r'
		GROUP BY c.oid, c.relname
		HAVING 'contract_id' = ANY (array_agg(a.attname))
	LOOP
		EXECUTE format('SELECT jsonb_agg(jsonb_object($2, ARRAY[%s]) ORDER BY %s) FROM refund.%I t WHERE contract_id = $1',
			t.texts, array_to_string(pg_temp.key_of(t.name), ', '), t.name) INTO found USING contract, t.columns;
		result := jsonb_set(result, ARRAY[t.name], coalesce(found, '[]'));
	END LOOP;
	RETURN result;
END
$$;

/* A column's value as SQL. */
CREATE FUNCTION pg_temp.expression(table_name text, col text, value text, at timestamptz)
RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	type regtype := (SELECT atttypid FROM pg_attribute
		WHERE attrelid = format('refund.%I', table_name)::regclass AND attname = col);
	seconds numeric;
BEGIN
	IF col = 'contract_id' THEN
		RETURN ':id';
	ELSIF value IS NULL THEN
		RETURN 'NULL';
	ELSIF type IN ('integer'::regtype, 'bigint'::regtype, 'smallint'::regtype) THEN
		RETURN value;
	ELSIF type = 'timestamptz'::regtype THEN
		seconds := trim_scale(extract(epoch FROM value::timestamptz - at));
		RETURN 'now()' || CASE WHEN seconds <> 0 THEN format(' + interval ''%s s''', seconds) ELSE '' END;
	END IF;
	/* no E'' strings: constants as people write them */
	RETURN '''' || replace(value, '''', '''''') || '''';
END
$$;

CREATE FUNCTION pg_temp.insert_of(table_name text, added jsonb[], at timestamptz)
RETURNS text LANGUAGE sql AS $$
	WITH col AS (
		/* those that have a value in any of the rows */
		SELECT a.attname::text AS name, a.attnum
		FROM pg_attribute a
		WHERE a.attrelid = format('refund.%I', table_name)::regclass AND a.attnum > 0
			AND EXISTS (SELECT FROM unnest(added) r WHERE r->>a.attname IS NOT NULL)
	), tuple AS (
		SELECT string_agg(pg_temp.expression(table_name, col.name, r.value->>col.name, at), ', ' ORDER BY attnum) AS text,
			r.position
		FROM unnest(added) WITH ORDINALITY r (value, position), col
		GROUP BY r.position
	)
	SELECT format(E'INSERT INTO bare.%I (%s)\nVALUES %s;', table_name,
		(SELECT string_agg(quote_ident(name), ', ' ORDER BY attnum) FROM col),
		(SELECT string_agg('(' || text || ')', E',\n\t' ORDER BY position) FROM tuple))
$$;

CREATE FUNCTION pg_temp.update_of(table_name text, before jsonb, after jsonb, at timestamptz)
RETURNS text LANGUAGE sql AS $$
	SELECT format(E'UPDATE bare.%I SET %s\nWHERE %s;', table_name,
		(SELECT string_agg(format('%I = %s', a.attname, pg_temp.expression(table_name, a.attname, after->>a.attname, at)),
				', ' ORDER BY a.attnum)
			FROM pg_attribute a
			WHERE a.attrelid = format('refund.%I', table_name)::regclass AND a.attnum > 0
				AND after->>a.attname IS DISTINCT FROM before->>a.attname),
		(SELECT string_agg(format('%I = %s', k, pg_temp.expression(table_name, k, after->>k, at)), ' AND ')
			FROM unnest(pg_temp.key_of(table_name)) k))
$$;

CREATE FUNCTION pg_temp.delete_of(table_name text, before jsonb, at timestamptz)
RETURNS text LANGUAGE sql AS $$
	SELECT format(E'DELETE FROM bare.%I\nWHERE %s;', table_name,
		(SELECT string_agg(format('%I = %s', k, pg_temp.expression(table_name, k, before->>k, at)), ' AND ')
			FROM unnest(pg_temp.key_of(table_name)) k))
$$;

CREATE FUNCTION pg_temp.script_of(call text, contract bigint)
RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	before jsonb := pg_temp.rows_of(contract);
	after jsonb;
	at timestamptz;
	t text;
	key text[];
	row_before jsonb;
	row_after jsonb;
	added jsonb[];
	result text := '';
BEGIN
	EXECUTE 'SELECT * FROM refund.' || replace(call, ':id', contract::text);
	after := pg_temp.rows_of(contract);
	at := after->'contract'->0->>'last_at';
	/* in the order in which they were created: the contract first */
	FOR t IN SELECT relname FROM pg_class WHERE relnamespace = 'refund'::regnamespace AND after ? relname ORDER BY oid LOOP
		key := pg_temp.key_of(t);
		added := '{}';
		FOR row_after IN SELECT * FROM jsonb_array_elements(after->t) LOOP
			SELECT b INTO row_before
			FROM jsonb_array_elements(before->t) b
			WHERE NOT EXISTS (SELECT FROM unnest(key) k WHERE b->>k <> row_after->>k);
			IF row_before IS NULL THEN
				added := added || row_after;
			ELSIF row_before <> row_after THEN
				result := result || pg_temp.update_of(t, row_before, row_after, at) || E'\n';
			END IF;
		END LOOP;
		IF added <> '{}' THEN
			result := result || pg_temp.insert_of(t, added, at) || E'\n';
		END IF;
		FOR row_before IN
			SELECT b FROM jsonb_array_elements(before->t) b
			WHERE NOT EXISTS (
				SELECT FROM jsonb_array_elements(after->t) a
				WHERE NOT EXISTS (SELECT FROM unnest(key) k WHERE b->>k <> a->>k))
		LOOP
			result := result || pg_temp.delete_of(t, row_before, at) || E'\n';
		END LOOP;
	END LOOP;
	RETURN result;
END
$$;
