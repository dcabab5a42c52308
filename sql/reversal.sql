-- Chargebacks and failed deposits: report_reversal opened, won and lost at each stage of a
-- contract (process.md §4 row 25 and §6).  Ids such as A13 are lines of the catalogue of bad
-- inputs and faults.  Contracts 23000 to 23999.
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

-- The balances of a contract; what they must add up to: each partition to what was deposited,
-- and cash in the bank to the movements between us and the world.
CREATE FUNCTION pg_temp.books(id bigint) RETURNS text LANGUAGE sql AS $$
	SELECT concat_ws(' ', 'held', s.held, 'released', s.released, 'refunded', s.refunded, 'reversed', s.reversed, 'owed', s.receivable,
		CASE WHEN c.in_transit::numeric > 0 THEN 'in transit ' || c.in_transit::numeric END, CASE WHEN c.fee_held::numeric > 0 THEN 'fees ' || c.fee_held::numeric END,
		'| deposits', (SELECT string_agg(concat_ws('/', d.held, d.released, d.refunded, d.reversed), ' ' ORDER BY deposit_no) FROM refund.deposit_status d WHERE d.contract_id = id),
		'| milestones', (SELECT string_agg(concat_ws('/', m.held, m.released, m.refunded), ' ' ORDER BY milestone_no) FROM refund.milestone_status m WHERE m.contract_id = id),
		CASE WHEN s.on_hold THEN '| on hold' END,
		CASE WHEN s.deposited <> s.held + s.released + s.refunded + s.reversed THEN 'THE CONTRACT DOES NOT ADD UP' END,
		CASE WHEN EXISTS (SELECT FROM refund.deposit_status d WHERE d.contract_id = id AND d.deposited <> d.held + d.released + d.refunded + d.reversed) THEN 'A DEPOSIT DOES NOT ADD UP' END,
		CASE WHEN s.held <> (SELECT sum(d.held) FROM refund.deposit_status d WHERE d.contract_id = id) THEN 'DEPOSITS HOLD OTHERWISE' END,
		CASE WHEN s.held <> (SELECT sum(m.held) FROM refund.milestone_status m WHERE m.contract_id = id) THEN 'MILESTONES HOLD OTHERWISE' END,
		CASE WHEN s.held + c.in_transit::numeric + c.fee_held::numeric <> t.cash THEN 'CASH IS ' || t.cash END,
		CASE WHEN s.receivable <> t.owed THEN 'OWED IS ' || t.owed END)
	FROM refund.contract_status s JOIN refund.contract c ON c.contract_id = s.contract_id
	CROSS JOIN LATERAL (
		SELECT coalesce(sum(CASE WHEN credit IN ('escrow', 'refund_payable', 'fee_held') THEN amount::numeric ELSE 0 END
			- CASE WHEN debit IN ('escrow', 'refund_payable', 'fee_held') THEN amount::numeric ELSE 0 END), 0) AS cash,
			coalesce(sum(amount::numeric) FILTER (WHERE debit = 'receivable'), 0) AS owed
		FROM refund.transfer x WHERE x.contract_id = s.contract_id) t
	WHERE s.contract_id = id
$$;
CREATE FUNCTION pg_temp.request(id bigint) RETURNS text LANGUAGE sql AS $$
	SELECT concat_ws(' ', state, outcome, 'at stake', at_stake, 'disputed ' || disputed, 'proposed ' || proposed, 'split ' || to_freelancer || '/' || to_client, 'due ' || due_at,
		CASE WHEN on_hold THEN 'on hold' END,
		(SELECT 'offers ' || string_agg(offer_no || ' ' || o.state, ', ' ORDER BY offer_no) FROM refund.settlement_offer_status o WHERE o.contract_id = id))
	FROM refund.refund_request_status WHERE contract_id = id
$$;
-- the movements of the last event, and its refund payments
CREATE FUNCTION pg_temp.moved(id bigint) RETURNS text LANGUAGE sql AS $$
	SELECT string_agg(concat_ws(' ', debit || ' to ' || credit, amount, 'd' || deposit_no, 'm' || milestone_no), ', ' ORDER BY ordinal)
	FROM refund.transfer WHERE contract_id = id AND event_no = (SELECT event_no FROM refund.contract WHERE contract_id = id)
$$;

SELECT name FROM refund.create_test_clock('reversal', '2026-03-02 09:00+00');
\pset tuples_only on


-- ---- while the contract is active ----

