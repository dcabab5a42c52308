-- refund.amount (interface.md, Types; process.md §6).  Ids such as M05 are
-- lines of the catalogue of bad inputs and faults; where a line writes
-- "USD 1.00" the form is "1.00 USD".
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

-- eight bytes, by value
SELECT typlen, typbyval, typalign, typstorage, typcategory, pg_column_size('1 USD'::amount) FROM pg_type
WHERE oid = 'refund.amount'::regtype;


-- ---- text input ----

-- M06 M07 M08: what is accepted, and how it prints
SELECT t, t::amount AS canonical FROM unnest(ARRAY['125.00 USD', '125.5 USD', '125 USD', '+125.00 USD', '-125.00 USD',
	'-0 USD', '+0 USD', '-0.00 USD', '-0.05 USD', '1.5 KWD', '1500 JPY', '0.0001 CLF',
	'90071992547409.91 USD', '-90071992547409.91 USD', '9007199254740991 JPY', '-900719925474.0991 CLF']) t;

-- M01 M02 M03 M04 M05 M08 M09 M10 M11 M12: what is refused
\pset tuples_only on
\pset format unaligned
SELECT t, pg_temp.try(format('%L::refund.amount', t)) FROM unnest(ARRAY[
	'', '   ', E'12.34\tUSD', E'12.34\nUSD', ' 12.34 USD', '12.34 USD ', '12.34  USD', '12.34USD',
	'12.34', 'USD', 'USD 12.34',
	'12.34 usd', '12.34 Usd',
	'1 ABC', '1 HRK', '1 BGN', '1 XXX', '1 XTS', '1 XAU',
	'1.5 JPY', '1.005 USD', '1.000 USD', '1.2345 KWD',
	'90071992547409.92 USD', '-90071992547409.92 USD', '9007199254740992 JPY', '9223372036854775807 JPY',
	'007 USD', repeat('0', 300) || '1 USD',
	'1e3 USD', '0x10 USD', '1_000 USD', '1,000.00 USD', '1.000,00 EUR', 'NaN USD', 'Infinity USD', '$5', '.5 USD', '5. USD',
	chr(65297) || ' USD', chr(1633) || ' USD', chr(8722) || '5 USD', '5' || chr(160) || 'USD', '5' || chr(8205) || ' USD', chr(65279) || '5 USD',
	'1.00 USDx', '1.00 USD 2.00 USD', '''1.00 USD''', '1.00\ USD', '1.00 USD%s']) t;
SELECT pg_temp.try(format('%L::refund.amount', repeat('9', 10000) || ' USD'));
SELECT pg_temp.try(format('%L::refund.amount', repeat('0', 1000000) || ' USD'));
SELECT pg_temp.try(format('%L::refund.amount', '0.' || repeat('0', 1000000) || ' USD'));
-- an echoed multibyte text is clipped between characters
SELECT pg_temp.try(format('%L::refund.amount', repeat(chr(8364), 100)));

-- R06: no type modifiers
SELECT pg_temp.try($$'1.00 USD'::refund.amount(3)$$);
SELECT pg_temp.try($$'1.00 USD'::refund.amount(-1)$$);
SELECT pg_temp.try($$'1.00 USD'::refund.amount('USD')$$);


-- ---- conversion ----

-- exact, and with the currency's decimals
SELECT a::numeric, scale(a::numeric), minor_units(a), currency(a) FROM
	unnest('{125.00 USD,-0.05 USD,0 USD,1500 JPY,1.5 KWD,0.0001 CLF,90071992547409.91 USD,-9007199254740991 JPY}'::amount[]) a;
SELECT amount(125.5, 'USD'), amount(-0.05, 'USD'), amount(1500.000, 'JPY'), amount(1.5, 'KWD'), amount(0, 'CLF'),
	amount(90071992547409.91, 'USD'), amount_from_minor(-1, 'CLF'), amount_from_minor(9007199254740991, 'JPY');

