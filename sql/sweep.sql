-- The sweep on live contracts, one of which can not be changed (J06), and
-- verify() on rows that no CHECK has seen.  Deadlines are moved into the past
-- with triggers off: a test can not wait a week.
SET client_min_messages = error;
CREATE EXTENSION IF NOT EXISTS refund;
RESET client_min_messages;

SELECT count(*) FROM generate_series(8001, 8009) i,
	LATERAL refund.create_contract(i, 'client', 'freelancer', 'USD') c,
	LATERAL refund.add_milestone(i, 'client', 1, 'all', '10 USD') m,
	LATERAL refund.fund(i, 'client', 1, '10 USD', 'card') d,
	LATERAL refund.end_contract(i, 'client') e;
SET session_replication_role = replica;
UPDATE refund.contract SET due_at = '2026-01-08 00:00+00', next_due_at = '2026-01-08 00:00+00'
WHERE contract_id BETWEEN 8001 AND 8009;
-- the number of 8004's next event is taken
INSERT INTO refund.event (contract_id, event_no, recorded_at, effective_at, kind, party, hash_format, hash)
VALUES (8004, 5, '2026-01-01 00:00+00', '2026-01-01 00:00+00', 'fund', 'client', 1, '\x00');
RESET session_replication_role;

-- J06: the others settle, the one is named and waits for the next run
SELECT refund.expire_due();
SELECT contract_id, state, outcome FROM refund.refund_request_status
WHERE contract_id BETWEEN 8001 AND 8009 ORDER BY 1;
-- it is recorded with its SQLSTATE, and no run tries it before its pause is over
CREATE VIEW pg_temp.poison AS
SELECT contract_id, sqlstate, message, failures, retry_at - last_at AS pause, last_at > first_at AS again
FROM refund.poison_case WHERE contract_id BETWEEN 8001 AND 8010;
SELECT * FROM pg_temp.poison;
SELECT refund.expire_due();
SELECT * FROM pg_temp.poison;
-- then it is tried again, and nothing else changes; each pause is twice as long, up to an hour
\set after_pause 'UPDATE refund.poison_case SET retry_at = clock_timestamp(); SELECT refund.expire_due(); SELECT failures, pause, again FROM pg_temp.poison;'
:after_pause
UPDATE refund.poison_case SET failures = 5;
:after_pause
:after_pause
UPDATE refund.poison_case SET failures = 2147483000;
:after_pause
-- when it succeeds it is forgotten
SET session_replication_role = replica;
DELETE FROM refund.event WHERE contract_id = 8004 AND event_no = 5;
RESET session_replication_role;
:after_pause
SELECT count(*), min(outcome), max(outcome) FROM refund.refund_request_status
WHERE contract_id BETWEEN 8001 AND 8009;
SELECT refund.expire_due();
-- a deadline that no state has: refused, by the sweep and by a verb
BEGIN;
SELECT contract_id FROM refund.create_contract(8010, 'client', 'freelancer', 'USD');
SET session_replication_role = replica;
UPDATE refund.contract SET next_due_at = '2026-01-08 00:00+00', due_at = '2026-01-08 00:00+00' WHERE contract_id = 8010;
RESET session_replication_role;
SELECT refund.expire_due();
SELECT refund.end_contract(8010, 'client');
ROLLBACK;
-- J06: one among a thousand, in one batch; also a verb that settles it makes it forgotten
BEGIN;
SELECT count(*) FROM generate_series(80001, 81000) i,
	LATERAL refund.create_contract(i, 'client', 'freelancer', 'USD') c,
	LATERAL refund.add_milestone(i, 'client', 1, 'all', '10 USD') m,
	LATERAL refund.fund(i, 'client', 1, '10 USD', 'card') d,
	LATERAL refund.end_contract(i, 'client') e;
SET session_replication_role = replica;
UPDATE refund.contract SET due_at = '2026-01-08 00:00+00', next_due_at = '2026-01-08 00:00+00'
WHERE contract_id BETWEEN 80001 AND 81000;
INSERT INTO refund.event (contract_id, event_no, recorded_at, effective_at, kind, party, hash_format, hash)
VALUES (80500, 5, '2026-01-01 00:00+00', '2026-01-01 00:00+00', 'fund', 'client', 1, '\x00');
SET session_replication_role = DEFAULT;
SELECT refund.expire_due(1000);
SELECT contract_id, sqlstate, failures FROM refund.poison_case;
SELECT contract_id FROM refund.contract WHERE contract_id BETWEEN 80001 AND 81000 AND request_state <> 'settled';
SET session_replication_role = replica;
DELETE FROM refund.event WHERE contract_id = 80500 AND event_no = 5;
SET session_replication_role = DEFAULT;
-- the savepoint is for servers with assertions: one of them forbids what is sound, a row that was locked,
-- updated by a subtransaction that was rolled back, and is updated by the transaction itself, elsewhere
SAVEPOINT verb;
SELECT kind FROM refund.place_hold(80500, 'operator', 'legal', 'a court asks');
SELECT refund.expire_due();
SELECT count(*) FROM refund.poison_case;
ROLLBACK;
-- the audit is deferred again for the transaction that called
BEGIN;
SELECT refund.expire_due();
UPDATE refund.contract SET event_no = event_no + 1, last_event = 'fund' WHERE contract_id = 8001;
SET CONSTRAINTS ALL IMMEDIATE;
ROLLBACK;

-- verify() names what is malformed and goes on with the others
BEGIN;
SELECT contract_id FROM refund.create_contract(-9223372036854775808, 'client', 'freelancer', 'JPY');
SET session_replication_role = replica;
UPDATE refund.contract SET client = 'somebody else' WHERE contract_id = -9223372036854775808;
-- many deposits of one event
INSERT INTO refund.deposit SELECT 8002, '1 USD', n, 3, 1, 'card', NULL FROM generate_series(2, 9) n;
UPDATE refund.contract SET deposit_count = 9 WHERE contract_id = 8002;
-- a number out of all proportion
UPDATE refund.deposit SET deposit_no = 2147483647 WHERE contract_id = 8003;
UPDATE refund.contract SET deposit_count = 2147483647 WHERE contract_id = 8003;
RESET session_replication_role;
SELECT contract_id, rule, count(*) FROM refund.verify_all()
WHERE contract_id < 0 OR contract_id BETWEEN 8001 AND 8009 GROUP BY 1, 2 ORDER BY 1, 2;
-- arrays that no CHECK has seen
ALTER TABLE refund.contract DROP CONSTRAINT sound;
SET session_replication_role = replica;
UPDATE refund.contract SET milestone_no = '{1,2}' WHERE contract_id = 8005;
UPDATE refund.contract SET deposit_held = '{NULL}' WHERE contract_id = 8006;
RESET session_replication_role;
SELECT contract_id, rule, detail FROM refund.verify_all() WHERE contract_id IN (8005, 8006) ORDER BY 1, 2;
\set VERBOSITY sqlstate
SELECT refund.fund(8005, 'client', 1, '1 USD', 'card');
ROLLBACK;
SELECT * FROM refund.verify_all() WHERE contract_id BETWEEN 8001 AND 8009;
