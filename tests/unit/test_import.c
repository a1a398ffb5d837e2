/* What becomes of each row of a client list, by itself. */
#include "core/import.h"
#include "test.h"

#define HEADS \
	"Client Name", "First Name", "Last Name", "Client Email", "Phone", "Status", "Primary"

static struct csv_record record(const char *const *cells, size_t n)
{
	return (struct csv_record){.line = 2, .cells = cells, .n = n};
}
#define RECORD(...)                                \
	record((const char *const[]){__VA_ARGS__}, \
		sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *))

static struct import_row judge(struct arena *a, struct csv_record r)
{
	struct import_head h;
	struct import_row row;
	struct err e;
	struct csv_record heads = RECORD(HEADS);
	assert_ok(import_head_read(a, &heads, &h, &e));
	assert_true(import_row_judge(a, &h, &r, &row));
	return row;
}

static void heads_in_any_case_and_order(void **state)
{
	struct import_head h;
	struct err e;
	struct csv_record r = RECORD("EMAIL", "Tax No", " last_name ", "First-Name",
		"client name", "", "Reason", "Line");
	assert_ok(import_head_read(*state, &r, &h, &e));
	assert_int_equal(h.at[IMPORT_EMAIL], 0);
	assert_int_equal(h.at[IMPORT_LAST], 2);
	assert_int_equal(h.at[IMPORT_FIRST], 3);
	assert_int_equal(h.at[IMPORT_CLIENT], 4);
	assert_int_equal(h.at[IMPORT_PHONE], -1);
	assert_string_equal(h.ignored, "Tax No");
	r = RECORD("Client Name", "First Name");
	assert_fails(import_head_read(*state, &r, &h, &e), ERR_INVALID);
	assert_non_null(strstr(e.text, "Last Name, Client Email"));
	r = RECORD(HEADS, "E-mail");
	assert_fails(import_head_read(*state, &r, &h, &e), ERR_INVALID);
	assert_non_null(strstr(e.text, "twice"));
}

static void a_good_row(void **state)
{
	struct import_row row =
		judge(*state, RECORD(" Harbour Ltd ", "Ada", "Lind", "ada@h.example",
				      "'+64 21 1", "prospect", "YES"));
	assert_int_equal(row.mark, IMPORT_ADD);
	assert_string_equal(row.reason, "");
	assert_string_equal(row.cell[IMPORT_CLIENT], "Harbour Ltd");
	assert_string_equal(row.cell[IMPORT_PHONE], "+64 21 1");
	assert_string_equal(row.contact_name, "Ada Lind");
	assert_true(row.is_primary && row.has_status && row.is_prospect);
	assert_string_equal(row.client_search, "harbour ltd");
	assert_string_equal(row.contact_search, " ada lind ada@h.example +64 21 1 +64211");
	row = judge(*state, RECORD("H", "A", "L", "a@h.example"));
	assert_int_equal(row.mark, IMPORT_ADD);
	assert_false(row.is_primary || row.has_status);
}

static const char *wide(struct arena *a, size_t n)
{
	char *s = arena_alloc(a, n * 2 + 1);
	for (size_t i = 0; i < n; i++)
		memcpy(s + i * 2, "\xC3\xA9", 2);
	return s;
}

