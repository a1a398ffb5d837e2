#include "web/fields.h"

enum { TEXT_MAX = 200, LINES_MAX = 2000, EMAIL_MAX = 254, PASSWORD_MAX = 1024, CODE_MAX = 64 };
enum { KEY_MAX = 1024 };

/* One field while it is checked. */
struct reading {
	struct arena *arena;
	const struct field *spec;
	struct str value; /* trimmed when the type says so */
	const char *text; /* the accepted value */
	int64_t number;
};

static bool is_ascii_control(char c)
{
	return (unsigned char)c < 0x20 || c == 0x7F;
}

/* C1 controls and the Unicode line separators break a line just as LF does. */
static bool is_wide_control(uint32_t point)
{
	return (point >= 0x80 && point < 0xA0) || point == 0x2028 || point == 0x2029;
}

static bool has_control(struct str s, const char *allowed)
{
	size_t step = 1;
	for (size_t i = 0; i < s.n; i += step)
		if (is_wide_control(str_code_point(s.p + i, &step)) ||
			(is_ascii_control(s.p[i]) && strchr(allowed, s.p[i]) == NULL))
			return true;
	return false;
}

static const char *judge_length(const struct reading *v, int own_max)
{
	int max = v->spec->max > 0 ? v->spec->max : own_max;
	size_t n = str_utf8_len(v->value);
	if (n > (size_t)max)
		return arena_printf(v->arena, "Use at most %s.",
			str_count(v->arena, max, "character", "characters"));
	if (v->spec->min > 0 && n < (size_t)v->spec->min)
		return arena_printf(v->arena, "Use at least %s.",
			str_count(v->arena, v->spec->min, "character", "characters"));
	return NULL;
}

static const char *judge_text(struct reading *v)
{
	if (has_control(v->value, ""))
		return "Use one line of plain text.";
	return judge_length(v, TEXT_MAX);
}

/* Browsers send CR LF; the stored text has LF alone (HTML standard, "textarea" API value). */
static const char *judge_lines(struct reading *v)
{
	char *to = arena_alloc(v->arena, v->value.n + 1);
	size_t n = 0;
	for (size_t i = 0; i < v->value.n; i++) {
		bool ends_line = v->value.p[i] == '\r';
		if (ends_line && i + 1 < v->value.n && v->value.p[i + 1] == '\n')
			continue;
		to[n++] = ends_line ? '\n' : v->value.p[i];
	}
	v->value = (struct str){to, n};
	if (has_control(v->value, "\n\t"))
		return "Use plain text.";
	return judge_length(v, LINES_MAX);
}

/*
 * Characters that no address may hold: blanks of every width, invisible marks, and the specials
 * of a mail header (RFC 5322 section 3.2.3).
 */
static bool is_unfit_for_email(uint32_t point)
{
	if (point < 0x80)
		return point <= ' ' || point == 0x7F ||
		       strchr("<>()[]\\,;:\"", (int)point) != NULL;
	return point <= 0xA0 || point == 0xAD || point == 0x1680 || point == 0x180E ||
	       (point >= 0x2000 && point <= 0x206F) || point == 0x3000 || point == 0xFEFF ||
	       (point >= 0xFFF9 && point <= 0xFFFF) || point >= 0xE0000;
}

/*
 * Only a mail can tell whether the address works. This check keeps out obvious slips and
 * attacks.
 */
static const char *judge_email(struct reading *v)
{
	struct str before, after;
	size_t step = 1;
	bool fit = str_cut(v->value, '@', &before, &after) && before.n > 0 && after.n > 0 &&
		   !str_has(after, '@');
	if (v->value.n > EMAIL_MAX)
		return arena_printf(v->arena, "Use at most %s.",
			str_count(v->arena, EMAIL_MAX, "character", "characters"));
	for (size_t i = 0; fit && i < v->value.n; i += step)
		fit = !is_unfit_for_email(str_code_point(v->value.p + i, &step));
	if (!fit)
		return "Enter an email address like name@example.com.";
	return judge_length(v, EMAIL_MAX);
}

