/*
 * verify_read.c
 *		What verify() reads: columns, and a contract's children.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "compat.h"
#include "evidence.h"
#include "value_types.h"
#include "verify.h"

/* ---- columns ---- */

Datum
column(SqlRows *rows, uint64 row, int n, bool *isnull)
{
	return heap_getattr(rows->rows[row], n, rows->desc, isnull);
}

int64
amount_column(Verification *v, SqlRows *rows, uint64 row, int n)
{
	bool		isnull;
	Datum		value = column(rows, row, n, &isnull);

	if (isnull)
		return NO_AMOUNT;
	if (amount_currency(DatumGetAmount(value)) != v->c.currency && v->currency_holds)
	{
		report(v, "currency", "an amount is not in the contract's currency");
		v->currency_holds = false;
	}
	return amount_minor(DatumGetAmount(value));
}

int32
number_column(SqlRows *rows, uint64 row, int n)
{
	bool		isnull;
	Datum		value = column(rows, row, n, &isnull);

	return isnull ? 0 : DatumGetInt32(value);
}

int64
instant_column(SqlRows *rows, uint64 row, int n)
{
	bool		isnull;
	Datum		value = column(rows, row, n, &isnull);

	return isnull ? NO_INSTANT : DatumGetTimestampTz(value);
}

int
enum_column(SqlRows *rows, uint64 row, int n, EnumType type)
{
	bool		isnull;
	Datum		value = column(rows, row, n, &isnull);

	return isnull ? 0 : enum_value(type, value);
}

char *
text_column(SqlRows *rows, uint64 row, int n)
{
	bool		isnull;
	Datum		value = column(rows, row, n, &isnull);

	return isnull ? NULL : TextDatumGetCString(value);
}

SqlRows
rows_of(Statement *s, int64 contract_id)
{
	Datum		values[] = {Int64GetDatum(contract_id)};

	return sql_read(s, values, NULL, 0);
}

/* False for a NULL and for any other length. */
bool
bytes_column(SqlRows *rows, uint64 row, int n, uint8 *bytes, int length)
{
	bool		isnull;
	Datum		value = column(rows, row, n, &isnull);
	bytea	   *data;

	if (isnull)
		return false;
	data = DatumGetByteaPP(value);
	if (VARSIZE_ANY_EXHDR(data) != (Size) length)
		return false;
	memcpy(bytes, VARDATA_ANY(data), length);
	return true;
}

/* ---- children ---- */

static void
read_milestones(Verification *v)
{
	static Statement read = STATEMENT(
									  "SELECT m.milestone_no, m.price, m.event_no, m.due, m.title FROM refund_archive.all_milestone m"
									  " WHERE m.contract_id OPERATOR(pg_catalog.=) $1 ORDER BY m.milestone_no", "l");
	SqlRows		rows = rows_of(&read, v->c.contract_id);

	v->nmilestones = rows.count;
	v->milestone = palloc0((rows.count + 1) * sizeof(MilestoneReplay));
	for (uint64 i = 0; i < rows.count; i++)
	{
		MilestoneReplay *m = &v->milestone[i];
		bool		isnull;

		m->line.milestone_no = number_column(&rows, i, 1);
		m->price = amount_column(v, &rows, i, 2);
		m->line.room = m->price;
		m->event_no = number_column(&rows, i, 3);
		m->due = DatumGetInt32(column(&rows, i, 4, &isnull));
		m->has_due = !isnull;
		m->title = text_column(&rows, i, 5);
		m->line.review_due_at = m->line.review_tick_at = NO_INSTANT;
	}
}

