/* link: src/transition.c src/contract.c src/escrow.c src/decide.c src/request.c src/payment.c src/notice.c src/evidence_rules.c src/review.c src/hold.c src/reversal.c src/time_limit.c */
/*
 * test_request.c
 *		Unit test of the dispute's decisions and of the execution of refund
 *		payments, against tables of expectations of their own.  Prints TAP.
 *
 * The expectations are written down here from process.md section 4 and from the
 * list of what a report does; transition_table is not asked.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "payment.h"
#include "request.h"

#define USD 840
#define EUR 978
#define DAY INT64_C(86400000000)
#define NOW (1000 * DAY)
#define FEE 33750

#define STAKE 30000
#define DISPUTED 25000
#define PROPOSED 15000
#define AWARDED 18000

static int	tests = 0;
static int	failures = 0;

static void
ok(bool passed, const char *format,...)
{
	va_list		args;

	tests++;
	if (!passed)
		failures++;
	printf("%sok %d - ", passed ? "" : "not ", tests);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
}

/* What has to hold for many cases counts as one test, and names the first that fails. */
typedef struct Tally
{
	int			cases;
	int			failed;
	char		first[300];
} Tally;

static void
check(Tally *t, bool passed, const char *format,...)
{
	va_list		args;

	t->cases++;
	if (passed)
		return;
	if (t->failed++ == 0)
	{
		va_start(args, format);
		vsnprintf(t->first, sizeof(t->first), format, args);
		va_end(args);
	}
}

static void
report_tally(const Tally *t, const char *what)
{
	if (t->failed == 0)
		ok(t->cases > 0, "%s: %d cases", what, t->cases);
	else
		ok(false, "%s: %d of %d cases fail, first: %s", what, t->failed, t->cases, t->first);
}

/* ---- a policy whose windows all differ ---- */

static const int64_t window_days[] = {
	[WINDOW_REFUND_RESPONSE] = 7,
	[WINDOW_DISPUTE_RESPONSE] = 5,
	[WINDOW_RESOLUTION_TARGET] = 3,
	[WINDOW_RESOLUTION_LIMIT] = 30,
	[WINDOW_RESOLUTION_RESPONSE] = 2,
	[WINDOW_ARBITRATION] = 8,
	[WINDOW_AWARD_TARGET] = 31,
	[WINDOW_AWARD_LIMIT] = 90,
	[WINDOW_REFUND_CREDIT] = 6
};

static int64_t
ends_at(const void *policy, int64_t opened_at, Window window)
{
	const int64_t *days = policy;

	return opened_at + (days != NULL ? days : window_days)[window] * DAY;
}

static int64_t
reminds_at(const void *policy, int64_t due_at)
{
	(void) policy;
	return due_at - DAY;
}

static const Terms with_fee = {
	.ends_at = ends_at,.reminds_at = reminds_at,.fee = FEE,.evidence_max_items = 2,.evidence_max_bytes = 10
};
static const Terms free_of_charge = {
	.ends_at = ends_at,.reminds_at = reminds_at,.fee = 0,.evidence_max_items = 2,.evidence_max_bytes = 10
};

/* ---- contracts in memory ---- */

/* A contract with the arrays that it points to, so that it can be copied whole. */
typedef struct Case
{
	Contract	c;
	MilestoneLine milestone[2];
	int64_t		deposit[3];
	Step		step;
	Leg			leg[20];
	PaymentLine payment[20];
	RefusalFacts facts;
} Case;

/* A copy's own arrays. */
static void
adopt(Case *k)
{
	k->c.milestone = k->milestone;
	k->c.deposit_held = k->deposit + (k->c.first_live - 1);
}

static const EventKind entered_by[REQUEST_STATES] = {
	[REQUEST_REQUESTED] = EVENT_END_CONTRACT,
	[REQUEST_DISPUTED] = EVENT_DISPUTE_REFUND,
	[REQUEST_IN_REVIEW] = EVENT_DECLINE_DISPUTE,
	[REQUEST_PROPOSED] = EVENT_PROPOSE_RESOLUTION,
	[REQUEST_UNRESOLVED] = EVENT_REJECT_RESOLUTION,
	[REQUEST_IN_ARBITRATION] = EVENT_JOIN_ARBITRATION,
	[REQUEST_SETTLED] = EVENT_RECORD_AWARD
};

/* A contract whose request is in the state; two deposits and two milestones hold what is at stake. */
static Case
case_in(RequestState state)
{
	Case		k = {
		.c = {
			.contract_id = 1,.currency = USD,.client = "client",.freelancer = "freelancer",.agency = "agency",
			.event_no = 10,.last_at = NOW - DAY,.state = CONTRACT_ENDED,
			.next_due_at = NO_INSTANT,.due_at = NO_INSTANT,.target_at = NO_INSTANT,.remind_at = NO_INSTANT,.held_at = NO_INSTANT,
			.opened_at = NO_INSTANT,.settled_at = NO_INSTANT,.effective_at = NO_INSTANT,
			.at_stake = NO_AMOUNT,.to_freelancer = NO_AMOUNT,.to_client = NO_AMOUNT,
			.disputed = NO_AMOUNT,.proposed = NO_AMOUNT,
			.side = {{.offer = NO_AMOUNT}, {.offer = NO_AMOUNT}},
			.deposit_count = 2,.nmilestones = 2,.first_live = 1
		},
		.milestone = {
			{.milestone_no = 1,.review_due_at = NO_INSTANT,.review_tick_at = NO_INSTANT},
			{.milestone_no = 2,.review_due_at = NO_INSTANT,.review_tick_at = NO_INSTANT}
		}
	};
	Contract   *c = &k.c;

	adopt(&k);
	if (state == REQUEST_NONE)
		return k;
	c->request_state = state;
	c->entered_by = entered_by[state];
	c->opened_at = c->effective_at = NOW - DAY;
	c->at_stake = STAKE;
	c->balance.deposited = STAKE;
	if (state == REQUEST_SETTLED)
	{
		c->outcome = OUTCOME_ARBITRATION_AWARD;
		c->to_freelancer = c->balance.released = AWARDED;
		c->to_client = c->balance.refunded = c->balance.in_transit = STAKE - AWARDED;
		k.milestone[0].released = AWARDED;
		k.milestone[1].refunded = STAKE - AWARDED;
	}
	else
	{
		c->balance.held = STAKE;
		c->ndeposits = 2;
		k.deposit[0] = 10000;
		k.deposit[1] = 20000;
		k.milestone[0].held = 12000;
		k.milestone[1].held = 18000;
		c->due_at = c->next_due_at = NOW + DAY;
	}
	if (state >= REQUEST_DISPUTED)
		c->disputed = DISPUTED;
	if (state >= REQUEST_PROPOSED)
		c->proposed = PROPOSED;
	if (state == REQUEST_IN_ARBITRATION)
	{
		c->side[SIDE_CLIENT].joined = c->side[SIDE_FREELANCER].joined = true;
		c->balance.fee_held = 2 * FEE;
	}
	return k;
}

/* The command that a person would send, with amounts and texts that are in order. */
static Command
command(EventKind event, const char *actor)
{
	Command		cmd = {.event = event,.contract_id = 1,.actor = actor,.amount = NO_AMOUNT,.currency = USD};

	switch (event)
	{
		case EVENT_DISPUTE_REFUND:
			cmd.amount = DISPUTED;
			cmd.statement = "reason";
			break;
		case EVENT_DECLINE_DISPUTE:
			cmd.statement = "statement";
			break;
		case EVENT_PROPOSE_RESOLUTION:
			cmd.amount = PROPOSED;
			cmd.statement = "rationale";
			break;
		case EVENT_RECORD_AWARD:
			cmd.amount = AWARDED;
			cmd.statement = "rationale";
			break;
		case EVENT_JOIN_ARBITRATION:
			cmd.source = "card";
			break;
		case EVENT_OFFER_SETTLEMENT:
			cmd.amount = 22000;
			break;
		case EVENT_ACCEPT_SETTLEMENT:
			cmd.item_no = 1;
			break;
		case EVENT_ASSIGN_CASE:
			cmd.decider = "decider";
			break;
		default:
			break;
	}
	return cmd;
}

/* A refusal leaves the case as it was. */
static Refusal
act_as(const Terms *terms, Case *k, const Command *cmd, int64_t now)
{
	Case		before = *k;
	Refusal		refusal;

	k->step = (Step) {.legs = k->leg,.payments = k->payment};
	k->facts = (RefusalFacts) {0};
	refusal = decide(terms, &k->c, cmd, command_party(&k->c, cmd->event, cmd->actor), now, &k->step, &k->facts);
	if (refusal != REFUSED_NOTHING)
	{
		RefusalFacts facts = k->facts;

		*k = before;
		k->facts = facts;
		adopt(k);
	}
	return refusal;
}

static Refusal
act(Case *k, EventKind event, const char *actor)
{
	Command		cmd = command(event, actor);

	return act_as(&with_fee, k, &cmd, NOW);
}

