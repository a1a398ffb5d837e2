#include "pages/integrations.h"

#include "codec/when.h"
#include "pages/chrome.h"
#include "pages/help.h"
#include "pages/oauth.h"
#include "pages/removal.h"
#include "pages/review.h"
#include "store/connections.h"
#include "store/match.h"
#include "store/runs.h"
#include "store/standby.h"
#include "store/users.h"

struct choice_view {
	int64_t idx;
	const char *name;
	bool preselected;
};
static const struct tmpl_field choice_fields[] = {
	TMPL_F(struct choice_view, idx, TMPL_INT),
	TMPL_F(struct choice_view, name, TMPL_TEXT),
	TMPL_F(struct choice_view, preselected, TMPL_BOOL),
};
static const struct tmpl_shape choice_shape = TMPL_SHAPE(struct choice_view, choice_fields);

struct tile {
	const char *csrf, *badge, *tone, *admins, *cause, *cause_help, *practice, *by, *standby,
		*standby_failed, *last_try;
	const struct moment *since, *last, *next, *standby_since;
	bool is_admin, connected, not_connected, connecting, choosing, importing, disconnecting;
	bool can_connect, can_disconnect, can_reconnect, can_review, running, stale,
		expired_hint, other_practice, read_only, telling_xero, can_add_standby,
		can_hand_over;
	bool asks_members, one_member, can_match, previewed, removes_former;
	int64_t members, progress, clients, contacts, grace_days, attempt;
	struct tmpl_list choices, removals;
};
static const struct tmpl_field tile_fields[] = {
	TMPL_F(struct tile, csrf, TMPL_TEXT),
	TMPL_F(struct tile, badge, TMPL_TEXT),
	TMPL_F(struct tile, tone, TMPL_TEXT),
	TMPL_F(struct tile, admins, TMPL_TEXT),
	TMPL_F(struct tile, cause, TMPL_TEXT),
	TMPL_F(struct tile, cause_help, TMPL_TEXT),
	TMPL_F(struct tile, practice, TMPL_TEXT),
	TMPL_FS(struct tile, since, TMPL_PTR, &moment_shape),
	TMPL_F(struct tile, by, TMPL_TEXT),
	TMPL_FS(struct tile, last, TMPL_PTR, &moment_shape),
	TMPL_FS(struct tile, next, TMPL_PTR, &moment_shape),
	TMPL_FS(struct tile, removals, TMPL_LIST, &removal_shape),
	TMPL_F(struct tile, removes_former, TMPL_BOOL),
	TMPL_F(struct tile, standby, TMPL_TEXT),
	TMPL_FS(struct tile, standby_since, TMPL_PTR, &moment_shape),
	TMPL_F(struct tile, standby_failed, TMPL_TEXT),
	TMPL_F(struct tile, last_try, TMPL_TEXT),
	TMPL_F(struct tile, is_admin, TMPL_BOOL),
	TMPL_F(struct tile, connected, TMPL_BOOL),
	TMPL_F(struct tile, not_connected, TMPL_BOOL),
	TMPL_F(struct tile, connecting, TMPL_BOOL),
	TMPL_F(struct tile, choosing, TMPL_BOOL),
	TMPL_F(struct tile, importing, TMPL_BOOL),
	TMPL_F(struct tile, disconnecting, TMPL_BOOL),
	TMPL_F(struct tile, can_connect, TMPL_BOOL),
	TMPL_F(struct tile, can_disconnect, TMPL_BOOL),
	TMPL_F(struct tile, can_reconnect, TMPL_BOOL),
	TMPL_F(struct tile, can_review, TMPL_BOOL),
	TMPL_F(struct tile, running, TMPL_BOOL),
	TMPL_F(struct tile, stale, TMPL_BOOL),
	TMPL_F(struct tile, expired_hint, TMPL_BOOL),
	TMPL_F(struct tile, other_practice, TMPL_BOOL),
	TMPL_F(struct tile, read_only, TMPL_BOOL),
	TMPL_F(struct tile, telling_xero, TMPL_BOOL),
	TMPL_F(struct tile, can_add_standby, TMPL_BOOL),
	TMPL_F(struct tile, can_hand_over, TMPL_BOOL),
	TMPL_F(struct tile, asks_members, TMPL_BOOL),
	TMPL_F(struct tile, can_match, TMPL_BOOL),
	TMPL_F(struct tile, previewed, TMPL_BOOL),
	TMPL_F(struct tile, one_member, TMPL_BOOL),
	TMPL_F(struct tile, members, TMPL_INT),
	TMPL_F(struct tile, progress, TMPL_INT),
	TMPL_F(struct tile, clients, TMPL_INT),
	TMPL_F(struct tile, contacts, TMPL_INT),
	TMPL_F(struct tile, grace_days, TMPL_INT),
	TMPL_F(struct tile, attempt, TMPL_INT),
	TMPL_FS(struct tile, choices, TMPL_LIST, &choice_shape),
};
const struct tmpl_shape integrations_shape = TMPL_SHAPE(struct tile, tile_fields);

