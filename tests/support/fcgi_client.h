/*
 * A FastCGI client for tests: what nginx says to a program, said from C, so a
 * page can be asked for without nginx and a record can be sent wrong on
 * purpose (FastCGI specification 1.0, sections 3, 5 and 8).
 */
#ifndef GAP_TESTS_FCGI_CLIENT_H
#define GAP_TESTS_FCGI_CLIENT_H

#include "base/buf.h"

enum { FCGI_CLIENT_TIMEOUT_S = 30, FCGI_CLIENT_MAX = 16 * 1024 * 1024 };

/* Types of records, section 8. */
enum fcgi_type {
	FCGI_TYPE_BEGIN = 1,
	FCGI_TYPE_ABORT = 2,
	FCGI_TYPE_END = 3,
	FCGI_TYPE_PARAMS = 4,
	FCGI_TYPE_STDIN = 5,
	FCGI_TYPE_STDOUT = 6,
	FCGI_TYPE_STDERR = 7
};

struct fcgi_ask {
	const char *method;
	const char *uri; /* as a browser sends it: path and query */
	/* NAME, value, ..., NULL: "HTTP_COOKIE", "a=b". Overrides what is sent otherwise; value "-" leaves it out. */
	const char *const *params;
	struct str body;
};

struct fcgi_answer {
	int status;
	const char *head; /* header lines, without the empty one */
	struct str body;  /* NUL-terminated */
	bool complete;	  /* the end record came: not cut off */
};

/* One whole conversation. False: no connection, no answer in 30 s (nginx waits no longer), or not even headers came. */
MUSTUSE bool fcgi_ask(struct arena *a, const char *socket_path, const struct fcgi_ask *ask,
	struct fcgi_answer *answer_r);
MUSTUSE bool fcgi_get(struct arena *a, const char *socket_path, const char *uri,
	const char *const *params, struct fcgi_answer *answer_r);
/* `form` is urlencoded text. */
MUSTUSE bool fcgi_post(struct arena *a, const char *socket_path, const char *uri,
	const char *const *params, const char *form, struct fcgi_answer *answer_r);

/* The first header of that name, in any case; NULL when absent. */
const char *fcgi_answer_header(
	struct arena *a, const struct fcgi_answer *answer, const char *name);
/* How often it stands there. */
size_t fcgi_answer_count(const struct fcgi_answer *answer, const char *name);
/* The value that Set-Cookie gives `name`, without its attributes; NULL when it gives none. */
const char *fcgi_answer_cookie(
	struct arena *a, const struct fcgi_answer *answer, const char *name);

/* In pieces, for conversations that go wrong. -1: nobody listens. */
int fcgi_client_connect(const char *socket_path);
void fcgi_client_record(struct buf *out, enum fcgi_type type, struct str content);
void fcgi_client_request(struct buf *out, const struct fcgi_ask *ask);
MUSTUSE bool fcgi_client_send(int fd, struct str bytes); /* false: the other end closed */
MUSTUSE bool fcgi_client_receive(struct arena *a, int fd, struct fcgi_answer *answer_r);

#endif
