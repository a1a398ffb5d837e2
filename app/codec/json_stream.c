#include "codec/json_stream.h"

#include "base/buf.h"

/* What may come next, in the words of the grammar of RFC 8259. */
enum state {
	AT_VALUE,	 /* a value must come */
	AT_FIRST_VALUE,	 /* after '[': a value or ']' */
	AT_FIRST_KEY,	 /* after '{': a key or '}' */
	AT_KEY,		 /* after ',' in an object */
	AT_COLON,	 /* after a key */
	AFTER_VALUE,	 /* ',' or the container's end; at the root, the end of input */
	IN_STRING,	 /* behind the opening quote */
	IN_ESCAPE,	 /* behind a backslash */
	IN_HEX,		 /* within the four digits of \u */
	AT_LOW,		 /* after a high surrogate: a backslash must come */
	AT_LOW_U,	 /* then 'u' */
	IN_WORD,	 /* within true, false, null */
	IN_NUMBER_MINUS, /* from here on: by the last part of the number read so far */
	IN_NUMBER_ZERO,
	IN_NUMBER_INTEGER,
	IN_NUMBER_POINT,
	IN_NUMBER_FRACTION,
	IN_NUMBER_E,
	IN_NUMBER_SIGN,
	IN_NUMBER_EXPONENT,
};

struct json_stream {
	struct json_stream_limits limits;
	bool (*on_event)(void *user, enum json_event event, struct str text, struct err *e);
	void *user;
	enum state state;
	bool key;	 /* the string being read is a key */
	size_t depth;	 /* open containers */
	char *open;	 /* '[' or '{' of each open container */
	struct buf text; /* text of the string or number being read */
	unsigned hex, high;
	int hex_digits;
	const char *word; /* the rest of true, false or null */
	enum json_event word_event;
	bool failed;
	struct err err; /* the failure; every further call returns it */
};

struct json_stream *json_stream_new(struct arena *a, struct json_stream_limits limits,
	bool (*on_event)(void *user, enum json_event event, struct str text, struct err *e),
	void *user)
{
	struct json_stream *s = arena_new_of(a, struct json_stream);
	s->limits = limits;
	s->on_event = on_event;
	s->user = user;
	s->open = arena_alloc(a, limits.depth);
	buf_init(&s->text, a, limits.text);
	return s;
}

static bool fault(struct json_stream *s, const char *what)
{
	return err_set(&s->err, ERR_MALFORMED, "The JSON is not well-formed: %s.", what);
}

static bool emit(struct json_stream *s, enum json_event event, struct str text)
{
	return s->on_event(s->user, event, text, &s->err);
}

static bool open_container(struct json_stream *s, char c)
{
	if (s->depth == s->limits.depth)
		return fault(s, "it is nested too deep");
	s->open[s->depth++] = c;
	s->state = c == '{' ? AT_FIRST_KEY : AT_FIRST_VALUE;
	return emit(s, c == '{' ? JSON_OBJECT_START : JSON_ARRAY_START, STR(""));
}

static bool close_container(struct json_stream *s, char c)
{
	if (s->depth == 0 || s->open[s->depth - 1] != (c == '}' ? '{' : '['))
		return fault(s, "a bracket closes nothing");
	s->depth--;
	s->state = AFTER_VALUE;
	return emit(s, c == '}' ? JSON_OBJECT_END : JSON_ARRAY_END, STR(""));
}

static bool start_word(struct json_stream *s, const char *rest, enum json_event event)
{
	s->word = rest;
	s->word_event = event;
	s->state = IN_WORD;
	return true;
}

static bool start_string(struct json_stream *s, bool key)
{
	s->key = key;
	s->state = IN_STRING;
	buf_reset(&s->text);
	return true;
}

static bool add_text(struct json_stream *s, const char *p, size_t n)
{
	buf_add(&s->text, p, n);
	return !s->text.over || fault(s, "a string or number is too long");
}

static bool start_number(struct json_stream *s, char c)
{
	s->state = c == '-' ? IN_NUMBER_MINUS : c == '0' ? IN_NUMBER_ZERO : IN_NUMBER_INTEGER;
	buf_reset(&s->text);
	return add_text(s, &c, 1);
}

static bool start_value(struct json_stream *s, char c)
{
	switch (c) {
	case '{':
	case '[':
		return open_container(s, c);
	case '"':
		return start_string(s, false);
	case 't':
		return start_word(s, "rue", JSON_TRUE);
	case 'f':
		return start_word(s, "alse", JSON_FALSE);
	case 'n':
		return start_word(s, "ull", JSON_NULL);
	default:
		if (c == '-' || (c >= '0' && c <= '9'))
			return start_number(s, c);
		return fault(s, "a value was expected");
	}
}

