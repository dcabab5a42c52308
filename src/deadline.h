/*
 * deadline.h
 *		Deadlines with the server's time zones and the calendars in the tables.
 *
 * Instants are TimestampTz.  Never the session's TimeZone: the zone is an
 * argument (architecture.md rule 6).
 *
 * Errors: 22023 for a zone that the server does not know, RF014 for an unknown
 * calendar, 22008 for an infinite instant or a result out of range.
 */
#ifndef REFUND_DEADLINE_H
#define REFUND_DEADLINE_H

#include "postgres.h"

#include "datatype/timestamp.h"

#include "time_limit.h"

/* The calendar that exists without a row: Saturday and Sunday, no holidays. */
#define DEFAULT_CALENDAR "default"

/*
 * When a window that opened at opened_at ends.  Hours and minutes look at
 * neither zone nor calendar, days not at the calendar.  Reads the calendar
 * through SQL when the session has not got it yet; the caller may be inside
 * sql_enter() or not.
 */
extern TimestampTz refund_deadline(TimestampTz opened_at, TimeLimit window,
								   const char *zone, const char *calendar);

/* The instant of the reminder "before" a window ends; days count on the zone's wall clock. */
extern TimestampTz refund_reminder(TimestampTz due_at, TimeLimit before, const char *zone);

/* The end of a window of this unit that stood still from held_at to lifted_at. */
extern TimestampTz refund_resume(TimestampTz due_at, TimestampTz held_at, TimestampTz lifted_at,
								 TimeLimitUnit unit, const char *zone, const char *calendar);

extern bool zone_is_known(const char *zone);

/* May run SQL, as above. */
extern bool calendar_is_known(const char *calendar);

#endif							/* REFUND_DEADLINE_H */
