/* LDFLAGS: -Wl,--wrap=malloc -Wl,--wrap=calloc -Wl,--wrap=realloc */
/*
 * Fault 15: memory runs out at every allocation of reading a document, expat's and cJSON's included, and of sealing a
 * secret, OpenSSL's included. It is refused, or the process ends and says so; it is never taken for another document
 * than it is, nor sealed so that it does not open.
 */
#include "codec/hash.h"
#include "codec/seal.h"
#include "io/file.h"
#include "support/scarcity.h"
#include "unit/xpm_told.h"

#include <openssl/crypto.h>

enum { TAKEN_WRONG = 9, REFUSED = 3, DOC_MAX = 1024 * 1024 };

static struct {
	unsigned char sum[HASH_BYTES], mac[HASH_BYTES];
} digest; /* as they must be */

static struct {
	enum xpm_document what;
	const char *media_type, *want;
	struct str text;
} doc;

/* As told(), but without an assertion: this is a child, where each would end as another test. */
static int read_it(void *user)
{
	struct arena *a = arena_new();
	struct xpm_parse *p = NULL;
	struct buf out;
	struct err e = {0};
	(void)user;
	scarcity->armed = true;
	buf_init(&out, a, TOLD_MAX);
	bool good = xpm_parse_new(
			    a, doc.what, doc.media_type, "utf-8", told_client, &out, &p, &e) &&
		    told_feed(p, doc.text, SPLIT_BYTES, &e) && xpm_parse_end(p, &e);
	scarcity->armed = false;
	if (!good)
		return REFUSED;
	return strncmp(out.data, doc.want, out.len) == 0 && out.len > 0 ? 0 : TAKEN_WRONG;
}

static void at_every_allocation(
	struct arena *a, const char *file, enum xpm_document what, const char *media_type)
{
	struct err e;
	enum err_kind kind = ERR_NONE;
	int died = 0;
	doc.what = what;
	doc.media_type = media_type;
	assert_ok(file_read(
		a, arena_printf(a, "tests/data/xpm/%s", file), DOC_MAX, &doc.text, &e));
	doc.want = told(a, what, media_type, doc.text, SPLIT_BYTES, &kind);
	assert_int_equal(kind, ERR_NONE);
	assert_int_equal(scarce(0, read_it, NULL), 0);
	int64_t all = scarcity->made;
	assert_in_range(all, 3, 10000);
	for (int64_t fails = 1; fails <= all; fails++) {
		int status = scarce(fails, read_it, NULL);
		if (status != 0 && status != OUT_OF_MEMORY && status != REFUSED)
			fail_msg("%s: allocation %lld ended with %d", file, (long long)fails,
				status);
		died += status != 0;
	}
	assert_true(died > 1);
}

static void fault_15_a_document_without_memory_is_refused(void **state)
{
	scarcity_begin();
	at_every_allocation(*state, "list.xml", XPM_LIST, "text/xml");
	at_every_allocation(*state, "list.json", XPM_LIST, "application/json");
	at_every_allocation(*state, "get.xml", XPM_GET, "text/xml");
}

/* OpenSSL asks here: its allocations are counted, and fail, with ours. */
static void *openssl_malloc(size_t n, const char *file, int line)
{
	(void)file;
	(void)line;
	return malloc(n);
}

static void *openssl_realloc(void *p, size_t n, const char *file, int line)
{
	(void)file;
	(void)line;
	return realloc(p, n);
}

static void openssl_free(void *p, const char *file, int line)
{
	(void)file;
	(void)line;
	free(p);
}

static const char key_line[] =
	"1 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n";

/* A box there and back, and what is signed on the way: right, refused, or over. */
static int seal_it(void *user)
{
	static const char row[] = "xero_grant:tokens:7:42";
	const struct str plain = STR("a token that must not be lost or told");
	struct arena *a = arena_new();
	const struct seal_keys *keys = NULL;
	struct secret *opened = NULL;
	struct str box;
	struct err e;
	unsigned char sum[HASH_BYTES], mac[HASH_BYTES];
	(void)user;
	scarcity->armed = true;
	bool good = seal_keys_parse(a, str_of(key_line), &keys, &e) &&
		    seal_box(a, keys, plain, row, &box, &e) &&
		    seal_open(a, keys, box, row, &opened, &e);
	hash_sha256(plain.p, plain.n, sum);
	hash_hmac(STR("key"), plain, mac);
	scarcity->armed = false;
	if (memcmp(sum, digest.sum, sizeof sum) != 0 ||
		memcmp(mac, digest.mac, sizeof mac) != 0)
		return TAKEN_WRONG;
	if (!good)
		return REFUSED;
	return str_eq(secret_open(opened), plain) ? 0 : TAKEN_WRONG;
}

static void fault_15_a_secret_without_memory_is_sealed_right_or_not_at_all(void **state)
{
	const struct str plain = STR("a token that must not be lost or told");
	int failed = 0;
	(void)state;
	scarcity_begin();
	hash_sha256(plain.p, plain.n, digest.sum);
	hash_hmac(STR("key"), plain, digest.mac);
	assert_int_equal(scarce(0, seal_it, NULL), 0);
	int64_t all = scarcity->made;
	assert_in_range(all, 5, 10000);
	for (int64_t fails = 1; fails <= all; fails++) {
		int status = scarce(fails, seal_it, NULL);
		if (status != 0 && status != OUT_OF_MEMORY && status != REFUSED)
			fail_msg("allocation %lld ended with %d", (long long)fails, status);
		failed += status != 0;
	}
	assert_true(failed > 3);
}

int main(void)
{
	/* Before it has taken any. */
	if (CRYPTO_set_mem_functions(openssl_malloc, openssl_realloc, openssl_free) != 1)
		return 1;
	const struct CMUnitTest tests[] = {
		TEST(fault_15_a_document_without_memory_is_refused),
		TEST(fault_15_a_secret_without_memory_is_sealed_right_or_not_at_all),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
