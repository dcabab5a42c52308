/*
 * row_cache.h
 *		What a session remembers of configuration rows: policies, calendars.
 *
 * One lookup costs one hash probe.  An entry lives until its tables change, in
 * this session or in another one: their statement triggers call
 * refund.forget_cached_rows(), which sends a relcache invalidation.  What was
 * read from rows that a rolled back (sub)transaction wrote goes with it.
 *
 * A value is owned by the cache.  It stays valid to the end of the
 * transaction even when it is forgotten before, so that a verb may hold on to
 * it; only the abort of the subtransaction that read it takes it away at once.
 */
#ifndef REFUND_ROW_CACHE_H
#define REFUND_ROW_CACHE_H

#include "postgres.h"

#include "fmgr.h"
#include "utils/hsearch.h"

/* Bytes in the name of a policy or a calendar; the tables CHECK it. */
#define CACHED_NAME_MAX 63
#define CACHED_TABLES_MAX 2

/*
 * Read one row through sql_read() and return a copy of it allocated in "into",
 * or NULL when there is no such row, which is not remembered.  Runs inside
 * sql_enter(), under a snapshot as of now.
 */
typedef void *(*RowLoader) (MemoryContext into, const char *name, int number);

typedef struct RowCache
{
	const char *tables[CACHED_TABLES_MAX];	/* of schema refund; NULL = none */
	RowLoader	load;

	/* the rest is row_cache.c's */
	HTAB	   *entries;
	Oid			relids[CACHED_TABLES_MAX];
	uint64		invalidations;
	bool		unsettled;		/* some entry was read in this transaction */
	struct RowCache *next;
} RowCache;

/* The value for (name, number), NULL when there is none.  May run SQL. */
extern const void *row_cache_get(RowCache *cache, const char *name, int number);

/*
 * Refuse (22023) what the tables would refuse as the name of a policy or a
 * calendar: blank, or longer than CACHED_NAME_MAX.
 */
extern void check_cached_name(const char *argument, const char *name);

#endif							/* REFUND_ROW_CACHE_H */
