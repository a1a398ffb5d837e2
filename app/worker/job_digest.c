#include "codec/when.h"
#include "store/mails.h"
#include "store/work.h"
#include "worker/digest.h"

enum { DIGEST_S = 15 * 60, LINES_MAX = 8 };

static void add(struct worker *w, struct letter_line *lines, size_t *n, int64_t count,
	const char *one, const char *many)
{
	if (count > 0)
		lines[(*n)++].text = str_count(w->arena, count, one, many);
}

static void write_lines(struct worker *w, const struct digest_counts *c, struct letter *l)
{
	struct letter_line *lines = arena_array(w->arena, struct letter_line, LINES_MAX);
	size_t n = 0;
	add(w, lines, &n, c->good, "sync finished", "syncs finished");
	add(w, lines, &n, c->failed, "sync did not finish", "syncs did not finish");
	add(w, lines, &n, c->held, "sync was paused for review",
		"syncs were paused for review");
	add(w, lines, &n, c->added, "new client", "new clients");
	add(w, lines, &n, c->changed, "client updated", "clients updated");
	add(w, lines, &n, c->archived, "client archived", "clients archived");
	add(w, lines, &n, c->restored, "client restored", "clients restored");
	add(w, lines, &n, c->problems, "client left out because of a problem",
		"clients left out because of a problem");
	l->lines = lines;
	l->n_lines = n;
}

bool digest_compose(struct worker *w, const struct job *j, const char *zone, struct letter *l,
	bool *worth_r, struct err *e)
{
	int64_t from = job_number(w, j, "from"), to = job_number(w, j, "to");
	struct digest_counts c;
	if (!digest_runs(w->db, j->org_id, from, to, &c, e))
		return false;
	*worth_r = c.runs > 0;
	l->detail = arena_printf(w->arena, "From %s to %s:", when_show(w->arena, zone, from),
		when_show(w->arena, zone, to));
	write_lines(w, &c, l);
	return true;
}

/*
 * Moves the user's window and queues the mail in one transaction, so that each summary is
 * queued once.
 */
static bool queue_one(struct worker *w, int64_t org_id, const struct digest_person *p,
	int64_t from, int64_t to, struct err *e)
{
	bool first = false, added = false;
	const char *payload = arena_printf(w->arena,
		"{\"what\":\"digest\",\"user\":%lld,\"from\":%lld,\"to\":%lld}",
		(long long)p->user_id, (long long)from, (long long)to);
	return pg_begin(w->db, org_id, e) &&
	       digest_advance(w->db, org_id, p->user_id, to, &first, e) &&
	       (!first || jobs_add(w->db, org_id, "mail", payload, NULL, 0, &added, e)) &&
	       pg_commit(w->db, e);
}

static bool queue_org(struct worker *w, int64_t org_id, struct err *e)
{
	const struct digest_person *rows = NULL;
	size_t n = 0;
	if (!digest_people(w->db, w->arena, org_id, &rows, &n, e))
		return false;
	for (size_t i = 0; i < n; i++) {
		int64_t from = 0, to = 0;
		if (mail_digest_due(rows[i].digest, rows[i].zone, rows[i].since, rows[i].until,
			    w->clock(), &from, &to) &&
			!queue_one(w, org_id, &rows[i], from, to, e))
			return false;
	}
	return true;
}

bool job_digest(struct worker *w, const struct job *j, struct job_end *end_r, struct err *e)
{
	const int64_t *orgs = NULL;
	size_t n = 0;
	(void)j;
	end_r->later_s = DIGEST_S;
	if (!work_orgs(w->db, w->arena, &orgs, &n, e))
		return false;
	for (size_t i = 0; i < n; i++)
		if (!queue_org(w, orgs[i], e) || !worker_tick(w, e))
			return false;
	return true;
}
