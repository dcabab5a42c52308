/* link: src/contract.c src/transition.c */
/*
 * test_contract.c
 *		Unit test of contract_unsound(): each figure of a sound row changed, one
 *		at a time, is told by its own words.  Prints TAP.
 */
#include <stdio.h>
#include <string.h>

#include "contract.h"

static int	tests = 0;
static int	failures = 0;

static MilestoneLine milestone[2];
static int64_t deposit_held[2];

/* A case in dispute: 30 of 50 are held by two deposits for two milestones. */
static Contract
sound(void)
{
	Contract	c;

	memset(&c, 0, sizeof(c));
	contract_init(&c);
	c.state = CONTRACT_ENDED;
	c.request_state = REQUEST_PROPOSED;
	c.balance = (Balances) {.deposited = 50,.held = 30,.released = 12,.refunded = 5,.reversed = 3};
	c.at_stake = 30;
	c.disputed = 20;
	c.proposed = 10;
	c.side[SIDE_CLIENT].offer = 30;
	c.first_live = 1;
	c.ndeposits = c.deposit_count = 2;
	c.deposit_held = deposit_held;
	deposit_held[0] = 20;
	deposit_held[1] = 10;
	c.nmilestones = 2;
	c.milestone = milestone;
	milestone[0] = (MilestoneLine) {.milestone_no = 1,.held = 18,.released = 12,.review_due_at = NO_INSTANT,.review_tick_at = NO_INSTANT};
	milestone[1] = (MilestoneLine) {.milestone_no = 2,.held = 12,.refunded = 5,.review_due_at = NO_INSTANT,.review_tick_at = NO_INSTANT};
	return c;
}

/* The same, settled by the proposal. */
static Contract
settled(void)
{
	Contract	c = sound();

	c.request_state = REQUEST_SETTLED;
	c.balance = (Balances) {.deposited = 50,.held = 0,.released = 22,.refunded = 25,.reversed = 3};
	c.to_freelancer = 10;
	c.to_client = 20;
	c.ndeposits = 0;
	milestone[0].held = milestone[1].held = 0;
	milestone[0].released = 22;
	milestone[0].refunded = 8;
	milestone[1].refunded = 17;
	return c;
}

static void
expect(const Contract *c, const char *words)
{
	const char *said = contract_unsound(c);
	bool		passed = words == NULL ? said == NULL : said != NULL && strcmp(said, words) == 0;

	tests++;
	failures += !passed;
	printf("%sok %d - %s%s%s\n", passed ? "" : "not ", tests, words == NULL ? "sound" : words,
		   passed ? "" : ", but it says: ", passed ? "" : said == NULL ? "nothing" : said);
}

#define BROKEN(start, change, words) \
	do { \
		Contract	c = start(); \
		change; \
		expect(&c, words); \
	} while (0)

int
main(void)
{
	BROKEN(sound,, NULL);
	BROKEN(settled,, NULL);
	BROKEN(sound, c.balance.deposited = -1, "a balance is negative");
	BROKEN(sound, c.balance.held = -1, "a balance is negative");
	BROKEN(sound, c.balance.released = -1, "a balance is negative");
	BROKEN(sound, c.balance.refunded = -1, "a balance is negative");
	BROKEN(sound, c.balance.reversed = -1, "a balance is negative");
	BROKEN(sound, c.balance.in_transit = -1, "a balance is negative");
	BROKEN(sound, c.balance.fee_held = -1, "a balance is negative");
	BROKEN(sound, c.balance.receivable = -1, "a balance is negative");
	BROKEN(sound, c.balance.deposited++, "deposited differs from held + released + refunded + reversed");
	BROKEN(sound, deposit_held[0] = 31; deposit_held[1] = -1, "a deposit holds less than nothing");
	BROKEN(sound, deposit_held[1]++, "held by deposits differs from held");
	BROKEN(sound, milestone[0].held = 31; milestone[1].held = -1, "a milestone has a negative figure");
	BROKEN(sound, milestone[0].released = 13; milestone[1].released = -1, "a milestone has a negative figure");
	BROKEN(sound, milestone[1].refunded = 6; milestone[0].refunded = -1, "a milestone has a negative figure");
	BROKEN(sound, milestone[1].milestone_no = 1, "milestones are out of order");
	BROKEN(sound, milestone[1].held++, "held by milestones differs from held");
	BROKEN(sound, milestone[1].released++, "released by milestones differs from released");
	BROKEN(sound, milestone[1].refunded++, "refunded by milestones differs from refunded");
	BROKEN(settled, c.to_client++, "the split differs from the amount at stake");
	BROKEN(sound, c.request_state = REQUEST_SETTLED; c.to_freelancer = 10; c.to_client = 20, "a settled case holds money");
	BROKEN(sound, c.at_stake++, "an open request's stake differs from held");
	BROKEN(settled, c.balance.fee_held = 1, "a settled case holds an arbitration fee");
	BROKEN(sound, c.disputed = 31, "the disputed amount is not within the amount at stake");
	BROKEN(sound, c.disputed = -1, "the disputed amount is not within the amount at stake");
	BROKEN(sound, c.proposed = 21, "the proposed amount is not within the disputed amount");
	BROKEN(sound, c.proposed = -1, "the proposed amount is not within the disputed amount");
	BROKEN(sound, c.disputed = NO_AMOUNT, "the proposed amount is not within the disputed amount");
	BROKEN(sound, c.held_at = 1, "the clock stands still without a hold, or goes on with one");
	BROKEN(sound, c.nholds = 1, "the clock stands still without a hold, or goes on with one");
	BROKEN(sound, c.side[SIDE_CLIENT].offer = 31, "an offer is not within the amount at stake");
	BROKEN(sound, c.side[SIDE_FREELANCER].offer = -1, "an offer is not within the amount at stake");
	printf("1..%d\n", tests);
	return failures > 0;
}
