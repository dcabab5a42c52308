/*
 * refund.c
 *		Module magic.  Every concept lives in the file of its name.
 */
#include "postgres.h"

#include "fmgr.h"

#include "compat.h"

PG_MODULE_MAGIC;
