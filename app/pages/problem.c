#include "pages/problem.h"

#include "pages/chrome.h"

struct problem {
	const char *heading, *text, *request_id, *version;
	int64_t status;
	bool retry, signed_in;
};

static const struct tmpl_field problem_fields[] = {
	TMPL_F(struct problem, heading, TMPL_TEXT),
	TMPL_F(struct problem, text, TMPL_TEXT),
	TMPL_F(struct problem, request_id, TMPL_TEXT),
	TMPL_F(struct problem, version, TMPL_TEXT),
	TMPL_F(struct problem, status, TMPL_INT),
	TMPL_F(struct problem, retry, TMPL_BOOL),
	TMPL_F(struct problem, signed_in, TMPL_BOOL),
};
const struct tmpl_shape problem_shape = TMPL_SHAPE(struct problem, problem_fields);

struct words {
	const char *heading, *text; /* text NULL: the error's own sentence is for the person */
};

static const struct words words[ERR__MAX] = {
	[ERR_NONE] = {"Something went wrong", NULL},
	[ERR_INVALID] = {"That cannot be done as asked", NULL},
	[ERR_MALFORMED] = {"This request cannot be read",
		"Your browser sent something we do not understand. Nothing was changed."},
	[ERR_DENIED] = {"You cannot do this", NULL},
	[ERR_NOT_FOUND] = {"Page not found",
		"There is nothing at this address. It may have been moved or removed."},
	[ERR_METHOD] = {"This address does not work that way",
		"Nothing was changed. Go back and use the buttons on the page."},
	[ERR_CONFLICT] = {"That is not possible now", NULL},
	[ERR_TOO_LARGE] = {"That is too large", "Nothing was changed. Send less at a time."},
	[ERR_LIMITED] = {"Too many tries", NULL},
	[ERR_UNAVAILABLE] = {"We will be right back",
		"The Gap cannot reach its data just now. Nothing was lost or changed. Try again in a moment."},
	[ERR_UPSTREAM] = {"Xero is not answering",
		"Nothing was changed. Try again in a few minutes."},
	[ERR_REFUSED] = {"Xero refused this", "Nothing was changed."},
	[ERR_UNCERTAIN] = {"We are not sure that worked",
		"The connection broke at the last moment. Look whether your change is there before you repeat it."},
	[ERR_CONFIG] = {"Something went wrong", "This is our fault. Our team has been told."},
	[ERR_INTERNAL] = {"Something went wrong", "This is our fault. Our team has been told."},
};

void problem_headers(struct page *p, const struct err *e)
{
	int after = e->retry_after_s;
	if (after == 0 && e->kind == ERR_UNAVAILABLE)
		after = 5;
	if (after > 0)
		response_header(p->s, "Retry-After", arena_printf(p->arena, "%d", after));
}

/* A fault of ours may be the database's, and is told without it. */
static bool is_inside(const struct page *p, const struct err *e)
{
	return chrome_is_inside(p) && e->kind != ERR_UNAVAILABLE && e->kind != ERR_CONFIG &&
	       e->kind != ERR_INTERNAL;
}

/* On a page of its own: what the handler had set for its page is not this one's. */
static bool show_inside(struct page *p, const struct problem *v)
{
	struct err e;
	struct page own = {.site = p->site,
		.q = p->q,
		.s = p->s,
		.arena = p->arena,
		.db = p->db,
		.who = p->who,
		.token = p->token,
		.now = p->now,
		.title = v->heading,
		.keeps_bar = true};
	pg_rollback(p->db);
	return page_show(&own, TEMPLATE_PROBLEM_INSIDE, v, (int)v->status, &e);
}

static void show_alone(struct page *p, const struct problem *v)
{
	response_begin(p->s, (int)v->status, "text/html; charset=utf-8");
	tmpl_render(render_get(p->site->templates, TEMPLATE_PROBLEM), v, &p->s->body);
}

void problem_show(struct page *p, const struct err *e, const char *allow)
{
	const struct err_rule *rule = err_rule(e->kind);
	const struct words *w = &words[e->kind];
	struct problem v = {
		.heading = w->heading,
		.text = w->text == NULL ? e->text : w->text,
		.request_id = p->q->id,
		.version = p->site->static_version,
		.status = rule->http_status,
		.retry = rule->retry == RETRY_LATER,
		.signed_in = p->who != NULL,
	};
	if (!is_inside(p, e) || !show_inside(p, &v))
		show_alone(p, &v);
	if (e->kind == ERR_METHOD && allow != NULL)
		response_header(p->s, "Allow", allow);
	problem_headers(p, e);
}
