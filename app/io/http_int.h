/* Inside io/http only: http.c alone sees libcurl; http_reply.c reads header lines. */
#ifndef GAP_IO_HTTP_INT_H
#define GAP_IO_HTTP_INT_H

#include "io/http.h"

enum { HTTP_HEADERS_MAX = 64, HTTP_HEADER_BYTES_MAX = 8192 };

/*
 * Takes one header line as received, with its line end. `room` has space for HTTP_HEADERS_MAX.
 * A status line starts a new set of headers (an interim answer, such as 100, came before). The
 * empty line ends the set; then content_type and charset are known. ERR_TOO_LARGE over the
 * limits.
 */
MUSTUSE bool http_reply_line(struct http_reply *r, struct http_header *room, struct arena *a,
	struct str line, struct err *e);

#endif
