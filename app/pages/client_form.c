#include "pages/clients.h"

#include "pages/chrome.h"
#include "store/undo.h"

struct form_view {
	const char *csrf, *heading, *action, *back, *button, *problem;
	const char *name, *contact, *contact_last, *email, *phone;
	const char *name_error, *contact_error, *contact_last_error, *email_error, *phone_error,
		*status_error;
	bool is_prospect, is_new;
};
static const struct tmpl_field form_fields[] = {
	TMPL_F(struct form_view, csrf, TMPL_TEXT),
	TMPL_F(struct form_view, heading, TMPL_TEXT),
	TMPL_F(struct form_view, action, TMPL_TEXT),
	TMPL_F(struct form_view, back, TMPL_TEXT),
	TMPL_F(struct form_view, button, TMPL_TEXT),
	TMPL_F(struct form_view, problem, TMPL_TEXT),
	TMPL_F(struct form_view, name, TMPL_TEXT),
	TMPL_F(struct form_view, contact, TMPL_TEXT),
	TMPL_F(struct form_view, contact_last, TMPL_TEXT),
	TMPL_F(struct form_view, email, TMPL_TEXT),
	TMPL_F(struct form_view, phone, TMPL_TEXT),
	TMPL_F(struct form_view, name_error, TMPL_TEXT),
	TMPL_F(struct form_view, contact_error, TMPL_TEXT),
	TMPL_F(struct form_view, contact_last_error, TMPL_TEXT),
	TMPL_F(struct form_view, email_error, TMPL_TEXT),
	TMPL_F(struct form_view, phone_error, TMPL_TEXT),
	TMPL_F(struct form_view, status_error, TMPL_TEXT),
	TMPL_F(struct form_view, is_prospect, TMPL_BOOL),
	TMPL_F(struct form_view, is_new, TMPL_BOOL),
};
const struct tmpl_shape client_form_shape = TMPL_SHAPE(struct form_view, form_fields);

static const char *const statuses[] = {"client", "prospect", NULL};
const struct field client_fields[FORM__MAX] = {
	[FORM_NAME] = {"name", FIELD_TEXT, true, 1, 200, "the client's name", NULL},
	[FORM_STATUS] = {"status", FIELD_CHOICE, true, 0, 0, "a status", statuses},
	[FORM_CONTACT] = {"contact_first", FIELD_TEXT, false, 0, 100,
		"the contact's first name", NULL},
	[FORM_CONTACT_LAST] = {"contact_last", FIELD_TEXT, false, 0, 100,
		"the contact's last name", NULL},
	[FORM_EMAIL] = {"email", FIELD_EMAIL, false, 3, 254, "the contact's email", NULL},
	[FORM_PHONE] = {"phone", FIELD_TEXT, false, 0, 60, "the contact's number", NULL},
};

static bool show(struct page *p, struct form_view *v, int status, struct err *e)
{
	v->csrf = chrome_csrf(p);
	p->title = v->heading;
	p->section = "clients";
	return page_show(p, TEMPLATE_CLIENT_FORM, v, status, e);
}

static void fill_typed(const struct page *p, struct form_view *v)
{
	v->name = p->f.typed[FORM_NAME];
	v->contact = p->f.typed[FORM_CONTACT];
	v->contact_last = p->f.typed[FORM_CONTACT_LAST];
	v->email = p->f.typed[FORM_EMAIL];
	v->phone = p->f.typed[FORM_PHONE];
	v->is_prospect = strcmp(p->f.typed[FORM_STATUS], "prospect") == 0;
	v->name_error = p->f.error[FORM_NAME];
	v->contact_error = p->f.error[FORM_CONTACT];
	v->contact_last_error = p->f.error[FORM_CONTACT_LAST];
	v->email_error = p->f.error[FORM_EMAIL];
	v->phone_error = p->f.error[FORM_PHONE];
	v->status_error = p->f.error[FORM_STATUS];
}

static struct form_view new_form(void)
{
	return (struct form_view){.heading = "Add a client",
		.action = "/clients/new",
		.back = "/clients",
		.button = "Save",
		.is_new = true};
}

static struct form_view edit_form(struct page *p)
{
	const char *own = arena_printf(p->arena, "/clients/%lld", (long long)p->q->id_param);
	return (struct form_view){.heading = "Edit client",
		.action = arena_printf(p->arena, "%s/edit", own),
		.back = own,
		.button = "Save"};
}

/* Refused before anybody fills in the form. */
bool clients_by_hand(struct page *p, struct err *e)
{
	if (!connection_look(p->who->xpm.state)->has_practice)
		return true;
	return err_set(e, ERR_CONFLICT,
		"Clients come from Xero Practice Manager while it is connected. Add the client there, then select Update Xero Clients.");
}

bool client_new(struct page *p, struct err *e)
{
	struct form_view v = new_form();
	return clients_by_hand(p, e) && show(p, &v, 200, e);
}

