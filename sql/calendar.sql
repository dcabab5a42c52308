-- Deadlines, calendars and holidays (process.md §5 and §12 "Time").
-- Everything is rolled back at the end.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS refund;
RESET client_min_messages;
SET TimeZone = 'UTC';
SET DateStyle = 'ISO, MDY';
BEGIN;

-- SQLSTATE, message, detail and hint of what a statement is refused with
CREATE FUNCTION pg_temp.refused(statement text) RETURNS TABLE (line text) LANGUAGE plpgsql AS $$
DECLARE
	message text;
	detail text;
	hint text;
BEGIN
	EXECUTE statement;
	line := 'not refused';
	RETURN NEXT;
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
	line := SQLSTATE || ' ' || message;
	RETURN NEXT;
	IF detail <> '' THEN line := 'DETAIL ' || detail; RETURN NEXT; END IF;
	IF hint <> '' THEN line := 'HINT ' || hint; RETURN NEXT; END IF;
END $$;

-- a deadline on the wall clock of its zone, and in UTC
CREATE FUNCTION pg_temp.due(opened_at timestamptz, window_length refund.time_limit, zone text DEFAULT 'UTC', calendar text DEFAULT 'default',
	OUT utc timestamp, OUT wall timestamp, OUT elapsed interval) LANGUAGE sql AS $$
	SELECT d AT TIME ZONE 'UTC', d AT TIME ZONE zone, d - opened_at
	FROM refund.deadline(opened_at, window_length, zone, calendar) AS d
$$;

--
-- Units: days keep the wall time, hours and minutes elapse
--
SELECT * FROM pg_temp.due('2026-03-04 10:00+00', '7 days');
SELECT * FROM pg_temp.due('2026-03-04 10:00+00', '1 day');
SELECT * FROM pg_temp.due('2026-03-04 10:00:00.000001+00', '48 hours');
SELECT * FROM pg_temp.due('2026-03-04 10:00+00', '90 minutes');
SELECT * FROM pg_temp.due('2026-03-04 10:00+00', '2 business days');

-- T04 daylight saving time starts inside the window: 7 days are an hour shorter
SELECT * FROM pg_temp.due('2026-03-25 12:00+01', '7 days', 'Europe/Berlin');
SELECT * FROM pg_temp.due('2026-03-25 12:00+01', '168 hours', 'Europe/Berlin');
SELECT * FROM pg_temp.due('2026-03-25 12:00+01', '5 business days', 'Europe/Berlin');
-- T04 it ends inside the window: an hour longer
SELECT * FROM pg_temp.due('2026-10-21 12:00+02', '7 days', 'Europe/Berlin');
SELECT * FROM pg_temp.due('2026-10-28 12:00-04', '7 days', 'America/New_York');
-- T04 a zone with daylight saving of 30 minutes
SELECT * FROM pg_temp.due('2026-04-01 12:00+11', '7 days', 'Australia/Lord_Howe');
SELECT * FROM pg_temp.due('2026-10-01 12:00+10:30', '7 days', 'Australia/Lord_Howe');
-- T04 the zone of the session decides nothing
SELECT z AS session_zone, set_config('TimeZone', z, true) = z AS set,
	extract(epoch FROM refund.deadline('2026-03-25 12:00+01', '7 days', 'Europe/Berlin', 'default')) AS due
FROM unnest(ARRAY['America/New_York', 'Asia/Kathmandu', 'Pacific/Apia', 'UTC']) AS z;