-- M15: never rounded, no NaN, no implicit number, no float8, no money
SELECT e, pg_temp.try(e) FROM unnest(ARRAY[
	$$refund.amount(1.005, 'USD')$$, $$refund.amount(1.5, 'JPY')$$, $$refund.amount(1e-20, 'USD')$$,
	$$refund.amount('NaN', 'USD')$$, $$refund.amount('Infinity', 'USD')$$, $$refund.amount('-Infinity', 'USD')$$,
	$$refund.amount(90071992547409.92, 'USD')$$, $$refund.amount(1e400, 'USD')$$, $$refund.amount(1, 'usd')$$,
	$$refund.amount_from_minor(9007199254740992, 'USD')$$, $$refund.amount_from_minor(-9223372036854775808, 'USD')$$,
	$$1.00::numeric::refund.amount$$, $$1::float8::refund.amount$$, $$1::bigint::refund.amount$$, $$1::money::refund.amount$$,
	$$'1.00 USD'::refund.amount::float8$$, $$'1.00 USD'::refund.amount::bigint$$, $$'1.00 USD'::refund.amount::money$$,
	$$pg_catalog.sum('1.00 USD'::refund.amount)$$, $$pg_catalog.abs('1.00 USD'::refund.amount)$$,
	$$'1.00 USD'::refund.amount = 1.00$$, $$refund.amount(1.5::float8, 'USD')$$]) e;
\pset tuples_only off
\pset format aligned
-- numeric only when asked for, text also by assignment
SELECT castsource::regtype, casttarget::regtype, castcontext, castmethod FROM pg_cast
WHERE 'refund.amount'::regtype IN (castsource, casttarget) OR 'refund.currency'::regtype IN (castsource, casttarget)
	OR 'refund.time_limit'::regtype IN (castsource, casttarget);
SELECT ('12.50 ' || 'USD')::amount AS from_text, '12.5 USD'::amount::text AS to_text, 'pays ' || '12.5 USD'::amount AS concatenated;


-- ---- arithmetic ----

SELECT '1.50 USD'::amount + '2.25 USD'::amount AS plus, '1.50 USD'::amount - '2.25 USD'::amount AS minus,
	- '1.50 USD'::amount AS negated, + '1.50 USD'::amount AS same, '1.50 USD'::amount * 3 AS times, 3::bigint * '-1.50 USD'::amount AS times_left,
	'1.50 USD'::amount - '1.50 USD'::amount AS zero;

-- M13: two currencies; M14: both ends, and no division
\pset tuples_only on
\pset format unaligned
SELECT e, pg_temp.try(e) FROM unnest(ARRAY[
	$$'1 USD'::amount + '1 EUR'::amount$$, $$'1 USD'::amount - '1 EUR'::amount$$, $$'0 USD'::amount + '0 JPY'::amount$$,
	$$'90071992547409.91 USD'::amount + '0.01 USD'::amount$$, $$'-90071992547409.91 USD'::amount + '-0.01 USD'::amount$$,
	$$'-90071992547409.91 USD'::amount - '0.01 USD'::amount$$, $$'90071992547409.91 USD'::amount - '-0.01 USD'::amount$$,
	$$- '-90071992547409.91 USD'::amount$$, $$'90071992547409.91 USD'::amount * -1$$,
	$$'90071992547409.91 USD'::amount * 2$$, $$'0.01 USD'::amount * 9223372036854775807$$,
	$$'90071992547409.91 USD'::amount * (-9223372036854775808)$$, $$9223372036854775807 * '-90071992547409.91 USD'::amount$$,
	$$'1 USD'::amount / 2$$, $$'1 USD'::amount / '1 USD'::amount$$, $$'1 USD'::amount * 1.5$$, $$'1 USD'::amount * '1 USD'::amount$$]) e;


-- ---- splits by largest remainder ----

-- M14: the parts sum to the whole, earlier first, zero weights get nothing
SELECT t, w, allocate(t::amount, w::bigint[]) FROM (VALUES
	('0.01 USD', '{1,1,1}'), ('0.02 USD', '{1,1,1}'), ('1.00 USD', '{1,1,1}'), ('-1.00 USD', '{1,1,1}'), ('100 JPY', '{1,1,1}'),
	('0.10 USD', '{1,5,3}'), ('0.05 USD', '{0,1,0,1}'), ('0 USD', '{1,2}'), ('300.00 USD', '{250,50}'), ('7.77 USD', '{9}'),
	('90071992547409.91 USD', '{9223372036854775807,9223372036854775807}'), ('0.10 USD', '[0:2]={1,5,3}')) v(t, w);
