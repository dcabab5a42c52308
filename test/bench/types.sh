# shellcheck shell=bash
#
# B6: refund.amount against bigint and numeric(18,2), on the same values.

TYPE_ROWS=$((FULL == 1 ? 10000000 : 1000000))

# One process and enough memory, so that a type's own work is what is measured.
TYPE_SETTINGS="-c max_parallel_workers_per_gather=0 -c max_parallel_maintenance_workers=0 -c work_mem=2GB -c maintenance_work_mem=2GB"
TYPE_SIDES=(amount bigint numeric)
TYPE_MEASURES=(sum min_and_max sort index hash_join)

# type_query MEASURE SIDE
type_query() {
	case $1 in
		sum) echo "SELECT $([[ $2 == amount ]] && echo refund.)sum(v) FROM of_$2" ;;
		min_and_max) echo "SELECT $([[ $2 == amount ]] && echo 'refund.min(v), refund.max(v)' || echo 'min(v), max(v)') FROM of_$2" ;;
		sort) echo "SELECT v FROM of_$2 ORDER BY v OFFSET $TYPE_ROWS - 1" ;;
		index) echo "CREATE INDEX ON of_$2 (v)" ;;
		hash_join) echo "SELECT count(*) FROM of_$2 a JOIN other_$2 b ON a.v $([[ $2 == amount ]] && echo 'OPERATOR(refund.=)' || echo '=') b.v" ;;
	esac
}

prepare_types() {
	as_user createdb types || die "cannot create database types"
	say "types: making $TYPE_ROWS amounts"
	psql_on types -o /dev/null -v rows="$TYPE_ROWS" -c "CREATE EXTENSION refund" -f test/bench/types.sql ||
		die "cannot make the amounts"
}

run_types() {
	local round measure side sides ms query
	for ((round = 1; round <= ROUNDS; round++)); do
		say "types: round $round of $ROUNDS"
		sides=("${TYPE_SIDES[@]}")
		((round % 2)) || sides=(numeric bigint amount)
		for measure in "${TYPE_MEASURES[@]}"; do
			for side in "${sides[@]}"; do
				query=$(type_query "$measure" "$side")
				CLIENT_SETTINGS="$TYPE_SETTINGS -c enable_mergejoin=off -c enable_nestloop=off"
				if [[ $measure == index ]]; then
					query="BEGIN; $query; ROLLBACK"
				fi
				ms=$(time_query types "SELECT count(v) FROM of_$side" "$query")
				CLIENT_SETTINGS=
				note_figure types "${measure//_/ }" "$round" "$side" "${ms:?}"
			done
		done
	done
	note_figure types "bytes of a value" 1 amount "$(as_user psql -XAtq -d types -c "SELECT pg_column_size(v) FROM of_amount LIMIT 1")"
	note_figure types "bytes of a value" 1 bigint 8
	note_figure types "bytes of a value" 1 numeric "$(as_user psql -XAtq -d types -c "SELECT avg(pg_column_size(v)) FROM of_numeric")"
}

report_types() {
	echo "### B6: the type, $TYPE_ROWS amounts"
	echo
	echo "Met: 1.0 is within the spread, or below it is."
	echo
	report_ratio B6 types amount bigint ms ≤ 1.0 low
	echo
	report_ratio B6 types amount numeric ms ≤ 1.0
}
