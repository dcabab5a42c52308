/*
 * audit.h
 *		The second net: what the triggers prove of a contract's step.
 */
#ifndef REFUND_AUDIT_H
#define REFUND_AUDIT_H

#include "postgres.h"

#include "contract.h"

/* A contract's row before and after some events, which the rows must explain. */
typedef struct Proof
{
	int64		contract_id;
	int32		old_event_no;
	int32		new_event_no;
	RequestState old_state;
	RequestState new_state;
	Balances	old_balance;
	Balances	new_balance;
	uint8		head[HASH_BYTES];
} Proof;

extern void proof_before(Proof *p, const Contract *c);
extern void proof_after(Proof *p, const Contract *c);

/*
 * Re-prove from the rows of event and transfer that a contract went from its
 * old balances and state to its new ones; RF013 otherwise.
 */
extern void audit_prove(const Proof *p);

/* How one transfer changes a contract's balances. */
extern void apply_transfer(Balances *b, Account debit, Account credit, int64 amount);

#endif							/* REFUND_AUDIT_H */
