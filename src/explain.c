/*
 * explain.c
 *		explain(), forecast() and error_codes(): why a contract is where it is,
 *		where silence leads it, and what our errors mean.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "fmgr.h"
#include "funcapi.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/numeric.h"
#include "utils/timestamp.h"

#include "catalog.h"
#include "compat.h"
#include "currency.h"
#include "engine.h"
#include "errors.h"
#include "facts.h"
#include "refusal.h"
#include "request.h"
#include "required.h"
#include "review.h"
#include "spi.h"
#include "store.h"

PG_FUNCTION_INFO_V1(refund_explain);
PG_FUNCTION_INFO_V1(refund_forecast);
PG_FUNCTION_INFO_V1(refund_error_codes);

/* Inside of sql_enter(); RF014. */
static void
read_contract(FunctionCallInfo fcinfo, Contract *c)
{
	static Statement read = STATEMENT(
									  "SELECT c.* FROM refund_archive.all_contract c WHERE c.contract_id OPERATOR(pg_catalog.=) $1", "l");
	Command		cmd = {0};
	Datum		values[1];
	SqlRows		found;

	require_argument(fcinfo, 0, "contract_id");
	cmd.contract_id = PG_GETARG_INT64(0);
	values[0] = PG_GETARG_DATUM(0);
	found = sql_read(&read, values, NULL, 1);
	if (found.count == 0)
		raise_unknown_contract(&cmd);
	store_contract_of(found.rows[0], found.desc, 0, c);
}

/* ---- explain ---- */

typedef struct Explanation
{
	ReturnSetInfo *rsinfo;
	const Contract *c;
	int			lines;
	Facts		facts;
} Explanation;

/* A line; its facts were begun before. */
static void
say(Explanation *e, char *text)
{
	Datum		values[3];
	bool		nulls[3] = {false};

	values[0] = Int32GetDatum(++e->lines);
	values[1] = CStringGetTextDatum(text);
	values[2] = DirectFunctionCall1(jsonb_in, CStringGetDatum(facts_end(&e->facts)));
	tuplestore_putvalues(e->rsinfo->setResult, e->rsinfo->setDesc, values, nulls);
	facts_begin(&e->facts);
}

static char *
money(const Contract *c, int64 minor)
{
	return facts_amount_text(c->currency, minor);
}

static void
explain_contract(Explanation *e)
{
	const Contract *c = e->c;

	facts_text(&e->facts, "state", contract_state_label[c->state]);
	facts_text(&e->facts, "policy", c->policy);
	facts_integer(&e->facts, "policy_version", c->policy_version);
	facts_text(&e->facts, "clock", c->test_clock == NULL ? "server" : c->test_clock);
	facts_amount(&e->facts, "held", c->currency, c->balance.held);
	say(e, psprintf("Contract %lld is %s and holds %s; policy %s version %d, %s",
					(long long) c->contract_id, contract_state_label[c->state], money(c, c->balance.held),
					c->policy, c->policy_version,
					c->test_clock == NULL ? "in the server's time" : psprintf("in the time of test clock %s", c->test_clock)));
}

/* The row of the table that led to the present state. */
static int
rule_of(const Contract *c)
{
	for (int i = 0; i < transition_count; i++)
	{
		const Transition *t = &transition_table[i];

		if (t->event == c->entered_by && !t->same && t->to == c->request_state && t->outcome == c->outcome)
			return t->rule;
	}
	return 0;
}

static void
explain_request(Explanation *e)
{
	const Contract *c = e->c;
	int			rule = rule_of(c);

	if (c->request_state == REQUEST_NONE)
		return;
	facts_text(&e->facts, "state", request_state_label[c->request_state]);
	facts_text(&e->facts, "event", event_label[c->entered_by]);
	facts_integer(&e->facts, "rule", rule);
	facts_instant(&e->facts, "effective_at", c->effective_at);
	facts_amount(&e->facts, "at_stake", c->currency, c->at_stake);
	if (c->request_state == REQUEST_SETTLED)
	{
		facts_text(&e->facts, "outcome", outcome_label[c->outcome]);
		facts_amount(&e->facts, "to_freelancer", c->currency, c->to_freelancer);
		facts_amount(&e->facts, "to_client", c->currency, c->to_client);
		say(e, psprintf("The refund request is settled (%s) by %s, rule %d: of %s, %s to the freelancer and %s to the client",
						outcome_label[c->outcome], event_label[c->entered_by], rule, money(c, c->at_stake),
						money(c, c->to_freelancer), money(c, c->to_client)));
		return;
	}
	say(e, psprintf("The refund request over %s is %s by %s, rule %d",
					money(c, c->at_stake), request_state_label[c->request_state],
					event_label[c->entered_by], rule));
}

static void
explain_holds(Explanation *e)
{
	const Contract *c = e->c;

	if (c->nholds == 0)
		return;
	facts_integer(&e->facts, "holds", c->nholds);
	facts_instant(&e->facts, "held_at", c->held_at);
	say(e, psprintf(c->nholds == 1 ? "%d hold stands: there is neither money nor clock until it is lifted"
					: "%d holds stand: there is neither money nor clock until all are lifted", c->nholds));
}

