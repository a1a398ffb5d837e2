#include "store/sync.h"

#include "core/connection.h"
#include "store/scope.h"

/* Planner settings for this transaction. */
static bool set_ways(struct pg *db, struct err *e)
{
	struct pg_rows ignored;
	return pg_query(db, STMT_SYNC_WAYS, &ignored, e);
}

bool sync_fold_doubles(struct pg *db, const struct sync_key *k, int64_t *told_r, struct err *e)
{
	struct pg_rows r;
	if (!pg_query(db, STMT_SYNC_DOUBLES, &r, e, PG_INT(k->org_id), PG_INT(k->run_id)))
		return false;
	*told_r = pg_int(&r, 0, 0);
	return pg_exec(db, STMT_SYNC_FOLD, NULL, e);
}

bool sync_would_go(struct pg *db, const struct sync_key *k, int64_t *archive_r,
	int64_t *blank_r, struct err *e)
{
	struct pg_rows r;
	if (!set_ways(db, e) ||
		!pg_query(db, STMT_SYNC_WOULD_GO, &r, e, PG_INT(k->org_id), PG_TEXT(k->tenant)))
		return false;
	*archive_r = pg_int(&r, 0, 0);
	*blank_r = pg_int(&r, 0, 1);
	return true;
}

bool sync_bury(
	struct pg *db, const struct sync_key *k, struct run_counts *counts, struct err *e)
{
	struct pg_rows r;
	if (!set_ways(db, e) ||
		!pg_exec(db, STMT_SYNC_BURY_KNOWN, NULL, e, PG_INT(k->org_id),
			PG_TEXT(k->tenant)) ||
		!pg_query(db, STMT_SYNC_BURY, &r, e, PG_INT(k->org_id), PG_TEXT(k->tenant)))
		return false;
	counts->excluded += pg_int(&r, 0, 0);
	return true;
}

bool sync_note_held(struct pg *db, const struct sync_key *k, struct err *e)
{
	return pg_exec(db, STMT_SYNC_HELD, NULL, e, PG_INT(k->org_id), PG_TEXT(k->tenant),
		PG_INT(k->run_id));
}

struct step {
	enum stmt stmt;
	bool wanted;
};

/* Statements with the arguments organisation, tenant and run. */
static bool tell(struct pg *db, const struct sync_key *k, const struct step *steps, size_t n,
	struct err *e)
{
	for (size_t i = 0; i < n; i++)
		if (steps[i].wanted && !pg_exec(db, steps[i].stmt, NULL, e, PG_INT(k->org_id),
					       PG_TEXT(k->tenant), PG_INT(k->run_id)))
			return false;
	return true;
}

/* Statements with the arguments organisation and tenant. */
static bool move(struct pg *db, const struct sync_key *k, const struct step *steps, size_t n,
	struct err *e)
{
	for (size_t i = 0; i < n; i++)
		if (steps[i].wanted && !pg_exec(db, steps[i].stmt, NULL, e, PG_INT(k->org_id),
					       PG_TEXT(k->tenant)))
			return false;
	return true;
}

bool sync_tell_history(
	struct pg *db, const struct sync_key *k, const struct sync_stage *s, struct err *e)
{
	const struct step steps[] = {
		{STMT_SYNC_TOLD_CLIENT, s->changed > 0},
		{STMT_SYNC_TOLD_PRIMARY, s->changed > 0},
		{STMT_SYNC_TOLD_CONTACTS, s->changed_contacts > 0},
		{STMT_SYNC_TOLD_REMOVED, s->changed > 0},
		{STMT_SYNC_TOLD_SHARED,
			!s->empty && s->changed_contacts + s->fresh_contacts > 0},
		{STMT_SYNC_TOLD_GONE, s->gone > 0},
	};
	return tell(db, k, steps, ARRAY_LEN(steps), e);
}

static bool change_contacts(
	struct pg *db, const struct sync_key *k, const struct sync_stage *s, struct err *e)
{
	bool any = s->changed_contacts + s->fresh_contacts > 0;
	/* A new client may change a contact that is stored already. */
	const struct step steps[] = {
		{STMT_SYNC_CONTACTS_CHANGE, any && !s->empty},
		{STMT_SYNC_CONTACTS_ADD, any},
	};
	return move(db, k, steps, ARRAY_LEN(steps), e);
}

