\set n :n + 1
\set id :first + :client_id * :share + :n
\startpipeline
UPDATE bare.contract SET last_at = now(), next_due_at = now() + interval '168 hours',
	due_at = now() + interval '168 hours', opened_at = now(), at_stake = '300.00 USD', event_no = 6,
	state = 'ended', request_state = 'requested', last_event = 'end_contract', head = '\xe6be67e1069698401c3f849c5e815f6e3b686c75033489043eaae13d60c73886'
WHERE contract_id = :id;
INSERT INTO bare.event (contract_id, recorded_at, effective_at, due_at, amount, event_no, kind, party, to_state,
	hash_format, actor, hash)
VALUES (:id, now(), now(), now() + interval '168 hours', '0.00 USD', 6, 'end_contract', 'client', 'requested',
	1, 'client-1', '\xe6be67e1069698401c3f849c5e815f6e3b686c75033489043eaae13d60c73886');
\endpipeline
