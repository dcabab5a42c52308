# shellcheck shell=bash
#
# B8: what the audit's triggers and the chain of hashes cost.  There is no switch:
# here the triggers are disabled by ALTER TABLE, and the chain is left out of a
# library of the benchmark's own (no_chain.c).

AUDIT_CASES=$((FULL == 1 ? 2000 : 450))
AUDIT_SIDES=(on no_triggers no_chain neither)
audit_first=0

prepare_audit() {
	local library
	library=$(as_user "$PG_CONFIG" --pkglibdir)/refund
	as_user cp "$library.so" "$WORK/tmp/with_chain.so" && as_user cp -Rp "$SRC" "$WORK/tmp/no_chain" &&
		as_user cp test/bench/no_chain.c "$WORK/tmp/no_chain/src" || die "cannot copy the tree"
	step "building a library without the chain" as_user make -s -C "$WORK/tmp/no_chain" PG_CONFIG="$PG_CONFIG" \
		SHLIB_LINK="-Wl,-Bsymbolic -Wl,--wrap=chain_next" refund.so || die "cannot build it"
	as_user mv "$WORK/tmp/no_chain/refund.so" "$WORK/tmp/no_chain.so"
	AUDIT_LIBRARY=$library.so
	as_user createdb audit && psql_on audit -c "CREATE EXTENSION refund" -f test/bench/client.sql || die "cannot create database audit"
	whole_case mediation | as_user tee "$WORK/tmp/case.sql" >/dev/null
}

# Sessions that begin now load this library, and meet triggers or none.
set_audit() {
	local library=with_chain action=ENABLE
	[[ $1 != no_chain && $1 != neither ]] || library=no_chain
	[[ $1 != no_triggers && $1 != neither ]] || action=DISABLE
	as_user cp "$WORK/tmp/$library.so" "$AUDIT_LIBRARY.new" && as_user mv "$AUDIT_LIBRARY.new" "$AUDIT_LIBRARY" ||
		die "cannot change the library"
	psql_on audit -c "DO \$\$
		DECLARE
			t regclass;
		BEGIN
			FOR t IN SELECT oid FROM pg_class WHERE relnamespace = 'refund'::regnamespace AND relkind = 'r' LOOP
				EXECUTE format('ALTER TABLE %s $action TRIGGER USER', t);
			END LOOP;
		END
		\$\$" || die "cannot change the triggers"
}

# audit_once ROUND SIDE
audit_once() {
	local us
	set_audit "$2"
	((++measurement))
	run_clients audit off 1 "$AUDIT_CASES" "$WORK/tmp/case.sql" -D n=0 -D first="$audit_first" -D share="$AUDIT_CASES" \
		-D warm_up="$WARM_UP" -D measurement="$measurement"
	((audit_first += AUDIT_CASES))
	us=$(as_user psql -XAtq -d audit -c "SELECT (max(ns) - min(ns)) / 1000.0 / (max(calls) - min(calls))
		FROM cpu_note WHERE measurement = $measurement") || die "cannot read the processor time"
	note_figure audit "a case by the clock" "$1" "$2" "$(awk -v r="$RATE" 'BEGIN { print 1e6 / r }')"
	note_figure audit "processor time of a case" "$1" "$2" "${us:?}"
}

run_audit() {
	local round side sides
	for ((round = 1; round <= ROUNDS; round++)); do
		say "audit: round $round of $ROUNDS"
		tidy audit
		sides=("${AUDIT_SIDES[@]}")
		((round % 2)) || sides=(neither no_chain no_triggers on)
		for side in "${sides[@]}"; do
			audit_once "$round" "$side"
		done
	done
	set_audit on
}

report_audit() {
	local side
	echo "### B8: the audit's triggers and the chain of hashes, on against off (1 client, sync off)"
	for side in no_triggers no_chain neither; do
		echo
		report_ratio B8 audit on "$side" µs ≤ 1.15
	done
}