static Refusal
offer(Case *k, const char *actor, int64_t amount)
{
	Command		cmd = command(EVENT_OFFER_SETTLEMENT, actor);

	cmd.amount = amount;
	return act_as(&with_fee, k, &cmd, NOW);
}

static Refusal
accept(Case *k, const char *actor, int32_t offer_no)
{
	Command		cmd = command(EVENT_ACCEPT_SETTLEMENT, actor);

	cmd.item_no = offer_no;
	return act_as(&with_fee, k, &cmd, NOW);
}

static bool
tick(Case *k, int64_t now)
{
	k->step = (Step) {.legs = k->leg,.payments = k->payment};
	return decide_by_clock(&with_fee, &k->c, now, &k->step);
}

/* Do the step's legs explain the difference of two balances? */
static bool
legs_explain(const Balances *before, const Case *k)
{
	const Balances *after = &k->c.balance;
	int64_t		held = before->held;
	int64_t		released = before->released;
	int64_t		transit = before->in_transit;
	int64_t		fees = before->fee_held;
	int64_t		payments = 0;
	int64_t		payable = 0;

	for (int i = 0; i < k->step.nlegs; i++)
	{
		const Leg  *leg = &k->step.legs[i];

		if (leg->amount <= 0 || leg->debit == leg->credit)
			return false;
		held += leg->amount * ((leg->credit == ACCOUNT_ESCROW) - (leg->debit == ACCOUNT_ESCROW));
		released += leg->amount * ((leg->credit == ACCOUNT_FREELANCER) - (leg->debit == ACCOUNT_FREELANCER));
		transit += leg->amount * ((leg->credit == ACCOUNT_REFUND_PAYABLE) - (leg->debit == ACCOUNT_REFUND_PAYABLE));
		fees += leg->amount * ((leg->credit == ACCOUNT_FEE_HELD) - (leg->debit == ACCOUNT_FEE_HELD));
		payable += leg->credit == ACCOUNT_REFUND_PAYABLE && leg->debit != ACCOUNT_REFUND_PAID ? leg->amount : 0;
	}
	for (int i = 0; i < k->step.npayments; i++)
		payments += k->step.payments[i].amount;
	return held == after->held && released == after->released && transit == after->in_transit &&
		fees == after->fee_held && payments == payable;
}

/* ---- process.md section 4, row by row ---- */

#define IN(state) (1u << REQUEST_##state)
#define DISPUTE (IN(DISPUTED) | IN(IN_REVIEW) | IN(PROPOSED) | IN(UNRESOLVED))
#define OPEN (IN(REQUESTED) | DISPUTE | IN(IN_ARBITRATION))

/* Who is who. */
static const struct
{
	const char *person;
	char		role;			/* c, f, or o for somebody who is no party */
}			people[] = {{"client", 'c'}, {"freelancer", 'f'}, {"agency", 'f'}, {"somebody", 'o'}};

static const struct
{
	int			rule;
	unsigned	from;
	EventKind	event;
	const char *who;			/* roles */
	RequestState to;			/* REQUEST_NONE: the same */
	Outcome		outcome;
	int64_t		to_freelancer;	/* NO_AMOUNT unless it settles */
}			rows[] = {
	{2, IN(REQUESTED), EVENT_APPROVE_REFUND, "f", REQUEST_SETTLED, OUTCOME_APPROVED, 0},
	{4, IN(REQUESTED), EVENT_DISPUTE_REFUND, "f", REQUEST_DISPUTED, OUTCOME_NONE, NO_AMOUNT},
	{5, IN(REQUESTED) | DISPUTE, EVENT_PAY_IN_FULL, "c", REQUEST_SETTLED, OUTCOME_PAID_IN_FULL, STAKE},
	{6, DISPUTE, EVENT_ACCEPT_DISPUTE, "c", REQUEST_SETTLED, OUTCOME_CONCEDED, DISPUTED},
	{8, IN(DISPUTED), EVENT_DECLINE_DISPUTE, "c", REQUEST_IN_REVIEW, OUTCOME_NONE, NO_AMOUNT},
	{9, DISPUTE, EVENT_WITHDRAW_DISPUTE, "f", REQUEST_SETTLED, OUTCOME_DISPUTE_WITHDRAWN, 0},
	{10, IN(IN_REVIEW), EVENT_PROPOSE_RESOLUTION, "o", REQUEST_PROPOSED, OUTCOME_NONE, NO_AMOUNT},
	{13, IN(PROPOSED), EVENT_ACCEPT_RESOLUTION, "cf", REQUEST_NONE, OUTCOME_NONE, NO_AMOUNT},
	{14, IN(PROPOSED), EVENT_REJECT_RESOLUTION, "cf", REQUEST_UNRESOLVED, OUTCOME_NONE, NO_AMOUNT},
	{16, IN(UNRESOLVED), EVENT_JOIN_ARBITRATION, "cf", REQUEST_NONE, OUTCOME_NONE, NO_AMOUNT},
	{20, IN(IN_ARBITRATION), EVENT_RECORD_AWARD, "o", REQUEST_SETTLED, OUTCOME_ARBITRATION_AWARD, AWARDED},
	{23, OPEN, EVENT_OFFER_SETTLEMENT, "cf", REQUEST_NONE, OUTCOME_NONE, NO_AMOUNT},
	{23, OPEN, EVENT_WITHDRAW_SETTLEMENT_OFFER, "cf", REQUEST_NONE, OUTCOME_NONE, NO_AMOUNT},
	{21, OPEN, EVENT_ACCEPT_SETTLEMENT, "cf", REQUEST_SETTLED, OUTCOME_MUTUAL_SETTLEMENT, 22000},
	{24, OPEN, EVENT_ASSIGN_CASE, "o", REQUEST_NONE, OUTCOME_NONE, NO_AMOUNT}
};
#define ROWS ((int) (sizeof(rows) / sizeof(rows[0])))

static int
row_for(RequestState state, EventKind event)
{
	for (int i = 0; i < ROWS; i++)
		if (rows[i].event == event && IN_SET(rows[i].from, state))
			return i;
	return -1;
}

/* Whoever may send the event at all. */
static const char *
who_may(EventKind event)
{
	for (int i = 0; i < ROWS; i++)
		if (rows[i].event == event)
			return rows[i].who;
	return "";
}

static Refusal
expected_refusal(RequestState state, EventKind event, char role)
{
	const char *who = who_may(event);

	/* a party decides nothing: RF011 comes before the side and the state */
	if ((event == EVENT_PROPOSE_RESOLUTION || event == EVENT_RECORD_AWARD) && role != 'o')
		return REFUSED_PARTY_DECIDES;
	if (strchr(who, role) == NULL)
		return REFUSED_WRONG_PARTY;
	return row_for(state, event) >= 0 ? REFUSED_NOTHING : REFUSED_STATE;
}

static void
check_row(Tally *t, const Case *before, const Case *k, int row, const char *person)
{
	const Contract *c = &k->c;
	RequestState from = before->c.request_state;
	RequestState to = rows[row].to == REQUEST_NONE ? from : rows[row].to;
	bool		settles = to == REQUEST_SETTLED;
	const char *what = event_label[rows[row].event];

	check(t, c->request_state == to && k->step.from_state == from && k->step.to_state == to,
		  "%s in %s leads to %s", what, request_state_label[from], request_state_label[c->request_state]);
	check(t, k->step.outcome == rows[row].outcome && (!settles || c->outcome == rows[row].outcome),
		  "%s in %s: outcome", what, request_state_label[from]);
	check(t, contract_unsound(c) == NULL, "%s in %s by %s: %s", what, request_state_label[from], person,
		  contract_unsound(c) != NULL ? contract_unsound(c) : "");
	check(t, legs_explain(&before->c.balance, k), "%s in %s: the legs do not explain the balances", what,
		  request_state_label[from]);
	check(t, k->step.event_no == before->c.event_no + 1 && c->event_no == k->step.event_no &&
		  c->last_event == rows[row].event && c->last_at == NOW && k->step.effective_at == NOW,
		  "%s in %s: the event's number and time", what, request_state_label[from]);
	if (settles)
		check(t, c->to_freelancer == rows[row].to_freelancer && c->to_client == STAKE - rows[row].to_freelancer &&
			  c->settled_at == NOW && c->due_at == NO_INSTANT && c->next_due_at == NO_INSTANT && c->balance.held == 0 &&
			  c->balance.released == rows[row].to_freelancer,
			  "%s in %s pays %lld", what, request_state_label[from], (long long) c->to_freelancer);
	else if (to == from)
		check(t, c->due_at == before->c.due_at && c->effective_at == before->c.effective_at && c->entered_by == before->c.entered_by &&
			  k->step.due_at == NO_INSTANT, "%s in %s moves its window", what, request_state_label[from]);
	else
		check(t, c->entered_by == rows[row].event && c->effective_at == NOW && k->step.due_at == c->due_at,
			  "%s in %s opens no window", what, request_state_label[from]);
}

