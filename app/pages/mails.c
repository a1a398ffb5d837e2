#include "pages/chrome.h"
#include "pages/notices.h"
#include "store/mails.h"

struct choice_view {
	const char *what, *label;
	bool on;
};
static const struct tmpl_field choice_fields[] = {
	TMPL_F(struct choice_view, what, TMPL_TEXT),
	TMPL_F(struct choice_view, label, TMPL_TEXT),
	TMPL_F(struct choice_view, on, TMPL_BOOL),
};
static const struct tmpl_shape choice_shape = TMPL_SHAPE(struct choice_view, choice_fields);

struct mails_view {
	const char *csrf, *email, *zone;
	bool is_admin, off, daily, weekly;
	struct tmpl_list choices;
};
static const struct tmpl_field view_fields[] = {
	TMPL_F(struct mails_view, csrf, TMPL_TEXT),
	TMPL_F(struct mails_view, email, TMPL_EMAIL),
	TMPL_F(struct mails_view, zone, TMPL_TEXT),
	TMPL_F(struct mails_view, is_admin, TMPL_BOOL),
	TMPL_F(struct mails_view, off, TMPL_BOOL),
	TMPL_F(struct mails_view, daily, TMPL_BOOL),
	TMPL_F(struct mails_view, weekly, TMPL_BOOL),
	TMPL_FS(struct mails_view, choices, TMPL_LIST, &choice_shape),
};
const struct tmpl_shape mails_shape = TMPL_SHAPE(struct mails_view, view_fields);

static const char *const digest_choices[] = {"off", "daily", "weekly", NULL};

const struct field mails_fields[MAILS__MAX] = {
	{"sync_failing", FIELD_FLAG, false, 0, 0, "a choice", NULL},
	{"sync_healed", FIELD_FLAG, false, 0, 0, "a choice", NULL},
	{"sync_held", FIELD_FLAG, false, 0, 0, "a choice", NULL},
	[MAILS_DIGEST] = {"digest", FIELD_CHOICE, true, 0, 0, "how often the summary comes",
		digest_choices},
};

bool mails_show(struct page *p, struct err *e)
{
	struct mail_wishes m;
	struct choice_view *views = arena_array(p->arena, struct choice_view, MAIL_CHOICES);
	if (!mail_wishes(p->db, p->who->org_id, p->who->user_id, &m, e))
		return false;
	for (size_t i = 0; i < MAIL_CHOICES; i++)
		views[i] = (struct choice_view){mail_choices[i].what, mail_choices[i].label,
			!mail_is_off(m.off, mail_choices[i].what)};
	const struct mails_view v = {.csrf = chrome_csrf(p),
		.email = p->who->email,
		.zone = p->who->zone,
		.is_admin = page_is_admin(p),
		.off = m.digest == DIGEST_OFF,
		.daily = m.digest == DIGEST_DAILY,
		.weekly = m.digest == DIGEST_WEEKLY,
		.choices = {views, MAIL_CHOICES}};
	p->title = "Emails";
	p->section = "profile";
	return page_show(p, TEMPLATE_MAILS, &v, 200, e);
}

/* A member is not asked these choices, so they stay as they were. */
static const char *switched_off(struct page *p, const struct mail_wishes *before)
{
	struct buf b;
	buf_init(&b, p->arena, 1024);
	if (!page_is_admin(p))
		return before->off;
	for (size_t i = 0; i < MAIL_CHOICES; i++)
		if (p->f.number[i] == 0)
			buf_printf(&b, "%s%s", b.len == 0 ? "" : ",", mails_fields[i].name);
	return b.data;
}

bool mails_post(struct page *p, struct err *e)
{
	int64_t org = p->who->org_id, user = p->who->user_id;
	struct mail_wishes m;
	if (!p->f.ok)
		return err_set(e, ERR_INVALID, "Choose how often the summary comes.");
	if (!pg_begin(p->db, org, e) || !mail_wishes(p->db, org, user, &m, e))
		return false;
	m.off = switched_off(p, &m);
	m.digest = (enum mail_digest)p->f.number[MAILS_DIGEST];
	return mail_wishes_set(p->db, org, user, &m, e) &&
	       page_go_with(p, "/profile/mails", "success", "Saved.", e) &&
	       page_audit(p, "profile.changed", "ok", "emails", e) && pg_commit(p->db, e);
}
