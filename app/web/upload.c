#include "web/upload.h"

#include "base/buf.h"

enum { WINDOW = 32 * 1024, BOUNDARY_MAX = 70, HEADER_MAX = 1024, HEADERS_MAX = 8 };

struct upload {
	struct arena *arena;
	struct request_source from;
	size_t max;
	const char *name;
	char mark[BOUNDARY_MAX + 8]; /* CR LF "--" and the boundary */
	size_t mark_n;
	char window[WINDOW];
	size_t at, end;
	bool dry; /* the body has no more bytes */
	bool done;
};

static bool malformed(struct err *e)
{
	return err_set(e, ERR_MALFORMED, "What was sent is no form with a file.");
}

/* Moves the unread bytes to the front of the window and fills the space after them. */
static bool fill(struct upload *u, struct err *e)
{
	memmove(u->window, u->window + u->at, u->end - u->at);
	u->end -= u->at;
	u->at = 0;
	while (!u->dry && u->end < WINDOW) {
		size_t got = 0;
		if (!u->from.piece(
			    u->from.user, u->window + u->end, WINDOW - u->end, u->max, &got, e))
			return false;
		u->end += got;
		u->dry = got == 0;
	}
	return true;
}

static struct str ahead(const struct upload *u)
{
	return (struct str){u->window + u->at, u->end - u->at};
}

/*
 * RFC 2046: 1 to 70 characters of a small set. No browser sends a boundary that needs quotes.
 */
static bool is_boundary(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		bool alnum = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
			     (c >= 'A' && c <= 'Z');
		if (!alnum && strchr("'()+_,-./:=?", c) == NULL)
			return false;
	}
	return s.n > 0 && s.n <= BOUNDARY_MAX;
}

/* name="value" of a header; false when it is not there. */
static bool parameter(struct str header, const char *name, struct str *value_r)
{
	struct str part;
	while (str_next(&header, ';', &part)) {
		struct str key, value;
		if (!str_cut(str_trim(part), '=', &key, &value) ||
			!str_is_ci(str_trim(key), name))
			continue;
		value = str_trim(value);
		bool quoted = value.n >= 2 && value.p[0] == '"' && value.p[value.n - 1] == '"';
		*value_r = quoted ? str_sub(value, 1, value.n - 2) : value;
		return true;
	}
	return false;
}

static bool take_boundary(struct upload *u, const char *content_type)
{
	struct str boundary;
	if (!parameter(str_of(content_type), "boundary", &boundary) || !is_boundary(boundary))
		return false;
	u->mark_n = (size_t)snprintf(
		u->mark, sizeof u->mark, "\r\n--%.*s", (int)boundary.n, boundary.p);
	return true;
}

/*
 * Nothing may stand before the first boundary (RFC 2046 allows text there, but no browser sends
 * any).
 */
static bool begin(struct upload *u, struct err *e)
{
	if (!fill(u, e))
		return false;
	struct str s = ahead(u);
	if (s.n < u->mark_n || memcmp(s.p, u->mark + 2, u->mark_n - 2) != 0)
		return malformed(e);
	u->at += u->mark_n - 2;
	return true;
}

static bool take_line(struct upload *u, struct str *line_r, struct err *e)
{
	if (u->end - u->at < HEADER_MAX && !fill(u, e))
		return false;
	struct str s = str_sub(ahead(u), 0, HEADER_MAX);
	const char *end = s.n == 0 ? NULL : memmem(s.p, s.n, "\r\n", 2);
	if (end == NULL)
		return malformed(e);
	*line_r = (struct str){s.p, (size_t)(end - s.p)};
	u->at += line_r->n + 2;
	return true;
}

struct part {
	const char *name, *file_name; /* NULL: not given */
};

/*
 * A file may be named "; name=", so both values are found from the front and end at their own
 * quote.
 */
static char *quoted_of(struct arena *a, struct str header, const char *lead)
{
	const char *at = header.n == 0 ? NULL : memmem(header.p, header.n, lead, strlen(lead));
	if (at == NULL)
		return NULL;
	struct str rest = {
		at + strlen(lead), header.n - (size_t)(at - header.p) - strlen(lead)};
	const char *end = rest.n == 0 ? NULL : memchr(rest.p, '"', rest.n);
	if (end == NULL)
		return NULL;
	struct str value = {rest.p, (size_t)(end - rest.p)};
	return str_has(value, '\0') || !str_utf8_valid(value) ? NULL : str_dup(a, value);
}

static void read_disposition(struct upload *u, struct str header, struct part *part_r)
{
	struct str key, value;
	if (!str_cut(header, ':', &key, &value) ||
		!str_is_ci(str_trim(key), "Content-Disposition"))
		return;
	if (!str_starts(str_trim(value), "form-data"))
		return;
	part_r->name = quoted_of(u->arena, value, "form-data; name=\"");
	part_r->file_name = quoted_of(u->arena, value, "\"; filename=\"");
}

