#include "store/jobs.h"

#include "codec/json.h"
#include "core/connection.h"
#include "store/scope.h"

/* A worker sends a heartbeat every ten seconds. */
enum { WORKER_SEEN_S = 30 };

bool jobs_add(struct pg *db, int64_t org_id, const char *kind, const char *payload,
	const char *single, int due_in_s, bool *added_r, struct err *e)
{
	struct pg_rows r;
	if (!pg_query(db, STMT_JOB_ADD, &r, e, PG_INT(org_id), PG_TEXT(kind),
		    PG_TEXT(payload == NULL ? "{}" : payload), PG_TEXT(single),
		    PG_INT(due_in_s)))
		return false;
	*added_r = r.n > 0 && pg_bool(&r, 0, 0);
	return true;
}

bool jobs_add_for(struct pg *db, int64_t org_id, const char *kind, int64_t user_id,
	const char *user_name, struct err *e)
{
	struct arena *a = arena_new();
	struct buf payload;
	bool added;
	buf_init(&payload, a, SIZE_MAX);
	buf_printf(&payload, "{\"user\":%lld,\"name\":", (long long)user_id);
	json_add_string(&payload, user_name);
	buf_addc(&payload, '}');
	bool ok = jobs_add(db, org_id, kind, payload.data, NULL, 0, &added, e);
	arena_free(&a);
	return ok;
}

bool jobs_take(struct pg *db, struct arena *a, const char *owner, struct job *job_r,
	int *wait_s_r, struct err *e)
{
	struct pg_rows r;
	(void)a;
	*job_r = (struct job){.job_id = 0};
	*wait_s_r = 0;
	if (!pg_query(db, STMT_JOB_TAKE, &r, e, PG_TEXT(owner), PG_INT(JOB_LEASE_S),
		    PG_INT(WORKER_SEEN_S)))
		return false;
	if (r.n > 0) {
		*job_r = (struct job){.job_id = pg_int(&r, 0, 0),
			.org_id = pg_int(&r, 0, 1),
			.kind = pg_text(&r, 0, 2),
			.payload = pg_text(&r, 0, 3),
			.attempts = (int)pg_int(&r, 0, 4),
			.lost = (int)pg_int(&r, 0, 5)};
		return true;
	}
	if (!pg_query(db, STMT_JOB_NEXT, &r, e))
		return false;
	*wait_s_r = (int)pg_int(&r, 0, 0);
	return true;
}

static bool still_ours(bool ok, size_t touched, struct err *e)
{
	return ok &&
	       (touched == 1 || err_set(e, ERR_CONFLICT,
					"The job's lease ran out; another worker has it."));
}

bool jobs_beat(struct pg *db, int64_t job_id, const char *owner, struct err *e)
{
	size_t touched = 0;
	bool ok = pg_exec(db, STMT_JOB_BEAT, &touched, e, PG_INT(job_id), PG_TEXT(owner),
		PG_INT(JOB_LEASE_S));
	return still_ours(ok, touched, e);
}

static int64_t rest_ms(int64_t took_ms)
{
	return took_ms * JOB_REST_TIMES;
}

static int64_t slow_s(int64_t took_ms)
{
	return took_ms < JOB_SLOW_S * 1000 ? 0 : JOB_SLOW_DAYS * 24 * 3600;
}

bool jobs_done(struct pg *db, int64_t job_id, const char *owner, int64_t took_ms, struct err *e)
{
	struct pg_rows r;
	bool ok = pg_query(db, STMT_JOB_DONE, &r, e, PG_INT(job_id), PG_TEXT(owner),
		PG_INT(rest_ms(took_ms)), PG_INT(slow_s(took_ms)));
	return still_ours(ok, ok ? (size_t)pg_int(&r, 0, 0) : 0, e);
}

static bool later(struct pg *db, int64_t job_id, const char *owner, int64_t took_ms,
	int due_in_s, bool tried, struct err *e)
{
	struct pg_rows r;
	bool ok = pg_query(db, STMT_JOB_LATER, &r, e, PG_INT(job_id), PG_TEXT(owner),
		PG_INT(rest_ms(took_ms)), PG_INT(slow_s(took_ms)), PG_INT(due_in_s),
		PG_BOOL(tried));
	return still_ours(ok, ok ? (size_t)pg_int(&r, 0, 0) : 0, e);
}

