/*
 * verify.c
 *		verify() and verify_all(): every invariant, proved again from the rows.
 *
 * A finding names the contract, the rule and the position.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "fmgr.h"
#include "funcapi.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "compat.h"
#include "policy.h"
#include "request.h"
#include "store.h"
#include "verify.h"

PG_FUNCTION_INFO_V1(refund_verify);
PG_FUNCTION_INFO_V1(refund_verify_all);

void
report(Verification *v, const char *rule, const char *detail)
{
	Datum		values[3];
	bool		nulls[3] = {false};

	values[0] = Int64GetDatum(v->c.contract_id);
	values[1] = CStringGetTextDatum(rule);
	values[2] = CStringGetTextDatum(detail);
	tuplestore_putvalues(v->rsinfo->setResult, v->rsinfo->setDesc, values, nulls);
}

void
expect_amount(Verification *v, const char *rule, const char *what, int64 expected, int64 found)
{
	if (expected != found)
		report(v, rule, psprintf("%s: the history says %lld minor units, the row %lld",
								 what, (long long) expected, (long long) found));
}

/* ---- comparing ---- */

static int64
earliest(int64 a, int64 b)
{
	if (a == NO_INSTANT || b == NO_INSTANT)
		return a == NO_INSTANT ? b : a;
	return Min(a, b);
}

/* A hold stops the clock. */
static int64
next_tick(const Contract *c)
{
	int64		next = earliest(c->due_at, c->remind_at);

	for (int i = 0; i < c->nmilestones; i++)
		next = earliest(next, c->milestone[i].review_tick_at);
	return c->nholds > 0 ? NO_INSTANT : next;
}

static bool
same_holds(const Contract *a, const Contract *b)
{
	return a->nholds == b->nholds && a->hold_count == b->hold_count && a->held_at == b->held_at &&
		memcmp(a->holds, b->holds, a->nholds * sizeof(int32)) == 0 &&
		memcmp(a->hold_time, b->hold_time, sizeof(a->hold_time)) == 0;
}

static void
compare_contract(Verification *v)
{
	const Contract *c = &v->c;
	const Contract *r = &v->r;
	const char *unsound = contract_unsound(c);

	if (unsound != NULL)
		report(v, "conservation", unsound);
	if (r->event_no != c->event_no)
		report(v, "history", psprintf("the last event is %d, the contract counts %d",
									  r->event_no, c->event_no));
	if (v->hashes_hold && memcmp(r->head, c->head, HASH_BYTES) != 0)
		report(v, "chain", "the contract's head is not the hash of its last event");
	if (r->request_state != c->request_state || r->outcome != c->outcome)
		report(v, "state", "the history does not lead to the contract's state");
	if (r->state != c->state)
		report(v, "state", "the history does not say whether the contract has ended as its row does");
	if (r->last_event != c->last_event || r->entered_by != c->entered_by || r->unresolved_by != c->unresolved_by)
		report(v, "history", "the contract's last_event, entered_by or unresolved_by is not what its events say");
	if (r->created_at != c->created_at || r->last_at != c->last_at || r->opened_at != c->opened_at ||
		r->settled_at != c->settled_at || r->effective_at != c->effective_at ||
		memcmp(r->stage_at, c->stage_at, sizeof(r->stage_at)) != 0)
		report(v, "history", "the contract's times are not those of its events");
	if (r->due_at != c->due_at)
		report(v, "deadline", "the contract's due_at is not what the history opened");
	if (c->next_due_at != next_tick(c))
		report(v, "deadline", "the contract's next_due_at is not the earliest of its deadlines");
	expect_amount(v, "conservation", "deposited", r->balance.deposited, c->balance.deposited);
	expect_amount(v, "conservation", "held", r->balance.held, c->balance.held);
	expect_amount(v, "conservation", "released", r->balance.released, c->balance.released);
	expect_amount(v, "conservation", "refunded", r->balance.refunded, c->balance.refunded);
	expect_amount(v, "conservation", "reversed", r->balance.reversed, c->balance.reversed);
	expect_amount(v, "conservation", "in_transit", r->balance.in_transit, c->balance.in_transit);
	expect_amount(v, "conservation", "fee_held", r->balance.fee_held, c->balance.fee_held);
	expect_amount(v, "conservation", "receivable", r->balance.receivable, c->balance.receivable);
	if (!same_holds(r, c))
		report(v, "holds", "the holds that stand, or how long they stood, are not what the history says");
	if (r->extensions != c->extensions)
		report(v, "deadline", "the window was not extended as often as the history says");
	if (r->reversal_count != c->reversal_count)
		report(v, "reversals", psprintf("the history has %d, the contract counts %d",
										r->reversal_count, c->reversal_count));
}

