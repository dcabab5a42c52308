# ALTER EXTENSION UPDATE, with cases in every state: the same objects as in a new
# extension, the same rows; and a library and SQL that do not belong together.
#
# There is no release to come from yet.  So the next patch release is made up here,
# with one object of each kind changed, added or removed: src/upgrade has the
# scripts of real ones.
#
# faults.md: U01 (equal to a fresh install), U02 (live cases), U03 (library and SQL
# of different versions), U04 (a script that fails), U05 (not the owner), U06
# (hostile objects), C16 (update beside traffic), K08 (killed in the script).

use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use RefundTest;
use Test::More;

chomp(my $sharedir = `pg_config --sharedir`);
my $scripts = "$sharedir/extension";
plan skip_all => "$scripts is not ours to write" if !-w $scripts;

my ($now) = slurp_file("$scripts/refund.control") =~ /^default_version *= *'([^']+)'/m;
my ($major, $minor, $patch) = $now =~ /^(\d+)\.(\d+)\.(\d+)$/;
my $next = "$major.$minor." . ($patch + 1);
my $newer = "$major." . ($minor + 1) . '.0';
my @written;

sub write_script
{
	my ($name, $sql) = @_;

	append_to_file("$scripts/refund--$name.sql", $sql);
	push @written, "$scripts/refund--$name.sql";
	return;
}
END { unlink @written; }

# What changes: a comment, a view, a function that is new and one that is gone, a grant, a column of a table
my $changes = q{
	COMMENT ON TABLE refund.event IS 'changed';
	CREATE OR REPLACE VIEW refund.totally_new AS SELECT count(*) AS contracts FROM refund.contract;
	COMMENT ON VIEW refund.totally_new IS 'new';
	GRANT SELECT ON refund.totally_new TO PUBLIC;
	CREATE FUNCTION refund.added(n integer) RETURNS integer LANGUAGE sql IMMUTABLE RETURN n + 1;
	COMMENT ON FUNCTION refund.added(integer) IS 'new';
	DROP FUNCTION refund.error_codes();
	ALTER TABLE refund.job_run ADD COLUMN note text;
};
my $install = slurp_file("$scripts/refund--$now.sql");
write_script("$now--$next", $changes);
write_script($next, $install . $changes);
write_script("$next--fails", q{COMMENT ON TABLE refund.event IS 'half done'; SELECT 1/0;});
write_script($newer, $install);

my $db = 'postgres';
my $node = new_server('upgrade', "restart_after_crash = on\n");
$node->start;
$node->safe_psql($db, "CREATE DATABASE $_") for qw(fresh old);
$node->safe_psql($db, 'CREATE ROLE app; CREATE ROLE stranger LOGIN');

# Every member of the extension, whatever tells one from another.
sub catalog_of
{
	my ($dbname) = @_;

	return $node->safe_psql(
		$dbname, q{
		SET search_path = pg_catalog;
		SELECT t.type, t.identity, pg_get_functiondef(p.oid), pg_get_viewdef(v.oid), d.description,
			(SELECT array_agg(a::text ORDER BY a::text) FROM aclexplode(coalesce(p.proacl, c.relacl, y.typacl, n.nspacl)) a),
			(SELECT array_agg((a.attnum, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, col_description(c.oid, a.attnum)) ORDER BY a.attnum)
				FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped),
			(SELECT array_agg(pg_get_constraintdef(k.oid) ORDER BY k.conname) FROM pg_constraint k WHERE k.conrelid = c.oid),
			(SELECT array_agg(pg_get_indexdef(i.indexrelid) ORDER BY i.indexrelid::regclass::text) FROM pg_index i WHERE i.indrelid = c.oid),
			(SELECT array_agg(pg_get_triggerdef(g.oid) || g.tgenabled::text ORDER BY g.tgname) FROM pg_trigger g WHERE g.tgrelid = c.oid AND NOT g.tgisinternal),
			(SELECT array_agg(l.enumlabel ORDER BY l.enumsortorder) FROM pg_enum l WHERE l.enumtypid = y.oid), c.reloptions, p.proconfig
		FROM pg_depend m
		CROSS JOIN LATERAL pg_identify_object(m.classid, m.objid, 0) t
		LEFT JOIN pg_proc p ON m.classid = 'pg_proc'::regclass AND p.oid = m.objid AND p.prokind IN ('f', 'p')
		LEFT JOIN pg_class c ON m.classid = 'pg_class'::regclass AND c.oid = m.objid
		LEFT JOIN pg_class v ON v.oid = c.oid AND v.relkind = 'v'
		LEFT JOIN pg_type y ON m.classid = 'pg_type'::regclass AND y.oid = m.objid
		LEFT JOIN pg_namespace n ON m.classid = 'pg_namespace'::regclass AND n.oid = m.objid
		LEFT JOIN pg_description d ON d.classoid = m.classid AND d.objoid = m.objid AND d.objsubid = 0
		WHERE m.refclassid = 'pg_extension'::regclass AND m.deptype = 'e' AND m.refobjid = (SELECT oid FROM pg_extension WHERE extname = 'refund')
		ORDER BY t.type, t.identity COLLATE "C"});
}

