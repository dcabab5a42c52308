/*
 * The careful ordinary way: what a good team would write in SQL and PL/pgSQL.
 * numeric(18,2) amounts, text states with CHECKs, foreign keys, a row for each
 * thing, SELECT ... FOR UPDATE, idempotency keys, a ledger, business days, an
 * append-only history with a chain of hashes, an outbox.  It refuses what the
 * extension refuses on these paths; it has no test clocks and no proof at commit,
 * and its hashes leave out texts and transfers.
 */
CREATE SCHEMA textbook;

CREATE TABLE textbook.policy (
	name text NOT NULL,
	version integer NOT NULL,
	refund_response interval NOT NULL,
	dispute_response interval NOT NULL,
	resolution_target_business_days integer NOT NULL CHECK (resolution_target_business_days >= 0),
	resolution_limit interval NOT NULL,
	resolution_response interval NOT NULL,
	arbitration_window interval NOT NULL,
	award_target interval NOT NULL,
	award_limit interval NOT NULL,
	reminder_before interval NOT NULL,
	evidence_max_items integer NOT NULL CHECK (evidence_max_items >= 0),
	refund_credit_business_days integer NOT NULL CHECK (refund_credit_business_days >= 0),
	work_review interval NOT NULL,
	give_refund_within interval NOT NULL,
	max_extensions integer NOT NULL CHECK (max_extensions >= 0),
	max_extension interval NOT NULL,
	zone text NOT NULL,
	calendar text NOT NULL,
	PRIMARY KEY (name, version)
);

CREATE TABLE textbook.policy_fee (
	name text NOT NULL,
	version integer NOT NULL,
	currency char(3) NOT NULL,
	fee numeric(18,2) NOT NULL CHECK (fee > 0),
	PRIMARY KEY (name, version, currency),
	FOREIGN KEY (name, version) REFERENCES textbook.policy (name, version)
);

CREATE TABLE textbook.holiday (
	calendar text NOT NULL,
	day date NOT NULL,
	PRIMARY KEY (calendar, day)
);

CREATE TABLE textbook.contract (
	contract_id bigint PRIMARY KEY,
	kind text NOT NULL CHECK (kind IN ('fixed_price', 'project_catalog', 'consultation', 'hourly')),
	state text NOT NULL CHECK (state IN ('active', 'ended')),
	client text NOT NULL,
	freelancer text NOT NULL,
	agency text,
	currency char(3) NOT NULL,
	policy text NOT NULL,
	policy_version integer NOT NULL,
	deposited numeric(18,2) NOT NULL DEFAULT 0 CHECK (deposited >= 0),
	held numeric(18,2) NOT NULL DEFAULT 0 CHECK (held >= 0),
	released numeric(18,2) NOT NULL DEFAULT 0 CHECK (released >= 0),
	refunded numeric(18,2) NOT NULL DEFAULT 0 CHECK (refunded >= 0),
	in_transit numeric(18,2) NOT NULL DEFAULT 0 CHECK (in_transit >= 0),
	fee_held numeric(18,2) NOT NULL DEFAULT 0 CHECK (fee_held >= 0),
	reversed numeric(18,2) NOT NULL DEFAULT 0 CHECK (reversed >= 0),
	receivable numeric(18,2) NOT NULL DEFAULT 0 CHECK (receivable >= 0),
	event_count integer NOT NULL DEFAULT 0,
	deposit_count integer NOT NULL DEFAULT 0,
	payment_count integer NOT NULL DEFAULT 0,
	offer_count integer NOT NULL DEFAULT 0,
	evidence_count integer NOT NULL DEFAULT 0,
	hold_count integer NOT NULL DEFAULT 0,
	reversal_count integer NOT NULL DEFAULT 0,
	held_at timestamptz,
	head bytea NOT NULL DEFAULT '\x',
	created_at timestamptz NOT NULL,
	ended_at timestamptz,
	CHECK (client <> freelancer),
	CHECK (deposited = held + released + refunded + reversed),
	FOREIGN KEY (policy, policy_version) REFERENCES textbook.policy (name, version)
) WITH (fillfactor = 80);

CREATE TABLE textbook.milestone (
	contract_id bigint NOT NULL REFERENCES textbook.contract (contract_id),
	milestone_no integer NOT NULL,
	title text NOT NULL,
	due date,
	price numeric(18,2) NOT NULL CHECK (price > 0),
	deposited numeric(18,2) NOT NULL DEFAULT 0,
	moved_in numeric(18,2) NOT NULL DEFAULT 0 CHECK (moved_in >= 0),
	moved_out numeric(18,2) NOT NULL DEFAULT 0 CHECK (moved_out >= 0),
	held numeric(18,2) NOT NULL DEFAULT 0 CHECK (held >= 0),
	released numeric(18,2) NOT NULL DEFAULT 0 CHECK (released >= 0),
	refunded numeric(18,2) NOT NULL DEFAULT 0 CHECK (refunded >= 0),
	reversed numeric(18,2) NOT NULL DEFAULT 0 CHECK (reversed >= 0),
	review_due_at timestamptz,
	PRIMARY KEY (contract_id, milestone_no),
	CHECK (deposited + moved_in - moved_out <= price),
	CHECK (deposited + moved_in - moved_out = held + released + refunded + reversed)
) WITH (fillfactor = 80);
CREATE INDEX ON textbook.milestone (review_due_at) WHERE review_due_at IS NOT NULL;

CREATE TABLE textbook.deposit (
	contract_id bigint NOT NULL,
	deposit_no integer NOT NULL,
	milestone_no integer NOT NULL,
	source text NOT NULL,
	provider_ref text,
	amount numeric(18,2) NOT NULL CHECK (amount > 0),
	held numeric(18,2) NOT NULL CHECK (held >= 0),
	released numeric(18,2) NOT NULL DEFAULT 0 CHECK (released >= 0),
	refunded numeric(18,2) NOT NULL DEFAULT 0 CHECK (refunded >= 0),
	reversed numeric(18,2) NOT NULL DEFAULT 0 CHECK (reversed >= 0),
	PRIMARY KEY (contract_id, deposit_no),
	UNIQUE (contract_id, provider_ref),
	FOREIGN KEY (contract_id, milestone_no) REFERENCES textbook.milestone (contract_id, milestone_no),
	CHECK (amount = held + released + refunded + reversed)
) WITH (fillfactor = 80);

CREATE TABLE textbook.event (
	contract_id bigint NOT NULL REFERENCES textbook.contract (contract_id),
	event_no integer NOT NULL,
	kind text NOT NULL,
	party text NOT NULL CHECK (party IN ('client', 'freelancer', 'mediator', 'arbitrator', 'operator', 'clock')),
	actor text,
	idempotency_key text,
	amount numeric(18,2),
	milestone_no integer,
	item_no integer,
	reference text,
	from_state text,
	to_state text,
	recorded_at timestamptz NOT NULL,
	effective_at timestamptz NOT NULL,
	hash bytea NOT NULL,
	PRIMARY KEY (contract_id, event_no)
);
CREATE UNIQUE INDEX ON textbook.event (contract_id, actor, idempotency_key) WHERE idempotency_key IS NOT NULL;

CREATE TABLE textbook.refund_request (
	contract_id bigint PRIMARY KEY REFERENCES textbook.contract (contract_id),
	state text NOT NULL CHECK (state IN ('requested', 'disputed', 'in_review', 'proposed', 'unresolved',
		'in_arbitration', 'settled')),
	outcome text CHECK (outcome IN ('approved', 'approved_by_silence', 'paid_in_full', 'conceded',
		'conceded_by_silence', 'dispute_withdrawn', 'resolution_accepted', 'arbitration_waived',
		'arbitration_default', 'arbitration_award', 'mutual_settlement', 'arbitration_lapsed', 'exhausted')),
	at_stake numeric(18,2) NOT NULL CHECK (at_stake >= 0),
	to_freelancer numeric(18,2),
	to_client numeric(18,2),
	disputed numeric(18,2) CHECK (disputed > 0),
	proposed numeric(18,2) CHECK (proposed >= 0),
	client_accepted boolean NOT NULL DEFAULT false,
	freelancer_accepted boolean NOT NULL DEFAULT false,
	client_joined boolean NOT NULL DEFAULT false,
	freelancer_joined boolean NOT NULL DEFAULT false,
	mediator text,
	arbitrator text,
	extensions integer NOT NULL DEFAULT 0,
	opened_at timestamptz NOT NULL,
	due_at timestamptz,
	target_at timestamptz,
	remind_at timestamptz,
	next_due_at timestamptz,
	settled_at timestamptz,
	effective_at timestamptz,
	CHECK ((state = 'settled') = (outcome IS NOT NULL)),
	CHECK (to_freelancer + to_client = at_stake),
	CHECK (disputed <= at_stake),
	CHECK (proposed <= disputed)
) WITH (fillfactor = 80);
CREATE INDEX ON textbook.refund_request (next_due_at) WHERE next_due_at IS NOT NULL;

/* reasons, statements and rationales */
CREATE TABLE textbook.statement (
	contract_id bigint NOT NULL,
	event_no integer NOT NULL,
	body text NOT NULL CHECK (body ~ '\S'),
	PRIMARY KEY (contract_id, event_no),
	FOREIGN KEY (contract_id, event_no) REFERENCES textbook.event (contract_id, event_no)
);

CREATE TABLE textbook.evidence (
	contract_id bigint NOT NULL,
	evidence_no integer NOT NULL,
	event_no integer NOT NULL,
	title text NOT NULL CHECK (title ~ '\S'),
	media_type text NOT NULL,
	statement text,
	uri text,
	content bytea,
	byte_size bigint,
	sha256 bytea CHECK (length(sha256) = 32),
	PRIMARY KEY (contract_id, evidence_no),
	FOREIGN KEY (contract_id, event_no) REFERENCES textbook.event (contract_id, event_no),
	is_erased boolean NOT NULL DEFAULT false,
	CHECK (is_erased OR statement IS NOT NULL OR uri IS NOT NULL OR content IS NOT NULL)
);

CREATE TABLE textbook.settlement_offer (
	contract_id bigint NOT NULL REFERENCES textbook.refund_request (contract_id),
	offer_no integer NOT NULL,
	party text NOT NULL CHECK (party IN ('client', 'freelancer')),
	to_freelancer numeric(18,2) NOT NULL CHECK (to_freelancer >= 0),
	state text NOT NULL CHECK (state IN ('standing', 'replaced', 'withdrawn', 'accepted', 'lapsed')),
	PRIMARY KEY (contract_id, offer_no)
);
CREATE UNIQUE INDEX ON textbook.settlement_offer (contract_id, party) WHERE state = 'standing';

