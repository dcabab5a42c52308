/*
 * verify_replay.c
 *		A contract's history, event by event.
 */
#include "postgres.h"

#include "utils/builtins.h"

#include "audit.h"
#include "compat.h"
#include "verify.h"

/* ---- money ---- */

static MilestoneReplay *
find_milestone(Verification *v, int32 milestone_no)
{
	for (int i = 0; i < v->nmilestones; i++)
		if (v->milestone[i].line.milestone_no == milestone_no)
			return &v->milestone[i];
	return NULL;
}

static void
replay_transfer(Verification *v, const Step *step, const Leg *leg)
{
	MilestoneReplay *m = find_milestone(v, leg->milestone_no);
	DepositReplay *d = leg->deposit_no > 0 && leg->deposit_no <= v->ndeposits
		? &v->deposit[leg->deposit_no - 1] : NULL;

	apply_transfer(&v->r.balance, leg->debit, leg->credit, leg->amount);
	if (step->from_state != REQUEST_SETTLED && step->to_state == REQUEST_SETTLED &&
		leg->credit == ACCOUNT_FREELANCER)
		v->settled_release += leg->amount;
	/* fees have neither; payments on their way and debts have no milestone */
	if (leg->debit != ACCOUNT_ESCROW && leg->credit != ACCOUNT_ESCROW && leg->debit != ACCOUNT_FREELANCER)
		return;
	if (m == NULL || d == NULL)
	{
		report(v, "provenance", psprintf("a transfer of event %d names deposit %d and milestone %d",
										 step->event_no, leg->deposit_no, leg->milestone_no));
		return;
	}
	if (leg->credit == ACCOUNT_ESCROW)
	{
		if (d->milestone_no != leg->milestone_no)
			report(v, "deposits", psprintf("deposit %d does not name the milestone that it funded", leg->deposit_no));
		d->funded += leg->amount;
		d->held += leg->amount;
		m->line.held += leg->amount;
		m->line.room -= leg->amount;
	}
	else if (leg->debit == ACCOUNT_ESCROW)
	{
		/* FIFO: what is taken last is what earlier deposits no longer have */
		for (int i = 0; i < leg->deposit_no - 1; i++)
		{
			if (v->deposit[i].held > 0 && step->event != EVENT_FUND && step->event != EVENT_REVERSAL_LOST)
			{
				report(v, "provenance", psprintf("event %d took from deposit %d before deposit %d was used up",
												 step->event_no, leg->deposit_no, i + 1));
				break;
			}
		}
		d->held -= leg->amount;
		m->line.held -= leg->amount;
		if (leg->credit == ACCOUNT_FREELANCER)
			m->line.released += leg->amount;
		else if (leg->credit == ACCOUNT_REFUND_PAYABLE)
		{
			m->line.refunded += leg->amount;
			d->refunded += leg->amount;
		}
		else
			m->line.room += leg->amount;	/* reversed: it can be funded again */
	}
	else
	{
		/* given back by the freelancer */
		m->line.released -= leg->amount;
		m->line.refunded += leg->amount;
		d->refunded += leg->amount;
	}
	if (d->held < 0 || m->line.held < 0)
		report(v, "conservation", psprintf("event %d took more than there was", step->event_no));
}

static void
replay_move(Verification *v, const Step *step)
{
	MilestoneReplay *from = find_milestone(v, step->milestone_no);
	MilestoneReplay *to = find_milestone(v, step->to_milestone_no);

	if (from == NULL || to == NULL)
		return;
	from->line.held -= step->amount;
	from->line.room += step->amount;
	to->line.held += step->amount;
	to->line.room -= step->amount;
}

/* ---- what an event does ---- */

