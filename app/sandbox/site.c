#include "sandbox/site.h"

#include "base/clock.h"
#include "base/log.h"
#include "codec/url.h"
#include "sandbox/answers.h"
#include "sandbox/bearer.h"
#include "sandbox/claims.h"
#include "sandbox/reply.h"
#include "sandbox/routes.h"
#include "sandbox/session.h"
#include "sandbox/stmt.h"

/*
 * The templates lie beside the code, not in templates/: nothing of the sandbox is in a
 * production build.
 */
static bool load_templates(struct render **set_r, struct err *e)
{
	return render_load(
		"app/sandbox/templates", sandbox_templates, SANDBOX_TEMPLATE__MAX, set_r, e);
}

bool sandbox_fault_is(const struct page *p, const char *name)
{
	return p->fault.name != NULL && strcmp(p->fault.name, name) == 0;
}

static bool is_loopback(const char *peer)
{
	return str_starts(str_of(peer), "127.") || strcmp(peer, "::1") == 0;
}

/*
 * True: call the handler. False with *answered_r: the gate has responded; false without it: *e
 * says why.
 */
static bool pass_gate(struct page *p, enum sandbox_gate gate, bool *answered_r, struct err *e)
{
	*answered_r = false;
	switch (gate) {
	case GATE_LOOPBACK:
		if (!is_loopback(p->q->peer))
			return err_set(e, ERR_NOT_FOUND, "There is no such page.");
		break;
	case GATE_ANYONE:
		break;
	case GATE_FORM:
		if (!sandbox_session_load(p, e))
			return false;
		if (!sandbox_form_is_ours(p))
			return err_set(e, ERR_DENIED,
				"This page is no longer valid. Go back to the app and start again.");
		break;
	case GATE_TOKEN:
		return bearer_check(p, answered_r, e) && !*answered_r;
	}
	return true;
}

static bool arrive(struct page *p, enum endpoint at, struct err *e)
{
	p->endpoint = at;
	if (!fault_arrive(p->db, at, &p->settings, &p->fault, e))
		return false;
	if (p->fault.name != NULL)
		log_info("sandbox.fault", log_text("endpoint", endpoint_names[at]),
			log_text("fault", p->fault.name), log_text("arg", p->fault.arg));
	return true;
}

static bool answer(struct page *p, const char **allow_r, struct err *e)
{
	const struct route *route;
	bool answered;
	if (!router_match(sandbox_routes, sandbox_routes_n, p->q, &route, allow_r, e))
		return false;
	enum sandbox_gate gate = (enum sandbox_gate)(route->gates & 0xFF);
	if (!arrive(p, (enum endpoint)(route->gates >> 8), e))
		return false;
	if (gate != GATE_LOOPBACK)
		(void)fault_sleep(p->settings.latency_ms);
	if (answer_with_fault(p))
		return true;
	if (!pass_gate(p, gate, &answered, e))
		return answered;
	if (!fields_read(p->q, route->fields, route->n_fields, &p->f, e))
		return false;
	return route->handle(p, e);
}

static bool is_token_endpoint(const struct page *p)
{
	return strcmp(p->q->path, "/connect/token") == 0;
}

static bool is_api(const struct page *p)
{
	struct str path = str_of(p->q->path);
	return str_starts(path, "/practicemanager/") || str_starts(path, "/connections");
}

/* The error response, in the format of the endpoint that was called. */
static void problem(struct page *p, const struct err *e, const char *allow)
{
	int status = err_rule(e->kind)->http_status;
	if (p->s->streaming)
		return;
	if (is_token_endpoint(p))
		(void)reply_oauth_error(
			p, 400, status == 400 ? "unsupported_grant_type" : "server_error");
	else if (is_api(p))
		(void)reply_text(p, status, "The resource you're looking for cannot be found");
	else
		(void)reply_refused(p, status,
			status < 500 ? e->text
				     : "Something went wrong on our side. Try again.");
	if (allow != NULL)
		response_header(p->s, "Allow", allow);
}

static void serve(void *user, struct request *q, struct response *s, const struct err *fault)
{
	struct sandbox *site = user;
	struct page p = {.site = site,
		.q = q,
		.s = s,
		.arena = q->arena,
		.db = site->db,
		.now = clock_now()};
	struct err e = fault == NULL ? (struct err){.kind = ERR_NONE} : *fault;
	const char *allow = NULL;
	char *id;
	log_context("request", q->id);
	pg_use(site->db, q->arena);
	p.correlation_id = keys_uuid(q->arena, &id, &e) ? id : q->id;
	if (fault != NULL || !answer(&p, &allow, &e)) {
		log_err("request.failed", &e);
		problem(&p, &e, allow);
	}
	log_debug("request", log_text("path", q->path), log_int("status", s->status));
}

/* A set of templates with an error is refused, and the old set stays in use. */
static void reload(void *user)
{
	struct sandbox *site = user;
	struct render *fresh = NULL;
	struct err e;
	if (!load_templates(&fresh, &e)) {
		log_err("templates.refused", &e);
		return;
	}
	render_free(&site->templates);
	site->templates = fresh;
}

struct pg *sandbox_database(struct arena *a, const struct conf *conf)
{
	return pg_new(a, conf_text(conf, CONF_DATABASE_URL), "gap-sandbox", sandbox_stmt_table,
		SANDBOX_STMT__MAX);
}

/* Settings without a default that the sandbox cannot do without. */
static const struct {
	enum conf_key key;
	const char *name;
} required[] = {
	{CONF_SANDBOX_CLIENT_ID, "GAP_SANDBOX_CLIENT_ID"},
	{CONF_SANDBOX_CLIENT_SECRET, "GAP_SANDBOX_CLIENT_SECRET"},
	{CONF_SANDBOX_REDIRECT_URI, "GAP_SANDBOX_REDIRECT_URI"},
};

static bool all_is_set(const struct conf *conf, struct err *e)
{
	for (size_t i = 0; i < ARRAY_LEN(required); i++)
		if (!conf_is_set(conf, required[i].key))
			return err_set(e, ERR_CONFIG, "%s must be set.", required[i].name);
	return true;
}

bool sandbox_open(
	struct arena *a, const struct conf *conf, struct sandbox **site_r, struct err *e)
{
	struct sandbox *s = arena_new_of(a, struct sandbox);
	struct url base, app;
	if (!all_is_set(conf, e))
		return false;
	*s = (struct sandbox){.conf = conf,
		.base_url = conf_text(conf, CONF_SANDBOX_BASE_URL),
		.client_id = conf_text(conf, CONF_SANDBOX_CLIENT_ID),
		.redirect_uri = conf_text(conf, CONF_SANDBOX_REDIRECT_URI),
		.client_secret = conf_secret(conf, CONF_SANDBOX_CLIENT_SECRET)};
	if (!url_parse(a, s->base_url, &base, e) || !url_parse(a, s->redirect_uri, &app, e) ||
		!load_templates(&s->templates, e))
		return false;
	s->app_origin = app.origin;
	s->cookie_name = arena_printf(a, "__Host-sandbox-%d", base.port);
	s->db = sandbox_database(a, conf);
	*site_r = s;
	return true;
}

struct server_site sandbox_server(struct sandbox *site)
{
	return (struct server_site){.serve = serve, .reload = reload, .user = site};
}
