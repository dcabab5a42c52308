/*
 * The careful ordinary way, continued: reviews of work, holds, extensions, deposits
 * that are taken back, refunds of what was released, erased evidence.  A lifted
 * hold moves every open window by the time that it stood.
 */

/* Writes an event outside of the request's machine and returns its hash. */
CREATE FUNCTION textbook.record_other_event(c textbook.contract, event_kind text, event_party text, event_actor text,
	event_key text, event_amount numeric, event_milestone integer, decided_at timestamptz, event_item integer DEFAULT NULL,
	event_reference text DEFAULT NULL)
RETURNS bytea LANGUAGE plpgsql AS $$
DECLARE
	state_of_request text := (SELECT r.state FROM textbook.refund_request r WHERE r.contract_id = c.contract_id);
BEGIN
	RETURN textbook.record_event(c, event_kind, event_party, event_actor, event_key, event_amount, event_milestone,
		state_of_request, state_of_request, decided_at, decided_at, event_item, event_reference);
END
$$;

/* The contract after an event that was written. */
CREATE FUNCTION textbook.save_contract(c textbook.contract, new_hash bytea, decided_at timestamptz)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	UPDATE textbook.contract t
	SET event_count = event_count + 1, held = c.held, released = c.released, refunded = c.refunded,
		reversed = c.reversed, in_transit = c.in_transit, receivable = c.receivable, hold_count = c.hold_count,
		reversal_count = c.reversal_count, payment_count = c.payment_count, held_at = c.held_at, head = new_hash
	WHERE t.contract_id = c.contract_id;
	PERFORM textbook.notify(c, decided_at);
END
$$;

CREATE FUNCTION textbook.milestone_of(contract_id bigint, milestone_no integer)
RETURNS textbook.milestone LANGUAGE sql STABLE AS
	'SELECT * FROM textbook.milestone t WHERE t.contract_id = $1 AND t.milestone_no = $2';

/* ---- reviews ---- */

CREATE FUNCTION textbook.submit_work(contract_id bigint, actor text, milestone_no integer, message text DEFAULT NULL,
	idempotency_key text DEFAULT NULL)
RETURNS textbook.milestone LANGUAGE plpgsql AS $$
DECLARE
	c textbook.contract := textbook.lock_contract(contract_id);
	decided_at timestamptz := clock_timestamp();
	new_hash bytea;
	p textbook.policy;
	m textbook.milestone := textbook.milestone_of(contract_id, milestone_no);
BEGIN
	IF m.contract_id IS NULL THEN
		RAISE EXCEPTION 'there is no milestone %', milestone_no;
	END IF;
	IF textbook.is_replay(contract_id, actor, idempotency_key, 'submit_work') THEN
		RETURN m;
	END IF;
	IF c.state <> 'active' THEN
		RAISE EXCEPTION 'contract % has ended', contract_id;
	END IF;
	IF textbook.party_of(c, actor) <> 'freelancer' THEN
		RAISE EXCEPTION 'only the freelancer can do this';
	END IF;
	IF m.review_due_at IS NOT NULL OR m.held = 0 THEN
		RAISE EXCEPTION 'there is nothing to submit';
	END IF;
	SELECT * INTO p FROM textbook.policy t WHERE t.name = c.policy AND t.version = c.policy_version;
	UPDATE textbook.milestone t
	SET review_due_at = (decided_at AT TIME ZONE p.zone + p.work_review) AT TIME ZONE p.zone
	WHERE t.contract_id = c.contract_id AND t.milestone_no = submit_work.milestone_no
	RETURNING t.* INTO m;
	new_hash := textbook.record_other_event(c, 'submit_work', 'freelancer', actor, idempotency_key, NULL, milestone_no,
		decided_at);
	PERFORM textbook.save_contract(c, new_hash, decided_at);
	IF message IS NOT NULL THEN
		PERFORM textbook.add_statement(c, message);
	END IF;
	RETURN m;
END
$$;

