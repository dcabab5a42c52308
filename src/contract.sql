/*
 * The tables of a contract.  One hot row a contract carries everything that a
 * transition changes; its children are written once.  The column order is what
 * src/store.c writes.
 */

CREATE TYPE refund.contract_kind AS ENUM ('fixed_price', 'project_catalog', 'consultation', 'hourly');
CREATE TYPE refund.contract_state AS ENUM ('active', 'ended');
CREATE TYPE refund.milestone_state AS ENUM ('open', 'submitted', 'paid');
CREATE TYPE refund.request_state AS ENUM (
	'requested', 'disputed', 'in_review', 'proposed', 'unresolved', 'in_arbitration', 'settled');
CREATE TYPE refund.outcome AS ENUM (
	'approved', 'approved_by_silence', 'paid_in_full', 'conceded', 'conceded_by_silence',
	'dispute_withdrawn', 'resolution_accepted', 'arbitration_waived', 'arbitration_default',
	'arbitration_award', 'mutual_settlement', 'arbitration_lapsed', 'exhausted');
CREATE TYPE refund.party AS ENUM ('client', 'freelancer', 'mediator', 'arbitrator', 'operator', 'clock');
CREATE TYPE refund.account AS ENUM (
	'source', 'escrow', 'freelancer', 'refund_payable', 'refund_paid', 'fee_held', 'fee_spent', 'receivable');
CREATE TYPE refund.payment_state AS ENUM (
	'pending', 'submitted', 'succeeded', 'failed', 'bounced', 'unclaimed');
CREATE TYPE refund.payment_purpose AS ENUM (
	'settlement', 'freelancer_ended', 'late_deposit', 'arbitration_fee', 'given_refund');
CREATE TYPE refund.event_kind AS ENUM (
	'create_contract', 'add_milestone', 'fund', 'submit_work', 'request_changes', 'release_payment',
	'release_milestone', 'move_leftover', 'end_contract', 'give_refund', 'approve_refund',
	'dispute_refund', 'accept_dispute', 'decline_dispute', 'pay_in_full', 'withdraw_dispute',
	'propose_resolution', 'accept_resolution', 'reject_resolution', 'join_arbitration', 'record_award',
	'offer_settlement', 'withdraw_settlement_offer', 'accept_settlement', 'assign_case', 'place_hold',
	'lift_hold', 'extend_deadline', 'reversal_opened', 'reversal_won', 'reversal_lost',
	'response_expired', 'dispute_expired', 'mediation_expired', 'resolution_expired',
	'arbitration_expired', 'award_expired', 'reminder_due', 'target_missed', 'erase_evidence',
	'payment_submitted', 'payment_succeeded', 'payment_failed', 'payment_bounced', 'payment_unclaimed',
	'payment_retried', 'payment_double_paid', 'review_expired');
CREATE TYPE refund.hold_kind AS ENUM ('legal', 'sanctions', 'chargeback', 'fraud');
CREATE TYPE refund.reversal_kind AS ENUM ('chargeback', 'failed');
CREATE TYPE refund.reversal_state AS ENUM ('opened', 'won', 'lost');

COMMENT ON TYPE refund.contract_kind IS 'Kind of a contract; an hourly one can be recorded, but not funded or ended here';
COMMENT ON TYPE refund.contract_state IS 'Whether a contract was ended';
COMMENT ON TYPE refund.milestone_state IS 'open, submitted for review, or paid: nothing held and something released';
COMMENT ON TYPE refund.request_state IS 'State of a refund request; see transitions()';
COMMENT ON TYPE refund.outcome IS 'How a refund request ended; see transitions()';
COMMENT ON TYPE refund.party IS 'Who acts: a side of the contract, a decider, an operator, or the clock';
COMMENT ON TYPE refund.account IS 'Where money is: a transfer debits one account and credits another';
COMMENT ON TYPE refund.payment_state IS 'Progress of a refund payment to its source';
COMMENT ON TYPE refund.payment_purpose IS 'Why a refund payment goes back to a source';
COMMENT ON TYPE refund.hold_kind IS 'Why a contract stands still';
COMMENT ON TYPE refund.reversal_kind IS 'How a deposit is taken back from outside: disputed by its payer, or never really made';
COMMENT ON TYPE refund.reversal_state IS 'What is reported of a reversal: opened, won by the marketplace, or lost';
COMMENT ON TYPE refund.event_kind IS 'What happened: named as the verb, or as the window that expired';

