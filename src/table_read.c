/*
 * table_read.c
 *		Rows of our own tables by key.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/relscan.h"
#include "access/skey.h"
#include "access/stratnum.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "catalog/pg_collation.h"
#include "executor/tuptable.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

#include "compat.h"
#include "spi.h"
#include "table_read.h"

struct TableScan
{
	Relation	rel;
	Relation	index;
	IndexScanDesc scan;
	TupleTableSlot *slot;
	MemoryContext context;		/* of what the scan allocates as it goes */
	bool		pushed;			/* a snapshot of its own is active */
	bool		kept;			/* belongs to a KeptScans */
	bool		idle;			/* kept, and ended */
};

/* The innermost scope in which scans stay open. */
static KeptScans *keeping = NULL;

static TableScan *
open_scan(Table table, LOCKMODE lock, Oid index, Snapshot snapshot, ScanKey keys, int nkeys)
{
	TableScan  *s = palloc(sizeof(TableScan));

	s->rel = table_open(table_oid(table), lock);
	if (!OidIsValid(index))
		index = COMPAT_PRIMARY_KEY_INDEX(s->rel);
	s->index = index_open(index, AccessShareLock);
	s->slot = table_slot_create(s->rel, NULL);
	s->context = CurrentMemoryContext;
	s->kept = s->idle = false;
	s->pushed = snapshot == NULL;
	if (s->pushed)
	{
		/* one that sees what this transaction wrote before this call */
		CommandCounterIncrement();
		PushActiveSnapshot(GetTransactionSnapshot());
		snapshot = GetActiveSnapshot();
	}
	s->scan = COMPAT_INDEX_BEGINSCAN(s->rel, s->index, snapshot, nkeys);
	index_rescan(s->scan, keys, nkeys, NULL, 0);
	return s;
}

static void
close_scan(TableScan *s)
{
	index_endscan(s->scan);
	if (s->pushed)
		PopActiveSnapshot();
	ExecDropSingleTupleTableSlot(s->slot);
	/* the locks stay to the end of the transaction, as those of the executor's scans */
	index_close(s->index, NoLock);
	table_close(s->rel, NoLock);
	pfree(s);
}

void
scan_end(TableScan *s)
{
	if (s->kept)
	{
		ExecClearTuple(s->slot);
		s->idle = true;
	}
	else
		close_scan(s);
}

void
scans_keep(KeptScans *kept, MemoryContext context)
{
	memset(kept, 0, sizeof(KeptScans));
	kept->outer = keeping;
	kept->owner = CurrentResourceOwner;
	kept->context = context;
	keeping = kept;
}

void
scans_close(KeptScans *kept)
{
	for (int i = 0; i < TABLES; i++)
		if (kept->scan[i] != NULL)
			close_scan(kept->scan[i]);
	scans_forget(kept);
}

void
scans_forget(KeptScans *kept)
{
	keeping = kept->outer;
}

bool
scan_next(TableScan *s)
{
	MemoryContext caller = MemoryContextSwitchTo(s->context);
	bool		found = index_getnext_slot(s->scan, ForwardScanDirection, s->slot);

	MemoryContextSwitchTo(caller);
	if (found)
		slot_getallattrs(s->slot);
	return found;
}

Datum *
scan_values(TableScan *s)
{
	return s->slot->tts_values;
}

bool *
scan_nulls(TableScan *s)
{
	return s->slot->tts_isnull;
}

ItemPointer
scan_tid(TableScan *s)
{
	return &s->slot->tts_tid;
}

/* The scan of this table that stays open, made if need be; NULL where none may. */
static TableScan *
kept_scan(Table table, ScanKey keys, int nkeys)
{
	TableScan  *s;
	MemoryContext caller;

	/* a subtransaction inside of the scope has pins and references of its own */
	if (keeping == NULL || keeping->owner != CurrentResourceOwner)
		return NULL;
	s = keeping->scan[table];
	if (s == NULL)
	{
		caller = MemoryContextSwitchTo(keeping->context);
		s = keeping->scan[table] = open_scan(table, AccessShareLock, InvalidOid, SnapshotSelf, keys, nkeys);
		MemoryContextSwitchTo(caller);
		s->kept = true;
		return s;
	}
	if (!s->idle)
		return NULL;
	s->idle = false;
	index_rescan(s->scan, keys, nkeys, NULL, 0);
	return s;
}

TableScan *
scan_begin(Table table, int64 contract_id, int32 number)
{
	ScanKeyData keys[2];
	TableScan  *kept;

	ScanKeyInit(&keys[0], 1, BTEqualStrategyNumber, F_INT8EQ, Int64GetDatum(contract_id));
	ScanKeyInit(&keys[1], 2, BTEqualStrategyNumber, F_INT4EQ, Int32GetDatum(number));
	kept = kept_scan(table, keys, lengthof(keys));
	if (kept != NULL)
		return kept;
	return open_scan(table, AccessShareLock, InvalidOid, SnapshotSelf, keys, lengthof(keys));
}

