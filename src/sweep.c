/*
 * sweep.c
 *		expire_due() and run_due(): deadlines that pass with nobody calling.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/xact.h"
#include "catalog/pg_type.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "nodes/parsenodes.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/resowner.h"
#include "utils/timestamp.h"

#include "activation.h"
#include "compat.h"
#include "engine.h"
#include "required.h"
#include "spi.h"
#include "store.h"
#include "sweep.h"

PG_FUNCTION_INFO_V1(refund_expire_due);
PG_FUNCTION_INFO_V1(refund_run_due);

/* Contracts that are changed together, and those of one transaction of run_due(). */
#define BATCH 1000

/* Contracts that this call of expire_due() passes over: it could not change them, or their pause after that is not over. */
typedef struct Failed
{
	int			count;
	int			room;
	Datum	   *contract_id;
} Failed;

/* locks the rows that it returns FOR NO KEY UPDATE; rows that somebody holds wait for the next run */
static Statement due_live = STATEMENT(
									  "SELECT c.ctid, c.* FROM refund.contract c"
									  " WHERE c.next_due_at OPERATOR(pg_catalog.<=) $1 AND c.next_due_at IS NOT NULL AND c.test_clock IS NULL"
									  " AND c.contract_id OPERATOR(pg_catalog.<>) ALL ($3)"
									  " ORDER BY c.next_due_at LIMIT $2 FOR NO KEY UPDATE SKIP LOCKED", "ziL");

/* locks likewise, but waits: a test clock's time stands still meanwhile */
static Statement due_test = STATEMENT(
									  "SELECT c.ctid, c.* FROM refund.contract c"
									  " WHERE c.next_due_at OPERATOR(pg_catalog.<=) (SELECT k.now FROM refund.test_clock k"
									  " WHERE k.name OPERATOR(pg_catalog.=) $1)"
									  " AND c.test_clock OPERATOR(pg_catalog.=) $1"
									  " ORDER BY c.next_due_at, c.contract_id LIMIT $2 FOR NO KEY UPDATE", "ti");

static void
expire_one(Writer *w, HeapTuple tuple, TupleDesc desc)
{
	StoredContract s;
	Terms		terms;
	Step		step;
	bool		isnull;

	s.tid = *(ItemPointer) DatumGetPointer(heap_getattr(tuple, 1, desc, &isnull));
	store_contract_of(tuple, desc, 1, &s.c);
	terms = engine_terms(&s.c);
	store_prepare_step(&s.c, &step);
	engine_tick(w, &terms, &s, engine_now(&s.c), &step);
}

static void
expire_range(const SqlRows *due, uint64 from, uint64 to)
{
	Writer	   *w = write_begin("refund.expire_due()");
	MemoryContext one = AllocSetContextCreate(CurrentMemoryContext, "refund: expiry of one contract",
											  ALLOCSET_DEFAULT_SIZES);
	MemoryContext caller = MemoryContextSwitchTo(one);

	for (uint64 i = from; i < to; i++)
	{
		CHECK_FOR_INTERRUPTS();
		expire_one(w, due->rows[i], due->desc);
		MemoryContextReset(one);
	}
	MemoryContextSwitchTo(caller);
	write_end(w);
	MemoryContextDelete(one);
}

/* What is no contract's fault ends the run. */
static bool
is_everybodys(int sqlerrcode)
{
	int			class = ERRCODE_TO_CATEGORY(sqlerrcode);

	return sqlerrcode == ERRCODE_LOCK_NOT_AVAILABLE ||
		class == ERRCODE_TO_CATEGORY(ERRCODE_T_R_SERIALIZATION_FAILURE) ||
		class == ERRCODE_TO_CATEGORY(ERRCODE_INSUFFICIENT_RESOURCES) ||
		class == ERRCODE_TO_CATEGORY(ERRCODE_OPERATOR_INTERVENTION) ||
		class == ERRCODE_TO_CATEGORY(ERRCODE_SYSTEM_ERROR);
}