CREATE TABLE textbook.arbitration_fee (
	contract_id bigint NOT NULL,
	event_no integer NOT NULL,
	party text NOT NULL CHECK (party IN ('client', 'freelancer')),
	amount numeric(18,2) NOT NULL CHECK (amount > 0),
	source text NOT NULL,
	provider_ref text,
	PRIMARY KEY (contract_id, party),
	UNIQUE (contract_id, provider_ref),
	FOREIGN KEY (contract_id, event_no) REFERENCES textbook.event (contract_id, event_no)
);

CREATE TABLE textbook.transfer (
	contract_id bigint NOT NULL,
	event_no integer NOT NULL,
	ordinal integer NOT NULL,
	debit text NOT NULL CHECK (debit IN ('source', 'escrow', 'freelancer', 'refund_payable', 'refund_paid',
		'fee_held', 'fee_spent', 'receivable')),
	credit text NOT NULL CHECK (credit IN ('source', 'escrow', 'freelancer', 'refund_payable', 'refund_paid',
		'fee_held', 'fee_spent', 'receivable')),
	amount numeric(18,2) NOT NULL CHECK (amount > 0),
	deposit_no integer,
	milestone_no integer,
	PRIMARY KEY (contract_id, event_no, ordinal),
	FOREIGN KEY (contract_id, event_no) REFERENCES textbook.event (contract_id, event_no),
	FOREIGN KEY (contract_id, deposit_no) REFERENCES textbook.deposit (contract_id, deposit_no)
);

CREATE TABLE textbook.refund_payment (
	contract_id bigint NOT NULL,
	payment_no integer NOT NULL,
	deposit_no integer,
	payee text NOT NULL CHECK (payee IN ('client', 'freelancer')),
	event_no integer NOT NULL,
	amount numeric(18,2) NOT NULL CHECK (amount > 0),
	state text NOT NULL CHECK (state IN ('pending', 'submitted', 'succeeded', 'failed', 'bounced', 'unclaimed')),
	expected_by timestamptz NOT NULL,
	claimable_at timestamptz NOT NULL,
	attempts integer NOT NULL DEFAULT 0,
	provider_ref text,
	extra_refs text[] NOT NULL DEFAULT '{}',
	destination text,
	PRIMARY KEY (contract_id, payment_no),
	FOREIGN KEY (contract_id, deposit_no) REFERENCES textbook.deposit (contract_id, deposit_no)
) WITH (fillfactor = 80);
CREATE INDEX ON textbook.refund_payment (claimable_at) WHERE state = 'pending';

/* what the payment provider has told of each of its references */
CREATE TABLE textbook.payment_report (
	contract_id bigint NOT NULL,
	provider_ref text NOT NULL,
	state text NOT NULL CHECK (state IN ('submitted', 'succeeded', 'failed', 'bounced')),
	payment_no integer NOT NULL,
	detail jsonb,
	PRIMARY KEY (contract_id, provider_ref, state),
	FOREIGN KEY (contract_id, payment_no) REFERENCES textbook.refund_payment (contract_id, payment_no)
);

/* the outbox */
CREATE TABLE textbook.notification (
	contract_id bigint NOT NULL,
	event_no integer NOT NULL,
	state text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'delivered', 'dead')),
	attempts integer NOT NULL DEFAULT 0,
	claimable_at timestamptz NOT NULL,
	delivered_at timestamptz,
	provider_ref text,
	PRIMARY KEY (contract_id, event_no),
	FOREIGN KEY (contract_id, event_no) REFERENCES textbook.event (contract_id, event_no)
);
CREATE INDEX ON textbook.notification (claimable_at) WHERE state = 'pending';

CREATE TABLE textbook.hold (
	contract_id bigint NOT NULL REFERENCES textbook.contract (contract_id),
	hold_no integer NOT NULL,
	kind text NOT NULL CHECK (kind IN ('legal', 'sanctions', 'chargeback', 'fraud')),
	placed_event_no integer NOT NULL,
	lifted_event_no integer,
	PRIMARY KEY (contract_id, hold_no)
) WITH (fillfactor = 80);

/* chargebacks and failed deposits */
CREATE TABLE textbook.reversal (
	contract_id bigint NOT NULL,
	reversal_no integer NOT NULL,
	deposit_no integer NOT NULL,
	kind text NOT NULL CHECK (kind IN ('chargeback', 'failed')),
	state text NOT NULL CHECK (state IN ('opened', 'won', 'lost')),
	amount numeric(18,2) NOT NULL CHECK (amount > 0),
	provider_ref text NOT NULL,
	hold_no integer,
	PRIMARY KEY (contract_id, reversal_no),
	UNIQUE (contract_id, provider_ref),
	FOREIGN KEY (contract_id, deposit_no) REFERENCES textbook.deposit (contract_id, deposit_no)
) WITH (fillfactor = 80);

INSERT INTO textbook.policy VALUES ('standard', 1, '7 days', '5 days', 2, '30 days', '2 days', '7 days', '30 days',
	'90 days', '24 hours', 20, 5, '14 days', '180 days', 3, '7 days', 'UTC', 'default');
INSERT INTO textbook.policy_fee VALUES ('standard', 1, 'USD', 337.50);

/* ---- history is append-only ---- */

CREATE FUNCTION textbook.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	RAISE EXCEPTION 'history is append-only';
END
$$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON textbook.event
	FOR EACH ROW EXECUTE FUNCTION textbook.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON textbook.transfer
	FOR EACH ROW EXECUTE FUNCTION textbook.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON textbook.statement
	FOR EACH ROW EXECUTE FUNCTION textbook.refuse_change();
CREATE TRIGGER append_only BEFORE DELETE ON textbook.evidence
	FOR EACH ROW EXECUTE FUNCTION textbook.refuse_change();
CREATE TRIGGER only_erased BEFORE UPDATE ON textbook.evidence
	FOR EACH ROW WHEN (NOT NEW.is_erased OR OLD.is_erased) EXECUTE FUNCTION textbook.refuse_change();

/* ---- helpers ---- */

CREATE FUNCTION textbook.add_business_days(start timestamptz, days integer, zone text, calendar text)
RETURNS timestamptz LANGUAGE plpgsql STABLE AS $$
DECLARE
	wall timestamp := start AT TIME ZONE zone;
	left_over integer := days;
BEGIN
	WHILE left_over > 0 LOOP
		wall := wall + interval '1 day';
		IF extract(isodow FROM wall) < 6 AND NOT EXISTS (
			SELECT FROM textbook.holiday h
			WHERE h.calendar = add_business_days.calendar AND h.day = wall::date)
		THEN
			left_over := left_over - 1;
		END IF;
	END LOOP;
	RETURN wall AT TIME ZONE zone;
END
$$;

CREATE FUNCTION textbook.lock_contract(contract_id bigint)
RETURNS textbook.contract LANGUAGE plpgsql AS $$
DECLARE
	c textbook.contract;
BEGIN
	SELECT * INTO c FROM textbook.contract t WHERE t.contract_id = lock_contract.contract_id FOR UPDATE;
	IF NOT FOUND THEN
		RAISE EXCEPTION 'there is no contract %', contract_id;
	END IF;
	RETURN c;
END
$$;

/* The side of who acts; on hold nobody does. */
CREATE FUNCTION textbook.party_of(c textbook.contract, actor text)
RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
	IF c.held_at IS NOT NULL THEN
		RAISE EXCEPTION 'contract % is on hold', c.contract_id;
	ELSIF actor = c.client THEN
		RETURN 'client';
	ELSIF actor = c.freelancer OR actor = c.agency THEN
		RETURN 'freelancer';
	END IF;
	RAISE EXCEPTION 'there is no contract % for %', c.contract_id, actor;
END
$$;

CREATE FUNCTION textbook.refuse_on_hold(c textbook.contract)
RETURNS void LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
	IF c.held_at IS NOT NULL THEN
		RAISE EXCEPTION 'contract % is on hold', c.contract_id;
	END IF;
END
$$;

/* Deciders and operators are no party to the contract. */
CREATE FUNCTION textbook.require_outsider(c textbook.contract, person text)
RETURNS void LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
	IF person IN (c.client, c.freelancer, c.agency) THEN
		RAISE EXCEPTION '% is a party to contract %', person, c.contract_id;
	END IF;
END
$$;

CREATE FUNCTION textbook.is_replay(contract_id bigint, actor text, idempotency_key text, kind text)
RETURNS boolean LANGUAGE plpgsql STABLE AS $$
DECLARE
	found_kind text;
BEGIN
	IF idempotency_key IS NULL THEN
		RETURN false;
	END IF;
	SELECT e.kind INTO found_kind
	FROM textbook.event e
	WHERE e.contract_id = is_replay.contract_id AND e.actor = is_replay.actor
		AND e.idempotency_key = is_replay.idempotency_key;
	IF found_kind <> kind THEN
		RAISE EXCEPTION 'key % was used for %', idempotency_key, found_kind;
	END IF;
	RETURN found_kind IS NOT NULL;
END
$$;

CREATE FUNCTION textbook.event_hash(head bytea, contract_id bigint, event_no integer, event_kind text,
	event_party text, event_actor text, event_amount numeric, event_milestone integer, old_state text,
	new_state text, decided_at timestamptz, in_effect_at timestamptz, event_item integer DEFAULT NULL,
	event_reference text DEFAULT NULL)
RETURNS bytea LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN sha256(head || convert_to(concat_ws('|', contract_id, event_no, event_kind, event_party, event_actor,
		event_amount, event_milestone, old_state, new_state, extract(epoch FROM decided_at),
		extract(epoch FROM in_effect_at), event_item, event_reference), 'UTF8'));
END
$$;

/* Writes the event and returns its hash, which goes into the contract with the rest. */
CREATE FUNCTION textbook.record_event(c textbook.contract, event_kind text, event_party text, event_actor text,
	event_key text, event_amount numeric, event_milestone integer, old_state text, new_state text,
	decided_at timestamptz, in_effect_at timestamptz, event_item integer DEFAULT NULL, event_reference text DEFAULT NULL)
RETURNS bytea LANGUAGE plpgsql AS $$
DECLARE
	new_hash bytea := textbook.event_hash(c.head, c.contract_id, c.event_count + 1, event_kind, event_party,
		event_actor, event_amount, event_milestone, old_state, new_state, decided_at, in_effect_at, event_item,
		event_reference);
