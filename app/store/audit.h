/* The audit chain: append only, through one function of the database; verify walks the hashes. */
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
/* In the open transaction, or in one of its own. A security event whose line cannot be written does not happen. */
MUSTUSE bool audit_add(struct pg *db, const struct audit_entry *entry, struct err *e);

/*
 * Recomputes the chain. *bad_seq_r 0: whole; else the first row that does not fit, is missing, or was
 * cut off behind the head. The owner's; in a transaction of its own, as is the export.
 */
MUSTUSE bool audit_verify(
	struct pg *db, int64_t org_id, int64_t *rows_r, int64_t *bad_seq_r, struct err *e);

/* Every row as one line of JSON, oldest first. */
MUSTUSE bool audit_export(struct pg *db, int64_t org_id,
	bool (*line)(void *user, const char *json, struct err *e), void *user, struct err *e);

struct audit_row {
	int64_t seq, at;
	const char *who, *peer, *event, *result, *detail; /* who NULL: nobody who logged in */
};
struct audit_ask {
	int64_t before;	      /* 0: from the newest */
	const char *patterns; /* of LIKE, with blanks between: "login.% logout"; "": all */
	bool troubles;	      /* only what was refused or failed */
	int limit;
};
/* Newest first. */
MUSTUSE bool audit_page(struct pg *db, struct arena *a, int64_t org_id,
	const struct audit_ask *ask, const struct audit_row **rows_r, size_t *n_r,
	struct err *e);

/*
 * The chain's last link about a run as JSON, with what is needed to compute its hash again; NULL when the
 * run has none. Whoever keeps it can prove later that the link was not changed: audit_verify and the
 * export still hold the same hash at the same place.
 */
MUSTUSE bool audit_receipt(struct pg *db, struct arena *a, int64_t org_id, int64_t run_id,
	const char **json_r, struct err *e);

#endif
