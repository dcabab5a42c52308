/*
 * store.h
 *		Contracts and steps between memory and the tables.
 *
 * What is read lives in the memory context that was current.
 */
#ifndef REFUND_STORE_H
#define REFUND_STORE_H

#include "postgres.h"

#include "access/htup.h"
#include "access/tupdesc.h"
#include "storage/itemptr.h"

#include "chain.h"
#include "columns.h"
#include "contract.h"
#include "decide.h"
#include "table_write.h"

/* Where the contract's row keeps what a side has done. */
typedef struct SideColumns
{
	int			accepted;
	int			joined;
	int			offer_no;
	int			offer;
} SideColumns;

extern const SideColumns side_column[SIDES];

/* A locked contract and where its row is; likewise of the payment that a command names. */
typedef struct StoredContract
{
	Contract	c;
	ItemPointerData tid;
	Payment		payment;		/* c.payment, when there is one */
	ItemPointerData payment_tid;
	Datum		payment_values[PAYMENT_COLUMNS];
	bool		payment_nulls[PAYMENT_COLUMNS];
	Reversal	reversal;		/* c.reversal, when there is one */
} StoredContract;

/*
 * Lock the row (FOR NO KEY UPDATE) and read it.  False when there is none.  A
 * lock alone decides nothing: whatever depends on other rows is read by a later
 * statement (architecture.md rule 1).
 */
extern bool store_lock(int64 contract_id, StoredContract *result);

/*
 * Lock and read the payment whose number is cmd->item_no, and what was reported
 * of cmd->provider_ref.  False when there is no such payment, RF007 when the
 * reference is another payment's.
 */
extern bool store_lock_payment(StoredContract *s, const Command *cmd);

/*
 * Read what is known of the reversal that the command reports, and its deposit.
 * False when there is no such deposit, RF007 when the reference is another
 * reversal's.
 */
extern bool store_find_reversal(StoredContract *s, const Command *cmd);

/* Read c->releases of one milestone. */
extern void store_read_releases(Contract *c, int32 milestone_no);

/* 55000 unless refund.contract has the columns that this library writes. */
extern void store_check_version(int natts);

/* From a row of refund.contract, for reports and for the sweep; skip = columns before it. */
extern void store_contract_of(HeapTuple tuple, TupleDesc desc, int skip, Contract *c);

/* The same, but false for a row whose arrays are malformed: only its scalars are read then. */
extern bool store_try_contract_of(HeapTuple tuple, TupleDesc desc, int skip, Contract *c);

/* The milestone's row as the verbs return it: title and due date. */
typedef struct MilestoneText
{
	char	   *title;
	int64		price;
	bool		has_due;
	int32		due;
} MilestoneText;

extern void store_read_milestone(const Contract *c, int32 milestone_no, MilestoneText *result);

/* The room that a step of this contract may need. */
extern void store_prepare_step(const Contract *c, Step *step);

/*
 * Write what the step did: the contract's row, the event, its transfers and
 * payments, and the deposit or milestone that the command brought.  Advances
 * the chain.  "cmd" is NULL for the clock's steps.
 */
extern void store_step(Writer *w, StoredContract *s, Step *step, const Command *cmd);

/* A new contract with its first event; false when the number is taken. */
extern bool store_new_contract(Contract *c, const Command *cmd, int64 now);

#endif							/* REFUND_STORE_H */
