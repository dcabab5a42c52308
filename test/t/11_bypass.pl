# The bypass matrix: each way around the verbs, and what stops it or shows it.
# One named test for each row; sql/bypass.sql and sql/tamper.sql go through all
# columns and tables, sql/access.sql through all roles.
#
# faults.md: A05, A06, A07, A08, G01, K12, L02.

use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use RefundTest;
use Test::More;

my $dir = PostgreSQL::Test::Utils::tempdir;
my $db = 'postgres';
my $node = new_server('ledger', "max_prepared_transactions = 5\n", allows_streaming => 'logical');
$node->start;
$node->safe_psql(
	$db, q{
	CREATE EXTENSION refund;
	CREATE ROLE app LOGIN;
	CREATE ROLE stranger LOGIN;
	CREATE SCHEMA theirs AUTHORIZATION stranger;
	SELECT refund.grant_access('app', 'app');
	CREATE FUNCTION public.make(id bigint) RETURNS void LANGUAGE sql AS $$
		SELECT refund.create_contract(id, 'carol', 'fred', 'USD');
		SELECT refund.add_milestone(id, 'carol', 1, 'all of it', '500.00 USD');
		SELECT refund.fund(id, 'carol', 1, '300.00 USD', 'card');
		SELECT refund.end_contract(id, 'carol', '100.00 USD') $$;
	SELECT make(1), make(2);
	SELECT refund.dispute_refund(2, 'fred', '50.00 USD', 'Half of it is done.', '[{"title": "a", "statement": "words"}]')});
my $digests = digests_of($node, $db);
my $forge = q{UPDATE refund.contract SET client = 'mallory' WHERE contract_id = 1};

# As somebody, in a transaction that does not stay.
sub attempt
{
	my ($who, $sql) = @_;

	return sqlstate_of($node, $db, "SET SESSION AUTHORIZATION $who; BEGIN; $sql; SET CONSTRAINTS ALL IMMEDIATE; ROLLBACK");
}

# The rules that verify() finds broken, and whether health() has all triggers, after some SQL that does not stay.
sub found_after
{
	my ($sql) = @_;

	return $node->safe_psql(
		$db, qq{
		BEGIN;
		$sql;
		SELECT (SELECT string_agg(DISTINCT contract_id || ' ' || rule, ', ') FROM refund.verify_all()),
			(SELECT ok FROM refund.health() WHERE component = 'triggers');
		ROLLBACK});
}

my $me = $node->safe_psql($db, 'SELECT quote_ident(current_user)');
my @history = qw(contract event transfer milestone deposit refund_payment statement evidence evidence_body arbitration_fee reversal);

# ---- the owner's plain statements ----

is(attempt($me, $forge), 'RF012', 'A08 owner DML: UPDATE of a contract');
is(attempt($me, 'DELETE FROM refund.contract WHERE contract_id = 1'), 'RF012', 'A08 owner DML: DELETE of a contract');
is( attempt($me, q{INSERT INTO refund.transfer VALUES (1, '100.00 USD', 99, 1, 1, 1, 'escrow', 'freelancer')}) eq ''
	  ? found_after(q{INSERT INTO refund.transfer VALUES (1, '100.00 USD', 99, 1, 1, 1, 'escrow', 'freelancer')})
	  : 'refused',
	'1 history|t', 'A08 owner DML: INSERT of money, which a restore makes too, is found');
is(join(' ', map { attempt($me, "TRUNCATE refund.$_ CASCADE") } @history),
	join(' ', map { 'RF012' } @history), 'A08 TRUNCATE CASCADE: each table of history');
is(attempt($me, 'TRUNCATE ' . join(', ', map { "refund.$_" } @history)), 'RF012', 'A08 TRUNCATE: all of them at once');
is(join(' ', map { attempt('app', "$_") } $forge, 'TRUNCATE refund.event CASCADE', 'COPY refund.event TO STDOUT', 'LOCK refund.contract'),
	'42501 42501 42501 42501', 'A07 the application: no plain statement at all');

# ---- COPY BINARY ----

