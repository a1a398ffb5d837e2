/* Signing in and out: the password step, and log-out. The second step is in pages/mfa. */
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

/*
 * Where a complete session goes first: to `next` when it is a local address, else to the
 * clients.
 */
const char *login_landing(const struct page *p, const char *next);

/*
 * The person has logged in completely from this client address. From now on wrong guesses that
 * others make at the account do not lock this address out: the throttle of the account does not
 * hold for it, the other two do.
 */
MUSTUSE bool login_know_address(struct page *p, const char *email, struct err *e);

/*
 * Checks e-mail and password under the throttles; audited. account_r->user_id is 0 when they
 * are refused; *wait_s_r > 0 when throttled.
 */
MUSTUSE bool login_check_password(struct page *p, const char *email, const char *password,
	struct account *account_r, int *wait_s_r, struct err *e);

#endif
