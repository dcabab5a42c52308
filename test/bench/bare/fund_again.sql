\set n :n + 1
\set id :first + :client_id * :share + :n
\startpipeline
UPDATE bare.contract SET last_at = now(), deposited = '500.00 USD', held = '500.00 USD', event_no = 4,
	deposit_count = 2, last_event = 'fund', milestone_room = '{0.00 USD}', milestone_held = '{500.00 USD}',
	deposit_held = '{300.00 USD,200.00 USD}', head = '\x232bfa691404f231af0c8ca805f4ad822fdfaed6a2c93d57abb9cb136519e43a'
WHERE contract_id = :id;
INSERT INTO bare.event (contract_id, recorded_at, effective_at, amount, event_no, milestone_no, kind, party,
	hash_format, actor, hash)
VALUES (:id, now(), now(), '200.00 USD', 4, 1, 'fund', 'client', 1, 'client-1', '\x232bfa691404f231af0c8ca805f4ad822fdfaed6a2c93d57abb9cb136519e43a');
INSERT INTO bare.transfer (contract_id, amount, event_no, ordinal, deposit_no, milestone_no, debit, credit)
VALUES (:id, '200.00 USD', 4, 1, 2, 1, 'source', 'escrow');
INSERT INTO bare.deposit (contract_id, amount, deposit_no, event_no, milestone_no, source, provider_ref)
VALUES (:id, '200.00 USD', 2, 4, 1, 'balance', 'pi_2');
\endpipeline
