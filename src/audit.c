/*
 * audit.c
 *		Constraint triggers: the law of the table on every UPDATE of a contract,
 *		and at commit the proof of what the transaction did to it.
 *
 * The first net is the row's CHECKs behind the row's lock.  These triggers stop
 * what no verb does: a table owner's plain UPDATE, and a bug of ours.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "commands/trigger.h"
#include "fmgr.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/rel.h"

#include "audit.h"
#include "catalog.h"
#include "columns.h"
#include "compat.h"
#include "errors.h"
#include "facts.h"
#include "spi.h"
#include "store.h"
#include "table_read.h"
#include "value_types.h"

PG_FUNCTION_INFO_V1(refund_check_contract);
PG_FUNCTION_INFO_V1(refund_audit_contract);
PG_FUNCTION_INFO_V1(refund_guard_history);
PG_FUNCTION_INFO_V1(contract_is_sound);

/* ---- what the row alone must satisfy ---- */

static bool
total_is(int number, Datum array, int64 expected)
{
	ArrayType  *a = DatumGetArrayTypeP(array);
	int			n = ArrayGetNItems(ARR_NDIM(a), ARR_DIMS(a));
	Amount	   *element = (Amount *) ARR_DATA_PTR(a);
	int64		total = 0;

	if (ARR_HASNULL(a) || ARR_NDIM(a) > 1)
		return false;
	for (int i = 0; i < n; i++)
	{
		if (amount_currency(element[i]) != number || amount_minor(element[i]) < 0)
			return false;
		total += amount_minor(element[i]);
	}
	return total == expected;
}

/* is_sound(...): the CHECK of refund.contract; the arguments are its columns */
Datum
contract_is_sound(PG_FUNCTION_ARGS)
{
	int			currency = amount_currency(PG_GETARG_AMOUNT(0));
	int64		held = amount_minor(PG_GETARG_AMOUNT(1));
	int64		released = amount_minor(PG_GETARG_AMOUNT(2));
	int64		refunded = amount_minor(PG_GETARG_AMOUNT(3));

	for (int i = 0; i < 7; i++)
		if (amount_currency(PG_GETARG_AMOUNT(i)) != currency ||
			amount_minor(PG_GETARG_AMOUNT(i)) < 0)
			PG_RETURN_BOOL(false);
	PG_RETURN_BOOL(total_is(currency, PG_GETARG_DATUM(7), held) &&
				   total_is(currency, PG_GETARG_DATUM(8), released) &&
				   total_is(currency, PG_GETARG_DATUM(9), refunded) &&
				   total_is(currency, PG_GETARG_DATUM(10), held));
}

/* ---- the state trigger: OLD, NEW and the table, no SQL ---- */

static void
check_trigger_call(FunctionCallInfo fcinfo)
{
	if (!CALLED_AS_TRIGGER(fcinfo))
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("this function can only be called as a trigger")));
}

static void
refuse_update(const Contract *c, int code, const char *why)
{
	Facts		f;

	facts_begin(&f);
	facts_integer(&f, "contract_id", c->contract_id);
	facts_text(&f, "rule", why);
	ereport(ERROR,
			(errcode(code),
			 errmsg("contract %lld: %s", (long long) c->contract_id, why),
			 errdetail_internal("%s", facts_end(&f)),
			 errhint("Contracts change through the functions of schema refund only.")));
}

