/*
 * verify.c
 *		verify() and verify_all(): every invariant, proved again from the rows.
 *
 * A contract's history is replayed event by event: numbers, times, states and
 * hashes must follow from one another, and the replayed money must be what the
 * contract's row, its milestones and its deposits say.  A finding names the
 * contract, the rule and the position.  Nothing here is shared with the code
 * that writes, but the transition table and the canonical bytes.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "audit.h"
#include "catalog.h"
#include "chain.h"
#include "compat.h"
#include "spi.h"
#include "store.h"
#include "value_types.h"

PG_FUNCTION_INFO_V1(refund_verify);
PG_FUNCTION_INFO_V1(refund_verify_all);

/* What a replay has of one deposit. */
typedef struct DepositReplay
{
	int64		amount;
	int64		funded;
	int64		held;
	int64		refunded;
	int64		paid;			/* sum of its refund payments */
	int32		event_no;
	int32		milestone_no;
	char	   *source;
	char	   *provider_ref;
	bool		has_row;
} DepositReplay;

typedef struct MilestoneReplay
{
	MilestoneLine line;
	int64		price;
	int32		event_no;
	bool		has_due;
	int32		due;
} MilestoneReplay;

typedef struct Verification
{
	ReturnSetInfo *rsinfo;
	Contract	c;
	Balances	balance;
	RequestState state;
	Outcome		outcome;
	EventKind	last_event;
	int32		event_no;
	int64		created_at;
	int64		recorded_at;
	int64		opened_at;
	int64		settled_at;
	int64		effective_at;
	int64		due_at;
	bool		ended;
	bool		currency_holds;
	uint8		head[HASH_BYTES];
	bool		hashes_hold;
	int			nmilestones;
	MilestoneReplay *milestone;
	int			ndeposits;
	DepositReplay *deposit;		/* by deposit number - 1 */
} Verification;

static void
report(Verification *v, const char *rule, const char *detail)
{
	Datum		values[3];
	bool		nulls[3] = {false};

	values[0] = Int64GetDatum(v->c.contract_id);
	values[1] = CStringGetTextDatum(rule);
	values[2] = CStringGetTextDatum(detail);
	tuplestore_putvalues(v->rsinfo->setResult, v->rsinfo->setDesc, values, nulls);
}

static void
expect_amount(Verification *v, const char *rule, const char *what, int64 expected, int64 found)
{
	if (expected != found)
		report(v, rule, psprintf("%s: the history says %lld minor units, the row %lld",
								 what, (long long) expected, (long long) found));
}

/* ---- reading ---- */

static Datum
column(SqlRows *rows, uint64 row, int n, bool *isnull)
{
	return heap_getattr(rows->rows[row], n, rows->desc, isnull);
}

static int64
amount_column(Verification *v, SqlRows *rows, uint64 row, int n)
{
	bool		isnull;
	Datum		value = column(rows, row, n, &isnull);

	if (isnull)
		return NO_AMOUNT;
	if (amount_currency(DatumGetAmount(value)) != v->c.currency && v->currency_holds)
	{
		report(v, "currency", "an amount is not in the contract's currency");
		v->currency_holds = false;
	}
	return amount_minor(DatumGetAmount(value));
}

static int32
number_column(SqlRows *rows, uint64 row, int n)
{
	bool		isnull;
	Datum		value = column(rows, row, n, &isnull);

	return isnull ? 0 : DatumGetInt32(value);
}

static int64
instant_column(SqlRows *rows, uint64 row, int n)
{
	bool		isnull;
	Datum		value = column(rows, row, n, &isnull);

	return isnull ? NO_INSTANT : DatumGetTimestampTz(value);
}

static int
enum_column(SqlRows *rows, uint64 row, int n, EnumType type)
{
	bool		isnull;
	Datum		value = column(rows, row, n, &isnull);

	return isnull ? 0 : enum_value(type, value);
}

static char *
text_column(SqlRows *rows, uint64 row, int n)
{
	bool		isnull;
	Datum		value = column(rows, row, n, &isnull);

	return isnull ? NULL : TextDatumGetCString(value);
}

static SqlRows
rows_of(Statement *s, int64 contract_id)
{
	Datum		values[] = {Int64GetDatum(contract_id)};

	return sql_read(s, values, NULL, 0);
}

