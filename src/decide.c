/*
 * decide.c
 *		The decisions of process.md sections 3 to 6.
 */
#include <stddef.h>
#include <string.h>

#include "amount.h"
#include "decide.h"
#include "escrow.h"
#include "hold.h"
#include "payment.h"
#include "request.h"
#include "reversal.h"
#include "review.h"

#define CLIENT (1u << PARTY_CLIENT)
#define FREELANCER (1u << PARTY_FREELANCER)

#define OPERATOR (1u << PARTY_OPERATOR)
#define DECIDERS (1u << PARTY_MEDIATOR | 1u << PARTY_ARBITRATOR)

/* Who may do what to the escrow itself; the request's events are in the transition table. */
uint16_t
command_parties(EventKind event)
{
	switch (event)
	{
		case EVENT_ADD_MILESTONE:
		case EVENT_FUND:
		case EVENT_RELEASE_PAYMENT:
		case EVENT_RELEASE_MILESTONE:
		case EVENT_MOVE_LEFTOVER:
		case EVENT_REQUEST_CHANGES:
			return CLIENT;
		case EVENT_SUBMIT_WORK:
		case EVENT_GIVE_REFUND:
			return FREELANCER;
		case EVENT_END_CONTRACT:
			return CLIENT | FREELANCER;
		case EVENT_ERASE_EVIDENCE:
		case EVENT_PAYMENT_SUBMITTED:
		case EVENT_PAYMENT_SUCCEEDED:
		case EVENT_PAYMENT_FAILED:
		case EVENT_PAYMENT_BOUNCED:
		case EVENT_PAYMENT_UNCLAIMED:
		case EVENT_PAYMENT_RETRIED:
			return OPERATOR;
		default:
			return event_parties(event);
	}
}

/* Deciders and operators are not named in the contract: whoever is no party to it may be one. */
Party
command_party(const Contract *c, EventKind event, const char *person)
{
	Party		party = contract_party(c, person);
	uint16_t	parties = command_parties(event);

	for (int outsider = PARTY_MEDIATOR; party == PARTY_NONE && outsider <= PARTY_OPERATOR; outsider++)
		if (IN_SET(parties, outsider))
			party = outsider;
	return party;
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
	step->item_no = 0;
	step->reference = NULL;
	step->fee = 0;
	step->new_reversal = false;
	step->nlegs = 0;
	step->npayments = 0;
	step->event_no = ++c->event_no;
	c->last_event = event;
	c->last_at = recorded_at;
}

static int64_t
earlier(int64_t a, int64_t b)
{
	if (a == NO_INSTANT || b == NO_INSTANT)
		return a == NO_INSTANT ? b : a;
	return a < b ? a : b;
}

/* Every step ends here; the chain's head is the writer's business. */
static void
end_step(Step *step, Contract *c)
{
	step->to_state = c->request_state;
	step->outcome = step->from_state != c->request_state ? c->outcome : OUTCOME_NONE;
	c->next_due_at = NO_INSTANT;
	if (c->nholds > 0)
		return;					/* the clock stands still */
	c->next_due_at = earlier(c->due_at, c->remind_at);
	c->next_due_at = earlier(c->next_due_at, review_next_at(c));
}

bool
expiry_due(const Contract *c, int64_t now)
{
	if (c->nholds > 0)
		return false;
	return (c->due_at != NO_INSTANT && now >= c->due_at) || review_expired(c, now) != NULL;
}

/* While the contract is active its clock runs for work under review. */
static bool
review_by_clock(Contract *c, int64_t now, Step *step)
{
	MilestoneLine *m = review_expired(c, now);

	if (m != NULL)
	{
		begin_step(step, c, EVENT_REVIEW_EXPIRED, PARTY_CLOCK, NULL, now, m->review_due_at);
		review_release(c, step, m);
		return true;
	}
	m = review_to_remind(c, now);
	if (m == NULL)
		return false;
	begin_step(step, c, EVENT_REMINDER_DUE, PARTY_CLOCK, NULL, now, m->review_tick_at);
	review_remind(step, m);
	return true;
}

