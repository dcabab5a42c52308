/*
 * What the run measured, for the reports of the benchmarks: a row of rates.csv is
 * one measurement, a row of counts.csv what it changed in a table (relation wal:
 * bytes written), two rows of cpu.csv a client's processor time from after its
 * first calls to its end, paths.csv the steps of each path; a row of figures.csv is
 * a figure of one side in a round.
 * Variable: dir, where the files are.
 */
CREATE TABLE measured (sync text, clients int, round int, side text, verb text, measurement int, tps numeric,
	p50 numeric, p99 numeric);
CREATE TABLE cpu (measurement int, client int, calls bigint, ns bigint);
CREATE TABLE path (path text, position int, verb text);
CREATE TABLE change (sync text, clients int, round int, side text, verb text, calls bigint, relation text,
	inserted bigint, updated bigint, hot bigint);
CREATE TABLE size (side text, bytes bigint, contracts bigint);
CREATE TABLE figure (position int GENERATED ALWAYS AS IDENTITY, benchmark text, measure text, round int, side text,
	value numeric);
\set rates :dir '/rates.csv'
\set cpu :dir '/cpu.csv'
\set paths :dir '/paths.csv'
\set counts :dir '/counts.csv'
\set sizes :dir '/sizes.csv'
\set figures :dir '/figures.csv'
COPY measured FROM :'rates' CSV;
COPY cpu FROM :'cpu' CSV;
COPY path FROM :'paths' CSV;
COPY change FROM :'counts' CSV;
COPY size FROM :'sizes' CSV;
COPY figure (benchmark, measure, round, side, value) FROM :'figures' CSV;
INSERT INTO figure (benchmark, measure, round, side, value)
SELECT CASE WHEN verb IN (SELECT verb FROM path) THEN 'verbs_' || sync WHEN verb = 'sweep' THEN 'sweep' ELSE 'workers' END,
	format('%s (%s)', verb, clients), round, side, tps
FROM measured
ORDER BY sync, clients, measurement;

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

/* a row for each measure and pair of sides; the ratio is that of the single rounds */
CREATE VIEW ratio AS
SELECT a.benchmark, a.measure, a.side, b.side AS baseline, min(a.position) AS position,
	median_of(array_agg(a.value)) AS value, median_of(array_agg(b.value)) AS baseline_value,
	median_of(array_agg(a.value / b.value)) AS ratio, quantile_of(0.25, array_agg(a.value / b.value)) AS low,
	quantile_of(0.75, array_agg(a.value / b.value)) AS high
FROM figure a
JOIN figure b USING (benchmark, measure, round)
WHERE a.side <> b.side AND b.value > 0
GROUP BY a.benchmark, a.measure, a.side, b.side;

/* as people read them: three digits that count */
CREATE FUNCTION three_digits(value numeric) RETURNS text LANGUAGE sql IMMUTABLE AS $$
	SELECT CASE WHEN value = 0 THEN '0' ELSE round(value, greatest(0, 2 - floor(log(abs(value)))::integer))::text END
$$;
