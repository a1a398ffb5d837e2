/* Signing in and out: the password step, and leaving. The second step is pages/mfa. */
#ifndef GAP_PAGES_LOGIN_H
#define GAP_PAGES_LOGIN_H

#include "pages/page.h"
#include "store/users.h"

extern const struct tmpl_shape login_shape;

enum login_field { LOGIN_EMAIL, LOGIN_PASSWORD, LOGIN_NEXT, LOGIN__MAX };
extern const struct field login_fields[LOGIN__MAX];
enum login_query { LOGIN_QUERY_NEXT, LOGIN_QUERY_ENDED, LOGIN_QUERY_SAVED, LOGIN_QUERY__MAX };
extern const struct field login_query[LOGIN_QUERY__MAX];

bool login_home(struct page *p, struct err *e);
bool login_show(struct page *p, struct err *e);
bool login_post(struct page *p, struct err *e);
bool login_logout(struct page *p, struct err *e);

/* Where a whole session goes first: what was asked for, the MFA notice, or the clients. */
const char *login_landing(const struct page *p, const char *next);

/*
 * Somebody is wholly in from here: from now on guesses that others make at this account elsewhere do not
 * shut this address out (the account's own bucket does not hold here; the others do).
 */
MUSTUSE bool login_know_address(struct page *p, const char *email, struct err *e);

/* Looks at e-mail and password under the throttle; audited. account_r->user_id 0: refused, *wait_s_r > 0: throttled. */
MUSTUSE bool login_check_password(struct page *p, const char *email, const char *password,
	struct account *account_r, int *wait_s_r, struct err *e);

#endif
