/*
 * One request on its way through the site: what every handler is given, and
 * the few verbs a handler of ten lines needs. A handler holds no SQL, no HTML,
 * no free() and no permission test: those are in store/, templates/, the arena
 * and the route table's gates.
 */
#ifndef GAP_PAGES_PAGE_H
#define GAP_PAGES_PAGE_H

#include "codec/seal.h"
#include "io/conf.h"
#include "pages/templates.h"
#include "store/audit.h"
#include "store/sessions.h"
#include "web/keep.h"
#include "web/render.h"
#include "web/response.h"
#include "web/router.h"

/* The process: made once after fork. */
struct site {
	const struct conf *conf;
	struct pg *db;
	struct render *templates;
	struct logo_seen *logos; /* pages/logo.h */
	struct keep *kept; /* rendered pieces, web/keep.h: emptied when the templates change */
	struct totp_keys *totp_keys;  /* pages/totp_keys.h */
	const char *base_url;	      /* origin of the site */
	const char *cookie_name;      /* __Host-gap-<port> */
	const char *static_version;   /* changes when static/ does: ?v= */
	const char *authorize_origin; /* for form-action on pages that lead to Xero */
	int64_t schema_at_ms;	      /* when the database's version was last looked at */
	bool stale;		      /* it is another build's: this process is to end */
};

struct page {
	struct site *site;
	struct request *q;
	struct response *s;
	struct arena *arena;
	struct pg *db;
	const struct route *route;
	struct fields f;
	const struct who *who;	    /* NULL: nobody is logged in */
	struct session_token token; /* of who */
	const char *csrf;	    /* chrome_csrf's, once it was asked for */
	int64_t now;

	/* What the layout shows besides the content; set by a handler before page_show. */
	const char *title;
	const char *
		section; /* "clients", "syncs", "settings", "profile", "": the menu entry to mark */
	int refresh_s; /* without script: meta refresh, 0 none */
	const char *refresh_to;
	const char *poll;     /* address asked while the page is visible */
	const char *poll_key; /* its answer now; another answer updates the page */
	int poll_s;
	const char *bar_kind,
		*bar_text; /* a bar of this answer itself, besides the session's */
	bool bar_refresh;
	bool keeps_bar; /* the session's bar waits for the next page: nobody meant to come here */
	bool leads_to_xero; /* CSP form-action */

	/*
	 * Set by a handler whose page can say itself that a part of it failed: called instead of
	 * problem_show, out of every transaction, once repeating has not helped. When it fails too, or is
	 * NULL, it is the problem page.
	 */
	bool (*on_fault)(struct page *p, const struct err *fault, struct err *e);
};

/* A page inside the layout: 200 unless status says otherwise (422 for a form with errors, 429, ...). */
MUSTUSE bool page_show(
	struct page *p, enum template_id id, const void *values, int status, struct err *e);

/* 303 to a local address; with a bar on the page it leads to. */
MUSTUSE bool page_go(struct page *p, const char *to);
MUSTUSE bool page_go_with(
	struct page *p, const char *to, const char *kind, const char *text, struct err *e);

/* A small JSON answer for the scripts: {"key":"..."}. */
MUSTUSE bool page_key(struct page *p, const char *key);

/* One line in the audit chain about this request. */
MUSTUSE bool page_audit(struct page *p, const char *event, const char *result,
	const char *detail, struct err *e);
/* About somebody who is not logged in: in the chain of their organisation; 0, 0: nobody we know. */
MUSTUSE bool page_audit_of(struct page *p, int64_t org_id, int64_t user_id, const char *event,
	const char *result, const char *detail, struct err *e);

/*
 * A change and its audit line, together or not at all: pg_begin(p->db, p->who->org_id, e), the change,
 * the redirect with its bar, page_audit, pg_commit. The audit line comes last: it makes every other of
 * the organisation wait. What is left uncommitted is rolled back behind the answer.
 */

/*
 * A password or a code was given: the session goes on under a new token, whole and fresh. The caller
 * gives it to the browser, when everything else is done: page_set_cookie(p, &p->token).
 */
MUSTUSE bool page_rise(struct page *p, struct err *e);

/* Gives the browser this session token; NULL takes it away. */
void page_set_cookie(struct page *p, const struct session_token *t);

/* Was a password or code given within five minutes? */
bool page_is_fresh(const struct page *p);

bool page_is_admin(const struct page *p);

/*
 * "path?name=value&name=value" with the values percent-encoded. A pair whose value is NULL or "" is left
 * out, so that an address says only what is not usual. Never cut, however long the values are.
 */
struct page_pair {
	const char *name, *value;
};
const char *page_address(
	struct page *p, const char *path, const struct page_pair *pairs, size_t n);

/* Text helpers on the page's arena. */
char *page_date(struct page *p, int64_t at);	    /* "22 Nov 2026, 06:12" */
const char *page_number(struct page *p, int64_t n); /* str_number's */
const char *page_digits(struct page *p, int64_t n); /* "1234", for an address; NULL of 0 */

/*
 * A moment as every page shows it, by the template part/time: words, the exact time where the pointer
 * rests, and the same for machines. In the reader's zone. NULL of 0, so that {{#with}} leaves it out.
 */
struct moment {
	const char *text, *exact, *iso;
};
extern const struct tmpl_shape moment_shape;
const struct moment *page_moment(struct page *p, int64_t at); /* "22 Nov 2026, 06:12" */
const struct moment *page_ago(struct page *p, int64_t at);    /* "5 minutes ago" */
const struct moment *page_day(struct page *p, int64_t at);    /* "22 Nov 2026" */

#endif
