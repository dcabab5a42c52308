/*
 * transition_report.c
 *		The transition table, and what the core says of a contract, for SQL.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "common/int.h"
#include "fmgr.h"
#include "funcapi.h"
#include "utils/builtins.h"
#include "utils/numeric.h"
#include "utils/timestamp.h"
#include "utils/typcache.h"

#include "catalog.h"
#include "compat.h"
#include "currency.h"
#include "request.h"
#include "store.h"
#include "value_types.h"

PG_FUNCTION_INFO_V1(refund_transitions);
PG_FUNCTION_INFO_V1(refund_state_diagram);
PG_FUNCTION_INFO_V1(refund_effective_state);
PG_FUNCTION_INFO_V1(refund_milestone_state);
PG_FUNCTION_INFO_V1(refund_stage_seconds);
PG_FUNCTION_INFO_V1(refund_turn);

static void
set_enum(Datum *values, bool *nulls, int column, EnumType type, int value)
{
	nulls[column] = enum_label(type, value) == NULL;
	values[column] = nulls[column] ? (Datum) 0 : enum_datum(type, value);
}

/* transitions(): a row for each (from, event, party) of each row of the table */
Datum
refund_transitions(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;

	InitMaterializedSRF(fcinfo, 0);
	for (int i = 0; i < transition_count; i++)
	{
		const Transition *t = &transition_table[i];

		for (int from = 0; from < REQUEST_STATES; from++)
		{
			for (int party = 0; party < PARTIES; party++)
			{
				Datum		values[6];
				bool		nulls[6] = {false};

				if (!IN_SET(t->from, from) || !IN_SET(t->party, party))
					continue;
				set_enum(values, nulls, 0, ENUM_REQUEST_STATE, from);
				set_enum(values, nulls, 1, ENUM_EVENT_KIND, t->event);
				set_enum(values, nulls, 2, ENUM_PARTY, party);
				set_enum(values, nulls, 3, ENUM_REQUEST_STATE, transition_to(t, from));
				set_enum(values, nulls, 4, ENUM_OUTCOME, t->outcome);
				values[5] = Int32GetDatum(t->rule);
				tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
			}
		}
	}
	return (Datum) 0;
}

/* Two events may lead along one arrow: row 21. */
static bool
drawn_before(int row, int from)
{
	const Transition *t = &transition_table[row];

	for (int i = 0; i < row; i++)
		if (IN_SET(transition_table[i].from, from) && !transition_table[i].same && !t->same &&
			transition_table[i].to == t->to && t->outcome != OUTCOME_NONE &&
			transition_table[i].outcome == t->outcome)
			return true;
	return false;
}

/* One arrow; events that keep the state are left out: they would hide the others. */
static void
draw(StringInfo out, bool mermaid, const Transition *t, int from)
{
	const char *source = from == REQUEST_NONE ? "[*]" : request_state_label[from];
	const char *target = request_state_label[transition_to(t, from)];
	const char *label = t->outcome != OUTCOME_NONE ? outcome_label[t->outcome] : event_label[t->event];

	if (mermaid)
		appendStringInfo(out, "    %s --> %s: %s\n", source, target, label);
	else
		appendStringInfo(out, "    \"%s\" -> \"%s\" [label=\"%s\"%s];\n",
						 from == REQUEST_NONE ? "contract ended" : source, target, label,
						 IN_SET(t->party, PARTY_CLOCK) ? ", style=dashed" : "");
}

Datum
refund_state_diagram(PG_FUNCTION_ARGS)
{
	char	   *format = text_to_cstring(PG_GETARG_TEXT_PP(0));
	bool		mermaid = strcmp(format, "mermaid") == 0;
	StringInfoData out;

	if (!mermaid && strcmp(format, "dot") != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("diagram format \"%s\" is not known", format),
				 errhint("The formats are \"mermaid\" and \"dot\".")));
	initStringInfo(&out);
	appendStringInfoString(&out, mermaid ? "stateDiagram-v2\n" : "digraph refund {\n    rankdir=LR;\n");
	for (int i = 0; i < transition_count; i++)
	{
		const Transition *t = &transition_table[i];

		for (int from = 0; from < REQUEST_STATES; from++)
			if (IN_SET(t->from, from) && transition_to(t, from) != (RequestState) from &&
				!drawn_before(i, from))
				draw(&out, mermaid, t, from);
	}
	appendStringInfoString(&out, mermaid ? "    settled --> [*]\n" : "}\n");
	PG_RETURN_TEXT_P(cstring_to_text_with_len(out.data, out.len));
}

