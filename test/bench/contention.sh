# shellcheck shell=bash
#
# B10: many clients on one contract, and on contracts of their own with the sweep
# beside them, at each isolation level; and a backlog, as after an outage.

CONTENTION_CALLS=$((FULL == 1 ? 40000 : 4000))	# of all clients
CONTENTION_DUE=$((FULL == 1 ? 400000 : 40000))
CONTENTION_LEVELS=("read committed" "repeatable read" "serializable")
CONTENTION_CONFIGS=("8 one" "8 own" "32 own")
# what the machine gives to so many clients, and a call when few wait for a processor
CONTENTION_CONTROLS=("8 update" "32 update" "1 own")
CONTENTION_FIRST=100000001
BACKLOG=10000			# cases that one run settles
BACKLOG_CLIENTS=4

prepare_contention() {
	say "contention: making $CONTENTION_DUE contracts that are due"
	as_user createdb contention || die "cannot create database contention"
	psql_on contention -o /dev/null -v due="$((CONTENTION_DUE + ROUNDS * BACKLOG))" -v first="$CONTENTION_FIRST" -c "CREATE EXTENSION refund" \
		-f test/bench/copies.sql -f test/bench/contention.sql || die "cannot prepare the contention"
	# Both parties make offers that never meet.
	cat <<-'EOS' | as_user tee "$WORK/tmp/offer.sql" >/dev/null
		\set id :first + :own * (1 + :client_id * 20 + random(0, 19))
		\set client random(0, 1)
		\if :client
		\set minor random(0, 10000)
		SELECT * FROM refund.offer_settlement(:id, 'client-1', refund.amount_from_minor(:minor, 'USD'));
		\else
		\set minor random(20000, 30000)
		SELECT * FROM refund.offer_settlement(:id, 'freelancer-1', refund.amount_from_minor(:minor, 'USD'));
		\endif
	EOS
	printf '%s\n' '\set id 1 + :client_id * 20 + random(0, 19)' 'UPDATE plain SET n = n + 1 WHERE id = :id;' |
		as_user tee "$WORK/tmp/update.sql" >/dev/null
	yes 'CALL refund.run_due(50); SELECT pg_sleep(0.05);' | head -n 100000 | as_user tee "$WORK/tmp/beside.sql" >/dev/null
}

deadlocks() { as_user psql -XAtq -d contention -c "SELECT deadlocks FROM pg_stat_database WHERE datname = 'contention'"; }

# failures KIND: how many calls failed for that, by what pgbench said
failures() { sed -n "s/^number of $1 failures: \([0-9]*\).*/\1/p" "$PGBENCH_LOG"; }

# contend_once BENCHMARK ROUND LEVEL CLIENTS one|own|update
contend_once() {
	local benchmark=$1 round=$2 level=$3 clients=$4 own=1 script=offer measure
	case $5 in
	one) own=0 measure="$clients clients on one contract" ;;
	own) measure="$clients clients on their own; the sweep beside" ;;
	update) script=update measure="$clients clients that UPDATE a row of their own; the sweep beside" ;;
	esac
	measure=${measure/#1 clients on their own/1 client on its own}"; $level"
	[[ $own == 0 ]] || start_beside contention "$WORK/tmp/beside.sql"
	CLIENT_SETTINGS="-c default_transaction_isolation=${level// /\\ }"
	run_clients contention off "$clients" "$((CONTENTION_CALLS / clients))" "$WORK/tmp/$script.sql" -D first="$CONTENTION_FIRST" \
		-D own="$own" --failures-detailed
	CLIENT_SETTINGS=
	[[ $own == 0 ]] || stop_beside
	note_figure "$benchmark" "$measure" "$round" rate "$RATE"
	note_figure "$benchmark" "$measure" "$round" p50 "$P50"
	note_figure "$benchmark" "$measure" "$round" p99 "$P99"
	note_figure "$benchmark" "$measure" "$round" calls "$CONTENTION_CALLS"
	note_figure "$benchmark" "$measure" "$round" serialization "$(failures serialization)"
	note_figure "$benchmark" "$measure" "$round" deadlock "$(failures deadlock)"
}

overdue_cases() {
	as_user psql -XAtq -d contention -c "SELECT count(*) FROM refund.contract WHERE next_due_at <= now() AND test_clock IS NULL"
}

# One run of the job's own statement, while the clients go on until it has ended.
clear_backlog() {
	local before after run ms
	before=$(overdue_cases)
	time_query contention "SELECT 1" "CALL refund.run_due($BACKLOG)" >"$WORK/tmp/backlog.ms" &
	run=$!
	run_clients contention off "$BACKLOG_CLIENTS" "$((CONTENTION_CALLS / BACKLOG_CLIENTS))" "$WORK/tmp/offer.sql" \
		-D first="$CONTENTION_FIRST" -D own=1
	wait "$run"
	after=$(overdue_cases)
	((before - after == BACKLOG)) || die "a backlog of $BACKLOG was $((before - after))"
	ms=$(cat "$WORK/tmp/backlog.ms")
	note_figure backlog "a backlog of $BACKLOG cases" "$1" seconds "$(awk -v ms="${ms:?}" 'BEGIN { print ms / 1e3 }')"
	note_figure backlog "p99 of $BACKLOG_CLIENTS clients meanwhile" "$1" ms "$(awk -v us="$P99" 'BEGIN { print us / 1e3 }')"
}

run_contention() {
	local round level config clients whose
	for ((round = 1; round <= ROUNDS; round++)); do
		say "contention: round $round of $ROUNDS"
		tidy contention
		for config in "${CONTENTION_CONFIGS[@]}"; do
			read -r clients whose <<<"$config"
			for level in "${CONTENTION_LEVELS[@]}"; do
				contend_once contention "$round" "$level" "$clients" "$whose"
			done
		done
		for config in "${CONTENTION_CONTROLS[@]}"; do
			read -r clients whose <<<"$config"
			contend_once control "$round" "read committed" "$clients" "$whose"
		done
		clear_backlog "$round"
	done
	[[ $(deadlocks) == 0 ]] || die "there were $(deadlocks) deadlocks"
	[[ $(as_user psql -XAtq -d contention -c "SELECT count(v) FROM refund.contract c, refund.verify(c.contract_id) v
		WHERE c.contract_id >= $CONTENTION_FIRST") == 0 ]] || die "verify() found faults"
}

report_contention() {
	echo "### B10: offers by many clients at once (sync off)"
	echo
	report_ratio B10 contention p99 p50 µs ≤ 3
	echo
	report_with -f test/bench/report_contention.sql
	echo
	echo "### A backlog of $BACKLOG cases, settled by one run of the job"
	echo
	report_with -f test/bench/report_backlog.sql
}
