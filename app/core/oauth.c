#include "core/oauth.h"

#include "base/buf.h"
#include "codec/b64.h"
#include "codec/form.h"

enum { URL_MAX = 8192, LIFE_DEFAULT_S = 60, LIFE_MAX_S = 24 * 3600, LEEWAY_S = 60 };

char *oauth_challenge(struct arena *a, struct str verifier)
{
	unsigned char hash[HASH_BYTES];
	hash_sha256(verifier.p, verifier.n, hash);
	return b64url_encode(a, hash, sizeof hash);
}

char *oauth_authorize_url(struct arena *a, const struct oauth_authorize *q)
{
	struct buf form, url;
	buf_init(&form, a, URL_MAX);
	form_add(&form, "response_type", "code");
	form_add(&form, "client_id", q->client_id);
	form_add(&form, "redirect_uri", q->redirect_uri);
	form_add(&form, "scope", q->scopes);
	form_add(&form, "state", q->state);
	form_add(&form, "nonce", q->nonce);
	if (q->challenge != NULL) {
		form_add(&form, "code_challenge", q->challenge);
		form_add(&form, "code_challenge_method", "S256");
	}
	buf_init(&url, a, URL_MAX + 1024);
	buf_adds(&url, q->authorize_url);
	buf_addc(&url, '?');
	buf_addstr(&url, buf_str(&form));
	return url.data;
}

char *oauth_redirect_uri(struct arena *a, const char *base_url)
{
	return arena_printf(a, "%s/oauth/xero/callback", base_url);
}

static const struct secret *secret_of(struct arena *a, const struct json *node)
{
	const char *text = json_text(node);
	return text == NULL || *text == '\0' ? NULL : secret_new(a, text, strlen(text));
}

static bool life_of(const struct json *node, int *life_s_r)
{
	int64_t n = LIFE_DEFAULT_S;
	if (node != NULL && (!json_int(node, &n) || n < 1 || n > LIFE_MAX_S))
		return false;
	*life_s_r = (int)n;
	return true;
}

bool oauth_tokens_parse(
	struct arena *a, struct str body, struct oauth_tokens *t_r, struct err *e)
{
	const struct json *root = NULL;
	struct oauth_tokens t = {0};
	/* The sentence of the parser could quote the body, which holds tokens. */
	if (!json_parse(a, body, &root, e) || !json_is_object(root))
		return err_set(e, ERR_MALFORMED, "The token answer is not a JSON object.");
	t.access = secret_of(a, json_get(root, "access_token"));
	t.refresh = secret_of(a, json_get(root, "refresh_token"));
	t.id = secret_of(a, json_get(root, "id_token"));
	t.scopes = json_text(json_get(root, "scope"));
	if (t.scopes == NULL)
		t.scopes = "";
	const char *type = json_text(json_get(root, "token_type"));
	if (t.access == NULL)
		return err_set(e, ERR_MALFORMED, "The token answer holds no access token.");
	if (type != NULL && !str_is_ci(str_of(type), "bearer"))
		return err_set(
			e, ERR_MALFORMED, "The token answer is of a kind we cannot use.");
	if (!life_of(json_get(root, "expires_in"), &t.expires_in_s))
		return err_set(
			e, ERR_MALFORMED, "The token answer states a senseless lifetime.");
	*t_r = t;
	return true;
}

enum oauth_failure oauth_judge_error(struct arena *a, int status, struct str body)
{
	static const char *const ours[] = {"invalid_client", "unauthorized_client",
		"unsupported_grant_type", "invalid_scope", "invalid_request"};
	const struct json *root = NULL;
	struct err ignored;
	if (status >= 500 || !json_parse(a, body, &root, &ignored))
		return OAUTH_PASSING;
	const char *word = json_text(json_get(root, "error"));
	if (word == NULL)
		return OAUTH_PASSING;
	if (strcmp(word, "invalid_grant") == 0)
		return OAUTH_GRANT_DEAD;
	for (size_t i = 0; i < ARRAY_LEN(ours); i++)
		if (strcmp(word, ours[i]) == 0)
			return OAUTH_OUR_CONFIG;
	return OAUTH_PASSING;
}

