/*
 * The connection test: an admin asks for it, the worker does it, the result is kept until the
 * next test.
 */
#ifndef GAP_STORE_REHEARSE_H
#define GAP_STORE_REHEARSE_H

#include "io/pg.h"

enum { REHEARSE_COOL_DOWN_S = 300 };

struct rehearsal {
	bool any;
	int64_t asked_at, ended_at; /* ended_at 0: it runs */
	const char *by;
	int64_t wait_s; /* seconds until the next test may be asked for; 0: now */
};
MUSTUSE bool rehearse_get(struct pg *db, int64_t org_id, struct rehearsal *r_r, struct err *e);
struct rehearse_line {
	const char *what, *says;
	bool ok;
};
MUSTUSE bool rehearse_lines(struct pg *db, struct arena *a, int64_t org_id,
	const struct rehearse_line **rows_r, size_t *n_r, struct err *e);
/* In the caller's transaction: queues the job. *asked_r false: still in the cool-down. */
MUSTUSE bool rehearse_ask(
	struct pg *db, int64_t org_id, const char *by, bool *asked_r, struct err *e);

/* ---- the worker's ---- */

MUSTUSE bool rehearse_end(struct pg *db, int64_t org_id, const char *lines, struct err *e);
/* A live client of the practice, to ask Xero for. *xpm_id_r NULL: no client is stored yet. */
MUSTUSE bool rehearse_client(struct pg *db, int64_t org_id, const char *tenant,
	const char **xpm_id_r, struct err *e);
MUSTUSE bool rehearse_budget(
	struct pg *db, const char *tenant, int64_t *calls_r, struct err *e);

#endif
