#include "store/connections.h"

#include "store/scope.h"

static struct str hash_of(const unsigned char *hash)
{
	return (struct str){(const char *)hash, 32};
}

bool attempts_add(struct pg *db, const struct attempt_new *n, struct err *e)
{
	return pg_exec(db, STMT_ATTEMPT_ADD, NULL, e, PG_BYTES(hash_of(n->state_hash)),
		PG_INT(n->session_id), PG_INT(n->org_id), PG_INT(n->user_id), PG_TEXT(n->nonce),
		PG_TEXT(n->verifier), PG_BOOL(n->preview), PG_BOOL(n->standby));
}

struct taker {
	int64_t org_id, session_id;
	const unsigned char *state_hash;
};

static bool take(struct pg *db, const struct taker *t, int stmt, const char *text,
	int64_t *attempt_id_r, struct err *e)
{
	struct pg_rows r;
	if (!pg_query(db, stmt, &r, e, PG_INT(t->org_id), PG_INT(t->session_id),
		    PG_BYTES(hash_of(t->state_hash)), PG_TEXT(text)))
		return false;
	*attempt_id_r = r.n == 0 ? 0 : pg_int(&r, 0, 0);
	return true;
}

bool attempts_is_standby(
	struct pg *db, int64_t org_id, int64_t attempt_id, bool *standby_r, struct err *e)
{
	struct pg_rows r;
	if (!scope_once(db, org_id, STMT_ATTEMPT_IS_STANDBY, &r, e, PG_INT(attempt_id),
		    PG_INT(org_id)))
		return false;
	*standby_r = r.n > 0 && pg_bool(&r, 0, 0);
	return true;
}

bool attempts_refusal(
	struct pg *db, int64_t org_id, enum connection_cause *cause_r, struct err *e)
{
	struct pg_rows r;
	if (!scope_once(db, org_id, STMT_ATTEMPT_REFUSAL, &r, e, PG_INT(org_id)))
		return false;
	*cause_r = r.n == 0 ? CAUSE_NONE : connection_cause_parse(pg_text(&r, 0, 0));
	return true;
}

static bool take_code(struct pg *db, const struct taker *t, const char *code,
	int64_t *attempt_id_r, struct err *e)
{
	struct pg_rows r;
	char from[CONNECTION_LIST_BYTES];
	bool standby = false;
	if (!take(db, t, STMT_ATTEMPT_TAKE, code, attempt_id_r, e))
		return false;
	if (*attempt_id_r == 0)
		return true;
	if (!attempts_is_standby(db, t->org_id, *attempt_id_r, &standby, e))
		return false;
	if (standby)
		return pg_exec(db, STMT_ATTEMPT_QUEUE_STANDBY, NULL, e, PG_INT(t->org_id),
			PG_INT(*attempt_id_r));
	if (!pg_query(db, STMT_CONNECTION_CONNECTING, &r, e, PG_INT(t->org_id),
		    PG_TEXT(connection_leaves(CONNECTION_CALLBACK, from))))
		return false;
	if (r.n > 0)
		return pg_exec(db, STMT_ATTEMPT_QUEUE, NULL, e, PG_INT(t->org_id),
			PG_INT(*attempt_id_r), PG_TEXT(pg_text(&r, 0, 0)));
	/*
	 * The connection is busy with another attempt or a disconnect: this one is used up
	 * without effect.
	 */
	int64_t spent = *attempt_id_r;
	*attempt_id_r = 0;
	return pg_exec(db, STMT_ATTEMPT_DROP, NULL, e, PG_INT(spent), PG_INT(t->org_id));
}

static bool take_refusal(struct pg *db, const struct taker *t, enum connection_cause cause,
	int64_t *attempt_id_r, struct err *e)
{
	const char *name = connection_cause_name(cause);
	if (!take(db, t, STMT_ATTEMPT_REFUSE, name, attempt_id_r, e))
		return false;
	return *attempt_id_r == 0 || connections_note_cause(db, t->org_id, cause, e);
}

bool attempts_return(struct pg *db, int64_t org_id, int64_t session_id,
	const unsigned char *state_hash, const char *code, enum connection_cause cause,
	int64_t *attempt_id_r, struct err *e)
{
	struct taker t = {org_id, session_id, state_hash};
	bool own;
	*attempt_id_r = 0;
	if (!scope_begin(db, org_id, &own, e))
		return false;
	bool ok = code != NULL ? take_code(db, &t, code, attempt_id_r, e)
			       : take_refusal(db, &t, cause, attempt_id_r, e);
	return scope_end(db, own, ok, e);
}

bool attempts_choices(struct pg *db, struct arena *a, int64_t org_id, int64_t *attempt_id_r,
	const struct choice **choices_r, size_t *n_r, struct err *e)
{
	struct pg_rows r;
	if (!scope_once(db, org_id, STMT_ATTEMPT_CHOICES, &r, e, PG_INT(org_id)))
		return false;
	struct choice *choices = arena_array(a, struct choice, r.n);
	size_t n = 0;
	*attempt_id_r = r.n == 0 ? 0 : pg_int(&r, 0, 0);
	for (; n < r.n && pg_int(&r, n, 0) == *attempt_id_r; n++) {
		const char *name = pg_text(&r, n, 2);
		choices[n] = (struct choice){.idx = pg_int(&r, n, 1),
			.name = name != NULL ? name : arena_printf(a, "Practice %zu", n + 1),
			.preselected = pg_bool(&r, n, 3)};
	}
	*choices_r = choices;
	*n_r = n;
	return true;
}

bool attempts_choose(
	struct pg *db, int64_t org_id, int64_t attempt_id, int64_t idx, struct err *e)
{
	struct pg_rows r;
	if (idx < -1 || idx > INT32_MAX)
		return err_set(e, ERR_INVALID, "Choose a practice from the list.");
	bool ok = scope_once(db, org_id, STMT_ATTEMPT_CHOOSE, &r, e, PG_INT(org_id),
		PG_INT(attempt_id), PG_INT(idx));
	return scope_one(
		ok, &r, e, ERR_CONFLICT, "This choice is no longer open. Connect again.");
}
