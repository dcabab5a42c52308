/*
 * evidence_rules.h
 *		A piece of evidence, and what makes one acceptable (process.md section 7).
 *
 * Pure: no PostgreSQL header, no allocation.  Texts are in the database's
 * encoding; whoever makes an item owns them.  Contents are bytes: they are
 * counted and hashed, never looked into.
 */
#ifndef REFUND_EVIDENCE_RULES_H
#define REFUND_EVIDENCE_RULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define EVIDENCE_HASH_BYTES 32

/* Longest texts, in bytes. */
#define EVIDENCE_STATEMENT_BYTES 80000
#define EVIDENCE_TITLE_BYTES 1000
#define EVIDENCE_MEDIA_TYPE_BYTES 255
#define EVIDENCE_URI_BYTES 2000

/*
 * One item.  Digest and size are those of the content; without one, of what the
 * address leads to, as declared; without either, of the statement.
 */
typedef struct EvidenceItem
{
	const char *title;
	const char *media_type;		/* NULL = text/plain, for a statement alone */
	const char *statement;		/* or NULL */
	const char *uri;			/* or NULL */
	const uint8_t *content;		/* or NULL */
	int64_t		content_bytes;
	bool		has_digest;
	uint8_t		sha256[EVIDENCE_HASH_BYTES];
	int64_t		byte_size;		/* -1 = not known */
} EvidenceItem;

/* Nothing that can be seen: spaces, control characters and their like of Unicode only? */
extern bool text_is_blank(const char *text);

/* What is wrong with the item's texts, NULL when nothing is. */
extern const char *evidence_problem(const EvidenceItem *item);

/* Sixty-four hexadecimal digits; false for anything else. */
extern bool evidence_parse_digest(const char *text, uint8_t *digest);

#endif							/* REFUND_EVIDENCE_RULES_H */
