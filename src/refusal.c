/*
 * refusal.c
 *		The core's refusals as PostgreSQL errors.
 */
#include "postgres.h"

#include "compat.h"
#include "errors.h"
#include "facts.h"
#include "refusal.h"

/* Facts that every refusal of a contract's verb carries. */
static void
begin(Facts *f, const Command *cmd)
{
	facts_begin(f);
	facts_integer(f, "contract_id", cmd->contract_id);
	facts_text(f, "event", event_label[cmd->event]);
}

void
raise_unknown_contract(const Command *cmd)
{
	Facts		f;

	begin(&f, cmd);
	ereport(ERROR,
			(errcode(ERRCODE_REFUND_UNKNOWN),
			 errmsg("there is no contract %lld for \"%s\"",
					(long long) cmd->contract_id, cmd->actor ? cmd->actor : ""),
			 errdetail_internal("%s", facts_end(&f)),
			 errhint("Check the contract's number, and that the actor is one of its parties.")));
}

void
raise_unknown_milestone(const Command *cmd, int32 milestone_no)
{
	Facts		f;

	begin(&f, cmd);
	facts_integer(&f, "milestone_no", milestone_no);
	ereport(ERROR,
			(errcode(ERRCODE_REFUND_UNKNOWN),
			 errmsg("contract %lld has no milestone %d",
					(long long) cmd->contract_id, milestone_no),
			 errdetail_internal("%s", facts_end(&f)),
			 errhint("View refund.milestone_status lists the contract's milestones.")));
}

void
raise_key_conflict(const Command *cmd, const char *key)
{
	Facts		f;

	begin(&f, cmd);
	facts_text(&f, "key", key);
	ereport(ERROR,
			(errcode(ERRCODE_REFUND_IDEMPOTENCY_CONFLICT),
			 errmsg("key \"%s\" was used for another call", key),
			 errdetail_internal("%s", facts_end(&f)),
			 errhint("Repeat the call with the same verb and arguments, or use a new key.")));
}

/* Every event that the request's state knows, as "allowed"; without a request there is none. */
static void
add_allowed_events(Facts *f, RequestState state)
{
	facts_begin_list(f, "allowed");
	for (int event = 0; event < EVENT_KINDS && state != REQUEST_NONE; event++)
		if (transition_find(state, event) != NULL &&
			!IN_SET(event_parties(event), PARTY_CLOCK))
			facts_add(f, event_label[event]);
	facts_end_list(f);
}

static void
add_parties(Facts *f, uint16 parties)
{
	facts_begin_list(f, "allowed");
	for (int party = 0; party < PARTIES; party++)
		if (IN_SET(parties, party))
			facts_add(f, party_label[party]);
	facts_end_list(f);
}

