/*
 * A form with a file (multipart/form-data). First what comes, its type on the first line: it is read or
 * refused, in fixed limits, the same whether its bytes come at once or one by one. Then the same bytes as a
 * file in a form that a browser would send: they come back, each.
 */
#include "base/buf.h"
#include "fuzz/fuzz.h"
#include "web/upload.h"

enum { BODY_MAX = 256 * 1024 };

struct body {
	struct str text;
	size_t at, step;
};

static bool piece(void *user, char *into, size_t room, size_t max, size_t *n_r, struct err *e)
{
	struct body *b = user;
	if (b->text.n > max)
		return err_set(e, ERR_TOO_LARGE, "Too large.");
	struct str s = str_sub(b->text, b->at, b->step < room ? b->step : room);
	if (s.n > 0)
		memcpy(into, s.p, s.n);
	b->at += s.n;
	*n_r = s.n;
	return true;
}

struct got {
	bool ok;
	struct err e;
	struct form fields;
	const char *name;
	struct buf file;
};

static bool read_file(
	struct arena *a, const struct request_source *from, const char *type, struct got *g)
{
	struct upload *u;
	struct str part;
	if (!upload_open(a, from, type, BODY_MAX, &g->fields, &u, &g->e))
		return false;
	g->name = upload_name(u);
	do {
		if (!upload_read(u, &part, &g->e))
			return false;
		buf_addstr(&g->file, part);
	} while (part.n > 0);
	must(upload_read(u, &part, &g->e) && part.n == 0);
	return true;
}

static struct got read_by(struct arena *a, const char *type, struct str text, size_t step)
{
	struct body b = {text, 0, step};
	const struct request_source from = {.user = &b, .piece = piece};
	struct got g = {.name = ""};
	buf_init(&g.file, a, 2 * BODY_MAX);
	g.ok = read_file(a, &from, type, &g);
	must(g.ok || g.e.kind == ERR_MALFORMED || g.e.kind == ERR_TOO_LARGE);
	return g;
}

static void check(const struct got *g)
{
	must(g->fields.n <= UPLOAD_FIELDS_MAX);
	for (size_t i = 0; i < g->fields.n; i++) {
		struct str value = str_of(g->fields.pairs[i].value);
		must(value.n <= UPLOAD_FIELD_MAX && str_utf8_valid(value));
		must(str_utf8_valid(str_of(g->fields.pairs[i].name)));
	}
	must(strlen(g->name) <= UPLOAD_NAME_MAX && str_utf8_valid(str_of(g->name)));
	must(strpbrk(g->name, "/\\\r\n\t\x1B\x7F") == NULL);
}

static void same(const struct got *x, const struct got *y)
{
	must(x->ok == y->ok && (x->ok || x->e.kind == y->e.kind));
	must(!x->ok || (x->fields.n == y->fields.n && strcmp(x->name, y->name) == 0));
	must(!x->ok || str_eq(buf_str(&x->file), buf_str(&y->file)));
}

/* A browser chooses a boundary that the file does not hold. */
static void comes_back(struct arena *a, struct str bytes)
{
	static const char head[] =
		"--Uq7zK\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\nt\r\n"
		"--Uq7zK\r\nContent-Disposition: form-data; name=\"file\"; filename=\"c.csv\"\r\n\r\n";
	struct buf b;
	if (memmem(bytes.p, bytes.n, "--Uq7zK", 7) != NULL)
		return;
	buf_init(&b, a, BODY_MAX);
	buf_adds(&b, head);
	buf_addstr(&b, bytes);
	buf_adds(&b, "\r\n--Uq7zK--\r\n");
	struct got g = read_by(a, "multipart/form-data; boundary=Uq7zK", buf_str(&b), 4096);
	must(g.ok && g.fields.n == 1 && strcmp(g.name, "c.csv") == 0);
	must(str_eq(buf_str(&g.file), bytes));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new();
	struct str all = {(const char *)data, size < BODY_MAX / 2 ? size : BODY_MAX / 2};
	struct str rest = all;
	const char *type = fuzz_part(a, &rest, '\n');
	struct got whole = read_by(a, type, rest, SIZE_MAX / 4);
	struct got bytes = read_by(a, type, rest, 1);
	check(&whole);
	same(&whole, &bytes);
	comes_back(a, all);
	arena_free(&a);
	return 0;
}
