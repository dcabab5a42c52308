/*
 * evidence.c
 *		Statements and evidence between JSON, memory and the tables.
 */
#include "postgres.h"

#include "common/base64.h"
#include "utils/builtins.h"

#include "catalog.h"
#include "columns.h"
#include "compat.h"
#include "evidence.h"
#include "json_value.h"
#include "table_read.h"

/* ---- JSON ---- */

/* One item under construction, with what was declared of it. */
typedef struct Reading
{
	EvidenceItem item;
	const char *problem;
	bool		declares_size;
	bool		declares_digest;
	int64		declared_size;
	uint8		declared_digest[EVIDENCE_HASH_BYTES];
} Reading;

static void
note(Reading *r, const char *problem)
{
	if (r->problem == NULL)
		r->problem = problem;
}

static const char *
read_string(Reading *r, const JsonbValue *value, const char *problem)
{
	const char *text = json_string(value);

	if (text == NULL)
		note(r, problem);
	return text;
}

/* Base64, in one line or in several as MIME and encode() write it. */
static void
read_content(Reading *r, const JsonbValue *value)
{
	char	   *text;
	int			length = 0;
	int			room;
	uint8	   *content;

	if (value->type != jbvString)
	{
		note(r, "content is not a string in base64");
		return;
	}
	text = palloc(value->val.string.len + 1);
	for (int i = 0; i < value->val.string.len; i++)
		if (value->val.string.val[i] != '\n' && value->val.string.val[i] != '\r')
			text[length++] = value->val.string.val[i];
	room = pg_b64_dec_len(length);
	content = palloc(room + 1);
	r->item.content_bytes = pg_b64_decode(text, length, (void *) content, room);
	pfree(text);
	if (r->item.content_bytes < 0)
		note(r, "content is not in base64");
	r->item.content = content;
}

static void
read_field(Reading *r, const char *key, const JsonbValue *value)
{
	const char *text;

	if (value->type == jbvNull)
		return;
	if (strcmp(key, "title") == 0)
		r->item.title = read_string(r, value, "title is not a string");
	else if (strcmp(key, "media_type") == 0)
		r->item.media_type = read_string(r, value, "media_type is not a string");
	else if (strcmp(key, "statement") == 0)
		r->item.statement = read_string(r, value, "statement is not a string");
	else if (strcmp(key, "uri") == 0)
		r->item.uri = read_string(r, value, "uri is not a string");
	else if (strcmp(key, "content") == 0)
		read_content(r, value);
	else if (strcmp(key, "byte_size") == 0)
	{
		r->declares_size = json_integer(value, 0, PG_INT64_MAX, &r->declared_size);
		if (!r->declares_size)
			note(r, "byte_size is not a whole number");
	}
	else if (strcmp(key, "sha256") == 0)
	{
		text = read_string(r, value, "sha256 is not a string");
		r->declares_digest = text != NULL && evidence_parse_digest(text, r->declared_digest);
		if (!r->declares_digest)
			note(r, "sha256 is not made of 64 hexadecimal digits");
	}
	else
		note(r, "it has a field other than title, media_type, statement, uri, content, sha256 and byte_size");
}

/* What is here is measured, and must be what was declared; what is elsewhere is taken as declared. */
static void
measure(Reading *r)
{
	EvidenceItem *item = &r->item;
	const void *data = item->content;
	int64		length = item->content_bytes;

	if (data == NULL && item->uri == NULL)
	{
		data = item->statement;
		length = strlen(item->statement);
	}
	item->byte_size = r->declares_size ? r->declared_size : -1;
	item->has_digest = r->declares_digest;
	memcpy(item->sha256, r->declared_digest, EVIDENCE_HASH_BYTES);
	if (data == NULL)
		return;
	digest_bytes(data, length, item->sha256);
	item->byte_size = length;
	item->has_digest = true;
	if (r->declares_size && r->declared_size != length)
		note(r, "byte_size is not the size of the content");
	if (r->declares_digest && memcmp(r->declared_digest, item->sha256, EVIDENCE_HASH_BYTES) != 0)
		note(r, "sha256 is not the digest of the content");
}

