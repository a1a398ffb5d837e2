/*
 * Faults 31 to 33: bodies that end too early, never, or are made to hurt, over
 * real TLS. The parser alone meets every cut in unit/test_xpm_parse.c. With
 * LONG=1 every offset of every sample goes over the wire, else 200 of each sample.
 */
#include "support/sync_cases.h"
#include "support/wire.h"

#include "io/file.h"
#include "worker/sync.h"

#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

enum {
	PATIENCE_S = 120,
	ROOM = 72 * 1024 * 1024, /* more than a hostile run may hold */
	RSS_MAX_KIB = 64 * 1024,
	CPU_MAX_MS = 1000,
	OFFSETS = 67
};

/* A sanitizer's own memory and time are not the worker's. */
#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED true
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED true
#endif
#endif
#ifndef SANITIZED
#define SANITIZED false
#endif

/* ---- 31: cut ---- */

struct reading {
	struct arena *arena;
	struct xpm_parse *parse;
	int clients;
};

static bool on_client(
	void *user, struct arena *scratch, const struct xpm_client *c, struct err *e)
{
	struct reading *r = user;
	(void)scratch, (void)c, (void)e;
	r->clients++;
	return true;
}

static bool on_start(void *user, const char *media_type, const char *charset, struct err *e)
{
	struct reading *r = user;
	return xpm_parse_new(
		r->arena, XPM_LIST, media_type, charset, on_client, r, &r->parse, e);
}

static bool on_piece(void *user, struct str bytes, struct err *e)
{
	struct reading *r = user;
	return xpm_parse_feed(r->parse, bytes, e);
}

/* As a run reads it: the transfer must end well, and the document prove itself. */
static bool accepted(void)
{
	struct arena *a = arena_new();
	struct reading r = {.arena = a};
	const struct xero_sink sink = {on_start, on_piece, NULL, &r};
	const struct secret *access = secret_new(a, "the-access", 10);
	struct xero_answer answer;
	struct err e = {0};
	bool ok = wire.xero.list(wire.xero.self, a, access, "the-tenant", &sink, &answer, &e) &&
		  r.parse != NULL && xpm_parse_end(r.parse, &e);
	arena_free(&a);
	return ok;
}

static void cut_everywhere(struct str doc, enum wire_framing framing)
{
	const char *is_long = getenv("LONG");
	size_t n = is_long != NULL && strcmp(is_long, "1") == 0 ? doc.n : OFFSETS;
	n = n < doc.n ? n : doc.n;
	for (size_t i = 0; i < n; i++) {
		size_t cut = i + 1 == n ? doc.n - 1 : i * doc.n / n;
		wire_bad_cut(framing, cut, i % 2 == 0, 1);
		if (accepted())
			fail_msg("framing %d: cut after %zu of %zu bytes and accepted", framing,
				cut, doc.n);
	}
	wire_bad_cut(framing, doc.n, true, 1);
	/* Whole it is good, the last chunk and all. (A gzip stream of ours has no end of its own.) */
	if (framing != WIRE_GZIP)
		assert_true(accepted());
}

static void fault_31_a_sample_cut_anywhere_in_any_framing_is_refused(void **state)
{
	static const struct {
		const char *file, *media_type;
	} samples[] = {
		{"tests/data/xpm/parse/list.xml", "text/xml"},
		{"tests/data/xpm/parse/list.json", "application/json"},
		{"tests/data/xpm/parse/paged.xml", "application/xml"},
	};
	wire_start(*state, TLS_GOOD, PATIENCE_S, ROOM);
	for (size_t i = 0; i < ARRAY_LEN(samples); i++) {
		struct str doc;
		struct err e;
		assert_ok(file_read(*state, samples[i].file, WIRE_BODY_MAX, &doc, &e));
		doc = str_trim(doc);
		(void)snprintf(wire.plan->media_type, sizeof wire.plan->media_type, "%s",
			samples[i].media_type);
		wire_say(doc);
		assert_true(accepted());
		for (int framing = 0; framing < WIRE_FRAMINGS; framing++)
			cut_everywhere(doc, (enum wire_framing)framing);
	}
	wire_stop();
}

static void fault_31_a_run_that_meets_a_cut_list_is_f(void **state)
{
	wire_live(*state, PATIENCE_S, ROOM);
	size_t whole = wire.plan->body_n;
	const size_t cuts[] = {0, 1, 60, whole / 2, whole - 1};
	for (int framing = 0; framing < WIRE_FRAMINGS; framing++)
		for (size_t i = 0; i < ARRAY_LEN(cuts); i++) {
			wire_bad_cut(
				(enum wire_framing)framing, cuts[i], i % 2 == 1, WIRE_ALWAYS);
			wire_ends_as_f("", SYNC_TRIES);
		}
	wire_stop();
}

