/*
 * claim.c
 *		Work for payment workers and mailers: rows are handed out under a lease,
 *		and again when it runs out without a word.
 *
 * A claim locks the rows that it takes and skips those that somebody else is
 * taking; it changes nothing but the lease, and nothing of the contract.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "activation.h"
#include "compat.h"
#include "notification.h"
#include "required.h"
#include "spi.h"

PG_FUNCTION_INFO_V1(refund_claim_refund_payments);
PG_FUNCTION_INFO_V1(refund_claim_notifications);

/* What both claims are called with. */
enum
{
	CLAIM_MAX, CLAIM_LEASE, CLAIM_TEST
};

/* Check the arguments; the parameters of every statement below: limit, now, end of the lease, test. */
static void
claim_parameters(FunctionCallInfo fcinfo, Datum *values)
{
	TimestampTz now = GetCurrentTimestamp();
	TimestampTz until;

	require_argument(fcinfo, CLAIM_MAX, "max");
	require_argument(fcinfo, CLAIM_LEASE, "lease");
	require_argument(fcinfo, CLAIM_TEST, "test");
	if (PG_GETARG_INT32(CLAIM_MAX) < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("argument \"max\" must not be negative"),
				 errhint("Give the most rows that the call may hand out.")));
	/* on UTC's wall clock: the session's TimeZone has no say */
	until = DatumGetTimestamp(DirectFunctionCall2(timestamp_pl_interval, TimestampGetDatum(now),
												  PG_GETARG_DATUM(CLAIM_LEASE)));
	if (until <= now || TIMESTAMP_NOT_FINITE(until))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("argument \"lease\" must be more than zero"),
				 errhint("Give the time that a worker needs for what it takes, such as '5 minutes'.")));
	values[0] = Int32GetDatum(PG_GETARG_INT32(CLAIM_MAX));
	values[1] = TimestampTzGetDatum(now);
	values[2] = TimestampTzGetDatum(until);
	values[3] = BoolGetDatum(PG_GETARG_BOOL(CLAIM_TEST));
}

typedef struct Taken
{
	int64		contract_id;
	int32		number;
} Taken;

static int
taken_cmp(const void *a, const void *b)
{
	const Taken *x = a;
	const Taken *y = b;

	if (x->contract_id != y->contract_id)
		return x->contract_id < y->contract_id ? -1 : 1;
	return x->number < y->number ? -1 : x->number > y->number;
}

/*
 * Hand out: the rows of a view for the (contract_id, number) pairs that were taken, in
 * their order.  "read" gets them in it: a planner that should sort a view's rows, of
 * which it expects too many, would rather read the whole table in that order.
 */
static void
hand_out(FunctionCallInfo fcinfo, const SqlRows *found, Statement *read)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	Taken	   *taken = palloc((found->count + 1) * sizeof(Taken));
	Datum	   *ids = palloc((found->count + 1) * sizeof(Datum));
	Datum	   *numbers = palloc((found->count + 1) * sizeof(Datum));
	Datum		values[2];
	SqlRows		rows;
	bool		isnull;

	for (uint64 i = 0; i < found->count; i++)
	{
		taken[i].contract_id = DatumGetInt64(heap_getattr(found->rows[i], 1, found->desc, &isnull));
		taken[i].number = DatumGetInt32(heap_getattr(found->rows[i], 2, found->desc, &isnull));
	}
	qsort(taken, found->count, sizeof(Taken), taken_cmp);
	for (uint64 i = 0; i < found->count; i++)
	{
		ids[i] = Int64GetDatum(taken[i].contract_id);
		numbers[i] = Int32GetDatum(taken[i].number);
	}
	values[0] = PointerGetDatum(construct_array(ids, found->count, INT8OID, sizeof(int64), true, TYPALIGN_DOUBLE));
	values[1] = PointerGetDatum(construct_array(numbers, found->count, INT4OID, sizeof(int32), true, TYPALIGN_INT));
	rows = sql_run(read, values, NULL, 0);
	for (uint64 i = 0; i < rows.count; i++)
		tuplestore_puttuple(rsinfo->setResult, rows.rows[i]);
}

Datum
refund_claim_refund_payments(PG_FUNCTION_ARGS)
{
	/*
	 * Materialized: a join could look for due rows more than once, and take too
	 * many.  The contract's lock keeps a hold from coming in between.
	 */
	static Statement take = STATEMENT(
									  "WITH due AS MATERIALIZED ("
									  " SELECT q.contract_id, q.payment_no FROM refund.refund_payment q"
									  " JOIN refund.contract c ON c.contract_id OPERATOR(pg_catalog.=) q.contract_id AND c.holds IS NULL"
									  " WHERE q.state OPERATOR(pg_catalog.<>) 'succeeded' AND q.state OPERATOR(pg_catalog.=) 'pending'"
									  " AND q.is_test OPERATOR(pg_catalog.=) $4 AND q.claimable_at OPERATOR(pg_catalog.<=) $2"
									  " ORDER BY q.claimable_at LIMIT $1"
									  " FOR NO KEY UPDATE OF q SKIP LOCKED FOR SHARE OF c SKIP LOCKED"
									  ") UPDATE refund.refund_payment p SET claimable_at = $3 FROM due"
									  " WHERE p.contract_id OPERATOR(pg_catalog.=) due.contract_id"
									  " AND p.payment_no OPERATOR(pg_catalog.=) due.payment_no"
									  " RETURNING p.contract_id, p.payment_no", "izzb");
	static Statement read = STATEMENT(
									  "SELECT s.* FROM ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2)) WITH ORDINALITY taken (contract_id, payment_no, place)"
									  " JOIN refund.refund_payment_status s"
									  " ON s.contract_id OPERATOR(pg_catalog.=) taken.contract_id"
									  " AND s.payment_no OPERATOR(pg_catalog.=) taken.payment_no"
									  " ORDER BY taken.place", "LI");
	Datum		values[4];
	SqlRows		taken;

	claim_parameters(fcinfo, values);
	PreventCommandIfReadOnly("claim_refund_payments");
	require_activation("claim_refund_payments");
	InitMaterializedSRF(fcinfo, 0);
	sql_enter();
	taken = sql_run(&take, values, NULL, 0);
	hand_out(fcinfo, &taken, &read);
	sql_leave();
	return (Datum) 0;
}

