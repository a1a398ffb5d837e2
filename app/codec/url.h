/*
 * URLs: taking apart the absolute ones that come from configuration, building
 * ours, and judging return addresses. Not a general parser: what it does not
 * know, it refuses.
 */
#ifndef GAP_CODEC_URL_H
#define GAP_CODEC_URL_H

#include "base/buf.h"
#include "base/err.h"

struct url {
	const char *scheme; /* "https" or "http", lower case */
	const char *host;   /* lower case; brackets kept for IPv6 */
	int port;	    /* explicit or the scheme's default */
	const char *path;   /* begins with '/'; no query, no fragment */
	const char *origin; /* scheme://host[:port], port left out when default */
};

/*
 * scheme://host[:port]/path. Refuses user info, query, fragment, blanks, controls.
 * ERR_INVALID.
 */
MUSTUSE bool url_parse(struct arena *a, const char *text, struct url *url_r, struct err *e);

/* Percent-encodes everything but RFC 3986 unreserved characters. */
void url_escape(struct buf *out, struct str s);

/*
 * A local address safe to redirect to: begins with one '/', no '\\', no "//", no control,
 * <= 4096 bytes: our longest links carry a client's name of 1,024 bytes, each percent-encoded.
 */
bool url_is_local(const char *s);

/* May stand in an href that data chose: absolute https or http only. */
bool url_is_web(const char *s);

#endif
