#include "pages/login.h"

#include "codec/b64.h"
#include "codec/passwd.h"
#include "codec/url.h"
#include "core/mfa.h"
#include "pages/chrome.h"

struct login_view {
	const char *email, *email_error, *password_error, *problem, *next;
	bool saved;
};

static const struct tmpl_field login_view_fields[] = {
	TMPL_F(struct login_view, email, TMPL_TEXT),
	TMPL_F(struct login_view, email_error, TMPL_TEXT),
	TMPL_F(struct login_view, password_error, TMPL_TEXT),
	TMPL_F(struct login_view, problem, TMPL_TEXT),
	TMPL_F(struct login_view, next, TMPL_TEXT),
	TMPL_F(struct login_view, saved, TMPL_BOOL),
};
const struct tmpl_shape login_shape = TMPL_SHAPE(struct login_view, login_view_fields);

const struct field login_fields[LOGIN__MAX] = {
	[LOGIN_EMAIL] = {"email", FIELD_EMAIL, true, 3, 254, "your email", NULL},
	[LOGIN_PASSWORD] = {"password", FIELD_PASSWORD, true, 1, 1024, "your password", NULL},
	[LOGIN_NEXT] = {"next", FIELD_TEXT, false, 0, 512, "the next page", NULL},
};
const struct field login_query[LOGIN_QUERY__MAX] = {
	[LOGIN_QUERY_NEXT] = {"next", FIELD_TEXT, false, 0, 512, "the next page", NULL},
	[LOGIN_QUERY_ENDED] = {"ended", FIELD_FLAG, false, 0, 0, "why it ended", NULL},
	[LOGIN_QUERY_SAVED] = {"saved", FIELD_FLAG, false, 0, 0, "that it was saved", NULL},
};

bool login_home(struct page *p, struct err *e)
{
	(void)e;
	return page_go(p, "/clients");
}

bool login_show(struct page *p, struct err *e)
{
	if (p->who != NULL && p->who->level == 2)
		return page_go(p, "/clients");
	struct login_view v = {
		.next = p->f.text[LOGIN_QUERY_NEXT],
		.saved = p->f.number[LOGIN_QUERY_SAVED] != 0,
		.problem = p->f.number[LOGIN_QUERY_ENDED] == 0
				   ? NULL
				   : "Too many wrong codes. Wait 15 minutes and log in again.",
	};
	p->title = "Log in";
	return page_show(p, TEMPLATE_LOGIN, &v, 200, e);
}

static bool show_again(struct page *p, const char *problem, int status, struct err *e)
{
	struct login_view v = {
		.email = p->f.typed[LOGIN_EMAIL],
		.email_error = p->f.error[LOGIN_EMAIL],
		.password_error = p->f.error[LOGIN_PASSWORD],
		.problem = problem,
		.next = p->f.text[LOGIN_NEXT],
	};
	p->title = "Log in";
	return page_show(p, TEMPLATE_LOGIN, &v, status, e);
}

/*
 * The throttles use the normalised e-mail, so that other spellings do not help, and the client
 * address. The lowest limit is for the pair of the two: a person who guesses passwords locks
 * out only their own address.
 */
enum { BY_PAIR, BY_PEER, BY_EMAIL, BY__MAX };
struct bucket {
	const char *name;
	int allowed;
};

static const struct bucket *name_buckets(struct page *p, const char *email_norm)
{
	unsigned char sum[HASH_BYTES];
	struct arena *a = p->arena;
	hash_sha256(email_norm, strlen(email_norm), sum);
	const char *hash = hex_encode(a, sum, sizeof sum);
	const char *peer = throttle_peer(a, p->q->peer);
	struct bucket *b = arena_array(a, struct bucket, BY__MAX);
	b[BY_PAIR] =
		(struct bucket){arena_printf(a, "pair:%s:%s", peer, hash), THROTTLE_MISSES};
	b[BY_PEER] = (struct bucket){arena_printf(a, "peer:%s", peer), THROTTLE_PEER_MISSES};
	b[BY_EMAIL] =
		(struct bucket){arena_printf(a, "email:%s", hash), THROTTLE_ACCOUNT_MISSES};
	return b;
}

/*
 * Everybody's guesses fill the account's bucket. It does not lock out an address from which the
 * owner has logged in before.
 */
static bool is_known(struct page *p, const char *email_norm, bool *known_r, struct err *e)
{
	return throttle_knows(
		p->db, email_norm, throttle_peer(p->arena, p->q->peer), known_r, e);
}

/* The first bucket that is full ends the loop: nothing is counted in the next ones. */
static bool count_guess(struct page *p, const struct bucket *b, const char *email_norm,
	int *wait_s_r, struct err *e)
{
	bool known = false;
	*wait_s_r = 0;
	for (size_t i = 0; i < BY__MAX && *wait_s_r == 0; i++)
		if (!throttle_count(p->db, b[i].name, b[i].allowed, wait_s_r, e) ||
			(i == BY_EMAIL && *wait_s_r > 0 && !is_known(p, email_norm, &known, e)))
			return false;
	if (known)
		*wait_s_r = 0;
	return true;
}

