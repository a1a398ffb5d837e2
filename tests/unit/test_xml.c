/* Every document is fed whole, byte by byte and cut in two at every place: always the same events. */
#include "base/buf.h"
#include "codec/xml.h"
#include "test.h"

enum { TRANSCRIPT_MAX = 64 * 1024, SPLIT_NONE = 0, SPLIT_BYTES = SIZE_MAX };

static const struct xml_limits roomy = {8, 3, 64};

static bool write_start(
	void *user, const char *name, const char *const *attributes, struct err *e)
{
	(void)e;
	buf_printf(user, "<%s", name);
	for (; *attributes != NULL; attributes += 2)
		buf_printf(user, " %s=%s", attributes[0], attributes[1]);
	buf_addc(user, '>');
	return true;
}

static bool write_end(void *user, const char *name, struct err *e)
{
	(void)e;
	buf_printf(user, "</%s>", name);
	return true;
}

static bool write_text(void *user, const char *name, struct str text, struct err *e)
{
	(void)e;
	buf_printf(user, "%s:", name);
	buf_addstr(user, text);
	return true;
}

static bool feed_split(struct xml *x, struct str doc, size_t split, struct err *e)
{
	if (split != SPLIT_BYTES)
		return xml_feed(x, doc.p, split, e) &&
		       xml_feed(x, doc.p + split, doc.n - split, e);
	for (size_t i = 0; i < doc.n; i++)
		if (!xml_feed(x, doc.p + i, 1, e))
			return false;
	return true;
}

/* The events; behind them "!" and the error if there was one. */
static const char *transcript(
	struct arena *a, struct str doc, struct xml_limits limits, size_t split)
{
	struct err e;
	struct buf *out = arena_new_of(a, struct buf);
	buf_init(out, a, TRANSCRIPT_MAX);
	struct xml_handler handler = {write_start, write_end, write_text, out};
	struct xml *x = xml_new(a, limits, &handler);
	if (!feed_split(x, doc, split, &e) || !xml_end(x, &e)) {
		assert_int_equal(e.kind, ERR_MALFORMED);
		buf_printf(out, "!%s", e.text);
	}
	return out->data;
}

static const char *in_every_split(struct arena *a, struct str doc, struct xml_limits limits)
{
	const char *whole = transcript(a, doc, limits, SPLIT_NONE);
	for (size_t i = 1; i <= doc.n; i++) {
		struct arena *own = arena_new();
		size_t split = i == doc.n ? SPLIT_BYTES : i;
		const char *again = transcript(own, doc, limits, split);
		const char *fault = strchr(whole, '!');
		if (fault == NULL)
			assert_string_equal(again, whole);
		else
			assert_string_equal(strchr(again, '!'), fault);
		arena_free(&own);
	}
	return whole;
}

static bool is_refused(struct arena *a, const char *doc, struct xml_limits limits)
{
	return strchr(in_every_split(a, str_of(doc), limits), '!') != NULL;
}

