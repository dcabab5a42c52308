/*
 * Views for people and BI tools: plain types only, money as numeric with a
 * char(3) currency.  Verbs return rows of the first four: src/result.c fills
 * them in this column order.
 */

CREATE FUNCTION refund.transitions(
	OUT from_state refund.request_state, OUT event refund.event_kind, OUT party refund.party,
	OUT to_state refund.request_state, OUT outcome refund.outcome, OUT rule integer)
RETURNS SETOF record LANGUAGE c STABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'refund_transitions';
COMMENT ON FUNCTION refund.transitions() IS
	'The transition table of a refund request: who may do what in which state and where it leads; from_state null = no request yet';

CREATE FUNCTION refund.state_diagram(format text DEFAULT 'mermaid')
RETURNS text LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'refund_state_diagram';
COMMENT ON FUNCTION refund.state_diagram(text) IS
	'The transition table as a diagram: mermaid or dot (for graphviz)';

CREATE FUNCTION refund.effective_state(contract refund.contract, at timestamptz)
RETURNS refund.request_state LANGUAGE c STABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'refund_effective_state';
COMMENT ON FUNCTION refund.effective_state(refund.contract, timestamptz) IS
	'The state of the contract''s request at an instant, whether or not the job has recorded an expiry';

CREATE FUNCTION refund.milestone_state(held refund.amount, released refund.amount, submitted boolean)
RETURNS refund.milestone_state LANGUAGE c STABLE PARALLEL SAFE
AS 'MODULE_PATHNAME', 'refund_milestone_state';
COMMENT ON FUNCTION refund.milestone_state(refund.amount, refund.amount, boolean) IS
	'The state of a milestone that holds and has released so much, and whose work is or is not under review';

CREATE FUNCTION refund.stage_seconds(since timestamptz, until timestamptz, on_hold bigint)
RETURNS numeric LANGUAGE c IMMUTABLE PARALLEL SAFE
AS 'MODULE_PATHNAME', 'refund_stage_seconds';
COMMENT ON FUNCTION refund.stage_seconds(timestamptz, timestamptz, bigint) IS
	'Seconds between two instants without so many microseconds on hold; null when either instant is';

CREATE FUNCTION refund.turn(
	contract refund.contract, at timestamptz, OUT party refund.party, OUT on_silence text,
	OUT to_freelancer numeric, OUT to_client numeric)
RETURNS SETOF record LANGUAGE c STABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'refund_turn';
COMMENT ON FUNCTION refund.turn(refund.contract, timestamptz) IS
	'Whose turn it is in the contract''s request at an instant, and what silence would do: the outcome and its split';

CREATE VIEW refund.contract_status AS
SELECT c.contract_id, c.kind, c.state, c.client, c.freelancer, c.agency,
	c.currency::char(3) AS currency,
	c.deposited::numeric AS deposited, c.held::numeric AS held, c.released::numeric AS released,
	c.refunded::numeric AS refunded, c.reversed::numeric AS reversed,
	c.request_state, c.at_stake::numeric AS at_stake, c.due_at,
	c.receivable::numeric AS receivable, c.holds IS NOT NULL AS on_hold,
	c.test_clock IS NOT NULL AS is_test
FROM refund_archive.all_contract c;
COMMENT ON VIEW refund.contract_status IS 'One row a contract: parties, balances, and its refund request in short';
COMMENT ON COLUMN refund.contract_status.contract_id IS 'The marketplace''s own number';
COMMENT ON COLUMN refund.contract_status.kind IS 'Kind of contract';
COMMENT ON COLUMN refund.contract_status.state IS 'active or ended';
COMMENT ON COLUMN refund.contract_status.client IS 'User id of the client';
COMMENT ON COLUMN refund.contract_status.freelancer IS 'User id of the freelancer';
COMMENT ON COLUMN refund.contract_status.agency IS 'User id of the agency';
COMMENT ON COLUMN refund.contract_status.currency IS 'ISO 4217 code';
COMMENT ON COLUMN refund.contract_status.deposited IS 'All that was put into escrow';
COMMENT ON COLUMN refund.contract_status.held IS 'What is in escrow now';
COMMENT ON COLUMN refund.contract_status.released IS 'What went to the freelancer';
COMMENT ON COLUMN refund.contract_status.refunded IS 'What went or is on its way back to its sources';
COMMENT ON COLUMN refund.contract_status.reversed IS 'What left escrow because its deposit was reversed';
COMMENT ON COLUMN refund.contract_status.request_state IS 'Recorded state of the refund request';
COMMENT ON COLUMN refund.contract_status.at_stake IS 'What was held when the request was opened';
COMMENT ON COLUMN refund.contract_status.due_at IS 'End of the request''s open window';
COMMENT ON COLUMN refund.contract_status.receivable IS 'What the client owes after lost reversals';
COMMENT ON COLUMN refund.contract_status.on_hold IS 'Whether a hold stops money and clock';
COMMENT ON COLUMN refund.contract_status.is_test IS 'Lives under a test clock';

CREATE VIEW refund.milestone_status AS
SELECT m.contract_id, m.milestone_no, m.title,
	refund.milestone_state(c.milestone_held[p.slot], c.milestone_released[p.slot],
		isfinite(c.milestone_review_tick[p.slot])) AS state,
	m.price::numeric AS price, c.currency::char(3) AS currency, m.due,
	c.milestone_held[p.slot]::numeric AS held, c.milestone_released[p.slot]::numeric AS released,
	c.milestone_refunded[p.slot]::numeric AS refunded,
	CASE WHEN isfinite(c.milestone_review_tick[p.slot]) THEN c.milestone_review_due[p.slot] END AS review_due_at,
	c.test_clock IS NOT NULL AS is_test
