/*
 * The keys that seal authenticator secrets, always as the key file has them now. The file is
 * checked before every use and read again when it has changed, so that `gap-admin rotate-key
 * totp` works while the site runs. A secret that another process has just sealed under a newer
 * key can be opened, because that key was in the file before.
 */
#ifndef GAP_PAGES_TOTP_KEYS_H
#define GAP_PAGES_TOTP_KEYS_H

#include "pages/page.h"

/*
 * ERR_CONFIG: the file is missing, readable by others, or not a key file. The keys are closed
 * with the arena `home`.
 */
MUSTUSE bool totp_keys_open(
	struct arena *home, const char *path, struct totp_keys **keys_r, struct err *e);

/*
 * The current keys. When the file has become unusable this is logged, and the keys read before
 * are used.
 */
const struct seal_keys *totp_keys(struct totp_keys *keys);

#endif
