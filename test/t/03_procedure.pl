# run_due(), the procedure that commits, and expire_due(): batches, limits,
# what stops them half-way, two at once; and the standby that may not write.
#
# faults.md: J02 (the job never ran), J05 and C06 (two at once), J07 (thousands
# due at once), J08 (cancel, statement_timeout), K07 (crash between batches),
# C12 (a transaction that was opened before the deadline), C13 (a locked row),
# A16 (nulls), A17 (read-only), S01 (standby), S02 (promoted).

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
my $cases = 6600;
my $batch = 1000;				# of run_due()

my $node = new_server('primary', "shared_buffers = 64MB\n", allows_streaming => 1);
$node->start;

# ---- thousands of cases, all due in a minute ----

$node->safe_psql(
	$db, qq{
	CREATE EXTENSION refund;
	$quick_policy;
	-- one case that nobody ends, for the verbs that are to be refused
	SELECT refund.create_contract(0, 'carol', 'fred', 'USD');
	SELECT refund.add_milestone(0, 'carol', n, 'part', '500.00 USD') FROM generate_series(1, 2) n;
	SELECT refund.fund(0, 'carol', 1, '100.00 USD', 'card');
	SELECT refund.create_test_clock('lab', '2026-03-02 09:00+00');
	SELECT count(refund.create_contract(n, 'carol', 'fred', 'USD', policy => 'quick')),
		count(refund.add_milestone(n, 'carol', 1, 'all', '500.00 USD')),
		count(refund.fund(n, 'carol', 1, '500.00 USD', 'card')),
		count(refund.end_contract(n, 'carol', '200.00 USD'))
	FROM generate_series(1, $cases) n});
is( $node->safe_psql($db, 'SELECT count(*) FROM refund.refund_request_status WHERE state = effective_state'),
	$cases, "$cases cases wait for their minute to end");

sub settled_on
{
	my ($server) = @_;

	return $server->safe_psql($db,
		q{SELECT count(*) FROM refund.contract WHERE request_state = 'settled'});
}

# C12: this transaction is older than every deadline
my $old = open_session($node, $db);
$old->query('BEGIN; SELECT count(*) FROM refund.refund_request_status');

# ---- meanwhile: what needs no deadline ----

# rule 12: it commits, so there must be nothing around it
is(sqlstate_of($node, $db, 'BEGIN; CALL refund.run_due()'), '2D000', 'run_due() in a transaction block is 2D000');
is(sqlstate_of($node, $db, 'DO $$ BEGIN BEGIN CALL refund.run_due(); EXCEPTION WHEN division_by_zero THEN END; END $$'),
	'2D000', 'so it is in a block with an exception handler');
is( sqlstate_of($node, $db,
		'CREATE FUNCTION pg_temp.f() RETURNS void LANGUAGE plpgsql AS $$ BEGIN CALL refund.run_due(); END $$; SELECT pg_temp.f()'),
	'2D000', 'and in a function');
is($node->safe_psql($db, 'SELECT count(*) FROM refund.job_run'), '0', 'a run that was refused is not recorded');
is(sqlstate_of($node, $db, 'DO $$ BEGIN CALL refund.run_due(); END $$'), '', 'a DO block of its own is fine');

# A16, and values that make no sense
for my $arguments ('max_cases => NULL', 'max_seconds => NULL')
{
	is(sqlstate_of($node, $db, "CALL refund.run_due($arguments)"), '22004', "A16: run_due($arguments)");
}
for my $arguments ('max_cases => -1', 'max_seconds => -0.001', q{max_seconds => 'NaN'})
{
	is(sqlstate_of($node, $db, "CALL refund.run_due($arguments)"), '22023', "run_due($arguments)");
}
is(sqlstate_of($node, $db, q{CALL refund.run_due(max_cases => 0, max_seconds => 'Infinity')}), '', 'no limit of time');
is(sqlstate_of($node, $db, 'SELECT refund.expire_due(NULL)'), '22004', 'A16: expire_due(NULL)');
is(sqlstate_of($node, $db, 'SELECT refund.expire_due(-1)'), '22023', 'expire_due(-1)');
is($node->safe_psql($db, 'SELECT refund.expire_due()'), '0', 'nothing is due yet');

$node->safe_psql($db, 'CREATE ROLE stranger');
is(sqlstate_of($node, $db, 'SET ROLE stranger; CALL refund.run_due()'), '42501', 'a stranger may not call run_due()');
is(sqlstate_of($node, $db, 'SET ROLE stranger; SELECT refund.expire_due()'), '42501', 'nor expire_due()');

