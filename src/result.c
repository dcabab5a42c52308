/*
 * result.c
 *		What a verb returns: one row of the view of what it changed.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "funcapi.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/numeric.h"
#include "utils/timestamp.h"

#include "columns.h"
#include "compat.h"
#include "currency.h"
#include "digest.h"
#include "evidence.h"
#include "request.h"
#include "result.h"
#include "table_read.h"
#include "value_types.h"

#define MOST_COLUMNS 32

/* A row under construction: columns are added in the view's order. */
typedef struct Row
{
	Datum		values[MOST_COLUMNS];
	bool		nulls[MOST_COLUMNS];
	int			count;
	const CurrencyInfo *currency;
} Row;

static void
begin(Row *row, const Contract *c)
{
	row->count = 0;
	row->currency = currency_by_number(c->currency);
}

static void
add(Row *row, Datum value, bool isnull)
{
	row->values[row->count] = value;
	row->nulls[row->count++] = isnull;
}

static void
add_text(Row *row, const char *text)
{
	add(row, text == NULL ? (Datum) 0 : CStringGetTextDatum(text), text == NULL);
}

static void
add_enum(Row *row, EnumType type, int value)
{
	bool		isnull = enum_label(type, value) == NULL;

	add(row, isnull ? (Datum) 0 : enum_datum(type, value), isnull);
}

static void
add_money(Row *row, int64 minor)
{
	add(row,
		minor == NO_AMOUNT ? (Datum) 0
		: NumericGetDatum(int64_div_fast_to_numeric(minor, row->currency->exponent)),
		minor == NO_AMOUNT);
}

static void
add_instant(Row *row, int64 instant)
{
	add(row, TimestampTzGetDatum(instant), instant == NO_INSTANT);
}

static Datum
finish(FunctionCallInfo fcinfo, Row *row)
{
	TupleDesc	desc;

	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE ||
		desc->natts != row->count)
		elog(ERROR, "the view of this function's result is not of this library's version");
	return HeapTupleGetDatum(heap_form_tuple(desc, row->values, row->nulls));
}

Datum
result_contract(FunctionCallInfo fcinfo, const Execution *x)
{
	const Contract *c = &x->s.c;
	Row			row;

	begin(&row, c);
	add(&row, Int64GetDatum(c->contract_id), false);
	add_enum(&row, ENUM_CONTRACT_KIND, c->kind);
	add_enum(&row, ENUM_CONTRACT_STATE, c->state);
	add_text(&row, c->client);
	add_text(&row, c->freelancer);
	add_text(&row, c->agency);
	add_text(&row, row.currency->code);
	add_money(&row, c->balance.deposited);
	add_money(&row, c->balance.held);
	add_money(&row, c->balance.released);
	add_money(&row, c->balance.refunded);
	add_money(&row, c->balance.reversed);
	add_enum(&row, ENUM_REQUEST_STATE, c->request_state);
	add_money(&row, c->at_stake);
	add_instant(&row, c->due_at);
	add_money(&row, c->balance.receivable);
	add(&row, BoolGetDatum(c->nholds > 0), false);
	add(&row, BoolGetDatum(c->test_clock != NULL), false);
	return finish(fcinfo, &row);
}

/* What the sides said: the first word is at hand when this call brought it. */
static DisputeWords
dispute_words(const Contract *c, const Command *cmd, bool replayed)
{
	DisputeWords words = {NULL, NULL};

	if (cmd->event == EVENT_DISPUTE_REFUND && !replayed)
		words.reason = cmd->statement;
	else if (c->disputed != NO_AMOUNT)
		read_dispute_words(c->contract_id, &words);
	return words;
}

