/*
 * The tables of the report, in Markdown, from what the run measured: a row of
 * rates.csv is one measurement, a row of counts.csv what it changed in a table
 * (relation wal: bytes written), two rows of cpu.csv a client's processor time
 * from after its first calls to its end, paths.csv the steps of each path.
 * Variables: rates, counts, sizes, cpu, paths.
 */
\set QUIET on
\pset tuples_only on
\pset format unaligned

CREATE TABLE measured (sync text, clients int, round int, side text, verb text, measurement int, tps numeric,
	p50 numeric, p99 numeric);
CREATE TABLE cpu (measurement int, client int, calls bigint, ns bigint);
CREATE TABLE path (path text, position int, verb text);
CREATE TABLE change (sync text, clients int, round int, side text, verb text, calls bigint, relation text,
	inserted bigint, updated bigint, hot bigint);
CREATE TABLE size (side text, bytes bigint, contracts bigint);
COPY measured FROM :'rates' CSV;
COPY cpu FROM :'cpu' CSV;
COPY path FROM :'paths' CSV;
COPY change FROM :'counts' CSV;
COPY size FROM :'sizes' CSV;

/* cpu: of a call, in µs */
CREATE VIEW rate AS
SELECT m.*, c.us AS cpu
FROM measured m
LEFT JOIN (
	SELECT measurement, sum(ns) / 1000.0 / nullif(sum(calls), 0) AS us
	FROM (
		SELECT measurement, client, max(ns) - min(ns) AS ns, max(calls) - min(calls) AS calls
		FROM cpu
		GROUP BY measurement, client
	) of_client
	GROUP BY measurement
) c USING (measurement);

/* Like with like: both sides change the same number of rows a call, in every table. */
DO $$
DECLARE
	d record;
BEGIN
	FOR d IN
		WITH per_call AS (
			SELECT sync, clients, round, side, verb, relation, inserted::numeric / calls AS inserted,
				updated::numeric / calls AS updated
			FROM change
			WHERE relation NOT IN ('wal', 'job_run') AND side <> 'textbook'
		)
		SELECT verb, relation, r.inserted AS ri, r.updated AS ru, b.inserted AS bi, b.updated AS bu
		FROM (SELECT * FROM per_call WHERE side = 'refund') r
		FULL JOIN (SELECT * FROM per_call WHERE side = 'bare') b USING (sync, clients, round, verb, relation)
		WHERE (r.inserted, r.updated) IS DISTINCT FROM (b.inserted, b.updated)
	LOOP
		RAISE EXCEPTION '% a call in table %: refund inserts % and updates %, bare % and %', d.verb, d.relation,
			d.ri, d.ru, d.bi, d.bu;
	END LOOP;
END
$$;

CREATE FUNCTION quantile_of(float, numeric[]) RETURNS numeric LANGUAGE sql IMMUTABLE AS
	'SELECT percentile_cont($1) WITHIN GROUP (ORDER BY x)::numeric FROM unnest($2) x';
CREATE FUNCTION median_of(numeric[]) RETURNS numeric LANGUAGE sql IMMUTABLE AS 'SELECT quantile_of(0.5, $1)';

/* a row for each configuration; ratios are those of the single rounds, their spread the middle half */
CREATE VIEW result AS
SELECT r.verb, r.clients, r.sync, median_of(array_agg(r.tps)) AS refund, median_of(array_agg(b.tps)) AS bare,
	median_of(array_agg(t.tps)) AS textbook,
	median_of(array_agg(r.tps / b.tps)) AS of_bare, quantile_of(0.25, array_agg(r.tps / b.tps)) AS bare_low,
	quantile_of(0.75, array_agg(r.tps / b.tps)) AS bare_high,
	median_of(array_agg(r.tps / t.tps)) AS of_textbook, quantile_of(0.25, array_agg(r.tps / t.tps)) AS textbook_low,
	quantile_of(0.75, array_agg(r.tps / t.tps)) AS textbook_high,
	median_of(array_agg(r.cpu)) AS refund_cpu, median_of(array_agg(b.cpu)) AS bare_cpu,
	median_of(array_agg(t.cpu)) AS textbook_cpu, median_of(array_agg(b.cpu / r.cpu)) AS cpu_of_bare,
	median_of(array_agg(t.cpu / r.cpu)) AS cpu_of_textbook
