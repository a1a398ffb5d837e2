#include "sandbox/panel.h"

#include "codec/json.h"
#include "sandbox/reply.h"
#include "sandbox/stmt.h"

/* Appends a comma where one is due, and "name":. */
static void add_name(struct buf *out, const char *name)
{
	char last = out->len == 0 ? '{' : out->data[out->len - 1];
	if (last != '{' && last != '[')
		buf_addc(out, ',');
	json_add_string(out, name);
	buf_addc(out, ':');
}

static void add_text(struct buf *out, const char *name, const char *value)
{
	add_name(out, name);
	json_add_string(out, value);
}

static void add_int(struct buf *out, const char *name, int64_t value)
{
	add_name(out, name);
	buf_addi(out, value);
}

static void add_bool(struct buf *out, const char *name, bool value)
{
	add_name(out, name);
	buf_adds(out, value ? "true" : "false");
}

static bool add_settings(struct page *p, struct buf *out, struct err *e)
{
	struct settings s;
	if (!fault_settings(p->db, &s, e))
		return false;
	add_name(out, "settings");
	buf_addc(out, '{');
	add_int(out, "size", s.size);
	add_int(out, "seed", s.seed);
	add_int(out, "practices", s.practices);
	add_int(out, "latency_ms", s.latency_ms);
	add_int(out, "expires_in", s.expires_in);
	add_text(out, "tenant_name", s.tenant_name);
	add_bool(out, "limits", s.limits);
	add_bool(out, "strict_refresh", s.strict_refresh);
	add_text(out, "second_consent", s.second_consent);
	add_text(out, "unknown_client", s.unknown_client);
	add_int(out, "day", s.day);
	buf_addc(out, '}');
	return true;
}

static void open_item(struct buf *out, size_t i)
{
	buf_adds(out, i == 0 ? "{" : ",{");
}

static bool add_practices(struct page *p, struct buf *out, struct err *e)
{
	static const char *const counts[] = {"clients", "live", "prospects", "archived",
		"deleted", "vanished", "contacts", "links"};
	struct pg_rows r;
	if (!pg_query(p->db, SANDBOX_STMT_PRACTICE_COUNTS, &r, e))
		return false;
	add_name(out, "practices");
	buf_addc(out, '[');
	for (size_t i = 0; i < r.n; i++) {
		open_item(out, i);
		add_text(out, "tenantId", pg_text(&r, i, 1));
		add_text(out, "name", pg_text(&r, i, 2));
		for (size_t k = 0; k < ARRAY_LEN(counts); k++)
			add_int(out, counts[k], pg_int(&r, i, 3 + (int)k));
		buf_addc(out, '}');
	}
	buf_addc(out, ']');
	return true;
}

static bool add_calls(struct page *p, struct buf *out, struct err *e)
{
	struct pg_rows r;
	if (!pg_query(p->db, SANDBOX_STMT_CALL_LIST, &r, e))
		return false;
	add_name(out, "calls");
	buf_addc(out, '{');
	for (int at = ENDPOINT_LIST; at < ENDPOINT__MAX; at++) {
		int64_t n = 0;
		for (size_t i = 0; i < r.n; i++)
			if (strcmp(pg_text(&r, i, 0), endpoint_names[at]) == 0)
				n = pg_int(&r, i, 1);
		add_int(out, endpoint_names[at], n);
	}
	buf_addc(out, '}');
	return true;
}

static bool add_faults(struct page *p, struct buf *out, struct err *e)
{
	struct pg_rows r;
	if (!pg_query(p->db, SANDBOX_STMT_FAULT_LIST, &r, e))
		return false;
	add_name(out, "faults");
	buf_addc(out, '[');
	for (size_t i = 0; i < r.n; i++) {
		open_item(out, i);
		add_text(out, "for", pg_text(&r, i, 1));
		add_text(out, "fault", pg_text(&r, i, 2));
		add_text(out, "arg", pg_text(&r, i, 3));
		add_int(out, "after", pg_int(&r, i, 4));
		if (pg_null(&r, i, 5))
			add_text(out, "times", "always");
		else
			add_int(out, "times", pg_int(&r, i, 5));
		add_int(out, "fired", pg_int(&r, i, 6));
		buf_addc(out, '}');
	}
	buf_addc(out, ']');
	return true;
}

static bool add_connections(struct page *p, struct buf *out, struct err *e)
{
	struct pg_rows r;
	if (!pg_query(p->db, SANDBOX_STMT_CONNECTION_ALL, &r, e))
		return false;
	add_name(out, "connections");
	buf_addc(out, '[');
	for (size_t i = 0; i < r.n; i++) {
		open_item(out, i);
		add_text(out, "id", pg_text(&r, i, 0));
		add_text(out, "tenantId", pg_text(&r, i, 1));
		add_text(out, "tenantType", pg_text(&r, i, 2));
		add_text(out, "tenantName", pg_text(&r, i, 3));
		add_text(out, "authEventId", pg_text(&r, i, 4));
		add_text(out, "xeroUserId", pg_text(&r, i, 5));
		buf_addc(out, '}');
	}
	buf_addc(out, ']');
	return true;
}

static bool add_people(struct page *p, struct buf *out, struct err *e)
{
	struct people people;
	if (!people_load(p, &people, e))
		return false;
	add_name(out, "people");
	buf_addc(out, '[');
	for (size_t i = 0; i < PERSON__MAX; i++) {
		open_item(out, i);
		add_text(out, "who", person_names[i]);
		add_text(out, "email", people.of[i].email);
		add_text(out, "xeroUserId", people.of[i].xero_userid);
		add_bool(out, "off", people.of[i].is_off);
		buf_addc(out, '}');
	}
	buf_addc(out, ']');
	return true;
}

static bool add_tokens(struct page *p, struct buf *out, struct err *e)
{
	struct pg_rows r;
	if (!pg_query(p->db, SANDBOX_STMT_TOKEN_COUNTS, &r, e))
		return false;
	add_name(out, "tokens");
	buf_addc(out, '{');
	add_int(out, "consents", pg_int(&r, 0, 0));
	add_int(out, "refresh_issued", pg_int(&r, 0, 1));
	add_int(out, "refresh_exchanged", pg_int(&r, 0, 2));
	add_int(out, "codes_unused", pg_int(&r, 0, 3));
	buf_addc(out, '}');
	return true;
}

bool sandbox_state(struct page *p, struct err *e)
{
	response_begin(p->s, 200, "application/json; charset=utf-8");
	struct buf *out = &p->s->body;
	buf_addc(out, '{');
	if (!add_settings(p, out, e) || !add_practices(p, out, e) || !add_calls(p, out, e) ||
		!add_faults(p, out, e) || !add_connections(p, out, e) ||
		!add_people(p, out, e) || !add_tokens(p, out, e))
		return false;
	buf_addc(out, '}');
	return true;
}