static const char *
read_item(JsonbValue *value, EvidenceItem *item)
{
	Reading		r = {0};
	JsonbIterator *it;
	JsonbValue	key;
	JsonbValue	field;

	if (value->type != jbvBinary || !JsonContainerIsObject(value->val.binary.data))
		return "it is not an object";
	it = JsonbIteratorInit(value->val.binary.data);
	(void) JsonbIteratorNext(&it, &key, true);	/* the opening brace */
	while (r.problem == NULL && JsonbIteratorNext(&it, &key, true) == WJB_KEY)
	{
		(void) JsonbIteratorNext(&it, &field, true);
		read_field(&r, json_string(&key), &field);
	}
	if (r.problem == NULL)
		r.problem = evidence_problem(&r.item);
	if (r.problem == NULL)
		measure(&r);
	if (r.item.media_type == NULL)
		r.item.media_type = "text/plain";
	*item = r.item;
	return r.problem;
}

void
evidence_read(Jsonb *json, Command *cmd)
{
	JsonbContainer *root = &json->root;
	EvidenceItem *items;
	JsonbIterator *it;
	JsonbValue	element;

	if (!JsonContainerIsArray(root) || JsonContainerIsScalar(root))
	{
		cmd->evidence_problem = "it is not an array of objects";
		return;
	}
	items = palloc((JsonContainerSize(root) + 1) * sizeof(EvidenceItem));
	cmd->evidence = items;
	it = JsonbIteratorInit(root);
	(void) JsonbIteratorNext(&it, &element, true);	/* the opening bracket */
	while (cmd->evidence_problem == NULL && JsonbIteratorNext(&it, &element, true) == WJB_ELEM)
	{
		cmd->evidence_problem_no = cmd->nevidence + 1;
		cmd->evidence_problem = read_item(&element, &items[cmd->nevidence++]);
	}
}

/* ---- seals ---- */

void
statement_digest(const uint8 *salt, const char *body, uint8 *digest)
{
	digest_salted(salt, &body, 1, digest);
}

void
evidence_digest(const uint8 *salt, const char *statement, const char *uri,
				const uint8 *content, uint8 *digest)
{
	const char *texts[] = {statement, uri, content == NULL ? NULL : digest_hex(content)};

	digest_salted(salt, texts, lengthof(texts), digest);
}

static bool
has_statement(const Command *cmd)
{
	return cmd != NULL && cmd->statement != NULL;
}

void
words_seal(const Command *cmd, Seals *seals)
{
	if (has_statement(cmd))
	{
		make_salt(seals->statement.salt);
		statement_digest(seals->statement.salt, cmd->statement, seals->statement.digest);
	}
	if (cmd == NULL || cmd->nevidence == 0)
		return;
	seals->evidence = palloc(cmd->nevidence * sizeof(Seal));
	for (int i = 0; i < cmd->nevidence; i++)
	{
		const EvidenceItem *item = &cmd->evidence[i];
		Seal	   *seal = &seals->evidence[i];

		make_salt(seal->salt);
		evidence_digest(seal->salt, item->statement, item->uri,
						item->content != NULL ? item->sha256 : NULL, seal->digest);
	}
}

void
words_chain(const Command *cmd, const Seals *seals, ChainFacts *facts)
{
	if (has_statement(cmd))
		chain_statement_facts(seals->statement.digest, facts);
	for (int i = 0; cmd != NULL && i < cmd->nevidence; i++)
	{
		const EvidenceItem *item = &cmd->evidence[i];

		chain_evidence_facts(item->title, item->media_type, item->byte_size,
							 item->has_digest ? item->sha256 : NULL,
							 seals->evidence[i].digest, facts);
	}
}

/* ---- rows ---- */

static void
write_statement(Writer *w, const Contract *c, const Step *step, const Command *cmd, const Seal *seal)
{
	Datum		v[STATEMENT_COLUMNS];
	bool		n[STATEMENT_COLUMNS] = {false};

	v[STATEMENT_CONTRACT_ID] = Int64GetDatum(c->contract_id);
	v[STATEMENT_EVENT_NO] = Int32GetDatum(step->event_no);
	v[STATEMENT_KIND] = enum_datum(ENUM_EVENT_KIND, step->event);
	v[STATEMENT_DIGEST] = bytes_datum(seal->digest, DIGEST_BYTES);
	v[STATEMENT_SALT] = bytes_datum(seal->salt, SALT_BYTES);
	v[STATEMENT_BODY] = CStringGetTextDatum(cmd->statement);
	write_insert(w, TABLE_STATEMENT, v, n);
}

