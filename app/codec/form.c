#include "codec/form.h"

#include "codec/url.h"

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* The byte that "%XX" at s[i] stands for, or -1. */
static int escape_at(struct str s, size_t i)
{
	if (s.p[i] != '%' || s.n - i < 3)
		return -1;
	int high = hex_value(s.p[i + 1]);
	int low = hex_value(s.p[i + 2]);
	return high < 0 || low < 0 ? -1 : high << 4 | low;
}

/*
 * A '%' that does not begin an escape is an ordinary character, as the standard says: people
 * type "100%" into address bars.
 */
static const char *decode(struct arena *a, struct str s)
{
	char *text = arena_alloc(a, s.n + 1);
	size_t n = 0;
	for (size_t i = 0; i < s.n; i++) {
		int byte = escape_at(s, i);
		text[n++] = byte >= 0	    ? (char)(unsigned char)byte
			    : s.p[i] == '+' ? ' '
					    : s.p[i];
		if (byte >= 0)
			i += 2;
	}
	struct str whole = {text, n};
	return str_has(whole, '\0') || !str_utf8_valid(whole) ? NULL : text;
}

static bool decode_pair(
	struct arena *a, struct str piece, struct form_pair *pair_r, struct err *e)
{
	struct str name = piece, value = {"", 0};
	(void)str_cut(piece, '=', &name, &value);
	pair_r->name = decode(a, name);
	pair_r->value = decode(a, value);
	if (pair_r->name == NULL || pair_r->value == NULL)
		return err_set(e, ERR_MALFORMED, "The form is not UTF-8 text. Send it again.");
	if (strlen(pair_r->name) > FORM_NAME_MAX)
		return err_set(e, ERR_TOO_LARGE,
			"A field's name has more than %d characters. Shorten it.",
			FORM_NAME_MAX);
	return true;
}

bool form_parse(struct arena *a, struct str text, struct form *form_r, struct err *e)
{
	struct form_pair *pairs = NULL;
	size_t n = 0, cap = 0;
	struct str rest = text, piece;
	while (str_next(&rest, '&', &piece)) {
		if (piece.n == 0)
			continue;
		if (n == FORM_PAIRS_MAX)
			return err_set(e, ERR_TOO_LARGE,
				"The form has more than %d fields. Send fewer.",
				FORM_PAIRS_MAX);
		pairs = arena_grow(a, pairs, n, &cap, sizeof *pairs);
		if (!decode_pair(a, piece, &pairs[n], e))
			return false;
		n++;
	}
	*form_r = (struct form){pairs, n};
	return true;
}

const char *form_get(const struct form *f, const char *name, bool *twice_r)
{
	const char *value = NULL;
	*twice_r = false;
	for (size_t i = 0; i < f->n; i++) {
		if (strcmp(f->pairs[i].name, name) != 0)
			continue;
		if (value != NULL)
			*twice_r = true;
		else
			value = f->pairs[i].value;
	}
	return value;
}

void form_add(struct buf *out, const char *name, const char *value)
{
	/*
	 * A blank is written as %20, not '+': every reader of forms and every reader of URLs
	 * understands it.
	 */
	if (out->len != 0)
		buf_addc(out, '&');
	url_escape(out, str_of(name));
	buf_addc(out, '=');
	url_escape(out, str_of(value));
}

bool form_unescape_path(struct arena *a, struct str s, const char **text_r)
{
	char *text = arena_alloc(a, s.n + 1);
	size_t n = 0;
	for (size_t i = 0; i < s.n; i++) {
		int byte = escape_at(s, i);
		if (s.p[i] == '%' && byte < 0)
			return false;
		text[n++] = byte >= 0 ? (char)(unsigned char)byte : s.p[i];
		if (byte >= 0)
			i += 2;
	}
	struct str whole = {text, n};
	if (str_has(whole, '\0') || !str_utf8_valid(whole))
		return false;
	*text_r = text;
	return true;
}
