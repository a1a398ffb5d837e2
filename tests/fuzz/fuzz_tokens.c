/*
 * Bodies of the identity server and of /connections: token answers, errors, the
 * claims of an ID token, the list of practices. Whatever they hold, lifetimes are
 * sensible, ids are UUIDs, and no token is without text.
 */
#include "core/oauth.h"
#include "fuzz/fuzz.h"
#include "xpm/api.h"

enum { DAY_S = 86400 };

static void check_tokens(struct arena *a, struct str body)
{
	struct oauth_tokens t;
	struct err e = {0};
	if (!oauth_tokens_parse(a, body, &t, &e)) {
		must(e.kind != ERR_NONE && e.text[0] != '\0');
		return;
	}
	must(secret_open(t.access).n > 0 && t.scopes != NULL);
	must(t.refresh == NULL || secret_open(t.refresh).n > 0);
	must(t.expires_in_s > 0 && t.expires_in_s <= DAY_S);
	must(oauth_scopes_cover(t.scopes, t.scopes));
}

static void check_claims(struct arena *a, struct str body)
{
	static const struct oauth_expect want = {
		"https://identity.xero.com", "client", "nonce", 1795327200};
	const struct json *claims = NULL;
	struct err e = {0};
	if (json_parse(a, body, &claims, &e) && oauth_check_id(claims, &want, &e)) {
		must(strcmp(json_text(json_get(claims, "iss")), want.issuer) == 0);
		must(strcmp(json_text(json_get(claims, "nonce")), want.nonce) == 0);
	} else {
		must(e.kind != ERR_NONE);
	}
}

static void check_connections(struct arena *a, struct str body)
{
	const struct xero_tenant *rows;
	size_t n = 0;
	char uuid[37];
	struct err e;
	if (!xero_parse_connections(a, body, &rows, &n, &e)) {
		must(e.kind == ERR_MALFORMED);
		return;
	}
	for (size_t i = 0; i < n; i++) {
		must(str_uuid(str_of(rows[i].connection), uuid));
		must(str_uuid(str_of(rows[i].tenant), uuid) && rows[i].type != NULL);
		must(rows[i].name == NULL || str_utf8_valid(str_of(rows[i].name)));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new();
	struct str body = {(const char *)data, size};
	check_tokens(a, body);
	check_claims(a, body);
	check_connections(a, body);
	for (int status = 200; status <= 500; status += 100)
		(void)oauth_judge_error(a, status, body);
	(void)xero_says_gone(arena_strndup(a, body.p, body.n));
	arena_free(&a);
	return 0;
}
