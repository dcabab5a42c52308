-- Settlement offers (process.md §4, rows 21 and 23): made, replaced, withdrawn, lapsed,
-- accepted.  Ids such as A14 are lines of the catalogue of bad inputs and faults.
-- Contracts 13000 to 13999.
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

-- A contract's offers in short: number, side, what it gives, what became of it
CREATE FUNCTION pg_temp.offers(id bigint) RETURNS text LANGUAGE sql AS $$
	SELECT string_agg(format('%s %s %s+%s %s', offer_no, party, to_freelancer, to_client, state), ', ' ORDER BY offer_no)
	FROM refund.settlement_offer_status WHERE contract_id = id
$$;

SELECT name FROM refund.create_test_clock('settlement', '2026-03-02 09:00+00');
\pset tuples_only on


-- ---- an offer is made, and replaced by the next one of its side; the other's stands ----

SELECT pg_temp.ended(13000, 'settlement', 'agency');
SELECT pg_temp.offers(13000);
SELECT pg_temp.call($$offer_settlement(13000, 'client', to_freelancer => '100.00 USD')$$);
SELECT pg_temp.offers(13000);
SELECT contract_id FROM refund.offer_settlement(13000, 'freelancer', '280.00 USD');
SELECT contract_id FROM refund.offer_settlement(13000, 'client', '120.00 USD');
SELECT now FROM refund.advance_test_clock('settlement', '1 hour');
-- freelancer and agency are one side: the agency's offer replaces the freelancer's
SELECT contract_id FROM refund.offer_settlement(13000, 'agency', '250.00 USD');
SELECT pg_temp.offers(13000);
\pset tuples_only off
SELECT * FROM refund.settlement_offer_status WHERE contract_id = 13000 ORDER BY offer_no;
SELECT client_offer_no, client_offer, freelancer_offer_no, freelancer_offer, offer_count FROM refund.contract WHERE contract_id = 13000;
-- an offer changes no state and moves no window
SELECT event_no, actor, party, event, from_state, to_state, amount, due_at, item_no FROM refund.case_timeline WHERE contract_id = 13000 AND event_no > 5 ORDER BY event_no;
SELECT state, due_at, to_freelancer FROM refund.refund_request_status WHERE contract_id = 13000;
\pset tuples_only on
-- the same offer again is another one
SELECT contract_id FROM refund.offer_settlement(13000, 'agency', '250.00 USD');
SELECT pg_temp.offers(13000);


-- ---- RF017 names the offer that stands; RF014 and RF002 for what never was and one's own ----

SELECT pg_temp.refused($$SELECT refund.accept_settlement(13000, 'freelancer', 1)$$);
SELECT pg_temp.refused($$SELECT refund.accept_settlement(13000, 'client', 4)$$);
-- one's own old offer is stale, one's own standing offer is not for oneself
SELECT pg_temp.refused($$SELECT refund.accept_settlement(13000, 'client', 1)$$);
SELECT pg_temp.refused($$SELECT refund.accept_settlement(13000, 'client', 3)$$);
SELECT pg_temp.refused($$SELECT refund.accept_settlement(13000, 'agency', 5)$$);
SELECT pg_temp.refused($$SELECT refund.accept_settlement(13000, 'freelancer', 5)$$);
SELECT pg_temp.refused($$SELECT refund.accept_settlement(13000, 'freelancer', 6)$$);
SELECT pg_temp.refused($$SELECT refund.accept_settlement(13000, 'freelancer', 2147483647)$$);
SELECT pg_temp.refused($$SELECT refund.accept_settlement(13000, 'freelancer', 2147483648)$$);
SELECT pg_temp.refused($$SELECT refund.accept_settlement(13000, 'mediator', 3)$$);
SELECT pg_temp.refused($$SELECT refund.offer_settlement(13000, 'operator', '100.00 USD')$$);
SELECT pg_temp.refused($$SELECT refund.withdraw_settlement_offer(13000, 'stranger')$$);


