/*
 * gap-web: the site behind nginx. The parent opens two sockets, each with its own processes.
 * auth.sock serves the routes that hash a password and web.sock everything else, so that a
 * storm of log-ins delays nobody else; the backlog of auth.sock is the queue of log-ins. A
 * child opens templates, keys and one database connection, and serves one request at a time.
 */
#include "base/log.h"
#include "io/confine.h"
#include "pages/site.h"
#include "store/schema.h"
#include "web/prefork.h"

#include <malloc.h>

enum { WEB_BACKLOG = 511, AUTH_BACKLOG = 20, AUTH_PROCESSES = 2, HEAP_KEPT = 2 * 1024 * 1024 };

struct web {
	struct arena *arena;
	const struct conf *conf;
};

static int child(void *user, int listen_fd, size_t pool)
{
	struct web *w = user;
	struct site *site;
	struct err e;
	log_context("program", pool == 0 ? "gap-web" : "gap-web-auth");
	if (!site_open(w->arena, w->conf, &site, &e)) {
		log_err("web.start", &e);
		return 2;
	}
	struct server_site served = site_server(site);
	if (!server_run(listen_fd, &served, &e)) {
		log_err("web.stopped", &e);
		return 1;
	}
	return site_is_stale(site) ? PREFORK_STALE : 0;
}

/*
 * Opens once what every child needs, before the first socket exists: a mistake gives one
 * sentence and exit code 2.
 */
static void try_site(const struct conf *conf)
{
	struct arena *a = arena_new();
	struct site *site;
	struct err e;
	int version = 0;
	if (!site_open(a, conf, &site, &e))
		die("%s", e.text);
	/*
	 * A database that cannot be reached is no configuration error: the pages say so until
	 * it is back.
	 */
	if (!schema_check(site->db, &version, &e) && e.kind == ERR_CONFIG)
		die("%s", e.text);
	pg_reset(site->db);
	render_free(&site->templates);
	arena_free(&a);
}

/*
 * A page allocates some hundred KiB and frees them. If malloc gave them back to the kernel each
 * time, the page faults would be a quarter of the cost of a page. Arenas wipe what they free,
 * so nothing readable stays behind.
 */
static void keep_heap(void)
{
	(void)mallopt(M_TRIM_THRESHOLD, HEAP_KEPT);
	(void)mallopt(M_TOP_PAD, HEAP_KEPT / 4);
	(void)mallopt(M_MMAP_THRESHOLD, HEAP_KEPT);
}

int main(void)
{
	struct web w = {.arena = arena_new()};
	struct err e;
	enum log_level level;
	if (!conf_load(w.arena, CONF_FOR_WEB, &w.conf, &e))
		die("%s", e.text);
	if (log_level_parse(conf_text(w.conf, CONF_LOG_LEVEL), &level))
		log_set_level(level);
	confine_memory();
	keep_heap();
	try_site(w.conf);
	/*
	 * Restricts the parent, and the children inherit it: none of them needs what this takes
	 * away.
	 */
	if (conf_int(w.conf, CONF_SECCOMP) != 0 &&
		!confine_self(CONFINE_NO_NETWORK | CONFINE_NO_EXEC, &e))
		die("%s", e.text);
	const char *run_dir = conf_text(w.conf, CONF_RUN_DIR);
	struct prefork_pool pools[] = {
		{arena_printf(w.arena, "%s/web.sock", run_dir),
			(int)conf_int(w.conf, CONF_WEB_PROCESSES), WEB_BACKLOG},
		{arena_printf(w.arena, "%s/auth.sock", run_dir), AUTH_PROCESSES, AUTH_BACKLOG},
	};
	log_context("program", "gap-web");
	bool good = prefork_run(pools, ARRAY_LEN(pools), child, &w, &e);
	if (!good)
		log_err("web.stopped", &e);
	arena_free(&w.arena);
	return good ? 0 : 1;
}
