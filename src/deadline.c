/*
 * deadline.c
 *		The shell of calendar.c: the server's zones, the calendars in tables.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "fmgr.h"
#include "pgtime.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/timestamp.h"

#include "calendar.h"
#include "compat.h"
#include "deadline.h"
#include "errors.h"
#include "required.h"
#include "row_cache.h"
#include "spi.h"
#include "value_types.h"

PG_FUNCTION_INFO_V1(refund_deadline_sql);
PG_FUNCTION_INFO_V1(refund_set_holidays);

StaticAssertDecl(CALENDAR_MIN_INSTANT == MIN_TIMESTAMP &&
				 CALENDAR_END_INSTANT == END_TIMESTAMP,
				 "calendar.h and timestamptz disagree about their range");

#define UNIX_TO_POSTGRES_SECS \
	((pg_time_t) (POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * SECS_PER_DAY)


/* ---- zones ---- */

/* NULL when unknown.  The server keeps what it has loaded for the session. */
static pg_tz *
find_zone(const char *name)
{
	pg_tz	   *zone = pg_tzset(name);

	/* As SET TimeZone does: no zones that count leap seconds. */
	return zone != NULL && pg_tz_acceptable(zone) ? zone : NULL;
}

static pg_tz *
get_zone(const char *name)
{
	pg_tz	   *zone = find_zone(name);

	if (zone == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("time zone \"%s\" not recognized", name),
				 errhint("The view pg_timezone_names lists the time zones that this server knows.")));
	return zone;
}

bool
zone_is_known(const char *zone)
{
	return find_zone(zone) != NULL;
}

/* DetermineTimeZoneOffset() would take the second time of an overlap. */
static int64
to_local(const void *zone, int64 utc)
{
	pg_time_t	t = utc / USECS_PER_SEC - (utc % USECS_PER_SEC < 0) + UNIX_TO_POSTGRES_SECS;
	struct pg_tm *tm = pg_localtime(&t, (const pg_tz *) zone);

	if (tm == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
				 errmsg("timestamp out of range")));
	return utc + tm->tm_gmtoff * USECS_PER_SEC;
}


/* ---- calendars ---- */

/* Always one row.  Locks: ACCESS SHARE on both tables. */
static Statement read_calendar = STATEMENT(
	"SELECT (SELECT c.weekend FROM refund.calendar AS c"
	" WHERE c.calendar OPERATOR(pg_catalog.=) $1),"
	" ARRAY(SELECT h.day FROM refund.holiday AS h"
	" WHERE h.calendar OPERATOR(pg_catalog.=) $1 ORDER BY h.day)",
	"t");

/* The days of the week, 1 = Monday .. 7 = Sunday, as a bit a day. */
static uint8
pack_weekend(ArrayType *weekend)
{
	Datum	   *days;
	bool	   *nulls;
	int			ndays;
	int			bits = 0;

	deconstruct_array(weekend, INT4OID, sizeof(int32), true, TYPALIGN_INT,
					  &days, &nulls, &ndays);
	for (int i = 0; i < ndays; i++)
	{
		int32		day;

		if (nulls[i])
			ereport(ERROR,
					(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
					 errmsg("argument \"%s\" must not contain nulls", "weekend")));
		day = DatumGetInt32(days[i]);
		if (day < 1 || day > 7)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("%d is not a day of the week", day),
					 errhint("Days of the week are numbered from 1, Monday, to 7, Sunday.")));
		bits |= 1 << (day - 1);
	}
	if (bits == CALENDAR_WHOLE_WEEK)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the weekend must not be the whole week"),
				 errdetail("A window in business days would never end.")));
	return (uint8) bits;
}

/* The inverse: ascending, each day once. */
static ArrayType *
unpack_weekend(uint8 bits)
{
	Datum		days[7];
	int			ndays = 0;

	for (int day = 1; day <= 7; day++)
	{
		if (bits >> (day - 1) & 1)
			days[ndays++] = Int32GetDatum(day);
	}
	return construct_array(days, ndays, INT4OID, sizeof(int32), true, TYPALIGN_INT);
}

