/*
 * chain.c
 *		The canonical bytes of an event and their hash.
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "libpq/pqformat.h"

#include "amount.h"
#include "catalog.h"
#include "chain.h"
#include "compat.h"
#include "currency.h"
#include "digest.h"

static void
put_text(StringInfo buf, const char *text)
{
	int			length = text == NULL ? -1 : (int) strlen(text);

	pq_sendint32(buf, (uint32) length);
	if (length > 0)
		appendBinaryStringInfo(buf, text, length);
}

static void
put_amount(StringInfo buf, const Contract *c, int64 amount)
{
	pq_sendint64(buf, amount == NO_AMOUNT ? 0 : (int64) amount_pack(c->currency, amount));
}

void
chain_add(ChainFacts *facts, const char *text)
{
	if (facts->count == facts->room)
	{
		facts->room = Max(16, 2 * facts->room);
		facts->text = facts->text == NULL
			? palloc(facts->room * sizeof(char *))
			: repalloc(facts->text, facts->room * sizeof(char *));
	}
	facts->text[facts->count++] = text;
}

void
chain_contract_facts(const Contract *c, const char *policy_digest, ChainFacts *facts)
{
	const CurrencyInfo *currency = currency_by_number(c->currency);

	chain_add(facts, contract_kind_label[c->kind]);
	chain_add(facts, currency != NULL ? currency->code : "");
	chain_add(facts, c->client);
	chain_add(facts, c->freelancer);
	chain_add(facts, c->agency);
	chain_add(facts, c->policy);
	chain_add(facts, psprintf("%d", c->policy_version));
	chain_add(facts, policy_digest);
	chain_add(facts, c->test_clock);
}

void
chain_deposit_facts(const char *source, const char *provider_ref, ChainFacts *facts)
{
	chain_add(facts, source);
	chain_add(facts, provider_ref);
}

void
chain_milestone_facts(const char *title, bool has_due, int32 due, ChainFacts *facts)
{
	chain_add(facts, title);
	chain_add(facts, has_due ? psprintf("%d", due) : NULL);
}

void
chain_fee_facts(const char *source, const char *provider_ref, ChainFacts *facts)
{
	chain_deposit_facts(source, provider_ref, facts);
}

void
chain_reversal_facts(int32 deposit_no, ReversalKind kind, int32 hold_no,
					 const char *provider_ref, ChainFacts *facts)
{
	chain_add(facts, psprintf("%d", deposit_no));
	chain_add(facts, reversal_kind_label[kind]);
	chain_add(facts, psprintf("%d", hold_no));
	chain_add(facts, provider_ref);
}

void
chain_statement_facts(const uint8 *digest, ChainFacts *facts)
{
	chain_add(facts, digest_hex(digest));
}

void
chain_evidence_facts(const char *title, const char *media_type, int64 byte_size,
					 const uint8 *sha256, const uint8 *digest, ChainFacts *facts)
{
	chain_add(facts, title);
	chain_add(facts, media_type);
	chain_add(facts, byte_size < 0 ? NULL : psprintf(INT64_FORMAT, byte_size));
	chain_add(facts, sha256 == NULL ? NULL : digest_hex(sha256));
	chain_add(facts, digest_hex(digest));
}

void
chain_call_facts(const char *idempotency_key, int64 arguments_digest, ChainFacts *facts)
{
	if (idempotency_key == NULL)
		return;
	chain_add(facts, idempotency_key);
	chain_add(facts, psprintf(INT64_FORMAT, arguments_digest));
}

static void
put_step(StringInfo buf, const Contract *c, const Step *step)
{
	pq_sendint64(buf, c->contract_id);
	pq_sendint32(buf, step->event_no);
	put_text(buf, event_label[step->event]);
	put_text(buf, party_label[step->party]);
	put_text(buf, step->actor);
	put_text(buf, request_state_label[step->from_state]);
	put_text(buf, request_state_label[step->to_state]);
	put_text(buf, outcome_label[step->outcome]);
	pq_sendint64(buf, step->recorded_at);
	pq_sendint64(buf, step->effective_at);
	pq_sendint64(buf, step->due_at);
	put_amount(buf, c, step->amount);
	pq_sendint32(buf, step->milestone_no);
	pq_sendint32(buf, step->to_milestone_no);
	pq_sendint32(buf, step->item_no);
	put_text(buf, step->reference);
	pq_sendint32(buf, step->nlegs);
	for (int i = 0; i < step->nlegs; i++)
	{
		const Leg  *leg = &step->legs[i];

		put_text(buf, account_label[leg->debit]);
		put_text(buf, account_label[leg->credit]);
		put_amount(buf, c, leg->amount);
		pq_sendint32(buf, leg->deposit_no);
		pq_sendint32(buf, leg->milestone_no);
	}
	pq_sendint32(buf, step->npayments);
	for (int i = 0; i < step->npayments; i++)
	{
		const PaymentLine *p = &step->payments[i];

		pq_sendint32(buf, p->payment_no);
		pq_sendint32(buf, p->deposit_no);
		put_text(buf, party_label[p->payee]);
		put_text(buf, payment_purpose_label[p->purpose]);
		put_amount(buf, c, p->amount);
		pq_sendint64(buf, p->expected_by);
	}
}

void
chain_next(const uint8 *previous, const Contract *c, const Step *step,
		   const ChainFacts *facts, uint8 *hash)
{
	StringInfoData buf;

	initStringInfo(&buf);
	appendBinaryStringInfo(&buf, (const char *) previous, HASH_BYTES);
	pq_sendint16(&buf, CHAIN_FORMAT);
	put_step(&buf, c, step);
	pq_sendint32(&buf, facts->count);
	for (int i = 0; i < facts->count; i++)
		put_text(&buf, facts->text[i]);
	digest_bytes(buf.data, buf.len, hash);
	pfree(buf.data);
}
