/*
 * Pairs of rows that are one client (sql/migrations/0009_matching.sql): a client added by hand and its twin of
 * XPM, or a client gone from XPM and the one it lives on in. People decide (the web's), the worker joins and
 * parts, whole sets in so many statements, history exact (store/as_at.h).
 */
#ifndef GAP_STORE_MATCH_H
#define GAP_STORE_MATCH_H

#include "core/match.h"
#include "io/pg.h"

/* So many suggestions are accepted at a time. */
enum { MATCH_PAGE = 50, MATCH_REACH = 2000 };

/*
 * Is there something to decide on, while a practice is connected: a client added by hand, or one gone
 * from XPM beside the one it may live on in?
 */
MUSTUSE bool match_any(struct pg *db, int64_t org_id, bool *any_r, struct err *e);

struct match_row {
	int64_t client_id;
	const char *name, *contact,
		*email;	 /* of the one added by hand; the latter NULL: none */
	int64_t twin_id; /* the nearest of XPM's; 0: none */
	const char *twin, *twin_contact, *twin_email;
	enum match_fit fit;
	bool asked;  /* is being matched */
	bool failed; /* the last try found the XPM client matched meanwhile */
	bool rest;   /* behind those with a suggestion or being matched */
};
/* A place in the list: behind this row of it. name NULL: the start. */
struct match_key {
	const char *name;
	int64_t client_id;
	bool rest;
};
/*
 * Clients added by hand after the key, those with a suggestion or being matched first, else by name. One more
 * than MATCH_PAGE: there are more. *suggested_r: on all pages together (0 where no row is after the key).
 */
MUSTUSE bool match_page(struct pg *db, struct arena *a, int64_t org_id,
	const struct match_key *after, const struct match_row **rows_r, size_t *n_r,
	int64_t *suggested_r, struct err *e);

/* Who decides. */
struct match_by {
	int64_t org_id, user_id;
	const char *user_name;
};
/* Inside; the job is queued with it. *n_r: how many suggestions were accepted, MATCH_REACH at most. */
MUSTUSE bool match_ask_all(
	struct pg *db, const struct match_by *by, int64_t *n_r, struct err *e);
/* Inside. ERR_CONFLICT: "This XPM client has been matched meanwhile." */
MUSTUSE bool match_ask(struct pg *db, const struct match_by *by, int64_t client_id,
	int64_t twin_id, struct err *e);
MUSTUSE bool match_refuse(struct pg *db, const struct match_by *by, int64_t client_id,
	int64_t twin_id, struct err *e);

struct pair_row {
	int64_t pair_id; /* 0: none */
	bool rejoin;	 /* else a match */
	bool connected;	 /* the practice of both is: else they cannot be joined now */
	int64_t stays_id, goes_id;
	const char *stays, *goes, *reason, *by, *state;
	int64_t at;
};
/* Offered to be joined; or joined, being joined and being parted ones. Newest first. */
MUSTUSE bool pairs_offered(struct pg *db, struct arena *a, int64_t org_id,
	const struct pair_row **rows_r, size_t *n_r, struct err *e);
MUSTUSE bool pairs_joined(struct pg *db, struct arena *a, int64_t org_id,
	const struct pair_row **rows_r, size_t *n_r, struct err *e);
/* How many wait for the worker, and when one changed last: has anything happened? */
MUSTUSE bool pairs_waiting(
	struct pg *db, int64_t org_id, int64_t *n_r, int64_t *changed_at_r, struct err *e);
/* What a client's page tells of it. */
MUSTUSE bool pair_of_client(
	struct pg *db, int64_t org_id, int64_t client_id, struct pair_row *p_r, struct err *e);

enum pair_wish { PAIR_JOIN, PAIR_REFUSE, PAIR_PART };
/* Inside. ERR_NOT_FOUND: no such pair; ERR_CONFLICT: somebody was faster, or, to join, their practice is not connected. */
MUSTUSE bool pair_decide(struct pg *db, const struct match_by *by, int64_t pair_id,
	enum pair_wish wish, struct err *e);

/* ---- the worker's, inside ---- */

/* Does what the person asked for. *n_r: pairs joined (parted); *failed_r: not any more what they were. */
MUSTUSE bool match_join(struct pg *db, const struct match_by *by, int64_t *n_r,
	int64_t *failed_r, struct err *e);
MUSTUSE bool match_part(struct pg *db, const struct match_by *by, int64_t *n_r, struct err *e);

struct match_found {
	int64_t n; /* new pairs */
	/* One of them, the first by name: the client that has gone, and the one it may live on in. */
	int64_t goes_id;
	const char *goes, *stays;
};
/* What the run archived as gone, or added: pairs offered to be joined. */
MUSTUSE bool match_detect(struct pg *db, int64_t org_id, int64_t run_id,
	struct match_found *found_r, struct err *e);

#endif
