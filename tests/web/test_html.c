/* Every kind of page, and what tidy says to it. */
#include "base/clock.h"
#include "codec/b64.h"
#include "codec/hash.h"
#include "codec/totp.h"
#include "core/connection.h"
#include "io/file.h"
#include "pages/routes.h"
#include "support/site_test.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

/* tidy 5.6 is older than these attributes and elements; everything else counts. */
static const char *const known[] = {
	"proprietary attribute \"popover\"",
	"proprietary attribute \"popovertarget\"",
	"proprietary attribute \"inputmode\"",
	"<textarea> proprietary attribute \"autocomplete\"",
	"proprietary attribute \"minlength\"",
	"proprietary attribute \"autocapitalize\"",
	"proprietary attribute \"aria-current\"",
	/* Drawn by the style sheet, and hidden from readers. */
	"trimming empty <span>",
	/* SVG 2, "Styling": presentation attributes. */
	"<svg> proprietary attribute \"fill\"",
	"<svg> proprietary attribute \"stroke\"",
	"<svg> proprietary attribute \"stroke-width\"",
	"<svg> proprietary attribute \"stroke-linecap\"",
	"<svg> proprietary attribute \"stroke-linejoin\"",
	"<svg> proprietary attribute \"shape-rendering\"",
};

static bool is_known(struct str line)
{
	const char *text = str_dup(site.arena, line);
	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (strstr(text, known[i]) != NULL)
			return true;
	return false;
}

static void run_tidy(const char *page, const char *findings)
{
	(void)fflush(NULL);
	pid_t pid = fork();
	int status = 0;
	if (pid == 0) {
		int fd = open(findings, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
		char *const argv[] = {(char[]){"tidy"}, (char[]){"-errors"}, (char[]){"-quiet"},
			(char[]){"-utf8"}, (char *)page, NULL};
		if (fd >= 0 && dup2(fd, STDERR_FILENO) >= 0)
			(void)execvp(argv[0], argv);
		_exit(127);
	}
	assert_true(pid > 0 && waitpid(pid, &status, 0) == pid);
	/* 1: warnings, 2: errors; they are read below. */
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) <= 2);
}

/* A <div> around a pair of a <dl> is HTML since 5.2; tidy reads it as torn apart. */
static struct str without_groups(struct str body)
{
	static const char *const groups[][2] = {
		{"<div><dt>", "<dt>"}, {"</dd></div>", "</dd>"}};
	struct buf b;
	buf_init(&b, site.arena, 4 * 1024 * 1024);
	for (size_t i = 0; i < body.n;) {
		size_t k = 0;
		while (k < ARRAY_LEN(groups) &&
			!str_starts(str_sub(body, i, body.n), groups[k][0]))
			k++;
		if (k < ARRAY_LEN(groups)) {
			buf_adds(&b, groups[k][1]);
			i += strlen(groups[k][0]);
		} else
			buf_addc(&b, body.p[i++]);
	}
	return buf_str(&b);
}

static void accept(const char *what, struct fcgi_answer r)
{
	struct str text, line;
	struct err e;
	const char *page = arena_printf(site.arena, "%s/page.html", site.dir);
	const char *findings = arena_printf(site.arena, "%s/tidy", site.dir);
	size_t found = 0;
	assert_true(r.body.n > 0);
	assert_string_equal(
		fcgi_answer_header(site.arena, &r, "Content-Type"), "text/html; charset=utf-8");
	assert_ok(file_write(page, without_groups(r.body), 0600, &e));
	run_tidy(page, findings);
	assert_ok(file_read(site.arena, findings, 1024 * 1024, &text, &e));
	(void)unlink(page);
	(void)unlink(findings);
	while (str_next(&text, '\n', &line))
		if (line.n > 0 && !is_known(line) && ++found > 0)
			(void)fprintf(stderr, "%s: %.*s\n", what, (int)line.n, line.p);
	if (found > 0)
		fail_msg("tidy finds fault with %s", what);
}

