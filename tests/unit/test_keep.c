#include "web/keep.h"
#include "test.h"

static struct html piece(struct arena *a, char filler, size_t n)
{
	char *text = arena_alloc(a, n + 1);
	memset(text, filler, n);
	return (struct html){text};
}

static void what_was_kept_comes_back_as_it_was(void **state)
{
	struct keep *k = keep_new(*state);
	char text[] = "<b>one</b>";
	keep_put(k, "1:7", (struct html){text});
	text[3] = 'X';
	assert_string_equal(keep_get(k, "1:7").markup, "<b>one</b>");
	keep_put(k, "1:7", (struct html){"<b>two</b>"});
	assert_string_equal(keep_get(k, "1:7").markup, "<b>two</b>");
	assert_int_equal(keep_used(k), strlen("1:7") + 1 + strlen("<b>two</b>") + 1);
}

static void only_the_whole_key_finds_it(void **state)
{
	struct keep *k = keep_new(*state);
	keep_put(k, "11:7", (struct html){"<b>one</b>"});
	assert_null(keep_get(k, "1:7").markup);
	assert_null(keep_get(k, "11:").markup);
	assert_null(keep_get(k, "11:77").markup);
	assert_null(keep_get(k, "").markup);
}

static void nothing_and_too_much_are_not_kept(void **state)
{
	struct keep *k = keep_new(*state);
	keep_put(k, "a", (struct html){"old"});
	keep_put(k, "a", (struct html){NULL});
	assert_null(keep_get(k, "a").markup);
	keep_put(k, "b", piece(*state, 'b', KEEP_PIECE_MAX));
	assert_null(keep_get(k, "b").markup);
	keep_put(k, piece(*state, 'k', KEEP_KEY_MAX).markup, (struct html){"x"});
	assert_int_equal(keep_used(k), 0);
}

static void the_least_used_goes_first(void **state)
{
	struct arena *a = *state;
	struct keep *k = keep_new(a);
	for (int i = 0; i < KEEP_ENTRIES; i++)
		keep_put(k, arena_printf(a, "%d", i), (struct html){"x"});
	assert_non_null(keep_get(k, "0").markup);
	keep_put(k, "one more", (struct html){"x"});
	assert_non_null(keep_get(k, "0").markup);
	assert_null(keep_get(k, "1").markup);
	assert_non_null(keep_get(k, "2").markup);
}

static void the_bytes_are_bounded(void **state)
{
	struct arena *a = *state;
	struct keep *k = keep_new(a);
	struct html big = piece(a, 'x', KEEP_PIECE_MAX - 1);
	for (int i = 0; i < 3 * KEEP_ENTRIES; i++) {
		keep_put(k, arena_printf(a, "%d", i), big);
		assert_true(keep_used(k) <= KEEP_BYTES);
		assert_non_null(keep_get(k, arena_printf(a, "%d", i)).markup);
	}
}

static void all_of_it_can_be_forgotten(void **state)
{
	struct keep *k = keep_new(*state);
	keep_put(k, "a", (struct html){"x"});
	keep_clear(k);
	assert_null(keep_get(k, "a").markup);
	assert_int_equal(keep_used(k), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_was_kept_comes_back_as_it_was),
		TEST(only_the_whole_key_finds_it),
		TEST(nothing_and_too_much_are_not_kept),
		TEST(the_least_used_goes_first),
		TEST(the_bytes_are_bounded),
		TEST(all_of_it_can_be_forgotten),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
