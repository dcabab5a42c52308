/*
 * sweep.c
 *		expire_due() and run_due(): deadlines that pass with nobody calling.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "nodes/parsenodes.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "compat.h"
#include "engine.h"
#include "spi.h"
#include "store.h"
#include "sweep.h"

PG_FUNCTION_INFO_V1(refund_expire_due);
PG_FUNCTION_INFO_V1(refund_run_due);

/* Contracts that are changed together, and those of one transaction of run_due(). */
#define BATCH 1000

/* locks the rows that it returns FOR NO KEY UPDATE; rows that somebody holds wait for the next run */
static Statement due_live = STATEMENT(
									  "SELECT c.ctid, c.* FROM refund.contract c"
									  " WHERE c.next_due_at OPERATOR(pg_catalog.<=) $1 AND c.next_due_at IS NOT NULL AND c.test_clock IS NULL"
									  " ORDER BY c.next_due_at LIMIT $2 FOR NO KEY UPDATE SKIP LOCKED", "zi");

/* locks likewise, but waits: a test clock's time stands still meanwhile */
static Statement due_test = STATEMENT(
									  "SELECT c.ctid, c.* FROM refund.contract c"
									  " WHERE c.next_due_at OPERATOR(pg_catalog.<=) (SELECT k.now FROM refund.test_clock k"
									  " WHERE k.name OPERATOR(pg_catalog.=) $1)"
									  " AND c.test_clock OPERATOR(pg_catalog.=) $1"
									  " ORDER BY c.next_due_at, c.contract_id LIMIT $2 FOR NO KEY UPDATE", "ti");

static SqlRows
lock_due(const char *test_clock, int limit)
{
	Datum		values[2];

	values[0] = test_clock == NULL ? TimestampTzGetDatum(GetCurrentTimestamp())
		: CStringGetTextDatum(test_clock);
	values[1] = Int32GetDatum(limit);
	return sql_run(test_clock == NULL ? &due_live : &due_test, values, NULL, 0);
}

static void
expire_one(Writer *w, HeapTuple tuple, TupleDesc desc)
{
	StoredContract s;
	Windows		windows;
	Step		step;
	bool		isnull;

	s.tid = *(ItemPointer) DatumGetPointer(heap_getattr(tuple, 1, desc, &isnull));
	store_contract_of(tuple, desc, 1, &s.c);
	windows = engine_windows(&s.c);
	store_prepare_step(&s.c, &step);
	decide_expiry(&windows, &s.c, engine_now(&s.c), &step);
	store_step(w, &s, &step, NULL);
}

int
sweep(const char *test_clock, int limit)
{
	SqlRows		due;
	Writer	   *w;

	sql_enter();
	due = lock_due(test_clock, Min(limit, BATCH));
	if (due.count > 0)
	{
		w = write_begin("refund.expire_due()");
		for (uint64 i = 0; i < due.count; i++)
		{
			CHECK_FOR_INTERRUPTS();
			expire_one(w, due.rows[i], due.desc);
		}
		write_end(w);
	}
	sql_leave();
	return due.count;
}

Datum
refund_expire_due(PG_FUNCTION_ARGS)
{
	int			limit;
	int			done = 0;
	int			count;

	PreventCommandIfReadOnly("refund.expire_due()");
	if (PG_ARGISNULL(0))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("argument \"max_cases\" must not be null")));
	limit = PG_GETARG_INT32(0);
	if (limit < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("argument \"max_cases\" must not be negative")));
	while (done < limit && (count = sweep(NULL, limit - done)) > 0)
		done += count;
	PG_RETURN_INT32(done);
}

/* One batch through the definer function, in its own transaction. */
static int
run_batch(int limit)
{
	static Statement expire = STATEMENT("SELECT refund.expire_due($1)", "i");
	Datum		values[] = {Int32GetDatum(limit)};
	SqlRows		result = sql_run(&expire, values, NULL, 0);
	bool		isnull;
	int			count = DatumGetInt32(heap_getattr(result.rows[0], 1, result.desc, &isnull));

	sql_commit();
	return count;
}

static void
record_run(TimestampTz started_at, int64 cases)
{
	static Statement record = STATEMENT("SELECT refund.record_run($1, $2)", "zl");
	Datum		values[] = {TimestampTzGetDatum(started_at), Int64GetDatum(cases)};

	sql_run(&record, values, NULL, 0);
	sql_commit();
}

/*
 * run_due(max_cases, max_seconds): architecture.md rule 12, neither SECURITY
 * DEFINER nor SET, so that it can commit after each batch.
 */
Datum
refund_run_due(PG_FUNCTION_ARGS)
{
	CallContext *call = (CallContext *) fcinfo->context;
	TimestampTz started_at = GetCurrentTimestamp();
	int64		done = 0;
	int			max_cases;
	double		max_seconds;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("argument \"%s\" must not be null",
						PG_ARGISNULL(0) ? "max_cases" : "max_seconds")));
	max_cases = PG_GETARG_INT32(0);
	max_seconds = DatumGetFloat8(DirectFunctionCall1(numeric_float8_no_overflow, PG_GETARG_DATUM(1)));
	if (max_cases < 0 || !(max_seconds >= 0))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("max_cases and max_seconds must not be negative")));

	sql_enter_procedure(call == NULL || !IsA(call, CallContext) || call->atomic);
	while (done < max_cases &&
		   !TimestampDifferenceExceeds(started_at, GetCurrentTimestamp(),
									   (int) Min(max_seconds * 1000, PG_INT32_MAX)))
	{
		int			limit = Min(BATCH, max_cases - done);
		int			count = run_batch(limit);

		done += count;
		if (count < limit)
			break;
	}
	record_run(started_at, done);
	sql_leave();
	PG_RETURN_VOID();
}