CREATE FUNCTION refund.is_sound(
	currency refund.currency, deposited refund.amount, held refund.amount, released refund.amount,
	refunded refund.amount, reversed refund.amount, in_transit refund.amount, fee_held refund.amount,
	receivable refund.amount, milestone_no integer[], milestone_room refund.amount[], milestone_held refund.amount[],
	milestone_released refund.amount[], milestone_refunded refund.amount[], deposit_held refund.amount[])
RETURNS boolean LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'contract_is_sound';
COMMENT ON FUNCTION refund.is_sound(refund.currency, refund.amount, refund.amount, refund.amount,
	refund.amount, refund.amount, refund.amount, refund.amount, refund.amount, integer[], refund.amount[],
	refund.amount[], refund.amount[], refund.amount[], refund.amount[]) IS
	'The law of a contract''s row: one currency, nothing negative, totals equal to the sums over deposits and milestones';

CREATE TABLE refund.test_clock (
	name text PRIMARY KEY CHECK (length(name) BETWEEN 1 AND 255),
	now timestamptz NOT NULL
);
COMMENT ON TABLE refund.test_clock IS 'Clocks that contracts can live under in tests and demos';
COMMENT ON COLUMN refund.test_clock.name IS 'Name of the clock';
COMMENT ON COLUMN refund.test_clock.now IS 'What time it is for the contracts of this clock';
SELECT pg_catalog.pg_extension_config_dump('refund.test_clock', '');

/* No foreign key: rows that are never deleted need none, and pg_restore -j loads in any order. */
CREATE TABLE refund.contract (
	contract_id bigint NOT NULL,
	created_at timestamptz NOT NULL,
	last_at timestamptz NOT NULL,
	next_due_at timestamptz,
	due_at timestamptz,
	target_at timestamptz,
	remind_at timestamptz,
	held_at timestamptz,
	opened_at timestamptz,
	disputed_at timestamptz,
	declined_at timestamptz,
	proposed_at timestamptz,
	unresolved_at timestamptz,
	arbitration_at timestamptz,
	settled_at timestamptz,
	effective_at timestamptz,
	deposited refund.amount NOT NULL,
	held refund.amount NOT NULL,
	released refund.amount NOT NULL,
	refunded refund.amount NOT NULL,
	reversed refund.amount NOT NULL,
	in_transit refund.amount NOT NULL,
	fee_held refund.amount NOT NULL,
	receivable refund.amount NOT NULL,
	at_stake refund.amount,
	to_freelancer refund.amount,
	to_client refund.amount,
	disputed refund.amount,
	proposed refund.amount,
	client_offer refund.amount,
	freelancer_offer refund.amount,
	policy_version integer NOT NULL,
	event_no integer NOT NULL,
	deposit_count integer NOT NULL,
	payment_count integer NOT NULL,
	offer_count integer NOT NULL,
	evidence_count integer NOT NULL,
	hold_count integer NOT NULL,
	reversal_count integer NOT NULL,
	extensions integer NOT NULL,
	client_offer_no integer,
	freelancer_offer_no integer,
	kind refund.contract_kind NOT NULL,
	state refund.contract_state NOT NULL,
	request_state refund.request_state,
	outcome refund.outcome,
	last_event refund.event_kind NOT NULL,
	entered_by refund.event_kind,
	unresolved_by refund.event_kind,
	currency refund.currency NOT NULL,
	client_accepted boolean NOT NULL,
	freelancer_accepted boolean NOT NULL,
	client_joined boolean NOT NULL,
	freelancer_joined boolean NOT NULL,
	client text NOT NULL,
	freelancer text NOT NULL,
	agency text,
	policy text NOT NULL,
	test_clock text,
	mediator text,
	arbitrator text,
	holds integer[],
	hold_time bigint[],
	milestone_no integer[] NOT NULL,
	milestone_room refund.amount[] NOT NULL,
	milestone_held refund.amount[] NOT NULL,
	milestone_released refund.amount[] NOT NULL,
	milestone_refunded refund.amount[] NOT NULL,
	milestone_review_due timestamptz[] NOT NULL,
	milestone_review_tick timestamptz[] NOT NULL,
	deposit_held refund.amount[] NOT NULL,
	head bytea NOT NULL,
	PRIMARY KEY (contract_id),
	CONSTRAINT conserved CHECK (deposited OPERATOR(refund.=)
		(held OPERATOR(refund.+) released OPERATOR(refund.+) refunded OPERATOR(refund.+) reversed)),
	CONSTRAINT sound CHECK (refund.is_sound(currency, deposited, held, released, refunded, reversed,
		in_transit, fee_held, receivable, milestone_no, milestone_room, milestone_held, milestone_released,
		milestone_refunded, deposit_held)),
	CONSTRAINT claims CHECK (disputed OPERATOR(refund.<=) at_stake AND proposed OPERATOR(refund.<=) disputed),
	CONSTRAINT split CHECK ((to_freelancer OPERATOR(refund.+) to_client) OPERATOR(refund.=) at_stake)
) WITH (fillfactor = 70);
COMMENT ON TABLE refund.contract IS
	'One row a contract: its parties, its escrow, its refund request and its deadline; the only row that a transition changes';
