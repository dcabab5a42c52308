/*
 * store_step.c
 *		What an event did, from memory into the tables.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "columns.h"
#include "compat.h"
#include "evidence.h"
#include "notice.h"
#include "notification.h"
#include "policy.h"
#include "store.h"
#include "value_types.h"

static void
put_instant(Datum *values, bool *nulls, int column, int64 instant)
{
	nulls[column] = instant == NO_INSTANT;
	values[column] = TimestampTzGetDatum(instant);
}

static void
put_amount(Datum *values, bool *nulls, int column, const Contract *c, int64 amount)
{
	nulls[column] = amount == NO_AMOUNT;
	values[column] = nulls[column] ? (Datum) 0 : AmountGetDatum(amount_pack(c->currency, amount));
}

static void
put_text(Datum *values, bool *nulls, int column, const char *text)
{
	nulls[column] = text == NULL;
	values[column] = text == NULL ? (Datum) 0 : CStringGetTextDatum(text);
}

/* 0 stands for SQL's NULL in the enums whose list begins with none. */
static void
put_enum(Datum *values, bool *nulls, int column, EnumType type, int value)
{
	nulls[column] = enum_label(type, value) == NULL;
	values[column] = nulls[column] ? (Datum) 0 : enum_datum(type, value);
}

static void
put_number(Datum *values, bool *nulls, int column, int32 number)
{
	nulls[column] = number == 0;
	values[column] = Int32GetDatum(number);
}

static Datum
make_array(Datum *elements, int count, int lower, Oid type, int size, char align)
{
	if (count == 0)
		return PointerGetDatum(construct_empty_array(type));
	return PointerGetDatum(construct_md_array(elements, NULL, 1, &count, &lower,
											  type, size, true, align));
}

static Datum
amount_array(Datum *elements, int count, int lower)
{
	return make_array(elements, count, lower, amount_oid(), sizeof(int64), TYPALIGN_DOUBLE);
}

static Datum
instant_or_infinity(int64 instant)
{
	return TimestampTzGetDatum(instant == NO_INSTANT ? DT_NOEND : instant);
}

/* No element when no milestone has a review, as is the rule. */
static void
put_reviews(Datum *values, const Contract *c)
{
	Datum	   *due = palloc((c->nmilestones + 1) * sizeof(Datum));
	Datum	   *tick = palloc((c->nmilestones + 1) * sizeof(Datum));
	bool		any = false;
	int			n;

	for (int i = 0; i < c->nmilestones; i++)
	{
		due[i] = instant_or_infinity(c->milestone[i].review_due_at);
		tick[i] = instant_or_infinity(c->milestone[i].review_tick_at);
		any |= c->milestone[i].review_due_at != NO_INSTANT;
	}
	n = any ? c->nmilestones : 0;
	values[CONTRACT_MILESTONE_REVIEW_DUE] = make_array(due, n, 1, TIMESTAMPTZOID, sizeof(int64), TYPALIGN_DOUBLE);
	values[CONTRACT_MILESTONE_REVIEW_TICK] = make_array(tick, n, 1, TIMESTAMPTZOID, sizeof(int64), TYPALIGN_DOUBLE);
}

static void
put_holds(Datum *values, bool *nulls, const Contract *c)
{
	Datum		holds[MAX_HOLDS];
	Datum		times[OPEN_STATES];
	bool		held = false;

	for (int i = 0; i < OPEN_STATES; i++)
	{
		times[i] = Int64GetDatum(c->hold_time[i]);
		held |= c->hold_time[i] != 0;
	}
	nulls[CONTRACT_HOLD_TIME] = !held;
	values[CONTRACT_HOLD_TIME] = held ? make_array(times, OPEN_STATES, 1, INT8OID, sizeof(int64), TYPALIGN_DOUBLE)
		: (Datum) 0;
	for (int i = 0; i < c->nholds; i++)
		holds[i] = Int32GetDatum(c->holds[i]);
	nulls[CONTRACT_HOLDS] = c->nholds == 0;
	values[CONTRACT_HOLDS] = nulls[CONTRACT_HOLDS] ? (Datum) 0
		: make_array(holds, c->nholds, 1, INT4OID, sizeof(int32), TYPALIGN_INT);
}

