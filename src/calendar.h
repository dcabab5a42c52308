/*
 * calendar.h
 *		When a window that opened at one instant ends (process.md §5).
 *
 * Pure C: no PostgreSQL headers, no allocation, no state.  The time zone is
 * abstract, so that a unit test brings its own; deadline.c brings the
 * server's.
 *
 * An instant is what TimestampTz is: microseconds since 2000-01-01 00:00 UTC.
 * A local time counts the same way on the wall clock of a zone.  A day is a
 * number of days since 2000-01-01, as in the type date.
 *
 * Nothing here owns memory: a Calendar points into its maker's holidays.
 */
#ifndef REFUND_CALENDAR_H
#define REFUND_CALENDAR_H

#include <stdbool.h>
#include <stdint.h>

#include "time_limit.h"

#define CALENDAR_USECS_PER_DAY INT64_C(86400000000)

/* The range of timestamptz: 4714-11-24 BC up to and without 294277-01-01. */
#define CALENDAR_MIN_INSTANT INT64_C(-211813488000000000)
#define CALENDAR_END_INSTANT INT64_C(9223371331200000000)

/* Bit 0 is Monday, as in ISO 8601. */
#define CALENDAR_SATURDAY_SUNDAY 0x60
#define CALENDAR_WHOLE_WEEK 0x7F

/*
 * A zone knows the wall clock of an instant.  Its offset from UTC is less
 * than a day, and changes at most once within 48 hours; the server's own
 * conversion assumes the same.
 */
typedef struct CalendarZone
{
	const void *zone;
	int64_t		(*to_local) (const void *zone, int64_t utc);
} CalendarZone;

typedef struct Calendar
{
	uint8_t		weekend;		/* days of the week that are off */
	int			nholidays;
	const int32_t *holidays;	/* ascending */
} Calendar;

typedef enum CalendarStatus
{
	CALENDAR_OK,
	CALENDAR_OUT_OF_RANGE,		/* infinite, or beyond timestamptz */
	CALENDAR_NO_BUSINESS_DAY	/* the weekend is the whole week */
} CalendarStatus;

extern bool calendar_is_day_off(const Calendar *calendar, int32_t day);

/*
 * The instant at which the zone's clock shows this local time.  A time that
 * the clock skips moves forward by what it skips; of a time that the clock
 * shows twice the first one counts.
 */
extern int64_t calendar_to_utc(const CalendarZone *zone, int64_t local);

/*
 * The end of a window that opened at opened_at.  Hours and minutes elapse;
 * days keep the wall time; business days keep it too, and count the days after
 * the opening that are not off.  Writes *due_at only on CALENDAR_OK.  Takes
 * time linear in the holidays within the window, whatever its length.
 * zone may be NULL for hours and minutes, calendar for all but business days.
 */
extern CalendarStatus calendar_deadline(const CalendarZone *zone,
										const Calendar *calendar,
										int64_t opened_at, TimeLimit window,
										int64_t *due_at);

/*
 * The instant "before" ahead of due_at: hours and minutes elapsed, days and
 * business days on the wall clock (a reminder needs no calendar).  The same
 * statuses and arguments as above.
 */
extern CalendarStatus calendar_reminder(const CalendarZone *zone,
										int64_t due_at, TimeLimit before,
										int64_t *remind_at);

/*
 * The end of a window that stood still from held_at to lifted_at, both before
 * due_at when it stopped: the whole units that were left count from lifted_at,
 * and the time of day that was left beyond them is added (process.md §5).
 * Hours and minutes elapse.  Business days pause on days off: a hold or a lift
 * on one counts as 00:00 of the next business day.  Where by the wall clock
 * nothing was left, or the end is not after the lift (the clock was set back),
 * what was left elapses: so it is always after lifted_at.  Statuses as above.
 */
extern CalendarStatus calendar_resume(const CalendarZone *zone,
									  const Calendar *calendar,
									  int64_t due_at, int64_t held_at, int64_t lifted_at,
									  TimeLimitUnit unit, int64_t *resumed);

#endif							/* REFUND_CALENDAR_H */