-- T07 due in a gap: it moves forward by the gap
SELECT * FROM pg_temp.due('2026-03-28 02:30+01', '1 day', 'Europe/Berlin');
SELECT * FROM pg_temp.due('2026-03-07 02:30-05', '1 day', 'America/New_York');
SELECT * FROM pg_temp.due('2026-10-03 02:15+10:30', '1 day', 'Australia/Lord_Howe');
SELECT * FROM pg_temp.due('2026-03-27 02:30+01', '1 business day', 'Europe/Berlin');
-- T07 the edges of the gap 02:00 .. 03:00
SELECT t, (pg_temp.due(('2026-03-28 ' || t || '+01')::timestamptz, '1 day', 'Europe/Berlin')).*
FROM unnest(ARRAY['01:59:59.999999', '02:00', '02:59:59.999999', '03:00']) AS t;
-- T07 due in an overlap: the first of the two times
SELECT * FROM pg_temp.due('2026-10-24 02:30+02', '1 day', 'Europe/Berlin');
SELECT * FROM pg_temp.due('2026-10-31 01:30-04', '1 day', 'America/New_York');
SELECT * FROM pg_temp.due('2026-04-04 01:45+11', '1 day', 'Australia/Lord_Howe');
-- T07 the edges of the overlap 02:00 .. 03:00
SELECT t, (pg_temp.due(('2026-10-24 ' || t || '+02')::timestamptz, '1 day', 'Europe/Berlin')).*
FROM unnest(ARRAY['01:59:59.999999', '02:00', '02:59:59.999999', '03:00']) AS t;
-- T07 opened in the second hour of an overlap: the same wall time, days later
SELECT * FROM pg_temp.due('2026-10-25 02:30+01', '7 days', 'Europe/Berlin');
-- T07 a whole day skipped: Samoa crossed the date line on 2011-12-30
SELECT * FROM pg_temp.due('2011-12-29 12:00-10', '1 day', 'Pacific/Apia');
SELECT * FROM pg_temp.due('2011-12-29 12:00-10', '2 days', 'Pacific/Apia');
-- T07 standard time itself changed: Moscow put its clock back in 2014
SELECT * FROM pg_temp.due('2014-10-25 01:30+04', '1 day', 'Europe/Moscow');
-- negative daylight saving
SELECT * FROM pg_temp.due('2026-10-24 01:30+01', '1 day', 'Europe/Dublin');

-- T07 a zone that the server does not know (any more)
SELECT * FROM pg_temp.refused($$SELECT refund.deadline('2026-03-04', '7 days', 'Europe/Atlantis', 'default')$$);
SELECT * FROM pg_temp.refused($$SELECT refund.deadline('2026-03-04', '7 hours', '', 'default')$$);
SELECT * FROM pg_temp.refused(format($$SELECT refund.deadline('2026-03-04', '7 days', %L, 'default')$$, '../../../etc/passwd'));
-- an unknown calendar
SELECT * FROM pg_temp.refused($$SELECT refund.deadline('2026-03-04', '7 days', 'UTC', 'nowhere')$$);
SELECT * FROM pg_temp.refused(format($$SELECT refund.deadline('2026-03-04', '1 business day', 'UTC', %L)$$, repeat('x', 64)));

-- T05 29 February, year end, the leap second text
SELECT * FROM pg_temp.due('2028-02-26 10:00+00', '7 days');
SELECT * FROM pg_temp.due('2027-02-26 10:00+00', '7 days');
SELECT * FROM pg_temp.due('2028-02-25 10:00+00', '3 business days');
SELECT * FROM pg_temp.due('2026-12-28 10:00+00', '7 days');
SELECT * FROM pg_temp.due('2026-12-31 23:59:60+00', '7 days');
SELECT * FROM pg_temp.due('2000-02-28 10:00+00', '1 business day');

-- T08 infinity, the far ends of timestamptz, BC
SELECT * FROM pg_temp.refused($$SELECT refund.deadline('infinity', '7 days', 'UTC', 'default')$$);
SELECT * FROM pg_temp.refused($$SELECT refund.deadline('-infinity', '1 minute', 'UTC', 'default')$$);
SELECT * FROM pg_temp.refused($$SELECT refund.deadline('infinity', '2 business days', 'UTC', 'default')$$);
SELECT * FROM pg_temp.refused($$SELECT refund.deadline('294276-12-31 23:59:59.999999+00', '1 minute', 'UTC', 'default')$$);
SELECT * FROM pg_temp.refused($$SELECT refund.deadline('294276-12-31 10:00+00', '1 day', 'UTC', 'default')$$);
SELECT * FROM pg_temp.refused($$SELECT refund.deadline('294276-12-31 10:00+00', '36525 business days', 'Europe/Berlin', 'default')$$);
SELECT refund.deadline('294276-12-30 23:59:59.999999+00', '1 day', 'UTC', 'default');
SELECT refund.deadline('294276-06-01 12:00+00', '7 days', 'America/New_York', 'default');
SELECT refund.deadline('0044-03-15 12:00+00 BC', '7 days', 'UTC', 'default');
SELECT refund.deadline('4714-11-24 00:00+00 BC', '1 business day', 'UTC', 'default');
SELECT refund.deadline('4714-11-24 00:00+00 BC', '1 day', 'America/New_York', 'default');
-- local mean time before there were zones
SELECT * FROM pg_temp.due('1850-01-01 12:00+00', '1 day', 'Europe/Amsterdam');

-- null in, null out
SELECT refund.deadline(NULL, '7 days', 'UTC', 'default') IS NULL AS opened_at,
	refund.deadline('2026-03-04', '7 days', NULL, 'default') IS NULL AS zone;

