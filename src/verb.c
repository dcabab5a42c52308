/*
 * verb.c
 *		What verbs as SQL functions have in common, and those of contract and
 *		escrow: arguments to a command, the engine, a row.
 */
#include "postgres.h"

#include "fmgr.h"
#include "utils/memutils.h"

#include "arguments.h"
#include "compat.h"
#include "currency.h"
#include "engine.h"
#include "errors.h"
#include "policy.h"
#include "result.h"
#include "verb.h"
#include "value_types.h"

PG_FUNCTION_INFO_V1(refund_create_contract);
PG_FUNCTION_INFO_V1(refund_add_milestone);
PG_FUNCTION_INFO_V1(refund_fund);
PG_FUNCTION_INFO_V1(refund_release_payment);
PG_FUNCTION_INFO_V1(refund_release_milestone);
PG_FUNCTION_INFO_V1(refund_move_leftover);
PG_FUNCTION_INFO_V1(refund_end_contract);
PG_FUNCTION_INFO_V1(refund_submit_work);
PG_FUNCTION_INFO_V1(refund_request_changes);
PG_FUNCTION_INFO_V1(refund_give_refund);

void
verb_begin(Arguments *a, FunctionCallInfo fcinfo, const char *const *names, Command *cmd, EventKind event)
{
	memset(cmd, 0, sizeof(Command));
	cmd->event = event;
	cmd->amount = NO_AMOUNT;
	arguments_begin(a, fcinfo, names);
	cmd->contract_id = argument_bigint(a);
	if (event != EVENT_CREATE_CONTRACT)
		cmd->actor = argument_text(a, IDENTIFIER_LENGTH);
}

Datum
verb_execute(FunctionCallInfo fcinfo, const Command *cmd, Contract *new_contract, Shape shape)
{
	MemoryContext scratch = AllocSetContextCreate(CurrentMemoryContext, "refund: verb",
												  ALLOCSET_DEFAULT_SIZES);
	MemoryContext caller = MemoryContextSwitchTo(scratch);
	Execution	x = {0};
	Datum		result = (Datum) 0;

	if (new_contract != NULL)
	{
		x.s.c = *new_contract;
		engine_create(cmd, &x);
	}
	else
		engine_execute(cmd, &x);
	MemoryContextSwitchTo(caller);
	switch (shape)
	{
		case SHAPE_CONTRACT:
			result = result_contract(fcinfo, &x);
			break;
		case SHAPE_REQUEST:
			result = result_request(fcinfo, &x, cmd);
			break;
		case SHAPE_MILESTONE:
			result = result_milestone(fcinfo, &x, cmd->milestone_no);
			break;
		case SHAPE_DEPOSIT:
			result = result_deposit(fcinfo, &x, cmd);
			break;
		case SHAPE_PAYMENT:
			result = result_payment(fcinfo, &x);
			break;
		case SHAPE_EVIDENCE:
			result = result_erased_evidence(fcinfo, &x, cmd->item_no);
			break;
		case SHAPE_HOLD:
			result = result_hold(fcinfo, &x, cmd);
			break;
		case SHAPE_REVERSED_DEPOSIT:
			result = result_deposit_now(fcinfo, &x, cmd->deposit_no);
			break;
	}
	MemoryContextDelete(scratch);
	return result;
}

/* The policy that a new contract is pinned to: the latest of its name. */
static int
latest_policy(const char *name)
{
	int			version = policy_latest_version(name);

	if (version == 0)
		ereport(ERROR,
				(errcode(ERRCODE_REFUND_UNKNOWN),
				 errmsg("there is no policy \"%s\"", name),
				 errhint("Table refund.policy lists the policies; add_policy() adds one.")));
	return version;
}

static int
usable_currency(int number)
{
	const CurrencyInfo *info = currency_info(number);

	if (!info->active)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("currency %s was withdrawn", info->code),
				 errhint("New contracts need a currency that is in use.")));
	return number;
}

Datum
refund_create_contract(PG_FUNCTION_ARGS)
{
	static const char *const names[] = {
		"contract_id", "client", "freelancer", "currency", "kind", "?agency", "policy", "?test_clock", "?idempotency_key"
	};
	Arguments	a;
	Command		cmd;
	Contract	c = {0};

	verb_begin(&a, fcinfo, names, &cmd, EVENT_CREATE_CONTRACT);
	c.contract_id = cmd.contract_id;
	c.client = argument_text(&a, IDENTIFIER_LENGTH);
	c.freelancer = argument_text(&a, IDENTIFIER_LENGTH);
	c.currency = usable_currency(DatumGetCurrency(argument_value(&a)));
	c.kind = argument_enum(&a, ENUM_CONTRACT_KIND);
	c.agency = argument_text(&a, IDENTIFIER_LENGTH);
	c.policy = argument_text(&a, IDENTIFIER_LENGTH);
	c.test_clock = argument_text(&a, IDENTIFIER_LENGTH);
	arguments_end(&a, &cmd);
	c.policy_version = latest_policy(c.policy);
	contract_init(&c);
	c.first_live = 1;
	return verb_execute(fcinfo, &cmd, &c, SHAPE_CONTRACT);
}

