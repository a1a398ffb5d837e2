/*
 * "Why does this differ from XPM?": the request, and the last answer, stored with the client
 * (core/why.h).
 */
#ifndef GAP_STORE_WHY_H
#define GAP_STORE_WHY_H

#include "core/why.h"
#include "io/pg.h"

/* ---- the web's ---- */

/*
 * Stores the request and queues the job "why" with {"client":N}, in one transaction. *asked_r
 * false: the last request is less than a minute old. ERR_NOT_FOUND: no such client.
 */
MUSTUSE bool why_ask(struct pg *db, struct arena *a, int64_t org_id, int64_t client_id,
	int64_t user_id, bool *asked_r, struct err *e);

enum why_state { WHY_NEVER, WHY_ASKING, WHY_DONE, WHY_ERROR };
struct why_answer {
	enum why_state state;
	int64_t asked_at;
	const char *error; /* a sentence */
	const struct why_row *rows;
	size_t n;
};
MUSTUSE bool why_get(struct pg *db, struct arena *a, int64_t org_id, int64_t client_id,
	struct why_answer *w_r, struct err *e);

/* ---- the worker's ---- */

/*
 * The stored client. *xpm_id_r NULL: it is not, or no longer, a client of the connected
 * practice.
 */
MUSTUSE bool why_stored(struct pg *db, struct arena *a, int64_t org_id, int64_t client_id,
	struct why_ours *ours_r, const char **xpm_id_r, struct err *e);
/* Stores the answer: w->error, or with error NULL the rows. */
MUSTUSE bool why_answer(struct pg *db, int64_t org_id, int64_t client_id,
	const struct why_answer *w, struct err *e);

#endif
