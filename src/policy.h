/*
 * policy.h
 *		The immutable, versioned settings that a contract is pinned to.
 *
 * Rows of refund.policy never change, so a session keeps what it has read.
 * The caller may be inside sql_enter() or not.
 */
#ifndef REFUND_POLICY_H
#define REFUND_POLICY_H

#include "postgres.h"

#include "datatype/timestamp.h"

#include "policy_rules.h"

/* The shipped policy, whose settings a new name starts from. */
#define STANDARD_POLICY "standard"

/*
 * The policy of this name and version; RF014 when there is none.  A hit costs
 * one hash lookup.  The cache owns the result: it stays valid to the end of
 * the transaction, or of the subtransaction in which it was obtained if that
 * one aborts.
 */
extern const Policy *policy_get(const char *name, int version);

/* The highest version of this name, 0 when the name is unknown. */
extern int	policy_latest_version(const char *name);

/* The highest version itself, NULL when the name is unknown; as policy_get(). */
extern const Policy *policy_get_latest(const char *name);

/*
 * The policy of this name and version as the table says it now, past the
 * cache; NULL when there is none.  palloc'd.  Inside sql_enter().
 */
extern const Policy *policy_read(const char *name, int version);

/* When a window of this policy ends: its zone, its calendar. */
extern TimestampTz policy_deadline(const Policy *policy, TimestampTz opened_at,
								   TimeLimit window);

/* When a reminder of a window that ends then goes out. */
extern TimestampTz policy_reminder(const Policy *policy, TimestampTz due_at);

/* When a window of this length, that stood still from held_at to lifted_at, ends. */
extern TimestampTz policy_resume(const Policy *policy, TimestampTz due_at, TimestampTz held_at,
								 TimestampTz lifted_at, TimeLimit window);

/* policy_check() with what only the server knows: its zones and calendars. */
extern void policy_check_here(const Policy *policy, PolicyReport report, void *arg);

#endif							/* REFUND_POLICY_H */