COMMENT ON COLUMN refund.contract.contract_id IS 'The marketplace''s own number of the contract';
COMMENT ON COLUMN refund.contract.created_at IS 'When the contract was recorded here';
COMMENT ON COLUMN refund.contract.last_at IS 'When the last event was recorded; no later event is recorded earlier';
COMMENT ON COLUMN refund.contract.next_due_at IS 'The earliest instant at which the clock changes this contract; NULL when it never will, and while a hold stands';
COMMENT ON COLUMN refund.contract.due_at IS 'End of the request''s open window (half-open: at this instant it is closed)';
COMMENT ON COLUMN refund.contract.target_at IS 'When the mediator or arbitrator should have decided: past it the case is overdue';
COMMENT ON COLUMN refund.contract.remind_at IS 'When the clock gives its next notice: at target_at that it was missed, else a reminder before due_at';
COMMENT ON COLUMN refund.contract.held_at IS 'Since when a hold has stopped the clock: the windows keep their due times until the last hold is lifted';
COMMENT ON COLUMN refund.contract.opened_at IS 'When the refund request was opened; NULL when there is none';
COMMENT ON COLUMN refund.contract.disputed_at IS 'When the request''s state disputed took effect; NULL when it never did';
COMMENT ON COLUMN refund.contract.declined_at IS 'When in_review did';
COMMENT ON COLUMN refund.contract.proposed_at IS 'When proposed did';
COMMENT ON COLUMN refund.contract.unresolved_at IS 'When unresolved did';
COMMENT ON COLUMN refund.contract.arbitration_at IS 'When in_arbitration did';
COMMENT ON COLUMN refund.contract.settled_at IS 'When the settlement was recorded';
COMMENT ON COLUMN refund.contract.effective_at IS 'When the request''s present state took effect: for silence the end of the window';
COMMENT ON COLUMN refund.contract.deposited IS 'All that was put into escrow';
COMMENT ON COLUMN refund.contract.held IS 'What is in escrow now: deposited - released - refunded - reversed';
COMMENT ON COLUMN refund.contract.released IS 'What went to the freelancer';
COMMENT ON COLUMN refund.contract.refunded IS 'What was decided to go back to its sources, whether or not it has arrived';
COMMENT ON COLUMN refund.contract.reversed IS 'What left escrow because its deposit was reversed';
COMMENT ON COLUMN refund.contract.in_transit IS 'Balance of refund_payable: refunds that have not arrived at their source';
COMMENT ON COLUMN refund.contract.fee_held IS 'Balance of fee_held: arbitration fees that are neither spent nor returned';
COMMENT ON COLUMN refund.contract.receivable IS 'What the client owes: parts of lost reversals that were not in escrow any more';
COMMENT ON COLUMN refund.contract.at_stake IS 'What was held when the request was opened';
COMMENT ON COLUMN refund.contract.to_freelancer IS 'The freelancer''s part of the settlement';
COMMENT ON COLUMN refund.contract.to_client IS 'The client''s part of the settlement';
COMMENT ON COLUMN refund.contract.disputed IS 'What the freelancer claims of the amount at stake';
COMMENT ON COLUMN refund.contract.proposed IS 'What the mediator proposes for the freelancer';
COMMENT ON COLUMN refund.contract.client_offer IS 'What the client''s standing offer would pay the freelancer';
COMMENT ON COLUMN refund.contract.freelancer_offer IS 'What the freelancer''s standing offer would pay the freelancer';
COMMENT ON COLUMN refund.contract.policy_version IS 'Version of the policy that the contract is pinned to';
COMMENT ON COLUMN refund.contract.event_no IS 'Number of the last event; also how many there are';
COMMENT ON COLUMN refund.contract.deposit_count IS 'Number of the last deposit';
COMMENT ON COLUMN refund.contract.payment_count IS 'Number of the last refund payment';
COMMENT ON COLUMN refund.contract.offer_count IS 'Number of the last settlement offer';
COMMENT ON COLUMN refund.contract.evidence_count IS 'Number of the last piece of evidence';
COMMENT ON COLUMN refund.contract.hold_count IS 'Number of the last hold';
COMMENT ON COLUMN refund.contract.reversal_count IS 'Number of the last reversal';
COMMENT ON COLUMN refund.contract.extensions IS 'How often the open window was extended';
COMMENT ON COLUMN refund.contract.client_offer_no IS 'Number of the client''s standing offer';
COMMENT ON COLUMN refund.contract.freelancer_offer_no IS 'Number of the freelancer''s standing offer';
COMMENT ON COLUMN refund.contract.kind IS 'Kind of contract';
COMMENT ON COLUMN refund.contract.state IS 'active or ended';
COMMENT ON COLUMN refund.contract.request_state IS 'State of the refund request as recorded; NULL when there is none';
COMMENT ON COLUMN refund.contract.outcome IS 'How the request ended';
COMMENT ON COLUMN refund.contract.last_event IS 'Kind of the last event: what the state trigger judges the change by';
COMMENT ON COLUMN refund.contract.entered_by IS 'The event that led to the request''s present state: tells who came late from who may not';
COMMENT ON COLUMN refund.contract.unresolved_by IS 'The event that led to unresolved: a rejection, or whose silence';
COMMENT ON COLUMN refund.contract.currency IS 'The contract''s one currency';
COMMENT ON COLUMN refund.contract.client_accepted IS 'Whether the client has accepted the proposed resolution';
COMMENT ON COLUMN refund.contract.freelancer_accepted IS 'Whether the freelancer''s side has';
COMMENT ON COLUMN refund.contract.client_joined IS 'Whether the client has joined arbitration';
COMMENT ON COLUMN refund.contract.freelancer_joined IS 'Whether the freelancer''s side has';
COMMENT ON COLUMN refund.contract.client IS 'The application''s user id of the client';
COMMENT ON COLUMN refund.contract.freelancer IS 'The application''s user id of the freelancer';
COMMENT ON COLUMN refund.contract.agency IS 'The application''s user id of the agency, the payee, when there is one';
COMMENT ON COLUMN refund.contract.policy IS 'Name of the policy';
COMMENT ON COLUMN refund.contract.test_clock IS 'The test clock that the contract lives under; NULL for a live contract';
COMMENT ON COLUMN refund.contract.mediator IS 'The application''s user id of who mediates: assigned, or has proposed';
COMMENT ON COLUMN refund.contract.arbitrator IS 'The application''s user id of who arbitrates: assigned, or has decided';
COMMENT ON COLUMN refund.contract.holds IS 'Numbers of the holds that stand; NULL for none';
COMMENT ON COLUMN refund.contract.hold_time IS 'How many microseconds holds stood in each state of the open request, in their order from requested to in_arbitration; NULL for none';
COMMENT ON COLUMN refund.contract.milestone_no IS 'Numbers of the milestones, ascending; the other milestone arrays run beside it';
COMMENT ON COLUMN refund.contract.milestone_room IS 'What may still be put into each milestone below its price';
COMMENT ON COLUMN refund.contract.milestone_held IS 'What each milestone holds';
COMMENT ON COLUMN refund.contract.milestone_released IS 'What each milestone has released';
COMMENT ON COLUMN refund.contract.milestone_refunded IS 'What each milestone has given back';
COMMENT ON COLUMN refund.contract.milestone_review_due IS 'When the review of each milestone''s work ends or has ended; infinity for none, and no element when there is none at all';
COMMENT ON COLUMN refund.contract.milestone_review_tick IS 'When the clock next acts on each review: at the reminder, then at the end; infinity for none';
COMMENT ON COLUMN refund.contract.deposit_held IS
	'What each deposit still holds, subscripted by deposit number; deposits outside the bounds hold nothing';
