/*
 * drop_guard.c
 *		Event trigger that refuses DROP EXTENSION refund, and DROP OWNED by its
 *		owner, while there are live contracts.
 *
 * At ddl_command_start, by the parse tree: a sql_drop trigger that belongs to
 * the extension goes with it before it could fire (architecture.md rule 16).
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "commands/event_trigger.h"
#include "commands/extension.h"
#include "fmgr.h"
#include "nodes/parsenodes.h"
#include "utils/acl.h"
#include "utils/guc.h"

#include "compat.h"
#include "cron.h"
#include "drop_guard.h"
#include "spi.h"

PG_FUNCTION_INFO_V1(refund_guard_drop);

static bool allow_drop = false;

void
define_allow_drop(void)
{
	DefineCustomBoolVariable("refund.allow_drop",
							 "Lets DROP EXTENSION refund and DROP OWNED drop contracts.",
							 NULL, &allow_drop, false, PGC_SUSET, 0, NULL, NULL, NULL);
}

static Oid
owner_of_extension(void)
{
	static Statement owner = STATEMENT(
									   "SELECT e.extowner FROM pg_catalog.pg_extension e WHERE e.extname OPERATOR(pg_catalog.=) 'refund'", "");
	SqlRows		found;
	Oid			result = InvalidOid;
	bool		isnull;

	sql_enter();
	found = sql_read(&owner, NULL, NULL, 0);
	if (found.count > 0)
		result = DatumGetObjectId(heap_getattr(found.rows[0], 1, found.desc, &isnull));
	sql_leave();
	return result;
}

/* Would this command drop the extension? */
static bool
drops_us(Node *command)
{
	ListCell   *lc;

	if (IsA(command, DropStmt) && ((DropStmt *) command)->removeType == OBJECT_EXTENSION)
	{
		foreach(lc, ((DropStmt *) command)->objects)
			if (strcmp(strVal(lfirst(lc)), "refund") == 0)
				return true;
	}
	else if (IsA(command, DropOwnedStmt))
	{
		Oid			owner = owner_of_extension();

		foreach(lc, ((DropOwnedStmt *) command)->roles)
			if (get_rolespec_oid(lfirst_node(RoleSpec, lc), true) == owner)
				return true;
	}
	return false;
}

/* With the caller's rights: who may not read contracts may not drop them either, and learns nothing. */
static bool
live_contracts(void)
{
	static Statement any = STATEMENT("SELECT 1 FROM refund_archive.all_contract c WHERE c.test_clock IS NULL LIMIT 1", "");
	bool		result;

	sql_enter();
	result = sql_read(&any, NULL, NULL, 1).count > 0;
	sql_leave();
	return result;
}

Datum
refund_guard_drop(PG_FUNCTION_ARGS)
{
	if (!CALLED_AS_EVENT_TRIGGER(fcinfo))
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_EVENT_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("guard_drop() can be called as an event trigger only")));
	if (!allow_drop && drops_us(((EventTriggerData *) fcinfo->context)->parsetree) && live_contracts())
		ereport(ERROR,
				(errcode(ERRCODE_DEPENDENT_OBJECTS_STILL_EXIST),
				 errmsg("extension \"refund\" is not dropped while it has contracts"),
				 errdetail("All contracts with their money and their history would be lost."),
				 cron_is_here()
				 ? errhint("If they may be, call refund.unschedule_jobs() to remove the jobs %s, then SET refund.allow_drop = on.", cron_job_names())
				 : errhint("If they may be, SET refund.allow_drop = on; jobs that call refund.run_due() are to be removed too.")));
	PG_RETURN_NULL();
}
