/*
 * digest.c
 *		SHA-256 by the server's library, and salted digests of free text.
 */
#include "postgres.h"

#include "common/cryptohash.h"
#include "common/sha2.h"
#include "lib/stringinfo.h"
#include "libpq/pqformat.h"
#include "utils/builtins.h"

#include "compat.h"
#include "digest.h"

StaticAssertDecl(DIGEST_BYTES == PG_SHA256_DIGEST_LENGTH, "size of a digest");

void
digest_bytes(const void *data, size_t length, uint8 *digest)
{
	pg_cryptohash_ctx *sha = pg_cryptohash_create(PG_SHA256);

	if (pg_cryptohash_init(sha) < 0 ||
		pg_cryptohash_update(sha, data, length) < 0 ||
		pg_cryptohash_final(sha, digest, DIGEST_BYTES) < 0)
		elog(ERROR, "could not compute SHA-256: %s", pg_cryptohash_error(sha));
	pg_cryptohash_free(sha);
}

char *
digest_hex(const uint8 *digest)
{
	char	   *result = palloc(2 * DIGEST_BYTES + 1);

	result[hex_encode((const char *) digest, DIGEST_BYTES, result)] = '\0';
	return result;
}

void
digest_salted(const uint8 *salt, const char *const *texts, int ntexts, uint8 *digest)
{
	StringInfoData buf;

	initStringInfo(&buf);
	appendBinaryStringInfo(&buf, (const char *) salt, SALT_BYTES);
	for (int i = 0; i < ntexts; i++)
	{
		int			length = texts[i] == NULL ? -1 : (int) strlen(texts[i]);

		pq_sendint32(&buf, (uint32) length);
		if (length > 0)
			appendBinaryStringInfo(&buf, texts[i], length);
	}
	digest_bytes(buf.data, buf.len, digest);
	pfree(buf.data);
}

void
make_salt(uint8 *salt)
{
	if (!pg_strong_random(salt, SALT_BYTES))
		ereport(ERROR,
				(errcode(ERRCODE_INTERNAL_ERROR),
				 errmsg("could not generate random bytes")));
}
