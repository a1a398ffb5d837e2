/* Every sample is fed whole, byte by byte and cut in two at every place: always the same records. */
#include "xpm_told.h"

#define XML  "text/xml"
#define JSON "application/json"

static const struct sample {
	const char *file, *want;
	enum xpm_document what;
	const char *media_type;
} samples[] = {
	{"list.xml", "list.want", XPM_LIST, XML},
	{"list.json", "list.want", XPM_LIST, JSON},
	{"get.xml", "get.want", XPM_GET, XML},
	{"get.json", "get.want", XPM_GET, JSON},
	{"paged.xml", "paged.want", XPM_LIST, "application/xml"},
	{"empty.xml", "empty.want", XPM_LIST, XML},
	{"empty.json", "empty.want", XPM_LIST, JSON},
};

static struct str sample_file(struct arena *a, const char *name)
{
	struct str text = told_file(a, arena_printf(a, "tests/data/xpm/parse/%s", name));
	if (text.n == 0)
		fail_msg("tests/data/xpm/parse/%s is missing or empty", name);
	return text;
}

static void samples_give_their_records(void **state)
{
	struct arena *a = *state;
	for (size_t i = 0; i < ARRAY_LEN(samples); i++) {
		const struct sample *s = &samples[i];
		struct str doc = sample_file(a, s->file);
		const char *want = str_dup(a, sample_file(a, s->want));
		for (size_t split = 0; split <= doc.n; split++) {
			struct arena *own = arena_new();
			enum err_kind kind;
			assert_string_equal(
				told(own, s->what, s->media_type, doc,
					split == doc.n ? SPLIT_BYTES : split, &kind),
				want);
			arena_free(&own);
		}
	}
}

/* JSON's null stands where XML has an empty element: to the judge both are nothing. */
static const char *without_absent(struct arena *a, const char *text)
{
	char *kept = arena_strdup(a, text), *to = kept;
	for (const char *from = text; *from != '\0'; from++)
		if (*from != '~')
			*to++ = *from;
	*to = '\0';
	return kept;
}

static void both_dialects_tell_the_same(void **state)
{
	enum err_kind kind;
	struct str xml = sample_file(*state, "../list.xml");
	struct str json = sample_file(*state, "../list.json");
	const char *want = told(*state, XPM_LIST, XML, xml, SPLIT_NONE, &kind);
	assert_int_equal(kind, ERR_NONE);
	assert_non_null(strstr(want, "seen 5, "));
	const char *got = told(*state, XPM_LIST, JSON, json, SPLIT_BYTES, &kind);
	assert_string_equal(without_absent(*state, got), without_absent(*state, want));
}

static void fault_31_no_cut_sample_is_accepted(void **state)
{
	struct arena *a = *state;
	for (size_t i = 0; i < 5; i++) {
		const struct sample *s = &samples[i];
		struct str doc = str_trim(sample_file(a, s->file));
		for (size_t n = 0; n <= doc.n; n++) {
			struct arena *own = arena_new();
			enum err_kind kind;
			told(own, s->what, s->media_type, str_sub(doc, 0, n), SPLIT_NONE,
				&kind);
			if (kind != (n < doc.n ? ERR_MALFORMED : ERR_NONE))
				fail_msg("%s of %zu bytes: kind %d", s->file, n, kind);
			arena_free(&own);
		}
	}
}

/* The same in every split; gives the text behind "!" of the whole one. */
static const char *refusal(struct arena *a, enum xpm_document what, const char *media_type,
	struct str doc, enum err_kind want)
{
	const char *first = NULL;
	for (size_t split = 0; split <= doc.n; split++) {
		struct arena *own = arena_new();
		enum err_kind kind;
		const char *all = told(own, what, media_type, doc,
			split == doc.n ? SPLIT_BYTES : split, &kind);
		if (kind != want)
			fail_msg("kind %d cut at %zu: %.*s", kind, split, (int)doc.n, doc.p);
		const char *why = strrchr(all, '!');
		assert_non_null(why);
		if (first == NULL)
			first = arena_strdup(a, why + 1);
		assert_string_equal(first, why + 1);
		arena_free(&own);
	}
	return first;
}

