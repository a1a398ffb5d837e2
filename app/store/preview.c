#include "store/preview.h"

#include "core/connection.h"
#include "store/jobs.h"
#include "store/scope.h"

bool preview_get(struct pg *db, int64_t org_id, struct preview *p_r, struct err *e)
{
	struct pg_rows r;
	*p_r = (struct preview){.open = false};
	if (!scope_once(db, org_id, STMT_PREVIEW_GET, &r, e, PG_INT(org_id)))
		return false;
	if (r.n == 0)
		return true;
	struct str state = str_of(pg_text(&r, 0, 3));
	*p_r = (struct preview){.open = true,
		.attempt_id = pg_int(&r, 0, 0),
		.user_id = pg_int(&r, 0, 1),
		.trigger = pg_text(&r, 0, 2),
		.ready = str_is(state, "ready"),
		.failed = str_is(state, "failed"),
		.why = pg_text(&r, 0, 4),
		.ends_at = pg_int(&r, 0, 5),
		.seen = pg_int(&r, 0, 6),
		.clients = pg_int(&r, 0, 7),
		.archived = pg_int(&r, 0, 8),
		.contacts = pg_int(&r, 0, 9),
		.prospects = pg_int(&r, 0, 10),
		.skipped = pg_int(&r, 0, 11),
		.flagged = pg_int(&r, 0, 12),
		.matches = pg_int(&r, 0, 13)};
	return true;
}

bool preview_sample(struct pg *db, struct arena *a, int64_t org_id,
	const struct preview_client **rows_r, size_t *n_r, struct err *e)
{
	struct pg_rows r;
	if (!scope_once(db, org_id, STMT_PREVIEW_SAMPLE, &r, e, PG_INT(org_id)))
		return false;
	struct preview_client *rows = arena_array(a, struct preview_client, r.n);
	for (size_t i = 0; i < r.n; i++)
		rows[i] = (struct preview_client){pg_text(&r, i, 0), pg_text(&r, i, 1),
			pg_text(&r, i, 2), pg_text(&r, i, 3), pg_bool(&r, i, 4)};
	*rows_r = rows;
	*n_r = r.n;
	return true;
}

bool preview_skips(struct pg *db, struct arena *a, int64_t org_id,
	const struct preview_skip **rows_r, size_t *n_r, struct err *e)
{
	struct pg_rows r;
	if (!scope_once(db, org_id, STMT_PREVIEW_SKIPS, &r, e, PG_INT(org_id),
		    PG_INT(PREVIEW_SKIPS_SHOWN)))
		return false;
	struct preview_skip *rows = arena_array(a, struct preview_skip, r.n);
	for (size_t i = 0; i < r.n; i++)
		rows[i] = (struct preview_skip){pg_text(&r, i, 0), pg_text(&r, i, 1)};
	*rows_r = rows;
	*n_r = r.n;
	return true;
}

static bool answered(struct err *e)
{
	return err_set(e, ERR_CONFLICT, "This preview has been answered already, or is over.");
}

/*
 * With `single`, at most one job of this kind an organisation; with NULL, as many as are asked
 * for.
 */
static bool queue(struct pg *db, int64_t org_id, const char *kind, const char *single,
	const char *payload, int due_in_s, struct err *e)
{
	struct arena *a = arena_new();
	bool added;
	const char *name =
		single == NULL ? NULL : arena_printf(a, "%s:%lld", single, (long long)org_id);
	bool ok = jobs_add(db, org_id, kind, payload, name, due_in_s, &added, e);
	arena_free(&a);
	return ok;
}

bool preview_import(struct pg *db, int64_t org_id, struct err *e)
{
	struct pg_rows r;
	bool ok = pg_query(db, STMT_PREVIEW_TAKE, &r, e, PG_INT(org_id));
	if (!ok || r.n == 0)
		return ok ? answered(e) : false;
	struct arena *a = arena_new();
	const char *payload = arena_printf(a, "{\"trigger\":\"%s\",\"user\":%lld}",
		pg_text(&r, 0, 0), (long long)pg_int(&r, 0, 1));
	ok = queue(db, org_id, "sync", "sync", payload, 0, e);
	arena_free(&a);
	return ok;
}

