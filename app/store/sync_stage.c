#include "store/sync.h"

#include "codec/b64.h"
#include "store/stmt.h"

/* Columns of sync_stage_copy. */
enum cell {
	CELL_SEQ,
	CELL_ORD,
	CELL_XPM_ID,
	CELL_FRESH,
	CELL_NAME,
	CELL_WEB_URL,
	CELL_REASON,
	CELL_FLAGS,
	CELL_FINGERPRINT,
	CELL_SEARCH,
	CELL_CONTACT_XPM,
	CELL_EMAIL,
	CELL_PHONE,
	CELL_IS_PRIMARY,
	CELL__MAX
};

/* Seconds for the COPY: it is one statement, and lasts until the whole list has arrived. */
enum { STAGE_PATIENCE_S = 2 * 3600 };

struct stored {
	struct diff *diff;
};

static bool on_stored(void *user, const struct pg_rows *r, struct err *e)
{
	struct stored *s = user;
	unsigned char id[DIFF_ID_BYTES];
	struct str fingerprint = pg_bytes(r, 0, 1);
	if (!diff_id(pg_text(r, 0, 0), id))
		return err_set(e, ERR_INTERNAL, "A stored client has no usable id.");
	bool known = fingerprint.n == CLIENT_FINGERPRINT_BYTES;
	if (!diff_store(s->diff, id, known ? (const unsigned char *)fingerprint.p : NULL,
		    pg_bool(r, 0, 2), e))
		return false;
	if (pg_bool(r, 0, 3))
		diff_hold(s->diff, pg_bool(r, 0, 4));
	if (pg_bool(r, 0, 5))
		diff_bury(s->diff);
	return true;
}

bool sync_stored(struct pg *db, struct arena *a, const struct sync_key *k, struct diff **diff_r,
	struct err *e)
{
	struct pg_rows count;
	const struct pg_arg args[] = {PG_INT(k->org_id), PG_TEXT(k->tenant)};
	if (!pg_begin(db, k->org_id, e) ||
		!pg_query(db, STMT_SYNC_STORED_COUNT, &count, e, args[0], args[1]))
		return false;
	/*
	 * Only a run of this organisation adds rows, and that is this run: the count stays
	 * right.
	 */
	struct stored s = {diff_new(a, (size_t)pg_int(&count, 0, 0))};
	if (!pg_each(db, STMT_SYNC_STORED, e, args, ARRAY_LEN(args), on_stored, &s))
		return false;
	*diff_r = s.diff;
	return pg_commit(db, e);
}

static bool begin(struct pg *db, const struct sync_key *k, struct sync_stage *s, struct err *e)
{
	if (!s->made) {
		if (!pg_begin(db, k->org_id, e))
			return false;
		pg_patience(db, STAGE_PATIENCE_S);
		if (!pg_exec(db, STMT_SYNC_STAGE_MAKE, NULL, e))
			return false;
		s->made = true;
	}
	if (!s->copying && !pg_copy_start(db, STMT_SYNC_STAGE_COPY, e))
		return false;
	s->copying = true;
	return true;
}

bool sync_stage_flush(struct pg *db, struct sync_stage *s, struct err *e)
{
	if (!s->copying)
		return true;
	s->copying = false;
	return pg_copy_end(db, NULL, e) && pg_exec(db, STMT_SYNC_STAGE_ANALYSE, NULL, e);
}

static const char *reason_of(enum client_archive archive)
{
	switch (archive) {
	case CLIENT_ARCHIVED:
		return "archived_in_xpm";
	case CLIENT_DELETED:
		return "deleted_in_xpm";
	case CLIENT_LIVE:
		break;
	}
	return NULL;
}

/* Stored on the client's own row, for the brakes (sync_would_go). */
static bool primary_has_email(const struct client_record *r)
{
	for (size_t i = 0; i < r->n_contacts; i++)
		if (r->contacts[i].is_primary)
			return r->contacts[i].email != NULL;
	return false;
}

static bool stage_contacts(
	struct pg *db, const char *const *client, const struct client_record *r, struct err *e)
{
	char ord[24];
	const char *cells[CELL__MAX];
	memcpy(cells, client, sizeof cells);
	cells[CELL_WEB_URL] = cells[CELL_REASON] = cells[CELL_FLAGS] = NULL;
	cells[CELL_FINGERPRINT] = cells[CELL_SEARCH] = NULL;
	cells[CELL_ORD] = ord;
	for (size_t i = 0; i < r->n_contacts; i++) {
		const struct client_contact *c = &r->contacts[i];
		(void)snprintf(ord, sizeof ord, "%zu", i + 1);
		cells[CELL_NAME] = c->name;
		cells[CELL_CONTACT_XPM] = c->uuid;
		cells[CELL_EMAIL] = c->email;
		cells[CELL_PHONE] = c->phone;
		cells[CELL_IS_PRIMARY] = c->is_primary ? "t" : "f";
		if (!pg_copy_row(db, cells, CELL__MAX, e))
			return false;
	}
	return true;
}

bool sync_stage_client(struct pg *db, const struct sync_key *k, struct sync_stage *s,
	struct arena *scratch, const struct client_record *r, bool fresh, struct err *e)
{
	char seq[24], flags[24];
	if (!begin(db, k, s, e))
		return false;
	(void)snprintf(seq, sizeof seq, "%lld", (long long)++s->seq);
	(void)snprintf(flags, sizeof flags, "%d", r->flags);
	const char *hex = hex_encode(scratch, r->fingerprint, sizeof r->fingerprint);
	const char *cells[CELL__MAX] = {
		[CELL_SEQ] = seq,
		[CELL_ORD] = "0",
		[CELL_XPM_ID] = r->uuid,
		[CELL_FRESH] = fresh ? "t" : "f",
		[CELL_NAME] = r->name,
		[CELL_WEB_URL] = r->web_url,
		[CELL_REASON] = reason_of(r->archive),
		[CELL_FLAGS] = flags,
		[CELL_FINGERPRINT] = arena_printf(scratch, "\\x%s", hex),
		[CELL_SEARCH] = client_search_text(scratch, r),
		[CELL_IS_PRIMARY] = primary_has_email(r) ? "t" : "f",
	};
	if (!pg_copy_row(db, cells, CELL__MAX, e))
		return false;
	*(fresh ? &s->fresh : &s->changed) += 1;
	*(fresh ? &s->fresh_contacts : &s->changed_contacts) += (int64_t)r->n_contacts;
	return stage_contacts(db, cells, r, e);
}

bool sync_stage_gone(struct pg *db, const struct sync_key *k, struct sync_stage *s,
	const char *uuid, const char *reason, struct err *e)
{
	char seq[24];
	if (!begin(db, k, s, e))
		return false;
	(void)snprintf(seq, sizeof seq, "%lld", (long long)++s->seq);
	const char *cells[CELL__MAX] = {
		[CELL_SEQ] = seq,
		[CELL_ORD] = "-1",
		[CELL_XPM_ID] = uuid,
		[CELL_FRESH] = "f",
		[CELL_REASON] = reason,
	};
	s->gone++;
	return pg_copy_row(db, cells, CELL__MAX, e);
}