BEGIN
	INSERT INTO textbook.event (contract_id, event_no, kind, party, actor, idempotency_key, amount, milestone_no,
		item_no, reference, from_state, to_state, recorded_at, effective_at, hash)
	VALUES (c.contract_id, c.event_count + 1, event_kind, event_party, event_actor, event_key, event_amount,
		event_milestone, event_item, event_reference, old_state, new_state, decided_at, in_effect_at, new_hash);
	RETURN new_hash;
END
$$;

/* somebody has to be told of the event that is being recorded */
CREATE FUNCTION textbook.notify(c textbook.contract, decided_at timestamptz)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO textbook.notification (contract_id, event_no, claimable_at)
	VALUES (c.contract_id, c.event_count + 1, decided_at);
END
$$;

/*
 * Money leaves escrow: deposits first in, first out, milestones in order of
 * their number, or one milestone.  Refunds get a payment for each deposit.
 * legs and payments: how many the event has before and after.
 */
CREATE FUNCTION textbook.take(c textbook.contract, credit_account text, only_milestone integer, amount_to_take numeric,
	expected timestamptz, INOUT legs integer, INOUT payments integer)
RETURNS record LANGUAGE plpgsql AS $$
DECLARE
	d record;
	m record;
	left_over numeric := amount_to_take;
	from_deposit numeric;
	part numeric;
BEGIN
	FOR d IN
		SELECT t.deposit_no, t.held FROM textbook.deposit t
		WHERE t.contract_id = c.contract_id AND t.held > 0
		ORDER BY t.deposit_no
	LOOP
		EXIT WHEN left_over = 0;
		from_deposit := least(d.held, left_over);
		left_over := left_over - from_deposit;
		UPDATE textbook.deposit t
		SET held = t.held - from_deposit,
			released = t.released + CASE credit_account WHEN 'freelancer' THEN from_deposit ELSE 0 END,
			refunded = t.refunded + CASE credit_account WHEN 'freelancer' THEN 0 ELSE from_deposit END
		WHERE t.contract_id = c.contract_id AND t.deposit_no = d.deposit_no;
		IF credit_account <> 'freelancer' THEN
			payments := payments + 1;
			INSERT INTO textbook.refund_payment (contract_id, payment_no, deposit_no, payee, event_no, amount, state,
				expected_by, claimable_at)
			VALUES (c.contract_id, c.payment_count + payments, d.deposit_no, 'client', c.event_count + 1, from_deposit,
				'pending', expected, clock_timestamp());
		END IF;
		FOR m IN
			SELECT t.milestone_no, t.held FROM textbook.milestone t
			WHERE t.contract_id = c.contract_id AND t.held > 0
				AND (only_milestone IS NULL OR t.milestone_no = only_milestone)
			ORDER BY t.milestone_no
		LOOP
			EXIT WHEN from_deposit = 0;
			part := least(m.held, from_deposit);
			from_deposit := from_deposit - part;
			legs := legs + 1;
			UPDATE textbook.milestone t
			SET held = t.held - part, review_due_at = NULL,
				released = t.released + CASE credit_account WHEN 'freelancer' THEN part ELSE 0 END,
				refunded = t.refunded + CASE credit_account WHEN 'freelancer' THEN 0 ELSE part END
			WHERE t.contract_id = c.contract_id AND t.milestone_no = m.milestone_no;
			INSERT INTO textbook.transfer (contract_id, event_no, ordinal, debit, credit, amount, deposit_no, milestone_no)
			VALUES (c.contract_id, c.event_count + 1, legs, 'escrow', credit_account, part, d.deposit_no, m.milestone_no);
		END LOOP;
	END LOOP;
END
$$;

/* Arbitration fees are spent by an award, else they go back to who paid them. */
CREATE FUNCTION textbook.move_fees(c textbook.contract, are_spent boolean, expected timestamptz,
	INOUT legs integer, INOUT payments integer)
RETURNS record LANGUAGE plpgsql AS $$
DECLARE
	f textbook.arbitration_fee;
BEGIN
	FOR f IN SELECT * FROM textbook.arbitration_fee t WHERE t.contract_id = c.contract_id ORDER BY t.party LOOP
		legs := legs + 1;
		INSERT INTO textbook.transfer (contract_id, event_no, ordinal, debit, credit, amount)
		VALUES (c.contract_id, c.event_count + 1, legs, 'fee_held',
			CASE WHEN are_spent THEN 'fee_spent' ELSE 'refund_payable' END, f.amount);
		IF NOT are_spent THEN
			payments := payments + 1;
			INSERT INTO textbook.refund_payment (contract_id, payment_no, payee, event_no, amount, state, expected_by,
				claimable_at)
			VALUES (c.contract_id, c.payment_count + payments, f.party, c.event_count + 1, f.amount, 'pending',
				expected, clock_timestamp());
		END IF;
	END LOOP;
END
$$;

/* ---- the request ---- */

/* The request as it will be in another state: its window is open, and offers have lapsed. */
CREATE FUNCTION textbook.enter_state(c textbook.contract, r textbook.refund_request, new_state text,
	decided_at timestamptz)
RETURNS textbook.refund_request LANGUAGE plpgsql AS $$
DECLARE
	p textbook.policy;
	limit_of_state interval;
BEGIN
	SELECT * INTO p FROM textbook.policy t WHERE t.name = c.policy AND t.version = c.policy_version;
	r.state := new_state;
	r.effective_at := decided_at;
	limit_of_state := CASE new_state
		WHEN 'requested' THEN p.refund_response
		WHEN 'disputed' THEN p.dispute_response
		WHEN 'in_review' THEN p.resolution_limit
		WHEN 'proposed' THEN p.resolution_response
		WHEN 'unresolved' THEN p.arbitration_window
		WHEN 'in_arbitration' THEN p.award_limit
	END;
	r.due_at := (decided_at AT TIME ZONE p.zone + limit_of_state) AT TIME ZONE p.zone;
	r.target_at := CASE new_state
		WHEN 'in_review' THEN textbook.add_business_days(decided_at, p.resolution_target_business_days, p.zone, p.calendar)
		WHEN 'in_arbitration' THEN (decided_at AT TIME ZONE p.zone + p.award_target) AT TIME ZONE p.zone
	END;
	r.remind_at := coalesce(r.target_at, r.due_at - p.reminder_before);
	r.next_due_at := least(r.remind_at, r.due_at);
	UPDATE textbook.settlement_offer t SET state = 'lapsed'
	WHERE t.contract_id = c.contract_id AND t.state = 'standing';
	RETURN r;
END
$$;

CREATE FUNCTION textbook.save_request(r textbook.refund_request)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	UPDATE textbook.refund_request t
	SET state = r.state, outcome = r.outcome, at_stake = r.at_stake, extensions = r.extensions, to_freelancer = r.to_freelancer, to_client = r.to_client,
		disputed = r.disputed, proposed = r.proposed, client_accepted = r.client_accepted,
		freelancer_accepted = r.freelancer_accepted, client_joined = r.client_joined,
		freelancer_joined = r.freelancer_joined, mediator = r.mediator, arbitrator = r.arbitrator, due_at = r.due_at,
		target_at = r.target_at, remind_at = r.remind_at, next_due_at = r.next_due_at, settled_at = r.settled_at,
		effective_at = r.effective_at
	WHERE t.contract_id = r.contract_id;
END
$$;

/* The request of a contract for an event that only these states know. */
CREATE FUNCTION textbook.request_for(c textbook.contract, states text[], decided_at timestamptz)
RETURNS textbook.refund_request LANGUAGE plpgsql AS $$
DECLARE
	r textbook.refund_request;
BEGIN
	SELECT * INTO r FROM textbook.refund_request t WHERE t.contract_id = c.contract_id;
	IF NOT FOUND THEN
		RAISE EXCEPTION 'contract % has no refund request', c.contract_id;
	END IF;
	IF r.state <> ALL (states) OR decided_at >= r.due_at THEN
		RAISE EXCEPTION 'too late: the request is % and was due at %', r.state, r.due_at;
	END IF;
	RETURN r;
END
$$;

CREATE FUNCTION textbook.request_of(contract_id bigint)
RETURNS textbook.refund_request LANGUAGE sql STABLE AS
	'SELECT * FROM textbook.refund_request t WHERE t.contract_id = $1';

/* Records an event that opened another state, or none. */
CREATE FUNCTION textbook.record_request_event(c textbook.contract, r textbook.refund_request, old_state text,
	event_kind text, event_party text, event_actor text, event_key text, event_amount numeric,
	decided_at timestamptz, event_item integer DEFAULT NULL, event_reference text DEFAULT NULL)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	new_hash bytea := textbook.record_event(c, event_kind, event_party, event_actor, event_key, event_amount, NULL,
		old_state, r.state, decided_at, decided_at, event_item, event_reference);
BEGIN
	UPDATE textbook.contract t
	SET event_count = event_count + 1, evidence_count = c.evidence_count, offer_count = c.offer_count,
		fee_held = c.fee_held, head = new_hash
	WHERE t.contract_id = c.contract_id;
	PERFORM textbook.save_request(r);
	PERFORM textbook.notify(c, decided_at);
END
$$;

CREATE FUNCTION textbook.add_statement(c textbook.contract, body text)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO textbook.statement (contract_id, event_no, body)
	VALUES (c.contract_id, c.event_count + 1, add_statement.body);
END
$$;

CREATE FUNCTION textbook.add_evidence(c textbook.contract, evidence jsonb)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	allowed integer;
BEGIN
	IF jsonb_array_length(evidence) = 0 THEN
		RETURN;
	END IF;
	SELECT p.evidence_max_items INTO allowed
	FROM textbook.policy p WHERE p.name = c.policy AND p.version = c.policy_version;
	IF jsonb_array_length(evidence) > allowed THEN
		RAISE EXCEPTION 'at most % pieces of evidence', allowed;
	END IF;
	INSERT INTO textbook.evidence (contract_id, evidence_no, event_no, title, media_type, statement, uri, content,
		byte_size, sha256)
	SELECT c.contract_id, c.evidence_count - jsonb_array_length(evidence) + e.position, c.event_count + 1, e.item->>'title',
		coalesce(e.item->>'media_type', 'text/plain'), e.item->>'statement', e.item->>'uri', b.content,
		coalesce(length(b.content), (e.item->>'byte_size')::bigint),
		coalesce(sha256(b.content), decode(e.item->>'sha256', 'hex'))
	FROM jsonb_array_elements(evidence) WITH ORDINALITY e (item, position),
		LATERAL (SELECT decode(e.item->>'content', 'base64')) b (content);
END
$$;

