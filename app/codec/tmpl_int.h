/*
 * Shared by the files of codec/tmpl only: tmpl_parse.c splits the text into literals and tags,
 * tmpl_context.c parses the HTML and says in which context a value would be, tmpl_emit.c
 * compiles each tag to instructions, tmpl_render.c runs the instructions.
 */
#ifndef GAP_CODEC_TMPL_INT_H
#define GAP_CODEC_TMPL_INT_H

#include "codec/tmpl.h"

/*
 * ---- where in the HTML we are (WHATWG HTML standard, section 13.2.5, cut down and strict)
 * ----
 */

enum tmpl_state {
	AT_TEXT,
	AT_LT,		 /* behind '<' */
	AT_END_LT,	 /* behind "</" */
	AT_DECL,	 /* behind "<!" */
	AT_DECL_DASH,	 /* behind "<!-" */
	AT_DOCTYPE,	 /* until '>' */
	AT_COMMENT,	 /* until "-->" */
	AT_TAG_NAME,	 /* in it */
	AT_SPACE,	 /* in a tag, an attribute may begin */
	AT_GAP,		 /* in a tag, but a blank must come before the next attribute */
	AT_NAME,	 /* in an attribute's name */
	AT_AFTER_NAME,	 /* behind the blank behind it */
	AT_BEFORE_VALUE, /* behind '=' */
	AT_DOUBLE,	 /* in a double-quoted value */
	AT_SINGLE,	 /* in a single-quoted value */
	AT_UNQUOTED,
	AT_SLASH,   /* behind the '/' of "/>" */
	AT_RAW,	    /* in an element whose content holds no tags: script, textarea, ... */
	AT_RAW_LT,  /* behind a '<' in it */
	AT_RAW_END, /* behind "</" in it, comparing names */
	AT__MAX
};

enum tmpl_attr { ATTR_PLAIN, ATTR_WORDS, ATTR_URL, ATTR_NO_VALUES };

enum { TMPL_WORD_MAX = 16 };

struct tmpl_context {
	enum tmpl_state state;
	enum tmpl_attr attr;	     /* kind of the current attribute */
	bool closing;		     /* the tag is an end tag */
	bool option;		     /* the text is that of an <option> */
	bool begun;		     /* the URL attribute is not empty any more */
	bool settled;		     /* ... and a scheme can no longer follow */
	unsigned dashes;	     /* dashes at the end of the comment so far */
	char element[TMPL_WORD_MAX]; /* of the tag or the raw element; cut, lower case */
	char word[TMPL_WORD_MAX];    /* attribute name, scheme or end tag's name being read */
};

enum tmpl_place {
	PLACE_TEXT,
	PLACE_ONLY_TEXT, /* textarea: text, but no markup */
	PLACE_WORDS,	 /* title, option, label: people read it, but no <bdi> is possible */
	PLACE_ATTR,
	PLACE_URL,
	PLACE_URL_PART,
	PLACE_NONE
};

/* Parses literal text. Returns NULL, or what is wrong with the character at *at_r. */
const char *tmpl_context_feed(struct tmpl_context *c, struct str literal, size_t *at_r);

/* The context that a value would have here; for PLACE_NONE *why_r says why none is allowed. */
enum tmpl_place tmpl_context_place(const struct tmpl_context *c, const char **why_r);

/* Tells the context that a value is here. */
void tmpl_context_value(struct tmpl_context *c);

/* A block begins, has its {{else}}, or ends here. False where that is not allowed. */
bool tmpl_context_block(struct tmpl_context *c);

/*
 * Joins the contexts at the end of two branches, in *c. False when they differ so that one text
 * cannot follow both.
 */
bool tmpl_context_join(struct tmpl_context *c, const struct tmpl_context *other);
bool tmpl_context_same(const struct tmpl_context *a, const struct tmpl_context *b);

/* ---- the compiled template ---- */

enum { TMPL_DEPTH_MAX = 16 };

