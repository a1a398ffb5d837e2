#include "pages/password.h"

#include "codec/b64.h"
#include "codec/passwd.h"
#include "core/password.h"
#include "pages/chrome.h"
#include "pages/mail.h"
#include "store/one_time.h"

enum { TOKEN_BYTES = 16 };

struct password_view {
	const char *action, *email, *error;
	bool over;
};
static const struct tmpl_field view_fields[] = {
	TMPL_F(struct password_view, action, TMPL_TEXT),
	TMPL_F(struct password_view, email, TMPL_TEXT),
	TMPL_F(struct password_view, error, TMPL_TEXT),
	TMPL_F(struct password_view, over, TMPL_BOOL),
};
const struct tmpl_shape password_shape = TMPL_SHAPE(struct password_view, view_fields);

const struct field password_fields[PASSWORD__MAX] = {
	[PASSWORD_NEW] = {"password", FIELD_PASSWORD, true, 1, 1024, "a password", NULL},
};

/* Unknown, used and expired links give the same answer. */
static bool read_link(
	struct page *p, unsigned char hash[HASH_BYTES], struct one_time *o, struct err *e)
{
	struct str bytes;
	o->user_id = 0;
	if (b64url_decode(p->arena, str_of(p->q->param[0]), &bytes) && bytes.n == TOKEN_BYTES) {
		hash_sha256(bytes.p, bytes.n, hash);
		if (!one_time_look(p->db, p->arena, hash, o, e))
			return false;
	}
	/* No e-mail: the person of this link is not active any more. */
	if (o->user_id == 0 || o->email[0] == '\0')
		return err_set(e, ERR_NOT_FOUND, "This link is no longer good.");
	return true;
}

static bool show(
	struct page *p, const struct one_time *o, const char *error, int status, struct err *e)
{
	struct password_view v = {.action = p->q->path, .email = o->email, .error = error};
	p->title = "Choose a password";
	return page_show(p, TEMPLATE_PASSWORD, &v, status, e);
}

/* Most people who get here have chosen their password already and opened the mail once more. */
static bool over(struct page *p, struct err *e)
{
	const struct password_view v = {.over = true};
	if (e->kind != ERR_NOT_FOUND)
		return false;
	p->title = "This link no longer works";
	return page_show(p, TEMPLATE_PASSWORD, &v, 404, e);
}

bool password_show(struct page *p, struct err *e)
{
	unsigned char hash[HASH_BYTES];
	struct one_time o;
	return read_link(p, hash, &o, e) ? show(p, &o, NULL, 200, e) : over(p, e);
}

/*
 * The first password is mailed as "set": "changed" would alarm a person who has just chosen it.
 */
static bool save(struct page *p, const unsigned char hash[HASH_BYTES], const struct one_time *o,
	const char *encoded, bool *won_r, struct err *e)
{
	enum one_time_end end;
	if (!pg_begin(p->db, 0, e) || !one_time_set_password(p->db, hash, encoded, &end, e))
		return false;
	*won_r = end != ONE_TIME_GONE;
	const char *mail = end == ONE_TIME_FIRST ? "password_set" : "password_changed";
	return (!*won_r || page_mail(p, o->org_id, o->user_id, mail, NULL, NULL, e)) &&
	       page_audit_of(p, o->org_id, o->user_id, "password.set",
		       *won_r ? "ok" : "refused", o->email, e) &&
	       pg_commit(p->db, e);
}

bool password_post(struct page *p, struct err *e)
{
	unsigned char hash[HASH_BYTES];
	struct one_time o;
	char *encoded;
	bool won = false;
	if (!read_link(p, hash, &o, e))
		return over(p, e);
	if (!p->f.ok)
		return show(p, &o, p->f.error[PASSWORD_NEW], 422, e);
	const char *typed = p->f.text[PASSWORD_NEW];
	const struct secret *password = secret_new(p->arena, typed, strlen(typed));
	const struct password_of of = {o.name, o.email, o.org_name};
	if (!password_check(p->arena, password, &of, e))
		return e->kind == ERR_INVALID
			       ? show(p, &o, arena_strdup(p->arena, e->text), 422, e)
			       : false;
	if (!passwd_hash(p->arena, password, &encoded, e) ||
		!save(p, hash, &o, encoded, &won, e))
		return false;
	/* It ends at the log-in form: a link never logs anybody in. */
	return page_go(p, won ? "/login?saved=1" : p->q->path);
}
