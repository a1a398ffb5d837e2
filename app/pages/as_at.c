#include "pages/as_at.h"

#include "pages/clients.h"
#include "pages/download.h"
#include "store/as_at.h"

enum { DAY_LEN = 10 };

struct line_view {
	int64_t client_id;
	const char *name, *contact, *email, *phone, *status, *source;
};
static const struct tmpl_field line_fields[] = {
	TMPL_F(struct line_view, client_id, TMPL_INT),
	TMPL_F(struct line_view, name, TMPL_TEXT),
	TMPL_F(struct line_view, contact, TMPL_TEXT),
	TMPL_F(struct line_view, email, TMPL_EMAIL),
	TMPL_F(struct line_view, phone, TMPL_TEXT),
	TMPL_F(struct line_view, status, TMPL_TEXT),
	TMPL_F(struct line_view, source, TMPL_TEXT),
};
static const struct tmpl_shape line_shape = TMPL_SHAPE(struct line_view, line_fields);

struct person_view {
	const char *name, *email, *phone;
	bool is_primary;
};
static const struct tmpl_field person_fields[] = {
	TMPL_F(struct person_view, name, TMPL_TEXT),
	TMPL_F(struct person_view, email, TMPL_EMAIL),
	TMPL_F(struct person_view, phone, TMPL_TEXT),
	TMPL_F(struct person_view, is_primary, TMPL_BOOL),
};
static const struct tmpl_shape person_shape = TMPL_SHAPE(struct person_view, person_fields);

/* The list page and the page of one client share the day and its form. */
struct as_at_view {
	const char *action, *on, *oldest, *today, *day, *problem, *next_from, *client, *status;
	int64_t next_id, client_id;
	bool shown, further, empty, one, archived;
	struct tmpl_list rows, contacts;
};
static const struct tmpl_field as_at_fields[] = {
	TMPL_F(struct as_at_view, action, TMPL_TEXT),
	TMPL_F(struct as_at_view, on, TMPL_TEXT),
	TMPL_F(struct as_at_view, oldest, TMPL_TEXT),
	TMPL_F(struct as_at_view, today, TMPL_TEXT),
	TMPL_F(struct as_at_view, day, TMPL_TEXT),
	TMPL_F(struct as_at_view, problem, TMPL_TEXT),
	TMPL_F(struct as_at_view, next_from, TMPL_TEXT),
	TMPL_F(struct as_at_view, client, TMPL_TEXT),
	TMPL_F(struct as_at_view, status, TMPL_TEXT),
	TMPL_F(struct as_at_view, next_id, TMPL_INT),
	TMPL_F(struct as_at_view, client_id, TMPL_INT),
	TMPL_F(struct as_at_view, shown, TMPL_BOOL),
	TMPL_F(struct as_at_view, further, TMPL_BOOL),
	TMPL_F(struct as_at_view, empty, TMPL_BOOL),
	TMPL_F(struct as_at_view, one, TMPL_BOOL),
	TMPL_F(struct as_at_view, archived, TMPL_BOOL),
	TMPL_FS(struct as_at_view, rows, TMPL_LIST, &line_shape),
	TMPL_FS(struct as_at_view, contacts, TMPL_LIST, &person_shape),
};
const struct tmpl_shape as_at_shape = TMPL_SHAPE(struct as_at_view, as_at_fields);

const struct field as_at_query[AS_AT__MAX] = {
	[AS_AT_ON] = {"on", FIELD_TEXT, false, 0, 40, "the day", NULL},
	[AS_AT_AFTER] = {"after", FIELD_ID, false, 0, 0, "the place in the list", NULL},
	[AS_AT_KEY] = {"from", FIELD_KEY, false, 0, CLIENT_NAME_MAX, "the place in the list",
		NULL},
};

static int number(const char *s, int n)
{
	int sum = 0;
	for (int i = 0; i < n; i++)
		sum = sum * 10 + (s[i] - '0');
	return sum;
}

static int month_days(int year, int month)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
	return days[month - 1] + (month == 2 && leap);
}

/* True when s is YYYY-MM-DD and that day exists. */
static bool is_day(const char *s)
{
	static const char form[] = "dddd-dd-dd";
	if (strlen(s) != DAY_LEN)
		return false;
	for (size_t i = 0; i < DAY_LEN; i++)
		if (form[i] == 'd' ? s[i] < '0' || s[i] > '9' : s[i] != form[i])
			return false;
	int month = number(s + 5, 2), day = number(s + 8, 2);
	return month >= 1 && month <= 12 && day >= 1 && day <= month_days(number(s, 4), month);
}

/* "3 November 2026" for a valid day s. */
static const char *day_words(struct arena *a, const char *s)
{
	static const char *const months[] = {"January", "February", "March", "April", "May",
		"June", "July", "August", "September", "October", "November", "December"};
	return arena_printf(
		a, "%d %s %d", number(s + 8, 2), months[number(s + 5, 2) - 1], number(s, 4));
}

