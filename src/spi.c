/*
 * spi.c
 *		The only file that includes executor/spi.h.
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"

#include "compat.h"
#include "spi.h"
#include "version.h"

Oid
refund_schema_oid(void)
{
	return get_namespace_oid("refund", false);
}

Oid
refund_type_oid(const char *name)
{
	Oid			result = GetSysCacheOid2(TYPENAMENSP, Anum_pg_type_oid,
										 CStringGetDatum(name),
										 ObjectIdGetDatum(refund_schema_oid()));

	if (!OidIsValid(result))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT),
				 errmsg("type refund.%s does not exist", name)));
	return result;
}

static Oid
parameter_type(char letter)
{
	Oid			element;

	switch (letter | 0x20)
	{
		case 'b':
			element = BOOLOID;
			break;
		case 'i':
			element = INT4OID;
			break;
		case 'l':
			element = INT8OID;
			break;
		case 't':
			element = TEXTOID;
			break;
		case 'x':
			element = BYTEAOID;
			break;
		case 'z':
			element = TIMESTAMPTZOID;
			break;
		case 'd':
			element = DATEOID;
			break;
		case 'j':
			element = JSONBOID;
			break;
		case 'n':
			element = NAMEOID;
			break;
		case 'a':
			element = refund_type_oid("amount");
			break;
		case 'c':
			element = refund_type_oid("currency");
			break;
		case 'w':
			element = refund_type_oid("time_limit");
			break;
		default:
			elog(ERROR, "unknown parameter letter \"%c\"", letter);
	}
	return letter >= 'a' ? element : get_array_type(element);
}

void
sql_enter(void)
{
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
}

void
sql_leave(void)
{
	if (SPI_finish() != SPI_OK_FINISH)
		elog(ERROR, "SPI_finish failed");
}

void
sql_enter_procedure(bool atomic)
{
	if (SPI_connect_ext(atomic ? 0 : SPI_OPT_NONATOMIC) != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
}

void
sql_commit(void)
{
	SPI_commit();
}

/*
 * The schema's oid tells whether the extension is still the one for which the
 * plan was made: the parameter types of a plan are oids, and they do not
 * survive DROP EXTENSION followed by CREATE EXTENSION.
 */
static void
prepare(Statement *s, Oid epoch)
{
	int			nargs = strlen(s->signature);
	Oid			types[100];
	SPIPlanPtr	plan;

	Assert(nargs <= (int) lengthof(types));
	require_version();
	for (int i = 0; i < nargs; i++)
		types[i] = parameter_type(s->signature[i]);
	/* one plan for all values: every statement finds its rows by an index */
	plan = SPI_prepare_cursor(s->text, nargs, types, CURSOR_OPT_GENERIC_PLAN);
	if (plan == NULL)
		elog(ERROR, "SPI_prepare_cursor failed: %s", SPI_result_code_string(SPI_result));
	if (SPI_keepplan(plan) != 0)
		elog(ERROR, "SPI_keepplan failed");
	if (s->plan != NULL)
		SPI_freeplan(s->plan);
	s->plan = plan;
	s->epoch = epoch;
}

static SqlRows
execute(Statement *s, Datum *values, const char *nulls, bool read_only, long limit)
{
	Oid			epoch = refund_schema_oid();
	SqlRows		result = {0};
	int			rc;

	if (s->plan == NULL || s->epoch != epoch)
		prepare(s, epoch);
	rc = SPI_execute_plan(s->plan, values, nulls, read_only, limit);
	if (rc < 0)
		elog(ERROR, "SPI_execute_plan failed: %s", SPI_result_code_string(rc));
	result.count = SPI_processed;
	if (SPI_tuptable != NULL)
	{
		result.rows = SPI_tuptable->vals;
		result.desc = SPI_tuptable->tupdesc;
	}
	return result;
}

SqlRows
sql_run(Statement *s, Datum *values, const char *nulls, long limit)
{
	return execute(s, values, nulls, false, limit);
}

SqlRows
sql_read(Statement *s, Datum *values, const char *nulls, long limit)
{
	return execute(s, values, nulls, true, limit);
}
