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
