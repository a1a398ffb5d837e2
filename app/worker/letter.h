/*
 * The text of a mail: RFC 5322 with CRLF, multipart/alternative (RFC 2046 section 5.1.4), plain
 * text first, then HTML from templates/mail/letter.mail. That template has an inline style
 * sheet, since mail programs fetch none; it is not named .html because it is no page of the
 * site.
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
	int64_t id; /* of the job; the Message-ID is made of it, so a retry has the same one */
	const char *to_email, *to_name;
	const char *subject, *text;
	const char *detail; /* NULL or "": none; may contain user input */
	const struct letter_line *lines;
	size_t n_lines;
	const char *link, *link_words;
	bool choice; /* the user may switch this mail off; else the mail says why not */
};

/* Compiles the template into w->letter. ERR_CONFIG: it is missing or invalid. */
MUSTUSE bool letter_open(struct worker *w, const char *template_dir, struct err *e);

/* ERR_TOO_LARGE: longer than LETTER_MAX. */
MUSTUSE bool letter_write(
	struct worker *w, const struct letter *l, struct str *text_r, struct err *e);

#endif
