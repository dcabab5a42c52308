# shellcheck shell=bash
#
# test/bench/lib.sh: what the benchmarks share: the server, what is counted, figures
# and their tables.  To be sourced after test/lib.sh.
#
# A benchmark NAME is test/bench/NAME.sh with run_NAME, which measures, and
# report_NAME, which prints Markdown.  prepare_NAME, where there is one, runs before
# all benchmarks run.

OUT=$TOP/out/bench
FULL=${FULL:-0}
ROUNDS=${ROUNDS:-$((FULL == 1 ? 8 : 4))}	# even: each side is first as often as the other
SHARED_BUFFERS=512MB
measurement=0
# transactions of each client that only warm its caches
WARM_UP=10


# ---- the server ----

# Instead of the ones in test/lib.sh, which are for tests.  No autovacuum: the
# run vacuums between its rounds, so that no side meets it by chance.
server_settings() {
	cat <<-EOF
		listen_addresses = ''
		port = $PGPORT
		unix_socket_directories = '$PGHOST'
		fsync = on
		full_page_writes = on
		shared_buffers = $SHARED_BUFFERS
		max_wal_size = 8GB
		checkpoint_timeout = 1h
		autovacuum = off
		jit = off
	EOF
}

psql_on() {
	local database=$1
	shift
	job as_user psql -Xq -v ON_ERROR_STOP=1 -d "$database" "$@"
}

make_database() {
	as_user createdb "$1" || die "cannot create database $1"
	psql_on "$1" -o /dev/null -c "CREATE EXTENSION refund" -f test/bench/bare/schema.sql \
		-f test/bench/bare/sweep.sql -f test/bench/client.sql -f test/bench/textbook/schema.sql \
		-f test/bench/textbook/operations.sql || die "cannot fill database $1"
}

tidy() { psql_on "$1" -c "VACUUM ANALYZE" -c "CHECKPOINT" || die "cannot vacuum"; }

verify() {
	local broken
	broken=$(as_user psql -XAtq -d "$1" -c "SELECT count(*) FROM refund.verify_all()") || die "verify_all() failed"
	[[ $broken == 0 ]] || die "verify_all() found $broken faults"
}


# ---- what is counted ----

# counters DATABASE: the position in the WAL, then the counters of each side's
# tables.  Waits until the clients before have gone: a backend reports as it ends.
counters() {
	as_user psql -XAtq -F ' ' -d "$1" <<-'EOF'
		DO $$
		BEGIN
			WHILE EXISTS (SELECT FROM pg_stat_activity WHERE application_name = 'pgbench') LOOP
				PERFORM pg_sleep(0.01), pg_stat_clear_snapshot();
			END LOOP;
		END
		$$;
		SELECT 'all', 'wal', pg_current_wal_insert_lsn() - '0/0', 0, 0;
		SELECT schemaname, relname, n_tup_ins, n_tup_upd, n_tup_hot_upd
		FROM pg_stat_user_tables WHERE schemaname IN ('refund', 'bare', 'textbook', 'application') ORDER BY 1, 2;
	EOF
}

# start_counting DATABASE, and count_changes DATABASE KEY SIDE: what changed since
# then or the last count, as CSV lines that begin with KEY
start_counting() { counters "$1" >"$WORK/tmp/counters" || die "cannot read the counters"; }

count_changes() {
	local before=$WORK/tmp/counters after=$WORK/tmp/counters.after
	counters "$1" >"$after" || die "cannot read the counters"
	awk -v key="$2" -v side="$3" '$1 != side && $1 != "all" { next }
		NR == FNR { i[$2] = $3; u[$2] = $4; h[$2] = $5; next }
		$3 > i[$2] || $4 > u[$2] { printf "%s,%s,%.0f,%d,%d\n", key, $2, $3 - i[$2], $4 - u[$2], $5 - h[$2] }' \
		"$before" "$after" >>"$WORK/counts.csv"
	mv "$after" "$before"
}


# rate LOG...: transactions a second, and the median and 99th percentile of the
# latency in microseconds, after the clients' first calls; from pgbench's log of
# transactions.  A client's rate is that of its own time: of those that began
# together some end a little earlier.
rate() {
	cat "$@" | awk -v warm="$WARM_UP" '
		$3 !~ /^[0-9]/ { next }	# failed
		{ end = $5 + $6 / 1e6 }
		++seen[$1] == warm { from[$1] = end }
		seen[$1] > warm { to[$1] = end; print $3 | "sort -n" }
		END {
			for (c in to) rate += (seen[c] - warm) / (to[c] - from[c])
			close("sort -n")
			printf "rate %.2f\n", rate
		}' | awk '/^rate/ { rate = $2; next } { l[++n] = $1 }
			END { print rate, l[int((n + 1) / 2)], l[int(n * 0.99) + (n < 100)] }'
}

# run_clients DATABASE SYNC CLIENTS CALLS SCRIPT [OPTION...]: so many calls of each
# client; sets RATE, P50 and P99 as above.  What pgbench said is in PGBENCH_LOG.
run_clients() {
	local database=$1 sync=$2 clients=$3 calls=$4 script=$5 log=$WORK/tmp/pgbench
	shift 5
	PGBENCH_LOG=$log.out
	PGOPTIONS="-c synchronous_commit=$sync ${CLIENT_SETTINGS:-}" job as_user pgbench -n -M prepared -c "$clients" \
		-j "$((clients > 1 ? 2 : 1))" -t "$calls" -f "$script" -l --log-prefix="$log" "$@" "$database" >"$PGBENCH_LOG" 2>&1 ||
		{ cat "$PGBENCH_LOG" >&2; die "pgbench failed: $script"; }
	# shellcheck disable=SC2034	# for the caller
	read -r RATE P50 P99 < <(rate "$log".[0-9]*)
	rm -f "$log".[0-9]*
}

