/*
 * question.c
 *		What the people of a case may ask: what they may do, and the case's file.
 *
 * Known to a case are its parties, the deciders named in it, and operators who
 * have acted on it; to everybody else it is not there (RF014).
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "fmgr.h"
#include "funcapi.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/numeric.h"
#include "utils/timestamp.h"

#include "allowed.h"
#include "archive.h"
#include "arguments.h"
#include "catalog.h"
#include "compat.h"
#include "currency.h"
#include "engine.h"
#include "refusal.h"
#include "spi.h"
#include "store.h"

PG_FUNCTION_INFO_V1(refund_allowed_actions);
PG_FUNCTION_INFO_V1(refund_case_file);
PG_FUNCTION_INFO_V1(refund_evidence_content);

static bool
is_person(const char *named, const char *person)
{
	return named != NULL && strcmp(named, person) == 0;
}

static bool
has_operated(int64 contract_id, const char *person)
{
	static Statement find = STATEMENT(
									  "SELECT 1 FROM refund_archive.all_event e WHERE e.contract_id OPERATOR(pg_catalog.=) $1"
									  " AND e.actor OPERATOR(pg_catalog.=) $2"
									  " AND e.party OPERATOR(pg_catalog.=) 'operator'", "lt");
	Datum		values[] = {Int64GetDatum(contract_id), CStringGetTextDatum(person)};

	return sql_read(&find, values, NULL, 1).count > 0;
}

/* As what the person is known to the case: a set of parties. */
static uint16
known_as(const Contract *c, const char *person)
{
	Party		party = contract_party(c, person);

	if (party != PARTY_NONE)
		return 1u << party;
	return (is_person(c->mediator, person) ? 1u << PARTY_MEDIATOR : 0) |
		(is_person(c->arbitrator, person) ? 1u << PARTY_ARBITRATOR : 0) |
		(has_operated(c->contract_id, person) ? 1u << PARTY_OPERATOR : 0);
}

/*
 * Take the arguments contract_id and actor and read the contract, unlocked;
 * RF014 for who is not known to it.  Inside of sql_enter().
 */
static uint16
open_case(Arguments *a, Contract *c, char **person)
{
	static Statement read = STATEMENT(
									  "SELECT c.* FROM refund_archive.all_contract c WHERE c.contract_id OPERATOR(pg_catalog.=) $1", "l");
	Command		cmd = {.contract_id = argument_bigint(a)};
	Datum		values[] = {Int64GetDatum(cmd.contract_id)};
	SqlRows		found;
	uint16		parties = 0;

	cmd.actor = *person = argument_text(a, IDENTIFIER_LENGTH);
	found = sql_read(&read, values, NULL, 1);
	if (found.count == 1)
	{
		store_contract_of(found.rows[0], found.desc, 0, c);
		parties = known_as(c, *person);
	}
	if (parties == 0)
		raise_unknown_contract(&cmd);
	return parties;
}

static void
set_money(Datum *values, bool *nulls, int column, const Contract *c, int64 minor)
{
	nulls[column] = minor == NO_AMOUNT;
	if (!nulls[column])
		values[column] = NumericGetDatum(int64_div_fast_to_numeric(minor, currency_by_number(c->currency)->exponent));
}

/* allowed_actions(contract_id, actor): a row a verb and party */
Datum
refund_allowed_actions(PG_FUNCTION_ARGS)
{
	static const char *const names[] = {"contract_id", "actor"};
	static const EventKind verbs[] = {
		EVENT_ADD_MILESTONE, EVENT_FUND, EVENT_RELEASE_PAYMENT, EVENT_RELEASE_MILESTONE,
		EVENT_MOVE_LEFTOVER, EVENT_END_CONTRACT, EVENT_APPROVE_REFUND, EVENT_DISPUTE_REFUND,
		EVENT_ACCEPT_DISPUTE, EVENT_DECLINE_DISPUTE, EVENT_PAY_IN_FULL, EVENT_WITHDRAW_DISPUTE,
		EVENT_PROPOSE_RESOLUTION, EVENT_ACCEPT_RESOLUTION, EVENT_REJECT_RESOLUTION,
		EVENT_JOIN_ARBITRATION, EVENT_RECORD_AWARD, EVENT_OFFER_SETTLEMENT,
		EVENT_WITHDRAW_SETTLEMENT_OFFER, EVENT_ACCEPT_SETTLEMENT, EVENT_SUBMIT_WORK,
		EVENT_REQUEST_CHANGES, EVENT_GIVE_REFUND, EVENT_ASSIGN_CASE, EVENT_PLACE_HOLD,
		EVENT_LIFT_HOLD, EVENT_EXTEND_DEADLINE, EVENT_ERASE_EVIDENCE
	};
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	Arguments	a;
	Contract	c;
	char	   *person;
	uint16		parties;
	int64		now;

	arguments_begin(&a, fcinfo, names);
	InitMaterializedSRF(fcinfo, 0);
	sql_enter();
	parties = open_case(&a, &c, &person);
	if (is_archived(c.contract_id))
		parties = 0;
	now = engine_now(&c);
	engine_catch_up(&c, now);
	for (int i = 0; i < (int) lengthof(verbs); i++)
	{
		for (int party = PARTY_CLIENT; party < PARTIES; party++)
		{
			Action		action;
			Datum		values[6] = {0};
			bool		nulls[6] = {false};

			if (!IN_SET(parties, party) || !action_allowed(&c, verbs[i], party, person, &action))
				continue;
			if (verbs[i] == EVENT_GIVE_REFUND)
				action.largest = engine_giveable(&c, now);
			if (action.largest == 0 && action.smallest > 0)
				continue;
			if (verbs[i] == EVENT_EXTEND_DEADLINE && c.extensions >= engine_terms(&c).max_extensions)
				continue;
			values[0] = CStringGetTextDatum(event_label[verbs[i]]);
			values[1] = enum_datum(ENUM_PARTY, party);
			values[2] = TimestampTzGetDatum(action.until);
			nulls[2] = action.until == NO_INSTANT;
			set_money(values, nulls, 3, &c, action.smallest);
			set_money(values, nulls, 4, &c, action.largest);
			values[5] = CStringGetTextDatum(currency_by_number(c.currency)->code);
			tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
		}
	}
	sql_leave();
	return (Datum) 0;
}

