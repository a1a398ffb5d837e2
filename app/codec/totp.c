#include "codec/totp.h"

#include "base/buf.h"
#include "codec/b64.h"
#include "codec/hash.h"
#include "codec/random.h"
#include "codec/url.h"

#include <liboath/oath.h>

enum { TYPED_MAX = 64 };

bool totp_new_secret(struct arena *a, struct secret **secret_r, struct err *e)
{
	unsigned char *key = arena_alloc(a, TOTP_SECRET_BYTES);
	if (!random_bytes(key, TOTP_SECRET_BYTES, e))
		return false;
	*secret_r = secret_new(a, key, TOTP_SECRET_BYTES);
	return true;
}

char *totp_show_secret(struct arena *a, const struct secret *secret)
{
	struct str key = secret_open(secret);
	const char *text = base32_encode(a, key.p, key.n);
	size_t n = strlen(text), len = 0;
	char *shown = arena_alloc(a, n + n / 4 + 1);
	for (size_t i = 0; i < n; i++) {
		if (i != 0 && i % 4 == 0)
			shown[len++] = ' ';
		shown[len++] = text[i];
	}
	return shown;
}

char *totp_uri(
	struct arena *a, const char *issuer, const char *account, const struct secret *secret)
{
	struct str key = secret_open(secret);
	struct buf uri;
	/*
	 * Percent-encoding makes at most three characters of a byte, so this is always enough.
	 */
	buf_init(&uri, a, 6 * strlen(issuer) + 3 * strlen(account) + 2 * key.n + 128);
	buf_adds(&uri, "otpauth://totp/");
	url_escape(&uri, str_of(issuer));
	buf_addc(&uri, ':');
	url_escape(&uri, str_of(account));
	buf_adds(&uri, "?secret=");
	buf_adds(&uri, base32_encode(a, key.p, key.n));
	buf_adds(&uri, "&issuer=");
	url_escape(&uri, str_of(issuer));
	buf_printf(&uri, "&algorithm=SHA1&digits=%d&period=%d", TOTP_DIGITS, TOTP_STEP_S);
	return uri.data;
}

const char *totp_clean(struct arena *a, const char *typed)
{
	if (typed == NULL || strnlen(typed, TYPED_MAX + 1) > TYPED_MAX)
		return NULL;
	char *code = arena_alloc(a, TOTP_DIGITS + 1);
	size_t n = 0;
	for (const char *p = typed; *p != '\0'; p++) {
		if (*p == ' ' || (*p >= '\t' && *p <= '\r'))
			continue;
		if (*p < '0' || *p > '9' || n == TOTP_DIGITS)
			return NULL;
		code[n++] = *p;
	}
	return n == TOTP_DIGITS ? code : NULL;
}

/* TOTP is HOTP with the step as its counter (RFC 6238 section 4.2). */
static bool code_at(const struct secret *secret, int64_t step, char out_r[TOTP_DIGITS + 1])
{
	static bool ready; /* the library must be initialised once per process */
	if (!ready && oath_init() != OATH_OK)
		return false;
	ready = true;
	struct str key = secret_open(secret);
	return step >= 0 && oath_hotp_generate(key.p, key.n, (uint64_t)step, TOTP_DIGITS, false,
				    OATH_HOTP_DYNAMIC_TRUNCATION, out_r) == OATH_OK;
}

bool totp_match(const struct secret *secret, const char *code, int64_t now, int64_t last_step,
	bool strict, int64_t *step_r)
{
	char candidate[TOTP_DIGITS + 1];
	int64_t found = -1, step = now / TOTP_STEP_S;
	if (now < 0)
		return false;
	for (int64_t s = step - 1; s <= step + (strict ? 0 : 1); s++) {
		/* No early exit: the time must not show which step matched. */
		bool same = code_at(secret, s, candidate) &&
			    hash_equal(str_of(code), (struct str){candidate, TOTP_DIGITS});
		if (same && s > last_step)
			found = s;
	}
	explicit_bzero(candidate, sizeof candidate);
	if (found < 0)
		return false;
	*step_r = found;
	return true;
}

bool totp_code(struct arena *a, const struct secret *secret, int64_t step, char **code_r,
	struct err *e)
{
	char *code = arena_alloc(a, TOTP_DIGITS + 1);
	if (!code_at(secret, step, code))
		return err_set(e, ERR_INTERNAL, "No one-time code can be made.");
	*code_r = code;
	return true;
}
