/* link: calendar time_limit */
/*
 * calendar.c
 *		Deadlines, reminders and resumed windows in any calendar, in a zone whose
 *		clock changes somewhere: no overflow, no end before its beginning.
 */
#include <stdlib.h>
#include <string.h>

#include "calendar.h"

extern int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define HOLIDAYS 8

typedef struct Input
{
	int64_t		opened_at;
	int64_t		held_at;
	int64_t		lifted_at;
	int64_t		change;
	TimeLimit	window;
	int32_t		holiday[HOLIDAYS];
	int16_t		minutes;		/* of offset, before the change */
	int8_t		saves;			/* a quarter of an hour each, after it */
	uint8_t		weekend;
	uint8_t		nholidays;
} Input;

static int64_t
to_local(const void *zone, int64_t utc)
{
	const Input *in = zone;
	int64_t		minutes = in->minutes % 840 + (utc >= in->change ? in->saves % 8 * 15 : 0);

	return utc + minutes * INT64_C(60000000);
}

/* Instants near to each other, so that more than the range's ends is tried; later than "base" by less than that. */
static int64_t
near(int64_t base, int64_t any, int days)
{
	return base + (any & INT64_MAX) % (days * CALENDAR_USECS_PER_DAY);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	Input		in;
	Calendar	calendar;
	CalendarZone zone = {&in, to_local};
	int64_t		due_at;
	int64_t		at;

	if (size < sizeof(in))
		return 0;
	memcpy(&in, data, sizeof(in));
	if (!time_limit_is_valid(in.window))
		in.window = time_limit_make(1 + (in.window & 0x7F), in.window >> 8 & 3);
	/* half of them within some years of now */
	if (in.nholidays & 0x80)
		in.opened_at %= 10000 * CALENDAR_USECS_PER_DAY;
	in.change = in.opened_at % CALENDAR_MIN_INSTANT + in.change % (4 * CALENDAR_USECS_PER_DAY);
	in.nholidays %= HOLIDAYS + 1;
	for (int i = 1; i < in.nholidays; i++)
		if (in.holiday[i] <= in.holiday[i - 1])
			in.nholidays = i;
	calendar = (Calendar) {in.weekend & CALENDAR_WHOLE_WEEK, in.nholidays, in.holiday};
	if (calendar_deadline(&zone, &calendar, in.opened_at, in.window, &due_at) != CALENDAR_OK)
		return 0;
	if (due_at <= in.opened_at)
		abort();
	if (calendar_reminder(&zone, due_at, in.window, &at) == CALENDAR_OK && at >= due_at)
		abort();
	if (in.opened_at > CALENDAR_END_INSTANT / 2 || in.opened_at < CALENDAR_MIN_INSTANT / 2)
		return 0;
	in.held_at = near(in.opened_at, in.held_at, in.minutes & 1 ? 4 : 400);
	in.lifted_at = near(in.held_at, in.lifted_at, in.minutes & 2 ? 4 : 400);
	if (in.held_at < due_at &&
		calendar_resume(&zone, &calendar, due_at, in.held_at, in.lifted_at, time_limit_unit(in.window), &at) == CALENDAR_OK &&
		at <= in.lifted_at)
		abort();
	return 0;
}
