/*
 * Undoing a sync: the page that says what will happen and, afterwards, what was done; and
 * releasing the clients that an undo holds back. The worker does the undo itself
 * (worker/job_undo.c).
 */
#ifndef GAP_PAGES_UNDO_H
#define GAP_PAGES_UNDO_H

#include "pages/page.h"

extern const struct tmpl_shape undo_shape;

/* What a run's page says about undoing; templates/syncs/undo_hook.html. */
struct undo_hook {
	const char *csrf;
	int64_t run_id, by_run, held, met_held;
	bool offer; /* the reader is an admin and may undo the run now */
	bool undone, asked, can_lift;
};
extern const struct tmpl_shape undo_hook_shape;
MUSTUSE bool undo_hook(struct page *p, int64_t run_id, struct undo_hook *hook_r, struct err *e);

bool undo_show(struct page *p, struct err *e);
bool undo_post(struct page *p, struct err *e);
bool undo_status(struct page *p, struct err *e);
/*
 * POST /syncs/{id}/lift: releases everything that this run holds. POST /clients/{id}/lift: one
 * client.
 */
bool lift_all(struct page *p, struct err *e);
bool lift_one(struct page *p, struct err *e);

#endif
