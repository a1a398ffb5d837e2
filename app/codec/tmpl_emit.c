#include "codec/tmpl_int.h"

const char *const tmpl_block_names[] = {"if", "each", "with"};

/* The field that a name refers to. */
struct target {
	const struct tmpl_field *field;
	unsigned char slot;
	size_t offset;
};

struct tmpl_op *tmpl_add_op(struct tmpl_parser *p, enum tmpl_code code)
{
	p->ops = arena_grow(p->arena, p->ops, p->n_ops, &p->cap_ops, sizeof *p->ops);
	struct tmpl_op *op = &p->ops[p->n_ops++];
	*op = (struct tmpl_op){.code = code};
	return op;
}

/*
 * Literals are collected until something else comes, so that remarks and partials cost nothing
 * when a page is rendered.
 */
void tmpl_flush(struct tmpl_parser *p)
{
	struct str text = buf_str(&p->literal);
	if (text.n == 0)
		return;
	tmpl_add_op(p, OP_RAW)->raw = (struct str){str_dup(p->arena, text), text.n};
	buf_reset(&p->literal);
}

static const struct tmpl_field *find_field(const struct tmpl_shape *shape, struct str name)
{
	for (size_t i = 0; i < shape->n; i++)
		if (str_is(name, shape->fields[i].name))
			return &shape->fields[i];
	return NULL;
}

static bool name_is_good(struct str name)
{
	for (size_t i = 0; i < name.n; i++) {
		char c = name.p[i];
		bool word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
			    (c >= '0' && c <= '9') || c == '_';
		if (!word && (c != '.' || i == 0 || i + 1 == name.n))
			return false;
	}
	return name.n != 0;
}

static bool needs_shape(enum tmpl_type type)
{
	return type == TMPL_LIST || type == TMPL_STRUCT || type == TMPL_PTR;
}

/* Resolves a.b.c: `a` is searched from the innermost scope outwards, the rest inside it. */
static bool resolve(struct tmpl_parser *p, const struct tmpl_file *f, struct str whole,
	struct target *target_r)
{
	if (!name_is_good(whole))
		return tmpl_fail(p, f, f->at, "'%.*s' is no name", TMPL_SHOW(whole));
	struct str rest = whole, name;
	(void)str_next(&rest, '.', &name);
	const struct tmpl_scope *scope = &p->scopes[p->n_scopes - 1];
	const struct tmpl_shape *shape = scope->shape;
	const struct tmpl_field *field = find_field(shape, name);
	while (field == NULL && scope > p->scopes)
		field = find_field((--scope)->shape, name);
	size_t offset = scope->base + (field == NULL ? 0 : field->offset);
	shape = field == NULL ? shape : scope->shape;
	while (field != NULL && str_next(&rest, '.', &name)) {
		if (field->type != TMPL_STRUCT || field->shape == NULL)
			return tmpl_fail(p, f, f->at, "'%s' of '%.*s' is no embedded struct",
				field->name, TMPL_SHOW(whole));
		shape = field->shape;
		field = find_field(shape, name);
		offset += field == NULL ? 0 : field->offset;
	}
	if (field == NULL)
		return tmpl_fail(
			p, f, f->at, "unknown name '%.*s' of %s", TMPL_SHOW(name), shape->name);
	if (needs_shape(field->type) && field->shape == NULL)
		return tmpl_fail(p, f, f->at, "'%s' of %s has no shape: use TMPL_FS",
			field->name, shape->name);
	*target_r = (struct target){field, scope->slot, offset};
	return true;
}

static struct tmpl_op *add_op_on(
	struct tmpl_parser *p, enum tmpl_code code, const struct target *target)
{
	tmpl_flush(p);
	struct tmpl_op *op = tmpl_add_op(p, code);
	op->type = target->field->type;
	op->slot = target->slot;
	op->offset = target->offset;
	return op;
}

/* The instruction that prints `type` in the context `place`; OP_END when there is none. */
static enum tmpl_code printer(enum tmpl_type type, enum tmpl_place place)
{
	bool text = place == PLACE_TEXT || place == PLACE_ONLY_TEXT || place == PLACE_WORDS;
	if (type == TMPL_EMAIL && place == PLACE_TEXT)
		return OP_EMAIL;
	if (type == TMPL_TEXT || type == TMPL_EMAIL)
		return place == PLACE_URL	 ? OP_URL
		       : place == PLACE_URL_PART ? OP_URL_PART
		       : place == PLACE_WORDS	 ? OP_WORDS
						 : OP_TEXT;
	if (type == TMPL_INT)
		return text ? OP_INT_GROUPED : OP_INT;
	return type == TMPL_HTML && place == PLACE_TEXT ? OP_HTML : OP_END;
}

bool tmpl_value(struct tmpl_parser *p, const struct tmpl_file *f, struct str name)
{
	const char *why = "";
	struct target target;
	if (!resolve(p, f, name, &target))
		return false;
	enum tmpl_place place = tmpl_context_place(&p->context, &why);
	if (place == PLACE_NONE)
		return tmpl_fail(
			p, f, f->at, "the value '%.*s' stands %s", TMPL_SHOW(name), why);
	enum tmpl_code code = printer(target.field->type, place);
	if (code == OP_END)
		return tmpl_fail(p, f, f->at, "'%.*s' is of a type that cannot be printed here",
			TMPL_SHOW(name));
	add_op_on(p, code, &target);
	tmpl_context_value(&p->context);
	return true;
}

