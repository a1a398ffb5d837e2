/*
 * Leaving for Xero and coming back. The web makes state, nonce and verifier,
 * stores the code it is handed, queues the worker's job, and answers 303 with an
 * empty body; it never sees a token.
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

/* A session's return_to while Connect waits: no local address, so that no ?next= can pretend it. */
#define OAUTH_WAITING	      "connect"
#define OAUTH_WAITING_PREVIEW "connect-preview"

/* Connect was pressed and something (password, MFA set-up) stands before it: the session goes on to Xero afterwards. */
bool oauth_is_waiting(const struct page *p);

/* POST Connect: set-up or confirmation first where due, else off to Xero. */
bool oauth_connect(struct page *p, struct err *e);
/* The same, and the first import waits for a yes (rulings 23). */
bool oauth_preview(struct page *p, struct err *e);

/* POST Add a standby: the same way to Xero, for the reserve. Not by who is connected already. */
bool oauth_standby(struct page *p, struct err *e);

/* Makes the attempt, bound to this session, and answers 303 to Xero; asks for confirmation or a factor where
 * those are due, since set-up and confirmation lead here too. */
MUSTUSE bool oauth_leave(struct page *p, struct err *e);

bool oauth_callback(struct page *p, struct err *e);

#endif
