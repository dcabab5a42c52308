/*
 * Contracts that wait for an answer, on all sides: made through the verbs, with
 * the shortest window that a policy may have; copied into bare, and into
 * textbook what it has of them.  Variables: cases, textbook_cases.
 */
SET synchronous_commit = off;

SELECT refund.add_policy('quick', '{"refund_response": "2 minutes", "reminder_before": "1 minute"}');
SELECT count(refund.create_contract(id, 'client-1', 'freelancer-1', 'USD', policy => 'quick'))
FROM generate_series(1, :cases) id;
SELECT count(refund.add_milestone(id, 'client-1', 1, 'Design', '500.00 USD')) FROM generate_series(1, :cases) id;
VACUUM refund.contract;
SELECT count(refund.fund(id, 'client-1', 1, '300.00 USD', 'card:4242', 'pi_1')) FROM generate_series(1, :cases) id;
VACUUM refund.contract;
SELECT count(refund.fund(id, 'client-1', 1, '200.00 USD', 'balance', 'pi_2')) FROM generate_series(1, :cases) id;
VACUUM refund.contract;
SELECT count(refund.release_payment(id, 'client-1', 1, '200.00 USD')) FROM generate_series(1, :cases) id;
VACUUM refund.contract;
SELECT count(refund.end_contract(id, 'client-1')) FROM generate_series(1, :cases) id;

/* both sides as tight and in the same order */
CLUSTER refund.contract USING contract_pkey;
REINDEX TABLE refund.event;
REINDEX TABLE refund.transfer;
REINDEX TABLE refund.notification;

INSERT INTO bare.policy SELECT * FROM refund.policy WHERE name = 'quick';
INSERT INTO bare.contract SELECT * FROM refund.contract ORDER BY contract_id;
CLUSTER bare.contract USING contract_pkey;
INSERT INTO bare.milestone SELECT * FROM refund.milestone;
INSERT INTO bare.deposit SELECT * FROM refund.deposit;
INSERT INTO bare.event SELECT * FROM refund.event;
INSERT INTO bare.transfer SELECT * FROM refund.transfer;
INSERT INTO bare.notification SELECT * FROM refund.notification;
REINDEX TABLE bare.event;
REINDEX TABLE bare.transfer;
REINDEX TABLE bare.notification;

INSERT INTO textbook.contract (contract_id, kind, state, client, freelancer, currency, policy, policy_version,
	deposited, held, released, event_count, deposit_count, head, created_at, ended_at)
SELECT contract_id, 'fixed_price', 'ended', client, freelancer, 'USD', 'standard', 1, 500, 300, 200, 6, 2, head,
	created_at, opened_at
FROM refund.contract
WHERE contract_id <= :textbook_cases
ORDER BY contract_id;
INSERT INTO textbook.milestone (contract_id, milestone_no, title, price, deposited, held, released)
SELECT contract_id, 1, 'Design', 500, 500, 300, 200 FROM textbook.contract;
INSERT INTO textbook.deposit (contract_id, deposit_no, milestone_no, source, provider_ref, amount, held, released)
SELECT contract_id, 1, 1, 'card:4242', 'pi_1', 300, 100, 200 FROM textbook.contract
UNION ALL
SELECT contract_id, 2, 1, 'balance', 'pi_2', 200, 200, 0 FROM textbook.contract;
INSERT INTO textbook.event (contract_id, event_no, kind, party, actor, amount, milestone_no, to_state, recorded_at,
	effective_at, hash)
SELECT contract_id, event_no, kind::text, party::text, actor, amount::numeric, milestone_no, to_state::text, recorded_at,
	effective_at, hash
FROM refund.event
WHERE contract_id <= :textbook_cases;
INSERT INTO textbook.transfer (contract_id, event_no, ordinal, debit, credit, amount, deposit_no, milestone_no)
SELECT contract_id, event_no, ordinal, debit::text, credit::text, amount::numeric, deposit_no, milestone_no
FROM refund.transfer
WHERE contract_id <= :textbook_cases;
INSERT INTO textbook.notification (contract_id, event_no, claimable_at)
SELECT contract_id, event_no, claimable_at FROM refund.notification WHERE contract_id <= :textbook_cases;
INSERT INTO textbook.refund_request (contract_id, state, at_stake, opened_at, due_at, remind_at, next_due_at)
SELECT contract_id, 'requested', 300, opened_at, due_at, remind_at, next_due_at
FROM refund.contract
WHERE contract_id <= :textbook_cases
ORDER BY contract_id;