static bool change_clients(
	struct pg *db, const struct sync_key *k, const struct sync_stage *s, struct err *e)
{
	const struct step steps[] = {
		{STMT_SYNC_CLIENTS_ADD, s->fresh > 0},
		{STMT_SYNC_CLIENTS_CHANGE, s->changed > 0},
		{STMT_SYNC_CLIENTS_GONE, s->gone > 0},
	};
	return tell(db, k, steps, ARRAY_LEN(steps), e);
}

static bool change_links(
	struct pg *db, const struct sync_key *k, const struct sync_stage *s, struct err *e)
{
	size_t removed = 0;
	const struct step steps[] = {
		{STMT_SYNC_LINKS_FRESH, s->fresh_contacts > 0},
		{STMT_SYNC_LINKS_CHANGE, s->changed_contacts > 0},
	};
	if (s->changed > 0 && !pg_exec(db, STMT_SYNC_LINKS_REMOVE, &removed, e,
				      PG_INT(k->org_id), PG_TEXT(k->tenant)))
		return false;
	if (!move(db, k, steps, ARRAY_LEN(steps), e))
		return false;
	return removed == 0 || pg_exec(db, STMT_SYNC_CONTACTS_REMOVE, NULL, e,
				       PG_INT(k->org_id), PG_INT(k->run_id));
}

static bool tally(
	struct pg *db, const struct sync_key *k, struct run_counts *counts, struct err *e)
{
	struct pg_rows r;
	if (!pg_query(db, STMT_SYNC_TALLY, &r, e, PG_INT(k->org_id), PG_INT(k->run_id)))
		return false;
	counts->added += pg_int(&r, 0, 0);
	counts->changed += pg_int(&r, 0, 1);
	counts->archived += pg_int(&r, 0, 2);
	counts->restored += pg_int(&r, 0, 3);
	return true;
}

bool sync_apply(struct pg *db, const struct sync_key *k, const struct sync_stage *s,
	struct run_counts *counts, struct err *e)
{
	const struct step keep = {STMT_SYNC_KEEP_HELD, s->held};
	return set_ways(db, e) && move(db, k, &keep, 1, e) && sync_tell_history(db, k, s, e) &&
	       change_contacts(db, k, s, e) && change_clients(db, k, s, e) &&
	       change_links(db, k, s, e) && tally(db, k, counts, e);
}

bool sync_live_counts(struct pg *db, const struct sync_key *k, int64_t *clients_r,
	int64_t *contacts_r, struct err *e)
{
	struct pg_rows r;
	if (!pg_query(db, STMT_SYNC_LIVE_COUNTS, &r, e, PG_INT(k->org_id), PG_TEXT(k->tenant)))
		return false;
	*clients_r = pg_int(&r, 0, 0);
	*contacts_r = pg_int(&r, 0, 1);
	return true;
}

bool sync_not_asked(struct pg *db, struct arena *a, const struct sync_key *k,
	const unsigned char (**ids_r)[DIFF_ID_BYTES], size_t *n_r, struct err *e)
{
	struct pg_rows r;
	size_t n = 0;
	if (!scope_once(db, k->org_id, STMT_SYNC_NOT_ASKED, &r, e, PG_INT(k->org_id),
		    PG_TEXT(k->tenant), PG_TEXT(connection_cause_name(CAUSE_CHANGES_ONLY))))
		return false;
	unsigned char(*ids)[DIFF_ID_BYTES] = arena_alloc_array(a, r.n, sizeof *ids);
	for (size_t i = 0; i < r.n; i++)
		n += pg_text(&r, i, 0) != NULL && diff_id(pg_text(&r, i, 0), ids[n]);
	*ids_r = (const unsigned char(*)[DIFF_ID_BYTES])ids;
	*n_r = n;
	return true;
}

bool sync_skips(struct pg *db, const struct sync_key *k, const char *rows, struct err *e)
{
	return pg_exec(db, STMT_SYNC_SKIPS, NULL, e, PG_INT(k->org_id), PG_INT(k->run_id),
		PG_TEXT(rows));
}

bool sync_forget_fingerprints(struct pg *db, int64_t org_id, const char *tenant, struct err *e)
{
	return pg_exec(
		db, STMT_SYNC_FORGET_FINGERPRINTS, NULL, e, PG_INT(org_id), PG_TEXT(tenant));
}
