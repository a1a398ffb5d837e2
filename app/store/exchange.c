#include "store/exchange.h"

#include "store/scope.h"

static const struct secret *secret_of(struct arena *a, const char *text)
{
	return text == NULL ? NULL : secret_new(a, text, strlen(text));
}

bool exchange_claim(struct pg *db, struct arena *a, int64_t org_id, int64_t attempt_id,
	struct exchange *x_r, struct err *e)
{
	struct pg_rows r;
	*x_r = (struct exchange){0};
	if (!pg_query(db, STMT_EXCHANGE_CLAIM, &r, e, PG_INT(attempt_id), PG_INT(org_id)))
		return false;
	if (r.n == 0)
		return true;
	*x_r = (struct exchange){
		.found = true,
		.code = secret_of(a, pg_text(&r, 0, 0)),
		.verifier = secret_of(a, pg_text(&r, 0, 1)),
		.nonce = pg_text(&r, 0, 2),
		.user_id = pg_int(&r, 0, 3),
		.preview = pg_bool(&r, 0, 4),
	};
	return true;
}

bool exchange_look(struct pg *db, int64_t org_id, int64_t attempt_id,
	struct exchange_state *s_r, struct err *e)
{
	struct pg_rows r;
	*s_r = (struct exchange_state){0};
	if (!pg_query(db, STMT_EXCHANGE_LOOK, &r, e, PG_INT(attempt_id), PG_INT(org_id)))
		return false;
	if (r.n > 0)
		*s_r = (struct exchange_state){.found = true,
			.stage = pg_text(&r, 0, 0),
			.grant_id = pg_int(&r, 0, 1),
			.user_id = pg_int(&r, 0, 2),
			.over = pg_bool(&r, 0, 3),
			.came_from = pg_text(&r, 0, 4),
			.preview = pg_bool(&r, 0, 5)};
	return true;
}

bool exchange_stage(struct pg *db, int64_t org_id, int64_t attempt_id,
	const struct exchange_move *m, struct err *e)
{
	return pg_exec(db, STMT_EXCHANGE_STAGE, NULL, e, PG_INT(attempt_id), PG_INT(org_id),
		PG_TEXT(m->stage), PG_TEXT(m->cause), PG_INT(m->grant_id),
		PG_TEXT(m->came_from));
}

static bool offer(struct pg *db, int64_t org_id, int64_t attempt_id, const struct practice *p,
	size_t n, struct err *e)
{
	if (!pg_exec(db, STMT_EXCHANGE_CHOICES_DROP, NULL, e, PG_INT(org_id),
		    PG_INT(attempt_id)))
		return false;
	for (size_t i = 0; i < n; i++)
		if (!pg_exec(db, STMT_EXCHANGE_CHOICE_ADD, NULL, e, PG_INT(org_id),
			    PG_INT(attempt_id), PG_INT(i), PG_TEXT(p[i].tenant),
			    PG_TEXT(p[i].xero_connection), PG_TEXT(p[i].name),
			    PG_BOOL(p[i].preselected)))
			return false;
	return true;
}

bool exchange_offer(struct pg *db, int64_t org_id, int64_t attempt_id, const struct practice *p,
	size_t n, struct err *e)
{
	bool own = false;
	if (!scope_begin(db, org_id, &own, e))
		return false;
	return scope_end(db, own, offer(db, org_id, attempt_id, p, n, e), e);
}

bool exchange_offered(struct pg *db, struct arena *a, int64_t org_id, int64_t attempt_id,
	const struct practice **p_r, size_t *n_r, struct err *e)
{
	struct pg_rows r;
	if (!scope_once(db, org_id, STMT_EXCHANGE_CHOICES, &r, e, PG_INT(org_id),
		    PG_INT(attempt_id)))
		return false;
	struct practice *p = arena_array(a, struct practice, r.n);
	for (size_t i = 0; i < r.n; i++)
		p[i] = (struct practice){.tenant = pg_text(&r, i, 1),
			.xero_connection = pg_text(&r, i, 2),
			.name = pg_text(&r, i, 3),
			.preselected = pg_bool(&r, i, 4)};
	*p_r = p;
	*n_r = r.n;
	return true;
}

bool exchange_offer_over(struct pg *db, int64_t org_id, int64_t attempt_id, struct err *e)
{
	struct pg_rows r;
	return scope_once(db, org_id, STMT_EXCHANGE_CHOICES_DROP, &r, e, PG_INT(org_id),
		PG_INT(attempt_id));
}
