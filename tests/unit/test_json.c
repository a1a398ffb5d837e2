/* Small documents: what cJSON would let pass is refused, look-ups are safe, what we write parses. */
#include "codec/json.h"
#include "test.h"

static const struct json *parsed(struct arena *a, const char *text)
{
	const struct json *root = NULL;
	struct err e;
	if (!json_parse(a, str_of(text), &root, &e))
		fail_msg("%s: %s", text, e.text);
	return root;
}

static void refuses(struct arena *a, struct str text)
{
	const struct json *root = NULL;
	struct err e = {0};
	if (json_parse(a, text, &root, &e))
		fail_msg("taken: %.60s", text.p);
	assert_int_equal(e.kind, ERR_MALFORMED);
	assert_null(root);
}

static void reads_every_type(void **state)
{
	const struct json *j = parsed(*state,
		" {\"t\":\"caf\\u00e9 \\ud83d\\ude00\",\"e\":\"\",\"n\":-12,\"y\":true,\"f\":false,"
		"\"z\":null,\"a\":[10,[],{\"x\":\"deep\"}],\"o\":{}} ");
	int64_t n;
	bool b;
	assert_true(json_is_object(j));
	assert_string_equal(json_text(json_get(j, "t")), "caf\xC3\xA9 \xF0\x9F\x98\x80");
	assert_string_equal(json_text(json_get(j, "e")), "");
	assert_true(json_int(json_get(j, "n"), &n));
	assert_int_equal(n, -12);
	assert_true(json_bool(json_get(j, "y"), &b));
	assert_true(b);
	assert_true(json_bool(json_get(j, "f"), &b));
	assert_false(b);
	assert_true(json_is_null(json_get(j, "z")));
	assert_true(json_is_array(json_get(j, "a")));
	assert_int_equal(json_len(json_get(j, "a")), 3);
	assert_true(json_int(json_at(json_get(j, "a"), 0), &n));
	assert_int_equal(n, 10);
	assert_int_equal(json_len(json_at(json_get(j, "a"), 1)), 0);
	assert_string_equal(json_text(json_get(json_at(json_get(j, "a"), 2), "x")), "deep");
	assert_true(json_is_object(json_get(j, "o")));
}

static void what_is_missing_is_null(void **state)
{
	const struct json *j = parsed(*state, "{\"s\":\"7\",\"n\":7,\"a\":[1]}");
	int64_t n = 55;
	bool b;
	assert_null(json_get(NULL, "s"));
	assert_null(json_at(NULL, 0));
	assert_int_equal(json_len(NULL), 0);
	assert_null(json_text(NULL));
	assert_false(json_int(NULL, &n));
	assert_false(json_bool(NULL, &b));
	assert_false(json_is_null(NULL));
	assert_false(json_is_array(NULL));
	assert_false(json_is_object(NULL));
	assert_null(json_get(j, "S")); /* cJSON's own look-up folds case */
	assert_null(json_get(j, "x"));
	assert_null(json_get(json_get(j, "a"), "s"));
	assert_null(json_at(j, 0));
	assert_null(json_at(json_get(j, "a"), 1));
	assert_int_equal(json_len(j), 0);
	assert_null(json_text(json_get(j, "n")));
	assert_false(json_int(json_get(j, "s"), &n));
	assert_false(json_bool(json_get(j, "n"), &b));
	assert_false(json_is_null(json_get(j, "n")));
	assert_int_equal(n, 55);
}

static void refuses_what_cjson_takes(void **state)
{
	static const char *const bad[] = {"{} x", "{}{}", "[1]]", "1 2", "\xEF\xBB\xBF{}",
		"[\"\xFF\"]", "[\"\xC0\xAF\"]", "[\"\xED\xA0\x80\"]", "[1e999]", "[-1e999]",
		"{\"a\":1,\"a\":2}", "{\"a\":1,\"\\u0061\":2}",
		"[{\"b\":{\"x\":1,\"y\":2,\"x\":1}}]", "[\"a\\u0000b\"]", "{\"\\u0000\":1}",
		"[01]", "[1.]", "[\"a\nb\"]", "[\"\\ud800\"]", "[\x01]", "", " ", "nope",
		"[1000000000000000000000000000000000000000000000000000000000000000]"};
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		refuses(*state, str_of(bad[i]));
	refuses(*state, (struct str){"{}\0", 3});
	refuses(*state, (struct str){"{}\0x", 4});
	refuses(*state, (struct str){NULL, 0});
	(void)parsed(*state, "{\"a\":1,\"A\":2}");
	(void)parsed(
		*state, "[100000000000000000000000000000000000000000000000000000000000000]");
}

static void integers_are_exact(void **state)
{
	static const struct {
		const char *text;
		int64_t n;
	} good[] = {{"0", 0}, {"-0", 0}, {"7", 7}, {"1.0", 1}, {"1e3", 1000},
		{"2147483648", INT64_C(2147483648)},
		{"9007199254740991", INT64_C(9007199254740991)},
		{"-9007199254740991", INT64_C(-9007199254740991)}};
	static const char *const bad[] = {"0.5", "-1.25", "9007199254740992",
		"9007199254740993", "-9007199254740992", "-9007199254740993",
		"9223372036854775807", "1e300", "1e-5", "true", "\"7\"", "null"};
	int64_t n;
	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		assert_true(json_int(parsed(*state, good[i].text), &n));
		assert_int_equal(n, good[i].n);
	}
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		if (json_int(parsed(*state, bad[i]), &n))
			fail_msg("an integer: %s", bad[i]);
}

