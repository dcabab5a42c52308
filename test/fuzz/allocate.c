/* link: currency amount */
/*
 * allocate.c
 *		Splitting by weights: the parts sum to the whole, none is further from
 *		its share than a cent, and a weight of zero gets nothing.
 */
#include <stdlib.h>
#include <string.h>

#include "amount.h"

extern int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MOST 16

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int64_t		weights[MOST];
	Amount		parts[MOST];
	Amount		total;
	int64_t		minor;
	int64_t		sum = 0;
	int			n = (int) (size / sizeof(int64_t)) - 1;

	if (n < 1 || n > MOST)
		return 0;
	memcpy(&minor, data, sizeof(minor));
	memcpy(weights, data + sizeof(minor), n * sizeof(int64_t));
	if (amount_from_minor(840, minor % (AMOUNT_MAX_MINOR + 1), &total) != MONEY_OK)
		abort();
	if (amount_allocate(total, weights, n, parts) != MONEY_OK)
		return 0;
	for (int i = 0; i < n; i++)
	{
		if (!amount_is_valid(parts[i]) || !amount_same_currency(parts[i], total) ||
			(weights[i] == 0 && amount_minor(parts[i]) != 0) ||
			llabs(amount_minor(parts[i])) > llabs(amount_minor(total)))
			abort();
		sum += amount_minor(parts[i]);
	}
	if (sum != amount_minor(total))
		abort();
	return 0;
}