TableScan *
scan_begin_all(Table table, int64 contract_id)
{
	ScanKeyData key;

	ScanKeyInit(&key, 1, BTEqualStrategyNumber, F_INT8EQ, Int64GetDatum(contract_id));
	return open_scan(table, AccessShareLock, InvalidOid, SnapshotSelf, &key, 1);
}

TableScan *
scan_begin_texts(Table table, const char *index, int64 contract_id,
				 int ntexts, const char *const *texts)
{
	ScanKeyData keys[3];

	Assert(ntexts < (int) lengthof(keys));
	ScanKeyInit(&keys[0], 1, BTEqualStrategyNumber, F_INT8EQ, Int64GetDatum(contract_id));
	for (int i = 0; i < ntexts; i++)
	{
		if (texts[i] == NULL)
			ScanKeyEntryInitialize(&keys[i + 1], SK_ISNULL | SK_SEARCHNULL, i + 2,
								   InvalidStrategy, InvalidOid, InvalidOid, InvalidOid, (Datum) 0);
		else
			ScanKeyEntryInitialize(&keys[i + 1], 0, i + 2, BTEqualStrategyNumber, InvalidOid,
								   DEFAULT_COLLATION_OID, F_TEXTEQ, CStringGetTextDatum(texts[i]));
	}
	return open_scan(table, AccessShareLock,
					 get_relname_relid(index, refund_schema_oid()), SnapshotSelf, keys, ntexts + 1);
}

bool
scan_finds_clock(const char *test_clock)
{
	ScanKeyData key;
	TableScan  *s;
	bool		result;

	ScanKeyEntryInitialize(&key, 0, 1, BTEqualStrategyNumber, InvalidOid, DEFAULT_COLLATION_OID,
						   F_TEXTEQ, CStringGetTextDatum(test_clock));
	s = open_scan(TABLE_CONTRACT, AccessShareLock,
				  get_relname_relid("contract_test_due", refund_schema_oid()), SnapshotSelf, &key, 1);
	result = scan_next(s);
	scan_end(s);
	return result;
}

/* What SELECT … FOR NO KEY UPDATE does with a row that it found: nodeLockRows.c. */
static bool
lock_row(TableScan *s)
{
	TM_FailureData failure;
	uint8		flags = TUPLE_LOCK_FLAG_LOCK_UPDATE_IN_PROGRESS;

	if (!IsolationUsesXactSnapshot())
		flags |= TUPLE_LOCK_FLAG_FIND_LAST_VERSION;
	switch (table_tuple_lock(s->rel, &s->slot->tts_tid, GetActiveSnapshot(), s->slot,
							 GetCurrentCommandId(false), LockTupleNoKeyExclusive,
							 LockWaitBlock, flags, &failure))
	{
		case TM_Ok:
			return true;
		case TM_Updated:
		case TM_BeingModified:
		case TM_WouldBlock:
			break;
		case TM_Deleted:
			if (!IsolationUsesXactSnapshot())
				return false;
			break;
		case TM_SelfModified:
		case TM_Invisible:
			/* a trigger that changed the row beneath this very call */
			ereport(ERROR,
					(errcode(ERRCODE_TRIGGERED_DATA_CHANGE_VIOLATION),
					 errmsg("a row of the contract was changed by the command that locks it")));
	}
	ereport(ERROR,
			(errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
			 errmsg("could not serialize access due to concurrent update")));
}

static TableScan *
lock_by_key(Table table, ScanKey keys, int nkeys, ItemPointer tid)
{
	TableScan  *s = open_scan(table, RowShareLock, InvalidOid, NULL, keys, nkeys);

	if (!index_getnext_slot(s->scan, ForwardScanDirection, s->slot) || !lock_row(s))
	{
		scan_end(s);
		return NULL;
	}
	*tid = s->slot->tts_tid;
	slot_getallattrs(s->slot);
	return s;
}

TableScan *
scan_lock(Table table, int64 contract_id, ItemPointer tid)
{
	ScanKeyData key;

	ScanKeyInit(&key, 1, BTEqualStrategyNumber, F_INT8EQ, Int64GetDatum(contract_id));
	return lock_by_key(table, &key, 1, tid);
}

TableScan *
scan_lock_item(Table table, int64 contract_id, int32 number, ItemPointer tid)
{
	ScanKeyData keys[2];

	ScanKeyInit(&keys[0], 1, BTEqualStrategyNumber, F_INT8EQ, Int64GetDatum(contract_id));
	ScanKeyInit(&keys[1], 2, BTEqualStrategyNumber, F_INT4EQ, Int32GetDatum(number));
	return lock_by_key(table, keys, lengthof(keys), tid);
}
