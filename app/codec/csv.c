#include "codec/csv.h"

void csv_cell(struct buf *out, const char *text, bool first)
{
	struct str s = str_of(text);
	bool formula = s.n != 0 && strchr("=+-@\t\r", s.p[0]) != NULL;
	bool quoted = strpbrk(s.p, ",\"\r\n") != NULL;
	if (!first)
		buf_addc(out, ',');
	if (quoted)
		buf_addc(out, '"');
	if (formula)
		buf_addc(out, '\'');
	for (const char *quote; (quote = quoted ? strchr(s.p, '"') : NULL) != NULL;) {
		size_t n = (size_t)(quote - s.p) + 1;
		buf_add(out, s.p, n);
		buf_addc(out, '"');
		s = str_sub(s, n, s.n);
	}
	buf_addstr(out, s);
	if (quoted)
		buf_addc(out, '"');
}

void csv_end(struct buf *out)
{
	buf_adds(out, "\r\n");
}
