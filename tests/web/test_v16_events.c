/* ASVS 16.2, 16.3: each event of tests/security/events.txt, caused once: one line of the chain, and a whole one. */
#include "codec/b64.h"
#include "codec/hash.h"
#include "io/file.h"
#include "support/site_test.h"

/* Who comes: HALF owes the code; BARE has no factor; ADMIN and MEMBER have one; FREE is an admin without a practice. */
enum who { NOBODY, HALF, BARE, MEMBER, ADMIN, FREE };

static const struct cause {
	const char *event, *result;
	enum who who;
	const char *method, *uri,
		*form; /* @mail @code @recovery @user @client @link are filled in */
	int before;    /* so many tries first */
} causes[] = {
	{"login.password", "ok", NOBODY, "POST", "/login",
		"email=@mail&password="
		"seventeen+green+kettles",
		0},
	{"login.password", "refused", NOBODY, "POST", "/login",
		"email=@mail&password=not+this+one", 0},
	{"login.throttled", "refused", NOBODY, "POST", "/login",
		"email=@mail&password=not+this+one", 5},
	{"login.mfa", "ok", HALF, "POST", "/login/mfa", "code=@code", 0},
	{"login.mfa", "refused", HALF, "POST", "/login/mfa", "code=1", 0},
	{"login.mfa", "refused", HALF, "POST", "/login/mfa", "code=1", 5},
	{"login.mfa", "ok", HALF, "POST", "/login/recovery", "code=@recovery", 0},
	{"login.mfa", "refused", HALF, "POST", "/login/recovery", "code=AAAA-AAAA-AAAA-AAAA",
		0},
	{"logout", "ok", MEMBER, "POST", "/logout", "", 0},
	{"confirm", "ok", MEMBER, "POST", "/confirm",
		"password=seventeen+green+kettles&code=@code", 0},
	{"confirm", "refused", MEMBER, "POST", "/confirm",
		"password=seventeen+green+kettles&code=1", 0},
	{"denied", "refused", MEMBER, "POST", "/settings", "name=x&zone=UTC", 0},
	{"denied", "refused", MEMBER, "POST", "/settings/integrations/connect", "", 0},
	{"denied", "refused", MEMBER, "GET", "/settings/team/@user", "", 0},
	{"password.forgot", "ok", NOBODY, "POST", "/password/forgot", "email=@mail", 0},
	{"password.forgot", "refused", NOBODY, "POST", "/password/forgot",
		"email=nobody%40firm.example", 0},
	{"password.throttled", "refused", NOBODY, "POST", "/password/forgot", "email=@mail", 5},
	{"password.set", "ok", NOBODY, "POST", "/invite/@link", "password=forty+brass+lanterns",
		0},
	{"password.changed", "ok", MEMBER, "POST", "/profile/password",
		"old=seventeen+green+kettles&password=forty+brass+lanterns", 0},
	{"mfa.enabled", "ok", BARE, "POST", "/mfa/setup/code", "code=@new", 0},
	{"mfa.enabled", "refused", BARE, "POST", "/mfa/setup/code", "code=1", 0},
	{"mfa.codes_renewed", "ok", MEMBER, "POST", "/profile/codes", "code=@code", 0},
	{"mfa.codes_renewed", "refused", MEMBER, "POST", "/profile/codes", "code=1", 0},
	{"mfa.reset", "ok", ADMIN, "POST", "/settings/team/@user/reset-mfa", "code=@code", 0},
	{"mfa.reset", "refused", ADMIN, "POST", "/settings/team/@user/reset-mfa", "code=1", 0},
	{"mfa.grace_changed", "ok", ADMIN, "POST", "/settings/integrations/grace", "days=4", 0},
	{"profile.changed", "ok", MEMBER, "POST", "/profile", "name=Another+name", 0},
	{"session.ended", "ok", MEMBER, "POST", "/profile/sessions/end", "", 0},
	{"user.invited", "ok", ADMIN, "POST", "/settings/team/invite",
		"name=New&email=new%40firm.example&role=member", 0},
	{"user.role_changed", "ok", ADMIN, "POST", "/settings/team/@user/role", "role=admin",
		0},
	{"user.deactivated", "ok", ADMIN, "POST", "/settings/team/@user/deactivate", "", 0},
	{"user.activated", "ok", ADMIN, "POST", "/settings/team/@user/activate", "", 0},
	{"settings.changed", "ok", ADMIN, "POST", "/settings", "name=Another+firm&zone=UTC", 0},
	{"practice.renamed", "ok", ADMIN, "POST", "/settings/integrations/label",
		"label=Another", 0},
	{"connect.begun", "ok", FREE, "POST", "/settings/integrations/connect", "", 0},
	{"connect.returned", "refused", FREE, "GET",
		"/oauth/xero/callback?code=x&state=unknown", "", 0},
	{"disconnect.asked", "ok", ADMIN, "POST", "/settings/integrations/disconnect", "", 0},
	{"sync.asked", "ok", MEMBER, "POST", "/syncs", "", 0},
	{"clients.exported", "ok", MEMBER, "GET", "/clients.csv", "", 0},
	{"audit.exported", "ok", ADMIN, "GET", "/settings/audit.jsonl", "", 0},
	{"client.added", "ok", FREE, "POST", "/clients/new", "name=New&status=client", 0},
	{"client.changed", "ok", FREE, "POST", "/clients/@client/edit",
		"name=Changed&status=client", 0},
	{"client.archived", "ok", FREE, "POST", "/clients/@client/archive", "", 0},
	{"client.restored", "ok", FREE, "POST", "/clients/@client/restore", "", 0},
};

