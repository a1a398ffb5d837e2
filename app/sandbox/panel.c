#include "sandbox/panel.h"

#include "sandbox/edits.h"
#include "sandbox/pages.h"
#include "sandbox/reply.h"
#include "sandbox/stmt.h"

enum { ENDPOINTS_TEXT_MAX = 128, EDITS_MAX = 32 };

struct kind_line {
	const char *name, *endpoints, *arg, *meaning;
};
struct waiting_line {
	const char *endpoint, *name, *arg, *times;
	int64_t after, fired;
};
struct practice_line {
	const char *name, *tenant_id;
	int64_t clients, live, prospects, archived, deleted, vanished, contacts;
};
struct person_line {
	const char *name, *label, *email;
	bool is_off;
	int64_t practices, connected, consents;
};
struct word_line {
	const char *word;
};
struct call_line {
	const char *endpoint;
	int64_t calls;
};
struct panel_page {
	const char *message;
	int64_t size, seed, practices_on, latency_ms, expires_in, day;
	const char *tenant_name, *second_consent, *unknown_client, *limits, *strict_refresh;
	struct tmpl_list kinds, waiting, practices, people, endpoints, edits, calls;
};

static const struct tmpl_field kind_fields[] = {
	TMPL_F(struct kind_line, name, TMPL_TEXT),
	TMPL_F(struct kind_line, endpoints, TMPL_TEXT),
	TMPL_F(struct kind_line, arg, TMPL_TEXT),
	TMPL_F(struct kind_line, meaning, TMPL_TEXT),
};
static const struct tmpl_shape kind_shape = TMPL_SHAPE(struct kind_line, kind_fields);
static const struct tmpl_field waiting_fields[] = {
	TMPL_F(struct waiting_line, endpoint, TMPL_TEXT),
	TMPL_F(struct waiting_line, name, TMPL_TEXT),
	TMPL_F(struct waiting_line, arg, TMPL_TEXT),
	TMPL_F(struct waiting_line, times, TMPL_TEXT),
	TMPL_F(struct waiting_line, after, TMPL_INT),
	TMPL_F(struct waiting_line, fired, TMPL_INT),
};
static const struct tmpl_shape waiting_shape = TMPL_SHAPE(struct waiting_line, waiting_fields);
static const struct tmpl_field practice_fields[] = {
	TMPL_F(struct practice_line, name, TMPL_TEXT),
	TMPL_F(struct practice_line, tenant_id, TMPL_TEXT),
	TMPL_F(struct practice_line, clients, TMPL_INT),
	TMPL_F(struct practice_line, live, TMPL_INT),
	TMPL_F(struct practice_line, prospects, TMPL_INT),
	TMPL_F(struct practice_line, archived, TMPL_INT),
	TMPL_F(struct practice_line, deleted, TMPL_INT),
	TMPL_F(struct practice_line, vanished, TMPL_INT),
	TMPL_F(struct practice_line, contacts, TMPL_INT),
};
static const struct tmpl_shape practice_shape =
	TMPL_SHAPE(struct practice_line, practice_fields);