/*
 * process.md §5: the weekend is Saturday and Sunday by default.  So a row in
 * refund.calendar is needed for another weekend only, and "default" needs no
 * row at all.
 */
static void *
load_calendar(MemoryContext into, const char *name, int number)
{
	Datum		values[] = {CStringGetTextDatum(name)};
	SqlRows		found = sql_read(&read_calendar, values, NULL, 1);
	bool		no_weekend;
	bool		no_days;
	Datum		weekend = heap_getattr(found.rows[0], 1, found.desc, &no_weekend);
	Datum		days = heap_getattr(found.rows[0], 2, found.desc, &no_days);
	Datum	   *dates;
	int			ndates;
	int32	   *holidays;
	Calendar   *calendar;

	(void) number;
	deconstruct_array(DatumGetArrayTypeP(days), DATEOID, sizeof(DateADT), true,
					  TYPALIGN_INT, &dates, NULL, &ndates);
	if (no_weekend && ndates == 0 && strcmp(name, DEFAULT_CALENDAR) != 0)
		return NULL;

	calendar = MemoryContextAlloc(into, sizeof(Calendar));
	holidays = MemoryContextAlloc(into, Max(ndates, 1) * sizeof(int32));
	for (int i = 0; i < ndates; i++)
		holidays[i] = DatumGetDateADT(dates[i]);
	calendar->weekend = no_weekend ? CALENDAR_SATURDAY_SUNDAY :
		pack_weekend(DatumGetArrayTypeP(weekend));
	calendar->nholidays = ndates;
	calendar->holidays = holidays;
	return calendar;
}

static RowCache calendar_cache = {
	.tables = {"calendar", "holiday"},
	.load = load_calendar
};

bool
calendar_is_known(const char *calendar)
{
	return row_cache_get(&calendar_cache, calendar, 0) != NULL;
}

static const Calendar *
get_calendar(const char *name)
{
	const Calendar *calendar = row_cache_get(&calendar_cache, name, 0);

	if (calendar == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_REFUND_UNKNOWN),
				 errmsg("calendar \"%s\" does not exist", name),
				 errhint("refund.set_holidays() makes a calendar.")));
	return calendar;
}


/* ---- deadlines ---- */

static void
check_status(CalendarStatus status)
{
	switch (status)
	{
		case CALENDAR_OK:
			return;
		case CALENDAR_OUT_OF_RANGE:
			ereport(ERROR,
					(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
					 errmsg("deadline out of range")));
		case CALENDAR_NO_BUSINESS_DAY:
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("the calendar has no business day")));
	}
}

/* Hours and minutes elapse: no zone can be unknown to them. */
static bool
needs_zone(TimeLimit t)
{
	return time_limit_unit(t) == TIME_LIMIT_DAYS ||
		time_limit_unit(t) == TIME_LIMIT_BUSINESS_DAYS;
}

TimestampTz
refund_deadline(TimestampTz opened_at, TimeLimit window,
				const char *zone, const char *calendar)
{
	CalendarZone server_zone = {NULL, to_local};
	const Calendar *days = NULL;
	int64_t		due_at = 0;

	if (needs_zone(window))
		server_zone.zone = get_zone(zone);
	if (time_limit_unit(window) == TIME_LIMIT_BUSINESS_DAYS)
		days = get_calendar(calendar);
	check_status(calendar_deadline(&server_zone, days, opened_at, window, &due_at));
	return due_at;
}

TimestampTz
refund_reminder(TimestampTz due_at, TimeLimit before, const char *zone)
{
	CalendarZone server_zone = {NULL, to_local};
	int64_t		remind_at = 0;

	if (needs_zone(before))
		server_zone.zone = get_zone(zone);
	check_status(calendar_reminder(&server_zone, due_at, before, &remind_at));
	return remind_at;
}

