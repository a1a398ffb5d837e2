#include "store/match.h"

#include "store/jobs.h"
#include "store/scope.h"

enum { PAIRS_MAX = 100 };

bool match_any(struct pg *db, int64_t org_id, bool *any_r, struct err *e)
{
	struct pg_rows r;
	if (!scope_once(db, org_id, STMT_MATCH_ANY, &r, e, PG_INT(org_id)))
		return false;
	*any_r = pg_bool(&r, 0, 0);
	return true;
}

static struct match_row read_match(const struct pg_rows *r, size_t i)
{
	struct match_row row = {.client_id = pg_int(r, i, 0),
		.name = pg_text(r, i, 1),
		.contact = pg_text(r, i, 2),
		.email = pg_text(r, i, 3),
		.fit = match_fit(pg_bool(r, i, 8), pg_bool(r, i, 9), pg_int(r, i, 10)),
		.asked = pg_bool(r, i, 11),
		.failed = pg_bool(r, i, 12),
		.rest = pg_int(r, i, 13) != 0};
	if (pg_null(r, i, 4))
		return row;
	row.twin_id = pg_int(r, i, 4);
	row.twin = pg_text(r, i, 5);
	row.twin_contact = pg_text(r, i, 6);
	row.twin_email = pg_text(r, i, 7);
	return row;
}

bool match_page(struct pg *db, struct arena *a, int64_t org_id, const struct match_key *after,
	const struct match_row **rows_r, size_t *n_r, int64_t *suggested_r, struct err *e)
{
	struct pg_rows r;
	bool start = after->name == NULL;
	if (!scope_once(db, org_id, STMT_MATCH_PAGE, &r, e, PG_INT(org_id),
		    PG_TEXT(start ? "" : after->name), PG_INT(start ? 0 : after->client_id),
		    PG_INT(!start && after->rest), PG_INT(MATCH_PAGE + 1)))
		return false;
	struct match_row *rows = arena_array(a, struct match_row, r.n);
	for (size_t i = 0; i < r.n; i++)
		rows[i] = read_match(&r, i);
	*rows_r = rows;
	*n_r = r.n;
	*suggested_r = r.n == 0 ? 0 : pg_int(&r, 0, 14);
	return true;
}

/*
 * Every request queues a job of its own: a job that runs already has read its set and would
 * miss this one.
 */
static bool queue(struct pg *db, const struct match_by *by, struct err *e)
{
	return jobs_add_for(db, by->org_id, "match", by->user_id, by->user_name, e);
}

static bool taken(struct err *e)
{
	return err_set(e, ERR_CONFLICT, "This XPM client has been matched meanwhile.");
}

bool match_ask_all(struct pg *db, const struct match_by *by, int64_t *n_r, struct err *e)
{
	size_t n = 0;
	if (!pg_exec(db, STMT_MATCH_ASK_ALL, &n, e, PG_INT(by->org_id), PG_INT(by->user_id),
		    PG_TEXT(by->user_name), PG_INT(MATCH_REACH)))
		return e->kind == ERR_CONFLICT ? taken(e) : false;
	*n_r = (int64_t)n;
	return n == 0 || queue(db, by, e);
}

static bool decide(struct pg *db, const struct match_by *by, int64_t client_id, int64_t twin_id,
	const char *state, struct err *e)
{
	size_t n = 0;
	/* A unique index refuses: one of the two clients is in another pair already. */
	if (!pg_exec(db, STMT_MATCH_DECIDE, &n, e, PG_INT(by->org_id), PG_INT(client_id),
		    PG_INT(twin_id), PG_TEXT(state), PG_INT(by->user_id),
		    PG_TEXT(by->user_name)))
		return e->kind == ERR_CONFLICT ? taken(e) : false;
	return n == 1 || taken(e);
}

bool match_ask(struct pg *db, const struct match_by *by, int64_t client_id, int64_t twin_id,
	struct err *e)
{
	return decide(db, by, client_id, twin_id, "asked", e) && queue(db, by, e);
}

