/*
 * The same amounts as refund.amount, bigint minor units and numeric(18,2), up to a
 * million each, and a tenth as many others to join them with.  Variable: rows.
 */
SELECT setseed(0.5);
CREATE UNLOGGED TABLE of_bigint AS
SELECT (random() * 100000000)::bigint AS v FROM generate_series(1, :rows);
CREATE UNLOGGED TABLE other_bigint AS
SELECT (random() * 100000000)::bigint AS v FROM generate_series(1, :rows / 10);

CREATE UNLOGGED TABLE of_amount AS SELECT refund.amount_from_minor(v, 'USD') AS v FROM of_bigint;
CREATE UNLOGGED TABLE other_amount AS SELECT refund.amount_from_minor(v, 'USD') AS v FROM other_bigint;
CREATE UNLOGGED TABLE of_numeric AS SELECT (v / 100.0)::numeric(18,2) AS v FROM of_bigint;
CREATE UNLOGGED TABLE other_numeric AS SELECT (v / 100.0)::numeric(18,2) AS v FROM other_bigint;
VACUUM ANALYZE;
