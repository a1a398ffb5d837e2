/*
 * ASVS 2.3.3: a change happens whole or not at all. The way between gap-web and PostgreSQL breaks at each
 * statement that a change sends, once before it arrives and once with the answer lost: what is left is all of the
 * old or all of the new, and whoever was told that it is done finds it done. The last of these, where
 * changes are; with LONG=1 each.
 * (The worker's runs: worker/test_kill; its connecting and disconnecting: worker/test_half_done.)
 */
#include "codec/b64.h"
#include "codec/hash.h"
#include "support/pg_cut.h"
#include "support/site_test.h"

#include <stdlib.h>

enum { SHORT_BEFORE = 6, SHORT_ANSWER = 2, PLACES_MAX = 200 };

/* A firm, somebody's browser in it, and what that somebody is about to do. */
struct scene {
	struct firm f;
	struct browser b;
	const char *method, *uri, *form;
	const char *mark; /* what was there before, for the look */
};

struct change {
	const char *name;
	void (*prepare)(struct scene *s);
	const char *(*look)(const struct scene *s);
};

static long long org(const struct scene *s)
{
	return (long long)s->f.org_id;
}

static void enter(struct scene *s, struct person *p)
{
	struct browser other = {0};
	browser_enter(&other, p, 2);
	browser_enter(&s->b, p, 2);
	s->method = "POST";
	s->form = "";
}

/* Sessions of this person, mails on their way, lines about this in the audit. */
static const char *told(const struct scene *s, const struct person *p, const char *event)
{
	return sql_text(
		"SELECT concat_ws(' ', (SELECT count(*) FROM session WHERE user_id ="
		" %lld), (SELECT count(*) FROM job WHERE org_id = %lld AND kind = 'mail'),"
		" (SELECT count(*) FROM audit_event WHERE org_id = %lld AND event = '%s'"
		" AND result = 'ok'))",
		(long long)p->user_id, org(s), org(s), event);
}

/* One value of the database, and what is told of it. */
static const char *with(const char *value, const char *what_is_told)
{
	return arena_printf(site.arena, "%s %s", value, what_is_told);
}

static void a_factor(struct scene *s)
{
	enter(s, &s->f.member);
	struct fcgi_answer r = browse(&s->b, "/mfa/setup");
	s->uri = "/mfa/setup/code";
	s->form = form_of("code", answer_setup_code(&r), NULL);
}

static const char *factor_of_member(const struct scene *s)
{
	long long id = (long long)s->f.member.user_id;
	return with(
		sql_text("SELECT concat_ws(' ', (SELECT count(*) FROM totp_factor WHERE user_id"
			 " = %lld), (SELECT count(*) FROM recovery_code WHERE user_id = %lld),"
			 " (SELECT count(*) FROM totp_pending WHERE user_id = %lld))",
			id, id, id),
		told(s, &s->f.member, "mfa.enabled"));
}

static const char *codes_hash(const struct scene *s)
{
	return sql_text("SELECT md5(string_agg(code_hash::text, ' ' ORDER BY code_hash)) FROM"
			" recovery_code WHERE user_id = %lld",
		(long long)s->f.admin.user_id);
}

static void recovery_codes(struct scene *s)
{
	person_enrol(&s->f.admin);
	enter(s, &s->f.admin);
	s->mark = codes_hash(s);
	s->uri = "/profile/codes";
	s->form = form_of("code", person_code(&s->f.admin, 0), NULL);
}

static const char *codes_of_admin(const struct scene *s)
{
	return with(strcmp(codes_hash(s), s->mark) == 0 ? "old" : "new",
		told(s, &s->f.admin, "mfa.codes_renewed"));
}

static const char *password_hash_of(const struct person *p)
{
	return sql_text("SELECT password_hash FROM app_user WHERE user_id = %lld",
		(long long)p->user_id);
}

static const char *password_of(const struct scene *s, const struct person *p, const char *event)
{
	return with(strcmp(password_hash_of(p), s->mark) == 0 ? "old" : "new",
		with(sql_text("SELECT count(*) FROM one_time_token WHERE user_id = %lld",
			     (long long)p->user_id),
			told(s, p, event)));
}

