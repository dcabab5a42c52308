# When a resource gives out, or another extension raises, a call fails whole and
# the next one works.
#
# faults.md: C15 (many writers of one case), C16 (indexes built meanwhile), D02
# (out of memory), D04 (cancel during the checks at commit), D05 (no locks, no
# connections), D07 (the largest numbers), D08 (plans with much data), X06
# (another extension raises in our call).

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
my $node = new_server('limits', <<'EOC');
max_connections = 70
max_locks_per_transaction = 10
autovacuum = off
EOC
$node->start;
$node->safe_psql(
	$db, q{
	CREATE EXTENSION refund;
	SELECT refund.create_test_clock('lab', '2026-03-02 09:00+00')});

# A contract with 100.00 of two deposits.
sub contract
{
	my ($id) = @_;

	$node->safe_psql(
		$db, qq{
		SELECT refund.create_contract($id, 'carol', 'fred', 'USD', test_clock => 'lab');
		SELECT refund.add_milestone($id, 'carol', 1, 'all', '100.00 USD');
		SELECT refund.fund($id, 'carol', 1, '60.00 USD', 'card');
		SELECT refund.fund($id, 'carol', 1, '40.00 USD', 'bank')});
	return;
}

# What there is of a contract: its last event, and what its escrow holds.
sub standing
{
	my ($id) = @_;

	return $node->safe_psql($db, "SELECT event_no, last_event, held FROM refund.contract WHERE contract_id = $id");
}

# Until a session's statement waits for a lock.
sub wait_until_blocked
{
	my ($pid) = @_;

	$node->poll_query_until($db,
		"SELECT wait_event_type = 'Lock' FROM pg_stat_activity WHERE pid = $pid")
	  or die "session $pid does not wait";
	return;
}

# ---- C15, C16: fifty writers of one contract, indexes built beside them ----

contract(1);
$node->safe_psql($db, q{SELECT refund.end_contract(1, 'carol')});

my $script = $node->basedir . '/offer.sql';
append_to_file($script,
	q{SELECT refund.offer_settlement(1, CASE :client_id % 2 WHEN 0 THEN 'carol' ELSE 'fred' END,
		CASE :client_id % 2 WHEN 0 THEN '10.00 USD' ELSE '90.00 USD' END::refund.amount)}
	  . "\n");
my ($out, $err) = ('', '');
my $load = IPC::Run::start(
	[
		$node->installed_command('pgbench'), '-n', '-M', 'prepared', '-c', '50', '-t', '20',
		'-f', $script, $node->connstr($db)
	],
	'<', \undef, '>', \$out, '2>', \$err);
my @built = map { sqlstate_of($node, $db, $_) } (
	'CREATE INDEX CONCURRENTLY theirs ON refund.contract (client)',
	'REINDEX INDEX CONCURRENTLY refund.contract_pkey',
	'REINDEX TABLE CONCURRENTLY refund.event',
	'ALTER EXTENSION refund UPDATE');
$load->finish;
is(join('', @built), '', 'C16: indexes are built while a contract is written to');
like($out, qr{actually processed: 1000/1000}, 'C15: fifty sessions make a thousand offers in one contract');
is( $node->safe_psql($db,
		q{SELECT count(*), count(DISTINCT event_no), max(event_no) FROM refund.event WHERE contract_id = 1}),
	'1005|1005|1005', 'C15: one chain of events, none is missing and none forks');
is_sound($node, $db, 'C15');

# a session keeps what it knows of an index only as long as it is true
my $writer = open_session($node, $db);
for my $index (
	'theirs_too ON refund.event (upper(actor))',
	q{theirs_in_part ON refund.event (actor) WHERE kind = 'offer_settlement'},
	q{theirs_unique ON refund.contract (contract_id) WHERE client_offer_no > 0},
	q{theirs_empty ON refund.contract (client) WHERE agency = client})
{
	$writer->query(q{SELECT refund.offer_settlement(1, 'carol', '11.00 USD')});
	$node->safe_psql($db, "CREATE INDEX $index");
}
$writer->query(q{SELECT refund.offer_settlement(1, 'carol', '12.00 USD')});
is($writer->error, '', 'C16: a session goes on beside new indexes');
is_indexed($node, $db, 'C16');
$node->safe_psql($db, 'DROP INDEX refund.theirs_too, refund.theirs_in_part, refund.theirs_unique, refund.theirs_empty');
$writer->query(q{SELECT refund.offer_settlement(1, 'carol', '13.00 USD')});
is($writer->error, '', 'C16: and without them');
$writer->close;
is_sound($node, $db, 'C16');

# ---- D02: no memory is left at one point after the other ----