# ---- live cases, under the old version ----

$node->safe_psql('fresh', "CREATE EXTENSION refund VERSION '$next'");
$node->safe_psql(
	'old', qq{
	CREATE EXTENSION refund VERSION '$now';
	GRANT EXECUTE ON FUNCTION refund.approve_refund(bigint, text, text) TO app;
	SELECT refund.add_policy('standard', '{"refund_response": "10 days"}')} . q{;
	DO $$
	BEGIN
		FOR n IN 1 .. 12 LOOP
			PERFORM refund.create_contract(n, 'carol', 'fred', 'USD', idempotency_key => 'create');
			PERFORM refund.add_milestone(n, 'carol', 1, 'work', '500.00 USD');
			PERFORM refund.fund(n, 'carol', 1, '500.00 USD', 'card');
			CONTINUE WHEN n = 1;
			PERFORM refund.end_contract(n, 'carol', '100.00 USD');
			CONTINUE WHEN n = 2;
			IF n = 3 THEN PERFORM refund.approve_refund(n, 'fred'); CONTINUE; END IF;
			PERFORM refund.dispute_refund(n, 'fred', '200.00 USD', 'reason', '[{"title": "note", "statement": "words"}]');
			CONTINUE WHEN n = 4;
			PERFORM refund.decline_dispute(n, 'carol', 'statement');
			CONTINUE WHEN n = 5;
			PERFORM refund.propose_resolution(n, 'mary', '50.00 USD', 'rationale');
			CONTINUE WHEN n = 6;
			PERFORM refund.reject_resolution(n, 'carol');
			PERFORM refund.join_arbitration(n, 'carol', 'card');
			CONTINUE WHEN n = 7;
			PERFORM refund.join_arbitration(n, 'fred', 'card');
			CONTINUE WHEN n = 8;
			PERFORM refund.record_award(n, 'arthur', '50.00 USD', 'rationale');
		END LOOP;
	END $$});
my $old = catalog_of('old');
my $fresh = catalog_of('fresh');
isnt($old, $fresh, 'U01: the versions differ');

# The column that the update adds is in no row.
sub rows_of
{
	my ($dbname) = @_;

	return join "\n", grep { !/^job_run\|/ } split /\n/, digests_of($node, $dbname);
}
my $rows = rows_of('old');

sub version_of
{
	my ($dbname) = @_;

	return $node->safe_psql($dbname, q{SELECT extversion FROM pg_extension WHERE extname = 'refund'});
}

# ---- what does not work leaves all as it was ----

is(sqlstate_of($node, 'old', "SET ROLE stranger; ALTER EXTENSION refund UPDATE TO '$next'"), '42501', 'U05: an update by somebody else is refused');
is(sqlstate_of($node, 'old', q{ALTER EXTENSION refund UPDATE TO 'fails'}), '22012', 'U04: a script that fails');
is(version_of('old') . catalog_of('old'), $now . $old, 'U04: all of it is rolled back, the step before it too');

# K08: it waits for the one who reads a table that it changes
for my $how ('backend', 'server')
{
	my $reader = open_session($node, 'old');
	my $updater = open_session($node, 'old');
	my $offset = -s $node->logfile;

	$reader->query('BEGIN; SELECT count(*) FROM refund.job_run');
	$updater->send("ALTER EXTENSION refund UPDATE TO '$next'");
	$node->poll_query_until('old', q{SELECT wait_event_type = 'Lock' FROM pg_stat_activity WHERE pid = } . $updater->pid)
	  or BAIL_OUT('the update does not get to its last statement');
	if ($how eq 'server')
	{
		$node->stop('immediate');
		$node->start;
	}
	else
	{
		kill 'KILL', $updater->pid;
		$node->wait_for_log(qr/database system is ready to accept connections/, $offset);
	}
	is(version_of('old') . catalog_of('old'), $now . $old, "K08: $how killed in the script: the old version, whole");
	$_->close for ($reader, $updater);
}
is(rows_of('old'), $rows, 'U04, K08: with the same rows');
is_sound($node, 'old', 'U04, K08');

# ---- and what does ----

# U06: whoever may make objects has made some, named as ours and as the system's
$node->safe_psql(
	'old', q{
	CREATE FUNCTION public.count(refund.contract) RETURNS bigint LANGUAGE sql RETURN 666;
	CREATE FUNCTION public.added(integer) RETURNS integer LANGUAGE sql RETURN 666;
	CREATE VIEW public.contract AS SELECT 666 AS contract_id;
	CREATE VIEW public.totally_new AS SELECT 666 AS contracts;
	CREATE FUNCTION public.plus(integer, integer) RETURNS integer LANGUAGE sql RETURN 666;
	CREATE OPERATOR public.+ (LEFTARG = integer, RIGHTARG = integer, FUNCTION = public.plus)});

