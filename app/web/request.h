/*
 * The request of a browser, validated before a handler reads it: method, path, query, form and
 * cookies. NUL, invalid UTF-8, a bad percent escape, a body that is not a form, or a parameter
 * given twice: 400. A body over 64 KiB: 413.
 *
 * A form is application/x-www-form-urlencoded only. An HTML form of another site can also send
 * text/plain and multipart/form-data; these are not read as forms. There are two other kinds of
 * body: the CSP report of a browser, kept as bytes; and multipart/form-data at an address that
 * takes a file. From the latter the fields are read at once, and the file waits in `upload`
 * until a handler asks for it (web/upload.h).
 */
#ifndef GAP_WEB_REQUEST_H
#define GAP_WEB_REQUEST_H

#include "base/err.h"
#include "codec/form.h"
#include "io/fcgi.h"

enum method { METHOD_GET, METHOD_HEAD, METHOD_POST, METHOD_DELETE, METHOD_OTHER };
enum { REQUEST_BODY_MAX = 64 * 1024, REQUEST_QUERY_MAX = 8 * 1024, REQUEST_PATH_MAX = 1024 };
enum { REQUEST_METHOD_MAX = 16, REQUEST_AGENT_MAX = 200, REQUEST_PARAMS_MAX = 2 };

struct request;
struct upload;

/* Where a request is read from: FastCGI, or a table in a test. */
struct request_source {
	const char *(*param)(void *user, const char *cgi_name); /* NULL when absent */
	/* As fcgi_body. */
	bool (*body)(
		void *user, struct arena *a, size_t max, struct str *body_r, struct err *e);
	void *user;
	/*
	 * The largest body in bytes that this address takes with a file; 0: it takes no file.
	 * NULL: no address takes a file. Called when method, path and query are valid.
	 */
	size_t (*upload_max)(void *site, const struct request *r);
	void *site;
	/* As fcgi_body_piece; NULL when upload_max is NULL. */
	bool (*piece)(
		void *user, char *into, size_t room, size_t max, size_t *n_r, struct err *e);
};

struct request {
	struct fcgi *fcgi; /* NULL in tests of request_judge */
	struct request_source source;
	struct arena *arena;
	enum method method;
	const char *method_text;
	const char *path;	/* as sent, without query; begins with '/' */
	const char *query_text; /* as sent; "" when none */
	struct form query;
	struct form body; /* POST only */
	/* The bytes of a POSTed CSP report (UTF-8 without NUL); else empty */
	struct str report;
	struct upload *upload; /* the file of a multipart form; NULL: there is none */
	const char *peer;      /* the client's address, as nginx saw it */
	/* nginx's request id, 32 hex digits; made here when nginx sent none */
	const char *id;
	const char *user_agent; /* "" when none; cut at 200 bytes, valid UTF-8 */
	const char *host;	/* "" when none */
	/* Path parameters of the matched route ("{id}", "{name}"), in order */
	const char *param[REQUEST_PARAMS_MAX];
	int64_t id_param; /* the first {id} as a number; 0 when the route has none */
};

/*
 * Fills *r_r from the accepted FastCGI request; `upload_max` and `site` are those of struct
 * request_source. On false *r_r is still good for an error page: every text is set ("" or "/"
 * where the sent text could not be trusted), and a form that was not read before the error is
 * empty.
 */
MUSTUSE bool request_read(struct arena *a, struct fcgi *f,
	size_t (*upload_max)(void *site, const struct request *r), void *site,
	struct request *r_r, struct err *e);

/*
 * The same from any source. ERR_MALFORMED: the request breaks a rule above. ERR_TOO_LARGE: the
 * body is over its limit.
 */
MUSTUSE bool request_judge(
	struct arena *a, const struct request_source *from, struct request *r_r, struct err *e);

/*
 * The value of the first cookie of that name; NULL when there is none. A value that is not made
 * of cookie-octets (RFC 6265 section 4.1.1) was not set by us and counts as absent.
 */
const char *request_cookie(const struct request *r, const char *name);

/*
 * A header by its CGI name ("HTTP_ORIGIN"). NULL when it is absent, empty, not UTF-8 or
 * contains a control character.
 */
const char *request_header(const struct request *r, const char *cgi_name);

/*
 * True when Sec-Fetch-Site or Origin says that the request came from another site or another
 * origin; false when both are absent. "Origin: null" counts as another site only when
 * Sec-Fetch-Site is absent: our Referrer-Policy is no-referrer, and under it a browser sends
 * "null" with our own forms too (Fetch standard, "append a request `Origin` header").
 */
bool request_is_cross_site(const struct request *r, const char *own_origin);

#endif
