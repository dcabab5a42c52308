/*
 * errors.h
 *		The registry of the private SQLSTATE class RF: one row an error, with its
 *		name in the manual and when it is raised.
 *
 * User mistakes surface as one of these or as a standard code, never as P0001
 * or XX000.  For ereport() in files that include postgres.h.
 */
#ifndef REFUND_ERRORS_H
#define REFUND_ERRORS_H

#define REFUND_SQLSTATE(a, b, c) MAKE_SQLSTATE('R', 'F', a, b, c)

/* replayed: not an error: the NOTICE of a replayed call */
#define ERRCODE_REFUND_REPLAYED REFUND_SQLSTATE('0', '0', '0')
/* illegal_transition: this state does not know this event */
#define ERRCODE_REFUND_ILLEGAL_TRANSITION REFUND_SQLSTATE('0', '0', '1')
/* wrong_party: right event, wrong side */
#define ERRCODE_REFUND_WRONG_PARTY REFUND_SQLSTATE('0', '0', '2')
/* currency_mismatch: two currencies in one operation */
#define ERRCODE_REFUND_CURRENCY_MISMATCH REFUND_SQLSTATE('0', '0', '3')
/* amount_out_of_range: negative, zero where money must move, or more than there is */
#define ERRCODE_REFUND_AMOUNT_OUT_OF_RANGE REFUND_SQLSTATE('0', '0', '4')
/* deadline_passed: the window closed before the decision time */
#define ERRCODE_REFUND_DEADLINE_PASSED REFUND_SQLSTATE('0', '0', '5')
/* not_refundable: hourly contracts are not handled here */
#define ERRCODE_REFUND_NOT_REFUNDABLE REFUND_SQLSTATE('0', '0', '6')
/* idempotency_conflict: same key, other arguments or other verb */
#define ERRCODE_REFUND_IDEMPOTENCY_CONFLICT REFUND_SQLSTATE('0', '0', '7')
/* on_hold: the contract is on hold */
#define ERRCODE_REFUND_ON_HOLD REFUND_SQLSTATE('0', '0', '8')
/* contract_ended: the verb needs an active contract, or an ended one */
#define ERRCODE_REFUND_CONTRACT_STATE REFUND_SQLSTATE('0', '0', '9')
/* statement_missing: blank reason or statement, or invalid evidence */
#define ERRCODE_REFUND_STATEMENT_INVALID REFUND_SQLSTATE('0', '1', '0')
/* conflict_of_interest: a party decides, or both sides are one person */
#define ERRCODE_REFUND_CONFLICT_OF_INTEREST REFUND_SQLSTATE('0', '1', '1')
/* append_only: history is never changed or removed */
#define ERRCODE_REFUND_APPEND_ONLY REFUND_SQLSTATE('0', '1', '2')
/* conservation_violated: the rows do not add up; unreachable through verbs */
#define ERRCODE_REFUND_CONSERVATION REFUND_SQLSTATE('0', '1', '3')
/* unknown: no such contract, milestone, payment, clock, policy or offer */
#define ERRCODE_REFUND_UNKNOWN REFUND_SQLSTATE('0', '1', '4')
/* invalid_policy: validate_policy found problems */
#define ERRCODE_REFUND_INVALID_POLICY REFUND_SQLSTATE('0', '1', '5')
/* not_active: this database was not activated */
#define ERRCODE_REFUND_NOT_ACTIVE REFUND_SQLSTATE('0', '1', '6')
/* stale_offer: the offer is no longer the current one */
#define ERRCODE_REFUND_STALE_OFFER REFUND_SQLSTATE('0', '1', '7')
/* limit_reached: extensions, time, counts */
#define ERRCODE_REFUND_LIMIT_REACHED REFUND_SQLSTATE('0', '1', '8')

#endif							/* REFUND_ERRORS_H */
