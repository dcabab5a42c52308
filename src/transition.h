/*
 * transition.h
 *		States, events, parties, outcomes, and the one transition table of
 *		process.md section 4.  Pure: no PostgreSQL header, no allocation.
 *
 * Verbs, the sweep, the constraint trigger, transitions(), state_diagram(),
 * tests and documents all read this table; nothing else states its rules.
 * Labels are the labels of the SQL enums, in the same order.
 */
#ifndef REFUND_TRANSITION_H
#define REFUND_TRANSITION_H

#include <stdbool.h>
#include <stdint.h>

/* REQUEST_NONE stands for "no request"; it is NULL in SQL. */
typedef enum RequestState
{
	REQUEST_NONE,
	REQUEST_REQUESTED,
	REQUEST_DISPUTED,
	REQUEST_IN_REVIEW,
	REQUEST_PROPOSED,
	REQUEST_UNRESOLVED,
	REQUEST_IN_ARBITRATION,
	REQUEST_SETTLED
} RequestState;
#define REQUEST_STATES (REQUEST_SETTLED + 1)

/* OUTCOME_NONE is NULL in SQL. */
typedef enum Outcome
{
	OUTCOME_NONE,
	OUTCOME_APPROVED,
	OUTCOME_APPROVED_BY_SILENCE,
	OUTCOME_PAID_IN_FULL,
	OUTCOME_CONCEDED,
	OUTCOME_CONCEDED_BY_SILENCE,
	OUTCOME_DISPUTE_WITHDRAWN,
	OUTCOME_RESOLUTION_ACCEPTED,
	OUTCOME_ARBITRATION_WAIVED,
	OUTCOME_ARBITRATION_DEFAULT,
	OUTCOME_ARBITRATION_AWARD,
	OUTCOME_MUTUAL_SETTLEMENT,
	OUTCOME_ARBITRATION_LAPSED,
	OUTCOME_EXHAUSTED
} Outcome;
#define OUTCOMES (OUTCOME_EXHAUSTED + 1)

typedef enum Party
{
	PARTY_NONE,
	PARTY_CLIENT,
	PARTY_FREELANCER,
	PARTY_MEDIATOR,
	PARTY_ARBITRATOR,
	PARTY_OPERATOR,
	PARTY_CLOCK
} Party;
#define PARTIES (PARTY_CLOCK + 1)

/*
 * One word a verb, named as the verb is, and one an expiry or a notice of the
 * clock; the reports of a refund payment are named after what they report.
 */
typedef enum EventKind
{
	EVENT_NONE,
	EVENT_CREATE_CONTRACT,
	EVENT_ADD_MILESTONE,
	EVENT_FUND,
	EVENT_SUBMIT_WORK,
	EVENT_REQUEST_CHANGES,
	EVENT_RELEASE_PAYMENT,
	EVENT_RELEASE_MILESTONE,
	EVENT_MOVE_LEFTOVER,
	EVENT_END_CONTRACT,
	EVENT_GIVE_REFUND,
	EVENT_APPROVE_REFUND,
	EVENT_DISPUTE_REFUND,
	EVENT_ACCEPT_DISPUTE,
	EVENT_DECLINE_DISPUTE,
	EVENT_PAY_IN_FULL,
	EVENT_WITHDRAW_DISPUTE,
	EVENT_PROPOSE_RESOLUTION,
	EVENT_ACCEPT_RESOLUTION,
	EVENT_REJECT_RESOLUTION,
	EVENT_JOIN_ARBITRATION,
	EVENT_RECORD_AWARD,
	EVENT_OFFER_SETTLEMENT,
	EVENT_WITHDRAW_SETTLEMENT_OFFER,
	EVENT_ACCEPT_SETTLEMENT,
	EVENT_ASSIGN_CASE,
	EVENT_PLACE_HOLD,
	EVENT_LIFT_HOLD,
	EVENT_EXTEND_DEADLINE,
	EVENT_REVERSAL_OPENED,
	EVENT_REVERSAL_WON,
	EVENT_REVERSAL_LOST,
	EVENT_RESPONSE_EXPIRED,
	EVENT_DISPUTE_EXPIRED,
	EVENT_MEDIATION_EXPIRED,
	EVENT_RESOLUTION_EXPIRED,
	EVENT_ARBITRATION_EXPIRED,
	EVENT_AWARD_EXPIRED,
	EVENT_REMINDER_DUE,
	EVENT_TARGET_MISSED,
	EVENT_ERASE_EVIDENCE,
	EVENT_PAYMENT_SUBMITTED,
	EVENT_PAYMENT_SUCCEEDED,
	EVENT_PAYMENT_FAILED,
	EVENT_PAYMENT_BOUNCED,
	EVENT_PAYMENT_UNCLAIMED,
	EVENT_PAYMENT_RETRIED,
	EVENT_PAYMENT_DOUBLE_PAID,
	EVENT_REVIEW_EXPIRED
} EventKind;
#define EVENT_KINDS (EVENT_REVIEW_EXPIRED + 1)

/* Sets of states or parties, one bit each. */
#define IN_SET(set, member) (((set) & (1u << (member))) != 0)

/*
 * One row of process.md section 4.  "to" holds for every state of "from";
 * when "same" is set the state stays what it was and "to" is unused.
 */
typedef struct Transition
{
	uint16_t	from;			/* set of RequestState */
	EventKind	event;
	uint16_t	party;			/* set of Party */
	bool		same;
	RequestState to;
	Outcome		outcome;		/* OUTCOME_NONE unless "to" is settled */
	uint8_t		rule;			/* row number in process.md section 4 */
} Transition;

extern const Transition transition_table[];
extern const int transition_count;

extern const char *const request_state_label[REQUEST_STATES];
extern const char *const outcome_label[OUTCOMES];
extern const char *const party_label[PARTIES];
extern const char *const event_label[EVENT_KINDS];

/* The state that a row leads to from one of its states. */
extern RequestState transition_to(const Transition *t, RequestState from);

/* Does the table know the event at all?  The others never change a request. */
extern bool event_is_of_request(EventKind event);

/* Some row for (from, event), whoever acts; NULL when the state does not know the event. */
extern const Transition *transition_find(RequestState from, EventKind event);

/* The row for (from, event) that leads to this state and outcome, or NULL: what the trigger asks. */
extern const Transition *transition_check(RequestState from, EventKind event,
										  RequestState to, Outcome outcome);

/*
 * Is this change of a request legal?  A row of the table, or no change at all
 * by an event that is not the request's business in that state: the escrow's
 * own events, and the operator's ones where no request is open.
 */
extern bool transition_is_legal(RequestState from, EventKind event,
								RequestState to, Outcome outcome);

/* Who may send the event in some state: the set of its parties over all rows. */
extern uint16_t event_parties(EventKind event);

/* The event of the state's clock running out; EVENT_NONE when it has none. */
extern EventKind state_expiry(RequestState from);

/* Whose turn it is: a set of parties; the clock's row says what silence does. */
extern uint16_t state_turn(RequestState from);

#endif							/* REFUND_TRANSITION_H */
