/* Every route times everybody who could come: what each gets stands in route_matrix.txt. */
#include "io/file.h"
#include "pages/gate.h"
#include "pages/routes.h"
#include "support/site_test.h"

#include "codec/b64.h"

enum { MATRIX_MAX = 64 * 1024, NEVER_AN_ID = 987654321 };

enum actor { NOBODY, HALF, DUE, EXPIRED, MEMBER, ADMIN, STALE, OTHER, ACTOR__MAX };
enum token { RIGHT, MISSING, FOREIGN, CROSS_SITE, TOKEN__MAX };
static const char *const token_names[] = {"right", "missing", "foreign", "cross-site"};

/* What no stranger may read: names, addresses, the practice of the firm at home. */
static const char *const canaries[] = {"CANARY", "@client.example", "Harbour Practice"};

static struct world {
	struct firm home, away;
	struct person due;
	int64_t client, run, passkey;
	char token[40]; /* of a one-time link */
	struct browser stranger;
	const char *state;
} w;

static const char *state_of_all(void)
{
	return sql_state_of(w.home.org_id, w.away.org_id);
}

static void make_link(void)
{
	static const unsigned char secret[16] = {
		1, 2, 3, 4, 5, 6, 7, 8, 9, 1, 2, 3, 4, 5, 6, 7};
	unsigned char hash[HASH_BYTES];
	hash_sha256(secret, sizeof secret, hash);
	(void)snprintf(w.token, sizeof w.token, "%s",
		b64url_encode(site.arena, secret, sizeof secret));
	sql_do("DELETE FROM one_time_token");
	sql_do("INSERT INTO one_time_token VALUES ('\\x%s', %lld, %lld, 'invitation', now() +"
	       " interval '1 hour')",
		hex_encode(site.arena, hash, sizeof hash), (long long)w.away.org_id,
		(long long)w.away.member.user_id);
}

/* At home a practice is connected and everybody but one has a second factor; away nothing is. */
static void make_world(void)
{
	/* Whom an earlier step invited. */
	sql_do("DELETE FROM login WHERE email_norm = 'new@firm.example'");
	firm_make(&w.home);
	firm_make(&w.away);
	person_make(&w.due, w.home.org_id, "Dora Due", "member");
	person_enrol(&w.home.admin);
	person_enrol(&w.home.member);
	person_enrol(&w.away.admin);
	firm_connect(&w.home, "live", NULL);
	w.client = firm_client(&w.home, "CANARY synced", true);
	(void)firm_client(&w.home, "CANARY by hand", false);
	w.run = firm_run(&w.home, "complete");
	w.passkey = person_passkey(&w.home.member, "CANARY key");
	sql_do("INSERT INTO run_skip (org_id, run_id, rule, name) VALUES (%lld, %lld, 'no_uuid',"
	       " 'CANARY skipped')",
		(long long)w.home.org_id, (long long)w.run);
	sql_do("INSERT INTO client_change (org_id, client_id, run_id, field, new) VALUES (%lld,"
	       " %lld, %lld, 'name', 'CANARY changed')",
		(long long)w.home.org_id, (long long)w.client, (long long)w.run);
	sql_do("INSERT INTO notice (org_id, user_id, kind, body) VALUES (%lld, %lld, 'test',"
	       " 'CANARY notice')",
		(long long)w.home.org_id, (long long)w.home.member.user_id);
	make_link();
	browser_enter(&w.stranger, &w.away.member, 2);
	w.state = state_of_all();
}

static struct browser become(enum actor who)
{
	struct browser b = {0};
	const struct person *p = who == DUE			? &w.due
				 : who == OTHER			? &w.away.admin
				 : who == ADMIN || who == STALE ? &w.home.admin
								: &w.home.member;
	if (who != NOBODY)
		browser_enter(&b, p, who == HALF ? 1 : 2);
	if (who == STALE)
		sql_do("UPDATE session SET fresh_at = now() - interval '6 minutes' WHERE %s",
			browser_session(&b));
	if (who == EXPIRED)
		sql_do("UPDATE session SET ends_at = now() - interval '1 second' WHERE %s",
			browser_session(&b));
	return b;
}

