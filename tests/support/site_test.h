/*
 * The real site under test: gap-web on sockets in a folder of its own, over a
 * private database copied from gap_template, and people with browsers who talk
 * to it as nginx would.
 *
 * Every answer that a browser gets is judged as it comes: whole, with the
 * security headers once each, not to be stored, no 5xx (unless site.may_fail),
 * and nothing of the session's token in it. What must never be written down
 * (passwords, tokens, codes) is given to site_keep_out(), and the end of the
 * program looks for it in everything gap-web logged, at level debug.
 *
 * The database is edited as its superuser, past every policy: so a test turns
 * the clock, or puts the connection into any state.
 *
 *     static void a_test(void **state)
 *     {
 *             struct firm f;
 *             struct browser b = {0};
 *             firm_make(&f);
 *             browser_log_in(&b, &f.admin);
 *             assert_has(browse(&b, "/clients"), "No clients yet");
 *     }
 */
#ifndef GAP_TESTS_SITE_TEST_H
#define GAP_TESTS_SITE_TEST_H

#include "base/secret.h"
#include "codec/seal.h"
#include "support/fcgi_client.h"
#include "unit/test.h"

#include <sys/types.h>

#define SITE_ORIGIN	"https://localhost:8443"
#define SITE_COOKIE	"__Host-gap-8443"
#define SITE_AUTHORIZE	"https://127.0.0.1:8444/identity/connect/authorize"
#define SITE_XERO_ID	"0123456789ABCDEF0123456789ABCDEF"
#define SITE_PASSWORD	"seventeen green kettles"
#define SITE_FAR_AWAY	"203.0.113.7" /* no loopback: RFC 5737 */
#define SITE_TENANT	"5c1ea9a2-0b7e-4d52-8a0c-3f6b1d2e4a01"
#define SITE_XPM_CLIENT "7d0f2c55-9f65-4a0a-b6e4-0123456789%02x" /* of its number */

/* One a program. */
extern struct site_test {
	struct arena *arena; /* of the test that runs */
	char dir[32];
	char socket[64], auth_socket[64];
	char log[64]; /* what gap-web says */
	char database[64];
	pid_t parent;
	const struct seal_keys *totp_keys;
	bool may_fail; /* a 5xx is what the test is about */
} site;

/* For cmocka_run_group_tests: a database, gap-web, both away again. GAP_TEST_PG, GAP_BUILD. */
int site_begin(void **state);
int site_end(void **state);

/* cmocka says nothing by its status when the end of a group fails, and the log is looked through there. */
int site_verdict(int failed);
#define site_run(tests) site_verdict(cmocka_run_group_tests((tests), site_begin, site_end))

/* The same with a cluster of one's own: superuser's address. */
int site_begin_on(const char *superuser_url);

/* LONG=1: the numbers of the issues instead of those of a quick run. */
bool site_is_long(void);
/* The number of rounds of a race: 10; 100 in the long form (LONG=1). */
int site_race_rounds(void);

/* Each test: an arena as *state, no throttle left over. */
int site_test_begin(void **state);
int site_test_end(void **state);
#define SITE_TEST(f) cmocka_unit_test_setup_teardown((f), site_test_begin, site_test_end)

/* Nothing that gap-web logs may hold this. Short texts would be found by chance: 6 bytes at least. */
void site_keep_out(const char *text);
/* All that gap-web has logged. */
const char *site_log(void);

/* As the superuser. Results live as long as the test. */
void sql_do(const char *fmt, ...) PRINTF(1, 2);
/* Lines about this in the organisation's audit chain. */
int64_t site_audited(int64_t org_id, const char *event);
int64_t sql_int(const char *fmt, ...) PRINTF(1, 2);	 /* NULL, no row: 0 */
const char *sql_text(const char *fmt, ...) PRINTF(1, 2); /* NULL, no row: NULL */
/* Locks what the query locks (FOR UPDATE) for so long, and returns while it is held: a race without luck. */
void sql_hold(int ms, const char *query);
void sql_reconnect(void);		  /* after the server was away */
const char *sql_quoted(const char *text); /* 'text' */
/* Everything of two organisations (or one: 0) but sessions, audit and
 * when each person last looked, as one number: has anything changed? */