# A17, S01: everything that writes, with arguments that would be right
my %writes = (
	create_contract => q{SELECT refund.create_contract(-1, 'carol', 'fred', 'USD')},
	add_milestone => q{SELECT refund.add_milestone(0, 'carol', 3, 'part', '1.00 USD')},
	fund => q{SELECT refund.fund(0, 'carol', 1, '1.00 USD', 'card')},
	release_payment => q{SELECT refund.release_payment(0, 'carol', 1, '1.00 USD')},
	release_milestone => q{SELECT refund.release_milestone(0, 'carol', 1)},
	move_leftover => q{SELECT refund.move_leftover(0, 'carol', 1, 2, '1.00 USD')},
	end_contract => q{SELECT refund.end_contract(0, 'carol')},
	approve_refund => q{SELECT refund.approve_refund(1, 'fred')},
	pay_in_full => q{SELECT refund.pay_in_full(1, 'carol')},
	dispute_refund => q{SELECT refund.dispute_refund(1, 'fred', '1.00 USD', 'reason')},
	accept_dispute => q{SELECT refund.accept_dispute(1, 'carol')},
	decline_dispute => q{SELECT refund.decline_dispute(1, 'carol', 'statement')},
	withdraw_dispute => q{SELECT refund.withdraw_dispute(1, 'fred')},
	propose_resolution => q{SELECT refund.propose_resolution(1, 'mary', '1.00 USD', 'rationale')},
	accept_resolution => q{SELECT refund.accept_resolution(1, 'carol')},
	reject_resolution => q{SELECT refund.reject_resolution(1, 'carol')},
	join_arbitration => q{SELECT refund.join_arbitration(1, 'carol', 'card')},
	record_award => q{SELECT refund.record_award(1, 'arthur', '1.00 USD', 'rationale')},
	offer_settlement => q{SELECT refund.offer_settlement(1, 'carol', '1.00 USD')},
	withdraw_settlement_offer => q{SELECT refund.withdraw_settlement_offer(1, 'carol')},
	accept_settlement => q{SELECT refund.accept_settlement(1, 'carol', 1)},
	assign_case => q{SELECT refund.assign_case(1, 'olga', 'mary')},
	erase_evidence => q{SELECT refund.erase_evidence(1, 'olga', 1, 'by law')},
	submit_work => q{SELECT refund.submit_work(0, 'fred', 1)},
	request_changes => q{SELECT refund.request_changes(0, 'carol', 1, 'message')},
	give_refund => q{SELECT refund.give_refund(0, 'fred', 1, '1.00 USD')},
	place_hold => q{SELECT refund.place_hold(1, 'olga', 'legal', 'reason')},
	lift_hold => q{SELECT refund.lift_hold(1, 'olga', 1, 'reason')},
	extend_deadline => q{SELECT refund.extend_deadline(1, 'olga', '1 day', 'reason')},
	report_reversal => q{SELECT refund.report_reversal(1, 'will', 1, 'chargeback', 'opened', '1.00 USD', 'c-1')},
	activate => q{SELECT refund.activate()},
	report_refund_payment => q{SELECT refund.report_refund_payment(1, 'will', 1, 'submitted', 'p-1')},
	retry_refund_payment => q{SELECT refund.retry_refund_payment(1, 'olga', 1)},
	claim_refund_payments => 'SELECT refund.claim_refund_payments()',
	claim_notifications => 'SELECT refund.claim_notifications()',
	confirm_notification => q{SELECT refund.confirm_notification(1, 51, 'mail')},
	fail_notification => q{SELECT refund.fail_notification(1, 51, 'no such mailbox')},
	add_policy => q{SELECT refund.add_policy('mine', '{}')},
	set_holidays => q{SELECT refund.set_holidays('default', '{2026-12-25}')},
	create_test_clock => q{SELECT refund.create_test_clock('other', '2026-03-02 09:00+00')},
	advance_test_clock => q{SELECT refund.advance_test_clock('lab', '1 day')},
	drop_test_clock => q{SELECT refund.drop_test_clock('lab')},
	record_run => q{SELECT refund.record_run(now(), 1)},
	run_verify => 'SELECT refund.run_verify()',
	grant_access => q{SELECT refund.grant_access(current_user::regrole, 'app')},
	revoke_access => q{SELECT refund.revoke_access(current_user::regrole, 'app')},
	archive => q{CALL refund.archive('infinity', 1)},
	archive_next => q{SELECT refund.archive_next(0, 'infinity')},
	unarchive => 'SELECT refund.unarchive(1)',
	add_archive_partition => 'SELECT refund.add_archive_partition(0, 10)',
	require_archive_partition => 'SELECT refund.require_archive_partition(1)',
	expire_due => 'SELECT refund.expire_due()',
	run_due => 'CALL refund.run_due()');

