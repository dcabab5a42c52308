/*
 * decide.h
 *		From a command, or from the clock, to the next state of a contract.
 *
 * Pure.  decide() judges and applies one command; decide_expiry() applies what
 * is due.  Both change the contract in memory and fill the step that the
 * writer stores; after a refusal neither is of use and nothing is stored.  Verbs and the sweep have no other
 * way to change a contract.
 */
#ifndef REFUND_DECIDE_H
#define REFUND_DECIDE_H

#include "contract.h"

/* The windows of process.md section 11 that a decision may open. */
typedef enum Window
{
	WINDOW_REFUND_RESPONSE,
	WINDOW_REFUND_CREDIT
} Window;

/* The pinned policy, seen as a way to compute when a window ends. */
typedef struct Windows
{
	int64_t		(*ends_at) (void *policy, int64_t opened_at, Window window);
	void	   *policy;
} Windows;

/* Facts that arrive from outside; which fields count depends on the event. */
typedef struct Command
{
	EventKind	event;
	int64_t		contract_id;
	const char *actor;
	const char *idempotency_key;	/* or NULL */
	int64_t		arguments_digest;

	int64_t		amount;			/* NO_AMOUNT when not given */
	int			currency;		/* of amount */
	int32_t		milestone_no;	/* 0 = none */
	int32_t		to_milestone_no;

	/* kept in rows of their own */
	const char *title;
	int32_t		due;			/* days since 2000-01-01 */
	bool		has_due;
	const char *source;
	const char *provider_ref;
} Command;

typedef enum Refusal
{
	REFUSED_NOTHING,
	REFUSED_ENDED,
	REFUSED_ACTIVE,
	REFUSED_WRONG_PARTY,
	REFUSED_LATE,
	REFUSED_STATE,
	REFUSED_HOURLY,
	REFUSED_CURRENCY,
	REFUSED_NOT_POSITIVE,
	REFUSED_NEGATIVE,
	REFUSED_OVER_HELD,
	REFUSED_OVER_PRICE,
	REFUSED_PAYS_ITSELF,
	REFUSED_SAME_MILESTONE,
	REFUSED_MILESTONE_EXISTS,
	REFUSED_TOO_MANY,
	REFUSED_TOTAL_TOO_LARGE
} Refusal;

/* What a refusal tells beside its kind. */
typedef struct RefusalFacts
{
	int64_t		available;		/* OVER_HELD, OVER_PRICE: what there is */
	int64_t		due_at;			/* LATE */
	uint16_t	parties;		/* WRONG_PARTY: who may */
} RefusalFacts;

/*
 * Judge the command at decision time "now" for the person's party, in the
 * order of interface.md, and apply it.  The caller has set step->legs and
 * step->payments and has applied every due expiry.
 */
extern Refusal decide(const Windows *windows, Contract *c, const Command *cmd,
					  Party party, int64_t now, Step *step, RefusalFacts *facts);

/* Is something of this contract due at "now"?  Half-open: at due_at it is. */
extern bool expiry_due(const Contract *c, int64_t now);

/*
 * Apply the earliest due expiry: effective at its due time, recorded now.  False
 * when the state has no clock, which only a tampered row can show.
 */
extern bool decide_expiry(const Windows *windows, Contract *c, int64_t now, Step *step);

/* What silence does in the contract's state: false when the state has no clock. */
extern bool silence_ends_in(const Contract *c, EventKind *event, RequestState *to,
							Outcome *outcome, int64_t *to_freelancer, int64_t *to_client);

/* The state that holds at "now" whether or not the job ran. */
extern RequestState effective_state(const Contract *c, int64_t now);

#endif							/* REFUND_DECIDE_H */