-- ---- withdrawn ----

SELECT pg_temp.call($$withdraw_settlement_offer(13000, 'client')$$);
SELECT pg_temp.offers(13000);
SELECT event, amount, item_no FROM refund.case_timeline WHERE contract_id = 13000 ORDER BY event_no DESC LIMIT 1;
-- nothing of the client's is there to accept or to withdraw
SELECT pg_temp.refused($$SELECT refund.accept_settlement(13000, 'freelancer', 3)$$);
SELECT pg_temp.refused($$SELECT refund.withdraw_settlement_offer(13000, 'client')$$);
-- whoever of the side withdraws it
SELECT contract_id FROM refund.withdraw_settlement_offer(13000, 'freelancer');
SELECT pg_temp.refused($$SELECT refund.withdraw_settlement_offer(13000, 'agency')$$);
SELECT pg_temp.refused($$SELECT refund.accept_settlement(13000, 'client', 5)$$);
-- a withdrawn offer crosses nothing: the other side's equal one waits
SELECT state, outcome FROM refund.offer_settlement(13000, 'client', '250.00 USD');
SELECT pg_temp.offers(13000);
-- numbers are not used again; accepted
SELECT pg_temp.call($$accept_settlement(13000, 'agency', 6)$$);
SELECT pg_temp.offers(13000);
SELECT event, actor, amount, outcome, item_no FROM refund.case_timeline WHERE contract_id = 13000 ORDER BY event_no DESC LIMIT 1;
SELECT pg_temp.refused($$SELECT refund.accept_settlement(13000, 'agency', 6)$$);
SELECT pg_temp.refused($$SELECT refund.offer_settlement(13000, 'client', '250.00 USD')$$);
SELECT pg_temp.refused($$SELECT refund.withdraw_settlement_offer(13000, 'client')$$);


-- ---- crossing offers: equal ones are an agreement ----

SELECT count(pg_temp.ended(id, 'settlement', 'agency')) FROM generate_series(13010, 13014) id;
SELECT state FROM refund.offer_settlement(13010, 'freelancer', '220.00 USD');
SELECT state FROM refund.offer_settlement(13010, 'client', '219.99 USD');
SELECT pg_temp.call($$offer_settlement(13010, 'client', '220.00 USD')$$);
SELECT pg_temp.offers(13010);
SELECT event, party, amount, outcome, item_no FROM refund.case_timeline WHERE contract_id = 13010 ORDER BY event_no DESC LIMIT 1;
-- both were accepted; not with what was replaced, nor with one of one's own side
SELECT state FROM refund.offer_settlement(13011, 'freelancer', '220.00 USD');
SELECT state FROM refund.offer_settlement(13011, 'freelancer', '230.00 USD');
SELECT state FROM refund.offer_settlement(13011, 'agency', '230.00 USD');
SELECT state FROM refund.offer_settlement(13011, 'client', '220.00 USD');
SELECT pg_temp.offers(13011);
SELECT outcome, to_freelancer FROM refund.offer_settlement(13011, 'freelancer', '220.00 USD');
SELECT pg_temp.offers(13011);
-- nothing, and all of it
SELECT state FROM refund.offer_settlement(13012, 'client', '0.00 USD');
SELECT outcome, to_freelancer, to_client FROM refund.offer_settlement(13012, 'freelancer', '0.00 USD');
SELECT state FROM refund.offer_settlement(13013, 'client', '300.00 USD');
SELECT outcome, to_freelancer, to_client FROM refund.accept_settlement(13013, 'freelancer', 1);
-- more than was disputed may be agreed on
SELECT pg_temp.walk(13014, 'dispute');
SELECT state FROM refund.offer_settlement(13014, 'client', '299.99 USD');
SELECT outcome, to_freelancer, to_client FROM refund.offer_settlement(13014, 'freelancer', '299.99 USD');


