/*
 * The part of CBOR (RFC 8949) that an attestation object needs: items of definite length, at
 * most CBOR_DEPTH_MAX levels deep; floats are skipped. Nothing is copied: the results point
 * into the input.
 */
#ifndef GAP_CODEC_CBOR_H
#define GAP_CODEC_CBOR_H

#include "base/str.h"

enum { CBOR_DEPTH_MAX = 8 };

enum cbor_kind { /* the major types */
	CBOR_UNSIGNED,
	CBOR_NEGATIVE,
	CBOR_BYTES,
	CBOR_TEXT,
	CBOR_ARRAY,
	CBOR_MAP,
	CBOR_TAG,
	CBOR_SIMPLE
};

struct cbor_item {
	enum cbor_kind kind;
	uint64_t number;   /* value, length or count; for a map the count of pairs */
	struct str inside; /* string: its bytes; array, map: its items; tag: the tagged item */
	struct str whole;  /* head and inside */
};

/*
 * Takes the first item from *in. False, with *in unchanged, when *in does not begin with a
 * whole item.
 */
MUSTUSE bool cbor_next(struct str *in, struct cbor_item *item_r);

/*
 * The value under a text key of a map. False when the key is missing or comes twice, or when it
 * is not a map.
 */
MUSTUSE bool cbor_get(const struct cbor_item *map, const char *key, struct cbor_item *item_r);

#endif