static void
put_milestones(Datum *values, const Contract *c)
{
	int			n = c->nmilestones;
	Datum	   *no = palloc(5 * (n + 1) * sizeof(Datum));
	Datum	   *room = no + n;
	Datum	   *held = room + n;
	Datum	   *released = held + n;
	Datum	   *refunded = released + n;

	for (int i = 0; i < n; i++)
	{
		const MilestoneLine *m = &c->milestone[i];

		no[i] = Int32GetDatum(m->milestone_no);
		room[i] = AmountGetDatum(amount_pack(c->currency, m->room));
		held[i] = AmountGetDatum(amount_pack(c->currency, m->held));
		released[i] = AmountGetDatum(amount_pack(c->currency, m->released));
		refunded[i] = AmountGetDatum(amount_pack(c->currency, m->refunded));
	}
	values[CONTRACT_MILESTONE_NO] = make_array(no, n, 1, INT4OID, sizeof(int32), TYPALIGN_INT);
	values[CONTRACT_MILESTONE_ROOM] = amount_array(room, n, 1);
	values[CONTRACT_MILESTONE_HELD] = amount_array(held, n, 1);
	values[CONTRACT_MILESTONE_RELEASED] = amount_array(released, n, 1);
	values[CONTRACT_MILESTONE_REFUNDED] = amount_array(refunded, n, 1);
	put_reviews(values, c);
}

static void
put_contract(const Contract *c, Datum *v, bool *n)
{
	const Balances *b = &c->balance;
	Datum	   *held = palloc((c->ndeposits + 1) * sizeof(Datum));

	memset(n, 0, CONTRACT_COLUMNS * sizeof(bool));
	v[CONTRACT_ID] = Int64GetDatum(c->contract_id);
	put_instant(v, n, CONTRACT_CREATED_AT, c->created_at);
	put_instant(v, n, CONTRACT_LAST_AT, c->last_at);
	put_instant(v, n, CONTRACT_NEXT_DUE_AT, c->next_due_at);
	put_instant(v, n, CONTRACT_DUE_AT, c->due_at);
	put_instant(v, n, CONTRACT_TARGET_AT, c->target_at);
	put_instant(v, n, CONTRACT_REMIND_AT, c->remind_at);
	put_instant(v, n, CONTRACT_HELD_AT, c->held_at);
	put_instant(v, n, CONTRACT_OPENED_AT, c->opened_at);
	for (int i = 0; i < STAGES; i++)
		put_instant(v, n, CONTRACT_DISPUTED_AT + i, c->stage_at[i]);
	put_instant(v, n, CONTRACT_SETTLED_AT, c->settled_at);
	put_instant(v, n, CONTRACT_EFFECTIVE_AT, c->effective_at);
	put_amount(v, n, CONTRACT_DEPOSITED, c, b->deposited);
	put_amount(v, n, CONTRACT_HELD, c, b->held);
	put_amount(v, n, CONTRACT_RELEASED, c, b->released);
	put_amount(v, n, CONTRACT_REFUNDED, c, b->refunded);
	put_amount(v, n, CONTRACT_REVERSED, c, b->reversed);
	put_amount(v, n, CONTRACT_IN_TRANSIT, c, b->in_transit);
	put_amount(v, n, CONTRACT_FEE_HELD, c, b->fee_held);
	put_amount(v, n, CONTRACT_RECEIVABLE, c, b->receivable);
	put_amount(v, n, CONTRACT_AT_STAKE, c, c->at_stake);
	put_amount(v, n, CONTRACT_TO_FREELANCER, c, c->to_freelancer);
	put_amount(v, n, CONTRACT_TO_CLIENT, c, c->to_client);
	put_amount(v, n, CONTRACT_DISPUTED, c, c->disputed);
	put_amount(v, n, CONTRACT_PROPOSED, c, c->proposed);
	for (int i = 0; i < SIDES; i++)
	{
		const Side *side = &c->side[i];

		v[side_column[i].accepted] = BoolGetDatum(side->accepted);
		v[side_column[i].joined] = BoolGetDatum(side->joined);
		put_number(v, n, side_column[i].offer_no, side->offer_no);
		put_amount(v, n, side_column[i].offer, c, side->offer);
	}
	v[CONTRACT_POLICY_VERSION] = Int32GetDatum(c->policy_version);
	v[CONTRACT_EVENT_NO] = Int32GetDatum(c->event_no);
	v[CONTRACT_DEPOSIT_COUNT] = Int32GetDatum(c->deposit_count);
	v[CONTRACT_PAYMENT_COUNT] = Int32GetDatum(c->payment_count);
	v[CONTRACT_OFFER_COUNT] = Int32GetDatum(c->offer_count);
	v[CONTRACT_EVIDENCE_COUNT] = Int32GetDatum(c->evidence_count);
	v[CONTRACT_HOLD_COUNT] = Int32GetDatum(c->hold_count);
	v[CONTRACT_REVERSAL_COUNT] = Int32GetDatum(c->reversal_count);
	v[CONTRACT_EXTENSIONS] = Int32GetDatum(c->extensions);
	put_enum(v, n, CONTRACT_KIND, ENUM_CONTRACT_KIND, c->kind);
	put_enum(v, n, CONTRACT_STATE, ENUM_CONTRACT_STATE, c->state);
	put_enum(v, n, CONTRACT_REQUEST_STATE, ENUM_REQUEST_STATE, c->request_state);
	put_enum(v, n, CONTRACT_OUTCOME, ENUM_OUTCOME, c->outcome);
	put_enum(v, n, CONTRACT_LAST_EVENT, ENUM_EVENT_KIND, c->last_event);
	put_enum(v, n, CONTRACT_ENTERED_BY, ENUM_EVENT_KIND, c->entered_by);
	put_enum(v, n, CONTRACT_UNRESOLVED_BY, ENUM_EVENT_KIND, c->unresolved_by);
	v[CONTRACT_CURRENCY] = CurrencyGetDatum(c->currency);
	put_text(v, n, CONTRACT_CLIENT, c->client);
	put_text(v, n, CONTRACT_FREELANCER, c->freelancer);
	put_text(v, n, CONTRACT_AGENCY, c->agency);
	put_text(v, n, CONTRACT_POLICY, c->policy);
	put_text(v, n, CONTRACT_TEST_CLOCK, c->test_clock);
	put_text(v, n, CONTRACT_MEDIATOR, c->mediator);
	put_text(v, n, CONTRACT_ARBITRATOR, c->arbitrator);
	put_holds(v, n, c);
	put_milestones(v, c);
	for (int i = 0; i < c->ndeposits; i++)
		held[i] = AmountGetDatum(amount_pack(c->currency, c->deposit_held[i]));
	v[CONTRACT_DEPOSIT_HELD] = amount_array(held, c->ndeposits, c->first_live);
	v[CONTRACT_HEAD] = bytes_datum(c->head, HASH_BYTES);
}

