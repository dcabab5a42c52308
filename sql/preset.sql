-- The policies that the extension ships, each a variant of the standard, and the loading
-- of holidays from an iCalendar file (process.md §5 and §11).  What policy.sql says of the
-- rules of settings is not said again.  Contracts 26000 to 26999.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS refund;
RESET client_min_messages;
SET TimeZone = 'UTC';
SET DateStyle = 'ISO, MDY';
\pset format unaligned
\pset null '~'

\set ECHO none
\getenv here PG_ABS_SRCDIR
\set helpers :here '/sql/include/refused.sql'
\i :helpers
\set helpers :here '/sql/include/case.sql'
\i :helpers
\set ECHO all


-- ---- what is shipped ----

SELECT name, version, note FROM refund.policy WHERE shipped ORDER BY name;
-- each is sound
SELECT p.name, v.* FROM refund.policy p, refund.validate_policy(p.name, p.version) v WHERE p.shipped;
SELECT p.name, v.* FROM refund.policy p, refund.validate_policy(p.name) v WHERE p.shipped;
-- and says where it applies; a dump leaves it out, as the installation of another database brings it
SELECT name FROM refund.policy WHERE shipped AND (note !~ '\S' OR created_at <> '2026-01-01 00:00+00');
-- what it has otherwise than the standard
SELECT p.name, v.key AS setting, s.value AS standard, v.value
FROM refund.policy p JOIN refund.policy d ON d.name = 'standard' AND d.version = 1,
	jsonb_each_text(to_jsonb(p) - '{name,note}'::text[]) v JOIN jsonb_each_text(to_jsonb(d)) s USING (key)
WHERE p.shipped AND v.value <> s.value ORDER BY 1, 2;
-- what the client and the arbitration are given; process.md §6 and §11
SELECT name, dispute_response, arbitration_fee FROM refund.policy WHERE shipped ORDER BY name;


-- ---- a case under each: the client's window and the share of the fee ----

-- Saturday: 5 days later is Thursday, 5 business days Friday, 7 days Saturday
SELECT name FROM refund.create_test_clock('preset', '2026-03-07 09:00+00');
CREATE TEMP TABLE preset AS SELECT 26000 + row_number() OVER (ORDER BY name) AS id, name FROM refund.policy WHERE shipped;
SELECT DISTINCT pg_temp.ended(id, 'preset', policy => name) FROM preset;
SELECT p.name, c.policy, c.policy_version, r.due_at FROM preset p JOIN refund.contract c ON c.contract_id = p.id JOIN refund.refund_request_status r ON r.contract_id = p.id ORDER BY id;
SELECT DISTINCT pg_temp.walk(id, 'dispute') FROM preset;
SELECT p.name, r.state, r.due_at, r.due_at - '2026-03-07 09:00+00' AS window_length FROM preset p JOIN refund.refund_request_status r ON r.contract_id = p.id ORDER BY id;
-- silence: one microsecond before the first end nobody has conceded, at it those whose window it is
SELECT now FROM refund.advance_test_clock('preset', '5 days' - interval '1 microsecond');
SELECT p.name, r.state FROM preset p JOIN refund.refund_request_status r ON r.contract_id = p.id ORDER BY id;
SELECT now FROM refund.advance_test_clock('preset', '1 microsecond');
SELECT p.name, r.state, r.outcome FROM preset p JOIN refund.refund_request_status r ON r.contract_id = p.id ORDER BY id;
SELECT now FROM refund.advance_test_clock('preset', '1 day');
SELECT p.name, r.state, r.outcome FROM preset p JOIN refund.refund_request_status r ON r.contract_id = p.id ORDER BY id;
SELECT now FROM refund.advance_test_clock('preset', '1 day');
SELECT p.name, r.outcome, r.effective_at FROM preset p JOIN refund.refund_request_status r ON r.contract_id = p.id ORDER BY id;
-- the fee that joining costs, in its currency and in another one, where joining is free
CREATE TEMP TABLE joined AS SELECT 26100 + row_number() OVER (ORDER BY name, currency) AS id, name, currency FROM refund.policy, unnest('{USD,EUR}'::text[]) currency WHERE shipped;
SELECT DISTINCT pg_temp.ended(id, 'preset', policy => name, currency => currency) FROM joined;
SELECT DISTINCT pg_temp.walk(id, 'dispute', 'decline', 'propose', 'client rejects', 'client joins') FROM joined;
SELECT j.name, j.currency, f.amount FROM joined j LEFT JOIN refund.arbitration_fee f ON f.contract_id = j.id ORDER BY id;

-- a new version of one begins with what it was; contracts keep the version that they were made under
BEGIN;
SELECT refund.add_policy('client_7_days', '{"refund_response": "8 days"}');
SELECT version, refund_response, dispute_response, shipped, note FROM refund.policy WHERE name = 'client_7_days' ORDER BY version;
SELECT pg_temp.ended(26200, 'preset', policy => 'client_7_days');
SELECT contract_id, policy, policy_version FROM refund.contract WHERE policy = 'client_7_days' ORDER BY contract_id;
-- and one of the standard's makes no difference to its variants
SELECT refund.add_policy('standard', '{"refund_response": "10 days", "arbitration_fee": ["400.00 USD"]}');
SELECT name, refund_response, arbitration_fee FROM refund.policy WHERE shipped ORDER BY name;
ROLLBACK;


