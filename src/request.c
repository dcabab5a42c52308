/*
 * request.c
 *		The refund request's own part of a decision.
 */
#include <stddef.h>

#include "escrow.h"
#include "notice.h"
#include "request.h"

/* ---- windows ---- */

/* What opens with a state: its window, and the target of who decides in it. */
static const struct
{
	Window		limit;
	bool		has_target;
	Window		target;
}			state_window[REQUEST_STATES] = {
	[REQUEST_REQUESTED] = {.limit = WINDOW_REFUND_RESPONSE},
	[REQUEST_DISPUTED] = {.limit = WINDOW_DISPUTE_RESPONSE},
	[REQUEST_IN_REVIEW] = {WINDOW_RESOLUTION_LIMIT, true, WINDOW_RESOLUTION_TARGET},
	[REQUEST_PROPOSED] = {.limit = WINDOW_RESOLUTION_RESPONSE},
	[REQUEST_UNRESOLVED] = {.limit = WINDOW_ARBITRATION},
	[REQUEST_IN_ARBITRATION] = {WINDOW_AWARD_LIMIT, true, WINDOW_AWARD_TARGET}
};

/* The reminder before the window closes, if that is still to come. */
static int64_t
reminder_after(const Terms *terms, const Contract *c, int64_t after)
{
	int64_t		at = terms->reminds_at(terms->policy, c->due_at);

	return at > after ? at : NO_INSTANT;
}

/* process.md section 5: a window opens when its event is recorded. */
static void
open_window(const Terms *terms, Contract *c, Step *step)
{
	int64_t		now = step->recorded_at;

	c->due_at = terms_end(terms, now, state_window[c->request_state].limit);
	c->target_at = NO_INSTANT;
	if (state_window[c->request_state].has_target)
		c->target_at = terms_end(terms, now, state_window[c->request_state].target);
	c->remind_at = c->target_at != NO_INSTANT && c->target_at < c->due_at
		? c->target_at : reminder_after(terms, c, now);
	step->due_at = c->due_at;
}

static void
drop_offers(Contract *c)
{
	for (int i = 0; i < SIDES; i++)
	{
		c->side[i].offer_no = 0;
		c->side[i].offer = NO_AMOUNT;
	}
}

/* Another state: its window opens, and every offer lapses (row 23). */
static void
enter(const Terms *terms, Contract *c, Step *step, RequestState to)
{
	contract_enter(c, to, step->event, step->effective_at);
	c->extensions = 0;
	drop_offers(c);
	if (to != REQUEST_SETTLED)
		open_window(terms, c, step);
	else
		c->due_at = c->target_at = c->remind_at = step->due_at = NO_INSTANT;
}

void
request_open(const Terms *terms, Contract *c, Step *step)
{
	c->at_stake = c->balance.held;
	c->opened_at = step->recorded_at;
	enter(terms, c, step, REQUEST_REQUESTED);
}

/* ---- settling ---- */

/* process.md section 6: the split pays the freelancer first, FIFO, the rest goes back. */
static void
settle(const Terms *terms, Contract *c, Step *step, Outcome outcome, int64_t to_freelancer)
{
	int64_t		rest = c->at_stake - to_freelancer;
	int64_t		expected_by = NO_INSTANT;

	if (rest > 0 || c->balance.fee_held > 0)
		expected_by = terms_end(terms, step->recorded_at, WINDOW_REFUND_CREDIT);
	enter(terms, c, step, REQUEST_SETTLED);
	c->outcome = outcome;
	c->to_freelancer = to_freelancer;
	c->to_client = rest;
	c->settled_at = step->recorded_at;
	if (to_freelancer > 0)
		escrow_take(c, step, ACCOUNT_FREELANCER, NULL, to_freelancer);
	if (rest > 0)
		escrow_return(c, step, rest, PURPOSE_SETTLEMENT, expected_by);
	if (outcome == OUTCOME_ARBITRATION_AWARD)
		escrow_spend_fees(c, step);
	else
		escrow_return_fees(c, step, expected_by);
}

