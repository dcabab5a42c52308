-- Idempotency keys (A11, interface.md "Verbs"): a repeated call changes nothing and
-- answers with the row as it is now; scope (contract, actor, key).  Ids such as A11
-- are lines of the catalogue of bad inputs and faults.  Contracts 4000 to 4999.
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

-- Call a verb twice: the second answer, and that it wrote nothing.
CREATE FUNCTION pg_temp.again(verb text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	before text := pg_temp.digest();
	answer text := pg_temp.call(verb);
BEGIN
	RETURN answer || CASE WHEN pg_temp.digest() = before THEN '' ELSE ' AND ROWS CHANGED' END;
END $$;

SELECT name FROM refund.create_test_clock('idempotency', '2026-03-02 09:00+00');
\pset tuples_only on


-- ---- every verb: same key, same arguments ----

SELECT pg_temp.call($$create_contract(4000, 'client', 'freelancer', 'USD', test_clock => 'idempotency', idempotency_key => 'k')$$);
SELECT pg_temp.again($$create_contract(4000, 'client', 'freelancer', 'USD', test_clock => 'idempotency', idempotency_key => 'k')$$);
-- a default said aloud is the same argument
SELECT pg_temp.again($$create_contract(4000, 'client', 'freelancer', 'USD', 'fixed_price', NULL, 'standard', 'idempotency', 'k')$$);
SELECT pg_temp.call($$add_milestone(4000, 'client', 1, 'work', '100.00 USD', idempotency_key => 'k')$$);
SELECT pg_temp.again($$add_milestone(4000, 'client', 1, 'work', '100.00 USD', idempotency_key => 'k')$$);
-- and so is another way to write an amount
SELECT pg_temp.again($$add_milestone(4000, 'client', 1, 'work', '+100 USD', idempotency_key => 'k')$$);
SELECT pg_temp.call($$add_milestone(4000, 'client', 2, 'more', '100.00 USD', '2026-05-01', 'm2')$$);
SELECT pg_temp.again($$add_milestone(4000, 'client', 2, 'more', '100.00 USD', '2026-05-01', 'm2')$$);
SELECT pg_temp.call($$fund(4000, 'client', 1, '80.00 USD', 'card', idempotency_key => 'f')$$);
SELECT pg_temp.again($$fund(4000, 'client', 1, '80.00 USD', 'card', idempotency_key => 'f')$$);
SELECT pg_temp.call($$release_payment(4000, 'client', 1, '10.00 USD', 'rp')$$);
SELECT pg_temp.again($$release_payment(4000, 'client', 1, '10.00 USD', 'rp')$$);
SELECT pg_temp.call($$move_leftover(4000, 'client', 1, 2, '5.00 USD', 'ml')$$);
SELECT pg_temp.again($$move_leftover(4000, 'client', 1, 2, '5.00 USD', 'ml')$$);
SELECT pg_temp.call($$release_milestone(4000, 'client', 2, 'rm')$$);
SELECT pg_temp.again($$release_milestone(4000, 'client', 2, 'rm')$$);
SELECT pg_temp.call($$end_contract(4000, 'client', '15.00 USD', 'end')$$);
SELECT pg_temp.again($$end_contract(4000, 'client', '15.00 USD', 'end')$$);
SELECT pg_temp.call($$approve_refund(4000, 'freelancer', 'yes')$$);
SELECT pg_temp.again($$approve_refund(4000, 'freelancer', 'yes')$$);
-- a replay passes the end, and answers with the row as it is now
SELECT pg_temp.again($$fund(4000, 'client', 1, '80.00 USD', 'card', idempotency_key => 'f')$$);
SELECT pg_temp.again($$release_payment(4000, 'client', 1, '10.00 USD', 'rp')$$);
SELECT pg_temp.again($$create_contract(4000, 'client', 'freelancer', 'USD', test_clock => 'idempotency', idempotency_key => 'k')$$);
SELECT pg_temp.again($$end_contract(4000, 'client', '15.00 USD', 'end')$$);
SELECT count(refund.create_contract(id, 'client', 'freelancer', 'USD', agency => 'agency', test_clock => 'idempotency')) FROM generate_series(4001, 4009) id;
SELECT count(refund.add_milestone(id, 'client', 1, 'work', '100.00 USD')) FROM generate_series(4001, 4009) id;
SELECT count(refund.fund(id, 'client', 1, '80.00 USD', 'card', 'ref')) FROM generate_series(4001, 4009) id;
SELECT request_state FROM refund.end_contract(4001, 'client', idempotency_key => 'end');
SELECT pg_temp.again($$end_contract(4001, 'client', NULL, 'end')$$);
-- nothing is not zero: another argument
SELECT pg_temp.refused($$SELECT refund.end_contract(4001, 'client', '0 USD', 'end')$$);
SELECT pg_temp.call($$pay_in_full(4001, 'client', 'pay')$$);
SELECT pg_temp.again($$pay_in_full(4001, 'client', 'pay')$$);
\set VERBOSITY sqlstate
SELECT outcome FROM refund.pay_in_full(4001, 'client', 'pay');
\set VERBOSITY default
SELECT event_no, event, actor, amount FROM refund.case_timeline WHERE contract_id = 4000 ORDER BY event_no;


-- ---- other arguments, other verb, other actor ----

SELECT pg_temp.refused($$SELECT refund.create_contract(4000, 'client', 'other', 'USD', test_clock => 'idempotency', idempotency_key => 'k')$$);
SELECT pg_temp.refused($$SELECT refund.create_contract(4000, 'client', 'freelancer', 'EUR', test_clock => 'idempotency', idempotency_key => 'k')$$);
SELECT pg_temp.refused($$SELECT refund.create_contract(4000, 'client', 'freelancer', 'USD', 'consultation', test_clock => 'idempotency', idempotency_key => 'k')$$);
SELECT pg_temp.refused($$SELECT refund.create_contract(4000, 'client', 'freelancer', 'USD', agency => 'agency', test_clock => 'idempotency', idempotency_key => 'k')$$);
SELECT pg_temp.refused($$SELECT refund.create_contract(4000, 'client', 'freelancer', 'USD', idempotency_key => 'k')$$);
SELECT pg_temp.refused($$SELECT refund.create_contract(4000, 'client', 'freelancer', 'USD', test_clock => 'idempotency', idempotency_key => 'other')$$);
SELECT pg_temp.refused($$SELECT refund.create_contract(4000, 'client', 'freelancer', 'USD', test_clock => 'idempotency')$$);
SELECT pg_temp.refused($$SELECT refund.add_milestone(4000, 'client', 1, 'WORK', '100.00 USD', idempotency_key => 'k')$$);
SELECT pg_temp.refused($$SELECT refund.add_milestone(4000, 'client', 1, 'work', '100.01 USD', idempotency_key => 'k')$$);
SELECT pg_temp.refused($$SELECT refund.add_milestone(4000, 'client', 1, 'work', '100.00 USD', '2026-05-01', 'k')$$);
SELECT pg_temp.refused($$SELECT refund.add_milestone(4000, 'client', 3, 'work', '100.00 USD', idempotency_key => 'k')$$);
SELECT pg_temp.refused($$SELECT refund.add_milestone(4000, 'client', 2, 'more', '100.00 USD', '2026-05-02', 'm2')$$);
SELECT pg_temp.refused($$SELECT refund.fund(4000, 'client', 2, '80.00 USD', 'card', idempotency_key => 'f')$$);
SELECT pg_temp.refused($$SELECT refund.fund(4000, 'client', 1, '80.01 USD', 'card', idempotency_key => 'f')$$);
SELECT pg_temp.refused($$SELECT refund.fund(4000, 'client', 1, '80.00 EUR', 'card', idempotency_key => 'f')$$);
SELECT pg_temp.refused($$SELECT refund.fund(4000, 'client', 1, '80.00 USD', 'card ', idempotency_key => 'f')$$);
SELECT pg_temp.refused($$SELECT refund.fund(4000, 'client', 1, '80.00 USD', 'card', 'a ref', 'f')$$);
SELECT pg_temp.refused($$SELECT refund.release_payment(4000, 'client', 2, '10.00 USD', 'rp')$$);
SELECT pg_temp.refused($$SELECT refund.move_leftover(4000, 'client', 2, 1, '5.00 USD', 'ml')$$);
SELECT pg_temp.refused($$SELECT refund.release_milestone(4000, 'client', 1, 'rm')$$);
SELECT pg_temp.refused($$SELECT refund.end_contract(4000, 'client', '15.01 USD', 'end')$$);
-- texts are not glued together: a border moves, the digest differs
SELECT held FROM refund.fund(4002, 'client', 1, '1.00 USD', 'ab', 'c', 'glue');
SELECT pg_temp.refused($$SELECT refund.fund(4002, 'client', 1, '1.00 USD', 'a', 'bc', 'glue')$$);
-- another verb
SELECT pg_temp.refused($$SELECT refund.release_milestone(4000, 'client', 1, 'rp')$$);
SELECT pg_temp.refused($$SELECT refund.pay_in_full(4000, 'client', 'end')$$);
SELECT pg_temp.refused($$SELECT refund.pay_in_full(4001, 'client', 'end')$$);
-- create_contract has no actor: its key is nobody else's, as add_milestone showed above
SELECT event_no, kind, actor, idempotency_key FROM refund.event WHERE contract_id = 4000 AND idempotency_key = 'k' ORDER BY 1;
-- another actor, another contract
SELECT pg_temp.call($$end_contract(4003, 'agency', NULL, 'e')$$);
SELECT pg_temp.refused($$SELECT refund.end_contract(4003, 'freelancer', NULL, 'e')$$);
SELECT pg_temp.call($$end_contract(4004, 'client', NULL, 'e')$$);
SELECT pg_temp.call($$approve_refund(4004, 'agency', 'e')$$);
SELECT pg_temp.refused($$SELECT refund.approve_refund(4004, 'freelancer', 'e')$$);
-- letters count
SELECT pg_temp.refused($$SELECT refund.approve_refund(4004, 'agency', 'E')$$);
SELECT pg_temp.refused($$SELECT refund.approve_refund(4004, 'agency', 'e ')$$);


-- ---- a failed call leaves no key ----

SELECT pg_temp.refused($$SELECT refund.release_payment(4005, 'client', 1, '80.01 USD', 'once')$$);
SELECT pg_temp.call($$release_payment(4005, 'client', 1, '1.00 USD', 'once')$$);
BEGIN;
SELECT released FROM refund.release_payment(4005, 'client', 1, '2.00 USD', 'rolled back');
ROLLBACK;
SELECT pg_temp.call($$release_milestone(4005, 'client', 1, 'rolled back')$$);
-- the key is taken in the transaction that used it
BEGIN;
SELECT released FROM refund.release_payment(4006, 'client', 1, '2.00 USD', 'in here');
SELECT pg_temp.again($$release_payment(4006, 'client', 1, '2.00 USD', 'in here')$$);
SAVEPOINT s;
SELECT released FROM refund.release_payment(4006, 'client', 1, '3.00 USD', 'in there');
ROLLBACK TO s;
SELECT pg_temp.call($$release_payment(4006, 'client', 1, '4.00 USD', 'in there')$$);
COMMIT;


-- ---- provider_ref counts as a key ----

SELECT pg_temp.call($$fund(4007, 'client', 1, '1.00 USD', 'card', 'pr-1')$$);
SELECT pg_temp.again($$fund(4007, 'client', 1, '1.00 USD', 'card', 'pr-1')$$);
SELECT pg_temp.refused($$SELECT refund.fund(4007, 'client', 1, '2.00 USD', 'card', 'pr-1')$$);
SELECT pg_temp.refused($$SELECT refund.fund(4007, 'client', 1, '1.00 EUR', 'card', 'pr-1')$$);
SELECT pg_temp.refused($$SELECT refund.fund(4007, 'client', 1, '1.00 USD', 'bank', 'pr-1')$$);
SELECT title FROM refund.add_milestone(4007, 'client', 2, 'two', '10.00 USD');
SELECT pg_temp.refused($$SELECT refund.fund(4007, 'client', 2, '1.00 USD', 'card', 'pr-1')$$);
-- another contract's reference is another reference
SELECT pg_temp.call($$fund(4008, 'client', 1, '2.00 USD', 'bank', 'pr-1')$$);
-- with a key of its own: replays by the reference
SELECT pg_temp.again($$fund(4007, 'client', 1, '1.00 USD', 'card', 'pr-1', 'new key')$$);
SELECT pg_temp.call($$fund(4007, 'client', 1, '3.00 USD', 'card', 'pr-2', 'key of pr-2')$$);
SELECT pg_temp.again($$fund(4007, 'client', 1, '3.00 USD', 'card', 'pr-2', 'key of pr-2')$$);
SELECT pg_temp.again($$fund(4007, 'client', 1, '3.00 USD', 'card', 'pr-2')$$);
-- key and reference of two calls
SELECT pg_temp.refused($$SELECT refund.fund(4007, 'client', 1, '1.00 USD', 'card', 'pr-1', 'key of pr-2')$$);
-- the other side learns nothing by guessing one
SELECT pg_temp.refused($$SELECT refund.fund(4007, 'freelancer', 1, '3.00 USD', 'card', 'pr-2')$$);
SELECT pg_temp.refused($$SELECT refund.fund(4007, 'freelancer', 1, '9.00 USD', 'card', 'pr-2')$$);
SELECT pg_temp.refused($$SELECT refund.fund(4007, 'stranger', 1, '3.00 USD', 'card', 'pr-2')$$);
-- after the end, and after an expiry that nobody has recorded
SELECT request_state FROM refund.end_contract(4007, 'client');
SELECT now FROM refund.advance_test_clock('idempotency', '8 days', false);
SELECT pg_temp.again($$fund(4007, 'client', 1, '3.00 USD', 'card', 'pr-2')$$);
SELECT count(*), sum(deposited) FROM refund.deposit_status WHERE contract_id = 4007;
SELECT now FROM refund.advance_test_clock('idempotency', '1 day');
SELECT pg_temp.again($$fund(4007, 'client', 1, '3.00 USD', 'card', 'pr-2')$$);


-- ---- keys as texts ----

SELECT pg_temp.refused($$SELECT refund.release_payment(4008, 'client', 1, '1.00 USD', '')$$);
SELECT pg_temp.refused($$SELECT refund.release_payment(4008, 'client', 1, '1.00 USD', E' \t')$$);
SELECT pg_temp.refused($$SELECT refund.release_payment(4008, 'client', 1, '1.00 USD', repeat('k', 256))$$);
SELECT pg_temp.refused($$SELECT refund.create_contract(4100, 'client', 'freelancer', 'USD', idempotency_key => '')$$);
SELECT pg_temp.refused($$SELECT refund.fund(4008, 'client', 1, '1.00 USD', 'card', repeat('r', 256))$$);
SELECT released FROM refund.release_payment(4008, 'client', 1, '1.00 USD', repeat('k', 255));
SELECT released FROM refund.release_payment(4008, 'client', 1, '1.00 USD', repeat('k', 255));
SELECT released FROM refund.release_payment(4008, 'client', 1, '1.00 USD', repeat('k', 254) || 'l');
SELECT released FROM refund.release_payment(4008, 'client', 1, '1.00 USD', repeat('k', 254));
-- characters, not bytes; an actor as long as that
SELECT state FROM refund.create_contract(4101, repeat(chr(128512), 255), 'freelancer', 'USD', test_clock => 'idempotency', idempotency_key => repeat(chr(128513), 255));
SELECT title = repeat(chr(128514), 500) FROM refund.add_milestone(4101, repeat(chr(128512), 255), 1, repeat(chr(128514), 500), '10.00 USD', idempotency_key => repeat(chr(128515), 255));
SELECT length(source), length(provider_ref) FROM refund.fund(4101, repeat(chr(128512), 255), 1, '5.00 USD', repeat(chr(128516), 255), repeat(chr(128517), 255), repeat(chr(128518), 255));
SELECT length(source), length(provider_ref) FROM refund.fund(4101, repeat(chr(128512), 255), 1, '5.00 USD', repeat(chr(128516), 255), repeat(chr(128517), 255), repeat(chr(128518), 255));
-- no key: each call counts
SELECT released FROM refund.release_payment(4008, 'client', 1, '1.00 USD', NULL);
SELECT released FROM refund.release_payment(4008, 'client', 1, '1.00 USD', NULL);


-- ---- twice in one statement ----

SELECT r.released FROM refund.release_payment(4009, 'client', 1, '1.00 USD', 'twice') r
UNION ALL SELECT r.released FROM refund.release_payment(4009, 'client', 1, '1.00 USD', 'twice') r;
SELECT refund.release_payment(4009, 'client', 1, '2.00 USD', 'many') FROM generate_series(1, 3);
SELECT pg_temp.refused($$SELECT refund.release_payment(4009, 'client', 1, '1.00 USD'::refund.amount OPERATOR(refund.*) n::bigint, 'both') FROM generate_series(1, 2) n$$);
SELECT c.state FROM refund.create_contract(4102, 'client', 'freelancer', 'USD', test_clock => 'idempotency', idempotency_key => 'twice') c
UNION ALL SELECT c.state FROM refund.create_contract(4102, 'client', 'freelancer', 'USD', test_clock => 'idempotency', idempotency_key => 'twice') c;
SELECT held, released FROM refund.contract_status WHERE contract_id = 4009;


-- ---- the verbs of a dispute ----

SELECT count(refund.create_contract(id, 'client', 'freelancer', 'USD', agency => 'agency', test_clock => 'idempotency')) FROM generate_series(4200, 4207) id;
SELECT count(refund.add_milestone(id, 'client', 1, 'work', '100.00 USD')) FROM generate_series(4200, 4207) id;
SELECT count(refund.fund(id, 'client', 1, '100.00 USD', 'card')) FROM generate_series(4200, 4207) id;
SELECT count(refund.end_contract(id, 'client')) FROM generate_series(4200, 4207) id;
SELECT pg_temp.call($$dispute_refund(4200, 'freelancer', '60.00 USD', 'reason', '[{"title": "a", "statement": "b"}]', 'k')$$);
SELECT pg_temp.again($$dispute_refund(4200, 'freelancer', '60.00 USD', 'reason', '[{"title": "a", "statement": "b"}]', 'k')$$);
-- evidence is an argument as its value is, however it is written
SELECT pg_temp.again($$dispute_refund(4200, 'freelancer', '60 USD', 'reason', ' [ {"statement":"c", "statement":"b", "title":"a"} ] ', 'k')$$);
SELECT pg_temp.refused($$SELECT refund.dispute_refund(4200, 'freelancer', '60.00 USD', 'reason', '[{"title": "a", "statement": "c"}]', 'k')$$);
SELECT pg_temp.refused($$SELECT refund.dispute_refund(4200, 'freelancer', '60.00 USD', 'reason', '[]', 'k')$$);
SELECT pg_temp.refused($$SELECT refund.dispute_refund(4200, 'freelancer', '60.00 USD', 'reason', idempotency_key => 'k')$$);
SELECT pg_temp.refused($$SELECT refund.dispute_refund(4200, 'freelancer', '60.00 USD', 'reason', '[{"title": "a", "statement": "b"}, {"title": "c", "statement": "d"}]', 'k')$$);
-- evidence that would not be taken is another argument all the same
SELECT pg_temp.refused($$SELECT refund.dispute_refund(4200, 'freelancer', '60.00 USD', 'reason', '[{"title": "a"}]', 'k')$$);
SELECT pg_temp.refused($$SELECT refund.dispute_refund(4200, 'freelancer', '60.01 USD', 'reason', '[{"title": "a", "statement": "b"}]', 'k')$$);
SELECT pg_temp.refused($$SELECT refund.dispute_refund(4200, 'freelancer', '60.00 USD', 'Reason', '[{"title": "a", "statement": "b"}]', 'k')$$);
SELECT pg_temp.refused($$SELECT refund.dispute_refund(4200, 'freelancer', '60.00 USD', ' ', '[{"title": "a", "statement": "b"}]', 'k')$$);
-- another verb of the same person, also where she could not call it
SELECT pg_temp.refused($$SELECT refund.withdraw_dispute(4200, 'freelancer', 'k')$$);
SELECT pg_temp.refused($$SELECT refund.accept_dispute(4200, 'freelancer', 'k')$$);
-- another person's key is a key of its own, on the same side, too
SELECT pg_temp.refused($$SELECT refund.dispute_refund(4200, 'agency', '60.00 USD', 'reason', '[{"title": "a", "statement": "b"}]', 'k')$$);
SELECT pg_temp.call($$offer_settlement(4200, 'client', '1.00 USD', 'k')$$);
SELECT pg_temp.call($$offer_settlement(4200, 'client', '2.00 USD', 'k2')$$);
-- the offer of that call does not stand any more: done is done
SELECT pg_temp.again($$offer_settlement(4200, 'client', '1.00 USD', 'k')$$);
SELECT pg_temp.refused($$SELECT refund.offer_settlement(4200, 'client', '2.00 USD', 'k')$$);
SELECT pg_temp.call($$withdraw_settlement_offer(4200, 'client', 'k3')$$);
SELECT pg_temp.again($$withdraw_settlement_offer(4200, 'client', 'k3')$$);
SELECT offer_no, to_freelancer, state FROM refund.settlement_offer_status WHERE contract_id = 4200 ORDER BY 1;
SELECT pg_temp.call($$decline_dispute(4200, 'client', 'statement', '[{"title": "c", "media_type": "text/plain", "content": "QQ=="}]', 'd')$$);
SELECT pg_temp.again($$decline_dispute(4200, 'client', 'statement', '[{"title": "c", "media_type": "text/plain", "content": "QQ=="}]', 'd')$$);
SELECT pg_temp.refused($$SELECT refund.decline_dispute(4200, 'client', 'statement', '[{"title": "c", "media_type": "text/plain", "content": "QQ==", "byte_size": 1}]', 'd')$$);
SELECT count(*) FROM refund.evidence_index WHERE contract_id = 4200;
SELECT pg_temp.call($$assign_case(4200, 'operator', 'mediator', 'k')$$);
SELECT pg_temp.again($$assign_case(4200, 'operator', 'mediator', 'k')$$);
SELECT pg_temp.refused($$SELECT refund.assign_case(4200, 'operator', 'another mediator', 'k')$$);
SELECT pg_temp.call($$propose_resolution(4200, 'mediator', '40.00 USD', 'rationale', 'k')$$);
SELECT pg_temp.again($$propose_resolution(4200, 'mediator', '40.00 USD', 'rationale', 'k')$$);
SELECT pg_temp.refused($$SELECT refund.propose_resolution(4200, 'mediator', '40.00 USD', 'another rationale', 'k')$$);
SELECT pg_temp.refused($$SELECT refund.propose_resolution(4200, 'mediator', '40.01 USD', 'rationale', 'k')$$);
SELECT pg_temp.refused($$SELECT refund.record_award(4200, 'mediator', '40.00 USD', 'rationale', 'k')$$);
SELECT pg_temp.call($$accept_resolution(4200, 'freelancer', 'a')$$);
SELECT pg_temp.again($$accept_resolution(4200, 'freelancer', 'a')$$);
SELECT pg_temp.refused($$SELECT refund.reject_resolution(4200, 'freelancer', idempotency_key => 'a')$$);
SELECT pg_temp.call($$reject_resolution(4200, 'client', NULL, 'r')$$);
SELECT pg_temp.again($$reject_resolution(4200, 'client', idempotency_key => 'r')$$);
-- nothing said is not something said
SELECT pg_temp.refused($$SELECT refund.reject_resolution(4200, 'client', 'too much', 'r')$$);
SELECT pg_temp.call($$join_arbitration(4200, 'freelancer', 'card', 'fee-1', 'j')$$);
SELECT pg_temp.again($$join_arbitration(4200, 'freelancer', 'card', 'fee-1', 'j')$$);
SELECT pg_temp.refused($$SELECT refund.join_arbitration(4200, 'freelancer', 'card', 'fee-2', 'j')$$);
SELECT pg_temp.refused($$SELECT refund.join_arbitration(4200, 'freelancer', 'card', NULL, 'j')$$);
-- provider_ref counts as a key: of this person, with this source
SELECT pg_temp.again($$join_arbitration(4200, 'freelancer', 'card', 'fee-1')$$);
SELECT pg_temp.again($$join_arbitration(4200, 'freelancer', 'card', 'fee-1', 'another key')$$);
SELECT pg_temp.refused($$SELECT refund.join_arbitration(4200, 'freelancer', 'bank', 'fee-1')$$);
SELECT pg_temp.refused($$SELECT refund.join_arbitration(4200, 'freelancer', NULL, 'fee-1')$$);
SELECT pg_temp.refused($$SELECT refund.join_arbitration(4200, 'client', 'card', 'fee-1')$$);
SELECT pg_temp.refused($$SELECT refund.join_arbitration(4200, 'agency', 'card', 'fee-1')$$);
SELECT pg_temp.refused($$SELECT refund.join_arbitration(4200, 'stranger', 'card', 'fee-1')$$);
SELECT pg_temp.refused($$SELECT refund.join_arbitration(4200, 'freelancer', 'card', 'fee-3')$$);
SELECT pg_temp.call($$join_arbitration(4200, 'client', 'card', 'fee-2')$$);
-- even in another state
SELECT pg_temp.again($$join_arbitration(4200, 'freelancer', 'card', 'fee-1')$$);
SELECT pg_temp.refused($$SELECT refund.join_arbitration(4200, 'freelancer', 'card', 'fee-2')$$);
SELECT pg_temp.call($$record_award(4200, 'arbitrator', '50.00 USD', 'award', 'k')$$);
SELECT pg_temp.again($$record_award(4200, 'arbitrator', '50.00 USD', 'award', 'k')$$);
SELECT pg_temp.refused($$SELECT refund.record_award(4200, 'arbitrator', '50.00 USD', 'Award', 'k')$$);
-- a replay passes the settlement, with the row as it is now
SELECT pg_temp.again($$dispute_refund(4200, 'freelancer', '60.00 USD', 'reason', '[{"title": "a", "statement": "b"}]', 'k')$$);
SELECT pg_temp.again($$reject_resolution(4200, 'client', NULL, 'r')$$);
SELECT pg_temp.again($$join_arbitration(4200, 'freelancer', 'card', 'fee-1', 'j')$$);
SELECT count(*), count(DISTINCT (actor, idempotency_key)) FROM refund.event WHERE contract_id = 4200 AND idempotency_key IS NOT NULL;
-- the verbs that end a request
SELECT count(refund.dispute_refund(id, 'freelancer', '60.00 USD', 'reason')) FROM generate_series(4201, 4206) id;
SELECT pg_temp.call($$accept_dispute(4201, 'client', 'k')$$);
SELECT pg_temp.again($$accept_dispute(4201, 'client', 'k')$$);
SELECT pg_temp.call($$withdraw_dispute(4202, 'agency', 'k')$$);
SELECT pg_temp.again($$withdraw_dispute(4202, 'agency', 'k')$$);
SELECT pg_temp.refused($$SELECT refund.withdraw_dispute(4202, 'freelancer', 'k')$$);
SELECT state FROM refund.offer_settlement(4203, 'client', '10.00 USD');
SELECT pg_temp.call($$accept_settlement(4203, 'freelancer', 1, 'k')$$);
SELECT pg_temp.again($$accept_settlement(4203, 'freelancer', 1, 'k')$$);
SELECT pg_temp.refused($$SELECT refund.accept_settlement(4203, 'freelancer', 2, 'k')$$);
-- crossing offers: the second one settles, and is a replay when it is told again
SELECT state FROM refund.offer_settlement(4204, 'client', '10.00 USD', 'k');
SELECT pg_temp.call($$offer_settlement(4204, 'freelancer', '10.00 USD', 'k')$$);
SELECT pg_temp.again($$offer_settlement(4204, 'freelancer', '10.00 USD', 'k')$$);
SELECT pg_temp.again($$offer_settlement(4204, 'client', '10.00 USD', 'k')$$);
-- an aborted transaction leaves no key, nor does a refused call
BEGIN;
SELECT state FROM refund.decline_dispute(4205, 'client', 'statement', idempotency_key => 'k');
ROLLBACK;
SELECT pg_temp.refused($$SELECT refund.decline_dispute(4205, 'client', '', idempotency_key => 'k')$$);
BEGIN;
SAVEPOINT s;
SELECT state FROM refund.decline_dispute(4205, 'client', 'statement', idempotency_key => 'k');
ROLLBACK TO s;
SELECT outcome FROM refund.accept_dispute(4205, 'client', 'k');
COMMIT;
-- after the deadline: a replay passes it, whether or not the job has run, and applies nothing
SELECT pg_temp.call($$dispute_refund(4207, 'freelancer', '60.00 USD', 'reason', idempotency_key => 'k')$$);
SELECT pg_temp.call($$decline_dispute(4206, 'client', 'statement', idempotency_key => 'k')$$);
SELECT now FROM refund.advance_test_clock('idempotency', '5 days', false);
SELECT pg_temp.again($$dispute_refund(4207, 'freelancer', '60.00 USD', 'reason', idempotency_key => 'k')$$);
SELECT pg_temp.refused($$SELECT refund.dispute_refund(4207, 'freelancer', '60.01 USD', 'reason', idempotency_key => 'k')$$);
SELECT pg_temp.refused($$SELECT refund.decline_dispute(4207, 'client', 'statement', idempotency_key => 'k')$$);
SELECT now FROM refund.advance_test_clock('idempotency', '25 days');
SELECT pg_temp.again($$dispute_refund(4207, 'freelancer', '60.00 USD', 'reason', idempotency_key => 'k')$$);
SELECT pg_temp.again($$decline_dispute(4206, 'client', 'statement', idempotency_key => 'k')$$);
-- twice in one statement
SELECT refund.offer_settlement(4206, 'client', '5.00 USD', 'many') IS NULL FROM generate_series(1, 3);
SELECT count(*) FROM refund.settlement_offer_status WHERE contract_id = 4206;
SELECT * FROM refund.verify_all();


-- ---- a key outlives the installation: digests depend on nothing but the arguments ----

\pset tuples_only off
-- the same on every machine
SELECT kind, idempotency_key, arguments_digest FROM refund.event
WHERE contract_id IN (4000, 4200) AND idempotency_key IS NOT NULL AND kind <> 'create_contract' ORDER BY contract_id, event_no;
\pset tuples_only on
CREATE TEMP TABLE digest AS SELECT arguments_digest FROM refund.event WHERE contract_id = 4000 AND event_no = 1;
SELECT * FROM refund.verify_all();
BEGIN;
SET LOCAL client_min_messages = warning;
SET LOCAL refund.allow_drop = on;
DROP EXTENSION refund CASCADE;
CREATE EXTENSION refund;
RESET client_min_messages;
SELECT name FROM refund.create_test_clock('idempotency', '2026-03-02 09:00+00');
SELECT state FROM refund.create_contract(4000, 'client', 'freelancer', 'USD', test_clock => 'idempotency', idempotency_key => 'k');
SELECT d.arguments_digest = e.arguments_digest AS same_digest FROM digest d, refund.event e WHERE e.contract_id = 4000;
ROLLBACK;
-- and the session still knows the installation that came back
SELECT released FROM refund.release_payment(4009, 'client', 1, '1.00 USD', 'twice');

SELECT * FROM refund.verify_all();
SELECT refund.drop_test_clock('idempotency');
SELECT count(*) FROM refund.contract WHERE contract_id BETWEEN 4000 AND 4999;
