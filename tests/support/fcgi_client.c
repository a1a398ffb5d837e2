#include "support/fcgi_client.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

enum { HEADER_BYTES = 8, RECORD_MAX = 65535, ROLE_RESPONDER = 1, REQUEST_ID = 1 };

int fcgi_client_connect(const char *socket_path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct timeval timeout = {.tv_sec = FCGI_CLIENT_TIMEOUT_S};
	if (strlen(socket_path) >= sizeof address.sun_path)
		return -1;
	memcpy(address.sun_path, socket_path, strlen(socket_path) + 1);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout) != 0 ||
		setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof timeout) != 0 ||
		connect(fd, (const struct sockaddr *)&address, sizeof address) != 0) {
		(void)close(fd);
		return -1;
	}
	return fd;
}

bool fcgi_client_send(int fd, struct str bytes)
{
	size_t done = 0;
	while (done < bytes.n) {
		ssize_t n = send(fd, bytes.p + done, bytes.n - done, MSG_NOSIGNAL);
		if (n <= 0 && errno != EINTR)
			return false;
		done += n > 0 ? (size_t)n : 0;
	}
	return true;
}

static void add_record_head(struct buf *out, enum fcgi_type type, size_t n)
{
	const char head[HEADER_BYTES] = {1, (char)type, 0, REQUEST_ID,
		(char)(unsigned char)(n >> 8), (char)(unsigned char)(n & 0xFF), 0, 0};
	buf_add(out, head, sizeof head);
}

/* A stream longer than a record is cut into several; an empty one is its end. */
void fcgi_client_record(struct buf *out, enum fcgi_type type, struct str content)
{
	do {
		struct str piece = str_sub(content, 0, RECORD_MAX);
		add_record_head(out, type, piece.n);
		buf_addstr(out, piece);
		content = str_sub(content, piece.n, content.n);
	} while (content.n > 0);
}

/* Section 3.4: one byte below 128, else four with the highest bit set. */
static void add_length(struct buf *out, size_t n)
{
	const char wide[4] = {(char)(unsigned char)(0x80 | (n >> 24)),
		(char)(unsigned char)(n >> 16 & 0xFF), (char)(unsigned char)(n >> 8 & 0xFF),
		(char)(unsigned char)(n & 0xFF)};
	if (n < 128)
		buf_addc(out, (char)n);
	else
		buf_add(out, wide, sizeof wide);
}

static const char *override_of(const struct fcgi_ask *ask, const char *name)
{
	for (const char *const *p = ask->params; p != NULL && *p != NULL; p += 2)
		if (strcmp(p[0], name) == 0)
			return p[1];
	return NULL;
}

static void add_pair(struct buf *out, const char *name, const char *value)
{
	if (strcmp(value, "-") == 0)
		return;
	add_length(out, strlen(name));
	add_length(out, strlen(value));
	buf_adds(out, name);
	buf_adds(out, value);
}

/* What our nginx sends with every request; the test's own words come before these. */
static void add_usual(struct buf *out, const struct fcgi_ask *ask)
{
	struct str path = str_of(ask->uri), query = STR("");
	(void)str_cut(path, '?', &path, &query);
	const char *const usual[][2] = {
		{"REQUEST_METHOD", ask->method},
		{"REQUEST_URI", ask->uri},
		{"DOCUMENT_URI", str_dup(out->arena, path)},
		{"QUERY_STRING", str_dup(out->arena, query)},
		{"CONTENT_TYPE", ask->body.n > 0 ? "application/x-www-form-urlencoded" : ""},
		{"CONTENT_LENGTH",
			ask->body.n > 0 ? arena_printf(out->arena, "%zu", ask->body.n) : ""},
		{"SERVER_PROTOCOL", "HTTP/1.1"},
		{"SERVER_NAME", "localhost"},
		{"REMOTE_ADDR", "127.0.0.1"},
		{"HTTPS", "on"},
		{"REQUEST_ID", "00112233445566778899aabbccddeeff"},
		{"HTTP_HOST", "localhost:8443"},
		{"HTTP_USER_AGENT", "test"},
	};
	for (size_t i = 0; i < ARRAY_LEN(usual); i++)
		if (override_of(ask, usual[i][0]) == NULL)
			add_pair(out, usual[i][0], usual[i][1]);
}

void fcgi_client_request(struct buf *out, const struct fcgi_ask *ask)
{
	struct buf params;
	buf_init(&params, out->arena, FCGI_CLIENT_MAX);
	for (const char *const *p = ask->params; p != NULL && *p != NULL; p += 2)
		add_pair(&params, p[0], p[1]);
	add_usual(&params, ask);
	fcgi_client_record(
		out, FCGI_TYPE_BEGIN, (struct str){"\0\1\0\0\0\0\0\0", HEADER_BYTES});
	fcgi_client_record(out, FCGI_TYPE_PARAMS, buf_str(&params));
	fcgi_client_record(out, FCGI_TYPE_PARAMS, STR(""));
	if (ask->body.n > 0)
		fcgi_client_record(out, FCGI_TYPE_STDIN, ask->body);
	fcgi_client_record(out, FCGI_TYPE_STDIN, STR(""));
}

