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

#include "decide.h"

/* Longest user id, source, reference, key, in characters. */
#define IDENTIFIER_LENGTH 255
#define TITLE_LENGTH 1000

typedef struct Arguments
{
	FunctionCallInfo fcinfo;
	int			next;			/* number of the next argument */
	StringInfoData digest;
} Arguments;

extern void arguments_begin(Arguments *a, FunctionCallInfo fcinfo);
extern int64 argument_bigint(Arguments *a, const char *name);
extern int32 argument_number(Arguments *a, const char *name);	/* 1 and up */
extern char *argument_text(Arguments *a, const char *name, int longest);
extern char *argument_optional_text(Arguments *a, const char *name, int longest);
extern void argument_amount(Arguments *a, const char *name, bool optional, Command *cmd);
extern bool argument_date(Arguments *a, const char *name, int32 *date);	/* optional */
extern Datum argument_datum(Arguments *a, const char *name);

/* The last argument, idempotency_key: not part of the digest, which it completes. */
extern void arguments_end(Arguments *a, Command *cmd);

#endif							/* REFUND_ARGUMENTS_H */