SELECT e, pg_temp.try(e) FROM unnest(ARRAY[
	$$refund.allocate('1 USD', '{}')$$, $$refund.allocate('1 USD', '{0,0}')$$, $$refund.allocate('1 USD', '{2,-1}')$$,
	$$refund.allocate('1 USD', '{1,NULL}')$$, $$refund.allocate('1 USD', '{NULL}')$$, $$refund.allocate('1 USD', '{{1,2},{3,4}}')$$,
	$$refund.allocate('1 USD', array_fill(1::bigint, ARRAY[1000001]))$$,
	$$refund.allocate('1 USD', NULL)$$, $$refund.allocate(NULL, '{1}')$$]) e;
\pset tuples_only off
\pset format aligned
SELECT cardinality(p), (SELECT sum(x) FROM unnest(p) x), (SELECT max(x) FROM unnest(p) x), (SELECT min(x) FROM unnest(p) x)
FROM allocate('12345.67 USD', array_fill(1::bigint, ARRAY[100000])) p;
SELECT allocate(amount => '1.00 USD', weights => '{3,1}');
SELECT pg_typeof(allocate('1.00 USD', '{3,1}'));


-- ---- aggregates ----

-- M13: nothing sums to NULL, NULLs are left out, currencies do not mix
SELECT sum(a), min(a), max(a), count(a) FROM unnest('{}'::amount[]) a;
SELECT sum(a), min(a), max(a), count(a) FROM unnest('{NULL,NULL}'::amount[]) a;
SELECT sum(a), min(a), max(a), count(a) FROM unnest('{NULL,1.50 USD,-0.25 USD,NULL}'::amount[]) a;
SELECT currency(a), sum(a) FROM unnest('{1 USD,2 EUR,3 USD,4 JPY,5 EUR}'::amount[]) a GROUP BY 1 ORDER BY 1;
SELECT min(a), max(a) FROM unnest('{1 USD,2 EUR,-3 USD,4 JPY,-5 EUR}'::amount[]) a;
\pset tuples_only on
\pset format unaligned
SELECT e, pg_temp.try(e) FROM unnest(ARRAY[
	$$(SELECT sum(a) FROM unnest('{1 USD,NULL,2 EUR}'::amount[]) a)$$,
	$$(SELECT sum(a) FROM unnest('{90071992547409.91 USD,0.01 USD}'::amount[]) a)$$,
	$$(SELECT sum(a) FROM unnest('{-90071992547409.91 USD,-0.01 USD}'::amount[]) a)$$,
	-- on the way the sum may leave the range, and 64 bits
	$$(SELECT sum(a) FROM unnest('{90071992547409.91 USD,0.01 USD,-0.01 USD}'::amount[]) a)$$,
	$$(SELECT sum(a) FROM (SELECT '90071992547409.91 USD'::amount FROM generate_series(1, 3000) UNION ALL
		SELECT '-90071992547409.91 USD' FROM generate_series(1, 2999)) v(a))$$]) e;
\pset tuples_only off
\pset format aligned

-- moving frames, across a change of currency
SELECT i, a, sum(a) OVER w, min(a) OVER w, max(a) OVER w, count(a) OVER w FROM
	(VALUES (1, '1 USD'::amount), (2, '2 USD'), (3, NULL), (4, NULL), (5, '4 USD'), (6, '-8 USD'), (7, NULL), (8, NULL), (9, NULL), (10, '16 EUR'), (11, '32 EUR')) v(i, a)
	WINDOW w AS (ORDER BY i ROWS 1 PRECEDING);
SELECT pg_temp.try($$(SELECT array_agg(s) FROM (SELECT sum(a) OVER (ORDER BY i ROWS 1 PRECEDING) s FROM
	(VALUES (1, '1 USD'::amount), (2, '2 EUR')) v(i, a)) w)$$);
