# Rows that reach another server by themselves: a subscriber, a standby that takes
# over without the end, a recovery to a point in the middle.
#
# faults.md: L01 (apply and verify on a subscriber), L02 (it does not pay), L03
# (initial synchronisation in parallel), L04 (numbers go on after a switch-over),
# L05 (a partial publication), S02 (promoted with a lost tail), S04 (the old primary
# comes back), S05 (a query in the way of recovery), B05 (point in time).

use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use RefundTest;
use Test::More;

my $db = 'postgres';
my $primary = new_server('primary', "wal_log_hints = on\nwal_keep_size = 256MB\n", allows_streaming => 'logical', has_archiving => 1);
$primary->start;

# make_cases(FROM, TO): each funded, ended, and disputed or settled
sub make_cases
{
	my ($from, $to) = @_;

	$primary->safe_psql(
		$db, qq{
		SELECT refund.create_contract(n, 'carol', 'fred', 'USD', idempotency_key => 'create'), refund.add_milestone(n, 'carol', 1, 'work', '500.00 USD'),
			refund.fund(n, 'carol', 1, '300.00 USD', 'card'), refund.end_contract(n, 'carol', '100.00 USD')
		FROM generate_series($from, $to) n;
		SELECT refund.approve_refund(n, 'fred', 'approve') FROM generate_series($from, $to, 2) n;
		SELECT refund.dispute_refund(n, 'fred', '50.00 USD', 'reason', '[{"title": "note", "statement": "words"}]') FROM generate_series($from + 1, $to, 2) n});
	return;
}

$primary->safe_psql($db, 'CREATE EXTENSION refund');
make_cases(1, 40);

# ---- a subscriber ----

# The shipped policies are not sent: both have them from CREATE EXTENSION.
$primary->safe_psql(
	$db, q{
	SELECT refund.add_policy('mine', '{"refund_response": "9 days"}');
	SELECT refund.set_holidays('shop', '{2026-03-04}', '{5,6}');
	CALL refund.run_due();
	DO $$
	BEGIN
		EXECUTE (SELECT 'CREATE PUBLICATION refund FOR TABLE ' || string_agg(oid::regclass || CASE relname WHEN 'policy' THEN ' WHERE (NOT shipped)' ELSE '' END, ', ')
			FROM pg_class WHERE relnamespace = 'refund'::regnamespace AND relkind = 'r');
	END $$;
	CREATE PUBLICATION partial FOR TABLE refund.contract, refund.event, refund.milestone, refund.deposit, refund.transfer WHERE (event_no < 3)});
my $subscriber = new_server('subscriber', "max_sync_workers_per_subscription = 4\nmax_logical_replication_workers = 10\nmax_worker_processes = 20\n", allows_streaming => 'logical');
$subscriber->start;
$subscriber->safe_psql('postgres', 'CREATE DATABASE partial');
my $connection = $primary->connstr($db) =~ s/'/''/gr;
for ([ $db, 'refund' ], [ 'partial', 'partial' ])
{
	my ($dbname, $publication) = @$_;

	$subscriber->safe_psql($dbname, "CREATE EXTENSION refund; CREATE SUBSCRIPTION $publication CONNECTION '$connection' PUBLICATION $publication");
	$subscriber->poll_query_until($dbname, q{SELECT count(*) = 0 FROM pg_subscription_rel WHERE srsubstate NOT IN ('r', 's')})
	  or BAIL_OUT('the tables do not get there');
}

is(digests_of($subscriber, $db), digests_of($primary, $db), 'L03: tables that were copied in parallel have the same rows');
is_sound($subscriber, $db, 'L03');

make_cases(101, 140);
$primary->wait_for_catchup('refund');
is(digests_of($subscriber, $db), digests_of($primary, $db), 'L01: so have those of calls that came after, with no event or letter of its own');
is_sound($subscriber, $db, 'L01');
for my $call ('SELECT refund.expire_due()', 'CALL refund.run_due()', 'SELECT count(*) FROM refund.claim_refund_payments()', 'SELECT count(*) FROM refund.claim_notifications()')
{
	is(sqlstate_of($subscriber, $db, $call), 'RF016', "L02: $call on a subscriber");
}

