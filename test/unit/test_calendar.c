/* link: src/calendar.c src/time_limit.c */
/*
 * test_calendar.c
 *		Unit test of deadlines over a made-up zone (process.md §5).  Prints TAP.
 *
 * The zone has one offset before a switch and another one after it, so that
 * gaps and overlaps of any length can be had.  Business days are compared with
 * a walk over every single day.  Ids such as T06 are lines of the catalogue of
 * faults.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "calendar.h"

#define MINUTE INT64_C(60000000)
#define HOUR (60 * MINUTE)
#define DAY CALENDAR_USECS_PER_DAY

#define ROUNDS 200000
#define HOLIDAYS 60

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

static void
is(int64_t got, int64_t expected, const char *what)
{
	ok(got == expected, "%s", what);
	if (got != expected)
		printf("# got %" PRId64 ", expected %" PRId64 "\n", got, expected);
}

/* splitmix64, seeded by a constant: the same cases in every run */
static uint64_t random_state = 20261123;

static int64_t
random_below(int64_t n)
{
	uint64_t	z = (random_state += UINT64_C(0x9e3779b97f4a7c15));

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return (int64_t) ((z ^ (z >> 31)) % (uint64_t) n);
}


/* ---- the zone ---- */

typedef struct FakeZone
{
	int64_t		switch_at;		/* instant */
	int64_t		before;			/* offset from UTC until then */
	int64_t		after;			/* offset from then on */
} FakeZone;

static int64_t
fake_to_local(const void *zone, int64_t utc)
{
	const FakeZone *z = zone;

	return utc + (utc < z->switch_at ? z->before : z->after);
}

static const FakeZone utc_zone = {0, 0, 0};

static CalendarZone
zone_of(const FakeZone *fake)
{
	CalendarZone zone = {fake, fake_to_local};

	return zone;
}

/* A deadline that must exist. */
static int64_t
due(const FakeZone *fake, const Calendar *calendar, int64_t opened_at,
	int count, TimeLimitUnit unit)
{
	CalendarZone zone = zone_of(fake);
	int64_t		result = INT64_MIN;

	if (calendar_deadline(&zone, calendar, opened_at, time_limit_make(count, unit),
						  &result) != CALENDAR_OK)
		printf("# no deadline\n");
	return result;
}


/* ---- days and hours ---- */

static void
test_units(void)
{
	/* 2000-03-01 02:00 UTC: the clock goes from 02:00 +0 to 03:00 +1 */
	const FakeZone spring = {60 * DAY + 2 * HOUR, 0, HOUR};
	/* the clock goes from 02:00 +1 to 01:00 +0 */
	const FakeZone autumn = {60 * DAY + 1 * HOUR, HOUR, 0};
	/* by half an hour, as on Lord Howe Island; far from Greenwich */
	const FakeZone half = {60 * DAY, 10 * HOUR + 30 * MINUTE, 11 * HOUR};
	/* a day skipped, as in Samoa in 2011 */
	const FakeZone skip = {60 * DAY + 10 * HOUR, -10 * HOUR, 14 * HOUR};
	int64_t		noon = 58 * DAY + 12 * HOUR;

	is(due(&utc_zone, NULL, noon, 7, TIME_LIMIT_DAYS), noon + 7 * DAY, "7 days in UTC");
	is(due(NULL, NULL, noon, 48, TIME_LIMIT_HOURS), noon + 48 * HOUR, "48 hours need no zone");
	is(due(NULL, NULL, noon, 90, TIME_LIMIT_MINUTES), noon + 90 * MINUTE, "90 minutes");
	is(due(&spring, NULL, noon, 7, TIME_LIMIT_DAYS), noon + 7 * DAY - HOUR, "T04 7 days are an hour shorter in spring");
	is(due(&spring, NULL, noon, 168, TIME_LIMIT_HOURS), noon + 7 * DAY, "T04 168 hours are not");
	is(due(&autumn, NULL, noon, 7, TIME_LIMIT_DAYS), noon + 7 * DAY + HOUR, "T04 an hour longer in autumn");

	is(due(&spring, NULL, 59 * DAY + 2 * HOUR + 30 * MINUTE, 1, TIME_LIMIT_DAYS),
	   60 * DAY + 2 * HOUR + 30 * MINUTE, "T07 in a gap 02:30 becomes 03:30");
	is(due(&spring, NULL, 59 * DAY + 2 * HOUR - 1, 1, TIME_LIMIT_DAYS),
	   60 * DAY + 2 * HOUR - 1, "T07 the last instant before the gap");
	is(due(&spring, NULL, 59 * DAY + 2 * HOUR, 1, TIME_LIMIT_DAYS),
	   60 * DAY + 2 * HOUR, "T07 the first instant of the gap becomes 03:00");
	is(due(&spring, NULL, 59 * DAY + 3 * HOUR, 1, TIME_LIMIT_DAYS),
	   60 * DAY + 2 * HOUR, "T07 the first instant after the gap");
	is(due(&autumn, NULL, 59 * DAY + 30 * MINUTE, 1, TIME_LIMIT_DAYS),
	   60 * DAY + 30 * MINUTE, "T07 in an overlap the first 01:30");
	is(due(&autumn, NULL, 59 * DAY, 1, TIME_LIMIT_DAYS), 60 * DAY, "T07 the first instant of the overlap");
	is(due(&autumn, NULL, 59 * DAY + HOUR, 1, TIME_LIMIT_DAYS),
	   60 * DAY + 2 * HOUR, "T07 02:00, the first instant after it");
	is(due(&half, NULL, 59 * DAY + 15 * MINUTE, 1, TIME_LIMIT_DAYS),
	   60 * DAY + 15 * MINUTE, "T07 a gap of 30 minutes");
	is(due(&skip, NULL, 59 * DAY + 22 * HOUR, 1, TIME_LIMIT_DAYS),
	   60 * DAY + 22 * HOUR, "T07 a skipped day moves to the next one");
}

