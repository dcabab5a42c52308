# Dump and restore, in every way that people use: each restored database must
# hold the same rows as the source, be sound, and go on working.
#
# faults.md: B01 (modes), B02 (other name, owner, port), B03 (restored twice),
# B04 (nothing has to be prepared before a restore), B06 (pg_upgrade), B07 (a
# dump by somebody who may not read), A11 (keys survive).  B02 and B06 from an older
# PostgreSQL: OLD_MAJOR=15 test/run major.

use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use RefundTest;
use Test::More;

my $dir = PostgreSQL::Test::Utils::tempdir;

my $conf = "max_locks_per_transaction = 128\n";
my $source = old_server('source', $conf);
$source->start;

# ---- the source ----

# a role for each duty
my @duties = qw(app mediator arbitrator operator worker analyst auditor);
my $grant_access = join ' ', map { "SELECT refund.grant_access('the_$_', '$_');" } @duties;

my $create_roles = q{
	CREATE ROLE reader;
	CREATE ROLE app;
	CREATE ROLE stranger LOGIN;
	CREATE ROLE someone_else LOGIN;
	CREATE ROLE other_admin LOGIN SUPERUSER} . join '', map { ";CREATE ROLE the_$_" } @duties;

$source->safe_psql('postgres', "CREATE DATABASE source; $create_roles");
$source->safe_psql(
	'source', q{
	CREATE EXTENSION refund;
	GRANT SELECT ON refund.contract_status TO reader;
	GRANT EXECUTE ON FUNCTION refund.approve_refund(bigint, text, text) TO app;

	-- policies and calendars of one's own
	SELECT refund.set_holidays('default', '{2026-12-25,2027-01-01}');
	SELECT refund.set_holidays('shop', '{2026-03-04}', '{5,6}');
	SELECT refund.add_policy('standard', '{"refund_response": "10 days"}');
	SELECT refund.add_policy('shop', '{"refund_response": "2 business days", "zone": "Europe/Lisbon", "calendar": "shop"}');
	SELECT refund.add_policy('shop', '{"refund_response": "48 hours", "max_extensions": 0}');
	SELECT refund.create_test_clock('lab', '2026-03-02 09:00+00');
	SELECT refund.create_test_clock('late', '2026-03-02 09:00+00');

	-- helpers of this test, in no schema that is dumped
	CREATE FUNCTION pg_temp.make(id bigint, price text, VARIADIC funds text[]) RETURNS void LANGUAGE plpgsql AS $$
	DECLARE
		n int := 0;
		f text;
	BEGIN
		PERFORM refund.create_contract(id, 'carol', 'fred', right(price, 3)::refund.currency);
		PERFORM refund.add_milestone(id, 'carol', 1, 'first part', price::refund.amount);
		FOREACH f IN ARRAY funds LOOP
			n := n + 1;
			PERFORM refund.fund(id, 'carol', 1, f::refund.amount, 'card ' || n, 'ref-' || n);
		END LOOP;
	END $$;

	-- 1 active without anything; 2 active, unfunded
	SELECT refund.create_contract(1, 'carol', 'fred', 'USD', idempotency_key => 'create-1');
	SELECT refund.create_contract(2, 'carol', 'fred', 'USD');
	SELECT refund.add_milestone(2, 'carol', 1, 'first part', '100.00 USD', '2026-12-31');
	-- 3 funded from two sources
	SELECT pg_temp.make(3, '500.00 USD', '300.00 USD', '200.00 USD');
	-- 4 partly released: the first deposit is used up, so its number is outside of the array's bounds
	SELECT pg_temp.make(4, '500.00 USD', '300.00 USD', '200.00 USD');
	SELECT refund.release_payment(4, 'carol', 1, '350.00 USD');
	-- 5 a leftover moved to the next milestone, which is released whole
	SELECT pg_temp.make(5, '100.00 USD', '100.00 USD');
	SELECT refund.add_milestone(5, 'carol', 7, 'second part', '90.00 USD');
	SELECT refund.release_payment(5, 'carol', 1, '40.00 USD');
	SELECT refund.move_leftover(5, 'carol', 1, 7, '60.00 USD');
	SELECT refund.release_milestone(5, 'carol', 7);
	-- 6 ended by the client, open request: the next verb approves it
	SELECT pg_temp.make(6, '500.00 USD', '300.00 USD', '200.00 USD');
	SELECT refund.end_contract(6, 'carol', '200.00 USD', idempotency_key => 'end-6');
	-- 7 approved; 8 paid in full
	SELECT pg_temp.make(7, '500.00 USD', '300.00 USD', '200.00 USD');
	SELECT refund.end_contract(7, 'carol');
	SELECT refund.approve_refund(7, 'fred', idempotency_key => 'approve-7');
	SELECT pg_temp.make(8, '500.00 USD', '300.00 USD', '200.00 USD');
	SELECT refund.end_contract(8, 'carol', '0.00 USD');
	SELECT refund.pay_in_full(8, 'carol');
	-- 9 ended by the freelancer; 10 the same, with a deposit that comes late
	SELECT pg_temp.make(9, '500.00 USD', '300.00 USD', '200.00 USD');
	SELECT refund.end_contract(9, 'fred');
	SELECT pg_temp.make(10, '500.00 USD', '300.00 USD');
	SELECT refund.end_contract(10, 'carol', '300.00 USD');
	SELECT refund.fund(10, 'carol', 1, '25.00 USD', 'slow bank', 'ref-late');
	-- 11 all paid at the end: no request
	SELECT pg_temp.make(11, '0.01 USD', '0.01 USD');
	SELECT refund.end_contract(11, 'carol', '0.01 USD');
	-- 40 on hold; 41 under review; 42 a chargeback, which is a hold; 43 given back in part; 44 extended once
	SELECT pg_temp.make(n, '500.00 USD', '300.00 USD', '200.00 USD') FROM generate_series(40, 44) n;
	SELECT refund.place_hold(40, 'olga', 'legal', 'A court asks.');
	SELECT refund.submit_work(41, 'fred', 1, 'Here it is.');
	SELECT refund.report_reversal(42, 'will', 1, 'chargeback', 'opened', '100.00 USD', 'cb-1');
	SELECT refund.release_payment(43, 'carol', 1, '400.00 USD');
	SELECT refund.give_refund(43, 'fred', 1, '20.00 USD');
	SELECT refund.end_contract(44, 'carol');
	SELECT refund.extend_deadline(44, 'olga', '2 business days', 'The post is slow.');
	-- other kinds, an agency, other currencies, an own policy, the ends of bigint
	SELECT refund.create_contract(12, 'carol', 'fred', 'USD', kind => 'hourly');
	SELECT refund.create_contract(13, 'carol', 'fred', 'BHD', kind => 'project_catalog', agency => 'agatha', policy => 'shop');
	SELECT refund.add_milestone(13, 'carol', 1, 'x', '9007199254740.991 BHD');
	SELECT refund.fund(13, 'carol', 1, '9007199254740.991 BHD', 'vault');
	SELECT refund.end_contract(13, 'carol', '0.001 BHD');
	SELECT refund.create_contract(9223372036854775807, 'carol', 'fred', 'JPY', kind => 'consultation');
	SELECT refund.create_contract(-9223372036854775808, 'carol', 'fred', 'JPY');
	-- texts that a careless dump would break
	SELECT refund.create_contract(14, E'tab\there', E'new\nline', 'USD', agency => E'"{,}\\N'' $1');
	SELECT refund.add_milestone(14, E'tab\there', 1, E'\\.\n\\N\r\u2603 \U0001F600', '5.00 USD');
	SELECT refund.fund(14, E'tab\there', 1, '5.00 USD', E'\\N', E'--;''"');
	-- test clocks: 15 settled by silence, 16 open, 17 overdue with the job down, so not recorded
	SELECT refund.create_contract(n, 'carol', 'fred', 'USD', policy => 'shop', test_clock => CASE n WHEN 17 THEN 'late' ELSE 'lab' END)
		FROM generate_series(15, 17) n;
	SELECT refund.add_milestone(n, 'carol', 1, 'x', '10.00 USD') FROM generate_series(15, 17) n;
	SELECT refund.fund(n, 'carol', 1, '10.00 USD', 'card') FROM generate_series(15, 17) n;
	SELECT refund.end_contract(15, 'carol');
	SELECT refund.advance_test_clock('lab', '3 days');
	SELECT refund.end_contract(16, 'carol', '1.00 USD');
	SELECT refund.end_contract(17, 'carol', '1.00 USD');
	SELECT refund.advance_test_clock('late', '3 days', run_job => false);
	-- 20 to 26: a dispute in each state from disputed on, 27 and 28 settled by offers; with evidence
	-- here and elsewhere, an erased body, and answers that were given
	CREATE FUNCTION pg_temp.dispute(id bigint, upto text) RETURNS void LANGUAGE plpgsql AS $$
	BEGIN
		PERFORM pg_temp.make(id, '500.00 USD', '300.00 USD', '200.00 USD');
		PERFORM refund.end_contract(id, 'carol', '200.00 USD');
		PERFORM refund.dispute_refund(id, 'fred', '250.00 USD', E'tab\t, \\\\., \\\\N, "quotes", \u2603', jsonb_build_array(
			jsonb_build_object('title', E'bytes \\\\000', 'media_type', 'application/zip', 'content', encode('\x00ff0d0a5c2e'::bytea, 'base64'), 'statement', E'two\nlines'),
			jsonb_build_object('title', 'elsewhere', 'media_type', 'image/png', 'uri', 'https://example.org/1.png', 'byte_size', 5000000000, 'sha256', repeat('ab', 32))),
			idempotency_key => 'dispute');
		IF upto = 'disputed' THEN RETURN; END IF;
		PERFORM refund.decline_dispute(id, 'carol', 'No.', '[{"title": "mine", "statement": "only words"}]');
		PERFORM refund.erase_evidence(id, 'olga', 2, 'by law');
		IF upto = 'in_review' THEN RETURN; END IF;
		PERFORM refund.assign_case(id, 'olga', 'mary');
		PERFORM refund.propose_resolution(id, 'mary', '150.00 USD', 'rationale');
		PERFORM refund.accept_resolution(id, 'carol');
		IF upto = 'proposed' THEN RETURN; END IF;
		PERFORM refund.reject_resolution(id, 'fred');
		PERFORM refund.join_arbitration(id, 'fred', 'card f', 'fee-1');
		IF upto = 'unresolved' THEN RETURN; END IF;
		PERFORM refund.join_arbitration(id, 'carol', 'card c', 'fee-2');
		PERFORM refund.assign_case(id, 'olga', 'arthur');
		IF upto = 'in_arbitration' THEN RETURN; END IF;
		PERFORM refund.record_award(id, 'arthur', '180.00 USD', 'award');
	END $$;
	SELECT pg_temp.dispute(20, 'disputed');
	SELECT pg_temp.dispute(21, 'in_review');
	SELECT pg_temp.dispute(22, 'proposed');
	SELECT pg_temp.dispute(23, 'unresolved');
	SELECT pg_temp.dispute(24, 'in_arbitration');
	SELECT pg_temp.dispute(25, 'settled');
	-- offers: two that stand, one withdrawn, one replaced
	SELECT refund.offer_settlement(24, 'carol', a) FROM unnest('{1.00 USD,2.00 USD}'::refund.amount[]) a;
	SELECT refund.offer_settlement(24, 'fred', '200.00 USD');
	SELECT refund.offer_settlement(21, 'carol', '9.00 USD');
	SELECT refund.withdraw_settlement_offer(21, 'carol');
	-- fees on their way back; accepted and crossing offers
	SELECT pg_temp.dispute(26, 'in_arbitration');
	SELECT refund.offer_settlement(26, 'carol', '220.00 USD');
	SELECT refund.accept_settlement(26, 'fred', 1);
	SELECT pg_temp.dispute(27, 'unresolved');
	SELECT refund.offer_settlement(27, 'carol', '100.00 USD');
	SELECT refund.offer_settlement(27, 'fred', '100.00 USD');
	SELECT pg_temp.dispute(28, 'proposed');
	SELECT refund.withdraw_dispute(28, 'fred');
	-- payments in every state: 7 has two, 26 three, 27 two, 28 two
	SELECT refund.report_refund_payment(7, 'will', 1, 'submitted', 'p-1');
	SELECT refund.report_refund_payment(26, 'will', 1, 'succeeded', 'p-1', '{"at": "12:00"}');
	SELECT refund.report_refund_payment(26, 'will', 1, 'succeeded', 'p-2');
	SELECT refund.report_refund_payment(26, 'will', 1, 'succeeded', 'p-3');
	SELECT refund.report_refund_payment(26, 'will', 2, 'failed', 'p-4');
	SELECT refund.report_refund_payment(26, 'will', 2, 'unclaimed', NULL);
	SELECT refund.report_refund_payment(27, 'will', 1, 'succeeded', 'p-1');
	SELECT refund.report_refund_payment(27, 'will', 1, 'bounced', 'p-1');
	SELECT refund.report_refund_payment(28, 'will', 1, 'failed', 'p-1');
	SELECT refund.report_refund_payment(28, 'will', 2, 'failed', 'p-2');
	SELECT refund.retry_refund_payment(28, 'olga', 2, 'another bank', 'retry');
	SELECT refund.claim_refund_payments(1, '1 hour');
	-- notifications: delivered, failed, dead, handed out, and most of them waiting for their people
	SELECT refund.claim_notifications(20, '1 hour');
	SELECT refund.confirm_notification(contract_id, notification_no, 'mail ' || notification_no) FROM (
		SELECT * FROM refund.notification WHERE party IS NOT NULL ORDER BY contract_id, notification_no LIMIT 5) n;
	SELECT refund.fail_notification(contract_id, notification_no, 'no such mailbox') FROM (
		SELECT * FROM refund.notification WHERE party IS NOT NULL AND state = 'pending' ORDER BY contract_id, notification_no LIMIT 2) n;
	UPDATE refund.notification SET attempts = 10, state = 'dead' WHERE (contract_id, notification_no) = (
		SELECT contract_id, notification_no FROM refund.notification WHERE failure IS NOT NULL ORDER BY 1, 2 LIMIT 1);
	-- 50 has been through everything, and is archived
	SELECT pg_temp.make(50, '500.00 USD', '300.00 USD', '200.00 USD');
	SELECT refund.report_reversal(50, 'will', 1, 'chargeback', s::refund.reversal_state, '100.00 USD', 'cb-1') FROM unnest('{opened,won}'::text[]) s;
	SELECT refund.end_contract(50, 'carol');
	SELECT refund.dispute_refund(50, 'fred', '250.00 USD', E'tab\t, \\\\.', '[{"title": "words", "statement": "only words"}]');
	SELECT refund.decline_dispute(50, 'carol', 'No.');
	SELECT refund.propose_resolution(50, 'mary', '150.00 USD', 'rationale');
	SELECT refund.reject_resolution(50, 'fred');
	SELECT refund.join_arbitration(50, p, 'card ' || p, 'fee ' || p) FROM unnest('{fred,carol}'::text[]) p;
	SELECT refund.record_award(50, 'arthur', '0.00 USD', 'award');
	SELECT refund.report_refund_payment(50, 'will', n, 'succeeded', 'p-' || n) FROM generate_series(1, 2) n;
	UPDATE refund.notification SET state = 'delivered' WHERE contract_id = 50;
	CALL refund.archive('infinity', 100);
	-- enough of them to make contract by far the largest table: parallel restores start with it
	SELECT refund.create_contract(n, 'client ' || n, 'fred', 'EUR', policy => 'shop', test_clock => 'lab')
		FROM generate_series(1001, 3000) n;
	SELECT refund.add_milestone(n, 'client ' || n, 1, 'x', '10.00 EUR') FROM generate_series(1001, 1500) n;
	-- a row in job_run, and one that no run has written yet
	CALL refund.run_due();
	INSERT INTO refund.poison_case VALUES (20, '23505', E'a\\tmessage', 3, now(), now(), now() + interval '4 minutes')});

