/* Mails that a page asks for: a job of the worker, which has the words and makes the links (rulings 6). */
#ifndef GAP_PAGES_MAIL_H
#define GAP_PAGES_MAIL_H

#include "pages/page.h"

/*
 * Queues one, in the open transaction. `what` is a name of worker/mail.h; `by` whose doing it is (NULL:
 * their own), `detail` a sentence to go with it (NULL: none). Neither holds a secret.
 */
MUSTUSE bool page_mail(struct page *p, int64_t org_id, int64_t user_id, const char *what,
	const char *by, const char *detail, struct err *e);

#endif
