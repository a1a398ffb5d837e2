#include "store/work.h"

#include "core/import.h"
#include "store/scope.h"

enum { TIDY_PIECE = 5000 };

bool work_connection(struct pg *db, int64_t org_id, struct work_connection *c_r, struct err *e)
{
	struct pg_rows r;
	if (!scope_once(db, org_id, STMT_WORK_CONNECTION, &r, e, PG_INT(org_id)))
		return false;
	if (r.n == 0)
		return err_set(e, ERR_NOT_FOUND, "There is no such organisation.");
	*c_r = (struct work_connection){
		.cause = connection_cause_parse(pg_text(&r, 0, 1)),
		.grant_id = pg_int(&r, 0, 2),
		.tenant = pg_text(&r, 0, 3),
		.xero_connection = pg_text(&r, 0, 4),
		.tenant_name = pg_text(&r, 0, 5),
		.former_tenant = pg_text(&r, 0, 6),
		.former_name = pg_text(&r, 0, 7),
		.was_live = pg_bool(&r, 0, 8),
		.failures = pg_int(&r, 0, 9),
		.zone = pg_text(&r, 0, 10),
		.org_name = pg_text(&r, 0, 11),
		.active = pg_bool(&r, 0, 12),
		.connected_at = pg_int(&r, 0, 13),
		.last_success_at = pg_int(&r, 0, 14),
		.previewed = pg_bool(&r, 0, 15),
	};
	if (!connection_state_parse(pg_text(&r, 0, 0), &c_r->state))
		return err_set(e, ERR_INTERNAL, "A connection is in a state nobody knows.");
	return true;
}

/*
 * No row: the state table (core/connection.h) has no such move, since the state was changed
 * meanwhile.
 */
static bool moved(const struct pg_rows *r, struct err *e)
{
	return r->n > 0 || err_set(e, ERR_CONFLICT,
				   "The connection to Xero Practice Manager has changed "
				   "meanwhile.");
}

bool connection_synced(struct pg *db, int64_t org_id, int64_t run_id, int64_t clients,
	int64_t contacts, bool manual, struct err *e)
{
	struct pg_rows r;
	char from[CONNECTION_LIST_BYTES];
	return scope_once(db, org_id, STMT_CONNECTION_SYNCED, &r, e, PG_INT(org_id),
		       PG_INT(run_id), PG_INT(clients), PG_INT(contacts), PG_BOOL(manual),
		       PG_TEXT(connection_leaves(CONNECTION_RUN_GOOD, from))) &&
	       moved(&r, e);
}

bool connection_failed(struct pg *db, int64_t org_id, int64_t run_id,
	const struct connection_trouble *t, struct err *e)
{
	struct pg_rows r;
	char from[CONNECTION_LIST_BYTES];
	return scope_once(db, org_id, STMT_CONNECTION_FAILED, &r, e, PG_INT(org_id),
		       PG_INT(run_id), PG_TEXT(connection_state_name(t->state)),
		       PG_TEXT(connection_cause_name(t->cause)), PG_BOOL(t->counts),
		       PG_BOOL(t->manual), PG_TEXT(connection_before(t->state, from))) &&
	       moved(&r, e);
}

bool connection_move(struct pg *db, int64_t org_id, enum connection_state from,
	enum connection_state to, enum connection_cause cause, bool *moved_r, struct err *e)
{
	struct pg_rows r;
	if (!connection_may_move(from, to))
		return err_set(e, ERR_CONFLICT, "A connection does not go from %s to %s.",
			connection_state_name(from), connection_state_name(to));
	if (!scope_once(db, org_id, STMT_CONNECTION_MOVE, &r, e, PG_INT(org_id),
		    PG_TEXT(connection_state_name(from)), PG_TEXT(connection_state_name(to)),
		    PG_TEXT(connection_cause_name(cause))))
		return false;
	*moved_r = r.n > 0;
	return true;
}

bool connection_take(
	struct pg *db, int64_t org_id, const struct connection_taken *t, struct err *e)
{
	struct pg_rows r;
	char from[CONNECTION_LIST_BYTES];
	return scope_once(db, org_id, STMT_CONNECTION_TAKE, &r, e, PG_INT(org_id),
		       PG_INT(t->grant_id), PG_TEXT(t->tenant), PG_TEXT(t->xero_connection),
		       PG_TEXT(t->tenant_name), PG_INT(t->user_id),
		       PG_TEXT(connection_leaves(CONNECTION_TAKEN, from))) &&
	       moved(&r, e);
}

/*
 * The state table is not asked: when the connection was removed in Xero, the run's failure has
 * already changed the state.
 */
bool connection_end(struct pg *db, int64_t org_id, enum connection_state state,
	enum connection_cause cause, struct err *e)
{
	bool own = false;
	if (!scope_begin(db, org_id, &own, e))
		return false;
	bool ok = pg_exec(db, STMT_CONNECTION_END, NULL, e, PG_INT(org_id),
			  PG_TEXT(connection_state_name(state)),
			  PG_TEXT(connection_cause_name(cause))) &&
		  pg_exec(db, STMT_ORG_PRACTICE_OVER, NULL, e, PG_INT(org_id));
	return scope_end(db, own, ok, e);
}

bool connection_next(struct pg *db, int64_t org_id, int64_t at, bool *shown_r, struct err *e)
{
	struct pg_rows r;
	if (!scope_once(db, org_id, STMT_CONNECTION_NEXT, &r, e, PG_INT(org_id), PG_INT(at)))
		return false;
	*shown_r = r.n > 0;
	return true;
}

