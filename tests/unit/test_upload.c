/* A form with a file, as browsers send it and as they do not, in pieces of every size. */
#include "support/fake_request.h"
#include "unit/test.h"
#include "web/upload.h"

enum { LIMIT = 4 * 1024 * 1024 };

struct body {
	struct str text;
	size_t at, step;
};

static bool piece(void *user, char *into, size_t room, size_t max, size_t *n_r, struct err *e)
{
	struct body *b = user;
	if (b->text.n > max)
		return err_set(e, ERR_TOO_LARGE, "Too large.");
	size_t n = b->text.n - b->at;
	n = n < room ? n : room;
	*n_r = n < b->step ? n : b->step;
	memcpy(into, b->text.p + b->at, *n_r);
	b->at += *n_r;
	return true;
}

struct got {
	struct form fields;
	const char *name;
	struct buf file;
};

static bool read_upload(struct arena *a, const char *type, struct str text, size_t step,
	struct got *g, struct err *e)
{
	struct body b = {text, 0, step};
	const struct request_source from = {.user = &b, .piece = piece};
	struct upload *u;
	struct str part;
	buf_init(&g->file, a, LIMIT);
	if (!upload_open(a, &from, type, LIMIT, &g->fields, &u, e))
		return false;
	g->name = upload_name(u);
	do {
		if (!upload_read(u, &part, e))
			return false;
		buf_addstr(&g->file, part);
	} while (part.n != 0);
	return upload_read(u, &part, e) && part.n == 0;
}

#define TYPE	"multipart/form-data; boundary=----Web0x"
#define PART(h) "------Web0x\r\nContent-Disposition: form-data; " h "\r\n\r\n"
#define CSRF	PART("name=\"csrf\"") "token\r\n"
#define CLOSED	"\r\n------Web0x--\r\n"

static void fields_and_then_the_file(void **state)
{
	static const size_t steps[] = {1, 2, 3, 7, 100000};
	static const char text[] = CSRF PART(
		"name=\"file\"; filename=\"C:\\lists\\my; name=.csv\"\r\nContent-Type: text/csv") "a,b\r\n1,2\r\n------Web0\r\n" CLOSED;
	struct got g;
	struct err e;
	for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
		assert_ok(read_upload(*state, TYPE, STR(text), steps[i], &g, &e));
		assert_int_equal(g.fields.n, 1);
		assert_string_equal(g.fields.pairs[0].name, "csrf");
		assert_string_equal(g.fields.pairs[0].value, "token");
		assert_string_equal(g.name, "my; name=.csv");
		assert_string_equal(g.file.data, "a,b\r\n1,2\r\n------Web0\r\n");
	}
}

static void a_text_area_is_a_file_without_name(void **state)
{
	struct got g;
	struct err e;
	assert_ok(read_upload(
		*state, TYPE, STR(CSRF PART("name=\"file\"") "x" CLOSED), 5, &g, &e));
	assert_string_equal(g.name, "");
	assert_string_equal(g.file.data, "x");
	assert_ok(read_upload(
		*state, TYPE, STR(PART("name=\"file\"; filename=\"\"") "" CLOSED), 5, &g, &e));
	assert_int_equal(g.file.len, 0);
	assert_int_equal(g.fields.n, 0);
}

static void what_is_no_such_form_is_refused(void **state)
{
	static const char file[] = PART("name=\"file\"") "x";
	static const struct {
		const char *type;
		struct str text;
	} bad[] = {
		{"multipart/form-data", STR(PART("name=\"file\"") "x" CLOSED)},
		{"multipart/form-data; boundary=", STR(PART("name=\"file\"") "x" CLOSED)},
		{"multipart/form-data; boundary=\"a b\"", STR("--a b\r\n")},
		{TYPE, STR("")},
		{TYPE, STR("------Web0x--\r\n")},
		{TYPE, STR("words before\r\n" PART("name=\"file\"") "x" CLOSED)},
		{TYPE, STR(CSRF "------Web0x--\r\n")},
		{TYPE, STR(file)},
		{TYPE, STR(PART("name=\"file\"") "x\r\n------Web0x\r\n")},
		{TYPE, STR(PART("name=\"file\"") "x\r\n" CSRF "------Web0x--\r\n")},
		{TYPE, STR(PART("name=\"file\"") "x" CLOSED "more")},
		{TYPE, STR(PART("filename=\"x\"") "x" CLOSED)},
		{TYPE, STR("------Web0x\r\nX: y\r\n\r\nx" CLOSED)},
		{TYPE, STR("------Web0xy\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\nx" CLOSED)},
		{TYPE, STR(PART("name=\"a\"") "\xFF" CLOSED)},
		{TYPE, STR(PART("name=\"a\"") "\0" CLOSED)},
		{TYPE, STR(PART("name=\"\xFF\"") "x" CLOSED)},
	};
	struct got g;
	struct err e;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		for (size_t step = 1; step < 100; step += 33) {
			bool ok = read_upload(*state, bad[i].type, bad[i].text, step, &g, &e);
			if (ok || e.kind != ERR_MALFORMED)
				fail_msg("case %zu: %d", i, ok);
		}
}

