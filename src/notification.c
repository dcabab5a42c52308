/*
 * notification.c
 *		Deliveries reported by mailers, and the hint that there is work.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "commands/async.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/guc.h"

#include "arguments.h"
#include "catalog.h"
#include "compat.h"
#include "errors.h"
#include "facts.h"
#include "notice.h"
#include "notification.h"
#include "result.h"
#include "spi.h"

PG_FUNCTION_INFO_V1(refund_audience);
PG_FUNCTION_INFO_V1(refund_confirm_notification);
PG_FUNCTION_INFO_V1(refund_fail_notification);

/* ---- the hint ---- */

static char *notify_channel = NULL;

static bool
check_channel(char **value, void **extra, GucSource source)
{
	(void) extra;
	(void) source;
	if (*value == NULL || strlen(*value) < NAMEDATALEN)
		return true;
	GUC_check_errdetail("A channel's name has less than %d bytes.", NAMEDATALEN);
	return false;
}

void
define_notify_channel(void)
{
	DefineCustomStringVariable("refund.notify_channel",
							   "Channel on which a new notification is announced.",
							   "Empty: none. The payload is the contract's number.",
							   &notify_channel, "", PGC_SUSET, 0, check_channel, NULL, NULL);
}

void
notify_mailers(const Contract *c)
{
	if (notify_channel != NULL && notify_channel[0] != '\0')
		Async_Notify(notify_channel, psprintf(INT64_FORMAT, c->contract_id));
}

/* ---- who is told ---- */

/* audience(kind, from_state, to_state, reference): an array of parties */
Datum
refund_audience(PG_FUNCTION_ARGS)
{
	EventKind	event;
	RequestState from = REQUEST_NONE;
	RequestState to = REQUEST_NONE;
	char	   *reference = NULL;
	uint16		audience;
	Datum		parties[PARTIES];
	int			count = 0;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	event = enum_value(ENUM_EVENT_KIND, PG_GETARG_DATUM(0));
	if (!PG_ARGISNULL(1))
		from = enum_value(ENUM_REQUEST_STATE, PG_GETARG_DATUM(1));
	if (!PG_ARGISNULL(2))
		to = enum_value(ENUM_REQUEST_STATE, PG_GETARG_DATUM(2));
	if (!PG_ARGISNULL(3))
		reference = text_to_cstring(PG_GETARG_TEXT_PP(3));
	audience = event_audience(event, from, to, reference);
	for (int party = PARTY_CLIENT; party < PARTIES; party++)
		if (IN_SET(audience, party))
			parties[count++] = enum_datum(ENUM_PARTY, party);
	PG_RETURN_ARRAYTYPE_P(construct_array(parties, count, refund_type_oid("party"),
										  sizeof(Oid), true, TYPALIGN_INT));
}

/* ---- what mailers report ---- */

static void
raise_unknown(int64 contract_id, int32 notification_no)
{
	Facts		f;

	facts_begin(&f);
	facts_integer(&f, "contract_id", contract_id);
	facts_integer(&f, "notification_no", notification_no);
	ereport(ERROR,
			(errcode(ERRCODE_REFUND_UNKNOWN),
			 errmsg("contract %lld has no notification %d", (long long) contract_id, notification_no),
			 errdetail_internal("%s", facts_end(&f)),
			 errhint("Function refund.claim_notifications() hands out notifications with their numbers.")));
}

/* Lock the row that was handed out; *reference is what confirmed it, or NULL. */
static NotificationState
lock_notification(int64 contract_id, int32 notification_no, char **reference)
{
	static Statement lock = STATEMENT(
									  "SELECT n.state, n.provider_ref FROM refund.notification n"
									  " WHERE n.contract_id OPERATOR(pg_catalog.=) $1"
									  " AND n.notification_no OPERATOR(pg_catalog.=) $2"
									  " AND n.party IS NOT NULL FOR NO KEY UPDATE", "li");
	Datum		values[] = {Int64GetDatum(contract_id), Int32GetDatum(notification_no)};
	SqlRows		found = sql_run(&lock, values, NULL, 0);
	Datum		datum;
	bool		isnull;

	if (found.count == 0)
		raise_unknown(contract_id, notification_no);
	datum = heap_getattr(found.rows[0], 2, found.desc, &isnull);
	*reference = isnull ? NULL : TextDatumGetCString(datum);
	return enum_value(ENUM_NOTIFICATION_STATE, heap_getattr(found.rows[0], 1, found.desc, &isnull));
}

static Datum
notification_row(FunctionCallInfo fcinfo, int64 contract_id, int32 notification_no)
{
	static Statement read = STATEMENT(
									  "SELECT s.* FROM refund.notification_status s"
									  " WHERE s.contract_id OPERATOR(pg_catalog.=) $1"
									  " AND s.notification_no OPERATOR(pg_catalog.=) $2", "li");
	Datum		values[] = {Int64GetDatum(contract_id), Int32GetDatum(notification_no)};

	return result_row(fcinfo, &read, values);
}

