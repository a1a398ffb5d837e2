#include "store/team.h"

#include "store/scope.h"

bool team_get(
	struct pg *db, int64_t org_id, int64_t user_id, struct user_row *row_r, struct err *e)
{
	struct pg_rows r;
	bool ok = scope_once(db, org_id, STMT_TEAM_GET, &r, e, PG_INT(org_id), PG_INT(user_id));
	if (!scope_one(ok, &r, e, ERR_NOT_FOUND, "There is no such person."))
		return false;
	*row_r = (struct user_row){.user_id = pg_int(&r, 0, 0),
		.last_login_at = pg_int(&r, 0, 1),
		.codes_left = pg_int(&r, 0, 2),
		.name = pg_text(&r, 0, 3),
		.email = pg_text(&r, 0, 4),
		.role = pg_text(&r, 0, 5),
		.status = pg_text(&r, 0, 6),
		.has_factor = pg_bool(&r, 0, 7),
		.has_password = pg_bool(&r, 0, 8),
		.has_app = pg_bool(&r, 0, 9),
		.passkeys = pg_int(&r, 0, 10),
		.created_at = pg_int(&r, 0, 11),
		.nudged_at = pg_int(&r, 0, 12),
		.was_reset = pg_bool(&r, 0, 13)};
	return true;
}

/*
 * Two admins who remove each other both come here: the second waits for the first, and then
 * sees that it is the last.
 */
static bool keep_an_admin(struct pg *db, int64_t org_id, int64_t but, struct err *e)
{
	struct pg_rows r;
	bool is_one = false;
	if (!pg_query(db, STMT_TEAM_ADMINS, &r, e, PG_INT(org_id)))
		return false;
	for (size_t i = 0; i < r.n; i++)
		is_one = is_one || pg_int(&r, i, 0) == but;
	return !is_one || r.n > 1 ||
	       err_set(e, ERR_CONFLICT,
		       "This is the only admin who can log in. Make somebody else an admin first.");
}

static bool set(struct pg *db, int stmt, int64_t org_id, int64_t user_id, const char *value,
	bool *changed_r, struct err *e)
{
	size_t touched = 0;
	if (!pg_exec(db, stmt, &touched, e, PG_INT(org_id), PG_INT(user_id), PG_TEXT(value)))
		return false;
	*changed_r = touched > 0;
	return true;
}

bool team_set_role(struct pg *db, int64_t org_id, int64_t user_id, enum user_role role,
	bool *changed_r, struct err *e)
{
	if (role != USER_ADMIN && !keep_an_admin(db, org_id, user_id, e))
		return false;
	return set(db, STMT_TEAM_SET_ROLE, org_id, user_id, user_role_name(role), changed_r, e);
}

bool team_set_active(struct pg *db, int64_t org_id, int64_t user_id, bool active,
	bool *changed_r, struct err *e)
{
	if (!active && !keep_an_admin(db, org_id, user_id, e))
		return false;
	return set(db, STMT_TEAM_SET_STATUS, org_id, user_id, active ? "active" : "disabled",
		changed_r, e);
}

bool team_nudge(struct pg *db, int64_t org_id, int64_t user_id, bool *nudged_r, struct err *e)
{
	struct pg_rows r;
	if (!scope_once(db, org_id, STMT_TEAM_NUDGE, &r, e, PG_INT(org_id), PG_INT(user_id)))
		return false;
	*nudged_r = r.n > 0;
	return true;
}
