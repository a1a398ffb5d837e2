/*
 * The redirect to Xero and the return from it. The web process makes state, nonce and verifier,
 * stores the code that Xero returns, queues the worker's job, and answers 303 with an empty
 * body. It never sees a token.
 */
#ifndef GAP_PAGES_OAUTH_H
#define GAP_PAGES_OAUTH_H

#include "pages/page.h"

#define OAUTH_CONNECT_PATH "/settings/integrations/connect"
#define OAUTH_PREVIEW_PATH "/settings/integrations/connect/preview"

enum {
	CALLBACK_STATE,
	CALLBACK_CODE,
	CALLBACK_ERROR,
	CALLBACK_DESCRIPTION,
	CALLBACK_ISS,
	CALLBACK__MAX
};
extern const struct field callback_fields[CALLBACK__MAX];

/*
 * The session's return_to while Connect waits. It is not a local address, so no ?next= can
 * forge it.
 */
#define OAUTH_WAITING	      "connect"
#define OAUTH_WAITING_PREVIEW "connect-preview"

/*
 * True when Connect was pressed and a step (password, MFA set-up) has to come first; the
 * session continues to Xero after it.
 */
bool oauth_is_waiting(const struct page *p);

/*
 * POST Connect: first MFA set-up or confirmation where they are due, else the redirect to Xero.
 */
bool oauth_connect(struct page *p, struct err *e);
/*
 * The same, but the first import waits until an admin has seen its preview and selects
 * "Import".
 */
bool oauth_preview(struct page *p, struct err *e);

/*
 * POST Add a standby: the same redirect, for a second person whose tokens are the reserve.
 * Refused for the person who is connected already.
 */
bool oauth_standby(struct page *p, struct err *e);

/*
 * Makes the attempt, bound to this session, and answers 303 to Xero. Redirects to confirmation
 * or MFA set-up first where they are due, because these pages call it too when they are done.
 */
MUSTUSE bool oauth_leave(struct page *p, struct err *e);

bool oauth_callback(struct page *p, struct err *e);

#endif
