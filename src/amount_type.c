/*
 * amount_type.c
 *		SQL type refund.amount over amount.h: fmgr shells only.
 *
 * The aggregates are in amount_aggregate.c.  No function here runs SQL
 * (architecture.md rule 7).
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "libpq/pqformat.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/numeric.h"
#include "utils/sortsupport.h"

#include "errors.h"
#include "value_types.h"

PG_FUNCTION_INFO_V1(refund_amount_in);
PG_FUNCTION_INFO_V1(refund_amount_out);
PG_FUNCTION_INFO_V1(refund_amount_recv);
PG_FUNCTION_INFO_V1(refund_amount_send);
PG_FUNCTION_INFO_V1(refund_amount_from_numeric);
PG_FUNCTION_INFO_V1(refund_amount_to_numeric);
PG_FUNCTION_INFO_V1(refund_amount_from_minor);
PG_FUNCTION_INFO_V1(refund_amount_minor_units);
PG_FUNCTION_INFO_V1(refund_amount_currency);
PG_FUNCTION_INFO_V1(refund_amount_add);
PG_FUNCTION_INFO_V1(refund_amount_sub);
PG_FUNCTION_INFO_V1(refund_amount_uplus);
PG_FUNCTION_INFO_V1(refund_amount_uminus);
PG_FUNCTION_INFO_V1(refund_amount_mul_bigint);
PG_FUNCTION_INFO_V1(refund_bigint_mul_amount);
PG_FUNCTION_INFO_V1(refund_amount_allocate);
PG_FUNCTION_INFO_V1(refund_amount_eq);
PG_FUNCTION_INFO_V1(refund_amount_ne);
PG_FUNCTION_INFO_V1(refund_amount_lt);
PG_FUNCTION_INFO_V1(refund_amount_le);
PG_FUNCTION_INFO_V1(refund_amount_gt);
PG_FUNCTION_INFO_V1(refund_amount_ge);
PG_FUNCTION_INFO_V1(refund_amount_cmp);
PG_FUNCTION_INFO_V1(refund_amount_sortsupport);
PG_FUNCTION_INFO_V1(refund_amount_hash);
PG_FUNCTION_INFO_V1(refund_amount_hash_extended);


/* ---- errors ---- */

void
amount_mismatch_error(Amount a, Amount b)
{
	ereport(ERROR,
			(errcode(ERRCODE_REFUND_CURRENCY_MISMATCH),
			 errmsg("cannot combine amounts in different currencies"),
			 errdetail_internal("{\"currencies\": [\"%s\", \"%s\"]}",
								currency_info(amount_currency(a))->code,
								currency_info(amount_currency(b))->code)));
}

void
amount_range_error(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
			 errmsg("%s out of range", "refund.amount"),
			 errdetail_internal("{\"max_minor_units\": " INT64_FORMAT "}",
								(int64) AMOUNT_MAX_MINOR)));
}

/* What arithmetic and packing may answer; parsing has its own messages. */
static void
check_arithmetic(MoneyStatus status, Amount a, Amount b)
{
	if (likely(status == MONEY_OK))
		return;
	if (status == MONEY_MISMATCH)
		amount_mismatch_error(a, b);
	amount_range_error();
}

/*
 * Report why text or a numeric is no amount, softly where the caller asked
 * for that.  Does nothing for MONEY_OK.
 */
static void
report_bad_input(MoneyStatus status, const char *input, Node *escontext)
{
	switch (status)
	{
		case MONEY_OK:
			return;
		case MONEY_UNKNOWN_CURRENCY:
			ereturn(escontext,,
					(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
					 errmsg("unknown currency in value for type %s: \"%s\"",
							"refund.amount", clip_input(input)),
					 errhint("Use the code of an active ISO 4217 currency, such as in \"125.00 USD\".")));
		case MONEY_TOO_PRECISE:
			ereturn(escontext,,
					(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
					 errmsg("too many decimals in value for type %s: \"%s\"",
							"refund.amount", clip_input(input)),
					 errhint("Amounts are never rounded: use at most as many decimals as the currency has.")));
		case MONEY_OUT_OF_RANGE:
			ereturn(escontext,,
					(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
					 errmsg("value \"%s\" is out of range for type %s",
							clip_input(input), "refund.amount")));
		case MONEY_SYNTAX:
		case MONEY_MISMATCH:	/* not from a parser */
		case MONEY_BAD_WEIGHTS:
			ereturn(escontext,,
					(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
					 errmsg("invalid input syntax for type %s: \"%s\"",
							"refund.amount", clip_input(input)),
					 errhint("Write it like \"125.00 USD\": digits with a decimal point, one space, and an ISO 4217 code in upper case.")));
	}
}