static void settle(struct firm *f, struct browser *admin, struct browser *member)
{
	firm_make(f);
	person_enrol(&f->admin);
	person_enrol(&f->member);
	*admin = *member = (struct browser){0};
	browser_enter(admin, &f->admin, 2);
	browser_enter(member, &f->member, 2);
}

/* The check itself can say no. */
static void tidy_is_awake(void **state)
{
	const char *page = arena_printf(*state, "%s/page.html", site.dir);
	const char *findings = arena_printf(*state, "%s/tidy", site.dir);
	struct str text;
	struct err e;
	assert_ok(file_write(page,
		STR("<!doctype html><html lang=\"en\"><title>x</title><p><b>x</p></i>"), 0600,
		&e));
	run_tidy(page, findings);
	assert_ok(file_read(*state, findings, 1024 * 1024, &text, &e));
	assert_true(text.n > 0);
	(void)unlink(page);
	(void)unlink(findings);
}

static void pages_before_log_in(void **state)
{
	struct firm f;
	struct browser b = {0}, half = {0};
	(void)state;
	firm_make(&f);
	person_enrol(&f.member);
	accept("/login", browse(&b, "/login"));
	accept("/terms", browse(&b, "/terms"));
	accept("/privacy", browse(&b, "/privacy"));
	accept("/login ended", browse(&b, "/login?ended=1"));
	accept("/login wrong", submit(&b, "/login", "email=%3Ca%3E&password="));
	accept("404", browse(&b, "/nope"));
	accept("405", browser_ask(&b, "PUT", "/login", NULL, STR("")));
	accept("400", browse(&b, "/login?next=%FF"));
	browser_enter(&half, &f.member, 1);
	accept("/login/mfa", browse(&half, "/login/mfa"));
	accept("/login/mfa wrong", submit(&half, "/login/mfa", "code=1"));
	accept("/login/recovery", browse(&half, "/login/recovery"));
	accept("/login/recovery wrong", submit(&half, "/login/recovery", "code=1"));
}

static const char *code_for(const struct fcgi_answer *r)
{
	const char *at = strstr(r->body.p, "<code id=\"mfa-key\">");
	struct str bytes;
	struct err e;
	char *code;
	assert_non_null(at);
	at += strlen("<code id=\"mfa-key\">");
	assert_true(base32_decode(site.arena, (struct str){at, strcspn(at, "<")}, &bytes));
	assert_ok(totp_code(site.arena, secret_new(site.arena, bytes.p, bytes.n),
		clock_now() / TOTP_STEP_S, &code, &e));
	return code;
}

static void pages_of_set_up(void **state)
{
	struct firm f;
	struct browser b = {0};
	(void)state;
	firm_make(&f);
	sql_do("UPDATE organisation SET mfa_required_at = now(), mfa_grace_days = 3 WHERE org_id ="
	       " %lld",
		(long long)f.org_id);
	browser_enter(&b, &f.admin, 2);
	accept("/mfa/notice", browse(&b, "/mfa/notice"));
	accept("/profile without a factor", browse(&b, "/profile"));
	accept("/mfa/setup", browse(&b, "/mfa/setup"));
	accept("/mfa/setup/code wrong", submit(&b, "/mfa/setup/code", "code=1"));
	struct fcgi_answer r = browse(&b, "/mfa/setup/code");
	accept("/mfa/setup/code", r);
	accept("codes", submit(&b, "/mfa/setup/code", form_of("code", code_for(&r), NULL)));
	accept("codes again", submit(&b, "/mfa/setup/done", ""));
	accept("/confirm", browse(&b, "/confirm"));
	accept("/confirm wrong", submit(&b, "/confirm", "password=x&code=1"));
}

