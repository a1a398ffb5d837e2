#include "io/file.h"

#include "test.h"

#include <fcntl.h>
#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/gap-test-file.XXXXXX";

static int make_folder(void **state)
{
	(void)state;
	return mkdtemp(folder) == NULL ? -1 : 0;
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	(void)st;
	(void)kind;
	(void)ftw;
	return remove(path);
}

static int remove_folder(void **state)
{
	(void)state;
	return nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static const char *in(struct arena *a, const char *name)
{
	return arena_printf(a, "%s/%s", folder, name);
}

static void put(struct arena *a, const char *name, const char *text)
{
	struct err e;
	assert_ok(file_write(in(a, name), str_of(text), 0600, &e));
}

static void what_is_written_is_read(void **state)
{
	struct err e;
	struct str text;
	static const char bytes[] = {0, 'a', '\n', (char)0xFF, 0};
	const char *path = in(*state, "bytes");
	assert_ok(file_write(path, (struct str){bytes, sizeof bytes}, 0640, &e));
	assert_ok(file_read(*state, path, 100, &text, &e));
	assert_int_equal(text.n, sizeof bytes);
	assert_memory_equal(text.p, bytes, sizeof bytes);
	assert_ok(file_read(*state, path, sizeof bytes, &text, &e));
	assert_fails(file_read(*state, path, sizeof bytes - 1, &text, &e), ERR_TOO_LARGE);
	assert_non_null(strstr(e.text, path));
	put(*state, "empty", "");
	assert_ok(file_read(*state, in(*state, "empty"), 0, &text, &e));
	assert_int_equal(text.n, 0);
	assert_string_equal(text.p, "");
}

static void what_is_no_file_is_an_error(void **state)
{
	struct err e;
	struct str text;
	const char *fifo = in(*state, "fifo");
	assert_fails(file_read(*state, in(*state, "none"), 100, &text, &e), ERR_NOT_FOUND);
	assert_non_null(strstr(e.text, "/none"));
	assert_fails(file_read(*state, folder, 100, &text, &e), ERR_CONFIG);
	assert_int_equal(mkfifo(fifo, 0600), 0);
	assert_fails(
		file_read(*state, fifo, 100, &text, &e), ERR_CONFIG); /* and does not wait */
	assert_int_equal(unlink(fifo), 0);
	put(*state, "plain", "x");
	assert_fails(file_read(*state, in(*state, "plain/x"), 9, &text, &e), ERR_NOT_FOUND);
	assert_fails(file_read(*state, "/proc/self/mem", 100, &text, &e), ERR_CONFIG);
}

/* A file whose size says nothing (as in /proc) is refused rather than cut. */
static void a_file_that_grows_is_no_whole_file(void **state)
{
	struct err e;
	struct str text;
	assert_fails(file_read(*state, "/proc/self/status", 100000, &text, &e), ERR_CONFIG);
	assert_non_null(strstr(e.text, "grew"));
}

static void secrets_must_be_private(void **state)
{
	static const mode_t open_modes[] = {0640, 0604, 0620, 0602, 0644};
	struct err e;
	const struct secret *s;
	const char *path = in(*state, "secret");
	put(*state, "secret", "hunter2\n");
	/* Only root can make a file another's, and root's own files are trusted. */
	if (geteuid() == 0)
		assert_int_equal(chown(path, 65534, 65534), 0);
	assert_ok(file_read_secret(*state, path, 100, &s, &e));
	assert_true(str_is(secret_open(s), "hunter2\n"));
	assert_int_equal(chmod(path, 0400), 0);
	assert_ok(file_read_secret(*state, path, 100, &s, &e));
	for (size_t i = 0; i < ARRAY_LEN(open_modes); i++) {
		assert_int_equal(chmod(path, open_modes[i]), 0);
		assert_fails(file_read_secret(*state, path, 100, &s, &e), ERR_CONFIG);
		assert_non_null(strstr(e.text, path));
		assert_null(strstr(e.text, "hunter2"));
	}
	assert_fails(file_read_secret(*state, in(*state, "nowhere"), 9, &s, &e), ERR_NOT_FOUND);
}

static void roots_own_secrets_are_trusted(void **state)
{
	struct err e;
	const struct secret *s;
	/* Every Debian has this one: root's, 0644. */
	assert_ok(file_read_secret(*state, "/etc/passwd", 1024 * 1024, &s, &e));
	assert_true(secret_open(s).n > 0);
}

static void writing_replaces_at_once(void **state)
{
	struct err e;
	struct str text;
	struct stat st;
	const char *path = in(*state, "replaced");
	assert_ok(file_write(path, STR("first"), 0600, &e));
	int held = open(path, O_RDONLY);
	assert_true(held >= 0);
	assert_ok(file_write(path, STR("2"), 0644, &e));
	char kept[8] = "";
	assert_int_equal(
		read(held, kept, sizeof kept), 5); /* who read the old one still does */
	assert_string_equal(kept, "first");
	(void)close(held);
	assert_ok(file_read(*state, path, 100, &text, &e));
	assert_string_equal(text.p, "2");
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0644);
}

