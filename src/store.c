/*
 * store.c
 *		Contracts and their payments from the tables into memory.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "nodes/pg_list.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "columns.h"
#include "compat.h"
#include "payment.h"
#include "refusal.h"
#include "reversal.h"
#include "store.h"
#include "table_read.h"
#include "value_types.h"

const SideColumns side_column[SIDES] = {
	[SIDE_CLIENT] = {
		CONTRACT_CLIENT_ACCEPTED, CONTRACT_CLIENT_JOINED,
		CONTRACT_CLIENT_OFFER_NO, CONTRACT_CLIENT_OFFER
	},
	[SIDE_FREELANCER] = {
		CONTRACT_FREELANCER_ACCEPTED, CONTRACT_FREELANCER_JOINED,
		CONTRACT_FREELANCER_OFFER_NO, CONTRACT_FREELANCER_OFFER
	}
};

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

static int32
read_number(Datum *values, bool *nulls, int column)
{
	return nulls[column] ? 0 : DatumGetInt32(values[column]);
}

static bool
read_milestones(Datum *values, Contract *c)
{
	int32	   *no;
	Amount	   *room;
	Amount	   *held;
	Amount	   *released;
	Amount	   *refunded;
	TimestampTz *due;
	TimestampTz *tick;
	int			nreviews;
	int			n = array_elements(values[CONTRACT_MILESTONE_NO], (void **) &no, NULL);

	if (n < 0 ||
		array_elements(values[CONTRACT_MILESTONE_ROOM], (void **) &room, NULL) != n ||
		array_elements(values[CONTRACT_MILESTONE_HELD], (void **) &held, NULL) != n ||
		array_elements(values[CONTRACT_MILESTONE_RELEASED], (void **) &released, NULL) != n ||
		array_elements(values[CONTRACT_MILESTONE_REFUNDED], (void **) &refunded, NULL) != n)
		return false;
	c->nmilestones = n;
	/* no review at all is no element at all */
	nreviews = array_elements(values[CONTRACT_MILESTONE_REVIEW_DUE], (void **) &due, NULL);
	if ((nreviews != n && nreviews != 0) ||
		array_elements(values[CONTRACT_MILESTONE_REVIEW_TICK], (void **) &tick, NULL) != nreviews)
		return false;
	/* one more, for the milestone that a command may add */
	c->milestone = palloc((n + 1) * sizeof(MilestoneLine));
	for (int i = 0; i < n; i++)
		c->milestone[i] = (MilestoneLine)
		{
			.milestone_no = no[i],
				.room = amount_minor(room[i]),
				.held = amount_minor(held[i]),
				.released = amount_minor(released[i]),
				.refunded = amount_minor(refunded[i]),
				.review_due_at = nreviews == 0 || TIMESTAMP_NOT_FINITE(due[i]) ? NO_INSTANT : due[i],
				.review_tick_at = nreviews == 0 || TIMESTAMP_NOT_FINITE(tick[i]) ? NO_INSTANT : tick[i]
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

static bool
read_holds(Datum *values, bool *nulls, Contract *c)
{
	int32	   *numbers;
	int64	   *times;

	c->nholds = 0;
	memset(c->hold_time, 0, sizeof(c->hold_time));
	if (!nulls[CONTRACT_HOLD_TIME])
	{
		if (array_elements(values[CONTRACT_HOLD_TIME], (void **) &times, NULL) != OPEN_STATES)
			return false;
		memcpy(c->hold_time, times, sizeof(c->hold_time));
	}
	if (nulls[CONTRACT_HOLDS])
		return true;
	c->nholds = array_elements(values[CONTRACT_HOLDS], (void **) &numbers, NULL);
	if (c->nholds < 0 || c->nholds > MAX_HOLDS)
		return false;
	memcpy(c->holds, numbers, c->nholds * sizeof(int32));
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
	c->target_at = read_instant(v, n, CONTRACT_TARGET_AT);
	c->remind_at = read_instant(v, n, CONTRACT_REMIND_AT);
	c->held_at = read_instant(v, n, CONTRACT_HELD_AT);
	c->opened_at = read_instant(v, n, CONTRACT_OPENED_AT);
	for (int i = 0; i < STAGES; i++)
		c->stage_at[i] = read_instant(v, n, CONTRACT_DISPUTED_AT + i);
	c->settled_at = read_instant(v, n, CONTRACT_SETTLED_AT);
	c->effective_at = read_instant(v, n, CONTRACT_EFFECTIVE_AT);
	c->balance.deposited = read_amount(v, n, CONTRACT_DEPOSITED);
	c->balance.held = read_amount(v, n, CONTRACT_HELD);
	c->balance.released = read_amount(v, n, CONTRACT_RELEASED);
	c->balance.refunded = read_amount(v, n, CONTRACT_REFUNDED);
	c->balance.reversed = read_amount(v, n, CONTRACT_REVERSED);
	c->balance.in_transit = read_amount(v, n, CONTRACT_IN_TRANSIT);
	c->balance.fee_held = read_amount(v, n, CONTRACT_FEE_HELD);
	c->balance.receivable = read_amount(v, n, CONTRACT_RECEIVABLE);
	c->at_stake = read_amount(v, n, CONTRACT_AT_STAKE);
	c->to_freelancer = read_amount(v, n, CONTRACT_TO_FREELANCER);
	c->to_client = read_amount(v, n, CONTRACT_TO_CLIENT);
	c->disputed = read_amount(v, n, CONTRACT_DISPUTED);
	c->proposed = read_amount(v, n, CONTRACT_PROPOSED);
	for (int i = 0; i < SIDES; i++)
	{
		Side	   *side = &c->side[i];

		side->accepted = DatumGetBool(v[side_column[i].accepted]);
		side->joined = DatumGetBool(v[side_column[i].joined]);
		side->offer_no = read_number(v, n, side_column[i].offer_no);
		side->offer = read_amount(v, n, side_column[i].offer);
	}
	c->policy_version = DatumGetInt32(v[CONTRACT_POLICY_VERSION]);
	c->event_no = DatumGetInt32(v[CONTRACT_EVENT_NO]);
	c->deposit_count = DatumGetInt32(v[CONTRACT_DEPOSIT_COUNT]);
	c->payment_count = DatumGetInt32(v[CONTRACT_PAYMENT_COUNT]);
	c->offer_count = DatumGetInt32(v[CONTRACT_OFFER_COUNT]);
	c->evidence_count = DatumGetInt32(v[CONTRACT_EVIDENCE_COUNT]);
	c->hold_count = DatumGetInt32(v[CONTRACT_HOLD_COUNT]);
	c->reversal_count = DatumGetInt32(v[CONTRACT_REVERSAL_COUNT]);
	c->extensions = DatumGetInt32(v[CONTRACT_EXTENSIONS]);
	c->kind = read_enum(ENUM_CONTRACT_KIND, v, n, CONTRACT_KIND);
	c->state = read_enum(ENUM_CONTRACT_STATE, v, n, CONTRACT_STATE);
	c->request_state = read_enum(ENUM_REQUEST_STATE, v, n, CONTRACT_REQUEST_STATE);
	c->outcome = read_enum(ENUM_OUTCOME, v, n, CONTRACT_OUTCOME);
	c->last_event = read_enum(ENUM_EVENT_KIND, v, n, CONTRACT_LAST_EVENT);
	c->entered_by = read_enum(ENUM_EVENT_KIND, v, n, CONTRACT_ENTERED_BY);
	c->unresolved_by = read_enum(ENUM_EVENT_KIND, v, n, CONTRACT_UNRESOLVED_BY);
	c->currency = DatumGetCurrency(v[CONTRACT_CURRENCY]);
	c->client = read_text(v, n, CONTRACT_CLIENT);
	c->freelancer = read_text(v, n, CONTRACT_FREELANCER);
	c->agency = read_text(v, n, CONTRACT_AGENCY);
	c->policy = read_text(v, n, CONTRACT_POLICY);
	c->test_clock = read_text(v, n, CONTRACT_TEST_CLOCK);
	c->mediator = read_text(v, n, CONTRACT_MEDIATOR);
	c->arbitrator = read_text(v, n, CONTRACT_ARBITRATOR);
	c->payment = NULL;
	c->item_gone = false;
	c->reversal = NULL;
	c->nreleases = 0;
	memset(c->head, 0, HASH_BYTES);
	if (VARSIZE_ANY_EXHDR(head) == HASH_BYTES)
		memcpy(c->head, VARDATA_ANY(head), HASH_BYTES);
	return read_milestones(v, c) && read_deposits(v, c) && read_holds(v, n, c);
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

static void
read_extra_refs(Datum *v, bool *n, Payment *p)
{
	Datum	   *refs = NULL;

	if (!n[PAYMENT_EXTRA_REFS])
		deconstruct_array(DatumGetArrayTypeP(v[PAYMENT_EXTRA_REFS]), TEXTOID, -1, false, TYPALIGN_INT,
						  &refs, NULL, &p->nextra);
	p->extra_refs = palloc((p->nextra + 1) * sizeof(char *));
	for (int i = 0; i < p->nextra; i++)
		p->extra_refs[i] = TextDatumGetCString(refs[i]);
}

/* What was reported of the command's reference; RF007 when of another payment. */
static void
read_reports(const Command *cmd, Payment *p)
{
	TableScan  *scan;

	if (cmd->provider_ref == NULL)
		return;
	scan = scan_begin_texts(TABLE_EVENT, "event_reference", cmd->contract_id, 1, &cmd->provider_ref);
	while (scan_next(scan))
	{
		Datum	   *v = scan_values(scan);
		PaymentState reported = event_reports(enum_value(ENUM_EVENT_KIND, v[EVENT_KIND]));

		if (reported == PAYMENT_PENDING)
			continue;
		if (DatumGetInt32(v[EVENT_ITEM_NO]) != p->payment_no)
			raise_key_conflict(cmd, cmd->provider_ref);
		p->reported |= 1u << reported;
	}
	scan_end(scan);
}

bool
store_lock_payment(StoredContract *s, const Command *cmd)
{
	TableScan  *scan = scan_lock_item(TABLE_REFUND_PAYMENT, cmd->contract_id, cmd->item_no,
									  &s->payment_tid);
	Payment    *p = &s->payment;
	Datum	   *v = s->payment_values;
	bool	   *n = s->payment_nulls;

	if (scan == NULL)
		return false;
	memcpy(v, scan_values(scan), sizeof(s->payment_values));
	memcpy(n, scan_nulls(scan), sizeof(s->payment_nulls));
	memset(p, 0, sizeof(Payment));
	p->payment_no = DatumGetInt32(v[PAYMENT_PAYMENT_NO]);
	p->deposit_no = read_number(v, n, PAYMENT_DEPOSIT_NO);
	p->state = enum_value(ENUM_PAYMENT_STATE, v[PAYMENT_STATE]);
	p->amount = read_amount(v, n, PAYMENT_AMOUNT);
	p->attempt_no = DatumGetInt32(v[PAYMENT_ATTEMPT_NO]);
	p->provider_ref = read_text(v, n, PAYMENT_PROVIDER_REF);
	read_extra_refs(v, n, p);
	p->destination = read_text(v, n, PAYMENT_DESTINATION);
	scan_end(scan);
	read_reports(cmd, p);
	s->c.payment = p;
	return true;
}

/* What the events say of a reversal that was reported before. */
static void
read_reversal_state(const Command *cmd, Reversal *r)
{
	TableScan  *scan = scan_begin_texts(TABLE_EVENT, "event_reference", cmd->contract_id, 1, &cmd->provider_ref);

	while (scan_next(scan))
	{
		Datum	   *v = scan_values(scan);
		ReversalState state;

		/* opened comes first, and is the least of the three */
		if (event_reverses(enum_value(ENUM_EVENT_KIND, v[EVENT_KIND]), &state) && state > r->state)
			r->state = state;
	}
	scan_end(scan);
}

bool
store_find_reversal(StoredContract *s, const Command *cmd)
{
	Reversal   *r = &s->reversal;
	const char *texts[] = {cmd->provider_ref};
	TableScan  *scan = scan_begin(TABLE_DEPOSIT, cmd->contract_id, cmd->deposit_no);

	if (!scan_next(scan))
	{
		scan_end(scan);
		return false;
	}
	memset(r, 0, sizeof(Reversal));
	r->deposit_no = cmd->deposit_no;
	r->milestone_no = DatumGetInt32(scan_values(scan)[DEPOSIT_MILESTONE_NO]);
	r->reversible = read_amount(scan_values(scan), scan_nulls(scan), DEPOSIT_AMOUNT);
	scan_end(scan);

	/* what was reversed of it before */
	scan = scan_begin_all(TABLE_TRANSFER, cmd->contract_id);
	while (scan_next(scan))
	{
		Datum	   *v = scan_values(scan);

		if (enum_value(ENUM_ACCOUNT, v[TRANSFER_CREDIT]) == ACCOUNT_SOURCE &&
			read_number(v, scan_nulls(scan), TRANSFER_DEPOSIT_NO) == cmd->deposit_no)
			r->reversible -= amount_minor(DatumGetAmount(v[TRANSFER_AMOUNT]));
	}
	scan_end(scan);

	scan = scan_begin_texts(TABLE_REVERSAL, "reversal_provider_ref", cmd->contract_id, 1, texts);
	if (scan_next(scan))
	{
		Datum	   *v = scan_values(scan);

		r->reversal_no = DatumGetInt32(v[REVERSAL_REVERSAL_NO]);
		r->hold_no = read_number(v, scan_nulls(scan), REVERSAL_HOLD_NO);
		r->amount = amount_minor(DatumGetAmount(v[REVERSAL_AMOUNT]));
		if (DatumGetInt32(v[REVERSAL_DEPOSIT_NO]) != cmd->deposit_no ||
			enum_value(ENUM_REVERSAL_KIND, v[REVERSAL_KIND]) != (int) cmd->reversal_kind)
			raise_key_conflict(cmd, cmd->provider_ref);
	}
	scan_end(scan);
	if (r->reversal_no != 0)
		read_reversal_state(cmd, r);
	s->c.reversal = r;
	return true;
}

static int64
event_time(int64 contract_id, int32 event_no)
{
	TableScan  *scan = scan_begin(TABLE_EVENT, contract_id, event_no);
	int64		result = scan_next(scan) ? DatumGetTimestampTz(scan_values(scan)[EVENT_RECORDED_AT]) : NO_INSTANT;

	scan_end(scan);
	return result;
}

/* What was released last is given back first: a stack of releases, without what was given back. */
void
store_read_releases(Contract *c, int32 milestone_no)
{
	TableScan  *scan = scan_begin_all(TABLE_TRANSFER, c->contract_id);
	List	   *stack = NIL;

	while (scan_next(scan))
	{
		Datum	   *v = scan_values(scan);
		int64		amount = amount_minor(DatumGetAmount(v[TRANSFER_AMOUNT]));

		if (read_number(v, scan_nulls(scan), TRANSFER_MILESTONE_NO) != milestone_no)
			continue;
		if (enum_value(ENUM_ACCOUNT, v[TRANSFER_CREDIT]) == ACCOUNT_FREELANCER)
		{
			Release    *release = palloc(sizeof(Release));

			release->deposit_no = read_number(v, scan_nulls(scan), TRANSFER_DEPOSIT_NO);
			release->amount = amount;
			release->released_at = event_time(c->contract_id, DatumGetInt32(v[TRANSFER_EVENT_NO]));
			stack = lcons(release, stack);
		}
		while (enum_value(ENUM_ACCOUNT, v[TRANSFER_DEBIT]) == ACCOUNT_FREELANCER && amount > 0 && stack != NIL)
		{
			Release    *last = linitial(stack);
			int64		part = Min(last->amount, amount);

			last->amount -= part;
			amount -= part;
			if (last->amount == 0)
				stack = list_delete_first(stack);
		}
	}
	scan_end(scan);
	c->nreleases = 0;
	c->releases = palloc((list_length(stack) + 1) * sizeof(Release));
	for (int i = 0; i < list_length(stack); i++)
		c->releases[c->nreleases++] = *(Release *) list_nth(stack, i);
}

void
store_prepare_step(const Contract *c, Step *step)
{
	memset(step, 0, sizeof(Step));
	step->legs = palloc(step_legs_needed(c) * sizeof(Leg));
	step->payments = palloc(step_payments_needed(c) * sizeof(PaymentLine));
}