static const struct {
	const char *pattern, *form;
} forms[] = {
	{"/login/mfa", "code=000000"},
	{"/login/recovery", "code=AAAA-AAAA-AAAA-AAAA"},
	{"/mfa/setup/code", "code=000000"},
	{"/mfa/setup/done", "saved=1"},
	{"/password/forgot", "email=nobody%40firm.example"},
	{"/profile", "name=Somebody+else"},
	{"/profile/password", "old=not+the+password&password=forty+brass+lanterns"},
	{"/profile/codes", "code=000000"},
	{"/profile/passkeys/{id}/name", "name=Another+name"},
	{"/mfa/setup/passkey", "name=New&passkey=%7B%7D"},
	{"/settings/team/invite", "name=New&email=new%40firm.example&role=member"},
	{"/settings/team/{id}/role", "role=admin"},
	{"/settings/team/{id}/reset-mfa", "code=000000"},
	{"/settings", "name=Another+firm&zone=UTC"},
	{"/settings/integrations/practice", "choice=0&attempt=1"},
	{"/settings/integrations/practice/cancel", "choice=0&attempt=1"},
	{"/settings/integrations/grace", "days=3"},
	{"/settings/integrations/label", "label=Another+practice"},
	{"/clients/new", "name=New&status=client"},
	{"/clients/import/apply", "clients=1&made=1"},
	{"/settings/integrations/match/pairs/{id}", "choice=undo"},
	{"/clients/{id}/edit", "name=Changed&status=client"},
};

static const char *form_for(const struct route *r)
{
	for (size_t i = 0; i < ARRAY_LEN(forms); i++)
		if (strcmp(forms[i].pattern, r->pattern) == 0)
			return forms[i].form;
	return "";
}

/* The address of the pattern, with this id, or the link's token. */
static const char *address(const char *pattern, const char *id)
{
	struct str before, after, name;
	if (!str_cut(str_of(pattern), '{', &before, &after) ||
		!str_cut(after, '}', &name, &after))
		return pattern;
	return arena_printf(site.arena, "%.*s%s%.*s", (int)before.n, before.p,
		str_is(name, "id") ? id : w.token, (int)after.n, after.p);
}

static const char *id_of(const struct route *r)
{
	struct str pattern = str_of(r->pattern);
	int64_t id = str_starts(pattern, "/syncs")	     ? w.run
		     : str_starts(pattern, "/profile/passk") ? w.passkey
		     : str_starts(pattern, "/settings/team") ? w.home.member.user_id
							     : w.client;
	return arena_printf(site.arena, "%lld", (long long)id);
}

static struct fcgi_answer ask(
	struct browser *b, const struct route *r, enum token how, const char *form)
{
	static const char *const evil[] = {"HTTP_ORIGIN", "https://evil.example", NULL};
	const char *uri = address(r->pattern, id_of(r));
	if (r->method == METHOD_GET)
		return browse(b, uri);
	if (how == MISSING)
		b->csrf[0] = '\0';
	if (how == FOREIGN)
		memcpy(b->csrf, w.stranger.csrf, sizeof b->csrf);
	if (how != CROSS_SITE)
		return submit(b, uri, form);
	return browser_ask(b, "POST", uri, evil,
		str_of(arena_printf(site.arena, "csrf=%s&%s", b->csrf, form)));
}

/* The status, or where it leads: a word for a wall, "go" for anywhere inside. */
static const char *cell(const struct fcgi_answer *r)
{
	static const char *const walls[][2] = {{"/login", "login"}, {"/login/mfa", "mfa"},
		{"/mfa/notice", "notice"}, {"/confirm", "confirm"}, {SITE_AUTHORIZE, "xero"}};
	const char *to = answer_location(r);
	struct str path = {to, strcspn(to, "?")};
	for (size_t i = 0; i < ARRAY_LEN(walls); i++)
		if (r->status == 303 && str_is(path, walls[i][0]))
			return walls[i][1];
	return r->status == 303 ? "go" : arena_printf(site.arena, "%d", r->status);
}

