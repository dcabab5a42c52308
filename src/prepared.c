/*
 * prepared.c
 *		The CHECKs and the indexes of our tables, prepared once a session.
 */
#include "postgres.h"

#include "access/genam.h"
#include "catalog/index.h"
#include "executor/executor.h"
#include "nodes/nodes.h"
#include "optimizer/optimizer.h"
#include "utils/inval.h"
#include "utils/memutils.h"
#include "utils/rel.h"

#include "compat.h"
#include "prepared.h"

struct Prepared
{
	Oid			relid;			/* InvalidOid: no longer true */
	MemoryContext context;
	ExprState **checks;
	int			nindices;
	Oid		   *index;
	IndexInfo **index_info;
};

static Prepared *prepared[TABLES];
static uint64 invalidations = 0;

static bool
concerns(const Prepared *p, Oid relid)
{
	if (!OidIsValid(relid) || p->relid == relid)
		return true;
	for (int i = 0; i < p->nindices; i++)
		if (p->index[i] == relid)
			return true;
	return false;
}

/* May run at any lock acquisition, in an aborted transaction too: no catalog, no palloc. */
static void
forget(Datum arg, Oid relid)
{
	(void) arg;
	invalidations++;
	for (int i = 0; i < TABLES; i++)
		if (prepared[i] != NULL && concerns(prepared[i], relid))
			prepared[i]->relid = InvalidOid;
}

static ExprState **
compile_checks(Relation rel)
{
	TupleConstr *constr = RelationGetDescr(rel)->constr;
	int			count = constr == NULL ? 0 : constr->num_check;
	ExprState **compiled = palloc0((count + 1) * sizeof(ExprState *));

	for (int i = 0; i < count; i++)
		if (COMPAT_CHECK_IS_ENFORCED(constr->check[i]))
			compiled[i] = ExecInitExpr(expression_planner(stringToNode(constr->check[i].ccbin)), NULL);
	return count == 0 ? NULL : compiled;
}

static void
describe_indices(Prepared *p, Relation rel)
{
	List	   *oids = RelationGetIndexList(rel);

	p->nindices = list_length(oids);
	p->index = palloc((p->nindices + 1) * sizeof(Oid));
	p->index_info = palloc((p->nindices + 1) * sizeof(IndexInfo *));
	for (int i = 0; i < p->nindices; i++)
	{
		Relation	index = index_open(list_nth_oid(oids, i), RowExclusiveLock);
		IndexInfo  *info = BuildIndexInfo(index);

		if (info->ii_Predicate != NIL)
			info->ii_PredicateState = ExecInitQual((List *) expression_planner((Expr *) info->ii_Predicate),
												   NULL);
		p->index[i] = RelationGetRelid(index);
		p->index_info[i] = info;
		index_close(index, NoLock);
	}
}

const Prepared *
prepared_table(Table table, Relation rel)
{
	static bool registered = false;
	Prepared   *old = prepared[table];
	Prepared   *p;
	MemoryContext context;
	MemoryContext caller;
	uint64		before;

	if (!registered)
	{
		CacheRegisterRelcacheCallback(forget, (Datum) 0);
		registered = true;
	}
	if (old != NULL && old->relid == RelationGetRelid(rel))
		return old;

	context = AllocSetContextCreate(TopTransactionContext, "refund: prepared table", ALLOCSET_SMALL_SIZES);
	caller = MemoryContextSwitchTo(context);
	before = invalidations;
	p = palloc0(sizeof(Prepared));
	p->context = context;
	p->checks = compile_checks(rel);
	describe_indices(p, rel);
	MemoryContextSwitchTo(caller);

	/* nothing can fail any more: the session keeps it, unless the table changed meanwhile */
	if (before != invalidations)
		return p;
	p->relid = RelationGetRelid(rel);
	MemoryContextSetParent(context, CacheMemoryContext);
	/* a writer further up the stack may still use the old one: it goes with the transaction */
	old = prepared[table];
	if (old != NULL)
		MemoryContextSetParent(old->context, TopTransactionContext);
	prepared[table] = p;
	return p;
}

void
prepared_checks(const Prepared *p, ResultRelInfo *info)
{
	info->COMPAT_CHECK_EXPRS = p->checks;
}

static bool
has_place(const IndexInfo *index, TupleTableSlot *slot, EState *estate)
{
	ExprContext *econtext = GetPerTupleExprContext(estate);

	if (slot == NULL)
		return true;
	econtext->ecxt_scantuple = slot;
	return ExecQual(index->ii_PredicateState, econtext);
}

void
prepared_indices_open(const Prepared *p, ResultRelInfo *info, TupleTableSlot *slot, EState *estate)
{
	MemoryContext caller = MemoryContextSwitchTo(estate->es_query_cxt);

	if (info->ri_IndexRelationDescs == NULL)
	{
		info->ri_NumIndices = p->nindices;
		info->ri_IndexRelationDescs = palloc0((p->nindices + 1) * sizeof(Relation));
		info->ri_IndexRelationInfo = palloc0((p->nindices + 1) * sizeof(IndexInfo *));
	}
	for (int i = 0; i < info->ri_NumIndices; i++)
	{
		IndexInfo  *copy;

		if (info->ri_IndexRelationDescs[i] != NULL || !has_place(p->index_info[i], slot, estate))
			continue;
		info->ri_IndexRelationDescs[i] = index_open(p->index[i], RowExclusiveLock);
		/* a copy, because the executor notes in it what it finds out about this statement */
		copy = palloc(sizeof(IndexInfo));
		*copy = *p->index_info[i];
		copy->ii_Context = CurrentMemoryContext;
		info->ri_IndexRelationInfo[i] = copy;
	}
	MemoryContextSwitchTo(caller);
}

void
prepared_arbiter(ResultRelInfo *info, Oid index)
{
	for (int i = 0; i < info->ri_NumIndices; i++)
		if (info->ri_IndexRelationDescs[i] != NULL &&
			RelationGetRelid(info->ri_IndexRelationDescs[i]) == index)
			BuildSpeculativeIndexInfo(info->ri_IndexRelationDescs[i], info->ri_IndexRelationInfo[i]);
}

void
prepared_indices_close(ResultRelInfo *info)
{
	for (int i = 0; i < info->ri_NumIndices; i++)
	{
		if (info->ri_IndexRelationDescs[i] == NULL)
			continue;
		COMPAT_INDEX_INSERT_CLEANUP(info->ri_IndexRelationDescs[i], info->ri_IndexRelationInfo[i]);
		index_close(info->ri_IndexRelationDescs[i], NoLock);
	}
}
