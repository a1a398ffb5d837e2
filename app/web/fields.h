/*
 * Declared inputs: a route lists the fields it accepts, with type and limits; a
 * handler reads only those, by number. What was not declared is not there;
 * what breaks its rule carries a sentence to stand beside the field.
 */
#ifndef GAP_WEB_FIELDS_H
#define GAP_WEB_FIELDS_H

#include "web/request.h"

/* A max of 0 means the type's own limit, so no field is without one. */
enum field_type {
	FIELD_TEXT,  /* one line: trimmed, no control characters; min/max in code points; 200 */
	FIELD_LINES, /* several lines, ending in LF; 2,000 */
	FIELD_EMAIL, /* one '@', no blanks, <= 254 bytes; nothing that could end a mail header */
	FIELD_PASSWORD, /* as typed; never put back into a page; 1,024 */
	/* One-time or recovery code: digits, letters, blanks, hyphens as typed, trimmed; 64 */
	FIELD_CODE,
	/* As sent, untrimmed, whatever text: the place in a list that a link of ours carries; 1,024 */
	FIELD_KEY,
	FIELD_INT,   /* strict decimal within min..max; 0..0 means any */
	FIELD_ID,    /* strict positive decimal */
	FIELD_FLAG,  /* checkbox: present or not; its number is 1 or 0 */
	FIELD_CHOICE /* one of `choices`; its number is the place in the list */
};

enum { FIELDS_MAX = 25 };

struct field {
	const char *name;
	enum field_type type;
	bool required;
	int min, max;	   /* code points, or the number's range */
	const char *label; /* for sentences: "Enter your email." comes from "your email" */
	const char *const *choices; /* NULL-ended */
};

struct fields {
	const struct field *spec;
	size_t n;
	const char *text[FIELDS_MAX]; /* accepted value; "" when absent */
	const char
		*typed[FIELDS_MAX]; /* as typed, to put back into the form ("" for passwords) */
	const char *error[FIELDS_MAX]; /* NULL: fine */
	int64_t number[FIELDS_MAX];
	bool ok; /* no field has an error */
};

/*
 * From the query (GET, HEAD, DELETE) or the body (POST). ERR_MALFORMED when
 * one is given twice. True also when a field breaks its rule: then f_r->ok is
 * false. The texts live on the request's arena.
 */
MUSTUSE bool fields_read(const struct request *r, const struct field *spec, size_t n,
	struct fields *f_r, struct err *e);

/* A handler's own judgement ("This email is already in use."). Clears ok. The sentence is not copied. */
void fields_fail(struct fields *f, size_t field, const char *sentence);

#endif
