/*
 * The words that the practice is made of: names of invented people and firms, streets and towns
 * of New Zealand and Australia, telephone numbers reserved for fiction.
 */
#ifndef GAP_SANDBOX_WORDS_H
#define GAP_SANDBOX_WORDS_H

#include "base/base.h"

struct words {
	const char *const *word;
	size_t n;
};

extern const struct words words_first, words_last, words_fancy, words_trade, words_street,
	words_street_kind, words_position, words_manager, words_mobile;

struct town {
	const char *name, *region, *post_code, *country;
	const char *phone; /* without the last two digits; numbers that nobody has */
};
extern const struct town towns[];
extern const size_t towns_n;

#endif
