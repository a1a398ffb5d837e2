/*
 * Mails that a page asks for. A page only queues a job; the worker has the texts and makes the
 * one-time links.
 */
#ifndef GAP_PAGES_MAIL_H
#define GAP_PAGES_MAIL_H

#include "pages/page.h"

/*
 * Queues a mail in the open transaction. `what` is a name from worker/mail.h, `by` the person
 * who caused it (NULL: the recipient), `detail` one more sentence (NULL: none). Neither `by`
 * nor `detail` holds a secret.
 */
MUSTUSE bool page_mail(struct page *p, int64_t org_id, int64_t user_id, const char *what,
	const char *by, const char *detail, struct err *e);

#endif
