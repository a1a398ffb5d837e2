/*
 * Errors as people meet them: who is signed in stays inside, with the app bar and a way on, also where no
 * route has looked who asks; a stranger is told nothing but the way to the log-in page.
 */
#include "support/site_test.h"

static const char to_login[] = "Go to the log-in page", to_clients[] = "Go to clients",
		  bar[] = "App Bar Menu";

static void assert_inside(struct fcgi_answer r, int status)
{
	assert_status(r, status);
	assert_has(r, bar);
	assert_has(r, to_clients);
	assert_has_not(r, to_login);
	assert_has(r, "If you ask for help, give this number: <code>");
}

static void assert_outside(struct fcgi_answer r, int status, const char *leads)
{
	assert_status(r, status);
	assert_has(r, leads);
	assert_has_not(r, bar);
	assert_has_not(r, "Ada Admin");
}

static struct fcgi_answer every_kind(struct browser *b, size_t i, int *status_r)
{
	static const struct {
		const char *method, *uri;
		int status;
	} asks[] = {{"GET", "/nothing-here", 404}, {"GET", "/clients/999999/x", 404},
		{"GET", "/metrics", 404}, {"DELETE", "/clients", 405}, {"GET", "/logout", 405},
		{"GET", "/clients?q=%ff", 400}, {"GET", "/nothing?a=%00", 400}};
	struct fcgi_answer none = {0};
	*status_r = 0;
	if (i == ARRAY_LEN(asks))
		return none;
	*status_r = asks[i].status;
	return browser_ask(b, asks[i].method, asks[i].uri, NULL, STR(""));
}

static void who_is_signed_in_stays_inside(void **state)
{
	struct firm f;
	struct browser b = {0}, half = {0}, nobody = {0};
	int status = 0;
	(void)state;
	firm_make(&f);
	browser_enter(&b, &f.admin, 2);
	browser_enter(&half, &f.admin, 1);
	for (size_t i = 0;; i++) {
		struct fcgi_answer r = every_kind(&b, i, &status);
		if (status == 0)
			break;
		assert_inside(r, status);
		assert_outside(every_kind(&nobody, i, &status), status, to_login);
		/* The password alone opens nothing: the link asks for the code. */
		assert_outside(every_kind(&half, i, &status), status, to_clients);
	}
	struct fcgi_answer r = browser_ask(&b, "DELETE", "/clients", NULL, STR(""));
	assert_string_equal(fcgi_answer_header(site.arena, &r, "Allow"), "GET, HEAD");
}

/* Nobody meant to come here: a bar waits for the page it was left for, and an idle session stays idle. */
static void it_is_no_step_of_theirs(void **state)
{
	struct firm f;
	struct browser b = {0};
	(void)state;
	firm_make(&f);
	browser_enter(&b, &f.member, 2);
	sql_do("UPDATE session SET flash_kind = 'info', flash_text = 'Left for the next page',"
	       " seen_at = now() - interval '20 minutes' WHERE %s",
		browser_session(&b));
	struct fcgi_answer r = browse(&b, "/nothing-here");
	assert_inside(r, 404);
	assert_has_not(r, "Left for the next page");
	assert_int_equal(sql_int("SELECT count(*) FROM session WHERE %s AND seen_at <"
				 " now() - interval '19 minutes'",
				 browser_session(&b)),
		1);
	assert_has(browse(&b, "/profile"), "Left for the next page");
	sql_do("UPDATE session SET seen_at = now() - interval '400 days' WHERE %s",
		browser_session(&b));
	assert_outside(browse(&b, "/nothing-here"), 404, to_login);
}

static void what_a_gate_refuses_is_told_inside_too(void **state)
{
	struct firm f;
	struct browser b = {0};
	(void)state;
	firm_make(&f);
	browser_enter(&b, &f.member, 2);
	assert_inside(browse(&b, "/settings/audit"), 403);
	assert_inside(browse(&b, "/clients/999999"), 404);
	/* Where the rule of the second factor closes all other pages, it closes the bar too. */
	firm_connect(&f, "live", NULL);
	assert_outside(browse(&b, "/nothing-here"), 404, to_clients);
}

/* The bar asks the database for the banner; the page that says what is wrong does not hang on it. */
static void without_the_bar_it_is_told_all_the_same(void **state)
{
	struct firm f;
	struct browser b = {0};
	(void)state;
	firm_make(&f);
	person_enrol(&f.member);
	browser_enter(&b, &f.member, 2);
	firm_connect(&f, "not_connected", "removed_in_xero");
	struct fcgi_answer r = browse(&b, "/nothing-here");
	assert_inside(r, 404);
	assert_has(r, "You've been disconnected from XPM");
	sql_do("REVOKE SELECT ON practice_removal FROM gap_web");
	assert_outside(browse(&b, "/nothing-here"), 404, to_clients);
	sql_do("GRANT SELECT ON practice_removal TO gap_web");
	assert_inside(browse(&b, "/nothing-here"), 404);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(who_is_signed_in_stays_inside),
		SITE_TEST(it_is_no_step_of_theirs),
		SITE_TEST(what_a_gate_refuses_is_told_inside_too),
		SITE_TEST(without_the_bar_it_is_told_all_the_same),
	};
	return site_run(tests);
}
