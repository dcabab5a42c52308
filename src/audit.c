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
#include "access/xact.h"
#include "catalog/pg_type.h"
#include "commands/trigger.h"
#include "fmgr.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/hsearch.h"
#include "utils/memutils.h"
#include "utils/rel.h"

#include "audit.h"
#include "catalog.h"
#include "columns.h"
#include "compat.h"
#include "errors.h"
#include "facts.h"
#include "spi.h"
#include "store.h"
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

/* ---- the memory of what was proved in this transaction ---- */

typedef struct ProvedKey
{
	int64		contract_id;
	int64		event_no;
} ProvedKey;

static HTAB *proved = NULL;

static void
forget_at_end(XactEvent event, void *arg)
{
	(void) arg;
	switch (event)
	{
		case XACT_EVENT_COMMIT:
		case XACT_EVENT_PARALLEL_COMMIT:
		case XACT_EVENT_ABORT:
		case XACT_EVENT_PARALLEL_ABORT:
		case XACT_EVENT_PREPARE:
			/* its memory goes with TopTransactionContext */
			proved = NULL;
			break;
		case XACT_EVENT_PRE_COMMIT:
		case XACT_EVENT_PARALLEL_PRE_COMMIT:
		case XACT_EVENT_PRE_PREPARE:
			break;
	}
}

static void
forget_after_abort(SubXactEvent event, SubTransactionId mine, SubTransactionId parent, void *arg)
{
	(void) mine;
	(void) parent;
	(void) arg;
	if (event == SUBXACT_EVENT_ABORT_SUB && proved != NULL)
	{
		hash_destroy(proved);
		proved = NULL;
	}
}

