/*
 * A FastCGI record stream of any bytes, sent to the socket that gap-web accepts
 * from: it is a request, cut off, or nothing, and the next one is served either
 * way. Behind every stream comes a good request on a connection of its own; what
 * has not come that far hangs, and libFuzzer's clock finds it.
 */
/* libfcgi asks malloc for as much as a parameter says it is long, up to 4 GiB; it is never filled. */
/* FUZZFLAGS: -malloc_limit_mb=8192 */
#include "fuzz/fuzz.h"
#include "io/fcgi.h"
#include "support/fcgi_client.h"

#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

enum { STREAM_MAX = 16 * 1024, BODY_MAX = 4096, PATH_BYTES = 64 };

/* ProcessManagementRecord() of libfcgi 2.4.2 keeps 48 bytes for each record of an unknown type; only nginx can send one. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
	return "leak:libfcgi";
}

static char path[PATH_BYTES];
static int to_hang_up[2];
static struct fcgi *server;
static struct arena *home; /* the server's, as long as the process */

static void remove_socket(void)
{
	(void)unlink(path);
}

/* libfcgi waits two seconds for the other end to hang up; nginx does at once, and so does this. */
static void *hang_up(void *arg)
{
	int fd, from = *(int *)arg;
	char bytes[4096];
	while (read(from, &fd, sizeof fd) == (ssize_t)sizeof fd) {
		while (recv(fd, bytes, sizeof bytes, 0) > 0)
			continue;
		(void)close(fd);
	}
	return NULL;
}

/* libfcgi is started once a process. */
static void start(void)
{
	struct err e;
	int fd = -1;
	if (server != NULL)
		return;
	home = arena_new();
	(void)snprintf(path, sizeof path, "/tmp/gap-fuzz-fcgi.%d", (int)getpid());
	must(fcgi_listen(path, 16, &fd, &e) && fcgi_open(home, fd, &server, &e));
	pthread_t thread;
	must(pipe(to_hang_up) == 0);
	must(pthread_create(&thread, NULL, hang_up, &to_hang_up[0]) == 0);
	must(pthread_detach(thread) == 0);
	must(atexit(remove_socket) == 0);
}

/* Sent and half closed: nobody waits for more. */
static void send_all(struct str bytes)
{
	int fd = fcgi_client_connect(path);
	must(fd >= 0);
	(void)!fcgi_client_send(fd, bytes);
	(void)shutdown(fd, SHUT_WR);
	must(write(to_hang_up[1], &fd, sizeof fd) == (ssize_t)sizeof fd);
}

static void serve(struct arena *a)
{
	static const char *const names[] = {"REQUEST_METHOD", "REQUEST_URI", "CONTENT_LENGTH",
		"CONTENT_TYPE", "HTTP_COOKIE", "X"};
	struct str body;
	struct err e = {0};
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		(void)strlen(fcgi_param(server, names[i]) == NULL
				     ? ""
				     : fcgi_param(server, names[i]));
	if (fcgi_body(server, a, BODY_MAX, &body, &e))
		must(body.n <= BODY_MAX);
	else
		must(e.kind == ERR_MALFORMED || e.kind == ERR_TOO_LARGE);
	(void)fcgi_write(server, STR("Status: 200 OK\r\n\r\n"));
	fcgi_finish(server, false);
}

/*
 * libfcgi 2.4.2 adds the two lengths of a parameter as int and asks malloc for the sum, which may then be negative;
 * only nginx could announce such a one. No four bytes are a length of 128 MiB or more here, wherever libfcgi may look
 * for one: it also reads the content of records that it does not know.
 */
static void tame(char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (((unsigned char)p[i] & 0x80) != 0)
			p[i] = (char)(p[i] & 0x87);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new();
	struct buf good;
	const struct fcgi_ask ask = {"GET", "/the-next-one", NULL, STR("")};
	if (size > STREAM_MAX)
		size = STREAM_MAX;
	start();
	buf_init(&good, a, FCGI_CLIENT_MAX);
	fcgi_client_request(&good, &ask);
	char *stream = arena_copy(a, data, size);
	tame(stream, size);
	send_all((struct str){stream, size});
	send_all(buf_str(&good));
	for (bool last = false; !last;) {
		must(fcgi_accept(server));
		last = str_is(str_of(fcgi_param(server, "REQUEST_URI")), "/the-next-one");
		serve(a);
	}
	arena_free(&a);
	return 0;
}
