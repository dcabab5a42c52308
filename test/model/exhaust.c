/*
 * exhaust.c
 *		Every state that a small contract can reach by the pure core, breadth
 *		first: every choice of everybody, and silence.  Prints TAP.
 *
 *		exhaust [--long]
 *
 * All of it together is too much, so the searches differ in what may happen
 * beside the dispute; together they take every row of the table.
 *
 * The expectations (who may do what where, what silence does, what each outcome
 * pays) are written down here from process.md sections 3, 4 and 6;
 * transition_table has to agree.  An act happens at the instant of the last
 * event, or after waiting for what the clock does next, so instants are few and
 * are kept relative to now.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "decide.h"

#define USD 840
#define FEE 1
#define DEPOSITS 2
#define MILESTONES 2
#define MOST_HOLDS 2
#define NEVER INT16_MIN

static int	tests = 0;
static int	failures = 0;

static void
ok(bool passed, const char *what)
{
	tests++;
	failures += !passed;
	printf("%sok %d - %s\n", passed ? "" : "not ", tests, what);
	fflush(stdout);
}

/* ---- process.md section 4, and what the escrow itself knows ---- */

#define S(state) (1u << REQUEST_##state)
#define CLIENT (1u << PARTY_CLIENT)
#define FREELANCER (1u << PARTY_FREELANCER)
#define BOTH (CLIENT | FREELANCER)
#define MEDIATOR (1u << PARTY_MEDIATOR)
#define ARBITRATOR (1u << PARTY_ARBITRATOR)
#define OPERATOR (1u << PARTY_OPERATOR)
#define CLOCK (1u << PARTY_CLOCK)
#define DISPUTE (S(DISPUTED) | S(IN_REVIEW) | S(PROPOSED) | S(UNRESOLVED))
#define OPEN (S(REQUESTED) | DISPUTE | S(IN_ARBITRATION))
#define ANY (S(NONE) | OPEN | S(SETTLED))
#define SAME REQUEST_STATES

