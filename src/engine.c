/*
 * engine.c
 *		The one way through: lock, replay, expire, decide, write.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"

#include "archive.h"
#include "catalog.h"
#include "columns.h"
#include "compat.h"
#include "engine.h"
#include "errors.h"
#include "evidence.h"
#include "payment.h"
#include "policy.h"
#include "refusal.h"
#include "reversal.h"
#include "spi.h"
#include "table_read.h"
#include "value_types.h"

static TimeLimit
window_length(const Policy *p, Window window)
{
	switch (window)
	{
		case WINDOW_REFUND_RESPONSE:
			return p->refund_response;
		case WINDOW_DISPUTE_RESPONSE:
			return p->dispute_response;
		case WINDOW_RESOLUTION_TARGET:
			return p->resolution_target;
		case WINDOW_RESOLUTION_LIMIT:
			return p->resolution_limit;
		case WINDOW_RESOLUTION_RESPONSE:
			return p->resolution_response;
		case WINDOW_ARBITRATION:
			return p->arbitration_window;
		case WINDOW_AWARD_TARGET:
			return p->award_target;
		case WINDOW_AWARD_LIMIT:
			return p->award_limit;
		case WINDOW_REFUND_CREDIT:
			return p->refund_credit;
		case WINDOW_REVIEW:
			return p->review_window;
		case WINDOW_POST_RELEASE:
			return p->post_release_refund;
	}
	elog(ERROR, "unexpected window %d", (int) window);
}

static int64
window_ends_at(const void *policy, int64 opened_at, Window window)
{
	return policy_deadline(policy, opened_at, window_length(policy, window));
}

static int64
window_reminds_at(const void *policy, int64 due_at)
{
	return policy_reminder(policy, due_at);
}

static int64
window_resumes_at(const void *policy, int64 due_at, int64 held_at, int64 lifted_at, Window window)
{
	return policy_resume(policy, due_at, held_at, lifted_at, window_length(policy, window));
}

static int64
window_extends_at(const void *policy, int64 due_at, TimeLimit extension)
{
	return policy_deadline(policy, due_at, extension);
}

/* process.md section 6: no fee in a currency means that joining is free. */
static int64
fee_share(const Policy *policy, int currency)
{
	for (int i = 0; i < policy->nfees; i++)
		if (amount_currency(policy->arbitration_fee[i]) == currency)
			return amount_minor(policy->arbitration_fee[i]);
	return 0;
}

Terms
engine_terms(const Contract *c)
{
	const Policy *policy = policy_get(c->policy, c->policy_version);
	Terms		result = {
		.ends_at = window_ends_at,
		.reminds_at = window_reminds_at,
		.resumes_at = window_resumes_at,
		.extends_at = window_extends_at,
		.policy = policy,
		.max_extensions = policy->max_extensions,
		.max_extension = policy->max_extension,
		.fee = fee_share(policy, c->currency),
		.evidence_max_items = policy->evidence_max_items,
		.evidence_max_bytes = policy->evidence_max_bytes
	};

	return result;
}

static Statement read_clock = STATEMENT(
										"SELECT c.now FROM refund.test_clock c"
										" WHERE c.name OPERATOR(pg_catalog.=) $1", "t");

/* For a new contract: its clock must not go before it is there. */
static Statement lock_clock = STATEMENT(
										"SELECT c.now FROM refund.test_clock c"
										" WHERE c.name OPERATOR(pg_catalog.=) $1 FOR KEY SHARE", "t");

static int64
test_clock_reading(const char *test_clock, Statement *read)
{
	Datum		values[] = {CStringGetTextDatum(test_clock)};
	SqlRows		found;
	bool		isnull;
	int64		now;

	sql_enter();
	if (read == &read_clock)
	{
		/* what time it is now, not when the transaction took its snapshot */
		PushActiveSnapshot(GetLatestSnapshot());
		found = sql_read(read, values, NULL, 1);
		PopActiveSnapshot();
	}
	else
		found = sql_run(read, values, NULL, 1);
	if (found.count == 0)
		ereport(ERROR,
				(errcode(ERRCODE_REFUND_UNKNOWN),
				 errmsg("there is no test clock \"%s\"", test_clock),
				 errhint("Make it with create_test_clock().")));
	now = DatumGetTimestampTz(heap_getattr(found.rows[0], 1, found.desc, &isnull));
	sql_leave();
	return now;
}

