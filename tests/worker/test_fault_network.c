/*
 * Faults 36 to 39: slowness, names, certificates, broken connections. As whole
 * runs where the run matters; what the transport alone decides is also in
 * unit/test_http_faults.c.
 */
#include "support/sync_cases.h"
#include "support/wire.h"

#include "base/clock.h"
#include "worker/sync.h"

#include <arpa/inet.h>
#include <dlfcn.h>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { SHORT_S = 2, ROOM = 8 * 1024 * 1024, NAME_LIMIT_MS = 10000 };

static void begin_list(struct tls_peer *p)
{
	tls_say(p, STR("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 100000\r\n"
		       "Content-Type: text/xml\r\n\r\n<Response>"));
}

static void drip(struct tls_peer *p)
{
	begin_list(p);
	while (tls_is_heard(p)) {
		tls_say(p, STR(" "));
		tls_pause(200);
	}
}

static void stall(struct tls_peer *p)
{
	begin_list(p);
	while (tls_is_heard(p))
		tls_pause(50);
}

/* As half-open TCP looks from here: the request was taken, and then nothing ever. */
static void silence(struct tls_peer *p)
{
	while (tls_is_heard(p))
		tls_pause(50);
}

static void fault_36_a_slow_a_stalled_and_a_silent_xero_are_f(void **state)
{
	static void (*const slow[])(struct tls_peer *) = {drip, stall, silence};
	wire_live(*state, SHORT_S, ROOM);
	for (size_t i = 0; i < ARRAY_LEN(slow); i++) {
		int64_t start = clock_mono_ms();
		wire_bad(slow[i], WIRE_ALWAYS);
		wire_ends_as_f("No complete answer", SYNC_TRIES);
		assert_in_range(clock_mono_ms() - start, SYNC_TRIES * SHORT_S * 1000 - 300,
			SYNC_TRIES * SHORT_S * 1000 + 9000);
	}
	wire_stop();
}

/* ---- names ---- */

/* libcurl's look-up comes through here: one name is slow, one has a wrong address. */
int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
	struct addrinfo **found_r)
{
	static int (*real)(
		const char *, const char *, const struct addrinfo *, struct addrinfo **);
	if (real == NULL)
		*(void **)&real = dlsym(RTLD_NEXT, "getaddrinfo");
	if (node != NULL && strcmp(node, "slow.invalid") == 0)
		(void)poll(NULL, 0, 3 * NAME_LIMIT_MS);
	if (node != NULL && strcmp(node, "moved.invalid") == 0)
		node = "127.0.0.1";
	return real(node, service, hints, found_r);
}

/* Every way a name or an address may fail, and how long finding out takes. */
static void fault_37_a_name_that_fails_is_over_in_ten_seconds(void **state)
{
	wire_live(*state, SHORT_S, ROOM);
	const char *hosts[] = {"nowhere.invalid", "slow.invalid", "moved.invalid"};
	for (size_t i = 0; i < ARRAY_LEN(hosts); i++) {
		struct err e;
		struct http_reply r;
		const struct http_request q = {.method = "GET",
			.url = arena_printf(
				*state, "https://%s:%d/", hosts[i], wire.server.port),
			.bearer = secret_new(*state, "the-access", 10)};
		int64_t start = clock_mono_ms();
		assert_fails(http_fetch(wire.setup.http, *state, &q, &r, &e), ERR_UPSTREAM);
		assert_true(clock_mono_ms() - start < NAME_LIMIT_MS);
		assert_false(r.was_sent);
		/* Where somebody else answers, his certificate gives him away. */
		assert_int_equal(r.untrusted, i == 2);
	}
	struct str heard = tls_server_log(*state, &wire.server);
	assert_null(memmem(heard.p, heard.n, "the-access", 10));
	wire_stop();
}