FROM refund_archive.all_milestone m
JOIN refund_archive.all_contract c ON c.contract_id = m.contract_id
CROSS JOIN LATERAL (SELECT array_position(c.milestone_no, m.milestone_no) AS slot) p;
COMMENT ON VIEW refund.milestone_status IS 'One row a milestone with its balances';
COMMENT ON COLUMN refund.milestone_status.contract_id IS 'The contract';
COMMENT ON COLUMN refund.milestone_status.milestone_no IS 'Number of the milestone';
COMMENT ON COLUMN refund.milestone_status.title IS 'What is to be delivered';
COMMENT ON COLUMN refund.milestone_status.state IS 'open, submitted or paid';
COMMENT ON COLUMN refund.milestone_status.price IS 'The most that may be in it';
COMMENT ON COLUMN refund.milestone_status.currency IS 'ISO 4217 code';
COMMENT ON COLUMN refund.milestone_status.due IS 'Agreed date of delivery';
COMMENT ON COLUMN refund.milestone_status.held IS 'What it holds';
COMMENT ON COLUMN refund.milestone_status.released IS 'What it released';
COMMENT ON COLUMN refund.milestone_status.refunded IS 'What went back';
COMMENT ON COLUMN refund.milestone_status.review_due_at IS 'End of the review window of submitted work';
COMMENT ON COLUMN refund.milestone_status.is_test IS 'Lives under a test clock';

CREATE VIEW refund.deposit_status AS
SELECT d.contract_id, d.deposit_no, d.source, d.provider_ref, c.currency::char(3) AS currency,
	d.amount::numeric AS deposited,
	coalesce(c.deposit_held[d.deposit_no]::numeric, 0 * d.amount::numeric) AS held,
	t.released, t.refunded, t.reversed,
	c.test_clock IS NOT NULL AS is_test
FROM refund_archive.all_deposit d
JOIN refund_archive.all_contract c ON c.contract_id = d.contract_id
CROSS JOIN LATERAL (
	SELECT coalesce(sum(CASE t.debit WHEN 'freelancer' THEN -t.amount::numeric ELSE t.amount::numeric END)
			FILTER (WHERE 'freelancer' IN (t.debit, t.credit)), 0 * d.amount::numeric) AS released,
		coalesce(sum(t.amount::numeric) FILTER (WHERE t.credit = 'refund_payable'), 0 * d.amount::numeric) AS refunded,
		coalesce(sum(t.amount::numeric) FILTER (WHERE t.credit = 'source'), 0 * d.amount::numeric) AS reversed
	FROM refund_archive.all_transfer t
	WHERE t.contract_id = d.contract_id AND t.deposit_no = d.deposit_no AND t.debit IN ('escrow', 'freelancer')) t;
COMMENT ON VIEW refund.deposit_status IS 'One row a deposit: where its money is';
COMMENT ON COLUMN refund.deposit_status.contract_id IS 'The contract';
COMMENT ON COLUMN refund.deposit_status.deposit_no IS 'Number of the deposit';
COMMENT ON COLUMN refund.deposit_status.source IS 'Payment source';
COMMENT ON COLUMN refund.deposit_status.provider_ref IS 'The payment provider''s reference';
COMMENT ON COLUMN refund.deposit_status.currency IS 'ISO 4217 code';
COMMENT ON COLUMN refund.deposit_status.deposited IS 'How much was deposited';
COMMENT ON COLUMN refund.deposit_status.held IS 'What of it is in escrow now';
COMMENT ON COLUMN refund.deposit_status.released IS 'What of it went to the freelancer';
COMMENT ON COLUMN refund.deposit_status.refunded IS 'What of it went or is on its way back';
COMMENT ON COLUMN refund.deposit_status.reversed IS 'What of it left escrow by a reversal';
COMMENT ON COLUMN refund.deposit_status.is_test IS 'Lives under a test clock';

CREATE VIEW refund.refund_request_status AS
SELECT c.contract_id, c.request_state AS state,
	refund.effective_state(c, coalesce(
		(SELECT k.now FROM refund.test_clock k WHERE k.name = c.test_clock), clock_timestamp())) AS effective_state,
	c.outcome, c.at_stake::numeric AS at_stake,
	c.disputed::numeric AS disputed, c.proposed::numeric AS proposed,
	c.to_freelancer::numeric AS to_freelancer, c.to_client::numeric AS to_client,
	c.currency::char(3) AS currency, c.opened_at, c.due_at, c.settled_at,
	CASE WHEN c.request_state = 'settled' THEN c.effective_at END AS effective_at,
	c.holds IS NOT NULL AS on_hold, c.client, c.freelancer,
	(SELECT s.body FROM refund.statement s
		WHERE s.contract_id = c.contract_id AND s.kind = 'dispute_refund') AS reason,
	(SELECT s.body FROM refund.statement s
		WHERE s.contract_id = c.contract_id AND s.kind = 'decline_dispute') AS statement,
	c.client_accepted, c.freelancer_accepted, c.client_joined, c.freelancer_joined,
	c.mediator, c.arbitrator,
	c.test_clock IS NOT NULL AS is_test
