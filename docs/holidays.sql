-- Load the holidays of a calendar from an iCalendar file (RFC 5545), with psql:
--
--	psql -d DATABASE -v calendar=default -v ics=holidays.ics -f docs/holidays.sql
--
-- Every all-day event of the file is a day off: VEVENTs whose DTSTART is a date; one with
-- a later DTEND lasts up to the day before that.  Cancelled events and events with a time
-- of day are no holidays.  An event that repeats (RRULE) is refused: export single dates.
-- The holidays of the calendar are replaced, its weekend is kept; open windows keep their
-- due time.  A file without a holiday changes nothing.

\set ics_text `cat :'ics'`

-- Long lines are folded: a line that begins with a space or a tab goes on with the one before.
WITH line AS (
	SELECT n, text, count(*) FILTER (WHERE text ~* '^BEGIN:VEVENT\s*$') OVER upto AS event,
		count(*) FILTER (WHERE text ~* '^BEGIN:VEVENT\s*$') OVER upto
			> count(*) FILTER (WHERE text ~* '^END:VEVENT\s*$') OVER upto AS inside
	FROM regexp_split_to_table(regexp_replace(:'ics_text', '\r?\n[ \t]', '', 'g'), '\r?\n') WITH ORDINALITY split (text, n)
	WINDOW upto AS (ORDER BY n)
), event AS (
	SELECT min(substring(text FROM '(?i)^DTSTART;(?:.*;)?VALUE=DATE(?:;.*)?:(\d{8})\s*$'))::date AS first,
		min(substring(text FROM '(?i)^DTEND;(?:.*;)?VALUE=DATE(?:;.*)?:(\d{8})\s*$'))::date - 1 AS last,
		bool_or(text ~* '^STATUS:CANCELLED\s*$') AS cancelled,
		bool_or(text ~* '^RRULE[;:]') AS repeats
	FROM line
	WHERE inside
	GROUP BY event
), holiday AS (
	SELECT DISTINCT day::date AS day
	FROM event, generate_series(first, greatest(first, last), interval '1 day') day
	WHERE NOT cancelled
)
SELECT coalesce((SELECT bool_or(repeats) FROM event WHERE first IS NOT NULL), false) AS some_repeat,
	(SELECT count(*) FROM holiday) > 0 AS some_days,
	(SELECT array_agg(day ORDER BY day) FROM holiday) AS days
\gset

\if :some_repeat
	\echo 'events repeat (RRULE): nothing was changed'
\elif :some_days
	SELECT refund.set_holidays(:'calendar', :'days') AS holidays;
\else
	\echo 'there is no holiday in the file: nothing was changed'
\endif
