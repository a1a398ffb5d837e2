#include "pages/removal.h"

static const struct tmpl_field view_fields[] = {
	TMPL_F(struct removal_view, removal_id, TMPL_INT),
	TMPL_F(struct removal_view, practice, TMPL_TEXT),
	TMPL_FS(struct removal_view, at, TMPL_PTR, &moment_shape),
	TMPL_F(struct removal_view, several, TMPL_BOOL),
};
const struct tmpl_shape removal_shape = TMPL_SHAPE(struct removal_view, view_fields);

bool removal_views(struct page *p, const struct leave_state *s, struct tmpl_list *list_r,
	bool *is_former_r, struct err *e)
{
	const struct leave_to_come *rows = NULL;
	size_t n = 0;
	*is_former_r = false;
	if (s->removals > 0 && !leave_removals(p->db, p->arena, p->who->org_id, &rows, &n, e))
		return false;
	struct removal_view *views = arena_array(p->arena, struct removal_view, n);
	for (size_t i = 0; i < n; i++) {
		views[i] = (struct removal_view){
			rows[i].removal_id, rows[i].practice, page_day(p, rows[i].at), n > 1};
		*is_former_r = *is_former_r || rows[i].is_former;
	}
	*list_r = (struct tmpl_list){views, n};
	return true;
}

const struct field removal_fields[REMOVAL__MAX] = {
	[REMOVAL_ID] = {"removal", FIELD_ID, false, 0, 0, "the removal", NULL},
};

bool removal_cancel(struct page *p, struct err *e)
{
	const char *practice = NULL;
	if (!pg_begin(p->db, p->who->org_id, e) ||
		!leave_cancel(p->db, p->who->org_id, p->f.number[REMOVAL_ID], &practice, e))
		return false;
	const char *named = practice == NULL ? NULL : str_isolate(p->arena, practice);
	const char *says =
		named == NULL
			? "The removal is cancelled. The clients stay."
			: arena_printf(p->arena,
				  "The removal is cancelled. The clients of %s stay.", named);
	return page_go_with(p, "/settings/integrations", "success", says, e) &&
	       page_audit(
		       p, "clients.removal_cancelled", "ok", named == NULL ? "" : named, e) &&
	       pg_commit(p->db, e);
}
