/* link: src/transition.c src/contract.c src/escrow.c src/decide.c src/request.c src/payment.c src/notice.c src/evidence_rules.c src/review.c src/hold.c src/reversal.c src/time_limit.c */
/*
 * test_decide.c
 *		Unit test of the pure core: the transition table, and decisions on a
 *		contract against a model that keeps every single minor unit by itself.
 *		Prints TAP.
 *
 * The model is a list of units, each with its deposit, its milestone and where
 * it is now; FIFO and order of milestones are looked up in it unit by unit,
 * with none of the arithmetic of escrow.c.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "request.h"

#define USD 840
#define EUR 978
#define DAY INT64_C(86400000000)
#define ROUNDS 3000
#define STEPS 30
#define MOST_UNITS 4000
#define MOST_MILESTONES 40
#define MOST_DEPOSITS 40
#define MOST_LEGS 200

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

/* splitmix64, seeded by a constant: the same cases in every run */
static uint64_t random_state = 20261123;

static int64_t
random_below(int64_t n)
{
	uint64_t	z = (random_state += UINT64_C(0x9e3779b97f4a7c15));

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return (int64_t) ((z ^ (z >> 31)) % (uint64_t) n);
}

/* ---- the table ---- */

static void
test_table(void)
{
	int			clocks = 0;
	bool		settled_is_final = true;
	bool		outcomes_fit = true;

	for (int i = 0; i < transition_count; i++)
	{
		const Transition *t = &transition_table[i];

		if (IN_SET(t->from, REQUEST_SETTLED))
			settled_is_final = false;
		if ((t->to == REQUEST_SETTLED && !t->same) != (t->outcome != OUTCOME_NONE))
			outcomes_fit = false;
	}
	ok(settled_is_final, "nothing leads out of settled");
	ok(outcomes_fit, "an outcome goes with settled and with nothing else");
	for (int state = REQUEST_REQUESTED; state < REQUEST_SETTLED; state++)
	{
		EventKind	event = state_expiry(state);

		ok(event != EVENT_NONE && state_turn(state) != 0,
		   "%s has a clock and somebody's turn", request_state_label[state]);
		clocks += event != EVENT_NONE;
		ok(transition_to(transition_find(state, event), state) != (RequestState) state,
		   "silence leads out of %s", request_state_label[state]);
	}
	ok(clocks == 6 && state_expiry(REQUEST_NONE) == EVENT_NONE &&
	   state_expiry(REQUEST_SETTLED) == EVENT_NONE, "six states have a clock");
	ok(!transition_is_legal(REQUEST_REQUESTED, EVENT_APPROVE_REFUND, REQUEST_SETTLED, OUTCOME_CONCEDED),
	   "another outcome than the table's is not legal");
	ok(!transition_is_legal(REQUEST_SETTLED, EVENT_APPROVE_REFUND, REQUEST_SETTLED, OUTCOME_APPROVED),
	   "approving twice is not legal");
	ok(transition_is_legal(REQUEST_REQUESTED, EVENT_FUND, REQUEST_REQUESTED, OUTCOME_NONE),
	   "a late deposit changes no request");
	ok(!transition_is_legal(REQUEST_REQUESTED, EVENT_FUND, REQUEST_SETTLED, OUTCOME_APPROVED),
	   "a deposit settles nothing");
}

/* ---- the model ---- */

typedef enum Place
{
	HELD,
	RELEASED,
	REFUNDED
} Place;

typedef struct Unit
{
	int			deposit;
	int			milestone;
	Place		place;
} Unit;

typedef struct Model
{
	int			count;
	Unit		unit[MOST_UNITS];
} Model;

static int64_t
model_sum(const Model *m, Place place, int deposit, int milestone)
{
	int64_t		sum = 0;

	for (int i = 0; i < m->count; i++)
		sum += m->unit[i].place == place &&
			(deposit == 0 || m->unit[i].deposit == deposit) &&
			(milestone == 0 || m->unit[i].milestone == milestone);
	return sum;
}

/*
 * One unit leaves: its milestone is the lowest that holds one, its deposit the
 * lowest that holds one, whatever pairing the units had before.
 */
