#include "pages/password.h"

#include "codec/b64.h"
#include "core/mfa.h"
#include "pages/chrome.h"
#include "pages/mail.h"
#include "store/one_time.h"
#include "store/users.h"

struct forgot_view {
	const char *email, *email_error, *problem;
	bool sent;
};
static const struct tmpl_field view_fields[] = {
	TMPL_F(struct forgot_view, email, TMPL_TEXT),
	TMPL_F(struct forgot_view, email_error, TMPL_TEXT),
	TMPL_F(struct forgot_view, problem, TMPL_TEXT),
	TMPL_F(struct forgot_view, sent, TMPL_BOOL),
};
const struct tmpl_shape forgot_shape = TMPL_SHAPE(struct forgot_view, view_fields);

const struct field forgot_fields[FORGOT__MAX] = {
	[FORGOT_EMAIL] = {"email", FIELD_EMAIL, true, 3, 254, "your email", NULL},
};
const struct field forgot_query[FORGOT_QUERY__MAX] = {
	[FORGOT_SENT] = {"sent", FIELD_FLAG, false, 0, 0, "that it was sent", NULL},
};

bool forgot_show(struct page *p, struct err *e)
{
	struct forgot_view v = {.sent = p->f.number[FORGOT_SENT] != 0};
	p->title = v.sent ? "Check your mail" : "Forgot password";
	return page_show(p, TEMPLATE_FORGOT, &v, 200, e);
}

static bool show_again(struct page *p, const char *problem, int status, struct err *e)
{
	struct forgot_view v = {
		.email = p->f.typed[FORGOT_EMAIL],
		.email_error = p->f.error[FORGOT_EMAIL],
		.problem = problem,
	};
	p->title = "Forgot password";
	return page_show(p, TEMPLATE_FORGOT, &v, status, e);
}

/*
 * A client address that asks too often, for one person or for many, must wait. When others ask
 * too often for a person, that person is neither locked out nor flooded: no new mail is sent,
 * and the last link stays good.
 */
static bool count(
	struct page *p, const char *email_norm, int *wait_s_r, bool *flooded_r, struct err *e)
{
	unsigned char sum[HASH_BYTES];
	int flood_s = 0;
	hash_sha256(email_norm, strlen(email_norm), sum);
	const char *hash = hex_encode(p->arena, sum, sizeof sum);
	const char *peer = throttle_peer(p->arena, p->q->peer);
	const char *pair = arena_printf(p->arena, "forgot-pair:%s:%s", peer, hash);
	const char *by_peer = arena_printf(p->arena, "forgot-peer:%s", peer);
	const char *email = arena_printf(p->arena, "forgot-email:%s", hash);
	if (!throttle_count(p->db, pair, THROTTLE_MISSES, wait_s_r, e) ||
		(*wait_s_r == 0 &&
			!throttle_count(p->db, by_peer, THROTTLE_PEER_MISSES, wait_s_r, e)) ||
		(*wait_s_r == 0 &&
			!throttle_count(p->db, email, 2 * THROTTLE_MISSES, &flood_s, e)))
		return false;
	*flooded_r = flood_s > 0;
	return true;
}

static bool show_throttled(struct page *p, const char *email_norm, int wait_s, struct err *e)
{
	if (!page_audit_of(p, 0, 0, "password.throttled", "refused", email_norm, e) ||
		!show_again(p, "Too many links were asked for. Wait 15 minutes and try again.",
			429, e))
		return false;
	response_header(p->s, "Retry-After", arena_printf(p->arena, "%d", wait_s));
	return true;
}

/*
 * An unknown e-mail address causes the same work as a known one, so that the time does not
 * reveal it; its mail goes to nobody.
 */
static bool ask(struct page *p, const char *email_norm, bool flooded, struct err *e)
{
	struct account a;
	if (!users_account(p->db, p->arena, email_norm, &a, e))
		return false;
	bool known = a.user_id != 0 && a.active;
	int64_t org = known ? a.org_id : 0, user = known ? a.user_id : 0;
	if (!pg_begin(p->db, org, e))
		return false;
	if (!flooded && (!one_time_forget(p->db, org, user, "set_password", e) ||
				!page_mail(p, org, user, "set_password", NULL, NULL, e)))
		return false;
	return page_audit_of(p, org, user, "password.forgot",
		       known && !flooded ? "ok" : "refused", email_norm, e) &&
	       pg_commit(p->db, e);
}

bool forgot_post(struct page *p, struct err *e)
{
	char *norm;
	int wait_s = 0;
	bool flooded = false;
	if (p->f.ok && !user_email_norm(p->arena, p->f.text[FORGOT_EMAIL], &norm, e)) {
		if (e->kind != ERR_INVALID)
			return false;
		fields_fail(&p->f, FORGOT_EMAIL, e->text);
	}
	if (!p->f.ok)
		return show_again(p, NULL, 422, e);
	if (!count(p, norm, &wait_s, &flooded, e))
		return false;
	if (wait_s > 0)
		return show_throttled(p, norm, wait_s, e);
	return ask(p, norm, flooded, e) && page_go(p, "/password/forgot?sent=1");
}
