/*
 * evidence.h
 *		What people say: statements and evidence between JSON, memory and the
 *		tables, sealed by salted digests.
 */
#ifndef REFUND_EVIDENCE_H
#define REFUND_EVIDENCE_H

#include "postgres.h"

#include "utils/jsonb.h"

#include "chain.h"
#include "decide.h"
#include "digest.h"
#include "table_write.h"

/* Salt and digest of one statement or piece of evidence. */
typedef struct Seal
{
	uint8		salt[SALT_BYTES];
	uint8		digest[DIGEST_BYTES];
} Seal;

/* The seals of all that a command says; made once, for the chain and for the rows. */
typedef struct Seals
{
	Seal		statement;
	Seal	   *evidence;		/* one a piece */
} Seals;

/*
 * Read the argument "evidence" into the command.  Nothing is refused here: what
 * is wrong with the first bad item goes into cmd->evidence_problem, for the
 * refusal to come in its order.
 */
extern void evidence_read(Jsonb *json, Command *cmd);

extern void words_seal(const Command *cmd, Seals *seals);
extern void words_chain(const Command *cmd, const Seals *seals, ChainFacts *facts);
extern void words_write(Writer *w, const Contract *c, const Step *step, const Command *cmd,
						const Seals *seals);

/* The digests over which the seals are made; "content" is the digest of one, or NULL. */
extern void statement_digest(const uint8 *salt, const char *body, uint8 *digest);
extern void evidence_digest(const uint8 *salt, const char *statement, const char *uri,
							const uint8 *content, uint8 *digest);

/* What the freelancer disputes with and what the client declines with, NULL before that. */
typedef struct DisputeWords
{
	const char *reason;
	const char *statement;
} DisputeWords;

extern void read_dispute_words(int64 contract_id, DisputeWords *words);

/* Is the body of this piece of evidence still there? */
extern bool evidence_has_body(int64 contract_id, int32 evidence_no);

/* Remove it: the event that says so is written already, by an earlier statement. */
extern void evidence_erase(Writer *w, int64 contract_id, int32 evidence_no);

#endif							/* REFUND_EVIDENCE_H */
