/*
 * Xero's token sets and what hangs on them, the worker's alone: one grant a
 * Xero user, refreshed by one process at a time, named by connections; what is
 * still to be removed at Xero; which organisation has a practice; how many
 * calls it has had. Boxes come and go sealed: opening them is worker/tokens.h.
 */
#ifndef GAP_STORE_GRANTS_H
#define GAP_STORE_GRANTS_H

#include "io/pg.h"

struct grant {
	int64_t grant_id, generation;
	struct str sealed;
	const char *xero_userid; /* canonical UUID: what the box is bound to */
	const char *scopes;
	int64_t access_left_s; /* may be negative */
	bool refreshing;       /* somebody is at it, since less than 45 s */
	bool uncertain;	       /* a refresh left and its answer was not stored */
	int64_t cool_s;	       /* nobody may try before */
	bool dead;
	int64_t idle_days; /* since its refresh */
};
/* grant_id 0 in *g_r: forgotten. */
MUSTUSE bool grant_get(struct pg *db, int64_t grant_id, struct grant *g_r, struct err *e);

/*
 * One statement makes `owner` the refresher of this generation, durably, before a byte leaves. *won_r
 * false: somebody else is, it is dead, cooling down, or another generation is stored.
 */
MUSTUSE bool grant_claim(
	struct pg *db, const struct grant *g, const char *owner, bool *won_r, struct err *e);

struct grant_tokens {
	struct str sealed;
	uint32_t key_id;
	int life_s;
	const char *scopes; /* "": as before */
};
/* *stored_r false: another generation is there already, or the grant is gone. */
MUSTUSE bool grant_store(struct pg *db, const struct grant *g, const struct grant_tokens *t,
	bool *stored_r, struct err *e);
/* No new tokens. uncertain: the answer was lost, the same old token is tried again. 30 s to cool down. */
MUSTUSE bool grant_release(
	struct pg *db, const struct grant *g, const char *owner, bool uncertain, struct err *e);
/* *dead_r false: another generation is there. */
MUSTUSE bool grant_dead(struct pg *db, const struct grant *g, bool *dead_r, struct err *e);

/* A new consent: replaces the pair of that Xero user, or makes the grant. */
MUSTUSE bool grant_put(struct pg *db, const char *xero_userid, const struct grant_tokens *t,
	int64_t *grant_id_r, struct err *e);
/* The organisation's connection names it (0: none any more). */
MUSTUSE bool grant_use(struct pg *db, int64_t org_id, int64_t grant_id, struct err *e);
MUSTUSE bool grant_in_use(struct pg *db, int64_t grant_id, bool *used_r, struct err *e);
/* Deletes it when no connection, removal or choice under way needs it. */
MUSTUSE bool grant_forget(struct pg *db, int64_t grant_id, struct err *e);
/* Of those nothing needs, at most 100. */
MUSTUSE bool grant_orphans(
	struct pg *db, struct arena *a, const int64_t **ids_r, size_t *n_r, struct err *e);

/* Sealed with another key than this one, at most 100: grant_id, generation, sealed, xero_userid. */
MUSTUSE bool grant_old_keys(struct pg *db, struct arena *a, uint32_t newest,
	const struct grant **rows_r, size_t *n_r, struct err *e);
MUSTUSE bool grant_reseal(
	struct pg *db, const struct grant *g, const struct grant_tokens *t, struct err *e);

/* Ended here, still to be removed at Xero, for 24 hours. */
struct removal {
	int64_t removal_id, org_id, grant_id;
	const char *xero_connection;
	bool over;
};
MUSTUSE bool removal_add(struct pg *db, int64_t org_id, int64_t grant_id,
	const char *xero_connection, int64_t *id_r, struct err *e);
/* removal_id 0 in *r_r: done already. */
MUSTUSE bool removal_get(struct pg *db, int64_t id, struct removal *r_r, struct err *e);
/* 0: there is none. */
MUSTUSE bool removal_find(struct pg *db, int64_t grant_id, const char *xero_connection,
	int64_t *id_r, struct err *e);
MUSTUSE bool removal_done(struct pg *db, int64_t id, struct err *e);

/* A practice belongs to one organisation. */
MUSTUSE bool claim_tenant(
	struct pg *db, const char *tenant, int64_t org_id, bool *won_r, struct err *e);
MUSTUSE bool claim_owner(struct pg *db, const char *tenant, int64_t *org_id_r, struct err *e);
MUSTUSE bool claim_drop(struct pg *db, const char *tenant, int64_t org_id, struct err *e);
MUSTUSE bool claim_drop_others(
	struct pg *db, const char *tenant, int64_t org_id, struct err *e);

/*
 * One call to this practice: at most 60 in any minute and `day` a day, across all workers, and none
 * while Xero told us to wait. *wait_s_r 0: go; else seconds, and *long_r when it is the day or Xero.
 */
MUSTUSE bool budget_take(struct pg *db, const char *tenant, int64_t day, int *wait_s_r,
	bool *long_r, struct err *e);
/*
 * What Xero says: so many calls are left today (<= 0: not told), and seconds to leave free before the
 * next one. Never makes the budget larger.
 */
MUSTUSE bool budget_learn(struct pg *db, const char *tenant, int64_t day, int64_t day_left,
	int breathe_s, struct err *e);
/* One of 1..n, held by this connection until given back or gone; *lane_r 0: all are taken. */
MUSTUSE bool lane_take(struct pg *db, const char *tenant, int n, int *lane_r, struct err *e);
MUSTUSE bool lane_give(struct pg *db, const char *tenant, int lane, struct err *e);
/* A call was made for the organisation, whatever it was for and came to: what "Xero calls in 24 hours" counts. */
MUSTUSE bool meter_count(struct pg *db, int64_t org_id, struct err *e);
MUSTUSE bool budget_pause(struct pg *db, const char *tenant, int seconds, struct err *e);

#endif