/* What the event does to the row of any contract. */
static void
follow_contract(Verification *v, const Step *step)
{
	Contract   *r = &v->r;

	if (step->event_no == 1)
		r->created_at = step->recorded_at;
	if (r->request_state == REQUEST_NONE && step->to_state != REQUEST_NONE)
	{
		r->opened_at = step->recorded_at;
		r->at_stake = r->balance.held;
	}
	if (r->request_state != REQUEST_SETTLED && step->to_state == REQUEST_SETTLED)
	{
		r->settled_at = step->recorded_at;
		v->settled_amount = step->amount;
	}
	if (step->event == EVENT_END_CONTRACT)
		r->state = CONTRACT_ENDED;
	if (step->from_state != step->to_state)
	{
		r->due_at = step->due_at;
		r->extensions = 0;
		contract_enter(r, step->to_state, step->event, step->effective_at);
	}
	if (step->outcome != OUTCOME_NONE)
		r->outcome = step->outcome;
	r->last_event = step->event;
	r->event_no = step->event_no;
	r->last_at = step->recorded_at;
	r->request_state = step->to_state;
}

/* A hold stands no more; the last one lets the windows go on. */
static void
follow_lift(Verification *v, const Step *step, int32 hold_no)
{
	Contract   *r = &v->r;
	int			kept = 0;

	for (int i = 0; i < r->nholds; i++)
		if (r->holds[i] != hold_no)
			r->holds[kept++] = r->holds[i];
	if (kept == 0 && r->nholds > 0)
	{
		contract_count_hold(r, step->recorded_at);
		r->held_at = NO_INSTANT;
		if (r->due_at != NO_INSTANT)
			r->due_at = step->due_at;
		for (int i = 0; i < v->nmilestones; i++)
			v->milestone[i].review_moved = true;
	}
	r->nholds = kept;
}

static void
follow_hold(Verification *v, const Step *step, int32 hold_no)
{
	Contract   *r = &v->r;

	if (hold_no != ++r->hold_count || r->nholds == MAX_HOLDS)
	{
		report(v, "holds", psprintf("event %d places hold %d where %d comes next",
									step->event_no, hold_no, r->hold_count));
		return;
	}
	if (r->nholds == 0)
		r->held_at = step->recorded_at;
	r->holds[r->nholds++] = hold_no;
}

static ReversalReplay *
find_reversal(Verification *v, int32 reversal_no)
{
	for (int i = 0; i < v->nreversals; i++)
		if (v->reversal[i].reversal_no == reversal_no)
			return &v->reversal[i];
	return NULL;
}

/* Holds, extensions and reversals. */
static void
follow_operator(Verification *v, const Step *step)
{
	Contract   *r = &v->r;
	ReversalReplay *reversal = find_reversal(v, step->item_no);

	switch (step->event)
	{
		case EVENT_PLACE_HOLD:
			follow_hold(v, step, step->item_no);
			return;
		case EVENT_LIFT_HOLD:
			follow_lift(v, step, step->item_no);
			return;
		case EVENT_EXTEND_DEADLINE:
			r->due_at = step->due_at;
			r->extensions++;
			return;
		case EVENT_REVERSAL_OPENED:
		case EVENT_REVERSAL_WON:
		case EVENT_REVERSAL_LOST:
			break;
		default:
			return;
	}
	if (reversal == NULL)
	{
		report(v, "reversals", psprintf("event %d is about reversal %d, which is not there",
										step->event_no, step->item_no));
		return;
	}
	if (reversal->event_no == step->event_no)
		r->reversal_count++;
	if (step->event == EVENT_REVERSAL_OPENED)
		follow_hold(v, step, reversal->hold_no);
	else if (reversal->hold_no != 0)
		follow_lift(v, step, reversal->hold_no);
	for (int i = 0; step->event == EVENT_REVERSAL_LOST && i < v->nmilestones; i++)
		if (v->milestone[i].line.held == 0 && milestone_is_submitted(&v->milestone[i].line))
			v->milestone[i].line.review_due_at = v->milestone[i].line.review_tick_at = NO_INSTANT;
	/* what is at stake is what is left */
	if (step->event != EVENT_REVERSAL_LOST || step->from_state == REQUEST_NONE ||
		step->from_state == REQUEST_SETTLED || r->at_stake == r->balance.held)
		return;
	r->at_stake = r->balance.held;
	if (r->disputed != NO_AMOUNT)
		r->disputed = Min(r->disputed, r->at_stake);
	if (r->proposed != NO_AMOUNT)
		r->proposed = Min(r->proposed, r->disputed);
	for (int i = 0; i < SIDES; i++)
	{
		r->side[i].offer_no = 0;
		r->side[i].offer = NO_AMOUNT;
	}
}

