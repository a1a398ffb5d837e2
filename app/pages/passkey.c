#include "pages/passkey.h"

#include "pages/chrome.h"
#include "pages/mail.h"
#include "pages/mfa.h"
#include "store/factors.h"
#include "store/passkeys.h"

struct new_view {
	const char *csrf, *name, *name_error, *error;
	bool has_factor;
};
static const struct tmpl_field new_view_fields[] = {
	TMPL_F(struct new_view, csrf, TMPL_TEXT),
	TMPL_F(struct new_view, name, TMPL_TEXT),
	TMPL_F(struct new_view, name_error, TMPL_TEXT),
	TMPL_F(struct new_view, error, TMPL_TEXT),
	TMPL_F(struct new_view, has_factor, TMPL_BOOL),
};
const struct tmpl_shape passkey_new_shape = TMPL_SHAPE(struct new_view, new_view_fields);

struct passkey_view {
	const char *csrf, *name, *name_error, *address;
	const struct moment *added, *used;
	bool backed_up, is_last, is_required;
};
static const struct tmpl_field view_fields[] = {
	TMPL_F(struct passkey_view, csrf, TMPL_TEXT),
	TMPL_F(struct passkey_view, name, TMPL_TEXT),
	TMPL_F(struct passkey_view, name_error, TMPL_TEXT),
	TMPL_FS(struct passkey_view, added, TMPL_PTR, &moment_shape),
	TMPL_FS(struct passkey_view, used, TMPL_PTR, &moment_shape),
	TMPL_F(struct passkey_view, address, TMPL_TEXT),
	TMPL_F(struct passkey_view, backed_up, TMPL_BOOL),
	TMPL_F(struct passkey_view, is_last, TMPL_BOOL),
	TMPL_F(struct passkey_view, is_required, TMPL_BOOL),
};
const struct tmpl_shape passkey_shape = TMPL_SHAPE(struct passkey_view, view_fields);

const struct field passkey_new_fields[PASSKEY_NEW__MAX] = {
	[PASSKEY_NEW_NAME] = {"name", FIELD_TEXT, true, 1, PASSKEY_NAME_MAX,
		"a name for the passkey", NULL},
	[PASSKEY_NEW_ANSWER] = {"passkey", FIELD_KEY, false, 0, PASSKEY_ANSWER_MAX,
		"the passkey", NULL},
};
const struct field passkey_name_fields[PASSKEY_NAME__MAX] = {
	[PASSKEY_NAME] = {"name", FIELD_TEXT, true, 1, PASSKEY_NAME_MAX,
		"a name for the passkey", NULL},
};

static bool show_new(struct page *p, const char *error, int status, struct err *e)
{
	bool again = status != 200;
	struct new_view v = {
		.csrf = chrome_csrf(p),
		.name = again ? p->f.typed[PASSKEY_NEW_NAME] : "My passkey",
		.name_error = again ? p->f.error[PASSKEY_NEW_NAME] : NULL,
		.error = error,
		.has_factor = p->who->has_factor,
	};
	p->title = "Add a passkey";
	p->section = "profile";
	return page_show(p, TEMPLATE_PASSKEY_NEW, &v, status, e);
}

bool passkey_new(struct page *p, struct err *e)
{
	return show_new(p, NULL, 200, e);
}

/*
 * Runs in the open transaction. Recovery codes come with the first factor, whichever that is.
 */
static bool keep(
	struct page *p, const struct passkey *key, const struct mfa_codes *c, struct err *e)
{
	int64_t org = p->who->org_id, user = p->who->user_id;
	const char *name = p->f.text[PASSKEY_NEW_NAME];
	const char *what = arena_printf(
		p->arena, "The passkey \"%s\" was added.", str_isolate(p->arena, name));
	if (!passkeys_add(p->db, org, user, key, name, e))
		return false;
	bool told = p->who->has_factor ? page_mail(p, org, user, "mfa_changed", NULL, what, e)
				       : factors_replace_codes(p->db, org, user,
						 (const unsigned char(*)[HASH_BYTES])c->hashes,
						 MFA_RECOVERY_CODES, e);
	return told && page_rise(p, e) &&
	       sessions_end_others(p->db, org, user, p->who->session_id, e);
}

static bool add(struct page *p, const struct passkey *key, struct err *e)
{
	struct mfa_codes c = {.by_passkey = true};
	bool is_first = !p->who->has_factor;
	if ((is_first && !mfa_codes_make(p, &c, e)) || !pg_begin(p->db, p->who->org_id, e) ||
		!keep(p, key, &c, e) ||
		(!is_first &&
			!page_go_with(p, "/profile", "success",
				"The passkey is added. Everywhere else you are logged out.",
				e)) ||
		!page_audit(p, "passkey.added", "ok", p->f.text[PASSKEY_NEW_NAME], e) ||
		!pg_commit(p->db, e))
		return false;
	page_set_cookie(p, &p->token);
	return !is_first || mfa_codes_show(p, &c, false, NULL, 200, e);
}

