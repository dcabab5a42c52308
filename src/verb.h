/*
 * verb.h
 *		What verbs as SQL functions have in common: arguments to a command, the
 *		engine, a row of the view of what changed.
 */
#ifndef REFUND_VERB_H
#define REFUND_VERB_H

#include "postgres.h"

#include "arguments.h"
#include "decide.h"

/* Which view's row the verb returns. */
typedef enum Shape
{
	SHAPE_CONTRACT,
	SHAPE_REQUEST,
	SHAPE_MILESTONE,
	SHAPE_DEPOSIT,
	SHAPE_PAYMENT,
	SHAPE_EVIDENCE,
	SHAPE_HOLD,
	SHAPE_REVERSED_DEPOSIT
} Shape;

/* Take contract_id, and actor, which every verb but create_contract has next. */
extern void verb_begin(Arguments *a, FunctionCallInfo fcinfo, const char *const *names,
					   Command *cmd, EventKind event);

/* Execute it and return its row; new_contract is create_contract's, else NULL. */
extern Datum verb_execute(FunctionCallInfo fcinfo, const Command *cmd, Contract *new_contract, Shape shape);

#endif							/* REFUND_VERB_H */
