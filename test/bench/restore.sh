# shellcheck shell=bash
#
# Dump and restore of a million events, with the indexes and CHECKs of their tables.

RESTORE_COPIES=$((FULL == 1 ? 1660 : 166))	# of 504 contracts with about 6000 events

prepare_restore() {
	say "restore: making a million events"
	as_user createdb restore || die "cannot create database restore"
	psql_on restore -o /dev/null -v copies="$RESTORE_COPIES" -c "CREATE EXTENSION refund" -f test/bench/copies.sql \
		-f test/bench/views/cases.sql || die "cannot make the cases"
}

count_events() { as_user psql -XAtq -d "$1" -c "SELECT count(*) FROM refund.event"; }

# timed MEASURE COMMAND...
timed() {
	local measure=$1 begun=$EPOCHREALTIME
	shift
	job as_user "$@" >"$WORK/log/restore.log" 2>&1 || { tail -n 20 "$WORK/log/restore.log" >&2; die "failed: $*"; }
	note_figure restore "$measure" 1 seconds "$(awk -v a="$begun" -v b="$EPOCHREALTIME" 'BEGIN { print b - a }')"
}

run_restore() {
	local events
	say "restore: dumping and restoring"
	events=$(count_events restore)
	timed "pg_dump -Fc" pg_dump -Fc -f "$WORK/tmp/restore.dump" restore
	as_user createdb restored || die "cannot create database restored"
	timed "pg_restore -j 2" pg_restore -j 2 -d restored "$WORK/tmp/restore.dump"
	[[ $(count_events restored) == "$events" ]] || die "the restored copy has another number of events"
	note_figure restore "$(((events + 500000) / 1000000)) million events" 1 events "$events"
	rm -f "$WORK/tmp/restore.dump"
}

report_restore() {
	echo "### Dump and restore"
	echo
	report_with -f test/bench/report_restore.sql
}
