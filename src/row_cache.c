/*
 * row_cache.c
 *		Per-session cache of configuration rows, correct under concurrency.
 *
 * Three things would let a stale entry live on, and are why this is not just
 * a hash table:
 *
 * - an old snapshot (REPEATABLE READ, or a statement that started before the
 *   change): rows are read under the latest snapshot;
 * - an invalidation that arrives between taking the snapshot and storing the
 *   row: the entry is then used once and not stored;
 * - rows of our own transaction that roll back: entries carry the
 *   subtransaction that read them until the transaction ends.
 */
#include "postgres.h"

#include "access/xact.h"
#include "commands/trigger.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

#include "compat.h"
#include "row_cache.h"
#include "spi.h"

PG_FUNCTION_INFO_V1(refund_forget_cached_rows);

/* Hashed as bytes: zero it before filling it. */
typedef struct RowKey
{
	char		name[CACHED_NAME_MAX + 1];
	int32		number;
} RowKey;

typedef struct RowEntry
{
	RowKey		key;			/* first, as dynahash wants it */
	void	   *value;
	MemoryContext context;		/* holds the value */
	SubTransactionId read_in;	/* invalid once that transaction committed */
	bool		to_commit_only; /* not from the latest snapshot: never kept */
} RowEntry;

static RowCache *caches = NULL;

/* Forgotten values, kept to the end of the transaction for who still holds them. */
static MemoryContext retired = NULL;

static void
remove_entry(RowCache *cache, RowEntry *entry)
{
	(void) hash_search(cache->entries, &entry->key, HASH_REMOVE, NULL);
}

/* May run at any lock acquisition, in an aborted transaction too: no catalog, no palloc. */
static void
on_relcache_change(Datum arg, Oid relid)
{
	(void) arg;

	for (RowCache *cache = caches; cache != NULL; cache = cache->next)
	{
		bool		concerned = !OidIsValid(relid);
		HASH_SEQ_STATUS scan;
		RowEntry   *entry;

		for (int i = 0; i < CACHED_TABLES_MAX && !concerned; i++)
			concerned = cache->relids[i] == relid;
		if (!concerned)
			continue;

		cache->invalidations++;
		hash_seq_init(&scan, cache->entries);
		while ((entry = hash_seq_search(&scan)) != NULL)
		{
			MemoryContextSetParent(entry->context, retired);
			remove_entry(cache, entry);
		}
	}
}

/*
 * Settle the entries that this transaction, or the aborting subtransaction and
 * its children, read: subtransaction numbers only grow, so those of the
 * children are above their parent's.
 */
static void
settle(RowCache *cache, SubTransactionId from, bool committed)
{
	HASH_SEQ_STATUS scan;
	RowEntry   *entry;

	hash_seq_init(&scan, cache->entries);
	while ((entry = hash_seq_search(&scan)) != NULL)
	{
		if (entry->read_in < from)
			continue;
		if (committed && !entry->to_commit_only)
			entry->read_in = InvalidSubTransactionId;
		else
		{
			MemoryContextDelete(entry->context);
			remove_entry(cache, entry);
		}
	}
}

static void
on_transaction_end(XactEvent event, void *arg)
{
	bool		committed = event == XACT_EVENT_COMMIT ||
		event == XACT_EVENT_PARALLEL_COMMIT;

	(void) arg;

	/* Prepared rows are nobody's yet: PREPARE is like an abort for a cache. */
	if (!committed && event != XACT_EVENT_ABORT &&
		event != XACT_EVENT_PARALLEL_ABORT && event != XACT_EVENT_PREPARE)
		return;

	for (RowCache *cache = caches; cache != NULL; cache = cache->next)
	{
		if (cache->unsettled)
			settle(cache, TopSubTransactionId, committed);
		cache->unsettled = false;
	}
	MemoryContextReset(retired);
}

static void
on_subtransaction_end(SubXactEvent event, SubTransactionId subid,
					  SubTransactionId parent_subid, void *arg)
{
	(void) parent_subid;
	(void) arg;

	if (event != SUBXACT_EVENT_ABORT_SUB)
		return;
	for (RowCache *cache = caches; cache != NULL; cache = cache->next)
	{
		if (cache->unsettled)
			settle(cache, subid, false);
	}
}

