/*
 * transition.c
 *		The transition table of process.md section 4, and questions to it.
 */
#include <stddef.h>

#include "transition.h"

const char *const request_state_label[REQUEST_STATES] = {
	NULL, "requested", "disputed", "in_review", "proposed", "unresolved",
	"in_arbitration", "settled"
};

const char *const outcome_label[OUTCOMES] = {
	NULL, "approved", "approved_by_silence", "paid_in_full", "conceded",
	"conceded_by_silence", "dispute_withdrawn", "resolution_accepted",
	"arbitration_waived", "arbitration_default", "arbitration_award",
	"mutual_settlement", "arbitration_lapsed", "exhausted"
};

const char *const party_label[PARTIES] = {
	NULL, "client", "freelancer", "mediator", "arbitrator", "operator", "clock"
};

const char *const event_label[EVENT_KINDS] = {
	NULL, "create_contract", "add_milestone", "fund", "submit_work",
	"request_changes", "release_payment", "release_milestone", "move_leftover",
	"end_contract", "give_refund", "approve_refund", "dispute_refund",
	"accept_dispute", "decline_dispute", "pay_in_full", "withdraw_dispute",
	"propose_resolution", "accept_resolution", "reject_resolution",
	"join_arbitration", "record_award", "offer_settlement",
	"withdraw_settlement_offer", "accept_settlement", "assign_case",
	"place_hold", "lift_hold", "extend_deadline", "reversal_opened",
	"reversal_won", "reversal_lost", "response_expired", "dispute_expired",
	"mediation_expired", "resolution_expired", "arbitration_expired",
	"award_expired", "reminder_due", "target_missed", "erase_evidence",
	"payment_submitted", "payment_succeeded", "payment_failed",
	"payment_bounced", "payment_unclaimed", "payment_retried",
	"payment_double_paid", "review_expired"
};

#define S(state) (1u << REQUEST_##state)
#define P(party) (1u << PARTY_##party)

#define DISPUTE_OPEN (S(DISPUTED) | S(IN_REVIEW) | S(PROPOSED) | S(UNRESOLVED))
#define OPEN (S(REQUESTED) | DISPUTE_OPEN | S(IN_ARBITRATION))
#define PARTIES_TO_IT (P(CLIENT) | P(FREELANCER))