static void
tell_replay(int32 notification_no, const char *what)
{
	ereport(NOTICE,
			(errcode(ERRCODE_REFUND_REPLAYED),
			 errmsg("notification %d %s; nothing was changed", notification_no, what)));
}

static void
raise_delivered(int64 contract_id, int32 notification_no, const char *reference)
{
	Facts		f;

	facts_begin(&f);
	facts_integer(&f, "contract_id", contract_id);
	facts_integer(&f, "notification_no", notification_no);
	facts_text(&f, "provider_ref", reference);
	ereport(ERROR,
			(errcode(ERRCODE_REFUND_IDEMPOTENCY_CONFLICT),
			 errmsg("notification %d of contract %lld was delivered as \"%s\"",
					notification_no, (long long) contract_id, reference),
			 errdetail_internal("%s", facts_end(&f)),
			 errhint("One delivery is enough; this one was another.")));
}

/* confirm_notification(contract_id, notification_no, provider_ref) */
Datum
refund_confirm_notification(PG_FUNCTION_ARGS)
{
	static Statement confirm = STATEMENT(
										 "UPDATE refund.notification SET state = 'delivered', delivered_at = pg_catalog.clock_timestamp(),"
										 " provider_ref = $3, failure = NULL"
										 " WHERE contract_id OPERATOR(pg_catalog.=) $1"
										 " AND notification_no OPERATOR(pg_catalog.=) $2"
										 " AND party IS NOT NULL AND state OPERATOR(pg_catalog.<>) 'delivered'", "lit");
	static const char *const names[] = {"contract_id", "notification_no", "provider_ref"};
	Arguments	a;
	int64		contract_id;
	int32		notification_no;
	char	   *provider_ref;
	char	   *before;
	Datum		values[3];

	arguments_begin(&a, fcinfo, names);
	contract_id = argument_bigint(&a);
	notification_no = argument_number(&a);
	provider_ref = argument_text(&a, IDENTIFIER_LENGTH);
	PreventCommandIfReadOnly("confirm_notification");
	sql_enter();
	values[0] = Int64GetDatum(contract_id);
	values[1] = Int32GetDatum(notification_no);
	values[2] = CStringGetTextDatum(provider_ref);
	if (sql_run(&confirm, values, NULL, 0).count == 0)
	{
		/* delivered before, or no such notification */
		if (lock_notification(contract_id, notification_no, &before) != NOTIFICATION_DELIVERED)
			raise_unknown(contract_id, notification_no);
		if (strcmp(before, provider_ref) != 0)
			raise_delivered(contract_id, notification_no, before);
		tell_replay(notification_no, "was confirmed before");
	}
	sql_leave();
	return notification_row(fcinfo, contract_id, notification_no);
}

/* fail_notification(contract_id, notification_no, reason) */
Datum
refund_fail_notification(PG_FUNCTION_ARGS)
{
	/* a pause of 1 minute, 2, 4, … */
	static Statement fail = STATEMENT(
									  "UPDATE refund.notification SET failure = $3,"
									  " state = CASE WHEN attempts OPERATOR(pg_catalog.>=) $4 THEN 'dead'::refund.notification_state"
									  " ELSE state END,"
									  " claimable_at = pg_catalog.clock_timestamp() OPERATOR(pg_catalog.+) pg_catalog.make_interval(mins =>"
									  " pg_catalog.power(2, attempts OPERATOR(pg_catalog.-) 1)::pg_catalog.int4)"
									  " WHERE contract_id OPERATOR(pg_catalog.=) $1"
									  " AND notification_no OPERATOR(pg_catalog.=) $2", "liti");
	static const char *const names[] = {"contract_id", "notification_no", "reason"};
	Arguments	a;
	int64		contract_id;
	int32		notification_no;
	const char *reason;
	char	   *before;

	arguments_begin(&a, fcinfo, names);
	contract_id = argument_bigint(&a);
	notification_no = argument_number(&a);
	reason = argument_text(&a, STATEMENT_LENGTH);
	PreventCommandIfReadOnly("fail_notification");
	sql_enter();
	if (lock_notification(contract_id, notification_no, &before) == NOTIFICATION_PENDING)
	{
		Datum		values[] = {
			Int64GetDatum(contract_id), Int32GetDatum(notification_no), CStringGetTextDatum(reason),
			Int32GetDatum(NOTIFICATION_TRIES)
		};

		sql_run(&fail, values, NULL, 0);
	}
	else
		tell_replay(notification_no, "was delivered, or is dead");
	sql_leave();
	return notification_row(fcinfo, contract_id, notification_no);
}
