#include "io/stop.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

/* Global, because a signal handler has no argument for it. */
static struct {
	volatile sig_atomic_t stop, reload;
	int ends[2]; /* a pipe: read end for poll(), write end for the handler */
	void (*also)(void);
} state = {.ends = {-1, -1}};

static void on_signal(int number)
{
	int kept = errno;
	if (number == SIGTERM || number == SIGINT) {
		state.stop = 1;
		if (state.also != NULL)
			state.also();
	}
	if (number == SIGHUP)
		state.reload = 1;
	/* If the pipe is full it is readable already. */
	ssize_t n = write(state.ends[1], "", 1);
	(void)n;
	errno = kept;
}

static bool open_pipe(struct err *e)
{
	char why[80];
	sigset_t all, before;
	/*
	 * Blocks all signals: the handler must not use a closed descriptor, or one that is
	 * another file by now.
	 */
	(void)sigfillset(&all);
	(void)sigprocmask(SIG_SETMASK, &all, &before);
	for (int i = 0; i < 2; i++)
		if (state.ends[i] >= 0)
			(void)close(state.ends[i]);
	bool ok = pipe2(state.ends, O_CLOEXEC | O_NONBLOCK) == 0;
	if (!ok) {
		state.ends[0] = state.ends[1] = -1;
		(void)err_set(e, ERR_UNAVAILABLE, "No pipe for signals: %s.",
			strerror_r(errno, why, sizeof why));
	}
	state.stop = state.reload = 0;
	(void)sigprocmask(SIG_SETMASK, &before, NULL);
	return ok;
}

bool stop_install(struct err *e)
{
	static const int numbers[] = {SIGTERM, SIGINT, SIGHUP, SIGCHLD};
	if (!open_pipe(e))
		return false;
	struct sigaction act = {.sa_handler = on_signal};
	(void)sigemptyset(&act.sa_mask);
	for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
		if (sigaction(numbers[i], &act, NULL) != 0)
			bug("sigaction %d", numbers[i]);
	act.sa_handler = SIG_IGN;
	if (sigaction(SIGPIPE, &act, NULL) != 0)
		bug("sigaction SIGPIPE");
	return true;
}

bool stop_asked(void)
{
	return state.stop != 0;
}

bool stop_reload_asked(void)
{
	if (state.reload == 0)
		return false;
	state.reload = 0;
	return true;
}

int stop_fd(void)
{
	return state.ends[0];
}

void stop_drain(void)
{
	char sink[64];
	while (read(state.ends[0], sink, sizeof sink) > 0)
		;
}

void stop_also(void (*fn)(void))
{
	state.also = fn;
}

void stop_after_fork(void)
{
	struct err e;
	/* The pipe is shared with the parent: each would read bytes meant for the other. */
	if (!open_pipe(&e))
		die("%s", e.text);
}
