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
