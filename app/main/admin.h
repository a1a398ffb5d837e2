/*
 * gap-admin, the operator's tool: one command a call, as the owner role. It
 * crosses no row policy: what concerns every organisation goes through them
 * one by one.
 *
 * Exit codes: 0 done, 1 failed, 2 wrong use or configuration. Answers go to
 * stdout, sentences about failures to stderr.
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
	const char *operand; /* the one word beside the options; NULL: none */
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

/* --org as a number above 0; ERR_INVALID. */
MUSTUSE bool admin_org(const struct admin *x, int64_t *org_id_r, struct err *e);

/* One line in an organisation's audit chain (0: the installation's) about this command. */
MUSTUSE bool admin_log(
	struct admin *x, int64_t org_id, const char *event, const char *detail, struct err *e);

/* Ends what pg_begin began: commits when ok, else rolls back. */
MUSTUSE bool admin_end(struct admin *x, bool ok, struct err *e);

#endif
