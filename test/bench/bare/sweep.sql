/*
 * The floor of the sweep: the rows that run_due() writes, a batch of 1000 a
 * transaction, each batch one statement.
 */
CREATE PROCEDURE bare.run_due(max_cases integer)
LANGUAGE plpgsql AS $$
DECLARE
	done integer := 0;
	batch integer;
BEGIN
	LOOP
		WITH due AS (
			SELECT c.ctid
			FROM bare.contract c
			WHERE c.next_due_at <= now() AND c.next_due_at IS NOT NULL AND c.test_clock IS NULL
			ORDER BY c.next_due_at
			LIMIT least(1000, max_cases - done)
			FOR NO KEY UPDATE SKIP LOCKED
		), changed AS (
			UPDATE bare.contract c
			SET last_at = now(), next_due_at = NULL, due_at = NULL, remind_at = NULL,
				settled_at = now(), effective_at = c.due_at, held = '0.00 USD', refunded = '300.00 USD',
				in_transit = '300.00 USD', to_freelancer = '0.00 USD', to_client = '300.00 USD',
				event_no = 7, payment_count = 2, request_state = 'settled',
				outcome = 'approved_by_silence', last_event = 'response_expired', entered_by = 'response_expired',
				milestone_held = '{0.00 USD}', milestone_refunded = '{300.00 USD}', deposit_held = '{}',
				head = '\xab6081bccf9b15059e9844dee4bb909568d97031e610975de3b1397b39a09daf'
			FROM due
			WHERE c.ctid = due.ctid
			RETURNING c.contract_id, c.effective_at
		), event AS (
			INSERT INTO bare.event (contract_id, recorded_at, effective_at, amount, event_no, kind, party,
				from_state, to_state, outcome, hash_format, hash)
			SELECT contract_id, now(), effective_at, '300.00 USD', 7, 'response_expired', 'clock',
				'requested', 'settled', 'approved_by_silence', 1,
				'\xab6081bccf9b15059e9844dee4bb909568d97031e610975de3b1397b39a09daf'
			FROM changed
		), transfer AS (
			INSERT INTO bare.transfer (contract_id, amount, event_no, ordinal, deposit_no, milestone_no,
				debit, credit)
			SELECT contract_id, leg.amount, 7, leg.ordinal, leg.ordinal, 1, 'escrow', 'refund_payable'
			FROM changed, (VALUES (1, '100.00 USD'::refund.amount), (2, '200.00 USD')) leg (ordinal, amount)
		), payment AS (
			INSERT INTO bare.refund_payment (contract_id, amount, expected_by, claimable_at, payment_no,
				deposit_no, event_no, attempt_no, payee, purpose, state, is_test)
			SELECT contract_id, leg.amount, now() + interval '168 hours', now(), leg.ordinal, leg.ordinal, 7, 0,
				'client', 'settlement', 'pending', false
			FROM changed, (VALUES (1, '100.00 USD'::refund.amount), (2, '200.00 USD')) leg (ordinal, amount)
		), notification AS (
			INSERT INTO bare.notification (contract_id, claimable_at, notification_no, event_no, attempts, state,
				is_test)
			SELECT contract_id, now(), 70, 7, 0, 'pending', false FROM changed
		)
		SELECT count(*) INTO batch FROM changed;
		COMMIT;
		done := done + batch;
		EXIT WHEN batch = 0 OR done >= max_cases;
	END LOOP;
END
$$;