/* Whatever the zone: what its clock shows comes back, and gaps move forward. */
static void
test_to_utc(void)
{
	int			wrong = 0;
	int			gaps = 0;
	int			overlaps = 0;

	for (int i = 0; i < ROUNDS; i++)
	{
		FakeZone	fake = {
			random_below(1000) * DAY + random_below(DAY),
			(random_below(47) - 23) * HOUR + random_below(4) * 15 * MINUTE,
			0
		};
		CalendarZone zone = zone_of(&fake);
		int64_t		local;
		int64_t		by_before;
		int64_t		by_after;
		int64_t		expected;

		fake.after = fake.before + (random_below(9) - 4) * 30 * MINUTE;
		if (fake.after <= -DAY || fake.after >= DAY)
			continue;
		local = fake.switch_at + fake.before + random_below(12 * HOUR) - 6 * HOUR;
		by_before = local - fake.before;
		by_after = local - fake.after;
		if (by_before < fake.switch_at)
			expected = by_before;	/* the first of two, if there are two */
		else if (by_after >= fake.switch_at)
			expected = by_after;
		else
			expected = by_before;	/* a gap */
		gaps += by_before >= fake.switch_at && by_after < fake.switch_at;
		overlaps += by_before < fake.switch_at && by_after >= fake.switch_at;
		wrong += calendar_to_utc(&zone, local) != expected;
	}
	ok(gaps > 1000 && overlaps > 1000, "T07 the random zones have %d gaps and %d overlaps", gaps, overlaps);
	is(wrong, 0, "T07 local time to instant, against the definition");
}


/* ---- business days ---- */

/* The definition, day by day. */
static int64_t
walk(const Calendar *calendar, int64_t day, int64_t n)
{
	while (n > 0)
	{
		day++;
		if (!calendar_is_day_off(calendar, (int32_t) day))
			n--;
	}
	return day;
}

/* Ascending, with chains and duplicates. */
static int
random_holidays(int32_t *holidays, int32_t from)
{
	int			n = (int) random_below(HOLIDAYS);
	int			most = random_below(3) == 0 ? 2 : 12;

	for (int i = 0; i < n; i++)
		holidays[i] = from += (int32_t) random_below(most);
	return n;
}