--
-- Business days: the weekend
--
-- T06 opened on each day of a week, Monday first
SELECT to_char(d, 'Dy DD') AS opened, to_char(refund.deadline(d, '1 business day', 'UTC', 'default'), 'Dy DD HH24:MI') AS one,
	to_char(refund.deadline(d, '2 business days', 'UTC', 'default'), 'Dy DD') AS two,
	to_char(refund.deadline(d, '5 business days', 'UTC', 'default'), 'Dy DD') AS five,
	to_char(refund.deadline(d, '6 business days', 'UTC', 'default'), 'Dy DD') AS six
FROM generate_series('2026-03-02 18:30+00'::timestamptz, '2026-03-08 18:30+00', '1 day') AS d;
-- T06 Friday evening in New York is Saturday in UTC: the date of the zone counts
SELECT * FROM pg_temp.due('2026-03-06 22:00-05', '1 business day', 'America/New_York');
SELECT * FROM pg_temp.due('2026-03-06 22:00-05', '1 business day', 'UTC');
-- before 2000, where day numbers are negative
SELECT to_char(refund.deadline('1999-12-31 10:00+00', '1 business day', 'UTC', 'default'), 'Dy YYYY-MM-DD') AS y2k,
	to_char(refund.deadline('1969-07-18 10:00+00', '1 business day', 'UTC', 'default'), 'Dy YYYY-MM-DD') AS friday;

--
-- set_holidays
--
-- no row is shipped: the default calendar needs none
SELECT (SELECT count(*) FROM refund.calendar) AS calendars, (SELECT count(*) FROM refund.holiday) AS holidays;

SELECT refund.set_holidays('berlin', ARRAY['2026-04-03', '2026-04-06', '2026-05-01', '2026-05-14', '2026-12-25', '2026-12-26', '2026-05-01']::date[]);
SELECT * FROM refund.calendar;
SELECT * FROM refund.holiday ORDER BY day;

-- T06 a holiday chain: Good Friday, the weekend, Easter Monday
SELECT * FROM pg_temp.due('2026-04-02 17:00+02', '1 business day', 'Europe/Berlin', 'berlin');
SELECT * FROM pg_temp.due('2026-04-02 17:00+02', '2 business days', 'Europe/Berlin', 'berlin');
-- opened on a holiday
SELECT * FROM pg_temp.due('2026-04-03 17:00+02', '1 business day', 'Europe/Berlin', 'berlin');
-- T06 a window ending on a holiday: calendar days end there, business days do not
SELECT * FROM pg_temp.due('2026-04-24 09:00+02', '7 days', 'Europe/Berlin', 'berlin');
SELECT * FROM pg_temp.due('2026-04-24 09:00+02', '5 business days', 'Europe/Berlin', 'berlin');
-- a holiday on a Saturday takes nothing away
SELECT * FROM pg_temp.due('2026-12-24 09:00+01', '1 business day', 'Europe/Berlin', 'berlin');
-- elsewhere it is no holiday
SELECT * FROM pg_temp.due('2026-04-02 17:00+02', '1 business day', 'Europe/Berlin');

-- T06 weekend Friday and Saturday
SELECT refund.set_holidays('riyadh', ARRAY[]::date[], ARRAY[6, 5, 5]);
SELECT weekend FROM refund.calendar WHERE calendar = 'riyadh';
SELECT * FROM pg_temp.due('2026-03-05 09:00+03', '1 business day', 'Asia/Riyadh', 'riyadh');
SELECT * FROM pg_temp.due('2026-03-05 09:00+03', '6 business days', 'Asia/Riyadh', 'riyadh');
-- no weekend at all, and six days of it
SELECT refund.set_holidays('mill', ARRAY['2026-03-08']::date[], ARRAY[]::int[]);
SELECT * FROM pg_temp.due('2026-03-06 09:00+00', '2 business days', 'UTC', 'mill');
SELECT refund.set_holidays('wednesday', ARRAY['2026-03-11', '2026-03-18']::date[], ARRAY[1, 2, 4, 5, 6, 7]);
SELECT * FROM pg_temp.due('2026-03-04 09:00+00', '1 business day', 'UTC', 'wednesday');

-- weekend null keeps the weekend; the holidays are replaced; the answer follows at once
SELECT refund.set_holidays('riyadh', ARRAY['2026-03-08', '2026-03-09']::date[]);
SELECT weekend FROM refund.calendar WHERE calendar = 'riyadh';
SELECT * FROM pg_temp.due('2026-03-05 09:00+03', '1 business day', 'Asia/Riyadh', 'riyadh');
SELECT refund.set_holidays('riyadh', '{}');
SELECT * FROM pg_temp.due('2026-03-05 09:00+03', '1 business day', 'Asia/Riyadh', 'riyadh');

