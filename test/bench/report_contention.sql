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
