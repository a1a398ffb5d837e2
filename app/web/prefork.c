#include "web/prefork.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"
#include "io/fcgi.h"
#include "io/stop.h"

#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	LOOK_MS = 5 * 1000,
	START_GAP_MS = 1000,
	TERM_GAP_MS = 100,
	DRAIN_MS = 10 * 1000,
	KILL_MS = 2 * 1000
};

struct slot {
	pid_t pid; /* 0: no child */
	size_t pool;
	bool started; /* a child was started in this slot before */
	int64_t started_ms;
};

struct parent {
	const struct prefork_pool *pools;
	size_t n;
	int *fds;
	struct slot *slots;
	size_t n_slots;
	int (*child)(void *user, int listen_fd, size_t pool);
	void *user;
	bool reloaded; /* a HUP has come since the start */
	bool stopping;
	ino_t *files;	 /* inode of each socket file, as made */
	int64_t look_ms; /* when the socket files were last checked */
	bool missed, lost, stale;
};

/* The inode at `path`; 0 when there is no file. */
static ino_t file_at(const char *path)
{
	struct stat st;
	return lstat(path, &st) == 0 ? st.st_ino : 0;
}

static void close_sockets(struct parent *p, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		(void)close(p->fds[i]);
		if (file_at(p->pools[i].socket_path) == p->files[i])
			(void)unlink(p->pools[i].socket_path);
	}
}

static bool open_sockets(struct parent *p, struct err *e)
{
	for (size_t i = 0; i < p->n; i++) {
		if (!fcgi_listen(p->pools[i].socket_path, p->pools[i].backlog, &p->fds[i], e)) {
			close_sockets(p, i);
			return false;
		}
		p->files[i] = file_at(p->pools[i].socket_path);
	}
	return true;
}

/*
 * Counts a file as lost only when two checks in a row miss it: somebody may be moving it.
 * Returns the milliseconds until the next check.
 */
static int look_for_sockets(struct parent *p)
{
	int64_t now = clock_mono_ms();
	bool here = true;
	if (now - p->look_ms < LOOK_MS)
		return (int)(p->look_ms + LOOK_MS - now);
	p->look_ms = now;
	for (size_t i = 0; i < p->n; i++) {
		if (file_at(p->pools[i].socket_path) == p->files[i])
			continue;
		here = false;
		log_error("prefork.socket_gone", log_text("path", p->pools[i].socket_path));
	}
	p->lost = !here && p->missed;
	p->missed = !here;
	return LOOK_MS;
}

static void make_slots(struct parent *p, struct arena *a)
{
	for (size_t i = 0; i < p->n; i++)
		p->n_slots += p->pools[i].processes > 0 ? (size_t)p->pools[i].processes : 0;
	p->slots = arena_array(a, struct slot, p->n_slots);
	size_t at = 0;
	for (size_t i = 0; i < p->n; i++)
		for (int k = 0; k < p->pools[i].processes; k++)
			p->slots[at++].pool = i;
}

NORETURN static void become_child(
	const struct parent *p, const struct slot *s, pid_t parent, const sigset_t *mask)
{
	stop_after_fork();
	(void)prctl(PR_SET_PDEATHSIG, SIGTERM);
	/* The parent may have died before the prctl above. */
	if (getppid() != parent)
		_exit(0);
	for (size_t i = 0; i < p->n; i++)
		if (i != s->pool)
			(void)close(p->fds[i]);
	(void)sigprocmask(SIG_SETMASK, mask, NULL);
	if (p->reloaded)
		(void)raise(SIGHUP);
	exit(p->child(p->user, p->fds[s->pool], s->pool));
}

/*
 * All signals are blocked between fork and stop_after_fork: the child would forget a signal
 * that came in between.
 */
static void start(const struct parent *p, struct slot *s)
{
	sigset_t all, mask;
	(void)sigfillset(&all);
	(void)sigprocmask(SIG_BLOCK, &all, &mask);
	(void)fflush(NULL);
	pid_t parent = getpid();
	pid_t pid = fork();
	if (pid == 0)
		become_child(p, s, parent, &mask);
	(void)sigprocmask(SIG_SETMASK, &mask, NULL);
	s->started = true;
	s->started_ms = clock_mono_ms();
	s->pid = pid > 0 ? pid : 0;
	if (pid < 0)
		log_error("prefork.fork_failed", log_int("pool", s->pool));
}

