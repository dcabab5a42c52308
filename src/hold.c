/*
 * hold.c
 *		Holds: no money and no clock while one stands.
 */
#include <stddef.h>

#include "hold.h"
#include "request.h"

bool
hold_stops(EventKind event)
{
	switch (event)
	{
		case EVENT_ASSIGN_CASE:
		case EVENT_PLACE_HOLD:
		case EVENT_LIFT_HOLD:
		case EVENT_EXTEND_DEADLINE:
		case EVENT_ERASE_EVIDENCE:
		case EVENT_REVERSAL_OPENED:
		case EVENT_REVERSAL_WON:
		case EVENT_REVERSAL_LOST:
		case EVENT_PAYMENT_SUBMITTED:
		case EVENT_PAYMENT_SUCCEEDED:
		case EVENT_PAYMENT_FAILED:
		case EVENT_PAYMENT_BOUNCED:
		case EVENT_PAYMENT_UNCLAIMED:
			return false;
		default:
			return true;
	}
}

int32_t
hold_place(Contract *c, int64_t now)
{
	if (c->nholds == MAX_HOLDS)
		return 0;
	if (c->nholds == 0)
		c->held_at = now;
	c->holds[c->nholds++] = ++c->hold_count;
	return c->hold_count;
}

/* The windows go on from "now". */
static void
resume(const Terms *terms, Contract *c, Step *step)
{
	int64_t		now = step->recorded_at;

	request_resume(terms, c, step);
	for (int i = 0; i < c->nmilestones; i++)
	{
		MilestoneLine *m = &c->milestone[i];
		bool		reminded = m->review_tick_at == m->review_due_at;

		if (!milestone_is_submitted(m))
			continue;
		m->review_due_at = terms->resumes_at(terms->policy, m->review_due_at, c->held_at, now, WINDOW_REVIEW);
		m->review_tick_at = m->review_due_at;
		if (!reminded && terms->reminds_at(terms->policy, m->review_due_at) > now)
			m->review_tick_at = terms->reminds_at(terms->policy, m->review_due_at);
	}
}

void
hold_lift(const Terms *terms, Contract *c, Step *step, int32_t hold_no)
{
	int			kept = 0;

	for (int i = 0; i < c->nholds; i++)
		if (c->holds[i] != hold_no)
			c->holds[kept++] = c->holds[i];
	c->nholds = kept;
	if (kept > 0)
		return;
	resume(terms, c, step);
	contract_count_hold(c, step->recorded_at);
	c->held_at = NO_INSTANT;
}
