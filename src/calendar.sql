-- Calendars: weekends and holidays that business days skip (process.md §5)

CREATE FUNCTION refund.forget_cached_rows() RETURNS trigger
	LANGUAGE c
	AS 'MODULE_PATHNAME', 'refund_forget_cached_rows';
COMMENT ON FUNCTION refund.forget_cached_rows() IS
	'Trigger: every session forgets what it remembers of the table';
REVOKE ALL ON FUNCTION refund.forget_cached_rows() FROM PUBLIC;

-- No row is shipped, so a dump has no shipped row to leave out: the calendar
-- "default" exists without one, and has one as soon as somebody changes it.
CREATE TABLE refund.calendar (
	calendar text COLLATE pg_catalog."C" PRIMARY KEY,
	weekend integer[] NOT NULL DEFAULT '{6,7}',
	CONSTRAINT calendar_name_check
		CHECK (pg_catalog.octet_length(calendar) <= 63 AND calendar OPERATOR(pg_catalog.~) '\S'),
	CONSTRAINT calendar_weekend_check
		CHECK (pg_catalog.array_position(weekend, NULL) IS NULL
			AND weekend OPERATOR(pg_catalog.<@) '{1,2,3,4,5,6,7}'
			AND NOT weekend OPERATOR(pg_catalog.@>) '{1,2,3,4,5,6,7}')
);
COMMENT ON TABLE refund.calendar IS
	'Weekends of calendars; without a row it is Saturday and Sunday';
COMMENT ON COLUMN refund.calendar.calendar IS 'Name that policies refer to';
COMMENT ON COLUMN refund.calendar.weekend IS 'Days of the week that are off: 1 = Monday .. 7 = Sunday';

-- No foreign key: pg_restore --jobs loads the tables of an extension in any order
-- while their constraints exist already.  Holidays without a row in calendar have
-- the weekend of "default".
CREATE TABLE refund.holiday (
	calendar text COLLATE pg_catalog."C" NOT NULL,
	day date NOT NULL,
	PRIMARY KEY (calendar, day),
	CONSTRAINT holiday_calendar_check
		CHECK (pg_catalog.octet_length(calendar) <= 63 AND calendar OPERATOR(pg_catalog.~) '\S'),
	CONSTRAINT holiday_day_check CHECK (pg_catalog.isfinite(day))
);
COMMENT ON TABLE refund.holiday IS 'Days off besides the weekend; set_holidays() writes them';
COMMENT ON COLUMN refund.holiday.calendar IS 'Calendar that has this holiday';
COMMENT ON COLUMN refund.holiday.day IS 'Date in the zone of the policy';

CREATE TRIGGER forget_cached_rows
	AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON refund.calendar
	FOR EACH STATEMENT EXECUTE FUNCTION refund.forget_cached_rows();
COMMENT ON TRIGGER forget_cached_rows ON refund.calendar IS 'Sessions cache calendars';

CREATE TRIGGER forget_cached_rows
	AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON refund.holiday
	FOR EACH STATEMENT EXECUTE FUNCTION refund.forget_cached_rows();
COMMENT ON TRIGGER forget_cached_rows ON refund.holiday IS 'Sessions cache calendars';

SELECT pg_catalog.pg_extension_config_dump('refund.calendar', '');
SELECT pg_catalog.pg_extension_config_dump('refund.holiday', '');

CREATE FUNCTION refund.deadline(opened_at timestamptz, window_length refund.time_limit, zone text, calendar text)
	RETURNS timestamptz
	LANGUAGE c STABLE STRICT PARALLEL SAFE
	SECURITY DEFINER SET search_path = pg_catalog, pg_temp
	AS 'MODULE_PATHNAME', 'refund_deadline_sql';
COMMENT ON FUNCTION refund.deadline(timestamptz, refund.time_limit, text, text) IS
	'When a window that opened at this instant ends, in a time zone and on a calendar';
REVOKE ALL ON FUNCTION refund.deadline(timestamptz, refund.time_limit, text, text) FROM PUBLIC;

CREATE FUNCTION refund.set_holidays(calendar text, days date[], weekend integer[] DEFAULT NULL)
	RETURNS integer
	LANGUAGE c VOLATILE PARALLEL UNSAFE
	SECURITY DEFINER SET search_path = pg_catalog, pg_temp
	AS 'MODULE_PATHNAME', 'refund_set_holidays';
COMMENT ON FUNCTION refund.set_holidays(text, date[], integer[]) IS
	'Replace the holidays of a calendar, and its weekend unless null; returns how many there are; open windows keep their due time';
REVOKE ALL ON FUNCTION refund.set_holidays(text, date[], integer[]) FROM PUBLIC;
