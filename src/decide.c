/*
 * decide.c
 *		The decisions of process.md sections 3 to 6.
 */
#include <stddef.h>

#include "amount.h"
#include "decide.h"
#include "escrow.h"

#define CLIENT (1u << PARTY_CLIENT)
#define FREELANCER (1u << PARTY_FREELANCER)

/* Who may do what to the escrow itself; the request's events are in the transition table. */
static uint16_t
escrow_parties(EventKind event)
{
	switch (event)
	{
		case EVENT_ADD_MILESTONE:
		case EVENT_FUND:
		case EVENT_RELEASE_PAYMENT:
		case EVENT_RELEASE_MILESTONE:
		case EVENT_MOVE_LEFTOVER:
			return CLIENT;
		case EVENT_END_CONTRACT:
			return CLIENT | FREELANCER;
		default:
			return event_parties(event);
	}
}

static void
begin_step(Step *step, Contract *c, EventKind event, Party party, const char *actor,
		   int64_t recorded_at, int64_t effective_at)
{
	step->event = event;
	step->party = party;
	step->actor = actor;
	step->from_state = c->request_state;
	step->recorded_at = recorded_at;
	step->effective_at = effective_at;
	step->due_at = NO_INSTANT;
	step->amount = NO_AMOUNT;
	step->milestone_no = 0;
	step->to_milestone_no = 0;
	step->nlegs = 0;
	step->npayments = 0;
	step->event_no = ++c->event_no;
	c->last_event = event;
	c->last_at = recorded_at;
}

/* Every step ends here; the chain's head is the writer's business. */
static void
end_step(Step *step, Contract *c)
{
	step->to_state = c->request_state;
	step->outcome = step->from_state != c->request_state ? c->outcome : OUTCOME_NONE;
	c->next_due_at = c->due_at;
}

/* process.md section 6: the split pays the freelancer first, FIFO, the rest goes back. */
static void
settle(const Windows *windows, Contract *c, Step *step, Outcome outcome, int64_t to_freelancer)
{
	int64_t		rest = c->at_stake - to_freelancer;

	c->request_state = REQUEST_SETTLED;
	c->outcome = outcome;
	c->to_freelancer = to_freelancer;
	c->to_client = rest;
	c->settled_at = step->recorded_at;
	c->effective_at = step->effective_at;
	c->due_at = NO_INSTANT;
	if (to_freelancer > 0)
		escrow_take(c, step, ACCOUNT_FREELANCER, NULL, to_freelancer);
	if (rest > 0)
		escrow_return(c, step, rest, PURPOSE_SETTLEMENT,
					  windows->ends_at(windows->policy, step->recorded_at, WINDOW_REFUND_CREDIT));
}

/*
 * What a request's end pays the freelancer, by its outcome.  process.md
 * section 4, last column.
 */
static int64_t
freelancer_part(const Contract *c, Outcome outcome)
{
	return outcome == OUTCOME_PAID_IN_FULL ? c->at_stake : 0;
}

bool
silence_ends_in(const Contract *c, EventKind *event, RequestState *to,
				Outcome *outcome, int64_t *to_freelancer, int64_t *to_client)
{
	const Transition *t;

	*event = state_expiry(c->request_state);
	if (*event == EVENT_NONE)
		return false;
	t = transition_find(c->request_state, *event);
	*to = transition_to(t, c->request_state);
	*outcome = t->outcome;
	*to_freelancer = *to_client = NO_AMOUNT;
	if (*to == REQUEST_SETTLED)
	{
		*to_freelancer = freelancer_part(c, t->outcome);
		*to_client = c->at_stake - *to_freelancer;
	}
	return true;
}

bool
expiry_due(const Contract *c, int64_t now)
{
	return c->next_due_at != NO_INSTANT && now >= c->next_due_at;
}

RequestState
effective_state(const Contract *c, int64_t now)
{
	EventKind	event;
	RequestState to;
	Outcome		outcome;
	int64_t		to_freelancer;
	int64_t		to_client;

	if (c->due_at == NO_INSTANT || now < c->due_at ||
		!silence_ends_in(c, &event, &to, &outcome, &to_freelancer, &to_client))
		return c->request_state;
	return to;
}

bool
decide_expiry(const Windows *windows, Contract *c, int64_t now, Step *step)
{
	EventKind	event;
	RequestState to;
	Outcome		outcome;
	int64_t		to_freelancer;
	int64_t		to_client;

	if (!silence_ends_in(c, &event, &to, &outcome, &to_freelancer, &to_client))
		return false;
	/* process.md section 5: effective at due_at, recorded now */
	begin_step(step, c, event, PARTY_CLOCK, NULL, now, c->due_at);
	settle(windows, c, step, outcome, to_freelancer);
	step->amount = c->at_stake;
	end_step(step, c);
	return true;
}