static const struct
{
	uint16_t	from;
	EventKind	event;
	uint16_t	parties;
	int			to;
	Outcome		outcome;
}			expected[] = {
	{S(NONE), EVENT_FUND, CLIENT, SAME, 0},
	{S(SETTLED), EVENT_FUND, CLIENT, SAME, 0},
	{OPEN, EVENT_FUND, CLIENT, SAME, 0},
	{S(NONE), EVENT_RELEASE_PAYMENT, CLIENT, SAME, 0},
	{S(NONE), EVENT_RELEASE_MILESTONE, CLIENT, SAME, 0},
	{S(NONE), EVENT_MOVE_LEFTOVER, CLIENT, SAME, 0},
	{S(NONE), EVENT_SUBMIT_WORK, FREELANCER, SAME, 0},
	{S(NONE), EVENT_REQUEST_CHANGES, CLIENT, SAME, 0},
	{S(NONE), EVENT_REVIEW_EXPIRED, CLOCK, SAME, 0},
	{S(NONE), EVENT_END_CONTRACT, BOTH, SAME, 0},
	{ANY, EVENT_GIVE_REFUND, FREELANCER, SAME, 0},
	{ANY, EVENT_PLACE_HOLD, OPERATOR, SAME, 0},
	{ANY, EVENT_LIFT_HOLD, OPERATOR, SAME, 0},
	{ANY, EVENT_REVERSAL_OPENED, OPERATOR, SAME, 0},
	{ANY, EVENT_REVERSAL_WON, OPERATOR, SAME, 0},
	{ANY, EVENT_REVERSAL_LOST, OPERATOR, SAME, 0},
	{ANY & ~S(SETTLED), EVENT_REMINDER_DUE, CLOCK, SAME, 0},
	{S(IN_REVIEW) | S(IN_ARBITRATION), EVENT_TARGET_MISSED, CLOCK, SAME, 0},
	/* the rows 1 to 25 */
	{S(NONE), EVENT_END_CONTRACT, CLIENT, REQUEST_REQUESTED, 0},
	{S(REQUESTED), EVENT_APPROVE_REFUND, FREELANCER, REQUEST_SETTLED, OUTCOME_APPROVED},
	{S(REQUESTED), EVENT_RESPONSE_EXPIRED, CLOCK, REQUEST_SETTLED, OUTCOME_APPROVED_BY_SILENCE},
	{S(REQUESTED), EVENT_DISPUTE_REFUND, FREELANCER, REQUEST_DISPUTED, 0},
	{S(REQUESTED) | DISPUTE, EVENT_PAY_IN_FULL, CLIENT, REQUEST_SETTLED, OUTCOME_PAID_IN_FULL},
	{DISPUTE, EVENT_ACCEPT_DISPUTE, CLIENT, REQUEST_SETTLED, OUTCOME_CONCEDED},
	{S(DISPUTED), EVENT_DISPUTE_EXPIRED, CLOCK, REQUEST_SETTLED, OUTCOME_CONCEDED_BY_SILENCE},
	{S(DISPUTED), EVENT_DECLINE_DISPUTE, CLIENT, REQUEST_IN_REVIEW, 0},
	{DISPUTE, EVENT_WITHDRAW_DISPUTE, FREELANCER, REQUEST_SETTLED, OUTCOME_DISPUTE_WITHDRAWN},
	{S(IN_REVIEW), EVENT_PROPOSE_RESOLUTION, MEDIATOR, REQUEST_PROPOSED, 0},
	{S(IN_REVIEW), EVENT_MEDIATION_EXPIRED, CLOCK, REQUEST_UNRESOLVED, 0},
	{S(PROPOSED), EVENT_ACCEPT_RESOLUTION, BOTH, REQUEST_SETTLED, OUTCOME_RESOLUTION_ACCEPTED},
	{S(PROPOSED), EVENT_ACCEPT_RESOLUTION, BOTH, SAME, 0},
	{S(PROPOSED), EVENT_REJECT_RESOLUTION, BOTH, REQUEST_UNRESOLVED, 0},
	{S(PROPOSED), EVENT_RESOLUTION_EXPIRED, CLOCK, REQUEST_UNRESOLVED, 0},
	{S(UNRESOLVED), EVENT_JOIN_ARBITRATION, BOTH, SAME, 0},
	{S(UNRESOLVED), EVENT_JOIN_ARBITRATION, BOTH, REQUEST_IN_ARBITRATION, 0},
	{S(UNRESOLVED), EVENT_ARBITRATION_EXPIRED, CLOCK, REQUEST_SETTLED, OUTCOME_ARBITRATION_WAIVED},
	{S(UNRESOLVED), EVENT_ARBITRATION_EXPIRED, CLOCK, REQUEST_SETTLED, OUTCOME_ARBITRATION_DEFAULT},
	{S(IN_ARBITRATION), EVENT_RECORD_AWARD, ARBITRATOR, REQUEST_SETTLED, OUTCOME_ARBITRATION_AWARD},
	{OPEN, EVENT_ACCEPT_SETTLEMENT, BOTH, REQUEST_SETTLED, OUTCOME_MUTUAL_SETTLEMENT},
	{OPEN, EVENT_OFFER_SETTLEMENT, BOTH, REQUEST_SETTLED, OUTCOME_MUTUAL_SETTLEMENT},
	{S(IN_ARBITRATION), EVENT_AWARD_EXPIRED, CLOCK, REQUEST_SETTLED, OUTCOME_ARBITRATION_LAPSED},
	{OPEN, EVENT_OFFER_SETTLEMENT, BOTH, SAME, 0},
	{OPEN, EVENT_WITHDRAW_SETTLEMENT_OFFER, BOTH, SAME, 0},
	{OPEN, EVENT_EXTEND_DEADLINE, OPERATOR, SAME, 0},
	{OPEN, EVENT_ASSIGN_CASE, OPERATOR, SAME, 0},
	{OPEN, EVENT_REVERSAL_LOST, OPERATOR, REQUEST_SETTLED, OUTCOME_EXHAUSTED},
};

#define EXPECTED (int) (sizeof(expected) / sizeof(expected[0]))

static bool seen[EXPECTED][REQUEST_STATES][PARTIES];

/* ---- the policy ---- */

static const int64_t window[] = {
	[WINDOW_REFUND_RESPONSE] = 7,
	[WINDOW_DISPUTE_RESPONSE] = 5,
	[WINDOW_RESOLUTION_TARGET] = 2,
	[WINDOW_RESOLUTION_LIMIT] = 30,
	[WINDOW_RESOLUTION_RESPONSE] = 3,
	[WINDOW_ARBITRATION] = 8,
	[WINDOW_AWARD_TARGET] = 31,
	[WINDOW_AWARD_LIMIT] = 90,
	[WINDOW_REFUND_CREDIT] = 6,
	[WINDOW_REVIEW] = 14,
	[WINDOW_POST_RELEASE] = 180
};

static int64_t
ends_at(const void *policy, int64_t opened_at, Window w)
{
	(void) policy;
	return opened_at + window[w];
}

static int64_t
reminds_at(const void *policy, int64_t due_at)
{
	(void) policy;
	return due_at - 1;
}

static int64_t
resumes_at(const void *policy, int64_t due_at, int64_t held_at, int64_t lifted_at, Window w)
{
	(void) policy;
	(void) w;
	return due_at + (lifted_at - held_at);
}

static int64_t
extends_at(const void *policy, int64_t due_at, TimeLimit extension)
{
	(void) policy;
	return due_at + extension;
}

static const Terms terms = {
	.ends_at = ends_at,.reminds_at = reminds_at,.resumes_at = resumes_at,.extends_at = extends_at,
	.max_extensions = 1,.max_extension = 4,.fee = FEE
};

