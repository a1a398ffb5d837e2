/*
 * A form with a file (multipart/form-data, RFC 7578 and RFC 2046 section 5.1), read as a stream
 * in fixed memory. Its parts are small fields and then, as the last part, the one named "file":
 * a chosen file, or the text of a text area. The fields are read at once, so that they can be
 * checked before the file; the file is read from the socket later.
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
 * Reads the fields, up to the start of the file. ERR_MALFORMED: not a multipart form, a part
 * without a name, a field that is not text, or no part "file". ERR_TOO_LARGE: the body is over
 * `max`, or a part is over a limit above.
 */
MUSTUSE bool upload_open(struct arena *a, const struct request_source *from,
	const char *content_type, size_t max, struct form *fields_r, struct upload **u_r,
	struct err *e);

/*
 * The file's name as the browser sent it, without folders; "" for a text area. For display
 * only.
 */
const char *upload_name(const struct upload *u);

/*
 * The next bytes of the file, valid until the next call. An empty piece is the end of the file;
 * it is then certain that no other part follows.
 */
MUSTUSE bool upload_read(struct upload *u, struct str *piece_r, struct err *e);

#endif
