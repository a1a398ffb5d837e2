/* LDFLAGS: -Wl,--wrap=malloc -Wl,--wrap=calloc -Wl,--wrap=realloc */
/*
 * Fault 15: memory runs out at every allocation of reading a document, expat's and cJSON's included. It is
 * refused, or the process ends and says so; it is never taken for another document than it is.
 */
#include "io/file.h"
#include "support/scarcity.h"
#include "unit/xpm_told.h"

enum { TAKEN_WRONG = 9, REFUSED = 3, DOC_MAX = 1024 * 1024 };

static struct {
	enum xpm_document what;
	const char *media_type, *want;
	struct str text;
} doc;

/* As told(), but without an assertion: this is a child, where each would end as another test. */
static int read_it(void *user)
{
	struct arena *a = arena_new();
	struct xpm_parse *p = NULL;
	struct buf out;
	struct err e = {0};
	(void)user;
	scarcity->armed = true;
	buf_init(&out, a, TOLD_MAX);
	bool good = xpm_parse_new(
			    a, doc.what, doc.media_type, "utf-8", told_client, &out, &p, &e) &&
		    told_feed(p, doc.text, SPLIT_BYTES, &e) && xpm_parse_end(p, &e);
	scarcity->armed = false;
	if (!good)
		return REFUSED;
	return strncmp(out.data, doc.want, out.len) == 0 && out.len > 0 ? 0 : TAKEN_WRONG;
}

static void at_every_allocation(
	struct arena *a, const char *file, enum xpm_document what, const char *media_type)
{
	struct err e;
	enum err_kind kind = ERR_NONE;
	int died = 0;
	doc.what = what;
	doc.media_type = media_type;
	assert_ok(file_read(
		a, arena_printf(a, "tests/data/xpm/%s", file), DOC_MAX, &doc.text, &e));
	doc.want = told(a, what, media_type, doc.text, SPLIT_BYTES, &kind);
	assert_int_equal(kind, ERR_NONE);
	assert_int_equal(scarce(0, read_it, NULL), 0);
	int64_t all = scarcity->made;
	assert_in_range(all, 3, 10000);
	for (int64_t fails = 1; fails <= all; fails++) {
		int status = scarce(fails, read_it, NULL);
		if (status != 0 && status != OUT_OF_MEMORY && status != REFUSED)
			fail_msg("%s: allocation %lld ended with %d", file, (long long)fails,
				status);
		died += status != 0;
	}
	assert_true(died > 1);
}

static void fault_15_a_document_without_memory_is_refused(void **state)
{
	scarcity_begin();
	at_every_allocation(*state, "list.xml", XPM_LIST, "text/xml");
	at_every_allocation(*state, "list.json", XPM_LIST, "application/json");
	at_every_allocation(*state, "get.xml", XPM_GET, "text/xml");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(fault_15_a_document_without_memory_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
