#include "codec/tmpl_int.h"

/*
 * A struct that names can refer to. For a list: the current item, and the number of items left,
 * this one included.
 */
struct slot {
	const char *base;
	size_t left;
};

static const char *text_at(const void *field)
{
	return *(const char *const *)field;
}

static int64_t int_at(const void *field)
{
	return *(const int64_t *)field;
}

static const void *ptr_at(const void *field)
{
	return *(const void *const *)field;
}

static const char *html_at(const void *field)
{
	return ((const struct html *)field)->markup;
}

static const struct tmpl_list *list_at(const void *field)
{
	return field;
}

static bool is_true(enum tmpl_type type, const void *field)
{
	switch (type) {
	case TMPL_TEXT:
	case TMPL_EMAIL:
		return text_at(field) != NULL && *text_at(field) != '\0';
	case TMPL_INT:
		return int_at(field) != 0;
	case TMPL_BOOL:
		return *(const bool *)field;
	case TMPL_HTML:
		return html_at(field) != NULL && *html_at(field) != '\0';
	case TMPL_LIST:
		return list_at(field)->n != 0;
	case TMPL_PTR:
		return ptr_at(field) != NULL;
	case TMPL_STRUCT:
		break;
	}
	return true;
}

/* The instructions that print one value. */
static void put(struct buf *out, enum tmpl_code code, const void *field)
{
	if (code == OP_TEXT)
		html_text(out, str_of(text_at(field)));
	else if (code == OP_EMAIL)
		html_email(out, str_of(text_at(field)));
	else if (code == OP_WORDS)
		html_text(out, str_of(str_isolate(out->arena, text_at(field))));
	else if (code == OP_URL)
		html_url_attr(out, str_of(text_at(field)));
	else if (code == OP_URL_PART)
		html_url_part(out, str_of(text_at(field)));
	else if (code == OP_HTML)
		buf_adds(out, html_at(field));
	else if (code == OP_INT_GROUPED)
		buf_addn(out, int_at(field));
	else
		buf_addi(out, int_at(field));
}

void tmpl_render(const struct tmpl *t, const void *values, struct buf *out)
{
	struct slot slots[TMPL_DEPTH_MAX + 1] = {{.base = values}};
	for (const struct tmpl_op *op = t->ops;; op++) {
		const void *field = slots[op->slot].base + op->offset;
		struct slot *to = &slots[op->to];
		switch (op->code) {
		case OP_RAW:
			buf_addstr(out, op->raw);
			continue;
		case OP_TEXT:
		case OP_EMAIL:
		case OP_WORDS:
		case OP_URL:
		case OP_URL_PART:
		case OP_INT:
		case OP_INT_GROUPED:
		case OP_HTML:
			put(out, op->code, field);
			continue;
		case OP_IF:
			if (is_true(op->type, field) != op->negate)
				continue;
			break;
		case OP_JUMP:
			break;
		case OP_EACH:
			*to = (struct slot){list_at(field)->items, list_at(field)->n};
			if (to->left != 0)
				continue;
			break;
		case OP_NEXT:
			if (--to->left == 0)
				continue;
			to->base += op->size;
			break;
		case OP_WITH:
			*to = (struct slot){.base = ptr_at(field)};
			if (to->base != NULL)
				continue;
			break;
		case OP_END:
			return;
		}
		op = t->ops + op->jump - 1; /* the jump target; the loop adds one */
	}
}

struct html tmpl_html(const struct tmpl *t, const void *values, struct arena *a, size_t max)
{
	struct buf out;
	buf_init(&out, a, max);
	tmpl_render(t, values, &out);
	/* Markup that was cut could end inside a tag and swallow the page around it. */
	return html_trusted(out.over ? NULL : out.data);
}