COMMENT ON COLUMN refund.contract.head IS 'Hash of the last event: the head of the contract''s chain';

/* The two doors of the clock: live contracts, and those of a test clock. */
CREATE INDEX contract_due ON refund.contract (next_due_at)
	WHERE next_due_at IS NOT NULL AND test_clock IS NULL;
CREATE INDEX contract_test_due ON refund.contract (test_clock, next_due_at)
	WHERE test_clock IS NOT NULL;
CREATE INDEX contract_held ON refund.contract (contract_id) WHERE held_at IS NOT NULL;
COMMENT ON INDEX refund.contract_held IS 'Contracts on hold';
COMMENT ON INDEX refund.contract_due IS 'Live contracts with something for the clock to do, by time';
COMMENT ON INDEX refund.contract_test_due IS 'Contracts of test clocks';
SELECT pg_catalog.pg_extension_config_dump('refund.contract', '');

CREATE TABLE refund.event (
	contract_id bigint NOT NULL,
	recorded_at timestamptz NOT NULL,
	effective_at timestamptz NOT NULL,
	due_at timestamptz,
	amount refund.amount,
	arguments_digest bigint,
	event_no integer NOT NULL,
	milestone_no integer,
	to_milestone_no integer,
	item_no integer,
	kind refund.event_kind NOT NULL,
	party refund.party NOT NULL,
	from_state refund.request_state,
	to_state refund.request_state,
	outcome refund.outcome,
	hash_format smallint NOT NULL,
	actor text,
	reference text,
	idempotency_key text,
	hash bytea NOT NULL,
	PRIMARY KEY (contract_id, event_no)
);
COMMENT ON TABLE refund.event IS 'What happened to a contract, in order: append-only, each event hashed together with the one before';
COMMENT ON COLUMN refund.event.contract_id IS 'The contract';
COMMENT ON COLUMN refund.event.recorded_at IS 'Decision time: when the event was recorded';
COMMENT ON COLUMN refund.event.effective_at IS 'When it took effect: for an expiry the end of the window';
COMMENT ON COLUMN refund.event.due_at IS 'End of the window that the event opened, or reminds of';
COMMENT ON COLUMN refund.event.amount IS 'The amount that the event is about';
COMMENT ON COLUMN refund.event.arguments_digest IS 'Digest of the call''s arguments: tells a replay from a conflict';
COMMENT ON COLUMN refund.event.event_no IS 'Position in the contract''s history, from 1';
COMMENT ON COLUMN refund.event.milestone_no IS 'The milestone that the event is about';
COMMENT ON COLUMN refund.event.to_milestone_no IS 'Where move_leftover moved to';
COMMENT ON COLUMN refund.event.item_no IS 'Number of the settlement offer, refund payment, piece of evidence, hold or reversal that the event is about';
COMMENT ON COLUMN refund.event.kind IS 'The verb, or the window that expired';
COMMENT ON COLUMN refund.event.party IS 'On which side the actor stands';
COMMENT ON COLUMN refund.event.from_state IS 'State of the refund request before';
COMMENT ON COLUMN refund.event.to_state IS 'State of the refund request after';
COMMENT ON COLUMN refund.event.outcome IS 'How the request ended, when this event ended it';
COMMENT ON COLUMN refund.event.hash_format IS 'Which canonical form was hashed';
COMMENT ON COLUMN refund.event.actor IS 'The application''s user id of who acted; NULL for the clock';
COMMENT ON COLUMN refund.event.reference IS
	'The provider''s reference of a refund payment''s attempt or of a reversal, a new destination, the decider that a case is assigned to, the kind of a hold, the length of an extension, or the one party that a reminder is for';
