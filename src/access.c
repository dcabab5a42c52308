/*
 * access.c
 *		grant_access() and revoke_access(): who may call and read what.
 *
 * Plain GRANTs with the caller's own rights: nobody gets more by these
 * functions, a dump carries what they did, and \dp and \df+ show it.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "fmgr.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "nodes/parsenodes.h"
#include "utils/acl.h"
#include "utils/builtins.h"

#include "compat.h"
#include "required.h"
#include "spi.h"

PG_FUNCTION_INFO_V1(refund_grant_access);
PG_FUNCTION_INFO_V1(refund_revoke_access);

#define APP			0x01
#define MEDIATOR	0x02
#define ARBITRATOR	0x04
#define OPERATOR	0x08
#define WORKER		0x10
#define ANALYST		0x20
#define AUDITOR		0x40

#define DECIDERS	(MEDIATOR | ARBITRATOR)
#define PEOPLE		(APP | DECIDERS | OPERATOR)
#define READERS		(ANALYST | AUDITOR)

typedef struct Duty
{
	const char *name;
	unsigned	bit;
} Duty;

static const Duty duties[] = {
	{"app", APP}, {"mediator", MEDIATOR}, {"arbitrator", ARBITRATOR}, {"operator", OPERATOR},
	{"worker", WORKER}, {"analyst", ANALYST}, {"auditor", AUDITOR}
};

typedef struct Right
{
	const char *object;
	unsigned	duties;
} Right;

/* What is not here is everybody's, being pure, or only the owner's. */
static const Right routines[] = {
	/* the parties, for whom the application acts */
	{"create_contract", APP}, {"add_milestone", APP}, {"fund", APP}, {"submit_work", APP},
	{"request_changes", APP}, {"release_payment", APP}, {"release_milestone", APP},
	{"move_leftover", APP}, {"end_contract", APP}, {"give_refund", APP}, {"approve_refund", APP},
	{"dispute_refund", APP}, {"accept_dispute", APP}, {"decline_dispute", APP}, {"pay_in_full", APP},
	{"withdraw_dispute", APP}, {"accept_resolution", APP}, {"reject_resolution", APP},
	{"join_arbitration", APP}, {"offer_settlement", APP}, {"withdraw_settlement_offer", APP},
	{"accept_settlement", APP},
	/* who decides */
	{"propose_resolution", MEDIATOR}, {"record_award", ARBITRATOR},
	/* who looks after the cases and the rules */
	{"assign_case", OPERATOR}, {"place_hold", OPERATOR}, {"lift_hold", OPERATOR},
	{"extend_deadline", OPERATOR}, {"erase_evidence", OPERATOR}, {"retry_refund_payment", OPERATOR},
	{"add_policy", OPERATOR}, {"set_holidays", OPERATOR}, {"create_test_clock", OPERATOR},
	{"advance_test_clock", OPERATOR}, {"drop_test_clock", OPERATOR},
	{"validate_policy", OPERATOR | AUDITOR}, {"health", OPERATOR | AUDITOR},
	/* jobs, payment workers and mailers */
	{"run_due", WORKER}, {"expire_due", WORKER}, {"record_run", WORKER}, {"run_verify", WORKER},
	{"claim_refund_payments", WORKER}, {"claim_notifications", WORKER},
	{"confirm_notification", WORKER}, {"fail_notification", WORKER},
	{"archive", WORKER | OPERATOR}, {"archive_next", WORKER | OPERATOR}, {"unarchive", OPERATOR},
	{"report_refund_payment", WORKER | OPERATOR}, {"report_reversal", WORKER | OPERATOR},
	/* questions */
	{"allowed_actions", PEOPLE}, {"case_file", PEOPLE}, {"evidence_content", PEOPLE},
	{"explain", PEOPLE | READERS}, {"forecast", PEOPLE | READERS}, {"deadline", PEOPLE | READERS},
	{"verify", OPERATOR | AUDITOR}, {"verify_all", OPERATOR | AUDITOR},
	{"verify_heads", OPERATOR | AUDITOR}, {"head_digest", OPERATOR | AUDITOR}
};

/* All views are the operators' and the readers', all tables the readers'; beside those: */
static const Right relations[] = {
	{"contract_status", APP}, {"milestone_status", APP}, {"deposit_status", APP},
	{"refund_request_status", APP}, {"refund_payment_status", APP}, {"settlement_offer_status", APP},
	{"transaction_history", APP}, {"whose_turn", APP}, {"case_timeline", APP}, {"evidence_index", APP},
	{"notification_inbox", APP}, {"poison_case", OPERATOR}, {"job_run", OPERATOR}
};