const char *sql_state_of(int64_t org_id, int64_t another);

struct person {
	int64_t org_id, user_id;
	const char *email, *name;
	const struct secret *key; /* of the authenticator; NULL: none */
	const char *codes[10];	  /* recovery codes */
};

/* A firm with an admin, Ada, and a member, Max; no second factor, not connected. Addresses are unique. */
struct firm {
	int64_t org_id;
	struct person admin, member;
};
void firm_make(struct firm *f);
void person_make(struct person *p, int64_t org_id, const char *name, const char *role);

/* An authenticator and ten recovery codes. */
void person_enrol(struct person *p);
/* A row of a passkey that nothing can use, for pages that show it; its id. */
int64_t person_passkey(const struct person *p, const char *name);
/* The code that the authenticator shows `steps` steps from now. A used one is good again after this. */
const char *person_code(const struct person *p, int steps);

/* The connection's row in this state (core/connection.h), with a practice where the state has one: then
 * its clients are view only, and the rule of the second factor holds. cause NULL: none. */
void firm_connect(const struct firm *f, const char *state, const char *cause);
/* A client with one primary contact: name, "Contact of <name>", an address, a number. */
int64_t firm_client(const struct firm *f, const char *name, bool synced);
/* An ended run; state as in sync_run. */
int64_t firm_run(const struct firm *f, const char *state);

/* The session cookie, and the token of the last form seen. {0} is somebody new. */
struct browser {
	char cookie[200];
	char csrf[200];
	const char *peer; /* NULL: SITE_FAR_AWAY */
};

/* Through the front door: password, and code where there is a factor. Asserts that it worked. */
void browser_log_in(struct browser *b, const struct person *p);
/* Password given, and the second step is on the screen. Forgets what was throttled. */
void browser_to_challenge(struct browser *b, const struct person *p);
/* By a session row: level 1 (the factor is outstanding) or 2. */
void browser_enter(struct browser *b, const struct person *p, int level);
/* Of the session whose token the browser has: "session_id = n" for a WHERE. */
const char *browser_session(const struct browser *b);

/* POSTs carry the token of the last form seen; `form` may be "". */
struct fcgi_answer browse(struct browser *b, const char *uri);
struct fcgi_answer submit(struct browser *b, const char *uri, const char *form);
/* Any question; `params` as in struct fcgi_ask. No token is added. */
struct fcgi_answer browser_ask(struct browser *b, const char *method, const char *uri,
	const char *const *params, struct str body);

/* `n` browsers ask the same, all sent (to the log-in socket twenty, what its queue holds) before the first answer is read. POSTs carry each one's token. */
void ask_at_once(struct browser *b, size_t n, const char *method, const char *uri,
	const char *form, struct fcgi_answer *answers_r);

/* name=value&..., from "name", value, ..., NULL. */
const char *form_of(const char *name, ...) __attribute__((sentinel));

const char *answer_location(const struct fcgi_answer *r); /* "" when there is none */
/* The value of the first element of that name: <input name="...">. NULL when there is none. */
const char *answer_input(const struct fcgi_answer *r, const char *name);
/* On the page that shows an authenticator's key: the code that it makes of it now. */
const char *answer_setup_code(const struct fcgi_answer *r);
/* The page's text: tags dropped, blanks folded, entities of the escaper turned back. */
const char *answer_words(const struct fcgi_answer *r);

bool answer_holds(const struct fcgi_answer *r, const char *text);
/* By value, so that a question can stand in the assertion. */
void assert_status_at(struct fcgi_answer r, int status, const char *file, int line);
void assert_holds_at(
	struct fcgi_answer r, const char *text, bool want, const char *file, int line);
void assert_goes_at(struct fcgi_answer r, const char *location, const char *file, int line);
#define assert_status(r, status) assert_status_at((r), (status), __FILE__, __LINE__)
#define assert_has(r, text)	 assert_holds_at((r), (text), true, __FILE__, __LINE__)
#define assert_has_not(r, text)	 assert_holds_at((r), (text), false, __FILE__, __LINE__)
/* 303 to there, with an empty body. */
#define assert_goes(r, location) assert_goes_at((r), (location), __FILE__, __LINE__)

#endif