static void tells_events(void **state)
{
	static const char *const cases[][2] = {
		{"<a/>", "<a>a:</a>"},
		{"<a></a>\n ", "<a>a:</a>"},
		{"<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<a>x</a>", "<a>a:x</a>"},
		{"\xEF\xBB\xBF<a>x</a>", "<a>a:x</a>"},
		{"<a p='1' q=\"&lt;2\"><b/></a>", "<a p=1 q=<2><b>b:</b></a>"},
		{"<a> <b> x </b>\n<c>y</c>tail</a>", "<a><b>b: x </b><c>c:y</c></a>"},
		{"<a>&lt;&gt;&amp;&apos;&quot;&#65;&#x20AC;</a>",
			"<a>a:<>&'\"A\xE2\x82\xAC</a>"},
		{"<a>one<!-- no -->two<?pi x?><![CDATA[<three>]]></a>",
			"<a>a:onetwo<three></a>"},
		{"<a>caf\xC3\xA9 \xF0\x9F\x98\x80</a>",
			"<a>a:caf\xC3\xA9 \xF0\x9F\x98\x80</a>"},
		{"<!-- c --><a xmlns:i=\"u\"><i:b i:nil=\"true\"/></a><!-- d --><?e?>",
			"<a xmlns:i=u><i:b i:nil=true>i:b:</i:b></a>"},
		{"<a><b><c>x</c></b><b>y</b></a>", "<a><b><c>c:x</c></b><b>b:y</b></a>"},
		{"<a>1\r\n2\r3</a>", "<a>a:1\n2\n3</a>"},
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		assert_string_equal(
			in_every_split(*state, str_of(cases[i][0]), roomy), cases[i][1]);
}

static void refuses(void **state)
{
	static const char *const bad[] = {"", " ", "x", "<a>", "<a", "</a>", "<a></b>",
		"<a/><b/>", "<a/>x", "<a b></a>", "<a b=c/>", "<a b='1' b='2'/>",
		"<a>&nbsp;</a>", "<a>&bomb;</a>", "<a>&#0;</a>", "<a>&#1;</a>",
		"<a>&#xD800;</a>", "<a>&</a>", "<a>\xFF</a>", "<a>\xC3</a>",
		"<a>\xED\xA0\x80</a>", "<a>\xC0\xAF</a>", "<a>\x01</a>", "<a>]]></a>",
		"<a><![CDATA[x</a>", "<a><!-- -- --></a>", " <?xml version=\"1.0\"?><a/>",
		"<1a/>", "<a><b></a></b>", "{\"Status\":\"OK\"}"};
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		if (!is_refused(*state, bad[i], roomy))
			fail_msg("taken: %s", bad[i]);
	const char *nul = in_every_split(*state, (struct str){"<a>\0</a>", 8}, roomy);
	assert_non_null(strchr(nul, '!'));
	static const struct str utf16[] = {{"\xFF\xFE<\0a\0/\0>\0", 10}, {"<\0a\0/\0>\0", 8},
		{"\xFE\xFF\0<\0a\0/\0>", 10}, {"\0<\0a\0/\0>", 8}};
	for (size_t i = 0; i < ARRAY_LEN(utf16); i++)
		assert_non_null(strchr(in_every_split(*state, utf16[i], roomy), '!'));
	/* What it says of itself does not count: Latin-1 bytes stay a fault. */
	assert_true(is_refused(
		*state, "<?xml version=\"1.0\" encoding=\"iso-8859-1\"?><a>\xE9</a>", roomy));
}

static void refuses_every_doctype(void **state)
{
	static const char *const bad[] = {"<!DOCTYPE a><a/>", "<!DOCTYPE a []><a/>",
		"<!DOCTYPE a SYSTEM \"http://127.0.0.1:1/x.dtd\"><a/>",
		"<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/hostname\">]><a>&x;</a>",
		"<!DOCTYPE a [<!ENTITY % p SYSTEM \"http://127.0.0.1:1/p\"> %p;]><a/>",
		"<!DOCTYPE a [<!ENTITY x \"xx\"><!ENTITY y \"&x;&x;\">]><a>&y;</a>",
		"<!DOCTYPE a [<!ATTLIST a b CDATA \"c\">]><a/>", "<!DOCTYPE html><html/>"};
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		const char *told = in_every_split(*state, str_of(bad[i]), roomy);
		if (told[0] != '!' || strstr(told, "DOCTYPE") == NULL)
			fail_msg("%s: %s", bad[i], told);
	}
}

static void every_cut_is_noticed(void **state)
{
	struct str doc = STR("<?xml version=\"1.0\"?><R><Status>OK</Status><Clients><Client>"
			     "<UUID>1</UUID><Name>A &amp; B</Name></Client></Clients></R>");
	for (size_t n = 0; n < doc.n; n++) {
		struct arena *own = arena_new();
		if (strchr(transcript(own, str_sub(doc, 0, n), roomy, SPLIT_NONE), '!') == NULL)
			fail_msg("taken when cut at %zu", n);
		arena_free(&own);
	}
	assert_null(strchr(transcript(*state, doc, roomy, SPLIT_NONE), '!'));
}

static void limits_hold_exactly(void **state)
{
	static const struct xml_limits tight = {2, 1, 4};
	assert_false(is_refused(*state, "<a><b>1234</b><b>&lt;&lt;&lt;&lt;</b></a>", tight));
	assert_true(is_refused(*state, "<a><b>12345</b></a>", tight));
	assert_true(is_refused(*state, "<a><b>12<!-- -->345</b></a>", tight));
	assert_true(is_refused(*state, "<a><b>\xC3\xA9\xC3\xA9x</b></a>", tight));
	assert_true(is_refused(*state, "<a><b><c/></b></a>", tight));
	assert_false(is_refused(*state, "<a x='1'><b y='1'/></a>", tight));
	assert_true(is_refused(*state, "<a x='1' y='2'/>", tight));
	assert_false(is_refused(*state, "<a><b/>longer than four<b/></a>", tight));
}

/* before, n times fill, after; 10 KiB a piece */
static bool feed_long(
	struct arena *a, const char *before, size_t n, const char *after, struct err *e)
{
	struct buf *out = arena_new_of(a, struct buf);
	buf_init(out, a, 1024);
	struct xml_handler handler = {write_start, write_end, write_text, out};
	struct xml *x = xml_new(a, roomy, &handler);
	char fill[10240];
	memset(fill, 'x', sizeof fill);
	if (!xml_feed(x, before, strlen(before), e))
		return false;
	for (; n >= sizeof fill; n -= sizeof fill)
		if (!xml_feed(x, fill, sizeof fill, e))
			return false;
	return xml_feed(x, fill, n, e) && xml_feed(x, after, strlen(after), e) && xml_end(x, e);
}

