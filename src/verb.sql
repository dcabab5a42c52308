/*
 * The verbs.  Not strict: a missing argument is refused by its name.
 */

CREATE FUNCTION refund.create_contract(
	contract_id bigint, client text, freelancer text, currency refund.currency,
	kind refund.contract_kind DEFAULT 'fixed_price', agency text DEFAULT NULL,
	policy text DEFAULT 'standard', test_clock text DEFAULT NULL, idempotency_key text DEFAULT NULL)
RETURNS refund.contract_status LANGUAGE c VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS 'MODULE_PATHNAME', 'refund_create_contract';
COMMENT ON FUNCTION refund.create_contract(bigint, text, text, refund.currency, refund.contract_kind,
	text, text, text, text) IS
	'Records a contract under the marketplace''s own number and pins it to the latest version of a policy; RF011 when client and freelancer are one, RF014 for an unknown policy or clock, 23505 when the number is taken';

CREATE FUNCTION refund.add_milestone(
	contract_id bigint, actor text, milestone_no integer, title text, price refund.amount,
	due date DEFAULT NULL, idempotency_key text DEFAULT NULL)
RETURNS refund.milestone_status LANGUAGE c VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS 'MODULE_PATHNAME', 'refund_add_milestone';
COMMENT ON FUNCTION refund.add_milestone(bigint, text, integer, text, refund.amount, date, text) IS
	'The client adds a numbered part with its price; RF009 after the end, RF003 for another currency, RF004 unless the price is positive, 23505 for a number in use, RF018 above 1000 milestones';

CREATE FUNCTION refund.fund(
	contract_id bigint, actor text, milestone_no integer, amount refund.amount, source text,
	provider_ref text DEFAULT NULL, idempotency_key text DEFAULT NULL)
RETURNS refund.deposit_status LANGUAGE c VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS 'MODULE_PATHNAME', 'refund_fund';
COMMENT ON FUNCTION refund.fund(bigint, text, integer, refund.amount, text, text, text) IS
	'The client puts money from one payment source into escrow; RF004 above the milestone''s price, RF006 for an hourly contract; after the end the deposit goes back to its source at once; an equal provider_ref counts as a key';

CREATE FUNCTION refund.release_payment(
	contract_id bigint, actor text, milestone_no integer, amount refund.amount,
	idempotency_key text DEFAULT NULL)
RETURNS refund.milestone_status LANGUAGE c VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS 'MODULE_PATHNAME', 'refund_release_payment';
COMMENT ON FUNCTION refund.release_payment(bigint, text, integer, refund.amount, text) IS
	'The client releases a part of what a milestone holds to the freelancer; RF004 for more than is held';

CREATE FUNCTION refund.release_milestone(
	contract_id bigint, actor text, milestone_no integer, idempotency_key text DEFAULT NULL)
RETURNS refund.milestone_status LANGUAGE c VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS 'MODULE_PATHNAME', 'refund_release_milestone';
COMMENT ON FUNCTION refund.release_milestone(bigint, text, integer, text) IS
	'The client releases all that a milestone holds; RF004 when it holds nothing';

CREATE FUNCTION refund.move_leftover(
	contract_id bigint, actor text, from_milestone integer, to_milestone integer,
	amount refund.amount, idempotency_key text DEFAULT NULL)
RETURNS refund.milestone_status LANGUAGE c VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS 'MODULE_PATHNAME', 'refund_move_leftover';
COMMENT ON FUNCTION refund.move_leftover(bigint, text, integer, integer, refund.amount, text) IS
	'The client makes held money of one milestone another''s, within that one''s price; returns the milestone that it left';

CREATE FUNCTION refund.end_contract(
	contract_id bigint, actor text, final_payment refund.amount DEFAULT NULL,
	idempotency_key text DEFAULT NULL)
RETURNS refund.contract_status LANGUAGE c VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS 'MODULE_PATHNAME', 'refund_end_contract';
COMMENT ON FUNCTION refund.end_contract(bigint, text, refund.amount, text) IS
	'Ends the contract: by the client with a final payment (null = nothing), which opens a refund request for the rest; by the freelancer, which returns all that is held';

CREATE FUNCTION refund.approve_refund(
	contract_id bigint, actor text, idempotency_key text DEFAULT NULL)
RETURNS refund.refund_request_status LANGUAGE c VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS 'MODULE_PATHNAME', 'refund_approve_refund';
COMMENT ON FUNCTION refund.approve_refund(bigint, text, text) IS
	'The freelancer agrees: all that is at stake goes back to its sources; RF005 once the window has closed';

CREATE FUNCTION refund.pay_in_full(
	contract_id bigint, actor text, idempotency_key text DEFAULT NULL)
