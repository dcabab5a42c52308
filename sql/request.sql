-- Refund requests: end_contract, approve_refund, pay_in_full and silence (process.md
-- §3 to §5 and §10, interface.md).  Ids such as A14 are lines of the catalogue of
-- bad inputs and faults.  Contracts 2000 to 2999.
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
\set ECHO all

-- 500.00 USD in escrow: 300 from a card, 200 from a bank
CREATE FUNCTION pg_temp.contract(id bigint, clock text, agency text DEFAULT NULL, policy text DEFAULT 'standard')
RETURNS numeric LANGUAGE plpgsql AS $$
BEGIN
	PERFORM refund.create_contract(id, 'client', 'freelancer', 'USD', agency => agency, policy => policy, test_clock => clock);
	PERFORM refund.add_milestone(id, 'client', 1, 'design', '300.00 USD');
	PERFORM refund.add_milestone(id, 'client', 2, 'build', '200.00 USD');
	PERFORM refund.fund(id, 'client', 1, '300.00 USD', 'card');
	PERFORM refund.fund(id, 'client', 2, '200.00 USD', 'bank');
	RETURN (SELECT held FROM refund.contract_status WHERE contract_id = id);
END $$;

-- Monday
SELECT name FROM refund.create_test_clock('request', '2026-03-02 09:00+00');
\pset tuples_only on


-- ---- the worked example: released 200.00, at stake 300.00, approved ----

SELECT pg_temp.contract(2000, 'request');
SELECT pg_temp.call($$end_contract(2000, 'client', '200.00 USD')$$);
\pset tuples_only off
\x on
SELECT * FROM refund.refund_request_status WHERE contract_id = 2000;
\x off
SELECT * FROM refund.whose_turn WHERE contract_id = 2000;
\pset tuples_only on
-- Thursday; five business days on is Thursday
SELECT now FROM refund.advance_test_clock('request', '3 days 6:30');
SELECT pg_temp.call($$approve_refund(2000, 'freelancer')$$);
\pset tuples_only off
-- the payments name the sources that still held money and sum to 300.00
SELECT * FROM refund.refund_payment_status WHERE contract_id = 2000 ORDER BY payment_no;
SELECT * FROM refund.whose_turn WHERE contract_id = 2000;
SELECT * FROM refund.contract_status WHERE contract_id = 2000;
SELECT * FROM refund.milestone_status WHERE contract_id = 2000 ORDER BY milestone_no;
SELECT * FROM refund.deposit_status WHERE contract_id = 2000 ORDER BY deposit_no;
SELECT * FROM refund.transaction_history WHERE contract_id = 2000 ORDER BY line_no;
SELECT * FROM refund.case_timeline WHERE contract_id = 2000 ORDER BY event_no;
\pset tuples_only on
-- A14: double approve, and what a settled request does not know
SELECT pg_temp.refused($$SELECT refund.approve_refund(2000, 'freelancer')$$);
SELECT pg_temp.refused($$SELECT refund.pay_in_full(2000, 'client')$$);
SELECT pg_temp.refused($$SELECT refund.end_contract(2000, 'client')$$);

-- five business days from a Friday and from a Saturday
SELECT count(pg_temp.contract(id, 'request')) FROM generate_series(2001, 2002) id;
SELECT count(refund.end_contract(id, 'client')) FROM generate_series(2001, 2002) id;
SELECT now FROM refund.advance_test_clock('request', '1 day');
SELECT outcome, settled_at FROM refund.approve_refund(2001, 'freelancer');
SELECT now FROM refund.advance_test_clock('request', '1 day');
SELECT outcome, settled_at FROM refund.approve_refund(2002, 'freelancer');
SELECT contract_id, payment_no, source, amount, expected_by FROM refund.refund_payment_status WHERE contract_id IN (2001, 2002) ORDER BY 1, 2;


-- ---- how the client ends: nothing, a part, all, more ----

