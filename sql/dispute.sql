-- A dispute from the freelancer's answer to its end: the paths of the worked example
-- (process.md §10), and what the verbs refuse (interface.md, "Errors").  Ids such as A14
-- are lines of the catalogue of bad inputs and faults.  Contracts 11000 to 11999.
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


-- ---- process.md §10: every path ends in the split of the table ----

-- path is the row of the table; each contract lives under a clock of its own
CREATE TEMP TABLE path (id bigint GENERATED ALWAYS AS IDENTITY (START 11001), path integer, steps text[], outcome text, split numeric[], answer text);
INSERT INTO path (path, steps, outcome, split) VALUES
	(1, '{approve}', 'approved', '{0,300}'),
	(1, '{+7 days}', 'approved_by_silence', '{0,300}'),
	(2, '{dispute,concede}', 'conceded', '{250,50}'),
	(2, '{dispute,+5 days}', 'conceded_by_silence', '{250,50}'),
	(3, '{dispute,decline,propose,client accepts,freelancer accepts}', 'resolution_accepted', '{150,150}'),
	(3, '{dispute,decline,propose,freelancer accepts,client accepts}', 'resolution_accepted', '{150,150}'),
	(4, '{dispute,decline,propose,client rejects,+7 days}', 'arbitration_waived', '{0,300}'),
	(4, '{dispute,decline,propose,freelancer rejects,+7 days}', 'arbitration_waived', '{0,300}'),
	-- one accepts, the other rejects, or is silent; both are silent; the mediator is
	(4, '{dispute,decline,propose,freelancer accepts,client rejects,+7 days}', 'arbitration_waived', '{0,300}'),
	(4, '{dispute,decline,propose,client accepts,+2 days,+7 days}', 'arbitration_waived', '{0,300}'),
	(4, '{dispute,decline,propose,+9 days}', 'arbitration_waived', '{0,300}'),
	(4, '{dispute,decline,+37 days}', 'arbitration_waived', '{0,300}'),
	(5, '{dispute,decline,propose,client rejects,freelancer joins,+7 days}', 'arbitration_default', '{250,50}'),
	(6, '{dispute,decline,propose,client rejects,client joins,+7 days}', 'arbitration_default', '{0,300}'),
	(7, '{dispute,decline,propose,client rejects,client joins,freelancer joins,award}', 'arbitration_award', '{180,120}'),
	(7, '{dispute,decline,propose,+2 days,freelancer joins,client joins,award}', 'arbitration_award', '{180,120}'),
	(7, '{dispute,decline,+30 days,freelancer joins,client joins,award}', 'arbitration_award', '{180,120}'),
	-- silence of the arbitrator: as last proposed, or nothing
	(NULL, '{dispute,decline,propose,client rejects,client joins,freelancer joins,+90 days}', 'arbitration_lapsed', '{150,150}'),
	(NULL, '{dispute,decline,+30 days,client joins,freelancer joins,+90 days}', 'arbitration_lapsed', '{0,300}');
-- in any open state that knows it: agreement by accepting and by crossing equal offers, giving in
INSERT INTO path (path, steps, outcome, split)
SELECT 8, w.steps || s.steps, 'mutual_settlement', '{220,80}'::numeric[] FROM way w,
	(VALUES ('{client offers,freelancer agrees}'::text[]), ('{freelancer offers,client agrees}'),
		('{client offers,freelancer offers}'), ('{freelancer offers,client offers}')) s (steps)
ORDER BY w.state;
INSERT INTO path (path, steps, outcome, split)
SELECT 9, steps || '{withdraw}', 'dispute_withdrawn', '{0,300}'::numeric[] FROM way WHERE state NOT IN ('requested', 'in_arbitration') ORDER BY state;
INSERT INTO path (path, steps, outcome, split)
SELECT 10, steps || '{pay}', 'paid_in_full', '{300,0}'::numeric[] FROM way WHERE state <> 'in_arbitration' ORDER BY state;
-- process.md §4, row 6: the client may concede later, too; rows 5, 6 and 9 override an acceptance and a join
INSERT INTO path (path, steps, outcome, split)
SELECT 2, steps || '{concede}', 'conceded', '{250,50}'::numeric[] FROM way WHERE state NOT IN ('requested', 'disputed', 'in_arbitration') ORDER BY state;
INSERT INTO path (path, steps, outcome, split) VALUES
	(10, '{dispute,decline,propose,client accepts,pay}', 'paid_in_full', '{300,0}'),
	(2, '{dispute,decline,propose,client accepts,concede}', 'conceded', '{250,50}'),
	(9, '{dispute,decline,propose,freelancer accepts,withdraw}', 'dispute_withdrawn', '{0,300}'),
	(8, '{dispute,decline,propose,freelancer accepts,client offers,freelancer agrees}', 'mutual_settlement', '{220,80}'),
	(10, '{dispute,decline,propose,client rejects,client joins,pay}', 'paid_in_full', '{300,0}'),
	(2, '{dispute,decline,propose,client rejects,client joins,concede}', 'conceded', '{250,50}'),
	(9, '{dispute,decline,propose,client rejects,freelancer joins,withdraw}', 'dispute_withdrawn', '{0,300}');

-- 2 March 2026 is a Monday
CREATE PROCEDURE pg_temp.take_path(id bigint) LANGUAGE plpgsql AS $$
DECLARE
	p path;
	bad bigint;
BEGIN
	SELECT * INTO p FROM path WHERE path.id = take_path.id;
	PERFORM refund.create_test_clock('path ' || id, '2026-03-02 09:00+00');
	PERFORM pg_temp.ended(id, 'path ' || id);
	UPDATE path SET answer = pg_temp.walk(take_path.id, VARIADIC p.steps) WHERE path.id = take_path.id;
	SELECT count(*) INTO bad FROM refund.verify_all();
	IF bad > 0 THEN
		UPDATE path SET answer = answer || ', NOT SOUND' WHERE path.id = take_path.id;
	END IF;
END $$;
DO $$
DECLARE
	one bigint;
BEGIN
	FOR one IN SELECT id FROM path ORDER BY id LOOP
		CALL pg_temp.take_path(one);
	END LOOP;
