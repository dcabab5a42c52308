-- refund.currency (interface.md, Types).  Ids such as M03 are lines of the
-- catalogue of bad inputs and faults.
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

-- two bytes, by value
SELECT typlen, typbyval, typalign, typstorage, typcategory FROM pg_type
WHERE oid = 'refund.currency'::regtype;

SELECT c::currency, pg_column_size(c::currency) FROM unnest('{USD,EUR,JPY,KWD,CLF,XCG,ZWG,SLE,VED}'::text[]) c;

-- M03 M04: upper case only; unknown, withdrawn and test codes and metals are refused
\pset tuples_only on
\pset format unaligned
SELECT code, pg_temp.try(format('%L::refund.currency', code))
FROM unnest(ARRAY['', ' ', 'usd', 'Usd', ' USD', 'USD ', 'US', 'USDX', '840', 'ABC', 'HRK', 'BGN', 'ANG', 'XXX', 'XTS', 'XAU',
	'US' || chr(65316), 'U''SD', 'U\SD', 'USD%s']) code;
SELECT pg_temp.try(format('%L::refund.currency', repeat('A', 100000)));
SELECT pg_temp.try($$'USD'::refund.currency(3)$$);
SELECT pg_temp.try($$840::refund.currency$$);
\pset tuples_only off
\pset format aligned

-- the order is that of the numeric code, as in refund.amount
SELECT array_agg(c ORDER BY c) FROM unnest('{USD,EUR,ALL,JPY,CLF,KWD}'::currency[]) c;
SELECT 'ALL'::currency < 'USD'::currency AS lt, 'ALL'::currency <= 'ALL'::currency AS le, 'EUR'::currency > 'USD'::currency AS gt,
	'EUR'::currency >= 'CLF'::currency AS ge, 'EUR'::currency = 'EUR'::currency AS eq, 'EUR'::currency <> 'EUR'::currency AS ne;

-- R01 R02 R03 R05: binary input
CREATE TEMP TABLE code(c currency);
\set VERBOSITY sqlstate
\getenv builddir PG_ABS_BUILDDIR
\cd :builddir/results
COPY (SELECT c FROM unnest('{USD,ALL,XAD,ZWG}'::currency[]) c) TO STDOUT (FORMAT binary) \g refund_currency.bin
\copy code FROM 'refund_currency.bin' (FORMAT binary)
COPY (SELECT '\x'::bytea) TO STDOUT (FORMAT binary) \g refund_currency.bin
\copy code FROM 'refund_currency.bin' (FORMAT binary)
COPY (SELECT '\x03'::bytea) TO STDOUT (FORMAT binary) \g refund_currency.bin
\copy code FROM 'refund_currency.bin' (FORMAT binary)
COPY (SELECT '\x034800'::bytea) TO STDOUT (FORMAT binary) \g refund_currency.bin
\copy code FROM 'refund_currency.bin' (FORMAT binary)
-- 999 XXX, 191 HRK, 0, -1
COPY (SELECT '\x03e7'::bytea) TO STDOUT (FORMAT binary) \g refund_currency.bin
\copy code FROM 'refund_currency.bin' (FORMAT binary)
COPY (SELECT '\x00bf'::bytea) TO STDOUT (FORMAT binary) \g refund_currency.bin
\copy code FROM 'refund_currency.bin' (FORMAT binary)
COPY (SELECT '\x0000'::bytea) TO STDOUT (FORMAT binary) \g refund_currency.bin
\copy code FROM 'refund_currency.bin' (FORMAT binary)
COPY (SELECT '\xffff'::bytea) TO STDOUT (FORMAT binary) \g refund_currency.bin
\copy code FROM 'refund_currency.bin' (FORMAT binary)
\set VERBOSITY default
TABLE code;
SELECT currency_send('USD'), currency_send('ALL');

-- hash and btree agree: every kind of equality finds the same groups
INSERT INTO code SELECT (ARRAY['USD','EUR','JPY','ALL'])[1 + i % 4]::currency FROM generate_series(1, 1000) i;
SET enable_sort = off; SELECT c, count(*) FROM code GROUP BY c ORDER BY count(*), c::text COLLATE "C"; RESET enable_sort;
SET enable_hashagg = off; SELECT c, count(*) FROM code GROUP BY c ORDER BY count(*), c::text COLLATE "C"; RESET enable_hashagg;
SELECT bool_and((currency_hash(c)::bigint & 4294967295) = (currency_hash_extended(c, 0) & 4294967295)) AS seed_0_agrees,
	count(DISTINCT currency_hash_extended(c, 1)) = count(DISTINCT c) AS seeded FROM code;
SELECT bool_and(currency_cmp(a, b) = (a > b)::int - (a < b)::int) AS btree_agrees FROM unnest('{USD,EUR,ALL,USD}'::currency[]) a, unnest('{USD,EUR,ALL}'::currency[]) b;
CREATE INDEX code_btree ON code (c);
CREATE INDEX code_hash ON code USING hash (c);
SET enable_seqscan = off;
SET enable_bitmapscan = off;
SELECT pg_temp.plan($$SELECT c FROM code WHERE c < 'USD'$$);
SELECT count(*) FROM code WHERE c = 'JPY';
RESET enable_seqscan;
RESET enable_bitmapscan;