bool org_practice_live(struct pg *db, int64_t org_id, const char *tenant, struct err *e)
{
	struct pg_rows r;
	return scope_once(
		db, org_id, STMT_ORG_PRACTICE_LIVE, &r, e, PG_INT(org_id), PG_TEXT(tenant));
}

static struct person person_of(const struct pg_rows *r, size_t i)
{
	return (struct person){.user_id = pg_int(r, i, 0),
		.email = pg_text(r, i, 1),
		.name = pg_text(r, i, 2),
		.admin = str_is(str_of(pg_text(r, i, 3)), "admin")};
}

bool mail_people(struct pg *db, struct arena *a, int64_t org_id, enum people who, int64_t but,
	const struct person **rows_r, size_t *n_r, struct err *e)
{
	static const char *const words[] = {
		[PEOPLE_ADMINS] = "admin", [PEOPLE_OTHERS] = "member", [PEOPLE_ALL] = "all"};
	struct pg_rows r;
	if (!scope_once(db, org_id, STMT_MAIL_PEOPLE, &r, e, PG_INT(org_id),
		    PG_TEXT(words[who]), PG_INT(but)))
		return false;
	struct person *rows = arena_array(a, struct person, r.n);
	for (size_t i = 0; i < r.n; i++)
		rows[i] = person_of(&r, i);
	*rows_r = rows;
	*n_r = r.n;
	return true;
}

bool mail_person(
	struct pg *db, int64_t org_id, int64_t user_id, struct person *p_r, struct err *e)
{
	struct pg_rows r;
	*p_r = (struct person){.user_id = 0};
	if (!scope_once(db, org_id, STMT_MAIL_PERSON, &r, e, PG_INT(org_id), PG_INT(user_id)))
		return false;
	if (r.n == 0)
		return true;
	*p_r = person_of(&r, 0);
	p_r->zone = pg_text(&r, 0, 4);
	p_r->mails_off = pg_text(&r, 0, 5);
	return true;
}

bool last_good_run(struct pg *db, int64_t org_id, int64_t *at_r, struct err *e)
{
	struct pg_rows r;
	if (!scope_once(db, org_id, STMT_LAST_GOOD_RUN, &r, e, PG_INT(org_id)))
		return false;
	*at_r = pg_int(&r, 0, 0);
	return true;
}

bool job_drop(struct pg *db, const char *single, struct err *e)
{
	return pg_exec(db, STMT_JOB_DROP, NULL, e, PG_TEXT(single));
}

bool work_orgs(
	struct pg *db, struct arena *a, const int64_t **ids_r, size_t *n_r, struct err *e)
{
	struct pg_rows r;
	if (!pg_query(db, STMT_ORG_IDS, &r, e))
		return false;
	int64_t *ids = arena_array(a, int64_t, r.n);
	for (size_t i = 0; i < r.n; i++)
		ids[i] = pg_int(&r, i, 0);
	*ids_r = ids;
	*n_r = r.n;
	return true;
}

bool tidy_house(struct pg *db, struct err *e)
{
	static const enum stmt all[] = {STMT_TIDY_SESSIONS, STMT_TIDY_THROTTLE,
		STMT_TIDY_ADDRESSES, STMT_TIDY_TOKENS, STMT_TIDY_ATTEMPTS,
		STMT_TIDY_ATTEMPT_SECRETS, STMT_TIDY_WORKERS, STMT_TIDY_TURNS};
	for (size_t i = 0; i < ARRAY_LEN(all); i++)
		if (!pg_exec(db, all[i], NULL, e))
			return false;
	return true;
}

/*
 * Deletes history in pieces, each in its own transaction, so that none holds locks for long or
 * has much to roll back.
 */
static bool tidy_history(struct pg *db, int64_t org_id, int64_t days, struct err *e)
{
	static const enum stmt all[] = {STMT_TIDY_CHANGES, STMT_TIDY_CLIENTS_WAS,
		STMT_TIDY_CONTACTS_WAS, STMT_TIDY_LINKS_WAS};
	for (size_t i = 0; i < ARRAY_LEN(all); i++) {
		struct pg_rows r = {.n = TIDY_PIECE};
		while (r.n == TIDY_PIECE)
			if (!pg_once(db, org_id, all[i], &r, e, PG_INT(org_id), PG_INT(days),
				    PG_INT(TIDY_PIECE)))
				return false;
	}
	return true;
}

bool tidy_org(struct pg *db, int64_t org_id, int64_t days, struct err *e)
{
	bool ok =
		tidy_history(db, org_id, days, e) && pg_begin(db, org_id, e) &&
		pg_exec(db, STMT_TIDY_SKIPS, NULL, e, PG_INT(org_id), PG_INT(days)) &&
		pg_exec(db, STMT_TIDY_FIXES, NULL, e, PG_INT(org_id), PG_INT(days)) &&
		pg_exec(db, STMT_TIDY_HELD, NULL, e, PG_INT(org_id)) &&
		pg_exec(db, STMT_TIDY_RUNS, NULL, e, PG_INT(org_id), PG_INT(days)) &&
		pg_exec(db, STMT_TIDY_NOTICES, NULL, e, PG_INT(org_id)) &&
		pg_exec(db, STMT_TIDY_METER, NULL, e, PG_INT(org_id)) &&
		pg_exec(db, STMT_TIDY_IMPORTS, NULL, e, PG_INT(org_id), PG_INT(IMPORT_KEEP_S));
	return scope_end(db, true, ok, e);
}