/* Once a request is open, for that. */
static bool
request_by_clock(const Terms *terms, Contract *c, int64_t now, Step *step)
{
	Silence		silence;

	if (c->due_at == NO_INSTANT || !request_silence(c, &silence))
		return false;
	if (now >= c->due_at)
	{
		/* process.md section 5: effective at due_at, recorded now */
		begin_step(step, c, silence.event, PARTY_CLOCK, NULL, now, c->due_at);
		request_expire(terms, c, &silence, step);
		return true;
	}
	if (c->remind_at == NO_INSTANT || now < c->remind_at)
		return false;
	begin_step(step, c, request_notice(c), PARTY_CLOCK, NULL, now, c->remind_at);
	request_notify(terms, c, step);
	return true;
}

bool
decide_by_clock(const Terms *terms, Contract *c, int64_t now, Step *step)
{
	if (c->nholds > 0 || !(review_by_clock(c, now, step) || request_by_clock(terms, c, now, step)))
		return false;
	end_step(step, c);
	return true;
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
	review_cancel(&c->milestone[at]);
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
fund(const Terms *terms, Contract *c, const Command *cmd, MilestoneLine *m, Step *step,
	 RefusalFacts *facts)
{
	bool		late = c->state == CONTRACT_ENDED;
	Refusal		refusal = judge_range(c, cmd, 1, late ? AMOUNT_MAX_MINOR : m->room,
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
							terms_end(terms, step->recorded_at, WINDOW_REFUND_CREDIT));
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
		Refusal		refusal = judge_range(c, cmd, 1, m->held, REFUSED_OVER_HELD, facts);

		if (refusal != REFUSED_NOTHING)
			return refusal;
	}
	step->amount = amount;
	review_cancel(m);
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
	refusal = judge_range(c, cmd, 1, m->held, REFUSED_OVER_HELD, facts);
	if (refusal == REFUSED_NOTHING)
		refusal = judge_range(c, cmd, 1, to->room, REFUSED_OVER_PRICE, facts);
	if (refusal != REFUSED_NOTHING)
		return refusal;
	review_cancel(m);
	m->held -= cmd->amount;
	m->room += cmd->amount;
	to->held += cmd->amount;
	to->room -= cmd->amount;
	step->amount = cmd->amount;
	return REFUSED_NOTHING;
}

static Refusal
end_contract(const Terms *terms, Contract *c, const Command *cmd, Party party, Step *step,
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
	review_cancel_all(c);
	step->amount = final_payment;
	if (party == PARTY_FREELANCER)
	{
		if (c->balance.held > 0)
			escrow_return(c, step, c->balance.held, PURPOSE_FREELANCER_ENDED,
						  terms_end(terms, step->recorded_at, WINDOW_REFUND_CREDIT));
		return REFUSED_NOTHING;
	}
	if (final_payment > 0)
		escrow_take(c, step, ACCOUNT_FREELANCER, NULL, final_payment);
	if (c->balance.held > 0)
		request_open(terms, c, step);
	return REFUSED_NOTHING;
}

/* process.md section 3: work can be submitted for money that is held, and once at a time */
static Refusal
submit_work(const Terms *terms, Contract *c, const Command *cmd, MilestoneLine *m, Step *step,
			RefusalFacts *facts)
{
	if (milestone_is_submitted(m))
		return REFUSED_MILESTONE_STATE;
	if (m->held == 0)
		return REFUSED_NOTHING_HELD;
	review_open(terms, c, step, m);
	return judge_words(terms, cmd, facts);
}

static Refusal
request_changes(const Terms *terms, const Command *cmd, MilestoneLine *m, RefusalFacts *facts)
{
	if (!milestone_is_submitted(m))
	{
		facts->due_at = m->review_due_at;
		return m->review_due_at != NO_INSTANT ? REFUSED_LATE : REFUSED_MILESTONE_STATE;
	}
	review_cancel(m);
	return judge_words(terms, cmd, facts);
}

int64_t
releases_in_time(const Terms *terms, const Contract *c, int64_t now)
{
	int64_t		in_time = 0;

	for (int i = 0; i < c->nreleases; i++)
		if (now < terms_end(terms, c->releases[i].released_at, WINDOW_POST_RELEASE))
			in_time += c->releases[i].amount;
	return in_time;
}