is( $node->safe_psql(
		$db, q{
		SELECT string_agg(DISTINCT proname, ' ' ORDER BY proname) FROM pg_proc
		WHERE pronamespace = 'refund'::regnamespace AND provolatile = 'v'
			AND prorettype NOT IN ('trigger'::regtype, 'event_trigger'::regtype)
			-- writes nothing; writes what belongs to pg_cron
			AND proname NOT IN ('health', 'machine_start', 'schedule_jobs', 'unschedule_jobs')}),
	join(' ', sort keys %writes),
	'S01: the list of what writes is complete');

sub refuses_to_write
{
	my ($server, $before, $name) = @_;

	for my $function (sort keys %writes)
	{
		# run_due() can not be in a transaction block
		my $sql = $function eq 'run_due' ? 'SET default_transaction_read_only = on' : $before;
		is(sqlstate_of($server, $db, "$sql; $writes{$function}"), '25006', "$name: $function() is 25006");
	}
	return;
}

# A17
my $digests = digests_of($node, $db);
refuses_to_write($node, 'BEGIN READ ONLY', 'A17: read-only transaction');
is(digests_of($node, $db), $digests, 'A17: and not one row is changed');

# S01
$node->backup('standby');
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($node, 'standby', has_streaming => 1);
$standby->start;
$node->wait_for_catchup($standby, 'replay', $node->lsn('write'));
is(digests_of($standby, $db), $digests, 'S01: a standby has the same rows');
my @views = split /\n/, $standby->safe_psql($db,
	q{SELECT relname FROM pg_class WHERE relnamespace = 'refund'::regnamespace AND relkind = 'v' ORDER BY 1});
cmp_ok(scalar(@views), '>=', 9, 'S01: there are views');
for my $view (@views)
{
	my $sql = qq{SELECT count(*), md5(string_agg(v::text, ',' ORDER BY v::text COLLATE "C")) FROM refund.$view v};
	is($standby->safe_psql($db, $sql), $node->safe_psql($db, $sql), "S01: view $view");
}
for my $question (
	q{refund.allowed_actions(1, 'fred')}, q{refund.case_file(1, 'fred')},
	'refund.transitions()', 'refund.state_diagram()', 'refund.verify(1)', 'refund.verify_all()',
	q{refund.validate_policy('standard')}, q{refund.deadline('2026-03-02 09:00+00', '2 business days', 'UTC', 'default')})
{
	is( $standby->safe_psql($db, "SELECT * FROM $question"),
		$node->safe_psql($db, "SELECT * FROM $question"),
		"S01: $question");
}
is( $standby->safe_psql($db, 'SELECT component, ok FROM refund.health() ORDER BY 1'),
	$node->safe_psql($db, 'SELECT component, ok FROM refund.health() ORDER BY 1'),
	'S01: health()');
refuses_to_write($standby, 'BEGIN', 'S01: standby');
is_sound($standby, $db, 'S01: standby');

# ---- the minute has ended ----

wait_until_due($node, $db);
is( $node->safe_psql(
		$db, q{
		SELECT count(*) FILTER (WHERE state = 'requested'), count(*) FILTER (WHERE effective_state = 'settled')
		FROM refund.refund_request_status}),
	"$cases|$cases",
	'J02: all have ended, although nothing has recorded it');
is( $standby->safe_psql($db, q{SELECT count(*) FROM refund.refund_request_status WHERE effective_state = 'settled'}),
	$cases, 'J02: a standby says the same');

# C12
$old->query(q{SELECT refund.approve_refund(1, 'fred')});
is($old->error, 'RF005', 'C12: a transaction from before the deadline is late');
$old->close;