-- ---- offers in every open state lapse at every change of it ----

-- each change of state that is not the end, by verb and by silence
CREATE TEMP TABLE change (id bigint GENERATED ALWAYS AS IDENTITY (START 13101), before text[], change text,
	from_state refund.request_state, event refund.event_kind, to_state refund.request_state);
INSERT INTO change (before, change, from_state, event, to_state) VALUES
	('{}', 'dispute', 'requested', 'dispute_refund', 'disputed'),
	('{dispute}', 'decline', 'disputed', 'decline_dispute', 'in_review'),
	('{dispute,decline}', 'propose', 'in_review', 'propose_resolution', 'proposed'),
	('{dispute,decline}', '+30 days', 'in_review', 'mediation_expired', 'unresolved'),
	('{dispute,decline,propose}', 'client rejects', 'proposed', 'reject_resolution', 'unresolved'),
	('{dispute,decline,propose}', 'freelancer rejects', 'proposed', 'reject_resolution', 'unresolved'),
	('{dispute,decline,propose}', '+2 days', 'proposed', 'resolution_expired', 'unresolved'),
	('{dispute,decline,propose,client rejects,client joins}', 'freelancer joins', 'unresolved', 'join_arbitration', 'in_arbitration'),
	('{dispute,decline,propose,client rejects,freelancer joins}', 'client joins', 'unresolved', 'join_arbitration', 'in_arbitration');
-- these are all that the table knows
SELECT from_state, event, to_state FROM refund.transitions() WHERE from_state <> to_state AND to_state <> 'settled'
EXCEPT SELECT from_state, event, to_state FROM change;
CREATE FUNCTION pg_temp.lapse(c change) RETURNS TABLE (before text, after text, code text) LANGUAGE plpgsql AS $$
BEGIN
	PERFORM refund.create_test_clock('settlement ' || c.id, '2026-03-02 09:00+00');
	PERFORM pg_temp.ended(c.id, 'settlement ' || c.id);
	IF c.before <> '{}' THEN
		PERFORM pg_temp.walk(c.id, VARIADIC c.before);
	END IF;
	PERFORM refund.offer_settlement(c.id, 'client', '100.00 USD');
	PERFORM refund.offer_settlement(c.id, 'freelancer', '220.00 USD');
	before := (SELECT r.state FROM refund.refund_request_status r WHERE r.contract_id = c.id) || ': ' || pg_temp.offers(c.id);
	after := pg_temp.walk(c.id, c.change) || ': ' || pg_temp.offers(c.id);
	code := concat_ws(' ', substr(pg_temp.refused(format('SELECT refund.accept_settlement(%s, ''client'', 2)', c.id)), 1, 5),
		substr(pg_temp.refused(format('SELECT refund.accept_settlement(%s, ''freelancer'', 1)', c.id)), 1, 5),
		-- no longer one's own standing offer
		substr(pg_temp.refused(format('SELECT refund.accept_settlement(%s, ''client'', 1)', c.id)), 1, 5),
		substr(pg_temp.refused(format('SELECT refund.withdraw_settlement_offer(%s, ''client'')', c.id)), 1, 5),
		-- an equal offer crosses nothing
		(SELECT o.state FROM refund.offer_settlement(c.id, 'client', '220.00 USD') o),
		-- and the new state's offers can be accepted
		(SELECT o.outcome FROM refund.accept_settlement(c.id, 'freelancer', 3) o));
	RETURN NEXT;
