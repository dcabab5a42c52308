/*
 * append_only.c
 *		Triggers that refuse to change or remove rows (RF012).
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

#include "append_only.h"
#include "compat.h"
#include "errors.h"
#include "facts.h"
#include "spi.h"

PG_FUNCTION_INFO_V1(refund_refuse_change);
PG_FUNCTION_INFO_V1(refund_guard_history);

TriggerData *
trigger_of(FunctionCallInfo fcinfo)
{
	if (!CALLED_AS_TRIGGER(fcinfo))
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("this function can only be called as a trigger")));
	return (TriggerData *) fcinfo->context;
}

static const char *
trigger_operation(TriggerEvent event)
{
	if (TRIGGER_FIRED_BY_INSERT(event))
		return "INSERT";
	if (TRIGGER_FIRED_BY_UPDATE(event))
		return "UPDATE";
	if (TRIGGER_FIRED_BY_DELETE(event))
		return "DELETE";
	return "TRUNCATE";
}

void
refuse_change(TriggerData *trigger, const char *hint)
{
	const char *table = psprintf("%s.%s",
								 get_namespace_name(RelationGetNamespace(trigger->tg_relation)),
								 RelationGetRelationName(trigger->tg_relation));
	Facts		f;

	facts_begin(&f);
	facts_text(&f, "table", table);
	facts_text(&f, "operation", trigger_operation(trigger->tg_event));
	ereport(ERROR,
			(errcode(ERRCODE_REFUND_APPEND_ONLY),
			 errmsg("rows of %s are never changed or removed", table),
			 errdetail_internal("%s", facts_end(&f)),
			 errhint("%s", hint)));
}

/* refuse_change('hint'): refuses what fired it */
Datum
refund_refuse_change(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = trigger_of(fcinfo);

	refuse_change(trigger, trigger->tg_trigger->tgnargs > 0
				  ? trigger->tg_trigger->tgargs[0]
				  : "History only grows: record what happened as a new event.");
}

/* Does the row belong to a contract of a test clock?  Then it may be dropped with it. */
static bool
is_of_test_clock(TriggerData *trigger)
{
	static Statement find = STATEMENT(
									  "SELECT 1 FROM refund.contract c WHERE c.contract_id OPERATOR(pg_catalog.=) $1"
									  " AND c.test_clock IS NOT NULL", "l");
	bool		isnull;
	Datum		values[1];
	bool		result;

	/* contract_id is the first column of each table of history */
	values[0] = heap_getattr(trigger->tg_trigtuple, 1, RelationGetDescr(trigger->tg_relation), &isnull);
	sql_enter();
	result = sql_run(&find, values, NULL, 0).count > 0;
	sql_leave();
	return result;
}

/* guard_history(): the same, but a contract of a test clock can go */
Datum
refund_guard_history(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = trigger_of(fcinfo);

	if (TRIGGER_FIRED_BY_DELETE(trigger->tg_event) && TRIGGER_FIRED_FOR_ROW(trigger->tg_event) &&
		is_of_test_clock(trigger))
		return PointerGetDatum(trigger->tg_trigtuple);
	refuse_change(trigger, "Contracts of a test clock go with drop_test_clock(); nothing else is ever removed.");
}
