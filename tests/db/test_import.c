/* The preview of an import in the database: whose it is, what marks a row, and one import of it, once. */
#include "store/import.h"
#include "store/undo.h"
#include "store/work.h"
#include "support/db.h"

#define TENANT "5c1ea9a2-0b7e-4d52-8a0c-3f6b1d2e4a01"

struct sent {
	const char *client, *email;
};

static struct import_row row_of(struct arena *a, int64_t line, const struct sent *s)
{
	struct import_row r = {.line = line,
		.cell = {s->client, "Ada", "Lind", s->email, "", "", ""},
		.mark = strchr(s->email, '@') == NULL ? IMPORT_BAD_EMAIL : IMPORT_ADD,
		.contact_name = "Ada Lind",
		.client_search = s->client,
		.contact_search = arena_printf(a, " ada lind %s", s->email)};
	r.reason = r.mark == IMPORT_ADD ? "" : "No address.";
	return r;
}

static bool write_preview(struct pg *db, struct arena *a, struct import_who who,
	const struct sent *rows, size_t n, struct err *e)
{
	struct import_writer *w;
	if (!pg_begin(db, who.org_id, e) || !import_start(db, a, who, "list.csv", "", &w, e))
		return false;
	for (size_t i = 0; i < n; i++) {
		struct import_row r = row_of(a, (int64_t)i + 2, &rows[i]);
		if (!import_put(w, &r, e))
			return false;
	}
	return import_end(w, e) && pg_commit(db, e);
}

static struct import_who ada(void)
{
	return (struct import_who){d.org, d.admin};
}

static void clean(void)
{
	(void)db_do("UPDATE gap.organisation SET active_tenant = NULL");
	(void)db_do("DELETE FROM gap.import_preview");
	(void)db_do("DELETE FROM gap.client");
	(void)db_do("DELETE FROM gap.contact");
}

static bool apply(struct pg *db, struct import_who who, int64_t *added_r, struct err *e)
{
	struct import_preview p;
	struct import_counts c;
	bool changed = false;
	*added_r = 0;
	if (!import_get(db, who, &p, e) || !pg_begin(db, who.org_id, e))
		return false;
	if (!import_apply(db, who, p.counts.clients, p.created_at, &changed, &c, e) ||
		!history_by_hand(db, 0, "Ada (import)", e)) {
		pg_rollback(db);
		return false;
	}
	*added_r = changed ? 0 : c.clients;
	return pg_commit(db, e);
}

static const char *marks(void)
{
	return db_ask("(SELECT string_agg(mark, ' ' ORDER BY line) FROM gap.import_row)");
}

static void rows_are_marked_beside_the_list(void **state)
{
	static const struct sent first[] = {
		{"Alpha", "a@a.example"}, {"ALPHA", "b@a.example"}, {"Beta", "b@b.example"}};
	static const struct sent rows[] = {{"alpha", "B@A.example"}, {"Alpha", "new@a.example"},
		{"Beta", "other@b.example"}, {"Gamma", "g@g.example"}, {"gamma", "G@g.example"},
		{"Gamma", "h@g.example"}, {"Delta", "nowhere"}, {"delta", "d@d.example"},
		{"", "nowhere"}, {"", "elsewhere"}};
	struct err e;
	int64_t added;
	clean();
	assert_ok(write_preview(d.web, *state, ada(), first, ARRAY_LEN(first), &e));
	assert_ok(apply(d.web, ada(), &added, &e));
	assert_int_equal(added, 2);
	/* Archived ones count, too: such a client would be in the list twice after its return. */
	(void)db_do("UPDATE gap.client SET archived_at = now() WHERE name = 'Alpha'");
	assert_ok(write_preview(d.web, *state, ada(), rows, ARRAY_LEN(rows), &e));
	assert_string_equal(marks(),
		"duplicate duplicate add add duplicate add bad-email held bad-email bad-email");
	struct import_preview p;
	assert_ok(import_get(d.web, ada(), &p, &e));
	assert_int_equal(p.counts.clients, 2);
	assert_int_equal(p.counts.rows[IMPORT_ADD], 3);
	assert_int_equal(p.counts.all, 10);
	const struct import_line *lines;
	size_t n;
	assert_ok(import_page(d.web, *state, ada(), IMPORT_DUPLICATE, 1, &lines, &n, &e));
	assert_int_equal(n, 2);
	assert_int_equal(lines[0].line, 3);
	assert_string_equal(lines[0].twin_name, "Alpha");
	assert_int_equal(lines[1].twin_line, 5);
}

static void a_client_has_so_many_contacts_and_no_more(void **state)
{
	struct sent rows[502];
	struct err e;
	clean();
	for (int i = 0; i < 502; i++)
		rows[i] = (struct sent){
			"Alpha", arena_printf(*state, "a%d@a.example", i == 501 ? 0 : i)};
	assert_ok(write_preview(d.web, *state, ada(), rows, 502, &e));
	assert_int_equal(
		db_number(
			"(SELECT count(*) FROM gap.import_row WHERE mark = 'bad-value' AND reason"
			" <> '')"),
		501);
	assert_ok(write_preview(d.web, *state, ada(), rows, 500, &e));
	assert_int_equal(
		db_number("(SELECT count(*) FROM gap.import_row WHERE mark = 'add')"), 500);
}

