/* How long it took, in Markdown. */
\qecho '| events | measure | seconds | events a second |'
\qecho '|--:|---|--:|--:|'
SELECT format('| %s | %s | %s | %s |', e.value, f.measure, three_digits(f.value), round(e.value / f.value))
FROM figure f
JOIN figure e ON e.benchmark = 'restore' AND e.side = 'events'
WHERE f.benchmark = 'restore' AND f.side = 'seconds'
ORDER BY f.position;