static void
write_event(Writer *w, const Contract *c, const Step *step, const Command *cmd)
{
	Datum		v[EVENT_COLUMNS];
	bool		n[EVENT_COLUMNS] = {false};

	v[EVENT_CONTRACT_ID] = Int64GetDatum(c->contract_id);
	put_instant(v, n, EVENT_RECORDED_AT, step->recorded_at);
	put_instant(v, n, EVENT_EFFECTIVE_AT, step->effective_at);
	put_instant(v, n, EVENT_DUE_AT, step->due_at);
	put_amount(v, n, EVENT_AMOUNT, c, step->amount);
	n[EVENT_ARGUMENTS_DIGEST] = cmd == NULL || cmd->idempotency_key == NULL;
	v[EVENT_ARGUMENTS_DIGEST] = Int64GetDatum(cmd != NULL ? cmd->arguments_digest : 0);
	v[EVENT_EVENT_NO] = Int32GetDatum(step->event_no);
	put_number(v, n, EVENT_MILESTONE_NO, step->milestone_no);
	put_number(v, n, EVENT_TO_MILESTONE_NO, step->to_milestone_no);
	put_number(v, n, EVENT_ITEM_NO, step->item_no);
	put_enum(v, n, EVENT_KIND, ENUM_EVENT_KIND, step->event);
	put_enum(v, n, EVENT_PARTY, ENUM_PARTY, step->party);
	put_enum(v, n, EVENT_FROM_STATE, ENUM_REQUEST_STATE, step->from_state);
	put_enum(v, n, EVENT_TO_STATE, ENUM_REQUEST_STATE, step->to_state);
	put_enum(v, n, EVENT_OUTCOME, ENUM_OUTCOME, step->outcome);
	v[EVENT_HASH_FORMAT] = Int16GetDatum(CHAIN_FORMAT);
	put_text(v, n, EVENT_ACTOR, step->actor);
	put_text(v, n, EVENT_REFERENCE, step->reference);
	put_text(v, n, EVENT_IDEMPOTENCY_KEY, cmd != NULL ? cmd->idempotency_key : NULL);
	v[EVENT_HASH] = bytes_datum(c->head, HASH_BYTES);
	write_insert(w, TABLE_EVENT, v, n);
}

