/*
 * store.c
 *		Contracts and steps between memory and the tables.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "columns.h"
#include "compat.h"
#include "store.h"
#include "table_read.h"
#include "value_types.h"

/* ---- reading ---- */

/* The elements of an array without nulls, -1 for any other; *lower is its first subscript. */
static int
array_elements(Datum datum, void **elements, int *lower)
{
	ArrayType  *array = DatumGetArrayTypeP(datum);

	if (ARR_NDIM(array) > 1 || ARR_HASNULL(array))
		return -1;
	*elements = ARR_DATA_PTR(array);
	if (lower != NULL)
		*lower = ARR_NDIM(array) == 1 ? ARR_LBOUND(array)[0] : 1;
	return ARR_NDIM(array) == 1 ? ARR_DIMS(array)[0] : 0;
}

static int64
read_amount(Datum *values, bool *nulls, int column)
{
	return nulls[column] ? NO_AMOUNT : amount_minor(DatumGetAmount(values[column]));
}

static int64
read_instant(Datum *values, bool *nulls, int column)
{
	return nulls[column] ? NO_INSTANT : DatumGetTimestampTz(values[column]);
}

static char *
read_text(Datum *values, bool *nulls, int column)
{
	return nulls[column] ? NULL : TextDatumGetCString(values[column]);
}

static int
read_enum(EnumType type, Datum *values, bool *nulls, int column)
{
	return nulls[column] ? 0 : enum_value(type, values[column]);
}

static bool
read_milestones(Datum *values, Contract *c)
{
	int32	   *no;
	Amount	   *room;
	Amount	   *held;
	Amount	   *released;
	Amount	   *refunded;
	int			n = array_elements(values[CONTRACT_MILESTONE_NO], (void **) &no, NULL);

	if (n < 0 ||
		array_elements(values[CONTRACT_MILESTONE_ROOM], (void **) &room, NULL) != n ||
		array_elements(values[CONTRACT_MILESTONE_HELD], (void **) &held, NULL) != n ||
		array_elements(values[CONTRACT_MILESTONE_RELEASED], (void **) &released, NULL) != n ||
		array_elements(values[CONTRACT_MILESTONE_REFUNDED], (void **) &refunded, NULL) != n)
		return false;
	c->nmilestones = n;
	/* one more, for the milestone that a command may add */
	c->milestone = palloc((n + 1) * sizeof(MilestoneLine));
	for (int i = 0; i < n; i++)
		c->milestone[i] = (MilestoneLine)
		{
			.milestone_no = no[i],
				.room = amount_minor(room[i]),
				.held = amount_minor(held[i]),
				.released = amount_minor(released[i]),
				.refunded = amount_minor(refunded[i])
		};
	return true;
}

static bool
read_deposits(Datum *values, Contract *c)
{
	Amount	   *held;

	c->ndeposits = array_elements(values[CONTRACT_DEPOSIT_HELD], (void **) &held, &c->first_live);
	if (c->ndeposits < 0)
		return false;
	c->deposit_held = palloc((c->ndeposits + 1) * sizeof(int64));
	for (int i = 0; i < c->ndeposits; i++)
		c->deposit_held[i] = amount_minor(held[i]);
	return true;
}

void
store_check_version(int natts)
{
	if (natts != CONTRACT_COLUMNS)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("table refund.contract is not of this library's version"),
				 errhint("Run ALTER EXTENSION refund UPDATE.")));
}

