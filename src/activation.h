/*
 * activation.h
 *		Which database may move money by itself: the one that was activated, not
 *		a restored copy of it or a subscriber.
 */
#ifndef REFUND_ACTIVATION_H
#define REFUND_ACTIVATION_H

extern bool database_is_active(void);

/* RF016 unless this is the database that was activated; "what" names the call. */
extern void require_activation(const char *what);

#endif							/* REFUND_ACTIVATION_H */