/* The request is decided: all to the client, all to the freelancer, or a part each. */
CREATE FUNCTION textbook.settle(c textbook.contract, r textbook.refund_request, event_kind text, event_party text,
	event_actor text, event_key text, how text, freelancer_part numeric, decided_at timestamptz,
	in_effect_at timestamptz, event_item integer DEFAULT NULL)
RETURNS textbook.refund_request LANGUAGE plpgsql AS $$
DECLARE
	p textbook.policy;
	new_hash bytea;
	legs integer := 0;
	payments integer := 0;
	expected timestamptz;
	client_part numeric := r.at_stake - freelancer_part;
	fees_returned numeric := CASE WHEN how = 'arbitration_award' THEN 0 ELSE c.fee_held END;
BEGIN
	new_hash := textbook.record_event(c, event_kind, event_party, event_actor, event_key, r.at_stake, NULL,
		r.state, 'settled', decided_at, in_effect_at, event_item);
	IF freelancer_part > 0 THEN
		SELECT * INTO legs, payments FROM textbook.take(c, 'freelancer', NULL, freelancer_part, NULL, legs, payments);
	END IF;
	IF client_part > 0 OR fees_returned > 0 THEN
		SELECT * INTO p FROM textbook.policy t WHERE t.name = c.policy AND t.version = c.policy_version;
		expected := textbook.add_business_days(decided_at, p.refund_credit_business_days, p.zone, p.calendar);
	END IF;
	IF client_part > 0 THEN
		SELECT * INTO legs, payments
		FROM textbook.take(c, 'refund_payable', NULL, client_part, expected, legs, payments);
	END IF;
	IF c.fee_held > 0 THEN
		SELECT * INTO legs, payments
		FROM textbook.move_fees(c, how = 'arbitration_award', expected, legs, payments);
	END IF;
	UPDATE textbook.contract t
	SET held = held - r.at_stake, released = released + freelancer_part, refunded = refunded + client_part,
		in_transit = in_transit + client_part + fees_returned, fee_held = 0,
		event_count = event_count + 1, payment_count = payment_count + payments, head = new_hash
	WHERE t.contract_id = c.contract_id;
	UPDATE textbook.settlement_offer t SET state = 'lapsed'
	WHERE t.contract_id = c.contract_id AND t.state = 'standing';
	r.state := 'settled';
	r.outcome := how;
	r.to_freelancer := freelancer_part;
	r.to_client := client_part;
	r.due_at := NULL;
	r.target_at := NULL;
	r.remind_at := NULL;
	r.next_due_at := NULL;
	r.settled_at := decided_at;
	r.effective_at := in_effect_at;
	PERFORM textbook.save_request(r);
	PERFORM textbook.notify(c, decided_at);
	RETURN r;
END
$$;

/* ---- the verbs ---- */

CREATE FUNCTION textbook.create_contract(contract_id bigint, client text, freelancer text, currency text,
	kind text DEFAULT 'fixed_price', agency text DEFAULT NULL, policy text DEFAULT 'standard',
	idempotency_key text DEFAULT NULL)
RETURNS textbook.contract LANGUAGE plpgsql AS $$
DECLARE
	c textbook.contract;
	decided_at timestamptz := clock_timestamp();
	first_hash bytea := textbook.event_hash('\x', contract_id, 1, 'create_contract', 'operator', NULL, NULL, NULL,
		NULL, NULL, decided_at, decided_at);
BEGIN
	INSERT INTO textbook.contract (contract_id, kind, state, client, freelancer, agency, currency, policy,
		policy_version, event_count, head, created_at)
	SELECT create_contract.contract_id, create_contract.kind, 'active', create_contract.client,
		create_contract.freelancer, create_contract.agency, create_contract.currency, p.name, p.version, 1,
		first_hash, decided_at
	FROM textbook.policy p
	WHERE p.name = create_contract.policy
	ORDER BY p.version DESC
	LIMIT 1
	RETURNING * INTO c;
	IF NOT FOUND THEN
		RAISE EXCEPTION 'there is no policy %', policy;
	END IF;
	INSERT INTO textbook.event (contract_id, event_no, kind, party, idempotency_key, recorded_at, effective_at, hash)
	VALUES (c.contract_id, 1, 'create_contract', 'operator', create_contract.idempotency_key, decided_at,
		decided_at, first_hash);
	RETURN c;
END
$$;

CREATE FUNCTION textbook.add_milestone(contract_id bigint, actor text, milestone_no integer, title text, price numeric,
	due date DEFAULT NULL, idempotency_key text DEFAULT NULL)
RETURNS textbook.milestone LANGUAGE plpgsql AS $$
DECLARE
	c textbook.contract := textbook.lock_contract(contract_id);
	decided_at timestamptz := clock_timestamp();
	m textbook.milestone;
	new_hash bytea;
BEGIN
	IF textbook.is_replay(contract_id, actor, idempotency_key, 'add_milestone') THEN
		SELECT * INTO m FROM textbook.milestone t
		WHERE t.contract_id = c.contract_id AND t.milestone_no = add_milestone.milestone_no;
		RETURN m;
	END IF;
	IF c.state <> 'active' THEN
		RAISE EXCEPTION 'contract % has ended', contract_id;
	END IF;
	IF textbook.party_of(c, actor) <> 'client' THEN
		RAISE EXCEPTION 'only the client can do this';
	END IF;
	INSERT INTO textbook.milestone (contract_id, milestone_no, title, due, price)
	VALUES (c.contract_id, add_milestone.milestone_no, add_milestone.title, add_milestone.due, add_milestone.price)
	RETURNING * INTO m;
	new_hash := textbook.record_event(c, 'add_milestone', 'client', actor, idempotency_key, price, milestone_no,
		NULL, NULL, decided_at, decided_at);
	UPDATE textbook.contract t SET event_count = event_count + 1, head = new_hash
	WHERE t.contract_id = c.contract_id;
	RETURN m;
END
$$;

CREATE FUNCTION textbook.fund(contract_id bigint, actor text, milestone_no integer, amount numeric, source text,
	provider_ref text DEFAULT NULL, idempotency_key text DEFAULT NULL)
RETURNS textbook.deposit LANGUAGE plpgsql AS $$
DECLARE
	c textbook.contract := textbook.lock_contract(contract_id);
	decided_at timestamptz := clock_timestamp();
	m textbook.milestone;
	d textbook.deposit;
	new_hash bytea;
BEGIN
	SELECT * INTO d FROM textbook.deposit t
	WHERE t.contract_id = c.contract_id AND t.provider_ref = fund.provider_ref;
	IF FOUND OR textbook.is_replay(contract_id, actor, idempotency_key, 'fund') THEN
		RETURN d;
	END IF;
	IF c.state <> 'active' THEN
		RAISE EXCEPTION 'contract % has ended', contract_id;
	END IF;
	IF textbook.party_of(c, actor) <> 'client' THEN
		RAISE EXCEPTION 'only the client can do this';
	END IF;
	IF c.kind = 'hourly' THEN
		RAISE EXCEPTION 'an hourly contract has no escrow';
	END IF;
	UPDATE textbook.milestone t SET deposited = deposited + fund.amount, held = held + fund.amount
	WHERE t.contract_id = c.contract_id AND t.milestone_no = fund.milestone_no
	RETURNING t.* INTO m;
	IF NOT FOUND THEN
		RAISE EXCEPTION 'there is no milestone %', milestone_no;
	END IF;
	INSERT INTO textbook.deposit (contract_id, deposit_no, milestone_no, source, provider_ref, amount, held)
	VALUES (c.contract_id, c.deposit_count + 1, fund.milestone_no, fund.source, fund.provider_ref, fund.amount,
		fund.amount)
	RETURNING * INTO d;
	new_hash := textbook.record_event(c, 'fund', 'client', actor, idempotency_key, amount, milestone_no,
		NULL, NULL, decided_at, decided_at);
	INSERT INTO textbook.transfer (contract_id, event_no, ordinal, debit, credit, amount, deposit_no, milestone_no)
	VALUES (c.contract_id, c.event_count + 1, 1, 'source', 'escrow', fund.amount, d.deposit_no, fund.milestone_no);
	UPDATE textbook.contract t
	SET deposited = deposited + fund.amount, held = held + fund.amount, event_count = event_count + 1,
		deposit_count = deposit_count + 1, head = new_hash
	WHERE t.contract_id = c.contract_id;
	RETURN d;
END
$$;

CREATE FUNCTION textbook.release_payment(contract_id bigint, actor text, milestone_no integer, amount numeric,
	idempotency_key text DEFAULT NULL)
RETURNS textbook.milestone LANGUAGE plpgsql AS $$
DECLARE
	c textbook.contract := textbook.lock_contract(contract_id);
	decided_at timestamptz := clock_timestamp();
	m textbook.milestone;
	new_hash bytea;
BEGIN
	SELECT * INTO m FROM textbook.milestone t
	WHERE t.contract_id = c.contract_id AND t.milestone_no = release_payment.milestone_no;
	IF NOT FOUND THEN
		RAISE EXCEPTION 'there is no milestone %', milestone_no;
	END IF;
	IF textbook.is_replay(contract_id, actor, idempotency_key, 'release_payment') THEN
		RETURN m;
	END IF;
	IF c.state <> 'active' THEN
		RAISE EXCEPTION 'contract % has ended', contract_id;
	END IF;
	IF textbook.party_of(c, actor) <> 'client' THEN
		RAISE EXCEPTION 'only the client can do this';
	END IF;
	IF amount <= 0 OR amount > m.held THEN
		RAISE EXCEPTION 'the milestone holds %', m.held;
	END IF;
	new_hash := textbook.record_event(c, 'release_payment', 'client', actor, idempotency_key, amount, milestone_no,
		NULL, NULL, decided_at, decided_at);
	PERFORM textbook.take(c, 'freelancer', milestone_no, amount, NULL, 0, 0);
	UPDATE textbook.contract t
	SET held = held - amount, released = released + amount, event_count = event_count + 1, head = new_hash
	WHERE t.contract_id = c.contract_id;
	SELECT * INTO m FROM textbook.milestone t
	WHERE t.contract_id = c.contract_id AND t.milestone_no = release_payment.milestone_no;
	RETURN m;
END
$$;

CREATE FUNCTION textbook.release_milestone(contract_id bigint, actor text, milestone_no integer,
	idempotency_key text DEFAULT NULL)
RETURNS textbook.milestone LANGUAGE plpgsql AS $$
DECLARE
	c textbook.contract := textbook.lock_contract(contract_id);
	decided_at timestamptz := clock_timestamp();
	m textbook.milestone;
	new_hash bytea;