bool jobs_later(struct pg *db, int64_t job_id, const char *owner, int64_t took_ms, int due_in_s,
	struct err *e)
{
	return later(db, job_id, owner, took_ms, due_in_s, true, e);
}

bool jobs_put_off(struct pg *db, int64_t job_id, const char *owner, int due_in_s, struct err *e)
{
	return later(db, job_id, owner, 0, due_in_s, false, e);
}

bool jobs_hand(struct pg *db, int64_t job_id, const char *owner, bool *may_r, struct err *e)
{
	size_t touched = 0;
	bool ok = pg_exec(db, STMT_JOB_HAND, &touched, e, PG_INT(job_id), PG_TEXT(owner),
		PG_INT(JOB_LEASE_S));
	*may_r = ok && touched == 1;
	return ok;
}

bool jobs_unhand(struct pg *db, int64_t job_id, const char *owner, struct err *e)
{
	size_t touched = 0;
	bool ok = pg_exec(db, STMT_JOB_UNHAND, &touched, e, PG_INT(job_id), PG_TEXT(owner));
	return still_ours(ok, touched, e);
}

static char *manual_payload(struct arena *a, int64_t user_id, const char *user_name)
{
	struct buf out;
	buf_init(&out, a, SIZE_MAX);
	buf_printf(&out, "{\"trigger\":\"manual\",\"user\":%lld,\"name\":", (long long)user_id);
	json_add_string(&out, user_name);
	buf_addc(&out, '}');
	return out.data;
}

static bool not_syncing(const char *state, struct err *e)
{
	enum connection_state s = CONNECTION_NOT_CONNECTED;
	if (state != NULL && connection_state_parse(state, &s) &&
		s == CONNECTION_NEEDS_RECONNECT)
		return err_set(e, ERR_CONFLICT,
			"The connection to Xero Practice Manager is broken. An admin has to"
			" reconnect it under Org Settings > Integrations.");
	return err_set(e, ERR_CONFLICT,
		"Xero Practice Manager is not connected. An admin can connect it under Org"
		" Settings > Integrations.");
}

bool jobs_ask_sync(struct pg *db, int64_t org_id, int64_t user_id, const char *user_name,
	bool *running_r, int *wait_s_r, struct err *e)
{
	struct pg_rows r;
	struct arena *a = arena_new();
	char may[CONNECTION_LIST_BYTES];
	bool ok = scope_once(db, org_id, STMT_JOB_ASK_SYNC, &r, e, PG_INT(org_id),
		PG_TEXT(manual_payload(a, user_id, user_name)), PG_INT(CONNECTION_COOL_DOWN_S),
		PG_TEXT(connection_running(may)));
	arena_free(&a);
	*running_r = false;
	*wait_s_r = 0;
	if (!ok)
		return false;
	if (r.n == 0 || !pg_bool(&r, 0, 4))
		return not_syncing(r.n == 0 ? NULL : pg_text(&r, 0, 0), e);
	bool running = pg_bool(&r, 0, 1), asked = pg_bool(&r, 0, 3);
	if (!running && !asked)
		*wait_s_r = (int)pg_int(&r, 0, 2);
	/* No run, nothing added, no cool-down: a sync is queued and due already. */
	*running_r = running || (!asked && *wait_s_r == 0);
	return true;
}

bool workers_beat(struct pg *db, const char *worker, const char *version, struct err *e)
{
	return pg_exec(db, STMT_WORKER_BEAT, NULL, e, PG_TEXT(worker), PG_TEXT(version));
}

bool workers_seen(struct pg *db, int64_t *seconds_r, struct err *e)
{
	struct pg_rows r;
	if (!pg_query(db, STMT_WORKER_SEEN, &r, e))
		return false;
	*seconds_r = pg_int(&r, 0, 0);
	return true;
}

bool jobs_depth(struct pg *db, int64_t *waiting_r, int64_t *oldest_s_r, struct err *e)
{
	struct pg_rows r;
	if (!pg_query(db, STMT_JOB_DEPTH, &r, e))
		return false;
	*waiting_r = pg_int(&r, 0, 0);
	*oldest_s_r = pg_int(&r, 0, 1);
	return true;
}
