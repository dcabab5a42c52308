-- The worked example of process.md section 10, every path of it, seen through the
-- views as an application or a BI tool sees it; and the surface of interface.md as
-- far as it exists: names, arguments and their order, columns.
--
-- faults.md: T03 (exactly at the due instant), T09 (test clocks), J02 (no job).

\set ECHO none
\set QUIET 1
\pset format unaligned
\pset tuples_only true
\pset pager off
\set ON_ERROR_ROLLBACK 1
\set ON_ERROR_STOP true

BEGIN;
SET LOCAL TimeZone = 'UTC';
SET LOCAL IntervalStyle = postgres;
SET LOCAL client_min_messages = warning;

SELECT plan(299);

-- ---- the surface ----

SELECT has_schema('refund');

SELECT has_table('refund', name, 'table ' || name)
FROM unnest('{contract,milestone,deposit,evidence,evidence_body,transfer,event,refund_payment,reversal,activation,notification,policy,holiday,test_clock,job_run}'::name[]) name;

SELECT is(ARRAY(
		SELECT c.relname::text FROM pg_class c
		JOIN pg_index i ON i.indrelid = c.oid AND i.indisprimary
		JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = i.indkey[0]
		WHERE c.relnamespace = 'refund'::regnamespace AND a.attname <> 'contract_id'
		ORDER BY c.relname COLLATE "C"),
	'{activation,calendar,holiday,job_run,policy,test_clock}',
	'contract_id comes first in every primary key but those of settings');
SELECT is_empty($$SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'refund'::regnamespace AND c.relkind = 'S'$$,
	'no sequences');
SELECT is_empty($$
	SELECT c.relname FROM pg_class c
	WHERE c.relnamespace = 'refund'::regnamespace AND c.relkind = 'r'
		AND NOT EXISTS (SELECT FROM pg_extension e WHERE e.extname = 'refund' AND c.oid = ANY (e.extconfig))$$,
	'every table is registered for dump');

-- enums of process.md section 11
SELECT enum_has_labels('refund', name, labels::name[], 'labels of ' || name) FROM (VALUES
	('contract_kind'::name, '{fixed_price,project_catalog,consultation,hourly}'),
	('contract_state', '{active,ended}'),
	('milestone_state', '{open,submitted,paid}'),
	('request_state', '{requested,disputed,in_review,proposed,unresolved,in_arbitration,settled}'),
	('outcome', '{approved,approved_by_silence,paid_in_full,conceded,conceded_by_silence,dispute_withdrawn,resolution_accepted,arbitration_waived,arbitration_default,arbitration_award,mutual_settlement,arbitration_lapsed,exhausted}'),
	('party', '{client,freelancer,mediator,arbitrator,operator,clock}'),
	('hold_kind', '{legal,sanctions,chargeback,fraud}'),
	('reversal_kind', '{chargeback,failed}'),
	('reversal_state', '{opened,won,lost}'),
	('account', '{source,escrow,freelancer,refund_payable,refund_paid,fee_held,fee_spent,receivable}'),
	('payment_state', '{pending,submitted,succeeded,failed,bounced,unclaimed}')
	) v (name, labels);
-- one word an event that the request knows, named as its verb is
SELECT is_empty($$
	SELECT event FROM refund.transitions()
	WHERE party <> 'clock' AND event NOT IN ('reversal_opened', 'reversal_won', 'reversal_lost')
		AND NOT EXISTS (SELECT FROM pg_proc WHERE proname = event::text AND pronamespace = 'refund'::regnamespace)$$,
	'events are named as their verbs; report_reversal has one for each state');

-- Views: more columns may follow the ones named here.
CREATE TEMP TABLE wanted_view (name text, columns text[]);
INSERT INTO wanted_view VALUES
	('contract_status', '{contract_id,kind,state,client,freelancer,agency,currency,deposited,held,released,refunded,reversed,request_state,at_stake,due_at}'),
	('milestone_status', '{contract_id,milestone_no,title,state,price,currency,due,held,released,refunded,review_due_at}'),
	('deposit_status', '{contract_id,deposit_no,source,provider_ref,currency,deposited,held,released,refunded,reversed}'),
	('refund_request_status', '{contract_id,state,effective_state,outcome,at_stake,disputed,proposed,to_freelancer,to_client,currency,opened_at,due_at,settled_at,effective_at,on_hold,client,freelancer,reason,statement,client_accepted,freelancer_accepted,client_joined,freelancer_joined,mediator,arbitrator}'),
	('refund_payment_status', '{contract_id,payment_no,deposit_no,purpose,payee,source,amount,currency,state,expected_by,provider_ref}'),
	('settlement_offer_status', '{contract_id,offer_no}'),
	('hold_status', '{contract_id,hold_no,kind,reason}'),
	('refund_case', '{contract_id,kind,policy,policy_version,currency,state,opened_at}'),
	('transaction_history', '{contract_id,line_no,at,kind,description,source,amount,currency,balance,payment_state,expected_by}'),
	('whose_turn', '{contract_id,party,state,due_at,on_silence,silence_to_freelancer,silence_to_client,currency}'),
	('overdue', '{what,contract_id,due,since}'),
	('case_timeline', '{contract_id,event_no,at,effective_at,actor,party,event,from_state,to_state,amount,currency}'),
	('notification_inbox', '{person,at,template,facts}'),
	('evidence_index', '{contract_id,evidence_no}'),
	('event_log', '{case_id,activity,timestamp,resource}'),
	('escrow_balance', '{currency,deposited,held,released,refunded,reversed,in_transit,fees_held}');

