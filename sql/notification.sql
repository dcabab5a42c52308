-- Notifications: what goes into the outbox, whom each row is for, what mailers claim and
-- report, and the inbox, which needs no mailer (process.md §4 and §7).  Ids such as A16
-- are lines of the catalogue of bad inputs and faults.  Contracts 22000 to 22999.
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

CREATE FUNCTION pg_temp.contract(id bigint, clock text, agency text DEFAULT NULL) RETURNS refund.request_state LANGUAGE plpgsql AS $$
BEGIN
	PERFORM refund.create_contract(id, 'client', 'freelancer', 'USD', agency => agency, test_clock => clock);
	PERFORM refund.add_milestone(id, 'client', 1, 'work', '100.00 USD');
	PERFORM refund.fund(id, 'client', 1, '60.00 USD', 'card');
	PERFORM refund.fund(id, 'client', 1, '40.00 USD', 'bank');
	RETURN (SELECT request_state FROM refund.end_contract(id, 'client'));
END $$;

-- Claim all of a test's notifications: one line an event, with whom it is told to.
CREATE FUNCTION pg_temp.told() RETURNS TABLE (contract_id bigint, event_no integer, template text, told text) LANGUAGE sql AS $$
	SELECT c.contract_id, (c.facts->>'event_no')::integer, c.template,
		string_agg(coalesce(c.person, '~') || ' as ' || c.party, ', ' ORDER BY c.notification_no)
	FROM refund.claim_notifications(1000, test => true) c GROUP BY 1, 2, 3 ORDER BY 1, 2
$$;

-- Monday
SELECT name FROM refund.create_test_clock('notification', '2026-03-02 09:00+00');


-- ---- which events are told, and to which parties ----

SELECT k AS event, refund.audience(k, 'requested', 'requested', NULL) AS told FROM unnest(enum_range(NULL::refund.event_kind)) k;
-- by the states that it is about: the decider at work, and operators where one has to be found
SELECT t.from_state, t.event, t.to_state, refund.audience(t.event, t.from_state, t.to_state, NULL) AS told FROM refund.transitions() t WHERE t.rule <= 22 ORDER BY t.rule, t.from_state, t.event;
SELECT s AS state, refund.audience('offer_settlement', s, s, NULL) AS offer, refund.audience('assign_case', s, s, 'x') AS assign_case, refund.audience('reminder_due', s, s, NULL) AS reminder,
	refund.audience('reminder_due', s, s, 'client') AS reminder_of_one, refund.audience('target_missed', s, s, NULL) AS target_missed, refund.audience('payment_failed', s, s, 'ref') AS payment_failed
FROM unnest(enum_range(NULL::refund.request_state)) s WHERE s <> 'settled';
SELECT refund.audience(NULL, NULL, NULL, NULL), refund.audience('end_contract', NULL, NULL, NULL), refund.audience('fund', NULL, NULL, NULL);
\pset tuples_only on


-- ---- the outbox: one row an event, written with it ----

SELECT pg_temp.contract(22000, 'notification', 'agency');
SELECT event_no, e.kind, n.notification_no, n.state, n.party, n.person, n.attempts, n.is_test FROM refund.event e LEFT JOIN refund.notification n USING (contract_id, event_no) WHERE contract_id = 22000 ORDER BY 1;
-- one that is rolled back was never there
BEGIN;
SELECT outcome FROM refund.approve_refund(22000, 'freelancer');
ROLLBACK;
SELECT count(*) FROM refund.notification WHERE contract_id = 22000;
-- and waits for its people: nobody can confirm it yet
SELECT pg_temp.refused($$SELECT refund.confirm_notification(22000, 50, 'mail')$$);
SELECT pg_temp.refused($$SELECT refund.fail_notification(22000, 50, 'no such mailbox')$$);
SELECT pg_temp.refused($$SELECT refund.confirm_notification(22000, 51, 'mail')$$);
SELECT person, party, state, attempts FROM refund.notification_status WHERE contract_id = 22000;
-- the claim finds them: the freelancer's side is two
SELECT * FROM pg_temp.told();
SELECT notification_no, person, party, state, attempts FROM refund.notification_status WHERE contract_id = 22000 ORDER BY 1;
SELECT * FROM pg_temp.told();


