/*
 * calendar.c
 *		Deadlines over an abstract zone and a calendar (process.md §5).
 *
 * Everything is closed arithmetic on days: no loop runs over the days of a
 * window, only over the holidays that fall into it.
 */
#include "calendar.h"

#define USECS_PER_MINUTE INT64_C(60000000)
#define USECS_PER_HOUR INT64_C(3600000000)

/* 2000-01-01, day 0, was a Saturday: number 5 of a week that starts at 0. */
#define WEEKDAY_OF_DAY_ZERO 5

/* Division that rounds down, for days and weeks before 2000. */
static int64_t
floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

static bool
in_range(int64_t instant)
{
	return instant >= CALENDAR_MIN_INSTANT && instant < CALENDAR_END_INSTANT;
}

/* 0 = Monday */
static int
weekday(int64_t day)
{
	int64_t		shifted = day + WEEKDAY_OF_DAY_ZERO;

	return (int) (shifted - floor_div(shifted, 7) * 7);
}

static bool
is_weekend(const Calendar *calendar, int64_t day)
{
	return (calendar->weekend >> weekday(day) & 1) != 0;
}

/* The position of the first holiday on or after a day. */
static int
first_holiday(const Calendar *calendar, int64_t day)
{
	int			low = 0;
	int			high = calendar->nholidays;

	while (low < high)
	{
		int			middle = low + (high - low) / 2;

		if (calendar->holidays[middle] < day)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

bool
calendar_is_day_off(const Calendar *calendar, int32_t day)
{
	int			i = first_holiday(calendar, day);

	return is_weekend(calendar, day) ||
		(i < calendar->nholidays && calendar->holidays[i] == day);
}

static int
working_days_per_week(const Calendar *calendar)
{
	int			n = 0;

	for (int i = 0; i < 7; i++)
		n += (calendar->weekend >> i & 1) == 0;
	return n;
}

/* How many of the days after "from" up to and with "to" are not weekend. */
static int64_t
working_days_between(const Calendar *calendar, int64_t from, int64_t to)
{
	int64_t		weeks = to > from ? (to - from) / 7 : 0;
	int64_t		n = weeks * working_days_per_week(calendar);

	for (int64_t day = from + weeks * 7 + 1; day <= to; day++)
		n += !is_weekend(calendar, day);
	return n;
}

/* The nth day after "from" that is not weekend; n > 0. */
static int64_t
advance_working_days(const Calendar *calendar, int64_t from, int64_t n)
{
	int			per_week = working_days_per_week(calendar);
	int64_t		weeks = (n - 1) / per_week;
	int64_t		day = from + weeks * 7;

	for (n -= weeks * per_week; n > 0;)
		n -= !is_weekend(calendar, ++day);
	return day;
}

/*
 * The nth business day after "from"; n > 0, and the weekend is not the whole
 * week.  Going on from a holiday takes that day away if it is no weekend.
 */
static int64_t
advance_business_days(const Calendar *calendar, int64_t from, int64_t n)
{
	for (int i = first_holiday(calendar, from + 1); i < calendar->nholidays; i++)
	{
		int64_t		holiday = calendar->holidays[i];
		int64_t		before = working_days_between(calendar, from, holiday - 1);

		if (before >= n)
			break;
		n -= before;
		from = holiday;
	}
	return advance_working_days(calendar, from, n);
}

/*
 * The offsets that are in force a day before and a day after the local time,
 * read as if it were UTC, enclose the true one: see CalendarZone.
 */
int64_t
calendar_to_utc(const CalendarZone *zone, int64_t local)
{
	int64_t		day_before = local - CALENDAR_USECS_PER_DAY;
	int64_t		day_after = local + CALENDAR_USECS_PER_DAY;
	int64_t		by_old_offset = local - (zone->to_local(zone->zone, day_before) - day_before);
	int64_t		by_new_offset = local - (zone->to_local(zone->zone, day_after) - day_after);
	bool		old_shows_it = zone->to_local(zone->zone, by_old_offset) == local;
	bool		new_shows_it = zone->to_local(zone->zone, by_new_offset) == local;

	/*
	 * process.md §5: in an overlap both show it, and the old offset is the
	 * first time round; in a gap neither does, and the old offset moves the
	 * time forward.
	 */
	return new_shows_it && !old_shows_it ? by_new_offset : by_old_offset;
}

/*
 * Later or, when "by" is negative, earlier; the end of the range when it would
 * be beyond it.  The range leaves int64 no week to spare at its end.
 */
static int64_t
shift(int64_t at, int64_t by)
{
	if (by > 0 && at >= CALENDAR_END_INSTANT - by)
		return CALENDAR_END_INSTANT;
	return at + by;
}

/* The same wall time "days" away; what the clock does in between is nothing to it. */
static int64_t
shift_days(const CalendarZone *zone, int64_t at, int64_t days)
{
	int64_t		local;

	if (days > CALENDAR_END_INSTANT / CALENDAR_USECS_PER_DAY)
		return CALENDAR_END_INSTANT;
	local = shift(zone->to_local(zone->zone, at), days * CALENDAR_USECS_PER_DAY);
	/* Out of range already, and the zone need not know that time. */
	return in_range(local) ? calendar_to_utc(zone, local) : local;
}

/* How far the Nth business day after the trigger date is, in days. */
static int64_t
business_distance(const CalendarZone *zone, const Calendar *calendar,
				  int64_t at, int64_t n)
{
	int64_t		today = floor_div(zone->to_local(zone->zone, at), CALENDAR_USECS_PER_DAY);

	return advance_business_days(calendar, today, n) - today;
}

/* Counts are at most 100 years (time_limit.h), so that no product overflows. */
CalendarStatus
calendar_deadline(const CalendarZone *zone, const Calendar *calendar,
				  int64_t opened_at, TimeLimit window, int64_t *due_at)
{
	int64_t		count = time_limit_count(window);
	int64_t		result = opened_at;

	if (!in_range(opened_at))
		return CALENDAR_OUT_OF_RANGE;
	switch (time_limit_unit(window))
	{
		case TIME_LIMIT_MINUTES:
			result = shift(opened_at, count * USECS_PER_MINUTE);
			break;
		case TIME_LIMIT_HOURS:
			result = shift(opened_at, count * USECS_PER_HOUR);
			break;
		case TIME_LIMIT_DAYS:
			result = shift_days(zone, opened_at, count);
			break;
		case TIME_LIMIT_BUSINESS_DAYS:
			if ((calendar->weekend & CALENDAR_WHOLE_WEEK) == CALENDAR_WHOLE_WEEK)
				return CALENDAR_NO_BUSINESS_DAY;
			result = shift_days(zone, opened_at,
								business_distance(zone, calendar, opened_at, count));
			break;
	}
	if (!in_range(result))
		return CALENDAR_OUT_OF_RANGE;
	*due_at = result;
	return CALENDAR_OK;
}

CalendarStatus
calendar_reminder(const CalendarZone *zone, int64_t due_at, TimeLimit before,
				  int64_t *remind_at)
{
	int64_t		count = time_limit_count(before);
	int64_t		result = due_at;

	if (!in_range(due_at))
		return CALENDAR_OUT_OF_RANGE;
	switch (time_limit_unit(before))
	{
		case TIME_LIMIT_MINUTES:
			result = shift(due_at, -count * USECS_PER_MINUTE);
			break;
		case TIME_LIMIT_HOURS:
			result = shift(due_at, -count * USECS_PER_HOUR);
			break;
		case TIME_LIMIT_DAYS:
		case TIME_LIMIT_BUSINESS_DAYS:
			result = shift_days(zone, due_at, -count);
			break;
	}
	if (!in_range(result))
		return CALENDAR_OUT_OF_RANGE;
	*remind_at = result;
	return CALENDAR_OK;
}

/* A local time as a day and the time of that day. */
typedef struct LocalTime
{
	int64_t		day;
	int64_t		time;
} LocalTime;

static LocalTime
split_local(const CalendarZone *zone, int64_t at)
{
	int64_t		local = zone->to_local(zone->zone, at);
	LocalTime	result = {.day = floor_div(local, CALENDAR_USECS_PER_DAY)};

	result.time = local - result.day * CALENDAR_USECS_PER_DAY;
	return result;
}

/* Business time stands still on days off. */
static LocalTime
business_time(const CalendarZone *zone, const Calendar *calendar, int64_t at)
{
	LocalTime	result = split_local(zone, at);

	if (calendar != NULL && calendar_is_day_off(calendar, (int32_t) result.day))
	{
		result.day = advance_business_days(calendar, result.day, 1);
		result.time = 0;
	}
	return result;
}

/* The nth day on; n >= 0.  Without a calendar every day counts. */
static int64_t
advance_days(const Calendar *calendar, int64_t from, int64_t n)
{
	if (calendar == NULL || n == 0)
		return from + n;
	return advance_business_days(calendar, from, n);
}

/* The days after "from" up to and with "to" that count. */
static int64_t
days_between(const Calendar *calendar, int64_t from, int64_t to)
{
	int64_t		n;

	if (calendar == NULL)
		return to - from;
	n = working_days_between(calendar, from, to);
	for (int i = first_holiday(calendar, from + 1); i < calendar->nholidays && calendar->holidays[i] <= to; i++)
		n -= !is_weekend(calendar, calendar->holidays[i]);
	return n;
}

CalendarStatus
calendar_resume(const CalendarZone *zone, const Calendar *calendar,
				int64_t due_at, int64_t held_at, int64_t lifted_at,
				TimeLimitUnit unit, int64_t *resumed)
{
	LocalTime	held;
	LocalTime	due;
	LocalTime	lifted;
	int64_t		days;
	int64_t		rest;
	int64_t		result;
	int64_t		elapsed;

	if (!in_range(due_at) || !in_range(held_at) || !in_range(lifted_at))
		return CALENDAR_OUT_OF_RANGE;
	elapsed = result = shift(due_at, lifted_at - held_at);
	if ((unit == TIME_LIMIT_DAYS || unit == TIME_LIMIT_BUSINESS_DAYS) &&
		zone->to_local(zone->zone, due_at) > zone->to_local(zone->zone, held_at))
	{
		if (unit == TIME_LIMIT_DAYS)
			calendar = NULL;
		else if ((calendar->weekend & CALENDAR_WHOLE_WEEK) == CALENDAR_WHOLE_WEEK)
			return CALENDAR_NO_BUSINESS_DAY;
		held = business_time(zone, calendar, held_at);
		lifted = business_time(zone, calendar, lifted_at);
		due = split_local(zone, due_at);
		days = days_between(calendar, held.day, due.day);
		rest = due.time - held.time;
		/* an extension can end on a day off: the last whole day left began before it */
		if (rest < 0)
		{
			days -= calendar == NULL || !calendar_is_day_off(calendar, due.day);
			rest += CALENDAR_USECS_PER_DAY;
		}
		lifted.day = advance_days(calendar, lifted.day, days);
		lifted.time += rest;
		if (lifted.time >= CALENDAR_USECS_PER_DAY)
		{
			lifted.day = advance_days(calendar, lifted.day, 1);
			lifted.time -= CALENDAR_USECS_PER_DAY;
		}
		if (lifted.day > CALENDAR_END_INSTANT / CALENDAR_USECS_PER_DAY)
			return CALENDAR_OUT_OF_RANGE;
		result = shift(lifted.day * CALENDAR_USECS_PER_DAY, lifted.time);
		if (in_range(result))
			result = calendar_to_utc(zone, result);
		if (result <= lifted_at)
			result = elapsed;
	}
	if (!in_range(result))
		return CALENDAR_OUT_OF_RANGE;
	*resumed = result;
	return CALENDAR_OK;
}
