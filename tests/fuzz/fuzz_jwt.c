/* "token \n jwks" of any bytes is judged without harm; what verifies also reads without its signature. */
#include "codec/jwt.h"
#include "fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new();
	struct str all = {(const char *)data, size}, token = all, jwks = all;
	const struct json *claims;
	struct err e;
	(void)str_cut(all, '\n', &token, &jwks);
	bool readable = jwt_claims(a, token, &claims, &e);
	must(readable ? json_is_object(claims) : e.kind == ERR_REFUSED);
	if (jwt_verify(a, token, jwks, &claims, &e))
		must(readable && json_is_object(claims));
	else
		must(e.kind == ERR_REFUSED);
	arena_free(&a);
	return 0;
}