/* A link that lies in the mail box, and dies with the change. */
static const char *link_of(const struct person *p)
{
	static unsigned next;
	unsigned char secret[16] = {'c', 'u', 't'}, hash[HASH_BYTES];
	next++;
	memcpy(secret + 4, &next, sizeof next);
	hash_sha256(secret, sizeof secret, hash);
	sql_do("INSERT INTO one_time_token VALUES ('\\x%s', %lld, %lld, 'set_password', now() +"
	       " interval '1 hour')",
		hex_encode(site.arena, hash, sizeof hash), (long long)p->org_id,
		(long long)p->user_id);
	return arena_printf(site.arena, "/password/reset/%s",
		b64url_encode(site.arena, secret, sizeof secret));
}

static void own_password(struct scene *s)
{
	enter(s, &s->f.member);
	(void)link_of(&s->f.member);
	s->mark = password_hash_of(&s->f.member);
	s->uri = "/profile/password";
	s->form = form_of("old", SITE_PASSWORD, "password", "forty brass lanterns", NULL);
}

static const char *changed_password(const struct scene *s)
{
	return password_of(s, &s->f.member, "password.changed");
}

static void password_by_link(struct scene *s)
{
	struct browser other = {0};
	browser_enter(&other, &s->f.member, 2);
	s->mark = password_hash_of(&s->f.member);
	s->method = "POST";
	s->uri = link_of(&s->f.member);
	s->form = form_of("password", "forty brass lanterns", NULL);
}

static const char *set_password(const struct scene *s)
{
	return password_of(s, &s->f.member, "password.set");
}

static void connect_to_xero(struct scene *s)
{
	person_enrol(&s->f.admin);
	enter(s, &s->f.admin);
	s->uri = "/settings/integrations/connect";
}

static const char *connection_of(const struct scene *s, const char *event)
{
	return with(
		sql_text("SELECT concat_ws(' ', (SELECT count(*) FROM oauth_attempt WHERE"
			 " org_id = %lld), (SELECT max(stage) FROM oauth_attempt WHERE org_id"
			 " = %lld), (SELECT state FROM connection WHERE org_id = %lld),"
			 " (SELECT string_agg(kind, ',' ORDER BY kind) FROM job WHERE org_id ="
			 " %lld))",
			org(s), org(s), org(s), org(s)),
		told(s, &s->f.admin, event));
}

static const char *try_of_connecting(const struct scene *s)
{
	return connection_of(s, "connect.begun");
}

static void return_from_xero(struct scene *s)
{
	connect_to_xero(s);
	struct fcgi_answer r = submit(&s->b, s->uri, "");
	const char *state = strstr(answer_location(&r), "state=");
	assert_non_null(state);
	s->method = "GET";
	s->uri = arena_printf(site.arena, "/oauth/xero/callback?code=a-code&%.*s",
		(int)strcspn(state, "&"), state);
}

static const char *return_of_connecting(const struct scene *s)
{
	return connection_of(s, "connect.returned");
}

static void disconnect(struct scene *s)
{
	person_enrol(&s->f.admin);
	firm_connect(&s->f, "live", NULL);
	enter(s, &s->f.admin);
	s->uri = "/settings/integrations/disconnect";
	s->form = form_of("records", "remove", NULL);
}

static const char *disconnecting(const struct scene *s)
{
	return connection_of(s, "disconnect.asked");
}

static void of_member(struct scene *s, const char *below, const char *form)
{
	struct browser theirs = {0};
	person_enrol(&s->f.member);
	person_enrol(&s->f.admin);
	browser_enter(&theirs, &s->f.member, 2);
	enter(s, &s->f.admin);
	s->uri = arena_printf(
		site.arena, "/settings/team/%lld%s", (long long)s->f.member.user_id, below);
	s->form = form;
}

static void role(struct scene *s)
{
	of_member(s, "/role", form_of("role", "admin", NULL));
}