CREATE FUNCTION textbook.request_changes(contract_id bigint, actor text, milestone_no integer, message text,
	idempotency_key text DEFAULT NULL)
RETURNS textbook.milestone LANGUAGE plpgsql AS $$
DECLARE
	c textbook.contract := textbook.lock_contract(contract_id);
	decided_at timestamptz := clock_timestamp();
	new_hash bytea;
	m textbook.milestone := textbook.milestone_of(contract_id, milestone_no);
BEGIN
	IF textbook.is_replay(contract_id, actor, idempotency_key, 'request_changes') THEN
		RETURN m;
	END IF;
	IF c.state <> 'active' THEN
		RAISE EXCEPTION 'contract % has ended', contract_id;
	END IF;
	IF textbook.party_of(c, actor) <> 'client' THEN
		RAISE EXCEPTION 'only the client can do this';
	END IF;
	IF m.review_due_at IS NULL OR m.review_due_at <= decided_at THEN
		RAISE EXCEPTION 'no work is under review';
	END IF;
	UPDATE textbook.milestone t SET review_due_at = NULL
	WHERE t.contract_id = c.contract_id AND t.milestone_no = request_changes.milestone_no
	RETURNING t.* INTO m;
	new_hash := textbook.record_other_event(c, 'request_changes', 'client', actor, idempotency_key, NULL, milestone_no,
		decided_at);
	PERFORM textbook.save_contract(c, new_hash, decided_at);
	PERFORM textbook.add_statement(c, message);
	RETURN m;
END
$$;

/* ---- refunds of what was released ---- */

/* What was released last goes back first, to the deposits that it came from. */
CREATE FUNCTION textbook.give_refund(contract_id bigint, actor text, milestone_no integer, amount numeric,
	idempotency_key text DEFAULT NULL)
RETURNS textbook.milestone LANGUAGE plpgsql AS $$
DECLARE
	c textbook.contract := textbook.lock_contract(contract_id);
	decided_at timestamptz := clock_timestamp();
	new_hash bytea;
	p textbook.policy;
	m textbook.milestone := textbook.milestone_of(contract_id, milestone_no);
	d record;
	left_over numeric := amount;
	part numeric;
	legs integer := 0;
BEGIN
	IF m.contract_id IS NULL THEN
		RAISE EXCEPTION 'there is no milestone %', milestone_no;
	END IF;
	IF textbook.is_replay(contract_id, actor, idempotency_key, 'give_refund') THEN
		RETURN m;
	END IF;
	IF textbook.party_of(c, actor) <> 'freelancer' THEN
		RAISE EXCEPTION 'only the freelancer can do this';
	END IF;
	IF amount <= 0 OR amount > m.released THEN
		RAISE EXCEPTION '% was released', m.released;
	END IF;
	new_hash := textbook.record_other_event(c, 'give_refund', 'freelancer', actor, idempotency_key, amount, milestone_no,
		decided_at);
	SELECT * INTO p FROM textbook.policy t WHERE t.name = c.policy AND t.version = c.policy_version;
	FOR d IN
		SELECT t.deposit_no, sum(CASE t.debit WHEN 'escrow' THEN t.amount ELSE -t.amount END) AS released
		FROM textbook.transfer t
		JOIN textbook.event e ON e.contract_id = t.contract_id AND e.event_no = t.event_no
		WHERE t.contract_id = c.contract_id AND t.milestone_no = give_refund.milestone_no
			AND (t.credit = 'freelancer' OR t.debit = 'freelancer')
			AND e.recorded_at > decided_at - p.give_refund_within
		GROUP BY t.deposit_no
		ORDER BY max(t.event_no) FILTER (WHERE t.debit = 'escrow') DESC, t.deposit_no DESC
	LOOP
		EXIT WHEN left_over = 0;
		part := least(d.released, left_over);
		CONTINUE WHEN part <= 0;
		left_over := left_over - part;
		legs := legs + 1;
		INSERT INTO textbook.transfer (contract_id, event_no, ordinal, debit, credit, amount, deposit_no, milestone_no)
		VALUES (c.contract_id, c.event_count + 1, legs, 'freelancer', 'refund_payable', part, d.deposit_no, milestone_no);
		INSERT INTO textbook.refund_payment (contract_id, payment_no, deposit_no, payee, event_no, amount, state,
			expected_by, claimable_at)
		VALUES (c.contract_id, c.payment_count + legs, d.deposit_no, 'client', c.event_count + 1, part, 'pending',
			textbook.add_business_days(decided_at, p.refund_credit_business_days, p.zone, p.calendar), decided_at);
		UPDATE textbook.deposit t SET released = released - part, refunded = refunded + part
		WHERE t.contract_id = c.contract_id AND t.deposit_no = d.deposit_no;
	END LOOP;
	IF left_over > 0 THEN
		RAISE EXCEPTION 'that was released more than % ago', p.give_refund_within;
	END IF;
	UPDATE textbook.milestone t SET released = released - amount, refunded = refunded + amount
	WHERE t.contract_id = c.contract_id AND t.milestone_no = give_refund.milestone_no
	RETURNING t.* INTO m;
	c.released := c.released - amount;
	c.refunded := c.refunded + amount;
	c.in_transit := c.in_transit + amount;
	c.payment_count := c.payment_count + legs;
	PERFORM textbook.save_contract(c, new_hash, decided_at);
	RETURN m;
