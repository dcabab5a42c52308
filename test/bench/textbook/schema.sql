/*
 * The careful ordinary way: what a good team would write in SQL and PL/pgSQL.
 * numeric(18,2) amounts, text states with CHECKs, foreign keys, a row for each
 * thing, SELECT ... FOR UPDATE, idempotency keys, a ledger, business days, an
 * append-only history with a chain of hashes.  It refuses what the extension
 * refuses on these paths; it has no test clocks and no proof at commit.
 */
CREATE SCHEMA textbook;

CREATE TABLE textbook.policy (
	name text NOT NULL,
	version integer NOT NULL,
	refund_response interval NOT NULL,
	refund_credit_business_days integer NOT NULL CHECK (refund_credit_business_days >= 0),
	zone text NOT NULL,
	calendar text NOT NULL,
	PRIMARY KEY (name, version)
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
	event_count integer NOT NULL DEFAULT 0,
	deposit_count integer NOT NULL DEFAULT 0,
	payment_count integer NOT NULL DEFAULT 0,
	head bytea NOT NULL DEFAULT '\x',
	created_at timestamptz NOT NULL,
	ended_at timestamptz,
	CHECK (client <> freelancer),
	CHECK (deposited = held + released + refunded),
	FOREIGN KEY (policy, policy_version) REFERENCES textbook.policy (name, version)
) WITH (fillfactor = 80);

CREATE TABLE textbook.milestone (
	contract_id bigint NOT NULL REFERENCES textbook.contract (contract_id),
	milestone_no integer NOT NULL,
	title text NOT NULL,
	due date,
	price numeric(18,2) NOT NULL CHECK (price > 0),
	deposited numeric(18,2) NOT NULL DEFAULT 0,
	held numeric(18,2) NOT NULL DEFAULT 0 CHECK (held >= 0),
	released numeric(18,2) NOT NULL DEFAULT 0 CHECK (released >= 0),
	refunded numeric(18,2) NOT NULL DEFAULT 0 CHECK (refunded >= 0),
	PRIMARY KEY (contract_id, milestone_no),
	CHECK (deposited <= price),
	CHECK (deposited = held + released + refunded)
) WITH (fillfactor = 80);

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
	PRIMARY KEY (contract_id, deposit_no),
	UNIQUE (contract_id, provider_ref),
	FOREIGN KEY (contract_id, milestone_no) REFERENCES textbook.milestone (contract_id, milestone_no),
	CHECK (amount = held + released + refunded)
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
	at_stake numeric(18,2) NOT NULL CHECK (at_stake > 0),
	to_freelancer numeric(18,2),
	to_client numeric(18,2),
	opened_at timestamptz NOT NULL,
	due_at timestamptz,
	settled_at timestamptz,
	effective_at timestamptz,
	CHECK ((state = 'settled') = (outcome IS NOT NULL)),
	CHECK (to_freelancer + to_client = at_stake)
);
CREATE INDEX ON textbook.refund_request (due_at) WHERE due_at IS NOT NULL;

CREATE TABLE textbook.transfer (
	contract_id bigint NOT NULL,
	event_no integer NOT NULL,
	ordinal integer NOT NULL,
	debit text NOT NULL CHECK (debit IN ('source', 'escrow', 'freelancer', 'refund_payable', 'refund_paid')),
	credit text NOT NULL CHECK (credit IN ('source', 'escrow', 'freelancer', 'refund_payable', 'refund_paid')),
	amount numeric(18,2) NOT NULL CHECK (amount > 0),
	deposit_no integer NOT NULL,
	milestone_no integer NOT NULL,
	PRIMARY KEY (contract_id, event_no, ordinal),
	FOREIGN KEY (contract_id, event_no) REFERENCES textbook.event (contract_id, event_no),
	FOREIGN KEY (contract_id, deposit_no) REFERENCES textbook.deposit (contract_id, deposit_no)
);

CREATE TABLE textbook.refund_payment (
	contract_id bigint NOT NULL,
	payment_no integer NOT NULL,
	deposit_no integer NOT NULL,
	event_no integer NOT NULL,
	amount numeric(18,2) NOT NULL CHECK (amount > 0),
	state text NOT NULL CHECK (state IN ('pending', 'submitted', 'succeeded', 'failed', 'bounced', 'unclaimed')),
	expected_by timestamptz NOT NULL,
	PRIMARY KEY (contract_id, payment_no),
	FOREIGN KEY (contract_id, deposit_no) REFERENCES textbook.deposit (contract_id, deposit_no)
);