# S02: the standby takes over and does all of it; J07
$standby->promote;
$standby->safe_psql($db, 'CALL refund.run_due()');
is(settled_on($standby), $cases, "S02, J07: promoted, one run_due() settles all $cases");
is($standby->safe_psql($db, 'SELECT cases FROM refund.job_run'), $cases, 'S02: and records that');
is(sqlstate_of($standby, $db, q{SELECT refund.release_payment(0, 'carol', 1, '1.00 USD')}), '', 'S02: verbs work');
# as if the primary's clock had been 8 hours ahead: a superuser, and rolled back, because that is in no history
is( $standby->safe_psql(
		$db, q{
		BEGIN;
		SET LOCAL session_replication_role = replica;
		UPDATE refund.contract SET last_at = last_at + interval '8 hours' WHERE contract_id = 0;
		SET LOCAL session_replication_role = origin;
		CREATE TEMP TABLE ahead AS SELECT last_at FROM refund.contract WHERE contract_id = 0;
		CREATE TEMP TABLE done AS SELECT refund.release_payment(0, 'carol', 1, '1.00 USD');
		SELECT e.recorded_at = a.last_at, c.last_at = a.last_at, a.last_at > clock_timestamp() + interval '7 hours'
		FROM ahead a, refund.contract c JOIN refund.event e USING (contract_id, event_no) WHERE c.contract_id = 0;
		ROLLBACK;}),
	't|t|t',
	'T10: promoted with a clock that is behind: no event is recorded before its predecessor');
is_sound($standby, $db, 'S02: promoted standby');
$standby->stop;

# ---- one batch: expire_due() ----

my $settled = 0;

# settles(N, NAME): since the last call, N more cases were settled
sub settles
{
	my ($n, $name) = @_;
	$settled += $n;
	return is(settled_on($node), $settled, $name);
}

# The live case that is the RANK-th to be due.
sub due_case
{
	my ($rank) = @_;
	my $offset = $rank - 1;

	return $node->safe_psql(
		$db, qq{SELECT contract_id FROM refund.contract WHERE next_due_at IS NOT NULL AND test_clock IS NULL
		ORDER BY next_due_at LIMIT 1 OFFSET $offset});
}

sub state_of
{
	my ($contract_id) = @_;

	return $node->safe_psql($db, "SELECT state FROM refund.refund_request_status WHERE contract_id = $contract_id");
}

is($node->safe_psql($db, 'SELECT refund.expire_due(0)'), '0', 'expire_due(0) does nothing');
settles(0, 'really');
my $seventh = due_case(7);
my $eighth = due_case(8);
my $ninth = due_case(9);
is($node->safe_psql($db, 'SELECT refund.expire_due(7)'), '7', 'expire_due(7) settles seven');
settles(7, 'really');
is(state_of($seventh) . ' ' . state_of($eighth), 'settled requested', 'the earliest ones');

# C13
my $locker = open_session($node, $db);
$locker->query("BEGIN; SELECT 1 FROM refund.contract WHERE contract_id = $eighth FOR UPDATE");
is($node->safe_psql($db, q{SET lock_timeout = '1s'; SELECT refund.expire_due(1)}), '1', 'C13: expire_due() does not wait for a locked case');
is(state_of($eighth) . ' ' . state_of($ninth), 'requested settled', 'C13: it takes the next one');
$locker->query('ROLLBACK');
is($node->safe_psql($db, 'SELECT refund.expire_due(1)'), '1', 'C13: and the locked one when it is free');
is(state_of($eighth), 'settled', 'C13: really');
settles(2, 'C13: two more');

# in one transaction: all or nothing
is($node->safe_psql($db, 'BEGIN; SELECT refund.expire_due(5); ROLLBACK'), '5', 'expire_due() in a transaction');
settles(0, 'that rolls back settles nothing');

# ---- limits of run_due() ----

$node->safe_psql($db, 'CALL refund.run_due(max_cases => 0)');
$node->safe_psql($db, 'CALL refund.run_due(max_seconds => 0)');
settles(0, 'run_due() with no cases or no time does nothing');
is($node->safe_psql($db, 'SELECT cases FROM refund.job_run'), '0', 'and records that');

my $more = $batch + $batch / 2;
my $mark = $node->safe_psql($db, 'SELECT clock_timestamp()');
$node->safe_psql($db, "CALL refund.run_due(max_cases => $more)");
settles($more, "run_due(max_cases => $more)");
is( $node->safe_psql(
		$db, qq{
		SELECT string_agg(n::text, ' ' ORDER BY n DESC) FROM (
			SELECT count(*) AS n FROM refund.contract WHERE settled_at > '$mark' GROUP BY xmin::text) batches}),
	$batch . ' ' . ($more - $batch),
	'in batches with a transaction each');
is($node->safe_psql($db, 'SELECT cases FROM refund.job_run'), $more, 'which count together');

# ---- stopped half-way ----
#
# Somebody has the next event of one case in an open transaction: whoever wants
# to write that event waits.  (Nothing but a superuser's INSERT can do that; the
# row's own lock would be skipped.)