/* process.md section 8: at most what was released and not yet given back, each release for its time */
static Refusal
give_refund(const Terms *terms, Contract *c, const Command *cmd, MilestoneLine *m, Step *step,
			RefusalFacts *facts)
{
	int64_t		in_time = releases_in_time(terms, c, step->recorded_at);
	Refusal		refusal = judge_range(c, cmd, 1, m->released, REFUSED_OVER_RELEASED, facts);

	if (refusal == REFUSED_NOTHING)
		refusal = judge_range(c, cmd, 1, in_time, REFUSED_TOO_OLD, facts);
	if (refusal != REFUSED_NOTHING)
		return refusal;
	step->amount = cmd->amount;
	escrow_give_back(c, step, m, cmd->amount, terms_end(terms, step->recorded_at, WINDOW_REFUND_CREDIT));
	return REFUSED_NOTHING;
}

static Refusal
place_hold(const Terms *terms, Contract *c, const Command *cmd, Step *step, RefusalFacts *facts)
{
	step->item_no = hold_place(c, step->recorded_at);
	if (step->item_no == 0)
		return REFUSED_TOO_MANY;
	step->reference = hold_kind_label[cmd->hold_kind];
	return judge_words(terms, cmd, facts);
}

static Refusal
lift_hold(const Terms *terms, Contract *c, const Command *cmd, Step *step, RefusalFacts *facts)
{
	if (!contract_has_hold(c, cmd->item_no))
		return REFUSED_LIFTED;
	step->item_no = cmd->item_no;
	hold_lift(terms, c, step, cmd->item_no);
	return judge_words(terms, cmd, facts);
}

/* process.md section 7: a decider is no party, and of a case that is assigned only the one it is assigned to decides */
static Refusal
judge_interest(const Contract *c, const Command *cmd, Party party)
{
	const char *assigned = cmd->event == EVENT_PROPOSE_RESOLUTION ? c->mediator
		: cmd->event == EVENT_RECORD_AWARD ? c->arbitrator : NULL;

	if ((command_parties(cmd->event) & DECIDERS) != 0 && !IN_SET(DECIDERS, party))
		return REFUSED_PARTY_DECIDES;
	if (cmd->decider != NULL && contract_party(c, cmd->decider) != PARTY_NONE)
		return REFUSED_PARTY_DECIDES;
	if (assigned != NULL && strcmp(assigned, cmd->actor) != 0)
		return REFUSED_OTHER_DECIDES;
	return REFUSED_NOTHING;
}

/* What is done while the contract is active only; a late deposit is taken, and goes back. */
static bool
needs_active(EventKind event)
{
	switch (event)
	{
		case EVENT_ADD_MILESTONE:
		case EVENT_RELEASE_PAYMENT:
		case EVENT_RELEASE_MILESTONE:
		case EVENT_MOVE_LEFTOVER:
		case EVENT_SUBMIT_WORK:
		case EVENT_REQUEST_CHANGES:
		case EVENT_END_CONTRACT:
			return true;
		default:
			return false;
	}
}

/* Holds and reversals come whatever the state is: rows 24 and 25 where a request is open. */
static bool
comes_any_time(EventKind event)
{
	ReversalState state;

	return event == EVENT_PLACE_HOLD || event == EVENT_LIFT_HOLD || event_reverses(event, &state);
}

Refusal
judge_standing(const Contract *c, const Command *cmd, Party party, RefusalFacts *facts)
{
	bool		of_request = event_is_of_request(cmd->event) &&
		cmd->event != EVENT_END_CONTRACT && !comes_any_time(cmd->event);
	Refusal		refusal;

	if (c->nholds > 0 && hold_stops(cmd->event))
		return REFUSED_ON_HOLD;
	if (of_request && c->state == CONTRACT_ACTIVE)
		return REFUSED_ACTIVE;
	if (needs_active(cmd->event) && c->state == CONTRACT_ENDED)
		return REFUSED_ENDED;
	refusal = judge_interest(c, cmd, party);
	if (refusal != REFUSED_NOTHING)
		return refusal;
	facts->parties = command_parties(cmd->event);
	if (!IN_SET(facts->parties, party))
		return REFUSED_WRONG_PARTY;
	if (of_request)
		return request_judge(c, cmd->event, party, facts);
	if (c->kind == KIND_HOURLY &&
		(cmd->event == EVENT_FUND || cmd->event == EVENT_END_CONTRACT))
		return REFUSED_HOURLY;
	return REFUSED_NOTHING;
}

