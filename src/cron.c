/*
 * cron.c
 *		schedule_jobs(), unschedule_jobs(): pg_cron, if it is here.
 *
 * Written for pg_cron 1.4.2: its catalog is the interface.  Its tables show
 * everybody their own jobs only, superusers all; so these functions run with
 * their owner's rights, and say who may do what.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "commands/dbcommands.h"
#include "commands/extension.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/timestamp.h"

#include "compat.h"
#include "cron.h"
#include "required.h"
#include "spi.h"

PG_FUNCTION_INFO_V1(refund_schedule_jobs);
PG_FUNCTION_INFO_V1(refund_unschedule_jobs);

/*
 * The log of a job that runs each minute would grow for ever (architecture.md
 * rule 23).  Run numbers ascend: whatever came before the last run that began
 * a week ago is older than a week, also runs without times.
 */
#define PRUNE_FORMAT \
	"DELETE FROM cron.job_run_details WHERE jobid IN" \
	" (SELECT jobid FROM cron.job WHERE jobname IN (%s, %s, %s))" \
	" AND runid <= (SELECT max(runid) FROM cron.job_run_details" \
	" WHERE coalesce(end_time, start_time) < now() - interval '7 days')"
#define PRUNE_SCHEDULE "23 * * * *"

#define VERIFY_COMMAND "SELECT refund.run_verify()"
#define VERIFY_SCHEDULE "41 3 * * *"

#define JOBS 3

typedef struct Job
{
	const char *name;
	const char *schedule;
	const char *command;
	const char *database;		/* where its command must run */
} Job;

bool
cron_is_here(void)
{
	return OidIsValid(get_extension_oid("pg_cron", true));
}

const char *
cron_database(void)
{
	return GetConfigOption("cron.database_name", true, false);
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

/*
 * Ours are known by their names, whoever scheduled them.  Those of keep_user stay
 * ('' = none), unless they connect to the port that this server had before.
 */
static int
unschedule(const Job *jobs, const char *keep_user)
{
	static Statement remove_jobs = STATEMENT(
											 "SELECT cron.unschedule(j.jobid) FROM cron.job j"
											 " WHERE j.jobname OPERATOR(pg_catalog.=) ANY (ARRAY[$1, $2, $3])"
											 " AND (j.username OPERATOR(pg_catalog.<>) $4 OR j.nodeport::text OPERATOR(pg_catalog.<>)"
											 " pg_catalog.current_setting('port'))", "tttt");
	Datum		values[JOBS + 1];

	for (int i = 0; i < JOBS; i++)
		values[i] = CStringGetTextDatum(jobs[i].name);
	values[JOBS] = CStringGetTextDatum(keep_user);
	return sql_run(&remove_jobs, values, NULL, 0).count;
}

/* Makes the job, or changes the one of this name and user. */
static void
schedule(const Job *job, const char *run_as)
{
	static Statement make = STATEMENT(
									  "SELECT cron.schedule_in_database($1, $2, $3, $4, $5)", "ttttt");
	Datum		values[5];

	values[0] = CStringGetTextDatum(job->name);
	values[1] = CStringGetTextDatum(job->schedule);
	values[2] = CStringGetTextDatum(job->command);
	values[3] = CStringGetTextDatum(job->database);
	values[4] = CStringGetTextDatum(run_as);
	sql_run(&make, values, NULL, 0);
}

/* schedule_jobs() has its owner's rights, to see everybody's jobs: nobody gets more by it. */
static void
check_run_as(const char *run_as)
{
	Oid			caller = GetOuterUserId();

	if (!superuser_arg(caller) && get_role_oid(run_as, true) != caller)
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("only a superuser can schedule jobs that run as another role"),
				 errhint("Leave run_as out, or have a superuser schedule the jobs.")));
	get_role_oid(run_as, false);
}

