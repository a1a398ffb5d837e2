#include "core/user.h"
#include "test.h"

static void roles_have_names(void **state)
{
	enum user_role r = USER_MEMBER;
	(void)state;
	assert_string_equal(user_role_name(USER_ADMIN), "admin");
	assert_string_equal(user_role_name(USER_MEMBER), "member");
	assert_true(user_role_parse("admin", &r));
	assert_int_equal(r, USER_ADMIN);
	assert_true(user_role_parse("member", &r));
	assert_int_equal(r, USER_MEMBER);
	assert_false(user_role_parse("Admin", &r));
	assert_false(user_role_parse("", &r));
	assert_false(user_role_parse(NULL, &r));
}

static void an_email_is_trimmed_and_lowered(void **state)
{
	static const char *const same[][2] = {
		{"a@b", "a@b"},
		{"  Holly@Harbour.Example\t", "holly@harbour.example"},
		{"o'neil+tax@x-y.example", "o'neil+tax@x-y.example"},
		{"\"a@b\"@c.example", "\"a@b\"@c.example"},
		{"h\xC3\xA9l\xC3\xA8ne@exemple.fr", "h\xC3\xA9l\xC3\xA8ne@exemple.fr"},
	};
	struct err e;
	char *norm;
	for (size_t i = 0; i < ARRAY_LEN(same); i++) {
		assert_ok(user_email_norm(*state, same[i][0], &norm, &e));
		assert_string_equal(norm, same[i][1]);
	}
}

static void what_is_no_email_is_refused(void **state)
{
	static const char *const bad[] = {"", "   ", "a", "@", "a@", "@b", "a@.b", "a@b.",
		"a b@c", "a@b c", "a@b\nc", "a@b\x7f", "a\x01@b", "a@b\xff", "a\xC3@b"};
	struct err e;
	char *norm;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_fails(user_email_norm(*state, bad[i], &norm, &e), ERR_INVALID);
	assert_fails(user_email_norm(*state, NULL, &norm, &e), ERR_INVALID);
}

static void the_longest_email_has_254_bytes(void **state)
{
	char text[300];
	struct err e;
	char *norm;
	memset(text, 'a', sizeof text);
	text[250] = '@';
	text[254] = '\0';
	assert_ok(user_email_norm(*state, text, &norm, &e));
	text[254] = 'a';
	text[255] = '\0';
	assert_fails(user_email_norm(*state, text, &norm, &e), ERR_INVALID);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(roles_have_names),
		TEST(an_email_is_trimmed_and_lowered),
		TEST(what_is_no_email_is_refused),
		TEST(the_longest_email_has_254_bytes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
