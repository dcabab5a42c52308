/* The tables of the sweep and of the workers, in Markdown. */
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
