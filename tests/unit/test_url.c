#include "codec/url.h"
#include "test.h"

struct good {
	const char *text, *scheme, *host;
	int port;
	const char *path, *origin;
};

static void parse_takes_addresses_apart(void **state)
{
	static const struct good goods[] = {
		{"https://localhost:8443", "https", "localhost", 8443, "/",
			"https://localhost:8443"},
		{"https://login.xero.com/identity/connect/authorize", "https", "login.xero.com",
			443, "/identity/connect/authorize", "https://login.xero.com"},
		{"HTTP://Example.ORG:80/A%2fb", "http", "example.org", 80, "/A%2fb",
			"http://example.org"},
		{"http://example.org:443/", "http", "example.org", 443, "/",
			"http://example.org:443"},
		{"https://[::1]:8444/x", "https", "[::1]", 8444, "/x", "https://[::1]:8444"},
		{"https://127.0.0.1:65535/", "https", "127.0.0.1", 65535, "/",
			"https://127.0.0.1:65535"},
	};
	for (size_t i = 0; i < ARRAY_LEN(goods); i++) {
		const struct good *g = &goods[i];
		struct url u;
		struct err e;
		assert_ok(url_parse(*state, g->text, &u, &e));
		assert_string_equal(u.scheme, g->scheme);
		assert_string_equal(u.host, g->host);
		assert_int_equal(u.port, g->port);
		assert_string_equal(u.path, g->path);
		assert_string_equal(u.origin, g->origin);
	}
}

static void parse_refuses_what_it_does_not_know(void **state)
{
	static const char *const bad[] = {"", "example.org", "//example.org/",
		"ftp://example.org/", "https:/example.org", "https://", "https:///path",
		"https://user@example.org/", "https://user:pw@example.org/",
		"https://example.org/?q=1", "https://example.org?q=1",
		"https://example.org/#top", "https://exa mple.org/", "https://example.org/a b",
		" https://example.org/", "https://example.org/\n", "https://example.org:0/",
		"https://example.org:65536/", "https://example.org:/",
		"https://example.org:08/", "https://example.org:-1/", "https://example.org:x/",
		"https://.org/", "https://a..b/", "https://a.b./", "https://[::1/",
		"https://[::g]/", "https://[]/", "https://[::1]x/", "https://::1/",
		"https://example.org/%", "https://example.org/%4", "https://example.org/%zz",
		"https://example.org/\\", "https://ex\xC3\xA4mple.org/",
		"https://example.org/\xC3\xA4", "https://example.org/<",
		"https://example.org\\@evil.example/", "javascript:alert(1)"};
	struct url u;
	struct err e;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		if (url_parse(*state, bad[i], &u, &e))
			fail_msg("'%s' was taken", bad[i]);
		assert_int_equal(e.kind, ERR_INVALID);
	}
	assert_fails(url_parse(*state, NULL, &u, &e), ERR_INVALID);
}

static void parse_caps_the_host(void **state)
{
	struct url u;
	struct err e;
	char text[8 + 254 + 1] = "https://";
	memset(text + 8, 'a', 253);
	assert_ok(url_parse(*state, text, &u, &e));
	text[8 + 253] = 'a';
	assert_fails(url_parse(*state, text, &u, &e), ERR_INVALID);
}

static void escape_keeps_only_unreserved(void **state)
{
	struct buf out;
	buf_init(&out, *state, 1024);
	url_escape(&out, STR("AZaz09-._~ +&=/?#%\"'<>\xC3\xA9\0"));
	assert_string_equal(
		out.data, "AZaz09-._~%20%2B%26%3D%2F%3F%23%25%22%27%3C%3E%C3%A9%00");
	buf_reset(&out);
	url_escape(&out, (struct str){NULL, 0});
	assert_string_equal(out.data, "");
}

static void local_addresses_stay_here(void **state)
{
	(void)state;
	static const char *const good[] = {
		"/", "/clients", "/clients?q=a%20b&x=1#top", "/a:b@c", "/x?next=http:/y"};
	static const char *const bad[] = {"", "clients", "//evil.example", "/\\evil.example",
		"\\/evil.example", "/a//b", "/a\\b", "https://evil.example/",
		"/a\r\nSet-Cookie: x", "/\t/evil.example", " /clients", "/x\x7F",
		"javascript:alert(1)"};
	for (size_t i = 0; i < ARRAY_LEN(good); i++)
		if (!url_is_local(good[i]))
			fail_msg("'%s' was refused", good[i]);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		if (url_is_local(bad[i]))
			fail_msg("'%s' was taken", bad[i]);
	assert_false(url_is_local(NULL));
}

static void local_addresses_end_at_4096_bytes(void **state)
{
	(void)state;
	char text[4098] = "/";
	memset(text + 1, 'a', 4095);
	assert_true(url_is_local(text));
	text[4096] = 'a';
	assert_false(url_is_local(text));
}

static void web_addresses_are_absolute_http(void **state)
{
	(void)state;
	static const char *const good[] = {"https://example.org", "http://example.org/a?b#c",
		"HTTPS://EXAMPLE.ORG/", "https://\xC3\xA4.example/"};
	static const char *const bad[] = {"", "example.org", "/clients", "//example.org",
		"javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,x",
		"https:", "https:/x", "https://", "https:///x", "https://?x",
		" https://example.org", "https://exa mple.org", "java\nscript:alert(1)",
		"https://a\\b", "https://a\x01", "httpsx://a", "mailto:a@example.org"};
	for (size_t i = 0; i < ARRAY_LEN(good); i++)
		if (!url_is_web(good[i]))
			fail_msg("'%s' was refused", good[i]);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		if (url_is_web(bad[i]))
			fail_msg("'%s' was taken", bad[i]);
	assert_false(url_is_web(NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(parse_takes_addresses_apart),
		TEST(parse_refuses_what_it_does_not_know),
		TEST(parse_caps_the_host),
		TEST(escape_keeps_only_unreserved),
		TEST(local_addresses_stay_here),
		TEST(local_addresses_end_at_4096_bytes),
		TEST(web_addresses_are_absolute_http),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