/* process.md section 7: one outbox row an event, and one for each person when a mailer comes for it. */
Datum
refund_claim_notifications(PG_FUNCTION_ARGS)
{
	static Statement fan_out = STATEMENT(
										 "WITH due AS MATERIALIZED ("
										 " SELECT n.contract_id, n.notification_no, n.event_no, n.claimable_at, n.is_test"
										 " FROM refund.notification n"
										 " WHERE n.state OPERATOR(pg_catalog.=) 'pending' AND n.is_test OPERATOR(pg_catalog.=) $4"
										 " AND n.claimable_at OPERATOR(pg_catalog.<=) $2 AND n.party IS NULL"
										 " ORDER BY n.claimable_at LIMIT $1 FOR UPDATE SKIP LOCKED"
										 "), gone AS ("
										 " DELETE FROM refund.notification n USING due"
										 " WHERE n.contract_id OPERATOR(pg_catalog.=) due.contract_id"
										 " AND n.notification_no OPERATOR(pg_catalog.=) due.notification_no"
										 ") INSERT INTO refund.notification (contract_id, claimable_at, notification_no, event_no, attempts,"
										 " state, party, is_test, person)"
										 " SELECT due.contract_id, due.claimable_at, due.notification_no OPERATOR(pg_catalog.+) t.slot, due.event_no, 0,"
										 " 'pending', t.party, due.is_test, t.person"
										 " FROM due"
										 " JOIN refund.contract c ON c.contract_id OPERATOR(pg_catalog.=) due.contract_id"
										 " JOIN refund.event e ON e.contract_id OPERATOR(pg_catalog.=) due.contract_id"
										 " AND e.event_no OPERATOR(pg_catalog.=) due.event_no"
										 " CROSS JOIN LATERAL refund.told(c, e) t", "izzb");
	/* a mailer that never says a word has had its tries too */
	static Statement take = STATEMENT(
									  "WITH due AS MATERIALIZED ("
									  " SELECT q.contract_id, q.notification_no FROM refund.notification q"
									  " WHERE q.state OPERATOR(pg_catalog.=) 'pending' AND q.is_test OPERATOR(pg_catalog.=) $4"
									  " AND q.claimable_at OPERATOR(pg_catalog.<=) $2 AND q.party IS NOT NULL"
									  " ORDER BY q.claimable_at LIMIT $1 FOR NO KEY UPDATE SKIP LOCKED"
									  "), buried AS ("
									  " UPDATE refund.notification n SET state = 'dead',"
									  " failure = COALESCE(n.failure, 'no word from the mailer') FROM due"
									  " WHERE n.contract_id OPERATOR(pg_catalog.=) due.contract_id"
									  " AND n.notification_no OPERATOR(pg_catalog.=) due.notification_no"
									  " AND n.attempts OPERATOR(pg_catalog.>=) $5"
									  ") UPDATE refund.notification n SET claimable_at = $3,"
									  " attempts = n.attempts OPERATOR(pg_catalog.+) 1 FROM due"
									  " WHERE n.contract_id OPERATOR(pg_catalog.=) due.contract_id"
									  " AND n.notification_no OPERATOR(pg_catalog.=) due.notification_no"
									  " AND n.attempts OPERATOR(pg_catalog.<) $5"
									  " RETURNING n.contract_id, n.notification_no", "izzbi");
	static Statement read = STATEMENT(
									  "SELECT s.* FROM ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2)) WITH ORDINALITY taken (contract_id, notification_no, place)"
									  " JOIN refund.notification_status s"
									  " ON s.contract_id OPERATOR(pg_catalog.=) taken.contract_id"
									  " AND s.notification_no OPERATOR(pg_catalog.=) taken.notification_no"
									  " ORDER BY taken.place", "LI");
	Datum		values[5];
	SqlRows		taken;

	claim_parameters(fcinfo, values);
	values[4] = Int32GetDatum(NOTIFICATION_TRIES);
	PreventCommandIfReadOnly("claim_notifications");
	require_activation("claim_notifications");
	InitMaterializedSRF(fcinfo, 0);
	sql_enter();
	(void) sql_run(&fan_out, values, NULL, 0);
	taken = sql_run(&take, values, NULL, 0);
	hand_out(fcinfo, &taken, &read);
	sql_leave();
	return (Datum) 0;
}