const struct field integrations_query[INTEGRATIONS__MAX] = {
	[INTEGRATIONS_WATCH] = {"watch", FIELD_TEXT, false, 0, 20, "what to watch", NULL},
};
const struct field practice_fields[PRACTICE__MAX] = {
	[PRACTICE_CHOICE] = {"choice", FIELD_INT, true, 0, 1000, "the practice to use", NULL},
	[PRACTICE_ATTEMPT] = {"attempt", FIELD_ID, true, 0, 0, "the sign-in", NULL},
};
const struct field grace_fields[GRACE__MAX] = {
	[GRACE_DAYS] = {"days", FIELD_INT, true, 0, 7, "the number of days", NULL},
};
const struct field label_fields[LABEL__MAX] = {
	[LABEL_TEXT] = {"label", FIELD_TEXT, true, 1, 120, "a name for the practice", NULL},
};

static void fill_state(struct page *p, const struct connection *c, struct tile *t)
{
	const struct connection_look *look = connection_look(c->state);
	bool admin = page_is_admin(p);
	t->badge = c->previewed ? connection_look(CONNECTION_CONNECTING)->badge : look->badge;
	t->tone = look->tone;
	t->connected = look->live && c->state != CONNECTION_FIRST_IMPORT;
	t->not_connected = c->state == CONNECTION_NOT_CONNECTED;
	t->connecting = c->state == CONNECTION_CONNECTING;
	t->choosing = c->state == CONNECTION_CHOOSING;
	t->previewed = c->previewed && c->state == CONNECTION_FIRST_IMPORT;
	t->importing = c->state == CONNECTION_FIRST_IMPORT && !t->previewed;
	t->disconnecting = c->state == CONNECTION_DISCONNECTING;
	t->can_connect = admin && t->not_connected;
	t->can_reconnect = admin && c->state == CONNECTION_NEEDS_RECONNECT;
	t->can_disconnect = admin && (t->connected || t->importing || t->can_reconnect);
	t->can_review = admin && c->state == CONNECTION_HELD;
	t->running = c->running;
	t->stale = t->connected && c->last_success_at != 0 &&
		   p->now - c->last_success_at > CONNECTION_STALE_S;
	t->cause = connection_cause_text(c->cause);
	t->cause_help = help_for_cause(c->cause);
	t->expired_hint = c->cause == CAUSE_EXPIRED && t->not_connected;
	t->other_practice = c->cause == CAUSE_OTHER_PRACTICE && t->choosing;
}

static void fill_facts(struct page *p, const struct connection *c, struct tile *t)
{
	t->practice = c->practice;
	t->since = page_day(p, c->connected_at);
	t->by = c->connected_by;
	t->last = page_ago(p, c->last_success_at);
	t->next = page_moment(p, c->next_sync_at);
	t->progress = c->progress_done < 0 ? 0 : c->progress_done;
	t->clients = c->live_clients;
	t->contacts = c->live_contacts;
	t->grace_days = p->who->mfa_grace_days;
}

static bool fill_leave(
	struct page *p, const struct leave_state *s, struct tile *t, struct err *e)
{
	t->read_only = s->read_only && t->not_connected;
	t->telling_xero = s->telling_xero && t->not_connected;
	return removal_views(p, s, &t->removals, &t->removes_former, e);
}

static const char *why_no_standby(const struct standby_show *s)
{
	if (!s->failed)
		return NULL;
	return s->cause == CAUSE_NONE
		       ? "A standby needs another Xero log-in than the one that is connected."
		       : connection_standby_text(s->cause);
}

/*
 * The standby admin, who takes over when the person who connected is gone, and whether this has
 * happened.
 */
static void fill_standby(struct page *p, const struct standby_show *s, struct tile *t)
{
	bool admin = page_is_admin(p);
	bool other = s->connected_by != p->who->user_id;
	if (!t->connected)
		return;
	t->standby = s->by == 0 ? NULL : s->name;
	t->standby_since = page_day(p, s->since);
	t->can_hand_over = admin && other && !s->connector_stays && s->connected_by != 0;
	t->can_add_standby = admin && other && s->by == 0 && !t->can_hand_over;
	t->standby_failed = t->can_add_standby ? why_no_standby(s) : NULL;
}

