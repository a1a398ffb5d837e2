#include "codec/form.h"
#include "test.h"

static struct form parsed(struct arena *a, const char *text)
{
	struct form f;
	struct err e;
	assert_ok(form_parse(a, str_of(text), &f, &e));
	return f;
}

static const char *value(const struct form *f, const char *name)
{
	bool twice = true;
	const char *v = form_get(f, name, &twice);
	assert_false(twice);
	return v;
}

static void parse_reads_pairs(void **state)
{
	struct form f = parsed(*state, "email=a%40example.org&name=Jo+B%c3%A9&empty=&bare&=x");
	assert_int_equal(f.n, 5);
	assert_string_equal(value(&f, "email"), "a@example.org");
	assert_string_equal(value(&f, "name"), "Jo B\xC3\xA9");
	assert_string_equal(value(&f, "empty"), "");
	assert_string_equal(value(&f, "bare"), "");
	assert_string_equal(value(&f, ""), "x");
	assert_null(value(&f, "absent"));
}

static void parse_skips_empty_pieces(void **state)
{
	assert_int_equal(parsed(*state, "").n, 0);
	assert_int_equal(parsed(*state, "&&").n, 0);
	assert_int_equal(parsed(*state, "&a=1&&b=2&").n, 2);
}

static void parse_decodes_once(void **state)
{
	struct form f = parsed(*state, "a=%2541%252B&b=1=2%26c=3");
	assert_string_equal(value(&f, "a"), "%41%2B");
	assert_string_equal(value(&f, "b"), "1=2&c=3");
}

static void parse_leaves_a_lone_percent(void **state)
{
	struct form f = parsed(*state, "a=100%&b=%4&c=%zz&d=%%34");
	assert_string_equal(value(&f, "a"), "100%");
	assert_string_equal(value(&f, "b"), "%4");
	assert_string_equal(value(&f, "c"), "%zz");
	assert_string_equal(value(&f, "d"), "%4");
}

static void parse_refuses_nul_and_bad_utf8(void **state)
{
	static const char *const bad[] = {"a=%00", "a%00=1", "a=%ff", "a=\xFF", "a=%C3",
		"%C3=1", "a=%ED%A0%80", "a=%C0%AF", "good=1&a=%F8"};
	struct form f;
	struct err e;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_fails(form_parse(*state, str_of(bad[i]), &f, &e), ERR_MALFORMED);
	assert_fails(form_parse(*state, STR("a=b\0c"), &f, &e), ERR_MALFORMED);
}

static void parse_caps_pairs(void **state)
{
	struct buf text;
	struct form f;
	struct err e;
	buf_init(&text, *state, 4096);
	for (int i = 0; i < FORM_PAIRS_MAX; i++)
		form_add(&text, "a", "1");
	assert_ok(form_parse(*state, buf_str(&text), &f, &e));
	assert_int_equal(f.n, FORM_PAIRS_MAX);
	form_add(&text, "a", "1");
	assert_fails(form_parse(*state, buf_str(&text), &f, &e), ERR_TOO_LARGE);
}

static void parse_caps_names(void **state)
{
	char text[FORM_NAME_MAX + 2] = {0};
	struct form f;
	struct err e;
	memset(text, 'n', FORM_NAME_MAX);
	assert_ok(form_parse(*state, str_of(text), &f, &e));
	text[FORM_NAME_MAX] = 'n';
	assert_fails(form_parse(*state, str_of(text), &f, &e), ERR_TOO_LARGE);
}

static void get_tells_of_doubles(void **state)
{
	struct form f = parsed(*state, "a=1&b=2&a=3");
	bool twice = false;
	assert_string_equal(form_get(&f, "a", &twice), "1");
	assert_true(twice);
	assert_string_equal(form_get(&f, "b", &twice), "2");
	assert_false(twice);
}

static void add_comes_back_through_parse(void **state)
{
	static const char *const values[] = {
		"", "plain", "a b+c", "100%25", "x&y=z;", "<\"'>", "\xE2\x82\xAC", "\r\n"};
	struct buf text;
	buf_init(&text, *state, 4096);
	for (size_t i = 0; i < ARRAY_LEN(values); i++)
		form_add(&text, "na me&=", values[i]);
	struct form f = parsed(*state, text.data);
	assert_int_equal(f.n, ARRAY_LEN(values));
	for (size_t i = 0; i < f.n; i++) {
		assert_string_equal(f.pairs[i].name, "na me&=");
		assert_string_equal(f.pairs[i].value, values[i]);
	}
}

static void add_writes_plain_percent_form(void **state)
{
	struct buf text;
	buf_init(&text, *state, 256);
	form_add(&text, "scope", "openid profile");
	form_add(&text, "none", NULL);
	assert_string_equal(text.data, "scope=openid%20profile&none=");
}

static void unescape_path_is_strict(void **state)
{
	static const char *const bad[] = {"%", "%4", "%zz", "a%00b", "%ff", "%C3", "\xFF"};
	const char *text = "untouched";
	assert_true(form_unescape_path(*state, STR("a+b%20c%2Fd%2525"), &text));
	assert_string_equal(text, "a+b c/d%25");
	assert_true(form_unescape_path(*state, STR(""), &text));
	assert_string_equal(text, "");
	text = "untouched";
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		if (form_unescape_path(*state, str_of(bad[i]), &text))
			fail_msg("'%s' was taken", bad[i]);
	assert_false(form_unescape_path(*state, STR("a\0b"), &text));
	assert_string_equal(text, "untouched");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(parse_reads_pairs),
		TEST(parse_skips_empty_pieces),
		TEST(parse_decodes_once),
		TEST(parse_leaves_a_lone_percent),
		TEST(parse_refuses_nul_and_bad_utf8),
		TEST(parse_caps_pairs),
		TEST(parse_caps_names),
		TEST(get_tells_of_doubles),
		TEST(add_comes_back_through_parse),
		TEST(add_writes_plain_percent_form),
		TEST(unescape_path_is_strict),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