-- ---- a long case: each person is told what concerns her ----

SELECT mediator FROM refund.assign_case(22000, 'operator', 'mediator');
SELECT state FROM refund.dispute_refund(22000, 'agency', '80.00 USD', 'reason');
SELECT state FROM refund.offer_settlement(22000, 'client', '10.00 USD');
SELECT state FROM refund.decline_dispute(22000, 'client', 'statement', '[{"title": "a", "statement": "a"}]');
-- a review begins: operators have to see that somebody mediates
SELECT * FROM pg_temp.told();
-- money, evidence and late deposits are no news of the case
SELECT erased FROM refund.erase_evidence(22000, 'operator', 1, 'by law');
SELECT refunded FROM refund.fund(22000, 'client', 1, '1.00 USD', 'late');
SELECT state FROM refund.report_refund_payment(22000, 'worker', 1, 'submitted', 'p');
SELECT state FROM refund.report_refund_payment(22000, 'worker', 1, 'succeeded', 'p');
SELECT * FROM pg_temp.told();
SELECT state FROM refund.offer_settlement(22000, 'freelancer', '70.00 USD');
SELECT state FROM refund.withdraw_settlement_offer(22000, 'agency');
SELECT state FROM refund.propose_resolution(22000, 'mediator', '40.00 USD', 'rationale');
SELECT freelancer_accepted FROM refund.accept_resolution(22000, 'freelancer');
SELECT state FROM refund.reject_resolution(22000, 'client', 'too much');
SELECT * FROM pg_temp.told();
SELECT state FROM refund.join_arbitration(22000, 'client', 'card');
SELECT arbitrator FROM refund.assign_case(22000, 'operator', 'arbitrator');
SELECT state FROM refund.join_arbitration(22000, 'freelancer', 'bank');
SELECT state FROM refund.offer_settlement(22000, 'client', '1.00 USD');
SELECT outcome FROM refund.record_award(22000, 'arbitrator', '50.00 USD', 'rationale');
SELECT * FROM pg_temp.told();
-- trouble with the money is the operators'
SELECT state FROM refund.report_refund_payment(22000, 'worker', 2, 'failed', 'q');
SELECT state FROM refund.report_refund_payment(22000, 'worker', 2, 'unclaimed', NULL);
SELECT state FROM refund.retry_refund_payment(22000, 'operator', 2, 'another card');
SELECT state FROM refund.report_refund_payment(22000, 'worker', 2, 'succeeded', 'r');
SELECT double_paid FROM refund.report_refund_payment(22000, 'worker', 2, 'succeeded', 'q');
SELECT double_paid FROM refund.report_refund_payment(22000, 'worker', 2, 'bounced', 'q');
SELECT state FROM refund.report_refund_payment(22000, 'worker', 2, 'bounced', 'r');
SELECT * FROM pg_temp.told();
-- a contract that ends without a request
SELECT state FROM refund.create_contract(22001, 'client', 'freelancer', 'USD', test_clock => 'notification');
SELECT state FROM refund.end_contract(22001, 'freelancer');
SELECT * FROM pg_temp.told();

-- the inbox is a view over the events, and says the same as the outbox did
SELECT person, template, count(*) FROM refund.notification_inbox WHERE contract_id IN (22000, 22001) GROUP BY 1, 2 ORDER BY 1, 2;
SELECT count(*) FROM (SELECT i.person, i.at, i.template, i.facts, i.party, i.is_test FROM refund.notification_inbox i WHERE i.contract_id IN (22000, 22001)
	EXCEPT ALL SELECT n.person, n.at, n.template, n.facts, n.party, n.is_test FROM refund.notification_status n WHERE n.contract_id IN (22000, 22001)) v;
