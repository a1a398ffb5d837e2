/*
 * The manual of the sandbox's controls: `POST /sandbox/faults`, a form, from
 * loopback. The panel at /sandbox is the same in a browser; GET /sandbox/state
 * tells what holds, as JSON. A request may set several things; they are done in
 * the order below. Answers: the new state (200; 303 to the panel for whom Accept
 * names text/html), or {"errors":{field: sentence}} (422) and nothing is changed.
 *
 *   reset=    all      settings, faults, counts, tokens, connections, and the practice anew
 *             faults   no fault waits any more
 *             tokens   sessions, consents, tokens and connections are forgotten, and every
 *                      log-in is on again
 *             counts   call counts and used-up limits begin anew
 *             practice the practice anew, without the edits
 *
 * Settings (each holds until changed)
 *   size=            clients of the first practice, 0 to 1000000 (300); generates it anew
 *   seed=            another practice of the same size (1); generates it anew
 *   practices=       0, 1 or 2: how many the log-in may connect (1)
 *   latency_ms=      wait before every answer but the panel's (0)
 *   expires_in=      seconds an access token lives (1800)
 *   tenant_name=     shown | null | empty: tenantName in /connections (shown)
 *   limits=          on | off: 60 calls a minute, 5 at once, 5,000 a day for a practice (on)
 *   strict_refresh=  on | off: a refresh token serves once, without the grace of 30 minutes (off)
 *   second_consent=  keeps | ends: what a new consent does to the user's earlier tokens (keeps)
 *   unknown_client=  error | 404 | 500: how client.api/get answers an unknown UUID (error)
 *
 * Faults (each waits at one endpoint until it has come `times` times)
 *   clear=    an endpoint, or all: takes back what waits there
 *   fault=    a name of the table in faults.c; the panel lists them with what `arg` means
 *   for=      list | get | token | connections | authorize | jwks | revoke | delete
 *   times=    a number, or always (1)
 *   after=    calls to let through first (0)
 *   arg=      see the table; clients count from 1 in the order of the list, without prospects
 *
 * Scripted life of the practice
 *   act=      expire-access    every access token given out so far has expired
 *             expire-grace     every running 30 minutes of grace are over
 *             kill-refresh     refresh tokens are dead (60 days unused, password changed)
 *             disconnect       the user took the app away inside Xero: no connection is left
 *             switch-off       a log-in has left: its tokens, consents and connections end
 *             switch-on        it may log in again, and consent anew
 *             new-tenant       the first practice was made anew: another tenant id, same clients
 *             rotate-key       tokens are signed with a new key from now on
 *   who=      owner | manager | outsider: whose log-in switch-off and switch-on mean, and whose alone
 *             kill-refresh and disconnect (everybody's); see people.h
 *   edit=     with client=, into=, value=, count=; see edits.h
 *   day=      a number, or next: plays the scripted days up to it (days.c)
 */
#ifndef GAP_SANDBOX_FAULTS_H
#define GAP_SANDBOX_FAULTS_H

#include "base/err.h"
#include "io/pg.h"

enum endpoint {
	ENDPOINT_NONE, /* the panel, discovery, the pages behind authorize: no fault waits there */
	ENDPOINT_LIST,
	ENDPOINT_GET,
	ENDPOINT_TOKEN,
	ENDPOINT_CONNECTIONS,
	ENDPOINT_AUTHORIZE,
	ENDPOINT_JWKS,
	ENDPOINT_REVOKE,
	ENDPOINT_DELETE,
	ENDPOINT__MAX
};

/* "list", ... NULL-ended, in the order of the enum; the first is "". */
extern const char *const endpoint_names[ENDPOINT__MAX + 1];

struct settings {
	int64_t size, seed;
	int practices, latency_ms, expires_in, day;
	const char *tenant_name, *second_consent, *unknown_client;
	bool limits, strict_refresh;
	int generation; /* access tokens made under a lower one have expired */
};

struct fault {
	const char *name; /* NULL: none */
	const char *arg;  /* "" when not given */
	int64_t number;	  /* arg as a number; -1 when it is none */
};

/* The table of all faults: what the panel shows and what fault= accepts. */
struct fault_kind {
	const char *name;
	unsigned endpoints;  /* bits: 1 << endpoint */
	const char *arg;     /* what it means, with its default; NULL: none */
	const char *meaning; /* a sentence */
};
extern const struct fault_kind fault_kinds[];
extern const size_t fault_kinds_n;

const struct fault_kind *fault_kind_find(const char *name); /* NULL when there is none */

/* A call of `at` has come: counts it, reads the settings, takes the fault that waits there. */
MUSTUSE bool fault_arrive(struct pg *db, enum endpoint at, struct settings *settings_r,
	struct fault *fault_r, struct err *e);

MUSTUSE bool fault_settings(struct pg *db, struct settings *settings_r, struct err *e);

/* arg as a number, or `otherwise` when none was given. */
int64_t fault_number(const struct fault *f, int64_t otherwise);

/* Waits, in pieces: false as soon as the process is asked to stop. */
bool fault_sleep(int64_t ms);

#endif