my $digests = digests_of($source, 'source');
note $digests;
for my $table (grep { $_ ne 'activation' } tables_of($source, 'source'))
{
	like($digests, qr/^$table\|[1-9]/m, "the source has rows in refund.$table");
}
is( $source->safe_psql(
		'source', q{
		SELECT string_agg(DISTINCT concat_ws('/', state, request_state, outcome), ' '
			ORDER BY concat_ws('/', state, request_state, outcome)) FROM refund.contract}),
	'active ended ended/disputed ended/in_arbitration ended/in_review ended/proposed ended/requested ended/settled/approved'
	  . ' ended/settled/approved_by_silence ended/settled/arbitration_award ended/settled/dispute_withdrawn'
	  . ' ended/settled/mutual_settlement ended/settled/paid_in_full ended/unresolved',
	'the source has contracts in every state that can be reached');
is( $source->safe_psql('source', q{SELECT string_agg(DISTINCT state::text, ' ' ORDER BY state::text) FROM refund.refund_payment}),
	'bounced failed pending submitted succeeded unclaimed', 'and refund payments in every state');
is( $source->safe_psql('source', q{
		SELECT string_agg(DISTINCT concat_ws(' ', state, (party IS NOT NULL)::text), ', ' ORDER BY concat_ws(' ', state, (party IS NOT NULL)::text))
		FROM refund.notification}),
	'dead true, delivered true, pending false, pending true', 'and notifications with and without their people');
