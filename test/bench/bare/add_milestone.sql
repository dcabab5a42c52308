\set n :n + 1
\set id :first + :client_id * :share + :n
\startpipeline
UPDATE bare.contract SET last_at = now(), event_no = 2, last_event = 'add_milestone', milestone_no = '{1}',
	milestone_room = '{500.00 USD}', milestone_held = '{0.00 USD}', milestone_released = '{0.00 USD}',
	milestone_refunded = '{0.00 USD}', head = '\x8dc23dd1cc4e71f687efd8de9819664f0b78b962480cac96073993face0159f0'
WHERE contract_id = :id;
INSERT INTO bare.event (contract_id, recorded_at, effective_at, amount, event_no, milestone_no, kind, party,
	hash_format, actor, hash)
VALUES (:id, now(), now(), '500.00 USD', 2, 1, 'add_milestone', 'client', 1, 'client-1', '\x8dc23dd1cc4e71f687efd8de9819664f0b78b962480cac96073993face0159f0');
INSERT INTO bare.milestone (contract_id, price, milestone_no, event_no, title)
VALUES (:id, '500.00 USD', 1, 2, 'Design');
\endpipeline
