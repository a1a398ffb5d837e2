#include "support/sync_world.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "codec/seal.h"
#include "io/file.h"
#include "io/stop.h"
#include "worker/letter.h"

#include <errno.h>
#include <sys/wait.h>
#include <unistd.h>

struct world g;

static int64_t world_clock(void)
{
	return g.now != 0 ? g.now : clock_now();
}

static void make_keys(void)
{
	struct err e;
	struct secret *line = NULL;
	struct arena *a = arena_new();
	(void)snprintf(g.dir, sizeof g.dir, "/tmp/gap-world-XXXXXX");
	if (mkdtemp(g.dir) == NULL || !seal_key_line(a, NULL, &line, &e) ||
		!file_write(
			arena_printf(a, "%s/tokens.key", g.dir), secret_open(line), 0600, &e))
		die("the world's keys: %s", e.text);
	arena_free(&a);
}

void world_worker(struct worker *w, struct arena *home, const char *name)
{
	struct err e;
	*w = (struct worker){.home = home,
		.arena = arena_new(),
		.db = db_connect(home, "gap_worker"),
		.beat = db_connect(home, "gap_worker"),
		.xero = &g.x->xero,
		.set = &g.set,
		.clock = world_clock,
		.nap_divisor = 1000};
	(void)snprintf(w->name, sizeof w->name, "%s", name);
	if (!letter_open(w, "templates", &e))
		die("%s", e.text);
	pg_while_waiting(w->db, worker_keep, w);
	pg_use(w->db, w->arena);
	pg_use(w->beat, w->arena);
}

int world_set_up(void **state)
{
	struct err e;
	(void)db_set_up(state);
	log_set_level(LOG_ERROR);
	make_keys();
	g.home = arena_new();
	g.set = (struct worker_settings){.version = "test",
		.client_id = "the-client",
		.issuer = "https://issuer.example",
		.scopes = "openid offline_access practicemanager.client.read",
		.token_key_file = arena_printf(g.home, "%s/tokens.key", g.dir),
		.day_budget = 1000,
		.job_time_s = 1800,
		.retention_days = 400,
		.base_url = "https://localhost:8443",
		.state_dir = g.dir,
		.mail_from = "no-reply@localhost"};
	if (!schedule_parse("06:00,18:00", 0, &g.set.schedule, &e) || !stop_install(&e))
		die("%s", e.text);
	return 0;
}

int world_reap(pid_t pid)
{
	int status = 0;
	pid_t got = 0;
	/* io/stop's handlers do not restart calls. */
	do
		got = waitpid(pid, &status, 0);
	while (got < 0 && errno == EINTR);
	return got == pid && WIFEXITED(status) ? WEXITSTATUS(status) : 100;
}

static void remove_files(struct arena *a, const char *dir)
{
	const char *const *names = NULL;
	struct err e;
	size_t n = 0;
	if (file_tree(a, dir, "", &names, &n, &e))
		for (size_t i = 0; i < n; i++)
			(void)unlink(arena_printf(a, "%s/%s", dir, names[i]));
}

int world_tear_down(void **state)
{
	struct arena *a = arena_new();
	remove_files(a, g.dir);
	(void)rmdir(arena_printf(a, "%s/mail", g.dir));
	(void)rmdir(g.dir);
	arena_free(&a);
	arena_free(&g.home);
	return db_tear_down(state);
}

static void empty_tables(void)
{
	static const char *const tables[] = {"client_contact", "contact", "client",
		"client_contact_was", "contact_was", "client_was", "client_change", "run_skip",
		"held_change", "sync_run", "oauth_choice", "oauth_attempt", "connection",
		"grant_use", "xero_removal", "xero_grant", "tenant_claim", "xero_budget", "job",
		"org_turn", "call_meter", "notice", "worker_heartbeat", "fix_item",
		"client_tombstone", "client_look", "connection_preview", "connection_test",
		"client_pair", "import_preview", "practice_removal"};
	struct buf b;
	buf_init(&b, g.home, 4096);
	buf_adds(&b, "DO $$ BEGIN");
	for (size_t i = 0; i < ARRAY_LEN(tables); i++)
		buf_printf(&b, " DELETE FROM %s;", tables[i]);
	buf_adds(&b, " END $$");
	(void)db_do(b.data);
	(void)db_do("UPDATE organisation SET active_tenant = NULL, mfa_required_at = NULL");
}

void world_again(void)
{
	empty_tables();
	g.x->n = g.x->step = g.x->steps = 0;
	g.x->raw = NULL;
	g.x->cut = SIZE_MAX;
	*g.x->shared = (struct stub_shared){.grace_pair = -1};
	world_connect();
}

int world_begin(void **state)
{
	(void)db_begin(state);
	empty_tables();
	remove_files(*state, arena_printf(*state, "%s/mail", g.dir));
	g.now = 0;
	g.keep_budget = false;
	g.x = stub_new(*state);
	world_worker(&g.w, *state, "worker-1");
	g.line = db_number("SELECT coalesce(max(seq), 0) FROM audit_event WHERE org_id = 1001");
	return 0;
}

int world_end(void **state)
{
	arena_free(&g.w.arena);
	return test_end(state);
}

