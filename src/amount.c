/*
 * amount.c
 *		Parsing, printing, arithmetic and splitting of money (process.md §6).
 */
#include <string.h>

#include "amount.h"

/* Products of an amount and a weight, and sums of weights, need 117 bits. */
typedef unsigned __int128 uint128_wide;

static inline bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static inline bool
in_range(int64_t minor)
{
	return minor >= -AMOUNT_MAX_MINOR && minor <= AMOUNT_MAX_MINOR;
}

bool
amount_is_valid(Amount a)
{
	return (a & AMOUNT_MINOR_MASK) != 0 &&
		currency_by_number(amount_currency(a)) != NULL;
}

MoneyStatus
amount_from_minor(int currency_number, int64_t minor, Amount *result)
{
	if (currency_by_number(currency_number) == NULL)
		return MONEY_UNKNOWN_CURRENCY;
	if (!in_range(minor))
		return MONEY_OUT_OF_RANGE;
	*result = amount_pack(currency_number, minor);
	return MONEY_OK;
}

/*
 * Where the pieces of a decimal number stand in the text.  Nothing is copied,
 * so a megabyte of digits costs one pass and no memory.
 */
typedef struct DecimalText
{
	bool		negative;
	const char *whole;			/* at least one digit */
	size_t		whole_len;
	const char *fraction;		/* no digits when there is no point */
	size_t		fraction_len;
	size_t		length;			/* bytes of the text that were the number */
} DecimalText;

/*
 * Scan [+-]digits[.digits].  One spelling per value but for the sign and the
 * trailing decimals: leading zeros are refused, which also ends a text of
 * many zeros at its second byte.
 */
static bool
scan_decimal(const char *s, size_t len, DecimalText *number)
{
	size_t		i = 0;
	size_t		start;

	number->negative = false;
	if (i < len && (s[i] == '+' || s[i] == '-'))
		number->negative = (s[i++] == '-');

	start = i;
	while (i < len && is_digit(s[i]))
	{
		if (i == start + 1 && s[start] == '0')
			return false;
		i++;
	}
	if (i == start)
		return false;
	number->whole = s + start;
	number->whole_len = i - start;

	number->fraction = s + i;
	number->fraction_len = 0;
	if (i < len && s[i] == '.')
	{
		start = ++i;
		while (i < len && is_digit(s[i]))
			i++;
		if (i == start)
			return false;
		number->fraction = s + start;
		number->fraction_len = i - start;
	}
	number->length = i;
	return true;
}

/* Append one decimal digit; false once the value has left the range. */
static inline bool
append_digit(int64_t *minor, int digit)
{
	*minor = *minor * 10 + digit;
	return *minor <= AMOUNT_MAX_MINOR;
}

/* Over-precise input is refused, never rounded (process.md §6). */
static MoneyStatus
decimal_to_amount(const DecimalText *number, const CurrencyInfo *currency,
				  Amount *result)
{
	int64_t		minor = 0;
	size_t		i;

	if (number->fraction_len > currency->exponent)
		return MONEY_TOO_PRECISE;

	for (i = 0; i < number->whole_len; i++)
	{
		if (!append_digit(&minor, number->whole[i] - '0'))
			return MONEY_OUT_OF_RANGE;
	}
	for (i = 0; i < currency->exponent; i++)
	{
		int			digit = 0;

		if (i < number->fraction_len)
			digit = number->fraction[i] - '0';
		if (!append_digit(&minor, digit))
			return MONEY_OUT_OF_RANGE;
	}
	*result = amount_pack(currency->number, number->negative ? -minor : minor);
	return MONEY_OK;
}

MoneyStatus
amount_parse(const char *s, size_t len, Amount *result)
{
	DecimalText number;
	const CurrencyInfo *currency;
	const char *code;
	int			i;

	if (!scan_decimal(s, len, &number))
		return MONEY_SYNTAX;

	/* What is left must be one space and three capitals. */
	if (len - number.length != 4 || s[number.length] != ' ')
		return MONEY_SYNTAX;
	code = s + number.length + 1;
	for (i = 0; i < 3; i++)
	{
		if (code[i] < 'A' || code[i] > 'Z')
			return MONEY_SYNTAX;
	}

	currency = currency_by_code(code, 3);
	if (currency == NULL)
		return MONEY_UNKNOWN_CURRENCY;
	return decimal_to_amount(&number, currency, result);
}

MoneyStatus
amount_parse_number(const char *s, size_t len, const CurrencyInfo *currency,
					Amount *result)
{
	DecimalText number;

	if (!scan_decimal(s, len, &number) || number.length != len)
		return MONEY_SYNTAX;

	while (number.fraction_len > currency->exponent &&
		   number.fraction[number.fraction_len - 1] == '0')
		number.fraction_len--;
	return decimal_to_amount(&number, currency, result);
}