static void the_tile_in_every_state(void **state)
{
	struct firm f;
	struct browser admin, member;
	(void)state;
	settle(&f, &admin, &member);
	for (int s = 0; s < CONNECTION__MAX; s++)
		for (int c = 0; c < CAUSE__MAX; c += 5) {
			const char *name = connection_state_name((enum connection_state)s);
			firm_connect(&f, name, connection_cause_name((enum connection_cause)c));
			accept(name, browse(&admin, "/settings/integrations?watch=1"));
			accept(name, browse(&member, "/settings/integrations"));
		}
}

static void pages_of_passkeys(void **state)
{
	struct firm f;
	struct browser b = {0}, half = {0};
	(void)state;
	firm_make(&f);
	browser_enter(&b, &f.admin, 2);
	accept("/mfa/setup/passkey", browse(&b, "/mfa/setup/passkey"));
	accept("passkey, wrong", submit(&b, "/mfa/setup/passkey", "name=&passkey=x"));
	accept("passkey, no answer", submit(&b, "/mfa/setup/passkey", "name=%3Ci%3E"));
	int64_t id = person_passkey(&f.admin, "Blue <b> \"key\"");
	const char *at = arena_printf(site.arena, "/profile/passkeys/%lld", (long long)id);
	browser_enter(&half, &f.admin, 1);
	for (int round = 0; round < 2; round++) {
		accept("profile with a passkey", browse(&b, "/profile"));
		accept("passkey", browse(&b, at));
		accept("passkey, no name",
			submit(&b, arena_printf(site.arena, "%s/name", at), "name="));
		accept("confirm with a passkey", browse(&b, "/confirm"));
		accept("confirm with a passkey, wrong",
			submit(&b, "/confirm", form_of("password", SITE_PASSWORD, NULL)));
		accept("codes with a passkey", browse(&b, "/profile/codes"));
		accept("challenge with a passkey", browse(&half, "/login/mfa"));
		accept("challenge with a passkey, wrong",
			submit(&half, "/login/mfa", "passkey=x"));
		accept("recovery with a passkey", browse(&half, "/login/recovery"));
		if (round == 0)
			person_enrol(&f.admin);
	}
}

static void the_pages_inside(void **state)
{
	static const char *const pages[] = {"/clients", "/clients?q=x",
		"/clients?filter=archived", "/syncs", "/profile", "/notifications", "/help",
		"/terms", "/privacy", "/settings", "/settings/team", "/settings/audit",
		"/settings/audit?check=1", "/settings/integrations",
		"/settings/integrations/review"};
	struct firm f;
	struct browser admin, member;
	(void)state;
	settle(&f, &admin, &member);
	accept("new", browse(&admin, "/clients/new"));
	accept("new, wrong", submit(&admin, "/clients/new",
				     "name=&status=x&contact_first=%22%3E&email=x&phone=%0A"));
	int64_t own = firm_client(&f, "By hand <i>&amp;</i>", false);
	accept("edit",
		browse(&admin, arena_printf(site.arena, "/clients/%lld/edit", (long long)own)));
	accept("view",
		browse(&admin, arena_printf(site.arena, "/clients/%lld", (long long)own)));
	for (int round = 0; round < 2; round++) {
		for (size_t i = 0; i < ARRAY_LEN(pages); i++) {
			accept(pages[i], browse(&admin, pages[i]));
			accept(pages[i], browse(&member, pages[i]));
		}
		firm_connect(&f, "live", NULL);
		for (int i = 0; i < 60; i++)
			(void)firm_client(&f, "Synced \"one\" <b>", true);
		for (int i = 0; i < 32; i++)
			(void)firm_run(&f, i % 2 == 0 ? "complete" : "failed");
		sql_do("INSERT INTO notice (org_id, user_id, kind, body, link) VALUES (%lld, %lld,"
		       " 'test', 'A <b>notice</b>', '/syncs')",
			(long long)f.org_id, (long long)f.admin.user_id);
	}
	int64_t run = firm_run(&f, "problems");
	sql_do("INSERT INTO run_skip (org_id, run_id, rule, name) VALUES (%lld, %lld, 'no_uuid',"
	       " '<b>')",
		(long long)f.org_id, (long long)run);
	static const char *const tabs[] = {"", "?q=x", "/skipped", "/failed", "/log"};
	for (size_t i = 0; i < ARRAY_LEN(tabs); i++)
		accept(tabs[i], browse(&admin, arena_printf(site.arena, "/syncs/%lld%s",
						       (long long)run, tabs[i])));
	accept("filter", browse(&admin, "/syncs?result=failed&changed=1&from=x"));
	accept("older", browse(&admin, "/syncs?result=failed"));
	int64_t synced = sql_int(
		"SELECT max(client_id) FROM client WHERE org_id = %lld", (long long)f.org_id);
	accept("synced",
		browse(&admin, arena_printf(site.arena, "/clients/%lld", (long long)synced)));
	site.may_fail = true;
	sql_do("CREATE POLICY away ON client AS RESTRICTIVE FOR SELECT TO gap_web"
	       " USING (1 / (client_id - client_id) = 0)");
	struct fcgi_answer away = browse(&admin, "/clients?sort=changed");
	assert_status(away, 503);
	accept("503", away);
	sql_do("DROP POLICY away ON client");
	site.may_fail = false;
	accept("409", browse(&admin, arena_printf(site.arena, "/clients/%lld/edit",
					     (long long)synced)));
	accept("403", submit(&member, "/settings", "name=x&zone=UTC"));
	accept("disconnect", browse(&admin, "/settings/integrations/disconnect"));
	accept("settings, wrong", submit(&admin, "/settings", "name=&zone=x"));
	accept("profile, wrong", submit(&admin, "/profile", "name="));
}