static struct client_edit edit_of(struct page *p)
{
	const char *first = p->f.text[FORM_CONTACT];
	const char *last = p->f.text[FORM_CONTACT_LAST];
	bool both = first[0] != '\0' && last[0] != '\0';
	return (struct client_edit){
		.name = p->f.text[FORM_NAME],
		.status = p->f.text[FORM_STATUS],
		.contact_name = arena_printf(p->arena, "%s%s%s", first, both ? " " : "", last),
		.email = p->f.text[FORM_EMAIL],
		.phone = p->f.text[FORM_PHONE],
	};
}

/* E-mail and phone belong to a contact, so they need a contact's name. */
static void judge(struct page *p)
{
	bool has_contact =
		p->f.text[FORM_CONTACT][0] != '\0' || p->f.text[FORM_CONTACT_LAST][0] != '\0';
	bool has_details = p->f.text[FORM_EMAIL][0] != '\0' || p->f.text[FORM_PHONE][0] != '\0';
	if (!has_contact && has_details)
		fields_fail(&p->f, FORM_CONTACT,
			"Enter the name of the person this email or number belongs to.");
}

static bool again(
	struct page *p, struct form_view v, const char *problem, int status, struct err *e)
{
	fill_typed(p, &v);
	v.problem = problem;
	return show(p, &v, status, e);
}

bool client_new_post(struct page *p, struct err *e)
{
	int64_t id;
	if (!clients_by_hand(p, e))
		return false;
	judge(p);
	if (!p->f.ok)
		return again(p, new_form(), NULL, 422, e);
	struct client_edit edit = edit_of(p);
	if (!pg_begin(p->db, p->who->org_id, e))
		return false;
	if (!clients_add(p->db, p->who->org_id, &edit, &id, e)) {
		pg_rollback(p->db);
		return e->kind == ERR_CONFLICT
			       ? again(p, new_form(), arena_strdup(p->arena, e->text), 409, e)
			       : false;
	}
	const char *own = arena_printf(p->arena, "/clients/%lld", (long long)id);
	return history_by_hand(p->db, id, p->who->name, e) &&
	       page_go_with(p, own, "success", "Client added.", e) &&
	       page_audit(p, "client.added", "ok", own, e) && pg_commit(p->db, e);
}

/* Refused before the fields are checked: no other input would help. */
static bool find_editable(struct page *p, struct client_view *c, struct err *e)
{
	if (!clients_get(p->db, p->arena, p->who->org_id, p->q->id_param, c, e))
		return false;
	return !c->view_only ||
	       err_set(e, ERR_CONFLICT,
		       "This client is view only: it comes from Xero Practice Manager. Change it there.");
}

bool client_edit(struct page *p, struct err *e)
{
	struct client_view c;
	if (!find_editable(p, &c, e))
		return false;
	struct form_view v = edit_form(p);
	v.name = c.name;
	v.is_prospect = strcmp(c.status, "prospect") == 0;
	for (size_t i = 0; i < c.n_contacts; i++) {
		if (!c.contacts[i].is_primary)
			continue;
		v.contact = c.contacts[i].name;
		v.email = c.contacts[i].email;
		v.phone = c.contacts[i].phone;
	}
	return show(p, &v, 200, e);
}

bool client_edit_post(struct page *p, struct err *e)
{
	int64_t id = p->q->id_param;
	struct client_view c;
	if (!find_editable(p, &c, e))
		return false;
	judge(p);
	struct client_edit edit = edit_of(p);
	if (!p->f.ok)
		return again(p, edit_form(p), NULL, 422, e);
	const char *own = edit_form(p).back;
	return pg_begin(p->db, p->who->org_id, e) &&
	       clients_change(p->db, p->who->org_id, id, &edit, e) &&
	       history_by_hand(p->db, id, p->who->name, e) &&
	       page_go_with(p, own, "success", "Saved.", e) &&
	       page_audit(p, "client.changed", "ok", own, e) && pg_commit(p->db, e);
}

static bool set_archived(struct page *p, bool archive, struct err *e)
{
	const char *own = edit_form(p).back;
	return pg_begin(p->db, p->who->org_id, e) &&
	       clients_archive(p->db, p->who->org_id, p->q->id_param, archive, e) &&
	       history_by_hand(p->db, p->q->id_param, p->who->name, e) &&
	       page_go_with(p, own, "success",
		       archive ? "Client archived. You find it under the filter Archived."
			       : "Client restored.",
		       e) &&
	       page_audit(p, archive ? "client.archived" : "client.restored", "ok", own, e) &&
	       pg_commit(p->db, e);
}

bool client_archive(struct page *p, struct err *e)
{
	return set_archived(p, true, e);
}

bool client_restore(struct page *p, struct err *e)
{
	return set_archived(p, false, e);
}
