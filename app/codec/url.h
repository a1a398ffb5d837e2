/*
 * URLs: parses the absolute ones that come from the configuration, builds ours, and checks
 * addresses to return to. It is not a general parser: it refuses what it does not know.
 */
#ifndef GAP_CODEC_URL_H
#define GAP_CODEC_URL_H

#include "base/buf.h"
#include "base/err.h"

struct url {
	const char *scheme; /* "https" or "http", lower case */
	const char *host;   /* lower case; brackets kept for IPv6 */
	int port;	    /* as written, else the default of the scheme */
	const char *path;   /* begins with '/'; no query, no fragment */
	const char *origin; /* scheme://host[:port]; a default port is left out */
};

/*
 * Parses scheme://host[:port]/path. ERR_INVALID for user info, query, fragment, blanks or
 * controls.
 */
MUSTUSE bool url_parse(struct arena *a, const char *text, struct url *url_r, struct err *e);

/* Percent-encodes everything but RFC 3986 unreserved characters. */
void url_escape(struct buf *out, struct str s);

/*
 * Is it a local address that is safe to redirect to? It begins with one '/', has no "//", no
 * '\\', no control character, and at most 4096 bytes: our longest links carry a client's name of
 * 1,024 bytes, percent-encoded.
 */
bool url_is_local(const char *s);

/* May an address from data be used in an href? Only an absolute https or http one. */
bool url_is_web(const char *s);

#endif
