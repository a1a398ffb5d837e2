#include "codec/seal.h"

#include "base/buf.h"
#include "codec/b64.h"
#include "codec/random.h"

#include <openssl/evp.h>

enum { VERSION = 1, KEY_BYTES = 32, NONCE_AT = 5, NONCE_BYTES = 12, TAG_BYTES = 16 };
enum { PLAIN_AT = NONCE_AT + NONCE_BYTES, ROW_MAX = 1024 };

_Static_assert(PLAIN_AT + TAG_BYTES == SEAL_OVERHEAD, "the layout in seal.h");

struct seal_key {
	uint32_t id;
	unsigned char bytes[KEY_BYTES];
};

struct seal_keys {
	struct seal_key *keys; /* in ascending order of id */
	size_t len;
};

static bool parse_line(struct arena *a, struct str line, uint32_t above, struct seal_key *key_r)
{
	struct str id, hex, bytes;
	int64_t n;
	if (!str_cut(line, ' ', &id, &hex) || !str_to_i64(id, &n) || n <= above ||
		n > UINT32_MAX)
		return false;
	if (hex.n != 2 * KEY_BYTES || !hex_decode(a, hex, &bytes))
		return false;
	key_r->id = (uint32_t)n;
	memcpy(key_r->bytes, bytes.p, KEY_BYTES);
	return true;
}

bool seal_keys_parse(
	struct arena *a, struct str text, const struct seal_keys **keys_r, struct err *e)
{
	struct seal_keys *k = arena_new_of(a, struct seal_keys);
	size_t cap = 0;
	struct str rest = text, line;
	if (rest.n != 0 && rest.p[rest.n - 1] == '\n')
		rest.n--;
	if (text.n == 0)
		return err_set(e, ERR_CONFIG, "The key file is empty: add a key to it.");
	while (str_next(&rest, '\n', &line)) {
		k->keys = arena_grow(a, k->keys, k->len, &cap, sizeof *k->keys);
		uint32_t above = k->len == 0 ? 0 : k->keys[k->len - 1].id;
		if (!parse_line(a, line, above, &k->keys[k->len]))
			return err_set(e, ERR_CONFIG,
				"Line %zu of the key file is not a new id and 64 hex digits.",
				k->len + 1);
		k->len++;
	}
	*keys_r = k;
	return true;
}

uint32_t seal_newest(const struct seal_keys *keys)
{
	return keys->keys[keys->len - 1].id;
}

bool seal_key_line(
	struct arena *a, const struct seal_keys *keys, struct secret **line_r, struct err *e)
{
	uint32_t newest = keys == NULL ? 0 : seal_newest(keys);
	if (newest == UINT32_MAX)
		return err_set(e, ERR_CONFIG, "The key file holds the last possible key id.");
	unsigned char *key = arena_alloc(a, KEY_BYTES);
	if (!random_bytes(key, KEY_BYTES, e))
		return false;
	struct buf line;
	buf_init(&line, a, 256);
	buf_addi(&line, (int64_t)newest + 1);
	buf_addc(&line, ' ');
	buf_adds(&line, hex_encode(a, key, KEY_BYTES));
	buf_addc(&line, '\n');
	*line_r = secret_new(a, line.data, line.len);
	return true;
}

/* Sets key, nonce and row; the text comes next. */
static bool start(EVP_CIPHER_CTX *ctx, const struct seal_key *key, const unsigned char *nonce,
	const char *row, int seal)
{
	size_t n = strlen(row);
	int done;
	if (n == 0 || n > ROW_MAX)
		bug("a box is sealed for a row, not for \"%s\"", row);
	return EVP_CipherInit_ex(ctx, EVP_aes_256_gcm(), NULL, key->bytes, nonce, seal) == 1 &&
	       EVP_CipherUpdate(ctx, NULL, &done, (const unsigned char *)row, (int)n) == 1;
}

