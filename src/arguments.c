/*
 * arguments.c
 *		Reading a verb's arguments.
 */
#include "postgres.h"

#include "libpq/pqformat.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/date.h"

#include "arguments.h"
#include "compat.h"
#include "digest.h"
#include "evidence_rules.h"
#include "required.h"
#include "value_types.h"

void
arguments_begin(Arguments *a, FunctionCallInfo fcinfo, const char *const *names)
{
	a->fcinfo = fcinfo;
	a->names = names;
	a->next = 0;
	initStringInfo(&a->digest);
	for (int i = 0; i < fcinfo->nargs; i++)
		if (names[i][0] != '?')
			require_argument(fcinfo, i, names[i]);
}

/* The name of the argument that was taken last, for messages. */
static const char *
name_of(Arguments *a)
{
	const char *name = a->names[a->next - 1];

	return name[0] == '?' ? name + 1 : name;
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

int64
argument_bigint(Arguments *a)
{
	Datum		value;

	take(a, &value);
	pq_sendint64(&a->digest, DatumGetInt64(value));
	return DatumGetInt64(value);
}

int32
argument_number(Arguments *a)
{
	Datum		value;

	take(a, &value);
	if (DatumGetInt32(value) <= 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("argument \"%s\" must be 1 or more", name_of(a)),
				 errhint("Numbers count from 1.")));
	pq_sendint32(&a->digest, DatumGetInt32(value));
	return DatumGetInt32(value);
}

Datum
argument_value(Arguments *a)
{
	Datum		value;

	take(a, &value);
	pq_sendint64(&a->digest, (int64) value);
	return value;
}

/* The label enters the digest: oids do not survive a dump. */
int
argument_enum(Arguments *a, EnumType type)
{
	Datum		value;
	int			result;

	take(a, &value);
	result = enum_value(type, value);
	appendStringInfoString(&a->digest, enum_label(type, result));
	return result;
}

/* A text that is too long would be stored as it is, and shown to everybody. */
static void
check_length(Arguments *a, const char *text, int longest)
{
	if (pg_mbstrlen(text) > longest)
		ereport(ERROR,
				(errcode(ERRCODE_STRING_DATA_RIGHT_TRUNCATION),
				 errmsg("argument \"%s\" is too long", name_of(a)),
				 errhint("It may have at most %d characters.", longest)));
}

static void
digest_text(Arguments *a, const char *text)
{
	pq_sendint32(&a->digest, strlen(text));
	appendStringInfoString(&a->digest, text);
}

char *
argument_text(Arguments *a, int longest)
{
	Datum		value;
	char	   *result;

	if (!take(a, &value))
		return NULL;
	result = TextDatumGetCString(value);
	if (text_is_blank(result))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("argument \"%s\" must not be blank", name_of(a)),
				 errhint("Give a text with at least one visible character.")));
	check_length(a, result, longest);
	digest_text(a, result);
	return result;
}

const char *
argument_statement(Arguments *a)
{
	Datum		value;
	char	   *result;

	if (!take(a, &value))
		return NULL;
	result = TextDatumGetCString(value);
	check_length(a, result, STATEMENT_LENGTH);
	digest_text(a, result);
	return text_is_blank(result) ? "" : result;
}

Jsonb *
argument_jsonb(Arguments *a)
{
	Datum		value;
	Jsonb	   *result;

	if (!take(a, &value))
		return NULL;
	result = DatumGetJsonbP(value);
	/* without a key nobody asks for the digest, and evidence can be long */
	if (!a->fcinfo->args[a->fcinfo->nargs - 1].isnull)
		digest_text(a, JsonbToCString(NULL, &result->root, VARSIZE(result)));
	return result;
}

void
argument_amount(Arguments *a, Command *cmd)
{
	Datum		value;
	Amount		amount;

	if (!take(a, &value))
		return;
	amount = DatumGetAmount(value);
	cmd->amount = amount_minor(amount);
	cmd->currency = amount_currency(amount);
	pq_sendint64(&a->digest, (int64) amount);
}

bool
argument_date(Arguments *a, int32 *date)
{
	Datum		value;

	if (!take(a, &value))
		return false;
	*date = DatumGetDateADT(value);
	if (DATE_NOT_FINITE(*date))
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
				 errmsg("argument \"%s\" must be a finite date", name_of(a)),
				 errhint("Leave it null when there is no date.")));
	pq_sendint32(&a->digest, *date);
	return true;
}

/* The first eight bytes of SHA-256: the same on every machine. */
static int64
digest_of(StringInfo buf)
{
	uint8		hash[DIGEST_BYTES];
	int64		result = 0;

	digest_bytes(buf->data, buf->len, hash);
	for (int i = 0; i < 8; i++)
		result = (int64) (((uint64) result << 8) | hash[i]);
	return result;
}

void
arguments_end(Arguments *a, Command *cmd)
{
	if (a->fcinfo->args[a->next].isnull)
		return;
	cmd->arguments_digest = digest_of(&a->digest);
	cmd->idempotency_key = argument_text(a, IDENTIFIER_LENGTH);
}
