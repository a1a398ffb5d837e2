#include "store/users.h"

#include "base/buf.h"
#include "store/scope.h"

/*
 * An organisation that does not exist. An unknown address is looked up in it, so that it costs
 * the same time as a known one.
 */
enum { NO_ORG = -1 };

static void read_account(struct account *account_r, const struct pg_rows *r)
{
	if (r->n == 0)
		return;
	account_r->password_hash = pg_text(r, 0, 0);
	account_r->active = pg_bool(r, 0, 1);
	account_r->has_factor = pg_bool(r, 0, 2);
	account_r->name = pg_text(r, 0, 3);
}

bool users_account(struct pg *db, struct arena *a, const char *email_norm,
	struct account *account_r, struct err *e)
{
	struct pg_rows r;
	(void)a;
	*account_r = (struct account){.org_id = 0};
	if (!pg_query(db, STMT_LOGIN_FIND, &r, e, PG_TEXT(email_norm)))
		return false;
	bool known = r.n > 0;
	int64_t org_id = known ? pg_int(&r, 0, 0) : NO_ORG;
	int64_t user_id = known ? pg_int(&r, 0, 1) : 0;
	if (!pg_once(db, org_id, STMT_USER_ACCOUNT, &r, e, PG_INT(org_id), PG_INT(user_id)))
		return false;
	if (r.n > 0)
		*account_r = (struct account){.org_id = org_id, .user_id = user_id};
	read_account(account_r, &r);
	return true;
}

bool users_account_by_id(struct pg *db, struct arena *a, int64_t org_id, int64_t user_id,
	struct account *account_r, struct err *e)
{
	struct pg_rows r;
	(void)a;
	*account_r = (struct account){.org_id = org_id, .user_id = user_id};
	if (!scope_once(db, org_id, STMT_USER_ACCOUNT, &r, e, PG_INT(org_id), PG_INT(user_id)))
		return false;
	read_account(account_r, &r);
	return scope_one(true, &r, e, ERR_NOT_FOUND, "There is no such user.");
}

bool users_logged_in(struct pg *db, int64_t org_id, int64_t user_id, struct err *e)
{
	struct pg_rows r;
	return scope_once(
		db, org_id, STMT_USER_LOGGED_IN, &r, e, PG_INT(org_id), PG_INT(user_id));
}

bool users_set_password(
	struct pg *db, int64_t org_id, int64_t user_id, const char *hash, struct err *e)
{
	struct pg_rows r;
	bool ok = scope_once(db, org_id, STMT_USER_SET_PASSWORD, &r, e, PG_INT(org_id),
		PG_INT(user_id), PG_TEXT(hash));
	return scope_one(ok, &r, e, ERR_NOT_FOUND, "There is no such user.");
}

static bool check_name(const char *name, struct err *e)
{
	size_t n = str_utf8_len(str_of(name));
	return (n > 0 && n <= 120) ||
	       err_set(e, ERR_INVALID, "Give a name of at most 120 characters.");
}

bool users_add(struct pg *db, const struct user_new *u, int64_t *user_id_r, struct err *e)
{
	struct pg_rows r;
	if (!check_name(u->name, e))
		return false;
	if (!scope_once(db, u->org_id, STMT_USER_ADD, &r, e, PG_INT(u->org_id),
		    PG_TEXT(u->email), PG_TEXT(u->email_norm), PG_TEXT(u->name),
		    PG_TEXT(user_role_name(u->role)), PG_TEXT(u->password_hash))) {
		if (e->kind == ERR_CONFLICT)
			return err_set(e, ERR_CONFLICT, "This email is already in use.");
		return false;
	}
	*user_id_r = pg_int(&r, 0, 0);
	return true;
}

