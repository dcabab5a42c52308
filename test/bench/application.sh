# shellcheck shell=bash
#
# B3: the same logic in the application: the statements of test/bench/textbook, each
# a round trip, as a client sends them that has the rules in its own code.  The
# tables are those of textbook.  What the client itself computes costs nothing
# here; its loops are unrolled for these calls.

APPLICATION_PATHS=(approval mediation)

# application_lock: the contract, and what the next event needs
application_lock() {
	cat <<-'EOF'
		BEGIN;
		SELECT event_count + 1 AS event_no, head, clock_timestamp() AS decided_at, client, freelancer, policy, policy_version, held FROM application.contract WHERE contract_id = :id FOR UPDATE \gset
	EOF
}

application_policy() {
	echo "SELECT zone, reminder_before, refund_credit_business_days FROM application.policy WHERE name = :policy AND version = :policy_version \\gset"
}

application_holidays() {
	echo "SELECT count(*) AS holidays FROM application.holiday WHERE calendar = 'default' AND day BETWEEN current_date AND current_date + 14 \\gset"
}

application_request() {
	echo "SELECT state, at_stake, due_at > clock_timestamp() AS in_time FROM application.refund_request WHERE contract_id = :id \\gset"
}

# application_event KIND PARTY ACTOR AMOUNT FROM TO: NULL or a literal each
application_event() {
	cat <<-EOF
		INSERT INTO application.event (contract_id, event_no, kind, party, actor, amount, from_state, to_state, recorded_at, effective_at, hash)
		VALUES (:id, :event_no, $1, $2, $3, $4, $5, $6, :decided_at, :decided_at, sha256(:head::bytea || convert_to(concat_ws('|', :id::bigint, :event_no::integer, $1, $2, $3, $4, $5, $6, :decided_at::text), 'UTF8')))
		RETURNING hash \\gset
	EOF
}

# application_contract SETTINGS: the contract after the event
application_contract() {
	echo "UPDATE application.contract SET ${1:+$1, }event_count = :event_no, head = :hash::bytea WHERE contract_id = :id;"
}

application_notify() {
	echo "INSERT INTO application.notification (contract_id, event_no, claimable_at) VALUES (:id, :event_no, :decided_at);"
}

# application_state STATE WINDOW TARGET: another state, its window is open, offers lapse
application_state() {
	cat <<-EOF
		UPDATE application.settlement_offer SET state = 'lapsed' WHERE contract_id = :id AND state = 'standing';
		UPDATE application.refund_request SET state = '$1', effective_at = :decided_at, due_at = :decided_at::timestamptz + interval '$2', target_at = $3, remind_at = coalesce($3, :decided_at::timestamptz + interval '$2' - :reminder_before::interval), next_due_at = least($3, :decided_at::timestamptz + interval '$2')
		WHERE contract_id = :id;
	EOF
}

# application_take DEPOSIT ACCOUNT AMOUNT ORDINAL [PAYMENT]: out of escrow
application_take() {
	local column=released
	[[ $2 == freelancer ]] || column=refunded
	echo "UPDATE application.deposit SET held = held - $3, $column = $column + $3 WHERE contract_id = :id AND deposit_no = $1;"
	if [[ ${5:-} ]]; then
		echo "INSERT INTO application.refund_payment (contract_id, payment_no, deposit_no, payee, event_no, amount, state, expected_by, claimable_at) VALUES (:id, $5, $1, 'client', :event_no, $3, 'pending', :decided_at::timestamptz + interval '7 days', :decided_at);"
	fi
	echo "SELECT milestone_no FROM application.milestone WHERE contract_id = :id AND held > 0 ORDER BY milestone_no LIMIT 1 \\gset"
	echo "UPDATE application.milestone SET held = held - $3, $column = $column + $3, review_due_at = NULL WHERE contract_id = :id AND milestone_no = :milestone_no;"
	echo "INSERT INTO application.transfer (contract_id, event_no, ordinal, debit, credit, amount, deposit_no, milestone_no) VALUES (:id, :event_no, $4, 'escrow', '$2', $3, $1, :milestone_no);"
}

application_deposits() {
	echo "SELECT count(*) AS deposits, sum(held) AS in_deposits FROM application.deposit WHERE contract_id = :id AND held > 0 \\gset"
}

