\echo '==== 2. A dispute, from end to end ===='
\echo
\echo '500.00 USD in escrow, 300 from a card and 200 from a bank, on a test clock that starts on a'
\echo 'Monday. Carol, the client, ends the contract and pays 200.00: 300.00 are at stake.'
\echo

\i demo/example.sql
SELECT demo.ended(10) AS state;
SELECT source, deposited, released, held FROM refund.deposit_status WHERE contract_id = 10 ORDER BY deposit_no;
SELECT party, due_at, on_silence, silence_to_freelancer, silence_to_client FROM refund.whose_turn WHERE contract_id = 10;

\echo 'Fred, the freelancer, disputes 250.00 of it. His evidence: a note, and a file that is kept elsewhere.'
\echo
SELECT state, disputed, due_at FROM refund.dispute_refund(10, 'fred', '250.00 USD',
	reason => 'All but the last page is delivered.',
	evidence => '[{"title": "Her mail of 12 February", "statement": "She wrote: looks great."},
		{"title": "The pages", "media_type": "application/zip", "uri": "https://files.example/pages.zip",
		 "byte_size": 48213, "sha256": "5994471abb01112afcc18159f6cc74b4f511b99806da59b3caf5a9c173cacfc5"}]');

\echo 'Carol declines a day later, with a file that is kept here. An operator gives the case to mia, a mediator.'
\echo
SELECT now FROM refund.advance_test_clock('path 10', '1 day');
SELECT state, due_at FROM refund.decline_dispute(10, 'carol', statement => 'Half of the pages do not work.',
	evidence => '[{"title": "The error", "media_type": "text/plain", "content": "NDA0IE5vdCBGb3VuZA=="}]');
SELECT state, mediator FROM refund.assign_case(10, 'olga', decider => 'mia');

\echo 'What mia may do, the parts of the case''s file, and the evidence in it:'
\echo
SELECT verb, party, until, min_amount, max_amount, currency FROM refund.allowed_actions(10, 'mia');
SELECT key, jsonb_typeof(value) FROM jsonb_each(refund.case_file(10, 'mia'));
SELECT evidence_no, party, title, media_type, byte_size, left(sha256, 8) AS sha256, has_content, uri FROM refund.evidence_index WHERE contract_id = 10 ORDER BY evidence_no;
SELECT convert_from(refund.evidence_content(10, 'mia', 3), 'UTF8') AS content;

\echo 'Her proposal binds nobody. Fred accepts, carol does not: notice of non-resolution.'
\echo
SELECT now FROM refund.advance_test_clock('path 10', '1 day');
SELECT state, proposed, due_at FROM refund.propose_resolution(10, 'mia', to_freelancer => '150.00 USD', rationale => 'Half of it works.');
SELECT state, freelancer_accepted, client_accepted FROM refund.accept_resolution(10, 'fred');
SELECT state, due_at FROM refund.reject_resolution(10, 'carol', reason => 'I can not use any of it.');

\echo 'Carol joins arbitration at once, fred after he was reminded. Each pays a share of the fee.'
\echo
SELECT state, due_at FROM refund.join_arbitration(10, 'carol', fee_source => 'card');
SELECT now FROM refund.advance_test_clock('path 10', '6 days 3 hours');
SELECT state, due_at FROM refund.join_arbitration(10, 'fred', fee_source => 'balance');

\echo 'The arbitrator is late, and then decides for good.'
\echo
SELECT state, arbitrator FROM refund.assign_case(10, 'olga', decider => 'arno');
SELECT now FROM refund.advance_test_clock('path 10', '31 days');
SELECT what, due, since FROM refund.overdue WHERE contract_id = 10;
SELECT state, outcome FROM refund.record_award(10, 'arno', to_freelancer => '180.00 USD', rationale => 'Three of five pages work.');
\set contract 10
\i demo/split.sql

\echo 'A payment worker takes what goes back. Its key for the provider names the attempt: none is paid twice.'
\echo
SELECT concat_ws('/', contract_id, payment_no, attempt_no) AS key, amount, currency, source FROM refund.claim_refund_payments(test => true);
SELECT state, provider_ref FROM refund.report_refund_payment(10, 'worker', 1, 'submitted', 're_1');
SELECT state, provider_ref FROM refund.report_refund_payment(10, 'worker', 1, 'failed', 're_1', detail => '{"reason": "account closed"}');

\echo 'The account is closed. An operator sends it elsewhere, and it arrives; the provider says so twice.'
\echo
SELECT state, destination FROM refund.retry_refund_payment(10, 'olga', 1, destination => 'balance');
SELECT concat_ws('/', contract_id, payment_no, attempt_no) AS key, amount, currency, destination FROM refund.claim_refund_payments(test => true);
SELECT state, provider_ref FROM refund.report_refund_payment(10, 'worker', 1, 'succeeded', 're_2');
SELECT state, provider_ref FROM refund.report_refund_payment(10, 'worker', 1, 'succeeded', 're_2');

\echo 'A mailer takes the notifications, delivers them and says so. One fails, and can be claimed again later.'
\echo
CREATE TEMP TABLE letter AS SELECT * FROM refund.claim_notifications(test => true);
SELECT notification_no, template, person, party, facts->>'due_at' AS due_at FROM letter ORDER BY notification_no;
SELECT f.state, f.failure, f.claimable_at > now() AS later FROM refund.fail_notification(10, 51, 'mailbox full') f;
SELECT c.state, count(*) FROM letter l, refund.confirm_notification(l.contract_id, l.notification_no, 'mail ' || l.notification_no) c
WHERE l.notification_no <> 51 GROUP BY c.state;

\i demo/history.sql
