/*
 * A URL that parses is rebuilt from its parts and parses to the same; what is judged local
 * cannot leave the site.
 */
#include "codec/url.h"
#include "fuzz/fuzz.h"

static void check_parse(struct arena *a, const char *text)
{
	struct url u, again;
	struct err e;
	if (!url_parse(a, text, &u, &e)) {
		must(e.kind == ERR_INVALID);
		return;
	}
	must(u.port >= 1 && u.port <= 65535 && u.path[0] == '/');
	must(strpbrk(u.path, "?#\\ \r\n\t\"<>") == NULL && strpbrk(u.host, "@/?#\\ ") == NULL);
	must(url_parse(a, arena_printf(a, "%s%s", u.origin, u.path), &again, &e));
	must(strcmp(u.scheme, again.scheme) == 0 && strcmp(u.host, again.host) == 0);
	must(strcmp(u.path, again.path) == 0 && u.port == again.port);
	must(strcmp(u.origin, again.origin) == 0 && url_is_web(u.origin));
}

static void check_judges(const char *text)
{
	if (url_is_local(text)) {
		must(text[0] == '/' && strstr(text, "//") == NULL && !url_is_web(text));
		must(strpbrk(text, "\\\r\n\t") == NULL);
	}
	if (url_is_web(text))
		must((text[0] | 0x20) == 'h' && strpbrk(text, "\\\r\n\t ") == NULL);
}

static void check_escape(struct arena *a, struct str s)
{
	struct buf out;
	buf_init(&out, a, 3 * s.n + 1);
	url_escape(&out, s);
	must(!out.over && out.len >= s.n);
	must(strpbrk(out.data, "<>\"'&:/?#+ \\") == NULL && strlen(out.data) == out.len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new();
	struct str s = {(const char *)data, size};
	const char *text = arena_strndup(a, s.p, s.n);
	check_parse(a, text);
	check_judges(text);
	check_escape(a, s);
	arena_free(&a);
	return 0;
}
