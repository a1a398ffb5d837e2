/*
 * gap-worker: the conversation with Xero, the mail, the clock. A parent with
 * GAP_WORKER_PROCESSES children that share the queue; it listens on nothing, and
 * the kernel holds all of them to it: no listening, no program, no child of a child.
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

/* A mistake of the operator's is one sentence and exit 2, before anything starts. */
static void try_once(const struct program *p)
{
	struct arena *home = arena_new();
	struct worker *w = NULL;
	struct err e;
	int version = 0;
	if (!worker_open(home, p->conf, &w, &e))
		die("%s", e.text);
	/* A database that is away is no mistake: the children wait for it. */
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
	/* The parent too, and through it every child; only the children can do without fork. */
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