/*
 * Starts a child in each empty slot, at most once a second per slot, so that a child that dies
 * at once does not make a fork loop. Returns the milliseconds until the next slot is due, or -1
 * when all are filled.
 */
static int fill_slots(struct parent *p)
{
	int wait_ms = -1;
	int64_t now = clock_mono_ms();
	for (size_t i = 0; i < p->n_slots; i++) {
		struct slot *s = &p->slots[i];
		if (s->pid == 0 && (!s->started || now - s->started_ms >= START_GAP_MS))
			start(p, s);
		if (s->pid != 0)
			continue;
		int64_t due_ms = s->started_ms + START_GAP_MS - now;
		int own = due_ms < 1 ? 1 : (int)due_ms;
		wait_ms = wait_ms < 0 || own < wait_ms ? own : wait_ms;
	}
	return wait_ms;
}

static void log_death(const struct parent *p, const struct slot *s, int status)
{
	if (p->stopping && WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return;
	log_warn("prefork.child_ended", log_int("child", s->pid), log_int("pool", s->pool),
		log_int("exit", WIFEXITED(status) ? WEXITSTATUS(status) : -1),
		log_int("signal", WIFSIGNALED(status) ? WTERMSIG(status) : 0),
		log_int("lived_ms", clock_mono_ms() - s->started_ms));
}

/*
 * Waits for each child by its pid, because the program around us may have other children.
 * Returns how many children are alive.
 */
static size_t reap(struct parent *p)
{
	size_t alive = 0;
	for (size_t i = 0; i < p->n_slots; i++) {
		struct slot *s = &p->slots[i];
		int status = 0;
		if (s->pid == 0)
			continue;
		if (waitpid(s->pid, &status, WNOHANG) == 0) {
			alive++;
			continue;
		}
		log_death(p, s, status);
		p->stale |= WIFEXITED(status) && WEXITSTATUS(status) == PREFORK_STALE;
		s->pid = 0;
	}
	return alive;
}

static void signal_all(const struct parent *p, int sig)
{
	for (size_t i = 0; i < p->n_slots; i++)
		if (p->slots[i].pid != 0)
			(void)kill(p->slots[i].pid, sig);
}

static void wait_for_signal(int timeout_ms)
{
	struct pollfd fd = {.fd = stop_fd(), .events = POLLIN};
	(void)poll(&fd, 1, timeout_ms);
	stop_drain();
}

static void keep_children(struct parent *p)
{
	while (!stop_asked() && !p->lost && !p->stale) {
		if (stop_reload_asked()) {
			p->reloaded = true;
			signal_all(p, SIGHUP);
		}
		(void)reap(p);
		int look_ms = look_for_sockets(p), fill_ms = fill_slots(p);
		if (p->lost)
			return;
		wait_for_signal(fill_ms >= 0 && fill_ms < look_ms ? fill_ms : look_ms);
	}
}

/* TERM is repeated: a child misses a TERM that comes just before its accept. */
static void drain(struct parent *p)
{
	int64_t from = clock_mono_ms();
	p->stopping = true;
	while (reap(p) > 0) {
		int64_t spent_ms = clock_mono_ms() - from;
		if (spent_ms > DRAIN_MS + KILL_MS)
			return;
		signal_all(p, spent_ms > DRAIN_MS ? SIGKILL : SIGTERM);
		wait_for_signal(TERM_GAP_MS);
	}
}

static bool why(const struct parent *p, struct err *e)
{
	if (p->stale)
		return err_set(e, ERR_CONFIG, "The database was migrated for another gap-web.");
	return !p->lost || err_set(e, ERR_UNAVAILABLE, "The socket's file is gone.");
}

bool prefork_run(const struct prefork_pool *pools, size_t n,
	int (*child)(void *user, int listen_fd, size_t pool), void *user, struct err *e)
{
	struct arena *a = arena_new();
	struct parent p = {.pools = pools, .n = n, .child = child, .user = user};
	p.fds = arena_array(a, int, n);
	p.files = arena_array(a, ino_t, n);
	p.look_ms = clock_mono_ms();
	make_slots(&p, a);
	bool ok = stop_install(e) && open_sockets(&p, e);
	if (ok) {
		log_info("prefork.started", log_int("processes", p.n_slots));
		keep_children(&p);
		drain(&p);
		close_sockets(&p, n);
		log_info("prefork.stopped");
		ok = why(&p, e);
	}
	arena_free(&a);
	return ok;
}
