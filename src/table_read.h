/*
 * table_read.h
 *		Rows of our own tables by key, through the index: what a verb and its
 *		audit read on their way, without a plan for it.
 *
 * Every table's primary key begins with contract_id (bigint); further columns
 * are integers.  values[] and nulls[] have one entry a column in the table's
 * order; they point into the scan's row and are good until the next call.
 */
#ifndef REFUND_TABLE_READ_H
#define REFUND_TABLE_READ_H

#include "postgres.h"

#include "storage/itemptr.h"

#include "catalog.h"

typedef struct TableScan TableScan;

/*
 * Lock the row of this contract_id FOR NO KEY UPDATE, as SELECT does: waits for
 * whoever holds it and takes its newest version at READ COMMITTED, 40001 at the
 * stricter levels, 55P03 after lock_timeout.  False when there is none.  The
 * scan holds the locked row until scan_end().
 */
extern TableScan *scan_lock(Table table, int64 contract_id, ItemPointer tid);

/* The same for the row of this number: the contract is locked already. */
extern TableScan *scan_lock_item(Table table, int64 contract_id, int32 number, ItemPointer tid);

/*
 * Rows of this contract_id whose second key column is this number, in key
 * order.  The contract must be locked: then nobody else writes its rows, and
 * what is committed or our own is the truth.  No MVCC snapshot is needed, and
 * SERIALIZABLE takes no predicate locks on pages shared with other contracts.
 */
extern TableScan *scan_begin(Table table, int64 contract_id, int32 number);
/* All rows of this contract_id, in key order. */
extern TableScan *scan_begin_all(Table table, int64 contract_id);
/* Likewise by an index whose key is the contract and one or two texts, which may be NULL. */
extern TableScan *scan_begin_texts(Table table, const char *index, int64 contract_id,
								   int ntexts, const char *const *texts);

/* Does any contract live under this test clock, committed or our own? */
extern bool scan_finds_clock(const char *test_clock);

extern bool scan_next(TableScan *scan);

extern Datum *scan_values(TableScan *scan);
extern bool *scan_nulls(TableScan *scan);
/* Where the row is, for write_delete(). */
extern ItemPointer scan_tid(TableScan *scan);

extern void scan_end(TableScan *scan);

/*
 * Between these two, scans of scan_begin() that end stay open for the next one of
 * their table: for the triggers of a statement that changes many rows.  Scopes
 * nest.  After an error, scans_forget() instead of scans_close(): the abort
 * releases what they hold.
 */
typedef struct KeptScans
{
	struct KeptScans *outer;
	struct ResourceOwnerData *owner;
	MemoryContext context;
	TableScan  *scan[TABLES];
} KeptScans;

extern void scans_keep(KeptScans *kept, MemoryContext context);
extern void scans_close(KeptScans *kept);
extern void scans_forget(KeptScans *kept);

#endif							/* REFUND_TABLE_READ_H */
