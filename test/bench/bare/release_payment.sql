\set n :n + 1
\set id :first + :client_id * :share + :n
\startpipeline
UPDATE bare.contract SET last_at = now(), held = '300.00 USD', released = '200.00 USD', event_no = 5,
	last_event = 'release_payment', milestone_held = '{300.00 USD}', milestone_released = '{200.00 USD}',
	deposit_held = '{100.00 USD,200.00 USD}', head = '\x7e21ea5d51b09f744d2a6b2878715aa9cbeb300202324a818e18b14b4a292a6a'
WHERE contract_id = :id;
INSERT INTO bare.event (contract_id, recorded_at, effective_at, amount, event_no, milestone_no, kind, party,
	hash_format, actor, hash)
VALUES (:id, now(), now(), '200.00 USD', 5, 1, 'release_payment', 'client', 1, 'client-1', '\x7e21ea5d51b09f744d2a6b2878715aa9cbeb300202324a818e18b14b4a292a6a');
INSERT INTO bare.transfer (contract_id, amount, event_no, ordinal, deposit_no, milestone_no, debit, credit)
VALUES (:id, '200.00 USD', 5, 1, 1, 1, 'escrow', 'freelancer');
\endpipeline