static void
read_milestones(Verification *v)
{
	static Statement read = STATEMENT(
									  "SELECT m.milestone_no, m.price, m.event_no, m.due FROM refund.milestone m"
									  " WHERE m.contract_id OPERATOR(pg_catalog.=) $1 ORDER BY m.milestone_no", "l");
	SqlRows		rows = rows_of(&read, v->c.contract_id);

	v->nmilestones = rows.count;
	v->milestone = palloc0((rows.count + 1) * sizeof(MilestoneReplay));
	for (uint64 i = 0; i < rows.count; i++)
	{
		MilestoneReplay *m = &v->milestone[i];
		bool		isnull;

		m->line.milestone_no = number_column(&rows, i, 1);
		m->price = amount_column(v, &rows, i, 2);
		m->line.room = m->price;
		m->event_no = number_column(&rows, i, 3);
		m->due = DatumGetInt32(column(&rows, i, 4, &isnull));
		m->has_due = !isnull;
	}
}

static void
read_deposits(Verification *v)
{
	static Statement read = STATEMENT(
									  "SELECT d.deposit_no, d.amount, d.event_no, d.milestone_no, d.source, d.provider_ref"
									  " FROM refund.deposit d WHERE d.contract_id OPERATOR(pg_catalog.=) $1"
									  " AND d.deposit_no OPERATOR(pg_catalog.>) 0 ORDER BY d.deposit_no", "l");
	SqlRows		rows = rows_of(&read, v->c.contract_id);
	int			last = rows.count == 0 ? 0 : number_column(&rows, rows.count - 1, 1);

	if (rows.count != (uint64) v->c.deposit_count || last != v->c.deposit_count)
		report(v, "deposits", psprintf("%d rows up to number %d, the contract counts %d",
									   (int) rows.count, last, v->c.deposit_count));
	/* numbers beyond the rows are reported above and looked at no further */
	v->ndeposits = Min(last, (int) rows.count);
	v->deposit = palloc0((v->ndeposits + 1) * sizeof(DepositReplay));
	for (uint64 i = 0; i < rows.count; i++)
	{
		int32		no = number_column(&rows, i, 1);
		DepositReplay *d;

		if (no > v->ndeposits)
			break;
		d = &v->deposit[no - 1];
		d->has_row = true;
		d->amount = amount_column(v, &rows, i, 2);
		d->event_no = number_column(&rows, i, 3);
		d->milestone_no = number_column(&rows, i, 4);
		d->source = text_column(&rows, i, 5);
		d->provider_ref = text_column(&rows, i, 6);
	}
}

/* ---- replaying ---- */

static MilestoneReplay *
find_milestone(Verification *v, int32 milestone_no)
{
	for (int i = 0; i < v->nmilestones; i++)
		if (v->milestone[i].line.milestone_no == milestone_no)
			return &v->milestone[i];
	return NULL;
}

static void
replay_transfer(Verification *v, const Step *step, const Leg *leg)
{
	MilestoneReplay *m = find_milestone(v, leg->milestone_no);
	DepositReplay *d = leg->deposit_no > 0 && leg->deposit_no <= v->ndeposits
		? &v->deposit[leg->deposit_no - 1] : NULL;

	apply_transfer(&v->balance, leg->debit, leg->credit, leg->amount);
	if (m == NULL || d == NULL)
	{
		report(v, "provenance", psprintf("a transfer of event %d names deposit %d and milestone %d",
										 step->event_no, leg->deposit_no, leg->milestone_no));
		return;
	}
	if (leg->credit == ACCOUNT_ESCROW)
	{
		if (d->milestone_no != leg->milestone_no)
			report(v, "deposits", psprintf("deposit %d does not name the milestone that it funded", leg->deposit_no));
		d->funded += leg->amount;
		d->held += leg->amount;
		m->line.held += leg->amount;
		m->line.room -= leg->amount;
	}
	else if (leg->debit == ACCOUNT_ESCROW)
	{
		/* FIFO: what is taken last is what earlier deposits no longer have */
		for (int i = 0; i < leg->deposit_no - 1; i++)
		{
			if (v->deposit[i].held > 0 && step->event != EVENT_FUND)
			{
				report(v, "provenance", psprintf("event %d took from deposit %d before deposit %d was used up",
												 step->event_no, leg->deposit_no, i + 1));
				break;
			}
		}
		d->held -= leg->amount;
		m->line.held -= leg->amount;
		if (leg->credit == ACCOUNT_FREELANCER)
			m->line.released += leg->amount;
		else if (leg->credit == ACCOUNT_REFUND_PAYABLE)
		{
			m->line.refunded += leg->amount;
			d->refunded += leg->amount;
		}
	}
	if (d->held < 0 || m->line.held < 0)
		report(v, "conservation", psprintf("event %d took more than there was", step->event_no));
}

