#include "sandbox/token.h"

#include "base/log.h"
#include "codec/b64.h"
#include "codec/hash.h"
#include "codec/json.h"
#include "codec/random.h"
#include "sandbox/claims.h"
#include "sandbox/reply.h"
#include "sandbox/stmt.h"

enum { TOKEN_TEXT_MAX = 4096 };

enum token_field {
	T_GRANT_TYPE,
	T_CODE,
	T_REDIRECT_URI,
	T_CODE_VERIFIER,
	T_REFRESH_TOKEN,
	T_CLIENT_ID,
	T_CLIENT_SECRET
};
const struct field sandbox_token_fields[7] = {
	[T_GRANT_TYPE] = {.name = "grant_type", .type = FIELD_TEXT},
	[T_CODE] = {.name = "code", .type = FIELD_TEXT, .max = TOKEN_TEXT_MAX},
	[T_REDIRECT_URI] = {.name = "redirect_uri", .type = FIELD_TEXT, .max = TOKEN_TEXT_MAX},
	[T_CODE_VERIFIER] = {.name = "code_verifier",
		.type = FIELD_TEXT,
		.max = TOKEN_TEXT_MAX},
	[T_REFRESH_TOKEN] = {.name = "refresh_token",
		.type = FIELD_TEXT,
		.max = TOKEN_TEXT_MAX},
	[T_CLIENT_ID] = {.name = "client_id", .type = FIELD_TEXT},
	[T_CLIENT_SECRET] = {.name = "client_secret", .type = FIELD_TEXT},
};

enum revoke_field { R_TOKEN, R_HINT, R_CLIENT_ID, R_CLIENT_SECRET };
const struct field sandbox_revoke_fields[4] = {
	[R_TOKEN] = {.name = "token", .type = FIELD_TEXT, .max = TOKEN_TEXT_MAX},
	[R_HINT] = {.name = "token_type_hint", .type = FIELD_TEXT},
	[R_CLIENT_ID] = {.name = "client_id", .type = FIELD_TEXT},
	[R_CLIENT_SECRET] = {.name = "client_secret", .type = FIELD_TEXT},
};

const char *sandbox_token_hash(struct arena *a, struct str token)
{
	unsigned char sum[HASH_BYTES];
	hash_sha256(token.p, token.n, sum);
	return hex_encode(a, sum, sizeof sum);
}

/* The app authenticates by header, or else by the two fields of the body. */
static bool is_our_app(const struct page *p, size_t id_field, size_t secret_field)
{
	struct arena *a = p->arena;
	const char *header = request_header(p->q, "HTTP_AUTHORIZATION");
	struct str secret = secret_open(p->site->client_secret);
	if (header != NULL) {
		const char *pair =
			arena_printf(a, "%s:%.*s", p->site->client_id, (int)secret.n, secret.p);
		const char *expected =
			arena_printf(a, "Basic %s", b64_encode(a, pair, strlen(pair)));
		return hash_equal(str_of(header), str_of(expected));
	}
	return str_is(str_of(p->f.text[id_field]), p->site->client_id) &&
	       hash_equal(str_of(p->f.text[secret_field]), secret);
}

static bool find_consent(struct page *p, int64_t id, struct consent *c_r, struct err *e)
{
	struct pg_rows r;
	if (!pg_query(p->db, SANDBOX_STMT_CONSENT_FIND, &r, e, PG_INT(id)))
		return false;
	if (r.n == 0)
		return err_set(e, ERR_REFUSED, "invalid_grant");
	*c_r = (struct consent){
		.id = pg_int(&r, 0, 0),
		.xero_userid = pg_text(&r, 0, 1),
		.auth_event_id = pg_text(&r, 0, 2),
		.client_id = pg_text(&r, 0, 3),
		.scope = pg_text(&r, 0, 4),
		.nonce = pg_text(&r, 0, 5),
		.auth_time = pg_int(&r, 0, 6),
	};
	return true;
}

/* RFC 7636 section 4.6. A verifier without an earlier challenge is ignored, as Xero does. */
static bool verifier_fits(const struct page *p, const char *challenge)
{
	unsigned char sum[HASH_BYTES];
	const char *verifier = p->f.text[T_CODE_VERIFIER];
	if (challenge == NULL)
		return true;
	hash_sha256(verifier, strlen(verifier), sum);
	return hash_equal(str_of(challenge), str_of(b64url_encode(p->arena, sum, sizeof sum)));
}

static bool by_code(struct page *p, struct consent *c_r, struct err *e)
{
	struct pg_rows r;
	const char *hash = sandbox_token_hash(p->arena, str_of(p->f.text[T_CODE]));
	if (!pg_query(p->db, SANDBOX_STMT_CODE_CLAIM, &r, e, PG_TEXT(hash)))
		return false;
	if (r.n == 0 || strcmp(pg_text(&r, 0, 1), p->f.text[T_REDIRECT_URI]) != 0 ||
		!verifier_fits(p, pg_text(&r, 0, 2)))
		return err_set(e, ERR_REFUSED, "invalid_grant");
	if (!find_consent(p, pg_int(&r, 0, 0), c_r, e))
		return false;
	bool ends = strcmp(p->settings.second_consent, "ends") == 0;
	return !ends ||
	       pg_exec(p->db, SANDBOX_STMT_CONSENT_END_OTHERS, NULL, e, PG_INT(c_r->id));
}

static bool by_refresh_token(struct page *p, struct consent *c_r, struct err *e)
{
	struct pg_rows r;
	const char *hash = sandbox_token_hash(p->arena, str_of(p->f.text[T_REFRESH_TOKEN]));
	if (!pg_query(p->db, SANDBOX_STMT_REFRESH_EXCHANGE, &r, e, PG_TEXT(hash),
		    PG_BOOL(p->settings.strict_refresh)))
		return false;
	if (r.n == 0)
		return err_set(e, ERR_REFUSED, "invalid_grant");
	return find_consent(p, pg_int(&r, 0, 0), c_r, e);
}

