/*
 * Session cookies, CSRF tokens and typed codes: the shape is judged before
 * anything is looked up, no token but our own is good, and a code means the same
 * however it is grouped and in either case.
 */
#include "core/session.h"
#include "fuzz/fuzz.h"

static void check_csrf(struct arena *a, const char *text)
{
	struct session_token ours;
	char *token;
	struct err e;
	must(session_token_new(a, &ours, &e) && csrf_make(a, &ours, &token, &e));
	must(csrf_check(a, &ours, token));
	must(!csrf_check(a, &ours, text));
}

static void check_code(struct arena *a, const char *text)
{
	unsigned char one[HASH_BYTES], other[HASH_BYTES];
	size_t n = strlen(text);
	struct str s = {text, n};
	session_hash_code(a, text, one);
	session_hash_code(a, str_lower(a, s), other);
	must(memcmp(one, other, sizeof one) == 0);
	session_hash_code(
		a, arena_printf(a, " %.*s-%s ", (int)(n / 2), text, text + n / 2), other);
	must(memcmp(one, other, sizeof one) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new();
	const char *text = arena_strndup(a, (const char *)data, size);
	struct session_token t, again;
	if (session_token_read(a, text, &t)) {
		must(strcmp(secret_open(t.text).p, text) == 0);
		must(session_token_read(a, text, &again));
		must(memcmp(t.hash, again.hash, sizeof t.hash) == 0);
	}
	check_csrf(a, text);
	check_code(a, text);
	arena_free(&a);
	return 0;
}
