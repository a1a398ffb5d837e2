#include "codec/tmpl_int.h"

static bool is_blank(char ch)
{
	return ch == ' ' || ch == '\t' || ch == '\n' || ch == '\r' || ch == '\f';
}

static bool is_letter(char ch)
{
	return (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z');
}

static bool is_name_char(char ch)
{
	return is_letter(ch) || (ch >= '0' && ch <= '9') || ch == '-' || ch == '_' ||
	       ch == ':' || ch == '.';
}

static bool is_in(const char *word, const char *const *list)
{
	while (*list != NULL && strcmp(word, *list) != 0)
		list++;
	return *list != NULL;
}

/* Drops what does not fit: no name that we compare with is as long. */
static void add_char(char word[TMPL_WORD_MAX], char ch)
{
	size_t n = strlen(word);
	if (n + 1 < TMPL_WORD_MAX) {
		word[n] = ch >= 'A' && ch <= 'Z' ? (char)(ch + ('a' - 'A')) : ch;
		word[n + 1] = '\0';
	}
}

static void set_char(char word[TMPL_WORD_MAX], char ch)
{
	memset(word, 0, TMPL_WORD_MAX);
	add_char(word, ch);
}

static const char *go(struct tmpl_context *c, enum tmpl_state state)
{
	c->state = state;
	return NULL;
}

static bool holds_only_text(const char *element)
{
	static const char *const names[] = {"textarea", "title", NULL};
	return is_in(element, names);
}

static const char *back_to_text(struct tmpl_context *c)
{
	*c = (struct tmpl_context){.state = AT_TEXT};
	return NULL;
}

static const char *end_tag(struct tmpl_context *c)
{
	static const char *const raw[] = {
		"script", "style", "iframe", "xmp", "noembed", "noframes", "plaintext", NULL};
	if (!c->closing && (holds_only_text(c->element) || is_in(c->element, raw)))
		return go(c, AT_RAW);
	bool option = !c->closing && strcmp(c->element, "option") == 0;
	(void)back_to_text(c);
	c->option = option;
	return NULL;
}

static const char *begin_tag(struct tmpl_context *c, char ch, bool closing)
{
	c->closing = closing;
	c->option = false;
	set_char(c->element, ch);
	return go(c, AT_TAG_NAME);
}

/* Common to all states between the name of a tag and its end. */
static const char *in_tag(struct tmpl_context *c, char ch, const char *otherwise)
{
	if (is_blank(ch))
		return go(c, AT_SPACE);
	if (ch == '/')
		return go(c, AT_SLASH);
	return ch == '>' ? end_tag(c) : otherwise;
}

static const char *at_text(struct tmpl_context *c, char ch)
{
	return ch == '<' ? go(c, AT_LT) : NULL;
}

static const char *at_lt(struct tmpl_context *c, char ch)
{
	if (ch == '/')
		return go(c, AT_END_LT);
	if (ch == '!')
		return go(c, AT_DECL);
	return is_letter(ch) ? begin_tag(c, ch, false) : "'<' begins no tag; write &lt;";
}

static const char *at_end_lt(struct tmpl_context *c, char ch)
{
	return is_letter(ch) ? begin_tag(c, ch, true) : "'</' begins no end tag";
}

static const char *at_decl(struct tmpl_context *c, char ch)
{
	if (ch == '-')
		return go(c, AT_DECL_DASH);
	return ch == 'd' || ch == 'D' ? go(c, AT_DOCTYPE)
				      : "'<!' begins neither a comment nor a doctype";
}

static const char *at_decl_dash(struct tmpl_context *c, char ch)
{
	/* Counts two dashes already, since the standard ends the comment "<!-->" right here. */
	c->dashes = 2;
	return ch == '-' ? go(c, AT_COMMENT) : "'<!-' begins no comment";
}

static const char *at_doctype(struct tmpl_context *c, char ch)
{
	return ch == '>' ? go(c, AT_TEXT) : NULL;
}

/* Browsers end a comment at "--!>" too: dashes = 3 stands for the '!'. */
static const char *at_comment(struct tmpl_context *c, char ch)
{
	if (ch == '>' && c->dashes >= 2)
		return back_to_text(c);
	if (ch == '-')
		c->dashes = c->dashes >= 1 && c->dashes <= 2 ? 2 : 1;
	else
		c->dashes = ch == '!' && c->dashes == 2 ? 3 : 0;
	return NULL;
}

static const char *at_tag_name(struct tmpl_context *c, char ch)
{
	if (is_name_char(ch))
		return add_char(c->element, ch), NULL;
	return in_tag(c, ch, "a character that cannot stand in a tag's name");
}

static const char *at_space(struct tmpl_context *c, char ch)
{
	if (is_name_char(ch))
		return set_char(c->word, ch), go(c, AT_NAME);
	return in_tag(c, ch, "a character that cannot begin an attribute");
}

static const char *at_gap(struct tmpl_context *c, char ch)
{
	return in_tag(c, ch, "a blank is missing between two attributes");
}

static void begin_value(struct tmpl_context *c)
{
	static const char *const urls[] = {"href", "src", "action", "formaction", "xlink:href",
		"poster", "cite", "data", "manifest", "background", NULL};
	static const char *const said[] = {
		"aria-label", "title", "alt", "placeholder", "label", NULL};
	static const char *const none[] = {
		"style", "srcdoc", "srcset", "imagesrcset", "ping", NULL};
	bool handler = c->word[0] == 'o' && c->word[1] == 'n';
	c->attr = handler || is_in(c->word, none) ? ATTR_NO_VALUES
		  : is_in(c->word, urls)	  ? ATTR_URL
		  : is_in(c->word, said)	  ? ATTR_WORDS
						  : ATTR_PLAIN;
	memset(c->word, 0, sizeof c->word);
	c->begun = c->settled = false;
	c->state = AT_BEFORE_VALUE;
}

static const char *at_name(struct tmpl_context *c, char ch)
{
	if (is_name_char(ch))
		return add_char(c->word, ch), NULL;
	if (ch == '=')
		return begin_value(c), NULL;
	if (is_blank(ch))
		return go(c, AT_AFTER_NAME);
	return in_tag(c, ch, "a character that cannot stand in an attribute's name");
}

static const char *at_after_name(struct tmpl_context *c, char ch)
{
	if (ch == '=')
		return begin_value(c), NULL;
	return is_blank(ch) ? NULL : at_space(c, ch);
}

static bool fits_unquoted(char ch)
{
	return strchr("\"'<=`", ch) == NULL;
}

static const char *at_before_value(struct tmpl_context *c, char ch)
{
	if (is_blank(ch))
		return NULL;
	if (ch == '"')
		return go(c, AT_DOUBLE);
	if (ch == '\'')
		return go(c, AT_SINGLE);
	return ch != '>' && fits_unquoted(ch) ? go(c, AT_UNQUOTED)
					      : "an attribute's value is missing behind '='";
}

/* After a scheme that the browser would run, or that we do not know, no value may follow. */
static void settle_scheme(struct tmpl_context *c)
{
	static const char *const good[] = {"http", "https", "mailto", "tel", NULL};
	if (!is_in(c->word, good))
		c->attr = ATTR_NO_VALUES;
	c->settled = true;
}

static const char *in_value(struct tmpl_context *c, char ch, char quote)
{
	if (ch == quote)
		return go(c, AT_GAP);
	if (c->attr != ATTR_URL)
		return NULL;
	c->begun = true;
	if (c->settled)
		return NULL;
	if (ch == ':')
		settle_scheme(c);
	else if (ch == '&') /* a character reference may stand for ':' or anything else */
		c->attr = ATTR_NO_VALUES;
	else if (strchr("/?#", ch) != NULL)
		c->settled = true;
	else
		add_char(c->word, ch);
	return NULL;
}

static const char *at_double(struct tmpl_context *c, char ch)
{
	return in_value(c, ch, '"');
}

static const char *at_single(struct tmpl_context *c, char ch)
{
	return in_value(c, ch, '\'');
}

static const char *at_unquoted(struct tmpl_context *c, char ch)
{
	if (is_blank(ch))
		return go(c, AT_SPACE);
	if (ch == '>')
		return end_tag(c);
	return fits_unquoted(ch) ? NULL : "a character that needs quotes around the value";
}

static const char *at_slash(struct tmpl_context *c, char ch)
{
	return ch == '>' ? end_tag(c) : "'/' in a tag without '>' behind it";
}

static const char *at_raw(struct tmpl_context *c, char ch)
{
	return ch == '<' ? go(c, AT_RAW_LT) : NULL;
}

static const char *at_raw_lt(struct tmpl_context *c, char ch)
{
	memset(c->word, 0, sizeof c->word);
	return ch == '<' ? NULL : go(c, ch == '/' ? AT_RAW_END : AT_RAW);
}

static const char *at_raw_end(struct tmpl_context *c, char ch)
{
	if (is_name_char(ch))
		return add_char(c->word, ch), NULL;
	if (strcmp(c->word, c->element) != 0)
		return go(c, ch == '<' ? AT_RAW_LT : AT_RAW);
	c->closing = true;
	return in_tag(c, ch, "a character that cannot stand in an end tag");
}

const char *tmpl_context_feed(struct tmpl_context *c, struct str literal, size_t *at_r)
{
	static const char *(*const steps[AT__MAX])(struct tmpl_context *, char) = {
		[AT_TEXT] = at_text,
		[AT_LT] = at_lt,
		[AT_END_LT] = at_end_lt,
		[AT_DECL] = at_decl,
		[AT_DECL_DASH] = at_decl_dash,
		[AT_DOCTYPE] = at_doctype,
		[AT_COMMENT] = at_comment,
		[AT_TAG_NAME] = at_tag_name,
		[AT_SPACE] = at_space,
		[AT_GAP] = at_gap,
		[AT_NAME] = at_name,
		[AT_AFTER_NAME] = at_after_name,
		[AT_BEFORE_VALUE] = at_before_value,
		[AT_DOUBLE] = at_double,
		[AT_SINGLE] = at_single,
		[AT_UNQUOTED] = at_unquoted,
		[AT_SLASH] = at_slash,
		[AT_RAW] = at_raw,
		[AT_RAW_LT] = at_raw_lt,
		[AT_RAW_END] = at_raw_end,
	};
	for (size_t i = 0; i < literal.n; i++) {
		char ch = literal.p[i];
		const char *why = ch == '\0' ? "a NUL byte" : steps[c->state](c, ch);
		if (why != NULL) {
			*at_r = i;
			return why;
		}
	}
	return NULL;
}

static bool is_in_value(const struct tmpl_context *c)
{
	return c->state == AT_DOUBLE || c->state == AT_SINGLE;
}

static const char *obstacle(const struct tmpl_context *c)
{
	if (c->state == AT_RAW || c->state == AT_RAW_LT || c->state == AT_RAW_END)
		return "inside an element that holds no plain text";
	if (c->state == AT_COMMENT)
		return "in a comment";
	if (c->state == AT_BEFORE_VALUE || c->state == AT_UNQUOTED)
		return "in an unquoted attribute";
	return "in a tag";
}

enum tmpl_place tmpl_context_place(const struct tmpl_context *c, const char **why_r)
{
	if (c->state == AT_TEXT)
		return c->option ? PLACE_WORDS : PLACE_TEXT;
	if (c->state == AT_RAW && holds_only_text(c->element))
		return strcmp(c->element, "title") == 0 ? PLACE_WORDS : PLACE_ONLY_TEXT;
	if (!is_in_value(c)) {
		*why_r = obstacle(c);
		return PLACE_NONE;
	}
	if (c->attr == ATTR_NO_VALUES) {
		*why_r = "in an attribute, or behind a scheme, that takes none";
		return PLACE_NONE;
	}
	if (c->attr == ATTR_WORDS)
		return PLACE_WORDS;
	if (c->attr == ATTR_PLAIN)
		return PLACE_ATTR;
	return c->begun ? PLACE_URL_PART : PLACE_URL;
}

/*
 * A value counts as '?', which no scheme contains: so a ':' after it never completes a good
 * scheme.
 */
void tmpl_context_value(struct tmpl_context *c)
{
	if (!is_in_value(c) || c->attr != ATTR_URL)
		return;
	c->begun = true;
	set_char(c->word, '?');
}

bool tmpl_context_block(struct tmpl_context *c)
{
	if (c->state == AT_TAG_NAME || c->state == AT_NAME)
		c->state = AT_GAP;
	if (c->state == AT_AFTER_NAME)
		c->state = AT_SPACE;
	return c->state == AT_TEXT || c->state == AT_GAP || c->state == AT_SPACE ||
	       is_in_value(c) || (c->state == AT_RAW && holds_only_text(c->element));
}

bool tmpl_context_same(const struct tmpl_context *a, const struct tmpl_context *b)
{
	if (a->state != b->state || a->closing != b->closing || a->option != b->option ||
		strcmp(a->element, b->element) != 0)
		return false;
	return !is_in_value(a) || (a->attr == b->attr && a->begun == b->begun);
}

bool tmpl_context_join(struct tmpl_context *c, const struct tmpl_context *other)
{
	struct tmpl_context a = *c, b = *other;
	bool in_tag = (a.state == AT_GAP || a.state == AT_SPACE) &&
		      (b.state == AT_GAP || b.state == AT_SPACE);
	if (in_tag && a.state != b.state)
		c->state = a.state = b.state = AT_GAP;
	if (!tmpl_context_same(&a, &b))
		return false;
	if (is_in_value(c) && (a.settled != b.settled || strcmp(a.word, b.word) != 0)) {
		c->settled = false;
		set_char(c->word, '?');
	}
	return true;
}