FROM refund.contract c
WHERE c.request_state IS NOT NULL;
COMMENT ON VIEW refund.refund_request_status IS 'One row a refund request';
COMMENT ON COLUMN refund.refund_request_status.contract_id IS 'The contract';
COMMENT ON COLUMN refund.refund_request_status.state IS 'State as recorded';
COMMENT ON COLUMN refund.refund_request_status.effective_state IS 'State that holds now, whether or not the job has run';
COMMENT ON COLUMN refund.refund_request_status.outcome IS 'How it ended';
COMMENT ON COLUMN refund.refund_request_status.at_stake IS 'What was held when it was opened';
COMMENT ON COLUMN refund.refund_request_status.disputed IS 'What the freelancer claims';
COMMENT ON COLUMN refund.refund_request_status.proposed IS 'What the mediator proposes for the freelancer';
COMMENT ON COLUMN refund.refund_request_status.to_freelancer IS 'The freelancer''s part of the settlement';
COMMENT ON COLUMN refund.refund_request_status.to_client IS 'The client''s part of the settlement';
COMMENT ON COLUMN refund.refund_request_status.currency IS 'ISO 4217 code';
COMMENT ON COLUMN refund.refund_request_status.opened_at IS 'When it was opened';
COMMENT ON COLUMN refund.refund_request_status.due_at IS 'End of its open window: in time is before this instant';
COMMENT ON COLUMN refund.refund_request_status.settled_at IS 'When the settlement was recorded';
COMMENT ON COLUMN refund.refund_request_status.effective_at IS 'When the settlement took effect';
COMMENT ON COLUMN refund.refund_request_status.on_hold IS 'Whether a hold stops money and clock';
COMMENT ON COLUMN refund.refund_request_status.client IS 'User id of the client';
COMMENT ON COLUMN refund.refund_request_status.freelancer IS 'User id of the freelancer';
COMMENT ON COLUMN refund.refund_request_status.reason IS 'The freelancer''s reason for the dispute';
COMMENT ON COLUMN refund.refund_request_status.statement IS 'The client''s statement';
COMMENT ON COLUMN refund.refund_request_status.client_accepted IS 'Whether the client accepted the proposed resolution';
COMMENT ON COLUMN refund.refund_request_status.freelancer_accepted IS 'Whether the freelancer accepted it';
COMMENT ON COLUMN refund.refund_request_status.client_joined IS 'Whether the client joined arbitration';
COMMENT ON COLUMN refund.refund_request_status.freelancer_joined IS 'Whether the freelancer joined it';
COMMENT ON COLUMN refund.refund_request_status.mediator IS 'User id of the mediator';
COMMENT ON COLUMN refund.refund_request_status.arbitrator IS 'User id of the arbitrator';
COMMENT ON COLUMN refund.refund_request_status.is_test IS 'Lives under a test clock';

CREATE VIEW refund.evidence_index AS
SELECT v.contract_id, v.evidence_no, e.recorded_at AS at, e.actor, e.party, v.title, v.media_type,
	v.byte_size, encode(v.sha256, 'hex') AS sha256,
	b.statement, b.uri, b.content IS NOT NULL AS has_content,
	(SELECT min(same.evidence_no) FROM refund_archive.all_evidence same
		WHERE same.contract_id = v.contract_id AND same.sha256 = v.sha256
			AND same.evidence_no < v.evidence_no) AS same_as,
	b.contract_id IS NULL AS erased,
	c.test_clock IS NOT NULL AS is_test
FROM refund_archive.all_evidence v
JOIN refund_archive.all_event e ON e.contract_id = v.contract_id AND e.event_no = v.event_no
JOIN refund_archive.all_contract c ON c.contract_id = v.contract_id
LEFT JOIN refund_archive.all_evidence_body b ON b.contract_id = v.contract_id AND b.evidence_no = v.evidence_no;
COMMENT ON VIEW refund.evidence_index IS 'The pieces of evidence without their contents';
COMMENT ON COLUMN refund.evidence_index.contract_id IS 'The contract';
COMMENT ON COLUMN refund.evidence_index.evidence_no IS 'Number of the piece, from 1';
COMMENT ON COLUMN refund.evidence_index.at IS 'When it was submitted';
COMMENT ON COLUMN refund.evidence_index.actor IS 'User id of who submitted it';
COMMENT ON COLUMN refund.evidence_index.party IS 'On which side';
COMMENT ON COLUMN refund.evidence_index.title IS 'What it is';
COMMENT ON COLUMN refund.evidence_index.media_type IS 'Media type as declared';
COMMENT ON COLUMN refund.evidence_index.byte_size IS 'Size in bytes';
COMMENT ON COLUMN refund.evidence_index.sha256 IS 'SHA-256 of it, in hexadecimal digits';
COMMENT ON COLUMN refund.evidence_index.statement IS 'What the submitter says about it; null once erased';
COMMENT ON COLUMN refund.evidence_index.uri IS 'Where it is kept, when it is not here; null once erased';
COMMENT ON COLUMN refund.evidence_index.has_content IS 'Whether evidence_content() has it';
COMMENT ON COLUMN refund.evidence_index.same_as IS 'An earlier piece of this contract with the same digest';
COMMENT ON COLUMN refund.evidence_index.erased IS 'Whether its body was erased';
COMMENT ON COLUMN refund.evidence_index.is_test IS 'Lives under a test clock';

CREATE VIEW refund.refund_payment_status AS
SELECT p.contract_id, p.payment_no, p.deposit_no, p.purpose,
	CASE p.payee WHEN 'client' THEN c.client ELSE coalesce(c.agency, c.freelancer) END AS payee,
	coalesce(d.source, f.source) AS source,
	p.amount::numeric AS amount, c.currency::char(3) AS currency, p.state, p.expected_by,
	p.provider_ref, p.destination,
	p.attempt_no + (p.state = 'pending')::integer AS attempt_no,
	p.extra_refs IS NOT NULL AS double_paid,
	c.test_clock IS NOT NULL AS is_test