static const char *member_row(const struct scene *s, const char *event)
{
	return with(
		sql_text(
			"SELECT concat_ws(' ', role, status, (SELECT count(*) FROM totp_factor f"
			" WHERE f.user_id = u.user_id), (SELECT count(*) FROM recovery_code f"
			" WHERE f.user_id = u.user_id)) FROM app_user u WHERE user_id = %lld",
			(long long)s->f.member.user_id),
		told(s, &s->f.member, event));
}

static const char *changed_role(const struct scene *s)
{
	return member_row(s, "user.role_changed");
}

static void deactivate(struct scene *s)
{
	of_member(s, "/deactivate", "");
}

static const char *deactivated(const struct scene *s)
{
	return member_row(s, "user.deactivated");
}

static void reset_factor(struct scene *s)
{
	of_member(s, "/reset-mfa", "");
	s->form = form_of("code", person_code(&s->f.admin, 0), NULL);
}

static const char *no_factor(const struct scene *s)
{
	return member_row(s, "mfa.reset");
}

static void invite(struct scene *s)
{
	enter(s, &s->f.admin);
	s->uri = "/settings/team/invite";
	s->form = form_of("name", "Nina New", "email",
		arena_printf(site.arena, "nina%lld@firm.example", org(s)), "role", "member",
		NULL);
}

static const char *invited(const struct scene *s)
{
	return with(
		sql_text("SELECT (SELECT count(*) FROM app_user WHERE org_id = %lld) || ' ' ||"
			 " (SELECT count(*) FROM login WHERE org_id = %lld)",
			org(s), org(s)),
		told(s, &s->f.admin, "user.invited"));
}

static void client(struct scene *s)
{
	enter(s, &s->f.member);
	s->uri = "/clients/new";
	s->form = form_of("name", "Blue Door", "status", "client", "contact_first", "Robin",
		"contact_last", "Blue", "email", "robin@blue.example", "phone", "1", NULL);
}

static const char *clients_of(const struct scene *s, const char *event)
{
	return with(
		sql_text("SELECT concat_ws(' ', (SELECT count(*) FROM client WHERE org_id ="
			 " %lld), (SELECT count(*) FROM contact WHERE org_id = %lld), (SELECT"
			 " count(*) FROM client_contact WHERE org_id = %lld), (SELECT count(*)"
			 " FROM client_change WHERE org_id = %lld), (SELECT count(*) FROM"
			 " import_row WHERE org_id = %lld))",
			org(s), org(s), org(s), org(s), org(s)),
		told(s, &s->f.member, event));
}

static const char *added_client(const struct scene *s)
{
	return clients_of(s, "client.added");
}

static void import_file(struct scene *s)
{
	static const char *const params[] = {
		"CONTENT_TYPE", "multipart/form-data; boundary=x9", NULL};
	enter(s, &s->f.member);
	(void)browse(&s->b, "/clients/import");
	struct fcgi_answer r = browser_ask(&s->b, "POST", "/clients/import", params,
		str_of(arena_printf(site.arena,
			"--x9\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\n%s\r\n--x9\r\n"
			"Content-Disposition: form-data; name=\"file\"\r\n\r\n"
			"Client Name,First Name,Last Name,Client Email\n"
			"Bravo,Ada,Lind,ada@b.example\nCharlie,Cy,Dee,cy@c.example\r\n--x9--\r\n",
			s->b.csrf)));
	assert_goes(r, "/clients/import/preview");
	r = browse(&s->b, "/clients/import/preview");
	s->uri = "/clients/import/apply";
	s->form = form_of(
		"clients", answer_input(&r, "clients"), "made", answer_input(&r, "made"), NULL);
}

static const char *import_asked(const struct scene *s)
{
	return with(
		sql_text(
			"SELECT concat_ws(' ', (SELECT state FROM import_preview WHERE org_id ="
			" %lld), (SELECT count(*) FROM job WHERE org_id = %lld AND kind = 'import'))",
			org(s), org(s)),
		told(s, &s->f.member, "import.asked"));
}

