/*
 * contract.h
 *		One contract with its escrow in memory, and what one event writes.
 *
 * Pure: no fmgr, no SPI, no catalog.  Money is int64 minor units of the
 * contract's one currency; instants are microseconds since 2000-01-01 UTC
 * (TimestampTz), NO_INSTANT for none.  Whoever makes a Contract or a Step owns
 * its arrays; the functions here allocate nothing.
 */
#ifndef REFUND_CONTRACT_H
#define REFUND_CONTRACT_H

#include <stdbool.h>
#include <stdint.h>

#include "time_limit.h"
#include "transition.h"

#define NO_INSTANT INT64_MIN
#define NO_AMOUNT INT64_MIN
#define HASH_BYTES 32

/* More would make the hot row slow, not wrong. */
#define MAX_MILESTONES 1000
#define MAX_LIVE_DEPOSITS 10000
/* Holds that stand at the same time. */
#define MAX_HOLDS 100

typedef enum ContractKind
{
	KIND_FIXED_PRICE,
	KIND_PROJECT_CATALOG,
	KIND_CONSULTATION,
	KIND_HOURLY
} ContractKind;
#define CONTRACT_KINDS (KIND_HOURLY + 1)

typedef enum ContractState
{
	CONTRACT_ACTIVE,
	CONTRACT_ENDED
} ContractState;
#define CONTRACT_STATES (CONTRACT_ENDED + 1)

typedef enum MilestoneState
{
	MILESTONE_OPEN,
	MILESTONE_SUBMITTED,
	MILESTONE_PAID
} MilestoneState;
#define MILESTONE_STATES (MILESTONE_PAID + 1)

/* process.md section 6, the table of movements */
typedef enum Account
{
	ACCOUNT_SOURCE,
	ACCOUNT_ESCROW,
	ACCOUNT_FREELANCER,
	ACCOUNT_REFUND_PAYABLE,
	ACCOUNT_REFUND_PAID,
	ACCOUNT_FEE_HELD,
	ACCOUNT_FEE_SPENT,
	ACCOUNT_RECEIVABLE
} Account;
#define ACCOUNTS (ACCOUNT_RECEIVABLE + 1)

/* Why money goes back to a source. */
typedef enum PaymentPurpose
{
	PURPOSE_SETTLEMENT,
	PURPOSE_FREELANCER_ENDED,
	PURPOSE_LATE_DEPOSIT,
	PURPOSE_ARBITRATION_FEE,
	PURPOSE_GIVEN_REFUND
} PaymentPurpose;
#define PAYMENT_PURPOSES (PURPOSE_GIVEN_REFUND + 1)

typedef enum HoldKind
{
	HOLD_LEGAL,
	HOLD_SANCTIONS,
	HOLD_CHARGEBACK,
	HOLD_FRAUD
} HoldKind;
#define HOLD_KINDS (HOLD_FRAUD + 1)

typedef enum ReversalKind
{
	REVERSAL_CHARGEBACK,
	REVERSAL_FAILED
} ReversalKind;
#define REVERSAL_KINDS (REVERSAL_FAILED + 1)

typedef enum ReversalState
{
	REVERSAL_OPENED,
	REVERSAL_WON,
	REVERSAL_LOST
} ReversalState;
#define REVERSAL_STATES (REVERSAL_LOST + 1)

typedef enum PaymentState
{
	PAYMENT_PENDING,
	PAYMENT_SUBMITTED,
	PAYMENT_SUCCEEDED,
	PAYMENT_FAILED,
	PAYMENT_BOUNCED,
	PAYMENT_UNCLAIMED
} PaymentState;
#define PAYMENT_STATES (PAYMENT_UNCLAIMED + 1)

extern const char *const contract_kind_label[CONTRACT_KINDS];
extern const char *const contract_state_label[CONTRACT_STATES];
extern const char *const milestone_state_label[MILESTONE_STATES];
extern const char *const account_label[ACCOUNTS];
extern const char *const payment_purpose_label[PAYMENT_PURPOSES];
extern const char *const payment_state_label[PAYMENT_STATES];
extern const char *const hold_kind_label[HOLD_KINDS];
extern const char *const reversal_kind_label[REVERSAL_KINDS];
extern const char *const reversal_state_label[REVERSAL_STATES];

/* What the escrow knows of one milestone: held + released + refunded + room = price. */
typedef struct MilestoneLine
{
	int32_t		milestone_no;
	int64_t		room;			/* what may still be put into it */
	int64_t		held;
	int64_t		released;
	int64_t		refunded;

	/*
	 * The review of submitted work: when its window ends, and when the clock
	 * acts next: at the reminder, then at the end.  NO_INSTANT for both when
	 * nothing is under review; for the second alone once silence has released.
	 */
	int64_t		review_due_at;
	int64_t		review_tick_at;
} MilestoneLine;

