/*
 * notice.h
 *		Who is told of an event (process.md section 7).
 *
 * Pure.  The outbox, its fan-out to people and the inbox all ask here.
 */
#ifndef REFUND_NOTICE_H
#define REFUND_NOTICE_H

#include "transition.h"

typedef enum NotificationState
{
	NOTIFICATION_PENDING,
	NOTIFICATION_DELIVERED,
	NOTIFICATION_DEAD
} NotificationState;
#define NOTIFICATION_STATES (NOTIFICATION_DEAD + 1)

extern const char *const notification_state_label[NOTIFICATION_STATES];

/* The decider whose stage the state is, or leads to: PARTY_MEDIATOR or PARTY_ARBITRATOR; PARTY_NONE. */
extern Party state_decider(RequestState state);

/*
 * Who is told: a set of parties, empty for an event that concerns nobody.
 * "reference" is the event's: a reminder names in it whom it reminds.
 */
extern uint16_t event_audience(EventKind event, RequestState from, RequestState to,
							   const char *reference);

/* The same question without its facts: does such an event go to the outbox? */
extern bool event_is_told(EventKind event);

#endif							/* REFUND_NOTICE_H */
