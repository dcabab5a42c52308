/*
 * arguments.c
 *		Reading a verb's arguments.
 */
#include "postgres.h"

#include "common/cryptohash.h"
#include "common/sha2.h"
#include "libpq/pqformat.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/date.h"

#include "arguments.h"
#include "compat.h"
#include "value_types.h"

void
arguments_begin(Arguments *a, FunctionCallInfo fcinfo)
{
	a->fcinfo = fcinfo;
	a->next = 0;
	initStringInfo(&a->digest);
}

/* Take the next argument; false when it is null. */
static bool
take(Arguments *a, Datum *value)
{
	int			i = a->next++;
	bool		present = !a->fcinfo->args[i].isnull;

	*value = a->fcinfo->args[i].value;
	pq_sendbyte(&a->digest, present);
	return present;
}

static Datum
take_required(Arguments *a, const char *name)
{
	Datum		value;

	if (!take(a, &value))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("argument \"%s\" must not be null", name),
				 errhint("Null never stands for \"all\" or \"any\".")));
	return value;
}

int64
argument_bigint(Arguments *a, const char *name)
{
	int64		value = DatumGetInt64(take_required(a, name));

	pq_sendint64(&a->digest, value);
	return value;
}

int32
argument_number(Arguments *a, const char *name)
{
	int32		value = DatumGetInt32(take_required(a, name));

	if (value <= 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("argument \"%s\" must be 1 or more", name),
				 errhint("Numbers count from 1.")));
	pq_sendint32(&a->digest, value);
	return value;
}

Datum
argument_datum(Arguments *a, const char *name)
{
	Datum		value = take_required(a, name);

	pq_sendint64(&a->digest, (int64) value);
	return value;
}

static bool
is_blank(const char *text)
{
	return text[strspn(text, " \t\r\n\f\v")] == '\0';
}

static char *
check_text(Arguments *a, const char *name, Datum value, int longest)
{
	char	   *result = TextDatumGetCString(value);

	if (is_blank(result))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("argument \"%s\" must not be blank", name),
				 errhint("Give a text with at least one visible character.")));
	if (pg_mbstrlen(result) > longest)
		ereport(ERROR,
				(errcode(ERRCODE_STRING_DATA_RIGHT_TRUNCATION),
				 errmsg("argument \"%s\" is too long", name),
				 errhint("It may have at most %d characters.", longest)));
	pq_sendint32(&a->digest, strlen(result));
	appendStringInfoString(&a->digest, result);
	return result;
}

char *
argument_text(Arguments *a, const char *name, int longest)
{
	return check_text(a, name, take_required(a, name), longest);
}

char *
argument_optional_text(Arguments *a, const char *name, int longest)
{
	Datum		value;

	return take(a, &value) ? check_text(a, name, value, longest) : NULL;
}

void
argument_amount(Arguments *a, const char *name, bool optional, Command *cmd)
{
	Datum		value;
	Amount		amount;

	if (optional)
	{
		if (!take(a, &value))
			return;
	}
	else
		value = take_required(a, name);
	amount = DatumGetAmount(value);
	cmd->amount = amount_minor(amount);
	cmd->currency = amount_currency(amount);
	pq_sendint64(&a->digest, (int64) amount);
}

bool
argument_date(Arguments *a, const char *name, int32 *date)
{
	Datum		value;

	if (!take(a, &value))
		return false;
	*date = DatumGetDateADT(value);
	if (DATE_NOT_FINITE(*date))
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
				 errmsg("argument \"%s\" must be a finite date", name),
				 errhint("Leave it null when there is no date.")));
	pq_sendint32(&a->digest, *date);
	return true;
}

/* The first eight bytes of SHA-256: the same on every machine. */
static int64
digest_of(StringInfo buf)
{
	uint8		hash[PG_SHA256_DIGEST_LENGTH];
	int64		result = 0;
	pg_cryptohash_ctx *sha = pg_cryptohash_create(PG_SHA256);

	if (pg_cryptohash_init(sha) < 0 ||
		pg_cryptohash_update(sha, (const uint8 *) buf->data, buf->len) < 0 ||
		pg_cryptohash_final(sha, hash, sizeof(hash)) < 0)
		elog(ERROR, "could not compute SHA-256: %s", pg_cryptohash_error(sha));
	pg_cryptohash_free(sha);
	for (int i = 0; i < 8; i++)
		result = (int64) (((uint64) result << 8) | hash[i]);
	return result;
}

void
arguments_end(Arguments *a, Command *cmd)
{
	int			i = a->next;

	if (a->fcinfo->args[i].isnull)
		return;
	cmd->arguments_digest = digest_of(&a->digest);
	cmd->idempotency_key = argument_text(a, "idempotency_key", IDENTIFIER_LENGTH);
}