END
$$;

/* ---- holds and extensions ---- */

CREATE FUNCTION textbook.hold_of(contract_id bigint, hold_no integer)
RETURNS textbook.hold LANGUAGE sql STABLE AS
	'SELECT * FROM textbook.hold t WHERE t.contract_id = $1 AND t.hold_no = $2';

/* Nothing of a contract on hold is due. */
CREATE FUNCTION textbook.add_hold(INOUT c textbook.contract, hold_kind text, decided_at timestamptz)
RETURNS textbook.contract LANGUAGE plpgsql AS $$
BEGIN
	c.hold_count := c.hold_count + 1;
	INSERT INTO textbook.hold (contract_id, hold_no, kind, placed_event_no)
	VALUES (c.contract_id, c.hold_count, hold_kind, c.event_count + 1);
	IF c.held_at IS NULL THEN
		c.held_at := decided_at;
		UPDATE textbook.refund_request t SET next_due_at = NULL
		WHERE t.contract_id = c.contract_id AND t.next_due_at IS NOT NULL;
	END IF;
END
$$;

CREATE FUNCTION textbook.remove_hold(INOUT c textbook.contract, number integer, decided_at timestamptz)
RETURNS textbook.contract LANGUAGE plpgsql AS $$
DECLARE
	stood interval := decided_at - c.held_at;
BEGIN
	UPDATE textbook.hold t SET lifted_event_no = c.event_count + 1
	WHERE t.contract_id = c.contract_id AND t.hold_no = number AND t.lifted_event_no IS NULL;
	IF NOT FOUND THEN
		RAISE EXCEPTION 'no hold % stands', number;
	END IF;
	IF EXISTS (SELECT FROM textbook.hold t WHERE t.contract_id = c.contract_id AND t.lifted_event_no IS NULL) THEN
		RETURN;
	END IF;
	c.held_at := NULL;
	UPDATE textbook.refund_request t
	SET due_at = due_at + stood, target_at = target_at + stood, remind_at = remind_at + stood,
		next_due_at = least(due_at, remind_at) + stood
	WHERE t.contract_id = c.contract_id AND t.due_at IS NOT NULL;
	UPDATE textbook.milestone t SET review_due_at = review_due_at + stood
	WHERE t.contract_id = c.contract_id AND t.review_due_at IS NOT NULL;
END
$$;

CREATE FUNCTION textbook.place_hold(contract_id bigint, actor text, kind text, reason text,
	idempotency_key text DEFAULT NULL)
RETURNS textbook.hold LANGUAGE plpgsql AS $$
DECLARE
	c textbook.contract := textbook.lock_contract(contract_id);
	decided_at timestamptz := clock_timestamp();
	new_hash bytea;