static void
write_leg(Writer *w, const Contract *c, const Step *step, int i)
{
	const Leg  *leg = &step->legs[i];
	Datum		v[TRANSFER_COLUMNS];
	bool		n[TRANSFER_COLUMNS] = {false};

	v[TRANSFER_CONTRACT_ID] = Int64GetDatum(c->contract_id);
	put_amount(v, n, TRANSFER_AMOUNT, c, leg->amount);
	v[TRANSFER_EVENT_NO] = Int32GetDatum(step->event_no);
	v[TRANSFER_ORDINAL] = Int32GetDatum(i + 1);
	put_number(v, n, TRANSFER_DEPOSIT_NO, leg->deposit_no);
	put_number(v, n, TRANSFER_MILESTONE_NO, leg->milestone_no);
	put_enum(v, n, TRANSFER_DEBIT, ENUM_ACCOUNT, leg->debit);
	put_enum(v, n, TRANSFER_CREDIT, ENUM_ACCOUNT, leg->credit);
	write_insert(w, TABLE_TRANSFER, v, n);
}

/* Workers and mailers live in the server's time, whatever the contract's clock says. */
static Datum
claimable_from(const Contract *c, const Step *step)
{
	return TimestampTzGetDatum(c->test_clock == NULL ? step->recorded_at : GetCurrentTimestamp());
}

static void
write_payment(Writer *w, const Contract *c, const Step *step, int i)
{
	const PaymentLine *p = &step->payments[i];
	Datum		v[PAYMENT_COLUMNS];
	bool		n[PAYMENT_COLUMNS] = {false};

	v[PAYMENT_CONTRACT_ID] = Int64GetDatum(c->contract_id);
	put_amount(v, n, PAYMENT_AMOUNT, c, p->amount);
	put_instant(v, n, PAYMENT_EXPECTED_BY, p->expected_by);
	v[PAYMENT_CLAIMABLE_AT] = claimable_from(c, step);
	v[PAYMENT_PAYMENT_NO] = Int32GetDatum(p->payment_no);
	put_number(v, n, PAYMENT_DEPOSIT_NO, p->deposit_no);
	v[PAYMENT_EVENT_NO] = Int32GetDatum(step->event_no);
	v[PAYMENT_ATTEMPT_NO] = Int32GetDatum(0);
	put_enum(v, n, PAYMENT_PAYEE, ENUM_PARTY, p->payee);
	put_enum(v, n, PAYMENT_PURPOSE, ENUM_PAYMENT_PURPOSE, p->purpose);
	put_enum(v, n, PAYMENT_STATE, ENUM_PAYMENT_STATE, PAYMENT_PENDING);
	v[PAYMENT_IS_TEST] = BoolGetDatum(c->test_clock != NULL);
	n[PAYMENT_PROVIDER_REF] = n[PAYMENT_EXTRA_REFS] = n[PAYMENT_DESTINATION] = true;
	write_insert(w, TABLE_REFUND_PAYMENT, v, n);
}

static Datum
extra_refs(const Payment *p)
{
	Datum	   *refs = palloc((p->nextra + 1) * sizeof(Datum));

	for (int i = 0; i < p->nextra; i++)
		refs[i] = CStringGetTextDatum(p->extra_refs[i]);
	return PointerGetDatum(construct_array(refs, p->nextra, TEXTOID, -1, false, TYPALIGN_INT));
}

/* What an event did to the payment that it is about. */
static void
update_payment(Writer *w, StoredContract *s, const Step *step)
{
	const Payment *p = s->c.payment;
	Datum	   *v = s->payment_values;
	bool	   *n = s->payment_nulls;

	v[PAYMENT_STATE] = enum_datum(ENUM_PAYMENT_STATE, p->state);
	v[PAYMENT_ATTEMPT_NO] = Int32GetDatum(p->attempt_no);
	put_text(v, n, PAYMENT_PROVIDER_REF, p->provider_ref);
	n[PAYMENT_EXTRA_REFS] = p->nextra == 0;
	v[PAYMENT_EXTRA_REFS] = extra_refs(p);
	put_text(v, n, PAYMENT_DESTINATION, p->destination);
	n[PAYMENT_CLAIMABLE_AT] = p->state != PAYMENT_PENDING;
	if (step->event == EVENT_PAYMENT_RETRIED)
		v[PAYMENT_CLAIMABLE_AT] = claimable_from(&s->c, step);
	write_update(w, TABLE_REFUND_PAYMENT, &s->payment_tid, v, n);
}

