/*
 * The proof: no row = sound.
 */

CREATE TYPE refund.finding AS (contract_id bigint, rule text, detail text);
COMMENT ON TYPE refund.finding IS 'Something that does not add up: which contract, which rule, where';
COMMENT ON COLUMN refund.finding.contract_id IS 'The contract';
COMMENT ON COLUMN refund.finding.rule IS 'What was proved: history, chain, state, settlement, conservation, provenance, deadline, milestones, deposits, payments, fees, offers, holds, reversals, statements, evidence, policy, notifications';
COMMENT ON COLUMN refund.finding.detail IS 'What was found, with its position';

CREATE FUNCTION refund.verify(contract_id bigint)
RETURNS SETOF refund.finding LANGUAGE c STABLE STRICT PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS 'MODULE_PATHNAME', 'refund_verify';
COMMENT ON FUNCTION refund.verify(bigint) IS
	'Replays one contract''s history, hashes included, and compares it with the contract''s row; no row = sound';

CREATE FUNCTION refund.verify_all(changed_since timestamptz DEFAULT NULL)
RETURNS SETOF refund.finding LANGUAGE c STABLE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS 'MODULE_PATHNAME', 'refund_verify_all';
COMMENT ON FUNCTION refund.verify_all(timestamptz) IS
	'verify() of every contract, or of those with an event since then; no row = sound';