/* The reading of a contract's clock: the server's, or its test clock's. */
static int64
clock_reading(const char *test_clock, Statement *read)
{
	return test_clock == NULL ? GetCurrentTimestamp() : test_clock_reading(test_clock, read);
}

int64
engine_now(const Contract *c)
{
	return Max(clock_reading(c->test_clock, &read_clock), c->last_at);
}

/* Could this verb have recorded such an event?  A report may turn out to be of a second payment. */
static bool
is_event_of(const Command *cmd, EventKind kind)
{
	return kind == cmd->event ||
		(cmd->event == EVENT_PAYMENT_SUCCEEDED && kind == EVENT_PAYMENT_DOUBLE_PAID);
}

/* The number of the event that used the key, 0 when none did; RF007 when it was another call. */
static int32
find_key(const Command *cmd)
{
	const char *texts[] = {cmd->actor, cmd->idempotency_key};
	int32		event_no = 0;
	TableScan  *scan;

	if (cmd->idempotency_key == NULL)
		return 0;
	scan = scan_begin_texts(TABLE_EVENT, "event_idempotency", cmd->contract_id, 2, texts);
	if (scan_next(scan))
	{
		Datum	   *v = scan_values(scan);

		event_no = DatumGetInt32(v[EVENT_EVENT_NO]);
		if (!is_event_of(cmd, enum_value(ENUM_EVENT_KIND, v[EVENT_KIND])) ||
			DatumGetInt64(v[EVENT_ARGUMENTS_DIGEST]) != cmd->arguments_digest)
			raise_key_conflict(cmd, cmd->idempotency_key);
	}
	scan_end(scan);
	return event_no;
}

/* interface.md: an equal provider_ref counts as a key; what must agree is what the deposit says */
static int32
find_deposit_ref(const Command *cmd, const Contract *c)
{
	const char *texts[] = {cmd->provider_ref};
	int32		event_no = 0;
	TableScan  *scan;

	/* the scope of a key includes its actor, and only the client funds */
	if (cmd->event != EVENT_FUND || cmd->provider_ref == NULL || strcmp(cmd->actor, c->client) != 0)
		return 0;
	scan = scan_begin_texts(TABLE_DEPOSIT, "deposit_provider_ref", cmd->contract_id, 1, texts);
	if (scan_next(scan))
	{
		Datum	   *v = scan_values(scan);

		event_no = DatumGetInt32(v[DEPOSIT_EVENT_NO]);
		if (DatumGetInt32(v[DEPOSIT_MILESTONE_NO]) != cmd->milestone_no ||
			DatumGetAmount(v[DEPOSIT_AMOUNT]) != amount_pack(cmd->currency, cmd->amount) ||
			strcmp(TextDatumGetCString(v[DEPOSIT_SOURCE]), cmd->source) != 0)
			raise_key_conflict(cmd, cmd->provider_ref);
	}
	scan_end(scan);
	return event_no;
}

/* The scope of a key includes its actor. */
static bool
is_actor_of(const Command *cmd, int32 event_no)
{
	TableScan  *scan = scan_begin(TABLE_EVENT, cmd->contract_id, event_no);
	bool		result = scan_next(scan) &&
		strcmp(TextDatumGetCString(scan_values(scan)[EVENT_ACTOR]), cmd->actor) == 0;

	scan_end(scan);
	return result;
}

