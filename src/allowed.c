/*
 * allowed.c
 *		What a person may do now.
 */
#include <stddef.h>

#include "allowed.h"
#include "amount.h"
#include "request.h"

/* The most that any one milestone holds, or has room for. */
static int64_t
most(const Contract *c, bool room)
{
	int64_t		result = 0;

	for (int i = 0; i < c->nmilestones; i++)
	{
		int64_t		here = room ? c->milestone[i].room : c->milestone[i].held;

		if (here > result)
			result = here;
	}
	return result;
}

/* The most that can move from one milestone to another. */
static int64_t
most_movable(const Contract *c)
{
	int64_t		result = 0;

	for (int i = 0; i < c->nmilestones; i++)
		for (int j = 0; j < c->nmilestones; j++)
		{
			int64_t		part = c->milestone[i].held < c->milestone[j].room
				? c->milestone[i].held : c->milestone[j].room;

			if (i != j && part > result)
				result = part;
		}
	return result;
}

/* Is there a milestone whose work is under review, or could be submitted? */
static bool
can_review(const Contract *c, bool submitted)
{
	for (int i = 0; i < c->nmilestones; i++)
		if (milestone_is_submitted(&c->milestone[i]) == submitted && (submitted || c->milestone[i].held > 0))
			return true;
	return false;
}

/* The amounts that it takes; false when there is nothing for it to act on. */
static bool
find_range(const Contract *c, EventKind event, Party party, Action *action)
{
	const Side *theirs = &c->side[other_side(party_side(party))];

	switch (event)
	{
		case EVENT_ADD_MILESTONE:
			action->smallest = 1;
			action->largest = AMOUNT_MAX_MINOR;
			return c->nmilestones < MAX_MILESTONES;
		case EVENT_FUND:
			action->smallest = 1;
			action->largest = c->state == CONTRACT_ACTIVE ? most(c, true)
				: AMOUNT_MAX_MINOR - c->balance.deposited;
			return c->nmilestones > 0 && action->largest > 0;
		case EVENT_RELEASE_PAYMENT:
			action->smallest = 1;
			action->largest = most(c, false);
			return action->largest > 0;
		case EVENT_RELEASE_MILESTONE:
			return most(c, false) > 0;
		case EVENT_MOVE_LEFTOVER:
			action->smallest = 1;
			action->largest = most_movable(c);
			return action->largest > 0;
		case EVENT_END_CONTRACT:
			action->smallest = 0;
			action->largest = party == PARTY_CLIENT ? c->balance.held : 0;
			return true;
		case EVENT_DISPUTE_REFUND:
			action->smallest = 1;
			action->largest = c->at_stake;
			return true;
		case EVENT_PROPOSE_RESOLUTION:
		case EVENT_RECORD_AWARD:
			action->smallest = 0;
			action->largest = c->disputed;
			return true;
		case EVENT_OFFER_SETTLEMENT:
			action->smallest = 0;
			action->largest = c->at_stake;
			return true;
		case EVENT_WITHDRAW_SETTLEMENT_OFFER:
			return c->side[party_side(party)].offer_no != 0;
		case EVENT_ACCEPT_SETTLEMENT:
			action->smallest = action->largest = theirs->offer;
			return theirs->offer_no != 0;
		case EVENT_SUBMIT_WORK:
			return can_review(c, false);
		case EVENT_REQUEST_CHANGES:
			return can_review(c, true);
		case EVENT_GIVE_REFUND:
			action->smallest = 1;
			action->largest = c->balance.released;
			return c->balance.released > 0;
		case EVENT_LIFT_HOLD:
			return c->nholds > 0;
		case EVENT_ERASE_EVIDENCE:
			return c->evidence_count > 0;
		default:
			return true;
	}
}

bool
action_allowed(const Contract *c, EventKind event, Party party, const char *person, Action *action)
{
	const Command cmd = {.event = event, .actor = person};
	RefusalFacts facts;

	/* holds come and go whatever the window does */
	action->until = event_is_of_request(event) && event != EVENT_PLACE_HOLD && event != EVENT_LIFT_HOLD
		? c->due_at : NO_INSTANT;
	action->smallest = action->largest = NO_AMOUNT;
	return judge_standing(c, &cmd, party, &facts) == REFUSED_NOTHING &&
		find_range(c, event, party, action);
}
