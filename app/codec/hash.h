/* SHA-256, HMAC-SHA-256 and constant-time equality, through OpenSSL. */
#ifndef GAP_CODEC_HASH_H
#define GAP_CODEC_HASH_H

#include "base/str.h"

enum { HASH_BYTES = 32 };

void hash_sha256(const void *p, size_t n, unsigned char out_r[HASH_BYTES]);
void hash_hmac(struct str key, struct str text, unsigned char out_r[HASH_BYTES]);

/* For secrets: takes the same time wherever they differ. Lengths may differ (then false). */
bool hash_equal(struct str a, struct str b);

/*
 * In pieces, for records of several fields. Each part is framed with its length: ("a","bc")
 * != ("ab","c").
 */
struct hash_stream;
struct hash_stream *hash_stream_new(struct arena *a);
void hash_stream_add(struct hash_stream *h, struct str part);
void hash_stream_end(
	struct hash_stream *h, unsigned char out_r[HASH_BYTES]); /* and begins anew */

#endif
