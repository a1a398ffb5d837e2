#include "sandbox/outlet.h"

#include "sandbox/reply.h"

enum { PIECE_BYTES = 32 * 1024, PIECE_MAX = 8 * 1024 * 1024, STALL_MS = 60 * 1000 };
enum { CUT_PROMISE = 100000 };

static const char *content_type(struct page *p, bool json)
{
	const char *arg = p->fault.arg;
	if (sandbox_fault_is(p, "type"))
		return *arg == '\0'		  ? "application/octet-stream"
		       : strcmp(arg, "none") == 0 ? ""
						  : arg;
	if (sandbox_fault_is(p, "charset"))
		return arena_printf(
			p->arena, "text/xml; charset=%s", *arg == '\0' ? "utf-16" : arg);
	if (sandbox_fault_is(p, "utf-16"))
		return "text/xml; charset=utf-16";
	return json ? "application/json; charset=utf-8" : "text/xml; charset=utf-8";
}

static void promise(struct page *p, size_t length)
{
	response_header(p->s, "Content-Length", arena_printf(p->arena, "%zu", length));
}

void outlet_open(struct outlet *o, struct page *p, bool json)
{
	bool cut = sandbox_fault_is(p, "cut") || sandbox_fault_is(p, "cut-quietly") ||
		   sandbox_fault_is(p, "stall");
	*o = (struct outlet){.p = p,
		.limit = cut ? fault_number(&p->fault, 2000) : -1,
		.held = sandbox_fault_is(p, "drip") || sandbox_fault_is(p, "long-length"),
		.latin1 = sandbox_fault_is(p, "latin-1"),
		.utf16 = sandbox_fault_is(p, "utf-16")};
	buf_init(&o->buf, p->arena, PIECE_MAX);
	reply_begin(p, 200, content_type(p, json));
	/* Without a Content-Length nginx would end the response as if it were complete. */
	if (sandbox_fault_is(p, "cut") || sandbox_fault_is(p, "stall"))
		promise(p, (size_t)o->limit + CUT_PROMISE);
	if (!o->held)
		o->over = !response_stream(p->s);
}

/* Converts to ISO-8859-1: one byte for code points up to U+00FF, '?' for others. */
static void to_latin1(struct buf *b)
{
	size_t n = 0;
	for (size_t i = 0; i < b->len; i++) {
		unsigned char c = (unsigned char)b->data[i];
		if (c < 0x80)
			b->data[n++] = (char)c;
		else if ((c == 0xC2 || c == 0xC3) && i + 1 < b->len)
			b->data[n++] = (char)(((c & 0x03) << 6) |
					      ((unsigned char)b->data[++i] & 0x3F));
		else if (c >= 0xC0)
			b->data[n++] = '?';
	}
	b->len = n;
}

/* Converts to UTF-16LE with a byte order mark; '?' for what needs more than one unit. */
static void to_utf16(struct outlet *o)
{
	struct str text = {arena_strndup(o->p->arena, o->buf.data, o->buf.len), o->buf.len};
	buf_reset(&o->buf);
	buf_adds(&o->buf, o->sent == 0 ? "\xFF\xFE" : "");
	for (size_t i = 0; i < text.n; i++) {
		unsigned char c = (unsigned char)text.p[i];
		if (c >= 0x80 && c < 0xC0)
			continue;
		buf_addc(&o->buf, c < 0x80 ? (char)c : '?');
		buf_addc(&o->buf, '\0');
	}
}

static void encode(struct outlet *o)
{
	if (o->latin1)
		to_latin1(&o->buf);
	if (o->utf16)
		to_utf16(o);
}

static void send_piece(struct outlet *o)
{
	struct str piece = buf_str(&o->buf);
	if (o->limit >= 0 && o->sent + (int64_t)piece.n >= o->limit) {
		piece.n = (size_t)(o->limit - o->sent);
		o->over = true;
	}
	o->sent += (int64_t)piece.n;
	if (o->held)
		buf_addstr(&o->p->s->body, piece);
	else if (!response_write(o->p->s, piece))
		o->over = true;
	buf_reset(&o->buf);
}

bool outlet_flow(struct outlet *o)
{
	if (o->over)
		return false;
	if (o->buf.len < PIECE_BYTES && o->limit < 0)
		return true;
	encode(o);
	send_piece(o);
	return !o->over;
}

/* Sends a few bytes at a time, each sent before the next. */
static void drip(struct outlet *o)
{
	struct response *s = o->p->s;
	struct str rest = buf_str(&s->body);
	int64_t rate = fault_number(&o->p->fault, 1);
	size_t step = rate < 10 ? 1 : (size_t)rate / 10;
	int64_t pause_ms = rate < 1 ? 1000 : (int64_t)step * 1000 / rate;
	s->body.len = 0;
	if (!response_stream(s))
		return;
	while (rest.n > 0) {
		struct str piece = str_sub(rest, 0, step);
		rest = str_sub(rest, step, rest.n);
		if (response_write(s, piece) && fcgi_flush(s->fcgi) && fault_sleep(pause_ms))
			continue;
		s->abort = true;
		return;
	}
}

static void promise_too_much(struct outlet *o)
{
	struct response *s = o->p->s;
	promise(o->p, s->body.len + (size_t)fault_number(&o->p->fault, 1000));
	s->abort = true;
	(void)response_stream(s);
}

void outlet_close(struct outlet *o)
{
	struct page *p = o->p;
	if (!o->over) {
		encode(o);
		send_piece(o);
	}
	/*
	 * The document is incomplete when it did not fit: the connection must be broken then.
	 */
	if (o->held && p->s->body.over)
		p->s->abort = true;
	p->s->body.over = false;
	if (sandbox_fault_is(p, "drip"))
		drip(o);
	else if (sandbox_fault_is(p, "long-length"))
		promise_too_much(o);
	else if (sandbox_fault_is(p, "stall") && fcgi_flush(p->s->fcgi))
		(void)fault_sleep(STALL_MS);
	if (sandbox_fault_is(p, "cut") || sandbox_fault_is(p, "stall"))
		p->s->abort = true;
}
