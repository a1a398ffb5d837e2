/* ASVS 1.2 and 1.3: two hundred names of the kind that break pages, in every place that shows one. */
#include "codec/form.h"
#include "codec/html.h"
#include "codec/json.h"
#include "io/file.h"
#include "support/site_test.h"

enum { NAMES = 200 };

static const char *names[NAMES];

static void read_names(void)
{
	struct str rest, line;
	struct err e;
	size_t n = 0;
	assert_ok(file_read(site.arena, "tests/data/hostile_names.txt", 64 * 1024, &rest, &e));
	while (str_next(&rest, '\n', &line))
		if (line.n > 0) {
			assert_true(n < NAMES);
			names[n++] = str_dup(site.arena, line);
		}
	assert_int_equal(n, NAMES);
}

static const char *escaped(const char *text)
{
	struct buf b;
	buf_init(&b, site.arena, 4096);
	html_text(&b, str_of(text));
	return b.data;
}

/* No script but ours, and nothing of what the names would bring along. */
static void has_no_markup_of(const struct fcgi_answer *r, const char *where, const char *name)
{
	for (const char *at = r->body.p; (at = strstr(at, "<script")) != NULL; at++)
		if (strncmp(at, "<script type=\"module\" src=\"/static/app.js", 41) != 0)
			fail_msg("%s has a script with %s", where, name);
	assert_null(strstr(r->body.p, "<img src=x"));
	assert_null(strstr(r->body.p, "<svg onload"));
	assert_null(strstr(r->body.p, "href=\"javascript:"));
	assert_null(strstr(r->body.p, "href=\"data:"));
}

/* The page has the name as text, and nowhere as it stands when that would be markup. */
static void shows(const struct fcgi_answer *r, const char *where, const char *name)
{
	const char *text = escaped(name);
	if (strstr(r->body.p, text) == NULL)
		fail_msg("%s does not show %s", where, name);
	if (strcmp(text, name) != 0 && strstr(r->body.p, name) != NULL)
		fail_msg("%s shows %s raw", where, name);
	has_no_markup_of(r, where, name);
}
static void settle(struct firm *f, struct browser *b)
{
	read_names();
	firm_make(f);
	person_enrol(&f->admin);
	firm_connect(f, "live", NULL);
	*b = (struct browser){0};
	browser_enter(b, &f->admin, 2);
}

/* List, detail with title and contact, search that finds it, and the field that keeps what was searched. */
static void v1_2_1_clients_names_are_text_everywhere(void **state)
{
	struct firm f;
	struct browser b;
	(void)state;
	settle(&f, &b);
	for (size_t i = 0; i < NAMES; i++) {
		int64_t id = firm_client(&f, names[i], true);
		const char *form = form_of("q", names[i], NULL);
		struct fcgi_answer list = browse(&b, "/clients");
		struct fcgi_answer view =
			browse(&b, arena_printf(site.arena, "/clients/%lld", (long long)id));
		struct fcgi_answer found =
			browse(&b, arena_printf(site.arena, "/clients?%s", form));
		assert_status(view, 200);
		shows(&list, "the list", names[i]);
		shows(&view, "the client", names[i]);
		has_no_markup_of(&found, "the search", names[i]);
		/* A line separator is no part of one line: what has one is not looked for. */
		if (strstr(names[i], "\xE2\x80\xA8") != NULL)
			assert_goes(found, "/clients");
		else
			assert_string_equal(answer_input(&found, "q"), names[i]);
		assert_non_null(strstr(
			view.body.p, arena_printf(site.arena, "<title>%s · The Gap</title>",
					     escaped(str_isolate(site.arena, names[i])))));
		sql_do("DELETE FROM client_contact WHERE org_id = %lld", (long long)f.org_id);
		sql_do("DELETE FROM client WHERE org_id = %lld", (long long)f.org_id);
		sql_do("DELETE FROM contact WHERE org_id = %lld", (long long)f.org_id);
	}
}

/* The firm in the app bar, the person in menu, team and profile, the practice on its tile and in the banner's reach. */
static void v1_2_1_names_of_firm_people_and_practice_too(void **state)
{
	static const char *const pages[] = {
		"/settings/team", "/profile", "/settings", "/settings/integrations"};
	struct firm f;
	struct browser b;
	(void)state;
	settle(&f, &b);
	for (size_t i = 0; i < NAMES; i += 3) {
		const char *quoted = sql_quoted(names[i]);
		sql_do("UPDATE organisation SET name = %s WHERE org_id = %lld", quoted,
			(long long)f.org_id);
		sql_do("UPDATE app_user SET name = %s WHERE org_id = %lld", quoted,
			(long long)f.org_id);
		sql_do("UPDATE connection SET label = %s, connected_by = %lld, state ="
		       " 'needs_reconnect', cause = 'sign_in' WHERE org_id = %lld",
			quoted, (long long)f.admin.user_id, (long long)f.org_id);
		for (size_t k = 0; k < ARRAY_LEN(pages); k++) {
			struct fcgi_answer r = browse(&b, pages[k]);
			assert_status(r, 200);
			shows(&r, pages[k], names[i]);
		}
		sql_do("UPDATE session SET flash_kind = 'info', flash_text = %s WHERE %s",
			quoted, browser_session(&b));
		struct fcgi_answer r = browse(&b, "/clients");
		shows(&r, "the bar", names[i]);
	}
}