BEGIN
	PERFORM textbook.require_outsider(c, actor);
	IF textbook.is_replay(contract_id, actor, idempotency_key, 'place_hold') THEN
		RETURN textbook.hold_of(contract_id, c.hold_count);
	END IF;
	c := textbook.add_hold(c, kind, decided_at);
	new_hash := textbook.record_other_event(c, 'place_hold', 'operator', actor, idempotency_key, NULL, NULL, decided_at,
		c.hold_count, kind);
	PERFORM textbook.save_contract(c, new_hash, decided_at);
	PERFORM textbook.add_statement(c, reason);
	RETURN textbook.hold_of(contract_id, c.hold_count);
END
$$;

CREATE FUNCTION textbook.lift_hold(contract_id bigint, actor text, hold_no integer, reason text,
	idempotency_key text DEFAULT NULL)
RETURNS textbook.hold LANGUAGE plpgsql AS $$
DECLARE
	c textbook.contract := textbook.lock_contract(contract_id);
	decided_at timestamptz := clock_timestamp();
	new_hash bytea;
BEGIN
	PERFORM textbook.require_outsider(c, actor);
	IF textbook.is_replay(contract_id, actor, idempotency_key, 'lift_hold') THEN
		RETURN textbook.hold_of(contract_id, hold_no);
	END IF;
	c := textbook.remove_hold(c, hold_no, decided_at);
	new_hash := textbook.record_other_event(c, 'lift_hold', 'operator', actor, idempotency_key, NULL, NULL, decided_at,
		hold_no);
	PERFORM textbook.save_contract(c, new_hash, decided_at);
	PERFORM textbook.add_statement(c, reason);
	RETURN textbook.hold_of(contract_id, hold_no);
END
$$;

CREATE FUNCTION textbook.extend_deadline(contract_id bigint, actor text, extension interval, reason text,
	idempotency_key text DEFAULT NULL)
RETURNS textbook.refund_request LANGUAGE plpgsql AS $$
DECLARE
	c textbook.contract := textbook.lock_contract(contract_id);
	decided_at timestamptz := clock_timestamp();
	p textbook.policy;
	r textbook.refund_request;
BEGIN
	PERFORM textbook.require_outsider(c, actor);
	IF textbook.is_replay(contract_id, actor, idempotency_key, 'extend_deadline') THEN
		RETURN textbook.request_of(contract_id);
	END IF;
	PERFORM textbook.refuse_on_hold(c);
	r := textbook.request_for(c, '{requested,disputed,in_review,proposed,unresolved,in_arbitration}', decided_at);
	SELECT * INTO p FROM textbook.policy t WHERE t.name = c.policy AND t.version = c.policy_version;
	IF r.extensions >= p.max_extensions OR extension <= interval '0' OR extension > p.max_extension THEN
		RAISE EXCEPTION 'at most % extensions by at most %', p.max_extensions, p.max_extension;
	END IF;
	r.extensions := r.extensions + 1;
	r.due_at := (r.due_at AT TIME ZONE p.zone + extension) AT TIME ZONE p.zone;
	r.remind_at := coalesce(r.target_at, r.due_at - p.reminder_before);
	r.next_due_at := least(r.remind_at, r.due_at);
	PERFORM textbook.record_request_event(c, r, r.state, 'extend_deadline', 'operator', actor, idempotency_key, NULL,
		decided_at);
	PERFORM textbook.add_statement(c, reason);
	RETURN r;
END
$$;

/* ---- deposits that are taken back ---- */

/*
 * What the deposit still holds leaves escrow, first from the milestone that it
 * funded; the rest is owed by the client.
 */
CREATE FUNCTION textbook.lose_deposit(INOUT c textbook.contract, lost_deposit integer, amount numeric, decided_at timestamptz)
RETURNS textbook.contract LANGUAGE plpgsql AS $$
DECLARE
	d textbook.deposit;
	m record;
	from_escrow numeric;
	left_over numeric;
	part numeric;
	legs integer := 0;