typedef struct Balances
{
	int64_t		deposited;
	int64_t		held;
	int64_t		released;
	int64_t		refunded;
	int64_t		reversed;
	int64_t		in_transit;		/* account refund_payable */
	int64_t		fee_held;		/* account fee_held */
	int64_t		receivable;		/* what the client owes after lost reversals */
} Balances;

/* The two sides of a contract; freelancer and agency are one. */
typedef enum SideName
{
	SIDE_CLIENT,
	SIDE_FREELANCER
} SideName;
#define SIDES (SIDE_FREELANCER + 1)

/* The states of a dispute: those that an open request can come to after the first. */
#define STAGES (REQUEST_SETTLED - REQUEST_DISPUTED)

/* The states of an open request. */
#define OPEN_STATES (REQUEST_SETTLED - REQUEST_REQUESTED)

/* What one side has done about the open request. */
typedef struct Side
{
	bool		accepted;		/* the proposed resolution */
	bool		joined;			/* arbitration */
	int32_t		offer_no;		/* its standing settlement offer, 0 = none */
	int64_t		offer;			/* what that offers the freelancer, or NO_AMOUNT */
} Side;

/* A refund payment that an event is about, and what was reported of one reference. */
typedef struct Payment
{
	int32_t		payment_no;
	int32_t		deposit_no;		/* 0: an arbitration fee */
	PaymentState state;
	int64_t		amount;
	int32_t		attempt_no;		/* 0 before the first report */
	const char *provider_ref;	/* of the current attempt, or NULL */
	int			nextra;			/* successes beyond the first that have not come back */
	const char **extra_refs;	/* their references, with room for one more */
	const char *destination;	/* where to, instead of the source, or NULL */
	uint16_t	reported;		/* of the reference at hand: a set of PaymentState */
} Payment;

/* A deposit that its payer's bank takes back, or tries to: what an event is about. */
typedef struct Reversal
{
	int32_t		reversal_no;	/* 0: not reported before */
	int32_t		deposit_no;
	int32_t		milestone_no;	/* that the deposit funded */
	int32_t		hold_no;		/* that stands while it is open, 0 = none */
	ReversalState state;
	int64_t		amount;
	int64_t		reversible;		/* what of the deposit was not reversed before */
} Reversal;

/* What was released of one deposit for one milestone and has not been given back. */
typedef struct Release
{
	int32_t		deposit_no;
	int64_t		amount;
	int64_t		released_at;
} Release;

typedef struct Contract
{
	/* fixed for life */
	int64_t		contract_id;
	int64_t		created_at;
	ContractKind kind;
	int			currency;		/* ISO 4217 number */
	const char *client;
	const char *freelancer;
	const char *agency;			/* or NULL */
	const char *policy;
	int32_t		policy_version;
	const char *test_clock;		/* or NULL: live */

	/* the last event and the chain's head */
	int32_t		event_no;
	EventKind	last_event;
	int64_t		last_at;		/* recorded_at of that event */
	uint8_t		head[HASH_BYTES];

	/* clock */
	int64_t		next_due_at;	/* earliest thing that the clock could do, or NO_INSTANT */
	int64_t		due_at;			/* end of the request's open window, or NO_INSTANT */
	int64_t		target_at;		/* when the decider should have decided, or NO_INSTANT */
	int64_t		remind_at;		/* next notice: target_at, or a reminder; or NO_INSTANT */
	int32_t		extensions;		/* of the open window */

	/* holds: while one stands there is neither money nor clock */
	int64_t		held_at;		/* since when the clock stands still, or NO_INSTANT */
	int32_t		hold_count;
	int			nholds;
	int32_t		holds[MAX_HOLDS];	/* numbers of those that stand */
	int64_t		hold_time[OPEN_STATES]; /* how long they stood, in each state of the request; microseconds */
	int32_t		reversal_count;

	/* state */
	ContractState state;
	RequestState request_state;
	Outcome		outcome;
	int64_t		opened_at;
	int64_t		settled_at;		/* recorded */
	int64_t		effective_at;	/* when request_state took effect */
	EventKind	entered_by;		/* the event that led to request_state */
	EventKind	unresolved_by;	/* the event that led to unresolved */
	int64_t		stage_at[STAGES];	/* when each stage was entered, or NO_INSTANT */

	/* money */
	Balances	balance;
	int64_t		at_stake;		/* NO_AMOUNT before a request */
	int64_t		to_freelancer;	/* NO_AMOUNT before settlement */
	int64_t		to_client;

	/* the dispute */
	int64_t		disputed;		/* NO_AMOUNT before one */
	int64_t		proposed;		/* NO_AMOUNT before a resolution is proposed */
	Side		side[SIDES];
	const char *mediator;		/* assigned or has decided, or NULL */
	const char *arbitrator;		/* likewise */

	int32_t		deposit_count;
	int32_t		payment_count;
	int32_t		offer_count;
	int32_t		evidence_count;

	int			nmilestones;	/* in order of milestone number */
	MilestoneLine *milestone;
	int32_t		first_live;		/* deposit number of deposit_held[0] */
	int			ndeposits;
	int64_t    *deposit_held;	/* FIFO window: earlier deposits hold nothing */

	Payment    *payment;		/* the one that the command is about, or NULL */
	bool		item_gone;		/* the evidence that the command is about has no body any more */
	Reversal   *reversal;		/* likewise, of report_reversal */
	int			nreleases;		/* of give_refund: latest first */
	Release    *releases;
} Contract;