SELECT n.party, count(*) FROM refund.notification_status n WHERE n.contract_id IN (22000, 22001) AND NOT EXISTS (SELECT FROM refund.notification_inbox i
	WHERE i.contract_id = n.contract_id AND i.person = n.person AND i.party = n.party AND i.facts = n.facts) GROUP BY 1;
-- what a template needs
SELECT jsonb_pretty(facts) FROM refund.notification_inbox WHERE contract_id = 22000 AND person = 'agency' AND template = 'decline_dispute';
SELECT facts FROM refund.notification_status WHERE contract_id = 22000 AND template = 'payment_failed';
SELECT facts - '{client,freelancer,agency,at_stake,contract_id,at,effective_at}'::text[] FROM refund.notification_inbox WHERE contract_id = 22000 AND person = 'client' ORDER BY (facts->>'event_no')::integer;
-- free text is nobody's fact
SELECT count(*) FROM refund.notification_status WHERE facts::text ~ 'reason|statement"|rationale|too much';


-- ---- reminders: to whose turn it is, once; nobody else is told ----

SELECT pg_temp.contract(id, 'notification', 'agency') FROM generate_series(22010, 22018) id;
-- 22010 requested, 22011 disputed, 22012 and 22013 in review, 22014 and 22015 proposed, 22016 unresolved, 22017 and 22018 in arbitration
SELECT state FROM generate_series(22011, 22018) id, refund.dispute_refund(id, 'freelancer', '80.00 USD', 'reason');
SELECT state FROM generate_series(22012, 22018) id, refund.decline_dispute(id, 'client', 'statement');
SELECT mediator FROM generate_series(22013, 22018) id, refund.assign_case(id, 'operator', 'mediator ' || id);
SELECT state FROM generate_series(22014, 22018) id, refund.propose_resolution(id, 'mediator ' || id, '40.00 USD', 'rationale');
SELECT client_accepted FROM refund.accept_resolution(22015, 'client');
SELECT state FROM generate_series(22016, 22018) id, refund.reject_resolution(id, 'client');
SELECT state FROM generate_series(22016, 22018) id, refund.join_arbitration(id, 'agency', 'bank');
SELECT state FROM generate_series(22017, 22018) id, refund.join_arbitration(id, 'client', 'card');
SELECT arbitrator FROM refund.assign_case(22018, 'operator', 'arbitrator');
SELECT count(*) > 0 FROM pg_temp.told();
-- a day before each window ends: proposed after 1 day, disputed after 4, requested and unresolved after 6
SELECT now FROM refund.advance_test_clock('notification', '23:59:59.999999');
SELECT * FROM pg_temp.told();
SELECT now FROM refund.advance_test_clock('notification', '0.000001 seconds');
SELECT * FROM pg_temp.told();
SELECT event_no, party, event, actor, from_state, to_state, amount, reference, at, effective_at, due_at FROM refund.case_timeline WHERE contract_id = 22015 AND event = 'reminder_due';
SELECT facts FROM refund.notification_inbox WHERE contract_id = 22015 AND template = 'reminder_due' AND person = 'agency';
-- the proposals fail, and the target of two business days is missed: deciders and operators
SELECT now FROM refund.advance_test_clock('notification', '1 day');
SELECT * FROM pg_temp.told();
SELECT what, contract_id, due, since FROM refund.overdue WHERE contract_id BETWEEN 22010 AND 22018 ORDER BY 2;
SELECT now FROM refund.advance_test_clock('notification', '2 days');
SELECT * FROM pg_temp.told();
-- silence is told as well
SELECT now FROM refund.advance_test_clock('notification', '1 day');
SELECT * FROM pg_temp.told();
SELECT now FROM refund.advance_test_clock('notification', '1 day');
SELECT * FROM pg_temp.told();
SELECT now FROM refund.advance_test_clock('notification', '3 days');
SELECT * FROM pg_temp.told();
-- the reminders of those who decide come after the target: 29 days, and 30 and 89 in arbitration
SELECT now FROM refund.advance_test_clock('notification', '81 days');
SELECT * FROM pg_temp.told();
SELECT contract_id, event, at FROM refund.case_timeline WHERE contract_id BETWEEN 22010 AND 22018 AND event IN ('reminder_due', 'target_missed') ORDER BY at, contract_id;
SELECT outcome, count(*) FROM refund.refund_request_status WHERE contract_id BETWEEN 22010 AND 22018 GROUP BY 1 ORDER BY 1;
-- a verb records no reminder, and one whose window is over is not recorded any more
SELECT name FROM refund.create_test_clock('notification down', '2026-03-02 09:00+00');
SELECT pg_temp.contract(22020, 'notification down');
SELECT pg_temp.contract(22021, 'notification down');
SELECT now FROM refund.advance_test_clock('notification down', '6 days 12:00', false);
SELECT state FROM refund.dispute_refund(22020, 'freelancer', '80.00 USD', 'reason');
SELECT now FROM refund.advance_test_clock('notification down', '1 day', false);
SELECT now FROM refund.advance_test_clock('notification down', '0 days');
SELECT contract_id, event, at, effective_at FROM refund.case_timeline WHERE contract_id IN (22020, 22021) AND event_no > 5 ORDER BY 1, event_no;
SELECT * FROM pg_temp.told();
SELECT now FROM refund.advance_test_clock('notification down', '4 days');
SELECT contract_id, event, at, effective_at FROM refund.case_timeline WHERE contract_id = 22020 AND event_no > 6 ORDER BY 1, event_no;
SELECT * FROM pg_temp.told();
SELECT * FROM refund.verify_all();


