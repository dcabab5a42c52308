/*
 * notification.h
 *		The outbox from the server's side: its numbers, and the hint to mailers.
 */
#ifndef REFUND_NOTIFICATION_H
#define REFUND_NOTIFICATION_H

#include "postgres.h"

#include "contract.h"

/*
 * The notification of an event to one person is numbered event_no * 10 + slot;
 * slot 0 is the outbox row, before the people are looked up (refund.told()).
 */
#define NOTIFICATION_SLOTS 10

/* A try that fails is followed by a pause that doubles; after the last one the notification is dead. */
#define NOTIFICATION_TRIES 10

/* For _PG_init: the setting refund.notify_channel. */
extern void define_notify_channel(void);

/* NOTIFY whoever listens on refund.notify_channel, when it is set: a hint, the outbox is the truth. */
extern void notify_mailers(const Contract *c);

#endif							/* REFUND_NOTIFICATION_H */