/* GET routes that yield no page here. A route that is neither one nor yields one fails by its name. */
static const char *const not_pages[][2] = {
	{".csv", "a file"},
	{".jsonl", "a file"},
	{"/receipt", "a file"},
	{"/status", "JSON for a page that polls"},
	{"/settings/logo", "a picture"},
	{"/clients/import/preview", "wants a file first: the_import_in_every_state"},
	{"/callback", "leads back to Integrations"},
	{"/healthz", "for machines"},
	{"/readyz", "for machines"},
	{"/metrics", "for machines"},
};

static bool ends_in(struct str text, const char *end)
{
	size_t n = strlen(end);
	return text.n >= n && memcmp(text.p + text.n - n, end, n) == 0;
}

static bool is_page(struct str pattern)
{
	for (size_t i = 0; i < ARRAY_LEN(not_pages); i++)
		if (ends_in(pattern, not_pages[i][0]))
			return false;
	return !str_is(pattern, "/"); /* leads to the clients */
}

struct things {
	int64_t client, run, passkey, member, fix;
	const char *token;
};

static const char *address(struct str pattern, const struct things *t)
{
	struct str before, after, name;
	if (!str_cut(pattern, '{', &before, &after) || !str_cut(after, '}', &name, &after))
		return str_dup(site.arena, pattern);
	int64_t id = str_starts(pattern, "/syncs")		? t->run
		     : str_starts(pattern, "/fix")		? t->fix
		     : str_starts(pattern, "/profile/passkeys") ? t->passkey
		     : str_starts(pattern, "/settings/team")	? t->member
								: t->client;
	const char *is =
		str_is(name, "id") ? arena_printf(site.arena, "%lld", (long long)id) : t->token;
	return arena_printf(
		site.arena, "%.*s%s%.*s", (int)before.n, before.p, is, (int)after.n, after.p);
}

static const char *make_link(const struct person *p)
{
	static const unsigned char secret[16] = {9, 8, 7};
	unsigned char hash[HASH_BYTES];
	hash_sha256(secret, sizeof secret, hash);
	sql_do("INSERT INTO one_time_token VALUES ('\\x%s', %lld, %lld, 'invitation', now() +"
	       " interval '1 hour')",
		hex_encode(site.arena, hash, sizeof hash), (long long)p->org_id,
		(long long)p->user_id);
	return b64url_encode(site.arena, secret, sizeof secret);
}

