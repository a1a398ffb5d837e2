/* Setting up a second factor: key, proof, recovery codes, what is kept of them; replacing one. */
#include "base/clock.h"
#include "codec/b64.h"
#include "codec/hash.h"
#include "codec/totp.h"
#include "core/session.h"
#include "support/site_test.h"

enum { CODES = 10 };

static const char not_right[] =
	"That code is not right. Check your device's clock and use the newest code.";

/* What stands between two marks of the page. */
static const char *between(const struct fcgi_answer *r, const char *from, const char *to)
{
	const char *at = strstr(r->body.p, from);
	assert_non_null(at);
	at += strlen(from);
	const char *end = strstr(at, to);
	assert_non_null(end);
	return arena_strndup(site.arena, at, (size_t)(end - at));
}

/* The key as an authenticator that got it typed in keeps it. */
static const struct secret *key_on(const struct fcgi_answer *r)
{
	const char *text = between(r, "<code id=\"mfa-key\">", "</code>");
	struct str bytes;
	site_keep_out(text);
	assert_int_equal(strlen(text), 39);
	for (size_t i = 4; i < 39; i += 5)
		assert_int_equal(text[i], ' ');
	assert_true(base32_decode(site.arena, str_of(text), &bytes));
	assert_int_equal(bytes.n, TOTP_SECRET_BYTES);
	return secret_new(site.arena, bytes.p, bytes.n);
}

static const char *code_of(const struct secret *key, int steps)
{
	char *code;
	struct err e;
	assert_ok(totp_code(site.arena, key, clock_now() / TOTP_STEP_S + steps, &code, &e));
	return code;
}

static struct fcgi_answer prove(struct browser *b, const char *code)
{
	return submit(b, "/mfa/setup/code", form_of("code", code, NULL));
}

static void codes_on(const struct fcgi_answer *r, const char *codes_r[CODES])
{
	const char *at = strstr(r->body.p, "id=\"recovery-codes\"");
	assert_non_null(at);
	for (size_t i = 0; i < CODES; i++) {
		at = strstr(at, "<li><code>");
		assert_non_null(at);
		at += strlen("<li><code>");
		codes_r[i] = arena_strndup(site.arena, at, strcspn(at, "<"));
		assert_int_equal(strlen(codes_r[i]), 19);
		site_keep_out(codes_r[i]);
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(codes_r[i], codes_r[k]);
	}
	assert_null(strstr(at, "<li><code>"));
}

static int64_t kept(const struct person *p, const char *table)
{
	return sql_int(
		"SELECT count(*) FROM %s WHERE user_id = %lld", table, (long long)p->user_id);
}

static void codes_are_kept_as_hashes(const struct person *p, const char *codes[CODES])
{
	assert_int_equal(kept(p, "recovery_code"), CODES);
	for (size_t i = 0; i < CODES; i++) {
		unsigned char hash[HASH_BYTES];
		session_hash_code(site.arena, codes[i], hash);
		assert_int_equal(
			sql_int("SELECT count(*) FROM recovery_code WHERE user_id = %lld"
				" AND code_hash = '\\x%s'",
				(long long)p->user_id,
				hex_encode(site.arena, hash, sizeof hash)),
			1);
	}
}

static void it_goes_from_key_to_codes(void **state)
{
	struct firm f;
	struct browser b = {0}, other = {0}, old;
	const char *codes[CODES];
	(void)state;
	firm_make(&f);
	browser_log_in(&b, &f.member);
	browser_log_in(&other, &f.member);
	struct fcgi_answer r = browse(&b, "/mfa/setup");
	assert_has(r, "<h1>Set up Multi-Factor Authentication</h1>");
	assert_has(r, "aria-label=\"QR code");
	assert_has(r, "Can't scan? Enter this code");
	assert_has(r, f.member.email);
	assert_has(r, "Next");
	const struct secret *key = key_on(&r);
	/* A reload shows the same key: what was scanned meanwhile stays good. */
	r = browse(&b, "/mfa/setup");
	assert_true(str_eq(secret_open(key_on(&r)), secret_open(key)));
	r = browse(&b, "/mfa/setup/code");
	assert_has(r, "Authentication Code");
	assert_has(r, "Complete Multi-Factor Authentication Setup");
	assert_int_equal(kept(&f.member, "totp_factor"), 0);
	old = b;
	r = prove(&b, code_of(key, 0));
	assert_status(r, 200);
	assert_has(r, "I have saved these codes");
	assert_has(r, "Continue");
	codes_on(&r, codes);
	codes_are_kept_as_hashes(&f.member, codes);
	assert_int_equal(kept(&f.member, "totp_factor"), 1);
	assert_int_equal(kept(&f.member, "totp_pending"), 0);
	/* A rise of privilege: a new token, and everything else of this person is over. */
	assert_string_not_equal(b.cookie, old.cookie);
	assert_goes(browse(&old, "/clients"), "/login?next=%2Fclients");
	assert_goes(browse(&other, "/clients"), "/login?next=%2Fclients");
	assert_goes(submit(&b, "/mfa/setup/done", "saved=1"), "/clients");
	assert_has(browse(&b, "/profile"), "Enabled 10 recovery codes left.");
}

