/*
 * engine.c
 *		The one way through: lock, replay, expire, decide, write.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "compat.h"
#include "engine.h"
#include "errors.h"
#include "policy.h"
#include "refusal.h"
#include "spi.h"

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

/* The reading of a contract's clock: the server's, or its test clock's. */
static int64
clock_reading(const char *test_clock)
{
	static Statement read = STATEMENT(
									  "SELECT c.now FROM refund.test_clock c"
									  " WHERE c.name OPERATOR(pg_catalog.=) $1", "t");
	Datum		values[1];
	SqlRows		found;
	bool		isnull;

	if (test_clock == NULL)
		return GetCurrentTimestamp();
	values[0] = CStringGetTextDatum(test_clock);
	found = sql_run(&read, values, NULL, 0);
	if (found.count == 0)
		ereport(ERROR,
				(errcode(ERRCODE_REFUND_UNKNOWN),
				 errmsg("there is no test clock \"%s\"", test_clock),
				 errhint("Make it with create_test_clock().")));
	return DatumGetTimestampTz(heap_getattr(found.rows[0], 1, found.desc, &isnull));
}

int64
engine_now(const Contract *c)
{
	return Max(clock_reading(c->test_clock), c->last_at);
}

/* The number of the event that used the key, 0 when none did; RF007 when it was another call. */
static int32
check_replay(const Command *cmd, SqlRows found, const char *key)
{
	bool		isnull;
	EventKind	kind;
	int64		digest;

	if (found.count == 0)
		return 0;
	kind = enum_value(ENUM_EVENT_KIND, heap_getattr(found.rows[0], 2, found.desc, &isnull));
	digest = DatumGetInt64(heap_getattr(found.rows[0], 3, found.desc, &isnull));
	if (kind != cmd->event || (!isnull && digest != cmd->arguments_digest))
		raise_key_conflict(cmd, key);
	return DatumGetInt32(heap_getattr(found.rows[0], 1, found.desc, &isnull));
}

static int32
find_key(const Command *cmd)
{
	static Statement find = STATEMENT(
									  "SELECT e.event_no, e.kind, e.arguments_digest FROM refund.event e"
									  " WHERE e.contract_id OPERATOR(pg_catalog.=) $1"
									  " AND e.actor IS NOT DISTINCT FROM $2"
									  " AND e.idempotency_key OPERATOR(pg_catalog.=) $3", "ltt");
	Datum		values[3];
	char		nulls[] = "   ";

	if (cmd->idempotency_key == NULL)
		return 0;
	values[0] = Int64GetDatum(cmd->contract_id);
	values[1] = cmd->actor == NULL ? (Datum) 0 : CStringGetTextDatum(cmd->actor);
	nulls[1] = cmd->actor == NULL ? 'n' : ' ';
	values[2] = CStringGetTextDatum(cmd->idempotency_key);
	return check_replay(cmd, sql_run(&find, values, nulls, 0), cmd->idempotency_key);
}

/* interface.md: an equal provider_ref counts as a key; what must agree is what the deposit says */
static int32
find_deposit_ref(const Command *cmd, int currency)
{
	static Statement find = STATEMENT(
									  "SELECT d.event_no FROM refund.deposit d"
									  " WHERE d.contract_id OPERATOR(pg_catalog.=) $1"
									  " AND d.provider_ref OPERATOR(pg_catalog.=) $2", "lt");
	static Statement same = STATEMENT(
									  "SELECT 1 FROM refund.deposit d"
									  " WHERE d.contract_id OPERATOR(pg_catalog.=) $1"
									  " AND d.provider_ref OPERATOR(pg_catalog.=) $2"
									  " AND d.milestone_no OPERATOR(pg_catalog.=) $3"
									  " AND refund.minor_units(d.amount) OPERATOR(pg_catalog.=) $4"
									  " AND d.source OPERATOR(pg_catalog.=) $5", "ltilt");
	Datum		values[5];
	SqlRows		found;
	bool		isnull;

	if (cmd->event != EVENT_FUND || cmd->provider_ref == NULL)
		return 0;
	values[0] = Int64GetDatum(cmd->contract_id);
	values[1] = CStringGetTextDatum(cmd->provider_ref);
	values[2] = Int32GetDatum(cmd->milestone_no);
	values[3] = Int64GetDatum(cmd->amount);
	values[4] = CStringGetTextDatum(cmd->source);
	found = sql_run(&find, values, NULL, 0);
	if (found.count == 0)
		return 0;
	if (cmd->currency != currency || sql_run(&same, values, NULL, 0).count == 0)
		raise_key_conflict(cmd, cmd->provider_ref);
	return DatumGetInt32(heap_getattr(found.rows[0], 1, found.desc, &isnull));
}

/* Was this call made before?  Then it is done: NOTICE RF000. */
static bool
is_replay(const Command *cmd, Execution *x)
{
	int32		by_key = find_key(cmd);
	int32		by_ref = find_deposit_ref(cmd, x->s.c.currency);

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
engine_execute(const Command *cmd, Execution *x)
{
	Contract   *c = &x->s.c;
	Party		party;
	Windows		windows;
	Step		step;
	RefusalFacts facts = {0};
	Refusal		refusal;
	Writer	   *w;

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
		decide_expiry(&windows, c, x->now, &step);
		store_step(w, &x->s, &step, NULL);
		write_next(w);
	}
	refusal = decide(&windows, c, cmd, party, x->now, &step, &facts);
	if (refusal != REFUSED_NOTHING)
		raise_refusal(refusal, c, cmd, &facts, x->now);
	store_step(w, &x->s, &step, cmd);
	write_end(w);
	x->event_no = step.event_no;
}

void
engine_create(const Command *cmd, Execution *x)
{
	Contract   *c = &x->s.c;

	x->now = clock_reading(c->test_clock);
	if (store_new_contract(c, cmd, x->now))
	{
		x->event_no = 1;
		return;
	}
	/* the number is taken: by this very call, or by another one */
	if (store_lock(cmd->contract_id, &x->s) && is_replay(cmd, x))
		return;
	ereport(ERROR,
			(errcode(ERRCODE_UNIQUE_VIOLATION),
			 errmsg("contract %lld exists already", (long long) cmd->contract_id),
			 errhint("Use another number, or repeat the call with its idempotency key.")));
}
