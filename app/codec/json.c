#include "codec/json.h"

#include "codec/json_stream.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <stdarg.h>

enum kind { KIND_NULL, KIND_BOOL, KIND_NUMBER, KIND_TEXT, KIND_ARRAY, KIND_OBJECT };

struct json {
	enum kind kind;
	bool truth;
	double number;
	const char *text;
	const char *name;   /* the key, when in an object */
	struct json *items; /* items of an array or object */
	size_t len;
};

/*
 * cJSON's allocation hooks take no context, so this is the arena of the json_parse that is
 * running. The tree, which may hold tokens, is thereby wiped with the arena; malloc would not
 * wipe it.
 */
static struct arena *tree_arena;

static void *tree_alloc(size_t n)
{
	return arena_alloc(tree_arena, n);
}

static void tree_free(void *p)
{
	(void)p;
}

/*
 * cJSON reads at most this many characters of a number, and splits a longer one without an
 * error.
 */
enum { NUMBER_CHARS_MAX = 63 };

static bool judge_event(void *user, enum json_event event, struct str text, struct err *e)
{
	size_t *values = user;
	if (event == JSON_OBJECT_END || event == JSON_ARRAY_END || event == JSON_KEY)
		return true;
	if (event == JSON_NUMBER && text.n > NUMBER_CHARS_MAX)
		return err_set(e, ERR_MALFORMED, "The JSON holds too long a number.");
	return ++*values <= JSON_VALUES_MAX ||
	       err_set(e, ERR_MALFORMED, "The JSON holds too many values.");
}

/* Checks the whole text against the grammar before cJSON sees a byte. */
static bool judge(struct arena *a, struct str text, struct err *e)
{
	if (text.n > JSON_BYTES_MAX)
		return err_set(e, ERR_MALFORMED, "The JSON is too large.");
	struct json_stream_limits limits = {JSON_DEPTH_MAX, JSON_BYTES_MAX};
	size_t values = 0;
	struct json_stream *s = json_stream_new(a, limits, judge_event, &values);
	return json_stream_feed(s, text.p, text.n, e) && json_stream_end(s, e);
}

static cJSON *parse_tree(struct arena *a, struct str text)
{
	cJSON_Hooks hooks = {tree_alloc, tree_free};
	tree_arena = a;
	cJSON_InitHooks(&hooks);
	/* `true` makes cJSON require the NUL after the value, which is the end of the input. */
	cJSON *tree = cJSON_ParseWithLengthOpts(str_dup(a, text), text.n + 1, NULL, true);
	cJSON_InitHooks(NULL);
	tree_arena = NULL;
	return tree;
}

static int by_name(const void *a, const void *b)
{
	const char *const *x = a, *const *y = b;
	return strcmp(*x, *y);
}

static bool names_differ(struct arena *a, const struct json *object)
{
	const char **names = arena_array(a, const char *, object->len);
	for (size_t i = 0; i < object->len; i++)
		names[i] = object->items[i].name;
	qsort(names, object->len, sizeof *names, by_name);
	for (size_t i = 1; i < object->len; i++)
		if (strcmp(names[i - 1], names[i]) == 0)
			return false;
	return true;
}

static bool convert(struct arena *a, const cJSON *from, struct json *to, struct err *e);

static bool convert_items(struct arena *a, const cJSON *from, struct json *to, struct err *e)
{
	for (const cJSON *item = from->child; item != NULL; item = item->next)
		to->len++;
	to->items = arena_array(a, struct json, to->len);
	size_t i = 0;
	for (const cJSON *item = from->child; item != NULL; item = item->next)
		if (!convert(a, item, &to->items[i++], e))
			return false;
	if (to->kind == KIND_OBJECT && !names_differ(a, to))
		return err_set(e, ERR_MALFORMED, "The JSON names one key twice.");
	return true;
}

/* The recursion is at most JSON_DEPTH_MAX deep: judge() has checked it. */
static bool convert(struct arena *a, const cJSON *from, struct json *to, struct err *e)
{
	to->name = from->string;
	if (cJSON_IsBool(from)) {
		to->kind = KIND_BOOL;
		to->truth = cJSON_IsTrue(from);
	} else if (cJSON_IsNumber(from)) {
		to->kind = KIND_NUMBER;
		to->number = from->valuedouble;
		if (!isfinite(to->number))
			return err_set(e, ERR_MALFORMED, "The JSON holds too large a number.");
	} else if (cJSON_IsString(from)) {
		to->kind = KIND_TEXT;
		to->text = from->valuestring;
	} else if (cJSON_IsArray(from) || cJSON_IsObject(from)) {
		to->kind = cJSON_IsArray(from) ? KIND_ARRAY : KIND_OBJECT;
		return convert_items(a, from, to, e);
	}
	return true;
}

