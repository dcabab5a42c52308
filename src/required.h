/*
 * required.h
 *		The refusal of a null argument.
 */
#ifndef REFUND_REQUIRED_H
#define REFUND_REQUIRED_H

#include "postgres.h"

#include "fmgr.h"

/* NULL is 22004 that names the argument; it never means "all" or "none". */
static inline void
require_argument(FunctionCallInfo fcinfo, int number, const char *name)
{
	if (fcinfo->args[number].isnull)
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("argument \"%s\" must not be null", name),
				 errhint("Null never stands for \"all\" or \"any\".")));
}

#endif							/* REFUND_REQUIRED_H */