END $$;
-- outcome, the split, what was paid and what goes back
SELECT path, array_to_string(steps, ', ') AS steps, answer, pg_temp.settled(id) FROM path ORDER BY path, id;
-- as the table has it?
SELECT count(*) FROM path;
SELECT id, path, steps, answer, pg_temp.settled(id) FROM path
WHERE answer <> 'settled' OR pg_temp.settled(id) IS DISTINCT FROM
	format('%s|%s|%s|%s|%s', outcome, split[1]::numeric(9,2), split[2]::numeric(9,2), split[1]::numeric(9,2), split[2]::numeric(9,2));
-- every outcome that a verb or silence leads to was reached
SELECT unnest(enum_range(NULL::refund.outcome)) EXCEPT SELECT outcome::refund.outcome FROM path;
-- nothing is left in escrow, of the fees only what was spent has not gone back
SELECT contract_id FROM refund.contract WHERE contract_id BETWEEN 11001 AND 11999 AND (held::numeric <> 0 OR fee_held::numeric <> 0);
SELECT count(refund.drop_test_clock('path ' || id)) FROM path;


-- ---- what each step records ----

SELECT name FROM refund.create_test_clock('dispute', '2026-03-02 09:00+00');
\pset tuples_only on
SELECT pg_temp.ended(11000, 'dispute', 'agency');
SELECT pg_temp.call($$dispute_refund(11000, 'freelancer', '250.00 USD', E'Delivered  on\n"Friday".')$$);
\pset tuples_only off
SELECT * FROM refund.whose_turn WHERE contract_id = 11000;
\pset tuples_only on
SELECT now FROM refund.advance_test_clock('dispute', '1 day 01:00');
SELECT pg_temp.call($$decline_dispute(11000, 'client', 'Not delivered.', '[{"title": "Inbox", "media_type": "text/plain", "statement": "Nothing came."}]')$$);
SELECT party, state, due_at, on_silence, silence_to_freelancer, silence_to_client FROM refund.whose_turn WHERE contract_id = 11000;
SELECT now FROM refund.advance_test_clock('dispute', '1 day 01:00');
SELECT pg_temp.call($$propose_resolution(11000, 'mediator', '150.00 USD', 'Half of it.')$$);
SELECT party, state, due_at, on_silence, silence_to_freelancer, silence_to_client FROM refund.whose_turn WHERE contract_id = 11000 ORDER BY 1;
SELECT now FROM refund.advance_test_clock('dispute', '01:00');
SELECT pg_temp.call($$accept_resolution(11000, 'agency')$$);
-- an acceptance opens no window, and it is the other's turn now
SELECT party, state, due_at, on_silence, silence_to_freelancer, silence_to_client FROM refund.whose_turn WHERE contract_id = 11000 ORDER BY 1;
SELECT now FROM refund.advance_test_clock('dispute', '01:00');
SELECT pg_temp.call($$reject_resolution(11000, 'client', 'Too much.')$$);
SELECT party, state, due_at, on_silence, silence_to_freelancer, silence_to_client FROM refund.whose_turn WHERE contract_id = 11000 ORDER BY 1;
SELECT now FROM refund.advance_test_clock('dispute', '01:00');
SELECT pg_temp.call($$join_arbitration(11000, 'agency', 'agency bank')$$);
-- whoever joined alone gets what it sought
SELECT party, state, due_at, on_silence, silence_to_freelancer, silence_to_client FROM refund.whose_turn WHERE contract_id = 11000 ORDER BY 1;
SELECT now FROM refund.advance_test_clock('dispute', '01:00');
SELECT pg_temp.call($$join_arbitration(11000, 'client', 'client card')$$);
SELECT party, state, due_at, on_silence, silence_to_freelancer, silence_to_client FROM refund.whose_turn WHERE contract_id = 11000 ORDER BY 1;
SELECT now FROM refund.advance_test_clock('dispute', '01:00');
SELECT pg_temp.call($$record_award(11000, 'arbitrator', '180.00 USD', 'Most of it.')$$);
SELECT * FROM refund.whose_turn WHERE contract_id = 11000;
\pset tuples_only off
SELECT event_no, at, actor, party, event, from_state, to_state, amount, outcome, due_at, statement FROM refund.case_timeline
WHERE contract_id = 11000 AND event_no > 5 ORDER BY event_no;
SELECT line_no, kind, description, source, amount, balance, payment_state FROM refund.transaction_history WHERE contract_id = 11000 ORDER BY line_no;
SELECT milestone_no, state, held, released, refunded FROM refund.milestone_status WHERE contract_id = 11000 ORDER BY 1;
SELECT deposit_no, held, released, refunded FROM refund.deposit_status WHERE contract_id = 11000 ORDER BY 1;
\pset tuples_only on

