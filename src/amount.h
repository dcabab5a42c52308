/*
 * amount.h
 *		Exact money: an integer number of minor units in one currency.
 *
 * Pure C: no PostgreSQL headers, no allocation, no state (architecture.md
 * rules 19 and 21; process.md §6).
 *
 * An Amount is one 64-bit word: the ISO 4217 numeric code in the top 10 bits
 * and minor + 2^53 in the low 54.  Comparing two words as unsigned integers
 * is therefore the total order (currency number, value), and equal amounts
 * are equal words.  The layout is on disk in users' tables: it never changes.
 *
 * Minor units range over +-9007199254740991 (2^53 - 1), where a JSON number
 * is exact; the pattern for -2^53 is invalid, so that negation never fails.
 *
 * Functions that can fail return a MoneyStatus and write *result only on
 * MONEY_OK.  Arguments of type Amount must be valid (amount_is_valid) unless
 * said otherwise; whoever lets a word in from outside checks it once.
 */
#ifndef REFUND_AMOUNT_H
#define REFUND_AMOUNT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "currency.h"

typedef uint64_t Amount;

#define AMOUNT_MAX_MINOR INT64_C(9007199254740991)

#define AMOUNT_MINOR_BITS 54
#define AMOUNT_MINOR_BIAS (INT64_C(1) << (AMOUNT_MINOR_BITS - 1))
#define AMOUNT_MINOR_MASK ((UINT64_C(1) << AMOUNT_MINOR_BITS) - 1)

/*
 * Buffer that amount_print() needs, with the NUL: sign, at most 16 digits,
 * point, space, code.
 */
#define AMOUNT_TEXT_MAX 24

/* More parts than this are refused by amount_allocate() as bad weights. */
#define AMOUNT_MAX_PARTS 1000000

typedef enum MoneyStatus
{
	MONEY_OK,
	MONEY_SYNTAX,				/* not of the form 125.00 USD */
	MONEY_UNKNOWN_CURRENCY,		/* the form is right, the code is not ours */
	MONEY_TOO_PRECISE,			/* more decimals than the currency has */
	MONEY_OUT_OF_RANGE,			/* beyond +-AMOUNT_MAX_MINOR */
	MONEY_MISMATCH,				/* two currencies in one operation */
	MONEY_BAD_WEIGHTS			/* none, too many, a negative one, or all 0 */
} MoneyStatus;

/* The caller vouches for both arguments; see amount_from_minor() otherwise. */
static inline Amount
amount_pack(int currency_number, int64_t minor)
{
	return ((uint64_t) currency_number << AMOUNT_MINOR_BITS) |
		(uint64_t) (minor + AMOUNT_MINOR_BIAS);
}

/* ISO 4217 numeric code; any word may be asked. */
static inline int
amount_currency(Amount a)
{
	return (int) (a >> AMOUNT_MINOR_BITS);
}

/* Signed minor units; any word may be asked. */
static inline int64_t
amount_minor(Amount a)
{
	return (int64_t) (a & AMOUNT_MINOR_MASK) - AMOUNT_MINOR_BIAS;
}

static inline bool
amount_same_currency(Amount a, Amount b)
{
	return ((a ^ b) >> AMOUNT_MINOR_BITS) == 0;
}

/* Is this word an amount?  Any word may be asked. */
extern bool amount_is_valid(Amount a);

/* Pack with checks: MONEY_UNKNOWN_CURRENCY, MONEY_OUT_OF_RANGE. */
extern MoneyStatus amount_from_minor(int currency_number, int64_t minor,
									 Amount *result);

/*
 * Read exactly "125.00 USD": optional sign, digits without superfluous
 * leading zeros, optionally a point and at most as many decimals as the
 * currency has, one space, the code.  No blanks around it.  Reads len bytes,
 * needs no NUL, time linear in len.
 */
extern MoneyStatus amount_parse(const char *s, size_t len, Amount *result);

/*
 * Read a plain decimal number, as numeric_out() writes it, in a currency that
 * is known already.  Judged by its value: trailing zero decimals beyond the
 * currency's are not precision.
 */
extern MoneyStatus amount_parse_number(const char *s, size_t len,
									   const CurrencyInfo *currency,
									   Amount *result);

/*
 * Write the canonical text with a NUL into buf (AMOUNT_TEXT_MAX bytes): all
 * decimals of the currency, no + and no -0.  Returns its length.  For a word
 * that is no amount it writes "" and returns 0.
 */
extern size_t amount_print(Amount a, char *buf);

/* a + b, a - b: MONEY_MISMATCH, MONEY_OUT_OF_RANGE. */
extern MoneyStatus amount_add(Amount a, Amount b, Amount *result);
extern MoneyStatus amount_sub(Amount a, Amount b, Amount *result);

/* -a: never fails for a valid amount. */
extern MoneyStatus amount_neg(Amount a, Amount *result);

/* a * factor: MONEY_OUT_OF_RANGE. */
extern MoneyStatus amount_mul(Amount a, int64_t factor, Amount *result);

/*
 * Split total in proportion to n weights by the largest-remainder rule
 * (process.md §6).  The parts sum exactly to the total; of equal remainders
 * the earlier one wins; weight 0 gets 0; a negative total splits as its
 * mirror image.  parts holds n amounts and is written only on MONEY_OK.
 */
extern MoneyStatus amount_allocate(Amount total, const int64_t *weights, int n,
								   Amount *parts);

#endif							/* REFUND_AMOUNT_H */