static void
write_fee(Writer *w, const Contract *c, const Step *step, const Command *cmd)
{
	Datum		v[FEE_COLUMNS];
	bool		n[FEE_COLUMNS] = {false};

	v[FEE_CONTRACT_ID] = Int64GetDatum(c->contract_id);
	put_amount(v, n, FEE_AMOUNT, c, step->fee);
	v[FEE_EVENT_NO] = Int32GetDatum(step->event_no);
	put_enum(v, n, FEE_PARTY, ENUM_PARTY, step->party);
	put_text(v, n, FEE_SOURCE, cmd->source);
	put_text(v, n, FEE_PROVIDER_REF, cmd->provider_ref);
	write_insert(w, TABLE_ARBITRATION_FEE, v, n);
}

static void
write_reversal(Writer *w, const Contract *c, const Step *step, const Command *cmd)
{
	const Reversal *r = c->reversal;
	Datum		v[REVERSAL_COLUMNS];
	bool		n[REVERSAL_COLUMNS] = {false};

	v[REVERSAL_CONTRACT_ID] = Int64GetDatum(c->contract_id);
	put_amount(v, n, REVERSAL_AMOUNT, c, r->amount);
	v[REVERSAL_REVERSAL_NO] = Int32GetDatum(r->reversal_no);
	v[REVERSAL_DEPOSIT_NO] = Int32GetDatum(r->deposit_no);
	v[REVERSAL_EVENT_NO] = Int32GetDatum(step->event_no);
	put_number(v, n, REVERSAL_HOLD_NO, r->hold_no);
	v[REVERSAL_KIND] = enum_datum(ENUM_REVERSAL_KIND, cmd->reversal_kind);
	put_text(v, n, REVERSAL_PROVIDER_REF, cmd->provider_ref);
	write_insert(w, TABLE_REVERSAL, v, n);
}

/* The outbox: one row an event; people are looked up when a mailer claims it. */
static void
write_notification(Writer *w, const Contract *c, const Step *step)
{
	Datum		v[NOTIFICATION_COLUMNS];
	bool		n[NOTIFICATION_COLUMNS] = {false};

	v[NOTIFICATION_CONTRACT_ID] = Int64GetDatum(c->contract_id);
	v[NOTIFICATION_CLAIMABLE_AT] = claimable_from(c, step);
	n[NOTIFICATION_DELIVERED_AT] = true;
	v[NOTIFICATION_NOTIFICATION_NO] = Int32GetDatum(step->event_no * NOTIFICATION_SLOTS);
	v[NOTIFICATION_EVENT_NO] = Int32GetDatum(step->event_no);
	v[NOTIFICATION_ATTEMPTS] = Int32GetDatum(0);
	put_enum(v, n, NOTIFICATION_STATE, ENUM_NOTIFICATION_STATE, NOTIFICATION_PENDING);
	n[NOTIFICATION_PARTY] = true;
	v[NOTIFICATION_IS_TEST] = BoolGetDatum(c->test_clock != NULL);
	n[NOTIFICATION_PERSON] = n[NOTIFICATION_PROVIDER_REF] = n[NOTIFICATION_FAILURE] = true;
	write_insert(w, TABLE_NOTIFICATION, v, n);
	notify_mailers(c);
}

static void
write_milestone(Writer *w, const Contract *c, const Step *step, const Command *cmd)
{
	Datum		v[MILESTONE_COLUMNS];
	bool		n[MILESTONE_COLUMNS] = {false};

	v[MILESTONE_CONTRACT_ID] = Int64GetDatum(c->contract_id);
	put_amount(v, n, MILESTONE_PRICE, c, cmd->amount);
	v[MILESTONE_MILESTONE_NO] = Int32GetDatum(cmd->milestone_no);
	v[MILESTONE_EVENT_NO] = Int32GetDatum(step->event_no);
	n[MILESTONE_DUE] = !cmd->has_due;
	v[MILESTONE_DUE] = Int32GetDatum(cmd->due);
	put_text(v, n, MILESTONE_TITLE, cmd->title);
	write_insert(w, TABLE_MILESTONE, v, n);
}