/* Texts that may both be missing. */
static bool
same_text(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static void
compare_request(Verification *v)
{
	const Contract *c = &v->c;
	const Contract *r = &v->r;
	int64		part;

	if (r->at_stake != c->at_stake || r->disputed != c->disputed || r->proposed != c->proposed)
		report(v, "state", "the amount at stake, disputed or proposed is not what the history says");
	if (!same_text(r->mediator, c->mediator) || !same_text(r->arbitrator, c->arbitrator))
		report(v, "state", "the mediator or the arbitrator is not who the history says");
	for (int i = 0; i < SIDES; i++)
	{
		const Side *expected = &r->side[i];
		const Side *found = &c->side[i];

		if (expected->accepted != found->accepted || expected->joined != found->joined)
			report(v, "state", "who has accepted or joined is not what the history says");
		if (expected->offer_no != found->offer_no || expected->offer != found->offer)
			report(v, "offers", "a standing offer is not what the history says");
	}
	if (r->offer_count != c->offer_count)
		report(v, "offers", psprintf("the history has %d, the contract counts %d", r->offer_count, c->offer_count));
	if (c->request_state != REQUEST_SETTLED)
	{
		if (c->to_freelancer != NO_AMOUNT || c->to_client != NO_AMOUNT)
			report(v, "settlement", "there is a split without a settlement");
		return;
	}
	/* process.md section 4: each outcome has its split */
	part = outcome_part(c, c->outcome);
	expect_amount(v, "settlement", "to_freelancer", part == NO_AMOUNT ? v->settled_amount : part, c->to_freelancer);
	expect_amount(v, "settlement", "released by it", v->settled_release, c->to_freelancer);
}

/* All but the first, as read_payments() has them; NULL for none. */
static char *
extra_refs(List *paid)
{
	StringInfoData buf;

	if (list_length(paid) < 2)
		return NULL;
	initStringInfo(&buf);
	for (int i = 1; i < list_length(paid); i++)
		appendStringInfo(&buf, "%s%s", i > 1 ? " " : "", (char *) list_nth(paid, i));
	return buf.data;
}

static void
compare_payments(Verification *v)
{
	int64		on_the_way = 0;

	for (int i = 0; i < v->npayments; i++)
	{
		const PaymentReplay *p = &v->payment[i];

		if (p->r.state != p->row.state || p->r.attempt_no != p->row.attempt_no ||
			!same_text(p->r.provider_ref, p->row.provider_ref) ||
			!same_text(extra_refs(p->paid), p->row_extra) ||
			!same_text(p->r.destination, p->row.destination))
			report(v, "payments", psprintf("payment %d is not where the history says", p->line.payment_no));
		if (p->r.state != PAYMENT_SUCCEEDED)
			on_the_way += p->line.amount;
	}
	expect_amount(v, "payments", "not arrived", on_the_way, v->c.balance.in_transit);
}

static void
compare_evidence(Verification *v)
{
	for (int i = 0; i < v->nevidence; i++)
	{
		const EvidenceReplay *e = &v->evidence[i];

		if (e->evidence_no != i + 1)
			report(v, "evidence", psprintf("number %d where %d comes next", e->evidence_no, i + 1));
		if (e->has_body == e->erased)
			report(v, "evidence", e->erased
				   ? psprintf("evidence %d was erased, and has a body", e->evidence_no)
				   : psprintf("evidence %d has no body, and was not erased", e->evidence_no));
	}
}

static void
compare_milestones(Verification *v)
{
	if (v->nmilestones != v->c.nmilestones)
		report(v, "milestones", psprintf("%d rows, the contract has %d", v->nmilestones, v->c.nmilestones));
	for (int i = 0; i < Min(v->nmilestones, v->c.nmilestones); i++)
	{
		const MilestoneLine *expected = &v->milestone[i].line;
		const MilestoneLine *found = &v->c.milestone[i];

		if (expected->milestone_no != found->milestone_no)
			report(v, "milestones", psprintf("the contract has %d where the rows have %d",
											 found->milestone_no, expected->milestone_no));
		else
		{
			char	   *what = psprintf("milestone %d", found->milestone_no);

			expect_amount(v, "milestones", what, expected->held, found->held);
			expect_amount(v, "milestones", what, expected->released, found->released);
			expect_amount(v, "milestones", what, expected->refunded, found->refunded);
			expect_amount(v, "milestones", what, expected->room, found->room);
			if (milestone_is_submitted(expected) != milestone_is_submitted(found) ||
				(!v->milestone[i].review_moved && expected->review_due_at != found->review_due_at))
				report(v, "milestones", psprintf("the review of milestone %d is not what the history says",
												 found->milestone_no));
		}
	}
}

static void
compare_deposits(Verification *v)
{
	for (int i = 0; i < v->ndeposits; i++)
	{
		const DepositReplay *d = &v->deposit[i];
		char	   *what = psprintf("deposit %d", i + 1);

		if (!d->has_row)
			report(v, "deposits", psprintf("deposit %d has no row", i + 1));
		expect_amount(v, "deposits", what, d->funded, d->amount);
		expect_amount(v, "deposits", what, d->held, contract_deposit_held(&v->c, i + 1));
		if (d->refunded != d->paid)
			report(v, "payments", psprintf("deposit %d: %lld minor units refunded, %lld in refund payments",
										   i + 1, (long long) d->refunded, (long long) d->paid));
	}
}

/*
 * The digest of the settings that the table has now, in the context of "last",
 * which remembers the policy of the contract before: most share one.
 */
typedef struct PolicySeal
{
	MemoryContext context;
	char	   *policy;
	int32		version;
	char	   *digest;
} PolicySeal;

static const char *
policy_seal(Verification *v, PolicySeal *last)
{
	MemoryContext caller = MemoryContextSwitchTo(last->context);
	const Policy *policy;

	if (last->policy == NULL || strcmp(last->policy, v->c.policy) != 0 || last->version != v->c.policy_version)
	{
		policy = policy_read(v->c.policy, v->c.policy_version);
		last->policy = pstrdup(v->c.policy);
		last->version = v->c.policy_version;
		last->digest = policy == NULL ? NULL : policy->digest;
	}
	MemoryContextSwitchTo(caller);
	if (last->digest == NULL)
		report(v, "policy", psprintf("version %d of policy \"%s\" is not there", v->c.policy_version, v->c.policy));
	return last->digest;
}

static void
verify_contract(ReturnSetInfo *rsinfo, PolicySeal *seal, HeapTuple tuple, TupleDesc desc)
{
	MemoryContext mine = AllocSetContextCreate(CurrentMemoryContext, "refund: verify one contract",
											   ALLOCSET_DEFAULT_SIZES);
	MemoryContext caller = MemoryContextSwitchTo(mine);
	Verification v = {
		.rsinfo = rsinfo,.hashes_hold = true,.currency_holds = true
	};

	contract_init(&v.r);
	if (store_try_contract_of(tuple, desc, 0, &v.c))
	{
		v.policy_digest = policy_seal(&v, seal);
		read_children(&v);
		replay(&v);
		compare_contract(&v);
		compare_request(&v);
		compare_milestones(&v);
		compare_deposits(&v);
		compare_payments(&v);
		compare_evidence(&v);
	}
	else
		report(&v, "conservation", "the arrays of the contract's row are malformed");
	MemoryContextSwitchTo(caller);
	MemoryContextDelete(mine);
}

#define IN_BOTH_PLACES "the contract is archived, and among the live ones too"

/* verify(contract_id): no row = sound; an unknown contract is reported as such */
Datum
refund_verify(PG_FUNCTION_ARGS)
{
	static Statement read = STATEMENT(
									  "SELECT c.* FROM refund_archive.all_contract c WHERE c.contract_id OPERATOR(pg_catalog.=) $1", "l");
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	PolicySeal	seal = {0};
	SqlRows		found;

	InitMaterializedSRF(fcinfo, 0);
	sql_enter();
	seal.context = CurrentMemoryContext;
	found = rows_of(&read, PG_GETARG_INT64(0));
	for (uint64 i = 0; i < found.count; i++)
		verify_contract(rsinfo, &seal, found.rows[i], found.desc);
	if (found.count != 1)
	{
		Verification v = {.rsinfo = rsinfo};

		v.c.contract_id = PG_GETARG_INT64(0);
		report(&v, "history", found.count == 0 ? "there is no such contract" : IN_BOTH_PLACES);
	}
	sql_leave();
	return (Datum) 0;
}

/* verify_all(changed_since): in pages, so that memory stays bounded */
Datum
refund_verify_all(PG_FUNCTION_ARGS)
{
	static Statement page = STATEMENT(
									  "SELECT c.* FROM refund_archive.all_contract c WHERE c.contract_id OPERATOR(pg_catalog.>=) $1"
									  " AND ($2 IS NULL OR c.last_at OPERATOR(pg_catalog.>=) $2)"
									  " ORDER BY c.contract_id LIMIT 500", "lz");
	/* a contract lies whole in one place */
#define STRAYS(of) STATEMENT( \
	"SELECT DISTINCT s.contract_id FROM" \
	" (SELECT contract_id FROM refund." of "event UNION ALL SELECT contract_id FROM refund." of "transfer" \
	" UNION ALL SELECT contract_id FROM refund." of "milestone UNION ALL SELECT contract_id FROM refund." of "deposit" \
	" UNION ALL SELECT contract_id FROM refund." of "refund_payment UNION ALL SELECT contract_id FROM refund." of "arbitration_fee" \
	" UNION ALL SELECT contract_id FROM refund." of "statement UNION ALL SELECT contract_id FROM refund." of "evidence" \
	" UNION ALL SELECT contract_id FROM refund." of "evidence_body UNION ALL SELECT contract_id FROM refund." of "notification" \
	" UNION ALL SELECT contract_id FROM refund." of "reversal) s" \
	" WHERE NOT EXISTS (SELECT 1 FROM refund." of "contract c WHERE c.contract_id OPERATOR(pg_catalog.=) s.contract_id)", "")
	static struct
	{
		Statement	find;
		const char *detail;
	}			misplaced[] = {
		{STRAYS(""), "there are rows of a contract that is not there"},
		{STRAYS("archived_"), "there are archived rows of a contract that is not archived"},
		{STATEMENT("SELECT c.contract_id FROM refund.contract c JOIN refund.archived_contract a"
				   " ON a.contract_id OPERATOR(pg_catalog.=) c.contract_id", ""), IN_BOTH_PLACES}
	};
#undef STRAYS
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	int64		from = PG_INT64_MIN;
	int64		last = PG_INT64_MIN;
	uint64		count;
	bool		isnull;
	SqlRows		found;

	InitMaterializedSRF(fcinfo, 0);
	do
	{
		Datum		values[] = {Int64GetDatum(from), PG_ARGISNULL(0) ? (Datum) 0 : PG_GETARG_DATUM(0)};

		PolicySeal	seal = {0};

		sql_enter();
		seal.context = CurrentMemoryContext;
		found = sql_read(&page, values, PG_ARGISNULL(0) ? " n" : NULL, 0);
		count = found.count;
		for (uint64 i = 0; i < count; i++)
		{
			CHECK_FOR_INTERRUPTS();
			last = DatumGetInt64(heap_getattr(found.rows[i], 1, found.desc, &isnull));
			verify_contract(rsinfo, &seal, found.rows[i], found.desc);
		}
		sql_leave();
		from = last + (last < PG_INT64_MAX);
	} while (count > 0 && last < PG_INT64_MAX);

	if (PG_ARGISNULL(0))
	{
		Verification v = {.rsinfo = rsinfo};

		for (int n = 0; n < (int) lengthof(misplaced); n++)
		{
			sql_enter();
			found = sql_read(&misplaced[n].find, NULL, NULL, 0);
			for (uint64 i = 0; i < found.count; i++)
			{
				v.c.contract_id = DatumGetInt64(heap_getattr(found.rows[i], 1, found.desc, &isnull));
				report(&v, "history", misplaced[n].detail);
			}
			sql_leave();
		}
	}
	return (Datum) 0;
}