/* ---- a state, packed: what tells two of them apart, and nothing else ---- */

typedef struct Node
{
	int16_t		due;
	int16_t		target;
	int16_t		remind;
	int16_t		held_since;
	int16_t		review_due[MILESTONES];
	int16_t		review_tick[MILESTONES];
	int8_t		state;
	int8_t		request_state;
	int8_t		outcome;
	int8_t		extensions;
	int8_t		nholds;
	int8_t		reversal;		/* 0 none, 1 opened, 2 decided */
	int8_t		reversal_deposit;
	int8_t		reversal_amount;
	int8_t		reversal_hold;	/* which of the standing holds is its own, 0 = none */
	int8_t		held;
	int8_t		released;
	int8_t		refunded;
	int8_t		reversed;
	int8_t		fee_held;
	int8_t		at_stake;
	int8_t		to_freelancer;
	int8_t		to_client;
	int8_t		disputed;
	int8_t		proposed;
	int8_t		accepted[SIDES];
	int8_t		joined[SIDES];
	int8_t		offer[SIDES];
	int8_t		assigned;		/* bits: mediator, arbitrator */
	int8_t		deposits;
	int8_t		first_live;
	int8_t		live;
	int8_t		deposit[DEPOSITS];	/* what each brought */
	int8_t		funded[DEPOSITS];	/* and for which milestone */
	int8_t		deposit_held[DEPOSITS];
	int8_t		milestone_held[MILESTONES];
	int8_t		milestone_released[MILESTONES];
	int8_t		milestone_refunded[MILESTONES];
	int8_t		release[DEPOSITS][MILESTONES];	/* not given back */
} Node;

/* A state, unpacked for the core. */
typedef struct Case
{
	Contract	c;
	MilestoneLine milestone[MILESTONES];
	int64_t		deposit_held[DEPOSITS + 1];
	Release		releases[DEPOSITS];
	Reversal	reversal;
	Step		step;
	Leg			leg[32];
	PaymentLine payment[32];
	RefusalFacts facts;
} Case;

/* What may happen beside the dispute. */
#define WORK (1 << 0)			/* work is submitted and reviewed */
#define LATE (1 << 1)			/* deposits after the end */
#define GIVEN (1 << 2)			/* refunds after the release */
#define EXTENDED (1 << 3)
#define HELD (1 << 4)
#define REVERSED (1 << 5)
#define ASSIGNED (1 << 6)
#define OFFERED (1 << 7)

typedef struct Search
{
	int64_t		price[MILESTONES];
	int			features;
} Search;

static const Search quick[] = {
	{{2, 1}, OFFERED},
	{{1, 1}, WORK | GIVEN},
	{{1, 1}, LATE | GIVEN},
	{{1, 1}, EXTENDED | HELD},
	{{1, 1}, REVERSED},
	{{1, 1}, ASSIGNED}
};

static const Search thorough[] = {
	{{2, 2}, OFFERED},
	{{2, 1}, WORK | GIVEN | LATE},
	{{1, 1}, WORK | HELD | ASSIGNED},
	{{2, 1}, EXTENDED | HELD},
	{{2, 1}, REVERSED},
	{{1, 1}, REVERSED | HELD | EXTENDED},
	{{1, 1}, REVERSED | GIVEN | LATE | OFFERED}
};

static const int64_t *price;
static int	features;

#define NOW INT64_C(10000)
/* The outside world's balances start at some figure, so that they may go down. */
#define IN_TRANSIT 100

/* How long ago something was is the same to all, unless a hold is to move it. */
static int16_t
pack_instant(const Contract *c, int64_t at, int64_t now)
{
	if (at == NO_INSTANT)
		return NEVER;
	return at < now && c->nholds == 0 ? -1 : at - now;
}

static int64_t
unpack_instant(int16_t at)
{
	return at == NEVER ? NO_INSTANT : NOW + at;
}

static int8_t
pack_amount(int64_t amount)
{
	return amount == NO_AMOUNT ? -1 : amount;
}

static int64_t
unpack_amount(int8_t amount)
{
	return amount < 0 ? NO_AMOUNT : amount;
}