int64_t
outcome_part(const Contract *c, Outcome outcome)
{
	switch (outcome)
	{
		case OUTCOME_PAID_IN_FULL:
			return c->at_stake;
		case OUTCOME_CONCEDED:
		case OUTCOME_CONCEDED_BY_SILENCE:
			return c->disputed;
		case OUTCOME_RESOLUTION_ACCEPTED:
			return c->proposed;
		case OUTCOME_ARBITRATION_DEFAULT:
			return c->side[SIDE_FREELANCER].joined ? c->disputed : 0;
		case OUTCOME_ARBITRATION_LAPSED:
			return c->proposed != NO_AMOUNT ? c->proposed : 0;
		case OUTCOME_NONE:
		case OUTCOME_APPROVED:
		case OUTCOME_APPROVED_BY_SILENCE:
		case OUTCOME_DISPUTE_WITHDRAWN:
		case OUTCOME_ARBITRATION_WAIVED:
		case OUTCOME_EXHAUSTED:
			return 0;
		case OUTCOME_ARBITRATION_AWARD:
		case OUTCOME_MUTUAL_SETTLEMENT:
			break;
	}
	return NO_AMOUNT;
}

/* The table's row for the clock: of rows 18 and 19 the one that fits who joined. */
static const Transition *
clock_row(const Contract *c)
{
	EventKind	event = state_expiry(c->request_state);
	Outcome		outcome = OUTCOME_NONE;

	if (event == EVENT_NONE)
		return NULL;
	if (event == EVENT_ARBITRATION_EXPIRED)
		outcome = contract_joined(c) == 0 ? OUTCOME_ARBITRATION_WAIVED : OUTCOME_ARBITRATION_DEFAULT;
	for (int i = 0; i < transition_count; i++)
	{
		const Transition *t = &transition_table[i];

		if (t->event == event && IN_SET(t->from, c->request_state) &&
			(outcome == OUTCOME_NONE || t->outcome == outcome))
			return t;
	}
	return NULL;
}

bool
request_silence(const Contract *c, Silence *silence)
{
	const Transition *t = clock_row(c);

	if (t == NULL)
		return false;
	silence->event = t->event;
	silence->to = transition_to(t, c->request_state);
	silence->outcome = t->outcome;
	silence->to_freelancer = silence->to_client = NO_AMOUNT;
	if (silence->to == REQUEST_SETTLED)
	{
		silence->to_freelancer = outcome_part(c, t->outcome);
		silence->to_client = c->at_stake - silence->to_freelancer;
	}
	return true;
}

RequestState
effective_state(const Contract *c, int64_t now)
{
	Silence		silence;

	return c->due_at != NO_INSTANT && expiry_due(c, now) && request_silence(c, &silence)
		? silence.to : c->request_state;
}

void
request_expire(const Terms *terms, Contract *c, const Silence *silence, Step *step)
{
	if (silence->to == REQUEST_SETTLED)
	{
		settle(terms, c, step, silence->outcome, silence->to_freelancer);
		step->amount = c->at_stake;
	}
	else
		enter(terms, c, step, silence->to);
}

void
request_resume(const Terms *terms, Contract *c, Step *step)
{
	int64_t		now = step->recorded_at;
	bool		to_target = c->remind_at != NO_INSTANT && c->remind_at == c->target_at;
	bool		to_remind = c->remind_at != NO_INSTANT && !to_target;

	if (c->due_at == NO_INSTANT)
		return;
	c->due_at = step->due_at = terms->resumes_at(terms->policy, c->due_at, c->held_at, now,
												 state_window[c->request_state].limit);
	/* a target that had passed before stays missed */
	if (to_target && c->target_at > c->held_at)
		c->remind_at = c->target_at = terms->resumes_at(terms->policy, c->target_at, c->held_at, now,
														state_window[c->request_state].target);
	if (to_remind)
		c->remind_at = reminder_after(terms, c, now);
}

/* process.md section 6: a lost reversal; with nothing left to decide, the case is exhausted */
void
request_cap(const Terms *terms, Contract *c, Step *step)
{
	if (c->due_at == NO_INSTANT || c->balance.held == c->at_stake)
		return;
	c->at_stake = c->balance.held;
	if (c->disputed != NO_AMOUNT && c->disputed > c->at_stake)
		c->disputed = c->at_stake;
	if (c->proposed != NO_AMOUNT && c->proposed > c->disputed)
		c->proposed = c->disputed;
	if (c->at_stake == 0)
		settle(terms, c, step, OUTCOME_EXHAUSTED, 0);
	else
		drop_offers(c);
}

/* ---- notices ---- */

EventKind
request_notice(const Contract *c)
{
	return c->remind_at == c->target_at ? EVENT_TARGET_MISSED : EVENT_REMINDER_DUE;
}

