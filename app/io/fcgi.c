#include "io/fcgi.h"

#include <errno.h>
#include <fcgiapp.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

/* nginx takes and gives at once; a peer that does neither for so long is gone. */
enum { PEER_TIMEOUT_S = 30, WRITE_MAX = 1024 * 1024 * 1024 };

struct fcgi {
	FCGX_Request request;
	bool begun;  /* the body is read piece by piece */
	size_t left; /* of it */
};

/* Global because a signal handler sets it. */
static volatile sig_atomic_t stopping;

static bool failed(struct err *e, int fd, const char *what, const char *path)
{
	char why[80];
	(void)err_set(e, ERR_CONFIG, "The socket %s cannot be %s: %s.", path, what,
		strerror_r(errno, why, sizeof why));
	if (fd >= 0)
		(void)close(fd);
	return false;
}

/* The mode is right from the first moment: nobody slips in before a chmod. */
static bool bind_0660(int fd, const struct sockaddr_un *to)
{
	mode_t before = umask(0117);
	bool ok = bind(fd, (const struct sockaddr *)to, sizeof *to) == 0;
	int kept = errno;
	(void)umask(before);
	errno = kept;
	return ok;
}

/* Only a socket that nobody listens on: what is left of a process that was killed. */
static bool remove_leftover(const struct sockaddr_un *to, struct err *e)
{
	struct stat st;
	if (lstat(to->sun_path, &st) != 0)
		return errno == ENOENT || failed(e, -1, "looked at", to->sun_path);
	if (!S_ISSOCK(st.st_mode))
		return err_set(
			e, ERR_CONFIG, "%s is there already and is no socket.", to->sun_path);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return failed(e, fd, "tried", to->sun_path);
	bool refused = connect(fd, (const struct sockaddr *)to, sizeof *to) != 0 &&
		       (errno == ECONNREFUSED || errno == ENOENT);
	(void)close(fd);
	if (!refused)
		return err_set(
			e, ERR_CONFIG, "Another process listens on %s already.", to->sun_path);
	if (unlink(to->sun_path) != 0 && errno != ENOENT)
		return failed(e, -1, "removed", to->sun_path);
	return true;
}

bool fcgi_listen(const char *path, int backlog, int *fd_r, struct err *e)
{
	struct sockaddr_un to = {.sun_family = AF_UNIX};
	if (strlen(path) >= sizeof to.sun_path)
		return err_set(e, ERR_CONFIG, "The path of a socket has at most %zu bytes: %s.",
			sizeof to.sun_path - 1, path);
	memcpy(to.sun_path, path, strlen(path) + 1);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return failed(e, fd, "made", path);
	if (!bind_0660(fd, &to)) {
		if (errno != EADDRINUSE)
			return failed(e, fd, "made", path);
		if (!remove_leftover(&to, e)) {
			(void)close(fd);
			return false;
		}
		if (!bind_0660(fd, &to))
			return failed(e, fd, "made", path);
	}
	if (listen(fd, backlog) != 0)
		return failed(e, fd, "listened on", path);
	*fd_r = fd;
	return true;
}

static void close_at_end(void *arg)
{
	struct fcgi *f = arg;
	FCGX_Free(&f->request, 1);
}

bool fcgi_open(struct arena *a, int listen_fd, struct fcgi **f_r, struct err *e)
{
	struct fcgi *f = arena_new_of(a, struct fcgi);
	if (FCGX_Init() != 0 ||
		FCGX_InitRequest(&f->request, listen_fd, FCGI_FAIL_ACCEPT_ON_INTR) != 0)
		return err_set(e, ERR_UNAVAILABLE, "FastCGI could not be started.");
	arena_defer(a, close_at_end, f);
	*f_r = f;
	return true;
}

/*
 * libfcgi hands out a request whose parameters were cut off as if they were all.
 * Whoever cut it has closed the connection, and waits for no answer.
 */
