#include "sandbox/connections.h"

#include "codec/json.h"
#include "sandbox/reply.h"
#include "sandbox/stmt.h"

const struct field sandbox_connections_fields[1] = {
	{.name = "authEventId", .type = FIELD_TEXT, .max = 64},
};

enum { C_ID, C_EVENT, C_TENANT, C_TYPE, C_NAME, C_CREATED, C_UPDATED };

static void add(struct buf *out, const char *name, const char *value)
{
	buf_printf(out, "%s\"%s\":", strcmp(name, "id") == 0 ? "" : ",", name);
	json_add_string(out, value);
}

/* In Xero's own sample tenantName is null for a practice, and a name for an organisation. */
static const char *shown_name(const struct page *p, bool practice, const char *name)
{
	if (!practice || strcmp(p->settings.tenant_name, "shown") == 0)
		return name;
	return strcmp(p->settings.tenant_name, "null") == 0 ? NULL : "";
}

static void add_connection(struct page *p, struct buf *out, const struct pg_rows *r, size_t i)
{
	const char *type = pg_text(r, i, C_TYPE);
	bool practice = strcmp(type, "PRACTICEMANAGER") == 0;
	if (practice && sandbox_fault_is(p, "no-practice"))
		return;
	buf_adds(out, out->len == 1 ? "{" : ",{");
	add(out, "id", pg_text(r, i, C_ID));
	if (!sandbox_fault_is(p, "no-event"))
		add(out, "authEventId", pg_text(r, i, C_EVENT));
	add(out, "tenantId", pg_text(r, i, C_TENANT));
	add(out, "tenantType", type);
	add(out, "tenantName", shown_name(p, practice, pg_text(r, i, C_NAME)));
	add(out, "createdDateUtc", pg_text(r, i, C_CREATED));
	add(out, "updatedDateUtc", pg_text(r, i, C_UPDATED));
	buf_addc(out, '}');
}

bool sandbox_connections(struct page *p, struct err *e)
{
	struct pg_rows r;
	const char *event =
		*p->f.text[0] == '\0' || sandbox_fault_is(p, "no-event") ? NULL : p->f.text[0];
	if (!pg_query(p->db, SANDBOX_STMT_CONNECTION_LIST, &r, e,
		    PG_TEXT(p->bearer.xero_userid), PG_TEXT(event)))
		return false;
	reply_begin(p, 200, "application/json; charset=utf-8");
	struct buf *out = &p->s->body;
	buf_addc(out, '[');
	for (size_t i = 0; i < r.n && !sandbox_fault_is(p, "no-connections"); i++)
		add_connection(p, out, &r, i);
	buf_addc(out, ']');
	if (sandbox_fault_is(p, "not-json"))
		out->len /= 2;
	if (sandbox_fault_is(p, "type"))
		p->s->content_type = *p->fault.arg == '\0' ? "text/html" : p->fault.arg;
	return true;
}

bool sandbox_connection_delete(struct page *p, struct err *e)
{
	size_t gone = 0;
	if (!pg_exec(p->db, SANDBOX_STMT_CONNECTION_DELETE, &gone, e,
		    PG_TEXT(p->bearer.xero_userid), PG_TEXT(p->q->param[0])))
		return false;
	if (gone == 0)
		return reply_problem(p, 404, "NotFound", "ConnectionNotFound");
	reply_begin(p, 204, "application/json");
	return true;
}
