/* The numbers in the names are those of the table in core/diff.h. */
#include "core/diff.h"
#include "test.h"

#include <string.h>

/* An id and a fingerprint that are all one byte. */
struct bytes {
	unsigned char b[16];
};

static struct bytes of(int byte)
{
	struct bytes x;
	memset(x.b, byte, sizeof x.b);
	return x;
}

static void store(struct diff *d, int id, int print, bool archived)
{
	struct err e;
	assert_ok(diff_store(d, of(id).b, of(print).b, archived, &e));
}

/* 10 and 30 live, 20 archived, each with its number plus one as fingerprint. */
static struct diff *three(struct arena *a)
{
	struct diff *d = diff_new(a, 3);
	store(d, 10, 11, false);
	store(d, 20, 21, true);
	store(d, 30, 31, false);
	return d;
}

static enum diff_verdict judge(struct diff *d, int id, int print)
{
	return diff_judge(d, of(id).b, of(print).b);
}

static void stored_clients_are_counted_and_the_live_apart(void **state)
{
	struct diff *d = three(*state);
	assert_int_equal(diff_count(d), 3);
	assert_int_equal(diff_live(d), 2);
}

static void verdict_1_new_below_between_and_above_the_stored(void **state)
{
	struct diff *d = three(*state);
	assert_int_equal(judge(d, 1, 1), DIFF_NEW);
	assert_int_equal(judge(d, 15, 1), DIFF_NEW);
	assert_int_equal(judge(d, 0xFF, 1), DIFF_NEW);
	assert_int_equal(judge(diff_new(*state, 0), 1, 1), DIFF_NEW);
}

static void verdict_2_maybe_new_when_it_comes_again(void **state)
{
	struct diff *d = three(*state);
	assert_int_equal(judge(d, 15, 1), DIFF_NEW);
	assert_int_equal(judge(d, 15, 1), DIFF_MAYBE_NEW);
	assert_int_equal(judge(d, 15, 2), DIFF_MAYBE_NEW);
}

static void verdict_3_same(void **state)
{
	struct diff *d = three(*state);
	assert_int_equal(judge(d, 10, 11), DIFF_SAME);
	assert_int_equal(judge(d, 20, 21), DIFF_SAME);
	assert_int_equal(judge(d, 30, 31), DIFF_SAME);
}

static void verdict_4_changed(void **state)
{
	struct diff *d = three(*state);
	assert_int_equal(judge(d, 10, 12), DIFF_CHANGED);
	assert_int_equal(judge(d, 20, 22), DIFF_CHANGED);
}

static void verdict_4_changed_when_no_fingerprint_is_known(void **state)
{
	struct diff *d = diff_new(*state, 1);
	struct err e;
	assert_ok(diff_store(d, of(10).b, NULL, false, &e));
	/* Not even nothing but zeros is taken for the missing one. */
	assert_int_equal(judge(d, 10, 0), DIFF_CHANGED);
	assert_int_equal(judge(d, 10, 0), DIFF_AGAIN_SAME);
}

static void verdict_5_again_same(void **state)
{
	struct diff *d = three(*state);
	assert_int_equal(judge(d, 10, 11), DIFF_SAME);
	assert_int_equal(judge(d, 10, 11), DIFF_AGAIN_SAME);
	assert_int_equal(judge(d, 30, 99), DIFF_CHANGED);
	assert_int_equal(judge(d, 30, 99), DIFF_AGAIN_SAME);
}

/* Also when the later one is as it was stored: the first one was staged. */
static void verdict_6_again_is_measured_by_the_document(void **state)
{
	struct diff *d = three(*state);
	assert_int_equal(judge(d, 10, 12), DIFF_CHANGED);
	assert_int_equal(judge(d, 10, 11), DIFF_AGAIN);
	assert_int_equal(judge(d, 10, 11), DIFF_AGAIN_SAME);
}

static void verdict_7_held(void **state)
{
	struct diff *d = diff_new(*state, 3);
	unsigned char id[DIFF_ID_BYTES];
	struct err e;
	size_t at = 0;
	assert_ok(diff_store(d, of(10).b, of(11).b, false, &e));
	diff_hold(d, false);
	assert_ok(diff_store(d, of(20).b, NULL, false, &e));
	diff_hold(d, true);
	assert_ok(diff_store(d, of(30).b, of(31).b, true, &e));
	diff_hold(d, false);
	assert_int_equal(diff_live(d), 1);
	/* One held as gone is not missing, nor there as a prospect; one held as a record is missing. */
	assert_true(diff_missing(diff_whole(d), &at, id));
	assert_memory_equal(id, of(10).b, sizeof id);
	assert_false(diff_missing(diff_whole(d), &at, id));
	assert_false(diff_present(d, of(20).b));
	assert_int_equal(diff_held(d, true), 2);
	assert_int_equal(judge(d, 10, 11), DIFF_HELD);
	assert_int_equal(diff_held(d, true), 3);
	assert_int_equal(judge(d, 10, 11), DIFF_AGAIN_SAME);
	/* Another record ends it. */
	assert_int_equal(judge(d, 10, 12), DIFF_AGAIN);
	assert_int_equal(judge(d, 20, 0), DIFF_AGAIN);
	assert_int_equal(judge(d, 30, 32), DIFF_CHANGED);
	assert_int_equal(diff_held(d, true), 0);
}