FROM refund_archive.all_refund_payment p
JOIN refund_archive.all_contract c ON c.contract_id = p.contract_id
LEFT JOIN refund_archive.all_deposit d ON d.contract_id = p.contract_id AND d.deposit_no = p.deposit_no
LEFT JOIN refund_archive.all_arbitration_fee f ON p.deposit_no IS NULL AND f.contract_id = p.contract_id AND f.party = p.payee;
COMMENT ON VIEW refund.refund_payment_status IS 'One row a refund payment on its way back to one source; for a worker, (contract_id, payment_no, attempt_no) is a key for the provider';
COMMENT ON COLUMN refund.refund_payment_status.contract_id IS 'The contract';
COMMENT ON COLUMN refund.refund_payment_status.payment_no IS 'Number of the payment';
COMMENT ON COLUMN refund.refund_payment_status.deposit_no IS 'The deposit that it gives back; null for an arbitration fee';
COMMENT ON COLUMN refund.refund_payment_status.purpose IS 'Why it goes back';
COMMENT ON COLUMN refund.refund_payment_status.payee IS 'User id of who gets it';
COMMENT ON COLUMN refund.refund_payment_status.source IS 'The payment source that it goes to';
COMMENT ON COLUMN refund.refund_payment_status.amount IS 'How much';
COMMENT ON COLUMN refund.refund_payment_status.currency IS 'ISO 4217 code';
COMMENT ON COLUMN refund.refund_payment_status.state IS 'Progress';
COMMENT ON COLUMN refund.refund_payment_status.expected_by IS 'When it should have arrived';
COMMENT ON COLUMN refund.refund_payment_status.provider_ref IS 'The provider''s reference of the present attempt';
COMMENT ON COLUMN refund.refund_payment_status.destination IS 'Where it is to go instead of its source';
COMMENT ON COLUMN refund.refund_payment_status.attempt_no IS 'Number of the attempt that is under way or comes next';
COMMENT ON COLUMN refund.refund_payment_status.double_paid IS 'Alarm: more than one attempt has succeeded and has not come back';
COMMENT ON COLUMN refund.refund_payment_status.is_test IS 'Lives under a test clock';

CREATE VIEW refund.transaction_history AS
SELECT l.contract_id, row_number() OVER line AS line_no, e.recorded_at AS at, l.kind, l.description, l.source,
	l.amount::numeric AS amount, c.currency::char(3) AS currency,
	(refund.sum(l.into_escrow) OVER line)::numeric AS balance,
	l.payment_state, l.expected_by,
	c.test_clock IS NOT NULL AS is_test
FROM (
	SELECT t.contract_id, t.event_no, min(t.ordinal) AS ordinal,
		CASE t.debit WHEN 'source' THEN 'deposit' ELSE
			CASE t.credit WHEN 'freelancer' THEN 'release' WHEN 'source' THEN 'reversal' ELSE 'refund' END END AS kind,
		CASE t.debit WHEN 'source' THEN format('deposit %s into milestone %s', d.deposit_no, min(t.milestone_no)) ELSE
			CASE t.credit WHEN 'freelancer' THEN 'paid to the freelancer'
			WHEN 'source' THEN format('deposit %s reversed', d.deposit_no)
			ELSE format('back to the source of deposit %s', d.deposit_no) || coalesce(', sent to ' || p.destination, '') END END AS description,
		d.source, refund.sum(t.amount) AS amount,
		CASE WHEN t.credit = 'escrow' THEN refund.sum(t.amount) ELSE OPERATOR(refund.-) refund.sum(t.amount) END AS into_escrow,
		p.state AS payment_state, p.expected_by
	FROM refund.transfer t
	LEFT JOIN refund.deposit d ON t.credit <> 'freelancer'
		AND d.contract_id = t.contract_id AND d.deposit_no = t.deposit_no
	LEFT JOIN refund.refund_payment p ON t.credit = 'refund_payable'
		AND p.contract_id = t.contract_id AND p.event_no = t.event_no AND p.deposit_no = t.deposit_no
	WHERE 'escrow' IN (t.debit, t.credit)
	GROUP BY t.contract_id, t.event_no, t.debit, t.credit, d.deposit_no, d.source, p.state, p.expected_by, p.destination
	UNION ALL
	SELECT f.contract_id, f.event_no, 0, 'fee', format('arbitration fee of the %s', f.party), f.source, f.amount,
		NULL, NULL, NULL
	FROM refund.arbitration_fee f
	UNION ALL
	SELECT p.contract_id, p.event_no, 1000000 + p.payment_no, 'fee returned',
		format('arbitration fee back to the %s', p.payee), f.source, p.amount, NULL, p.state, p.expected_by
	FROM refund.refund_payment p
	JOIN refund.arbitration_fee f ON f.contract_id = p.contract_id AND f.party = p.payee
	WHERE p.purpose = 'arbitration_fee'
	UNION ALL
	SELECT t.contract_id, t.event_no, t.ordinal, 'fee spent', 'arbitration fee spent', NULL, t.amount, NULL, NULL, NULL
	FROM refund.transfer t
	WHERE t.credit = 'fee_spent'
	UNION ALL
	SELECT t.contract_id, t.event_no, t.ordinal, 'receivable',
		format('deposit %s reversed: owed by the client', t.deposit_no), d.source, t.amount, NULL, NULL, NULL
	FROM refund.transfer t
	JOIN refund.deposit d ON d.contract_id = t.contract_id AND d.deposit_no = t.deposit_no
	WHERE t.debit = 'receivable'
	UNION ALL
	SELECT p.contract_id, p.event_no, 1000000 + p.payment_no, 'refund given',
		format('given back by the freelancer to the source of deposit %s', p.deposit_no) || coalesce(', sent to ' || p.destination, ''),
		d.source, p.amount, NULL, p.state, p.expected_by
	FROM refund.refund_payment p
	JOIN refund.deposit d ON d.contract_id = p.contract_id AND d.deposit_no = p.deposit_no
	WHERE p.purpose = 'given_refund') l
JOIN refund.contract c ON c.contract_id = l.contract_id
JOIN refund.event e ON e.contract_id = l.contract_id AND e.event_no = l.event_no
WINDOW line AS (PARTITION BY l.contract_id ORDER BY l.event_no, l.ordinal);
COMMENT ON VIEW refund.transaction_history IS 'What moved in and out of a contract''s escrow, and its arbitration fees, line by line, with escrow''s balance after each';
COMMENT ON COLUMN refund.transaction_history.contract_id IS 'The contract';
COMMENT ON COLUMN refund.transaction_history.line_no IS 'Position in logical order, from 1';
COMMENT ON COLUMN refund.transaction_history.at IS 'When it was recorded';
COMMENT ON COLUMN refund.transaction_history.kind IS 'deposit, release, refund, reversal, receivable, refund given, fee, fee returned or fee spent';
COMMENT ON COLUMN refund.transaction_history.description IS 'The line in words';
COMMENT ON COLUMN refund.transaction_history.source IS 'Payment source of a deposit, refund or fee';
COMMENT ON COLUMN refund.transaction_history.amount IS 'How much moved';
COMMENT ON COLUMN refund.transaction_history.currency IS 'ISO 4217 code';
COMMENT ON COLUMN refund.transaction_history.balance IS 'What escrow holds after the line';
COMMENT ON COLUMN refund.transaction_history.payment_state IS 'Progress of a refund';
COMMENT ON COLUMN refund.transaction_history.expected_by IS 'When a refund should have arrived';
COMMENT ON COLUMN refund.transaction_history.is_test IS 'Lives under a test clock';

