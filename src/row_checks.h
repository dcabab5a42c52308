/*
 * row_checks.h
 *		The CHECKs of our tables, compiled once a session.
 *
 * The executor parses and compiles a table's CHECKs for each statement that
 * writes to it, which was a tenth of a verb.  Here they are kept until the
 * table changes; they are still the executor's to evaluate.
 */
#ifndef REFUND_ROW_CHECKS_H
#define REFUND_ROW_CHECKS_H

#include "postgres.h"

#include "nodes/execnodes.h"

#include "catalog.h"

/* Give the relation's CHECKs to a result relation that is about to be written. */
extern void row_checks_use(Table table, ResultRelInfo *info);

#endif							/* REFUND_ROW_CHECKS_H */
