# Stopped at known points of its way, by a cancel, a timeout, a lost client, the end
# of its process or of the server: a call leaves nothing, and the same call again
# does it once.  07_kill.pl does so at random.
#
# faults.md: K01 (before the first write), K02 (between legs), K03 (between entries
# and the contract's row), K04 and K06 (in the deferred trigger, before the commit
# record), K05 and S03 (after the commit record, before the reply), K09 (in
# schedule_jobs), K12 (PREPARE TRANSACTION), D03 (cancel, timeout, disconnect), D04
# (in the deferred checks), A11 (a key in an aborted transaction).

use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use RefundTest;
use Test::More;
use Time::HiRes qw(sleep);

my $db = 'postgres';
my $cron = has_cron() ? "shared_preload_libraries = 'pg_cron'\ncron.database_name = '$db'\n" : '';
my $node = new_server('stop',
	"restart_after_crash = on\nmax_prepared_transactions = 5\nclient_connection_check_interval = 50ms\n$cron",
	allows_streaming => 1);
$node->start;

# ---- every verb, each with a contract of its own in the state that it needs ----

my @verbs;						# [name, call, where it can be stopped besides the commit]

# verb(NAME, STATE, ARGUMENTS): a contract in STATE and the call on it, for which ? is the contract
my @setups;

