/*
 * notice.c
 *		Who is told of an event.
 */
#include <stddef.h>
#include <string.h>

#include "notice.h"

#define P(party) (1u << PARTY_##party)

const char *const notification_state_label[NOTIFICATION_STATES] = {
	"pending", "delivered", "dead"
};

Party
state_decider(RequestState state)
{
	switch (state)
	{
		case REQUEST_REQUESTED:
		case REQUEST_DISPUTED:
		case REQUEST_IN_REVIEW:
			return PARTY_MEDIATOR;
		case REQUEST_PROPOSED:
		case REQUEST_UNRESOLVED:
		case REQUEST_IN_ARBITRATION:
			return PARTY_ARBITRATOR;
		case REQUEST_NONE:
		case REQUEST_SETTLED:
			break;
	}
	return PARTY_NONE;
}

/* The decider who works in the state, for whom what happens there matters. */
static uint16_t
decider_at_work(RequestState state)
{
	switch (state)
	{
		case REQUEST_IN_REVIEW:
		case REQUEST_PROPOSED:
			return P(MEDIATOR);
		case REQUEST_IN_ARBITRATION:
			return P(ARBITRATOR);
		case REQUEST_NONE:
		case REQUEST_REQUESTED:
		case REQUEST_DISPUTED:
		case REQUEST_UNRESOLVED:
		case REQUEST_SETTLED:
			break;
	}
	return 0;
}

static uint16_t
reminded(RequestState state, const char *reference)
{
	for (int party = PARTY_CLIENT; reference != NULL && party < PARTIES; party++)
		if (strcmp(reference, party_label[party]) == 0)
			return 1u << party;
	/* a decider may not be named yet */
	return state_turn(state) | (decider_at_work(state) != 0 && state != REQUEST_PROPOSED ? P(OPERATOR) : 0);
}

bool
event_is_told(EventKind event)
{
	switch (event)
	{
		case EVENT_SUBMIT_WORK:
		case EVENT_REQUEST_CHANGES:
		case EVENT_REVIEW_EXPIRED:
		case EVENT_GIVE_REFUND:
		case EVENT_REMINDER_DUE:
		case EVENT_TARGET_MISSED:
		case EVENT_PAYMENT_FAILED:
		case EVENT_PAYMENT_BOUNCED:
		case EVENT_PAYMENT_UNCLAIMED:
		case EVENT_PAYMENT_DOUBLE_PAID:
			return true;
		default:
			return event_is_of_request(event);
	}
}

/* A refund payment does not arrive. */
static bool
event_is_trouble(EventKind event)
{
	return event == EVENT_PAYMENT_FAILED || event == EVENT_PAYMENT_BOUNCED ||
		event == EVENT_PAYMENT_UNCLAIMED || event == EVENT_PAYMENT_DOUBLE_PAID;
}

uint16_t
event_audience(EventKind event, RequestState from, RequestState to, const char *reference)
{
	uint16_t	audience = P(CLIENT) | P(FREELANCER);

	if (!event_is_told(event))
		return 0;
	if (event == EVENT_REMINDER_DUE)
		return reminded(from, reference);
	if (event == EVENT_TARGET_MISSED)
		return decider_at_work(from) | P(OPERATOR);
	if (event_is_trouble(event))
		return P(OPERATOR);
	audience |= decider_at_work(from) | decider_at_work(to);
	if (event == EVENT_ASSIGN_CASE)
		audience |= 1u << state_decider(to);
	/* somebody may have to be found who decides */
	if (from != to && (to == REQUEST_IN_REVIEW || to == REQUEST_IN_ARBITRATION))
		audience |= P(OPERATOR);
	return audience;
}
