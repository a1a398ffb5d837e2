/*
 * The manual of the sandbox's controls: `POST /sandbox/faults`, a form, from loopback only. The
 * panel at /sandbox is the same in a browser; GET /sandbox/state returns the current state as
 * JSON. A request may set several things; they are done in the order below. The response is the
 * new state (200; a 303 to the panel when Accept names text/html), or {"errors":{field:
 * sentence}} (422), and then nothing is changed.
 *
 *   reset=    all      everything below, and the settings and tenant ids
 *             faults   removes all waiting faults
 *             tokens   removes sessions, consents, tokens and connections, and switches every
 *                      log-in on again
 *             counts   sets call counts and used limits to zero
 *             practice generates the practice again, without the edits
 *
 * Settings (each holds until changed)
 *   size=            clients of the first practice, 0 to 1000000 (300); generates it again
 *   seed=            selects another practice of the same size (1); generates it again
 *   practices=       0, 1 or 2: how many practices a log-in may connect (1)
 *   latency_ms=      wait before every response except the panel's (0)
 *   expires_in=      seconds an access token lives (1800)
 *   tenant_name=     shown | null | empty: tenantName in /connections (shown)
 *   limits=          on | off: per practice 60 calls a minute, 5 at once, 5,000 a day (on)
 *   strict_refresh=  on | off: a refresh token works once, without 30 minutes of grace (off)
 *   second_consent=  keeps | ends: what a new consent does to the user's earlier tokens (keeps)
 *   unknown_client=  error | 404 | 500: how client.api/get answers an unknown UUID (error)
 *
 * Faults (each waits at one endpoint until it has occurred `times` times)
 *   clear=    an endpoint, or all: removes the faults that wait there
 *   fault=    a name of the table in faults.c; the panel lists them with what `arg` means
 *   for=      list | get | token | connections | authorize | jwks | revoke | delete
 *   times=    a number, or always (1)
 *   after=    calls to let through first (0)
 *   arg=      see the table; clients count from 1 in the order of the list, without prospects
 *
 * Scripted life of the practice
 *   act=      expire-access    every access token issued so far expires
 *             expire-grace     the 30 minutes of grace end for every exchanged refresh token
 *             kill-refresh     refresh tokens end (as after 60 days unused, or a changed password)
 *             disconnect       the user disconnects the app inside Xero: no connection is left
 *             switch-off       a person has left: their tokens, consents and connections end
 *             switch-on        that person may log in again, and has to consent again
 *             new-tenant       the first practice gets another tenant id, with the same clients
 *             rotate-key       a new key signs the tokens from now on
 *   who=      owner | manager | outsider (people.h): the person that switch-off and switch-on
 *             need, and to whom kill-refresh and disconnect are limited (default: everybody)
 *   edit=     with client=, into=, value=, count=; see edits.h
 *   day=      a number, or next: plays the scripted days up to it (days.c)
 */
#ifndef GAP_SANDBOX_FAULTS_H
#define GAP_SANDBOX_FAULTS_H

#include "base/err.h"
#include "io/pg.h"

enum endpoint {
	/* No fault can wait here: the panel, discovery, the pages after authorize */
	ENDPOINT_NONE,
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

/* The names "list", ... in the order of the enum, NULL-ended; the first is "". */
extern const char *const endpoint_names[ENDPOINT__MAX + 1];

struct settings {
	int64_t size, seed;
	int practices, latency_ms, expires_in, day;
	const char *tenant_name, *second_consent, *unknown_client;
	bool limits, strict_refresh;
	int generation; /* access tokens of a lower generation have expired */
};

struct fault {
	const char *name; /* NULL: none */
	const char *arg;  /* "" when not given */
	int64_t number;	  /* arg as a number; -1 when it is not a number */
};

/* The table of all faults: what the panel shows and what fault= accepts. */
struct fault_kind {
	const char *name;
	unsigned endpoints;  /* bits: 1 << endpoint */
	const char *arg;     /* meaning of arg, with its default; NULL: takes no arg */
	const char *meaning; /* a sentence */
};
extern const struct fault_kind fault_kinds[];
extern const size_t fault_kinds_n;

const struct fault_kind *fault_kind_find(const char *name); /* NULL when there is none */

/*
 * Called once for each call of endpoint `at`: counts it, reads the settings, and takes the
 * fault that waits there.
 */
MUSTUSE bool fault_arrive(struct pg *db, enum endpoint at, struct settings *settings_r,
	struct fault *fault_r, struct err *e);

MUSTUSE bool fault_settings(struct pg *db, struct settings *settings_r, struct err *e);

/* arg as a number, or `otherwise` when it was not given. */
int64_t fault_number(const struct fault *f, int64_t otherwise);

/* Waits `ms` milliseconds in short pieces. False as soon as the process is asked to stop. */
bool fault_sleep(int64_t ms);

#endif
