/*
 * table_write.c
 *		Rows into our own tables, without a plan for each statement.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "commands/trigger.h"
#include "executor/executor.h"
#include "miscadmin.h"
#include "storage/lmgr.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

#include "columns.h"
#include "compat.h"
#include "prepared.h"
#include "table_read.h"
#include "table_write.h"

/* Rows of one table that wait to be inserted together. */
#define MOST_WAITING 256

typedef struct Target
{
	ResultRelInfo *info;
	TupleTableSlot *slot;
	TupleTableSlot *old;		/* carries the tid of the row to replace */
	const Prepared *prepared;
	TupleTableSlot **waiting;
	int			room;			/* slots that it could take */
	int			nslots;			/* made */
	int			nwaiting;		/* filled */
	TupleDesc	shared;			/* of all but the first of them */
} Target;

struct Writer
{
	EState	   *estate;
	EPQState	epq;
	Target		target[TABLES];
};

static void insert_waiting(Writer *w, Target *t);

static void
begin_statement(Writer *w)
{
	AfterTriggerBeginQuery();
	w->estate->es_output_cid = GetCurrentCommandId(true);
}

static void
end_statement(Writer *w)
{
	KeptScans	kept;

	for (int i = 0; i < TABLES; i++)
		insert_waiting(w, &w->target[i]);
	/* what the triggers read must see the rows of this statement */
	CommandCounterIncrement();
	UpdateActiveSnapshotCommandId();
	scans_keep(&kept, w->estate->es_query_cxt);
	PG_TRY();
	{
		AfterTriggerEndQuery(w->estate);
	}
	PG_CATCH();
	{
		scans_forget(&kept);
		PG_RE_THROW();
	}
	PG_END_TRY();
	scans_close(&kept);
}

Writer *
write_begin(const char *what)
{
	Writer	   *w;

	PreventCommandIfReadOnly(what);
	PreventCommandIfParallelMode(what);
	w = palloc0(sizeof(Writer));
	w->estate = CreateExecutorState();
	EvalPlanQualInit(&w->epq, w->estate, NULL, NIL, -1 COMPAT_EPQ_RESULT_RELATIONS);
	PushActiveSnapshot(GetTransactionSnapshot());
	UpdateActiveSnapshotCommandId();
	w->estate->es_snapshot = GetActiveSnapshot();
	begin_statement(w);
	return w;
}

static void
check_columns(Relation rel, Table table)
{
	static const int columns[TABLES] = {
		CONTRACT_COLUMNS, EVENT_COLUMNS, TRANSFER_COLUMNS, MILESTONE_COLUMNS, DEPOSIT_COLUMNS,
		PAYMENT_COLUMNS, STATEMENT_COLUMNS, EVIDENCE_COLUMNS, BODY_COLUMNS, FEE_COLUMNS,
		NOTIFICATION_COLUMNS, REVERSAL_COLUMNS
	};

	if (RelationGetNumberOfAttributes(rel) != columns[table])
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("table refund.%s is not of this library's version",
						RelationGetRelationName(rel)),
				 errhint("Run ALTER EXTENSION refund UPDATE.")));
}

/* A trigger that drops a row of ours would leave half an event behind. */
static void
check_done(Target *t, bool done)
{
	if (!done)
		ereport(ERROR,
				(errcode(ERRCODE_TRIGGERED_DATA_CHANGE_VIOLATION),
				 errmsg("a trigger refused a row of refund.%s",
						RelationGetRelationName(t->info->ri_RelationDesc)),
				 errhint("Row triggers on the tables of schema refund must not return null.")));
}

static Target *
open_target(Writer *w, Table table)
{
	Target	   *t = &w->target[table];
	Relation	rel;
	MemoryContext caller;

	if (t->info != NULL)
		return t;
	caller = MemoryContextSwitchTo(w->estate->es_query_cxt);
	rel = table_open(table_oid(table), RowExclusiveLock);
	check_columns(rel, table);
	t->info = makeNode(ResultRelInfo);
	/* range table index 0: as for relations that only fire triggers */
	InitResultRelInfo(t->info, rel, 0, NULL, 0);
	t->prepared = prepared_table(table, rel);
	prepared_checks(t->prepared, t->info);
	t->slot = ExecInitExtraTupleSlot(w->estate, RelationGetDescr(rel), &TTSOpsVirtual);
	t->old = ExecInitExtraTupleSlot(w->estate, RelationGetDescr(rel), &TTSOpsVirtual);
	w->estate->es_opened_result_relations =
		lappend(w->estate->es_opened_result_relations, t->info);
	MemoryContextSwitchTo(caller);
	return t;
}