static const struct change changes[] = {
	{"a second factor", a_factor, factor_of_member},
	{"recovery codes", recovery_codes, codes_of_admin},
	{"a password", own_password, changed_password},
	{"a password by link", password_by_link, set_password},
	{"Connect", connect_to_xero, try_of_connecting},
	{"a return from Xero", return_from_xero, return_of_connecting},
	{"Disconnect", disconnect, disconnecting},
	{"a role", role, changed_role},
	{"a deactivation", deactivate, deactivated},
	{"a reset factor", reset_factor, no_factor},
	{"an invitation", invite, invited},
	{"a client", client, added_client},
	{"an import", import_file, import_asked},
};

static void prepare(struct scene *s, const struct change *c)
{
	*s = (struct scene){.method = "POST"};
	firm_make(&s->f);
	c->prepare(s);
}

static int act(struct scene *s)
{
	struct fcgi_answer r = strcmp(s->method, "GET") == 0 ? browse(&s->b, s->uri)
							     : submit(&s->b, s->uri, s->form);
	return r.status;
}

/* Undisturbed: what it looks like before and after, and how many statements lie between. */
static int whole(const struct change *c, const char **before_r, const char **after_r)
{
	struct scene s;
	prepare(&s, c);
	*before_r = c->look(&s);
	pg_cut_arm(0, PG_CUT_BEFORE);
	int status = act(&s);
	int places = pg_cut_seen();
	*after_r = c->look(&s);
	if (status != 200 && status != 303)
		fail_msg("%s: %d", c->name, status);
	assert_string_not_equal(*before_r, *after_r);
	assert_in_range(places, 4, PLACES_MAX);
	return places;
}

/* Counts the cuts: a process that had to look something up for the first time sent more than the next will. */
static int cuts;

static void cut_at(const struct change *c, int at, enum pg_cut_how how, const char *before,
	const char *after)
{
	struct scene s;
	prepare(&s, c);
	pg_cut_arm(at, how);
	int status = act(&s);
	cuts += pg_cut_happened();
	const char *left = c->look(&s);
	bool done = strcmp(left, after) == 0;
	if (!done && strcmp(left, before) != 0)
		fail_msg("%s, cut at %d (%d), left \"%s\", neither \"%s\" nor \"%s\"", c->name,
			at, how, left, before, after);
	if (status != 503 && !done)
		fail_msg("%s, cut at %d (%d), was answered %d and not done", c->name, at, how,
			status);
}

/* From the last place backwards: what stands first in a request only reads. */
static void cut_everywhere(const struct change *c)
{
	const char *before, *after;
	int places = whole(c, &before, &after);
	for (int at = places; at > 0; at--) {
		int left = places - at;
		if (site_is_long() || left < SHORT_BEFORE)
			cut_at(c, at, PG_CUT_BEFORE, before, after);
		if (site_is_long() || left < SHORT_ANSWER)
			cut_at(c, at, PG_CUT_ANSWER, before, after);
	}
}

static void every_change_happens_whole_or_not(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(changes); i++)
		cut_everywhere(&changes[i]);
	assert_true(cuts >= (int)ARRAY_LEN(changes) * SHORT_BEFORE);
}

/* Else the above would prove nothing: a cut link is noticed, and the next request goes well. */
static void a_cut_is_a_calm_page(void **state)
{
	struct scene s;
	(void)state;
	prepare(&s, &changes[0]);
	pg_cut_arm(1, PG_CUT_BEFORE);
	int status = act(&s);
	assert_true(pg_cut_happened());
	assert_true(status == 200 || status == 503);
	assert_status(browse(&s.b, "/clients"), 200);
}

static int begin(void **state)
{
	static struct arena *own;
	(void)state;
	own = arena_new();
	const char *superuser = getenv("GAP_TEST_PG");
	return superuser == NULL ? -1 : site_begin_on(pg_cut_start(own, superuser));
}

static int end(void **state)
{
	int status = site_end(state);
	pg_cut_stop();
	return status;
}

static int may_fail(void **state)
{
	int status = site_test_begin(state);
	site.may_fail = true;
	return status;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			every_change_happens_whole_or_not, may_fail, site_test_end),
		cmocka_unit_test_setup_teardown(a_cut_is_a_calm_page, may_fail, site_test_end),
	};
	return site_verdict(cmocka_run_group_tests(tests, begin, end));
}
