/*
 * hold.h
 *		Holds: no money and no clock while one stands (process.md section 5).
 *
 * Pure.  The windows keep their due times while they stand still; the last lift
 * moves them, each in its own unit.
 */
#ifndef REFUND_HOLD_H
#define REFUND_HOLD_H

#include "decide.h"

/* Does a hold stop this event?  Operators and reports from outside go on. */
extern bool hold_stops(EventKind event);

/* A new hold; returns its number, 0 when no more fit. */
extern int32_t hold_place(Contract *c, int64_t now);

/* Lift one that stands. */
extern void hold_lift(const Terms *terms, Contract *c, Step *step, int32_t hold_no);

#endif							/* REFUND_HOLD_H */