static bool after_value(struct json_stream *s, char c)
{
	if (s->depth == 0)
		return fault(s, "something follows its end");
	if (c != ',')
		return c == '}' || c == ']'
			       ? close_container(s, c)
			       : fault(s, "a comma or closing bracket was expected");
	s->state = s->open[s->depth - 1] == '{' ? AT_KEY : AT_VALUE;
	return true;
}

static bool finish_string(struct json_stream *s, struct str text)
{
	if (!str_utf8_valid(text))
		return fault(s, "it is not UTF-8");
	s->state = s->key ? AT_COLON : AFTER_VALUE;
	return emit(s, s->key ? JSON_KEY : JSON_STRING, text);
}

/*
 * Takes all bytes up to the next quote, backslash or fault. A string that lies in one piece is
 * not copied.
 */
static bool in_string(struct json_stream *s, const char **p, const char *end)
{
	const char *from = *p, *to = from;
	while (to < end && *to != '"' && *to != '\\' && (unsigned char)*to >= 0x20)
		to++;
	size_t n = (size_t)(to - from);
	if (n > s->limits.text)
		return fault(s, "a string or number is too long");
	if (to < end && (unsigned char)*to < 0x20)
		return fault(s, "a control character stands in a string");
	*p = to < end ? to + 1 : to;
	if (to < end && *to == '"' && s->text.len == 0)
		return finish_string(s, (struct str){from, n});
	if (!add_text(s, from, n))
		return false;
	if (to == end)
		return true;
	if (*to == '"')
		return finish_string(s, buf_str(&s->text));
	s->state = IN_ESCAPE;
	return true;
}

static bool in_escape(struct json_stream *s, char c)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	if (c == 'u') {
		s->state = IN_HEX;
		s->hex = 0;
		s->hex_digits = 0;
		return true;
	}
	const char *at = c == '\0' ? NULL : strchr(from, c);
	if (at == NULL)
		return fault(s, "an unknown escape");
	s->state = IN_STRING;
	return add_text(s, &to[at - from], 1);
}

static bool add_code_point(struct json_stream *s, unsigned c)
{
	char b[4];
	size_t n = 0;
	if (c < 0x80) {
		b[n++] = (char)c;
	} else if (c < 0x800) {
		b[n++] = (char)(0xC0 | c >> 6);
		b[n++] = (char)(0x80 | (c & 0x3F));
	} else if (c < 0x10000) {
		b[n++] = (char)(0xE0 | c >> 12);
		b[n++] = (char)(0x80 | (c >> 6 & 0x3F));
		b[n++] = (char)(0x80 | (c & 0x3F));
	} else {
		b[n++] = (char)(0xF0 | c >> 18);
		b[n++] = (char)(0x80 | (c >> 12 & 0x3F));
		b[n++] = (char)(0x80 | (c >> 6 & 0x3F));
		b[n++] = (char)(0x80 | (c & 0x3F));
	}
	s->state = IN_STRING;
	return add_text(s, b, n);
}

static bool finish_hex(struct json_stream *s)
{
	unsigned c = s->hex;
	bool high = c >= 0xD800 && c <= 0xDBFF, low = c >= 0xDC00 && c <= 0xDFFF;
	if (s->high != 0) {
		unsigned pair = 0x10000 + ((s->high & 0x3FF) << 10) + (c & 0x3FF);
		s->high = 0;
		return low ? add_code_point(s, pair) : fault(s, "half a surrogate pair");
	}
	if (low)
		return fault(s, "half a surrogate pair");
	if (c == 0)
		return fault(s, "a NUL stands in a string");
	if (!high)
		return add_code_point(s, c);
	s->high = c;
	s->state = AT_LOW;
	return true;
}

