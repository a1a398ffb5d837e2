/*
 * Sync history: the current state, every run, and one run with what it changed, left out,
 * failed at and decided. Open to every signed-in person; nothing here changes anything.
 */
#ifndef GAP_PAGES_SYNCS_H
#define GAP_PAGES_SYNCS_H

#include "pages/page.h"
#include "store/connections.h"
#include "store/runs.h"

extern const struct tmpl_shape syncs_shape, sync_shape;

enum {
	SYNCS_BEFORE,
	SYNCS_RESULT,
	SYNCS_TRIGGER,
	SYNCS_FROM,
	SYNCS_TO,
	SYNCS_CHANGED,
	SYNCS__MAX
};
extern const struct field syncs_query[SYNCS__MAX];
enum { SYNC_AFTER, SYNC_KIND, SYNC_WORDS, SYNC__MAX };
extern const struct field sync_query[SYNC__MAX];

bool syncs_list(struct page *p, struct err *e);
bool syncs_csv(struct page *p, struct err *e);

/* /syncs/{id}...: the tabs, and each tab as CSV. */
bool sync_show(struct page *p, struct err *e);
bool sync_skipped(struct page *p, struct err *e);
bool sync_failed(struct page *p, struct err *e);
bool sync_log(struct page *p, struct err *e);
bool sync_changes_csv(struct page *p, struct err *e);
bool sync_skipped_csv(struct page *p, struct err *e);
bool sync_failed_csv(struct page *p, struct err *e);
bool sync_log_csv(struct page *p, struct err *e);

/* A run as the list, the chart's table and the run's own page show it. */
struct run_view {
	int64_t run_id, added, changed, archived, restored, unchanged, prospects, excluded,
		skipped, failed, calls;
	const struct moment *started, *ended;
	const char *trigger, *by, *result, *tone, *duration, *cause, *bytes,
		*seen; /* "1 record" */
};
extern const struct tmpl_shape run_shape;
struct run_view run_view_of(struct page *p, const struct run_row *r);
/* "0.4 s", "12 s", "3 min 5 s" */
const char *run_duration(struct page *p, int64_t ms);

/*
 * The strip above the list: health, counts, freshness, calls. `rows` are the newest runs, as
 * runs_list gives them.
 */
struct strip_view {
	const char *word, *tone, *text, *failing_link;
	const struct moment *last, *next;
	int64_t in_sync, excluded, failing, used, budget, cost, left;
	int64_t meter; /* percent of the call budget that is used */
	bool has_practice, cost_known, one_call;
};
extern const struct tmpl_shape strip_shape;
MUSTUSE bool strip_fill(struct page *p, const struct connection *c, const struct run_row *rows,
	size_t n, struct strip_view *v, struct err *e);

/* The newest runs as bars, the newest on the right. */
enum { CHART_RUNS = 60 };
struct chart_view {
	struct tmpl_list bars; /* struct bar_view */
	/* struct run_view of the same runs, newest first: the table behind the chart */
	struct tmpl_list runs;
	const char *desc, *longest, *most;
	const struct moment *first, *last;
	int64_t n;
};
extern const struct tmpl_shape chart_shape;
void chart_fill(struct page *p, const struct run_row *rows, size_t n, struct chart_view *v);

#endif