SELECT count(pg_temp.contract(id, 'request')) FROM generate_series(2010, 2015) id;
SELECT pg_temp.refused($$SELECT refund.end_contract(2010, 'client', '500.01 USD')$$);
SELECT pg_temp.refused($$SELECT refund.end_contract(2010, 'client', '-0.01 USD')$$);
SELECT pg_temp.refused($$SELECT refund.end_contract(2010, 'client', '1.00 EUR')$$);
SELECT pg_temp.refused($$SELECT refund.end_contract(2010, 'client', '0 EUR')$$);
SELECT pg_temp.refused($$SELECT refund.end_contract(2010, 'client', '0.001 USD')$$);
SELECT pg_temp.refused($$SELECT refund.end_contract(2010, 'stranger')$$);
SELECT pg_temp.refused($$SELECT refund.end_contract(2999, 'client')$$);
SELECT pg_temp.call($$end_contract(2010, 'client')$$);
SELECT pg_temp.call($$end_contract(2011, 'client', '0.00 USD')$$);
SELECT pg_temp.call($$end_contract(2012, 'client', '0.01 USD')$$);
SELECT pg_temp.call($$end_contract(2013, 'client', '499.99 USD')$$);
-- all of it: no request
SELECT pg_temp.call($$end_contract(2014, 'client', '500.00 USD')$$);
SELECT * FROM refund.refund_request_status WHERE contract_id = 2014;
SELECT milestone_no, state, held, released FROM refund.milestone_status WHERE contract_id = 2014 ORDER BY 1;
SELECT pg_temp.refused($$SELECT refund.approve_refund(2014, 'freelancer')$$);
SELECT pg_temp.refused($$SELECT refund.pay_in_full(2014, 'client')$$);
SELECT pg_temp.refused($$SELECT refund.release_payment(2014, 'client', 1, '1.00 USD')$$);
-- after everything was released: no request either
SELECT released FROM refund.release_milestone(2015, 'client', 2);
SELECT released FROM refund.release_milestone(2015, 'client', 1);
SELECT pg_temp.refused($$SELECT refund.end_contract(2015, 'client', '0.01 USD')$$);
SELECT pg_temp.call($$end_contract(2015, 'client')$$);

-- ended with nothing held: never funded, no milestone at all
SELECT count(refund.create_contract(id, 'client', 'freelancer', 'USD', test_clock => 'request')) FROM generate_series(2020, 2023) id;
SELECT pg_temp.call($$add_milestone(2020, 'client', 1, 'work', '10.00 USD')$$);
SELECT pg_temp.call($$end_contract(2020, 'client')$$);
SELECT pg_temp.call($$end_contract(2021, 'client', '0 USD')$$);
SELECT pg_temp.call($$end_contract(2022, 'freelancer')$$);
SELECT pg_temp.call($$end_contract(2023, 'freelancer', '0 USD')$$);
SELECT pg_temp.refused($$SELECT refund.approve_refund(2020, 'freelancer')$$);
SELECT pg_temp.refused($$SELECT refund.end_contract(2020, 'client')$$);
SELECT contract_id, event_no, party, event, from_state, to_state, amount FROM refund.case_timeline WHERE contract_id BETWEEN 2020 AND 2023 ORDER BY 1, 2;


-- ---- the freelancer ends: all of it goes back at once; so does the agency ----

SELECT pg_temp.contract(2030, 'request');
SELECT released FROM refund.release_payment(2030, 'client', 2, '120.00 USD');
SELECT pg_temp.refused($$SELECT refund.end_contract(2030, 'freelancer', '0.01 USD')$$);
SELECT pg_temp.refused($$SELECT refund.end_contract(2030, 'freelancer', '-0.01 USD')$$);
SELECT pg_temp.refused($$SELECT refund.end_contract(2030, 'freelancer', '0 EUR')$$);
SELECT pg_temp.call($$end_contract(2030, 'freelancer')$$);
SELECT payment_no, deposit_no, purpose, source, amount, state, expected_by FROM refund.refund_payment_status WHERE contract_id = 2030 ORDER BY 1;
SELECT * FROM refund.refund_request_status WHERE contract_id = 2030;
SELECT event_no, party, event, from_state, to_state, amount FROM refund.case_timeline WHERE contract_id = 2030 ORDER BY 1;
SELECT pg_temp.refused($$SELECT refund.approve_refund(2030, 'freelancer')$$);
SELECT pg_temp.contract(2031, 'request', 'agency');
SELECT pg_temp.call($$end_contract(2031, 'agency')$$);
SELECT actor, party, event FROM refund.case_timeline WHERE contract_id = 2031 ORDER BY event_no DESC LIMIT 1;