void world_connect(void)
{
	struct err e;
	struct oauth_tokens t = {.access = secret_new(g.home, "access-0", 8),
		.refresh = secret_new(g.home, "refresh-0", 9),
		.expires_in_s = 1800,
		.scopes = "practicemanager.client.read"};
	assert_ok(token_keep(&g.w, stub_uuid(NULL, 'u', 1), &t, &g.grant_id, &e));
	(void)db_do(arena_printf(g.home,
		"INSERT INTO connection (org_id, state, grant_id, tenant_id, xero_connection_id,"
		" tenant_name, connected_at) VALUES (%lld, 'first_import', %lld, '%s', '%s',"
		" 'Harbour Practice', now() - interval '2 days')",
		(long long)d.org, (long long)g.grant_id, stub_uuid(NULL, 't', 1),
		stub_uuid(NULL, 'x', 1)));
	(void)db_do(arena_printf(g.home, "INSERT INTO grant_use VALUES (%lld, %lld)",
		(long long)d.org, (long long)g.grant_id));
	(void)db_do(arena_printf(g.home, "INSERT INTO tenant_claim VALUES ('%s', %lld)",
		stub_uuid(NULL, 't', 1), (long long)d.org));
	arena_reset(g.w.arena);
	pg_use(g.w.db, g.w.arena);
	pg_use(g.w.beat, g.w.arena);
}

enum { FIRM_AT = 24 }; /* in the id of its practice */

void world_firms(int64_t first, int n)
{
	world_connect();
	(void)db_do(arena_printf(g.home,
		"INSERT INTO organisation (org_id, name, time_zone) SELECT i, 'Firm ' || i, 'Pacific/Auckland'"
		" FROM generate_series(%lld, %lld) i ON CONFLICT DO NOTHING",
		(long long)first, (long long)first + n - 1));
	(void)db_do(arena_printf(g.home,
		"INSERT INTO connection (org_id, state, grant_id, tenant_id, xero_connection_id, tenant_name, connected_at)"
		" SELECT i, 'first_import', %lld, ('f1f2f3f4-0066-4000-8000-' || lpad(i::text, 12, '0'))::uuid,"
		" gen_random_uuid(), 'Practice ' || i, now() - interval '2 days' FROM generate_series(%lld, %lld) i",
		(long long)g.grant_id, (long long)first, (long long)first + n - 1));
	(void)db_do(arena_printf(g.home,
		"INSERT INTO tenant_claim (tenant_id, org_id) SELECT tenant_id, org_id"
		" FROM connection WHERE org_id >= %lld",
		(long long)first));
}

int64_t world_firm_of(const char *tenant)
{
	return strtoll(tenant + FIRM_AT, NULL, 10);
}

void world_queue(const char *kind, const char *payload)
{
	const char *single = strcmp(kind, "sync") == 0
				     ? arena_printf(g.home, "'sync:%lld'", (long long)d.org)
				     : "NULL";
	(void)db_do(arena_printf(g.home,
		"INSERT INTO job (org_id, kind, payload, single) VALUES (%lld, '%s', '%s', %s)"
		" ON CONFLICT (single) DO UPDATE SET payload = excluded.payload, due_at = now()",
		(long long)d.org, kind, payload, single));
}

int world_work(void)
{
	struct err e;
	int n = 0, wait_s = 0;
	for (bool did = true; did; n += did)
		assert_ok(worker_step(&g.w, &did, &wait_s, &e));
	return n;
}

void world_due(const char *kind)
{
	(void)db_do(
		arena_printf(g.home, "UPDATE job SET due_at = now() WHERE kind = '%s'", kind));
}

const char *world_sync(const char *payload)
{
	struct err e;
	bool did = false;
	int wait_s = 0;
	(void)db_do("UPDATE job SET due_at = now() + interval '1 day' WHERE due_at <= now()");
	if (!g.keep_budget)
		(void)db_do("DELETE FROM xero_budget");
	world_queue("sync", payload);
	assert_ok(worker_step(&g.w, &did, &wait_s, &e));
	assert_true(did);
	return db_ask("SELECT state FROM sync_run ORDER BY run_id DESC LIMIT 1");
}

int64_t world_run(const char *column)
{
	return db_number(arena_printf(
		g.home, "SELECT %s FROM sync_run ORDER BY run_id DESC LIMIT 1", column));
}

const char *world_connection(const char *column)
{
	return db_ask(
		arena_printf(g.home, "SELECT %s::text FROM connection WHERE org_id = %lld",
			column, (long long)d.org));
}

int64_t world_audited(const char *event, const char *result)
{
	return db_number(arena_printf(g.home,
		"SELECT count(*) FROM audit_event WHERE org_id = %lld AND seq > %lld AND event = '%s'"
		" AND result = '%s'",
		(long long)d.org, (long long)g.line, event, result));
}

const char *world_picture(int64_t org)
{
	return db_ask(arena_printf(g.home,
		"SELECT coalesce(string_agg(line, E'\\n' ORDER BY line), '') FROM ("
		" SELECT concat_ws('|', c.xpm_id, c.name, c.web_url, c.status,"
		"  coalesce(c.archived_reason, 'live'), c.flags, c.search, p.xpm_id, (c.archived_at IS NULL)) AS line"
		" FROM client c LEFT JOIN contact p ON p.org_id = c.org_id AND p.contact_id = c.primary_contact_id"
		" WHERE c.org_id = %lld AND c.xpm_id IS NOT NULL"
		" UNION ALL SELECT concat_ws('|', 'contact', k.xpm_id, k.name, coalesce(k.email, '-'), coalesce(k.phone, '-'))"
		" FROM contact k WHERE k.org_id = %lld"
		" UNION ALL SELECT concat_ws('|', 'link', c.xpm_id, k.xpm_id, l.is_primary, l.ord)"
		" FROM client_contact l JOIN client c ON c.org_id = l.org_id AND c.client_id = l.client_id"
		" JOIN contact k ON k.org_id = l.org_id AND k.contact_id = l.contact_id WHERE l.org_id = %lld) x",
		(long long)org, (long long)org, (long long)org));
}