/* An address where nobody ever answers: a queue that is full drops what comes. */
static void fault_37_an_address_that_swallows_everything_is_over_too(void **state)
{
	struct sockaddr_in to = {
		.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t n = sizeof to;
	int queued[4], fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct err e;
	struct http_reply r;
	assert_int_equal(bind(fd, (struct sockaddr *)&to, sizeof to), 0);
	assert_int_equal(listen(fd, 0), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&to, &n), 0);
	for (size_t i = 0; i < ARRAY_LEN(queued); i++) {
		queued[i] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
		(void)connect(queued[i], (struct sockaddr *)&to, sizeof to);
	}
	const struct http_request q = {.method = "GET",
		.url = arena_printf(*state, "https://127.0.0.1:%d/", ntohs(to.sin_port))};
	int64_t start = clock_mono_ms();
	assert_fails(http_fetch(http_new(*state, NULL), *state, &q, &r, &e), ERR_UPSTREAM);
	assert_in_range(clock_mono_ms() - start, 1000, NAME_LIMIT_MS);
	for (size_t i = 0; i < ARRAY_LEN(queued); i++)
		(void)close(queued[i]);
	(void)close(fd);
}

/* The list of one practice has no address any more; that of another is played by the stub. */
static struct xero lost;

static bool list_of_one_lost(void *self, struct arena *a, const struct secret *access,
	const char *tenant, const struct xero_sink *sink, struct xero_answer *w, struct err *e)
{
	(void)self;
	const struct xero *x =
		strcmp(tenant, stub_uuid(NULL, 't', 1)) == 0 ? &lost : &g.x->xero;
	return x->list(x->self, a, access, tenant, sink, w, e);
}

static void second_organisation(void)
{
	(void)db_do(arena_printf(g.home,
		"INSERT INTO connection (org_id, state, grant_id, tenant_id, xero_connection_id, connected_at)"
		" SELECT 1002, 'first_import', grant_id, '%s', xero_connection_id, connected_at FROM connection",
		stub_uuid(NULL, 't', 2)));
	(void)db_do("INSERT INTO grant_use SELECT 1002, grant_id FROM grant_use");
}

static void fault_37_one_organisations_name_is_no_others_trouble(void **state)
{
	live();
	second_organisation();
	const char *before = world_picture(d.org);
	struct xero_setup setup = {.http = http_new(*state, NULL),
		.api_url = "https://nowhere.invalid",
		.list_timeout_s = SHORT_S,
		.list_max_bytes = ROOM};
	lost = xero_real(*state, &setup);
	struct xero mixed = g.x->xero;
	mixed.list = list_of_one_lost;
	g.w.xero = &mixed;
	world_queue("sync", MANUAL);
	(void)db_do(
		"INSERT INTO job (org_id, kind, payload) VALUES (1002, 'sync', '{\"trigger\":\"first\"}')");
	(void)world_work();
	assert_string_equal(
		db_ask("SELECT string_agg(org_id || ' ' || state, ', ' ORDER BY org_id) FROM sync_run WHERE trigger <> 'first' OR org_id = 1002"),
		"1001 failed, 1002 complete");
	assert_int_equal(db_number("SELECT count(*) FROM client WHERE org_id = 1002"), 1);
	assert_string_equal(world_picture(d.org), before);
	/* The name is found again. */
	g.w.xero = &g.x->xero;
	assert_string_equal(world_sync(MANUAL), "complete");
}

/* ---- who is at the other end ---- */

