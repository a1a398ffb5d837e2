#include "base/clock.h"
#include "base/log.h"
#include "xpm/api.h"

/* Xero also writes "insufficent_scope"; both spellings occur. */
static bool says_scope(const struct http_reply *r)
{
	const char *why = http_header(r, "www-authenticate");
	return why != NULL && (strstr(why, "insufficent_scope") != NULL ||
				      strstr(why, "insufficient_scope") != NULL);
}

/* "day" or "Day", perhaps with more text later: compares the beginning, in any letter case. */
static bool says_day(const struct http_reply *r)
{
	struct str problem = str_of(http_header(r, "x-rate-limit-problem"));
	return str_is_ci(str_sub(problem, 0, 3), "day");
}

static int64_t number_of(const struct http_reply *r, const char *name)
{
	int64_t n = -1;
	const char *text = http_header(r, name);
	return text != NULL && str_to_i64(str_trim(str_of(text)), &n) && n >= 0 ? n : -1;
}

static enum xero_trouble trouble_of(const struct http_reply *r)
{
	if (r->status == 401)
		return says_scope(r) ? XERO_SCOPE : XERO_TOKEN;
	if (r->status == 403)
		return XERO_FORBIDDEN;
	if (r->status == 404)
		return XERO_GONE;
	if (r->status == 429)
		return says_day(r) ? XERO_DAY : XERO_MINUTE;
	return XERO_DOWN;
}

/*
 * A practice has 60 calls a minute: the last MINUTE_LOW are spent slowly, and when none is left
 * the pause is MINUTE_SPENT_S. The app has 10,000 a minute for all practices: the last APP_LOW
 * are left to calls that other workers have begun.
 */
enum { MINUTE_LOW = 10, APP_LOW = 100, MINUTE_SPENT_S = 30 };

static int breathe_of(const struct http_reply *r)
{
	int64_t minute = number_of(r, "x-minlimit-remaining");
	int64_t app = number_of(r, "x-appminlimit-remaining");
	if (minute == 0 || (app >= 0 && app < APP_LOW))
		return MINUTE_SPENT_S;
	return minute > 0 && minute < MINUTE_LOW ? (int)(MINUTE_LOW - minute) : 0;
}

static bool judge(const struct http_reply *r, struct xero_answer *w, struct err *e)
{
	w->trouble = trouble_of(r);
	int after = w->retry_after_s < 0 ? 0 : w->retry_after_s;
	switch (w->trouble) {
	case XERO_TOKEN:
		return err_set(
			e, ERR_REFUSED, "Xero does not accept the sign-in any more (401).");
	case XERO_SCOPE:
		return err_set(
			e, ERR_REFUSED, "Xero asks for a permission we were not given (401).");
	case XERO_FORBIDDEN:
		return err_set(e, ERR_REFUSED, "Xero refuses access to this practice (403).");
	case XERO_GONE:
		return err_set(e, ERR_NOT_FOUND, "Xero knows no such thing (404).");
	case XERO_MINUTE:
	case XERO_DAY:
		return err_set_after(e, ERR_LIMITED, after, "Xero's limit is reached (429).");
	case XERO_DOWN:
	case XERO_FINE:
	case XERO_ERROR:
		break;
	}
	return err_set_after(
		e, ERR_UPSTREAM, after, "Xero answered with status %d.", r->status);
}

static void log_answer(const char *what, const struct http_reply *r)
{
	const char *id = http_header(r, "xero-correlation-id");
	log_info("xero.answer", log_text("call", what), log_int("status", r->status),
		log_int("bytes", r->bytes), log_text("correlation", id),
		log_int("day_left", number_of(r, "x-daylimit-remaining")));
}

void xero_log_failed(const char *what, const struct http_reply *r, const struct err *e)
{
	if (r->untrusted)
		log_error("security.tls", log_text("call", what), log_text("why", e->text));
	log_warn("xero.failed", log_text("call", what), log_text("why", e->text));
}

bool xero_call(const struct xero_setup *s, struct arena *a, const char *what,
	const struct http_request *q, struct http_reply *reply_r, struct xero_answer *w_r,
	struct err *e)
{
	*reply_r = (struct http_reply){0};
	bool came = http_fetch(s->http, a, q, reply_r, e);
	*w_r = (struct xero_answer){
		.trouble = XERO_DOWN,
		.status = reply_r->status,
		.bytes = reply_r->bytes,
		.retry_after_s = http_retry_after(reply_r, clock_now()),
		.day_left = number_of(reply_r, "x-daylimit-remaining"),
		.breathe_s = breathe_of(reply_r),
		.untrusted = reply_r->untrusted,
	};
	if (reply_r->status != 0)
		log_answer(what, reply_r);
	if (!came) {
		xero_log_failed(what, reply_r, e);
		return false;
	}
	if (reply_r->status < 200 || reply_r->status > 299)
		return judge(reply_r, w_r, e);
	w_r->trouble = XERO_FINE;
	return true;
}

bool xero_says_gone(const char *reason)
{
	static const char *const words[] = {
		"invalid", "not found", "does not exist", "could not be found"};
	struct arena *a = arena_new();
	const char *lower = str_lower(a, str_of(reason));
	bool gone = false;
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		gone |= strstr(lower, words[i]) != NULL;
	arena_free(&a);
	return gone;
}