#define GOES(rule, from, event, party, to) \
	{(from), EVENT_##event, (party), false, REQUEST_##to, OUTCOME_NONE, (rule)}
#define STAYS(rule, from, event, party) \
	{(from), EVENT_##event, (party), true, REQUEST_NONE, OUTCOME_NONE, (rule)}
#define ENDS(rule, from, event, party, outcome) \
	{(from), EVENT_##event, (party), false, REQUEST_SETTLED, OUTCOME_##outcome, (rule)}

const Transition transition_table[] = {
	GOES(1, S(NONE), END_CONTRACT, P(CLIENT), REQUESTED),
	ENDS(2, S(REQUESTED), APPROVE_REFUND, P(FREELANCER), APPROVED),
	ENDS(3, S(REQUESTED), RESPONSE_EXPIRED, P(CLOCK), APPROVED_BY_SILENCE),
	GOES(4, S(REQUESTED), DISPUTE_REFUND, P(FREELANCER), DISPUTED),
	ENDS(5, S(REQUESTED) | DISPUTE_OPEN, PAY_IN_FULL, P(CLIENT), PAID_IN_FULL),
	ENDS(6, DISPUTE_OPEN, ACCEPT_DISPUTE, P(CLIENT), CONCEDED),
	ENDS(7, S(DISPUTED), DISPUTE_EXPIRED, P(CLOCK), CONCEDED_BY_SILENCE),
	GOES(8, S(DISPUTED), DECLINE_DISPUTE, P(CLIENT), IN_REVIEW),
	ENDS(9, DISPUTE_OPEN, WITHDRAW_DISPUTE, P(FREELANCER), DISPUTE_WITHDRAWN),
	GOES(10, S(IN_REVIEW), PROPOSE_RESOLUTION, P(MEDIATOR), PROPOSED),
	GOES(11, S(IN_REVIEW), MEDIATION_EXPIRED, P(CLOCK), UNRESOLVED),
	ENDS(12, S(PROPOSED), ACCEPT_RESOLUTION, PARTIES_TO_IT, RESOLUTION_ACCEPTED),
	GOES(13, S(PROPOSED), ACCEPT_RESOLUTION, PARTIES_TO_IT, PROPOSED),
	GOES(14, S(PROPOSED), REJECT_RESOLUTION, PARTIES_TO_IT, UNRESOLVED),
	GOES(15, S(PROPOSED), RESOLUTION_EXPIRED, P(CLOCK), UNRESOLVED),
	GOES(16, S(UNRESOLVED), JOIN_ARBITRATION, PARTIES_TO_IT, UNRESOLVED),
	GOES(17, S(UNRESOLVED), JOIN_ARBITRATION, PARTIES_TO_IT, IN_ARBITRATION),
	ENDS(18, S(UNRESOLVED), ARBITRATION_EXPIRED, P(CLOCK), ARBITRATION_WAIVED),
	ENDS(19, S(UNRESOLVED), ARBITRATION_EXPIRED, P(CLOCK), ARBITRATION_DEFAULT),
	ENDS(20, S(IN_ARBITRATION), RECORD_AWARD, P(ARBITRATOR), ARBITRATION_AWARD),
	ENDS(21, OPEN, ACCEPT_SETTLEMENT, PARTIES_TO_IT, MUTUAL_SETTLEMENT),
	ENDS(21, OPEN, OFFER_SETTLEMENT, PARTIES_TO_IT, MUTUAL_SETTLEMENT),
	ENDS(22, S(IN_ARBITRATION), AWARD_EXPIRED, P(CLOCK), ARBITRATION_LAPSED),
	STAYS(23, OPEN, OFFER_SETTLEMENT, PARTIES_TO_IT),
	STAYS(23, OPEN, WITHDRAW_SETTLEMENT_OFFER, PARTIES_TO_IT),
	STAYS(24, OPEN, PLACE_HOLD, P(OPERATOR)),
	STAYS(24, OPEN, LIFT_HOLD, P(OPERATOR)),
	STAYS(24, OPEN, EXTEND_DEADLINE, P(OPERATOR)),
	STAYS(24, OPEN, ASSIGN_CASE, P(OPERATOR)),
	STAYS(25, OPEN, REVERSAL_OPENED, P(OPERATOR)),
	STAYS(25, OPEN, REVERSAL_WON, P(OPERATOR)),
	STAYS(25, OPEN, REVERSAL_LOST, P(OPERATOR)),
	ENDS(25, OPEN, REVERSAL_LOST, P(OPERATOR), EXHAUSTED),
};

const int	transition_count = sizeof(transition_table) / sizeof(transition_table[0]);

RequestState
transition_to(const Transition *t, RequestState from)
{
	return t->same ? from : t->to;
}

const Transition *
transition_find(RequestState from, EventKind event)
{
	for (int i = 0; i < transition_count; i++)
	{
		const Transition *t = &transition_table[i];

		if (t->event == event && IN_SET(t->from, from))
			return t;
	}
	return NULL;
}

const Transition *
transition_check(RequestState from, EventKind event, RequestState to, Outcome outcome)
{
	for (int i = 0; i < transition_count; i++)
	{
		const Transition *t = &transition_table[i];

		if (t->event == event && IN_SET(t->from, from) &&
			transition_to(t, from) == to && t->outcome == outcome)
			return t;
	}
	return NULL;
}

bool
transition_is_legal(RequestState from, EventKind event, RequestState to, Outcome outcome)
{
	bool		open = IN_SET(OPEN, from);

	if (transition_check(from, event, to, outcome) != NULL)
		return true;
	if (from != to || (outcome != OUTCOME_NONE && from != REQUEST_SETTLED))
		return false;
	if (!event_is_of_request(event))
		return true;
	return !open && (event == EVENT_END_CONTRACT || event_parties(event) == P(OPERATOR));
}

uint16_t
event_parties(EventKind event)
{
	uint16_t	parties = 0;

	for (int i = 0; i < transition_count; i++)
		if (transition_table[i].event == event)
			parties |= transition_table[i].party;
	return parties;
}

bool
event_is_of_request(EventKind event)
{
	return event_parties(event) != 0;
}

EventKind
state_expiry(RequestState from)
{
	for (int i = 0; i < transition_count; i++)
	{
		const Transition *t = &transition_table[i];

		if (IN_SET(t->party, PARTY_CLOCK) && IN_SET(t->from, from))
			return t->event;
	}
	return EVENT_NONE;
}

uint16_t
state_turn(RequestState from)
{
	switch (from)
	{
		case REQUEST_REQUESTED:
			return P(FREELANCER);
		case REQUEST_DISPUTED:
			return P(CLIENT);
		case REQUEST_IN_REVIEW:
			return P(MEDIATOR);
		case REQUEST_PROPOSED:
		case REQUEST_UNRESOLVED:
			return PARTIES_TO_IT;
		case REQUEST_IN_ARBITRATION:
			return P(ARBITRATOR);
		case REQUEST_NONE:
		case REQUEST_SETTLED:
			break;
	}
	return 0;
}
