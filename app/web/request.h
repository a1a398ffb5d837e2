/*
 * What the browser said, judged before anyone reads it: method, path, query,
 * form, cookies. NUL, invalid UTF-8, a bad escape, a body that is no form, a
 * parameter given twice: 400. A body over 64 KiB: 413.
 *
 * A form is application/x-www-form-urlencoded and nothing else: an HTML form
 * of another site can also send text/plain and multipart, and those carry
 * nothing here. Two other bodies there are: a browser's CSP report, kept as
 * bytes; and multipart/form-data where the site says that the address takes a
 * file. Of that the form's own fields are read, and the file waits in `upload`
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

/* Where the words come from: FastCGI, or a table in a test. */
struct request_source {
	const char *(*param)(void *user, const char *cgi_name); /* NULL when absent */
	/* As fcgi_body. */
	bool (*body)(
		void *user, struct arena *a, size_t max, struct str *body_r, struct err *e);
	void *user;
	/*
	 * How large a body with a file this address takes, 0: none. NULL: no
	 * address does. Asked with method, path and query judged.
	 */
	size_t (*upload_max)(void *site, const struct request *r);
	void *site;
	/* As fcgi_body_piece; NULL where upload_max is. */
	bool (*piece)(
		void *user, char *into, size_t room, size_t max, size_t *n_r, struct err *e);
};

struct request {
	struct fcgi *fcgi; /* NULL in tests of the judging */
	struct request_source source;
	struct arena *arena;
	enum method method;
	const char *method_text;
	const char *path;	/* as sent, without query; begins with '/' */
	const char *query_text; /* as sent; "" when none */
	struct form query;
	struct form body;  /* POST only */
	struct str report; /* POST of a CSP report: its bytes, UTF-8 without NUL; else empty */
	struct upload *upload;	/* the file of a multipart form; NULL: none came */
	const char *peer;	/* address nginx saw */
	const char *id;		/* nginx's request id, 32 hex; made here when nginx sent none */
	const char *user_agent; /* "" when none, cut at 200 bytes, UTF-8 repaired */
	const char *host;	/* "" when none */
	/* Path parameters of the matched route, in order: "{id}" */
	const char *param[REQUEST_PARAMS_MAX];
	int64_t id_param; /* first {id} as number; 0 when the route has none */
};

/*
 * Fills *r_r from the accepted FastCGI request; upload_max and site as in the
 * source. On false the request is still good for an error page: every text is
 * set, "" or "/" where nothing could be believed, and both forms are empty from
 * the fault on.
 */
MUSTUSE bool request_read(struct arena *a, struct fcgi *f,
	size_t (*upload_max)(void *site, const struct request *r), void *site,
	struct request *r_r, struct err *e);

/* The same from any source. ERR_MALFORMED, ERR_TOO_LARGE. */
MUSTUSE bool request_judge(
	struct arena *a, const struct request_source *from, struct request *r_r, struct err *e);

/*
 * NULL when absent; the first of its name. A value that is not cookie-octets
 * (RFC 6265 section 4.1.1) is not ours and counts as absent.
 */
const char *request_cookie(const struct request *r, const char *name);

/* "HTTP_ORIGIN". NULL when absent, empty, not UTF-8 or with a control character in it. */
const char *request_header(const struct request *r, const char *cgi_name);

/*
 * Sec-Fetch-Site / Origin say it came from another site or another origin
 * (absent headers: no). "Origin: null" counts as another site only where
 * Sec-Fetch-Site is missing: under our own Referrer-Policy: no-referrer a
 * browser sends it with our own forms (Fetch standard, "append a request
 * `Origin` header").
 */
bool request_is_cross_site(const struct request *r, const char *own_origin);

#endif
