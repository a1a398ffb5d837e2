#include "pages/site.h"

#include "base/clock.h"
#include "base/log.h"
#include "codec/b64.h"
#include "codec/url.h"
#include "io/file.h"
#include "pages/gate.h"
#include "pages/logo.h"
#include "pages/problem.h"
#include "pages/routes.h"
#include "pages/totp_keys.h"
#include "store/schema.h"
#include "store/stmt.h"

#include <signal.h>

/*
 * STATEMENT_S is the database's statement timeout. Two such waits still end before nginx's
 * fastcgi_read_timeout, so the user gets the error page.
 */
enum { STATEMENT_S = 12, SCHEMA_MS = 60 * 1000 };

static bool answer(struct page *p, const char **allow_r, struct err *e)
{
	if (!router_match(routes_table, routes_count, p->q, &p->route, allow_r, e))
		return false;
	switch (gate_check(p, e)) {
	case GATE_FAILED:
		return false;
	case GATE_ANSWERED:
		return true;
	case GATE_PASS:
		break;
	}
	/*
	 * What was written up to here (last seen, return_to) may be written twice when the
	 * request is repeated.
	 */
	pg_mark(p->db);
	if (!fields_read(p->q, p->route->fields, p->route->n_fields, &p->f, e))
		return false;
	return p->route->handle(p, e);
}

static struct page page_of(struct site *site, struct request *q, struct response *s)
{
	return (struct page){.site = site,
		.q = q,
		.s = s,
		.arena = q->arena,
		.db = site->db,
		.now = clock_now()};
}

/*
 * A request is repeated once after a passing failure of the database (deadlock, serialization
 * failure, timeout), when nothing of it was committed, streamed or read from an upload.
 */
static bool may_repeat(const struct page *p, const struct err *e)
{
	return e->kind == ERR_UNAVAILABLE && pg_may_repeat(p->db) && !p->s->streaming &&
	       p->q->upload == NULL;
}

static bool answer_twice(struct page *p, const char **allow_r, struct err *e)
{
	if (answer(p, allow_r, e))
		return true;
	if (!may_repeat(p, e))
		return false;
	log_info("request.again", log_text("why", e->text));
	pg_rollback(p->db);
	pg_mark(p->db);
	response_init(p->s, p->q);
	*p = page_of(p->site, p->q, p->s);
	return answer(p, allow_r, e);
}

/*
 * After a migration for another build, one request is answered with an error and this process
 * ends; the service manager then starts the new build, or logs why it cannot.
 */
static bool is_fit(struct site *site, struct err *e)
{
	int64_t now = clock_mono_ms();
	int version = 0;
	if (now - site->schema_at_ms < SCHEMA_MS)
		return true;
	site->schema_at_ms = now;
	if (schema_check(site->db, &version, e) || e->kind != ERR_CONFIG)
		return true;
	log_error("web.stale", log_text("why", e->text));
	site->stale = true;
	(void)raise(SIGTERM);
	e->kind = ERR_UNAVAILABLE;
	return false;
}

bool site_is_stale(const struct site *site)
{
	return site->stale;
}

/* The error is in the address or the request, and no gate has looked up the session yet. */
static bool is_before_gates(const struct page *p, const struct err *fault)
{
	return (p->route == NULL || p->route->gates & GATE_LOOPBACK) &&
	       (fault->kind == ERR_NOT_FOUND || fault->kind == ERR_METHOD ||
		       fault->kind == ERR_MALFORMED || fault->kind == ERR_TOO_LARGE);
}

static void tell(struct page *p, const struct err *fault, const char *allow)
{
	struct err e;
	log_err("request.failed", fault);
	if (is_before_gates(p, fault))
		gate_who(p);
	if (p->on_fault != NULL) {
		pg_rollback(p->db);
		if (p->on_fault(p, fault, &e))
			return;
		log_err("request.failed", &e);
	}
	problem_show(p, fault, allow);
}

