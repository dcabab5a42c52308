/*
 * contract.c
 *		Labels of a contract's parts and questions to one.
 */
#include <string.h>

#include "contract.h"

const char *const contract_kind_label[CONTRACT_KINDS] = {
	"fixed_price", "project_catalog", "consultation", "hourly"
};
const char *const contract_state_label[CONTRACT_STATES] = {"active", "ended"};
const char *const milestone_state_label[MILESTONE_STATES] = {"open", "submitted", "paid"};
const char *const account_label[ACCOUNTS] = {
	"source", "escrow", "freelancer", "refund_payable", "refund_paid",
	"fee_held", "fee_spent", "receivable"
};
const char *const payment_purpose_label[PAYMENT_PURPOSES] = {
	"settlement", "freelancer_ended", "late_deposit", "arbitration_fee",
	"given_refund"
};
const char *const payment_state_label[PAYMENT_STATES] = {
	"pending", "submitted", "succeeded", "failed", "bounced", "unclaimed"
};

const char *const hold_kind_label[HOLD_KINDS] = {"legal", "sanctions", "chargeback", "fraud"};
const char *const reversal_kind_label[REVERSAL_KINDS] = {"chargeback", "failed"};
const char *const reversal_state_label[REVERSAL_STATES] = {"opened", "won", "lost"};

MilestoneLine *
contract_milestone(const Contract *c, int32_t milestone_no)
{
	for (int i = 0; i < c->nmilestones; i++)
		if (c->milestone[i].milestone_no == milestone_no)
			return &c->milestone[i];
	return NULL;
}

void
contract_init(Contract *c)
{
	c->created_at = c->last_at = NO_INSTANT;
	c->next_due_at = c->due_at = c->target_at = c->remind_at = c->held_at = NO_INSTANT;
	c->opened_at = c->settled_at = c->effective_at = NO_INSTANT;
	for (int i = 0; i < STAGES; i++)
		c->stage_at[i] = NO_INSTANT;
	c->at_stake = c->to_freelancer = c->to_client = c->disputed = c->proposed = NO_AMOUNT;
	for (int i = 0; i < SIDES; i++)
		c->side[i].offer = NO_AMOUNT;
}

void
contract_enter(Contract *c, RequestState to, EventKind by, int64_t effective_at)
{
	/* only a settlement comes to a request on hold */
	if (to == REQUEST_SETTLED)
		contract_count_hold(c, effective_at);
	c->request_state = to;
	c->entered_by = by;
	c->effective_at = effective_at;
	if (to >= REQUEST_DISPUTED && to < REQUEST_SETTLED)
		c->stage_at[to - REQUEST_DISPUTED] = effective_at;
	if (to == REQUEST_UNRESOLVED)
		c->unresolved_by = by;
}

void
contract_count_hold(Contract *c, int64_t now)
{
	if (c->held_at != NO_INSTANT && c->request_state != REQUEST_NONE && c->request_state != REQUEST_SETTLED)
		c->hold_time[c->request_state - REQUEST_REQUESTED] += now - c->held_at;
}

/* process.md section 3: paid once nothing is held and something was released */
MilestoneState
milestone_state(const MilestoneLine *m)
{
	if (milestone_is_submitted(m))
		return MILESTONE_SUBMITTED;
	return m->held == 0 && m->released > 0 ? MILESTONE_PAID : MILESTONE_OPEN;
}

int64_t
contract_deposit_held(const Contract *c, int32_t deposit_no)
{
	int32_t		i = deposit_no - c->first_live;

	return i >= 0 && i < c->ndeposits ? c->deposit_held[i] : 0;
}

Party
contract_party(const Contract *c, const char *person)
{
	if (strcmp(person, c->client) == 0)
		return PARTY_CLIENT;
	if (strcmp(person, c->freelancer) == 0 ||
		(c->agency != NULL && strcmp(person, c->agency) == 0))
		return PARTY_FREELANCER;
	return PARTY_NONE;
}

uint16_t
contract_turn(const Contract *c)
{
	uint16_t	turn = state_turn(c->request_state);

	for (int i = 0; i < SIDES; i++)
	{
		Party		party = i == SIDE_CLIENT ? PARTY_CLIENT : PARTY_FREELANCER;

		if (c->request_state == REQUEST_PROPOSED ? c->side[i].accepted
			: c->request_state == REQUEST_UNRESOLVED && c->side[i].joined)
			turn &= ~(1u << party);
	}
	return turn;
}

bool
contract_has_hold(const Contract *c, int32_t hold_no)
{
	for (int i = 0; i < c->nholds; i++)
		if (c->holds[i] == hold_no)
			return true;
	return false;
}

int
contract_joined(const Contract *c)
{
	return c->side[SIDE_CLIENT].joined + c->side[SIDE_FREELANCER].joined;
}

const char *
contract_unsound(const Contract *c)
{
	const Balances *b = &c->balance;
	int64_t		by_deposit = 0;
	int64_t		held = 0;
	int64_t		released = 0;
	int64_t		refunded = 0;

	if (b->deposited < 0 || b->held < 0 || b->released < 0 || b->refunded < 0 ||
		b->reversed < 0 || b->in_transit < 0 || b->fee_held < 0 || b->receivable < 0)
		return "a balance is negative";
	if (b->deposited != b->held + b->released + b->refunded + b->reversed)
		return "deposited differs from held + released + refunded + reversed";
	for (int i = 0; i < c->ndeposits; i++)
	{
		if (c->deposit_held[i] < 0)
			return "a deposit holds less than nothing";
		by_deposit += c->deposit_held[i];
	}
	if (by_deposit != b->held)
		return "held by deposits differs from held";
	for (int i = 0; i < c->nmilestones; i++)
	{
		const MilestoneLine *m = &c->milestone[i];

		if (m->held < 0 || m->released < 0 || m->refunded < 0)
			return "a milestone has a negative figure";
		if (i > 0 && c->milestone[i - 1].milestone_no >= m->milestone_no)
			return "milestones are out of order";
		held += m->held;
		released += m->released;
		refunded += m->refunded;
	}
	if (held != b->held)
		return "held by milestones differs from held";
	if (released != b->released)
		return "released by milestones differs from released";
	if (refunded != b->refunded)
		return "refunded by milestones differs from refunded";
	if (c->request_state == REQUEST_SETTLED && c->to_freelancer + c->to_client != c->at_stake)
		return "the split differs from the amount at stake";
	if (c->request_state == REQUEST_SETTLED && b->held != 0)
		return "a settled case holds money";
	if (c->request_state != REQUEST_NONE && c->request_state != REQUEST_SETTLED &&
		b->held != c->at_stake)
		return "an open request's stake differs from held";
	if (c->request_state == REQUEST_SETTLED && b->fee_held != 0)
		return "a settled case holds an arbitration fee";
	if (c->disputed != NO_AMOUNT && (c->disputed < 0 || c->disputed > c->at_stake))
		return "the disputed amount is not within the amount at stake";
	if (c->proposed != NO_AMOUNT &&
		(c->disputed == NO_AMOUNT || c->proposed < 0 || c->proposed > c->disputed))
		return "the proposed amount is not within the disputed amount";
	if ((c->nholds > 0) != (c->held_at != NO_INSTANT))
		return "the clock stands still without a hold, or goes on with one";
	for (int i = 0; i < SIDES; i++)
		if (c->side[i].offer != NO_AMOUNT && (c->side[i].offer < 0 || c->side[i].offer > c->at_stake))
			return "an offer is not within the amount at stake";
	return NULL;
}
