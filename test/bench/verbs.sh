# shellcheck shell=bash
#
# B1, B2, B3, B7: every verb against bare and textbook, on the paths of test/bench/paths,
# and some of them against application.

LONGER=$((FULL == 1 ? 4 : 1))

# synchronous_commit, clients, contracts of a path a round, of them textbook's and application's
CONFIGS=(
	"off 1 $((120 * LONGER)) $((60 * LONGER))"
	"off 8 $((200 * LONGER)) $((136 * LONGER))"
	"on 1 $((40 * LONGER)) $((32 * LONGER))"
	"on 8 $((200 * LONGER)) $((136 * LONGER))"
)
# where rows and WAL are counted, too
COUNTED="off 1"

next_contract=1
PLANS=				# options of the clients, for the first round only
MEASURED_APPLICATION=()		# wanted paths that application knows


# ---- the paths of a case ----

PATHS=()
STEPS=()			# of all paths, in their order
declare -A CALL			# of a step
declare -A PATH_OF		# of a step
declare -A CHAIN		# of a path: all its steps, also those before it left another

# chain_to STEP: what leads to it, itself included
chain_to() {
	local chain=" ${CHAIN[${PATH_OF[$1]}]} "
	echo "${chain%% "$1" *} $1"
}

read_paths() {
	local path='' word rest after
	while read -r word rest; do
		case $word in
			'' | '#'*) ;;
			path)
				read -r path _ after <<<"$rest"
				PATHS+=("$path")
				CHAIN[$path]=
				if [[ $after ]]; then
					CHAIN[$path]=$(chain_to "$after")
				fi
				;;
			*)
				STEPS+=("$word")
				CALL[$word]=$rest
				PATH_OF[$word]=$path
				CHAIN[$path]+=" $word"
				;;
		esac
	done <"$TOP/test/bench/paths"
}

# whole_case PATH: for pgbench, all calls of a case, each a transaction
whole_case() {
	local verb
	echo '\set n :n + 1'
	echo '\set id :first + :client_id * :share + :n'
	for verb in ${CHAIN[$1]}; do
		echo "SELECT * FROM refund.${CALL[$verb]};"
	done
	printf '%s\n' '\if :n = :warm_up or :n = :share' 'SELECT note_cpu(:measurement, :client_id, :n);' '\endif'
}

# share_of STEP PATH...: the first of these paths that it is on, and how many they
# are; those stand together
share_of() {
	local step=$1 i=0 first=-1 last=-1 count=0 path
	shift
	for path; do
		if [[ " ${CHAIN[$path]} " == *" $step "* ]]; then
			((first >= 0)) || first=$i
			last=$i
			((count += 1))
		fi
		((++i))
	done
	((count == 0 || last - first + 1 == count)) || die "the paths with $step do not stand together in test/bench/paths"
	echo "$first $count"
}


# ---- one measurement of a verb ----

# measure SYNC CLIENTS ROUND SIDE VERB FIRST CONTRACTS
measure() {
	local sync=$1 clients=$2 round=$3 side=$4 verb=$5 first=$6 contracts=$7
	local share=$((contracts / clients)) key=$1,$2,$3,$4,$5 log=$WORK/tmp/pgbench
	local tps p50 p99
	((++measurement))
	PGOPTIONS="$PLANS -c synchronous_commit=$sync" job as_user pgbench -n -M prepared -c "$clients" \
		-j "$((clients > 1 ? 2 : 1))" -t "$share" -D n=0 -D first="$((first - 1))" -D share="$share" \
		-D warm_up="$WARM_UP" -D clients="$clients" -D measurement="$measurement" \
		-f "$SCRIPTS/$side/$verb.sql" -l --log-prefix="$log" bench >"$log.out" 2>&1 ||
		{ cat "$log.out" >&2; die "pgbench failed: $side, $verb"; }
	if [[ "$sync $clients" == "$COUNTED" ]]; then
		count_changes bench "$key,$((share * clients))" "$side"
	fi
	read -r tps p50 p99 < <(rate "$log".[0-9]*)
	rm -f "$log".[0-9]*
	echo "$key,$measurement,$tps,$p50,$p99" >>"$WORK/rates.csv"
}

