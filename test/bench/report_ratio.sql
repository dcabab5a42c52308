/*
 * One benchmark's ratios, in Markdown, against a goal.
 * Variables: id, benchmark, side, baseline, unit, sign (≤ or ≥), goal, and
 * judged, the column that is held against it.
 */
SELECT format(E'| id | measure | %1$s, %3$s | %2$s, %3$s | %1$s / %2$s | spread | goal |\n|---|---|--:|--:|--:|---|---|',
	:'side', :'baseline', :'unit');
SELECT format('| %s | %s | %s | %s | **%s** | %s–%s | %s %s%s |', :'id', measure, three_digits(value), three_digits(baseline_value),
	round(ratio, 2), round(low, 2), round(high, 2), :'sign', :'goal',
	CASE WHEN CASE :'sign' WHEN '≤' THEN round(:judged, 2) <= :goal ELSE round(:judged, 2) >= :goal END THEN ' met' ELSE ' missed' END)
FROM ratio
WHERE benchmark = :'benchmark' AND side = :'side' AND baseline = :'baseline'
ORDER BY position;
