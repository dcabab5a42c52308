/* link: currency amount time_limit */
/*
 * types.c
 *		Text and binary input of the types: what is accepted prints, reads back
 *		as itself, and is a valid word.
 */
#include <stdlib.h>
#include <string.h>

#include "amount.h"
#include "time_limit.h"

extern int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(bool holds)
{
	if (!holds)
		abort();
}

static void
amount_comes_back(Amount a)
{
	char		text[AMOUNT_TEXT_MAX];
	size_t		length = amount_print(a, text);
	Amount		again;

	must(length == strlen(text) && length < AMOUNT_TEXT_MAX);
	must(amount_parse(text, length, &again) == MONEY_OK && again == a);
	must(amount_neg(a, &again) == MONEY_OK && amount_is_valid(again));
	must(amount_add(a, again, &again) == MONEY_OK && amount_minor(again) == 0);
}

static void
limit_comes_back(TimeLimit t)
{
	char		text[TIME_LIMIT_TEXT_MAX];
	size_t		length = time_limit_print(t, text);
	TimeLimit	again;

	must(length == strlen(text) && length < TIME_LIMIT_TEXT_MAX);
	must(time_limit_parse(text, length, &again) == TIME_LIMIT_OK && again == t);
	must(time_limit_compare(t, again) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const CurrencyInfo *currency = currency_by_code((const char *) data, size);
	Amount		amount = 0;
	TimeLimit	limit = 0;

	if (currency != NULL)
		must(currency_by_number(currency->number) == currency);
	if (amount_parse((const char *) data, size, &amount) == MONEY_OK)
	{
		must(amount_is_valid(amount));
		amount_comes_back(amount);
	}
	if (amount_parse_number((const char *) data, size, currency_by_number(840), &amount) == MONEY_OK)
		must(amount_is_valid(amount) && amount_currency(amount) == 840);
	if (time_limit_parse((const char *) data, size, &limit) == TIME_LIMIT_OK)
	{
		must(time_limit_is_valid(limit));
		limit_comes_back(limit);
	}

	/* the same bytes as words, as recv() reads them */
	memcpy(&amount, data, size < sizeof(amount) ? size : sizeof(amount));
	memcpy(&limit, data, size < sizeof(limit) ? size : sizeof(limit));
	if (amount_is_valid(amount))
		amount_comes_back(amount);
	if (time_limit_is_valid(limit))
		limit_comes_back(limit);
	return 0;
}