# Each path has its share of the contracts.  The sides take turns verb by verb, so
# that what else the machine does meets all of them; who begins changes from round
# to round.
measure_round() {
	local sync=$1 clients=$2 contracts=$3 textbook=$4 round=$5 verb side sides share first count paths
	sides=(bare refund textbook application)
	((round % 2)) || sides=(application textbook refund bare)
	tidy bench
	start_counting bench
	for verb in "${STEPS[@]}"; do
		for side in "${sides[@]}"; do
			[[ -e $SCRIPTS/$side/$verb.sql ]] || continue
			paths=("${WANTED[@]}")
			[[ $side != application ]] || paths=("${MEASURED_APPLICATION[@]}")
			share=$(share_of "$verb" "${paths[@]}") || exit
			read -r first count <<<"$share"
			share=$contracts
			[[ $side == bare || $side == refund ]] || share=$textbook
			measure "$sync" "$clients" "$round" "$side" "$verb" "$((next_contract + first * share))" "$((count * share))"
		done
	done
	((next_contract += contracts * ${#WANTED[@]}))
}

# Not counted: tables that were never filled have no statistics, and plans made
# for them would last as long as a session.
measure_nothing() {
	say "a first round that does not count"
	PLANS="-c enable_seqscan=off"
	measure_round off 1 40 40 0
	PLANS=
	start_files
}

# What pgbench runs: a call for refund and textbook, whose amounts are numbers, and
# for bare the rows that the call writes.  After their first calls the clients wait for
# each other; each says then, and after its last call, what processor time it used.
write_script() {
	local side=$1 verb=$2
	cat <<-'EOF'
		\set n :n + 1
		\set id :first + :client_id * :share + :n
	EOF
	case $side in
		refund) echo "SELECT * FROM refund.${CALL[$verb]};" ;;
		textbook) sed "s/'\([0-9.]*\) USD'/\1/g; s/.*/SELECT * FROM textbook.&;/" <<<"${CALL[$verb]}" ;;
		bare) printf '%s\n' '\startpipeline' "$(<"$WORK/tmp/$verb.rows")" '\endpipeline' ;;
		application) application_script "$verb" ;;
	esac
	cat <<-'EOF'
		\if :n = :warm_up
		SELECT start_together(:measurement, :clients);
		\endif
		\if :n = :warm_up or :n = :share
		SELECT note_cpu(:measurement, :client_id, :n);
		\endif
	EOF
}

# The rows of each step, from calls that are rolled back.
write_rows() {
	local path=$1 verb
	{
		echo 'BEGIN;'
		echo '\i test/bench/bare/script.sql'
		for verb in ${CHAIN[$path]}; do
			if [[ -e $WORK/tmp/$verb.rows ]]; then
				printf '\\o /dev/null\nSELECT refund.%s;\n' "${CALL[$verb]//:id/1}"
			else
				printf '\\o %s\n' "$WORK/tmp/$verb.rows"
				# shellcheck disable=SC2016
				printf 'SELECT pg_temp.script_of($call$%s$call$, 1);\n' "${CALL[$verb]}"
			fi
		done
		echo 'ROLLBACK;'
	} | as_user tee "$WORK/tmp/rows.sql" >/dev/null
	psql_on bench -At -f "$WORK/tmp/rows.sql" || die "cannot make the scripts of bare"
}

write_scripts() {
	local path verb side sides
	SCRIPTS=$WORK/tmp/scripts
	as_user mkdir -p "$SCRIPTS"/{bare,refund,textbook,application}
	for path in "${WANTED[@]}"; do
		write_rows "$path"
		sides=(bare refund textbook)
		if [[ " ${APPLICATION_PATHS[*]} " == *" $path "* ]]; then
			MEASURED_APPLICATION+=("$path")
			sides+=(application)
		fi
		for verb in ${CHAIN[$path]}; do
			for side in "${sides[@]}"; do
				[[ $side != application || $(application_script "$verb") ]] || continue
				write_script "$side" "$verb" | as_user tee "$SCRIPTS/$side/$verb.sql" >/dev/null
			done
		done
	done
}

prepare_verbs() {
	make_database bench
	make_application bench
	write_scripts
	measure_nothing
}

run_verbs() {
	local config sync clients contracts textbook round
	for config in "${CONFIGS[@]}"; do
		read -r sync clients contracts textbook <<<"$config"
		for ((round = 1; round <= ROUNDS; round++)); do
			say "verbs: synchronous_commit $sync, $clients clients, round $round of $ROUNDS"
			measure_round "$sync" "$clients" "$contracts" "$textbook" "$round"
		done
	done
	say "comparing the rows of bare and refund"
	psql_on bench -f test/bench/compare.sql || die "bare and refund did not write the same"
	compare_application bench
	measure_sizes >"$WORK/sizes.csv" || die "cannot measure the tables"
	say "proving every contract"
	verify bench
	note_paths
}

# bytes of all tables and indexes, and contracts in them
measure_sizes() {
	local side
	for side in bare refund textbook; do
		as_user psql -XAtq -F , -d bench -c "
			SELECT '$side', sum(pg_total_relation_size(oid)), (SELECT count(*) FROM $side.contract)
			FROM pg_class WHERE relnamespace = '$side'::regnamespace AND relkind = 'r'" || return
	done
}

note_paths() {
	local path verb position
	for path in "${WANTED[@]}"; do
		position=0
		for verb in ${CHAIN[$path]}; do
			echo "$path,$((++position)),$verb"
		done
	done >"$WORK/paths.csv"
}

report_verbs() {
	report_with -f test/bench/report_verbs.sql && plot_ratio B1 verbs_off refund bare "≥ 0.85" && plot_ratio B1 verbs_on refund bare "≥ 0.95" &&
		plot_ratio B2 verbs_off refund textbook "≥ 3" && plot_ratio B2 verbs_on refund textbook "≥ 1.5" &&
		plot_ratio B3 verbs_off refund application "≥ 5" && plot_ratio B3 verbs_on refund application "≥ 3"
}