Datum
result_request(FunctionCallInfo fcinfo, const Execution *x, const Command *cmd)
{
	const Contract *c = &x->s.c;
	DisputeWords words = dispute_words(c, cmd, x->replayed);
	Row			row;

	begin(&row, c);
	add(&row, Int64GetDatum(c->contract_id), false);
	add_enum(&row, ENUM_REQUEST_STATE, c->request_state);
	add_enum(&row, ENUM_REQUEST_STATE, effective_state(c, x->now));
	add_enum(&row, ENUM_OUTCOME, c->outcome);
	add_money(&row, c->at_stake);
	add_money(&row, c->disputed);
	add_money(&row, c->proposed);
	add_money(&row, c->to_freelancer);
	add_money(&row, c->to_client);
	add_text(&row, row.currency->code);
	add_instant(&row, c->opened_at);
	add_instant(&row, c->due_at);
	add_instant(&row, c->settled_at);
	add_instant(&row, c->request_state == REQUEST_SETTLED ? c->effective_at : NO_INSTANT);
	add(&row, BoolGetDatum(c->nholds > 0), false);
	add_text(&row, c->client);
	add_text(&row, c->freelancer);
	add_text(&row, words.reason);
	add_text(&row, words.statement);
	for (int i = 0; i < SIDES; i++)
		add(&row, BoolGetDatum(c->side[i].accepted), false);
	for (int i = 0; i < SIDES; i++)
		add(&row, BoolGetDatum(c->side[i].joined), false);
	add_text(&row, c->mediator);
	add_text(&row, c->arbitrator);
	add(&row, BoolGetDatum(c->test_clock != NULL), false);
	return finish(fcinfo, &row);
}

Datum
result_milestone(FunctionCallInfo fcinfo, const Execution *x, int32 milestone_no)
{
	const Contract *c = &x->s.c;
	const MilestoneLine *m = contract_milestone(c, milestone_no);
	MilestoneText text;
	Row			row;

	store_read_milestone(c, milestone_no, &text);
	begin(&row, c);
	add(&row, Int64GetDatum(c->contract_id), false);
	add(&row, Int32GetDatum(milestone_no), false);
	add_text(&row, text.title);
	add_enum(&row, ENUM_MILESTONE_STATE, milestone_state(m));
	add_money(&row, text.price);
	add_text(&row, row.currency->code);
	add(&row, Int32GetDatum(text.due), !text.has_due);
	add_money(&row, m->held);
	add_money(&row, m->released);
	add_money(&row, m->refunded);
	add_instant(&row, milestone_is_submitted(m) ? m->review_due_at : NO_INSTANT);
	add(&row, BoolGetDatum(c->test_clock != NULL), false);
	return finish(fcinfo, &row);
}

Datum
result_row(FunctionCallInfo fcinfo, Statement *read, Datum *values)
{
	MemoryContext caller = CurrentMemoryContext;
	SqlRows		found;
	Row			row;
	Datum		result;

	sql_enter();
	found = sql_run(read, values, NULL, 0);
	if (found.count != 1)
		elog(ERROR, "a row that was written is not in its view");
	row.count = found.desc->natts;
	heap_deform_tuple(found.rows[0], found.desc, row.values, row.nulls);
	MemoryContextSwitchTo(caller);
	result = finish(fcinfo, &row);
	sql_leave();
	return result;
}

/* A deposit as it is now, some of it released or reversed. */
Datum
result_deposit_now(FunctionCallInfo fcinfo, const Execution *x, int32 deposit_no)
{
	const Contract *c = &x->s.c;
	TableScan  *scan = scan_begin_all(TABLE_TRANSFER, c->contract_id);
	Balances	of = {0};
	Row			row;

	while (scan_next(scan))
	{
		Datum	   *v = scan_values(scan);
		int64		amount = amount_minor(DatumGetAmount(v[TRANSFER_AMOUNT]));
		Account		debit = enum_value(ENUM_ACCOUNT, v[TRANSFER_DEBIT]);
		Account		credit = enum_value(ENUM_ACCOUNT, v[TRANSFER_CREDIT]);

		if (scan_nulls(scan)[TRANSFER_DEPOSIT_NO] || DatumGetInt32(v[TRANSFER_DEPOSIT_NO]) != deposit_no ||
			(debit != ACCOUNT_ESCROW && debit != ACCOUNT_FREELANCER))
			continue;
		of.released += debit == ACCOUNT_FREELANCER ? -amount : credit == ACCOUNT_FREELANCER ? amount : 0;
		of.refunded += credit == ACCOUNT_REFUND_PAYABLE ? amount : 0;
		of.reversed += credit == ACCOUNT_SOURCE ? amount : 0;
	}
	scan_end(scan);

	scan = scan_begin(TABLE_DEPOSIT, c->contract_id, deposit_no);
	if (!scan_next(scan))
		elog(ERROR, "the deposit of this call is not there");
	begin(&row, c);
	add(&row, Int64GetDatum(c->contract_id), false);
	add(&row, Int32GetDatum(deposit_no), false);
	add_text(&row, TextDatumGetCString(scan_values(scan)[DEPOSIT_SOURCE]));
	add_text(&row, scan_nulls(scan)[DEPOSIT_PROVIDER_REF] ? NULL
			 : TextDatumGetCString(scan_values(scan)[DEPOSIT_PROVIDER_REF]));
	add_text(&row, row.currency->code);
	add_money(&row, amount_minor(DatumGetAmount(scan_values(scan)[DEPOSIT_AMOUNT])));
	scan_end(scan);
	add_money(&row, contract_deposit_held(c, deposit_no));
	add_money(&row, of.released);
	add_money(&row, of.refunded);
	add_money(&row, of.reversed);
	add(&row, BoolGetDatum(c->test_clock != NULL), false);
	return finish(fcinfo, &row);
}

