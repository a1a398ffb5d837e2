#include "support/pg_cut.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PIECE = 256 * 1024, LENGTH_BYTES = 4 };

static struct plan {
	int seen, at;
	enum pg_cut_how how;
	bool happened;
} * plan;

static struct {
	char dir[32], path[64], real[100];
	pid_t pid;
} own;

/* What came from the client and is not yet sent on. */
struct link {
	int client, server;
	char bytes[PIECE];
	size_t n;
	bool greeted, of_web, settled, cutting;
};

static uint32_t length_at(const struct link *l, size_t at)
{
	const unsigned char *p = (const unsigned char *)l->bytes + at;
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static bool write_all(int fd, const char *p, size_t n)
{
	while (n > 0) {
		ssize_t did = write(fd, p, n);
		if (did <= 0)
			return false;
		p += did;
		n -= (size_t)did;
	}
	return true;
}

static bool send_on(struct link *l, size_t n)
{
	bool ok = write_all(l->server, l->bytes, n);
	memmove(l->bytes, l->bytes + n, l->n - n);
	l->n -= n;
	return ok;
}

/* The server ends when it has done with what it got; then the client may know. */
static bool cut(struct link *l)
{
	char nobody_hears[4096];
	(void)shutdown(l->server, SHUT_WR);
	while (read(l->server, nobody_hears, sizeof nobody_hears) > 0)
		;
	plan->happened = true;
	return false;
}

static bool is_chosen(struct link *l, char kind)
{
	if (!l->of_web || !l->settled || (kind != 'E' && kind != 'Q'))
		return false;
	return __atomic_add_fetch(&plan->seen, 1, __ATOMIC_SEQ_CST) == plan->at;
}

/* One message of the client's, whole. False: the link is over. */
static bool pass(struct link *l, size_t n, char kind)
{
	if (is_chosen(l, kind)) {
		if (plan->how == PG_CUT_BEFORE)
			return cut(l);
		l->cutting = true;
	}
	if (!send_on(l, n))
		return false;
	l->settled |= kind == 'S';
	/* Sync is the end of what is sent together. */
	return !l->cutting || (kind != 'S' && kind != 'Q') || cut(l);
}

static bool pass_whole_ones(struct link *l)
{
	for (;;) {
		size_t lead = l->greeted ? 1 : 0;
		if (l->n < lead + LENGTH_BYTES || l->n < lead + length_at(l, lead))
			return l->n < PIECE;
		size_t n = lead + length_at(l, lead);
		if (!l->greeted)
			l->of_web = memmem(l->bytes, n, "gap_web", 8) != NULL;
		char kind = l->greeted ? l->bytes[0] : '\0';
		l->greeted = true;
		if (!pass(l, n, kind))
			return false;
	}
}

static bool from_client(struct link *l)
{
	ssize_t got = read(l->client, l->bytes + l->n, PIECE - l->n);
	if (got <= 0)
		return false;
	l->n += (size_t)got;
	return pass_whole_ones(l);
}

static bool from_server(struct link *l)
{
	char bytes[16 * 1024];
	ssize_t got = read(l->server, bytes, sizeof bytes);
	return got > 0 && write_all(l->client, bytes, (size_t)got);
}

static int open_server(void)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	(void)snprintf(at.sun_path, sizeof at.sun_path, "%s", own.real);
	return fd >= 0 && connect(fd, (struct sockaddr *)&at, sizeof at) == 0 ? fd : -1;
}

static void carry(int client)
{
	static struct link l;
	l.client = client;
	l.server = open_server();
	bool ok = l.server >= 0;
	while (ok) {
		struct pollfd fds[] = {{l.client, POLLIN, 0}, {l.server, POLLIN, 0}};
		if (poll(fds, 2, -1) < 0)
			break;
		ok = (fds[1].revents == 0 || from_server(&l)) &&
		     (fds[0].revents == 0 || from_client(&l));
	}
}

/* A process a link, none of which outlives the test. */
static void serve(int listener)
{
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	(void)signal(SIGCHLD, SIG_IGN);
	(void)signal(SIGPIPE, SIG_IGN);
	for (;;) {
		int client = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
		if (client < 0)
			_exit(1);
		if (fork() == 0) {
			(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
			(void)close(listener);
			carry(client);
			_exit(0);
		}
		(void)close(client);
	}
}

static int listen_there(void)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	(void)snprintf(own.dir, sizeof own.dir, "/tmp/gap-cut-XXXXXX");
	if (mkdtemp(own.dir) == NULL)
		die("mkdtemp");
	(void)snprintf(own.path, sizeof own.path, "%s/.s.PGSQL.5432", own.dir);
	(void)snprintf(at.sun_path, sizeof at.sun_path, "%s", own.path);
	if (fd < 0 || bind(fd, (struct sockaddr *)&at, sizeof at) != 0 || listen(fd, 64) != 0)
		die("%s: cannot listen", own.path);
	return fd;
}

const char *pg_cut_start(struct arena *a, const char *superuser_url)
{
	const char *dir = strstr(superuser_url, "host=/");
	if (dir == NULL)
		die("%s names no folder of a unix socket", superuser_url);
	dir += strlen("host=");
	int n = (int)strcspn(dir, "&");
	(void)snprintf(own.real, sizeof own.real, "%.*s/.s.PGSQL.5432", n, dir);
	plan = mmap(
		NULL, sizeof *plan, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (plan == MAP_FAILED)
		die("mmap");
	int listener = listen_there();
	own.pid = fork();
	if (own.pid == 0)
		serve(listener);
	(void)close(listener);
	return arena_printf(
		a, "%.*s%s%s", (int)(dir - superuser_url), superuser_url, own.dir, dir + n);
}

void pg_cut_stop(void)
{
	if (own.pid <= 0)
		return;
	(void)kill(own.pid, SIGKILL);
	(void)waitpid(own.pid, NULL, 0);
	(void)unlink(own.path);
	(void)rmdir(own.dir);
}

void pg_cut_arm(int at, enum pg_cut_how how)
{
	plan->at = 0;
	plan->seen = 0;
	plan->happened = false;
	plan->how = how;
	plan->at = at;
}

int pg_cut_seen(void)
{
	return plan->seen;
}

bool pg_cut_happened(void)
{
	plan->at = 0;
	return plan->happened;
}
