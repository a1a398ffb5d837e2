/* Every document is fed whole, byte by byte and cut in two at every place: always the same events. */
#include "base/buf.h"
#include "codec/json_stream.h"
#include "test.h"

enum { TRANSCRIPT_MAX = 64 * 1024, SPLIT_NONE = 0, SPLIT_BYTES = SIZE_MAX };

static const struct json_stream_limits roomy = {8, 64};

/* "{" "}" "[" "]", k:KEY, s:STRING, n:NUMBER, words as they are; a blank after each. */
static bool write_event(void *user, enum json_event event, struct str text, struct err *e)
{
	static const char *const names[] = {
		"{", "}", "[", "]", "k:", "s:", "n:", "true", "false", "null"};
	(void)e;
	buf_adds(user, names[event]);
	buf_addstr(user, text);
	buf_addc(user, ' ');
	return true;
}

static bool feed_split(struct json_stream *s, struct str doc, size_t split, struct err *e)
{
	if (split != SPLIT_BYTES)
		return json_stream_feed(s, doc.p, split, e) &&
		       json_stream_feed(s, doc.p + split, doc.n - split, e);
	for (size_t i = 0; i < doc.n; i++)
		if (!json_stream_feed(s, doc.p + i, 1, e))
			return false;
	return true;
}

/* The events, and behind them "!" and the error if there was one. */
static const char *transcript(
	struct arena *a, struct str doc, struct json_stream_limits limits, size_t split)
{
	struct err e;
	struct buf *out = arena_new_of(a, struct buf);
	buf_init(out, a, TRANSCRIPT_MAX);
	struct json_stream *s = json_stream_new(a, limits, write_event, out);
	if (!feed_split(s, doc, split, &e) || !json_stream_end(s, &e)) {
		assert_int_equal(e.kind, ERR_MALFORMED);
		buf_printf(out, "!%s", e.text);
	}
	return out->data;
}

static const char *in_every_split(
	struct arena *a, struct str doc, struct json_stream_limits limits)
{
	const char *whole = transcript(a, doc, limits, SPLIT_NONE);
	for (size_t i = 1; i < doc.n; i++)
		assert_string_equal(transcript(a, doc, limits, i), whole);
	assert_string_equal(transcript(a, doc, limits, SPLIT_BYTES), whole);
	return whole;
}