static void
replay_move(Verification *v, const Step *step)
{
	MilestoneReplay *from = find_milestone(v, step->milestone_no);
	MilestoneReplay *to = find_milestone(v, step->to_milestone_no);

	if (from == NULL || to == NULL)
		return;
	from->line.held -= step->amount;
	from->line.room += step->amount;
	to->line.held += step->amount;
	to->line.room -= step->amount;
}

/* The deposit or milestone row that the event brought. */
static void
step_facts(Verification *v, const Step *step, const char *key, int64 digest, ChainFacts *facts)
{
	facts->count = 0;
	if (step->event == EVENT_CREATE_CONTRACT)
		chain_contract_facts(&v->c, facts);
	for (int i = 0; step->event == EVENT_FUND && i < v->ndeposits; i++)
	{
		if (v->deposit[i].event_no != step->event_no)
			continue;
		if (facts->count == 0)
			chain_deposit_facts(v->deposit[i].source, v->deposit[i].provider_ref, facts);
		else
			report(v, "deposits", psprintf("event %d has more than one deposit", step->event_no));
	}
	for (int i = 0; step->event == EVENT_ADD_MILESTONE && i < v->nmilestones; i++)
	{
		if (v->milestone[i].line.milestone_no != step->milestone_no)
			continue;
		if (v->milestone[i].event_no != step->event_no)
			report(v, "milestones", psprintf("milestone %d does not name the event that added it", step->milestone_no));
		chain_milestone_facts(v->milestone[i].has_due, v->milestone[i].due, facts);
	}
	chain_call_facts(key, digest, facts);
}

/* The whole step is read: does it follow from the one before? */
static void
replay_step(Verification *v, Step *step, const char *key, int64 digest,
			int hash_format, const bytea *stored_hash)
{
	ChainFacts	facts;
	uint8		expected[HASH_BYTES];

	if (step->event_no != v->event_no + 1)
		report(v, "history", psprintf("event %d follows event %d", step->event_no, v->event_no));
	if (step->recorded_at < v->recorded_at)
		report(v, "history", psprintf("event %d is recorded before its predecessor", step->event_no));
	if (step->effective_at > step->recorded_at)
		report(v, "history", psprintf("event %d takes effect after it is recorded", step->event_no));
	if (step->from_state != v->state ||
		!transition_is_legal(v->state, step->event, step->to_state, step->outcome))
		report(v, "state", psprintf("event %d is not in the transition table", step->event_no));
	for (int i = 0; i < step->nlegs; i++)
		replay_transfer(v, step, &step->legs[i]);
	if (step->event == EVENT_MOVE_LEFTOVER)
		replay_move(v, step);

	step_facts(v, step, key, digest, &facts);
	chain_next(v->head, &v->c, step, &facts, expected);
	if (v->hashes_hold &&
		(hash_format != CHAIN_FORMAT || VARSIZE_ANY_EXHDR(stored_hash) != HASH_BYTES ||
		 memcmp(VARDATA_ANY(stored_hash), expected, HASH_BYTES) != 0))
	{
		/* what follows hangs on this one: only the first is named */
		report(v, "chain", psprintf("event %d, its transfers or its payments are not what was hashed",
									step->event_no));
		v->hashes_hold = false;
	}
	memcpy(v->head, expected, HASH_BYTES);
	if (step->event_no == 1)
		v->created_at = step->recorded_at;
	if (v->state == REQUEST_NONE && step->to_state != REQUEST_NONE)
		v->opened_at = step->recorded_at;
	if (v->state != REQUEST_SETTLED && step->to_state == REQUEST_SETTLED)
	{
		v->settled_at = step->recorded_at;
		v->effective_at = step->effective_at;
	}
	v->ended |= step->event == EVENT_END_CONTRACT;
	v->last_event = step->event;
	v->event_no = step->event_no;
	v->recorded_at = step->recorded_at;
	v->state = step->to_state;
	if (step->from_state != step->to_state)
		v->due_at = step->due_at;
	if (step->outcome != OUTCOME_NONE)
		v->outcome = step->outcome;
}

