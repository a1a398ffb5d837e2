#include "base/buf.h"
#include "test.h"

static struct buf small(struct arena *a, size_t max)
{
	struct buf b;
	buf_init(&b, a, max);
	return b;
}

static void it_begins_empty_and_terminated(void **state)
{
	struct buf b = small(*state, 0);
	assert_string_equal(b.data, "");
	assert_int_equal(b.len, 0);
	assert_false(b.over);
}

static void everything_is_appended(void **state)
{
	struct buf b = small(*state, 1000);
	buf_add(&b, "ab--", 2);
	buf_adds(&b, "cd");
	buf_adds(&b, NULL);
	buf_addstr(&b, STR("ef"));
	buf_addc(&b, 'g');
	buf_addi(&b, INT64_MIN);
	buf_printf(&b, "[%s|%d]", "h", 9);
	buf_add(&b, NULL, 0);
	assert_string_equal(b.data, "abcdefg-9223372036854775808[h|9]");
	assert_int_equal(b.len, strlen(b.data));
	assert_true(str_is(buf_str(&b), b.data));
}

static void nul_bytes_are_bytes(void **state)
{
	struct buf b = small(*state, 10);
	buf_add(&b, "a\0b", 3);
	buf_addc(&b, '\0');
	assert_int_equal(b.len, 4);
	assert_memory_equal(b.data, "a\0b\0", 5);
}

static void it_grows_by_any_step(void **state)
{
	for (size_t step = 1; step < 200; step += 13) {
		struct buf b = small(*state, 10000);
		char piece[200];
		memset(piece, 'x', sizeof piece);
		for (size_t n = step; n <= 5000; n += step) {
			buf_add(&b, piece, step);
			assert_int_equal(b.len, n);
			assert_int_equal(b.data[n], '\0');
		}
		assert_int_equal(strspn(b.data, "x"), b.len);
	}
}

static void the_ceiling_is_exact_and_sticks(void **state)
{
	struct buf b = small(*state, 5);
	buf_adds(&b, "12345");
	assert_false(b.over);
	buf_addc(&b, '6');
	assert_true(b.over);
	assert_string_equal(b.data, "12345");
	b = small(*state, 5);
	buf_adds(&b, "123456");
	assert_true(b.over);
	buf_adds(&b, "1");
	assert_string_equal(b.data, "");
	buf_printf(&b, "%d", 1);
	assert_string_equal(b.data, "");
}

static void printf_minds_the_ceiling(void **state)
{
	struct buf b = small(*state, 100);
	buf_printf(&b, "%0100d", 1);
	assert_false(b.over);
	assert_int_equal(b.len, 100);
	b = small(*state, 100);
	buf_printf(&b, "%0101d", 1);
	assert_true(b.over);
	assert_string_equal(b.data, "");
}

static void reset_keeps_room_and_forgets(void **state)
{
	struct buf b = small(*state, 200);
	buf_printf(&b, "%0150d", 1);
	buf_printf(&b, "%0150d", 1);
	const char *data = b.data;
	buf_reset(&b);
	assert_false(b.over);
	assert_string_equal(b.data, "");
	buf_printf(&b, "%0150d", 1);
	assert_ptr_equal(b.data, data);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(it_begins_empty_and_terminated),
		TEST(everything_is_appended),
		TEST(nul_bytes_are_bytes),
		TEST(it_grows_by_any_step),
		TEST(the_ceiling_is_exact_and_sticks),
		TEST(printf_minds_the_ceiling),
		TEST(reset_keeps_room_and_forgets),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