/* ---- input and output ---- */

Datum
refund_amount_in(PG_FUNCTION_ARGS)
{
	char	   *str = PG_GETARG_CSTRING(0);
	Amount		result = 0;
	MoneyStatus status = amount_parse(str, strlen(str), &result);

	if (unlikely(status != MONEY_OK))
		report_bad_input(status, str, fcinfo->context);
	PG_RETURN_AMOUNT(result);
}

Datum
refund_amount_out(PG_FUNCTION_ARGS)
{
	Amount		a = PG_GETARG_AMOUNT(0);
	char	   *result = palloc(AMOUNT_TEXT_MAX);

	/* in() and recv() let nothing else in: the page was damaged. */
	if (amount_print(a, result) == 0)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("invalid stored value of type %s: %016llx",
						"refund.amount", (unsigned long long) a)));
	PG_RETURN_CSTRING(result);
}

/* Binary form: the word of amount.h, 8 bytes in network order. */
Datum
refund_amount_recv(PG_FUNCTION_ARGS)
{
	StringInfo	buf = (StringInfo) PG_GETARG_POINTER(0);
	Amount		a = (Amount) pq_getmsgint64(buf);

	if (!amount_is_valid(a))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("invalid binary value for type %s", "refund.amount")));

	PG_RETURN_AMOUNT(a);
}

Datum
refund_amount_send(PG_FUNCTION_ARGS)
{
	StringInfoData buf;

	pq_begintypsend(&buf);
	pq_sendint64(&buf, PG_GETARG_AMOUNT(0));
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}


/* ---- conversion ---- */

Datum
refund_amount_from_numeric(PG_FUNCTION_ARGS)
{
	Numeric		number = PG_GETARG_NUMERIC(0);
	const CurrencyInfo *currency = currency_info(PG_GETARG_CURRENCY(1));
	char	   *str;
	Amount		result = 0;

	if (numeric_is_nan(number) || numeric_is_inf(number))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("cannot convert NaN or infinity to %s", "refund.amount")));

	str = DatumGetCString(DirectFunctionCall1(numeric_out, NumericGetDatum(number)));
	report_bad_input(amount_parse_number(str, strlen(str), currency, &result),
					 str, NULL);
	PG_RETURN_AMOUNT(result);
}

/* Exact, with the currency's own number of decimals. */
Datum
refund_amount_to_numeric(PG_FUNCTION_ARGS)
{
	Amount		a = PG_GETARG_AMOUNT(0);
	int			exponent = currency_info(amount_currency(a))->exponent;

	PG_RETURN_NUMERIC(int64_div_fast_to_numeric(amount_minor(a), exponent));
}

Datum
refund_amount_from_minor(PG_FUNCTION_ARGS)
{
	Amount		result = 0;

	check_arithmetic(amount_from_minor(currency_info(PG_GETARG_CURRENCY(1))->number,
									   PG_GETARG_INT64(0), &result), 0, 0);
	PG_RETURN_AMOUNT(result);
}

Datum
refund_amount_minor_units(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT64(amount_minor(PG_GETARG_AMOUNT(0)));
}

Datum
refund_amount_currency(PG_FUNCTION_ARGS)
{
	PG_RETURN_CURRENCY(amount_currency(PG_GETARG_AMOUNT(0)));
}


/* ---- arithmetic ---- */

Datum
refund_amount_add(PG_FUNCTION_ARGS)
{
	Amount		a = PG_GETARG_AMOUNT(0);
	Amount		b = PG_GETARG_AMOUNT(1);
	Amount		result = 0;

	check_arithmetic(amount_add(a, b, &result), a, b);
	PG_RETURN_AMOUNT(result);
}

Datum
refund_amount_sub(PG_FUNCTION_ARGS)
{
	Amount		a = PG_GETARG_AMOUNT(0);
	Amount		b = PG_GETARG_AMOUNT(1);
	Amount		result = 0;

	check_arithmetic(amount_sub(a, b, &result), a, b);
	PG_RETURN_AMOUNT(result);
}

Datum
refund_amount_uplus(PG_FUNCTION_ARGS)
{
	PG_RETURN_AMOUNT(PG_GETARG_AMOUNT(0));
}

Datum
refund_amount_uminus(PG_FUNCTION_ARGS)
{
	Amount		a = PG_GETARG_AMOUNT(0);
	Amount		result = 0;

	check_arithmetic(amount_neg(a, &result), a, a);
	PG_RETURN_AMOUNT(result);
}