static void
unpack(const Node *n, Case *k)
{
	Contract   *c = &k->c;

	memset(c, 0, sizeof(*c));
	contract_init(c);
	c->contract_id = 1;
	c->currency = USD;
	c->client = "client";
	c->freelancer = "freelancer";
	c->state = n->state;
	c->request_state = n->request_state;
	c->outcome = n->outcome;
	c->due_at = unpack_instant(n->due);
	c->target_at = unpack_instant(n->target);
	c->remind_at = unpack_instant(n->remind);
	c->held_at = n->held_since == NEVER ? NO_INSTANT : NOW - n->held_since;
	c->extensions = n->extensions;
	c->nholds = c->hold_count = n->nholds;
	for (int i = 0; i < n->nholds; i++)
		c->holds[i] = i + 1;
	c->balance.held = n->held;
	c->balance.released = n->released;
	c->balance.refunded = n->refunded;
	c->balance.reversed = n->reversed;
	c->balance.deposited = n->held + n->released + n->refunded + n->reversed;
	c->balance.in_transit = IN_TRANSIT;
	c->balance.fee_held = n->fee_held;
	c->at_stake = unpack_amount(n->at_stake);
	c->to_freelancer = unpack_amount(n->to_freelancer);
	c->to_client = unpack_amount(n->to_client);
	c->disputed = unpack_amount(n->disputed);
	c->proposed = unpack_amount(n->proposed);
	c->offer_count = SIDES;
	for (int i = 0; i < SIDES; i++)
	{
		c->side[i].accepted = n->accepted[i];
		c->side[i].joined = n->joined[i];
		c->side[i].offer = unpack_amount(n->offer[i]);
		c->side[i].offer_no = n->offer[i] < 0 ? 0 : i + 1;
	}
	c->mediator = n->assigned & 1 ? "decider" : NULL;
	c->arbitrator = n->assigned & 2 ? "decider" : NULL;
	c->deposit_count = n->deposits;
	c->first_live = n->first_live;
	c->ndeposits = n->live;
	for (int i = 0; i < DEPOSITS; i++)
		k->deposit_held[i] = n->deposit_held[i];
	c->deposit_held = k->deposit_held + (n->first_live > 0 ? n->first_live - 1 : 0);
	c->nmilestones = MILESTONES;
	c->milestone = k->milestone;
	for (int i = 0; i < MILESTONES; i++)
		k->milestone[i] = (MilestoneLine) {
			.milestone_no = i + 1,
			.held = n->milestone_held[i],.released = n->milestone_released[i],.refunded = n->milestone_refunded[i],
			.room = price[i] - n->milestone_held[i] - n->milestone_released[i] - n->milestone_refunded[i],
			.review_due_at = unpack_instant(n->review_due[i]),.review_tick_at = unpack_instant(n->review_tick[i])
		};
	k->step = (Step) {.legs = k->leg,.payments = k->payment};
	k->facts = (RefusalFacts) {0};
}

/* What the shell knows of a deposit's reversal. */
static void
unpack_reversal(const Node *n, Case *k, int deposit)
{
	bool		known = n->reversal != 0 && n->reversal_deposit == deposit + 1;

	k->reversal = (Reversal) {
		.reversal_no = known,.deposit_no = deposit + 1,.milestone_no = n->funded[deposit],
		.hold_no = known ? n->reversal_hold : 0,
		.state = known && n->reversal == 2 ? REVERSAL_LOST : REVERSAL_OPENED,
		.amount = known ? n->reversal_amount : 0,.reversible = n->deposit[deposit]
	};
	k->c.reversal = &k->reversal;
}

/* And of what was released for a milestone. */
static void
unpack_releases(const Node *n, Case *k, int milestone)
{
	k->c.nreleases = 0;
	k->c.releases = k->releases;
	for (int i = DEPOSITS - 1; i >= 0; i--)
		if (n->release[i][milestone] > 0)
			k->releases[k->c.nreleases++] = (Release) {i + 1, n->release[i][milestone], NOW};
}