/* Whom a reminder reminds, when it is not all whose state it is. */
static const char *
only_one(uint16_t parties)
{
	if (parties == 1u << PARTY_CLIENT)
		return party_label[PARTY_CLIENT];
	if (parties == 1u << PARTY_FREELANCER)
		return party_label[PARTY_FREELANCER];
	return NULL;
}

void
request_notify(const Terms *terms, Contract *c, Step *step)
{
	step->due_at = c->due_at;
	if (step->event == EVENT_TARGET_MISSED)
		c->remind_at = reminder_after(terms, c, c->target_at);
	else
	{
		c->remind_at = NO_INSTANT;
		step->reference = only_one(contract_turn(c));
	}
}

/* ---- judging ---- */

/* The state that silence left, when that is how the request came to where it is. */
static uint16_t
states_before_expiry(const Contract *c)
{
	uint16_t	states = 0;

	for (int i = 0; i < transition_count; i++)
	{
		const Transition *t = &transition_table[i];

		if (IN_SET(t->party, PARTY_CLOCK) && t->event == c->entered_by &&
			t->to == c->request_state && t->outcome == c->outcome)
			states |= t->from;
	}
	return states;
}

/* A side's answer is final: rows 12 to 14, 16 and 17. */
static bool
has_answered(const Contract *c, EventKind event, Party party)
{
	const Side *side = &c->side[party_side(party)];

	switch (event)
	{
		case EVENT_ACCEPT_RESOLUTION:
		case EVENT_REJECT_RESOLUTION:
			return side->accepted;
		case EVENT_JOIN_ARBITRATION:
			return side->joined;
		default:
			return false;
	}
}

Refusal
request_judge(const Contract *c, EventKind event, Party party, RefusalFacts *facts)
{
	uint16_t	before;

	if (transition_find(c->request_state, event) != NULL)
		return has_answered(c, event, party) ? REFUSED_ANSWERED : REFUSED_NOTHING;
	before = states_before_expiry(c);
	for (int state = 0; state < REQUEST_STATES; state++)
	{
		if (IN_SET(before, state) && transition_find(state, event) != NULL)
		{
			facts->due_at = c->effective_at;
			return REFUSED_LATE;
		}
	}
	return REFUSED_STATE;
}

Refusal
judge_range(const Contract *c, const Command *cmd, int64_t smallest, int64_t largest,
			Refusal over, RefusalFacts *facts)
{
	if (cmd->currency != c->currency)
		return REFUSED_CURRENCY;
	if (cmd->amount < smallest)
		return smallest > 0 ? REFUSED_NOT_POSITIVE : REFUSED_NEGATIVE;
	if (cmd->amount > largest)
	{
		facts->available = largest;
		return over;
	}
	return REFUSED_NOTHING;
}

/* process.md section 7: reason and statement are required; evidence may be empty. */
Refusal
judge_words(const Terms *terms, const Command *cmd, RefusalFacts *facts)
{
	if (cmd->statement != NULL && cmd->statement[0] == '\0')
		return REFUSED_STATEMENT;
	if (cmd->evidence_problem != NULL)
		return REFUSED_EVIDENCE;
	if (cmd->nevidence > terms->evidence_max_items)
	{
		facts->available = terms->evidence_max_items;
		return REFUSED_EVIDENCE_COUNT;
	}
	for (int i = 0; i < cmd->nevidence; i++)
	{
		if (cmd->evidence[i].content_bytes > terms->evidence_max_bytes)
		{
			facts->available = terms->evidence_max_bytes;
			facts->item_no = i + 1;
			return REFUSED_EVIDENCE_SIZE;
		}
	}
	return REFUSED_NOTHING;
}

/* ---- deciding ---- */

/* An event that ends the request by the table alone. */
static Refusal
settle_by_table(const Terms *terms, Contract *c, Step *step)
{
	const Transition *t = transition_find(c->request_state, step->event);

	settle(terms, c, step, t->outcome, outcome_part(c, t->outcome));
	step->amount = c->at_stake;
	return REFUSED_NOTHING;
}