/* The same for the fee that a side brought. */
static int32
find_fee_ref(const Command *cmd, Party party)
{
	const char *texts[] = {cmd->provider_ref};
	int32		event_no = 0;
	TableScan  *scan;

	if (cmd->event != EVENT_JOIN_ARBITRATION || cmd->provider_ref == NULL)
		return 0;
	scan = scan_begin_texts(TABLE_ARBITRATION_FEE, "arbitration_fee_provider_ref", cmd->contract_id,
							1, texts);
	if (scan_next(scan))
	{
		Datum	   *v = scan_values(scan);

		event_no = DatumGetInt32(v[FEE_EVENT_NO]);
		if (enum_value(ENUM_PARTY, v[FEE_PARTY]) != (int) party ||
			!is_actor_of(cmd, event_no) || cmd->source == NULL || strcmp(TextDatumGetCString(v[FEE_SOURCE]), cmd->source) != 0)
			raise_key_conflict(cmd, cmd->provider_ref);
	}
	scan_end(scan);
	return event_no;
}

/* Workers are many, and what was reported was reported; but a party reports nothing. */
static bool
was_reported(const Command *cmd, const Contract *c, Party party)
{
	ReversalState reversal;

	if (party != PARTY_OPERATOR)
		return false;
	if (event_reverses(cmd->event, &reversal))
		return reversal_told_before(c->reversal, reversal);
	return event_reports(cmd->event) != PAYMENT_PENDING &&
		payment_judge(c->payment, cmd->reported, cmd->provider_ref) == REPORT_TOLD_BEFORE;
}

/* Was this call made before?  Then it is done: NOTICE RF000. */
static bool
is_replay(const Command *cmd, Party party, Execution *x)
{
	int32		by_key = find_key(cmd);
	int32		by_ref = find_deposit_ref(cmd, &x->s.c);

	if (by_ref == 0)
		by_ref = find_fee_ref(cmd, party);
	x->event_no = by_key != 0 ? by_key : by_ref;
	x->replayed = x->event_no != 0 || was_reported(cmd, &x->s.c, party);
	if (x->replayed)
		ereport(NOTICE,
				(errcode(ERRCODE_REFUND_REPLAYED),
				 errmsg("%s was done before; nothing was changed",
						event_label[cmd->event])));
	return x->replayed;
}

/* RF014 for a payment or a piece of evidence that is not there; a payment is locked and read. */
static void
find_item(const Command *cmd, StoredContract *s)
{
	bool		is_payment = event_reports(cmd->event) != PAYMENT_PENDING ||
		cmd->event == EVENT_PAYMENT_RETRIED;
	ReversalState reversal;

	if (is_payment && !store_lock_payment(s, cmd))
		raise_unknown_item(cmd, "refund payment", "refund_payment_status");
	if (event_reverses(cmd->event, &reversal) && !store_find_reversal(s, cmd))
		raise_unknown_item(cmd, "deposit", "deposit_status");
	if (cmd->event == EVENT_LIFT_HOLD && cmd->item_no > s->c.hold_count)
		raise_unknown_item(cmd, "hold", "hold_status");
	if (cmd->event != EVENT_ERASE_EVIDENCE)
		return;
	if (cmd->item_no > s->c.evidence_count)
		raise_unknown_item(cmd, "piece of evidence", "evidence_index");
	s->c.item_gone = !evidence_has_body(cmd->contract_id, cmd->item_no);
}

static void
check_milestone(const Contract *c, const Command *cmd, int32 milestone_no)
{
	if (milestone_no != 0 && contract_milestone(c, milestone_no) == NULL)
		raise_unknown_milestone(cmd, milestone_no);
}

void
engine_catch_up(Contract *c, int64 now)
{
	Terms		terms = engine_terms(c);
	Step		step;

	store_prepare_step(c, &step);
	while (expiry_due(c, now) && decide_by_clock(&terms, c, now, &step))
		;
}

int64
engine_giveable(Contract *c, int64 now)
{
	Terms		terms = engine_terms(c);
	int64		result = 0;
	int64		fresh;

	for (int i = 0; i < c->nmilestones; i++)
	{
		if (c->milestone[i].released == 0)
			continue;
		store_read_releases(c, c->milestone[i].milestone_no);
		/* what silence has released, and nobody has recorded, is released now */
		fresh = c->milestone[i].released;
		for (int j = 0; j < c->nreleases; j++)
			fresh -= c->releases[j].amount;
		result = Max(result, fresh + releases_in_time(&terms, c, now));
	}
	return result;
}

