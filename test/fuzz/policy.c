/* link: policy_rules time_limit amount currency */
/*
 * policy.c
 *		The settings of a policy, any words: checked without harm, and what is
 *		called sound is a policy whose windows are time limits.
 */
#include <stdlib.h>
#include <string.h>

#include "policy_rules.h"

extern int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define FEES 4

static void
found(void *arg, const char *setting, const char *problem)
{
	if (setting == NULL || problem == NULL || problem[0] == '\0')
		abort();
	*(bool *) arg = true;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	Policy		policy = {.name = "name",.version = 1,.zone = "UTC",.calendar = "standard"};
	Amount		fees[FEES];
	bool		problem = false;
	size_t		used = 0;

	for (int i = 0; i < POLICY_FIELDS; i++)
	{
		const PolicyField *field = &policy_fields[i];
		size_t		width = field->kind == POLICY_WINDOW ? sizeof(TimeLimit) : field->kind == POLICY_COUNT ? sizeof(int)
			: field->kind == POLICY_BYTES ? sizeof(int64_t) : 0;

		if (size - used < width)
			return 0;
		if (width > 0)
			memcpy((char *) &policy + field->offset, data + used, width);
		/* so that a policy can be sound, windows are mostly time limits */
		if (field->kind == POLICY_WINDOW && (data[used] & 0x80) == 0)
			*(TimeLimit *) ((char *) &policy + field->offset) = time_limit_make(1 + data[used] % 100, data[used + 1] % 4);
		used += width;
	}
	policy.nfees = (int) ((size - used) / sizeof(Amount));
	if (policy.nfees > FEES)
		policy.nfees = FEES;
	policy.arbitration_fee = fees;
	memcpy(fees, data + used, policy.nfees * sizeof(Amount));
	policy_check(&policy, true, true, found, &problem);
	if (problem)
		return 0;
	for (int i = 0; i < POLICY_FIELDS; i++)
		if (policy_fields[i].kind == POLICY_WINDOW &&
			!time_limit_is_valid(*(TimeLimit *) ((char *) &policy + policy_fields[i].offset)))
			abort();
	if (!policy_fees_are_sound(policy.arbitration_fee, policy.nfees))
		abort();
	return 0;
}