/* Can the role run the job?  A job that fails each minute should not look scheduled. */
static const char *
missing_right(const char *run_as)
{
	static Statement missing = STATEMENT(
										 "SELECT p.oid::pg_catalog.regprocedure::text FROM pg_catalog.pg_proc p"
										 " WHERE p.pronamespace OPERATOR(pg_catalog.=) 'refund'::pg_catalog.regnamespace"
										 " AND p.proname OPERATOR(pg_catalog.=) ANY (ARRAY['run_due', 'expire_due', 'record_run', 'run_verify']::name[])"
										 " AND NOT pg_catalog.has_function_privilege($1::name, p.oid, 'EXECUTE') ORDER BY 1 LIMIT 1", "t");
	Datum		values[] = {CStringGetTextDatum(run_as)};
	SqlRows		found = sql_run(&missing, values, NULL, 0);
	bool		isnull;

	return found.count == 0 ? NULL
		: TextDatumGetCString(heap_getattr(found.rows[0], 1, found.desc, &isnull));
}

/* The jobs of this database. */
static void
our_jobs(Job *jobs, const char *due_every)
{
	char	   *here = get_database_name(MyDatabaseId);
	const char *cron_home = cron_database();

	jobs[0] = (Job) {psprintf("refund run_due (%s)", here), due_every, CRON_RUN_COMMAND, here};
	jobs[1] = (Job) {psprintf("refund prune (%s)", here), PRUNE_SCHEDULE, NULL,
		cron_is_here() || cron_home == NULL ? here : cron_home};
	jobs[2] = (Job) {psprintf("refund verify (%s)", here), VERIFY_SCHEDULE, VERIFY_COMMAND, here};
	jobs[1].command = psprintf(PRUNE_FORMAT, quote_literal_cstr(jobs[0].name),
							   quote_literal_cstr(jobs[1].name), quote_literal_cstr(jobs[2].name));
}

const char *
cron_job_names(void)
{
	Job			jobs[JOBS];

	our_jobs(jobs, "");
	return psprintf("\"%s\", \"%s\" and \"%s\"", jobs[0].name, jobs[1].name, jobs[2].name);
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
	const char *cron_home = cron_database();
	const char *status;
	const char *missing;
	char	   *run_as;
	Job			jobs[JOBS];

	require_argument(fcinfo, 0, "run_as");
	require_argument(fcinfo, 1, "due_every");
	run_as = NameStr(*PG_GETARG_NAME(0));
	check_run_as(run_as);
	our_jobs(jobs, text_to_cstring(PG_GETARG_TEXT_PP(1)));

	InitMaterializedSRF(fcinfo, 0);
	sql_enter();
	missing = missing_right(run_as);
	if (cron_is_here())
	{
		unschedule(jobs, run_as);
		for (int i = 0; i < JOBS; i++)
			schedule(&jobs[i], run_as);
		status = missing == NULL ? "scheduled"
			: psprintf("scheduled, but role \"%s\" lacks EXECUTE on %s", run_as, missing);
	}
	else
	{
		for (int i = 0; i < JOBS; i++)
			jobs[i].command = schedule_command(&jobs[i], run_as);
		status = cron_home == NULL
			? "not scheduled: pg_cron is not loaded in this server"
			: psprintf("not scheduled: run the command in database \"%s\", where pg_cron lives", cron_home);
	}
	for (int i = 0; i < JOBS; i++)
		add_row(rsinfo, &jobs[i], jobs[i].command, status);
	sql_leave();
	return (Datum) 0;
}

Datum
refund_unschedule_jobs(PG_FUNCTION_ARGS)
{
	Job			jobs[JOBS];
	int			count = 0;

	(void) fcinfo;
	our_jobs(jobs, "");
	if (cron_is_here())
	{
		sql_enter();
		count = unschedule(jobs, "");
		sql_leave();
	}
	else
		ereport(NOTICE,
				(errmsg("pg_cron is not in this database"),
				 errhint("Where it lives, run: SELECT cron.unschedule(jobid) FROM cron.job WHERE jobname IN (%s, %s, %s)",
						 quote_literal_cstr(jobs[0].name), quote_literal_cstr(jobs[1].name),
						 quote_literal_cstr(jobs[2].name))));
	PG_RETURN_INT32(count);
}
