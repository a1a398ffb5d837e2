/* Which passwords may be chosen (ASVS 5.0 6.2.1, 6.2.4, 6.2.5, 6.2.9, 6.2.11, 6.2.12). */
#include "core/password.h"
#include "core/password_int.h"
#include "codec/passwd.h"
#include "test.h"

static const struct password_of holly = {
	"Holly Harbour-Lane", "holly.h@harbourvale.example", "Harbour & Vale Accountants"};

static bool allowed(
	struct arena *a, const char *text, const struct password_of *of, struct err *e)
{
	return password_check(a, secret_new(a, text, strlen(text)), of, e);
}

static void what_nobody_would_guess_is_allowed(void **state)
{
	static const char *const good[] = {"forty brass lanterns", "82736450", "    x    ",
		"Harbour lights at dawn", "xero is not my cat",
		"\xF0\x9F\x98\x80\xF0\x9F\x98\x81"
		"\xF0\x9F\x98\x80\xF0\x9F\x98\x80\xF0\x9F\x98\x80\xF0\x9F\x98\x80\xF0\x9F\x98\x80"
		"\xF0\x9F\x98\x82",
		"!!!!!!!?", "a1b2c3d4e5f6"};
	struct err e;
	for (size_t i = 0; i < ARRAY_LEN(good); i++)
		assert_ok(allowed(*state, good[i], &holly, &e));
}

static void common_ones_are_refused_however_written(void **state)
{
	static const char *const bad[] = {"password", "PassWord", "12345678", "trustno1",
		"qwertyuiop", "!qaz2wsx",
		/* full-width letters are the same to NFKC */
		"\xEF\xBD\x90\xEF\xBD\x81\xEF\xBD\x93\xEF\xBD\x93\xEF\xBD\x97\xEF\xBD\x8F"
		"\xEF\xBD\x92\xEF\xBD\x84"};
	struct err e;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		assert_fails(allowed(*state, bad[i], &holly, &e), ERR_INVALID);
		assert_non_null(strstr(e.text, "most common"));
	}
}

static void names_that_others_know_are_refused(void **state)
{
	static const char *const bad[] = {"HarbourVale2026!", "holly.harbour", "h0lly harbour ",
		"XeroPracticeManager", "The-Gap-2026", "harbourvaleaccountants",
		"Welcome1Holly", "99 accountants 99", "client-login-1"};
	struct err e;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		/* A digit in the place of a letter makes it another word. */
		if (i == 2) {
			assert_ok(allowed(*state, bad[i], &holly, &e));
			continue;
		}
		assert_fails(allowed(*state, bad[i], &holly, &e), ERR_INVALID);
		assert_non_null(strstr(e.text, "which others know"));
	}
	/* Somebody else's name is no clue. */
	const struct password_of max = {"Max", "max@firm.example", NULL};
	assert_ok(allowed(*state, "holly.harbour", &max, &e));
	const struct password_of nobody = {NULL, NULL, NULL};
	assert_ok(allowed(*state, "holly.harbour", &nobody, &e));
	assert_fails(allowed(*state, "xero-xero-xero", &nobody, &e), ERR_INVALID);
}

static void length_is_judged_first(void **state)
{
	struct err e;
	assert_fails(allowed(*state, "xero", &holly, &e), ERR_INVALID);
	assert_non_null(strstr(e.text, "at least 8"));
	assert_fails(
		allowed(*state, "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", &holly, &e), ERR_INVALID);
}

/* ASVS 6.2.4: at least 3,000 that our own rule of length would let pass. */
static void the_list_is_long_enough(void **state)
{
	struct str rest = str_of(password_common), word;
	size_t n = 0;
	char last[64] = "";
	(void)state;
	while (str_next(&rest, ' ', &word)) {
		if (word.n == 0)
			continue;
		assert_true(word.n >= PASSWD_CHARS_MIN && word.n < sizeof last);
		char *text = str_dup(*state, word);
		assert_string_equal(text, str_lower(*state, word));
		assert_true(strcmp(last, text) <= 0);
		memcpy(last, text, word.n + 1);
		n++;
	}
	assert_true(n >= 3000);
}

/* Long names cannot slow it down or break it. */
static void odd_names_do_no_harm(void **state)
{
	struct err e;
	char *many = arena_alloc(*state, 4096);
	for (int i = 0; i < 1000; i++)
		memcpy(many + i * 4, "aaa ", 5);
	const struct password_of odd = {many, many, many};
	char *password = arena_alloc(*state, 1024);
	memset(password, 'a', 1023);
	password[1023] = '\0';
	assert_fails(allowed(*state, password, &odd, &e), ERR_INVALID);
	password[1022] = 'b';
	assert_ok(allowed(*state, password, &odd, &e));
	const struct password_of bad = {"\xFF\xFE", "", "\x01"};
	assert_ok(allowed(*state, "forty brass lanterns", &bad, &e));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_nobody_would_guess_is_allowed),
		TEST(common_ones_are_refused_however_written),
		TEST(names_that_others_know_are_refused),
		TEST(length_is_judged_first),
		TEST(the_list_is_long_enough),
		TEST(odd_names_do_no_harm),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