static void
read_deposits(Verification *v)
{
	static Statement read = STATEMENT(
									  "SELECT d.deposit_no, d.amount, d.event_no, d.milestone_no, d.source, d.provider_ref"
									  " FROM refund_archive.all_deposit d WHERE d.contract_id OPERATOR(pg_catalog.=) $1"
									  " AND d.deposit_no OPERATOR(pg_catalog.>) 0 ORDER BY d.deposit_no", "l");
	SqlRows		rows = rows_of(&read, v->c.contract_id);
	int			last = rows.count == 0 ? 0 : number_column(&rows, rows.count - 1, 1);

	if (rows.count != (uint64) v->c.deposit_count || last != v->c.deposit_count)
		report(v, "deposits", psprintf("%d rows up to number %d, the contract counts %d",
									   (int) rows.count, last, v->c.deposit_count));
	/* numbers beyond the rows are reported above and looked at no further */
	v->ndeposits = Min(last, (int) rows.count);
	v->deposit = palloc0((v->ndeposits + 1) * sizeof(DepositReplay));
	for (uint64 i = 0; i < rows.count; i++)
	{
		int32		no = number_column(&rows, i, 1);
		DepositReplay *d;

		if (no > v->ndeposits)
			break;
		d = &v->deposit[no - 1];
		d->has_row = true;
		d->amount = amount_column(v, &rows, i, 2);
		d->event_no = number_column(&rows, i, 3);
		d->milestone_no = number_column(&rows, i, 4);
		d->source = text_column(&rows, i, 5);
		d->provider_ref = text_column(&rows, i, 6);
	}
}

static void
read_payments(Verification *v)
{
	static Statement read = STATEMENT(
									  "SELECT p.event_no, p.payment_no, p.deposit_no, p.payee, p.purpose, p.amount, p.expected_by,"
									  " p.state, p.attempt_no, p.provider_ref, pg_catalog.array_to_string(p.extra_refs, ' '), p.destination, p.is_test"
									  " FROM refund_archive.all_refund_payment p WHERE p.contract_id OPERATOR(pg_catalog.=) $1"
									  " AND p.payment_no OPERATOR(pg_catalog.>) 0 ORDER BY p.payment_no", "l");
	SqlRows		rows = rows_of(&read, v->c.contract_id);
	int			last = rows.count == 0 ? 0 : number_column(&rows, rows.count - 1, 2);
	bool		isnull;

	if (rows.count != (uint64) v->c.payment_count || last != v->c.payment_count)
		report(v, "payments", psprintf("%d rows up to number %d, the contract counts %d",
									   (int) rows.count, last, v->c.payment_count));
	v->npayments = rows.count;
	v->payment = palloc0((rows.count + 1) * sizeof(PaymentReplay));
	for (uint64 i = 0; i < rows.count; i++)
	{
		PaymentReplay *p = &v->payment[i];

		p->event_no = number_column(&rows, i, 1);
		p->line.payment_no = number_column(&rows, i, 2);
		p->line.deposit_no = number_column(&rows, i, 3);
		p->line.payee = enum_column(&rows, i, 4, ENUM_PARTY);
		p->line.purpose = enum_column(&rows, i, 5, ENUM_PAYMENT_PURPOSE);
		p->line.amount = amount_column(v, &rows, i, 6);
		p->line.expected_by = instant_column(&rows, i, 7);
		p->row.state = enum_column(&rows, i, 8, ENUM_PAYMENT_STATE);
		p->row.attempt_no = number_column(&rows, i, 9);
		p->row.provider_ref = text_column(&rows, i, 10);
		p->row_extra = text_column(&rows, i, 11);
		p->row.destination = text_column(&rows, i, 12);
		if (DatumGetBool(column(&rows, i, 13, &isnull)) != (v->c.test_clock != NULL))
			report(v, "payments", psprintf("payment %d does not say whether it is a test", p->line.payment_no));
		if (p->line.deposit_no > 0 && p->line.deposit_no <= v->ndeposits)
			v->deposit[p->line.deposit_no - 1].paid += p->line.amount;
	}
}

static void
read_fees(Verification *v)
{
	static Statement read = STATEMENT(
									  "SELECT f.event_no, f.party, f.amount, f.source, f.provider_ref"
									  " FROM refund_archive.all_arbitration_fee f WHERE f.contract_id OPERATOR(pg_catalog.=) $1"
									  " ORDER BY f.event_no", "l");
	SqlRows		rows = rows_of(&read, v->c.contract_id);

	v->nfees = rows.count;
	v->fee = palloc0((rows.count + 1) * sizeof(FeeReplay));
	for (uint64 i = 0; i < rows.count; i++)
	{
		FeeReplay  *f = &v->fee[i];

		f->event_no = number_column(&rows, i, 1);
		f->party = enum_column(&rows, i, 2, ENUM_PARTY);
		f->amount = amount_column(v, &rows, i, 3);
		f->source = text_column(&rows, i, 4);
		f->provider_ref = text_column(&rows, i, 5);
	}
}

