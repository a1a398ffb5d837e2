/*
 * The keys that seal authenticator secrets, as the file has them now: looked at
 * before every use, read anew when it has changed, so that `gap-admin rotate-key
 * totp` works while the site runs. A box that a sibling sealed a moment ago
 * under a newer key opens, because that key was in the file before.
 */
#ifndef GAP_PAGES_TOTP_KEYS_H
#define GAP_PAGES_TOTP_KEYS_H

#include "pages/page.h"

/* ERR_CONFIG: the file is missing, open to others, or no key file. Closed with `home`. */
MUSTUSE bool totp_keys_open(
	struct arena *home, const char *path, struct totp_keys **keys_r, struct err *e);

/* A file that has become unusable is logged, and the keys read before go on serving. */
const struct seal_keys *totp_keys(struct totp_keys *keys);

#endif