Datum
refund_add_milestone(PG_FUNCTION_ARGS)
{
	static const char *const names[] = {
		"contract_id", "actor", "milestone_no", "title", "price", "?due", "?idempotency_key"
	};
	Arguments	a;
	Command		cmd;

	verb_begin(&a, fcinfo, names, &cmd, EVENT_ADD_MILESTONE);
	cmd.milestone_no = argument_number(&a);
	cmd.title = argument_text(&a, TITLE_LENGTH);
	argument_amount(&a, &cmd);
	cmd.has_due = argument_date(&a, &cmd.due);
	arguments_end(&a, &cmd);
	return verb_execute(fcinfo, &cmd, NULL, SHAPE_MILESTONE);
}

Datum
refund_fund(PG_FUNCTION_ARGS)
{
	static const char *const names[] = {
		"contract_id", "actor", "milestone_no", "amount", "source", "?provider_ref", "?idempotency_key"
	};
	Arguments	a;
	Command		cmd;

	verb_begin(&a, fcinfo, names, &cmd, EVENT_FUND);
	cmd.milestone_no = argument_number(&a);
	argument_amount(&a, &cmd);
	cmd.source = argument_text(&a, IDENTIFIER_LENGTH);
	cmd.provider_ref = argument_text(&a, IDENTIFIER_LENGTH);
	arguments_end(&a, &cmd);
	return verb_execute(fcinfo, &cmd, NULL, SHAPE_DEPOSIT);
}

Datum
refund_release_payment(PG_FUNCTION_ARGS)
{
	static const char *const names[] = {"contract_id", "actor", "milestone_no", "amount", "?idempotency_key"};
	Arguments	a;
	Command		cmd;

	verb_begin(&a, fcinfo, names, &cmd, EVENT_RELEASE_PAYMENT);
	cmd.milestone_no = argument_number(&a);
	argument_amount(&a, &cmd);
	arguments_end(&a, &cmd);
	return verb_execute(fcinfo, &cmd, NULL, SHAPE_MILESTONE);
}

Datum
refund_release_milestone(PG_FUNCTION_ARGS)
{
	static const char *const names[] = {"contract_id", "actor", "milestone_no", "?idempotency_key"};
	Arguments	a;
	Command		cmd;

	verb_begin(&a, fcinfo, names, &cmd, EVENT_RELEASE_MILESTONE);
	cmd.milestone_no = argument_number(&a);
	arguments_end(&a, &cmd);
	return verb_execute(fcinfo, &cmd, NULL, SHAPE_MILESTONE);
}

Datum
refund_move_leftover(PG_FUNCTION_ARGS)
{
	static const char *const names[] = {
		"contract_id", "actor", "from_milestone", "to_milestone", "amount", "?idempotency_key"
	};
	Arguments	a;
	Command		cmd;

	verb_begin(&a, fcinfo, names, &cmd, EVENT_MOVE_LEFTOVER);
	cmd.milestone_no = argument_number(&a);
	cmd.to_milestone_no = argument_number(&a);
	argument_amount(&a, &cmd);
	arguments_end(&a, &cmd);
	return verb_execute(fcinfo, &cmd, NULL, SHAPE_MILESTONE);
}

Datum
refund_end_contract(PG_FUNCTION_ARGS)
{
	static const char *const names[] = {"contract_id", "actor", "?final_payment", "?idempotency_key"};
	Arguments	a;
	Command		cmd;

	verb_begin(&a, fcinfo, names, &cmd, EVENT_END_CONTRACT);
	argument_amount(&a, &cmd);
	arguments_end(&a, &cmd);
	return verb_execute(fcinfo, &cmd, NULL, SHAPE_CONTRACT);
}


Datum
refund_submit_work(PG_FUNCTION_ARGS)
{
	static const char *const names[] = {"contract_id", "actor", "milestone_no", "?message", "?idempotency_key"};
	Arguments	a;
	Command		cmd;

	verb_begin(&a, fcinfo, names, &cmd, EVENT_SUBMIT_WORK);
	cmd.milestone_no = argument_number(&a);
	cmd.statement = argument_statement(&a);
	arguments_end(&a, &cmd);
	return verb_execute(fcinfo, &cmd, NULL, SHAPE_MILESTONE);
}

Datum
refund_request_changes(PG_FUNCTION_ARGS)
{
	static const char *const names[] = {"contract_id", "actor", "milestone_no", "message", "?idempotency_key"};
	Arguments	a;
	Command		cmd;

	verb_begin(&a, fcinfo, names, &cmd, EVENT_REQUEST_CHANGES);
	cmd.milestone_no = argument_number(&a);
	cmd.statement = argument_statement(&a);
	arguments_end(&a, &cmd);
	return verb_execute(fcinfo, &cmd, NULL, SHAPE_MILESTONE);
}

Datum
refund_give_refund(PG_FUNCTION_ARGS)
{
	static const char *const names[] = {"contract_id", "actor", "milestone_no", "amount", "?idempotency_key"};
	Arguments	a;
	Command		cmd;

	verb_begin(&a, fcinfo, names, &cmd, EVENT_GIVE_REFUND);
	cmd.milestone_no = argument_number(&a);
	argument_amount(&a, &cmd);
	arguments_end(&a, &cmd);
	return verb_execute(fcinfo, &cmd, NULL, SHAPE_MILESTONE);
}