# start_beside DATABASE SCRIPT, and stop_beside: SQL that goes on beside the clients
# and must not end before them
start_beside() {
	as_user env PGAPPNAME=beside psql -Xq -v ON_ERROR_STOP=1 -d "$1" -o /dev/null -f "$2" 2>"$WORK/log/beside.log" &
	BESIDE=$!
}

stop_beside() {
	kill -0 "$BESIDE" 2>/dev/null || { cat "$WORK/log/beside.log" >&2; die "what went on beside the clients ended before them"; }
	# the server process, and so all of it
	psql_on postgres -o /dev/null -c "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE application_name = 'beside'"
	wait "$BESIDE" 2>/dev/null
}

# time_query DATABASE BEFORE QUERY: milliseconds of a query in a session of its own,
# after another statement that does not count, and fills the session's caches
time_query() {
	PGOPTIONS=${CLIENT_SETTINGS:-} as_user psql -Xq -v ON_ERROR_STOP=1 -d "$1" -o /dev/null -c "$2" -c '\timing on' -c "$3" |
		awk '/^Time:/ { print $2 }'
}


# ---- figures ----

# rates.csv: sync, clients, round, side, verb, number of the measurement, calls a
# second, p50 and p99 of the latency in us
# cpu.csv: number of the measurement, client, calls, processor time in ns
# counts.csv: sync, clients, round, side, verb, calls, table or "wal", rows
# inserted or bytes written, rows updated, of them HOT
# figures.csv: benchmark, what is measured, round, side, figure
start_files() {
	local name
	for name in rates cpu counts sizes paths figures; do
		: >"$WORK/$name.csv"
	done
}

# note_figure BENCHMARK MEASURE ROUND SIDE FIGURE
note_figure() {
	local IFS=,
	echo "$*" >>"$WORK/figures.csv"
}

cpu() { awk -F ': *' '/^model name/ { print $2; exit }' /proc/cpuinfo; }


print_settings() {
	cat <<-EOF
		$(as_user postgres --version), $(nproc) CPUs ($(cpu)), $ROUNDS rounds unless the table says more;
		$(as_user psql -XAtq -d postgres -c "SELECT string_agg(name || ' ' || current_setting(name), ', ' ORDER BY name)
			FROM pg_settings WHERE name IN ('fsync', 'full_page_writes', 'shared_buffers', 'max_wal_size',
			'checkpoint_timeout', 'autovacuum', 'jit', 'wal_compression', 'work_mem', 'max_parallel_workers_per_gather')")
	EOF
}

# The server reads the files.
read_figures() {
	local database
	for database in bench sweep; do
		if as_user psql -Xlqt | grep -q "^ *$database "; then
			psql_on "$database" -At -c "COPY cpu_note TO STDOUT (FORMAT csv)" || return
		fi
	done >"$WORK/cpu.csv"
	as_user createdb report && psql_on report -v dir="$WORK" -f test/bench/report.sql
}

report_with() { psql_on report -At "$@"; }

# report_ratio ID BENCHMARK SIDE BASELINE UNIT SIGN GOAL [JUDGED]: judged by the median,
# or by the low end of the spread
report_ratio() {
	report_with -v id="$1" -v benchmark="$2" -v side="$3" -v baseline="$4" -v unit="$5" -v sign="$6" -v goal="$7" \
		-v judged="${8:-ratio}" -f test/bench/report_ratio.sql && plot_ratio "$1" "$2" "$3" "$4" "$6 $7"
}


# ---- plots ----

# Without gnuplot there are none.
ensure_gnuplot() {
	command -v gnuplot >/dev/null && return
	if command -v apt-get >/dev/null && { ((EUID == 0)) || sudo -n true 2>/dev/null; }; then
		step "installing gnuplot" apt_get install -y --no-install-recommends gnuplot-nox && return
	fi
	say "no plots: gnuplot is not here, and cannot be installed"
}

# plot_ratio ID BENCHMARK SIDE BASELINE GOAL: each measure's ratio with its spread, and the goal
plot_ratio() {
	local name=$WORK/plots/$2.$3.$4
	command -v gnuplot >/dev/null || return 0
	mkdir -p "$WORK/plots"
	report_with -F ' ' -c "SELECT '\"' || measure || '\"', ratio, low, high FROM ratio
		WHERE benchmark = '$2' AND side = '$3' AND baseline = '$4' ORDER BY position" >"$name.dat" || return
	[[ -s $name.dat ]] || return 0
	gnuplot <<-EOF || return
		set terminal svg size 900, $((120 + 18 * $(wc -l <"$name.dat"))) background 'white'
		set output '$name.svg'
		set title '$1: $3 / $4, goal $5' noenhanced
		set yrange [$(wc -l <"$name.dat"):-1]
		set xrange [0:*]
		set grid x
		set ytics noenhanced
		set arrow from ${5##* }, graph 0 to ${5##* }, graph 1 nohead lw 2 lc rgb 'red'
		plot '$name.dat' using 2:0:3:4:ytic(1) with xerrorbars pt 7 lc rgb 'black' notitle
	EOF
}
