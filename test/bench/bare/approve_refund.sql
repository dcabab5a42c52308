\set n :n + 1
\set id :first + :client_id * :share + :n
\startpipeline
UPDATE bare.contract SET last_at = now(), next_due_at = NULL, due_at = NULL, settled_at = now(),
	effective_at = now(), held = '0.00 USD', refunded = '300.00 USD', in_transit = '300.00 USD',
	to_freelancer = '0.00 USD', to_client = '300.00 USD', event_no = 7, payment_count = 2,
	request_state = 'settled', outcome = 'approved', last_event = 'approve_refund',
	milestone_held = '{0.00 USD}', milestone_refunded = '{300.00 USD}', deposit_held = '{}', head = '\xbf0b8771a3563a6c3e8383d7a2df1fc1429c87e8a21b706ae7cb49f04f99d4c9'
WHERE contract_id = :id;
INSERT INTO bare.event (contract_id, recorded_at, effective_at, amount, event_no, kind, party, from_state, to_state,
	outcome, hash_format, actor, hash)
VALUES (:id, now(), now(), '300.00 USD', 7, 'approve_refund', 'freelancer', 'requested', 'settled', 'approved',
	1, 'freelancer-1', '\xbf0b8771a3563a6c3e8383d7a2df1fc1429c87e8a21b706ae7cb49f04f99d4c9');
INSERT INTO bare.transfer (contract_id, amount, event_no, ordinal, deposit_no, milestone_no, debit, credit)
VALUES (:id, '100.00 USD', 7, 1, 1, 1, 'escrow', 'refund_payable'),
	(:id, '200.00 USD', 7, 2, 2, 1, 'escrow', 'refund_payable');
INSERT INTO bare.refund_payment (contract_id, amount, expected_by, payment_no, deposit_no, event_no, purpose, state)
VALUES (:id, '100.00 USD', now() + interval '168 hours', 1, 1, 7, 'settlement', 'pending'),
	(:id, '200.00 USD', now() + interval '168 hours', 2, 2, 7, 'settlement', 'pending');
\endpipeline
