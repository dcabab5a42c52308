/*
 * Are the tables of bare and refund the same: definitions of columns, CHECKs and
 * indexes, and every row, but for times and hashes?  Have the cases of textbook
 * and refund ended alike?  Raises what is not so.
 */
DO $$
DECLARE
	t name;
	columns text;
	differ bigint;
BEGIN
	FOR t IN SELECT relname FROM pg_class WHERE relnamespace = 'refund'::regnamespace AND relkind = 'r' LOOP
		SELECT count(*) INTO differ
		FROM (
			SELECT pg_get_indexdef(indexrelid) FROM pg_index
			WHERE indrelid = format('refund.%I', t)::regclass
		) theirs (definition)
		FULL JOIN (
			SELECT replace(pg_get_indexdef(indexrelid), 'bare.', 'refund.') FROM pg_index
			WHERE indrelid = format('bare.%I', t)::regclass
		) ours (definition)
		/* their names are made up */
		ON split_part(theirs.definition, ' USING ', 2) = split_part(ours.definition, ' USING ', 2)
		WHERE theirs.definition IS NULL OR ours.definition IS NULL;
		IF differ > 0 THEN
			RAISE EXCEPTION 'the indexes of bare.% and refund.% differ', t, t;
		END IF;

		/* of times and digests of arguments: whether there is one; of hashes: how long they are */
		SELECT string_agg(format(CASE
				WHEN atttypid = 'timestamptz'::regtype OR attname = 'arguments_digest' THEN '%I IS NULL'
				WHEN atttypid = 'bytea'::regtype THEN 'length(%I)'
				WHEN attname = 'hold_time' THEN 'cardinality(%I)'
				ELSE '%I'
			END, attname), ', ') INTO columns
		FROM pg_attribute
		WHERE attrelid = format('refund.%I', t)::regclass AND attnum > 0 AND NOT attisdropped;
		/* run_due() notes its run there, one row a call, not a case; CREATE EXTENSION notes the database */
		CONTINUE WHEN t IN ('job_run', 'activation');
		EXECUTE format('SELECT count(*) FROM (
			(SELECT %1$s FROM refund.%2$I EXCEPT ALL SELECT %1$s FROM bare.%2$I) UNION ALL
			(SELECT %1$s FROM bare.%2$I EXCEPT ALL SELECT %1$s FROM refund.%2$I)) d', columns, t) INTO differ;
		IF differ > 0 THEN
			RAISE EXCEPTION '% rows of bare.% and refund.% differ', differ, t, t;
		END IF;
	END LOOP;
END
$$;

/* The sides have different numbers of contracts, so what is compared is which ends there are. */
CREATE TEMPORARY VIEW refund_end AS
SELECT c.state::text, c.deposited::numeric, c.held::numeric, c.released::numeric, c.refunded::numeric, c.in_transit::numeric,
	c.fee_held::numeric, c.reversed::numeric, c.receivable::numeric, c.hold_count, c.reversal_count, c.held_at IS NOT NULL AS on_hold,
	c.extensions, c.event_no, c.payment_count, c.offer_count, c.evidence_count, c.request_state::text,
	c.outcome::text, c.at_stake::numeric, c.to_freelancer::numeric, c.to_client::numeric, c.disputed::numeric,
	c.proposed::numeric, c.client_accepted, c.freelancer_accepted, c.client_joined, c.freelancer_joined, c.mediator,
	c.arbitrator,
	(SELECT array_agg(p.amount::numeric || ' ' || p.payee || ' ' || p.state ORDER BY p.payment_no)
		FROM refund.refund_payment p WHERE p.contract_id = c.contract_id) AS payments
FROM refund.contract c;
CREATE TEMPORARY VIEW textbook_end AS
SELECT c.state, c.deposited, c.held, c.released, c.refunded, c.in_transit,
	c.fee_held, c.reversed, c.receivable, c.hold_count, c.reversal_count, c.held_at IS NOT NULL AS on_hold,
	coalesce(r.extensions, 0) AS extensions, c.event_count, c.payment_count, c.offer_count, c.evidence_count, r.state AS request_state,
	r.outcome, r.at_stake, r.to_freelancer, r.to_client, r.disputed,
	r.proposed, coalesce(r.client_accepted, false) AS client_accepted, coalesce(r.freelancer_accepted, false) AS freelancer_accepted,
	coalesce(r.client_joined, false) AS client_joined, coalesce(r.freelancer_joined, false) AS freelancer_joined, r.mediator,
	r.arbitrator,
	(SELECT array_agg(p.amount || ' ' || p.payee || ' ' || p.state ORDER BY p.payment_no)
		FROM textbook.refund_payment p WHERE p.contract_id = c.contract_id) AS payments
FROM textbook.contract c
LEFT JOIN textbook.refund_request r USING (contract_id);

DO $$
DECLARE
	differ record;
BEGIN
	FOR differ IN
		(SELECT 'refund', * FROM refund_end EXCEPT SELECT 'refund', * FROM textbook_end) UNION ALL
		(SELECT 'textbook', * FROM textbook_end EXCEPT SELECT 'textbook', * FROM refund_end)
	LOOP
		RAISE EXCEPTION 'only one side has cases that end like this: %', differ;
	END LOOP;
END
$$;
