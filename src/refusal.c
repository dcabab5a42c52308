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
	if (cmd->event != EVENT_NONE)
		facts_text(f, "event", event_label[cmd->event]);
}

void
raise_unknown_contract(const Command *cmd)
{
	Facts		f;

	begin(&f, cmd);
	if (cmd->actor == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_REFUND_UNKNOWN),
				 errmsg("there is no contract %lld", (long long) cmd->contract_id),
				 errdetail_internal("%s", facts_end(&f)),
				 errhint("Check the contract's number.")));
	ereport(ERROR,
			(errcode(ERRCODE_REFUND_UNKNOWN),
			 errmsg("there is no contract %lld for \"%s\"", (long long) cmd->contract_id, cmd->actor),
			 errdetail_internal("%s", facts_end(&f)),
			 errhint("Check the contract's number, and that the actor is one of its parties.")));
}

void
raise_archived(const Command *cmd)
{
	Facts		f;

	begin(&f, cmd);
	ereport(ERROR,
			(errcode(ERRCODE_REFUND_CONTRACT_STATE),
			 errmsg("contract %lld is archived", (long long) cmd->contract_id),
			 errdetail_internal("%s", facts_end(&f)),
			 errhint("An operator can bring it back with unarchive(), and then the call can be repeated.")));
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
raise_unknown_item(const Command *cmd, const char *what, const char *view)
{
	Facts		f;

	begin(&f, cmd);
	facts_integer(&f, "number", cmd->item_no);
	ereport(ERROR,
			(errcode(ERRCODE_REFUND_UNKNOWN),
			 errmsg("contract %lld has no %s %d", (long long) cmd->contract_id, what, cmd->item_no),
			 errdetail_internal("%s", facts_end(&f)),
			 errhint("View refund.%s lists what the contract has.", view)));
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
		case REFUSED_ON_HOLD:
			facts_begin_list(&f, "holds");
			for (int i = 0; i < c->nholds; i++)
				facts_add(&f, psprintf("%d", c->holds[i]));
			facts_end_list(&f);
			ereport(ERROR,
					(errcode(ERRCODE_REFUND_ON_HOLD),
					 errmsg("contract %lld is on hold", (long long) c->contract_id),
					 errdetail_internal("%s", facts_end(&f)),
					 errhint("The clock stands still meanwhile; an operator lifts a hold with lift_hold().")));
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
		case REFUSED_PARTY_DECIDES:
			if (cmd->decider != NULL)
				facts_text(&f, "decider", cmd->decider);
			ereport(ERROR,
					(errcode(ERRCODE_REFUND_CONFLICT_OF_INTEREST),
					 errmsg("\"%s\" is a party to contract %lld and can not decide it",
							cmd->decider != NULL ? cmd->decider : cmd->actor, (long long) c->contract_id),
					 errdetail_internal("%s", facts_end(&f)),
					 errhint("A mediator or arbitrator is neither client, freelancer nor agency of the contract.")));
		case REFUSED_OTHER_DECIDES:
			ereport(ERROR,
					(errcode(ERRCODE_REFUND_CONFLICT_OF_INTEREST),
					 errmsg("contract %lld is assigned to somebody else", (long long) c->contract_id),
					 errdetail_internal("%s", facts_end(&f)),
					 errhint("An operator can assign the case anew with assign_case().")));
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
		case REFUSED_ANSWERED:
			facts_text(&f, "state", state);
			add_allowed_events(&f, c->request_state);
			ereport(ERROR,
					(errcode(ERRCODE_REFUND_ILLEGAL_TRANSITION),
					 cmd->event == EVENT_JOIN_ARBITRATION
					 ? errmsg("this side has joined the arbitration of contract %lld", (long long) c->contract_id)
					 : errmsg("this side has accepted the resolution of contract %lld", (long long) c->contract_id),
					 errdetail_internal("%s", facts_end(&f)),
					 errhint("An answer is given once and stands; freelancer and agency are one side.")));
		case REFUSED_PAYMENT_STATE:
			facts_integer(&f, "payment_no", c->payment->payment_no);
			facts_text(&f, "payment_state", payment_state_label[c->payment->state]);
			facts_text(&f, "provider_ref", c->payment->provider_ref);
			ereport(ERROR,
					(errcode(ERRCODE_REFUND_ILLEGAL_TRANSITION),
					 errmsg("refund payment %d of contract %lld is %s and does not know %s",
							c->payment->payment_no, (long long) c->contract_id,
							payment_state_label[c->payment->state], event_label[cmd->event]),
					 errdetail_internal("%s", facts_end(&f)),
					 errhint("A payment that failed or bounced goes on after retry_refund_payment(); each attempt has a reference of its own.")));
		case REFUSED_CORRUPT:
			ereport(ERROR,
					(errcode(ERRCODE_DATA_CORRUPTED),
					 errmsg("refund payment %d of contract %lld is not where its history says",
							c->payment->payment_no, (long long) c->contract_id),
					 errdetail_internal("%s", facts_end(&f)),
					 errhint("Function refund.verify() lists what does not add up.")));
		case REFUSED_ERASED:
			facts_integer(&f, "evidence_no", cmd->item_no);
			ereport(ERROR,
					(errcode(ERRCODE_REFUND_ILLEGAL_TRANSITION),
					 errmsg("evidence %d of contract %lld was erased before", cmd->item_no, (long long) c->contract_id),
					 errdetail_internal("%s", facts_end(&f)),
					 errhint("Title, size and digest stay for good.")));
		case REFUSED_MILESTONE_STATE:
			facts_integer(&f, "milestone_no", cmd->milestone_no);
			facts_text(&f, "milestone_state",
					   milestone_state_label[milestone_state(contract_milestone(c, cmd->milestone_no))]);
			ereport(ERROR,
					(errcode(ERRCODE_REFUND_ILLEGAL_TRANSITION),
					 cmd->event == EVENT_SUBMIT_WORK
					 ? errmsg("the work of milestone %d is under review already", cmd->milestone_no)
					 : errmsg("no work of milestone %d is under review", cmd->milestone_no),
					 errdetail_internal("%s", facts_end(&f)),
					 errhint("submit_work() opens a review; a release, request_changes(), move_leftover() or the contract's end closes it.")));
		case REFUSED_NOTHING_HELD:
			facts_integer(&f, "milestone_no", cmd->milestone_no);
			ereport(ERROR,
					(errcode(ERRCODE_REFUND_AMOUNT_OUT_OF_RANGE),
					 errmsg("milestone %d holds nothing", cmd->milestone_no),
					 errdetail_internal("%s", facts_end(&f)),
					 errhint("The client funds the milestone before its work is submitted.")));
		case REFUSED_REVERSAL_STATE:
			facts_text(&f, "provider_ref", cmd->provider_ref);
			facts_text(&f, "reversal_state",
					   c->reversal->reversal_no == 0 ? NULL : reversal_state_label[c->reversal->state]);
			ereport(ERROR,
					(errcode(ERRCODE_REFUND_ILLEGAL_TRANSITION),
					 errmsg("reversal \"%s\" does not know %s", cmd->provider_ref, event_label[cmd->event]),
					 errdetail_internal("%s", facts_end(&f)),
					 errhint("A reversal is opened, then won or lost; or lost at once.")));
		case REFUSED_LIFTED:
			facts_integer(&f, "hold_no", cmd->item_no);
			ereport(ERROR,
					(errcode(ERRCODE_REFUND_ILLEGAL_TRANSITION),
					 errmsg("hold %d of contract %lld was lifted before", cmd->item_no, (long long) c->contract_id),
					 errdetail_internal("%s", facts_end(&f)),
					 errhint("View refund.hold_status lists the holds.")));
		case REFUSED_EXTENSIONS:
			facts_integer(&f, "extensions", c->extensions);
			ereport(ERROR,
					(errcode(ERRCODE_REFUND_LIMIT_REACHED),
					 errmsg("the window was extended as often as the policy allows"),
					 errdetail_internal("%s", facts_end(&f)),
					 errhint("The contract's policy has max_extensions = %lld.", (long long) facts->available)));
		case REFUSED_EXTENSION_LENGTH:
			facts_text(&f, "extension", cmd->extension_text);
			ereport(ERROR,
					(errcode(ERRCODE_REFUND_LIMIT_REACHED),
					 errmsg("the extension is longer than the policy allows"),
					 errdetail_internal("%s", facts_end(&f)),
					 errhint("The policy's max_extension is the longest one.")));
		case REFUSED_STATEMENT:
			ereport(ERROR,
					(errcode(ERRCODE_REFUND_STATEMENT_INVALID),
					 errmsg("%s needs a text with at least one visible character", event_label[cmd->event]),
					 errdetail_internal("%s", facts_end(&f)),
					 errhint("Say why, for the other side and for whoever decides.")));
		case REFUSED_EVIDENCE:
			if (cmd->evidence_problem_no > 0)
				facts_integer(&f, "item", cmd->evidence_problem_no);
			facts_text(&f, "problem", cmd->evidence_problem);
			ereport(ERROR,
					(errcode(ERRCODE_REFUND_STATEMENT_INVALID),
					 errmsg("the evidence is not valid: %s", cmd->evidence_problem),
					 errdetail_internal("%s", facts_end(&f)),
					 errhint("Each item of the array is an object with a title, a media_type, and a statement, a uri or a content in base64; sha256 and byte_size are optional.")));
		case REFUSED_EVIDENCE_COUNT:
			facts_integer(&f, "items", cmd->nevidence);
			facts_integer(&f, "most", facts->available);
			ereport(ERROR,
					(errcode(ERRCODE_REFUND_LIMIT_REACHED),
					 errmsg("there are too many pieces of evidence"),
					 errdetail_internal("%s", facts_end(&f)),
					 errhint("One statement may bring at most the number in \"most\"; a piece can be an archive.")));
		case REFUSED_EVIDENCE_SIZE:
			facts_integer(&f, "item", facts->item_no);
			facts_integer(&f, "bytes", cmd->evidence[facts->item_no - 1].content_bytes);
			facts_integer(&f, "most", facts->available);
			ereport(ERROR,
					(errcode(ERRCODE_REFUND_STATEMENT_INVALID),
					 errmsg("a piece of evidence is too large"),
					 errdetail_internal("%s", facts_end(&f)),
					 errhint("Keep it elsewhere, and give its uri, sha256 and byte_size.")));
		case REFUSED_NO_FEE_SOURCE:
			ereport(ERROR,
					(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
					 errmsg("argument \"fee_source\" must not be null"),
					 errdetail_internal("%s", facts_end(&f)),
					 errhint("Arbitration costs a fee in this currency: name the payment source that it was paid from.")));
		case REFUSED_UNKNOWN_OFFER:
			if (cmd->item_no > 0)
				facts_integer(&f, "offer_no", cmd->item_no);
			ereport(ERROR,
					(errcode(ERRCODE_REFUND_UNKNOWN),
					 cmd->event == EVENT_ACCEPT_SETTLEMENT
					 ? errmsg("contract %lld has no settlement offer %d", (long long) c->contract_id, cmd->item_no)
					 : errmsg("this side has no settlement offer that stands"),
					 errdetail_internal("%s", facts_end(&f)),
					 errhint("View refund.settlement_offer_status lists the contract's offers.")));
		case REFUSED_STALE_OFFER:
			facts_integer(&f, "offer_no", cmd->item_no);
			if (facts->item_no > 0)
				facts_integer(&f, "current_offer_no", facts->item_no);
			else
				facts_text(&f, "current_offer_no", NULL);
			ereport(ERROR,
					(errcode(ERRCODE_REFUND_STALE_OFFER),
					 errmsg("settlement offer %d does not stand any more", cmd->item_no),
					 errdetail_internal("%s", facts_end(&f)),
					 errhint("Accept the offer in \"current_offer_no\", or make one with offer_settlement().")));
		case REFUSED_OWN_OFFER:
			facts_integer(&f, "offer_no", cmd->item_no);
			ereport(ERROR,
					(errcode(ERRCODE_REFUND_WRONG_PARTY),
					 errmsg("a side can not accept its own offer"),
					 errdetail_internal("%s", facts_end(&f)),
					 errhint("The other side accepts it, or offers the same.")));
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
					 errhint("Give nothing, a part, or all.")));
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
		case REFUSED_TOO_OLD:
			facts_amount(&f, "amount", cmd->currency, cmd->amount);
			facts_amount(&f, "available", c->currency, facts->available);
			ereport(ERROR,
					(errcode(ERRCODE_REFUND_LIMIT_REACHED),
					 errmsg("the amount is more than what was released lately enough"),
					 errdetail_internal("%s", facts_end(&f)),
					 errhint("A release can be given back for the policy's post_release_refund; \"available\" is what still can.")));
		case REFUSED_OVER_DEPOSIT:
		case REFUSED_OVER_RELEASED:
			facts_amount(&f, "amount", cmd->currency, cmd->amount);
			facts_amount(&f, "available", c->currency, facts->available);
			ereport(ERROR,
					(errcode(ERRCODE_REFUND_AMOUNT_OUT_OF_RANGE),
					 refusal == REFUSED_OVER_DEPOSIT
					 ? errmsg("the amount is more than what of the deposit was not reversed before")
					 : errmsg("the amount is more than what was released and not given back"),
					 errdetail_internal("%s", facts_end(&f)),
					 errhint("It can be at most the amount in \"available\".")));
		case REFUSED_OVER_STAKE:
		case REFUSED_OVER_DISPUTED:
			facts_amount(&f, "amount", cmd->currency, cmd->amount);
			facts_amount(&f, "available", c->currency, facts->available);
			ereport(ERROR,
					(errcode(ERRCODE_REFUND_AMOUNT_OUT_OF_RANGE),
					 refusal == REFUSED_OVER_STAKE
					 ? errmsg("the amount is more than what is at stake")
					 : errmsg("the amount is more than what is disputed"),
					 errdetail_internal("%s", facts_end(&f)),
					 errhint("It can be at most the amount in \"available\".")));
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
					 errhint("A contract has at most %d milestones, %d deposits that hold money and %d holds at a time.",
							 MAX_MILESTONES, MAX_LIVE_DEPOSITS, MAX_HOLDS)));
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
