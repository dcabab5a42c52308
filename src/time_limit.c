/*
 * time_limit.c
 *		Parsing, printing and ordering of time limits (process.md §5).
 */
#include <string.h>

#include "time_limit.h"

typedef struct UnitInfo
{
	const char *singular;		/* the plural adds an s */
	int32_t		minutes;		/* nominal, for the order and the range */
} UnitInfo;

/* Indexed by TimeLimitUnit. */
static const UnitInfo units[] = {
	{"minute", 1},
	{"hour", 60},
	{"day", 24 * 60},
	{"business day", 24 * 60}
};

#define UNIT_COUNT ((int) (sizeof(units) / sizeof(units[0])))

bool
time_limit_is_valid(TimeLimit t)
{
	int			unit = (int) time_limit_unit(t);
	int32_t		count = time_limit_count(t);

	/* A negative word has a count of 2^28 or more. */
	return unit < UNIT_COUNT &&
		count >= 1 && count <= TIME_LIMIT_MAX_MINUTES / units[unit].minutes;
}

TimeLimitStatus
time_limit_parse(const char *s, size_t len, TimeLimit *result)
{
	int32_t		count = 0;
	size_t		digits = 0;
	int			unit;

	while (digits < len && s[digits] >= '0' && s[digits] <= '9')
	{
		/* A leading zero is refused; '0 days' is a range error below. */
		if (digits == 1 && s[0] == '0')
			return TIME_LIMIT_SYNTAX;
		/* Stop growing beyond the range, but read on: syntax comes first. */
		if (count <= TIME_LIMIT_MAX_MINUTES)
			count = count * 10 + (s[digits] - '0');
		digits++;
	}
	if (digits == 0 || digits == len || s[digits] != ' ')
		return TIME_LIMIT_SYNTAX;
	s += digits + 1;
	len -= digits + 1;

	for (unit = 0; unit < UNIT_COUNT; unit++)
	{
		size_t		singular_len = strlen(units[unit].singular);

		if (len < singular_len || memcmp(s, units[unit].singular, singular_len) != 0)
			continue;
		if (count == 1 ? len == singular_len
			: (len == singular_len + 1 && s[singular_len] == 's'))
			break;
	}
	if (unit == UNIT_COUNT)
		return TIME_LIMIT_SYNTAX;
	if (count < 1 || count > TIME_LIMIT_MAX_MINUTES / units[unit].minutes)
		return TIME_LIMIT_OUT_OF_RANGE;
	*result = time_limit_make(count, (TimeLimitUnit) unit);
	return TIME_LIMIT_OK;
}

size_t
time_limit_print(TimeLimit t, char *buf)
{
	char		reversed[TIME_LIMIT_TEXT_MAX];
	const char *name;
	int32_t		rest;
	size_t		name_len;
	size_t		digits = 0;
	size_t		n = 0;

	if (!time_limit_is_valid(t))
	{
		buf[0] = '\0';
		return 0;
	}

	for (rest = time_limit_count(t); rest != 0; rest /= 10)
		reversed[digits++] = (char) ('0' + rest % 10);
	while (digits > 0)
		buf[n++] = reversed[--digits];
	buf[n++] = ' ';

	name = units[time_limit_unit(t)].singular;
	name_len = strlen(name);
	memcpy(buf + n, name, name_len);
	n += name_len;
	if (time_limit_count(t) != 1)
		buf[n++] = 's';
	buf[n] = '\0';
	return n;
}

int
time_limit_compare(TimeLimit a, TimeLimit b)
{
	int32_t		minutes_a = time_limit_count(a) * units[time_limit_unit(a)].minutes;
	int32_t		minutes_b = time_limit_count(b) * units[time_limit_unit(b)].minutes;

	if (minutes_a != minutes_b)
		return minutes_a < minutes_b ? -1 : 1;
	if (a != b)
		return time_limit_unit(a) < time_limit_unit(b) ? -1 : 1;
	return 0;
}