static const struct tmpl_field person_fields[] = {
	TMPL_F(struct person_line, name, TMPL_TEXT),
	TMPL_F(struct person_line, label, TMPL_TEXT),
	TMPL_F(struct person_line, email, TMPL_TEXT),
	TMPL_F(struct person_line, is_off, TMPL_BOOL),
	TMPL_F(struct person_line, practices, TMPL_INT),
	TMPL_F(struct person_line, connected, TMPL_INT),
	TMPL_F(struct person_line, consents, TMPL_INT),
};
static const struct tmpl_shape person_shape = TMPL_SHAPE(struct person_line, person_fields);
static const struct tmpl_field word_fields[] = {TMPL_F(struct word_line, word, TMPL_TEXT)};
static const struct tmpl_shape word_shape = TMPL_SHAPE(struct word_line, word_fields);
static const struct tmpl_field call_fields[] = {
	TMPL_F(struct call_line, endpoint, TMPL_TEXT),
	TMPL_F(struct call_line, calls, TMPL_INT),
};
static const struct tmpl_shape call_shape = TMPL_SHAPE(struct call_line, call_fields);
static const struct tmpl_field panel_fields[] = {
	TMPL_F(struct panel_page, message, TMPL_TEXT),
	TMPL_F(struct panel_page, size, TMPL_INT),
	TMPL_F(struct panel_page, seed, TMPL_INT),
	TMPL_F(struct panel_page, practices_on, TMPL_INT),
	TMPL_F(struct panel_page, latency_ms, TMPL_INT),
	TMPL_F(struct panel_page, expires_in, TMPL_INT),
	TMPL_F(struct panel_page, day, TMPL_INT),
	TMPL_F(struct panel_page, tenant_name, TMPL_TEXT),
	TMPL_F(struct panel_page, second_consent, TMPL_TEXT),
	TMPL_F(struct panel_page, unknown_client, TMPL_TEXT),
	TMPL_F(struct panel_page, limits, TMPL_TEXT),
	TMPL_F(struct panel_page, strict_refresh, TMPL_TEXT),
	TMPL_FS(struct panel_page, kinds, TMPL_LIST, &kind_shape),
	TMPL_FS(struct panel_page, waiting, TMPL_LIST, &waiting_shape),
	TMPL_FS(struct panel_page, practices, TMPL_LIST, &practice_shape),
	TMPL_FS(struct panel_page, people, TMPL_LIST, &person_shape),
	TMPL_FS(struct panel_page, endpoints, TMPL_LIST, &word_shape),
	TMPL_FS(struct panel_page, edits, TMPL_LIST, &word_shape),
	TMPL_FS(struct panel_page, calls, TMPL_LIST, &call_shape),
};
const struct tmpl_shape sandbox_panel_shape = TMPL_SHAPE(struct panel_page, panel_fields);

static const char *endpoints_text(struct arena *a, unsigned bits)
{
	struct buf out;
	buf_init(&out, a, ENDPOINTS_TEXT_MAX);
	for (int at = ENDPOINT_LIST; at < ENDPOINT__MAX; at++)
		if ((bits & 1U << at) != 0) {
			buf_adds(&out, out.len == 0 ? "" : " ");
			buf_adds(&out, endpoint_names[at]);
		}
	return out.data;
}

static struct tmpl_list list_kinds(struct arena *a)
{
	struct kind_line *lines = arena_array(a, struct kind_line, fault_kinds_n);
	for (size_t i = 0; i < fault_kinds_n; i++)
		lines[i] = (struct kind_line){.name = fault_kinds[i].name,
			.endpoints = endpoints_text(a, fault_kinds[i].endpoints),
			.arg = fault_kinds[i].arg,
			.meaning = fault_kinds[i].meaning};
	return (struct tmpl_list){lines, fault_kinds_n};
}

static struct tmpl_list list_endpoints(struct arena *a)
{
	struct word_line *lines = arena_array(a, struct word_line, ENDPOINT__MAX);
	for (int at = ENDPOINT_LIST; at < ENDPOINT__MAX; at++)
		lines[at - ENDPOINT_LIST].word = endpoint_names[at];
	return (struct tmpl_list){lines, ENDPOINT__MAX - ENDPOINT_LIST};
}

static struct tmpl_list list_edits(struct arena *a)
{
	struct word_line *lines = arena_array(a, struct word_line, EDITS_MAX);
	size_t n = 0;
	for (; n < EDITS_MAX && edit_name(n) != NULL; n++)
		lines[n].word = edit_name(n);
	return (struct tmpl_list){lines, n};
}

static bool read_waiting(struct page *p, struct tmpl_list *list_r, struct err *e)
{
	struct pg_rows r;
	if (!pg_query(p->db, SANDBOX_STMT_FAULT_LIST, &r, e))
		return false;
	struct waiting_line *lines = arena_array(p->arena, struct waiting_line, r.n);
	for (size_t i = 0; i < r.n; i++)
		lines[i] = (struct waiting_line){.endpoint = pg_text(&r, i, 1),
			.name = pg_text(&r, i, 2),
			.arg = pg_text(&r, i, 3),
			.after = pg_int(&r, i, 4),
			.times = pg_null(&r, i, 5) ? "always" : pg_text(&r, i, 5),
			.fired = pg_int(&r, i, 6)};
	*list_r = (struct tmpl_list){lines, r.n};
	return true;
}

