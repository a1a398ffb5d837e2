/*
 * The people of an organisation, one at a time, as an admin changes them. The list is users_list. There
 * is always an admin who can log in: active, with a password.
 */
#ifndef GAP_STORE_TEAM_H
#define GAP_STORE_TEAM_H

#include "store/users.h"

/* ERR_NOT_FOUND: none here; another organisation's are not here. */
MUSTUSE bool team_get(
	struct pg *db, int64_t org_id, int64_t user_id, struct user_row *row_r, struct err *e);

/*
 * Inside the caller's transaction, which holds the admins' rows until its end. *changed_r false: it was
 * so already. ERR_CONFLICT with a sentence: nobody would be left who is an admin and can log in.
 */
MUSTUSE bool team_set_role(struct pg *db, int64_t org_id, int64_t user_id, enum user_role role,
	bool *changed_r, struct err *e);
MUSTUSE bool team_set_active(struct pg *db, int64_t org_id, int64_t user_id, bool active,
	bool *changed_r, struct err *e);

/* To be reminded of the second factor: false when there is one, or a reminder came within a day. */
MUSTUSE bool team_nudge(
	struct pg *db, int64_t org_id, int64_t user_id, bool *nudged_r, struct err *e);

#endif
