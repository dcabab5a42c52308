/*
 * prepared.h
 *		What writing a row of our tables asks of the catalog, prepared once a
 *		session: the CHECKs and the indexes of a table.
 *
 * For each statement that writes to a table the executor parses and compiles its
 * CHECKs, describes its indexes and compiles their predicates, which was more than a
 * tenth of a verb.  Here they are kept until the table changes; they are still the
 * executor's to evaluate.
 */
#ifndef REFUND_PREPARED_H
#define REFUND_PREPARED_H

#include "postgres.h"

#include "nodes/execnodes.h"

#include "catalog.h"

typedef struct Prepared Prepared;

/* Lives to the end of the transaction at least.  The relation must be locked. */
extern const Prepared *prepared_table(Table table, Relation rel);

/* Give the table's CHECKs to a result relation that is about to be written. */
extern void prepared_checks(const Prepared *p, ResultRelInfo *info);

/*
 * Instead of ExecOpenIndices(): of the table's indexes opens those that are not open yet
 * and have a place for the row; a partial index that has none is neither locked nor
 * read.  Without a row, all.  What it makes lives in the estate's own context.
 */
extern void prepared_indices_open(const Prepared *p, ResultRelInfo *info, TupleTableSlot *slot, EState *estate);

/* Of the open indexes, make this one fit for ON CONFLICT. */
extern void prepared_arbiter(ResultRelInfo *info, Oid index);

/*
 * ExecCloseIndices(), but the locks stay to the end of the transaction: there they go
 * together, and until then what reads the same index need not lock it again.
 */
extern void prepared_indices_close(ResultRelInfo *info);

#endif							/* REFUND_PREPARED_H */