CREATE VIEW refund.whose_turn AS
SELECT c.contract_id, t.party, c.request_state AS state, c.due_at, t.on_silence,
	t.to_freelancer AS silence_to_freelancer, t.to_client AS silence_to_client,
	c.currency::char(3) AS currency,
	c.test_clock IS NOT NULL AS is_test
FROM refund.contract c
CROSS JOIN LATERAL refund.turn(c, coalesce(
	(SELECT k.now FROM refund.test_clock k WHERE k.name = c.test_clock), clock_timestamp())) t
WHERE c.request_state IS NOT NULL AND c.request_state <> 'settled';
COMMENT ON VIEW refund.whose_turn IS 'Who has to act in each open request, until when, and what silence would pay';
COMMENT ON COLUMN refund.whose_turn.contract_id IS 'The contract';
COMMENT ON COLUMN refund.whose_turn.party IS 'Whose turn it is';
COMMENT ON COLUMN refund.whose_turn.state IS 'State as recorded';
COMMENT ON COLUMN refund.whose_turn.due_at IS 'End of the window';
COMMENT ON COLUMN refund.whose_turn.on_silence IS 'The outcome, or the next state, if nobody acts';
COMMENT ON COLUMN refund.whose_turn.silence_to_freelancer IS 'What silence would pay the freelancer';
COMMENT ON COLUMN refund.whose_turn.silence_to_client IS 'What silence would return to the client';
COMMENT ON COLUMN refund.whose_turn.currency IS 'ISO 4217 code';
COMMENT ON COLUMN refund.whose_turn.is_test IS 'Lives under a test clock';

CREATE VIEW refund.case_timeline AS
SELECT e.contract_id, e.event_no, e.recorded_at AS at, e.effective_at, e.actor, e.party,
	e.kind AS event, e.from_state, e.to_state, e.amount::numeric AS amount,
	c.currency::char(3) AS currency, e.outcome, e.due_at, e.milestone_no, e.item_no, e.reference,
	CASE WHEN e.kind NOT IN ('place_hold', 'lift_hold') THEN s.body END AS statement,
	c.test_clock IS NOT NULL AS is_test
FROM refund_archive.all_event e
JOIN refund_archive.all_contract c ON c.contract_id = e.contract_id
LEFT JOIN refund_archive.all_statement s ON s.contract_id = e.contract_id AND s.event_no = e.event_no;
COMMENT ON VIEW refund.case_timeline IS 'Everything that happened to a contract, in order';
COMMENT ON COLUMN refund.case_timeline.contract_id IS 'The contract';
COMMENT ON COLUMN refund.case_timeline.event_no IS 'Position in the history, from 1';
COMMENT ON COLUMN refund.case_timeline.at IS 'When it was recorded';
COMMENT ON COLUMN refund.case_timeline.effective_at IS 'When it took effect';
COMMENT ON COLUMN refund.case_timeline.actor IS 'User id of who acted; null for the clock';
COMMENT ON COLUMN refund.case_timeline.party IS 'On which side';
COMMENT ON COLUMN refund.case_timeline.event IS 'What happened';
COMMENT ON COLUMN refund.case_timeline.from_state IS 'State of the request before';
COMMENT ON COLUMN refund.case_timeline.to_state IS 'State of the request after';
COMMENT ON COLUMN refund.case_timeline.amount IS 'The amount that it is about';
COMMENT ON COLUMN refund.case_timeline.currency IS 'ISO 4217 code';
COMMENT ON COLUMN refund.case_timeline.outcome IS 'How the request ended, when this ended it';
COMMENT ON COLUMN refund.case_timeline.due_at IS 'End of the window that it opened';
COMMENT ON COLUMN refund.case_timeline.milestone_no IS 'The milestone that it is about';
COMMENT ON COLUMN refund.case_timeline.item_no IS 'Number of the offer, refund payment, evidence, hold or reversal that it is about';
COMMENT ON COLUMN refund.case_timeline.reference IS 'Provider''s reference, new destination, assigned decider, or whom a reminder reminds';
COMMENT ON COLUMN refund.case_timeline.statement IS 'Reason, statement or rationale that came with it; those of holds are in hold_status, for operators';
COMMENT ON COLUMN refund.case_timeline.is_test IS 'Lives under a test clock';

CREATE VIEW refund.settlement_offer_status AS
SELECT e.contract_id, e.item_no AS offer_no, e.party, e.actor AS offered_by, e.recorded_at AS at,
	e.amount::numeric AS to_freelancer, (c.at_stake OPERATOR(refund.-) e.amount)::numeric AS to_client,
	c.currency::char(3) AS currency,
	CASE WHEN e.item_no IN (c.client_offer_no, c.freelancer_offer_no) THEN 'standing'
		WHEN e.outcome = 'mutual_settlement' OR EXISTS (
			SELECT FROM refund_archive.all_event a
			WHERE a.contract_id = e.contract_id AND a.kind = 'accept_settlement' AND a.item_no = e.item_no) THEN 'accepted'
		/* the other side offered the same while this one stood */
		WHEN EXISTS (
			SELECT FROM refund_archive.all_event a
			WHERE a.contract_id = e.contract_id AND a.kind = 'offer_settlement' AND a.outcome = 'mutual_settlement'
				AND a.party <> e.party AND a.amount OPERATOR(refund.=) e.amount AND NOT EXISTS (
					SELECT FROM refund_archive.all_event x
					WHERE x.contract_id = e.contract_id AND x.event_no > e.event_no AND x.event_no < a.event_no
						AND (x.from_state <> x.to_state OR (x.party = e.party
							AND x.kind IN ('offer_settlement', 'withdraw_settlement_offer'))))) THEN 'accepted'
		ELSE 'closed' END AS state,
	c.test_clock IS NOT NULL AS is_test
