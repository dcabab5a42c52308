/*
 * append_only.h
 *		Triggers that refuse to change or remove rows (RF012).
 */
#ifndef REFUND_APPEND_ONLY_H
#define REFUND_APPEND_ONLY_H

#include "postgres.h"

#include "commands/trigger.h"
#include "fmgr.h"

/* The trigger's data; 39P01 when the function was not called as a trigger. */
extern TriggerData *trigger_of(FunctionCallInfo fcinfo);

extern void refuse_change(TriggerData *trigger, const char *hint) __attribute__((noreturn));

#endif							/* REFUND_APPEND_ONLY_H */
