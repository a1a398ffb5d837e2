#include "codec/html.h"
#include "test.h"

static const char *with(
	struct arena *a, void (*escape)(struct buf *out, struct str s), struct str s)
{
	struct buf out;
	buf_init(&out, a, 64 * 1024);
	escape(&out, s);
	return out.data;
}

static void text_escapes_the_five(void **state)
{
	const char *want = "a &amp; b &lt;i&gt; &#34;x&#34; &#39;y&#39;";
	struct str s = STR("a & b <i> \"x\" 'y'");
	assert_string_equal(with(*state, html_text, s), want);
	assert_string_equal(with(*state, html_attr, s), want);
}

static void text_leaves_the_rest(void **state)
{
	assert_string_equal(with(*state, html_text, STR("plain {{x}} \xE2\x82\xAC\n")),
		"plain {{x}} \xE2\x82\xAC\n");
	assert_string_equal(with(*state, html_text, (struct str){NULL, 0}), "");
	assert_string_equal(with(*state, html_text, STR("&")), "&amp;");
	assert_string_equal(with(*state, html_text, STR("&amp;")), "&amp;amp;");
}

static void text_replaces_nul(void **state)
{
	assert_string_equal(with(*state, html_text, STR("a\0b")), "a\xEF\xBF\xBD"
								  "b");
}

/* For every byte there is: nothing that could open a tag or close an attribute is left. */
static void no_byte_breaks_out(void **state)
{
	char all[256];
	for (size_t i = 0; i < sizeof all; i++)
		all[i] = (char)(unsigned char)i;
	struct str s = {all, sizeof all};
	assert_null(strpbrk(with(*state, html_text, s), "<>\"'"));
	assert_null(strpbrk(with(*state, html_attr, s), "<>\"'"));
	assert_null(strpbrk(with(*state, html_url_part, s), "<>\"'&:/ "));
	assert_int_equal(strlen(with(*state, html_text, s)), 256 - 6 + 5 + 4 + 4 + 5 + 5 + 3);
}

static void url_attr_takes_local_and_web(void **state)
{
	assert_string_equal(with(*state, html_url_attr, STR("/clients?a=1&b='2'")),
		"/clients?a=1&amp;b=&#39;2&#39;");
	assert_string_equal(with(*state, html_url_attr, STR("https://example.org/?a&b")),
		"https://example.org/?a&amp;b");
}

static void url_attr_takes_nothing_else(void **state)
{
	static const char *const bad[] = {"javascript:alert(1)", " javascript:alert(1)",
		"JAVASCRIPT:x", "java\tscript:x", "data:text/html,x", "//evil.example",
		"clients", "", "mailto:a@example.org", "/a\\b"};
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_string_equal(with(*state, html_url_attr, str_of(bad[i])), "#");
	assert_string_equal(with(*state, html_url_attr, STR("/a\0b")), "#");
}

static void url_attr_ends_at_4096_bytes(void **state)
{
	char text[4098] = "https://example.org/";
	memset(text + 20, 'a', 4076);
	assert_string_equal(with(*state, html_url_attr, str_of(text)), text);
	text[4096] = 'a';
	assert_string_equal(with(*state, html_url_attr, str_of(text)), "#");
}

static void a_slice_is_judged_to_its_end_only(void **state)
{
	struct str whole = STR("/clients\\evil");
	assert_string_equal(with(*state, html_url_attr, str_sub(whole, 0, 8)), "/clients");
}

/* Broken behind '@' and '.', escaped as any text, and nowhere else. */
static void an_address_may_be_broken_at_its_joints(void **state)
{
	assert_string_equal(with(*state, html_email, STR("a.b@c-d.example")),
		"a.<wbr>b@<wbr>c-d.<wbr>example");
	assert_string_equal(
		with(*state, html_email, STR("\"<b>\"@x.")), "&#34;&lt;b&gt;&#34;@<wbr>x.");
	assert_string_equal(with(*state, html_email, STR("@.@")), "@<wbr>.<wbr>@");
	assert_string_equal(with(*state, html_email, STR("plain")), "plain");
	assert_string_equal(with(*state, html_email, (struct str){NULL, 0}), "");
}

static void trusted_is_what_it_was_given(void **state)
{
	(void)state;
	assert_string_equal(html_trusted("<b>").markup, "<b>");
	assert_null(html_trusted(NULL).markup);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(text_escapes_the_five),
		TEST(text_leaves_the_rest),
		TEST(text_replaces_nul),
		TEST(no_byte_breaks_out),
		TEST(url_attr_takes_local_and_web),
		TEST(url_attr_takes_nothing_else),
		TEST(url_attr_ends_at_4096_bytes),
		TEST(a_slice_is_judged_to_its_end_only),
		TEST(an_address_may_be_broken_at_its_joints),
		TEST(trusted_is_what_it_was_given),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
