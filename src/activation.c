/*
 * activation.c
 *		Which database may move money by itself.
 *
 * A dump carries the mark of where it was made beside the one that CREATE
 * EXTENSION makes where it is restored: as long as any mark is another
 * database's, this one is a copy.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/xlog.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "utils/timestamp.h"

#include "activation.h"
#include "compat.h"
#include "errors.h"
#include "spi.h"

PG_FUNCTION_INFO_V1(refund_activate);

static void
this_database(Datum *values)
{
	values[0] = Int64GetDatum((int64) GetSystemIdentifier());
	values[1] = Int64GetDatum((int64) MyDatabaseId);
}

bool
database_is_active(void)
{
	static Statement find = STATEMENT(
									  "SELECT COALESCE(pg_catalog.bool_and(a.system_identifier OPERATOR(pg_catalog.=) $1"
									  " AND a.database_oid OPERATOR(pg_catalog.=) $2), false) FROM refund.activation a", "ll");
	Datum		values[2];
	SqlRows		found;
	bool		isnull;
	bool		active;

	this_database(values);
	sql_enter();
	found = sql_read(&find, values, NULL, 1);
	active = DatumGetBool(heap_getattr(found.rows[0], 1, found.desc, &isnull));
	sql_leave();
	return active;
}

void
require_activation(const char *what)
{
	if (!database_is_active())
		ereport(ERROR,
				(errcode(ERRCODE_REFUND_NOT_ACTIVE),
				 errmsg("%s is refused: this database is a copy", what),
				 errhint("If it takes the place of the one that it was copied from, and that one has stopped, call refund.activate().")));
}

/* activate(): from now on this database, and no other, is the one */
Datum
refund_activate(PG_FUNCTION_ARGS)
{
	static Statement forget = STATEMENT("DELETE FROM refund.activation", "");
	static Statement mark = STATEMENT(
									  "INSERT INTO refund.activation (system_identifier, database_oid, activated_at)"
									  " VALUES ($1, $2, pg_catalog.clock_timestamp())", "ll");
	Datum		values[2];

	(void) fcinfo;
	PreventCommandIfReadOnly("activate");
	this_database(values);
	sql_enter();
	(void) sql_run(&forget, NULL, NULL, 0);
	(void) sql_run(&mark, values, NULL, 0);
	sql_leave();
	PG_RETURN_VOID();
}
