/* How long a backlog took, and the clients beside it, in Markdown. */
\qecho '| measure | median | largest | goal |'
\qecho '|---|--:|--:|---|'
SELECT format('| %s | %s %s | %s %s | ≤ %s %s %s |', measure, three_digits(median_of(array_agg(value))), side,
	three_digits(max(value)), side, goal, side, CASE WHEN max(value) <= goal THEN 'met' ELSE 'missed' END)
FROM figure
CROSS JOIN LATERAL (SELECT CASE side WHEN 'seconds' THEN 60 ELSE 100 END AS goal) g
WHERE benchmark = 'backlog'
GROUP BY measure, side, goal
ORDER BY min(position);
