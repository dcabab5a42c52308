-- Contracts and escrow: create_contract, add_milestone, fund, release_payment,
-- release_milestone, move_leftover and the views of what they write (process.md
-- §3 and §6, interface.md "Verbs").  Ids such as A13 are lines of the catalogue
-- of bad inputs and faults.  Contracts 1000 to 1999.
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

SELECT * FROM refund.create_test_clock('escrow', '2026-03-02 09:00+00');
\pset tuples_only on


-- ---- create_contract ----

SELECT pg_temp.call($$create_contract(1000, 'client', 'freelancer', 'USD', test_clock => 'escrow')$$);
SELECT pg_temp.call($$create_contract(1001, 'client', 'freelancer', 'USD', agency => 'agency', test_clock => 'escrow')$$);
SELECT pg_temp.call($$create_contract(1002, 'client', 'freelancer', 'USD', 'project_catalog', test_clock => 'escrow')$$);
SELECT pg_temp.call($$create_contract(1003, 'client', 'freelancer', 'USD', 'consultation', test_clock => 'escrow')$$);
SELECT pg_temp.call($$create_contract(1004, 'client', 'freelancer', 'USD', 'hourly', test_clock => 'escrow')$$);
-- the number is the marketplace's own: any bigint
SELECT pg_temp.call($$create_contract(9223372036854775807, 'client', 'freelancer', 'USD', test_clock => 'escrow')$$);
SELECT pg_temp.call($$create_contract(-9223372036854775808, 'client', 'freelancer', 'USD', test_clock => 'escrow')$$);
SELECT pg_temp.call($$create_contract(0, 'client', 'freelancer', 'USD', test_clock => 'escrow')$$);
-- texts are kept as they are, up to 255 characters whatever their bytes
SELECT pg_temp.call(format('create_contract(1005, %L, %L, %L, test_clock => %L)', ' a"b''c\d%s$1', '(x,y)', 'USD', 'escrow'));
SELECT length(client), octet_length(client), length(freelancer) FROM
	refund.create_contract(1006, repeat(chr(128512), 255), repeat('f', 255), 'USD', test_clock => 'escrow');

SELECT pg_temp.refused($$SELECT refund.create_contract(1000, 'client', 'freelancer', 'USD', test_clock => 'escrow')$$);
SELECT pg_temp.refused($$SELECT refund.create_contract(1100, 'client', 'client', 'USD')$$);
SELECT pg_temp.refused($$SELECT refund.create_contract(1100, 'client', 'freelancer', 'USD', agency => 'client')$$);
SELECT pg_temp.refused($$SELECT refund.create_contract(1100, 'client', 'freelancer', 'USD', policy => 'none')$$);
SELECT pg_temp.refused($$SELECT refund.create_contract(1100, 'client', 'freelancer', 'USD', test_clock => 'none')$$);
SELECT pg_temp.refused($$SELECT refund.create_contract(1100, '', 'freelancer', 'USD')$$);
SELECT pg_temp.refused($$SELECT refund.create_contract(1100, E' \t\n', 'freelancer', 'USD')$$);
SELECT pg_temp.refused($$SELECT refund.create_contract(1100, 'client', repeat('f', 256), 'USD')$$);
SELECT pg_temp.refused($$SELECT refund.create_contract(1100, 'client', 'freelancer', 'USD', agency => '')$$);
-- wrong labels and codes never reach the verb
SELECT pg_temp.refused($$SELECT refund.create_contract(1100, 'client', 'freelancer', 'usd')$$);
SELECT pg_temp.refused($$SELECT refund.create_contract(1100, 'client', 'freelancer', 'USD', 'weekly')$$);


-- ---- add_milestone ----

-- in any order of numbers
SELECT pg_temp.call($$add_milestone(1000, 'client', 2, 'second', '100.00 USD', '2026-04-01')$$);
SELECT pg_temp.call($$add_milestone(1000, 'client', 3, 'third', '100.00 USD')$$);
SELECT pg_temp.call($$add_milestone(1000, 'client', 1, 'first', '100.00 USD')$$);
SELECT pg_temp.call($$add_milestone(1000, 'client', 2147483647, 'the largest number', '0.01 USD', 'epoch')$$);
SELECT milestone_no, milestone_room FROM refund.contract WHERE contract_id = 1000;

