/*
 * amount_aggregate.c
 *		sum, min and max of refund.amount.
 *
 * sum keeps 128 bits, so no order of the rows can overflow on the way to a
 * result that is in range (architecture.md rule 19).  It can run in parallel
 * (combine, serialize, deserialize) and over moving window frames (inverse).
 */
#include "postgres.h"

#include "fmgr.h"
#include "libpq/pqformat.h"
#include "utils/builtins.h"

#include "value_types.h"

PG_FUNCTION_INFO_V1(refund_amount_sum_accum);
PG_FUNCTION_INFO_V1(refund_amount_sum_inverse);
PG_FUNCTION_INFO_V1(refund_amount_sum_combine);
PG_FUNCTION_INFO_V1(refund_amount_sum_serialize);
PG_FUNCTION_INFO_V1(refund_amount_sum_deserialize);
PG_FUNCTION_INFO_V1(refund_amount_sum_final);
PG_FUNCTION_INFO_V1(refund_amount_larger);
PG_FUNCTION_INFO_V1(refund_amount_smaller);

/* Lives in the aggregate's memory context; made at the first row. */
typedef struct SumState
{
	int128		minor;			/* sum of minor units */
	int64		count;			/* rows in it; no currency while 0 */
	Amount		sample;			/* any one of them: carries the currency */
} SumState;

static SumState *
make_state(FunctionCallInfo fcinfo)
{
	MemoryContext context;

	if (!AggCheckCallContext(fcinfo, &context))
		elog(ERROR, "aggregate function called in non-aggregate context");
	return MemoryContextAllocZero(context, sizeof(SumState));
}

static inline SumState *
get_state(FunctionCallInfo fcinfo, int argno)
{
	return PG_ARGISNULL(argno) ? NULL : (SumState *) PG_GETARG_POINTER(argno);
}

Datum
refund_amount_sum_accum(PG_FUNCTION_ARGS)
{
	SumState   *state = get_state(fcinfo, 0);
	Amount		a;

	if (unlikely(state == NULL))
		state = make_state(fcinfo);
	if (PG_ARGISNULL(1))
		PG_RETURN_POINTER(state);

	a = PG_GETARG_AMOUNT(1);
	if (unlikely(!amount_same_currency(state->sample, a)))
	{
		if (state->count > 0)
			amount_mismatch_error(state->sample, a);
		state->sample = a;
	}
	state->minor += amount_minor(a);
	state->count++;
	PG_RETURN_POINTER(state);
}

/* A row leaves the window frame; the last one takes the currency with it. */
Datum
refund_amount_sum_inverse(PG_FUNCTION_ARGS)
{
	SumState   *state = get_state(fcinfo, 0);

	if (state == NULL)
		elog(ERROR, "aggregate inverse called without a state");
	if (PG_ARGISNULL(1))
		PG_RETURN_POINTER(state);

	state->minor -= amount_minor(PG_GETARG_AMOUNT(1));
	state->count--;
	PG_RETURN_POINTER(state);
}

Datum
refund_amount_sum_combine(PG_FUNCTION_ARGS)
{
	SumState   *state = get_state(fcinfo, 0);
	SumState   *other = get_state(fcinfo, 1);

	/* The other state may live in a shorter context: copy, do not adopt. */
	if (state == NULL)
		state = make_state(fcinfo);
	if (other == NULL || other->count == 0)
		PG_RETURN_POINTER(state);

	if (state->count == 0)
		state->sample = other->sample;
	else if (!amount_same_currency(state->sample, other->sample))
		amount_mismatch_error(state->sample, other->sample);
	state->minor += other->minor;
	state->count += other->count;
	PG_RETURN_POINTER(state);
}

Datum
refund_amount_sum_serialize(PG_FUNCTION_ARGS)
{
	SumState   *state;
	StringInfoData buf;

	if (!AggCheckCallContext(fcinfo, NULL))
		elog(ERROR, "aggregate function called in non-aggregate context");
	state = (SumState *) PG_GETARG_POINTER(0);

	pq_begintypsend(&buf);
	pq_sendint64(&buf, (uint64) (state->minor >> 64));
	pq_sendint64(&buf, (uint64) state->minor);
	pq_sendint64(&buf, (uint64) state->count);
	pq_sendint64(&buf, state->sample);
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}

Datum
refund_amount_sum_deserialize(PG_FUNCTION_ARGS)
{
	bytea	   *bytes;
	SumState   *state;
	StringInfoData buf;
	uint64		high;
	uint64		low;

	if (!AggCheckCallContext(fcinfo, NULL))
		elog(ERROR, "aggregate function called in non-aggregate context");
	bytes = PG_GETARG_BYTEA_PP(0);

	initStringInfo(&buf);
	appendBinaryStringInfo(&buf, VARDATA_ANY(bytes), VARSIZE_ANY_EXHDR(bytes));

	state = palloc0(sizeof(SumState));
	high = (uint64) pq_getmsgint64(&buf);
	low = (uint64) pq_getmsgint64(&buf);
	state->minor = (int128) (((uint128) high << 64) | low);
	state->count = pq_getmsgint64(&buf);
	state->sample = (Amount) pq_getmsgint64(&buf);
	pq_getmsgend(&buf);
	pfree(buf.data);
	PG_RETURN_POINTER(state);
}

Datum
refund_amount_sum_final(PG_FUNCTION_ARGS)
{
	SumState   *state = get_state(fcinfo, 0);

	if (state == NULL || state->count == 0)
		PG_RETURN_NULL();
	if (state->minor < -AMOUNT_MAX_MINOR || state->minor > AMOUNT_MAX_MINOR)
		amount_range_error();
	PG_RETURN_AMOUNT(amount_pack(amount_currency(state->sample), (int64) state->minor));
}

/* min and max follow the type's total order: currency first, then value. */
Datum
refund_amount_larger(PG_FUNCTION_ARGS)
{
	PG_RETURN_AMOUNT(Max(PG_GETARG_AMOUNT(0), PG_GETARG_AMOUNT(1)));
}

Datum
refund_amount_smaller(PG_FUNCTION_ARGS)
{
	PG_RETURN_AMOUNT(Min(PG_GETARG_AMOUNT(0), PG_GETARG_AMOUNT(1)));
}