/*
 * A refused attempt to reconnect is shown beside the cause that still holds. Unlike the bar, it
 * stays.
 */
static bool fill_last_try(
	struct page *p, const struct connection *c, struct tile *t, struct err *e)
{
	enum connection_cause cause;
	bool closable;
	if (!page_is_admin(p) || !connection_banner(c->state, c->cause, &closable))
		return true;
	if (!attempts_refusal(p->db, p->who->org_id, &cause, e))
		return false;
	t->last_try = cause == c->cause ? "" : connection_cause_text(cause);
	return true;
}

static bool fill_choices(struct page *p, struct tile *t, struct err *e)
{
	const struct choice *choices;
	size_t n;
	if (!attempts_choices(p->db, p->arena, p->who->org_id, &t->attempt, &choices, &n, e))
		return false;
	struct choice_view *views = arena_array(p->arena, struct choice_view, n);
	for (size_t i = 0; i < n; i++)
		views[i] = (struct choice_view){
			choices[i].idx, choices[i].name, choices[i].preselected};
	t->choices = (struct tmpl_list){views, n};
	return true;
}

static bool fill_people(struct page *p, struct tile *t, struct err *e)
{
	t->is_admin = page_is_admin(p);
	if (!t->is_admin)
		return users_admin_names(p->db, p->arena, p->who->org_id, 0, &t->admins, e);
	if (!users_without_factor(p->db, p->who->org_id, &t->members, e))
		return false;
	t->members -= p->who->has_factor ? 0 : 1;
	t->asks_members = t->members > 0 && t->can_connect;
	t->one_member = t->members == 1;
	return match_any(p->db, p->who->org_id, &t->can_match, e);
}

/* Changes whenever the page changes: state, cause, practice, running sync, progress. */
static const char *status_key(struct page *p, const struct connection *c,
	const struct leave_state *s, const struct standby_show *b)
{
	return arena_printf(p->arena, "%s:%s:%lld:%lld:%d:%lld:%lld:%lld:%d:%d:%lld:%lld:%d:%d",
		connection_state_name(c->state),
		connection_cause_name(c->cause) == NULL ? "" : connection_cause_name(c->cause),
		(long long)c->last_run_id, (long long)c->last_success_at, c->running,
		(long long)c->progress_done, (long long)s->removals,
		(long long)s->newest_removal, s->read_only, s->telling_xero,
		(long long)b->since, (long long)b->connected_by, b->failed, c->previewed);
}

static void watch(struct page *p, const struct connection *c, const struct leave_state *s,
	const struct standby_show *b)
{
	bool busy = c->running || c->state == CONNECTION_CONNECTING ||
		    (c->state == CONNECTION_FIRST_IMPORT && !c->previewed) ||
		    c->state == CONNECTION_DISCONNECTING;
	p->poll = "/settings/integrations/status";
	p->poll_key = status_key(p, c, s, b);
	p->poll_s = busy ? 1 : 5;
	if (!busy)
		return;
	p->refresh_s = 3;
	p->refresh_to = "/settings/integrations?watch=1";
}

static const char disconnected_untold[] =
	"Disconnected here. We will keep telling Xero until it confirms.";

/* The bar for a person who waited until connecting ended. */
static bool finished_bar(
	struct page *p, const struct tile *t, const struct leave_state *s, struct err *e)
{
	const struct connection *c = &p->who->xpm;
	struct run_row run;
	bool live = connection_look(c->state)->live;
	if (c->running || (!live && c->state != CONNECTION_NOT_CONNECTED &&
				  c->state != CONNECTION_NEEDS_RECONNECT))
		return true;
	if (c->cause != CAUSE_NONE) {
		p->bar_kind = c->cause == CAUSE_DISCONNECTED ? "success"
			      : c->cause == CAUSE_EDITS	     ? "info"
							     : "error";
		p->bar_text = c->cause != CAUSE_DISCONNECTED ? t->cause
			      : s->telling_xero		     ? disconnected_untold
							     : "Disconnected from XPM";
		return true;
	}
	if (!live || c->last_success_at == 0)
		return true;
	/* The connection may be older than the run: runs are deleted after two years. */
	if (!runs_get(p->db, p->arena, p->who->org_id, c->last_run_id, &run, e))
		return e->kind == ERR_NOT_FOUND;
	int64_t bad = run.counts.skipped + run.counts.failed;
	p->bar_kind = "success";
	p->bar_text =
		bad == 0
			? arena_printf(p->arena,
				  "All clients have been imported from XPM. %s clients, %s contacts.",
				  page_number(p, c->live_clients),
				  page_number(p, c->live_contacts))
			: arena_printf(p->arena,
				  "%s of %s clients imported. %s need attention.",
				  page_number(p, c->live_clients),
				  page_number(p, c->live_clients + bad), page_number(p, bad));
	return true;
}

