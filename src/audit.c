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
#include "utils/timestamp.h"

#include "append_only.h"
#include "audit.h"
#include "catalog.h"
#include "columns.h"
#include "compat.h"
#include "errors.h"
#include "facts.h"
#include "store.h"
#include "table_read.h"
#include "value_types.h"

PG_FUNCTION_INFO_V1(refund_check_contract);
PG_FUNCTION_INFO_V1(refund_audit_contract);
PG_FUNCTION_INFO_V1(contract_is_sound);

/* ---- what the row alone must satisfy ---- */

/* The amounts of an array of one dimension without nulls; false for any other. */
static bool
read_amounts(Datum datum, Amount **amounts, int *count)
{
	ArrayType  *a = DatumGetArrayTypeP(datum);

	*count = ArrayGetNItems(ARR_NDIM(a), ARR_DIMS(a));
	*amounts = (Amount *) ARR_DATA_PTR(a);
	return !ARR_HASNULL(a) && ARR_NDIM(a) <= 1;
}

static bool
total_is(int currency, Datum array, int64 expected, int *count)
{
	Amount	   *amount;
	int64		total = 0;

	if (!read_amounts(array, &amount, count))
		return false;
	for (int i = 0; i < *count; i++)
	{
		if (amount_currency(amount[i]) != currency || amount_minor(amount[i]) < 0)
			return false;
		total += amount_minor(amount[i]);
		if (total > AMOUNT_MAX_MINOR)
			return false;
	}
	return total == expected;
}

/* The arguments of is_sound(), in order. */
enum
{
	SOUND_CURRENCY, SOUND_DEPOSITED, SOUND_HELD, SOUND_RELEASED, SOUND_REFUNDED, SOUND_REVERSED,
	SOUND_IN_TRANSIT, SOUND_FEE_HELD, SOUND_RECEIVABLE, SOUND_NO, SOUND_ROOM, SOUND_MILESTONE_HELD,
	SOUND_MILESTONE_RELEASED, SOUND_MILESTONE_REFUNDED, SOUND_DEPOSIT_HELD
};

/* Milestones ascend in number, and each has its place in every array. */
static bool
milestones_agree(FunctionCallInfo fcinfo, int currency, int count)
{
	ArrayType  *a = PG_GETARG_ARRAYTYPE_P(SOUND_NO);
	int32	   *no = (int32 *) ARR_DATA_PTR(a);
	Amount	   *room;
	int			nroom;

	if (ARR_HASNULL(a) || ARR_NDIM(a) > 1 || ArrayGetNItems(ARR_NDIM(a), ARR_DIMS(a)) != count ||
		!read_amounts(PG_GETARG_DATUM(SOUND_ROOM), &room, &nroom) || nroom != count)
		return false;
	for (int i = 0; i < count; i++)
		if (amount_currency(room[i]) != currency || (i > 0 && no[i - 1] >= no[i]))
			return false;
	return true;
}

/* is_sound(...): the CHECK of refund.contract; the arguments are its columns */
Datum
contract_is_sound(PG_FUNCTION_ARGS)
{
	int			currency = PG_GETARG_CURRENCY(SOUND_CURRENCY);
	int64		held = amount_minor(PG_GETARG_AMOUNT(SOUND_HELD));
	int			held_count;
	int			released_count;
	int			refunded_count;
	int			deposit_count;

	for (int i = SOUND_DEPOSITED; i <= SOUND_RECEIVABLE; i++)
		if (amount_currency(PG_GETARG_AMOUNT(i)) != currency ||
			amount_minor(PG_GETARG_AMOUNT(i)) < 0)
			PG_RETURN_BOOL(false);
	PG_RETURN_BOOL(total_is(currency, PG_GETARG_DATUM(SOUND_MILESTONE_HELD), held, &held_count) &&
				   total_is(currency, PG_GETARG_DATUM(SOUND_MILESTONE_RELEASED),
							amount_minor(PG_GETARG_AMOUNT(SOUND_RELEASED)), &released_count) &&
				   total_is(currency, PG_GETARG_DATUM(SOUND_MILESTONE_REFUNDED),
							amount_minor(PG_GETARG_AMOUNT(SOUND_REFUNDED)), &refunded_count) &&
				   total_is(currency, PG_GETARG_DATUM(SOUND_DEPOSIT_HELD), held, &deposit_count) &&
				   released_count == held_count && refunded_count == held_count &&
				   milestones_agree(fcinfo, currency, held_count));
}

/* ---- the state trigger: OLD, NEW and the table, no SQL ---- */

/* Only for the triggers of refund.contract: elsewhere there is no row to read. */
static TriggerData *
update_of_contract(FunctionCallInfo fcinfo)
{
	TriggerData *trigger = trigger_of(fcinfo);

	if (!TRIGGER_FIRED_BY_UPDATE(trigger->tg_event) || !TRIGGER_FIRED_FOR_ROW(trigger->tg_event) ||
		!TRIGGER_FIRED_AFTER(trigger->tg_event) ||
		RelationGetRelid(trigger->tg_relation) != table_oid(TABLE_CONTRACT))
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("this function can only be called after an UPDATE of a row of refund.contract")));
	return trigger;
}