/* An offer of the other side, and one of one's own: to accept and to withdraw. */
static void
set_offers(Case *k, char role)
{
	SideName	mine = role == 'c' ? SIDE_CLIENT : SIDE_FREELANCER;

	k->c.offer_count = 2;
	k->c.side[other_side(mine)].offer_no = 1;
	k->c.side[other_side(mine)].offer = 22000;
	k->c.side[mine].offer_no = 2;
	k->c.side[mine].offer = 100;
}

static void
test_rows(void)
{
	Tally		refusals = {0};
	Tally		effects = {0};
	int			used[ROWS] = {0};
	bool		all_used = true;

	for (int state = REQUEST_NONE; state < REQUEST_STATES; state++)
		for (int event = EVENT_APPROVE_REFUND; event <= EVENT_ASSIGN_CASE; event++)
			for (int p = 0; p < (int) (sizeof(people) / sizeof(people[0])); p++)
			{
				Case		k = case_in(state);
				Case		before;
				Command		cmd = command(event, people[p].person);
				Refusal		expected = expected_refusal(state, event, people[p].role);
				Refusal		refusal;

				adopt(&k);
				/* strangers meet RF014 before anything is decided */
				if (command_party(&k.c, event, people[p].person) == PARTY_NONE)
				{
					check(&refusals, strchr(who_may(event), 'o') == NULL && people[p].role == 'o',
						  "%s is a stranger to %s", people[p].person, event_label[event]);
					continue;
				}
				if (state != REQUEST_NONE && state != REQUEST_SETTLED && event != EVENT_OFFER_SETTLEMENT)
					set_offers(&k, people[p].role);
				before = k;
				adopt(&before);
				refusal = act_as(&with_fee, &k, &cmd, NOW);
				check(&refusals, refusal == expected, "%s by %s in %s: refusal %d instead of %d", event_label[event],
					  people[p].person, state == REQUEST_NONE ? "no request" : request_state_label[state],
					  (int) refusal, (int) expected);
				if (refusal == REFUSED_NOTHING && row_for(state, event) >= 0)
				{
					used[row_for(state, event)]++;
					check_row(&effects, &before, &k, row_for(state, event), people[p].person);
				}
			}
	report_tally(&refusals, "every state, event and person: taken or refused as in process.md section 4");
	report_tally(&effects, "every row: state, outcome, split, window, legs");
	for (int i = 0; i < ROWS; i++)
		all_used = all_used && used[i] > 0;
	ok(all_used, "no row was left out");
}

/* RF009 comes before everything else. */
static void
test_active(void)
{
	Tally		t = {0};

	for (int event = EVENT_APPROVE_REFUND; event <= EVENT_ASSIGN_CASE; event++)
		for (int p = 0; p < (int) (sizeof(people) / sizeof(people[0])); p++)
		{
			Case		k = case_in(REQUEST_NONE);
			Command		cmd = command(event, people[p].person);

			adopt(&k);
			k.c.state = CONTRACT_ACTIVE;
			if (command_party(&k.c, event, people[p].person) == PARTY_NONE)
				continue;
			check(&t, act_as(&with_fee, &k, &cmd, NOW) == REFUSED_ACTIVE, "%s by %s", event_label[event], people[p].person);
		}
	report_tally(&t, "an active contract has no request");
}

/* Rows 12 and 17, which need two answers; an answer is given once. */
static void
test_two_answers(void)
{
	Case		k = case_in(REQUEST_PROPOSED);

	adopt(&k);
	ok(act(&k, EVENT_ACCEPT_RESOLUTION, "client") == REFUSED_NOTHING && k.c.request_state == REQUEST_PROPOSED &&
	   k.step.amount == PROPOSED, "row 13: one accepts");
	ok(act(&k, EVENT_ACCEPT_RESOLUTION, "client") == REFUSED_ANSWERED, "a side accepts once");
	ok(act(&k, EVENT_REJECT_RESOLUTION, "client") == REFUSED_ANSWERED, "row 13: and can not reject any more");
	ok(act(&k, EVENT_ACCEPT_RESOLUTION, "agency") == REFUSED_NOTHING && k.c.request_state == REQUEST_SETTLED &&
	   k.c.outcome == OUTCOME_RESOLUTION_ACCEPTED && k.c.to_freelancer == PROPOSED && k.c.to_client == STAKE - PROPOSED,
	   "row 12: the other accepts, as proposed");

	k = case_in(REQUEST_PROPOSED);
	adopt(&k);
	act(&k, EVENT_ACCEPT_RESOLUTION, "freelancer");
	ok(act(&k, EVENT_ACCEPT_RESOLUTION, "agency") == REFUSED_ANSWERED, "freelancer and agency have one answer");
	ok(act(&k, EVENT_REJECT_RESOLUTION, "client") == REFUSED_NOTHING && k.c.request_state == REQUEST_UNRESOLVED,
	   "row 14: the other rejects");
	for (int i = 0; i < 4; i++)
	{
		static const EventKind events[] = {
			EVENT_PAY_IN_FULL, EVENT_ACCEPT_DISPUTE, EVENT_WITHDRAW_DISPUTE, EVENT_OFFER_SETTLEMENT
		};

		k = case_in(REQUEST_PROPOSED);
		adopt(&k);
		act(&k, EVENT_ACCEPT_RESOLUTION, "client");
		act(&k, EVENT_OFFER_SETTLEMENT, "client");
		ok(act(&k, events[i], events[i] == EVENT_WITHDRAW_DISPUTE || events[i] == EVENT_OFFER_SETTLEMENT ? "freelancer" : "client") ==
		   REFUSED_NOTHING && k.c.request_state == REQUEST_SETTLED && k.c.outcome != OUTCOME_RESOLUTION_ACCEPTED,
		   "row 13: %s overrides an acceptance", event_label[events[i]]);
	}

	k = case_in(REQUEST_UNRESOLVED);
	adopt(&k);
	act(&k, EVENT_JOIN_ARBITRATION, "agency");
	ok(act(&k, EVENT_JOIN_ARBITRATION, "freelancer") == REFUSED_ANSWERED, "a side joins once");
	ok(act(&k, EVENT_JOIN_ARBITRATION, "client") == REFUSED_NOTHING && k.c.request_state == REQUEST_IN_ARBITRATION,
	   "row 17: both have joined");
	/* an answer to a proposal is none to the arbitration */
	k = case_in(REQUEST_UNRESOLVED);
	adopt(&k);
	k.c.side[SIDE_CLIENT].accepted = true;
	ok(act(&k, EVENT_JOIN_ARBITRATION, "client") == REFUSED_NOTHING, "who has accepted a proposal can join");
}

/* ---- amounts and words ---- */

static void
test_amounts(void)
{
	static const struct
	{
		RequestState state;
		EventKind	event;
		const char *actor;
		int64_t		least;
		int64_t		most;
		Refusal		over;
	}			ranges[] = {
		{REQUEST_REQUESTED, EVENT_DISPUTE_REFUND, "freelancer", 1, STAKE, REFUSED_OVER_STAKE},
		{REQUEST_IN_REVIEW, EVENT_PROPOSE_RESOLUTION, "somebody", 0, DISPUTED, REFUSED_OVER_DISPUTED},
		{REQUEST_IN_ARBITRATION, EVENT_RECORD_AWARD, "somebody", 0, DISPUTED, REFUSED_OVER_DISPUTED},
		{REQUEST_DISPUTED, EVENT_OFFER_SETTLEMENT, "client", 0, STAKE, REFUSED_OVER_STAKE}
	};
	Tally		t = {0};

	for (int i = 0; i < (int) (sizeof(ranges) / sizeof(ranges[0])); i++)
	{
		const int64_t amounts[] = {INT64_MIN + 1, -1, 0, 1, ranges[i].most - 1, ranges[i].most, ranges[i].most + 1, INT64_MAX};

		for (int j = 0; j < (int) (sizeof(amounts) / sizeof(amounts[0])); j++)
		{
			Case		k = case_in(ranges[i].state);
			Command		cmd = command(ranges[i].event, ranges[i].actor);
			Refusal		expected = amounts[j] < ranges[i].least ? (ranges[i].least > 0 ? REFUSED_NOT_POSITIVE : REFUSED_NEGATIVE)
				: amounts[j] > ranges[i].most ? ranges[i].over : REFUSED_NOTHING;

			adopt(&k);
			cmd.amount = amounts[j];
			check(&t, act_as(&with_fee, &k, &cmd, NOW) == expected && (expected != ranges[i].over || k.facts.available == ranges[i].most),
				  "%s of %lld", event_label[ranges[i].event], (long long) amounts[j]);
			/* the order: currency, amount, words */
			k = case_in(ranges[i].state);
			adopt(&k);
			cmd.currency = EUR;
			cmd.statement = "";
			check(&t, act_as(&with_fee, &k, &cmd, NOW) == REFUSED_CURRENCY, "%s in euro", event_label[ranges[i].event]);
			if (ranges[i].event == EVENT_OFFER_SETTLEMENT)
				continue;
			k = case_in(ranges[i].state);
			adopt(&k);
			cmd.currency = USD;
			check(&t, act_as(&with_fee, &k, &cmd, NOW) == (expected != REFUSED_NOTHING ? expected : REFUSED_STATEMENT),
				  "%s of %lld without a word", event_label[ranges[i].event], (long long) amounts[j]);
		}
	}
	report_tally(&t, "amounts at their limits");
}

