#include "support/fcgi_client.h"
#include "support/tiny_site.h"
#include "unit/test.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/* One server for all tests of this program; each test has an arena of its own. */
static struct tiny_site site;

static int begin_all(void **state)
{
	(void)state;
	return tiny_start(&site) ? 0 : -1;
}

static int end_all(void **state)
{
	(void)state;
	int status = tiny_stop(&site, 2000);
	tiny_clear(&site);
	return status;
}

static struct fcgi_answer get(struct arena *a, const char *uri)
{
	struct fcgi_answer r = {0};
	assert_true(fcgi_get(a, site.socket, uri, NULL, &r));
	return r;
}

static struct fcgi_answer ask(struct arena *a, const char *method, const char *uri)
{
	const struct fcgi_ask question = {method, uri, NULL, STR("")};
	struct fcgi_answer r = {0};
	assert_true(fcgi_ask(a, site.socket, &question, &r));
	return r;
}

static struct fcgi_answer post(
	struct arena *a, const char *uri, const char *const *params, struct str body)
{
	const struct fcgi_ask question = {"POST", uri, params, body};
	struct fcgi_answer r = {0};
	assert_true(fcgi_ask(a, site.socket, &question, &r));
	return r;
}

static void same_children(const pid_t before[TINY_CHILDREN_MAX])
{
	pid_t now[TINY_CHILDREN_MAX];
	assert_int_equal(tiny_children(&site, now), TINY_PROCESSES);
	assert_memory_equal(now, before, TINY_PROCESSES * sizeof now[0]);
}

static void a_page_is_served(void **state)
{
	struct fcgi_answer r = get(*state, "/");
	assert_int_equal(r.status, 200);
	assert_true(r.complete);
	assert_true(str_is(r.body, "hello"));
	assert_string_equal(fcgi_answer_header(*state, &r, "Content-Length"), "5");
	assert_string_equal(fcgi_answer_cookie(*state, &r, "__Host-t"), "abc");
	assert_string_equal(
		fcgi_answer_header(*state, &r, "content-type"), "text/plain; charset=utf-8");
}

static void every_answer_has_the_security_headers(void **state)
{
	static const struct {
		const char *method, *uri;
		int status;
	} cases[] = {{"GET", "/", 200}, {"GET", "/nowhere", 404}, {"PUT", "/", 405},
		{"GET", "/%00", 400}, {"GET", "/silent", 500}, {"HEAD", "/", 200},
		{"GET", "/stream", 200}, {"SEVENTEEN-LETTERS", "/", 400}};
	static const char *const names[] = {"Content-Security-Policy", "X-Content-Type-Options",
		"Referrer-Policy", "Strict-Transport-Security", "Cross-Origin-Opener-Policy",
		"Cross-Origin-Resource-Policy", "Permissions-Policy", "Cache-Control",
		"Content-Type"};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct fcgi_answer r = ask(*state, cases[i].method, cases[i].uri);
		assert_int_equal(r.status, cases[i].status);
		for (size_t k = 0; k < ARRAY_LEN(names); k++)
			assert_int_equal(fcgi_answer_count(&r, names[k]), 1);
		assert_string_equal(
			fcgi_answer_header(*state, &r, "Cache-Control"), "no-store");
	}
}

static void head_has_headers_and_no_body(void **state)
{
	static const char *const pages[] = {"/", "/big", "/stream", "/things/7"};
	for (size_t i = 0; i < ARRAY_LEN(pages); i++) {
		struct fcgi_answer r = ask(*state, "HEAD", pages[i]);
		struct fcgi_answer full = get(*state, pages[i]);
		assert_int_equal(r.status, 200);
		assert_true(r.complete);
		assert_int_equal(r.body.n, 0);
		assert_true(full.body.n > 0);
		assert_string_equal(r.head, full.head);
	}
}

static void routes_are_found(void **state)
{
	struct fcgi_answer r = get(*state, "/things/42");
	assert_true(str_is(r.body, "42"));
	assert_true(str_is(ask(*state, "DELETE", "/things/43").body, "43"));
	assert_int_equal(get(*state, "/things/x").status, 404);
	r = ask(*state, "POST", "/things/1");
	assert_int_equal(r.status, 405);
	assert_string_equal(fcgi_answer_header(*state, &r, "Allow"), "GET, HEAD, DELETE");
	r = ask(*state, "PROPFIND", "/echo");
	assert_int_equal(r.status, 405);
	assert_string_equal(fcgi_answer_header(*state, &r, "Allow"), "POST");
}

static void pools_have_their_own_sockets(void **state)
{
	struct fcgi_answer r;
	assert_true(str_is(get(*state, "/pool").body, "0"));
	assert_true(fcgi_get(*state, site.auth_socket, "/pool", NULL, &r));
	assert_true(str_is(r.body, "1"));
}

