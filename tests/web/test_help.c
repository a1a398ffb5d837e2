/* Pages that explain: open to whom they must be, and an answer behind each link to them. */
#include "core/kept.h"
#include "pages/help.h"
#include "support/site_test.h"

static void every_cause_is_explained(void **state)
{
	struct firm f;
	struct browser b = {0};
	(void)state;
	firm_make(&f);
	browser_log_in(&b, &f.member);
	struct fcgi_answer help = browse(&b, "/help");
	assert_status(help, 200);
	for (enum connection_cause c = CAUSE_NONE + 1; c < CAUSE__MAX; c++) {
		const char *to = help_for_cause(c);
		assert_non_null(to);
		assert_int_equal(strncmp(to, "/help#", 6), 0);
		assert_has(help, arena_printf(site.arena, " id=\"%s\"", to + 6));
	}
	assert_null(help_for_cause(CAUSE_NONE));
	assert_null(help_for_cause(CAUSE__MAX));
}

static void the_tile_links_to_the_answer(void **state)
{
	struct firm f;
	struct browser b = {0};
	(void)state;
	firm_make(&f);
	browser_log_in(&b, &f.member);
	assert_has_not(browse(&b, "/settings/integrations"), "What can I do?");
	sql_do("INSERT INTO connection (org_id, state, cause) VALUES (%lld, 'not_connected',"
	       " 'no_practice') ON CONFLICT (org_id) DO UPDATE SET cause = 'no_practice'",
		(long long)f.member.org_id);
	assert_has(browse(&b, "/settings/integrations"), "href=\"/help#no-practice\"");
}

static void terms_and_privacy_are_open_to_everybody(void **state)
{
	struct browser nobody = {0};
	(void)state;
	assert_status(browse(&nobody, "/terms"), 200);
	struct fcgi_answer r = browse(&nobody, "/privacy");
	assert_status(r, 200);
	for (size_t i = 0; i < kept_count; i++)
		assert_has(r, kept_table[i].words);
	assert_has(r, "400 days");
	assert_has(browse(&nobody, "/login"), "href=\"/privacy\"");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(every_cause_is_explained),
		SITE_TEST(the_tile_links_to_the_answer),
		SITE_TEST(terms_and_privacy_are_open_to_everybody),
	};
	return site_run(tests);
}
