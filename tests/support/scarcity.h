/*
 * Memory that runs out at a chosen allocation of ours, for tests of fault 15: those of app/, and what is given
 * from there to expat and cJSON; and those of OpenSSL, where a test gives it these (unit/test_memory.c). The linker
 * steps in where our own objects call; libpq keeps its memory, since without it libpq may wait for an answer that it
 * has thrown away, until its limit (io/pg.h: 35 seconds, or the transaction's patience) ends the wait. For one test
 * program, which needs
 *
 *     LDFLAGS: -Wl,--wrap=malloc -Wl,--wrap=calloc -Wl,--wrap=realloc
 *
 * Who runs out says so and ends with status 2 (die): that is tried in a child, and in real life its parent
 * starts another.
 */
#ifndef GAP_TESTS_SCARCITY_H
#define GAP_TESTS_SCARCITY_H

#include "unit/test.h"

#include <errno.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { OUT_OF_MEMORY = 2 };

/* Shared with the child: how many allocations it has made, and which one fails. */
static struct scarcity {
	int64_t made, fails;
	bool armed;
} * scarcity;

static bool none_left(void)
{
	if (scarcity == NULL || !scarcity->armed || ++scarcity->made != scarcity->fails)
		return false;
	errno = ENOMEM;
	return true;
}

void *__real_malloc(size_t n);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t n);
void *__wrap_malloc(size_t n);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t n);

void *__wrap_malloc(size_t n)
{
	return none_left() ? NULL : __real_malloc(n);
}

void *__wrap_calloc(size_t n, size_t size)
{
	return none_left() ? NULL : __real_calloc(n, size);
}

void *__wrap_realloc(void *p, size_t n)
{
	return none_left() ? NULL : __real_realloc(p, n);
}

static void scarcity_begin(void)
{
	if (scarcity == NULL)
		scarcity = mmap(NULL, sizeof *scarcity, PROT_READ | PROT_WRITE,
			MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_ptr_not_equal(scarcity, MAP_FAILED);
	*scarcity = (struct scarcity){0};
}

/*
 * Runs `work` in a child whose allocation number `fails` fails (0: none does); its exit status, and 128 and more
 * by a signal. A child that hangs is ended by SIGALRM.
 */
static int scarce(int64_t fails, int (*work)(void *user), void *user)
{
	int status = 0;
	pid_t got = 0;
	scarcity->made = 0;
	scarcity->fails = fails;
	(void)fflush(NULL);
	pid_t pid = fork();
	if (pid == 0) {
		(void)alarm(60);
		int ended = work(user);
		scarcity->armed = false;
		_exit(ended);
	}
	do
		got = waitpid(pid, &status, 0);
	while (got < 0 && errno == EINTR);
	scarcity->armed = false;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

#endif