COMMENT ON COLUMN refund.event.idempotency_key IS 'The caller''s key: a call that repeats it changes nothing';
COMMENT ON COLUMN refund.event.hash IS 'SHA-256 of the previous event''s hash and of this event''s facts, transfers and payments';
CREATE UNIQUE INDEX event_idempotency ON refund.event (contract_id, actor, idempotency_key)
	NULLS NOT DISTINCT WHERE idempotency_key IS NOT NULL;
COMMENT ON INDEX refund.event_idempotency IS 'One effect a key: scope contract, actor, key';
CREATE INDEX event_reference ON refund.event (contract_id, reference) WHERE reference IS NOT NULL;
COMMENT ON INDEX refund.event_reference IS 'What was reported of a provider''s reference';
SELECT pg_catalog.pg_extension_config_dump('refund.event', '');

CREATE TABLE refund.transfer (
	contract_id bigint NOT NULL,
	amount refund.amount NOT NULL,
	event_no integer NOT NULL,
	ordinal integer NOT NULL,
	deposit_no integer,
	milestone_no integer,
	debit refund.account NOT NULL,
	credit refund.account NOT NULL,
	PRIMARY KEY (contract_id, event_no, ordinal),
	CONSTRAINT positive CHECK (refund.minor_units(amount) > 0)
);
COMMENT ON TABLE refund.transfer IS 'Every movement of money: append-only, one debit and one credit, always positive';
COMMENT ON COLUMN refund.transfer.contract_id IS 'The contract';
COMMENT ON COLUMN refund.transfer.amount IS 'How much moved';
COMMENT ON COLUMN refund.transfer.event_no IS 'The event that moved it';
COMMENT ON COLUMN refund.transfer.ordinal IS 'Position among the event''s transfers, from 1';
COMMENT ON COLUMN refund.transfer.deposit_no IS 'The deposit whose money it is: every cent keeps its source';
COMMENT ON COLUMN refund.transfer.milestone_no IS 'The milestone it came from or went to';
COMMENT ON COLUMN refund.transfer.debit IS 'The account that it left';
COMMENT ON COLUMN refund.transfer.credit IS 'The account that it entered';
SELECT pg_catalog.pg_extension_config_dump('refund.transfer', '');