enum tmpl_code {
	OP_RAW,
	OP_TEXT,
	OP_EMAIL,
	OP_WORDS, /* by str_isolate (base/str.h) */
	OP_URL,
	OP_URL_PART,
	OP_INT,
	OP_INT_GROUPED,
	OP_HTML,
	OP_IF,	 /* jumps when the condition is false */
	OP_JUMP, /* always */
	OP_EACH, /* sets slot `to` to the first item, or jumps when the list is empty */
	OP_NEXT, /* moves slot `to` to the next item and jumps back, or goes on */
	OP_WITH, /* sets slot `to`, or jumps when the pointer is NULL */
	OP_END
};

/*
 * One instruction. Its value is at `offset` in the struct of `slot`; slot 0 is the struct of
 * the page.
 */
struct tmpl_op {
	enum tmpl_code code;
	enum tmpl_type type; /* IF */
	bool negate;	     /* IF */
	unsigned char slot, to;
	size_t offset;
	size_t jump; /* index of an op */
	size_t size; /* EACH, NEXT: of an item */
	struct str raw;
};

struct tmpl {
	const struct tmpl_op *ops;
};

/* ---- compiling ---- */

/* A text that is being parsed. A partial points to the file that includes it. */
struct tmpl_file {
	const char *name;
	struct str text;
	size_t at; /* position of the current tag */
	int depth;
	const struct tmpl_file *parent;
};

struct tmpl_scope {
	const struct tmpl_shape *shape;
	size_t base; /* offset of an embedded struct in the struct of `slot` */
	unsigned char slot;
};

enum tmpl_block_kind { BLOCK_IF, BLOCK_EACH, BLOCK_WITH };

struct tmpl_block {
	enum tmpl_block_kind kind;
	const struct tmpl_file *file;
	size_t at; /* position of the opening tag in `file` */
	bool jumps;
	size_t op;		   /* the op whose jump target is not known yet */
	bool turned;		   /* its {{else}} has come */
	struct tmpl_context other; /* IF: of the other branch; EACH, WITH: at the start */
	size_t scopes;		   /* number of scopes to return to */
	unsigned char slots;
};

struct tmpl_parser {
	struct arena *arena;
	const struct tmpl_source *source;
	struct tmpl_op *ops;
	size_t n_ops, cap_ops;
	struct buf literal; /* literal text that has no op yet */
	size_t n_literal, n_files;
	struct tmpl_context context;
	struct tmpl_scope scopes[TMPL_DEPTH_MAX + 1];
	size_t n_scopes;
	struct tmpl_block blocks[TMPL_DEPTH_MAX];
	size_t n_blocks;
	unsigned char n_slots;
	struct err *e;
};

int tmpl_line(const struct tmpl_file *f, size_t at);

/* "list.html:12: <why>". Long names are cut, so that the reason always fits. */
#define tmpl_fail(p, f, at, why, ...)                                                  \
	err_set((p)->e, ERR_CONFIG, "%.80s:%d: " why, (f)->name, tmpl_line((f), (at)), \
		##__VA_ARGS__)
#define TMPL_SHOW(s) (int)((s).n > 64 ? 64 : (s).n), (s).p

/* tmpl_emit.c: compiles each tag. `name` is the text after the verb of the tag. */
struct tmpl_op *tmpl_add_op(struct tmpl_parser *p, enum tmpl_code code);
void tmpl_flush(struct tmpl_parser *p);
void tmpl_enter(
	struct tmpl_parser *p, const struct tmpl_shape *shape, unsigned char slot, size_t base);
bool tmpl_value(struct tmpl_parser *p, const struct tmpl_file *f, struct str name);
bool tmpl_begin_if(struct tmpl_parser *p, const struct tmpl_file *f, struct str name);
bool tmpl_begin_each(struct tmpl_parser *p, const struct tmpl_file *f, struct str name);
bool tmpl_begin_with(struct tmpl_parser *p, const struct tmpl_file *f, struct str name);
bool tmpl_turn(struct tmpl_parser *p, const struct tmpl_file *f); /* {{else}} */
bool tmpl_close(struct tmpl_parser *p, const struct tmpl_file *f, struct str name);

/*
 * The innermost open block of file `f`, or NULL. A partial cannot close a block that another
 * file opened.
 */
struct tmpl_block *tmpl_open(struct tmpl_parser *p, const struct tmpl_file *f);

extern const char *const tmpl_block_names[];

#endif
