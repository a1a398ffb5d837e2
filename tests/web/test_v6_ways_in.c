/* ASVS V6: each way in and its limit (tests/security/ways_in.txt), and what password fields let people do. */
#include "io/file.h"
#include "pages/routes.h"
#include "support/site_test.h"

struct way {
	const char *address, *who, *form, *tries, *each, *then;
};
enum { WAYS_MAX = 40, NEVER = 12 };

static struct way ways[WAYS_MAX];
static size_t ways_n;

/* The next word of a line; columns are parted by blanks, and no cell has one inside. */
static const char *word(struct str *line)
{
	struct str cell = STR("");
	*line = str_trim(*line);
	(void)str_cut(*line, ' ', &cell, line);
	return str_dup(site.arena, cell);
}

static void read_ways(void)
{
	struct str rest, line;
	struct err e;
	ways_n = 0;
	assert_ok(file_read(site.arena, "tests/security/ways_in.txt", 64 * 1024, &rest, &e));
	while (str_next(&rest, '\n', &line)) {
		if (line.n == 0 || line.p[0] != '/')
			continue;
		assert_true(ways_n < WAYS_MAX);
		struct way *w = &ways[ways_n++];
		w->address = word(&line);
		w->who = word(&line);
		w->form = word(&line);
		w->tries = word(&line);
		w->each = word(&line);
		w->then = str_dup(site.arena, str_trim(line));
	}
}

static bool takes_a_secret(const struct route *r)
{
	for (size_t i = 0; i < r->n_fields; i++)
		if (r->fields[i].type == FIELD_PASSWORD || r->fields[i].type == FIELD_CODE)
			return true;
	return false;
}

static void v6_1_3_every_way_in_is_on_the_list(void **state)
{
	(void)state;
	read_ways();
	for (size_t i = 0; i < routes_count; i++) {
		bool listed = false;
		for (size_t k = 0; k < ways_n; k++)
			listed |= strcmp(ways[k].address, routes_table[i].pattern) == 0;
		if (takes_a_secret(&routes_table[i]) && !listed)
			fail_msg("%s takes a secret and is not in tests/security/ways_in.txt",
				routes_table[i].pattern);
	}
}

/* Somebody as the line wants them, and the address filled in. */
static struct browser come(const struct way *w, struct firm *f, const char **uri_r)
{
	struct browser b = {.peer = "203.0.113.90"};
	struct str before, after, name;
	firm_make(f);
	if (strcmp(w->who, "bare") != 0) {
		person_enrol(&f->member);
		person_enrol(&f->admin);
	}
	if (strcmp(w->who, "half") == 0)
		browser_enter(&b, &f->member, 1);
	else if (strcmp(w->who, "admin") == 0)
		browser_enter(&b, &f->admin, 2);
	else if (strcmp(w->who, "nobody") != 0)
		browser_enter(&b, &f->member, 2);
	if (strcmp(w->who, "bare") == 0)
		assert_status(browse(&b, "/mfa/setup"), 200);
	*uri_r = w->address;
	if (str_cut(str_of(w->address), '{', &before, &after) &&
		str_cut(after, '}', &name, &after))
		*uri_r = arena_printf(site.arena, "%.*s%s%.*s", (int)before.n, before.p,
			str_is(name, "id")
				? arena_printf(site.arena, "%lld", (long long)f->member.user_id)
				: "AAAAAAAAAAAAAAAAAAAAAA",
			(int)after.n, after.p);
	return b;
}

static const char *form_with(const struct way *w, const struct firm *f)
{
	struct str before, after;
	if (!str_cut(str_of(w->form), '@', &before, &after))
		return w->form;
	return arena_printf(site.arena, "%.*s%s%.*s", (int)before.n, before.p, f->member.email,
		(int)after.n, after.p);
}

static void expect(const struct way *w, const struct fcgi_answer *r, const char *want, int nth)
{
	const char *got =
		want[0] == '/' ? answer_location(r) : arena_printf(site.arena, "%d", r->status);
	if (strcmp(got, want) != 0)
		fail_msg("%s: try %d got %s in the place of %s", w->address, nth, got, want);
	if (strcmp(want, "429") == 0)
		assert_non_null(fcgi_answer_header(site.arena, r, "Retry-After"));
}

static void v6_1_1_every_way_in_has_the_limit_it_says(void **state)
{
	(void)state;
	read_ways();
	assert_true(ways_n >= 11);
	for (size_t i = 0; i < ways_n; i++) {
		const struct way *w = &ways[i];
		struct firm f;
		const char *uri;
		int64_t tries = NEVER;
		sql_do("DELETE FROM throttle");
		struct browser b = come(w, &f, &uri);
		const char *form = form_with(w, &f);
		assert_true(strcmp(w->tries, "-") == 0 || str_to_i64(str_of(w->tries), &tries));
		for (int n = 1; n <= tries + 1; n++) {
			struct fcgi_answer r = submit(&b, uri, form);
			expect(w, &r, n <= tries ? w->each : w->then, n);
		}
	}
}

/* 6.2.6 and 6.2.7: hidden while typed, open to paste and to password managers, no length taken off. */
static void v6_2_6_password_fields_hide_and_take_what_is_pasted(void **state)
{
	static const char *const pages[] = {"/login", "/confirm", "/profile/password"};
	struct firm f;
	struct browser b = {0};
	struct str script;
	struct err e;
	(void)state;
	firm_make(&f);
	browser_enter(&b, &f.member, 2);
	for (size_t i = 0; i < ARRAY_LEN(pages); i++) {
		struct browser nobody = {0};
		struct fcgi_answer r = browse(i == 0 ? &nobody : &b, pages[i]);
		const char *at = strstr(r.body.p, "name=\"password\"");
		assert_status(r, 200);
		assert_non_null(at);
		struct str tag = {at, strcspn(at, ">")};
		const char *text = str_dup(site.arena, tag);
		assert_non_null(strstr(text, "type=\"password\""));
		assert_non_null(strstr(text, "autocomplete=\""));
		assert_null(strstr(text, "autocomplete=\"off\""));
		assert_null(strstr(text, "maxlength"));
		assert_null(strstr(text, "readonly"));
	}
	assert_ok(file_read(site.arena, "static/app.js", 1024 * 1024, &script, &e));
	assert_null(strstr(script.p, "'paste'"));
	assert_null(strstr(script.p, "\"paste\""));
}

/* 6.2.10: a password stays good until its owner changes it. */
static void v6_2_10_old_passwords_stay_good(void **state)
{
	struct firm f;
	struct browser b = {0};
	(void)state;
	firm_make(&f);
	sql_do("UPDATE app_user SET created_at = now() - interval '10 years', last_login_at ="
	       " now() - interval '9 years' WHERE org_id = %lld",
		(long long)f.org_id);
	browser_log_in(&b, &f.member);
	assert_status(browse(&b, "/clients"), 200);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(v6_1_1_every_way_in_has_the_limit_it_says),
		SITE_TEST(v6_1_3_every_way_in_is_on_the_list),
		SITE_TEST(v6_2_6_password_fields_hide_and_take_what_is_pasted),
		SITE_TEST(v6_2_10_old_passwords_stay_good),
	};
	return site_run(tests);
}