/* The state after the step: "before" brings what only the shell knows. */
static void
pack(const Case *k, const Node *before, int64_t now, Node *n)
{
	const Contract *c = &k->c;

	*n = *before;
	n->due = pack_instant(c, c->due_at, now);
	n->target = pack_instant(c, c->target_at, now);
	n->remind = pack_instant(c, c->remind_at, now);
	n->held_since = c->held_at == NO_INSTANT ? NEVER : now - c->held_at;
	n->state = c->state;
	n->request_state = c->request_state;
	n->outcome = c->outcome;
	n->extensions = c->extensions;
	n->nholds = c->nholds;
	n->held = c->balance.held;
	n->released = c->balance.released;
	n->refunded = c->balance.refunded;
	n->reversed = c->balance.reversed;
	n->fee_held = c->balance.fee_held;
	n->at_stake = pack_amount(c->at_stake);
	n->to_freelancer = pack_amount(c->to_freelancer);
	n->to_client = pack_amount(c->to_client);
	n->disputed = pack_amount(c->disputed);
	n->proposed = pack_amount(c->proposed);
	for (int i = 0; i < SIDES; i++)
	{
		n->accepted[i] = c->side[i].accepted;
		n->joined[i] = c->side[i].joined;
		n->offer[i] = pack_amount(c->side[i].offer);
	}
	n->assigned = (c->mediator != NULL) | (c->arbitrator != NULL) << 1;
	n->first_live = c->ndeposits > 0 ? c->first_live : 0;
	n->live = c->ndeposits;
	for (int i = 0; i < DEPOSITS; i++)
		n->deposit_held[i] = contract_deposit_held(c, i + 1);
	for (int i = 0; i < MILESTONES; i++)
	{
		const MilestoneLine *m = &k->milestone[i];

		n->review_due[i] = pack_instant(c, m->review_due_at, now);
		n->review_tick[i] = pack_instant(c, m->review_tick_at, now);
		n->milestone_held[i] = m->held;
		n->milestone_released[i] = m->released;
		n->milestone_refunded[i] = m->refunded;
	}
	for (int i = 0; i < k->step.nlegs; i++)
	{
		const Leg  *leg = &k->leg[i];

		if (leg->debit == ACCOUNT_SOURCE && leg->credit == ACCOUNT_ESCROW)
		{
			n->deposits = leg->deposit_no;
			n->deposit[leg->deposit_no - 1] = leg->amount;
			n->funded[leg->deposit_no - 1] = leg->milestone_no;
		}
		if (leg->credit == ACCOUNT_FREELANCER)
			n->release[leg->deposit_no - 1][leg->milestone_no - 1] += leg->amount;
		if (leg->debit == ACCOUNT_FREELANCER)
			n->release[leg->deposit_no - 1][leg->milestone_no - 1] -= leg->amount;
	}
	/* holds are numbered anew from 1: which one is the reversal's? */
	n->reversal_hold = 0;
	if (c->reversal != NULL && k->step.item_no != 0 &&
		(k->step.event == EVENT_REVERSAL_OPENED || k->step.event == EVENT_REVERSAL_WON || k->step.event == EVENT_REVERSAL_LOST))
	{
		n->reversal = k->reversal.state == REVERSAL_OPENED ? 1 : 2;
		n->reversal_deposit = k->reversal.deposit_no;
		n->reversal_amount = n->reversal == 1 ? k->reversal.amount : 0;
	}
	if (n->reversal == 1)
		for (int i = 0; i < c->nholds; i++)
			if (c->holds[i] == (k->step.event == EVENT_REVERSAL_OPENED ? k->reversal.hold_no : before->reversal_hold))
				n->reversal_hold = i + 1;
}

/* ---- the states that were found ---- */

static Node *node;
static uint32_t nodes;
static uint32_t room;
static uint32_t *table;			/* index + 1, open addressing */
static uint32_t table_size;

static uint64_t
hash(const Node *n)
{
	const unsigned char *byte = (const unsigned char *) n;
	uint64_t	h = UINT64_C(14695981039346656037);

	for (size_t i = 0; i < sizeof(Node); i++)
		h = (h ^ byte[i]) * UINT64_C(1099511628211);
	return h ^ h >> 29;
}

static void *
grown(void *p, size_t bytes)
{
	p = realloc(p, bytes);
	if (p == NULL)
	{
		fputs("out of memory\n", stderr);
		exit(1);
	}
	return p;
}

static void
place(uint32_t i)
{
	uint64_t	at = hash(&node[i]);

	while (table[at & (table_size - 1)] != 0)
		at++;
	table[at & (table_size - 1)] = i + 1;
}

static void
add(const Node *n)
{
	uint64_t	at = hash(n);

	for (; table[at & (table_size - 1)] != 0; at++)
		if (memcmp(&node[table[at & (table_size - 1)] - 1], n, sizeof(Node)) == 0)
			return;
	if (nodes == room)
	{
		room *= 2;
		node = grown(node, room * sizeof(Node));
		table_size = 2 * room;
		table = grown(table, table_size * sizeof(uint32_t));
		memset(table, 0, table_size * sizeof(uint32_t));
		for (uint32_t i = 0; i < nodes; i++)
			place(i);
	}
	node[nodes] = *n;
	place(nodes++);
}

/* ---- what has to hold; the first that does not is told ---- */

static uint64_t steps;
static char complaint[400];

static void
complain(const Case *k, const char *what)
{
	if (complaint[0] == '\0')
		snprintf(complaint, sizeof(complaint), "%s: %s by %s, %s to %s", what,
				 k->step.event == EVENT_NONE ? "nothing" : event_label[k->step.event],
				 k->step.party == PARTY_NONE ? "nobody" : party_label[k->step.party],
				 k->step.from_state == REQUEST_NONE ? "none" : request_state_label[k->step.from_state],
				 k->c.request_state == REQUEST_NONE ? "none" : request_state_label[k->c.request_state]);
}

static bool
is_expected(const Step *step, RequestState to)
{
	bool		found = false;

	for (int i = 0; i < EXPECTED; i++)
	{
		if (expected[i].event != step->event || !IN_SET(expected[i].from, step->from_state) ||
			!IN_SET(expected[i].parties, step->party) || expected[i].outcome != step->outcome ||
			to != (expected[i].to == SAME ? step->from_state : (RequestState) expected[i].to))
			continue;
		seen[i][step->from_state][step->party] = true;
		found = true;
	}
	return found;
}

