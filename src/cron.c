/*
 * cron.c
 *		schedule_jobs(), unschedule_jobs(), health(): pg_cron, if it is here.
 *
 * Written for pg_cron 1.4.2: its catalog is the interface.  Superusers see all
 * jobs, others their own, and so does what happens here.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "commands/dbcommands.h"
#include "commands/extension.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/timestamp.h"

#include "compat.h"
#include "spi.h"

PG_FUNCTION_INFO_V1(refund_schedule_jobs);
PG_FUNCTION_INFO_V1(refund_unschedule_jobs);
PG_FUNCTION_INFO_V1(refund_health);

#define RUN_COMMAND "CALL refund.run_due()"

/* The log of a job that runs each minute would grow for ever (architecture.md rule 23). */
#define PRUNE_COMMAND \
	"DELETE FROM cron.job_run_details WHERE end_time < pg_catalog.now() - interval '7 days'" \
	" AND command = '" RUN_COMMAND "'"
#define PRUNE_SCHEDULE "23 * * * *"

/* Stale after three missed minutes. */
#define STALE_SECONDS 180

typedef struct Job
{
	const char *name;
	const char *schedule;
	const char *command;
	const char *database;		/* where its command must run */
} Job;

static bool
cron_is_here(void)
{
	return OidIsValid(get_extension_oid("pg_cron", true));
}

static void
add_row(ReturnSetInfo *rsinfo, const Job *job, const char *command, const char *status)
{
	Datum		values[5];
	bool		nulls[5] = {false};
	NameData	database;

	namestrcpy(&database, job->database);
	values[0] = CStringGetTextDatum(job->name);
	values[1] = NameGetDatum(&database);
	values[2] = CStringGetTextDatum(job->schedule);
	values[3] = CStringGetTextDatum(command);
	values[4] = CStringGetTextDatum(status);
	tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
}

/* Ours are known by their command: whoever scheduled them, under whatever name. */
static int
unschedule(const char *database)
{
	static Statement remove_jobs = STATEMENT(
											 "SELECT cron.unschedule(j.jobid) FROM cron.job j"
											 " WHERE j.database OPERATOR(pg_catalog.=) $1"
											 " AND j.command OPERATOR(pg_catalog.=) ANY (ARRAY[$2, $3])", "ttt");
	Datum		values[3];

	values[0] = CStringGetTextDatum(database);
	values[1] = CStringGetTextDatum(RUN_COMMAND);
	values[2] = CStringGetTextDatum(PRUNE_COMMAND);
	return sql_run(&remove_jobs, values, NULL, 0).count;
}

static void
schedule(const Job *job, const char *run_as)
{
	static Statement mine = STATEMENT("SELECT cron.schedule($1, $2, $3)", "ttt");
	static Statement other = STATEMENT(
									   "SELECT cron.schedule_in_database($1, $2, $3, $4, $5)", "ttttt");
	bool		as_me = strcmp(run_as, GetUserNameFromId(GetUserId(), false)) == 0;
	Datum		values[5];

	values[0] = CStringGetTextDatum(job->name);
	values[1] = CStringGetTextDatum(job->schedule);
	values[2] = CStringGetTextDatum(job->command);
	values[3] = CStringGetTextDatum(job->database);
	values[4] = CStringGetTextDatum(run_as);
	sql_run(as_me ? &mine : &other, values, NULL, 0);
}

/* What to run in pg_cron's own database for a job of this one. */
static char *
schedule_command(const Job *job, const char *run_as)
{
	return psprintf("SELECT cron.schedule_in_database(%s, %s, %s, %s, %s)",
					quote_literal_cstr(job->name), quote_literal_cstr(job->schedule),
					quote_literal_cstr(job->command), quote_literal_cstr(job->database),
					quote_literal_cstr(run_as));
}

Datum
refund_schedule_jobs(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	char	   *here = get_database_name(MyDatabaseId);
	const char *cron_home = GetConfigOption("cron.database_name", true, false);
	char	   *run_as;
	Job			jobs[2];

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("argument \"%s\" must not be null", PG_ARGISNULL(0) ? "run_as" : "due_every")));
	run_as = NameStr(*PG_GETARG_NAME(0));
	jobs[0] = (Job) {psprintf("refund run_due (%s)", here), text_to_cstring(PG_GETARG_TEXT_PP(1)), RUN_COMMAND, here};
	jobs[1] = (Job) {psprintf("refund prune (%s)", here), PRUNE_SCHEDULE, PRUNE_COMMAND,
		cron_is_here() || cron_home == NULL ? here : cron_home};

	InitMaterializedSRF(fcinfo, 0);
	if (cron_is_here())
	{
		sql_enter();
		unschedule(here);
		for (int i = 0; i < (int) lengthof(jobs); i++)
		{
			schedule(&jobs[i], run_as);
			add_row(rsinfo, &jobs[i], jobs[i].command, "scheduled");
		}
		sql_leave();
		return (Datum) 0;
	}
	for (int i = 0; i < (int) lengthof(jobs); i++)
		add_row(rsinfo, &jobs[i], schedule_command(&jobs[i], run_as),
				cron_home == NULL
				? "not scheduled: pg_cron is not loaded in this server"
				: psprintf("not scheduled: run the command in database \"%s\", where pg_cron lives", cron_home));
	return (Datum) 0;
}