/* False when the arrays are not what this library writes: the row's CHECK was got around. */
static bool
read_contract(Datum *v, bool *n, Contract *c)
{
	bytea	   *head = DatumGetByteaPP(v[CONTRACT_HEAD]);

	c->contract_id = DatumGetInt64(v[CONTRACT_ID]);
	c->created_at = read_instant(v, n, CONTRACT_CREATED_AT);
	c->last_at = read_instant(v, n, CONTRACT_LAST_AT);
	c->next_due_at = read_instant(v, n, CONTRACT_NEXT_DUE_AT);
	c->due_at = read_instant(v, n, CONTRACT_DUE_AT);
	c->opened_at = read_instant(v, n, CONTRACT_OPENED_AT);
	c->settled_at = read_instant(v, n, CONTRACT_SETTLED_AT);
	c->effective_at = read_instant(v, n, CONTRACT_EFFECTIVE_AT);
	c->balance.deposited = read_amount(v, n, CONTRACT_DEPOSITED);
	c->balance.held = read_amount(v, n, CONTRACT_HELD);
	c->balance.released = read_amount(v, n, CONTRACT_RELEASED);
	c->balance.refunded = read_amount(v, n, CONTRACT_REFUNDED);
	c->balance.reversed = read_amount(v, n, CONTRACT_REVERSED);
	c->balance.in_transit = read_amount(v, n, CONTRACT_IN_TRANSIT);
	c->balance.fee_held = read_amount(v, n, CONTRACT_FEE_HELD);
	c->at_stake = read_amount(v, n, CONTRACT_AT_STAKE);
	c->to_freelancer = read_amount(v, n, CONTRACT_TO_FREELANCER);
	c->to_client = read_amount(v, n, CONTRACT_TO_CLIENT);
	c->policy_version = DatumGetInt32(v[CONTRACT_POLICY_VERSION]);
	c->event_no = DatumGetInt32(v[CONTRACT_EVENT_NO]);
	c->deposit_count = DatumGetInt32(v[CONTRACT_DEPOSIT_COUNT]);
	c->payment_count = DatumGetInt32(v[CONTRACT_PAYMENT_COUNT]);
	c->kind = read_enum(ENUM_CONTRACT_KIND, v, n, CONTRACT_KIND);
	c->state = read_enum(ENUM_CONTRACT_STATE, v, n, CONTRACT_STATE);
	c->request_state = read_enum(ENUM_REQUEST_STATE, v, n, CONTRACT_REQUEST_STATE);
	c->outcome = read_enum(ENUM_OUTCOME, v, n, CONTRACT_OUTCOME);
	c->last_event = read_enum(ENUM_EVENT_KIND, v, n, CONTRACT_LAST_EVENT);
	c->currency = DatumGetCurrency(v[CONTRACT_CURRENCY]);
	c->client = read_text(v, n, CONTRACT_CLIENT);
	c->freelancer = read_text(v, n, CONTRACT_FREELANCER);
	c->agency = read_text(v, n, CONTRACT_AGENCY);
	c->policy = read_text(v, n, CONTRACT_POLICY);
	c->test_clock = read_text(v, n, CONTRACT_TEST_CLOCK);
	memset(c->head, 0, HASH_BYTES);
	if (VARSIZE_ANY_EXHDR(head) == HASH_BYTES)
		memcpy(c->head, VARDATA_ANY(head), HASH_BYTES);
	return read_milestones(v, c) && read_deposits(v, c);
}

static void
refuse_malformed(const Contract *c)
{
	ereport(ERROR,
			(errcode(ERRCODE_DATA_CORRUPTED),
			 errmsg("the arrays of contract %lld are malformed", (long long) c->contract_id),
			 errhint("Function refund.verify_all() lists what does not add up.")));
}

bool
store_try_contract_of(HeapTuple tuple, TupleDesc desc, int skip, Contract *c)
{
	Datum		values[CONTRACT_COLUMNS + 1];
	bool		nulls[CONTRACT_COLUMNS + 1];

	Assert(skip <= 1);
	store_check_version(desc->natts - skip);
	heap_deform_tuple(tuple, desc, values, nulls);
	return read_contract(values + skip, nulls + skip, c);
}

void
store_contract_of(HeapTuple tuple, TupleDesc desc, int skip, Contract *c)
{
	if (!store_try_contract_of(tuple, desc, skip, c))
		refuse_malformed(c);
}

bool
store_lock(int64 contract_id, StoredContract *result)
{
	TableScan  *scan = scan_lock(TABLE_CONTRACT, contract_id, &result->tid);

	if (scan == NULL)
		return false;
	if (!read_contract(scan_values(scan), scan_nulls(scan), &result->c))
		refuse_malformed(&result->c);
	scan_end(scan);
	return true;
}

void
store_read_milestone(const Contract *c, int32 milestone_no, MilestoneText *result)
{
	TableScan  *scan = scan_begin(TABLE_MILESTONE, c->contract_id, milestone_no);
	Datum	   *v = scan_values(scan);
	bool	   *n = scan_nulls(scan);

	if (!scan_next(scan))
		elog(ERROR, "milestone %d of contract %lld has no row",
			 milestone_no, (long long) c->contract_id);
	result->title = read_text(v, n, MILESTONE_TITLE);
	result->price = read_amount(v, n, MILESTONE_PRICE);
	result->has_due = !n[MILESTONE_DUE];
	result->due = DatumGetInt32(v[MILESTONE_DUE]);
	scan_end(scan);
}

void
store_prepare_step(const Contract *c, Step *step)
{
	memset(step, 0, sizeof(Step));
	step->legs = palloc(step_legs_needed(c) * sizeof(Leg));
	step->payments = palloc(step_payments_needed(c) * sizeof(PaymentLine));
}

