#include "core/client.h"
#include "pages/download.h"
#include "pages/sync_log.h"

static bool change_line(void *user, const struct change_row *r, struct err *e)
{
	const char *const cells[] = {r->client_name == NULL ? "Removed client" : r->client_name,
		run_field_text(r->field), run_value_text(r->field, r->old),
		run_value_text(r->field, r->new)};
	(void)e;
	download_row(user, cells, ARRAY_LEN(cells));
	return true;
}

static bool skip_line(void *user, const struct skip_row *r, struct err *e)
{
	const char *const cells[] = {
		r->name, r->xpm_id, client_rule_text(r->rule), r->detail, r->web_url};
	(void)e;
	download_row(user, cells, ARRAY_LEN(cells));
	return true;
}

/* The file name for an existing run: "sync-7-changes.csv". */
static bool begin(struct page *p, struct download *o, const char *what,
	const char *const *heads, size_t n, struct run_row *r, struct err *e)
{
	if (!runs_get(p->db, p->arena, p->who->org_id, p->q->id_param, r, e))
		return false;
	const char *file =
		arena_printf(p->arena, "sync-%lld-%s.csv", (long long)r->run_id, what);
	return download_begin(o, p, file, "syncs.exported", heads, n, e);
}

bool sync_changes_csv(struct page *p, struct err *e)
{
	static const char *const heads[] = {"Client", "Field", "Before", "After"};
	struct change_query q = sync_changes_query(p);
	struct download o;
	struct run_row r;
	if (!begin(p, &o, "changes", heads, ARRAY_LEN(heads), &r, e))
		return false;
	bool ok = !o.wanted ||
		  runs_changes_each(p->db, p->who->org_id, r.run_id, &q, change_line, &o, e);
	return download_end(&o, ok, e);
}

static bool skips_csv(struct page *p, const char *what, bool failed, struct err *e)
{
	static const char *const heads[] = {
		"Record", "XPM id", "Reason", "Detail", "Link into XPM"};
	struct download o;
	struct run_row r;
	if (!begin(p, &o, what, heads, ARRAY_LEN(heads), &r, e))
		return false;
	bool ok = !o.wanted ||
		  runs_skips_each(p->db, p->who->org_id, r.run_id, failed, skip_line, &o, e);
	return download_end(&o, ok, e);
}

bool sync_skipped_csv(struct page *p, struct err *e)
{
	return skips_csv(p, "skipped", false, e);
}

bool sync_failed_csv(struct page *p, struct err *e)
{
	return skips_csv(p, "failed", true, e);
}

bool sync_log_csv(struct page *p, struct err *e)
{
	static const char *const heads[] = {"Time", "What happened"};
	struct tmpl_list lines;
	struct download o;
	struct run_row r;
	if (!begin(p, &o, "log", heads, ARRAY_LEN(heads), &r, e))
		return false;
	bool ok = !o.wanted || log_fill(p, &r, &lines, e);
	for (size_t i = 0; ok && o.wanted && i < lines.n; i++) {
		const struct log_line *l = (const struct log_line *)lines.items + i;
		const char *const cells[] = {l->at == NULL ? "" : l->at->text, log_words(p, l)};
		download_row(&o, cells, ARRAY_LEN(cells));
	}
	return download_end(&o, ok, e);
}