FROM refund_archive.all_event e
JOIN refund_archive.all_contract c ON c.contract_id = e.contract_id
WHERE e.kind = 'offer_settlement';
COMMENT ON VIEW refund.settlement_offer_status IS 'Every settlement offer and what became of it';
COMMENT ON COLUMN refund.settlement_offer_status.contract_id IS 'The contract';
COMMENT ON COLUMN refund.settlement_offer_status.offer_no IS 'Number of the offer, from 1: accept_settlement() takes it';
COMMENT ON COLUMN refund.settlement_offer_status.party IS 'Which side offers';
COMMENT ON COLUMN refund.settlement_offer_status.offered_by IS 'User id of who made it';
COMMENT ON COLUMN refund.settlement_offer_status.at IS 'When it was made';
COMMENT ON COLUMN refund.settlement_offer_status.to_freelancer IS 'What it would pay the freelancer';
COMMENT ON COLUMN refund.settlement_offer_status.to_client IS 'What it would return to the client';
COMMENT ON COLUMN refund.settlement_offer_status.currency IS 'ISO 4217 code';
COMMENT ON COLUMN refund.settlement_offer_status.state IS 'standing, accepted, or closed: replaced, withdrawn or lapsed';
COMMENT ON COLUMN refund.settlement_offer_status.is_test IS 'Lives under a test clock';

CREATE VIEW refund.hold_status AS
SELECT h.contract_id, h.hold_no, h.kind, ps.body AS reason, p.actor AS placed_by, p.recorded_at AS placed_at,
	coalesce(h.hold_no = ANY (c.holds), false) AS stands,
	l.actor AS lifted_by, l.recorded_at AS lifted_at, ls.body AS lift_reason,
	h.event_no, c.test_clock IS NOT NULL AS is_test
FROM (
	SELECT e.contract_id, e.item_no AS hold_no, e.reference::refund.hold_kind AS kind, e.event_no, NULL::integer AS reversal_no
	FROM refund_archive.all_event e
	WHERE e.kind = 'place_hold'
	UNION ALL
	SELECT r.contract_id, r.hold_no, 'chargeback', r.event_no, r.reversal_no
	FROM refund_archive.all_reversal r
	WHERE r.hold_no IS NOT NULL) h
LEFT JOIN LATERAL (
	SELECT e.event_no, e.actor, e.recorded_at
	FROM refund_archive.all_event e
	WHERE e.contract_id = h.contract_id AND (
		(e.kind = 'lift_hold' AND e.item_no = h.hold_no) OR
		(e.kind IN ('reversal_won', 'reversal_lost') AND e.item_no = h.reversal_no))
	ORDER BY e.event_no
	LIMIT 1) l ON true
JOIN refund_archive.all_contract c ON c.contract_id = h.contract_id
JOIN refund_archive.all_event p ON p.contract_id = h.contract_id AND p.event_no = h.event_no
LEFT JOIN refund_archive.all_statement ps ON ps.contract_id = h.contract_id AND ps.event_no = h.event_no
LEFT JOIN refund_archive.all_statement ls ON ls.contract_id = h.contract_id AND ls.event_no = l.event_no;
COMMENT ON VIEW refund.hold_status IS 'Every hold, standing or lifted; its reasons are for operators';
COMMENT ON COLUMN refund.hold_status.contract_id IS 'The contract';
COMMENT ON COLUMN refund.hold_status.hold_no IS 'Number of the hold, from 1: lift_hold() takes it';
COMMENT ON COLUMN refund.hold_status.kind IS 'Why the contract stands still';
COMMENT ON COLUMN refund.hold_status.reason IS 'The reason in words; null for a reversal''s';
COMMENT ON COLUMN refund.hold_status.placed_by IS 'User id of who placed it, or reported the reversal';
COMMENT ON COLUMN refund.hold_status.placed_at IS 'When it was placed';
COMMENT ON COLUMN refund.hold_status.stands IS 'Whether it still stands';
COMMENT ON COLUMN refund.hold_status.lifted_by IS 'User id of who lifted it';
COMMENT ON COLUMN refund.hold_status.lifted_at IS 'When it was lifted';
COMMENT ON COLUMN refund.hold_status.lift_reason IS 'Why it was lifted';
COMMENT ON COLUMN refund.hold_status.event_no IS 'The event that placed it';
COMMENT ON COLUMN refund.hold_status.is_test IS 'Lives under a test clock';

/*
 * Real contracts, then those of test clocks: each finds its open cases by an index of its own.  What was not late
 * when a hold stopped the clock is not late meanwhile.  By the statement's time: a volatile one would be asked for
 * each row, whoever needs it.
 */
CREATE VIEW refund.overdue AS
SELECT CASE c.request_state WHEN 'in_review' THEN 'resolution' ELSE 'award' END AS what,
	c.contract_id, c.target_at AS due, statement_timestamp() - c.target_at AS since, NULL::integer AS payment_no, false AS is_test
FROM refund.contract c
WHERE c.test_clock IS NULL AND (c.next_due_at IS NOT NULL OR c.held_at IS NOT NULL)
	AND c.target_at <= coalesce(c.held_at, statement_timestamp())
