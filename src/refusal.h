/*
 * refusal.h
 *		The core's refusals as PostgreSQL errors: SQLSTATE, message, DETAIL with
 *		facts, HINT with the next step.
 */
#ifndef REFUND_REFUSAL_H
#define REFUND_REFUSAL_H

#include "postgres.h"

#include "decide.h"

/* Raise the error; the contract is the one that the command met, "now" the decision time. */
extern void raise_refusal(Refusal refusal, const Contract *c, const Command *cmd,
						  const RefusalFacts *facts, int64 now) __attribute__((noreturn));

/* RF014; a stranger to the contract gets the same words as for a number that nobody uses. */
extern void raise_unknown_contract(const Command *cmd) __attribute__((noreturn));

/* RF009: it takes no events until unarchive() has brought it back. */
extern void raise_archived(const Command *cmd) __attribute__((noreturn));
extern void raise_unknown_milestone(const Command *cmd, int32 milestone_no) __attribute__((noreturn));

/* "what" is the kind of thing, "view" where the contract's are listed. */
extern void raise_unknown_item(const Command *cmd, const char *what, const char *view) __attribute__((noreturn));

/* RF007 */
extern void raise_key_conflict(const Command *cmd, const char *key) __attribute__((noreturn));

#endif							/* REFUND_REFUSAL_H */
