/*
 * Random bytes from OpenSSL's RAND_bytes. When that fails it is an error; there is no weaker
 * fallback.
 */
#ifndef GAP_CODEC_RANDOM_H
#define GAP_CODEC_RANDOM_H

#include "base/err.h"
#include "base/secret.h"

MUSTUSE bool random_bytes(void *out_r, size_t n, struct err *e); /* ERR_INTERNAL */

/* n random bytes as base64url: 32 bytes make a session token of 43 characters. */
MUSTUSE bool random_token(struct arena *a, size_t n, struct secret **token_r, struct err *e);

#endif
