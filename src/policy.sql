-- Policies: immutable, versioned settings that contracts are pinned to (process.md §11)

CREATE FUNCTION refund.policy_fees_are_sound(fees refund.amount[]) RETURNS boolean
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'refund_policy_fees_are_sound';
COMMENT ON FUNCTION refund.policy_fees_are_sound(refund.amount[]) IS
	'Are these fees above zero and at most one per currency?';

CREATE TABLE refund.policy (
	name text COLLATE pg_catalog."C" NOT NULL,
	version integer NOT NULL,
	refund_response refund.time_limit NOT NULL DEFAULT '7 days',
	dispute_response refund.time_limit NOT NULL DEFAULT '5 days',
	resolution_target refund.time_limit NOT NULL DEFAULT '2 business days',
	resolution_limit refund.time_limit NOT NULL DEFAULT '30 days',
	resolution_response refund.time_limit NOT NULL DEFAULT '2 days',
	arbitration_window refund.time_limit NOT NULL DEFAULT '7 days',
	award_target refund.time_limit NOT NULL DEFAULT '30 days',
	award_limit refund.time_limit NOT NULL DEFAULT '90 days',
	review_window refund.time_limit NOT NULL DEFAULT '14 days',
	refund_credit refund.time_limit NOT NULL DEFAULT '5 business days',
	post_release_refund refund.time_limit NOT NULL DEFAULT '180 days',
	reminder_before refund.time_limit NOT NULL DEFAULT '24 hours',
	max_extension refund.time_limit NOT NULL DEFAULT '7 days',
	max_extensions integer NOT NULL DEFAULT 2,
	evidence_max_items integer NOT NULL DEFAULT 20,
	evidence_max_bytes bigint NOT NULL DEFAULT 10485760,
	zone text NOT NULL DEFAULT 'UTC',
	calendar text NOT NULL DEFAULT 'default',
	arbitration_fee refund.amount[] NOT NULL DEFAULT '{337.50 USD}',
	shipped boolean NOT NULL DEFAULT false,
	note text NOT NULL DEFAULT '',
	created_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
	PRIMARY KEY (name, version),
	CONSTRAINT policy_name_check
		CHECK (pg_catalog.octet_length(name) <= 63 AND name OPERATOR(pg_catalog.~) '\S'),
	CONSTRAINT policy_version_check CHECK (version > 0),
	CONSTRAINT policy_limits_check
		CHECK (max_extensions >= 0 AND evidence_max_items >= 0 AND evidence_max_bytes >= 0),
	CONSTRAINT policy_fees_check CHECK (refund.policy_fees_are_sound(arbitration_fee))
);
COMMENT ON TABLE refund.policy IS
	'Settings of the process, immutable and versioned; add_policy() adds a version, a contract keeps the one it was made under';
COMMENT ON COLUMN refund.policy.name IS 'Name of the policy';
COMMENT ON COLUMN refund.policy.version IS 'Version, from 1';
COMMENT ON COLUMN refund.policy.refund_response IS 'Window in which the freelancer answers a refund request; silence approves it';
COMMENT ON COLUMN refund.policy.dispute_response IS 'Window in which the client answers a dispute; silence concedes it';
COMMENT ON COLUMN refund.policy.resolution_target IS 'Time after which a review without a proposal is overdue';
COMMENT ON COLUMN refund.policy.resolution_limit IS 'Time after which a review without a proposal ends unresolved';
COMMENT ON COLUMN refund.policy.resolution_response IS 'Window in which both parties answer a proposal; silence rejects it';
COMMENT ON COLUMN refund.policy.arbitration_window IS 'Window in which the parties join arbitration';
COMMENT ON COLUMN refund.policy.award_target IS 'Time after which an arbitration without an award is overdue';
COMMENT ON COLUMN refund.policy.award_limit IS 'Time after which an arbitration without an award lapses';
COMMENT ON COLUMN refund.policy.review_window IS 'Window in which the client reviews submitted work; silence releases its payment';
COMMENT ON COLUMN refund.policy.refund_credit IS 'Time by which a refund payment should have arrived; past it the payment is overdue';
COMMENT ON COLUMN refund.policy.post_release_refund IS 'Time from a release in which the freelancer may give a refund of it';
COMMENT ON COLUMN refund.policy.reminder_before IS 'How long before a window closes its reminder goes out';
COMMENT ON COLUMN refund.policy.max_extension IS 'The longest extension of a window';
COMMENT ON COLUMN refund.policy.max_extensions IS 'How often one window may be extended';
COMMENT ON COLUMN refund.policy.evidence_max_items IS 'Pieces of evidence that one statement may bring';
COMMENT ON COLUMN refund.policy.evidence_max_bytes IS 'Size of the largest piece of evidence that is stored here, in bytes';
COMMENT ON COLUMN refund.policy.zone IS 'Time zone whose wall clock and dates the windows follow';
COMMENT ON COLUMN refund.policy.calendar IS 'Calendar whose business days the windows follow';
COMMENT ON COLUMN refund.policy.arbitration_fee IS 'Fee share of each party, one amount per currency; joining is free in a currency without one';
COMMENT ON COLUMN refund.policy.shipped IS 'Did the extension bring this row? Dumps leave it out';
COMMENT ON COLUMN refund.policy.note IS 'Where the policy applies';
COMMENT ON COLUMN refund.policy.created_at IS 'When the version was added';