static bool is_whole(struct fcgi *f)
{
	struct pollfd p = {.fd = f->request.ipcFd, .events = POLLIN};
	return fcgi_param(f, "REQUEST_METHOD") != NULL && poll(&p, 1, 0) >= 0 &&
	       (p.revents & (POLLHUP | POLLERR)) == 0;
}

static void limit_waits(int fd)
{
	struct timeval limit = {.tv_sec = PEER_TIMEOUT_S};
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
}

bool fcgi_accept(struct fcgi *f)
{
	while (!stopping) {
		int rc = FCGX_Accept_r(&f->request);
		if (rc == 0 && is_whole(f)) {
			limit_waits(f->request.ipcFd);
			f->begun = false;
			return true;
		}
		if (rc == 0)
			FCGX_Finish_r(&f->request);
		/* A signal, or no descriptors left: the latter must not become a busy loop. */
		else if (rc != -EINTR)
			(void)poll(NULL, 0, 50);
	}
	return false;
}

const char *fcgi_param(const struct fcgi *f, const char *name)
{
	return FCGX_GetParam(name, f->request.envp);
}

static bool body_length(struct fcgi *f, size_t max, size_t *length_r, struct err *e)
{
	struct str said = str_of(fcgi_param(f, "CONTENT_LENGTH"));
	int64_t length = 0;
	if (said.n != 0 && (!str_to_i64(said, &length) || length < 0))
		return err_set(e, ERR_MALFORMED, "The length of the request is no number.");
	if (max >= INT_MAX)
		bug("fcgi_body: a limit of %zu bytes", max);
	if ((uint64_t)length > max)
		return err_set(e, ERR_TOO_LARGE, "The request is larger than %zu bytes.", max);
	*length_r = (size_t)length;
	return true;
}

static bool take(struct fcgi *f, char *into, size_t n, struct err *e)
{
	if (FCGX_GetStr(into, (int)n, f->request.in) != (int)n ||
		FCGX_GetError(f->request.in) != 0)
		return err_set(e, ERR_MALFORMED, "The request was cut off.");
	return true;
}

static bool nothing_follows(struct fcgi *f, struct err *e)
{
	return FCGX_GetChar(f->request.in) == EOF ||
	       err_set(e, ERR_MALFORMED, "The request is longer than it says.");
}

bool fcgi_body(struct fcgi *f, struct arena *a, size_t max, struct str *body_r, struct err *e)
{
	size_t length;
	if (!body_length(f, max, &length, e))
		return false;
	char *bytes = arena_alloc(a, length + 1);
	if (!take(f, bytes, length, e) || !nothing_follows(f, e))
		return false;
	*body_r = (struct str){bytes, length};
	return true;
}

bool fcgi_body_piece(
	struct fcgi *f, char *into, size_t room, size_t max, size_t *n_r, struct err *e)
{
	if (!f->begun && !body_length(f, max, &f->left, e))
		return false;
	f->begun = true;
	*n_r = f->left < room ? f->left : room;
	if (*n_r == 0)
		return nothing_follows(f, e);
	f->left -= *n_r;
	return take(f, into, *n_r, e);
}

bool fcgi_write(struct fcgi *f, struct str bytes)
{
	while (bytes.n != 0) {
		size_t piece = bytes.n < WRITE_MAX ? bytes.n : WRITE_MAX;
		if (FCGX_PutStr(bytes.p, (int)piece, f->request.out) != (int)piece)
			return false;
		bytes = str_sub(bytes, piece, bytes.n);
	}
	return true;
}

bool fcgi_flush(struct fcgi *f)
{
	return FCGX_FFlush(f->request.out) == 0;
}

void fcgi_finish(struct fcgi *f, bool abort)
{
	if (!abort) {
		FCGX_Finish_r(&f->request);
		return;
	}
	(void)fcgi_flush(f);
	FCGX_Free(&f->request, 1);
}

void fcgi_stop(void)
{
	stopping = 1;
	FCGX_ShutdownPending();
}