BEGIN
	SELECT * INTO m FROM textbook.milestone t
	WHERE t.contract_id = c.contract_id AND t.milestone_no = release_milestone.milestone_no;
	IF NOT FOUND THEN
		RAISE EXCEPTION 'there is no milestone %', milestone_no;
	END IF;
	IF textbook.is_replay(contract_id, actor, idempotency_key, 'release_milestone') THEN
		RETURN m;
	END IF;
	IF c.state <> 'active' THEN
		RAISE EXCEPTION 'contract % has ended', contract_id;
	END IF;
	IF textbook.party_of(c, actor) <> 'client' THEN
		RAISE EXCEPTION 'only the client can do this';
	END IF;
	IF m.held = 0 THEN
		RAISE EXCEPTION 'the milestone holds nothing';
	END IF;
	new_hash := textbook.record_event(c, 'release_milestone', 'client', actor, idempotency_key, m.held, milestone_no,
		NULL, NULL, decided_at, decided_at);
	PERFORM textbook.take(c, 'freelancer', milestone_no, m.held, NULL, 0, 0);
	UPDATE textbook.contract t
	SET held = held - m.held, released = released + m.held, event_count = event_count + 1, head = new_hash
	WHERE t.contract_id = c.contract_id;
	SELECT * INTO m FROM textbook.milestone t
	WHERE t.contract_id = c.contract_id AND t.milestone_no = release_milestone.milestone_no;
	RETURN m;
END
$$;

CREATE FUNCTION textbook.move_leftover(contract_id bigint, actor text, from_milestone integer, to_milestone integer,
	amount numeric, idempotency_key text DEFAULT NULL)
RETURNS textbook.milestone LANGUAGE plpgsql AS $$
DECLARE
	c textbook.contract := textbook.lock_contract(contract_id);
	decided_at timestamptz := clock_timestamp();
	m textbook.milestone;
	target textbook.milestone;
	new_hash bytea;
BEGIN
	SELECT * INTO m FROM textbook.milestone t
	WHERE t.contract_id = c.contract_id AND t.milestone_no = from_milestone;
	IF NOT FOUND THEN
		RAISE EXCEPTION 'there is no milestone %', from_milestone;
	END IF;
	IF textbook.is_replay(contract_id, actor, idempotency_key, 'move_leftover') THEN
		RETURN m;
	END IF;
	SELECT * INTO target FROM textbook.milestone t
	WHERE t.contract_id = c.contract_id AND t.milestone_no = to_milestone AND to_milestone <> from_milestone;
	IF NOT FOUND THEN
		RAISE EXCEPTION 'there is no other milestone %', to_milestone;
	END IF;
	IF c.state <> 'active' THEN
		RAISE EXCEPTION 'contract % has ended', contract_id;
	END IF;
	IF textbook.party_of(c, actor) <> 'client' THEN
		RAISE EXCEPTION 'only the client can do this';
	END IF;
	IF amount <= 0 OR amount > m.held THEN
		RAISE EXCEPTION 'the milestone holds %', m.held;
	END IF;
	IF amount > target.price - target.deposited - target.moved_in + target.moved_out THEN
		RAISE EXCEPTION 'that is more than the price of milestone %', to_milestone;
	END IF;
	new_hash := textbook.record_event(c, 'move_leftover', 'client', actor, idempotency_key, amount, from_milestone,
		NULL, NULL, decided_at, decided_at, to_milestone);
	UPDATE textbook.milestone t SET moved_in = moved_in + amount, held = held + amount
	WHERE t.contract_id = c.contract_id AND t.milestone_no = to_milestone;
	UPDATE textbook.milestone t SET moved_out = moved_out + amount, held = held - amount, review_due_at = NULL
	WHERE t.contract_id = c.contract_id AND t.milestone_no = from_milestone
	RETURNING t.* INTO m;
	UPDATE textbook.contract t SET event_count = event_count + 1, head = new_hash
	WHERE t.contract_id = c.contract_id;
	RETURN m;
END
$$;

/* by the client, with nothing paid or a final payment */
CREATE FUNCTION textbook.end_contract(contract_id bigint, actor text, final_payment numeric DEFAULT 0,
	idempotency_key text DEFAULT NULL)
RETURNS textbook.contract LANGUAGE plpgsql AS $$
DECLARE
	c textbook.contract := textbook.lock_contract(contract_id);
	decided_at timestamptz := clock_timestamp();
	r textbook.refund_request;
	rest numeric;
	new_hash bytea;
BEGIN
	IF textbook.is_replay(contract_id, actor, idempotency_key, 'end_contract') THEN
		RETURN c;
	END IF;
	IF c.state <> 'active' THEN
		RAISE EXCEPTION 'contract % has ended', contract_id;
	END IF;
	IF textbook.party_of(c, actor) <> 'client' THEN
		RAISE EXCEPTION 'only the client can do this';
	END IF;
	IF c.kind = 'hourly' THEN
		RAISE EXCEPTION 'an hourly contract has no escrow';
	END IF;
	IF final_payment < 0 OR final_payment > c.held THEN
		RAISE EXCEPTION 'the contract holds %', c.held;
	END IF;
	rest := c.held - final_payment;
	new_hash := textbook.record_event(c, 'end_contract', 'client', actor, idempotency_key, final_payment, NULL,
		NULL, CASE WHEN rest > 0 THEN 'requested' END, decided_at, decided_at);
	IF final_payment > 0 THEN
		PERFORM textbook.take(c, 'freelancer', NULL, final_payment, NULL, 0, 0);
	END IF;
	IF rest > 0 THEN
		r.contract_id := c.contract_id;
		r := textbook.enter_state(c, r, 'requested', decided_at);
		INSERT INTO textbook.refund_request (contract_id, state, at_stake, opened_at, due_at, remind_at, next_due_at,
			effective_at)
		VALUES (c.contract_id, r.state, rest, decided_at, r.due_at, r.remind_at, r.next_due_at, decided_at);
	END IF;
	UPDATE textbook.milestone t SET review_due_at = NULL
	WHERE t.contract_id = c.contract_id AND t.review_due_at IS NOT NULL;
	PERFORM textbook.notify(c, decided_at);
	UPDATE textbook.contract t
	SET state = 'ended', ended_at = decided_at, held = rest, released = released + final_payment,
		event_count = event_count + 1, head = new_hash
	WHERE t.contract_id = c.contract_id
	RETURNING t.* INTO c;
	RETURN c;
END
$$;

/* ---- the verbs of a refund request ---- */

CREATE FUNCTION textbook.approve_refund(contract_id bigint, actor text, idempotency_key text DEFAULT NULL)
RETURNS textbook.refund_request LANGUAGE plpgsql AS $$
DECLARE
	c textbook.contract := textbook.lock_contract(contract_id);
	decided_at timestamptz := clock_timestamp();
	r textbook.refund_request;
BEGIN
	IF textbook.is_replay(contract_id, actor, idempotency_key, 'approve_refund') THEN
		RETURN textbook.request_of(contract_id);
	END IF;
	IF textbook.party_of(c, actor) <> 'freelancer' THEN
		RAISE EXCEPTION 'only the freelancer can do this';
	END IF;
	r := textbook.request_for(c, '{requested}', decided_at);
	RETURN textbook.settle(c, r, 'approve_refund', 'freelancer', actor, idempotency_key, 'approved', 0,
		decided_at, decided_at);
END
$$;

CREATE FUNCTION textbook.pay_in_full(contract_id bigint, actor text, idempotency_key text DEFAULT NULL)
RETURNS textbook.refund_request LANGUAGE plpgsql AS $$
DECLARE
	c textbook.contract := textbook.lock_contract(contract_id);
	decided_at timestamptz := clock_timestamp();
	r textbook.refund_request;
BEGIN
	IF textbook.is_replay(contract_id, actor, idempotency_key, 'pay_in_full') THEN
		RETURN textbook.request_of(contract_id);
	END IF;
	IF textbook.party_of(c, actor) <> 'client' THEN
		RAISE EXCEPTION 'only the client can do this';
	END IF;
	r := textbook.request_for(c, '{requested,disputed,in_review,proposed,unresolved}', decided_at);
	RETURN textbook.settle(c, r, 'pay_in_full', 'client', actor, idempotency_key, 'paid_in_full', r.at_stake,
		decided_at, decided_at);
END
$$;

CREATE FUNCTION textbook.dispute_refund(contract_id bigint, actor text, amount numeric, reason text,
	evidence jsonb DEFAULT '[]', idempotency_key text DEFAULT NULL)
RETURNS textbook.refund_request LANGUAGE plpgsql AS $$
DECLARE
	c textbook.contract := textbook.lock_contract(contract_id);
	decided_at timestamptz := clock_timestamp();
	r textbook.refund_request;
BEGIN
	IF textbook.is_replay(contract_id, actor, idempotency_key, 'dispute_refund') THEN
		RETURN textbook.request_of(contract_id);
	END IF;
	IF textbook.party_of(c, actor) <> 'freelancer' THEN
		RAISE EXCEPTION 'only the freelancer can do this';
	END IF;
	r := textbook.request_for(c, '{requested}', decided_at);
	IF amount <= 0 OR amount > r.at_stake THEN
		RAISE EXCEPTION '% is at stake', r.at_stake;
	END IF;
	r.disputed := amount;
	r := textbook.enter_state(c, r, 'disputed', decided_at);
	c.evidence_count := c.evidence_count + jsonb_array_length(evidence);
	PERFORM textbook.record_request_event(c, r, 'requested', 'dispute_refund', 'freelancer', actor, idempotency_key,
		amount, decided_at);
	PERFORM textbook.add_statement(c, reason);
	PERFORM textbook.add_evidence(c, evidence);
	RETURN r;
END
$$;

CREATE FUNCTION textbook.accept_dispute(contract_id bigint, actor text, idempotency_key text DEFAULT NULL)
RETURNS textbook.refund_request LANGUAGE plpgsql AS $$
DECLARE
	c textbook.contract := textbook.lock_contract(contract_id);
	decided_at timestamptz := clock_timestamp();
	r textbook.refund_request;
BEGIN
	IF textbook.is_replay(contract_id, actor, idempotency_key, 'accept_dispute') THEN
		RETURN textbook.request_of(contract_id);
	END IF;
	IF textbook.party_of(c, actor) <> 'client' THEN
		RAISE EXCEPTION 'only the client can do this';
	END IF;
	r := textbook.request_for(c, '{disputed,in_review,proposed,unresolved}', decided_at);
	RETURN textbook.settle(c, r, 'accept_dispute', 'client', actor, idempotency_key, 'conceded', r.disputed,
		decided_at, decided_at);
