-- Money that comes back after its release: give_refund (process.md §6 and §8).  Ids such as
-- A13 are lines of the catalogue of bad inputs and faults.  Contracts 24000 to 24999.
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

-- The balances of a contract, its deposits and milestones; what does not add up is shouted.
CREATE FUNCTION pg_temp.books(id bigint) RETURNS text LANGUAGE sql AS $$
	SELECT concat_ws(' ', 'held', s.held, 'released', s.released, 'refunded', s.refunded, 'in transit', c.in_transit::numeric,
		'| deposits', (SELECT string_agg(concat_ws('/', d.held, d.released, d.refunded), ' ' ORDER BY deposit_no) FROM refund.deposit_status d WHERE d.contract_id = id),
		'| milestones', (SELECT string_agg(concat_ws('/', m.held, m.released, m.refunded), ' ' ORDER BY milestone_no) FROM refund.milestone_status m WHERE m.contract_id = id),
		CASE WHEN s.deposited <> s.held + s.released + s.refunded + s.reversed THEN 'THE CONTRACT DOES NOT ADD UP' END,
		CASE WHEN EXISTS (SELECT FROM refund.deposit_status d WHERE d.contract_id = id AND d.deposited <> d.held + d.released + d.refunded + d.reversed) THEN 'A DEPOSIT DOES NOT ADD UP' END,
		CASE WHEN s.released <> (SELECT sum(d.released) FROM refund.deposit_status d WHERE d.contract_id = id) THEN 'DEPOSITS RELEASED OTHERWISE' END,
		CASE WHEN s.released <> (SELECT sum(m.released) FROM refund.milestone_status m WHERE m.contract_id = id) THEN 'MILESTONES RELEASED OTHERWISE' END,
		CASE WHEN s.refunded <> (SELECT sum(m.refunded) FROM refund.milestone_status m WHERE m.contract_id = id) THEN 'MILESTONES REFUNDED OTHERWISE' END)
	FROM refund.contract_status s JOIN refund.contract c ON c.contract_id = s.contract_id
	WHERE s.contract_id = id
$$;
-- the movements of the last event
CREATE FUNCTION pg_temp.moved(id bigint) RETURNS text LANGUAGE sql AS $$
	SELECT string_agg(concat_ws(' ', debit || ' to ' || credit, amount, 'd' || deposit_no, 'm' || milestone_no), ', ' ORDER BY ordinal)
	FROM refund.transfer WHERE contract_id = id AND event_no = (SELECT event_no FROM refund.contract WHERE contract_id = id)
$$;
-- and its refund payments
CREATE FUNCTION pg_temp.payments(id bigint) RETURNS text LANGUAGE sql AS $$
	SELECT string_agg(concat_ws(' ', p.payment_no || ':', p.purpose, 'd' || p.deposit_no, 'to', p.payee, p.source, p.amount, p.state), ', ' ORDER BY p.payment_no)
	FROM refund.refund_payment_status p JOIN refund.refund_payment r ON r.contract_id = p.contract_id AND r.payment_no = p.payment_no
	WHERE p.contract_id = id AND r.event_no = (SELECT event_no FROM refund.contract c WHERE c.contract_id = id)
