/*
 * Pairs of rows that are one client (sql/migrations/0009_matching.sql): a client added by hand
 * and its twin from XPM, or a client gone from XPM and the client it continues as. People
 * decide on the web; the worker joins and separates pairs, whole sets in a fixed number of
 * statements, and keeps the history exact (store/as_at.h).
 */
#ifndef GAP_STORE_MATCH_H
#define GAP_STORE_MATCH_H

#include "core/match.h"
#include "io/pg.h"

/* MATCH_REACH: how many suggestions are accepted at a time. */
enum { MATCH_PAGE = 50, MATCH_REACH = 2000 };

/*
 * Is there something to decide on? Yes, while a practice is connected, if there is a client
 * added by hand, or one gone from XPM together with the client it may continue as.
 */
MUSTUSE bool match_any(struct pg *db, int64_t org_id, bool *any_r, struct err *e);

struct match_row {
	int64_t client_id;
	const char *name, *contact, *email; /* of the client added by hand; email NULL: none */
	int64_t twin_id;		    /* the XPM client that fits best; 0: none */
	const char *twin, *twin_contact, *twin_email;
	enum match_fit fit;
	bool asked;  /* the worker is matching it */
	bool failed; /* the last try failed: that XPM client was matched meanwhile */
	bool rest;   /* sorted after those with a suggestion and those being matched */
};
/* A keyset place: after this row. name NULL: from the start. */
struct match_key {
	const char *name;
	int64_t client_id;
	bool rest;
};
/*
 * Clients added by hand, after the key: first those with a suggestion or being matched, then
 * the others, each group by name. Up to MATCH_PAGE + 1 rows; the extra row means that more
 * follow. *suggested_r: suggestions on all pages together (0 when no row is after the key).
 */
MUSTUSE bool match_page(struct pg *db, struct arena *a, int64_t org_id,
	const struct match_key *after, const struct match_row **rows_r, size_t *n_r,
	int64_t *suggested_r, struct err *e);

/* Who decides. */
struct match_by {
	int64_t org_id, user_id;
	const char *user_name;
};
/*
 * Accepts the suggestions, at most MATCH_REACH, and queues the job, in the caller's
 * transaction. *n_r: how many.
 */
MUSTUSE bool match_ask_all(
	struct pg *db, const struct match_by *by, int64_t *n_r, struct err *e);
/* In the caller's transaction. ERR_CONFLICT: "This XPM client has been matched meanwhile." */
MUSTUSE bool match_ask(struct pg *db, const struct match_by *by, int64_t client_id,
	int64_t twin_id, struct err *e);
MUSTUSE bool match_refuse(struct pg *db, const struct match_by *by, int64_t client_id,
	int64_t twin_id, struct err *e);

struct pair_row {
	int64_t pair_id; /* 0: none */
	bool rejoin;	 /* true: a client gone from XPM and its continuation; false: a match */
	bool connected; /* the practice of both clients is connected, so they can be joined now */
	int64_t stays_id, goes_id;
	const char *stays, *goes, *reason, *by, *state;
	int64_t at;
};
/*
 * pairs_offered: pairs that may be joined. pairs_joined: joined, being joined, being separated.
 * Newest first.
 */
MUSTUSE bool pairs_offered(struct pg *db, struct arena *a, int64_t org_id,
	const struct pair_row **rows_r, size_t *n_r, struct err *e);
MUSTUSE bool pairs_joined(struct pg *db, struct arena *a, int64_t org_id,
	const struct pair_row **rows_r, size_t *n_r, struct err *e);
/* How many pairs wait for the worker, and when a pair last changed. A page polls this. */
MUSTUSE bool pairs_waiting(
	struct pg *db, int64_t org_id, int64_t *n_r, int64_t *changed_at_r, struct err *e);
/* The pair that the page of a client shows; pair_id 0: none. */
MUSTUSE bool pair_of_client(
	struct pg *db, int64_t org_id, int64_t client_id, struct pair_row *p_r, struct err *e);

enum pair_wish { PAIR_JOIN, PAIR_REFUSE, PAIR_PART };
/*
 * In the caller's transaction. ERR_NOT_FOUND: no such pair. ERR_CONFLICT: somebody else decided
 * first, or, for PAIR_JOIN, the practice is not connected.
 */
MUSTUSE bool pair_decide(struct pg *db, const struct match_by *by, int64_t pair_id,
	enum pair_wish wish, struct err *e);

/* ---- the worker's; in its transaction ---- */

/*
 * Does what the user asked for. *n_r: pairs joined or separated. *failed_r: pairs whose rows
 * had changed meanwhile.
 */
MUSTUSE bool match_join(struct pg *db, const struct match_by *by, int64_t *n_r,
	int64_t *failed_r, struct err *e);
MUSTUSE bool match_part(struct pg *db, const struct match_by *by, int64_t *n_r, struct err *e);

struct match_found {
	int64_t n; /* new pairs */
	/* The first by name: the client that has gone, and the one it may continue as. */
	int64_t goes_id;
	const char *goes, *stays;
};
/*
 * Among what the run archived as gone or added, finds pairs that may be one client, and offers
 * them.
 */
MUSTUSE bool match_detect(struct pg *db, int64_t org_id, int64_t run_id,
	struct match_found *found_r, struct err *e);

#endif