-- ---- confirm_notification() ----

SELECT pg_temp.contract(22030, 'notification', 'agency');
SELECT notification_no, person, attempts, state FROM refund.claim_notifications(test => true) ORDER BY 1;
SELECT notification_no, person, state, attempts, delivered_at > clock_timestamp() - interval '1 hour' AS delivered, provider_ref, failure FROM refund.confirm_notification(22030, 51, 'mail-1');
-- told twice; by another mailer
SELECT notification_no, state, provider_ref FROM refund.confirm_notification(22030, 51, 'mail-1');
SELECT pg_temp.refused($$SELECT refund.confirm_notification(22030, 51, 'mail-2')$$);
\set VERBOSITY sqlstate
SELECT notification_no, state, provider_ref FROM refund.confirm_notification(22030, 51, 'mail-1');
\set VERBOSITY default
-- an equal reference of another person's is another
SELECT notification_no, state, provider_ref FROM refund.confirm_notification(22030, 52, 'mail-1');
-- what was delivered does not fail any more
SELECT notification_no, state, failure FROM refund.fail_notification(22030, 52, 'bounced');
SELECT pg_temp.refused($$SELECT refund.confirm_notification(22030, 50, 'mail')$$);
SELECT pg_temp.refused($$SELECT refund.confirm_notification(22030, 54, 'mail')$$);
SELECT pg_temp.refused($$SELECT refund.confirm_notification(22999, 51, 'mail')$$);
SELECT pg_temp.refused($$SELECT refund.confirm_notification(22030, 0, 'mail')$$);
SELECT pg_temp.refused($$SELECT refund.confirm_notification(22030, -51, 'mail')$$);
SELECT pg_temp.refused($$SELECT refund.confirm_notification(NULL, 53, 'mail')$$);
SELECT pg_temp.refused($$SELECT refund.confirm_notification(22030, NULL, 'mail')$$);
SELECT pg_temp.refused($$SELECT refund.confirm_notification(22030, 53, NULL)$$);
SELECT pg_temp.refused($$SELECT refund.confirm_notification(22030, 53, ' ')$$);
SELECT pg_temp.refused($$SELECT refund.confirm_notification(22030, 53, repeat('m', 256))$$);
SELECT notification_no, state FROM refund.notification_status WHERE contract_id = 22030 ORDER BY 1;