static void
end_review(MilestoneReplay *m)
{
	m->line.review_due_at = m->line.review_tick_at = NO_INSTANT;
	m->review_moved = false;
}

/* The review of work. */
static void
follow_review(Verification *v, const Step *step)
{
	MilestoneReplay *m = find_milestone(v, step->milestone_no);

	if (step->event == EVENT_END_CONTRACT)
		for (int i = 0; i < v->nmilestones; i++)
			end_review(&v->milestone[i]);
	if (m == NULL)
		return;
	switch (step->event)
	{
		case EVENT_SUBMIT_WORK:
			m->line.review_due_at = m->line.review_tick_at = step->due_at;
			m->review_moved = false;
			break;
		case EVENT_REVIEW_EXPIRED:
			m->line.review_tick_at = NO_INSTANT;
			break;
		case EVENT_REQUEST_CHANGES:
		case EVENT_RELEASE_PAYMENT:
		case EVENT_RELEASE_MILESTONE:
		case EVENT_MOVE_LEFTOVER:
			end_review(m);
			break;
		default:
			break;
	}
}

/* What it does to the dispute. */
static void
follow_request(Verification *v, const Step *step)
{
	Contract   *r = &v->r;
	Side	   *side = &r->side[party_side(step->party)];

	switch (step->event)
	{
		case EVENT_DISPUTE_REFUND:
			r->disputed = step->amount;
			break;
		case EVENT_PROPOSE_RESOLUTION:
			r->proposed = step->amount;
			r->mediator = step->actor;
			break;
		case EVENT_RECORD_AWARD:
			r->arbitrator = step->actor;
			break;
		case EVENT_ACCEPT_RESOLUTION:
			side->accepted = true;
			break;
		case EVENT_JOIN_ARBITRATION:
			side->joined = true;
			break;
		case EVENT_OFFER_SETTLEMENT:
			if (step->item_no != ++r->offer_count)
				report(v, "offers", psprintf("event %d makes offer %d where %d comes next",
											 step->event_no, step->item_no, r->offer_count));
			side->offer_no = step->item_no;
			side->offer = step->amount;
			break;
		case EVENT_WITHDRAW_SETTLEMENT_OFFER:
			side->offer_no = 0;
			side->offer = NO_AMOUNT;
			break;
		case EVENT_ASSIGN_CASE:
			if (step->from_state == REQUEST_REQUESTED || step->from_state == REQUEST_DISPUTED ||
				step->from_state == REQUEST_IN_REVIEW)
				r->mediator = step->reference;
			else
				r->arbitrator = step->reference;
			break;
		default:
			break;
	}
	for (int i = 0; step->from_state != step->to_state && i < SIDES; i++)
	{
		r->side[i].offer_no = 0;
		r->side[i].offer = NO_AMOUNT;
	}
}

static List *
without(List *refs, const char *reference)
{
	ListCell   *cell;

	foreach(cell, refs)
		if (strcmp(lfirst(cell), reference) == 0)
			return list_delete_cell(refs, cell);
	return refs;
}

