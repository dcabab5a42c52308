\set n :n + 1
\set id :first + :client_id * :share + :n
\startpipeline
INSERT INTO bare.contract (contract_id, created_at, last_at, deposited, held, released, refunded, reversed,
	in_transit, fee_held, policy_version, event_no, deposit_count, payment_count, kind, state, last_event,
	currency, client, freelancer, policy, milestone_no, milestone_room, milestone_held, milestone_released,
	milestone_refunded, deposit_held, head)
VALUES (:id, now(), now(), '0.00 USD', '0.00 USD', '0.00 USD', '0.00 USD', '0.00 USD', '0.00 USD', '0.00 USD',
	1, 1, 0, 0, 'fixed_price', 'active', 'create_contract', 'USD', 'client-1', 'freelancer-1', 'standard',
	'{}', '{}', '{}', '{}', '{}', '{}', '\xf1fd490497a854d98c048fceefde4575d9acc76db038bbfcf9695fd8f7aad3a8');
INSERT INTO bare.event (contract_id, recorded_at, effective_at, event_no, kind, party, hash_format, hash)
VALUES (:id, now(), now(), 1, 'create_contract', 'operator', 1, '\xf1fd490497a854d98c048fceefde4575d9acc76db038bbfcf9695fd8f7aad3a8');
\endpipeline
