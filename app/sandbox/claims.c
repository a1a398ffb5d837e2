#include "sandbox/claims.h"

#include "codec/b64.h"
#include "codec/hash.h"
#include "codec/json.h"
#include "codec/jwt.h"

enum { CLAIMS_BYTES_MAX = 16 * 1024 };

char *claims_uuid_of(struct arena *a, const char *text)
{
	unsigned char sum[HASH_BYTES];
	hash_sha256(text, strlen(text), sum);
	sum[6] = (unsigned char)((sum[6] & 0x0F) | 0x40);
	sum[8] = (unsigned char)((sum[8] & 0x3F) | 0x80);
	const char *hex = hex_encode(a, sum, 16);
	return arena_printf(
		a, "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12, hex + 16, hex + 20);
}

/* 32 hex digits derived from a text: sub, sid, global_session_id. */
static const char *hex_of(struct arena *a, const char *what, const char *text)
{
	unsigned char sum[HASH_BYTES];
	const char *both = arena_printf(a, "%s:%s", what, text);
	hash_sha256(both, strlen(both), sum);
	return hex_encode(a, sum, 16);
}

bool claims_has_scope(const char *scopes, const char *wanted)
{
	struct str rest = str_of(scopes), one;
	while (str_next(&rest, ' ', &one))
		if (str_is(one, wanted))
			return true;
	return false;
}

static void add_text(struct buf *out, const char *name, const char *value)
{
	buf_printf(out, ",\"%s\":", name);
	json_add_string(out, value);
}

static void add_number(struct buf *out, const char *name, int64_t value)
{
	buf_printf(out, ",\"%s\":%lld", name, (long long)value);
}

static void add_scopes(struct buf *out, const char *scopes)
{
	struct str rest = str_of(scopes), one;
	const char *comma = "";
	buf_adds(out, ",\"scope\":[");
	while (str_next(&rest, ' ', &one)) {
		if (one.n == 0)
			continue;
		buf_adds(out, comma);
		json_add_string(out, str_dup(out->arena, one));
		comma = ",";
	}
	buf_adds(out, "]");
}

/* The claims about the user and the session, the same in both tokens. */
static void add_user(struct buf *out, const struct consent *c)
{
	struct arena *a = out->arena;
	add_text(out, "sub", hex_of(a, "sub", c->xero_userid));
	add_text(out, "xero_userid", c->xero_userid);
	add_text(out, "global_session_id", hex_of(a, "session", c->auth_event_id));
	add_text(out, "sid", hex_of(a, "session", c->auth_event_id));
	add_number(out, "auth_time", c->auth_time);
	add_text(out, "idp", "local");
	buf_adds(out, ",\"amr\":[\"pwd\",\"mfa\",\"otp\"]");
}

bool claims_access_token(struct page *p, const struct consent *c, char **token_r, struct err *e)
{
	struct signing_key key;
	struct buf out;
	char *jti;
	if (!keys_newest(p, &key, e) || !keys_hex(p->arena, 12, &jti, e))
		return false;
	buf_init(&out, p->arena, CLAIMS_BYTES_MAX);
	buf_adds(&out, "{\"iss\":");
	json_add_string(&out, p->site->base_url);
	add_text(&out, "aud", arena_printf(p->arena, "%s/resources", p->site->base_url));
	add_text(&out, "client_id", c->client_id);
	add_number(&out, "nbf", p->now);
	add_number(&out, "exp", p->now + p->settings.expires_in);
	add_user(&out, c);
	add_text(&out, "authentication_event_id", c->auth_event_id);
	/*
	 * Our jti begins with the generation, so that all tokens can be made to expire at once.
	 */
	add_text(&out, "jti",
		arena_printf(p->arena, "%08X%s", (unsigned)p->settings.generation, jti));
	add_scopes(&out, c->scope);
	buf_adds(&out, "}");
	return jwt_sign(p->arena, key.pem, key.kid, out.data, token_r, e);
}

/* Left half of the access token's SHA-256 (OpenID Connect Core section 3.1.3.6). */
static const char *at_hash(struct arena *a, const char *access_token)
{
	unsigned char sum[HASH_BYTES];
	hash_sha256(access_token, strlen(access_token), sum);
	return b64url_encode(a, sum, HASH_BYTES / 2);
}

/* The given name is the part of the address before '@', with a capital. */
static void add_person(struct buf *out, const char *email)
{
	struct str local = str_of(email), domain;
	(void)str_cut(local, '@', &local, &domain);
	char *given = str_dup(out->arena, local);
	if (*given >= 'a' && *given <= 'z')
		*given = (char)(*given - 'a' + 'A');
	add_text(out, "preferred_username", email);
	add_text(out, "email", email);
	add_text(out, "given_name", given);
	add_text(out, "family_name", "Harbour");
	add_text(out, "name", arena_printf(out->arena, "%s Harbour", given));
}

/* The claims of the id_token, changed by the fault. */
static const char *id_claims(
	struct page *p, const struct consent *c, const char *email, const char *access_token)
{
	struct buf out;
	int64_t late = sandbox_fault_is(p, "id-expired") ? 3600 : 0;
	bool other_app = sandbox_fault_is(p, "id-audience");
	buf_init(&out, p->arena, CLAIMS_BYTES_MAX);
	buf_adds(&out, "{\"iss\":");
	json_add_string(&out, sandbox_fault_is(p, "id-issuer") ? "https://identity.example.org"
							       : p->site->base_url);
	add_text(&out, "aud", other_app ? "0123456789ABCDEF0123456789ABCDEF" : c->client_id);
	add_number(&out, "nbf", p->now - late);
	add_number(&out, "iat", p->now - late);
	add_number(&out, "exp", p->now - late + CLAIMS_ID_TOKEN_S);
	add_text(&out, "at_hash", at_hash(p->arena, access_token));
	if (sandbox_fault_is(p, "id-nonce"))
		add_text(&out, "nonce", "not-the-one-you-sent");
	else if (c->nonce != NULL)
		add_text(&out, "nonce", c->nonce);
	add_user(&out, c);
	if (claims_has_scope(c->scope, "email") || claims_has_scope(c->scope, "profile"))
		add_person(&out, email);
	buf_adds(&out, "}");
	return out.data;
}

/* Changes one character of the signature. */
static void spoil(char *token)
{
	char *signature = strrchr(token, '.');
	if (signature != NULL && signature[1] != '\0')
		signature[1] = signature[1] == 'A' ? 'B' : 'A';
}

static char *unsigned_token(struct arena *a, const char *claims)
{
	static const char header[] = "{\"alg\":\"none\",\"typ\":\"JWT\"}";
	return arena_printf(a, "%s.%s.", b64url_encode(a, header, sizeof header - 1),
		b64url_encode(a, claims, strlen(claims)));
}

static const char *email_of(const struct people *people, const char *xero_userid)
{
	for (size_t i = 0; i < PERSON__MAX; i++)
		if (strcmp(people->of[i].xero_userid, xero_userid) == 0)
			return people->of[i].email;
	return people->email;
}

bool claims_id_token(struct page *p, const struct consent *c, const char *access_token,
	char **token_r, struct err *e)
{
	struct signing_key key;
	struct people people;
	if (!people_load(p, &people, e))
		return false;
	const char *claims = id_claims(p, c, email_of(&people, c->xero_userid), access_token);
	if (sandbox_fault_is(p, "id-unsigned")) {
		*token_r = unsigned_token(p->arena, claims);
		return true;
	}
	if (!keys_newest(p, &key, e) ||
		!jwt_sign(p->arena, key.pem, key.kid, claims, token_r, e))
		return false;
	if (sandbox_fault_is(p, "id-signature"))
		spoil(*token_r);
	return true;
}
