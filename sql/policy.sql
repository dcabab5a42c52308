-- Policies: versions, settings and their rules (process.md §11).
-- Everything is rolled back at the end.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS refund;
RESET client_min_messages;
SET TimeZone = 'UTC';
SET DateStyle = 'ISO, MDY';
BEGIN;

-- SQLSTATE, message, detail and hint of what a statement is refused with;
-- each finding on a line of its own
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

-- SQLSTATE and findings of settings
CREATE FUNCTION pg_temp.findings(settings jsonb) RETURNS TABLE (code text, setting text, problem text) LANGUAGE plpgsql AS $$
DECLARE
	detail text;
BEGIN
	PERFORM refund.add_policy('candidate', settings);
	code := 'sound';
	RETURN NEXT;
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL;
	RETURN QUERY SELECT SQLSTATE, f.setting, f.problem FROM jsonb_to_recordset(detail::jsonb) AS f(setting text, problem text);
END $$;

-- the shipped policy; its variants are preset.sql's
\x on
SELECT * FROM refund.policy WHERE name = 'standard';
\x off
SELECT * FROM refund.validate_policy('standard');

--
-- add_policy
--
-- a new name starts from the standard, a new version from its latest
SELECT refund.add_policy('fast', '{"refund_response": "3 days", "max_extensions": 0}');
SELECT refund.add_policy('fast', '{"dispute_response": "5 business days"}');
SELECT refund.add_policy('fast', '{}');
SELECT name, version, refund_response, dispute_response, max_extensions, award_limit, arbitration_fee, shipped
FROM refund.policy WHERE name IN ('fast', 'standard') ORDER BY name, version;
-- a version of the standard is what new names start from
SELECT refund.add_policy('standard', '{"award_limit": "60 days"}');
SELECT refund.add_policy('slow', '{"resolution_response": "4 days"}');
SELECT name, version, award_limit, resolution_response FROM refund.policy WHERE name = 'slow';

-- every setting at once
SELECT refund.set_holidays('everyday', '{}', '{}');
SELECT refund.add_policy('all', '{"refund_response": "8 days", "dispute_response": "9 business days",
	"resolution_target": "3 business days", "resolution_limit": "31 days", "resolution_response": "72 hours",
	"arbitration_window": "10080 minutes", "award_target": "29 days", "award_limit": "91 days", "review_window": "15 days",
	"refund_credit": "6 business days", "post_release_refund": "3650 days", "reminder_before": "1 day", "max_extension": "90 minutes",
	"max_extensions": 100, "evidence_max_items": 1000, "evidence_max_bytes": 268435456,
	"zone": "America/New_York", "calendar": "everyday",
	"arbitration_fee": ["291.00 EUR", "337.5 USD", "50000 JPY"]}');
SELECT (jsonb_each_text(to_jsonb(p) - 'created_at')).* FROM refund.policy AS p WHERE name = 'all';
-- no fees: joining arbitration is free
SELECT refund.add_policy('all', '{"arbitration_fee": []}');
SELECT arbitration_fee FROM refund.policy WHERE name = 'all' ORDER BY version;
-- numbers are judged by value; of duplicate keys the last one counts
SELECT refund.add_policy('all', '{"max_extensions": 2.0, "evidence_max_items": 1e2, "max_extension": 7, "max_extension": "7 days"}');
SELECT max_extensions, evidence_max_items, max_extension FROM refund.policy WHERE name = 'all' AND version = 3;

--
-- Refused settings: the rules, each with its reason
--
SELECT * FROM pg_temp.findings('{"refund_response": "3651 days"}');
SELECT * FROM pg_temp.findings('{"post_release_refund": "36525 business days"}');
SELECT * FROM pg_temp.findings('{"resolution_target": "31 days"}');
SELECT * FROM pg_temp.findings('{"resolution_limit": "47 hours"}');
SELECT * FROM pg_temp.findings('{"award_target": "91 days"}');
SELECT * FROM pg_temp.findings('{"resolution_response": "1 day"}');
SELECT * FROM pg_temp.findings('{"reminder_before": "7 days"}');
SELECT * FROM pg_temp.findings('{"reminder_before": "1 business day"}');
SELECT * FROM pg_temp.findings('{"max_extensions": 101}');
SELECT * FROM pg_temp.findings('{"max_extensions": -1}');
SELECT * FROM pg_temp.findings('{"evidence_max_items": 1001}');
SELECT * FROM pg_temp.findings('{"evidence_max_bytes": 268435457}');
SELECT * FROM pg_temp.findings('{"evidence_max_bytes": -1}');
SELECT * FROM pg_temp.findings('{"zone": "Europe/Atlantis"}');
SELECT * FROM pg_temp.findings('{"calendar": "nowhere"}');
SELECT * FROM pg_temp.findings('{"arbitration_fee": ["0 USD"]}');
SELECT * FROM pg_temp.findings('{"arbitration_fee": ["-1.00 USD"]}');
SELECT * FROM pg_temp.findings('{"arbitration_fee": ["1.00 USD", "1.00 EUR", "2.00 USD"]}');
-- at the limits they are sound
SELECT * FROM pg_temp.findings('{"resolution_target": "30 days", "award_target": "1440 hours", "reminder_before": "47 hours", "evidence_max_items": 0, "evidence_max_bytes": 0}');