RETURNS refund.refund_request_status LANGUAGE c VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS 'MODULE_PATHNAME', 'refund_pay_in_full';
COMMENT ON FUNCTION refund.pay_in_full(bigint, text, text) IS
	'The client gives in: all that is at stake goes to the freelancer';

CREATE FUNCTION refund.dispute_refund(
	contract_id bigint, actor text, amount refund.amount, reason text,
	evidence jsonb DEFAULT '[]', idempotency_key text DEFAULT NULL)
RETURNS refund.refund_request_status LANGUAGE c VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS 'MODULE_PATHNAME', 'refund_dispute_refund';
COMMENT ON FUNCTION refund.dispute_refund(bigint, text, refund.amount, text, jsonb, text) IS
	'The freelancer claims a part of what is at stake, with a reason and evidence; RF004 unless above zero and within the amount at stake, RF010 for a blank reason or bad evidence';

CREATE FUNCTION refund.accept_dispute(
	contract_id bigint, actor text, idempotency_key text DEFAULT NULL)
RETURNS refund.refund_request_status LANGUAGE c VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS 'MODULE_PATHNAME', 'refund_accept_dispute';
COMMENT ON FUNCTION refund.accept_dispute(bigint, text, text) IS
	'The client concedes: the disputed amount goes to the freelancer, the rest back to its sources';

CREATE FUNCTION refund.decline_dispute(
	contract_id bigint, actor text, statement text, evidence jsonb DEFAULT '[]', idempotency_key text DEFAULT NULL)
RETURNS refund.refund_request_status LANGUAGE c VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS 'MODULE_PATHNAME', 'refund_decline_dispute';
COMMENT ON FUNCTION refund.decline_dispute(bigint, text, text, jsonb, text) IS
	'The client disagrees, with a statement and evidence: a mediator reviews the case; RF010 for a blank statement or bad evidence';

CREATE FUNCTION refund.withdraw_dispute(
	contract_id bigint, actor text, idempotency_key text DEFAULT NULL)
RETURNS refund.refund_request_status LANGUAGE c VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS 'MODULE_PATHNAME', 'refund_withdraw_dispute';
COMMENT ON FUNCTION refund.withdraw_dispute(bigint, text, text) IS
	'The freelancer gives in: all that is at stake goes back to its sources';

CREATE FUNCTION refund.propose_resolution(
	contract_id bigint, actor text, to_freelancer refund.amount, rationale text, idempotency_key text DEFAULT NULL)
RETURNS refund.refund_request_status LANGUAGE c VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS 'MODULE_PATHNAME', 'refund_propose_resolution';
COMMENT ON FUNCTION refund.propose_resolution(bigint, text, refund.amount, text, text) IS
	'A mediator proposes a split, which binds nobody; RF004 unless within the disputed amount, RF011 for a party or when another mediator is assigned';

CREATE FUNCTION refund.accept_resolution(
	contract_id bigint, actor text, idempotency_key text DEFAULT NULL)
RETURNS refund.refund_request_status LANGUAGE c VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS 'MODULE_PATHNAME', 'refund_accept_resolution';
COMMENT ON FUNCTION refund.accept_resolution(bigint, text, text) IS
	'A side accepts the proposed split; when both have, it is paid out; RF001 the second time';

CREATE FUNCTION refund.reject_resolution(
	contract_id bigint, actor text, reason text DEFAULT NULL, idempotency_key text DEFAULT NULL)
RETURNS refund.refund_request_status LANGUAGE c VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS 'MODULE_PATHNAME', 'refund_reject_resolution';
COMMENT ON FUNCTION refund.reject_resolution(bigint, text, text, text) IS
	'A side rejects the proposed split: the window for arbitration opens at once; RF001 after accepting it';

CREATE FUNCTION refund.join_arbitration(
	contract_id bigint, actor text, fee_source text DEFAULT NULL,
	provider_ref text DEFAULT NULL, idempotency_key text DEFAULT NULL)
RETURNS refund.refund_request_status LANGUAGE c VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS 'MODULE_PATHNAME', 'refund_join_arbitration';
COMMENT ON FUNCTION refund.join_arbitration(bigint, text, text, text, text) IS
	'A side joins arbitration with its share of the fee, paid from fee_source: null only where the policy has no fee in the currency; an equal provider_ref counts as a key';

CREATE FUNCTION refund.record_award(
	contract_id bigint, actor text, to_freelancer refund.amount, rationale text, idempotency_key text DEFAULT NULL)
RETURNS refund.refund_request_status LANGUAGE c VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS 'MODULE_PATHNAME', 'refund_record_award';
COMMENT ON FUNCTION refund.record_award(bigint, text, refund.amount, text, text) IS
	'An arbitrator decides the split, for good; the fees are spent; RF004 unless within the disputed amount, RF011 for a party or when another arbitrator is assigned';

