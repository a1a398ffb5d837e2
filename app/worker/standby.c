#include "worker/standby.h"

#include "base/log.h"
#include "store/audit.h"
#include "store/grants.h"
#include "store/notices.h"
#include "store/standby.h"
#include "worker/calls.h"
#include "worker/disconnect.h"
#include "worker/mail.h"
#include "worker/tokens.h"

static bool audit(
	struct worker *w, int64_t org_id, const char *event, const char *detail, struct err *e)
{
	const struct audit_entry entry = {
		.org_id = org_id, .event = event, .result = "ok", .detail = detail};
	return audit_add(w->db, &entry, e);
}

static bool tell(
	struct worker *w, int64_t org_id, enum mail_what what, const char *words, struct err *e)
{
	return notices_add(
		       w->db, org_id, true, "standby", words, "/settings/integrations", e) &&
	       mail_queue(w, org_id, PEOPLE_ADMINS, 0, what, words, e);
}

/*
 * The first grant is no longer needed. Without a valid token Xero cannot be told, and the job
 * gives up.
 */
static bool drop_first(
	struct worker *w, int64_t org_id, const struct work_connection *c, struct err *e)
{
	return c->xero_connection == NULL ||
	       disconnect_queue_removal(w, org_id, c->grant_id, c->xero_connection, 0, e);
}

bool standby_take_over(struct worker *w, int64_t org_id, const struct work_connection *c,
	const char *why, bool *done_r, struct err *e)
{
	struct pg *db = w->db;
	struct standby s;
	if (!pg_begin(db, org_id, e) || !standby_get(db, org_id, &s, e) ||
		!standby_promote(db, org_id, c->grant_id, done_r, e))
		return false;
	if (!*done_r)
		return pg_commit(db, e);
	const char *words = arena_printf(w->arena,
		"%s's Xero log-in has taken over the connection: %s Nothing was lost.",
		str_isolate(w->arena, s.name), why);
	log_info("standby.took_over", log_int("grant", s.grant_id));
	return drop_first(w, org_id, c, e) && tell(w, org_id, MAIL_STANDBY, words, e) &&
	       audit(w, org_id, "standby.took_over", words, e) && pg_commit(db, e);
}

/* False also when Xero cannot be asked: then nothing shows that the standby would do better. */
static bool sees(struct worker *w, const struct standby *s, const char *tenant)
{
	const struct xero_tenant *rows = NULL;
	struct xero_answer answer;
	struct token t;
	struct err why = {0};
	size_t n = 0;
	if (!token_get(w, s->grant_id, 0, &t, &why) ||
		!call_connections(w, t.access, &rows, &n, &answer, &why)) {
		log_warn("standby.look", log_text("why", why.text));
		return false;
	}
	for (size_t i = 0; i < n; i++)
		if (strcmp(rows[i].tenant, tenant) == 0)
			return true;
	return false;
}

bool standby_rescue(struct worker *w, int64_t org_id, const struct work_connection *c,
	const char *why, bool *done_r, struct err *e)
{
	struct standby s;
	*done_r = false;
	if (!standby_get(w->db, org_id, &s, e))
		return false;
	return s.grant_id == 0 || !sees(w, &s, c->tenant) ||
	       standby_take_over(w, org_id, c, why, done_r, e);
}

/* In the caller's transaction. */
static bool drop(struct worker *w, int64_t org_id, const struct standby *s, struct err *e)
{
	return (s->xero_connection == NULL || disconnect_queue_removal(w, org_id, s->grant_id,
						      s->xero_connection, 0, e)) &&
	       standby_drop(w->db, org_id, s->grant_id, e);
}

bool standby_end(struct worker *w, int64_t org_id, struct err *e)
{
	struct standby s;
	return standby_get(w->db, org_id, &s, e) && (s.grant_id == 0 || drop(w, org_id, &s, e));
}

static bool drop_told(struct worker *w, int64_t org_id, const struct standby *s,
	const char *words, struct err *e)
{
	return pg_begin(w->db, org_id, e) && drop(w, org_id, s, e) &&
	       notices_add(
		       w->db, org_id, true, "standby", words, "/settings/integrations", e) &&
	       audit(w, org_id, "standby.removed", words, e) && pg_commit(w->db, e);
}

bool standby_check(struct worker *w, int64_t org_id, struct err *e)
{
	struct standby s;
	struct token t;
	struct err why = {0};
	if (!standby_get(w->db, org_id, &s, e))
		return false;
	if (s.grant_id == 0 || token_get(w, s.grant_id, 0, &t, &why))
		return true;
	log_warn("standby.token", log_text("why", why.text));
	if (why.kind != ERR_REFUSED)
		return true;
	return drop_told(w, org_id, &s,
		arena_printf(w->arena,
			"The standby by %s is over: Xero asks for a new sign-in. Add a standby "
			"again.",
			str_isolate(w->arena, s.name)),
		e);
}

bool job_standby_remove(
	struct worker *w, const struct job *j, struct job_end *end_r, struct err *e)
{
	struct standby s;
	(void)end_r;
	if (!standby_get(w->db, j->org_id, &s, e))
		return false;
	return s.grant_id == 0 ||
	       drop_told(w, j->org_id, &s,
		       arena_printf(w->arena, "The standby by %s was removed.",
			       str_isolate(w->arena, s.name)),
		       e);
}

static bool ask_for_another(struct worker *w, int64_t org_id, const char *who, struct err *e)
{
	const char *words = arena_printf(w->arena,
		"Choose a new connector: %s, who connected Xero Practice Manager, is no longer an "
		"admin here. Select Hand over; no link is lost.",
		str_isolate(w->arena, who));
	return pg_begin(w->db, org_id, e) &&
	       notices_add(
		       w->db, org_id, true, "handover", words, "/settings/integrations", e) &&
	       mail_queue(w, org_id, PEOPLE_ADMINS, 0, MAIL_HANDOVER, words, e) &&
	       audit(w, org_id, "handover.needed", who, e) && pg_commit(w->db, e);
}

/* A user is no admin any more: did they connect, or are they the standby? */
bool job_handover(struct worker *w, const struct job *j, struct job_end *end_r, struct err *e)
{
	int64_t left = job_number(w, j, "left");
	const char *name = job_text(w, j, "name");
	const char *who = name == NULL ? "the admin" : name;
	struct work_connection c;
	struct standby s;
	bool done = false;
	(void)end_r;
	if (!work_connection(w->db, j->org_id, &c, e))
		return e->kind == ERR_NOT_FOUND;
	if (!standby_get(w->db, j->org_id, &s, e))
		return false;
	if (s.grant_id != 0 && s.by == left &&
		!drop_told(w, j->org_id, &s,
			arena_printf(w->arena,
				"The standby is over: %s is no longer an admin here.",
				str_isolate(w->arena, who)),
			e))
		return false;
	if (c.tenant == NULL || s.connected_by != left || s.connector_stays)
		return true;
	const char *why = arena_printf(w->arena,
		"%s, who connected, is no longer an admin here.", str_isolate(w->arena, who));
	if (s.by != left && !standby_take_over(w, j->org_id, &c, why, &done, e))
		return false;
	return done || ask_for_another(w, j->org_id, who, e);
}