FROM rate r
JOIN rate b USING (sync, clients, round, verb)
JOIN rate t USING (sync, clients, round, verb)
WHERE r.side = 'refund' AND b.side = 'bare' AND t.side = 'textbook'
GROUP BY r.verb, r.clients, r.sync;

/* in the order in which they were measured first */
CREATE VIEW verb AS
SELECT verb, min(measurement) AS position
FROM measured
WHERE verb IN (SELECT verb FROM path)
GROUP BY verb;
CREATE TABLE goal (sync text, of_bare numeric, of_textbook numeric);
INSERT INTO goal VALUES ('off', 0.85, 3), ('on', 0.95, 1.5);

SELECT EXISTS (SELECT FROM verb) AS has_verbs, EXISTS (SELECT FROM rate WHERE verb = 'sweep') AS has_sweep
\gset

\if :has_verbs
\qecho '### B1, B2: calls a second'
\qecho
\qecho '| id | verb | clients | sync | refund | bare | refund / bare | spread | goal | textbook | refund / textbook | spread | goal |'
\qecho '|---|---|--:|---|--:|--:|--:|---|---|--:|--:|---|---|'
SELECT format('| B1, B2 | %s | %s | %s | %s | %s | **%s** | %s–%s | %s | %s | **%s** | %s–%s | %s |',
	verb, clients, sync, round(refund), round(bare), round(result.of_bare, 2), round(bare_low, 2), round(bare_high, 2),
	'≥ ' || goal.of_bare || CASE WHEN round(result.of_bare, 2) < goal.of_bare THEN ' missed' ELSE ' met' END,
	round(textbook), round(result.of_textbook, 1), round(textbook_low, 1), round(textbook_high, 1),
	'≥ ' || goal.of_textbook || CASE WHEN round(result.of_textbook, 1) < goal.of_textbook THEN ' missed' ELSE ' met' END)
FROM result JOIN goal USING (sync) JOIN verb USING (verb)
ORDER BY sync, clients, position;

\qecho
\qecho 'The time of one whole case, refund against the others: all calls of each path from the contract''s creation.'
\qecho
\qecho '| path | calls | clients | sync | bare time / refund time | textbook time / refund time | textbook time / bare time |'
\qecho '|---|--:|--:|---|--:|--:|--:|'
SELECT format('| %s | %s | %s | %s | %s | %s | %s |', path, count(*), clients, sync,
	round(sum(1 / bare) / sum(1 / refund), 2), round(sum(1 / textbook) / sum(1 / refund), 1),
	round(sum(1 / textbook) / sum(1 / bare), 1))
FROM result JOIN path USING (verb) JOIN verb USING (verb)
GROUP BY clients, sync, path
ORDER BY sync, clients, max(verb.position);

\qecho
\qecho '### Processor time of the backend a call, in µs (1 client, sync off)'
\qecho
\qecho '| verb | refund | bare | bare / refund | textbook | textbook / refund | textbook / bare |'
\qecho '|---|--:|--:|--:|--:|--:|--:|'
SELECT format('| %s | %s | %s | **%s** | %s | **%s** | %s |', verb, round(refund_cpu), round(bare_cpu), round(cpu_of_bare, 2),
	round(textbook_cpu), round(cpu_of_textbook, 1), round(textbook_cpu / bare_cpu, 1))
FROM result JOIN verb USING (verb)
WHERE sync = 'off' AND clients = 1
ORDER BY position;