-- A constant time, so that two installations have equal rows.
INSERT INTO refund.policy (name, version, shipped, created_at, note)
	VALUES ('standard', 1, true, '2026-01-01 00:00:00+00',
		'The process as published today: 7 days for the freelancer, 5 days for the client, a fee share of 337.50 USD');
-- What the same marketplace has published before, for contracts that were made under it.
INSERT INTO refund.policy (name, version, dispute_response, shipped, created_at, note) VALUES
	('client_7_days', 1, '7 days', true, '2026-01-01 00:00:00+00',
		'An earlier window of the client: 7 calendar days to answer a dispute; everything else as standard'),
	('client_5_business_days', 1, '5 business days', true, '2026-01-01 00:00:00+00',
		'An earlier window of the client: 5 business days to answer a dispute; everything else as standard');
INSERT INTO refund.policy (name, version, arbitration_fee, shipped, created_at, note) VALUES
	('fee_291', 1, '{291.00 USD}', true, '2026-01-01 00:00:00+00',
		'An earlier share of the arbitration fee, 291.00 USD; everything else as standard'),
	('fee_337_50', 1, '{337.50 USD}', true, '2026-01-01 00:00:00+00',
		'The share of the arbitration fee since then, 337.50 USD, for contracts that name it; everything else as standard');

CREATE TRIGGER refuse_change
	BEFORE UPDATE OR DELETE ON refund.policy
	FOR EACH ROW EXECUTE FUNCTION refund.refuse_change('refund.add_policy() adds a new version; contracts keep the one they have.');
COMMENT ON TRIGGER refuse_change ON refund.policy IS 'Contracts rely on the settings that they were made under';

CREATE TRIGGER refuse_truncate
	BEFORE TRUNCATE ON refund.policy
	FOR EACH STATEMENT EXECUTE FUNCTION refund.refuse_change('refund.add_policy() adds a new version; contracts keep the one they have.');
COMMENT ON TRIGGER refuse_truncate ON refund.policy IS 'Contracts rely on the settings that they were made under';

-- For the latest version, which sessions remember too.
CREATE TRIGGER forget_cached_rows
	AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON refund.policy
	FOR EACH STATEMENT EXECUTE FUNCTION refund.forget_cached_rows();
COMMENT ON TRIGGER forget_cached_rows ON refund.policy IS 'Sessions cache policies';

SELECT pg_catalog.pg_extension_config_dump('refund.policy', 'WHERE NOT shipped');

CREATE FUNCTION refund.add_policy(name text, settings jsonb)
	RETURNS integer
	LANGUAGE c VOLATILE PARALLEL UNSAFE
	SECURITY DEFINER SET search_path = pg_catalog, pg_temp
	AS 'MODULE_PATHNAME', 'refund_add_policy';
COMMENT ON FUNCTION refund.add_policy(text, jsonb) IS
	'Add a version of a policy and return its number; what is not set comes from the latest version, or from policy standard for a new name';
REVOKE ALL ON FUNCTION refund.add_policy(text, jsonb) FROM PUBLIC;

CREATE FUNCTION refund.validate_policy(name text, version integer DEFAULT NULL)
	RETURNS TABLE (setting text, problem text)
	LANGUAGE c STABLE PARALLEL SAFE
	SECURITY DEFINER SET search_path = pg_catalog, pg_temp
	AS 'MODULE_PATHNAME', 'refund_validate_policy';
COMMENT ON FUNCTION refund.validate_policy(text, integer) IS
	'What is wrong with a policy, its latest version unless named; no row = sound';
REVOKE ALL ON FUNCTION refund.validate_policy(text, integer) FROM PUBLIC;