/* process.md section 4, last column; NO_AMOUNT: whatever was awarded or agreed */
static int64_t
freelancers_part(const Node *before, Outcome outcome)
{
	switch (outcome)
	{
		case OUTCOME_PAID_IN_FULL:
			return before->at_stake;
		case OUTCOME_CONCEDED:
		case OUTCOME_CONCEDED_BY_SILENCE:
			return before->disputed;
		case OUTCOME_RESOLUTION_ACCEPTED:
			return before->proposed;
		case OUTCOME_ARBITRATION_DEFAULT:
			return before->joined[SIDE_FREELANCER] ? before->disputed : 0;
		case OUTCOME_ARBITRATION_LAPSED:
			return before->proposed < 0 ? 0 : before->proposed;
		case OUTCOME_ARBITRATION_AWARD:
		case OUTCOME_MUTUAL_SETTLEMENT:
			return NO_AMOUNT;
		default:
			return 0;
	}
}

/* The legs explain every balance, and the payments what is on its way back. */
static bool
is_conserved(const Node *before, const Case *k)
{
	const Balances *after = &k->c.balance;
	int64_t		moved[ACCOUNTS] = {0};
	int64_t		payments = 0;

	for (int i = 0; i < k->step.nlegs; i++)
	{
		if (k->leg[i].amount <= 0)
			return false;
		moved[k->leg[i].debit] -= k->leg[i].amount;
		moved[k->leg[i].credit] += k->leg[i].amount;
	}
	for (int i = 0; i < k->step.npayments; i++)
		payments += k->payment[i].amount;
	return before->held + moved[ACCOUNT_ESCROW] == after->held &&
		before->released + moved[ACCOUNT_FREELANCER] == after->released &&
		before->fee_held + moved[ACCOUNT_FEE_HELD] == after->fee_held &&
		IN_TRANSIT + moved[ACCOUNT_REFUND_PAYABLE] == after->in_transit &&
		moved[ACCOUNT_REFUND_PAYABLE] == payments && -moved[ACCOUNT_RECEIVABLE] == after->receivable;
}

static void
check_settled(const Node *before, const Case *k, int64_t agreed)
{
	const Contract *c = &k->c;
	int64_t		part = freelancers_part(before, c->outcome);
	int64_t		fees = c->outcome == OUTCOME_ARBITRATION_AWARD ? 0 : before->fee_held;

	if (part == NO_AMOUNT)
		part = agreed;
	if (c->to_freelancer != part || c->to_freelancer + c->to_client != c->at_stake ||
		c->balance.released - before->released != part ||
		c->balance.in_transit - IN_TRANSIT != c->to_client + fees)
		complain(k, "the money goes to the wrong side");
	if (c->balance.held != 0 || c->balance.fee_held != 0 || c->due_at != NO_INSTANT)
		complain(k, "an end that is none");
}

static void
check(const Node *before, const Case *k, int64_t agreed)
{
	const Contract *c = &k->c;
	const char *unsound = contract_unsound(c);

	steps++;
	if (!is_expected(&k->step, c->request_state))
		complain(k, "not in process.md section 4");
	/* what the trigger would refuse */
	if (!transition_is_legal(k->step.from_state, k->step.event, c->request_state, k->step.outcome))
		complain(k, "not in the transition table");
	if (unsound != NULL)
		complain(k, unsound);
	if (!is_conserved(before, k))
		complain(k, "money is made or lost");
	for (int i = 0; i < MILESTONES; i++)
	{
		const MilestoneLine *m = &k->milestone[i];

		/* only what comes late and goes back is more than the price */
		if ((m->room < 0 && c->state == CONTRACT_ACTIVE) || m->held + m->released + m->refunded + m->room != price[i])
			complain(k, "a milestone differs from its price");
	}
	if (k->step.from_state == REQUEST_SETTLED &&
		(c->outcome != (Outcome) before->outcome || c->to_freelancer != before->to_freelancer))
		complain(k, "an outcome changes");
	if (c->request_state != k->step.from_state &&
		(c->side[SIDE_CLIENT].offer_no != 0 || c->side[SIDE_FREELANCER].offer_no != 0))
		complain(k, "an offer outlives its state");
	/* so that no way through the states comes back */
	if (c->request_state < k->step.from_state)
		complain(k, "a case goes backwards");
	if (c->request_state == REQUEST_SETTLED && k->step.from_state != REQUEST_SETTLED)
		check_settled(before, k, agreed);
}

/* ---- acts ---- */

static const char *const person[] = {"client", "freelancer", "decider"};