static void judge(const struct fcgi_answer *r, enum actor who, const char *uri)
{
	bool inside = who == MEMBER || who == ADMIN || who == STALE;
	bool may_read = r->status == 200 && inside;
	for (size_t i = 0; i < ARRAY_LEN(canaries) && !may_read; i++)
		if (strstr(r->body.p, canaries[i]) != NULL ||
			strstr(r->head, canaries[i]) != NULL)
			fail_msg("%s shows %s to actor %d", uri, canaries[i], (int)who);
}

/* Opening set-up makes the secret that it shows; a return from Xero that nobody waits for is told to admins. */
static bool leaves_traces(const struct route *r)
{
	return strcmp(r->pattern, "/mfa/setup") == 0 ||
	       strcmp(r->pattern, "/oauth/xero/callback") == 0;
}

/* One answer. What changed something is followed by a new world; who may not change anything did not. */
static const char *walk_one(const struct route *r, enum actor who, enum token how)
{
	bool harmless =
		r->method == METHOD_GET || how != RIGHT || who == NOBODY || who == EXPIRED;
	struct browser b = become(who);
	struct fcgi_answer answer = ask(&b, r, how, form_for(r));
	judge(&answer, who, r->pattern);
	sql_do("DELETE FROM throttle");
	if (strcmp(state_of_all(), w.state) == 0)
		return cell(&answer);
	if (harmless && !leaves_traces(r))
		fail_msg("%s %s by actor %d changed something", token_names[how], r->pattern,
			(int)who);
	make_world();
	return cell(&answer);
}

static void add_line(struct buf *out, const struct route *r, enum token how)
{
	bool post = r->method == METHOD_POST;
	buf_printf(out, "%-4s %-39s %-10s", post ? "POST" : "GET", r->pattern,
		post ? token_names[how] : "-");
	for (int who = 0; who < ACTOR__MAX; who++)
		buf_printf(out, " %-8s", walk_one(r, (enum actor)who, how));
	while (out->len > 0 && out->data[out->len - 1] == ' ')
		out->data[--out->len] = '\0';
	buf_addc(out, '\n');
}

/* The next line that is no remark. */
static bool next_line(struct str *rest, struct str *line_r)
{
	while (str_next(rest, '\n', line_r))
		if (line_r->n > 0 && !str_starts(*line_r, "#"))
			return true;
	return false;
}

static size_t compare(struct str expected, struct str actual)
{
	struct str want, got;
	size_t differ = 0;
	while (next_line(&actual, &got)) {
		if (!next_line(&expected, &want))
			want = STR("(no such line)");
		if (str_eq(want, got))
			continue;
		print_error(
			"matrix: %.*s\nsite:   %.*s\n", (int)want.n, want.p, (int)got.n, got.p);
		differ++;
	}
	return differ + (next_line(&expected, &want) ? 1 : 0);
}

static void the_matrix_holds(void **state)
{
	struct buf actual;
	struct str expected;
	struct err e;
	buf_init(&actual, *state, MATRIX_MAX);
	make_world();
	for (size_t i = 0; i < routes_count; i++)
		for (int how = 0;
			how < (routes_table[i].method == METHOD_POST ? TOKEN__MAX : 1); how++)
			add_line(&actual, &routes_table[i], (enum token)how);
	assert_ok(file_read(*state, "tests/web/route_matrix.txt", MATRIX_MAX, &expected, &e));
	size_t differ = compare(expected, buf_str(&actual));
	if (differ > 0)
		(void)fprintf(stderr, "The whole walk:\n%s", actual.data);
	assert_int_equal(differ, 0);
}

/* Else the walk would find nothing anywhere. */
static void who_may_see_the_canaries_sees_them(void **state)
{
	static const char *const pages[] = {"/clients", "/clients.csv", "/syncs/{id}",
		"/clients/{id}", "/clients?q=canary", "/notifications"};
	(void)state;
	make_world();
	for (size_t i = 0; i < ARRAY_LEN(pages); i++) {
		struct browser b = become(MEMBER);
		int64_t id = strstr(pages[i], "syncs") != NULL ? w.run : w.client;
		const char *text = arena_printf(site.arena, "%lld", (long long)id);
		struct fcgi_answer r = browse(&b, address(pages[i], text));
		assert_status(r, 200);
		assert_non_null(strstr(r.body.p, "CANARY"));
	}
}

