/*
 * time_limit.h
 *		The length of a window: a count of one unit, such as '7 days'.
 *
 * Pure C: no PostgreSQL headers, no allocation, no state.  The unit is data
 * (process.md §5): calendar days, business days, elapsed hours and minutes
 * are different promises, so '24 hours' and '1 day' are not equal.  What a
 * unit means on a calendar is calendar.h's business, not this file's.
 *
 * A TimeLimit is one 32-bit word, (count << 3) | unit, on disk in users'
 * tables: it never changes.  The count is at least 1 and at most 36525 days
 * (100 years) in its unit.
 */
#ifndef REFUND_TIME_LIMIT_H
#define REFUND_TIME_LIMIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef int32_t TimeLimit;

typedef enum TimeLimitUnit
{
	TIME_LIMIT_MINUTES,
	TIME_LIMIT_HOURS,
	TIME_LIMIT_DAYS,
	TIME_LIMIT_BUSINESS_DAYS
} TimeLimitUnit;

#define TIME_LIMIT_UNIT_BITS 3
#define TIME_LIMIT_UNIT_MASK ((1 << TIME_LIMIT_UNIT_BITS) - 1)

#define TIME_LIMIT_MAX_DAYS 36525
#define TIME_LIMIT_MAX_MINUTES (TIME_LIMIT_MAX_DAYS * 24 * 60)

/* Buffer that time_limit_print() needs, with the NUL. */
#define TIME_LIMIT_TEXT_MAX 24

typedef enum TimeLimitStatus
{
	TIME_LIMIT_OK,
	TIME_LIMIT_SYNTAX,			/* not of the form 7 days */
	TIME_LIMIT_OUT_OF_RANGE		/* zero, or beyond 100 years */
} TimeLimitStatus;

/* The caller vouches for both arguments. */
static inline TimeLimit
time_limit_make(int32_t count, TimeLimitUnit unit)
{
	return (TimeLimit) ((uint32_t) count << TIME_LIMIT_UNIT_BITS | (uint32_t) unit);
}

static inline int32_t
time_limit_count(TimeLimit t)
{
	return (int32_t) ((uint32_t) t >> TIME_LIMIT_UNIT_BITS);
}

/* Only for a valid time limit is the answer one of the enum's values. */
static inline TimeLimitUnit
time_limit_unit(TimeLimit t)
{
	return (TimeLimitUnit) (t & TIME_LIMIT_UNIT_MASK);
}

/* Is this word a time limit?  Any word may be asked. */
extern bool time_limit_is_valid(TimeLimit t);

/*
 * Read exactly '7 days', '1 day', '2 business days', '48 hours',
 * '90 minutes': no sign, no leading zeros, single spaces, lower case,
 * singular for 1 and plural for the rest.  Reads len bytes, needs no NUL;
 * writes *result only on TIME_LIMIT_OK.
 */
extern TimeLimitStatus time_limit_parse(const char *s, size_t len, TimeLimit *result);

/*
 * Write the canonical text with a NUL into buf (TIME_LIMIT_TEXT_MAX bytes).
 * Returns its length.  For a word that is no time limit it writes "" and
 * returns 0.
 */
extern size_t time_limit_print(TimeLimit t, char *buf);

/*
 * Total order: nominal length (a day and a business day are 1440 minutes),
 * then unit.  Negative, zero or positive; zero only for equal words.
 */
extern int	time_limit_compare(TimeLimit a, TimeLimit b);

#endif							/* REFUND_TIME_LIMIT_H */
