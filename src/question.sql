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
	'All that a decider needs in one document: contract, request, milestones, evidence without contents, offers, timeline with statements, transactions, payments; RF014 as allowed_actions()';

CREATE FUNCTION refund.evidence_content(contract_id bigint, actor text, evidence_no integer)
RETURNS bytea LANGUAGE c STABLE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS 'MODULE_PATHNAME', 'refund_evidence_content';
COMMENT ON FUNCTION refund.evidence_content(bigint, text, integer) IS
	'The content of a piece of evidence; null when it is kept elsewhere or was erased; RF014 as allowed_actions()';