/* A report, or a retry. */
static void
follow_attempt(Verification *v, PaymentReplay *p, const Step *step)
{
	Payment    *r = &p->r;
	bool		was_paid = p->paid != NIL;

	if (step->reference == NULL && step->event != EVENT_PAYMENT_RETRIED &&
		step->event != EVENT_PAYMENT_UNCLAIMED)
	{
		report(v, "payments", psprintf("event %d reports an attempt without its reference", step->event_no));
		return;
	}
	if (step->event == EVENT_PAYMENT_RETRIED)
	{
		r->state = PAYMENT_PENDING;
		r->provider_ref = NULL;
		if (step->reference != NULL)
			r->destination = step->reference;
		return;
	}
	if (r->state == PAYMENT_PENDING)
		r->attempt_no++;
	if (step->event == EVENT_PAYMENT_SUCCEEDED || step->event == EVENT_PAYMENT_DOUBLE_PAID)
		p->paid = lappend(p->paid, (void *) step->reference);
	else if (step->event == EVENT_PAYMENT_BOUNCED)
		p->paid = without(p->paid, step->reference);
	if (p->paid != NIL && (was_paid || step->event == EVENT_PAYMENT_SUCCEEDED))
		r->provider_ref = linitial(p->paid);
	else if (step->event != EVENT_PAYMENT_UNCLAIMED)
		r->provider_ref = step->reference;
	r->state = p->paid != NIL ? PAYMENT_SUCCEEDED
		: step->event == EVENT_PAYMENT_SUBMITTED ? PAYMENT_SUBMITTED
		: step->event == EVENT_PAYMENT_FAILED ? PAYMENT_FAILED
		: step->event == EVENT_PAYMENT_BOUNCED ? PAYMENT_BOUNCED : PAYMENT_UNCLAIMED;
}

/* What it does to the refund payment that it is about. */
static void
follow_payment(Verification *v, const Step *step)
{
	PaymentReplay *p = step->item_no > 0 && step->item_no <= v->npayments
		? &v->payment[step->item_no - 1] : NULL;

	switch (step->event)
	{
		case EVENT_PAYMENT_SUBMITTED:
		case EVENT_PAYMENT_SUCCEEDED:
		case EVENT_PAYMENT_FAILED:
		case EVENT_PAYMENT_BOUNCED:
		case EVENT_PAYMENT_UNCLAIMED:
		case EVENT_PAYMENT_RETRIED:
		case EVENT_PAYMENT_DOUBLE_PAID:
			break;
		default:
			return;
	}
	if (p == NULL || step->amount != p->line.amount)
	{
		report(v, "payments", psprintf("event %d is about payment %d, which is not there or has another amount",
									   step->event_no, step->item_no));
		return;
	}
	follow_attempt(v, p, step);
}

/* ---- the chain ---- */

/* The texts and the evidence of an event. */
static void
words_facts(Verification *v, const Step *step, ChainFacts *facts)
{
	for (int i = 0; i < v->nstatements; i++)
	{
		StatementReplay *s = &v->statement[i];

		if (s->event_no != step->event_no)
			continue;
		s->used = true;
		if (s->kind != step->event)
			report(v, "statements", psprintf("the text of event %d is of another kind", step->event_no));
		chain_statement_facts(s->digest, facts);
	}
	for (int i = 0; i < v->nevidence; i++)
	{
		const EvidenceReplay *e = &v->evidence[i];

		if (e->event_no == step->event_no)
			chain_evidence_facts(e->title, e->media_type, e->byte_size, e->sha256, e->digest, facts);
	}
}