static void
test_words(void)
{
	static const EvidenceItem items[3] = {
		{.title = "a",.content_bytes = 10}, {.title = "b",.content_bytes = 11}, {.title = "c"}
	};
	static const struct
	{
		const char *statement;
		int			nevidence;
		const char *problem;
		Refusal		refusal;
	}			cases[] = {
		{"x", 0, NULL, REFUSED_NOTHING}, {"", 0, NULL, REFUSED_STATEMENT}, {"", 3, "bad", REFUSED_STATEMENT},
		{"x", 1, "bad", REFUSED_EVIDENCE}, {"x", 3, "bad", REFUSED_EVIDENCE}, {"x", 3, NULL, REFUSED_EVIDENCE_COUNT},
		{"x", 1, NULL, REFUSED_NOTHING}, {"x", 2, NULL, REFUSED_EVIDENCE_SIZE}
	};
	static const EventKind events[] = {EVENT_DISPUTE_REFUND, EVENT_DECLINE_DISPUTE};
	Tally		t = {0};

	for (int e = 0; e < 2; e++)
		for (int i = 0; i < (int) (sizeof(cases) / sizeof(cases[0])); i++)
		{
			Case		k = case_in(e == 0 ? REQUEST_REQUESTED : REQUEST_DISPUTED);
			Command		cmd = command(events[e], e == 0 ? "freelancer" : "client");

			adopt(&k);
			k.c.evidence_count = 5;
			cmd.statement = cases[i].statement;
			cmd.nevidence = cases[i].nevidence;
			cmd.evidence = items;
			cmd.evidence_problem = cases[i].problem;
			check(&t, act_as(&with_fee, &k, &cmd, NOW) == cases[i].refusal, "%s, case %d", event_label[events[e]], i);
			check(&t, k.c.evidence_count == 5 + (cases[i].refusal == REFUSED_NOTHING ? cases[i].nevidence : 0),
				  "%s, case %d: number of pieces", event_label[events[e]], i);
			if (cases[i].refusal == REFUSED_EVIDENCE_SIZE)
				check(&t, k.facts.item_no == 2 && k.facts.available == 10, "which piece is too large");
			if (cases[i].refusal == REFUSED_EVIDENCE_COUNT)
				check(&t, k.facts.available == 2, "how many may be");
		}
	report_tally(&t, "reason, statement and evidence");
	{
		Case		k = case_in(REQUEST_PROPOSED);
		Command		cmd = command(EVENT_REJECT_RESOLUTION, "client");

		adopt(&k);
		cmd.statement = "";
		ok(act_as(&with_fee, &k, &cmd, NOW) == REFUSED_STATEMENT, "a reason that is given is not blank");
		cmd.statement = "too much";
		ok(act_as(&with_fee, &k, &cmd, NOW) == REFUSED_NOTHING, "and is taken");
	}
}

/* ---- deciders ---- */

static void
test_deciders(void)
{
	Case		k = case_in(REQUEST_IN_REVIEW);
	Command		cmd;
	Tally		t = {0};

	adopt(&k);
	ok(act(&k, EVENT_PROPOSE_RESOLUTION, "somebody") == REFUSED_NOTHING && strcmp(k.c.mediator, "somebody") == 0,
	   "who proposes is the mediator from then on");
	k = case_in(REQUEST_IN_REVIEW);
	adopt(&k);
	k.c.mediator = "another";
	ok(act(&k, EVENT_PROPOSE_RESOLUTION, "somebody") == REFUSED_OTHER_DECIDES, "of an assigned case only the mediator");
	ok(act(&k, EVENT_PROPOSE_RESOLUTION, "another") == REFUSED_NOTHING, "who is assigned decides");
	k = case_in(REQUEST_IN_ARBITRATION);
	adopt(&k);
	k.c.mediator = "another";
	ok(act(&k, EVENT_RECORD_AWARD, "somebody") == REFUSED_NOTHING && strcmp(k.c.arbitrator, "somebody") == 0,
	   "the mediator is no arbitrator");
	k = case_in(REQUEST_IN_ARBITRATION);
	adopt(&k);
	k.c.arbitrator = "another";
	ok(act(&k, EVENT_RECORD_AWARD, "somebody") == REFUSED_OTHER_DECIDES, "of an assigned case only the arbitrator");
	/* even in a state that does not know the event: RF011 comes before RF001 */
	k = case_in(REQUEST_REQUESTED);
	adopt(&k);
	k.c.mediator = "another";
	ok(act(&k, EVENT_PROPOSE_RESOLUTION, "somebody") == REFUSED_OTHER_DECIDES, "before the state is looked at");

	for (int state = REQUEST_REQUESTED; state < REQUEST_SETTLED; state++)
	{
		bool		mediates = state <= REQUEST_IN_REVIEW;

		k = case_in(state);
		adopt(&k);
		cmd = command(EVENT_ASSIGN_CASE, "somebody");
		check(&t, act_as(&with_fee, &k, &cmd, NOW) == REFUSED_NOTHING && (k.c.mediator != NULL) == mediates &&
			  (k.c.arbitrator != NULL) == !mediates && strcmp(k.step.reference, "decider") == 0,
			  "assigned in %s", request_state_label[state]);
		cmd.decider = "second";
		check(&t, act_as(&with_fee, &k, &cmd, NOW) == REFUSED_NOTHING &&
			  strcmp(mediates ? k.c.mediator : k.c.arbitrator, "second") == 0, "assigned anew in %s", request_state_label[state]);
		for (int p = 0; p < 3; p++)
		{
			cmd.decider = people[p].person;
			check(&t, act_as(&with_fee, &k, &cmd, NOW) == REFUSED_PARTY_DECIDES, "%s decides in %s", people[p].person,
				  request_state_label[state]);
		}
	}
	report_tally(&t, "a case is assigned to the mediator up to the review, then to the arbitrator");
}

/* ---- offers ---- */