# L05
isnt($subscriber->safe_psql('partial', 'SELECT count(*) FROM refund.verify_all()'), '0', 'L05: a partial publication does not pass verify_all()');

# L04: the subscriber takes over
$subscriber->safe_psql($db, 'DROP SUBSCRIPTION refund');
$subscriber->safe_psql('partial', 'DROP SUBSCRIPTION partial');
$subscriber->safe_psql($db, 'SELECT refund.activate()');
is( $subscriber->safe_psql(
		$db, q{
		SELECT (SELECT state FROM refund.decline_dispute(2, 'carol', 'statement')), (SELECT state FROM refund.create_contract(300, 'carol', 'fred', 'USD')),
			(SELECT count(*) FROM refund.claim_refund_payments())}),
	'in_review|active|40', 'L04: after a switch-over verbs, new contracts and payments go on');
like(($subscriber->psql($db, q{SELECT refund.approve_refund(1, 'fred', 'approve')}, extra_params => [ '-v', 'VERBOSITY=sqlstate' ]))[2],
	qr/NOTICE:  RF000$/, 'L04: a call of before is a replay');
is_sound($subscriber, $db, 'L04');
$subscriber->stop;

# ---- a standby that has not got the end ----

$primary->backup('base');
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($primary, 'base', has_streaming => 1);
$standby->append_conf('postgresql.conf', "max_standby_streaming_delay = 0\nhot_standby_feedback = off\n");
$standby->start;

# S05: rows that an analyst's long query on the standby still sees are vacuumed away
$primary->safe_psql(
	$db, q{
	SELECT refund.create_test_clock('short', '2026-03-02 09:00+00');
	SELECT refund.create_contract(n, 'carol', 'fred', 'USD', test_clock => 'short') FROM generate_series(500, 520) n});
