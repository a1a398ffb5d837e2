#include "base/log.h"
#include "test.h"

#include "base/str.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

/* What is written to stderr between begin and end, by way of a nameless file. */
static struct {
	int real, file;
} capture;

static void capture_begin(void)
{
	FILE *f = tmpfile();
	assert_non_null(f);
	capture.real = dup(STDERR_FILENO);
	capture.file = dup(fileno(f));
	assert_true(capture.real >= 0 && capture.file >= 0);
	(void)fclose(f);
	assert_true(dup2(capture.file, STDERR_FILENO) >= 0);
}

static char *capture_end(struct arena *a)
{
	char *text = arena_alloc(a, 64 * 1024);
	assert_true(dup2(capture.real, STDERR_FILENO) >= 0);
	ssize_t n = pread(capture.file, text, 64 * 1024 - 1, 0);
	assert_true(n >= 0);
	(void)close(capture.real);
	(void)close(capture.file);
	return text;
}

/* From the event on: the time before it differs in every run. */
static const char *from_level(const char *line)
{
	const char *level = strstr(line, ",\"level\"");
	assert_non_null(level);
	return level;
}

static void a_line_is_one_object(void **state)
{
	capture_begin();
	log_info("sync.done", log_int("clients", -412), log_text("practice", "A \"B\""),
		log_text("none", NULL));
	const char *line = capture_end(*state);
	assert_memory_equal(line, "{\"at\":\"20", 9);
	assert_int_equal(strspn(line + 7, "0123456789-:.TZ"), 24);
	assert_int_equal(line[7 + 23], 'Z');
	assert_string_equal(from_level(line),
		",\"level\":\"info\",\"event\":\"sync.done\",\"clients\":-412,"
		"\"practice\":\"A \\\"B\\\"\",\"none\":\"\"}\n");
}

static void no_value_forges_a_line(void **state)
{
	capture_begin();
	log_warn("x", log_text("v", "a\n{\"event\":\"forged\"}\r\t\x1B[31m\x7F\\"));
	const char *line = capture_end(*state);
	assert_string_equal(from_level(line),
		",\"level\":\"warn\",\"event\":\"x\",\"v\":\"a\\u000a{\\\"event\\\":"
		"\\\"forged\\\"}\\u000d\\u0009\\u001b[31m\\u007f\\\\\"}\n");
}

static void bad_utf8_becomes_question_marks(void **state)
{
	capture_begin();
	log_info("x", log_text("good", "\xC3\xA9"), log_text("bad", "a\xC3(\xFF"));
	assert_non_null(
		strstr(capture_end(*state), "\"good\":\"\xC3\xA9\",\"bad\":\"a?(?\"}\n"));
}

/* Quotes outside escapes come in pairs, one object, one line feed at the very end. */
static void assert_whole(const char *line)
{
	bool inside = false;
	assert_true(strlen(line) <= 4096);
	assert_ptr_equal(strchr(line, '\n'), line + strlen(line) - 1);
	assert_int_equal(line[strlen(line) - 2], '}');
	for (const char *p = line; *p != '\0'; p++) {
		if (inside && *p == '\\')
			p++;
		else if (*p == '"')
			inside = !inside;
	}
	assert_false(inside);
	assert_true(str_utf8_valid(str_of(line)));
}

static void long_lines_are_cut_whole(void **state)
{
	static const char *const fillers[] = {
		"x", "\n", "\"", "\xC3\xA9", "\xE2\x82\xAC", "\xFF"};
	for (size_t k = 0; k < ARRAY_LEN(fillers); k++)
		for (size_t shift = 0; shift < 12; shift++) {
			char *text = arena_alloc(*state, 32 * 1024);
			memset(text, 'a', shift);
			for (size_t i = 0; i < 5000; i++)
				memcpy(text + shift + i * strlen(fillers[k]), fillers[k],
					strlen(fillers[k]));
			capture_begin();
			log_info("x", log_text("a", text), log_text("b", text),
				log_text("c", text), log_text("d", text),
				log_int("e", INT64_MIN), log_text("f", text));
			assert_whole(capture_end(*state));
		}
}

/* Every length of the first field, so that the second meets every amount of room left. */
static void a_field_without_room_is_left_out(void **state)
{
	char text[4096] = {0};
	memset(text, 'x', 3900);
	for (size_t n = 3900; n < 4090; n++) {
		text[n] = 'x';
		capture_begin();
		log_info("x", log_text("a", text), log_int("number", INT64_MIN),
			log_text("text", "value"), log_text("z", ""));
		assert_whole(capture_end(*state));
	}
}

static void levels_below_the_least_are_silent(void **state)
{
	capture_begin();
	log_debug("hidden");
	log_set_level(LOG_ERROR);
	log_warn("hidden");
	log_error("shown");
	log_set_level(LOG_DEBUG);
	log_debug("shown.too");
	log_set_level(LOG_INFO);
	const char *text = capture_end(*state);
	assert_null(strstr(text, "hidden"));
	assert_non_null(strstr(text, "\"level\":\"error\",\"event\":\"shown\"}"));
	assert_non_null(strstr(text, "\"level\":\"debug\",\"event\":\"shown.too\"}"));
}