-- ---- broken ones: each variant with what does not go with its own settings ----

-- the code and what was found
CREATE FUNCTION pg_temp.findings(policy text, settings jsonb) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	detail text;
BEGIN
	PERFORM refund.add_policy(policy, settings);
	RETURN 'sound';
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL;
	RETURN (SELECT SQLSTATE || ' ' || string_agg(f.setting || ' ' || f.problem, '; ' ORDER BY f.setting COLLATE "C", f.problem COLLATE "C") FROM jsonb_to_recordset(detail::jsonb) AS f (setting text, problem text));
END $$;
BEGIN;
SELECT name, settings, pg_temp.findings(name, settings) FROM (VALUES
	(1, 'client_7_days', '{"dispute_response": "24 hours"}'::jsonb), (2, 'client_7_days', '{"reminder_before": "2 days"}'), (3, 'client_7_days', '{"reminder_before": "2879 minutes"}'),
	(4, 'client_5_business_days', '{"reminder_before": "7200 minutes"}'), (5, 'client_5_business_days', '{"calendar": "client_5_business_days"}'), (6, 'client_5_business_days', '{"dispute_response": "5 working days"}'),
	(7, 'fee_291', '{"arbitration_fee": ["291.00 USD", "291.00 USD"]}'), (8, 'fee_291', '{"arbitration_fee": ["291.001 USD"]}'), (9, 'fee_291', '{"arbitration_fee": [291.00]}'), (10, 'fee_291', '{"arbitration_fee": ["291.00 HRK"]}'),
	(11, 'fee_337_50', '{"review_window": "1 day"}'), (12, 'fee_337_50', '{"award_limit": "29 days"}'), (13, 'fee_337_50', '{"resolution_target": "31 business days"}'), (14, 'fee_337_50', '{"note": "mine", "shipped": true}')) v (n, name, settings) ORDER BY n;
SELECT name, count(*) FROM refund.policy WHERE name IN (SELECT name FROM preset) GROUP BY name ORDER BY name;
ROLLBACK;


-- ---- holidays from an iCalendar file ----

\set ECHO none
\set ics :here '/sql/include/holidays.ics'
\set holidays :here '/docs/holidays.sql'
\set calendar preset
\set ECHO all
SELECT refund.set_holidays('preset', '{2026-01-01,2026-04-10}', '{5,6}');
\set ECHO none
\i :holidays
\set ECHO all
-- Good Friday; Easter Monday, whose line is folded; five days around Christmas, two events of one day counting once
SELECT array_agg(day ORDER BY day) FROM refund.holiday WHERE calendar = 'preset';
-- the weekend is what it was
SELECT weekend FROM refund.calendar WHERE calendar = 'preset';
-- business days go round them: Thursday before Easter, two business days, with this weekend and with the usual one
SELECT refund.deadline('2026-04-02 16:00+00', '2 business days', 'UTC', 'preset') AS friday_and_saturday_off;
\set calendar 'preset 2'
\set ECHO none
\i :holidays
\set ECHO all
SELECT refund.deadline('2026-04-02 16:00+00', '2 business days', 'UTC', 'preset 2') AS after_easter;
SELECT refund.add_policy('preset', '{"calendar": "preset 2", "dispute_response": "2 business days"}');
SELECT name FROM refund.create_test_clock('preset 2', '2026-04-02 16:00+00');
SELECT pg_temp.ended(26300, 'preset 2', policy => 'preset'), pg_temp.walk(26300, 'dispute');
SELECT due_at FROM refund.refund_request_status WHERE contract_id = 26300;
-- a file with an event that repeats changes nothing, nor does one without any event or with none at all
\set ECHO none
\set ics :here '/sql/include/repeat.ics'
\i :holidays
\set ics :here '/.gitattributes'
\i :holidays
\set ics /dev/null
\i :holidays
\set ECHO all
SELECT array_agg(day ORDER BY day) FROM refund.holiday WHERE calendar = 'preset 2';
-- another file takes the place of what was there; open windows keep their due time
SELECT refund.set_holidays('preset 2', '{}');
SELECT due_at FROM refund.refund_request_status WHERE contract_id = 26300;

SELECT * FROM refund.verify_all();
SELECT refund.drop_test_clock('preset'), refund.drop_test_clock('preset 2');
DELETE FROM refund.holiday WHERE calendar LIKE 'preset%';
DELETE FROM refund.calendar WHERE calendar LIKE 'preset%';
SET session_replication_role = replica;
DELETE FROM refund.policy WHERE name = 'preset';
RESET session_replication_role;
SELECT count(*) FROM refund.contract WHERE contract_id BETWEEN 26000 AND 26999;
