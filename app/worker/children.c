#include "worker/children.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"
#include "io/stop.h"
#include "worker/worker.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

enum { START_GAP_MS = 1000, TERM_GAP_MS = 100, DRAIN_MS = 10 * 1000, REST_MS = 60 * 1000 };

struct slot {
	pid_t pid; /* 0: empty slot */
	bool started;
	int64_t started_ms;
};

struct parent {
	struct slot *slots;
	int n;
	int (*child)(void *user, int index);
	void *user;
	bool stale; /* a child found this build too old */
};

/* A worker whose parent has died must end: nothing would stop it. */
static int be_child(const struct parent *p, int index, pid_t parent)
{
	stop_after_fork();
	if (prctl(PR_SET_PDEATHSIG, SIGTERM) != 0 || getppid() != parent)
		return 1;
	return p->child(p->user, index);
}

static void start(struct parent *p, int index, int64_t now)
{
	struct slot *s = &p->slots[index];
	pid_t parent = getpid(), pid = fork();
	if (pid == 0)
		_exit(be_child(p, index, parent));
	s->started = true;
	s->started_ms = now;
	if (pid < 0)
		log_error("worker.fork", log_text("why", strerror(errno)));
	else
		s->pid = pid;
}

/*
 * Fills the empty slots. Returns the milliseconds until the next one may be filled; a slot
 * whose fork failed stays empty.
 */
static int fill(struct parent *p)
{
	int64_t now = clock_mono_ms(), wait = REST_MS;
	for (int i = 0; i < p->n; i++) {
		struct slot *s = &p->slots[i];
		if (s->pid == 0 && (!s->started || now - s->started_ms >= START_GAP_MS))
			start(p, i, now);
		int64_t left = s->started_ms + START_GAP_MS - now;
		if (s->pid == 0 && left < wait)
			wait = left;
	}
	return (int)wait;
}

static int reap(struct parent *p)
{
	int alive = 0, status = 0;
	for (pid_t pid = waitpid(-1, &status, WNOHANG); pid > 0;
		pid = waitpid(-1, &status, WNOHANG)) {
		for (int i = 0; i < p->n; i++)
			if (p->slots[i].pid == pid)
				p->slots[i].pid = 0;
		if (WIFEXITED(status) && WEXITSTATUS(status) == WORKER_STALE)
			p->stale = true;
		else if (!stop_asked())
			log_warn("worker.died", log_int("pid", pid), log_int("status", status));
	}
	for (int i = 0; i < p->n; i++)
		alive += p->slots[i].pid != 0;
	return alive;
}

static void rest(int ms)
{
	struct pollfd stop = {.fd = stop_fd(), .events = POLLIN};
	(void)poll(&stop, 1, ms);
	stop_drain();
}

static void signal_all(const struct parent *p, int what)
{
	for (int i = 0; i < p->n; i++)
		if (p->slots[i].pid != 0)
			(void)kill(p->slots[i].pid, what);
}

static void end_all(struct parent *p)
{
	int64_t end = clock_mono_ms() + DRAIN_MS;
	while (reap(p) > 0) {
		bool late = clock_mono_ms() > end;
		signal_all(p, late ? SIGKILL : SIGTERM);
		rest(TERM_GAP_MS);
	}
}

bool children_run(int n, int (*child)(void *user, int index), void *user, struct err *e)
{
	struct arena *a = arena_new();
	struct parent p = {.slots = arena_array(a, struct slot, (size_t)n),
		.n = n,
		.child = child,
		.user = user};
	if (!stop_install(e)) {
		arena_free(&a);
		return false;
	}
	while (!stop_asked() && !p.stale) {
		int wait = fill(&p);
		rest(wait);
		(void)reap(&p);
	}
	end_all(&p);
	arena_free(&a);
	return !p.stale ||
	       err_set(e, ERR_CONFIG, "The database was migrated for a newer gap-worker.");
}
