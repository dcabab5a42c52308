/*
 * spi.h
 *		The only door to SQL: kept plans of constant text, typed results.
 *
 * A Statement is a static struct: its text and a signature with one letter a
 * parameter.  The plan is prepared at the first use and kept for the session.
 * Values travel as parameters only, never in the text.
 *
 * Letters: b boolean, i int4, l int8, t text, x bytea, z timestamptz, d date,
 * j jsonb, n name, a refund.amount, c refund.currency, w refund.time_limit;
 * upper case: an array of it.  A plan with our own types is prepared anew when
 * the extension was dropped and made again in the same session.
 *
 * Errors are PostgreSQL's own and propagate.  Results live in the SPI context
 * until sql_leave(); what has to outlive it is copied into a context that the
 * caller remembered before sql_enter().
 */
#ifndef REFUND_SPI_H
#define REFUND_SPI_H

#include "postgres.h"

#include "access/tupdesc.h"
#include "access/htup.h"

typedef struct Statement
{
	const char *text;
	const char *signature;
	void	   *plan;			/* SPIPlanPtr, kept */
	Oid			epoch;			/* oid of schema refund when it was prepared */
} Statement;

#define STATEMENT(text_, signature_) {(text_), (signature_), NULL, InvalidOid}

typedef struct SqlRows
{
	uint64		count;			/* rows returned, or changed when none return */
	HeapTuple  *rows;			/* count rows, or NULL */
	TupleDesc	desc;
} SqlRows;

extern void sql_enter(void);
extern void sql_leave(void);

/* For a procedure that commits between its statements: "atomic" is CallContext's. */
extern void sql_enter_procedure(bool atomic);
extern void sql_commit(void);

/* Run for at most "limit" rows (0 = all); "nulls" as in SPI, NULL = no nulls. */
extern SqlRows sql_run(Statement *s, Datum *values, const char *nulls, long limit);

/* The same, read-only under the active snapshot: for reads that need no own writes. */
extern SqlRows sql_read(Statement *s, Datum *values, const char *nulls, long limit);

extern Oid	refund_schema_oid(void);
extern Oid	refund_type_oid(const char *name);

#endif							/* REFUND_SPI_H */
