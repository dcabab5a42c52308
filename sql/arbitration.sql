-- Arbitration and its fee: who joins, what is held, returned or spent (process.md §4,
-- rows 16 to 22, and §6).  Everything is rolled back at the end.
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

BEGIN;
-- fees in two currencies, of two and of no decimals; none in the others
SELECT refund.add_policy('arbitration', '{"arbitration_fee": ["337.50 USD", "50000 JPY"]}');


-- ---- each way that a fee can go, in each currency ----

CREATE TEMP TABLE going (id bigint GENERATED ALWAYS AS IDENTITY (START 12001), steps text[], currency text, answer text);
INSERT INTO going (steps, currency)
SELECT '{dispute,decline,propose,client rejects}' || w.steps, c.currency
FROM (VALUES
	-- nobody joins: row 18
	(1, '{+7 days}'::text[]),
	-- one does: row 19
	(2, '{client joins,+7 days}'),
	(3, '{freelancer joins,+7 days}'),
	-- and somebody gives in, or they agree: rows 5, 6, 9 and 21
	(4, '{client joins,pay}'),
	(5, '{freelancer joins,pay}'),
	(6, '{client joins,concede}'),
	(7, '{freelancer joins,concede}'),
	(8, '{client joins,withdraw}'),
	(9, '{freelancer joins,withdraw}'),
	(10, '{client joins,client offers,freelancer agrees}'),
	(11, '{freelancer joins,client offers,freelancer offers}'),
	-- both do: rows 20, 21 and 22
	(12, '{client joins,freelancer joins,award}'),
	(13, '{client joins,freelancer joins,freelancer offers,client agrees}'),
	(14, '{freelancer joins,client joins,client offers,freelancer offers}'),
	(15, '{freelancer joins,client joins,+90 days}')) w (n, steps),
	(VALUES (1, 'USD'), (2, 'JPY'), (3, 'BHD')) c (n, currency)
ORDER BY w.n, c.n;
-- the arbitrator is silent in a case that never had a proposal: row 22 as row 18
INSERT INTO going (steps, currency)
SELECT '{dispute,decline,+30 days,freelancer joins,client joins,+90 days}', currency FROM (VALUES (1, 'USD'), (2, 'JPY'), (3, 'BHD')) c (n, currency) ORDER BY n;

DO $$
DECLARE
	g going;
BEGIN
	FOR g IN SELECT * FROM going ORDER BY id LOOP
		PERFORM refund.create_test_clock('arbitration ' || g.id, '2026-03-02 09:00+00');
		PERFORM pg_temp.ended(g.id, 'arbitration ' || g.id, policy => 'arbitration', currency => g.currency);
		UPDATE going SET answer = pg_temp.walk(g.id, VARIADIC g.steps) WHERE id = g.id;
	END LOOP;
END $$;
-- what came from a source into fee_held, what of it went where, and the payments that bring it back
CREATE VIEW pg_temp.fee AS
SELECT g.id, array_to_string(g.steps[5:], ', ') AS steps, c.currency::text, g.answer, r.outcome,
	(SELECT sum(t.amount::numeric) FROM refund.transfer t WHERE t.contract_id = g.id AND t.debit = 'source' AND t.credit = 'fee_held') AS paid,
	(SELECT sum(t.amount::numeric) FROM refund.transfer t WHERE t.contract_id = g.id AND t.debit = 'fee_held' AND t.credit = 'refund_payable') AS returned,
	(SELECT sum(t.amount::numeric) FROM refund.transfer t WHERE t.contract_id = g.id AND t.debit = 'fee_held' AND t.credit = 'fee_spent') AS spent,
	nullif(c.fee_held::numeric, 0) AS held,
	(SELECT string_agg(format('%s from %s', p.amount, p.source), ' + ' ORDER BY p.payment_no) FROM refund.refund_payment_status p
		WHERE p.contract_id = g.id AND p.purpose = 'arbitration_fee') AS payments,
	pg_temp.settled(g.id)
FROM going g
JOIN refund.contract c ON c.contract_id = g.id
JOIN refund.refund_request_status r ON r.contract_id = g.id;
SELECT * FROM pg_temp.fee ORDER BY id;
-- the split does not depend on the fee: the same in every currency
SELECT steps, count(DISTINCT (outcome, regexp_replace(settled, '\.0+\M', '', 'g'))) FROM pg_temp.fee GROUP BY steps HAVING count(DISTINCT (outcome, regexp_replace(settled, '\.0+\M', '', 'g'))) <> 1;
-- a fee that was paid was either returned or spent, whole; only an award spends it
SELECT * FROM pg_temp.fee WHERE coalesce(paid, 0) <> coalesce(returned, 0) + coalesce(spent, 0) OR (spent IS NOT NULL) <> (outcome = 'arbitration_award' AND paid IS NOT NULL)
	OR held IS NOT NULL OR answer <> 'settled';