-- 22003 only where the frame's own sum is out of range
SELECT i, pg_temp.try(format($$(SELECT (array_agg(s ORDER BY i))[%s] FROM (SELECT i, sum(a) OVER (ORDER BY i ROWS 1 PRECEDING) s FROM
	(VALUES (1, '90071992547409.91 USD'::amount), (2, '-1 USD'), (3, '1 USD')) v(i, a)) w)$$, i)) FROM generate_series(1, 3) i;

-- parallel: the same answers as minor units give, and the same refusals
CREATE TABLE amount_many AS
	SELECT i, amount_from_minor((i::bigint * 7919) % 1000003 - 500000, 'USD') AS a FROM generate_series(1, 100000) i;
SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0; SET min_parallel_table_scan_size = 0; SET max_parallel_workers_per_gather = 2;
SELECT pg_temp.plan($$SELECT sum(a), min(a), max(a) FROM amount_many$$);
SELECT sum(a), min(a), max(a), minor_units(sum(a)) = sum(minor_units(a)) AS right FROM amount_many;
SELECT sum(a) FROM amount_many WHERE i < 0;
SELECT pg_temp.try($$(SELECT sum(CASE WHEN i = 99999 THEN '1 EUR' ELSE a END) FROM amount_many)$$) ~ '^RF003 .*{"currencies": \["(USD", "EUR|EUR", "USD)"\]}' AS mixed;
SELECT pg_temp.try($$(SELECT sum(a * 1000000000) FROM amount_many WHERE minor_units(a) > 400000)$$);
RESET parallel_setup_cost; RESET parallel_tuple_cost; RESET min_parallel_table_scan_size; RESET max_parallel_workers_per_gather;

-- min and max walk the index
CREATE INDEX amount_many_a ON amount_many (a);
ANALYZE amount_many;
SELECT pg_temp.plan($$SELECT min(a), max(a) FROM amount_many$$);


-- ---- order, equality, hash ----

-- M17: currency first (by numeric code), then value
CREATE TEMP TABLE mixed AS SELECT a FROM unnest('{1 USD,-1 USD,0 USD,100 EUR,-100 EUR,5 ALL,-5 ALL,7 JPY,0.0001 CLF,90071992547409.91 USD,-90071992547409.91 USD}'::amount[]) a;
SELECT a FROM mixed ORDER BY a;
SELECT a FROM mixed ORDER BY a DESC;
SELECT '1 USD'::amount < '2 USD'::amount AS lt, '1 USD'::amount <= '1 USD'::amount AS le, '1 EUR'::amount > '2 USD'::amount AS gt,
	'-1 USD'::amount >= '-2 USD'::amount AS ge, '1 USD'::amount = '1.00 USD'::amount AS eq, '1 USD'::amount <> '1 EUR'::amount AS ne,
	'0 USD'::amount = '0 EUR'::amount AS zeros_differ;
-- every operator agrees with the comparison function over all pairs
SELECT count(*), bool_and((x.a < y.a) = (c < 0) AND (x.a <= y.a) = (c <= 0) AND (x.a = y.a) = (c = 0) AND (x.a <> y.a) = (c <> 0)
	AND (x.a >= y.a) = (c >= 0) AND (x.a > y.a) = (c > 0) AND c = - amount_cmp(y.a, x.a)
	AND (currency(x.a) = currency(y.a) AND sign(x.a::numeric - y.a::numeric) = sign(c)
		OR currency(x.a) <> currency(y.a) AND (currency(x.a) < currency(y.a)) = (c < 0))) AS agree
FROM mixed x, mixed y, amount_cmp(x.a, y.a) c;

-- equal values hash equal, with and without a seed; the seedless ones agree in 32 bits
SELECT bool_and((amount_hash(a)::bigint & 4294967295) = (amount_hash_extended(a, 0) & 4294967295)) AS seed_0_agrees,
	count(DISTINCT amount_hash_extended(a, 1)) = count(DISTINCT a) AS no_collision,
	count(DISTINCT amount_hash(a)) > 0.999 * count(DISTINCT a) AS spread FROM amount_many;
