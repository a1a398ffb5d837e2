/*
 * Xero as we play it: one process of gap-sandbox, and one request on its way
 * through it. A separate FastCGI program for trying the product and for tests;
 * no production build or package contains it. It speaks the dialect of Xero's
 * identity server, of /connections and of the XPM API 3.1 (client list and
 * client), with a generated practice and with faults on demand (faults.h).
 *
 *     routes.c     the table, and the way of a request through it
 *     authorize.c login.c consent.c                 the pages a person sees
 *     people.c session.c                            who that is
 *     token.c claims.c keys.c                       tokens and who signs them
 *     bearer.c limits.c connections.c list.c        the API
 *     practice.c words.c oddities.c fill.c          the generated practice
 *     edits.c days.c                                its scripted life
 *     faults.c answers.c bends.c records.c          trouble on demand
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

/* The process: made once, after fork. */
struct sandbox {
	const struct conf *conf;
	struct pg *db;
	struct render *templates;
	const char *base_url;	  /* origin; also the issuer of the tokens */
	const char *client_id;	  /* the one app this Xero knows */
	const char *redirect_uri; /* its only registered return address */
	const char *app_origin;	  /* of redirect_uri: where the consent form leads */
	const char *cookie_name;  /* __Host-sandbox-<port> */
	const struct secret *client_secret;
};

/* One row of the route table says both: who may come, and which faults wait there. */
enum sandbox_gate {
	GATE_LOOPBACK, /* the panel: only from this machine */
	GATE_ANYONE,
	GATE_FORM, /* a page's own form: session and CSRF token */
	GATE_TOKEN /* a bearer token that is ours and valid */
};
#define SANDBOX_GATES(gate, endpoint) ((unsigned)(gate) | (unsigned)(endpoint) << 8)

/* Whom a bearer token speaks for. */
struct bearer {
	const char *xero_userid;
	const char *auth_event_id;
	bool reads_clients; /* a practicemanager scope is among the token's */
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
	struct fault fault;	    /* what waits for this call; name NULL: nothing */
	const char *correlation_id; /* of this call: header and JSON errors */
	const char *session;	    /* hash of the session's token; NULL: none */
	const char *csrf;	    /* what the session's forms carry */
	bool signed_in;
	enum person_no who; /* is signed in */
	struct bearer bearer;
	int place; /* one of the five at once that this call holds; 0: none */
	const char *
		limit_headers; /* what is left of the limits, ready to be sent; NULL: not counted */
};

/* Does this fault wait for the call? */
bool sandbox_fault_is(const struct page *p, const char *name);

/* Reads configuration, templates, database address. ERR_CONFIG names what is wrong. */
MUSTUSE bool sandbox_open(
	struct arena *a, const struct conf *conf, struct sandbox **site_r, struct err *e);

struct server_site sandbox_server(struct sandbox *site);

/* Every process's connection, and the one of `gap-sandbox migrate`. */
struct pg *sandbox_database(struct arena *a, const struct conf *conf);

#endif