static void tells_events(void **state)
{
	static const char *const cases[][2] = {
		{"{}", "{ } "},
		{" [ ] ", "[ ] "},
		{"null", "null "},
		{"true\n", "true "},
		{"false", "false "},
		{"\"\"", "s: "},
		{"0", "n:0 "},
		{"-0", "n:-0 "},
		{"-12.50e+3 ", "n:-12.50e+3 "},
		{"1E5", "n:1E5 "},
		{"2e-7", "n:2e-7 "},
		{"9007199254740993", "n:9007199254740993 "},
		{"[1,2 , 3]", "[ n:1 n:2 n:3 ] "},
		{"{\"a\":1,\"b\" : [true,null],\"\":{}}",
			"{ k:a n:1 k:b [ true null ] k: { } } "},
		{"[[[[[[[[]]]]]]]]", "[ [ [ [ [ [ [ [ ] ] ] ] ] ] ] ] "},
		{"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "s:\"\\/\b\f\n\r\t "},
		{"\"\\u0041\\u00e9\\u20AC\\uD83D\\ude00x\"",
			"s:A\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80x "},
		{"\"\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80\"",
			"s:\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80 "},
		{"{\"\\u006bey\":\"\\u0001\"}", "{ k:key s:\x01 } "},
		{"\t\r\n [\"a\"\t,\r\"\x7F\"\n] \n", "[ s:a s:\x7F ] "},
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		assert_string_equal(
			in_every_split(*state, str_of(cases[i][0]), roomy), cases[i][1]);
}

static void refuses(void **state)
{
	static const char *const bad[] = {"", " ", "[", "]", "{", "}", "[1", "[1,", "[1,]",
		"[,1]", "[1 2]", "[1}", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{a:1}", "{'a':1}",
		"{1:1}", "{\"a\" 1}", "{\"a\":1]", "{,}", "[]]", "{}{}", "1 2", "1,",
		"null null", "nul", "nulll", "True", "tru]", "NaN", "Infinity", "-", "-a", "+1",
		"01", "-01", "1.", "1.e5", ".5", "1e", "1e+", "1ee5", "1.2.3", "0x10", "1_000",
		"[-]", "[1.]", "\"", "\"abc", "\"\\", "\"\\\"", "\"\\x41\"", "\"\\u\"",
		"\"\\u12\"", "\"\\u12G4\"", "\"\\U0041\"", "\"a\nb\"", "\"a\tb\"", "\"\x01\"",
		"\"\\u0000\"", "{\"\\u0000\":1}", "\"\\ud800\"", "\"\\ud800x\"",
		"\"\\ud800\\n\"", "\"\\ud800\\ud800\"", "\"\\ud800\\u0041\"", "\"\\udc00\"",
		"\"\\udc00\\ud800\"", "\"\xFF\"", "\"\xC3\"", "\"\xC3(\"", "\"\xC0\xAF\"",
		"\"\xED\xA0\x80\"", "\"\xF4\x90\x80\x80\"", "\"\xE2\x82\"", "\"\xC3\\u00a9\"",
		"{\"\xFF\":1}", "\xEF\xBB\xBF{}", "[\"a\"\x0B]", "[\xC2\xA0]", "// c\n1",
		"/* c */ 1", "[1]x", "<html>", "[[[[[[[[[]]]]]]]]]"};
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		if (strchr(in_every_split(*state, str_of(bad[i]), roomy), '!') == NULL)
			fail_msg("taken: %s", bad[i]);
	static const struct str nuls[] = {{"\0", 1}, {"1\0", 2}, {"\"\0\"", 3}, {"[\0]", 3},
		{"nu\0l", 4}, {"\"\\\0\"", 4}, {"1\0000", 3}};
	for (size_t i = 0; i < ARRAY_LEN(nuls); i++)
		assert_non_null(strchr(in_every_split(*state, nuls[i], roomy), '!'));
}

static void every_cut_is_noticed(void **state)
{
	struct str doc = STR("{\"a\":[1,-2.5e3,\"\\u00e9\\ud83d\\ude00\",true,null],\"b\":{}}");
	for (size_t n = 0; n < doc.n; n++)
		if (strchr(transcript(*state, str_sub(doc, 0, n), roomy, SPLIT_NONE), '!') ==
			NULL)
			fail_msg("taken when cut at %zu", n);
	assert_null(strchr(transcript(*state, doc, roomy, SPLIT_NONE), '!'));
}

static void text_has_a_limit(void **state)
{
	static const struct json_stream_limits tight = {1, 4};
	assert_string_equal(in_every_split(*state, STR("\"abcd\""), tight), "s:abcd ");
	assert_string_equal(in_every_split(*state, STR("1234"), tight), "n:1234 ");
	assert_string_equal(
		in_every_split(*state, STR("\"\\u0041\\u0042CD\""), tight), "s:ABCD ");
	assert_string_equal(in_every_split(*state, STR("\"\\u00e9\\u00e9\""), tight),
		"s:\xC3\xA9\xC3\xA9 ");
	static const char *const over[] = {"\"abcde\"", "\"abcd\\n\"", "\"\\u0041bcde\"",
		"12345", "-1234", "{\"abcde\":1}", "\"\\ud83d\\ude00\\n\""};
	for (size_t i = 0; i < ARRAY_LEN(over); i++)
		if (strchr(in_every_split(*state, str_of(over[i]), tight), '!') == NULL)
			fail_msg("taken: %s", over[i]);
}

static void depth_has_a_limit(void **state)
{
	static const struct json_stream_limits none = {0, 8}, two = {2, 8};
	assert_string_equal(in_every_split(*state, STR("1"), none), "n:1 ");
	assert_non_null(strchr(in_every_split(*state, STR("[]"), none), '!'));
	assert_string_equal(in_every_split(*state, STR("[{},[]]"), two), "[ { } [ ] ] ");
	assert_non_null(strchr(in_every_split(*state, STR("[{\"a\":[]}]"), two), '!'));
}

static bool stop_at_second(void *user, enum json_event event, struct str text, struct err *e)
{
	int *calls = user;
	(void)event, (void)text;
	return ++*calls < 2 || err_set(e, ERR_CONFLICT, "enough");
}

static void the_handler_can_stop_it(void **state)
{
	int calls = 0;
	struct err e;
	struct json_stream *s = json_stream_new(*state, roomy, stop_at_second, &calls);
	assert_fails(json_stream_feed(s, "[1,2,3]", 7, &e), ERR_CONFLICT);
	assert_string_equal(e.text, "enough");
	assert_fails(json_stream_feed(s, "[", 1, &e), ERR_CONFLICT);
	assert_fails(json_stream_end(s, &e), ERR_CONFLICT);
	assert_int_equal(calls, 2);
}

static bool count_event(void *user, enum json_event event, struct str text, struct err *e)
{
	size_t *n = user;
	(void)event, (void)text, (void)e;
	++*n;
	return true;
}

static void memory_stays_flat(void **state)
{
	static const char record[] =
		"{\"name\":\"\\u00c5ngstr\xC3\xB6m and Sons\",\"n\":[1,2,3]},";
	struct err e;
	size_t events = 0, settled = 0;
	struct json_stream *s = json_stream_new(*state, roomy, count_event, &events);
	assert_ok(json_stream_feed(s, "[", 1, &e));
	for (int i = 0; i < 100000; i++) {
		assert_ok(json_stream_feed(s, record, sizeof record - 1, &e));
		if (i == 0)
			settled = arena_used(*state);
	}
	assert_ok(json_stream_feed(s, "0]", 2, &e));
	assert_ok(json_stream_end(s, &e));
	assert_int_equal(arena_used(*state), settled);
	assert_int_equal(events, 3 + 100000 * 10);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(tells_events),
		TEST(refuses),
		TEST(every_cut_is_noticed),
		TEST(text_has_a_limit),
		TEST(depth_has_a_limit),
		TEST(the_handler_can_stop_it),
		TEST(memory_stays_flat),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