SET enable_sort = off; SELECT count(*) FROM (SELECT a FROM amount_many GROUP BY a) g; RESET enable_sort;
SET enable_hashagg = off; SELECT count(*) FROM (SELECT a FROM amount_many GROUP BY a) g; RESET enable_hashagg;

-- joins by hash and by merge find the same
SET enable_nestloop = off;
SET enable_mergejoin = off;
SELECT pg_temp.plan($$SELECT count(*) FROM amount_many x JOIN amount_many y USING (a)$$);
SELECT count(*) FROM amount_many x JOIN amount_many y USING (a);
RESET enable_mergejoin; SET enable_hashjoin = off;
SELECT count(*) FROM amount_many x JOIN amount_many y USING (a);
RESET enable_hashjoin; RESET enable_nestloop;

-- indexes
SELECT pg_temp.plan($$SELECT * FROM amount_many WHERE a = '1 USD'$$);
SELECT pg_temp.plan($$SELECT a FROM amount_many WHERE a > '4999 USD' ORDER BY a LIMIT 3$$);
CREATE INDEX amount_many_h ON amount_many USING hash (a);
DROP INDEX amount_many_a;
SELECT pg_temp.plan($$SELECT * FROM amount_many WHERE a = '1 USD'$$);
SELECT i FROM amount_many WHERE a = (SELECT a FROM amount_many WHERE i = 77);
-- equal images: btree deduplicates
CREATE TEMP TABLE alike AS SELECT '1 USD'::amount AS a, 1::bigint AS b FROM generate_series(1, 10000);
CREATE INDEX alike_a ON alike (a); CREATE INDEX alike_b ON alike (b);
SELECT pg_relation_size('alike_a') = pg_relation_size('alike_b') AS as_small_as_bigint;

-- hash and range partitions
CREATE TABLE amount_parts (a amount) PARTITION BY HASH (a);
CREATE TABLE amount_parts_0 PARTITION OF amount_parts FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE amount_parts_1 PARTITION OF amount_parts FOR VALUES WITH (MODULUS 2, REMAINDER 1);
INSERT INTO amount_parts SELECT a FROM amount_many UNION ALL SELECT a FROM mixed;
SELECT tableoid::regclass AS part, count(*) FROM amount_parts GROUP BY 1 ORDER BY 1;
SELECT count(*) FROM amount_parts p WHERE a = '100 EUR';
CREATE TABLE amount_ranges (a amount) PARTITION BY RANGE (a);
CREATE TABLE amount_ranges_low PARTITION OF amount_ranges FOR VALUES FROM (MINVALUE) TO ('0 USD');
CREATE TABLE amount_ranges_high PARTITION OF amount_ranges FOR VALUES FROM ('0 USD') TO (MAXVALUE);
INSERT INTO amount_ranges TABLE mixed;
SELECT tableoid::regclass AS part, array_agg(a ORDER BY a) FROM amount_ranges GROUP BY 1 ORDER BY 1;
DROP TABLE amount_parts, amount_ranges;


-- ---- inside other types ----

-- M18: domain, array, composite, range, jsonb (a string, never a float)
CREATE DOMAIN fee AS amount CHECK (VALUE >= '0 USD' AND currency(VALUE) = 'USD');
SELECT '5 USD'::fee + '1 USD'::fee AS fee, pg_typeof('5 USD'::fee), allocate('1 USD'::fee, '{1,1}');
SELECT pg_temp.try($$'-5 USD'::fee$$), pg_temp.try($$'5 EUR'::fee$$);
CREATE TYPE entry AS (no int, a amount);
SELECT (1, '5 USD')::entry, ((1, NULL)::entry).a IS NULL AS null_inside, (1, '5 USD')::entry < (1, '6 USD')::entry AS less;
SELECT ARRAY['2 USD', NULL, '1 USD']::amount[] AS list, '1 USD' = ANY ('{2 USD,1 USD}'::amount[]) AS found,
	ARRAY['1 USD'::amount] || '2 USD'::amount AS appended, '{1 USD,2 USD}'::amount[] < '{1 USD,3 USD}'::amount[] AS less;
