/*
 * facts.h
 *		The machine-readable DETAIL of our errors: one flat JSON object.
 *
 * Facts live in the current memory context.  Instants are written in UTC,
 * amounts as their text, so that no session setting changes them.
 */
#ifndef REFUND_FACTS_H
#define REFUND_FACTS_H

#include "lib/stringinfo.h"

typedef StringInfoData Facts;

extern void facts_begin(Facts *f);
extern void facts_text(Facts *f, const char *name, const char *value);
extern void facts_integer(Facts *f, const char *name, int64 value);
extern void facts_amount(Facts *f, const char *name, int currency, int64 minor);
extern void facts_instant(Facts *f, const char *name, int64 instant);

/* The same texts by themselves, palloc'd. */
extern char *facts_amount_text(int currency, int64 minor);
extern char *facts_instant_text(int64 instant);

/* A list of texts: begin it, add each, end it. */
extern void facts_begin_list(Facts *f, const char *name);
extern void facts_add(Facts *f, const char *value);
extern void facts_end_list(Facts *f);

/* The finished object's text. */
extern const char *facts_end(Facts *f);

#endif							/* REFUND_FACTS_H */
