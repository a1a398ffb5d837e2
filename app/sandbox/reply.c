#include "sandbox/reply.h"

#include "codec/html.h"
#include "codec/json.h"
#include "sandbox/pages.h"

void reply_begin(struct page *p, int status, const char *content_type)
{
	response_begin(p->s, status, content_type);
	response_header(p->s, "Xero-Correlation-Id", p->correlation_id);
	response_header(p->s, "Pragma", "no-cache");
	buf_adds(&p->s->headers, p->limit_headers);
}

bool reply_problem(struct page *p, int status, const char *title, const char *detail)
{
	reply_begin(p, status, "application/json");
	struct buf *out = &p->s->body;
	buf_printf(out, "{\"Type\":null,\"Title\":\"%s\",\"Status\":%d,\"Detail\":", title,
		status);
	json_add_string(out, detail);
	buf_printf(out, ",\"Instance\":\"%s\",\"Extensions\":{}}", p->correlation_id);
	return true;
}

bool reply_unauthorized(struct page *p, const char *error, const char *detail)
{
	(void)reply_problem(p, 401, "Unauthorized", detail);
	response_header(
		p->s, "WWW-Authenticate", arena_printf(p->arena, "Bearer error=%s", error));
	return true;
}

bool reply_too_many(struct page *p, const char *problem, const char *retry_after)
{
	reply_begin(p, 429, "text/plain");
	bool day = strcmp(problem, "day") == 0;
	response_header(p->s, "X-Rate-Limit-Problem", problem);
	response_header(
		p->s, "X-MinLimit-Remaining", strcmp(problem, "minute") == 0 ? "0" : "37");
	response_header(p->s, "X-DayLimit-Remaining", day ? "0" : "4539");
	response_header(p->s, "X-AppMinLimit-Remaining", "9938");
	if (retry_after != NULL)
		response_header(p->s, "Retry-After", retry_after);
	return true;
}

bool reply_xml_error(struct page *p, int status, const char *description)
{
	reply_begin(p, status, "text/xml; charset=utf-8");
	buf_adds(&p->s->body, "<Response><Status>ERROR</Status><ErrorDescription>");
	html_text(&p->s->body, str_of(description));
	buf_adds(&p->s->body, "</ErrorDescription></Response>");
	return true;
}

bool reply_oauth_error(struct page *p, int status, const char *error)
{
	reply_begin(p, status, "application/json");
	buf_adds(&p->s->body, json_object(p->arena, "error", error, NULL));
	return true;
}

bool reply_text(struct page *p, int status, const char *text)
{
	reply_begin(p, status, "text/plain; charset=utf-8");
	buf_adds(&p->s->body, text);
	return true;
}

static const struct tmpl_field refused_fields[] = {
	TMPL_F(struct refused, code, TMPL_TEXT),
	TMPL_F(struct refused, text, TMPL_TEXT),
};
const struct tmpl_shape sandbox_refused_shape = TMPL_SHAPE(struct refused, refused_fields);

static const struct tmpl_field maintenance_fields[] = {
	TMPL_F(struct maintenance, heading, TMPL_TEXT),
	TMPL_F(struct maintenance, text, TMPL_TEXT),
};
const struct tmpl_shape sandbox_maintenance_shape =
	TMPL_SHAPE(struct maintenance, maintenance_fields);

struct layout {
	const char *title;
	struct html content;
	bool wide;
};

static const struct tmpl_field layout_fields[] = {
	TMPL_F(struct layout, title, TMPL_TEXT),
	TMPL_F(struct layout, content, TMPL_HTML),
	TMPL_F(struct layout, wide, TMPL_BOOL),
};
static const struct tmpl_shape layout_shape = TMPL_SHAPE(struct layout, layout_fields);

const struct render_entry sandbox_templates[SANDBOX_TEMPLATE__MAX] = {
	[SANDBOX_LAYOUT] = {"layout", &layout_shape},
	[SANDBOX_LOGIN] = {"login", &sandbox_login_shape},
	[SANDBOX_CONSENT] = {"consent", &sandbox_consent_shape},
	[SANDBOX_REFUSED] = {"refused", &sandbox_refused_shape},
	[SANDBOX_MAINTENANCE] = {"maintenance", &sandbox_maintenance_shape},
	[SANDBOX_PANEL] = {"panel", &sandbox_panel_shape},
};

bool reply_page(struct page *p, enum sandbox_template id, const void *values, int status,
	const char *title)
{
	const struct tmpl *inner = render_get(p->site->templates, id);
	const struct layout layout = {.title = title,
		.content = tmpl_html(inner, values, p->arena, RESPONSE_BODY_MAX),
		.wide = id == SANDBOX_PANEL};
	response_begin(p->s, status, "text/html; charset=utf-8");
	tmpl_render(render_get(p->site->templates, SANDBOX_LAYOUT), &layout, &p->s->body);
	return true;
}

bool reply_refused(struct page *p, int status, const char *text)
{
	const struct refused values = {
		.code = arena_printf(p->arena, "%d", status), .text = text};
	return reply_page(p, SANDBOX_REFUSED, &values, status, "Sorry, something went wrong");
}

bool reply_maintenance(struct page *p, int status)
{
	const struct maintenance values = {.heading = "We'll be back soon",
		.text = "This service is away for maintenance. Please try again in a few minutes."};
	return reply_page(p, SANDBOX_MAINTENANCE, &values, status, "Away for maintenance");
}

bool reply_nothing(struct page *p)
{
	/* A streaming response has sent its headers already, so this makes none be sent. */
	p->s->streaming = true;
	p->s->abort = true;
	return true;
}