static void must_refuse(struct arena *a, enum xpm_document what, const char *media_type,
	const char *const *docs, size_t n)
{
	for (size_t i = 0; i < n; i++)
		refusal(a, what, media_type, str_of(docs[i]), ERR_MALFORMED);
}

#define OK_LIST	    "<Status>OK</Status><Clients/>"
#define ONE_CLIENT  "<Client><Name>x</Name></Client>"
#define DEEP_8	    "<d><d><d><d><d><d><d><d>"
#define DEEP_8_ENDS "</d></d></d></d></d></d></d></d>"

static void xml_that_is_no_list_is_refused(void **state)
{
	static const char *const bad[] = {"", " ", "{\"status\":\"OK\",\"clients\":[]}",
		"<html><body>Sign in</body></html>",
		"<!DOCTYPE html><html><head><title>x</title></head></html>",
		"<!DOCTYPE Response><Response>" OK_LIST "</Response>",
		"<!DOCTYPE r [<!ENTITY a \"aa\"><!ENTITY b \"&a;&a;\">]>"
		"<Response>" OK_LIST "<x>&b;</x></Response>",
		"<Response>" OK_LIST "<x>&nbsp;</x></Response>",
		"<response>" OK_LIST "</response>", "<Clients/>", "<Responses/>",
		"<x><Response>" OK_LIST "</Response></x>", "<Response/>",
		"<Response><Status>OK</Status></Response>", "<Response><Clients/></Response>",
		"<Response><Status>OK</Status><Categories /></Response>",
		"<Response><Status>OK</Status><clients/></Response>",
		"<Response><Status>OK</Status>" ONE_CLIENT "</Response>",
		"<Response><Status>OK</Status><x><Clients/></x></Response>",
		"<Response><Status/><Clients/></Response>",
		"<Response><Status>FINE</Status><Clients/></Response>",
		"<Response><Status>OK<x/></Status><Clients/></Response>",
		"<Response><x><Status>OK</Status></x><Clients/></Response>",
		"<Response><Status>OK</Status>" OK_LIST "</Response>",
		"<Response>" OK_LIST "<Clients>" ONE_CLIENT "</Clients></Response>",
		"<Response>" OK_LIST "</Response>x",
		"<Response>" OK_LIST "</Response><Response>" OK_LIST "</Response>",
		"<Response>" OK_LIST "<x>\xE9</x></Response>",
		"<Response>" OK_LIST DEEP_8 DEEP_8 DEEP_8_ENDS DEEP_8_ENDS "</Response>"};
	must_refuse(*state, XPM_LIST, XML, bad, ARRAY_LEN(bad));
}

static void json_that_is_no_list_is_refused(void **state)
{
	static const char *const bad[] = {"", " ", "null", "true", "1", "\"OK\"", "[]",
		"[{\"status\":\"OK\",\"clients\":[]}]", "{}",
		"<Response>" OK_LIST "</Response>", "<!DOCTYPE html><html></html>",
		"{\"status\":\"OK\"}", "{\"clients\":[]}", "{\"status\":\"OK\",\"clients\":{}}",
		"{\"status\":\"OK\",\"clients\":\"\"}", "{\"status\":\"OK\",\"client\":{}}",
		"{\"status\":\"OK\",\"x\":{\"clients\":[]}}",
		"{\"status\":[\"OK\"],\"clients\":[]}", "{\"status\":null,\"clients\":[]}",
		"{\"status\":403,\"clients\":[]}", "{\"status\":\"FINE\",\"clients\":[]}",
		"{\"status\":\"OK\",\"Status\":\"OK\",\"clients\":[]}",
		"{\"status\":\"OK\",\"clients\":[],\"Clients\":[]}",
		"{\"status\":\"OK\",\"clients\":[]}x", "{\"status\":\"OK\",\"clients\":[]}{}",
		"{\"status\":\"OK\",\"clients\":[],}",
		"\xEF\xBB\xBF{\"status\":\"OK\",\"clients\":[]}",
		"{\"status\":\"OK\",\"clients\":[{\"name\":\"\xE9\"}]}",
		"{\"status\":\"OK\",\"clients\":[{\"name\":\"a\\u0000b\"}]}",
		"{\"status\":\"OK\",\"clients\":[{\"name\":\"\\ud83d\"}]}",
		"{\"status\":\"OK\",\"clients\":[],\"x\":[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]}",
		"{\"Type\":null,\"Title\":\"Forbidden\",\"Status\":403,\"Detail\":\"No\"}"};
	must_refuse(*state, XPM_LIST, JSON, bad, ARRAY_LEN(bad));
}