CREATE FUNCTION refund.offer_settlement(
	contract_id bigint, actor text, to_freelancer refund.amount, idempotency_key text DEFAULT NULL)
RETURNS refund.refund_request_status LANGUAGE c VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS 'MODULE_PATHNAME', 'refund_offer_settlement';
COMMENT ON FUNCTION refund.offer_settlement(bigint, text, refund.amount, text) IS
	'A side offers a split; it stands until replaced, withdrawn, or the state changes; equal to the other side''s standing offer it settles at once';

CREATE FUNCTION refund.withdraw_settlement_offer(
	contract_id bigint, actor text, idempotency_key text DEFAULT NULL)
RETURNS refund.refund_request_status LANGUAGE c VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS 'MODULE_PATHNAME', 'refund_withdraw_settlement_offer';
COMMENT ON FUNCTION refund.withdraw_settlement_offer(bigint, text, text) IS
	'A side takes its standing offer back; RF014 when it has none';

CREATE FUNCTION refund.accept_settlement(
	contract_id bigint, actor text, offer_no integer, idempotency_key text DEFAULT NULL)
RETURNS refund.refund_request_status LANGUAGE c VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS 'MODULE_PATHNAME', 'refund_accept_settlement';
COMMENT ON FUNCTION refund.accept_settlement(bigint, text, integer, text) IS
	'A side accepts the other side''s standing offer; RF017 when that offer does not stand any more';

CREATE FUNCTION refund.assign_case(
	contract_id bigint, actor text, decider text, idempotency_key text DEFAULT NULL)
RETURNS refund.refund_request_status LANGUAGE c VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS 'MODULE_PATHNAME', 'refund_assign_case';
COMMENT ON FUNCTION refund.assign_case(bigint, text, text, text) IS
	'An operator names who decides next: the mediator up to the review, then the arbitrator; nobody else may decide from then on; RF011 for a party';

CREATE FUNCTION refund.report_refund_payment(
	contract_id bigint, actor text, payment_no integer, state refund.payment_state,
	provider_ref text, detail jsonb DEFAULT NULL, idempotency_key text DEFAULT NULL)
RETURNS refund.refund_payment_status LANGUAGE c VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS 'MODULE_PATHNAME', 'refund_report_refund_payment';
COMMENT ON FUNCTION refund.report_refund_payment(bigint, text, integer, refund.payment_state, text, jsonb, text) IS
	'A payment worker reports an attempt, known by its reference: submitted, succeeded, failed, bounced, or without a reference unclaimed; told twice or out of order nothing changes twice';

CREATE FUNCTION refund.retry_refund_payment(
	contract_id bigint, actor text, payment_no integer, destination text DEFAULT NULL, idempotency_key text DEFAULT NULL)
RETURNS refund.refund_payment_status LANGUAGE c VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS 'MODULE_PATHNAME', 'refund_retry_refund_payment';
COMMENT ON FUNCTION refund.retry_refund_payment(bigint, text, integer, text, text) IS
	'Makes a failed or bounced payment pending again, to the same or another destination; an unclaimed one with another destination only';

CREATE FUNCTION refund.erase_evidence(
	contract_id bigint, actor text, evidence_no integer, reason text, idempotency_key text DEFAULT NULL)
RETURNS refund.evidence_index LANGUAGE c VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS 'MODULE_PATHNAME', 'refund_erase_evidence';
COMMENT ON FUNCTION refund.erase_evidence(bigint, text, integer, text, text) IS
	'An operator erases the body of a piece of evidence; title, size and digests stay, and the history stays valid';

CREATE FUNCTION refund.submit_work(
	contract_id bigint, actor text, milestone_no integer, message text DEFAULT NULL, idempotency_key text DEFAULT NULL)
RETURNS refund.milestone_status LANGUAGE c VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS 'MODULE_PATHNAME', 'refund_submit_work';
COMMENT ON FUNCTION refund.submit_work(bigint, text, integer, text, text) IS
	'The freelancer submits work for review: silence to the end of the window releases all that the milestone holds; RF004 when it holds nothing, RF001 while a review is open';

CREATE FUNCTION refund.request_changes(
	contract_id bigint, actor text, milestone_no integer, message text, idempotency_key text DEFAULT NULL)
RETURNS refund.milestone_status LANGUAGE c VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS 'MODULE_PATHNAME', 'refund_request_changes';
COMMENT ON FUNCTION refund.request_changes(bigint, text, integer, text, text) IS
	'The client asks for changes: the review ends, and the next submission opens a new one; RF005 once silence has released';

CREATE FUNCTION refund.give_refund(
	contract_id bigint, actor text, milestone_no integer, amount refund.amount, idempotency_key text DEFAULT NULL)
