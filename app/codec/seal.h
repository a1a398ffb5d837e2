/*
 * Secrets at rest: AES-256-GCM through OpenSSL. A sealed box is
 *
 *     1 byte version (1) | 4 bytes key id, big endian | 12 bytes nonce | ciphertext | 16 bytes tag
 *
 * and is bound to its row by associated data ("xero_grant:tokens:<org or user>:<id>"): a
 * box moved to another row does not open. The nonce is random (NIST SP 800-38D section 8.2.2),
 * so one key may seal up to 2^32 boxes: far more than its life asks for.
 *
 * A key file holds one key a line, newest last: "<id> <64 hex digits>\n", mode 0600 or 0400.
 * The newest seals, all open: that is how keys rotate while running.
 */
#ifndef GAP_CODEC_SEAL_H
#define GAP_CODEC_SEAL_H

#include "base/err.h"
#include "base/secret.h"

enum { SEAL_PLAIN_MAX = 64 * 1024, SEAL_OVERHEAD = 1 + 4 + 12 + 16 };

struct seal_keys;

/*
 * Text of a key file. Bad lines (blank ones too), ids that do not ascend from 1 or come twice, no
 * key: ERR_CONFIG, naming the line. The line feed of the last line may be missing.
 */
MUSTUSE bool seal_keys_parse(
	struct arena *a, struct str text, const struct seal_keys **keys_r, struct err *e);
uint32_t seal_newest(const struct seal_keys *keys);

/* A new line for a key file, its id one above the newest of `keys` (NULL: 1). */
MUSTUSE bool seal_key_line(
	struct arena *a, const struct seal_keys *keys, struct secret **line_r, struct err *e);

/* `row` is not empty. ERR_TOO_LARGE over SEAL_PLAIN_MAX bytes. */
MUSTUSE bool seal_box(struct arena *a, const struct seal_keys *keys, struct str plain,
	const char *row, struct str *box_r, struct err *e);

/* One error for every failure (unknown key, wrong row, tampered): ERR_INTERNAL "cannot be opened". */
MUSTUSE bool seal_open(struct arena *a, const struct seal_keys *keys, struct str box,
	const char *row, struct secret **plain_r, struct err *e);

/* The key id a box was sealed with; 0 when it is no box. */
uint32_t seal_key_id(struct str box);

#endif
