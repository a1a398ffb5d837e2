#include "codec/html.h"

#include "codec/url.h"

enum { URL_MAX = 4096 };

/*
 * The quotes are escaped as numbers: &apos; is not HTML 4, and &quot; is longer. A NUL is an
 * error anywhere in HTML.
 */
static const struct str escapes[] = {
	{NULL, 0},
	{"&amp;", 5},
	{"&lt;", 4},
	{"&gt;", 4},
	{"&#34;", 5},
	{"&#39;", 5},
	{"\xEF\xBF\xBD", 3},
};

static const unsigned char escape_of[256] = {
	['&'] = 1,
	['<'] = 2,
	['>'] = 3,
	['"'] = 4,
	['\''] = 5,
	['\0'] = 6,
};

void html_text(struct buf *out, struct str s)
{
	size_t from = 0;
	for (size_t i = 0; i < s.n; i++) {
		unsigned char which = escape_of[(unsigned char)s.p[i]];
		if (which == 0)
			continue;
		buf_add(out, s.p + from, i - from);
		buf_addstr(out, escapes[which]);
		from = i + 1;
	}
	if (from < s.n)
		buf_add(out, s.p + from, s.n - from);
}

void html_email(struct buf *out, struct str s)
{
	size_t from = 0;
	for (size_t i = 0; i + 1 < s.n; i++) {
		if (s.p[i] != '@' && s.p[i] != '.')
			continue;
		html_text(out, str_sub(s, from, i + 1 - from));
		buf_adds(out, "<wbr>");
		from = i + 1;
	}
	html_text(out, str_sub(s, from, s.n - from));
}

void html_attr(struct buf *out, struct str s)
{
	html_text(out, s);
}

void html_url_attr(struct buf *out, struct str s)
{
	char copy[URL_MAX + 1];
	if (s.n > URL_MAX || str_has(s, '\0')) {
		buf_addc(out, '#');
		return;
	}
	if (s.n != 0)
		memcpy(copy, s.p, s.n);
	copy[s.n] = '\0';
	if (url_is_local(copy) || url_is_web(copy))
		html_attr(out, s);
	else
		buf_addc(out, '#');
}

void html_url_part(struct buf *out, struct str s)
{
	url_escape(out, s);
}

struct html html_trusted(const char *markup)
{
	return (struct html){markup};
}