static void
set_up(RowCache *cache)
{
	HASHCTL		ctl = {0};

	if (retired == NULL)
	{
		retired = AllocSetContextCreate(TopMemoryContext, "refund retired rows",
										ALLOCSET_SMALL_SIZES);
		CacheRegisterRelcacheCallback(on_relcache_change, (Datum) 0);
		RegisterXactCallback(on_transaction_end, NULL);
		RegisterSubXactCallback(on_subtransaction_end, NULL);
	}
	ctl.keysize = sizeof(RowKey);
	ctl.entrysize = sizeof(RowEntry);
	ctl.hcxt = TopMemoryContext;
	cache->entries = hash_create("refund rows", 16, &ctl,
								 HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	cache->next = caches;
	caches = cache;
}

static void
keep(RowCache *cache, const RowKey *key, void *value, MemoryContext context,
	 bool latest)
{
	bool		found;
	RowEntry   *entry = hash_search(cache->entries, key, HASH_ENTER, &found);

	/* The loader may have been here already, through a trigger of its own. */
	if (found)
		MemoryContextSetParent(entry->context, retired);
	MemoryContextSetParent(context, TopMemoryContext);
	entry->value = value;
	entry->context = context;
	entry->read_in = GetCurrentSubTransactionId();
	entry->to_commit_only = !latest;
	cache->unsettled = true;
}

static void *
load(RowCache *cache, const RowKey *key)
{
	Oid			schema = refund_schema_oid();
	bool		latest = !IsInParallelMode();
	MemoryContext context;
	uint64		invalidations;
	void	   *value;

	if (cache->entries == NULL)
		set_up(cache);
	for (int i = 0; i < CACHED_TABLES_MAX && cache->tables[i] != NULL; i++)
		cache->relids[i] = get_relname_relid(cache->tables[i], schema);

	sql_enter();
	/* It is the SPI context's child until it is complete: an error frees it. */
	context = AllocSetContextCreate(CurrentMemoryContext, "refund row",
									ALLOCSET_SMALL_SIZES);
	invalidations = cache->invalidations;
	if (latest)
		PushActiveSnapshot(GetLatestSnapshot());
	value = cache->load(context, key->name, key->number);
	if (latest)
		PopActiveSnapshot();

	if (value != NULL && invalidations == cache->invalidations)
		keep(cache, key, value, context, latest);
	else if (value != NULL)
		MemoryContextSetParent(context, retired);
	sql_leave();
	return value;
}

const void *
row_cache_get(RowCache *cache, const char *name, int number)
{
	RowKey		key;
	RowEntry   *entry = NULL;

	memset(&key, 0, sizeof(key));
	if (strlcpy(key.name, name, sizeof(key.name)) >= sizeof(key.name))
		return NULL;			/* no row has so long a name */
	key.number = number;
	if (cache->entries != NULL)
		entry = hash_search(cache->entries, &key, HASH_FIND, NULL);
	return entry != NULL ? entry->value : load(cache, &key);
}

void
check_cached_name(const char *argument, const char *name)
{
	if (name[strspn(name, " \t\r\n\f\v")] == '\0')
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("argument \"%s\" must not be blank", argument)));
	if (strlen(name) > CACHED_NAME_MAX)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("argument \"%s\" must not be longer than %d bytes",
						argument, CACHED_NAME_MAX)));
}

/*
 * Statement trigger: every session forgets what it remembers of this table, at
 * the next command here and at commit elsewhere.  Writes nothing, so a restore
 * may fire it (architecture.md rule 15).
 */
Datum
refund_forget_cached_rows(PG_FUNCTION_ARGS)
{
	if (!CALLED_AS_TRIGGER(fcinfo))
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("forget_cached_rows() must be called as a trigger")));
	CacheInvalidateRelcache(((TriggerData *) fcinfo->context)->tg_relation);
	return PointerGetDatum(NULL);
}