CREATE TYPE amount_span AS RANGE (subtype = amount);
SELECT '[1 USD,2 USD)'::amount_span AS span, '[1 USD,2 USD)'::amount_span @> '1.99 USD'::amount AS inside,
	'[1 USD,2 USD)'::amount_span @> '2 USD'::amount AS outside, '[1 USD,2 USD)'::amount_span * '[1.50 USD,)'::amount_span AS common;
SELECT to_jsonb('12.50 USD'::amount) AS json, jsonb_typeof(to_jsonb('12.50 USD'::amount)), (to_jsonb('12.5 USD'::amount) #>> '{}')::amount AS back,
	jsonb_populate_record(NULL::entry, '{"no": 1, "a": "90071992547409.91 USD"}'), row_to_json((1, '5 USD')::entry);
SELECT pg_temp.try($$jsonb_populate_record(NULL::entry, '{"no": 1, "a": 12.50}')$$);
DROP TYPE amount_span, entry;
DROP DOMAIN fee;

-- the type's operators are found without a search_path only when they are qualified
SET search_path = pg_catalog;
SELECT '1 USD'::refund.amount OPERATOR(refund.+) '1 USD'::refund.amount AS qualified, refund.sum(a) FROM unnest('{1 USD,2 USD}'::refund.amount[]) a;
SET search_path = public, refund;


-- ---- binary input and output ----

-- R01 R02 R03 R05: length, sign bits, unknown currency; and what is right
SELECT amount_send('125.00 USD'), amount_send('0 USD'), amount_send('-0.01 USD');
CREATE TEMP TABLE wire(a amount);
\set VERBOSITY sqlstate
\getenv builddir PG_ABS_BUILDDIR
\cd :builddir/results
COPY (TABLE mixed) TO STDOUT (FORMAT binary) \g refund_amount.bin
\copy wire FROM 'refund_amount.bin' (FORMAT binary)
SELECT count(*) FROM (TABLE mixed EXCEPT ALL TABLE wire) d;
TRUNCATE wire;
COPY (SELECT '\x'::bytea) TO STDOUT (FORMAT binary) \g refund_amount.bin
\copy wire FROM 'refund_amount.bin' (FORMAT binary)
COPY (SELECT '\xd2200000000030'::bytea) TO STDOUT (FORMAT binary) \g refund_amount.bin
\copy wire FROM 'refund_amount.bin' (FORMAT binary)
COPY (SELECT '\xd2200000000030d400'::bytea || '\x00') TO STDOUT (FORMAT binary) \g refund_amount.bin
\copy wire FROM 'refund_amount.bin' (FORMAT binary)
-- USD with all minor bits 0 (-2^53); numbers 0, 191 HRK, 999 XXX, 1023; plain integers
COPY (SELECT int8send((840::bigint << 54))) TO STDOUT (FORMAT binary) \g refund_amount.bin
\copy wire FROM 'refund_amount.bin' (FORMAT binary)
COPY (SELECT int8send(1::bigint << 53)) TO STDOUT (FORMAT binary) \g refund_amount.bin
\copy wire FROM 'refund_amount.bin' (FORMAT binary)
COPY (SELECT int8send((191::bigint << 54) | (1::bigint << 53))) TO STDOUT (FORMAT binary) \g refund_amount.bin
\copy wire FROM 'refund_amount.bin' (FORMAT binary)
COPY (SELECT int8send((999::bigint << 54) | (1::bigint << 53))) TO STDOUT (FORMAT binary) \g refund_amount.bin
\copy wire FROM 'refund_amount.bin' (FORMAT binary)
COPY (SELECT int8send(-1)) TO STDOUT (FORMAT binary) \g refund_amount.bin
\copy wire FROM 'refund_amount.bin' (FORMAT binary)
COPY (SELECT int8send(0)) TO STDOUT (FORMAT binary) \g refund_amount.bin
\copy wire FROM 'refund_amount.bin' (FORMAT binary)
COPY (SELECT int8send(12500)) TO STDOUT (FORMAT binary) \g refund_amount.bin
\copy wire FROM 'refund_amount.bin' (FORMAT binary)
-- the ends of the range are right
COPY (SELECT int8send((840::bigint << 54) | 1)) TO STDOUT (FORMAT binary) \g refund_amount.bin
\copy wire FROM 'refund_amount.bin' (FORMAT binary)
COPY (SELECT int8send((840::bigint << 54) | ((1::bigint << 54) - 1))) TO STDOUT (FORMAT binary) \g refund_amount.bin
\copy wire FROM 'refund_amount.bin' (FORMAT binary)
TABLE wire;

-- R04: a damaged COPY BINARY file: cut in the header, field count, value and
-- trailer; field length -2 and 2^31-1.  Errors leave the table as it was; a
-- cut in a field count or the trailer is what PostgreSQL takes for the end.
SELECT lo_from_bytea(0, '\x5047434f50590aff0d0a0000000000') AS header,
	lo_from_bytea(0, '\x5047434f50590aff0d0a00000000000000000000') AS field_count,
	lo_from_bytea(0, '\x5047434f50590aff0d0a000000000000000000000100000008d22000000000') AS value,
	lo_from_bytea(0, '\x5047434f50590aff0d0a000000000000000000000100000008d2200000000030d4ff') AS trailer,
	lo_from_bytea(0, '\x5047434f50590aff0d0a0000000000000000000001fffffffed2200000000030d4ffff') AS negative_length,
	lo_from_bytea(0, '\x5047434f50590aff0d0a00000000000000000000017fffffffd2200000000030d4ffff') AS huge_length,
	lo_from_bytea(0, '\x5047434f50590aff0d0a000000000000000000000100000008d2200000000030d4ffff') AS whole \gset
\lo_export :header refund_amount.bin
\copy wire FROM 'refund_amount.bin' (FORMAT binary)
\lo_export :field_count refund_amount.bin
\copy wire FROM 'refund_amount.bin' (FORMAT binary)
\lo_export :value refund_amount.bin
\copy wire FROM 'refund_amount.bin' (FORMAT binary)
\lo_export :trailer refund_amount.bin
\copy wire FROM 'refund_amount.bin' (FORMAT binary)
\lo_export :negative_length refund_amount.bin
\copy wire FROM 'refund_amount.bin' (FORMAT binary)
\lo_export :huge_length refund_amount.bin
\copy wire FROM 'refund_amount.bin' (FORMAT binary)
SELECT count(*) FROM wire;
\lo_export :whole refund_amount.bin
\copy wire FROM 'refund_amount.bin' (FORMAT binary)
TABLE wire;
SELECT count(lo_unlink(oid)) FROM unnest(ARRAY[:header, :field_count, :value, :trailer, :negative_length, :huge_length, :whole]::oid[]) oid;
\set VERBOSITY default

-- M16: text and binary round trips do not depend on locale, date style or encoding
-- (a locale that is not installed leaves the default)
DO $$
DECLARE
	setting text;
BEGIN
	FOREACH setting IN ARRAY ARRAY['lc_monetary', 'lc_numeric'] LOOP
		BEGIN
			PERFORM set_config(setting, 'de_DE.UTF-8', false);
		EXCEPTION WHEN invalid_parameter_value THEN
			NULL;
		END;
	END LOOP;
END $$;
SET datestyle = 'German';
SET client_encoding = 'LATIN1';
SELECT '1234.56 USD'::amount AS text, '1234.56 USD'::amount::numeric AS number, amount_send('1234.56 USD') AS binary;
WITH random AS (
	SELECT amount_from_minor(hashint8extended(i, 1) >> (10 + i % 54), (ARRAY['USD','EUR','JPY','KWD','CLF','ALL','ZWG','XAF'])[1 + i % 8]::currency) AS a
	FROM generate_series(1, 1000000) i)
SELECT count(*), count(*) FILTER (WHERE a::text::amount <> a) AS text_differs,
	count(*) FILTER (WHERE ('x' || encode(amount_send(a), 'hex'))::bit(64)::bigint
		<> ((minor_units(a) + (1::bigint << 53)) | (('x' || encode(currency_send(currency(a)), 'hex'))::bit(16)::int::bigint << 54))) AS binary_differs,
	count(*) FILTER (WHERE amount(a::numeric, currency(a)) <> a) AS numeric_differs,
	count(*) FILTER (WHERE a < '0 ALL' OR minor_units(a) < 0) > 100000 AS both_signs
FROM random;
RESET client_encoding;
RESET datestyle;

DROP TABLE amount_many;


-- ---- the catalogue ----

-- architecture.md rule 20: volatility, strictness, parallel safety; only what
-- must see NULL (the sum's transitions) is not strict; PUBLIC may execute
CREATE TEMP VIEW mine AS
	SELECT p.* FROM pg_proc p WHERE p.pronamespace = 'refund'::regnamespace
		AND p.prokind = 'f' AND p.prosrc ~ '^refund_(amount|bigint_mul_amount|currency|time_limit)(_|$)';
SELECT count(*) > 60 AS many, bool_and(provolatile = 'i') AS immutable, bool_and(proparallel = 's') AS parallel_safe,
	bool_and(has_function_privilege('public', oid, 'EXECUTE')) AS public_may,
	array_agg(proname ORDER BY proname) FILTER (WHERE NOT proisstrict) AS not_strict FROM mine;

-- every object has a comment
SELECT 'function' AS what, oid::regprocedure::text FROM mine WHERE obj_description(oid, 'pg_proc') IS NULL
UNION ALL SELECT 'aggregate', oid::regprocedure::text FROM pg_proc
	WHERE pronamespace = 'refund'::regnamespace AND prokind = 'a' AND obj_description(oid, 'pg_proc') IS NULL
UNION ALL SELECT 'type', oid::regtype::text FROM pg_type
	WHERE typnamespace = 'refund'::regnamespace AND typname IN ('amount', 'currency', 'time_limit') AND obj_description(oid, 'pg_type') IS NULL
UNION ALL SELECT 'operator', oid::regoperator::text FROM pg_operator
	WHERE oprnamespace = 'refund'::regnamespace AND obj_description(oid, 'pg_operator') IS NULL
UNION ALL SELECT 'operator class', opcname FROM pg_opclass
	WHERE opcnamespace = 'refund'::regnamespace AND obj_description(oid, 'pg_opclass') IS NULL
UNION ALL SELECT 'operator family', opfname FROM pg_opfamily
	WHERE opfnamespace = 'refund'::regnamespace AND obj_description(oid, 'pg_opfamily') IS NULL
UNION ALL SELECT 'cast', castsource::regtype || ' to ' || casttarget::regtype FROM pg_cast
	WHERE castsource = 'refund.amount'::regtype AND obj_description(oid, 'pg_cast') IS NULL;

-- comparison operators have commutator, negator and estimators; = hashes and merges
SELECT oprleft::regtype AS type, oprname, oprcom::regoperator, oprnegate::regoperator, oprrest, oprjoin, oprcanhash, oprcanmerge FROM pg_operator
WHERE oprnamespace = 'refund'::regnamespace AND oprleft = oprright AND oprresult = 'boolean'::regtype
	AND oprleft IN ('refund.amount'::regtype, 'refund.currency'::regtype, 'refund.time_limit'::regtype) ORDER BY oprleft::regtype::text, oprname COLLATE "C";
-- both operator classes are defaults and complete
SELECT amname, opcname, opcdefault, (SELECT array_agg(amprocnum ORDER BY amprocnum) FROM pg_amproc WHERE amprocfamily = opcfamily) AS support
FROM pg_opclass c JOIN pg_am m ON m.oid = c.opcmethod
WHERE opcnamespace = 'refund'::regnamespace AND opcintype IN ('refund.amount'::regtype, 'refund.currency'::regtype, 'refund.time_limit'::regtype)
	AND amvalidate(c.oid) ORDER BY 2, 1;
