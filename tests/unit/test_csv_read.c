/* CSV in, fed whole and byte by byte: the same records either way. */
#include "codec/csv_read.h"
#include "base/buf.h"
#include "test.h"

enum { SEEN_MAX = 256 * 1024 };

/* "line: [cell][cell] faults\n" of each record. */
static bool note(void *user, const struct csv_record *r, struct err *e)
{
	struct buf *seen = user;
	(void)e;
	buf_printf(seen, "%lld:", (long long)r->line);
	for (size_t i = 0; i < r->n; i++)
		buf_printf(seen, "[%s]", r->cells[i]);
	if (r->faults != 0)
		buf_printf(seen, " %u", r->faults);
	buf_addc(seen, '\n');
	return true;
}

static bool feed(struct arena *a, struct str text, size_t step, struct buf *seen, struct err *e)
{
	buf_init(seen, a, SEEN_MAX);
	struct csv_reader *c = csv_reader_new(a, note, seen);
	for (size_t i = 0; i < text.n; i += step)
		if (!csv_reader_feed(c, str_sub(text, i, step), e))
			return false;
	return csv_reader_end(c, e);
}

static const char *read_all(struct arena *a, struct str text)
{
	struct buf whole, bytes;
	struct err e;
	assert_ok(feed(a, text, 100000, &whole, &e));
	assert_ok(feed(a, text, 1, &bytes, &e));
	assert_string_equal(whole.data, bytes.data);
	return whole.data;
}
#define assert_reads(text, want) assert_string_equal(read_all(*state, STR(text)), want)

static void cells_rows_and_line_ends(void **state)
{
	assert_reads("a,b\r\n1,2\r\n", "1:[a][b]\n2:[1][2]\n");
	assert_reads("a,b\n1,2", "1:[a][b]\n2:[1][2]\n");
	assert_reads("a,b\r1,2\r", "1:[a][b]\n2:[1][2]\n");
	assert_reads("a,b,\n,,\n", "1:[a][b][]\n2:[][][]\n");
	assert_reads("\r\n\n a \n\n\nb\n", "3:[ a ]\n6:[b]\n");
	assert_reads("a", "1:[a]\n");
	assert_reads("a\n\"\"\n", "1:[a]\n2:[]\n");
}

/* RFC 4180 section 2, rules 5 to 7. */
static void quotes(void **state)
{
	assert_reads("a,b\n\"x, y\",\"say \"\"hi\"\"\"\n", "1:[a][b]\n2:[x, y][say \"hi\"]\n");
	assert_reads("a\n\"two\r\nlines\"\nz\n", "1:[a]\n2:[two\r\nlines]\n4:[z]\n");
	assert_reads("\"a\n1\",b\n2,3\n", "1:[a\n1][b]\n3:[2][3]\n");
	assert_reads("a\n5\" pipe\n", "1:[a]\n2:[5\" pipe]\n");
	assert_reads("a,b\n\"x\" ,y\n", "1:[a][b]\n2:[x][y]\n");
	assert_reads("a,b\n\"x\"y,z\n", "1:[a][b]\n2:[xy][z] 16\n");
	assert_reads("a\n\"never\nclosed,\n", "1:[a]\n2:[never\nclosed,\n] 32\n");
	assert_reads("a\n\"\"\"\"\n", "1:[a]\n2:[\"]\n");
}

static void separators(void **state)
{
	assert_reads("a;b\n1,5;2\n", "1:[a][b]\n2:[1,5][2]\n");
	assert_reads("a\tb\n1,5\t2;\n", "1:[a][b]\n2:[1,5][2;]\n");
	assert_reads("\"a;;;\",b\n1,2\n", "1:[a;;;][b]\n2:[1][2]\n");
	assert_reads("sep=;\r\na,;b\r\n1;2\r\n", "2:[a,][b]\n3:[1][2]\n");
	assert_reads("\xEF\xBB\xBFsep=\t\na\tb\n", "2:[a][b]\n");
	assert_reads("\xEF\xBB\xBF"
		     "a,b\n",
		"1:[a][b]\n");
}

static void bad_text_is_named_and_mended(void **state)
{
	assert_reads("a\nCaf\xE9 X\n", "1:[a]\n2:[Caf? X] 1\n");
	assert_reads("a\nx\0y\nz\n", "1:[a]\n2:[x?y] 2\n3:[z]\n");
	assert_reads("a\n\xF0\x9F\x98\x80\xC3\n", "1:[a]\n2:[\xF0\x9F\x98\x80?] 1\n");
}

static void whole_files_are_refused(void **state)
{
	static const struct str bad[] = {{"\xFF\xFE"
					  "C\0l\0\n\0",
						 8},
		{"\xFE\xFF\0C\0\n", 6}, {"C\0l\0\n\0", 6}, {"Caf\xE9,b\n1,2\n", 11}, {"", 0},
		{"\n\r\n  \n", 6}, {"\xEF\xBB\xBF", 3}, {"sep=;\n", 6}};
	struct buf seen;
	struct err e;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		assert_fails(feed(*state, bad[i], 1, &seen, &e), ERR_INVALID);
		assert_fails(feed(*state, bad[i], 1000, &seen, &e), ERR_INVALID);
		assert_int_equal(seen.len, 0);
	}
}

static void lengths_are_bounded(void **state)
{
	struct arena *a = *state;
	struct buf text, seen;
	struct err e;
	buf_init(&text, a, 4 * 1024 * 1024);
	buf_adds(&text, "a,b\n");
	for (int i = 0; i < CSV_CELL_MAX - 1; i++)
		buf_addc(&text, 'x');
	buf_adds(&text, "\xC3\xA9y,ok\n"); /* the limit falls inside the letter */
	for (int i = 0; i < CSV_CELLS_MAX; i++)
		buf_adds(&text, "c,");
	buf_adds(&text, "gone\nlast,1\n");
	assert_ok(feed(a, buf_str(&text), 7, &seen, &e));
	assert_non_null(strstr(seen.data, "x][ok] 4\n"));
	assert_non_null(strstr(seen.data, "[c] 8\n"));
	assert_null(strstr(seen.data, "gone"));
	assert_non_null(strstr(seen.data, "4:[last][1]\n"));
	/* A quote that is never closed: megabytes, and one record of bounded length. */
	size_t used = arena_used(a);
	buf_reset(&text);
	buf_adds(&text, "a\n\"");
	for (int i = 0; i < 1000 * 1000; i++)
		buf_adds(&text, "xy\n");
	used = arena_used(a);
	assert_ok(feed(a, buf_str(&text), 8192, &seen, &e));
	assert_true(arena_used(a) - used < 128 * 1024);
	assert_non_null(strstr(seen.data, "] 36\n"));
	assert_true(seen.len < 2 * CSV_CELL_MAX);
}

static void a_first_row_without_end_is_refused(void **state)
{
	struct buf text, seen;
	struct err e;
	buf_init(&text, *state, 64 * 1024);
	for (int i = 0; i < CSV_RECORD_MAX + 1; i++)
		buf_addc(&text, 'x');
	assert_fails(feed(*state, buf_str(&text), 999, &seen, &e), ERR_INVALID);
	assert_non_null(strstr(e.text, "first row is too long"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(cells_rows_and_line_ends),
		TEST(quotes),
		TEST(separators),
		TEST(bad_text_is_named_and_mended),
		TEST(whole_files_are_refused),
		TEST(lengths_are_bounded),
		TEST(a_first_row_without_end_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