CREATE FUNCTION pg_temp.columns_of(view text) RETURNS text[] LANGUAGE sql AS $$
	SELECT array_agg(a.attname::text ORDER BY a.attnum) FROM pg_attribute a
	WHERE a.attrelid = ('refund.' || view)::regclass AND a.attnum > 0
$$;
SELECT has_view('refund', name::name, 'view ' || name) FROM wanted_view;
SELECT is((pg_temp.columns_of(name))[:cardinality(columns)], columns, 'columns of ' || name) FROM wanted_view;
SELECT is(ARRAY(
		SELECT name FROM wanted_view WHERE NOT 'is_test' = ANY (pg_temp.columns_of(name))),
	'{escrow_balance}', 'every case view has is_test');
SELECT is_empty($$
	SELECT c.relname, a.attname FROM pg_class c
	JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
	WHERE c.relnamespace = 'refund'::regnamespace AND c.relkind = 'v'
		AND (a.atttypid IN ('refund.amount'::regtype, 'refund.currency'::regtype, 'refund.time_limit'::regtype)
			OR a.attname = 'currency' AND format_type(a.atttypid, a.atttypmod) <> 'character(3)')$$,
	'views have plain types only, and currency is char(3)');

-- Functions: applications use named notation, so names, order and defaults are the contract.
CREATE TEMP TABLE wanted_function (name name, arguments text, result text, is_verb boolean);
INSERT INTO wanted_function VALUES
	('create_contract', 'contract_id bigint, client text, freelancer text, currency refund.currency, kind refund.contract_kind DEFAULT ''fixed_price''::refund.contract_kind, agency text DEFAULT NULL::text, policy text DEFAULT ''standard''::text, test_clock text DEFAULT NULL::text, idempotency_key text DEFAULT NULL::text', 'refund.contract_status', true),
	('add_milestone', 'contract_id bigint, actor text, milestone_no integer, title text, price refund.amount, due date DEFAULT NULL::date, idempotency_key text DEFAULT NULL::text', 'refund.milestone_status', true),
	('fund', 'contract_id bigint, actor text, milestone_no integer, amount refund.amount, source text, provider_ref text DEFAULT NULL::text, idempotency_key text DEFAULT NULL::text', 'refund.deposit_status', true),
	('release_payment', 'contract_id bigint, actor text, milestone_no integer, amount refund.amount, idempotency_key text DEFAULT NULL::text', 'refund.milestone_status', true),
	('release_milestone', 'contract_id bigint, actor text, milestone_no integer, idempotency_key text DEFAULT NULL::text', 'refund.milestone_status', true),
	('move_leftover', 'contract_id bigint, actor text, from_milestone integer, to_milestone integer, amount refund.amount, idempotency_key text DEFAULT NULL::text', 'refund.milestone_status', true),
	('end_contract', 'contract_id bigint, actor text, final_payment refund.amount DEFAULT NULL::refund.amount, idempotency_key text DEFAULT NULL::text', 'refund.contract_status', true),
	('approve_refund', 'contract_id bigint, actor text, idempotency_key text DEFAULT NULL::text', 'refund.refund_request_status', true),
	('pay_in_full', 'contract_id bigint, actor text, idempotency_key text DEFAULT NULL::text', 'refund.refund_request_status', true),
	('dispute_refund', 'contract_id bigint, actor text, amount refund.amount, reason text, evidence jsonb DEFAULT ''[]''::jsonb, idempotency_key text DEFAULT NULL::text', 'refund.refund_request_status', true),
	('accept_dispute', 'contract_id bigint, actor text, idempotency_key text DEFAULT NULL::text', 'refund.refund_request_status', true),
	('decline_dispute', 'contract_id bigint, actor text, statement text, evidence jsonb DEFAULT ''[]''::jsonb, idempotency_key text DEFAULT NULL::text', 'refund.refund_request_status', true),
	('withdraw_dispute', 'contract_id bigint, actor text, idempotency_key text DEFAULT NULL::text', 'refund.refund_request_status', true),
	('propose_resolution', 'contract_id bigint, actor text, to_freelancer refund.amount, rationale text, idempotency_key text DEFAULT NULL::text', 'refund.refund_request_status', true),
	('accept_resolution', 'contract_id bigint, actor text, idempotency_key text DEFAULT NULL::text', 'refund.refund_request_status', true),
	('reject_resolution', 'contract_id bigint, actor text, reason text DEFAULT NULL::text, idempotency_key text DEFAULT NULL::text', 'refund.refund_request_status', true),
	('join_arbitration', 'contract_id bigint, actor text, fee_source text DEFAULT NULL::text, provider_ref text DEFAULT NULL::text, idempotency_key text DEFAULT NULL::text', 'refund.refund_request_status', true),
	('record_award', 'contract_id bigint, actor text, to_freelancer refund.amount, rationale text, idempotency_key text DEFAULT NULL::text', 'refund.refund_request_status', true),
	('offer_settlement', 'contract_id bigint, actor text, to_freelancer refund.amount, idempotency_key text DEFAULT NULL::text', 'refund.refund_request_status', true),
	('withdraw_settlement_offer', 'contract_id bigint, actor text, idempotency_key text DEFAULT NULL::text', 'refund.refund_request_status', true),
	('accept_settlement', 'contract_id bigint, actor text, offer_no integer, idempotency_key text DEFAULT NULL::text', 'refund.refund_request_status', true),
	('assign_case', 'contract_id bigint, actor text, decider text, idempotency_key text DEFAULT NULL::text', 'refund.refund_request_status', true),
	('report_refund_payment', 'contract_id bigint, actor text, payment_no integer, state refund.payment_state, provider_ref text, detail jsonb DEFAULT NULL::jsonb, idempotency_key text DEFAULT NULL::text', 'refund.refund_payment_status', true),
	('retry_refund_payment', 'contract_id bigint, actor text, payment_no integer, destination text DEFAULT NULL::text, idempotency_key text DEFAULT NULL::text', 'refund.refund_payment_status', true),
	('erase_evidence', 'contract_id bigint, actor text, evidence_no integer, reason text, idempotency_key text DEFAULT NULL::text', 'refund.evidence_index', true),
	('submit_work', 'contract_id bigint, actor text, milestone_no integer, message text DEFAULT NULL::text, idempotency_key text DEFAULT NULL::text', 'refund.milestone_status', true),
	('request_changes', 'contract_id bigint, actor text, milestone_no integer, message text, idempotency_key text DEFAULT NULL::text', 'refund.milestone_status', true),
	('give_refund', 'contract_id bigint, actor text, milestone_no integer, amount refund.amount, idempotency_key text DEFAULT NULL::text', 'refund.milestone_status', true),
	('place_hold', 'contract_id bigint, actor text, kind refund.hold_kind, reason text, idempotency_key text DEFAULT NULL::text', 'refund.hold_status', true),
	('lift_hold', 'contract_id bigint, actor text, hold_no integer, reason text, idempotency_key text DEFAULT NULL::text', 'refund.hold_status', true),
	('extend_deadline', 'contract_id bigint, actor text, extension refund.time_limit, reason text, idempotency_key text DEFAULT NULL::text', 'refund.refund_request_status', true),
	('report_reversal', 'contract_id bigint, actor text, deposit_no integer, kind refund.reversal_kind, state refund.reversal_state, amount refund.amount, provider_ref text, idempotency_key text DEFAULT NULL::text', 'refund.deposit_status', true),
	('activate', '', 'void', false),
	('head_digest', '', 'text', false),
	('verify_heads', 'heads jsonb', NULL, false),
	('claim_refund_payments', 'max integer DEFAULT 100, lease interval DEFAULT ''00:05:00''::interval, test boolean DEFAULT false', NULL, false),
	('claim_notifications', 'max integer DEFAULT 100, lease interval DEFAULT ''00:05:00''::interval, test boolean DEFAULT false', NULL, false),
	('confirm_notification', 'contract_id bigint, notification_no integer, provider_ref text', NULL, false),
	('fail_notification', 'contract_id bigint, notification_no integer, reason text', NULL, false),
	('case_file', 'contract_id bigint, actor text', 'jsonb', false),
	('evidence_content', 'contract_id bigint, actor text, evidence_no integer', 'bytea', false),
	('set_holidays', 'calendar text, days date[], weekend integer[] DEFAULT NULL::integer[]', 'integer', false),
	('validate_policy', 'name text, version integer DEFAULT NULL::integer', NULL, false),
	('add_policy', 'name text, settings jsonb', 'integer', false),
	('create_test_clock', 'name text, starts_at timestamp with time zone', NULL, false),
	('advance_test_clock', 'name text, step interval, run_job boolean DEFAULT true', NULL, false),
	('drop_test_clock', 'name text', NULL, false),
	('expire_due', 'max_cases integer DEFAULT 1000', 'integer', false),
	('unschedule_jobs', '', NULL, false),
	('state_diagram', 'format text DEFAULT ''mermaid''::text', 'text', false),
	('deadline', 'opened_at timestamp with time zone, window_length refund.time_limit, zone text, calendar text', 'timestamp with time zone', false),
	('verify', 'contract_id bigint', NULL, false),
	('verify_all', 'changed_since timestamp with time zone DEFAULT NULL::timestamp with time zone', NULL, false);