static void
explain_silence(Explanation *e)
{
	const Contract *c = e->c;
	Silence		silence;

	if (c->nholds > 0 || c->due_at == NO_INSTANT || !request_silence(c, &silence))
		return;
	facts_text(&e->facts, "event", event_label[silence.event]);
	facts_instant(&e->facts, "due_at", c->due_at);
	facts_text(&e->facts, "state", request_state_label[silence.to]);
	if (silence.to != REQUEST_SETTLED)
	{
		say(e, psprintf("If nobody acts before %s, the request is %s", facts_instant_text(c->due_at),
						request_state_label[silence.to]));
		return;
	}
	facts_text(&e->facts, "outcome", outcome_label[silence.outcome]);
	facts_amount(&e->facts, "to_freelancer", c->currency, silence.to_freelancer);
	facts_amount(&e->facts, "to_client", c->currency, silence.to_client);
	say(e, psprintf("If nobody acts before %s, the request is settled (%s): %s to the freelancer and %s to the client",
					facts_instant_text(c->due_at), outcome_label[silence.outcome],
					money(c, silence.to_freelancer), money(c, silence.to_client)));
}

static void
explain_reviews(Explanation *e)
{
	const Contract *c = e->c;

	for (int i = 0; i < c->nmilestones; i++)
	{
		const MilestoneLine *m = &c->milestone[i];

		if (!milestone_is_submitted(m))
			continue;
		facts_integer(&e->facts, "milestone_no", m->milestone_no);
		if (c->nholds > 0)
		{
			say(e, psprintf("The work of milestone %d is under review", m->milestone_no));
			continue;
		}
		facts_instant(&e->facts, "due_at", m->review_due_at);
		facts_amount(&e->facts, "held", c->currency, m->held);
		say(e, psprintf("The work of milestone %d is under review: silence before %s releases %s",
						m->milestone_no, facts_instant_text(m->review_due_at), money(c, m->held)));
	}
}

/* explain(contract_id): a line a fact, in words and for machines */
Datum
refund_explain(PG_FUNCTION_ARGS)
{
	Explanation e = {.rsinfo = (ReturnSetInfo *) fcinfo->resultinfo};
	Contract	c;

	InitMaterializedSRF(fcinfo, 0);
	sql_enter();
	read_contract(fcinfo, &c);
	engine_catch_up(&c, engine_now(&c));
	e.c = &c;
	facts_begin(&e.facts);
	explain_contract(&e);
	explain_request(&e);
	explain_holds(&e);
	explain_reviews(&e);
	explain_silence(&e);
	sql_leave();
	return (Datum) 0;
}

/* ---- forecast ---- */

static void
set_money(Datum *values, bool *nulls, int column, const Contract *c, int64 minor)
{
	nulls[column] = minor == NO_AMOUNT;
	if (!nulls[column])
		values[column] = NumericGetDatum(int64_div_fast_to_numeric(minor, currency_by_number(c->currency)->exponent));
}

/* forecast(contract_id): the path of silence; the job records each step when it is due */
Datum
refund_forecast(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	Contract	c;
	Terms		terms;
	int64		now;
	int			step_no = 0;

	InitMaterializedSRF(fcinfo, 0);
	sql_enter();
	read_contract(fcinfo, &c);
	terms = engine_terms(&c);
	now = engine_now(&c);
	while (c.next_due_at != NO_INSTANT)
	{
		Datum		values[7] = {0};
		bool		nulls[7] = {false};
		bool		settles;
		Step		step;

		now = Max(now, c.next_due_at);
		store_prepare_step(&c, &step);
		if (!decide_by_clock(&terms, &c, now, &step))
			break;
		/* notices change nothing */
		if (step.event == EVENT_REMINDER_DUE || step.event == EVENT_TARGET_MISSED)
			continue;
		settles = step.outcome != OUTCOME_NONE;
		values[0] = Int32GetDatum(++step_no);
		values[1] = TimestampTzGetDatum(step.effective_at);
		values[2] = enum_datum(ENUM_EVENT_KIND, step.event);
		nulls[3] = c.request_state == REQUEST_NONE;
		values[3] = nulls[3] ? (Datum) 0 : enum_datum(ENUM_REQUEST_STATE, c.request_state);
		set_money(values, nulls, 4, &c, step.event == EVENT_REVIEW_EXPIRED ? step.amount
				  : settles ? c.to_freelancer : NO_AMOUNT);
		set_money(values, nulls, 5, &c, settles ? c.to_client : NO_AMOUNT);
		values[6] = CStringGetTextDatum(currency_by_number(c.currency)->code);
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	}
	sql_leave();
	return (Datum) 0;
}

/* ---- errors ---- */

/* error_codes(): the registry of errors.h */
Datum
refund_error_codes(PG_FUNCTION_ARGS)
{
#define REFUND_ERROR_ROW(constant, a, b, c, name, when) {ERRCODE_REFUND_##constant, name, when},
	static const struct
	{
		int			code;
		const char *name;
		const char *when;
	}			errors[] = {
		REFUND_ERROR_LIST(REFUND_ERROR_ROW)
	};
#undef REFUND_ERROR_ROW
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;

	InitMaterializedSRF(fcinfo, 0);
	for (int i = 0; i < (int) lengthof(errors); i++)
	{
		Datum		values[3];
		bool		nulls[3] = {false};

		values[0] = CStringGetTextDatum(unpack_sql_state(errors[i].code));
		values[1] = CStringGetTextDatum(errors[i].name);
		values[2] = CStringGetTextDatum(errors[i].when);
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	}
	return (Datum) 0;
}
