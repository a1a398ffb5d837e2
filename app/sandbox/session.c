#include "sandbox/session.h"

#include "codec/b64.h"
#include "codec/hash.h"
#include "codec/random.h"
#include "sandbox/stmt.h"
#include "sandbox/token.h"

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
	if (r.n == 1) {
		enter(p, str_of(token), pg_bool(&r, 0, 0));
		p->who = person_named(pg_text(&r, 0, 1));
	}
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

bool sandbox_session_sign_in(struct page *p, enum person_no who, struct err *e)
{
	struct secret *token;
	const char *before = p->session;
	if (!random_token(p->arena, 32, &token, e))
		return false;
	enter(p, secret_open(token), true);
	p->who = who;
	response_cookie(p->s, p->site->cookie_name, secret_open(token).p);
	return pg_begin(p->db, 0, e) &&
	       pg_exec(p->db, SANDBOX_STMT_SESSION_OPEN, NULL, e, PG_TEXT(p->session),
		       PG_TEXT(person_names[who])) &&
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
