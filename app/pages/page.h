/*
 * One request on its way through the site: the data that every handler gets, and the few
 * functions that a short handler needs. A handler contains no SQL, no HTML, no free() and no
 * permission check: these are in store/, in templates/, in the arena and in the gates of the
 * route table.
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

/* Per process; made once, after fork. */
struct site {
	const struct conf *conf;
	struct pg *db;
	struct render *templates;
	struct logo_seen *logos; /* pages/logo.h */
	/* Rendered pieces (web/keep.h); emptied when the templates change */
	struct keep *kept;
	struct totp_keys *totp_keys;  /* pages/totp_keys.h */
	const char *base_url;	      /* origin of the site */
	const char *cookie_name;      /* __Host-gap-<port> */
	const char *static_version;   /* changes when static/ does: ?v= */
	const char *authorize_origin; /* CSP form-action of pages that lead to Xero */
	int64_t schema_at_ms;	      /* when the schema version was last checked */
	bool stale;		      /* the schema is another build's: the process must end */
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
	struct session_token token; /* the session token of `who` */
	const char *csrf;	    /* made by the first chrome_csrf; NULL before */
	int64_t now;

	/* What the layout shows besides the content. A handler sets it before page_show. */
	const char *title;
	/* The menu entry to mark: "clients", "syncs", "settings", "profile" or "" */
	const char *section;
	int refresh_s; /* seconds of a meta refresh, for browsers without script; 0: none */
	const char *refresh_to;
	const char *poll;     /* address that the script polls while the page is visible */
	const char *poll_key; /* its answer now; another answer updates the page */
	int poll_s;
	/* The bar of this response; it wins over the session's */
	const char *bar_kind, *bar_text;
	bool bar_refresh;
	/* The session's bar waits for the next page: the person did not choose this one */
	bool keeps_bar;
	bool leads_to_xero; /* adds site->authorize_origin to CSP form-action */

	/*
	 * Set by a handler whose page can itself show that a part of it failed. Called instead
	 * of problem_show, outside any transaction, when a repetition has failed as well. When
	 * it is NULL, or fails too, the problem page is shown.
	 */
	bool (*on_fault)(struct page *p, const struct err *fault, struct err *e);
};

/* Renders a page inside the layout. `status` is 200, 422 for a form with errors, 429, ... */
MUSTUSE bool page_show(
	struct page *p, enum template_id id, const void *values, int status, struct err *e);

/*
 * 303 to a local address. page_go_with also leaves a bar in the session, for the page it leads
 * to.
 */
MUSTUSE bool page_go(struct page *p, const char *to);
MUSTUSE bool page_go_with(
	struct page *p, const char *to, const char *kind, const char *text, struct err *e);

/* A small JSON answer for the scripts: {"key":"..."}. */
MUSTUSE bool page_key(struct page *p, const char *key);

/* Writes one line about this request into the audit chain of p->who's organisation. */
MUSTUSE bool page_audit(struct page *p, const char *event, const char *result,
	const char *detail, struct err *e);
/*
 * The same about a person who is not logged in, into the chain of their organisation. org_id
 * and user_id 0: an unknown person.
 */
MUSTUSE bool page_audit_of(struct page *p, int64_t org_id, int64_t user_id, const char *event,
	const char *result, const char *detail, struct err *e);

/*
 * A change and its audit line belong to one transaction: pg_begin(p->db, p->who->org_id, e),
 * the change, the redirect with its bar, page_audit, pg_commit. The audit line comes last,
 * because it locks the chain and every other audit line of the organisation waits for it. A
 * transaction that is still open after the response is rolled back.
 */

/*
 * Call when a password or a code was right: the session continues under a new token, complete
 * and fresh. When everything else has succeeded, the caller gives the token to the browser:
 * page_set_cookie(p, &p->token).
 */
MUSTUSE bool page_rise(struct page *p, struct err *e);

/* Sets the session cookie to this token; NULL removes the cookie. */
void page_set_cookie(struct page *p, const struct session_token *t);

/* True when a password or code was given within five minutes. */
bool page_is_fresh(const struct page *p);

bool page_is_admin(const struct page *p);

/*
 * "path?name=value&name=value" with percent-encoded values. A pair whose value is NULL or "" is
 * left out, so that an address names only what differs from the default. Never cut, however
 * long the values are.
 */
struct page_pair {
	const char *name, *value;
};
const char *page_address(
	struct page *p, const char *path, const struct page_pair *pairs, size_t n);

/* Texts on the page's arena. */
char *page_date(struct page *p, int64_t at);	    /* "22 Nov 2026, 06:12" */
const char *page_number(struct page *p, int64_t n); /* as str_number */
const char *page_digits(struct page *p, int64_t n); /* "1234", for an address; NULL of 0 */

/*
 * A point in time as every page shows it, by the template part/time: in words, exactly (as a
 * tooltip), and for machines (ISO 8601). In the reader's time zone. The functions return NULL
 * when `at` is 0, so that {{#with}} leaves it out.
 */
struct moment {
	const char *text, *exact, *iso;
};
extern const struct tmpl_shape moment_shape;
const struct moment *page_moment(struct page *p, int64_t at); /* "22 Nov 2026, 06:12" */
const struct moment *page_ago(struct page *p, int64_t at);    /* "5 minutes ago" */
const struct moment *page_day(struct page *p, int64_t at);    /* "22 Nov 2026" */

#endif