# the bytes of an amount, as whoever forges a file would write them
$node->safe_psql($db, qq{COPY (SELECT 1::bigint, (-1)::bigint, 4, 9, 1, 1, 'escrow', 'freelancer') TO '$dir/forged' (FORMAT binary)});
is(attempt($me, "COPY refund.transfer FROM '$dir/forged' (FORMAT binary)"), '22P03', 'A08 COPY BINARY: bytes that are no amount');
$node->safe_psql($db, qq{COPY (SELECT contract_id, '0.00 USD'::refund.amount, event_no, 9, 1, 1, debit, credit FROM refund.transfer WHERE contract_id = 1 LIMIT 1) TO '$dir/zero' (FORMAT binary)});
is(attempt($me, "COPY refund.transfer FROM '$dir/zero' (FORMAT binary)"), '23514', 'A08 COPY BINARY: the CHECKs hold');
$node->safe_psql($db, qq{COPY (SELECT * FROM refund.contract WHERE contract_id = 1) TO '$dir/row' (FORMAT binary)});
is(attempt($me, "COPY refund.contract FROM '$dir/row' (FORMAT binary)"), '23505', 'A08 COPY BINARY: no contract twice');

# ---- constraints ----

is(sqlstate_of($node, $db, "BEGIN; SET CONSTRAINTS ALL DEFERRED; $forge; COMMIT"), 'RF012', 'A08 SET CONSTRAINTS DEFERRED: what refuses is not deferrable');
my $unaudited = q{UPDATE refund.contract SET event_no = event_no + 1, last_event = 'fund' WHERE contract_id = 1};
is(sqlstate_of($node, $db, "BEGIN; SET CONSTRAINTS ALL DEFERRED; $unaudited; COMMIT"), 'RF013', 'A08 SET CONSTRAINTS DEFERRED: the audit comes at COMMIT');
is(sqlstate_of($node, $db, "BEGIN; $unaudited; PREPARE TRANSACTION 'forged'"), 'RF013', 'K12 PREPARE TRANSACTION: the audit comes before it');
is($node->safe_psql($db, 'SELECT count(*) FROM pg_prepared_xacts'), '0', 'K12 PREPARE TRANSACTION: and nothing is prepared');

# ---- triggers that do not fire ----

is(attempt('app', 'SET session_replication_role = replica'), '42501', 'A07 session_replication_role: not for the application');
is( found_after("SET LOCAL session_replication_role = replica; $forge; DELETE FROM refund.evidence WHERE contract_id = 2"),
	'1 chain, 2 chain, 2 evidence|t', 'G01 session_replication_role: a superuser changes what he likes, and verify_all() names it');
is( found_after("ALTER TABLE refund.contract DISABLE TRIGGER USER; $forge"),
	'1 chain|f', 'G01 DISABLE TRIGGER: health() shows it, verify_all() what was done meanwhile');
is( found_after("ALTER TABLE refund.contract DISABLE TRIGGER USER; $forge; ALTER TABLE refund.contract ENABLE TRIGGER USER"),
	'1 chain|t', 'G01 DISABLE TRIGGER: enabled again, verify_all() still names it');
is(attempt('app', 'ALTER TABLE refund.contract DISABLE TRIGGER USER'), '42501', 'A07 DISABLE TRIGGER: not for the application');

# ---- hostile objects ----

is( join(' ', map { attempt('stranger', $_) }
		'CREATE FUNCTION theirs.lie(refund.amount) RETURNS bigint LANGUAGE sql AS $$ SELECT 0::bigint $$; CREATE CAST (refund.amount AS bigint) WITH FUNCTION theirs.lie(refund.amount) AS IMPLICIT',
		'CREATE CAST (text AS refund.amount) WITH INOUT AS IMPLICIT',
		'CREATE OPERATOR CLASS theirs.lies DEFAULT FOR TYPE refund.amount USING hash AS OPERATOR 1 =',
		'CREATE FUNCTION refund.fund(bigint) RETURNS bigint LANGUAGE sql AS $$ SELECT 1::bigint $$',
		'ALTER FUNCTION refund.fund SET search_path = theirs',
		'ALTER OPERATOR refund.+ (refund.amount, refund.amount) OWNER TO stranger',
		q{CREATE RULE r AS ON UPDATE TO refund.contract DO INSTEAD NOTHING},
		q{CREATE POLICY p ON refund.contract USING (false)},
		q{CREATE STATISTICS theirs.s ON contract_id, client FROM refund.contract}),
	'42501 42501 42501 42501 42501 42501 42501 42501 42501', 'A06 hostile casts, operator classes and overloads: nobody makes them for our types');
