/*
 * currency_type.c
 *		SQL type refund.currency over currency.h: fmgr shells only.
 *
 * Stored as the ISO 4217 numeric code in two bytes; ordered by that code,
 * as amounts are (architecture.md rules 19 and 20).
 */
#include "postgres.h"

#include "common/hashfn.h"
#include "fmgr.h"
#include "libpq/pqformat.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/sortsupport.h"

#include "value_types.h"

PG_FUNCTION_INFO_V1(refund_currency_in);
PG_FUNCTION_INFO_V1(refund_currency_out);
PG_FUNCTION_INFO_V1(refund_currency_bpchar);
PG_FUNCTION_INFO_V1(refund_currency_recv);
PG_FUNCTION_INFO_V1(refund_currency_send);
PG_FUNCTION_INFO_V1(refund_currency_eq);
PG_FUNCTION_INFO_V1(refund_currency_ne);
PG_FUNCTION_INFO_V1(refund_currency_lt);
PG_FUNCTION_INFO_V1(refund_currency_le);
PG_FUNCTION_INFO_V1(refund_currency_gt);
PG_FUNCTION_INFO_V1(refund_currency_ge);
PG_FUNCTION_INFO_V1(refund_currency_cmp);
PG_FUNCTION_INFO_V1(refund_currency_sortsupport);
PG_FUNCTION_INFO_V1(refund_currency_hash);
PG_FUNCTION_INFO_V1(refund_currency_hash_extended);

#define MAX_ECHOED_INPUT 64

char *
clip_input(const char *input)
{
	int			len = (int) strnlen(input, MAX_ECHOED_INPUT + 1);

	if (len <= MAX_ECHOED_INPUT)
		return pstrdup(input);
	return psprintf("%.*s...",
					pg_mbcliplen(input, len, MAX_ECHOED_INPUT), input);
}

const CurrencyInfo *
currency_info(int number)
{
	const CurrencyInfo *info = currency_by_number(number);

	/* in() and recv() let nothing else in: the page was damaged. */
	if (info == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("invalid stored value of type %s: %d",
						"refund.currency", number)));
	return info;
}


/* ---- input and output ---- */

Datum
refund_currency_in(PG_FUNCTION_ARGS)
{
	char	   *str = PG_GETARG_CSTRING(0);
	const CurrencyInfo *info = currency_by_code(str, strlen(str));

	if (info == NULL)
		ereturn(fcinfo->context, (Datum) 0,
				(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
				 errmsg("invalid input value for type %s: \"%s\"",
						"refund.currency", clip_input(str)),
				 errhint("Use the code of an active ISO 4217 currency in upper case, such as \"USD\".")));

	PG_RETURN_CURRENCY(info->number);
}

Datum
refund_currency_out(PG_FUNCTION_ARGS)
{
	PG_RETURN_CSTRING(pstrdup(currency_info(PG_GETARG_CURRENCY(0))->code));
}

/* The cast to char(n). */
Datum
refund_currency_bpchar(PG_FUNCTION_ARGS)
{
	int32		typmod = PG_GETARG_INT32(1);
	text	   *code = cstring_to_text(currency_info(PG_GETARG_CURRENCY(0))->code);

	if (typmod < VARHDRSZ || typmod == (int32) VARSIZE(code))
		PG_RETURN_TEXT_P(code);
	PG_RETURN_DATUM(DirectFunctionCall3(bpchar, PointerGetDatum(code), Int32GetDatum(typmod), PG_GETARG_DATUM(2)));
}

/* Binary form: the numeric code, 2 bytes in network order. */
Datum
refund_currency_recv(PG_FUNCTION_ARGS)
{
	StringInfo	buf = (StringInfo) PG_GETARG_POINTER(0);
	int			number = (int) pq_getmsgint(buf, sizeof(int16));

	if (currency_by_number(number) == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("invalid binary value for type %s", "refund.currency")));

	PG_RETURN_CURRENCY(number);
}

Datum
refund_currency_send(PG_FUNCTION_ARGS)
{
	StringInfoData buf;

	pq_begintypsend(&buf);
	pq_sendint16(&buf, (uint16) PG_GETARG_CURRENCY(0));
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}


/* ---- order and hash ---- */

Datum
refund_currency_eq(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(PG_GETARG_CURRENCY(0) == PG_GETARG_CURRENCY(1));
}

Datum
refund_currency_ne(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(PG_GETARG_CURRENCY(0) != PG_GETARG_CURRENCY(1));
}

Datum
refund_currency_lt(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(PG_GETARG_CURRENCY(0) < PG_GETARG_CURRENCY(1));
}

Datum
refund_currency_le(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(PG_GETARG_CURRENCY(0) <= PG_GETARG_CURRENCY(1));
}

Datum
refund_currency_gt(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(PG_GETARG_CURRENCY(0) > PG_GETARG_CURRENCY(1));
}

Datum
refund_currency_ge(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(PG_GETARG_CURRENCY(0) >= PG_GETARG_CURRENCY(1));
}

Datum
refund_currency_cmp(PG_FUNCTION_ARGS)
{
	int			a = PG_GETARG_CURRENCY(0);
	int			b = PG_GETARG_CURRENCY(1);

	PG_RETURN_INT32((a > b) - (a < b));
}

/* The Datum of a code is that small positive number: compare Datums. */
Datum
refund_currency_sortsupport(PG_FUNCTION_ARGS)
{
	SortSupport ssup = (SortSupport) PG_GETARG_POINTER(0);

	ssup->comparator = ssup_datum_unsigned_cmp;
	PG_RETURN_VOID();
}

Datum
refund_currency_hash(PG_FUNCTION_ARGS)
{
	return hash_uint32((uint32) PG_GETARG_CURRENCY(0));
}

Datum
refund_currency_hash_extended(PG_FUNCTION_ARGS)
{
	return hash_uint32_extended((uint32) PG_GETARG_CURRENCY(0),
								(uint64) PG_GETARG_INT64(1));
}
