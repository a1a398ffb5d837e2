/* SHA-256, HMAC-SHA-256 and constant-time equality, through OpenSSL. */
#ifndef GAP_CODEC_HASH_H
#define GAP_CODEC_HASH_H

#include "base/str.h"

enum { HASH_BYTES = 32 };

void hash_sha256(const void *p, size_t n, unsigned char out_r[HASH_BYTES]);
void hash_hmac(struct str key, struct str text, unsigned char out_r[HASH_BYTES]);

/* Constant-time comparison, for secrets. False when the lengths differ. */
bool hash_equal(struct str a, struct str b);

/*
 * A hash over several parts, such as the fields of a record. Each part is framed with its
 * length, so ("a","bc") and ("ab","c") differ.
 */
struct hash_stream;
struct hash_stream *hash_stream_new(struct arena *a);
void hash_stream_add(struct hash_stream *h, struct str part);
void hash_stream_end(
	struct hash_stream *h, unsigned char out_r[HASH_BYTES]); /* and starts the next hash */

#endif
