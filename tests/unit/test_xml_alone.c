/*
 * ASVS 1.5.1, 15.2.5: what parses the documents of others asks the kernel for memory and for nothing else.
 * Each document is read in a child that a seccomp filter kills at the first other call: no file is opened, no
 * socket made, no program started, whatever the document says. The child of the first case shows that it would be.
 */
#include "unit/xpm_told.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define ALLOW(call)                                        \
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (call), 0, 1), \
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)

/* Memory, an end, and the random bytes that expat's tables want. */
static bool only_memory_is_left(void)
{
	struct sock_filter rules[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		ALLOW(SYS_brk),
		ALLOW(SYS_mmap),
		ALLOW(SYS_munmap),
		ALLOW(SYS_mremap),
		ALLOW(SYS_mprotect),
		ALLOW(SYS_madvise),
		ALLOW(SYS_getrandom),
		ALLOW(SYS_exit_group),
#ifdef __SANITIZE_ADDRESS__
		/* What the sanitizer asks for itself. */
		ALLOW(SYS_sigaltstack),
		ALLOW(SYS_rt_sigprocmask),
		ALLOW(SYS_gettid),
		ALLOW(SYS_sched_yield),
		ALLOW(SYS_futex),
#endif
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
	};
	struct sock_fprog filter = {ARRAY_LEN(rules), rules};
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
	       prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0;
}

/* What the child saw, in memory that it shares with us. */
struct seen {
	enum err_kind kind;
	char text[4096];
};

struct task {
	enum xpm_document what;
	const char *type;
	struct str doc;
	struct seen *seen;
};

/* How the child ended: 0, or the signal that ended it. */
static int alone(struct arena *a, void (*body)(struct arena *a, struct task *t), struct task *t)
{
	int status = 0;
	struct seen *seen = mmap(
		NULL, sizeof *seen, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_ptr_not_equal(seen, MAP_FAILED);
	t->seen = seen;
	pid_t pid = fork();
	if (pid == 0) {
		if (!only_memory_is_left())
			_exit(99);
		body(a, t);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	t->seen = arena_new_of(a, struct seen);
	*t->seen = *seen;
	assert_int_equal(munmap(seen, sizeof *seen), 0);
	assert_true(WIFSIGNALED(status) || WEXITSTATUS(status) == 0);
	return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

static void parse(struct arena *a, struct task *t)
{
	const char *text = told(a, t->what, t->type, t->doc, SPLIT_BYTES, &t->seen->kind);
	(void)snprintf(t->seen->text, sizeof t->seen->text, "%s", text);
}

static void open_a_file(struct arena *a, struct task *t)
{
	(void)a;
	t->seen->kind =
		open("/etc/hostname", O_RDONLY | O_CLOEXEC) < 0 ? ERR_INTERNAL : ERR_NONE;
}

static void open_a_socket(struct arena *a, struct task *t)
{
	(void)a;
	t->seen->kind = socket(AF_INET, SOCK_STREAM, 0) < 0 ? ERR_INTERNAL : ERR_NONE;
}

static void start_a_program(struct arena *a, struct task *t)
{
	char *const args[] = {(char[]){"true"}, NULL};
	(void)a, (void)t;
	(void)execv("/bin/true", args);
}

static void any_other_call_is_the_end(void **state)
{
	struct task t = {.what = XPM_LIST};
	assert_int_equal(alone(*state, open_a_file, &t), SIGSYS);
	assert_int_equal(alone(*state, open_a_socket, &t), SIGSYS);
	assert_int_equal(alone(*state, start_a_program, &t), SIGSYS);
}

#define LIST(inside)                                               \
	"<Response><Status>OK</Status><Clients><Client><UUID>"     \
	"7d0f2c55-9f65-4a0a-b6e4-012345678901</UUID><Name>" inside \
	"</Name></Client></Clients></Response>"

static struct seen *parsed_alone(struct arena *a, const char *type, const char *doc)
{
	struct task t = {.what = XPM_LIST, .type = type, .doc = str_of(doc)};
	int signal = alone(a, parse, &t);
	if (signal != 0)
		fail_msg("ended by signal %d: %s", signal, doc);
	return t.seen;
}

/* The document with the file's path in place of each @. */
static const char *naming(struct arena *a, const char *doc, const char *path)
{
	struct buf b;
	buf_init(&b, a, 4096);
	for (; *doc != '\0'; doc++)
		if (*doc == '@')
			buf_adds(&b, path);
		else
			buf_addc(&b, *doc);
	return b.data;
}

/* A file of our own, whose words would be found again in what was read. */
static void documents_reach_for_nothing(void **state)
{
	char path[] = "/tmp/gap-xml-XXXXXX";
	int fd = mkstemp(path);
	assert_true(fd >= 0 && write(fd, "reached", 7) == 7 && close(fd) == 0);
	const char *const bad[] = {
		"<!DOCTYPE r [<!ENTITY x SYSTEM \"file://@\">]>" LIST("&x;"),
		"<!DOCTYPE r [<!ENTITY % p SYSTEM \"file://@\"> %p;]>" LIST("A"),
		"<!DOCTYPE r SYSTEM \"file://@\">" LIST("A"),
		"<!DOCTYPE r PUBLIC \"-//A\" \"http://127.0.0.1:1@\">" LIST("A"),
		"<!DOCTYPE r [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;\">"
		"<!ENTITY c \"&b;&b;&b;&b;&b;\"><!ENTITY p SYSTEM \"@\">]>" LIST("&c;"),
	};
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct seen *s = parsed_alone(*state, "text/xml", naming(*state, bad[i], path));
		assert_int_equal(s->kind, ERR_MALFORMED);
		assert_null(strstr(s->text, "reached"));
	}
	/* Addresses that mean something to other parsers are words, or nothing, to this one. */
	const char *const fine[] = {
		"<?xml-stylesheet href=\"file://@\"?>" LIST("A"),
		"<Response xmlns:xi=\"http://www.w3.org/2001/XInclude\" "
		"xmlns:s=\"http://www.w3.org/2001/XMLSchema-instance\" "
		"s:schemaLocation=\"x file://@\" xml:base=\"file://@\"><Status>OK</Status>"
		"<Clients><xi:include href=\"file://@\"/></Clients></Response>",
		LIST("file://@"),
	};
	for (size_t i = 0; i < ARRAY_LEN(fine); i++) {
		struct seen *s =
			parsed_alone(*state, "text/xml", naming(*state, fine[i], path));
		assert_int_equal(s->kind, ERR_NONE);
		assert_null(strstr(s->text, "reached"));
	}
	assert_int_equal(unlink(path), 0);
}

/* The other dialect, and what is no document at all. */
static void so_do_the_others(void **state)
{
	assert_int_equal(parsed_alone(*state, "application/json",
				 "{\"status\":\"OK\",\"clients\":[{\"uuid\":"
				 "\"7d0f2c55-9f65-4a0a-b6e4-012345678901\",\"name\":\"A\"}]}")
				 ->kind,
		ERR_NONE);
	assert_int_equal(
		parsed_alone(*state, "application/json", "{\"$ref\":\"file:///etc/hostname\"}")
			->kind,
		ERR_MALFORMED);
	assert_int_equal(
		parsed_alone(*state, "text/xml", "<html><img src='http://127.0.0.1:1/'></html>")
			->kind,
		ERR_MALFORMED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(any_other_call_is_the_end),
		TEST(documents_reach_for_nothing),
		TEST(so_do_the_others),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
