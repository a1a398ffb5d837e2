#include "core/password.h"

#include "base/buf.h"
#include "codec/passwd.h"
#include "core/password_int.h"

enum { WORDS_MAX = 64, WORD_MIN = 3, TEXT_MAX = 4096 };

struct words {
	struct str word[WORDS_MAX];
	size_t n;
};

/* Any byte beyond ASCII counts as part of a letter here. */
static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (unsigned char)c >= 0x80;
}

static bool is_common(struct str folded)
{
	struct str rest = str_of(password_common), word;
	while (str_next(&rest, ' ', &word))
		if (word.n > 0 && str_eq(word, folded))
			return true;
	return false;
}

static struct str folded_text(struct arena *a, const char *text)
{
	return passwd_fold(a, secret_new(a, text, strlen(text)));
}

/*
 * Adds every run of letters in `text`. A run shorter than three could be part of any password,
 * so it is left out.
 */
static void add_words(struct arena *a, struct words *w, const char *text)
{
	if (text == NULL)
		return;
	struct str s = folded_text(a, text);
	for (size_t i = 0; i < s.n;) {
		size_t from = i;
		while (i < s.n && is_letter(s.p[i]))
			i++;
		if (i - from >= WORD_MIN && w->n < WORDS_MAX)
			w->word[w->n++] = str_sub(s, from, i - from);
		i = i == from ? i + 1 : i;
	}
}

static struct str letters_of(struct arena *a, struct str s)
{
	struct buf b;
	buf_init(&b, a, TEXT_MAX);
	for (size_t i = 0; i < s.n; i++)
		if (is_letter(s.p[i]))
			buf_addc(&b, s.p[i]);
	return buf_str(&b);
}

/* Do the letters consist of words only? reached[i]: the first i letters do. */
static bool made_of(struct arena *a, const struct words *w, struct str letters)
{
	bool *reached = arena_array(a, bool, letters.n + 1);
	reached[0] = true;
	for (size_t i = 0; i < letters.n; i++)
		for (size_t k = 0; reached[i] && k < w->n; k++) {
			size_t end = i + w->word[k].n;
			if (end <= letters.n &&
				str_eq(str_sub(letters, i, w->word[k].n), w->word[k]))
				reached[end] = true;
		}
	return letters.n > 0 && reached[letters.n];
}

bool password_check(struct arena *a, const struct secret *password,
	const struct password_of *of, struct err *e)
{
	struct words w = {.n = 0};
	if (!passwd_check(a, password, e))
		return false;
	struct str folded = passwd_fold(a, password);
	if (is_common(folded))
		return err_set(e, ERR_INVALID,
			"This is one of the most common passwords, so it is guessed first. Choose another: a few words you can remember make a good one.");
	add_words(a, &w,
		"the gap xero xpm practice manager client clients password login welcome");
	add_words(a, &w, of->name);
	add_words(a, &w, of->email);
	add_words(a, &w, of->org_name);
	if (made_of(a, &w, letters_of(a, folded)))
		return err_set(e, ERR_INVALID,
			"This password is made of your name, your firm's or The Gap's, which others know. Add words that nobody would guess.");
	return true;
}