-- ---- fail_notification(): a pause that doubles, and an end ----

SELECT pg_temp.refused($$SELECT refund.fail_notification(22030, 50, 'why')$$);
SELECT pg_temp.refused($$SELECT refund.fail_notification(22030, 54, 'why')$$);
SELECT pg_temp.refused($$SELECT refund.fail_notification(22999, 51, 'why')$$);
SELECT pg_temp.refused($$SELECT refund.fail_notification(NULL, 53, 'why')$$);
SELECT pg_temp.refused($$SELECT refund.fail_notification(22030, NULL, 'why')$$);
SELECT pg_temp.refused($$SELECT refund.fail_notification(22030, 53, NULL)$$);
SELECT pg_temp.refused($$SELECT refund.fail_notification(22030, 53, E' \n')$$);
SELECT pg_temp.refused($$SELECT refund.fail_notification(22030, 0, 'why')$$);
-- the pauses in minutes; in between the owner lets the time pass
CREATE FUNCTION pg_temp.fail_again() RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	answer text;
BEGIN
	SELECT concat_ws(' ', f.attempts, f.state, f.failure, round(extract(epoch FROM f.claimable_at - clock_timestamp()) / 60)) INTO answer
	FROM refund.fail_notification(22030, 53, 'no such mailbox') f;
	IF EXISTS (SELECT FROM refund.claim_notifications(test => true)) THEN
		answer := answer || ' AND IT IS CLAIMED AT ONCE';
	END IF;
	UPDATE refund.notification SET claimable_at = now() WHERE contract_id = 22030 AND notification_no = 53;
	RETURN answer || ', then claimed: ' || coalesce((SELECT concat_ws(' ', c.notification_no, c.attempts, c.failure) FROM refund.claim_notifications(test => true) c), 'none');
END $$;
SELECT n, pg_temp.fail_again() FROM generate_series(1, 10) n;
-- after ten tries it is dead: neither claimed nor failed again
SELECT state, attempts FROM refund.fail_notification(22030, 53, 'still no such mailbox');
SELECT state, attempts, failure FROM refund.notification_status WHERE contract_id = 22030 AND notification_no = 53;
-- so is one that no mailer has said a word of
SELECT pg_temp.contract(22031, 'notification');
CREATE FUNCTION pg_temp.claim_silently() RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	UPDATE refund.notification SET claimable_at = now() WHERE contract_id = 22031 AND state = 'pending';
	RETURN (SELECT string_agg(c.person || ' ' || c.attempts, ', ' ORDER BY c.person) FROM refund.claim_notifications(test => true) c);
END $$;
SELECT n, pg_temp.claim_silently() FROM generate_series(1, 11) n;
SELECT person, state, attempts, failure FROM refund.notification_status WHERE contract_id = 22031 ORDER BY 1;
-- a confirmation that comes late is true all the same
SELECT state, provider_ref, failure FROM refund.confirm_notification(22030, 53, 'mail-3');
-- the history is not about deliveries
SELECT * FROM refund.verify(22030);


-- ---- claim_notifications(): lease, max, test ----