static void a_failed_write_leaves_nothing(void **state)
{
	struct err e;
	const char *const *names;
	size_t n;
	assert_fails(file_write("/nonexistent/x", STR("x"), 0600, &e), ERR_CONFIG);
	assert_int_equal(mkdir(in(*state, "target"), 0700), 0);
	assert_int_equal(mkdir(in(*state, "target/full"), 0700), 0);
	assert_fails(file_write(in(*state, "target/full"), STR("x"), 0600, &e), ERR_CONFIG);
	assert_ok(file_list(*state, in(*state, "target"), "", &names, &n, &e));
	assert_int_equal(n, 0);
	char longest[5000];
	memset(longest, 'x', sizeof longest - 1);
	longest[sizeof longest - 1] = '\0';
	assert_fails(file_write(longest, STR("x"), 0600, &e), ERR_CONFIG);
}

static void folders_are_listed_in_order(void **state)
{
	static const char *const made[] = {"l/b.sql", "l/a.sql", "l/B.sql", "l/a.txt",
		"l/.c.sql", "l/sub/d.sql", "l/sub/deep/e.sql", "l/10.sql", "l/9.sql"};
	static const char *const listed[] = {"10.sql", "9.sql", "B.sql", "a.sql", "b.sql"};
	static const char *const tree[] = {
		"10.sql", "9.sql", "B.sql", "a.sql", "b.sql", "sub/d.sql", "sub/deep/e.sql"};
	struct err e;
	const char *const *names;
	size_t n;
	assert_int_equal(mkdir(in(*state, "l"), 0700), 0);
	assert_int_equal(mkdir(in(*state, "l/sub"), 0700), 0);
	assert_int_equal(mkdir(in(*state, "l/sub/deep"), 0700), 0);
	for (size_t i = 0; i < ARRAY_LEN(made); i++)
		put(*state, made[i], "x");
	assert_ok(file_list(*state, in(*state, "l"), ".sql", &names, &n, &e));
	assert_int_equal(n, ARRAY_LEN(listed));
	for (size_t i = 0; i < n; i++)
		assert_string_equal(names[i], listed[i]);
	assert_ok(file_tree(*state, in(*state, "l"), ".sql", &names, &n, &e));
	assert_int_equal(n, ARRAY_LEN(tree));
	for (size_t i = 0; i < n; i++)
		assert_string_equal(names[i], tree[i]);
	assert_ok(file_tree(*state, in(*state, "l"), ".none", &names, &n, &e));
	assert_int_equal(n, 0);
	assert_fails(file_list(*state, in(*state, "m"), "", &names, &n, &e), ERR_NOT_FOUND);
}

static void a_tree_that_bites_its_tail_ends(void **state)
{
	struct err e;
	const char *const *names;
	size_t n;
	assert_int_equal(mkdir(in(*state, "loop"), 0700), 0);
	assert_int_equal(symlink(".", in(*state, "loop/again")), 0);
	put(*state, "loop/one", "x");
	assert_ok(file_tree(*state, in(*state, "loop"), "", &names, &n, &e));
	assert_in_range(n, 1, 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_is_written_is_read),
		TEST(what_is_no_file_is_an_error),
		TEST(a_file_that_grows_is_no_whole_file),
		TEST(secrets_must_be_private),
		TEST(roots_own_secrets_are_trusted),
		TEST(writing_replaces_at_once),
		TEST(a_failed_write_leaves_nothing),
		TEST(folders_are_listed_in_order),
		TEST(a_tree_that_bites_its_tail_ends),
	};
	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