--
-- Refused settings: the wrong form
--
SELECT * FROM pg_temp.findings('{"refund_responce": "7 days"}');
SELECT * FROM pg_temp.findings('{"name": "x", "version": 7, "shipped": true, "created_at": "now"}');
SELECT * FROM pg_temp.findings('{"": 1}');
SELECT * FROM pg_temp.findings('{"refund_response": 7}');
SELECT * FROM pg_temp.findings('{"refund_response": null}');
SELECT * FROM pg_temp.findings('{"refund_response": "7 weeks"}');
SELECT * FROM pg_temp.findings('{"refund_response": "0 days"}');
SELECT * FROM pg_temp.findings('{"refund_response": "-7 days"}');
SELECT * FROM pg_temp.findings('{"refund_response": "99999999999999999999 days"}');
SELECT * FROM pg_temp.findings('{"max_extensions": 1.5}');
SELECT * FROM pg_temp.findings('{"max_extensions": "2"}');
SELECT * FROM pg_temp.findings('{"max_extensions": 4294967298}');
SELECT * FROM pg_temp.findings('{"evidence_max_bytes": 1e400}');
SELECT * FROM pg_temp.findings('{"evidence_max_bytes": true}');
SELECT * FROM pg_temp.findings('{"zone": 1, "calendar": ["default"]}');
SELECT * FROM pg_temp.findings('{"zone": "", "calendar": ""}');
SELECT * FROM pg_temp.findings('{"arbitration_fee": "337.50 USD"}');
SELECT * FROM pg_temp.findings('{"arbitration_fee": {"USD": 337.50}}');
SELECT * FROM pg_temp.findings('{"arbitration_fee": [337.50, null, ["1.00 USD"]]}');
SELECT * FROM pg_temp.findings('{"arbitration_fee": ["337.505 USD", "1.00 XXX", "1.00 usd", "99999999999999999999 EUR", ""]}');
SELECT * FROM pg_temp.findings('[]');
SELECT * FROM pg_temp.findings('"7 days"');
SELECT * FROM pg_temp.findings('null');
-- all findings come together, form and rules; a hostile key is only text
SELECT * FROM pg_temp.findings('{"zone": "Europe/Atlantis", "award_target": "91 days", "\"}, {\\": 1, "max_extensions": "two", "arbitration_fee": ["x"]}');
SELECT * FROM pg_temp.refused($$SELECT refund.add_policy('candidate', '{"zone": "Mars/Olympus", "calender": "x"}')$$);
-- there is an end to the list, and to a long value
SELECT code, count(*) FROM pg_temp.findings((SELECT jsonb_object_agg('key' || i, i) FROM generate_series(1, 1000) AS i)) GROUP BY code;
SELECT code, setting, length(problem) < 300 AS short FROM pg_temp.findings(jsonb_build_object('refund_response', repeat('x', 1000000)));
SELECT code, setting, problem FROM pg_temp.findings(jsonb_build_object('arbitration_fee', (SELECT jsonb_agg('1.00 USD'::text) FROM generate_series(1, 100000))));
-- deep nesting is somebody else's error, not a crash
SELECT code, setting FROM pg_temp.findings(jsonb_build_object('zone', (repeat('[', 1000) || repeat(']', 1000))::jsonb));
SELECT left(line, 5) AS code FROM pg_temp.refused(format('SELECT refund.add_policy(%L, %L)', 'candidate', repeat('[', 100000) || repeat(']', 100000))) LIMIT 1;

-- null, blank and long names
SELECT * FROM pg_temp.refused($$SELECT refund.add_policy(NULL, '{}')$$);
SELECT * FROM pg_temp.refused($$SELECT refund.add_policy('x', NULL)$$);
SELECT * FROM pg_temp.refused($$SELECT refund.add_policy('  ', '{}')$$);
SELECT * FROM pg_temp.refused(format($$SELECT refund.add_policy(%L, '{}')$$, repeat('x', 64)));
SELECT length(name), version FROM refund.policy WHERE name LIKE 'x%' OR name = 'candidate' AND version > 1;

--
-- validate_policy
--
SELECT count(*) AS findings FROM refund.policy AS p, refund.validate_policy(p.name, p.version);
SELECT * FROM refund.validate_policy(name => 'fast', version => 2);
SELECT * FROM pg_temp.refused($$SELECT refund.validate_policy(NULL)$$);
SELECT * FROM pg_temp.refused($$SELECT refund.validate_policy('nothing')$$);
SELECT * FROM pg_temp.refused($$SELECT refund.validate_policy('nothing', 1)$$);
SELECT * FROM pg_temp.refused($$SELECT refund.validate_policy('fast', 4)$$);
SELECT * FROM pg_temp.refused($$SELECT refund.validate_policy('fast', 0)$$);
SELECT * FROM pg_temp.refused($$SELECT refund.validate_policy('fast', -1)$$);
-- a row that did not come from add_policy; the same rules, the same words
INSERT INTO refund.policy (name, version, refund_response, award_target, reminder_before, max_extensions, evidence_max_bytes, zone, calendar)
	VALUES ('by hand', 1, '4000 days', '100 days', '3 business days', 1000, 1000000000, 'Europe/Atlantis', 'nowhere');