END
$$;

CREATE FUNCTION textbook.decline_dispute(contract_id bigint, actor text, statement text, evidence jsonb DEFAULT '[]',
	idempotency_key text DEFAULT NULL)
RETURNS textbook.refund_request LANGUAGE plpgsql AS $$
DECLARE
	c textbook.contract := textbook.lock_contract(contract_id);
	decided_at timestamptz := clock_timestamp();
	r textbook.refund_request;
BEGIN
	IF textbook.is_replay(contract_id, actor, idempotency_key, 'decline_dispute') THEN
		RETURN textbook.request_of(contract_id);
	END IF;
	IF textbook.party_of(c, actor) <> 'client' THEN
		RAISE EXCEPTION 'only the client can do this';
	END IF;
	r := textbook.request_for(c, '{disputed}', decided_at);
	r := textbook.enter_state(c, r, 'in_review', decided_at);
	c.evidence_count := c.evidence_count + jsonb_array_length(evidence);
	PERFORM textbook.record_request_event(c, r, 'disputed', 'decline_dispute', 'client', actor, idempotency_key, NULL,
		decided_at);
	PERFORM textbook.add_statement(c, statement);
	PERFORM textbook.add_evidence(c, evidence);
	RETURN r;
END
$$;

CREATE FUNCTION textbook.withdraw_dispute(contract_id bigint, actor text, idempotency_key text DEFAULT NULL)
RETURNS textbook.refund_request LANGUAGE plpgsql AS $$
DECLARE
	c textbook.contract := textbook.lock_contract(contract_id);
	decided_at timestamptz := clock_timestamp();
	r textbook.refund_request;
BEGIN
	IF textbook.is_replay(contract_id, actor, idempotency_key, 'withdraw_dispute') THEN
		RETURN textbook.request_of(contract_id);
	END IF;
	IF textbook.party_of(c, actor) <> 'freelancer' THEN
		RAISE EXCEPTION 'only the freelancer can do this';
	END IF;
	r := textbook.request_for(c, '{disputed,in_review,proposed,unresolved}', decided_at);
	RETURN textbook.settle(c, r, 'withdraw_dispute', 'freelancer', actor, idempotency_key, 'dispute_withdrawn', 0,
		decided_at, decided_at);
END
$$;

CREATE FUNCTION textbook.propose_resolution(contract_id bigint, actor text, to_freelancer numeric, rationale text,
	idempotency_key text DEFAULT NULL)
RETURNS textbook.refund_request LANGUAGE plpgsql AS $$
DECLARE
	c textbook.contract := textbook.lock_contract(contract_id);
	decided_at timestamptz := clock_timestamp();
	r textbook.refund_request;
BEGIN
	IF textbook.is_replay(contract_id, actor, idempotency_key, 'propose_resolution') THEN
		RETURN textbook.request_of(contract_id);
	END IF;
	PERFORM textbook.refuse_on_hold(c);
	PERFORM textbook.require_outsider(c, actor);
	r := textbook.request_for(c, '{in_review}', decided_at);
	IF r.mediator <> actor THEN
		RAISE EXCEPTION 'the case is assigned to another mediator';
	END IF;
	IF to_freelancer < 0 OR to_freelancer > r.disputed THEN
		RAISE EXCEPTION '% is disputed', r.disputed;
	END IF;
	r.proposed := to_freelancer;
	r.mediator := actor;
	r := textbook.enter_state(c, r, 'proposed', decided_at);
	PERFORM textbook.record_request_event(c, r, 'in_review', 'propose_resolution', 'mediator', actor, idempotency_key,
		to_freelancer, decided_at);
	PERFORM textbook.add_statement(c, rationale);
	RETURN r;
END
$$;

CREATE FUNCTION textbook.accept_resolution(contract_id bigint, actor text, idempotency_key text DEFAULT NULL)
RETURNS textbook.refund_request LANGUAGE plpgsql AS $$
DECLARE
	c textbook.contract := textbook.lock_contract(contract_id);
	decided_at timestamptz := clock_timestamp();
	party text;
	r textbook.refund_request;
BEGIN
	IF textbook.is_replay(contract_id, actor, idempotency_key, 'accept_resolution') THEN
		RETURN textbook.request_of(contract_id);
	END IF;
	party := textbook.party_of(c, actor);
	r := textbook.request_for(c, '{proposed}', decided_at);
	IF party = 'client' AND r.client_accepted OR party = 'freelancer' AND r.freelancer_accepted THEN
		RAISE EXCEPTION 'the % has accepted already', party;
	END IF;
	IF party = 'client' THEN
		r.client_accepted := true;
	ELSE
		r.freelancer_accepted := true;
	END IF;
	IF r.client_accepted AND r.freelancer_accepted THEN
		RETURN textbook.settle(c, r, 'accept_resolution', party, actor, idempotency_key, 'resolution_accepted',
			r.proposed, decided_at, decided_at);
	END IF;
	PERFORM textbook.record_request_event(c, r, 'proposed', 'accept_resolution', party, actor, idempotency_key,
		r.proposed, decided_at);
	RETURN r;
END
$$;

CREATE FUNCTION textbook.reject_resolution(contract_id bigint, actor text, reason text DEFAULT NULL,
	idempotency_key text DEFAULT NULL)
RETURNS textbook.refund_request LANGUAGE plpgsql AS $$
DECLARE
	c textbook.contract := textbook.lock_contract(contract_id);
	decided_at timestamptz := clock_timestamp();
	party text;
	r textbook.refund_request;
BEGIN
	IF textbook.is_replay(contract_id, actor, idempotency_key, 'reject_resolution') THEN
		RETURN textbook.request_of(contract_id);
	END IF;
	party := textbook.party_of(c, actor);
	r := textbook.request_for(c, '{proposed}', decided_at);
	IF party = 'client' AND r.client_accepted OR party = 'freelancer' AND r.freelancer_accepted THEN
		RAISE EXCEPTION 'the % has accepted already', party;
	END IF;
	r := textbook.enter_state(c, r, 'unresolved', decided_at);
	PERFORM textbook.record_request_event(c, r, 'proposed', 'reject_resolution', party, actor, idempotency_key, NULL,
		decided_at);
	IF reason IS NOT NULL THEN
		PERFORM textbook.add_statement(c, reason);
	END IF;
	RETURN r;
END
$$;

CREATE FUNCTION textbook.join_arbitration(contract_id bigint, actor text, fee_source text DEFAULT NULL,
	provider_ref text DEFAULT NULL, idempotency_key text DEFAULT NULL)
RETURNS textbook.refund_request LANGUAGE plpgsql AS $$
DECLARE
	c textbook.contract := textbook.lock_contract(contract_id);
	decided_at timestamptz := clock_timestamp();
	party text;
	fee numeric;
	r textbook.refund_request;
BEGIN
	PERFORM FROM textbook.arbitration_fee t
	WHERE t.contract_id = c.contract_id AND t.provider_ref = join_arbitration.provider_ref;
	IF FOUND OR textbook.is_replay(contract_id, actor, idempotency_key, 'join_arbitration') THEN
		RETURN textbook.request_of(contract_id);
	END IF;
	party := textbook.party_of(c, actor);
	r := textbook.request_for(c, '{unresolved}', decided_at);
	IF party = 'client' AND r.client_joined OR party = 'freelancer' AND r.freelancer_joined THEN
		RAISE EXCEPTION 'the % has joined already', party;
	END IF;
	IF party = 'client' THEN
		r.client_joined := true;
	ELSE
		r.freelancer_joined := true;
	END IF;
	SELECT f.fee INTO fee
	FROM textbook.policy_fee f
	WHERE f.name = c.policy AND f.version = c.policy_version AND f.currency = c.currency;
	IF fee IS NOT NULL AND fee_source IS NULL THEN
		RAISE EXCEPTION 'where does the fee come from?';
	END IF;
	IF r.client_joined AND r.freelancer_joined THEN
		r := textbook.enter_state(c, r, 'in_arbitration', decided_at);
	END IF;
	c.fee_held := c.fee_held + coalesce(fee, 0);
	PERFORM textbook.record_request_event(c, r, 'unresolved', 'join_arbitration', party, actor, idempotency_key, fee,
		decided_at);
	IF fee IS NOT NULL THEN
		INSERT INTO textbook.arbitration_fee (contract_id, event_no, party, amount, source, provider_ref)
		VALUES (c.contract_id, c.event_count + 1, party, fee, fee_source, join_arbitration.provider_ref);
		INSERT INTO textbook.transfer (contract_id, event_no, ordinal, debit, credit, amount)
		VALUES (c.contract_id, c.event_count + 1, 1, 'source', 'fee_held', fee);
	END IF;
	RETURN r;
END
$$;

CREATE FUNCTION textbook.record_award(contract_id bigint, actor text, to_freelancer numeric, rationale text,
	idempotency_key text DEFAULT NULL)
RETURNS textbook.refund_request LANGUAGE plpgsql AS $$
DECLARE
	c textbook.contract := textbook.lock_contract(contract_id);
	decided_at timestamptz := clock_timestamp();
	r textbook.refund_request;
BEGIN
	IF textbook.is_replay(contract_id, actor, idempotency_key, 'record_award') THEN
		RETURN textbook.request_of(contract_id);
	END IF;
	PERFORM textbook.refuse_on_hold(c);
	PERFORM textbook.require_outsider(c, actor);
	r := textbook.request_for(c, '{in_arbitration}', decided_at);
	IF r.arbitrator <> actor THEN
		RAISE EXCEPTION 'the case is assigned to another arbitrator';
	END IF;
	IF to_freelancer < 0 OR to_freelancer > r.disputed THEN
		RAISE EXCEPTION '% is disputed', r.disputed;
	END IF;
	r.arbitrator := actor;
	r := textbook.settle(c, r, 'record_award', 'arbitrator', actor, idempotency_key, 'arbitration_award',
		to_freelancer, decided_at, decided_at);
	PERFORM textbook.add_statement(c, rationale);
	RETURN r;
END
$$;

CREATE FUNCTION textbook.offer_settlement(contract_id bigint, actor text, to_freelancer numeric,
	idempotency_key text DEFAULT NULL)
RETURNS textbook.refund_request LANGUAGE plpgsql AS $$
DECLARE
	c textbook.contract := textbook.lock_contract(contract_id);
	decided_at timestamptz := clock_timestamp();
	offering_party text;
	r textbook.refund_request;