static void
remember(const Proof *p)
{
	static bool registered = false;
	ProvedKey	key = {.contract_id = p->contract_id,.event_no = p->new_event_no};

	if (!registered)
	{
		RegisterXactCallback(forget_at_end, NULL);
		RegisterSubXactCallback(forget_after_abort, NULL);
		registered = true;
	}
	if (proved == NULL)
	{
		HASHCTL		control = {
			.keysize = sizeof(ProvedKey),
			.entrysize = sizeof(ProvedKey),
			.hcxt = TopTransactionContext
		};

		proved = hash_create("refund: proved steps", 1024, &control,
							 HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	}
	hash_search(proved, &key, HASH_ENTER, NULL);
}

static bool
was_proved(int64 contract_id, int32 event_no)
{
	ProvedKey	key = {.contract_id = contract_id,.event_no = event_no};

	return proved != NULL && hash_search(proved, &key, HASH_FIND, NULL) != NULL;
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

typedef struct Progress
{
	int32		event_no;		/* last one seen */
	RequestState state;
	Balances	balance;
	bool		head_seen;
} Progress;

enum
{
	READ_PROOF, READ_EVENT_NO, READ_FROM, READ_TO, READ_HASH, READ_DEBIT, READ_CREDIT,
	READ_AMOUNT, READ_COLUMNS
};

/* One row: an event of the proof's contract, and one of its transfers or none. */
static void
prove_row(const Proof *p, Progress *progress, Datum *v, bool *n)
{
	int32		event_no = DatumGetInt32(v[READ_EVENT_NO]);

	if (event_no != progress->event_no)
	{
		bytea	   *hash = DatumGetByteaPP(v[READ_HASH]);
		RequestState from = n[READ_FROM] ? REQUEST_NONE : enum_value(ENUM_REQUEST_STATE, v[READ_FROM]);

		if (event_no != progress->event_no + 1)
			refuse_proof(p, "an event is missing from its history");
		if (from != progress->state)
			refuse_proof(p, "its history does not lead to its state");
		progress->event_no = event_no;
		progress->state = n[READ_TO] ? REQUEST_NONE : enum_value(ENUM_REQUEST_STATE, v[READ_TO]);
		progress->head_seen = VARSIZE_ANY_EXHDR(hash) == HASH_BYTES &&
			memcmp(VARDATA_ANY(hash), p->head, HASH_BYTES) == 0;
	}
	if (!n[READ_AMOUNT])
		apply_transfer(&progress->balance,
					   enum_value(ENUM_ACCOUNT, v[READ_DEBIT]),
					   enum_value(ENUM_ACCOUNT, v[READ_CREDIT]),
					   amount_minor(DatumGetAmount(v[READ_AMOUNT])));
}

static void
prove_end(const Proof *p, const Progress *progress)
{
	if (progress->event_no != p->new_event_no)
		refuse_proof(p, "an event is missing from its history");
	if (progress->state != p->new_state)
		refuse_proof(p, "its history does not lead to its state");
	if (!progress->head_seen)
		refuse_proof(p, "its head is not the hash of its last event");
	if (memcmp(&progress->balance, &p->new_balance, sizeof(Balances)) != 0)
		refuse_proof(p, "its transfers do not add up to its balances");
}

void
audit_prove(Proof *proofs, int count)
{
	static Statement read = STATEMENT(
									  "SELECT a.proof, e.event_no, e.from_state, e.to_state, e.hash, t.debit, t.credit, t.amount"
									  " FROM ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2), pg_catalog.unnest($3)) WITH ORDINALITY AS a (contract_id, old_no, new_no, proof)"
									  " JOIN refund.event e ON e.contract_id OPERATOR(pg_catalog.=) a.contract_id"
									  " AND e.event_no OPERATOR(pg_catalog.>) a.old_no AND e.event_no OPERATOR(pg_catalog.<=) a.new_no"
									  " LEFT JOIN refund.transfer t ON t.contract_id OPERATOR(pg_catalog.=) e.contract_id"
									  " AND t.event_no OPERATOR(pg_catalog.=) e.event_no", "LII");
	Datum	   *id = palloc(3 * count * sizeof(Datum));
	Datum	   *old_no = id + count;
	Datum	   *new_no = old_no + count;
	Progress   *progress = palloc0(count * sizeof(Progress));
	Datum		values[3];
	SqlRows		found;

	for (int i = 0; i < count; i++)
	{
		id[i] = Int64GetDatum(proofs[i].contract_id);
		old_no[i] = Int32GetDatum(proofs[i].old_event_no);
		new_no[i] = Int32GetDatum(proofs[i].new_event_no);
		progress[i].event_no = proofs[i].old_event_no;
		progress[i].state = proofs[i].old_state;
		progress[i].balance = proofs[i].old_balance;
	}
	values[0] = PointerGetDatum(construct_array(id, count, INT8OID, 8, true, TYPALIGN_DOUBLE));
	values[1] = PointerGetDatum(construct_array(old_no, count, INT4OID, 4, true, TYPALIGN_INT));
	values[2] = PointerGetDatum(construct_array(new_no, count, INT4OID, 4, true, TYPALIGN_INT));
	/* not read-only: the proof is about what this very command wrote */
	found = sql_run(&read, values, NULL, 0);
	for (uint64 row = 0; row < found.count; row++)
	{
		Datum		v[READ_COLUMNS];
		bool		n[READ_COLUMNS];
		int			i;

		heap_deform_tuple(found.rows[row], found.desc, v, n);
		i = DatumGetInt64(v[READ_PROOF]) - 1;
		prove_row(&proofs[i], &progress[i], v, n);
	}
	for (int i = 0; i < count; i++)
	{
		prove_end(&proofs[i], &progress[i]);
		remember(&proofs[i]);
	}
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
	bool		isnull;
	int64		contract_id;

	check_trigger_call(fcinfo);
	desc = RelationGetDescr(trigger->tg_relation);
	contract_id = DatumGetInt64(heap_getattr(trigger->tg_newtuple, CONTRACT_ID + 1, desc, &isnull));
	if (was_proved(contract_id,
				   DatumGetInt32(heap_getattr(trigger->tg_newtuple, CONTRACT_EVENT_NO + 1,
											  desc, &isnull))))
		return PointerGetDatum(NULL);
	store_contract_of(trigger->tg_trigtuple, desc, 0, &old);
	store_contract_of(trigger->tg_newtuple, desc, 0, &new);
	if (old.event_no == new.event_no)
		return PointerGetDatum(NULL);	/* refund_check_contract() saw that nothing changed */
	proof_before(&proof, &old);
	proof_after(&proof, &new);
	sql_enter();
	audit_prove(&proof, 1);
	sql_leave();
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
