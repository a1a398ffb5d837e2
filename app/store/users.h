/*
 * Users. Looking up an e-mail address crosses organisations (table login); everything else is
 * within one.
 */
#ifndef GAP_STORE_USERS_H
#define GAP_STORE_USERS_H

#include "core/user.h"
#include "io/pg.h"

struct account {		   /* for the log-in */
	int64_t org_id, user_id;   /* 0: no such address */
	const char *password_hash; /* NULL: none set, or no such address */
	bool active, has_factor;
	const char *name;
};
MUSTUSE bool users_account(struct pg *db, struct arena *a, const char *email_norm,
	struct account *account_r, struct err *e);
MUSTUSE bool users_account_by_id(struct pg *db, struct arena *a, int64_t org_id,
	int64_t user_id, struct account *account_r, struct err *e);

MUSTUSE bool users_logged_in(struct pg *db, int64_t org_id, int64_t user_id, struct err *e);
MUSTUSE bool users_set_password(
	struct pg *db, int64_t org_id, int64_t user_id, const char *hash, struct err *e);

struct user_new {
	int64_t org_id;
	const char *email, *email_norm, *name;
	enum user_role role;
	const char *password_hash; /* NULL: to be set by a link */
};
/* ERR_CONFLICT "This email is already in use." */
MUSTUSE bool users_add(
	struct pg *db, const struct user_new *u, int64_t *user_id_r, struct err *e);

struct user_row {
	int64_t user_id, last_login_at, codes_left;
	const char *name, *email, *role, *status;
	bool has_factor, has_password; /* no password: invited, has not logged in yet */
	bool was_reset; /* has no factor because an admin or the operator removed it */
	bool has_app;
	int64_t passkeys, created_at, nudged_at; /* nudged_at 0: never */
};
/* Call it with factors_remove when somebody else than the user removes the factors. */
MUSTUSE bool users_mfa_was_reset(struct pg *db, int64_t org_id, int64_t user_id, struct err *e);
MUSTUSE bool users_list(struct pg *db, struct arena *a, int64_t org_id,
	const struct user_row **rows_r, size_t *n_r, struct err *e);

/*
 * users_without_factor: how many active users have no second factor. users_admin_names: the
 * names of the active admins except but_id (0: all), "A, B and C", "" for none. Each name is in
 * bidi isolates (str_isolate), the whole text is not.
 */
MUSTUSE bool users_without_factor(struct pg *db, int64_t org_id, int64_t *n_r, struct err *e);
MUSTUSE bool users_admin_names(struct pg *db, struct arena *a, int64_t org_id, int64_t but_id,
	const char **names_r, struct err *e);
MUSTUSE bool users_close_banner(struct pg *db, int64_t org_id, int64_t user_id, struct err *e);
MUSTUSE bool users_set_name(
	struct pg *db, int64_t org_id, int64_t user_id, const char *name, struct err *e);

/* *own_r "": none set, the organisation's zone is used. The zone is not validated. */
MUSTUSE bool users_zone(struct pg *db, int64_t org_id, int64_t user_id, const char **own_r,
	const char **org_zone_r, struct err *e);
MUSTUSE bool users_set_zone(
	struct pg *db, int64_t org_id, int64_t user_id, const char *zone, struct err *e);

/* Organisations. */
struct org {
	int64_t org_id;
	const char *name, *zone;
	int64_t mfa_required_at;
	int mfa_grace_days;
};
MUSTUSE bool orgs_add(
	struct pg *db, const char *name, const char *zone, int64_t *org_id_r, struct err *e);
MUSTUSE bool orgs_get(
	struct pg *db, struct arena *a, int64_t org_id, struct org *org_r, struct err *e);
MUSTUSE bool orgs_set(
	struct pg *db, const struct org *o, struct err *e); /* name, zone, grace days */
MUSTUSE bool orgs_ids(
	struct pg *db, struct arena *a, const int64_t **ids_r, size_t *n_r, struct err *e);

#endif