$primary->wait_for_catchup($standby, 'replay', $primary->lsn('write'));
my $analyst = open_session($standby, $db);
$analyst->send('SELECT count(*), pg_sleep(600) FROM refund.event_log');
$standby->poll_query_until($db, q{SELECT count(*) = 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep'}) or BAIL_OUT('the query does not run');
$primary->safe_psql($db, $_) for q{SELECT refund.drop_test_clock('short')}, 'VACUUM refund.event';
$analyst->finish;
is($analyst->error, '40001', 'S05: the query is cancelled');
is($analyst->query('SELECT count(*) FROM refund.event_log WHERE case_id BETWEEN 500 AND 520'), '0', 'S05: the next one answers');
$analyst->close;
is_sound($standby, $db, 'S05: the standby');

$primary->safe_psql($db, q{SELECT refund.create_contract(400, 'carol', 'fred', 'USD', idempotency_key => 'kept')});
$primary->wait_for_catchup($standby, 'replay', $primary->lsn('write'));
$standby->stop;
my @lost = (
	q{SELECT refund.accept_dispute(4, 'carol', 'lost-1')}, q{SELECT refund.withdraw_dispute(6, 'fred', 'lost-2')},
	q{SELECT refund.report_refund_payment(1, 'will', 1, 'succeeded', 'p-1')});
$primary->safe_psql($db, $_) for @lost;

# B05: a point between those calls' transactions and the next one
my $lsn = $primary->lsn('insert');
$primary->safe_psql($db, q{SELECT refund.accept_dispute(8, 'carol', 'later')});
$primary->safe_psql($db, 'SELECT pg_switch_wal()');
my $wal = $primary->safe_psql($db, "SELECT pg_walfile_name('$lsn'::pg_lsn)");
$primary->poll_query_until($db, "SELECT last_archived_wal >= '$wal' FROM pg_stat_archiver") or BAIL_OUT('the archive does not get it');
$primary->stop('immediate');

# S02
$standby->start;
$standby->promote;
is_sound($standby, $db, 'S02: promoted without the end');
is($standby->safe_psql($db, q{SELECT count(*) FROM refund.event WHERE idempotency_key LIKE 'lost-%' OR kind = 'payment_succeeded'}), '0', 'S02: which is lost');
is($standby->safe_psql($db, q{SELECT count(*) FROM refund.event WHERE (contract_id, idempotency_key) = (400, 'kept')}), '1', 'S02: what it had got is there');
for my $call (@lost)
{
	my ($ret, undef, $err) = $standby->psql($db, $call);
	is("$ret $err", '0 ', "S02: again, it is done: $call");
	(undef, undef, $err) = $standby->psql($db, $call, extra_params => [ '-v', 'VERBOSITY=sqlstate' ]);
	like($err, qr/NOTICE:  RF000$/, 'S02: once');
}
is_sound($standby, $db, 'S02: after the retries');

# ---- the old primary comes back, and nobody has told it ----

my $claim = q{SELECT contract_id, payment_no, attempt_no, source, amount FROM refund.claim_refund_payments(1000) ORDER BY 1, 2};
$primary->start;
$_->safe_psql($db, q{SELECT refund.accept_dispute(10, 'carol')}) for $primary, $standby;
$primary->safe_psql($db, q{SELECT refund.accept_dispute(12, 'carol')});
my $asked = $primary->safe_psql($db, $claim);
like($asked, qr/^10\|1\|1\|card\|/m, 'S04: both servers ask for a payment');
is(join("\n", grep { !/^(?:8|12)\|/ } split /\n/, $asked), $standby->safe_psql($db, $claim), 'S04: under the same keys, so that the provider makes it once');
my $heads = $primary->safe_psql($db, q{SELECT jsonb_agg(to_jsonb(h)) FROM refund.chain_head h});
$primary->stop;
# until its first checkpoint the new one does not say that it has another timeline
$standby->safe_psql($db, 'CHECKPOINT');

my $conf = $primary->data_dir . '/postgresql.conf';
my $settings = slurp_file($conf);
command_ok([ 'pg_rewind', '-D', $primary->data_dir, '--source-server', $standby->connstr($db), '--no-sync' ], 'S04: the old one is rewound');
open my $file, '>', $conf or die "cannot write $conf: $!";
print $file $settings;
close $file or die "cannot write $conf: $!";
$primary->enable_streaming($standby);
$primary->start;
$standby->wait_for_catchup($primary, 'replay', $standby->lsn('write'));
is(sqlstate_of($primary, $db, 'CALL refund.run_due()'), '25006', 'S04: it is a standby now, and runs nothing');
is(digests_of($primary, $db), digests_of($standby, $db), 'S04: with the rows of the new one');
is_sound($primary, $db, 'S04: which');
is( $standby->safe_psql($db, qq{SELECT string_agg(DISTINCT contract_id::text, ' ') FROM refund.verify_heads('$heads')}),
	'1 10 12 4 6 8', 'S04: what only it had done is found by its heads');
$primary->stop;
$standby->stop;

# B05
my $restored = PostgreSQL::Test::Cluster->new('restored');
$restored->init_from_backup($primary, 'base', has_restoring => 1, standby => 0);
$restored->append_conf('postgresql.conf', "recovery_target_lsn = '$lsn'\nrecovery_target_timeline = 'current'\nrecovery_target_action = promote\n");
$restored->start;
$restored->poll_query_until($db, 'SELECT NOT pg_is_in_recovery()') or BAIL_OUT('it does not get to the point');
is( $restored->safe_psql($db, q{SELECT string_agg(idempotency_key, ' ' ORDER BY idempotency_key) FROM refund.event WHERE idempotency_key IN ('lost-1', 'lost-2', 'later')}),
	'lost-1 lost-2', 'B05: recovered to a point between two calls');
is_sound($restored, $db, 'B05');
is(sqlstate_of($restored, $db, q{SELECT refund.accept_dispute(8, 'carol', 'later')}), '', 'B05: and goes on from there');
is_sound($restored, $db, 'B05: after the next call');
$restored->stop;

done_testing();