static void only_the_right_code_counts(void **state)
{
	struct firm f;
	struct browser b = {0};
	(void)state;
	firm_make(&f);
	browser_log_in(&b, &f.member);
	struct fcgi_answer r = browse(&b, "/mfa/setup");
	const struct secret *key = key_on(&r);
	const char *const codes[] = {code_of(key, -3), code_of(key, 3), "", "12345"};
	for (size_t i = 0; i < ARRAY_LEN(codes); i++) {
		r = prove(&b, codes[i]);
		assert_status(r, 422);
		assert_has(r, not_right);
		assert_true(str_eq(secret_open(key_on(&r)), secret_open(key)));
	}
	assert_int_equal(kept(&f.member, "totp_factor"), 0);
	assert_int_equal(kept(&f.member, "recovery_code"), 0);
	assert_status(browse(&b, "/clients"), 200);
	assert_status(prove(&b, code_of(key, 0)), 200);
	assert_int_equal(kept(&f.member, "totp_factor"), 1);
}

/* The code that proved the key is spent: it is not the first log-in's. */
static void the_proving_code_is_spent(void **state)
{
	struct firm f;
	struct browser b = {0}, again = {0};
	(void)state;
	firm_make(&f);
	browser_log_in(&b, &f.member);
	struct fcgi_answer r = browse(&b, "/mfa/setup");
	const struct secret *key = key_on(&r);
	const char *code = code_of(key, 0);
	assert_status(prove(&b, code), 200);
	assert_goes(submit(&again, "/login",
			    form_of("email", f.member.email, "password", SITE_PASSWORD, NULL)),
		"/login/mfa");
	assert_status(browse(&again, "/login/mfa"), 200);
	assert_has(submit(&again, "/login/mfa", form_of("code", code, NULL)), not_right);
	assert_goes(submit(&again, "/login/mfa", form_of("code", code_of(key, 1), NULL)),
		"/clients");
}

static void six_wrong_codes_have_to_wait(void **state)
{
	struct firm f;
	struct browser b = {0};
	(void)state;
	firm_make(&f);
	browser_log_in(&b, &f.member);
	struct fcgi_answer r = browse(&b, "/mfa/setup");
	const struct secret *key = key_on(&r);
	for (int i = 0; i < 5; i++)
		assert_status(prove(&b, "1"), 422);
	r = prove(&b, code_of(key, 0));
	assert_status(r, 429);
	assert_has(r, "Wait 15 minutes");
	assert_non_null(fcgi_answer_header(site.arena, &r, "Retry-After"));
	assert_int_equal(kept(&f.member, "totp_factor"), 0);
}

static void an_old_set_up_begins_anew(void **state)
{
	struct firm f;
	struct browser b = {0};
	(void)state;
	firm_make(&f);
	browser_log_in(&b, &f.member);
	struct fcgi_answer r = browse(&b, "/mfa/setup");
	const struct secret *key = key_on(&r);
	sql_do("UPDATE totp_pending SET created_at = now() - interval '11 minutes' WHERE user_id ="
	       " %lld",
		(long long)f.member.user_id);
	assert_goes(prove(&b, code_of(key, 0)), "/mfa/setup");
	assert_int_equal(kept(&f.member, "totp_factor"), 0);
	r = browse(&b, "/mfa/setup");
	assert_has(r, "That took longer than 10 minutes. Scan the new code.");
	assert_false(str_eq(secret_open(key_on(&r)), secret_open(key)));
	assert_status(prove(&b, code_of(key, 0)), 422);
}

static void an_unticked_box_gives_new_codes(void **state)
{
	struct firm f;
	struct browser b = {0};
	const char *first[CODES], *second[CODES];
	(void)state;
	firm_make(&f);
	browser_log_in(&b, &f.member);
	struct fcgi_answer r = browse(&b, "/mfa/setup");
	r = prove(&b, code_of(key_on(&r), 0));
	codes_on(&r, first);
	r = submit(&b, "/mfa/setup/done", "");
	assert_status(r, 422);
	assert_has(r, "Tick the box once you have saved the codes.");
	codes_on(&r, second);
	codes_are_kept_as_hashes(&f.member, second);
	for (size_t i = 0; i < CODES; i++)
		assert_string_not_equal(first[i], second[i]);
	/* Codes are as good as a factor: nobody gets them from a session left open. */
	sql_do("UPDATE session SET fresh_at = now() - interval '6 minutes' WHERE %s",
		browser_session(&b));
	assert_goes(submit(&b, "/mfa/setup/done", ""), "/confirm");
	codes_are_kept_as_hashes(&f.member, second);
	assert_goes(submit(&b, "/mfa/setup/done", "saved=1"), "/profile");
}

