/*
 * time_limit_type.c
 *		SQL type refund.time_limit over time_limit.h: fmgr shells only.
 */
#include "postgres.h"

#include "common/hashfn.h"
#include "fmgr.h"
#include "libpq/pqformat.h"
#include "utils/builtins.h"
#include "utils/sortsupport.h"

#include "value_types.h"

PG_FUNCTION_INFO_V1(refund_time_limit_in);
PG_FUNCTION_INFO_V1(refund_time_limit_out);
PG_FUNCTION_INFO_V1(refund_time_limit_recv);
PG_FUNCTION_INFO_V1(refund_time_limit_send);
PG_FUNCTION_INFO_V1(refund_time_limit_eq);
PG_FUNCTION_INFO_V1(refund_time_limit_ne);
PG_FUNCTION_INFO_V1(refund_time_limit_lt);
PG_FUNCTION_INFO_V1(refund_time_limit_le);
PG_FUNCTION_INFO_V1(refund_time_limit_gt);
PG_FUNCTION_INFO_V1(refund_time_limit_ge);
PG_FUNCTION_INFO_V1(refund_time_limit_cmp);
PG_FUNCTION_INFO_V1(refund_time_limit_sortsupport);
PG_FUNCTION_INFO_V1(refund_time_limit_hash);
PG_FUNCTION_INFO_V1(refund_time_limit_hash_extended);


/* ---- input and output ---- */

Datum
refund_time_limit_in(PG_FUNCTION_ARGS)
{
	char	   *str = PG_GETARG_CSTRING(0);
	TimeLimit	result = 0;

	switch (time_limit_parse(str, strlen(str), &result))
	{
		case TIME_LIMIT_OK:
			break;
		case TIME_LIMIT_SYNTAX:
			ereturn(fcinfo->context, (Datum) 0,
					(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
					 errmsg("invalid input syntax for type %s: \"%s\"",
							"refund.time_limit", clip_input(str)),
					 errhint("Write it like \"7 days\", \"1 day\", \"2 business days\", \"48 hours\" or \"90 minutes\".")));
		case TIME_LIMIT_OUT_OF_RANGE:
			ereturn(fcinfo->context, (Datum) 0,
					(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
					 errmsg("value \"%s\" is out of range for type %s",
							clip_input(str), "refund.time_limit"),
					 errhint("A time limit is at least 1 and at most %d days in its unit.",
							 TIME_LIMIT_MAX_DAYS)));
	}
	PG_RETURN_TIME_LIMIT(result);
}

Datum
refund_time_limit_out(PG_FUNCTION_ARGS)
{
	TimeLimit	t = PG_GETARG_TIME_LIMIT(0);
	char	   *result = palloc(TIME_LIMIT_TEXT_MAX);

	/* in() and recv() let nothing else in: the page was damaged. */
	if (time_limit_print(t, result) == 0)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("invalid stored value of type %s: %d",
						"refund.time_limit", (int) t)));
	PG_RETURN_CSTRING(result);
}

/* Binary form: the word of time_limit.h, 4 bytes in network order. */
Datum
refund_time_limit_recv(PG_FUNCTION_ARGS)
{
	StringInfo	buf = (StringInfo) PG_GETARG_POINTER(0);
	TimeLimit	t = (TimeLimit) pq_getmsgint(buf, sizeof(int32));

	if (!time_limit_is_valid(t))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("invalid binary value for type %s", "refund.time_limit")));

	PG_RETURN_TIME_LIMIT(t);
}

Datum
refund_time_limit_send(PG_FUNCTION_ARGS)
{
	StringInfoData buf;

	pq_begintypsend(&buf);
	pq_sendint32(&buf, (uint32) PG_GETARG_TIME_LIMIT(0));
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}


/* ---- order and hash ---- */

Datum
refund_time_limit_eq(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(PG_GETARG_TIME_LIMIT(0) == PG_GETARG_TIME_LIMIT(1));
}

Datum
refund_time_limit_ne(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(PG_GETARG_TIME_LIMIT(0) != PG_GETARG_TIME_LIMIT(1));
}

Datum
refund_time_limit_lt(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(time_limit_compare(PG_GETARG_TIME_LIMIT(0), PG_GETARG_TIME_LIMIT(1)) < 0);
}

Datum
refund_time_limit_le(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(time_limit_compare(PG_GETARG_TIME_LIMIT(0), PG_GETARG_TIME_LIMIT(1)) <= 0);
}

Datum
refund_time_limit_gt(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(time_limit_compare(PG_GETARG_TIME_LIMIT(0), PG_GETARG_TIME_LIMIT(1)) > 0);
}

Datum
refund_time_limit_ge(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(time_limit_compare(PG_GETARG_TIME_LIMIT(0), PG_GETARG_TIME_LIMIT(1)) >= 0);
}

Datum
refund_time_limit_cmp(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT32(time_limit_compare(PG_GETARG_TIME_LIMIT(0), PG_GETARG_TIME_LIMIT(1)));
}

static int
compare_datums(Datum a, Datum b, SortSupport ssup)
{
	(void) ssup;
	return time_limit_compare(DatumGetTimeLimit(a), DatumGetTimeLimit(b));
}

Datum
refund_time_limit_sortsupport(PG_FUNCTION_ARGS)
{
	SortSupport ssup = (SortSupport) PG_GETARG_POINTER(0);

	ssup->comparator = compare_datums;
	PG_RETURN_VOID();
}

Datum
refund_time_limit_hash(PG_FUNCTION_ARGS)
{
	return hash_uint32((uint32) PG_GETARG_TIME_LIMIT(0));
}

Datum
refund_time_limit_hash_extended(PG_FUNCTION_ARGS)
{
	return hash_uint32_extended((uint32) PG_GETARG_TIME_LIMIT(0),
								(uint64) PG_GETARG_INT64(1));
}
