# refund.notify_channel: the hint that wakes a mailer, and who may set it.
#
# faults.md: A04 (a setting of ours in the hands of an ordinary role), X03
# (channels with quotes).

use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use RefundTest;
use Test::More;

my $db = 'postgres';
my $node = new_server('primary');
$node->start;
$node->safe_psql(
	$db, q{
	CREATE EXTENSION refund;
	CREATE ROLE ordinary LOGIN;
	CREATE ROLE app LOGIN;
	GRANT EXECUTE ON FUNCTION refund.create_contract(bigint, text, text, refund.currency, refund.contract_kind, text, text, text, text) TO app, ordinary;
	GRANT EXECUTE ON FUNCTION refund.end_contract(bigint, text, refund.amount, text) TO app;
	SELECT refund.create_contract(n, 'client', 'freelancer', 'USD') FROM generate_series(1, 9) n;
	SELECT refund.add_milestone(n, 'client', 1, 'work', '100.00 USD') FROM generate_series(1, 9) n;
	SELECT refund.fund(n, 'client', 1, '50.00 USD', 'card') FROM generate_series(1, 9) n});

# What a mailer hears on its channel when the session does this.
my $mailer = open_session($node, $db);

sub heard
{
	my ($channel, $sql, %params) = @_;

	$mailer->query("UNLISTEN *; LISTEN $channel");
	$node->safe_psql($db, $sql, %params);
	# psql shows what it has been sent after a query
	my $out = $mailer->query('SELECT 1');
	return join ' ', map { /Asynchronous notification (".*") with payload (".*") received/ ? "$1 $2" : () } split /\n/, $out;
}

is(heard('mail', q{SELECT refund.end_contract(1, 'client')}), '', 'no channel: nothing is announced');

my $on = q{SET refund.notify_channel = 'mail';};
is(heard('mail', "$on SELECT refund.end_contract(2, 'client')"), '"mail" "2"', 'the payload is the contract');
is(heard('other', "$on SELECT refund.approve_refund(2, 'freelancer')"), '', 'on another channel nothing is heard');
is(heard('mail', "$on SELECT refund.add_milestone(3, 'client', 2, 'more', '1.00 USD'); SELECT refund.fund(3, 'client', 2, '1.00 USD', 'card')"),
	'', 'what nobody is told of is not announced');
is( heard('mail', "$on BEGIN; SELECT refund.end_contract(3, 'client'); SELECT refund.offer_settlement(3, 'client', '1.00 USD'); COMMIT"),
	'"mail" "3"', 'two events of one transaction are one hint');
is(heard('mail', "$on BEGIN; SELECT refund.end_contract(4, 'client'); ROLLBACK"), '', 'what is rolled back is not announced');
is( heard('mail', "$on SELECT refund.end_contract(n, 'client') FROM generate_series(5, 6) n"),
	'"mail" "5" "mail" "6"', 'two contracts are two hints');

# X03
is( heard(q{"my ""mail"" '; --"}, q{SET refund.notify_channel = 'my "mail" ''; --'; SELECT refund.end_contract(7, 'client')}),
	q{"my "mail" '; --" "7"}, 'X03: a channel is a name as it stands');

# in the configuration, for everybody
$node->append_conf('postgresql.conf', q{refund.notify_channel = 'mail'});
$node->reload;
is(heard('mail', q{SELECT refund.end_contract(8, 'client')}, extra_params => [ '-U', 'app' ]), '"mail" "8"',
	"the server's setting holds for an ordinary role's calls");

# A04: set before the library is there, in each way that a client has
my ($out, $err);
for my $how (
	[ q{SET refund.notify_channel = 'mine';}, {} ],
	[ '', { PGOPTIONS => '-c refund.notify_channel=mine' } ])
{
	my ($sql, $env) = @$how;
	local %ENV = (%ENV, %$env);

	$node->psql($db, "$sql SELECT refund.create_contract(100 + (random() * 1e9)::bigint, 'client', 'freelancer', 'USD'); SHOW refund.notify_channel",
		stdout => \$out, stderr => \$err, extra_params => [ '-U', 'ordinary' ]);
	unlike($out, qr/^mine$/m, 'A04: an ordinary role does not name a channel, ' . ($sql ? 'by SET' : 'by options of the connection'));
	like($err, qr/permission denied to set parameter "refund\.notify_channel"/, 'A04: and is told so');
}
$node->psql($db, q{ALTER ROLE ordinary SET refund.notify_channel = 'mine'}, stderr => \$err, extra_params => [ '-U', 'ordinary', '-v', 'VERBOSITY=sqlstate' ]);
like($err, qr/42501$/, 'A04: nor for its later sessions');

is_sound($node, $db, 'all');
$mailer->close;
$node->stop;

done_testing();