static void serve(void *user, struct request *q, struct response *s, const struct err *fault)
{
	struct site *site = user;
	struct page p = page_of(site, q, s);
	struct err e = fault == NULL ? (struct err){.kind = ERR_NONE} : *fault;
	const char *allow = NULL;
	int64_t trips = pg_trips(site->db);
	log_context("request", q->id);
	pg_use(site->db, q->arena);
	if (fault != NULL || !is_fit(site, &e) || !answer_twice(&p, &allow, &e))
		tell(&p, &e, allow);
	/* The pattern, not the path: the path may contain a one-time link. */
	log_debug("request", log_text("route", p.route == NULL ? "" : p.route->pattern),
		log_int("status", s->status), log_int("trips", pg_trips(site->db) - trips));
}

/* Whether a file is accepted depends on the route alone; the session is not known yet. */
static size_t upload_max(void *user, const struct request *q)
{
	struct request look = *q;
	const struct route *row;
	const char *allow;
	struct err none;
	(void)user;
	if (!router_match(routes_table, routes_count, &look, &row, &allow, &none))
		return 0;
	return row->gates & GATE_UPLOAD ? GATE_UPLOAD_MAX : 0;
}

/* A set of templates with an error is refused, and the old set stays in use. */
static void reload(void *user)
{
	struct site *site = user;
	struct render *fresh = NULL;
	struct err e;
	(void)totp_keys(site->totp_keys);
	if (!render_load(conf_text(site->conf, CONF_TEMPLATE_DIR), templates_table,
		    TEMPLATE__MAX, &fresh, &e)) {
		log_err("templates.refused", &e);
		return;
	}
	render_free(&site->templates);
	site->templates = fresh;
	keep_clear(site->kept);
	log_info("templates.loaded");
}

static bool add_files(struct arena *a, struct hash_stream *h, const char *suffix, struct err *e)
{
	const char *const *names;
	size_t n;
	if (!file_list(a, "static", suffix, &names, &n, e))
		return false;
	for (size_t i = 0; i < n; i++) {
		struct str text;
		if (!file_read(
			    a, arena_printf(a, "static/%s", names[i]), 1024 * 1024, &text, e))
			return false;
		hash_stream_add(h, text);
	}
	return true;
}

/* The version of cached assets is a hash of their content. */
static bool static_version(struct arena *a, const char **version_r, struct err *e)
{
	struct hash_stream *h = hash_stream_new(a);
	unsigned char sum[HASH_BYTES];
	if (!add_files(a, h, ".css", e) || !add_files(a, h, ".js", e))
		return false;
	hash_stream_end(h, sum);
	*version_r = hex_encode(a, sum, 6);
	return true;
}

bool site_open(struct arena *a, const struct conf *conf, struct site **site_r, struct err *e)
{
	struct site *s = arena_new_of(a, struct site);
	struct url base, authorize;
	s->conf = conf;
	s->base_url = conf_text(conf, CONF_BASE_URL);
	if (!url_parse(a, s->base_url, &base, e) ||
		!url_parse(a, conf_text(conf, CONF_XERO_AUTHORIZE_URL), &authorize, e))
		return false;
	s->cookie_name =
		base.port == 443 ? "__Host-gap" : arena_printf(a, "__Host-gap-%d", base.port);
	/*
	 * Xero's log-in redirects through several of its hosts, and CSP form-action must allow
	 * all of them.
	 */
	s->authorize_origin = str_is(str_of(authorize.host), "login.xero.com")
				      ? "https://login.xero.com https://*.xero.com"
				      : authorize.origin;
	if (!static_version(a, &s->static_version, e) ||
		!totp_keys_open(a, conf_text(conf, CONF_TOTP_KEY_FILE), &s->totp_keys, e) ||
		!render_load(conf_text(conf, CONF_TEMPLATE_DIR), templates_table, TEMPLATE__MAX,
			&s->templates, e))
		return false;
	s->kept = keep_new(a);
	s->schema_at_ms = clock_mono_ms();
	s->logos = logo_seen_new(a);
	s->db = pg_new(a, conf_text(conf, CONF_DATABASE_URL), "gap-web", stmt_table, STMT__MAX);
	pg_limit(s->db, STATEMENT_S);
	*site_r = s;
	return true;
}

struct server_site site_server(struct site *site)
{
	return (struct server_site){
		.serve = serve, .reload = reload, .user = site, .upload_max = upload_max};
}
