/*
 * A simulated Xero: one process of gap-sandbox, and one request on its way through it. A
 * separate FastCGI program for trying the product and for tests; no production build or package
 * contains it. It speaks the dialect of Xero's identity server, of /connections and of the XPM
 * API 3.1 (client list and client), with a generated practice and with faults on demand
 * (faults.h).
 *
 *     routes.c     the table, and the path of a request through the program
 *     authorize.c login.c consent.c                 the pages that a person sees
 *     people.c session.c                            who that person is
 *     token.c claims.c keys.c                       tokens and the keys that sign them
 *     bearer.c limits.c connections.c list.c        the API
 *     practice.c words.c oddities.c fill.c          the generated practice
 *     edits.c days.c                                its scripted life
 *     faults.c answers.c bends.c records.c          faults on demand
 *     panel.c state.c                               the panel, and the same for tests
 */
#ifndef GAP_SANDBOX_SITE_H
#define GAP_SANDBOX_SITE_H

#include "base/secret.h"
#include "io/conf.h"
#include "io/pg.h"
#include "sandbox/faults.h"
#include "sandbox/people.h"
#include "web/render.h"
#include "web/response.h"
#include "web/router.h"
#include "web/server.h"

/* Per process; made once, after fork. */
struct sandbox {
	const struct conf *conf;
	struct pg *db;
	struct render *templates;
	const char *base_url;	  /* origin; also the issuer of the tokens */
	const char *client_id;	  /* the only app that this Xero knows */
	const char *redirect_uri; /* its only registered return address */
	const char *app_origin;	  /* origin of redirect_uri, to which the consent form leads */
	const char *cookie_name;  /* __Host-sandbox-<port> */
	const struct secret *client_secret;
};

/*
 * The gates column of a route holds both: who may call it, and which endpoint's faults wait
 * there.
 */
enum sandbox_gate {
	GATE_LOOPBACK, /* the panel: loopback only */
	GATE_ANYONE,
	GATE_FORM, /* the form of a page: session and CSRF token */
	GATE_TOKEN /* a bearer token that is ours and valid */
};
#define SANDBOX_GATES(gate, endpoint) ((unsigned)(gate) | (unsigned)(endpoint) << 8)

/* The user of a bearer token. */
struct bearer {
	const char *xero_userid;
	const char *auth_event_id;
	bool reads_clients; /* the token has a practicemanager scope */
};

struct page {
	struct sandbox *site;
	struct request *q;
	struct response *s;
	struct arena *arena;
	struct pg *db;
	struct fields f;
	int64_t now;
	enum endpoint endpoint;
	struct settings settings;
	struct fault fault;	    /* the fault for this call; name NULL: none */
	const char *correlation_id; /* id of this call: in a header and in JSON errors */
	const char *session;	    /* hash of the session's token; NULL: none */
	const char *csrf;	    /* CSRF token of the session's forms */
	bool signed_in;
	enum person_no who; /* the person, when signed_in */
	struct bearer bearer;
	/* Number of the concurrency place that this call holds (1 to 5); 0: none */
	int place;
	/* Headers with the calls that are left; NULL: the call is not counted */
	const char *limit_headers;
};

/* True when the fault with this name waits for the call. */
bool sandbox_fault_is(const struct page *p, const char *name);

/* Reads configuration, templates and database address. ERR_CONFIG names what is wrong. */
MUSTUSE bool sandbox_open(
	struct arena *a, const struct conf *conf, struct sandbox **site_r, struct err *e);

struct server_site sandbox_server(struct sandbox *site);

/* Opens the database connection of a process or of `gap-sandbox migrate`. */
struct pg *sandbox_database(struct arena *a, const struct conf *conf);

#endif