/* It waits for a minute, two, four, and so on up to an hour, so that it costs the others little. */
static void
record_poison(Datum contract_id, const ErrorData *error)
{
	static Statement record = STATEMENT(
										"INSERT INTO refund.poison_case AS p (contract_id, sqlstate, message, failures, first_at, last_at, retry_at)"
										" VALUES ($1, $2, $3, 1, $4, $4, $4 OPERATOR(pg_catalog.+) interval '1 minute')"
										" ON CONFLICT (contract_id) DO UPDATE SET sqlstate = excluded.sqlstate, message = excluded.message,"
										" failures = p.failures OPERATOR(pg_catalog.+) 1, last_at = excluded.last_at,"
										" retry_at = excluded.last_at OPERATOR(pg_catalog.+) pg_catalog.make_interval(mins =>"
										" LEAST(60, pg_catalog.power(2, LEAST(p.failures, 6))::pg_catalog.int4))", "lttz");
	Datum		values[4];

	values[0] = contract_id;
	values[1] = CStringGetTextDatum(unpack_sql_state(error->sqlerrcode));
	values[2] = CStringGetTextDatum(error->message);
	values[3] = TimestampTzGetDatum(GetCurrentTimestamp());
	sql_run(&record, values, NULL, 0);
}

static void
note_failure(const SqlRows *due, uint64 i, const ErrorData *error, Failed *failed)
{
	bool		isnull;
	Datum		contract_id = heap_getattr(due->rows[i], 2, due->desc, &isnull);

	if (failed->count == failed->room)
	{
		failed->room = Max(16, failed->room * 2);
		failed->contract_id = failed->contract_id == NULL
			? palloc(failed->room * sizeof(Datum))
			: repalloc(failed->contract_id, failed->room * sizeof(Datum));
	}
	failed->contract_id[failed->count++] = contract_id;
	record_poison(contract_id, error);
	ereport(WARNING,
			(errcode(error->sqlerrcode),
			 errmsg("the expiry of contract %lld could not be recorded: %s",
					(long long) DatumGetInt64(contract_id), error->message),
			 errhint("It is tried again after a pause; refund.verify() may tell what is wrong.")));
}

/*
 * Rows from..to in one subtransaction; when it fails, by halves, until the
 * contract that fails stands alone (architecture.md rule 4).
 */
static void
expire_protected(const SqlRows *due, uint64 from, uint64 to, Failed *failed)
{
	MemoryContext context = CurrentMemoryContext;
	ResourceOwner owner = CurrentResourceOwner;
	ErrorData  *volatile error = NULL;

	BeginInternalSubTransaction(NULL);
	MemoryContextSwitchTo(context);
	PG_TRY();
	{
		expire_range(due, from, to);
		ReleaseCurrentSubTransaction();
	}
	PG_CATCH();
	{
		MemoryContextSwitchTo(context);
		error = CopyErrorData();
		FlushErrorState();
		RollbackAndReleaseCurrentSubTransaction();
	}
	PG_END_TRY();
	MemoryContextSwitchTo(context);
	CurrentResourceOwner = owner;

	if (error == NULL)
		return;
	if (is_everybodys(error->sqlerrcode))
		ReThrowError(error);
	if (to - from == 1)
		note_failure(due, from, error, failed);
	else
	{
		uint64		middle = from + (to - from) / 2;

		expire_protected(due, from, middle, failed);
		expire_protected(due, middle, to, failed);
	}
	FreeErrorData(error);
}

/* One batch of live contracts; returns how many were due, and adds to "failed". */
static int
sweep_live(int limit, Failed *failed)
{
	MemoryContext caller = CurrentMemoryContext;
	Datum		values[3];
	SqlRows		due;

	sql_enter();
	values[0] = TimestampTzGetDatum(GetCurrentTimestamp());
	values[1] = Int32GetDatum(Min(limit, BATCH));
	values[2] = PointerGetDatum(construct_array(failed->contract_id, failed->count, INT8OID,
												sizeof(int64), true, TYPALIGN_DOUBLE));
	due = sql_run(&due_live, values, NULL, 0);
	if (due.count > 0)
	{
		Failed		now = {0};

		expire_protected(&due, 0, due.count, &now);
		MemoryContextSwitchTo(caller);
		failed->contract_id = repalloc(failed->contract_id, (failed->count + now.count + 1) * sizeof(Datum));
		for (int i = 0; i < now.count; i++)
			failed->contract_id[failed->count++] = now.contract_id[i];
	}
	sql_leave();
	return due.count;
}

