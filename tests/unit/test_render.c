#include "web/render.h"

#include "io/file.h"
#include "test.h"

#include <sys/stat.h>
#include <unistd.h>

struct hello {
	const char *name;
};

static const struct tmpl_field hello_fields[] = {TMPL_F(struct hello, name, TMPL_TEXT)};
static const struct tmpl_shape hello_shape = TMPL_SHAPE(struct hello, hello_fields);

static const struct render_entry table[] = {
	{"hello", &hello_shape}, {"more/deep", &hello_shape}};

static void put(const char *dir, const char *name, const char *text)
{
	char path[200];
	struct err e;
	(void)snprintf(path, sizeof path, "%s/%s.html", dir, name);
	assert_ok(file_write(path, str_of(text), 0600, &e));
}

static void drop(const char *dir, const char *name)
{
	char path[200];
	(void)snprintf(path, sizeof path, "%s/%s", dir, name);
	(void)unlink(path);
	(void)rmdir(path);
}

/* A folder of its own with three templates; *state becomes its name. */
static int make_folder(void **state)
{
	static char dir[64];
	char sub[80];
	memcpy(dir, "/tmp/gap-render-XXXXXX", 23);
	if (mkdtemp(dir) == NULL)
		return -1;
	(void)snprintf(sub, sizeof sub, "%s/more", dir);
	if (mkdir(sub, 0700) != 0)
		return -1;
	put(dir, "hello", "<p>Hello {{name}}{{> part}}</p>");
	put(dir, "part", "!");
	put(dir, "more/deep", "<b>{{name}}</b>");
	*state = dir;
	return 0;
}

static int drop_folder(void **state)
{
	static const char *const names[] = {
		"hello.html", "part.html", "more/deep.html", "more/stray.html", "more", ""};
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		drop(*state, names[i]);
	return 0;
}

static const char *shown(struct arena *a, const struct render *set, size_t i)
{
	struct buf out;
	const struct hello values = {"<Ann>"};
	buf_init(&out, a, 1000);
	tmpl_render(render_get(set, i), &values, &out);
	return out.data;
}

static void compiles_a_folder(void **state)
{
	struct arena *a = arena_new();
	struct render *set = NULL;
	struct err e;
	assert_ok(render_load(*state, table, ARRAY_LEN(table), &set, &e));
	assert_string_equal(shown(a, set, 0), "<p>Hello &lt;Ann&gt;!</p>");
	assert_string_equal(shown(a, set, 1), "<b>&lt;Ann&gt;</b>");
	render_free(&set);
	assert_null(set);
	render_free(&set);
	arena_free(&a);
}

static void refuses_a_fault_and_keeps_the_old_set(void **state)
{
	struct arena *a = arena_new();
	struct render *set = NULL;
	struct err e;
	assert_ok(render_load(*state, table, ARRAY_LEN(table), &set, &e));
	struct render *old = set;
	put(*state, "more/deep", "{{nmae}}");
	assert_fails(render_load(*state, table, ARRAY_LEN(table), &set, &e), ERR_CONFIG);
	assert_non_null(strstr(e.text, "nmae"));
	assert_ptr_equal(set, old);
	assert_string_equal(shown(a, set, 1), "<b>&lt;Ann&gt;</b>");
	render_free(&set);
	arena_free(&a);
}

static void refuses_what_is_missing_but_not_what_is_left_over(void **state)
{
	struct render *set = NULL;
	struct err e;
	put(*state, "more/stray", "nobody's");
	assert_ok(render_load(*state, table, ARRAY_LEN(table), &set, &e));
	render_free(&set);
	drop(*state, "more/stray.html");
	drop(*state, "part.html");
	assert_fails(render_load(*state, table, ARRAY_LEN(table), &set, &e), ERR_CONFIG);
	assert_non_null(strstr(e.text, "part"));
	assert_fails(
		render_load("/nonexistent", table, ARRAY_LEN(table), &set, &e), ERR_CONFIG);
	assert_null(set);
}

#define FOLDER_TEST(f) cmocka_unit_test_setup_teardown((f), make_folder, drop_folder)

int main(void)
{
	const struct CMUnitTest tests[] = {
		FOLDER_TEST(compiles_a_folder),
		FOLDER_TEST(refuses_a_fault_and_keeps_the_old_set),
		FOLDER_TEST(refuses_what_is_missing_but_not_what_is_left_over),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