static struct firm f;
static int64_t client;
static const char *new_key_code;

static const char *make_link(void)
{
	static const unsigned char secret[16] = "sixteen bytes !";
	unsigned char hash[HASH_BYTES];
	hash_sha256(secret, sizeof secret, hash);
	sql_do("DELETE FROM one_time_token");
	sql_do("INSERT INTO one_time_token VALUES ('\\x%s', %lld, %lld, 'invitation', now() +"
	       " interval '1 hour')",
		hex_encode(site.arena, hash, sizeof hash), (long long)f.org_id,
		(long long)f.member.user_id);
	return b64url_encode(site.arena, secret, sizeof secret);
}

static struct browser come(const struct cause *c)
{
	struct browser b = {.peer = "203.0.113.77"};
	firm_make(&f);
	sql_do("DELETE FROM throttle");
	sql_do("DELETE FROM login WHERE email_norm = 'new@firm.example'");
	if (c->who != BARE) {
		person_enrol(&f.admin);
		person_enrol(&f.member);
	}
	if (c->who == MEMBER || c->who == ADMIN)
		firm_connect(&f, "live", NULL);
	client = firm_client(&f, "Somebody", false);
	if (c->who == HALF)
		browser_enter(&b, &f.member, 1);
	else if (c->who == ADMIN || c->who == FREE)
		browser_enter(&b, &f.admin, 2);
	else if (c->who != NOBODY)
		browser_enter(&b, &f.member, 2);
	if (strcmp(c->event, "user.activated") == 0)
		sql_do("UPDATE app_user SET status = 'disabled' WHERE user_id = %lld",
			(long long)f.member.user_id);
	if (strcmp(c->event, "client.restored") == 0)
		sql_do("UPDATE client SET archived_at = now(), archived_reason = 'by_hand'");
	if (strcmp(c->event, "session.ended") == 0) {
		struct browser other = {0};
		browser_enter(&other, &f.member, 2);
	}
	if (c->who == BARE) {
		struct fcgi_answer r = browse(&b, "/mfa/setup");
		new_key_code = answer_setup_code(&r);
	}
	return b;
}

static const char *value_of(struct str word, const struct cause *c)
{
	const struct person *who = c->who == ADMIN || c->who == FREE ? &f.admin : &f.member;
	if (str_is(word, "mail"))
		return f.member.email;
	if (str_is(word, "code"))
		return person_code(who, 0);
	if (str_is(word, "new"))
		return new_key_code;
	if (str_is(word, "recovery"))
		return f.member.codes[0];
	if (str_is(word, "link"))
		return make_link();
	return arena_printf(site.arena, "%lld",
		(long long)(str_is(word, "client") ? client : f.member.user_id));
}

