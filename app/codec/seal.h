/*
 * Secrets at rest: AES-256-GCM through OpenSSL. A sealed box is
 *
 *     1 byte version (1) | 4 bytes key id, big endian | 12 bytes nonce | ciphertext | 16 bytes tag
 *
 * and is bound to its row by associated data ("xero_grant:tokens:<org or user>:<id>"): a
 * box that is moved to another row does not open. The nonce is random (NIST SP 800-38D section
 * 8.2.2), so one key may seal up to 2^32 boxes; that is far more than it ever needs.
 *
 * A key file has one key per line, the newest last: "<id> <64 hex digits>\n", mode 0600 or 0400.
 * The newest key seals; every key opens. So keys can be rotated while the programs run.
 */
#ifndef GAP_CODEC_SEAL_H
#define GAP_CODEC_SEAL_H

#include "base/err.h"
#include "base/secret.h"

enum { SEAL_PLAIN_MAX = 64 * 1024, SEAL_OVERHEAD = 1 + 4 + 12 + 16 };

struct seal_keys;

/*
 * Parses the text of a key file. ERR_CONFIG, naming the line: a bad or blank line, ids that do
 * not ascend from 1 or come twice, or no key. The line feed of the last line may be missing.
 */
MUSTUSE bool seal_keys_parse(
	struct arena *a, struct str text, const struct seal_keys **keys_r, struct err *e);
uint32_t seal_newest(const struct seal_keys *keys);

/*
 * A new line for a key file. Its id is one above the newest of `keys`; 1 when `keys` is NULL.
 */
MUSTUSE bool seal_key_line(
	struct arena *a, const struct seal_keys *keys, struct secret **line_r, struct err *e);

/*
 * Seals `plain` for the row named by `row`, which must not be empty. ERR_TOO_LARGE over
 * SEAL_PLAIN_MAX bytes.
 */
MUSTUSE bool seal_box(struct arena *a, const struct seal_keys *keys, struct str plain,
	const char *row, struct str *box_r, struct err *e);

/*
 * Opens a box. Every failure (unknown key, wrong row, changed bytes) gives the same error:
 * ERR_INTERNAL "cannot be opened".
 */
MUSTUSE bool seal_open(struct arena *a, const struct seal_keys *keys, struct str box,
	const char *row, struct secret **plain_r, struct err *e);

/* The id of the key that sealed the box; 0 when it is not a box. */
uint32_t seal_key_id(struct str box);

#endif