static Refusal
report(Contract *c, const Command *cmd, Step *step)
{
	if (payment_judge(c->payment, cmd->reported, cmd->provider_ref) != REPORT_COUNTS)
		return REFUSED_PAYMENT_STATE;
	step->item_no = c->payment->payment_no;
	step->reference = cmd->provider_ref;
	step->amount = c->payment->amount;
	return payment_report(c, c->payment, cmd->reported, cmd->provider_ref, step)
		? REFUSED_NOTHING : REFUSED_CORRUPT;
}

static Refusal
retry(Contract *c, const Command *cmd, Step *step)
{
	if (!payment_can_retry(c->payment, cmd->destination))
		return REFUSED_PAYMENT_STATE;
	step->item_no = c->payment->payment_no;
	step->reference = cmd->destination;
	step->amount = c->payment->amount;
	payment_retry(c->payment, cmd->destination);
	return REFUSED_NOTHING;
}

/* The event that is recorded, which for a report depends on what was reported before. */
static EventKind
event_of(const Contract *c, const Command *cmd)
{
	return cmd->event == EVENT_PAYMENT_SUCCEEDED ? payment_event(c->payment, cmd->reported) : cmd->event;
}

Refusal
decide(const Terms *terms, Contract *c, const Command *cmd, Party party,
	   int64_t now, Step *step, RefusalFacts *facts)
{
	MilestoneLine *m = NULL;
	Refusal		refusal = judge_standing(c, cmd, party, facts);

	if (refusal != REFUSED_NOTHING)
		return refusal;
	if (cmd->milestone_no != 0 && cmd->event != EVENT_ADD_MILESTONE)
		m = contract_milestone(c, cmd->milestone_no);

	begin_step(step, c, event_of(c, cmd), party, cmd->actor, now, now);
	step->milestone_no = cmd->milestone_no;
	step->to_milestone_no = cmd->to_milestone_no;
	switch (cmd->event)
	{
		case EVENT_ADD_MILESTONE:
			refusal = add_milestone(c, cmd, step);
			break;
		case EVENT_FUND:
			refusal = fund(terms, c, cmd, m, step, facts);
			break;
		case EVENT_RELEASE_PAYMENT:
		case EVENT_RELEASE_MILESTONE:
			refusal = release(c, cmd, m, step, facts);
			break;
		case EVENT_MOVE_LEFTOVER:
			refusal = move_leftover(c, cmd, m, step, facts);
			break;
		case EVENT_END_CONTRACT:
			refusal = end_contract(terms, c, cmd, party, step, facts);
			break;
		case EVENT_PAYMENT_SUBMITTED:
		case EVENT_PAYMENT_SUCCEEDED:
		case EVENT_PAYMENT_FAILED:
		case EVENT_PAYMENT_BOUNCED:
		case EVENT_PAYMENT_UNCLAIMED:
			refusal = report(c, cmd, step);
			break;
		case EVENT_PAYMENT_RETRIED:
			refusal = retry(c, cmd, step);
			break;
		case EVENT_SUBMIT_WORK:
			refusal = submit_work(terms, c, cmd, m, step, facts);
			break;
		case EVENT_REQUEST_CHANGES:
			refusal = request_changes(terms, cmd, m, facts);
			break;
		case EVENT_GIVE_REFUND:
			refusal = give_refund(terms, c, cmd, m, step, facts);
			break;
		case EVENT_PLACE_HOLD:
			refusal = place_hold(terms, c, cmd, step, facts);
			break;
		case EVENT_LIFT_HOLD:
			refusal = lift_hold(terms, c, cmd, step, facts);
			break;
		case EVENT_REVERSAL_OPENED:
		case EVENT_REVERSAL_WON:
		case EVENT_REVERSAL_LOST:
			refusal = reversal_report(terms, c, cmd, step, facts);
			break;
		case EVENT_ERASE_EVIDENCE:
			step->item_no = cmd->item_no;
			refusal = c->item_gone ? REFUSED_ERASED : judge_words(terms, cmd, facts);
			break;
		default:
			refusal = request_decide(terms, c, cmd, party, step, facts);
			break;
	}
	end_step(step, c);
	return refusal;
}
