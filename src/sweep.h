/*
 * sweep.h
 *		The clock: many contracts' due expiries through the same decisions and
 *		the same writer as the verbs.
 */
#ifndef REFUND_SWEEP_H
#define REFUND_SWEEP_H

#include "postgres.h"

/*
 * Apply what is due by this test clock, earliest first, for one batch of its
 * contracts.  Returns how many contracts changed; 0 when nothing is due.
 */
extern int	sweep_test_clock(const char *test_clock);

#endif							/* REFUND_SWEEP_H */
