/*
 * Faults 21 to 30 and 40: what Xero answers instead of the list, over real TLS,
 * as whole runs. F is what support/wire.h says it is.
 */
#include "support/sync_cases.h"
#include "support/wire.h"

#include "base/clock.h"
#include "worker/sync.h"

enum { PATIENCE_S = 20, ROOM = 8 * 1024 * 1024 };

#define ANSWER(status, headers, body) \
	"HTTP/1.1 " status "\r\nConnection: close\r\n" headers "\r\n" body
#define OK_XML(body) ANSWER("200 OK", "Content-Type: text/xml; charset=utf-8\r\n", body)
#define GOOD_BODY    "<Response><Status>OK</Status><Clients /></Response>"

static void say_and_end_as_f(const char *answer, const char *reason, int calls)
{
	wire_bad_answer(answer, WIRE_ALWAYS);
	wire_ends_as_f(reason, calls);
}

static void fault_21_a_5xx_is_tried_three_times_and_then_f(void **state)
{
	static const struct {
		const char *answer, *reason;
	} cases[] = {
		{ANSWER("500 Error", "Content-Type: text/xml\r\n",
			 "<Response><Status>ERROR</Status></Response>"),
			"status 500"},
		{ANSWER("500 Error", "Content-Type: application/json\r\n", "{Status\":500}"),
			"status 500"},
		{ANSWER("502 Bad Gateway", "Content-Type: text/html\r\n",
			 "<html>maintenance</html>"),
			"status 502"},
		{ANSWER("503 Unavailable", "Content-Length: 0\r\n", ""), "status 503"},
		{ANSWER("504 Timeout", "Content-Type: text/html\r\n", "<html>late</html>"),
			"status 504"},
	};
	wire_live(*state, PATIENCE_S, ROOM);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		say_and_end_as_f(cases[i].answer, cases[i].reason, SYNC_TRIES);
	wire_stop();
}

/* Two that pass: the third try of the same run is good, and nobody hears of it. */
static void fault_21_two_5xx_pass_within_the_run(void **state)
{
	wire_live(*state, PATIENCE_S, ROOM);
	wire_bad_answer(ANSWER("503 Unavailable", "Content-Length: 0\r\n", ""), 2);
	assert_string_equal(world_sync(MANUAL), "complete");
	assert_int_equal(wire.plan->lists, SYNC_TRIES);
	assert_string_equal(world_connection("state"), "live");
	wire_stop();
}

/* How long the run took that met such a Retry-After once. */
static int64_t waited_ms(const char *retry_after)
{
	int lists = wire.plan->lists;
	wire_bad_answer(
		arena_printf(g.home,
			"HTTP/1.1 429 Too Many\r\nConnection: close\r\nContent-Length: 0\r\n%s\r\n",
			retry_after),
		1);
	int64_t start = clock_mono_ms();
	if (strcmp(world_sync(MANUAL), "complete") != 0)
		fail_msg("after %s the run says: %s", retry_after,
			db_ask("(SELECT cause_text FROM sync_run ORDER BY run_id DESC LIMIT 1)"));
	assert_int_equal(wire.plan->lists - lists, 2);
	return clock_mono_ms() - start;
}

/* Told seconds or a date are waited for; what tells nothing usable is a fixed pause, never none. */
static void fault_22_retry_after_is_waited_for_in_every_form(void **state)
{
	char date[64];
	time_t at = (time_t)clock_now() + 3;
	struct tm utc;
	wire_live(*state, PATIENCE_S, ROOM);
	g.w.nap_divisor = 1;
	assert_in_range(waited_ms("Retry-After: 2\r\n"), 1900, 8000);
	(void)strftime(date, sizeof date, "Retry-After: %a, %d %b %Y %H:%M:%S GMT\r\n",
		gmtime_r(&at, &utc));
	assert_in_range(waited_ms(date), 1000, 8000);
	assert_in_range(waited_ms("Retry-After: 0\r\n"), 4500, 12000);
	assert_in_range(waited_ms("Retry-After: -5\r\n"), 4500, 12000);
	assert_in_range(waited_ms("Retry-After: soon\r\n"), 4500, 12000);
	wire_stop();
}

/* Far from the next slot, so that the repeat comes first. */
static void morning(void)
{
	g.now = schedule_last(&g.set.schedule, "Pacific/Auckland", d.org, 1763800000) + 60;
}

static int64_t repeat_in_s(void)
{
	return db_number("SELECT epoch(due_at) - epoch(now()) FROM job WHERE kind = 'sync'");
}