static void strange_ids_are_like_ids_that_never_were(void **state)
{
	static const char *const odd[] = {
		"987654322", "0", "-1", "01", "+1", "1e3", "99999999999999999999", "%31", "x"};
	(void)state;
	make_world();
	for (size_t i = 0; i < routes_count; i++) {
		const struct route *r = &routes_table[i];
		if (strstr(r->pattern, "{id}") == NULL)
			continue;
		const char *method = r->method == METHOD_POST ? "POST" : "GET";
		struct browser b = become(OTHER);
		struct str form =
			str_of(arena_printf(site.arena, "csrf=%s&%s", b.csrf, form_for(r)));
		const char *never = arena_printf(site.arena, "%d", NEVER_AN_ID);
		struct fcgi_answer like =
			browser_ask(&b, method, address(r->pattern, never), NULL, form);
		assert_status(like, 404);
		for (size_t k = 0; k <= ARRAY_LEN(odd); k++) {
			const char *id = k == ARRAY_LEN(odd) ? id_of(r) : odd[k];
			struct fcgi_answer got =
				browser_ask(&b, method, address(r->pattern, id), NULL, form);
			assert_status(got, 404);
			/* What is no number at all is refused earlier, and as anybody's. */
			if (strlen(id) > 2 && str_to_i64(str_of(id), &(int64_t){0})) {
				assert_string_equal(got.head, like.head);
				/* But for the token of its form, which is made anew each time. */
				assert_string_equal(answer_words(&got), answer_words(&like));
			}
		}
	}
}

/* Ids in queries and fields: the same answer as for an id that never was, and no canary in it. */
static void strange_ids_in_fields_are_too(void **state)
{
	static const char *const pages[] = {"/clients?after=%lld&from=A",
		"/clients?before=%lld&from=Z", "/clients?watch=%lld",
		"/clients?q=synced&after=%lld&from=A", "/syncs?before=%lld"};
	(void)state;
	make_world();
	sql_do("UPDATE session SET flash_kind = NULL");
	for (size_t i = 0; i < ARRAY_LEN(pages); i++) {
		struct browser b = become(OTHER);
		struct str before, after;
		bool syncs = str_starts(str_of(pages[i]), "/syncs");
		assert_true(str_cut(str_of(pages[i]), '%', &before, &after));
		const long long ids[] = {syncs ? w.run + 1 : w.client, NEVER_AN_ID};
		const char *words[2];
		for (size_t k = 0; k < 2; k++) {
			const char *uri = arena_printf(site.arena, "%.*s%lld%s", (int)before.n,
				before.p, ids[k], after.p + 3);
			struct fcgi_answer r = browse(&b, uri);
			judge(&r, OTHER, uri);
			words[k] = answer_words(&r);
			assert_status(r, 200);
		}
		assert_string_equal(words[0], words[1]);
	}
}

/* ASVS 3.5.1: tokens that are empty, old, in the address, or given twice; and what a browser says of the sender. */
static void other_bad_tokens_are_refused(void **state)
{
	static const char *const cross[] = {"HTTP_SEC_FETCH_SITE", "cross-site", NULL};
	static const char *const same[] = {"HTTP_SEC_FETCH_SITE", "same-site", NULL};
	static const char *const null[] = {"HTTP_ORIGIN", "null", NULL};
	static const char *const port[] = {"HTTP_ORIGIN", "https://localhost:8444", NULL};
	const char *const *const from[] = {NULL, NULL, NULL, cross, same, null, port};
	(void)state;
	make_world();
	for (size_t i = 0; i < routes_count; i++) {
		const struct route *r = &routes_table[i];
		if (r->method != METHOD_POST || r->gates & (GATE_BARE | GATE_HALF))
			continue;
		for (size_t k = 0; k < ARRAY_LEN(from); k++) {
			struct browser b = become(ADMIN), old = become(ADMIN);
			const char *uri = address(r->pattern, id_of(r)), *csrf = b.csrf;
			if (k == 0)
				csrf = "";
			if (k == 1)
				csrf = old.csrf;
			if (k == 2)
				uri = arena_printf(site.arena, "%s?csrf=%s", uri, b.csrf);
			const char *form = k == 2 ? form_for(r)
						  : arena_printf(site.arena, "csrf=%s&%s", csrf,
							    form_for(r));
			if (r->gates & GATE_NO_CSRF && k < 3)
				continue;
			assert_status(browser_ask(&b, "POST", uri, from[k], str_of(form)), 403);
		}
		assert_string_equal(state_of_all(), w.state);
	}
}

