#include "support/site_test.h"

#include "base/clock.h"
#include "codec/b64.h"
#include "codec/passwd.h"
#include "codec/totp.h"
#include "core/connection.h"
#include "core/mfa.h"
#include "core/session.h"

/* Argon2 is slow on purpose: everybody has the same hash. */
static const char *password_hash(void)
{
	static char hash[200];
	if (hash[0] == '\0') {
		struct err e;
		char *made;
		const struct secret *s =
			secret_new(site.arena, SITE_PASSWORD, strlen(SITE_PASSWORD));
		if (!passwd_hash(site.arena, s, &made, &e))
			die("%s", e.text);
		(void)snprintf(hash, sizeof hash, "%s", made);
	}
	return hash;
}

static int next_number(void)
{
	static int n;
	return ++n;
}

void person_make(struct person *p, int64_t org_id, const char *name, const char *role)
{
	*p = (struct person){.org_id = org_id, .name = name};
	p->email = arena_printf(site.arena, "%s%d@firm.example",
		str_lower(site.arena, str_of(role)), next_number());
	p->user_id = sql_int("INSERT INTO app_user (org_id, email, name, role, password_hash)"
			     " VALUES (%lld, '%s', %s, '%s', '%s') RETURNING user_id",
		(long long)org_id, p->email, sql_quoted(name), role, password_hash());
	sql_do("INSERT INTO login VALUES ('%s', %lld, %lld)", p->email, (long long)org_id,
		(long long)p->user_id);
}

void firm_make(struct firm *f)
{
	f->org_id = sql_int("INSERT INTO organisation (name, time_zone) VALUES ('Firm %d',"
			    " 'Pacific/Auckland') RETURNING org_id",
		next_number());
	person_make(&f->admin, f->org_id, "Ada Admin", "admin");
	person_make(&f->member, f->org_id, "Max Member", "member");
}

/* One statement for all ten. */
static void add_codes(struct person *p)
{
	struct buf values;
	struct err e;
	buf_init(&values, site.arena, 4096);
	for (size_t i = 0; i < ARRAY_LEN(p->codes); i++) {
		char *code;
		unsigned char hash[HASH_BYTES];
		if (!mfa_recovery_code(site.arena, &code, &e))
			die("%s", e.text);
		session_hash_code(site.arena, code, hash);
		buf_printf(&values, "%s(%lld, %lld, '\\x%s')", i == 0 ? "" : ", ",
			(long long)p->org_id, (long long)p->user_id,
			hex_encode(site.arena, hash, sizeof hash));
		p->codes[i] = code;
	}
	sql_do("INSERT INTO recovery_code VALUES %s", values.data);
	site_keep_out(p->codes[0]);
}

void person_enrol(struct person *p)
{
	struct secret *key;
	struct str box;
	struct err e;
	const char *row = arena_printf(
		site.arena, "totp:%lld:%lld", (long long)p->org_id, (long long)p->user_id);
	if (!totp_new_secret(site.arena, &key, &e) ||
		!seal_box(site.arena, site.totp_keys, secret_open(key), row, &box, &e))
		die("%s", e.text);
	sql_do("INSERT INTO totp_factor (org_id, user_id, sealed, last_step) VALUES (%lld, %lld,"
	       " '\\x%s', 0)",
		(long long)p->org_id, (long long)p->user_id,
		hex_encode(site.arena, box.p, box.n));
	p->key = key;
	site_keep_out(totp_show_secret(site.arena, key));
	add_codes(p);
}

int64_t person_passkey(const struct person *p, const char *name)
{
	return sql_int(
		"INSERT INTO passkey (org_id, user_id, credential_id, alg, public_key,"
		" sign_count, backup_eligible, backed_up, name) VALUES (%lld, %lld,"
		" uuid_send(gen_random_uuid()), -7, repeat('k', 64)::bytea, 0, true, true,"
		" %s) RETURNING passkey_id",
		(long long)p->org_id, (long long)p->user_id, sql_quoted(name));
}

/* A code at the edge of what is accepted would change sides with the step: the last seconds are waited out. */
static void stay_in_step(void)
{
	const int64_t left_s = TOTP_STEP_S - clock_now() % TOTP_STEP_S;
	const struct timespec t = {left_s, 0};
	if (left_s <= 3)
		(void)nanosleep(&t, NULL);
}

