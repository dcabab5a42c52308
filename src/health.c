/*
 * health.c
 *		health(): one row for each part of the machinery, for a monitor.
 *
 * Nothing here is needed for a deadline to hold; it tells when nobody records
 * what the clock has decided, pays, writes, or guards the history.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "commands/dbcommands.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "portability/instr_time.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "activation.h"
#include "compat.h"
#include "cron.h"
#include "spi.h"

PG_FUNCTION_INFO_V1(refund_health);
PG_FUNCTION_INFO_V1(refund_machine_start);

/*
 * A part that a number tells of.  The statement returns the number, NULL for
 * "never", and names for the hint, or NULL.
 */
typedef struct Gauge
{
	const char *component;
	int64		most;			/* more is not well */
	const char *unit;
	const char *hint;
	Statement	read;
} Gauge;

/* Seconds from one instant to another, 0 when that is earlier. */
#define SECONDS(from, to) \
	"GREATEST(0, pg_catalog.floor(EXTRACT(epoch FROM " to " OPERATOR(pg_catalog.-) " from "))::pg_catalog.int8)"
#define NOW "pg_catalog.clock_timestamp()"

#define WAITING_NOTIFICATION \
	" AND n.state OPERATOR(pg_catalog.=) 'pending' AND NOT n.is_test" \
	" AND n.claimable_at OPERATOR(pg_catalog.<) (" NOW " OPERATOR(pg_catalog.-) interval '1 hour')"

