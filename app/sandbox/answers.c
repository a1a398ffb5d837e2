#include "sandbox/answers.h"

#include "codec/when.h"
#include "sandbox/reply.h"

/* The text for an expired token; its date is MM/dd/yyyy HH:mm:ss, as Xero writes it. */
static bool expired(struct page *p)
{
	struct when_date d = when_in_zone("UTC", p->now - 60);
	return reply_unauthorized(p, "invalid_token",
		arena_printf(p->arena,
			"TokenExpired: token expired at %02d/%02d/%04d %02d:%02d:%02d", d.month,
			d.day, d.year, d.hour, d.minute, d.second));
}

static bool unauthorized(struct page *p)
{
	return reply_unauthorized(p, "invalid_token", "AuthenticationUnsuccessful");
}

static bool lacks_scope(struct page *p)
{
	return reply_unauthorized(p, "insufficent_scope", "AuthenticationUnsuccessful");
}

static bool forbidden(struct page *p)
{
	(void)reply_problem(p, 403, "Forbidden", "AuthenticationUnsuccessful");
	response_header(p->s, "X-AppMinLimit-Remaining", "9999");
	return true;
}

static const char *retry_after(const struct page *p, const char *otherwise)
{
	if (strcmp(p->fault.arg, "none") == 0)
		return NULL;
	return *p->fault.arg == '\0' ? otherwise : p->fault.arg;
}

static bool too_many_minute(struct page *p)
{
	return reply_too_many(p, "minute", retry_after(p, "22"));
}

static bool too_many_day(struct page *p)
{
	return reply_too_many(p, "day", retry_after(p, "66975"));
}

static bool too_many_at_once(struct page *p)
{
	return reply_too_many(p, "concurrent", NULL);
}

static bool too_many_app(struct page *p)
{
	return reply_too_many(p, "appminute", retry_after(p, "30"));
}

static bool bad_request(struct page *p)
{
	return reply_xml_error(p, 400, "The request is not valid");
}

static bool not_found(struct page *p)
{
	return reply_text(p, 404, "The resource you're looking for cannot be found");
}

static bool exception(struct page *p)
{
	return reply_xml_error(p, 500, "An unexpected error has occurred");
}

static bool junk(struct page *p)
{
	reply_begin(p, 500, "application/json");
	buf_adds(&p->s->body, "{Status\":500}");
	return true;
}

static bool not_available(struct page *p)
{
	return reply_problem(p, 503, "Unavailable", "ServiceNotAvailable");
}

static bool offline(struct page *p)
{
	return reply_text(p, 503, "The Xero API is currently offline for maintenance");
}

static bool html_200(struct page *p)
{
	return reply_maintenance(p, 200);
}

static bool html_500(struct page *p)
{
	return reply_maintenance(p, 500);
}

static bool html_502(struct page *p)
{
	return reply_maintenance(p, 502);
}

static bool html_504(struct page *p)
{
	return reply_maintenance(p, 504);
}

static bool empty_body(struct page *p)
{
	bool document = p->endpoint == ENDPOINT_LIST || p->endpoint == ENDPOINT_GET;
	reply_begin(p, 200, document ? "text/xml; charset=utf-8" : "application/json");
	return true;
}

static bool no_content(struct page *p)
{
	reply_begin(p, 204, "text/xml; charset=utf-8");
	return true;
}

static bool redirect(struct page *p)
{
	reply_begin(p, 302, NULL);
	response_header(p->s, "Location",
		*p->fault.arg == '\0' ? "https://example.org/" : p->fault.arg);
	return true;
}

static bool hang(struct page *p)
{
	(void)fault_sleep(fault_number(&p->fault, 60) * 1000);
	return reply_nothing(p);
}

static const struct {
	const char *name;
	bool (*answer)(struct page *p);
} answers[] = {
	{"400", bad_request},
	{"401", unauthorized},
	{"401-expired", expired},
	{"401-scope", lacks_scope},
	{"403", forbidden},
	{"404", not_found},
	{"429", too_many_minute},
	{"429-day", too_many_day},
	{"429-concurrent", too_many_at_once},
	{"429-app", too_many_app},
	{"500", exception},
	{"500-junk", junk},
	{"500-html", html_500},
	{"502", html_502},
	{"503", not_available},
	{"503-text", offline},
	{"504", html_504},
	{"html", html_200},
	{"empty-body", empty_body},
	{"204", no_content},
	{"redirect", redirect},
	{"hang", hang},
	{"drop", reply_nothing},
};

bool answer_with_fault(struct page *p)
{
	if (p->fault.name == NULL)
		return false;
	if (sandbox_fault_is(p, "slow"))
		(void)fault_sleep(fault_number(&p->fault, 5000));
	for (size_t i = 0; i < ARRAY_LEN(answers); i++)
		if (sandbox_fault_is(p, answers[i].name))
			return answers[i].answer(p);
	return false;
}
