#include "codec/xml.h"

#include "base/buf.h"

#include <expat.h>

/*
 * XML_Parse takes an int. Also, what expat buffers of a piece is limited by the size of the
 * piece.
 */
enum { PIECE_BYTES = 16 * 1024 };

struct xml {
	XML_Parser parser;
	struct xml_limits limits;
	struct xml_handler handler;
	size_t depth;
	bool leaf; /* no child since the last start tag, so `text` is its content */
	struct buf text;
	size_t held; /* bytes allocated by expat */
	size_t fed;  /* bytes of the document so far */
	bool failed, ended;
	struct err err; /* the failure; every further call returns it */
};

/*
 * The byte counter of the parser that is running. Expat's allocator gets no pointer of ours, so
 * the counter is static and set around every call into expat. This limit stops a document with
 * a million different names.
 */
static size_t *held;

union block {
	size_t n;
	max_align_t align;
};

static void *block_resize(void *p, size_t n)
{
	union block *b = p == NULL ? NULL : (union block *)p - 1;
	size_t had = b == NULL ? 0 : b->n;
	if (n > XML_EXPAT_MAX || *held - had + n > XML_EXPAT_MAX)
		return NULL;
	b = realloc(b, sizeof *b + n);
	if (b == NULL)
		return NULL;
	b->n = n;
	*held += n - had;
	return b + 1;
}

static void *block_new(size_t n)
{
	return block_resize(NULL, n);
}

static void block_free(void *p)
{
	if (p == NULL)
		return;
	union block *b = (union block *)p - 1;
	*held -= b->n;
	free(b);
}

static void stop(struct xml *x)
{
	x->failed = true;
	(void)XML_StopParser(x->parser, XML_FALSE);
}

static void refuse(struct xml *x, const char *why)
{
	(void)err_set(&x->err, ERR_MALFORMED, "The XML is refused at line %lu: %s.",
		(unsigned long)XML_GetCurrentLineNumber(x->parser), why);
	stop(x);
}

static void on_start(void *user, const XML_Char *name, const XML_Char **attributes)
{
	struct xml *x = user;
	if (x->failed)
		return;
	size_t count = (size_t)XML_GetSpecifiedAttributeCount(x->parser) / 2;
	if (XML_GetCurrentByteCount(x->parser) > XML_TOKEN_MAX) {
		refuse(x, "a tag is too long");
	} else if (count > x->limits.attributes) {
		refuse(x, "an element has too many attributes");
	} else if (x->depth == x->limits.depth) {
		refuse(x, "it is nested too deep");
	} else {
		x->depth++;
		x->leaf = true;
		buf_reset(&x->text);
		const char *const *pairs = (const char *const *)attributes;
		if (!x->handler.start(x->handler.user, name, pairs, &x->err))
			stop(x);
	}
}

static void on_end(void *user, const XML_Char *name)
{
	struct xml *x = user;
	if (x->failed)
		return;
	bool leaf = x->leaf;
	x->leaf = false;
	x->depth--;
	if (leaf && !x->handler.text(x->handler.user, name, buf_str(&x->text), &x->err))
		stop(x);
	else if (!x->handler.end(x->handler.user, name, &x->err))
		stop(x);
}

static void on_text(void *user, const XML_Char *s, int len)
{
	struct xml *x = user;
	if (x->failed || !x->leaf)
		return;
	buf_add(&x->text, s, (size_t)len);
	if (x->text.over)
		refuse(x, "an element holds too much text");
}

static void on_comment(void *user, const XML_Char *comment)
{
	struct xml *x = user;
	(void)comment;
	if (!x->failed && XML_GetCurrentByteCount(x->parser) > XML_TOKEN_MAX)
		refuse(x, "a comment is too long");
}

static void on_instruction(void *user, const XML_Char *target, const XML_Char *data)
{
	(void)target;
	on_comment(user, data);
}

