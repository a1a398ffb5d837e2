#include "support/wire.h"

#include "base/buf.h"

#include <sys/mman.h>

enum { CHUNK = 37, GZIP_BLOCK = 41 };

struct wire wire;

#define HEAD "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: "

static void say_json(struct tls_peer *p, const char *body)
{
	char head[200];
	(void)snprintf(head, sizeof head, "%sapplication/json\r\nContent-Length: %zu\r\n\r\n",
		HEAD, strlen(body));
	tls_say(p, str_of(head));
	tls_say(p, str_of(body));
}

static void say_tokens(struct tls_peer *p)
{
	char body[200];
	int n = ++wire.plan->refreshes;
	(void)snprintf(body, sizeof body,
		"{\"access_token\":\"access-%d\",\"refresh_token\":\"refresh-%d\","
		"\"expires_in\":1800,\"token_type\":\"Bearer\"}",
		n, n);
	say_json(p, body);
}

static void say_connections(struct tls_peer *p)
{
	char body[300];
	(void)snprintf(body, sizeof body,
		"[{\"id\":\"%s\",\"tenantId\":\"%s\",\"tenantType\":\"PRACTICEMANAGER\","
		"\"tenantName\":\"Harbour Practice\"}]",
		stub_uuid(NULL, 'x', 1), stub_uuid(NULL, 't', 1));
	say_json(p, body);
}

static void add_head(struct buf *b, const char *more)
{
	buf_printf(b, "%s%s\r\n%s\r\n", HEAD, wire.plan->media_type, more);
}

/* RFC 9112 section 7.1; the end only when the whole body was there. */
static void add_chunks(struct buf *b, struct str body, bool whole)
{
	for (size_t at = 0; at < body.n; at += CHUNK) {
		struct str piece = str_sub(body, at, body.n - at < CHUNK ? body.n - at : CHUNK);
		buf_printf(b, "%zx\r\n", piece.n);
		buf_addstr(b, piece);
		buf_adds(b, "\r\n");
	}
	buf_adds(b, whole ? "0\r\n\r\n" : "");
}

static void add_u16(struct buf *b, size_t n)
{
	buf_addc(b, (char)(n & 0xFF));
	buf_addc(b, (char)(n >> 8 & 0xFF));
}

/* Stored blocks (RFC 1951 section 3.2.4), none of them the last: a stream that breaks off. */
static void add_gzip(struct buf *b, struct str body)
{
	static const unsigned char head[] = {0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3};
	buf_add(b, head, sizeof head);
	for (size_t at = 0; at < body.n; at += GZIP_BLOCK) {
		struct str piece =
			str_sub(body, at, body.n - at < GZIP_BLOCK ? body.n - at : GZIP_BLOCK);
		buf_addc(b, 0);
		add_u16(b, piece.n);
		add_u16(b, ~piece.n & 0xFFFF);
		buf_addstr(b, piece);
	}
}

/* Chunks and a length tell what is missing; a closed connection and an inner gzip do not. */
static void say_cut(struct tls_peer *p)
{
	const struct wire_plan *plan = wire.plan;
	struct arena *a = arena_new();
	struct str whole = {plan->body, plan->body_n};
	struct str body = str_sub(whole, 0, plan->cut < whole.n ? plan->cut : whole.n);
	struct buf b, gzip;
	buf_init(&b, a, 2 * WIRE_BODY_MAX);
	buf_init(&gzip, a, 2 * WIRE_BODY_MAX);
	switch (plan->framing) {
	case WIRE_LENGTH:
		add_head(&b, arena_printf(a, "Content-Length: %zu\r\n", whole.n));
		buf_addstr(&b, body);
		break;
	case WIRE_CHUNKED:
		add_head(&b, "Transfer-Encoding: chunked\r\n");
		add_chunks(&b, body, body.n == whole.n);
		break;
	case WIRE_CLOSE:
		add_head(&b, "");
		buf_addstr(&b, body);
		break;
	case WIRE_GZIP:
		add_gzip(&gzip, body);
		add_head(
			&b, arena_printf(a, "Content-Encoding: gzip\r\nContent-Length: %zu\r\n",
				    gzip.len));
		buf_addstr(&b, buf_str(&gzip));
		break;
	case WIRE_FRAMINGS:
		break;
	}
	tls_say(p, buf_str(&b));
	arena_free(&a);
	if (!plan->farewell)
		tls_vanish(p);
}

static void say_answer(struct tls_peer *p)
{
	tls_say(p, (struct str){wire.plan->answer, wire.plan->answer_n});
}

static void say_list(struct tls_peer *p)
{
	struct wire_plan *plan = wire.plan;
	char head[300];
	plan->lists++;
	if (plan->bad > 0) {
		plan->bad--;
		plan->fault(p);
		return;
	}
	(void)snprintf(head, sizeof head, "%s%s\r\nContent-Length: %zu\r\n\r\n", HEAD,
		plan->media_type, plan->body_n);
	tls_say(p, str_of(head));
	tls_say(p, (struct str){plan->body, plan->body_n});
}

