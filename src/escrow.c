/*
 * escrow.c
 *		The movements of one contract's money.
 */
#include "escrow.h"

static void
add_leg(Step *step, Account debit, Account credit, int64_t amount,
		int32_t deposit_no, int32_t milestone_no)
{
	Leg		   *leg = &step->legs[step->nlegs++];

	leg->debit = debit;
	leg->credit = credit;
	leg->amount = amount;
	leg->deposit_no = deposit_no;
	leg->milestone_no = milestone_no;
}

static void
add_payment(Contract *c, Step *step, int32_t deposit_no, Party payee, PaymentPurpose purpose,
			int64_t amount, int64_t expected_by)
{
	PaymentLine *p = &step->payments[step->npayments++];

	p->payment_no = ++c->payment_count;
	p->deposit_no = deposit_no;
	p->payee = payee;
	p->purpose = purpose;
	p->amount = amount;
	p->expected_by = expected_by;
}

/* Deposits that hold nothing any more leave the window at its front. */
static void
trim_deposits(Contract *c)
{
	int			empty = 0;

	while (empty < c->ndeposits && c->deposit_held[empty] == 0)
		empty++;
	c->first_live += empty;
	c->ndeposits -= empty;
	c->deposit_held += empty;
}

void
escrow_deposit(Contract *c, Step *step, MilestoneLine *m, int64_t amount)
{
	int32_t		deposit_no = ++c->deposit_count;

	if (c->ndeposits == 0)
		c->first_live = deposit_no;
	c->deposit_held[c->ndeposits++] = amount;
	c->balance.deposited += amount;
	c->balance.held += amount;
	m->held += amount;
	m->room -= amount;
	add_leg(step, ACCOUNT_SOURCE, ACCOUNT_ESCROW, amount, deposit_no, m->milestone_no);
}

/* One leg: from one deposit and one milestone. */
static void
take(Contract *c, Step *step, Account credit, MilestoneLine *m, int deposit, int64_t amount)
{
	c->deposit_held[deposit] -= amount;
	c->balance.held -= amount;
	m->held -= amount;
	if (credit == ACCOUNT_FREELANCER)
	{
		c->balance.released += amount;
		m->released += amount;
	}
	else
	{
		c->balance.refunded += amount;
		c->balance.in_transit += amount;
		m->refunded += amount;
	}
	add_leg(step, ACCOUNT_ESCROW, credit, amount, c->first_live + deposit, m->milestone_no);
}

void
escrow_take(Contract *c, Step *step, Account credit, MilestoneLine *m, int64_t amount)
{
	int			deposit = 0;
	MilestoneLine *from = m != NULL ? m : c->milestone;

	/* Two pointers: both sides hold at least "amount", so neither runs off its end. */
	while (amount > 0)
	{
		int64_t		part = amount;

		if (from->held == 0)
		{
			from++;
			continue;
		}
		if (c->deposit_held[deposit] == 0)
		{
			deposit++;
			continue;
		}
		if (part > from->held)
			part = from->held;
		if (part > c->deposit_held[deposit])
			part = c->deposit_held[deposit];
		take(c, step, credit, from, deposit, part);
		amount -= part;
	}
	trim_deposits(c);
}

void
escrow_return(Contract *c, Step *step, int64_t amount, PaymentPurpose purpose,
			  int64_t expected_by)
{
	int			first = step->nlegs;

	escrow_take(c, step, ACCOUNT_REFUND_PAYABLE, NULL, amount);
	/* FIFO leaves the legs in order of deposit: one payment a run */
	for (int i = first; i < step->nlegs;)
	{
		int32_t		deposit_no = step->legs[i].deposit_no;
		int64_t		part = 0;

		for (; i < step->nlegs && step->legs[i].deposit_no == deposit_no; i++)
			part += step->legs[i].amount;
		add_payment(c, step, deposit_no, PARTY_CLIENT, purpose, part, expected_by);
	}
}

void
escrow_pass_through(Contract *c, Step *step, MilestoneLine *m, int64_t amount, int64_t expected_by)
{
	int32_t		deposit_no = ++c->deposit_count;

	c->balance.deposited += amount;
	c->balance.refunded += amount;
	c->balance.in_transit += amount;
	m->room -= amount;
	m->refunded += amount;
	add_leg(step, ACCOUNT_SOURCE, ACCOUNT_ESCROW, amount, deposit_no, m->milestone_no);
	add_leg(step, ACCOUNT_ESCROW, ACCOUNT_REFUND_PAYABLE, amount, deposit_no, m->milestone_no);
	add_payment(c, step, deposit_no, PARTY_CLIENT, PURPOSE_LATE_DEPOSIT, amount, expected_by);
}