SELECT pg_temp.refused($$SELECT refund.add_milestone(1000, 'client', 1, 'again', '1.00 USD')$$);
SELECT pg_temp.refused($$SELECT refund.add_milestone(1000, 'client', 0, 'zero', '1.00 USD')$$);
SELECT pg_temp.refused($$SELECT refund.add_milestone(1000, 'client', -1, 'below', '1.00 USD')$$);
SELECT pg_temp.refused($$SELECT refund.add_milestone(1000, 'client', 4, 'free', '0.00 USD')$$);
SELECT pg_temp.refused($$SELECT refund.add_milestone(1000, 'client', 4, 'negative', '-1.00 USD')$$);
SELECT pg_temp.refused($$SELECT refund.add_milestone(1000, 'client', 4, 'foreign', '1.00 EUR')$$);
SELECT pg_temp.refused($$SELECT refund.add_milestone(1000, 'client', 4, ' ', '1.00 USD')$$);
SELECT pg_temp.refused($$SELECT refund.add_milestone(1000, 'client', 4, 'some day', '1.00 USD', 'infinity')$$);
SELECT pg_temp.refused($$SELECT refund.add_milestone(1000, 'freelancer', 4, 'mine', '1.00 USD')$$);
SELECT pg_temp.refused($$SELECT refund.add_milestone(1000, 'stranger', 4, 'none of mine', '1.00 USD')$$);
SELECT pg_temp.refused($$SELECT refund.add_milestone(1999, 'client', 4, 'nowhere', '1.00 USD')$$);


-- ---- fund: two sources in one milestone, one each in the others ----

SELECT pg_temp.call($$fund(1000, 'client', 1, '60.00 USD', 'card A')$$);
SELECT pg_temp.call($$fund(1000, 'client', 1, '40.00 USD', 'bank', 'ref-1')$$);
SELECT pg_temp.call($$fund(1000, 'client', 2, '100.00 USD', 'card A')$$);
SELECT pg_temp.call($$fund(1000, 'client', 3, '30.00 USD', 'balance')$$);

-- A13; a milestone takes its price and not a cent more
SELECT pg_temp.refused($$SELECT refund.fund(1000, 'client', 1, '0.01 USD', 'card')$$);
SELECT pg_temp.refused($$SELECT refund.fund(1000, 'client', 3, '70.01 USD', 'card')$$);
SELECT pg_temp.refused($$SELECT refund.fund(1000, 'client', 3, '0 USD', 'card')$$);
SELECT pg_temp.refused($$SELECT refund.fund(1000, 'client', 3, '-1.00 USD', 'card')$$);
SELECT pg_temp.refused($$SELECT refund.fund(1000, 'client', 3, '1.00 EUR', 'card')$$);
SELECT pg_temp.refused($$SELECT refund.fund(1000, 'client', 3, '1.005 USD', 'card')$$);
SELECT pg_temp.refused($$SELECT refund.fund(1000, 'client', 4, '1.00 USD', 'card')$$);
SELECT pg_temp.refused($$SELECT refund.fund(1000, 'client', 0, '1.00 USD', 'card')$$);
SELECT pg_temp.refused($$SELECT refund.fund(1000, 'client', 3, '1.00 USD', '')$$);
SELECT pg_temp.refused($$SELECT refund.fund(1000, 'client', 3, '1.00 USD', 'card', ' ')$$);
SELECT pg_temp.refused($$SELECT refund.fund(1000, 'freelancer', 3, '1.00 USD', 'card')$$);
SELECT pg_temp.refused($$SELECT refund.fund(1000, 'stranger', 3, '1.00 USD', 'card')$$);
SELECT pg_temp.refused($$SELECT refund.fund(1999, 'client', 3, '1.00 USD', 'card')$$);
-- the agency stands on the freelancer's side
SELECT pg_temp.call($$add_milestone(1001, 'client', 1, 'work', '10.00 USD')$$);
SELECT pg_temp.refused($$SELECT refund.fund(1001, 'agency', 1, '1.00 USD', 'card')$$);
-- an hourly contract can be recorded and planned, not funded or ended
SELECT pg_temp.call($$add_milestone(1004, 'client', 1, 'hours', '10.00 USD')$$);
SELECT pg_temp.refused($$SELECT refund.fund(1004, 'client', 1, '1.00 USD', 'card')$$);
SELECT pg_temp.refused($$SELECT refund.end_contract(1004, 'client')$$);
SELECT pg_temp.refused($$SELECT refund.end_contract(1004, 'freelancer')$$);
SELECT pg_temp.refused($$SELECT refund.fund(1004, 'freelancer', 1, '1.00 USD', 'card')$$);
SELECT pg_temp.refused($$SELECT refund.release_milestone(1004, 'client', 1)$$);