SELECT count(pg_temp.contract(id, 'reversal')) FROM generate_series(23000, 23003) id;
SELECT pg_temp.books(23000);
-- opened: a hold, and no money moves; the row that comes back is the deposit's
SELECT pg_temp.call($$report_reversal(23000, 'bank', 1, 'chargeback', 'opened', '300.00 USD', 'cb 1')$$);
SELECT pg_temp.books(23000);
SELECT pg_temp.refused($$SELECT refund.release_milestone(23000, 'client', 2)$$);
\pset tuples_only off
SELECT * FROM refund.hold_status WHERE contract_id = 23000;
SELECT event, actor, party, amount, item_no, reference, statement FROM refund.case_timeline WHERE contract_id = 23000 AND event_no > 5;
\pset tuples_only on
-- won: the hold goes, nothing else
SELECT pg_temp.call($$report_reversal(23000, 'bank', 1, 'chargeback', 'won', '300.00 USD', 'cb 1')$$);
SELECT pg_temp.books(23000);
SELECT stands, lifted_by, lift_reason FROM refund.hold_status WHERE contract_id = 23000;
SELECT released FROM refund.release_milestone(23000, 'client', 2);
-- opened and lost, in part: of the milestone that it funded
SELECT pg_temp.call($$report_reversal(23001, 'bank', 2, 'failed', 'opened', '120.00 USD', 'cb 1')$$);
SELECT pg_temp.call($$report_reversal(23001, 'bank', 2, 'failed', 'lost', '120.00 USD', 'cb 1')$$), pg_temp.moved(23001);
SELECT pg_temp.books(23001);
-- that room can be funded again, and no more than that
SELECT pg_temp.refused($$SELECT refund.fund(23001, 'client', 2, '120.01 USD', 'card')$$);
SELECT pg_temp.call($$fund(23001, 'client', 2, '120.00 USD', 'card')$$);
SELECT pg_temp.books(23001);
-- the rest of the deposit, in one word
SELECT pg_temp.call($$report_reversal(23001, 'bank', 2, 'chargeback', 'lost', '80.00 USD', 'cb 2')$$), pg_temp.moved(23001);
SELECT pg_temp.books(23001);
-- a deposit that was released in part and moved in part: FIFO took the first 200.00 of deposit 1 from milestone 2
SELECT milestone_no FROM refund.add_milestone(23002, 'client', 3, 'more', '100.00 USD');
SELECT released FROM refund.release_milestone(23002, 'client', 2);
SELECT held FROM refund.move_leftover(23002, 'client', 1, 3, '100.00 USD');
SELECT pg_temp.books(23002);
SELECT pg_temp.call($$report_reversal(23002, 'bank', 1, 'chargeback', 'lost', '250.00 USD', 'cb 1')$$), pg_temp.moved(23002);
SELECT pg_temp.books(23002);
-- deposit 2 funded milestone 2, which holds nothing: the others give, in order of number
SELECT pg_temp.call($$report_reversal(23002, 'bank', 2, 'chargeback', 'lost', '150.00 USD', 'cb 2')$$), pg_temp.moved(23002);
SELECT pg_temp.books(23002);
SELECT pg_temp.call($$report_reversal(23002, 'bank', 2, 'chargeback', 'lost', '50.00 USD', 'cb 3')$$), pg_temp.moved(23002);
SELECT pg_temp.call($$report_reversal(23002, 'bank', 1, 'chargeback', 'lost', '50.00 USD', 'cb 4')$$), pg_temp.moved(23002);
SELECT pg_temp.books(23002);
\pset tuples_only off
SELECT line_no, kind, description, source, amount, balance, payment_state FROM refund.transaction_history WHERE contract_id = 23002 ORDER BY 1;
SELECT deposit_no, deposited, held, released, refunded, reversed FROM refund.deposit_status WHERE contract_id = 23002 ORDER BY 1;
-- never another contract's money: the neighbours have the same client and the same sources
SELECT contract_id, held, released, reversed, receivable FROM refund.contract_status WHERE contract_id IN (23000, 23003) ORDER BY 1;
\pset tuples_only on
SELECT pg_temp.call($$end_contract(23002, 'client')$$);


-- ---- work under review: opened stops its clock, won and lost let it go on, an emptied milestone's ends ----