UNION ALL
SELECT 'refund payment', p.contract_id, p.expected_by, statement_timestamp() - p.expected_by, p.payment_no, false
FROM refund.refund_payment p
WHERE p.state <> 'succeeded' AND NOT p.is_test AND p.expected_by <= statement_timestamp()
UNION ALL
SELECT CASE c.request_state WHEN 'in_review' THEN 'resolution' ELSE 'award' END,
	c.contract_id, c.target_at, k.now - c.target_at, NULL, true
FROM refund.contract c
JOIN refund.test_clock k ON k.name = c.test_clock
WHERE c.target_at <= coalesce(c.held_at, k.now)
UNION ALL
SELECT 'refund payment', p.contract_id, p.expected_by, k.now - p.expected_by, p.payment_no, true
FROM refund.refund_payment p
JOIN refund.contract c ON c.contract_id = p.contract_id
JOIN refund.test_clock k ON k.name = c.test_clock
WHERE p.state <> 'succeeded' AND p.is_test AND p.expected_by <= k.now;
COMMENT ON VIEW refund.overdue IS 'What is late though nothing moves by itself: resolutions and awards past their target, refund payments past their expected date';
COMMENT ON COLUMN refund.overdue.what IS 'resolution, award, or refund payment';
COMMENT ON COLUMN refund.overdue.contract_id IS 'The contract';
COMMENT ON COLUMN refund.overdue.due IS 'When it should have been there';
COMMENT ON COLUMN refund.overdue.since IS 'For how long it has been late';
COMMENT ON COLUMN refund.overdue.payment_no IS 'Number of the refund payment';
COMMENT ON COLUMN refund.overdue.is_test IS 'Lives under a test clock';

CREATE VIEW refund.event_log AS
SELECT e.contract_id AS case_id, e.kind::text AS activity, e.effective_at AS "timestamp",
	coalesce(e.actor, e.party::text) AS resource, e.event_no,
	c.test_clock IS NOT NULL AS is_test
FROM refund.event e
JOIN refund.contract c ON c.contract_id = e.contract_id;
COMMENT ON VIEW refund.event_log IS 'The histories in the columns that process-mining tools load';
COMMENT ON COLUMN refund.event_log.case_id IS 'The contract';
COMMENT ON COLUMN refund.event_log.activity IS 'What happened';
COMMENT ON COLUMN refund.event_log."timestamp" IS 'When it took effect';
COMMENT ON COLUMN refund.event_log.resource IS 'User id of who acted, or the clock';
COMMENT ON COLUMN refund.event_log.event_no IS 'Position in the contract''s history: the order within one instant';
COMMENT ON COLUMN refund.event_log.is_test IS 'Lives under a test clock';

CREATE VIEW refund.escrow_balance AS
SELECT b.currency::char(3) AS currency, b.deposited * u.unit AS deposited, b.held * u.unit AS held,
	b.released * u.unit AS released, b.refunded * u.unit AS refunded, b.reversed * u.unit AS reversed,
	b.in_transit * u.unit AS in_transit, b.fee_held * u.unit AS fees_held, b.receivable * u.unit AS receivable
FROM (
	/* sums of bigint are numeric: they can not overflow, and cost less than sums of numeric */
	SELECT c.currency, sum(refund.minor_units(c.deposited)) AS deposited, sum(refund.minor_units(c.held)) AS held,
		sum(refund.minor_units(c.released)) AS released, sum(refund.minor_units(c.refunded)) AS refunded,
		sum(refund.minor_units(c.reversed)) AS reversed, sum(refund.minor_units(c.in_transit)) AS in_transit,
		sum(refund.minor_units(c.fee_held)) AS fee_held, sum(refund.minor_units(c.receivable)) AS receivable
	FROM refund_archive.all_contract c
	WHERE c.test_clock IS NULL
	GROUP BY c.currency) b
CROSS JOIN LATERAL (SELECT refund.amount_from_minor(1, b.currency)::numeric AS unit) u;
COMMENT ON VIEW refund.escrow_balance IS
	'Totals of the live contracts by currency; cash in the bank = held + in_transit + fees_held';
COMMENT ON COLUMN refund.escrow_balance.currency IS 'ISO 4217 code';
COMMENT ON COLUMN refund.escrow_balance.deposited IS 'All that was put into escrow';
COMMENT ON COLUMN refund.escrow_balance.held IS 'What is in escrow now';
COMMENT ON COLUMN refund.escrow_balance.released IS 'What went to freelancers';
COMMENT ON COLUMN refund.escrow_balance.refunded IS 'What went or is on its way back to its sources';
COMMENT ON COLUMN refund.escrow_balance.reversed IS 'What left escrow by reversals';
COMMENT ON COLUMN refund.escrow_balance.in_transit IS 'Refunds that have not arrived';
COMMENT ON COLUMN refund.escrow_balance.fees_held IS 'Arbitration fees that are neither spent nor returned';
COMMENT ON COLUMN refund.escrow_balance.receivable IS 'What clients owe after lost reversals; no cash';