static void fault_38_who_cannot_prove_to_be_xero_gets_no_token(void **state)
{
	static const enum tls_certificate bad[] = {
		TLS_EXPIRED, TLS_OTHER_HOST, TLS_SELF_SIGNED, TLS_OLD, TLS_HALF};
	live();
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		const char *before = world_picture(d.org);
		stub_find(g.x, 1)->name = arena_printf(*state, "Renamed %zu", i);
		wire_start(*state, bad[i], 3, ROOM);
		g.w.xero = &wire.xero;
		assert_string_equal(world_sync(MANUAL), "failed");
		assert_string_equal(world_picture(d.org), before);
		assert_string_equal(world_connection("state"), "degraded");
		struct str heard = tls_server_log(*state, &wire.server);
		assert_null(memmem(heard.p, heard.n, "access-", 7));
		assert_int_equal(wire.plan->lists, 0);
		/* One line a run, for whoever looks after security. */
		assert_int_equal(
			db_number(
				"SELECT count(*) FROM audit_event WHERE event = 'xero.untrusted' AND result = 'refused'"),
			i + 1);
		wire_stop();
		g.w.xero = &g.x->xero;
		assert_string_equal(world_sync(MANUAL), "complete");
		assert_int_equal(world_run("changed"), 1);
	}
}

/* The same at the token endpoint: the refresh token stays here. */
static void fault_38_a_refresh_token_is_not_sent_to_a_stranger(void **state)
{
	live();
	wire_start(*state, TLS_SELF_SIGNED, 3, ROOM);
	g.w.xero = &wire.xero;
	(void)db_do("UPDATE xero_grant SET access_ends_at = now()");
	assert_string_equal(world_sync(MANUAL), "failed");
	struct str heard = tls_server_log(*state, &wire.server);
	assert_null(memmem(heard.p, heard.n, "refresh", 7));
	assert_int_equal(wire.plan->refreshes, 0);
	assert_int_equal(db_number("SELECT count(*) FROM xero_grant WHERE dead_at IS NULL"), 1);
	wire_stop();
	/* Nothing was sent: nothing can have rotated, and the old pair is good. */
	g.w.xero = &g.x->xero;
	(void)db_do("UPDATE xero_grant SET cool_until = NULL");
	assert_string_equal(world_sync(MANUAL), "complete");
	assert_int_equal(g.x->shared->refreshes, 1);
}

/* ---- broken connections ---- */

static void reset_before(struct tls_peer *p)
{
	tls_reset(p);
}

static void reset_within(struct tls_peer *p)
{
	begin_list(p);
	tls_reset(p);
}

static void leave(struct tls_peer *p)
{
	tls_vanish(p);
}

static void fault_39_a_reset_or_a_closed_door_is_f(void **state)
{
	static void (*const broken[])(struct tls_peer *) = {reset_before, reset_within, leave};
	wire_live(*state, SHORT_S, ROOM);
	for (size_t i = 0; i < ARRAY_LEN(broken); i++) {
		wire_bad(broken[i], WIRE_ALWAYS);
		wire_ends_as_f("No complete answer", SYNC_TRIES);
	}
	/* Nobody listens any more: refused. */
	stub_find(g.x, 1)->name = "Renamed";
	const char *before = world_picture(d.org);
	wire_stop();
	assert_string_equal(world_sync(MANUAL), "failed");
	assert_string_equal(world_picture(d.org), before);
	assert_string_equal(world_connection("state"), "degraded");
	g.w.xero = &g.x->xero;
	assert_string_equal(world_sync(MANUAL), "complete");
	assert_int_equal(world_run("changed"), 1);
}

static int tear_down(void **state)
{
	tls_server_forget_ca();
	return world_tear_down(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(fault_36_a_slow_a_stalled_and_a_silent_xero_are_f),
		WORLD_TEST(fault_37_a_name_that_fails_is_over_in_ten_seconds),
		WORLD_TEST(fault_37_an_address_that_swallows_everything_is_over_too),
		WORLD_TEST(fault_37_one_organisations_name_is_no_others_trouble),
		WORLD_TEST(fault_38_who_cannot_prove_to_be_xero_gets_no_token),
		WORLD_TEST(fault_38_a_refresh_token_is_not_sent_to_a_stranger),
		WORLD_TEST(fault_39_a_reset_or_a_closed_door_is_f),
	};
	return cmocka_run_group_tests(tests, world_set_up, tear_down);
}