/* The deposit that a replayed call made. */
static int32
deposit_of_event(int64 contract_id, int32 event_no)
{
	TableScan  *scan = scan_begin_all(TABLE_DEPOSIT, contract_id);
	int32		result = 0;

	while (scan_next(scan))
		if (DatumGetInt32(scan_values(scan)[DEPOSIT_EVENT_NO]) == event_no)
			result = DatumGetInt32(scan_values(scan)[DEPOSIT_DEPOSIT_NO]);
	scan_end(scan);
	return result;
}

Datum
result_deposit(FunctionCallInfo fcinfo, const Execution *x, const Command *cmd)
{
	const Contract *c = &x->s.c;
	int64		held;
	Row			row;

	if (x->replayed)
		return result_deposit_now(fcinfo, x, deposit_of_event(c->contract_id, x->event_no));
	held = contract_deposit_held(c, c->deposit_count);
	begin(&row, c);
	add(&row, Int64GetDatum(c->contract_id), false);
	add(&row, Int32GetDatum(c->deposit_count), false);
	add_text(&row, cmd->source);
	add_text(&row, cmd->provider_ref);
	add_text(&row, row.currency->code);
	add_money(&row, cmd->amount);
	add_money(&row, held);
	add_money(&row, 0);
	add_money(&row, cmd->amount - held);	/* a late one is on its way back */
	add_money(&row, 0);
	add(&row, BoolGetDatum(c->test_clock != NULL), false);
	return finish(fcinfo, &row);
}

/* Where a fee of this side came from. */
static char *
fee_source(const Contract *c, Party payee)
{
	TableScan  *scan = scan_begin_all(TABLE_ARBITRATION_FEE, c->contract_id);
	char	   *result = NULL;

	while (scan_next(scan))
	{
		Datum	   *v = scan_values(scan);

		if (enum_value(ENUM_PARTY, v[FEE_PARTY]) == (int) payee)
			result = TextDatumGetCString(v[FEE_SOURCE]);
	}
	scan_end(scan);
	return result;
}

static char *
deposit_source(const Contract *c, int32 deposit_no)
{
	TableScan  *scan = scan_begin(TABLE_DEPOSIT, c->contract_id, deposit_no);
	char	   *result = scan_next(scan) ? TextDatumGetCString(scan_values(scan)[DEPOSIT_SOURCE]) : NULL;

	scan_end(scan);
	return result;
}

Datum
result_payment(FunctionCallInfo fcinfo, const Execution *x)
{
	const Contract *c = &x->s.c;
	const Payment *p = &x->s.payment;
	const Datum *v = x->s.payment_values;
	Party		payee = enum_value(ENUM_PARTY, v[PAYMENT_PAYEE]);
	Row			row;

	begin(&row, c);
	add(&row, Int64GetDatum(c->contract_id), false);
	add(&row, Int32GetDatum(p->payment_no), false);
	add(&row, Int32GetDatum(p->deposit_no), p->deposit_no == 0);
	add(&row, v[PAYMENT_PURPOSE], false);
	add_text(&row, payee == PARTY_CLIENT ? c->client : c->agency != NULL ? c->agency : c->freelancer);
	add_text(&row, p->deposit_no == 0 ? fee_source(c, payee) : deposit_source(c, p->deposit_no));
	add_money(&row, p->amount);
	add_text(&row, row.currency->code);
	add_enum(&row, ENUM_PAYMENT_STATE, p->state);
	add(&row, v[PAYMENT_EXPECTED_BY], false);
	add_text(&row, p->provider_ref);
	add_text(&row, p->destination);
	add(&row, Int32GetDatum(p->attempt_no + (p->state == PAYMENT_PENDING)), false);
	add(&row, BoolGetDatum(p->nextra > 0), false);
	add(&row, BoolGetDatum(c->test_clock != NULL), false);
	return finish(fcinfo, &row);
}

