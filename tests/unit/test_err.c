#include "base/err.h"
#include "base/log.h"
#include "test.h"

static bool refuse(struct err *e, int n)
{
	return err_set(e, ERR_INVALID, "Choose at most %d.", n);
}

static void set_fills_all_and_is_false(void **state)
{
	(void)state;
	struct err e = {.kind = ERR_INTERNAL, .retry_after_s = 99, .text = "old"};
	assert_false(refuse(&e, 10));
	assert_int_equal(e.kind, ERR_INVALID);
	assert_int_equal(e.retry_after_s, 0);
	assert_string_equal(e.text, "Choose at most 10.");
	assert_non_null(strstr(e.file, "test_err.c"));
	assert_true(e.line > 0);
}

static void set_after_says_how_long(void **state)
{
	(void)state;
	struct err e;
	assert_false(err_set_after(&e, ERR_LIMITED, 300, "Wait."));
	assert_int_equal(e.kind, ERR_LIMITED);
	assert_int_equal(e.retry_after_s, 300);
	assert_string_equal(e.text, "Wait.");
}

static void long_sentences_are_cut(void **state)
{
	(void)state;
	struct err e;
	(void)err_set(&e, ERR_INTERNAL, "%0500d", 1);
	assert_int_equal(strlen(e.text), sizeof e.text - 1);
}

struct expected {
	enum err_kind kind;
	const char *name;
	int status;
	enum err_retry retry;
};

/* The statuses stand in the header too; this table is the third witness. */
static void every_kind_has_its_rule(void **state)
{
	(void)state;
	static const struct expected all[] = {
		{ERR_NONE, "none", 200, RETRY_NEVER},
		{ERR_INVALID, "invalid", 422, RETRY_NEVER},
		{ERR_MALFORMED, "malformed", 400, RETRY_NEVER},
		{ERR_DENIED, "denied", 403, RETRY_NEVER},
		{ERR_NOT_FOUND, "not_found", 404, RETRY_NEVER},
		{ERR_METHOD, "method", 405, RETRY_NEVER},
		{ERR_CONFLICT, "conflict", 409, RETRY_NEVER},
		{ERR_TOO_LARGE, "too_large", 413, RETRY_NEVER},
		{ERR_LIMITED, "limited", 429, RETRY_LATER},
		{ERR_UNAVAILABLE, "unavailable", 503, RETRY_LATER},
		{ERR_UPSTREAM, "upstream", 502, RETRY_LATER},
		{ERR_REFUSED, "refused", 502, RETRY_NEVER},
		{ERR_UNCERTAIN, "uncertain", 503, RETRY_LATER},
		{ERR_CONFIG, "config", 500, RETRY_NEVER},
		{ERR_INTERNAL, "internal", 500, RETRY_NEVER},
	};
	assert_int_equal(ARRAY_LEN(all), ERR__MAX);
	for (size_t i = 0; i < ARRAY_LEN(all); i++) {
		const struct err_rule *rule = err_rule(all[i].kind);
		assert_string_equal(rule->name, all[i].name);
		assert_int_equal(rule->http_status, all[i].status);
		assert_int_equal(rule->retry, all[i].retry);
	}
}

/* What the sender got wrong is no alarm of ours; what we or the operator did is. */
static void levels_follow_who_must_act(void **state)
{
	(void)state;
	assert_int_equal(err_rule(ERR_INVALID)->log_level, LOG_INFO);
	assert_int_equal(err_rule(ERR_NOT_FOUND)->log_level, LOG_INFO);
	assert_int_equal(err_rule(ERR_DENIED)->log_level, LOG_WARN);
	assert_int_equal(err_rule(ERR_CONFIG)->log_level, LOG_ERROR);
	assert_int_equal(err_rule(ERR_INTERNAL)->log_level, LOG_ERROR);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(set_fills_all_and_is_false),
		TEST(set_after_says_how_long),
		TEST(long_sentences_are_cut),
		TEST(every_kind_has_its_rule),
		TEST(levels_follow_who_must_act),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