/* The state that silence left, when that is how the request came to where it is. */
static uint16_t
states_before_expiry(const Contract *c)
{
	uint16_t	states = 0;

	for (int i = 0; i < transition_count; i++)
	{
		const Transition *t = &transition_table[i];

		if (IN_SET(t->party, PARTY_CLOCK) &&
			(c->request_state == REQUEST_SETTLED ? t->outcome == c->outcome
			 : t->event == c->last_event && t->to == c->request_state))
			states |= t->from;
	}
	return states;
}

static Refusal
judge_request_event(const Contract *c, EventKind event, RefusalFacts *facts)
{
	uint16_t	before;

	if (transition_find(c->request_state, event) != NULL)
		return REFUSED_NOTHING;
	before = states_before_expiry(c);
	for (int state = 0; state < REQUEST_STATES; state++)
	{
		if (IN_SET(before, state) && transition_find(state, event) != NULL)
		{
			facts->due_at = c->effective_at;
			return REFUSED_LATE;
		}
	}
	return REFUSED_STATE;
}

static Refusal
judge_amount(const Contract *c, const Command *cmd, int64_t available, Refusal over,
			 RefusalFacts *facts)
{
	if (cmd->currency != c->currency)
		return REFUSED_CURRENCY;
	if (cmd->amount <= 0)
		return REFUSED_NOT_POSITIVE;
	if (cmd->amount > available)
	{
		facts->available = available;
		return over;
	}
	return REFUSED_NOTHING;
}

/* Milestones stay in order of their number: settlements consume them in it. */
static void
insert_milestone(Contract *c, int32_t milestone_no, int64_t price)
{
	int			at = c->nmilestones++;

	while (at > 0 && c->milestone[at - 1].milestone_no > milestone_no)
	{
		c->milestone[at] = c->milestone[at - 1];
		at--;
	}
	c->milestone[at] = (MilestoneLine) {.milestone_no = milestone_no, .room = price};
}

static Refusal
add_milestone(Contract *c, const Command *cmd, Step *step)
{
	if (cmd->currency != c->currency)
		return REFUSED_CURRENCY;
	if (cmd->amount <= 0)
		return REFUSED_NOT_POSITIVE;
	if (contract_milestone(c, cmd->milestone_no) != NULL)
		return REFUSED_MILESTONE_EXISTS;
	if (c->nmilestones >= MAX_MILESTONES)
		return REFUSED_TOO_MANY;
	insert_milestone(c, cmd->milestone_no, cmd->amount);
	step->amount = cmd->amount;
	return REFUSED_NOTHING;
}

static Refusal
fund(const Windows *windows, Contract *c, const Command *cmd, MilestoneLine *m, Step *step,
	 RefusalFacts *facts)
{
	bool		late = c->state == CONTRACT_ENDED;
	Refusal		refusal = judge_amount(c, cmd, late ? AMOUNT_MAX_MINOR : m->room,
									   REFUSED_OVER_PRICE, facts);

	if (refusal != REFUSED_NOTHING)
		return refusal;
	if (cmd->amount > AMOUNT_MAX_MINOR - c->balance.deposited)
		return REFUSED_TOTAL_TOO_LARGE;
	if (c->ndeposits >= MAX_LIVE_DEPOSITS)
		return REFUSED_TOO_MANY;
	step->amount = cmd->amount;
	/* process.md section 3: a late deposit never joins the amount at stake */
	if (late)
		escrow_pass_through(c, step, m, cmd->amount,
							windows->ends_at(windows->policy, step->recorded_at, WINDOW_REFUND_CREDIT));
	else
		escrow_deposit(c, step, m, cmd->amount);
	return REFUSED_NOTHING;
}

static Refusal
release(Contract *c, const Command *cmd, MilestoneLine *m, Step *step, RefusalFacts *facts)
{
	int64_t		amount = cmd->amount;

	if (cmd->event == EVENT_RELEASE_MILESTONE)
	{
		amount = m->held;
		if (amount == 0)
		{
			facts->available = 0;
			return REFUSED_OVER_HELD;
		}
	}
	else
	{
		Refusal		refusal = judge_amount(c, cmd, m->held, REFUSED_OVER_HELD, facts);

		if (refusal != REFUSED_NOTHING)
			return refusal;
	}
	step->amount = amount;
	escrow_take(c, step, ACCOUNT_FREELANCER, m, amount);
	return REFUSED_NOTHING;
}

static Refusal
move_leftover(Contract *c, const Command *cmd, MilestoneLine *m, Step *step, RefusalFacts *facts)
{
	MilestoneLine *to = contract_milestone(c, cmd->to_milestone_no);
	Refusal		refusal;

	if (to == m)
		return REFUSED_SAME_MILESTONE;
	refusal = judge_amount(c, cmd, m->held, REFUSED_OVER_HELD, facts);
	if (refusal == REFUSED_NOTHING)
		refusal = judge_amount(c, cmd, to->room, REFUSED_OVER_PRICE, facts);
	if (refusal != REFUSED_NOTHING)
		return refusal;
	m->held -= cmd->amount;
	m->room += cmd->amount;
	to->held += cmd->amount;
	to->room -= cmd->amount;
	step->amount = cmd->amount;
	return REFUSED_NOTHING;
}