static void one_token_cannot_be_endless(void **state)
{
	struct err e;
	assert_ok(feed_long(*state, "<a><!--", XML_TOKEN_MAX - 7, "--></a>", &e));
	assert_fails(feed_long(*state, "<a><!--", XML_TOKEN_MAX, "--></a>", &e), ERR_MALFORMED);
	assert_fails(feed_long(*state, "<a><?p ", XML_TOKEN_MAX, "?></a>", &e), ERR_MALFORMED);
	assert_fails(feed_long(*state, "<a b='", XML_TOKEN_MAX, "'/>", &e), ERR_MALFORMED);
	assert_fails(feed_long(*state, "<", XML_TOKEN_MAX, "/>", &e), ERR_MALFORMED);
	assert_fails(feed_long(*state, "<a>", XML_TOKEN_MAX, "</a>", &e), ERR_MALFORMED);
	for (int i = 0; i < 3; i++) {
		/* These never end: what expat holds of them has a ceiling. */
		assert_fails(feed_long(*state, "<a><!--", 64 << 20, "", &e), ERR_MALFORMED);
		assert_fails(feed_long(*state, "<a b='", 64 << 20, "", &e), ERR_MALFORMED);
		assert_fails(feed_long(*state, "<!DOCTYPE a SYSTEM '", 64 << 20, "", &e),
			ERR_MALFORMED);
	}
}

static bool take_start(
	void *user, const char *name, const char *const *attributes, struct err *e)
{
	(void)user, (void)name, (void)attributes, (void)e;
	return true;
}

static bool take_end(void *user, const char *name, struct err *e)
{
	(void)user, (void)name, (void)e;
	return true;
}

static bool take_text(void *user, const char *name, struct str text, struct err *e)
{
	(void)user, (void)name, (void)text, (void)e;
	return true;
}

static const struct xml_handler take_all = {take_start, take_end, take_text, NULL};

static void endless_new_names_end(void **state)
{
	struct err e = {0};
	struct xml *x = xml_new(*state, roomy, &take_all);
	bool ok = xml_feed(x, "<a>", 3, &e);
	int i;
	for (i = 0; ok && i < 1000000; i++) {
		char element[40];
		int n = snprintf(element, sizeof element, "<n%d/>", i);
		ok = xml_feed(x, element, (size_t)n, &e);
	}
	assert_false(ok);
	assert_int_equal(e.kind, ERR_MALFORMED);
	assert_in_range(
		i, 10000, XML_EXPAT_MAX / 40); /* a name costs expat more than 40 bytes */
	/* Another parser, though this one still holds its own, has the whole allowance. */
	assert_null(strchr(transcript(*state, STR("<a/>"), roomy, SPLIT_NONE), '!'));
}

static void memory_stays_flat(void **state)
{
	static const char record[] = "<C><UUID>0123</UUID><Name>A &amp; B</Name><X/></C>\n";
	struct err e;
	struct xml *x = xml_new(*state, roomy, &take_all);
	assert_ok(xml_feed(x, "<R>", 3, &e));
	size_t settled = 0;
	for (int i = 0; i < 50000; i++) {
		assert_ok(xml_feed(x, record, sizeof record - 1, &e));
		if (i == 100)
			settled = arena_used(*state);
	}
	assert_ok(xml_feed(x, "</R>", 4, &e));
	assert_ok(xml_end(x, &e));
	assert_int_equal(arena_used(*state), settled);
}

struct stopper {
	int calls, stop_at;
};

static bool stop_here(struct stopper *s, struct err *e)
{
	return ++s->calls != s->stop_at || err_set(e, ERR_CONFLICT, "enough");
}

static bool stop_start(
	void *user, const char *name, const char *const *attributes, struct err *e)
{
	(void)name, (void)attributes;
	return stop_here(user, e);
}

static bool stop_end(void *user, const char *name, struct err *e)
{
	(void)name;
	return stop_here(user, e);
}

static bool stop_text(void *user, const char *name, struct str text, struct err *e)
{
	(void)name, (void)text;
	return stop_here(user, e);
}

static void the_handler_can_stop_it_anywhere(void **state)
{
	/* Two calls of <a> and </a>, three for each of the leaves. */
	struct err e;
	for (int at = 1; at <= 11; at++) {
		struct stopper s = {0, at};
		struct xml_handler handler = {stop_start, stop_end, stop_text, &s};
		struct xml *x = xml_new(*state, roomy, &handler);
		const char doc[] = "<a><b>x</b><c/><c></c></a>";
		assert_fails(xml_feed(x, doc, sizeof doc - 1, &e), ERR_CONFLICT);
		assert_string_equal(e.text, "enough");
		assert_int_equal(s.calls, at);
		assert_fails(xml_feed(x, doc, 1, &e), ERR_CONFLICT);
		assert_fails(xml_end(x, &e), ERR_CONFLICT);
		assert_int_equal(s.calls, at);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(tells_events),
		TEST(refuses),
		TEST(refuses_every_doctype),
		TEST(every_cut_is_noticed),
		TEST(limits_hold_exactly),
		TEST(one_token_cannot_be_endless),
		TEST(endless_new_names_end),
		TEST(memory_stays_flat),
		TEST(the_handler_can_stop_it_anywhere),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