bool json_parse(struct arena *a, struct str text, const struct json **root_r, struct err *e)
{
	if (!judge(a, text, e))
		return false;
	const cJSON *tree = parse_tree(a, text);
	if (tree == NULL)
		return err_set(e, ERR_MALFORMED, "The JSON is not well-formed.");
	struct json *root = arena_new_of(a, struct json);
	if (!convert(a, tree, root, e))
		return false;
	*root_r = root;
	return true;
}

static bool is(const struct json *node, enum kind kind)
{
	return node != NULL && node->kind == kind;
}

const struct json *json_get(const struct json *object, const char *name)
{
	if (!is(object, KIND_OBJECT))
		return NULL;
	for (size_t i = 0; i < object->len; i++)
		if (strcmp(object->items[i].name, name) == 0)
			return &object->items[i];
	return NULL;
}

const struct json *json_at(const struct json *array, size_t i)
{
	return is(array, KIND_ARRAY) && i < array->len ? &array->items[i] : NULL;
}

size_t json_len(const struct json *array)
{
	return is(array, KIND_ARRAY) ? array->len : 0;
}

const char *json_text(const struct json *node)
{
	return is(node, KIND_TEXT) ? node->text : NULL;
}

bool json_int(const struct json *node, int64_t *n_r)
{
	static const double limit = 9007199254740991.0; /* 2^53 - 1 */
	if (!is(node, KIND_NUMBER) || node->number < -limit || node->number > limit)
		return false;
	int64_t n = (int64_t)node->number;
	if ((double)n != node->number)
		return false;
	*n_r = n;
	return true;
}

bool json_bool(const struct json *node, bool *b_r)
{
	if (!is(node, KIND_BOOL))
		return false;
	*b_r = node->truth;
	return true;
}

bool json_is_null(const struct json *node)
{
	return is(node, KIND_NULL);
}

bool json_is_array(const struct json *node)
{
	return is(node, KIND_ARRAY);
}

bool json_is_object(const struct json *node)
{
	return is(node, KIND_OBJECT);
}

/* The length of the code point at s[0..n); 0 when there is none. */
static size_t code_point(const char *s, size_t n)
{
	for (size_t len = 1; len <= 4 && len <= n; len++)
		if (str_utf8_valid((struct str){s, len}))
			return len;
	return 0;
}

static void add_escaped(struct buf *out, const char *s, size_t len)
{
	unsigned char c = (unsigned char)s[0];
	if (c == '"' || c == '\\')
		buf_printf(out, "\\%c", c);
	else if (c < 0x20 || c == 0x7F || c == '<' || c == '>' || c == '&' || c == '\'')
		buf_printf(out, "\\u%04x", c);
	else if (len == 3 && memcmp(s, "\xE2\x80\xA8", 3) == 0)
		buf_adds(out, "\\u2028"); /* old script engines take it for a line end */
	else if (len == 3 && memcmp(s, "\xE2\x80\xA9", 3) == 0)
		buf_adds(out, "\\u2029");
	else
		buf_add(out, s, len);
}

void json_add_string(struct buf *out, const char *s)
{
	if (s == NULL) {
		buf_adds(out, "null");
		return;
	}
	size_t n = strlen(s);
	buf_addc(out, '"');
	for (size_t i = 0; i < n;) {
		size_t len = code_point(s + i, n - i);
		if (len == 0)
			buf_adds(out, "\\ufffd");
		else
			add_escaped(out, s + i, len);
		i += len == 0 ? 1 : len;
	}
	buf_addc(out, '"');
}

/* A byte becomes at most six characters, so this is always enough. */
static size_t object_bytes_max(va_list ap)
{
	size_t n = 2;
	for (const char *s = va_arg(ap, const char *); s != NULL;
		s = va_arg(ap, const char *)) {
		const char *text = va_arg(ap, const char *);
		n += 6 * strlen(s) + (text == NULL ? 0 : 6 * strlen(text)) + 8;
	}
	return n;
}

char *json_object(struct arena *a, ...)
{
	va_list ap;
	va_start(ap, a);
	size_t max = object_bytes_max(ap);
	va_end(ap);
	struct buf out;
	buf_init(&out, a, max);
	buf_addc(&out, '{');
	va_start(ap, a);
	for (const char *s = va_arg(ap, const char *); s != NULL;
		s = va_arg(ap, const char *)) {
		if (out.len > 1)
			buf_addc(&out, ',');
		json_add_string(&out, s);
		buf_addc(&out, ':');
		json_add_string(&out, va_arg(ap, const char *));
	}
	va_end(ap);
	buf_addc(&out, '}');
	return out.data;
}
