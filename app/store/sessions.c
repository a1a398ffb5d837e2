#include "store/sessions.h"

#include "core/mfa.h"
#include "store/scope.h"

static struct str hash_of(const struct session_token *t)
{
	return (struct str){(const char *)t->hash, HASH_BYTES};
}

/* Columns of session_find. */
static void read_session(const struct pg_rows *r, struct who *w)
{
	w->session_id = pg_int(r, 0, 0);
	w->org_id = pg_int(r, 0, 1);
	w->user_id = pg_int(r, 0, 2);
	w->level = (int)pg_int(r, 0, 3);
	w->created_at = pg_time(r, 0, 4);
	w->fresh_at = pg_time(r, 0, 5);
	w->factor_misses = (int)pg_int(r, 0, 6);
	w->return_to = pg_text(r, 0, 7);
	w->flash_kind = pg_text(r, 0, 8);
	w->flash_text = pg_text(r, 0, 9);
}

/* Columns of session_known. */
static bool read_known(const struct pg_rows *r, struct who *w, struct err *e)
{
	int c = 0;
	w->email = pg_text(r, 0, c++);
	w->name = pg_text(r, 0, c++);
	if (!user_role_parse(pg_text(r, 0, c++), &w->role))
		w->role = USER_MEMBER;
	w->user_created_at = pg_time(r, 0, c++);
	w->org_name = pg_text(r, 0, c++);
	w->zone = pg_text(r, 0, c++);
	w->mfa_required_at = pg_time(r, 0, c++);
	w->mfa_grace_days = (int)pg_int(r, 0, c++);
	w->data_version = pg_int(r, 0, c++);
	w->has_factor = pg_bool(r, 0, c++);
	w->banner_closed = pg_bool(r, 0, c++);
	w->unread = pg_int(r, 0, c++);
	w->news = pg_text(r, 0, c++);
	return connections_read(r, c, &w->xpm, e);
}

static bool find_who(struct pg *db, struct arena *a, const struct session_token *t, bool alive,
	const struct who **who_r, struct err *e)
{
	struct pg_rows session, known;
	const struct pg_ask asks[] = {PG_ASK(STMT_SESSION_FIND, &session, PG_BYTES(hash_of(t)),
					      PG_INT(SESSION_IDLE_S)),
		PG_ASK(STMT_SESSION_KNOWN, &known)};
	*who_r = NULL;
	if (!pg_together(db, 0, asks, ARRAY_LEN(asks), e))
		return false;
	if (session.n == 0 || known.n == 0)
		return true;
	struct who *w = arena_new_of(a, struct who);
	read_session(&session, w);
	if (!read_known(&known, w, e))
		return false;
	memcpy(w->token_hash, t->hash, HASH_BYTES);
	*who_r = w;
	bool due = alive && pg_bool(&session, 0, 10);
	return !due || pg_exec(db, STMT_SESSION_ALIVE, NULL, e, PG_INT(w->session_id));
}

bool sessions_who(struct pg *db, struct arena *a, const struct session_token *t,
	const struct who **who_r, struct err *e)
{
	return find_who(db, a, t, true, who_r, e);
}

bool sessions_who_unseen(struct pg *db, struct arena *a, const struct session_token *t,
	const struct who **who_r, struct err *e)
{
	return find_who(db, a, t, false, who_r, e);
}

static const char *or_empty(const char *s)
{
	return s == NULL ? "" : s;
}

bool sessions_add(struct pg *db, const struct session_token *t, const struct session_new *s,
	int64_t *session_id_r, struct err *e)
{
	struct pg_rows r;
	int life_s = s->level == 1 ? SESSION_HALF_LIFE_S : SESSION_LIFE_S;
	if (!pg_query(db, STMT_SESSION_ADD, &r, e, PG_BYTES(hash_of(t)), PG_INT(s->org_id),
		    PG_INT(s->user_id), PG_INT(s->level), PG_INT(life_s), PG_TEXT(s->return_to),
		    PG_TEXT(or_empty(s->peer)), PG_TEXT(or_empty(s->user_agent))))
		return false;
	*session_id_r = pg_int(&r, 0, 0);
	return true;
}

static bool over(struct err *e)
{
	return err_set(e, ERR_CONFLICT, "Your session is over. Log in again.");
}

bool sessions_rise(
	struct pg *db, int64_t session_id, const struct session_token *t, struct err *e)
{
	size_t touched = 0;
	if (!pg_exec(db, STMT_SESSION_RISE, &touched, e, PG_INT(session_id),
		    PG_BYTES(hash_of(t)), PG_INT(SESSION_LIFE_S)))
		return false;
	return touched == 1 || over(e);
}

bool sessions_freshen(struct pg *db, int64_t session_id, struct err *e)
{
	size_t touched = 0;
	if (!pg_exec(db, STMT_SESSION_FRESHEN, &touched, e, PG_INT(session_id)))
		return false;
	return touched == 1 || over(e);
}

bool sessions_end(struct pg *db, int64_t session_id, struct err *e)
{
	return pg_exec(db, STMT_SESSION_END, NULL, e, PG_INT(session_id));
}

bool sessions_end_own(struct pg *db, const struct who *who, int64_t session_id, struct err *e)
{
	size_t touched = 0;
	if (!pg_exec(db, STMT_SESSION_END_OWN, &touched, e, PG_INT(who->org_id),
		    PG_INT(who->user_id), PG_INT(session_id)))
		return false;
	return touched == 1 || err_set(e, ERR_NOT_FOUND, "There is no such session.");
}

