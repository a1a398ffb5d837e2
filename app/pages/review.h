/* Review changes: a held run, whom it would take away, and an admin's decision. */
#ifndef GAP_PAGES_REVIEW_H
#define GAP_PAGES_REVIEW_H

#include "pages/page.h"

extern const struct tmpl_shape review_shape;

enum { REVIEW_RUN, REVIEW_CHOICE, REVIEW__MAX };
extern const struct field review_fields[REVIEW__MAX];

/*
 * run_held_words of the run that is held, with the full stop and what there is to do; that is, and *words_r
 * stays as it is when the connection is not held.
 */
MUSTUSE bool review_words(struct page *p, const char **words_r, struct err *e);

bool review_show(struct page *p, struct err *e);
bool review_post(struct page *p, struct err *e);
bool review_csv(struct page *p, struct err *e);

#endif