static void
fill(TupleTableSlot *slot, Datum *values, bool *nulls)
{
	int			natts = slot->tts_tupleDescriptor->natts;

	ExecClearTuple(slot);
	ItemPointerSetInvalid(&slot->tts_tid);
	memcpy(slot->tts_values, values, natts * sizeof(Datum));
	memcpy(slot->tts_isnull, nulls, natts * sizeof(bool));
	ExecStoreVirtualTuple(slot);
}

/* A user's BEFORE ROW trigger may look at the table: then one row at a time. */
static bool
must_go_alone(ResultRelInfo *info)
{
	return info->ri_TrigDesc != NULL && info->ri_TrigDesc->trig_insert_before_row;
}

static void
insert_waiting(Writer *w, Target *t)
{
	if (t->nwaiting == 0)
		return;
	for (int i = 0; i < t->nwaiting; i++)
		prepared_indices_open(t->prepared, t->info, t->waiting[i], w->estate);
	if (t->nwaiting == 1)
		table_tuple_insert(t->info->ri_RelationDesc, t->waiting[0], w->estate->es_output_cid, 0, NULL);
	else
		table_multi_insert(t->info->ri_RelationDesc, t->waiting, t->nwaiting,
						   w->estate->es_output_cid, 0, NULL);
	for (int i = 0; i < t->nwaiting; i++)
	{
		TupleTableSlot *slot = t->waiting[i];
		List	   *recheck = COMPAT_INSERT_INDEX_TUPLES(t->info, slot, w->estate);

		ExecARInsertTriggers(w->estate, t->info, slot, recheck, NULL);
		list_free(recheck);
		ExecClearTuple(slot);
		ResetPerTupleExprContext(w->estate);
	}
	t->nwaiting = 0;
}

/* The next slot to fill. */
static TupleTableSlot *
next_slot(Writer *w, Target *t)
{
	TupleDesc	desc = RelationGetDescr(t->info->ri_RelationDesc);

	if (t->nwaiting < t->nslots)
		return t->waiting[t->nwaiting++];
	if (t->room == 0)
		t->waiting = palloc((t->room = 4) * sizeof(TupleTableSlot *));
	else if (t->nslots == t->room)
		t->waiting = repalloc(t->waiting, (t->room *= 4) * sizeof(TupleTableSlot *));
	/* resource owners count the users of a relation's own descriptor one by one */
	if (t->nslots > 0)
	{
		if (t->shared == NULL)
			t->shared = CreateTupleDescCopy(desc);
		desc = t->shared;
	}
	t->nslots++;
	return t->waiting[t->nwaiting++] = ExecInitExtraTupleSlot(w->estate, desc, &TTSOpsHeapTuple);
}

void
write_insert(Writer *w, Table table, Datum *values, bool *nulls)
{
	Target	   *t = open_target(w, table);
	TupleTableSlot *slot;
	MemoryContext caller;

	if (must_go_alone(t->info))
	{
		/* the trigger may change the row */
		prepared_indices_open(t->prepared, t->info, NULL, w->estate);
		fill(t->slot, values, nulls);
		ExecSimpleRelationInsert(t->info, w->estate, t->slot);
		check_done(t, ItemPointerIsValid(&t->slot->tts_tid));
		ResetPerTupleExprContext(w->estate);
		return;
	}
	if (t->nwaiting == MOST_WAITING)
		insert_waiting(w, t);
	/* what waits outlives the memory that its values are made in */
	caller = MemoryContextSwitchTo(w->estate->es_query_cxt);
	slot = next_slot(w, t);
	ExecForceStoreHeapTuple(heap_form_tuple(slot->tts_tupleDescriptor, values, nulls), slot, true);
	MemoryContextSwitchTo(caller);
	slot->tts_tableOid = RelationGetRelid(t->info->ri_RelationDesc);
	ExecConstraints(t->info, slot, w->estate);
	ResetPerTupleExprContext(w->estate);
}

