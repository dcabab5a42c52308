/*
 * policy_rules.c
 *		What makes a policy sound (process.md §11).
 */
#include <stdio.h>

#include "policy_rules.h"

#define FIELD(name, kind) {#name, kind, offsetof(Policy, name)}

const PolicyField policy_fields[POLICY_FIELDS] = {
	FIELD(refund_response, POLICY_WINDOW),
	FIELD(dispute_response, POLICY_WINDOW),
	FIELD(resolution_target, POLICY_WINDOW),
	FIELD(resolution_limit, POLICY_WINDOW),
	FIELD(resolution_response, POLICY_WINDOW),
	FIELD(arbitration_window, POLICY_WINDOW),
	FIELD(award_target, POLICY_WINDOW),
	FIELD(award_limit, POLICY_WINDOW),
	FIELD(review_window, POLICY_WINDOW),
	FIELD(refund_credit, POLICY_WINDOW),
	FIELD(post_release_refund, POLICY_WINDOW),
	FIELD(reminder_before, POLICY_WINDOW),
	FIELD(max_extension, POLICY_WINDOW),
	FIELD(max_extensions, POLICY_COUNT),
	FIELD(evidence_max_items, POLICY_COUNT),
	FIELD(evidence_max_bytes, POLICY_BYTES),
	FIELD(zone, POLICY_TEXT),
	FIELD(calendar, POLICY_TEXT),
	FIELD(arbitration_fee, POLICY_FEES)
};

#define PROBLEM_MAX 200

/* What a window lasts when no clock changes and no day is off. */
static int64_t
nominal_minutes(TimeLimit window)
{
	int64_t		count = time_limit_count(window);

	switch (time_limit_unit(window))
	{
		case TIME_LIMIT_MINUTES:
			return count;
		case TIME_LIMIT_HOURS:
			return count * 60;
		case TIME_LIMIT_DAYS:
		case TIME_LIMIT_BUSINESS_DAYS:
			return count * 24 * 60;
	}
	return 0;
}

static void
check_windows(const Policy *policy, PolicyReport report, void *arg)
{
	char		problem[PROBLEM_MAX];

	snprintf(problem, sizeof(problem), "must not be longer than %d days",
			 POLICY_MAX_WINDOW_DAYS);
	for (int i = 0; i < POLICY_FIELDS; i++)
	{
		const PolicyField *field = &policy_fields[i];
		TimeLimit	window;

		if (field->kind != POLICY_WINDOW)
			continue;
		window = *(const TimeLimit *) ((const char *) policy + field->offset);
		if (!time_limit_is_valid(window))
			report(arg, field->name, "is not a time limit");
		else if (nominal_minutes(window) > (int64_t) POLICY_MAX_WINDOW_DAYS * 24 * 60)
			report(arg, field->name, problem);
	}

	/* process.md §4: past the target a case is overdue, at the limit it ends. */
	if (nominal_minutes(policy->resolution_target) > nominal_minutes(policy->resolution_limit))
		report(arg, "resolution_target", "must not be longer than resolution_limit");
	if (nominal_minutes(policy->award_target) > nominal_minutes(policy->award_limit))
		report(arg, "award_target", "must not be longer than award_limit");
}

/* process.md §4: one reminder before a window closes, so after it opened. */
static void
check_reminder(const Policy *policy, PolicyReport report, void *arg)
{
	const struct
	{
		const char *name;
		TimeLimit	window;
	}			reminded[] = {
		{"refund_response", policy->refund_response},
		{"dispute_response", policy->dispute_response},
		{"resolution_response", policy->resolution_response},
		{"arbitration_window", policy->arbitration_window},
		{"review_window", policy->review_window}
	};
	char		problem[PROBLEM_MAX];

	if (time_limit_unit(policy->reminder_before) == TIME_LIMIT_BUSINESS_DAYS)
		report(arg, "reminder_before",
			   "must be in days, hours or minutes: it counts back from the end of a window");
	for (size_t i = 0; i < sizeof(reminded) / sizeof(reminded[0]); i++)
	{
		if (nominal_minutes(policy->reminder_before) < nominal_minutes(reminded[i].window))
			continue;
		snprintf(problem, sizeof(problem), "must be shorter than %s", reminded[i].name);
		report(arg, "reminder_before", problem);
	}
}

static void
check_range(const char *setting, int64_t value, int64_t max,
			PolicyReport report, void *arg)
{
	char		problem[PROBLEM_MAX];

	if (value >= 0 && value <= max)
		return;
	snprintf(problem, sizeof(problem), "must be between 0 and %lld", (long long) max);
	report(arg, setting, problem);
}

/* Is there an earlier fee in the currency of fee i? */
static bool
repeats_currency(const Amount *fees, int i)
{
	for (int j = 0; j < i; j++)
	{
		if (amount_same_currency(fees[i], fees[j]))
			return true;
	}
	return false;
}

bool
policy_fees_are_sound(const Amount *fees, int nfees)
{
	if (nfees > CURRENCY_MAX_NUMBER)
		return false;
	for (int i = 0; i < nfees; i++)
	{
		if (amount_minor(fees[i]) <= 0 || repeats_currency(fees, i))
			return false;
	}
	return true;
}

/* process.md §6: the fee share of each currency; no fee, joining is free. */
static void
check_fees(const Policy *policy, PolicyReport report, void *arg)
{
	if (policy->nfees > CURRENCY_MAX_NUMBER)
	{
		report(arg, "arbitration_fee", "has more fees than there are currencies");
		return;
	}
	for (int i = 0; i < policy->nfees; i++)
	{
		Amount		fee = policy->arbitration_fee[i];
		const CurrencyInfo *currency = currency_by_number(amount_currency(fee));
		const char *code = currency != NULL ? currency->code : "?";
		char		problem[PROBLEM_MAX];

		if (amount_minor(fee) <= 0)
		{
			snprintf(problem, sizeof(problem),
					 "the fee in %s must be above zero; leave the currency out to charge nothing", code);
			report(arg, "arbitration_fee", problem);
		}
		if (repeats_currency(policy->arbitration_fee, i))
		{
			snprintf(problem, sizeof(problem), "has more than one fee in %s", code);
			report(arg, "arbitration_fee", problem);
		}
		if (currency == NULL || !currency->active)
		{
			snprintf(problem, sizeof(problem), "currency %s was withdrawn", code);
			report(arg, "arbitration_fee", problem);
		}
	}
}

void
policy_check(const Policy *policy, bool zone_known, bool calendar_known,
			 PolicyReport report, void *arg)
{
	check_windows(policy, report, arg);
	check_reminder(policy, report, arg);
	check_range("max_extensions", policy->max_extensions, POLICY_MAX_EXTENSIONS,
				report, arg);
	check_range("evidence_max_items", policy->evidence_max_items,
				POLICY_MAX_EVIDENCE_ITEMS, report, arg);
	check_range("evidence_max_bytes", policy->evidence_max_bytes,
				POLICY_MAX_EVIDENCE_BYTES, report, arg);
	if (!zone_known)
		report(arg, "zone", "is not a time zone that this server knows");
	if (!calendar_known)
		report(arg, "calendar", "does not exist; set_holidays() makes a calendar");
	check_fees(policy, report, arg);
}