/*
 * OpenID Connect Core 3.1.3.7: our id is the audience, or one of several and also the
 * authorised party.
 */
static bool audience_is(const struct json *claims, const char *client_id)
{
	const struct json *aud = json_get(claims, "aud");
	struct str us = str_of(client_id);
	const char *party = json_text(json_get(claims, "azp"));
	if (party != NULL && !str_eq(str_of(party), us))
		return false;
	if (!json_is_array(aud))
		return us.n > 0 && str_eq(str_of(json_text(aud)), us);
	bool found = false;
	for (size_t i = 0; i < json_len(aud); i++)
		found |= str_eq(str_of(json_text(json_at(aud, i))), us);
	return found && (json_len(aud) == 1 || party != NULL);
}

bool oauth_check_id(const struct json *claims, const struct oauth_expect *want, struct err *e)
{
	int64_t ends_at = 0, begins_at = 0;
	const struct json *nbf = json_get(claims, "nbf");
	const char *nonce = json_text(json_get(claims, "nonce"));
	if (!str_is(str_of(json_text(json_get(claims, "iss"))), want->issuer))
		return err_set(e, ERR_REFUSED, "The ID token is from another issuer.");
	if (!audience_is(claims, want->client_id))
		return err_set(e, ERR_REFUSED, "The ID token is meant for another app.");
	if (!json_int(json_get(claims, "exp"), &ends_at) || ends_at + LEEWAY_S <= want->now)
		return err_set(e, ERR_REFUSED, "The ID token is over.");
	if (nbf != NULL && (!json_int(nbf, &begins_at) || begins_at - LEEWAY_S > want->now))
		return err_set(e, ERR_REFUSED, "The ID token is not valid yet.");
	if (nonce == NULL || *nonce == '\0' || !hash_equal(str_of(nonce), str_of(want->nonce)))
		return err_set(e, ERR_REFUSED, "The ID token belongs to another sign-in.");
	return true;
}

static bool granted_has(const char *granted, struct str scope)
{
	struct str rest = str_of(granted), piece;
	while (str_next(&rest, ' ', &piece))
		if (scope.n > 0 && str_eq(piece, scope))
			return true;
	return false;
}

/*
 * Is `scope` granted? "practicemanager.client.read" is covered by the same without ".read", and
 * by "practicemanager(.read)".
 */
static bool granted_covers(const char *granted, struct str scope)
{
	struct str rest = scope, root, tail = STR(".read");
	if (granted_has(granted, scope))
		return true;
	bool read = scope.n > tail.n && str_eq(str_sub(scope, scope.n - tail.n, tail.n), tail);
	struct str base = read ? str_sub(scope, 0, scope.n - tail.n) : scope;
	if (read && granted_has(granted, base))
		return true;
	if (!str_cut(base, '.', &root, &rest))
		return false;
	if (granted_has(granted, root))
		return true;
	char wide[128];
	int n = snprintf(wide, sizeof wide, "%.*s.read", (int)root.n, root.p);
	return read && n > 0 && (size_t)n < sizeof wide && granted_has(granted, str_of(wide));
}

bool oauth_scopes_cover(const char *granted, const char *asked)
{
	static const char *const identity[] = {"openid", "profile", "email", "offline_access"};
	struct str rest = str_of(asked), scope;
	/*
	 * When the answer names no scopes they are the ones asked for (RFC 6749 section 5.1).
	 */
	if (str_trim(str_of(granted)).n == 0)
		return true;
	while (str_next(&rest, ' ', &scope)) {
		bool skip = scope.n == 0;
		for (size_t i = 0; i < ARRAY_LEN(identity); i++)
			skip |= str_is(scope, identity[i]);
		if (!skip && !granted_covers(granted, scope))
			return false;
	}
	return true;
}
