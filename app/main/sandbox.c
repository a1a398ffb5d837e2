/*
 * gap-sandbox serves the simulated Xero; `gap-sandbox migrate` creates its tables and its
 * practice.
 */
#include "base/log.h"
#include "io/stop.h"
#include "sandbox/migrate.h"
#include "sandbox/site.h"
#include "web/prefork.h"

/* A fault that answers slowly occupies a process each time. */
enum { PROCESSES = 8, BACKLOG = 128 };

static int serve(void *user, int listen_fd, size_t pool)
{
	const struct conf *conf = user;
	struct arena *a = arena_new();
	struct sandbox *site;
	struct err e = {.kind = ERR_NONE};
	(void)pool;
	bool ok = sandbox_open(a, conf, &site, &e);
	if (ok) {
		struct server_site server = sandbox_server(site);
		ok = server_run(listen_fd, &server, &e);
	}
	if (!ok)
		log_err("sandbox.child_failed", &e);
	arena_free(&a);
	return ok ? 0 : 1;
}

static void run_migrate(struct arena *a, const struct conf *conf)
{
	struct err e = {.kind = ERR_NONE};
	struct pg *db = sandbox_database(a, conf);
	if (!sandbox_migrate(db, a, &e))
		die("gap-sandbox migrate: %s", e.text);
}

static void run_server(struct arena *a, const struct conf *conf)
{
	struct err e = {.kind = ERR_NONE};
	struct sandbox *site;
	/*
	 * Mistakes in the configuration or a template are reported here, before anything
	 * starts.
	 */
	if (!sandbox_open(a, conf, &site, &e))
		die("gap-sandbox: %s", e.text);
	const struct prefork_pool pool = {.socket_path = arena_printf(a, "%s/sandbox.sock",
						  conf_text(conf, CONF_RUN_DIR)),
		.processes = PROCESSES,
		.backlog = BACKLOG};
	if (!prefork_run(&pool, 1, serve, (void *)(uintptr_t)conf, &e))
		die("gap-sandbox: %s", e.text);
}

int main(int argc, char **argv)
{
	struct arena *a = arena_new();
	const struct conf *conf;
	struct err e = {.kind = ERR_NONE};
	bool migrate = argc == 2 && strcmp(argv[1], "migrate") == 0;
	enum log_level level;
	if (argc > 1 && !migrate)
		die("gap-sandbox: the only word it takes is migrate.");
	log_context("program", "gap-sandbox");
	if (!conf_load(a, CONF_FOR_SANDBOX, &conf, &e))
		die("gap-sandbox: %s", e.text);
	if (log_level_parse(conf_text(conf, CONF_LOG_LEVEL), &level))
		log_set_level(level);
	if (migrate)
		run_migrate(a, conf);
	else
		run_server(a, conf);
	arena_free(&a);
	return 0;
}
