# shellcheck shell=bash
#
# B11: views of the extension against the same questions asked by hand on its tables.

VIEW_CASES=$((FULL == 1 ? 1000000 : 100000))
VIEW_QUESTIONS=()
declare -A VIEW_QUERY		# of "question side"
declare -A VIEW_TEMPLATES	# of a question about one contract: "first last"
VIEW_CALLS=2000			# of such a question a round

read_view_queries() {
	local word question side templates line
	while read -r word question side templates; do
		[[ $word == query ]] || continue
		if [[ $side == view ]]; then
			VIEW_QUESTIONS+=("$question")
			VIEW_TEMPLATES[$question]=$templates
		fi
		while IFS= read -r line && [[ $line ]]; do
			VIEW_QUERY[$question $side]+=$line$'\n'
		done
	done <"$TOP/test/bench/views/queries"
}

view_copies() { echo $(((VIEW_CASES + 479) / 480)); }

prepare_views() {
	read_view_queries
	say "views: making $VIEW_CASES finished cases"
	as_user createdb views || die "cannot create database views"
	psql_on views -o /dev/null -v copies="$(view_copies)" -c "CREATE EXTENSION refund" -f test/bench/copies.sql \
		-f test/bench/views/cases.sql ||
		die "cannot make the cases"
}

# the same for a round number of contracts, or of all
compare_answers() {
	local question=$1 side contract first last
	for side in view hand; do
		if [[ ${VIEW_TEMPLATES[$question]} ]]; then
			read -r first last <<<"${VIEW_TEMPLATES[$question]}"
			for ((contract = 504 + first; contract <= 504 + last; contract++)); do
				echo "${VIEW_QUERY[$question $side]//:id/$contract};"
			done
		else
			echo "${VIEW_QUERY[$question $side]};"
		fi | as_user psql -XAtq -v ON_ERROR_STOP=1 -d views -f - >"$WORK/tmp/answer.$side" || die "$question fails: $side"
	done
	if ! cmp -s "$WORK/tmp/answer.view" "$WORK/tmp/answer.hand"; then
		diff "$WORK/tmp/answer.view" "$WORK/tmp/answer.hand" | head -n 20 >&2
		die "$question has another answer by hand"
	fi
}

# ask_whole ROUND QUESTION
ask_whole() {
	local round=$1 question=$2 side sides ms
	sides=(view hand)
	((round % 2)) || sides=(hand view)
	for side in "${sides[@]}"; do
		ms=$(time_query views "EXPLAIN ${VIEW_QUERY[$question $side]}" "${VIEW_QUERY[$question $side]}")
		note_figure views "$question" "$round" "$side" "${ms:?}"
	done
}

ask_of_one() {
	local round=$1 question=$2 side sides first last ms
	read -r first last <<<"${VIEW_TEMPLATES[$question]}"
	sides=(view hand)
	((round % 2)) || sides=(hand view)
	for side in "${sides[@]}"; do
		printf '%s\n' "\\set id random($first, $last) + 504 * random(1, $(view_copies))" "${VIEW_QUERY[$question $side]};" |
			as_user tee "$WORK/tmp/question.sql" >/dev/null
		ms=$(as_user pgbench -n -M prepared -t "$VIEW_CALLS" --random-seed="$round" -f "$WORK/tmp/question.sql" views 2>/dev/null |
			awk '/^latency average/ { print $4 }')
		note_figure views "$question of one contract" "$round" "$side" "${ms:?}"
	done
}

run_views() {
	local question round
	for question in "${VIEW_QUESTIONS[@]}"; do
		compare_answers "$question"
	done
	for ((round = 1; round <= ROUNDS; round++)); do
		say "views: round $round of $ROUNDS"
		for question in "${VIEW_QUESTIONS[@]}"; do
			if [[ ${VIEW_TEMPLATES[$question]} ]]; then
				ask_of_one "$round" "$question"
			else
				ask_whole "$round" "$question"
			fi
		done
	done
}

report_views() {
	echo "### B11: views, $VIEW_CASES finished cases"
	echo
	report_ratio B11 views view hand ms ≤ 1.1
}
