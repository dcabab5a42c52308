/*
 * test_types.c
 *		Unit test of the pure value types: currency, amount, time_limit.
 *
 * Links no PostgreSQL code and prints TAP:
 *
 *		cc -std=c99 -I src -o test_types test/unit/test_types.c \
 *			src/currency.c src/amount.c src/time_limit.c && ./test_types
 *
 * Ids such as M05 are lines of the catalogue of bad inputs and faults.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "amount.h"
#include "currency.h"
#include "time_limit.h"

#define LENGTH(a) ((int) (sizeof(a) / sizeof((a)[0])))
#define ROUND_TRIPS 1000000
#define MEGABYTE 1000000

#define USD 840
#define EUR 978
#define JPY 392
#define KWD 414
#define CLF 990

static int	tests = 0;
static int	failures = 0;

static void
ok(bool passed, const char *format,...)
{
	va_list		args;

	tests++;
	if (!passed)
		failures++;
	printf("%sok %d - ", passed ? "" : "not ", tests);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
}

/* splitmix64, seeded by a constant: the same million in every run */
static uint64_t random_state = 20261123;

static uint64_t
random_word(void)
{
	uint64_t	z = (random_state += UINT64_C(0x9e3779b97f4a7c15));

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

static int
currency_count(void)
{
	int			n = 0;

	while (currency_by_index(n) != NULL)
		n++;
	return n;
}

/* Any valid amount; small values as often as large ones. */
static Amount
random_amount(void)
{
	const CurrencyInfo *currency = currency_by_index((int) (random_word() % (uint64_t) currency_count()));
	int64_t		minor = (int64_t) ((random_word() & (AMOUNT_MINOR_MASK >> 1)) >> (random_word() % 54));

	if (random_word() & 1)
		minor = -minor;
	return amount_pack(currency->number, minor);
}


/* ---- currency ---- */

static void
test_currency(void)
{
	static const struct
	{
		const char *code;
		int			number;
		int			exponent;
	}			known[] = {
		{"AFN", 971, 2}, {"ALL", 8, 2}, {"BHD", 48, 3}, {"BIF", 108, 0},
		{"CLF", 990, 4}, {"CLP", 152, 0}, {"DJF", 262, 0}, {"EUR", 978, 2},
		{"GNF", 324, 0}, {"IQD", 368, 3}, {"ISK", 352, 0}, {"JOD", 400, 3},
		{"JPY", 392, 0}, {"KMF", 174, 0}, {"KRW", 410, 0}, {"KWD", 414, 3},
		{"LYD", 434, 3}, {"OMR", 512, 3}, {"PYG", 600, 0}, {"RWF", 646, 0},
		{"SLE", 925, 2}, {"TND", 788, 3}, {"UGX", 800, 0}, {"USD", 840, 2},
		{"UYI", 940, 0}, {"UYW", 927, 4}, {"VED", 926, 2}, {"VES", 928, 2},
		{"VND", 704, 0}, {"VUV", 548, 0}, {"XAF", 950, 0}, {"XCG", 532, 2},
		{"XOF", 952, 0}, {"XPF", 953, 0}, {"ZWG", 924, 2}
	};
	static const char *const refused[] = {
		"", "U", "US", "USDX", "usd", "Usd", "ABC", "AAA", "ZZZ", "U D", "840",
		"XXX", "XTS", "XAU", "XAG", "XPT", "XPD", "XDR", "XSU", "XUA", "XBA",
		"HRK", "BGN", "ANG", "CUC", "SLL", "ZWL", "DEM", "VEF", "MRO"
	};
	int			count = currency_count();
	bool		sorted = true;
	bool		agree = true;
	int			by_number = 0;
	int			i;

	for (i = 0; i < LENGTH(known); i++)
	{
		const CurrencyInfo *c = currency_by_code(known[i].code, 3);

		ok(c != NULL && c->number == known[i].number && c->exponent == known[i].exponent && c->active &&
		   strcmp(c->code, known[i].code) == 0 && currency_by_number(known[i].number) == c,
		   "%s is %03d with %d decimals", known[i].code, known[i].number, known[i].exponent);
	}
	for (i = 0; i < LENGTH(refused); i++)
		ok(currency_by_code(refused[i], strlen(refused[i])) == NULL,
		   "M03 M04 no currency \"%s\"", refused[i]);

	for (i = 0; i < count; i++)
	{
		const CurrencyInfo *c = currency_by_index(i);

		if (i > 0 && strcmp(currency_by_index(i - 1)->code, c->code) >= 0)
			sorted = false;
		if (currency_by_code(c->code, 3) != c || currency_by_number(c->number) != c || c->exponent > 4)
			agree = false;
	}
	for (i = -1000; i <= 3000; i++)
	{
		if (currency_by_number(i) != NULL)
			by_number++;
	}
	ok(sorted, "the currency table is in order of code");
	ok(agree, "both look-ups find every currency");
	ok(by_number == count && currency_by_number(INT32_MAX) == NULL && currency_by_number(INT32_MIN) == NULL,
	   "exactly the numbers of the table are known");
	ok(currency_by_index(-1) == NULL && currency_by_index(count) == NULL, "no row beyond the table");
}


/* ---- amount: text ---- */

static void
test_amount_parse(void)
{
	static const struct
	{
		const char *text;
		int			currency;
		int64_t		minor;
		const char *canonical;
	}			good[] = {
		{"125.00 USD", USD, 12500, "125.00 USD"},
		{"125.5 USD", USD, 12550, "125.50 USD"},
		{"125 USD", USD, 12500, "125.00 USD"},
		{"+125.00 USD", USD, 12500, "125.00 USD"},
		{"-125.00 USD", USD, -12500, "-125.00 USD"},
		{"0 USD", USD, 0, "0.00 USD"},
		{"-0 USD", USD, 0, "0.00 USD"},
		{"+0 USD", USD, 0, "0.00 USD"},
		{"-0.00 USD", USD, 0, "0.00 USD"},
		{"0.05 USD", USD, 5, "0.05 USD"},
		{"-0.05 USD", USD, -5, "-0.05 USD"},
		{"1.5 KWD", KWD, 1500, "1.500 KWD"},
		{"0.001 KWD", KWD, 1, "0.001 KWD"},
		{"0.0001 CLF", CLF, 1, "0.0001 CLF"},
		{"1500 JPY", JPY, 1500, "1500 JPY"},
		{"0 JPY", JPY, 0, "0 JPY"},
		{"90071992547409.91 USD", USD, AMOUNT_MAX_MINOR, "90071992547409.91 USD"},
		{"-90071992547409.91 USD", USD, -AMOUNT_MAX_MINOR, "-90071992547409.91 USD"},
		{"9007199254740991 JPY", JPY, AMOUNT_MAX_MINOR, "9007199254740991 JPY"},
		{"-9007199254740991 JPY", JPY, -AMOUNT_MAX_MINOR, "-9007199254740991 JPY"},
		{"-900719925474.0991 CLF", CLF, -AMOUNT_MAX_MINOR, "-900719925474.0991 CLF"}
	};
	static const struct
	{
		const char *id;
		const char *text;
		MoneyStatus status;
	}			bad[] = {
		{"M01", "", MONEY_SYNTAX}, {"M01", " ", MONEY_SYNTAX}, {"M01", "    ", MONEY_SYNTAX},
		{"M01", "12\t.34 USD", MONEY_SYNTAX}, {"M01", "12.34\tUSD", MONEY_SYNTAX},
		{"M01", "12.34\nUSD", MONEY_SYNTAX}, {"M01", "12.34 USD\n", MONEY_SYNTAX},
		{"M01", " 12.34 USD", MONEY_SYNTAX}, {"M01", "12.34 USD ", MONEY_SYNTAX},
		{"M01", "12.34  USD", MONEY_SYNTAX}, {"M01", "12.34USD", MONEY_SYNTAX},
		{"M01", "- 12.34 USD", MONEY_SYNTAX}, {"M01", "1 2 USD", MONEY_SYNTAX},
		{"M02", "12.34", MONEY_SYNTAX}, {"M02", "12.34 ", MONEY_SYNTAX}, {"M02", "12", MONEY_SYNTAX},
		{"M02", "USD", MONEY_SYNTAX}, {"M02", " USD", MONEY_SYNTAX}, {"M02", "- USD", MONEY_SYNTAX},
		{"M02", "USD 12.34", MONEY_SYNTAX}, {"M02", "USD12.34", MONEY_SYNTAX},
		{"M03", "12.34 usd", MONEY_SYNTAX}, {"M03", "12.34 Usd", MONEY_SYNTAX},
		{"M04", "12.34 ABC", MONEY_UNKNOWN_CURRENCY}, {"M04", "12.34 HRK", MONEY_UNKNOWN_CURRENCY},
		{"M04", "12.34 XXX", MONEY_UNKNOWN_CURRENCY}, {"M04", "12.34 XTS", MONEY_UNKNOWN_CURRENCY},
		{"M04", "12 XAU", MONEY_UNKNOWN_CURRENCY}, {"M04", "12 BGN", MONEY_UNKNOWN_CURRENCY},
		{"M05", "1.5 JPY", MONEY_TOO_PRECISE}, {"M05", "1.0 JPY", MONEY_TOO_PRECISE},
		{"M05", "1.005 USD", MONEY_TOO_PRECISE}, {"M05", "1.000 USD", MONEY_TOO_PRECISE},
		{"M05", "1.2345 KWD", MONEY_TOO_PRECISE}, {"M05", "1.23456 CLF", MONEY_TOO_PRECISE},
		{"M08", "90071992547409.92 USD", MONEY_OUT_OF_RANGE},
		{"M08", "-90071992547409.92 USD", MONEY_OUT_OF_RANGE},
		{"M08", "9007199254740992 JPY", MONEY_OUT_OF_RANGE},
		{"M08", "-9007199254740992 JPY", MONEY_OUT_OF_RANGE},
		{"M08", "9223372036854775807 JPY", MONEY_OUT_OF_RANGE},
		{"M08", "-9223372036854775808 JPY", MONEY_OUT_OF_RANGE},
		{"M08", "18446744073709551616 JPY", MONEY_OUT_OF_RANGE},
		{"M08", "18446744073709551617 USD", MONEY_OUT_OF_RANGE},
		{"M08", "9007199254740991 USD", MONEY_OUT_OF_RANGE},
		{"M09", "00.50 USD", MONEY_SYNTAX}, {"M09", "01 USD", MONEY_SYNTAX}, {"M09", "-007 USD", MONEY_SYNTAX},
		{"M10", "1e3 USD", MONEY_SYNTAX}, {"M10", "0x10 USD", MONEY_SYNTAX}, {"M10", "1_000 USD", MONEY_SYNTAX},
		{"M10", "1,000.00 USD", MONEY_SYNTAX}, {"M10", "1.000,00 EUR", MONEY_SYNTAX},
		{"M10", "NaN USD", MONEY_SYNTAX}, {"M10", "Infinity USD", MONEY_SYNTAX}, {"M10", "inf USD", MONEY_SYNTAX},
		{"M10", "$5", MONEY_SYNTAX}, {"M10", "$5 USD", MONEY_SYNTAX}, {"M10", ".5 USD", MONEY_SYNTAX},
		{"M10", "5. USD", MONEY_SYNTAX}, {"M10", ". USD", MONEY_SYNTAX}, {"M10", "1.2.3 USD", MONEY_SYNTAX},
		{"M10", "--5 USD", MONEY_SYNTAX}, {"M10", "+-5 USD", MONEY_SYNTAX}, {"M10", "5- USD", MONEY_SYNTAX},
		{"M10", "(5.00) USD", MONEY_SYNTAX}, {"M10", "1'000 CHF", MONEY_SYNTAX},
		/* full-width 1, Arabic-Indic 1, U+2212, NBSP, zero-width joiner, BOM */
		{"M11", "\xEF\xBC\x91 USD", MONEY_SYNTAX}, {"M11", "\xD9\xA1 USD", MONEY_SYNTAX},
		{"M11", "\xE2\x88\x92" "5 USD", MONEY_SYNTAX}, {"M11", "5\xC2\xA0USD", MONEY_SYNTAX},
		{"M11", "5\xE2\x80\x8D USD", MONEY_SYNTAX}, {"M11", "\xEF\xBB\xBF" "5 USD", MONEY_SYNTAX},
		{"M11", "5 US\xC4\x8E", MONEY_SYNTAX}, {"M11", "5 \xFF\xFF\xFF", MONEY_SYNTAX},
		{"M12", "1.00 USDx", MONEY_SYNTAX}, {"M12", "1.00x USD", MONEY_SYNTAX},
		{"M12", "1.00 USD 2.00 USD", MONEY_SYNTAX}, {"M12", "1.00 USD,", MONEY_SYNTAX},
		{"M12", "'1.00 USD'", MONEY_SYNTAX}, {"M12", "1.00 \"USD\"", MONEY_SYNTAX}, {"M12", "1.00\\ USD", MONEY_SYNTAX}
	};
	char		text[AMOUNT_TEXT_MAX];
	Amount		a;
	int			i;

	for (i = 0; i < LENGTH(good); i++)
	{
		a = 0;
		ok(amount_parse(good[i].text, strlen(good[i].text), &a) == MONEY_OK &&
		   amount_currency(a) == good[i].currency && amount_minor(a) == good[i].minor &&
		   amount_is_valid(a) &&
		   amount_print(a, text) == strlen(good[i].canonical) && strcmp(text, good[i].canonical) == 0,
		   "M06 M07 M08 \"%s\" reads, and prints as \"%s\"", good[i].text, good[i].canonical);
	}
	for (i = 0; i < LENGTH(bad); i++)
	{
		a = 42;
		ok(amount_parse(bad[i].text, strlen(bad[i].text), &a) == bad[i].status && a == 42,
		   "%s bad amount %d is refused with status %d", bad[i].id, i, (int) bad[i].status);
	}
	a = 42;
	ok(amount_parse("1.00\0 USD", 9, &a) == MONEY_SYNTAX && a == 42, "M12 a NUL inside is refused");
}

/* M09: long input is linear in time and copies nothing. */
static void
test_amount_parse_long(void)
{
	char	   *text = malloc(MEGABYTE + 8);
	Amount		a = 42;

	if (text == NULL)
		abort();

	memset(text, '9', 10000);
	memcpy(text + 10000, " USD", 4);
	ok(amount_parse(text, 10004, &a) == MONEY_OUT_OF_RANGE, "M09 10 000 digits are out of range");

	memset(text, '0', MEGABYTE);
	memcpy(text + MEGABYTE, " USD", 4);
	ok(amount_parse(text, MEGABYTE + 4, &a) == MONEY_SYNTAX, "M09 1 MB of zeros is refused");
	ok(amount_parse(text + MEGABYTE - 300, 304, &a) == MONEY_SYNTAX, "M09 300 leading zeros are refused");
	text[1] = '.';
	ok(amount_parse(text, MEGABYTE + 4, &a) == MONEY_TOO_PRECISE, "M09 1 MB of decimals is too precise");
	ok(amount_parse_number(text, MEGABYTE, currency_by_number(USD), &a) == MONEY_OK && amount_minor(a) == 0,
	   "M09 1 MB of zero decimals of a number is 0");
	free(text);
}

static void
test_amount_parse_number(void)
{
	static const struct
	{
		const char *text;
		int			currency;
		MoneyStatus status;
		int64_t		minor;
	}			cases[] = {
		{"12.34", USD, MONEY_OK, 1234},
		{"-12.34", USD, MONEY_OK, -1234},
		{"12.3400", USD, MONEY_OK, 1234},
		{"12.000", JPY, MONEY_OK, 12},
		{"0.0", JPY, MONEY_OK, 0},
		{"12", KWD, MONEY_OK, 12000},
		{"12.345", USD, MONEY_TOO_PRECISE, 0},
		{"0.5", JPY, MONEY_TOO_PRECISE, 0},
		{"90071992547409.92", USD, MONEY_OUT_OF_RANGE, 0},
		{"12.34 USD", USD, MONEY_SYNTAX, 0},
		{"NaN", USD, MONEY_SYNTAX, 0},
		{"", USD, MONEY_SYNTAX, 0},
		{"1e5", USD, MONEY_SYNTAX, 0}
	};
	int			i;

	for (i = 0; i < LENGTH(cases); i++)
	{
		Amount		a = amount_pack(USD, 0);
		MoneyStatus status = amount_parse_number(cases[i].text, strlen(cases[i].text),
												 currency_by_number(cases[i].currency), &a);

		ok(status == cases[i].status &&
		   (status != MONEY_OK || a == amount_pack(cases[i].currency, cases[i].minor)),
		   "M15 number \"%s\" in currency %d", cases[i].text, cases[i].currency);
	}
}


/* ---- amount: the packed word ---- */

static void
test_amount_word(void)
{
	static const struct
	{
		const char *what;
		Amount		word;
	}			invalid[] = {
		{"all zeros", 0},
		{"all ones", UINT64_MAX},
		{"minor -2^53", (Amount) USD << AMOUNT_MINOR_BITS},
		{"currency 0", AMOUNT_MINOR_BIAS},
		{"currency XXX 999", ((Amount) 999 << AMOUNT_MINOR_BITS) | AMOUNT_MINOR_BIAS},
		{"currency HRK 191", ((Amount) 191 << AMOUNT_MINOR_BITS) | AMOUNT_MINOR_BIAS},
		{"currency 1000", ((Amount) 1000 << AMOUNT_MINOR_BITS) | AMOUNT_MINOR_BIAS},
		{"currency 1023", ((Amount) 1023 << AMOUNT_MINOR_BITS) | AMOUNT_MINOR_BIAS},
		{"a plain integer", 12500}
	};
	char		text[AMOUNT_TEXT_MAX];
	Amount		a;
	Amount		b;
	int64_t		disagree = 0;
	int			i;

	for (i = 0; i < LENGTH(invalid); i++)
		ok(!amount_is_valid(invalid[i].word) && amount_print(invalid[i].word, text) == 0 && text[0] == '\0',
		   "R02 R05 %s is no amount", invalid[i].what);
	ok(amount_is_valid(amount_pack(USD, AMOUNT_MAX_MINOR)) && amount_is_valid(amount_pack(USD, -AMOUNT_MAX_MINOR)),
	   "M08 both ends of the range are amounts");

	ok(amount_from_minor(USD, -AMOUNT_MAX_MINOR, &a) == MONEY_OK && amount_minor(a) == -AMOUNT_MAX_MINOR,
	   "from minor units, lowest");
	ok(amount_from_minor(USD, AMOUNT_MAX_MINOR + 1, &a) == MONEY_OUT_OF_RANGE &&
	   amount_from_minor(USD, -AMOUNT_MAX_MINOR - 1, &a) == MONEY_OUT_OF_RANGE &&
	   amount_from_minor(USD, INT64_MIN, &a) == MONEY_OUT_OF_RANGE &&
	   amount_from_minor(USD, INT64_MAX, &a) == MONEY_OUT_OF_RANGE, "M08 from minor units, beyond");
	ok(amount_from_minor(999, 1, &a) == MONEY_UNKNOWN_CURRENCY &&
	   amount_from_minor(-1, 1, &a) == MONEY_UNKNOWN_CURRENCY, "from minor units, unknown currency");

	for (i = 0; i < ROUND_TRIPS; i++)
	{
		int			order;

		a = random_amount();
		b = random_amount();
		order = amount_currency(a) - amount_currency(b);
		if (order == 0)
			order = (amount_minor(a) > amount_minor(b)) - (amount_minor(a) < amount_minor(b));
		if ((order > 0) != (a > b) || (order < 0) != (a < b))
			disagree++;
	}
	ok(disagree == 0, "M17 the word's unsigned order is (currency, value): %d random pairs", ROUND_TRIPS);
}

static void
test_amount_round_trips(void)
{
	int64_t		text_bad = 0;
	int64_t		binary_bad = 0;
	int64_t		random_accepted = 0;
	int64_t		random_bad = 0;
	int			i;

	for (i = 0; i < ROUND_TRIPS; i++)
	{
		Amount		a = random_amount();
		Amount		b = 0;
		unsigned char wire[8];
		char		text[AMOUNT_TEXT_MAX];
		char		again[AMOUNT_TEXT_MAX];
		size_t		len = amount_print(a, text);
		int			byte;

		if (len == 0 || len >= AMOUNT_TEXT_MAX || len != strlen(text) ||
			amount_parse(text, len, &b) != MONEY_OK || b != a ||
			amount_print(b, again) != len || strcmp(text, again) != 0)
			text_bad++;

		/* what send and recv do: network order, then the check */
		for (byte = 0; byte < 8; byte++)
			wire[byte] = (unsigned char) (a >> (56 - 8 * byte));
		for (byte = 0, b = 0; byte < 8; byte++)
			b = b << 8 | wire[byte];
		if (b != a || !amount_is_valid(b) ||
			amount_pack(amount_currency(b), amount_minor(b)) != a)
			binary_bad++;

		/* R03: a random word is refused, or is an amount in every respect */
		b = random_word();
		if (amount_is_valid(b))
		{
			Amount		c = 0;

			random_accepted++;
			len = amount_print(b, text);
			if (amount_parse(text, len, &c) != MONEY_OK || c != b)
				random_bad++;
		}
	}
	ok(text_bad == 0, "M16 out(in(x)) = x for %d random amounts", ROUND_TRIPS);
	ok(binary_bad == 0, "M16 recv(send(x)) = x for %d random amounts", ROUND_TRIPS);
	ok(random_bad == 0 && random_accepted > 0 && random_accepted < ROUND_TRIPS,
	   "R03 %d random words are refused or valid", ROUND_TRIPS);
}


/* ---- amount: arithmetic ---- */

static void
test_amount_arithmetic(void)
{
	Amount		max = amount_pack(USD, AMOUNT_MAX_MINOR);
	Amount		min = amount_pack(USD, -AMOUNT_MAX_MINOR);
	Amount		one = amount_pack(USD, 1);
	Amount		zero = amount_pack(USD, 0);
	Amount		euro = amount_pack(EUR, 1);
	Amount		r = 42;

	ok(amount_add(amount_pack(USD, 70), amount_pack(USD, 30), &r) == MONEY_OK && r == amount_pack(USD, 100), "add");
	ok(amount_sub(amount_pack(USD, 30), amount_pack(USD, 70), &r) == MONEY_OK && r == amount_pack(USD, -40), "subtract");
	ok(amount_add(max, min, &r) == MONEY_OK && r == zero, "the ends cancel");
	ok(amount_add(max, zero, &r) == MONEY_OK && r == max, "highest + 0");
	r = 42;
	ok(amount_add(one, euro, &r) == MONEY_MISMATCH && r == 42, "M13 add two currencies");
	ok(amount_sub(one, euro, &r) == MONEY_MISMATCH && r == 42, "M13 subtract two currencies");
	ok(amount_add(amount_pack(950, 1), amount_pack(951, 1), &r) == MONEY_MISMATCH && r == 42,
	   "M13 add two currencies whose numbers differ in one bit");
	ok(amount_add(max, one, &r) == MONEY_OUT_OF_RANGE && r == 42, "M14 add beyond the upper end");
	ok(amount_sub(min, one, &r) == MONEY_OUT_OF_RANGE && r == 42, "M14 subtract beyond the lower end");
	ok(amount_add(max, max, &r) == MONEY_OUT_OF_RANGE && r == 42, "M14 highest + highest");
	ok(amount_sub(min, max, &r) == MONEY_OUT_OF_RANGE && r == 42, "M14 lowest - highest");
	ok(amount_neg(max, &r) == MONEY_OK && r == min, "M14 negate the highest");
	ok(amount_neg(min, &r) == MONEY_OK && r == max, "M14 negate the lowest");
	ok(amount_neg(zero, &r) == MONEY_OK && r == zero, "M07 negate 0");
	ok(amount_mul(amount_pack(USD, -25), 4, &r) == MONEY_OK && r == amount_pack(USD, -100), "multiply");
	ok(amount_mul(max, -1, &r) == MONEY_OK && r == min, "highest * -1");
	ok(amount_mul(max, 0, &r) == MONEY_OK && r == zero, "highest * 0");
	ok(amount_mul(zero, INT64_MIN, &r) == MONEY_OK && r == zero, "0 * lowest integer");
	r = 42;
	ok(amount_mul(max, 2, &r) == MONEY_OUT_OF_RANGE && r == 42, "M14 multiply beyond the range");
	ok(amount_mul(amount_pack(USD, INT64_C(1) << 52), 2, &r) == MONEY_OUT_OF_RANGE && r == 42,
	   "M14 multiply to one beyond the upper end");
	ok(amount_mul(amount_pack(USD, INT64_C(1) << 52), -2, &r) == MONEY_OUT_OF_RANGE && r == 42,
	   "M14 multiply to one beyond the lower end");
	ok(amount_mul(max, INT64_MAX, &r) == MONEY_OUT_OF_RANGE && amount_mul(min, INT64_MAX, &r) == MONEY_OUT_OF_RANGE &&
	   amount_mul(max, INT64_MIN, &r) == MONEY_OUT_OF_RANGE && amount_mul(min, INT64_MIN, &r) == MONEY_OUT_OF_RANGE &&
	   r == 42, "M14 multiply beyond 64 bits");
	ok(amount_mul(one, INT64_MIN, &r) == MONEY_OUT_OF_RANGE && r == 42, "M14 1 * lowest integer");
}


/* ---- amount: splits ---- */

#define MAX_TEST_PARTS 8

static void
test_allocate_cases(void)
{
	static const struct
	{
		const char *what;
		int64_t		total;
		int			n;
		int64_t		weights[MAX_TEST_PARTS];
		int64_t		parts[MAX_TEST_PARTS];
	}			good[] = {
		{"1 cent by 3", 1, 3, {1, 1, 1}, {1, 0, 0}},
		{"2 cents by 3", 2, 3, {1, 1, 1}, {1, 1, 0}},
		{"1.00 by 3", 100, 3, {1, 1, 1}, {34, 33, 33}},
		{"-1.00 by 3", -100, 3, {1, 1, 1}, {-34, -33, -33}},
		{"0 by 3", 0, 3, {1, 2, 3}, {0, 0, 0}},
		{"ties: earlier first", 5, 4, {1, 1, 1, 1}, {2, 1, 1, 1}},
		{"largest remainder first", 10, 3, {1, 5, 3}, {1, 6, 3}},
		{"zero weights get 0", 5, 4, {0, 1, 0, 1}, {0, 3, 0, 2}},
		{"one weight takes all", 77, 1, {9}, {77}},
		{"exact shares", 300, 2, {250, 50}, {250, 50}},
		{"highest weights", 3, 2, {INT64_MAX, INT64_MAX}, {2, 1}},
		{"highest total and weights", AMOUNT_MAX_MINOR, 2, {INT64_MAX, INT64_MAX},
		{INT64_C(4503599627370496), INT64_C(4503599627370495)}},
		{"uneven giants", 10, 3, {INT64_MAX, 1, INT64_MAX}, {5, 0, 5}}
	};
	static const struct
	{
		const char *what;
		int			n;
		int64_t		weights[MAX_TEST_PARTS];
	}			bad[] = {
		{"none", 0, {1}},
		{"negative count", -1, {1}},
		{"a negative weight", 2, {2, -1}},
		{"lowest integer", 2, {INT64_MIN, 1}},
		{"all zero", 3, {0, 0, 0}}
	};
	Amount		parts[MAX_TEST_PARTS];
	int			i;
	int			j;

	for (i = 0; i < LENGTH(good); i++)
	{
		bool		equal = amount_allocate(amount_pack(USD, good[i].total), good[i].weights,
											good[i].n, parts) == MONEY_OK;

		for (j = 0; j < good[i].n; j++)
		{
			if (parts[j] != amount_pack(USD, good[i].parts[j]))
				equal = false;
		}
		ok(equal, "M14 split: %s", good[i].what);
	}
	for (i = 0; i < LENGTH(bad); i++)
	{
		parts[0] = 42;
		ok(amount_allocate(amount_pack(USD, 100), bad[i].weights, bad[i].n, parts) == MONEY_BAD_WEIGHTS &&
		   parts[0] == 42, "bad weights: %s", bad[i].what);
	}
	ok(amount_allocate(amount_pack(USD, 100), good[0].weights, AMOUNT_MAX_PARTS + 1, parts) == MONEY_BAD_WEIGHTS,
	   "bad weights: too many");
}

/*
 * An independent largest-remainder split, by repeated search.  Weights stay
 * small enough for 64 bits.
 */
static void
reference_allocate(int64_t total, const int64_t *weights, int n, int64_t *parts)
{
	int64_t		remainders[MAX_TEST_PARTS];
	int64_t		weight_sum = 0;
	int64_t		left = total;
	int			i;

	for (i = 0; i < n; i++)
		weight_sum += weights[i];
	for (i = 0; i < n; i++)
	{
		parts[i] = total * weights[i] / weight_sum;
		remainders[i] = total * weights[i] % weight_sum;
		left -= parts[i];
	}
	for (; left > 0; left--)
	{
		int			best = 0;

		for (i = 1; i < n; i++)
		{
			if (remainders[i] > remainders[best])
				best = i;
		}
		parts[best]++;
		remainders[best] = -1;
	}
}

static void
test_allocate_random(void)
{
	int64_t		differ = 0;
	int64_t		unsound = 0;
	int			round;

	for (round = 0; round < 200000; round++)
	{
		int			n = (int) (random_word() % MAX_TEST_PARTS) + 1;
		uint64_t	top = (round & 1) ? 4 : 1000000;
		int64_t		total = (int64_t) (random_word() % 1000000000);
		int64_t		weights[MAX_TEST_PARTS];
		int64_t		expected[MAX_TEST_PARTS];
		Amount		parts[MAX_TEST_PARTS];
		Amount		mirror[MAX_TEST_PARTS];
		int			i;

		for (i = 0; i < n; i++)
			weights[i] = (int64_t) (random_word() % top);
		weights[random_word() % (uint64_t) n] = 1 + (int64_t) (random_word() % top);

		reference_allocate(total, weights, n, expected);
		if (amount_allocate(amount_pack(JPY, total), weights, n, parts) != MONEY_OK ||
			amount_allocate(amount_pack(JPY, -total), weights, n, mirror) != MONEY_OK)
		{
			differ++;
			continue;
		}
		for (i = 0; i < n; i++)
		{
			if (parts[i] != amount_pack(JPY, expected[i]) || mirror[i] != amount_pack(JPY, -expected[i]))
				differ++;
		}
	}
	ok(differ == 0, "M14 200000 random splits equal an independent reference, also mirrored");

	for (round = 0; round < 20000; round++)
	{
		int			n = (int) (random_word() % MAX_TEST_PARTS) + 1;
		int64_t		total = amount_minor(random_amount());
		int64_t		sum = 0;
		int64_t		weights[MAX_TEST_PARTS];
		Amount		parts[MAX_TEST_PARTS];
		int			i;

		for (i = 0; i < n; i++)
			weights[i] = (int64_t) (random_word() >> (1 + random_word() % 62));
		weights[0] |= 1;
		if (amount_allocate(amount_pack(USD, total), weights, n, parts) != MONEY_OK)
			unsound++;
		for (i = 0; i < n; i++)
		{
			int64_t		part = amount_minor(parts[i]);

			if ((weights[i] == 0 && part != 0) || (total > 0 && part < 0) || (total < 0 && part > 0) ||
				!amount_is_valid(parts[i]))
				unsound++;
			sum += part;
		}
		if (sum != total)
			unsound++;
	}
	ok(unsound == 0, "M14 20000 random splits over the whole range sum to the total");
}


/* ---- time_limit ---- */

static void
test_time_limit(void)
{
	static const struct
	{
		const char *text;
		int32_t		count;
		TimeLimitUnit unit;
	}			good[] = {
		{"7 days", 7, TIME_LIMIT_DAYS}, {"1 day", 1, TIME_LIMIT_DAYS},
		{"2 business days", 2, TIME_LIMIT_BUSINESS_DAYS}, {"1 business day", 1, TIME_LIMIT_BUSINESS_DAYS},
		{"48 hours", 48, TIME_LIMIT_HOURS}, {"1 hour", 1, TIME_LIMIT_HOURS},
		{"90 minutes", 90, TIME_LIMIT_MINUTES}, {"1 minute", 1, TIME_LIMIT_MINUTES},
		{"36525 days", 36525, TIME_LIMIT_DAYS}, {"36525 business days", 36525, TIME_LIMIT_BUSINESS_DAYS},
		{"876600 hours", 876600, TIME_LIMIT_HOURS}, {"52596000 minutes", 52596000, TIME_LIMIT_MINUTES}
	};
	static const struct
	{
		const char *text;
		TimeLimitStatus status;
	}			bad[] = {
		{"", TIME_LIMIT_SYNTAX}, {" ", TIME_LIMIT_SYNTAX}, {"7", TIME_LIMIT_SYNTAX}, {"7 ", TIME_LIMIT_SYNTAX},
		{"days", TIME_LIMIT_SYNTAX}, {" 7 days", TIME_LIMIT_SYNTAX}, {"7 days ", TIME_LIMIT_SYNTAX},
		{"7  days", TIME_LIMIT_SYNTAX}, {"7days", TIME_LIMIT_SYNTAX}, {"7\tdays", TIME_LIMIT_SYNTAX},
		{"1 days", TIME_LIMIT_SYNTAX}, {"2 day", TIME_LIMIT_SYNTAX}, {"1 hours", TIME_LIMIT_SYNTAX},
		{"2 business day", TIME_LIMIT_SYNTAX}, {"1 business days", TIME_LIMIT_SYNTAX}, {"0 day", TIME_LIMIT_SYNTAX},
		{"2 business  days", TIME_LIMIT_SYNTAX}, {"2 businessdays", TIME_LIMIT_SYNTAX}, {"2 business", TIME_LIMIT_SYNTAX},
		{"7 Days", TIME_LIMIT_SYNTAX}, {"7 DAYS", TIME_LIMIT_SYNTAX}, {"7 daysx", TIME_LIMIT_SYNTAX},
		{"7 dayss", TIME_LIMIT_SYNTAX}, {"7 weeks", TIME_LIMIT_SYNTAX}, {"7 months", TIME_LIMIT_SYNTAX},
		{"7 d", TIME_LIMIT_SYNTAX}, {"+7 days", TIME_LIMIT_SYNTAX}, {"-7 days", TIME_LIMIT_SYNTAX},
		{"07 days", TIME_LIMIT_SYNTAX}, {"00 days", TIME_LIMIT_SYNTAX}, {"7.5 days", TIME_LIMIT_SYNTAX},
		{"7e1 days", TIME_LIMIT_SYNTAX}, {"7 days 3 hours", TIME_LIMIT_SYNTAX}, {"P7D", TIME_LIMIT_SYNTAX},
		{"infinity", TIME_LIMIT_SYNTAX}, {"\xEF\xBC\x97 days", TIME_LIMIT_SYNTAX}, {"7\xC2\xA0" "days", TIME_LIMIT_SYNTAX},
		{"0 days", TIME_LIMIT_OUT_OF_RANGE}, {"36526 days", TIME_LIMIT_OUT_OF_RANGE},
		{"36526 business days", TIME_LIMIT_OUT_OF_RANGE}, {"876601 hours", TIME_LIMIT_OUT_OF_RANGE},
		{"52596001 minutes", TIME_LIMIT_OUT_OF_RANGE}, {"4294967297 days", TIME_LIMIT_OUT_OF_RANGE},
		{"18446744073709551617 days", TIME_LIMIT_OUT_OF_RANGE}
	};
	/* in order; neighbours of one nominal length are ordered by unit */
	static const char *const ascending[] = {
		"1 minute", "59 minutes", "60 minutes", "1 hour", "90 minutes", "23 hours", "1440 minutes", "24 hours",
		"1 day", "1 business day", "25 hours", "2 days", "2 business days", "36525 days", "36525 business days"
	};
	static const TimeLimit invalid[] = {
		0, -1, 1, 7, INT32_MIN, INT32_MAX, (1 << 3) | 4, (1 << 3) | 7, (36526 << 3) | TIME_LIMIT_DAYS,
		(52596001 << 3) | TIME_LIMIT_MINUTES, TIME_LIMIT_DAYS
	};
	char	   *text;
	TimeLimit	t;
	TimeLimit	u;
	int64_t		bad_trips = 0;
	int64_t		accepted = 0;
	int			i;
	int			j;

	for (i = 0; i < LENGTH(good); i++)
	{
		char		printed[TIME_LIMIT_TEXT_MAX];

		t = 0;
		ok(time_limit_parse(good[i].text, strlen(good[i].text), &t) == TIME_LIMIT_OK &&
		   time_limit_count(t) == good[i].count && time_limit_unit(t) == good[i].unit &&
		   t == time_limit_make(good[i].count, good[i].unit) && time_limit_is_valid(t) &&
		   time_limit_print(t, printed) == strlen(good[i].text) && strcmp(printed, good[i].text) == 0,
		   "time limit \"%s\" reads and prints", good[i].text);
	}
	for (i = 0; i < LENGTH(bad); i++)
	{
		t = 42;
		ok(time_limit_parse(bad[i].text, strlen(bad[i].text), &t) == bad[i].status && t == 42,
		   "bad time limit \"%s\" is refused with status %d", bad[i].text, (int) bad[i].status);
	}
	for (i = 0; i < LENGTH(ascending); i++)
	{
		bool		right = true;

		for (j = 0; j < LENGTH(ascending); j++)
		{
			int			order;

			if (time_limit_parse(ascending[i], strlen(ascending[i]), &t) != TIME_LIMIT_OK ||
				time_limit_parse(ascending[j], strlen(ascending[j]), &u) != TIME_LIMIT_OK)
				right = false;
			order = time_limit_compare(t, u);
			if ((order > 0) != (i > j) || (order < 0) != (i < j))
				right = false;
		}
		ok(right, "\"%s\" has its place in the order", ascending[i]);
	}
	for (i = 0; i < LENGTH(invalid); i++)
	{
		char		printed[TIME_LIMIT_TEXT_MAX];

		ok(!time_limit_is_valid(invalid[i]) && time_limit_print(invalid[i], printed) == 0 && printed[0] == '\0',
		   "R02 word %" PRId32 " is no time limit", invalid[i]);
	}

	text = malloc(MEGABYTE + 8);
	if (text == NULL)
		abort();
	memset(text, '9', MEGABYTE);
	memcpy(text + MEGABYTE, " days", 5);
	ok(time_limit_parse(text, MEGABYTE + 5, &t) == TIME_LIMIT_OUT_OF_RANGE, "M09 1 MB of digits is out of range");
	free(text);

	for (i = 0; i < ROUND_TRIPS; i++)
	{
		static const int32_t top[] = {52596000, 876600, 36525, 36525};
		TimeLimitUnit unit = (TimeLimitUnit) (random_word() % 4);
		char		printed[TIME_LIMIT_TEXT_MAX];
		size_t		len;

		t = time_limit_make((int32_t) (random_word() % (uint64_t) top[unit]) + 1, unit);
		len = time_limit_print(t, printed);
		if (len == 0 || len >= TIME_LIMIT_TEXT_MAX ||
			time_limit_parse(printed, len, &u) != TIME_LIMIT_OK || u != t || time_limit_compare(t, u) != 0)
			bad_trips++;

		/* a random word is refused, or is a time limit in every respect */
		t = (TimeLimit) random_word();
		if (time_limit_is_valid(t))
		{
			accepted++;
			len = time_limit_print(t, printed);
			if (time_limit_parse(printed, len, &u) != TIME_LIMIT_OK || u != t)
				bad_trips++;
		}
	}
	ok(bad_trips == 0 && accepted > 0, "M16 R03 %d random time limits and words round-trip or are refused", ROUND_TRIPS);
}

int
main(void)
{
	test_currency();
	test_amount_parse();
	test_amount_parse_long();
	test_amount_parse_number();
	test_amount_word();
	test_amount_round_trips();
	test_amount_arithmetic();
	test_allocate_cases();
	test_allocate_random();
	test_time_limit();
	printf("1..%d\n", tests);
	return failures == 0 ? 0 : 1;
}