void
escrow_take_fee(Contract *c, Step *step, int64_t fee)
{
	c->balance.fee_held += fee;
	step->fee = fee;
	add_leg(step, ACCOUNT_SOURCE, ACCOUNT_FEE_HELD, fee, 0, 0);
}

/* Both sides pay the same share. */
static int64_t
fee_share(const Contract *c)
{
	return c->balance.fee_held == 0 ? 0 : c->balance.fee_held / contract_joined(c);
}

void
escrow_return_fees(Contract *c, Step *step, int64_t expected_by)
{
	int64_t		fee = fee_share(c);

	for (int i = 0; fee > 0 && i < SIDES; i++)
	{
		if (!c->side[i].joined)
			continue;
		c->balance.fee_held -= fee;
		c->balance.in_transit += fee;
		add_leg(step, ACCOUNT_FEE_HELD, ACCOUNT_REFUND_PAYABLE, fee, 0, 0);
		add_payment(c, step, 0, i == SIDE_CLIENT ? PARTY_CLIENT : PARTY_FREELANCER,
					PURPOSE_ARBITRATION_FEE, fee, expected_by);
	}
}

void
escrow_spend_fees(Contract *c, Step *step)
{
	int64_t		fee = fee_share(c);

	for (int i = 0; fee > 0 && i < SIDES; i++)
	{
		if (!c->side[i].joined)
			continue;
		c->balance.fee_held -= fee;
		add_leg(step, ACCOUNT_FEE_HELD, ACCOUNT_FEE_SPENT, fee, 0, 0);
	}
}

void
escrow_payment_out(Contract *c, Step *step, const Payment *p)
{
	c->balance.in_transit -= p->amount;
	add_leg(step, ACCOUNT_REFUND_PAYABLE, ACCOUNT_REFUND_PAID, p->amount, p->deposit_no, 0);
}

void
escrow_payment_back(Contract *c, Step *step, const Payment *p)
{
	c->balance.in_transit += p->amount;
	add_leg(step, ACCOUNT_REFUND_PAID, ACCOUNT_REFUND_PAYABLE, p->amount, p->deposit_no, 0);
}

/* Held money of one deposit and one milestone leaves escrow for its source. */
static void
reverse_part(Contract *c, Step *step, int32_t deposit_no, MilestoneLine *m, int64_t amount)
{
	c->deposit_held[deposit_no - c->first_live] -= amount;
	c->balance.held -= amount;
	c->balance.reversed += amount;
	m->held -= amount;
	m->room += amount;
	add_leg(step, ACCOUNT_ESCROW, ACCOUNT_SOURCE, amount, deposit_no, m->milestone_no);
}

void
escrow_reverse(Contract *c, Step *step, const Reversal *r, int64_t amount)
{
	MilestoneLine *funded = contract_milestone(c, r->milestone_no);
	int64_t		held = contract_deposit_held(c, r->deposit_no);
	int64_t		rest = amount > held ? amount - held : 0;
	int64_t		left = amount - rest;

	/* first of the milestone that it funded, then in order of number */
	for (int i = -1; left > 0 && i < c->nmilestones; i++)
	{
		MilestoneLine *m = i < 0 ? funded : &c->milestone[i];
		int64_t		part = m == NULL ? 0 : m->held < left ? m->held : left;

		if (part > 0)
			reverse_part(c, step, r->deposit_no, m, part);
		left -= part;
	}
	trim_deposits(c);
	if (rest > 0)
	{
		c->balance.receivable += rest;
		add_leg(step, ACCOUNT_RECEIVABLE, ACCOUNT_SOURCE, rest, r->deposit_no, 0);
	}
}

void
escrow_give_back(Contract *c, Step *step, MilestoneLine *m, int64_t amount, int64_t expected_by)
{
	for (int i = 0; amount > 0 && i < c->nreleases; i++)
	{
		Release    *release = &c->releases[i];
		int64_t		part = release->amount < amount ? release->amount : amount;

		if (part == 0)
			continue;
		release->amount -= part;
		amount -= part;
		c->balance.released -= part;
		c->balance.refunded += part;
		c->balance.in_transit += part;
		m->released -= part;
		m->refunded += part;
		add_leg(step, ACCOUNT_FREELANCER, ACCOUNT_REFUND_PAYABLE, part, release->deposit_no, m->milestone_no);
	}
	/* one payment a deposit, whatever the order of the legs */
	for (int i = 0; i < step->nlegs; i++)
	{
		int64_t		part = 0;
		bool		first = true;

		for (int j = 0; j < step->nlegs; j++)
		{
			if (step->legs[j].deposit_no != step->legs[i].deposit_no)
				continue;
			first &= j >= i;
			part += step->legs[j].amount;
		}
		if (first)
			add_payment(c, step, step->legs[i].deposit_no, PARTY_CLIENT, PURPOSE_GIVEN_REFUND, part, expected_by);
	}
}