BEGIN
	SELECT * INTO d FROM textbook.deposit t WHERE t.contract_id = c.contract_id AND t.deposit_no = lost_deposit;
	from_escrow := least(d.held, amount);
	left_over := from_escrow;
	FOR m IN
		SELECT t.milestone_no, t.held FROM textbook.milestone t
		WHERE t.contract_id = c.contract_id AND t.held > 0
		ORDER BY t.milestone_no <> d.milestone_no, t.milestone_no
	LOOP
		EXIT WHEN left_over = 0;
		part := least(m.held, left_over);
		left_over := left_over - part;
		legs := legs + 1;
		INSERT INTO textbook.transfer (contract_id, event_no, ordinal, debit, credit, amount, deposit_no, milestone_no)
		VALUES (c.contract_id, c.event_count + 1, legs, 'escrow', 'source', part, lost_deposit, m.milestone_no);
		UPDATE textbook.milestone t
		SET held = held - part, reversed = reversed + part,
			review_due_at = CASE WHEN held > part THEN review_due_at END
		WHERE t.contract_id = c.contract_id AND t.milestone_no = m.milestone_no;
	END LOOP;
	IF amount > from_escrow THEN
		INSERT INTO textbook.transfer (contract_id, event_no, ordinal, debit, credit, amount, deposit_no)
		VALUES (c.contract_id, c.event_count + 1, legs + 1, 'receivable', 'source', amount - from_escrow, lost_deposit);
	END IF;
	UPDATE textbook.deposit t SET held = held - from_escrow, reversed = reversed + from_escrow
	WHERE t.contract_id = c.contract_id AND t.deposit_no = lost_deposit;
	c.held := c.held - from_escrow;
	c.reversed := c.reversed + from_escrow;
	c.receivable := c.receivable + amount - from_escrow;
	IF from_escrow > 0 THEN
		UPDATE textbook.settlement_offer t SET state = 'lapsed'
		WHERE t.contract_id = c.contract_id AND t.state = 'standing';
		UPDATE textbook.refund_request t
		SET at_stake = c.held, disputed = CASE WHEN disputed > c.held THEN c.held ELSE disputed END,
			proposed = CASE WHEN proposed > c.held THEN c.held ELSE proposed END
		WHERE t.contract_id = c.contract_id AND t.state <> 'settled';
		UPDATE textbook.refund_request t
		SET state = 'settled', outcome = 'exhausted', to_freelancer = 0, to_client = 0, due_at = NULL, target_at = NULL,
			remind_at = NULL, next_due_at = NULL, settled_at = decided_at, effective_at = decided_at
		WHERE t.contract_id = c.contract_id AND t.state <> 'settled' AND t.at_stake = 0;
	END IF;
END
$$;

CREATE FUNCTION textbook.report_reversal(contract_id bigint, actor text, deposit_no integer, kind text, state text,
	amount numeric, provider_ref text, idempotency_key text DEFAULT NULL)
RETURNS textbook.deposit LANGUAGE plpgsql AS $$
DECLARE
	c textbook.contract := textbook.lock_contract(contract_id);
	decided_at timestamptz := clock_timestamp();
	new_hash bytea;
	d textbook.deposit;
	v textbook.reversal;