SELECT * FROM refund.validate_policy('by hand');
-- a calendar that went away
DELETE FROM refund.calendar WHERE calendar = 'everyday';
SELECT * FROM refund.validate_policy('all');

-- the rows refuse what can never be right
SELECT line FROM pg_temp.refused($$INSERT INTO refund.policy (name, version) VALUES (' ', 1)$$) LIMIT 1;
SELECT line FROM pg_temp.refused($$INSERT INTO refund.policy (name, version) VALUES ('x', 0)$$) LIMIT 1;
SELECT line FROM pg_temp.refused($$INSERT INTO refund.policy (name, version) VALUES ('standard', 1)$$) LIMIT 1;
SELECT line FROM pg_temp.refused($$INSERT INTO refund.policy (name, version, max_extensions) VALUES ('x', 1, -1)$$) LIMIT 1;
SELECT line FROM pg_temp.refused($$INSERT INTO refund.policy (name, version, arbitration_fee) VALUES ('x', 1, '{-1.00 USD}')$$) LIMIT 1;
SELECT line FROM pg_temp.refused($$INSERT INTO refund.policy (name, version, arbitration_fee) VALUES ('x', 1, '{1.00 USD,2.00 USD}')$$) LIMIT 1;
SELECT line FROM pg_temp.refused($$INSERT INTO refund.policy (name, version, arbitration_fee) VALUES ('x', 1, '{NULL}')$$) LIMIT 1;
SELECT line FROM pg_temp.refused($$INSERT INTO refund.policy (name, version, refund_response) VALUES ('x', 1, '0 days')$$) LIMIT 1;

-- append-only, for the owner too
SELECT * FROM pg_temp.refused($$UPDATE refund.policy SET zone = 'UTC' WHERE name = 'fast'$$);
SELECT * FROM pg_temp.refused($$DELETE FROM refund.policy WHERE name = 'fast'$$);
SET LOCAL client_min_messages = warning;
SELECT * FROM pg_temp.refused($$TRUNCATE refund.policy CASCADE$$);
RESET client_min_messages;
SELECT * FROM pg_temp.refused($$SELECT refund.refuse_change()$$);
-- without an argument the trigger has a hint of its own; names are quoted
CREATE TEMP TABLE "history ""1""" (a int);
CREATE TRIGGER t BEFORE INSERT ON "history ""1""" FOR EACH ROW EXECUTE FUNCTION refund.refuse_change();
SELECT regexp_replace(line, 'pg_temp_\d+', 'pg_temp', 'g') AS line FROM pg_temp.refused($$INSERT INTO "history ""1""" VALUES (1)$$);

-- versions that roll back are forgotten
SAVEPOINT s;
SELECT refund.add_policy('fast', '{"zone": "Asia/Tokyo"}');
SELECT refund.validate_policy('fast', 4);
ROLLBACK TO s;
SELECT * FROM pg_temp.refused($$SELECT refund.validate_policy('fast', 4)$$);
SELECT refund.add_policy('fast', '{}');
SELECT version, zone FROM refund.policy WHERE name = 'fast' AND version = 4;

-- hostile objects on the search path are not seen
CREATE SCHEMA hostile;
CREATE FUNCTION hostile.equal(text, text) RETURNS boolean LANGUAGE sql AS $$SELECT true$$;
CREATE OPERATOR hostile.= (LEFTARG = text, RIGHTARG = text, FUNCTION = hostile.equal);
SET LOCAL search_path = hostile, pg_catalog;
SELECT refund.add_policy('hostile', '{}');
SELECT * FROM refund.validate_policy('slow');
ROLLBACK;

-- nobody but the owner may call or change anything
SELECT p.proname, p.prosecdef, p.provolatile, p.proparallel, p.proisstrict, p.proconfig,
	has_function_privilege('public', p.oid, 'EXECUTE') AS public_executes
FROM pg_proc AS p
WHERE p.pronamespace = 'refund'::regnamespace AND p.proname IN ('add_policy', 'validate_policy', 'refuse_change', 'policy_fees_are_sound')
ORDER BY 1;
SELECT c.relname, obj_description(c.oid) IS NOT NULL AS comment,
	(SELECT count(*) FROM pg_attribute AS a WHERE a.attrelid = c.oid AND a.attnum > 0 AND col_description(c.oid, a.attnum) IS NULL) AS columns_without,
	has_table_privilege('public', c.oid, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE') AS public_access,
	(SELECT x.extcondition[array_position(x.extconfig, c.oid)] FROM pg_extension AS x WHERE x.extname = 'refund') AS dumped
FROM pg_class AS c
WHERE c.oid = 'refund.policy'::regclass;
