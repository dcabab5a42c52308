/*
 * digest.h
 *		SHA-256 by the server's library, and salted digests of free text.
 */
#ifndef REFUND_DIGEST_H
#define REFUND_DIGEST_H

#include "postgres.h"

#define DIGEST_BYTES 32
#define SALT_BYTES 16

extern void digest_bytes(const void *data, size_t length, uint8 *digest);

/* Lower-case hexadecimal digits, palloc'd. */
extern char *digest_hex(const uint8 *digest);

/*
 * The digest of a salt and texts after it; each text carries its length, and a
 * NULL is not an empty text.
 */
extern void digest_salted(const uint8 *salt, const char *const *texts, int ntexts, uint8 *digest);

/* Fresh random bytes. */
extern void make_salt(uint8 *salt);

#endif							/* REFUND_DIGEST_H */
