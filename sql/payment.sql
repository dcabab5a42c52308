-- Refund payments on their way: reports told in any order and as often as anybody likes,
-- retries, claims (process.md §6, "decision and execution are separate").  Ids such as
-- A16 are lines of the catalogue of bad inputs and faults.  Contracts 21000 to 21999.
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

-- 60.00 USD from a card, 40.00 USD from a bank, all of it at stake
CREATE FUNCTION pg_temp.contract(id bigint, clock text, agency text DEFAULT NULL) RETURNS refund.request_state LANGUAGE plpgsql AS $$
BEGIN
	PERFORM refund.create_contract(id, 'client', 'freelancer', 'USD', agency => agency, test_clock => clock);
	PERFORM refund.add_milestone(id, 'client', 1, 'work', '100.00 USD');
	PERFORM refund.fund(id, 'client', 1, '60.00 USD', 'card');
	PERFORM refund.fund(id, 'client', 1, '40.00 USD', 'bank');
	RETURN (SELECT request_state FROM refund.end_contract(id, 'client'));
END $$;

-- what the machine has come to: the payment, the contract's balance, the last event and
-- its transfers; and verify() has nothing to say
CREATE FUNCTION pg_temp.state_of(id bigint, no integer) RETURNS text LANGUAGE sql AS $$
	SELECT concat_ws(' ', p.state, p.provider_ref, 'attempt ' || p.attempt_no, 'to ' || p.destination, CASE WHEN p.double_paid THEN 'DOUBLE PAID' END,
		'| in transit', c.in_transit::numeric, '|', c.last_event,
		(SELECT string_agg(t.debit || ' > ' || t.credit || ' ' || t.amount::numeric || coalesce(' of deposit ' || t.deposit_no, ''), ', ' ORDER BY t.ordinal)
			FROM refund.transfer t WHERE t.contract_id = c.contract_id AND t.event_no = c.event_no),
		(SELECT 'BUT verify() FINDS ' || string_agg(f.detail, '; ') FROM refund.verify(id) f))
	FROM refund.refund_payment_status p JOIN refund.contract c USING (contract_id) WHERE p.contract_id = id AND p.payment_no = no
$$;

