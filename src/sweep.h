/*
 * sweep.h
 *		The clock: many contracts' due expiries through the same decisions and
 *		the same writer as the verbs.
 */
#ifndef REFUND_SWEEP_H
#define REFUND_SWEEP_H

#include "postgres.h"

/*
 * Apply what is due now, earliest first, for at most "limit" contracts and one
 * batch: live ones that nobody else has locked, or with a clock's name that
 * clock's.  Returns how many contracts changed; 0 when nothing is due.
 */
extern int	sweep(const char *test_clock, int limit);

#endif							/* REFUND_SWEEP_H */
