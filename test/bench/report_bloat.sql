/* What each table takes, in Markdown. */
\qecho '| table | after half of the cases | after all | packed | all / packed | HOT updates | autovacuums |'
\qecho '|---|--:|--:|--:|--:|--:|--:|'
SELECT format('| %s | %s | %s | %s | **%s** | %s | %s |', measure, max(value) FILTER (WHERE side = 'part_1'),
	max(value) FILTER (WHERE side = 'part_2'), max(value) FILTER (WHERE side = 'packed'),
	round(max(value) FILTER (WHERE side = 'part_2') / max(value) FILTER (WHERE side = 'packed'), 2),
	coalesce(max(value) FILTER (WHERE side = 'hot') || ' %', 'none'), max(value) FILTER (WHERE side = 'vacuums'))
FROM figure
WHERE benchmark = 'bloat'
GROUP BY measure
ORDER BY min(position);