static void
read_reversals(Verification *v)
{
	static Statement read = STATEMENT(
									  "SELECT r.reversal_no, r.event_no, r.deposit_no, r.hold_no, r.kind, r.amount,"
									  " r.provider_ref"
									  " FROM refund_archive.all_reversal r WHERE r.contract_id OPERATOR(pg_catalog.=) $1"
									  " ORDER BY r.reversal_no", "l");
	SqlRows		rows = rows_of(&read, v->c.contract_id);

	if (rows.count != (uint64) v->c.reversal_count)
		report(v, "reversals", psprintf("%d rows, the contract counts %d", (int) rows.count, v->c.reversal_count));
	v->nreversals = rows.count;
	v->reversal = palloc0((rows.count + 1) * sizeof(ReversalReplay));
	for (uint64 i = 0; i < rows.count; i++)
	{
		ReversalReplay *r = &v->reversal[i];

		r->reversal_no = number_column(&rows, i, 1);
		r->event_no = number_column(&rows, i, 2);
		r->deposit_no = number_column(&rows, i, 3);
		r->hold_no = number_column(&rows, i, 4);
		r->kind = enum_column(&rows, i, 5, ENUM_REVERSAL_KIND);
		r->amount = amount_column(v, &rows, i, 6);
		r->provider_ref = text_column(&rows, i, 7);
	}
}

static void
read_statements(Verification *v)
{
	static Statement read = STATEMENT(
									  "SELECT s.event_no, s.kind, s.digest, s.salt, s.body"
									  " FROM refund_archive.all_statement s WHERE s.contract_id OPERATOR(pg_catalog.=) $1"
									  " ORDER BY s.event_no", "l");
	SqlRows		rows = rows_of(&read, v->c.contract_id);

	v->nstatements = rows.count;
	v->statement = palloc0((rows.count + 1) * sizeof(StatementReplay));
	for (uint64 i = 0; i < rows.count; i++)
	{
		StatementReplay *s = &v->statement[i];
		uint8		salt[SALT_BYTES];
		uint8		digest[DIGEST_BYTES];

		s->event_no = number_column(&rows, i, 1);
		s->kind = enum_column(&rows, i, 2, ENUM_EVENT_KIND);
		if (bytes_column(&rows, i, 3, s->digest, DIGEST_BYTES) && bytes_column(&rows, i, 4, salt, SALT_BYTES))
		{
			statement_digest(salt, text_column(&rows, i, 5), digest);
			if (memcmp(digest, s->digest, DIGEST_BYTES) == 0)
				continue;
		}
		report(v, "statements", psprintf("the text of event %d is not what was sealed", s->event_no));
	}
}

/* A digest, NULL for a NULL; "what" is named when it is no digest. */
static uint8 *
digest_column(Verification *v, SqlRows *rows, uint64 row, int n, const char *what)
{
	uint8	   *digest = palloc0(DIGEST_BYTES);
	bool		isnull;

	(void) column(rows, row, n, &isnull);
	if (isnull)
		return NULL;
	if (!bytes_column(rows, row, n, digest, DIGEST_BYTES))
		report(v, "evidence", psprintf("the digest of %s is malformed", what));
	return digest;
}

static void
read_stray_bodies(Verification *v)
{
	static Statement read = STATEMENT(
									  "SELECT b.evidence_no FROM refund_archive.all_evidence_body b"
									  " WHERE b.contract_id OPERATOR(pg_catalog.=) $1 AND NOT EXISTS ("
									  " SELECT 1 FROM refund_archive.all_evidence e WHERE e.contract_id OPERATOR(pg_catalog.=) b.contract_id"
									  " AND e.evidence_no OPERATOR(pg_catalog.=) b.evidence_no) ORDER BY b.evidence_no", "l");
	SqlRows		rows = rows_of(&read, v->c.contract_id);

	for (uint64 i = 0; i < rows.count; i++)
		report(v, "evidence", psprintf("there is a body of evidence %d, which is not there",
									   number_column(&rows, i, 1)));
}