static void
model_take(Model *m, int milestone, Place to)
{
	int			by_milestone = -1;
	int			by_deposit = -1;
	int			swap;

	for (int i = 0; i < m->count; i++)
	{
		Unit	   *u = &m->unit[i];

		if (u->place != HELD)
			continue;
		if ((milestone == 0 || u->milestone == milestone) &&
			(by_milestone < 0 || u->milestone < m->unit[by_milestone].milestone))
			by_milestone = i;
		if (by_deposit < 0 || u->deposit < m->unit[by_deposit].deposit)
			by_deposit = i;
	}
	/* the unit of that milestone leaves with the money of that deposit */
	swap = m->unit[by_milestone].deposit;
	m->unit[by_milestone].deposit = m->unit[by_deposit].deposit;
	m->unit[by_deposit].deposit = swap;
	m->unit[by_milestone].place = to;
}

/* ---- a contract under test ---- */

static int64_t
ends_at(const void *policy, int64_t opened_at, Window window)
{
	(void) policy;
	return opened_at + (window == WINDOW_REFUND_RESPONSE ? 7 : 5) * DAY;
}

static int64_t
reminds_at(const void *policy, int64_t due_at)
{
	(void) policy;
	return due_at - DAY;
}

static const Terms terms = {.ends_at = ends_at,.reminds_at = reminds_at,.fee = 33750,.evidence_max_items = 2,.evidence_max_bytes = 10};
static MilestoneLine milestone_room[MOST_MILESTONES];
static int64_t deposit_room[MOST_DEPOSITS * 4];
static Leg	legs[MOST_LEGS];
static PaymentLine payments[MOST_LEGS];

static Contract
new_contract(void)
{
	Contract	c = {
		.contract_id = 1,.currency = USD,.client = "ann",.freelancer = "bob",
		.event_no = 1,.last_event = EVENT_CREATE_CONTRACT,
		.next_due_at = NO_INSTANT,.due_at = NO_INSTANT,.opened_at = NO_INSTANT,
		.settled_at = NO_INSTANT,.effective_at = NO_INSTANT,.target_at = NO_INSTANT,.remind_at = NO_INSTANT,.held_at = NO_INSTANT,
		.disputed = NO_AMOUNT,.proposed = NO_AMOUNT,.side = {{.offer = NO_AMOUNT}, {.offer = NO_AMOUNT}},
		.at_stake = NO_AMOUNT,.to_freelancer = NO_AMOUNT,.to_client = NO_AMOUNT,
		.milestone = milestone_room,.deposit_held = deposit_room,.first_live = 1
	};

	return c;
}

static Refusal
act(Contract *c, EventKind event, Party party, int milestone, int64_t amount, int64_t now, Step *step)
{
	Command		cmd = {
		.event = event,.contract_id = 1,.actor = party == PARTY_CLIENT ? "ann" : "bob",
		.amount = amount,.currency = USD,.milestone_no = milestone
	};
	RefusalFacts facts = {0};
	Contract	before = *c;
	MilestoneLine lines[MOST_MILESTONES];
	Refusal		refusal;

	memcpy(lines, milestone_room, sizeof(lines));
	*step = (Step) {.legs = legs,.payments = payments};
	refusal = decide(&terms, c, &cmd, party, now, step, &facts);
	if (refusal != REFUSED_NOTHING)
	{
		*c = before;
		memcpy(milestone_room, lines, sizeof(lines));
	}
	return refusal;
}

static bool
agrees(const Model *m, const Contract *c)
{
	if (contract_unsound(c) != NULL)
		return false;
	for (int i = 0; i < c->nmilestones; i++)
	{
		const MilestoneLine *line = &c->milestone[i];

		if (line->held != model_sum(m, HELD, 0, line->milestone_no) ||
			line->released != model_sum(m, RELEASED, 0, line->milestone_no) ||
			line->refunded != model_sum(m, REFUNDED, 0, line->milestone_no))
			return false;
	}
	for (int d = 1; d <= c->deposit_count; d++)
		if (contract_deposit_held(c, d) != model_sum(m, HELD, d, 0))
			return false;
	return true;
}

/* Do the step's payments and legs say, deposit by deposit, what the model says went back? */
static bool
payments_agree(const Model *m, const Contract *c, const Step *step)
{
	for (int d = 1; d <= c->deposit_count; d++)
	{
		int64_t		paid = 0;
		int			count = 0;

		for (int i = 0; i < step->npayments; i++)
		{
			if (step->payments[i].deposit_no != d)
				continue;
			paid += step->payments[i].amount;
			count++;
		}
		if (paid != model_sum(m, REFUNDED, d, 0) || count > 1)
			return false;
	}
	return true;
}

