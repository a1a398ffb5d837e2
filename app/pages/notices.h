/* A person's notices: the list behind the bell, and which of them are sent by mail too. */
#ifndef GAP_PAGES_NOTICES_H
#define GAP_PAGES_NOTICES_H

#include "core/mail_choice.h"
#include "pages/page.h"

extern const struct tmpl_shape notices_shape, mails_shape;

/*
 * Fields of the list's address. Its forms carry the same fields, to return to the same place.
 */
enum { NOTICES_BEFORE, NOTICES_SHOW, NOTICES__MAX };
extern const struct field notices_query[NOTICES__MAX];
enum { MAILS_DIGEST = MAIL_CHOICES, MAILS__MAX }; /* the flags before it are one per choice */
extern const struct field mails_fields[MAILS__MAX];

bool notices_show(struct page *p, struct err *e);
bool notices_post(struct page *p, struct err *e); /* all read */
bool notice_read(struct page *p, struct err *e);
bool notice_unread(struct page *p, struct err *e);
bool notice_open(struct page *p, struct err *e); /* read, and on to what it is about */
bool mails_show(struct page *p, struct err *e);
bool mails_post(struct page *p, struct err *e);

#endif
