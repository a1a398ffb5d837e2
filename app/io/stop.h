/*
 * Signals as flags. TERM and INT ask to stop, HUP asks to reload, CHLD wakes a
 * parent; PIPE is ignored. Handlers are installed without SA_RESTART, so a
 * blocking call returns; stop_fd() becomes readable too, for poll().
 */
#ifndef GAP_IO_STOP_H
#define GAP_IO_STOP_H

#include "base/err.h"

MUSTUSE bool stop_install(struct err *e);
bool stop_asked(void);
bool stop_reload_asked(void); /* true once per HUP */
int stop_fd(void);	      /* readable after any signal; stop_drain() empties it */
void stop_drain(void);

/* Called from the TERM handler as well (async-signal-safe only): FCGX_ShutdownPending. */
void stop_also(void (*fn)(void));

/*
 * In a forked child: forget what the parent was told, and take a stop_fd() of its own. A signal
 * sent to the child before this call may be lost, so a parent repeats its TERM.
 */
void stop_after_fork(void);

#endif