# application_settle OUTCOME TO_FREELANCER TO_CLIENT PAYMENTS
application_settle() {
	application_contract "held = 0, released = released + $2, refunded = refunded + $3, in_transit = in_transit + $3, payment_count = payment_count + $4"
	echo "UPDATE application.settlement_offer SET state = 'lapsed' WHERE contract_id = :id AND state = 'standing';"
	echo "UPDATE application.refund_request SET state = 'settled', outcome = '$1', to_freelancer = $2, to_client = $3, due_at = NULL, target_at = NULL, remind_at = NULL, next_due_at = NULL, settled_at = :decided_at, effective_at = :decided_at WHERE contract_id = :id;"
	application_notify
}

application_statement() {
	echo "INSERT INTO application.statement (contract_id, event_no, body) VALUES (:id, :event_no, '$1');"
}

# application_fund AMOUNT SOURCE REFERENCE DEPOSIT
application_fund() {
	application_lock
	cat <<-EOF
		SELECT count(*) AS seen FROM application.deposit WHERE contract_id = :id AND provider_ref = '$3' \\gset
		UPDATE application.milestone SET deposited = deposited + $1, held = held + $1 WHERE contract_id = :id AND milestone_no = 1;
		INSERT INTO application.deposit (contract_id, deposit_no, milestone_no, source, provider_ref, amount, held) VALUES (:id, $4, 1, '$2', '$3', $1, $1);
	EOF
	application_event "'fund'" "'client'" "'client-1'" "$1" NULL NULL
	echo "INSERT INTO application.transfer (contract_id, event_no, ordinal, debit, credit, amount, deposit_no, milestone_no) VALUES (:id, :event_no, 1, 'source', 'escrow', $1, $4, 1);"
	application_contract "deposited = deposited + $1, held = held + $1, deposit_count = $4"
	echo "COMMIT;"
}

