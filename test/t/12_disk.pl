# A disk that is full: for tables, for temporary files, for the write-ahead log.
# What a call could not write is not there, what was acknowledged is, and once
# there is room again everything goes on.  Then a page that was written by half.
#
# faults.md: D01, K14.  The disk is full only for the server, by test/t/no_space.c,
# because a file system of its own would need root.

use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use RefundTest;
use Test::More;

my $db = 'postgres';
my $dir = PostgreSQL::Test::Utils::tempdir;
my $cc = $ENV{CC} // 'gcc';

if (system("$cc -shared -fPIC -o $dir/no_space.so $FindBin::RealBin/no_space.c -ldl 2>$dir/cc.log") != 0)
{
	plan skip_all => 'there is no compiler here';
}

# The smallest write-ahead log, so that it soon needs another file.
my $node = new_server('full', "restart_after_crash = on\nmin_wal_size = 32MB\nmax_wal_size = 32MB\nwal_recycle = off\nwork_mem = 64kB\n");
{
	local $ENV{LD_PRELOAD} = "$dir/no_space.so";
	local $ENV{NO_SPACE} = "$dir/full";
	$node->start;
}
$node->safe_psql(
	$db, q{
	CREATE EXTENSION refund;
	SELECT refund.create_contract(1, 'carol', 'fred', 'USD');
	SELECT refund.add_milestone(1, 'carol', 1, 'all', '100.00 USD');
	SELECT refund.fund(1, 'carol', 1, '100.00 USD', 'card');
	SELECT refund.end_contract(1, 'carol')});

sub fill { append_to_file("$dir/full", $_[0]); return; }
sub make_room { unlink "$dir/full" or die "cannot make room: $!"; return; }

my $calls = 0;

sub offer
{
	my ($n) = @_;
	my $party = $n % 2 ? 'carol' : 'fred';
	my $amount = $n % 2 ? '10.00 USD' : '90.00 USD';

	return "SELECT refund.offer_settlement(1, '$party', '$amount', idempotency_key => 'call-$n')";
}

# Call until one fails: its SQLSTATE.  $calls are those that were acknowledged.
sub call_until_refused
{
	for (1 .. 500)
	{
		my $state = sqlstate_of($node, $db, offer($calls + 1));
		return $state if $state ne '';
		$calls++;
	}
	return 'none';
}

sub check_oracle
{
	my ($when) = @_;

	is($node->safe_psql($db, 'SELECT count(*), count(DISTINCT idempotency_key) FROM refund.event WHERE idempotency_key IS NOT NULL'),
		"$calls|$calls", "D01: $when: every acknowledged call is there once, and no other");
	is($node->safe_psql($db, 'SELECT count(*) FROM refund.verify_all()'), '0', "D01: $when: verify_all() is empty");
	return;
}

# ---- tables ----

fill('/base/');
is(call_until_refused(), '53100', 'D01: no room in a table: the call says so');
check_oracle('with tables full');
is(sqlstate_of($node, $db, offer($calls + 1)), '53100', 'D01: and so does the next one');
make_room();
is(sqlstate_of($node, $db, offer($calls + 1)), '', 'D01: with room again the same call succeeds');
$calls++;
check_oracle('with room for tables again');

# ---- temporary files ----

fill('pgsql_tmp');
is( sqlstate_of($node, $db,
		'SELECT count(*) FROM (SELECT e FROM refund.event e, generate_series(1, 200) ORDER BY e.hash, e) s'),
	'53100', 'D01: no room for temporary files: a large sort says so');
is(sqlstate_of($node, $db, offer($calls + 1)), '', 'D01: and verbs do not need them');
$calls++;
make_room();

# ---- the write-ahead log ----

fill('/pg_wal/');
for (1 .. 100)
{
	# leaves the rest of the file that is there
	last if $node->psql($db, 'SELECT pg_switch_wal()') != 0 || $node->psql($db, offer($calls + 1)) != 0;
	$calls++;
}
make_room();
like(slurp_file($node->logfile), qr/PANIC:.*No space left on device/, 'D01: no room for the write-ahead log: the server stops');
# it may have given up meanwhile
$node->stop('immediate', fail_ok => 1);
$node->start;
my $there = $node->safe_psql($db, 'SELECT count(*) FROM refund.event WHERE idempotency_key IS NOT NULL');
# the call whose answer was lost is there or not; its key makes it safe to ask
ok($there == $calls || $there == $calls + 1, 'D01: after the crash every acknowledged call is there');
is(sqlstate_of($node, $db, offer($calls + 1)), '', 'D01: the call whose answer was lost is made again with its key');
$calls++;
check_oracle('after the crash');

# ---- a torn page ----

my $index = $node->data_dir . '/' . $node->safe_psql($db, q{SELECT pg_relation_filepath('refund.event_pkey')});
$node->stop;
command_ok([ 'pg_checksums', '--enable', '--no-sync', '-D', $node->data_dir ], 'checksums are switched on');
open my $file, '+<:raw', $index or die "cannot open $index: $!";
# the second half of its root is not that of the first
seek $file, 8192 + 4096, 0 or die "cannot seek: $!";
print $file "\0" x 4096;
close $file or die "cannot write $index: $!";
$node->start;
is(sqlstate_of($node, $db, 'SELECT count(*) FROM refund.verify_all()'), 'XX001', 'K14: verify_all() certifies nothing');
is(sqlstate_of($node, $db, offer($calls + 1)), 'XX001', 'K14: a verb does nothing');
$node->safe_psql($db, 'REINDEX TABLE refund.event');
check_oracle('with the index made anew');
$node->stop;

done_testing();
