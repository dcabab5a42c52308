/*
 * errors.h
 *		The registry of the private SQLSTATE class RF: one row an error, with its
 *		name in the manual and when it is raised; error_codes() prints it.
 *
 * User mistakes surface as one of these or as a standard code, never as P0001
 * or XX000.  For ereport() in files that include postgres.h.
 */
#ifndef REFUND_ERRORS_H
#define REFUND_ERRORS_H

#define REFUND_ERROR_LIST(X) \
	X(REPLAYED, '0', '0', '0', "replayed", \
	  "not an error: the NOTICE of a replayed call") \
	X(ILLEGAL_TRANSITION, '0', '0', '1', "illegal_transition", \
	  "this state does not know this event") \
	X(WRONG_PARTY, '0', '0', '2', "wrong_party", \
	  "right event, wrong side") \
	X(CURRENCY_MISMATCH, '0', '0', '3', "currency_mismatch", \
	  "two currencies in one operation") \
	X(AMOUNT_OUT_OF_RANGE, '0', '0', '4', "amount_out_of_range", \
	  "negative, zero where money must move, or more than there is") \
	X(DEADLINE_PASSED, '0', '0', '5', "deadline_passed", \
	  "the window closed before the decision time") \
	X(NOT_REFUNDABLE, '0', '0', '6', "not_refundable", \
	  "hourly contracts are not handled here") \
	X(IDEMPOTENCY_CONFLICT, '0', '0', '7', "idempotency_conflict", \
	  "same key, other arguments or other verb") \
	X(ON_HOLD, '0', '0', '8', "on_hold", \
	  "the contract is on hold") \
	X(CONTRACT_STATE, '0', '0', '9', "contract_ended / contract_active", \
	  "the verb needs an active contract, or an ended one, or one that is not archived") \
	X(STATEMENT_INVALID, '0', '1', '0', "statement_missing / evidence_invalid", \
	  "blank reason or statement, or invalid evidence") \
	X(CONFLICT_OF_INTEREST, '0', '1', '1', "conflict_of_interest", \
	  "a party decides, or both sides are one person") \
	X(APPEND_ONLY, '0', '1', '2', "append_only", \
	  "history is never changed or removed") \
	X(CONSERVATION, '0', '1', '3', "conservation_violated", \
	  "the rows do not add up; unreachable through verbs") \
	X(UNKNOWN, '0', '1', '4', "unknown", \
	  "no such contract, milestone, payment, clock, policy or offer") \
	X(INVALID_POLICY, '0', '1', '5', "invalid_policy", \
	  "validate_policy found problems") \
	X(NOT_ACTIVE, '0', '1', '6', "not_active", \
	  "this database was not activated") \
	X(STALE_OFFER, '0', '1', '7', "stale_offer", \
	  "the offer is no longer the current one") \
	X(LIMIT_REACHED, '0', '1', '8', "limit_reached", \
	  "extensions, time, counts")

#define REFUND_ERROR_CODE(constant, a, b, c, name, when) \
	ERRCODE_REFUND_##constant = MAKE_SQLSTATE('R', 'F', a, b, c),
enum
{
	REFUND_ERROR_LIST(REFUND_ERROR_CODE)
};
#undef REFUND_ERROR_CODE

#endif							/* REFUND_ERRORS_H */