static Refusal
dispute(const Terms *terms, Contract *c, const Command *cmd, Step *step, RefusalFacts *facts)
{
	Refusal		refusal = judge_range(c, cmd, 1, c->at_stake, REFUSED_OVER_STAKE, facts);

	if (refusal == REFUSED_NOTHING)
		refusal = judge_words(terms, cmd, facts);
	if (refusal != REFUSED_NOTHING)
		return refusal;
	c->disputed = step->amount = cmd->amount;
	c->evidence_count += cmd->nevidence;
	enter(terms, c, step, REQUEST_DISPUTED);
	return REFUSED_NOTHING;
}

static Refusal
decline(const Terms *terms, Contract *c, const Command *cmd, Step *step, RefusalFacts *facts)
{
	Refusal		refusal = judge_words(terms, cmd, facts);

	if (refusal != REFUSED_NOTHING)
		return refusal;
	c->evidence_count += cmd->nevidence;
	enter(terms, c, step, REQUEST_IN_REVIEW);
	return REFUSED_NOTHING;
}

/* A decider's split: a proposal or an award. */
static Refusal
judge_split(const Terms *terms, const Contract *c, const Command *cmd, RefusalFacts *facts)
{
	Refusal		refusal = judge_range(c, cmd, 0, c->disputed, REFUSED_OVER_DISPUTED, facts);

	return refusal != REFUSED_NOTHING ? refusal : judge_words(terms, cmd, facts);
}

static Refusal
propose(const Terms *terms, Contract *c, const Command *cmd, Step *step, RefusalFacts *facts)
{
	Refusal		refusal = judge_split(terms, c, cmd, facts);

	if (refusal != REFUSED_NOTHING)
		return refusal;
	c->proposed = step->amount = cmd->amount;
	c->mediator = cmd->actor;
	enter(terms, c, step, REQUEST_PROPOSED);
	return REFUSED_NOTHING;
}

static Refusal
accept_resolution(const Terms *terms, Contract *c, Party party, Step *step)
{
	SideName	side = party_side(party);

	c->side[side].accepted = true;
	step->amount = c->proposed;
	if (c->side[other_side(side)].accepted)
		settle(terms, c, step, OUTCOME_RESOLUTION_ACCEPTED,
			   outcome_part(c, OUTCOME_RESOLUTION_ACCEPTED));
	return REFUSED_NOTHING;
}

static Refusal
reject_resolution(const Terms *terms, Contract *c, const Command *cmd, Step *step, RefusalFacts *facts)
{
	Refusal		refusal = judge_words(terms, cmd, facts);

	if (refusal == REFUSED_NOTHING)
		enter(terms, c, step, REQUEST_UNRESOLVED);
	return refusal;
}

static Refusal
join(const Terms *terms, Contract *c, const Command *cmd, Party party, Step *step)
{
	if (terms->fee > 0)
	{
		if (cmd->source == NULL)
			return REFUSED_NO_FEE_SOURCE;
		escrow_take_fee(c, step, terms->fee);
		step->amount = terms->fee;
	}
	c->side[party_side(party)].joined = true;
	if (contract_joined(c) == SIDES)
		enter(terms, c, step, REQUEST_IN_ARBITRATION);
	return REFUSED_NOTHING;
}

static Refusal
award(const Terms *terms, Contract *c, const Command *cmd, Step *step, RefusalFacts *facts)
{
	Refusal		refusal = judge_split(terms, c, cmd, facts);

	if (refusal != REFUSED_NOTHING)
		return refusal;
	c->arbitrator = cmd->actor;
	step->amount = cmd->amount;
	settle(terms, c, step, OUTCOME_ARBITRATION_AWARD, cmd->amount);
	return REFUSED_NOTHING;
}

static Refusal
offer(const Terms *terms, Contract *c, const Command *cmd, Party party, Step *step,
	  RefusalFacts *facts)
{
	Side	   *mine = &c->side[party_side(party)];
	const Side *theirs = &c->side[other_side(party_side(party))];
	Refusal		refusal = judge_range(c, cmd, 0, c->at_stake, REFUSED_OVER_STAKE, facts);

	if (refusal != REFUSED_NOTHING)
		return refusal;
	mine->offer_no = step->item_no = ++c->offer_count;
	mine->offer = step->amount = cmd->amount;
	/* row 21: crossing offers that are equal are an agreement */
	if (theirs->offer_no != 0 && theirs->offer == cmd->amount)
		settle(terms, c, step, OUTCOME_MUTUAL_SETTLEMENT, cmd->amount);
	return REFUSED_NOTHING;
}