CREATE TABLE refund.milestone (
	contract_id bigint NOT NULL,
	price refund.amount NOT NULL,
	milestone_no integer NOT NULL,
	event_no integer NOT NULL,
	due date,
	title text NOT NULL,
	PRIMARY KEY (contract_id, milestone_no)
);
COMMENT ON TABLE refund.milestone IS 'The agreed parts of a contract; their balances are in the contract''s row';
COMMENT ON COLUMN refund.milestone.contract_id IS 'The contract';
COMMENT ON COLUMN refund.milestone.price IS 'The most that may be in it';
COMMENT ON COLUMN refund.milestone.milestone_no IS 'Its number: settlements consume milestones in this order';
COMMENT ON COLUMN refund.milestone.event_no IS 'The event that added it';
COMMENT ON COLUMN refund.milestone.due IS 'Agreed date of delivery, for information';
COMMENT ON COLUMN refund.milestone.title IS 'What is to be delivered';
SELECT pg_catalog.pg_extension_config_dump('refund.milestone', '');

CREATE TABLE refund.deposit (
	contract_id bigint NOT NULL,
	amount refund.amount NOT NULL,
	deposit_no integer NOT NULL,
	event_no integer NOT NULL,
	milestone_no integer NOT NULL,
	source text NOT NULL,
	provider_ref text,
	PRIMARY KEY (contract_id, deposit_no)
);
COMMENT ON TABLE refund.deposit IS 'Money that the client put into escrow, each from one payment source; what is left of it is in the contract''s row';
COMMENT ON COLUMN refund.deposit.contract_id IS 'The contract';
COMMENT ON COLUMN refund.deposit.amount IS 'How much was deposited';
COMMENT ON COLUMN refund.deposit.deposit_no IS 'Its number, from 1: money leaves escrow in this order';
COMMENT ON COLUMN refund.deposit.event_no IS 'The event that recorded it';
COMMENT ON COLUMN refund.deposit.milestone_no IS 'The milestone that it funded';
COMMENT ON COLUMN refund.deposit.source IS 'The payment source, in the application''s words: refunds go back to it';
COMMENT ON COLUMN refund.deposit.provider_ref IS 'The payment provider''s reference; unique within the contract';
CREATE UNIQUE INDEX deposit_provider_ref ON refund.deposit (contract_id, provider_ref)
	WHERE provider_ref IS NOT NULL;