BEGIN
	IF textbook.is_replay(contract_id, actor, idempotency_key, 'offer_settlement') THEN
		RETURN textbook.request_of(contract_id);
	END IF;
	offering_party := textbook.party_of(c, actor);
	r := textbook.request_for(c, '{requested,disputed,in_review,proposed,unresolved,in_arbitration}', decided_at);
	IF to_freelancer < 0 OR to_freelancer > r.at_stake THEN
		RAISE EXCEPTION '% is at stake', r.at_stake;
	END IF;
	UPDATE textbook.settlement_offer t SET state = 'replaced'
	WHERE t.contract_id = c.contract_id AND t.party = offering_party AND t.state = 'standing';
	c.offer_count := c.offer_count + 1;
	INSERT INTO textbook.settlement_offer (contract_id, offer_no, party, to_freelancer, state)
	VALUES (c.contract_id, c.offer_count, offering_party, offer_settlement.to_freelancer, 'standing');
	/* equal offers of both sides are an agreement */
	PERFORM FROM textbook.settlement_offer t
	WHERE t.contract_id = c.contract_id AND t.state = 'standing' AND t.party <> offering_party
		AND t.to_freelancer = offer_settlement.to_freelancer;
	IF FOUND THEN
		UPDATE textbook.settlement_offer t SET state = 'accepted'
		WHERE t.contract_id = c.contract_id AND t.state = 'standing';
		UPDATE textbook.contract t SET offer_count = c.offer_count WHERE t.contract_id = c.contract_id;
		RETURN textbook.settle(c, r, 'offer_settlement', offering_party, actor, idempotency_key, 'mutual_settlement',
			to_freelancer, decided_at, decided_at, c.offer_count);
	END IF;
	PERFORM textbook.record_request_event(c, r, r.state, 'offer_settlement', offering_party, actor, idempotency_key,
		to_freelancer, decided_at, c.offer_count);
	RETURN r;
END
$$;

CREATE FUNCTION textbook.withdraw_settlement_offer(contract_id bigint, actor text, idempotency_key text DEFAULT NULL)
RETURNS textbook.refund_request LANGUAGE plpgsql AS $$
DECLARE
	c textbook.contract := textbook.lock_contract(contract_id);
	decided_at timestamptz := clock_timestamp();
	offering_party text;
	o textbook.settlement_offer;
	r textbook.refund_request;
BEGIN
	IF textbook.is_replay(contract_id, actor, idempotency_key, 'withdraw_settlement_offer') THEN
		RETURN textbook.request_of(contract_id);
	END IF;
	offering_party := textbook.party_of(c, actor);
	r := textbook.request_for(c, '{requested,disputed,in_review,proposed,unresolved,in_arbitration}', decided_at);
	UPDATE textbook.settlement_offer t SET state = 'withdrawn'
	WHERE t.contract_id = c.contract_id AND t.party = offering_party AND t.state = 'standing'
	RETURNING t.* INTO o;
	IF NOT FOUND THEN
		RAISE EXCEPTION 'the % has no standing offer', offering_party;
	END IF;
	PERFORM textbook.record_request_event(c, r, r.state, 'withdraw_settlement_offer', offering_party, actor,
		idempotency_key, o.to_freelancer, decided_at, o.offer_no);
	RETURN r;
END
$$;

CREATE FUNCTION textbook.accept_settlement(contract_id bigint, actor text, offer_no integer,
	idempotency_key text DEFAULT NULL)
RETURNS textbook.refund_request LANGUAGE plpgsql AS $$
DECLARE
	c textbook.contract := textbook.lock_contract(contract_id);
	decided_at timestamptz := clock_timestamp();
	accepting_party text;
	o textbook.settlement_offer;
	r textbook.refund_request;
BEGIN
	IF textbook.is_replay(contract_id, actor, idempotency_key, 'accept_settlement') THEN
		RETURN textbook.request_of(contract_id);
	END IF;
	accepting_party := textbook.party_of(c, actor);
	r := textbook.request_for(c, '{requested,disputed,in_review,proposed,unresolved,in_arbitration}', decided_at);
	SELECT * INTO o FROM textbook.settlement_offer t
	WHERE t.contract_id = c.contract_id AND t.offer_no = accept_settlement.offer_no;
	IF NOT FOUND THEN
		RAISE EXCEPTION 'there is no offer %', offer_no;
	END IF;
	IF o.party = accepting_party THEN
		RAISE EXCEPTION 'offer % is your own', offer_no;
	END IF;
	IF o.state <> 'standing' THEN
		RAISE EXCEPTION 'offer % does not stand any more', offer_no;
	END IF;
	UPDATE textbook.settlement_offer t SET state = 'accepted'
	WHERE t.contract_id = c.contract_id AND t.offer_no = o.offer_no;
	RETURN textbook.settle(c, r, 'accept_settlement', accepting_party, actor, idempotency_key, 'mutual_settlement',
		o.to_freelancer, decided_at, decided_at, o.offer_no);
END
$$;

CREATE FUNCTION textbook.assign_case(contract_id bigint, actor text, decider text, idempotency_key text DEFAULT NULL)
RETURNS textbook.refund_request LANGUAGE plpgsql AS $$
DECLARE
	c textbook.contract := textbook.lock_contract(contract_id);
	decided_at timestamptz := clock_timestamp();
	r textbook.refund_request;
BEGIN
	IF textbook.is_replay(contract_id, actor, idempotency_key, 'assign_case') THEN
		RETURN textbook.request_of(contract_id);
	END IF;
	PERFORM textbook.require_outsider(c, actor);
	PERFORM textbook.require_outsider(c, decider);
	r := textbook.request_for(c, '{requested,disputed,in_review,proposed,unresolved,in_arbitration}', decided_at);
	IF r.state IN ('requested', 'disputed', 'in_review') THEN
		r.mediator := decider;
	ELSE
		r.arbitrator := decider;
	END IF;
	PERFORM textbook.record_request_event(c, r, r.state, 'assign_case', 'operator', actor, idempotency_key, NULL,
		decided_at, NULL, decider);
	RETURN r;
END
$$;

/* ---- the verbs of refund payments ---- */

/* Records what happened to a payment, with the money that it moved. */
CREATE FUNCTION textbook.record_payment_event(c textbook.contract, p textbook.refund_payment, event_kind text,
	event_actor text, event_key text, event_reference text, out_of_transit integer, into_transit integer,
	decided_at timestamptz)
RETURNS textbook.refund_payment LANGUAGE plpgsql AS $$
DECLARE
	legs integer := 0;
	new_hash bytea := textbook.record_event(c, event_kind, 'operator', event_actor, event_key, p.amount, NULL,
		NULL, NULL, decided_at, decided_at, p.payment_no, event_reference);
BEGIN
	IF out_of_transit > 0 THEN
		legs := legs + 1;
		INSERT INTO textbook.transfer (contract_id, event_no, ordinal, debit, credit, amount, deposit_no)
		VALUES (c.contract_id, c.event_count + 1, legs, 'refund_payable', 'refund_paid', p.amount, p.deposit_no);
	END IF;
	IF into_transit > 0 THEN
		legs := legs + 1;
		INSERT INTO textbook.transfer (contract_id, event_no, ordinal, debit, credit, amount, deposit_no)
		VALUES (c.contract_id, c.event_count + 1, legs, 'refund_paid', 'refund_payable', p.amount, p.deposit_no);
	END IF;
	UPDATE textbook.contract t
	SET event_count = event_count + 1, in_transit = in_transit + (into_transit - out_of_transit) * p.amount,
		head = new_hash
	WHERE t.contract_id = c.contract_id;
	UPDATE textbook.refund_payment t
	SET state = p.state, attempts = p.attempts, provider_ref = p.provider_ref, extra_refs = p.extra_refs,
		destination = p.destination, claimable_at = p.claimable_at
	WHERE t.contract_id = p.contract_id AND t.payment_no = p.payment_no;
	/* trouble is for operators to look at */
	IF event_kind IN ('payment_failed', 'payment_bounced', 'payment_unclaimed', 'payment_double_paid') THEN
		PERFORM textbook.notify(c, decided_at);
	END IF;
	RETURN p;
END
$$;

CREATE FUNCTION textbook.report_refund_payment(contract_id bigint, actor text, payment_no integer, state text,
	provider_ref text, detail jsonb DEFAULT NULL, idempotency_key text DEFAULT NULL)
RETURNS textbook.refund_payment LANGUAGE plpgsql AS $$
DECLARE
	c textbook.contract := textbook.lock_contract(contract_id);
	decided_at timestamptz := clock_timestamp();
	p textbook.refund_payment;
	seen text[];
	of_payment integer;
	is_current boolean;
	counts boolean;
	event_kind text := 'payment_' || state;
	out_of_transit integer := 0;
	into_transit integer := 0;
BEGIN
	PERFORM textbook.require_outsider(c, actor);
	SELECT * INTO p FROM textbook.refund_payment t
	WHERE t.contract_id = c.contract_id AND t.payment_no = report_refund_payment.payment_no
	FOR UPDATE;
	IF NOT FOUND THEN
		RAISE EXCEPTION 'there is no refund payment %', payment_no;
	END IF;
	IF textbook.is_replay(contract_id, actor, idempotency_key, event_kind) THEN
		RETURN p;
	END IF;
	SELECT array_agg(t.state), min(t.payment_no) INTO seen, of_payment
	FROM textbook.payment_report t
	WHERE t.contract_id = c.contract_id AND t.provider_ref = report_refund_payment.provider_ref;
	seen := coalesce(seen, '{}');
	IF of_payment <> p.payment_no THEN
		RAISE EXCEPTION 'reference % is of payment %', provider_ref, of_payment;
	END IF;
	is_current := (p.state = 'pending' AND seen = '{}')
		OR (p.state = 'submitted' AND p.provider_ref = report_refund_payment.provider_ref);

	/* told twice or out of order changes nothing */
	IF state = 'submitted' AND seen <> '{}'
		OR state = 'succeeded' AND seen && '{succeeded,bounced}'
		OR state = 'failed' AND (seen && '{failed,bounced}'
			OR (seen <> '{}' AND NOT seen && '{succeeded}' AND NOT coalesce(is_current, false)))
		OR state = 'bounced' AND seen && '{bounced}'
		OR state = 'unclaimed' AND p.state = 'unclaimed'
	THEN
		RETURN p;
	END IF;
	counts := CASE state
		WHEN 'submitted' THEN p.state = 'pending'
		WHEN 'succeeded' THEN true
		WHEN 'failed' THEN is_current AND NOT seen && '{succeeded}'
		WHEN 'bounced' THEN is_current OR seen && '{succeeded}'
		WHEN 'unclaimed' THEN p.state IN ('failed', 'bounced')
	END;
	IF counts IS NOT TRUE THEN
		RAISE EXCEPTION 'payment % is %, it cannot become %', payment_no, p.state, state;
	END IF;
	IF state <> 'unclaimed' THEN
		INSERT INTO textbook.payment_report (contract_id, provider_ref, state, payment_no, detail)
		VALUES (c.contract_id, report_refund_payment.provider_ref, report_refund_payment.state, p.payment_no,
			report_refund_payment.detail);
	END IF;

	IF state = 'succeeded' AND p.state = 'succeeded' THEN
		event_kind := 'payment_double_paid';
		p.extra_refs := p.extra_refs || provider_ref;
	ELSIF state = 'bounced' AND p.extra_refs <> '{}' THEN
		/* one of several successes came back, the earliest of the others stands */
		IF p.provider_ref = report_refund_payment.provider_ref THEN
			p.provider_ref := p.extra_refs[1];
			p.extra_refs := p.extra_refs[2:];
		ELSE
			p.extra_refs := array_remove(p.extra_refs, report_refund_payment.provider_ref);
		END IF;
	ELSE
		out_of_transit := (state = 'succeeded' OR (state = 'bounced' AND p.state <> 'succeeded'))::integer;
		into_transit := (state = 'bounced')::integer;
		p.attempts := p.attempts + (p.state = 'pending')::integer;
		p.state := state;
		p.provider_ref := coalesce(report_refund_payment.provider_ref, p.provider_ref);
	END IF;
	RETURN textbook.record_payment_event(c, p, event_kind, actor, idempotency_key, provider_ref, out_of_transit,
		into_transit, decided_at);