RETURNS refund.milestone_status LANGUAGE c VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS 'MODULE_PATHNAME', 'refund_give_refund';
COMMENT ON FUNCTION refund.give_refund(bigint, text, integer, refund.amount, text) IS
	'The freelancer gives released money back to the sources that paid it, the latest first; RF004 above what was released and not given back, RF018 for what was released too long ago';

CREATE FUNCTION refund.place_hold(
	contract_id bigint, actor text, kind refund.hold_kind, reason text, idempotency_key text DEFAULT NULL)
RETURNS refund.hold_status LANGUAGE c VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS 'MODULE_PATHNAME', 'refund_place_hold';
COMMENT ON FUNCTION refund.place_hold(bigint, text, refund.hold_kind, text, text) IS
	'An operator stops money and clock of a contract, whatever its state; what is due already is applied first; several holds can stand at once';

CREATE FUNCTION refund.lift_hold(
	contract_id bigint, actor text, hold_no integer, reason text, idempotency_key text DEFAULT NULL)
RETURNS refund.hold_status LANGUAGE c VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS 'MODULE_PATHNAME', 'refund_lift_hold';
COMMENT ON FUNCTION refund.lift_hold(bigint, text, integer, text, text) IS
	'An operator lifts a hold; the last one lets the windows go on with what was left of them, each in its own unit; RF001 when it was lifted before';

CREATE FUNCTION refund.extend_deadline(
	contract_id bigint, actor text, extension refund.time_limit, reason text, idempotency_key text DEFAULT NULL)
RETURNS refund.refund_request_status LANGUAGE c VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS 'MODULE_PATHNAME', 'refund_extend_deadline';
COMMENT ON FUNCTION refund.extend_deadline(bigint, text, refund.time_limit, text, text) IS
	'An operator moves the end of a request''s open window, before it has passed; RF018 beyond the policy''s max_extensions or max_extension';

CREATE FUNCTION refund.report_reversal(
	contract_id bigint, actor text, deposit_no integer, kind refund.reversal_kind,
	state refund.reversal_state, amount refund.amount, provider_ref text, idempotency_key text DEFAULT NULL)
RETURNS refund.deposit_status LANGUAGE c VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS 'MODULE_PATHNAME', 'refund_report_reversal';
COMMENT ON FUNCTION refund.report_reversal(bigint, text, integer, refund.reversal_kind, refund.reversal_state, refund.amount, text, text) IS
	'A deposit is taken back from outside: opened places a hold, won lifts it, lost takes what the deposit still holds out of escrow and makes the rest a receivable against the client; told twice nothing changes twice';

/*
 * Work for those who act outside of the database.  The plans must be the indexes
 * on claimable_at and one row after the other, whatever the statistics of the
 * moment say: a worker takes few of many.  So they are not worth compiling either.
 */

CREATE FUNCTION refund.claim_refund_payments(
	max integer DEFAULT 100, lease interval DEFAULT '5 minutes', test boolean DEFAULT false)
RETURNS SETOF refund.refund_payment_status LANGUAGE c VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off SET enable_bitmapscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET jit = off
AS 'MODULE_PATHNAME', 'refund_claim_refund_payments';
COMMENT ON FUNCTION refund.claim_refund_payments(integer, interval, boolean) IS
	'Hands pending refund payments to a payment worker, each to one worker until its lease ends; test: those of test clocks, and only those';

CREATE FUNCTION refund.claim_notifications(
	max integer DEFAULT 100, lease interval DEFAULT '5 minutes', test boolean DEFAULT false)
RETURNS SETOF refund.notification_status LANGUAGE c VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off SET enable_bitmapscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET jit = off
AS 'MODULE_PATHNAME', 'refund_claim_notifications';
COMMENT ON FUNCTION refund.claim_notifications(integer, interval, boolean) IS
	'Hands notifications to a mailer, one row a person, each to one mailer until its lease ends; test: those of test clocks, and only those';

CREATE FUNCTION refund.confirm_notification(contract_id bigint, notification_no integer, provider_ref text)
RETURNS refund.notification_status LANGUAGE c VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS 'MODULE_PATHNAME', 'refund_confirm_notification';
COMMENT ON FUNCTION refund.confirm_notification(bigint, integer, text) IS
	'A mailer has delivered: the same reference again changes nothing, another one is RF007';

CREATE FUNCTION refund.fail_notification(contract_id bigint, notification_no integer, reason text)
RETURNS refund.notification_status LANGUAGE c VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS 'MODULE_PATHNAME', 'refund_fail_notification';
COMMENT ON FUNCTION refund.fail_notification(bigint, integer, text) IS
	'A mailer could not deliver: it can be claimed again after a pause that doubles from one minute; after ten tries it is dead';