COMMENT ON INDEX refund.deposit_provider_ref IS 'A provider''s reference counts once a contract';
SELECT pg_catalog.pg_extension_config_dump('refund.deposit', '');

CREATE TABLE refund.arbitration_fee (
	contract_id bigint NOT NULL,
	amount refund.amount NOT NULL,
	event_no integer NOT NULL,
	party refund.party NOT NULL,
	source text NOT NULL,
	provider_ref text,
	PRIMARY KEY (contract_id, event_no),
	CONSTRAINT positive CHECK (refund.minor_units(amount) > 0)
);
COMMENT ON TABLE refund.arbitration_fee IS 'Each side''s share of the arbitration fee, from its payment source';
COMMENT ON COLUMN refund.arbitration_fee.contract_id IS 'The contract';
COMMENT ON COLUMN refund.arbitration_fee.amount IS 'How much';
COMMENT ON COLUMN refund.arbitration_fee.event_no IS 'The event that recorded it';
COMMENT ON COLUMN refund.arbitration_fee.party IS 'The side that paid it';
COMMENT ON COLUMN refund.arbitration_fee.source IS 'The payment source, in the application''s words: a returned fee goes back to it';
COMMENT ON COLUMN refund.arbitration_fee.provider_ref IS 'The payment provider''s reference; unique within the contract';
CREATE UNIQUE INDEX arbitration_fee_provider_ref ON refund.arbitration_fee (contract_id, provider_ref)
	WHERE provider_ref IS NOT NULL;
COMMENT ON INDEX refund.arbitration_fee_provider_ref IS 'A provider''s reference counts once a contract';
SELECT pg_catalog.pg_extension_config_dump('refund.arbitration_fee', '');

