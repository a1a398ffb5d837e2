/*
 * Xero, played in the test's own process: a client list kept as structs, told
 * as XML in pieces of any size, with troubles on demand; tokens that rotate and
 * may be used once, in memory shared with child processes.
 */
#ifndef GAP_TESTS_XERO_STUB_H
#define GAP_TESTS_XERO_STUB_H

#include "xpm/xero.h"

enum {
	STUB_CLIENTS_MAX = 1280,
	STUB_CONTACTS_MAX = 6,
	STUB_TENANTS_MAX = 4,
	STUB_SCRIPT_MAX = 8
};

struct stub_contact {
	const char *uuid, *name, *email, *phone, *mobile;
	bool primary, deleted;
};

struct stub_client {
	const char *uuid, *name;
	bool prospect, archived, deleted;
	struct stub_contact contacts[STUB_CONTACTS_MAX];
	size_t n_contacts;
	bool unlisted;		  /* not in the list, though get answers */
	enum xero_trouble on_get; /* FINE: get answers with the client */
	int64_t modified;	  /* UTC; what modifiedsince looks at */
};

/* What the next calls of the list do, in turn; after them all is well. */
struct stub_step {
	enum xero_trouble trouble;
	int retry_after_s;
	bool break_off; /* an error in the middle of the body */
};

/* Shared by every process of a test. */
struct stub_shared {
	int lock;
	int64_t pair;	     /* the refresh token that is good: "refresh-<pair>" */
	int refreshes, dead; /* answered; refused with invalid_grant */
	int lose_next;	     /* so many answers get lost after the rotation */
	int fail_next;	     /* so many fail without rotating */
	int config_next;     /* so many refuse our app */
	int grace_pair;	     /* the one before still works (Xero: 30 minutes); -1: strict */
	int delay_ms;	     /* of each refresh */
};

struct stub_xero {
	struct xero xero;
	struct stub_shared *shared;

	struct stub_client clients[STUB_CLIENTS_MAX];
	size_t n;
	const char *media_type, *charset; /* "text/xml", "utf-8" */
	const char *raw;		  /* instead of the list; NULL: the list */
	size_t cut;   /* so many bytes of the body and no more; SIZE_MAX: all */
	size_t piece; /* bytes a piece; 0: all at once */
	bool json;
	struct stub_step script[STUB_SCRIPT_MAX];
	size_t steps, step;
	void (*during)(struct stub_xero *s); /* called once, in the middle of the list */

	struct xero_tenant tenants[STUB_TENANTS_MAX];
	size_t n_tenants;
	int unlisted_next; /* so many answers list none of them */
	enum xero_trouble on_connections, on_remove;

	/* The exchange of a code. */
	const char *access_claims, *id_claims; /* JSON; id NULL: none is sent */
	const char *scopes;
	enum err_kind exchange_fails; /* ERR_NONE: it works */
	bool no_refresh_token;
	struct secret *key; /* signs; made on first use */
	const char *jwks;

	int64_t since; /* of the last list of changes */
	int lists, gets, connections, removes, revokes, exchanges;
	char last_access[64], last_tenant[40], last_removed[40], last_verifier[64];
};

/* All well, no client, one practice; on the arena. */
struct stub_xero *stub_new(struct arena *a);
/* Adds a client with no contact; the pointer stays good. Ids: uuid(n) below. */
struct stub_client *stub_client(struct stub_xero *s, int id, const char *name);
struct stub_contact *stub_contact(
	struct stub_client *c, int id, const char *name, const char *email);
struct stub_client *stub_find(struct stub_xero *s, int id);
void stub_drop(struct stub_xero *s, int id);

/* A UUID of this number: kind 'c' client, 'p' person, 't' tenant, ... ; static for ever. */
const char *stub_uuid(struct arena *a, char kind, int id);

/* The document as it would be sent. */
struct str stub_document(struct arena *a, const struct stub_xero *s);

#endif