static Refusal
withdraw_offer(Contract *c, Party party, Step *step)
{
	Side	   *mine = &c->side[party_side(party)];

	if (mine->offer_no == 0)
		return REFUSED_UNKNOWN_OFFER;
	step->item_no = mine->offer_no;
	step->amount = mine->offer;
	mine->offer_no = 0;
	mine->offer = NO_AMOUNT;
	return REFUSED_NOTHING;
}

static Refusal
accept_offer(const Terms *terms, Contract *c, const Command *cmd, Party party, Step *step,
			 RefusalFacts *facts)
{
	const Side *mine = &c->side[party_side(party)];
	const Side *theirs = &c->side[other_side(party_side(party))];
	int64_t		split = theirs->offer;

	facts->item_no = theirs->offer_no;
	if (cmd->item_no > c->offer_count)
		return REFUSED_UNKNOWN_OFFER;
	if (cmd->item_no == mine->offer_no)
		return REFUSED_OWN_OFFER;
	if (cmd->item_no != theirs->offer_no)
		return REFUSED_STALE_OFFER;
	step->item_no = cmd->item_no;
	step->amount = split;
	settle(terms, c, step, OUTCOME_MUTUAL_SETTLEMENT, split);
	return REFUSED_NOTHING;
}

static Refusal
assign(Contract *c, const Command *cmd, Step *step)
{
	step->reference = cmd->decider;
	if (state_decider(c->request_state) == PARTY_MEDIATOR)
		c->mediator = cmd->decider;
	else
		c->arbitrator = cmd->decider;
	return REFUSED_NOTHING;
}

static Refusal
extend(const Terms *terms, Contract *c, const Command *cmd, Step *step, RefusalFacts *facts)
{
	int64_t		due_at;

	facts->available = terms->max_extensions;
	if (c->extensions >= terms->max_extensions)
		return REFUSED_EXTENSIONS;
	/* by their ends: the two may be in different units */
	due_at = terms->extends_at(terms->policy, c->due_at, cmd->extension);
	if (due_at > terms->extends_at(terms->policy, c->due_at, terms->max_extension))
		return REFUSED_EXTENSION_LENGTH;
	c->extensions++;
	c->due_at = step->due_at = due_at;
	/* one before the new end; while the clock stands still, where it is comes with the lift */
	if (c->remind_at == NO_INSTANT || c->remind_at != c->target_at)
		c->remind_at = c->nholds > 0 ? terms->reminds_at(terms->policy, c->due_at)
			: reminder_after(terms, c, step->recorded_at);
	step->reference = cmd->extension_text;
	return judge_words(terms, cmd, facts);
}

Refusal
request_decide(const Terms *terms, Contract *c, const Command *cmd, Party party,
			   Step *step, RefusalFacts *facts)
{
	switch (cmd->event)
	{
		case EVENT_APPROVE_REFUND:
		case EVENT_PAY_IN_FULL:
		case EVENT_ACCEPT_DISPUTE:
		case EVENT_WITHDRAW_DISPUTE:
			return settle_by_table(terms, c, step);
		case EVENT_DISPUTE_REFUND:
			return dispute(terms, c, cmd, step, facts);
		case EVENT_DECLINE_DISPUTE:
			return decline(terms, c, cmd, step, facts);
		case EVENT_PROPOSE_RESOLUTION:
			return propose(terms, c, cmd, step, facts);
		case EVENT_ACCEPT_RESOLUTION:
			return accept_resolution(terms, c, party, step);
		case EVENT_REJECT_RESOLUTION:
			return reject_resolution(terms, c, cmd, step, facts);
		case EVENT_JOIN_ARBITRATION:
			return join(terms, c, cmd, party, step);
		case EVENT_RECORD_AWARD:
			return award(terms, c, cmd, step, facts);
		case EVENT_OFFER_SETTLEMENT:
			return offer(terms, c, cmd, party, step, facts);
		case EVENT_WITHDRAW_SETTLEMENT_OFFER:
			return withdraw_offer(c, party, step);
		case EVENT_ACCEPT_SETTLEMENT:
			return accept_offer(terms, c, cmd, party, step, facts);
		case EVENT_ASSIGN_CASE:
			return assign(c, cmd, step);
		case EVENT_EXTEND_DEADLINE:
			return extend(terms, c, cmd, step, facts);
		default:
			/* no verb makes such a command */
			return REFUSED_STATE;
	}
}
