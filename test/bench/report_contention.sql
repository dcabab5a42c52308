/* How many calls there were a second, and how many failed, in Markdown. */
\qecho '| id | measure | calls a second | serialization failures | deadlocks | goal |'
\qecho '|---|---|--:|--:|--:|---|'
SELECT format('| B10 | %s | %s | %s of %s | %s | no deadlock%s |', measure,
	three_digits(median_of(array_agg(value) FILTER (WHERE side = 'rate'))), sum(value) FILTER (WHERE side = 'serialization'),
	sum(value) FILTER (WHERE side = 'calls'), sum(value) FILTER (WHERE side = 'deadlock'),
	CASE WHEN sum(value) FILTER (WHERE side = 'deadlock') > 0 THEN ' missed' ELSE ' met' END)
FROM figure
WHERE benchmark = 'contention'
GROUP BY measure
ORDER BY min(position);

/* The same beside, for comparison: no goal. */
\qecho ''
\qecho '| for comparison | calls a second | p99, µs | p50, µs | p99 / p50 | spread |'
\qecho '|---|--:|--:|--:|--:|---|'
SELECT format('| %s | %s | %s | %s | **%s** | %s–%s |', measure,
	(SELECT three_digits(median_of(array_agg(f.value))) FROM figure f WHERE (f.benchmark, f.measure, f.side) = ('control', r.measure, 'rate')),
	three_digits(value), three_digits(baseline_value), round(ratio, 2), round(low, 2), round(high, 2))
FROM ratio r
WHERE (benchmark, side, baseline) = ('control', 'p99', 'p50')
ORDER BY position;
