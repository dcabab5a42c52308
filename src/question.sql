/*
 * What the people of a case may ask.
 */

CREATE FUNCTION refund.allowed_actions(
	contract_id bigint, actor text, OUT verb text, OUT party refund.party, OUT until timestamptz,
	OUT min_amount numeric, OUT max_amount numeric, OUT currency char(3))
RETURNS SETOF record LANGUAGE c STABLE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS 'MODULE_PATHNAME', 'refund_allowed_actions';
COMMENT ON FUNCTION refund.allowed_actions(bigint, text) IS
	'What a person may do now in a contract, until when and with which amounts; RF014 for who is neither a party, nor its mediator or arbitrator, nor has acted on it as an operator';

CREATE FUNCTION refund.case_file(contract_id bigint, actor text)
RETURNS jsonb LANGUAGE c STABLE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS 'MODULE_PATHNAME', 'refund_case_file';
COMMENT ON FUNCTION refund.case_file(bigint, text) IS
	'All that a decider needs in one document: contract, request, milestones, evidence without contents, offers, timeline with statements, transactions, holds (their reasons for operators only), payments; RF014 as allowed_actions()';

CREATE FUNCTION refund.evidence_content(contract_id bigint, actor text, evidence_no integer)
RETURNS bytea LANGUAGE c STABLE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS 'MODULE_PATHNAME', 'refund_evidence_content';
COMMENT ON FUNCTION refund.evidence_content(bigint, text, integer) IS
	'The content of a piece of evidence; null when it is kept elsewhere or was erased; RF014 as allowed_actions()';

CREATE FUNCTION refund.explain(contract_id bigint, OUT line_no integer, OUT text text, OUT facts jsonb)
RETURNS SETOF record LANGUAGE c STABLE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS 'MODULE_PATHNAME', 'refund_explain';
COMMENT ON FUNCTION refund.explain(bigint) IS
	'Why a contract is where it is, in words and as JSON: policy and clock, the event and the rule of the table that led to its state, holds, and what happens if nobody acts';

CREATE FUNCTION refund.forecast(
	contract_id bigint, OUT step_no integer, OUT at timestamptz, OUT event refund.event_kind, OUT state refund.request_state,
	OUT to_freelancer numeric, OUT to_client numeric, OUT currency char(3))
RETURNS SETOF record LANGUAGE c STABLE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS 'MODULE_PATHNAME', 'refund_forecast';
COMMENT ON FUNCTION refund.forecast(bigint) IS
	'The path of silence: what the clock will do to a contract if nobody acts, with dates and the final split; no row when it does nothing, or while a hold stands';

CREATE FUNCTION refund.error_codes(OUT code text, OUT name text, OUT "when" text)
RETURNS SETOF record LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'refund_error_codes';
COMMENT ON FUNCTION refund.error_codes() IS 'The errors of class RF: code, name, and when they are raised';
