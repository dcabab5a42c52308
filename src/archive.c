/*
 * archive.c
 *		archive() and unarchive(): finished contracts move whole, one a
 *		transaction, to tables outside the extension, and come back whole.
 *
 * Moving is no event: neither the history nor its hashes change.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/table.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "nodes/parsenodes.h"
#include "partitioning/partdesc.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"

#include "activation.h"
#include "archive.h"
#include "compat.h"
#include "contract_tables.h"
#include "engine.h"
#include "errors.h"
#include "refusal.h"
#include "required.h"
#include "result.h"
#include "spi.h"
#include "store.h"

PG_FUNCTION_INFO_V1(refund_archive);
PG_FUNCTION_INFO_V1(refund_archive_next);
PG_FUNCTION_INFO_V1(refund_unarchive);

/* Contracts that one transaction looks at until it finds a finished one. */
#define LOOK_AHEAD 1000

/* ---- what is there ---- */

/* Rows as of now, whatever the transaction's snapshot sees.  Inside of sql_enter(). */
static SqlRows
read_latest(Statement *find, int64 contract_id)
{
	Datum		values[] = {Int64GetDatum(contract_id)};
	SqlRows		found;

	PushActiveSnapshot(GetLatestSnapshot());
	found = sql_read(find, values, NULL, 1);
	PopActiveSnapshot();
	return found;
}

/* Most databases have archived nothing.  The lock is taken anew each time, so that a new partition is seen. */
static bool
has_partitions(void)
{
	Relation	rel = table_open(get_relname_relid("archived_contract", refund_schema_oid()), AccessShareLock);
	bool		result = RelationGetPartitionDesc(rel, true)->nparts > 0;

	table_close(rel, AccessShareLock);
	return result;
}

bool
is_archived(int64 contract_id)
{
	static Statement find = STATEMENT(
									  "SELECT 1 FROM refund.archived_contract a"
									  " WHERE a.contract_id OPERATOR(pg_catalog.=) $1", "l");
	bool		result;

	if (!has_partitions())
		return false;
	sql_enter();
	result = read_latest(&find, contract_id).count > 0;
	sql_leave();
	return result;
}

void
raise_absent_contract(const Command *cmd)
{
	static Statement read = STATEMENT(
									  "SELECT a.* FROM refund.archived_contract a"
									  " WHERE a.contract_id OPERATOR(pg_catalog.=) $1", "l");
	SqlRows		found;
	Contract	c;

	sql_enter();
	found = read_latest(&read, cmd->contract_id);
	if (found.count == 1)
	{
		store_contract_of(found.rows[0], found.desc, 0, &c);
		if (command_party(&c, cmd->event, cmd->actor) != PARTY_NONE)
			raise_archived(cmd);
	}
	raise_unknown_contract(cmd);
}

/* ---- what is finished ---- */

/* Nothing can happen to it any more but what comes from outside. */
static bool
is_finished(Contract *c)
{
	return c->state == CONTRACT_ENDED &&
		(c->request_state == REQUEST_NONE || c->request_state == REQUEST_SETTLED) &&
		c->balance.held == 0 && c->balance.in_transit == 0 && c->balance.fee_held == 0 &&
		c->nholds == 0 && c->next_due_at == NO_INSTANT &&
		engine_giveable(c, engine_now(c)) == 0;
}

/* Is a payment, a letter or a reversal under way?  Locks what mailers change without the contract's lock. */
static bool
has_loose_ends(int64 contract_id)
{
	static Statement lock = STATEMENT(
									  "SELECT 1 FROM refund.notification n"
									  " WHERE n.contract_id OPERATOR(pg_catalog.=) $1 FOR UPDATE", "l");
	static Statement find = STATEMENT(
									  "SELECT 1 FROM refund.refund_payment p WHERE p.contract_id OPERATOR(pg_catalog.=) $1"
									  " AND (p.state OPERATOR(pg_catalog.<>) 'succeeded' OR p.extra_refs IS NOT NULL)"
									  " UNION ALL SELECT 1 FROM refund.notification n WHERE n.contract_id OPERATOR(pg_catalog.=) $1"
									  " AND n.state OPERATOR(pg_catalog.=) 'pending'"
									  " UNION ALL SELECT 1 FROM refund.reversal r WHERE r.contract_id OPERATOR(pg_catalog.=) $1"
									  " AND NOT EXISTS (SELECT 1 FROM refund.event e"
									  " WHERE e.contract_id OPERATOR(pg_catalog.=) r.contract_id"
									  " AND e.item_no OPERATOR(pg_catalog.=) r.reversal_no"
									  " AND e.kind OPERATOR(pg_catalog.=) ANY ('{reversal_won,reversal_lost}'))", "l");
	Datum		values[] = {Int64GetDatum(contract_id)};

	sql_run(&lock, values, NULL, 0);
	return sql_run(&find, values, NULL, 1).count > 0;
}

