/*
 * policy.c
 *		Policies in the session's memory, and their check.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "fmgr.h"
#include "funcapi.h"
#include "libpq/pqformat.h"
#include "utils/array.h"
#include "utils/builtins.h"

#include "compat.h"
#include "deadline.h"
#include "digest.h"
#include "errors.h"
#include "policy.h"
#include "required.h"
#include "row_cache.h"
#include "spi.h"
#include "value_types.h"

PG_FUNCTION_INFO_V1(refund_policy_fees_are_sound);
PG_FUNCTION_INFO_V1(refund_validate_policy);


/* ---- rows in memory ---- */

/* name, version, then policy_fields in their order */
#define READ_POLICY \
	"SELECT p.name, p.version, p.refund_response, p.dispute_response," \
	" p.resolution_target, p.resolution_limit, p.resolution_response," \
	" p.arbitration_window, p.award_target, p.award_limit, p.review_window," \
	" p.refund_credit, p.post_release_refund, p.reminder_before, p.max_extension," \
	" p.max_extensions, p.evidence_max_items, p.evidence_max_bytes," \
	" p.zone, p.calendar, p.arbitration_fee" \
	" FROM refund.policy AS p WHERE p.name OPERATOR(pg_catalog.=) $1"

/* Locks: ACCESS SHARE on the table. */
static Statement read_version = STATEMENT(
	READ_POLICY " AND p.version OPERATOR(pg_catalog.=) $2", "ti");

/* Locks: ACCESS SHARE on the table. */
static Statement read_latest = STATEMENT(
	READ_POLICY " ORDER BY p.version DESC LIMIT 1", "t");

/* The number under which the cache knows the latest version of a name. */
#define LATEST 0

static void
copy_fees(MemoryContext into, ArrayType *fees, Policy *policy)
{
	Datum	   *values;

	deconstruct_array(fees, ARR_ELEMTYPE(fees), sizeof(Amount), true, TYPALIGN_DOUBLE,
					  &values, NULL, &policy->nfees);
	policy->arbitration_fee = MemoryContextAlloc(into, Max(policy->nfees, 1) * sizeof(Amount));
	for (int i = 0; i < policy->nfees; i++)
		policy->arbitration_fee[i] = DatumGetAmount(values[i]);
}

/* Every column is NOT NULL. */
static void
copy_field(MemoryContext into, const PolicyField *field, Datum value, Policy *policy)
{
	void	   *target = (char *) policy + field->offset;

	switch (field->kind)
	{
		case POLICY_WINDOW:
			*(TimeLimit *) target = DatumGetTimeLimit(value);
			break;
		case POLICY_COUNT:
			*(int *) target = DatumGetInt32(value);
			break;
		case POLICY_BYTES:
			*(int64_t *) target = DatumGetInt64(value);
			break;
		case POLICY_TEXT:
			*(char **) target = MemoryContextStrdup(into, TextDatumGetCString(value));
			break;
		case POLICY_FEES:
			copy_fees(into, DatumGetArrayTypeP(value), policy);
			break;
	}
}

/* Name and version are no part of it. */
static char *
settings_digest(const Policy *policy)
{
	StringInfoData settings;
	uint8		digest[DIGEST_BYTES];

	initStringInfo(&settings);
	for (int i = 0; i < POLICY_FIELDS; i++)
	{
		const char *value = (const char *) policy + policy_fields[i].offset;

		switch (policy_fields[i].kind)
		{
			case POLICY_WINDOW:
				pq_sendint64(&settings, *(const TimeLimit *) value);
				break;
			case POLICY_COUNT:
				pq_sendint32(&settings, *(const int *) value);
				break;
			case POLICY_BYTES:
				pq_sendint64(&settings, *(const int64_t *) value);
				break;
			case POLICY_TEXT:
				/* ends with its zero byte, which no text contains */
				appendBinaryStringInfo(&settings, *(char *const *) value, strlen(*(char *const *) value) + 1);
				break;
			case POLICY_FEES:
				for (int fee = 0; fee < policy->nfees; fee++)
					pq_sendint64(&settings, policy->arbitration_fee[fee]);
				break;
		}
	}
	digest_bytes(settings.data, settings.len, digest);
	return digest_hex(digest);
}

