/*
 * reversal.h
 *		Deposits that are taken back from outside: process.md section 6.
 *
 * Pure.  An open reversal is a hold; a lost one takes what its deposit still
 * holds out of escrow, and the client owes the rest.
 */
#ifndef REFUND_REVERSAL_H
#define REFUND_REVERSAL_H

#include "decide.h"

/* What an event reports of a reversal; false for one that is no such report. */
extern bool event_reverses(EventKind event, ReversalState *state);

/* Is this report the one that made the reversal what it is? */
extern bool reversal_told_before(const Reversal *r, ReversalState reported);

/* Judge and apply a report; the step has begun. */
extern Refusal reversal_report(const Terms *terms, Contract *c, const Command *cmd, Step *step,
							   RefusalFacts *facts);

#endif							/* REFUND_REVERSAL_H */