static Refusal
end_contract(const Windows *windows, Contract *c, const Command *cmd, Party party, Step *step,
			 RefusalFacts *facts)
{
	int64_t		final_payment = cmd->amount == NO_AMOUNT ? 0 : cmd->amount;

	if (cmd->amount != NO_AMOUNT)
	{
		if (cmd->currency != c->currency)
			return REFUSED_CURRENCY;
		if (final_payment < 0)
			return REFUSED_NEGATIVE;
		/* the freelancer ends by giving all back: there is nothing to pay */
		if (final_payment > 0 && party == PARTY_FREELANCER)
			return REFUSED_PAYS_ITSELF;
		facts->available = c->balance.held;
		if (final_payment > facts->available)
			return REFUSED_OVER_HELD;
	}
	c->state = CONTRACT_ENDED;
	step->amount = final_payment;
	if (party == PARTY_FREELANCER)
	{
		if (c->balance.held > 0)
			escrow_return(c, step, c->balance.held, PURPOSE_FREELANCER_ENDED,
						  windows->ends_at(windows->policy, step->recorded_at, WINDOW_REFUND_CREDIT));
		return REFUSED_NOTHING;
	}
	if (final_payment > 0)
		escrow_take(c, step, ACCOUNT_FREELANCER, NULL, final_payment);
	if (c->balance.held > 0)
	{
		c->request_state = REQUEST_REQUESTED;
		c->at_stake = c->balance.held;
		c->opened_at = step->recorded_at;
		c->due_at = windows->ends_at(windows->policy, step->recorded_at, WINDOW_REFUND_RESPONSE);
		step->due_at = c->due_at;
	}
	return REFUSED_NOTHING;
}

/* An event that ends the request by the table alone. */
static Refusal
settle_by_event(const Windows *windows, Contract *c, const Command *cmd, Step *step)
{
	const Transition *t = transition_find(c->request_state, cmd->event);

	settle(windows, c, step, t->outcome, freelancer_part(c, t->outcome));
	step->amount = c->at_stake;
	return REFUSED_NOTHING;
}

/* RF009, RF002, RF005, RF001 in this order: interface.md, Errors. */
static Refusal
judge_standing(const Contract *c, const Command *cmd, Party party, RefusalFacts *facts)
{
	bool		of_request = event_is_of_request(cmd->event) && cmd->event != EVENT_END_CONTRACT;

	if (of_request && c->state == CONTRACT_ACTIVE)
		return REFUSED_ACTIVE;
	/* a late deposit is taken, and goes back */
	if (!of_request && c->state == CONTRACT_ENDED && cmd->event != EVENT_FUND)
		return REFUSED_ENDED;
	facts->parties = escrow_parties(cmd->event);
	if (!IN_SET(facts->parties, party))
		return REFUSED_WRONG_PARTY;
	if (of_request)
		return judge_request_event(c, cmd->event, facts);
	if (c->kind == KIND_HOURLY &&
		(cmd->event == EVENT_FUND || cmd->event == EVENT_END_CONTRACT))
		return REFUSED_HOURLY;
	return REFUSED_NOTHING;
}

Refusal
decide(const Windows *windows, Contract *c, const Command *cmd, Party party,
	   int64_t now, Step *step, RefusalFacts *facts)
{
	MilestoneLine *m = NULL;
	Refusal		refusal = judge_standing(c, cmd, party, facts);

	if (refusal != REFUSED_NOTHING)
		return refusal;
	if (cmd->milestone_no != 0 && cmd->event != EVENT_ADD_MILESTONE)
		m = contract_milestone(c, cmd->milestone_no);

	begin_step(step, c, cmd->event, party, cmd->actor, now, now);
	step->milestone_no = cmd->milestone_no;
	step->to_milestone_no = cmd->to_milestone_no;
	switch (cmd->event)
	{
		case EVENT_ADD_MILESTONE:
			refusal = add_milestone(c, cmd, step);
			break;
		case EVENT_FUND:
			refusal = fund(windows, c, cmd, m, step, facts);
			break;
		case EVENT_RELEASE_PAYMENT:
		case EVENT_RELEASE_MILESTONE:
			refusal = release(c, cmd, m, step, facts);
			break;
		case EVENT_MOVE_LEFTOVER:
			refusal = move_leftover(c, cmd, m, step, facts);
			break;
		case EVENT_END_CONTRACT:
			refusal = end_contract(windows, c, cmd, party, step, facts);
			break;
		case EVENT_APPROVE_REFUND:
		case EVENT_PAY_IN_FULL:
			refusal = settle_by_event(windows, c, cmd, step);
			break;
		default:
			/* no verb makes such a command */
			refusal = REFUSED_STATE;
			break;
	}
	end_step(step, c);
	return refusal;
}
