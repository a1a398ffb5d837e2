#include "store/mails.h"

#include "store/scope.h"

bool mail_wishes(
	struct pg *db, int64_t org_id, int64_t user_id, struct mail_wishes *m_r, struct err *e)
{
	struct pg_rows r;
	bool ok = scope_once(
		db, org_id, STMT_MAIL_WISHES, &r, e, PG_INT(org_id), PG_INT(user_id));
	if (!scope_one(ok, &r, e, ERR_NOT_FOUND, "No such person."))
		return false;
	m_r->off = pg_text(&r, 0, 0);
	m_r->digest = mail_digest_parse(pg_text(&r, 0, 1));
	return true;
}

bool mail_wishes_set(struct pg *db, int64_t org_id, int64_t user_id,
	const struct mail_wishes *m, struct err *e)
{
	struct pg_rows r;
	return scope_once(db, org_id, STMT_MAIL_WISHES_SET, &r, e, PG_INT(org_id),
		PG_INT(user_id), PG_TEXT(m->off), PG_TEXT(mail_digest_name(m->digest)));
}

bool digest_people(struct pg *db, struct arena *a, int64_t org_id,
	const struct digest_person **rows_r, size_t *n_r, struct err *e)
{
	struct pg_rows r;
	if (!scope_once(db, org_id, STMT_DIGEST_PEOPLE, &r, e, PG_INT(org_id)))
		return false;
	struct digest_person *rows = arena_array(a, struct digest_person, r.n);
	for (size_t i = 0; i < r.n; i++)
		rows[i] = (struct digest_person){.user_id = pg_int(&r, i, 0),
			.digest = mail_digest_parse(pg_text(&r, i, 1)),
			.zone = pg_text(&r, i, 2),
			.since = pg_int(&r, i, 3),
			.until = pg_int(&r, i, 4)};
	*rows_r = rows;
	*n_r = r.n;
	return true;
}

bool digest_advance(struct pg *db, int64_t org_id, int64_t user_id, int64_t until,
	bool *first_r, struct err *e)
{
	struct pg_rows r;
	bool ok = scope_once(db, org_id, STMT_DIGEST_ADVANCE, &r, e, PG_INT(org_id),
		PG_INT(user_id), PG_INT(until));
	*first_r = ok && r.n == 1;
	return ok;
}

bool digest_runs(struct pg *db, int64_t org_id, int64_t from, int64_t to,
	struct digest_counts *c_r, struct err *e)
{
	struct pg_rows r;
	int c = 0;
	if (!scope_once(db, org_id, STMT_DIGEST_RUNS, &r, e, PG_INT(org_id), PG_INT(from),
		    PG_INT(to)))
		return false;
	int64_t *const to_fill[] = {&c_r->runs, &c_r->good, &c_r->failed, &c_r->held,
		&c_r->added, &c_r->changed, &c_r->archived, &c_r->restored, &c_r->problems};
	for (size_t i = 0; i < ARRAY_LEN(to_fill); i++)
		*to_fill[i] = pg_int(&r, 0, c++);
	return true;
}