/* As an admin; where that leads elsewhere, as somebody half logged in, or who has to set up a second factor. */
static struct fcgi_answer as_anybody(struct browser *const actors[3], const char *at)
{
	struct fcgi_answer r = browse(actors[0], at);
	for (size_t k = 1; r.status == 303 && k < 3; k++)
		r = browse(actors[k], at);
	return r;
}

static void every_get_route(void **state)
{
	struct firm f;
	struct person late;
	struct browser admin, member, half = {0}, due = {0};
	struct browser *const actors[] = {&admin, &half, &due};
	(void)state;
	settle(&f, &admin, &member);
	person_make(&late, f.org_id, "Dora Due", "member");
	browser_enter(&half, &f.admin, 1);
	browser_enter(&due, &late, 2);
	firm_connect(&f, "live", NULL); /* and with it the rule of the second factor */
	firm_connect(&f, "not_connected", NULL);
	const struct things t = {
		.client = firm_client(&f, "By hand", false),
		.run = firm_run(&f, "complete"),
		.passkey = person_passkey(&f.admin, "Key"),
		.member = f.member.user_id,
		.fix = sql_int("INSERT INTO fix_item (org_id, name, rule) VALUES (%lld, 'Fix',"
			       " 'no_name') RETURNING fix_id",
			(long long)f.org_id),
		.token = make_link(&f.member),
	};
	for (size_t i = 0; i < routes_count; i++) {
		struct str pattern = str_of(routes_table[i].pattern);
		if (routes_table[i].method != METHOD_GET || !is_page(pattern))
			continue;
		const char *at = address(pattern, &t);
		struct fcgi_answer r = as_anybody(actors, at);
		if (r.status != 200) { /* a page of connected firms alone */
			firm_connect(&f, "live", NULL);
			r = as_anybody(actors, at);
			firm_connect(&f, "not_connected", NULL);
		}
		if (r.status != 200)
			fail_msg("GET %s yields no page: %d", at, r.status);
		accept(at, r);
	}
}

/* A preview of one good row and one with a fault, looked through, given to the worker, and what came of it. */
static void the_import_in_every_state(void **state)
{
	static const char *const states[] = {"shown", "asked", "changed", "failed", "done"};
	struct firm f;
	struct browser admin, member;
	(void)state;
	settle(&f, &admin, &member);
	const char *own = arena_printf(
		site.arena, "%lld, %lld", (long long)f.org_id, (long long)f.member.user_id);
	sql_do("INSERT INTO import_preview (org_id, user_id, file_name, ignored, said, asked_at, asked_clients)"
	       " VALUES (%s, 'a <b>.csv', 'Tax & number', 'What <b>is</b> said.', now(), 1)",
		own);
	sql_do("INSERT INTO import_row (org_id, user_id, line, client_name, first_name, last_name, email, phone,"
	       " status, is_primary_text, fault, mark, reason, is_primary, contact_name, client_search,"
	       " contact_search) SELECT %s, line, 'A <b>', 'B', '', 'a@b.example', '', '', 'yes', mark, mark, why,"
	       " false, 'B', '', '' FROM (VALUES (2, 'add', ''), (3, 'missing', 'Missing <b>.')) v (line, mark, why)",
		own);
	for (size_t i = 0; i < ARRAY_LEN(states); i++) {
		sql_do("UPDATE import_preview SET state = '%s' WHERE org_id = %lld", states[i],
			(long long)f.org_id);
		if (strcmp(states[i], "done") != 0)
			accept(states[i], browse(&member, "/clients/import/preview"));
		accept(states[i], browse(&member, "/clients/import"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(tidy_is_awake),
		SITE_TEST(pages_before_log_in),
		SITE_TEST(pages_of_set_up),
		SITE_TEST(pages_of_passkeys),
		SITE_TEST(the_tile_in_every_state),
		SITE_TEST(the_pages_inside),
		SITE_TEST(every_get_route),
		SITE_TEST(the_import_in_every_state),
	};
	return site_run(tests);
}
