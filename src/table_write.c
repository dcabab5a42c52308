/*
 * table_write.c
 *		Rows into our own tables, without a plan for each statement.
 */
#include "postgres.h"

#include "access/table.h"
#include "access/xact.h"
#include "commands/trigger.h"
#include "executor/executor.h"
#include "miscadmin.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

#include "compat.h"
#include "table_write.h"

typedef struct Target
{
	ResultRelInfo *info;
	TupleTableSlot *slot;
	TupleTableSlot *old;		/* carries the tid of the row to replace */
} Target;

struct Writer
{
	EState	   *estate;
	EPQState	epq;
	Target		target[TABLES];
};

static void
begin_statement(Writer *w)
{
	AfterTriggerBeginQuery();
	w->estate->es_output_cid = GetCurrentCommandId(true);
}

static void
end_statement(Writer *w)
{
	/* what the triggers read must see the rows of this statement */
	CommandCounterIncrement();
	UpdateActiveSnapshotCommandId();
	AfterTriggerEndQuery(w->estate);
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
	t->info = makeNode(ResultRelInfo);
	/* range table index 0: as for relations that only fire triggers */
	InitResultRelInfo(t->info, rel, 0, NULL, 0);
	ExecOpenIndices(t->info, false);
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
	memcpy(slot->tts_values, values, natts * sizeof(Datum));
	memcpy(slot->tts_isnull, nulls, natts * sizeof(bool));
	ExecStoreVirtualTuple(slot);
}

void
write_insert(Writer *w, Table table, Datum *values, bool *nulls)
{
	Target	   *t = open_target(w, table);

	fill(t->slot, values, nulls);
	ExecSimpleRelationInsert(t->info, w->estate, t->slot);
	ResetPerTupleExprContext(w->estate);
}

void
write_update(Writer *w, Table table, ItemPointer tid, Datum *values, bool *nulls)
{
	Target	   *t = open_target(w, table);

	fill(t->slot, values, nulls);
	t->old->tts_tid = *tid;
	ExecSimpleRelationUpdate(t->info, w->estate, &w->epq, t->old, t->slot);
	*tid = t->slot->tts_tid;
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
		ExecCloseIndices(w->target[i].info);
		table_close(w->target[i].info->ri_RelationDesc, NoLock);
	}
	EvalPlanQualEnd(&w->epq);
	ExecResetTupleTable(w->estate->es_tupleTable, false);
	FreeExecutorState(w->estate);
	pfree(w);
}
