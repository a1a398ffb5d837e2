#include "sandbox/session.h"

#include "codec/b64.h"
#include "codec/hash.h"
#include "codec/json.h"
#include "codec/random.h"
#include "io/file.h"
#include "sandbox/claims.h"
#include "sandbox/stmt.h"
#include "sandbox/token.h"

enum { LOGIN_FILE_MAX = 64 * 1024 };

static const char *csrf_of(struct arena *a, struct str token)
{
	unsigned char sum[HASH_BYTES];
	hash_hmac(token, STR("sandbox form"), sum);
	return b64url_encode(a, sum, sizeof sum);
}

static void enter(struct page *p, struct str token, bool signed_in)
{
	p->session = sandbox_token_hash(p->arena, token);
	p->csrf = csrf_of(p->arena, token);
	p->signed_in = signed_in;
}

bool sandbox_session_load(struct page *p, struct err *e)
{
	struct pg_rows r;
	const char *token = request_cookie(p->q, p->site->cookie_name);
	if (token == NULL)
		return true;
	const char *hash = sandbox_token_hash(p->arena, str_of(token));
	if (!pg_query(p->db, SANDBOX_STMT_SESSION_FIND, &r, e, PG_TEXT(hash)))
		return false;
	if (r.n == 1)
		enter(p, str_of(token), pg_bool(&r, 0, 0));
	return true;
}

bool sandbox_session_start(struct page *p, struct err *e)
{
	struct secret *token;
	if (!random_token(p->arena, 32, &token, e) ||
		!pg_exec(p->db, SANDBOX_STMT_SESSION_TIDY, NULL, e))
		return false;
	enter(p, secret_open(token), false);
	response_cookie(p->s, p->site->cookie_name, secret_open(token).p);
	return pg_exec(p->db, SANDBOX_STMT_SESSION_NEW, NULL, e, PG_TEXT(p->session));
}

bool sandbox_session_sign_in(struct page *p, struct err *e)
{
	struct secret *token;
	const char *before = p->session;
	if (!random_token(p->arena, 32, &token, e))
		return false;
	enter(p, secret_open(token), true);
	response_cookie(p->s, p->site->cookie_name, secret_open(token).p);
	return pg_begin(p->db, 0, e) &&
	       pg_exec(p->db, SANDBOX_STMT_SESSION_OPEN, NULL, e, PG_TEXT(p->session)) &&
	       pg_exec(p->db, SANDBOX_STMT_ATTEMPT_MOVE, NULL, e, PG_TEXT(before),
		       PG_TEXT(p->session)) &&
	       pg_exec(p->db, SANDBOX_STMT_SESSION_DROP, NULL, e, PG_TEXT(before)) &&
	       pg_commit(p->db, e);
}

bool sandbox_form_is_ours(const struct page *p)
{
	bool twice;
	const char *sent = form_get(&p->q->body, "csrf", &twice);
	return p->csrf != NULL && sent != NULL && hash_equal(str_of(sent), str_of(p->csrf)) &&
	       !request_is_cross_site(p->q, p->site->base_url);
}

bool sandbox_user(struct page *p, struct login *login_r, struct err *e)
{
	const char *path = conf_text(p->site->conf, CONF_SANDBOX_LOGIN_FILE);
	const struct secret *text;
	const struct json *root;
	if (!file_read_secret(p->arena, path, LOGIN_FILE_MAX, &text, e) ||
		!json_parse(p->arena, secret_open(text), &root, e))
		return false;
	const struct json *xero = json_get(root, "xero");
	if (xero == NULL)
		xero = root;
	*login_r = (struct login){.email = json_text(json_get(xero, "email")),
		.password = json_text(json_get(xero, "password"))};
	if (login_r->email == NULL || login_r->password == NULL)
		return err_set(e, ERR_CONFIG,
			"GAP_SANDBOX_LOGIN_FILE: %s holds no e-mail and password for \"xero\".",
			path);
	login_r->xero_userid = claims_uuid_of(p->arena, login_r->email);
	return true;
}
