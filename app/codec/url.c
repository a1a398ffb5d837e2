#include "codec/url.h"

#include <arpa/inet.h>

enum { HOST_MAX = 253, LOCAL_MAX = 4096 };

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_hex_digit(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/* RFC 3986 section 2.3. A table, because templates ask for every byte of every link. */
static const bool unreserved[256] = {
	['0' ... '9'] = true,
	['A' ... 'Z'] = true,
	['a' ... 'z'] = true,
	['-'] = true,
	['.'] = true,
	['_'] = true,
	['~'] = true,
};

static bool is_unreserved(char c)
{
	return unreserved[(unsigned char)c];
}

void url_escape(struct buf *out, struct str s)
{
	static const char hex[] = "0123456789ABCDEF";
	size_t from = 0;
	for (size_t i = 0; i < s.n; i++) {
		if (is_unreserved(s.p[i]))
			continue;
		unsigned char c = (unsigned char)s.p[i];
		buf_add(out, s.p + from, i - from);
		buf_add(out, (const char[]){'%', hex[c >> 4], hex[c & 15]}, 3);
		from = i + 1;
	}
	if (from < s.n)
		buf_add(out, s.p + from, s.n - from);
}

static bool is_control(char c)
{
	return (unsigned char)c < 0x20 || c == 0x7F;
}

bool url_is_local(const char *s)
{
	if (s == NULL || s[0] != '/' || strstr(s, "//") != NULL)
		return false;
	size_t n = 0;
	for (; s[n] != '\0'; n++)
		if (n == LOCAL_MAX || is_control(s[n]) || s[n] == '\\')
			return false;
	return true;
}

/* Takes "https://" or "http://", in any case; *rest_r is what follows. */
static bool take_scheme(struct str s, const char **scheme_r, struct str *rest_r)
{
	static const char *const schemes[] = {"https", "http"};
	for (size_t i = 0; i < ARRAY_LEN(schemes); i++) {
		size_t n = strlen(schemes[i]);
		if (!str_is_ci(str_sub(s, 0, n), schemes[i]) ||
			!str_is(str_sub(s, n, 3), "://"))
			continue;
		*scheme_r = schemes[i];
		*rest_r = str_sub(s, n + 3, s.n);
		return true;
	}
	return false;
}

bool url_is_web(const char *s)
{
	const char *scheme;
	struct str rest;
	if (!take_scheme(str_of(s), &scheme, &rest))
		return false;
	if (rest.n == 0 || strchr("/?#", rest.p[0]) != NULL)
		return false;
	for (size_t i = 0; i < rest.n; i++)
		if (is_control(rest.p[i]) || rest.p[i] == ' ' || rest.p[i] == '\\')
			return false;
	return true;
}

static bool name_is_good(struct str host)
{
	char before = '.';
	for (size_t i = 0; i < host.n; i++) {
		char c = host.p[i];
		if (!is_digit(c) && !is_letter(c) && c != '-' && c != '_' && c != '.')
			return false;
		if (c == '.' && before == '.')
			return false;
		before = c;
	}
	return before != '.';
}

static bool ipv6_is_good(struct str inside)
{
	char text[INET6_ADDRSTRLEN];
	struct in6_addr address;
	if (inside.n >= sizeof text || str_has(inside, '\0'))
		return false;
	memcpy(text, inside.p, inside.n);
	text[inside.n] = '\0';
	return inet_pton(AF_INET6, text, &address) == 1;
}

/* Splits "host[:port]"; *port_r keeps the default when none is written. */
static bool take_authority(struct str s, struct str *host_r, int64_t *port_r)
{
	size_t n = 0;
	if (s.n != 0 && s.p[0] == '[') {
		const char *end = memchr(s.p, ']', s.n);
		if (end == NULL)
			return false;
		n = (size_t)(end - s.p) + 1;
		if (!ipv6_is_good((struct str){s.p + 1, n - 2}))
			return false;
	} else {
		while (n < s.n && s.p[n] != ':')
			n++;
		if (n == 0 || n > HOST_MAX || !name_is_good((struct str){s.p, n}))
			return false;
	}
	*host_r = (struct str){s.p, n};
	if (n == s.n)
		return true;
	return s.p[n] == ':' && str_to_i64(str_sub(s, n + 1, s.n), port_r) && *port_r >= 1 &&
	       *port_r <= 65535;
}

/* RFC 3986 section 3.3: only pchar and '/', and two hex digits after each '%'. */
static bool path_is_good(struct str path)
{
	for (size_t i = 0; i < path.n; i++) {
		char c = path.p[i];
		if (c == '\0')
			return false;
		if (c == '%') {
			if (path.n - i < 3 || !is_hex_digit(path.p[i + 1]) ||
				!is_hex_digit(path.p[i + 2]))
				return false;
		} else if (!is_unreserved(c) && strchr("/!$&'()*+,;=:@", c) == NULL) {
			return false;
		}
	}
	return true;
}

bool url_parse(struct arena *a, const char *text, struct url *url_r, struct err *e)
{
	const char *scheme;
	struct str rest, host;
	if (!take_scheme(str_of(text), &scheme, &rest))
		return err_set(
			e, ERR_INVALID, "The address must begin with https:// or http://.");
	size_t n = 0;
	while (n < rest.n && rest.p[n] != '/')
		n++;
	int default_port = strcmp(scheme, "https") == 0 ? 443 : 80;
	int64_t port = default_port;
	if (!take_authority(str_sub(rest, 0, n), &host, &port))
		return err_set(e, ERR_INVALID, "The address names no good host and port.");
	struct str path = str_sub(rest, n, rest.n);
	if (!path_is_good(path))
		return err_set(e, ERR_INVALID,
			"The path of the address holds a character that is not allowed there.");
	url_r->scheme = scheme;
	url_r->host = str_lower(a, host);
	url_r->port = (int)port;
	url_r->path = path.n == 0 ? "/" : str_dup(a, path);
	url_r->origin = port == default_port ? arena_printf(a, "%s://%s", scheme, url_r->host)
					     : arena_printf(a, "%s://%s:%d", scheme,
						       url_r->host, url_r->port);
	return true;
}