INSERT INTO textbook.policy VALUES ('standard', 1, '7 days', 5, 'UTC', 'default');

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

CREATE FUNCTION textbook.party_of(c textbook.contract, actor text)
RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
	IF actor = c.client THEN
		RETURN 'client';
	ELSIF actor = c.freelancer OR actor = c.agency THEN
		RETURN 'freelancer';
	END IF;
	RAISE EXCEPTION 'there is no contract % for %', c.contract_id, actor;
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
	new_state text, decided_at timestamptz, in_effect_at timestamptz)
RETURNS bytea LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN sha256(head || convert_to(concat_ws('|', contract_id, event_no, event_kind, event_party, event_actor,
		event_amount, event_milestone, old_state, new_state, extract(epoch FROM decided_at),
		extract(epoch FROM in_effect_at)), 'UTF8'));
END
$$;

/* Writes the event and returns its hash, which goes into the contract with the rest. */
CREATE FUNCTION textbook.record_event(c textbook.contract, event_kind text, event_party text, event_actor text,
	event_key text, event_amount numeric, event_milestone integer, old_state text, new_state text,
	decided_at timestamptz, in_effect_at timestamptz)
RETURNS bytea LANGUAGE plpgsql AS $$
DECLARE
	new_hash bytea := textbook.event_hash(c.head, c.contract_id, c.event_count + 1, event_kind, event_party,
		event_actor, event_amount, event_milestone, old_state, new_state, decided_at, in_effect_at);
BEGIN
	INSERT INTO textbook.event (contract_id, event_no, kind, party, actor, idempotency_key, amount, milestone_no,
		from_state, to_state, recorded_at, effective_at, hash)
	VALUES (c.contract_id, c.event_count + 1, event_kind, event_party, event_actor, event_key, event_amount,
		event_milestone, old_state, new_state, decided_at, in_effect_at, new_hash);
	RETURN new_hash;
END
$$;

/*
 * Money leaves escrow: deposits first in, first out, milestones in order of
 * their number, or one milestone.  Refunds get a payment for each deposit.
 */
CREATE FUNCTION textbook.take(c textbook.contract, credit_account text, only_milestone integer, amount_to_take numeric,
	expected timestamptz)
RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
	d record;
	m record;
	left_over numeric := amount_to_take;
	from_deposit numeric;
	part numeric;
	legs integer := 0;
	payments integer := 0;
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
			INSERT INTO textbook.refund_payment (contract_id, payment_no, deposit_no, event_no, amount, state, expected_by)
			VALUES (c.contract_id, c.payment_count + payments, d.deposit_no, c.event_count + 1, from_deposit,
				'pending', expected);
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
			SET held = t.held - part,
				released = t.released + CASE credit_account WHEN 'freelancer' THEN part ELSE 0 END,
				refunded = t.refunded + CASE credit_account WHEN 'freelancer' THEN 0 ELSE part END
			WHERE t.contract_id = c.contract_id AND t.milestone_no = m.milestone_no;
			INSERT INTO textbook.transfer (contract_id, event_no, ordinal, debit, credit, amount, deposit_no, milestone_no)
			VALUES (c.contract_id, c.event_count + 1, legs, 'escrow', credit_account, part, d.deposit_no, m.milestone_no);
		END LOOP;
	END LOOP;
	RETURN payments;
END
$$;

/* The request is decided: all to the client, all to the freelancer, or a part each. */
CREATE FUNCTION textbook.settle(c textbook.contract, r textbook.refund_request, event_kind text, event_party text,
	event_actor text, event_key text, how text, freelancer_part numeric, decided_at timestamptz,
	in_effect_at timestamptz)
RETURNS textbook.refund_request LANGUAGE plpgsql AS $$
DECLARE
	p textbook.policy;
	new_hash bytea;
	payments integer := 0;
	client_part numeric := r.at_stake - freelancer_part;
