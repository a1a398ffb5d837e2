#include "web/server.h"

#include "io/stop.h"

#include <signal.h>

/*
 * Without this, the TERM that the parent repeats would interrupt the write that the parent is
 * waiting for.
 */
static void hold_signals(bool hold)
{
	sigset_t set;
	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGTERM);
	(void)sigaddset(&set, SIGINT);
	(void)sigaddset(&set, SIGHUP);
	(void)sigprocmask(hold ? SIG_BLOCK : SIG_UNBLOCK, &set, NULL);
}

static void reload_if_asked(const struct server_site *site)
{
	if (stop_reload_asked())
		site->reload(site->user);
}

static void serve_one(struct arena *a, struct fcgi *f, const struct server_site *site)
{
	struct request q;
	struct response s;
	struct err fault = {0};
	bool readable = request_read(a, f, site->upload_max, site->user, &q, &fault);
	response_init(&s, &q);
	site->serve(site->user, &q, &s, readable ? NULL : &fault);
	response_send(&s);
	arena_reset(a);
}

/* A HUP that came while we waited takes effect before the next page is made. */
static void run(struct fcgi *f, struct arena *a, const struct server_site *site)
{
	while (!stop_asked()) {
		reload_if_asked(site);
		bool got = fcgi_accept(f);
		hold_signals(true);
		if (got) {
			reload_if_asked(site);
			serve_one(a, f, site);
		}
		hold_signals(false);
	}
}

bool server_run(int listen_fd, const struct server_site *site, struct err *e)
{
	struct arena *own = arena_new(), *a = arena_new();
	struct fcgi *f;
	stop_also(fcgi_stop);
	bool ok = fcgi_open(own, listen_fd, &f, e);
	if (ok)
		run(f, a, site);
	arena_free(&a);
	arena_free(&own);
	return ok;
}
