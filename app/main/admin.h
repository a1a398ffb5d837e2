/*
 * gap-admin, the operator's tool: one command per call, run as the owner role. Row-level
 * security holds for it too: a command about all organisations goes through them one by one.
 *
 * Exit codes: 0 done, 1 failed, 2 wrong usage or configuration. Answers go to stdout, sentences
 * about failures to stderr.
 */
#ifndef GAP_MAIN_ADMIN_H
#define GAP_MAIN_ADMIN_H

#include "io/conf.h"
#include "io/pg.h"

enum admin_option {
	ADMIN_ZONE,
	ADMIN_ORG,
	ADMIN_EMAIL,
	ADMIN_NAME,
	ADMIN_ROLE,
	ADMIN_PASSWORD_FILE,
	ADMIN_REASON,
	ADMIN_OPTION__MAX
};

struct admin {
	struct arena *arena;
	const struct conf *conf;
	struct pg *db;
	const char *operand; /* the one argument that is not an option; NULL: none */
	const char *options[ADMIN_OPTION__MAX];
};

MUSTUSE bool admin_migrate(struct admin *x, struct err *e);
MUSTUSE bool admin_config(struct admin *x, struct err *e);
MUSTUSE bool admin_restored(struct admin *x, struct err *e);
MUSTUSE bool admin_health(struct admin *x, struct err *e);
MUSTUSE bool admin_audit_verify(struct admin *x, struct err *e);
MUSTUSE bool admin_audit_export(struct admin *x, struct err *e);
MUSTUSE bool admin_org_add(struct admin *x, struct err *e);
MUSTUSE bool admin_user_add(struct admin *x, struct err *e);
MUSTUSE bool admin_user_reset_mfa(struct admin *x, struct err *e);
MUSTUSE bool admin_rotate_key(struct admin *x, struct err *e);

/* The value of --org, a number above 0. ERR_INVALID: it is none. */
MUSTUSE bool admin_org(const struct admin *x, int64_t *org_id_r, struct err *e);

/*
 * Writes one line about this command into the audit chain of org_id; 0 is the installation's
 * chain.
 */
MUSTUSE bool admin_log(
	struct admin *x, int64_t org_id, const char *event, const char *detail, struct err *e);

/* Ends the open transaction: commits when `ok`, else rolls back. */
MUSTUSE bool admin_end(struct admin *x, bool ok, struct err *e);

#endif