-- a returned fee is expected when a refund is: five business days after the settlement
SELECT DISTINCT s.outcome, p.expected_by FROM pg_temp.fee s JOIN refund.refund_payment_status p ON p.contract_id = s.id
WHERE p.purpose = 'arbitration_fee' AND s.currency = 'USD' ORDER BY 1, 2;
SELECT * FROM refund.verify_all();


-- ---- the transaction history has the fees, and escrow's balance is not touched by them ----

SELECT id, line_no, kind, description, source, amount, h.currency, balance, payment_state, expected_by IS NOT NULL AS is_expected
FROM pg_temp.fee f JOIN refund.transaction_history h ON h.contract_id = f.id
WHERE f.currency = 'JPY' AND f.steps IN ('client joins, +7 days', 'freelancer joins, pay', 'client joins, freelancer joins, award', 'freelancer joins, client joins, +90 days')
ORDER BY id, line_no;
-- where joining is free there is nothing to tell
SELECT count(*) FROM pg_temp.fee f JOIN refund.transaction_history h ON h.contract_id = f.id WHERE f.currency = 'BHD' AND h.kind LIKE 'fee%';


-- ---- live: the escrow's balance, and the fee's way back ----

\pset tuples_only on
-- nobody else has francs here
SELECT refund.add_policy('arbitration francs', '{"arbitration_fee": ["337.50 CHF"]}');
CREATE FUNCTION pg_temp.francs() RETURNS text LANGUAGE sql AS $$
	SELECT format('deposited %s held %s released %s refunded %s in transit %s fees %s cash %s', deposited, held, released, refunded, in_transit, fees_held, held + in_transit + fees_held)
	FROM refund.escrow_balance WHERE currency = 'CHF'
$$;
SELECT pg_temp.francs();
SELECT pg_temp.ended(12101, NULL, 'agency', 'arbitration francs', 'CHF'), pg_temp.ended(12102, NULL, 'agency', 'arbitration francs', 'CHF');
SELECT pg_temp.walk(id, 'dispute', 'decline', 'propose', 'client rejects') FROM generate_series(12101, 12102) id;
SELECT pg_temp.francs();
SELECT pg_temp.walk(12101, 'client joins'), pg_temp.francs();
SELECT pg_temp.walk(12101, 'freelancer joins'), pg_temp.francs();
SELECT pg_temp.walk(12102, 'freelancer joins'), pg_temp.francs();
-- spent: gone from the bank; returned: on its way
SELECT pg_temp.walk(12101, 'award'), pg_temp.francs();
SELECT pg_temp.walk(12102, 'withdraw'), pg_temp.francs();
\pset tuples_only off
SELECT payment_no, deposit_no, purpose, payee, source, amount, currency, state FROM refund.refund_payment_status WHERE contract_id = 12102 ORDER BY 1;
\pset tuples_only on
SELECT state FROM refund.report_refund_payment(12102, 'operator', 3, 'submitted', 're_1');
SELECT pg_temp.francs();
SELECT state FROM refund.report_refund_payment(12102, 'operator', 3, 'succeeded', 're_1');
SELECT pg_temp.francs();
SELECT state FROM refund.report_refund_payment(12102, 'operator', 3, 'bounced', 're_1');
SELECT pg_temp.francs();
SELECT state, source, destination FROM refund.retry_refund_payment(12102, 'operator', 3, 'iban');
SELECT state FROM refund.report_refund_payment(12102, 'operator', 3, 'succeeded', 're_2');
SELECT pg_temp.francs();
SELECT line_no, kind, source, amount, balance, payment_state FROM refund.transaction_history WHERE contract_id = 12102 AND line_no > 3 ORDER BY line_no;


-- ---- join_arbitration: the source, and the provider's reference as a key ----