static const char *filled(struct arena *a, const char *before, size_t n, const char *behind)
{
	char *fill = arena_alloc(a, n + 1);
	memset(fill, 'x', n);
	return arena_printf(a, "%s%s%s", before, fill, behind);
}

static void limits(void **state)
{
	struct arena *a = *state;
	struct got g;
	struct err e;
	const char *text = filled(a, PART("name=\"a\""), UPLOAD_FIELD_MAX + 1, CLOSED);
	assert_fails(read_upload(a, TYPE, str_of(text), 999, &g, &e), ERR_TOO_LARGE);
	text = filled(a, "------Web0x\r\nX: ", 3000, "\r\n\r\n");
	assert_fails(read_upload(a, TYPE, str_of(text), 999, &g, &e), ERR_MALFORMED);
	struct buf many;
	buf_init(&many, a, LIMIT);
	for (int i = 0; i <= UPLOAD_FIELDS_MAX; i++)
		buf_adds(&many, CSRF);
	buf_adds(&many, PART("name=\"file\"") "x" CLOSED);
	assert_fails(read_upload(a, TYPE, buf_str(&many), 999, &g, &e), ERR_MALFORMED);
	text = filled(a, PART("name=\"file\""), LIMIT, CLOSED);
	assert_fails(read_upload(a, TYPE, str_of(text), 999, &g, &e), ERR_TOO_LARGE);
	size_t n = 3 * 1024 * 1024;
	text = filled(a, PART("name=\"file\""), n, CLOSED);
	assert_ok(read_upload(a, TYPE, str_of(text), 8192, &g, &e));
	assert_int_equal(g.file.len, n);
	text = filled(a, PART("name=\"file\"; filename=\""), 500, "\"\r\n\r\n");
	assert_fails(read_upload(a, TYPE, str_of(text), 999, &g, &e), ERR_MALFORMED);
}

static void long_names_are_cut(void **state)
{
	struct arena *a = *state;
	struct got g;
	struct err e;
	const char *head =
		"------Web0x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"";
	const char *text = filled(a, head, 500, "\"\r\n\r\nx" CLOSED);
	assert_ok(read_upload(a, TYPE, str_of(text), 999, &g, &e));
	assert_int_equal(strlen(g.name), UPLOAD_NAME_MAX);
}

/* Where the site takes no file, multipart is no form (tests/web/test_bad_input.c walks the addresses). */
static size_t takes(void *site, const struct request *r)
{
	(void)site;
	return strcmp(r->path, "/file") == 0 ? LIMIT : 0;
}

static void only_where_the_site_says_so(void **state)
{
	static const char text[] = CSRF PART("name=\"file\"") "x" CLOSED;
	const char *params[] = {
		"REQUEST_METHOD", "POST", "REQUEST_URI", "/file", "CONTENT_TYPE", TYPE, NULL};
	struct fake_request fake = {.params = params, .body = STR(text)};
	struct request_source plain = fake_request_source(&fake);
	struct request r;
	struct err e;
	assert_fails(request_judge(*state, &plain, &r, &e), ERR_MALFORMED);
	assert_null(r.upload);
	struct request_source open = plain;
	open.upload_max = takes;
	params[3] = "/other";
	assert_fails(request_judge(*state, &open, &r, &e), ERR_MALFORMED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(fields_and_then_the_file),
		TEST(a_text_area_is_a_file_without_name),
		TEST(what_is_no_such_form_is_refused),
		TEST(limits),
		TEST(long_names_are_cut),
		TEST(only_where_the_site_says_so),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