is( $source->safe_psql('source', q{
		SELECT count(*) FILTER (WHERE erased) > 0, count(*) FILTER (WHERE has_content) > 0, count(uri) > 0, count(statement) > 0,
			(SELECT count(*) > 0 FROM refund.arbitration_fee), (SELECT count(*) > 0 FROM refund.refund_payment WHERE cardinality(extra_refs) = 2),
			(SELECT count(*) = 2 FROM refund.settlement_offer_status WHERE state = 'standing')
		FROM refund.evidence_index}),
	't|t|t|t|t|t|t', 'and evidence here, elsewhere and erased, fees, payments made too often, offers');
is_sound($source, 'source', 'source');

# Views are made anew from their text, so each is read.
sub views_of
{
	my ($server, $dbname) = @_;
	my @views = split /\n/, $server->safe_psql(
		$dbname, q{
		SELECT oid::regclass FROM pg_class
		WHERE relnamespace IN ('refund'::regnamespace, 'refund_archive'::regnamespace) AND relkind = 'v'
		ORDER BY oid::regclass::text COLLATE "C"});

	return $server->safe_psql($dbname, join ' UNION ALL ', map { "SELECT '$_', count(*) FROM $_" } @views);
}
my $views = views_of($source, 'source');

# Who may do what is part of a database too.
sub grants_of
{
	my ($server, $dbname) = @_;

	return $server->safe_psql(
		$dbname, q{
		SELECT 'relation', c.oid::regclass::text, a.grantee::regrole::text, a.privilege_type
		FROM pg_class c, aclexplode(c.relacl) a
		WHERE c.relnamespace = 'refund'::regnamespace AND a.grantee <> c.relowner
		UNION ALL
		SELECT 'routine', p.oid::regprocedure::text,
			a.grantee::regrole::text, a.privilege_type
		FROM pg_proc p, aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
		WHERE p.pronamespace = 'refund'::regnamespace AND a.grantee NOT IN (0, p.proowner)
		ORDER BY 1, 2, 3, 4}) . "\n" . $server->safe_psql(
		$dbname, q{
		SELECT 'public', p.oid::regprocedure
		FROM pg_proc p
		WHERE p.pronamespace = 'refund'::regnamespace AND has_function_privilege('public', p.oid, 'EXECUTE')
		ORDER BY p.oid::regprocedure::text});
}
$source->safe_psql('source', $grant_access);
my $grants = grants_of($source, 'source');
is(scalar(() = $grants =~ /\|the_worker\|EXECUTE$/mg), 12, 'the source has the grants of a duty');
like($grants, qr/^relation\|refund\.contract_status\|reader\|SELECT$/m, 'the source has a grant on a view');
like($grants, qr/^routine\|refund\.approve_refund\(bigint,text,text\)\|app\|EXECUTE$/m, 'and on a function');

