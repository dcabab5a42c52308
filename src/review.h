/*
 * review.h
 *		The review of submitted work: process.md section 3.
 *
 * Pure.  Silence at the end of the window releases all that the milestone holds.
 */
#ifndef REFUND_REVIEW_H
#define REFUND_REVIEW_H

#include "decide.h"

/* The window opens, with the step's event. */
extern void review_open(const Terms *terms, Contract *c, Step *step, MilestoneLine *m);

/* A release, a change request, a moved leftover or the contract's end cancels it. */
extern void review_cancel(MilestoneLine *m);
extern void review_cancel_all(Contract *c);

/* When the clock next acts on some milestone, or NO_INSTANT. */
extern int64_t review_next_at(const Contract *c);

/* The milestone whose window ended first of those that have ended at "now", or NULL. */
extern MilestoneLine *review_expired(const Contract *c, int64_t now);

/* The milestone whose reminder is due at "now", or NULL. */
extern MilestoneLine *review_to_remind(const Contract *c, int64_t now);

/* The clock acts; the step has begun. */
extern void review_release(Contract *c, Step *step, MilestoneLine *m);
extern void review_remind(Step *step, MilestoneLine *m);

#endif							/* REFUND_REVIEW_H */
