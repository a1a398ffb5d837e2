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
#include "store/stmt.h"

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
	if (!fields_read(p->q, p->route->fields, p->route->n_fields, &p->f, e))
		return false;
	return p->route->handle(p, e);
}

static void serve(void *user, struct request *q, struct response *s, const struct err *fault)
{
	struct site *site = user;
	struct page p = {.site = site,
		.q = q,
		.s = s,
		.arena = q->arena,
		.db = site->db,
		.now = clock_now()};
	struct err e = fault == NULL ? (struct err){.kind = ERR_NONE} : *fault;
	const char *allow = NULL;
	int64_t trips = pg_trips(site->db);
	log_context("request", q->id);
	pg_use(site->db, q->arena);
	if (fault != NULL || !answer(&p, &allow, &e)) {
		log_err("request.failed", &e);
		problem_show(&p, &e, allow);
	}
	/* Not the address itself: it may be a one-time link. */
	log_debug("request", log_text("route", p.route == NULL ? "" : p.route->pattern),
		log_int("status", s->status), log_int("trips", pg_trips(site->db) - trips));
}

/* A file is let in by the row of its address alone, before anybody's session is looked at. */
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

/* A set of templates with a fault is refused; the site goes on with the one it has. */
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

/* Cached assets carry a version made of what they hold. */
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
	/* Xero's log-in goes through several of its hosts (rulings 13). */
	s->authorize_origin = str_is(str_of(authorize.host), "login.xero.com")
				      ? "https://login.xero.com https://*.xero.com"
				      : authorize.origin;
	if (!static_version(a, &s->static_version, e) ||
		!totp_keys_open(a, conf_text(conf, CONF_TOTP_KEY_FILE), &s->totp_keys, e) ||
		!render_load(conf_text(conf, CONF_TEMPLATE_DIR), templates_table, TEMPLATE__MAX,
			&s->templates, e))
		return false;
	s->kept = keep_new(a);
	s->logos = logo_seen_new(a);
	s->db = pg_new(a, conf_text(conf, CONF_DATABASE_URL), "gap-web", stmt_table, STMT__MAX);
	*site_r = s;
	return true;
}

struct server_site site_server(struct site *site)
{
	return (struct server_site){
		.serve = serve, .reload = reload, .user = site, .upload_max = upload_max};
}
