#include "web/router.h"

#include "support/fake_request.h"
#include "test.h"

enum {
	ROW_HOME,
	ROW_CLIENTS,
	ROW_ADD,
	ROW_NEW,
	ROW_CLIENT,
	ROW_UNDO,
	ROW_INVITE,
	ROW_DROP,
	ROW_TWO,
	ROW_CSV
};

static const struct route table[] = {
	[ROW_HOME] = {METHOD_GET, "/", NULL, 0, NULL, 0},
	[ROW_CLIENTS] = {METHOD_GET, "/clients", NULL, 0, NULL, 0},
	[ROW_ADD] = {METHOD_POST, "/clients", NULL, 0, NULL, 0},
	[ROW_NEW] = {METHOD_GET, "/clients/new", NULL, 0, NULL, 0},
	[ROW_CLIENT] = {METHOD_GET, "/clients/{id}", NULL, 0, NULL, 0},
	[ROW_UNDO] = {METHOD_POST, "/syncs/{id}/undo", NULL, 0, NULL, 0},
	[ROW_INVITE] = {METHOD_GET, "/invite/{token}", NULL, 0, NULL, 0},
	[ROW_DROP] = {METHOD_DELETE, "/connections/{name}", NULL, 0, NULL, 0},
	[ROW_TWO] = {METHOD_GET, "/a/{name}/b/{id}", NULL, 0, NULL, 0},
	[ROW_CSV] = {METHOD_GET, "/clients.csv", NULL, 0, NULL, 0},
};

static bool match(
	struct request *r, const struct route **row_r, const char **allow_r, struct err *e)
{
	return router_match(table, ARRAY_LEN(table), r, row_r, allow_r, e);
}

/* The row that answers, -1 for 404, -2 for 405. */
static int row_of(struct arena *a, const char *method, const char *path, struct request *r_r)
{
	const struct route *row = NULL;
	const char *allow = NULL;
	struct err e = {0};
	*r_r = fake_request_of(a, method, path, "");
	if (match(r_r, &row, &allow, &e))
		return (int)(row - table);
	assert_true(e.kind == ERR_NOT_FOUND || e.kind == ERR_METHOD);
	assert_int_equal(allow != NULL, e.kind == ERR_METHOD);
	return e.kind == ERR_NOT_FOUND ? -1 : -2;
}

static void finds_rows(void **state)
{
	static const struct {
		const char *method, *path;
		int want;
	} cases[] = {{"GET", "/", ROW_HOME}, {"HEAD", "/", ROW_HOME},
		{"GET", "/?x=1", ROW_HOME}, {"GET", "/clients", ROW_CLIENTS},
		{"HEAD", "/clients", ROW_CLIENTS}, {"POST", "/clients", ROW_ADD},
		{"GET", "/clients/new", ROW_NEW}, {"GET", "/clients/7", ROW_CLIENT},
		{"GET", "/clients.csv", ROW_CSV}, {"POST", "/syncs/3/undo", ROW_UNDO},
		{"GET", "/invite/x.y", ROW_INVITE}, {"DELETE", "/connections/abc", ROW_DROP},
		{"GET", "/a/b/b/1", ROW_TWO}, {"GET", "/clients/", -1},
		{"GET", "//clients", -1}, {"GET", "//", -1}, {"GET", "/Clients", -1},
		{"GET", "/client", -1}, {"GET", "/clients/7/x", -1}, {"GET", "/%63lients", -1},
		{"GET", "/clients/../clients", -1}, {"GET", "/invite", -1},
		{"GET", "/invite/", -1}, {"GET", "/syncs/3/undo/", -1}, {"PUT", "/nowhere", -1},
		{"PUT", "/clients", -2}, {"OPTIONS", "/", -2}, {"POST", "/clients/7", -2},
		{"GET", "/syncs/3/undo", -2}, {"HEAD", "/syncs/3/undo", -2},
		{"GET", "/connections/x", -2}, {"get", "/clients", -2}};
	struct request r;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		if (row_of(*state, cases[i].method, cases[i].path, &r) != cases[i].want)
			fail_msg("%s %s", cases[i].method, cases[i].path);
}

static void ids_are_strict(void **state)
{
	static const char *const bad[] = {
		"0", "-1", "01", "1x", "%31", "", "9223372036854775808", "+1", "1.0"};
	struct request r;
	assert_int_equal(row_of(*state, "GET", "/clients/9223372036854775807", &r), ROW_CLIENT);
	assert_int_equal(r.id_param, INT64_MAX);
	assert_string_equal(r.param[0], "9223372036854775807");
	assert_null(r.param[1]);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_int_equal(
			row_of(*state, "GET", arena_printf(*state, "/clients/%s", bad[i]), &r),
			-1);
	assert_int_equal(r.id_param, 0);
	assert_null(r.param[0]);
}

static void names_are_decoded_once(void **state)
{
	struct request r;
	assert_int_equal(row_of(*state, "GET", "/invite/J%C3%B6%2541%2Fx+y", &r), ROW_INVITE);
	assert_string_equal(r.param[0], "J\xC3\xB6%41/x+y");
	assert_int_equal(r.id_param, 0);
	assert_int_equal(row_of(*state, "GET", "/a/17/b/8", &r), ROW_TWO);
	assert_string_equal(r.param[0], "17");
	assert_string_equal(r.param[1], "8");
	assert_int_equal(r.id_param, 8);
}

static void names_have_128_bytes(void **state)
{
	struct arena *a = *state;
	char *name = arena_alloc(a, 130);
	struct request r;
	memset(name, 'x', 128);
	assert_int_equal(row_of(a, "GET", arena_printf(a, "/invite/%s", name), &r), ROW_INVITE);
	assert_string_equal(r.param[0], name);
	name[128] = 'x';
	assert_int_equal(row_of(a, "GET", arena_printf(a, "/invite/%s", name), &r), -1);
}

static void allow_names_what_is_there(void **state)
{
	static const struct {
		const char *method, *path, *want;
	} cases[] = {{"PUT", "/clients", "GET, HEAD, POST"}, {"POST", "/", "GET, HEAD"},
		{"GET", "/syncs/1/undo", "POST"}, {"GET", "/connections/x", "DELETE"},
		{"DELETE", "/clients", "GET, HEAD, POST"}};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct request r = fake_request_of(*state, cases[i].method, cases[i].path, "");
		const struct route *row = NULL;
		const char *allow = "";
		struct err e;
		assert_fails(match(&r, &row, &allow, &e), ERR_METHOD);
		assert_string_equal(allow, cases[i].want);
		assert_null(row);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(finds_rows),
		TEST(ids_are_strict),
		TEST(names_are_decoded_once),
		TEST(names_have_128_bytes),
		TEST(allow_names_what_is_there),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
