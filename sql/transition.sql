-- The transition table: transitions() against process.md §4, typed out by hand,
-- and the diagrams that are drawn from it.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS refund;
RESET client_min_messages;
SET TimeZone = 'UTC';
SET DateStyle = 'ISO, MDY';
\pset format unaligned
\pset null '~'

-- process.md §4, row by row
CREATE TEMP TABLE expected (from_state text, event text, party text, to_state text, outcome text, rule integer);
\copy expected FROM stdin WITH (DELIMITER ' ', NULL '-')
- end_contract client requested - 1
requested approve_refund freelancer settled approved 2
requested response_expired clock settled approved_by_silence 3
requested dispute_refund freelancer disputed - 4
requested pay_in_full client settled paid_in_full 5
disputed pay_in_full client settled paid_in_full 5
in_review pay_in_full client settled paid_in_full 5
proposed pay_in_full client settled paid_in_full 5
unresolved pay_in_full client settled paid_in_full 5
disputed accept_dispute client settled conceded 6
in_review accept_dispute client settled conceded 6
proposed accept_dispute client settled conceded 6
unresolved accept_dispute client settled conceded 6
disputed dispute_expired clock settled conceded_by_silence 7
disputed decline_dispute client in_review - 8
disputed withdraw_dispute freelancer settled dispute_withdrawn 9
in_review withdraw_dispute freelancer settled dispute_withdrawn 9
proposed withdraw_dispute freelancer settled dispute_withdrawn 9
unresolved withdraw_dispute freelancer settled dispute_withdrawn 9
in_review propose_resolution mediator proposed - 10
in_review mediation_expired clock unresolved - 11
proposed accept_resolution client settled resolution_accepted 12
proposed accept_resolution freelancer settled resolution_accepted 12
proposed accept_resolution client proposed - 13
proposed accept_resolution freelancer proposed - 13
proposed reject_resolution client unresolved - 14
proposed reject_resolution freelancer unresolved - 14
proposed resolution_expired clock unresolved - 15
unresolved join_arbitration client unresolved - 16
unresolved join_arbitration freelancer unresolved - 16
unresolved join_arbitration client in_arbitration - 17
unresolved join_arbitration freelancer in_arbitration - 17
unresolved arbitration_expired clock settled arbitration_waived 18
unresolved arbitration_expired clock settled arbitration_default 19
in_arbitration record_award arbitrator settled arbitration_award 20
requested accept_settlement client settled mutual_settlement 21
requested accept_settlement freelancer settled mutual_settlement 21
disputed accept_settlement client settled mutual_settlement 21
disputed accept_settlement freelancer settled mutual_settlement 21
in_review accept_settlement client settled mutual_settlement 21
in_review accept_settlement freelancer settled mutual_settlement 21
proposed accept_settlement client settled mutual_settlement 21
proposed accept_settlement freelancer settled mutual_settlement 21
unresolved accept_settlement client settled mutual_settlement 21
unresolved accept_settlement freelancer settled mutual_settlement 21
in_arbitration accept_settlement client settled mutual_settlement 21
in_arbitration accept_settlement freelancer settled mutual_settlement 21
requested offer_settlement client settled mutual_settlement 21
requested offer_settlement freelancer settled mutual_settlement 21
disputed offer_settlement client settled mutual_settlement 21
disputed offer_settlement freelancer settled mutual_settlement 21
in_review offer_settlement client settled mutual_settlement 21
in_review offer_settlement freelancer settled mutual_settlement 21
proposed offer_settlement client settled mutual_settlement 21
proposed offer_settlement freelancer settled mutual_settlement 21
unresolved offer_settlement client settled mutual_settlement 21
unresolved offer_settlement freelancer settled mutual_settlement 21
in_arbitration offer_settlement client settled mutual_settlement 21
in_arbitration offer_settlement freelancer settled mutual_settlement 21
in_arbitration award_expired clock settled arbitration_lapsed 22
requested offer_settlement client requested - 23
requested offer_settlement freelancer requested - 23
disputed offer_settlement client disputed - 23
disputed offer_settlement freelancer disputed - 23
in_review offer_settlement client in_review - 23
in_review offer_settlement freelancer in_review - 23
proposed offer_settlement client proposed - 23
proposed offer_settlement freelancer proposed - 23
unresolved offer_settlement client unresolved - 23
unresolved offer_settlement freelancer unresolved - 23
in_arbitration offer_settlement client in_arbitration - 23
in_arbitration offer_settlement freelancer in_arbitration - 23
requested withdraw_settlement_offer client requested - 23
requested withdraw_settlement_offer freelancer requested - 23
disputed withdraw_settlement_offer client disputed - 23
disputed withdraw_settlement_offer freelancer disputed - 23
in_review withdraw_settlement_offer client in_review - 23
in_review withdraw_settlement_offer freelancer in_review - 23
proposed withdraw_settlement_offer client proposed - 23
proposed withdraw_settlement_offer freelancer proposed - 23
unresolved withdraw_settlement_offer client unresolved - 23
unresolved withdraw_settlement_offer freelancer unresolved - 23
in_arbitration withdraw_settlement_offer client in_arbitration - 23
in_arbitration withdraw_settlement_offer freelancer in_arbitration - 23
\.
-- rows 24 and 25 are the same in every open state
INSERT INTO expected
SELECT state, event, 'operator', CASE outcome WHEN 'exhausted' THEN 'settled' ELSE state END, outcome, rule
FROM unnest('{requested,disputed,in_review,proposed,unresolved,in_arbitration}'::text[]) state,
	(VALUES ('place_hold', NULL, 24), ('lift_hold', NULL, 24), ('extend_deadline', NULL, 24), ('assign_case', NULL, 24),
		('reversal_opened', NULL, 25), ('reversal_won', NULL, 25), ('reversal_lost', NULL, 25), ('reversal_lost', 'exhausted', 25)) e (event, outcome, rule);

