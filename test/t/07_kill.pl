# Killed at random points under load: whatever a client was told is done is done,
# once; with synchronous_commit off the end of it may be lost, and nothing else.
#
# KILLS=n kills so many times with synchronous_commit on, and half as often with
# it off; SEED=n repeats the choices of an earlier run, as far as the clock of the
# machine lets it.  test/crash runs it at length.
#
# faults.md: K10, K11, K13 (a segmentation fault), K05 (the reply is lost: the
# retry is a replay), A11 (keys in aborted transactions).

use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;

use POSIX ();
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use RefundTest;
use Test::More;
use Time::HiRes qw(sleep);

my $kills = $ENV{KILLS} // 6;
my $seed = $ENV{SEED} // int(rand(1e6));
my $clients = 4;
my $dir = PostgreSQL::Test::Utils::tempdir;
my $db = 'postgres';
my $hot = 9;					# contracts 1 to 9, on which all clients meet

note "SEED=$seed KILLS=$kills";

# ---- a client ----
#
# A process with one session.  It makes case after case, each call with a key, and
# writes into its log what was acknowledged.  A call whose answer was lost is made
# again with its key (strict), or its case is left where it is (not strict).

package Client;

use Time::HiRes qw(sleep);

sub new
{
	my ($class, %self) = @_;
	my $self = bless { keys => 0, cases => 0, life => 0, parent => getppid(), %self }, $class;

	open $self->{log}, '>>', $self->{file} or die "cannot write $self->{file}: $!";
	$self->{log}->autoflush(1);
	return $self;
}

# Each line in one write: it is read while this goes on.
sub write_log
{
	my ($self, @fields) = @_;

	$self->{log}->print(join("\t", @fields) . "\n");
	return;
}

# Asked to stop, or left alone by a test that died.
sub stopped
{
	my ($self) = @_;

	return -e $self->{stop} || getppid() != $self->{parent};
}

sub connect
{
	my ($self) = @_;

	until ($self->stopped)
	{
		$self->{session} = eval { RefundTest::open_session($self->{node}, $self->{db}) };
		if ($self->{session} && $self->{session}->pid)
		{
			$self->write_log('session', $self->{session}->pid);
			$self->{life}++;
			return 1;
		}
		sleep(0.05);
	}
	return 0;
}

# run(SQL): its output once the server has acknowledged it; undef if it may be lost.
sub run
{
	my ($self, $sql) = @_;

	while ($self->{session} || $self->connect)
	{
		my $out = eval { $self->{session}->query($sql) };
		my $error = defined $out ? $self->{session}->error : '08006';

		return $out if $error eq '';
		if ($error =~ /^(?:08|57)/)
		{
			delete $self->{session};
			return if !$self->{strict};
		}
		elsif ($error !~ /^40/)
		{
			# a client that knows what it does is never refused
			$self->write_log('refused', $error, $sql =~ s/\s+/ /gr);
			return;
		}
	}
	return;
}

# call(VERB, CONTRACT, ARGUMENTS...): what there is to run, and its key
sub call
{
	my ($self, $verb, $contract, @arguments) = @_;
	my $key = "$self->{name}-" . ++$self->{keys};

	return {
		contract => $contract,
		key => $key,
		sql => "SELECT refund.$verb(" . join(', ', $contract, @arguments, "idempotency_key => '$key'") . ')' };
}

# In one transaction; true if they are acknowledged.
sub make
{
	my ($self, @calls) = @_;
	my $sql = join ";\n", map { $_->{sql} } @calls;

	$sql = "BEGIN;\n$sql;\nCOMMIT" if @calls > 1;
	defined $self->run($sql) or return 0;
	$self->write_log('done', $self->{life}, ++$self->{made}, $_->{contract}, $_->{key}) for @calls;
	return 1;
}

sub usd { return sprintf q{'%d.%02d USD'}, $_[0] / 100, $_[0] % 100; }

