/*
 * A form with a file (multipart/form-data, RFC 7578 and RFC 2046 section 5.1),
 * read as it comes, in fixed memory. Its parts are small fields and then, last,
 * the one named "file": a chosen file, or a text area's words. The fields are
 * read at once, so that they can be judged first; the file waits in the socket.
 */
#ifndef GAP_WEB_UPLOAD_H
#define GAP_WEB_UPLOAD_H

#include "web/request.h"

enum {
	UPLOAD_FIELD_MAX = 4 * 1024, /* bytes of a field */
	UPLOAD_FIELDS_MAX = 8,
	UPLOAD_NAME_MAX = 120 /* bytes kept of a file's name */
};

/*
 * Reads up to the file. ERR_MALFORMED: not such a form, a part without a name, a field that is no
 * text, no part "file"; ERR_TOO_LARGE: over max, or over a limit above.
 */
MUSTUSE bool upload_open(struct arena *a, const struct request_source *from,
	const char *content_type, size_t max, struct form *fields_r, struct upload **u_r,
	struct err *e);

/* As the browser says it, without folders; "" for a text area. For showing only. */
const char *upload_name(const struct upload *u);

/* The next bytes of the file, valid until the next call; none: its end, and nothing stands behind it. */
MUSTUSE bool upload_read(struct upload *u, struct str *piece_r, struct err *e);

#endif
