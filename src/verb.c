/*
 * verb.c
 *		The verbs as SQL functions: arguments to a command, the engine, a row.
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
#include "value_types.h"

PG_FUNCTION_INFO_V1(refund_create_contract);
PG_FUNCTION_INFO_V1(refund_add_milestone);
PG_FUNCTION_INFO_V1(refund_fund);
PG_FUNCTION_INFO_V1(refund_release_payment);
PG_FUNCTION_INFO_V1(refund_release_milestone);
PG_FUNCTION_INFO_V1(refund_move_leftover);
PG_FUNCTION_INFO_V1(refund_end_contract);
PG_FUNCTION_INFO_V1(refund_approve_refund);
PG_FUNCTION_INFO_V1(refund_pay_in_full);

/* Which view's row the verb returns. */
typedef enum Shape
{
	SHAPE_CONTRACT,
	SHAPE_REQUEST,
	SHAPE_MILESTONE,
	SHAPE_DEPOSIT
} Shape;

/* contract_id and actor, which every verb but create_contract begins with */
static void
begin(Arguments *a, FunctionCallInfo fcinfo, Command *cmd, EventKind event)
{
	memset(cmd, 0, sizeof(Command));
	cmd->event = event;
	cmd->amount = NO_AMOUNT;
	arguments_begin(a, fcinfo);
	cmd->contract_id = argument_bigint(a, "contract_id");
	if (event != EVENT_CREATE_CONTRACT)
		cmd->actor = argument_text(a, "actor", IDENTIFIER_LENGTH);
}

static Datum
execute(FunctionCallInfo fcinfo, const Command *cmd, Contract *new_contract, Shape shape)
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
			result = result_request(fcinfo, &x);
			break;
		case SHAPE_MILESTONE:
			result = result_milestone(fcinfo, &x, cmd->milestone_no);
			break;
		case SHAPE_DEPOSIT:
			result = result_deposit(fcinfo, &x, cmd);
			break;
	}
	MemoryContextDelete(scratch);
	return result;
}

/* process.md section 7: a client is not the freelancer of the same contract */
static void
check_distinct(const char *client, const char *other, const char *role)
{
	if (other != NULL && strcmp(client, other) == 0)
		ereport(ERROR,
				(errcode(ERRCODE_REFUND_CONFLICT_OF_INTEREST),
				 errmsg("the client can not be the %s of the same contract", role),
				 errhint("The two sides of a contract are different people.")));
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
	Arguments	a;
	Command		cmd;
	Contract	c = {0};

	begin(&a, fcinfo, &cmd, EVENT_CREATE_CONTRACT);
	c.contract_id = cmd.contract_id;
	c.client = argument_text(&a, "client", IDENTIFIER_LENGTH);
	c.freelancer = argument_text(&a, "freelancer", IDENTIFIER_LENGTH);
	c.currency = usable_currency(DatumGetCurrency(argument_datum(&a, "currency")));
	c.kind = enum_value(ENUM_CONTRACT_KIND, argument_datum(&a, "kind"));
	c.agency = argument_optional_text(&a, "agency", IDENTIFIER_LENGTH);
	c.policy = argument_text(&a, "policy", IDENTIFIER_LENGTH);
	c.test_clock = argument_optional_text(&a, "test_clock", IDENTIFIER_LENGTH);
	arguments_end(&a, &cmd);
	check_distinct(c.client, c.freelancer, "freelancer");
	check_distinct(c.client, c.agency, "agency");
	c.policy_version = latest_policy(c.policy);
	c.next_due_at = c.due_at = c.opened_at = c.settled_at = c.effective_at = NO_INSTANT;
	c.at_stake = c.to_freelancer = c.to_client = NO_AMOUNT;
	c.first_live = 1;
	return execute(fcinfo, &cmd, &c, SHAPE_CONTRACT);
}

Datum
refund_add_milestone(PG_FUNCTION_ARGS)
{
	Arguments	a;
	Command		cmd;

	begin(&a, fcinfo, &cmd, EVENT_ADD_MILESTONE);
	cmd.milestone_no = argument_number(&a, "milestone_no");
	cmd.title = argument_text(&a, "title", TITLE_LENGTH);
	argument_amount(&a, "price", false, &cmd);
	cmd.has_due = argument_date(&a, "due", &cmd.due);
	arguments_end(&a, &cmd);
	return execute(fcinfo, &cmd, NULL, SHAPE_MILESTONE);
}

Datum
refund_fund(PG_FUNCTION_ARGS)
{
	Arguments	a;
	Command		cmd;

	begin(&a, fcinfo, &cmd, EVENT_FUND);
	cmd.milestone_no = argument_number(&a, "milestone_no");
	argument_amount(&a, "amount", false, &cmd);
	cmd.source = argument_text(&a, "source", IDENTIFIER_LENGTH);
	cmd.provider_ref = argument_optional_text(&a, "provider_ref", IDENTIFIER_LENGTH);
	arguments_end(&a, &cmd);
	return execute(fcinfo, &cmd, NULL, SHAPE_DEPOSIT);
}

Datum
refund_release_payment(PG_FUNCTION_ARGS)
{
	Arguments	a;
	Command		cmd;

	begin(&a, fcinfo, &cmd, EVENT_RELEASE_PAYMENT);
	cmd.milestone_no = argument_number(&a, "milestone_no");
	argument_amount(&a, "amount", false, &cmd);
	arguments_end(&a, &cmd);
	return execute(fcinfo, &cmd, NULL, SHAPE_MILESTONE);
}

Datum
refund_release_milestone(PG_FUNCTION_ARGS)
{
	Arguments	a;
	Command		cmd;

	begin(&a, fcinfo, &cmd, EVENT_RELEASE_MILESTONE);
	cmd.milestone_no = argument_number(&a, "milestone_no");
	arguments_end(&a, &cmd);
	return execute(fcinfo, &cmd, NULL, SHAPE_MILESTONE);
}

Datum
refund_move_leftover(PG_FUNCTION_ARGS)
{
	Arguments	a;
	Command		cmd;

	begin(&a, fcinfo, &cmd, EVENT_MOVE_LEFTOVER);
	cmd.milestone_no = argument_number(&a, "from_milestone");
	cmd.to_milestone_no = argument_number(&a, "to_milestone");
	argument_amount(&a, "amount", false, &cmd);
	arguments_end(&a, &cmd);
	return execute(fcinfo, &cmd, NULL, SHAPE_MILESTONE);
}

Datum
refund_end_contract(PG_FUNCTION_ARGS)
{
	Arguments	a;
	Command		cmd;

	begin(&a, fcinfo, &cmd, EVENT_END_CONTRACT);
	argument_amount(&a, "final_payment", true, &cmd);
	arguments_end(&a, &cmd);
	return execute(fcinfo, &cmd, NULL, SHAPE_CONTRACT);
}

Datum
refund_approve_refund(PG_FUNCTION_ARGS)
{
	Arguments	a;
	Command		cmd;

	begin(&a, fcinfo, &cmd, EVENT_APPROVE_REFUND);
	arguments_end(&a, &cmd);
	return execute(fcinfo, &cmd, NULL, SHAPE_REQUEST);
}

Datum
refund_pay_in_full(PG_FUNCTION_ARGS)
{
	Arguments	a;
	Command		cmd;

	begin(&a, fcinfo, &cmd, EVENT_PAY_IN_FULL);
	arguments_end(&a, &cmd);
	return execute(fcinfo, &cmd, NULL, SHAPE_REQUEST);
}
