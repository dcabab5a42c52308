# shellcheck shell=bash
#
# B5: the same work in a small and in a large database.

GROWTH_SMALL=$((FULL == 1 ? 100000 : 2000))
GROWTH_LARGE=${GROWTH_LARGE:-$((FULL == 1 ? 10000000 : 200000))}	# 2.7 GB a million
GROWTH_DUE=1000			# cases a round of the sweep
GROWTH_CASES=$((FULL == 1 ? 1000 : 300))	# new cases a round

# fill_growth DATABASE FIRST LAST ALL: copies FIRST to LAST of ALL finished contracts,
# those of the last hundred days, in pieces that are sorted in memory
fill_growth() {
	local first pieces=()
	for ((first = $2; first <= $3; first += 100000)); do
		pieces+=(-c "CALL copy_contracts(1, 1, 1, $first, $((first + 99999 < $3 ? first + 99999 : $3)), '-100 days', interval '90 days' / $4)")
	done
	PGOPTIONS="-c synchronous_commit=off -c session_replication_role=replica -c work_mem=512MB" \
		psql_on "$1" -o /dev/null "${pieces[@]}"
}

prepare_growth() {
	local size contracts filler
	for size in small large; do
		contracts=$([[ $size == small ]] && echo "$GROWTH_SMALL" || echo "$GROWTH_LARGE")
		say "growth: making $contracts finished contracts"
		as_user createdb "growth_$size" || die "cannot create database growth_$size"
		psql_on "growth_$size" -o /dev/null -v due="$((ROUNDS * GROWTH_DUE))" \
			-c "CREATE EXTENSION refund" -f test/bench/copies.sql -f test/bench/client.sql -f test/bench/growth.sql ||
			die "cannot prepare database growth_$size"
		fill_growth "growth_$size" 2 "$((contracts / 2))" "$contracts" &
		filler=$!
		fill_growth "growth_$size" "$((contracts / 2 + 1))" "$contracts" "$contracts" ||
			die "cannot fill database growth_$size"
		wait "$filler" || die "cannot fill database growth_$size"
		as_user vacuumdb -q -j 2 -z "growth_$size" || die "cannot vacuum database growth_$size"
	done
	psql_on postgres -c CHECKPOINT || die "cannot checkpoint"
	whole_case mediation | as_user tee "$WORK/tmp/growth.sql" >/dev/null
}

# growth_round ROUND
growth_round() {
	local round=$1 size sizes ms
	sizes=(small large)
	((round % 2)) || sizes=(large small)
	psql_on postgres -c CHECKPOINT || die "cannot checkpoint"
	for size in "${sizes[@]}"; do
		ms=$(time_query "growth_$size" "SELECT count(*) FROM refund.contract WHERE next_due_at <= now() AND test_clock IS NULL" \
			"CALL refund.run_due($GROWTH_DUE)")
		note_figure growth "sweep of $GROWTH_DUE" "$round" "$size" "${ms:?}"
	done
	for size in "${sizes[@]}"; do
		((++measurement))
		run_clients "growth_$size" off 1 "$GROWTH_CASES" "$WORK/tmp/growth.sql" -D n=0 -D first="$((1000000000 + round * GROWTH_CASES))" \
			-D share="$GROWTH_CASES" -D warm_up="$WARM_UP" -D measurement="$measurement"
		note_figure growth "a new case" "$round" "$size" "$(awk -v r="$RATE" 'BEGIN { print 1e3 / r }')"
	done
}

run_growth() {
	local round
	for ((round = 1; round <= ROUNDS; round++)); do
		say "growth: round $round of $ROUNDS"
		growth_round "$round"
	done
}

report_growth() {
	echo "### B5: $GROWTH_LARGE finished contracts (large) against $GROWTH_SMALL (small), 1 client, sync off"
	echo
	report_ratio B5 growth large small ms ≤ 1.15
}