/* Encrypts or decrypts n bytes. When opening, `to` may be used only if this returns true. */
static bool run(EVP_CIPHER_CTX *ctx, const unsigned char *from, int n, unsigned char *to)
{
	int done = 0, last = 0;
	return (n == 0 || EVP_CipherUpdate(ctx, to, &done, from, n) == 1) &&
	       EVP_CipherFinal_ex(ctx, to + done, &last) == 1 && done + last == n;
}

/* A failure before the first byte is a lack of memory. It must not look like a wrong key. */
static EVP_CIPHER_CTX *begin(
	const struct seal_key *key, const unsigned char *nonce, const char *row, int seal)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	if (ctx == NULL || !start(ctx, key, nonce, row, seal))
		die("out of memory: a cipher");
	return ctx;
}

static void put_header(unsigned char *box, uint32_t id)
{
	box[0] = VERSION;
	for (unsigned i = 0; i < 4; i++)
		box[1 + i] = (unsigned char)(id >> (24 - 8 * i));
}

bool seal_box(struct arena *a, const struct seal_keys *keys, struct str plain, const char *row,
	struct str *box_r, struct err *e)
{
	if (plain.n > SEAL_PLAIN_MAX)
		return err_set(e, ERR_TOO_LARGE, "A secret of %zu bytes is too long.", plain.n);
	unsigned char *box = arena_alloc(a, plain.n + SEAL_OVERHEAD), *to = box + PLAIN_AT;
	const struct seal_key *key = &keys->keys[keys->len - 1];
	put_header(box, key->id);
	if (!random_bytes(box + NONCE_AT, NONCE_BYTES, e))
		return false;
	EVP_CIPHER_CTX *ctx = begin(key, box + NONCE_AT, row, 1);
	int n = (int)plain.n;
	bool ok = run(ctx, (const unsigned char *)plain.p, n, to) &&
		  EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, TAG_BYTES, to + n) == 1;
	EVP_CIPHER_CTX_free(ctx); /* also wipes the expanded key */
	if (!ok)
		return err_set(e, ERR_INTERNAL, "A secret cannot be sealed.");
	*box_r = (struct str){(const char *)box, plain.n + SEAL_OVERHEAD};
	return true;
}

uint32_t seal_key_id(struct str box)
{
	if (box.n < SEAL_OVERHEAD || box.n > SEAL_PLAIN_MAX + SEAL_OVERHEAD ||
		box.p[0] != VERSION)
		return 0;
	uint32_t id = 0;
	for (size_t i = 1; i <= 4; i++)
		id = id << 8 | (unsigned char)box.p[i];
	return id;
}

static const struct seal_key *key_of(const struct seal_keys *keys, struct str box)
{
	uint32_t id = seal_key_id(box);
	for (size_t i = 0; i < keys->len; i++)
		if (keys->keys[i].id == id)
			return &keys->keys[i];
	return NULL;
}

static bool open_into(
	const struct seal_key *key, struct str box, const char *row, unsigned char *plain)
{
	const unsigned char *p = (const unsigned char *)box.p;
	int n = (int)(box.n - SEAL_OVERHEAD);
	unsigned char tag[TAG_BYTES];
	memcpy(tag, p + PLAIN_AT + n, TAG_BYTES);
	EVP_CIPHER_CTX *ctx = begin(key, p + NONCE_AT, row, 0);
	bool ok = EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, TAG_BYTES, tag) == 1 &&
		  run(ctx, p + PLAIN_AT, n, plain);
	EVP_CIPHER_CTX_free(ctx);
	return ok;
}

bool seal_open(struct arena *a, const struct seal_keys *keys, struct str box, const char *row,
	struct secret **plain_r, struct err *e)
{
	const struct seal_key *key = key_of(keys, box);
	unsigned char *plain = arena_alloc(a, key == NULL ? 0 : box.n);
	if (key == NULL || !open_into(key, box, row, plain))
		return err_set(e, ERR_INTERNAL, "A sealed secret cannot be opened.");
	*plain_r = secret_new(a, plain, box.n - SEAL_OVERHEAD);
	return true;
}