bool users_list(struct pg *db, struct arena *a, int64_t org_id, const struct user_row **rows_r,
	size_t *n_r, struct err *e)
{
	struct pg_rows r;
	if (!scope_once(db, org_id, STMT_USER_LIST, &r, e, PG_INT(org_id)))
		return false;
	struct user_row *rows = arena_array(a, struct user_row, r.n);
	for (size_t i = 0; i < r.n; i++)
		rows[i] = (struct user_row){.user_id = pg_int(&r, i, 0),
			.last_login_at = pg_int(&r, i, 1),
			.codes_left = pg_int(&r, i, 2),
			.name = pg_text(&r, i, 3),
			.email = pg_text(&r, i, 4),
			.role = pg_text(&r, i, 5),
			.status = pg_text(&r, i, 6),
			.has_factor = pg_bool(&r, i, 7),
			.has_password = pg_bool(&r, i, 8),
			.has_app = pg_bool(&r, i, 9),
			.passkeys = pg_int(&r, i, 10),
			.created_at = pg_int(&r, i, 11),
			.nudged_at = pg_int(&r, i, 12),
			.was_reset = pg_bool(&r, i, 13)};
	*rows_r = rows;
	*n_r = r.n;
	return true;
}

bool users_without_factor(struct pg *db, int64_t org_id, int64_t *n_r, struct err *e)
{
	struct pg_rows r;
	if (!scope_once(db, org_id, STMT_USER_COUNT_WITHOUT_FACTOR, &r, e, PG_INT(org_id)))
		return false;
	*n_r = pg_int(&r, 0, 0);
	return true;
}

bool users_admin_names(struct pg *db, struct arena *a, int64_t org_id, int64_t but_id,
	const char **names_r, struct err *e)
{
	struct pg_rows r;
	struct buf names;
	if (!scope_once(
		    db, org_id, STMT_USER_ADMIN_NAMES, &r, e, PG_INT(org_id), PG_INT(but_id)))
		return false;
	buf_init(&names, a, SIZE_MAX);
	for (size_t i = 0; i < r.n; i++) {
		buf_adds(&names, i == 0 ? "" : i + 1 == r.n ? " and " : ", ");
		buf_adds(&names, str_isolate(a, pg_text(&r, i, 0)));
	}
	*names_r = names.data;
	return true;
}

bool users_close_banner(struct pg *db, int64_t org_id, int64_t user_id, struct err *e)
{
	struct pg_rows r;
	return scope_once(
		db, org_id, STMT_USER_CLOSE_BANNER, &r, e, PG_INT(org_id), PG_INT(user_id));
}

bool users_set_name(
	struct pg *db, int64_t org_id, int64_t user_id, const char *name, struct err *e)
{
	struct pg_rows r;
	if (!check_name(name, e))
		return false;
	bool ok = scope_once(db, org_id, STMT_USER_SET_NAME, &r, e, PG_INT(org_id),
		PG_INT(user_id), PG_TEXT(name));
	return scope_one(ok, &r, e, ERR_NOT_FOUND, "There is no such user.");
}

bool users_zone(struct pg *db, int64_t org_id, int64_t user_id, const char **own_r,
	const char **org_zone_r, struct err *e)
{
	struct pg_rows r;
	bool ok =
		scope_once(db, org_id, STMT_USER_ZONE, &r, e, PG_INT(org_id), PG_INT(user_id));
	if (!scope_one(ok, &r, e, ERR_NOT_FOUND, "There is no such user."))
		return false;
	const char *own = pg_text(&r, 0, 0);
	*own_r = own == NULL ? "" : own;
	*org_zone_r = pg_text(&r, 0, 1);
	return true;
}

bool users_mfa_was_reset(struct pg *db, int64_t org_id, int64_t user_id, struct err *e)
{
	struct pg_rows r;
	bool ok = scope_once(
		db, org_id, STMT_USER_MFA_WAS_RESET, &r, e, PG_INT(org_id), PG_INT(user_id));
	return scope_one(ok, &r, e, ERR_NOT_FOUND, "There is no such user.");
}

bool users_set_zone(
	struct pg *db, int64_t org_id, int64_t user_id, const char *zone, struct err *e)
{
	struct pg_rows r;
	bool ok = scope_once(db, org_id, STMT_USER_SET_ZONE, &r, e, PG_INT(org_id),
		PG_INT(user_id), PG_TEXT(zone[0] == '\0' ? NULL : zone));
	return scope_one(ok, &r, e, ERR_NOT_FOUND, "There is no such user.");
}
