/*
 * Changes that an admin makes to the users of an organisation (users_list lists them). There is
 * always at least one admin who can log in: active, with a password.
 */
#ifndef GAP_STORE_TEAM_H
#define GAP_STORE_TEAM_H

#include "store/users.h"

/* ERR_NOT_FOUND: no such user in this organisation. */
MUSTUSE bool team_get(
	struct pg *db, int64_t org_id, int64_t user_id, struct user_row *row_r, struct err *e);

/*
 * In the caller's transaction; locks the admins' rows until it ends. *changed_r false: nothing
 * to change. ERR_CONFLICT with a sentence: no admin who can log in would be left.
 */
MUSTUSE bool team_set_role(struct pg *db, int64_t org_id, int64_t user_id, enum user_role role,
	bool *changed_r, struct err *e);
MUSTUSE bool team_set_active(struct pg *db, int64_t org_id, int64_t user_id, bool active,
	bool *changed_r, struct err *e);

/*
 * Records a reminder to set up a second factor. *nudged_r false: the user has one, or was
 * reminded within a day.
 */
MUSTUSE bool team_nudge(
	struct pg *db, int64_t org_id, int64_t user_id, bool *nudged_r, struct err *e);

#endif