/* `text` with its @words filled in. */
static const char *filled(const char *text, const struct cause *c)
{
	struct buf b;
	buf_init(&b, site.arena, 4096);
	while (*text != '\0') {
		size_t n = strcspn(text, "@");
		buf_add(&b, text, n);
		text += n;
		if (*text == '@') {
			n = strspn(++text, "abcdefghijklmnopqrstuvwxyz");
			buf_adds(&b, value_of((struct str){text, n}, c));
			text += n;
		}
	}
	return b.data;
}

static struct fcgi_answer cause_it(struct browser *b, const struct cause *c)
{
	const char *uri = filled(c->uri, c);
	return strcmp(c->method, "GET") == 0 ? browse(b, uri)
					     : submit(b, uri, filled(c->form, c));
}

/* Who, when, whence, by which request and session: the one there was, or the one it went on as. */
static void is_whole(const struct cause *c, const char *session)
{
	bool inside = c->who != NOBODY;
	const char *row = arena_printf(site.arena,
		"SELECT count(*) FROM audit_event WHERE event = '%s' AND result = '%s' AND at > now() -"
		" interval '1 minute' AND peer = '203.0.113.77' AND request_id ~ '^[0-9a-f]{32}$'%s",
		c->event, c->result,
		!inside ? ""
			: arena_printf(site.arena,
				  " AND org_id = %lld AND user_id = %lld AND (session_hash = '\\x%s' OR session_hash IN (SELECT token_hash FROM session))",
				  (long long)f.org_id,
				  (long long)(c->who == ADMIN || c->who == FREE
						      ? f.admin.user_id
						      : f.member.user_id),
				  session));
	if (sql_int("%s", row) != 1)
		fail_msg("%s %s: its line is not whole", c->event, c->result);
}

static void v16_3_1_each_event_is_one_line(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(causes); i++) {
		const struct cause *c = &causes[i];
		struct browser b = come(c);
		for (int n = 0; n < c->before; n++)
			(void)cause_it(&b, c);
		const char *session = c->who == NOBODY
					      ? ""
					      : sql_text("SELECT encode(token_hash, 'hex') FROM"
							 " session WHERE %s",
							browser_session(&b));
		sql_do("ALTER TABLE audit_event DISABLE ROW LEVEL SECURITY");
		sql_do("DELETE FROM audit_event");
		sql_do("DELETE FROM audit_head");
		struct fcgi_answer r = cause_it(&b, c);
		int64_t n = sql_int("SELECT count(*) FROM audit_event");
		if (n != 1)
			fail_msg("%s %s (%s %s: %d): %d lines, %s", c->event, c->result,
				c->method, c->uri, r.status, (int)n,
				sql_text(
					"SELECT string_agg(event || ' ' || result, ', ') FROM audit_event"));
		is_whole(c, session);
	}
	sql_do("ALTER TABLE audit_event ENABLE ROW LEVEL SECURITY");
}

/* The table and the causes above name the same. */
static void v16_1_1_every_event_of_the_table_is_driven(void **state)
{
	struct str rest, line, event, more;
	struct err e;
	size_t mine = 0;
	(void)state;
	assert_ok(file_read(site.arena, "tests/security/events.txt", 64 * 1024, &rest, &e));
	while (str_next(&rest, '\n', &line)) {
		if (line.n == 0 || line.p[0] == '#' || !str_cut(line, ' ', &event, &more) ||
			strstr(str_dup(site.arena, more), "web/test_v16_events") == NULL)
			continue;
		bool driven = false;
		for (size_t i = 0; i < ARRAY_LEN(causes); i++)
			driven |= str_is(event, causes[i].event);
		if (!driven)
			fail_msg("nothing here causes %.*s", (int)event.n, event.p);
		mine++;
	}
	assert_true(mine >= 30);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(v16_3_1_each_event_is_one_line),
		SITE_TEST(v16_1_1_every_event_of_the_table_is_driven),
	};
	return site_run(tests);
}
