/*
 * policy_rules.h
 *		A policy, and the rules that make one sound (process.md §11).
 *
 * Pure C: no PostgreSQL headers, no allocation.  The rules exist once, here:
 * add_policy() and validate_policy() both call policy_check().
 */
#ifndef REFUND_POLICY_RULES_H
#define REFUND_POLICY_RULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "amount.h"
#include "time_limit.h"

/* One row of refund.policy: every window, limit and fee of process.md. */
typedef struct Policy
{
	char	   *name;
	int			version;
	TimeLimit	refund_response;
	TimeLimit	dispute_response;
	TimeLimit	resolution_target;
	TimeLimit	resolution_limit;
	TimeLimit	resolution_response;
	TimeLimit	arbitration_window;
	TimeLimit	award_target;
	TimeLimit	award_limit;
	TimeLimit	review_window;
	TimeLimit	refund_credit;
	TimeLimit	post_release_refund;
	TimeLimit	reminder_before;
	TimeLimit	max_extension;
	int			max_extensions;
	int			evidence_max_items;
	int64_t		evidence_max_bytes;
	char	   *zone;
	char	   *calendar;
	int			nfees;
	Amount	   *arbitration_fee;	/* at most one per currency */
	char	   *digest;			/* SHA-256 of all settings in hexadecimal digits, where it was read */
} Policy;

typedef enum PolicyFieldKind
{
	POLICY_WINDOW,				/* TimeLimit */
	POLICY_COUNT,				/* int */
	POLICY_BYTES,				/* int64_t */
	POLICY_TEXT,				/* char * */
	POLICY_FEES					/* nfees, arbitration_fee */
} PolicyFieldKind;

/* A setting: its name in JSON and in SQL, and where Policy keeps it. */
typedef struct PolicyField
{
	const char *name;
	PolicyFieldKind kind;
	size_t		offset;
} PolicyField;

/* In the order of the columns of refund.policy. */
#define POLICY_FIELDS 19
extern const PolicyField policy_fields[POLICY_FIELDS];

/* Bounds that keep a typing error from becoming a policy. */
#define POLICY_MAX_WINDOW_DAYS 3650
#define POLICY_MAX_EXTENSIONS 100
#define POLICY_MAX_EVIDENCE_ITEMS 1000
#define POLICY_MAX_EVIDENCE_BYTES (INT64_C(256) * 1024 * 1024)

/*
 * Receives one finding: the setting and what is wrong with it, both only for
 * the duration of the call.
 */
typedef void (*PolicyReport) (void *arg, const char *setting, const char *problem);

/*
 * Report everything that is wrong with a policy; silence means sound.  The
 * caller says whether zone and calendar exist, which only the server knows.
 */
extern void policy_check(const Policy *policy, bool zone_known, bool calendar_known,
						 PolicyReport report, void *arg);

/* Fees are above zero, one per currency. */
extern bool policy_fees_are_sound(const Amount *fees, int nfees);

#endif							/* REFUND_POLICY_RULES_H */