static void one_client_means_exactly_one(void **state)
{
	static const char *const xml[] = {"<Response>" OK_LIST "</Response>",
		"<Response><Status>OK</Status></Response>",
		"<Response><Status>OK</Status><WebUrl>https://x</WebUrl></Response>",
		"<Response>" ONE_CLIENT "</Response>",
		"<Response><Status>OK</Status>" ONE_CLIENT ONE_CLIENT "</Response>"};
	static const char *const json[] = {"{\"status\":\"OK\",\"clients\":[{}]}",
		"{\"status\":\"OK\",\"client\":null}", "{\"status\":\"OK\",\"client\":[{}]}",
		"{\"status\":\"OK\",\"client\":\"x\"}", "{\"client\":{\"name\":\"x\"}}",
		"{\"status\":\"OK\",\"client\":{},\"Client\":{}}"};
	must_refuse(*state, XPM_GET, XML, xml, ARRAY_LEN(xml));
	must_refuse(*state, XPM_GET, JSON, json, ARRAY_LEN(json));
}

static void fault_33_the_depth_limit_is_exact(void **state)
{
	/* Response and fifteen more are sixteen; in JSON the root object and fifteen arrays. */
	enum err_kind kind;
	struct arena *a = *state;
	told(a, XPM_LIST, XML,
		STR("<Response>" OK_LIST DEEP_8 "<d><d><d><d><d><d><d>"
		    "</d></d></d></d></d></d></d>" DEEP_8_ENDS "</Response>"),
		SPLIT_NONE, &kind);
	assert_int_equal(kind, ERR_NONE);
	refusal(a, XPM_LIST, XML,
		STR("<Response>" OK_LIST DEEP_8 DEEP_8 DEEP_8_ENDS DEEP_8_ENDS "</Response>"),
		ERR_MALFORMED);
	told(a, XPM_LIST, JSON,
		STR("{\"status\":\"OK\",\"clients\":[],\"x\":[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]}"),
		SPLIT_NONE, &kind);
	assert_int_equal(kind, ERR_NONE);
	refusal(a, XPM_LIST, JSON,
		STR("{\"status\":\"OK\",\"clients\":[],\"x\":[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]}"),
		ERR_MALFORMED);
}

static void status_error_tells_its_reason(void **state)
{
	static const struct {
		const char *file, *media_type;
	} cases[] = {{"error.xml", XML}, {"error.json", JSON}};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct str doc = sample_file(*state, cases[i].file);
		for (int what = XPM_LIST; what <= XPM_GET; what++)
			assert_string_equal(refusal(*state, (enum xpm_document)what,
						    cases[i].media_type, doc, ERR_REFUSED),
				"Xero answered with an error: The practice is  closed & "
				"locked.");
	}
	const char *why = refusal(*state, XPM_LIST, XML,
		STR("<Response><Status>ERROR</Status></Response>"), ERR_REFUSED);
	assert_string_equal(why, "Xero answered with an error: no reason given");
	/* Clients in front of it do not make it good. */
	refusal(*state, XPM_LIST, XML,
		STR("<Response><Clients>" ONE_CLIENT
		    "</Clients><Status>ERROR</Status></Response>"),
		ERR_REFUSED);
}

static bool nothing(
	void *user, struct arena *scratch, const struct xpm_client *c, struct err *e)
{
	(void)user, (void)scratch, (void)c, (void)e;
	return true;
}