/* The first piece of this contract before this one with the same digest, or 0. */
static int32
same_evidence_before(const Contract *c, int32 evidence_no, Datum sha256)
{
	TableScan  *scan = scan_begin_all(TABLE_EVIDENCE, c->contract_id);
	int32		result = 0;

	while (result == 0 && scan_next(scan) && DatumGetInt32(scan_values(scan)[EVIDENCE_EVIDENCE_NO]) < evidence_no)
		if (!scan_nulls(scan)[EVIDENCE_SHA256] &&
			datum_image_eq(scan_values(scan)[EVIDENCE_SHA256], sha256, false, -1))
			result = DatumGetInt32(scan_values(scan)[EVIDENCE_EVIDENCE_NO]);
	scan_end(scan);
	return result;
}

Datum
result_erased_evidence(FunctionCallInfo fcinfo, const Execution *x, int32 evidence_no)
{
	const Contract *c = &x->s.c;
	TableScan  *piece = scan_begin(TABLE_EVIDENCE, c->contract_id, evidence_no);
	TableScan  *event;
	Datum	   *v = scan_values(piece);
	Datum	   *of_event;
	char	   *sha256 = NULL;
	int32		same_as = 0;
	Row			row;
	Datum		result;

	if (!scan_next(piece))
		elog(ERROR, "the evidence of this call is not there");
	event = scan_begin(TABLE_EVENT, c->contract_id, DatumGetInt32(v[EVIDENCE_EVENT_NO]));
	if (!scan_next(event))
		elog(ERROR, "the event of this evidence is not there");
	of_event = scan_values(event);
	if (!scan_nulls(piece)[EVIDENCE_SHA256])
	{
		sha256 = digest_hex((uint8 *) VARDATA_ANY(DatumGetByteaPP(v[EVIDENCE_SHA256])));
		same_as = same_evidence_before(c, evidence_no, v[EVIDENCE_SHA256]);
	}
	begin(&row, c);
	add(&row, Int64GetDatum(c->contract_id), false);
	add(&row, Int32GetDatum(evidence_no), false);
	add(&row, of_event[EVENT_RECORDED_AT], false);
	add(&row, of_event[EVENT_ACTOR], false);
	add(&row, of_event[EVENT_PARTY], false);
	add(&row, v[EVIDENCE_TITLE], false);
	add(&row, v[EVIDENCE_MEDIA_TYPE], false);
	add(&row, v[EVIDENCE_BYTE_SIZE], scan_nulls(piece)[EVIDENCE_BYTE_SIZE]);
	add_text(&row, sha256);
	add_text(&row, NULL);		/* statement, */
	add_text(&row, NULL);		/* uri */
	add(&row, BoolGetDatum(false), false);	/* and content are gone */
	add(&row, Int32GetDatum(same_as), same_as == 0);
	add(&row, BoolGetDatum(true), false);
	add(&row, BoolGetDatum(c->test_clock != NULL), false);
	result = finish(fcinfo, &row);
	scan_end(event);
	scan_end(piece);
	return result;
}

/* ---- holds ---- */

/* The event that placed a hold, or the one that lifted it. */
typedef struct HoldEdge
{
	int32		event_no;		/* 0: there is none */
	int64		at;
	const char *actor;
	HoldKind	kind;			/* where the event names one */
	const char *statement;
} HoldEdge;

static void
read_edge(HoldEdge *edge, int64 contract_id, const Datum *v, const bool *n)
{
	TableScan  *scan;

	edge->event_no = DatumGetInt32(v[EVENT_EVENT_NO]);
	edge->at = DatumGetTimestampTz(v[EVENT_RECORDED_AT]);
	edge->actor = n[EVENT_ACTOR] ? NULL : TextDatumGetCString(v[EVENT_ACTOR]);
	for (int i = 0; i < HOLD_KINDS && !n[EVENT_REFERENCE]; i++)
		if (strcmp(hold_kind_label[i], TextDatumGetCString(v[EVENT_REFERENCE])) == 0)
			edge->kind = i;
	scan = scan_begin(TABLE_STATEMENT, contract_id, edge->event_no);
	edge->statement = scan_next(scan) ? TextDatumGetCString(scan_values(scan)[STATEMENT_BODY]) : NULL;
	scan_end(scan);
}

