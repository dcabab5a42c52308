/*
 * engine.c
 *		The one way through: lock, replay, expire, decide, write.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "catalog.h"
#include "columns.h"
#include "compat.h"
#include "engine.h"
#include "errors.h"
#include "policy.h"
#include "refusal.h"
#include "spi.h"
#include "table_read.h"
#include "value_types.h"

static int64
window_ends_at(void *policy, int64 opened_at, Window window)
{
	const Policy *p = policy;

	switch (window)
	{
		case WINDOW_REFUND_RESPONSE:
			return policy_deadline(p, opened_at, p->refund_response);
		case WINDOW_REFUND_CREDIT:
			return policy_deadline(p, opened_at, p->refund_credit);
	}
	return NO_INSTANT;
}

Windows
engine_windows(const Contract *c)
{
	Windows		result = {
		.ends_at = window_ends_at,
		.policy = (void *) policy_get(c->policy, c->policy_version)
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

/* The reading of a contract's clock: the server's, or its test clock's. */
static int64
clock_reading(const char *test_clock, Statement *read)
{
	Datum		values[1];
	SqlRows		found;
	bool		isnull;
	int64		now;

	if (test_clock == NULL)
		return GetCurrentTimestamp();
	values[0] = CStringGetTextDatum(test_clock);
	sql_enter();
	found = sql_run(read, values, NULL, 0);
	if (found.count == 0)
		ereport(ERROR,
				(errcode(ERRCODE_REFUND_UNKNOWN),
				 errmsg("there is no test clock \"%s\"", test_clock),
				 errhint("Make it with create_test_clock().")));
	now = DatumGetTimestampTz(heap_getattr(found.rows[0], 1, found.desc, &isnull));
	sql_leave();
	return now;
}

int64
engine_now(const Contract *c)
{
	return Max(clock_reading(c->test_clock, &read_clock), c->last_at);
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
		if (enum_value(ENUM_EVENT_KIND, v[EVENT_KIND]) != (int) cmd->event ||
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

/* Was this call made before?  Then it is done: NOTICE RF000. */
static bool
is_replay(const Command *cmd, Execution *x)
{
	int32		by_key = find_key(cmd);
	int32		by_ref = find_deposit_ref(cmd, &x->s.c);

	x->event_no = by_key != 0 ? by_key : by_ref;
	x->replayed = x->event_no != 0;
	if (x->replayed)
		ereport(NOTICE,
				(errcode(ERRCODE_REFUND_REPLAYED),
				 errmsg("%s was done before with this key; nothing was changed",
						event_label[cmd->event])));
	return x->replayed;
}

static void
check_milestone(const Contract *c, const Command *cmd, int32 milestone_no)
{
	if (milestone_no != 0 && contract_milestone(c, milestone_no) == NULL)
		raise_unknown_milestone(cmd, milestone_no);
}

void
engine_expire(Writer *w, const Windows *windows, StoredContract *s, int64 now, Step *step)
{
	if (!decide_expiry(windows, &s->c, now, step))
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("contract %lld has a deadline, but its state has no clock",
						(long long) s->c.contract_id),
				 errhint("Function refund.verify() lists what does not add up.")));
	store_step(w, s, step, NULL);
}

void
engine_execute(const Command *cmd, Execution *x)
{
	Contract   *c = &x->s.c;
	Party		party;
	Windows		windows;
	Step		step;
	RefusalFacts facts = {0};
	Refusal		refusal;
	Writer	   *w;

	PreventCommandIfReadOnly(event_label[cmd->event]);
	if (!store_lock(cmd->contract_id, &x->s))
		raise_unknown_contract(cmd);
	party = contract_party(c, cmd->actor);
	if (party == PARTY_NONE)
		raise_unknown_contract(cmd);
	if (cmd->event != EVENT_ADD_MILESTONE)
		check_milestone(c, cmd, cmd->milestone_no);
	check_milestone(c, cmd, cmd->to_milestone_no);
	x->now = engine_now(c);
	if (is_replay(cmd, x))
		return;

	windows = engine_windows(c);
	w = write_begin(event_label[cmd->event]);
	store_prepare_step(c, &step);
	/* process.md section 5: what is due is applied first, whether or not the job ran */
	while (expiry_due(c, x->now))
	{
		engine_expire(w, &windows, &x->s, x->now, &step);
		write_next(w);
	}
	refusal = decide(&windows, c, cmd, party, x->now, &step, &facts);
	if (refusal != REFUSED_NOTHING)
		raise_refusal(refusal, c, cmd, &facts, x->now);
	store_step(w, &x->s, &step, cmd);
	write_end(w);
	x->event_no = step.event_no;
}

/* process.md section 7: a client is not the freelancer of the same contract */
static void
check_distinct(const char *client, const char *other, const char *role)
{
	if (other != NULL && strcmp(client, other) == 0)
		ereport(ERROR,
				(errcode(ERRCODE_REFUND_CONFLICT_OF_INTEREST),
				 errmsg("the client can not be the %s of the same contract", role),
				 errhint("The two sides of a contract are different people.")));
}

void
engine_create(const Command *cmd, Execution *x)
{
	Contract   *c = &x->s.c;

	PreventCommandIfReadOnly(event_label[cmd->event]);
	x->now = clock_reading(c->test_clock, &lock_clock);
	check_distinct(c->client, c->freelancer, "freelancer");
	check_distinct(c->client, c->agency, "agency");
	if (store_new_contract(c, cmd, x->now))
	{
		x->event_no = 1;
		return;
	}
	/* the number is taken: by this very call, or by another one */
	if (!store_lock(cmd->contract_id, &x->s))
		ereport(ERROR,
				(errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
				 errmsg("could not serialize access due to concurrent update")));
	if (is_replay(cmd, x))
		return;
	ereport(ERROR,
			(errcode(ERRCODE_UNIQUE_VIOLATION),
			 errmsg("contract %lld exists already", (long long) cmd->contract_id),
			 errhint("Use another number, or repeat the call with its idempotency key.")));
}
