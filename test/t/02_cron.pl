# The jobs in pg_cron, for real: its launcher settles cases while nobody calls
# anything, in both ways in which it runs jobs (libpq connections, background
# workers), in its own database and in another one; and servers without it.
#
# faults.md: J01 (server down over a deadline), J02 (health when nothing runs),
# J03 (inactive job), J04 (absent, in another database), J09 (scheduled twice),
# J10 (the log), X02 (names with quotes).

use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use RefundTest;
use Test::More;
use Time::HiRes qw(sleep time);

# process.md section 10 under a policy with a window of a minute
my $make_case = $quick_policy . q{;
	SELECT refund.create_contract(1, 'carol', 'fred', 'USD', policy => 'quick');
	SELECT refund.add_milestone(1, 'carol', 1, 'all of it', '500.00 USD');
	SELECT refund.fund(1, 'carol', 1, '500.00 USD', 'card');
	SELECT refund.end_contract(1, 'carol', '200.00 USD')};

my $run = 'CALL refund.run_due()';

sub health_of
{
	my ($node, $dbname, $before) = @_;

	return $node->safe_psql($dbname,
		($before // '') . ';SELECT component, ok FROM refund.health()'
		  . q{ WHERE component IN ('last_run', 'waiting_expiries', 'pg_cron') ORDER BY component});
}

# What somebody finds who looks an hour later.
sub is_settled_by_the_clock
{
	my ($node, $dbname, $name) = @_;

	is( $node->safe_psql(
			$dbname, q{
			SELECT r.state, r.outcome, r.at_stake, r.to_freelancer, r.to_client,
				r.effective_at = e.due_at, r.settled_at > e.due_at
			FROM refund.refund_request_status r
			JOIN refund.event e ON e.contract_id = 1 AND e.kind = 'end_contract'}),
		'settled|approved_by_silence|300.00|0.00|300.00|t|t',
		"$name: settled by silence, in effect at due_at, recorded later");
	is( $node->safe_psql(
			$dbname, q{
			SELECT party, actor IS NULL, event, from_state, to_state, at > effective_at
			FROM refund.case_timeline ORDER BY event_no DESC LIMIT 1}),
		'clock|t|response_expired|requested|settled|t',
		"$name: the last event is the clock's");
	is( $node->safe_psql($dbname,
			'SELECT source, amount, state FROM refund.refund_payment_status'),
		'card|300.00|pending', "$name: the money is on its way to its source");
	is_sound($node, $dbname, $name);
	return;
}

# ---- a server without pg_cron (J04) ----

my $plain = new_server('plain');
$plain->start;
$plain->safe_psql('postgres', "CREATE EXTENSION refund; $make_case");
is( $plain->safe_psql('postgres',
		'SELECT job, database, schedule, status FROM refund.schedule_jobs()'),
	"refund run_due (postgres)|postgres|* * * * *|not scheduled: pg_cron is not loaded in this server\n"
	  . "refund prune (postgres)|postgres|23 * * * *|not scheduled: pg_cron is not loaded in this server\n"
	  . "refund verify (postgres)|postgres|41 3 * * *|not scheduled: pg_cron is not loaded in this server",
	'J04: without pg_cron schedule_jobs() says so');
is($plain->safe_psql('postgres', 'SELECT refund.unschedule_jobs()'), '0', 'J04: and there is nothing to unschedule');
is(health_of($plain, 'postgres'), "last_run|f\npg_cron|f\nwaiting_expiries|t", 'J04: health() is red');
is(sqlstate_of($plain, 'postgres', 'SELECT refund.schedule_jobs(NULL)'), '22004', 'A16: run_as must not be null');
is(sqlstate_of($plain, 'postgres', 'SELECT refund.schedule_jobs(due_every => NULL)'), '22004', 'A16: nor due_every');
$plain->safe_psql('postgres', 'CREATE ROLE stranger');
for my $call ('refund.schedule_jobs()', 'refund.unschedule_jobs()', 'refund.health()')
{
	is(sqlstate_of($plain, 'postgres', "SET ROLE stranger; SELECT $call"), '42501', "a stranger may not call $call");
}

# J01: the server is down when the minute ends
$plain->stop('immediate');

# ---- servers with pg_cron ----

my @servers;
my $home = 'home';
my $away = q{it's "away"};		# X02
(my $away_ident = $away) =~ s/"/""/g;

# Make one server; its cases begin their minute.
sub start_cron_server
{
	my ($name, $use_workers) = @_;
	my $node = new_server($name);
	my $host = $node->host;

	$node->append_conf('postgresql.conf', qq{
shared_preload_libraries = 'pg_cron'
cron.database_name = '$home'
cron.host = '$host'
cron.use_background_workers = $use_workers
max_worker_processes = 20
});
	$node->start;
	$node->safe_psql('postgres', $_)
	  for (qq{CREATE DATABASE $home}, qq{CREATE DATABASE "$away_ident"},
		'CREATE ROLE worker LOGIN', 'CREATE ROLE deputy LOGIN', 'CREATE ROLE boss LOGIN SUPERUSER');
	$node->safe_psql($home, "CREATE EXTENSION pg_cron; CREATE EXTENSION refund; $make_case");
	$node->safe_psql($away, "CREATE EXTENSION refund; $make_case");
	push @servers, $node;
	return $node;
}

# The jobs, as pg_cron has them.
sub jobs_of
{
	my ($node, $where) = @_;

	return $node->safe_psql($home,
		'SELECT jobname, database, schedule, command, username, active FROM cron.job '
		  . ($where // '') . ' ORDER BY schedule, username');
}

my $verify = 'SELECT refund.run_verify()';
my $prune;						# the command that prunes the log

sub check_scheduling
{
	my ($node) = @_;
	my $name = $node->name;
	my $me = $node->safe_psql($home, 'SELECT current_user');

	is(health_of($node, $home), "last_run|f\npg_cron|f\nwaiting_expiries|t",
		"J02: $name: health() is red before the first run");
	is(health_of($node, $away), "last_run|f\npg_cron|t\nwaiting_expiries|t",
		"J02: $name: and in the other database");

	# in pg_cron's own database
	my $rows = $node->safe_psql($home, 'SELECT * FROM refund.schedule_jobs()');
	($prune) = $rows =~ /^refund prune \(home\)\|home\|23 \* \* \* \*\|(.*)\|scheduled$/m;
	is($rows,
		"refund run_due (home)|home|* * * * *|$run|scheduled\n"
		  . 'refund prune (home)|home|23 * * * *|' . ($prune // '') . "|scheduled\n"
		  . "refund verify (home)|home|41 3 * * *|$verify|scheduled",
		"J04: $name: schedule_jobs() returns the documented rows");
	my $jobs = "refund run_due (home)|home|* * * * *|$run|%s|t\n"
	  . "refund prune (home)|home|23 * * * *|$prune|%s|t\n"
	  . "refund verify (home)|home|41 3 * * *|$verify|%s|t";
	is(jobs_of($node), sprintf($jobs, ($me) x 3), "$name: and they are what pg_cron has");

	# J09: again, in every way
	$node->safe_psql($home, 'SELECT refund.schedule_jobs()');
	is(jobs_of($node), sprintf($jobs, ($me) x 3), "J09: $name: scheduled twice, one set of jobs");
	$node->safe_psql($home, 'SET ROLE boss; SELECT refund.schedule_jobs()');
	is(jobs_of($node), sprintf($jobs, ('boss') x 3), "J09: $name: by another superuser, one set of jobs");
	$node->safe_psql($home, q{SELECT refund.schedule_jobs(run_as => 'worker')});
	is(jobs_of($node), sprintf($jobs, ('worker') x 3), "J09: $name: for another role, one set of jobs");
	$node->safe_psql($home, q{SELECT refund.schedule_jobs(due_every => '*/5 * * * *')});
	is( jobs_of($node, "WHERE command = '$run'"),
		"refund run_due (home)|home|*/5 * * * *|$run|$me|t",
		"J09: $name: with another schedule, one job");
	is($node->safe_psql($home, 'SELECT count(*) FROM cron.job'), '3', "J09: $name: and one set");

	# by somebody who is no superuser: nothing is doubled, whether or not it is allowed
	$node->safe_psql(
		$home, q{
		GRANT USAGE ON SCHEMA cron TO deputy, worker;
		GRANT EXECUTE ON FUNCTION refund.schedule_jobs, refund.unschedule_jobs TO deputy});
	$node->psql($home, 'SET ROLE deputy; SELECT refund.schedule_jobs()', on_error_stop => 0, stderr => \my $ignored);
	is($node->safe_psql($home, 'SELECT count(*) FROM cron.job'), '3',
		"J09: $name: by an ordinary role, still one set");
	$node->safe_psql($home,
		q{SELECT cron.unschedule(jobid) FROM cron.job WHERE username = 'deputy'; SELECT refund.schedule_jobs()});

	is(sqlstate_of($node, $home, q{SELECT refund.schedule_jobs(due_every => 'every now and then')}),
		'22023', "$name: a schedule that is none is refused");
	is($node->safe_psql($home, 'SELECT count(*) FROM cron.job'), '3', "$name: and the jobs stay");

	# in another database: the SQL to run where pg_cron lives (J04, X02)
	my $status = 'not scheduled: run the command in database "home", where pg_cron lives';
	is( $node->safe_psql($away,
			'SELECT job, database, schedule, status FROM refund.schedule_jobs()'),
		"refund run_due ($away)|$away|* * * * *|$status\nrefund prune ($away)|home|23 * * * *|$status\n"
		  . "refund verify ($away)|$away|41 3 * * *|$status",
		"J04: $name: in another database schedule_jobs() says where to go");
	is($node->safe_psql($away, 'SELECT refund.unschedule_jobs()'), '0', "J04: $name: nothing is scheduled from there");
	my @commands = split /\n/, $node->safe_psql($away, 'SELECT command FROM refund.schedule_jobs()');
	is(scalar(@commands), 3, "J04: $name: each command is a line");
	# twice: J09
	for my $command (@commands, @commands)
	{
		like($node->safe_psql($home, $command), qr/^\d+$/, "J04: $name: it runs there");
	}
	my $away_jobs = jobs_of($node, "WHERE jobname LIKE '%away%'");
	(my $quoted = $away) =~ s/'/''/g;
	(my $away_prune = $prune) =~ s/\(home\)/($quoted)/g;
	is( $away_jobs,
		"refund run_due ($away)|$away|* * * * *|$run|$me|t\nrefund prune ($away)|home|23 * * * *|$away_prune|$me|t\n"
		  . "refund verify ($away)|$away|41 3 * * *|$verify|$me|t",
		"J09: $name: run twice, one set of jobs");

	# one database's jobs are no business of the other's
	$node->safe_psql($home, 'SELECT refund.schedule_jobs()');
	is(jobs_of($node, "WHERE jobname LIKE '%away%'"), $away_jobs,
		"J09: $name: schedule_jobs() leaves the other database's jobs alone");
	$node->safe_psql($home, 'SELECT refund.unschedule_jobs()');
	is(jobs_of($node, "WHERE jobname LIKE '%away%'"), $away_jobs,
		"J09: $name: so does unschedule_jobs()");
	# where that failed, what follows is to go on
	$node->safe_psql($home, $_) for ('SELECT refund.schedule_jobs()', @commands);
	return;
}

# J10: the command itself, as the job would run it.
sub check_pruning
{
	my ($node) = @_;
	my $name = $node->name;
	my $values = join ', ', map { "($_)" } (
		# run, job, started days ago, ended days ago, status, command: in the order of time
		"1000001, 'foreign', 800, 800, 'succeeded', \$\$SELECT '$run'\$\$",
		"1000002, 'foreign', 8, 8, 'succeeded', 'VACUUM'",
		# pg_cron could not connect: it knows neither a start nor an end
		"1000003, 'refund run_due (home)', NULL, NULL, 'failed', '$run'",
		# the server crashed: no end
		"1000004, 'refund run_due (home)', 8, NULL, 'failed', '$run'",
		"1000005, 'refund prune (home)', 8, 8, 'succeeded', \$\$$prune\$\$",
		"1000006, 'refund run_due (home)', 8, 8, 'succeeded', '$run'",
		"1000007, 'refund run_due (home)', 6, 6, 'succeeded', '$run'",
		"1000008, 'refund run_due (home)', 0, NULL, 'running', '$run'");

	$node->safe_psql(
		$home, qq{
		SELECT cron.schedule('foreign', '0 0 1 1 *', 'VACUUM');
		INSERT INTO cron.job_run_details (jobid, runid, command, status, database, username, start_time, end_time)
		SELECT j.jobid, v.run, v.command, v.status, 'home', current_user,
			now() - v.started * interval '1 day', now() - v.ended * interval '1 day'
		FROM (VALUES $values) v (run, job, started, ended, status, command)
		JOIN cron.job j ON j.jobname = v.job});
	$node->safe_psql($home, $prune);
	my %left = map { $_ => 1 } split /\n/,
	  $node->safe_psql($home, 'SELECT runid FROM cron.job_run_details WHERE runid > 1000000');
	ok($left{1000001} && $left{1000002}, "J10: $name: foreign jobs' rows are left alone, however old");
	ok(!$left{1000006}, "J10: $name: old rows of run_due are pruned");
	ok($left{1000007}, "J10: $name: younger ones are kept");
	ok($left{1000008}, "J10: $name: so is a run in progress");
	ok(!$left{1000005}, "J10: $name: old rows of the pruning itself are pruned");
	ok(!$left{1000004}, "J10: $name: old rows of runs that a crash ended are pruned");
	ok(!$left{1000003}, "J10: $name: old rows of failed connections are pruned");
	$node->safe_psql($home,
		q{DELETE FROM cron.job_run_details WHERE runid > 1000000; SELECT cron.unschedule('foreign')});
	return;
}

# J02, J03: what health() says when something is wrong.
sub check_health
{
	my ($node) = @_;
	my $name = $node->name;
	my $green = "last_run|t\npg_cron|t\nwaiting_expiries|t";

	is(health_of($node, $home), $green, "$name: health() is green");
	is(health_of($node, $away), $green, "$name: also in the other database");
	$node->safe_psql($home, $verify);
	is( $node->safe_psql($home, 'SELECT component, hint FROM refund.health() WHERE NOT ok OR hint IS NOT NULL'),
		'', "$name: all of it, with no hint, once everything was verified");
	is( health_of($node, $home,
			q{BEGIN; UPDATE refund.job_run SET finished_at = clock_timestamp() - interval '150 s'}),
		$green, "J02: $name: green while the last run is younger than three periods");
	is( health_of($node, $home,
			q{BEGIN; UPDATE refund.job_run SET finished_at = clock_timestamp() - interval '181 s'}),
		"last_run|f\npg_cron|t\nwaiting_expiries|t",
		"J02: $name: red when no run has finished for three periods");
	is( health_of($node, $home,
			q{BEGIN; SET LOCAL session_replication_role = replica;
			UPDATE refund.contract SET next_due_at = clock_timestamp() - interval '4 minutes'}),
		"last_run|t\npg_cron|t\nwaiting_expiries|f",
		"J02: $name: red when a deadline waits to be recorded");
	is( health_of($node, $home,
			"BEGIN; SELECT FROM (SELECT cron.alter_job(jobid, active => false) FROM cron.job WHERE command = '$run' AND database = 'home') x"),
		"last_run|t\npg_cron|f\nwaiting_expiries|t",
		"J03: $name: red when the job is inactive");
	is( $node->safe_psql($home,
			q{BEGIN; DELETE FROM refund.job_run WHERE job = 'run_due'; SELECT count(*) FROM refund.health() WHERE NOT ok AND hint <> ''}),
		'1', "J02: $name: red comes with a hint");
	return;
}

# The value of component pg_cron.
sub cron_of
{
	my ($node, $dbname, $before) = @_;

	return $node->safe_psql($dbname,
		($before // '') . q{;SELECT ok, value FROM refund.health() WHERE component = 'pg_cron'});
}

# J02, J03: each way in which the job can die
sub check_deaths
{
	my ($node) = @_;
	my $name = $node->name;

	is(cron_of($node, $home), 't|scheduled', "J03: $name: well");
	is(cron_of($node, $away), 't|in database home', "J03: $name: found in the other database");
	is( cron_of($node, $home, 'BEGIN; DROP EXTENSION pg_cron'),
		'f|not created', "J03: $name: pg_cron is to live here and does not");
	is( cron_of($node, $home,
			"BEGIN; SELECT FROM (SELECT cron.alter_job(jobid, active => false) FROM cron.job WHERE command = '$run' AND database = 'home') x"),
		'f|inactive', "J03: $name: the job is inactive");
	# the same for whoever owns it: one such job keeps all from running
	is( cron_of($node, $home,
			q{BEGIN; CREATE ROLE gone LOGIN; SELECT cron.schedule_in_database('foreign', '* * * * *', 'SELECT 1', 'postgres', 'gone') > 0; DROP ROLE gone}),
		qq{t\nf|role "gone" of a job is gone}, "J03: $name: the role of a job was dropped");
	# what pg_cron writes when it can not connect: a wrong port, for instance
	is( cron_of($node, $home,
			qq{BEGIN; INSERT INTO cron.job_run_details (jobid, runid, status, return_message)
			SELECT jobid, 2000000, 'failed', 'connection failed' FROM cron.job WHERE command = '$run' AND database = 'home'}),
		'f|failed: connection failed', "J03: $name: the last run has failed");

	# the launcher does not come back
	$node->safe_psql('postgres', q{SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_type = 'pg_cron launcher'});
	$node->poll_query_until('postgres', q{SELECT count(*) = 0 FROM pg_stat_activity WHERE backend_type = 'pg_cron launcher'});
	is(cron_of($node, $home), 'f|the launcher does not run', "J03: $name: the launcher was terminated");
	is(cron_of($node, $away), 'f|the launcher does not run', "J03: $name: also seen from the other database");

	# for real: from now on the launcher ends whenever it starts, until that job is gone
	$node->safe_psql($home, $_)
	  for ('CREATE ROLE gone LOGIN', q{SELECT cron.schedule_in_database('foreign', '* * * * *', 'SELECT 1', 'postgres', 'gone')}, 'DROP ROLE gone');
	$node->restart;
	is(cron_of($node, $home), 'f|role "gone" of a job is gone', "J03: $name: role dropped and server restarted");
	$node->safe_psql($home, q{SELECT cron.unschedule(jobid) FROM cron.job WHERE username = 'gone'});
	$node->restart;
	$node->poll_query_until('postgres', q{SELECT count(*) = 1 FROM pg_stat_activity WHERE backend_type = 'pg_cron launcher'});
	is(cron_of($node, $home), 't|scheduled', "J03: $name: well again");
	return;
}

SKIP:
{
	skip 'pg_cron is not installed here', 1 if !has_cron();

	start_cron_server('connections', 'off');
	start_cron_server('workers', 'on');
	check_scheduling($_) for @servers;
	check_pruning($_) for @servers;

	# the real thing: as the owner of everything, and as a role with no more
	# rights than the job needs
	$servers[0]->safe_psql($home, 'SELECT refund.schedule_jobs()');
	$servers[1]->safe_psql(
		$home, q{
		GRANT EXECUTE ON PROCEDURE refund.run_due TO worker;
		GRANT EXECUTE ON FUNCTION refund.expire_due, refund.record_run, refund.run_verify TO worker;
		SELECT refund.schedule_jobs(run_as => 'worker')});
}

# ---- meanwhile the minute has ended where the server is down (J01) ----

$plain->start;
wait_until_due($plain, 'postgres');
is( $plain->safe_psql('postgres', 'SELECT state, effective_state FROM refund.refund_request_status'),
	'requested|settled', 'J01: the deadline holds although nothing ran');
is(sqlstate_of($plain, 'postgres', q{SELECT refund.approve_refund(1, 'fred')}), 'RF005', 'J02: and it is too late for verbs');
$plain->safe_psql('postgres', 'CALL refund.run_due()');
is_settled_by_the_clock($plain, 'postgres', 'J01: server down over a deadline');
is(health_of($plain, 'postgres'), "last_run|t\npg_cron|f\nwaiting_expiries|t", 'any other timer makes health() green');
is( $plain->safe_psql('postgres', q{SELECT job, cases, finished_at >= started_at FROM refund.job_run}),
	'run_due|1|t', 'the run is recorded');
$plain->stop;

# ---- and the jobs have run, or do so now ----

SKIP:
{
	skip 'pg_cron is not installed here', 1 if !@servers;

	# a minute for the window, a minute until the next run, and one to spare
	my $until = time() + 180;
	my %waiting = map { $_ => 1 } map { my $n = $_; map { $n->name . "/$_" } ($home, $away) } @servers;
	while (%waiting && time() < $until)
	{
		for my $node (@servers)
		{
			for my $dbname ($home, $away)
			{
				next if !$waiting{ $node->name . "/$dbname" };
				delete $waiting{ $node->name . "/$dbname" }
				  if $node->safe_psql($dbname, 'SELECT state FROM refund.refund_request_status') eq 'settled'
				  && $node->safe_psql($dbname, 'SELECT count(*) FROM refund.job_run') eq '1';
			}
		}
		sleep(0.5);
	}
	is(join(' ', sort keys %waiting), '', 'the jobs have settled every case');

	for my $node (@servers)
	{
		my $name = $node->name;

		is_settled_by_the_clock($node, $home, "$name, own database");
		is_settled_by_the_clock($node, $away, "$name, another database");
		is( $node->safe_psql(
				$home, qq{
				SELECT DISTINCT ON (database) database, username, status FROM cron.job_run_details d
				WHERE command = '$run' AND status IN ('succeeded', 'failed')
				ORDER BY database, runid DESC}),
			"home|" . ($name eq 'workers' ? 'worker' : $node->safe_psql($home, 'SELECT current_user'))
			  . "|succeeded\n$away|" . $node->safe_psql($home, 'SELECT current_user') . '|succeeded',
			"$name: it was pg_cron's job that ran");
		check_health($node);
		if ($name eq 'connections')
		{
			# as after a restore on another port; background workers need none
			$node->safe_psql($home, "UPDATE cron.job SET nodeport = 1 WHERE command = '$run' AND database = 'home'");
			ok( $node->poll_query_until($home,
					q{SELECT value LIKE 'failed: connection failed%' FROM refund.health() WHERE component = 'pg_cron'}),
				'J03: a wrong port turns health() red');
			$node->safe_psql($home, 'SELECT refund.schedule_jobs()');
			is($node->safe_psql($home, "SELECT nodeport FROM cron.job WHERE command = '$run' AND database = 'home'"),
				$node->port, 'J03: schedule_jobs() sets it right');
			$node->safe_psql($home, "DELETE FROM cron.job_run_details WHERE status = 'failed'");
		}
		check_deaths($node);

		my $foreign = jobs_of($node, "WHERE database <> 'home'");
		is($node->safe_psql($home, 'SELECT refund.unschedule_jobs()'), '3', "$name: unschedule_jobs() removes its jobs");
		is(jobs_of($node, q{WHERE jobname LIKE '%(home)'}), '', "$name: none of this database's is left");
		is(jobs_of($node, "WHERE database <> 'home'"), $foreign, "$name: the other database's job is");
		is($node->safe_psql($home, 'SELECT refund.unschedule_jobs()'), '0', "$name: then there is nothing to remove");
		is(health_of($node, $home), "last_run|t\npg_cron|f\nwaiting_expiries|t", "$name: health() sees it");
		$node->stop;
	}
}

done_testing();