/* The reversal that placed a hold. */
typedef struct HoldReversal
{
	int32		reversal_no;	/* 0: an operator placed it */
	int32		event_no;
} HoldReversal;

static HoldReversal
reversal_of_hold(int64 contract_id, int32 hold_no)
{
	TableScan  *scan = scan_begin_all(TABLE_REVERSAL, contract_id);
	HoldReversal result = {0};

	while (scan_next(scan))
	{
		Datum	   *v = scan_values(scan);

		if (scan_nulls(scan)[REVERSAL_HOLD_NO] || DatumGetInt32(v[REVERSAL_HOLD_NO]) != hold_no)
			continue;
		result.reversal_no = DatumGetInt32(v[REVERSAL_REVERSAL_NO]);
		result.event_no = DatumGetInt32(v[REVERSAL_EVENT_NO]);
	}
	scan_end(scan);
	return result;
}

static void
read_edges(int64 contract_id, int32 hold_no, const HoldReversal *reversal, HoldEdge *placed, HoldEdge *lifted)
{
	TableScan  *scan = scan_begin_all(TABLE_EVENT, contract_id);

	while (scan_next(scan))
	{
		Datum	   *v = scan_values(scan);
		bool	   *n = scan_nulls(scan);
		EventKind	kind = enum_value(ENUM_EVENT_KIND, v[EVENT_KIND]);
		int32		item_no = n[EVENT_ITEM_NO] ? 0 : DatumGetInt32(v[EVENT_ITEM_NO]);

		if ((kind == EVENT_PLACE_HOLD && item_no == hold_no) ||
			DatumGetInt32(v[EVENT_EVENT_NO]) == reversal->event_no)
			read_edge(placed, contract_id, v, n);
		else if (lifted->event_no == 0 &&
				 ((kind == EVENT_LIFT_HOLD && item_no == hold_no) ||
				  ((kind == EVENT_REVERSAL_WON || kind == EVENT_REVERSAL_LOST) && item_no == reversal->reversal_no)))
			read_edge(lifted, contract_id, v, n);
	}
	scan_end(scan);
}

/* The hold that an event placed, which may be one of long ago. */
static int32
hold_of_event(int64 contract_id, int32 event_no)
{
	TableScan  *scan = scan_begin(TABLE_EVENT, contract_id, event_no);
	int32		result = scan_next(scan) ? DatumGetInt32(scan_values(scan)[EVENT_ITEM_NO]) : 0;

	scan_end(scan);
	return result;
}

Datum
result_hold(FunctionCallInfo fcinfo, const Execution *x, const Command *cmd)
{
	const Contract *c = &x->s.c;
	int32		hold_no = cmd->item_no;
	HoldReversal reversal = {0};
	HoldEdge	placed = {0};
	HoldEdge	lifted = {.at = NO_INSTANT};
	Row			row;

	if (cmd->event == EVENT_PLACE_HOLD && !x->replayed)
	{
		/* placed by this call, so all of it is in hand */
		hold_no = c->hold_count;
		placed = (HoldEdge)
		{
			.event_no = x->event_no, .at = c->last_at, .actor = cmd->actor,
				.kind = cmd->hold_kind, .statement = cmd->statement
		};
	}
	else
	{
		if (cmd->event == EVENT_PLACE_HOLD)
			hold_no = hold_of_event(c->contract_id, x->event_no);
		reversal = reversal_of_hold(c->contract_id, hold_no);
		read_edges(c->contract_id, hold_no, &reversal, &placed, &lifted);
	}
	begin(&row, c);
	add(&row, Int64GetDatum(c->contract_id), false);
	add(&row, Int32GetDatum(hold_no), false);
	add(&row, enum_datum(ENUM_HOLD_KIND, reversal.reversal_no == 0 ? placed.kind : HOLD_CHARGEBACK), false);
	add_text(&row, placed.statement);
	add_text(&row, placed.actor);
	add_instant(&row, placed.at);
	add(&row, BoolGetDatum(contract_has_hold(c, hold_no)), false);
	add_text(&row, lifted.actor);
	add_instant(&row, lifted.at);
	add_text(&row, lifted.statement);
	add(&row, Int32GetDatum(placed.event_no), false);
	add(&row, BoolGetDatum(c->test_clock != NULL), false);
	return finish(fcinfo, &row);
}
