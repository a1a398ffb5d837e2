/* Org Settings other than integrations: general information; and a person's own profile. */
#ifndef GAP_PAGES_SETTINGS_H
#define GAP_PAGES_SETTINGS_H

#include "pages/page.h"

extern const struct tmpl_shape settings_shape, profile_shape;

enum { SETTINGS_NAME, SETTINGS_ZONE, SETTINGS_DAYS, SETTINGS__MAX };
extern const struct field settings_fields[SETTINGS__MAX];
enum { PROFILE_NAME, PROFILE_ZONE, PROFILE__MAX };
extern const struct field profile_fields[PROFILE__MAX];

bool settings_show(struct page *p, struct err *e);
bool settings_post(struct page *p, struct err *e);
bool profile_show(struct page *p, struct err *e);
bool profile_post(struct page *p, struct err *e);
/* Ends one of the person's other sessions, or all of them. */
bool profile_end_session(struct page *p, struct err *e);
bool profile_end_others(struct page *p, struct err *e);

#endif