-- Report: what it came to, that nothing changed, or how it was refused.
CREATE FUNCTION pg_temp.tell(id bigint, no integer, state text, ref text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	before text := pg_temp.digest();
BEGIN
	PERFORM refund.report_refund_payment(id, 'worker', no, state::refund.payment_state, ref);
	RETURN CASE WHEN pg_temp.digest() = before THEN 'nothing changed' ELSE pg_temp.state_of(id, no) END;
EXCEPTION WHEN OTHERS THEN
	RETURN SQLSTATE || CASE WHEN pg_temp.digest() = before THEN '' ELSE ' ROWS CHANGED' END;
END $$;
CREATE FUNCTION pg_temp.retry(id bigint, no integer, destination text DEFAULT NULL) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	before text := pg_temp.digest();
BEGIN
	PERFORM refund.retry_refund_payment(id, 'operator', no, destination);
	RETURN pg_temp.state_of(id, no);
EXCEPTION WHEN OTHERS THEN
	RETURN SQLSTATE || CASE WHEN pg_temp.digest() = before THEN '' ELSE ' ROWS CHANGED' END;
END $$;

-- Thursday; five business days on is Thursday
SELECT name FROM refund.create_test_clock('payment', '2026-03-05 15:30+00');
\pset tuples_only on
SELECT pg_temp.contract(21000, 'payment');
SELECT outcome FROM refund.approve_refund(21000, 'freelancer');
\pset tuples_only off
SELECT * FROM refund.refund_payment_status WHERE contract_id = 21000 ORDER BY payment_no;
\pset tuples_only on


-- ---- the machine: every state, every report, every kind of reference ----

-- How to get there: steps of state and reference, "retry" among them.
CREATE FUNCTION pg_temp.walk(steps text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	step text;
BEGIN
	PERFORM refund.report_refund_payment(21000, 'worker', 2, 'submitted', 'other');
	FOREACH step IN ARRAY string_to_array(steps, ', ') LOOP
		IF step = 'retry' THEN
			PERFORM refund.retry_refund_payment(21000, 'operator', 1, 'another card');
		ELSE
			PERFORM refund.report_refund_payment(21000, 'worker', 1, split_part(step, ' ', 1)::refund.payment_state, nullif(split_part(step, ' ', 2), ''));
		END IF;
	END LOOP;
END $$;
CREATE FUNCTION pg_temp.after(steps text, state text, ref text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	PERFORM pg_temp.walk(steps);
	RAISE EXCEPTION USING ERRCODE = 'TE000', MESSAGE = CASE state WHEN 'retry' THEN pg_temp.retry(21000, 1, ref) ELSE pg_temp.tell(21000, 1, state, ref) END;
EXCEPTION WHEN SQLSTATE 'TE000' THEN
	RETURN SQLERRM;
END $$;
-- a and b are references of this payment's attempts, new is one that nobody has told of,
-- other is one of another payment
SET client_min_messages = warning;
\pset tuples_only off
SELECT h.steps AS "after", r.state AS report, r.ref, pg_temp.after(h.steps, r.state, r.ref) AS answer
FROM (VALUES (1, ''), (2, 'submitted a'), (3, 'failed a'), (4, 'submitted a, failed a'), (5, 'succeeded a'), (6, 'submitted a, succeeded a'), (7, 'succeeded a, bounced a'), (8, 'bounced a'),
		(9, 'failed a, unclaimed'), (10, 'succeeded a, bounced a, unclaimed'), (11, 'failed a, retry'), (12, 'succeeded a, bounced a, retry'), (13, 'submitted a, failed a, retry, submitted b'),
		(14, 'failed a, retry, succeeded b'), (15, 'submitted a, succeeded b'), (16, 'succeeded a, succeeded b'), (17, 'succeeded a, succeeded b, bounced a'), (18, 'succeeded a, succeeded b, bounced b'),
		(19, 'failed a, unclaimed, retry'), (20, 'succeeded a, bounced a, retry, submitted b')) h (n, steps),
	(VALUES (1, 'submitted', 'a'), (2, 'submitted', 'b'), (3, 'submitted', 'new'), (4, 'submitted', 'other'), (5, 'succeeded', 'a'), (6, 'succeeded', 'b'), (7, 'succeeded', 'new'), (8, 'succeeded', 'other'),
		(9, 'failed', 'a'), (10, 'failed', 'b'), (11, 'failed', 'new'), (12, 'failed', 'other'), (13, 'bounced', 'a'), (14, 'bounced', 'b'), (15, 'bounced', 'new'), (16, 'bounced', 'other'),
		(17, 'unclaimed', NULL), (18, 'retry', NULL), (19, 'retry', 'a third card')) r (n, state, ref)
WHERE r.ref IS DISTINCT FROM 'b' OR h.steps ~ 'b'
ORDER BY h.n, r.n;
\pset tuples_only on
-- a third success: what came back leaves the earliest of the others, and the alarm while there are two
SELECT pg_temp.after('succeeded a, succeeded b, succeeded c', 'succeeded', 'b');
SELECT r, pg_temp.after('succeeded a, succeeded b, succeeded c', 'bounced', r) FROM unnest('{a,b,c,new}'::text[]) r;
SELECT r, pg_temp.after('succeeded a, succeeded b, succeeded c, bounced a', 'bounced', r) FROM unnest('{a,b,c}'::text[]) r;
SELECT r, pg_temp.after('succeeded a, succeeded b, succeeded c, bounced b', 'bounced', r) FROM unnest('{a,b,c}'::text[]) r;
SELECT r, pg_temp.after('succeeded a, succeeded b, succeeded c, bounced c, bounced a', 'bounced', r) FROM unnest('{a,b,c}'::text[]) r;
SELECT pg_temp.after('succeeded a, succeeded b, succeeded c, bounced c, bounced a, bounced b', 'retry', NULL);
SELECT pg_temp.after('succeeded a, succeeded b, succeeded c', 'failed', 'b');
RESET client_min_messages;
-- not one of them has left anything
SELECT event_no, event FROM refund.case_timeline WHERE contract_id = 21000 AND event_no > 5 ORDER BY 1;


-- ---- one payment's life, line by line: failed, late success, bounced, another card ----

SELECT pg_temp.call($$report_refund_payment(21000, 'worker', 1, 'submitted', 'a-1')$$);
SELECT pg_temp.call($$report_refund_payment(21000, 'worker', 1, 'submitted', 'a-1')$$);
SELECT pg_temp.call($$report_refund_payment(21000, 'worker', 1, 'failed', 'a-1', '{"reason": "card expired", "code": 54}')$$);
SELECT pg_temp.call($$report_refund_payment(21000, 'worker', 1, 'unclaimed', NULL)$$);
SELECT pg_temp.refused($$SELECT refund.retry_refund_payment(21000, 'operator', 1)$$);
SELECT pg_temp.call($$retry_refund_payment(21000, 'operator', 1, 'another card')$$);
SELECT pg_temp.call($$report_refund_payment(21000, 'worker', 1, 'submitted', 'a-2')$$);
-- the attempt that had failed has not: its success is late, and then there are two
SELECT pg_temp.call($$report_refund_payment(21000, 'worker', 1, 'succeeded', 'a-1')$$);
SELECT pg_temp.call($$report_refund_payment(21000, 'worker', 1, 'succeeded', 'a-2')$$);
SELECT pg_temp.call($$report_refund_payment(21000, 'worker', 1, 'succeeded', 'a-2')$$);
SELECT payment_no, state, provider_ref, double_paid FROM refund.refund_payment_status WHERE contract_id = 21000 ORDER BY 1;
SELECT pg_temp.call($$report_refund_payment(21000, 'worker', 1, 'bounced', 'a-1')$$);
SELECT pg_temp.call($$report_refund_payment(21000, 'worker', 1, 'bounced', 'a-2')$$);
-- the destination stays until there is another one
SELECT pg_temp.call($$retry_refund_payment(21000, 'operator', 1)$$);
SELECT pg_temp.call($$report_refund_payment(21000, 'worker', 1, 'failed', 'a-3')$$);
SELECT pg_temp.call($$retry_refund_payment(21000, 'operator', 1, 'a bank account')$$);
SELECT pg_temp.call($$report_refund_payment(21000, 'worker', 1, 'succeeded', 'a-4')$$);
SELECT pg_temp.call($$report_refund_payment(21000, 'another worker', 2, 'succeeded', 'b-1')$$);
\pset tuples_only off
SELECT event_no, actor, party, event, from_state, to_state, amount, item_no, reference, statement FROM refund.case_timeline WHERE contract_id = 21000 AND event_no > 5 ORDER BY event_no;
SELECT event_no, ordinal, debit, credit, amount, deposit_no, milestone_no FROM refund.transfer WHERE contract_id = 21000 AND event_no > 6 ORDER BY 1, 2;
-- the decision is as it was, and the history shows the progress
SELECT line_no, kind, source, amount, balance, payment_state, expected_by FROM refund.transaction_history WHERE contract_id = 21000 ORDER BY line_no;
SELECT state, outcome, to_freelancer, to_client, due_at FROM refund.refund_request_status WHERE contract_id = 21000;
SELECT in_transit::numeric, refunded::numeric, held::numeric, next_due_at FROM refund.contract WHERE contract_id = 21000;
\pset tuples_only on
SELECT * FROM refund.verify(21000);


-- ---- other purposes: a late deposit while the request is open, the freelancer's end ----

SELECT pg_temp.contract(21001, 'payment');
SELECT refunded FROM refund.fund(21001, 'client', 1, '5.00 USD', 'late card');
SELECT payment_no, deposit_no, purpose, amount, state FROM refund.refund_payment_status WHERE contract_id = 21001;
SELECT pg_temp.tell(21001, 1, 'submitted', 'late-1');
-- the request goes on as if nothing had happened
SELECT state, due_at FROM refund.refund_request_status WHERE contract_id = 21001;
SELECT state FROM refund.dispute_refund(21001, 'freelancer', '100.00 USD', 'reason');
SELECT pg_temp.tell(21001, 1, 'failed', 'late-1');
SELECT pg_temp.retry(21001, 1);
SELECT state FROM refund.offer_settlement(21001, 'client', '10.00 USD') r;
SELECT pg_temp.tell(21001, 1, 'succeeded', 'late-2');
SELECT offer_no, state FROM refund.settlement_offer_status WHERE contract_id = 21001;
SELECT name FROM refund.create_test_clock('payment down', '2026-03-05 15:30+00');
SELECT pg_temp.contract(21002, 'payment down');
SELECT refunded FROM refund.fund(21002, 'client', 1, '5.00 USD', 'late card');
SELECT now FROM refund.advance_test_clock('payment down', '8 days', false);
-- what is due is applied first
SELECT pg_temp.tell(21002, 1, 'succeeded', 'late-1');
SELECT event_no, event, to_state, outcome, at, effective_at FROM refund.case_timeline WHERE contract_id = 21002 AND event_no > 6 ORDER BY 1;
SELECT payment_no, deposit_no, purpose, amount, state FROM refund.refund_payment_status WHERE contract_id = 21002 ORDER BY 1;
-- but a report that was told before applies nothing
SELECT pg_temp.contract(21003, 'payment down');
SELECT refunded FROM refund.fund(21003, 'client', 1, '5.00 USD', 'late card');
SELECT pg_temp.tell(21003, 1, 'succeeded', 'late-1');
SELECT now FROM refund.advance_test_clock('payment down', '8 days', false);
SELECT pg_temp.tell(21003, 1, 'succeeded', 'late-1');
SELECT state FROM refund.create_contract(21004, 'client', 'freelancer', 'USD', test_clock => 'payment');
SELECT title FROM refund.add_milestone(21004, 'client', 1, 'work', '10.00 USD');
SELECT held FROM refund.fund(21004, 'client', 1, '10.00 USD', 'card');
SELECT refunded FROM refund.end_contract(21004, 'freelancer');
SELECT pg_temp.tell(21004, 1, 'submitted', 'x');
SELECT pg_temp.tell(21004, 1, 'bounced', 'x');
SELECT pg_temp.retry(21004, 1, 'a bank account');
SELECT pg_temp.tell(21004, 1, 'succeeded', 'y');
SELECT payment_no, purpose, payee, source, destination, state FROM refund.refund_payment_status WHERE contract_id = 21004;


-- ---- arbitration fees go back the same way: to the client, the freelancer, the agency ----

CREATE FUNCTION pg_temp.unresolved(id bigint, clock text, agency text DEFAULT NULL) RETURNS refund.request_state LANGUAGE plpgsql AS $$
BEGIN
	PERFORM pg_temp.contract(id, clock, agency);
	PERFORM refund.dispute_refund(id, 'freelancer', '50.00 USD', 'reason');
	PERFORM refund.decline_dispute(id, 'client', 'statement');
	PERFORM refund.propose_resolution(id, 'mediator', '20.00 USD', 'rationale');
	RETURN (SELECT state FROM refund.reject_resolution(id, 'client'));
END $$;
SELECT pg_temp.unresolved(21010, 'payment');
SELECT pg_temp.unresolved(21011, 'payment', 'agency');
SELECT state FROM refund.join_arbitration(21010, 'freelancer', 'freelancer''s card', 'fee-1');
SELECT state FROM refund.join_arbitration(21011, 'freelancer', 'agency''s card', 'fee-1');
SELECT state FROM refund.join_arbitration(21011, 'client', 'client''s card', 'fee-2');
SELECT fee_held::numeric, in_transit::numeric FROM refund.contract WHERE contract_id IN (21010, 21011) ORDER BY contract_id;
SELECT outcome FROM refund.pay_in_full(21010, 'client');
SELECT outcome FROM refund.offer_settlement(21011, 'client', '0 USD');
SELECT outcome FROM refund.offer_settlement(21011, 'agency', '0 USD');
\pset tuples_only off
SELECT contract_id, payment_no, deposit_no, purpose, payee, source, amount, state, attempt_no FROM refund.refund_payment_status WHERE contract_id IN (21010, 21011) ORDER BY 1, 2;
\pset tuples_only on
-- a fee's own reference is no reference of an attempt
SELECT pg_temp.call($$report_refund_payment(21010, 'worker', 1, 'submitted', 'fee-1')$$);
SELECT pg_temp.call($$report_refund_payment(21010, 'worker', 1, 'failed', 'fee-1')$$);
SELECT pg_temp.call($$retry_refund_payment(21010, 'operator', 1, 'freelancer''s bank')$$);
SELECT pg_temp.call($$report_refund_payment(21010, 'worker', 1, 'succeeded', 'p-2')$$);
SELECT pg_temp.state_of(21010, 1);
SELECT pg_temp.call($$report_refund_payment(21011, 'worker', 4, 'succeeded', 'p-4')$$);
SELECT pg_temp.state_of(21011, 4);
SELECT pg_temp.tell(21011, 4, 'bounced', 'p-4');
SELECT pg_temp.tell(21011, 3, 'succeeded', 'p-3');
SELECT pg_temp.tell(21011, 3, 'succeeded', 'p-33');
SELECT pg_temp.tell(21011, 3, 'bounced', 'p-3');
SELECT pg_temp.tell(21011, 1, 'failed', 'p-1');
SELECT pg_temp.tell(21011, 1, 'unclaimed', NULL);
SELECT line_no, kind, description, source, amount, balance, payment_state FROM refund.transaction_history WHERE contract_id = 21011 ORDER BY 1;


-- ---- money on its way: escrow_balance tells it of live contracts, overdue of late ones ----

BEGIN;
SELECT pg_temp.unresolved(21100, NULL);
SELECT state FROM refund.join_arbitration(21100, 'freelancer', 'card', 'fee');
SELECT currency, deposited, held, released, refunded, in_transit, fees_held FROM refund.escrow_balance;
SELECT outcome FROM refund.accept_dispute(21100, 'client');
-- 50.00 of two deposits and a fee
SELECT payment_no, purpose, amount FROM refund.refund_payment_status WHERE contract_id = 21100 ORDER BY 1;
SELECT currency, deposited, held, released, refunded, in_transit, fees_held FROM refund.escrow_balance;
SELECT pg_temp.tell(21100, 1, 'submitted', 'p-1');
SELECT held, refunded, in_transit, fees_held FROM refund.escrow_balance;
SELECT pg_temp.tell(21100, 1, 'succeeded', 'p-1');
SELECT held, refunded, in_transit, fees_held FROM refund.escrow_balance;
SELECT pg_temp.tell(21100, 1, 'bounced', 'p-1');
SELECT held, refunded, in_transit, fees_held FROM refund.escrow_balance;
SELECT pg_temp.tell(21100, 3, 'succeeded', 'p-3');
SELECT pg_temp.tell(21100, 2, 'succeeded', 'p-2');
SELECT held, refunded, in_transit, fees_held FROM refund.escrow_balance;
-- five business days are not over
SELECT concat_ws(' ', what, payment_no) AS what FROM refund.overdue WHERE contract_id = 21100;
ROLLBACK;

SELECT now FROM refund.advance_test_clock('payment', '6 days 23:59:59.999999');
SELECT concat_ws(' ', what, payment_no) AS what, due, since FROM refund.overdue WHERE contract_id = 21011 ORDER BY 1;
SELECT now FROM refund.advance_test_clock('payment', '0.000001 seconds');
SELECT concat_ws(' ', what, payment_no) AS what, due, since, is_test FROM refund.overdue WHERE contract_id = 21011 ORDER BY 1;
-- what has arrived is not late, unless it comes back
SELECT pg_temp.tell(21011, 2, 'succeeded', 'p-2');
SELECT pg_temp.retry(21011, 4);
SELECT concat_ws(' ', what, payment_no) AS what FROM refund.overdue WHERE contract_id = 21011 ORDER BY 1;
SELECT pg_temp.tell(21011, 2, 'bounced', 'p-2');
SELECT pg_temp.tell(21011, 4, 'succeeded', 'p-44');
SELECT concat_ws(' ', what, payment_no) AS what FROM refund.overdue WHERE contract_id = 21011 ORDER BY 1;
SELECT now FROM refund.advance_test_clock('payment', '2 days');
SELECT concat_ws(' ', what, payment_no) AS what, since FROM refund.overdue WHERE contract_id = 21011 ORDER BY 1;


-- ---- who is refused: A16 arguments, parties, numbers, references ----

SELECT pg_temp.contract(21020, 'payment', 'agency');
SELECT outcome FROM refund.approve_refund(21020, 'freelancer');
SELECT pg_temp.refused($$SELECT refund.report_refund_payment(NULL, 'worker', 1, 'submitted', 'a')$$);
SELECT pg_temp.refused($$SELECT refund.report_refund_payment(21020, NULL, 1, 'submitted', 'a')$$);
SELECT pg_temp.refused($$SELECT refund.report_refund_payment(21020, 'worker', NULL, 'submitted', 'a')$$);
SELECT pg_temp.refused($$SELECT refund.report_refund_payment(21020, 'worker', 1, NULL, 'a')$$);
SELECT pg_temp.refused($$SELECT refund.report_refund_payment(21020, 'worker', 1, 'lost', 'a')$$);
SELECT pg_temp.refused($$SELECT refund.report_refund_payment(21020, ' ', 1, 'submitted', 'a')$$);
SELECT pg_temp.refused($$SELECT refund.report_refund_payment(21020, 'worker', 0, 'submitted', 'a')$$);
SELECT pg_temp.refused($$SELECT refund.report_refund_payment(21020, 'worker', -1, 'submitted', 'a')$$);
-- pending is no report; a reference goes with every other but unclaimed
SELECT pg_temp.refused($$SELECT refund.report_refund_payment(21020, 'worker', 1, 'pending', 'a')$$);
SELECT pg_temp.refused($$SELECT refund.report_refund_payment(21020, 'worker', 1, 'pending', NULL)$$);
SELECT pg_temp.refused(format($$SELECT refund.report_refund_payment(21020, 'worker', 1, %L, NULL)$$, s)) FROM unnest('{submitted,succeeded,failed,bounced}'::text[]) s;
SELECT pg_temp.refused(format($$SELECT refund.report_refund_payment(21020, 'worker', 1, %L, E' \t')$$, s)) FROM unnest('{submitted,unclaimed}'::text[]) s;
SELECT pg_temp.refused($$SELECT refund.report_refund_payment(21020, 'worker', 1, 'unclaimed', 'a')$$);
SELECT pg_temp.refused($$SELECT refund.report_refund_payment(21020, 'worker', 1, 'submitted', repeat('a', 256))$$);
-- neither side executes payments
SELECT pg_temp.refused(format($$SELECT refund.report_refund_payment(21020, %L, 1, 'succeeded', 'a')$$, p)) FROM unnest('{client,freelancer,agency}'::text[]) p;
SELECT pg_temp.refused(format($$SELECT refund.retry_refund_payment(21020, %L, 1)$$, p)) FROM unnest('{client,freelancer,agency}'::text[]) p;
-- also what was reported before
SELECT pg_temp.tell(21020, 2, 'submitted', 'known');
SELECT pg_temp.refused(format($$SELECT refund.report_refund_payment(21020, %L, 2, 'submitted', 'known')$$, p)) FROM unnest('{client,freelancer,agency}'::text[]) p;
-- numbers that are not there, also for a side, before anything else is judged
SELECT pg_temp.refused($$SELECT refund.report_refund_payment(21020, 'worker', 3, 'submitted', 'a')$$);
SELECT pg_temp.refused($$SELECT refund.report_refund_payment(21020, 'client', 3, 'submitted', 'a')$$);
SELECT pg_temp.refused($$SELECT refund.report_refund_payment(21999, 'worker', 1, 'submitted', 'a')$$);
SELECT pg_temp.refused($$SELECT refund.retry_refund_payment(21020, 'operator', 3)$$);
SELECT pg_temp.refused($$SELECT refund.retry_refund_payment(21999, 'operator', 1)$$);
SELECT pg_temp.refused($$SELECT refund.retry_refund_payment(21020, 'operator', NULL)$$);
SELECT pg_temp.refused($$SELECT refund.retry_refund_payment(21020, 'operator', 1, '')$$);
SELECT pg_temp.refused($$SELECT refund.retry_refund_payment(21020, 'operator', 1, repeat('d', 256))$$);
-- no payment before a settlement
SELECT pg_temp.contract(21021, 'payment');
SELECT pg_temp.refused($$SELECT refund.report_refund_payment(21021, 'worker', 1, 'submitted', 'a')$$);
-- states: what is refused tells where the payment is
SELECT pg_temp.refused($$SELECT refund.report_refund_payment(21020, 'worker', 1, 'unclaimed', NULL)$$);
SELECT pg_temp.refused($$SELECT refund.retry_refund_payment(21020, 'operator', 1)$$);
SELECT pg_temp.tell(21020, 1, 'submitted', 'a');
SELECT pg_temp.refused($$SELECT refund.report_refund_payment(21020, 'worker', 1, 'submitted', 'b')$$);
SELECT pg_temp.refused($$SELECT refund.report_refund_payment(21020, 'worker', 1, 'failed', 'b')$$);
SELECT pg_temp.refused($$SELECT refund.report_refund_payment(21020, 'worker', 1, 'bounced', 'b')$$);
SELECT pg_temp.refused($$SELECT refund.retry_refund_payment(21020, 'operator', 1, 'another card')$$);
-- the reference of another payment, whatever it is told of; another contract's is another
SELECT pg_temp.refused(format($$SELECT refund.report_refund_payment(21020, 'worker', 2, %L, 'a')$$, s)) FROM unnest('{submitted,succeeded,failed,bounced}'::text[]) s;
SELECT pg_temp.tell(21002, 2, 'submitted', 'a');
SELECT pg_temp.tell(21020, 1, 'failed', 'a');
-- texts that are other things elsewhere: a destination is no reference
SELECT pg_temp.retry(21020, 1, 'b');
SELECT pg_temp.tell(21020, 2, 'succeeded', 'b');
SELECT pg_temp.tell(21020, 1, 'submitted', 'c ');
SELECT pg_temp.tell(21020, 1, 'failed', 'c');
SELECT pg_temp.tell(21020, 1, 'failed', 'C ');
SELECT replace(pg_temp.tell(21020, 1, 'succeeded', repeat(chr(128512), 255)), repeat(chr(128512), 255), '255 characters');
SELECT * FROM refund.verify(21020);


-- ---- A11: keys, and replays of a reference ----

SELECT pg_temp.contract(21030, 'payment');
SELECT outcome FROM refund.approve_refund(21030, 'freelancer');
SELECT pg_temp.call($$report_refund_payment(21030, 'worker', 1, 'failed', 'a', idempotency_key => 'k')$$);
SELECT pg_temp.call($$report_refund_payment(21030, 'worker', 1, 'failed', 'a', NULL, 'k')$$);
-- by its reference, also for another worker, with another key, with another detail
SELECT pg_temp.call($$report_refund_payment(21030, 'another worker', 1, 'failed', 'a', '{"code": 1}', 'another k')$$);
SELECT pg_temp.refused($$SELECT refund.report_refund_payment(21030, 'worker', 1, 'failed', 'b', idempotency_key => 'k')$$);
SELECT pg_temp.refused($$SELECT refund.report_refund_payment(21030, 'worker', 1, 'succeeded', 'a', idempotency_key => 'k')$$);
SELECT pg_temp.refused($$SELECT refund.report_refund_payment(21030, 'worker', 2, 'failed', 'c', idempotency_key => 'k')$$);
SELECT pg_temp.refused($$SELECT refund.report_refund_payment(21030, 'worker', 1, 'failed', 'a', '{}', 'k')$$);
SELECT pg_temp.refused($$SELECT refund.retry_refund_payment(21030, 'worker', 1, idempotency_key => 'k')$$);
-- a retry with a key is one retry, also when the payment has moved on
SELECT pg_temp.call($$retry_refund_payment(21030, 'operator', 1, 'bank', 'retry')$$);
SELECT pg_temp.call($$retry_refund_payment(21030, 'operator', 1, 'bank', 'retry')$$);
SELECT pg_temp.refused($$SELECT refund.retry_refund_payment(21030, 'operator', 1, 'another bank', 'retry')$$);
SELECT pg_temp.refused($$SELECT refund.retry_refund_payment(21030, 'operator', 2, 'bank', 'retry')$$);
SELECT pg_temp.refused($$SELECT refund.retry_refund_payment(21030, 'operator', 1, NULL, 'retry')$$);
SELECT pg_temp.call($$report_refund_payment(21030, 'worker', 1, 'failed', 'b')$$);
SELECT pg_temp.call($$retry_refund_payment(21030, 'operator', 1, 'bank', 'retry')$$);
-- another operator's key is another key
SELECT pg_temp.call($$retry_refund_payment(21030, 'another operator', 1, 'bank', 'retry')$$);
-- a second success that was told with a key
SELECT pg_temp.call($$report_refund_payment(21030, 'worker', 1, 'succeeded', 'c', idempotency_key => 'c')$$);
SELECT pg_temp.call($$report_refund_payment(21030, 'worker', 1, 'succeeded', 'd', idempotency_key => 'd')$$);
SELECT pg_temp.call($$report_refund_payment(21030, 'worker', 1, 'succeeded', 'd', idempotency_key => 'd')$$);
SELECT pg_temp.call($$report_refund_payment(21030, 'worker', 1, 'bounced', 'c', idempotency_key => 'e')$$);
SELECT pg_temp.call($$report_refund_payment(21030, 'worker', 1, 'succeeded', 'c', idempotency_key => 'c')$$);
SELECT event_no, event, actor, reference FROM refund.case_timeline WHERE contract_id = 21030 AND event_no > 6 ORDER BY 1;
SELECT idempotency_key, kind FROM refund.event WHERE contract_id = 21030 AND idempotency_key IS NOT NULL ORDER BY event_no;
-- an aborted transaction leaves neither key nor reference
BEGIN;
SELECT pg_temp.tell(21030, 2, 'submitted', 'x');
ROLLBACK;
SELECT pg_temp.tell(21030, 1, 'bounced', 'd');
SELECT pg_temp.retry(21030, 1);
SELECT pg_temp.tell(21030, 1, 'submitted', 'x');


-- ---- claim_refund_payments() ----

-- a worker without "test" sees no test contract, and a test's worker sees nothing else
SELECT contract_id, payment_no FROM refund.claim_refund_payments();
SELECT contract_id, payment_no, state, attempt_no, is_test FROM refund.claim_refund_payments(test => true);
-- they are somebody's now, for five minutes
SELECT contract_id, payment_no FROM refund.claim_refund_payments(test => true);
-- the lease is there while a payment is pending, and no longer
SELECT count(*) FROM refund.refund_payment WHERE (claimable_at IS NOT NULL) <> (state = 'pending');
-- the claim is no event and changes nothing but the lease
SELECT last_event FROM refund.contract WHERE contract_id = 21021;
SELECT * FROM refund.verify_all();
BEGIN;
SELECT pg_temp.contract(id, NULL) FROM generate_series(21200, 21202) id;
SELECT outcome FROM generate_series(21200, 21202) id, refund.approve_refund(id, 'freelancer');
CREATE TEMP TABLE before ON COMMIT DROP AS SELECT pg_temp.digest() AS digest;
SELECT contract_id FROM refund.claim_refund_payments(max => 0);
SELECT pg_temp.digest() = digest FROM before;
-- all columns of the view; the earliest ones first, and no more than max
SELECT c.contract_id, c.payment_no, c::text = s::text AS same FROM refund.claim_refund_payments(2) c JOIN refund.refund_payment_status s USING (contract_id, payment_no) ORDER BY 1, 2;
SELECT count(*) FROM refund.refund_payment WHERE contract_id BETWEEN 21200 AND 21202 AND claimable_at > clock_timestamp() + interval '4 minutes';
SELECT count(*) FROM refund.claim_refund_payments(3);
SELECT count(*) FROM refund.claim_refund_payments(3);
SELECT count(*) FROM refund.claim_refund_payments(3);
SELECT count(*) FROM refund.claim_refund_payments(test => true);
-- when its lease is over a payment is handed out again, and only then
SELECT pg_temp.contract(21203, NULL);
SELECT outcome FROM refund.approve_refund(21203, 'freelancer');
SELECT contract_id, payment_no FROM refund.claim_refund_payments(lease => '1 millisecond');
SELECT '' AS "_" FROM pg_sleep(0.01) \gset
SELECT contract_id, payment_no FROM refund.claim_refund_payments(lease => '1 hour');
SELECT '' AS "_" FROM pg_sleep(0.01) \gset
SELECT contract_id, payment_no FROM refund.claim_refund_payments();
-- what a worker has told of is not claimed, whatever its lease; a retry makes it free at once
SELECT pg_temp.contract(21204, NULL);
SELECT outcome FROM refund.approve_refund(21204, 'freelancer');
SELECT payment_no FROM refund.claim_refund_payments(lease => '1 millisecond');
SELECT pg_temp.tell(21204, 1, 'submitted', 'a');
SELECT pg_temp.tell(21204, 2, 'failed', 'b');
SELECT '' AS "_" FROM pg_sleep(0.01) \gset
SELECT payment_no FROM refund.claim_refund_payments();
SELECT pg_temp.tell(21204, 1, 'succeeded', 'a');
SELECT payment_no FROM refund.claim_refund_payments();
SELECT pg_temp.tell(21204, 1, 'bounced', 'a');
SELECT pg_temp.tell(21204, 2, 'unclaimed', NULL);
SELECT payment_no FROM refund.claim_refund_payments();
SELECT pg_temp.retry(21204, 1);
SELECT pg_temp.retry(21204, 2, 'another bank');
SELECT payment_no, state, attempt_no, provider_ref, destination FROM refund.claim_refund_payments();
SELECT payment_no FROM refund.claim_refund_payments();
SELECT * FROM refund.verify_all();
ROLLBACK;
-- arguments
SELECT pg_temp.refused($$SELECT refund.claim_refund_payments(NULL)$$);
SELECT pg_temp.refused($$SELECT refund.claim_refund_payments(lease => NULL)$$);
SELECT pg_temp.refused($$SELECT refund.claim_refund_payments(test => NULL)$$);
SELECT pg_temp.refused($$SELECT refund.claim_refund_payments(-1)$$);
SELECT pg_temp.refused($$SELECT refund.claim_refund_payments(lease => '0 seconds')$$);
SELECT pg_temp.refused($$SELECT refund.claim_refund_payments(lease => '-1 microsecond')$$);
SELECT pg_temp.refused($$SELECT refund.claim_refund_payments(lease => '1 month -32 days')$$);
SELECT pg_temp.refused($$SELECT refund.claim_refund_payments(lease => '300000 years')$$);
-- A17
BEGIN READ ONLY;
SELECT refund.claim_refund_payments();
ROLLBACK;


-- ---- the owner's plain statements, and what verify() finds of them ----

CREATE FUNCTION pg_temp.attempt(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	n bigint;
	answer text;
BEGIN
	EXECUTE statement;
	GET DIAGNOSTICS n = ROW_COUNT;
	SELECT format('passed, %s row; verify: %s', n, coalesce(string_agg(f.rule || ': ' || f.detail, '; ' ORDER BY f.rule COLLATE "C", f.detail COLLATE "C"), 'sound')) INTO answer FROM refund.verify_all() f;
	RAISE EXCEPTION USING ERRCODE = 'TE000', MESSAGE = answer;
EXCEPTION WHEN OTHERS THEN
	RETURN CASE SQLSTATE WHEN 'TE000' THEN SQLERRM ELSE concat_ws(' | ', SQLSTATE, SQLERRM) END;
END $$;
-- what was decided never changes; what is executed may, and is proved by the history
SELECT pg_temp.state_of(21030, 1);
\pset tuples_only off
SELECT a.attname AS changed, pg_temp.attempt(format('UPDATE refund.refund_payment SET %I = %s WHERE contract_id = 21030 AND payment_no = 1', a.attname,
	CASE a.atttypid::regtype::text WHEN 'bigint' THEN format('%I + 1', a.attname) WHEN 'integer' THEN format('coalesce(%I, 0) + 1', a.attname) WHEN 'timestamp with time zone' THEN format('%I + interval ''1 day''', a.attname)
		WHEN 'refund.amount' THEN '''59.99 USD''' WHEN 'boolean' THEN format('NOT %I', a.attname) WHEN 'text' THEN format('coalesce(%I, '''') || ''x''', a.attname) WHEN 'text[]' THEN format('array_append(%I, ''x'')', a.attname)
		WHEN 'refund.party' THEN '''freelancer''' WHEN 'refund.payment_purpose' THEN '''late_deposit''' WHEN 'refund.payment_state' THEN '''succeeded''' END)) AS answer
FROM pg_attribute a WHERE a.attrelid = 'refund.refund_payment'::regclass AND a.attnum > 0 ORDER BY a.attnum;
\pset tuples_only on
SELECT s, pg_temp.attempt(format('UPDATE refund.refund_payment SET state = %L WHERE contract_id = 21030 AND payment_no = 1', s)) FROM unnest(enum_range(NULL::refund.payment_state)) s;
SELECT pg_temp.attempt('UPDATE refund.refund_payment SET provider_ref = NULL WHERE contract_id = 21030 AND payment_no = 1');
SELECT pg_temp.attempt('UPDATE refund.refund_payment SET extra_refs = ''{}'' WHERE contract_id = 21030 AND payment_no = 1');
SELECT pg_temp.attempt('UPDATE refund.refund_payment SET extra_refs = ''{NULL}'' WHERE contract_id = 21030 AND payment_no = 1');
SELECT pg_temp.attempt('UPDATE refund.refund_payment SET destination = NULL WHERE contract_id = 21030 AND payment_no = 1');
SELECT pg_temp.attempt('UPDATE refund.refund_payment SET deposit_no = NULL WHERE contract_id = 21030 AND payment_no = 1');
SELECT pg_temp.attempt('UPDATE refund.refund_payment SET amount = ''60.00 EUR'' WHERE contract_id = 21030 AND payment_no = 1');
SELECT pg_temp.attempt('UPDATE refund.refund_payment SET amount = amount WHERE contract_id = 21030 AND payment_no = 1');
BEGIN;
SELECT pg_temp.contract(21300, NULL);
SELECT outcome FROM refund.approve_refund(21300, 'freelancer');
SELECT pg_temp.attempt('DELETE FROM refund.refund_payment WHERE contract_id = 21300');
SELECT pg_temp.attempt('TRUNCATE refund.refund_payment');
ROLLBACK;
-- a history that was tampered with: the report's payment, reference and kind are in the chain
CREATE FUNCTION pg_temp.tampered(statement text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	SET LOCAL session_replication_role = replica;
	RETURN pg_temp.attempt(statement);
END $$;
BEGIN;
SELECT pg_temp.tampered('UPDATE refund.event SET item_no = 2 WHERE contract_id = 21030 AND kind = ''payment_bounced'' AND reference = ''d''');
SELECT pg_temp.tampered('UPDATE refund.event SET item_no = 9 WHERE contract_id = 21030 AND kind = ''payment_bounced'' AND reference = ''d''');
SELECT pg_temp.tampered('UPDATE refund.event SET reference = ''e'' WHERE contract_id = 21030 AND kind = ''payment_bounced'' AND reference = ''d''');
SELECT pg_temp.tampered('UPDATE refund.event SET kind = ''payment_succeeded'' WHERE contract_id = 21030 AND kind = ''payment_double_paid''');
SELECT pg_temp.tampered('UPDATE refund.statement SET body = ''{}'' WHERE contract_id = 21000 AND kind = ''payment_failed''');
SELECT pg_temp.tampered('DELETE FROM refund.transfer WHERE contract_id = 21030 AND credit = ''refund_paid''');
SELECT pg_temp.tampered('UPDATE refund.refund_payment SET is_test = false WHERE contract_id = 21030 AND payment_no = 1');
-- the fee that is on its way back
SELECT pg_temp.tampered('UPDATE refund.arbitration_fee SET source = ''my card'' WHERE contract_id = 21010');
SELECT pg_temp.tampered('UPDATE refund.arbitration_fee SET amount = ''1.00 USD'' WHERE contract_id = 21010');
SELECT pg_temp.tampered('UPDATE refund.arbitration_fee SET party = ''client'' WHERE contract_id = 21010');
SELECT pg_temp.tampered('UPDATE refund.arbitration_fee SET provider_ref = NULL WHERE contract_id = 21010');
SELECT pg_temp.tampered('DELETE FROM refund.arbitration_fee WHERE contract_id = 21010');
ROLLBACK;

SELECT * FROM refund.verify_all();
SELECT refund.drop_test_clock('payment');
SELECT refund.drop_test_clock('payment down');
SELECT count(*) FROM refund.contract WHERE contract_id BETWEEN 21000 AND 21999;
