#include "io/http_int.h"

#include "codec/when.h"

enum { RETRY_AFTER_MAX_S = 86400 };

static bool take_header(struct http_reply *r, struct http_header *room, struct arena *a,
	struct str line, struct err *e)
{
	struct str name, value;
	if (!str_cut(line, ':', &name, &value) || name.n == 0)
		return true;
	if (r->n_headers == HTTP_HEADERS_MAX)
		return err_set(e, ERR_TOO_LARGE, "The answer has more than %d header lines.",
			HTTP_HEADERS_MAX);
	r->headers = room;
	room[r->n_headers++] =
		(struct http_header){str_lower(a, name), str_dup(a, str_trim(value))};
	return true;
}

/* RFC 9110 section 8.3.1: type/subtype; name=value; name="value" */
static void read_content_type(struct http_reply *r, struct arena *a)
{
	struct str rest = str_of(http_header(r, "content-type")), part, name, value;
	r->content_type = r->charset = "";
	if (str_next(&rest, ';', &part))
		r->content_type = str_lower(a, str_trim(part));
	while (str_next(&rest, ';', &part)) {
		if (!str_cut(str_trim(part), '=', &name, &value) ||
			!str_is_ci(str_trim(name), "charset"))
			continue;
		value = str_trim(value);
		if (value.n >= 2 && value.p[0] == '"' && value.p[value.n - 1] == '"')
			value = str_sub(value, 1, value.n - 2);
		r->charset = str_lower(a, value);
		return;
	}
}

bool http_reply_line(struct http_reply *r, struct http_header *room, struct arena *a,
	struct str line, struct err *e)
{
	if (line.n > HTTP_HEADER_BYTES_MAX)
		return err_set(e, ERR_TOO_LARGE, "The answer has a header line over %d bytes.",
			HTTP_HEADER_BYTES_MAX);
	int64_t status = 0;
	if (str_starts(line, "HTTP/")) {
		struct str ignored, code;
		r->n_headers = 0;
		if (str_cut(line, ' ', &ignored, &code) &&
			str_to_i64(str_sub(code, 0, 3), &status))
			r->status = (int)status;
		return true;
	}
	line = str_trim(line);
	if (line.n != 0)
		return take_header(r, room, a, line, e);
	read_content_type(r, a);
	return true;
}

const char *http_header(const struct http_reply *r, const char *name)
{
	for (size_t i = 0; i < r->n_headers; i++)
		if (strcmp(r->headers[i].name, name) == 0)
			return r->headers[i].value;
	return NULL;
}

int http_retry_after(const struct http_reply *r, int64_t now)
{
	struct str s = str_of(http_header(r, "retry-after"));
	int64_t seconds = 0, at = 0;
	if (when_parse_http(s, &at))
		seconds = at < now ? 0 : at - now;
	else if (s.n == 0)
		return -1;
	else
		for (size_t i = 0; i < s.n; i++) {
			if (s.p[i] < '0' || s.p[i] > '9')
				return -1;
			if (seconds <= RETRY_AFTER_MAX_S)
				seconds = seconds * 10 + (s.p[i] - '0');
		}
	return seconds > RETRY_AFTER_MAX_S ? RETRY_AFTER_MAX_S : (int)seconds;
}