static void every_fault_has_its_mark_and_sentence(void **state)
{
	struct arena *a = *state;
	const struct {
		struct csv_record r;
		enum import_mark mark;
		const char *says;
	} cases[] = {
		{RECORD("H", "", "L", ""), IMPORT_MISSING, "Missing first name, client email."},
		{RECORD("", "A", "L", "a@h.example"), IMPORT_MISSING, "client name"},
		{RECORD("\xC2\xA0", "A", "L", "a@h.example"), IMPORT_MISSING, "client name"},
		{RECORD(wide(a, 201), "A", "L", "a@h.example"), IMPORT_LONG, "200 characters"},
		{RECORD(wide(a, 200), "A", "L", "a@h.example"), IMPORT_ADD, ""},
		{RECORD("H", "A", "L", "nobody"), IMPORT_BAD_EMAIL,
			"\"nobody\" is not an email"},
		{RECORD("H", "A", "L", "a@b"), IMPORT_BAD_EMAIL, "name@example.com"},
		{RECORD("H", "A", "L", "a@b@c.example"), IMPORT_BAD_EMAIL, "not an email"},
		{RECORD("H", "A", "L", "<a@c.example>"), IMPORT_BAD_EMAIL, "not an email"},
		{RECORD("H", "A", "L", "a@.example"), IMPORT_BAD_EMAIL, "not an email"},
		{RECORD("H", "A", "L", "a@c.example."), IMPORT_BAD_EMAIL, "not an email"},
		{RECORD("H", "A", "L", "a@h.example", "", "Friend"), IMPORT_BAD_VALUE,
			"Client or Prospect"},
		{RECORD("H", "A", "L", "a@h.example", "", "", "maybe"), IMPORT_BAD_VALUE,
			"Yes or No"},
		{RECORD("H", "A", "L", "a@h.example", "", "", "", "more"), IMPORT_UNREADABLE,
			"more cells"},
		{RECORD("H", "A\x01", "L", "a@h.example"), IMPORT_UNREADABLE,
			"cannot be shown"},
		{RECORD("H", "A", "L", "a@h.example", "", "", "", " "), IMPORT_ADD, ""},
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct import_row row = judge(a, cases[i].r);
		if (row.mark != cases[i].mark || strstr(row.reason, cases[i].says) == NULL)
			fail_msg("case %zu: mark %d, %s", i, row.mark, row.reason);
	}
}

static void what_could_not_be_read_is_explained(void **state)
{
	static const unsigned faults[] = {
		CSV_NOT_UTF8, CSV_NUL, CSV_RECORD_CUT, CSV_AFTER_QUOTE, CSV_OPEN_QUOTE};
	struct csv_record r = RECORD("H", "A", "L", "a@h.example");
	for (size_t i = 0; i < ARRAY_LEN(faults); i++) {
		r.faults = faults[i];
		struct import_row row = judge(*state, r);
		assert_int_equal(row.mark, IMPORT_UNREADABLE);
		assert_true(row.reason[0] != '\0');
	}
	r.faults = CSV_CELL_CUT;
	assert_int_equal(judge(*state, r).mark, IMPORT_LONG);
}

static void blank_rows_are_none_and_several_faults_all_said(void **state)
{
	struct import_head h;
	struct import_row row;
	struct err e;
	struct csv_record heads = RECORD(HEADS), blank = RECORD("", " ", "");
	assert_ok(import_head_read(*state, &heads, &h, &e));
	assert_false(import_row_judge(*state, &h, &blank, &row));
	row = judge(*state, RECORD("", "A", "L", "no", "", "Friend"));
	assert_int_equal(row.mark, IMPORT_MISSING);
	assert_non_null(strstr(row.reason, "not an email address"));
	assert_non_null(strstr(row.reason, "Client or Prospect"));
}

static void marks_have_names_and_words(void **state)
{
	(void)state;
	for (int m = 0; m < IMPORT_MARK__MAX; m++) {
		assert_int_equal(import_mark_parse(import_mark_names[m]), m);
		assert_true(import_mark_text((enum import_mark)m)[0] != '\0');
	}
	assert_int_equal(import_mark_parse("nonsense"), IMPORT_UNREADABLE);
	assert_null(import_mark_names[IMPORT_MARK__MAX]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(heads_in_any_case_and_order),
		TEST(a_good_row),
		TEST(every_fault_has_its_mark_and_sentence),
		TEST(what_could_not_be_read_is_explained),
		TEST(blank_rows_are_none_and_several_faults_all_said),
		TEST(marks_have_names_and_words),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