/* The analysts' fact table.  Stages are timed by when they took effect; time on hold does not count. */
CREATE VIEW refund.refund_case AS
SELECT c.contract_id, c.kind, c.policy, c.policy_version, c.currency::char(3) AS currency, c.request_state AS state,
	c.opened_at, c.disputed_at, c.declined_at, c.proposed_at, c.unresolved_at, c.arbitration_at,
	z.settled_at,
	refund.stage_seconds(c.opened_at, coalesce(c.disputed_at, z.settled_at), c.hold_time[1]) AS seconds_requested,
	refund.stage_seconds(c.disputed_at, coalesce(c.declined_at, z.settled_at), c.hold_time[2]) AS seconds_disputed,
	refund.stage_seconds(c.declined_at, coalesce(c.proposed_at, c.unresolved_at, z.settled_at), c.hold_time[3]) AS seconds_in_review,
	refund.stage_seconds(c.proposed_at, coalesce(c.unresolved_at, z.settled_at), c.hold_time[4]) AS seconds_proposed,
	refund.stage_seconds(c.unresolved_at, coalesce(c.arbitration_at, z.settled_at), c.hold_time[5]) AS seconds_unresolved,
	refund.stage_seconds(c.arbitration_at, z.settled_at, c.hold_time[6]) AS seconds_in_arbitration,
	round((c.hold_time[1] + c.hold_time[2] + c.hold_time[3] + c.hold_time[4] + c.hold_time[5] + c.hold_time[6]) / 1e6, 6)
		AS seconds_on_hold,
	c.outcome IS NOT DISTINCT FROM 'approved_by_silence' AS freelancer_silent,
	c.outcome IS NOT DISTINCT FROM 'conceded_by_silence' AS client_silent,
	c.unresolved_by IS NOT DISTINCT FROM 'mediation_expired' AS mediator_silent,
	c.unresolved_by IS NOT DISTINCT FROM 'resolution_expired' AS parties_silent,
	c.outcome IS NOT DISTINCT FROM 'arbitration_lapsed' AS arbitrator_silent,
	c.client_accepted, c.freelancer_accepted, c.client_joined, c.freelancer_joined, c.mediator, c.arbitrator,
	c.at_stake::numeric AS at_stake, c.disputed::numeric AS disputed, c.proposed::numeric AS proposed,
	CASE c.outcome WHEN 'arbitration_award' THEN c.to_freelancer::numeric END AS awarded,
	c.to_freelancer::numeric AS to_freelancer, c.to_client::numeric AS to_client, c.outcome,
	c.test_clock IS NOT NULL AS is_test
FROM refund_archive.all_contract c
CROSS JOIN LATERAL (SELECT CASE c.request_state WHEN 'settled' THEN c.effective_at END AS settled_at) z
WHERE c.request_state IS NOT NULL;
COMMENT ON VIEW refund.refund_case IS 'The analysts'' fact table: one row a request, its stages, who was silent, the amounts, the outcome';
COMMENT ON COLUMN refund.refund_case.contract_id IS 'The contract';
COMMENT ON COLUMN refund.refund_case.kind IS 'Kind of contract';
COMMENT ON COLUMN refund.refund_case.policy IS 'Name of its policy';
COMMENT ON COLUMN refund.refund_case.policy_version IS 'Version of its policy';
COMMENT ON COLUMN refund.refund_case.currency IS 'ISO 4217 code';
COMMENT ON COLUMN refund.refund_case.state IS 'State as recorded';
COMMENT ON COLUMN refund.refund_case.opened_at IS 'When the request was opened';
COMMENT ON COLUMN refund.refund_case.disputed_at IS 'When the freelancer disputed it';
COMMENT ON COLUMN refund.refund_case.declined_at IS 'When the client declined the dispute';
COMMENT ON COLUMN refund.refund_case.proposed_at IS 'When a resolution was proposed';
COMMENT ON COLUMN refund.refund_case.unresolved_at IS 'When mediation failed';
COMMENT ON COLUMN refund.refund_case.arbitration_at IS 'When both had joined arbitration';
COMMENT ON COLUMN refund.refund_case.settled_at IS 'When the settlement took effect';
COMMENT ON COLUMN refund.refund_case.seconds_requested IS 'Time in requested, without holds; null while it lasts';
COMMENT ON COLUMN refund.refund_case.seconds_disputed IS 'Time in disputed, without holds; null while it lasts';
COMMENT ON COLUMN refund.refund_case.seconds_in_review IS 'Time in in_review, without holds; null while it lasts';
COMMENT ON COLUMN refund.refund_case.seconds_proposed IS 'Time in proposed, without holds; null while it lasts';
COMMENT ON COLUMN refund.refund_case.seconds_unresolved IS 'Time in unresolved, without holds; null while it lasts';
COMMENT ON COLUMN refund.refund_case.seconds_in_arbitration IS 'Time in in_arbitration, without holds; null while it lasts';
COMMENT ON COLUMN refund.refund_case.seconds_on_hold IS 'Time on hold while the request was open; null for none';
COMMENT ON COLUMN refund.refund_case.freelancer_silent IS 'The freelancer did not answer the request';
COMMENT ON COLUMN refund.refund_case.client_silent IS 'The client did not answer the dispute';
COMMENT ON COLUMN refund.refund_case.mediator_silent IS 'The mediator passed the hard limit';
COMMENT ON COLUMN refund.refund_case.parties_silent IS 'A side did not answer the resolution';
COMMENT ON COLUMN refund.refund_case.arbitrator_silent IS 'The arbitrator passed the hard limit';
COMMENT ON COLUMN refund.refund_case.client_accepted IS 'Whether the client accepted the resolution';
COMMENT ON COLUMN refund.refund_case.freelancer_accepted IS 'Whether the freelancer accepted it';
COMMENT ON COLUMN refund.refund_case.client_joined IS 'Whether the client joined arbitration';
COMMENT ON COLUMN refund.refund_case.freelancer_joined IS 'Whether the freelancer joined it';
COMMENT ON COLUMN refund.refund_case.mediator IS 'User id of the mediator';
COMMENT ON COLUMN refund.refund_case.arbitrator IS 'User id of the arbitrator';
COMMENT ON COLUMN refund.refund_case.at_stake IS 'What was at stake';
COMMENT ON COLUMN refund.refund_case.disputed IS 'What the freelancer claimed';
COMMENT ON COLUMN refund.refund_case.proposed IS 'What the mediator proposed for the freelancer';
COMMENT ON COLUMN refund.refund_case.awarded IS 'What the arbitrator awarded the freelancer';
COMMENT ON COLUMN refund.refund_case.to_freelancer IS 'The freelancer''s part of the settlement';
COMMENT ON COLUMN refund.refund_case.to_client IS 'The client''s part of the settlement';
COMMENT ON COLUMN refund.refund_case.outcome IS 'How the request ended';
COMMENT ON COLUMN refund.refund_case.is_test IS 'Lives under a test clock';