-- the agency acts wherever the freelancer may: one side, one vote
SELECT count(pg_temp.ended(id, 'dispute', 'agency')) FROM generate_series(11010, 11016) id;
SELECT outcome FROM refund.approve_refund(11010, 'agency');
SELECT state, disputed FROM generate_series(11011, 11016) id, refund.dispute_refund(id, 'agency', '250.00 USD', 'It was delivered.');
SELECT outcome, to_freelancer FROM refund.withdraw_dispute(11011, 'agency');
SELECT state FROM generate_series(11012, 11016) id, refund.decline_dispute(id, 'client', 'It was not.');
SELECT state FROM generate_series(11012, 11016) id, refund.propose_resolution(id, 'mediator', '150.00 USD', 'Half of it was.');
SELECT freelancer_accepted, client_accepted FROM refund.accept_resolution(11012, 'agency');
SELECT pg_temp.refused($$SELECT refund.accept_resolution(11012, 'freelancer')$$);
SELECT pg_temp.refused($$SELECT refund.reject_resolution(11012, 'freelancer')$$);
SELECT outcome, to_freelancer, to_client FROM refund.accept_resolution(11012, 'client');
SELECT state, freelancer_accepted FROM refund.reject_resolution(11013, 'agency');
SELECT state, freelancer_joined, client_joined FROM refund.join_arbitration(11013, 'freelancer', 'freelancer card');
SELECT pg_temp.refused($$SELECT refund.join_arbitration(11013, 'agency', 'agency bank')$$);
SELECT state FROM refund.offer_settlement(11014, 'agency', '220.00 USD');
SELECT pg_temp.refused($$SELECT refund.accept_settlement(11014, 'freelancer', 1)$$);
SELECT state FROM refund.withdraw_settlement_offer(11014, 'freelancer');
SELECT state FROM refund.offer_settlement(11014, 'client', '210.00 USD');
SELECT outcome, to_freelancer FROM refund.accept_settlement(11014, 'agency', 2);
-- it is the payee of its side's returned fee, whoever of the side paid it
SELECT state FROM refund.reject_resolution(11015, 'client');
SELECT state FROM refund.join_arbitration(11015, 'agency', 'agency bank');
SELECT outcome FROM refund.pay_in_full(11015, 'client');
SELECT outcome FROM refund.pay_in_full(11013, 'client');
SELECT contract_id, payment_no, deposit_no, purpose, payee, source, amount, state FROM refund.refund_payment_status WHERE contract_id IN (11013, 11015) ORDER BY 1, 2;
-- what the client concedes goes to the freelancer's side, the rest to the client
SELECT outcome FROM refund.accept_dispute(11016, 'client');
SELECT payment_no, deposit_no, purpose, payee, source, amount FROM refund.refund_payment_status WHERE contract_id = 11016 ORDER BY 1;
-- no agency, no acts of it
SELECT pg_temp.ended(11017, 'dispute');
SELECT pg_temp.refused($$SELECT refund.dispute_refund(11017, 'agency', '250.00 USD', 'It was delivered.')$$);


-- ---- A13: amounts ----

SELECT count(pg_temp.ended(id, 'dispute')) FROM generate_series(11100, 11108) id;
SELECT pg_temp.refused($$SELECT refund.dispute_refund(11100, 'freelancer', '0.00 USD', 'It was delivered.')$$);
SELECT pg_temp.refused($$SELECT refund.dispute_refund(11100, 'freelancer', '-0.01 USD', 'It was delivered.')$$);
SELECT pg_temp.refused($$SELECT refund.dispute_refund(11100, 'freelancer', '300.01 USD', 'It was delivered.')$$);
SELECT pg_temp.refused($$SELECT refund.dispute_refund(11100, 'freelancer', '90071992547409.91 USD', 'It was delivered.')$$);
SELECT pg_temp.refused($$SELECT refund.dispute_refund(11100, 'freelancer', '250.00 EUR', 'It was delivered.')$$);
SELECT pg_temp.refused($$SELECT refund.dispute_refund(11100, 'freelancer', '0.00 EUR', 'It was delivered.')$$);
SELECT pg_temp.refused($$SELECT refund.dispute_refund(11100, 'freelancer', '0.001 USD', 'It was delivered.')$$);
SELECT pg_temp.refused($$SELECT refund.dispute_refund(11100, 'freelancer', '250.00 usd', 'It was delivered.')$$);
SELECT pg_temp.refused($$SELECT refund.dispute_refund(11100, 'freelancer', 'NaN USD', 'It was delivered.')$$);
-- one minor unit, and all of it
SELECT disputed FROM refund.dispute_refund(11100, 'freelancer', '0.01 USD', 'It was delivered.');
SELECT pg_temp.walk(11100, 'concede'), pg_temp.settled(11100);
SELECT disputed FROM refund.dispute_refund(11101, 'freelancer', '300.00 USD', 'It was delivered.');
SELECT pg_temp.walk(11101, 'concede'), pg_temp.settled(11101);
SELECT count(*) FROM refund.refund_payment_status WHERE contract_id = 11101;
-- a proposal and an award: nothing to all that is disputed
SELECT pg_temp.walk(id, 'dispute', 'decline') FROM generate_series(11102, 11107) id;
SELECT pg_temp.refused($$SELECT refund.propose_resolution(11102, 'mediator', '-0.01 USD', 'Half of it was.')$$);
SELECT pg_temp.refused($$SELECT refund.propose_resolution(11102, 'mediator', '250.01 USD', 'Half of it was.')$$);
SELECT pg_temp.refused($$SELECT refund.propose_resolution(11102, 'mediator', '300.00 USD', 'Half of it was.')$$);
SELECT pg_temp.refused($$SELECT refund.propose_resolution(11102, 'mediator', '0.00 EUR', 'Half of it was.')$$);
SELECT pg_temp.refused($$SELECT refund.propose_resolution(11102, 'mediator', '0.001 USD', 'Half of it was.')$$);
SELECT proposed FROM refund.propose_resolution(11102, 'mediator', '0.00 USD', 'Nothing was.');
SELECT pg_temp.walk(11102, 'client accepts', 'freelancer accepts'), pg_temp.settled(11102);
SELECT proposed FROM refund.propose_resolution(11103, 'mediator', '250.00 USD', 'All of it was.');
SELECT pg_temp.walk(11103, 'client accepts', 'freelancer accepts'), pg_temp.settled(11103);
SELECT proposed FROM refund.propose_resolution(11104, 'mediator', '0.01 USD', 'Nearly nothing was.');
SELECT pg_temp.walk(id, 'propose') FROM generate_series(11105, 11107) id;
SELECT pg_temp.walk(id, 'client rejects', 'client joins', 'freelancer joins') FROM generate_series(11104, 11107) id;
SELECT pg_temp.refused($$SELECT refund.record_award(11104, 'arbitrator', '-0.01 USD', 'Most of it was.')$$);
SELECT pg_temp.refused($$SELECT refund.record_award(11104, 'arbitrator', '250.01 USD', 'Most of it was.')$$);
SELECT pg_temp.refused($$SELECT refund.record_award(11104, 'arbitrator', '180.00 EUR', 'Most of it was.')$$);
SELECT pg_temp.refused($$SELECT refund.record_award(11104, 'arbitrator', '0.001 USD', 'Most of it was.')$$);
-- an award need not follow the proposal
SELECT outcome FROM refund.record_award(11104, 'arbitrator', '0.00 USD', 'Nothing was.');
SELECT pg_temp.settled(11104);
SELECT outcome FROM refund.record_award(11105, 'arbitrator', '250.00 USD', 'All of it was.');
SELECT pg_temp.settled(11105);
SELECT outcome FROM refund.record_award(11106, 'arbitrator', '0.01 USD', 'Nearly nothing was.');
SELECT pg_temp.settled(11106);
-- an offer: nothing to all that is at stake
SELECT pg_temp.refused($$SELECT refund.offer_settlement(11108, 'client', '-0.01 USD')$$);
SELECT pg_temp.refused($$SELECT refund.offer_settlement(11108, 'client', '300.01 USD')$$);
SELECT pg_temp.refused($$SELECT refund.offer_settlement(11108, 'client', '220.00 EUR')$$);
SELECT pg_temp.refused($$SELECT refund.offer_settlement(11108, 'client', '0.001 USD')$$);
SELECT contract_id FROM refund.offer_settlement(11108, 'client', '0.00 USD');
SELECT contract_id FROM refund.offer_settlement(11108, 'client', '300.00 USD');
SELECT outcome FROM refund.accept_settlement(11108, 'freelancer', 2);
SELECT pg_temp.settled(11108);
-- more than is disputed may be agreed on, not awarded
SELECT state FROM refund.offer_settlement(11107, 'client', '250.01 USD');
SELECT outcome FROM refund.offer_settlement(11107, 'freelancer', '250.01 USD');
SELECT pg_temp.settled(11107);


