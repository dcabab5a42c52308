/*
 * drop_guard.h
 *		DROP EXTENSION would take all contracts with it, and PostgreSQL does not
 *		ask.
 */
#ifndef REFUND_DROP_GUARD_H
#define REFUND_DROP_GUARD_H

/* For _PG_init: the setting refund.allow_drop. */
extern void define_allow_drop(void);

#endif							/* REFUND_DROP_GUARD_H */