static void
test_offers(void)
{
	Tally		t = {0};

	for (int state = REQUEST_REQUESTED; state < REQUEST_SETTLED; state++)
	{
		const char *where = request_state_label[state];
		Case		k = case_in(state);
		Case		with_offers;

		adopt(&k);
		check(&t, act(&k, EVENT_WITHDRAW_SETTLEMENT_OFFER, "client") == REFUSED_UNKNOWN_OFFER, "%s: nothing to withdraw", where);
		check(&t, accept(&k, "client", 1) == REFUSED_UNKNOWN_OFFER, "%s: nothing to accept", where);
		check(&t, offer(&k, "client", 100) == REFUSED_NOTHING && k.step.item_no == 1 && k.step.amount == 100 &&
			  k.c.side[SIDE_CLIENT].offer_no == 1 && k.c.side[SIDE_CLIENT].offer == 100, "%s: the first offer is number 1", where);
		check(&t, accept(&k, "client", 1) == REFUSED_OWN_OFFER, "%s: one's own offer", where);
		check(&t, accept(&k, "agency", 2) == REFUSED_UNKNOWN_OFFER, "%s: an offer that was not made", where);
		check(&t, offer(&k, "agency", 200) == REFUSED_NOTHING && k.step.item_no == 2 && k.c.request_state == (RequestState) state &&
			  k.c.side[SIDE_CLIENT].offer == 100 && k.c.side[SIDE_FREELANCER].offer == 200, "%s: each side has one that stands", where);
		check(&t, offer(&k, "client", 150) == REFUSED_NOTHING && k.step.item_no == 3 && k.c.side[SIDE_CLIENT].offer_no == 3 &&
			  k.c.side[SIDE_FREELANCER].offer_no == 2, "%s: a new one replaces one's own", where);
		check(&t, accept(&k, "freelancer", 1) == REFUSED_STALE_OFFER && k.facts.item_no == 3, "%s: the replaced one is stale", where);
		check(&t, accept(&k, "client", 1) == REFUSED_STALE_OFFER && k.facts.item_no == 2, "%s: also for its own side", where);
		check(&t, accept(&k, "freelancer", 2) == REFUSED_OWN_OFFER, "%s: freelancer and agency are one side", where);
		with_offers = k;
		adopt(&with_offers);
		check(&t, accept(&k, "freelancer", 3) == REFUSED_NOTHING && k.c.outcome == OUTCOME_MUTUAL_SETTLEMENT &&
			  k.c.to_freelancer == 150 && k.step.item_no == 3 && k.step.amount == 150 && k.c.side[SIDE_CLIENT].offer_no == 0 &&
			  k.c.side[SIDE_FREELANCER].offer_no == 0 && k.c.offer_count == 3 && contract_unsound(&k.c) == NULL,
			  "%s: accepted as offered", where);
		k = with_offers;
		adopt(&k);
		check(&t, accept(&k, "client", 2) == REFUSED_NOTHING && k.c.to_freelancer == 200, "%s: the other way round", where);
		/* crossing */
		k = with_offers;
		adopt(&k);
		check(&t, offer(&k, "client", 200) == REFUSED_NOTHING && k.c.outcome == OUTCOME_MUTUAL_SETTLEMENT && k.c.to_freelancer == 200 &&
			  k.step.item_no == 4 && k.c.offer_count == 4 && k.step.event == EVENT_OFFER_SETTLEMENT, "%s: equal offers settle", where);
		/* zero is an offer as any other, and so is all of it */
		k = case_in(state);
		adopt(&k);
		offer(&k, "client", 0);
		check(&t, offer(&k, "freelancer", STAKE) == REFUSED_NOTHING && k.c.request_state == (RequestState) state, "%s: 0 and all", where);
		check(&t, offer(&k, "freelancer", 0) == REFUSED_NOTHING && k.c.outcome == OUTCOME_MUTUAL_SETTLEMENT && k.c.to_client == STAKE,
			  "%s: both want 0", where);
		/* withdrawn: gone for both, and no agreement with what is not there any more */
		k = with_offers;
		adopt(&k);
		check(&t, act(&k, EVENT_WITHDRAW_SETTLEMENT_OFFER, "freelancer") == REFUSED_NOTHING && k.step.item_no == 2 && k.step.amount == 200 &&
			  k.c.side[SIDE_FREELANCER].offer_no == 0 && k.c.side[SIDE_FREELANCER].offer == NO_AMOUNT && k.c.side[SIDE_CLIENT].offer_no == 3,
			  "%s: withdrawn", where);
		check(&t, accept(&k, "client", 2) == REFUSED_STALE_OFFER && k.facts.item_no == 0, "%s: a withdrawn one is stale", where);
		check(&t, act(&k, EVENT_WITHDRAW_SETTLEMENT_OFFER, "agency") == REFUSED_UNKNOWN_OFFER, "%s: withdrawn twice", where);
		check(&t, offer(&k, "client", 200) == REFUSED_NOTHING && k.c.request_state == (RequestState) state, "%s: no ghost agrees", where);
	}
	report_tally(&t, "the life of offers, in every open state");
}

/* Row 23: a change of state, by whomever, ends every offer. */
static void
test_offers_lapse(void)
{
	static const struct
	{
		RequestState state;
		EventKind	event;
		const char *actor;
		bool		lapses;
	}			cases[] = {
		{REQUEST_REQUESTED, EVENT_DISPUTE_REFUND, "freelancer", true}, {REQUEST_DISPUTED, EVENT_DECLINE_DISPUTE, "client", true},
		{REQUEST_IN_REVIEW, EVENT_PROPOSE_RESOLUTION, "somebody", true}, {REQUEST_PROPOSED, EVENT_REJECT_RESOLUTION, "client", true},
		{REQUEST_UNRESOLVED, EVENT_ACCEPT_DISPUTE, "client", true}, {REQUEST_IN_ARBITRATION, EVENT_RECORD_AWARD, "somebody", true},
		{REQUEST_PROPOSED, EVENT_ACCEPT_RESOLUTION, "client", false}, {REQUEST_UNRESOLVED, EVENT_JOIN_ARBITRATION, "client", false},
		{REQUEST_IN_REVIEW, EVENT_ASSIGN_CASE, "somebody", false}
	};
	Tally		t = {0};

	for (int i = 0; i < (int) (sizeof(cases) / sizeof(cases[0])); i++)
	{
		Case		k = case_in(cases[i].state);

		adopt(&k);
		offer(&k, "client", 100);
		offer(&k, "freelancer", 200);
		act(&k, cases[i].event, cases[i].actor);
		check(&t, (k.c.side[SIDE_CLIENT].offer_no == 0) == cases[i].lapses && (k.c.side[SIDE_FREELANCER].offer_no == 0) == cases[i].lapses &&
			  (k.c.side[SIDE_CLIENT].offer == NO_AMOUNT) == cases[i].lapses, "%s", event_label[cases[i].event]);
		if (cases[i].lapses && k.c.request_state != REQUEST_SETTLED)
			check(&t, accept(&k, "freelancer", 1) == REFUSED_STALE_OFFER, "after %s", event_label[cases[i].event]);
	}
	for (int state = REQUEST_REQUESTED; state < REQUEST_SETTLED; state++)
	{
		Case		k = case_in(state);

		adopt(&k);
		offer(&k, "client", 100);
		tick(&k, k.c.due_at);
		check(&t, k.c.side[SIDE_CLIENT].offer_no == 0, "silence in %s", request_state_label[state]);
	}
	report_tally(&t, "offers lapse with the state, and with nothing else");
}

/* ---- fees ---- */

static void
test_fees(void)
{
	Case		k = case_in(REQUEST_UNRESOLVED);
	Command		cmd = command(EVENT_JOIN_ARBITRATION, "agency");
	Balances	before;
	Tally		t = {0};

	adopt(&k);
	cmd.source = NULL;
	ok(act_as(&with_fee, &k, &cmd, NOW) == REFUSED_NO_FEE_SOURCE, "a fee has a source");
	cmd.source = "card";
	before = k.c.balance;
	ok(act_as(&with_fee, &k, &cmd, NOW) == REFUSED_NOTHING && k.c.balance.fee_held == FEE && k.step.fee == FEE && k.step.amount == FEE &&
	   k.step.nlegs == 1 && k.step.legs[0].debit == ACCOUNT_SOURCE && k.step.legs[0].credit == ACCOUNT_FEE_HELD &&
	   legs_explain(&before, &k), "the share is held");
	k = case_in(REQUEST_UNRESOLVED);
	adopt(&k);
	cmd.source = NULL;
	ok(act_as(&free_of_charge, &k, &cmd, NOW) == REFUSED_NOTHING && k.c.balance.fee_held == 0 && k.step.fee == 0 && k.step.nlegs == 0 &&
	   k.step.amount == NO_AMOUNT && k.c.side[SIDE_FREELANCER].joined, "without a fee joining is free");

	/* process.md section 4: returned by rows 5, 6, 9, 19, 21 and 22, spent by 20 */
	for (int joined = 0; joined < 4; joined++)
		for (int end = 0; end < 6; end++)
		{
			static const EventKind ends[] = {
				EVENT_PAY_IN_FULL, EVENT_ACCEPT_DISPUTE, EVENT_WITHDRAW_DISPUTE, EVENT_OFFER_SETTLEMENT, EVENT_NONE, EVENT_RECORD_AWARD
			};
			bool		both = joined == 3;
			int			count = (joined & 1) + (joined >> 1);
			int			returned = 0;

			k = case_in(both ? REQUEST_IN_ARBITRATION : REQUEST_UNRESOLVED);
			adopt(&k);
			k.c.side[SIDE_CLIENT].joined = (joined & 1) != 0;
			k.c.side[SIDE_FREELANCER].joined = (joined & 2) != 0;
			k.c.balance.fee_held = count * FEE;
			/* what arbitration does not know any more, and what needs it */
			if (both ? end < 3 : ends[end] == EVENT_RECORD_AWARD)
				continue;
			if (ends[end] == EVENT_OFFER_SETTLEMENT)
				offer(&k, "client", 22000);
			before = k.c.balance;
			if (ends[end] == EVENT_NONE)
				check(&t, tick(&k, k.c.due_at), "silence");
			else
				check(&t, act(&k, ends[end], ends[end] == EVENT_PAY_IN_FULL || ends[end] == EVENT_ACCEPT_DISPUTE ? "client"
							  : ends[end] == EVENT_RECORD_AWARD ? "somebody" : "freelancer") == REFUSED_NOTHING, "%s", event_label[ends[end]]);
			for (int i = 0; i < k.step.npayments; i++)
			{
				const PaymentLine *p = &k.step.payments[i];

				if (p->purpose != PURPOSE_ARBITRATION_FEE)
					continue;
				returned++;
				check(&t, p->amount == FEE && p->deposit_no == 0 &&
					  k.c.side[p->payee == PARTY_CLIENT ? SIDE_CLIENT : SIDE_FREELANCER].joined && p->payee <= PARTY_FREELANCER &&
					  p->expected_by == k.step.recorded_at + 6 * DAY, "to whom a fee goes back");
			}
			check(&t, k.c.request_state == REQUEST_SETTLED && k.c.balance.fee_held == 0 && contract_unsound(&k.c) == NULL &&
				  legs_explain(&before, &k) && returned == (ends[end] == EVENT_RECORD_AWARD ? 0 : count),
				  "%d joined, %s: %d fees returned", count, ends[end] == EVENT_NONE ? "silence" : event_label[ends[end]], returned);
			check(&t, k.c.payment_count == k.step.npayments, "payments are counted");
		}
	report_tally(&t, "fees: returned by every end but an award, which spends them");
}

