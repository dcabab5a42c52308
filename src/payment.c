/*
 * payment.c
 *		The execution machine of a refund payment.
 */
#include <stddef.h>
#include <string.h>

#include "escrow.h"
#include "payment.h"

#define WAS(p, state) IN_SET((p)->reported, PAYMENT_##state)

static bool
same_ref(const char *a, const char *b)
{
	return a != NULL && b != NULL && strcmp(a, b) == 0;
}

/* Does the reference stand for the attempt that is under way?  A pending payment waits for a new one. */
static bool
is_current(const Payment *p, const char *provider_ref)
{
	return (p->state == PAYMENT_PENDING && p->reported == 0) ||
		(p->state == PAYMENT_SUBMITTED && same_ref(p->provider_ref, provider_ref));
}

static Report
counts_if(bool counts)
{
	return counts ? REPORT_COUNTS : REPORT_CONTRADICTS;
}

Report
payment_judge(const Payment *p, PaymentState reported, const char *provider_ref)
{
	switch (reported)
	{
		case PAYMENT_SUBMITTED:
			if (p->reported != 0)
				return REPORT_TOLD_BEFORE;
			return counts_if(p->state == PAYMENT_PENDING);
		case PAYMENT_SUCCEEDED:
			/* money that has moved is always taken down */
			return WAS(p, SUCCEEDED) || WAS(p, BOUNCED) ? REPORT_TOLD_BEFORE : REPORT_COUNTS;
		case PAYMENT_FAILED:
			if (WAS(p, FAILED) || WAS(p, BOUNCED))
				return REPORT_TOLD_BEFORE;
			if (WAS(p, SUCCEEDED))
				return REPORT_CONTRADICTS;
			if (is_current(p, provider_ref))
				return REPORT_COUNTS;
			return p->reported != 0 ? REPORT_TOLD_BEFORE : REPORT_CONTRADICTS;
		case PAYMENT_BOUNCED:
			if (WAS(p, BOUNCED))
				return REPORT_TOLD_BEFORE;
			return counts_if(WAS(p, SUCCEEDED) || is_current(p, provider_ref));
		case PAYMENT_UNCLAIMED:
			if (p->state == PAYMENT_UNCLAIMED)
				return REPORT_TOLD_BEFORE;
			return counts_if(p->state == PAYMENT_FAILED || p->state == PAYMENT_BOUNCED);
		case PAYMENT_PENDING:
			break;
	}
	return REPORT_CONTRADICTS;
}

PaymentState
event_reports(EventKind event)
{
	switch (event)
	{
		case EVENT_PAYMENT_SUBMITTED:
			return PAYMENT_SUBMITTED;
		case EVENT_PAYMENT_SUCCEEDED:
		case EVENT_PAYMENT_DOUBLE_PAID:
			return PAYMENT_SUCCEEDED;
		case EVENT_PAYMENT_FAILED:
			return PAYMENT_FAILED;
		case EVENT_PAYMENT_BOUNCED:
			return PAYMENT_BOUNCED;
		case EVENT_PAYMENT_UNCLAIMED:
			return PAYMENT_UNCLAIMED;
		default:
			return PAYMENT_PENDING;
	}
}

EventKind
payment_event(const Payment *p, PaymentState reported)
{
	switch (reported)
	{
		case PAYMENT_SUBMITTED:
			return EVENT_PAYMENT_SUBMITTED;
		case PAYMENT_SUCCEEDED:
			return p->state == PAYMENT_SUCCEEDED ? EVENT_PAYMENT_DOUBLE_PAID : EVENT_PAYMENT_SUCCEEDED;
		case PAYMENT_FAILED:
			return EVENT_PAYMENT_FAILED;
		case PAYMENT_BOUNCED:
			return EVENT_PAYMENT_BOUNCED;
		case PAYMENT_UNCLAIMED:
			return EVENT_PAYMENT_UNCLAIMED;
		case PAYMENT_PENDING:
			break;
	}
	return EVENT_NONE;
}

/* One of several successes has come back: the earliest of the others stands for the payment. */
static bool
undo_success(Payment *p, const char *provider_ref)
{
	int			i = 0;

	if (same_ref(p->provider_ref, provider_ref))
		p->provider_ref = p->extra_refs[0];
	else
		while (i < p->nextra && !same_ref(p->extra_refs[i], provider_ref))
			i++;
	if (i == p->nextra)
		return false;
	for (p->nextra--; i < p->nextra; i++)
		p->extra_refs[i] = p->extra_refs[i + 1];
	return true;
}

bool
payment_report(Contract *c, Payment *p, PaymentState reported, const char *provider_ref, Step *step)
{
	if (step->event == EVENT_PAYMENT_DOUBLE_PAID)
	{
		p->extra_refs[p->nextra++] = provider_ref;
		return true;
	}
	if (reported == PAYMENT_BOUNCED && p->nextra > 0)
		return undo_success(p, provider_ref);
	if (reported == PAYMENT_SUCCEEDED)
		escrow_payment_out(c, step, p);
	else if (reported == PAYMENT_BOUNCED)
	{
		/* the success that it implies may still be on its way here */
		if (p->state != PAYMENT_SUCCEEDED)
			escrow_payment_out(c, step, p);
		escrow_payment_back(c, step, p);
	}
	/* the first word of an attempt: each has a reference of its own */
	if (p->state == PAYMENT_PENDING)
		p->attempt_no++;
	p->state = reported;
	if (provider_ref != NULL)
		p->provider_ref = provider_ref;
	return true;
}

bool
payment_can_retry(const Payment *p, const char *destination)
{
	return p->state == PAYMENT_FAILED || p->state == PAYMENT_BOUNCED ||
		(p->state == PAYMENT_UNCLAIMED && destination != NULL);
}

void
payment_retry(Payment *p, const char *destination)
{
	p->state = PAYMENT_PENDING;
	p->provider_ref = NULL;
	if (destination != NULL)
		p->destination = destination;
}
