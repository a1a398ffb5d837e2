#include "sandbox/bends.h"

#include "codec/html.h"
#include "sandbox/claims.h"

enum { MEGABYTE = 1024 * 1024, ENTITIES = 10, BLOCK = 4096 };

static const char external_entity[] =
	"<!DOCTYPE Response [<!ENTITY e SYSTEM \"file:///etc/passwd\">"
	"<!ENTITY % p SYSTEM \"https://example.org/evil.dtd\">]>";

static const char next_page[] =
	"<Pagination><Links><First>https://api.xero.com/practicemanager/3.1/client.api/list"
	"</First><Next>https://api.xero.com/practicemanager/3.1/client.api/list?pageToken=Mg"
	"</Next></Links></Pagination>";

static const char *root_name(const struct page *p)
{
	if (!sandbox_fault_is(p, "root"))
		return "Response";
	return *p->fault.arg == '\0' ? "Answer" : p->fault.arg;
}

/* Each entity expands to ten of the one before ("billion laughs"). */
static void add_bombs(struct buf *out)
{
	buf_adds(out, "<!DOCTYPE Response [<!ENTITY l0 \"ha\">");
	for (int i = 1; i < ENTITIES; i++) {
		buf_printf(out, "<!ENTITY l%d \"", i);
		for (int k = 0; k < ENTITIES; k++)
			buf_printf(out, "&l%d;", i - 1);
		buf_adds(out, "\">");
	}
	buf_adds(out, "]>");
}

void bend_opening(struct outlet *o, const char *api_method)
{
	if (sandbox_fault_is(o->p, "doctype"))
		buf_adds(&o->buf, external_entity);
	if (sandbox_fault_is(o->p, "bombs"))
		add_bombs(&o->buf);
	buf_printf(&o->buf, "<%s api-method=\"%s\">", root_name(o->p), api_method);
	if (!sandbox_fault_is(o->p, "no-status"))
		buf_adds(&o->buf, "<Status>OK</Status>");
}

void bend_closing(struct outlet *o)
{
	if (sandbox_fault_is(o->p, "next-page"))
		buf_adds(&o->buf, next_page);
	if (!sandbox_fault_is(o->p, "not-closed"))
		buf_printf(&o->buf, "</%s>", root_name(o->p));
	if (sandbox_fault_is(o->p, "trailing"))
		buf_adds(&o->buf, "<Response><Status>OK</Status><Clients /></Response>");
}

bool bend_leaves_out(const struct page *p, int64_t place)
{
	return sandbox_fault_is(p, "left-out") && place == fault_number(&p->fault, 1);
}

bool bend_is_empty(const struct page *p)
{
	return sandbox_fault_is(p, "empty-list") || sandbox_fault_is(p, "no-clients");
}

static void deep(struct outlet *o)
{
	int64_t n = fault_number(&o->p->fault, 100000);
	buf_adds(&o->buf, "<Client>");
	for (int64_t i = 0; i < n && outlet_flow(o); i++)
		buf_adds(&o->buf, "<Deeper>");
	for (int64_t i = 0; i < n && outlet_flow(o); i++)
		buf_adds(&o->buf, "</Deeper>");
	buf_adds(&o->buf, "</Client>");
}

static void attributes(struct outlet *o)
{
	int64_t n = fault_number(&o->p->fault, 1000000);
	buf_adds(&o->buf, "<Client");
	for (int64_t i = 0; i < n && outlet_flow(o); i++)
		buf_printf(&o->buf, " a%lld=\"\"", (long long)i);
	buf_adds(&o->buf, "></Client>");
}

static void huge_text(struct outlet *o)
{
	char block[BLOCK];
	int64_t n = fault_number(&o->p->fault, 64) * (MEGABYTE / BLOCK);
	memset(block, 'a', sizeof block);
	buf_adds(&o->buf, "<Client><Name>");
	for (int64_t i = 0; i < n && outlet_flow(o); i++)
		buf_add(&o->buf, block, sizeof block);
	buf_adds(&o->buf, "</Name></Client>");
}

void bend_before_clients(struct outlet *o)
{
	if (sandbox_fault_is(o->p, "doctype"))
		buf_adds(&o->buf, "<Client><Name>&e;</Name></Client>");
	if (sandbox_fault_is(o->p, "bombs"))
		buf_adds(&o->buf, "<Client><Name>&l9;</Name></Client>");
	if (sandbox_fault_is(o->p, "deep"))
		deep(o);
	if (sandbox_fault_is(o->p, "attributes"))
		attributes(o);
	if (sandbox_fault_is(o->p, "huge-text"))
		huge_text(o);
}

bool bend_after_clients(
	struct outlet *o, struct record *last, const struct record_wish *wish, struct err *e)
{
	if (!sandbox_fault_is(o->p, "endless") || last->cell[COL_UUID] == NULL)
		return true;
	int64_t limit = fault_number(&o->p->fault, 1024) * MEGABYTE;
	struct arena *scratch = arena_new();
	char *uuid;
	bool ok = true;
	while (ok && o->sent < limit && outlet_flow(o)) {
		ok = keys_uuid(scratch, &uuid, e);
		if (!ok)
			break;
		last->cell[COL_UUID] = uuid;
		record_xml(&o->buf, last, wish);
		arena_reset(scratch);
	}
	arena_free(&scratch);
	o->p->s->abort = true;
	o->over = true;
	return ok;
}