static void
refuse_update(int64 contract_id, int code, const char *why)
{
	Facts		f;

	facts_begin(&f);
	facts_integer(&f, "contract_id", contract_id);
	facts_text(&f, "rule", why);
	ereport(ERROR,
			(errcode(code),
			 errmsg("contract %lld: %s", (long long) contract_id, why),
			 errdetail_internal("%s", facts_end(&f)),
			 errhint("Contracts change through the functions of schema refund only.")));
}

/* A row of refund.contract as a trigger sees it. */
typedef struct ContractRow
{
	Datum		values[CONTRACT_COLUMNS];
	bool		nulls[CONTRACT_COLUMNS];
} ContractRow;

static void
read_row(HeapTuple tuple, TupleDesc desc, ContractRow *row)
{
	store_check_version(desc->natts);
	heap_deform_tuple(tuple, desc, row->values, row->nulls);
}

static bool
same_column(const ContractRow *a, const ContractRow *b, TupleDesc desc, int column)
{
	Form_pg_attribute attribute = TupleDescAttr(desc, column);

	return a->nulls[column] == b->nulls[column] &&
		(a->nulls[column] ||
		 datum_image_eq(a->values[column], b->values[column],
						attribute->attbyval, attribute->attlen));
}

static bool
same_columns(const ContractRow *a, const ContractRow *b, TupleDesc desc, const int *columns, int count)
{
	for (int i = 0; i < count; i++)
		if (!same_column(a, b, desc, columns == NULL ? i : columns[i]))
			return false;
	return true;
}

static int
column_enum(EnumType type, Datum *values, bool *nulls, int column)
{
	return nulls[column] ? 0 : enum_value(type, values[column]);
}

static int
row_enum(ContractRow *row, EnumType type, int column)
{
	return column_enum(type, row->values, row->nulls, column);
}

static int32
row_number(const ContractRow *row, int column)
{
	return DatumGetInt32(row->values[column]);
}

/* check_contract(): OLD, NEW and the table */
Datum
refund_check_contract(PG_FUNCTION_ARGS)
{
	static const int fixed[] = {
		CONTRACT_ID, CONTRACT_CREATED_AT, CONTRACT_KIND, CONTRACT_CURRENCY, CONTRACT_CLIENT,
		CONTRACT_FREELANCER, CONTRACT_AGENCY, CONTRACT_POLICY, CONTRACT_POLICY_VERSION,
		CONTRACT_TEST_CLOCK
	};
	TriggerData *trigger = update_of_contract(fcinfo);
	TupleDesc	desc;
	ContractRow old;
	ContractRow new;
	int64		id;
	RequestState from;
	RequestState to;
	Outcome		outcome;

	desc = RelationGetDescr(trigger->tg_relation);
	read_row(trigger->tg_trigtuple, desc, &old);
	read_row(trigger->tg_newtuple, desc, &new);
	id = DatumGetInt64(old.values[CONTRACT_ID]);

	if (row_number(&new, CONTRACT_EVENT_NO) == row_number(&old, CONTRACT_EVENT_NO) &&
		same_columns(&old, &new, desc, NULL, CONTRACT_COLUMNS))
		return PointerGetDatum(NULL);
	if (!same_columns(&old, &new, desc, fixed, lengthof(fixed)))
		refuse_update(id, ERRCODE_REFUND_APPEND_ONLY, "what was agreed at creation never changes");
	if (row_number(&new, CONTRACT_EVENT_NO) != row_number(&old, CONTRACT_EVENT_NO) + 1)
		refuse_update(id, ERRCODE_REFUND_CONSERVATION, "a change needs exactly one event");
	if (DatumGetTimestampTz(new.values[CONTRACT_LAST_AT]) < DatumGetTimestampTz(old.values[CONTRACT_LAST_AT]))
		refuse_update(id, ERRCODE_REFUND_CONSERVATION, "an event can not be recorded before its predecessor");
	from = row_enum(&old, ENUM_REQUEST_STATE, CONTRACT_REQUEST_STATE);
	to = row_enum(&new, ENUM_REQUEST_STATE, CONTRACT_REQUEST_STATE);
	outcome = row_enum(&new, ENUM_OUTCOME, CONTRACT_OUTCOME);
	if (from == to && (int) outcome == row_enum(&old, ENUM_OUTCOME, CONTRACT_OUTCOME))
		outcome = OUTCOME_NONE;
	if (!transition_is_legal(from, row_enum(&new, ENUM_EVENT_KIND, CONTRACT_LAST_EVENT), to, outcome))
		refuse_update(id, ERRCODE_REFUND_ILLEGAL_TRANSITION,
					  "the transition table does not know this change of state");
	return PointerGetDatum(NULL);
}

/* ---- the proof ---- */