BEGIN
	new_hash := textbook.record_event(c, event_kind, event_party, event_actor, event_key, r.at_stake, NULL,
		r.state, 'settled', decided_at, in_effect_at);
	IF freelancer_part > 0 THEN
		PERFORM textbook.take(c, 'freelancer', NULL, freelancer_part, NULL);
	END IF;
	IF client_part > 0 THEN
		SELECT * INTO p FROM textbook.policy t WHERE t.name = c.policy AND t.version = c.policy_version;
		payments := textbook.take(c, 'refund_payable', NULL, client_part,
			textbook.add_business_days(decided_at, p.refund_credit_business_days, p.zone, p.calendar));
	END IF;
	UPDATE textbook.contract t
	SET held = held - r.at_stake, released = released + freelancer_part, refunded = refunded + client_part,
		event_count = event_count + 1, payment_count = payment_count + payments, head = new_hash
	WHERE t.contract_id = c.contract_id;
	UPDATE textbook.refund_request t
	SET state = 'settled', outcome = how, to_freelancer = freelancer_part, to_client = client_part,
		due_at = NULL, settled_at = decided_at, effective_at = in_effect_at
	WHERE t.contract_id = c.contract_id
	RETURNING t.* INTO r;
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
	PERFORM textbook.take(c, 'freelancer', milestone_no, amount, NULL);
	UPDATE textbook.contract t
	SET held = held - amount, released = released + amount, event_count = event_count + 1, head = new_hash
	WHERE t.contract_id = c.contract_id;
	SELECT * INTO m FROM textbook.milestone t
	WHERE t.contract_id = c.contract_id AND t.milestone_no = release_payment.milestone_no;
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
	p textbook.policy;
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
		PERFORM textbook.take(c, 'freelancer', NULL, final_payment, NULL);
	END IF;
	IF rest > 0 THEN
		SELECT * INTO p FROM textbook.policy t WHERE t.name = c.policy AND t.version = c.policy_version;
		INSERT INTO textbook.refund_request (contract_id, state, at_stake, opened_at, due_at)
		VALUES (c.contract_id, 'requested', rest, decided_at,
			(decided_at AT TIME ZONE p.zone + p.refund_response) AT TIME ZONE p.zone);
	END IF;
	UPDATE textbook.contract t
	SET state = 'ended', ended_at = decided_at, held = rest, released = released + final_payment,
		event_count = event_count + 1, head = new_hash
	WHERE t.contract_id = c.contract_id
	RETURNING t.* INTO c;
	RETURN c;
END
$$;

CREATE FUNCTION textbook.approve_refund(contract_id bigint, actor text, idempotency_key text DEFAULT NULL)
RETURNS textbook.refund_request LANGUAGE plpgsql AS $$
DECLARE
	c textbook.contract := textbook.lock_contract(contract_id);
	decided_at timestamptz := clock_timestamp();
	r textbook.refund_request;
BEGIN
	SELECT * INTO r FROM textbook.refund_request t WHERE t.contract_id = c.contract_id;
	IF NOT FOUND THEN
		RAISE EXCEPTION 'contract % has no refund request', contract_id;
	END IF;
	IF textbook.is_replay(contract_id, actor, idempotency_key, 'approve_refund') THEN
		RETURN r;
	END IF;
	IF textbook.party_of(c, actor) <> 'freelancer' THEN
		RAISE EXCEPTION 'only the freelancer can do this';
	END IF;
	IF r.state <> 'requested' OR decided_at >= r.due_at THEN
		RAISE EXCEPTION 'too late: the request is % and was due at %', r.state, r.due_at;
	END IF;
	RETURN textbook.settle(c, r, 'approve_refund', 'freelancer', actor, idempotency_key, 'approved', 0,
		decided_at, decided_at);
END
$$;

/* ---- the clock ---- */

CREATE FUNCTION textbook.expire(contract_id bigint)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	c textbook.contract := textbook.lock_contract(contract_id);
	decided_at timestamptz := clock_timestamp();
	r textbook.refund_request;
BEGIN
	SELECT * INTO r FROM textbook.refund_request t WHERE t.contract_id = c.contract_id;
	IF r.state = 'requested' AND decided_at >= r.due_at THEN
		PERFORM textbook.settle(c, r, 'response_expired', 'clock', NULL, NULL, 'approved_by_silence', 0,
			decided_at, r.due_at);
	END IF;
END
$$;

/* Each due case in its turn; a commit for each 1000. */
CREATE PROCEDURE textbook.run_due(max_cases integer)
LANGUAGE plpgsql AS $$
DECLARE
	done integer := 0;
	due bigint[];
	id bigint;
BEGIN
	LOOP
		due := ARRAY(
			SELECT r.contract_id FROM textbook.refund_request r
			WHERE r.due_at <= now()
			ORDER BY r.due_at
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