static void talk(struct tls_peer *p)
{
	struct str q = tls_hear_request(p);
	if (q.n == 0)
		return;
	if (str_starts(q, "POST /connect/token "))
		say_tokens(p);
	else if (str_starts(q, "GET /connections "))
		say_connections(p);
	else if (str_starts(q, "GET /practicemanager/3.1/client.api/list "))
		say_list(p);
	else
		tls_say(p, STR("HTTP/1.1 404 Not Found\r\nConnection: close\r\n"
			       "Content-Length: 0\r\n\r\n"));
}

void wire_start(struct arena *a, enum tls_certificate certificate, int list_timeout_s,
	int64_t list_max_bytes)
{
	wire.plan = mmap(NULL, sizeof *wire.plan, PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (wire.plan == MAP_FAILED)
		die("no shared memory");
	(void)snprintf(
		wire.plan->media_type, sizeof wire.plan->media_type, "text/xml; charset=utf-8");
	wire.server = tls_server_start(a, certificate, false, talk);
	wire.setup = (struct xero_setup){.http = http_new(a, wire.server.ca_file),
		.token_url = tls_server_url(a, &wire.server, "/connect/token"),
		.revoke_url = tls_server_url(a, &wire.server, "/connect/revocation"),
		.jwks_url = tls_server_url(a, &wire.server, "/jwks"),
		.api_url = tls_server_url(a, &wire.server, ""),
		.client_id = "the-client",
		.redirect_uri = "https://localhost:8443/oauth/xero/callback",
		.client_secret = secret_new(a, "the-secret", 10),
		.list_timeout_s = list_timeout_s,
		.list_max_bytes = list_max_bytes};
	wire.xero = xero_real(a, &wire.setup);
	wire.run = world_sync;
}

void wire_stop(void)
{
	tls_server_stop(&wire.server);
	(void)munmap(wire.plan, sizeof *wire.plan);
	wire.plan = NULL;
}

void wire_say(struct str body)
{
	if (body.n > sizeof wire.plan->body)
		die("more than the wire holds");
	memcpy(wire.plan->body, body.p, body.n);
	wire.plan->body_n = body.n;
}

void wire_say_clients(void)
{
	struct arena *a = arena_new();
	wire_say(stub_document(a, g.x));
	arena_free(&a);
}

void wire_bad(void (*fault)(struct tls_peer *p), int times)
{
	wire.plan->fault = fault;
	wire.plan->bad = times;
}

void wire_bad_answer(const char *answer, int times)
{
	size_t n = strlen(answer);
	if (n > sizeof wire.plan->answer)
		die("more than the wire holds");
	memcpy(wire.plan->answer, answer, n);
	wire.plan->answer_n = n;
	wire_bad(say_answer, times);
}

void wire_bad_cut(enum wire_framing framing, size_t cut, bool farewell, int times)
{
	wire.plan->framing = framing;
	wire.plan->cut = cut;
	wire.plan->farewell = farewell;
	wire_bad(say_cut, times);
}

void wire_live(struct arena *a, int list_timeout_s, int64_t list_max_bytes)
{
	for (int i = 1; i <= 3; i++)
		stub_contact(stub_client(g.x, i, arena_printf(g.home, "Client %d", i)), i,
			"Ann", "ann@example.com")
			->primary = true;
	world_connect();
	assert_string_equal(world_sync("{\"trigger\":\"first\"}"), "complete");
	wire_start(a, TLS_GOOD, list_timeout_s, list_max_bytes);
	wire_say_clients();
	g.w.xero = &wire.xero;
}

/* Something Xero knows and we do not: the run that is good must bring it. */
static const char *news(void)
{
	static int n;
	const char *name = arena_printf(g.home, "Renamed %d", ++n);
	stub_find(g.x, 2)->name = name;
	wire_say_clients();
	return name;
}

void wire_ends_as_f(const char *reason, int calls)
{
	static const char manual[] = "{\"trigger\":\"manual\",\"user\":1,\"name\":\"Ada\"}";
	const char *before = world_picture(d.org);
	const char *name = news();
	int lists = wire.plan->lists;
	assert_string_equal(wire.run(manual), "failed");
	const char *cause =
		db_ask("SELECT cause_text FROM sync_run ORDER BY run_id DESC LIMIT 1");
	if (cause == NULL || strstr(cause, reason) == NULL)
		fail_msg("\"%s\" does not say: %s", cause == NULL ? "" : cause, reason);
	assert_int_equal(
		db_number("SELECT count(*) FROM client WHERE archived_at IS NOT NULL"), 0);
	assert_string_equal(world_picture(d.org), before);
	assert_string_equal(world_connection("state"), "degraded");
	if (calls != 0)
		assert_int_equal(wire.plan->lists - lists, calls);
	wire.plan->bad = 0;
	assert_string_equal(world_sync(manual), "complete");
	assert_string_equal(world_connection("state"), "live");
	assert_string_equal(
		db_ask(arena_printf(g.home, "SELECT name FROM client WHERE xpm_id = '%s'",
			stub_uuid(NULL, 'c', 2))),
		name);
}
