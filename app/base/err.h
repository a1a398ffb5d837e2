/*
 * Errors are values. The kind of an error says who must act. One table (err_rule) maps the kind
 * to an HTTP status, a log level and whether a retry may help. The web and the worker both use
 * that table.
 *
 *     if (n > 10)
 *             return err_set(e, ERR_INVALID, "Choose at most 10.");
 *
 * The sentence is for the person whom the kind names. For INVALID, DENIED, CONFLICT, LIMITED
 * and TOO_LARGE it may be shown to the user as it is. For the other kinds the page shows words
 * of its own and the sentence goes to the log.
 */
#ifndef GAP_BASE_ERR_H
#define GAP_BASE_ERR_H

#include "base/base.h"

enum err_kind {
	ERR_NONE,
	ERR_INVALID,	 /* the sender: the input breaks a rule                   422 */
	ERR_MALFORMED,	 /* the sender: the input is not well-formed              400 */
	ERR_DENIED,	 /* the sender may not do this                            403 */
	ERR_NOT_FOUND,	 /* it does not exist, or not in this organisation        404 */
	ERR_METHOD,	 /* wrong method for this address                         405 */
	ERR_CONFLICT,	 /* its present state forbids it                          409 */
	ERR_TOO_LARGE,	 /* over a stated limit                                   413 */
	ERR_LIMITED,	 /* too many tries; retry later                           429 */
	ERR_UNAVAILABLE, /* our database or a part of us is down; temporary       503 */
	ERR_UPSTREAM,	 /* Xero or SMTP failed; temporary                        502 */
	ERR_REFUSED,	 /* Xero or SMTP refused: a person must act; no retry     502 */
	ERR_UNCERTAIN,	 /* we do not know whether it happened                    503 */
	ERR_CONFIG,	 /* the operator: a setting is missing or wrong           500 */
	ERR_INTERNAL,	 /* our own fault                                         500 */
	ERR__MAX
};

struct err {
	enum err_kind kind;
	int retry_after_s; /* of LIMITED, UNAVAILABLE, UPSTREAM; 0: not known */
	char text[240];
	const char *file;
	int line;
};

enum err_retry { RETRY_NEVER, RETRY_LATER };

struct err_rule {
	const char *name; /* for logs and metrics: "invalid", ... */
	int http_status;
	int log_level; /* enum log_level of base/log.h */
	enum err_retry retry;
};

/* Fills *e and returns false, so that a failing function needs only one line to return. */
#define err_set(e, kind, ...) err_set_at((e), (kind), __FILE__, __LINE__, __VA_ARGS__)
bool err_set_at(struct err *e, enum err_kind kind, const char *file, int line, const char *fmt,
	...) PRINTF(5, 6);

/* As err_set, with the number of seconds after which a retry makes sense. */
#define err_set_after(e, kind, seconds, ...)                       \
	(err_set_at((e), (kind), __FILE__, __LINE__, __VA_ARGS__), \
		(e)->retry_after_s = (seconds), false)

const struct err_rule *err_rule(enum err_kind kind);

#endif
