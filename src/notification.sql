/*
 * Notifications: one outbox row an event that somebody is told of, written with
 * the event; one row a person when a mailer claims it.
 */

CREATE TYPE refund.notification_state AS ENUM ('pending', 'delivered', 'dead');
COMMENT ON TYPE refund.notification_state IS 'Delivery of a notification: dead after the last try';

CREATE TABLE refund.notification (
	contract_id bigint NOT NULL,
	claimable_at timestamptz NOT NULL,
	delivered_at timestamptz,
	notification_no integer NOT NULL,
	event_no integer NOT NULL,
	attempts integer NOT NULL,
	state refund.notification_state NOT NULL,
	party refund.party,
	is_test boolean NOT NULL,
	person text,
	provider_ref text,
	failure text,
	PRIMARY KEY (contract_id, notification_no)
);
COMMENT ON TABLE refund.notification IS 'The outbox: what mailers have to deliver and have delivered';
COMMENT ON COLUMN refund.notification.contract_id IS 'The contract';
COMMENT ON COLUMN refund.notification.claimable_at IS 'From when a mailer can claim it, in the server''s time: a claim moves it to the end of its lease';
COMMENT ON COLUMN refund.notification.delivered_at IS 'When its delivery was confirmed';
COMMENT ON COLUMN refund.notification.notification_no IS 'Ten times the event''s number, plus the person''s slot; without a slot it waits for its people';
COMMENT ON COLUMN refund.notification.event_no IS 'The event that it tells of';
COMMENT ON COLUMN refund.notification.attempts IS 'How often it was handed out';
COMMENT ON COLUMN refund.notification.state IS 'Its delivery';
COMMENT ON COLUMN refund.notification.party IS 'As what the person is told; NULL while it waits for its people';
COMMENT ON COLUMN refund.notification.is_test IS 'Belongs to a contract of a test clock: real mailers never see it';
COMMENT ON COLUMN refund.notification.person IS 'User id of who is told; NULL for operators, who are not named';
COMMENT ON COLUMN refund.notification.provider_ref IS 'The mailer''s reference of the delivery';
COMMENT ON COLUMN refund.notification.failure IS 'Why the last try failed';
CREATE INDEX notification_waiting ON refund.notification (is_test, claimable_at)
	WHERE state OPERATOR(pg_catalog.=) 'pending' AND party IS NULL;
COMMENT ON INDEX refund.notification_waiting IS 'What waits for its people';
CREATE INDEX notification_pending ON refund.notification (is_test, claimable_at)
	WHERE state OPERATOR(pg_catalog.=) 'pending' AND party IS NOT NULL;
COMMENT ON INDEX refund.notification_pending IS 'What mailers can claim';
SELECT pg_catalog.pg_extension_config_dump('refund.notification', '');

CREATE FUNCTION refund.audience(
	kind refund.event_kind, from_state refund.request_state, to_state refund.request_state, reference text)
RETURNS refund.party[] LANGUAGE c STABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'refund_audience';
COMMENT ON FUNCTION refund.audience(refund.event_kind, refund.request_state, refund.request_state, text) IS
	'Which parties are told of such an event';

CREATE FUNCTION refund.told(
	contract refund.contract, event refund.event, OUT slot integer, OUT party refund.party, OUT person text)
RETURNS SETOF record LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT p.slot, p.party, p.person
	FROM (VALUES (1, 'client'::refund.party, (contract).client), (2, 'freelancer', (contract).freelancer),
		(3, 'freelancer', (contract).agency), (4, 'mediator', (contract).mediator),
		(5, 'arbitrator', (contract).arbitrator), (6, 'operator', NULL)) p (slot, party, person)
	WHERE p.party = ANY (refund.audience((event).kind, (event).from_state, (event).to_state, (event).reference))
		AND (p.person IS NOT NULL OR p.party = 'operator');
END;
COMMENT ON FUNCTION refund.told(refund.contract, refund.event) IS
	'Who is told of an event of a contract: operators are not named';

