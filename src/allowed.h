/*
 * allowed.h
 *		What a person may do now: the questions behind allowed_actions().
 *
 * Pure.  Everything is judged by the decisions' own functions; this adds only
 * between which amounts an action would be taken.
 */
#ifndef REFUND_ALLOWED_H
#define REFUND_ALLOWED_H

#include "decide.h"

typedef struct Action
{
	int64_t		until;			/* NO_INSTANT: no window closes on it */
	int64_t		smallest;		/* NO_AMOUNT: it takes no amount */
	int64_t		largest;
} Action;

/*
 * Could this person send the event as this party, the contract being as it is?
 * For verbs that people call; not for reports of payments.
 */
extern bool action_allowed(const Contract *c, EventKind event, Party party, const char *person,
						   Action *action);

#endif							/* REFUND_ALLOWED_H */