BEGIN
	PERFORM textbook.require_outsider(c, actor);
	SELECT * INTO d FROM textbook.deposit t
	WHERE t.contract_id = c.contract_id AND t.deposit_no = report_reversal.deposit_no;
	IF NOT FOUND THEN
		RAISE EXCEPTION 'there is no deposit %', deposit_no;
	END IF;
	SELECT * INTO v FROM textbook.reversal t
	WHERE t.contract_id = c.contract_id AND t.provider_ref = report_reversal.provider_ref
	FOR UPDATE;
	IF v.state = state OR (v.reversal_no IS NOT NULL AND state = 'opened')
		OR textbook.is_replay(contract_id, actor, idempotency_key, 'reversal_' || state)
	THEN
		RETURN d;
	END IF;
	IF v.deposit_no <> deposit_no OR v.kind <> kind OR v.amount <> amount OR v.state <> 'opened'
		OR (v.reversal_no IS NULL AND state = 'won')
	THEN
		RAISE EXCEPTION 'reversal % is not like that', provider_ref;
	END IF;
	IF amount <= 0 OR amount > d.amount - coalesce((
		SELECT sum(t.amount) FROM textbook.reversal t
		WHERE t.contract_id = c.contract_id AND t.deposit_no = d.deposit_no AND t.state <> 'won'
			AND t.reversal_no IS DISTINCT FROM v.reversal_no), 0)
	THEN
		RAISE EXCEPTION 'that is more than the deposit';
	END IF;
	IF v.reversal_no IS NULL THEN
		c.reversal_count := c.reversal_count + 1;
		v.reversal_no := c.reversal_count;
		IF state = 'opened' THEN
			c := textbook.add_hold(c, 'chargeback', decided_at);
			v.hold_no := c.hold_count;
		END IF;
		INSERT INTO textbook.reversal (contract_id, reversal_no, deposit_no, kind, state, amount, provider_ref, hold_no)
		VALUES (c.contract_id, v.reversal_no, report_reversal.deposit_no, report_reversal.kind, report_reversal.state,
			report_reversal.amount, report_reversal.provider_ref, v.hold_no);
	ELSE
		UPDATE textbook.reversal t SET state = report_reversal.state
		WHERE t.contract_id = c.contract_id AND t.reversal_no = v.reversal_no;
		/* an operator may have lifted its hold */
		IF EXISTS (
			SELECT FROM textbook.hold t
			WHERE t.contract_id = c.contract_id AND t.hold_no = v.hold_no AND t.lifted_event_no IS NULL)
		THEN
			c := textbook.remove_hold(c, v.hold_no, decided_at);
		END IF;
	END IF;
	new_hash := textbook.record_other_event(c, 'reversal_' || state, 'operator', actor, idempotency_key, amount, NULL,
		decided_at, v.reversal_no, provider_ref);
	IF state = 'lost' THEN
		c := textbook.lose_deposit(c, deposit_no, amount, decided_at);
	END IF;
	PERFORM textbook.save_contract(c, new_hash, decided_at);
	SELECT * INTO d FROM textbook.deposit t
	WHERE t.contract_id = c.contract_id AND t.deposit_no = report_reversal.deposit_no;
	RETURN d;
END
$$;

/* ---- evidence ---- */

/* The body goes, what it was stays. */
CREATE FUNCTION textbook.erase_evidence(contract_id bigint, actor text, evidence_no integer, reason text,
	idempotency_key text DEFAULT NULL)
RETURNS textbook.evidence LANGUAGE plpgsql AS $$
DECLARE
	c textbook.contract := textbook.lock_contract(contract_id);
	decided_at timestamptz := clock_timestamp();
	new_hash bytea;
	e textbook.evidence;
BEGIN
	PERFORM textbook.require_outsider(c, actor);
	IF textbook.is_replay(contract_id, actor, idempotency_key, 'erase_evidence') THEN
		SELECT * INTO e FROM textbook.evidence t
		WHERE t.contract_id = c.contract_id AND t.evidence_no = erase_evidence.evidence_no;
		RETURN e;
	END IF;
	UPDATE textbook.evidence t SET statement = NULL, uri = NULL, content = NULL, is_erased = true
	WHERE t.contract_id = c.contract_id AND t.evidence_no = erase_evidence.evidence_no AND NOT t.is_erased
	RETURNING t.* INTO e;
	IF NOT FOUND THEN
		RAISE EXCEPTION 'there is no evidence % to erase', evidence_no;
	END IF;
	new_hash := textbook.record_other_event(c, 'erase_evidence', 'operator', actor, idempotency_key, NULL, NULL, decided_at,
		evidence_no);
	PERFORM textbook.save_contract(c, new_hash, decided_at);
	PERFORM textbook.add_statement(c, reason);
	RETURN e;
END
$$;