-- ---- release_payment, release_milestone, move_leftover ----

-- money leaves in order of deposit number, whatever the milestone
SELECT pg_temp.call($$release_payment(1000, 'client', 2, '70.00 USD')$$);
SELECT pg_temp.call($$release_payment(1000, 'client', 1, '0.01 USD')$$);
SELECT pg_temp.call($$release_milestone(1000, 'client', 1)$$);
-- A13
SELECT pg_temp.refused($$SELECT refund.release_payment(1000, 'client', 2, '30.01 USD')$$);
SELECT pg_temp.refused($$SELECT refund.release_payment(1000, 'client', 1, '0.01 USD')$$);
SELECT pg_temp.refused($$SELECT refund.release_payment(1000, 'client', 2, '0.00 USD')$$);
SELECT pg_temp.refused($$SELECT refund.release_payment(1000, 'client', 2, '-0.01 USD')$$);
SELECT pg_temp.refused($$SELECT refund.release_payment(1000, 'client', 2, '1 JPY')$$);
SELECT pg_temp.refused($$SELECT refund.release_payment(1000, 'client', 4, '1.00 USD')$$);
SELECT pg_temp.refused($$SELECT refund.release_payment(1000, 'freelancer', 2, '1.00 USD')$$);
SELECT pg_temp.refused($$SELECT refund.release_payment(1000, 'stranger', 2, '1.00 USD')$$);
SELECT pg_temp.refused($$SELECT refund.release_milestone(1000, 'client', 1)$$);
SELECT pg_temp.refused($$SELECT refund.release_milestone(1000, 'freelancer', 2)$$);
-- never filled
SELECT pg_temp.refused($$SELECT refund.release_milestone(1000, 'client', 2147483647)$$);

-- a leftover moves within the other one's price; nothing leaves escrow
SELECT pg_temp.refused($$SELECT refund.move_leftover(1000, 'client', 2, 2147483647, '0.02 USD')$$);
SELECT pg_temp.refused($$SELECT refund.move_leftover(1000, 'client', 2, 3, '30.01 USD')$$);
SELECT pg_temp.refused($$SELECT refund.move_leftover(1000, 'client', 2, 3, '0 USD')$$);
SELECT pg_temp.refused($$SELECT refund.move_leftover(1000, 'client', 2, 3, '-1 USD')$$);
SELECT pg_temp.refused($$SELECT refund.move_leftover(1000, 'client', 2, 3, '1.00 EUR')$$);
SELECT pg_temp.refused($$SELECT refund.move_leftover(1000, 'client', 2, 2, '1.00 USD')$$);
SELECT pg_temp.refused($$SELECT refund.move_leftover(1000, 'client', 2, 4, '1.00 USD')$$);
SELECT pg_temp.refused($$SELECT refund.move_leftover(1000, 'client', 4, 2, '1.00 USD')$$);
SELECT pg_temp.refused($$SELECT refund.move_leftover(1000, 'freelancer', 2, 3, '1.00 USD')$$);
SELECT pg_temp.call($$move_leftover(1000, 'client', 2, 2147483647, '0.01 USD')$$);
SELECT pg_temp.call($$move_leftover(1000, 'client', 2, 3, '29.99 USD')$$);
-- only the difference needs a deposit
SELECT pg_temp.refused($$SELECT refund.fund(1000, 'client', 3, '40.02 USD', 'card B')$$);
SELECT pg_temp.call($$fund(1000, 'client', 3, '40.01 USD', 'card B')$$);
-- what moved away may be filled again
SELECT pg_temp.call($$fund(1000, 'client', 2, '30.00 USD', 'card B')$$);
SELECT pg_temp.call($$release_milestone(1000, 'client', 3)$$);

