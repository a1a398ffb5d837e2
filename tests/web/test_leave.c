/* Disconnecting by the sheet, with each choice, and what the tile, banner and bar say afterwards. */
#include "support/site_test.h"

static const char here[] = "/settings/integrations";
static const char sheet[] = "/settings/integrations/disconnect";

static void firm_ready(struct firm *f, struct browser *b, const char *state, const char *cause)
{
	firm_make(f);
	person_enrol(&f->admin);
	person_enrol(&f->member);
	firm_connect(f, state, cause);
	browser_log_in(b, &f->admin);
}

static void the_sheet_counts(void **state)
{
	struct firm f;
	struct browser b = {0};
	(void)state;
	firm_ready(&f, &b, "live", NULL);
	(void)firm_client(&f, "Alder", true);
	sql_do("UPDATE client SET flags = 1 WHERE org_id = %lld", (long long)f.org_id);
	(void)firm_run(&f, "held");
	struct fcgi_answer r = browse(&b, sheet);
	const char *words = answer_words(&r);
	static const char *const says[] = {"To put right in XPM 1", "Waiting for review 1",
		"Everyone in your organisation, 2 people, sees a banner",
		"The two automatic syncs a day stop", "Keep and make editable",
		"Keep read only", "Remove in 30 days", "Multi-Factor Authentication stays on"};
	for (size_t i = 0; i < ARRAY_LEN(says); i++)
		if (strstr(words, says[i]) == NULL)
			fail_msg("no \"%s\" in: %s", says[i], words);
	assert_has(r, "value=\"edit\" checked");
}

static void each_choice_goes_to_the_worker(void **state)
{
	static const char *const choices[] = {"edit", "read_only", "remove"};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(choices); i++) {
		struct firm f;
		struct browser b = {0};
		firm_ready(&f, &b, "live", NULL);
		(void)browse(&b, sheet);
		assert_status(submit(&b, sheet, "records=nothing"), 422);
		assert_goes(submit(&b, sheet, form_of("records", choices[i], NULL)),
			"/settings/integrations?watch=1");
		assert_string_equal(sql_text("SELECT payload::json ->> 'choice' FROM job WHERE"
					     " org_id = %lld",
					    (long long)f.org_id),
			choices[i]);
	}
}

static const char cancel[] = "/settings/integrations/removal/cancel";

/* The clients of this practice (NULL: not known by name) go on this day of December 2099. */
static void to_come(const struct firm *f, const char *tenant, const char *practice, int day)
{
	sql_do("INSERT INTO practice_removal (org_id, tenant_id, practice, at) VALUES (%lld, '%s', %s,"
	       " '2099-12-%d 00:00+00')",
		(long long)f->org_id, tenant, practice == NULL ? "NULL" : sql_quoted(practice),
		day);
}

static void a_removal_to_come_is_said_and_cancelled(void **state)
{
	struct firm f;
	struct browser b = {0}, m = {0};
	(void)state;
	firm_ready(&f, &b, "not_connected", "disconnected");
	to_come(&f, SITE_TENANT, NULL, 24);
	browser_log_in(&m, &f.member);
	assert_has(browse(&m, "/clients"), "The clients that came from XPM will be removed on");
	assert_has(browse(&m, "/clients"), "24 Dec 2099");
	assert_has_not(browse(&m, here), "Cancel the removal");
	assert_status(submit(&m, cancel, ""), 403);
	struct fcgi_answer r = browse(&b, here);
	assert_has(r, "Cancel the removal");
	const char *form = form_of("removal", answer_input(&r, "removal"), NULL);
	assert_goes(submit(&b, cancel, form), here);
	r = browse(&b, here);
	assert_has(r, "The removal is cancelled. The clients stay.");
	assert_int_equal(site_audited(f.org_id, "clients.removal_cancelled"), 1);
	assert_has_not(r, "will be removed on");
	assert_status(submit(&b, cancel, form), 409);
	assert_status(submit(&b, cancel, ""), 409);
}

