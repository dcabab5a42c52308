/*
 * compat.h
 *		Every difference between PostgreSQL 15 and 18 that this code meets.
 *
 * No other file tests PG_VERSION_NUM.
 */
#ifndef REFUND_COMPAT_H
#define REFUND_COMPAT_H

#include "postgres.h"

#if PG_VERSION_NUM < 150000 || PG_VERSION_NUM >= 190000
#error "refund supports PostgreSQL 15 to 18"
#endif

#if SIZEOF_VOID_P != 8
#error "refund needs a 64-bit build of PostgreSQL"
#endif

/* PostgreSQL 16 moved the varlena macros out of postgres.h */
#if PG_VERSION_NUM >= 160000
#include "varatt.h"
#endif

/* PostgreSQL 16 gave EvalPlanQualInit() a list of result relations */
#if PG_VERSION_NUM >= 160000
#define COMPAT_EPQ_RESULT_RELATIONS , NIL
#else
#define COMPAT_EPQ_RESULT_RELATIONS
#endif

/* PostgreSQL 18: a deferrable primary key can be asked for, index scans can be counted */
#if PG_VERSION_NUM >= 180000
#define COMPAT_PRIMARY_KEY_INDEX(rel) RelationGetPrimaryKeyIndex((rel), false)
#define COMPAT_INDEX_BEGINSCAN(rel, index, snapshot, nkeys) \
	index_beginscan((rel), (index), (snapshot), NULL, (nkeys), 0)
#else
#define COMPAT_PRIMARY_KEY_INDEX(rel) RelationGetPrimaryKeyIndex(rel)
#define COMPAT_INDEX_BEGINSCAN(rel, index, snapshot, nkeys) \
	index_beginscan((rel), (index), (snapshot), (nkeys), 0)
#endif

/* PostgreSQL 16: indexes that only summarise may be all that is wanted */
#if PG_VERSION_NUM >= 160000
#define COMPAT_ONLY_SUMMARIZING , false
#define COMPAT_UPDATE_INDEXES TU_UpdateIndexes
#define COMPAT_UPDATE_INDEX_TUPLES(info, slot, estate, indexes) \
	ExecInsertIndexTuples((info), (slot), (estate), true, false, NULL, NIL, (indexes) == TU_Summarizing)
#else
#define COMPAT_ONLY_SUMMARIZING
#define COMPAT_UPDATE_INDEXES bool
#define COMPAT_UPDATE_INDEX_TUPLES(info, slot, estate, indexes) \
	ExecInsertIndexTuples((info), (slot), (estate), true, false, NULL, NIL)
#endif
#define COMPAT_INSERT_INDEX_TUPLES(info, slot, estate) \
	ExecInsertIndexTuples((info), (slot), (estate), false, false, NULL, NIL COMPAT_ONLY_SUMMARIZING)
#define COMPAT_INSERT_INDEX_TUPLES_SPECULATIVE(info, slot, estate, conflict, arbiter) \
	ExecInsertIndexTuples((info), (slot), (estate), false, true, (conflict), (arbiter) COMPAT_ONLY_SUMMARIZING)

/* PostgreSQL 17: an index may have something to finish after inserts */
#if PG_VERSION_NUM >= 170000
#define COMPAT_INDEX_INSERT_CLEANUP(index, info) index_insert_cleanup((index), (info))
#else
#define COMPAT_INDEX_INSERT_CLEANUP(index, info) ((void) 0)
#endif

/* PostgreSQL 18: a CHECK can be NOT ENFORCED, and the list of them has another name */
#if PG_VERSION_NUM >= 180000
#define COMPAT_CHECK_EXPRS ri_CheckConstraintExprs
#define COMPAT_CHECK_IS_ENFORCED(check) ((check).ccenforced)
#else
#define COMPAT_CHECK_EXPRS ri_ConstraintExprs
#define COMPAT_CHECK_IS_ENFORCED(check) true
#endif

/* PostgreSQL 18: the row that is checked may be in the table already */
#if PG_VERSION_NUM >= 180000
#define COMPAT_CHECK_INDEX_CONSTRAINTS(info, slot, estate, taken, arbiter) \
	ExecCheckIndexConstraints((info), (slot), (estate), (taken), &(slot)->tts_tid, (arbiter))
#else
#define COMPAT_CHECK_INDEX_CONSTRAINTS(info, slot, estate, taken, arbiter) \
	ExecCheckIndexConstraints((info), (slot), (estate), (taken), (arbiter))
#endif

#endif							/* REFUND_COMPAT_H */