static Gauge gauges[] = {
	/* three missed minutes */
	{"last_run", 180, " s",
		"No run has finished lately: see schedule_jobs(), or call run_due() from a timer.",
		STATEMENT("SELECT " SECONDS("r.finished_at", NOW) ", NULL"
				  " FROM refund.job_run r WHERE r.job OPERATOR(pg_catalog.=) 'run_due'", "")},
	{"waiting_expiries", 0, "",
		"Deadlines passed more than three minutes ago and are not recorded yet: call run_due().",
		STATEMENT("SELECT pg_catalog.count(*), NULL FROM refund.contract c WHERE c.test_clock IS NULL AND c.next_due_at IS NOT NULL"
				  " AND c.next_due_at OPERATOR(pg_catalog.<) (" NOW " OPERATOR(pg_catalog.-) interval '3 minutes')"
				  " AND NOT EXISTS (SELECT 1 FROM refund.poison_case p WHERE p.contract_id OPERATOR(pg_catalog.=) c.contract_id)", "")},
	{"poison_cases", 0, "",
		"Table refund.poison_case has contracts whose expiry fails; verify() may tell what is wrong",
		STATEMENT("SELECT pg_catalog.count(*), pg_catalog.min('contract ' OPERATOR(pg_catalog.||) p.contract_id::pg_catalog.text"
				  " OPERATOR(pg_catalog.||) ': ' OPERATOR(pg_catalog.||) p.sqlstate OPERATOR(pg_catalog.||) ' ' OPERATOR(pg_catalog.||) p.message)"
				  " FROM refund.poison_case p", "")},
	/* a claim passes over contracts that are on hold */
	{"refund_payments", 0, "",
		"Payments have waited for more than an hour: let a worker call claim_refund_payments().",
		STATEMENT("SELECT pg_catalog.count(*), NULL FROM refund.refund_payment p"
				  " JOIN refund.contract c ON c.contract_id OPERATOR(pg_catalog.=) p.contract_id AND c.holds IS NULL"
				  " WHERE p.state OPERATOR(pg_catalog.<>) 'succeeded' AND p.state OPERATOR(pg_catalog.=) 'pending' AND NOT p.is_test"
				  " AND p.claimable_at OPERATOR(pg_catalog.<) (" NOW " OPERATOR(pg_catalog.-) interval '1 hour')", "")},
	{"failed_payments", 0, "",
		"Payments failed or bounced: view refund.refund_payment_status has them, retry_refund_payment() sends them again.",
		STATEMENT("SELECT pg_catalog.count(*), NULL FROM refund.refund_payment p"
				  " WHERE p.state OPERATOR(pg_catalog.<>) 'succeeded' AND p.state OPERATOR(pg_catalog.=) ANY ('{failed,bounced}') AND NOT p.is_test", "")},
	{"notifications", 0, "",
		"Notifications have waited for more than an hour: let a mailer call claim_notifications().",
		STATEMENT("SELECT (SELECT pg_catalog.count(*) FROM refund.notification n WHERE n.party IS NULL" WAITING_NOTIFICATION ")"
				  " OPERATOR(pg_catalog.+) (SELECT pg_catalog.count(*) FROM refund.notification n WHERE n.party IS NOT NULL" WAITING_NOTIFICATION "), NULL", "")},
	{"dead_notifications", 0, "",
		"Nobody tries to deliver them any more: view refund.notification_status has them; tell people otherwise, then confirm_notification().",
		STATEMENT("SELECT pg_catalog.count(*), NULL FROM refund.notification n"
				  " WHERE n.state OPERATOR(pg_catalog.=) 'dead' AND NOT n.is_test", "")},
	{"triggers", 0, "",
		"Triggers that guard the history are gone or not enabled as installed: enable them, then call verify_all()",
		STATEMENT("SELECT pg_catalog.count(*), pg_catalog.string_agg(i.name, ', ') FROM pg_catalog.unnest(refund.installed_triggers()) i (name)"
				  " WHERE i.name OPERATOR(pg_catalog.<>) ALL (refund.enabled_triggers())", "")},
	/* sessions of which no trigger would see anything */
	{"replica_sessions", 0, "",
		"Sessions begin with session_replication_role = replica, which passes by the triggers that guard the history: reset it, then call verify_all()",
		STATEMENT("SELECT pg_catalog.count(*), pg_catalog.string_agg(s.name, ', ' ORDER BY s.name) FROM ("
				  "SELECT pg_catalog.concat_ws(' in ', COALESCE('role ' OPERATOR(pg_catalog.||) r.rolname::pg_catalog.text, 'all roles'),"
				  " 'database ' OPERATOR(pg_catalog.||) d.datname::pg_catalog.text)"
				  " FROM pg_catalog.pg_db_role_setting c"
				  " LEFT JOIN pg_catalog.pg_roles r ON r.oid OPERATOR(pg_catalog.=) c.setrole"
				  " LEFT JOIN pg_catalog.pg_database d ON d.oid OPERATOR(pg_catalog.=) c.setdatabase"
				  " WHERE 'session_replication_role=replica' OPERATOR(pg_catalog.=) ANY (c.setconfig)"
				  " AND (c.setdatabase OPERATOR(pg_catalog.=) 0::pg_catalog.oid OR d.datname OPERATOR(pg_catalog.=) pg_catalog.current_database())"
				  " UNION ALL SELECT 'this one' FROM pg_catalog.pg_settings p"
				  " WHERE p.name OPERATOR(pg_catalog.=) 'session_replication_role' AND p.reset_val OPERATOR(pg_catalog.=) 'replica') s (name)", "")},
	/* T01: a clock that was set back is seen until it has caught up */
	{"clock", 1, " s",
		"The server's clock is behind what it was at the last run: set it right; meanwhile windows end late.",
		STATEMENT("SELECT " SECONDS(NOW, "pg_catalog.max(r.finished_at)") ", NULL FROM refund.job_run r", "")},
	/* T02: what nobody can set runs on as long as the server does */
	{"clock_step", 3600, " s",
		"The server's clock was set while it ran, and windows have ended early or late: set it right; once it is right, restart the server.",
		STATEMENT("SELECT COALESCE(pg_catalog.max(pg_catalog.abs(pg_catalog.floor(EXTRACT(epoch FROM"
				  " refund.machine_start() OPERATOR(pg_catalog.-) r.machine_start))::pg_catalog.int8)), 0), NULL"
				  " FROM refund.job_run r WHERE r.server_start OPERATOR(pg_catalog.=) pg_catalog.pg_postmaster_start_time()", "")},
	/* two missed nights */
	{"last_verification", 172800, " s",
		"Nobody has verified everything lately: see schedule_jobs(), or call run_verify() from a timer.",
		STATEMENT("SELECT " SECONDS("r.finished_at", NOW) ", NULL"
				  " FROM refund.job_run r WHERE r.job OPERATOR(pg_catalog.=) 'verify_all'", "")},
	{"unsound_contracts", 0, "",
		"The last verification found contracts that do not add up: verify_all() names them.",
		STATEMENT("SELECT COALESCE(pg_catalog.max(r.cases), 0), NULL"
				  " FROM refund.job_run r WHERE r.job OPERATOR(pg_catalog.=) 'verify_all'", "")}
};

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

/* A text of the only row; NULL when that is null, or there is no row. */
static const char *
text_of(const SqlRows *rows, int column)
{
	bool		isnull = true;
	Datum		value = rows->count == 0 ? (Datum) 0 : heap_getattr(rows->rows[0], column, rows->desc, &isnull);

	return isnull ? NULL : TextDatumGetCString(value);
}