sub block_case
{
	my ($rank) = @_;
	my $contract_id = due_case($rank);
	my $session = open_session($node, $db);

	$session->query(
		qq{BEGIN;
		INSERT INTO refund.event
		SELECT (jsonb_populate_record(e, jsonb_build_object('event_no', e.event_no + 1))).*
		FROM refund.event e WHERE contract_id = $contract_id ORDER BY event_no DESC LIMIT 1});
	is($session->error, '', "case $contract_id blocks");
	return $session;
}

# A session in which the statement hangs at the blocked case.
sub start_blocked
{
	my ($sql) = @_;
	my $session = open_session($node, $db);

	$session->send($sql);
	$node->poll_query_until($db,
		'SELECT count(*) = 1 FROM pg_stat_activity WHERE wait_event_type = \'Lock\' AND pid = ' . $session->pid)
	  or BAIL_OUT('run_due() does not get to the blocked case');
	return $session;
}

# J08: canceled in its third batch
my $blocker = block_case(2 * $batch + $batch / 2);
my $runner = start_blocked('CALL refund.run_due()');
is(settled_on($node) - $settled, 2 * $batch, 'J08: batches are committed while a later one hangs');
$node->safe_psql($db, 'SELECT pg_cancel_backend(' . $runner->pid . ')');
$runner->finish;
is($runner->error, '57014', 'J08: canceled in the third batch');
settles(2 * $batch, 'J08: the two committed ones stay');
is($node->safe_psql($db, 'SELECT cases FROM refund.job_run'), $more, 'J08: it did not finish, so it is not recorded');
is($runner->query('SELECT 1'), '1', 'J08: the session can go on');
$runner->close;

# J08: now the blocked case is in the first batch
is(sqlstate_of($node, $db, q{SET statement_timeout = '1s'; CALL refund.run_due()}),
	'57014', 'J08: statement_timeout');
settles(0, 'J08: a batch that was stopped leaves nothing');
is(sqlstate_of($node, $db, q{SET lock_timeout = '1s'; CALL refund.run_due()}), '55P03', 'C13: lock_timeout');
settles(0, 'C13: leaves nothing either');
is_sound($node, $db, 'J08');

# K07: the server crashes there
$runner = start_blocked('CALL refund.run_due()');
$node->stop('immediate');
$_->close for ($runner, $blocker, $locker);
$node->start;
settles(0, 'K07: after a crash the committed batches are there, the other one is not');
is_sound($node, $db, 'K07');

# out of time after its first batch
$blocker = block_case($batch / 2);
$runner = start_blocked('CALL refund.run_due(max_seconds => 0.5)');
sleep(0.6);
$blocker->query('ROLLBACK');
$runner->finish;
is($runner->error, '', 'run_due(max_seconds => 0.5) finishes the batch that it began');
settles($batch, 'and begins no other');

# ---- two at once: C06, J05 ----

$blocker->close;
$blocker = block_case($batch / 2);
$runner->close;
$runner = start_blocked('CALL refund.run_due()');
is(sqlstate_of($node, $db, q{SET lock_timeout = '10s'; CALL refund.run_due()}), '',
	'J05: a run does not wait for another that hangs');
my $rest = $cases - $settled - $batch;
cmp_ok($rest, '>', 0, 'C06: there is something to do for both');
settles($rest, 'C06: it settles what the other has not locked');
is(sqlstate_of($node, $db, q{SET lock_timeout = '10s'; CALL refund.run_due()}), '', 'J05: the next has nothing to do');
settles(0, 'J05: and does nothing');
$blocker->query('ROLLBACK');
$runner->finish;
is($runner->error, '', 'C06: then the first goes on');
settles($batch, 'C06: and settles the rest');
$blocker->close;
$runner->close;

# ---- all of it ----

is( $node->safe_psql(
		$db, q{
		SELECT count(*), count(DISTINCT contract_id), bool_and(effective_at = due), bool_and(at > effective_at)
		FROM refund.case_timeline
		JOIN (SELECT contract_id, max(due_at) AS due FROM refund.event GROUP BY contract_id) e USING (contract_id)
		WHERE event = 'response_expired'}),
	"$cases|$cases|t|t",
	'C06: every case was settled once, in effect when it was due');
is( $node->safe_psql($db, 'SELECT currency, deposited, held, released, refunded, in_transit FROM refund.escrow_balance'),
	sprintf('USD|%d.00|100.00|%d.00|%d.00|%d.00', $cases * 500 + 100, $cases * 200, $cases * 300, $cases * 300),
	'and every cent is where it belongs');
is_sound($node, $db, 'all');
$node->stop;

done_testing();
