/*
 * Bad input in bulk: a catalogue of values that no field should choke on, a
 * world to try them in, and the four rules that hold for every one of them. No
 * process dies, no answer takes over a second, none is a 5xx (site_test sees to
 * that), and no table changes but those that count and record: throttles, the
 * audit chain, and the sessions' own clocks.
 *
 * GAP_SEED repeats a run of the parts left to chance; it is printed.
 */
#ifndef GAP_TESTS_CRAFTED_H
#define GAP_TESTS_CRAFTED_H

#include "pages/routes.h"
#include "support/site_test.h"

/* Which types of field this value can never satisfy. */
#define CRAFTED_BREAKS(type) (1U << FIELD_##type)
#define CRAFTED_ANY	     (~0U) /* no text at all: the whole request is refused */

struct crafted_value {
	const char *raw; /* as it stands on the wire, percent-encoded or not */
	unsigned breaks;
};

extern const struct crafted_value crafted_values[];
extern const size_t crafted_values_count;

enum crafted_who { CRAFTED_NOBODY, CRAFTED_MEMBER, CRAFTED_ADMIN, CRAFTED_WHO__MAX };

/* A connected firm with everything that an address could name; and another that must stay untouched. */
struct crafted_world {
	struct firm home, away;
	int64_t client, run;
	struct browser browsers[CRAFTED_WHO__MAX];
	size_t asked; /* requests made since crafted_begin() */
	const char *children;
};

void crafted_begin(struct crafted_world *w);
/* Says how many requests were made; fails when a process of the site died meanwhile. */
void crafted_end(struct crafted_world *w, const char *what);
/* Sessions of people who are still signed in, whatever the last route did to them. */
void crafted_sign_in(struct crafted_world *w);

/* Every table and a digest of it, one a line; what may change by itself left out. Lives as long as the test. */
const char *crafted_state(void);
/* Fails, naming the tables, when something has changed since. */
void crafted_same(const char *before, const char *after_what);

/*
 * One question; the answer is judged, its status told. A POST carries this browser's
 * CSRF token when `token`.
 */
int crafted_ask(struct crafted_world *w, enum crafted_who who, const struct route *r,
	const char *uri, const char *const *params, const char *form, bool token);

/* The address of the route with ids of this world in it. */
const char *crafted_address(const struct crafted_world *w, const struct route *r);
/* Every field with a good value, but for `field`, which has `raw`. n_fields: all good. On site.arena. */
const char *crafted_form(const struct route *r, size_t field, const char *raw);
/* One code point of `piece` more than the field takes; NULL where the type has no length. */
const char *crafted_too_long(const struct field *f, const char *piece);
/* Can it never be good for this field? */
bool crafted_is_bad(const struct crafted_value *v, const struct field *f);

/* A number below `below`, from GAP_SEED (else from the clock; crafted_end tells it). */
unsigned crafted_chance(unsigned below);

#endif