/* What evidence says is for auditors only. */
static bool
is_auditors(const char *name)
{
	return strcmp(name, "evidence_body") == 0 || strcmp(name, "archived_evidence_body") == 0;
}

static unsigned
duty_bit(const char *name)
{
	StringInfoData known;

	initStringInfo(&known);
	for (int i = 0; i < (int) lengthof(duties); i++)
	{
		if (strcmp(duties[i].name, name) == 0)
			return duties[i].bit;
		appendStringInfo(&known, "%s%s", i > 0 ? ", " : "", duties[i].name);
	}
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("there is no duty \"%s\"", name),
			 errhint("The duties are %s.", known.data)));
}

static List *
routines_of(unsigned duty)
{
	List	   *result = NIL;

	for (int i = 0; i < (int) lengthof(routines); i++)
	{
		ObjectWithArgs *routine;

		if ((routines[i].duties & duty) == 0)
			continue;
		routine = makeNode(ObjectWithArgs);
		routine->objname = list_make2(makeString("refund"), makeString(pstrdup(routines[i].object)));
		routine->args_unspecified = true;
		result = lappend(result, routine);
	}
	return result;
}

static bool
may_read(unsigned duty, const char *name, bool is_view)
{
	if (duty == AUDITOR || (duty == ANALYST && !is_auditors(name)) || (duty == OPERATOR && is_view))
		return true;
	for (int i = 0; i < (int) lengthof(relations); i++)
		if ((relations[i].duties & duty) != 0 && strcmp(relations[i].object, name) == 0)
			return true;
	return false;
}

static List *
relations_of(unsigned duty)
{
	static Statement all = STATEMENT(
									 "SELECT c.relname::pg_catalog.text, c.relkind OPERATOR(pg_catalog.=) 'v' FROM pg_catalog.pg_class c"
									 " WHERE c.relnamespace OPERATOR(pg_catalog.=) 'refund'::pg_catalog.regnamespace"
									 " AND c.relkind OPERATOR(pg_catalog.=) ANY ('{r,p,v}'::\"char\"[])", "");
	MemoryContext caller = CurrentMemoryContext;
	List	   *result = NIL;
	SqlRows		found;

	sql_enter();
	found = sql_read(&all, NULL, NULL, 0);
	for (uint64 i = 0; i < found.count; i++)
	{
		bool		isnull;
		char	   *name = TextDatumGetCString(heap_getattr(found.rows[i], 1, found.desc, &isnull));
		MemoryContext here;

		if (!may_read(duty, name, DatumGetBool(heap_getattr(found.rows[i], 2, found.desc, &isnull))))
			continue;
		here = MemoryContextSwitchTo(caller);
		result = lappend(result, makeRangeVar("refund", pstrdup(name), -1));
		MemoryContextSwitchTo(here);
	}
	sql_leave();
	return result;
}

static void
grant_or_revoke(bool is_grant, const char *role, ObjectType type, const char *privilege, List *objects)
{
	GrantStmt  *grant = makeNode(GrantStmt);
	AccessPriv *what = makeNode(AccessPriv);
	RoleSpec   *whom = makeNode(RoleSpec);

	if (objects == NIL)
		return;
	what->priv_name = pstrdup(privilege);
	whom->roletype = ROLESPEC_CSTRING;
	whom->rolename = pstrdup(role);
	whom->location = -1;
	grant->is_grant = is_grant;
	grant->targtype = ACL_TARGET_OBJECT;
	grant->objtype = type;
	grant->objects = objects;
	grant->privileges = list_make1(what);
	grant->grantees = list_make1(whom);
	grant->behavior = DROP_RESTRICT;
	ExecuteGrantStmt(grant);
}

static void
change_access(FunctionCallInfo fcinfo, const char *name, bool is_grant)
{
	const char *role;
	unsigned	duty;

	require_argument(fcinfo, 0, "role");
	require_argument(fcinfo, 1, "duty");
	PreventCommandIfReadOnly(name);
	/* raises 42704 for the oid of no role, which regrole accepts */
	role = GetUserNameFromId(PG_GETARG_OID(0), false);
	duty = duty_bit(text_to_cstring(PG_GETARG_TEXT_PP(1)));
	grant_or_revoke(is_grant, role, OBJECT_ROUTINE, "execute", routines_of(duty));
	grant_or_revoke(is_grant, role, OBJECT_TABLE, "select", relations_of(duty));
}

Datum
refund_grant_access(PG_FUNCTION_ARGS)
{
	change_access(fcinfo, "grant_access", true);
	PG_RETURN_VOID();
}

Datum
refund_revoke_access(PG_FUNCTION_ARGS)
{
	change_access(fcinfo, "revoke_access", false);
	PG_RETURN_VOID();
}