bool login_know_address(struct page *p, const char *email, struct err *e)
{
	char *norm;
	return user_email_norm(p->arena, email, &norm, e) &&
	       throttle_know(p->db, norm, throttle_peer(p->arena, p->q->peer), e);
}

static bool was_no_guess(struct page *p, const struct bucket *b, struct err *e)
{
	return throttle_clear(p->db, b[BY_PAIR].name, e) &&
	       throttle_forgive(p->db, b[BY_PEER].name, e) &&
	       throttle_forgive(p->db, b[BY_EMAIL].name, e);
}

static bool rehash(
	struct page *p, const struct account *a, const struct secret *password, struct err *e)
{
	char *encoded;
	if (!passwd_outdated(a->password_hash))
		return true;
	return passwd_hash(p->arena, password, &encoded, e) &&
	       users_set_password(p->db, a->org_id, a->user_id, encoded, e);
}

bool login_check_password(struct page *p, const char *email, const char *typed,
	struct account *account_r, int *wait_s_r, struct err *e)
{
	char *norm;
	struct account a;
	*account_r = (struct account){.user_id = 0};
	if (!user_email_norm(p->arena, email, &norm, e))
		return false;
	const struct bucket *buckets = name_buckets(p, norm);
	if (!count_guess(p, buckets, norm, wait_s_r, e))
		return false;
	if (*wait_s_r > 0)
		return page_audit(p, "login.throttled", "refused", norm, e);
	if (!users_account(p->db, p->arena, norm, &a, e))
		return false;
	const struct secret *password = secret_new(p->arena, typed, strlen(typed));
	/*
	 * An unknown address costs the same work, so that the time does not reveal whether an
	 * account exists.
	 */
	bool good = passwd_verify(p->arena, a.password_hash, password);
	if (!good || !a.active || a.user_id == 0)
		return page_audit_of(
			p, a.org_id, a.user_id, "login.password", "refused", norm, e);
	if (!was_no_guess(p, buckets, e))
		return false;
	*account_r = a;
	return rehash(p, &a, password, e);
}

const char *login_landing(const struct page *p, const char *next)
{
	(void)p;
	return next != NULL && next[0] != '\0' && url_is_local(next) ? next : "/clients";
}

static bool open_session(struct page *p, const struct account *a, struct err *e)
{
	struct session_token token;
	int64_t id;
	const char *next = login_landing(p, p->f.text[LOGIN_NEXT]);
	struct session_new s = {
		.org_id = a->org_id,
		.user_id = a->user_id,
		.level = a->has_factor ? 1 : 2,
		.return_to = next,
		.peer = p->q->peer,
		.user_agent = p->q->user_agent,
	};
	/* One transaction: without its audit line there is no log-in. */
	if (!session_token_new(p->arena, &token, e) || !pg_begin(p->db, a->org_id, e))
		return false;
	/*
	 * An earlier session of this browser ends and is never adopted: its token may have been
	 * planted (session fixation).
	 */
	if (p->who != NULL && !sessions_end(p->db, p->who->session_id, e))
		return false;
	if (!sessions_add(p->db, &token, &s, &id, e) ||
		!sessions_who(p->db, p->arena, &token, &p->who, e))
		return false;
	if (p->who == NULL)
		return err_set(e, ERR_UNAVAILABLE, "the new session is not there");
	if (!page_audit(p, "login.password", "ok", "", e) || !pg_commit(p->db, e))
		return false;
	page_set_cookie(p, &token);
	if (a->has_factor)
		return page_go(p, "/login/mfa");
	if (!users_logged_in(p->db, a->org_id, a->user_id, e) ||
		!login_know_address(p, p->who->email, e))
		return false;
	return page_go(p, p->who->mfa_required_at != 0 ? "/mfa/notice" : next);
}

bool login_post(struct page *p, struct err *e)
{
	struct account a;
	int wait_s = 0;
	if (!p->f.ok)
		return show_again(p, NULL, 422, e);
	if (!login_check_password(
		    p, p->f.text[LOGIN_EMAIL], p->f.text[LOGIN_PASSWORD], &a, &wait_s, e)) {
		if (e->kind != ERR_INVALID)
			return false;
		fields_fail(&p->f, LOGIN_EMAIL, e->text);
		return show_again(p, NULL, 422, e);
	}
	if (wait_s > 0) {
		if (!show_again(p, "Too many tries. Wait 15 minutes and log in again.", 429, e))
			return false;
		response_header(p->s, "Retry-After", arena_printf(p->arena, "%d", wait_s));
		return true;
	}
	if (a.user_id == 0)
		return show_again(p,
			"That email and password do not match. Check both and try again.", 422,
			e);
	return open_session(p, &a, e);
}

bool login_logout(struct page *p, struct err *e)
{
	if (p->who != NULL && (!page_audit(p, "logout", "ok", "", e) ||
				      !sessions_end(p->db, p->who->session_id, e)))
		return false;
	page_set_cookie(p, NULL);
	response_redirect(p->s, "/login");
	response_header(p->s, "Clear-Site-Data", "\"cache\", \"storage\"");
	return true;
}