/* Was it done?  Who may not, and what is too much, is refused: check() finds what should have been. */
static bool
act(const Node *n, const Command *cmd, int reversed_deposit)
{
	Case		k;
	Node		after;
	int64_t		agreed = cmd->amount;

	unpack(n, &k);
	k.c.reversal = NULL;
	if (reversed_deposit >= 0)
		unpack_reversal(n, &k, reversed_deposit);
	if (cmd->event == EVENT_GIVE_REFUND)
		unpack_releases(n, &k, cmd->milestone_no - 1);
	if (decide(&terms, &k.c, cmd, command_party(&k.c, cmd->event, cmd->actor), NOW, &k.step, &k.facts) != REFUSED_NOTHING)
		return false;
	if (cmd->event == EVENT_ACCEPT_SETTLEMENT)
		agreed = n->offer[cmd->item_no - 1];
	check(n, &k, agreed);
	pack(&k, n, NOW, &after);
	add(&after);
	return true;
}

/* The next thing that the clock does, however long that takes. */
static bool
wait(const Node *n, Node *after)
{
	Case		k;
	int64_t		next = NO_INSTANT;

	unpack(n, &k);
	k.c.reversal = NULL;
	if (n->nholds > 0)
		return false;
	for (int i = -2; i < MILESTONES; i++)
	{
		int64_t		at = i == -2 ? k.c.due_at : i == -1 ? k.c.remind_at : k.milestone[i].review_tick_at;

		if (at != NO_INSTANT && (next == NO_INSTANT || at < next))
			next = at;
	}
	if (next == NO_INSTANT || !decide_by_clock(&terms, &k.c, next, &k.step))
		return false;
	check(n, &k, NO_AMOUNT);
	pack(&k, n, next, after);
	return true;
}

static bool
may_happen(const Node *n, EventKind event)
{
	switch (event)
	{
		case EVENT_FUND:
			return n->state == CONTRACT_ACTIVE || (features & LATE);
		case EVENT_SUBMIT_WORK:
		case EVENT_REQUEST_CHANGES:
			return features & WORK;
		case EVENT_GIVE_REFUND:
			return features & GIVEN;
		case EVENT_EXTEND_DEADLINE:
			return features & EXTENDED;
		case EVENT_PLACE_HOLD:
			return features & HELD;
		case EVENT_REVERSAL_OPENED:
		case EVENT_REVERSAL_WON:
		case EVENT_REVERSAL_LOST:
			return features & REVERSED;
		case EVENT_ASSIGN_CASE:
			return features & ASSIGNED;
		case EVENT_OFFER_SETTLEMENT:
		case EVENT_ACCEPT_SETTLEMENT:
		case EVENT_WITHDRAW_SETTLEMENT_OFFER:
			return features & OFFERED;
		default:
			return true;
	}
}

/* All that could be done: each verb by everybody, with each amount up to one too many. */
static void
act_all(const Node *n)
{
	uint16_t	could = 0;		/* what whose turn it is may do */
	int64_t		most = price[0] + price[1] + 1;

	for (EventKind event = EVENT_FUND; event <= EVENT_REVERSAL_LOST; event++)
	{
		bool		of_milestone = event <= EVENT_MOVE_LEFTOVER || event == EVENT_GIVE_REFUND;
		bool		of_deposit = event >= EVENT_REVERSAL_OPENED;
		bool		has_amount = event == EVENT_FUND || event == EVENT_RELEASE_PAYMENT || event == EVENT_MOVE_LEFTOVER ||
			event == EVENT_END_CONTRACT || event == EVENT_GIVE_REFUND || event == EVENT_DISPUTE_REFUND ||
			event == EVENT_PROPOSE_RESOLUTION || event == EVENT_RECORD_AWARD || event == EVENT_OFFER_SETTLEMENT || of_deposit;
		bool		has_item = event == EVENT_ACCEPT_SETTLEMENT || event == EVENT_LIFT_HOLD;
		int			items = of_milestone ? MILESTONES : of_deposit ? n->deposits : has_item ? SIDES : 1;

		if (!may_happen(n, event))
			continue;
		if ((event == EVENT_FUND && n->deposits == DEPOSITS) || (event == EVENT_PLACE_HOLD && n->nholds == MOST_HOLDS) ||
			(event == EVENT_REVERSAL_OPENED && n->nholds == MOST_HOLDS))
			continue;
		for (int who = 0; who < 3; who++)
			for (int item = 1; item <= items; item++)
				for (int64_t amount = 0; amount <= (has_amount ? most : 0); amount++)
				{
					Command		cmd = {
						.event = event,.contract_id = 1,.actor = person[who],.currency = USD,
						.amount = has_amount ? amount : NO_AMOUNT,.statement = "words",.source = "card",
						.milestone_no = of_milestone ? item : 0,
						.to_milestone_no = event == EVENT_MOVE_LEFTOVER ? MILESTONES + 1 - item : 0,
						.item_no = has_item ? item : 0,.decider = event == EVENT_ASSIGN_CASE ? "decider" : NULL,
						.extension = 4,.hold_kind = HOLD_LEGAL,.deposit_no = of_deposit ? item : 0,
						.reversal_state = event - EVENT_REVERSAL_OPENED
					};

					/* a provider reports one reversal, and decides what it has opened */
					if (of_deposit && n->reversal != 0 &&
						(n->reversal_deposit != item || n->reversal != 1 || amount != n->reversal_amount))
						continue;
					if (has_item && event == EVENT_LIFT_HOLD && item > n->nholds)
						continue;
					if (act(n, &cmd, of_deposit ? item - 1 : -1) && event_is_of_request(event))
						could |= who == 2 ? MEDIATOR | ARBITRATOR : 1u << (who == 0 ? PARTY_CLIENT : PARTY_FREELANCER);
				}
	}
	if (IN_SET(OPEN, n->request_state) && n->nholds == 0)
	{
		Case		k;

		unpack(n, &k);
		if ((state_turn(k.c.request_state) & ~could) != 0 && contract_turn(&k.c) == state_turn(k.c.request_state))
			complain(&k, "whose turn it is can do nothing");
	}
}

