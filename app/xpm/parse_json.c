#include "xpm/draft.h"

/*
 * JSON has no Response wrapper, and arrays where XML repeats an element. Each open bracket gets
 * a place: the root object stands for Response, an array for Clients or Contacts, an object in
 * it for Client or Contact.
 */
enum { KEY_MAX = 64 };

struct parse_json {
	struct json_stream *stream;
	struct draft *draft;
	enum place open[PARSE_DEPTH_MAX + 1];
	bool is_array[PARSE_DEPTH_MAX + 1];
	size_t depth;
	char key[KEY_MAX]; /* of the next value; "" in an array */
};

static enum place place_of_value(const struct parse_json *j, bool object, bool array)
{
	enum place parent = j->open[j->depth];
	if (j->depth == 0)
		return object ? AT_RESPONSE : AT_ELSEWHERE;
	if (j->is_array[j->depth])
		return !object		       ? AT_ELSEWHERE
		       : parent == AT_CLIENTS  ? AT_CLIENT
		       : parent == AT_CONTACTS ? AT_CONTACT
					       : AT_ELSEWHERE;
	enum place at = draft_place(j->draft, parent, j->key, true);
	if ((at == AT_CLIENTS || at == AT_CONTACTS) && !array)
		return AT_ELSEWHERE;
	if (at == AT_CLIENT && !object)
		return AT_ELSEWHERE;
	return at;
}

static bool open_bracket(struct parse_json *j, bool array, struct err *e)
{
	enum place at = place_of_value(j, !array, array);
	if (j->depth == 0 && at != AT_RESPONSE)
		return err_set(e, ERR_MALFORMED, "The answer is no XPM document.");
	/* A leaf must be a text: an array or object in its place is skipped. */
	if (draft_is_leaf(at))
		at = AT_ELSEWHERE;
	j->depth++;
	j->open[j->depth] = at;
	j->is_array[j->depth] = array;
	j->key[0] = '\0';
	return draft_open(j->draft, at, e);
}

static bool close_bracket(struct parse_json *j, struct err *e)
{
	j->key[0] = '\0';
	return draft_close(j->draft, j->open[j->depth--], e);
}

static bool scalar(struct parse_json *j, struct str text, bool null, struct err *e)
{
	enum place parent = j->open[j->depth];
	if (j->depth == 0)
		return err_set(e, ERR_MALFORMED, "The answer is no XPM document.");
	if (j->is_array[j->depth])
		return true;
	enum place at = draft_place(j->draft, parent, j->key, true);
	/* "contacts": null means no contacts, as [] does. */
	if (null && (at == AT_CLIENTS || at == AT_CONTACTS))
		return draft_open(j->draft, at, e) && draft_close(j->draft, at, e);
	if (null)
		return true;
	if (draft_is_leaf(at))
		return draft_text(j->draft, at, NULL, text, true, e);
	if (at == AT_ELSEWHERE && (parent == AT_CLIENT || parent == AT_CONTACT))
		return draft_text(j->draft, parent, j->key, text, true, e);
	return true;
}

static void set_key(struct parse_json *j, struct str text)
{
	/* No name we know is that long: a longer one matches none. */
	size_t n = text.n < KEY_MAX ? text.n : 0;
	memcpy(j->key, text.p, n);
	j->key[n] = '\0';
}

static bool on_event(void *user, enum json_event event, struct str text, struct err *e)
{
	struct parse_json *j = user;
	switch (event) {
	case JSON_OBJECT_START:
	case JSON_ARRAY_START:
		return open_bracket(j, event == JSON_ARRAY_START, e);
	case JSON_OBJECT_END:
	case JSON_ARRAY_END:
		return close_bracket(j, e);
	case JSON_KEY:
		set_key(j, text);
		return true;
	case JSON_STRING:
	case JSON_NUMBER:
		return scalar(j, text, false, e);
	case JSON_TRUE:
		return scalar(j, STR("true"), false, e);
	case JSON_FALSE:
		return scalar(j, STR("false"), false, e);
	case JSON_NULL:
		return scalar(j, STR(""), true, e);
	}
	return true;
}

struct parse_json *parse_json_new(struct arena *a, struct draft *d)
{
	struct parse_json *j = arena_new_of(a, struct parse_json);
	const struct json_stream_limits limits = {
		.depth = PARSE_DEPTH_MAX, .text = PARSE_TEXT_MAX};
	j->draft = d;
	j->stream = json_stream_new(a, limits, on_event, j);
	return j;
}

bool parse_json_feed(struct parse_json *j, struct str piece, struct err *e)
{
	return json_stream_feed(j->stream, piece.p, piece.n, e);
}

bool parse_json_end(struct parse_json *j, struct err *e)
{
	return json_stream_end(j->stream, e);
}
