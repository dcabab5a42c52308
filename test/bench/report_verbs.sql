/* The tables of the verbs, in Markdown. */
/* in the order in which they were measured first */
CREATE VIEW verb AS
SELECT verb, min(measurement) AS position
FROM measured
WHERE verb IN (SELECT verb FROM path)
GROUP BY verb;
CREATE TABLE goal (sync text, of_bare numeric, of_textbook numeric, of_application numeric);
INSERT INTO goal VALUES ('off', 0.85, 3, 5), ('on', 0.95, 1.5, 3);


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

SELECT EXISTS (SELECT FROM measured WHERE side = 'application') AS has_application
\gset
\if :has_application
\qecho
\qecho '### B3: calls a second, against the logic in the application'
\qecho
\qecho '| id | verb | clients | sync | refund | application | refund / application | spread | goal |'
\qecho '|---|---|--:|---|--:|--:|--:|---|---|'
SELECT format('| B3 | %s | %s | %s | %s | %s | **%s** | %s–%s | ≥ %s%s |', verb, clients, sync, round(median_of(array_agg(r.tps))),
	round(median_of(array_agg(a.tps))), round(median_of(array_agg(r.tps / a.tps)), 1),
	round(quantile_of(0.25, array_agg(r.tps / a.tps)), 1), round(quantile_of(0.75, array_agg(r.tps / a.tps)), 1), goal.of_application,
	CASE WHEN round(median_of(array_agg(r.tps / a.tps)), 1) < goal.of_application THEN ' missed' ELSE ' met' END)
FROM rate r
JOIN rate a USING (sync, clients, round, verb)
JOIN goal USING (sync)
JOIN verb USING (verb)
WHERE r.side = 'refund' AND a.side = 'application'
GROUP BY verb, clients, sync, goal.of_application, verb.position
ORDER BY sync, clients, verb.position;
\endif

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