CREATE FUNCTION refund.notification_facts(contract refund.contract, event refund.event)
RETURNS jsonb LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT jsonb_strip_nulls(jsonb_build_object(
		'contract_id', (event).contract_id, 'event_no', (event).event_no, 'event', (event).kind,
		'at', (event).recorded_at, 'effective_at', (event).effective_at, 'actor', (event).actor, 'party', (event).party,
		'from_state', (event).from_state, 'to_state', (event).to_state, 'outcome', (event).outcome,
		'amount', (event).amount::text, 'due_at', (event).due_at, 'item_no', (event).item_no,
		'reference', (event).reference, 'client', (contract).client, 'freelancer', (contract).freelancer,
		'agency', (contract).agency, 'at_stake', (contract).at_stake::text));
END;
COMMENT ON FUNCTION refund.notification_facts(refund.contract, refund.event) IS
	'What a template needs to know of an event';

CREATE VIEW refund.notification_status AS
SELECT n.contract_id, n.notification_no, n.person, n.party, e.recorded_at AS at, e.kind::text AS template,
	refund.notification_facts(c, e) AS facts, n.state, n.attempts, n.claimable_at, n.delivered_at,
	n.provider_ref, n.failure, n.is_test
FROM refund.notification n
JOIN refund.event e ON e.contract_id = n.contract_id AND e.event_no = n.event_no
JOIN refund.contract c ON c.contract_id = n.contract_id;
COMMENT ON VIEW refund.notification_status IS 'The outbox with what a mailer needs; a row without party waits for its people';
COMMENT ON COLUMN refund.notification_status.contract_id IS 'The contract';
COMMENT ON COLUMN refund.notification_status.notification_no IS 'Number of the notification: confirm_notification() and fail_notification() take it';
COMMENT ON COLUMN refund.notification_status.person IS 'User id of who is told; null for operators';
COMMENT ON COLUMN refund.notification_status.party IS 'As what';
COMMENT ON COLUMN refund.notification_status.at IS 'When the event was recorded';
COMMENT ON COLUMN refund.notification_status.template IS 'Which text to send: named as the event';
COMMENT ON COLUMN refund.notification_status.facts IS 'What the text is filled with';
COMMENT ON COLUMN refund.notification_status.state IS 'pending, delivered or dead';
COMMENT ON COLUMN refund.notification_status.attempts IS 'How often it was handed out';
COMMENT ON COLUMN refund.notification_status.claimable_at IS 'From when it can be claimed';
COMMENT ON COLUMN refund.notification_status.delivered_at IS 'When its delivery was confirmed';
COMMENT ON COLUMN refund.notification_status.provider_ref IS 'The mailer''s reference';
COMMENT ON COLUMN refund.notification_status.failure IS 'Why the last try failed';
COMMENT ON COLUMN refund.notification_status.is_test IS 'Lives under a test clock';

CREATE VIEW refund.notification_inbox AS
SELECT t.person, e.recorded_at AS at, e.kind::text AS template, refund.notification_facts(c, e) AS facts,
	t.party, e.contract_id, e.event_no, c.test_clock IS NOT NULL AS is_test
FROM refund.event e
JOIN refund.contract c ON c.contract_id = e.contract_id
CROSS JOIN LATERAL refund.told(c, e) t
WHERE t.person IS NOT NULL;
COMMENT ON VIEW refund.notification_inbox IS
	'What each person was told: a view over the events, to be asked by contract_id; independent of any mailer';
COMMENT ON COLUMN refund.notification_inbox.person IS 'User id of who is told';
COMMENT ON COLUMN refund.notification_inbox.at IS 'When the event was recorded';
COMMENT ON COLUMN refund.notification_inbox.template IS 'Which text to show: named as the event';
COMMENT ON COLUMN refund.notification_inbox.facts IS 'What the text is filled with';
COMMENT ON COLUMN refund.notification_inbox.party IS 'As what the person is told';
COMMENT ON COLUMN refund.notification_inbox.contract_id IS 'The contract';
COMMENT ON COLUMN refund.notification_inbox.event_no IS 'The event';
COMMENT ON COLUMN refund.notification_inbox.is_test IS 'Lives under a test clock';
