/* Every event that the sources write has words for people. */
#include <dirent.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "core/event.h"
#include "test.h"

enum { FILE_MAX = 256 * 1024 };

static struct str source(struct arena *a, const char *path)
{
	FILE *f = fopen(path, "re");
	assert_non_null(f);
	char *text = arena_alloc(a, FILE_MAX);
	size_t n = fread(text, 1, FILE_MAX - 1, f);
	assert_int_equal(fclose(f), 0);
	return (struct str){text, n};
}

/* "login.mfa": lower case, one dot at least, in quotes; file names and addresses are not. */
static bool is_event(const char *p, size_t n)
{
	static const char *const firsts[] = {"client.", "clients.", "connect.", "connection.",
		"disconnect.", "login.", "mfa.", "password.", "practice.", "profile.",
		"review.", "session.", "settings.", "sync.", "user.", "undo.", "passkey.",
		"audit.", "fix.", "privacy.", "match."};
	for (size_t i = 0; i < n; i++)
		if (strchr("abcdefghijklmnopqrstuvwxyz_.", p[i]) == NULL)
			return false;
	for (size_t i = 0; i < ARRAY_LEN(firsts); i++)
		if (n > strlen(firsts[i]) && strncmp(p, firsts[i], strlen(firsts[i])) == 0)
			return true;
	return false;
}

static size_t look_at(struct arena *a, const char *path)
{
	struct str text = source(a, path);
	size_t met = 0;
	/* A line of the log has an event too, but no words. */
	for (const char *p = text.p; (p = strstr(p, "audit")) != NULL; p++) {
		const char *end = strchr(p, ';');
		for (const char *q = p;
			end != NULL && (q = strchr(q, '"')) != NULL && q < end;) {
			const char *close = strchr(q + 1, '"');
			if (close == NULL)
				break;
			size_t n = (size_t)(close - q - 1);
			if (is_event(q + 1, n)) {
				met++;
				const char *event = arena_strndup(a, q + 1, n);
				if (!event_is_known(event))
					fail_msg("%s: %s has no words in core/event.c", path,
						event);
			}
			q = close + 1;
		}
	}
	return met;
}

static void every_event_has_words(void **state)
{
	static const char *const floors[] = {"app/pages", "app/worker"};
	size_t met = 0;
	for (size_t i = 0; i < ARRAY_LEN(floors); i++) {
		DIR *d = opendir(floors[i]);
		assert_non_null(d);
		for (struct dirent *f; (f = readdir(d)) != NULL;)
			if (strstr(f->d_name, ".c") != NULL)
				met += look_at(*state,
					arena_printf(*state, "%s/%s", floors[i], f->d_name));
		assert_int_equal(closedir(d), 0);
	}
	assert_true(met > 30);
}

static void an_event_without_words_stands_for_itself(void **state)
{
	(void)state;
	assert_string_equal(event_text("no.such"), "no.such");
	assert_false(event_is_known("no.such"));
	assert_string_equal(event_text("logout"), "Logged out");
}

static void every_event_is_in_a_group(void **state)
{
	(void)state;
	for (int g = EVENT_ALL; g < EVENT_GROUP__MAX; g++) {
		assert_non_null(event_group_names[g]);
		assert_true(event_group_text((enum event_group)g)[0] != '\0');
		assert_int_equal(event_group_patterns((enum event_group)g)[0] == '\0',
			g == EVENT_ALL || g == EVENT_TROUBLE);
	}
	assert_null(event_group_names[EVENT_GROUP__MAX]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(every_event_has_words),
		TEST(an_event_without_words_stands_for_itself),
		TEST(every_event_is_in_a_group),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
