/*
 * Anchors: the heads of all chains, kept somewhere else, show what was cut off
 * the end of a history or rewritten as a whole.
 */

CREATE VIEW refund.chain_head AS
SELECT c.contract_id, c.event_no, encode(c.head, 'hex') AS head, c.last_at, c.test_clock IS NOT NULL AS is_test
FROM refund_archive.all_contract c;
COMMENT ON VIEW refund.chain_head IS 'The last hash of every contract''s history: export it each day to where nobody can change it';
COMMENT ON COLUMN refund.chain_head.contract_id IS 'The contract';
COMMENT ON COLUMN refund.chain_head.event_no IS 'Number of its last event';
COMMENT ON COLUMN refund.chain_head.head IS 'Hash of that event, in hexadecimal digits';
COMMENT ON COLUMN refund.chain_head.last_at IS 'When that event was recorded';
COMMENT ON COLUMN refund.chain_head.is_test IS 'Lives under a test clock';

CREATE FUNCTION refund.head_digest() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
	SELECT encode(sha256(convert_to(coalesce(string_agg(
		format('%s:%s:%s', h.contract_id, h.event_no, h.head), E'\n' ORDER BY h.contract_id), ''), 'UTF8')), 'hex')
	FROM refund.chain_head h
	WHERE NOT h.is_test;
END;
COMMENT ON FUNCTION refund.head_digest() IS 'One SHA-256 of all live contracts'' heads: short enough to publish or to print';

CREATE FUNCTION refund.verify_heads(heads jsonb) RETURNS SETOF refund.finding LANGUAGE sql STABLE PARALLEL SAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
	SELECT h.contract_id, 'anchor'::text,
		CASE WHEN e.contract_id IS NULL THEN format('event %s, whose hash was exported, is not there', h.event_no)
			ELSE format('the hash of event %s is not what was exported', h.event_no) END
	FROM jsonb_to_recordset(heads) h (contract_id bigint, event_no integer, head text)
	LEFT JOIN refund_archive.all_event e ON e.contract_id = h.contract_id AND e.event_no = h.event_no
	WHERE e.contract_id IS NULL OR encode(e.hash, 'hex') IS DISTINCT FROM h.head
	ORDER BY h.contract_id;
END;
COMMENT ON FUNCTION refund.verify_heads(jsonb) IS
	'Compares heads that were exported before, jsonb_agg(to_jsonb(h)) of chain_head, with the histories of today; no row = every history still contains them';