static void sockets_are_0660(void **state)
{
	struct stat st;
	(void)state;
	assert_int_equal(stat(site.socket, &st), 0);
	assert_true(S_ISSOCK(st.st_mode));
	assert_int_equal(st.st_mode & 07777, 0660);
	assert_int_equal(stat(site.auth_socket, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0660);
}

static void large_answers_come_whole(void **state)
{
	struct fcgi_answer r = get(*state, "/big");
	assert_true(r.complete);
	assert_int_equal(r.body.n, TINY_BIG);
	assert_int_equal(strspn(r.body.p, "x"), TINY_BIG);
}

/* Each big page leaves several MiB behind; the next request must begin with none of it. */
static void memory_is_given_back(void **state)
{
	struct arena *a = *state;
	const char *before = str_dup(a, get(a, "/used").body);
	for (int i = 0; i < 6; i++)
		(void)get(a, "/big");
	for (int i = 0; i < 6; i++)
		assert_string_equal(get(a, "/used").body.p, before);
}

static void streams_come_whole(void **state)
{
	struct fcgi_answer r = get(*state, "/stream");
	assert_true(r.complete);
	assert_true(str_is(r.body, "abc"));
	assert_null(fcgi_answer_header(*state, &r, "Content-Length"));
}

static void an_aborted_answer_is_seen_to_be_cut(void **state)
{
	struct fcgi_answer r = get(*state, "/cut");
	assert_false(r.complete);
	assert_true(str_is(r.body, "half"));
	assert_null(fcgi_answer_header(*state, &r, "Content-Length"));
}

static void a_page_that_says_nothing_is_a_500(void **state)
{
	struct fcgi_answer r = get(*state, "/silent");
	assert_int_equal(r.status, 500);
	assert_true(r.body.n > 0);
}

static void forms_are_read(void **state)
{
	struct fcgi_answer r =
		post(*state, "/echo", NULL, STR("text=J%C3%B6rg+%3Cb%3E&role=admin"));
	assert_int_equal(r.status, 200);
	assert_true(str_is(r.body, "J\xC3\xB6rg <b>"));
	r = post(*state, "/echo", NULL, STR(""));
	assert_int_equal(r.status, 422);
	assert_true(str_is(r.body, "Enter a text."));
}

static struct str text_body(struct arena *a, size_t n)
{
	char *p = arena_alloc(a, n + 1);
	memset(p, 'x', n);
	memcpy(p, "text=", 5);
	return (struct str){p, n};
}

static void bodies_end_at_64_kib(void **state)
{
	struct arena *a = *state;
	static const char *const claims[] = {"CONTENT_LENGTH", "1000000000", NULL};
	static const char *const absurd[] = {"CONTENT_LENGTH", "99999999999999999999", NULL};
	pid_t before[TINY_CHILDREN_MAX];
	tiny_children(&site, before);
	struct fcgi_answer r = post(a, "/echo", NULL, text_body(a, 65536));
	assert_int_equal(r.status, 200);
	assert_int_equal(r.body.n, 65531);
	assert_int_equal(post(a, "/echo", NULL, text_body(a, 65537)).status, 413);
	assert_int_equal(post(a, "/echo", NULL, text_body(a, 3000000)).status, 413);
	assert_int_equal(post(a, "/echo", claims, text_body(a, 100)).status, 413);
	int status = post(a, "/echo", absurd, text_body(a, 100)).status;
	assert_true(status == 400 || status == 413);
	same_children(before);
}

static void bodies_shorter_than_they_say_are_refused(void **state)
{
	static const char *const claims[] = {"CONTENT_LENGTH", "200", NULL};
	static const char *const words[] = {"CONTENT_LENGTH", "ten", NULL};
	static const char *const less[] = {"CONTENT_LENGTH", "-5", NULL};
	assert_int_equal(post(*state, "/echo", claims, STR("text=abc")).status, 400);
	assert_int_equal(post(*state, "/echo", words, STR("text=abc")).status, 400);
	assert_int_equal(post(*state, "/echo", less, STR("text=abc")).status, 400);
}

static void what_is_not_well_formed_is_400(void **state)
{
	static const char *const uris[] = {"/?a=%00", "/%00", "/?a=%ff", "/?a=\xFF", "/\xFF",
		"/?a=1&a=2", "/?a=%", "/%zz", "*", "https://evil.example/"};
	static const struct str bodies[] = {{"text=\0", 6}, {"text=%00", 8}, {"text=%FF", 8},
		{"text=\xC3", 6}, {"text=1&text=2", 13}, {"text=%", 6}};
	static const char *const json[] = {"CONTENT_TYPE", "application/json", NULL};
	static const char *const plain[] = {"CONTENT_TYPE", "text/plain", NULL};
	for (size_t i = 0; i < ARRAY_LEN(uris); i++)
		assert_int_equal(get(*state, uris[i]).status, 400);
	for (size_t i = 0; i < ARRAY_LEN(bodies); i++)
		assert_int_equal(post(*state, "/echo", NULL, bodies[i]).status, 400);
	assert_int_equal(post(*state, "/echo", json, STR("{\"text\":1}")).status, 400);
	assert_int_equal(post(*state, "/echo", plain, STR("text=1")).status, 400);
	assert_int_equal(ask(*state, "SEVENTEEN-LETTERS", "/").status, 400);
	assert_int_equal(ask(*state, "G T", "/").status, 400);
}

/* Asks and leaves: at once, after a byte, in the middle of the answer, in the middle of the question. */
static void leave_early(struct arena *a, int how)
{
	static const struct fcgi_ask big = {"GET", "/big", NULL, {"", 0}};
	struct buf out;
	char some[4096];
	buf_init(&out, a, 65536);
	fcgi_client_request(&out, &big);
	int fd = fcgi_client_connect(site.socket);
	assert_true(fd >= 0);
	struct str all = buf_str(&out);
	(void)!fcgi_client_send(fd, how == 3 ? str_sub(all, 0, all.n / 2) : all);
	if (how == 1)
		(void)!recv(fd, some, 1, 0);
	if (how == 2)
		(void)!recv(fd, some, sizeof some, 0);
	(void)close(fd);
}

static void clients_that_leave_kill_nobody(void **state)
{
	pid_t before[TINY_CHILDREN_MAX];
	assert_int_equal(tiny_children(&site, before), TINY_PROCESSES);
	for (int i = 0; i < 200; i++) {
		struct arena *a = arena_new();
		leave_early(a, i % 4);
		arena_free(&a);
	}
	for (int i = 0; i < 10; i++)
		assert_true(str_is(get(*state, "/").body, "hello"));
	same_children(before);
}

static void send_and_close(struct str bytes)
{
	int fd = fcgi_client_connect(site.socket);
	assert_true(fd >= 0);
	(void)!fcgi_client_send(fd, bytes);
	(void)close(fd);
}

/* Records nobody should send; the child that got them must go on. */
static void garbage_kills_nobody(void **state)
{
	static const struct str garbage[] = {
		{"GET / HTTP/1.1\r\nHost: x\r\n\r\n", 27},
		{"\0", 1},
		{"\1\1\0\1\0\10\0\0", 8},			/* cut */
		{"\1\1\0\1\0\10\0\0\0\2\0\0\0\0\0\0", 16},	/* authorizer */
		{"\1\1\0\1\0\10\0\0\0\77\0\0\0\0\0\0", 16},	/* role 63 */
		{"\11\1\0\1\0\10\0\0\0\1\0\0\0\0\0\0", 16},	/* version 9 */
		{"\1\143\0\0\0\0\0\0", 8},			/* type 99 */
		{"\1\4\0\1\0\4\0\0\377\377\377\377", 12},	/* params first */
		{"\1\1\0\1\0\1\0\0\0", 9},			/* short begin */
		{"\1\5\0\1\377\377\377\0", 8},			/* body first */
		{"\1\2\0\1\0\0\0\0", 8},			/* abort of nothing */
		{"\1\11\0\0\0\21\0\0\17\0FCGI_MPXS_CONNS", 25}, /* question of the server */
		/* lengths that would overflow a sum: name and value of 2 GiB each (CVE-2025-23016) */
		{"\1\1\0\1\0\10\0\0\0\1\0\0\0\0\0\0\1\4\0\1\0\12\0\0\377\377\377\377\377\377\377\377ab",
			34},
		{"\1\1\0\1\0\10\0\0\0\1\0\0\0\0\0\0\1\4\0\1\0\3\0\0\177\177a\1\4\0\1\0\0\0\0",
			35},
	};
	pid_t before[TINY_CHILDREN_MAX];
	assert_int_equal(tiny_children(&site, before), TINY_PROCESSES);
	for (size_t i = 0; i < ARRAY_LEN(garbage); i++)
		send_and_close(garbage[i]);
	unsigned seed = 1;
	for (int i = 0; i < 100; i++) {
		char noise[64];
		for (size_t k = 0; k < sizeof noise; k++) {
			seed = seed * 1103515245U + 12345U;
			noise[k] = (char)(seed >> 16 & 0xFF);
		}
		send_and_close((struct str){noise, sizeof noise});
	}
	for (int i = 0; i < 10; i++)
		assert_true(str_is(get(*state, "/").body, "hello"));
	same_children(before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_page_is_served),
		TEST(every_answer_has_the_security_headers),
		TEST(head_has_headers_and_no_body),
		TEST(routes_are_found),
		TEST(pools_have_their_own_sockets),
		TEST(sockets_are_0660),
		TEST(large_answers_come_whole),
		TEST(memory_is_given_back),
		TEST(streams_come_whole),
		TEST(an_aborted_answer_is_seen_to_be_cut),
		TEST(a_page_that_says_nothing_is_a_500),
		TEST(forms_are_read),
		TEST(bodies_end_at_64_kib),
		TEST(bodies_shorter_than_they_say_are_refused),
		TEST(what_is_not_well_formed_is_400),
		TEST(clients_that_leave_kill_nobody),
		TEST(garbage_kills_nobody),
	};
	return cmocka_run_group_tests(tests, begin_all, end_all);
}