\qecho
\qecho '### What a call writes (1 client, sync off)'
\qecho
\qecho '| verb | rows inserted | rows updated | of them HOT: refund | bare | WAL bytes: refund | bare | refund / bare | textbook |'
\qecho '|---|--:|--:|--:|--:|--:|--:|--:|--:|'
WITH per_call AS (
	SELECT verb, side, round, sum(inserted) FILTER (WHERE relation = 'wal') / avg(calls) AS wal,
		sum(inserted) FILTER (WHERE relation <> 'wal') / avg(calls) AS inserted, sum(updated) / avg(calls) AS updated,
		sum(hot) / avg(calls) AS hot
	FROM change
	WHERE sync = 'off' AND clients = 1
	GROUP BY verb, side, round
), typical AS (
	SELECT verb, side, median_of(array_agg(wal)) AS wal, median_of(array_agg(inserted)) AS inserted,
		median_of(array_agg(updated)) AS updated, median_of(array_agg(hot)) AS hot
	FROM per_call
	GROUP BY verb, side
)
SELECT format('| %s | %s | %s | %s | %s | %s | %s | **%s** | %s |', verb, round(r.inserted, 1), round(r.updated, 1), round(r.hot, 2),
	round(b.hot, 2), round(r.wal), round(b.wal), round(r.wal / b.wal, 2), round(t.wal))
FROM typical r JOIN typical b USING (verb) JOIN typical t USING (verb) JOIN verb USING (verb)
WHERE r.side = 'refund' AND b.side = 'bare' AND t.side = 'textbook'
ORDER BY position;

\qecho
\qecho 'Bytes on disk for each case, tables and indexes:'
\qecho
\qecho '| side | bytes |'
\qecho '|---|--:|'
SELECT format('| %s | %s |', side, bytes / contracts) FROM size ORDER BY bytes / contracts;
\endif

\if :has_sweep
\qecho
\qecho '### B4: the sweep, cases a second'
\qecho
\qecho '| id | sync | refund | bare | refund time / bare time | spread | goal | textbook loop | textbook time / refund time | spread | goal | processor µs a case: refund | bare | WAL bytes a case: refund | bare |'
\qecho '|---|---|--:|--:|--:|---|---|--:|--:|---|---|--:|--:|--:|--:|'
WITH wal AS (
	SELECT sync, side, median_of(array_agg(inserted::numeric / calls)) AS bytes
	FROM change
	WHERE verb = 'sweep' AND relation = 'wal'
	GROUP BY sync, side
)
SELECT format('| B4 | %s | %s | %s | **%s** | %s–%s | ≤ 1.3%s | %s | **%s** | %s–%s | ≥ 10%s | %s | %s | %s | %s |',
	sync, round(refund), round(bare), round(1 / of_bare, 2), round(1 / bare_high, 2), round(1 / bare_low, 2),
	CASE WHEN round(1 / of_bare, 2) > 1.3 THEN ' missed' ELSE ' met' END,
	round(textbook), round(of_textbook, 1), round(textbook_low, 1), round(textbook_high, 1),
	CASE WHEN round(of_textbook, 1) < 10 THEN ' missed' ELSE ' met' END,
	round(refund_cpu, 1), round(bare_cpu, 1), round(r.bytes), round(b.bytes))
FROM result
JOIN wal r USING (sync)
JOIN wal b USING (sync)
WHERE verb = 'sweep' AND r.side = 'refund' AND b.side = 'bare';

\qecho
\qecho '### Workers: rows a second, claimed in batches (1 client, sync off)'
\qecho
\qecho '| work | refund | bare | refund / bare | spread | textbook | refund / textbook | spread | processor µs a row: refund | bare | textbook |'
\qecho '|---|--:|--:|--:|---|--:|--:|---|--:|--:|--:|'
SELECT format('| %s | %s | %s | **%s** | %s–%s | %s | **%s** | %s–%s | %s | %s | %s |', verb, round(refund), round(bare),
	round(of_bare, 2), round(bare_low, 2), round(bare_high, 2), round(textbook), round(of_textbook, 1),
	round(textbook_low, 1), round(textbook_high, 1), round(refund_cpu, 1), round(bare_cpu, 1), round(textbook_cpu, 1))
FROM result
WHERE verb IN ('claim_refund_payments', 'deliver_notifications')
ORDER BY verb;
\endif