/* case_file(contract_id, actor): all that a decider needs, as one document */
Datum
refund_case_file(PG_FUNCTION_ARGS)
{
#define ROWS_OF(view, orderby) \
	"(SELECT COALESCE(pg_catalog.jsonb_agg(pg_catalog.to_jsonb(v) ORDER BY v." orderby "), '[]')" \
	" FROM refund." view " v WHERE v.contract_id OPERATOR(pg_catalog.=) $1)"
	static Statement build = STATEMENT(
									   "SELECT pg_catalog.jsonb_build_object("
									   "'contract', (SELECT pg_catalog.to_jsonb(v) FROM refund.contract_status v"
									   " WHERE v.contract_id OPERATOR(pg_catalog.=) $1),"
									   "'request', (SELECT pg_catalog.to_jsonb(v) FROM refund.refund_request_status v"
									   " WHERE v.contract_id OPERATOR(pg_catalog.=) $1),"
									   "'milestones', " ROWS_OF("milestone_status", "milestone_no") ","
									   "'evidence', " ROWS_OF("evidence_index", "evidence_no") ","
									   "'offers', " ROWS_OF("settlement_offer_status", "offer_no") ","
									   "'timeline', " ROWS_OF("case_timeline", "event_no") ","
									   "'transactions', " ROWS_OF("transaction_history", "line_no") ","
									   "'holds', (SELECT COALESCE(pg_catalog.jsonb_agg(CASE WHEN $2 THEN pg_catalog.to_jsonb(v)"
									   " ELSE pg_catalog.to_jsonb(v) OPERATOR(pg_catalog.-) '{reason,lift_reason}'::text[] END"
									   " ORDER BY v.hold_no), '[]') FROM refund.hold_status v"
									   " WHERE v.contract_id OPERATOR(pg_catalog.=) $1),"
									   "'payments', " ROWS_OF("refund_payment_status", "payment_no") ")", "lb");
#undef ROWS_OF
	static const char *const names[] = {"contract_id", "actor"};
	MemoryContext caller = CurrentMemoryContext;
	Arguments	a;
	Contract	c;
	char	   *person;
	Datum		values[2];
	Datum		result;
	SqlRows		found;
	bool		isnull;

	arguments_begin(&a, fcinfo, names);
	sql_enter();
	/* why a contract is on hold is for operators */
	values[1] = BoolGetDatum(IN_SET(open_case(&a, &c, &person), PARTY_OPERATOR));
	values[0] = Int64GetDatum(c.contract_id);
	found = sql_read(&build, values, NULL, 1);
	result = heap_getattr(found.rows[0], 1, found.desc, &isnull);
	MemoryContextSwitchTo(caller);
	result = PointerGetDatum(PG_DETOAST_DATUM_COPY(result));
	sql_leave();
	PG_RETURN_DATUM(result);
}

/* evidence_content(contract_id, actor, evidence_no): NULL when there is none here */
Datum
refund_evidence_content(PG_FUNCTION_ARGS)
{
	static Statement read = STATEMENT(
									  "SELECT b.content FROM refund_archive.all_evidence_body b"
									  " WHERE b.contract_id OPERATOR(pg_catalog.=) $1"
									  " AND b.evidence_no OPERATOR(pg_catalog.=) $2", "li");
	static const char *const names[] = {"contract_id", "actor", "evidence_no"};
	MemoryContext caller = CurrentMemoryContext;
	Arguments	a;
	Contract	c;
	Command		cmd = {0};
	Datum		values[2];
	Datum		result = (Datum) 0;
	SqlRows		found;
	bool		isnull = true;
	char	   *person;

	arguments_begin(&a, fcinfo, names);
	sql_enter();
	(void) open_case(&a, &c, &person);
	cmd.contract_id = c.contract_id;
	cmd.item_no = argument_number(&a);
	if (cmd.item_no > c.evidence_count)
		raise_unknown_item(&cmd, "piece of evidence", "evidence_index");
	values[0] = Int64GetDatum(c.contract_id);
	values[1] = Int32GetDatum(cmd.item_no);
	found = sql_read(&read, values, NULL, 1);
	if (found.count == 1)
		result = heap_getattr(found.rows[0], 1, found.desc, &isnull);
	if (!isnull)
	{
		MemoryContextSwitchTo(caller);
		result = PointerGetDatum(PG_DETOAST_DATUM_COPY(result));
	}
	sql_leave();
	if (isnull)
		PG_RETURN_NULL();
	PG_RETURN_DATUM(result);
}