static void fault_22_a_huge_retry_after_reschedules_within_the_cap(void **state)
{
	wire_live(*state, PATIENCE_S, ROOM);
	morning();
	wire_bad_answer(
		ANSWER("429 Too Many", "Content-Length: 0\r\nRetry-After: 1800\r\n", ""),
		WIRE_ALWAYS);
	assert_string_equal(world_sync(MANUAL), "failed");
	assert_int_equal(wire.plan->lists, 1);
	assert_in_range(repeat_in_s(), 1790, 1800);
	assert_string_equal(world_connection("cause"), "limit");
	/* Longer than a day is a day; and a day is behind the next slot, which comes first. */
	wire_bad_answer(
		ANSWER("429 Too Many", "Content-Length: 0\r\nRetry-After: 999999999\r\n", ""),
		WIRE_ALWAYS);
	(void)db_do("DELETE FROM job");
	assert_string_equal(world_sync(MANUAL), "failed");
	assert_int_equal(wire.plan->lists, 2);
	assert_in_range(db_number("SELECT epoch(paused_until) - epoch(now()) FROM xero_budget"),
		86300, 86400);
	assert_int_equal(db_number("SELECT count(*) FROM job WHERE kind = 'sync'"), 0);
	assert_int_equal(db_number("SELECT count(*) FROM job WHERE kind = 'slot'"), 1);
	wire_stop();
}

static void fault_23_without_retry_after_the_minute_is_backed_off(void **state)
{
	wire_live(*state, PATIENCE_S, ROOM);
	g.w.nap_divisor = 1;
	assert_in_range(waited_ms("X-Rate-Limit-Problem: minute\r\n"), 4500, 12000);
	wire_stop();
}

static void fault_23_the_day_limit_stops_until_it_is_over_and_tells_the_admin(void **state)
{
	wire_live(*state, PATIENCE_S, ROOM);
	morning();
	wire_bad_answer(ANSWER("429 Too Many",
				"Content-Length: 0\r\nRetry-After: 7200\r\n"
				"X-Rate-Limit-Problem: Day\r\n",
				""),
		WIRE_ALWAYS);
	assert_string_equal(world_sync(MANUAL), "failed");
	assert_in_range(repeat_in_s(), 7190, 7200);
	assert_string_equal(world_connection("cause"), "limit");
	assert_int_equal(
		db_number("SELECT count(*) FROM notice WHERE kind = 'sync_failed'"), 1);
	/* Until then nobody asks Xero again. */
	g.keep_budget = true;
	assert_string_equal(world_sync(MANUAL), "failed");
	assert_int_equal(wire.plan->lists, 1);
	wire_stop();
}

#define NO_TOKEN                                                                             \
	ANSWER("401 Unauthorized",                                                           \
		"Content-Length: 0\r\nWWW-Authenticate: Bearer error=\"invalid_token\"\r\n", \
		"")

static void fault_24_a_401_is_one_refresh_and_the_same_call_again(void **state)
{
	wire_live(*state, PATIENCE_S, ROOM);
	stub_find(g.x, 1)->name = "Renamed";
	wire_say_clients();
	wire_bad_answer(NO_TOKEN, 1);
	assert_string_equal(world_sync(MANUAL), "complete");
	assert_int_equal(wire.plan->refreshes, 1);
	assert_int_equal(wire.plan->lists, 2);
	assert_int_equal(world_run("changed"), 1);
	struct str heard = tls_server_log(*state, &wire.server);
	assert_non_null(strstr(str_dup(*state, heard), "Authorization: Bearer access-1\r\n"));
	wire_stop();
}

static void fault_25_a_401_after_the_refresh_needs_a_sign_in(void **state)
{
	wire_live(*state, PATIENCE_S, ROOM);
	const char *before = world_picture(d.org);
	wire_bad_answer(NO_TOKEN, WIRE_ALWAYS);
	assert_string_equal(world_sync(MANUAL), "failed");
	assert_string_equal(world_connection("state"), "needs_reconnect");
	assert_string_equal(world_connection("cause"), "sign_in");
	assert_string_equal(world_picture(d.org), before);
	assert_int_equal(db_number("SELECT count(*) FROM notice WHERE kind = 'reconnect'"), 1);
	/* No storm: what comes all the same does nothing. */
	assert_int_equal(wire.plan->lists, 2);
	world_queue("sync", MANUAL);
	(void)world_work();
	assert_int_equal(wire.plan->lists, 2);
	assert_int_equal(wire.plan->refreshes, 1);
	wire_stop();
}

static void fault_26_a_403_is_a_permission_while_the_practice_is_listed(void **state)
{
	wire_live(*state, PATIENCE_S, ROOM);
	const char *before = world_picture(d.org);
	wire_bad_answer(ANSWER("403 Forbidden", "Content-Length: 0\r\n", ""), WIRE_ALWAYS);
	assert_string_equal(world_sync(MANUAL), "failed");
	assert_string_equal(world_connection("state"), "needs_reconnect");
	assert_string_equal(world_connection("cause"), "permission");
	assert_string_equal(world_picture(d.org), before);
	assert_int_equal(
		db_number("SELECT count(*) FROM client WHERE archived_at IS NOT NULL"), 0);
	wire_stop();
}

