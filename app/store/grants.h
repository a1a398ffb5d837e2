/*
 * Grants: Xero's token sets, and what depends on them. Only the worker may use this file. There
 * is one grant a Xero user; one process at a time refreshes it; connections refer to it.
 * Besides: removals at Xero that are still to be done, which organisation holds a practice, and
 * the budget of calls. Tokens stay sealed here; worker/tokens.h opens them.
 */
#ifndef GAP_STORE_GRANTS_H
#define GAP_STORE_GRANTS_H

#include "io/pg.h"

struct grant {
	int64_t grant_id, generation;
	struct str sealed;
	const char *xero_userid; /* canonical UUID; the sealed box is bound to it */
	const char *scopes;
	int64_t access_left_s; /* may be negative */
	bool refreshing;       /* a process has claimed the refresh, less than 45 s ago */
	bool uncertain;	       /* a refresh was sent, and its answer was not stored */
	int64_t cool_s;	       /* seconds of back-off left before the next refresh */
	bool dead;
	int64_t idle_days; /* since the last refresh */
};
/* *g_r gets grant_id 0 when the grant was deleted. */
MUSTUSE bool grant_get(struct pg *db, int64_t grant_id, struct grant *g_r, struct err *e);

/*
 * Claims the refresh of this generation for `owner`, in one statement, committed before the
 * request is sent. *won_r false: another process holds the claim, the grant is dead or backs
 * off, or a newer generation is stored.
 */
MUSTUSE bool grant_claim(
	struct pg *db, const struct grant *g, const char *owner, bool *won_r, struct err *e);

struct grant_tokens {
	struct str sealed;
	uint32_t key_id;
	int life_s;
	const char *scopes; /* "": unchanged */
};
/*
 * Stores the new tokens. *stored_r false: another generation is stored already, or the grant
 * was deleted.
 */
MUSTUSE bool grant_store(struct pg *db, const struct grant *g, const struct grant_tokens *t,
	bool *stored_r, struct err *e);
/*
 * Gives up the claim without new tokens, with 30 s of back-off. uncertain: the answer was lost,
 * so the same old refresh token is tried again.
 */
MUSTUSE bool grant_release(
	struct pg *db, const struct grant *g, const char *owner, bool uncertain, struct err *e);
/* Marks the grant dead. *dead_r false: another generation is stored, so it lives. */
MUSTUSE bool grant_dead(struct pg *db, const struct grant *g, bool *dead_r, struct err *e);

/* A new consent: replaces the tokens of that Xero user, or makes the grant. */
MUSTUSE bool grant_put(struct pg *db, const char *xero_userid, const struct grant_tokens *t,
	int64_t *grant_id_r, struct err *e);
/* Makes the organisation's connection use this grant (0: none). */
MUSTUSE bool grant_use(struct pg *db, int64_t org_id, int64_t grant_id, struct err *e);
MUSTUSE bool grant_in_use(struct pg *db, int64_t grant_id, bool *used_r, struct err *e);
/* Deletes the grant if no connection, pending removal or open choice of a practice needs it. */
MUSTUSE bool grant_forget(struct pg *db, int64_t grant_id, struct err *e);
/* Grants that nothing needs any more, at most 100. */
MUSTUSE bool grant_orphans(
	struct pg *db, struct arena *a, const int64_t **ids_r, size_t *n_r, struct err *e);

/*
 * Grants sealed with another key than `newest`, at most 100. Set: grant_id, generation, sealed,
 * xero_userid.
 */
MUSTUSE bool grant_old_keys(struct pg *db, struct arena *a, uint32_t newest,
	const struct grant **rows_r, size_t *n_r, struct err *e);
MUSTUSE bool grant_reseal(
	struct pg *db, const struct grant *g, const struct grant_tokens *t, struct err *e);

/* A connection that ended here and must still be removed at Xero. It is tried for 24 hours. */
struct removal {
	int64_t removal_id, org_id, grant_id;
	const char *xero_connection;
	bool over;
};
MUSTUSE bool removal_add(struct pg *db, int64_t org_id, int64_t grant_id,
	const char *xero_connection, int64_t *id_r, struct err *e);
/* removal_id 0 in *r_r: there is no such removal any more. */
MUSTUSE bool removal_get(struct pg *db, int64_t id, struct removal *r_r, struct err *e);
/* The pending removal of this connection; *id_r 0: none. */
MUSTUSE bool removal_find(struct pg *db, int64_t grant_id, const char *xero_connection,
	int64_t *id_r, struct err *e);
MUSTUSE bool removal_done(struct pg *db, int64_t id, struct err *e);

/*
 * A practice belongs to one organisation at a time. *won_r false: another organisation has it.
 */
MUSTUSE bool claim_tenant(
	struct pg *db, const char *tenant, int64_t org_id, bool *won_r, struct err *e);
MUSTUSE bool claim_owner(struct pg *db, const char *tenant, int64_t *org_id_r, struct err *e);
MUSTUSE bool claim_drop(struct pg *db, const char *tenant, int64_t org_id, struct err *e);
MUSTUSE bool claim_drop_others(
	struct pg *db, const char *tenant, int64_t org_id, struct err *e);

/*
 * Takes one call from the practice's budget, which all workers share: at most 60 in any minute,
 * `day` calls a day, and none while Xero told us to wait. *wait_s_r 0: the call may go; else
 * seconds to wait. *long_r: the day's budget or Xero's own word holds it back, not the minute's
 * limit.
 */
MUSTUSE bool budget_take(struct pg *db, const char *tenant, int64_t day, int *wait_s_r,
	bool *long_r, struct err *e);
/*
 * Corrects the budget by Xero's answer: day_left calls are left today (<= 0: unknown); wait
 * breathe_s seconds before the next call. Never makes the budget larger.
 */
MUSTUSE bool budget_learn(struct pg *db, const char *tenant, int64_t day, int64_t day_left,
	int breathe_s, struct err *e);
/*
 * Takes one of the lanes 1..n, by an advisory lock of this database connection. It is held
 * until lane_give or until the connection ends. *lane_r 0: all lanes are taken.
 */
MUSTUSE bool lane_take(struct pg *db, const char *tenant, int n, int *lane_r, struct err *e);
MUSTUSE bool lane_give(struct pg *db, const char *tenant, int lane, struct err *e);
/*
 * Counts one call to Xero for the organisation, whatever its purpose and result; shown as "Xero
 * calls in 24 hours".
 */
MUSTUSE bool meter_count(struct pg *db, int64_t org_id, struct err *e);
MUSTUSE bool budget_pause(struct pg *db, const char *tenant, int seconds, struct err *e);

#endif