/* A poison case is forgotten as soon as nothing of it is due, however that came about. */
static void
forget_poison(void)
{
	static Statement forget = STATEMENT(
										"DELETE FROM refund.poison_case p WHERE NOT EXISTS (SELECT 1 FROM refund.contract c"
										" WHERE c.contract_id OPERATOR(pg_catalog.=) p.contract_id"
										" AND c.next_due_at OPERATOR(pg_catalog.<=) pg_catalog.clock_timestamp())", "");

	sql_enter();
	sql_run(&forget, NULL, NULL, 0);
	sql_leave();
}

/* Poison cases whose pause is not over. */
static Failed
pausing_cases(void)
{
	static Statement pausing = STATEMENT(
										 "SELECT p.contract_id FROM refund.poison_case p"
										 " WHERE p.retry_at OPERATOR(pg_catalog.>) pg_catalog.clock_timestamp()", "");
	MemoryContext caller = CurrentMemoryContext;
	Failed		result = {0};
	SqlRows		found;
	bool		isnull;

	sql_enter();
	found = sql_run(&pausing, NULL, NULL, 0);
	result.contract_id = MemoryContextAlloc(caller, (found.count + 1) * sizeof(Datum));
	for (uint64 i = 0; i < found.count; i++)
		result.contract_id[result.count++] = heap_getattr(found.rows[i], 1, found.desc, &isnull);
	sql_leave();
	return result;
}

int
sweep_test_clock(const char *test_clock)
{
	Datum		values[] = {CStringGetTextDatum(test_clock), Int32GetDatum(BATCH)};
	SqlRows		due;

	sql_enter();
	due = sql_run(&due_test, values, NULL, 0);
	if (due.count > 0)
		expire_range(&due, 0, due.count);
	sql_leave();
	return due.count;
}

/* With the audit at the end of each batch, a case that fails it is found in its batch too. */
static void
set_audit(Statement *mode)
{
	sql_enter();
	sql_run(mode, NULL, NULL, 0);
	sql_leave();
}

Datum
refund_expire_due(PG_FUNCTION_ARGS)
{
	static Statement immediate = STATEMENT("SET CONSTRAINTS refund.audit_contract IMMEDIATE", "");
	static Statement deferred = STATEMENT("SET CONSTRAINTS refund.audit_contract DEFERRED", "");
	Failed		failed;
	int			limit;
	int			done = 0;
	int			before;
	int			count;

	PreventCommandIfReadOnly("refund.expire_due()");
	require_argument(fcinfo, 0, "max_cases");
	limit = PG_GETARG_INT32(0);
	if (limit < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("argument \"max_cases\" must not be negative"),
				 errhint("Give the most contracts that the call may change.")));
	require_activation("applying what is due");
	failed = pausing_cases();
	set_audit(&immediate);
	do
	{
		before = failed.count;
		count = sweep_live(limit - done, &failed);
		done += count - (failed.count - before);
	} while (count > 0 && done < limit);
	set_audit(&deferred);
	forget_poison();
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

	require_argument(fcinfo, 0, "max_cases");
	require_argument(fcinfo, 1, "max_seconds");
	max_cases = PG_GETARG_INT32(0);
	max_seconds = DatumGetFloat8(DirectFunctionCall1(numeric_float8_no_overflow, PG_GETARG_DATUM(1)));
	if (max_cases < 0 || !(max_seconds >= 0))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("arguments \"max_cases\" and \"max_seconds\" must not be negative"),
				 errhint("Give the most contracts and seconds that the run may take.")));

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
