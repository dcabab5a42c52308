/*
 * append_only.c
 *		Triggers that refuse to change or remove rows (RF012).
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "utils/datum.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

#include "append_only.h"
#include "catalog.h"
#include "columns.h"
#include "compat.h"
#include "errors.h"
#include "facts.h"
#include "spi.h"
#include "table_read.h"
#include "transition.h"
#include "value_types.h"

PG_FUNCTION_INFO_V1(refund_refuse_change);
PG_FUNCTION_INFO_V1(refund_guard_history);
PG_FUNCTION_INFO_V1(refund_guard_archive);

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

/* contract_id is the first column of each table of history */
static Datum
contract_of(TriggerData *trigger)
{
	bool		isnull;

	return heap_getattr(trigger->tg_trigtuple, 1, RelationGetDescr(trigger->tg_relation), &isnull);
}

/*
 * Is the contract, up to the same event, both among the live ones and archived?
 * Then it is being moved, and its rows may go from where they are no longer needed.
 */
static bool
is_being_moved(TriggerData *trigger)
{
	static Statement find = STATEMENT(
									  "SELECT 1 FROM refund.contract c"
									  " JOIN refund.archived_contract a ON a.contract_id OPERATOR(pg_catalog.=) c.contract_id"
									  " AND a.head OPERATOR(pg_catalog.=) c.head"
									  " WHERE c.contract_id OPERATOR(pg_catalog.=) $1", "l");
	Datum		values[] = {contract_of(trigger)};
	bool		result;

	sql_enter();
	result = sql_run(&find, values, NULL, 0).count > 0;
	sql_leave();
	return result;
}

/* Is this what the contract's last event has erased? */
static bool
is_erased(TriggerData *trigger, int64 contract_id, int32 last_event)
{
	bool		isnull;
	Datum		evidence_no;
	TableScan  *scan;
	bool		result;

	if (RelationGetRelid(trigger->tg_relation) != table_oid(TABLE_EVIDENCE_BODY))
		return false;
	evidence_no = heap_getattr(trigger->tg_trigtuple, BODY_EVIDENCE_NO + 1,
							   RelationGetDescr(trigger->tg_relation), &isnull);
	scan = scan_begin(TABLE_EVENT, contract_id, last_event);
	result = scan_next(scan) &&
		enum_value(ENUM_EVENT_KIND, scan_values(scan)[EVENT_KIND]) == EVENT_ERASE_EVIDENCE &&
		DatumGetInt32(scan_values(scan)[EVENT_ITEM_NO]) == DatumGetInt32(evidence_no);
	scan_end(scan);
	return result;
}

/* The contract says that the row can go: one of a test clock, or an erased body. */
static bool
contract_lets_go(TriggerData *trigger)
{
	int64		contract_id = DatumGetInt64(contract_of(trigger));
	TableScan  *scan = scan_begin_all(TABLE_CONTRACT, contract_id);
	bool		found = scan_next(scan);
	bool		is_test = found && !scan_nulls(scan)[CONTRACT_TEST_CLOCK];
	int32		last_event = found ? DatumGetInt32(scan_values(scan)[CONTRACT_EVENT_NO]) : 0;

	scan_end(scan);
	return is_test || (found && is_erased(trigger, contract_id, last_event));
}

/* Of a refund payment its execution changes; what was decided stays. */
static bool
changes_execution_only(TriggerData *trigger)
{
	static const int decided[] = {
		PAYMENT_CONTRACT_ID, PAYMENT_AMOUNT, PAYMENT_EXPECTED_BY, PAYMENT_PAYMENT_NO,
		PAYMENT_DEPOSIT_NO, PAYMENT_EVENT_NO, PAYMENT_PAYEE, PAYMENT_PURPOSE, PAYMENT_IS_TEST
	};
	TupleDesc	desc = RelationGetDescr(trigger->tg_relation);

	if (RelationGetRelid(trigger->tg_relation) != table_oid(TABLE_REFUND_PAYMENT))
		return false;
	for (int i = 0; i < (int) lengthof(decided); i++)
	{
		Form_pg_attribute attribute = TupleDescAttr(desc, decided[i]);
		bool		old_null;
		bool		new_null;
		Datum		old = heap_getattr(trigger->tg_trigtuple, decided[i] + 1, desc, &old_null);
		Datum		new = heap_getattr(trigger->tg_newtuple, decided[i] + 1, desc, &new_null);

		if (old_null != new_null ||
			(!old_null && !datum_image_eq(old, new, attribute->attbyval, attribute->attlen)))
			return false;
	}
	return true;
}

/* guard_history(): the same, with the exceptions that the rows themselves show */
Datum
refund_guard_history(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = trigger_of(fcinfo);

	if (TRIGGER_FIRED_FOR_ROW(trigger->tg_event))
	{
		if (TRIGGER_FIRED_BY_DELETE(trigger->tg_event) &&
			(contract_lets_go(trigger) || is_being_moved(trigger)))
			return PointerGetDatum(trigger->tg_trigtuple);
		if (TRIGGER_FIRED_BY_UPDATE(trigger->tg_event) && changes_execution_only(trigger))
			return PointerGetDatum(trigger->tg_newtuple);
	}
	refuse_change(trigger, "Contracts of a test clock go with drop_test_clock(); nothing else is ever removed.");
}

/* guard_archive(): the same for archived rows, of which nothing changes but that a contract goes back */
Datum
refund_guard_archive(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = trigger_of(fcinfo);

	if (TRIGGER_FIRED_BY_DELETE(trigger->tg_event) && is_being_moved(trigger))
		return PointerGetDatum(trigger->tg_trigtuple);
	refuse_change(trigger, "A contract leaves the archive as a whole, with unarchive(); a whole partition can be detached.");
}