/* A contract's row before and after its last event, which the event's rows must explain. */
typedef struct Proof
{
	int64		contract_id;
	int32		event_no;
	RequestState from;
	RequestState to;
	Balances	before;
	Balances	after;
	const bytea *head;
} Proof;

static void
read_balances(const ContractRow *row, Balances *b)
{
	b->deposited = amount_minor(DatumGetAmount(row->values[CONTRACT_DEPOSITED]));
	b->held = amount_minor(DatumGetAmount(row->values[CONTRACT_HELD]));
	b->released = amount_minor(DatumGetAmount(row->values[CONTRACT_RELEASED]));
	b->refunded = amount_minor(DatumGetAmount(row->values[CONTRACT_REFUNDED]));
	b->reversed = amount_minor(DatumGetAmount(row->values[CONTRACT_REVERSED]));
	b->in_transit = amount_minor(DatumGetAmount(row->values[CONTRACT_IN_TRANSIT]));
	b->fee_held = amount_minor(DatumGetAmount(row->values[CONTRACT_FEE_HELD]));
	b->receivable = amount_minor(DatumGetAmount(row->values[CONTRACT_RECEIVABLE]));
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
		case ACCOUNT_RECEIVABLE:
			b->receivable -= amount;	/* a debt to us grows by what leaves it */
			break;
		case ACCOUNT_SOURCE:
		case ACCOUNT_REFUND_PAID:
		case ACCOUNT_FEE_SPENT:
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
	facts_integer(&f, "event_no", p->event_no);
	facts_text(&f, "rule", why);
	ereport(ERROR,
			(errcode(ERRCODE_REFUND_CONSERVATION),
			 errmsg("contract %lld: %s", (long long) p->contract_id, why),
			 errdetail_internal("%s", facts_end(&f)),
			 errhint("Function refund.verify() lists what does not add up.")));
}

static bool
same_hash(const bytea *a, const bytea *b)
{
	return VARSIZE_ANY_EXHDR(a) == HASH_BYTES && VARSIZE_ANY_EXHDR(b) == HASH_BYTES &&
		memcmp(VARDATA_ANY(a), VARDATA_ANY(b), HASH_BYTES) == 0;
}

/* The event leads from the old state to the new one, and its hash is the head. */
static void
prove_event(const Proof *p)
{
	TableScan  *scan = scan_begin(TABLE_EVENT, p->contract_id, p->event_no);
	Datum	   *v = scan_values(scan);
	bool	   *n = scan_nulls(scan);

	if (!scan_next(scan))
		refuse_proof(p, "an event is missing from its history");
	if (column_enum(ENUM_REQUEST_STATE, v, n, EVENT_FROM_STATE) != (int) p->from ||
		column_enum(ENUM_REQUEST_STATE, v, n, EVENT_TO_STATE) != (int) p->to)
		refuse_proof(p, "its history does not lead to its state");
	if (!same_hash(DatumGetByteaPP(v[EVENT_HASH]), p->head))
		refuse_proof(p, "its head is not the hash of its last event");
	scan_end(scan);
}

/* The event's transfers add up to the difference of the balances. */
static void
prove_balances(const Proof *p)
{
	TableScan  *scan = scan_begin(TABLE_TRANSFER, p->contract_id, p->event_no);
	Balances	balance = p->before;

	while (scan_next(scan))
	{
		Datum	   *v = scan_values(scan);

		apply_transfer(&balance,
					   enum_value(ENUM_ACCOUNT, v[TRANSFER_DEBIT]),
					   enum_value(ENUM_ACCOUNT, v[TRANSFER_CREDIT]),
					   amount_minor(DatumGetAmount(v[TRANSFER_AMOUNT])));
	}
	scan_end(scan);
	if (memcmp(&balance, &p->after, sizeof(Balances)) != 0)
		refuse_proof(p, "its transfers do not add up to its balances");
}

/* audit_contract(): what this UPDATE did must be explained by the history */
Datum
refund_audit_contract(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = update_of_contract(fcinfo);
	TupleDesc	desc;
	ContractRow old;
	ContractRow new;
	Proof		p;

	desc = RelationGetDescr(trigger->tg_relation);
	read_row(trigger->tg_trigtuple, desc, &old);
	read_row(trigger->tg_newtuple, desc, &new);
	p.event_no = row_number(&new, CONTRACT_EVENT_NO);
	if (row_number(&old, CONTRACT_EVENT_NO) == p.event_no)
		return PointerGetDatum(NULL);	/* refund_check_contract() saw that nothing changed */
	p.contract_id = DatumGetInt64(new.values[CONTRACT_ID]);
	p.from = row_enum(&old, ENUM_REQUEST_STATE, CONTRACT_REQUEST_STATE);
	p.to = row_enum(&new, ENUM_REQUEST_STATE, CONTRACT_REQUEST_STATE);
	read_balances(&old, &p.before);
	read_balances(&new, &p.after);
	p.head = DatumGetByteaPP(new.values[CONTRACT_HEAD]);
	prove_event(&p);
	prove_balances(&p);
	return PointerGetDatum(NULL);
}