/* What does not add up stays where it is: WARNING. */
static bool
is_sound(int64 contract_id)
{
	static Statement verify = STATEMENT("SELECT v.rule, v.detail FROM refund.verify($1) v", "l");
	Datum		values[] = {Int64GetDatum(contract_id)};
	SqlRows		found = sql_run(&verify, values, NULL, 1);
	bool		isnull;

	if (found.count == 0)
		return true;
	ereport(WARNING,
			(errcode(ERRCODE_DATA_CORRUPTED),
			 errmsg("contract %lld is not archived: %s: %s", (long long) contract_id,
					TextDatumGetCString(heap_getattr(found.rows[0], 1, found.desc, &isnull)),
					TextDatumGetCString(heap_getattr(found.rows[0], 2, found.desc, &isnull))),
			 errhint("Function refund.verify() lists what does not add up.")));
	return false;
}

/* ---- moving ---- */

#define COPY(from, to, name) STATEMENT( \
	"INSERT INTO refund." to name " SELECT x.* FROM refund." from name " x" \
	" WHERE x.contract_id OPERATOR(pg_catalog.=) $1", "l")
#define REMOVE(from, name) STATEMENT( \
	"DELETE FROM refund." from name " x WHERE x.contract_id OPERATOR(pg_catalog.=) $1", "l")
#define COPY_THERE(name) COPY("", "archived_", name)
#define COPY_BACK(name) COPY("archived_", "", name)
#define REMOVE_HERE(name) REMOVE("", name)
#define REMOVE_THERE(name) REMOVE("archived_", name)

/* First all are copied, then all go: the guards let go what is in both places. */
static void
move(Statement *copy, Statement *remove, int tables, int64 contract_id)
{
	Datum		values[] = {Int64GetDatum(contract_id)};

	for (int i = 0; i < tables; i++)
		sql_run(&copy[i], values, NULL, 0);
	for (int i = 0; i < tables; i++)
		sql_run(&remove[i], values, NULL, 0);
}

static void
move_there(int64 contract_id)
{
	static Statement partition = STATEMENT("SELECT refund.require_archive_partition($1)", "l");
	static Statement copy[] = {EACH_TABLE_OF_A_CONTRACT(COPY_THERE)};
	static Statement remove[] = {EACH_TABLE_OF_A_CONTRACT(REMOVE_HERE)};
	Datum		values[] = {Int64GetDatum(contract_id)};

	sql_run(&partition, values, NULL, 0);
	move(copy, remove, lengthof(copy), contract_id);
}

