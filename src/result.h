/*
 * result.h
 *		What a verb returns: one row of the view of what it changed, filled from
 *		what the engine has in hand.
 *
 * The column order is that of the views in report.sql.  The result lives in
 * the current memory context.
 */
#ifndef REFUND_RESULT_H
#define REFUND_RESULT_H

#include "postgres.h"

#include "fmgr.h"

#include "engine.h"
#include "spi.h"

extern Datum result_contract(FunctionCallInfo fcinfo, const Execution *x);
extern Datum result_request(FunctionCallInfo fcinfo, const Execution *x, const Command *cmd);
extern Datum result_milestone(FunctionCallInfo fcinfo, const Execution *x, int32 milestone_no);
extern Datum result_deposit(FunctionCallInfo fcinfo, const Execution *x, const Command *cmd);
extern Datum result_payment(FunctionCallInfo fcinfo, const Execution *x);
extern Datum result_hold(FunctionCallInfo fcinfo, const Execution *x, const Command *cmd);
extern Datum result_deposit_now(FunctionCallInfo fcinfo, const Execution *x, int32 deposit_no);
extern Datum result_erased_evidence(FunctionCallInfo fcinfo, const Execution *x, int32 evidence_no);

/* The one row that a statement reads of a view, for what is rare enough to read again. */
extern Datum result_row(FunctionCallInfo fcinfo, Statement *read, Datum *values);

#endif							/* REFUND_RESULT_H */
