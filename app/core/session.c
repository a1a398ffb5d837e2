#include "core/session.h"

#include "base/buf.h"
#include "codec/b64.h"
#include "codec/random.h"

enum { TOKEN_BYTES = 32, TOKEN_CHARS = 43, PAD_BYTES = HASH_BYTES };

static void set_token(struct session_token *t, const struct secret *text)
{
	struct str s = secret_open(text);
	t->text = text;
	hash_sha256(s.p, s.n, t->hash);
}

bool session_token_new(struct arena *a, struct session_token *t_r, struct err *e)
{
	struct secret *text;
	if (!random_token(a, TOKEN_BYTES, &text, e))
		return false;
	set_token(t_r, text);
	return true;
}

bool session_token_read(struct arena *a, const char *cookie, struct session_token *t_r)
{
	struct str s = str_of(cookie), bytes;
	if (s.n != TOKEN_CHARS || !b64url_decode(a, s, &bytes) || bytes.n != TOKEN_BYTES)
		return false;
	set_token(t_r, secret_new(a, s.p, s.n));
	return true;
}

/*
 * The key is the session token, which only the browser and this request know: nobody can forge
 * it from the database.
 */
static void csrf_mac(const struct session_token *t, unsigned char mac_r[HASH_BYTES])
{
	hash_hmac(secret_open(t->text), STR("gap csrf 1"), mac_r);
}

static void mask(unsigned char *bytes, const unsigned char *pad)
{
	for (size_t i = 0; i < PAD_BYTES; i++)
		bytes[i] ^= pad[i];
}

bool csrf_make(struct arena *a, const struct session_token *t, char **token_r, struct err *e)
{
	unsigned char out[PAD_BYTES + HASH_BYTES];
	if (!random_bytes(out, PAD_BYTES, e))
		return false;
	csrf_mac(t, out + PAD_BYTES);
	mask(out + PAD_BYTES, out);
	*token_r = b64url_encode(a, out, sizeof out);
	return true;
}

bool csrf_check(struct arena *a, const struct session_token *t, const char *token)
{
	struct str bytes;
	unsigned char given[PAD_BYTES + HASH_BYTES], mac[HASH_BYTES];
	if (t->text == NULL || !b64url_decode(a, str_of(token), &bytes) ||
		bytes.n != sizeof given)
		return false;
	memcpy(given, bytes.p, sizeof given);
	mask(given + PAD_BYTES, given);
	csrf_mac(t, mac);
	return hash_equal((struct str){(const char *)given + PAD_BYTES, HASH_BYTES},
		(struct str){(const char *)mac, HASH_BYTES});
}

void session_hash_code(struct arena *a, const char *typed, unsigned char hash_r[HASH_BYTES])
{
	struct buf clean;
	struct str s = str_of(typed);
	buf_init(&clean, a, s.n + 1);
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		if (c == '-' || c == ' ' || c == '\t' || c == '\r' || c == '\n')
			continue;
		buf_addc(&clean, (char)(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c));
	}
	hash_sha256(clean.data, clean.len, hash_r);
}