/* Nothing has happened yet; what has no value for "none" stays as it is. */
extern void contract_init(Contract *c);

/* The request has come to another state. */
extern void contract_enter(Contract *c, RequestState to, EventKind by, int64_t effective_at);

/* The clock has stood still until now: that counts for the state that the request is in. */
extern void contract_count_hold(Contract *c, int64_t now);

/* One movement: always amount > 0. */
typedef struct Leg
{
	Account		debit;
	Account		credit;
	int64_t		amount;
	int32_t		deposit_no;		/* 0 = none */
	int32_t		milestone_no;	/* 0 = none */
} Leg;

/* One refund payment, which gives one deposit's part, or a fee, back to its source. */
typedef struct PaymentLine
{
	int32_t		payment_no;
	int32_t		deposit_no;		/* 0: the payee's arbitration fee */
	Party		payee;
	PaymentPurpose purpose;
	int64_t		amount;
	int64_t		expected_by;
} PaymentLine;

/* All that one event writes beside the contract's own row. */
typedef struct Step
{
	int32_t		event_no;
	EventKind	event;
	Party		party;
	const char *actor;			/* NULL for the clock */
	RequestState from_state;
	RequestState to_state;
	Outcome		outcome;
	int64_t		recorded_at;
	int64_t		effective_at;
	int64_t		due_at;			/* end of the window that this event opened, or NO_INSTANT */
	int64_t		amount;			/* or NO_AMOUNT */
	int32_t		milestone_no;	/* 0 = none */
	int32_t		to_milestone_no;	/* 0 = none */
	int32_t		item_no;		/* offer, payment or evidence that it is about, 0 = none */
	const char *reference;		/* provider's reference, destination or decider, or NULL */
	int64_t		fee;			/* arbitration fee that came with it, or 0 */
	bool		new_reversal;	/* c->reversal was not reported before */

	int			nlegs;
	Leg		   *legs;			/* room for step_legs_needed() */
	int			npayments;
	PaymentLine *payments;		/* room for step_payments_needed() */
} Step;

/* Room for any one event of this contract, one more deposit and milestone included. */
static inline int
step_legs_needed(const Contract *c)
{
	return c->ndeposits + c->nmilestones + 4 + SIDES + c->nreleases;
}

static inline int
step_payments_needed(const Contract *c)
{
	return c->ndeposits + 2 + SIDES + c->nreleases;
}

extern MilestoneLine *contract_milestone(const Contract *c, int32_t milestone_no);
extern MilestoneState milestone_state(const MilestoneLine *m);
extern int64_t contract_deposit_held(const Contract *c, int32_t deposit_no);

/* The side on which a person stands: the agency acts where the freelancer does. */
extern Party contract_party(const Contract *c, const char *person);

static inline SideName
party_side(Party party)
{
	return party == PARTY_CLIENT ? SIDE_CLIENT : SIDE_FREELANCER;
}

static inline SideName
other_side(SideName side)
{
	return side == SIDE_CLIENT ? SIDE_FREELANCER : SIDE_CLIENT;
}

/* Who has to act in the request's state and has not: a set of parties. */
extern uint16_t contract_turn(const Contract *c);

/* Is the milestone's work under review? */
static inline bool
milestone_is_submitted(const MilestoneLine *m)
{
	return m->review_tick_at != NO_INSTANT;
}

/* Does this hold stand? */
extern bool contract_has_hold(const Contract *c, int32_t hold_no);

/* How many sides have joined arbitration. */
extern int	contract_joined(const Contract *c);

/* Does the row hold together: sums of deposits, milestones, totals?  NULL, or what does not. */
extern const char *contract_unsound(const Contract *c);

#endif							/* REFUND_CONTRACT_H */
