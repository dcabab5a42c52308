/*
 * policy_settings.c
 *		add_policy(): settings in JSON, checked as a whole, become a new version.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/json.h"
#include "utils/jsonb.h"

#include "compat.h"
#include "errors.h"
#include "json_value.h"
#include "policy.h"
#include "required.h"
#include "row_cache.h"
#include "spi.h"
#include "value_types.h"

PG_FUNCTION_INFO_V1(refund_add_policy);

/* An error lists no more findings than this. */
#define FINDINGS_MAX 100

typedef struct Findings
{
	StringInfoData json;
	int			count;
} Findings;

/* PolicyReport: an element of a JSON array a finding */
static void
add_finding(void *arg, const char *setting, const char *problem)
{
	Findings   *findings = arg;

	if (findings->count++ >= FINDINGS_MAX)
		return;
	if (findings->json.len > 0)
		appendStringInfoString(&findings->json, ", ");
	appendStringInfoString(&findings->json, "{\"setting\": ");
	escape_json(&findings->json, setting);
	appendStringInfoString(&findings->json, ", \"problem\": ");
	escape_json(&findings->json, problem);
	appendStringInfoChar(&findings->json, '}');
}

static void
refuse_findings(const char *name, const Findings *findings)
{
	if (findings->count > 0)
		ereport(ERROR,
				(errcode(ERRCODE_REFUND_INVALID_POLICY),
				 errmsg("settings of policy \"%s\" are not valid", name),
				 errdetail_internal("[%s]", findings->json.data),
				 errhint("Every element of DETAIL names a setting and what is wrong with it.")));
}


/* ---- JSON values ---- */

static void
read_window(const PolicyField *field, const JsonbValue *value, TimeLimit *target,
			Findings *findings)
{
	char	   *s = json_string(value);

	if (s == NULL)
	{
		add_finding(findings, field->name, "must be a string such as \"7 days\"");
		return;
	}
	switch (time_limit_parse(s, strlen(s), target))
	{
		case TIME_LIMIT_OK:
			break;
		case TIME_LIMIT_SYNTAX:
			add_finding(findings, field->name,
						psprintf("\"%s\" is not of the form \"7 days\", \"2 business days\", \"48 hours\" or \"90 minutes\"",
								 clip_input(s)));
			break;
		case TIME_LIMIT_OUT_OF_RANGE:
			add_finding(findings, field->name,
						psprintf("\"%s\" is zero or too long", clip_input(s)));
			break;
	}
}

static void
read_count(const PolicyField *field, const JsonbValue *value, int *target,
		   Findings *findings)
{
	int64		number;

	if (json_integer(value, PG_INT32_MIN, PG_INT32_MAX, &number))
		*target = (int) number;
	else
		add_finding(findings, field->name, "must be an integer");
}

static void
read_bytes(const PolicyField *field, const JsonbValue *value, int64_t *target,
		   Findings *findings)
{
	int64		number;

	if (json_integer(value, PG_INT64_MIN, PG_INT64_MAX, &number))
		*target = number;
	else
		add_finding(findings, field->name, "must be an integer");
}

static void
read_text(const PolicyField *field, const JsonbValue *value, char **target,
		  Findings *findings)
{
	char	   *s = json_string(value);

	if (s != NULL)
		*target = s;
	else
		add_finding(findings, field->name, "must be a string");
}

static bool
read_fee(const PolicyField *field, const JsonbValue *value, Amount *target,
		 Findings *findings)
{
	char	   *s = json_string(value);
	const char *format = NULL;

	if (s == NULL)
	{
		add_finding(findings, field->name,
					"must be an array of strings such as [\"337.50 USD\"]");
		return false;
	}
	switch (amount_parse(s, strlen(s), target))
	{
		case MONEY_OK:
			return true;
		case MONEY_UNKNOWN_CURRENCY:
			format = "\"%s\" has an unknown currency";
			break;
		case MONEY_TOO_PRECISE:
			format = "\"%s\" has more decimals than its currency";
			break;
		case MONEY_OUT_OF_RANGE:
			format = "\"%s\" is out of range";
			break;
		case MONEY_SYNTAX:
		case MONEY_MISMATCH:	/* not from a parser */
		case MONEY_BAD_WEIGHTS:
			format = "\"%s\" is not of the form \"337.50 USD\"";
			break;
	}
	add_finding(findings, field->name, psprintf(format, clip_input(s)));
	return false;
}

/* The fees replace all of the former ones, so that one can be left out. */
static void
read_fees(const PolicyField *field, const JsonbValue *value, Policy *policy,
		  Findings *findings)
{
	JsonbContainer *array = value->type == jbvBinary ? value->val.binary.data : NULL;
	JsonbIterator *it;
	JsonbValue	element;
	int			nfees = 0;

	if (array == NULL || !JsonContainerIsArray(array) || JsonContainerIsScalar(array))
	{
		add_finding(findings, field->name,
					"must be an array of strings such as [\"337.50 USD\"]");
		return;
	}
	policy->arbitration_fee = palloc(Max(JsonContainerSize(array), 1) * sizeof(Amount));
	it = JsonbIteratorInit(array);
	(void) JsonbIteratorNext(&it, &element, true);	/* the opening bracket */
	while (JsonbIteratorNext(&it, &element, true) == WJB_ELEM)
		nfees += read_fee(field, &element, &policy->arbitration_fee[nfees], findings);
	policy->nfees = nfees;
}