END
$$;

CREATE FUNCTION textbook.retry_refund_payment(contract_id bigint, actor text, payment_no integer,
	destination text DEFAULT NULL, idempotency_key text DEFAULT NULL)
RETURNS textbook.refund_payment LANGUAGE plpgsql AS $$
DECLARE
	c textbook.contract := textbook.lock_contract(contract_id);
	decided_at timestamptz := clock_timestamp();
	p textbook.refund_payment;
BEGIN
	PERFORM textbook.refuse_on_hold(c);
	PERFORM textbook.require_outsider(c, actor);
	SELECT * INTO p FROM textbook.refund_payment t
	WHERE t.contract_id = c.contract_id AND t.payment_no = retry_refund_payment.payment_no
	FOR UPDATE;
	IF NOT FOUND THEN
		RAISE EXCEPTION 'there is no refund payment %', payment_no;
	END IF;
	IF textbook.is_replay(contract_id, actor, idempotency_key, 'payment_retried') THEN
		RETURN p;
	END IF;
	IF p.state NOT IN ('failed', 'bounced') AND NOT (p.state = 'unclaimed' AND destination IS NOT NULL) THEN
		RAISE EXCEPTION 'payment % is %, there is nothing to retry', payment_no, p.state;
	END IF;
	p.state := 'pending';
	p.provider_ref := NULL;
	p.destination := coalesce(retry_refund_payment.destination, p.destination);
	p.claimable_at := decided_at;
	RETURN textbook.record_payment_event(c, p, 'payment_retried', actor, idempotency_key, destination, 0, 0, decided_at);
END
$$;

/* ---- workers ---- */

CREATE FUNCTION textbook.claim_refund_payments(max integer DEFAULT 100, lease interval DEFAULT '5 minutes')
RETURNS SETOF textbook.refund_payment LANGUAGE plpgsql AS $$
BEGIN
	RETURN QUERY
	UPDATE textbook.refund_payment t SET claimable_at = clock_timestamp() + lease
	FROM (
		SELECT q.contract_id, q.payment_no FROM textbook.refund_payment q
		JOIN textbook.contract c ON c.contract_id = q.contract_id
		WHERE q.state = 'pending' AND q.claimable_at <= clock_timestamp() AND c.held_at IS NULL
		ORDER BY q.claimable_at
		LIMIT max
		FOR UPDATE OF q SKIP LOCKED
	) due
	WHERE t.contract_id = due.contract_id AND t.payment_no = due.payment_no
	RETURNING t.*;
END
$$;

CREATE FUNCTION textbook.claim_notifications(max integer DEFAULT 100, lease interval DEFAULT '5 minutes')
RETURNS SETOF textbook.notification LANGUAGE plpgsql AS $$
BEGIN
	RETURN QUERY
	UPDATE textbook.notification t SET claimable_at = clock_timestamp() + lease, attempts = t.attempts + 1
	FROM (
		SELECT q.contract_id, q.event_no FROM textbook.notification q
		WHERE q.state = 'pending' AND q.claimable_at <= clock_timestamp()
		ORDER BY q.claimable_at
		LIMIT max
		FOR UPDATE SKIP LOCKED
	) due
	WHERE t.contract_id = due.contract_id AND t.event_no = due.event_no
	RETURNING t.*;
END
$$;

CREATE FUNCTION textbook.confirm_notification(contract_id bigint, event_no integer, provider_ref text)
RETURNS textbook.notification LANGUAGE plpgsql AS $$
DECLARE
	n textbook.notification;
BEGIN
	SELECT * INTO n FROM textbook.notification t
	WHERE t.contract_id = confirm_notification.contract_id AND t.event_no = confirm_notification.event_no
	FOR UPDATE;
	IF NOT FOUND THEN
		RAISE EXCEPTION 'contract % has no notification %', contract_id, event_no;
	END IF;
	IF n.state = 'delivered' THEN
		IF n.provider_ref <> confirm_notification.provider_ref THEN
			RAISE EXCEPTION 'it was delivered as %', n.provider_ref;
		END IF;
		RETURN n;
	END IF;
	UPDATE textbook.notification t
	SET state = 'delivered', delivered_at = clock_timestamp(), provider_ref = confirm_notification.provider_ref
	WHERE t.contract_id = n.contract_id AND t.event_no = n.event_no
	RETURNING t.* INTO n;
	RETURN n;
END
$$;

/* ---- the clock ---- */

CREATE FUNCTION textbook.expire(contract_id bigint)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	c textbook.contract := textbook.lock_contract(contract_id);
	decided_at timestamptz := clock_timestamp();
	r textbook.refund_request;
	old_state text;
	how text;
	freelancer_part numeric := 0;
	reminder text;
BEGIN
	SELECT * INTO r FROM textbook.refund_request t WHERE t.contract_id = c.contract_id;
	old_state := r.state;
	IF decided_at >= r.due_at AND r.state IN ('in_review', 'proposed') THEN
		r := textbook.enter_state(c, r, 'unresolved', decided_at);
		PERFORM textbook.record_request_event(c, r, old_state,
			CASE old_state WHEN 'proposed' THEN 'resolution_expired' ELSE 'mediation_expired' END, 'clock', NULL, NULL,
			NULL, decided_at);
	ELSIF decided_at >= r.due_at THEN
		IF r.state = 'requested' THEN
			how := 'approved_by_silence';
		ELSIF r.state = 'disputed' THEN
			how := 'conceded_by_silence';
			freelancer_part := r.disputed;
		ELSIF r.state = 'in_arbitration' THEN
			how := 'arbitration_lapsed';
			freelancer_part := coalesce(r.proposed, 0);
		ELSIF r.client_joined OR r.freelancer_joined THEN
			how := 'arbitration_default';
			freelancer_part := CASE WHEN r.freelancer_joined THEN r.disputed ELSE 0 END;
		ELSE
			how := 'arbitration_waived';
		END IF;
		PERFORM textbook.settle(c, r, CASE r.state WHEN 'requested' THEN 'response_expired'
				WHEN 'disputed' THEN 'dispute_expired' WHEN 'in_arbitration' THEN 'award_expired'
				ELSE 'arbitration_expired' END,
			'clock', NULL, NULL, how, freelancer_part, decided_at, r.due_at);
	ELSIF decided_at >= r.remind_at THEN
		reminder := CASE WHEN r.remind_at = r.target_at THEN 'target_missed' ELSE 'reminder_due' END;
		SELECT r.due_at - p.reminder_before INTO r.remind_at
		FROM textbook.policy p
		WHERE p.name = c.policy AND p.version = c.policy_version AND reminder = 'target_missed';
		r.next_due_at := least(r.remind_at, r.due_at);
		PERFORM textbook.record_request_event(c, r, r.state, reminder, 'clock', NULL, NULL, NULL, decided_at);
	END IF;
END
$$;

/* Submitted work that nobody reviewed is released. */
CREATE FUNCTION textbook.expire_review(contract_id bigint, milestone_no integer)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	c textbook.contract := textbook.lock_contract(contract_id);
	decided_at timestamptz := clock_timestamp();
	m textbook.milestone;
	new_hash bytea;
BEGIN
	SELECT * INTO m FROM textbook.milestone t
	WHERE t.contract_id = c.contract_id AND t.milestone_no = expire_review.milestone_no;
	IF c.held_at IS NOT NULL OR m.review_due_at IS NULL OR decided_at < m.review_due_at THEN
		RETURN;
	END IF;
	new_hash := textbook.record_event(c, 'review_expired', 'clock', NULL, NULL, m.held, milestone_no, NULL, NULL,
		decided_at, m.review_due_at);
	PERFORM textbook.notify(c, decided_at);
	PERFORM textbook.take(c, 'freelancer', milestone_no, m.held, NULL, 0, 0);
	UPDATE textbook.contract t
	SET held = held - m.held, released = released + m.held, event_count = event_count + 1, head = new_hash
	WHERE t.contract_id = c.contract_id;
END
$$;

/* Each due case in its turn; a commit for each 1000. */
CREATE PROCEDURE textbook.run_due(max_cases integer)
LANGUAGE plpgsql AS $$
DECLARE
	done integer := 0;
	due bigint[];
	id bigint;
	m record;
BEGIN
	FOR m IN
		SELECT t.contract_id, t.milestone_no FROM textbook.milestone t
		WHERE t.review_due_at <= now()
		ORDER BY t.review_due_at
		LIMIT max_cases
	LOOP
		PERFORM textbook.expire_review(m.contract_id, m.milestone_no);
	END LOOP;
	COMMIT;
	LOOP
		due := ARRAY(
			SELECT r.contract_id FROM textbook.refund_request r
			WHERE r.next_due_at <= now()
			ORDER BY r.next_due_at
			LIMIT least(1000, max_cases - done));
		EXIT WHEN cardinality(due) = 0;
		FOREACH id IN ARRAY due LOOP
			PERFORM textbook.expire(id);
		END LOOP;
		COMMIT;
		done := done + cardinality(due);
	END LOOP;
END
$$;