END $$;
SELECT c.change, l.* FROM change c, pg_temp.lapse(c) l ORDER BY c.id;
SELECT pg_temp.refused($$SELECT refund.accept_settlement(13101, 'client', 2)$$);
-- what does not change the state lets offers stand: one acceptance, one join, an assignment, a late deposit
SELECT pg_temp.ended(13120, 'settlement');
SELECT pg_temp.walk(13120, 'dispute', 'decline', 'propose', 'client offers', 'client accepts'), pg_temp.offers(13120);
SELECT mediator, arbitrator FROM refund.assign_case(13120, 'operator', 'arbitrator');
SELECT deposit_no FROM refund.fund(13120, 'client', 1, '10.00 USD', 'late card');
SELECT pg_temp.offers(13120);
SELECT pg_temp.walk(13120, 'freelancer agrees'), pg_temp.settled(13120);
SELECT pg_temp.ended(13121, 'settlement');
SELECT pg_temp.walk(13121, 'dispute', 'decline', 'propose', 'client rejects', 'freelancer offers', 'client joins'), pg_temp.offers(13121);
SELECT pg_temp.walk(13121, 'client agrees'), pg_temp.settled(13121);
-- the end closes what stands: silence, and a verb
SELECT pg_temp.ended(13122, 'settlement'), pg_temp.ended(13123, 'settlement');
SELECT pg_temp.walk(13122, 'client offers', 'approve'), pg_temp.offers(13122);
SELECT pg_temp.walk(13123, 'freelancer offers', '~7 days');
-- nobody has recorded the silence, and yet it is too late
SELECT pg_temp.refused($$SELECT refund.accept_settlement(13123, 'client', 1)$$);
SELECT pg_temp.refused($$SELECT refund.withdraw_settlement_offer(13123, 'freelancer')$$);
SELECT pg_temp.refused($$SELECT refund.offer_settlement(13123, 'client', '220.00 USD')$$);
SELECT now FROM refund.advance_test_clock('settlement', '0');
SELECT pg_temp.offers(13123);
-- in a window that ended into another open state the offer has lapsed, though nobody has recorded that either
SELECT pg_temp.ended(13124, 'settlement');
SELECT pg_temp.walk(13124, 'dispute', 'decline', 'propose', 'client offers', '~2 days');
SELECT pg_temp.refused($$SELECT refund.accept_settlement(13124, 'freelancer', 1)$$);
SELECT pg_temp.refused($$SELECT refund.withdraw_settlement_offer(13124, 'client')$$);
SELECT state, outcome FROM refund.offer_settlement(13124, 'freelancer', '220.00 USD');
SELECT pg_temp.offers(13124);


-- ---- no offers without a request ----

SELECT pg_temp.contract(13130, 'settlement');
SELECT pg_temp.refused($$SELECT refund.offer_settlement(13130, 'client', '100.00 USD')$$);
SELECT request_state FROM refund.end_contract(13130, 'freelancer');
SELECT pg_temp.refused($$SELECT refund.offer_settlement(13130, 'client', '100.00 USD')$$);
SELECT pg_temp.refused($$SELECT refund.accept_settlement(13130, 'client', 1)$$);


-- ---- many offers ----

SELECT pg_temp.ended(13140, 'settlement');
SELECT count(contract_id) FROM generate_series(0, 99) n, refund.offer_settlement(13140, (ARRAY['client', 'freelancer'])[1 + n % 2], refund.amount_from_minor(n, 'USD'));
SELECT state, count(*), min(offer_no), max(offer_no) FROM refund.settlement_offer_status WHERE contract_id = 13140 GROUP BY state ORDER BY state;
SELECT pg_temp.refused($$SELECT refund.accept_settlement(13140, 'client', 98)$$);
SELECT outcome, to_freelancer FROM refund.accept_settlement(13140, 'client', 100);
SELECT state, count(*), min(offer_no), max(offer_no) FROM refund.settlement_offer_status WHERE contract_id = 13140 GROUP BY state ORDER BY state;

SELECT * FROM refund.verify_all();
SELECT count(refund.drop_test_clock('settlement ' || id)) FROM change;
SELECT refund.drop_test_clock('settlement') > 0;
SELECT count(*) FROM refund.contract WHERE contract_id BETWEEN 13000 AND 13999;