bool preview_end(struct pg *db, int64_t org_id, bool *moved_r, struct err *e)
{
	char from[CONNECTION_LIST_BYTES];
	size_t touched = 0;
	bool ok = pg_exec(db, STMT_PREVIEW_CANCEL, &touched, e, PG_INT(org_id),
		PG_TEXT(connection_leaves(CONNECTION_DISCONNECT, from)));
	*moved_r = touched == 1;
	return ok;
}

bool preview_cancel(struct pg *db, int64_t org_id, struct err *e)
{
	bool moved = false;
	if (!preview_end(db, org_id, &moved, e))
		return false;
	return moved ? queue(db, org_id, "preview_end", NULL, "{}", 0, e) : answered(e);
}

bool preview_again(struct pg *db, int64_t org_id, struct err *e)
{
	size_t touched = 0;
	if (!pg_exec(db, STMT_PREVIEW_AGAIN, &touched, e, PG_INT(org_id)))
		return false;
	return touched == 1 ? queue(db, org_id, "preview", "preview", "{}", 0, e) : answered(e);
}

bool preview_begin(struct pg *db, int64_t org_id, const struct preview *p, struct err *e)
{
	struct arena *a = arena_new();
	const char *late = arena_printf(a, "{\"late\":%lld}", (long long)p->attempt_id);
	bool ok = pg_exec(db, STMT_PREVIEW_BEGIN, NULL, e, PG_INT(org_id),
			  PG_INT(p->attempt_id), PG_INT(p->user_id), PG_TEXT(p->trigger)) &&
		  queue(db, org_id, "preview", "preview", "{}", 0, e) &&
		  queue(db, org_id, "preview_end", NULL, late, PREVIEW_LIFE_S, e);
	arena_free(&a);
	return ok;
}

bool preview_drop(struct pg *db, int64_t org_id, struct err *e)
{
	return pg_exec(db, STMT_PREVIEW_DROP, NULL, e, PG_INT(org_id));
}

bool preview_staged(struct pg *db, int64_t org_id, struct preview *p_r, const char **sample_r,
	struct err *e)
{
	struct pg_rows r;
	if (!pg_query(db, STMT_PREVIEW_STAGED, &r, e, PG_INT(org_id)))
		return false;
	p_r->clients = pg_int(&r, 0, 0);
	p_r->archived = pg_int(&r, 0, 1);
	p_r->contacts = pg_int(&r, 0, 2);
	p_r->flagged = pg_int(&r, 0, 3);
	p_r->matches = pg_int(&r, 0, 4);
	*sample_r = pg_text(&r, 0, 5);
	return true;
}

bool preview_ready(struct pg *db, int64_t org_id, const struct preview *p, const char *sample,
	const char *skips, struct err *e)
{
	struct pg_rows r;
	return scope_once(db, org_id, STMT_PREVIEW_READY, &r, e, PG_INT(org_id),
		PG_INT(p->attempt_id), PG_INT(p->seen), PG_INT(p->clients), PG_INT(p->archived),
		PG_INT(p->contacts), PG_INT(p->prospects), PG_INT(p->skipped),
		PG_INT(p->flagged), PG_INT(p->matches), PG_TEXT(sample), PG_TEXT(skips));
}

bool preview_failed(
	struct pg *db, int64_t org_id, int64_t attempt_id, const char *why, struct err *e)
{
	struct pg_rows r;
	return scope_once(db, org_id, STMT_PREVIEW_FAILED, &r, e, PG_INT(org_id),
		PG_INT(attempt_id), PG_TEXT(why));
}

bool preview_forget(struct pg *db, int64_t org_id, struct err *e)
{
	return pg_exec(db, STMT_PREVIEW_FORGET, NULL, e, PG_INT(org_id));
}
