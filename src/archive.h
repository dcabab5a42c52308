/*
 * archive.h
 *		Finished contracts, moved whole to tables outside the extension.
 */
#ifndef REFUND_ARCHIVE_H
#define REFUND_ARCHIVE_H

#include "postgres.h"

#include "decide.h"

/* Is there such a contract in the archive as of now, whatever the transaction's snapshot sees? */
extern bool is_archived(int64 contract_id);

/*
 * For a contract that is not among the live ones: RF009 when it is archived and
 * the actor is one of its people, RF014 else, as for a number that nobody uses.
 */
extern void raise_absent_contract(const Command *cmd) __attribute__((noreturn));

#endif							/* REFUND_ARCHIVE_H */
