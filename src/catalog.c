/*
 * catalog.c
 *		The oids of our own tables, types and enum labels.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_enum.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"

#include "catalog.h"
#include "compat.h"
#include "contract.h"
#include "notice.h"
#include "spi.h"
#include "version.h"

#define MAX_LABELS EVENT_KINDS

static const char *const table_name[TABLES] = {
	"contract", "event", "transfer", "milestone", "deposit", "refund_payment",
	"statement", "evidence", "evidence_body", "arbitration_fee", "notification",
	"reversal"
};

static const struct
{
	const char *name;
	const char *const *labels;	/* a NULL label stands for SQL's NULL */
	int			count;
}			enum_type[ENUM_TYPES] = {
	{"contract_kind", contract_kind_label, CONTRACT_KINDS},
	{"contract_state", contract_state_label, CONTRACT_STATES},
	{"milestone_state", milestone_state_label, MILESTONE_STATES},
	{"request_state", request_state_label, REQUEST_STATES},
	{"outcome", outcome_label, OUTCOMES},
	{"party", party_label, PARTIES},
	{"event_kind", event_label, EVENT_KINDS},
	{"account", account_label, ACCOUNTS},
	{"payment_purpose", payment_purpose_label, PAYMENT_PURPOSES},
	{"payment_state", payment_state_label, PAYMENT_STATES},
	{"notification_state", notification_state_label, NOTIFICATION_STATES},
	{"hold_kind", hold_kind_label, HOLD_KINDS},
	{"reversal_kind", reversal_kind_label, REVERSAL_KINDS},
	{"reversal_state", reversal_state_label, REVERSAL_STATES}
};

/*
 * Emptied when any schema or function changes: DROP EXTENSION and ALTER EXTENSION
 * UPDATE are such changes.
 */
static struct
{
	bool		valid;
	Oid			table[TABLES];
	Oid			amount;
	Oid			label[ENUM_TYPES][MAX_LABELS];
}			known;

static void
load_labels(EnumType type)
{
	Oid			type_oid = refund_type_oid(enum_type[type].name);

	for (int i = 0; i < enum_type[type].count; i++)
	{
		HeapTuple	tuple;

		if (enum_type[type].labels[i] == NULL)
			continue;
		tuple = SearchSysCache2(ENUMTYPOIDNAME, ObjectIdGetDatum(type_oid),
								CStringGetDatum(enum_type[type].labels[i]));
		if (!HeapTupleIsValid(tuple))
			elog(ERROR, "enum refund.%s lacks the label \"%s\"",
				 enum_type[type].name, enum_type[type].labels[i]);
		known.label[type][i] = ((Form_pg_enum) GETSTRUCT(tuple))->oid;
		ReleaseSysCache(tuple);
	}
}

static void
forget(Datum arg, int cache_id, uint32 hash)
{
	(void) arg;
	(void) cache_id;
	(void) hash;
	known.valid = false;
}

static void
load_all(void)
{
	static bool registered = false;
	Oid			schema = refund_schema_oid();

	if (!registered)
	{
		CacheRegisterSyscacheCallback(NAMESPACEOID, forget, (Datum) 0);
		CacheRegisterSyscacheCallback(PROCOID, forget, (Datum) 0);
		registered = true;
	}
	require_version();
	for (int i = 0; i < TABLES; i++)
	{
		known.table[i] = get_relname_relid(table_name[i], schema);
		if (!OidIsValid(known.table[i]))
			elog(ERROR, "table refund.%s is missing", table_name[i]);
	}
	known.amount = refund_type_oid("amount");
	for (int i = 0; i < ENUM_TYPES; i++)
		load_labels(i);
	known.valid = true;
}

static inline void
load(void)
{
	if (unlikely(!known.valid))
		load_all();
}

Oid
table_oid(Table table)
{
	load();
	return known.table[table];
}

Oid
amount_oid(void)
{
	load();
	return known.amount;
}

Datum
enum_datum(EnumType type, int value)
{
	load();
	return ObjectIdGetDatum(known.label[type][value]);
}

int
enum_value(EnumType type, Datum datum)
{
	Oid			oid = DatumGetObjectId(datum);

	load();
	for (int i = 0; i < enum_type[type].count; i++)
		if (known.label[type][i] == oid)
			return i;
	elog(ERROR, "enum refund.%s has a label that this library does not know",
		 enum_type[type].name);
}

const char *
enum_label(EnumType type, int value)
{
	return enum_type[type].labels[value];
}