static void a_preview_belongs_to_one_person_of_one_organisation(void **state)
{
	static const struct sent rows[] = {{"Alpha", "a@a.example"}};
	const struct import_who colleague = {d.org, d.member},
				stranger = {d.other_org, d.admin};
	struct import_preview p;
	struct err e;
	int64_t added;
	clean();
	assert_ok(write_preview(d.web, *state, ada(), rows, 1, &e));
	assert_fails(import_get(d.web, colleague, &p, &e), ERR_NOT_FOUND);
	assert_fails(import_get(d.web, stranger, &p, &e), ERR_NOT_FOUND);
	assert_fails(apply(d.web, stranger, &added, &e), ERR_NOT_FOUND);
	assert_ok(import_forget(d.web, stranger, &e));
	assert_ok(import_forget(d.web, colleague, &e));
	assert_ok(import_get(d.web, ada(), &p, &e));
	/* The worker takes rows out when a client is deleted for good, and does no more to them. */
	assert_denied(d.worker, "UPDATE gap.import_row SET client_name = ''");
	assert_denied(d.worker, "INSERT INTO gap.import_row (org_id) VALUES (1)");
	assert_denied(d.worker, "UPDATE gap.import_preview SET file_name = ''");
}

static void nothing_is_imported_while_a_practice_is_connected(void **state)
{
	static const struct sent rows[] = {{"Alpha", "a@a.example"}};
	struct err e;
	int64_t added;
	clean();
	assert_ok(write_preview(d.web, *state, ada(), rows, 1, &e));
	(void)db_do("UPDATE gap.organisation SET active_tenant = '" TENANT "'");
	assert_fails(apply(d.web, ada(), &added, &e), ERR_CONFLICT);
	assert_non_null(strstr(e.text, "Clients come from Xero Practice Manager"));
	assert_int_equal(db_number("(SELECT count(*) FROM gap.client)"), 0);
	clean();
}

static bool apply_once(struct pg *db, int nth, void *user)
{
	struct err e = {0};
	int64_t added = 0;
	(void)nth;
	(void)user;
	return apply(db, ada(), &added, &e) && added == 1;
}

/* Two windows, one click each: the second finds nothing to import. */
static void one_preview_is_imported_once(void **state)
{
	static const struct sent rows[] = {{"Alpha", "a@a.example"}};
	struct err e;
	for (int round = 0; round < 3; round++) {
		clean();
		assert_ok(write_preview(d.web, *state, ada(), rows, 1, &e));
		assert_int_equal(db_race(4, "gap_web", apply_once, NULL), 1);
		assert_int_equal(db_number("(SELECT count(*) FROM gap.client)"), 1);
	}
}

static void two_people_do_not_add_the_same_client(void **state)
{
	static const struct sent rows[] = {{"Alpha", "a@a.example"}};
	const struct import_who max = {d.org, d.member};
	struct import_preview p;
	struct err e;
	int64_t added;
	clean();
	assert_ok(write_preview(d.web, *state, ada(), rows, 1, &e));
	assert_ok(write_preview(d.web, *state, max, rows, 1, &e));
	assert_ok(apply(d.web, ada(), &added, &e));
	assert_int_equal(added, 1);
	assert_ok(apply(d.web, max, &added, &e));
	assert_int_equal(added, 0);
	assert_ok(import_get(d.web, max, &p, &e));
	assert_int_equal(p.counts.rows[IMPORT_DUPLICATE], 1);
}

static void old_previews_are_tidied_away(void **state)
{
	static const struct sent rows[] = {{"Alpha", "a@a.example"}};
	struct err e;
	clean();
	assert_ok(write_preview(d.web, *state, ada(), rows, 1, &e));
	assert_ok(tidy_org(d.worker, d.org, 400, &e));
	assert_int_equal(db_number("(SELECT count(*) FROM gap.import_row)"), 1);
	(void)db_do("UPDATE gap.import_preview SET created_at = now() - interval '25 hours'");
	assert_ok(tidy_org(d.worker, d.other_org, 400, &e));
	assert_int_equal(db_number("(SELECT count(*) FROM gap.import_row)"), 1);
	assert_ok(tidy_org(d.worker, d.org, 400, &e));
	assert_int_equal(db_number("(SELECT count(*) FROM gap.import_row)"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		DB_TEST(rows_are_marked_beside_the_list),
		DB_TEST(a_client_has_so_many_contacts_and_no_more),
		DB_TEST(a_preview_belongs_to_one_person_of_one_organisation),
		DB_TEST(nothing_is_imported_while_a_practice_is_connected),
		DB_TEST(one_preview_is_imported_once),
		DB_TEST(two_people_do_not_add_the_same_client),
		DB_TEST(old_previews_are_tidied_away),
	};
	return cmocka_run_group_tests(tests, db_set_up, db_tear_down);
}
