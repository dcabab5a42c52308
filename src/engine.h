/*
 * engine.h
 *		The one way through: lock, replay, expire, decide, write.
 */
#ifndef REFUND_ENGINE_H
#define REFUND_ENGINE_H

#include "postgres.h"

#include "decide.h"
#include "store.h"

typedef struct Execution
{
	StoredContract s;			/* the contract as it is after the call */
	int64		now;			/* decision time */
	bool		replayed;		/* nothing was done: the key was used before */
	int32		event_no;		/* of the event, or of the replayed one */
} Execution;

/*
 * Execute a command of a party of an existing contract.  Raises whatever interface.md says; when it returns, the rows
 * are written.
 */
extern void engine_execute(const Command *cmd, Execution *x);

/* Record a new contract, whose fixed fields the caller filled in and checked. */
extern void engine_create(const Command *cmd, Execution *x);

/* Apply and write the earliest thing that the contract's clock has to do, recorded at "now". */
extern void engine_tick(Writer *w, const Terms *terms, StoredContract *s, int64 now, Step *step);

/* Apply in memory what is due at "now", for reads: process.md section 5. */
extern void engine_catch_up(Contract *c, int64 now);

/* The most that give_refund() would take from one milestone at "now"; the contract is locked. */
extern int64 engine_giveable(Contract *c, int64 now);

/* Decision time: the contract's clock after its lock, never before its last event. */
extern int64 engine_now(const Contract *c);

/* The pinned policy, for the pure core. */
extern Terms engine_terms(const Contract *c);

#endif							/* REFUND_ENGINE_H */