static void the_reason_stands_alone_only_after_error(void **state)
{
	struct err e;
	struct xpm_parse *p = NULL;
	struct buf doc;
	assert_ok(xpm_parse_new(*state, XPM_LIST, XML, "", nothing, NULL, &p, &e));
	assert_string_equal(xpm_parse_reason(p), "");
	buf_init(&doc, *state, 1024);
	buf_adds(&doc, "<Response><ErrorDescription>");
	for (int i = 0; i < 100; i++)
		buf_adds(&doc, "\xE6\x9D\xB1"); /* 3 bytes each: 120 bytes are 40 of them */
	assert_ok(xpm_parse_feed(p, buf_str(&doc), &e));
	assert_ok(xpm_parse_feed(p, STR("</ErrorDescription>"), &e));
	assert_string_equal(xpm_parse_reason(p), "");
	assert_ok(xpm_parse_feed(p, STR("<Status>error</Status></Response>"), &e));
	assert_int_equal(strlen(xpm_parse_reason(p)), 120);
	assert_true(str_utf8_valid(str_of(xpm_parse_reason(p))));
	assert_fails(xpm_parse_end(p, &e), ERR_REFUSED);
}

static void fault_30_only_our_types_and_charsets_are_read(void **state)
{
	static const char *const good[][2] = {{XML, ""}, {XML, "utf-8"}, {XML, "us-ascii"},
		{"application/xml", ""}, {JSON, ""}, {JSON, "utf-8"}};
	static const char *const bad[][2] = {{"", ""}, {"text/html", "utf-8"},
		{"text/plain", ""}, {"application/octet-stream", ""}, {"application/jsonp", ""},
		{"application/problem+json", ""}, {"text/xml", "iso-8859-1"},
		{"text/xml", "utf-16"}, {JSON, "utf-16"}, {"text/xml ", ""}};
	struct err e;
	struct xpm_parse *p = NULL;
	for (size_t i = 0; i < ARRAY_LEN(good); i++)
		assert_ok(xpm_parse_new(
			*state, XPM_LIST, good[i][0], good[i][1], nothing, NULL, &p, &e));
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_fails(xpm_parse_new(*state, XPM_LIST, bad[i][0], bad[i][1], nothing,
				     NULL, &p, &e),
			ERR_MALFORMED);
}

struct watch {
	int64_t n, stop_at;
	size_t scratch_most, text_most, contacts;
};

static bool watch_client(
	void *user, struct arena *scratch, const struct xpm_client *c, struct err *e)
{
	struct watch *w = user;
	size_t n = c->name == NULL ? 0 : strlen(c->name);
	size_t used = arena_used(scratch);
	w->scratch_most = used > w->scratch_most ? used : w->scratch_most;
	w->text_most = n > w->text_most ? n : w->text_most;
	w->contacts = c->n_contacts;
	assert_true(c->name == NULL || str_utf8_valid(str_of(c->name)));
	return ++w->n != w->stop_at || err_set(e, ERR_CONFLICT, "enough");
}

static void the_callback_can_stop_it(void **state)
{
	struct arena *a = *state;
	struct err e;
	for (size_t i = 0; i < 2; i++) {
		struct str doc = sample_file(a, samples[i].file);
		struct watch w = {.stop_at = 3};
		struct xpm_parse *p = NULL;
		assert_ok(xpm_parse_new(
			a, XPM_LIST, samples[i].media_type, "", watch_client, &w, &p, &e));
		assert_fails(xpm_parse_feed(p, doc, &e), ERR_CONFLICT);
		assert_fails(xpm_parse_feed(p, doc, &e), ERR_CONFLICT);
		assert_fails(xpm_parse_end(p, &e), ERR_CONFLICT);
		assert_int_equal(w.n, 3);
	}
}

/* before, n times fill, after: fed piece by piece */
static bool feed_long(struct arena *a, const char *media_type, const char *before, size_t n,
	const char *fill, const char *after, struct watch *w, struct err *e)
{
	struct xpm_parse *p = NULL;
	if (!xpm_parse_new(a, XPM_LIST, media_type, "", watch_client, w, &p, e) ||
		!xpm_parse_feed(p, str_of(before), e))
		return false;
	for (size_t i = 0; i < n; i++)
		if (!xpm_parse_feed(p, str_of(fill), e))
			return false;
	return xpm_parse_feed(p, str_of(after), e) && xpm_parse_end(p, e);
}