/* ---- windows, targets and reminders ---- */

static void
test_windows(void)
{
	static const struct
	{
		RequestState before;
		EventKind	event;
		const char *actor;
		int			due;
		int			target;		/* 0: none */
	}			cases[] = {
		{REQUEST_REQUESTED, EVENT_DISPUTE_REFUND, "freelancer", 5, 0},
		{REQUEST_DISPUTED, EVENT_DECLINE_DISPUTE, "client", 30, 3},
		{REQUEST_IN_REVIEW, EVENT_PROPOSE_RESOLUTION, "somebody", 2, 0},
		{REQUEST_PROPOSED, EVENT_REJECT_RESOLUTION, "client", 8, 0},
		{REQUEST_UNRESOLVED, EVENT_JOIN_ARBITRATION, "client", 90, 31}
	};
	Tally		t = {0};

	for (int i = 0; i < (int) (sizeof(cases) / sizeof(cases[0])); i++)
	{
		Case		k = case_in(cases[i].before);
		const char *what = event_label[cases[i].event];
		int64_t		due = NOW + cases[i].due * DAY;
		int64_t		target = cases[i].target > 0 ? NOW + cases[i].target * DAY : NO_INSTANT;
		int64_t		first = target != NO_INSTANT ? target : due - DAY;

		adopt(&k);
		k.c.side[SIDE_FREELANCER].joined = cases[i].event == EVENT_JOIN_ARBITRATION;
		k.c.balance.fee_held = cases[i].event == EVENT_JOIN_ARBITRATION ? FEE : 0;
		check(&t, act(&k, cases[i].event, cases[i].actor) == REFUSED_NOTHING && k.c.due_at == due && k.c.target_at == target &&
			  k.step.due_at == due && k.c.remind_at == first && k.c.next_due_at == first, "%s opens", what);
		check(&t, !tick(&k, first - 1) && k.c.event_no == 11, "%s: nothing before the first notice", what);
		if (target != NO_INSTANT)
		{
			Contract	before = k.c;

			check(&t, tick(&k, target + 5) && k.step.event == EVENT_TARGET_MISSED && k.step.effective_at == target &&
				  k.step.recorded_at == target + 5 && k.step.party == PARTY_CLOCK && k.step.actor == NULL && k.step.nlegs == 0 &&
				  k.c.request_state == before.request_state && k.c.due_at == due && k.c.target_at == target &&
				  k.c.entered_by == before.entered_by && k.c.effective_at == before.effective_at &&
				  k.c.remind_at == due - DAY && k.c.next_due_at == due - DAY && k.step.due_at == due, "%s: its target is missed, and nothing moves", what);
		}
		check(&t, tick(&k, due - DAY) && k.step.event == EVENT_REMINDER_DUE && k.step.effective_at == due - DAY &&
			  k.c.remind_at == NO_INSTANT && k.c.next_due_at == due && k.c.due_at == due && k.step.due_at == due, "%s: the reminder", what);
		check(&t, !tick(&k, due - 1), "%s: one only", what);
		check(&t, tick(&k, due) && k.c.request_state != k.step.from_state, "%s: then the window's end", what);
	}
	report_tally(&t, "windows, targets and reminders of every state");
}

/* The verbs never record a notice, and one that is overtaken is not recorded any more. */
static void
test_notices_lost(void)
{
	Case		k = case_in(REQUEST_REQUESTED);
	Command		cmd = command(EVENT_DISPUTE_REFUND, "freelancer");

	adopt(&k);
	k.c.remind_at = k.c.next_due_at = NOW - DAY;
	ok(act_as(&with_fee, &k, &cmd, NOW) == REFUSED_NOTHING && k.step.event_no == 11 && k.c.remind_at == NOW + 4 * DAY,
	   "a verb after the reminder's time records no reminder");
	k = case_in(REQUEST_REQUESTED);
	adopt(&k);
	k.c.remind_at = k.c.next_due_at = k.c.due_at - DAY;
	ok(tick(&k, k.c.due_at) && k.step.event == EVENT_RESPONSE_EXPIRED && k.c.remind_at == NO_INSTANT,
	   "at the window's end it is too late for its reminder");
	/* windows that are no longer than the reminder, and targets that come with the limit */
	{
		static const int64_t days[] = {
			[WINDOW_REFUND_RESPONSE] = 7,[WINDOW_DISPUTE_RESPONSE] = 1,[WINDOW_RESOLUTION_TARGET] = 30,
			[WINDOW_RESOLUTION_LIMIT] = 30,[WINDOW_RESOLUTION_RESPONSE] = 2,[WINDOW_ARBITRATION] = 8,
			[WINDOW_AWARD_TARGET] = 95,[WINDOW_AWARD_LIMIT] = 90,[WINDOW_REFUND_CREDIT] = 6
		};
		Terms		terms = with_fee;

		terms.policy = days;
		k = case_in(REQUEST_REQUESTED);
		adopt(&k);
		ok(act_as(&terms, &k, &cmd, NOW) == REFUSED_NOTHING && k.c.remind_at == NO_INSTANT && k.c.next_due_at == NOW + DAY,
		   "no reminder at or before the opening");
		cmd = command(EVENT_DECLINE_DISPUTE, "client");
		ok(act_as(&terms, &k, &cmd, NOW) == REFUSED_NOTHING && k.c.target_at == k.c.due_at && k.c.remind_at == k.c.due_at - DAY,
		   "a target at the limit: the reminder comes first");
	}
}

