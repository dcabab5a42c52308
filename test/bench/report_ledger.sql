/* What a transaction of one row gives, in Markdown. */
\qecho '| for comparison | a second |'
\qecho '|---|--:|'
SELECT format('| %s | %s |', measure, three_digits(median_of(array_agg(value))))
FROM figure WHERE benchmark = 'insert'
GROUP BY measure
ORDER BY min(position);