bool integrations_show(struct page *p, struct err *e)
{
	const struct connection *c = &p->who->xpm;
	struct leave_state left;
	struct standby_show standby;
	struct tile t = {.csrf = chrome_csrf(p)};
	if (!leave_state(p->db, p->who->org_id, &left, e) ||
		!standby_show(p->db, p->who->org_id, &standby, e))
		return false;
	bool watching = p->f.text[INTEGRATIONS_WATCH][0] != '\0';
	/*
	 * The person is back on this page, by Cancel or otherwise: nothing waits for Xero any
	 * more.
	 */
	if (oauth_is_waiting(p) && !sessions_return_to(p->db, p->who->session_id, NULL, e))
		return false;
	fill_state(p, c, &t);
	fill_facts(p, c, &t);
	fill_standby(p, &standby, &t);
	if (!fill_leave(p, &left, &t, e) || !review_words(p, &t.cause, e) ||
		!fill_people(p, &t, e) || !fill_last_try(p, c, &t, e) ||
		(t.choosing && t.is_admin && !fill_choices(p, &t, e)))
		return false;
	watch(p, c, &left, &standby);
	if (watching && !finished_bar(p, &t, &left, e))
		return false;
	p->title = "Integrations";
	p->section = "settings";
	p->leads_to_xero =
		t.can_connect || t.can_reconnect || t.can_add_standby || t.can_hand_over;
	return page_show(p, TEMPLATE_INTEGRATIONS, &t, 200, e);
}

bool integrations_status(struct page *p, struct err *e)
{
	struct leave_state left;
	struct standby_show standby;
	return leave_state(p->db, p->who->org_id, &left, e) &&
	       standby_show(p->db, p->who->org_id, &standby, e) &&
	       page_key(p, status_key(p, &p->who->xpm, &left, &standby));
}

static bool decide_practice(struct page *p, int64_t choice, const char *what, struct err *e)
{
	return pg_begin(p->db, p->who->org_id, e) &&
	       attempts_choose(
		       p->db, p->who->org_id, p->f.number[PRACTICE_ATTEMPT], choice, e) &&
	       page_audit(p, "connect.practice", "ok", what, e) && pg_commit(p->db, e) &&
	       page_go(p, "/settings/integrations?watch=1");
}

bool integrations_practice(struct page *p, struct err *e)
{
	if (!p->f.ok)
		return page_go_with(p, "/settings/integrations", "error",
			"Choose one of the practices.", e);
	return decide_practice(p, p->f.number[PRACTICE_CHOICE], "chosen", e);
}

bool integrations_practice_cancel(struct page *p, struct err *e)
{
	return decide_practice(p, -1, "cancelled", e);
}

bool integrations_grace(struct page *p, struct err *e)
{
	struct org o;
	if (!p->f.ok)
		return page_go_with(
			p, "/settings/integrations", "error", "Choose 0 to 7 days.", e);
	if (!pg_begin(p->db, p->who->org_id, e) ||
		!orgs_get(p->db, p->arena, p->who->org_id, &o, e))
		return false;
	o.mfa_grace_days = (int)p->f.number[GRACE_DAYS];
	const char *days = arena_printf(p->arena, "%d days", o.mfa_grace_days);
	return orgs_set(p->db, &o, e) &&
	       page_go_with(p, "/settings/integrations", "success", "Saved.", e) &&
	       page_audit(p, "mfa.grace_changed", "ok", days, e) && pg_commit(p->db, e);
}

bool integrations_label(struct page *p, struct err *e)
{
	if (!p->f.ok)
		return page_go_with(p, "/settings/integrations", "error",
			"A name has 1 to 120 characters. Nothing was changed.", e);
	return pg_begin(p->db, p->who->org_id, e) &&
	       connections_set_label(p->db, p->who->org_id, p->f.text[LABEL_TEXT], e) &&
	       page_go_with(p, "/settings/integrations", "success",
		       "The practice has a new name here.", e) &&
	       page_audit(p, "practice.renamed", "ok", "", e) && pg_commit(p->db, e);
}
