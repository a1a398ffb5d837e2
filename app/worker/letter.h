/*
 * A mail's text: RFC 5322 with CRLF, multipart/alternative (RFC 2046 section 5.1.4), first plain text,
 * then HTML from templates/mail/letter.mail (no .html: it is no page of the site, and the one template
 * with a style sheet inside, since mail programs fetch none).
 */
#ifndef GAP_WORKER_LETTER_H
#define GAP_WORKER_LETTER_H

#include "codec/tmpl.h"
#include "worker/worker.h"

enum { LETTER_MAX = 64 * 1024, LETTER_LINE_MAX = 900 /* RFC 5322 section 2.1.1 allows 998 */ };

struct letter_line {
	const char *text;
};

struct letter {
	int64_t id; /* of the job: the Message-ID is made of it, so a mail has one name for ever */
	const char *to_email, *to_name;
	const char *subject, *text;
	const char *detail; /* NULL or "": none; may hold what people typed */
	const struct letter_line *lines;
	size_t n_lines;
	const char *link, *link_words;
	bool choice; /* may be switched off; else it says why not */
};

/* Compiles the template into w->letter. ERR_CONFIG. */
MUSTUSE bool letter_open(struct worker *w, const char *template_dir, struct err *e);

/* ERR_TOO_LARGE: it would pass LETTER_MAX. */
MUSTUSE bool letter_write(
	struct worker *w, const struct letter *l, struct str *text_r, struct err *e);

#endif
