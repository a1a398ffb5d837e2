/*
 * Declared inputs. A route lists the fields it accepts, with their types and limits. A handler
 * reads only these, by number; a parameter that was not declared does not reach it. A field
 * that breaks its rule carries a sentence to show beside the field.
 */
#ifndef GAP_WEB_FIELDS_H
#define GAP_WEB_FIELDS_H

#include "web/request.h"

/*
 * In struct field a max of 0 means the limit of the type, so every field has a limit. The
 * number at the end of each comment is that limit.
 */
enum field_type {
	/* One line, trimmed, without control characters; min and max count code points; 200 */
	FIELD_TEXT,
	/* Several lines, each ended by LF; 2,000 */
	FIELD_LINES,
	/* One '@', no blanks, at most 254 bytes, nothing that could end a mail header */
	FIELD_EMAIL,
	/* As typed; never written back into a page; 1,024 */
	FIELD_PASSWORD,
	/* One-time or recovery code as typed (digits, letters, blanks, hyphens), trimmed; 64 */
	FIELD_CODE,
	/* As sent and not trimmed, any text: a sort key in a link that we made; 1,024 */
	FIELD_KEY,
	FIELD_INT,   /* strict decimal within min..max; 0..0 allows any number */
	FIELD_ID,    /* strict positive decimal */
	FIELD_FLAG,  /* checkbox; its number is 1 when present, else 0 */
	FIELD_CHOICE /* one of `choices`; its number is the index in that list */
};

enum { FIELDS_MAX = 25 };

struct field {
	const char *name;
	enum field_type type;
	bool required;
	int min, max;		    /* code points, or the range of a FIELD_INT */
	const char *label;	    /* for sentences: "your email" gives "Enter your email." */
	const char *const *choices; /* NULL-ended */
};

struct fields {
	const struct field *spec;
	size_t n;
	const char *text[FIELDS_MAX]; /* accepted value; "" when absent */
	/* As typed, to show in the form again; "" for passwords */
	const char *typed[FIELDS_MAX];
	const char *error[FIELDS_MAX]; /* NULL: no error */
	int64_t number[FIELDS_MAX];
	bool ok; /* no field has an error */
};

/*
 * Reads the declared fields from the query (GET, HEAD, DELETE) or from the body (POST). Returns
 * false with ERR_MALFORMED when a parameter is given twice. Returns true also when a field
 * breaks its rule: f_r->ok is false then. The texts live on the request's arena.
 */
MUSTUSE bool fields_read(const struct request *r, const struct field *spec, size_t n,
	struct fields *f_r, struct err *e);

/*
 * Sets an error that only the handler can find ("This email is already in use.") and clears ok.
 * `sentence` is not copied, so it must live as long as *f.
 */
void fields_fail(struct fields *f, size_t field, const char *sentence);

#endif