SKIP:
{
	skip 'prlimit and /proc are needed', 3
	  if !-e '/proc/self/statm' || system('prlimit --version >/dev/null 2>&1') != 0;
	contract(2);
	$node->safe_psql($db, q{SELECT refund.end_contract(2, 'carol')});
	my $before = standing(2);
	my $call = q{SELECT refund.dispute_refund(2, 'fred', '50.00 USD', 'reason', jsonb_build_array(jsonb_build_object(
		'title', 'x', 'media_type', 'text/plain', 'content', encode(convert_to(repeat('refund', 300000), 'UTF8'), 'base64'))));};
	my %answers;
	my $room = 0;

	# a little more room each time, until there is enough; 5 MB is less than what the call takes
	for (; $room < 120 && !$answers{''}; $room++)
	{
		my $session = open_session($node, $db);

		$session->query('BEGIN; SELECT * FROM refund.contract_status WHERE contract_id = 2');
		open my $statm, '<', '/proc/' . $session->pid . '/statm' or die "no statm: $!";
		my ($pages) = split ' ', <$statm>;
		my $limit = $pages * 4096 + $room * 512 * 1024;
		system('prlimit', '--pid', $session->pid, "--as=$limit:unlimited") == 0 or die 'prlimit failed';
		$session->query($call);
		$answers{ $session->error }++;
		$session->query('ROLLBACK');
		$session->close;
	}
	is(join(' ', sort keys %answers), ' 53200', 'D02: a call either fails for memory, 53200, or passes');
	is(standing(2), $before, 'D02: nothing was half done');
	is_sound($node, $db, 'D02');
}

# ---- D04: cancelled during the checks at commit ----

contract(3);
$node->safe_psql(
	$db, q{
	CREATE FUNCTION wait_at_commit() RETURNS trigger LANGUAGE plpgsql AS
		$$ BEGIN PERFORM pg_advisory_xact_lock(1); RETURN NULL; END $$;
	CREATE CONSTRAINT TRIGGER zz_theirs AFTER UPDATE ON refund.contract
		DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION wait_at_commit()});
{
	my $before = standing(3);
	my $blocker = open_session($node, $db);
	my $session = open_session($node, $db);

	$blocker->query('SELECT pg_advisory_lock(1)');
	$session->query(q{BEGIN; SELECT refund.release_payment(3, 'carol', 1, '10.00 USD')});
	$session->send('COMMIT');
	wait_until_blocked($session->pid);
	$node->safe_psql($db, 'SELECT pg_cancel_backend(' . $session->pid . ')');
	$session->finish;
	is($session->error, '57014', 'D04: a commit is cancelled during the deferred checks');
	is(standing(3), $before, 'D04: the whole transaction is undone');
	$blocker->query('SELECT pg_advisory_unlock(1)');
	$session->query(q{SELECT refund.release_payment(3, 'carol', 1, '10.00 USD')});
	is($session->error, '', 'D04: the session goes on');
	$_->close for $session, $blocker;
}

# ---- X06: another extension's trigger raises in our call ----

$node->safe_psql(
	$db, q{
	CREATE OR REPLACE FUNCTION wait_at_commit() RETURNS trigger LANGUAGE plpgsql AS
		$$ BEGIN RAISE division_by_zero; END $$;
	CREATE TRIGGER theirs BEFORE UPDATE ON refund.contract FOR EACH ROW EXECUTE FUNCTION wait_at_commit()});
{
	my $before = standing(3);
	my $session = open_session($node, $db);

	$session->query(q{SELECT refund.release_payment(3, 'carol', 1, '10.00 USD')});
	is($session->error, '22012', 'X06: a trigger that is not ours raises in our call');
	$session->query(
		q{DO $x$ BEGIN PERFORM refund.release_payment(3, 'carol', 1, '10.00 USD'); EXCEPTION WHEN division_by_zero THEN END $x$});
	is($session->error, '', 'X06: and is caught');
	$node->safe_psql($db, 'DROP TRIGGER theirs ON refund.contract');
	is($session->query('SELECT pg_trigger_depth()') . '|' . standing(3), "0|$before", 'X06: nothing has changed');
	$node->safe_psql($db, 'DROP TRIGGER zz_theirs ON refund.contract');
	is($session->query(q{SELECT held FROM refund.release_payment(3, 'carol', 1, '10.00 USD')}),
		'80.00', 'X06: the same session goes on');
	$session->close;
}
$node->safe_psql('template1', 'CREATE DATABASE other');
$node->safe_psql(
	'other', q{
	CREATE FUNCTION raise() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN RAISE division_by_zero; END $$;
	CREATE EVENT TRIGGER theirs ON ddl_command_end WHEN tag IN ('CREATE EXTENSION') EXECUTE FUNCTION raise()});
is(sqlstate_of($node, 'other', 'CREATE EXTENSION refund'), '22012', 'X06: an event trigger raises while the extension is made');
is( $node->safe_psql('other', q{SELECT count(*) FROM pg_namespace WHERE nspname = 'refund'}),
	'0', 'X06: nothing of it is left');
is( sqlstate_of($node, 'other', 'DROP EVENT TRIGGER theirs; CREATE EXTENSION refund'),
	'', 'X06: without it the extension is made');

# ---- D05: no locks, no connections ----

