-- refund.time_limit (interface.md, Types; process.md §5).
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS refund;
RESET client_min_messages;
SET search_path = public, refund;

-- What an expression answers, or how it is refused; never a C file or line.
CREATE FUNCTION pg_temp.try(expression text) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
	answer text;
	detail text;
	hint text;
BEGIN
	EXECUTE 'SELECT (' || expression || ')::text' INTO answer;
	RETURN answer;
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
	RETURN concat_ws(' | ', SQLSTATE, SQLERRM, nullif(detail, ''), nullif(hint, ''));
END $$;

-- The shape of a plan: node types and indexes, alike in every version.
CREATE FUNCTION pg_temp.plan(query text) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
	plan json;
BEGIN
	EXECUTE 'EXPLAIN (COSTS OFF, FORMAT JSON) ' || query INTO plan;
	RETURN (SELECT string_agg(m[1], ' > ') FROM
		regexp_matches(plan::text, '"(?:Node Type|Partial Mode|Index Name)": "([^"]*)"', 'g') m
		WHERE m[1] <> 'Simple');
END $$;

-- four bytes, by value
SELECT typlen, typbyval, typalign, typstorage, typcategory FROM pg_type
WHERE oid = 'refund.time_limit'::regtype;

-- every default of process.md §11, both numbers of every unit, the highest of each
SELECT t::time_limit, pg_column_size(t::time_limit), t::time_limit::text = t AS same FROM unnest(ARRAY[
	'7 days', '5 days', '2 business days', '30 days', '2 days', '90 days', '14 days', '5 business days', '180 days', '24 hours',
	'1 day', '1 business day', '1 hour', '1 minute', '90 minutes', '48 hours',
	'36525 days', '36525 business days', '876600 hours', '52596000 minutes']) t;

-- refused: 22P02 for the form, 22003 for the range
\pset tuples_only on
\pset format unaligned
SELECT t, pg_temp.try(format('%L::refund.time_limit', t)) FROM unnest(ARRAY[
	'', ' ', '7', 'days', ' 7 days', '7 days ', '7  days', '7days', E'7\tdays', '1 days', '2 day', '2 business day', '7 Days',
	'7 weeks', '1 mon', '+7 days', '-7 days', '07 days', '7.5 days', '7 days 3 hours', 'P7D', 'infinity',
	chr(65303) || ' days', '7' || chr(160) || 'days',
	'0 days', '0 minutes', '36526 days', '36526 business days', '876601 hours', '52596001 minutes', '18446744073709551617 days']) t;
SELECT pg_temp.try(format('%L::refund.time_limit', repeat('9', 100000) || ' days'));
SELECT pg_temp.try($$'7 days'::refund.time_limit(3)$$);
SELECT pg_temp.try($$'7 days'::interval::refund.time_limit$$);
\pset tuples_only off
\pset format aligned

-- equal only with the same unit and count; ordered by nominal length, then unit
SELECT array_agg(t ORDER BY t) FROM unnest('{2 days,24 hours,1 business day,1 minute,60 minutes,25 hours,1 day,1440 minutes,1 hour}'::time_limit[]) t;
SELECT '24 hours'::time_limit < '1 day'::time_limit AS lt, '1 day'::time_limit <= '1 business day'::time_limit AS le,
	'2 days'::time_limit > '25 hours'::time_limit AS gt, '1 day'::time_limit >= '1 day'::time_limit AS ge,
	'24 hours'::time_limit = '1 day'::time_limit AS eq, '24 hours'::time_limit <> '1 day'::time_limit AS ne;

-- R01 R02 R03: binary input
CREATE TEMP TABLE span(t time_limit);
\set VERBOSITY sqlstate
\getenv builddir PG_ABS_BUILDDIR
\cd :builddir/results
COPY (SELECT t FROM unnest('{7 days,1 minute,36525 business days,52596000 minutes}'::time_limit[]) t) TO STDOUT (FORMAT binary) \g refund_time_limit.bin
\copy span FROM 'refund_time_limit.bin' (FORMAT binary)
COPY (SELECT '\x'::bytea) TO STDOUT (FORMAT binary) \g refund_time_limit.bin
\copy span FROM 'refund_time_limit.bin' (FORMAT binary)
COPY (SELECT '\x00003a'::bytea) TO STDOUT (FORMAT binary) \g refund_time_limit.bin
\copy span FROM 'refund_time_limit.bin' (FORMAT binary)
COPY (SELECT '\x0000003a00'::bytea) TO STDOUT (FORMAT binary) \g refund_time_limit.bin
\copy span FROM 'refund_time_limit.bin' (FORMAT binary)
-- 0 days, unit 4, unit 7, 36526 days, negative
COPY (SELECT '\x00000002'::bytea) TO STDOUT (FORMAT binary) \g refund_time_limit.bin
\copy span FROM 'refund_time_limit.bin' (FORMAT binary)
COPY (SELECT '\x0000003c'::bytea) TO STDOUT (FORMAT binary) \g refund_time_limit.bin
\copy span FROM 'refund_time_limit.bin' (FORMAT binary)
COPY (SELECT '\x0000003f'::bytea) TO STDOUT (FORMAT binary) \g refund_time_limit.bin
\copy span FROM 'refund_time_limit.bin' (FORMAT binary)
COPY (SELECT int4send(36526 * 8 + 2)) TO STDOUT (FORMAT binary) \g refund_time_limit.bin
\copy span FROM 'refund_time_limit.bin' (FORMAT binary)
COPY (SELECT '\x8000003a'::bytea) TO STDOUT (FORMAT binary) \g refund_time_limit.bin
\copy span FROM 'refund_time_limit.bin' (FORMAT binary)
\set VERBOSITY default
TABLE span;
SELECT time_limit_send('7 days');

-- hash and btree agree
TRUNCATE span;
INSERT INTO span SELECT (ARRAY['24 hours','1 day','1 business day','90 minutes'])[1 + i % 4]::time_limit FROM generate_series(1, 1002) i;
SET enable_sort = off; SELECT t, count(*) FROM span GROUP BY t ORDER BY t::text COLLATE "C"; RESET enable_sort;
SET enable_hashagg = off; SELECT t, count(*) FROM span GROUP BY t ORDER BY t::text COLLATE "C"; RESET enable_hashagg;
SELECT bool_and((time_limit_hash(t)::bigint & 4294967295) = (time_limit_hash_extended(t, 0) & 4294967295)) AS seed_0_agrees,
	count(DISTINCT time_limit_hash_extended(t, 1)) = count(DISTINCT t) AS seeded FROM span;
SELECT bool_and(sign(time_limit_cmp(a, b)) = (a > b)::int - (a < b)::int) AS btree_agrees FROM unnest('{24 hours,1 day,1 business day,90 minutes}'::time_limit[]) a, unnest('{1 day,2 hours,1 business day}'::time_limit[]) b;
CREATE INDEX span_btree ON span (t);
CREATE INDEX span_hash ON span USING hash (t);
SET enable_seqscan = off;
SET enable_bitmapscan = off;
SELECT pg_temp.plan($$SELECT t FROM span WHERE t < '1 day' ORDER BY t$$);
SELECT count(*) FROM span WHERE t < '1 day';
SELECT count(*) FROM span WHERE t = '1 business day';
RESET enable_seqscan;
RESET enable_bitmapscan;