# One case from its contract to its end, in one of the ways through.
sub one_case
{
	my ($self) = @_;
	my $id = $self->{number} * 1_000_000 + ++$self->{cases};
	my @funds = map { 1 + int(rand(20_000)) } 1 .. 1 + int(rand(3));
	my $deposited = 0;
	$deposited += $_ for @funds;
	my $final = int(rand($deposited));
	my $stake = $deposited - $final;
	my $claim = 1 + int(rand($stake));
	my $part = int(rand($claim + 1));
	my $wait = sub { return { clock => "SELECT refund.advance_test_clock('$self->{name}', '$_[0]')" } };
	my $verb = sub { my $verb = shift; return [ $self->call($verb, $id, @_) ] };
	my @dispute = $verb->('dispute_refund', q{'fred'}, usd($claim), q{'reason'}, q{'[{"title": "note", "statement": "words"}]'});
	my @review = (@dispute, $verb->('decline_dispute', q{'carol'}, q{'statement'}));
	my @resolution = (@review, $verb->('propose_resolution', q{'mary'}, usd($part), q{'rationale'}));

	# what the freelancer gets of what is at stake, and how
	my @ways = (
		[ 0, $verb->('approve_refund', q{'fred'}) ],
		[ $stake, $verb->('pay_in_full', q{'carol'}) ],
		[ 0, $wait->('8 days') ],
		[ $claim, @dispute, $verb->('accept_dispute', q{'carol'}) ],
		[ $claim, @dispute, $wait->('6 days') ],
		[ 0, @review, $verb->('withdraw_dispute', q{'fred'}) ],
		[
			$part, $verb->('offer_settlement', q{'carol'}, usd($part)),
			$verb->('accept_settlement', q{'fred'}, 1)
		],
		[ $part, @resolution, map { $verb->('accept_resolution', "'$_'") } qw(carol fred) ],
		[
			$part, @resolution, $verb->('reject_resolution', q{'fred'}),
			[ map { $self->call('join_arbitration', $id, "'$_'", q{'card'}) } qw(carol fred) ],
			$verb->('record_award', q{'arthur'}, usd($part), q{'rationale'})
		]);
	my ($award, @way) = @{ $ways[ rand @ways ] };

	for my $step (
		$verb->('create_contract', q{'carol'}, q{'fred'}, q{'USD'}, "test_clock => '$self->{name}'"),
		$verb->('add_milestone', q{'carol'}, 1, q{'work'}, q{'600.00 USD'}),
		(map { $verb->('fund', q{'carol'}, 1, usd($_), q{'card'}) } @funds),
		[ $self->call('fund', 1 + int(rand($hot)), q{'carol'}, 1, q{'0.01 USD'}, q{'card'}) ],
		$verb->('end_contract', q{'carol'}, usd($final)), @way)
	{
		my $known = ref $step eq 'ARRAY' ? $self->make(@$step) : defined $self->run($step->{clock});

		return if !$known;
	}
	$self->write_log('case', $id, $final + $award, $stake - $award);
	return;
}

