#include "codec/random.h"

#include "codec/b64.h"

#include <limits.h>
#include <openssl/rand.h>

bool random_bytes(void *out_r, size_t n, struct err *e)
{
	if (n > INT_MAX || RAND_bytes(out_r, (int)n) != 1)
		return err_set(e, ERR_INTERNAL, "no random bytes to be had (%zu wanted)", n);
	return true;
}

bool random_token(struct arena *a, size_t n, struct secret **token_r, struct err *e)
{
	/* The plain copies are on the same arena as the secret, which wipes them with it. */
	unsigned char *raw = arena_alloc(a, n);
	if (!random_bytes(raw, n, e))
		return false;
	struct str text = str_of(b64url_encode(a, raw, n));
	*token_r = secret_new(a, text.p, text.n);
	return true;
}
