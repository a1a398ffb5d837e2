#include "codec/csv.h"
#include "test.h"

static const char *cell(struct arena *a, const char *text)
{
	struct buf out;
	buf_init(&out, a, 1024);
	csv_cell(&out, text, true);
	return out.data;
}

static void a_row_has_commas_between_and_crlf_behind(void **state)
{
	struct buf out;
	buf_init(&out, *state, 1024);
	csv_cell(&out, "Name", true);
	csv_cell(&out, "", false);
	csv_cell(&out, NULL, false);
	csv_cell(&out, "Phone", false);
	csv_end(&out);
	assert_string_equal(out.data, "Name,,,Phone\r\n");
}

/* RFC 4180 section 2, rules 5 to 7. */
static void quotes_stand_where_they_must(void **state)
{
	assert_string_equal(cell(*state, "plain text"), "plain text");
	assert_string_equal(cell(*state, "a,b"), "\"a,b\"");
	assert_string_equal(cell(*state, "say \"hi\""), "\"say \"\"hi\"\"\"");
	assert_string_equal(cell(*state, "\""), "\"\"\"\"");
	assert_string_equal(cell(*state, "\"\""), "\"\"\"\"\"\"");
	assert_string_equal(cell(*state, "two\nlines"), "\"two\nlines\"");
	assert_string_equal(cell(*state, "two\r\nlines"), "\"two\r\nlines\"");
}

static void formulas_are_disarmed(void **state)
{
	assert_string_equal(cell(*state, "=1+1"), "'=1+1");
	assert_string_equal(cell(*state, "+61 2 5550 1234"), "'+61 2 5550 1234");
	assert_string_equal(cell(*state, "-1"), "'-1");
	assert_string_equal(cell(*state, "@SUM(A1)"), "'@SUM(A1)");
	assert_string_equal(cell(*state, "\t=1"), "'\t=1");
	assert_string_equal(cell(*state, "\r=1"), "\"'\r=1\"");
	assert_string_equal(cell(*state, "=HYPERLINK(\"x\",\"y\")"),
		"\"'=HYPERLINK(\"\"x\"\",\"\"y\"\")\"");
	assert_string_equal(cell(*state, "a=1"), "a=1");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_row_has_commas_between_and_crlf_behind),
		TEST(quotes_stand_where_they_must),
		TEST(formulas_are_disarmed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
