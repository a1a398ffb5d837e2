#include "pages/integrations.h"

#include "pages/chrome.h"
#include "store/connections.h"
#include "store/jobs.h"
#include "store/leave.h"
#include "store/users.h"

struct disconnect_view {
	const char *csrf, *practice;
	int64_t clients, contacts, people, fix_items, remove_days, tell_days;
	bool review, one_person, one_fix;
};
static const struct tmpl_field disconnect_fields[] = {
	TMPL_F(struct disconnect_view, csrf, TMPL_TEXT),
	TMPL_F(struct disconnect_view, practice, TMPL_TEXT),
	TMPL_F(struct disconnect_view, clients, TMPL_INT),
	TMPL_F(struct disconnect_view, contacts, TMPL_INT),
	TMPL_F(struct disconnect_view, people, TMPL_INT),
	TMPL_F(struct disconnect_view, fix_items, TMPL_INT),
	TMPL_F(struct disconnect_view, remove_days, TMPL_INT),
	TMPL_F(struct disconnect_view, tell_days, TMPL_INT),
	TMPL_F(struct disconnect_view, review, TMPL_BOOL),
	TMPL_F(struct disconnect_view, one_person, TMPL_BOOL),
	TMPL_F(struct disconnect_view, one_fix, TMPL_BOOL),
};
const struct tmpl_shape disconnect_shape =
	TMPL_SHAPE(struct disconnect_view, disconnect_fields);

static const char *const choices[] = {"edit", "read_only", "remove", NULL};
const struct field disconnect_post_fields[DISCONNECT__MAX] = {
	[DISCONNECT_CHOICE] = {"records", FIELD_CHOICE, false, 0, 0,
		"what becomes of the records", choices},
};

bool disconnect_show(struct page *p, struct err *e)
{
	struct connection c;
	struct leave_impact i;
	if (!connections_get(p->db, p->arena, p->who->org_id, &c, e))
		return false;
	if (!connection_look(c.state)->has_practice)
		return page_go(p, "/settings/integrations");
	if (!leave_impact(p->db, p->who->org_id, &i, e))
		return false;
	struct disconnect_view v = {
		.csrf = chrome_csrf(p),
		.practice = c.practice,
		.clients = c.live_clients,
		.contacts = c.live_contacts,
		.people = i.people,
		.fix_items = i.fix_items,
		.remove_days = LEAVE_REMOVE_DAYS,
		.tell_days = LEAVE_TELL_DAYS,
		.review = i.review,
		.one_person = i.people == 1,
		.one_fix = i.fix_items == 1,
	};
	p->title = "Disconnect Xero Practice Manager?";
	p->section = "settings";
	return page_show(p, TEMPLATE_DISCONNECT, &v, 200, e);
}

bool disconnect_post(struct page *p, struct err *e)
{
	const char *chosen = p->f.text[DISCONNECT_CHOICE];
	const struct disconnect_ask ask = {
		.choice = *chosen == '\0' ? choices[0] : chosen,
		.user_id = p->who->user_id,
	};
	if (!p->f.ok)
		return err_set(e, ERR_INVALID,
			"Choose what becomes of the records. Nothing was disconnected.");
	return pg_begin(p->db, p->who->org_id, e) &&
	       connections_begin_disconnect(p->db, p->who->org_id, &ask, e) &&
	       page_audit(p, "disconnect.asked", "ok", ask.choice, e) && pg_commit(p->db, e) &&
	       page_go(p, "/settings/integrations?watch=1");
}

/* The worker does it: the web process may not change which records are editable. */
bool records_free(struct page *p, struct err *e)
{
	bool added = false;
	const char *payload =
		arena_printf(p->arena, "{\"user\":%lld}", (long long)p->who->user_id);
	const char *single = arena_printf(p->arena, "free:%lld", (long long)p->who->org_id);
	return pg_begin(p->db, p->who->org_id, e) &&
	       jobs_add(p->db, p->who->org_id, "free", payload, single, 0, &added, e) &&
	       page_go_with(p, "/settings/integrations", "success",
		       "The clients that came from XPM become editable.", e) &&
	       pg_commit(p->db, e);
}

bool standby_remove(struct page *p, struct err *e)
{
	bool added = false;
	const char *single = arena_printf(p->arena, "standby:%lld", (long long)p->who->org_id);
	return pg_begin(p->db, p->who->org_id, e) &&
	       jobs_add(p->db, p->who->org_id, "standby_remove", NULL, single, 0, &added, e) &&
	       page_go_with(p, "/settings/integrations", "success",
		       "The standby is being removed.", e) &&
	       page_audit(p, "standby.removed", "ok", "asked", e) && pg_commit(p->db, e);
}

bool banner_close(struct page *p, struct err *e)
{
	return users_close_banner(p->db, p->who->org_id, p->who->user_id, e) &&
	       page_go(p, "/clients");
}