/* A form of our own comes with one of these. */
static void our_own_forms_pass(void **state)
{
	static const char *const own[] = {
		"HTTP_ORIGIN", SITE_ORIGIN, "HTTP_SEC_FETCH_SITE", "same-origin", NULL};
	static const char *const hidden[] = {
		"HTTP_ORIGIN", "null", "HTTP_SEC_FETCH_SITE", "same-origin", NULL};
	const char *const *const from[] = {own, hidden, NULL};
	(void)state;
	make_world();
	for (size_t i = 0; i < ARRAY_LEN(from); i++) {
		struct browser b = become(MEMBER);
		struct str form = str_of(arena_printf(site.arena, "csrf=%s&name=N", b.csrf));
		assert_goes(browser_ask(&b, "POST", "/profile", from[i], form), "/profile");
	}
}

static void a_role_that_is_taken_away_is_gone_at_once(void **state)
{
	(void)state;
	make_world();
	struct browser b = become(ADMIN);
	assert_goes(submit(&b, "/settings", "name=One&zone=UTC"), "/settings");
	sql_do("UPDATE app_user SET role = 'member' WHERE user_id = %lld",
		(long long)w.home.admin.user_id);
	assert_status(submit(&b, "/settings", "name=Two&zone=UTC"), 403);
	assert_string_equal(sql_text("SELECT name FROM organisation WHERE org_id = %lld",
				    (long long)w.home.org_id),
		"One");
}

/* What was not declared is not read (ASVS 15.3.3). */
static void fields_of_no_form_are_ignored(void **state)
{
	(void)state;
	make_world();
	struct browser b = become(MEMBER);
	assert_goes(submit(&b, "/profile",
			    form_of("name", "Still a member", "role", "admin", "org_id", "1",
				    "email", "new@firm.example", "mfa_done", "1", NULL)),
		"/profile");
	assert_string_equal(
		sql_text("SELECT role || ' ' || email FROM app_user WHERE user_id = %lld",
			(long long)w.home.member.user_id),
		arena_printf(site.arena, "member %s", w.home.member.email));
}

static void readiness_and_metrics_answer_loopback_alone(void **state)
{
	static const char *const pages[] = {"/readyz", "/metrics"};
	static const char *const far[] = {SITE_FAR_AWAY, "10.0.0.1", "::2", "128.0.0.1", ""};
	(void)state;
	sql_do("INSERT INTO worker_heartbeat VALUES ('w', '1', now())");
	for (size_t i = 0; i < ARRAY_LEN(pages); i++) {
		struct browser near = {.peer = "127.0.0.1"}, near6 = {.peer = "::1"};
		assert_status(browse(&near, pages[i]), 200);
		assert_status(browse(&near6, pages[i]), 200);
		for (size_t k = 0; k < ARRAY_LEN(far); k++) {
			struct browser b = {.peer = far[k]};
			static const char *const forged[] = {"HTTP_X_FORWARDED_FOR",
				"127.0.0.1", "HTTP_X_REAL_IP", "127.0.0.1", NULL};
			assert_status(browser_ask(&b, "GET", pages[i], forged, STR("")), 404);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(the_matrix_holds),
		SITE_TEST(who_may_see_the_canaries_sees_them),
		SITE_TEST(strange_ids_are_like_ids_that_never_were),
		SITE_TEST(strange_ids_in_fields_are_too),
		SITE_TEST(other_bad_tokens_are_refused),
		SITE_TEST(our_own_forms_pass),
		SITE_TEST(a_role_that_is_taken_away_is_gone_at_once),
		SITE_TEST(fields_of_no_form_are_ignored),
		SITE_TEST(readiness_and_metrics_answer_loopback_alone),
	};
	return site_run(tests);
}