TimestampTz
refund_resume(TimestampTz due_at, TimestampTz held_at, TimestampTz lifted_at,
			  TimeLimitUnit unit, const char *zone, const char *calendar)
{
	CalendarZone server_zone = {NULL, to_local};
	const Calendar *days = NULL;
	int64_t		resumed = 0;

	if (unit == TIME_LIMIT_DAYS || unit == TIME_LIMIT_BUSINESS_DAYS)
		server_zone.zone = get_zone(zone);
	if (unit == TIME_LIMIT_BUSINESS_DAYS)
		days = get_calendar(calendar);
	check_status(calendar_resume(&server_zone, days, due_at, held_at, lifted_at, unit, &resumed));
	return resumed;
}

/* deadline(opened_at, window_length, zone, calendar): wrong names show in every unit. */
Datum
refund_deadline_sql(PG_FUNCTION_ARGS)
{
	const char *zone = text_to_cstring(PG_GETARG_TEXT_PP(2));
	const char *calendar = text_to_cstring(PG_GETARG_TEXT_PP(3));

	(void) get_zone(zone);
	(void) get_calendar(calendar);
	PG_RETURN_TIMESTAMPTZ(refund_deadline(PG_GETARG_TIMESTAMPTZ(0),
										  PG_GETARG_TIME_LIMIT(1), zone, calendar));
}


/* ---- set_holidays ---- */

/* Locks: ROW EXCLUSIVE on the table and the calendar's row, which serialises. */
static Statement save_calendar = STATEMENT(
	"INSERT INTO refund.calendar AS c (calendar, weekend)"
	" VALUES ($1, COALESCE($2, ARRAY[6, 7]))"
	" ON CONFLICT (calendar) DO UPDATE SET weekend = COALESCE($2, c.weekend)",
	"tI");

/* Locks: ROW EXCLUSIVE on the table and the rows. */
static Statement remove_holidays = STATEMENT(
	"DELETE FROM refund.holiday AS h WHERE h.calendar OPERATOR(pg_catalog.=) $1",
	"t");

/* Locks: ROW EXCLUSIVE on the table. */
static Statement save_holidays = STATEMENT(
	"INSERT INTO refund.holiday (calendar, day)"
	" SELECT DISTINCT $1, u.day FROM pg_catalog.unnest($2) AS u(day)",
	"tD");

static void
check_holidays(ArrayType *days)
{
	Datum	   *values;
	bool	   *nulls;
	int			n;

	deconstruct_array(days, DATEOID, sizeof(DateADT), true, TYPALIGN_INT,
					  &values, &nulls, &n);
	for (int i = 0; i < n; i++)
	{
		if (nulls[i])
			ereport(ERROR,
					(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
					 errmsg("argument \"%s\" must not contain nulls", "days")));
		if (DATE_NOT_FINITE(DatumGetDateADT(values[i])))
			ereport(ERROR,
					(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
					 errmsg("a holiday must not be infinite")));
	}
}

/* set_holidays(calendar, days, weekend): replaces the holidays of a calendar */
Datum
refund_set_holidays(PG_FUNCTION_ARGS)
{
	Datum		values[2];
	char		nulls[] = {' ', ' ', '\0'};
	char	   *name;
	SqlRows		saved;

	require_argument(fcinfo, 0, "calendar");
	require_argument(fcinfo, 1, "days");
	name = text_to_cstring(PG_GETARG_TEXT_PP(0));
	check_cached_name("calendar", name);
	check_holidays(PG_GETARG_ARRAYTYPE_P(1));
	values[0] = CStringGetTextDatum(name);
	values[1] = (Datum) 0;
	if (PG_ARGISNULL(2))
		nulls[1] = 'n';
	else
		values[1] = PointerGetDatum(unpack_weekend(pack_weekend(PG_GETARG_ARRAYTYPE_P(2))));

	/* Everything is valid: write, the calendar's row first (rule 5). */
	sql_enter();
	(void) sql_run(&save_calendar, values, nulls, 0);
	(void) sql_run(&remove_holidays, values, NULL, 0);
	values[1] = PG_GETARG_DATUM(1);
	saved = sql_run(&save_holidays, values, NULL, 0);
	sql_leave();
	PG_RETURN_INT32((int32) saved.count);
}