/* Whom a reminder reminds, and what silence does, by who has answered. */
static void
test_silence(void)
{
	static const struct
	{
		RequestState state;
		int			accepted;	/* bits: client, freelancer */
		int			joined;
		bool		has_proposal;
		EventKind	event;
		RequestState to;
		Outcome		outcome;
		int64_t		to_freelancer;
		const char *turn;
	}			cases[] = {
		{REQUEST_REQUESTED, 0, 0, false, EVENT_RESPONSE_EXPIRED, REQUEST_SETTLED, OUTCOME_APPROVED_BY_SILENCE, 0, "f"},
		{REQUEST_DISPUTED, 0, 0, false, EVENT_DISPUTE_EXPIRED, REQUEST_SETTLED, OUTCOME_CONCEDED_BY_SILENCE, DISPUTED, "c"},
		{REQUEST_IN_REVIEW, 0, 0, false, EVENT_MEDIATION_EXPIRED, REQUEST_UNRESOLVED, OUTCOME_NONE, NO_AMOUNT, "m"},
		{REQUEST_PROPOSED, 0, 0, true, EVENT_RESOLUTION_EXPIRED, REQUEST_UNRESOLVED, OUTCOME_NONE, NO_AMOUNT, "cf"},
		{REQUEST_PROPOSED, 1, 0, true, EVENT_RESOLUTION_EXPIRED, REQUEST_UNRESOLVED, OUTCOME_NONE, NO_AMOUNT, "f"},
		{REQUEST_PROPOSED, 2, 0, true, EVENT_RESOLUTION_EXPIRED, REQUEST_UNRESOLVED, OUTCOME_NONE, NO_AMOUNT, "c"},
		{REQUEST_UNRESOLVED, 0, 0, true, EVENT_ARBITRATION_EXPIRED, REQUEST_SETTLED, OUTCOME_ARBITRATION_WAIVED, 0, "cf"},
		{REQUEST_UNRESOLVED, 0, 0, false, EVENT_ARBITRATION_EXPIRED, REQUEST_SETTLED, OUTCOME_ARBITRATION_WAIVED, 0, "cf"},
		/* who accepted the proposal that failed has to join as everybody else */
		{REQUEST_UNRESOLVED, 1, 0, true, EVENT_ARBITRATION_EXPIRED, REQUEST_SETTLED, OUTCOME_ARBITRATION_WAIVED, 0, "cf"},
		{REQUEST_UNRESOLVED, 0, 1, true, EVENT_ARBITRATION_EXPIRED, REQUEST_SETTLED, OUTCOME_ARBITRATION_DEFAULT, 0, "f"},
		{REQUEST_UNRESOLVED, 0, 2, true, EVENT_ARBITRATION_EXPIRED, REQUEST_SETTLED, OUTCOME_ARBITRATION_DEFAULT, DISPUTED, "c"},
		{REQUEST_UNRESOLVED, 0, 2, false, EVENT_ARBITRATION_EXPIRED, REQUEST_SETTLED, OUTCOME_ARBITRATION_DEFAULT, DISPUTED, "c"},
		{REQUEST_IN_ARBITRATION, 0, 3, true, EVENT_AWARD_EXPIRED, REQUEST_SETTLED, OUTCOME_ARBITRATION_LAPSED, PROPOSED, "a"},
		{REQUEST_IN_ARBITRATION, 0, 3, false, EVENT_AWARD_EXPIRED, REQUEST_SETTLED, OUTCOME_ARBITRATION_LAPSED, 0, "a"}
	};
	static const char roles[] = {' ', 'c', 'f', 'm', 'a', 'o', ' '};
	Tally		t = {0};

	for (int i = 0; i < (int) (sizeof(cases) / sizeof(cases[0])); i++)
	{
		Case		k = case_in(cases[i].state);
		const char *where = request_state_label[cases[i].state];
		int			fees = (cases[i].joined & 1) + (cases[i].joined >> 1);
		int64_t		due = k.c.due_at;
		const char *reminded = cases[i].turn[1] != '\0' || strchr("cf", cases[i].turn[0]) == NULL ? NULL
			: cases[i].turn[0] == 'c' ? "client" : "freelancer";
		Silence		silence;
		Balances	before;

		adopt(&k);
		for (int s = 0; s < SIDES; s++)
		{
			k.c.side[s].accepted = (cases[i].accepted >> s & 1) != 0;
			k.c.side[s].joined = (cases[i].joined >> s & 1) != 0;
		}
		k.c.balance.fee_held = fees * FEE;
		if (!cases[i].has_proposal)
			k.c.proposed = NO_AMOUNT;
		check(&t, request_silence(&k.c, &silence) && silence.event == cases[i].event && silence.to == cases[i].to &&
			  silence.outcome == cases[i].outcome && silence.to_freelancer == cases[i].to_freelancer &&
			  silence.to_client == (cases[i].to_freelancer == NO_AMOUNT ? NO_AMOUNT : STAKE - cases[i].to_freelancer),
			  "%s, case %d: what silence would do", where, i);
		for (int party = 0; party < PARTIES; party++)
			check(&t, IN_SET(contract_turn(&k.c), party) == (roles[party] != ' ' && strchr(cases[i].turn, roles[party]) != NULL),
				  "%s, case %d: the turn of %s", where, i, party == 0 ? "nobody" : party_label[party]);
		k.c.remind_at = k.c.next_due_at = due - 1;
		check(&t, tick(&k, due - 1) && k.step.event == EVENT_REMINDER_DUE &&
			  (reminded == NULL ? k.step.reference == NULL : k.step.reference != NULL && strcmp(k.step.reference, reminded) == 0),
			  "%s, case %d: whom the reminder names", where, i);
		/* half-open: at due_at silence has decided */
		check(&t, !expiry_due(&k.c, due - 1) && effective_state(&k.c, due - 1) == cases[i].state && expiry_due(&k.c, due) &&
			  effective_state(&k.c, due) == cases[i].to, "%s, case %d: the instant", where, i);
		before = k.c.balance;
		check(&t, tick(&k, due + 3 * DAY) && k.step.event == cases[i].event && k.c.request_state == cases[i].to && k.step.outcome == cases[i].outcome &&
			  k.step.effective_at == due && k.step.recorded_at == due + 3 * DAY && k.c.effective_at == due && k.c.last_at == due + 3 * DAY &&
			  k.step.party == PARTY_CLOCK && contract_unsound(&k.c) == NULL && legs_explain(&before, &k), "%s, case %d: silence", where, i);
		if (cases[i].to == REQUEST_SETTLED)
			check(&t, k.c.to_freelancer == cases[i].to_freelancer && k.c.to_client == STAKE - cases[i].to_freelancer &&
				  k.c.settled_at == due + 3 * DAY && k.c.due_at == NO_INSTANT, "%s, case %d: the split", where, i);
		else
			check(&t, k.c.due_at == due + 3 * DAY + 8 * DAY && k.step.due_at == k.c.due_at,
				  "%s, case %d: the next window opens when this one's end is recorded", where, i);
	}
	for (int state = 0; state < REQUEST_STATES; state++)
	{
		Case		k = case_in(state);
		Silence		silence;

		adopt(&k);
		if (state == REQUEST_NONE || state == REQUEST_SETTLED)
			check(&t, !request_silence(&k.c, &silence) && contract_turn(&k.c) == 0 && !tick(&k, NOW + 1000 * DAY), "no silence");
	}
	report_tally(&t, "silence in every state, by who has answered");
}

/* RF005 for what the state knew that silence left, RF001 for the rest. */
static void
test_late(void)
{
	Tally		t = {0};

	for (int state = REQUEST_REQUESTED; state < REQUEST_SETTLED; state++)
		for (int event = EVENT_APPROVE_REFUND; event < EVENT_ASSIGN_CASE; event++)
			for (int p = 0; p < (int) (sizeof(people) / sizeof(people[0])); p++)
			{
				Case		k = case_in(state);
				Command		cmd = command(event, people[p].person);
				int64_t		due = k.c.due_at;
				Refusal		expected;
				Refusal		refusal;

				adopt(&k);
				if (command_party(&k.c, event, people[p].person) == PARTY_NONE)
					continue;
				tick(&k, due);
				if (row_for(k.c.request_state, event) >= 0)
					continue;
				expected = expected_refusal(k.c.request_state, event, people[p].role);
				if (expected == REFUSED_STATE && row_for(state, event) >= 0)
					expected = REFUSED_LATE;
				refusal = act_as(&with_fee, &k, &cmd, NOW + 10 * DAY);
				check(&t, refusal == expected && (refusal != REFUSED_LATE || k.facts.due_at == due),
					  "%s by %s after silence in %s: %d instead of %d", event_label[event], people[p].person, request_state_label[state],
					  (int) refusal, (int) expected);
			}
	report_tally(&t, "what came too late, and what was never known");
	{
		Case		k = case_in(REQUEST_PROPOSED);

		adopt(&k);
		act(&k, EVENT_REJECT_RESOLUTION, "client");
		ok(act(&k, EVENT_ACCEPT_RESOLUTION, "freelancer") == REFUSED_STATE, "after a rejection accepting is not late, but unknown");
		k = case_in(REQUEST_REQUESTED);
		adopt(&k);
		act(&k, EVENT_APPROVE_REFUND, "freelancer");
		ok(act(&k, EVENT_DISPUTE_REFUND, "freelancer") == REFUSED_STATE, "nor is a dispute after the approval");
	}
}

/* ---- refund payments: every sequence of reports against a model ---- */

/*
 * The model keeps, for each reference, what was recorded of it, and decides by
 * the list: what a report is, given the payment's state and the reference's past.
 */
#define REFS 3
#define DEPTH 7
#define AMOUNT 700

typedef struct Model
{
	PaymentState state;
	int			ref;			/* of the present attempt, -1 none */
	int			npaid;
	int			paid[REFS];		/* references that have paid and have not come back, in order */
	unsigned	seen[REFS];		/* sets of PaymentState */
	int64_t		in_transit;
	int			attempts;
	bool		elsewhere;		/* has another destination */
} Model;

static const char *const ref_name[] = {"a", "b", "c"};

static Report
model_report(Model *m, PaymentState reported, int ref)
{
	unsigned	seen = ref >= 0 ? m->seen[ref] : 0;
	bool		back = IN_SET(seen, PAYMENT_BOUNCED);
	bool		paid = IN_SET(seen, PAYMENT_SUCCEEDED);
	bool		under_way = m->state == PAYMENT_PENDING ? seen == 0 : m->state == PAYMENT_SUBMITTED && m->ref == ref;

	switch (reported)
	{
		case PAYMENT_SUBMITTED:
			if (seen != 0)
				return REPORT_TOLD_BEFORE;
			if (m->state != PAYMENT_PENDING)
				return REPORT_CONTRADICTS;
			break;
		case PAYMENT_SUCCEEDED:
			if (paid || back)
				return REPORT_TOLD_BEFORE;
			m->paid[m->npaid++] = ref;
			if (m->npaid > 1)
			{
				m->seen[ref] |= 1u << PAYMENT_SUCCEEDED;
				return REPORT_COUNTS;
			}
			m->in_transit -= AMOUNT;
			break;
		case PAYMENT_FAILED:
			if (IN_SET(seen, PAYMENT_FAILED) || back)
				return REPORT_TOLD_BEFORE;
			if (paid)
				return REPORT_CONTRADICTS;
			if (!under_way)
				return seen != 0 ? REPORT_TOLD_BEFORE : REPORT_CONTRADICTS;
			break;
		case PAYMENT_BOUNCED:
			if (back)
				return REPORT_TOLD_BEFORE;
			if (!paid && !under_way)
				return REPORT_CONTRADICTS;
			if (m->npaid > 1)
			{
				int			n = 0;

				for (int i = 0; i < m->npaid; i++)
					if (m->paid[i] != ref)
						m->paid[n++] = m->paid[i];
				m->npaid = n;
				m->ref = m->paid[0];
				m->seen[ref] |= 1u << PAYMENT_BOUNCED;
				return REPORT_COUNTS;
			}
			m->npaid = 0;
			m->in_transit = AMOUNT;
			break;
		case PAYMENT_UNCLAIMED:
			if (m->state == PAYMENT_UNCLAIMED)
				return REPORT_TOLD_BEFORE;
			if (m->state != PAYMENT_FAILED && m->state != PAYMENT_BOUNCED)
				return REPORT_CONTRADICTS;
			break;
		case PAYMENT_PENDING:
			return REPORT_CONTRADICTS;
	}
	m->attempts += m->state == PAYMENT_PENDING;
	m->state = reported;
	if (ref >= 0)
	{
		m->ref = ref;
		m->seen[ref] |= 1u << reported;
	}
	return REPORT_COUNTS;
}