# ---- what must hold in a restored database ----

sub is_replayed
{
	my ($server, $dbname, $sql, $expected, $name) = @_;
	my ($ret, $out, $err) =
	  $server->psql($dbname, $sql, extra_params => [ '-v', 'VERBOSITY=sqlstate' ]);

	$err =~ s/^psql:.*?: //;
	return is("$ret $out $err", "0 $expected NOTICE:  RF000", $name);
}

# One that is broken does not keep the others from being looked at.
sub check_restored
{
	my ($server, $dbname, $mode) = @_;

	eval { check_rows_and_verbs($server, $dbname, $mode); 1 }
	  or fail("$mode: " . ($@ =~ s/\n.*//sr));
	return;
}

sub check_rows_and_verbs
{
	my ($server, $dbname, $mode) = @_;

	# first of all: what follows changes rows
	is(digests_of($server, $dbname), $digests, "$mode: every table has the same rows");
	is_sound($server, $dbname, $mode);
	is(views_of($server, $dbname), $views, "$mode: every view has as many rows");
	is(grants_of($server, $dbname), $grants, "$mode: the same grants");
	is( $server->safe_psql($dbname,
			'SELECT name, version, shipped FROM refund.policy ORDER BY name, version'),
		"client_5_business_days|1|t\nclient_7_days|1|t\nfee_291|1|t\nfee_337_50|1|t\nshop|1|f\nshop|2|f\nstandard|1|t\nstandard|2|f",
		"$mode: the shipped policies are there once");

	# the archive: seen by views, closed for verbs, guarded, and a way back
	is( $server->safe_psql($dbname, q{
			SELECT (SELECT outcome FROM refund.refund_request_status WHERE contract_id = 50), (SELECT count(*) FROM refund.case_timeline WHERE contract_id = 50),
				(SELECT count(*) FROM refund.event WHERE contract_id = 50), (SELECT string_agg(partition, ' ') FROM refund.archive_partition)}),
		'arbitration_award|16|0|0', "$mode: an archived contract is in the views");
	is( join(' ', map { sqlstate_of($server, $dbname, $_) }
			  q{SELECT refund.give_refund(50, 'fred', 1, '1.00 USD')}, q{SELECT refund.create_contract(50, 'carol', 'fred', 'USD')},
			'UPDATE refund_archive.event_0 SET actor = actor', 'DELETE FROM refund.archived_transfer', 'TRUNCATE refund_archive.contract_0'),
		'RF009 23505 RF012 RF012 RF012', "$mode: and nothing changes it");
	is( $server->safe_psql($dbname, q{
			BEGIN;
			SELECT state FROM refund.unarchive(50);
			SELECT erased, (SELECT count(*) FROM refund.archived_event) FROM refund.erase_evidence(50, 'olga', 1, 'by law');
			ROLLBACK}),
		"ended\nt|0", "$mode: and it can come back");

	# the next verb
	is( $server->safe_psql($dbname,
			q{SELECT state, outcome, to_client FROM refund.approve_refund(6, 'fred')}),
		'settled|approved|300.00', "$mode: an open request can be approved");
	is( $server->safe_psql($dbname,
			'SELECT source, amount, state FROM refund.refund_payment_status WHERE contract_id = 6 ORDER BY payment_no'),
		"card 1|100.00|pending\ncard 2|200.00|pending",
		"$mode: its money goes back to its sources");

	# disputes go on, each in its state
	is( $server->safe_psql($dbname, q{
			SELECT (SELECT state FROM refund.decline_dispute(20, 'carol', 'No.')), (SELECT state FROM refund.propose_resolution(21, 'mary', '1.00 USD', 'x')),
				(SELECT outcome FROM refund.accept_resolution(22, 'fred')), (SELECT state FROM refund.join_arbitration(23, 'carol', 'card c', 'fee-2')),
				(SELECT to_freelancer FROM refund.accept_settlement(24, 'carol', 3))}),
		'in_review|proposed|resolution_accepted|in_arbitration|200.00', "$mode: disputes go on in every state");
	is( sqlstate_of($server, $dbname, q{SELECT refund.record_award(23, 'mary', '300.00 USD', 'x')}), 'RF004', "$mode: and within their amounts");
	is( $server->safe_psql($dbname, q{
			SELECT refund.evidence_content(25, 'fred', 1), refund.evidence_content(25, 'arthur', 2) IS NULL,
				reason = E'tab\t, \\\\., \\\\N, "quotes", \u2603' FROM refund.refund_request_status WHERE contract_id = 25}),
		'\x00ff0d0a5c2e|t|t', "$mode: contents and texts are what they were");
	is( $server->safe_psql($dbname, q{SELECT evidence_no, erased FROM refund.erase_evidence(25, 'olga', 1, 'by law')}),
		'1|t', "$mode: a body can be erased");
	is_replayed($server, $dbname,
		q{SELECT disputed FROM refund.dispute_refund(25, 'fred', '250.00 USD', E'tab\t, \\\\., \\\\N, "quotes", \u2603', (SELECT jsonb_build_array(
			jsonb_build_object('statement', E'two\nlines', 'title', E'bytes \\\\000', 'media_type', 'application/zip', 'content', encode('\x00ff0d0a5c2e'::bytea, 'base64')),
			jsonb_build_object('title', 'elsewhere', 'media_type', 'image/png', 'uri', 'https://example.org/1.png', 'byte_size', 5000000000, 'sha256', repeat('ab', 32)))), 'dispute')},
		'250.00', "$mode: the key of a dispute with its evidence is a replay");

	# work under review, holds, extensions and reversals
	is( sqlstate_of($server, $dbname, q{SELECT refund.fund(40, 'carol', 1, '1.00 USD', 'card')}), 'RF008', "$mode: a hold stands");
	is( $server->safe_psql($dbname, q{
			SELECT (SELECT state FROM refund.request_changes(41, 'carol', 1, 'Not so blue.')), (SELECT stands FROM refund.lift_hold(40, 'olga', 1, 'It asks no more.')),
				(SELECT concat_ws(' ', held, reversed) FROM refund.report_reversal(42, 'will', 1, 'chargeback', 'lost', '100.00 USD', 'cb-1')), (SELECT refunded FROM refund.give_refund(43, 'fred', 1, '10.00 USD'))}),
		'open|f|200.00 100.00|30.00', "$mode: reviews, holds, reversals and given refunds go on");
	is_replayed($server, $dbname, q{SELECT reversed FROM refund.report_reversal(42, 'will', 1, 'chargeback', 'opened', '100.00 USD', 'cb-1')},
		'100.00', "$mode: a reversal of before is a replay");
	is( sqlstate_of($server, $dbname, q{SELECT refund.extend_deadline(44, 'olga', '7 days', 'The post is slow.')}) . ' '
		  . sqlstate_of($server, $dbname, q{SELECT refund.extend_deadline(44, 'olga', '7 days', 'The post is slow.')}),
		' RF018', "$mode: extensions are counted");

	# payments: reports of before are known, attempts go on
	is_replayed($server, $dbname, q{SELECT state, attempt_no FROM refund.report_refund_payment(26, 'will', 1, 'succeeded', 'p-3')},
		'succeeded|1', "$mode: a report of before is a replay");
	is_replayed($server, $dbname, q{SELECT state FROM refund.retry_refund_payment(28, 'olga', 2, 'another bank', 'retry')},
		'pending', "$mode: and so is a retry");
	is( $server->safe_psql($dbname, q{
			SELECT (SELECT provider_ref FROM refund.report_refund_payment(26, 'will', 1, 'bounced', 'p-1')), (SELECT state FROM refund.report_refund_payment(7, 'will', 1, 'succeeded', 'p-1')),
				(SELECT state FROM refund.retry_refund_payment(26, 'olga', 2, 'x')), (SELECT state FROM refund.report_refund_payment(27, 'will', 1, 'succeeded', 'p-2'))}),
		'p-2|succeeded|pending|succeeded', "$mode: reports and retries go on");
	is( sqlstate_of($server, $dbname, q{SELECT refund.report_refund_payment(26, 'will', 2, 'submitted', 'p-1')}), 'RF007', "$mode: a reference of before is another payment's");
	is( sqlstate_of($server, $dbname, q{SELECT refund.claim_refund_payments()}), 'RF016', "$mode: a copy hands out no payments");
	$server->safe_psql($dbname, 'SELECT refund.activate()');
	is( $server->safe_psql($dbname, q{SELECT count(*) > 0 FROM refund.claim_refund_payments() p WHERE p.state = 'pending'}), 't', "$mode: payments are claimed");

	# mailers go on where they were
	is( $server->safe_psql($dbname, q{
			WITH claimed AS MATERIALIZED (SELECT * FROM refund.claim_notifications(1000))
			SELECT count(*) > 0, count(*) = count(DISTINCT (contract_id, notification_no)), bool_and(state = 'pending' AND party IS NOT NULL) FROM claimed}),
		't|t|t', "$mode: notifications that waited are handed out");
	is( $server->safe_psql($dbname, q{SELECT count(*) FROM refund.notification WHERE state = 'delivered' AND provider_ref = 'mail ' || notification_no}),
		'5', "$mode: deliveries are known");

	# keys survive: the same call is a replay, another one a conflict (A11)
	is_replayed($server, $dbname,
		q{SELECT state, at_stake FROM refund.end_contract(6, 'carol', '200.00 USD', idempotency_key => 'end-6')},
		'ended|300.00', "$mode: a key of before is a replay");
	is_replayed($server, $dbname,
		q{SELECT contract_id, state FROM refund.create_contract(1, 'carol', 'fred', 'USD', idempotency_key => 'create-1')},
		'1|active', "$mode: create_contract's key of before is a replay");
	is( sqlstate_of($server, $dbname,
			q{SELECT refund.end_contract(6, 'carol', '100.00 USD', idempotency_key => 'end-6')}),
		'RF007', "$mode: a key of before with other arguments is a conflict");

	# clocks go on; new contracts get the latest policy
	$server->safe_psql(
		$dbname, q{
		SELECT refund.advance_test_clock('lab', '2 days');
		SELECT refund.advance_test_clock('late', '0');
		SELECT refund.create_contract(100, 'carol', 'fred', 'USD')});
	is( $server->safe_psql(
			$dbname, q{
			SELECT contract_id, outcome, effective_at = due, settled_at > due
			FROM refund.refund_request_status r
			JOIN (SELECT contract_id, max(due_at) AS due FROM refund.event GROUP BY contract_id) e USING (contract_id)
			WHERE contract_id IN (16, 17) ORDER BY contract_id}),
		"16|approved_by_silence|t|f\n17|approved_by_silence|t|t",
		"$mode: test clocks go on");
	is( $server->safe_psql($dbname,
			'SELECT policy, policy_version FROM refund.contract WHERE contract_id = 100'),
		'standard|2', "$mode: a new contract is pinned to the latest version");

	# history is guarded as before
	is( sqlstate_of($server, $dbname, 'UPDATE refund.event SET actor = actor'),
		'RF012', "$mode: history is append-only");
	is( sqlstate_of($server, $dbname,
			"UPDATE refund.contract SET outcome = 'approved' WHERE contract_id = 3"),
		'RF013', "$mode: a contract changes through events only");
	is_sound($server, $dbname, "$mode, after the next verbs");
	return;
}

# ---- the modes ----

# Where it is restored: beside the source, unless that is of an older PostgreSQL
my $node = $source;
if ($ENV{OLD_SERVER})
{
	$node = new_server('target', $conf);
	$node->start;
	$node->safe_psql('postgres', $create_roles);
}

# dump_to(OPTIONS...): the source, into a file of its own, by the pg_dump of where it goes
my $files = 0;

sub dump_to
{
	my @options = @_;
	my $file = "$dir/dump" . ++$files;

	$node->command_ok(
		[ 'pg_dump', '--no-sync', '-d', $source->connstr('source'), '-f', $file, @options ],
		"pg_dump @options");
	return $file;
}

# into DATABASE from plain text
sub psql_from
{
	my ($server, $dbname, $file, @options) = @_;

	$server->command_ok(
		[ 'psql', '-Xq', '-v', 'ON_ERROR_STOP=1', '-d', $server->connstr($dbname), '-f', $file, @options ],
		"psql @options");
	return;
}

sub restore_from
{
	my ($server, $dbname, $file, @options) = @_;

	$server->command_ok(
		[ 'pg_restore', '--exit-on-error', '-d', $server->connstr($dbname), @options, $file ],
		"pg_restore @options");
	return;
}

# in_database(MODE, SUB): SUB fills an empty database, which is then checked
my $databases = 0;

sub in_database
{
	my ($mode, $fill, $options) = @_;
	my $dbname = 'restored_' . ++$databases;

	note "---- $mode";
	$node->safe_psql('postgres', "CREATE DATABASE $dbname " . ($options // ''));
	$fill->($dbname);
	check_restored($node, $dbname, $mode);
	$node->safe_psql('postgres', "DROP DATABASE $dbname");
	return;
}

# B01
my $plain = dump_to();
my $custom = dump_to('-Fc');
my $directory = dump_to('-Fd', '-j2');
my $data = dump_to('--data-only');
my $custom_data = dump_to('--data-only', '-Fc');

unlike(slurp_file($plain), qr/setval|CREATE TABLE refund\./,
	'a dump holds neither sequences nor table definitions of the extension');

in_database('plain', sub { psql_from($node, $_[0], $plain) });
in_database('plain, single transaction', sub { psql_from($node, $_[0], $plain, '--single-transaction') });
in_database('custom', sub { restore_from($node, $_[0], $custom) });
in_database('custom, single transaction', sub { restore_from($node, $_[0], $custom, '--single-transaction') });
in_database('custom, restored by two jobs', sub { restore_from($node, $_[0], $custom, '-j2') });
in_database('directory, dumped by two jobs, restored by four', sub { restore_from($node, $_[0], $directory, '-j4') });
in_database('tar', sub { restore_from($node, $_[0], dump_to('-Ft')) });
in_database('inserts', sub { psql_from($node, $_[0], dump_to('--inserts', '--rows-per-insert=100')) });
in_database('column inserts', sub { psql_from($node, $_[0], dump_to('--column-inserts', '--rows-per-insert=100')) });
in_database(
	'data only, extension created beforehand',
	sub {
		$node->safe_psql($_[0], 'CREATE EXTENSION refund; SELECT refund.add_archive_partition(0, 4611686018427387904); GRANT SELECT ON refund.contract_status TO reader;'
			  . " GRANT EXECUTE ON FUNCTION refund.approve_refund(bigint, text, text) TO app; $grant_access");
		psql_from($node, $_[0], $data, '--single-transaction');
	});
in_database(
	'data only, custom, two jobs, triggers disabled',
	sub {
		restore_from($node, $_[0], $custom, '--schema-only');
		restore_from($node, $_[0], $custom_data, '--data-only', '--disable-triggers', '-j2');
	});
in_database(
	'section by section',
	sub {
		restore_from($node, $_[0], $directory, "--section=$_") for ('pre-data', 'data', 'post-data');
	});

in_database(
	'over itself, cleaned',
	sub {
		my ($dbname) = @_;

		restore_from($node, $dbname, $custom);
		$node->command_ok([ 'pg_dump', '--no-sync', '-Fc', '-d', $node->connstr($dbname), '-f', "$dir/itself" ], 'pg_dump of what was restored');
		# DROP EXTENSION is refused otherwise
		local $ENV{PGOPTIONS} = '-c refund.allow_drop=on';
		restore_from($node, $dbname, "$dir/itself", '--clean');
	});

# B02: another owner of the database; another owner of the extension
in_database('owned by somebody else', sub { restore_from($node, $_[0], $custom) }, 'OWNER someone_else');
in_database('restored as another superuser',
	sub { restore_from($node, $_[0], $custom, '--no-owner', '--role=other_admin') });

# B02, B04: another server, by pg_dumpall; nothing is prepared there
my $other = new_server('other', $conf);
$other->start;
my $all = "$dir/all";
$other->command_ok([ 'pg_dumpall', '--no-sync', '-d', $source->connstr('postgres'), '-f', $all ], 'pg_dumpall');
# the superuser who runs this is there already, which is the one error
$other->psql('postgres', slurp_file($all), on_error_stop => 0);
check_restored($other, 'source', 'pg_dumpall into another server');

# B03: a restore over existing data is refused and changes nothing
my $before = digests_of($other, 'source');
$other->command_fails_like(
	[ 'psql', '-Xq', '-v', 'ON_ERROR_STOP=1', '-1', '-d', $other->connstr('source'), '-f', $data ],
	qr/duplicate key value violates unique constraint/,
	'B03: plain data over existing data is refused');
$other->command_fails_like(
	[ 'pg_restore', '-d', $other->connstr('source'), '--data-only', $custom ],
	qr/duplicate key value violates unique constraint/,
	'B03: a custom dump over existing data is refused');
is(digests_of($other, 'source'), $before, 'B03: and not one row is changed or doubled');
$other->stop;

# B07: a dump by somebody who may not read fails, and loudly
$node->command_fails_like(
	[ 'pg_dump', '-d', $source->connstr('source'), '-U', 'stranger', '-f', "$dir/partial" ],
	qr/permission denied for (table|view|schema)/,
	'B07: pg_dump by somebody who may not read fails');

# B06: pg_upgrade (to the same version, unless the source is older) keeps what the
# types look like on disk, and the labels of the enums
SKIP:
{
	my $next = new_server('next', $conf);
	chomp(my $bindir = `pg_config --bindir`);
	skip 'no pg_upgrade here', 1 if !-x "$bindir/pg_upgrade";

	$source->stop;
	pg_upgrade($source, $next);
	$next->start;
	check_restored($next, 'source', 'pg_upgrade');
	$next->stop;
	$source->start;
}

# nothing above touched the source
is(digests_of($source, 'source'), $digests, 'the source is as it was');
$source->stop;

done_testing();