static void
model_fund(Model *m, int deposit, int milestone, int64_t amount)
{
	for (int64_t i = 0; i < amount; i++)
		m->unit[m->count++] = (Unit) {deposit, milestone, HELD};
}

/* One random life of a contract; false when it and the model part. */
static bool
random_life(void)
{
	static Model m;
	Contract	c = new_contract();
	Step		step;
	int64_t		now = 0;
	int			nmilestones = 1 + (int) random_below(4);
	bool		by_client = random_below(4) != 0;
	int64_t		final;

	m.count = 0;
	for (int i = nmilestones; i >= 1; i--)
		if (act(&c, EVENT_ADD_MILESTONE, PARTY_CLIENT, i * 10, 100, now, &step) != REFUSED_NOTHING)
			return false;
	for (int i = 0; i < STEPS; i++)
	{
		int			milestone = 10 * (1 + (int) random_below(nmilestones));
		MilestoneLine *line = contract_milestone(&c, milestone);
		int64_t		amount = 1 + random_below(60);
		bool		allowed;
		Refusal		refusal;

		if (random_below(2) == 0)
		{
			allowed = amount <= line->room && c.deposit_count < MOST_DEPOSITS;
			if (c.deposit_count >= MOST_DEPOSITS)
				continue;
			refusal = act(&c, EVENT_FUND, PARTY_CLIENT, milestone, amount, now, &step);
			if (refusal == REFUSED_NOTHING)
				model_fund(&m, c.deposit_count, milestone, amount);
		}
		else
		{
			allowed = amount <= line->held;
			refusal = act(&c, EVENT_RELEASE_PAYMENT, PARTY_CLIENT, milestone, amount, now, &step);
			for (int64_t j = 0; refusal == REFUSED_NOTHING && j < amount; j++)
				model_take(&m, milestone, RELEASED);
		}
		if ((refusal == REFUSED_NOTHING) != allowed || !agrees(&m, &c))
			return false;
	}
	final = by_client ? random_below(c.balance.held + 1) : 0;
	if (act(&c, EVENT_END_CONTRACT, by_client ? PARTY_CLIENT : PARTY_FREELANCER, 0, final, now, &step) !=
		REFUSED_NOTHING)
		return false;
	for (int64_t j = 0; j < final; j++)
		model_take(&m, 0, RELEASED);
	if (c.request_state == REQUEST_REQUESTED)
	{
		bool		silent = random_below(2) == 0;
		bool		pay = !silent && random_below(2) == 0;
		int64_t		stake = c.at_stake;

		if (silent)
			decide_by_clock(&terms, &c, c.due_at, &step);
		else if (act(&c, pay ? EVENT_PAY_IN_FULL : EVENT_APPROVE_REFUND,
					 pay ? PARTY_CLIENT : PARTY_FREELANCER, 0, NO_AMOUNT, now, &step) != REFUSED_NOTHING)
			return false;
		for (int64_t j = 0; j < stake; j++)
			model_take(&m, 0, pay ? RELEASED : REFUNDED);
		if (c.request_state != REQUEST_SETTLED || c.to_client != (pay ? 0 : stake))
			return false;
	}
	else if (!by_client)
		while (model_sum(&m, HELD, 0, 0) > 0)
			model_take(&m, 0, REFUNDED);
	return agrees(&m, &c) && c.balance.held == 0 && payments_agree(&m, &c, &step);
}

static void
test_lives(void)
{
	int			good = 0;

	while (good < ROUNDS && random_life())
		good++;
	ok(good == ROUNDS, "%d of %d random lives agree with the model, unit by unit", good, ROUNDS);
}

/* ---- single decisions ---- */