static void
read_step(Verification *v, SqlRows *events, uint64 row, Step *step)
{
	step->event_no = number_column(events, row, 1);
	step->event = enum_column(events, row, 2, ENUM_EVENT_KIND);
	step->party = enum_column(events, row, 3, ENUM_PARTY);
	step->actor = text_column(events, row, 4);
	step->from_state = enum_column(events, row, 5, ENUM_REQUEST_STATE);
	step->to_state = enum_column(events, row, 6, ENUM_REQUEST_STATE);
	step->outcome = enum_column(events, row, 7, ENUM_OUTCOME);
	step->recorded_at = instant_column(events, row, 8);
	step->effective_at = instant_column(events, row, 9);
	step->due_at = instant_column(events, row, 10);
	step->amount = amount_column(v, events, row, 11);
	step->milestone_no = number_column(events, row, 12);
	step->to_milestone_no = number_column(events, row, 13);
}

/* Take the transfers and payments of one event from their lists, which are in order. */
static void
read_movements(Verification *v, SqlRows *transfers, uint64 *t, SqlRows *payments, uint64 *p, Step *step)
{
	uint64		first = *t;

	while (*t < transfers->count && number_column(transfers, *t, 1) == step->event_no)
		(*t)++;
	step->nlegs = *t - first;
	step->legs = palloc((step->nlegs + 1) * sizeof(Leg));
	for (int i = 0; i < step->nlegs; i++)
	{
		step->legs[i].debit = enum_column(transfers, first + i, 2, ENUM_ACCOUNT);
		step->legs[i].credit = enum_column(transfers, first + i, 3, ENUM_ACCOUNT);
		step->legs[i].amount = amount_column(v, transfers, first + i, 4);
		step->legs[i].deposit_no = number_column(transfers, first + i, 5);
		step->legs[i].milestone_no = number_column(transfers, first + i, 6);
	}

	first = *p;
	while (*p < payments->count && number_column(payments, *p, 1) == step->event_no)
		(*p)++;
	step->npayments = *p - first;
	step->payments = palloc((step->npayments + 1) * sizeof(PaymentLine));
	for (int i = 0; i < step->npayments; i++)
	{
		PaymentLine *line = &step->payments[i];

		line->payment_no = number_column(payments, first + i, 2);
		line->deposit_no = number_column(payments, first + i, 3);
		line->purpose = enum_column(payments, first + i, 4, ENUM_PAYMENT_PURPOSE);
		line->amount = amount_column(v, payments, first + i, 5);
		line->expected_by = instant_column(payments, first + i, 6);
		if (line->deposit_no > 0 && line->deposit_no <= v->ndeposits)
			v->deposit[line->deposit_no - 1].paid += line->amount;
	}
}

static void
replay(Verification *v)
{
	static Statement read_events = STATEMENT(
											 "SELECT e.event_no, e.kind, e.party, e.actor, e.from_state, e.to_state, e.outcome, e.recorded_at,"
											 " e.effective_at, e.due_at, e.amount, e.milestone_no, e.to_milestone_no, e.hash_format, e.hash,"
											 " e.idempotency_key, e.arguments_digest"
											 " FROM refund.event e WHERE e.contract_id OPERATOR(pg_catalog.=) $1 ORDER BY e.event_no", "l");
	static Statement read_transfers = STATEMENT(
												"SELECT t.event_no, t.debit, t.credit, t.amount, t.deposit_no, t.milestone_no"
												" FROM refund.transfer t WHERE t.contract_id OPERATOR(pg_catalog.=) $1"
												" ORDER BY t.event_no, t.ordinal", "l");
	static Statement read_payments = STATEMENT(
											   "SELECT p.event_no, p.payment_no, p.deposit_no, p.purpose, p.amount, p.expected_by"
											   " FROM refund.refund_payment p WHERE p.contract_id OPERATOR(pg_catalog.=) $1"
											   " ORDER BY p.event_no, p.payment_no", "l");
	SqlRows		events = rows_of(&read_events, v->c.contract_id);
	SqlRows		transfers = rows_of(&read_transfers, v->c.contract_id);
	SqlRows		payments = rows_of(&read_payments, v->c.contract_id);
	uint64		t = 0;
	uint64		p = 0;

	for (uint64 i = 0; i < events.count; i++)
	{
		Step		step = {0};
		bool		isnull;

		read_step(v, &events, i, &step);
		read_movements(v, &transfers, &t, &payments, &p, &step);
		replay_step(v, &step, text_column(&events, i, 16),
					DatumGetInt64(column(&events, i, 17, &isnull)),
					DatumGetInt16(column(&events, i, 14, &isnull)),
					DatumGetByteaPP(column(&events, i, 15, &isnull)));
	}
	if (t != transfers.count)
		report(v, "history", psprintf("a transfer belongs to event %d, which is not there",
									  number_column(&transfers, t, 1)));
	if (p != payments.count)
		report(v, "history", psprintf("a refund payment belongs to event %d, which is not there",
									  number_column(&payments, p, 1)));
	if (payments.count != (uint64) v->c.payment_count)
		report(v, "payments", psprintf("%d rows, the contract counts %d",
									   (int) payments.count, v->c.payment_count));
}

