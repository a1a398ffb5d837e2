/*
 * Passkeys: the options that a browser signs, the check of its answer, and the person's own
 * passkeys: add (from set-up and from the profile), rename, remove. The rules are in
 * codec/passkey.h. The user must be present; user verification is preferred but not required,
 * because the password was given before.
 */
#ifndef GAP_PAGES_PASSKEY_H
#define GAP_PAGES_PASSKEY_H

#include "codec/passkey.h"
#include "pages/page.h"

/*
 * The longest answer of a browser as JSON, in bytes: an attestation of an RSA key with the
 * longest credential id fits.
 */
enum { PASSKEY_ANSWER_MAX = 8192 };

extern const struct tmpl_shape passkey_new_shape, passkey_shape;

enum { PASSKEY_NEW_NAME, PASSKEY_NEW_ANSWER, PASSKEY_NEW__MAX };
extern const struct field passkey_new_fields[PASSKEY_NEW__MAX];
enum { PASSKEY_NAME, PASSKEY_NAME__MAX };
extern const struct field passkey_name_fields[PASSKEY_NAME__MAX];

/*
 * JSON for static/passkey.js: {"challenge", "rp", "user", "name", "display", "ids": [...]}. The
 * challenge belongs to the session and is good for one answer within five minutes.
 */
bool passkey_ask(struct page *p, struct err *e);

/*
 * Checks an answer to the challenge. When *good_r is false, *why_r is a word for the audit
 * line. A signature counter that went back means that somebody has copied the key: this is
 * audited and mailed as well.
 */
MUSTUSE bool passkey_good(
	struct page *p, const char *answer, bool *good_r, const char **why_r, struct err *e);

/*
 * Checks the answer of a registration. *why_r is NULL when *key_r is good; else a word for the
 * audit line.
 */
MUSTUSE bool passkey_made(struct page *p, const char *answer, struct passkey *key_r,
	const char **why_r, struct err *e);

bool passkey_new(struct page *p, struct err *e);
bool passkey_new_post(struct page *p, struct err *e);
bool passkey_show(struct page *p, struct err *e);
bool passkey_rename(struct page *p, struct err *e);
bool passkey_remove(struct page *p, struct err *e);

#endif