# C16: a session that was there before, with its plans; one in a transaction holds the update up
my $session = open_session($node, 'old');
is($session->query(q{SELECT held FROM refund.fund(1, 'carol', 1, '0.00 USD', 'card')}) . $session->error, 'RF004', 'C16: a session of before');
$session->query(q{BEGIN; SELECT refund.release_payment(1, 'carol', 1, '1.00 USD')});
is($session->error, '', 'C16: in a transaction');
$node->safe_psql('old', "SET search_path = public, pg_catalog, refund; ALTER EXTENSION refund UPDATE TO '$next'");
$session->query('COMMIT');
is($session->error, '', 'C16: which commits after the update');
is($session->query(q{SELECT held FROM refund.release_payment(1, 'carol', 1, '1.00 USD')}), '498.00', 'C16: and goes on');
$session->close;

is(version_of('old'), $next, 'U01: updated');
is($node->safe_psql('old', q{SELECT has_function_privilege('app', 'refund.approve_refund(bigint, text, text)', 'EXECUTE')}), 't', 'U02: a grant stays');
$node->safe_psql('old', 'REVOKE EXECUTE ON FUNCTION refund.approve_refund(bigint, text, text) FROM app');
is(catalog_of('old'), $fresh, 'U01: objects, comments and grants are those of a fresh install');
is_sound($node, 'old', 'U02');
is($node->safe_psql('old', q{SELECT contracts, refund.added(1) FROM refund.totally_new}), '12|2', 'U06: hostile objects are ignored');
is( $node->safe_psql('old', q{SELECT string_agg(DISTINCT policy_version::text, ' ') FROM refund.contract}), '2', 'U02: cases keep their policy');
is( $node->safe_psql(
		'old', q{
		SELECT (SELECT outcome FROM refund.approve_refund(2, 'fred')), (SELECT state FROM refund.decline_dispute(4, 'carol', 'statement')),
			(SELECT state FROM refund.propose_resolution(5, 'mary', '1.00 USD', 'rationale')), (SELECT state FROM refund.reject_resolution(6, 'fred')),
			(SELECT state FROM refund.join_arbitration(7, 'fred', 'card')), (SELECT outcome FROM refund.record_award(8, 'arthur', '50.00 USD', 'rationale'))}),
	'approved|in_review|proposed|unresolved|in_arbitration|arbitration_award', 'U02: cases go on in every state');
is_sound($node, 'old', 'U02: after the next verbs');

# U06: a schema of that name is not adopted
$node->safe_psql($db, 'CREATE SCHEMA refund');
is(sqlstate_of($node, $db, 'CREATE EXTENSION refund'), '42P06', q{U06: CREATE EXTENSION does not adopt somebody's schema});
$node->safe_psql($db, 'DROP SCHEMA refund');

# ---- library and SQL of different versions ----

# U03: as the catalog has it, because there is but one library here
is(sqlstate_of($node, $db, "CREATE EXTENSION refund VERSION '$newer'"), '55000', 'U03: the SQL of a newer version does not take this library');
for my $other ([ $newer, "install the library of refund $newer" ], [ '0.9.0', 'Run ALTER EXTENSION refund UPDATE' ])
{
	my ($version, $hint) = @$other;
	my $open = open_session($node, 'old');

	$open->query(q{SELECT refund.release_payment(1, 'carol', 1, '1.00 USD')});
	$node->safe_psql('old',
		"UPDATE pg_extension SET extversion = '$version' WHERE extname = 'refund'; CREATE FUNCTION public.f_" . ($version =~ tr/./_/r) . '() RETURNS int LANGUAGE sql RETURN 1');
	my $before = rows_of('old');
	for my $call (
		q{SELECT refund.release_payment(1, 'carol', 1, '1.00 USD')}, q{SELECT refund.create_contract(50, 'carol', 'fred', 'USD')},
		'SELECT refund.expire_due()', 'CALL refund.run_due()', 'SELECT count(*) FROM refund.claim_refund_payments()',
		'SELECT count(*) FROM refund.claim_notifications()', q{SELECT refund.explain(1)}, 'SELECT refund.verify_all()',
		q{SELECT refund.advance_test_clock('lab', '1 day')}, q{SELECT refund.add_policy('mine', '{}')})
	{
		is(sqlstate_of($node, 'old', $call), '55000', "U03: $version: $call");
	}
	my (undef, undef, $err) = $node->psql('old', 'SELECT refund.expire_due()');
	like($err, qr/library is refund \Q$now\E, but the extension in this database is refund \Q$version\E\nHINT: .*\Q$hint\E/, "U03: $version: what to do");
	$open->query(q{SELECT refund.release_payment(1, 'carol', 1, '1.00 USD')});
	is($open->error, '55000', "U03: $version: in a session that has worked before, too");
	$open->close;
	is(rows_of('old'), $before, "U03: $version: no row is changed");
}
$node->safe_psql('old', "UPDATE pg_extension SET extversion = '$next' WHERE extname = 'refund'");
is(sqlstate_of($node, 'old', q{SELECT refund.release_payment(1, 'carol', 1, '1.00 USD')}), '', 'U03: a patch release takes the library');

$node->stop;

done_testing();
