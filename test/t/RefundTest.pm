# What the TAP tests share: servers, error codes, sessions that stay open, and
# the digest of everything that schema refund holds.

package RefundTest;

use strict;
use warnings;

use Exporter 'import';
use Cwd ();
use IPC::Run ();
use Time::HiRes qw(sleep time);

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

our @EXPORT = qw(new_server old_server pg_upgrade has_cron sqlstate_of tables_of
  digests_of is_sound is_indexed wait_until_due open_session $quick_policy);

# A policy whose freelancer has a minute, the shortest window there is.
# add_policy() refuses it, because its reminder can not come before; but no
# test should wait for two minutes.
our $quick_policy =
  q{INSERT INTO refund.policy (name, version, refund_response) VALUES ('quick', 1, '1 minute')};

# new_server(NAME, SETTINGS..., [init => {...}]): made, not started.  UTF-8,
# whatever the locale of the machine.
sub new_server
{
	my ($name, $conf, %init) = @_;

	return make_server(PostgreSQL::Test::Cluster->new($name), $conf, %init);
}

# As new_server, but of the PostgreSQL in OLD_SERVER, if that is set: what is
# dumped or upgraded comes from there.  `test/run major` sets it.
sub old_server
{
	my ($name, $conf, %init) = @_;
	my @from = $ENV{OLD_SERVER} ? (install_path => $ENV{OLD_SERVER}) : ();

	return make_server(PostgreSQL::Test::Cluster->new($name, @from), $conf, %init);
}

