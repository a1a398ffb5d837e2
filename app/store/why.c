#include "store/why.h"

#include "store/jobs.h"
#include "store/scope.h"

static bool ask(struct pg *db, struct arena *a, int64_t org_id, int64_t client_id,
	int64_t user_id, bool *asked_r, struct err *e)
{
	struct pg_rows r;
	bool added = false;
	if (!pg_query(db, STMT_WHY_ASK, &r, e, PG_INT(org_id), PG_INT(client_id),
		    PG_INT(user_id)))
		return false;
	*asked_r = r.n > 0;
	return !*asked_r ||
	       jobs_add(db, org_id, "why",
		       arena_printf(a, "{\"client\":%lld}", (long long)client_id),
		       arena_printf(a, "why:%lld", (long long)client_id), 0, &added, e);
}

bool why_ask(struct pg *db, struct arena *a, int64_t org_id, int64_t client_id, int64_t user_id,
	bool *asked_r, struct err *e)
{
	bool own = false;
	return scope_begin(db, org_id, &own, e) &&
	       scope_end(db, own, ask(db, a, org_id, client_id, user_id, asked_r, e), e);
}

static enum why_state state_of(const char *name)
{
	struct str s = str_of(name);
	return str_is(s, "done") ? WHY_DONE : str_is(s, "failed") ? WHY_ERROR : WHY_ASKING;
}

static bool read_rows(struct pg *db, struct arena *a, int64_t org_id, int64_t client_id,
	struct why_answer *w_r, struct err *e)
{
	struct pg_rows r;
	if (!scope_once(db, org_id, STMT_WHY_ROWS, &r, e, PG_INT(org_id), PG_INT(client_id)))
		return false;
	struct why_row *rows = arena_array(a, struct why_row, r.n);
	for (size_t i = 0; i < r.n; i++)
		rows[i] = (struct why_row){.what = pg_text(&r, i, 0),
			.who = pg_text(&r, i, 1),
			.ours = pg_text(&r, i, 2),
			.theirs = pg_text(&r, i, 3),
			.reason = why_parse(pg_text(&r, i, 4)),
			.detail = pg_text(&r, i, 5)};
	w_r->rows = rows;
	w_r->n = r.n;
	return true;
}

bool why_get(struct pg *db, struct arena *a, int64_t org_id, int64_t client_id,
	struct why_answer *w_r, struct err *e)
{
	struct pg_rows r;
	*w_r = (struct why_answer){.state = WHY_NEVER};
	if (!scope_once(db, org_id, STMT_WHY_GET, &r, e, PG_INT(org_id), PG_INT(client_id)))
		return false;
	if (r.n == 0)
		return true;
	w_r->state = state_of(pg_text(&r, 0, 0));
	w_r->error = pg_text(&r, 0, 1);
	w_r->asked_at = pg_int(&r, 0, 2);
	return w_r->state != WHY_DONE || read_rows(db, a, org_id, client_id, w_r, e);
}

static enum why run_of(const char *state)
{
	struct str s = str_of(state);
	return str_is(s, "held") ? WHY_HELD : str_is(s, "failed") ? WHY_FAILED : WHY_CHANGED;
}

static bool read_contacts(struct pg *db, struct arena *a, int64_t org_id, int64_t client_id,
	struct why_ours *ours_r, struct err *e)
{
	struct pg_rows r;
	if (!scope_once(
		    db, org_id, STMT_WHY_CONTACTS, &r, e, PG_INT(org_id), PG_INT(client_id)))
		return false;
	struct client_contact *rows = arena_array(a, struct client_contact, r.n);
	for (size_t i = 0; i < r.n; i++)
		rows[i] = (struct client_contact){.uuid = pg_text(&r, i, 0),
			.name = pg_text(&r, i, 1),
			.email = pg_text(&r, i, 2),
			.phone = pg_text(&r, i, 3),
			.is_primary = pg_bool(&r, i, 4)};
	ours_r->contacts = rows;
	ours_r->n_contacts = r.n;
	return true;
}

bool why_stored(struct pg *db, struct arena *a, int64_t org_id, int64_t client_id,
	struct why_ours *ours_r, const char **xpm_id_r, struct err *e)
{
	struct pg_rows r;
	*xpm_id_r = NULL;
	if (!scope_once(db, org_id, STMT_WHY_CLIENT, &r, e, PG_INT(org_id), PG_INT(client_id)))
		return false;
	if (r.n == 0)
		return true;
	struct str print = pg_null(&r, 0, 3) ? STR("") : pg_bytes(&r, 0, 3);
	*xpm_id_r = pg_text(&r, 0, 0);
	*ours_r = (struct why_ours){.name = pg_text(&r, 0, 1),
		.archived = pg_bool(&r, 0, 2),
		.fingerprint = print.n == CLIENT_FINGERPRINT_BYTES
				       ? (const unsigned char *)print.p
				       : NULL,
		.undone = pg_bool(&r, 0, 4),
		.run = run_of(pg_text(&r, 0, 5))};
	return read_contacts(db, a, org_id, client_id, ours_r, e);
}

static bool store(struct pg *db, int64_t org_id, int64_t client_id, const struct why_answer *w,
	struct err *e)
{
	if (!pg_exec(db, STMT_WHY_CLEAR, NULL, e, PG_INT(org_id), PG_INT(client_id)))
		return false;
	for (size_t i = 0; w->error == NULL && i < w->n; i++)
		if (!pg_exec(db, STMT_WHY_ADD, NULL, e, PG_INT(org_id), PG_INT(client_id),
			    PG_INT(i), PG_TEXT(w->rows[i].what), PG_TEXT(w->rows[i].who),
			    PG_TEXT(w->rows[i].ours), PG_TEXT(w->rows[i].theirs),
			    PG_TEXT(why_name(w->rows[i].reason)), PG_TEXT(w->rows[i].detail)))
			return false;
	return pg_exec(db, STMT_WHY_END, NULL, e, PG_INT(org_id), PG_INT(client_id),
		PG_TEXT(w->error == NULL ? "done" : "failed"), PG_TEXT(w->error));
}

bool why_answer(struct pg *db, int64_t org_id, int64_t client_id, const struct why_answer *w,
	struct err *e)
{
	bool own = false;
	return scope_begin(db, org_id, &own, e) &&
	       scope_end(db, own, store(db, org_id, client_id, w, e), e);
}
