/*
 * Two rows that are the same client: one added by hand beside XPM's, or one gone from XPM
 * beside the one that continues it. People decide here; the worker joins the rows
 * (worker/job_match.c).
 */
#ifndef GAP_PAGES_MATCH_H
#define GAP_PAGES_MATCH_H

#include "pages/page.h"
#include "store/clients.h"

#define MATCH_PATH "/settings/integrations/match"

extern const struct tmpl_shape match_shape, match_find_shape;

enum { MATCH_TAB, MATCH_AFTER, MATCH_KEY, MATCH_REST, MATCH_QUERY__MAX };
extern const struct field match_query[MATCH_QUERY__MAX];
enum { MATCH_CLIENT, MATCH_TWIN, MATCH_CHOICE, MATCH__MAX };
extern const struct field match_fields[MATCH__MAX];
enum { MATCH_WORDS, MATCH_FIND__MAX };
extern const struct field match_find_query[MATCH_FIND__MAX];
enum { PAIR_CHOICE, PAIR_BACK, PAIR__MAX };
extern const struct field pair_fields[PAIR__MAX];

bool match_show(struct page *p, struct err *e);
bool match_status(struct page *p, struct err *e);
bool match_post(struct page *p, struct err *e);
bool match_all(struct page *p, struct err *e);
/* "Choose another" for the client {id}. */
bool match_find(struct page *p, struct err *e);
/* POST .../pairs/{id}: join, refuse or undo. */
bool match_pair(struct page *p, struct err *e);

/* What a client's page says about its match; templates/clients/match_hook.html. */
struct match_hook {
	const char *csrf, *other, *why, *by;
	const struct moment *at;
	int64_t client_id, pair_id, other_id; /* other_id 0: the other row has no page */
	bool is_admin;
	bool can_match; /* added by hand, and a practice is connected */
	bool can_join;	/* the practice of the two rows is connected */
	bool offered, apart, goes_on, matched, gone, survivor;
};
extern const struct tmpl_shape match_hook_shape;
MUSTUSE bool match_hook(struct page *p, const struct client_view *c, bool connected,
	struct match_hook *h_r, struct err *e);

#endif
