/*
 * table_write.h
 *		Rows into our own tables, through the executor's routines for one
 *		relation: the way of COPY and of logical replication.
 *
 * Row CHECKs, NOT NULL, indexes and every trigger count as for any INSERT or
 * UPDATE; what is saved is a plan for each statement.  All rows between
 * write_begin() and write_end() are one statement to triggers: those that are
 * not deferred fire in write_end(), with every row in place, also under
 * SET CONSTRAINTS ALL IMMEDIATE.
 *
 * Privileges are not asked for: callers are functions that were granted.
 */
#ifndef REFUND_TABLE_WRITE_H
#define REFUND_TABLE_WRITE_H

#include "postgres.h"

#include "storage/itemptr.h"

#include "catalog.h"

typedef struct Writer Writer;

/* 25006 in a read-only transaction; "what" names the call in that error. */
extern Writer *write_begin(const char *what);

/*
 * values and nulls have one entry a column, in the table's order; they are
 * copied.  Rows of one table wait to be stored together.
 */
extern void write_insert(Writer *w, Table table, Datum *values, bool *nulls);

/*
 * The same for one row, unless its primary key is taken: false then, after
 * waiting for whoever is taking it, as INSERT … ON CONFLICT DO NOTHING does.
 */
extern bool write_insert_new(Writer *w, Table table, Datum *values, bool *nulls);

/* Replace the row at tid, which this transaction has locked; tid becomes the new row's. */
extern void write_update(Writer *w, Table table, ItemPointer tid, Datum *values, bool *nulls);

/* Remove the row at tid, which nobody else can be changing. */
extern void write_delete(Writer *w, Table table, ItemPointer tid);

/* Begin another statement: what was written so far is visible to it, and its triggers fire. */
extern void write_next(Writer *w);

extern void write_end(Writer *w);

/* A bytea of these bytes, palloc'd. */
extern Datum bytes_datum(const uint8 *bytes, int length);

#endif							/* REFUND_TABLE_WRITE_H */