static void level_names_are_read(void **state)
{
	(void)state;
	enum log_level level = LOG_INFO;
	assert_true(log_level_parse("debug", &level));
	assert_int_equal(level, LOG_DEBUG);
	assert_true(log_level_parse("error", &level));
	assert_int_equal(level, LOG_ERROR);
	assert_false(log_level_parse("Error", &level));
	assert_false(log_level_parse("", &level));
	assert_int_equal(level, LOG_ERROR);
}

static void context_stands_on_every_line(void **state)
{
	capture_begin();
	log_context("program", "gap-web");
	log_context("request", "r1");
	log_info("one");
	log_context("request", "r2");
	log_info("two", log_int("n", 1));
	log_context("request", NULL);
	log_context("program", NULL);
	log_context("program", NULL);
	log_info("three");
	const char *text = capture_end(*state);
	const char *two = strstr(text, "\"event\":\"two\"");
	assert_non_null(strstr(text, "\"event\":\"one\""));
	assert_non_null(strstr(text, "\"program\":\"gap-web\""));
	assert_non_null(strstr(text, "\"request\":\"r1\""));
	assert_non_null(two);
	assert_non_null(strstr(two, "\"request\":\"r2\""));
	assert_null(strstr(two, "r1"));
	assert_non_null(strstr(text, "\"event\":\"three\"}\n"));
}

static void errors_log_at_their_kinds_level(void **state)
{
	struct err e;
	capture_begin();
	(void)err_set(&e, ERR_UPSTREAM, "Xero answered 503");
	log_err("sync.failed", &e);
	const char *line = capture_end(*state);
	assert_non_null(strstr(line, "\"level\":\"warn\",\"event\":\"sync.failed\","
				     "\"kind\":\"upstream\",\"why\":\"Xero answered 503\""));
	assert_non_null(strstr(line, "test_log.c"));
}

/* Runs fn in a child, its stderr into *text_r; gives the child's wait status. */
static int in_child(struct arena *a, void (*fn)(void), char **text_r)
{
	int status = 0;
	capture_begin();
	pid_t pid = fork();
	if (pid == 0) {
		(void)signal(SIGABRT, SIG_DFL);
		fn();
		_exit(0);
	}
	pid_t done = waitpid(pid, &status, 0);
	*text_r = capture_end(a);
	assert_true(pid > 0 && done == pid);
	return status;
}

static void do_die(void)
{
	die("GAP_PORT is %s", "wrong");
}

static void do_bug(void)
{
	bug("never %d", 7);
}

static void do_bad_kind(void)
{
	(void)err_rule(ERR__MAX);
}

static void do_too_much_context(void)
{
	static const char *const names[] = {"a", "b", "c", "d", "e", "f", "g"};
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		log_context(names[i], "x");
}

static void die_says_why_and_exits_2(void **state)
{
	char *text;
	int status = in_child(*state, do_die, &text);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 2);
	assert_string_equal(text, "GAP_PORT is wrong\n");
}

static void bugs_log_and_abort(void **state)
{
	static void (*const bugs[])(void) = {do_bug, do_bad_kind, do_too_much_context};
	static const char *const words[] = {"never 7", "err_rule", "log_context"};
	for (size_t i = 0; i < ARRAY_LEN(bugs); i++) {
		char *text;
		int status = in_child(*state, bugs[i], &text);
		assert_true(WIFSIGNALED(status));
		assert_int_equal(WTERMSIG(status), SIGABRT);
		assert_non_null(strstr(text, "\"event\":\"bug\""));
		assert_non_null(strstr(text, words[i]));
	}
}

/* Every write fails, as on a full disk: whoever logs goes on. */
static void fault_7_a_log_without_room_stops_nobody(void **state)
{
	int status = 1;
	(void)state;
	(void)fflush(NULL);
	pid_t pid = fork();
	if (pid == 0) {
		FILE *full = fopen("/dev/full", "we");
		if (full == NULL || dup2(fileno(full), STDERR_FILENO) < 0)
			_exit(9);
		for (int i = 0; i < 1000; i++)
			log_error("no.room", log_int("nth", i));
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_line_is_one_object),
		TEST(no_value_forges_a_line),
		TEST(bad_utf8_becomes_question_marks),
		TEST(long_lines_are_cut_whole),
		TEST(a_field_without_room_is_left_out),
		TEST(levels_below_the_least_are_silent),
		TEST(level_names_are_read),
		TEST(context_stands_on_every_line),
		TEST(errors_log_at_their_kinds_level),
		TEST(die_says_why_and_exits_2),
		TEST(bugs_log_and_abort),
		TEST(fault_7_a_log_without_room_stops_nobody),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
