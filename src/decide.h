/*
 * decide.h
 *		From a command, or from the clock, to the next state of a contract.
 *
 * Pure.  decide() judges and applies one command; decide_by_clock() applies
 * what is due.  Both change the contract in memory and fill the step that the
 * writer stores; after a refusal neither is of use and nothing is stored.
 * Verbs and the sweep have no other way to change a contract.
 */
#ifndef REFUND_DECIDE_H
#define REFUND_DECIDE_H

#include "contract.h"
#include "evidence_rules.h"

/* The windows of process.md section 11 that a decision may open. */
typedef enum Window
{
	WINDOW_REFUND_RESPONSE,
	WINDOW_DISPUTE_RESPONSE,
	WINDOW_RESOLUTION_TARGET,
	WINDOW_RESOLUTION_LIMIT,
	WINDOW_RESOLUTION_RESPONSE,
	WINDOW_ARBITRATION,
	WINDOW_AWARD_TARGET,
	WINDOW_AWARD_LIMIT,
	WINDOW_REFUND_CREDIT,
	WINDOW_REVIEW,
	WINDOW_POST_RELEASE
} Window;

/* The pinned policy as the core sees it. */
typedef struct Terms
{
	int64_t		(*ends_at) (const void *policy, int64_t opened_at, Window window);
	int64_t		(*reminds_at) (const void *policy, int64_t due_at);
	int64_t		(*resumes_at) (const void *policy, int64_t due_at, int64_t held_at, int64_t lifted_at,
							   Window window);
	int64_t		(*extends_at) (const void *policy, int64_t due_at, TimeLimit extension);
	const void *policy;
	int			max_extensions;
	TimeLimit	max_extension;
	int64_t		fee;			/* arbitration fee share in the contract's currency, 0 = free */
	int			evidence_max_items;
	int64_t		evidence_max_bytes;
} Terms;

static inline int64_t
terms_end(const Terms *terms, int64_t opened_at, Window window)
{
	return terms->ends_at(terms->policy, opened_at, window);
}

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
	const char *statement;		/* reason, statement or rationale: "" when blank, or NULL */
	int			nevidence;
	const EvidenceItem *evidence;
	const char *evidence_problem;	/* what is wrong with an item, or NULL */
	int			evidence_problem_no;	/* which, from 1; 0 = the list itself */

	int32_t		item_no;		/* the offer, payment or evidence that is meant */
	const char *decider;		/* who is to decide */
	const char *destination;	/* where a payment is to go, or NULL */
	PaymentState reported;
	HoldKind	hold_kind;
	TimeLimit	extension;
	const char *extension_text;
	int32_t		deposit_no;		/* of a reversal */
	ReversalKind reversal_kind;
	ReversalState reversal_state;
} Command;

typedef enum Refusal
{
	REFUSED_NOTHING,
	REFUSED_ON_HOLD,
	REFUSED_ENDED,
	REFUSED_ACTIVE,
	REFUSED_PARTY_DECIDES,
	REFUSED_OTHER_DECIDES,
	REFUSED_WRONG_PARTY,
	REFUSED_LATE,
	REFUSED_STATE,
	REFUSED_ANSWERED,
	REFUSED_PAYMENT_STATE,
	REFUSED_ERASED,
	REFUSED_MILESTONE_STATE,
	REFUSED_REVERSAL_STATE,
	REFUSED_LIFTED,
	REFUSED_CORRUPT,
	REFUSED_HOURLY,
	REFUSED_CURRENCY,
	REFUSED_NOT_POSITIVE,
	REFUSED_NEGATIVE,
	REFUSED_OVER_HELD,
	REFUSED_OVER_PRICE,
	REFUSED_NOTHING_HELD,
	REFUSED_OVER_DEPOSIT,
	REFUSED_OVER_RELEASED,
	REFUSED_TOO_OLD,
	REFUSED_EXTENSIONS,
	REFUSED_EXTENSION_LENGTH,
	REFUSED_OVER_STAKE,
	REFUSED_OVER_DISPUTED,
	REFUSED_STATEMENT,
	REFUSED_EVIDENCE,
	REFUSED_EVIDENCE_COUNT,
	REFUSED_EVIDENCE_SIZE,
	REFUSED_NO_FEE_SOURCE,
	REFUSED_UNKNOWN_OFFER,
	REFUSED_STALE_OFFER,
	REFUSED_OWN_OFFER,
	REFUSED_PAYS_ITSELF,
	REFUSED_SAME_MILESTONE,
	REFUSED_MILESTONE_EXISTS,
	REFUSED_TOO_MANY,
	REFUSED_TOTAL_TOO_LARGE
} Refusal;

/* What a refusal tells beside its kind. */
typedef struct RefusalFacts
{
	int64_t		available;		/* OVER_...: what there is; EVIDENCE_COUNT, _SIZE: the limit */
	int64_t		due_at;			/* LATE */
	uint16_t	parties;		/* WRONG_PARTY: who may */
	int32_t		item_no;		/* EVIDENCE_SIZE: which item; STALE_OFFER: the other side's offer, or 0 */
} RefusalFacts;

/* The party for which the person may act by this event, PARTY_NONE for a stranger to the contract. */
extern Party command_party(const Contract *c, EventKind event, const char *person);

/* Who may send the event, by the transition table or to the escrow: a set of parties. */
extern uint16_t command_parties(EventKind event);

/*
 * May this party's person send the event now, all else being right?  The first
 * refusals in the order of interface.md: RF008, RF009, RF011, RF002, RF005, RF001.
 */
extern Refusal judge_standing(const Contract *c, const Command *cmd, Party party, RefusalFacts *facts);

/*
 * Judge the command at decision time "now" for the person's party, in the
 * order of interface.md, and apply it.  The caller has set step->legs and
 * step->payments and has applied every due expiry.
 */
extern Refusal decide(const Terms *terms, Contract *c, const Command *cmd,
					  Party party, int64_t now, Step *step, RefusalFacts *facts);

/* What of c->releases give_refund() could still give back at "now". */
extern int64_t releases_in_time(const Terms *terms, const Contract *c, int64_t now);

/* Has silence decided at "now"?  Half-open: at due_at it has. */
extern bool expiry_due(const Contract *c, int64_t now);

/*
 * Apply the earliest thing that the clock has to do at "now": an expiry, effective at its due time and recorded now, or a notice.
 * False when there is none, which only a tampered row can show.
 */
extern bool decide_by_clock(const Terms *terms, Contract *c, int64_t now, Step *step);

#endif							/* REFUND_DECIDE_H */
