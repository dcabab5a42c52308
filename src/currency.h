/*
 * currency.h
 *		The currencies of ISO 4217: code, numeric code, decimals.
 *
 * Pure C: no PostgreSQL headers, no allocation, no state.  The table is a
 * static const; every returned pointer points into it and lives forever.
 *
 * The table holds every active code of ISO 4217 list one that has a number of
 * decimals ("minor unit").  Codes without one are not money that can be held
 * in escrow: metals, XDR, XSU, XUA, bond units, XTS, XXX.
 */
#ifndef REFUND_CURRENCY_H
#define REFUND_CURRENCY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Three digits, so every code fits the ten bits that amount.h gives it. */
#define CURRENCY_MAX_NUMBER 999

typedef struct CurrencyInfo
{
	char		code[4];		/* alphabetic code, NUL-terminated */
	uint16_t	number;			/* numeric code, 1 .. CURRENCY_MAX_NUMBER */
	uint8_t		exponent;		/* decimals: one unit is 10^exponent minor */
	bool		active;			/* false: withdrawn after we shipped it; it
								 * still reads, but starts nothing new */
} CurrencyInfo;

/*
 * Find a currency by its code; upper case only, exactly len bytes (no NUL
 * needed).  NULL when unknown.
 */
extern const CurrencyInfo *currency_by_code(const char *code, size_t len);

/* Find a currency by its numeric code; any int may be asked.  NULL when unknown. */
extern const CurrencyInfo *currency_by_number(int number);

/* The whole table in order of code: rows 0 .. n-1, NULL beyond. */
extern const CurrencyInfo *currency_by_index(int index);

#endif							/* REFUND_CURRENCY_H */