SELECT has_function('refund', name, 'function ' || name) FROM wanted_function;
SELECT is(pg_get_function_arguments(p.oid), w.arguments, 'arguments of ' || w.name)
FROM wanted_function w
LEFT JOIN pg_proc p ON p.proname = w.name AND p.pronamespace = 'refund'::regnamespace;
SELECT is(pg_get_function_result(p.oid), w.result, 'result of ' || w.name)
FROM wanted_function w
LEFT JOIN pg_proc p ON p.proname = w.name AND p.pronamespace = 'refund'::regnamespace
WHERE w.result IS NOT NULL;
SELECT is_empty($$
	SELECT p.proname FROM pg_proc p JOIN wanted_function w ON w.name = p.proname
	WHERE p.pronamespace = 'refund'::regnamespace AND w.is_verb
		AND NOT (p.prosecdef AND p.provolatile = 'v' AND p.proparallel = 'u' AND NOT p.proisstrict
			AND p.proconfig @> '{"search_path=pg_catalog, pg_temp"}')$$,
	'every verb is volatile, parallel unsafe, SECURITY DEFINER with a pinned search_path, and takes nulls');
SELECT is_empty($$
	SELECT p.proname FROM pg_proc p JOIN wanted_function w ON w.name = p.proname
	WHERE p.pronamespace = 'refund'::regnamespace AND w.is_verb
		AND NOT (p.proargnames[1] = 'contract_id' AND (p.proargnames[2] = 'actor' OR p.proname = 'create_contract')
			AND p.proargnames[p.pronargs] = 'idempotency_key')$$,
	'every verb begins with contract_id and actor and ends with idempotency_key');
