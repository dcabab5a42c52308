/*
 * operation_verb.c
 *		The verbs of operators and payment workers as SQL functions.
 */
#include "postgres.h"

#include "fmgr.h"
#include "utils/jsonb.h"

#include "catalog.h"
#include "compat.h"
#include "evidence.h"
#include "payment.h"
#include "value_types.h"
#include "verb.h"

PG_FUNCTION_INFO_V1(refund_report_refund_payment);
PG_FUNCTION_INFO_V1(refund_retry_refund_payment);
PG_FUNCTION_INFO_V1(refund_erase_evidence);
PG_FUNCTION_INFO_V1(refund_place_hold);
PG_FUNCTION_INFO_V1(refund_lift_hold);
PG_FUNCTION_INFO_V1(refund_extend_deadline);
PG_FUNCTION_INFO_V1(refund_report_reversal);

/* The event of a report, as far as its caller can know. */
static EventKind
event_of_report(PaymentState reported)
{
	const Payment unseen = {0};

	if (reported == PAYMENT_PENDING)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("a refund payment is not reported as pending"),
				 errhint("Report submitted, succeeded, failed, bounced or unclaimed; retry_refund_payment() makes a payment pending again.")));
	return payment_event(&unseen, reported);
}

/* Every report names its attempt; that nobody can be paid is no attempt. */
static void
check_reference(const Command *cmd)
{
	if (cmd->reported == PAYMENT_UNCLAIMED)
	{
		if (cmd->provider_ref != NULL)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("argument \"provider_ref\" must be null for an unclaimed payment"),
					 errhint("No attempt is under way when the destinations have run out.")));
	}
	else if (cmd->provider_ref == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("argument \"provider_ref\" must not be null"),
				 errhint("Each attempt is known by the provider's reference.")));
}

Datum
refund_report_refund_payment(PG_FUNCTION_ARGS)
{
	static const char *const names[] = {
		"contract_id", "actor", "payment_no", "state", "?provider_ref", "?detail", "?idempotency_key"
	};
	Arguments	a;
	Command		cmd;
	Jsonb	   *detail;

	verb_begin(&a, fcinfo, names, &cmd, EVENT_PAYMENT_SUBMITTED);
	cmd.item_no = argument_number(&a);
	cmd.reported = argument_enum(&a, ENUM_PAYMENT_STATE);
	cmd.provider_ref = argument_text(&a, IDENTIFIER_LENGTH);
	detail = argument_jsonb(&a);
	if (detail != NULL)
		cmd.statement = JsonbToCString(NULL, &detail->root, VARSIZE(detail));
	arguments_end(&a, &cmd);
	cmd.event = event_of_report(cmd.reported);
	check_reference(&cmd);
	return verb_execute(fcinfo, &cmd, NULL, SHAPE_PAYMENT);
}

Datum
refund_retry_refund_payment(PG_FUNCTION_ARGS)
{
	static const char *const names[] = {
		"contract_id", "actor", "payment_no", "?destination", "?idempotency_key"
	};
	Arguments	a;
	Command		cmd;

	verb_begin(&a, fcinfo, names, &cmd, EVENT_PAYMENT_RETRIED);
	cmd.item_no = argument_number(&a);
	cmd.destination = argument_text(&a, IDENTIFIER_LENGTH);
	arguments_end(&a, &cmd);
	return verb_execute(fcinfo, &cmd, NULL, SHAPE_PAYMENT);
}

Datum
refund_erase_evidence(PG_FUNCTION_ARGS)
{
	static const char *const names[] = {
		"contract_id", "actor", "evidence_no", "reason", "?idempotency_key"
	};
	Arguments	a;
	Command		cmd;

	verb_begin(&a, fcinfo, names, &cmd, EVENT_ERASE_EVIDENCE);
	cmd.item_no = argument_number(&a);
	cmd.statement = argument_statement(&a);
	arguments_end(&a, &cmd);
	return verb_execute(fcinfo, &cmd, NULL, SHAPE_EVIDENCE);
}

Datum
refund_place_hold(PG_FUNCTION_ARGS)
{
	static const char *const names[] = {"contract_id", "actor", "kind", "reason", "?idempotency_key"};
	Arguments	a;
	Command		cmd;

	verb_begin(&a, fcinfo, names, &cmd, EVENT_PLACE_HOLD);
	cmd.hold_kind = argument_enum(&a, ENUM_HOLD_KIND);
	cmd.statement = argument_statement(&a);
	arguments_end(&a, &cmd);
	return verb_execute(fcinfo, &cmd, NULL, SHAPE_HOLD);
}

Datum
refund_lift_hold(PG_FUNCTION_ARGS)
{
	static const char *const names[] = {"contract_id", "actor", "hold_no", "reason", "?idempotency_key"};
	Arguments	a;
	Command		cmd;

	verb_begin(&a, fcinfo, names, &cmd, EVENT_LIFT_HOLD);
	cmd.item_no = argument_number(&a);
	cmd.statement = argument_statement(&a);
	arguments_end(&a, &cmd);
	return verb_execute(fcinfo, &cmd, NULL, SHAPE_HOLD);
}

Datum
refund_extend_deadline(PG_FUNCTION_ARGS)
{
	static const char *const names[] = {"contract_id", "actor", "extension", "reason", "?idempotency_key"};
	char		text[TIME_LIMIT_TEXT_MAX];
	Arguments	a;
	Command		cmd;

	verb_begin(&a, fcinfo, names, &cmd, EVENT_EXTEND_DEADLINE);
	cmd.extension = DatumGetTimeLimit(argument_value(&a));
	time_limit_print(cmd.extension, text);
	cmd.extension_text = text;
	cmd.statement = argument_statement(&a);
	arguments_end(&a, &cmd);
	return verb_execute(fcinfo, &cmd, NULL, SHAPE_REQUEST);
}

Datum
refund_report_reversal(PG_FUNCTION_ARGS)
{
	static const EventKind events[REVERSAL_STATES] = {
		EVENT_REVERSAL_OPENED, EVENT_REVERSAL_WON, EVENT_REVERSAL_LOST
	};
	static const char *const names[] = {
		"contract_id", "actor", "deposit_no", "kind", "state", "amount", "provider_ref", "?idempotency_key"
	};
	Arguments	a;
	Command		cmd;

	verb_begin(&a, fcinfo, names, &cmd, EVENT_REVERSAL_OPENED);
	cmd.item_no = cmd.deposit_no = argument_number(&a);
	cmd.reversal_kind = argument_enum(&a, ENUM_REVERSAL_KIND);
	cmd.reversal_state = argument_enum(&a, ENUM_REVERSAL_STATE);
	argument_amount(&a, &cmd);
	cmd.provider_ref = argument_text(&a, IDENTIFIER_LENGTH);
	arguments_end(&a, &cmd);
	cmd.event = events[cmd.reversal_state];
	return verb_execute(fcinfo, &cmd, NULL, SHAPE_REVERSED_DEPOSIT);
}