static bool new_refresh_token(
	struct page *p, const struct consent *c, const char **token_r, struct err *e)
{
	struct secret *token;
	*token_r = NULL;
	if (!claims_has_scope(c->scope, "offline_access"))
		return true;
	if (!random_token(p->arena, 32, &token, e))
		return false;
	*token_r = secret_open(token).p;
	return pg_exec(p->db, SANDBOX_STMT_REFRESH_NEW, NULL, e,
		PG_TEXT(sandbox_token_hash(p->arena, secret_open(token))), PG_INT(c->id));
}

static const char *without_practice(struct arena *a, const char *scopes)
{
	struct buf out;
	struct str rest = str_of(scopes), one;
	buf_init(&out, a, TOKEN_TEXT_MAX);
	while (str_next(&rest, ' ', &one))
		if (!str_starts(one, "practicemanager")) {
			buf_adds(&out, out.len == 0 ? "" : " ");
			buf_addstr(&out, one);
		}
	return out.data;
}

static void add_text(struct buf *out, const char *name, const char *value)
{
	buf_printf(out, "%s\"%s\":", out->len == 1 ? "" : ",", name);
	json_add_string(out, value);
}

static void add_lifetime(struct page *p, struct buf *out)
{
	if (sandbox_fault_is(p, "no-expires-in"))
		return;
	buf_adds(out, out->len == 1 ? "\"expires_in\":" : ",\"expires_in\":");
	if (sandbox_fault_is(p, "expires-in"))
		buf_adds(out, *p->fault.arg == '\0' ? "0" : p->fault.arg);
	else
		buf_addi(out, p->settings.expires_in);
}

static bool write_tokens(
	struct page *p, const struct consent *c, const char *refresh, struct err *e)
{
	char *access, *id = NULL;
	bool openid =
		claims_has_scope(c->scope, "openid") && !sandbox_fault_is(p, "no-id-token");
	if (!claims_access_token(p, c, &access, e) ||
		(openid && !claims_id_token(p, c, access, &id, e)))
		return false;
	reply_begin(p, 200, "application/json; charset=UTF-8");
	struct buf *out = &p->s->body;
	buf_addc(out, '{');
	if (id != NULL)
		add_text(out, "id_token", id);
	if (!sandbox_fault_is(p, "no-access-token"))
		add_text(out, "access_token", access);
	add_lifetime(p, out);
	add_text(out, "token_type", "Bearer");
	if (refresh != NULL && !sandbox_fault_is(p, "no-refresh-token"))
		add_text(out, "refresh_token", refresh);
	add_text(out, "scope", c->scope);
	buf_addc(out, '}');
	return true;
}

/* All changes are committed before the response, because the response may get lost. */
static bool exchange(struct page *p, bool code, struct err *e)
{
	struct consent c;
	const char *refresh;
	if (!pg_begin(p->db, 0, e) || !(code ? by_code(p, &c, e) : by_refresh_token(p, &c, e)))
		return false;
	if (sandbox_fault_is(p, "fewer-scopes"))
		c.scope = without_practice(p->arena, c.scope);
	if (!new_refresh_token(p, &c, &refresh, e) || !pg_commit(p->db, e) ||
		!write_tokens(p, &c, refresh, e))
		return false;
	if (sandbox_fault_is(p, "lost-answer"))
		return reply_nothing(p);
	if (sandbox_fault_is(p, "not-json"))
		p->s->body.len /= 2;
	if (sandbox_fault_is(p, "type"))
		p->s->content_type = *p->fault.arg == '\0' ? "text/html" : p->fault.arg;
	return true;
}

bool sandbox_token(struct page *p, struct err *e)
{
	const char *grant = p->f.text[T_GRANT_TYPE];
	bool code = strcmp(grant, "authorization_code") == 0;
	if (sandbox_fault_is(p, "oauth"))
		return reply_oauth_error(
			p, 400, *p->fault.arg == '\0' ? "invalid_grant" : p->fault.arg);
	if (!p->f.ok)
		return reply_oauth_error(p, 400, "invalid_request");
	if (!is_our_app(p, T_CLIENT_ID, T_CLIENT_SECRET))
		return reply_oauth_error(p, 400, "invalid_client");
	if (!code && strcmp(grant, "refresh_token") != 0)
		return reply_oauth_error(p, 400, "unsupported_grant_type");
	if (exchange(p, code, e))
		return true;
	if (e->kind != ERR_REFUSED)
		return false;
	log_info("sandbox.grant_refused", log_text("grant_type", grant));
	/* A code is used up by the attempt, even when the rest of the request was wrong. */
	if (pg_in_transaction(p->db) && !pg_commit(p->db, e))
		return false;
	return reply_oauth_error(p, 400, e->text);
}

bool sandbox_revoke(struct page *p, struct err *e)
{
	if (sandbox_fault_is(p, "oauth"))
		return reply_oauth_error(
			p, 400, *p->fault.arg == '\0' ? "invalid_client" : p->fault.arg);
	if (!p->f.ok || !is_our_app(p, R_CLIENT_ID, R_CLIENT_SECRET))
		return reply_oauth_error(p, 400, "invalid_client");
	const char *hash = sandbox_token_hash(p->arena, str_of(p->f.text[R_TOKEN]));
	if (!pg_exec(p->db, SANDBOX_STMT_REFRESH_REVOKE, NULL, e, PG_TEXT(hash)))
		return false;
	reply_begin(p, 200, "text/plain");
	return true;
}
