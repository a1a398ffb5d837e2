/* Review changes: a held run, which clients it would take away, and an admin's decision. */
#ifndef GAP_PAGES_REVIEW_H
#define GAP_PAGES_REVIEW_H

#include "pages/page.h"

extern const struct tmpl_shape review_shape;

enum { REVIEW_RUN, REVIEW_CHOICE, REVIEW__MAX };
extern const struct field review_fields[REVIEW__MAX];

/*
 * Sets *words_r to run_held_words of the held run, with a full stop and what to do next. When
 * the connection is not held, returns true and leaves *words_r as it is.
 */
MUSTUSE bool review_words(struct page *p, const char **words_r, struct err *e);

bool review_show(struct page *p, struct err *e);
bool review_post(struct page *p, struct err *e);
bool review_csv(struct page *p, struct err *e);

#endif
