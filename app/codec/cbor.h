/*
 * CBOR (RFC 8949), as much as an attestation object has: items of definite length, no floats looked at,
 * nested at most CBOR_DEPTH_MAX deep. Nothing is copied: what comes out points into what came in.
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
	uint64_t number; /* value, length, or count: of a map the pairs */
	struct str
		inside; /* the string's bytes; the items of an array or a map; what a tag is on */
	struct str whole; /* head and inside */
};

/* Takes the first item off *in. False, and *in as it was, when there is none that is whole. */
MUSTUSE bool cbor_next(struct str *in, struct cbor_item *item_r);

/* The value of a map's text key; a key given twice is no map. False when it is not there. */
MUSTUSE bool cbor_get(const struct cbor_item *map, const char *key, struct cbor_item *item_r);

#endif
