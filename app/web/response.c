#include "web/response.h"

#include "base/log.h"
#include "codec/url.h"

static const struct {
	int status;
	const char *reason;
} reasons[] = {
	{200, "OK"},
	{201, "Created"},
	{204, "No Content"},
	{302, "Found"},
	{303, "See Other"},
	{400, "Bad Request"},
	{401, "Unauthorized"},
	{403, "Forbidden"},
	{404, "Not Found"},
	{405, "Method Not Allowed"},
	{409, "Conflict"},
	{413, "Content Too Large"},
	{422, "Unprocessable Content"},
	{429, "Too Many Requests"},
	{500, "Internal Server Error"},
	{502, "Bad Gateway"},
	{503, "Service Unavailable"},
};

/*
 * The pages have no inline script or style and load nothing from other origins, so the policy
 * needs no nonce.
 */
static const char csp_start[] = "default-src 'none'; script-src 'self'; style-src 'self'; "
				"font-src 'self'; connect-src 'self'; manifest-src 'self'; "
				"img-src 'self' data:; form-action 'self'";
static const char csp_end[] = "; base-uri 'none'; frame-ancestors 'none'; object-src 'none'; "
			      "report-uri /csp-report";

static const struct {
	const char *name, *value;
} fixed_headers[] = {
	{"X-Content-Type-Options", "nosniff"},
	{"Referrer-Policy", "no-referrer"},
	{"Strict-Transport-Security", "max-age=31536000; includeSubDomains"},
	{"Cross-Origin-Opener-Policy", "same-origin"},
	{"Cross-Origin-Resource-Policy", "same-origin"},
	{"Permissions-Policy",
		"camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()"},
	{"Cache-Control", "no-store"},
};

void response_init(struct response *s, struct request *r)
{
	*s = (struct response){
		.fcgi = r->fcgi, .arena = r->arena, .head = r->method == METHOD_HEAD};
	buf_init(&s->headers, s->arena, RESPONSE_HEADERS_MAX);
	buf_init(&s->cookies, s->arena, RESPONSE_HEADERS_MAX);
	buf_init(&s->body, s->arena, RESPONSE_BODY_MAX);
}

static void no_line_end(const char *name, const char *value)
{
	if (strpbrk(name, "\r\n:") != NULL || strpbrk(value, "\r\n") != NULL)
		bug("header %s would end its line", name);
}

void response_begin(struct response *s, int status, const char *content_type)
{
	if (s->streaming)
		bug("response_begin: the answer is on its way");
	s->status = status;
	s->content_type = content_type == NULL ? "text/plain; charset=utf-8" : content_type;
	no_line_end("Content-Type", s->content_type);
	buf_reset(&s->headers);
	buf_reset(&s->body);
}

static void add_header(struct buf *out, const char *name, const char *value)
{
	no_line_end(name, value);
	buf_adds(out, name);
	buf_adds(out, ": ");
	buf_adds(out, value);
	buf_adds(out, "\r\n");
}

void response_header(struct response *s, const char *name, const char *value)
{
	add_header(&s->headers, name, value);
}

void response_redirect(struct response *s, const char *to)
{
	response_redirect_away(s, url_is_local(to) ? to : "/");
}

void response_redirect_away(struct response *s, const char *url)
{
	response_begin(s, 303, NULL);
	response_header(s, "Location", url);
}

static bool is_cookie_octet(char c)
{
	return c > ' ' && c <= '~' && strchr("\",;\\", c) == NULL;
}

void response_cookie(struct response *s, const char *name, const char *value)
{
	for (const char *p = value == NULL ? "" : value; *p != '\0'; p++)
		if (!is_cookie_octet(*p))
			bug("cookie %s: a byte that no cookie holds", name);
	buf_adds(&s->cookies, "Set-Cookie: ");
	buf_adds(&s->cookies, name);
	buf_adds(&s->cookies, "=");
	buf_adds(&s->cookies, value);
	buf_adds(&s->cookies, "; Path=/; Secure; HttpOnly; SameSite=Lax");
	buf_adds(&s->cookies, value == NULL ? "; Max-Age=0\r\n" : "\r\n");
}

static const char *reason_of(int status)
{
	for (size_t i = 0; i < ARRAY_LEN(reasons); i++)
		if (reasons[i].status == status)
			return reasons[i].reason;
	return "Answer";
}

static void add_csp(const struct response *s, struct buf *out)
{
	buf_adds(out, "Content-Security-Policy: ");
	buf_adds(out, csp_start);
	if (s->form_action != NULL) {
		no_line_end("form-action", s->form_action);
		buf_addc(out, ' ');
		buf_adds(out, s->form_action);
	}
	buf_adds(out, csp_end);
	if (s->sandbox)
		buf_adds(out, "; sandbox");
	buf_adds(out, "\r\n");
}

/*
 * With a Content-Length a reader notices a body that was cut short (RFC 9112 section 6.3). None
 * is sent while the length is not known yet, nor when the cut is intended.
 */
static bool knows_length(const struct response *s)
{
	return !s->streaming && !s->abort && s->status != 204;
}

void response_head(const struct response *s, struct buf *out)
{
	buf_printf(out, "Status: %d %s\r\n", s->status, reason_of(s->status));
	add_header(out, "Content-Type", s->content_type);
	if (knows_length(s))
		buf_printf(out, "Content-Length: %zu\r\n", s->body.len);
	add_csp(s, out);
	for (size_t i = 0; i < ARRAY_LEN(fixed_headers); i++)
		add_header(out, fixed_headers[i].name, fixed_headers[i].value);
	buf_addstr(out, buf_str(&s->headers));
	buf_addstr(out, buf_str(&s->cookies));
	buf_adds(out, "\r\n");
}

static bool send_head(struct response *s)
{
	struct buf head;
	buf_init(&head, s->arena, (size_t)3 * RESPONSE_HEADERS_MAX);
	response_head(s, &head);
	return fcgi_write(s->fcgi, buf_str(&head));
}

static bool send_body(struct response *s)
{
	return s->head || s->body.len == 0 || fcgi_write(s->fcgi, buf_str(&s->body));
}

bool response_stream(struct response *s)
{
	if (s->status == 0 || s->streaming)
		bug("response_stream: begin the answer, then stream it once");
	s->streaming = true;
	return send_head(s) && send_body(s);
}

bool response_write(struct response *s, struct str piece)
{
	if (!s->streaming)
		bug("response_write: the answer does not stream");
	return s->head || piece.n == 0 || fcgi_write(s->fcgi, piece);
}

/* Whatever went wrong in a page, the browser gets a complete response. */
static void make_sendable(struct response *s)
{
	if (s->status != 0 && !s->body.over && !s->headers.over && !s->cookies.over)
		return;
	log_error("response.unfit", log_int("status", s->status),
		log_int("body_bytes", s->body.len), log_int("body_over", s->body.over));
	response_begin(s, 500, NULL);
	buf_reset(&s->cookies);
	buf_adds(&s->body, "Something went wrong on our side. Try again.\n");
}

void response_send(struct response *s)
{
	if (!s->streaming) {
		make_sendable(s);
		/*
		 * A browser that has disconnected needs no handling: the request ends either
		 * way.
		 */
		if (send_head(s))
			(void)send_body(s);
	}
	fcgi_finish(s->fcgi, s->abort);
}