/* Decided once, executed by a payment worker: of its columns those of the execution change. */
CREATE TABLE refund.refund_payment (
	contract_id bigint NOT NULL,
	amount refund.amount NOT NULL,
	expected_by timestamptz NOT NULL,
	claimable_at timestamptz,
	payment_no integer NOT NULL,
	deposit_no integer,
	event_no integer NOT NULL,
	attempt_no integer NOT NULL,
	payee refund.party NOT NULL,
	purpose refund.payment_purpose NOT NULL,
	state refund.payment_state NOT NULL,
	is_test boolean NOT NULL,
	provider_ref text,
	extra_refs text[],
	destination text,
	PRIMARY KEY (contract_id, payment_no),
	CONSTRAINT positive CHECK (refund.minor_units(amount) > 0)
);
COMMENT ON TABLE refund.refund_payment IS 'Money on its way back, one row for each deposit or arbitration fee that it goes back to';
COMMENT ON COLUMN refund.refund_payment.contract_id IS 'The contract';
COMMENT ON COLUMN refund.refund_payment.amount IS 'How much goes back';
COMMENT ON COLUMN refund.refund_payment.expected_by IS 'When it should have arrived: the policy''s refund_credit after the settlement was recorded';
COMMENT ON COLUMN refund.refund_payment.claimable_at IS 'From when a payment worker can claim it, in the server''s time: a claim moves it to the end of its lease; NULL unless it is pending';
COMMENT ON COLUMN refund.refund_payment.payment_no IS 'Its number, from 1';
COMMENT ON COLUMN refund.refund_payment.deposit_no IS 'The deposit whose source gets it; NULL for an arbitration fee';
COMMENT ON COLUMN refund.refund_payment.event_no IS 'The event that decided it';
COMMENT ON COLUMN refund.refund_payment.attempt_no IS 'Attempts so far, as reports tell: the present attempt''s number, unless it is pending';
COMMENT ON COLUMN refund.refund_payment.payee IS 'The side that gets it';
COMMENT ON COLUMN refund.refund_payment.purpose IS 'Why it goes back';
COMMENT ON COLUMN refund.refund_payment.state IS 'Progress of its execution';
COMMENT ON COLUMN refund.refund_payment.is_test IS 'Belongs to a contract of a test clock: real workers never see it';
COMMENT ON COLUMN refund.refund_payment.provider_ref IS 'The provider''s reference of the present attempt';
COMMENT ON COLUMN refund.refund_payment.extra_refs IS 'References of successes beyond the first: the payment was made more than once, until they come back';
COMMENT ON COLUMN refund.refund_payment.destination IS 'Where it is to go instead of its source, since a retry';
CREATE INDEX refund_payment_open ON refund.refund_payment (is_test, claimable_at)
	WHERE state OPERATOR(pg_catalog.<>) 'succeeded';
COMMENT ON INDEX refund.refund_payment_open IS 'What payment workers can claim, and what has not arrived';
SELECT pg_catalog.pg_extension_config_dump('refund.refund_payment', '');

CREATE TABLE refund.reversal (
	contract_id bigint NOT NULL,
	amount refund.amount NOT NULL,
	reversal_no integer NOT NULL,
	deposit_no integer NOT NULL,
	event_no integer NOT NULL,
	hold_no integer,
	kind refund.reversal_kind NOT NULL,
	provider_ref text NOT NULL,
	PRIMARY KEY (contract_id, reversal_no),
	CONSTRAINT positive CHECK (refund.minor_units(amount) > 0)
);
COMMENT ON TABLE refund.reversal IS 'Deposits that were taken back from outside, or that somebody tried to take back; what became of each is in the events';
COMMENT ON COLUMN refund.reversal.contract_id IS 'The contract';
COMMENT ON COLUMN refund.reversal.amount IS 'How much, when it was first reported';
COMMENT ON COLUMN refund.reversal.reversal_no IS 'Its number, from 1';
COMMENT ON COLUMN refund.reversal.deposit_no IS 'The deposit';
COMMENT ON COLUMN refund.reversal.event_no IS 'The event that first reported it';
COMMENT ON COLUMN refund.reversal.hold_no IS 'The hold that it placed; NULL when it was lost at once';
COMMENT ON COLUMN refund.reversal.kind IS 'Chargeback, or a deposit that failed';
COMMENT ON COLUMN refund.reversal.provider_ref IS 'The payment provider''s reference; unique within the contract';
CREATE UNIQUE INDEX reversal_provider_ref ON refund.reversal (contract_id, provider_ref);
COMMENT ON INDEX refund.reversal_provider_ref IS 'A provider''s reference counts once a contract';
SELECT pg_catalog.pg_extension_config_dump('refund.reversal', '');
