#include "support/tiny_site.h"

#include "base/clock.h"
#include "support/fcgi_client.h"
#include "web/prefork.h"
#include "web/router.h"
#include "web/server.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

/* The child's own state. */
static struct {
	int64_t loads;
	size_t pool;
} child;

struct page {
	struct request *q;
	struct response *s;
	struct fields in;
};

static void nap_ms(int ms)
{
	struct timespec left = {ms / 1000, (long)(ms % 1000) * 1000000};
	while (nanosleep(&left, &left) != 0)
		continue;
}

static bool say(struct page *p, const char *text)
{
	response_begin(p->s, 200, "text/plain; charset=utf-8");
	buf_adds(&p->s->body, text);
	return true;
}

static bool say_number(struct page *p, int64_t n)
{
	return say(p, arena_printf(p->q->arena, "%lld", (long long)n));
}

static bool home(struct page *p, struct err *e)
{
	(void)e;
	response_cookie(p->s, "__Host-t", "abc");
	return say(p, "hello");
}

static bool pid(struct page *p, struct err *e)
{
	(void)e;
	return say_number(p, getpid());
}

static bool loads(struct page *p, struct err *e)
{
	(void)e;
	return say_number(p, child.loads);
}

static bool pool(struct page *p, struct err *e)
{
	(void)e;
	return say_number(p, (int64_t)child.pool);
}

static bool used(struct page *p, struct err *e)
{
	(void)e;
	return say_number(p, (int64_t)arena_used(p->q->arena));
}

static bool echo(struct page *p, struct err *e)
{
	if (!p->in.ok)
		return err_set(e, ERR_INVALID, "%s", p->in.error[0]);
	return say(p, p->in.text[0]);
}

static bool big(struct page *p, struct err *e)
{
	(void)e;
	char *text = arena_alloc(p->q->arena, TINY_BIG);
	memset(text, 'x', TINY_BIG);
	say(p, "");
	buf_add(&p->s->body, text, TINY_BIG);
	return true;
}

static bool slow(struct page *p, struct err *e)
{
	(void)e;
	nap_ms(400);
	return say(p, "done");
}

static bool hang(struct page *p, struct err *e)
{
	(void)e;
	nap_ms(60 * 1000);
	return say(p, "late");
}

static bool stream(struct page *p, struct err *e)
{
	(void)e;
	say(p, "a");
	return response_stream(p->s) && response_write(p->s, STR("b")) &&
	       response_write(p->s, STR("c"));
}

static bool cut(struct page *p, struct err *e)
{
	(void)e;
	p->s->abort = true;
	return say(p, "half");
}

static bool silent(struct page *p, struct err *e)
{
	(void)p;
	(void)e;
	return true;
}

static bool thing(struct page *p, struct err *e)
{
	(void)e;
	return say_number(p, p->q->id_param);
}

static const struct field echo_fields[] = {
	{"text", FIELD_LINES, true, 0, 65536, "a text", NULL}};

static const struct route routes[] = {
	{METHOD_GET, "/", home, 0, NULL, 0},
	{METHOD_GET, "/pid", pid, 0, NULL, 0},
	{METHOD_GET, "/loads", loads, 0, NULL, 0},
	{METHOD_GET, "/pool", pool, 0, NULL, 0},
	{METHOD_POST, "/echo", echo, 0, ROUTE_FIELDS(echo_fields)},
	{METHOD_GET, "/big", big, 0, NULL, 0},
	{METHOD_GET, "/slow", slow, 0, NULL, 0},
	{METHOD_GET, "/used", used, 0, NULL, 0},
	{METHOD_GET, "/hang", hang, 0, NULL, 0},
	{METHOD_GET, "/stream", stream, 0, NULL, 0},
	{METHOD_GET, "/cut", cut, 0, NULL, 0},
	{METHOD_GET, "/silent", silent, 0, NULL, 0},
	{METHOD_GET, "/things/{id}", thing, 0, NULL, 0},
	{METHOD_DELETE, "/things/{id}", thing, 0, NULL, 0},
};

static bool answer(struct page *p, const struct err *fault, const char **allow_r, struct err *e)
{
	const struct route *row;
	if (fault != NULL) {
		*e = *fault;
		return false;
	}
	return router_match(routes, ARRAY_LEN(routes), p->q, &row, allow_r, e) &&
	       fields_read(p->q, row->fields, row->n_fields, &p->in, e) && row->handle(p, e);
}

static void serve(void *user, struct request *q, struct response *s, const struct err *fault)
{
	struct page p = {.q = q, .s = s};
	struct err e = {0};
	const char *allow = NULL;
	(void)user;
	if (answer(&p, fault, &allow, &e) || s->streaming)
		return;
	response_begin(s, err_rule(e.kind)->http_status, NULL);
	if (allow != NULL)
		response_header(s, "Allow", allow);
	buf_adds(&s->body, e.text);
}