/* Looks through every column of every table. */
static int64_t found_anywhere(const char *text)
{
	return sql_int(
		"SELECT sum((xpath('/row/n/text()', query_to_xml(format('SELECT count(*) AS n"
		" FROM gap.%%I t WHERE t::text ILIKE %%L', relname, '%%%s%%'), false, true,"
		" '')))[1]::text::int) FROM pg_class WHERE relnamespace = 'gap'::regnamespace"
		" AND relkind = 'r'",
		text);
}

static void the_key_opens_in_its_own_row_alone(
	const struct person *p, const char *table, const struct secret *key)
{
	struct secret *opened;
	struct str box;
	struct err e;
	const char *hex = sql_text("SELECT encode(sealed, 'hex') FROM %s WHERE user_id = %lld",
		table, (long long)p->user_id);
	assert_true(hex_decode(site.arena, str_of(hex), &box));
	assert_ok(seal_open(site.arena, site.totp_keys, box,
		arena_printf(site.arena, "totp:%lld:%lld", (long long)p->org_id,
			(long long)p->user_id),
		&opened, &e));
	assert_true(str_eq(secret_open(opened), secret_open(key)));
	assert_fails(seal_open(site.arena, site.totp_keys, box,
			     arena_printf(site.arena, "totp:%lld:%lld", (long long)p->org_id,
				     (long long)p->user_id + 1),
			     &opened, &e),
		ERR_INTERNAL);
}

static void secrets_are_sealed_at_rest(void **state)
{
	struct firm f;
	struct browser b = {0};
	(void)state;
	firm_make(&f);
	browser_log_in(&b, &f.member);
	struct fcgi_answer r = browse(&b, "/mfa/setup");
	const struct secret *key = key_on(&r);
	struct str bytes = secret_open(key);
	the_key_opens_in_its_own_row_alone(&f.member, "totp_pending", key);
	r = prove(&b, code_of(key, 0));
	the_key_opens_in_its_own_row_alone(&f.member, "totp_factor", key);
	const char *codes[CODES];
	codes_on(&r, codes);
	assert_int_equal(found_anywhere(hex_encode(site.arena, bytes.p, bytes.n)), 0);
	assert_int_equal(found_anywhere(base32_encode(site.arena, bytes.p, bytes.n)), 0);
	assert_int_equal(found_anywhere(codes[0]), 0);
	assert_int_equal(found_anywhere(SITE_PASSWORD), 0);
	assert_int_equal(found_anywhere(b.cookie), 0);
	/* The search does find what is there. */
	assert_true(found_anywhere(f.member.email) > 0);
}

static void the_old_factor_lives_until_the_new_one_is_proved(void **state)
{
	struct firm f;
	struct browser b = {0}, again = {0};
	(void)state;
	firm_make(&f);
	person_enrol(&f.member);
	browser_log_in(&b, &f.member);
	struct fcgi_answer r = browse(&b, "/mfa/setup");
	const struct secret *key = key_on(&r);
	browser_log_in(&again, &f.member);
	assert_status(prove(&b, code_of(key, 0)), 200);
	assert_goes(submit(&again, "/login",
			    form_of("email", f.member.email, "password", SITE_PASSWORD, NULL)),
		"/login/mfa");
	assert_status(browse(&again, "/login/mfa"), 200);
	assert_has(
		submit(&again, "/login/mfa", form_of("code", person_code(&f.member, 0), NULL)),
		not_right);
	assert_has(submit(&again, "/login/recovery", form_of("code", f.member.codes[0], NULL)),
		"That recovery code is not right.");
	assert_goes(submit(&again, "/login/mfa", form_of("code", code_of(key, 0), NULL)),
		"/clients");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(it_goes_from_key_to_codes),
		SITE_TEST(only_the_right_code_counts),
		SITE_TEST(the_proving_code_is_spent),
		SITE_TEST(six_wrong_codes_have_to_wait),
		SITE_TEST(an_old_set_up_begins_anew),
		SITE_TEST(an_unticked_box_gives_new_codes),
		SITE_TEST(secrets_are_sealed_at_rest),
		SITE_TEST(the_old_factor_lives_until_the_new_one_is_proved),
	};
	return site_run(tests);
}