const char *person_code(const struct person *p, int steps)
{
	struct err e;
	char *code;
	if (steps < 0 || steps > 1)
		stay_in_step();
	sql_do("UPDATE totp_factor SET last_step = 0 WHERE org_id = %lld AND user_id = %lld",
		(long long)p->org_id, (long long)p->user_id);
	if (!totp_code(site.arena, p->key, clock_now() / TOTP_STEP_S + steps, &code, &e))
		die("%s", e.text);
	return code;
}

static void fill_practice(const struct firm *f)
{
	sql_do("UPDATE connection SET grant_id = 1, tenant_id = '" SITE_TENANT "',"
	       " xero_connection_id = gen_random_uuid(), tenant_name = 'Harbour Practice',"
	       " connected_by = %lld, connected_by_name = 'Ada Admin', connected_at = now() - interval"
	       " '3 days', first_live_at = now() - interval '3 days', last_success_at = now() -"
	       " interval '2 hours', next_sync_at = now() + interval '4 hours', live_clients = 1412,"
	       " live_contacts = 655 WHERE org_id = %lld",
		(long long)f->admin.user_id, (long long)f->org_id);
	sql_do("UPDATE organisation SET mfa_required_at = now() - interval '3 days',"
	       " active_tenant = '" SITE_TENANT "' WHERE org_id = %lld",
		(long long)f->org_id);
}

void firm_connect(const struct firm *f, const char *state, const char *cause)
{
	enum connection_state s = CONNECTION_NOT_CONNECTED;
	long long org = (long long)f->org_id;
	if (!connection_state_parse(state, &s))
		die("no such state: %s", state);
	sql_do("DELETE FROM connection WHERE org_id = %lld", org);
	sql_do("INSERT INTO connection (org_id, state, cause, cause_at) VALUES (%lld, '%s', %s,"
	       " now())",
		org, state, cause == NULL ? "NULL" : sql_quoted(cause));
	sql_do("UPDATE organisation SET active_tenant = NULL WHERE org_id = %lld", org);
	if (!connection_look(s)->has_practice)
		return;
	fill_practice(f);
	if (s == CONNECTION_FIRST_IMPORT)
		sql_do("UPDATE connection SET last_success_at = NULL, live_clients = 0,"
		       " live_contacts = 0 WHERE org_id = %lld",
			org);
}

int64_t firm_client(const struct firm *f, const char *name, bool synced)
{
	long long org = (long long)f->org_id;
	int n = next_number();
	const char *ids = synced ? "'" SITE_TENANT "', gen_random_uuid()" : "NULL, NULL";
	const char *tenant = synced ? "'" SITE_TENANT "'" : "NULL";
	const char *q = sql_quoted(name);
	int64_t contact =
		sql_int("INSERT INTO contact (org_id, tenant_id, xpm_id, name, email, phone)"
			" VALUES (%lld, %s, left('Contact of ' || %s, 300),"
			" 'contact%d@client.example', '+64 21 555 %04d') RETURNING contact_id",
			org, ids, q, n, n % 10000);
	int64_t client =
		sql_int("INSERT INTO client (org_id, tenant_id, xpm_id, name,"
			" primary_contact_id, search) VALUES (%lld, %s, %s, %lld, lower(%s ||"
			" ' Contact of ' || %s || ' contact%d@client.example +64 21 555 %04d'))"
			" RETURNING client_id",
			org, ids, q, (long long)contact, q, q, n, n % 10000);
	sql_do("INSERT INTO client_contact VALUES (%lld, %lld, %lld, %s, true, 1)", org,
		(long long)client, (long long)contact, tenant);
	return client;
}

int64_t firm_run(const struct firm *f, const char *state)
{
	return sql_int(
		"INSERT INTO sync_run (org_id, trigger, state, started_at, ended_at, seen,"
		" added, calls) VALUES (%lld, 'manual', '%s', now() - interval '10 minutes',"
		" now() - interval '9 minutes', 5, 2, 3) RETURNING run_id",
		(long long)f->org_id, state);
}

const char *answer_setup_code(const struct fcgi_answer *r)
{
	static const char mark[] = "<code id=\"mfa-key\">";
	const char *at = strstr(r->body.p, mark);
	struct str key;
	struct err e;
	char *code;
	assert_non_null(at);
	at += strlen(mark);
	assert_true(base32_decode(site.arena, (struct str){at, strcspn(at, "<")}, &key));
	assert_ok(totp_code(site.arena, secret_new(site.arena, key.p, key.n),
		clock_now() / TOTP_STEP_S, &code, &e));
	return code;
}

int64_t site_audited(int64_t org_id, const char *event)
{
	return sql_int("SELECT count(*) FROM audit_event WHERE org_id = %lld AND event = '%s'",
		(long long)org_id, event);
}
