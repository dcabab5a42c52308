/*
 * request.h
 *		The refund request's own part of a decision: process.md section 4.
 *
 * Pure.  decide.c calls these; the rules of who may do what in which state are
 * the transition table's, what each row does to the contract is here.
 */
#ifndef REFUND_REQUEST_H
#define REFUND_REQUEST_H

#include "decide.h"

/* What silence does in the contract's state. */
typedef struct Silence
{
	EventKind	event;
	RequestState to;
	Outcome		outcome;
	int64_t		to_freelancer;	/* NO_AMOUNT unless it settles */
	int64_t		to_client;
} Silence;

/*
 * What a request's end pays the freelancer, by its outcome: process.md section
 * 4, last column.  NO_AMOUNT for an award and an agreement, which bring their
 * own split.
 */
extern int64_t outcome_part(const Contract *c, Outcome outcome);

/* False when the state has no clock. */
extern bool request_silence(const Contract *c, Silence *silence);

/* The state that holds at "now" whether or not the job ran. */
extern RequestState effective_state(const Contract *c, int64_t now);

/* The client has ended the contract and money is left. */
extern void request_open(const Terms *terms, Contract *c, Step *step);

/* RF005 or RF001 unless the state knows the event and this side may still send it. */
extern Refusal request_judge(const Contract *c, EventKind event, Party party, RefusalFacts *facts);

/* An event of the table; request_judge() has said nothing against it. */
extern Refusal request_decide(const Terms *terms, Contract *c, const Command *cmd, Party party,
							  Step *step, RefusalFacts *facts);

/* Silence has decided. */
extern void request_expire(const Terms *terms, Contract *c, const Silence *silence, Step *step);

/* The notice that falls due at remind_at. */
extern EventKind request_notice(const Contract *c);
extern void request_notify(const Terms *terms, Contract *c, Step *step);

/* The last hold is lifted: the open window goes on in its own unit. */
extern void request_resume(const Terms *terms, Contract *c, Step *step);

/* Money has left escrow under an open request: its amounts are capped to what is left. */
extern void request_cap(const Terms *terms, Contract *c, Step *step);

/* RF003 and RF004 for an amount that must be "smallest" to "largest". */
extern Refusal judge_range(const Contract *c, const Command *cmd, int64_t smallest, int64_t largest,
						   Refusal over, RefusalFacts *facts);

/* RF010 and RF018 for what the command says. */
extern Refusal judge_words(const Terms *terms, const Command *cmd, RefusalFacts *facts);

#endif							/* REFUND_REQUEST_H */
