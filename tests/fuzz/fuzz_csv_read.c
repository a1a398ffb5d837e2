/*
 * Whatever comes: records of valid text within the limits, the same whether the bytes come at once or one
 * by one; and every row is judged with a mark and, when it is not good, a reason.
 */
#include "base/buf.h"
#include "core/import.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool good)
{
	if (!good)
		abort();
}

struct seen {
	struct arena *arena;
	struct buf text;
	struct import_head head;
	bool begun, has_head;
	int64_t line;
};

static void check_row(struct seen *s, const struct csv_record *r)
{
	struct import_row row;
	if (!import_row_judge(s->arena, &s->head, r, &row))
		return;
	must(row.mark < IMPORT_MARK__MAX &&
		(row.mark == IMPORT_ADD) == (row.reason[0] == '\0'));
	must(str_utf8_valid(str_of(row.reason)));
	for (int c = 0; c < IMPORT_COLUMN__MAX; c++)
		must(row.cell[c] != NULL && str_utf8_valid(str_of(row.cell[c])));
	if (row.mark == IMPORT_ADD)
		must(*row.cell[IMPORT_CLIENT] != '\0' && *row.contact_name != '\0' &&
			*row.client_search != '\0');
}

static bool take(void *user, const struct csv_record *r, struct err *e)
{
	struct seen *s = user;
	must(r->n >= 1 && r->n <= CSV_CELLS_MAX && r->line > s->line);
	s->line = r->line;
	for (size_t i = 0; i < r->n; i++) {
		struct str cell = str_of(r->cells[i]);
		must(cell.n <= CSV_CELL_MAX && str_utf8_valid(cell));
		buf_printf(&s->text, "[%s]", r->cells[i]);
	}
	buf_printf(&s->text, "%lld %u\n", (long long)r->line, r->faults);
	if (!s->begun)
		s->has_head = import_head_read(s->arena, r, &s->head, e);
	else if (s->has_head)
		check_row(s, r);
	s->begun = true;
	return true;
}

static bool read_all(struct seen *s, struct str text, size_t step)
{
	struct err e = {0};
	buf_init(&s->text, s->arena, 4 * 1024 * 1024);
	struct csv_reader *c = csv_reader_new(s->arena, take, s);
	bool ok = true;
	for (size_t i = 0; ok && i < text.n; i += step)
		ok = csv_reader_feed(c, str_sub(text, i, step), &e);
	ok = ok && csv_reader_end(c, &e);
	must(ok || e.kind == ERR_INVALID);
	return ok;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new();
	struct str text = {(const char *)data, size < 32 * 1024 ? size : 32 * 1024};
	struct seen whole = {.arena = a}, bytes = {.arena = a};
	must(read_all(&whole, text, SIZE_MAX / 4) == read_all(&bytes, text, 1));
	must(str_eq(buf_str(&whole.text), buf_str(&bytes.text)));
	arena_free(&a);
	return 0;
}