/* ---- 32, 33: what a run costs, in a process of its own ---- */

static struct cost {
	long rss_kib;
	int64_t cpu_ms;
} * cost;

static int64_t cpu_ms(const struct rusage *u)
{
	return (u->ru_utime.tv_sec + u->ru_stime.tv_sec) * 1000 +
	       (u->ru_utime.tv_usec + u->ru_stime.tv_usec) / 1000;
}

static int costed_child(void)
{
	struct arena *home = arena_new();
	struct worker w;
	struct err e;
	struct rusage before, after;
	bool did = false;
	int wait_s = 0;
	world_worker(&w, home, "costed");
	wire.setup.http = http_new(home, wire.server.ca_file);
	wire.xero = xero_real(home, &wire.setup);
	w.xero = &wire.xero;
	(void)getrusage(RUSAGE_SELF, &before);
	bool ok = worker_step(&w, &did, &wait_s, &e) && did;
	(void)getrusage(RUSAGE_SELF, &after);
	*cost = (struct cost){after.ru_maxrss, cpu_ms(&after) - cpu_ms(&before)};
	return ok ? 0 : 1;
}

static const char *run_in_child(const char *payload)
{
	(void)db_do("UPDATE job SET due_at = now() + interval '1 day' WHERE due_at <= now()");
	(void)db_do("DELETE FROM xero_budget");
	world_queue("sync", payload);
	pid_t pid = fork();
	if (pid == 0)
		_exit(costed_child());
	assert_int_equal(world_reap(pid), 0);
	return db_ask("SELECT state FROM sync_run ORDER BY run_id DESC LIMIT 1");
}

static void begin_costed(void **state)
{
	cost = mmap(
		NULL, sizeof *cost, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_ptr_not_equal(cost, MAP_FAILED);
	wire_live(*state, PATIENCE_S, ROOM);
	wire.run = run_in_child;
}

static void within_memory(void)
{
	if (SANITIZED)
		print_message("skipped: memory of a sanitized process\n");
	else
		assert_in_range(cost->rss_kib, 1, RSS_MAX_KIB);
}

#define XML_HEAD \
	"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: text/xml; charset=utf-8\r\n"
#define BEGUN "<Response><Status>OK</Status><Clients>"

static void say_for_ever(struct tls_peer *p, const char *text)
{
	struct buf b;
	struct arena *a = arena_new();
	buf_init(&b, a, 64 * 1024);
	while (b.len + strlen(text) < 60000)
		buf_adds(&b, text);
	while (tls_is_heard(p))
		tls_say(p, buf_str(&b));
	arena_free(&a);
}

static void endless_clients(struct tls_peer *p)
{
	tls_say(p, STR(XML_HEAD "\r\n" BEGUN));
	say_for_ever(p, "<Client><UUID>c3d5e782-2153-4cda-bdb4-cec791ceb90d</UUID>"
			"<Name>Again</Name><Contacts /></Client>\n");
}

/* Records that are all refused: the report of them must not grow without end either. */
static void endless_refusals(struct tls_peer *p)
{
	tls_say(p, STR(XML_HEAD "\r\n" BEGUN));
	say_for_ever(p, "<Client><Name>Without an id</Name><Contacts /></Client>\n");
}

static void gigabytes(struct tls_peer *p)
{
	tls_say(p, STR(XML_HEAD "Content-Length: 5368709120\r\n\r\n" BEGUN));
	say_for_ever(p, "<!-- nothing to see here -->");
}

static void gzip_bomb(struct tls_peer *p)
{
	tls_say(p, STR(XML_HEAD "Content-Encoding: gzip\r\n\r\n"));
	tls_say_bomb(p, STR(BEGUN), ' ');
}

static void fault_32_an_endless_body_is_stopped_at_the_cap(void **state)
{
	static const struct {
		void (*say)(struct tls_peer *p);
		const char *reason;
		int calls;
	} cases[] = {
		/* Too large stays too large: no second try of so much. */
		{endless_clients, "larger than", 1},
		{endless_refusals, "larger than", 1},
		{gigabytes, "larger than", 1},
		/* Blanks without end are one text: its own limit comes first. */
		{gzip_bomb, "too much text", SYNC_TRIES},
	};
	begin_costed(state);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		wire_bad(cases[i].say, WIRE_ALWAYS);
		wire_ends_as_f(cases[i].reason, cases[i].calls);
		within_memory();
	}
	wire_stop();
}

static void say_nested(struct tls_peer *p)
{
	tls_say(p, STR(XML_HEAD "\r\n" BEGUN "<Client>"));
	say_for_ever(p, "<Deeper>");
}