-- ---- who answers a request ----

SELECT count(pg_temp.contract(id, 'request', 'agency')) FROM generate_series(2040, 2042) id;
-- not before the contract ended
SELECT pg_temp.refused($$SELECT refund.approve_refund(2040, 'freelancer')$$);
SELECT pg_temp.refused($$SELECT refund.pay_in_full(2040, 'client')$$);
SELECT at_stake FROM refund.end_contract(2040, 'client');
SELECT at_stake FROM refund.end_contract(2041, 'client', '350.00 USD');
SELECT at_stake FROM refund.end_contract(2042, 'client');
SELECT pg_temp.refused($$SELECT refund.approve_refund(2040, 'client')$$);
SELECT pg_temp.refused($$SELECT refund.approve_refund(2040, 'stranger')$$);
SELECT pg_temp.refused($$SELECT refund.approve_refund(2999, 'freelancer')$$);
SELECT pg_temp.refused($$SELECT refund.pay_in_full(2040, 'freelancer')$$);
SELECT pg_temp.refused($$SELECT refund.pay_in_full(2040, 'agency')$$);
-- letters count: ids are exact
SELECT pg_temp.refused($$SELECT refund.approve_refund(2040, 'Freelancer')$$);
SELECT pg_temp.refused($$SELECT refund.approve_refund(2040, 'freelancer ')$$);
SELECT pg_temp.call($$approve_refund(2040, 'agency')$$);
-- paid in full: milestones by number, deposits by theirs
SELECT pg_temp.call($$pay_in_full(2041, 'client')$$);
SELECT ordinal, debit, credit, amount, deposit_no, milestone_no FROM refund.transfer t WHERE contract_id = 2041
	AND event_no = (SELECT event_no FROM refund.contract WHERE contract_id = 2041) ORDER BY ordinal;
SELECT * FROM refund.refund_payment_status WHERE contract_id = 2041;
SELECT pg_temp.call($$pay_in_full(2042, 'client')$$);
SELECT pg_temp.refused($$SELECT refund.approve_refund(2042, 'freelancer')$$);
SELECT deposit_no, held, released, refunded FROM refund.deposit_status WHERE contract_id = 2042 ORDER BY 1;


-- ---- T03: silence, one microsecond before, at and after due_at; the job is down ----