/* Of a content only the digest travels. */
static void
read_evidence(Verification *v)
{
	static Statement read = STATEMENT(
									  "SELECT e.evidence_no, e.event_no, e.title, e.media_type, e.byte_size, e.sha256, e.digest,"
									  " b.salt, b.statement, b.uri, pg_catalog.sha256(b.content)"
									  " FROM refund_archive.all_evidence e"
									  " LEFT JOIN refund_archive.all_evidence_body b ON b.contract_id OPERATOR(pg_catalog.=) e.contract_id"
									  " AND b.evidence_no OPERATOR(pg_catalog.=) e.evidence_no"
									  " WHERE e.contract_id OPERATOR(pg_catalog.=) $1 ORDER BY e.evidence_no", "l");
	SqlRows		rows = rows_of(&read, v->c.contract_id);

	if (rows.count != (uint64) v->c.evidence_count)
		report(v, "evidence", psprintf("%d rows, the contract counts %d", (int) rows.count, v->c.evidence_count));
	v->nevidence = rows.count;
	v->evidence = palloc0((rows.count + 1) * sizeof(EvidenceReplay));
	for (uint64 i = 0; i < rows.count; i++)
	{
		EvidenceReplay *e = &v->evidence[i];
		uint8		salt[SALT_BYTES];
		uint8		digest[DIGEST_BYTES];
		uint8	   *content;
		bool		isnull;
		Datum		size = column(&rows, i, 5, &isnull);

		e->evidence_no = number_column(&rows, i, 1);
		e->event_no = number_column(&rows, i, 2);
		e->title = text_column(&rows, i, 3);
		e->media_type = text_column(&rows, i, 4);
		e->byte_size = isnull ? -1 : DatumGetInt64(size);
		e->sha256 = digest_column(v, &rows, i, 6, psprintf("evidence %d", e->evidence_no));
		if (!bytes_column(&rows, i, 7, e->digest, DIGEST_BYTES))
			report(v, "evidence", psprintf("evidence %d has no digest", e->evidence_no));
		e->has_body = bytes_column(&rows, i, 8, salt, SALT_BYTES);
		if (!e->has_body)
			continue;
		content = digest_column(v, &rows, i, 11, NULL);
		evidence_digest(salt, text_column(&rows, i, 9), text_column(&rows, i, 10), content, digest);
		if (memcmp(digest, e->digest, DIGEST_BYTES) != 0 ||
			(content != NULL && (e->sha256 == NULL || memcmp(content, e->sha256, DIGEST_BYTES) != 0)))
			report(v, "evidence", psprintf("the body of evidence %d is not what was sealed", e->evidence_no));
	}
	read_stray_bodies(v);
}

/* Letters would go to people, or to nobody, by what these rows say. */
static void
read_notifications(Verification *v)
{
	static Statement read = STATEMENT(
									  "SELECT n.notification_no, n.is_test FROM refund_archive.all_notification n"
									  " WHERE n.contract_id OPERATOR(pg_catalog.=) $1 ORDER BY n.notification_no", "l");
	SqlRows		rows = rows_of(&read, v->c.contract_id);
	bool		isnull;

	for (uint64 i = 0; i < rows.count; i++)
		if (DatumGetBool(column(&rows, i, 2, &isnull)) != (v->c.test_clock != NULL))
			report(v, "notifications", psprintf("notification %d does not say whether it is a test",
												number_column(&rows, i, 1)));
}

void
read_children(Verification *v)
{
	read_milestones(v);
	read_deposits(v);
	read_payments(v);
	read_fees(v);
	read_reversals(v);
	read_statements(v);
	read_evidence(v);
	read_notifications(v);
}