\pset tuples_only off
SELECT * FROM refund.contract_status WHERE contract_id = 1000;
SELECT * FROM refund.milestone_status WHERE contract_id = 1000 ORDER BY milestone_no;
SELECT * FROM refund.deposit_status WHERE contract_id = 1000 ORDER BY deposit_no;
-- every cent keeps its deposit and its milestone
SELECT event_no, ordinal, debit, credit, amount, deposit_no, milestone_no FROM refund.transfer
WHERE contract_id = 1000 ORDER BY event_no, ordinal;
SELECT * FROM refund.transaction_history WHERE contract_id = 1000 ORDER BY line_no;
SELECT * FROM refund.case_timeline WHERE contract_id = 1000 ORDER BY event_no;
SELECT deposit_held, array_lower(deposit_held, 1) FROM refund.contract WHERE contract_id = 1000;
\pset tuples_only on


-- ---- two deposits over three milestones, consumed in part; then the end ----

SELECT pg_temp.call($$create_contract(1010, 'client', 'freelancer', 'EUR', test_clock => 'escrow')$$);
SELECT count(refund.add_milestone(1010, 'client', n, 'part ' || n, '40.00 EUR')) FROM generate_series(1, 3) n;
SELECT pg_temp.call($$fund(1010, 'client', 1, '40.00 EUR', 'card')$$);
SELECT pg_temp.call($$fund(1010, 'client', 3, '40.00 EUR', 'bank')$$);
SELECT pg_temp.call($$move_leftover(1010, 'client', 1, 2, '25.00 EUR')$$);
SELECT pg_temp.call($$release_payment(1010, 'client', 3, '10.00 EUR')$$);
-- the final payment takes milestones in order of their number, deposits in order of theirs
SELECT pg_temp.call($$end_contract(1010, 'client', '50.00 EUR')$$);
\pset tuples_only off
SELECT event_no, ordinal, debit, credit, amount, deposit_no, milestone_no FROM refund.transfer
WHERE contract_id = 1010 AND debit = 'escrow' ORDER BY event_no, ordinal;
SELECT milestone_no, state, price, held, released, refunded FROM refund.milestone_status WHERE contract_id = 1010 ORDER BY 1;
SELECT deposit_no, deposited, held, released, refunded FROM refund.deposit_status WHERE contract_id = 1010 ORDER BY 1;
\pset tuples_only on

-- after the end only a deposit is taken, and it goes back in the same transaction
SELECT pg_temp.refused($$SELECT refund.add_milestone(1010, 'client', 4, 'more', '1.00 EUR')$$);
SELECT pg_temp.refused($$SELECT refund.release_payment(1010, 'client', 3, '1.00 EUR')$$);
SELECT pg_temp.refused($$SELECT refund.release_milestone(1010, 'client', 3)$$);
SELECT pg_temp.refused($$SELECT refund.move_leftover(1010, 'client', 3, 1, '1.00 EUR')$$);
SELECT pg_temp.refused($$SELECT refund.end_contract(1010, 'client')$$);
SELECT pg_temp.refused($$SELECT refund.end_contract(1010, 'freelancer')$$);
SELECT pg_temp.call($$fund(1010, 'client', 2, '7.00 EUR', 'late card', 'late-1')$$);
-- whatever the price
SELECT pg_temp.call($$fund(1010, 'client', 2, '5000.00 EUR', 'late card')$$);
SELECT pg_temp.refused($$SELECT refund.fund(1010, 'client', 2, '0 EUR', 'late card')$$);
SELECT pg_temp.refused($$SELECT refund.fund(1010, 'client', 2, '1 USD', 'late card')$$);
SELECT pg_temp.refused($$SELECT refund.fund(1010, 'freelancer', 2, '1 EUR', 'late card')$$);
-- the amount at stake is what it was, and so is what it is made of
SELECT at_stake, held, deposited, refunded FROM refund.contract_status WHERE contract_id = 1010;
SELECT pg_temp.call($$approve_refund(1010, 'freelancer')$$);
SELECT pg_temp.call($$fund(1010, 'client', 2, '1.00 EUR', 'very late card')$$);
\pset tuples_only off
SELECT * FROM refund.refund_payment_status WHERE contract_id = 1010 ORDER BY payment_no;
SELECT * FROM refund.transaction_history WHERE contract_id = 1010 ORDER BY line_no;
SELECT deposited, held, released, refunded, reversed, in_transit FROM refund.contract WHERE contract_id = 1010;
\pset tuples_only on


-- ---- currencies without decimals, with three, with four ----

