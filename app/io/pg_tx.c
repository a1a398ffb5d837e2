#include "io/pg_int.h"

static void end_transaction(struct pg *db)
{
	db->tx = TX_NONE;
	db->due = (struct due){.org_id = 0};
	db->org_id = 0;
	wire_patience(db->wire, WIRE_PATIENCE_MS);
	pg_at_rest(db);
}

void pg_rollback(struct pg *db)
{
	struct err e;
	struct wire_reply ignored;
	pg_copy_abort(db);
	if (db->tx == TX_OPEN && (db->busy || !pg_simple(db, "ROLLBACK", &ignored, &e)))
		pg_reset(db);
	end_transaction(db);
}

/* Registered on the arena: rolls back this transaction there, never a later one. */
struct unended {
	struct pg *db;
	int64_t serial;
};

static void roll_back_unended(void *arg)
{
	const struct unended *u = arg;
	if (u->db->tx != TX_NONE && u->db->tx_serial == u->serial)
		pg_rollback(u->db);
}

bool pg_begin(struct pg *db, int64_t org_id, struct err *e)
{
	if (db->tx != TX_NONE)
		bug("a transaction inside a transaction");
	(void)e;
	db->tx = TX_DUE;
	db->tx_serial++;
	db->org_id = org_id;
	db->due = (struct due){.org_id = org_id};
	struct unended *u = arena_new_of(db->use, struct unended);
	*u = (struct unended){.db = db, .serial = db->tx_serial};
	arena_defer(db->use, roll_back_unended, u);
	return true;
}

bool pg_enter(struct pg *db, int64_t org_id, struct err *e)
{
	(void)e;
	if (db->tx == TX_NONE || db->org_id != 0 || org_id <= 0)
		bug("pg_enter needs an open transaction without organisation");
	db->org_id = org_id;
	db->due.org_id = org_id;
	return true;
}

void pg_patience(struct pg *db, int seconds)
{
	if (db->tx == TX_NONE)
		bug("pg_patience needs an open transaction");
	db->due.patience_s = seconds;
	/*
	 * Takes effect here at once: the setting is sent together with the next statement, for
	 * which we already wait longer.
	 */
	wire_patience(db->wire, seconds * 1000 + WIRE_GRACE_MS);
}

bool pg_in_transaction(const struct pg *db)
{
	return db->tx != TX_NONE;
}

static bool commit_open(struct pg *db, struct err *e)
{
	struct wire_reply reply = {.n = 0};
	if (!wire_is_up(db->wire))
		return err_set_after(e, ERR_UNAVAILABLE, 1,
			"The database connection was lost before the end of a transaction.");
	if (wire_state(db->wire) != WIRE_OPEN) {
		pg_rollback(db);
		return err_set(e, ERR_INTERNAL, "A failed transaction was to be committed.");
	}
	if (!pg_simple(db, "COMMIT", &reply, e)) {
		if (wire_state(db->wire) != WIRE_DOWN)
			return false;
		return err_set_after(e, ERR_UNCERTAIN, 1,
			"The database connection was lost while saving; it is not known"
			" whether the change was kept.");
	}
	if (strcmp(reply.tag, "COMMIT") != 0)
		return err_set(e, ERR_INTERNAL, "The database rolled back on COMMIT.");
	return true;
}

bool pg_commit(struct pg *db, struct err *e)
{
	if (db->tx == TX_NONE || db->busy)
		bug("pg_commit without a transaction, or inside pg_each or a COPY");
	bool ok = true;
	if (db->tx == TX_LOST)
		ok = err_set_after(e, ERR_UNAVAILABLE, 1,
			"The database connection was lost inside a transaction.");
	else if (db->tx == TX_OPEN) {
		db->wrote = true;
		ok = commit_open(db, e);
	}
	end_transaction(db);
	return ok;
}
