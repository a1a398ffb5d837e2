/*
 * The audit chain. Rows are only appended, through one database function; audit_verify checks
 * the hashes.
 */
#ifndef GAP_STORE_AUDIT_H
#define GAP_STORE_AUDIT_H

#include "codec/hash.h"
#include "io/pg.h"

struct audit_entry {
	int64_t org_id;			   /* 0: the installation's chain */
	int64_t user_id;		   /* 0: none */
	const unsigned char *session_hash; /* HASH_BYTES, or NULL */
	const char *peer, *event, *result, *request_id,
		*detail; /* result: ok, refused, failed */
};
/*
 * Appends one row, in the caller's transaction or in one of its own. When this fails, the event
 * it records must not take place: roll back.
 */
MUSTUSE bool audit_add(struct pg *db, const struct audit_entry *entry, struct err *e);

/*
 * Recomputes the hashes of a chain. *bad_seq_r 0: the chain is intact; else the first row that
 * does not match, is missing, or was cut off at the end. Needs the role gap_owner. Begins its
 * own transaction, as audit_export does.
 */
MUSTUSE bool audit_verify(
	struct pg *db, int64_t org_id, int64_t *rows_r, int64_t *bad_seq_r, struct err *e);

/* Passes every row to `line`, as one line of JSON, oldest first. */
MUSTUSE bool audit_export(struct pg *db, int64_t org_id,
	bool (*line)(void *user, const char *json, struct err *e), void *user, struct err *e);

struct audit_row {
	int64_t seq, at;
	const char *who, *peer, *event, *result, *detail; /* who NULL: not logged in */
};
struct audit_ask {
	int64_t before; /* 0: from the newest */
	const char *
		patterns; /* LIKE patterns separated by blanks, as "login.% logout"; "": all events */
	bool troubles; /* only refused and failed events */
	int limit;
};
/* Newest first. */
MUSTUSE bool audit_page(struct pg *db, struct arena *a, int64_t org_id,
	const struct audit_ask *ask, const struct audit_row **rows_r, size_t *n_r,
	struct err *e);

/*
 * The newest audit row about a run, as JSON, with the values needed to compute its hash again.
 * NULL when the run has none. Whoever keeps this receipt can prove later that the row was not
 * changed: audit_verify and the export must still show the same hash at the same place.
 */
MUSTUSE bool audit_receipt(struct pg *db, struct arena *a, int64_t org_id, int64_t run_id,
	const char **json_r, struct err *e);

#endif