static bool read_exactly(int fd, void *to, size_t n)
{
	size_t done = 0;
	while (done < n) {
		ssize_t got = recv(fd, (char *)to + done, n - done, 0);
		if (got == 0 || (got < 0 && errno != EINTR))
			return false;
		done += got > 0 ? (size_t)got : 0;
	}
	return true;
}

/* One record into out; false at the end of the connection. */
static bool read_record(struct arena *a, int fd, struct buf *out, bool *ended_r)
{
	unsigned char head[HEADER_BYTES];
	if (!read_exactly(fd, head, sizeof head))
		return false;
	size_t n = (size_t)head[4] << 8 | head[5];
	char *content = arena_alloc(a, n + head[6]);
	if (!read_exactly(fd, content, n + head[6]))
		return false;
	if (head[1] == FCGI_TYPE_STDOUT)
		buf_add(out, content, n);
	*ended_r = head[1] == FCGI_TYPE_END;
	return true;
}

/* RFC 3875 section 6.2.1: no Status line means 200. */
static bool take_apart(struct arena *a, struct str whole, struct fcgi_answer *answer_r)
{
	const char *end = strstr(whole.p, "\r\n\r\n");
	if (end == NULL)
		return false;
	size_t n = (size_t)(end - whole.p);
	answer_r->head = arena_strndup(a, whole.p, n + 2);
	answer_r->body = str_sub(whole, n + 4, whole.n);
	const char *status = fcgi_answer_header(a, answer_r, "Status");
	int64_t number = 200;
	if (status != NULL && !str_to_i64(str_sub(str_of(status), 0, 3), &number))
		return false;
	answer_r->status = (int)number;
	return true;
}

bool fcgi_client_receive(struct arena *a, int fd, struct fcgi_answer *answer_r)
{
	struct buf out;
	bool ended = false;
	buf_init(&out, a, FCGI_CLIENT_MAX);
	*answer_r = (struct fcgi_answer){.body = STR("")};
	while (!ended && read_record(a, fd, &out, &ended))
		continue;
	answer_r->complete = ended;
	return take_apart(a, buf_str(&out), answer_r);
}

bool fcgi_ask(struct arena *a, const char *socket_path, const struct fcgi_ask *ask,
	struct fcgi_answer *answer_r)
{
	struct buf request;
	int fd = fcgi_client_connect(socket_path);
	if (fd < 0)
		return false;
	buf_init(&request, a, FCGI_CLIENT_MAX);
	fcgi_client_request(&request, ask);
	/* A server that refuses a long body may close before all of it is sent: it has answered. */
	(void)!fcgi_client_send(fd, buf_str(&request));
	bool ok = fcgi_client_receive(a, fd, answer_r);
	(void)close(fd);
	return ok;
}

bool fcgi_get(struct arena *a, const char *socket_path, const char *uri,
	const char *const *params, struct fcgi_answer *answer_r)
{
	struct fcgi_ask ask = {"GET", uri, params, STR("")};
	return fcgi_ask(a, socket_path, &ask, answer_r);
}

bool fcgi_post(struct arena *a, const char *socket_path, const char *uri,
	const char *const *params, const char *form, struct fcgi_answer *answer_r)
{
	struct fcgi_ask ask = {"POST", uri, params, str_of(form)};
	return fcgi_ask(a, socket_path, &ask, answer_r);
}

/* The next header line of that name, in *value_r. */
static bool next_header(struct str *rest, const char *name, struct str *value_r)
{
	struct str line, key, value;
	while (str_next(rest, '\n', &line))
		if (str_cut(str_trim(line), ':', &key, &value) && str_is_ci(key, name)) {
			*value_r = str_trim(value);
			return true;
		}
	return false;
}

const char *fcgi_answer_header(
	struct arena *a, const struct fcgi_answer *answer, const char *name)
{
	struct str rest = str_of(answer->head), value;
	return next_header(&rest, name, &value) ? str_dup(a, value) : NULL;
}

size_t fcgi_answer_count(const struct fcgi_answer *answer, const char *name)
{
	struct str rest = str_of(answer->head), value;
	size_t n = 0;
	while (next_header(&rest, name, &value))
		n++;
	return n;
}

const char *fcgi_answer_cookie(
	struct arena *a, const struct fcgi_answer *answer, const char *name)
{
	struct str rest = str_of(answer->head), line, pair, attributes, key, value;
	const char *found = NULL;
	while (next_header(&rest, "Set-Cookie", &line))
		if (str_cut(line, ';', &pair, &attributes) &&
			str_cut(pair, '=', &key, &value) && str_is(key, name))
			found = str_dup(a, value);
	return found;
}
