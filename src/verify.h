/*
 * verify.h
 *		Between the files of verify(): what a replay of one contract knows.
 *
 * A contract's history is replayed event by event: numbers, times, states and
 * hashes must follow from one another, and what the replay comes to must be
 * what the contract's row and its children say.  Nothing here is shared with
 * the code that writes, but the transition table, the meaning of outcomes and
 * the canonical bytes.  All lives in the memory context of one contract.
 */
#ifndef REFUND_VERIFY_H
#define REFUND_VERIFY_H

#include "postgres.h"

#include "funcapi.h"
#include "nodes/pg_list.h"

#include "catalog.h"
#include "chain.h"
#include "digest.h"
#include "spi.h"

/* What a replay has of one deposit. */
typedef struct DepositReplay
{
	int64		amount;
	int64		funded;
	int64		held;
	int64		refunded;
	int64		paid;			/* sum of its refund payments */
	int32		event_no;
	int32		milestone_no;
	char	   *source;
	char	   *provider_ref;
	bool		has_row;
} DepositReplay;

typedef struct MilestoneReplay
{
	MilestoneLine line;
	int64		price;
	int32		event_no;
	char	   *title;
	bool		has_due;
	int32		due;
	bool		review_moved;	/* by a hold: its end is not in the history */
} MilestoneReplay;

/* A refund payment: what was decided, what its row says, and what its events come to. */
typedef struct PaymentReplay
{
	PaymentLine line;
	int32		event_no;
	Payment		row;
	char	   *row_extra;		/* its extra_refs, joined by blanks, or NULL */
	Payment		r;
	List	   *paid;			/* references that have paid and have not come back */
} PaymentReplay;

typedef struct FeeReplay
{
	int32		event_no;
	Party		party;
	int64		amount;
	char	   *source;
	char	   *provider_ref;
} FeeReplay;

typedef struct ReversalReplay
{
	int32		reversal_no;
	int32		event_no;
	int32		deposit_no;
	int32		hold_no;
	ReversalKind kind;
	int64		amount;
	char	   *provider_ref;
} ReversalReplay;

typedef struct StatementReplay
{
	int32		event_no;
	EventKind	kind;
	uint8		digest[DIGEST_BYTES];
	bool		used;
} StatementReplay;

typedef struct EvidenceReplay
{
	int32		evidence_no;
	int32		event_no;
	char	   *title;
	char	   *media_type;
	int64		byte_size;
	uint8	   *sha256;			/* or NULL */
	uint8		digest[DIGEST_BYTES];
	bool		has_body;
	bool		erased;			/* an event says so */
} EvidenceReplay;

typedef struct Verification
{
	ReturnSetInfo *rsinfo;
	Contract	c;				/* the row */
	Contract	r;				/* what the replay comes to; of it only what an event changes */
	const char *policy_digest;	/* NULL: its policy is not there */
	bool		currency_holds;
	bool		hashes_hold;
	int64		settled_amount; /* of the event that settled */
	int64		settled_release;	/* what that event released */
	int			nmilestones;
	MilestoneReplay *milestone;
	int			ndeposits;
	DepositReplay *deposit;		/* by deposit number - 1 */
	int			npayments;
	PaymentReplay *payment;		/* by payment number - 1 */
	int			nfees;
	FeeReplay  *fee;
	int			nreversals;
	ReversalReplay *reversal;
	int			nstatements;
	StatementReplay *statement;
	int			nevidence;
	EvidenceReplay *evidence;
} Verification;

/* A finding. */
extern void report(Verification *v, const char *rule, const char *detail);
extern void expect_amount(Verification *v, const char *rule, const char *what, int64 expected, int64 found);

/* Columns of what was read, counted from 1; NULL is 0, NO_AMOUNT, NO_INSTANT. */
extern Datum column(SqlRows *rows, uint64 row, int n, bool *isnull);
extern int64 amount_column(Verification *v, SqlRows *rows, uint64 row, int n);
extern int32 number_column(SqlRows *rows, uint64 row, int n);
extern int64 instant_column(SqlRows *rows, uint64 row, int n);
extern int	enum_column(SqlRows *rows, uint64 row, int n, EnumType type);
extern char *text_column(SqlRows *rows, uint64 row, int n);
extern bool bytes_column(SqlRows *rows, uint64 row, int n, uint8 *bytes, int length);

/* The rows of one contract. */
extern SqlRows rows_of(Statement *s, int64 contract_id);

/* verify_read.c: the contract's children into the replay's lists. */
extern void read_children(Verification *v);

/* verify_replay.c: the history. */
extern void replay(Verification *v);

#endif							/* REFUND_VERIFY_H */
