#include "pages/page.h"

#include "codec/json.h"
#include "codec/when.h"
#include "pages/chrome.h"

bool page_show(
	struct page *p, enum template_id id, const void *values, int status, struct err *e)
{
	const struct tmpl *t = render_get(p->site->templates, id);
	struct html content = tmpl_html(t, values, p->arena, RESPONSE_BODY_MAX);
	if (p->leads_to_xero)
		p->s->form_action = p->site->authorize_origin;
	response_begin(p->s, status, "text/html; charset=utf-8");
	return chrome_wrap(p, content, e);
}

bool page_go(struct page *p, const char *to)
{
	response_redirect(p->s, to);
	return true;
}

bool page_go_with(
	struct page *p, const char *to, const char *kind, const char *text, struct err *e)
{
	if (!sessions_flash(p->db, p->who->session_id, kind, text, e))
		return false;
	return page_go(p, to);
}

bool page_key(struct page *p, const char *key)
{
	response_begin(p->s, 200, "application/json; charset=utf-8");
	buf_adds(&p->s->body, "{\"key\":");
	json_add_string(&p->s->body, key);
	buf_addc(&p->s->body, '}');
	return true;
}

const char *page_address(
	struct page *p, const char *path, const struct page_pair *pairs, size_t n)
{
	struct buf query;
	size_t most = 0;
	/* A byte takes at most three characters; and '&' and '='. */
	for (size_t i = 0; i < n; i++)
		most += 3 * (str_of(pairs[i].name).n + str_of(pairs[i].value).n) + 2;
	buf_init(&query, p->arena, most);
	for (size_t i = 0; i < n; i++)
		if (pairs[i].value != NULL && *pairs[i].value != '\0')
			form_add(&query, pairs[i].name, pairs[i].value);
	return query.len == 0 ? path : arena_printf(p->arena, "%s?%s", path, query.data);
}

static bool audit(struct page *p, struct audit_entry *entry, struct err *e)
{
	entry->peer = p->q->peer;
	entry->request_id = p->q->id;
	return audit_add(p->db, entry, e);
}

bool page_audit(struct page *p, const char *event, const char *result, const char *detail,
	struct err *e)
{
	struct audit_entry entry = {
		.org_id = p->who == NULL ? 0 : p->who->org_id,
		.user_id = p->who == NULL ? 0 : p->who->user_id,
		.session_hash = p->who == NULL ? NULL : p->who->token_hash,
		.event = event,
		.result = result,
		.detail = detail,
	};
	return audit(p, &entry, e);
}

bool page_audit_of(struct page *p, int64_t org_id, int64_t user_id, const char *event,
	const char *result, const char *detail, struct err *e)
{
	struct audit_entry entry = {
		.org_id = org_id,
		.user_id = user_id,
		.event = event,
		.result = result,
		.detail = detail,
	};
	return audit(p, &entry, e);
}

bool page_rise(struct page *p, struct err *e)
{
	struct session_token fresh;
	if (!session_token_new(p->arena, &fresh, e) ||
		!sessions_rise(p->db, p->who->session_id, &fresh, e) ||
		!sessions_who(p->db, p->arena, &fresh, &p->who, e))
		return false;
	if (p->who == NULL)
		return err_set(e, ERR_UNAVAILABLE, "the session went away");
	p->token = fresh;
	p->csrf = NULL;
	return true;
}

void page_set_cookie(struct page *p, const struct session_token *t)
{
	response_cookie(p->s, p->site->cookie_name, t == NULL ? NULL : secret_open(t->text).p);
}

bool page_is_fresh(const struct page *p)
{
	return p->who != NULL && p->now - p->who->fresh_at <= SESSION_FRESH_S;
}

bool page_is_admin(const struct page *p)
{
	return p->who != NULL && p->who->role == USER_ADMIN;
}

static const struct tmpl_field moment_fields[] = {
	TMPL_F(struct moment, text, TMPL_TEXT),
	TMPL_F(struct moment, exact, TMPL_TEXT),
	TMPL_F(struct moment, iso, TMPL_TEXT),
};
const struct tmpl_shape moment_shape = TMPL_SHAPE(struct moment, moment_fields);

static const char *zone_of(const struct page *p)
{
	return p->who == NULL ? "UTC" : p->who->zone;
}

static const struct moment *moment(struct page *p, int64_t at, const char *text)
{
	struct moment *m = arena_new_of(p->arena, struct moment);
	m->text = text;
	m->exact = when_exact(p->arena, zone_of(p), at);
	m->iso = when_rfc3339(p->arena, at);
	return m;
}

char *page_date(struct page *p, int64_t at)
{
	return when_show(p->arena, zone_of(p), at);
}

const struct moment *page_moment(struct page *p, int64_t at)
{
	return at == 0 ? NULL : moment(p, at, page_date(p, at));
}

const struct moment *page_ago(struct page *p, int64_t at)
{
	return at == 0 ? NULL : moment(p, at, when_ago(p->arena, zone_of(p), at, p->now));
}

const struct moment *page_day(struct page *p, int64_t at)
{
	return at == 0 ? NULL : moment(p, at, when_show_date(p->arena, zone_of(p), at));
}

const char *page_number(struct page *p, int64_t n)
{
	return str_number(p->arena, n);
}

const char *page_digits(struct page *p, int64_t n)
{
	return n == 0 ? NULL : arena_printf(p->arena, "%lld", (long long)n);
}
