/*
 * test_clock.c
 *		Clocks of their own for tests and demos (process.md section 5).
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/xact.h"
#include "commands/trigger.h"
#include "funcapi.h"
#include "utils/builtins.h"
#include "utils/rel.h"
#include "utils/timestamp.h"

#include "append_only.h"
#include "arguments.h"
#include "compat.h"
#include "contract_tables.h"
#include "errors.h"
#include "spi.h"
#include "sweep.h"
#include "table_read.h"

PG_FUNCTION_INFO_V1(refund_create_test_clock);
PG_FUNCTION_INFO_V1(refund_advance_test_clock);
PG_FUNCTION_INFO_V1(refund_drop_test_clock);
PG_FUNCTION_INFO_V1(refund_guard_test_clock);

static Datum
clock_row(FunctionCallInfo fcinfo, char *name, TimestampTz now)
{
	Datum		values[] = {CStringGetTextDatum(name), TimestampTzGetDatum(now)};
	bool		nulls[] = {false, false};
	TupleDesc	desc;

	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	return HeapTupleGetDatum(heap_form_tuple(desc, values, nulls));
}

static void
check_instant(TimestampTz instant)
{
	if (TIMESTAMP_NOT_FINITE(instant) || !IS_VALID_TIMESTAMP(instant))
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
				 errmsg("a test clock needs a finite time in range"),
				 errhint("Contracts live between 4714 BC and 294276 AD.")));
}

Datum
refund_create_test_clock(PG_FUNCTION_ARGS)
{
	static Statement insert = STATEMENT(
										"INSERT INTO refund.test_clock (name, now) VALUES ($1, $2)"
										" ON CONFLICT (name) DO NOTHING", "tz");
	static const char *const names[] = {"name", "starts_at"};
	Arguments	a;
	char	   *name;
	Datum		values[2];

	arguments_begin(&a, fcinfo, names);
	name = argument_text(&a, IDENTIFIER_LENGTH);
	values[0] = CStringGetTextDatum(name);
	values[1] = argument_value(&a);
	check_instant(DatumGetTimestampTz(values[1]));
	sql_enter();
	if (sql_run(&insert, values, NULL, 0).count == 0)
		ereport(ERROR,
				(errcode(ERRCODE_UNIQUE_VIOLATION),
				 errmsg("there is a test clock \"%s\" already", name),
				 errhint("Use another name, or drop_test_clock() first.")));
	sql_leave();
	return clock_row(fcinfo, name, DatumGetTimestampTz(values[1]));
}

/* Against another move, not against a create_contract(), which locks FOR KEY SHARE. */
static Statement lock_to_move = STATEMENT(
										  "SELECT k.now FROM refund.test_clock k"
										  " WHERE k.name OPERATOR(pg_catalog.=) $1 FOR NO KEY UPDATE", "t");

/* Against both. */
static Statement lock_to_drop = STATEMENT(
										  "SELECT k.now FROM refund.test_clock k"
										  " WHERE k.name OPERATOR(pg_catalog.=) $1 FOR UPDATE", "t");

/* Locks the clock's row; RF014. */
static TimestampTz
lock_clock(Statement *lock, const char *name)
{
	Datum		values[] = {CStringGetTextDatum(name)};
	SqlRows		found = sql_run(lock, values, NULL, 0);
	bool		isnull;

	if (found.count == 0)
		ereport(ERROR,
				(errcode(ERRCODE_REFUND_UNKNOWN),
				 errmsg("there is no test clock \"%s\"", name),
				 errhint("Make it with create_test_clock().")));
	return DatumGetTimestampTz(heap_getattr(found.rows[0], 1, found.desc, &isnull));
}

static void
set_clock(const char *name, TimestampTz now)
{
	static Statement update = STATEMENT(
										"UPDATE refund.test_clock SET now = $2 WHERE name OPERATOR(pg_catalog.=) $1", "tz");
	Datum		values[] = {CStringGetTextDatum(name), TimestampTzGetDatum(now)};

	sql_run(&update, values, NULL, 0);
}

