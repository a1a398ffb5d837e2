/* Org Settings > Integrations: the page and its one tile, choosing a practice, disconnecting. */
#ifndef GAP_PAGES_INTEGRATIONS_H
#define GAP_PAGES_INTEGRATIONS_H

#include "pages/page.h"

extern const struct tmpl_shape integrations_shape, disconnect_shape;

enum { DISCONNECT_CHOICE, DISCONNECT__MAX };
extern const struct field disconnect_post_fields[DISCONNECT__MAX];
enum { INTEGRATIONS_WATCH, INTEGRATIONS__MAX };
extern const struct field integrations_query[INTEGRATIONS__MAX];
enum { PRACTICE_CHOICE, PRACTICE_ATTEMPT, PRACTICE__MAX };
extern const struct field practice_fields[PRACTICE__MAX];
enum { GRACE_DAYS, GRACE__MAX };
extern const struct field grace_fields[GRACE__MAX];
enum { LABEL_TEXT, LABEL__MAX };
extern const struct field label_fields[LABEL__MAX];

bool integrations_show(struct page *p, struct err *e);
bool integrations_status(struct page *p, struct err *e);
bool integrations_practice(struct page *p, struct err *e);
bool integrations_practice_cancel(struct page *p, struct err *e);
bool integrations_grace(struct page *p, struct err *e);
bool integrations_label(struct page *p, struct err *e);
bool disconnect_show(struct page *p, struct err *e);
bool disconnect_post(struct page *p, struct err *e);
bool records_free(struct page *p, struct err *e);
bool standby_remove(struct page *p, struct err *e);
bool banner_close(struct page *p, struct err *e);

#endif