/* ---- writing ---- */

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
bytes_datum(const uint8 *bytes, int length)
{
	bytea	   *result = palloc(VARHDRSZ + length);

	SET_VARSIZE(result, VARHDRSZ + length);
	memcpy(VARDATA(result), bytes, length);
	return PointerGetDatum(result);
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
	put_instant(v, n, CONTRACT_OPENED_AT, c->opened_at);
	put_instant(v, n, CONTRACT_SETTLED_AT, c->settled_at);
	put_instant(v, n, CONTRACT_EFFECTIVE_AT, c->effective_at);
	put_amount(v, n, CONTRACT_DEPOSITED, c, b->deposited);
	put_amount(v, n, CONTRACT_HELD, c, b->held);
	put_amount(v, n, CONTRACT_RELEASED, c, b->released);
	put_amount(v, n, CONTRACT_REFUNDED, c, b->refunded);
	put_amount(v, n, CONTRACT_REVERSED, c, b->reversed);
	put_amount(v, n, CONTRACT_IN_TRANSIT, c, b->in_transit);
	put_amount(v, n, CONTRACT_FEE_HELD, c, b->fee_held);
	put_amount(v, n, CONTRACT_AT_STAKE, c, c->at_stake);
	put_amount(v, n, CONTRACT_TO_FREELANCER, c, c->to_freelancer);
	put_amount(v, n, CONTRACT_TO_CLIENT, c, c->to_client);
	v[CONTRACT_POLICY_VERSION] = Int32GetDatum(c->policy_version);
	v[CONTRACT_EVENT_NO] = Int32GetDatum(c->event_no);
	v[CONTRACT_DEPOSIT_COUNT] = Int32GetDatum(c->deposit_count);
	v[CONTRACT_PAYMENT_COUNT] = Int32GetDatum(c->payment_count);
	put_enum(v, n, CONTRACT_KIND, ENUM_CONTRACT_KIND, c->kind);
	put_enum(v, n, CONTRACT_STATE, ENUM_CONTRACT_STATE, c->state);
	put_enum(v, n, CONTRACT_REQUEST_STATE, ENUM_REQUEST_STATE, c->request_state);
	put_enum(v, n, CONTRACT_OUTCOME, ENUM_OUTCOME, c->outcome);
	put_enum(v, n, CONTRACT_LAST_EVENT, ENUM_EVENT_KIND, c->last_event);
	v[CONTRACT_CURRENCY] = CurrencyGetDatum(c->currency);
	put_text(v, n, CONTRACT_CLIENT, c->client);
	put_text(v, n, CONTRACT_FREELANCER, c->freelancer);
	put_text(v, n, CONTRACT_AGENCY, c->agency);
	put_text(v, n, CONTRACT_POLICY, c->policy);
	put_text(v, n, CONTRACT_TEST_CLOCK, c->test_clock);
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
	put_enum(v, n, EVENT_KIND, ENUM_EVENT_KIND, step->event);
	put_enum(v, n, EVENT_PARTY, ENUM_PARTY, step->party);
	put_enum(v, n, EVENT_FROM_STATE, ENUM_REQUEST_STATE, step->from_state);
	put_enum(v, n, EVENT_TO_STATE, ENUM_REQUEST_STATE, step->to_state);
	put_enum(v, n, EVENT_OUTCOME, ENUM_OUTCOME, step->outcome);
	v[EVENT_HASH_FORMAT] = Int16GetDatum(CHAIN_FORMAT);
	put_text(v, n, EVENT_ACTOR, step->actor);
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

static void
write_payment(Writer *w, const Contract *c, const Step *step, int i)
{
	const PaymentLine *p = &step->payments[i];
	Datum		v[PAYMENT_COLUMNS];
	bool		n[PAYMENT_COLUMNS] = {false};

	v[PAYMENT_CONTRACT_ID] = Int64GetDatum(c->contract_id);
	put_amount(v, n, PAYMENT_AMOUNT, c, p->amount);
	put_instant(v, n, PAYMENT_EXPECTED_BY, p->expected_by);
	v[PAYMENT_PAYMENT_NO] = Int32GetDatum(p->payment_no);
	v[PAYMENT_DEPOSIT_NO] = Int32GetDatum(p->deposit_no);
	v[PAYMENT_EVENT_NO] = Int32GetDatum(step->event_no);
	put_enum(v, n, PAYMENT_PURPOSE, ENUM_PAYMENT_PURPOSE, p->purpose);
	put_enum(v, n, PAYMENT_STATE, ENUM_PAYMENT_STATE, PAYMENT_PENDING);
	write_insert(w, TABLE_REFUND_PAYMENT, v, n);
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
command_facts(const Contract *c, const Step *step, const Command *cmd, ChainFacts *facts)
{
	facts->count = 0;
	if (step->event == EVENT_CREATE_CONTRACT)
		chain_contract_facts(c, facts);
	else if (step->event == EVENT_FUND)
		chain_deposit_facts(cmd->source, cmd->provider_ref, facts);
	else if (step->event == EVENT_ADD_MILESTONE)
		chain_milestone_facts(cmd->has_due, cmd->due, facts);
	if (cmd != NULL)
		chain_call_facts(cmd->idempotency_key, cmd->arguments_digest, facts);
}

static void
advance_chain(Contract *c, const Step *step, const Command *cmd)
{
	ChainFacts	facts;

	command_facts(c, step, cmd, &facts);
	chain_next(c->head, c, step, &facts, c->head);
}

void
store_step(Writer *w, StoredContract *s, Step *step, const Command *cmd)
{
	Datum		values[CONTRACT_COLUMNS];
	bool		nulls[CONTRACT_COLUMNS];

	advance_chain(&s->c, step, cmd);
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
	advance_chain(c, &step, cmd);
	put_contract(c, values, nulls);
	inserted = write_insert_new(w, TABLE_CONTRACT, values, nulls);
	if (inserted)
		write_event(w, c, &step, cmd);
	write_end(w);
	return inserted;
}