/* The contract in an argument of type refund.contract. */
static void
contract_argument(FunctionCallInfo fcinfo, int n, Contract *c)
{
	HeapTupleHeader header = PG_GETARG_HEAPTUPLEHEADER(n);
	TupleDesc	desc = lookup_rowtype_tupdesc(HeapTupleHeaderGetTypeId(header),
											  HeapTupleHeaderGetTypMod(header));
	HeapTupleData tuple = {0};

	tuple.t_len = HeapTupleHeaderGetDatumLength(header);
	tuple.t_data = header;
	store_contract_of(&tuple, desc, 0, c);
	ReleaseTupleDesc(desc);
}

/* effective_state(contract, at): the state that holds whether or not the job ran */
Datum
refund_effective_state(PG_FUNCTION_ARGS)
{
	Contract	c;
	RequestState state;

	contract_argument(fcinfo, 0, &c);
	state = effective_state(&c, PG_GETARG_TIMESTAMPTZ(1));
	if (state == REQUEST_NONE)
		PG_RETURN_NULL();
	PG_RETURN_DATUM(enum_datum(ENUM_REQUEST_STATE, state));
}

/* milestone_state(held, released, submitted): a milestone without a review has null for the last */
Datum
refund_milestone_state(PG_FUNCTION_ARGS)
{
	MilestoneLine m = {.review_tick_at = NO_INSTANT};

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		PG_RETURN_NULL();
	m.held = amount_minor(PG_GETARG_AMOUNT(0));
	m.released = amount_minor(PG_GETARG_AMOUNT(1));
	if (!PG_ARGISNULL(2) && PG_GETARG_BOOL(2))
		m.review_tick_at = 0;

	PG_RETURN_DATUM(enum_datum(ENUM_MILESTONE_STATE, milestone_state(&m)));
}

/* stage_seconds(since, until, on_hold): null while the stage lasts or when it never came */
Datum
refund_stage_seconds(PG_FUNCTION_ARGS)
{
	int64		elapsed;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		PG_RETURN_NULL();
	if (pg_sub_s64_overflow(PG_GETARG_TIMESTAMPTZ(1), PG_GETARG_TIMESTAMPTZ(0), &elapsed) ||
		pg_sub_s64_overflow(elapsed, PG_ARGISNULL(2) ? 0 : PG_GETARG_INT64(2), &elapsed))
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
				 errmsg("the time between the instants is out of range"),
				 errhint("Use finite instants.")));
	PG_RETURN_NUMERIC(int64_div_fast_to_numeric(elapsed, 6));
}

static void
set_money(Datum *values, bool *nulls, int column, const Contract *c, int64 minor)
{
	nulls[column] = minor == NO_AMOUNT;
	values[column] = nulls[column] ? (Datum) 0 :
		NumericGetDatum(int64_div_fast_to_numeric(minor, currency_by_number(c->currency)->exponent));
}

/* turn(contract, at): whose turn it is, a row a party, and what silence would do */
Datum
refund_turn(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	Contract	c;
	Silence		silence;

	InitMaterializedSRF(fcinfo, 0);
	contract_argument(fcinfo, 0, &c);
	/* nobody can act on a hold; once the window has closed, silence has decided and it is nobody's turn */
	if (c.nholds > 0 || effective_state(&c, PG_GETARG_TIMESTAMPTZ(1)) != c.request_state ||
		!request_silence(&c, &silence))
		return (Datum) 0;
	for (int party = 0; party < PARTIES; party++)
	{
		Datum		values[4];
		bool		nulls[4] = {false};

		if (!IN_SET(contract_turn(&c), party))
			continue;
		set_enum(values, nulls, 0, ENUM_PARTY, party);
		values[1] = CStringGetTextDatum(silence.outcome != OUTCOME_NONE ? outcome_label[silence.outcome]
										: request_state_label[silence.to]);
		set_money(values, nulls, 2, &c, silence.to_freelancer);
		set_money(values, nulls, 3, &c, silence.to_client);
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	}
	return (Datum) 0;
}