static void
test_business_days(void)
{
	const Calendar plain = {CALENDAR_SATURDAY_SUNDAY, 0, NULL};
	const int32_t chain[] = {6, 7, 9};	/* Friday .. Saturday, Monday */
	const Calendar chained = {CALENDAR_SATURDAY_SUNDAY, 3, chain};
	const Calendar friday_saturday = {0x30, 0, NULL};
	const Calendar every_day_off = {CALENDAR_WHOLE_WEEK, 0, NULL};
	CalendarZone zone = zone_of(&utc_zone);
	int64_t		untouched = 42;
	int			wrong = 0;

	/* 2000-01-01 was a Saturday, 2000-01-06 a Thursday */
	ok(calendar_is_day_off(&plain, 0) && calendar_is_day_off(&plain, 1) &&
	   !calendar_is_day_off(&plain, 2), "2000-01-01 was a Saturday");
	ok(calendar_is_day_off(&plain, -6) && calendar_is_day_off(&plain, -7) &&
	   !calendar_is_day_off(&plain, -1), "days before 2000");
	ok(calendar_is_day_off(&chained, 6) && !calendar_is_day_off(&plain, 6), "a holiday is a day off");
	is(due(&utc_zone, &plain, 5 * DAY + HOUR, 1, TIME_LIMIT_BUSINESS_DAYS), 6 * DAY + HOUR, "T06 Thursday to Friday");
	is(due(&utc_zone, &plain, 6 * DAY + 20 * HOUR, 2, TIME_LIMIT_BUSINESS_DAYS),
	   10 * DAY + 20 * HOUR, "T06 Friday evening, 2 business days");
	is(due(&utc_zone, &chained, 5 * DAY + HOUR, 1, TIME_LIMIT_BUSINESS_DAYS), 10 * DAY + HOUR, "T06 a holiday chain");
	is(due(&utc_zone, &friday_saturday, 5 * DAY + HOUR, 1, TIME_LIMIT_BUSINESS_DAYS),
	   8 * DAY + HOUR, "T06 weekend Friday and Saturday");
	ok(calendar_deadline(&zone, &every_day_off, 0, time_limit_make(1, TIME_LIMIT_BUSINESS_DAYS),
						 &untouched) == CALENDAR_NO_BUSINESS_DAY && untouched == 42,
	   "no business day at all is refused");

	for (int i = 0; i < ROUNDS / 10; i++)
	{
		int32_t		holidays[HOLIDAYS];
		int32_t		today = (int32_t) (random_below(2000) - 1000);
		Calendar	calendar = {(uint8_t) random_below(CALENDAR_WHOLE_WEEK), 0, holidays};
		int			n = 1 + (int) random_below(random_below(2) == 0 ? 8 : 400);
		int64_t		time_of_day = random_below(DAY);

		calendar.nholidays = random_holidays(holidays, today + (int32_t) random_below(60) - 50);
		wrong += due(&utc_zone, &calendar, today * DAY + time_of_day, n, TIME_LIMIT_BUSINESS_DAYS) !=
			walk(&calendar, today, n) * DAY + time_of_day;
	}
	is(wrong, 0, "T06 business days, against a walk over every day");
}

/* Thousands of holidays, a hundred years. */
static void
test_many_holidays(void)
{
	static int32_t holidays[20000];
	Calendar	calendar = {CALENDAR_SATURDAY_SUNDAY, 20000, holidays};

	for (int i = 0; i < 20000; i++)
		holidays[i] = -10000 + 2 * i;
	is(due(&utc_zone, &calendar, 0, 5000, TIME_LIMIT_BUSINESS_DAYS), walk(&calendar, 0, 5000) * DAY,
	   "20000 holidays");
	is(due(&utc_zone, &calendar, 0, TIME_LIMIT_MAX_DAYS, TIME_LIMIT_BUSINESS_DAYS),
	   walk(&calendar, 0, TIME_LIMIT_MAX_DAYS) * DAY, "the longest window");
}


/* ---- the ends of time ---- */

static void
test_range(void)
{
	const FakeZone east = {0, 14 * HOUR, 14 * HOUR};
	const FakeZone west = {0, -12 * HOUR, -12 * HOUR};
	const FakeZone *zones[] = {&utc_zone, &east, &west};
	const Calendar plain = {CALENDAR_SATURDAY_SUNDAY, 0, NULL};
	const int64_t outside[] = {
		INT64_MIN, INT64_MAX, CALENDAR_MIN_INSTANT - 1, CALENDAR_END_INSTANT
	};
	int			wrong = 0;

	for (int z = 0; z < 3; z++)
	{
		CalendarZone zone = zone_of(zones[z]);

		for (int unit = TIME_LIMIT_MINUTES; unit <= TIME_LIMIT_BUSINESS_DAYS; unit++)
		{
			int			longest = TIME_LIMIT_MAX_DAYS *
				(unit == TIME_LIMIT_MINUTES ? 24 * 60 : unit == TIME_LIMIT_HOURS ? 24 : 1);
			int64_t		result = 42;

			for (int i = 0; i < 4; i++)
			{
				wrong += calendar_deadline(&zone, &plain, outside[i], time_limit_make(1, unit), &result) != CALENDAR_OUT_OF_RANGE;
				wrong += calendar_reminder(&zone, outside[i], time_limit_make(1, unit), &result) != CALENDAR_OUT_OF_RANGE;
			}
			wrong += calendar_deadline(&zone, &plain, CALENDAR_END_INSTANT - 1, time_limit_make(1, unit), &result) != CALENDAR_OUT_OF_RANGE;
			wrong += calendar_deadline(&zone, &plain, CALENDAR_END_INSTANT - 1, time_limit_make(longest, unit), &result) != CALENDAR_OUT_OF_RANGE;
			wrong += calendar_reminder(&zone, CALENDAR_MIN_INSTANT, time_limit_make(longest, unit), &result) != CALENDAR_OUT_OF_RANGE;
			wrong += result != 42;
			wrong += calendar_deadline(&zone, &plain, CALENDAR_MIN_INSTANT, time_limit_make(longest, unit), &result) != CALENDAR_OK;
			wrong += result <= CALENDAR_MIN_INSTANT;
		}
	}
	is(wrong, 0, "T08 infinity, 294276 AD and 4714 BC in every unit and zone");
	is(due(&utc_zone, NULL, CALENDAR_END_INSTANT - DAY - 1, 1, TIME_LIMIT_DAYS),
	   CALENDAR_END_INSTANT - 1, "T08 the last microsecond there is");
}

