#include "pages/notices.h"

#include "pages/chrome.h"
#include "store/notices.h"

enum { NOTICES_PAGE = 25 };

struct notice_view {
	int64_t id;
	const char *body, *link;
	const struct moment *at;
	bool unread;
};
static const struct tmpl_field notice_fields[] = {
	TMPL_F(struct notice_view, id, TMPL_INT),
	TMPL_F(struct notice_view, body, TMPL_TEXT),
	TMPL_F(struct notice_view, link, TMPL_TEXT),
	TMPL_FS(struct notice_view, at, TMPL_PTR, &moment_shape),
	TMPL_F(struct notice_view, unread, TMPL_BOOL),
};
static const struct tmpl_shape notice_shape = TMPL_SHAPE(struct notice_view, notice_fields);

struct notices_view {
	const char *csrf, *show;
	struct tmpl_list notices;
	int64_t unread, before, older; /* older 0: there are no older notices */
	bool unread_only;
};
static const struct tmpl_field notices_fields[] = {
	TMPL_F(struct notices_view, csrf, TMPL_TEXT),
	TMPL_F(struct notices_view, show, TMPL_TEXT),
	TMPL_FS(struct notices_view, notices, TMPL_LIST, &notice_shape),
	TMPL_F(struct notices_view, unread, TMPL_INT),
	TMPL_F(struct notices_view, before, TMPL_INT),
	TMPL_F(struct notices_view, older, TMPL_INT),
	TMPL_F(struct notices_view, unread_only, TMPL_BOOL),
};
const struct tmpl_shape notices_shape = TMPL_SHAPE(struct notices_view, notices_fields);

enum { SHOW_ALL, SHOW_UNREAD };
static const char *const shows[] = {"all", "unread", NULL};

const struct field notices_query[NOTICES__MAX] = {
	[NOTICES_BEFORE] = {"before", FIELD_ID, false, 0, 0, "a place in the list", NULL},
	[NOTICES_SHOW] = {"show", FIELD_CHOICE, false, 0, 0, "what to show", shows},
};

static bool unread_only(const struct page *p)
{
	return p->f.text[NOTICES_SHOW][0] != '\0' && p->f.number[NOTICES_SHOW] == SHOW_UNREAD;
}

static struct tmpl_list views_of(struct page *p, const struct notice *rows, size_t n)
{
	struct notice_view *views = arena_array(p->arena, struct notice_view, n);
	for (size_t i = 0; i < n; i++)
		views[i] = (struct notice_view){rows[i].notice_id, rows[i].body, rows[i].link,
			page_ago(p, rows[i].created_at), !rows[i].read};
	return (struct tmpl_list){views, n};
}

bool notices_show(struct page *p, struct err *e)
{
	const struct notice *rows;
	size_t n;
	struct notices_view v = {.csrf = chrome_csrf(p),
		.unread = p->who->unread,
		.before = p->f.number[NOTICES_BEFORE],
		.unread_only = unread_only(p)};
	/* Reads one row more than is shown, to know whether there are older ones. */
	const struct notice_query q = {v.before, v.unread_only, NOTICES_PAGE + 1};
	if (!notices_list(p->db, p->arena, p->who->org_id, p->who->user_id, &q, &rows, &n, e))
		return false;
	if (n > NOTICES_PAGE) {
		n = NOTICES_PAGE;
		v.older = rows[n - 1].notice_id;
	}
	v.notices = views_of(p, rows, n);
	v.show = shows[v.unread_only ? SHOW_UNREAD : SHOW_ALL];
	p->title = "Notifications";
	p->section = "notifications";
	return page_show(p, TEMPLATE_NOTICES, &v, 200, e);
}

bool notices_post(struct page *p, struct err *e)
{
	return notices_read_all(p->db, p->who->org_id, p->who->user_id, e) &&
	       page_go(p, "/notifications");
}

/* Back to the same place in the list. */
static const char *place(struct page *p)
{
	const char *show = unread_only(p) ? "unread" : "all";
	if (p->f.number[NOTICES_BEFORE] == 0)
		return unread_only(p) ? "/notifications?show=unread" : "/notifications";
	return arena_printf(p->arena, "/notifications?show=%s&before=%lld", show,
		(long long)p->f.number[NOTICES_BEFORE]);
}

static bool mark(struct page *p, bool read, const char **link_r, struct err *e)
{
	return notices_mark(
		p->db, p->who->org_id, p->who->user_id, p->q->id_param, read, link_r, e);
}

bool notice_read(struct page *p, struct err *e)
{
	const char *link;
	return mark(p, true, &link, e) && page_go(p, place(p));
}

bool notice_unread(struct page *p, struct err *e)
{
	const char *link;
	return mark(p, false, &link, e) && page_go(p, place(p));
}

bool notice_open(struct page *p, struct err *e)
{
	const char *link;
	return mark(p, true, &link, e) && page_go(p, link == NULL ? place(p) : link);
}