bool sessions_end_others(
	struct pg *db, int64_t org_id, int64_t user_id, int64_t but, struct err *e)
{
	return pg_exec(db, STMT_SESSION_END_OTHERS, NULL, e, PG_INT(org_id), PG_INT(user_id),
		PG_INT(but));
}

bool sessions_count_miss(struct pg *db, int64_t session_id, int *misses_r, struct err *e)
{
	struct pg_rows r;
	if (pg_in_transaction(db))
		bug("a miss is counted in a transaction of its own");
	if (!pg_query(db, STMT_SESSION_COUNT_MISS, &r, e, PG_INT(session_id)))
		return false;
	if (r.n == 0)
		return over(e);
	*misses_r = (int)pg_int(&r, 0, 0);
	return true;
}

bool sessions_flash(
	struct pg *db, int64_t session_id, const char *kind, const char *text, struct err *e)
{
	return pg_exec(db, STMT_SESSION_FLASH, NULL, e, PG_INT(session_id), PG_TEXT(kind),
		PG_TEXT(text));
}

bool sessions_flash_shown(struct pg *db, int64_t session_id, struct err *e)
{
	return sessions_flash(db, session_id, NULL, NULL, e);
}

bool sessions_return_to(struct pg *db, int64_t session_id, const char *address, struct err *e)
{
	return pg_exec(
		db, STMT_SESSION_RETURN_TO, NULL, e, PG_INT(session_id), PG_TEXT(address));
}

bool sessions_list(struct pg *db, struct arena *a, const struct who *who,
	const struct session_row **rows_r, size_t *n_r, struct err *e)
{
	struct pg_rows r;
	if (!pg_query(db, STMT_SESSION_LIST, &r, e, PG_INT(who->org_id), PG_INT(who->user_id),
		    PG_INT(SESSION_IDLE_S)))
		return false;
	struct session_row *rows = arena_array(a, struct session_row, r.n);
	for (size_t i = 0; i < r.n; i++)
		rows[i] = (struct session_row){.session_id = pg_int(&r, i, 0),
			.created_at = pg_int(&r, i, 1),
			.seen_at = pg_int(&r, i, 2),
			.peer = pg_text(&r, i, 3),
			.user_agent = pg_text(&r, i, 4),
			.own = pg_int(&r, i, 0) == who->session_id};
	*rows_r = rows;
	*n_r = r.n;
	return true;
}

/*
 * A refused guess is not counted: else an attacker who keeps guessing would keep the owner out
 * for ever.
 */
static bool count_guess(
	struct pg *db, const char *bucket, int allowed, int *wait_s_r, struct err *e)
{
	struct pg_rows r;
	if (!pg_query(db, STMT_THROTTLE_LOCK, &r, e, PG_TEXT(bucket)))
		return false;
	int64_t misses = pg_int(&r, 0, 0), last_at = pg_int(&r, 0, 1), now = pg_int(&r, 0, 2);
	*wait_s_r = throttle_wait_s((int)misses, allowed, last_at, now);
	if (*wait_s_r > 0)
		return true;
	/*
	 * Misses that are far apart do not add up: the count starts again when the last one, or
	 * the first one counted, is THROTTLE_WINDOW_S old.
	 */
	bool anew = now - last_at >= THROTTLE_WINDOW_S ||
		    now - pg_int(&r, 0, 3) >= THROTTLE_WINDOW_S;
	misses = anew ? 1 : misses + 1;
	return pg_exec(db, STMT_THROTTLE_SET, NULL, e, PG_TEXT(bucket), PG_INT(misses));
}

bool throttle_count(
	struct pg *db, const char *bucket, int allowed, int *wait_s_r, struct err *e)
{
	*wait_s_r = 0;
	if (pg_in_transaction(db))
		bug("a guess is counted in a transaction of its own");
	if (!pg_begin(db, 0, e))
		return false;
	return scope_end(db, true, count_guess(db, bucket, allowed, wait_s_r, e), e);
}

bool throttle_forgive(struct pg *db, const char *bucket, struct err *e)
{
	return pg_exec(db, STMT_THROTTLE_FORGIVE, NULL, e, PG_TEXT(bucket));
}

bool throttle_clear(struct pg *db, const char *bucket, struct err *e)
{
	return pg_exec(db, STMT_THROTTLE_CLEAR, NULL, e, PG_TEXT(bucket));
}

bool throttle_know(struct pg *db, const char *email_norm, const char *peer, struct err *e)
{
	unsigned char sum[HASH_BYTES];
	hash_sha256(email_norm, strlen(email_norm), sum);
	return pg_exec(db, STMT_THROTTLE_KNOW, NULL, e,
		PG_BYTES(((struct str){(const char *)sum, sizeof sum})), PG_TEXT(peer));
}

bool throttle_knows(
	struct pg *db, const char *email_norm, const char *peer, bool *known_r, struct err *e)
{
	struct pg_rows r;
	unsigned char sum[HASH_BYTES];
	hash_sha256(email_norm, strlen(email_norm), sum);
	if (!pg_query(db, STMT_THROTTLE_KNOWS, &r, e,
		    PG_BYTES(((struct str){(const char *)sum, sizeof sum})), PG_TEXT(peer)))
		return false;
	*known_r = r.n > 0;
	return true;
}