/* Reads the headers of a part, after its boundary and up to the empty line. */
static bool read_headers(struct upload *u, struct part *part_r, struct err *e)
{
	struct str line;
	if (!take_line(u, &line, e))
		return false;
	if (line.n != 0)
		return malformed(e);
	for (int i = 0; i < HEADERS_MAX; i++) {
		if (!take_line(u, &line, e))
			return false;
		if (line.n == 0)
			return part_r->name != NULL || malformed(e);
		read_disposition(u, line, part_r);
	}
	return malformed(e);
}

static const char *last_of_path(struct arena *a, const char *name)
{
	struct str s = str_of(name);
	size_t from = s.n;
	while (from > 0 && s.p[from - 1] != '/' && s.p[from - 1] != '\\')
		from--;
	s = str_sub(s, from, s.n);
	size_t n = s.n;
	if (n > UPLOAD_NAME_MAX)
		for (n = UPLOAD_NAME_MAX; n > 0 && ((unsigned char)s.p[n] & 0xC0) == 0x80;)
			n--;
	char *text = str_dup(a, str_sub(s, 0, n));
	for (char *p = text; *p != '\0'; p++)
		if ((unsigned char)*p < ' ' || *p == 0x7F)
			*p = ' ';
	return text;
}

/*
 * Gives the bytes before the next boundary, and an empty piece once the boundary is reached.
 * Does not consume the boundary.
 */
static bool read_piece(struct upload *u, struct str *piece_r, struct err *e)
{
	if (u->end - u->at <= u->mark_n && !fill(u, e))
		return false;
	struct str s = ahead(u);
	const char *mark = s.n == 0 ? NULL : memmem(s.p, s.n, u->mark, u->mark_n);
	size_t n = mark != NULL	     ? (size_t)(mark - s.p)
		   : s.n < u->mark_n ? 0
				     : s.n - u->mark_n + 1;
	/* The window was filled just now, so the body has ended without a boundary. */
	if (n == 0 && mark == NULL)
		return malformed(e);
	*piece_r = (struct str){s.p, n};
	u->at += n;
	return true;
}

/* Only the last boundary may follow the file: nobody would have checked a part after it. */
static bool end_is_whole(struct upload *u, struct err *e)
{
	if (!fill(u, e))
		return false;
	struct str s = str_sub(ahead(u), u->mark_n, WINDOW);
	return (u->dry && (str_is(s, "--\r\n") || str_is(s, "--"))) || malformed(e);
}

bool upload_read(struct upload *u, struct str *piece_r, struct err *e)
{
	*piece_r = STR("");
	if (u->done)
		return true;
	if (!read_piece(u, piece_r, e))
		return false;
	u->done = piece_r->n == 0;
	return !u->done || end_is_whole(u, e);
}

static bool read_field(
	struct upload *u, const char *name, struct form_pair *pair_r, struct err *e)
{
	struct buf text;
	struct str piece;
	buf_init(&text, u->arena, UPLOAD_FIELD_MAX);
	do {
		if (!read_piece(u, &piece, e))
			return false;
		buf_addstr(&text, piece);
	} while (piece.n != 0 && !text.over);
	if (text.over)
		return err_set(
			e, ERR_TOO_LARGE, "A field is larger than %d bytes.", UPLOAD_FIELD_MAX);
	if (str_has(buf_str(&text), '\0') || !str_utf8_valid(buf_str(&text)))
		return err_set(e, ERR_MALFORMED, "A field is no text.");
	u->at += u->mark_n;
	*pair_r = (struct form_pair){name, text.data};
	return true;
}

bool upload_open(struct arena *a, const struct request_source *from, const char *content_type,
	size_t max, struct form *fields_r, struct upload **u_r, struct err *e)
{
	struct upload *u = arena_new_of(a, struct upload);
	struct form_pair *pairs = arena_array(a, struct form_pair, UPLOAD_FIELDS_MAX);
	u->arena = a;
	u->from = *from;
	u->max = max;
	if (!take_boundary(u, content_type))
		return malformed(e);
	if (!begin(u, e))
		return false;
	for (size_t n = 0;; n++) {
		struct part part = {0};
		if (!read_headers(u, &part, e))
			return false;
		if (strcmp(part.name, "file") == 0) {
			u->name = part.file_name == NULL ? "" : last_of_path(a, part.file_name);
			*fields_r = (struct form){pairs, n};
			*u_r = u;
			return true;
		}
		if (n == UPLOAD_FIELDS_MAX || strlen(part.name) > FORM_NAME_MAX)
			return malformed(e);
		if (!read_field(u, arena_strdup(a, part.name), &pairs[n], e))
			return false;
	}
}

const char *upload_name(const struct upload *u)
{
	return u->name;
}
