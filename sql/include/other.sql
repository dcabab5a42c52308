-- What the tests of tampering share: an expression for another value of a column.

CREATE FUNCTION pg_temp.other(name text, type regtype) RETURNS text LANGUAGE sql AS $$
	SELECT CASE type::text
		WHEN 'bigint' THEN format('coalesce(%I, 0) + 1', name)
		WHEN 'integer' THEN format('coalesce(%I, 0) + 1000', name)
		WHEN 'smallint' THEN format('%I + 1::smallint', name)
		WHEN 'date' THEN format('coalesce(%I, ''2026-01-01'') + 1', name)
		WHEN 'timestamp with time zone' THEN format('coalesce(%I, ''2026-01-01'') + interval ''1 microsecond''', name)
		WHEN 'timestamp with time zone[]' THEN format('array_prepend(''2026-04-01''::timestamptz, %I)', name)
		WHEN 'refund.amount' THEN format('coalesce(%I, ''0 USD'') OPERATOR(refund.+) ''0.01 USD''', name)
		WHEN 'refund.currency' THEN '''EUR'''
		WHEN 'boolean' THEN format('NOT %I', name)
		WHEN 'text[]' THEN format('array_append(%I, ''x'')', name)
		WHEN 'text' THEN format('coalesce(%I, '''') || ''x''', name)
		WHEN 'integer[]' THEN format('CASE WHEN 2 = ANY (%1$I) THEN array_replace(%1$I, 2, 9) ELSE array_append(%1$I, 3) END', name)
		WHEN 'bigint[]' THEN format('CASE WHEN %1$I IS NULL THEN ''{0,0,0,0,0,1}'' ELSE array_replace(%1$I, 0, 1) END', name)
		WHEN 'refund.amount[]' THEN format('array_prepend(''1 USD'', %I)', name)
		WHEN 'bytea' THEN format('CASE WHEN %1$I IS NULL THEN sha256(''x'') ELSE set_byte(%1$I, 0, (get_byte(%1$I, 0) + 1) %% 256) END', name)
		ELSE (SELECT format('CASE %1$I WHEN %2$L THEN %3$L ELSE %2$L END::%4$s', name, min(enumlabel), max(enumlabel), type) FROM pg_enum WHERE enumtypid = type)
	END
$$;