Datum
refund_unschedule_jobs(PG_FUNCTION_ARGS)
{
	int			count = 0;

	(void) fcinfo;
	if (cron_is_here())
	{
		sql_enter();
		count = unschedule(get_database_name(MyDatabaseId));
		sql_leave();
	}
	PG_RETURN_INT32(count);
}

static void
add_component(ReturnSetInfo *rsinfo, const char *component, bool ok, const char *value,
			  const char *threshold, const char *hint)
{
	const char *texts[] = {value, threshold, ok ? NULL : hint};
	Datum		values[5];
	bool		nulls[5] = {false};

	values[0] = CStringGetTextDatum(component);
	values[1] = BoolGetDatum(ok);
	for (int i = 0; i < (int) lengthof(texts); i++)
	{
		nulls[i + 2] = texts[i] == NULL;
		values[i + 2] = nulls[i + 2] ? (Datum) 0 : CStringGetTextDatum(texts[i]);
	}
	tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
}

/* The first column of the only row, as a count; -1 for null or no row. */
static int64
number_of(Statement *s)
{
	SqlRows		rows = sql_read(s, NULL, NULL, 0);
	bool		isnull;
	Datum		value;

	if (rows.count == 0)
		return -1;
	value = heap_getattr(rows.rows[0], 1, rows.desc, &isnull);
	return isnull ? -1 : DatumGetInt64(value);
}

static void
report_last_run(ReturnSetInfo *rsinfo)
{
	static Statement age = STATEMENT(
									 "SELECT pg_catalog.floor(EXTRACT(epoch FROM pg_catalog.clock_timestamp() OPERATOR(pg_catalog.-) r.finished_at))::bigint"
									 " FROM refund.job_run r WHERE r.job OPERATOR(pg_catalog.=) 'run_due'", "");
	int64		seconds = number_of(&age);

	add_component(rsinfo, "last_run", seconds >= 0 && seconds <= STALE_SECONDS,
				  seconds < 0 ? NULL : psprintf("%lld s", (long long) seconds),
				  psprintf("%d s", STALE_SECONDS),
				  "No run has finished lately: see schedule_jobs(), or call run_due() from a timer.");
}

static void
report_waiting(ReturnSetInfo *rsinfo)
{
	static Statement waiting = STATEMENT(
										 "SELECT pg_catalog.count(*) FROM refund.contract c WHERE c.test_clock IS NULL AND c.next_due_at IS NOT NULL"
										 " AND c.next_due_at OPERATOR(pg_catalog.<)"
										 " (pg_catalog.clock_timestamp() OPERATOR(pg_catalog.-) interval '3 minutes')", "");
	int64		count = number_of(&waiting);

	add_component(rsinfo, "waiting_expiries", count == 0, psprintf("%lld", (long long) count), "0",
				  "Deadlines passed more than three minutes ago and are not recorded yet: call run_due().");
}

static void
report_cron(ReturnSetInfo *rsinfo)
{
	static Statement active = STATEMENT(
										"SELECT pg_catalog.count(*) FROM cron.job j WHERE j.active"
										" AND j.command OPERATOR(pg_catalog.=) $$" RUN_COMMAND "$$"
										" AND j.database OPERATOR(pg_catalog.=) pg_catalog.current_database()::text", "");
	const char *cron_home = GetConfigOption("cron.database_name", true, false);

	if (cron_is_here())
	{
		bool		ok = number_of(&active) > 0;

		add_component(rsinfo, "pg_cron", ok, ok ? "scheduled" : "not scheduled", "scheduled",
					  "Call schedule_jobs().");
	}
	else if (cron_home != NULL)
		add_component(rsinfo, "pg_cron", true, psprintf("in database %s", cron_home), NULL, NULL);
	else
		add_component(rsinfo, "pg_cron", false, "not loaded", "loaded",
					  "Load pg_cron, or call run_due() from another timer and watch last_run.");
}

Datum
refund_health(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;

	InitMaterializedSRF(fcinfo, 0);
	sql_enter();
	report_last_run(rsinfo);
	report_waiting(rsinfo);
	report_cron(rsinfo);
	sql_leave();
	return (Datum) 0;
}