static void
write_deposit(Writer *w, const Contract *c, const Step *step, const Command *cmd)
{
	Datum		v[DEPOSIT_COLUMNS];
	bool		n[DEPOSIT_COLUMNS] = {false};

	v[DEPOSIT_CONTRACT_ID] = Int64GetDatum(c->contract_id);
	put_amount(v, n, DEPOSIT_AMOUNT, c, cmd->amount);
	v[DEPOSIT_DEPOSIT_NO] = Int32GetDatum(c->deposit_count);
	v[DEPOSIT_EVENT_NO] = Int32GetDatum(step->event_no);
	v[DEPOSIT_MILESTONE_NO] = Int32GetDatum(cmd->milestone_no);
	put_text(v, n, DEPOSIT_SOURCE, cmd->source);
	put_text(v, n, DEPOSIT_PROVIDER_REF, cmd->provider_ref);
	write_insert(w, TABLE_DEPOSIT, v, n);
}

/* The facts that the event keeps in other rows. */
static void
command_facts(const Contract *c, const Step *step, const Command *cmd, const Seals *seals,
			  ChainFacts *facts)
{
	if (step->event == EVENT_CREATE_CONTRACT)
		chain_contract_facts(c, policy_get(c->policy, c->policy_version)->digest, facts);
	else if (step->event == EVENT_FUND)
		chain_deposit_facts(cmd->source, cmd->provider_ref, facts);
	else if (step->event == EVENT_ADD_MILESTONE)
		chain_milestone_facts(cmd->title, cmd->has_due, cmd->due, facts);
	else if (step->fee > 0)
		chain_fee_facts(cmd->source, cmd->provider_ref, facts);
	else if (step->new_reversal)
		chain_reversal_facts(c->reversal->deposit_no, cmd->reversal_kind, c->reversal->hold_no,
							 cmd->provider_ref, facts);
	words_chain(cmd, seals, facts);
	if (cmd != NULL)
		chain_call_facts(cmd->idempotency_key, cmd->arguments_digest, facts);
}

static void
advance_chain(Contract *c, const Step *step, const Command *cmd, const Seals *seals)
{
	ChainFacts	facts = {0};

	command_facts(c, step, cmd, seals, &facts);
	chain_next(c->head, c, step, &facts, c->head);
}

void
store_step(Writer *w, StoredContract *s, Step *step, const Command *cmd)
{
	Datum		values[CONTRACT_COLUMNS];
	bool		nulls[CONTRACT_COLUMNS];
	Seals		seals;

	words_seal(cmd, &seals);
	advance_chain(&s->c, step, cmd, &seals);
	put_contract(&s->c, values, nulls);
	write_update(w, TABLE_CONTRACT, &s->tid, values, nulls);
	write_event(w, &s->c, step, cmd);
	for (int i = 0; i < step->nlegs; i++)
		write_leg(w, &s->c, step, i);
	for (int i = 0; i < step->npayments; i++)
		write_payment(w, &s->c, step, i);
	if (step->event == EVENT_FUND)
		write_deposit(w, &s->c, step, cmd);
	else if (step->event == EVENT_ADD_MILESTONE)
		write_milestone(w, &s->c, step, cmd);
	else if (step->fee > 0)
		write_fee(w, &s->c, step, cmd);
	words_write(w, &s->c, step, cmd, &seals);
	if (s->c.payment != NULL)
		update_payment(w, s, step);
	if (step->new_reversal)
		write_reversal(w, &s->c, step, cmd);
	if (event_is_told(step->event))
		write_notification(w, &s->c, step);
}

bool
store_new_contract(Contract *c, const Command *cmd, int64 now)
{
	Datum		values[CONTRACT_COLUMNS];
	bool		nulls[CONTRACT_COLUMNS];
	Step		step = {0};
	Writer	   *w = write_begin(event_label[EVENT_CREATE_CONTRACT]);
	bool		inserted;

	c->event_no = step.event_no = 1;
	c->created_at = c->last_at = step.recorded_at = step.effective_at = now;
	c->last_event = step.event = EVENT_CREATE_CONTRACT;
	step.party = PARTY_OPERATOR;
	step.due_at = NO_INSTANT;
	step.amount = NO_AMOUNT;
	advance_chain(c, &step, cmd, NULL);
	put_contract(c, values, nulls);
	inserted = write_insert_new(w, TABLE_CONTRACT, values, nulls);
	if (inserted)
		write_event(w, c, &step, cmd);
	write_end(w);
	return inserted;
}