/* The next instant up to "until" at which the clock does something; false when there is none. */
static bool
next_stop(const char *name, TimestampTz until, TimestampTz *at)
{
	static Statement find = STATEMENT(
									  "SELECT c.next_due_at FROM refund.contract c"
									  " WHERE c.test_clock OPERATOR(pg_catalog.=) $1 AND c.next_due_at OPERATOR(pg_catalog.<=) $2"
									  " ORDER BY c.next_due_at LIMIT 1", "tz");
	Datum		values[] = {CStringGetTextDatum(name), TimestampTzGetDatum(until)};
	SqlRows		found = sql_run(&find, values, NULL, 0);
	bool		isnull;

	if (found.count == 0)
		return false;
	*at = DatumGetTimestampTz(heap_getattr(found.rows[0], 1, found.desc, &isnull));
	return true;
}

/* step is added on UTC's wall clock: the session's TimeZone has no say */
static TimestampTz
step_from(TimestampTz from, Datum step)
{
	TimestampTz result = DatumGetTimestamp(DirectFunctionCall2(timestamp_pl_interval,
															   TimestampGetDatum(from), step));

	check_instant(result);
	if (result < from)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("a test clock can not go back"),
				 errhint("Give a step that is not negative, or make another clock.")));
	return result;
}

Datum
refund_advance_test_clock(PG_FUNCTION_ARGS)
{
	static const char *const names[] = {"name", "step", "run_job"};
	Arguments	a;
	char	   *name;
	Datum		step;
	bool		run_job;
	TimestampTz now;
	TimestampTz target;
	TimestampTz stop;

	arguments_begin(&a, fcinfo, names);
	name = argument_text(&a, IDENTIFIER_LENGTH);
	step = argument_value(&a);
	run_job = DatumGetBool(argument_value(&a));
	sql_enter();
	now = lock_clock(&lock_to_move, name);
	target = step_from(now, step);
	while (run_job && next_stop(name, target, &stop))
	{
		now = Max(now, stop);
		set_clock(name, now);
		sweep_test_clock(name);
	}
	set_clock(name, target);
	sql_leave();
	return clock_row(fcinfo, name, target);
}

Datum
refund_drop_test_clock(PG_FUNCTION_ARGS)
{
#define DROP_ROWS(table) STATEMENT( \
	"DELETE FROM refund." table " x USING refund.contract c" \
	" WHERE c.test_clock OPERATOR(pg_catalog.=) $1" \
	" AND x.contract_id OPERATOR(pg_catalog.=) c.contract_id", "t")
	static Statement drop[] = {EACH_TABLE_OF_A_CONTRACT(DROP_ROWS)};
#undef DROP_ROWS
	static Statement drop_clock = STATEMENT(
											"DELETE FROM refund.test_clock k WHERE k.name OPERATOR(pg_catalog.=) $1", "t");
	static Statement lock_contracts = STATEMENT(
												"SELECT 1 FROM refund.contract c WHERE c.test_clock OPERATOR(pg_catalog.=) $1"
												" ORDER BY c.contract_id FOR UPDATE", "t");
	static const char *const names[] = {"name"};
	Arguments	a;
	char	   *name;
	Datum		values[1];
	int64		count = 0;

	arguments_begin(&a, fcinfo, names);
	name = argument_text(&a, IDENTIFIER_LENGTH);
	sql_enter();
	lock_clock(&lock_to_drop, name);
	values[0] = CStringGetTextDatum(name);
	sql_run(&lock_contracts, values, NULL, 0);
	for (int i = 0; i < (int) lengthof(drop); i++)
		count = sql_run(&drop[i], values, NULL, 0).count;
	sql_run(&drop_clock, values, NULL, 0);
	sql_leave();
	PG_RETURN_INT64(count);
}

/*
 * A clock can't go while contracts live under it, whoever removes it.  The scan
 * sees what is committed, also where the transaction's snapshot is older.
 */
Datum
refund_guard_test_clock(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = trigger_of(fcinfo);
	bool		isnull;
	char	   *name;

	if (TRIGGER_FIRED_BY_TRUNCATE(trigger->tg_event))
		refuse_change(trigger, "Clocks go one by one, with drop_test_clock().");
	name = TextDatumGetCString(heap_getattr(trigger->tg_trigtuple, 1,
											RelationGetDescr(trigger->tg_relation), &isnull));
	if (scan_finds_clock(name))
	{
		if (IsolationUsesXactSnapshot())
			ereport(ERROR,
					(errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
					 errmsg("could not serialize access due to concurrent update")));
		refuse_change(trigger, "Contracts live under this clock: drop_test_clock() removes both.");
	}
	return PointerGetDatum(trigger->tg_trigtuple);
}