-- ---- A16: a missing argument is named; numbers count from 1, identifiers are not blank ----

-- calls whose every argument is there
CREATE TEMP TABLE example (verb text, arguments text[]);
INSERT INTO example VALUES
	('approve_refund', '{11110,''freelancer'',NULL}'),
	('dispute_refund', '{11110,''freelancer'',''250 USD'',''It was delivered.'',''[]'',NULL}'),
	('accept_dispute', '{11111,''client'',NULL}'),
	('decline_dispute', '{11111,''client'',''It was not.'',''[]'',NULL}'),
	('pay_in_full', '{11111,''client'',NULL}'),
	('withdraw_dispute', '{11111,''freelancer'',NULL}'),
	('propose_resolution', '{11112,''mediator'',''150 USD'',''Half of it was.'',NULL}'),
	('accept_resolution', '{11113,''client'',NULL}'),
	('reject_resolution', '{11113,''client'',''Too much.'',NULL}'),
	('join_arbitration', '{11114,''client'',''card'',''ch_1'',NULL}'),
	('record_award', '{11115,''arbitrator'',''180 USD'',''Most of it was.'',NULL}'),
	('offer_settlement', '{11110,''freelancer'',''220 USD'',NULL}'),
	('withdraw_settlement_offer', '{11110,''client'',NULL}'),
	('accept_settlement', '{11110,''freelancer'',1,NULL}'),
	('assign_case', '{11110,''operator'',''mediator'',NULL}'),
	('report_refund_payment', '{11116,''operator'',1,''submitted'',''re_1'',"''{}''",NULL}'),
	('retry_refund_payment', '{11116,''operator'',2,''iban'',NULL}'),
	('erase_evidence', '{11111,''operator'',1,''Asked for by law.'',NULL}');
SELECT pg_temp.ended(11110, 'dispute');
SELECT contract_id FROM refund.offer_settlement(11110, 'client', '210.00 USD');
SELECT count(pg_temp.ended(id, 'dispute')) FROM generate_series(11111, 11117) id;
SELECT state FROM refund.dispute_refund(11111, 'freelancer', '250.00 USD', 'It was delivered.', '[{"title": "Mail", "media_type": "text/plain", "statement": "Sent."}]');
SELECT pg_temp.walk(id, 'dispute', 'decline') FROM generate_series(11112, 11115) id;
SELECT pg_temp.walk(id, 'propose') FROM generate_series(11113, 11115) id;
SELECT pg_temp.walk(id, 'client rejects') FROM generate_series(11114, 11115) id;
SELECT pg_temp.walk(11115, 'client joins', 'freelancer joins'), pg_temp.walk(11116, 'approve');
SELECT state FROM refund.report_refund_payment(11116, 'operator', 2, 'failed', 're_2');