/* What the event brought in rows of its own. */
static void
step_facts(Verification *v, const Step *step, const char *key, int64 digest, ChainFacts *facts)
{
	if (step->event == EVENT_CREATE_CONTRACT)
		chain_contract_facts(&v->c, v->policy_digest, facts);
	for (int i = 0; step->event == EVENT_FUND && i < v->ndeposits; i++)
	{
		if (v->deposit[i].event_no != step->event_no)
			continue;
		if (facts->count == 0)
			chain_deposit_facts(v->deposit[i].source, v->deposit[i].provider_ref, facts);
		else
			report(v, "deposits", psprintf("event %d has more than one deposit", step->event_no));
	}
	for (int i = 0; step->event == EVENT_ADD_MILESTONE && i < v->nmilestones; i++)
	{
		if (v->milestone[i].line.milestone_no != step->milestone_no)
			continue;
		if (v->milestone[i].event_no != step->event_no)
			report(v, "milestones", psprintf("milestone %d does not name the event that added it", step->milestone_no));
		chain_milestone_facts(v->milestone[i].title, v->milestone[i].has_due, v->milestone[i].due, facts);
	}
	for (int i = 0; i < v->nfees; i++)
		if (v->fee[i].event_no == step->event_no)
		{
			chain_fee_facts(v->fee[i].source, v->fee[i].provider_ref, facts);
			if (v->fee[i].amount != step->amount || v->fee[i].party != step->party)
				report(v, "fees", psprintf("the fee of event %d is not what the event says", step->event_no));
		}
	for (int i = 0; i < v->nreversals; i++)
		if (v->reversal[i].event_no == step->event_no)
		{
			chain_reversal_facts(v->reversal[i].deposit_no, v->reversal[i].kind, v->reversal[i].hold_no,
								 v->reversal[i].provider_ref, facts);
			if (v->reversal[i].amount != step->amount)
				report(v, "reversals", psprintf("the reversal of event %d is not of the event's amount", step->event_no));
		}
	words_facts(v, step, facts);
	chain_call_facts(key, digest, facts);
}

/* The whole step is read: does it follow from the one before? */
static void
replay_step(Verification *v, Step *step, const char *key, int64 digest,
			int hash_format, const bytea *stored_hash)
{
	ChainFacts	facts = {0};
	uint8		expected[HASH_BYTES];

	if (step->event_no != v->r.event_no + 1)
		report(v, "history", psprintf("event %d follows event %d", step->event_no, v->r.event_no));
	if (step->recorded_at < v->r.last_at)
		report(v, "history", psprintf("event %d is recorded before its predecessor", step->event_no));
	if (step->effective_at > step->recorded_at)
		report(v, "history", psprintf("event %d takes effect after it is recorded", step->event_no));
	if (step->from_state != v->r.request_state ||
		!transition_is_legal(v->r.request_state, step->event, step->to_state, step->outcome))
		report(v, "state", psprintf("event %d is not in the transition table", step->event_no));
	for (int i = 0; i < step->nlegs; i++)
		replay_transfer(v, step, &step->legs[i]);
	if (step->event == EVENT_MOVE_LEFTOVER)
		replay_move(v, step);

	step_facts(v, step, key, digest, &facts);
	chain_next(v->r.head, &v->c, step, &facts, expected);
	if (v->hashes_hold &&
		(hash_format != CHAIN_FORMAT || VARSIZE_ANY_EXHDR(stored_hash) != HASH_BYTES ||
		 memcmp(VARDATA_ANY(stored_hash), expected, HASH_BYTES) != 0))
	{
		/* what follows hangs on this one: only the first is named */
		report(v, "chain", psprintf("event %d, its transfers or its payments are not what was hashed",
									step->event_no));
		v->hashes_hold = false;
	}
	memcpy(v->r.head, expected, HASH_BYTES);
	follow_review(v, step);
	follow_request(v, step);
	follow_operator(v, step);
	follow_payment(v, step);
	if (step->event == EVENT_ERASE_EVIDENCE && step->item_no > 0 && step->item_no <= v->nevidence)
		v->evidence[step->item_no - 1].erased = true;
	follow_contract(v, step);
}