{
	my $before = standing(3);
	my $release = q{SELECT held FROM refund.release_payment(3, 'carol', 1, '10.00 USD')};
	my $greedy = open_session($node, $db);
	my $session = open_session($node, $db);

	$greedy->query(
		q{BEGIN; DO $$ BEGIN FOR i IN 1..1000000 LOOP
			BEGIN PERFORM pg_advisory_lock(i); EXCEPTION WHEN out_of_memory THEN EXIT; END;
		END LOOP; END $$});
	$session->query($release);
	is($session->error, '53200', 'D05: a call while another session has taken all locks');
	$greedy->close;
	is(standing(3), $before, 'D05: nothing has changed');
	is($session->query($release), '70.00', 'D05: the same call works when there are locks');

	my @sessions;
	while (sqlstate_of($node, $db, 'SELECT 1') eq '' && @sessions < 80)
	{
		# the one that asked may not have gone yet
		my $another = eval { open_session($node, $db) };
		push @sessions, $another if $another;
	}
	is($session->query($release), '60.00', 'D05: who has the last connection goes on');
	$_->close for @sessions, $session;
	is_sound($node, $db, 'D05');
}

# ---- D08: with much data nothing is read whole ----

$node->safe_psql(
	$db, q{
	SELECT count(refund.create_contract(n, 'carol', 'fred', 'USD')),
		count(refund.add_milestone(n, 'carol', 1, 'all', '500.00 USD')),
		count(refund.fund(n, 'carol', 1, '500.00 USD', 'card', 'ref-' || n, idempotency_key => 'key-' || n)),
		count(refund.end_contract(n, 'carol', '200.00 USD')),
		count(refund.approve_refund(n, 'fred'))
	FROM generate_series(10001, 13000) n});
$node->safe_psql($db, 'VACUUM ANALYZE');
my $big = q{SELECT relname, seq_scan FROM pg_stat_user_tables
	WHERE schemaname = 'refund' AND n_live_tup >= 3000 ORDER BY relname COLLATE "C"};
my $rows = q{SELECT sum(seq_tup_read + coalesce(idx_tup_fetch, 0)) FROM pg_stat_user_tables WHERE schemaname = 'refund'};
my $scans = $node->safe_psql($db, $big);
like($scans, qr/^contract\|.*^deposit\|.*^event\|.*^refund_payment\|.*^transfer\|/ms, 'D08: tables have grown');
# what the planner would do with a thousand times as many
$node->safe_psql($db, q{UPDATE pg_class SET reltuples = 1000 * reltuples
	WHERE relnamespace = 'refund'::regnamespace AND relkind IN ('r', 'i')});
contract(4);
my $read = $node->safe_psql($db, $rows);
$node->safe_psql($db, $_) for (
	q{SELECT refund.submit_work(4, 'fred', 1)},
	q{SELECT refund.request_changes(4, 'carol', 1, 'more')},
	q{SELECT refund.fund(10001, 'carol', 1, '500.00 USD', 'card', 'ref-10001', idempotency_key => 'key-10001')},
	q{SELECT refund.release_payment(4, 'carol', 1, '10.00 USD', idempotency_key => 'k')},
	q{SELECT refund.end_contract(4, 'carol', '10.00 USD')},
	q{SELECT refund.dispute_refund(4, 'fred', '50.00 USD', 'reason', '[{"title": "t", "statement": "s"}]')},
	q{SELECT refund.decline_dispute(4, 'carol', 'statement')},
	q{SELECT refund.offer_settlement(4, 'carol', '40.00 USD')},
	q{SELECT refund.accept_settlement(4, 'fred', 1)},
	q{SELECT refund.give_refund(4, 'fred', 1, '5.00 USD')},
	q{SELECT refund.place_hold(4, 'oscar', 'legal', 'letter')},
	q{SELECT refund.case_file(4, 'carol')},
	q{SELECT refund.explain(4)},
	q{SELECT refund.expire_due(10)},
	q{SELECT count(*) FROM refund.claim_refund_payments(10)},
	q{SELECT count(*) FROM refund.claim_notifications(10)});
is($node->safe_psql($db, $big), $scans, 'D08: verbs, replays, the sweep and the workers read no table whole');
cmp_ok($node->safe_psql($db, $rows) - $read, '<', 1000, 'D08: nor by its index');

# ---- D07: numbers at their ends; no sequence could run out ----

is( $node->safe_psql($db,
		q{SELECT count(*) FROM pg_class WHERE relnamespace = 'refund'::regnamespace AND relkind = 'S'}),
	'0', 'D07: no number comes from a sequence');
for my $id ('9223372036854775807', '(-9223372036854775808)', '0')
{
	contract($id);
	$node->safe_psql(
		$db, qq{
		SELECT refund.add_milestone($id, 'carol', 2147483647, 'last', '10.00 USD');
		SELECT refund.fund($id, 'carol', 2147483647, '10.00 USD', 'card');
		SELECT refund.release_milestone($id, 'carol', 2147483647)});
	is(standing($id), '7|release_milestone|100.00 USD', "D07: contract $id, with a milestone 2147483647");
}
is( sqlstate_of($node, $db, q{SELECT refund.create_contract(9223372036854775808, 'carol', 'fred', 'USD')}),
	'42883', 'D07: a number beyond is no contract');
is_sound($node, $db, 'D07');

done_testing();