static void v1_2_3_json_of_ours_is_json(void **state)
{
	static const char *const polls[] = {"/clients/status", "/settings/integrations/status"};
	struct firm f;
	struct browser b;
	(void)state;
	settle(&f, &b);
	for (size_t i = 0; i < NAMES; i += 10) {
		sql_do("UPDATE connection SET label = %s WHERE org_id = %lld",
			sql_quoted(names[i]), (long long)f.org_id);
		(void)firm_client(&f, names[i], true);
		for (size_t k = 0; k < ARRAY_LEN(polls); k++) {
			struct fcgi_answer r = browse(&b, polls[k]);
			const struct json *doc;
			struct err e;
			assert_status(r, 200);
			assert_ok(json_parse(site.arena, r.body, &doc, &e));
			assert_null(strchr(r.body.p, '<'));
		}
	}
	/* And what a page might hold: written, read back, no end of a script element in it. */
	for (size_t i = 0; i < NAMES; i++) {
		struct buf text;
		const struct json *doc;
		struct err e;
		buf_init(&text, site.arena, 8192);
		buf_adds(&text, "{\"name\":");
		json_add_string(&text, names[i]);
		buf_addc(&text, '}');
		assert_null(strchr(text.data, '<'));
		assert_ok(json_parse(site.arena, buf_str(&text), &doc, &e));
		assert_string_equal(json_text(json_get(doc, "name")), names[i]);
	}
}

/* Marks of templates and of printf in a name print as they are: nothing is worked out. */
static void v1_3_7_no_mark_in_a_name_is_worked_out(void **state)
{
	static const char *const marks[] = {"{{7*191}} {{name}} {{{raw}}} {{#each rows}}",
		"<% 7*191 %> ${7*191} #{7*191}", "%n%s%x%p%1$s", "{{> part/logo}}", "{{csrf}}"};
	struct firm f;
	struct browser b;
	(void)state;
	settle(&f, &b);
	for (size_t i = 0; i < ARRAY_LEN(marks); i++) {
		int64_t id = firm_client(&f, marks[i], true);
		struct fcgi_answer r =
			browse(&b, arena_printf(site.arena, "/clients/%lld", (long long)id));
		shows(&r, "the client", marks[i]);
		assert_null(strstr(answer_words(&r), "1337"));
	}
}

/* 1.2.1, headers: what is asked for comes back in no header line of its own. */
static void v1_2_1_no_value_makes_a_header(void **state)
{
	static const char *const values[] = {"%0d%0aSet-Cookie:%20a=b", "%0aX-Evil:%201",
		"%E5%98%8A%E5%98%8DSet-Cookie:%20a=b", "%0d", "%E2%80%A8X-Evil:1"};
	static const char *const pages[] = {"/login?next=/", "/clients?q=", "/clients/",
		"/oauth/xero/callback?state=", "/syncs?before=", "/"};
	struct firm f;
	struct browser b, nobody = {0};
	(void)state;
	settle(&f, &b);
	for (size_t i = 0; i < ARRAY_LEN(values); i++)
		for (size_t k = 0; k < ARRAY_LEN(pages); k++) {
			const char *uri = arena_printf(site.arena, "%s%s", pages[k], values[i]);
			struct fcgi_answer mine = browse(&b, uri),
					   theirs = browse(&nobody, uri);
			assert_int_equal(fcgi_answer_count(&mine, "X-Evil"), 0);
			assert_int_equal(fcgi_answer_count(&mine, "Set-Cookie"), 0);
			assert_int_equal(fcgi_answer_count(&theirs, "X-Evil"), 0);
			assert_int_equal(fcgi_answer_count(&theirs, "Set-Cookie"), 0);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(v1_2_1_clients_names_are_text_everywhere),
		SITE_TEST(v1_2_1_names_of_firm_people_and_practice_too),
		SITE_TEST(v1_2_3_json_of_ours_is_json),
		SITE_TEST(v1_3_7_no_mark_in_a_name_is_worked_out),
		SITE_TEST(v1_2_1_no_value_makes_a_header),
	};
	return site_run(tests);
}