static struct str nested(struct arena *a, size_t depth)
{
	char *text = arena_alloc(a, 2 * depth + 1);
	memset(text, '[', depth);
	memset(text + depth, ']', depth);
	return (struct str){text, 2 * depth};
}

/* n bytes: one long string. */
static struct str long_text(struct arena *a, size_t n)
{
	char *text = arena_alloc(a, n);
	memset(text, 'x', n);
	text[0] = text[n - 1] = '"';
	return (struct str){text, n};
}

/* "[0,0,0]" with n values inside. */
static struct str many_values(struct arena *a, size_t n)
{
	char *text = arena_alloc(a, 2 * n + 1);
	for (size_t i = 0; i < n; i++)
		memcpy(text + 2 * i, ",0", 2);
	text[0] = '[';
	text[2 * n] = ']';
	return (struct str){text, 2 * n + 1};
}

static void limits_hold_exactly(void **state)
{
	const struct json *root;
	struct err e;
	assert_ok(json_parse(*state, nested(*state, JSON_DEPTH_MAX), &root, &e));
	assert_fails(json_parse(*state, nested(*state, JSON_DEPTH_MAX + 1), &root, &e),
		ERR_MALFORMED);
	assert_fails(json_parse(*state, nested(*state, 200000), &root, &e), ERR_MALFORMED);
	assert_ok(json_parse(*state, long_text(*state, JSON_BYTES_MAX), &root, &e));
	assert_int_equal(strlen(json_text(root)), JSON_BYTES_MAX - 2);
	assert_fails(json_parse(*state, long_text(*state, JSON_BYTES_MAX + 1), &root, &e),
		ERR_MALFORMED);
	assert_ok(json_parse(*state, many_values(*state, JSON_VALUES_MAX - 1), &root, &e));
	assert_int_equal(json_len(root), JSON_VALUES_MAX - 1);
	assert_fails(json_parse(*state, many_values(*state, JSON_VALUES_MAX), &root, &e),
		ERR_MALFORMED);
}

static void many_keys_are_quick(void **state)
{
	struct buf b;
	buf_init(&b, *state, JSON_BYTES_MAX);
	buf_addc(&b, '{');
	for (int i = 0; i < 60000; i++)
		buf_printf(&b, "\"k%d\":0,", i);
	buf_adds(&b, "\"last\":1}");
	const struct json *j = parsed(*state, b.data);
	assert_non_null(json_get(j, "last"));
	assert_non_null(json_get(j, "k59999"));
}

static const char *written(struct arena *a, const char *s)
{
	struct buf b;
	buf_init(&b, a, 4096);
	json_add_string(&b, s);
	return b.data;
}

static void writes_strings_safe_in_a_page(void **state)
{
	assert_string_equal(written(*state, NULL), "null");
	assert_string_equal(written(*state, ""), "\"\"");
	assert_string_equal(written(*state, "a\"b\\c"), "\"a\\\"b\\\\c\"");
	assert_string_equal(
		written(*state, "</script><!--"), "\"\\u003c/script\\u003e\\u003c!--\"");
	assert_string_equal(
		written(*state, "'&\x7F\x01\n"), "\"\\u0027\\u0026\\u007f\\u0001\\u000a\"");
	assert_string_equal(written(*state, "\xE2\x80\xA8\xE2\x80\xA9\xE2\x80\xAA"),
		"\"\\u2028\\u2029\xE2\x80\xAA\"");
	assert_string_equal(written(*state, "\xFFok\xC3"), "\"\\ufffdok\\ufffd\"");
	assert_string_equal(written(*state, "\xF0\x9F\x98\x80"), "\"\xF0\x9F\x98\x80\"");
}

static void every_byte_written_is_read_back(void **state)
{
	char all[256];
	for (int i = 1; i < 128; i++)
		all[i - 1] = (char)i;
	all[127] = '\0';
	assert_string_equal(json_text(parsed(*state, written(*state, all))), all);
}

static void writes_objects(void **state)
{
	assert_string_equal(json_object(*state, (char *)NULL), "{}");
	assert_string_equal(
		json_object(*state, "a", "1", "b", (char *)NULL, "c", "x\"y", (char *)NULL),
		"{\"a\":\"1\",\"b\":null,\"c\":\"x\\\"y\"}");
	char hostile[1001];
	memset(hostile, 1, sizeof hostile - 1);
	hostile[1000] = '\0';
	const struct json *j = parsed(
		*state, json_object(*state, hostile, hostile, "b", hostile, (char *)NULL));
	assert_string_equal(json_text(json_get(j, hostile)), hostile);
	assert_string_equal(json_text(json_get(j, "b")), hostile);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(reads_every_type),
		TEST(what_is_missing_is_null),
		TEST(refuses_what_cjson_takes),
		TEST(integers_are_exact),
		TEST(limits_hold_exactly),
		TEST(many_keys_are_quick),
		TEST(writes_strings_safe_in_a_page),
		TEST(every_byte_written_is_read_back),
		TEST(writes_objects),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
