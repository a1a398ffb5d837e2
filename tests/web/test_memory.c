/* LDFLAGS: -Wl,--wrap=malloc -Wl,--wrap=calloc -Wl,--wrap=realloc */
/* Fault 15: memory runs out at every allocation of a request in turn. It happened whole, or not at all. */
#include "io/conf.h"
#include "pages/site.h"
#include "support/fake_request.h"
#include "support/scarcity.h"
#include "support/site_test.h"

/* What the child is to be asked, and what it answered; shared with it. */
static struct {
	struct site *site;
	const char *method, *uri, *form, *cookie;
} ask;
static int *answered;

static int serve_it(void *user)
{
	struct arena *a = arena_new();
	const char *const params[] = {"REQUEST_METHOD", ask.method, "REQUEST_URI", ask.uri,
		"CONTENT_TYPE", "application/x-www-form-urlencoded", "HTTP_COOKIE", ask.cookie,
		"REMOTE_ADDR", SITE_FAR_AWAY, NULL};
	struct fake_request fake = {.params = params, .body = str_of(ask.form)};
	struct request_source source = fake_request_source(&fake);
	struct server_site served = site_server(ask.site);
	struct request q;
	struct response s;
	struct err e = {0};
	(void)user;
	scarcity->armed = true;
	bool good = request_judge(a, &source, &q, &e);
	response_init(&s, &q);
	served.serve(served.user, &q, &s, good ? NULL : &e);
	scarcity->armed = false;
	*answered = s.status;
	return 0;
}

static void set(const char *name, const char *value)
{
	assert_int_equal(setenv(name, value, 1), 0);
}

static void open_site(void)
{
	const struct conf *conf = NULL;
	struct err e;
	const char *base = getenv("GAP_TEST_PG");
	set("GAP_DATABASE_URL", arena_printf(site.arena, "%s%sdbname=%s&user=gap_web", base,
					strchr(base, '?') == NULL ? "?" : "&", site.database));
	set("GAP_STATE_DIR", site.dir);
	set("GAP_TOTP_KEY_FILE", arena_printf(site.arena, "%s/totp.key", site.dir));
	set("GAP_BASE_URL", SITE_ORIGIN);
	set("XERO_CLIENT_ID", SITE_XERO_ID);
	assert_ok(conf_load(site.arena, CONF_FOR_WEB, &conf, &e));
	assert_ok(site_open(site.arena, conf, &ask.site, &e));
	scarcity_begin();
	answered = mmap(NULL, sizeof *answered, PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_ptr_not_equal(answered, MAP_FAILED);
}

static void close_site(void)
{
	render_free(&ask.site->templates);
}

static void log_in(struct firm *f, struct browser *b)
{
	firm_make(f);
	person_enrol(&f->member);
	*b = (struct browser){0};
	browser_enter(b, &f->member, 2);
	assert_status(browse(b, "/clients/new"), 200);
	ask.cookie = arena_printf(site.arena, "%s=%s", SITE_COOKIE, b->cookie);
}

/* Clients, their contacts, links and audit lines of the firm: what one "Add client" makes one of each. */
static const char *books(const struct firm *f)
{
	return sql_text(
		"SELECT concat_ws(' ', (SELECT count(*) FROM client WHERE org_id = %lld),"
		" (SELECT count(*) FROM contact WHERE org_id = %lld),"
		" (SELECT count(*) FROM client_contact WHERE org_id = %lld),"
		" (SELECT count(*) FROM client_change WHERE org_id = %lld AND field = 'client'),"
		" (SELECT count(*) FROM audit_event WHERE org_id = %lld AND event = 'client.added'))",
		(long long)f->org_id, (long long)f->org_id, (long long)f->org_id,
		(long long)f->org_id, (long long)f->org_id);
}

static const char *books_of(int n)
{
	return arena_printf(site.arena, "%d %d %d %d %d", n, n, n, n, n);
}

/* Adds a client of a new name in a child; its exit status. */
static int add_client(const struct browser *b, int64_t fails)
{
	static int nth;
	*answered = 0;
	ask.form = arena_printf(site.arena,
		"csrf=%s&name=Harbour+%d&status=client&contact_first=Nora&email=n%d%%40b.example",
		b->csrf, nth, nth);
	nth++;
	return scarce(fails, serve_it, NULL);
}

static void fault_15_a_request_without_memory_happens_whole_or_not_at_all(void **state)
{
	struct firm f;
	struct browser b;
	int made = 1, died = 0;
	(void)state;
	log_in(&f, &b);
	open_site();
	ask.method = "POST";
	ask.uri = "/clients/new";
	assert_int_equal(add_client(&b, 0), 0);
	assert_int_equal(*answered, 303);
	assert_string_equal(books(&f), books_of(made));
	int64_t all = scarcity->made;
	assert_in_range(all, 10, 10000);
	for (int64_t fails = 1; fails <= all; fails++) {
		int status = add_client(&b, fails);
		if (status != 0 && status != OUT_OF_MEMORY)
			fail_msg("allocation %lld ended the web with %d", (long long)fails,
				status);
		died += status == OUT_OF_MEMORY;
		made += strcmp(books(&f), books_of(made + 1)) == 0;
		assert_string_equal(books(&f), books_of(made));
	}
	assert_true(died > 5);
	/* Nothing of it stays behind: the next one is served. */
	assert_int_equal(add_client(&b, 0), 0);
	assert_int_equal(*answered, 303);
	assert_string_equal(books(&f), books_of(made + 1));
	close_site();
}

static void fault_15_a_page_without_memory_ends_its_process_and_no_other(void **state)
{
	struct firm f;
	struct browser b;
	(void)state;
	log_in(&f, &b);
	open_site();
	(void)firm_client(&f, "Harbour Cafe", false);
	ask.method = "GET";
	ask.uri = "/clients";
	ask.form = "";
	assert_int_equal(scarce(0, serve_it, NULL), 0);
	assert_int_equal(*answered, 200);
	int64_t all = scarcity->made;
	const char *before = sql_state_of(f.org_id, 0);
	for (int64_t fails = 1; fails <= all; fails++) {
		int status = scarce(fails, serve_it, NULL);
		if (status != 0 && status != OUT_OF_MEMORY)
			fail_msg("allocation %lld ended the web with %d", (long long)fails,
				status);
	}
	assert_string_equal(sql_state_of(f.org_id, 0), before);
	assert_status(browse(&b, "/clients"), 200);
	close_site();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(fault_15_a_request_without_memory_happens_whole_or_not_at_all),
		SITE_TEST(fault_15_a_page_without_memory_ends_its_process_and_no_other),
	};
	return site_verdict(cmocka_run_group_tests(tests, site_begin, site_end));
}
