/*
 * chain.h
 *		The hash chain of a contract's events.
 *
 * hash = SHA-256 of the canonical bytes: the previous hash, the format number,
 * then every structured fact of the event, its transfers and its payments.
 * Numbers are big-endian, texts carry their length, labels go as text, so that
 * the bytes depend on neither machine nor enum order.  Whoever has the rows
 * can compute it again.
 */
#ifndef REFUND_CHAIN_H
#define REFUND_CHAIN_H

#include "postgres.h"

#include "contract.h"

#define CHAIN_FORMAT 1

/* Facts that an event keeps in other rows: texts, each may be NULL. */
typedef struct ChainFacts
{
	int			count;
	int			room;
	const char **text;			/* palloc'd, grows */
} ChainFacts;

extern void chain_add(ChainFacts *facts, const char *text);

/*
 * Each adds its facts: what the first event fixes for life, what a deposit, a
 * milestone, a fee or a reversal brings, what people say, and the call's key.
 * What people write to one another enters as a salted digest (architecture.md
 * rule 9); the settings of the contract's policy as one digest, NULL when the
 * policy is not there.
 */
extern void chain_contract_facts(const Contract *c, const char *policy_digest, ChainFacts *facts);
extern void chain_deposit_facts(const char *source, const char *provider_ref, ChainFacts *facts);
extern void chain_milestone_facts(const char *title, bool has_due, int32 due, ChainFacts *facts);
extern void chain_fee_facts(const char *source, const char *provider_ref, ChainFacts *facts);
extern void chain_reversal_facts(int32 deposit_no, ReversalKind kind, int32 hold_no,
								 const char *provider_ref, ChainFacts *facts);
extern void chain_statement_facts(const uint8 *digest, ChainFacts *facts);
extern void chain_evidence_facts(const char *title, const char *media_type, int64 byte_size,
								 const uint8 *sha256, const uint8 *digest, ChainFacts *facts);
extern void chain_call_facts(const char *idempotency_key, int64 arguments_digest, ChainFacts *facts);

extern void chain_next(const uint8 *previous, const Contract *c, const Step *step,
					   const ChainFacts *facts, uint8 *hash);

#endif							/* REFUND_CHAIN_H */