static void
read_setting(const PolicyField *field, const JsonbValue *value, Policy *policy,
			 Findings *findings)
{
	void	   *target = (char *) policy + field->offset;

	switch (field->kind)
	{
		case POLICY_WINDOW:
			read_window(field, value, target, findings);
			break;
		case POLICY_COUNT:
			read_count(field, value, target, findings);
			break;
		case POLICY_BYTES:
			read_bytes(field, value, target, findings);
			break;
		case POLICY_TEXT:
			read_text(field, value, target, findings);
			break;
		case POLICY_FEES:
			read_fees(field, value, policy, findings);
			break;
	}
}

static const PolicyField *
find_field(const char *name)
{
	for (int i = 0; i < POLICY_FIELDS; i++)
	{
		if (strcmp(policy_fields[i].name, name) == 0)
			return &policy_fields[i];
	}
	return NULL;
}

/* Put the settings over what the policy has already. */
static void
read_settings(Jsonb *settings, Policy *policy, Findings *findings)
{
	JsonbIterator *it = JsonbIteratorInit(&settings->root);
	JsonbValue	key;
	JsonbValue	value;

	if (!JB_ROOT_IS_OBJECT(settings))
	{
		add_finding(findings, "settings", "must be a JSON object");
		return;
	}
	(void) JsonbIteratorNext(&it, &key, true);	/* the opening brace */
	while (JsonbIteratorNext(&it, &key, true) == WJB_KEY)
	{
		char	   *name = json_string(&key);
		const PolicyField *field = find_field(name);

		(void) JsonbIteratorNext(&it, &value, true);
		if (field != NULL)
			read_setting(field, &value, policy, findings);
		else
			add_finding(findings, clip_input(name), "is not a setting of a policy");
	}
}


/* ---- writing ---- */

/*
 * Locks: SHARE ROW EXCLUSIVE, so that of two sessions that add to one name the
 * second sees the first's version.  Readers and foreign keys do not wait.
 */
static Statement lock_policies = STATEMENT(
	"LOCK TABLE refund.policy IN SHARE ROW EXCLUSIVE MODE", "");

/* Locks: ROW EXCLUSIVE on the table. */
static Statement insert_policy = STATEMENT(
	"INSERT INTO refund.policy (name, version, refund_response, dispute_response,"
	" resolution_target, resolution_limit, resolution_response,"
	" arbitration_window, award_target, award_limit, review_window,"
	" refund_credit, post_release_refund, reminder_before, max_extension,"
	" max_extensions, evidence_max_items, evidence_max_bytes,"
	" zone, calendar, arbitration_fee)"
	" VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15,"
	" $16, $17, $18, $19, $20, $21)",
	"ti" "wwwwwwwwwwwww" "ii" "l" "tt" "A");

static Datum
fees_datum(const Policy *policy)
{
	Datum	   *fees = palloc(Max(policy->nfees, 1) * sizeof(Datum));

	for (int i = 0; i < policy->nfees; i++)
		fees[i] = AmountGetDatum(policy->arbitration_fee[i]);
	return PointerGetDatum(construct_array(fees, policy->nfees, refund_type_oid("amount"),
										   sizeof(Amount), true, TYPALIGN_DOUBLE));
}

static Datum
field_datum(const PolicyField *field, const Policy *policy)
{
	const void *source = (const char *) policy + field->offset;

	switch (field->kind)
	{
		case POLICY_WINDOW:
			return TimeLimitGetDatum(*(const TimeLimit *) source);
		case POLICY_COUNT:
			return Int32GetDatum(*(const int *) source);
		case POLICY_BYTES:
			return Int64GetDatum(*(const int64_t *) source);
		case POLICY_TEXT:
			return CStringGetTextDatum(*(char *const *) source);
		case POLICY_FEES:
			return fees_datum(policy);
	}
	return (Datum) 0;			/* silence the compiler */
}

static void
write_policy(const Policy *policy)
{
	Datum		values[POLICY_FIELDS + 2];

	values[0] = CStringGetTextDatum(policy->name);
	values[1] = Int32GetDatum(policy->version);
	for (int i = 0; i < POLICY_FIELDS; i++)
		values[i + 2] = field_datum(&policy_fields[i], policy);
	(void) sql_run(&insert_policy, values, NULL, 0);
}

/* add_policy(name, settings): the number of the new version */
Datum
refund_add_policy(PG_FUNCTION_ARGS)
{
	Findings	findings = {.count = 0};
	const Policy *latest;
	Policy		policy;
	char	   *name;

	require_argument(fcinfo, 0, "name");
	require_argument(fcinfo, 1, "settings");
	name = text_to_cstring(PG_GETARG_TEXT_PP(0));
	check_cached_name("name", name);

	sql_enter();
	(void) sql_run(&lock_policies, NULL, NULL, 0);
	latest = policy_get_latest(name);
	policy = latest != NULL ? *latest : *policy_get(STANDARD_POLICY, policy_latest_version(STANDARD_POLICY));
	policy.name = name;
	policy.version = latest != NULL ? latest->version + 1 : 1;
	initStringInfo(&findings.json);
	read_settings(PG_GETARG_JSONB_P(1), &policy, &findings);
	policy_check_here(&policy, add_finding, &findings);
	refuse_findings(name, &findings);

	/* Everything is valid: write. */
	write_policy(&policy);
	sql_leave();
	PG_RETURN_INT32(policy.version);
}