static void fault_33_long_texts_are_cut_and_huge_ones_refused(void **state)
{
	static const struct {
		const char *media_type, *before, *after;
	} cases[] = {{XML, "<Response><Status>OK</Status><Clients><Client><Name>",
			     "</Name></Client></Clients></Response>"},
		{JSON, "{\"status\":\"OK\",\"clients\":[{\"name\":\"", "\"}]}"}};
	const char *sixteen = "\xE6\x9D\xB1\xE6\x9D\xB1\xE6\x9D\xB1\xE6\x9D\xB1\xE6\x9D\xB1x";
	struct err e;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const char *type = cases[i].media_type, *before = cases[i].before;
		const char *after = cases[i].after;
		struct watch w = {0};
		assert_ok(feed_long(*state, type, before, 65536, sixteen, after, &w, &e));
		assert_in_range(w.text_most, 65536 - 3, 65536); /* of 1 MiB */
		assert_fails(feed_long(*state, type, before, 65537, sixteen, after, &w, &e),
			ERR_MALFORMED);
		assert_int_equal(w.n, 1);
	}
}

static void contacts_past_the_limit_are_counted_only(void **state)
{
	struct watch few = {0}, many = {0};
	struct err e;
	const char *before = "<Response><Status>OK</Status><Clients><Client><Contacts>";
	const char *contact = "<Contact><Name>x</Name></Contact>";
	const char *after = "</Contacts></Client></Clients></Response>";
	assert_ok(
		feed_long(*state, XML, before, CLIENT_CONTACTS_MAX, contact, after, &few, &e));
	assert_int_equal(few.contacts, CLIENT_CONTACTS_MAX);
	assert_ok(feed_long(*state, XML, before, 20000, contact, after, &many, &e));
	assert_int_equal(many.contacts, 20000);
	/* The texts of all are kept until the client ends: what the rest costs is 19500 times "x". */
	assert_true(many.scratch_most < few.scratch_most + 20000 * 32);
}

static void memory_stays_flat(void **state)
{
	static const struct {
		const char *media_type, *before, *client, *after;
	} cases[] = {
		{XML, "<Response><Status>OK</Status><Clients>",
			"<Client><UUID>1</UUID><Name>A &amp; B</Name><Contacts><Contact><Name>N</Name>"
			"<Email>n@example.com</Email></Contact></Contacts><Notes /></Client>\n",
			"</Clients></Response>"},
		{JSON, "{\"status\":\"OK\",\"clients\":[{}",
			",{\"uuid\":\"1\",\"name\":\"A & B\",\"contacts\":[{\"name\":\"N\","
			"\"email\":\"n@example.com\"}],\"notes\":[]}",
			"]}"},
	};
	struct err e;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct watch w = {0};
		struct xpm_parse *p = NULL;
		assert_ok(xpm_parse_new(
			*state, XPM_LIST, cases[i].media_type, "", watch_client, &w, &p, &e));
		assert_ok(xpm_parse_feed(p, str_of(cases[i].before), &e));
		size_t settled = 0, scratch = 0;
		for (int n = 0; n < 20000; n++) {
			assert_ok(xpm_parse_feed(p, str_of(cases[i].client), &e));
			if (n == 100)
				settled = arena_used(*state), scratch = w.scratch_most;
		}
		assert_ok(xpm_parse_feed(p, str_of(cases[i].after), &e));
		assert_ok(xpm_parse_end(p, &e));
		assert_in_range(w.n, 20000, 20001);
		assert_int_equal(arena_used(*state), settled);
		assert_int_equal(w.scratch_most, scratch);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(samples_give_their_records),
		TEST(both_dialects_tell_the_same),
		TEST(fault_31_no_cut_sample_is_accepted),
		TEST(xml_that_is_no_list_is_refused),
		TEST(json_that_is_no_list_is_refused),
		TEST(one_client_means_exactly_one),
		TEST(fault_33_the_depth_limit_is_exact),
		TEST(status_error_tells_its_reason),
		TEST(the_reason_stands_alone_only_after_error),
		TEST(fault_30_only_our_types_and_charsets_are_read),
		TEST(the_callback_can_stop_it),
		TEST(fault_33_long_texts_are_cut_and_huge_ones_refused),
		TEST(contacts_past_the_limit_are_counted_only),
		TEST(memory_stays_flat),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
