#include "base/arena.h"
#include "test.h"

static void memory_is_zeroed_and_aligned(void **state)
{
	static const size_t sizes[] = {0, 1, 7, 16, 17, 1000, 16 * 1024, 16 * 1024 + 1, 100000};
	for (size_t k = 0; k < ARRAY_LEN(sizes); k++) {
		unsigned char *p = arena_alloc(*state, sizes[k]);
		assert_int_equal((uintptr_t)p % _Alignof(max_align_t), 0);
		for (size_t i = 0; i < sizes[k]; i++)
			assert_int_equal(p[i], 0);
		memset(p, 0xFF, sizes[k]);
	}
}

static void pieces_do_not_overlap(void **state)
{
	unsigned char *pieces[500];
	for (size_t i = 0; i < ARRAY_LEN(pieces); i++) {
		pieces[i] = arena_alloc(*state, 100);
		memset(pieces[i], (int)(i & 0xFF), 100);
	}
	for (size_t i = 0; i < ARRAY_LEN(pieces); i++)
		for (size_t k = 0; k < 100; k++)
			assert_int_equal(pieces[i][k], i & 0xFF);
}

static void memory_is_zeroed_again_after_reset(void **state)
{
	unsigned char *p = arena_alloc(*state, 5000);
	memset(p, 0xAB, 5000);
	arena_reset(*state);
	unsigned char *again = arena_alloc(*state, 5000);
	assert_ptr_equal(p, again);
	for (size_t i = 0; i < 5000; i++)
		assert_int_equal(again[i], 0);
}

/*
 * A secret must not outlive its request: the block that is kept is wiped at once, not at
 * the next use.
 */
static void reset_wipes_the_block_it_keeps(void **state)
{
	unsigned char *p = arena_alloc(*state, 64);
	memset(p, 0xAB, 64);
	arena_reset(*state);
	for (size_t i = 0; i < 64; i++)
		assert_int_equal(p[i], 0);
}

static void used_counts_what_was_handed_out(void **state)
{
	assert_int_equal(arena_used(*state), 0);
	(void)arena_alloc(*state, 1);
	assert_true(arena_used(*state) >= 1);
	(void)arena_alloc(*state, 1000 * 1000);
	assert_true(arena_used(*state) >= 1000 * 1000);
	arena_reset(*state);
	assert_int_equal(arena_used(*state), 0);
}

static void copies_are_copies(void **state)
{
	char text[] = "text";
	char *whole = arena_strdup(*state, text);
	char *part = arena_strndup(*state, text, 2);
	char *bytes = arena_copy(*state, text, 3);
	text[0] = 'n';
	assert_string_equal(whole, "text");
	assert_string_equal(part, "te");
	assert_memory_equal(bytes, "tex", 3);
	assert_null(arena_strdup(*state, NULL));
	assert_string_equal(arena_strndup(*state, NULL, 0), "");
	assert_non_null(arena_copy(*state, NULL, 0));
}

static void printf_takes_any_length(void **state)
{
	char *longer = arena_printf(*state, "%020000d", 7);
	assert_string_equal(arena_printf(*state, "%s-%d", "a", 5), "a-5");
	assert_string_equal(arena_printf(*state, "%s", ""), "");
	assert_int_equal(strlen(longer), 20000);
	assert_string_equal(longer + 19998, "07");
}

static void grow_keeps_what_was_there(void **state)
{
	int *items = NULL;
	size_t cap = 0;
	for (int i = 0; i < 1000; i++) {
		items = arena_grow(*state, items, (size_t)i, &cap, sizeof *items);
		assert_true(cap > (size_t)i);
		items[i] = i;
	}
	for (int i = 0; i < 1000; i++)
		assert_int_equal(items[i], i);
	assert_ptr_equal(arena_grow(*state, items, 999, &cap, sizeof *items), items);
}

static void the_newest_piece_grows_where_it_is(void **state)
{
	unsigned char *older = arena_alloc(*state, 100), *newest = arena_alloc(*state, 100);
	assert_false(arena_extend(*state, older, 100, 200));
	assert_true(arena_extend(*state, newest, 100, 5000));
	for (size_t i = 0; i < 5000; i++)
		assert_int_equal(newest[i], 0);
	memset(newest, 0xFF, 5000);
	unsigned char *behind = arena_alloc(*state, 16);
	assert_true(behind >= newest + 5000);
	assert_int_equal(behind[0], 0);
	assert_false(arena_extend(*state, newest, 5000, 6000));
	assert_false(arena_extend(*state, behind, 16, 16 * 1024));
	assert_false(arena_extend(*state, behind, 16, SIZE_MAX));
	assert_true(arena_used(*state) >= 5000 + 100 + 16);
}

/* Pieces that once lay in several blocks lie in one the next time. */
static void what_one_use_needed_is_kept_for_the_next(void **state)
{
	enum { PIECE = 10000, PIECES = 10 };
	for (int i = 0; i < PIECES; i++)
		memset(arena_alloc(*state, PIECE), 0xFF, PIECE);
	arena_reset(*state);
	unsigned char *first = arena_alloc(*state, PIECE);
	for (int i = 1; i < PIECES; i++)
		assert_ptr_equal(arena_alloc(*state, PIECE), first + (size_t)i * PIECE);
	for (size_t i = 0; i < (size_t)PIECE * PIECES; i++)
		assert_int_equal(first[i], 0);
}

static struct {
	char order[8];
	size_t n;
} closed;

static void close_one(void *arg)
{
	closed.order[closed.n++] = *(const char *)arg;
}

static void cleanups_run_newest_first_and_once(void **state)
{
	memset(&closed, 0, sizeof closed);
	arena_defer(*state, close_one, arena_strdup(*state, "a"));
	arena_defer(*state, close_one, arena_strdup(*state, "b"));
	arena_defer(*state, close_one, arena_strdup(*state, "c"));
	arena_reset(*state);
	assert_string_equal(closed.order, "cba");
	arena_reset(*state);
	assert_string_equal(closed.order, "cba");
}

static void free_runs_cleanups_and_leaves_null(void **state)
{
	(void)state;
	struct arena *a = arena_new();
	memset(&closed, 0, sizeof closed);
	arena_defer(a, close_one, arena_strdup(a, "x"));
	arena_free(&a);
	assert_null(a);
	assert_string_equal(closed.order, "x");
	arena_free(&a);
	assert_null(a);
}

static void defer_again(void *arg)
{
	arena_defer(arg, close_one, arena_strdup(arg, "y"));
}

static void a_cleanup_may_use_the_arena(void **state)
{
	memset(&closed, 0, sizeof closed);
	arena_defer(*state, defer_again, *state);
	arena_reset(*state);
	assert_string_equal(closed.order, "y");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(memory_is_zeroed_and_aligned),
		TEST(pieces_do_not_overlap),
		TEST(memory_is_zeroed_again_after_reset),
		TEST(reset_wipes_the_block_it_keeps),
		TEST(used_counts_what_was_handed_out),
		TEST(copies_are_copies),
		TEST(printf_takes_any_length),
		TEST(grow_keeps_what_was_there),
		TEST(the_newest_piece_grows_where_it_is),
		TEST(what_one_use_needed_is_kept_for_the_next),
		TEST(cleanups_run_newest_first_and_once),
		TEST(free_runs_cleanups_and_leaves_null),
		TEST(a_cleanup_may_use_the_arena),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
