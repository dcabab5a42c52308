/*
 * reversal.c
 *		Deposits that are taken back from outside.
 */
#include <stddef.h>

#include "escrow.h"
#include "hold.h"
#include "request.h"
#include "reversal.h"
#include "review.h"

bool
event_reverses(EventKind event, ReversalState *state)
{
	switch (event)
	{
		case EVENT_REVERSAL_OPENED:
			*state = REVERSAL_OPENED;
			return true;
		case EVENT_REVERSAL_WON:
			*state = REVERSAL_WON;
			return true;
		case EVENT_REVERSAL_LOST:
			*state = REVERSAL_LOST;
			return true;
		default:
			return false;
	}
}

bool
reversal_told_before(const Reversal *r, ReversalState reported)
{
	/* that it was opened is no news once it is decided */
	return r->reversal_no != 0 && (reported == r->state || reported == REVERSAL_OPENED);
}

/* A new one is opened, or lost at once; an open one is won or lost. */
static bool
fits(const Reversal *r, ReversalState reported)
{
	if (r->reversal_no == 0)
		return reported != REVERSAL_WON;
	return r->state == REVERSAL_OPENED && reported != REVERSAL_OPENED;
}

/* Its hold may have been lifted by an operator. */
static void
lift(const Terms *terms, Contract *c, Step *step, const Reversal *r)
{
	if (r->hold_no != 0 && contract_has_hold(c, r->hold_no))
		hold_lift(terms, c, step, r->hold_no);
}

static void
lose(const Terms *terms, Contract *c, Step *step, const Reversal *r, int64_t amount)
{
	lift(terms, c, step, r);
	escrow_reverse(c, step, r, amount);
	for (int i = 0; i < c->nmilestones; i++)
		if (c->milestone[i].held == 0 && milestone_is_submitted(&c->milestone[i]))
			review_cancel(&c->milestone[i]);
	request_cap(terms, c, step);
}

Refusal
reversal_report(const Terms *terms, Contract *c, const Command *cmd, Step *step, RefusalFacts *facts)
{
	Reversal   *r = c->reversal;
	Refusal		refusal;

	if (!fits(r, cmd->reversal_state))
		return REFUSED_REVERSAL_STATE;
	refusal = judge_range(c, cmd, 1, r->reversible, REFUSED_OVER_DEPOSIT, facts);
	if (refusal != REFUSED_NOTHING)
		return refusal;
	if (r->reversal_no == 0)
	{
		step->new_reversal = true;
		r->reversal_no = ++c->reversal_count;
		r->amount = cmd->amount;
	}
	r->state = cmd->reversal_state;
	step->item_no = r->reversal_no;
	step->reference = cmd->provider_ref;
	step->amount = cmd->amount;
	switch (cmd->reversal_state)
	{
		case REVERSAL_OPENED:
			r->hold_no = hold_place(c, step->recorded_at);
			return r->hold_no != 0 ? REFUSED_NOTHING : REFUSED_TOO_MANY;
		case REVERSAL_WON:
			lift(terms, c, step, r);
			break;
		case REVERSAL_LOST:
			lose(terms, c, step, r, cmd->amount);
			break;
	}
	return REFUSED_NOTHING;
}