bool match_refuse(struct pg *db, const struct match_by *by, int64_t client_id, int64_t twin_id,
	struct err *e)
{
	return decide(db, by, client_id, twin_id, "refused", e);
}

static struct pair_row read_pair(const struct pg_rows *r, size_t i)
{
	return (struct pair_row){.pair_id = pg_int(r, i, 0),
		.rejoin = str_is(str_of(pg_text(r, i, 1)), "rejoin"),
		.stays_id = pg_int(r, i, 2),
		.stays = pg_text(r, i, 3),
		.goes_id = pg_int(r, i, 4),
		.goes = pg_text(r, i, 5),
		.reason = pg_text(r, i, 6),
		.by = pg_text(r, i, 7),
		.at = pg_int(r, i, 8),
		.state = pg_text(r, i, 9),
		.connected = pg_bool(r, i, 10)};
}

static bool list(struct pg *db, struct arena *a, int64_t org_id, const char *const states[2],
	const struct pair_row **rows_r, size_t *n_r, struct err *e)
{
	struct pg_rows r;
	if (!scope_once(db, org_id, STMT_PAIR_LIST, &r, e, PG_INT(org_id), PG_TEXT(states[0]),
		    PG_TEXT(states[1]), PG_INT(PAIRS_MAX)))
		return false;
	struct pair_row *rows = arena_array(a, struct pair_row, r.n);
	for (size_t i = 0; i < r.n; i++)
		rows[i] = read_pair(&r, i);
	*rows_r = rows;
	*n_r = r.n;
	return true;
}

bool pairs_offered(struct pg *db, struct arena *a, int64_t org_id,
	const struct pair_row **rows_r, size_t *n_r, struct err *e)
{
	return list(db, a, org_id, (const char *const[]){"offered", "offered"}, rows_r, n_r, e);
}

bool pairs_joined(struct pg *db, struct arena *a, int64_t org_id,
	const struct pair_row **rows_r, size_t *n_r, struct err *e)
{
	return list(db, a, org_id, (const char *const[]){"joined", "parting"}, rows_r, n_r, e);
}

bool pairs_waiting(
	struct pg *db, int64_t org_id, int64_t *n_r, int64_t *changed_at_r, struct err *e)
{
	struct pg_rows r;
	if (!scope_once(db, org_id, STMT_PAIRS_WAITING, &r, e, PG_INT(org_id)))
		return false;
	*n_r = pg_int(&r, 0, 0);
	*changed_at_r = pg_int(&r, 0, 1);
	return true;
}

bool pair_of_client(
	struct pg *db, int64_t org_id, int64_t client_id, struct pair_row *p_r, struct err *e)
{
	struct pg_rows r;
	*p_r = (struct pair_row){.pair_id = 0};
	if (!scope_once(
		    db, org_id, STMT_PAIR_OF_CLIENT, &r, e, PG_INT(org_id), PG_INT(client_id)))
		return false;
	if (r.n > 0)
		*p_r = read_pair(&r, 0);
	return true;
}

bool pair_decide(struct pg *db, const struct match_by *by, int64_t pair_id, enum pair_wish wish,
	struct err *e)
{
	static const struct {
		const char *from, *to;
	} ways[] = {
		[PAIR_JOIN] = {"offered", "asked"},
		[PAIR_REFUSE] = {"offered", "refused"},
		[PAIR_PART] = {"joined", "parting"},
	};
	struct pg_rows r;
	bool ok = pg_query(db, STMT_PAIR_DECIDE, &r, e, PG_INT(by->org_id), PG_INT(pair_id),
		PG_TEXT(ways[wish].from), PG_TEXT(ways[wish].to), PG_INT(by->user_id),
		PG_TEXT(by->user_name));
	if (!ok && e->kind != ERR_CONFLICT)
		return false;
	if (ok && !pg_bool(&r, 0, 0))
		return err_set(e, ERR_NOT_FOUND, "There is no such match.");
	if (ok && wish == PAIR_JOIN && !pg_bool(&r, 0, 2))
		return err_set(e, ERR_CONFLICT,
			"These two can be joined only while the practice that they come from is"
			" connected.");
	if (!ok || !pg_bool(&r, 0, 1))
		return err_set(e, ERR_CONFLICT, "Somebody has decided on these two meanwhile.");
	return wish == PAIR_REFUSE || queue(db, by, e);
}

