# Which database may move money by itself: a copy, however it was made, refuses its
# jobs and hands out nothing until it is activated, while its verbs and reads work
# (interface.md: activate(), RF016).
#
# faults.md: J11 (a restored copy of production does not start paying), L02 (a
# subscriber that was not activated), S01 (read only stays 25006).

use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use RefundTest;
use Test::More;

my $dir = PostgreSQL::Test::Utils::tempdir;

my $node = old_server('original');
$node->start;
$node->safe_psql('postgres', 'CREATE DATABASE source; CREATE ROLE stranger LOGIN');

# ---- the original: active from the start ----

$node->safe_psql('source', 'CREATE EXTENSION refund');

# What nobody but the one database may do, each without a trace where it can be.
my @works = (
	'CALL refund.run_due()',
	map { "BEGIN; SELECT count(*) FROM $_; ROLLBACK" }
	  qw(refund.expire_due() refund.claim_refund_payments() refund.claim_refund_payments(test=>true)
	  refund.claim_notifications() refund.claim_notifications(test=>true)));

# codes_of(SERVER, DATABASE, STATEMENT...): the SQLSTATE of each that is refused
sub codes_of
{
	my ($server, $dbname, @statements) = @_;
	my $stderr;

	$server->psql(
		$dbname, join(";\n", @statements),
		on_error_stop => 0,
		stderr => \$stderr,
		extra_params => [ '-v', 'VERBOSITY=sqlstate' ]);
	return join ' ', $stderr =~ /(?:ERROR|FATAL):  (\w{5})$/mg;
}

# Whose mark is in the database: its own, another's, both.
my $marks = q{
	SELECT string_agg(CASE WHEN a.system_identifier = s.system_identifier AND a.database_oid = d.oid THEN 'mine' ELSE 'another''s' END, ' and ' ORDER BY a.activated_at)
	FROM refund.activation a, (SELECT system_identifier FROM pg_control_system()) s, (SELECT oid::bigint FROM pg_database WHERE datname = current_database()) d};

# is_active(SERVER, DATABASE, NAME): all of it works
sub is_active
{
	my ($server, $dbname, $name) = @_;

	return is(codes_of($server, $dbname, @works), '', "$name: its jobs run, and it hands out payments and notifications");
}

# is_a_copy(SERVER, DATABASE, NAME): none of it does, and no row changes
sub is_a_copy
{
	my ($server, $dbname, $name) = @_;
	my $before = digests_of($server, $dbname);

	is(codes_of($server, $dbname, @works), join(' ', map { 'RF016' } @works), "$name: neither job nor claim: RF016");
	is(digests_of($server, $dbname), $before, "$name: no row was changed by that");
	return;
}

is($node->safe_psql('source', $marks), 'mine', 'a new extension is active where it was made');
is_active($node, 'source', 'a new extension');

# An open request, one that is settled, and one whose window is over; payments and
# letters wait.  The last one's window is made to be over by hand, in the database at
# hand, as no test can wait for a week.
$node->safe_psql(
	'source', q{
	CREATE FUNCTION pg_temp.make(id bigint) RETURNS void LANGUAGE plpgsql AS $$
	BEGIN
		PERFORM refund.create_contract(id, 'carol', 'fred', 'USD');
		PERFORM refund.add_milestone(id, 'carol', 1, 'all of it', '500.00 USD');
		PERFORM refund.fund(id, 'carol', 1, '300.00 USD', 'card');
		PERFORM refund.end_contract(id, 'carol', '100.00 USD');
	END $$;
	SELECT pg_temp.make(n) FROM generate_series(1, 3) n;
	SELECT refund.approve_refund(2, 'fred');
	SELECT refund.create_test_clock('lab', '2026-03-02 09:00+00');
	SELECT refund.create_contract(4, 'carol', 'fred', 'USD', test_clock => 'lab');
	SELECT refund.add_milestone(4, 'carol', 1, 'all of it', '500.00 USD');
	SELECT refund.fund(4, 'carol', 1, '300.00 USD', 'card');
	SELECT refund.end_contract(4, 'carol')});
my $digests = digests_of($node, 'source');

# let_window_end(SERVER, DATABASE): contract 3's, an hour ago
sub let_window_end
{
	my ($server, $dbname) = @_;

	$server->safe_psql(
		$dbname, q{
		SET session_replication_role = replica;
		UPDATE refund.contract SET due_at = clock_timestamp() - interval '1 hour', next_due_at = clock_timestamp() - interval '1 hour' WHERE contract_id = 3});
	return;
}

