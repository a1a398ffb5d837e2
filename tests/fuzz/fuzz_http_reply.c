/* Header lines as libcurl hands them over, LF at their ends: Content-Type, charset and Retry-After read from any bytes. */
#include "fuzz/fuzz.h"
#include "io/http_int.h"

static void check(struct arena *a, const struct http_reply *r)
{
	static const int64_t now[] = {0, 1795327200, INT64_C(253402300799)};
	must(r->n_headers <= HTTP_HEADERS_MAX);
	for (size_t i = 0; i < r->n_headers; i++) {
		must(r->headers[i].name[0] != '\0' && strchr(r->headers[i].name, ':') == NULL);
		must(strcmp(str_lower(a, str_of(r->headers[i].name)), r->headers[i].name) == 0);
	}
	for (size_t i = 0; i < ARRAY_LEN(now); i++) {
		int wait_s = http_retry_after(r, now[i]);
		must(wait_s >= -1 && wait_s <= 86400);
	}
	if (r->content_type == NULL)
		return;
	must(strchr(r->content_type, ';') == NULL && r->charset != NULL);
	must(strcmp(str_lower(a, str_of(r->content_type)), r->content_type) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new();
	struct http_header room[HTTP_HEADERS_MAX];
	struct http_reply r = {0};
	struct err e = {0};
	const char *at = (const char *)data, *end = at + size;
	bool good = true;
	while (good && at < end) {
		const char *line_end = memchr(at, '\n', (size_t)(end - at));
		size_t n = line_end == NULL ? (size_t)(end - at) : (size_t)(line_end - at) + 1;
		/* libcurl refuses a header with a NUL in it before we see it. */
		if (memchr(at, '\0', n) == NULL)
			good = http_reply_line(&r, room, a, (struct str){at, n}, &e);
		at += n;
	}
	must(good || e.kind == ERR_TOO_LARGE);
	check(a, &r);
	arena_free(&a);
	return 0;
}