BEGIN;
SELECT pg_temp.contract(22100, NULL, 'agency');
SELECT pg_temp.contract(22101, NULL);
-- a test's mailer does not see them
SELECT count(*) FROM refund.claim_notifications(test => true);
CREATE TEMP TABLE before ON COMMIT DROP AS SELECT pg_temp.digest() AS digest;
SELECT count(*) FROM refund.claim_notifications(max => 0);
SELECT pg_temp.digest() = digest FROM before;
-- all columns of the view, and no more than max, though an event has three persons
CREATE TEMP TABLE claimed ON COMMIT DROP AS SELECT * FROM refund.claim_notifications(1);
SELECT contract_id, attempts, is_test FROM claimed;
INSERT INTO claimed SELECT * FROM refund.claim_notifications(2);
SELECT contract_id, person, party, attempts FROM claimed ORDER BY notification_no;
INSERT INTO claimed SELECT * FROM refund.claim_notifications(5);
SELECT contract_id, notification_no, person, attempts, c::text = s::text AS same FROM claimed c JOIN refund.notification_status s USING (contract_id, notification_no, person, attempts) ORDER BY 1, 2;
SELECT count(*) FROM refund.claim_notifications();
SELECT count(*) FROM refund.notification WHERE contract_id IN (22100, 22101) AND claimable_at > clock_timestamp() + interval '4 minutes';
-- what no word comes of is handed out again when its lease is over, and only then
SELECT pg_temp.contract(22102, NULL);
SELECT contract_id, person, attempts FROM refund.claim_notifications(lease => '1 millisecond');
SELECT state FROM refund.confirm_notification(22102, 51, 'mail-1');
SELECT '' AS "_" FROM pg_sleep(0.01) \gset
SELECT contract_id, person, attempts FROM refund.claim_notifications(lease => '1 hour');
SELECT '' AS "_" FROM pg_sleep(0.01) \gset
SELECT contract_id, person, attempts FROM refund.claim_notifications();
-- who joins the case before the claim is told, too
SELECT state FROM refund.dispute_refund(22102, 'freelancer', '80.00 USD', 'reason');
SELECT state FROM refund.decline_dispute(22102, 'client', 'statement');
SELECT mediator FROM refund.assign_case(22102, 'operator', 'mediator');
SELECT template, person, party FROM refund.claim_notifications();
SELECT * FROM refund.verify_all();
ROLLBACK;
SELECT pg_temp.refused($$SELECT refund.claim_notifications(NULL)$$);
SELECT pg_temp.refused($$SELECT refund.claim_notifications(lease => NULL)$$);
SELECT pg_temp.refused($$SELECT refund.claim_notifications(test => NULL)$$);
SELECT pg_temp.refused($$SELECT refund.claim_notifications(-1)$$);
SELECT pg_temp.refused($$SELECT refund.claim_notifications(lease => '0 seconds')$$);
SELECT pg_temp.refused($$SELECT refund.claim_notifications(lease => '-1 day')$$);
-- A17
BEGIN READ ONLY;
SELECT refund.claim_notifications();
ROLLBACK;
BEGIN READ ONLY;
SELECT refund.confirm_notification(22030, 53, 'mail-3');
ROLLBACK;
BEGIN READ ONLY;
SELECT refund.fail_notification(22030, 53, 'why');
ROLLBACK;


-- ---- refund.notify_channel: a superuser's setting (its notifications: test/t) ----

SHOW refund.notify_channel;
SET refund.notify_channel = 'x23456789012345678901234567890123456789012345678901234567890123';
SELECT length(current_setting('refund.notify_channel'));
SET refund.notify_channel = 'x234567890123456789012345678901234567890123456789012345678901234';
SELECT length(current_setting('refund.notify_channel'));
-- bytes, not characters
SELECT set_config('refund.notify_channel', repeat('ä', 31), false) = repeat('ä', 31);
SELECT set_config('refund.notify_channel', repeat('ä', 32), false);
RESET refund.notify_channel;
-- A04: an ordinary role can not set it, nor anything else of that name
CREATE ROLE regress_refund_mailer;
SET ROLE regress_refund_mailer;
SET refund.notify_channel = 'mine';
SELECT set_config('refund.notify_channel', 'mine', true);
ALTER ROLE regress_refund_mailer SET refund.notify_channel = 'mine';
SET refund.actor = 'client';
SHOW refund.notify_channel;
RESET ROLE;
DROP ROLE regress_refund_mailer;

SELECT * FROM refund.verify_all();
SELECT refund.drop_test_clock('notification');
SELECT refund.drop_test_clock('notification down');
SELECT count(*) FROM refund.notification WHERE contract_id BETWEEN 22000 AND 22999;
SELECT count(*) FROM refund.contract WHERE contract_id BETWEEN 22000 AND 22999;