static void live_ones_not_met_are_missing(void **state)
{
	struct diff *d = three(*state);
	unsigned char id[DIFF_ID_BYTES];
	size_t at = 0;
	assert_true(diff_missing(diff_whole(d), &at, id));
	assert_memory_equal(id, of(10).b, sizeof id);
	assert_true(diff_missing(diff_whole(d), &at, id));
	assert_memory_equal(id, of(30).b, sizeof id);
	assert_false(diff_missing(diff_whole(d), &at, id));
	assert_false(diff_missing(diff_whole(d), &at, id));
}

static void what_was_met_is_not_missing(void **state)
{
	struct diff *d = three(*state);
	unsigned char id[DIFF_ID_BYTES];
	size_t at = 0;
	(void)judge(d, 10, 99);
	(void)judge(d, 15, 99);
	assert_true(diff_present(d, of(30).b));
	assert_false(diff_missing(diff_whole(d), &at, id));
}

static void present_is_true_for_the_stored_and_live_alone(void **state)
{
	struct diff *d = three(*state);
	assert_true(diff_present(d, of(10).b));
	assert_true(diff_present(d, of(10).b));
	assert_false(diff_present(d, of(20).b));
	assert_false(diff_present(d, of(15).b));
}

static void out_of_order_double_and_too_many_are_our_fault(void **state)
{
	struct diff *d = diff_new(*state, 2);
	struct err e;
	store(d, 10, 1, false);
	assert_fails(diff_store(d, of(10).b, NULL, false, &e), ERR_INTERNAL);
	assert_fails(diff_store(d, of(9).b, NULL, false, &e), ERR_INTERNAL);
	store(d, 11, 1, false);
	assert_fails(diff_store(d, of(12).b, NULL, false, &e), ERR_INTERNAL);
	assert_int_equal(diff_count(d), 2);
	assert_int_equal(diff_live(d), 2);
}

static struct bytes numbered(uint32_t n)
{
	struct bytes x = of(0);
	for (int i = 0; i < 4; i++)
		x.b[12 + i] = (unsigned char)(n >> (24 - 8 * i));
	return x;
}

/* Ids that follow each other are the hardest for the filter: it errs on none of these. */
static void a_hundred_thousand_new_ones_are_told_apart(void **state)
{
	struct diff *d = diff_new(*state, 0);
	const uint32_t n = 100000;
	for (uint32_t i = 0; i < n; i++)
		assert_int_equal(diff_judge(d, numbered(i).b, of(1).b), DIFF_NEW);
	for (uint32_t i = 0; i < n; i++)
		assert_int_equal(diff_judge(d, numbered(i).b, of(1).b), DIFF_MAYBE_NEW);
}

static void every_one_of_many_stored_is_found(void **state)
{
	const uint32_t n = 1001;
	struct diff *d = diff_new(*state, n);
	struct err e;
	for (uint32_t i = 0; i < n; i++)
		assert_ok(diff_store(d, numbered(2 * i).b, of(7).b, false, &e));
	for (uint32_t i = 0; i < n; i++) {
		assert_int_equal(diff_judge(d, numbered(2 * i).b, of(7).b), DIFF_SAME);
		assert_int_equal(diff_judge(d, numbered(2 * i + 1).b, of(7).b), DIFF_NEW);
	}
}

static void an_id_is_the_bytes_of_its_uuid_and_back(void **state)
{
	static const char text[] = "00112233-4455-6677-8899-aabbccddeeff";
	unsigned char id[DIFF_ID_BYTES];
	char again[37];
	(void)state;
	assert_true(diff_id(text, id));
	for (size_t i = 0; i < sizeof id; i++)
		assert_int_equal(id[i], 0x11 * i);
	diff_uuid(id, again);
	assert_string_equal(again, text);
}

static void other_texts_are_no_id(void **state)
{
	static const char *const bad[] = {"", "-", "00112233-4455-6677-8899-aabbccddeef",
		"00112233-4455-6677-8899-aabbccddeeff0", "00112233-4455-6677-8899-aabbccddeefg",
		"00112233-4455-6677-8899-AABBCCDDEEFF", " 00112233-4455-6677-8899-aabbccddeef"};
	unsigned char id[DIFF_ID_BYTES];
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_false(diff_id(bad[i], id));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(stored_clients_are_counted_and_the_live_apart),
		TEST(verdict_1_new_below_between_and_above_the_stored),
		TEST(verdict_2_maybe_new_when_it_comes_again),
		TEST(verdict_3_same),
		TEST(verdict_4_changed),
		TEST(verdict_4_changed_when_no_fingerprint_is_known),
		TEST(verdict_5_again_same),
		TEST(verdict_6_again_is_measured_by_the_document),
		TEST(verdict_7_held),
		TEST(live_ones_not_met_are_missing),
		TEST(what_was_met_is_not_missing),
		TEST(present_is_true_for_the_stored_and_live_alone),
		TEST(out_of_order_double_and_too_many_are_our_fault),
		TEST(a_hundred_thousand_new_ones_are_told_apart),
		TEST(every_one_of_many_stored_is_found),
		TEST(an_id_is_the_bytes_of_its_uuid_and_back),
		TEST(other_texts_are_no_id),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