static void fault_27_a_404_on_the_list_is_f_and_no_empty_list(void **state)
{
	wire_live(*state, PATIENCE_S, ROOM);
	say_and_end_as_f(ANSWER("404 Not Found", "Content-Type: text/plain\r\n",
				 "The resource you're looking for cannot be found"),
		"404", 1);
	wire_stop();
}

static void fault_28_html_with_200_is_f(void **state)
{
	wire_live(*state, PATIENCE_S, ROOM);
	say_and_end_as_f(ANSWER("200 OK", "Content-Type: text/html; charset=utf-8\r\n",
				 "<!doctype html><title>Log in</title>"),
		"text/html", SYNC_TRIES);
	/* By its root, when the type lies. */
	say_and_end_as_f(
		OK_XML("<html><body>Down for maintenance</body></html>"), "html", SYNC_TRIES);
	say_and_end_as_f(OK_XML("<!doctype html><html></html>"), "refused", SYNC_TRIES);
	wire_stop();
}

static void fault_29_an_answer_without_a_body_is_f(void **state)
{
	wire_live(*state, PATIENCE_S, ROOM);
	say_and_end_as_f(ANSWER("204 No Content", "", ""), "204", SYNC_TRIES);
	say_and_end_as_f(
		ANSWER("200 OK", "Content-Type: text/xml\r\nContent-Length: 0\r\n", ""),
		"without a document", SYNC_TRIES);
	say_and_end_as_f(OK_XML(""), "without a document", SYNC_TRIES);
	say_and_end_as_f(OK_XML(" \n"), "refused", SYNC_TRIES);
	wire_stop();
}

static void fault_30_a_type_or_code_we_do_not_read_is_f(void **state)
{
	static const struct {
		const char *type, *reason;
	} cases[] = {
		{"", "without a type"},
		{"Content-Type: application/octet-stream\r\n", "application/octet-stream"},
		{"Content-Type: text/plain\r\n", "text/plain"},
		{"Content-Type: text/xml; charset=utf-16\r\n", "utf-16"},
		{"Content-Type: text/xml; charset=ISO-8859-1\r\n", "iso-8859-1"},
	};
	wire_live(*state, PATIENCE_S, ROOM);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		say_and_end_as_f(
			arena_printf(*state, "HTTP/1.1 200 OK\r\nConnection: close\r\n%s\r\n%s",
				cases[i].type, GOOD_BODY),
			cases[i].reason, SYNC_TRIES);
	/* Stated as what we read, and not that: bytes decide. */
	say_and_end_as_f(
		OK_XML("<Response><Status>OK</Status><Clients><Client><Name>Caf\xE9</Name>"
		       "</Client></Clients></Response>"),
		"refused", SYNC_TRIES);
	wire_stop();
}

static void note_visit(struct tls_peer *p)
{
	(void)tls_hear_request(p);
}

static void fault_40_a_redirect_is_refused_and_not_followed(void **state)
{
	wire_live(*state, PATIENCE_S, ROOM);
	struct tls_server elsewhere = tls_server_start(*state, TLS_GOOD, false, note_visit);
	static const char *const statuses[] = {
		"301 Moved", "302 Found", "307 Temporary", "308 Permanent"};
	for (size_t i = 0; i < ARRAY_LEN(statuses); i++)
		say_and_end_as_f(
			arena_printf(*state,
				"HTTP/1.1 %s\r\nConnection: close\r\nContent-Length: 0\r\nLocation: %s\r\n\r\n",
				statuses[i], tls_server_url(*state, &elsewhere, "/list")),
			"status 30", SYNC_TRIES);
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
		WORLD_TEST(fault_21_a_5xx_is_tried_three_times_and_then_f),
		WORLD_TEST(fault_21_two_5xx_pass_within_the_run),
		WORLD_TEST(fault_22_retry_after_is_waited_for_in_every_form),
		WORLD_TEST(fault_22_a_huge_retry_after_reschedules_within_the_cap),
		WORLD_TEST(fault_23_without_retry_after_the_minute_is_backed_off),
		WORLD_TEST(fault_23_the_day_limit_stops_until_it_is_over_and_tells_the_admin),
		WORLD_TEST(fault_24_a_401_is_one_refresh_and_the_same_call_again),
		WORLD_TEST(fault_25_a_401_after_the_refresh_needs_a_sign_in),
		WORLD_TEST(fault_26_a_403_is_a_permission_while_the_practice_is_listed),
		WORLD_TEST(fault_27_a_404_on_the_list_is_f_and_no_empty_list),
		WORLD_TEST(fault_28_html_with_200_is_f),
		WORLD_TEST(fault_29_an_answer_without_a_body_is_f),
		WORLD_TEST(fault_30_a_type_or_code_we_do_not_read_is_f),
		WORLD_TEST(fault_40_a_redirect_is_refused_and_not_followed),
	};
	return cmocka_run_group_tests(tests, world_set_up, tear_down);
}