/* Two practices were left behind, each with its own date: each is named, and taken back alone. */
static void each_of_two_removals_is_said_and_cancelled_alone(void **state)
{
	struct firm f;
	struct browser b = {0};
	(void)state;
	firm_ready(&f, &b, "not_connected", "disconnected");
	to_come(&f, "00000000-0000-0000-0000-00000000000b", "Later Ltd", 28);
	to_come(&f, "00000000-0000-0000-0000-00000000000a", "Sooner Ltd", 21);
	struct fcgi_answer r = browse(&b, "/clients");
	assert_has(r, "The clients of <bdi>Sooner Ltd</bdi> will be removed on");
	assert_has(r, "The clients of <bdi>Later Ltd</bdi> will be removed on");
	assert_has(r, "21 Dec 2099");
	assert_has(r, "28 Dec 2099");
	r = browse(&b, here);
	assert_has(r, "aria-label=\"Cancel the removal: Sooner Ltd\"");
	assert_has(r, "aria-label=\"Cancel the removal: Later Ltd\"");
	struct fcgi_answer before = browse(&b, "/settings/integrations/status");
	/* The next one first. */
	assert_goes(submit(&b, cancel, form_of("removal", answer_input(&r, "removal"), NULL)),
		here);
	r = browse(&b, here);
	assert_has(r, "The clients of Sooner Ltd stay.");
	assert_has(r, "The clients of <bdi>Later Ltd</bdi> will be removed on");
	assert_has_not(r, "21 Dec 2099");
	assert_has_not(r, "aria-label=\"Cancel the removal");
	struct fcgi_answer after = browse(&b, "/settings/integrations/status");
	assert_string_not_equal(before.body.p, after.body.p);
	/* Nobody takes back another firm's. */
	struct firm other;
	struct browser far = {0};
	firm_ready(&other, &far, "not_connected", "disconnected");
	r = browse(&b, here);
	assert_status(
		submit(&far, cancel, form_of("removal", answer_input(&r, "removal"), NULL)),
		409);
	assert_int_equal(sql_int("SELECT count(*) FROM practice_removal WHERE org_id = %lld",
				 (long long)f.org_id),
		1);
}

static void read_only_is_said_and_ended(void **state)
{
	struct firm f;
	struct browser b = {0};
	(void)state;
	firm_ready(&f, &b, "not_connected", "disconnected");
	int64_t client = firm_client(&f, "Alder", true);
	sql_do("UPDATE organisation SET kept_tenant = '" SITE_TENANT "' WHERE org_id = %lld",
		(long long)f.org_id);
	const char *page = arena_printf(site.arena, "/clients/%lld", (long long)client);
	struct fcgi_answer r = browse(&b, page);
	assert_has(r, "was kept read only");
	assert_has(r, "View only");
	assert_has_not(r, ">Edit</a>");
	assert_status(submit(&b, arena_printf(site.arena, "%s/archive", page), ""), 409);
	assert_has(browse(&b, "/clients"), "Add clients");
	assert_has(browse(&b, here), "are kept read only");
	assert_goes(submit(&b, "/settings/integrations/editable", ""), here);
	assert_int_equal(
		sql_int("SELECT count(*) FROM job WHERE kind = 'free' AND org_id = %lld",
			(long long)f.org_id),
		1);
}

static void xero_silent_is_said(void **state)
{
	struct firm f;
	struct browser b = {0};
	(void)state;
	firm_ready(&f, &b, "not_connected", "disconnected");
	sql_do("UPDATE connection SET telling_xero = true WHERE org_id = %lld",
		(long long)f.org_id);
	assert_has(browse(&b, "/settings/integrations?watch=1"),
		"Disconnected here. We will keep telling Xero until it confirms.");
	sql_do("UPDATE connection SET telling_xero = false WHERE org_id = %lld",
		(long long)f.org_id);
	assert_has(browse(&b, "/settings/integrations?watch=1"), "Disconnected from XPM");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(the_sheet_counts),
		SITE_TEST(each_choice_goes_to_the_worker),
		SITE_TEST(a_removal_to_come_is_said_and_cancelled),
		SITE_TEST(each_of_two_removals_is_said_and_cancelled_alone),
		SITE_TEST(read_only_is_said_and_ended),
		SITE_TEST(xero_silent_is_said),
	};
	return site_run(tests);
}
