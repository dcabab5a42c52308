/*
 * escrow.h
 *		The movements of one contract's money: FIFO over deposits, order of
 *		number over milestones (process.md section 6).
 *
 * Pure.  Every function changes the contract in memory and appends the legs
 * (and refund payments) to the step; callers have checked the amounts, so that
 * there is nothing to refuse here.
 */
#ifndef REFUND_ESCROW_H
#define REFUND_ESCROW_H

#include "contract.h"

/* A new deposit for a milestone. */
extern void escrow_deposit(Contract *c, Step *step, MilestoneLine *m, int64_t amount);

/* A deposit that goes back to its source at once: it never joins what is held. */
extern void escrow_pass_through(Contract *c, Step *step, MilestoneLine *m, int64_t amount,
								int64_t expected_by);

/*
 * Take money out of escrow for "credit" (the freelancer or refund_payable).
 * From one milestone, or with milestone NULL from all in order of number.
 */
extern void escrow_take(Contract *c, Step *step, Account credit, MilestoneLine *m,
						int64_t amount);

/* An arbitration fee comes in, goes back to who paid it, is spent: both sides' in one go. */
extern void escrow_take_fee(Contract *c, Step *step, int64_t fee);
extern void escrow_return_fees(Contract *c, Step *step, int64_t expected_by);
extern void escrow_spend_fees(Contract *c, Step *step);

/* A refund payment has arrived at its destination, or has come back from it. */
extern void escrow_payment_out(Contract *c, Step *step, const Payment *p);
extern void escrow_payment_back(Contract *c, Step *step, const Payment *p);

/*
 * A lost reversal: what the deposit still holds leaves escrow, up to the
 * amount, the rest is owed by the client.
 */
extern void escrow_reverse(Contract *c, Step *step, const Reversal *r, int64_t amount);

/* Released money of one milestone goes back to its sources, from c->releases in their order. */
extern void escrow_give_back(Contract *c, Step *step, MilestoneLine *m, int64_t amount,
							 int64_t expected_by);

/* Give back to the sources: take for refund_payable, then one payment a deposit. */
extern void escrow_return(Contract *c, Step *step, int64_t amount,
						  PaymentPurpose purpose, int64_t expected_by);

#endif							/* REFUND_ESCROW_H */