void
engine_tick(Writer *w, const Terms *terms, StoredContract *s, int64 now, Step *step)
{
	if (!decide_by_clock(terms, &s->c, now, step))
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("contract %lld has a deadline, but nothing that the clock could do",
						(long long) s->c.contract_id),
				 errhint("Function refund.verify() lists what does not add up.")));
	store_step(w, s, step, NULL);
}

void
engine_execute(const Command *cmd, Execution *x)
{
	Contract   *c = &x->s.c;
	Party		party;
	Terms		terms;
	Step		step;
	RefusalFacts facts = {0};
	Refusal		refusal;
	Writer	   *w;

	PreventCommandIfReadOnly(event_label[cmd->event]);
	if (!store_lock(cmd->contract_id, &x->s))
		raise_absent_contract(cmd);
	party = command_party(c, cmd->event, cmd->actor);
	if (party == PARTY_NONE)
		raise_unknown_contract(cmd);
	if (cmd->event != EVENT_ADD_MILESTONE)
		check_milestone(c, cmd, cmd->milestone_no);
	check_milestone(c, cmd, cmd->to_milestone_no);
	find_item(cmd, &x->s);
	x->now = engine_now(c);
	if (is_replay(cmd, party, x))
		return;

	terms = engine_terms(c);
	w = write_begin(event_label[cmd->event]);
	store_prepare_step(c, &step);
	/* process.md section 5: what is due is applied first, whether or not the job ran */
	while (expiry_due(c, x->now))
	{
		engine_tick(w, &terms, &x->s, x->now, &step);
		write_next(w);
	}
	if (cmd->event == EVENT_GIVE_REFUND)
	{
		/* with what silence has just released, and room for a leg a release */
		store_read_releases(c, cmd->milestone_no);
		store_prepare_step(c, &step);
	}
	refusal = decide(&terms, c, cmd, party, x->now, &step, &facts);
	if (refusal != REFUSED_NOTHING)
		raise_refusal(refusal, c, cmd, &facts, x->now);
	store_step(w, &x->s, &step, cmd);
	if (cmd->event == EVENT_ERASE_EVIDENCE)
	{
		write_next(w);
		evidence_erase(w, cmd->contract_id, cmd->item_no);
	}
	write_end(w);
	x->event_no = step.event_no;
}

/* process.md section 7: a client is not the freelancer of the same contract */
static void
check_distinct(const Command *cmd, Execution *x, const char *other, const char *role)
{
	if (other == NULL || strcmp(x->s.c.client, other) != 0)
		return;
	/* a key that was used for another call comes first */
	if (store_lock(cmd->contract_id, &x->s))
		(void) is_replay(cmd, PARTY_NONE, x);
	ereport(ERROR,
			(errcode(ERRCODE_REFUND_CONFLICT_OF_INTEREST),
			 errmsg("the client can not be the %s of the same contract", role),
			 errhint("The two sides of a contract are different people.")));
}

static void
raise_number_taken(const Command *cmd)
{
	ereport(ERROR,
			(errcode(ERRCODE_UNIQUE_VIOLATION),
			 errmsg("contract %lld exists already", (long long) cmd->contract_id),
			 errhint("Use another number, or repeat the call with its idempotency key.")));
}

void
engine_create(const Command *cmd, Execution *x)
{
	Contract   *c = &x->s.c;

	PreventCommandIfReadOnly(event_label[cmd->event]);
	x->now = clock_reading(c->test_clock, &lock_clock);
	check_distinct(cmd, x, c->freelancer, "freelancer");
	check_distinct(cmd, x, c->agency, "agency");
	if (store_new_contract(c, cmd, x->now))
	{
		/* looked up after the number was taken: until then it may have been on its way there */
		if (is_archived(cmd->contract_id))
			raise_number_taken(cmd);
		x->event_no = 1;
		return;
	}
	/* the number is taken: by this very call, or by another one */
	if (!store_lock(cmd->contract_id, &x->s))
		ereport(ERROR,
				(errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
				 errmsg("could not serialize access due to concurrent update")));
	if (!is_replay(cmd, PARTY_NONE, x))
		raise_number_taken(cmd);
}