static void say_attributes(struct tls_peer *p)
{
	char attribute[32];
	tls_say(p, STR(XML_HEAD "\r\n" BEGUN "<Client"));
	for (int i = 0; i < 1000000 && (i % 1000 != 0 || tls_is_heard(p)); i++) {
		(void)snprintf(attribute, sizeof attribute, " a%d=\"\"", i);
		tls_say(p, str_of(attribute));
	}
	tls_say(p, STR("></Client></Clients></Response>"));
}

static void say_text(struct tls_peer *p)
{
	tls_say(p, STR(XML_HEAD "\r\n" BEGUN "<Client><Name>"));
	say_for_ever(p, "a name without end ");
}

static void say_tag(struct tls_peer *p)
{
	tls_say(p, STR(XML_HEAD "\r\n" BEGUN "<"));
	say_for_ever(p, "tag");
}

static void say_names(struct tls_peer *p)
{
	char element[40];
	tls_say(p, STR(XML_HEAD "\r\n" BEGUN "<Client>"));
	for (int i = 0; i < 10000000 && (i % 1000 != 0 || tls_is_heard(p)); i++) {
		(void)snprintf(element, sizeof element, "<element%d />", i);
		tls_say(p, str_of(element));
	}
}

static void say_laughs(struct tls_peer *p)
{
	struct buf b;
	struct arena *a = arena_new();
	buf_init(&b, a, 64 * 1024);
	buf_adds(&b, XML_HEAD "\r\n<!DOCTYPE Response [<!ENTITY l0 \"ha\">");
	for (int i = 1; i < 10; i++) {
		buf_printf(&b, "<!ENTITY l%d \"", i);
		for (int k = 0; k < 10; k++)
			buf_printf(&b, "&l%d;", i - 1);
		buf_adds(&b, "\">");
	}
	buf_adds(&b, "]>" BEGUN "<Client><Name>&l9;</Name></Client></Clients></Response>");
	tls_say(p, buf_str(&b));
	arena_free(&a);
}

static void fault_33_what_is_made_to_hurt_is_refused_cheaply(void **state)
{
	static const struct {
		void (*say)(struct tls_peer *p);
		const char *reason;
	} cases[] = {{say_nested, "nested too deep"}, {say_attributes, "refused"},
		{say_text, "too much text"}, {say_tag, "refused"}, {say_names, "refused"},
		{say_laughs, "refused"}};
	begin_costed(state);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		wire_bad(cases[i].say, WIRE_ALWAYS);
		wire_ends_as_f(cases[i].reason, SYNC_TRIES);
		within_memory();
		if (!SANITIZED)
			assert_in_range(cost->cpu_ms, 0, CPU_MAX_MS);
	}
	wire_stop();
}

static void note_visit(struct tls_peer *p)
{
	(void)tls_hear_request(p);
}

static void fault_33_an_external_entity_is_neither_read_nor_fetched(void **state)
{
	wire_live(*state, PATIENCE_S, ROOM);
	struct tls_server elsewhere = tls_server_start(*state, TLS_GOOD, false, note_visit);
	const char *secret = arena_printf(*state, "%s/tokens.key", g.dir);
	const char *url = tls_server_url(*state, &elsewhere, "/evil.dtd");
	const char *entities[] = {
		arena_printf(*state, "<!ENTITY e SYSTEM \"file://%s\">", secret),
		arena_printf(*state, "<!ENTITY e SYSTEM \"%s\">", url),
		arena_printf(*state, "<!ENTITY %% p SYSTEM \"%s\">%%p;", url)};
	for (size_t i = 0; i < ARRAY_LEN(entities); i++) {
		wire_bad_answer(
			arena_printf(*state,
				XML_HEAD
				"\r\n<!DOCTYPE Response [%s]>" BEGUN
				"<Client><Name>&e;</Name></Client></Clients></Response>",
				entities[i]),
			WIRE_ALWAYS);
		wire_ends_as_f("refused", SYNC_TRIES);
	}
	assert_int_equal(tls_server_log(*state, &elsewhere).n, 0);
	tls_server_stop(&elsewhere);
	wire_stop();
}

static int tear_down(void **state)
{
	tls_server_forget_ca();
	return world_tear_down(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(fault_31_a_sample_cut_anywhere_in_any_framing_is_refused),
		WORLD_TEST(fault_31_a_run_that_meets_a_cut_list_is_f),
		WORLD_TEST(fault_32_an_endless_body_is_stopped_at_the_cap),
		WORLD_TEST(fault_33_what_is_made_to_hurt_is_refused_cheaply),
		WORLD_TEST(fault_33_an_external_entity_is_neither_read_nor_fetched),
	};
	return cmocka_run_group_tests(tests, world_set_up, tear_down);
}