static void
test_reminder(void)
{
	const FakeZone spring = {60 * DAY + 2 * HOUR, 0, HOUR};
	CalendarZone zone = zone_of(&spring);
	int64_t		result = 0;

	ok(calendar_reminder(NULL, 5 * DAY, time_limit_make(24, TIME_LIMIT_HOURS), &result) == CALENDAR_OK &&
	   result == 4 * DAY, "24 hours before");
	ok(calendar_reminder(NULL, 5 * DAY, time_limit_make(10, TIME_LIMIT_MINUTES), &result) == CALENDAR_OK &&
	   result == 5 * DAY - 10 * MINUTE, "10 minutes before");
	ok(calendar_reminder(&zone, 60 * DAY + 11 * HOUR, time_limit_make(1, TIME_LIMIT_DAYS), &result) == CALENDAR_OK &&
	   result == 59 * DAY + 12 * HOUR, "T04 1 day before, across the switch");
}


/* ---- holds ---- */

/* The end of a window after a hold, which must exist. */
static int64_t
resume(const FakeZone *fake, const Calendar *calendar, int64_t due_at, int64_t held_at,
	   int64_t lifted_at, TimeLimitUnit unit)
{
	CalendarZone zone = zone_of(fake);
	int64_t		result = INT64_MIN;

	if (calendar_resume(&zone, calendar, due_at, held_at, lifted_at, unit, &result) != CALENDAR_OK)
		printf("# no end\n");
	return result;
}

/* The days of a week that begins on Monday, 2000-01-03, and of the next one. */
enum
{
	MON = 2, TUE, WED, THU, FRI, SAT, SUN, NEXT_MON, NEXT_TUE, NEXT_WED
};

#define AT(day, hour) ((day) * DAY + (hour) * HOUR)

