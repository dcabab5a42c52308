\set n :n + 1
\set id :first + :client_id * :share + :n
\startpipeline
INSERT INTO bare.contract (contract_id, created_at, last_at, deposited, held, released, refunded, reversed,
	in_transit, fee_held, policy_version, event_no, deposit_count, payment_count, kind, state, last_event,
	currency, client, freelancer, policy, milestone_no, milestone_room, milestone_held, milestone_released,
	milestone_refunded, deposit_held, head)
VALUES (:id, now(), now(), '0.00 USD', '0.00 USD', '0.00 USD', '0.00 USD', '0.00 USD', '0.00 USD', '0.00 USD',
	1, 1, 0, 0, 'fixed_price', 'active', 'create_contract', 'USD', 'client-1', 'freelancer-1', 'standard',
	'{}', '{}', '{}', '{}', '{}', '{}', '\x7a1e4d0c93b25f68e1a7c4d9063b8f25d417ae90bc36f2581d4e7a903c6b5f82');
INSERT INTO bare.event (contract_id, recorded_at, effective_at, event_no, kind, party, hash_format, hash)
VALUES (:id, now(), now(), 1, 'create_contract', 'operator', 1, '\x7a1e4d0c93b25f68e1a7c4d9063b8f25d417ae90bc36f2581d4e7a903c6b5f82');
\endpipeline