static struct tmpl_block *open_block(
	struct tmpl_parser *p, const struct tmpl_file *f, enum tmpl_block_kind kind)
{
	if (p->n_blocks == TMPL_DEPTH_MAX) {
		(void)tmpl_fail(p, f, f->at, "blocks stand more than %d deep", TMPL_DEPTH_MAX);
		return NULL;
	}
	if (!tmpl_context_block(&p->context)) {
		(void)tmpl_fail(p, f, f->at, "a block cannot begin here in the HTML");
		return NULL;
	}
	struct tmpl_block *b = &p->blocks[p->n_blocks++];
	*b = (struct tmpl_block){.kind = kind,
		.file = f,
		.at = f->at,
		.other = p->context,
		.scopes = p->n_scopes,
		.slots = p->n_slots};
	return b;
}

static void wait_jump(struct tmpl_parser *p, struct tmpl_block *b)
{
	b->jumps = true;
	b->op = p->n_ops - 1;
}

static void land(struct tmpl_parser *p, const struct tmpl_block *b)
{
	if (b->jumps)
		p->ops[b->op].jump = p->n_ops;
}

bool tmpl_begin_if(struct tmpl_parser *p, const struct tmpl_file *f, struct str name)
{
	struct target target;
	bool negate = str_starts(name, "!");
	if (!resolve(p, f, negate ? str_trim(str_sub(name, 1, name.n)) : name, &target))
		return false;
	if (target.field->type == TMPL_STRUCT)
		return tmpl_fail(
			p, f, f->at, "'%.*s' is a struct, always there", TMPL_SHOW(name));
	struct tmpl_block *b = open_block(p, f, BLOCK_IF);
	if (b == NULL)
		return false;
	add_op_on(p, OP_IF, &target)->negate = negate;
	wait_jump(p, b);
	return true;
}

void tmpl_enter(
	struct tmpl_parser *p, const struct tmpl_shape *shape, unsigned char slot, size_t base)
{
	p->scopes[p->n_scopes++] = (struct tmpl_scope){shape, base, slot};
}

bool tmpl_begin_each(struct tmpl_parser *p, const struct tmpl_file *f, struct str name)
{
	struct target target;
	if (!resolve(p, f, name, &target))
		return false;
	if (target.field->type != TMPL_LIST)
		return tmpl_fail(p, f, f->at, "'%.*s' is no list", TMPL_SHOW(name));
	struct tmpl_block *b = open_block(p, f, BLOCK_EACH);
	if (b == NULL)
		return false;
	struct tmpl_op *op = add_op_on(p, OP_EACH, &target);
	op->to = ++p->n_slots;
	op->size = target.field->shape->size;
	wait_jump(p, b);
	tmpl_enter(p, target.field->shape, p->n_slots, 0);
	return true;
}

bool tmpl_begin_with(struct tmpl_parser *p, const struct tmpl_file *f, struct str name)
{
	struct target target;
	if (!resolve(p, f, name, &target))
		return false;
	enum tmpl_type type = target.field->type;
	if (type != TMPL_STRUCT && type != TMPL_PTR)
		return tmpl_fail(p, f, f->at, "'%.*s' is no struct", TMPL_SHOW(name));
	struct tmpl_block *b = open_block(p, f, BLOCK_WITH);
	if (b == NULL)
		return false;
	if (type == TMPL_STRUCT) {
		tmpl_enter(p, target.field->shape, target.slot, target.offset);
		return true;
	}
	add_op_on(p, OP_WITH, &target)->to = ++p->n_slots;
	wait_jump(p, b);
	tmpl_enter(p, target.field->shape, p->n_slots, 0);
	return true;
}

struct tmpl_block *tmpl_open(struct tmpl_parser *p, const struct tmpl_file *f)
{
	struct tmpl_block *b = p->n_blocks == 0 ? NULL : &p->blocks[p->n_blocks - 1];
	return b != NULL && b->file == f ? b : NULL;
}

bool tmpl_turn(struct tmpl_parser *p, const struct tmpl_file *f)
{
	struct tmpl_block *b = tmpl_open(p, f);
	if (b == NULL || b->kind != BLOCK_IF || b->turned)
		return tmpl_fail(p, f, f->at, "{{else}} without its {{#if}}");
	if (!tmpl_context_block(&p->context))
		return tmpl_fail(p, f, f->at, "{{else}} cannot stand here in the HTML");
	tmpl_flush(p);
	tmpl_add_op(p, OP_JUMP);
	land(p, b);
	wait_jump(p, b);
	b->turned = true;
	struct tmpl_context start = b->other;
	b->other = p->context;
	p->context = start;
	return true;
}

/* A loop must end in the context in which it began, because its start may follow its end. */
static bool meet(struct tmpl_parser *p, const struct tmpl_block *b)
{
	if (!tmpl_context_block(&p->context))
		return false;
	if (b->kind == BLOCK_EACH && !tmpl_context_same(&p->context, &b->other))
		return false;
	return tmpl_context_join(&p->context, &b->other);
}

bool tmpl_close(struct tmpl_parser *p, const struct tmpl_file *f, struct str name)
{
	struct tmpl_block *b = tmpl_open(p, f);
	if (b == NULL || !str_is(name, tmpl_block_names[b->kind]))
		return tmpl_fail(
			p, f, f->at, "{{/%.*s}} closes nothing that is open", TMPL_SHOW(name));
	if (!meet(p, b))
		return tmpl_fail(p, f, f->at,
			"{{#%s}} of line %d leaves the HTML in another place than without it",
			tmpl_block_names[b->kind], tmpl_line(f, b->at));
	tmpl_flush(p);
	if (b->kind == BLOCK_EACH) {
		size_t start = b->op + 1;
		struct tmpl_op *op = tmpl_add_op(p, OP_NEXT);
		op->to = p->ops[b->op].to;
		op->size = p->ops[b->op].size;
		op->jump = start;
	}
	land(p, b);
	p->n_scopes = b->scopes;
	p->n_slots = b->slots;
	p->n_blocks--;
	return true;
}
