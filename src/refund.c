/*
 * refund.c
 *		Module magic and settings.  Every concept lives in the file of its name.
 */
#include "postgres.h"

#include "fmgr.h"
#include "utils/guc.h"

#include "compat.h"
#include "drop_guard.h"
#include "notification.h"

PG_MODULE_MAGIC;

extern void _PG_init(void);

void
_PG_init(void)
{
	define_allow_drop();
	define_notify_channel();
	MarkGUCPrefixReserved("refund");
}