static const char *problem_of(struct page *p, const char *on, const struct as_at_days *d)
{
	if (!is_day(on))
		return "Enter a day as year-month-day, like 2026-11-03.";
	if (strcmp(on, d->today) > 0)
		return "That day is still to come. Choose today or an earlier day.";
	if (strcmp(on, d->oldest) < 0)
		return arena_printf(p->arena,
			"That day is too long ago. The history reaches back to %s.",
			day_words(p->arena, d->oldest));
	return NULL;
}

/* Checks the requested day. v_r->shown: the day can be shown. */
static bool begin(struct page *p, struct as_at_view *v_r, struct err *e)
{
	struct as_at_days d;
	const char *on = p->f.error[AS_AT_ON] == NULL ? p->f.text[AS_AT_ON] : "?";
	if (!as_at_days(
		    p->db, p->who->org_id, conf_int(p->site->conf, CONF_RETENTION_DAYS), &d, e))
		return false;
	*v_r = (struct as_at_view){.action = "/clients/as-at",
		.on = p->f.typed[AS_AT_ON],
		.today = d.today,
		.oldest = d.oldest};
	if (*on == '\0')
		return true;
	v_r->problem = problem_of(p, on, &d);
	v_r->shown = v_r->problem == NULL;
	if (v_r->shown) {
		/* The trimmed text, not what was typed: blanks would end up in a file name. */
		v_r->on = on;
		v_r->day = day_words(p->arena, on);
	}
	return true;
}

static const char *status_words(const char *status)
{
	return strcmp(status, "prospect") == 0 ? "Prospect" : "Client";
}

static bool fill_rows(struct page *p, struct as_at_view *v, struct err *e)
{
	struct client_page page;
	bool from = p->f.number[AS_AT_AFTER] != 0;
	if (!as_at_page(p->db, p->arena, p->who->org_id, v->on,
		    from ? p->f.text[AS_AT_KEY] : NULL, p->f.number[AS_AT_AFTER], &page, e))
		return false;
	struct line_view *rows = arena_array(p->arena, struct line_view, page.n);
	for (size_t i = 0; i < page.n; i++) {
		const struct client_row *r = &page.rows[i];
		rows[i] = (struct line_view){r->client_id, r->name, r->contact_name, r->email,
			r->phone, status_words(r->status), r->synced ? "XPM" : "The Gap"};
	}
	v->rows = (struct tmpl_list){rows, page.n};
	v->further = from;
	v->empty = page.n == 0;
	if (page.more_after) {
		v->next_id = page.rows[page.n - 1].client_id;
		v->next_from = page.rows[page.n - 1].name;
	}
	return true;
}

static bool show(struct page *p, struct as_at_view *v, struct err *e)
{
	p->title = v->shown ? arena_printf(p->arena, "%s on %s",
				      v->one ? str_isolate(p->arena, v->client) : "Clients",
				      v->day)
			    : "Clients as they were";
	p->section = "clients";
	return page_show(p, TEMPLATE_AS_AT, v, v->problem == NULL ? 200 : 422, e);
}

bool as_at_show(struct page *p, struct err *e)
{
	struct as_at_view v;
	return begin(p, &v, e) && (!v.shown || fill_rows(p, &v, e)) && show(p, &v, e);
}

bool as_at_one(struct page *p, struct err *e)
{
	struct as_at_view v;
	struct client_view c;
	if (!clients_get(p->db, p->arena, p->who->org_id, p->q->id_param, &c, e) ||
		!begin(p, &v, e))
		return false;
	v.one = true;
	v.client_id = p->q->id_param;
	v.client = c.name;
	v.action = arena_printf(p->arena, "/clients/%lld/as-at", (long long)v.client_id);
	if (!v.shown)
		return show(p, &v, e);
	if (!as_at_client(p->db, p->arena, p->who->org_id, v.client_id, v.on, &c, e))
		return false;
	struct person_view *rows = arena_array(p->arena, struct person_view, c.n_contacts);
	for (size_t i = 0; i < c.n_contacts; i++)
		rows[i] = (struct person_view){c.contacts[i].name, c.contacts[i].email,
			c.contacts[i].phone, c.contacts[i].is_primary};
	v.contacts = (struct tmpl_list){rows, c.n_contacts};
	v.client = c.name;
	v.status = status_words(c.status);
	v.archived = c.archived_at != 0;
	return show(p, &v, e);
}

bool as_at_csv(struct page *p, struct err *e)
{
	struct as_at_view v;
	struct download o;
	if (!begin(p, &v, e))
		return false;
	if (!v.shown)
		return show(p, &v, e);
	const struct download_file file = {"text/csv; charset=utf-8",
		arena_printf(p->arena, "clients-%s.csv", v.on), "clients.exported", v.on};
	if (!download_open(&o, p, &file, e))
		return false;
	download_row(&o, clients_csv_heads, CLIENTS_CSV_COLUMNS);
	bool ok = !o.wanted || as_at_each(p->db, p->who->org_id, v.on, clients_csv_row, &o, e);
	return download_end(&o, ok, e);
}
