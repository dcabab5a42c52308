/*
 * What workers do, on each side: claim refund payments, and claim notifications
 * and confirm the delivery of each, in batches that each commit.  Bare claims with
 * the same order and the same locks, and knows whom these cases' events are for.
 */
CREATE PROCEDURE claim_payments_refund(batch integer, batches integer)
LANGUAGE plpgsql AS $$
BEGIN
	FOR i IN 1 .. batches LOOP
		PERFORM count(p) FROM refund.claim_refund_payments(batch) p;
		COMMIT;
	END LOOP;
END
$$;

CREATE PROCEDURE claim_payments_textbook(batch integer, batches integer)
LANGUAGE plpgsql AS $$
BEGIN
	FOR i IN 1 .. batches LOOP
		PERFORM count(p) FROM textbook.claim_refund_payments(batch) p;
		COMMIT;
	END LOOP;
END
$$;

CREATE PROCEDURE claim_payments_bare(batch integer, batches integer)
LANGUAGE plpgsql AS $$
DECLARE
	handed_out bigint;
BEGIN
	FOR i IN 1 .. batches LOOP
		WITH taken AS (
			UPDATE bare.refund_payment p SET claimable_at = now() + interval '5 minutes'
			FROM (
				SELECT q.contract_id, q.payment_no FROM bare.refund_payment q
				WHERE q.state = 'pending' AND NOT q.is_test AND q.claimable_at <= now()
				ORDER BY q.claimable_at
				LIMIT batch
				FOR NO KEY UPDATE SKIP LOCKED
			) due
			WHERE p.contract_id = due.contract_id AND p.payment_no = due.payment_no
			RETURNING p.*
		)
		SELECT count(taken) INTO handed_out FROM taken;
		COMMIT;
	END LOOP;
END
$$;

CREATE PROCEDURE deliver_notifications_refund(batch integer, batches integer)
LANGUAGE plpgsql AS $$
BEGIN
	FOR i IN 1 .. batches LOOP
		PERFORM refund.confirm_notification(n.contract_id, n.notification_no, 'mail-1')
		FROM refund.claim_notifications(batch) n;
		COMMIT;
	END LOOP;
END
$$;

CREATE PROCEDURE deliver_notifications_textbook(batch integer, batches integer)
LANGUAGE plpgsql AS $$
BEGIN
	FOR i IN 1 .. batches LOOP
		PERFORM textbook.confirm_notification(n.contract_id, n.event_no, 'mail-1')
		FROM textbook.claim_notifications(batch) n;
		COMMIT;
	END LOOP;
END
$$;

CREATE PROCEDURE deliver_notifications_bare(batch integer, batches integer)
LANGUAGE plpgsql AS $$
DECLARE
	n record;
BEGIN
	FOR i IN 1 .. batches LOOP
		WITH due AS MATERIALIZED (
			SELECT o.contract_id, o.notification_no, o.event_no, o.claimable_at
			FROM bare.notification o
			WHERE o.state = 'pending' AND NOT o.is_test AND o.claimable_at <= now() AND o.party IS NULL
			ORDER BY o.claimable_at
			LIMIT batch
			FOR UPDATE SKIP LOCKED
		), gone AS (
			DELETE FROM bare.notification o USING due
			WHERE o.contract_id = due.contract_id AND o.notification_no = due.notification_no
		)
		INSERT INTO bare.notification (contract_id, claimable_at, notification_no, event_no, attempts, state, party,
			is_test, person)
		SELECT due.contract_id, due.claimable_at, due.notification_no + t.slot, due.event_no, 0, 'pending', t.party,
			false, t.person
		FROM due, (VALUES (1, 'client'::refund.party, 'client-1'), (2, 'freelancer', 'freelancer-1')) t (slot, party, person);
		FOR n IN
			UPDATE bare.notification o SET claimable_at = now() + interval '5 minutes', attempts = o.attempts + 1
			FROM (
				SELECT q.contract_id, q.notification_no FROM bare.notification q
				WHERE q.state = 'pending' AND NOT q.is_test AND q.claimable_at <= now() AND q.party IS NOT NULL
				ORDER BY q.claimable_at
				LIMIT batch
				FOR NO KEY UPDATE SKIP LOCKED
			) due
			WHERE o.contract_id = due.contract_id AND o.notification_no = due.notification_no
			RETURNING o.*
		LOOP
			UPDATE bare.notification o
			SET state = 'delivered', delivered_at = now(), provider_ref = 'mail-1', failure = NULL
			WHERE o.contract_id = n.contract_id AND o.notification_no = n.notification_no;
		END LOOP;
		COMMIT;
	END LOOP;
END
$$;
