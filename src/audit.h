/*
 * audit.h
 *		What a transfer does to balances, as the audit and verify() see it.
 */
#ifndef REFUND_AUDIT_H
#define REFUND_AUDIT_H

#include "postgres.h"

#include "contract.h"

/* How one transfer changes a contract's balances. */
extern void apply_transfer(Balances *b, Account debit, Account credit, int64 amount);

#endif							/* REFUND_AUDIT_H */