SELECT name FROM refund.create_test_clock('reversal review', '2026-03-02 09:00+00');
SELECT count(pg_temp.contract(id, 'reversal review')) FROM generate_series(23010, 23013) id;
SELECT count(refund.submit_work(id, 'freelancer', m)) FROM generate_series(23010, 23013) id, generate_series(1, 2) m;
SELECT now FROM refund.advance_test_clock('reversal review', '4 days');
SELECT count(refund.report_reversal(id, 'bank', 2, 'chargeback', 'opened', '200.00 USD', 'cb')) FROM generate_series(23010, 23013) id;
SELECT now FROM refund.advance_test_clock('reversal review', '20 days');
SELECT count(refund.report_reversal(23010, 'bank', 2, 'chargeback', 'won', '200.00 USD', 'cb'));
SELECT count(refund.report_reversal(23011, 'bank', 2, 'chargeback', 'lost', '200.00 USD', 'cb'));
SELECT count(refund.report_reversal(23012, 'bank', 2, 'chargeback', 'lost', '199.99 USD', 'cb'));
SELECT contract_id, milestone_no, state, held, review_due_at FROM refund.milestone_status WHERE contract_id BETWEEN 23010 AND 23013 ORDER BY 1, 2;
SELECT pg_temp.refused($$SELECT refund.request_changes(23011, 'client', 2, 'no')$$);
SELECT now FROM refund.advance_test_clock('reversal review', '10 days');
SELECT contract_id, milestone_no, state, held, released FROM refund.milestone_status WHERE contract_id BETWEEN 23010 AND 23013 ORDER BY 1, 2;
SELECT id, pg_temp.books(id) FROM generate_series(23010, 23013) id;
-- silence has released a milestone: a loss elsewhere does not make the client's word any less late
SELECT pg_temp.refused($$SELECT refund.request_changes(23010, 'client', 1, 'late')$$);
SELECT pg_temp.call($$report_reversal(23010, 'bank', 1, 'chargeback', 'lost', '10.00 USD', 'cb 2')$$), pg_temp.moved(23010);
SELECT pg_temp.refused($$SELECT refund.request_changes(23010, 'client', 1, 'late')$$);


-- ---- in every state of a request ----

-- At stake are 100.00 of deposit 1 and 200.00 of deposit 2; of deposit 1 200.00 were released.
-- Disputed are 250.00, proposed 150.00.
CREATE TEMP TABLE loss (loss text PRIMARY KEY, reports text[]);
INSERT INTO loss VALUES
	('a won', '{1 opened 300,1 won 300}'),
	('b a cent', '{2 opened 0.01,2 lost 0.01}'),
	('c deposit 1', '{1 opened 300,1 lost 300}'),
	('d deposit 2', '{2 lost 200}'),
	('e all', '{1 opened 300,2 opened 200,2 lost 200,1 lost 300}');
