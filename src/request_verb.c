/*
 * request_verb.c
 *		The verbs of refund request, dispute and settlement as SQL functions.
 */
#include "postgres.h"

#include "fmgr.h"

#include "compat.h"
#include "evidence.h"
#include "verb.h"

PG_FUNCTION_INFO_V1(refund_approve_refund);
PG_FUNCTION_INFO_V1(refund_pay_in_full);
PG_FUNCTION_INFO_V1(refund_dispute_refund);
PG_FUNCTION_INFO_V1(refund_accept_dispute);
PG_FUNCTION_INFO_V1(refund_decline_dispute);
PG_FUNCTION_INFO_V1(refund_withdraw_dispute);
PG_FUNCTION_INFO_V1(refund_propose_resolution);
PG_FUNCTION_INFO_V1(refund_accept_resolution);
PG_FUNCTION_INFO_V1(refund_reject_resolution);
PG_FUNCTION_INFO_V1(refund_join_arbitration);
PG_FUNCTION_INFO_V1(refund_record_award);
PG_FUNCTION_INFO_V1(refund_offer_settlement);
PG_FUNCTION_INFO_V1(refund_withdraw_settlement_offer);
PG_FUNCTION_INFO_V1(refund_accept_settlement);
PG_FUNCTION_INFO_V1(refund_assign_case);

/* A verb that has no arguments of its own. */
static Datum
plain_verb(FunctionCallInfo fcinfo, EventKind event)
{
	static const char *const names[] = {"contract_id", "actor", "?idempotency_key"};
	Arguments	a;
	Command		cmd;

	verb_begin(&a, fcinfo, names, &cmd, event);
	arguments_end(&a, &cmd);
	return verb_execute(fcinfo, &cmd, NULL, SHAPE_REQUEST);
}

Datum
refund_approve_refund(PG_FUNCTION_ARGS)
{
	return plain_verb(fcinfo, EVENT_APPROVE_REFUND);
}

Datum
refund_pay_in_full(PG_FUNCTION_ARGS)
{
	return plain_verb(fcinfo, EVENT_PAY_IN_FULL);
}

Datum
refund_accept_dispute(PG_FUNCTION_ARGS)
{
	return plain_verb(fcinfo, EVENT_ACCEPT_DISPUTE);
}

Datum
refund_withdraw_dispute(PG_FUNCTION_ARGS)
{
	return plain_verb(fcinfo, EVENT_WITHDRAW_DISPUTE);
}

Datum
refund_accept_resolution(PG_FUNCTION_ARGS)
{
	return plain_verb(fcinfo, EVENT_ACCEPT_RESOLUTION);
}

Datum
refund_withdraw_settlement_offer(PG_FUNCTION_ARGS)
{
	return plain_verb(fcinfo, EVENT_WITHDRAW_SETTLEMENT_OFFER);
}

Datum
refund_dispute_refund(PG_FUNCTION_ARGS)
{
	static const char *const names[] = {
		"contract_id", "actor", "amount", "reason", "evidence", "?idempotency_key"
	};
	Arguments	a;
	Command		cmd;

	verb_begin(&a, fcinfo, names, &cmd, EVENT_DISPUTE_REFUND);
	argument_amount(&a, &cmd);
	cmd.statement = argument_statement(&a);
	evidence_read(argument_jsonb(&a), &cmd);
	arguments_end(&a, &cmd);
	return verb_execute(fcinfo, &cmd, NULL, SHAPE_REQUEST);
}

Datum
refund_decline_dispute(PG_FUNCTION_ARGS)
{
	static const char *const names[] = {
		"contract_id", "actor", "statement", "evidence", "?idempotency_key"
	};
	Arguments	a;
	Command		cmd;

	verb_begin(&a, fcinfo, names, &cmd, EVENT_DECLINE_DISPUTE);
	cmd.statement = argument_statement(&a);
	evidence_read(argument_jsonb(&a), &cmd);
	arguments_end(&a, &cmd);
	return verb_execute(fcinfo, &cmd, NULL, SHAPE_REQUEST);
}

/* A decider's split with its rationale. */
static Datum
split_verb(FunctionCallInfo fcinfo, EventKind event)
{
	static const char *const names[] = {
		"contract_id", "actor", "to_freelancer", "rationale", "?idempotency_key"
	};
	Arguments	a;
	Command		cmd;

	verb_begin(&a, fcinfo, names, &cmd, event);
	argument_amount(&a, &cmd);
	cmd.statement = argument_statement(&a);
	arguments_end(&a, &cmd);
	return verb_execute(fcinfo, &cmd, NULL, SHAPE_REQUEST);
}

Datum
refund_propose_resolution(PG_FUNCTION_ARGS)
{
	return split_verb(fcinfo, EVENT_PROPOSE_RESOLUTION);
}

Datum
refund_record_award(PG_FUNCTION_ARGS)
{
	return split_verb(fcinfo, EVENT_RECORD_AWARD);
}

Datum
refund_reject_resolution(PG_FUNCTION_ARGS)
{
	static const char *const names[] = {"contract_id", "actor", "?reason", "?idempotency_key"};
	Arguments	a;
	Command		cmd;

	verb_begin(&a, fcinfo, names, &cmd, EVENT_REJECT_RESOLUTION);
	cmd.statement = argument_statement(&a);
	arguments_end(&a, &cmd);
	return verb_execute(fcinfo, &cmd, NULL, SHAPE_REQUEST);
}

Datum
refund_join_arbitration(PG_FUNCTION_ARGS)
{
	static const char *const names[] = {
		"contract_id", "actor", "?fee_source", "?provider_ref", "?idempotency_key"
	};
	Arguments	a;
	Command		cmd;

	verb_begin(&a, fcinfo, names, &cmd, EVENT_JOIN_ARBITRATION);
	cmd.source = argument_text(&a, IDENTIFIER_LENGTH);
	cmd.provider_ref = argument_text(&a, IDENTIFIER_LENGTH);
	arguments_end(&a, &cmd);
	return verb_execute(fcinfo, &cmd, NULL, SHAPE_REQUEST);
}

Datum
refund_offer_settlement(PG_FUNCTION_ARGS)
{
	static const char *const names[] = {"contract_id", "actor", "to_freelancer", "?idempotency_key"};
	Arguments	a;
	Command		cmd;

	verb_begin(&a, fcinfo, names, &cmd, EVENT_OFFER_SETTLEMENT);
	argument_amount(&a, &cmd);
	arguments_end(&a, &cmd);
	return verb_execute(fcinfo, &cmd, NULL, SHAPE_REQUEST);
}

Datum
refund_accept_settlement(PG_FUNCTION_ARGS)
{
	static const char *const names[] = {"contract_id", "actor", "offer_no", "?idempotency_key"};
	Arguments	a;
	Command		cmd;

	verb_begin(&a, fcinfo, names, &cmd, EVENT_ACCEPT_SETTLEMENT);
	cmd.item_no = argument_number(&a);
	arguments_end(&a, &cmd);
	return verb_execute(fcinfo, &cmd, NULL, SHAPE_REQUEST);
}

Datum
refund_assign_case(PG_FUNCTION_ARGS)
{
	static const char *const names[] = {"contract_id", "actor", "decider", "?idempotency_key"};
	Arguments	a;
	Command		cmd;

	verb_begin(&a, fcinfo, names, &cmd, EVENT_ASSIGN_CASE);
	cmd.decider = argument_text(&a, IDENTIFIER_LENGTH);
	arguments_end(&a, &cmd);
	return verb_execute(fcinfo, &cmd, NULL, SHAPE_REQUEST);
}