static void reload(void *user)
{
	(void)user;
	child.loads++;
}

static int serving_child(void *user, int listen_fd, size_t pool_index)
{
	const struct server_site site = {.serve = serve, .reload = reload, .user = user};
	struct err e;
	child.pool = pool_index;
	return server_run(listen_fd, &site, &e) ? 0 : 1;
}

static int dying_child(void *user, int listen_fd, size_t pool_index)
{
	const struct tiny_site *t = user;
	(void)listen_fd;
	(void)pool_index;
	int fd = open(t->starts, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
	return fd < 0 || write(fd, "x", 1) != 1 ? 2 : 1;
}

static void name_files(struct tiny_site *t)
{
	(void)snprintf(t->socket, sizeof t->socket, "%s/web.sock", t->dir);
	(void)snprintf(t->auth_socket, sizeof t->auth_socket, "%s/auth.sock", t->dir);
	(void)snprintf(t->starts, sizeof t->starts, "%s/starts", t->dir);
	(void)snprintf(t->log, sizeof t->log, "%s/log", t->dir);
}

static bool start(struct tiny_site *t, int (*run)(void *, int, size_t))
{
	*t = (struct tiny_site){.dir = "/tmp/gap-web-XXXXXX"};
	if (mkdtemp(t->dir) == NULL)
		return false;
	name_files(t);
	(void)fflush(NULL);
	t->parent = fork();
	if (t->parent != 0)
		return t->parent > 0;
	int fd = open(t->log, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
	const struct prefork_pool pools[] = {
		{t->socket, TINY_PROCESSES - 1, 64}, {t->auth_socket, 1, 20}};
	struct err e;
	bool ok = fd >= 0 && dup2(fd, STDERR_FILENO) >= 0 &&
		  prefork_run(pools, ARRAY_LEN(pools), run, t, &e);
	_exit(ok ? 0 : 1);
}

static bool answers(const char *socket_path)
{
	struct arena *a = arena_new();
	struct fcgi_answer reply;
	bool ok = fcgi_get(a, socket_path, "/", NULL, &reply) && reply.status == 200;
	arena_free(&a);
	return ok;
}

bool tiny_start(struct tiny_site *t)
{
	if (!start(t, serving_child))
		return false;
	for (int i = 0; i < 200; i++) {
		if (answers(t->socket) && answers(t->auth_socket))
			return true;
		nap_ms(20);
	}
	return false;
}

bool tiny_start_dying(struct tiny_site *t)
{
	return start(t, dying_child);
}

int tiny_stop(struct tiny_site *t, int timeout_ms)
{
	int64_t until = clock_mono_ms() + timeout_ms;
	int status = 0;
	if (t->parent <= 0 || kill(t->parent, SIGTERM) != 0)
		return -1;
	while (waitpid(t->parent, &status, WNOHANG) == 0) {
		if (clock_mono_ms() > until)
			return -1;
		nap_ms(5);
	}
	t->parent = 0;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

void tiny_clear(struct tiny_site *t)
{
	if (t->parent > 0) {
		(void)kill(t->parent, SIGKILL);
		(void)waitpid(t->parent, NULL, 0);
	}
	const char *const files[] = {t->socket, t->auth_socket, t->starts, t->log};
	for (size_t i = 0; i < ARRAY_LEN(files); i++)
		(void)unlink(files[i]);
	(void)rmdir(t->dir);
	t->parent = 0;
}

static int by_number(const void *a, const void *b)
{
	pid_t x = *(const pid_t *)a, y = *(const pid_t *)b;
	return (x > y) - (x < y);
}

size_t tiny_children(const struct tiny_site *t, pid_t pids_r[TINY_CHILDREN_MAX])
{
	char path[64], text[256] = "";
	(void)snprintf(path, sizeof path, "/proc/%d/task/%d/children", t->parent, t->parent);
	FILE *f = fopen(path, "re");
	if (f == NULL)
		return 0;
	if (fgets(text, sizeof text, f) == NULL)
		text[0] = '\0';
	(void)fclose(f);
	struct str rest = str_trim(str_of(text)), piece;
	size_t n = 0;
	int64_t number = 0;
	while (n < TINY_CHILDREN_MAX && str_next(&rest, ' ', &piece))
		if (str_to_i64(piece, &number))
			pids_r[n++] = (pid_t)number;
	qsort(pids_r, n, sizeof pids_r[0], by_number);
	return n;
}

bool tiny_wait_children(const struct tiny_site *t, size_t want, pid_t not, int timeout_ms)
{
	int64_t until = clock_mono_ms() + timeout_ms;
	while (clock_mono_ms() < until) {
		pid_t pids[TINY_CHILDREN_MAX];
		size_t n = tiny_children(t, pids), same = 0;
		for (size_t i = 0; i < n; i++)
			same += pids[i] == not ;
		if (n == want && same == 0)
			return true;
		nap_ms(10);
	}
	return false;
}