SELECT pg_temp.call($$create_contract(1020, 'client', 'freelancer', 'JPY', test_clock => 'escrow')$$);
SELECT pg_temp.call($$add_milestone(1020, 'client', 1, 'work', '1000 JPY')$$);
SELECT pg_temp.call($$fund(1020, 'client', 1, '1000 JPY', 'card')$$);
SELECT pg_temp.refused($$SELECT refund.fund(1020, 'client', 1, '1 JPY', 'card')$$);
SELECT pg_temp.refused($$SELECT refund.release_payment(1020, 'client', 1, '0.5 JPY')$$);
SELECT pg_temp.call($$release_payment(1020, 'client', 1, '1 JPY')$$);
SELECT pg_temp.call($$end_contract(1020, 'client', '998 JPY')$$);

SELECT pg_temp.call($$create_contract(1021, 'client', 'freelancer', 'BHD', test_clock => 'escrow')$$);
SELECT pg_temp.call($$add_milestone(1021, 'client', 1, 'work', '1.000 BHD')$$);
SELECT pg_temp.call($$fund(1021, 'client', 1, '1 BHD', 'card')$$);
SELECT pg_temp.refused($$SELECT refund.fund(1021, 'client', 1, '0.001 BHD', 'card')$$);
SELECT pg_temp.refused($$SELECT refund.release_payment(1021, 'client', 1, '0.0005 BHD')$$);
SELECT pg_temp.call($$release_payment(1021, 'client', 1, '0.001 BHD')$$);
SELECT pg_temp.call($$end_contract(1021, 'client', '0.998 BHD')$$);

SELECT pg_temp.call($$create_contract(1022, 'client', 'freelancer', 'CLF', test_clock => 'escrow')$$);
SELECT pg_temp.call($$add_milestone(1022, 'client', 1, 'work', '1.0000 CLF')$$);
SELECT pg_temp.call($$fund(1022, 'client', 1, '1 CLF', 'card')$$);
SELECT pg_temp.refused($$SELECT refund.fund(1022, 'client', 1, '0.0001 CLF', 'card')$$);
SELECT pg_temp.refused($$SELECT refund.release_payment(1022, 'client', 1, '0.00005 CLF')$$);
SELECT pg_temp.call($$release_payment(1022, 'client', 1, '0.0001 CLF')$$);
SELECT pg_temp.call($$end_contract(1022, 'client', '0.9998 CLF')$$);
SELECT pg_temp.call($$approve_refund(1022, 'freelancer')$$);
\pset tuples_only off
SELECT contract_id, line_no, kind, amount, currency, balance FROM refund.transaction_history
WHERE contract_id BETWEEN 1020 AND 1022 ORDER BY 1, 2;
\pset tuples_only on


-- ---- M14: as much as there is, and one unit more ----

SELECT pg_temp.call($$create_contract(1030, 'client', 'freelancer', 'JPY', test_clock => 'escrow')$$);
SELECT pg_temp.call($$add_milestone(1030, 'client', 1, 'all', '9007199254740991 JPY')$$);
SELECT pg_temp.call($$add_milestone(1030, 'client', 2, 'too much', '9007199254740991 JPY')$$);
SELECT pg_temp.call($$fund(1030, 'client', 1, '9007199254740990 JPY', 'card')$$);
SELECT pg_temp.refused($$SELECT refund.fund(1030, 'client', 2, '2 JPY', 'card')$$);
SELECT pg_temp.call($$fund(1030, 'client', 2, '1 JPY', 'card')$$);
SELECT pg_temp.refused($$SELECT refund.fund(1030, 'client', 2, '1 JPY', 'card')$$);
SELECT pg_temp.refused($$SELECT refund.release_payment(1030, 'client', 2, '9007199254740991 JPY')$$);
SELECT pg_temp.call($$move_leftover(1030, 'client', 1, 2, '9007199254740990 JPY')$$);
SELECT pg_temp.call($$release_milestone(1030, 'client', 2)$$);
-- what was paid in stays counted, so there is no room for more
SELECT pg_temp.refused($$SELECT refund.fund(1030, 'client', 1, '1 JPY', 'card')$$);
SELECT pg_temp.call($$end_contract(1030, 'client')$$);
SELECT pg_temp.refused($$SELECT refund.fund(1030, 'client', 1, '1 JPY', 'card')$$);
-- late deposits are not bound by a price, and bound by what a contract can count
SELECT pg_temp.call($$create_contract(1031, 'client', 'freelancer', 'JPY', test_clock => 'escrow')$$);
SELECT pg_temp.call($$add_milestone(1031, 'client', 1, 'small', '1 JPY')$$);
SELECT pg_temp.call($$end_contract(1031, 'client')$$);
SELECT pg_temp.call($$fund(1031, 'client', 1, '9007199254740991 JPY', 'card')$$);
SELECT pg_temp.refused($$SELECT refund.fund(1031, 'client', 1, '1 JPY', 'card')$$);