-- the default calendar may be changed as well; others do not follow
SELECT * FROM pg_temp.due('2026-03-05 09:00+00', '1 business day');
SELECT refund.set_holidays('default', ARRAY['2026-03-06']::date[]);
SELECT * FROM pg_temp.due('2026-03-05 09:00+00', '1 business day');
SELECT weekend FROM refund.calendar WHERE calendar = 'default';

-- a long list: every second day of 60 years
SELECT refund.set_holidays('long', array_agg(d::date)) FROM generate_series('2000-01-02'::date, '2059-12-31', '2 days') AS d;
SELECT * FROM pg_temp.due('2026-03-02 09:00+00', '1000 business days', 'UTC', 'long');
SELECT count(*) AS business_days FROM generate_series('2026-03-03'::date, '2033-10-28', '1 day') AS d
WHERE extract(isodow FROM d) < 6 AND NOT EXISTS (SELECT FROM refund.holiday WHERE calendar = 'long' AND day = d::date);

-- refused arguments; nothing is written
SELECT * FROM pg_temp.refused($$SELECT refund.set_holidays(NULL, '{}')$$);
SELECT * FROM pg_temp.refused($$SELECT refund.set_holidays('x', NULL)$$);
SELECT * FROM pg_temp.refused($$SELECT refund.set_holidays('x', ARRAY['2026-03-06', NULL]::date[])$$);
SELECT * FROM pg_temp.refused($$SELECT refund.set_holidays('x', ARRAY['infinity']::date[])$$);
SELECT * FROM pg_temp.refused($$SELECT refund.set_holidays('x', ARRAY['-infinity']::date[])$$);
SELECT * FROM pg_temp.refused($$SELECT refund.set_holidays('x', '{}', ARRAY[1, 2, 3, 4, 5, 6, 7])$$);
SELECT * FROM pg_temp.refused($$SELECT refund.set_holidays('x', '{}', ARRAY[0])$$);
SELECT * FROM pg_temp.refused($$SELECT refund.set_holidays('x', '{}', ARRAY[8])$$);
SELECT * FROM pg_temp.refused($$SELECT refund.set_holidays('x', '{}', ARRAY[6, NULL])$$);
SELECT * FROM pg_temp.refused($$SELECT refund.set_holidays(E' \t', '{}')$$);
SELECT * FROM pg_temp.refused(format($$SELECT refund.set_holidays(%L, '{}')$$, repeat('x', 64)));
SELECT count(*) FROM refund.calendar WHERE calendar LIKE 'x%';
-- extreme dates are dates
SELECT refund.set_holidays('far', ARRAY['4714-11-24 BC', '5874897-12-31']::date[]);
SELECT * FROM pg_temp.due('2026-03-05 09:00+00', '1 business day', 'UTC', 'far');

-- the rows refuse what the function refuses
SELECT * FROM pg_temp.refused($$INSERT INTO refund.calendar VALUES ('x', '{1,2,3,4,5,6,7}')$$);
SELECT * FROM pg_temp.refused($$INSERT INTO refund.calendar VALUES ('x', '{0}')$$);
SELECT * FROM pg_temp.refused($$INSERT INTO refund.calendar VALUES ('x', '{6,NULL}')$$);
SELECT * FROM pg_temp.refused($$INSERT INTO refund.calendar VALUES ('  ')$$);
SELECT * FROM pg_temp.refused($$INSERT INTO refund.holiday VALUES ('far', 'infinity')$$);
SELECT * FROM pg_temp.refused($$INSERT INTO refund.holiday VALUES ('', '2026-03-06')$$);

-- holidays alone make a calendar, of the ordinary weekend; they need no row in
-- refund.calendar, so that a parallel restore may load the tables in any order
INSERT INTO refund.holiday VALUES ('alone', '2026-03-06');
SELECT * FROM pg_temp.due('2026-03-05 09:00+00', '1 business day', 'UTC', 'alone');
DELETE FROM refund.holiday WHERE calendar = 'alone';
SELECT * FROM pg_temp.refused($$SELECT refund.deadline('2026-03-04', '1 business day', 'UTC', 'alone')$$);

