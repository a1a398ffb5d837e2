#include "codec/hash.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

struct hash_stream {
	EVP_MD_CTX *ctx;
};

/* With valid arguments OpenSSL can fail here only for lack of memory. */
NORETURN static void out_of_memory(void)
{
	die("out of memory: a hash");
}

void hash_sha256(const void *p, size_t n, unsigned char out_r[HASH_BYTES])
{
	if (EVP_Digest(p, n, out_r, NULL, EVP_sha256(), NULL) != 1)
		out_of_memory();
}

void hash_hmac(struct str key, struct str text, unsigned char out_r[HASH_BYTES])
{
	if (key.n > INT32_MAX)
		bug("HMAC key of %zu bytes", key.n);
	/* OpenSSL refuses a NULL key or text, even of length 0. */
	const void *k = key.n == 0 ? "" : key.p;
	const void *t = text.n == 0 ? "" : text.p;
	if (HMAC(EVP_sha256(), k, (int)key.n, t, text.n, out_r, NULL) == NULL)
		out_of_memory();
}

bool hash_equal(struct str a, struct str b)
{
	return a.n == b.n && (a.n == 0 || CRYPTO_memcmp(a.p, b.p, a.n) == 0);
}

static void close_ctx(void *ctx)
{
	EVP_MD_CTX_free(ctx);
}

struct hash_stream *hash_stream_new(struct arena *a)
{
	struct hash_stream *h = arena_new_of(a, struct hash_stream);
	h->ctx = EVP_MD_CTX_new();
	if (h->ctx == NULL || EVP_DigestInit_ex(h->ctx, EVP_sha256(), NULL) != 1)
		out_of_memory();
	arena_defer(a, close_ctx, h->ctx);
	return h;
}

void hash_stream_add(struct hash_stream *h, struct str part)
{
	unsigned char frame[8];
	for (size_t i = 0; i < sizeof frame; i++)
		frame[i] = (unsigned char)((uint64_t)part.n >> (8 * i));
	if (EVP_DigestUpdate(h->ctx, frame, sizeof frame) != 1 ||
		EVP_DigestUpdate(h->ctx, part.p, part.n) != 1)
		out_of_memory();
}

void hash_stream_end(struct hash_stream *h, unsigned char out_r[HASH_BYTES])
{
	/*
	 * With a NULL type OpenSSL keeps the algorithm it has: looking it up for every record
	 * would cost more than the hash.
	 */
	if (EVP_DigestFinal_ex(h->ctx, out_r, NULL) != 1 ||
		EVP_DigestInit_ex(h->ctx, NULL, NULL) != 1)
		out_of_memory();
}