/* The protocol of ExecInsert() for ON CONFLICT DO NOTHING. */
bool
write_insert_new(Writer *w, Table table, Datum *values, bool *nulls)
{
	Target	   *t = open_target(w, table);
	Relation	rel = t->info->ri_RelationDesc;
	List	   *arbiter = list_make1_oid(COMPAT_PRIMARY_KEY_INDEX(rel));
	TransactionId xid = GetCurrentTransactionId();
	ItemPointerData taken;
	bool		conflict;

	fill(t->slot, values, nulls);
	t->slot->tts_tableOid = RelationGetRelid(rel);
	if (must_go_alone(t->info) && !ExecBRInsertTriggers(w->estate, t->info, t->slot))
		check_done(t, ItemPointerIsValid(&t->slot->tts_tid));
	ExecConstraints(t->info, t->slot, w->estate);
	prepared_indices_open(t->prepared, t->info, t->slot, w->estate);
	prepared_arbiter(t->info, linitial_oid(arbiter));
	do
	{
		uint32		token;
		List	   *recheck;

		if (!COMPAT_CHECK_INDEX_CONSTRAINTS(t->info, t->slot, w->estate, &taken, arbiter))
			return false;
		token = SpeculativeInsertionLockAcquire(xid);
		table_tuple_insert_speculative(rel, t->slot, w->estate->es_output_cid, 0, NULL, token);
		conflict = false;		/* it is only ever set to true */
		recheck = COMPAT_INSERT_INDEX_TUPLES_SPECULATIVE(t->info, t->slot, w->estate, &conflict, arbiter);
		table_tuple_complete_speculative(rel, t->slot, token, !conflict);
		SpeculativeInsertionLockRelease(xid);
		if (!conflict)
			ExecARInsertTriggers(w->estate, t->info, t->slot, recheck, NULL);
	} while (conflict);
	ResetPerTupleExprContext(w->estate);
	return true;
}

/* ExecSimpleRelationUpdate() for a table without BEFORE ROW triggers. */
static void
update_row(Writer *w, Target *t, ItemPointer tid)
{
	Relation	rel = t->info->ri_RelationDesc;
	COMPAT_UPDATE_INDEXES indexes;
	List	   *recheck = NIL;

	CheckCmdReplicaIdentity(rel, CMD_UPDATE);
	ExecConstraints(t->info, t->slot, w->estate);
	simple_table_tuple_update(rel, tid, t->slot, w->estate->es_snapshot, &indexes);
	if (indexes)
	{
		prepared_indices_open(t->prepared, t->info, t->slot, w->estate);
		recheck = COMPAT_UPDATE_INDEX_TUPLES(t->info, t->slot, w->estate, indexes);
	}
	ExecARUpdateTriggers(w->estate, t->info, NULL, NULL, tid, NULL, t->slot, recheck, NULL, false);
	list_free(recheck);
}

void
write_update(Writer *w, Table table, ItemPointer tid, Datum *values, bool *nulls)
{
	Target	   *t = open_target(w, table);
	TriggerDesc *triggers = t->info->ri_TrigDesc;

	fill(t->slot, values, nulls);
	if (triggers != NULL && triggers->trig_update_before_row)
	{
		prepared_indices_open(t->prepared, t->info, NULL, w->estate);
		t->old->tts_tid = *tid;
		ExecSimpleRelationUpdate(t->info, w->estate, &w->epq, t->old, t->slot);
		check_done(t, ItemPointerIsValid(&t->slot->tts_tid));
	}
	else
		update_row(w, t, tid);
	*tid = t->slot->tts_tid;
	ResetPerTupleExprContext(w->estate);
}

void
write_delete(Writer *w, Table table, ItemPointer tid)
{
	Target	   *t = open_target(w, table);

	t->old->tts_tid = *tid;
	ExecSimpleRelationDelete(t->info, w->estate, &w->epq, t->old);
	check_done(t, !table_tuple_fetch_row_version(t->info->ri_RelationDesc, tid, SnapshotSelf,
												 ExecGetTriggerOldSlot(w->estate, t->info)));
	ResetPerTupleExprContext(w->estate);
}

void
write_next(Writer *w)
{
	end_statement(w);
	begin_statement(w);
}

void
write_end(Writer *w)
{
	end_statement(w);
	PopActiveSnapshot();
	for (int i = 0; i < TABLES; i++)
	{
		if (w->target[i].info == NULL)
			continue;
		prepared_indices_close(w->target[i].info);
		table_close(w->target[i].info->ri_RelationDesc, NoLock);
	}
	EvalPlanQualEnd(&w->epq);
	ExecResetTupleTable(w->estate->es_tupleTable, false);
	FreeExecutorState(w->estate);
	pfree(w);
}

Datum
bytes_datum(const uint8 *bytes, int length)
{
	bytea	   *result = palloc(VARHDRSZ + length);

	SET_VARSIZE(result, VARHDRSZ + length);
	memcpy(VARDATA(result), bytes, length);
	return PointerGetDatum(result);
}
