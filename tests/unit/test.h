/*
 * What every unit test begins with: cmocka with the headers it wants before
 * it, and a fresh arena as *state of every test.
 */
#ifndef GAP_TEST_H
#define GAP_TEST_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "base/arena.h"

static inline int test_begin(void **state)
{
	*state = arena_new();
	return 0;
}

static inline int test_end(void **state)
{
	struct arena *a = *state;
	arena_free(&a);
	return 0;
}

#define TEST(f) cmocka_unit_test_setup_teardown((f), test_begin, test_end)

/* A call that must fail, with this kind. Needs a `struct err e` in reach. */
#define assert_fails(call, want)                  \
	do {                                      \
		e = (struct err){0};              \
		assert_false(call);               \
		assert_int_equal(e.kind, (want)); \
	} while (0)

/* A call that must succeed; shows the error when it does not. */
#define assert_ok(call)                         \
	do {                                    \
		e = (struct err){0};            \
		if (!(call))                    \
			fail_msg("%s", e.text); \
	} while (0)

#endif