static bool steps(struct pg *db, int64_t org_id, const enum stmt *all, size_t n, struct err *e)
{
	for (size_t i = 0; i < n; i++)
		if (!pg_exec(db, all[i], NULL, e, PG_INT(org_id)))
			return false;
	return true;
}

static bool tell(struct pg *db, const struct match_by *by, enum stmt told, struct err *e)
{
	struct pg_rows ignored;
	return pg_query(db, STMT_HISTORY_TELL, &ignored, e, PG_INT(0), PG_TEXT(by->user_name),
		       PG_INT(0)) &&
	       pg_exec(db, told, NULL, e, PG_INT(by->org_id), PG_TEXT(by->user_name));
}

bool match_join(struct pg *db, const struct match_by *by, int64_t *n_r, int64_t *failed_r,
	struct err *e)
{
	static const enum stmt all[] = {STMT_MATCH_HISTORY, STMT_MATCH_UNLINK,
		STMT_MATCH_FOLLOW, STMT_MATCH_FIX, STMT_MATCH_FOLD_TWIN, STMT_MATCH_TAKE,
		STMT_MATCH_LINKS, STMT_MATCH_CONTACTS_DROP};
	struct pg_rows ignored;
	size_t n = 0, failed = 0;
	if (!pg_query(db, STMT_MATCH_LOCK, &ignored, e, PG_INT(by->org_id)) ||
		!pg_exec(db, STMT_MATCH_FAIL, &failed, e, PG_INT(by->org_id),
			PG_INT(by->user_id)) ||
		!pg_exec(db, STMT_MATCH_JOIN, &n, e, PG_INT(by->org_id), PG_INT(by->user_id)))
		return false;
	*n_r = (int64_t)n;
	*failed_r = (int64_t)failed;
	return n == 0 || (steps(db, by->org_id, all, ARRAY_LEN(all), e) &&
				 tell(db, by, STMT_MATCH_TOLD, e) &&
				 steps(db, by->org_id, (enum stmt[]){STMT_MATCH_JOINED}, 1, e));
}

bool match_part(struct pg *db, const struct match_by *by, int64_t *n_r, struct err *e)
{
	static const enum stmt all[] = {STMT_PART_UNLINK, STMT_PART_CONTACTS, STMT_PART_STAYS,
		STMT_PART_GOES, STMT_PART_LINKS, STMT_PART_FOLLOW, STMT_PART_FIX,
		STMT_PART_HISTORY};
	struct pg_rows ignored;
	size_t n = 0;
	if (!pg_query(db, STMT_MATCH_LOCK, &ignored, e, PG_INT(by->org_id)) ||
		!pg_exec(db, STMT_PART_BEGIN, &n, e, PG_INT(by->org_id), PG_INT(by->user_id)))
		return false;
	*n_r = (int64_t)n;
	return steps(db, by->org_id, all, n == 0 ? 0 : ARRAY_LEN(all), e) &&
	       (n == 0 || tell(db, by, STMT_PART_TOLD, e)) &&
	       pg_exec(db, STMT_PART_DONE, NULL, e, PG_INT(by->org_id), PG_INT(by->user_id));
}

bool match_detect(struct pg *db, int64_t org_id, int64_t run_id, struct match_found *found_r,
	struct err *e)
{
	struct pg_rows r;
	*found_r = (struct match_found){.n = 0};
	if (!pg_query(db, STMT_MATCH_DETECT, &r, e, PG_INT(org_id), PG_INT(run_id)))
		return false;
	if (r.n > 0)
		*found_r = (struct match_found){.n = pg_int(&r, 0, 0),
			.goes_id = pg_int(&r, 0, 1),
			.goes = pg_text(&r, 0, 2),
			.stays = pg_text(&r, 0, 3)};
	return true;
}