static void
test_resume_business_days(void)
{
	const Calendar plain = {CALENDAR_SATURDAY_SUNDAY, 0, NULL};
	const int32_t friday_and_monday[] = {FRI, NEXT_MON};
	const Calendar easter = {CALENDAR_SATURDAY_SUNDAY, 2, friday_and_monday};
	const struct
	{
		const Calendar *calendar;
		int64_t		due;
		int64_t		held;
		int64_t		lifted;
		int64_t		expected;
		const char *what;
	}			cases[] = {
		{&plain, AT(TUE, 16), AT(MON, 10), AT(THU, 9), AT(FRI, 15), "process.md: 1 business day and 6 hours, lifted Thursday 09:00"},
		{&plain, AT(TUE, 16), AT(MON, 10), AT(MON, 10), AT(TUE, 16), "lifted at once: nothing moves"},
		{&plain, AT(TUE, 16), AT(MON, 10), AT(MON, 10) + 1, AT(TUE, 16) + 1, "lifted a microsecond later"},
		{&plain, AT(TUE, 16), AT(TUE, 16) - 1, AT(THU, 9), AT(THU, 9) + 1, "a microsecond was left"},
		{&plain, AT(TUE, 16), AT(TUE, 10), AT(THU, 9), AT(THU, 15), "hours of one day were left"},
		{&plain, AT(TUE, 9), AT(MON, 16), AT(THU, 16), AT(FRI, 9), "no whole day: 17 hours, over midnight"},
		{&plain, AT(TUE, 9), AT(MON, 16), AT(THU, 5), AT(THU, 22), "which may end on the day of the lift"},
		{&plain, AT(WED, 9), AT(MON, 16), AT(THU, 16), AT(NEXT_MON, 9), "a day and 17 hours, over a weekend"},
		{&plain, AT(TUE, 9), AT(MON, 16), AT(FRI, 16), AT(NEXT_MON, 9), "17 hours, from Friday on"},
		{&plain, AT(TUE, 9), AT(MON, 16), AT(FRI, 7), AT(NEXT_MON, 0), "T06 to the end of Friday: Monday 00:00"},
		{&plain, AT(TUE, 9), AT(MON, 16), AT(FRI, 7) - 1, AT(SAT, 0) - 1, "T06 and a microsecond before it"},
		{&plain, AT(NEXT_TUE, 16), AT(FRI, 10), AT(NEXT_MON, 9), AT(NEXT_WED, 15), "T06 held over a weekend"},
		{&plain, AT(NEXT_TUE, 16), AT(SAT, 10), AT(SUN, 9), AT(NEXT_TUE, 16), "T06 held and lifted on days off"},
		{&plain, AT(NEXT_TUE, 16), AT(FRI, 10), AT(SAT, 9), AT(NEXT_TUE + 1, 6), "T06 lifted on a Saturday: Monday 00:00"},
		{&plain, AT(NEXT_TUE, 16), AT(FRI, 10), AT(NEXT_MON, 0) - 1, AT(NEXT_TUE + 1, 6), "T06 to the last microsecond of Sunday"},
		{&plain, AT(NEXT_TUE, 16), AT(FRI, 10), AT(NEXT_MON, 0), AT(NEXT_TUE + 1, 6), "T06 as at Monday 00:00"},
		{&plain, AT(NEXT_MON, 16), AT(SAT, 12), AT(NEXT_WED, 10), AT(NEXT_WED + 1, 2), "T06 held on a Saturday: 16 hours of Monday"},
		{&plain, AT(NEXT_MON, 0), AT(SAT, 12), AT(NEXT_WED, 10), AT(NEXT_WED + 1, 22), "T06 due at Monday 00:00: no business time was left, 36 hours elapse"},
		{&easter, AT(NEXT_TUE, 16), AT(THU, 10), AT(SUN, 12), AT(NEXT_TUE + 1, 6), "T06 lifted among holidays and a weekend"},
		{&easter, AT(NEXT_TUE, 9), AT(THU, 16), AT(THU, 16), AT(NEXT_TUE, 9), "T06 lifted at once before them"},
		{&easter, AT(WED, 9), AT(TUE, 16), AT(THU, 16), AT(NEXT_TUE, 9), "T06 a rest that would end on a holiday"},
		{&easter, AT(NEXT_TUE, 16), AT(FRI, 12), AT(NEXT_MON, 12), AT(NEXT_TUE, 16), "T06 held and lifted on holidays"},
		{&plain, AT(SUN, 9), AT(THU, 10), AT(THU, 11), AT(NEXT_MON, 10), "due on a Sunday after an extension: Friday and 23 hours"},
		{&plain, AT(SUN, 11), AT(THU, 10), AT(THU, 12), AT(FRI, 13), "due on a Sunday after an extension: Friday and an hour"},
		{&plain, AT(SUN, 9), AT(SAT, 10), AT(NEXT_TUE, 10), AT(NEXT_TUE, 19), "held and due on a weekend: its time of day"}
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		is(resume(&utc_zone, cases[i].calendar, cases[i].due, cases[i].held, cases[i].lifted, TIME_LIMIT_BUSINESS_DAYS),
		   cases[i].expected, cases[i].what);
}

static void
test_resume_other_units(void)
{
	int64_t		due_at = AT(SAT, 16);

	is(resume(&utc_zone, NULL, due_at, AT(MON, 10), AT(SUN, 9), TIME_LIMIT_DAYS), AT(SUN + 5, 15), "days: 5 and 6 hours, weekends count");
	is(resume(&utc_zone, NULL, due_at, AT(MON, 20), AT(SUN, 9), TIME_LIMIT_DAYS), AT(SUN + 5, 5), "days: 4 and 20 hours, over midnight");
	is(resume(&utc_zone, NULL, due_at, AT(SAT, 15), AT(SUN, 23), TIME_LIMIT_DAYS), AT(SUN + 1, 0), "days: an hour, to midnight");
	is(resume(NULL, NULL, due_at, AT(MON, 10), AT(SUN, 9), TIME_LIMIT_HOURS), due_at + 143 * HOUR, "hours elapse and need no zone");
	is(resume(NULL, NULL, due_at, AT(SAT, 16) - 1, AT(SUN, 9) + MINUTE, TIME_LIMIT_MINUTES), AT(SUN, 9) + MINUTE + 1, "minutes elapse");
	is(resume(NULL, NULL, due_at, AT(MON, 10), AT(MON, 10), TIME_LIMIT_MINUTES), due_at, "minutes: lifted at once");
}

/* T04, T07: both switches on a Sunday, 2000-02-27, at 01:00 UTC. */
static void
test_resume_summer_time(void)
{
	const FakeZone spring = {AT(57, 1), HOUR, 2 * HOUR};	/* 02:00 becomes 03:00 */
	const FakeZone autumn = {AT(57, 1), 2 * HOUR, HOUR};	/* 03:00 becomes 02:00 */
	const Calendar plain = {CALENDAR_SATURDAY_SUNDAY, 0, NULL};
	const Calendar no_weekend = {0, 0, NULL};
	const int	fri = 55,
				sat = 56,
				sun = 57,
				mon = 58,
				tue = 59;

	is(resume(&spring, &plain, AT(mon, 14), AT(fri, 9), AT(mon, 7), TIME_LIMIT_BUSINESS_DAYS), AT(tue, 13), "T04 business days over summer time: Monday 16:00 to Tuesday 15:00");
	is(resume(&autumn, &plain, AT(mon, 15), AT(fri, 8), AT(mon, 8), TIME_LIMIT_BUSINESS_DAYS), AT(tue, 14), "T04 business days over winter time: the same");
	is(resume(&spring, &plain, AT(mon, 14), AT(fri, 9), AT(sun, 12), TIME_LIMIT_BUSINESS_DAYS), AT(tue, 4), "T04 lifted on that Sunday: Tuesday 06:00");
	is(resume(&autumn, &plain, AT(mon, 15), AT(fri, 8), AT(sun, 12), TIME_LIMIT_BUSINESS_DAYS), AT(tue, 5), "T04 and in autumn");
	is(resume(&spring, &plain, AT(mon, 14), AT(sat, 12), AT(sun, 12), TIME_LIMIT_BUSINESS_DAYS), AT(mon, 14), "T04 held before it and lifted after it, on days off");
	is(resume(&spring, NULL, AT(mon, 14), AT(sat, 9), AT(sun, 10), TIME_LIMIT_DAYS), AT(tue, 16), "T04 days: 2 and 6 hours by the wall clock, Tuesday 18:00");
	is(resume(&autumn, NULL, AT(mon, 15), AT(sat, 8), AT(sun, 11), TIME_LIMIT_DAYS), AT(tue, 17), "T04 days in autumn: the same");
	is(resume(&spring, NULL, AT(mon, 14), AT(sat, 9), AT(sun, 10), TIME_LIMIT_HOURS), AT(mon, 39), "T04 hours do not care");
	is(resume(&spring, NULL, AT(fri, 11), AT(fri, 9), AT(sat, 23) + 30 * MINUTE, TIME_LIMIT_DAYS), AT(sun, 1) + 30 * MINUTE, "T07 into the gap: 02:30 becomes 03:30");
	is(resume(&autumn, NULL, AT(fri, 10), AT(fri, 8), AT(sat, 22) + 30 * MINUTE, TIME_LIMIT_DAYS), AT(sun, 0) + 30 * MINUTE, "T07 into the overlap: the first 02:30");
	is(resume(&autumn, NULL, AT(sat, 12), AT(sat, 12) - 20 * MINUTE, AT(sun, 1) + 30 * MINUTE, TIME_LIMIT_DAYS), AT(sun, 1) + 50 * MINUTE, "T07 lifted in the second 02:30: to the second 02:50");
	is(resume(&autumn, NULL, AT(sun, 1), AT(sun, 1) - 10 * MINUTE, AT(sun, 1) - 10 * MINUTE, TIME_LIMIT_DAYS), AT(sun, 1), "T07 from 02:50 to the second 02:00, lifted at once: nothing moves");
	is(resume(&autumn, NULL, AT(sun, 1), AT(sun, 1) - 10 * MINUTE, AT(sun, 12), TIME_LIMIT_DAYS), AT(sun, 12) + 10 * MINUTE, "T07 and lifted at noon: ten minutes");
	is(resume(&autumn, &no_weekend, AT(sun, 1), AT(sun, 1) - 10 * MINUTE, AT(sun, 12), TIME_LIMIT_BUSINESS_DAYS), AT(sun, 12) + 10 * MINUTE, "T07 on a business day");
	is(resume(&autumn, &no_weekend, AT(sat, 12), AT(sat, 12) - 20 * MINUTE, AT(sun, 1) + 30 * MINUTE, TIME_LIMIT_BUSINESS_DAYS), AT(sun, 1) + 50 * MINUTE, "T07 and lifted in the second 02:30");
	is(resume(&spring, &no_weekend, AT(fri, 11), AT(fri, 9), AT(sat, 23) + 30 * MINUTE, TIME_LIMIT_BUSINESS_DAYS), AT(sun, 1) + 30 * MINUTE, "T07 into the gap on a business day");
}

/*
 * Business time, counted day by day from a first day: 24 hours for each day that
 * is not off, and none for the others.
 */
static int64_t
business_clock(const Calendar *calendar, int64_t first, int64_t local)
{
	int64_t		elapsed = 0;
	int64_t		day = first;

	for (; (day + 1) * DAY <= local; day++)
		elapsed += calendar_is_day_off(calendar, (int32_t) day) ? 0 : DAY;
	return elapsed + (calendar_is_day_off(calendar, (int32_t) day) ? 0 : local - day * DAY);
}

/* The local time at which that clock shows "elapsed" and a business day is under way. */
static int64_t
business_local(const Calendar *calendar, int64_t first, int64_t elapsed)
{
	int64_t		day = first;

	for (;; day++)
	{
		if (calendar_is_day_off(calendar, (int32_t) day))
			continue;
		if (elapsed < DAY)
			return day * DAY + elapsed;
		elapsed -= DAY;
	}
}

/* As set_holidays() stores them. */
static int
without_duplicates(int32_t *holidays, int n)
{
	int			kept = 0;

	for (int i = 0; i < n; i++)
		if (kept == 0 || holidays[i] != holidays[kept - 1])
			holidays[kept++] = holidays[i];
	return kept;
}

/* What was left on the business clock is left again, whatever the calendar and the zone. */
static void
test_resume_against_count(void)
{
	int			wrong = 0;
	int			early = 0;
	int			days_wrong = 0;
	int			elapsed_wrong = 0;
	int			on_days_off = 0;
	int			over_switch = 0;

	for (int i = 0; i < ROUNDS / 10; i++)
	{
		int32_t		holidays[HOLIDAYS];
		int32_t		today = (int32_t) (random_below(2000) - 1000);
		int64_t		first = today - 1;
		Calendar	calendar = {(uint8_t) random_below(CALENDAR_WHOLE_WEEK), 0, holidays};
		FakeZone	fake = {
			(today + random_below(40)) * DAY + random_below(DAY),
			(random_below(25) - 12) * HOUR,
			0
		};
		CalendarZone zone = zone_of(&fake);
		TimeLimit	window = time_limit_make(1 + (int) random_below(12), TIME_LIMIT_BUSINESS_DAYS);
		int64_t		opened_at = today * DAY + DAY + random_below(DAY);
		int64_t		due_at = 0;
		int64_t		held_at;
		int64_t		lifted_at;
		int64_t		left;
		int64_t		elapsed;
		int64_t		expected;
		bool		set_back;

		fake.after = fake.before + (random_below(3) - 1) * HOUR;
		first -= 2;
		calendar.nholidays = without_duplicates(holidays, random_holidays(holidays, today + (int32_t) random_below(30) - 10));
		if (calendar_deadline(&zone, &calendar, opened_at, window, &due_at) != CALENDAR_OK)
			wrong++;
		held_at = opened_at + random_below(due_at - opened_at);
		lifted_at = held_at + random_below(20 * DAY);
		on_days_off += business_clock(&calendar, first, fake_to_local(&fake, lifted_at)) ==
			business_clock(&calendar, first, fake_to_local(&fake, lifted_at) + 1);
		over_switch += held_at < fake.switch_at && fake.switch_at < lifted_at && fake.before != fake.after;

		elapsed = lifted_at + (due_at - held_at);
		set_back = fake_to_local(&fake, due_at) <= fake_to_local(&fake, held_at);
		left = business_clock(&calendar, first, fake_to_local(&fake, due_at)) -
			business_clock(&calendar, first, fake_to_local(&fake, held_at));
		expected = set_back ? elapsed :
			calendar_to_utc(&zone, business_local(&calendar, first,
												  business_clock(&calendar, first, fake_to_local(&fake, lifted_at)) + left));
		if (expected <= lifted_at)
			expected = elapsed;
		wrong += resume(&fake, &calendar, due_at, held_at, lifted_at, TIME_LIMIT_BUSINESS_DAYS) != expected;
		early += resume(&fake, &calendar, due_at, held_at, lifted_at, TIME_LIMIT_BUSINESS_DAYS) <= lifted_at;

		/* by the wall clock every day counts; hours and minutes elapse */
		left = fake_to_local(&fake, due_at) - fake_to_local(&fake, held_at);
		expected = set_back ? elapsed : calendar_to_utc(&zone, fake_to_local(&fake, lifted_at) + left);
		if (expected <= lifted_at)
			expected = elapsed;
		days_wrong += resume(&fake, NULL, due_at, held_at, lifted_at, TIME_LIMIT_DAYS) != expected;
		early += resume(&fake, NULL, due_at, held_at, lifted_at, TIME_LIMIT_DAYS) <= lifted_at;
		elapsed_wrong += resume(&fake, NULL, due_at, held_at, lifted_at, TIME_LIMIT_HOURS) != due_at + (lifted_at - held_at);
		elapsed_wrong += resume(&fake, NULL, due_at, held_at, lifted_at, TIME_LIMIT_MINUTES) != due_at + (lifted_at - held_at);
	}
	ok(on_days_off > 1000 && over_switch > 1000, "T06 %d lifts on days off, T04 %d holds over a switch", on_days_off, over_switch);
	is(wrong, 0, "T06 business days after a hold, against a count day by day");
	is(early, 0, "no window ends before its hold is lifted");
	is(days_wrong, 0, "T04 days after a hold, by the wall clock");
	is(elapsed_wrong, 0, "hours and minutes after a hold");
}

static void
test_resume_range(void)
{
	const Calendar plain = {CALENDAR_SATURDAY_SUNDAY, 0, NULL};
	const Calendar every_day_off = {CALENDAR_WHOLE_WEEK, 0, NULL};
	CalendarZone zone = zone_of(&utc_zone);
	const int64_t outside[] = {
		INT64_MIN, INT64_MAX, CALENDAR_MIN_INSTANT - 1, CALENDAR_END_INSTANT
	};
	const int64_t last = CALENDAR_END_INSTANT - 1;
	int64_t		result = 42;
	int			wrong = 0;

	for (int unit = TIME_LIMIT_MINUTES; unit <= TIME_LIMIT_BUSINESS_DAYS; unit++)
	{
		for (int i = 0; i < 4; i++)
		{
			wrong += calendar_resume(&zone, &plain, outside[i], 0, 0, unit, &result) != CALENDAR_OUT_OF_RANGE;
			wrong += calendar_resume(&zone, &plain, DAY, outside[i], 0, unit, &result) != CALENDAR_OUT_OF_RANGE;
			wrong += calendar_resume(&zone, &plain, DAY, 0, outside[i], unit, &result) != CALENDAR_OUT_OF_RANGE;
		}
		/* what is left would end after the end */
		wrong += calendar_resume(&zone, &plain, 20 * DAY, 0, last, unit, &result) != CALENDAR_OUT_OF_RANGE;
		wrong += calendar_resume(&zone, &plain, 20 * DAY, 0, last - 5 * DAY, unit, &result) != CALENDAR_OUT_OF_RANGE;
		wrong += result != 42;
	}
	is(wrong, 0, "T08 infinity, 294276 AD and 4714 BC in every unit");
	ok(calendar_resume(&zone, &every_day_off, 20 * DAY, 0, DAY, TIME_LIMIT_BUSINESS_DAYS, &result) == CALENDAR_NO_BUSINESS_DAY &&
	   result == 42, "no business day at all is refused");
	is(resume(&utc_zone, NULL, DAY, DAY - 1, last - 1, TIME_LIMIT_DAYS), last, "T08 the last microsecond there is");
	is(resume(NULL, NULL, DAY, DAY - 1, last - 1, TIME_LIMIT_HOURS), last, "T08 in hours too");
	is(resume(&utc_zone, NULL, CALENDAR_MIN_INSTANT + DAY, CALENDAR_MIN_INSTANT, 0, TIME_LIMIT_DAYS), DAY, "T08 from the first one on");
}

int
main(void)
{
	test_units();
	test_to_utc();
	test_business_days();
	test_many_holidays();
	test_range();
	test_reminder();
	test_resume_business_days();
	test_resume_other_units();
	test_resume_summer_time();
	test_resume_against_count();
	test_resume_range();
	printf("1..%d\n", tests);
	return failures != 0;
}
