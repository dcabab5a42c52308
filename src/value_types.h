/*
 * value_types.h
 *		The value types as Datums, for C files that speak fmgr.
 *
 * The only header of the value types that needs PostgreSQL's; the types
 * themselves live in currency.h, amount.h and time_limit.h.  All three are
 * passed by value, so no memory is owned by anyone.
 */
#ifndef REFUND_VALUE_TYPES_H
#define REFUND_VALUE_TYPES_H

#include "postgres.h"

#include "fmgr.h"

#include "amount.h"
#include "compat.h"
#include "currency.h"
#include "time_limit.h"

/* refund.currency: int2, the ISO 4217 numeric code */
#define DatumGetCurrency(X)		((int) DatumGetInt16(X))
#define CurrencyGetDatum(X)		Int16GetDatum((int16) (X))
#define PG_GETARG_CURRENCY(n)	DatumGetCurrency(PG_GETARG_DATUM(n))
#define PG_RETURN_CURRENCY(x)	return CurrencyGetDatum(x)

/* refund.amount: the word of amount.h */
#define DatumGetAmount(X)		((Amount) DatumGetUInt64(X))
#define AmountGetDatum(X)		UInt64GetDatum((uint64) (X))
#define PG_GETARG_AMOUNT(n)		DatumGetAmount(PG_GETARG_DATUM(n))
#define PG_RETURN_AMOUNT(x)		return AmountGetDatum(x)

/* refund.time_limit: the word of time_limit.h */
#define DatumGetTimeLimit(X)	((TimeLimit) DatumGetInt32(X))
#define TimeLimitGetDatum(X)	Int32GetDatum((int32) (X))
#define PG_GETARG_TIME_LIMIT(n) DatumGetTimeLimit(PG_GETARG_DATUM(n))
#define PG_RETURN_TIME_LIMIT(x) return TimeLimitGetDatum(x)

/*
 * Input functions report through ereturn(): since PostgreSQL 16 the caller
 * may ask for a soft error (pg_input_is_valid); before, it is an error.
 */
#ifndef ereturn
#define ereturn(context, dummy_value, ...) \
	do { \
		(void) (context); \
		ereport(ERROR, __VA_ARGS__); \
		return dummy_value; \
	} while (0)
#endif

/*
 * A copy (palloc'd) of bad input that is fit for an error message: a megabyte
 * of zeros is not echoed back.
 */
extern char *clip_input(const char *input);

/* The three-letter code of a stored currency; an error when it is no currency. */
extern const CurrencyInfo *currency_info(int number);

/*
 * Raise RF003 with both codes in DETAIL.  (The plain attribute: PostgreSQL 18
 * renamed its macro for it, and 128-bit integers need gcc or clang anyway.)
 */
extern void amount_mismatch_error(Amount a, Amount b) __attribute__((noreturn));

/* Raise 22003 for a result beyond the range of refund.amount. */
extern void amount_range_error(void) __attribute__((noreturn));

#endif							/* REFUND_VALUE_TYPES_H */
