/*
 * Signals as flags. TERM and INT ask the process to stop, HUP to reload; CHLD wakes a parent;
 * PIPE is ignored. Handlers are installed without SA_RESTART, so a blocking call returns.
 * stop_fd() also becomes readable, for poll().
 */
#ifndef GAP_IO_STOP_H
#define GAP_IO_STOP_H

#include "base/err.h"

MUSTUSE bool stop_install(struct err *e);
bool stop_asked(void);
bool stop_reload_asked(void); /* true once per HUP */
int stop_fd(void);	      /* readable after any signal; stop_drain() empties it */
void stop_drain(void);

/*
 * The handler of TERM and INT also calls `fn`, which must be async-signal-safe; for
 * FCGX_ShutdownPending.
 */
void stop_also(void (*fn)(void));

/*
 * Call in a forked child: clears the flags that it inherited and gives it its own stop_fd(). A
 * signal that arrives before this call may be lost, so a parent repeats its TERM.
 */
void stop_after_fork(void);

#endif