SELECT is_empty($$
	SELECT p.proname FROM pg_proc p JOIN wanted_function w ON w.name = p.proname
	WHERE p.pronamespace = 'refund'::regnamespace AND has_function_privilege('public', p.oid, 'EXECUTE')
		AND (w.is_verb OR p.proname SIMILAR TO '(claim|confirm|fail|case|evidence)\_%')$$,
	'nobody may call a verb, a claim or a case''s file until granted');
SELECT is((SELECT pg_get_function_arguments(oid) || ', ' || prokind::text FROM pg_proc
		WHERE proname = 'run_due' AND pronamespace = 'refund'::regnamespace),
	'IN max_cases integer DEFAULT 10000, IN max_seconds numeric DEFAULT 50, p', 'run_due is a procedure');
SELECT is((SELECT proargnames::text FROM pg_proc
		WHERE proname = 'schedule_jobs' AND pronamespace = 'refund'::regnamespace),
	'{run_as,due_every,job,database,schedule,command,status}', 'arguments and columns of schedule_jobs');
SELECT is((SELECT proargnames::text FROM pg_proc
		WHERE proname = 'transitions' AND pronamespace = 'refund'::regnamespace),
	'{from_state,event,party,to_state,outcome,rule}', 'columns of transitions');
SELECT is((SELECT proargnames::text FROM pg_proc
		WHERE proname = 'allowed_actions' AND pronamespace = 'refund'::regnamespace),
	'{contract_id,actor,verb,party,until,min_amount,max_amount,currency}', 'arguments and columns of allowed_actions');
SELECT is((SELECT proargnames::text FROM pg_proc
		WHERE proname = 'health' AND pronamespace = 'refund'::regnamespace),
	'{component,ok,value,threshold,hint}', 'columns of health');
SELECT is((SELECT proargnames::text FROM pg_proc
		WHERE proname = 'explain' AND pronamespace = 'refund'::regnamespace),
	'{contract_id,line_no,text,facts}', 'arguments and columns of explain');
SELECT is((SELECT proargnames::text FROM pg_proc
		WHERE proname = 'forecast' AND pronamespace = 'refund'::regnamespace),
	'{contract_id,step_no,at,event,state,to_freelancer,to_client,currency}', 'arguments and columns of forecast');
SELECT is((SELECT proargnames::text FROM pg_proc
		WHERE proname = 'error_codes' AND pronamespace = 'refund'::regnamespace),
	'{code,name,when}', 'columns of error_codes');
SELECT is((SELECT pg_get_function_result(oid) FROM pg_proc
		WHERE proname = 'claim_refund_payments' AND pronamespace = 'refund'::regnamespace),
	'SETOF refund.refund_payment_status', 'claim_refund_payments() hands out rows of the view');

-- ---- the example ----

-- Monday morning
SELECT lives_ok($$SELECT refund.create_test_clock('lab', '2026-03-02 09:00+00')$$, 'a test clock');