static bool
model_retry(Model *m, bool elsewhere)
{
	if (m->state != PAYMENT_FAILED && m->state != PAYMENT_BOUNCED && !(m->state == PAYMENT_UNCLAIMED && elsewhere))
		return false;
	m->state = PAYMENT_PENDING;
	m->ref = -1;
	m->elsewhere = m->elsewhere || elsewhere;
	return true;
}

static const char *
name_of(int ref)
{
	return ref < 0 ? NULL : ref_name[ref];
}

static bool
same(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

/* The payment under test, as the engine hands it to decide(). */
typedef struct Machine
{
	Payment		payment;
	const char *extra[REFS];
	unsigned	seen[REFS];
	int64_t		in_transit;
} Machine;

/* All references that have paid but the first. */
static bool
same_extra(const Machine *x, const Model *m)
{
	if (x->payment.nextra != (m->npaid > 1 ? m->npaid - 1 : 0))
		return false;
	for (int i = 0; i < x->payment.nextra; i++)
		if (!same(x->extra[i], name_of(m->paid[i + 1])))
			return false;
	return true;
}

static Refusal
machine_act(Machine *x, EventKind event, PaymentState reported, int ref, const char *destination, Step *step, int64_t *moved)
{
	Case		k = case_in(REQUEST_SETTLED);
	Command		cmd = {.event = event,.contract_id = 1,.actor = "worker",.amount = NO_AMOUNT,.item_no = 3,.reported = reported};
	Machine		before = *x;
	Refusal		refusal;

	adopt(&k);
	cmd.provider_ref = name_of(ref);
	cmd.destination = destination;
	k.c.balance.in_transit = x->in_transit;
	k.c.payment = &x->payment;
	x->payment.extra_refs = x->extra;
	x->payment.reported = (uint16_t) (ref >= 0 ? x->seen[ref] : 0);
	refusal = act_as(&with_fee, &k, &cmd, NOW);
	*step = k.step;
	*moved = 0;
	if (refusal != REFUSED_NOTHING)
	{
		*x = before;
		return refusal;
	}
	for (int i = 0; i < k.step.nlegs; i++)
		*moved += k.leg[i].amount * ((k.leg[i].credit == ACCOUNT_REFUND_PAYABLE) - (k.leg[i].debit == ACCOUNT_REFUND_PAYABLE));
	x->in_transit = k.c.balance.in_transit;
	if (ref >= 0)
		x->seen[ref] |= 1u << event_reports(k.step.event);
	return refusal;
}

static EventKind
event_for(PaymentState reported)
{
	static const EventKind events[PAYMENT_STATES] = {
		[PAYMENT_SUBMITTED] = EVENT_PAYMENT_SUBMITTED,[PAYMENT_SUCCEEDED] = EVENT_PAYMENT_SUCCEEDED,
		[PAYMENT_FAILED] = EVENT_PAYMENT_FAILED,[PAYMENT_BOUNCED] = EVENT_PAYMENT_BOUNCED,
		[PAYMENT_UNCLAIMED] = EVENT_PAYMENT_UNCLAIMED
	};

	return events[reported];
}

static char path[200];

/* One more report or retry after this path, and all that can follow. */
static void
walk(const Model *m, const Machine *x, int depth, Tally *t)
{
	size_t		length = strlen(path);

	for (int state = PAYMENT_SUBMITTED; state <= PAYMENT_UNCLAIMED + 2; state++)
		for (int ref = state <= PAYMENT_BOUNCED ? 0 : -1; ref < (state <= PAYMENT_BOUNCED ? REFS : 0); ref++)
		{
			Model		next = *m;
			Machine		machine = *x;
			Step		step;
			int64_t		moved;
			bool		is_retry = state > PAYMENT_UNCLAIMED;
			const char *destination = state == PAYMENT_UNCLAIMED + 2 ? "elsewhere" : NULL;
			bool		counts;
			Refusal		refusal;

			sprintf(path + length, "%s%s %s", length > 0 ? ", " : "",
					is_retry ? "retry" : payment_state_label[state], ref >= 0 ? ref_name[ref] : destination != NULL ? destination : "");
			if (is_retry)
			{
				counts = model_retry(&next, destination != NULL);
				refusal = machine_act(&machine, EVENT_PAYMENT_RETRIED, PAYMENT_PENDING, -1, destination, &step, &moved);
			}
			else
			{
				Report		expected = model_report(&next, state, ref);
				Report		found;

				machine.payment.reported = (uint16_t) (ref >= 0 ? machine.seen[ref] : 0);
				found = payment_judge(&machine.payment, state, name_of(ref));
				check(t, found == expected, "%s: judged %d instead of %d", path, (int) found, (int) expected);
				counts = expected == REPORT_COUNTS;
				refusal = machine_act(&machine, event_for(state), state, ref, NULL, &step, &moved);
			}
			check(t, refusal == (counts ? REFUSED_NOTHING : REFUSED_PAYMENT_STATE), "%s: refusal %d", path, (int) refusal);
			check(t, machine.payment.state == next.state && same(machine.payment.provider_ref, name_of(next.ref)) &&
				  same_extra(&machine, &next) && same(machine.payment.destination, next.elsewhere ? "elsewhere" : NULL) &&
				  machine.payment.attempt_no == next.attempts, "%s: state %s", path, payment_state_label[machine.payment.state]);
			/* money: on its way unless the payment has succeeded, and what moves is in the legs */
			check(t, machine.in_transit == next.in_transit && machine.in_transit == (next.state == PAYMENT_SUCCEEDED ? 0 : AMOUNT) &&
				  machine.in_transit == x->in_transit + moved, "%s: %lld in transit", path, (long long) machine.in_transit);
			if (counts)
				check(t, step.item_no == 3 && step.amount == AMOUNT && step.party == PARTY_OPERATOR && step.npayments == 0 &&
					  same(step.reference, is_retry ? destination : name_of(ref)), "%s: the event", path);
			if (counts && depth > 1)
				walk(&next, &machine, depth - 1, t);
			path[length] = '\0';
		}
}

static void
test_payments(void)
{
	const Model m = {.state = PAYMENT_PENDING,.ref = -1,.in_transit = AMOUNT};
	const Machine x = {.payment = {.payment_no = 3,.deposit_no = 1,.amount = AMOUNT},.in_transit = AMOUNT};
	Tally		t = {0};

	walk(&m, &x, DEPTH, &t);
	report_tally(&t, "every sequence of reports and retries, three references");
}

/* The state's events tell their report, and only those. */
static void
test_payment_events(void)
{
	Tally		t = {0};
	Payment		pending = {.state = PAYMENT_PENDING};
	Payment		succeeded = {.state = PAYMENT_SUCCEEDED};

	for (int event = 0; event < EVENT_KINDS; event++)
	{
		PaymentState expected = PAYMENT_PENDING;

		for (int state = PAYMENT_SUBMITTED; state < PAYMENT_STATES; state++)
			if (event_for(state) == (EventKind) event)
				expected = state;
		if (event == EVENT_PAYMENT_DOUBLE_PAID)
			expected = PAYMENT_SUCCEEDED;
		check(&t, event_reports(event) == expected, "event %d", event);
	}
	for (int state = PAYMENT_SUBMITTED; state < PAYMENT_STATES; state++)
		check(&t, payment_event(&pending, state) == event_for(state), "%s", payment_state_label[state]);
	check(&t, payment_event(&pending, PAYMENT_PENDING) == EVENT_NONE, "pending is no report");
	check(&t, payment_event(&succeeded, PAYMENT_SUCCEEDED) == EVENT_PAYMENT_DOUBLE_PAID, "a second success");
	check(&t, payment_event(&succeeded, PAYMENT_BOUNCED) == EVENT_PAYMENT_BOUNCED, "a bounce after a success");
	report_tally(&t, "events and reports");
}

int
main(void)
{
	test_rows();
	test_active();
	test_two_answers();
	test_amounts();
	test_words();
	test_deciders();
	test_offers();
	test_offers_lapse();
	test_fees();
	test_windows();
	test_notices_lost();
	test_silence();
	test_late();
	test_payments();
	test_payment_events();
	printf("1..%d\n", tests);
	return failures == 0 ? 0 : 1;
}
