#include "codec/when.h"
#include "store/audit.h"
#include "store/match.h"
#include "store/notices.h"
#include "worker/mail.h"
#include "worker/sync.h"

enum { FAILURES_MAIL = 3 };

static const char *run_link(struct sync *s)
{
	return arena_printf(s->w->arena, "/syncs/%lld", (long long)s->key.run_id);
}

/* The words of the success bar. Skipped records are problems; flags are not. */
static const char *import_words(struct sync *s, int64_t clients, int64_t contacts)
{
	int64_t left = s->counts.skipped + s->counts.failed;
	if (left > 0)
		return arena_printf(s->w->arena, "%s of %s clients imported. %s attention.",
			str_number(s->w->arena, clients),
			str_number(s->w->arena, clients + left),
			str_count(s->w->arena, left, "needs", "need"));
	return arena_printf(s->w->arena, "All clients have been imported from XPM. %s, %s.",
		str_count(s->w->arena, clients, "client", "clients"),
		str_count(s->w->arena, contacts, "contact", "contacts"));
}

static bool tell_first(struct sync *s, int64_t clients, int64_t contacts, struct err *e)
{
	return notices_add(s->w->db, s->key.org_id, true, "import",
		       import_words(s, clients, contacts), run_link(s), e) &&
	       mail_queue(s->w, s->key.org_id, PEOPLE_OTHERS, s->ask->user_id,
		       MAIL_MFA_REQUIRED, NULL, e);
}

bool sync_tell_good(struct sync *s, const struct run_locked *was, int64_t clients,
	int64_t contacts, struct err *e)
{
	if (!was->was_live && !tell_first(s, clients, contacts, e))
		return false;
	if (was->failures < FAILURES_MAIL)
		return true;
	return notices_add(s->w->db, s->key.org_id, true, "sync_healed",
		       "Syncing works again. Clients are up to date.", run_link(s), e) &&
	       mail_queue(s->w, s->key.org_id, PEOPLE_ADMINS, 0, MAIL_SYNC_HEALED, NULL, e);
}

static bool tell_broken(struct sync *s, enum connection_cause cause, struct err *e)
{
	return notices_add(s->w->db, s->key.org_id, true, "reconnect",
		       connection_cause_text(cause), "/settings/integrations", e) &&
	       mail_queue(s->w, s->key.org_id, PEOPLE_ADMINS, 0, MAIL_RECONNECT,
		       connection_cause_name(cause), e);
}

/* After the third failed run in a row. */
static bool tell_stuck(struct sync *s, struct err *e)
{
	int64_t at = s->conn.last_success_at;
	const char *since = at == 0 ? "the clients were first asked for"
				    : when_show(s->w->arena, s->conn.zone, at);
	const char *words = arena_printf(s->w->arena, "Clients not updated since %s.", since);
	return notices_add(
		       s->w->db, s->key.org_id, true, "sync_failing", words, run_link(s), e) &&
	       mail_queue(s->w, s->key.org_id, PEOPLE_ADMINS, 0, MAIL_SYNC_FAILING, NULL, e);
}

bool sync_tell_failed(
	struct sync *s, enum connection_cause cause, int64_t failures, struct err *e)
{
	bool person = cause == CAUSE_SIGN_IN || cause == CAUSE_SCOPES ||
		      cause == CAUSE_PERMISSION || cause == CAUSE_REMOVED_IN_XERO;
	if (person)
		return tell_broken(s, cause, e);
	if (failures == 1)
		return notices_add(s->w->db, s->key.org_id, true, "sync_failed",
			"Sync did not finish; retrying.", run_link(s), e);
	return failures != FAILURES_MAIL || tell_stuck(s, e);
}

bool sync_tell_held(struct sync *s, struct err *e)
{
	bool edits = s->would.cause == CAUSE_EDITS;
	const char *words = run_held_words(s->w->arena, &s->would);
	return notices_add(s->w->db, s->key.org_id, true, "sync_held",
		       arena_printf(s->w->arena, "%s. Review changes.", words),
		       edits ? "/settings/integrations/edits" : "/settings/integrations/review",
		       e) &&
	       mail_queue(s->w, s->key.org_id, PEOPLE_ADMINS, 0,
		       edits ? MAIL_EDITS : MAIL_SYNC_HELD,
		       arena_printf(s->w->arena, "%s.", words), e);
}

/*
 * The notice names clients, so it is deleted with either of them; privacy_forget and
 * leave_erase find it by its kind.
 */
bool sync_tell_moved(struct sync *s, const struct match_found *f, struct err *e)
{
	struct arena *a = s->w->arena;
	const char *others =
		f->n == 1 ? ""
			  : arena_printf(a, ", and so may %s in others",
				    str_count(a, f->n - 1, "more client", "more clients"));
	const char *words = arena_printf(a,
		"%s is gone from XPM and may live on in %s%s. Decide whether to join their history.",
		str_isolate(a, f->goes), str_isolate(a, f->stays), others);
	const char *link = f->n == 1 ? arena_printf(a, "/clients/%lld", (long long)f->goes_id)
				     : "/settings/integrations/match?tab=gone";
	return notices_add(s->w->db, s->key.org_id, true, "client_moved", words, link, e);
}

bool sync_audit(struct sync *s, const char *result, const char *detail, struct err *e)
{
	const struct run_counts *c = &s->counts;
	struct arena *a = s->w->arena;
	const struct audit_entry entry = {
		.org_id = s->key.org_id,
		.user_id = s->ask->user_id,
		.event = "sync.run",
		.result = result,
		.detail = arena_printf(s->w->arena,
			"run %lld, %s: %s seen, %s new, %s changed, %s archived, %s restored%s%s",
			(long long)s->key.run_id, run_trigger_name(s->ask->trigger),
			str_number(a, c->seen), str_number(a, c->added),
			str_number(a, c->changed), str_number(a, c->archived),
			str_number(a, c->restored), detail == NULL ? "" : "; ",
			detail == NULL ? "" : detail),
	};
	return audit_add(s->w->db, &entry, e);
}