/*
 * Expat calls this before it reads any declaration in the DOCTYPE, so no entity is ever
 * defined.
 */
static void on_doctype(void *user, const XML_Char *name, const XML_Char *system,
	const XML_Char *public_id, int has_subset)
{
	struct xml *x = user;
	(void)name, (void)system, (void)public_id, (void)has_subset;
	if (!x->failed)
		refuse(x, "a DOCTYPE is not allowed");
}

static void free_parser(void *arg)
{
	struct xml *x = arg;
	size_t *outer = held;
	held = &x->held;
	XML_ParserFree(x->parser);
	held = outer;
}

static XML_Parser new_parser(struct xml *x)
{
	static const XML_Memory_Handling_Suite memory = {block_new, block_resize, block_free};
	size_t *outer = held;
	held = &x->held;
	XML_Parser parser = XML_ParserCreate_MM("UTF-8", &memory, NULL);
	held = outer;
	if (parser == NULL)
		die("out of memory: an XML parser");
	return parser;
}

static void set_handlers(struct xml *x)
{
	XML_SetUserData(x->parser, x);
	XML_SetElementHandler(x->parser, on_start, on_end);
	XML_SetCharacterDataHandler(x->parser, on_text);
	XML_SetCommentHandler(x->parser, on_comment);
	XML_SetProcessingInstructionHandler(x->parser, on_instruction);
	XML_SetStartDoctypeDeclHandler(x->parser, on_doctype);
}

struct xml *xml_new(
	struct arena *a, struct xml_limits limits, const struct xml_handler *handler)
{
	struct xml *x = arena_new_of(a, struct xml);
	x->limits = limits;
	x->handler = *handler;
	buf_init(&x->text, a, limits.text);
	x->parser = new_parser(x);
	arena_defer(a, free_parser, x);
	set_handlers(x);
	return x;
}

static bool fail(struct xml *x, struct err *e)
{
	*e = x->err;
	return false;
}

static bool parse(struct xml *x, const char *p, size_t n, bool last, struct err *e)
{
	size_t *outer = held;
	held = &x->held;
	enum XML_Status status = XML_Parse(x->parser, p, (int)n, last);
	held = outer;
	if (status == XML_STATUS_OK)
		return true;
	if (!x->failed) {
		enum XML_Error code = XML_GetErrorCode(x->parser);
		refuse(x, code == XML_ERROR_NO_MEMORY ? "a tag or its names are too long"
						      : XML_ErrorString(code));
	}
	return fail(x, e);
}

/*
 * Detects a tag that does not end, before its own limit can apply. Expat parses an unfinished
 * token again only when it has twice the bytes, so that much may be waiting without a fault.
 */
static bool is_unfinished_too_long(const struct xml *x)
{
	XML_Index at = XML_GetCurrentByteIndex(x->parser);
	return x->fed - (at < 0 ? 0 : (size_t)at) > 3 * XML_TOKEN_MAX;
}

bool xml_feed(struct xml *x, const void *bytes, size_t n, struct err *e)
{
	if (x->ended)
		bug("xml_feed after xml_end");
	const char *p = bytes;
	/*
	 * Expat accepts UTF-16 although it was told UTF-8. There every '<' comes with a NUL,
	 * which XML never contains.
	 */
	if (n != 0 && !x->failed && memchr(p, '\0', n) != NULL)
		refuse(x, "it is not UTF-8");
	while (n != 0 && !x->failed) {
		size_t piece = n < PIECE_BYTES ? n : PIECE_BYTES;
		if (!parse(x, p, piece, false, e))
			return false;
		p += piece;
		n -= piece;
		x->fed += piece;
		if (is_unfinished_too_long(x))
			refuse(x, "a tag is too long");
	}
	return !x->failed || fail(x, e);
}

bool xml_end(struct xml *x, struct err *e)
{
	if (x->failed)
		return fail(x, e);
	if (x->ended)
		return true;
	x->ended = true;
	return parse(x, "", 0, true, e);
}
