/*
 * Passkeys: what a browser is given to sign, judging what it signed, and the person's own passkeys: add
 * (from set-up and from the profile), rename, remove. The rules are those of codec/passkey.h; the user
 * is asked to be present, and to be verified where the authenticator can: the password was given before.
 */
#ifndef GAP_PAGES_PASSKEY_H
#define GAP_PAGES_PASSKEY_H

#include "codec/passkey.h"
#include "pages/page.h"

/* A browser's answer as JSON: an attestation of an RSA key with the longest credential id fits. */
enum { PASSKEY_ANSWER_MAX = 8192 };

extern const struct tmpl_shape passkey_new_shape, passkey_shape;

enum { PASSKEY_NEW_NAME, PASSKEY_NEW_ANSWER, PASSKEY_NEW__MAX };
extern const struct field passkey_new_fields[PASSKEY_NEW__MAX];
enum { PASSKEY_NAME, PASSKEY_NAME__MAX };
extern const struct field passkey_name_fields[PASSKEY_NAME__MAX];

/*
 * JSON for static/passkey.js: {"challenge", "rp", "user", "name", "display", "ids": [...]}. The
 * challenge is the session's, for one answer, for five minutes.
 */
bool passkey_ask(struct page *p, struct err *e);

/*
 * An answer to it. Not good: *why_r is a word for the audit line. A counter that went back is one that
 * somebody copied: audited and mailed besides.
 */
MUSTUSE bool passkey_good(
	struct page *p, const char *answer, bool *good_r, const char **why_r, struct err *e);

/* What registering answered. *why_r NULL: *key_r is good; else a word for the audit line. */
MUSTUSE bool passkey_made(struct page *p, const char *answer, struct passkey *key_r,
	const char **why_r, struct err *e);

bool passkey_new(struct page *p, struct err *e);
bool passkey_new_post(struct page *p, struct err *e);
bool passkey_show(struct page *p, struct err *e);
bool passkey_rename(struct page *p, struct err *e);
bool passkey_remove(struct page *p, struct err *e);

#endif