SELECT count(*), count(DISTINCT rule), min(rule), max(rule) FROM refund.transitions();
-- the two sets are equal, and no row is there twice
SELECT 'missing' AS what, * FROM (SELECT * FROM expected EXCEPT ALL
	SELECT from_state::text, event::text, party::text, to_state::text, outcome::text, rule FROM refund.transitions()) m
UNION ALL
SELECT 'not in process.md', * FROM (SELECT from_state::text, event::text, party::text, to_state::text, outcome::text, rule FROM refund.transitions()
	EXCEPT ALL SELECT * FROM expected) x;

-- C labels are the enums' labels: every value is used, or is known to be the escrow's own
SELECT 'from_state' AS what, v FROM unnest(enum_range(NULL::refund.request_state)) v WHERE v NOT IN (SELECT from_state FROM refund.transitions() WHERE from_state IS NOT NULL)
UNION ALL SELECT 'to_state', v FROM unnest(enum_range(NULL::refund.request_state)) v WHERE v NOT IN (SELECT to_state FROM refund.transitions())
ORDER BY 1, 2;
SELECT v AS unused_outcome FROM unnest(enum_range(NULL::refund.outcome)) v WHERE v NOT IN (SELECT outcome FROM refund.transitions() WHERE outcome IS NOT NULL);
SELECT v AS unused_party FROM unnest(enum_range(NULL::refund.party)) v WHERE v NOT IN (SELECT party FROM refund.transitions());
SELECT v AS event_of_the_escrow FROM unnest(enum_range(NULL::refund.event_kind)) v WHERE v NOT IN (SELECT event FROM refund.transitions());

-- the labels in their order: on disk, in BI tools and in the C arrays
SELECT t.typname, string_agg(e.enumlabel, ' ' ORDER BY e.enumsortorder) AS labels
FROM pg_enum e JOIN pg_type t ON t.oid = e.enumtypid
WHERE t.typnamespace = 'refund'::regnamespace GROUP BY t.typname ORDER BY t.typname;

-- an outcome is there exactly when the request ends, and a settled request knows no event
SELECT * FROM refund.transitions() WHERE (to_state = 'settled') <> (outcome IS NOT NULL) OR from_state = 'settled';
-- silence is never neutral: every open state has exactly one expiry
SELECT from_state, count(DISTINCT event) AS expiries, min(event) AS expiry, string_agg(outcome::text, ', ' ORDER BY rule) AS outcomes, min(to_state) AS to_state
FROM refund.transitions() WHERE party = 'clock' GROUP BY from_state ORDER BY from_state;
-- every open state is reached from the start, and the end is reached from every state
WITH RECURSIVE reached AS (
	SELECT to_state FROM refund.transitions() WHERE from_state IS NULL
	UNION SELECT t.to_state FROM refund.transitions() t JOIN reached r ON t.from_state = r.to_state)
SELECT string_agg(to_state::text, ' ' ORDER BY to_state) AS reached FROM reached;

-- callers read it without any privilege but the schema's
SELECT proparallel, provolatile, prosecdef FROM pg_proc WHERE oid = 'refund.transitions'::regproc;

-- diagrams
SELECT refund.state_diagram();
SELECT refund.state_diagram('mermaid') = refund.state_diagram() AS default_is_mermaid;
SELECT refund.state_diagram('dot');
SELECT refund.state_diagram(NULL) IS NULL AS nothing_of_nothing;
SELECT refund.state_diagram('svg');
SELECT refund.state_diagram('');
SELECT refund.state_diagram('Mermaid');
-- X05: nothing in a diagram comes from a user; no arrow is drawn twice
SELECT line, count(*) FROM regexp_split_to_table(refund.state_diagram() || refund.state_diagram('dot'), E'\n') line
WHERE line LIKE '%->%' GROUP BY line HAVING count(*) > 1;