static void *
load_policy(MemoryContext into, const char *name, int number)
{
	Datum		values[] = {CStringGetTextDatum(name), Int32GetDatum(number)};
	SqlRows		found = sql_read(number == LATEST ? &read_latest : &read_version,
								 values, NULL, 1);
	Policy	   *policy;
	bool		isnull;

	if (found.count == 0)
		return NULL;
	policy = MemoryContextAllocZero(into, sizeof(Policy));
	policy->name = MemoryContextStrdup(into, name);
	policy->version = DatumGetInt32(heap_getattr(found.rows[0], 2, found.desc, &isnull));
	for (int i = 0; i < POLICY_FIELDS; i++)
		copy_field(into, &policy_fields[i],
				   heap_getattr(found.rows[0], i + 3, found.desc, &isnull), policy);
	policy->digest = MemoryContextStrdup(into, settings_digest(policy));
	return policy;
}

static RowCache policy_cache = {
	.tables = {"policy"},
	.load = load_policy
};

const Policy *
policy_get_latest(const char *name)
{
	return row_cache_get(&policy_cache, name, LATEST);
}

int
policy_latest_version(const char *name)
{
	const Policy *policy = policy_get_latest(name);

	return policy != NULL ? policy->version : 0;
}

static void
unknown_policy(const char *name)
{
	ereport(ERROR,
			(errcode(ERRCODE_REFUND_UNKNOWN),
			 errmsg("policy \"%s\" does not exist", name),
			 errhint("refund.add_policy() makes one.")));
}

const Policy *
policy_get(const char *name, int version)
{
	const Policy *policy = NULL;

	if (likely(version > LATEST))
		policy = row_cache_get(&policy_cache, name, version);
	if (unlikely(policy == NULL))
	{
		if (policy_latest_version(name) == 0)
			unknown_policy(name);
		ereport(ERROR,
				(errcode(ERRCODE_REFUND_UNKNOWN),
				 errmsg("policy \"%s\" has no version %d", name, version)));
	}
	return policy;
}

const Policy *
policy_read(const char *name, int version)
{
	return version > LATEST ? load_policy(CurrentMemoryContext, name, version) : NULL;
}

TimestampTz
policy_deadline(const Policy *policy, TimestampTz opened_at, TimeLimit window)
{
	return refund_deadline(opened_at, window, policy->zone, policy->calendar);
}

TimestampTz
policy_reminder(const Policy *policy, TimestampTz due_at)
{
	return refund_reminder(due_at, policy->reminder_before, policy->zone);
}

TimestampTz
policy_resume(const Policy *policy, TimestampTz due_at, TimestampTz held_at, TimestampTz lifted_at,
			  TimeLimit window)
{
	return refund_resume(due_at, held_at, lifted_at, time_limit_unit(window), policy->zone,
						 policy->calendar);
}


/* ---- the check ---- */

void
policy_check_here(const Policy *policy, PolicyReport report, void *arg)
{
	policy_check(policy, zone_is_known(policy->zone),
				 calendar_is_known(policy->calendar), report, arg);
}

/* PolicyReport: a row a finding */
static void
put_finding(void *arg, const char *setting, const char *problem)
{
	ReturnSetInfo *result = arg;
	Datum		values[] = {CStringGetTextDatum(setting), CStringGetTextDatum(problem)};
	bool		nulls[] = {false, false};

	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

/* validate_policy(name, version): no row = sound */
Datum
refund_validate_policy(PG_FUNCTION_ARGS)
{
	const Policy *policy;
	char	   *name;

	require_argument(fcinfo, 0, "name");
	name = text_to_cstring(PG_GETARG_TEXT_PP(0));
	policy = PG_ARGISNULL(1) ? policy_get_latest(name) : policy_get(name, PG_GETARG_INT32(1));
	if (policy == NULL)
		unknown_policy(name);
	InitMaterializedSRF(fcinfo, 0);
	policy_check_here(policy, put_finding, fcinfo->resultinfo);
	return (Datum) 0;
}

/* For a CHECK: above zero, one per currency, no nulls. */
Datum
refund_policy_fees_are_sound(PG_FUNCTION_ARGS)
{
	ArrayType  *fees = PG_GETARG_ARRAYTYPE_P(0);
	Policy		policy = {0};

	if (array_contains_nulls(fees))
		PG_RETURN_BOOL(false);
	copy_fees(CurrentMemoryContext, fees, &policy);
	PG_RETURN_BOOL(policy_fees_are_sound(policy.arbitration_fee, policy.nfees));
}
