/*
 * review.c
 *		The review of submitted work.
 */
#include <stddef.h>

#include "escrow.h"
#include "review.h"

void
review_open(const Terms *terms, Contract *c, Step *step, MilestoneLine *m)
{
	int64_t		remind_at;

	(void) c;
	m->review_due_at = terms_end(terms, step->recorded_at, WINDOW_REVIEW);
	remind_at = terms->reminds_at(terms->policy, m->review_due_at);
	m->review_tick_at = remind_at > step->recorded_at ? remind_at : m->review_due_at;
	step->due_at = m->review_due_at;
}

void
review_cancel(MilestoneLine *m)
{
	m->review_due_at = m->review_tick_at = NO_INSTANT;
}

void
review_cancel_all(Contract *c)
{
	for (int i = 0; i < c->nmilestones; i++)
		review_cancel(&c->milestone[i]);
}

int64_t
review_next_at(const Contract *c)
{
	int64_t		next = NO_INSTANT;

	for (int i = 0; i < c->nmilestones; i++)
	{
		int64_t		at = c->milestone[i].review_tick_at;

		if (at != NO_INSTANT && (next == NO_INSTANT || at < next))
			next = at;
	}
	return next;
}

MilestoneLine *
review_expired(const Contract *c, int64_t now)
{
	MilestoneLine *first = NULL;

	for (int i = 0; i < c->nmilestones; i++)
	{
		MilestoneLine *m = &c->milestone[i];

		if (milestone_is_submitted(m) && now >= m->review_due_at &&
			(first == NULL || m->review_due_at < first->review_due_at))
			first = m;
	}
	return first;
}

MilestoneLine *
review_to_remind(const Contract *c, int64_t now)
{
	MilestoneLine *first = NULL;

	for (int i = 0; i < c->nmilestones; i++)
	{
		MilestoneLine *m = &c->milestone[i];

		if (milestone_is_submitted(m) && now >= m->review_tick_at &&
			(first == NULL || m->review_tick_at < first->review_tick_at))
			first = m;
	}
	return first;
}

/* The end of the window stays: who comes after it comes late. */
void
review_release(Contract *c, Step *step, MilestoneLine *m)
{
	step->milestone_no = m->milestone_no;
	step->amount = m->held;
	m->review_tick_at = NO_INSTANT;
	escrow_take(c, step, ACCOUNT_FREELANCER, m, m->held);
}

void
review_remind(Step *step, MilestoneLine *m)
{
	step->milestone_no = m->milestone_no;
	step->reference = party_label[PARTY_CLIENT];
	m->review_tick_at = m->review_due_at;
}