/* archive_next(from_contract, before): where to go on, NULL at the end; whether one was moved */
Datum
refund_archive_next(PG_FUNCTION_ARGS)
{
	/* locks the row that it returns; one that somebody holds is not finished */
	static Statement next = STATEMENT(
									  "SELECT c.* FROM refund.contract c WHERE c.contract_id OPERATOR(pg_catalog.>=) $1"
									  " AND c.last_at OPERATOR(pg_catalog.<) $2 AND c.test_clock IS NULL"
									  " AND c.state OPERATOR(pg_catalog.=) 'ended'"
									  " ORDER BY c.contract_id LIMIT 1 FOR UPDATE SKIP LOCKED", "lz");
	MemoryContext caller = CurrentMemoryContext;
	Datum		values[] = {PG_GETARG_DATUM(0), PG_GETARG_DATUM(1)};
	bool		nulls[] = {true, false};
	bool		archived = false;
	TupleDesc	desc;

	PreventCommandIfReadOnly("archive");
	require_activation("archive");
	for (int i = 0; i < LOOK_AHEAD && !archived; i++)
	{
		Contract	c;
		SqlRows		found;

		CHECK_FOR_INTERRUPTS();
		sql_enter();
		found = sql_run(&next, values, NULL, 1);
		nulls[0] = found.count == 0;
		if (found.count == 1)
		{
			/* of a row that can not be read, verify() tells why */
			if ((!store_try_contract_of(found.rows[0], found.desc, 0, &c) ||
				 (is_finished(&c) && !has_loose_ends(c.contract_id))) &&
				is_sound(c.contract_id))
			{
				move_there(c.contract_id);
				archived = true;
			}
			nulls[0] = c.contract_id == PG_INT64_MAX;
			values[0] = Int64GetDatum(c.contract_id + (c.contract_id < PG_INT64_MAX));
		}
		sql_leave();
		if (nulls[0])
			break;
	}
	MemoryContextSwitchTo(caller);
	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	values[1] = BoolGetDatum(archived);
	return HeapTupleGetDatum(heap_form_tuple(desc, values, nulls));
}

/*
 * archive(before, max): architecture.md rule 12, neither SECURITY DEFINER nor
 * SET, so that it can commit after each contract.
 */
Datum
refund_archive(PG_FUNCTION_ARGS)
{
	static Statement next = STATEMENT(
									  "SELECT n.next_contract, n.archived FROM refund.archive_next($1, $2) n", "lz");
	CallContext *call = (CallContext *) fcinfo->context;
	MemoryContext caller = CurrentMemoryContext;
	Datum		values[] = {Int64GetDatum(PG_INT64_MIN), PG_GETARG_DATUM(0)};
	bool		isnull = false;
	int64		archived = 0;
	int			max;
	TupleDesc	desc;

	require_argument(fcinfo, 0, "before");
	require_argument(fcinfo, 1, "max");
	max = PG_GETARG_INT32(1);
	if (max < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("argument \"max\" must not be negative"),
				 errhint("Give the most contracts that the call may move.")));

	PreventCommandIfReadOnly("archive");
	while (archived < max && !isnull)
	{
		SqlRows		found;

		sql_enter_procedure(call == NULL || !IsA(call, CallContext) || call->atomic);
		found = sql_run(&next, values, NULL, 0);
		if (DatumGetBool(heap_getattr(found.rows[0], 2, found.desc, &isnull)))
			archived++;
		values[0] = heap_getattr(found.rows[0], 1, found.desc, &isnull);
		sql_commit();
		sql_leave();
	}
	MemoryContextSwitchTo(caller);
	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	values[0] = Int64GetDatum(archived);
	isnull = false;
	return HeapTupleGetDatum(heap_form_tuple(desc, values, &isnull));
}

/* unarchive(contract_id): the contract as it is among the live ones */
Datum
refund_unarchive(PG_FUNCTION_ARGS)
{
	static Statement lock = STATEMENT(
									  "SELECT 1 FROM refund.archived_contract a"
									  " WHERE a.contract_id OPERATOR(pg_catalog.=) $1 FOR UPDATE", "l");
	static Statement copy[] = {EACH_TABLE_OF_A_CONTRACT(COPY_BACK)};
	static Statement remove[] = {EACH_TABLE_OF_A_CONTRACT(REMOVE_THERE)};
	static Statement read = STATEMENT(
									  "SELECT s.* FROM refund.contract_status s"
									  " WHERE s.contract_id OPERATOR(pg_catalog.=) $1", "l");
	Datum		values[1];

	require_argument(fcinfo, 0, "contract_id");
	PreventCommandIfReadOnly("unarchive");
	values[0] = PG_GETARG_DATUM(0);
	sql_enter();
	if (sql_run(&lock, values, NULL, 0).count == 0)
		ereport(ERROR,
				(errcode(ERRCODE_REFUND_UNKNOWN),
				 errmsg("there is no archived contract %lld", (long long) PG_GETARG_INT64(0)),
				 errhint("View refund.archive_partition lists the archive's partitions.")));
	move(copy, remove, lengthof(copy), PG_GETARG_INT64(0));
	sql_leave();
	return result_row(fcinfo, &read, values);
}