Datum
refund_amount_mul_bigint(PG_FUNCTION_ARGS)
{
	Amount		a = PG_GETARG_AMOUNT(0);
	Amount		result = 0;

	check_arithmetic(amount_mul(a, PG_GETARG_INT64(1), &result), a, a);
	PG_RETURN_AMOUNT(result);
}

Datum
refund_bigint_mul_amount(PG_FUNCTION_ARGS)
{
	Amount		a = PG_GETARG_AMOUNT(1);
	Amount		result = 0;

	check_arithmetic(amount_mul(a, PG_GETARG_INT64(0), &result), a, a);
	PG_RETURN_AMOUNT(result);
}

/* refund.allocate(amount, weights bigint[]) -> amount[] (process.md §6) */
Datum
refund_amount_allocate(PG_FUNCTION_ARGS)
{
	Amount		total = PG_GETARG_AMOUNT(0);
	ArrayType  *weights = PG_GETARG_ARRAYTYPE_P(1);
	int			n = ArrayGetNItems(ARR_NDIM(weights), ARR_DIMS(weights));
	Amount	   *parts;
	ArrayType  *result;

	StaticAssertStmt(sizeof(Amount) == sizeof(Datum), "an amount is passed by value");

	if (array_contains_nulls(weights))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("weights must not contain nulls")));
	if (ARR_NDIM(weights) > 1 || n > AMOUNT_MAX_PARTS)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("weights must be one list of at most %d", AMOUNT_MAX_PARTS)));

	parts = palloc(sizeof(Amount) * Max(n, 1));
	if (amount_allocate(total, (const int64 *) ARR_DATA_PTR(weights), n, parts) != MONEY_OK)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("weights must be zero or more, and at least one above zero")));

	result = construct_array((Datum *) parts, n,
							 get_element_type(get_func_rettype(fcinfo->flinfo->fn_oid)),
							 sizeof(Amount), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE);
	PG_RETURN_ARRAYTYPE_P(result);
}


/* ---- order and hash: one word to compare (architecture.md rule 19) ---- */

Datum
refund_amount_eq(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(PG_GETARG_AMOUNT(0) == PG_GETARG_AMOUNT(1));
}

Datum
refund_amount_ne(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(PG_GETARG_AMOUNT(0) != PG_GETARG_AMOUNT(1));
}

Datum
refund_amount_lt(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(PG_GETARG_AMOUNT(0) < PG_GETARG_AMOUNT(1));
}

Datum
refund_amount_le(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(PG_GETARG_AMOUNT(0) <= PG_GETARG_AMOUNT(1));
}

Datum
refund_amount_gt(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(PG_GETARG_AMOUNT(0) > PG_GETARG_AMOUNT(1));
}

Datum
refund_amount_ge(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(PG_GETARG_AMOUNT(0) >= PG_GETARG_AMOUNT(1));
}

Datum
refund_amount_cmp(PG_FUNCTION_ARGS)
{
	Amount		a = PG_GETARG_AMOUNT(0);
	Amount		b = PG_GETARG_AMOUNT(1);

	PG_RETURN_INT32((a > b) - (a < b));
}

/* tuplesort has a specialised sort for exactly this comparator. */
Datum
refund_amount_sortsupport(PG_FUNCTION_ARGS)
{
	SortSupport ssup = (SortSupport) PG_GETARG_POINTER(0);

	ssup->comparator = ssup_datum_unsigned_cmp;
	PG_RETURN_VOID();
}

/*
 * The finalizer of MurmurHash3: a bijection of 64 bits, so unequal amounts
 * never collide in the extended hash.  Ours and not the server's, because
 * hash partitions must route alike in every PostgreSQL.
 */
static inline uint64
mix(uint64 x)
{
	x ^= x >> 33;
	x *= UINT64CONST(0xff51afd7ed558ccd);
	x ^= x >> 33;
	x *= UINT64CONST(0xc4ceb9fe1a85ec53);
	x ^= x >> 33;
	return x;
}

Datum
refund_amount_hash(PG_FUNCTION_ARGS)
{
	PG_RETURN_UINT32((uint32) mix(PG_GETARG_AMOUNT(0)));
}

/* Seed 0 must agree with the 32-bit hash in the low bits; mix(0) is 0. */
Datum
refund_amount_hash_extended(PG_FUNCTION_ARGS)
{
	PG_RETURN_UINT64(mix(PG_GETARG_AMOUNT(0) ^ mix((uint64) PG_GETARG_INT64(1))));
}