$$;
-- the code of a refusal, and what was available
CREATE FUNCTION pg_temp.code(verb text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	answer text := pg_temp.refused('SELECT refund.' || verb);
BEGIN
	RETURN CASE WHEN answer ~ 'NOT REFUSED|ROWS CHANGED' THEN answer ELSE substr(answer, 1, 5) || coalesce(' ' || substring(answer FROM '"available": "([^"]*)"'), '') END;
END $$;

-- Monday
SELECT name FROM refund.create_test_clock('give', '2026-03-02 09:00+00');
\pset tuples_only on


-- ---- latest released first, back to the sources that paid ----

-- one milestone, three deposits
SELECT state FROM refund.create_contract(24000, 'client', 'freelancer', 'USD', test_clock => 'give');
SELECT milestone_no FROM refund.add_milestone(24000, 'client', 1, 'all of it', '500.00 USD');
SELECT deposit_no FROM refund.fund(24000, 'client', 1, '100.00 USD', 'card');
SELECT deposit_no FROM refund.fund(24000, 'client', 1, '150.00 USD', 'bank');
SELECT deposit_no FROM refund.fund(24000, 'client', 1, '250.00 USD', 'wallet');
-- nothing is released: there is nothing to give
SELECT pg_temp.refused($$SELECT refund.give_refund(24000, 'freelancer', 1, '0.01 USD')$$);
SELECT released FROM refund.release_payment(24000, 'client', 1, '120.00 USD');
SELECT now FROM refund.advance_test_clock('give', '1 day');
SELECT released FROM refund.release_payment(24000, 'client', 1, '200.00 USD');
SELECT pg_temp.books(24000);
-- FIFO took 100.00 of the card and 20.00 of the bank, then 130.00 of the bank and 70.00 of the wallet
SELECT pg_temp.call($$give_refund(24000, 'freelancer', 1, '100.00 USD')$$);
SELECT pg_temp.moved(24000);
SELECT pg_temp.payments(24000);
SELECT pg_temp.books(24000);
-- again: what was given is not given twice; two movements of the bank's, and one payment
SELECT pg_temp.call($$give_refund(24000, 'freelancer', 1, '150.00 USD')$$);
SELECT pg_temp.moved(24000);
SELECT pg_temp.payments(24000);
SELECT pg_temp.books(24000);
-- 70.00 of the first release are left
SELECT pg_temp.refused($$SELECT refund.give_refund(24000, 'freelancer', 1, '70.01 USD')$$);
-- a later release comes first again; then all of it
SELECT released FROM refund.release_milestone(24000, 'client', 1);
SELECT pg_temp.call($$give_refund(24000, 'freelancer', 1, '0.01 USD')$$);
SELECT pg_temp.moved(24000);
SELECT held, released, refunded FROM refund.give_refund(24000, 'freelancer', 1, '249.99 USD');
SELECT pg_temp.moved(24000);
SELECT pg_temp.payments(24000);
SELECT pg_temp.books(24000);
SELECT pg_temp.refused($$SELECT refund.give_refund(24000, 'freelancer', 1, '0.01 USD')$$);
\pset tuples_only off
SELECT * FROM refund.transaction_history WHERE contract_id = 24000 ORDER BY line_no;
SELECT payment_no, deposit_no, purpose, payee, source, amount, state, expected_by FROM refund.refund_payment_status WHERE contract_id = 24000 ORDER BY 1;
SELECT event, actor, party, amount, from_state, to_state FROM refund.case_timeline WHERE contract_id = 24000 AND event = 'give_refund' ORDER BY event_no;
SELECT person, template, count(*) FROM refund.notification_inbox WHERE contract_id = 24000 AND template = 'give_refund' GROUP BY 1, 2 ORDER BY 1;
\pset tuples_only on
-- what was given back makes no room: the milestone's price was paid once
SELECT pg_temp.refused($$SELECT refund.fund(24000, 'client', 1, '0.01 USD', 'card')$$);


-- ---- each milestone for itself ----

SELECT pg_temp.contract(24010, 'give', 'agency');
SELECT released FROM refund.release_milestone(24010, 'client', 2);
-- FIFO over the contract: milestone 2 was paid from the card
SELECT pg_temp.code($$give_refund(24010, 'freelancer', 1, '0.01 USD')$$), pg_temp.code($$give_refund(24010, 'freelancer', 2, '200.01 USD')$$);
SELECT released FROM refund.release_payment(24010, 'client', 1, '150.00 USD');
-- the agency gives too
SELECT pg_temp.call($$give_refund(24010, 'agency', 1, '120.00 USD')$$);
SELECT pg_temp.moved(24010);
SELECT pg_temp.payments(24010);
SELECT pg_temp.call($$give_refund(24010, 'freelancer', 2, '200.00 USD')$$);
SELECT pg_temp.moved(24010);
SELECT pg_temp.books(24010);
-- what may be given now is of one milestone, and of no other contract
SELECT verb, party, until, min_amount, max_amount, currency FROM refund.allowed_actions(24010, 'agency') WHERE verb = 'give_refund';
SELECT pg_temp.contract(24011, 'give');
SELECT count(*) FROM refund.allowed_actions(24011, 'freelancer') WHERE verb = 'give_refund';
SELECT count(refund.release_milestone(24011, 'client', n)) FROM generate_series(1, 2) n;
SELECT verb, min_amount, max_amount FROM refund.allowed_actions(24011, 'freelancer') WHERE verb = 'give_refund';
SELECT count(*) FROM refund.allowed_actions(24011, 'client') WHERE verb = 'give_refund';


-- ---- 180 days from the release, half-open (T03) ----

SELECT name FROM refund.create_test_clock('give late', '2026-03-02 09:00+00');
SELECT count(pg_temp.contract(id, 'give late')) FROM generate_series(24020, 24022) id;
SELECT count(refund.release_payment(id, 'client', 1, '100.00 USD')) FROM generate_series(24020, 24022) id;
SELECT now FROM refund.advance_test_clock('give late', '1 day');
SELECT count(refund.release_payment(id, 'client', 1, '50.00 USD')) FROM generate_series(24020, 24022) id;
-- 180 days after Monday, 2 March: Saturday, 29 August
SELECT now FROM refund.advance_test_clock('give late', '178 days 23:59:59.999999');
SELECT pg_temp.code($$give_refund(24020, 'freelancer', 1, '150.01 USD')$$);
SELECT pg_temp.call($$give_refund(24020, 'freelancer', 1, '150.00 USD')$$);
SELECT pg_temp.books(24020);
SELECT now FROM refund.advance_test_clock('give late', '0.000001 seconds');
-- of 150.00 that were released and not given back only the later 50.00 are young enough
SELECT pg_temp.code($$give_refund(24021, 'freelancer', 1, '150.01 USD')$$);
SELECT pg_temp.refused($$SELECT refund.give_refund(24021, 'freelancer', 1, '50.01 USD')$$);
SELECT released, refunded FROM refund.give_refund(24021, 'freelancer', 1, '30.00 USD');
SELECT pg_temp.code($$give_refund(24021, 'freelancer', 1, '20.01 USD')$$), pg_temp.code($$give_refund(24021, 'freelancer', 1, '120.01 USD')$$);
SELECT now FROM refund.advance_test_clock('give late', '23:59:59.999999');
SELECT released, refunded FROM refund.give_refund(24022, 'freelancer', 1, '50.00 USD');
SELECT now FROM refund.advance_test_clock('give late', '0.000001 seconds');
SELECT pg_temp.code($$give_refund(24021, 'freelancer', 1, '0.01 USD')$$), pg_temp.code($$give_refund(24022, 'freelancer', 1, '0.01 USD')$$);
SELECT count(*) FROM refund.allowed_actions(24021, 'freelancer') WHERE verb = 'give_refund';
-- a release of today starts its own time
SELECT released FROM refund.release_payment(24021, 'client', 1, '10.00 USD');
SELECT pg_temp.code($$give_refund(24021, 'freelancer', 1, '10.01 USD')$$);
SELECT released FROM refund.give_refund(24021, 'freelancer', 1, '10.00 USD');
-- released by silence while the job was down: from when that was recorded
SELECT pg_temp.contract(24023, 'give late');
SELECT review_due_at FROM refund.submit_work(24023, 'freelancer', 1);
SELECT now FROM refund.advance_test_clock('give late', '100 days', false);
-- what is due comes first: it is released, and given
SELECT pg_temp.call($$give_refund(24023, 'freelancer', 1, '100.00 USD')$$);
SELECT event, amount, at, effective_at FROM refund.case_timeline WHERE contract_id = 24023 ORDER BY event_no DESC LIMIT 2;
SELECT now FROM refund.advance_test_clock('give late', '179 days 23:59:59.999999');
SELECT released FROM refund.give_refund(24023, 'freelancer', 1, '100.00 USD');
SELECT now FROM refund.advance_test_clock('give late', '0.000001 seconds');
SELECT pg_temp.code($$give_refund(24023, 'freelancer', 1, '100.00 USD')$$);

-- the policy's own time in its own zone: winter time in between
BEGIN;
SELECT refund.add_policy('give', '{"post_release_refund": "2 days", "zone": "Europe/Berlin"}');
SELECT name FROM refund.create_test_clock('give zone', '2026-10-24 12:00 Europe/Berlin');
SELECT pg_temp.contract(24030, 'give zone', policy => 'give');
SELECT released FROM refund.release_milestone(24030, 'client', 1);
SELECT now FROM refund.advance_test_clock('give zone', '48:59:59.999999');
SELECT released FROM refund.give_refund(24030, 'freelancer', 1, '1.00 USD');
SELECT now FROM refund.advance_test_clock('give zone', '0.000001 seconds');
SELECT pg_temp.code($$give_refund(24030, 'freelancer', 1, '1.00 USD')$$);
SET CONSTRAINTS ALL IMMEDIATE;
SELECT * FROM refund.verify_all();
ROLLBACK;


-- ---- active, ended, settled ----

SELECT name FROM refund.create_test_clock('give ended', '2026-03-02 09:00+00');
-- with a request open: what is at stake, the window and the offers are as they were
SELECT pg_temp.ended(24040, 'give ended');
SELECT pg_temp.walk(24040, 'dispute', 'client offers');
SELECT pg_temp.call($$give_refund(24040, 'freelancer', 1, '200.00 USD')$$);
SELECT pg_temp.moved(24040);
SELECT state, at_stake, disputed, due_at FROM refund.refund_request_status WHERE contract_id = 24040;
SELECT pg_temp.code($$give_refund(24040, 'freelancer', 1, '0.01 USD')$$), pg_temp.code($$give_refund(24040, 'freelancer', 2, '0.01 USD')$$);
SELECT pg_temp.walk(24040, 'freelancer agrees'), pg_temp.settled(24040);
-- settled: the freelancer's part of the settlement can be given back as well, the settlement stands
SELECT pg_temp.books(24040);
SELECT pg_temp.call($$give_refund(24040, 'freelancer', 2, '120.00 USD')$$);
SELECT pg_temp.moved(24040);
SELECT pg_temp.call($$give_refund(24040, 'freelancer', 1, '40.00 USD')$$);
SELECT pg_temp.moved(24040);
SELECT pg_temp.settled(24040), pg_temp.books(24040);
-- of what an award paid, and what silence paid that nobody has recorded
SELECT pg_temp.ended(24041, 'give ended'), pg_temp.ended(24042, 'give ended');
SELECT pg_temp.walk(24041, 'dispute', 'decline', 'propose', 'client rejects', 'client joins', 'freelancer joins', 'award');
SELECT released FROM refund.give_refund(24041, 'freelancer', 2, '80.00 USD');
SELECT pg_temp.settled(24041), pg_temp.books(24041);
SELECT pg_temp.walk(24042, 'dispute', '~5 days');
SELECT pg_temp.call($$give_refund(24042, 'freelancer', 2, '150.00 USD')$$);
SELECT pg_temp.settled(24042), pg_temp.books(24042);
-- ended by the freelancer, ended with nothing left
SELECT pg_temp.contract(24043, 'give ended'), pg_temp.contract(24044, 'give ended');
SELECT released FROM refund.release_milestone(24043, 'client', 1);
SELECT state FROM refund.end_contract(24043, 'freelancer');
SELECT released FROM refund.give_refund(24043, 'freelancer', 1, '300.00 USD');
SELECT pg_temp.books(24043);
SELECT state FROM refund.end_contract(24044, 'client', '500.00 USD');
SELECT released FROM refund.give_refund(24044, 'freelancer', 2, '200.00 USD');
SELECT pg_temp.books(24044);
-- money that goes on its way back was never the freelancer's: an approved request leaves nothing to give
SELECT pg_temp.ended(24045, 'give ended');
SELECT pg_temp.walk(24045, 'approve');
SELECT pg_temp.code($$give_refund(24045, 'freelancer', 2, '0.01 USD')$$);
-- a milestone that holds money, and one whose work is under review
SELECT pg_temp.contract(24046, 'give ended');
SELECT released FROM refund.release_payment(24046, 'client', 1, '100.00 USD');
SELECT state FROM refund.submit_work(24046, 'freelancer', 1);
SELECT pg_temp.call($$give_refund(24046, 'freelancer', 1, '60.00 USD')$$);
SELECT pg_temp.books(24046);

-- of many deposits and many releases at once: a movement for each of both, a payment for each deposit
SELECT state FROM refund.create_contract(24047, 'client', 'freelancer', 'USD', test_clock => 'give ended');
SELECT milestone_no FROM refund.add_milestone(24047, 'client', 1, 'all of it', '500.00 USD');
SELECT count(f) FROM generate_series(1, 50) n, refund.fund(24047, 'client', 1, '10.00 USD', 'card ' || n) f;
SELECT count(r) FROM generate_series(1, 33) n, refund.release_payment(24047, 'client', 1, '15.00 USD', 'release ' || n) r;
SELECT held, released, refunded FROM refund.give_refund(24047, 'freelancer', 1, '492.50 USD');
SELECT count(*), sum(amount::numeric), count(DISTINCT deposit_no), min(deposit_no), max(deposit_no) FROM refund.transfer
WHERE contract_id = 24047 AND event_no = (SELECT event_no FROM refund.contract WHERE contract_id = 24047);
SELECT count(*), sum(amount), count(DISTINCT deposit_no), min(amount), max(amount) FROM refund.refund_payment_status WHERE contract_id = 24047;
SELECT pg_temp.code($$give_refund(24047, 'freelancer', 1, '2.51 USD')$$);
SELECT count(*) FROM refund.verify(24047);

-- ---- on hold ----

SELECT hold_no FROM refund.place_hold(24044, 'operator', 'fraud', 'a pattern');
SELECT pg_temp.code($$give_refund(24044, 'freelancer', 1, '1.00 USD')$$);
SELECT hold_no FROM refund.lift_hold(24044, 'operator', 1, 'a mistake');
SELECT released FROM refund.give_refund(24044, 'freelancer', 1, '1.00 USD');


-- ---- the payments are made as all others ----

SELECT payment_no, purpose, source, amount FROM refund.claim_refund_payments(1000, test => true) WHERE contract_id = 24000 ORDER BY 1;
SELECT pg_temp.call($$report_refund_payment(24000, 'worker', 1, 'succeeded', 'one')$$);
SELECT pg_temp.moved(24000), pg_temp.books(24000);
SELECT pg_temp.call($$report_refund_payment(24000, 'worker', 1, 'bounced', 'one')$$);
SELECT pg_temp.call($$retry_refund_payment(24000, 'operator', 1, 'another wallet')$$);
SELECT pg_temp.call($$report_refund_payment(24000, 'worker', 1, 'succeeded', 'two')$$);
SELECT pg_temp.call($$report_refund_payment(24000, 'worker', 2, 'failed', 'three')$$);
SELECT line_no, kind, description, amount, balance, payment_state FROM refund.transaction_history WHERE contract_id = 24000 AND kind = 'refund given' ORDER BY 1;
SELECT pg_temp.books(24000);
-- a reversal of what was given back is owed: never out of another deposit
SELECT pg_temp.call($$report_reversal(24043, 'bank', 1, 'chargeback', 'lost', '300.00 USD', 'cb')$$);
SELECT pg_temp.moved(24043);
SELECT receivable FROM refund.contract_status WHERE contract_id = 24043;


-- ---- refusals ----

-- A16
SELECT call, pg_temp.code(call) FROM (VALUES
	($$give_refund(NULL, 'freelancer', 1, '1 USD')$$), ($$give_refund(24010, NULL, 1, '1 USD')$$), ($$give_refund(24010, 'freelancer', NULL, '1 USD')$$), ($$give_refund(24010, 'freelancer', 1, NULL)$$),
	($$give_refund(24010, 'freelancer', 0, '1 USD')$$),
	-- A01, A02: nobody can force it, nobody else can do it
	($$give_refund(24010, 'client', 1, '1 USD')$$), ($$give_refund(24010, 'stranger', 1, '1 USD')$$), ($$give_refund(24010, 'operator', 1, '1 USD')$$), ($$give_refund(24999, 'freelancer', 1, '1 USD')$$),
	($$give_refund(24010, 'freelancer', 3, '1 USD')$$),
	-- A13
	($$give_refund(24010, 'freelancer', 1, '0 USD')$$), ($$give_refund(24010, 'freelancer', 1, '-1 USD')$$), ($$give_refund(24010, 'freelancer', 1, '1 EUR')$$), ($$give_refund(24010, 'freelancer', 1, '30.01 USD')$$),
	($$give_refund(24010, 'freelancer', 1, '1.005 USD')$$)) c (call);
SELECT pg_temp.refused($$SELECT refund.give_refund(24010, 'client', 1, '1 USD')$$);
SELECT pg_temp.refused($$SELECT refund.give_refund(24010, 'freelancer', 1, '1 EUR')$$);
SELECT pg_temp.refused($$SELECT refund.give_refund(24010, 'freelancer', 1, '0 USD')$$);
-- A11: the same key
SELECT released, refunded FROM refund.give_refund(24010, 'freelancer', 1, '10.00 USD', 'key');
SELECT released, refunded FROM refund.give_refund(24010, 'freelancer', 1, '10.00 USD', 'key');
SELECT pg_temp.refused($$SELECT refund.give_refund(24010, 'freelancer', 1, '10.01 USD', 'key')$$);
SELECT pg_temp.refused($$SELECT refund.give_refund(24010, 'freelancer', 2, '10.00 USD', 'key')$$);
-- the agency's key is another one
SELECT released, refunded FROM refund.give_refund(24010, 'agency', 1, '10.00 USD', 'key');
-- a replay passes hold and time
SELECT hold_no FROM refund.place_hold(24010, 'operator', 'legal', 'a letter');
SELECT now FROM refund.advance_test_clock('give', '200 days');
SELECT released, refunded FROM refund.give_refund(24010, 'freelancer', 1, '10.00 USD', 'key');
-- currencies without and with three decimals
SELECT count(pg_temp.contract(24050 + n, 'give ended', currency => (ARRAY['JPY', 'BHD'])[n])) FROM generate_series(1, 2) n;
SELECT count(refund.release_milestone(24050 + n, 'client', 1)) FROM generate_series(1, 2) n;
SELECT released, refunded FROM refund.give_refund(24051, 'freelancer', 1, '1 JPY');
SELECT released, refunded FROM refund.give_refund(24052, 'freelancer', 1, '0.001 BHD');


-- ---- many releases and many deposits at once ----

SELECT pg_temp.contract(24060, 'give ended');
SELECT count(refund.release_payment(24060, 'client', 1 + n % 2, '1.00 USD')) FROM generate_series(1, 400) n;
SELECT pg_temp.books(24060);
-- of milestone 1 150 releases came from deposit 1, and 50 after them from deposit 2
SELECT released, refunded FROM refund.give_refund(24060, 'freelancer', 1, '199.99 USD');
SELECT deposit_no, refund.sum(amount) FROM refund.transfer WHERE contract_id = 24060 AND credit = 'refund_payable' GROUP BY 1 ORDER BY 1;
SELECT pg_temp.payments(24060);
SELECT pg_temp.books(24060);
SELECT released, refunded FROM refund.give_refund(24060, 'freelancer', 1, '0.01 USD');
SELECT pg_temp.moved(24060);
SELECT state FROM refund.create_contract(24061, 'client', 'freelancer', 'JPY', test_clock => 'give ended');
SELECT milestone_no FROM refund.add_milestone(24061, 'client', 1, 'all of it', '100 JPY');
SELECT count(refund.fund(24061, 'client', 1, '1 JPY', 'card ' || n)) FROM generate_series(1, 100) n;
SELECT released FROM refund.release_milestone(24061, 'client', 1);
SELECT released, refunded FROM refund.give_refund(24061, 'freelancer', 1, '100 JPY');
SELECT count(*), count(DISTINCT deposit_no), min(amount), max(amount), bool_and(deposit_no = 101 - payment_no) FROM refund.refund_payment_status WHERE contract_id = 24061;

SELECT * FROM refund.verify_all();
SELECT count(refund.drop_test_clock(name)) FROM refund.test_clock WHERE name LIKE 'give%';
SELECT count(*) FROM refund.contract WHERE contract_id BETWEEN 24000 AND 24999;
