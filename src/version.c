/*
 * version.c
 *		Whether the library and the extension's SQL belong together.
 *
 * A new library is installed before ALTER EXTENSION UPDATE makes its SQL, and a
 * session that began earlier goes on with the old one: neither may touch rows
 * that it does not know.  A patch release changes no table, type or signature,
 * so the first two numbers decide.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/indexing.h"
#include "catalog/pg_extension.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/rel.h"

#include "compat.h"
#include "version.h"

/* The extension's version in this database; NULL in a database that does not have it. */
static char *
installed_version(void)
{
	Relation	rel = table_open(ExtensionRelationId, AccessShareLock);
	ScanKeyData key;
	SysScanDesc scan;
	HeapTuple	tuple;
	char	   *result = NULL;

	ScanKeyInit(&key, Anum_pg_extension_extname, BTEqualStrategyNumber, F_NAMEEQ, CStringGetDatum("refund"));
	scan = systable_beginscan(rel, ExtensionNameIndexId, true, NULL, 1, &key);
	tuple = systable_getnext(scan);
	if (HeapTupleIsValid(tuple))
	{
		bool		isnull;
		Datum		version = heap_getattr(tuple, Anum_pg_extension_extversion, RelationGetDescr(rel), &isnull);

		result = TextDatumGetCString(version);
	}
	systable_endscan(scan);
	table_close(rel, AccessShareLock);
	return result;
}

/* major * 1000 + minor */
static int
release_of(const char *version)
{
	int			major = 0;
	int			minor = 0;

	(void) sscanf(version, "%d.%d", &major, &minor);
	return major * 1000 + minor;
}

void
require_version(void)
{
	char	   *installed = installed_version();
	int			ahead = installed == NULL ? 0 : release_of(installed) - release_of(REFUND_VERSION);

	if (ahead != 0)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("the library is refund %s, but the extension in this database is refund %s",
						REFUND_VERSION, installed),
				 ahead < 0
				 ? errhint("Run ALTER EXTENSION refund UPDATE.")
				 : errhint("Reconnect; if that does not help, install the library of refund %s.", installed)));
	if (installed != NULL)
		pfree(installed);
}
