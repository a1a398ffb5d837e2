#include "pages/integrations.h"

#include "pages/chrome.h"
#include "store/connections.h"
#include "store/users.h"

struct disconnect_view {
	const char *csrf, *practice;
	int64_t clients, contacts;
};
static const struct tmpl_field disconnect_fields[] = {
	TMPL_F(struct disconnect_view, csrf, TMPL_TEXT),
	TMPL_F(struct disconnect_view, practice, TMPL_TEXT),
	TMPL_F(struct disconnect_view, clients, TMPL_INT),
	TMPL_F(struct disconnect_view, contacts, TMPL_INT),
};
const struct tmpl_shape disconnect_shape =
	TMPL_SHAPE(struct disconnect_view, disconnect_fields);

bool disconnect_show(struct page *p, struct err *e)
{
	struct connection c;
	if (!connections_get(p->db, p->arena, p->who->org_id, &c, e))
		return false;
	if (!connection_look(c.state)->has_practice)
		return page_go(p, "/settings/integrations");
	struct disconnect_view v = {
		.csrf = chrome_csrf(p),
		.practice = c.practice,
		.clients = c.live_clients,
		.contacts = c.live_contacts,
	};
	p->title = "Disconnect Xero Practice Manager?";
	p->section = "settings";
	return page_show(p, TEMPLATE_DISCONNECT, &v, 200, e);
}

bool disconnect_post(struct page *p, struct err *e)
{
	return pg_begin(p->db, p->who->org_id, e) &&
	       connections_begin_disconnect(p->db, p->who->org_id, e) &&
	       page_audit(p, "disconnect.asked", "ok", "", e) && pg_commit(p->db, e) &&
	       page_go(p, "/settings/integrations?watch=1");
}

bool banner_close(struct page *p, struct err *e)
{
	return users_close_banner(p->db, p->who->org_id, p->who->user_id, e) &&
	       page_go(p, "/clients");
}