SELECT name FROM refund.create_test_clock('request down', '2026-03-02 09:00+00');
SELECT count(pg_temp.contract(id, 'request down')) FROM generate_series(2050, 2057) id;
SELECT contract_id, due_at FROM generate_series(2050, 2057) id, refund.end_contract(id, 'client', '200.00 USD');
SELECT now FROM refund.advance_test_clock('request down', '6 days 23:59:59.999999', false);
SELECT state, effective_state FROM refund.refund_request_status WHERE contract_id = 2050;
SELECT pg_temp.call($$approve_refund(2050, 'freelancer')$$);
SELECT pg_temp.call($$pay_in_full(2051, 'client')$$);
SELECT now FROM refund.advance_test_clock('request down', '0.000001 seconds', false);
-- nobody has recorded it, and it holds
SELECT state, effective_state, outcome, settled_at, due_at FROM refund.refund_request_status WHERE contract_id = 2052;
SELECT * FROM refund.whose_turn WHERE contract_id = 2052;
SELECT pg_temp.refused($$SELECT refund.approve_refund(2052, 'freelancer')$$);
SELECT pg_temp.refused($$SELECT refund.pay_in_full(2052, 'client')$$);
-- A14: what no state of the request knew is not late; wrong sides come before
SELECT pg_temp.refused($$SELECT refund.end_contract(2052, 'client')$$);
SELECT pg_temp.refused($$SELECT refund.release_milestone(2052, 'client', 1)$$);
SELECT pg_temp.refused($$SELECT refund.approve_refund(2052, 'client')$$);
SELECT pg_temp.refused($$SELECT refund.pay_in_full(2052, 'freelancer')$$);
SELECT pg_temp.refused($$SELECT refund.approve_refund(2052, 'stranger')$$);
SELECT now FROM refund.advance_test_clock('request down', '0.000001 seconds', false);
SELECT pg_temp.refused($$SELECT refund.approve_refund(2053, 'freelancer')$$);
SELECT pg_temp.refused($$SELECT refund.pay_in_full(2053, 'client')$$);
-- a verb that is not the request's applies what is due first: two events in one transaction
SELECT pg_temp.call($$fund(2054, 'client', 1, '10.00 USD', 'late card', idempotency_key => 'late')$$);
\pset tuples_only off
SELECT * FROM refund.case_timeline WHERE contract_id = 2054 AND event_no > 5 ORDER BY event_no;
SELECT payment_no, deposit_no, purpose, source, amount, expected_by FROM refund.refund_payment_status WHERE contract_id = 2054 ORDER BY 1;
\pset tuples_only on
SELECT pg_temp.refused($$SELECT refund.approve_refund(2054, 'freelancer')$$);
-- T01: the job comes back after 30 days: effective then, recorded now, and money is expected from now
SELECT now FROM refund.advance_test_clock('request down', '23 days', false);
SELECT state, effective_state FROM refund.refund_request_status WHERE contract_id = 2055;
SELECT now FROM refund.advance_test_clock('request down', '0 seconds');
\pset tuples_only off
SELECT contract_id, state, outcome, to_freelancer, to_client, due_at, effective_at, settled_at FROM refund.refund_request_status
WHERE contract_id BETWEEN 2050 AND 2057 ORDER BY 1;
SELECT contract_id, actor, party, event, from_state, to_state, amount, at, effective_at FROM refund.case_timeline
WHERE contract_id BETWEEN 2050 AND 2057 AND event_no > 6 ORDER BY contract_id, event_no;
SELECT contract_id, payment_no, source, amount, expected_by FROM refund.refund_payment_status WHERE contract_id IN (2050, 2055) ORDER BY 1, 2;
\pset tuples_only on
SELECT pg_temp.refused($$SELECT refund.approve_refund(2055, 'freelancer')$$);

-- the job is up
SELECT name FROM refund.create_test_clock('request up', '2026-03-02 09:00+00');
SELECT count(pg_temp.contract(id, 'request up')) FROM generate_series(2060, 2061) id;
SELECT contract_id, due_at FROM generate_series(2060, 2061) id, refund.end_contract(id, 'client', '200.00 USD', 'the end');
SELECT now FROM refund.advance_test_clock('request up', '6 days 23:59:59.999999');
SELECT state, effective_state FROM refund.refund_request_status WHERE contract_id = 2060;
SELECT outcome FROM refund.approve_refund(2060, 'freelancer', 'yes');
SELECT now FROM refund.advance_test_clock('request up', '0.000001 seconds');
SELECT state, effective_state, outcome, settled_at, effective_at FROM refund.refund_request_status WHERE contract_id = 2061;
SELECT pg_temp.refused($$SELECT refund.approve_refund(2061, 'freelancer')$$);
SELECT now FROM refund.advance_test_clock('request up', '30 days');
SELECT pg_temp.refused($$SELECT refund.pay_in_full(2061, 'client')$$);
-- a replay passes the deadline and the end: the row as it is now
SELECT pg_temp.call($$approve_refund(2060, 'freelancer', 'yes')$$);
SELECT pg_temp.call($$end_contract(2061, 'client', '200.00 USD', 'the end')$$);
SELECT pg_temp.refused($$SELECT refund.end_contract(2061, 'client', '200.01 USD', 'the end')$$);
-- and so does one of a call whose expiry nobody has recorded
SELECT pg_temp.contract(2062, 'request up');
SELECT request_state FROM refund.end_contract(2062, 'client', NULL, 'the end');
SELECT now FROM refund.advance_test_clock('request up', '8 days', false);
SELECT pg_temp.call($$end_contract(2062, 'client', NULL, 'the end')$$);
SELECT state, effective_state FROM refund.refund_request_status WHERE contract_id = 2062;