--
-- The session's memory: every way of changing the tables counts at once
--
SELECT * FROM pg_temp.due('2026-03-05 09:00+00', '1 business day', 'UTC', 'far');
INSERT INTO refund.holiday VALUES ('far', '2026-03-06');
SELECT * FROM pg_temp.due('2026-03-05 09:00+00', '1 business day', 'UTC', 'far');
UPDATE refund.holiday SET day = '2026-03-09' WHERE calendar = 'far' AND day = '2026-03-06';
SELECT * FROM pg_temp.due('2026-03-05 09:00+00', '2 business days', 'UTC', 'far');
UPDATE refund.calendar SET weekend = '{5}' WHERE calendar = 'far';
SELECT * FROM pg_temp.due('2026-03-05 09:00+00', '1 business day', 'UTC', 'far');
DELETE FROM refund.holiday WHERE calendar = 'far';
SELECT * FROM pg_temp.due('2026-03-05 09:00+00', '3 business days', 'UTC', 'far');
-- what rolls back is forgotten
SAVEPOINT s;
SELECT refund.set_holidays('far', ARRAY['2026-03-07']::date[], ARRAY[6, 7]);
SELECT * FROM pg_temp.due('2026-03-05 09:00+00', '1 business day', 'UTC', 'far');
TRUNCATE refund.holiday, refund.calendar;
SELECT * FROM pg_temp.refused($$SELECT refund.deadline('2026-03-04', '1 business day', 'UTC', 'far')$$);
ROLLBACK TO s;
SELECT * FROM pg_temp.due('2026-03-05 09:00+00', '1 business day', 'UTC', 'far');
ROLLBACK;

-- and so it is when the whole transaction rolls back, in every isolation level
BEGIN;
SELECT refund.set_holidays('default', ARRAY['2026-03-06']::date[]);
SELECT refund.deadline('2026-03-05 09:00+00', '1 business day', 'UTC', 'default');
ROLLBACK;
SELECT refund.deadline('2026-03-05 09:00+00', '1 business day', 'UTC', 'default');
BEGIN ISOLATION LEVEL SERIALIZABLE;
SELECT refund.set_holidays('default', ARRAY['2026-03-06']::date[]);
SELECT refund.deadline('2026-03-05 09:00+00', '1 business day', 'UTC', 'default');
ROLLBACK;
SELECT refund.deadline('2026-03-05 09:00+00', '1 business day', 'UTC', 'default');

-- read-only transactions can ask
BEGIN READ ONLY;
SELECT refund.deadline('2026-03-05 09:00+00', '1 business day', 'UTC', 'default');
ROLLBACK;

-- hostile objects on the search path are not seen
BEGIN;
CREATE SCHEMA hostile;
CREATE FUNCTION hostile.unnest(date[]) RETURNS SETOF date LANGUAGE sql AS $$SELECT '1999-01-01'::date$$;
CREATE FUNCTION hostile.equal(text, text) RETURNS boolean LANGUAGE sql AS $$SELECT true$$;
CREATE OPERATOR hostile.= (LEFTARG = text, RIGHTARG = text, FUNCTION = hostile.equal);
SET LOCAL search_path = hostile, pg_catalog;
SELECT refund.set_holidays('a', ARRAY['2026-03-06']::date[]);
SELECT refund.set_holidays('b', ARRAY['2026-03-06', '2026-03-09']::date[]);
SELECT refund.deadline('2026-03-05 09:00+00', '1 business day', 'UTC', 'a');
SELECT refund.deadline('2026-03-05 09:00+00', '1 business day', 'UTC', 'b');
ROLLBACK;

-- nobody but the owner may call or change anything
SELECT p.proname, p.prosecdef, p.provolatile, p.proparallel, p.proisstrict,
	has_function_privilege('public', p.oid, 'EXECUTE') AS public_executes
FROM pg_proc AS p
WHERE p.pronamespace = 'refund'::regnamespace AND p.proname IN ('deadline', 'set_holidays', 'forget_cached_rows')
ORDER BY 1;
SELECT c.relname, obj_description(c.oid) IS NOT NULL AS comment,
	(SELECT count(*) FROM pg_attribute AS a WHERE a.attrelid = c.oid AND a.attnum > 0 AND col_description(c.oid, a.attnum) IS NULL) AS columns_without,
	has_table_privilege('public', c.oid, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE') AS public_access,
	(SELECT x.extcondition[array_position(x.extconfig, c.oid)] FROM pg_extension AS x WHERE x.extname = 'refund') AS dumped
FROM pg_class AS c
WHERE c.relnamespace = 'refund'::regnamespace AND c.relname IN ('calendar', 'holiday')
ORDER BY 1;