bool passkey_new_post(struct page *p, struct err *e)
{
	struct passkey key;
	const char *why;
	if (!p->f.ok)
		return show_new(p, NULL, 422, e);
	if (!passkey_made(p, p->f.text[PASSKEY_NEW_ANSWER], &key, &why, e))
		return false;
	if (why != NULL)
		return page_audit(p, "passkey.added", "refused", why, e) &&
		       show_new(p, "That passkey was not accepted. Try again.", 422, e);
	if (add(p, &key, e))
		return true;
	if (e->kind != ERR_CONFLICT)
		return false;
	pg_rollback(p->db);
	return show_new(p, arena_strdup(p->arena, e->text), 409, e);
}

static const char *address_of(struct page *p)
{
	return arena_printf(p->arena, "/profile/passkeys/%lld", (long long)p->q->id_param);
}

static bool find(struct page *p, struct passkey_row *r, struct err *e)
{
	return passkeys_get(
		p->db, p->arena, p->who->org_id, p->who->user_id, p->q->id_param, r, e);
}

static bool show(struct page *p, const struct passkey_row *r, int status, struct err *e)
{
	struct totp_row app;
	const struct passkey_row *rows;
	size_t n;
	bool again = status != 200;
	int64_t org = p->who->org_id, user = p->who->user_id;
	if (!factors_get(p->db, p->arena, org, user, &app, e) ||
		!passkeys_list(p->db, p->arena, org, user, &rows, &n, e))
		return false;
	struct passkey_view v = {
		.csrf = chrome_csrf(p),
		.name = again ? p->f.typed[PASSKEY_NAME] : r->name,
		.name_error = again ? p->f.error[PASSKEY_NAME] : NULL,
		.added = page_moment(p, r->created_at),
		.used = page_ago(p, r->used_at),
		.address = address_of(p),
		.backed_up = r->key.backed_up,
		.is_last = !app.found && n == 1,
		.is_required = p->who->mfa_required_at != 0,
	};
	p->title = "Passkey";
	p->section = "profile";
	return page_show(p, TEMPLATE_PASSKEY, &v, status, e);
}

bool passkey_show(struct page *p, struct err *e)
{
	struct passkey_row r;
	return find(p, &r, e) && show(p, &r, 200, e);
}

bool passkey_rename(struct page *p, struct err *e)
{
	struct passkey_row r;
	const char *name = p->f.text[PASSKEY_NAME];
	if (!find(p, &r, e))
		return false;
	if (!p->f.ok)
		return show(p, &r, 422, e);
	return pg_begin(p->db, p->who->org_id, e) &&
	       passkeys_rename(p->db, p->who->org_id, p->who->user_id, r.passkey_id, name, e) &&
	       page_go_with(p, "/profile", "success", "The passkey has its new name.", e) &&
	       page_audit(p, "passkey.renamed", "ok", name, e) && pg_commit(p->db, e);
}

/*
 * Where the MFA rule demands a factor and none is left, set-up comes next; the gate would
 * redirect there from the profile anyway.
 */
static bool go_on(struct page *p, struct err *e)
{
	const struct who *was = p->who;
	if (!sessions_who(p->db, p->arena, &p->token, &p->who, e))
		return false;
	bool is_due = p->who != NULL && !p->who->has_factor && p->who->mfa_required_at != 0;
	p->who = was;
	return is_due ? page_go_with(p, "/mfa/setup", "info",
				"The passkey is removed. Set up another second factor.", e)
		      : page_go_with(p, "/profile", "success",
				"The passkey is removed. Everywhere else you are logged out.",
				e);
}

bool passkey_remove(struct page *p, struct err *e)
{
	struct passkey_row r;
	int64_t org = p->who->org_id, user = p->who->user_id;
	if (!find(p, &r, e))
		return false;
	const char *what = arena_printf(
		p->arena, "The passkey \"%s\" was removed.", str_isolate(p->arena, r.name));
	if (!pg_begin(p->db, org, e) || !passkeys_remove(p->db, org, user, r.passkey_id, e) ||
		!page_rise(p, e) ||
		!sessions_end_others(p->db, org, user, p->who->session_id, e) ||
		!page_mail(p, org, user, "mfa_changed", NULL, what, e) || !go_on(p, e) ||
		!page_audit(p, "passkey.removed", "ok", r.name, e) || !pg_commit(p->db, e))
		return false;
	page_set_cookie(p, &p->token);
	return true;
}
