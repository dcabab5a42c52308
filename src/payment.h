/*
 * payment.h
 *		The execution machine of a refund payment (process.md section 6).
 *
 * Pure.  A settlement is final; what is reported of its payments comes from
 * outside, late, twice and out of order.  An attempt is known by the provider's
 * reference; Payment.reported says what was reported of that reference before.
 */
#ifndef REFUND_PAYMENT_H
#define REFUND_PAYMENT_H

#include "contract.h"

typedef enum Report
{
	REPORT_COUNTS,
	REPORT_TOLD_BEFORE,			/* nothing changes */
	REPORT_CONTRADICTS			/* what the payment's state and the reference's history allow */
} Report;

/* What would this report be?  Changes nothing. */
extern Report payment_judge(const Payment *p, PaymentState reported, const char *provider_ref);

/* What an event reports, PAYMENT_PENDING for one that is no report. */
extern PaymentState event_reports(EventKind event);

/* The event of a report: the second success of a payment is one of its own. */
extern EventKind payment_event(const Payment *p, PaymentState reported);

/*
 * Apply a report that counts; the step has begun.  False when the payment's row
 * does not know a reference that has paid, which only a tampered one shows.
 */
extern bool payment_report(Contract *c, Payment *p, PaymentState reported, const char *provider_ref,
						   Step *step);

/* failed, bounced, and with a new destination unclaimed */
extern bool payment_can_retry(const Payment *p, const char *destination);
extern void payment_retry(Payment *p, const char *destination);

#endif							/* REFUND_PAYMENT_H */