# A worker of payments: claims, commits, pays, reports.
sub pay
{
	my ($self) = @_;
	my $claimed = $self->run(q{SELECT contract_id || ' ' || payment_no FROM refund.claim_refund_payments(20, '3 seconds', test => true)});

	sleep(0.05) if !$claimed;
	for my $payment (split /\n/, $claimed // '')
	{
		my ($contract, $payment_no) = split / /, $payment;
		my $ref = "$contract-$payment_no";

		# a payment is made before it is reported, and its report made again until it is heard
		defined $self->run("SELECT refund.report_refund_payment($contract, 'will', $payment_no, 'succeeded', '$ref')") or return;
		$self->write_log('paid', $self->{life}, ++$self->{made}, $contract, $payment_no);
	}
	return;
}

sub due
{
	my ($self) = @_;

	$self->run('CALL refund.run_due()');
	sleep(0.1);
	return;
}

sub until_stopped
{
	my ($self, $what) = @_;

	until ($self->stopped)
	{
		$self->$what;
		sleep(0.01) while -e "$self->{stop}.pause" && !$self->stopped;
	}
	$self->{session}->close if $self->{session};
	return;
}

package main;

# ---- the harness ----

# start_client(KIND, PARAMETERS...): its process and its log
my @running;
END { kill 'KILL', @running; }

sub start_client
{
	my ($what, %params) = @_;
	my $pid = fork() // die "cannot fork: $!";

	if ($pid == 0)
	{
		# no END block of ours: they stop the server
		local $SIG{__DIE__} = 'DEFAULT';
		local $SIG{PIPE} = 'IGNORE';
		srand($seed + $params{number});
		my $ok = eval { Client->new(%params)->until_stopped($what); 1 };
		print STDERR "client $params{name}: $@" if !$ok;
		POSIX::_exit($ok ? 0 : 1);
	}
	push @running, $pid;
	return { pid => $pid, file => $params{file} };
}

# The lines of all logs so far, each as its fields with the client's number first.
sub lines_of
{
	my ($kind, @started) = @_;
	my @lines;

	for my $n (0 .. $#started)
	{
		next if !-e $started[$n]->{file};
		push @lines, map { s/^$kind\t/$n\t/r } grep { /^$kind\t.*\n/ } split /^/, slurp_file($started[$n]->{file});
	}
	return @lines;
}

# How much the clients have written: it grows with each call.
sub progress_of
{
	my (@started) = @_;
	my $size = 0;

	$size += -s $_->{file} // 0 for @started;
	return $size;
}

# Load lines into a temporary table and ask about them.
sub ask
{
	my ($node, $columns, $lines, $sql) = @_;
	my $file = "$dir/lines";

	open my $out, '>', $file or die "cannot write $file: $!";
	print $out @$lines;
	close $out or die "cannot write $file: $!";
	return $node->safe_psql($db, "CREATE TEMP TABLE line ($columns); COPY line FROM '$file'; ANALYZE line; $sql");
}

# pid of the postmaster and of all its children
# pid, state and parent of each process
sub processes
{
	my @processes;

	for my $stat (glob '/proc/[0-9]*/stat')
	{
		open my $in, '<', $stat or next;
		my $line = readline($in) // '';
		push @processes, { pid => $1, state => $2, parent => $3 } if $line =~ /^(\d+) \(.*\) (\S) (\d+) /;
	}
	return @processes;
}

# All at one instant: stopped first, so that none sees another die; the postmaster
# before its children, so that it makes no more.
sub kill_server
{
	my ($node) = @_;
	my $postmaster = (split /\n/, slurp_file($node->data_dir . '/postmaster.pid'))[0];
	my @children;

	kill 'STOP', $postmaster;
	for (1 .. 1000)
	{
		last if grep { $_->{pid} == $postmaster && $_->{state} eq 'T' } processes();
		sleep(0.001);
	}
	@children = map { $_->{pid} } grep { $_->{parent} == $postmaster } processes();
	kill 'STOP', @children;
	kill 'KILL', @children;
	$node->kill9;
	# the next one looks for them, in the lock file and in shared memory
	for (1 .. 1000)
	{
		last if !kill 0, $postmaster, @children;
		sleep(0.01);
	}
	$node->start;
	return;
}

# The session of one client, whichever has one.
sub kill_backend
{
	my ($node, $signal, @started) = @_;
	my $offset = -s $node->logfile;
	my $pid;

	do
	{
		my @sessions = lines_of('session', $started[ rand @started ]);
		$pid = @sessions ? (split /\s/, $sessions[-1])[1] : 0;
	} until $pid && kill $signal, $pid;
	$node->wait_for_log(qr/database system is ready to accept connections/, $offset);
	return;
}

# Kill so many times, and see each time whether what was acknowledged is there.
sub run_load
{
	my ($mode, $times) = @_;
	my $strict = $mode eq 'on';
	my $node = new_server("kill_$mode",
		"restart_after_crash = on\nsynchronous_commit = $mode\nwal_writer_delay = 1s\nautovacuum_naptime = 1s\nshared_buffers = 16MB\n");
	my $stop = "$dir/stop_$mode";
	my %killed = (KILL => 0, SEGV => 0, server => 0);
	my ($lost, $unsound) = ('', 0);

	srand($seed);
	$node->start;
	# a crash may lose the end of what was done, but not this
	$node->safe_psql(
		$db, qq{
		SET synchronous_commit = on;
		CREATE EXTENSION refund;
		SELECT refund.create_test_clock('client' || n, '2026-03-02 09:00+00') FROM generate_series(1, $clients) n;
		SELECT refund.create_contract(n, 'carol', 'fred', 'USD') FROM generate_series(1, $hot) n;
		SELECT refund.add_milestone(n, 'carol', 1, 'work', '100.00 USD') FROM generate_series(1, $hot) n});

	my @started = map {
		start_client(
			$_ > $clients + 1 ? 'due' : $_ > $clients ? 'pay' : 'one_case',
			node => $node, db => $db, strict => $strict, stop => $stop, number => $_, name => "client$_", file => "$dir/$mode$_")
	} 1 .. $clients + 2;

	for my $n (1 .. $times)
	{
		# when some 60 calls at most were acknowledged, and then somewhere in the next one
		my $more = progress_of(@started) + rand(60 * 25);
		for (1 .. 20_000)
		{
			last if progress_of(@started) >= $more;
			sleep(0.01);
		}
		sleep(rand(0.005));
		my $how = rand() < 0.35 ? 'server' : rand() < 0.2 ? 'SEGV' : 'KILL';
		$killed{$how}++;
		if ($how eq 'server')
		{
			kill_server($node);
		}
		else
		{
			kill_backend($node, $how, @started);
		}
		# no new cases meanwhile, or a long run would spend its time on counting
		append_to_file("$stop.pause", '');
		# what was acknowledged before the question is asked
		my @done = lines_of('done', @started);
		$lost .= ask($node, 'client int, life int, made int, contract_id bigint, idempotency_key text', \@done, q{
			SELECT contract_id, idempotency_key, count(e.event_no) FROM line LEFT JOIN refund.event e USING (contract_id, idempotency_key)
			GROUP BY 1, 2 HAVING count(e.event_no) <> 1})
		  if $strict;
		$unsound++ if ($n % 10 == 0 || $n == $times) && $node->safe_psql($db, 'SELECT count(*) FROM refund.verify_all()');
		unlink "$stop.pause";
	}
	append_to_file($stop, '');
	for my $client (@started)
	{
		waitpid($client->{pid}, 0);
		@running = grep { $_ != $client->{pid} } @running;
		is($?, 0, "synchronous_commit $mode: a client ends well");
	}
	my $points = join ', ', map { "$killed{$_} x $_" } sort keys %killed;
	my @done = lines_of('done', @started);
	my @cases = lines_of('case', @started);
	my @paid = lines_of('paid', @started);

	note "synchronous_commit $mode: $points; " . @done . ' calls, ' . @cases . ' cases, ' . @paid . ' payments';
	cmp_ok(scalar(@cases), '>', $times / 2, "synchronous_commit $mode: cases came to their end meanwhile");
	is($unsound, 0, "synchronous_commit $mode: verify_all() was empty after crashes");

	my $columns = 'client int, life int, made int, contract_id bigint, key text';
	my $found = q{CREATE TEMP TABLE found AS SELECT l.*, coalesce(e.times, 0) AS times FROM line l LEFT JOIN (
		SELECT contract_id, idempotency_key, count(*) AS times FROM refund.event GROUP BY 1, 2) e ON (e.contract_id, e.idempotency_key) = (l.contract_id, l.key);};

	if ($strict)
	{
		is(join('', lines_of('refused', @started)), '', 'K10: no call was refused');
		is($lost, '', 'K10: after each crash all that was acknowledged was there, once');
		is(ask($node, $columns, \@done, "$found SELECT * FROM found WHERE times <> 1"), '',
			'K10: in the end every acknowledged call is there exactly once');
		is( ask($node, $columns, \@done, q{
				SELECT contract_id, idempotency_key FROM refund.event WHERE idempotency_key IS NOT NULL
				EXCEPT SELECT contract_id, key FROM line}),
			'', 'K10: and no other');
		is( ask($node, 'client int, contract_id bigint, released bigint, refunded bigint', \@cases, q{
				SELECT contract_id, l.released, s.released * 100, l.refunded, s.refunded * 100, s.held FROM line l LEFT JOIN refund.contract_status s USING (contract_id)
				WHERE (l.released, l.refunded, 0) IS DISTINCT FROM (s.released * 100, s.refunded * 100, s.held)}),
			'', 'K10: every finished case has paid what it had to');
		is( $node->safe_psql($db, qq{SELECT sum(deposited) = 0.01 * (SELECT count(*) FROM refund.event WHERE contract_id <= $hot AND kind = 'fund')
				FROM refund.contract_status WHERE contract_id <= $hot}), 't', 'K10: so have the contracts on which all meet');
	}
	else
	{
		# each life of a session ends with a crash, which may take its end
		is( ask($node, $columns, \@done, qq{$found
				SELECT * FROM (SELECT *, min(times) OVER (PARTITION BY client, life ORDER BY made ROWS UNBOUNDED PRECEDING) AS before FROM found) f
				WHERE times > 1 OR times > before}),
			'', 'K11: what is lost is the tail, and what is there is there once');
		note 'lost: ' . ask($node, $columns, \@done, "$found SELECT count(*) FROM found WHERE times = 0");
	}
	is( ask($node, 'client int, life int, made int, contract_id bigint, payment_no int', $strict ? \@paid : [], q{
			SELECT l.*, p.state FROM line l LEFT JOIN refund.refund_payment p USING (contract_id, payment_no) WHERE p.state IS DISTINCT FROM 'succeeded'}),
		'', "synchronous_commit $mode: every payment that was reported is recorded");
	is($node->safe_psql($db, q{SELECT count(*) FROM refund.event WHERE kind = 'payment_succeeded' GROUP BY contract_id, item_no HAVING count(*) > 1}),
		'', "synchronous_commit $mode: and none twice");
	is( $node->safe_psql($db, q{
			SELECT count(*) FROM refund.contract_status WHERE deposited <> held + released + refunded + reversed}),
		'0', "synchronous_commit $mode: the sums are equal");
	is_sound($node, $db, "synchronous_commit $mode");
	is_indexed($node, $db, "synchronous_commit $mode");
	$node->stop;
	return;
}

run_load('on', $kills);
run_load('off', POSIX::ceil($kills / 2));

done_testing();
