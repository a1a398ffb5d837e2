#include "codec/tmpl_int.h"

enum {
	FILES_DEEP_MAX = 8,
	FILES_MAX = 1024, /* these three stop templates that include each other */
	OPS_MAX = 64 * 1024,
	LITERAL_MAX = 4 * 1024 * 1024,
};

int tmpl_line(const struct tmpl_file *f, size_t at)
{
	int line = 1;
	for (size_t i = 0; i < at && i < f->text.n; i++)
		line += f->text.p[i] == '\n';
	return line;
}

static bool literal(struct tmpl_parser *p, const struct tmpl_file *f, size_t from, size_t to)
{
	struct str text = str_sub(f->text, from, to - from);
	size_t at = 0;
	const char *why = tmpl_context_feed(&p->context, text, &at);
	if (why != NULL)
		return tmpl_fail(p, f, from + at, "%s", why);
	p->n_literal += text.n;
	if (p->n_literal > LITERAL_MAX || p->n_ops > OPS_MAX)
		return tmpl_fail(p, f, from, "the template has grown too large");
	buf_addstr(&p->literal, text);
	return true;
}

static bool parse_file(struct tmpl_parser *p, const char *name, const struct tmpl_file *parent);

static bool partial(struct tmpl_parser *p, const struct tmpl_file *f, struct str name)
{
	const char *text = str_dup(p->arena, name);
	for (const struct tmpl_file *above = f; above != NULL; above = above->parent)
		if (strcmp(above->name, text) == 0)
			return tmpl_fail(
				p, f, f->at, "{{> %.*s}} contains itself", TMPL_SHOW(name));
	if (f->depth == FILES_DEEP_MAX || p->n_files == FILES_MAX)
		return tmpl_fail(p, f, f->at, "too many templates inside each other");
	return parse_file(p, text, f);
}

struct verb {
	const char *word;
	bool (*run)(struct tmpl_parser *p, const struct tmpl_file *f, struct str name);
};

static bool tag(struct tmpl_parser *p, const struct tmpl_file *f, struct str inside)
{
	static const struct verb verbs[] = {
		{"#if ", tmpl_begin_if},
		{"#each ", tmpl_begin_each},
		{"#with ", tmpl_begin_with},
		{"/", tmpl_close},
		{">", partial},
	};
	struct str text = str_trim(inside);
	if (str_starts(text, "!"))
		return true;
	if (str_is(text, "else"))
		return tmpl_turn(p, f);
	for (size_t i = 0; i < ARRAY_LEN(verbs); i++)
		if (str_starts(text, verbs[i].word))
			return verbs[i].run(
				p, f, str_trim(str_sub(text, strlen(verbs[i].word), text.n)));
	return tmpl_value(p, f, text);
}

/*
 * The position where the character `twice` next comes twice in a row, or the end of the text.
 */
static size_t find(struct str text, size_t from, char twice)
{
	for (size_t i = from; i + 1 < text.n; i++)
		if (text.p[i] == twice && text.p[i + 1] == twice)
			return i;
	return text.n;
}

static bool prints(struct str inside)
{
	struct str s = str_trim(inside);
	return s.n != 0 && strchr("#/!", s.p[0]) == NULL && !str_is(s, "else");
}

/*
 * A tag that prints nothing and is alone on its line removes the whole line, so that the page
 * is as tidy as the template. *from and *to are the ends of the tag.
 */
static void take_line(struct str text, size_t *from, size_t *to)
{
	size_t start = *from, end = *to;
	while (start > 0 && (text.p[start - 1] == ' ' || text.p[start - 1] == '\t'))
		start--;
	while (end < text.n && strchr(" \t\r", text.p[end]) != NULL && text.p[end] != '\0')
		end++;
	if ((start > 0 && text.p[start - 1] != '\n') || (end < text.n && text.p[end] != '\n'))
		return;
	*from = start;
	*to = end < text.n ? end + 1 : end;
}

/* Parses up to the end of the next tag. */
static bool parse_step(struct tmpl_parser *p, struct tmpl_file *f, size_t *at)
{
	size_t open = find(f->text, *at, '{');
	if (open == f->text.n) {
		size_t from = *at;
		*at = open;
		return literal(p, f, from, open);
	}
	size_t close = find(f->text, open, '}');
	f->at = open;
	if (close == f->text.n)
		return tmpl_fail(p, f, open, "'{{' without '}}'");
	struct str inside = str_sub(f->text, open + 2, close - open - 2);
	size_t from = open, to = close + 2;
	if (!prints(inside))
		take_line(f->text, &from, &to);
	if (!literal(p, f, *at, from))
		return false;
	if (p->context.state != AT_TEXT) { /* blanks matter in a tag, a value, a textarea */
		if (!literal(p, f, from, open))
			return false;
		to = close + 2;
	}
	*at = to;
	return tag(p, f, inside);
}

static bool parse_file(struct tmpl_parser *p, const char *name, const struct tmpl_file *parent)
{
	struct tmpl_file f = {.name = name, .parent = parent};
	f.depth = parent == NULL ? 0 : parent->depth + 1;
	p->n_files++;
	if (!p->source->read(p->source->user, name, &f.text)) {
		if (parent == NULL)
			return err_set(p->e, ERR_CONFIG, "there is no template '%.80s'", name);
		return tmpl_fail(p, parent, parent->at, "there is no template '%.80s'", name);
	}
	/* A partial loses its last line feed, because the line that includes it goes on. */
	if (parent != NULL && f.text.n != 0 && f.text.p[f.text.n - 1] == '\n')
		f.text.n--;
	for (size_t at = 0; at < f.text.n;)
		if (!parse_step(p, &f, &at))
			return false;
	const struct tmpl_block *b = tmpl_open(p, &f);
	if (b != NULL)
		return tmpl_fail(
			p, &f, b->at, "{{#%s}} is never closed", tmpl_block_names[b->kind]);
	if (parent == NULL && p->context.state != AT_TEXT)
		return tmpl_fail(
			p, &f, f.text.n, "the template ends inside a tag, comment or element");
	return true;
}

bool tmpl_compile(struct arena *a, const char *name, const struct tmpl_shape *shape,
	const struct tmpl_source *source, const struct tmpl **tmpl_r, struct err *e)
{
	struct tmpl_parser p = {.arena = a, .source = source, .e = e};
	buf_init(&p.literal, a, LITERAL_MAX);
	tmpl_enter(&p, shape, 0, 0);
	if (!parse_file(&p, name, NULL))
		return false;
	tmpl_flush(&p);
	tmpl_add_op(&p, OP_END);
	struct tmpl *t = arena_new_of(a, struct tmpl);
	t->ops = p.ops;
	*tmpl_r = t;
	return true;
}
