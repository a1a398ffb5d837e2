#include "codec/passwd.h"

#include "codec/random.h"

#include <argon2.h>
#include <utf8proc.h>

enum { MEMORY_KIB = 19 * 1024, PASSES = 2, LANES = 1, SALT_BYTES = 16, HASH_BYTES = 32 };
enum { ENCODED_MAX = 128 };

/*
 * The start of an encoded string with today's parameters; 22 and 43 characters of base64
 * follow.
 */
static const char today[] = "$argon2id$v=19$m=19456,t=2,p=1$";

/* The hash of a password that nobody knows: 32 random bytes, not kept. */
static const char nobody[] =
	"$argon2id$v=19$m=19456,t=2,p=1$gq5zFKbL8dyV3jibWtRm3g$DhuHD8z97AtIExX/sMhClkoItIbemVOFytKiK613KsU";

/* The most that a stored string may cost: a damaged row must not exhaust the machine. */
enum { MEMORY_KIB_MAX = 128 * 1024, PASSES_MAX = 8, LANES_MAX = 4 };

bool passwd_check(struct arena *a, const struct secret *password, struct err *e)
{
	struct str typed = secret_open(password);
	if (typed.n > PASSWD_BYTES_MAX)
		return err_set(e, ERR_INVALID,
			"The password is too long: use at most %s characters (fewer if they are "
			"not plain letters).",
			str_number(a, PASSWD_BYTES_MAX));
	if (!str_utf8_valid(typed))
		return err_set(e, ERR_INVALID,
			"The password holds characters we cannot read: type it again.");
	if (str_utf8_len(typed) < PASSWD_CHARS_MIN)
		return err_set(e, ERR_INVALID,
			"The password is too short: use at least %d characters.",
			PASSWD_CHARS_MIN);
	return true;
}

enum { NFKC = UTF8PROC_COMPOSE | UTF8PROC_COMPAT | UTF8PROC_STABLE };

/*
 * Normalises on the arena, so that every copy is wiped with it. NULL when the text is not
 * UTF-8.
 */
static const struct str *normalise_as(struct arena *a, struct str typed, int options)
{
	const utf8proc_option_t how = (utf8proc_option_t)options;
	const utf8proc_uint8_t *from = (const utf8proc_uint8_t *)typed.p;
	utf8proc_ssize_t len = (utf8proc_ssize_t)typed.n;
	utf8proc_ssize_t room = utf8proc_decompose(from, len, NULL, 0, how);
	if (room < 0)
		return NULL;
	utf8proc_int32_t *points = arena_array(a, utf8proc_int32_t, (size_t)room + 1);
	utf8proc_ssize_t n = utf8proc_decompose(from, len, points, room, how);
	if (n < 0 || n > room)
		return NULL;
	utf8proc_ssize_t bytes = utf8proc_reencode(points, n, how);
	if (bytes < 0)
		return NULL;
	struct str *s = arena_new_of(a, struct str);
	*s = (struct str){(const char *)points, (size_t)bytes};
	return s;
}

static const struct str *normalise(struct arena *a, struct str typed)
{
	return normalise_as(a, typed, NFKC);
}

struct str passwd_fold(struct arena *a, const struct secret *password)
{
	const struct str *text =
		normalise_as(a, secret_open(password), NFKC | UTF8PROC_CASEFOLD);
	return text == NULL ? STR("") : *text;
}

bool passwd_hash(
	struct arena *a, const struct secret *password, char **encoded_r, struct err *e)
{
	unsigned char salt[SALT_BYTES];
	if (!passwd_check(a, password, e) || !random_bytes(salt, sizeof salt, e))
		return false;
	const struct str *text = normalise(a, secret_open(password));
	if (text == NULL)
		return err_set(e, ERR_INVALID,
			"The password holds characters we cannot read: type it again.");
	char *encoded = arena_alloc(a, ENCODED_MAX);
	int rc = argon2id_hash_encoded(PASSES, MEMORY_KIB, LANES, text->p, text->n, salt,
		sizeof salt, HASH_BYTES, encoded, ENCODED_MAX);
	if (rc != ARGON2_OK)
		return err_set(
			e, ERR_INTERNAL, "Argon2 cannot hash: %s.", argon2_error_message(rc));
	*encoded_r = encoded;
	return true;
}

/* Takes "m=19456" or the like, up to the character `end`. */
static bool take_cost(struct str *s, const char *name, char end, int64_t max)
{
	struct str number, rest;
	int64_t n;
	if (!str_starts(*s, name) || !str_cut(str_sub(*s, 2, s->n), end, &number, &rest) ||
		!str_to_i64(number, &n) || n < 1 || n > max)
		return false;
	*s = rest;
	return true;
}

static bool affordable(const char *encoded)
{
	static const char prefix[] = "$argon2id$v=19$";
	struct str s = str_of(encoded);
	if (s.n >= ENCODED_MAX || !str_starts(s, prefix))
		return false;
	s = str_sub(s, sizeof prefix - 1, s.n);
	return take_cost(&s, "m=", ',', MEMORY_KIB_MAX) &&
	       take_cost(&s, "t=", ',', PASSES_MAX) && take_cost(&s, "p=", '$', LANES_MAX);
}

static bool matches(const char *encoded, struct str text)
{
	int rc = argon2id_verify(encoded, text.p, text.n);
	if (rc == ARGON2_MEMORY_ALLOCATION_ERROR)
		die("out of memory: Argon2");
	return rc == ARGON2_OK;
}

bool passwd_verify(struct arena *a, const char *encoded, const struct secret *password)
{
	struct err ignored;
	const struct str *text = NULL;
	if (passwd_check(a, password, &ignored))
		text = normalise(a, secret_open(password));
	if (encoded == NULL || text == NULL || !affordable(encoded)) {
		(void)matches(nobody, text == NULL ? STR("") : *text);
		return false;
	}
	return matches(encoded, *text);
}

bool passwd_outdated(const char *encoded)
{
	return encoded == NULL || !str_starts(str_of(encoded), today) ||
	       strlen(encoded) != sizeof nobody - 1;
}
