/*
 * The real gap-sandbox under test: its program on a socket in a folder of its
 * own, over a private database copied from gap_template, and a browser and an
 * app that talk to it as nginx would pass them on. Each test finds the sandbox
 * as new.
 */
#ifndef GAP_TESTS_SANDBOX_TEST_H
#define GAP_TESTS_SANDBOX_TEST_H

#include "codec/json.h"
#include "support/fcgi_client.h"
#include "unit/test.h"

#define SBX_ORIGIN   "https://127.0.0.1:8444"
#define SBX_CLIENT   "0123456789ABCDEF0123456789ABCDEF"
#define SBX_SECRET   "a-secret-of-the-app"
#define SBX_BACK     "https://localhost:8443/oauth/xero/callback"
#define SBX_SCOPES   "openid profile email offline_access practicemanager.client.read"
#define SBX_EMAIL    "robin@example.com"
#define SBX_PASSWORD "correct horse battery"
#define SBX_VERIFIER "a-verifier-that-is-at-least-forty-three-characters-long"

extern struct sandbox_test {
	char dir[64], socket[96], database[64];
	pid_t parent;
} sbx;

/* For cmocka_run_group_tests. */
int sbx_set_up(void **state);
int sbx_tear_down(void **state);

/* Before each test: reset=all. */
int sbx_begin(void **state);
#define SBX_TEST(f) cmocka_unit_test_setup_teardown((f), sbx_begin, test_end)

/* POST /sandbox/faults; must succeed. */
void sbx_control(struct arena *a, const char *form);

/* A number of GET /sandbox/state: "calls", "list"; or of the first practice: "practices", "live". */
int64_t sbx_number(struct arena *a, const char *group, const char *name);

/* The address of its database, as its role. */
const char *sbx_url(void);

/* One statement as the superuser: turns the clock back. */
void sbx_sql(const char *text);

/* ---- a person with a browser ---- */

struct sbx_browser {
	const char *cookie; /* "name=value"; NULL: none yet */
	const char *who;    /* of person_names: who logs in; NULL: the owner */
};
struct fcgi_answer sbx_browse(struct arena *a, struct sbx_browser *b, const char *uri);
struct fcgi_answer sbx_submit(
	struct arena *a, struct sbx_browser *b, const char *uri, const char *form);

/* The address an app sends its user to; NULL challenge: no PKCE. */
const char *sbx_authorize_uri(struct arena *a, const char *scope, const char *challenge);
const char *sbx_challenge(struct arena *a, const char *verifier);

/* A hidden field of a page. */
const char *sbx_hidden(struct arena *a, const struct fcgi_answer *page, const char *name);

/* Authorize, log in where asked: the consent page. */
struct fcgi_answer sbx_consent_page(struct arena *a, struct sbx_browser *b, const char *uri);

/* "Allow access" on that page: the answer that leads back to the app. */
struct fcgi_answer sbx_allow(struct arena *a, struct sbx_browser *b,
	const struct fcgi_answer *page, const char *practice);

/* A parameter of an address, decoded; NULL when it is not there. */
const char *sbx_param(struct arena *a, const char *address, const char *name);

/* ---- the app ---- */

struct sbx_tokens {
	const char *access, *refresh, *id, *scope; /* NULL when not there */
	int64_t expires_in;
};

/* Where an answer leads; it must lead somewhere. */
const char *sbx_location(struct arena *a, const struct fcgi_answer *r);
void sbx_has(const struct fcgi_answer *r, const char *words);

/* POST /connect/token with Basic. */
struct fcgi_answer sbx_token(struct arena *a, const char *form);
/* The same, which must succeed. */
struct sbx_tokens sbx_tokens_of(struct arena *a, const char *form);
struct sbx_tokens sbx_refresh(struct arena *a, const char *refresh_token);

/* All of it: a new browser, consent to `practice`, tokens. */
struct sbx_tokens sbx_connect(struct arena *a, const char *scope, const char *practice);
/* The same with a browser at hand, for whom it logs in. */
struct sbx_tokens sbx_connect_in(
	struct arena *a, struct sbx_browser *b, const char *scope, const char *practice);

/* An API call; tenant NULL: no header. `extra`: NAME, value, NULL or NULL. */
struct fcgi_answer sbx_call(struct arena *a, const char *method, const char *uri,
	const char *access, const char *tenant, const char *const *extra);

/* The tenant id of the first PRACTICEMANAGER connection. */
const char *sbx_tenant(struct arena *a, const char *access);

const struct json *sbx_json(struct arena *a, struct str text);

#endif