-- What a call is refused with when it lacks one argument, or has another value there:
-- the code, with "by name" when the message names the argument.  Nothing stays.
CREATE FUNCTION pg_temp.call_with(verb text, arguments text[], changed integer, value text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	argument text := (SELECT p.proargnames[changed] FROM pg_proc p WHERE p.proname = verb AND p.pronamespace = 'refund'::regnamespace);
BEGIN
	arguments[changed] := value;
	EXECUTE format('SELECT refund.%I(%s)', verb, array_to_string(arguments, ', '));
	RAISE EXCEPTION 'it works' USING ERRCODE = 'ZZ000';
EXCEPTION WHEN OTHERS THEN
	RETURN argument || ' ' || CASE WHEN SQLSTATE = 'ZZ000' THEN 'works' ELSE SQLSTATE END
		|| CASE WHEN strpos(SQLERRM, format('argument "%s"', argument)) > 0 THEN ' by name' ELSE '' END;
END $$;
-- complete, each works
SELECT verb, pg_temp.call_with(verb, arguments, 1, arguments[1]) FROM example ORDER BY verb;
SELECT verb, string_agg(pg_temp.call_with(verb, arguments, n, 'NULL'), ', ' ORDER BY n) FROM example, generate_subscripts(arguments, 1) n GROUP BY verb ORDER BY verb;
-- where a fee is due its source is required; whoever reports an attempt names it, and nobody is no attempt
SELECT pg_temp.refused($$SELECT refund.join_arbitration(11114, 'client')$$);
SELECT pg_temp.refused($$SELECT refund.report_refund_payment(11116, 'operator', 1, 'submitted', NULL)$$);
SELECT pg_temp.refused($$SELECT refund.report_refund_payment(11116, 'operator', 2, 'unclaimed', 're_3')$$);
-- blank identifiers, and too long ones
SELECT verb, string_agg(pg_temp.call_with(verb, arguments, n, ''' '''), ', ' ORDER BY n) FROM example, generate_subscripts(arguments, 1) n
WHERE arguments[n] LIKE '''%' AND arguments[n] NOT SIMILAR TO '''(% USD|%.|\[]|{}|submitted)''' GROUP BY verb ORDER BY verb;
SELECT verb, string_agg(pg_temp.call_with(verb, arguments, n, 'repeat(''x'', 256)'), ', ' ORDER BY n) FROM example, generate_subscripts(arguments, 1) n
WHERE arguments[n] LIKE '''%' AND arguments[n] NOT SIMILAR TO '''(% USD|%.|\[]|{}|submitted)''' GROUP BY verb ORDER BY verb;
SELECT pg_temp.refused($$SELECT refund.accept_settlement(11110, 'freelancer', 0)$$);
SELECT pg_temp.refused($$SELECT refund.accept_settlement(11110, 'freelancer', -1)$$);
SELECT pg_temp.refused($$SELECT refund.erase_evidence(11111, 'operator', 0, 'Asked for by law.')$$);
SELECT pg_temp.refused($$SELECT refund.report_refund_payment(11116, 'operator', 0, 'submitted', 're_1')$$);
SELECT pg_temp.refused($$SELECT refund.retry_refund_payment(11116, 'operator', 0)$$);
-- wrong enum text
SELECT pg_temp.refused($$SELECT refund.report_refund_payment(11116, 'operator', 1, 'paid', 're_1')$$);
SELECT pg_temp.refused($$SELECT refund.report_refund_payment(11116, 'operator', 1, '', 're_1')$$);
SELECT pg_temp.refused($$SELECT refund.report_refund_payment(11116, 'operator', 1, 'pending', 're_1')$$);


-- ---- RF010: a reason is required, and says something ----

SELECT pg_temp.refused($$SELECT refund.dispute_refund(11110, 'freelancer', '250.00 USD', '')$$);
SELECT pg_temp.refused($$SELECT refund.dispute_refund(11110, 'freelancer', '250.00 USD', E' \t\r\n')$$);
SELECT pg_temp.refused($$SELECT refund.decline_dispute(11111, 'client', U&'\00A0\2003\200B\FEFF')$$);
SELECT pg_temp.refused($$SELECT refund.decline_dispute(11111, 'client', ' ')$$);
SELECT pg_temp.refused($$SELECT refund.propose_resolution(11112, 'mediator', '150.00 USD', '')$$);
SELECT pg_temp.refused($$SELECT refund.record_award(11115, 'arbitrator', '180.00 USD', '')$$);
SELECT pg_temp.refused($$SELECT refund.reject_resolution(11113, 'client', ' ')$$);
SELECT pg_temp.refused($$SELECT refund.erase_evidence(11111, 'operator', 1, ' ')$$);
-- a reason of rejection may be missing; words are kept as they are
SELECT state FROM refund.reject_resolution(11113, 'client', NULL);
SELECT statement FROM refund.case_timeline WHERE contract_id = 11113 AND event = 'reject_resolution';
SELECT reason FROM refund.dispute_refund(11117, 'freelancer', '250.00 USD', '  ''); DROP $$ \ %s ');


-- ---- A03, RF011: who decides is no party, and is the one who was assigned ----

SELECT count(pg_temp.ended(id, 'dispute', 'agency')) FROM generate_series(11120, 11124) id;
SELECT pg_temp.refused($$SELECT refund.assign_case(11120, 'operator', 'client')$$);
SELECT pg_temp.refused($$SELECT refund.assign_case(11120, 'operator', 'freelancer')$$);
SELECT pg_temp.refused($$SELECT refund.assign_case(11120, 'operator', 'agency')$$);
SELECT pg_temp.call($$assign_case(11120, 'operator', 'mediator')$$);
-- it may be repeated, and is not the freelancer's or the mediator's to do
SELECT mediator, arbitrator FROM refund.assign_case(11120, 'operator', 'other mediator');
SELECT pg_temp.refused($$SELECT refund.assign_case(11120, 'freelancer', 'mediator')$$);
SELECT pg_temp.walk(id, 'dispute', 'decline') FROM generate_series(11120, 11124) id;
SELECT pg_temp.refused($$SELECT refund.propose_resolution(11120, 'client', '0.00 USD', 'Nothing was.')$$);
SELECT pg_temp.refused($$SELECT refund.propose_resolution(11120, 'freelancer', '250.00 USD', 'All of it was.')$$);
SELECT pg_temp.refused($$SELECT refund.propose_resolution(11121, 'agency', '250.00 USD', 'All of it was.')$$);
SELECT pg_temp.refused($$SELECT refund.propose_resolution(11120, 'mediator', '150.00 USD', 'Half of it was.')$$);
SELECT mediator FROM refund.propose_resolution(11120, 'other mediator', '150.00 USD', 'Half of it was.');
-- without an assignment whoever comes first is the mediator
SELECT mediator, arbitrator FROM refund.propose_resolution(11121, 'mediator', '150.00 USD', 'Half of it was.');
-- from the proposal on an assignment names the arbitrator, who may be the mediator
SELECT mediator, arbitrator FROM refund.assign_case(11121, 'operator', 'mediator');
SELECT mediator, arbitrator FROM refund.assign_case(11120, 'operator', 'arbitrator');
SELECT pg_temp.walk(id, 'propose') FROM generate_series(11122, 11124) id;
SELECT pg_temp.walk(id, 'client rejects', 'client joins', 'freelancer joins') FROM generate_series(11120, 11124) id;
SELECT pg_temp.refused($$SELECT refund.record_award(11120, 'other mediator', '180.00 USD', 'Most of it was.')$$);
SELECT pg_temp.refused($$SELECT refund.record_award(11122, 'client', '0.00 USD', 'Nothing was.')$$);
SELECT pg_temp.refused($$SELECT refund.record_award(11122, 'freelancer', '250.00 USD', 'All of it was.')$$);
SELECT pg_temp.refused($$SELECT refund.record_award(11122, 'agency', '250.00 USD', 'All of it was.')$$);
SELECT mediator, arbitrator, outcome FROM refund.record_award(11120, 'arbitrator', '180.00 USD', 'Most of it was.');
SELECT mediator, arbitrator, outcome FROM refund.record_award(11121, 'mediator', '180.00 USD', 'Most of it was.');
SELECT mediator, arbitrator, outcome FROM refund.record_award(11122, 'somebody', '180.00 USD', 'Most of it was.');
-- the last assignment counts
SELECT arbitrator FROM refund.assign_case(11123, 'operator', 'arbitrator');
SELECT arbitrator FROM refund.assign_case(11123, 'other operator', 'other arbitrator');
SELECT pg_temp.refused($$SELECT refund.record_award(11123, 'arbitrator', '180.00 USD', 'Most of it was.')$$);
SELECT outcome FROM refund.record_award(11123, 'other arbitrator', '180.00 USD', 'Most of it was.');
SELECT event_no, actor, party, event, from_state, to_state, reference FROM refund.case_timeline WHERE contract_id IN (11120, 11123) AND event = 'assign_case' ORDER BY contract_id, event_no;


-- ---- A14: too late, twice, after the end ----

SELECT name FROM refund.create_test_clock('dispute late', '2026-03-02 09:00+00');
SELECT count(pg_temp.ended(id, 'dispute late')) FROM generate_series(11130, 11139) id;
SELECT pg_temp.walk(id, 'dispute') FROM generate_series(11131, 11139) id;
SELECT pg_temp.walk(id, 'decline', 'propose') FROM generate_series(11133, 11139) id;
-- twice
SELECT pg_temp.refused($$SELECT refund.dispute_refund(11131, 'freelancer', '250.00 USD', 'It was delivered.')$$);
SELECT pg_temp.refused($$SELECT refund.decline_dispute(11133, 'client', 'It was not.')$$);
SELECT pg_temp.refused($$SELECT refund.propose_resolution(11133, 'mediator', '150.00 USD', 'Half of it was.')$$);
SELECT pg_temp.walk(11133, 'client accepts');
SELECT pg_temp.refused($$SELECT refund.accept_resolution(11133, 'client')$$);
SELECT pg_temp.refused($$SELECT refund.reject_resolution(11133, 'client')$$);
SELECT pg_temp.walk(11133, 'freelancer accepts');
SELECT pg_temp.refused($$SELECT refund.accept_resolution(11133, 'client')$$);
SELECT pg_temp.refused($$SELECT refund.accept_resolution(11133, 'freelancer')$$);
-- after a withdrawal, a concession, an agreement
SELECT pg_temp.walk(11134, 'withdraw');
SELECT pg_temp.refused($$SELECT refund.accept_dispute(11134, 'client')$$);
SELECT pg_temp.refused($$SELECT refund.withdraw_dispute(11134, 'freelancer')$$);
SELECT pg_temp.refused($$SELECT refund.accept_resolution(11134, 'client')$$);
SELECT pg_temp.walk(11135, 'concede');
SELECT pg_temp.refused($$SELECT refund.accept_dispute(11135, 'client')$$);
SELECT pg_temp.refused($$SELECT refund.withdraw_dispute(11135, 'freelancer')$$);
SELECT pg_temp.refused($$SELECT refund.pay_in_full(11135, 'client')$$);
SELECT pg_temp.refused($$SELECT refund.offer_settlement(11135, 'client', '220.00 USD')$$);
SELECT pg_temp.refused($$SELECT refund.assign_case(11135, 'operator', 'mediator')$$);
SELECT pg_temp.walk(11136, 'client rejects', 'client joins');
SELECT pg_temp.refused($$SELECT refund.join_arbitration(11136, 'client', 'client card')$$);
SELECT pg_temp.walk(11136, 'freelancer joins');
SELECT pg_temp.refused($$SELECT refund.join_arbitration(11136, 'client', 'client card')$$);
SELECT pg_temp.refused($$SELECT refund.withdraw_dispute(11136, 'freelancer')$$);
SELECT pg_temp.refused($$SELECT refund.pay_in_full(11136, 'client')$$);
SELECT pg_temp.refused($$SELECT refund.accept_dispute(11136, 'client')$$);
SELECT pg_temp.walk(11136, 'award');
SELECT pg_temp.refused($$SELECT refund.record_award(11136, 'arbitrator', '180.00 USD', 'Most of it was.')$$);
-- at the end of a window, whether or not the job ran: 11130 disputed after 7 days, 11131 answered after 5
SELECT now FROM refund.advance_test_clock('dispute late', '2 days', false);
SELECT pg_temp.refused($$SELECT refund.accept_resolution(11137, 'client')$$);
SELECT pg_temp.refused($$SELECT refund.reject_resolution(11137, 'freelancer')$$);
SELECT pg_temp.refused($$SELECT refund.propose_resolution(11137, 'mediator', '150.00 USD', 'Half of it was.')$$);
-- what the next state knows is in time
SELECT pg_temp.walk(11138, 'client joins');
SELECT event_no, party, event, from_state, to_state, at, effective_at, due_at FROM refund.case_timeline WHERE contract_id = 11138 ORDER BY event_no DESC LIMIT 2;
SELECT now FROM refund.advance_test_clock('dispute late', '3 days', false);
SELECT pg_temp.refused($$SELECT refund.accept_dispute(11131, 'client')$$);
SELECT pg_temp.refused($$SELECT refund.decline_dispute(11131, 'client', 'It was not.')$$);
SELECT pg_temp.refused($$SELECT refund.pay_in_full(11131, 'client')$$);
SELECT pg_temp.refused($$SELECT refund.withdraw_dispute(11131, 'freelancer')$$);
SELECT pg_temp.refused($$SELECT refund.approve_refund(11131, 'freelancer')$$);
SELECT now FROM refund.advance_test_clock('dispute late', '2 days', false);
SELECT pg_temp.refused($$SELECT refund.dispute_refund(11130, 'freelancer', '250.00 USD', 'It was delivered.')$$);
SELECT pg_temp.refused($$SELECT refund.accept_dispute(11130, 'client')$$);
SELECT pg_temp.refused($$SELECT refund.dispute_refund(11131, 'freelancer', '250.00 USD', 'It was delivered.')$$);
-- the same once the job has run
SELECT now FROM refund.advance_test_clock('dispute late', '0');
SELECT contract_id, state, outcome, to_freelancer, effective_at, settled_at FROM refund.refund_request_status WHERE contract_id IN (11130, 11131, 11132, 11137, 11138, 11139) ORDER BY 1;
SELECT left(pg_temp.refused($$SELECT refund.dispute_refund(11130, 'freelancer', '250.00 USD', 'It was delivered.')$$), 5),
	left(pg_temp.refused($$SELECT refund.accept_dispute(11130, 'client')$$), 5),
	left(pg_temp.refused($$SELECT refund.decline_dispute(11131, 'client', 'It was not.')$$), 5),
	left(pg_temp.refused($$SELECT refund.approve_refund(11131, 'freelancer')$$), 5),
	left(pg_temp.refused($$SELECT refund.accept_resolution(11137, 'client')$$), 5),
	left(pg_temp.refused($$SELECT refund.propose_resolution(11137, 'mediator', '150.00 USD', 'Half of it was.')$$), 5);


-- ---- strangers: RF014, the same words as for a number that nobody uses (A02) ----

SELECT pg_temp.refused($$SELECT refund.dispute_refund(11112, 'stranger', '250.00 USD', 'It was delivered.')$$);
SELECT pg_temp.refused($$SELECT refund.dispute_refund(11999, 'stranger', '250.00 USD', 'It was delivered.')$$);
-- deciders and operators are no parties
SELECT verb, who, left(pg_temp.refused(format('SELECT refund.%I(%s)', verb, array_to_string(arguments[1:1] || quote_literal(who) || arguments[3:], ', '))), 5) AS code
FROM example, unnest('{stranger,mediator,operator}'::text[]) who
WHERE verb IN (SELECT event::text FROM refund.transitions() WHERE party IN ('client', 'freelancer')) ORDER BY verb, who;


-- ---- the order of refusals (interface.md, "Errors"): of two reasons the first one counts ----

SELECT name FROM refund.create_test_clock('dispute order', '2026-03-02 09:00+00');
SELECT pg_temp.contract(11200, 'dispute order');
SELECT count(pg_temp.ended(id, 'dispute order')) FROM generate_series(11201, 11209) id;
-- a missing or malformed argument before anything else
SELECT left(pg_temp.refused($$SELECT refund.accept_settlement(11999, 'stranger', NULL)$$), 5);
SELECT left(pg_temp.refused($$SELECT refund.accept_settlement(11999, 'stranger', 0)$$), 5);
SELECT left(pg_temp.refused($$SELECT refund.approve_refund(11999, ' ')$$), 5);
SELECT left(pg_temp.refused($$SELECT refund.propose_resolution(11200, 'client', NULL, ' ')$$), 5);
-- RF014 before RF007: another's key is nothing to a stranger
SELECT state FROM refund.dispute_refund(11202, 'freelancer', '250.00 USD', 'It was delivered.', idempotency_key => 'key');
SELECT left(pg_temp.refused($$SELECT refund.dispute_refund(11202, 'stranger', '200.00 USD', 'It was delivered.', idempotency_key => 'key')$$), 5);
SELECT left(pg_temp.refused($$SELECT refund.report_refund_payment(11202, 'operator', 1, 'submitted', 're_1', NULL, 'key')$$), 5);
-- RF007 before state, side and amount
SELECT left(pg_temp.refused($$SELECT refund.dispute_refund(11202, 'freelancer', '200.00 USD', 'It was delivered.', idempotency_key => 'key')$$), 5);
SELECT left(pg_temp.refused($$SELECT refund.accept_dispute(11202, 'freelancer', 'key')$$), 5);
-- RF009 before RF011, RF002 and RF004
SELECT left(pg_temp.refused($$SELECT refund.propose_resolution(11200, 'client', '-1 EUR', ' ')$$), 5);
SELECT left(pg_temp.refused($$SELECT refund.assign_case(11200, 'client', 'client')$$), 5);
SELECT left(pg_temp.refused($$SELECT refund.approve_refund(11200, 'client')$$), 5);
SELECT left(pg_temp.refused($$SELECT refund.dispute_refund(11200, 'freelancer', '-1 EUR', ' ')$$), 5);
-- RF011 before RF002, RF001 and RF004
SELECT left(pg_temp.refused($$SELECT refund.assign_case(11201, 'client', 'freelancer')$$), 5);
SELECT left(pg_temp.refused($$SELECT refund.propose_resolution(11201, 'client', '-1 EUR', ' ')$$), 5);
SELECT mediator FROM refund.assign_case(11201, 'operator', 'mediator');
SELECT left(pg_temp.refused($$SELECT refund.propose_resolution(11201, 'other mediator', '-1 EUR', ' ')$$), 5);
SELECT left(pg_temp.refused($$SELECT refund.propose_resolution(11201, 'mediator', '-1 EUR', ' ')$$), 5);
-- RF002 before RF001 and RF004
SELECT left(pg_temp.refused($$SELECT refund.accept_dispute(11201, 'freelancer')$$), 5);
SELECT left(pg_temp.refused($$SELECT refund.dispute_refund(11202, 'client', '-1 EUR', ' ')$$), 5);
SELECT left(pg_temp.refused($$SELECT refund.assign_case(11201, 'client', 'mediator')$$), 5);
-- RF001 before the rest
SELECT left(pg_temp.refused($$SELECT refund.dispute_refund(11202, 'freelancer', '-1 EUR', ' ')$$), 5);
SELECT left(pg_temp.refused($$SELECT refund.decline_dispute(11201, 'client', ' ')$$), 5);
SELECT left(pg_temp.refused($$SELECT refund.join_arbitration(11201, 'client')$$), 5);
SELECT pg_temp.walk(11203, 'approve');
SELECT left(pg_temp.refused($$SELECT refund.accept_settlement(11203, 'client', 9)$$), 5);
SELECT left(pg_temp.refused($$SELECT refund.withdraw_settlement_offer(11203, 'client')$$), 5);
-- of the rest: currency, amount, words, evidence, how much of it
SELECT left(pg_temp.refused($$SELECT refund.dispute_refund(11204, 'freelancer', '0.00 EUR', ' ', '{}')$$), 5);
SELECT left(pg_temp.refused($$SELECT refund.dispute_refund(11204, 'freelancer', '0.00 USD', ' ', '{}')$$), 5);
SELECT left(pg_temp.refused($$SELECT refund.dispute_refund(11204, 'freelancer', '300.01 USD', ' ', '{}')$$), 5);
SELECT pg_temp.refused($$SELECT refund.dispute_refund(11204, 'freelancer', '250.00 USD', ' ', '{}')$$);
SELECT pg_temp.refused($$SELECT refund.dispute_refund(11204, 'freelancer', '250.00 USD', 'It was delivered.', '{}')$$);
SELECT pg_temp.refused($$SELECT refund.dispute_refund(11204, 'freelancer', '250.00 USD', 'It was delivered.',
	(SELECT jsonb_agg('{"title": "Mail", "media_type": "text/plain", "statement": "Sent."}'::jsonb) FROM generate_series(1, 21)) || '[{}]')$$);
SELECT pg_temp.refused($$SELECT refund.dispute_refund(11204, 'freelancer', '250.00 USD', 'It was delivered.',
	(SELECT jsonb_agg('{"title": "Mail", "media_type": "text/plain", "statement": "Sent."}'::jsonb) FROM generate_series(1, 21)))$$);
SELECT state FROM refund.dispute_refund(11205, 'freelancer', '250.00 USD', 'It was delivered.',
	(SELECT jsonb_agg('{"title": "Mail", "media_type": "text/plain", "statement": "Sent."}'::jsonb) FROM generate_series(1, 20)));
-- RF005: after RF014, RF007, RF011 and RF002, before amounts and words; nobody has recorded the silence
SELECT pg_temp.walk(11206, 'dispute', 'decline');
SELECT now FROM refund.advance_test_clock('dispute order', '30 days', false);
SELECT left(pg_temp.refused($$SELECT refund.dispute_refund(11204, 'stranger', '-1 EUR', ' ')$$), 5);
SELECT left(pg_temp.refused($$SELECT refund.dispute_refund(11202, 'freelancer', '200.00 USD', 'It was delivered.', idempotency_key => 'key')$$), 5);
SELECT left(pg_temp.refused($$SELECT refund.propose_resolution(11206, 'client', '-1 EUR', ' ')$$), 5);
SELECT left(pg_temp.refused($$SELECT refund.dispute_refund(11204, 'client', '-1 EUR', ' ')$$), 5);
SELECT left(pg_temp.refused($$SELECT refund.dispute_refund(11204, 'freelancer', '-1 EUR', ' ')$$), 5);
SELECT left(pg_temp.refused($$SELECT refund.propose_resolution(11206, 'mediator', '-1 EUR', ' ')$$), 5);
-- and a replay passes it
SELECT state FROM refund.dispute_refund(11202, 'freelancer', '250.00 USD', 'It was delivered.', idempotency_key => 'key');
SELECT event FROM refund.case_timeline WHERE contract_id = 11202 ORDER BY event_no DESC LIMIT 1;


-- ---- A11: every verb has a key; a replay returns the row as it is now ----

-- what a call says the second time, and what another one with its key is refused with
CREATE FUNCTION pg_temp.twice(verb text, arguments text[]) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	call text := format('SELECT r::text FROM refund.%I(%s, %L) r', verb, array_to_string(arguments, ', '), verb);
	id bigint := arguments[1];
	first text;
	second text;
	events bigint;
BEGIN
	EXECUTE call INTO first;
	SELECT count(*) INTO events FROM refund.event WHERE contract_id = id;
	EXECUTE call INTO second;
	RETURN CASE WHEN first = second THEN 'the same' ELSE second || ' after ' || first END
		|| CASE WHEN events = (SELECT count(*) FROM refund.event WHERE contract_id = id) THEN '' ELSE ', RECORDED TWICE' END
		|| ', ' || left(pg_temp.refused(format('SELECT refund.assign_case(%s, %s, ''somebody'', %L)', id, arguments[2], verb)), 5);
END $$;
SELECT pg_temp.twice('offer_settlement', '{11300,''client'',''210 USD''}') FROM pg_temp.ended(11300, 'dispute');
SELECT pg_temp.twice('withdraw_settlement_offer', '{11301,''client''}') FROM pg_temp.ended(11301, 'dispute'), pg_temp.walk(11301, 'client offers');
SELECT pg_temp.twice('accept_settlement', '{11302,''freelancer'',1}') FROM pg_temp.ended(11302, 'dispute'), pg_temp.walk(11302, 'client offers');
SELECT pg_temp.twice('assign_case', '{11303,''operator'',''mediator''}') FROM pg_temp.ended(11303, 'dispute');
SELECT pg_temp.twice('dispute_refund', '{11303,''freelancer'',''250 USD'',''It was delivered.'',''[]''}');
SELECT pg_temp.twice('decline_dispute', '{11303,''client'',''It was not.'',''[]''}');
SELECT pg_temp.twice('propose_resolution', '{11303,''mediator'',''150 USD'',''Half of it was.''}');
SELECT pg_temp.twice('accept_resolution', '{11303,''freelancer''}');
SELECT pg_temp.twice('approve_refund', '{11304,''freelancer''}') FROM pg_temp.ended(11304, 'dispute');
SELECT pg_temp.twice('accept_dispute', '{11305,''client''}') FROM pg_temp.ended(11305, 'dispute'), pg_temp.walk(11305, 'dispute');
SELECT pg_temp.twice('withdraw_dispute', '{11306,''freelancer''}') FROM pg_temp.ended(11306, 'dispute'), pg_temp.walk(11306, 'dispute');
SELECT pg_temp.twice('pay_in_full', '{11307,''client''}') FROM pg_temp.ended(11307, 'dispute');
SELECT pg_temp.twice('reject_resolution', '{11308,''client'',''Too much.''}') FROM pg_temp.ended(11308, 'dispute'), pg_temp.walk(11308, 'dispute', 'decline', 'propose');
SELECT pg_temp.twice('join_arbitration', '{11308,''freelancer'',''card'',"NULL"}');
SELECT pg_temp.walk(11308, 'client joins');
SELECT pg_temp.twice('record_award', '{11308,''arbitrator'',''180 USD'',''Most of it was.''}');

SELECT * FROM refund.verify_all();
SELECT count(refund.drop_test_clock(name)) FROM unnest('{dispute,dispute late,dispute order}'::text[]) name;
SELECT count(*) FROM refund.contract WHERE contract_id BETWEEN 11000 AND 11999;