is( $node->safe_psql(
		$db, q{
		SET SESSION AUTHORIZATION stranger;
		CREATE TYPE theirs.id AS (n bigint);
		CREATE FUNCTION theirs.lie(theirs.id) RETURNS bigint LANGUAGE sql AS 'SELECT 2::bigint';
		CREATE CAST (theirs.id AS bigint) WITH FUNCTION theirs.lie(theirs.id) AS IMPLICIT;
		CREATE FUNCTION theirs.trap(refund.amount, refund.amount) RETURNS refund.amount LANGUAGE sql AS $$ SELECT '999.00 USD'::refund.amount $$;
		CREATE OPERATOR theirs.+ (LEFTARG = refund.amount, RIGHTARG = refund.amount, FUNCTION = theirs.trap);
		CREATE OPERATOR theirs.- (LEFTARG = refund.amount, RIGHTARG = refund.amount, FUNCTION = theirs.trap);
		CREATE TABLE theirs.contract (contract_id bigint, held refund.amount);
		GRANT USAGE ON SCHEMA theirs TO PUBLIC;
		SET SESSION AUTHORIZATION app;
		SET search_path = theirs, pg_temp, refund, pg_catalog;
		CREATE TEMP TABLE contract (contract_id bigint);
		BEGIN;
		SELECT held FROM refund.fund(1, 'carol', 1, '20.00 USD', 'card');
		SELECT pg_catalog.concat(outcome, ' ', to_client) FROM refund.approve_refund(1, 'fred');
		COMMIT}),
	"0.00\napproved 200.00", 'A06 hostile search_path and pg_temp: a verb reads and adds with our own');
is_sound($node, $db, 'A06 hostile search_path and pg_temp');
is( $node->safe_psql(
		$db, q{
		CREATE FUNCTION theirs.wrapper() RETURNS text LANGUAGE sql SECURITY DEFINER AS $$ SELECT state FROM refund.accept_dispute(2, 'carol') $$;
		ALTER FUNCTION theirs.wrapper() OWNER TO stranger;
		SELECT has_function_privilege('app', 'theirs.wrapper()', 'EXECUTE')}),
	't', 'A05 definer wrapper: the application may call it');
is(attempt('app', 'SELECT theirs.wrapper()'), '42501', 'A05 definer wrapper: it has the rights of the stranger who owns it, whoever calls it');
is(attempt('stranger', 'SET ROLE app'), '42501', 'A05 SET ROLE: only to what one is a member of');

# ---- logical replication ----

# L02: rows arrive without triggers and without verbs; shipped policies are there already
my $subscriber = new_server('subscriber', '', allows_streaming => 'logical');
$subscriber->start;
$subscriber->safe_psql($db, 'CREATE EXTENSION refund');
my @tables = tables_of($node, $db);
$node->safe_psql($db, 'CREATE PUBLICATION ledger FOR TABLE '
	  . join(', ', map { "refund.$_" . ($_ eq 'policy' ? ' WHERE (NOT shipped)' : '') } grep { $_ ne 'calendar' && $_ ne 'holiday' } @tables));
my $connstr = $node->connstr . " dbname=$db";
$subscriber->safe_psql($db, "CREATE SUBSCRIPTION ledger CONNECTION '$connstr' PUBLICATION ledger");
$subscriber->wait_for_subscription_sync($node, 'ledger');
$node->safe_psql($db, q{SELECT make(3); SELECT refund.pay_in_full(3, 'carol')});
$node->wait_for_catchup('ledger');
is(digests_of($subscriber, $db), digests_of($node, $db), 'L02 logical replication: the same rows');
is_sound($subscriber, $db, 'L02 logical replication');
is(sqlstate_of($subscriber, $db, 'SELECT refund.expire_due()'), 'RF016', 'L02 logical replication: the subscriber does nothing by itself');
is( $subscriber->safe_psql($db, q{SELECT value FROM refund.health() WHERE component = 'activation'}),
	'a copy', 'L02 logical replication: and says so');
is( $subscriber->safe_psql($db, q{SELECT ok FROM refund.health() WHERE component = 'triggers'}),
	't', 'L02 logical replication: with all triggers in place');
# what was forged there arrives here, and is found here
$node->safe_psql($db, "SET session_replication_role = replica; UPDATE refund.contract SET client = 'mallory' WHERE contract_id = 3");
$node->wait_for_catchup('ledger');
is( $subscriber->safe_psql($db, q{SELECT DISTINCT contract_id, rule FROM refund.verify_all()}),
	'3|chain', 'L02 logical replication: a forged row is found by the subscriber');
$subscriber->stop;
$node->stop;

done_testing();