/* ---- comparing ---- */

static void
compare_contract(Verification *v)
{
	const Contract *c = &v->c;
	const char *unsound = contract_unsound(c);

	if (unsound != NULL)
		report(v, "conservation", unsound);
	if (v->event_no != c->event_no)
		report(v, "history", psprintf("the last event is %d, the contract counts %d",
									  v->event_no, c->event_no));
	if (v->hashes_hold && memcmp(v->head, c->head, HASH_BYTES) != 0)
		report(v, "chain", "the contract's head is not the hash of its last event");
	if (v->state != c->request_state || v->outcome != c->outcome)
		report(v, "state", "the history does not lead to the contract's state");
	if (v->ended != (c->state == CONTRACT_ENDED))
		report(v, "state", "the history does not say whether the contract has ended as its row does");
	if (v->last_event != c->last_event)
		report(v, "history", "the contract's last_event is not its last event");
	if (v->created_at != c->created_at || v->recorded_at != c->last_at || v->opened_at != c->opened_at ||
		v->settled_at != c->settled_at || v->effective_at != c->effective_at)
		report(v, "history", "the contract's times are not those of its events");
	if (v->due_at != c->due_at)
		report(v, "deadline", "the contract's due_at is not what the history opened");
	if (c->next_due_at != c->due_at)
		report(v, "deadline", "the contract's next_due_at is not the earliest of its deadlines");
	expect_amount(v, "conservation", "deposited", v->balance.deposited, c->balance.deposited);
	expect_amount(v, "conservation", "held", v->balance.held, c->balance.held);
	expect_amount(v, "conservation", "released", v->balance.released, c->balance.released);
	expect_amount(v, "conservation", "refunded", v->balance.refunded, c->balance.refunded);
	expect_amount(v, "conservation", "reversed", v->balance.reversed, c->balance.reversed);
	expect_amount(v, "conservation", "in_transit", v->balance.in_transit, c->balance.in_transit);
	expect_amount(v, "conservation", "fee_held", v->balance.fee_held, c->balance.fee_held);
}

static void
compare_milestones(Verification *v)
{
	if (v->nmilestones != v->c.nmilestones)
		report(v, "milestones", psprintf("%d rows, the contract has %d", v->nmilestones, v->c.nmilestones));
	for (int i = 0; i < Min(v->nmilestones, v->c.nmilestones); i++)
	{
		const MilestoneLine *expected = &v->milestone[i].line;
		const MilestoneLine *found = &v->c.milestone[i];

		if (expected->milestone_no != found->milestone_no)
			report(v, "milestones", psprintf("the contract has %d where the rows have %d",
											 found->milestone_no, expected->milestone_no));
		else
		{
			char	   *what = psprintf("milestone %d", found->milestone_no);

			expect_amount(v, "milestones", what, expected->held, found->held);
			expect_amount(v, "milestones", what, expected->released, found->released);
			expect_amount(v, "milestones", what, expected->refunded, found->refunded);
			expect_amount(v, "milestones", what, expected->room, found->room);
		}
	}
}

static void
compare_deposits(Verification *v)
{
	for (int i = 0; i < v->ndeposits; i++)
	{
		const DepositReplay *d = &v->deposit[i];
		char	   *what = psprintf("deposit %d", i + 1);

		if (!d->has_row)
			report(v, "deposits", psprintf("deposit %d has no row", i + 1));
		expect_amount(v, "deposits", what, d->funded, d->amount);
		expect_amount(v, "deposits", what, d->held, contract_deposit_held(&v->c, i + 1));
		if (d->refunded != d->paid)
			report(v, "payments", psprintf("deposit %d: %lld minor units refunded, %lld in refund payments",
										   i + 1, (long long) d->refunded, (long long) d->paid));
	}
}