static void
read_step(Verification *v, SqlRows *events, uint64 row, Step *step)
{
	step->event_no = number_column(events, row, 1);
	step->event = enum_column(events, row, 2, ENUM_EVENT_KIND);
	step->party = enum_column(events, row, 3, ENUM_PARTY);
	step->actor = text_column(events, row, 4);
	step->from_state = enum_column(events, row, 5, ENUM_REQUEST_STATE);
	step->to_state = enum_column(events, row, 6, ENUM_REQUEST_STATE);
	step->outcome = enum_column(events, row, 7, ENUM_OUTCOME);
	step->recorded_at = instant_column(events, row, 8);
	step->effective_at = instant_column(events, row, 9);
	step->due_at = instant_column(events, row, 10);
	step->amount = amount_column(v, events, row, 11);
	step->milestone_no = number_column(events, row, 12);
	step->to_milestone_no = number_column(events, row, 13);
	step->item_no = number_column(events, row, 18);
	step->reference = text_column(events, row, 19);
}

/* Take the transfers of one event from their list, which is in order, and find its payments. */
static void
read_movements(Verification *v, SqlRows *transfers, uint64 *t, Step *step)
{
	uint64		first = *t;

	while (*t < transfers->count && number_column(transfers, *t, 1) == step->event_no)
		(*t)++;
	step->nlegs = *t - first;
	step->legs = palloc((step->nlegs + 1) * sizeof(Leg));
	for (int i = 0; i < step->nlegs; i++)
	{
		step->legs[i].debit = enum_column(transfers, first + i, 2, ENUM_ACCOUNT);
		step->legs[i].credit = enum_column(transfers, first + i, 3, ENUM_ACCOUNT);
		step->legs[i].amount = amount_column(v, transfers, first + i, 4);
		step->legs[i].deposit_no = number_column(transfers, first + i, 5);
		step->legs[i].milestone_no = number_column(transfers, first + i, 6);
	}

	step->payments = palloc((v->npayments + 1) * sizeof(PaymentLine));
	for (int i = 0; i < v->npayments; i++)
		if (v->payment[i].event_no == step->event_no)
			step->payments[step->npayments++] = v->payment[i].line;
}

void
replay(Verification *v)
{
	static Statement read_events = STATEMENT(
											 "SELECT e.event_no, e.kind, e.party, e.actor, e.from_state, e.to_state, e.outcome, e.recorded_at,"
											 " e.effective_at, e.due_at, e.amount, e.milestone_no, e.to_milestone_no, e.hash_format, e.hash,"
											 " e.idempotency_key, e.arguments_digest, e.item_no, e.reference"
											 " FROM refund_archive.all_event e WHERE e.contract_id OPERATOR(pg_catalog.=) $1 ORDER BY e.event_no", "l");
	static Statement read_transfers = STATEMENT(
												"SELECT t.event_no, t.debit, t.credit, t.amount, t.deposit_no, t.milestone_no"
												" FROM refund_archive.all_transfer t WHERE t.contract_id OPERATOR(pg_catalog.=) $1"
												" ORDER BY t.event_no, t.ordinal", "l");
	SqlRows		events = rows_of(&read_events, v->c.contract_id);
	SqlRows		transfers = rows_of(&read_transfers, v->c.contract_id);
	uint64		t = 0;
	int			npayments = 0;

	for (uint64 i = 0; i < events.count; i++)
	{
		Step		step = {0};
		bool		isnull;

		read_step(v, &events, i, &step);
		read_movements(v, &transfers, &t, &step);
		npayments += step.npayments;
		replay_step(v, &step, text_column(&events, i, 16),
					DatumGetInt64(column(&events, i, 17, &isnull)),
					DatumGetInt16(column(&events, i, 14, &isnull)),
					DatumGetByteaPP(column(&events, i, 15, &isnull)));
	}
	if (t != transfers.count)
		report(v, "history", psprintf("a transfer belongs to event %d, which is not there",
									  number_column(&transfers, t, 1)));
	if (npayments != v->npayments)
		report(v, "history", "a refund payment belongs to an event which is not there");
	for (int i = 0; i < v->nstatements; i++)
		if (!v->statement[i].used)
			report(v, "history", psprintf("a text belongs to event %d, which is not there", v->statement[i].event_no));
}