static void
test_deadline(void)
{
	Contract	c = new_contract();
	Step		step;
	int64_t		due;

	act(&c, EVENT_ADD_MILESTONE, PARTY_CLIENT, 1, 500, 0, &step);
	act(&c, EVENT_FUND, PARTY_CLIENT, 1, 500, 0, &step);
	ok(act(&c, EVENT_APPROVE_REFUND, PARTY_FREELANCER, 0, NO_AMOUNT, 0, &step) == REFUSED_ACTIVE,
	   "approving needs an ended contract");
	act(&c, EVENT_END_CONTRACT, PARTY_CLIENT, 0, NO_AMOUNT, 0, &step);
	due = c.due_at;
	ok(due == 7 * DAY && step.due_at == due && c.remind_at == due - DAY && c.next_due_at == c.remind_at,
	   "the window is the policy's, and a reminder comes before its end");
	ok(!expiry_due(&c, due - 1) && effective_state(&c, due - 1) == REQUEST_REQUESTED,
	   "one microsecond before due_at the window is open");
	ok(expiry_due(&c, due) && effective_state(&c, due) == REQUEST_SETTLED,
	   "at due_at it is closed");
	ok(act(&c, EVENT_APPROVE_REFUND, PARTY_CLIENT, 0, NO_AMOUNT, 1, &step) == REFUSED_WRONG_PARTY,
	   "the client can not approve");
	decide_by_clock(&terms, &c, due + DAY, &step);
	ok(c.effective_at == due && c.settled_at == due + DAY && c.outcome == OUTCOME_APPROVED_BY_SILENCE,
	   "silence is effective at due_at and recorded when it is recorded");
	ok(step.npayments == 1 && step.payments[0].expected_by == due + 6 * DAY,
	   "refund_credit counts from the recording");
	ok(act(&c, EVENT_APPROVE_REFUND, PARTY_FREELANCER, 0, NO_AMOUNT, due + DAY, &step) == REFUSED_LATE,
	   "what only the expired state knew is late");
	ok(act(&c, EVENT_RELEASE_PAYMENT, PARTY_CLIENT, 1, 1, due + DAY, &step) == REFUSED_ENDED,
	   "an ended contract releases nothing");
}

static void
test_late_deposit(void)
{
	Contract	c = new_contract();
	Step		step;

	act(&c, EVENT_ADD_MILESTONE, PARTY_CLIENT, 1, 500, 0, &step);
	act(&c, EVENT_FUND, PARTY_CLIENT, 1, 300, 0, &step);
	act(&c, EVENT_END_CONTRACT, PARTY_CLIENT, 0, 100, 0, &step);
	ok(act(&c, EVENT_FUND, PARTY_CLIENT, 1, 900, 1, &step) == REFUSED_NOTHING,
	   "a late deposit is taken, whatever the price");
	ok(c.at_stake == 200 && c.balance.held == 200 && c.balance.in_transit == 900 &&
	   step.npayments == 1 && step.payments[0].deposit_no == 2 &&
	   step.payments[0].purpose == PURPOSE_LATE_DEPOSIT && contract_unsound(&c) == NULL,
	   "and goes back without joining the stake");
	ok(act(&c, EVENT_APPROVE_REFUND, PARTY_FREELANCER, 0, NO_AMOUNT, 2, &step) == REFUSED_NOTHING &&
	   step.npayments == 1 && step.payments[0].deposit_no == 1 && step.payments[0].amount == 200,
	   "the settlement gives back the first deposit only");
}

static void
test_amounts(void)
{
	Contract	c = new_contract();
	Step		step;
	Command		euro = {.event = EVENT_FUND,.actor = "ann",.amount = 1,.currency = EUR,.milestone_no = 1};
	RefusalFacts facts;

	act(&c, EVENT_ADD_MILESTONE, PARTY_CLIENT, 1, 500, 0, &step);
	ok(act(&c, EVENT_ADD_MILESTONE, PARTY_CLIENT, 1, 500, 0, &step) == REFUSED_MILESTONE_EXISTS,
	   "a milestone's number counts once");
	ok(act(&c, EVENT_FUND, PARTY_CLIENT, 1, 501, 0, &step) == REFUSED_OVER_PRICE, "not above the price");
	ok(act(&c, EVENT_FUND, PARTY_CLIENT, 1, 0, 0, &step) == REFUSED_NOT_POSITIVE, "not zero");
	ok(act(&c, EVENT_FUND, PARTY_CLIENT, 1, -1, 0, &step) == REFUSED_NOT_POSITIVE, "not negative");
	ok(decide(&terms, &c, &euro, PARTY_CLIENT, 0, &step, &facts) == REFUSED_CURRENCY,
	   "not in another currency");
	ok(act(&c, EVENT_END_CONTRACT, PARTY_CLIENT, 0, 1, 0, &step) == REFUSED_OVER_HELD,
	   "the final payment is at most what is held");
	ok(act(&c, EVENT_END_CONTRACT, PARTY_CLIENT, 0, 0, 0, &step) == REFUSED_NOTHING &&
	   c.request_state == REQUEST_NONE, "with nothing held there is no request");
}

int
main(void)
{
	test_table();
	test_lives();
	test_deadline();
	test_late_deposit();
	test_amounts();
	printf("1..%d\n", tests);
	return failures == 0 ? 0 : 1;
}