static void
verify_contract(ReturnSetInfo *rsinfo, HeapTuple tuple, TupleDesc desc)
{
	MemoryContext mine = AllocSetContextCreate(CurrentMemoryContext, "refund: verify one contract",
											   ALLOCSET_DEFAULT_SIZES);
	MemoryContext caller = MemoryContextSwitchTo(mine);
	Verification v = {
		.rsinfo = rsinfo,.hashes_hold = true,.currency_holds = true,
		.created_at = NO_INSTANT,.recorded_at = NO_INSTANT,.opened_at = NO_INSTANT,
		.settled_at = NO_INSTANT,.effective_at = NO_INSTANT,.due_at = NO_INSTANT
	};

	if (store_try_contract_of(tuple, desc, 0, &v.c))
	{
		read_milestones(&v);
		read_deposits(&v);
		replay(&v);
		compare_contract(&v);
		compare_milestones(&v);
		compare_deposits(&v);
	}
	else
		report(&v, "conservation", "the arrays of the contract's row are malformed");
	MemoryContextSwitchTo(caller);
	MemoryContextDelete(mine);
}

/* verify(contract_id): no row = sound; an unknown contract is reported as such */
Datum
refund_verify(PG_FUNCTION_ARGS)
{
	static Statement read = STATEMENT(
									  "SELECT c.* FROM refund.contract c WHERE c.contract_id OPERATOR(pg_catalog.=) $1", "l");
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	SqlRows		found;

	InitMaterializedSRF(fcinfo, 0);
	sql_enter();
	found = rows_of(&read, PG_GETARG_INT64(0));
	if (found.count == 1)
		verify_contract(rsinfo, found.rows[0], found.desc);
	else
	{
		Verification v = {.rsinfo = rsinfo};

		v.c.contract_id = PG_GETARG_INT64(0);
		report(&v, "history", "there is no such contract");
	}
	sql_leave();
	return (Datum) 0;
}

/* verify_all(changed_since): in pages, so that memory stays bounded */
Datum
refund_verify_all(PG_FUNCTION_ARGS)
{
	static Statement page = STATEMENT(
									  "SELECT c.* FROM refund.contract c WHERE c.contract_id OPERATOR(pg_catalog.>=) $1"
									  " AND ($2 IS NULL OR c.last_at OPERATOR(pg_catalog.>=) $2)"
									  " ORDER BY c.contract_id LIMIT 500", "lz");
	static Statement strays = STATEMENT(
										"SELECT DISTINCT s.contract_id FROM"
										" (SELECT contract_id FROM refund.event UNION ALL SELECT contract_id FROM refund.transfer"
										" UNION ALL SELECT contract_id FROM refund.milestone UNION ALL SELECT contract_id FROM refund.deposit"
										" UNION ALL SELECT contract_id FROM refund.refund_payment) s"
										" WHERE NOT EXISTS (SELECT 1 FROM refund.contract c WHERE c.contract_id OPERATOR(pg_catalog.=) s.contract_id)", "");
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	int64		from = PG_INT64_MIN;
	int64		last = PG_INT64_MIN;
	uint64		count;
	bool		isnull;
	SqlRows		found;

	InitMaterializedSRF(fcinfo, 0);
	do
	{
		Datum		values[] = {Int64GetDatum(from), PG_ARGISNULL(0) ? (Datum) 0 : PG_GETARG_DATUM(0)};

		sql_enter();
		found = sql_read(&page, values, PG_ARGISNULL(0) ? " n" : NULL, 0);
		count = found.count;
		for (uint64 i = 0; i < count; i++)
		{
			CHECK_FOR_INTERRUPTS();
			last = DatumGetInt64(heap_getattr(found.rows[i], 1, found.desc, &isnull));
			verify_contract(rsinfo, found.rows[i], found.desc);
		}
		sql_leave();
		from = last + (last < PG_INT64_MAX);
	} while (count > 0 && last < PG_INT64_MAX);

	if (PG_ARGISNULL(0))
	{
		Verification v = {.rsinfo = rsinfo};

		sql_enter();
		found = sql_read(&strays, NULL, NULL, 0);
		for (uint64 i = 0; i < found.count; i++)
		{
			v.c.contract_id = DatumGetInt64(heap_getattr(found.rows[i], 1, found.desc, &isnull));
			report(&v, "history", "there are rows of a contract that is not there");
		}
		sql_leave();
	}
	return (Datum) 0;
}
