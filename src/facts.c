/*
 * facts.c
 *		The machine-readable DETAIL of our errors.
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/datetime.h"
#include "utils/json.h"
#include "utils/timestamp.h"

#include "compat.h"
#include "currency.h"
#include "amount.h"
#include "facts.h"

void
facts_begin(Facts *f)
{
	initStringInfo(f);
	appendStringInfoChar(f, '{');
}

static void
comma(Facts *f)
{
	char		last = f->data[f->len - 1];

	if (last != '{' && last != '[')
		appendStringInfoString(f, ", ");
}

static void
name(Facts *f, const char *name)
{
	comma(f);
	escape_json(f, name);
	appendStringInfoString(f, ": ");
}

void
facts_text(Facts *f, const char *key, const char *value)
{
	name(f, key);
	if (value == NULL)
		appendStringInfoString(f, "null");
	else
		escape_json(f, value);
}

void
facts_integer(Facts *f, const char *key, int64 value)
{
	name(f, key);
	appendStringInfo(f, INT64_FORMAT, value);
}

char *
facts_amount_text(int currency, int64 minor)
{
	char	   *text = palloc(AMOUNT_TEXT_MAX + 1);
	size_t		length = amount_print(amount_pack(currency, minor), text);

	text[length] = '\0';
	return text;
}

void
facts_amount(Facts *f, const char *key, int currency, int64 minor)
{
	facts_text(f, key, facts_amount_text(currency, minor));
}

char *
facts_instant_text(int64 instant)
{
	struct pg_tm tm;
	fsec_t		fsec;
	char	   *text = palloc(MAXDATELEN + 1);

	if (timestamp2tm(instant, NULL, &tm, &fsec, NULL, NULL) != 0)
		return NULL;
	tm.tm_isdst = 0;
	EncodeDateTime(&tm, fsec, true, 0, NULL, USE_XSD_DATES, text);
	return text;
}

void
facts_instant(Facts *f, const char *key, int64 instant)
{
	facts_text(f, key, facts_instant_text(instant));
}

void
facts_begin_list(Facts *f, const char *key)
{
	name(f, key);
	appendStringInfoChar(f, '[');
}

void
facts_add(Facts *f, const char *value)
{
	comma(f);
	escape_json(f, value);
}

void
facts_end_list(Facts *f)
{
	appendStringInfoChar(f, ']');
}

const char *
facts_end(Facts *f)
{
	appendStringInfoChar(f, '}');
	return f->data;
}