void
raise_refusal(Refusal refusal, const Contract *c, const Command *cmd,
			  const RefusalFacts *facts, int64 now)
{
	const char *state = request_state_label[c->request_state];
	Facts		f;

	begin(&f, cmd);
	switch (refusal)
	{
		case REFUSED_ENDED:
			ereport(ERROR,
					(errcode(ERRCODE_REFUND_CONTRACT_STATE),
					 errmsg("contract %lld has ended", (long long) c->contract_id),
					 errdetail_internal("%s", facts_end(&f)),
					 errhint("Money that was released can only come back by give_refund().")));
		case REFUSED_ACTIVE:
			ereport(ERROR,
					(errcode(ERRCODE_REFUND_CONTRACT_STATE),
					 errmsg("contract %lld is active", (long long) c->contract_id),
					 errdetail_internal("%s", facts_end(&f)),
					 errhint("A refund request opens when the client ends the contract: end_contract().")));
		case REFUSED_WRONG_PARTY:
			add_parties(&f, facts->parties);
			ereport(ERROR,
					(errcode(ERRCODE_REFUND_WRONG_PARTY),
					 errmsg("\"%s\" is not on the side that may call %s",
							cmd->actor, event_label[cmd->event]),
					 errdetail_internal("%s", facts_end(&f)),
					 errhint("Function refund.transitions() lists who may do what in each state.")));
		case REFUSED_LATE:
			facts_text(&f, "state", state);
			facts_instant(&f, "due_at", facts->due_at);
			facts_instant(&f, "decided_at", now);
			ereport(ERROR,
					(errcode(ERRCODE_REFUND_DEADLINE_PASSED),
					 errmsg("%s came after the deadline of contract %lld",
							event_label[cmd->event], (long long) c->contract_id),
					 errdetail_internal("%s", facts_end(&f)),
					 errhint("A window is open until just before due_at; from then on silence has decided.")));
		case REFUSED_STATE:
			facts_text(&f, "state", state);
			add_allowed_events(&f, c->request_state);
			ereport(ERROR,
					(errcode(ERRCODE_REFUND_ILLEGAL_TRANSITION),
					 state == NULL
					 ? errmsg("contract %lld has no refund request", (long long) c->contract_id)
					 : errmsg("a refund request that is %s does not know %s",
							  state, event_label[cmd->event]),
					 errdetail_internal("%s", facts_end(&f)),
					 errhint("Function refund.transitions() lists what each state allows.")));
		case REFUSED_HOURLY:
			ereport(ERROR,
					(errcode(ERRCODE_REFUND_NOT_REFUNDABLE),
					 errmsg("contract %lld is hourly", (long long) c->contract_id),
					 errdetail_internal("%s", facts_end(&f)),
					 errhint("Hours are disputed on the hourly dispute path, not by refund requests of fixed prices.")));
		case REFUSED_CURRENCY:
			facts_amount(&f, "amount", cmd->currency, cmd->amount);
			facts_amount(&f, "held", c->currency, c->balance.held);
			ereport(ERROR,
					(errcode(ERRCODE_REFUND_CURRENCY_MISMATCH),
					 errmsg("the amount is not in the currency of contract %lld",
							(long long) c->contract_id),
					 errdetail_internal("%s", facts_end(&f)),
					 errhint("A contract has one currency.")));
		case REFUSED_NOT_POSITIVE:
			facts_amount(&f, "amount", cmd->currency, cmd->amount);
			ereport(ERROR,
					(errcode(ERRCODE_REFUND_AMOUNT_OUT_OF_RANGE),
					 errmsg("the amount must be more than zero"),
					 errdetail_internal("%s", facts_end(&f)),
					 errhint("Give the amount that is to move, without a sign.")));
		case REFUSED_NEGATIVE:
			facts_amount(&f, "amount", cmd->currency, cmd->amount);
			ereport(ERROR,
					(errcode(ERRCODE_REFUND_AMOUNT_OUT_OF_RANGE),
					 errmsg("the amount must not be negative"),
					 errdetail_internal("%s", facts_end(&f)),
					 errhint("Pay nothing, a part, or all that is held.")));
		case REFUSED_OVER_HELD:
			if (cmd->amount != NO_AMOUNT)
				facts_amount(&f, "amount", cmd->currency, cmd->amount);
			facts_amount(&f, "available", c->currency, facts->available);
			ereport(ERROR,
					(errcode(ERRCODE_REFUND_AMOUNT_OUT_OF_RANGE),
					 errmsg("the amount is more than what is held"),
					 errdetail_internal("%s", facts_end(&f)),
					 errhint("At most the amount in \"available\" can move.")));
		case REFUSED_OVER_PRICE:
			facts_amount(&f, "amount", cmd->currency, cmd->amount);
			facts_amount(&f, "available", c->currency, facts->available);
			ereport(ERROR,
					(errcode(ERRCODE_REFUND_AMOUNT_OUT_OF_RANGE),
					 errmsg("the amount is more than what the milestone's price leaves open"),
					 errdetail_internal("%s", facts_end(&f)),
					 errhint("At most the amount in \"available\" can be put into the milestone.")));
		case REFUSED_PAYS_ITSELF:
			facts_amount(&f, "amount", cmd->currency, cmd->amount);
			ereport(ERROR,
					(errcode(ERRCODE_REFUND_AMOUNT_OUT_OF_RANGE),
					 errmsg("the freelancer's side can not take a final payment"),
					 errdetail_internal("%s", facts_end(&f)),
					 errhint("When the freelancer ends the contract, all that is held goes back; leave final_payment null.")));
		case REFUSED_SAME_MILESTONE:
			facts_integer(&f, "milestone_no", cmd->milestone_no);
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("a leftover can not move to the milestone that it is in"),
					 errdetail_internal("%s", facts_end(&f)),
					 errhint("Name two different milestones.")));
		case REFUSED_MILESTONE_EXISTS:
			facts_integer(&f, "milestone_no", cmd->milestone_no);
			ereport(ERROR,
					(errcode(ERRCODE_UNIQUE_VIOLATION),
					 errmsg("contract %lld has a milestone %d already",
							(long long) c->contract_id, cmd->milestone_no),
					 errdetail_internal("%s", facts_end(&f)),
					 errhint("Use another number.")));
		case REFUSED_TOO_MANY:
			facts_integer(&f, "milestones", c->nmilestones);
			facts_integer(&f, "deposits_with_money", c->ndeposits);
			ereport(ERROR,
					(errcode(ERRCODE_REFUND_LIMIT_REACHED),
					 errmsg("contract %lld has reached a limit", (long long) c->contract_id),
					 errdetail_internal("%s", facts_end(&f)),
					 errhint("A contract has at most %d milestones and %d deposits that hold money.",
							 MAX_MILESTONES, MAX_LIVE_DEPOSITS)));
		case REFUSED_TOTAL_TOO_LARGE:
			facts_amount(&f, "amount", cmd->currency, cmd->amount);
			facts_amount(&f, "deposited", c->currency, c->balance.deposited);
			ereport(ERROR,
					(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
					 errmsg("the deposits of contract %lld would be out of range",
							(long long) c->contract_id),
					 errdetail_internal("%s", facts_end(&f)),
					 errhint("One contract can hold 9007199254740991 minor units.")));
		case REFUSED_NOTHING:
			break;
	}
	elog(ERROR, "unexpected refusal %d", (int) refusal);
}
