/*
 * What people say: reasons, statements and evidence.  Each is sealed from the
 * moment it is submitted: digests are in the hash chain, and salted where they
 * cover free text, so that a body can be erased and the history stays valid.
 */

CREATE TABLE refund.statement (
	contract_id bigint NOT NULL,
	event_no integer NOT NULL,
	kind refund.event_kind NOT NULL,
	digest bytea NOT NULL,
	salt bytea NOT NULL,
	body text NOT NULL,
	PRIMARY KEY (contract_id, event_no)
);
COMMENT ON TABLE refund.statement IS 'The free text of an event: reason, statement or rationale; append-only';
COMMENT ON COLUMN refund.statement.contract_id IS 'The contract';
COMMENT ON COLUMN refund.statement.event_no IS 'The event that brought it';
COMMENT ON COLUMN refund.statement.kind IS 'Kind of that event';
COMMENT ON COLUMN refund.statement.digest IS 'SHA-256 of salt and text: this is what the hash chain covers';
COMMENT ON COLUMN refund.statement.salt IS 'Random bytes before the text, so that the digest does not give it away';
COMMENT ON COLUMN refund.statement.body IS 'The text';
SELECT pg_catalog.pg_extension_config_dump('refund.statement', '');

CREATE TABLE refund.evidence (
	contract_id bigint NOT NULL,
	byte_size bigint,
	evidence_no integer NOT NULL,
	event_no integer NOT NULL,
	title text NOT NULL,
	media_type text NOT NULL,
	sha256 bytea,
	digest bytea NOT NULL,
	PRIMARY KEY (contract_id, evidence_no)
);
COMMENT ON TABLE refund.evidence IS 'Pieces of evidence, submitted together with a dispute or its answer; append-only';
COMMENT ON COLUMN refund.evidence.contract_id IS 'The contract';
COMMENT ON COLUMN refund.evidence.byte_size IS 'Size of the content, or as declared of what the address leads to';
COMMENT ON COLUMN refund.evidence.evidence_no IS 'Its number, from 1';
COMMENT ON COLUMN refund.evidence.event_no IS 'The event that brought it';
COMMENT ON COLUMN refund.evidence.title IS 'What it is';
COMMENT ON COLUMN refund.evidence.media_type IS 'Media type as declared; nothing here looks into a content';
COMMENT ON COLUMN refund.evidence.sha256 IS 'SHA-256 of the content, or as declared of what the address leads to';
COMMENT ON COLUMN refund.evidence.digest IS 'SHA-256 of its body: salt, statement, address, and the content''s digest';
SELECT pg_catalog.pg_extension_config_dump('refund.evidence', '');

CREATE TABLE refund.evidence_body (
	contract_id bigint NOT NULL,
	evidence_no integer NOT NULL,
	salt bytea NOT NULL,
	statement text,
	uri text,
	content bytea,
	PRIMARY KEY (contract_id, evidence_no)
);
/* Files are mostly compressed already: try no second time. */
ALTER TABLE refund.evidence_body ALTER COLUMN content SET STORAGE EXTERNAL;
COMMENT ON TABLE refund.evidence_body IS 'What a piece of evidence says: gone once erase_evidence() was called';
COMMENT ON COLUMN refund.evidence_body.contract_id IS 'The contract';
COMMENT ON COLUMN refund.evidence_body.evidence_no IS 'Number of the piece of evidence';
COMMENT ON COLUMN refund.evidence_body.salt IS 'Random bytes before its texts, so that their digest does not give them away';
COMMENT ON COLUMN refund.evidence_body.statement IS 'What the submitter says about it';
COMMENT ON COLUMN refund.evidence_body.uri IS 'Where it is kept, when it is not here; never followed';
COMMENT ON COLUMN refund.evidence_body.content IS 'The content itself';
SELECT pg_catalog.pg_extension_config_dump('refund.evidence_body', '');

CREATE VIEW refund.evidence_index AS
SELECT v.contract_id, v.evidence_no, e.recorded_at AS at, e.actor, e.party, v.title, v.media_type,
	v.byte_size, encode(v.sha256, 'hex') AS sha256,
	b.statement, b.uri, b.content IS NOT NULL AS has_content,
	(SELECT min(same.evidence_no) FROM refund.evidence same
		WHERE same.contract_id = v.contract_id AND same.sha256 = v.sha256
			AND same.evidence_no < v.evidence_no) AS same_as,
	b.contract_id IS NULL AS erased,
	c.test_clock IS NOT NULL AS is_test
FROM refund.evidence v
JOIN refund.event e ON e.contract_id = v.contract_id AND e.event_no = v.event_no
JOIN refund.contract c ON c.contract_id = v.contract_id
LEFT JOIN refund.evidence_body b ON b.contract_id = v.contract_id AND b.evidence_no = v.evidence_no;
COMMENT ON VIEW refund.evidence_index IS 'The pieces of evidence without their contents';
COMMENT ON COLUMN refund.evidence_index.contract_id IS 'The contract';
COMMENT ON COLUMN refund.evidence_index.evidence_no IS 'Number of the piece, from 1';
COMMENT ON COLUMN refund.evidence_index.at IS 'When it was submitted';
COMMENT ON COLUMN refund.evidence_index.actor IS 'User id of who submitted it';
COMMENT ON COLUMN refund.evidence_index.party IS 'On which side';
COMMENT ON COLUMN refund.evidence_index.title IS 'What it is';
COMMENT ON COLUMN refund.evidence_index.media_type IS 'Media type as declared';
COMMENT ON COLUMN refund.evidence_index.byte_size IS 'Size in bytes';
COMMENT ON COLUMN refund.evidence_index.sha256 IS 'SHA-256 of it, in hexadecimal digits';
COMMENT ON COLUMN refund.evidence_index.statement IS 'What the submitter says about it; null once erased';
COMMENT ON COLUMN refund.evidence_index.uri IS 'Where it is kept, when it is not here; null once erased';
COMMENT ON COLUMN refund.evidence_index.has_content IS 'Whether evidence_content() has it';
COMMENT ON COLUMN refund.evidence_index.same_as IS 'An earlier piece of this contract with the same digest';
COMMENT ON COLUMN refund.evidence_index.erased IS 'Whether its body was erased';
COMMENT ON COLUMN refund.evidence_index.is_test IS 'Lives under a test clock';
