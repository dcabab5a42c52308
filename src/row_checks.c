/*
 * row_checks.c
 *		The CHECKs of our tables, compiled once a session.
 */
#include "postgres.h"

#include "executor/executor.h"
#include "nodes/nodes.h"
#include "optimizer/optimizer.h"
#include "utils/inval.h"
#include "utils/memutils.h"
#include "utils/rel.h"

#include "compat.h"
#include "row_checks.h"

typedef struct Checks
{
	Oid			relid;			/* InvalidOid: not compiled, or no longer true */
	MemoryContext context;
	ExprState **compiled;
} Checks;

static Checks checks[TABLES];

static void
forget(Datum arg, Oid relid)
{
	(void) arg;
	for (int i = 0; i < TABLES; i++)
		if (!OidIsValid(relid) || checks[i].relid == relid)
			checks[i].relid = InvalidOid;
}

/*
 * A writer further up the stack may still use the old ones: they go with the
 * transaction.
 */
static void
discard(Checks *c)
{
	if (c->context != NULL)
		MemoryContextSetParent(c->context, TopTransactionContext);
	c->context = NULL;
	c->compiled = NULL;
}

static void
compile(Checks *c, Relation rel)
{
	TupleConstr *constr = RelationGetDescr(rel)->constr;
	int			count = constr == NULL ? 0 : constr->num_check;
	MemoryContext caller;
	MemoryContext context = AllocSetContextCreate(TopTransactionContext, "refund: row checks",
												  ALLOCSET_SMALL_SIZES);
	ExprState **compiled;

	caller = MemoryContextSwitchTo(context);
	compiled = palloc0((count + 1) * sizeof(ExprState *));
	for (int i = 0; i < count; i++)
		if (COMPAT_CHECK_IS_ENFORCED(constr->check[i]))
			compiled[i] = ExecInitExpr(expression_planner(stringToNode(constr->check[i].ccbin)), NULL);
	MemoryContextSwitchTo(caller);

	/* nothing can fail any more: the session keeps it */
	discard(c);
	MemoryContextSetParent(context, CacheMemoryContext);
	c->context = context;
	c->compiled = count == 0 ? NULL : compiled;
	c->relid = RelationGetRelid(rel);
}

void
row_checks_use(Table table, ResultRelInfo *info)
{
	static bool registered = false;
	Checks	   *c = &checks[table];

	if (!registered)
	{
		CacheRegisterRelcacheCallback(forget, (Datum) 0);
		registered = true;
	}
	if (c->relid != RelationGetRelid(info->ri_RelationDesc))
		compile(c, info->ri_RelationDesc);
	info->COMPAT_CHECK_EXPRS = c->compiled;
}