CREATE TEMP TABLE stage (id bigint GENERATED ALWAYS AS IDENTITY (START 23101), state refund.request_state, steps text[], loss text, reports text[]);
INSERT INTO stage (state, steps, loss, reports) SELECT state, steps, loss, reports FROM way, loss ORDER BY loss, state;
CREATE FUNCTION pg_temp.report(id bigint, report text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	word text[] := string_to_array(report, ' ');
BEGIN
	RETURN pg_temp.call(format($verb$report_reversal(%s, 'bank', %s, 'chargeback', %L, '%s USD', 'cb %s')$verb$, id, word[1], word[2], word[3], word[1]));
END $$;
-- offers stand before it; a day goes by while it is open
CREATE FUNCTION pg_temp.lose(s stage) RETURNS TABLE (opened text, books text, request text, last text, silence text) LANGUAGE plpgsql AS $$
DECLARE
	clock text := 'reversal ' || s.id;
	one text;
	answer text;
BEGIN
	PERFORM refund.create_test_clock(clock, '2026-03-02 09:00+00');
	PERFORM pg_temp.ended(s.id, clock);
	IF s.steps <> '{}' THEN
		PERFORM pg_temp.walk(s.id, VARIADIC s.steps);
	END IF;
	PERFORM pg_temp.walk(s.id, 'client offers');
	PERFORM refund.offer_settlement(s.id, 'freelancer', '290.00 USD');
	FOREACH one IN ARRAY s.reports LOOP
		answer := pg_temp.report(s.id, one);
		IF answer LIKE '%BUT THE VIEW%' THEN
			RAISE EXCEPTION '%', answer;
		END IF;
		IF pg_temp.books(s.id) ~ '[A-Z]{3}' THEN
			RAISE EXCEPTION '% %', one, pg_temp.books(s.id);
		END IF;
		opened := coalesce(opened, pg_temp.request(s.id));
		PERFORM refund.advance_test_clock(clock, '1 day');
	END LOOP;
	books := pg_temp.books(s.id);
	request := pg_temp.request(s.id);
	last := (SELECT concat_ws(' ', t.event, t.from_state, t.to_state, t.outcome, t.amount) FROM refund.case_timeline t WHERE t.contract_id = s.id AND t.event::text LIKE 'reversal%' ORDER BY t.event_no DESC LIMIT 1);
	-- then nobody says a word
	PERFORM refund.advance_test_clock(clock, '150 days');
	silence := concat_ws(' ', pg_temp.settled(s.id), pg_temp.books(s.id));
	RETURN NEXT;
END $$;
CREATE TEMP TABLE lost AS SELECT s.loss, s.state, l.* FROM stage s, pg_temp.lose(s) l ORDER BY s.id;
\pset tuples_only off
SELECT loss, state, opened FROM lost;
SELECT loss, state, books FROM lost;
SELECT loss, state, request FROM lost;
SELECT loss, state, last FROM lost WHERE loss >= 'd';
SELECT loss, state, silence FROM lost;
-- exhausted: the fees go back to who paid them, and the event opens no window
SELECT s.state, p.payment_no, p.purpose, p.payee, p.source, p.amount FROM stage s JOIN refund.refund_payment_status p ON p.contract_id = s.id WHERE loss = 'e all' ORDER BY 1, 2;
SELECT s.state, t.event, t.outcome, t.due_at FROM stage s JOIN refund.case_timeline t ON t.contract_id = s.id WHERE loss = 'e all' AND t.outcome IS NOT NULL ORDER BY 1;
SELECT r.state, to_freelancer, to_client, settled_at, effective_at, due_at, on_hold FROM refund.refund_request_status r JOIN stage ON id = contract_id WHERE loss = 'e all' AND stage.state = 'requested';
-- who is told
SELECT n.person, n.template FROM refund.notification_inbox n JOIN stage s ON s.id = n.contract_id WHERE loss = 'c deposit 1' AND s.state = 'in_review' AND template LIKE 'reversal%' ORDER BY n.at, 2, 1;
\pset tuples_only on

-- ---- what is decided after a loss is within what is left ----

SELECT name FROM refund.create_test_clock('reversal after', '2026-03-02 09:00+00');
SELECT count(pg_temp.ended(id, 'reversal after')) FROM generate_series(23200, 23210) id;
SELECT pg_temp.report(23200, '2 lost 200');
SELECT pg_temp.refused($$SELECT refund.dispute_refund(23200, 'freelancer', '100.01 USD', 'It was delivered.')$$);
SELECT pg_temp.refused($$SELECT refund.offer_settlement(23200, 'client', '100.01 USD')$$);
SELECT disputed FROM refund.dispute_refund(23200, 'freelancer', '100.00 USD', 'It was delivered.');
SELECT pg_temp.walk(23200, 'concede'), pg_temp.settled(23200), pg_temp.moved(23200);
SELECT pg_temp.walk(23201, 'dispute', 'decline'), pg_temp.report(23201, '2 lost 200');
SELECT pg_temp.refused($$SELECT refund.propose_resolution(23201, 'mediator', '100.01 USD', 'x')$$);
SELECT proposed FROM refund.propose_resolution(23201, 'mediator', '100.00 USD', 'x');
SELECT pg_temp.walk(23201, 'client accepts', 'freelancer accepts'), pg_temp.settled(23201);
SELECT pg_temp.walk(23202, 'dispute', 'decline', 'propose', 'client rejects', 'client joins', 'freelancer joins'), pg_temp.report(23202, '1 lost 300');
SELECT pg_temp.refused($$SELECT refund.record_award(23202, 'arbitrator', '200.01 USD', 'x')$$);
SELECT outcome FROM refund.record_award(23202, 'arbitrator', '200.00 USD', 'x');
SELECT pg_temp.settled(23202), pg_temp.books(23202);
-- offers lapse because the stake has changed, and new ones count
SELECT pg_temp.walk(23203, 'client offers'), pg_temp.report(23203, '2 lost 0.01');
SELECT pg_temp.refused($$SELECT refund.accept_settlement(23203, 'freelancer', 1)$$);
SELECT pg_temp.refused($$SELECT refund.withdraw_settlement_offer(23203, 'client')$$);
SELECT state FROM refund.offer_settlement(23203, 'freelancer', '220.00 USD');
SELECT outcome FROM refund.accept_settlement(23203, 'client', 2);
SELECT pg_temp.settled(23203), pg_temp.request(23203);
-- they stand when it has not: opened, won, and a loss of what was released before
SELECT pg_temp.walk(23204, 'client offers'), pg_temp.report(23204, '2 opened 200'), pg_temp.report(23204, '2 won 200');
SELECT pg_temp.contract(23211, 'reversal after');
SELECT at_stake FROM refund.end_contract(23211, 'client', '300.00 USD');
SELECT state FROM refund.offer_settlement(23211, 'client', '150.00 USD');
SELECT pg_temp.report(23211, '1 opened 300'), pg_temp.report(23211, '1 lost 300'), pg_temp.moved(23211);
SELECT pg_temp.books(23211), pg_temp.request(23211);
SELECT outcome FROM refund.accept_settlement(23211, 'freelancer', 1);
SELECT pg_temp.walk(23204, 'freelancer agrees'), pg_temp.settled(23204);
-- an acceptance stands for what is left of the proposal
SELECT pg_temp.walk(23205, 'dispute', 'decline', 'propose', 'client accepts'), pg_temp.report(23205, '2 lost 200');
SELECT client_accepted, proposed FROM refund.refund_request_status WHERE contract_id = 23205;
SELECT pg_temp.walk(23205, 'freelancer accepts'), pg_temp.settled(23205);
-- one joined, then nothing is left: the fee goes back
SELECT pg_temp.walk(23206, 'dispute', 'decline', 'propose', 'client rejects', 'freelancer joins'), pg_temp.report(23206, '1 lost 300'), pg_temp.report(23206, '2 lost 200');
SELECT pg_temp.moved(23206), pg_temp.books(23206);
SELECT payment_no, purpose, payee, amount FROM refund.refund_payment_status WHERE contract_id = 23206;
SELECT pg_temp.refused($$SELECT refund.join_arbitration(23206, 'client', 'card')$$);


-- ---- with holds of operators ----

-- one that stands meanwhile: the money leaves, the case stays on hold, at stake 0 it is settled all the same
SELECT hold_no FROM refund.place_hold(23207, 'operator', 'fraud', 'a pattern');
SELECT pg_temp.report(23207, '2 opened 200'), pg_temp.report(23207, '2 lost 200'), pg_temp.books(23207), pg_temp.request(23207);
SELECT pg_temp.report(23207, '1 lost 300'), pg_temp.books(23207), pg_temp.request(23207);
SELECT stands FROM refund.lift_hold(23207, 'operator', 1, 'it is over');
SELECT pg_temp.request(23207);
-- an operator lifts the reversal's: won and lost are still told
SELECT pg_temp.report(23208, '2 opened 200');
SELECT stands FROM refund.lift_hold(23208, 'operator', 1, 'it goes on');
SELECT pg_temp.report(23208, '2 lost 200'), pg_temp.request(23208);
-- the hold is as long as the reversal is open: Monday 9:00, for three days
SELECT pg_temp.report(23209, '2 opened 200');
SELECT now FROM refund.advance_test_clock('reversal after', '3 days');
SELECT pg_temp.report(23209, '2 lost 150'), pg_temp.request(23209);
-- the last hold's lift is the resume, whichever it is
SELECT pg_temp.report(23210, '1 opened 300'), pg_temp.report(23210, '2 opened 200');
SELECT now FROM refund.advance_test_clock('reversal after', '2 days');
SELECT pg_temp.report(23210, '1 won 300'), pg_temp.request(23210);
SELECT now FROM refund.advance_test_clock('reversal after', '2 days');
SELECT pg_temp.report(23210, '2 lost 200'), pg_temp.request(23210);
SELECT hold_no, kind, reason, placed_by, stands, lifted_by FROM refund.hold_status WHERE contract_id = 23210 ORDER BY 1;


-- ---- T03: what is due comes first ----

SELECT name FROM refund.create_test_clock('reversal due', '2026-03-02 09:00+00');
SELECT count(pg_temp.ended(id, 'reversal due')) FROM generate_series(23300, 23302) id;
SELECT now FROM refund.advance_test_clock('reversal due', '6 days 23:59:59.999999', false);
SELECT pg_temp.report(23300, '2 lost 200'), pg_temp.request(23300);
SELECT now FROM refund.advance_test_clock('reversal due', '0.000001 seconds', false);
SELECT pg_temp.report(23301, '2 lost 200'), pg_temp.moved(23301);
SELECT pg_temp.books(23301), pg_temp.request(23301);
SELECT pg_temp.report(23302, '2 opened 200'), pg_temp.request(23302);
SELECT now FROM refund.advance_test_clock('reversal due', '0');
SELECT pg_temp.settled(23300), pg_temp.books(23300);


-- ---- after the settlement, after the release: the settlement stands ----

SELECT name FROM refund.create_test_clock('reversal settled', '2026-03-02 09:00+00');
SELECT count(pg_temp.ended(id, 'reversal settled')) FROM generate_series(23310, 23317) id;
SELECT DISTINCT pg_temp.walk(id, 'dispute', 'concede') FROM generate_series(23310, 23317) id;
SELECT pg_temp.settled(23310), pg_temp.books(23310);
-- the refund is pending: stopped while it is open, and paid out when it is won
SELECT pg_temp.report(23310, '2 opened 200'), pg_temp.books(23310);
SELECT count(*) FROM refund.claim_refund_payments(1000, test => true) WHERE contract_id = 23310;
SELECT pg_temp.report(23310, '2 won 200'), pg_temp.books(23310);
SELECT payment_no, deposit_no, amount FROM refund.claim_refund_payments(1000, test => true) WHERE contract_id = 23310;
-- lost: all of it was released or refunded, so all of it is owed
SELECT pg_temp.report(23311, '2 opened 200'), pg_temp.report(23311, '2 lost 200'), pg_temp.moved(23311);
SELECT pg_temp.books(23311), pg_temp.request(23311);
-- submitted, succeeded, bounced: the same
SELECT state FROM refund.report_refund_payment(23312, 'worker', 1, 'submitted', 'ref');
SELECT pg_temp.report(23312, '2 opened 200');
SELECT state FROM refund.report_refund_payment(23312, 'worker', 1, 'succeeded', 'ref');
SELECT pg_temp.report(23312, '2 lost 200'), pg_temp.books(23312);
SELECT state FROM refund.report_refund_payment(23313, 'worker', 1, 'succeeded', 'ref');
SELECT pg_temp.report(23313, '2 lost 120'), pg_temp.books(23313);
SELECT state FROM refund.report_refund_payment(23313, 'worker', 1, 'bounced', 'ref');
SELECT pg_temp.books(23313);
-- the settlement's rows are what they were
SELECT count(DISTINCT pg_temp.settled(id)) FROM generate_series(23310, 23317) id;
-- one that nobody can get back from escrow: released in full
SELECT pg_temp.report(23314, '1 lost 300'), pg_temp.moved(23314), pg_temp.books(23314);
-- a deposit that came late and went back
SELECT refunded FROM refund.fund(23315, 'client', 1, '40.00 USD', 'late card');
SELECT pg_temp.report(23315, '3 lost 40'), pg_temp.moved(23315), pg_temp.books(23315);
-- ended by the freelancer, ended with nothing left
SELECT pg_temp.contract(23320, 'reversal settled'), pg_temp.contract(23321, 'reversal settled');
SELECT held FROM refund.end_contract(23320, 'freelancer');
SELECT held FROM refund.end_contract(23321, 'client', '500.00 USD');
SELECT pg_temp.report(23320, '1 opened 300'), pg_temp.report(23320, '1 lost 300'), pg_temp.books(23320);
SELECT pg_temp.report(23321, '1 opened 300'), pg_temp.report(23321, '1 lost 300'), pg_temp.books(23321);
\pset tuples_only off
SELECT line_no, kind, description, source, amount, balance, payment_state FROM refund.transaction_history WHERE contract_id = 23312 ORDER BY 1;
SELECT hold_no, kind, reason, placed_by, stands, lifted_by, lift_reason FROM refund.hold_status WHERE contract_id BETWEEN 23310 AND 23321 ORDER BY contract_id, 1;
\pset tuples_only on


-- ---- refusals, and the same word twice ----

SELECT name FROM refund.create_test_clock('reversal no', '2026-03-02 09:00+00');
SELECT count(pg_temp.ended(id, 'reversal no', 'agency')) FROM generate_series(23400, 23403) id;
-- A16, and words that are none
SELECT call, substr(pg_temp.refused('SELECT refund.report_reversal' || call), 1, 5) FROM (VALUES
	($$(NULL, 'bank', 1, 'chargeback', 'opened', '1 USD', 'cb')$$), ($$(23400, NULL, 1, 'chargeback', 'opened', '1 USD', 'cb')$$),
	($$(23400, 'bank', NULL, 'chargeback', 'opened', '1 USD', 'cb')$$), ($$(23400, 'bank', 1, NULL, 'opened', '1 USD', 'cb')$$),
	($$(23400, 'bank', 1, 'chargeback', NULL, '1 USD', 'cb')$$), ($$(23400, 'bank', 1, 'chargeback', 'opened', NULL, 'cb')$$),
	($$(23400, 'bank', 1, 'chargeback', 'opened', '1 USD', NULL)$$), ($$(23400, 'bank', 1, 'chargeback', 'opened', '1 USD', ' ')$$),
	($$(23400, ' ', 1, 'chargeback', 'opened', '1 USD', 'cb')$$), ($$(23400, 'bank', 0, 'chargeback', 'opened', '1 USD', 'cb')$$),
	($$(23400, 'bank', 1, 'fraud', 'opened', '1 USD', 'cb')$$), ($$(23400, 'bank', 1, 'chargeback', 'pending', '1 USD', 'cb')$$),
	($$(23400, 'bank', 3, 'chargeback', 'opened', '1 USD', 'cb')$$), ($$(23999, 'bank', 1, 'chargeback', 'opened', '1 USD', 'cb')$$)) c (call);
SELECT pg_temp.refused($$SELECT refund.report_reversal(23400, 'bank', 3, 'chargeback', 'opened', '1 USD', 'cb')$$);
-- A01: a party reports nothing
SELECT pg_temp.refused($$SELECT refund.report_reversal(23400, 'client', 1, 'chargeback', 'opened', '1 USD', 'cb')$$);
SELECT actor, substr(pg_temp.refused(format($$SELECT refund.report_reversal(23400, %L, 1, 'chargeback', %L, '1 USD', 'cb')$$, actor, state)), 1, 5) FROM unnest('{client,freelancer,agency}'::text[]) actor, unnest('{opened,won,lost}'::text[]) state;
-- A13: zero, negative, another currency, more than the deposit
SELECT amount, pg_temp.refused(format($$SELECT refund.report_reversal(23400, 'bank', 1, 'chargeback', 'lost', %L, 'cb')$$, amount)) FROM unnest('{0 USD,-1 USD,1 EUR,300.01 USD}'::text[]) amount;
SELECT substr(pg_temp.refused(format($$SELECT refund.report_reversal(23400, 'bank', 1, 'chargeback', 'opened', %L, 'cb')$$, amount)), 1, 5) FROM unnest('{0 USD,-1 USD,1 EUR,300.01 USD}'::text[]) amount;
-- won without opened
SELECT pg_temp.refused($$SELECT refund.report_reversal(23400, 'bank', 1, 'chargeback', 'won', '1 USD', 'cb')$$);
-- told twice: nothing is done twice, whoever tells it
SELECT pg_temp.report(23400, '1 opened 100');
SELECT pg_temp.report(23400, '1 opened 100');
SELECT pg_temp.call($$report_reversal(23400, 'another bank', 1, 'chargeback', 'opened', '100 USD', 'cb 1')$$);
SELECT count(*) FROM refund.hold_status WHERE contract_id = 23400;
SELECT pg_temp.refused($$SELECT refund.report_reversal(23400, 'client', 1, 'chargeback', 'opened', '100 USD', 'cb 1')$$);
-- another deposit, another kind, by the same reference
SELECT pg_temp.refused($$SELECT refund.report_reversal(23400, 'bank', 2, 'chargeback', 'opened', '100 USD', 'cb 1')$$);
SELECT pg_temp.refused($$SELECT refund.report_reversal(23400, 'bank', 1, 'failed', 'won', '100 USD', 'cb 1')$$);
SELECT pg_temp.report(23400, '1 won 100');
SELECT pg_temp.report(23400, '1 won 100');
SELECT pg_temp.report(23400, '1 opened 100');
SELECT pg_temp.refused($$SELECT refund.report_reversal(23400, 'bank', 1, 'chargeback', 'lost', '100 USD', 'cb 1')$$);
SELECT pg_temp.books(23400);
SELECT pg_temp.report(23401, '1 opened 100'), pg_temp.report(23401, '1 lost 100');
SELECT pg_temp.report(23401, '1 lost 100');
SELECT pg_temp.report(23401, '1 opened 100');
SELECT pg_temp.refused($$SELECT refund.report_reversal(23401, 'bank', 1, 'chargeback', 'won', '100 USD', 'cb 1')$$);
SELECT pg_temp.books(23401);
-- the same reference in another contract is another one's
SELECT pg_temp.report(23402, '1 lost 100'), pg_temp.books(23402);
-- less may be lost than was opened
SELECT pg_temp.report(23403, '2 opened 200'), pg_temp.report(23403, '2 lost 60'), pg_temp.books(23403);
-- never more than the deposit, however many words: 300.00 were deposited, 100.00 of it are gone
SELECT pg_temp.refused($$SELECT refund.report_reversal(23401, 'bank', 1, 'chargeback', 'lost', '200.01 USD', 'cb 2')$$);
SELECT deposit_no, reversed FROM refund.report_reversal(23401, 'bank', 1, 'failed', 'lost', '200.00 USD', 'cb 2');
SELECT pg_temp.books(23401);
SELECT pg_temp.refused($$SELECT refund.report_reversal(23401, 'bank', 1, 'chargeback', 'opened', '0.01 USD', 'cb 3')$$);
-- A11: a key besides
SELECT deposit_no FROM refund.report_reversal(23401, 'bank', 2, 'failed', 'opened', '10.00 USD', 'cb 4', 'key');
SELECT deposit_no FROM refund.report_reversal(23401, 'bank', 2, 'failed', 'opened', '10.00 USD', 'cb 4', 'key');
SELECT pg_temp.refused($$SELECT refund.report_reversal(23401, 'bank', 2, 'failed', 'opened', '11.00 USD', 'cb 5', 'key')$$);


-- ---- live contracts: cash in the bank after each step ----

BEGIN;
SELECT refund.add_policy('reversal', '{"arbitration_fee": ["30.000 BHD"]}');
\pset tuples_only off
-- what came into the bank less what left it, and what the view says
CREATE FUNCTION pg_temp.bank() RETURNS TABLE (deposited numeric, held numeric, released numeric, refunded numeric, reversed numeric, in_transit numeric, fees numeric, receivable numeric, cash numeric, reconciles boolean) LANGUAGE sql AS $$
	SELECT b.deposited, b.held, b.released, b.refunded, b.reversed, b.in_transit, b.fees_held, b.receivable, t.cash, b.held + b.in_transit + b.fees_held = t.cash
	FROM refund.escrow_balance b, (
		SELECT sum(CASE WHEN x.debit IN ('source', 'freelancer', 'refund_paid') AND x.credit IN ('escrow', 'fee_held', 'refund_payable') THEN x.amount::numeric
			WHEN x.credit IN ('source', 'freelancer', 'refund_paid', 'fee_spent') AND x.debit IN ('escrow', 'fee_held', 'refund_payable') THEN -x.amount::numeric ELSE 0 END) AS cash
		FROM refund.transfer x JOIN refund.contract c ON c.contract_id = x.contract_id
		WHERE c.currency::text = 'BHD' AND c.test_clock IS NULL) t
	WHERE b.currency = 'BHD'
$$;
SELECT count(pg_temp.contract(id, NULL, policy => 'reversal', currency => 'BHD')) FROM generate_series(23500, 23501) id;
SELECT * FROM pg_temp.bank();
SELECT at_stake FROM refund.end_contract(23500, 'client', '200 BHD');
SELECT * FROM pg_temp.bank();
SELECT pg_temp.walk(23500, 'dispute', 'decline', 'propose', 'freelancer rejects', 'client joins', 'freelancer joins');
SELECT * FROM pg_temp.bank();
SELECT deposit_no FROM refund.report_reversal(23500, 'bank', 1, 'chargeback', 'opened', '300 BHD', 'cb');
SELECT deposit_no FROM refund.report_reversal(23501, 'bank', 2, 'chargeback', 'opened', '50 BHD', 'cb');
SELECT * FROM pg_temp.bank();
SELECT held, released, reversed FROM refund.report_reversal(23500, 'bank', 1, 'chargeback', 'lost', '300 BHD', 'cb');
SELECT * FROM pg_temp.bank();
SELECT held, released, reversed FROM refund.report_reversal(23501, 'bank', 2, 'chargeback', 'lost', '50 BHD', 'cb');
SELECT * FROM pg_temp.bank();
SELECT pg_temp.walk(23500, 'award'), pg_temp.settled(23500);
SELECT * FROM pg_temp.bank();
SELECT state FROM refund.report_refund_payment(23500, 'worker', 1, 'succeeded', 'ref');
SELECT * FROM pg_temp.bank();
SELECT held, reversed FROM refund.report_reversal(23500, 'bank', 2, 'chargeback', 'lost', '200 BHD', 'cb 2');
SELECT * FROM pg_temp.bank();
SELECT state FROM refund.report_refund_payment(23500, 'worker', 1, 'bounced', 'ref');
SELECT held FROM refund.release_milestone(23501, 'client', 1);
SELECT released, refunded FROM refund.give_refund(23501, 'freelancer', 1, '0.001 BHD');
SELECT * FROM pg_temp.bank();
-- test contracts stay out of it
SELECT sum(receivable) FROM refund.escrow_balance WHERE currency = 'USD' HAVING sum(receivable) > 0;
SET CONSTRAINTS ALL IMMEDIATE;
SELECT * FROM refund.verify_all();
ROLLBACK;


-- ---- what a verb returns is the row of the view, replays included ----

CREATE FUNCTION pg_temp.as_in_view(call text, view regclass) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	returned text;
	viewed text;
BEGIN
	EXECUTE format('SELECT r::text FROM refund.%s r', call) INTO returned;
	EXECUTE format('SELECT v::text FROM %s v WHERE v::text = %L', view, returned) INTO viewed;
	RETURN coalesce(viewed, 'ANOTHER ROW: ' || returned);
END $$;
SELECT count(pg_temp.contract(23600, 'reversal'));
SELECT count(refund.release_payment(23600, 'client', 1, '30 USD'));
SELECT pg_temp.as_in_view(call, view) FROM (VALUES
	(1, $$place_hold(23600, 'operator', 'fraud', 'a pattern', 'first')$$, 'refund.hold_status'::regclass),
	(2, $$report_reversal(23600, 'bank', 1, 'chargeback', 'opened', '20 USD', 'cb')$$, 'refund.deposit_status'),
	(3, $$report_reversal(23600, 'bank', 2, 'chargeback', 'opened', '10 USD', 'cb 2')$$, 'refund.deposit_status'),
	(4, $$lift_hold(23600, 'operator', 2, 'the bank asks us to go on')$$, 'refund.hold_status'),
	(5, $$report_reversal(23600, 'bank', 1, 'chargeback', 'won', '20 USD', 'cb', 'won')$$, 'refund.deposit_status'),
	(6, $$report_reversal(23600, 'bank', 2, 'chargeback', 'lost', '10 USD', 'cb 2')$$, 'refund.deposit_status'),
	(7, $$lift_hold(23600, 'operator', 1, 'a mistake', 'last')$$, 'refund.hold_status'),
	(8, $$place_hold(23600, 'operator', 'fraud', 'a pattern', 'first')$$, 'refund.hold_status'),
	(9, $$lift_hold(23600, 'operator', 1, 'a mistake', 'last')$$, 'refund.hold_status'),
	(10, $$report_reversal(23600, 'bank', 1, 'chargeback', 'won', '20 USD', 'cb', 'won')$$, 'refund.deposit_status')) c (n, call, view)
ORDER BY n;

SELECT * FROM refund.verify_all();
SELECT count(refund.drop_test_clock(name)) FROM refund.test_clock WHERE name LIKE 'reversal%';
SELECT count(*) FROM refund.contract WHERE contract_id BETWEEN 23000 AND 23999;
