\set n :n + 1
\set id :first + :client_id * :share + :n
\startpipeline
UPDATE bare.contract SET last_at = now(), event_no = 2, last_event = 'add_milestone', milestone_no = '{1}',
	milestone_room = '{500.00 USD}', milestone_held = '{0.00 USD}', milestone_released = '{0.00 USD}',
	milestone_refunded = '{0.00 USD}', head = '\x7a1e4d0c93b25f68e1a7c4d9063b8f25d417ae90bc36f2581d4e7a903c6b5f82'
WHERE contract_id = :id;
INSERT INTO bare.event (contract_id, recorded_at, effective_at, amount, event_no, milestone_no, kind, party,
	hash_format, actor, hash)
VALUES (:id, now(), now(), '500.00 USD', 2, 1, 'add_milestone', 'client', 1, 'client-1', '\x7a1e4d0c93b25f68e1a7c4d9063b8f25d417ae90bc36f2581d4e7a903c6b5f82');
INSERT INTO bare.milestone (contract_id, price, milestone_no, event_no, title)
VALUES (:id, '500.00 USD', 1, 2, 'Design');
\endpipeline
