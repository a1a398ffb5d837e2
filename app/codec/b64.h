/*
 * base64url (RFC 4648 section 5) and Base32 (section 6), both without padding; base64 as HTTP
 * Basic needs it; hex.
 */
#ifndef GAP_CODEC_B64_H
#define GAP_CODEC_B64_H

#include "base/str.h"

char *b64url_encode(struct arena *a, const void *p, size_t n);
char *b64_encode(
	struct arena *a, const void *p, size_t n); /* standard alphabet, padded: HTTP Basic */

/*
 * Strict: false for padding, blanks, characters of another alphabet, or unused bits that are
 * not zero.
 */
MUSTUSE bool b64url_decode(struct arena *a, struct str s, struct str *bytes_r);

char *hex_encode(struct arena *a, const void *p, size_t n);		     /* lower case */
MUSTUSE bool hex_decode(struct arena *a, struct str s, struct str *bytes_r); /* either case */

char *base32_encode(struct arena *a, const void *p, size_t n); /* A-Z2-7, no padding */
MUSTUSE bool base32_decode(
	struct arena *a, struct str s, struct str *bytes_r); /* either case, blanks skipped */

#endif