static Datum
text_or_null(const char *text, bool *isnull)
{
	*isnull = text == NULL;
	return text == NULL ? (Datum) 0 : CStringGetTextDatum(text);
}

static void
write_body(Writer *w, const Contract *c, int32 evidence_no, const EvidenceItem *item, const Seal *seal)
{
	Datum		v[BODY_COLUMNS];
	bool		n[BODY_COLUMNS] = {false};

	v[BODY_CONTRACT_ID] = Int64GetDatum(c->contract_id);
	v[BODY_EVIDENCE_NO] = Int32GetDatum(evidence_no);
	v[BODY_SALT] = bytes_datum(seal->salt, SALT_BYTES);
	v[BODY_STATEMENT] = text_or_null(item->statement, &n[BODY_STATEMENT]);
	v[BODY_URI] = text_or_null(item->uri, &n[BODY_URI]);
	n[BODY_CONTENT] = item->content == NULL;
	v[BODY_CONTENT] = n[BODY_CONTENT] ? (Datum) 0 : bytes_datum(item->content, item->content_bytes);
	write_insert(w, TABLE_EVIDENCE_BODY, v, n);
}

static void
write_evidence(Writer *w, const Contract *c, const Step *step, int32 evidence_no,
			   const EvidenceItem *item, const Seal *seal)
{
	Datum		v[EVIDENCE_COLUMNS];
	bool		n[EVIDENCE_COLUMNS] = {false};

	v[EVIDENCE_CONTRACT_ID] = Int64GetDatum(c->contract_id);
	n[EVIDENCE_BYTE_SIZE] = item->byte_size < 0;
	v[EVIDENCE_BYTE_SIZE] = Int64GetDatum(item->byte_size);
	v[EVIDENCE_EVIDENCE_NO] = Int32GetDatum(evidence_no);
	v[EVIDENCE_EVENT_NO] = Int32GetDatum(step->event_no);
	v[EVIDENCE_TITLE] = CStringGetTextDatum(item->title);
	v[EVIDENCE_MEDIA_TYPE] = CStringGetTextDatum(item->media_type);
	n[EVIDENCE_SHA256] = !item->has_digest;
	v[EVIDENCE_SHA256] = n[EVIDENCE_SHA256] ? (Datum) 0 : bytes_datum(item->sha256, DIGEST_BYTES);
	v[EVIDENCE_DIGEST] = bytes_datum(seal->digest, DIGEST_BYTES);
	write_insert(w, TABLE_EVIDENCE, v, n);
	write_body(w, c, evidence_no, item, seal);
}

void
words_write(Writer *w, const Contract *c, const Step *step, const Command *cmd, const Seals *seals)
{
	if (has_statement(cmd))
		write_statement(w, c, step, cmd, &seals->statement);
	for (int i = 0; cmd != NULL && i < cmd->nevidence; i++)
		write_evidence(w, c, step, c->evidence_count - cmd->nevidence + i + 1,
					   &cmd->evidence[i], &seals->evidence[i]);
}

void
read_dispute_words(int64 contract_id, DisputeWords *words)
{
	TableScan  *scan = scan_begin_all(TABLE_STATEMENT, contract_id);

	while (scan_next(scan))
	{
		Datum	   *v = scan_values(scan);
		EventKind	kind = enum_value(ENUM_EVENT_KIND, v[STATEMENT_KIND]);

		if (kind == EVENT_DISPUTE_REFUND)
			words->reason = TextDatumGetCString(v[STATEMENT_BODY]);
		else if (kind == EVENT_DECLINE_DISPUTE)
			words->statement = TextDatumGetCString(v[STATEMENT_BODY]);
	}
	scan_end(scan);
}

bool
evidence_has_body(int64 contract_id, int32 evidence_no)
{
	TableScan  *scan = scan_begin(TABLE_EVIDENCE_BODY, contract_id, evidence_no);
	bool		result = scan_next(scan);

	scan_end(scan);
	return result;
}

void
evidence_erase(Writer *w, int64 contract_id, int32 evidence_no)
{
	TableScan  *scan = scan_begin(TABLE_EVIDENCE_BODY, contract_id, evidence_no);

	if (scan_next(scan))
		write_delete(w, TABLE_EVIDENCE_BODY, scan_tid(scan));
	scan_end(scan);
}
