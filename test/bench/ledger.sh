# shellcheck shell=bash
#
# B9: movements of money against a textbook double-entry ledger.

LEDGER_CONTRACTS=$((FULL == 1 ? 8000 : 2000))
LEDGER_CONFIGS=("off 1" "off 8" "on 8")
LEDGER_MOVEMENTS=(fund release refund)
ledger_first=0

declare -A LEDGER_CALL=(
	[refund fund]="refund.fund(:id, 'client-1', 1, '500.00 USD', 'card:4242', 'pi_1')"
	[refund release]="refund.release_payment(:id, 'client-1', 1, '200.00 USD')"
	[refund refund]="refund.end_contract(:id, 'freelancer-1')"
	[ledger fund]="ledger.transfer(4 * :id, 4 * :id + 1, 500, 'USD', 'fund', 'pi_' || :id)"
	[ledger release]="ledger.transfer(4 * :id + 1, 4 * :id + 2, 200, 'USD', 'release', 'rel_' || :id)"
	[ledger refund]="ledger.transfer(4 * :id + 1, 4 * :id + 3, 300, 'USD', 'refund', 're_' || :id)"
)

prepare_ledger() {
	local key
	as_user createdb ledger && psql_on ledger -c "CREATE EXTENSION refund" -f test/bench/ledger.sql || die "cannot create database ledger"
	for key in "${!LEDGER_CALL[@]}"; do
		printf '%s\n' '\set n :n + 1' '\set id :first + :client_id * :share + :n' "SELECT * FROM ${LEDGER_CALL[$key]};" |
			as_user tee "$WORK/tmp/ledger.${key/ /.}.sql" >/dev/null
	done
	echo "INSERT INTO plain (note) VALUES ('a row of no meaning');" | as_user tee "$WORK/tmp/ledger.insert.sql" >/dev/null
}

# ledger_round SYNC CLIENTS ROUND
ledger_round() {
	local sync=$1 clients=$2 round=$3 side sides movement share=$((LEDGER_CONTRACTS / $2))
	psql_on ledger -o /dev/null -v first="$ledger_first" -v contracts="$LEDGER_CONTRACTS" -f test/bench/ledger_contracts.sql ||
		die "cannot make contracts"
	tidy ledger
	sides=(refund ledger)
	((round % 2)) || sides=(ledger refund)
	for movement in "${LEDGER_MOVEMENTS[@]}"; do
		for side in "${sides[@]}"; do
			run_clients ledger "$sync" "$clients" "$share" "$WORK/tmp/ledger.$side.$movement.sql" -D n=0 -D first="$ledger_first" -D share="$share"
			note_figure ledger "$movement ($clients clients; sync $sync)" "$round" "$side" "$RATE"
		done
	done
	# what no movement can be faster than
	run_clients ledger "$sync" "$clients" "$share" "$WORK/tmp/ledger.insert.sql"
	note_figure insert "INSERT of one row ($clients clients; sync $sync)" "$round" insert "$RATE"
	((ledger_first += LEDGER_CONTRACTS))
}

run_ledger() {
	local config sync clients round
	for config in "${LEDGER_CONFIGS[@]}"; do
		read -r sync clients <<<"$config"
		for ((round = 1; round <= ROUNDS; round++)); do
			say "ledger: synchronous_commit $sync, $clients clients, round $round of $ROUNDS"
			ledger_round "$sync" "$clients" "$round"
		done
	done
	psql_on ledger -f test/bench/ledger_compare.sql || die "the ledger and refund do not agree"
	verify ledger
}

report_ledger() {
	echo "### B9: movements a second"
	echo
	report_ratio B9 ledger refund ledger "a second" ≥ 3
	echo
	report_with -f test/bench/report_ledger.sql
}