static bool in_hex(struct json_stream *s, char c)
{
	unsigned digit;
	if (c >= '0' && c <= '9')
		digit = (unsigned)(c - '0');
	else if ((c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'))
		digit = (unsigned)((c | 0x20) - 'a' + 10);
	else
		return fault(s, "an unknown escape");
	s->hex = s->hex << 4 | digit;
	return ++s->hex_digits < 4 || finish_hex(s);
}

static bool at_low(struct json_stream *s, char c)
{
	if (c != (s->state == AT_LOW ? '\\' : 'u'))
		return fault(s, "half a surrogate pair");
	s->hex = 0;
	s->hex_digits = 0;
	s->state = s->state == AT_LOW ? AT_LOW_U : IN_HEX;
	return true;
}

static bool in_word(struct json_stream *s, char c)
{
	if (c != *s->word)
		return fault(s, "an unknown word");
	s->word++;
	if (*s->word != '\0')
		return true;
	s->state = AFTER_VALUE;
	return emit(s, s->word_event, STR(""));
}

/* The state after `c` in a number; AFTER_VALUE when `c` does not belong to it. */
static enum state number_step(enum state state, char c)
{
	bool digit = c >= '0' && c <= '9', e = c == 'e' || c == 'E';
	switch ((int)state) {
	case IN_NUMBER_MINUS:
		return c == '0' ? IN_NUMBER_ZERO : digit ? IN_NUMBER_INTEGER : AFTER_VALUE;
	case IN_NUMBER_ZERO:
	case IN_NUMBER_INTEGER:
		if (digit && state == IN_NUMBER_INTEGER)
			return state;
		return c == '.' ? IN_NUMBER_POINT : e ? IN_NUMBER_E : AFTER_VALUE;
	case IN_NUMBER_POINT:
		return digit ? IN_NUMBER_FRACTION : AFTER_VALUE;
	case IN_NUMBER_FRACTION:
		return digit ? state : e ? IN_NUMBER_E : AFTER_VALUE;
	case IN_NUMBER_E:
		if (c == '+' || c == '-')
			return IN_NUMBER_SIGN;
		return digit ? IN_NUMBER_EXPONENT : AFTER_VALUE;
	default: /* a sign or digit of the exponent */
		return digit ? IN_NUMBER_EXPONENT : AFTER_VALUE;
	}
}

static bool finish_number(struct json_stream *s)
{
	bool whole = s->state == IN_NUMBER_ZERO || s->state == IN_NUMBER_INTEGER ||
		     s->state == IN_NUMBER_FRACTION || s->state == IN_NUMBER_EXPONENT;
	if (!whole)
		return fault(s, "half a number");
	s->state = AFTER_VALUE;
	return emit(s, JSON_NUMBER, buf_str(&s->text));
}

/*
 * A number ends at the first byte that does not belong to it; that byte is then read as what
 * follows.
 */
static bool in_number(struct json_stream *s, const char **p, const char *end)
{
	const char *from = *p, *to = from;
	enum state state = s->state;
	while (to < end) {
		enum state next = number_step(state, *to);
		if (next == AFTER_VALUE)
			break;
		state = next;
		to++;
	}
	s->state = state;
	*p = to;
	return add_text(s, from, (size_t)(to - from)) && (to == end || finish_number(s));
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

static bool between(struct json_stream *s, char c)
{
	if (is_blank(c))
		return true;
	switch ((int)s->state) {
	case AT_FIRST_VALUE:
		return c == ']' ? close_container(s, c) : start_value(s, c);
	case AT_FIRST_KEY:
		if (c == '}')
			return close_container(s, c);
		return c == '"' ? start_string(s, true) : fault(s, "a key was expected");
	case AT_KEY:
		return c == '"' ? start_string(s, true) : fault(s, "a key was expected");
	case AT_COLON:
		s->state = AT_VALUE;
		return c == ':' || fault(s, "a colon was expected");
	case AFTER_VALUE:
		return after_value(s, c);
	default:
		return start_value(s, c);
	}
}

static bool step(struct json_stream *s, const char **p, const char *end)
{
	if (s->state == IN_STRING)
		return in_string(s, p, end);
	if (s->state >= IN_NUMBER_MINUS)
		return in_number(s, p, end);
	char c = *(*p)++;
	switch ((int)s->state) {
	case IN_ESCAPE:
		return in_escape(s, c);
	case IN_HEX:
		return in_hex(s, c);
	case AT_LOW:
	case AT_LOW_U:
		return at_low(s, c);
	case IN_WORD:
		return in_word(s, c);
	default:
		return between(s, c);
	}
}

static bool fail(struct json_stream *s, struct err *e)
{
	s->failed = true;
	*e = s->err;
	return false;
}

bool json_stream_feed(struct json_stream *s, const void *bytes, size_t n, struct err *e)
{
	if (s->failed)
		return fail(s, e);
	if (n == 0)
		return true;
	const char *p = bytes, *end = p + n;
	while (p < end)
		if (!step(s, &p, end))
			return fail(s, e);
	return true;
}

bool json_stream_end(struct json_stream *s, struct err *e)
{
	if (s->failed)
		return fail(s, e);
	if (s->state >= IN_NUMBER_MINUS && !finish_number(s))
		return fail(s, e);
	if (s->state != AFTER_VALUE || s->depth != 0) {
		(void)fault(s, "it ends too early");
		return fail(s, e);
	}
	return true;
}