size_t
amount_print(Amount a, char *buf)
{
	const CurrencyInfo *currency = currency_by_number(amount_currency(a));
	char		reversed[AMOUNT_TEXT_MAX];
	int64_t		minor = amount_minor(a);
	uint64_t	rest;
	size_t		digits = 0;
	size_t		n = 0;

	if (!amount_is_valid(a))
	{
		buf[0] = '\0';
		return 0;
	}

	rest = (uint64_t) (minor < 0 ? -minor : minor);
	do
	{
		reversed[digits++] = (char) ('0' + rest % 10);
		rest /= 10;
	} while (rest != 0 || digits <= currency->exponent);

	if (minor < 0)
		buf[n++] = '-';
	while (digits > 0)
	{
		if (digits == currency->exponent)
			buf[n++] = '.';
		buf[n++] = reversed[--digits];
	}
	buf[n++] = ' ';
	memcpy(buf + n, currency->code, 4); /* with its NUL */
	return n + 3;
}

MoneyStatus
amount_add(Amount a, Amount b, Amount *result)
{
	/* Two 54-bit numbers cannot overflow 64 bits. */
	int64_t		minor = amount_minor(a) + amount_minor(b);

	if (!amount_same_currency(a, b))
		return MONEY_MISMATCH;
	if (!in_range(minor))
		return MONEY_OUT_OF_RANGE;
	*result = amount_pack(amount_currency(a), minor);
	return MONEY_OK;
}

MoneyStatus
amount_sub(Amount a, Amount b, Amount *result)
{
	int64_t		minor = amount_minor(a) - amount_minor(b);

	if (!amount_same_currency(a, b))
		return MONEY_MISMATCH;
	if (!in_range(minor))
		return MONEY_OUT_OF_RANGE;
	*result = amount_pack(amount_currency(a), minor);
	return MONEY_OK;
}

MoneyStatus
amount_neg(Amount a, Amount *result)
{
	*result = amount_pack(amount_currency(a), -amount_minor(a));
	return MONEY_OK;
}

MoneyStatus
amount_mul(Amount a, int64_t factor, Amount *result)
{
	int64_t		minor;

	if (__builtin_mul_overflow(amount_minor(a), factor, &minor) ||
		!in_range(minor))
		return MONEY_OUT_OF_RANGE;
	*result = amount_pack(amount_currency(a), minor);
	return MONEY_OK;
}

/* What is left of a part after rounding it down; always < weight_sum. */
static inline uint128_wide
remainder_of(uint64_t total, int64_t weight, uint128_wide weight_sum)
{
	return (uint128_wide) total * (uint64_t) weight % weight_sum;
}

static int
count_remainders_from(uint128_wide threshold, uint64_t total,
					  const int64_t *weights, int n, uint128_wide weight_sum)
{
	int			count = 0;
	int			i;

	for (i = 0; i < n; i++)
	{
		if (remainder_of(total, weights[i], weight_sum) >= threshold)
			count++;
	}
	return count;
}

/*
 * Largest remainder without a sort and without memory: find by halves the
 * largest threshold that at least `left` remainders reach.  Those above it
 * get one minor unit more, and of those exactly at it the earliest do.
 */
MoneyStatus
amount_allocate(Amount total, const int64_t *weights, int n, Amount *parts)
{
	int			currency = amount_currency(total);
	int64_t		minor = amount_minor(total);
	uint64_t	magnitude = (uint64_t) (minor < 0 ? -minor : minor);
	uint128_wide weight_sum = 0;
	uint128_wide threshold = 1;
	uint128_wide beyond;
	uint64_t	given = 0;
	int			left;
	int			at_threshold = 0;
	int			i;

	if (n <= 0 || n > AMOUNT_MAX_PARTS)
		return MONEY_BAD_WEIGHTS;
	for (i = 0; i < n; i++)
	{
		if (weights[i] < 0)
			return MONEY_BAD_WEIGHTS;
		weight_sum += (uint64_t) weights[i];
	}
	if (weight_sum == 0)
		return MONEY_BAD_WEIGHTS;

	for (i = 0; i < n; i++)
		given += (uint64_t) ((uint128_wide) magnitude * (uint64_t) weights[i] / weight_sum);
	left = (int) (magnitude - given);

	if (left > 0)
	{
		/*
		 * The remainders sum to left * weight_sum and each is less than
		 * weight_sum, so more than `left` of them reach threshold 1: a zero
		 * weight never gets a unit.
		 */
		beyond = weight_sum;
		while (beyond - threshold > 1)
		{
			uint128_wide middle = threshold + (beyond - threshold) / 2;

			if (count_remainders_from(middle, magnitude, weights, n, weight_sum) >= left)
				threshold = middle;
			else
				beyond = middle;
		}
		at_threshold = left -
			count_remainders_from(threshold + 1, magnitude, weights, n, weight_sum);
	}

	for (i = 0; i < n; i++)
	{
		uint128_wide product = (uint128_wide) magnitude * (uint64_t) weights[i];
		uint128_wide rest = product % weight_sum;
		int64_t		part = (int64_t) (product / weight_sum);

		if (left > 0 && rest > threshold)
			part++;
		else if (left > 0 && rest == threshold && at_threshold > 0)
		{
			part++;
			at_threshold--;
		}
		parts[i] = amount_pack(currency, minor < 0 ? -part : part);
	}
	return MONEY_OK;
}