-- ---- many deposits and milestones ----

SELECT pg_temp.call($$create_contract(1040, 'client', 'freelancer', 'USD', test_clock => 'escrow')$$);
SELECT count(refund.add_milestone(1040, 'client', n, 'part', '1.00 USD')) FROM generate_series(1000, 1, -1) n;
SELECT pg_temp.refused($$SELECT refund.add_milestone(1040, 'client', 1001, 'one more', '1.00 USD')$$);
SELECT count(refund.fund(1040, 'client', n, '0.50 USD', 'card')) FROM generate_series(1, 1000) n;
SELECT pg_temp.call($$release_payment(1040, 'client', 500, '0.25 USD')$$);
SELECT pg_temp.call($$end_contract(1040, 'client', '100.00 USD')$$);
SELECT pg_temp.call($$approve_refund(1040, 'freelancer')$$);
SELECT count(*), count(DISTINCT deposit_no), sum(amount), min(deposit_no) FROM refund.refund_payment_status WHERE contract_id = 1040;
SELECT count(*), sum(held), sum(released), sum(refunded) FROM refund.milestone_status WHERE contract_id = 1040;


-- ---- indexes that others make and drop, while a session writes ----

CREATE INDEX escrow_in_part ON refund.event (milestone_no) WHERE kind = 'fund';
CREATE INDEX escrow_by_text ON refund.event (contract_id, upper(actor));
SELECT pg_temp.call($$create_contract(1045, 'client', 'freelancer', 'USD', test_clock => 'escrow')$$);
SELECT pg_temp.call($$add_milestone(1045, 'client', 1045, 'part', '1.00 USD')$$);
SELECT pg_temp.call($$fund(1045, 'client', 1045, '1.00 USD', 'card')$$);
SET enable_seqscan = off;
EXPLAIN (COSTS OFF) SELECT event_no FROM refund.event WHERE milestone_no = 1045 AND kind = 'fund';
SELECT event_no FROM refund.event WHERE milestone_no = 1045 AND kind = 'fund';
SELECT count(*) FROM refund.event WHERE contract_id = 1045 AND upper(actor) = 'CLIENT';
RESET enable_seqscan;
DROP INDEX refund.escrow_in_part, refund.escrow_by_text;
SELECT pg_temp.call($$end_contract(1045, 'client')$$);


-- ---- live contracts: totals by currency, without those of test clocks ----

BEGIN;
SELECT pg_temp.call($$create_contract(1050, 'client', 'freelancer', 'OMR')$$);
SELECT pg_temp.call($$create_contract(1051, 'client', 'freelancer', 'OMR')$$);
SELECT pg_temp.call($$create_contract(1052, 'client', 'freelancer', 'OMR', test_clock => 'escrow')$$);
SELECT count(refund.add_milestone(c, 'client', 1, 'work', '9007199254740.991 OMR')) FROM generate_series(1050, 1052) c;
-- two contracts can hold more than one amount can say
SELECT count(refund.fund(c, 'client', 1, '9007199254740.991 OMR', 'card')) FROM generate_series(1050, 1052) c;
SELECT pg_temp.call($$release_payment(1050, 'client', 1, '0.991 OMR')$$);
SELECT state, request_state, refunded FROM refund.end_contract(1051, 'freelancer');
\pset tuples_only off
SELECT * FROM refund.escrow_balance WHERE currency = 'OMR';
\pset tuples_only on
SET CONSTRAINTS ALL IMMEDIATE;
SELECT * FROM refund.verify_all();
ROLLBACK;

SELECT * FROM refund.verify_all();
SELECT refund.drop_test_clock('escrow');
SELECT count(*) FROM refund.contract WHERE contract_id BETWEEN 1000 AND 1999;