static const char *judge_code(struct reading *v)
{
	for (size_t i = 0; i < v->value.n; i++) {
		char c = v->value.p[i];
		bool letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
		if (!letter && !(c >= '0' && c <= '9') && c != ' ' && c != '-')
			return "Use only the digits and letters of the code.";
	}
	return judge_length(v, CODE_MAX);
}

static const char *judge_int(struct reading *v)
{
	const struct field *f = v->spec;
	bool any = f->min == 0 && f->max == 0;
	int64_t n = 0;
	if (str_to_i64(v->value, &n) && (any || (n >= f->min && n <= f->max))) {
		v->number = n;
		return NULL;
	}
	if (any)
		return "Enter a whole number, in digits.";
	return arena_printf(v->arena, "Enter a number from %s to %s.",
		str_number(v->arena, f->min), str_number(v->arena, f->max));
}

/* An id comes from a list or a hidden field of our own: nobody types one. */
static const char *judge_id(struct reading *v)
{
	int64_t n = 0;
	if (!str_to_i64(v->value, &n) || n <= 0)
		return "Choose one of the options.";
	v->number = n;
	return NULL;
}

static const char *judge_choice(struct reading *v)
{
	for (int i = 0; v->spec->choices != NULL && v->spec->choices[i] != NULL; i++)
		if (str_is(v->value, v->spec->choices[i])) {
			v->number = i;
			return NULL;
		}
	return "Choose one of the options.";
}

static const char *judge(struct reading *v)
{
	switch (v->spec->type) {
	case FIELD_TEXT:
		return judge_text(v);
	case FIELD_LINES:
		return judge_lines(v);
	case FIELD_EMAIL:
		return judge_email(v);
	case FIELD_PASSWORD:
		return judge_length(v, PASSWORD_MAX);
	case FIELD_KEY:
		return judge_length(v, KEY_MAX);
	case FIELD_CODE:
		return judge_code(v);
	case FIELD_INT:
		return judge_int(v);
	case FIELD_ID:
		return judge_id(v);
	case FIELD_FLAG:
		v->number = 1;
		return NULL;
	case FIELD_CHOICE:
		return judge_choice(v);
	}
	bug("field %s has no type", v->spec->name);
}

static const char *missing(struct arena *a, const struct field *f)
{
	if (!f->required)
		return NULL;
	if (f->type == FIELD_FLAG)
		return "Tick this box to go on.";
	if (f->type == FIELD_CHOICE || f->type == FIELD_ID)
		return "Choose one of the options.";
	return arena_printf(a, "Enter %s.", f->label == NULL ? "a value" : f->label);
}

static void read_one(struct fields *f, size_t i, const char *sent, struct arena *a)
{
	const struct field *spec = &f->spec[i];
	struct reading v = {.arena = a, .spec = spec, .value = str_of(sent)};
	bool secret = spec->type == FIELD_PASSWORD;
	if (!secret && spec->type != FIELD_KEY)
		v.value = str_trim(v.value);
	f->text[i] = "";
	f->typed[i] = sent == NULL || secret ? "" : sent;
	bool absent = spec->type == FIELD_FLAG ? sent == NULL : v.value.n == 0;
	f->error[i] = absent ? missing(a, spec) : judge(&v);
	if (f->error[i] != NULL) {
		f->ok = false;
		return;
	}
	f->text[i] = str_dup(a, v.value);
	f->number[i] = v.number;
}

bool fields_read(const struct request *r, const struct field *spec, size_t n,
	struct fields *f_r, struct err *e)
{
	const struct form *form = r->method == METHOD_POST ? &r->body : &r->query;
	if (n > FIELDS_MAX)
		bug("a route has %zu fields, at most %d are allowed", n, FIELDS_MAX);
	*f_r = (struct fields){.spec = spec, .n = n, .ok = true};
	for (size_t i = 0; i < n; i++) {
		bool twice = false;
		const char *sent = form_get(form, spec[i].name, &twice);
		if (twice)
			return err_set(e, ERR_MALFORMED, "A parameter is given twice.");
		read_one(f_r, i, sent, r->arena);
	}
	return true;
}

void fields_fail(struct fields *f, size_t field, const char *sentence)
{
	if (field >= f->n)
		bug("fields_fail: field %zu of %zu", field, f->n);
	f->error[field] = sentence;
	f->ok = false;
}