SELECT name FROM refund.create_test_clock('arbitration', '2026-03-02 09:00+00');
SELECT count(pg_temp.ended(id, 'arbitration', 'agency')) FROM generate_series(12201, 12206) id;
SELECT pg_temp.walk(id, 'dispute', 'decline', 'propose', 'client rejects') FROM generate_series(12201, 12206) id;
SELECT pg_temp.refused($$SELECT refund.join_arbitration(12201, 'client')$$);
SELECT pg_temp.refused($$SELECT refund.join_arbitration(12201, 'client', NULL, 'ch_1')$$);
SELECT pg_temp.refused($$SELECT refund.join_arbitration(12201, 'mediator', 'card', 'ch_1')$$);
SELECT pg_temp.call($$join_arbitration(12201, 'client', fee_source => 'client card', provider_ref => 'ch_1')$$);
-- told twice
SELECT pg_temp.call($$join_arbitration(12201, 'client', 'client card', 'ch_1')$$);
-- the same reference of another source, without one, or of the other side
SELECT pg_temp.refused($$SELECT refund.join_arbitration(12201, 'client', 'other card', 'ch_1')$$);
SELECT pg_temp.refused($$SELECT refund.join_arbitration(12201, 'client', NULL, 'ch_1')$$);
SELECT pg_temp.refused($$SELECT refund.join_arbitration(12201, 'freelancer', 'client card', 'ch_1')$$);
-- another reference is another call: this side has joined
SELECT pg_temp.refused($$SELECT refund.join_arbitration(12201, 'client', 'client card', 'ch_2')$$);
SELECT pg_temp.refused($$SELECT refund.join_arbitration(12201, 'client', 'client card')$$);
-- a deposit's reference is no fee's
SELECT state FROM refund.join_arbitration(12202, 'client', 'client card', 'ch_1');
SELECT deposit_no FROM refund.fund(12202, 'client', 1, '10.00 USD', 'late card', 'ch_1');
-- the replay passes the state, and the end
SELECT state FROM refund.join_arbitration(12201, 'freelancer', 'freelancer card', 'ch_2');
SELECT state FROM refund.join_arbitration(12201, 'freelancer', 'freelancer card', 'ch_2');
SELECT state FROM refund.join_arbitration(12201, 'client', 'client card', 'ch_1');
SELECT pg_temp.walk(12201, 'award');
SELECT state, outcome FROM refund.join_arbitration(12201, 'client', 'client card', 'ch_1');
SELECT pg_temp.refused($$SELECT refund.join_arbitration(12201, 'client', 'client card', 'ch_3')$$);
-- a key is its actor's: the agency is on the freelancer's side, but another person
SELECT pg_temp.refused($$SELECT refund.join_arbitration(12201, 'agency', 'freelancer card', 'ch_2')$$);
-- and the end of the window: nobody has recorded it
SELECT state FROM refund.join_arbitration(12203, 'client', 'client card', 'ch_1');
SELECT now FROM refund.advance_test_clock('arbitration', '7 days', false);
SELECT state, effective_state FROM refund.join_arbitration(12203, 'client', 'client card', 'ch_1');
SELECT pg_temp.refused($$SELECT refund.join_arbitration(12203, 'freelancer', 'freelancer card', 'ch_2')$$);
SELECT party, event, amount FROM refund.case_timeline WHERE contract_id = 12203 AND event_no > 10 ORDER BY event_no;
SELECT party, amount::numeric, source, provider_ref FROM refund.arbitration_fee WHERE contract_id BETWEEN 12201 AND 12203 ORDER BY contract_id, event_no;

-- free: no source is asked for, and none is taken down
SELECT count(pg_temp.ended(id, 'arbitration', policy => 'arbitration', currency => 'BHD')) FROM generate_series(12211, 12212) id;
SELECT pg_temp.walk(id, 'dispute', 'decline', 'propose', 'client rejects') FROM generate_series(12211, 12212) id;
SELECT pg_temp.call($$join_arbitration(12211, 'client')$$);
SELECT pg_temp.refused($$SELECT refund.join_arbitration(12211, 'client')$$);
SELECT state, client_joined, freelancer_joined FROM refund.join_arbitration(12212, 'freelancer', 'card', 'ch_1');
SELECT pg_temp.refused($$SELECT refund.join_arbitration(12212, 'freelancer', 'card', 'ch_1')$$);
SELECT state, client_joined, freelancer_joined FROM refund.join_arbitration(12211, 'freelancer');
SELECT count(*) FROM refund.arbitration_fee WHERE contract_id BETWEEN 12211 AND 12212;
SELECT event, amount FROM refund.case_timeline WHERE contract_id = 12211 AND event = 'join_arbitration' ORDER BY event_no;
SELECT count(*) FROM refund.transfer WHERE contract_id BETWEEN 12211 AND 12212 AND 'fee_held' IN (debit, credit);

-- C11: a contract keeps the fee of its version of the policy
SELECT pg_temp.ended(12221, 'arbitration', policy => 'arbitration');
SELECT pg_temp.ended(12222, 'arbitration', policy => 'arbitration', currency => 'JPY');
SELECT refund.add_policy('arbitration', '{"arbitration_fee": ["291.00 USD"]}');
SELECT pg_temp.ended(12223, 'arbitration', policy => 'arbitration');
SELECT pg_temp.ended(12224, 'arbitration', policy => 'arbitration', currency => 'JPY');
SELECT pg_temp.walk(id, 'dispute', 'decline', 'propose', 'client rejects', 'client joins') FROM generate_series(12221, 12224) id;
SELECT contract_id, amount::numeric FROM refund.arbitration_fee WHERE contract_id BETWEEN 12221 AND 12224 ORDER BY 1;

SET CONSTRAINTS ALL IMMEDIATE;
SELECT * FROM refund.verify_all();
ROLLBACK;