sub state_of
{
	my ($server, $dbname, $contract_id) = @_;

	return $server->safe_psql($dbname,
		"SELECT concat_ws('|', state, effective_state, outcome) FROM refund.refund_request_status WHERE contract_id = $contract_id");
}

# ---- what a copy is good for ----

sub check_copy
{
	my ($server, $dbname, $name) = @_;

	is(digests_of($server, $dbname), $digests, "$name: the same rows");
	is_sound($server, $dbname, $name);
	is_a_copy($server, $dbname, $name);

	# reads
	is(state_of($server, $dbname, 1), 'requested|requested', "$name: the views read");
	is( $server->safe_psql($dbname,
			q{SELECT count(*) > 0 FROM refund.explain(1)}) . $server->safe_psql($dbname,
			q{SELECT event, state FROM refund.forecast(1)}) . $server->safe_psql($dbname,
			q{SELECT count(*) > 3 FROM refund.allowed_actions(1, 'fred')}),
		'tresponse_expired|settledt', "$name: questions are answered");
	my $health = q{SELECT value, ok FROM refund.health() WHERE component = 'activation'};
	is($server->safe_psql($dbname, $health), 'a copy|f', "$name: health() says so");

	# verbs, expiries that are due included
	is($server->safe_psql($dbname, q{SELECT outcome FROM refund.approve_refund(1, 'fred')}),
		'approved', "$name: verbs work");
	is($server->safe_psql($dbname, q{SELECT state FROM refund.create_contract(10, 'carol', 'fred', 'USD')}),
		'active', "$name: new contracts too");
	is($server->safe_psql($dbname, q{SELECT state FROM refund.report_refund_payment(2, 'olga', 1, 'submitted', 'po-1')}),
		'submitted', "$name: reports from outside too");
	is( $server->safe_psql($dbname,
			q{SELECT now > '2026-03-09' FROM refund.advance_test_clock('lab', '8 days')}) . state_of($server, $dbname, 4),
		't' . 'settled|settled|approved_by_silence', "$name: test clocks go on");
	is_sound($server, $dbname, "$name, after the next verbs");
	let_window_end($server, $dbname);
	is_a_copy($server, $dbname, "$name, with something due");
	is(state_of($server, $dbname, 3), 'requested|settled', "$name: the job has not settled what is due");
	is(sqlstate_of($server, $dbname, q{SELECT refund.approve_refund(3, 'fred')}),
		'RF005', "$name: to a verb it is settled");

	# read only stays read only
	my @read_only = map { s/BEGIN/BEGIN READ ONLY/r } grep { /BEGIN/ } @works, 'BEGIN; SELECT refund.activate(); ROLLBACK';
	is(codes_of($server, $dbname, @read_only), join(' ', map { '25006' } @read_only), "$name: in a read-only transaction all of it is 25006");

	# nobody but who was granted it makes it the one
	is(sqlstate_of($server, $dbname, 'SET ROLE stranger; SELECT refund.activate()'),
		'42501', "$name: a stranger can not activate it");
	is(sqlstate_of($server, $dbname, 'BEGIN; SELECT refund.activate(); ROLLBACK; SELECT refund.expire_due()'),
		'RF016', "$name: an activation that was rolled back is none");
	$server->safe_psql($dbname, 'SELECT refund.activate()');
	is($server->safe_psql($dbname, $marks), 'mine', "$name: activate() leaves one mark");
	is($server->safe_psql($dbname, $health), 'active|t', "$name, activated: health() says so");
	is_active($server, $dbname, "$name, activated");
	is($server->safe_psql($dbname, 'SELECT count(*) > 0 FROM refund.claim_refund_payments()'),
		't', "$name, activated: payments are handed out");
	is($server->safe_psql($dbname, 'SELECT count(*) > 0 FROM refund.claim_notifications()'),
		't', "$name, activated: notifications are handed out");
	is(state_of($server, $dbname, 3), 'settled|settled|approved_by_silence', "$name, activated: the job has settled what was due");
	# once more changes nothing
	is(sqlstate_of($server, $dbname, 'SELECT refund.activate(); SELECT refund.activate(); SELECT refund.expire_due()'),
		'', "$name: activate() can be repeated");
	is($server->safe_psql($dbname, $marks), 'mine', "$name: and leaves one mark");
	return;
}

# ---- by dump and restore ----