-- ---- T04, T06, C11: the pinned policy's window in the policy's zone ----

BEGIN;
SELECT refund.set_holidays('request', '{2026-03-10}');
SELECT refund.add_policy('request', '{"refund_response": "7 days", "refund_credit": "5 business days", "zone": "America/New_York", "calendar": "request"}');
-- summer time begins on Sunday, 8 March
SELECT name FROM refund.create_test_clock('request zone', '2026-03-04 14:00+00');
SELECT count(pg_temp.contract(id, 'request zone', policy => 'request')) FROM generate_series(2070, 2073) id;
SET LOCAL TimeZone = 'America/New_York';
SELECT due_at AT TIME ZONE 'UTC' FROM refund.end_contract(2070, 'client');
SET LOCAL TimeZone = 'Asia/Kathmandu';
SELECT due_at AT TIME ZONE 'UTC' FROM refund.end_contract(2071, 'client');
SET LOCAL TimeZone = 'UTC';
SELECT due_at AT TIME ZONE 'UTC' FROM refund.end_contract(2072, 'client');
-- a later version, or a later holiday, is not for open windows or pinned contracts
SELECT refund.add_policy('request', '{"refund_response": "2 business days"}');
SELECT due_at AT TIME ZONE 'UTC' FROM refund.end_contract(2073, 'client');
SELECT pg_temp.contract(2077, 'request zone', policy => 'request');
SELECT due_at FROM refund.end_contract(2077, 'client');
SELECT outcome FROM refund.approve_refund(2070, 'freelancer');
-- the wall time stays 9:00, Tuesday is off
SELECT DISTINCT expected_by AT TIME ZONE 'UTC', expected_by AT TIME ZONE 'America/New_York' FROM refund.refund_payment_status WHERE contract_id = 2070;
SELECT refund.set_holidays('request', '{2026-03-05,2026-03-09}');
SELECT due_at FROM refund.contract_status WHERE contract_id = 2077;
SELECT DISTINCT expected_by FROM refund.refund_payment_status WHERE contract_id = 2070;
SELECT outcome FROM refund.approve_refund(2071, 'freelancer');
SELECT DISTINCT expected_by FROM refund.refund_payment_status WHERE contract_id = 2071;
-- minutes and hours elapse
SELECT refund.add_policy('request', '{"refund_response": "90 minutes", "reminder_before": "30 minutes"}');
SELECT pg_temp.contract(2078, 'request zone', policy => 'request');
SELECT due_at FROM refund.end_contract(2078, 'client');
SELECT now FROM refund.advance_test_clock('request zone', '90 minutes');
SELECT state, outcome, effective_at FROM refund.refund_request_status WHERE contract_id = 2078;
SET CONSTRAINTS ALL IMMEDIATE;
SELECT * FROM refund.verify_all();
ROLLBACK;


-- ---- live contracts: the server's clock, never the transaction's ----

BEGIN;
SELECT pg_temp.contract(2080, NULL);
SELECT due_at > statement_timestamp() + interval '6 days 23 hours', due_at < statement_timestamp() + interval '7 days 1 hour', is_test
FROM refund.end_contract(2080, 'client', '200.00 USD');
SELECT state, effective_state FROM refund.refund_request_status WHERE contract_id = 2080;
SELECT outcome, effective_at = settled_at, settled_at > now() FROM refund.approve_refund(2080, 'freelancer');
SELECT count(*), count(DISTINCT recorded_at) > 1, bool_and(recorded_at > now()), bool_and(recorded_at <= clock_timestamp()) FROM refund.event WHERE contract_id = 2080;
SET CONSTRAINTS ALL IMMEDIATE;
SELECT * FROM refund.verify(2080);
ROLLBACK;

SELECT * FROM refund.verify_all();
SELECT refund.drop_test_clock('request');
SELECT refund.drop_test_clock('request down');
SELECT refund.drop_test_clock('request up');
SELECT count(*) FROM refund.contract WHERE contract_id BETWEEN 2000 AND 2999;