-- 500.00 in escrow from two sources
CREATE FUNCTION pg_temp.make(id bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	PERFORM refund.create_contract(id, client => 'carol', freelancer => 'fred', currency => 'USD', test_clock => 'lab');
	PERFORM refund.add_milestone(id, 'carol', 1, 'a logo', '500.00 USD');
	PERFORM refund.fund(id, 'carol', 1, '300.00 USD', source => 'card', provider_ref => 'pi_1');
	PERFORM refund.fund(id, 'carol', 1, '200.00 USD', source => 'bank', provider_ref => 'pi_2');
END $$;
SELECT lives_ok(format('SELECT pg_temp.make(%s)', id), 'contract ' || id) FROM generate_series(1, 7) id;

SELECT is(ARRAY(
		SELECT concat_ws('|', c.deposited, c.held, c.released, c.refunded, c.state, c.request_state)
		FROM refund.contract_status c WHERE contract_id = 1),
	'{500.00|500.00|0.00|0.00|active}', 'before: all is held, there is no request');

-- the client ends it, paying 200.00; what the verb returns is what the view shows
CREATE TEMP TABLE returned_contract AS
SELECT * FROM refund.end_contract(1, 'carol', final_payment => '200.00 USD');
SELECT results_eq('TABLE returned_contract', 'SELECT * FROM refund.contract_status WHERE contract_id = 1',
	'end_contract() returns the view''s row');
SELECT is(ARRAY(
		SELECT concat_ws('|', c.deposited, c.held, c.released, c.refunded, c.state, c.request_state, c.at_stake, c.due_at)
		FROM refund.contract_status c WHERE contract_id = 1),
	'{500.00|300.00|200.00|0.00|ended|requested|300.00|2026-03-09 09:00:00+00}',
	'ended: 200.00 released, 300.00 at stake, seven days to answer');
SELECT is(ARRAY(
		SELECT concat_ws('|', r.state, r.effective_state, r.outcome, r.at_stake, r.to_freelancer, r.to_client, r.opened_at, r.due_at)
		FROM refund.refund_request_status r WHERE contract_id = 1),
	'{requested|requested|300.00|2026-03-02 09:00:00+00|2026-03-09 09:00:00+00}', 'the request is open');
SELECT is(ARRAY(
		SELECT concat_ws('|', w.party, w.state, w.on_silence, w.silence_to_freelancer, w.silence_to_client, w.currency, w.due_at)
		FROM refund.whose_turn w WHERE contract_id = 1),
	'{freelancer|requested|approved_by_silence|0.00|300.00|USD|2026-03-09 09:00:00+00}',
	'it is the freelancer''s turn, and silence would give all of it back');
SELECT is(ARRAY(
		SELECT concat_ws('|', d.deposit_no, d.source, d.deposited, d.held, d.released, d.refunded)
		FROM refund.deposit_status d WHERE contract_id = 1 ORDER BY deposit_no),
	'{1|card|300.00|100.00|200.00|0.00,2|bank|200.00|200.00|0.00|0.00}', 'the first deposit paid the freelancer');
SELECT is(ARRAY(
		SELECT concat_ws('|', m.milestone_no, m.state, m.price, m.held, m.released, m.refunded)
		FROM refund.milestone_status m WHERE contract_id = 1),
	'{1|open|500.00|300.00|200.00|0.00}', 'the milestone has the same story');
SELECT is_empty('SELECT * FROM refund.refund_payment_status WHERE contract_id = 1', 'nothing goes back yet');

-- Approve, on Wednesday at noon.
SELECT lives_ok($$SELECT refund.end_contract(id, 'carol', '200.00 USD') FROM generate_series(2, 5) id$$, 'four more end likewise');
SELECT lives_ok($$SELECT refund.advance_test_clock('lab', '2 days 3 hours')$$, 'two days later');
CREATE TEMP TABLE returned_request AS
SELECT * FROM refund.approve_refund(1, 'fred');
SELECT results_eq('TABLE returned_request', 'SELECT * FROM refund.refund_request_status WHERE contract_id = 1',
	'approve_refund() returns the view''s row');
SELECT is(ARRAY(
		SELECT concat_ws('|', r.state, r.outcome, r.at_stake, r.to_freelancer, r.to_client, r.settled_at, r.effective_at)
		FROM refund.refund_request_status r WHERE contract_id = 1),
	'{settled|approved|300.00|0.00|300.00|2026-03-04 12:00:00+00|2026-03-04 12:00:00+00}', 'approve: all of it goes back');
SELECT is(ARRAY(
		SELECT concat_ws('|', p.payment_no, p.source, p.amount, p.currency, p.payee, p.purpose, p.state, p.expected_by)
		FROM refund.refund_payment_status p WHERE contract_id = 1 ORDER BY payment_no),
	'{1|card|100.00|USD|carol|settlement|pending|2026-03-11 12:00:00+00,2|bank|200.00|USD|carol|settlement|pending|2026-03-11 12:00:00+00}',
	'approve: two payments to the sources that still held money, five business days on');
SELECT is(ARRAY(
		SELECT concat_ws('|', h.line_no, h.kind, h.source, h.amount, h.balance, h.payment_state)
		FROM refund.transaction_history h WHERE contract_id = 1 ORDER BY line_no),
	'{1|deposit|card|300.00|300.00,2|deposit|bank|200.00|500.00,3|release|200.00|300.00,4|refund|card|100.00|200.00|pending,5|refund|bank|200.00|0.00|pending}',
	'approve: the transaction history ends at zero');
SELECT is(ARRAY(
		SELECT concat_ws('|', t.event_no, t.event, t.party, t.actor, t.from_state, t.to_state, t.amount)
		FROM refund.case_timeline t WHERE contract_id = 1 AND event_no > 4 ORDER BY event_no),
	'{5|end_contract|client|carol|requested|200.00,6|approve_refund|freelancer|fred|requested|settled|300.00}',
	'approve: the timeline');
SELECT is_empty('SELECT * FROM refund.whose_turn WHERE contract_id = 1', 'approve: it is nobody''s turn any more');
SELECT throws_ok($$SELECT refund.approve_refund(1, 'fred')$$, 'RF001', NULL, 'approve: once only');

-- Pay in full.
SELECT is(ARRAY(
		SELECT concat_ws('|', r.state, r.outcome, r.at_stake, r.to_freelancer, r.to_client)
		FROM refund.pay_in_full(2, 'carol') r),
	'{settled|paid_in_full|300.00|300.00|0.00}', 'pay in full: all of it to the freelancer');
SELECT is(ARRAY(
		SELECT concat_ws('|', c.held, c.released, c.refunded) FROM refund.contract_status c WHERE contract_id = 2),
	'{0.00|500.00|0.00}', 'pay in full: everything is released');
SELECT is((SELECT state::text FROM refund.milestone_status WHERE contract_id = 2), 'paid', 'pay in full: the milestone is paid');
SELECT is_empty('SELECT * FROM refund.refund_payment_status WHERE contract_id = 2', 'pay in full: nothing goes back');

-- Silence, with the job down: half-open, to the microsecond.
SELECT lives_ok($$SELECT refund.advance_test_clock('lab', timestamptz '2026-03-09 08:59:59.999999+00' - timestamptz '2026-03-04 12:00+00', run_job => false)$$,
	'one microsecond before the end');
SELECT is((SELECT effective_state::text FROM refund.refund_request_status WHERE contract_id = 3), 'requested', 'before: still requested');
SELECT is((SELECT outcome::text FROM refund.approve_refund(3, 'fred')), 'approved', 'before: it is in time');
SELECT lives_ok($$SELECT refund.advance_test_clock('lab', '1 microsecond', run_job => false)$$, 'the end');
SELECT is((SELECT concat_ws('|', state, effective_state) FROM refund.refund_request_status WHERE contract_id = 4),
	'requested|settled', 'at the end: over, although no job ran');
SELECT throws_ok($$SELECT refund.approve_refund(4, 'fred')$$, 'RF005', NULL, 'at the end: the freelancer is late');
SELECT throws_ok($$SELECT refund.pay_in_full(4, 'carol')$$, 'RF005', NULL, 'at the end: so is the client');
SELECT is((SELECT state::text FROM refund.refund_request_status WHERE contract_id = 4), 'requested', 'at the end: a refusal records nothing');
SELECT lives_ok($$SELECT refund.advance_test_clock('lab', '1 hour', run_job => false)$$, 'the job stays down for an hour');
SELECT lives_ok($$SELECT refund.advance_test_clock('lab', '0')$$, 'and comes back');
SELECT is(ARRAY(
		SELECT concat_ws('|', r.state, r.outcome, r.to_freelancer, r.to_client, r.effective_at, r.settled_at)
		FROM refund.refund_request_status r WHERE contract_id = 4),
	'{settled|approved_by_silence|0.00|300.00|2026-03-09 09:00:00+00|2026-03-09 10:00:00+00}',
	'silence: all of it goes back, in effect at the end, recorded an hour later');
SELECT is(ARRAY(
		SELECT concat_ws('|', t.event, t.party, t.actor, t.from_state, t.to_state, t.effective_at, t.at)
		FROM refund.case_timeline t WHERE contract_id = 4 ORDER BY event_no DESC LIMIT 1),
	'{response_expired|clock|requested|settled|2026-03-09 09:00:00+00|2026-03-09 10:00:00+00}', 'silence: the timeline');
SELECT is(ARRAY(
		SELECT concat_ws('|', p.source, p.amount, p.state, p.expected_by)
		FROM refund.refund_payment_status p WHERE contract_id = 4 ORDER BY payment_no),
	'{card|100.00|pending|2026-03-16 10:00:00+00,bank|200.00|pending|2026-03-16 10:00:00+00}',
	'silence: five business days count from when it was recorded');
SELECT is(ARRAY(SELECT concat_ws('|', state, outcome) FROM refund.refund_request_status WHERE contract_id = 5),
	'{settled|approved_by_silence}', 'silence: the same for everybody else who was silent');

-- The freelancer ends.
SELECT is(ARRAY(
		SELECT concat_ws('|', c.state, c.held, c.released, c.refunded, c.request_state)
		FROM refund.end_contract(6, 'fred') c),
	'{ended|0.00|0.00|500.00}', 'freelancer ends: everything goes back, there is no request');
SELECT is_empty('SELECT * FROM refund.refund_request_status WHERE contract_id = 6', 'freelancer ends: no row in the view');
SELECT is(ARRAY(
		SELECT concat_ws('|', p.source, p.amount, p.purpose, p.state)
		FROM refund.refund_payment_status p WHERE contract_id = 6 ORDER BY payment_no),
	'{card|300.00|freelancer_ended|pending,bank|200.00|freelancer_ended|pending}', 'freelancer ends: each source gets its own back');

-- The client ends and pays everything.
SELECT is(ARRAY(
		SELECT concat_ws('|', c.state, c.held, c.released, c.request_state)
		FROM refund.end_contract(7, 'carol', '500.00 USD') c),
	'{ended|0.00|500.00}', 'all paid at the end: there is no request');

-- ---- every path of the table; a step that begins with + moves the clock ----

CREATE TEMP TABLE path (id bigint, steps text[], outcome text, to_freelancer numeric(9,2), to_client numeric(9,2));
INSERT INTO path VALUES
	(101, '{approve}', 'approved', 0, 300),
	(102, '{+7 days}', 'approved_by_silence', 0, 300),
	(103, '{dispute,accept dispute}', 'conceded', 250, 50),
	(104, '{dispute,+5 days}', 'conceded_by_silence', 250, 50),
	(105, '{dispute,decline,propose,client accepts,freelancer accepts}', 'resolution_accepted', 150, 150),
	(106, '{dispute,decline,propose,client rejects,+7 days}', 'arbitration_waived', 0, 300),
	(107, '{dispute,decline,propose,freelancer accepts,+2 days,+7 days}', 'arbitration_waived', 0, 300),
	(108, '{dispute,decline,+30 days,+7 days}', 'arbitration_waived', 0, 300),
	(109, '{dispute,decline,propose,client rejects,freelancer joins,+7 days}', 'arbitration_default', 250, 50),
	(110, '{dispute,decline,propose,client rejects,client joins,+7 days}', 'arbitration_default', 0, 300),
	(111, '{dispute,decline,propose,freelancer rejects,client joins,freelancer joins,award}', 'arbitration_award', 180, 120),
	(112, '{dispute,decline,propose,freelancer rejects,client joins,freelancer joins,+90 days}', 'arbitration_lapsed', 150, 150),
	(113, '{client offers,freelancer agrees}', 'mutual_settlement', 220, 80),
	(114, '{dispute,decline,propose,client rejects,freelancer joins,client offers,freelancer agrees}', 'mutual_settlement', 220, 80),
	(115, '{dispute,decline,withdraw}', 'dispute_withdrawn', 0, 300),
	(116, '{dispute,decline,propose,pay}', 'paid_in_full', 300, 0);

CREATE FUNCTION pg_temp.take(id bigint, steps text[]) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	step text;
BEGIN
	PERFORM refund.create_test_clock('path ' || id, '2026-03-02 09:00+00');
	PERFORM refund.create_contract(id, 'carol', 'fred', 'USD', test_clock => 'path ' || id);
	PERFORM refund.add_milestone(id, 'carol', 1, 'a logo', '500.00 USD');
	PERFORM refund.fund(id, 'carol', 1, '300.00 USD', source => 'card');
	PERFORM refund.fund(id, 'carol', 1, '200.00 USD', source => 'bank');
	PERFORM refund.end_contract(id, 'carol', '200.00 USD');
	FOREACH step IN ARRAY steps LOOP
		CASE step
			WHEN 'approve' THEN PERFORM refund.approve_refund(id, 'fred');
			WHEN 'dispute' THEN PERFORM refund.dispute_refund(id, 'fred', amount => '250.00 USD', reason => 'It was delivered.');
			WHEN 'accept dispute' THEN PERFORM refund.accept_dispute(id, 'carol');
			WHEN 'decline' THEN PERFORM refund.decline_dispute(id, 'carol', statement => 'It was not.');
			WHEN 'propose' THEN PERFORM refund.propose_resolution(id, 'mia', to_freelancer => '150.00 USD', rationale => 'Half of it was.');
			WHEN 'client accepts' THEN PERFORM refund.accept_resolution(id, 'carol');
			WHEN 'freelancer accepts' THEN PERFORM refund.accept_resolution(id, 'fred');
			WHEN 'client rejects' THEN PERFORM refund.reject_resolution(id, 'carol', reason => 'Too much.');
			WHEN 'freelancer rejects' THEN PERFORM refund.reject_resolution(id, 'fred');
			WHEN 'client joins' THEN PERFORM refund.join_arbitration(id, 'carol', fee_source => 'card', provider_ref => 'fee_1');
			WHEN 'freelancer joins' THEN PERFORM refund.join_arbitration(id, 'fred', fee_source => 'wallet', provider_ref => 'fee_2');
			WHEN 'award' THEN PERFORM refund.record_award(id, 'arne', to_freelancer => '180.00 USD', rationale => 'Most of it was.');
			WHEN 'client offers' THEN PERFORM refund.offer_settlement(id, 'carol', to_freelancer => '220.00 USD');
			WHEN 'freelancer agrees' THEN PERFORM refund.accept_settlement(id, 'fred', offer_no => 1);
			WHEN 'withdraw' THEN PERFORM refund.withdraw_dispute(id, 'fred');
			WHEN 'pay' THEN PERFORM refund.pay_in_full(id, 'carol');
			ELSE PERFORM refund.advance_test_clock('path ' || id, step::interval);
		END CASE;
	END LOOP;
	RETURN (SELECT concat_ws('|', outcome, to_freelancer, to_client) FROM refund.refund_request_status WHERE contract_id = id AND state = 'settled');
END $$;
SELECT is(pg_temp.take(id, steps), concat_ws('|', outcome, to_freelancer, to_client), array_to_string(steps, ', ')) FROM path ORDER BY id;
SELECT is_empty($$
	SELECT id, steps FROM path
	WHERE to_client <> (SELECT coalesce(sum(amount), 0) FROM refund.refund_payment_status WHERE contract_id = id AND purpose = 'settlement')$$,
	'the refund payments are the client''s part');
SELECT is_empty($$
	SELECT id, steps FROM path, refund.contract_status c WHERE c.contract_id = id AND (c.held <> 0 OR c.released <> 200 + to_freelancer)$$,
	'the rest is released, and nothing is left in escrow');
-- fees: held until the end, then spent by an award, or returned
SELECT is(ARRAY(
		SELECT concat_ws('|', h.contract_id, h.kind, h.source, h.amount) FROM refund.transaction_history h
		WHERE h.contract_id IN (109, 111, 112, 114) AND h.kind LIKE 'fee%' ORDER BY h.contract_id, h.line_no),
	'{109|fee|wallet|337.50,109|fee returned|wallet|337.50,111|fee|card|337.50,111|fee|wallet|337.50,111|fee spent|337.50,111|fee spent|337.50,112|fee|card|337.50,112|fee|wallet|337.50,112|fee returned|card|337.50,112|fee returned|wallet|337.50,114|fee|wallet|337.50,114|fee returned|wallet|337.50}',
	'fees are returned, unless an award spends them');
SELECT is(ARRAY(
		SELECT concat_ws('|', t.event, t.party, t.actor, t.from_state, t.to_state, t.amount)
		FROM refund.case_timeline t WHERE contract_id = 111 AND event_no > 5 ORDER BY event_no),
	'{dispute_refund|freelancer|fred|requested|disputed|250.00,decline_dispute|client|carol|disputed|in_review,propose_resolution|mediator|mia|in_review|proposed|150.00,reject_resolution|freelancer|fred|proposed|unresolved,join_arbitration|client|carol|unresolved|unresolved|337.50,join_arbitration|freelancer|fred|unresolved|in_arbitration|337.50,record_award|arbitrator|arne|in_arbitration|settled|180.00}',
	'award: the timeline');
SELECT is(ARRAY(
		SELECT concat_ws('|', t.event, t.from_state, t.to_state, t.outcome, t.at - timestamptz '2026-03-02 09:00+00')
		FROM refund.case_timeline t WHERE contract_id IN (102, 104, 107, 108, 112) AND party = 'clock' AND event <> 'reminder_due' ORDER BY contract_id, event_no),
	'{response_expired|requested|settled|approved_by_silence|7 days,dispute_expired|disputed|settled|conceded_by_silence|5 days,resolution_expired|proposed|unresolved|2 days,arbitration_expired|unresolved|settled|arbitration_waived|9 days,target_missed|in_review|in_review|2 days,mediation_expired|in_review|unresolved|30 days,arbitration_expired|unresolved|settled|arbitration_waived|37 days,target_missed|in_arbitration|in_arbitration|30 days,award_expired|in_arbitration|settled|arbitration_lapsed|90 days}',
	'each silence has its time and its outcome');
SELECT is(ARRAY(
		SELECT concat_ws('|', o.offer_no, o.party, o.offered_by, o.to_freelancer, o.to_client, o.currency, o.state)
		FROM refund.settlement_offer_status o WHERE contract_id = 114),
	'{1|client|carol|220.00|80.00|USD|accepted}', 'settlement: the offer');
SELECT is(ARRAY(
		SELECT concat_ws('|', r.reason, r.statement, r.disputed, r.proposed, r.client_joined, r.freelancer_joined, r.mediator, r.arbitrator)
		FROM refund.refund_request_status r WHERE contract_id = 111),
	'{It was delivered.|It was not.|250.00|150.00|t|t|mia|arne}', 'award: who said what, and who decided');

-- Totals leave test contracts out.
SELECT is_empty('SELECT * FROM refund.escrow_balance', 'test contracts are in no total');
SELECT is((SELECT count(*) FROM refund.contract_status WHERE is_test), 23::bigint, 'views say that they are tests');
SELECT is_empty('SELECT * FROM refund.claim_refund_payments()', 'a payment worker never sees them');
SELECT is_empty('SELECT * FROM refund.claim_notifications()', 'nor does a mailer');

-- The oracle.
SELECT is_empty('SELECT * FROM refund.verify_all()', 'verify_all() is empty');

SELECT * FROM finish();
ROLLBACK;
