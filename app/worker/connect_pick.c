#include "base/log.h"
#include "codec/jwt.h"
#include "worker/calls.h"
#include "worker/connect.h"

enum { NAP_MS = 1500 };

const char *connect_event(struct worker *w, const struct secret *access)
{
	const struct json *claims = NULL;
	struct err ignored;
	char uuid[37];
	/*
	 * The token came from its issuer over TLS, so its claims may be read without checking
	 * the signature.
	 */
	if (!jwt_claims(w->arena, secret_open(access), &claims, &ignored) ||
		!str_uuid(str_of(json_text(json_get(claims, "authentication_event_id"))), uuid))
		return NULL;
	return arena_strdup(w->arena, uuid);
}

static bool is_practice(const struct xero_tenant *t)
{
	return strcmp(t->type, "PRACTICEMANAGER") == 0;
}

static bool is_ours(const struct connect *c, const struct xero_tenant *t)
{
	return c->auth_event != NULL && t->auth_event != NULL &&
	       strcmp(c->auth_event, t->auth_event) == 0;
}

/* The cause shown to the user when the list was refused or did not come. */
static enum connection_cause cause_of(const struct xero_answer *answer)
{
	bool refused = answer->trouble == XERO_TOKEN || answer->trouble == XERO_SCOPE ||
		       answer->trouble == XERO_FORBIDDEN;
	return refused ? CAUSE_SCOPES : CAUSE_XERO_DOWN;
}

bool connect_list(struct connect *c, const struct xero_tenant **rows_r, size_t *n_r,
	enum connection_cause *cause_r)
{
	struct worker *w = c->w;
	struct xero_answer answer = {.trouble = XERO_DOWN};
	struct err e = {0};
	if (call_connections(w, c->access, rows_r, n_r, &answer, &e))
		return true;
	int wait_s = call_wait_s(&answer);
	log_warn("connect.list", log_text("why", e.text));
	*cause_r = cause_of(&answer);
	if (*cause_r != CAUSE_XERO_DOWN || wait_s > CALL_PATIENCE_S ||
		!worker_nap(w, wait_s > 0 ? wait_s * 1000 : NAP_MS, &e))
		return false;
	if (call_connections(w, c->access, rows_r, n_r, &answer, &e))
		return true;
	log_warn("connect.failed", log_text("why", e.text));
	*cause_r = cause_of(&answer);
	return false;
}

static void remove_one(struct connect *c, const struct xero_tenant *t)
{
	struct worker *w = c->w;
	struct xero_answer answer;
	struct err e = {0};
	int64_t owner = 0;
	if (!is_ours(c, t) || !t->added || !claim_owner(w->db, t->tenant, &owner, &e) ||
		owner != 0)
		return;
	if (!call_remove(w, c->access, t->connection, &answer, &e))
		log_err("connect.undo", &e);
}

void connect_undo(struct connect *c)
{
	const struct xero_tenant *rows = NULL;
	enum connection_cause cause;
	size_t n = 0;
	if (c->access == NULL || !connect_list(c, &rows, &n, &cause))
		return;
	for (size_t i = 0; i < n; i++)
		remove_one(c, &rows[i]);
}

bool connect_one(struct connect *c, const struct practice *p, bool confirmed, struct err *e)
{
	int64_t owner = 0;
	const char *before = c->conn.tenant != NULL ? c->conn.tenant : c->conn.former_tenant;
	if (!claim_owner(c->w->db, p->tenant, &owner, e))
		return false;
	if (owner != 0 && owner != c->org_id) {
		connect_undo(c);
		return connect_refuse(c, CAUSE_PRACTICE_TAKEN, e);
	}
	bool other = before != NULL && strcmp(before, p->tenant) != 0;
	if (other && !confirmed) {
		/* The admin confirms it by its button; there is no other practice to choose. */
		struct practice only = *p;
		only.preselected = true;
		return connect_offer(c, &only, 1, CAUSE_OTHER_PRACTICE, e);
	}
	return connect_take(c, p, e);
}

/* Preselects the practice of this consent, else the former one, else the first. */
static void preselect(const struct connect *c, struct practice *p, size_t n, size_t ours)
{
	const char *before = c->conn.tenant != NULL ? c->conn.tenant : c->conn.former_tenant;
	size_t at = ours < n ? ours : 0;
	for (size_t i = 0; ours >= n && before != NULL && i < n; i++)
		if (strcmp(p[i].tenant, before) == 0)
			at = i;
	p[at].preselected = true;
}

bool connect_pick(struct connect *c, struct err *e)
{
	const struct xero_tenant *rows = NULL;
	size_t n_rows = 0, n = 0, ours = SIZE_MAX;
	enum connection_cause cause;
	if (!connect_list(c, &rows, &n_rows, &cause))
		return connect_refuse(c, cause, e);
	struct practice *p = arena_array(c->w->arena, struct practice, n_rows);
	for (size_t i = 0; i < n_rows; i++) {
		if (!is_practice(&rows[i]))
			continue;
		if (is_ours(c, &rows[i]))
			ours = n;
		p[n++] = (struct practice){
			rows[i].tenant, rows[i].connection, rows[i].name, false};
	}
	if (n == 0) {
		connect_undo(c);
		return connect_refuse(c, CAUSE_NO_PRACTICE, e);
	}
	if (n == 1)
		return connect_one(c, &p[0], false, e);
	preselect(c, p, n, ours);
	return connect_offer(c, p, n, CAUSE_NONE, e);
}