sub make_server
{
	my ($node, $conf, %init) = @_;

	# as before 18, where none is the default: pg_upgrade wants them in both or in none
	my @checksums = $node->pg_version >= 18 ? '--no-data-checksums' : ();

	$node->init(%init, extra => [ '--encoding=UTF8', '--locale=C', @checksums ]);
	# log_statement = all is the module's default: thousands of calls would
	# only fill the disk
	$node->append_conf('postgresql.conf',
		"max_connections = 30\nlog_statement = none\n" . ($conf // ''));
	return $node;
}

# pg_upgrade(OLD, NEW): both stopped.  Tried without the new one's library, then
# checked, then done.
sub pg_upgrade
{
	my ($old, $new) = @_;
	my $name = 'pg_upgrade from ' . $old->pg_version;
	chomp(my ($bindir, $libdir) = (`pg_config --bindir`, `pg_config --pkglibdir`));
	my $old_bindir = $ENV{OLD_SERVER} ? "$ENV{OLD_SERVER}/bin" : $bindir;
	my @command = (
		'pg_upgrade', '--no-sync', '-d', $old->data_dir, '-D', $new->data_dir,
		'-b', $old_bindir, '-B', $bindir, '-s', $old->host, '-p', $old->port, '-P', $new->port);
	my $cwd = Cwd::getcwd();

	# its working directory is where it writes
	my $top = PostgreSQL::Test::Utils::tempdir;
	chdir $top or die "cannot enter $top: $!";
  SKIP:
	{
		skip "the library in $libdir is not ours to move", 2 if !rename "$libdir/refund.so", "$libdir/refund.away";
		command_checks_all([ @command, '--check' ], 1, [qr/loadable libraries that are missing/], [], "B06: $name --check without the library");
		rename "$libdir/refund.away", "$libdir/refund.so" or die "cannot rename the library: $!";
	}
	command_ok([ @command, '--check' ], "B06: $name --check");
	command_ok(\@command, "B06: $name");
	chdir $cwd or die "cannot enter $cwd: $!";
	return;
}

# Is pg_cron installed in the server that is first in PATH?
sub has_cron
{
	chomp(my $lib = `pg_config --pkglibdir`);
	return -e "$lib/pg_cron.so";
}

# The SQLSTATE that a statement raises, '' for none.  For several statements:
# each in turn, until one raises.
sub sqlstate_of
{
	my ($node, $dbname, $sql, %params) = @_;
	my $stderr;

	$node->psql(
		$dbname, $sql, %params,
		stderr => \$stderr,
		extra_params => [ '-v', 'VERBOSITY=sqlstate' ]);
	return $stderr =~ /(?:ERROR|FATAL):  (\w{5})$/m ? $1 : '';
}

# Names of the tables of schema refund.
sub tables_of
{
	my ($node, $dbname) = @_;

	return split /\n/, $node->safe_psql(
		$dbname, q{
		SELECT relname FROM pg_class
		WHERE relnamespace = 'refund'::regnamespace AND relkind IN ('r', 'p')
		ORDER BY relname COLLATE "C"});
}

# One line for each table of schema refund: name, number of rows, md5 of all
# rows' texts in order.  The text depends on no setting of the session.  Where a
# database was activated is no part of what it holds: a restore brings another mark.
sub digests_of
{
	my ($node, $dbname) = @_;
	my $sql = join ' UNION ALL ', map {
		qq{SELECT '$_', count(*), md5(coalesce(string_agg(t::text, E'\\n' ORDER BY t::text COLLATE "C"), ''))
		FROM refund.$_ t}
	} grep { $_ ne 'activation' } tables_of($node, $dbname);

	return $node->safe_psql($dbname,
		"SET TimeZone = 'UTC'; SET DateStyle = 'ISO'; $sql ORDER BY 1");
}

# The oracle after every test: verify_all() has nothing to say.
sub is_sound
{
	my ($node, $dbname, $name) = @_;

	return is(
		$node->safe_psql(
			$dbname, 'SELECT contract_id, rule, detail FROM refund.verify_all() LIMIT 20'),
		'',
		"$name: verify_all() is empty");
}

# Does every index of our tables have an entry for each of its rows, and are they in order?
sub is_indexed
{
	my ($node, $dbname, $name) = @_;

  SKIP:
	{
		skip 'there is no amcheck', 1
		  if !$node->safe_psql($dbname, q{SELECT 1 FROM pg_available_extensions WHERE name = 'amcheck'});
		is( sqlstate_of(
				$node, $dbname,
				q{BEGIN;
			CREATE EXTENSION amcheck;
			SELECT bt_index_parent_check(indexrelid, true) FROM pg_index
			WHERE indrelid IN (SELECT oid FROM pg_class WHERE relnamespace = 'refund'::regnamespace);
			ROLLBACK}),
			'',
			"$name: the indexes have all rows");
	}
	return;
}

# Sleep until every live deadline has passed.
sub wait_until_due
{
	my ($node, $dbname) = @_;
	my $seconds = $node->safe_psql(
		$dbname, q{
		SELECT coalesce(greatest(extract(epoch FROM max(next_due_at) - clock_timestamp()), 0), 0)
		FROM refund.contract WHERE test_clock IS NULL
			AND next_due_at < clock_timestamp() + interval '3 minutes'});

	sleep($seconds + 0.01);
	return;
}

# ---- a session that stays open ----
#
# PostgreSQL::Test::Cluster's background_psql is another thing in PostgreSQL 16
# than in 15; this one is the same with both.

# open_session(NODE, DBNAME): an object with the methods below
sub open_session
{
	my ($node, $dbname) = @_;
	my $self = bless { in => '', out => '', err => '', marks => 0 }, 'RefundTest::Session';

	$self->{timer} = IPC::Run::timeout($PostgreSQL::Test::Utils::timeout_default);
	$self->{run} = IPC::Run::start(
		[
			$node->installed_command('psql'), '-XAtq', '-v', 'VERBOSITY=sqlstate',
			'-d', $node->connstr($dbname), '-f', '-'
		],
		'<', \$self->{in}, '>', \$self->{out}, '2>', \$self->{err}, $self->{timer});
	$self->{pid} = $self->query('SELECT pg_backend_pid()');
	return $self;
}

package RefundTest::Session;

# Send without waiting; finish() waits.
sub send
{
	my ($self, $sql) = @_;

	$self->{marks}++;
	$self->{out} = $self->{err} = '';
	$self->{in} .= "$sql\n;\n\\echo mark-$self->{marks}\n\\warn mark-$self->{marks}\n";
	$self->{run}->pump_nb;
	return;
}

# What was sent has finished: its output; its SQLSTATE is in {error}, '' if none,
# 08006 if the connection was lost.
sub finish
{
	my ($self) = @_;
	my $mark = qr/^mark-$self->{marks}\n/m;

	$self->{timer}->start($PostgreSQL::Test::Utils::timeout_default);
	until ($self->{out} =~ $mark && $self->{err} =~ $mark)
	{
		if (!$self->{run}->pumpable)
		{
			# the connection is gone, and psql with it
			$self->{run}->finish;
			last;
		}
		$self->{run}->pump;
	}
	# of a lost connection the server says nothing, or WARNING: libpq has more words than a code
	my $lost = $self->{err} =~ /connection|could not/ || $self->{err} !~ $mark;
	$self->{error} = $self->{err} =~ /(?:ERROR|FATAL):  (\w{5})$/m ? $1 : $lost ? '08006' : '';
	(my $result = $self->{out}) =~ s/$mark//;
	chomp $result;
	return $result;
}

sub query
{
	my ($self, $sql) = @_;

	$self->send($sql);
	return $self->finish;
}

sub error { return $_[0]->{error}; }
sub pid { return $_[0]->{pid}; }

# The client dies, whatever its session does.
sub abandon
{
	my ($self) = @_;

	$self->{run}->kill_kill;
	return;
}

sub close
{
	my ($self) = @_;

	$self->{in} .= "\\q\n";
	eval { $self->{run}->finish; };
	return;
}

1;