# application_script STEP: what the client sends; nothing for a step that it does not know
application_script() {
	case $1 in
		create_contract)
			cat <<-'EOF'
				BEGIN;
				SELECT version AS policy_version, clock_timestamp() AS decided_at FROM application.policy WHERE name = 'standard' ORDER BY version DESC LIMIT 1 \gset
				\set event_no 1
				INSERT INTO application.contract (contract_id, kind, state, client, freelancer, currency, policy, policy_version, event_count, head, created_at) VALUES (:id, 'fixed_price', 'active', 'client-1', 'freelancer-1', 'USD', 'standard', :policy_version, 1, sha256(convert_to(concat_ws('|', :id::bigint, 'create_contract'), 'UTF8')), :decided_at) RETURNING head \gset
				INSERT INTO application.event (contract_id, event_no, kind, party, recorded_at, effective_at, hash) VALUES (:id, 1, 'create_contract', 'operator', :decided_at, :decided_at, :head::bytea);
				COMMIT;
			EOF
			;;
		add_milestone)
			application_lock
			echo "INSERT INTO application.milestone (contract_id, milestone_no, title, price) VALUES (:id, 1, 'Design', 500.00);"
			application_event "'add_milestone'" "'client'" "'client-1'" 500.00 NULL NULL
			application_contract
			echo "COMMIT;"
			;;
		fund) application_fund 300.00 card:4242 pi_1 1 ;;
		fund_again) application_fund 200.00 balance pi_2 2 ;;
		release_payment)
			application_lock
			echo "SELECT held FROM application.milestone WHERE contract_id = :id AND milestone_no = 1 \\gset"
			application_event "'release_payment'" "'client'" "'client-1'" 200.00 NULL NULL
			application_deposits
			application_take 1 freelancer 200.00 1
			application_contract "held = held - 200.00, released = released + 200.00"
			echo "COMMIT;"
			;;
		end_contract)
			application_lock
			application_policy
			application_event "'end_contract'" "'client'" "'client-1'" 0 NULL "'requested'"
			cat <<-'EOF'
				INSERT INTO application.refund_request (contract_id, state, at_stake, opened_at, due_at, remind_at, next_due_at, effective_at) VALUES (:id, 'requested', :held, :decided_at, :decided_at::timestamptz + interval '7 days', :decided_at::timestamptz + interval '6 days', :decided_at::timestamptz + interval '6 days', :decided_at);
				UPDATE application.milestone SET review_due_at = NULL WHERE contract_id = :id AND review_due_at IS NOT NULL;
			EOF
			application_notify
			application_contract "state = 'ended', ended_at = :decided_at"
			echo "COMMIT;"
			;;
		approve_refund)
			application_lock
			application_request
			application_policy
			application_holidays
			application_event "'approve_refund'" "'freelancer'" "'freelancer-1'" 300.00 "'requested'" "'settled'"
			application_deposits
			application_take 1 refund_payable 100.00 1 1
			application_take 2 refund_payable 200.00 2 2
			application_settle approved 0 300.00 2
			echo "COMMIT;"
			;;
		assign_case)
			application_lock
			application_request
			application_event "'assign_case'" "'operator'" "'operator-1'" NULL "'requested'" "'requested'"
			application_contract
			echo "UPDATE application.refund_request SET mediator = 'mediator-1' WHERE contract_id = :id;"
			application_notify
			echo "COMMIT;"
			;;
		dispute_refund)
			application_lock
			application_request
			application_policy
			application_event "'dispute_refund'" "'freelancer'" "'freelancer-1'" 250.00 "'requested'" "'disputed'"
			application_contract
			application_state disputed '5 days' "NULL::timestamptz"
			echo "UPDATE application.refund_request SET disputed = 250.00 WHERE contract_id = :id;"
			application_notify
			application_statement "The design was delivered, two rounds of changes included."
			echo "COMMIT;"
			;;
		decline_dispute)
			application_lock
			application_request
			application_policy
			application_holidays
			application_event "'decline_dispute'" "'client'" "'client-1'" NULL "'disputed'" "'in_review'"
			application_contract
			application_state in_review '30 days' ":decided_at::timestamptz + interval '2 days'"
			application_notify
			application_statement "What was delivered is not what we agreed on."
			echo "COMMIT;"
			;;
		propose_resolution)
			application_lock
			application_request
			application_policy
			application_event "'propose_resolution'" "'mediator'" "'mediator-1'" 150.00 "'in_review'" "'proposed'"
			application_contract
			application_state proposed '2 days' "NULL::timestamptz"
			echo "UPDATE application.refund_request SET proposed = 150.00 WHERE contract_id = :id;"
			application_notify
			application_statement "Half of the work was usable, and both sides agree on that."
			echo "COMMIT;"
			;;
		accept_resolution)
			application_lock
			application_request
			application_event "'accept_resolution'" "'client'" "'client-1'" 150.00 "'proposed'" "'proposed'"
			application_contract
			echo "UPDATE application.refund_request SET client_accepted = true WHERE contract_id = :id;"
			application_notify
			echo "COMMIT;"
			;;
		accept_resolution_2)
			application_lock
			application_request
			application_policy
			application_holidays
			application_event "'accept_resolution'" "'freelancer'" "'freelancer-1'" 300.00 "'proposed'" "'settled'"
			application_deposits
			application_take 1 freelancer 100.00 1
			application_take 2 freelancer 50.00 2
			application_deposits
			application_take 2 refund_payable 150.00 3 1
			echo "UPDATE application.refund_request SET freelancer_accepted = true WHERE contract_id = :id;"
			application_settle resolution_accepted 150.00 150.00 1
			echo "COMMIT;"
			;;
	esac
}

# The tables of textbook, under another name.
make_application() {
	sed 's/textbook\./application./g; s/SCHEMA textbook/SCHEMA application/' "$TOP/test/bench/textbook/schema.sql" |
		as_user tee "$WORK/tmp/application.sql" >/dev/null
	psql_on "$1" -o /dev/null -f "$WORK/tmp/application.sql" || die "cannot make the tables of application"
}

compare_application() {
	local differ
	differ=$(as_user psql -XAtq -d "$1" -c "
		SELECT count(*)
		FROM application.contract a
		LEFT JOIN application.refund_request r USING (contract_id)
		JOIN textbook.contract t USING (contract_id)
		LEFT JOIN textbook.refund_request s USING (contract_id)
		WHERE (a.state, a.held, a.released, a.refunded, r.state, r.outcome, r.to_freelancer, r.to_client, r.disputed, r.proposed)
			IS DISTINCT FROM (t.state, t.held, t.released, t.refunded, s.state, s.outcome, s.to_freelancer, s.to_client, s.disputed, s.proposed)") ||
		die "cannot compare application"
	[[ $differ == 0 ]] || die "$differ cases of application and textbook ended in other ways"
}