$node->command_ok([ 'pg_dump', '--no-sync', '-Fc', '-d', $node->connstr('source'), '-f', "$dir/dump" ], 'pg_dump');
$node->safe_psql('postgres', 'CREATE DATABASE restored');
$node->command_ok([ 'pg_restore', '--exit-on-error', '-d', $node->connstr('restored'), "$dir/dump" ], 'pg_restore');
is($node->safe_psql('restored', $marks), "another's and mine", 'restored: two marks');
check_copy($node, 'restored', 'restored');

# data of one into a new extension beside it
$node->safe_psql('postgres', 'CREATE DATABASE loaded');
$node->safe_psql('loaded', 'CREATE EXTENSION refund');
$node->command_ok([ 'pg_restore', '--exit-on-error', '--data-only', '-d', $node->connstr('loaded'), "$dir/dump" ], 'pg_restore --data-only');
is_a_copy($node, 'loaded', 'data only');

# a dump of what was activated makes a copy again
$node->command_ok([ 'pg_dump', '--no-sync', '-Fc', '-d', $node->connstr('restored'), '-f', "$dir/dump2" ], 'pg_dump of an activated copy');
$node->safe_psql('postgres', 'CREATE DATABASE again');
$node->command_ok([ 'pg_restore', '--exit-on-error', '-d', $node->connstr('again'), "$dir/dump2" ], 'pg_restore of it');
is_a_copy($node, 'again', 'restored again');

# a copy of a copy that was never activated
$node->command_ok([ 'pg_dump', '--no-sync', '-Fc', '-d', $node->connstr('loaded'), '-f', "$dir/dump3" ], 'pg_dump of a copy');
$node->safe_psql('postgres', 'CREATE DATABASE third');
$node->command_ok([ 'pg_restore', '--exit-on-error', '-d', $node->connstr('third'), "$dir/dump3" ], 'pg_restore of it');
is_a_copy($node, 'third', 'a copy of a copy');

# ---- by createdb -T ----

$node->command_ok([ 'createdb', '-h', $node->host, '-p', $node->port, '-T', 'source', 'twin' ], 'createdb -T');
is($node->safe_psql('twin', $marks), "another's", 'createdb -T: one mark, of the original');
check_copy($node, 'twin', 'createdb -T');

# ---- the original is the one as before ----

is($node->safe_psql('source', $marks), 'mine', 'the original has its mark');
is(digests_of($node, 'source'), $digests, 'and the rows that it had');
is_active($node, 'source', 'the original');

# under another name it is the same database
$node->safe_psql('postgres', 'ALTER DATABASE source RENAME TO renamed');
is_active($node, 'renamed', 'renamed');
$node->safe_psql('postgres', 'ALTER DATABASE renamed RENAME TO source');

# an extension made anew in a copy starts anew
$node->safe_psql('third', 'SET client_min_messages = warning; SET refund.allow_drop = on; DROP EXTENSION refund; CREATE EXTENSION refund');
is_active($node, 'third', 'a copy whose extension was made anew');

# ---- a database that publishes its tables, and one that has them from another ----

# L02: the marks are replicated as every table is
$node->safe_psql('again', 'SELECT refund.activate(); SET client_min_messages = error; CREATE PUBLICATION everything FOR ALL TABLES');
is(sqlstate_of($node, 'again', 'SELECT refund.activate()'), '', 'a database that publishes all its tables can be activated');
is_active($node, 'again', 'a database that publishes all its tables');
$node->safe_psql('loaded', 'SELECT refund.activate()');
my $row = $node->safe_psql('again', 'SELECT system_identifier, database_oid FROM refund.activation');
$row =~ tr/|/,/;
$node->safe_psql('loaded', "SET session_replication_role = replica; INSERT INTO refund.activation VALUES ($row, now())");
is_a_copy($node, 'loaded', 'a subscriber');

# ---- by pg_upgrade: another cluster, so it is asked for once ----

SKIP:
{
	chomp(my $bindir = `pg_config --bindir`);
	skip 'no pg_upgrade here', 1 if !-x "$bindir/pg_upgrade";

	# the job has run in it
	$digests = digests_of($node, 'source');
	$node->safe_psql('postgres', "DROP DATABASE $_") for qw(restored loaded again third twin);
	$node->stop;
	my $next = new_server('next');
	pg_upgrade($node, $next);
	$next->start;
	check_copy($next, 'source', 'pg_upgrade');
	$next->stop;
	$node->start;
}

$node->stop;

done_testing();
