/*
 * gap-worker: talks to Xero, sends mail and runs the schedule. A parent has
 * GAP_WORKER_PROCESSES children, which share the job queue. The worker listens on no socket;
 * the kernel enforces this: no process of it may listen or execute a program, and no child may
 * fork.
 */
#include "base/log.h"
#include "io/confine.h"
#include "store/schema.h"
#include "worker/children.h"
#include "worker/setup.h"

struct program {
	const struct conf *conf;
};

static int child(void *user, int index)
{
	const struct program *p = user;
	struct arena *home = arena_new();
	struct worker *w = NULL;
	struct err e;
	(void)index;
	log_context("program", "gap-worker");
	if (!worker_open(home, p->conf, &w, &e)) {
		log_err("worker.start", &e);
		return 2;
	}
	if (conf_int(p->conf, CONF_SECCOMP) != 0 && !confine_self(CONFINE_NO_FORK, &e)) {
		log_err("worker.start", &e);
		return 2;
	}
	int status = worker_loop(w);
	arena_free(&home);
	return status;
}

/* A configuration error gives one sentence and exit code 2, before anything starts. */
static void try_once(const struct program *p)
{
	struct arena *home = arena_new();
	struct worker *w = NULL;
	struct err e;
	int version = 0;
	if (!worker_open(home, p->conf, &w, &e))
		die("%s", e.text);
	/*
	 * A database that cannot be reached is no configuration error: the children wait for
	 * it.
	 */
	if (!schema_check(w->db, &version, &e) && e.kind == ERR_CONFIG)
		die("%s", e.text);
	arena_free(&home);
}

int main(void)
{
	struct arena *a = arena_new();
	struct program p = {.conf = NULL};
	enum log_level level;
	struct err e;
	log_context("program", "gap-worker");
	if (!conf_load(a, CONF_FOR_WORKER, &p.conf, &e))
		die("%s", e.text);
	if (log_level_parse(conf_text(p.conf, CONF_LOG_LEVEL), &level))
		log_set_level(level);
	confine_memory();
	try_once(&p);
	/*
	 * Restricts the parent, and the children inherit it. Only the children can do without
	 * fork.
	 */
	if (conf_int(p.conf, CONF_SECCOMP) != 0 &&
		!confine_self(CONFINE_NO_EXEC | CONFINE_NO_LISTEN, &e))
		die("%s", e.text);
	int n = (int)conf_int(p.conf, CONF_WORKER_PROCESSES);
	bool good = children_run(n, child, &p, &e);
	if (!good)
		log_err("worker.stopped", &e);
	arena_free(&a);
	return good ? 0 : 1;
}