static bool read_practices(struct page *p, struct tmpl_list *list_r, struct err *e)
{
	struct pg_rows r;
	if (!pg_query(p->db, SANDBOX_STMT_PRACTICE_COUNTS, &r, e))
		return false;
	struct practice_line *lines = arena_array(p->arena, struct practice_line, r.n);
	for (size_t i = 0; i < r.n; i++)
		lines[i] = (struct practice_line){.tenant_id = pg_text(&r, i, 1),
			.name = pg_text(&r, i, 2),
			.clients = pg_int(&r, i, 3),
			.live = pg_int(&r, i, 4),
			.prospects = pg_int(&r, i, 5),
			.archived = pg_int(&r, i, 6),
			.deleted = pg_int(&r, i, 7),
			.vanished = pg_int(&r, i, 8),
			.contacts = pg_int(&r, i, 9)};
	*list_r = (struct tmpl_list){lines, r.n};
	return true;
}

static bool read_people(struct page *p, int practices, struct tmpl_list *list_r, struct err *e)
{
	struct people people;
	struct pg_rows r;
	if (!people_load(p, &people, e))
		return false;
	struct person_line *lines = arena_array(p->arena, struct person_line, PERSON__MAX);
	for (size_t i = 0; i < PERSON__MAX; i++) {
		const struct person *who = &people.of[i];
		if (!pg_query(
			    p->db, SANDBOX_STMT_PERSON_HOLDS, &r, e, PG_TEXT(who->xero_userid)))
			return false;
		lines[i] = (struct person_line){.name = person_names[i],
			.label = who->label,
			.email = who->email,
			.is_off = who->is_off,
			.practices = who->sees_practices ? practices : 0,
			.connected = pg_int(&r, 0, 0),
			.consents = pg_int(&r, 0, 1)};
	}
	*list_r = (struct tmpl_list){lines, PERSON__MAX};
	return true;
}

static bool read_calls(struct page *p, struct tmpl_list *list_r, struct err *e)
{
	struct pg_rows r;
	size_t n = 0;
	if (!pg_query(p->db, SANDBOX_STMT_CALL_LIST, &r, e))
		return false;
	struct call_line *lines = arena_array(p->arena, struct call_line, r.n);
	for (size_t i = 0; i < r.n; i++)
		if (*pg_text(&r, i, 0) != '\0')
			lines[n++] = (struct call_line){pg_text(&r, i, 0), pg_int(&r, i, 1)};
	*list_r = (struct tmpl_list){lines, n};
	return true;
}

bool panel_show(struct page *p, int status, const char *message, struct err *e)
{
	struct settings s;
	struct panel_page values = {.message = message};
	if (!fault_settings(p->db, &s, e) || !read_waiting(p, &values.waiting, e) ||
		!read_practices(p, &values.practices, e) || !read_calls(p, &values.calls, e) ||
		!read_people(p, s.practices, &values.people, e))
		return false;
	values.size = s.size;
	values.seed = s.seed;
	values.practices_on = s.practices;
	values.latency_ms = s.latency_ms;
	values.expires_in = s.expires_in;
	values.day = s.day;
	values.tenant_name = s.tenant_name;
	values.second_consent = s.second_consent;
	values.unknown_client = s.unknown_client;
	values.limits = s.limits ? "on" : "off";
	values.strict_refresh = s.strict_refresh ? "on" : "off";
	values.kinds = list_kinds(p->arena);
	values.endpoints = list_endpoints(p->arena);
	values.edits = list_edits(p->arena);
	return reply_page(p, SANDBOX_PANEL, &values, status, "Sandbox controls");
}

bool sandbox_panel(struct page *p, struct err *e)
{
	return panel_show(p, 200, NULL, e);
}