sub verb
{
	my ($name, $setup, $arguments, $place) = @_;
	my $id = 10 + @verbs;

	push @setups, $setup =~ s/\?/$id/gr if $setup;
	push @verbs, [ $name, "SELECT * FROM refund.$name(" . $arguments =~ s/\?/$id/gr . ", idempotency_key => 'key')", $place // 'at_event' ];
	return;
}

verb('create_contract', '', q{?, 'carol', 'fred', 'USD'});
verb('add_milestone', 'active', q{?, 'carol', 3, 'part', '1.00 USD'});
verb('fund', 'active', q{?, 'carol', 2, '1.00 USD', 'card'});
verb('release_payment', 'active', q{?, 'carol', 1, '400.00 USD'});
verb('release_milestone', 'active', q{?, 'carol', 1});
verb('move_leftover', 'active', q{?, 'carol', 1, 2, '1.00 USD'});
verb('submit_work', 'active', q{?, 'fred', 1});
verb('request_changes', q{active; SELECT refund.submit_work(?, 'fred', 1)}, q{?, 'carol', 1, 'message'});
verb('give_refund', q{active; SELECT refund.release_milestone(?, 'carol', 1)}, q{?, 'fred', 1, '400.00 USD'});
verb('end_contract', 'active', q{?, 'carol', '400.00 USD'});
verb('approve_refund', 'requested', q{?, 'fred'});
verb('pay_in_full', 'requested', q{?, 'carol'});
verb('dispute_refund', 'requested', q{?, 'fred', '100.00 USD', 'reason', '[{"title": "note", "statement": "words"}]'});
verb('accept_dispute', 'disputed', q{?, 'carol'});
verb('decline_dispute', 'disputed', q{?, 'carol', 'statement'});
verb('withdraw_dispute', 'disputed', q{?, 'fred'});
verb('propose_resolution', 'in_review', q{?, 'mary', '50.00 USD', 'rationale'});
verb('accept_resolution', q{proposed; SELECT refund.accept_resolution(?, 'fred')}, q{?, 'carol'});
verb('reject_resolution', 'proposed', q{?, 'carol'});
verb('join_arbitration', 'unresolved', q{?, 'carol', 'card'});
verb('record_award', 'in_arbitration', q{?, 'arthur', '50.00 USD', 'rationale'});
verb('offer_settlement', 'requested', q{?, 'carol', '1.00 USD'});
verb('withdraw_settlement_offer', q{requested; SELECT refund.offer_settlement(?, 'carol', '1.00 USD')}, q{?, 'carol'});
verb('accept_settlement', q{requested; SELECT refund.offer_settlement(?, 'carol', '1.00 USD')}, q{?, 'fred', 1});
verb('assign_case', 'disputed', q{?, 'olga', 'mary'});
verb('erase_evidence', 'disputed', q{?, 'olga', 1, 'by law'});
verb('place_hold', 'requested', q{?, 'olga', 'legal', 'reason'});
verb('lift_hold', q{requested; SELECT refund.place_hold(?, 'olga', 'legal', 'reason')}, q{?, 'olga', 1, 'reason'});
verb('extend_deadline', 'requested', q{?, 'olga', '1 day', 'reason'});
verb('report_reversal', 'requested', q{?, 'will', 1, 'chargeback', 'lost', '10.00 USD', 'c-1'});
verb('report_refund_payment', 'settled', q{?, 'will', 1, 'succeeded', 'p-1'});
verb('retry_refund_payment', q{settled; SELECT refund.report_refund_payment(?, 'will', 1, 'failed', 'p-1')}, q{?, 'olga', 1});

# The test's own triggers stop whoever passes, as the session asks.
$node->safe_psql(
	$db, q{
	CREATE EXTENSION refund;
	CREATE FUNCTION stop() RETURNS trigger LANGUAGE plpgsql AS $$
	BEGIN
		IF TG_NAME = current_setting('test.place', true) THEN
			CASE current_setting('test.how')
				WHEN 'cancel' THEN PERFORM pg_cancel_backend(pg_backend_pid());
				WHEN 'terminate' THEN PERFORM pg_terminate_backend(pg_backend_pid());
				WHEN 'wait' THEN NULL;
			END CASE;
			PERFORM pg_advisory_xact_lock_shared(1);
		END IF;
		RETURN NEW;
	END $$;
	CREATE TRIGGER at_event BEFORE INSERT ON refund.event FOR EACH ROW EXECUTE FUNCTION stop();
	CREATE TRIGGER at_leg BEFORE INSERT ON refund.transfer FOR EACH ROW WHEN (NEW.ordinal > 1) EXECUTE FUNCTION stop();
	CREATE TRIGGER at_contract BEFORE UPDATE ON refund.contract FOR EACH ROW EXECUTE FUNCTION stop();
	CREATE TRIGGER at_letter BEFORE UPDATE ON refund.notification FOR EACH ROW EXECUTE FUNCTION stop();
	CREATE TRIGGER at_payment BEFORE UPDATE ON refund.refund_payment FOR EACH ROW EXECUTE FUNCTION stop();
	CREATE CONSTRAINT TRIGGER at_commit AFTER INSERT ON refund.event DEFERRABLE INITIALLY DEFERRED
		FOR EACH ROW EXECUTE FUNCTION stop();

	CREATE FUNCTION make(id bigint, upto text) RETURNS void LANGUAGE plpgsql AS $$
	BEGIN
		PERFORM refund.create_contract(id, 'carol', 'fred', 'USD');
		PERFORM refund.add_milestone(id, 'carol', n, 'part', '600.00 USD') FROM generate_series(1, 2) n;
		PERFORM refund.fund(id, 'carol', 1, a, 'card') FROM unnest('{300.00 USD,200.00 USD}'::refund.amount[]) a;
		IF upto = 'active' THEN RETURN; END IF;
		PERFORM refund.end_contract(id, 'carol', '100.00 USD');
		IF upto = 'requested' THEN RETURN; END IF;
		IF upto = 'settled' THEN PERFORM refund.approve_refund(id, 'fred'); RETURN; END IF;
		PERFORM refund.dispute_refund(id, 'fred', '100.00 USD', 'reason', '[{"title": "note", "statement": "words"}]');
		IF upto = 'disputed' THEN RETURN; END IF;
		PERFORM refund.decline_dispute(id, 'carol', 'statement');
		IF upto = 'in_review' THEN RETURN; END IF;
		PERFORM refund.propose_resolution(id, 'mary', '50.00 USD', 'rationale');
		IF upto = 'proposed' THEN RETURN; END IF;
		PERFORM refund.reject_resolution(id, 'fred');
		PERFORM refund.join_arbitration(id, 'fred', 'card');
		IF upto = 'unresolved' THEN RETURN; END IF;
		PERFORM refund.join_arbitration(id, 'carol', 'card');
	END $$});
for my $n (0 .. $#verbs)
{
	next if $verbs[$n]->[0] eq 'create_contract';
	my ($upto, $then) = split /; /, shift @setups, 2;
	$node->safe_psql($db, 'SELECT make(' . (10 + $n) . ", '$upto'); " . ($then // ''));
}
is( $node->safe_psql(
		$db, q{
		SELECT string_agg(proname, ' ' ORDER BY proname) FROM pg_proc
		WHERE pronamespace = 'refund'::regnamespace AND 'idempotency_key' = ANY (proargnames) AND prokind = 'f' AND prorettype <> 'trigger'::regtype
			AND pronargdefaults > 0 AND proargmodes IS NULL}),
	join(' ', sort map { $_->[0] } @verbs), 'D03: the list of verbs is complete');

# and what workers call, which has no key: the same call again is another one
(my $letter = $node->safe_psql($db, q{SELECT contract_id, notification_no FROM refund.claim_notifications(1, '1 day')})) =~ tr/|/,/;
my @works = (
	[ 'claim_refund_payments', 'SELECT count(*) FROM refund.claim_refund_payments()', 'at_payment' ],
	[ 'claim_notifications', 'SELECT count(*) FROM refund.claim_notifications()', 'at_letter' ],
	[ 'confirm_notification', "SELECT refund.confirm_notification($letter, 'mail')", 'at_letter' ],
	[ 'fail_notification', "SELECT refund.fail_notification($letter, 'no such mailbox')", 'at_letter' ]);

# ---- stopped by a cancel, the end of the session, a timeout ----

my $digests = digests_of($node, $db);

# codes_of(BEFORE, CALLS...): one session; the SQLSTATE of each call that is refused
sub codes_of
{
	my ($before, @calls) = @_;
	my $stderr;

	$node->psql($db, join(";\n", $before, @calls), on_error_stop => 0, stderr => \$stderr, extra_params => [ '-v', 'VERBOSITY=sqlstate' ]);
	return join ' ', $stderr =~ /(?:ERROR|FATAL):  (\w{5})$/mg;
}

my $holder = open_session($node, $db);
$holder->query('SELECT pg_advisory_lock(1)');

sub are_stopped
{
	my ($how, $code, $name, $last) = @_;

	for my $call (@verbs, @works)
	{
		my ($verb, $sql, $place) = @$call;
		my @places = $place eq 'at_event' ? ('at_event', $last // ()) : ($place);

		is(join(' ', map { codes_of("SET test.place = $_; $how", $sql) } @places),
			join(' ', ($code) x @places), "D03, D04: $verb: $name");
	}
	is(digests_of($node, $db), $digests, "D03, D04: $name: nothing is changed");
	return;
}

are_stopped(q{SET test.how = cancel}, '57014', 'canceled at its first write and in its deferred checks', 'at_commit');
are_stopped(q{SET test.how = terminate}, '57P01', 'terminated there', 'at_commit');
are_stopped(q{SET test.how = wait; SET lock_timeout = '20ms'}, '55P03', 'lock_timeout there', 'at_commit');
# the server ends a statement's time before it commits
are_stopped(q{SET test.how = wait; SET statement_timeout = '20ms'}, '57014', 'timed out at its first write');

# ---- left alone by the client ----

# the session whose call hangs at PLACE
sub hang
{
	my ($place, $sql) = @_;
	my $session = open_session($node, $db);

	$session->query("SET test.place = $place; SET test.how = wait");
	$session->send($sql);
	$node->poll_query_until($db, q{SELECT wait_event_type IN ('Lock', 'IPC') FROM pg_stat_activity WHERE pid = } . $session->pid)
	  or BAIL_OUT("does not get to $place: $sql");
	return $session;
}

sub wait_for_end
{
	my (@pids) = @_;

	return $node->poll_query_until($db,
		'SELECT count(*) = 0 FROM pg_stat_activity WHERE pid IN (' . join(', ', @pids) . ')');
}

my @left = map { hang($_->[2], $_->[1]) } @verbs[ 0 .. 15 ];
$_->abandon for @left;
wait_for_end(map { $_->pid } @left);
@left = map { hang('at_commit', $_->[1]) } @verbs[ 16 .. $#verbs ];
$_->abandon for @left;
wait_for_end(map { $_->pid } @left);
is(digests_of($node, $db), $digests, 'D03: clients that went away in the middle of each verb: nothing is changed');

is( codes_of(q{SET idle_in_transaction_session_timeout = '10ms'; BEGIN}, map({ $_->[1] } @verbs), '\! sleep 0.2', 'SELECT 1'),
	'25P03', 'D03: idle in a transaction that has called every verb');
is(digests_of($node, $db), $digests, 'D03: nothing is changed by it');
is(codes_of('BEGIN', map({ $_->[1] } @verbs), 'ROLLBACK'), '', 'A11: all verbs in a transaction that is rolled back');
is(digests_of($node, $db), $digests, 'A11: leave nothing');

# ---- crashes ----

# A call that does many things: two legs, the contract's row, a request, letters.
my $call = (grep { $_->[0] eq 'end_contract' } @verbs)[0]->[1];
my ($ended) = $call =~ /\((\d+),/;

# crash(SESSION, HOW): its process, or the whole server
sub crash
{
	my ($session, $how) = @_;
	my $offset = -s $node->logfile;

	if ($how eq 'server')
	{
		$node->stop('immediate');
		$node->start;
	}
	else
	{
		kill 'KILL', $session->pid;
		$node->wait_for_log(qr/database system is ready to accept connections/, $offset);
	}
	$session->close;
	$holder->close;
	$holder = open_session($node, $db);
	$holder->query('SELECT pg_advisory_lock(1)');
	return;
}

for my $how ('backend', 'server')
{
	# K01: it waits for the contract's row
	$holder->query("BEGIN; SELECT 1 FROM refund.contract WHERE contract_id = $ended FOR UPDATE");
	my $session = hang('nowhere', $call);
	crash($session, $how);
	is(digests_of($node, $db), $digests, "K01: $how killed before the first write");
	my %points = (
		at_event => 'K02: at its event',
		at_leg => 'K02: between its legs',
		at_contract => q{K03: at the contract's row},
		at_commit => 'K04, K06: in the deferred trigger');

	for my $place (sort keys %points)
	{
		crash(hang($place, $call), $how);
		is(digests_of($node, $db), $digests, "$points{$place}: $how killed: nothing is changed");
	}
	is_sound($node, $db, "K01 to K06: $how killed");
}

# ---- after the commit record, before the reply ----

# is_replayed(CALL, NAME): it was done before
sub is_replayed
{
	my ($sql, $name) = @_;
	my ($ret, $out, $err) = $node->psql($db, $sql, extra_params => [ '-v', 'VERBOSITY=sqlstate' ]);

	return like("$ret $err", qr/^0 .*NOTICE:  RF000$/, $name);
}

# as if the only synchronous standby were gone
sub without_standby
{
	my ($names) = @_;

	$node->safe_psql($db, "ALTER SYSTEM SET synchronous_standby_names = '$names'");
	$node->reload;
	# the walwriter tells that nobody is to be waited for
	$node->poll_query_until($db, "SELECT current_setting('synchronous_standby_names') = '$names'");
	return;
}

$holder->query('SELECT pg_advisory_unlock(1)');
without_standby('gone');
my $session = hang('nowhere', $call);
crash($session, 'backend');
without_standby('');
is_replayed($call, 'K05: killed after the commit record and before the reply: the retry is a replay');
is_sound($node, $db, 'K05');
$holder->query('SELECT pg_advisory_unlock(1)');

my $fund = (grep { $_->[0] eq 'fund' } @verbs)[0]->[1];
without_standby('gone');
$session = hang('nowhere', $fund);
$node->safe_psql($db, 'SELECT pg_cancel_backend(' . $session->pid . ')');
$session->finish;
is($session->error, '', 'S03: a call whose wait for the synchronous standby is canceled has been done');
$session->close;
without_standby('');
is_replayed($fund, 'S03: the retry is a replay');

# ---- PREPARE TRANSACTION ----

# K12
my %prepared = map { $_->[0] => $_->[1] } @verbs;
$node->safe_psql($db, "BEGIN; $prepared{approve_refund}; PREPARE TRANSACTION 'keep'");
$node->safe_psql($db, "BEGIN; $prepared{pay_in_full}; PREPARE TRANSACTION 'drop'");
is(sqlstate_of($node, $db, "SET test.place = at_commit; SET test.how = cancel; BEGIN; $prepared{dispute_refund}; PREPARE TRANSACTION 'never'"),
	'57014', 'K12: the deferred checks are made by PREPARE TRANSACTION');
$node->stop('immediate');
$node->start;
$holder->close;
is($node->safe_psql($db, q{SELECT string_agg(gid, ' ' ORDER BY gid) FROM pg_prepared_xacts}), 'drop keep', 'K12: prepared calls survive a crash');
is(sqlstate_of($node, $db, "SET lock_timeout = '20ms'; $prepared{approve_refund}"), '55P03', 'K12: they hold their contracts');
is_sound($node, $db, 'K12: prepared');
$node->safe_psql($db, q{COMMIT PREPARED 'keep'});
$node->safe_psql($db, q{ROLLBACK PREPARED 'drop'});
is_replayed($prepared{approve_refund}, 'K12: committed, the retry is a replay');
is_sound($node, $db, 'K12: committed and rolled back');

# ---- every call again ----

my %done = map { $_ => 1 } qw(end_contract fund approve_refund);
is(codes_of('', map { $_->[1] } grep { !$done{ $_->[0] } } @verbs), '', 'D03: after all that every verb is done at the next try');
is_replayed($_->[1], "D03: $_->[0]: once") for @verbs;
is(codes_of('', map { $_->[1] } @works[ 0, 1, 3 ]), '', 'D03: workers go on');
is( $node->safe_psql($db, q{SELECT count(*) FROM refund.event WHERE idempotency_key = 'key'}), scalar(@verbs), 'D03: an event for each');
is_sound($node, $db, 'D03');

# ---- jobs ----

SKIP:
{
	skip 'no pg_cron here', 5 if !$cron;

	# K09
	$node->safe_psql($db, 'CREATE EXTENSION pg_cron; SELECT refund.schedule_jobs()');
	my $jobs = $node->safe_psql($db, 'SELECT jobname, schedule, active FROM cron.job ORDER BY jobname');
	my $locker = open_session($node, $db);
	for my $how ('backend', 'server')
	{
		$locker->query('BEGIN; LOCK TABLE cron.job IN SHARE MODE');
		my $scheduler = hang('nowhere', q{SELECT refund.schedule_jobs(due_every => '*/5 * * * *')});
		crash($scheduler, $how);
		$locker->close;
		$locker = open_session($node, $db);
		is($node->safe_psql($db, 'SELECT jobname, schedule, active FROM cron.job ORDER BY jobname'),
			$jobs, "K09: $how killed in schedule_jobs(): the jobs are as before");
	}
	$node->safe_psql($db, q{SELECT refund.schedule_jobs(due_every => '*/5 * * * *')});
	is($node->safe_psql($db, q{SELECT count(*), count(*) FILTER (WHERE schedule = '*/5 * * * *') FROM cron.job}),
		'3|1', 'K09: the next call makes one set');
	$_->close for ($locker, $holder);
}

$node->stop;

done_testing();