/* Nobody does anything, ever again: the case ends, and before long. */
static void
check_silence(const Node *n)
{
	Node		silent = *n;
	Case		k;
	int			waits = 0;

	if (!IN_SET(OPEN, n->request_state) || n->nholds > 0)
		return;
	while (IN_SET(OPEN, silent.request_state) && waits++ < 12)
	{
		Node		after;

		if (!wait(&silent, &after))
			break;
		silent = after;
	}
	unpack(&silent, &k);
	if (silent.request_state != REQUEST_SETTLED)
		complain(&k, "silence has no outcome");
}

/* Nobody has to do anything about a hold: it may last. */
static void
last(const Node *n)
{
	Node		later = *n;
	int16_t    *instant[] = {
		&later.due, &later.target, &later.remind, &later.review_due[0], &later.review_due[1],
		&later.review_tick[0], &later.review_tick[1]
	};

	if (n->nholds == 0 || n->held_since != 0)
		return;
	later.held_since = 9;
	for (size_t i = 0; i < sizeof(instant) / sizeof(instant[0]); i++)
		if (*instant[i] != NEVER)
			*instant[i] -= 9;
	add(&later);
}

static void
search(const Search *s)
{
	Node		start;
	char		what[600];

	price = s->price;
	features = s->features;
	memset(&start, 0, sizeof(start));
	start.due = start.target = start.remind = start.held_since = NEVER;
	for (int i = 0; i < MILESTONES; i++)
		start.review_due[i] = start.review_tick[i] = NEVER;
	start.at_stake = start.to_freelancer = start.to_client = start.disputed = start.proposed = -1;
	start.offer[0] = start.offer[1] = -1;
	nodes = 0;
	steps = 0;
	memset(table, 0, table_size * sizeof(uint32_t));
	add(&start);
	for (uint32_t i = 0; i < nodes && complaint[0] == '\0'; i++)
	{
		Node		n = node[i];
		Node		after;

		act_all(&n);
		check_silence(&n);
		if (wait(&n, &after))
			add(&after);
		last(&n);
	}
	snprintf(what, sizeof(what), "%u states, %llu steps: every case ends, none is stuck, no money is made or lost%s%s",
			 nodes, (unsigned long long) steps, complaint[0] != '\0' ? "; but " : "", complaint);
	ok(complaint[0] == '\0', what);
}

int
main(int argc, char **argv)
{
	bool		is_long = argc == 2 && strcmp(argv[1], "--long") == 0;
	int			never = 0;

	if (argc > 1 && !is_long)
	{
		fputs("usage: exhaust [--long]\n", stderr);
		return 2;
	}
	room = 1 << 16;
	node = grown(NULL, room * sizeof(Node));
	table_size = 2 * room;
	table = grown(NULL, table_size * sizeof(uint32_t));
	for (size_t i = 0; i < sizeof(quick) / sizeof(quick[0]); i++)
		search(&quick[i]);
	for (size_t i = 0; is_long && i < sizeof(thorough) / sizeof(thorough[0]); i++)
		search(&thorough[i]);
	for (int i = 0; i < EXPECTED; i++)
		for (int from = 0; from < REQUEST_STATES; from++)
			for (int party = 0; party < PARTIES; party++)
				if (IN_SET(expected[i].from, from) && IN_SET(expected[i].parties, party) && !seen[i][from][party])
				{
					never++;
					printf("# never: %s by %s in %s\n", event_label[expected[i].event], party_label[party],
						   from == REQUEST_NONE ? "none" : request_state_label[from]);
				}
	ok(never == 0, "every row of process.md section 4 is taken, from each of its states, by each of its parties");
	printf("1..%d\n", tests);
	return failures > 0;
}
