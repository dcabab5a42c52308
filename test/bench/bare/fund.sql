\set n :n + 1
\set id :first + :client_id * :share + :n
\startpipeline
UPDATE bare.contract SET last_at = now(), deposited = '300.00 USD', held = '300.00 USD', event_no = 3,
	deposit_count = 1, last_event = 'fund', milestone_room = '{200.00 USD}', milestone_held = '{300.00 USD}',
	deposit_held = '{300.00 USD}', head = '\x0164084da6a325746eb1e946aaf6b0068e9aed29ac6482d4fa0443cd46c6ee83'
WHERE contract_id = :id;
INSERT INTO bare.event (contract_id, recorded_at, effective_at, amount, event_no, milestone_no, kind, party,
	hash_format, actor, hash)
VALUES (:id, now(), now(), '300.00 USD', 3, 1, 'fund', 'client', 1, 'client-1', '\x0164084da6a325746eb1e946aaf6b0068e9aed29ac6482d4fa0443cd46c6ee83');
INSERT INTO bare.transfer (contract_id, amount, event_no, ordinal, deposit_no, milestone_no, debit, credit)
VALUES (:id, '300.00 USD', 3, 1, 1, 1, 'source', 'escrow');
INSERT INTO bare.deposit (contract_id, amount, deposit_no, event_no, milestone_no, source, provider_ref)
VALUES (:id, '300.00 USD', 1, 3, 1, 'card:4242', 'pi_1');
\endpipeline