static bool
same_text(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static bool
same_row(HeapTuple old, HeapTuple new, TupleDesc desc)
{
	for (int i = 1; i <= desc->natts; i++)
	{
		bool		old_null;
		bool		new_null;
		Datum		a = heap_getattr(old, i, desc, &old_null);
		Datum		b = heap_getattr(new, i, desc, &new_null);
		Form_pg_attribute attribute = TupleDescAttr(desc, i - 1);

		if (old_null != new_null ||
			(!old_null && !datum_image_eq(a, b, attribute->attbyval, attribute->attlen)))
			return false;
	}
	return true;
}

static bool
same_identity(const Contract *a, const Contract *b)
{
	return a->contract_id == b->contract_id && a->created_at == b->created_at &&
		a->kind == b->kind && a->currency == b->currency &&
		same_text(a->client, b->client) && same_text(a->freelancer, b->freelancer) &&
		same_text(a->agency, b->agency) && same_text(a->policy, b->policy) &&
		a->policy_version == b->policy_version && same_text(a->test_clock, b->test_clock);
}

Datum
refund_check_contract(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = (TriggerData *) fcinfo->context;
	TupleDesc	desc;
	Contract	old;
	Contract	new;
	Outcome		outcome;

	check_trigger_call(fcinfo);
	desc = RelationGetDescr(trigger->tg_relation);
	store_contract_of(trigger->tg_trigtuple, desc, 0, &old);
	store_contract_of(trigger->tg_newtuple, desc, 0, &new);

	if (new.event_no == old.event_no && same_row(trigger->tg_trigtuple, trigger->tg_newtuple, desc))
		return PointerGetDatum(NULL);
	if (!same_identity(&old, &new))
		refuse_update(&old, ERRCODE_REFUND_APPEND_ONLY, "what was agreed at creation never changes");
	if (new.event_no != old.event_no + 1)
		refuse_update(&old, ERRCODE_REFUND_CONSERVATION, "a change needs exactly one event");
	if (new.last_at < old.last_at)
		refuse_update(&old, ERRCODE_REFUND_CONSERVATION, "an event can not be recorded before its predecessor");
	outcome = new.request_state == old.request_state && new.outcome == old.outcome
		? OUTCOME_NONE : new.outcome;
	if (!transition_is_legal(old.request_state, new.last_event, new.request_state, outcome))
		refuse_update(&old, ERRCODE_REFUND_ILLEGAL_TRANSITION,
					  "the transition table does not know this change of state");
	return PointerGetDatum(NULL);
}

/* ---- the proof ---- */

void
proof_before(Proof *p, const Contract *c)
{
	p->contract_id = c->contract_id;
	p->old_event_no = c->event_no;
	p->old_state = c->request_state;
	p->old_balance = c->balance;
}

void
proof_after(Proof *p, const Contract *c)
{
	p->new_event_no = c->event_no;
	p->new_state = c->request_state;
	p->new_balance = c->balance;
	memcpy(p->head, c->head, HASH_BYTES);
}

static void
move(Balances *b, Account account, int64 amount)
{
	switch (account)
	{
		case ACCOUNT_ESCROW:
			b->held += amount;
			break;
		case ACCOUNT_FREELANCER:
			b->released += amount;
			break;
		case ACCOUNT_REFUND_PAYABLE:
			b->in_transit += amount;
			break;
		case ACCOUNT_FEE_HELD:
			b->fee_held += amount;
			break;
		case ACCOUNT_SOURCE:
		case ACCOUNT_REFUND_PAID:
		case ACCOUNT_FEE_SPENT:
		case ACCOUNT_RECEIVABLE:
			break;				/* outside of the contract's balances */
	}
}

void
apply_transfer(Balances *b, Account debit, Account credit, int64 amount)
{
	move(b, debit, -amount);
	move(b, credit, amount);
	if (debit == ACCOUNT_SOURCE && credit == ACCOUNT_ESCROW)
		b->deposited += amount;
	else if (debit == ACCOUNT_ESCROW && credit == ACCOUNT_SOURCE)
		b->reversed += amount;
	else if (credit == ACCOUNT_REFUND_PAYABLE &&
			 (debit == ACCOUNT_ESCROW || debit == ACCOUNT_FREELANCER))
		b->refunded += amount;
}

static void
refuse_proof(const Proof *p, const char *why)
{
	Facts		f;

	facts_begin(&f);
	facts_integer(&f, "contract_id", p->contract_id);
	facts_integer(&f, "event_no", p->new_event_no);
	facts_text(&f, "rule", why);
	ereport(ERROR,
			(errcode(ERRCODE_REFUND_CONSERVATION),
			 errmsg("contract %lld: %s", (long long) p->contract_id, why),
			 errdetail_internal("%s", facts_end(&f)),
			 errhint("Function refund.verify() lists what does not add up.")));
}

/* The events after the old row up to the new one: states must lead from one to the other. */
static void
prove_events(const Proof *p)
{
	TableScan  *scan = scan_begin(TABLE_EVENT, p->contract_id, p->old_event_no + 1, p->new_event_no);
	int32		event_no = p->old_event_no;
	RequestState state = p->old_state;
	bool		head_seen = false;

	while (scan_next(scan))
	{
		Datum	   *v = scan_values(scan);
		bool	   *n = scan_nulls(scan);
		bytea	   *hash = DatumGetByteaPP(v[EVENT_HASH]);

		if (DatumGetInt32(v[EVENT_EVENT_NO]) != ++event_no)
			refuse_proof(p, "an event is missing from its history");
		if ((n[EVENT_FROM_STATE] ? 0 : enum_value(ENUM_REQUEST_STATE, v[EVENT_FROM_STATE])) != (int) state)
			refuse_proof(p, "its history does not lead to its state");
		state = n[EVENT_TO_STATE] ? 0 : enum_value(ENUM_REQUEST_STATE, v[EVENT_TO_STATE]);
		head_seen = VARSIZE_ANY_EXHDR(hash) == HASH_BYTES &&
			memcmp(VARDATA_ANY(hash), p->head, HASH_BYTES) == 0;
	}
	scan_end(scan);
	if (event_no != p->new_event_no)
		refuse_proof(p, "an event is missing from its history");
	if (state != p->new_state)
		refuse_proof(p, "its history does not lead to its state");
	if (!head_seen)
		refuse_proof(p, "its head is not the hash of its last event");
}

/* Their transfers must add up to the difference of the balances. */
static void
prove_balances(const Proof *p)
{
	TableScan  *scan = scan_begin(TABLE_TRANSFER, p->contract_id, p->old_event_no + 1, p->new_event_no);
	Balances	balance = p->old_balance;

	while (scan_next(scan))
	{
		Datum	   *v = scan_values(scan);

		apply_transfer(&balance,
					   enum_value(ENUM_ACCOUNT, v[TRANSFER_DEBIT]),
					   enum_value(ENUM_ACCOUNT, v[TRANSFER_CREDIT]),
					   amount_minor(DatumGetAmount(v[TRANSFER_AMOUNT])));
	}
	scan_end(scan);
	if (memcmp(&balance, &p->new_balance, sizeof(Balances)) != 0)
		refuse_proof(p, "its transfers do not add up to its balances");
}

void
audit_prove(const Proof *p)
{
	prove_events(p);
	prove_balances(p);
}

/* The deferred trigger: what this UPDATE did must be explained by the history. */
Datum
refund_audit_contract(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = (TriggerData *) fcinfo->context;
	TupleDesc	desc;
	Contract	old;
	Contract	new;
	Proof		proof;

	check_trigger_call(fcinfo);
	desc = RelationGetDescr(trigger->tg_relation);
	store_contract_of(trigger->tg_trigtuple, desc, 0, &old);
	store_contract_of(trigger->tg_newtuple, desc, 0, &new);
	if (old.event_no == new.event_no)
		return PointerGetDatum(NULL);	/* refund_check_contract() saw that nothing changed */
	proof_before(&proof, &old);
	proof_after(&proof, &new);
	audit_prove(&proof);
	return PointerGetDatum(NULL);
}

/* ---- append-only ---- */

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

	/* contract_id is the first column of each of these tables */
	values[0] = heap_getattr(trigger->tg_trigtuple, 1, RelationGetDescr(trigger->tg_relation), &isnull);
	sql_enter();
	result = sql_run(&find, values, NULL, 0).count > 0;
	sql_leave();
	return result;
}

Datum
refund_guard_history(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = (TriggerData *) fcinfo->context;
	const char *operation;
	Facts		f;

	check_trigger_call(fcinfo);
	if (TRIGGER_FIRED_BY_DELETE(trigger->tg_event) && is_of_test_clock(trigger))
		return PointerGetDatum(trigger->tg_trigtuple);
	operation = TRIGGER_FIRED_BY_DELETE(trigger->tg_event) ? "DELETE" :
		TRIGGER_FIRED_BY_UPDATE(trigger->tg_event) ? "UPDATE" : "TRUNCATE";
	facts_begin(&f);
	facts_text(&f, "table", RelationGetRelationName(trigger->tg_relation));
	facts_text(&f, "operation", operation);
	ereport(ERROR,
			(errcode(ERRCODE_REFUND_APPEND_ONLY),
			 errmsg("%s on table refund.%s is refused: history is append-only",
					operation, RelationGetRelationName(trigger->tg_relation)),
			 errdetail_internal("%s", facts_end(&f)),
			 errhint("Contracts of a test clock go with drop_test_clock(); nothing else is ever removed.")));
}