static void
report_gauge(ReturnSetInfo *rsinfo, Gauge *g)
{
	SqlRows		rows = sql_read(&g->read, NULL, NULL, 0);
	const char *names = text_of(&rows, 2);
	bool		never = true;
	int64		number = 0;

	if (rows.count > 0)
		number = DatumGetInt64(heap_getattr(rows.rows[0], 1, rows.desc, &never));
	add_component(rsinfo, g->component, !never && number <= g->most,
				  never ? NULL : psprintf("%lld%s", (long long) number, g->unit),
				  psprintf("%lld%s", (long long) g->most, g->unit),
				  names == NULL ? g->hint : psprintf("%s (%s).", g->hint, names));
}

/*
 * What is wrong with this database's job, or with pg_cron as a whole: one job
 * whose role is gone ends the launcher, over and over (architecture.md rule 23).
 */
static const char *
cron_trouble(void)
{
	static Statement missing_role = STATEMENT(
											  "SELECT j.username FROM cron.job j WHERE j.active AND NOT EXISTS"
											  " (SELECT 1 FROM pg_catalog.pg_roles r WHERE r.rolname::pg_catalog.text OPERATOR(pg_catalog.=) j.username) LIMIT 1", "");
	static Statement job = STATEMENT(
									 "SELECT CASE WHEN j.active THEN 'active' ELSE 'inactive' END,"
									 " (SELECT CASE d.status WHEN 'failed' THEN COALESCE(d.return_message, '') END"
									 " FROM cron.job_run_details d WHERE d.jobid OPERATOR(pg_catalog.=) j.jobid"
									 " AND d.status OPERATOR(pg_catalog.=) ANY ('{succeeded,failed}') ORDER BY d.runid DESC LIMIT 1)"
									 " FROM cron.job j WHERE j.command OPERATOR(pg_catalog.=) $$" CRON_RUN_COMMAND "$$"
									 " AND j.database OPERATOR(pg_catalog.=) pg_catalog.current_database()::pg_catalog.text"
									 " ORDER BY j.active DESC LIMIT 1", "");
	SqlRows		rows = sql_read(&missing_role, NULL, NULL, 0);
	const char *role = text_of(&rows, 1);
	const char *state;
	const char *failure;

	if (role != NULL)
		return psprintf("role \"%s\" of a job is gone", role);
	rows = sql_read(&job, NULL, NULL, 0);
	state = text_of(&rows, 1);
	failure = text_of(&rows, 2);
	if (state == NULL)
		return "not scheduled";
	if (strcmp(state, "inactive") == 0)
		return state;
	return failure == NULL ? NULL : psprintf("failed: %s", failure);
}

static bool
launcher_runs(void)
{
	static Statement launcher = STATEMENT(
										  "SELECT a.pid FROM pg_catalog.pg_stat_get_activity(NULL) a"
										  " WHERE a.backend_type OPERATOR(pg_catalog.=) 'pg_cron launcher'", "");

	return sql_read(&launcher, NULL, NULL, 0).count > 0;
}

static void
report_cron(ReturnSetInfo *rsinfo)
{
	bool		elsewhere = cron_database() != NULL &&
		strcmp(cron_database(), get_database_name(MyDatabaseId)) != 0;
	const char *trouble = cron_is_here() ? cron_trouble() : elsewhere ? NULL : "not created";

	if (cron_database() == NULL)
		add_component(rsinfo, "pg_cron", false, "not loaded", "scheduled",
					  "Load pg_cron, or call run_due() from another timer and watch last_run.");
	else if (trouble != NULL)
		add_component(rsinfo, "pg_cron", false, trouble, "scheduled",
					  "Call schedule_jobs(); a job whose role is gone keeps all from running: remove it with cron.unschedule(), then restart the server.");
	else if (!launcher_runs())
		add_component(rsinfo, "pg_cron", false, "the launcher does not run", "scheduled",
					  "Restart the server: pg_cron's launcher does not come back by itself.");
	else
		add_component(rsinfo, "pg_cron", true,
					  cron_is_here() ? "scheduled" : psprintf("in database %s", cron_database()), "scheduled", NULL);
}

Datum
refund_health(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	bool		active = database_is_active();

	InitMaterializedSRF(fcinfo, 0);
	sql_enter();
	add_component(rsinfo, "activation", active, active ? "active" : "a copy", "active",
				  "This database neither expires nor pays nor writes by itself; if it takes its original's place, call activate().");
	for (int i = 0; i < (int) lengthof(gauges); i++)
		report_gauge(rsinfo, &gauges[i]);
	report_cron(rsinfo);
	sql_leave();
	return (Datum) 0;
}

/* machine_start(): the zero of the clock that is never set, on the one that can be */
Datum
refund_machine_start(PG_FUNCTION_ARGS)
{
	instr_time	running;

	INSTR_TIME_SET_CURRENT(running);
	PG_RETURN_TIMESTAMPTZ(GetCurrentTimestamp() - (int64) INSTR_TIME_GET_MICROSEC(running));
}
