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

/* nginx reads and writes at once, so a peer that does neither for this long is gone. */
enum { PEER_TIMEOUT_S = 30 };

/*
 * FastCGI 1.0, section 3.3: the header of a record, and the largest content; a multiple of
 * eight.
 */
enum { RECORD_HEAD = 8, RECORD_MAX = 65528 };
/* Section 8: constants; section 5.5: the body of END_REQUEST, all zero for success. */
enum { FCGI_VERSION = 1, FCGI_END = 3, FCGI_OUT = 6, END_BODY = 8 };
enum { END_BYTES = RECORD_HEAD + RECORD_HEAD + END_BODY };

/*
 * libfcgi reads the request; we write the answer, in the largest records there are, and the end
 * of the request together with the last one. Records of libfcgi have 8 KiB, and for each of
 * them nginx and this process would wake each other.
 */
struct fcgi {
	FCGX_Request request;
	bool begun;	    /* the body is being read in pieces */
	size_t left;	    /* bytes of the body not yet read */
	bool read;	    /* the whole request has been read */
	bool lost;	    /* the peer is gone */
	unsigned char *out; /* the record being filled; has room for the end */
	size_t n;	    /* bytes of content in `out` */
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

/* The umask sets the mode at creation: with a later chmod others could connect in between. */
static bool bind_0660(int fd, const struct sockaddr_un *to)
{
	mode_t before = umask(0117);
	bool ok = bind(fd, (const struct sockaddr *)to, sizeof *to) == 0;
	int kept = errno;
	(void)umask(before);
	errno = kept;
	return ok;
}

/*
 * Removes a socket only when nobody listens on it: a process that was killed leaves one behind.
 */
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
	f->out = arena_alloc(a, RECORD_HEAD + RECORD_MAX + END_BYTES);
	arena_defer(a, close_at_end, f);
	*f_r = f;
	return true;
}

/*
 * libfcgi also returns a request whose parameters were cut off, as if it were complete. Then
 * the peer has closed the connection and does not wait for an answer.
 */
static bool is_whole(struct fcgi *f)
{
	struct pollfd p = {.fd = f->request.ipcFd, .events = POLLIN};
	return fcgi_param(f, "REQUEST_METHOD") != NULL && poll(&p, 1, 0) >= 0 &&
	       (p.revents & (POLLHUP | POLLERR)) == 0;
}

static bool has_body(const struct fcgi *f)
{
	struct str length = str_of(fcgi_param(f, "CONTENT_LENGTH"));
	return length.n > 0 && !str_is(length, "0");
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
			f->begun = f->lost = false;
			f->read = !has_body(f);
			f->n = 0;
			return true;
		}
		if (rc == 0)
			FCGX_Finish_r(&f->request);
		/*
		 * A signal, or no file descriptors left. The pause keeps the latter from
		 * becoming a busy loop.
		 */
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
	f->read = FCGX_GetChar(f->request.in) == EOF;
	return f->read || err_set(e, ERR_MALFORMED, "The request is longer than it says.");
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

static size_t add_head(const struct fcgi *f, unsigned char *to, int type, size_t content)
{
	const int id = f->request.requestId;
	const unsigned char head[RECORD_HEAD] = {FCGI_VERSION, (unsigned char)type,
		(unsigned char)(id >> 8), (unsigned char)id, (unsigned char)(content >> 8),
		(unsigned char)content};
	memcpy(to, head, sizeof head);
	return sizeof head;
}

/* The end of the output stream and of the request. */
static size_t add_end(const struct fcgi *f, unsigned char *to)
{
	size_t n = add_head(f, to, FCGI_OUT, 0);
	n += add_head(f, to + n, FCGI_END, END_BODY);
	memset(to + n, 0, END_BODY);
	return n + END_BODY;
}

static bool send_all(int fd, const unsigned char *bytes, size_t n)
{
	while (n > 0) {
		ssize_t sent = send(fd, bytes, n, MSG_NOSIGNAL);
		if (sent < 0 && errno != EINTR)
			return false;
		bytes += sent > 0 ? sent : 0;
		n -= sent > 0 ? (size_t)sent : 0;
	}
	return true;
}

static bool send_record(struct fcgi *f, bool end)
{
	size_t n = f->n > 0 ? add_head(f, f->out, FCGI_OUT, f->n) + f->n : 0;
	n += end ? add_end(f, f->out + n) : 0;
	f->n = 0;
	f->lost = f->lost || !send_all(f->request.ipcFd, f->out, n);
	/*
	 * The buffer lives as long as the process, and may have held recovery codes and TOTP
	 * secrets.
	 */
	explicit_bzero(f->out, n);
	return !f->lost;
}

bool fcgi_flush(struct fcgi *f)
{
	return send_record(f, false);
}

bool fcgi_write(struct fcgi *f, struct str bytes)
{
	while (bytes.n > 0) {
		size_t room = RECORD_MAX - f->n, piece = bytes.n < room ? bytes.n : room;
		memcpy(f->out + RECORD_HEAD + f->n, bytes.p, piece);
		f->n += piece;
		bytes = str_sub(bytes, piece, bytes.n);
		if (f->n == RECORD_MAX && !fcgi_flush(f))
			return false;
	}
	return !f->lost;
}

void fcgi_finish(struct fcgi *f, bool abort)
{
	(void)send_record(f, !abort);
	/*
	 * Otherwise libfcgi would wait until the peer has closed, so that late data does not
	 * cause a reset; here none can come.
	 */
	if (f->read)
		(void)FCGX_Detach(&f->request);
	FCGX_Free(&f->request, 1);
}

void fcgi_stop(void)
{
	stopping = 1;
	FCGX_ShutdownPending();
}
