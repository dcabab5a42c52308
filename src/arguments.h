/*
 * arguments.h
 *		Reading a verb's arguments: what is missing, too long or blank is refused
 *		by name; every argument enters the digest that tells a replay from a
 *		conflict.
 *
 * Texts live in the current memory context.  Errors: 22004 for a null, 22023
 * for a blank text or a number out of range, 22001 for one that is too long.
 */
#ifndef REFUND_ARGUMENTS_H
#define REFUND_ARGUMENTS_H

#include "postgres.h"

#include "fmgr.h"
#include "lib/stringinfo.h"
#include "utils/jsonb.h"

#include "catalog.h"
#include "decide.h"

/* Longest user id, source, reference, key, in characters. */
#define IDENTIFIER_LENGTH 255
#define TITLE_LENGTH 1000
/* Longest reason, statement, rationale. */
#define STATEMENT_LENGTH 20000

typedef struct Arguments
{
	FunctionCallInfo fcinfo;
	const char *const *names;
	int			next;			/* number of the next argument */
	StringInfoData digest;
} Arguments;

/*
 * names: one an argument, with a leading '?' where it may be null.  A missing
 * one is refused here, before anything else is looked at.  Then each argument
 * is taken in its order by one of the functions below.
 */
extern void arguments_begin(Arguments *a, FunctionCallInfo fcinfo, const char *const *names);
extern int64 argument_bigint(Arguments *a);
extern int32 argument_number(Arguments *a); /* 1 and up */
extern char *argument_text(Arguments *a, int longest);	/* NULL when it may be null and is */
extern const char *argument_statement(Arguments *a);	/* "" when blank, NULL likewise */
extern Jsonb *argument_jsonb(Arguments *a); /* NULL likewise */
extern void argument_amount(Arguments *a, Command *cmd);	/* leaves NO_AMOUNT likewise */
extern bool argument_date(Arguments *a, int32 *date);	/* false likewise */
extern int	argument_enum(Arguments *a, EnumType type);
extern Datum argument_value(Arguments *a);	/* passed by value */

/* The last argument, idempotency_key: not part of the digest, which it completes. */
extern void arguments_end(Arguments *a, Command *cmd);

#endif							/* REFUND_ARGUMENTS_H */
