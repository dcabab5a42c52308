# shellcheck shell=bash
#
# B4: run_due() against bare and textbook, and what workers claim after it.

SWEEP_ROUNDS=${SWEEP_ROUNDS:-$((FULL == 1 ? 9 : 5))}
# cases a round of the sweep
CASES=$((FULL == 1 ? 100000 : 10000))
TEXTBOOK_CASES=$((CASES / 10))
# payments and notifications that a worker claims at once, and how often a round
BATCH=100
BATCHES=$((FULL == 1 ? 100 : 10))


prepare_sweep() {
	say "sweep: making $((SWEEP_ROUNDS * CASES)) contracts that wait for an answer"
	make_database sweep
	psql_on sweep -o /dev/null -v cases="$((SWEEP_ROUNDS * CASES))" -v textbook_cases="$((SWEEP_ROUNDS * TEXTBOOK_CASES))" \
		-f test/bench/sweep.sql -f test/bench/work.sql || die "cannot prepare the sweep"
}

wait_until_due() {
	say "sweep: waiting for their windows to close"
	psql_on sweep -o /dev/null -c "
		SELECT pg_sleep_until(max(due_at)) FROM refund.contract WHERE due_at IS NOT NULL" ||
		die "cannot wait"
}

# time_once ROUND SIDE VERB CASES STATEMENT
time_once() {
	local sync=off round=$1 side=$2 verb=$3 cases=$4 statement=$5 log=$WORK/tmp/sweep ms
	((++measurement))
	PGOPTIONS="-c synchronous_commit=$sync" psql_on sweep -o /dev/null \
		-c "SELECT note_cpu($measurement, 0, 0)" -c '\o' -c '\timing on' -c "$statement" -c '\timing off' \
		-c '\o /dev/null' -c "SELECT note_cpu($measurement, 0, $cases)" >"$log.out" || die "$verb failed: $side"
	count_changes sweep "$sync,1,$round,$side,$verb,$cases" "$side"
	ms=$(awk '/^Time:/ { print $2 }' "$log.out")
	echo "$sync,1,$round,$side,$verb,$measurement,$(awk -v n="$cases" -v ms="$ms" 'BEGIN { print n * 1000 / ms }'),," \
		>>"$WORK/rates.csv"
}

# sweep_once ROUND SIDE
sweep_once() {
	local cases=$CASES
	[[ $2 != textbook ]] || cases=$TEXTBOOK_CASES
	tidy sweep
	start_counting sweep
	time_once "$1" "$2" sweep "$cases" "CALL $2.run_due($cases)"
}

# claim_once ROUND SIDE: workers' batches, on the cases that were swept
claim_once() {
	time_once "$1" "$2" claim_refund_payments $((BATCH * BATCHES)) "CALL claim_payments_$2($BATCH, $BATCHES)"
	time_once "$1" "$2" deliver_notifications $((BATCH * BATCHES)) "CALL deliver_notifications_$2($BATCH, $BATCHES)"
}

run_sweep() {
	local round sides side
	wait_until_due
	for ((round = 1; round <= SWEEP_ROUNDS; round++)); do
		say "sweep: round $round of $SWEEP_ROUNDS"
		sides=(bare refund textbook)
		((round % 2)) || sides=(textbook refund bare)
		for side in "${sides[@]}"; do
			sweep_once "$round" "$side"
		done
		tidy sweep
		start_counting sweep
		for side in "${sides[@]}"; do
			claim_once "$round" "$side"
		done
	done
	say "comparing the rows of bare and refund"
	psql_on sweep -f test/bench/compare.sql || die "bare and refund did not write the same"
	verify sweep
}

report_sweep() {
	report_with -f test/bench/report_sweep.sql && plot_ratio B4 sweep refund bare "≥ 0.77" && plot_ratio B4 sweep refund textbook "≥ 10"
}
