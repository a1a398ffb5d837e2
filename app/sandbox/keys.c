#include "codec/b64.h"
#include "codec/json.h"
#include "codec/jwt.h"
#include "codec/random.h"
#include "sandbox/claims.h"
#include "sandbox/reply.h"
#include "sandbox/stmt.h"

bool keys_hex(struct arena *a, size_t n, char **hex_r, struct err *e)
{
	unsigned char *bytes = arena_alloc(a, n);
	if (!random_bytes(bytes, n, e))
		return false;
	*hex_r = hex_encode(a, bytes, n);
	return true;
}

bool keys_uuid(struct arena *a, char **uuid_r, struct err *e)
{
	unsigned char b[16];
	if (!random_bytes(b, sizeof b, e))
		return false;
	b[6] = (unsigned char)((b[6] & 0x0F) | 0x40);
	b[8] = (unsigned char)((b[8] & 0x3F) | 0x80);
	const char *hex = hex_encode(a, b, sizeof b);
	*uuid_r = arena_printf(
		a, "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12, hex + 16, hex + 20);
	return true;
}

bool keys_add(struct pg *db, struct arena *a, struct err *e)
{
	struct secret *pem;
	char *kid;
	if (!jwt_new_key(a, &pem, e) || !keys_hex(a, 20, &kid, e))
		return false;
	return pg_exec(
		db, SANDBOX_STMT_KEY_ADD, NULL, e, PG_TEXT(kid), PG_TEXT(secret_open(pem).p));
}

bool keys_newest(struct page *p, struct signing_key *key_r, struct err *e)
{
	struct pg_rows r;
	if (!pg_query(p->db, SANDBOX_STMT_KEY_NEWEST, &r, e))
		return false;
	if (r.n == 0)
		return err_set(
			e, ERR_CONFIG, "The sandbox has no key: run gap-sandbox migrate.");
	const char *pem = pg_text(&r, 0, 1);
	*key_r = (struct signing_key){
		.kid = pg_text(&r, 0, 0), .pem = secret_new(p->arena, pem, strlen(pem))};
	return true;
}

bool sandbox_jwks(struct page *p, struct err *e)
{
	struct signing_key key;
	char *jwks;
	if (!keys_newest(p, &key, e))
		return false;
	if (sandbox_fault_is(p, "other-key") && !jwt_new_key(p->arena, &key.pem, e))
		return false;
	if (!jwt_jwks(p->arena, key.pem, key.kid, &jwks, e))
		return false;
	reply_begin(p, 200, "application/json; charset=UTF-8");
	buf_adds(&p->s->body, sandbox_fault_is(p, "no-keys") ? "{\"keys\":[]}" : jwks);
	return true;
}

/* Names and paths of the endpoints in the discovery document; all are below our origin. */
static const struct {
	const char *name, *path;
} endpoints[] = {
	{"authorization_endpoint", "/identity/connect/authorize"},
	{"token_endpoint", "/connect/token"},
	{"revocation_endpoint", "/connect/revocation"},
	{"jwks_uri", "/.well-known/openid-configuration/jwks"},
};

bool sandbox_discovery(struct page *p, struct err *e)
{
	(void)e;
	reply_begin(p, 200, "application/json");
	struct buf *out = &p->s->body;
	buf_adds(out, "{\"issuer\":");
	json_add_string(out, p->site->base_url);
	for (size_t i = 0; i < ARRAY_LEN(endpoints); i++) {
		buf_printf(out, ",\"%s\":", endpoints[i].name);
		json_add_string(out,
			arena_printf(p->arena, "%s%s", p->site->base_url, endpoints[i].path));
	}
	buf_adds(out, ",\"response_types_supported\":[\"code\"]"
		      ",\"grant_types_supported\":[\"authorization_code\",\"refresh_token\"]"
		      ",\"code_challenge_methods_supported\":[\"S256\"]"
		      ",\"id_token_signing_alg_values_supported\":[\"RS256\"]"
		      ",\"subject_types_supported\":[\"public\"]"
		      ",\"token_endpoint_auth_methods_supported\":[\"client_secret_basic\","
		      "\"client_secret_post\"]}");
	return true;
}
