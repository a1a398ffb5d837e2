/* gap-admin: schema version, configuration, health and audit chains. */
#include "main/admin.h"

#include "codec/seal.h"
#include "io/file.h"
#include "store/audit.h"
#include "store/jobs.h"
#include "store/keys.h"
#include "store/pulse.h"
#include "store/schema.h"
#include "store/users.h"

enum { WORKER_LATE_S = 120, QUEUE_LATE_S = 600, KEY_FILE_MAX = 64 * 1024 };

bool admin_migrate(struct admin *x, struct err *e)
{
	int applied = 0, version;
	const char *dir = conf_text(x->conf, CONF_MIGRATION_DIR);
	if (!schema_migrate(x->db, x->arena, dir, &applied, e) ||
		!schema_check(x->db, &version, e))
		return false;
	(void)printf("The database is at version %d %s.\n", version,
		applied == 0 ? "already" : "now");
	return true;
}

/*
 * The workers detect most restores of the database by themselves. This command is for a restore
 * that leaves no trace, and for an operator who does not want to wait.
 */
bool admin_restored(struct admin *x, struct err *e)
{
	int version;
	if (!schema_check(x->db, &version, e) || !pg_begin(x->db, 0, e))
		return false;
	bool ok = pulse_restored(x->db, e) &&
		  admin_log(x, 0, "database.restored", "said by the operator", e);
	if (!admin_end(x, ok, e))
		return false;
	(void)puts(
		"Everyone is logged out; links and used codes are void. Admins have been told.");
	return true;
}

bool admin_config(struct admin *x, struct err *e)
{
	struct buf out;
	(void)e;
	buf_init(&out, x->arena, 256 * 1024);
	conf_print(x->conf, &out);
	(void)fputs(out.data, stdout);
	return true;
}

/* ---- health ---- */

static bool say(bool good, const char *what, const char *how)
{
	(void)printf("%-9s %-5s %s\n", what, good ? "ok" : "BAD", how);
	return good;
}

static bool worker_health(struct admin *x, bool *good, struct err *e)
{
	int64_t seen, waiting, oldest_s;
	if (!workers_seen(x->db, &seen, e) || !jobs_depth(x->db, &waiting, &oldest_s, e))
		return false;
	*good &= say(seen >= 0 && seen <= WORKER_LATE_S, "worker",
		seen < 0 ? "was never seen"
			 : arena_printf(x->arena, "seen %lld s ago", (long long)seen));
	*good &= say(oldest_s <= QUEUE_LATE_S, "queue",
		arena_printf(x->arena, "%lld due, the oldest for %lld s", (long long)waiting,
			(long long)oldest_s));
	return true;
}

struct keyring {
	const char *what;
	enum conf_key file;
	bool (*count)(struct pg *db, struct arena *a, int64_t newest, int64_t *older_r,
		struct err *e);
};

static bool key_health(struct admin *x, const struct keyring *ring, bool *good, struct err *e)
{
	const struct secret *text;
	const struct seal_keys *keys;
	struct err why;
	int64_t older;
	if (!file_read_secret(
		    x->arena, conf_text(x->conf, ring->file), KEY_FILE_MAX, &text, &why) ||
		!seal_keys_parse(x->arena, secret_open(text), &keys, &why)) {
		*good &= say(false, ring->what, arena_strdup(x->arena, why.text));
		return true;
	}
	int64_t newest = (int64_t)seal_newest(keys);
	if (!ring->count(x->db, x->arena, newest, &older, e))
		return false;
	(void)say(true, ring->what,
		arena_printf(x->arena, "key %lld seals; %lld secrets remain under other keys",
			(long long)newest, (long long)older));
	return true;
}

bool admin_health(struct admin *x, struct err *e)
{
	static const struct keyring rings[] = {
		{"tokens", CONF_TOKEN_KEY_FILE, keys_older_tokens},
		{"totp", CONF_TOTP_KEY_FILE, keys_older_totp},
	};
	int version;
	bool good = true;
	if (!schema_check(x->db, &version, e))
		return false;
	(void)say(true, "database", arena_printf(x->arena, "version %d", version));
	if (!worker_health(x, &good, e))
		return false;
	for (size_t i = 0; i < ARRAY_LEN(rings); i++)
		if (!key_health(x, &rings[i], &good, e))
			return false;
	return good || err_set(e, ERR_UNAVAILABLE, "Not everything is well; see above.");
}

/* ---- audit ---- */

/*
 * With --org that organisation's chain; else the installation's chain and then every
 * organisation's.
 */
static bool chains(struct admin *x, const int64_t **ids_r, size_t *n_r, struct err *e)
{
	const int64_t *ids;
	size_t n;
	struct org org;
	if (x->options[ADMIN_ORG] != NULL) {
		int64_t *one = arena_new_of(x->arena, int64_t);
		if (!admin_org(x, one, e) || !orgs_get(x->db, x->arena, *one, &org, e))
			return false;
		*ids_r = one;
		*n_r = 1;
		return true;
	}
	if (!orgs_ids(x->db, x->arena, &ids, &n, e))
		return false;
	int64_t *all = arena_array(x->arena, int64_t, n + 1);
	for (size_t i = 0; i < n; i++)
		all[i + 1] = ids[i];
	*ids_r = all;
	*n_r = n + 1;
	return true;
}

static const char *chain_name(struct admin *x, int64_t org_id)
{
	return org_id == 0 ? "The installation"
			   : arena_printf(x->arena, "Organisation %lld", (long long)org_id);
}

bool admin_audit_verify(struct admin *x, struct err *e)
{
	const int64_t *ids;
	size_t n, broken = 0;
	if (!chains(x, &ids, &n, e))
		return false;
	for (size_t i = 0; i < n; i++) {
		int64_t rows, bad_seq;
		if (!audit_verify(x->db, ids[i], &rows, &bad_seq, e))
			return false;
		const char *name = chain_name(x, ids[i]);
		if (bad_seq == 0)
			(void)printf("%s: %lld rows, whole.\n", name, (long long)rows);
		else
			(void)printf("%s: BROKEN at row %lld (%lld rows).\n", name,
				(long long)bad_seq, (long long)rows);
		broken += bad_seq != 0;
	}
	return broken == 0 ||
	       err_set(e, ERR_INTERNAL,
		       "%zu of %zu audit chains do not fit: rows were changed or removed.",
		       broken, n);
}

static bool print_line(void *user, const char *json, struct err *e)
{
	(void)user;
	return puts(json) >= 0 || err_set(e, ERR_INTERNAL, "The answer could not be written.");
}

bool admin_audit_export(struct admin *x, struct err *e)
{
	const int64_t *ids;
	size_t n;
	if (!chains(x, &ids, &n, e))
		return false;
	for (size_t i = 0; i < n; i++)
		if (!audit_export(x->db, ids[i], print_line, NULL, e))
			return false;
	return true;
}
