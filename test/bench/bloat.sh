# shellcheck shell=bash
#
# Bloat: what tables and indexes take after many transitions under autovacuum's
# defaults, with workers beside, against the same rows packed.

BLOAT_CASES=$((FULL == 1 ? 80000 : 16000))	# a case has 12 transitions
BLOAT_CLIENTS=8
BLOAT_TABLES=(contract event transfer notification refund_payment)

prepare_bloat() {
	as_user createdb bloat || die "cannot create database bloat"
	psql_on bloat -o /dev/null -c "CREATE EXTENSION refund" -f test/bench/client.sql || die "cannot prepare the bloat"
	whole_case mediation | as_user tee "$WORK/tmp/bloat.sql" >/dev/null
	yes "SELECT count(refund.confirm_notification(contract_id, notification_no, 'mail')) FROM refund.claim_notifications(100);
		SELECT count(refund.report_refund_payment(p.contract_id, 'worker', p.payment_no, s, 're_' || p.payment_no))
		FROM refund.claim_refund_payments(100) p, unnest('{submitted,succeeded}'::refund.payment_state[]) s;
		SELECT pg_sleep(0.01);" | head -n 1000000 | as_user tee "$WORK/tmp/workers.sql" >/dev/null
}

autovacuum() {
	psql_on postgres -c "ALTER SYSTEM SET autovacuum = $1" && psql_on postgres -o /dev/null -c "SELECT pg_reload_conf()"
}

# note_sizes SIDE CASES
note_sizes() {
	local table bytes
	for table in "${BLOAT_TABLES[@]}"; do
		bytes=$(as_user psql -XAtq -d bloat -c "SELECT pg_total_relation_size('refund.$table')") || die "cannot ask for a size"
		note_figure bloat "$table" 1 "$1" "$((bytes / $2))"
	done
}

run_bloat() {
	local part
	say "bloat: $BLOAT_CASES cases under autovacuum, with workers beside"
	autovacuum on || die "cannot switch autovacuum on"
	start_beside bloat "$WORK/tmp/workers.sql"
	for part in 1 2; do
		((++measurement))
		run_clients bloat off "$BLOAT_CLIENTS" "$((BLOAT_CASES / BLOAT_CLIENTS / 2))" "$WORK/tmp/bloat.sql" -D n=0 \
			-D first="$((part * 10000000))" -D share="$((BLOAT_CASES / BLOAT_CLIENTS / 2))" -D warm_up="$WARM_UP" \
			-D measurement="$measurement"
		note_sizes "part_$part" "$((BLOAT_CASES * part / 2))"
	done
	stop_beside
	autovacuum off || die "cannot switch autovacuum off"
	as_user psql -XAtq -F , -d bloat -c "SELECT 'bloat', relname, 1, 'hot', round(100.0 * n_tup_hot_upd / nullif(n_tup_upd, 0), 1)
		FROM pg_stat_user_tables WHERE schemaname = 'refund' AND n_tup_upd > 0 AND relname = ANY ('{$(IFS=,; echo "${BLOAT_TABLES[*]}")}')
		UNION ALL SELECT 'bloat', relname, 1, 'vacuums', autovacuum_count
		FROM pg_stat_user_tables WHERE schemaname = 'refund' AND relname = ANY ('{$(IFS=,; echo "${BLOAT_TABLES[*]}")}')" >>"$WORK/figures.csv"
	psql_on bloat -c "VACUUM FULL" || die "cannot pack the tables"
	note_sizes packed "$BLOAT_CASES"
	verify bloat
}

report_bloat() {
	echo "### Bloat: bytes a case, table and indexes, after $((BLOAT_CASES * 12)) transitions under autovacuum's defaults"
	echo
	report_with -f test/bench/report_bloat.sql
}
