/* The preview of an import in the database: whose it is, what marks a row, and one import of it, once. */
#include "store/import.h"
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
	(void)db_do("DELETE FROM gap.job");
}

/* "Import", of what the preview shows. */
static bool ask(struct pg *web, struct import_who who, bool *asked_r, struct err *e)
{
	struct import_preview p;
	*asked_r = false;
	return import_get(web, who, &p, e) && pg_begin(web, who.org_id, e) &&
	       import_ask(web, who, "Ada", p.counts.clients, p.created_at, asked_r, e) &&
	       pg_commit(web, e);
}

/* What the job does with it. */
static bool work(struct pg *db, struct arena *a, struct import_who who,
	struct import_outcome *o_r, struct err *e)
{
	if (!pg_begin(db, who.org_id, e))
		return false;
	if (!import_apply(db, a, who, "Ada", o_r, e)) {
		pg_rollback(db);
		return false;
	}
	return pg_commit(db, e);
}

static struct import_outcome import(struct arena *a, struct import_who who)
{
	struct import_outcome o;
	struct err e;
	bool asked;
	assert_ok(ask(d.web, who, &asked, &e));
	assert_true(asked);
	assert_ok(work(d.worker, a, who, &o, &e));
	return o;
}

static enum import_state state_of(struct import_who who)
{
	struct import_preview p;
	struct err e;
	assert_ok(import_get(d.web, who, &p, &e));
	return p.state;
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
	clean();
	assert_ok(write_preview(d.web, *state, ada(), first, ARRAY_LEN(first), &e));
	struct import_outcome o = import(*state, ada());
	assert_int_equal(o.state, IMPORT_DONE);
	assert_int_equal(o.clients, 2);
	assert_string_equal(
		o.said, "2 clients were added with 3 contacts. 0 rows were left out.");
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
	struct import_outcome o;
	struct err e;
	bool asked, dropped;
	clean();
	assert_ok(write_preview(d.web, *state, ada(), rows, 1, &e));
	assert_fails(import_get(d.web, colleague, &p, &e), ERR_NOT_FOUND);
	assert_fails(import_get(d.web, stranger, &p, &e), ERR_NOT_FOUND);
	assert_fails(ask(d.web, stranger, &asked, &e), ERR_NOT_FOUND);
	assert_ok(import_forget(d.web, stranger, &dropped, &e));
	assert_false(dropped);
	assert_ok(import_forget(d.web, colleague, &dropped, &e));
	assert_false(dropped);
	assert_ok(ask(d.web, ada(), &asked, &e));
	assert_ok(work(d.worker, *state, stranger, &o, &e));
	assert_int_equal(o.state, IMPORT_SHOWN);
	assert_ok(work(d.worker, *state, colleague, &o, &e));
	assert_int_equal(o.state, IMPORT_SHOWN);
	assert_int_equal(state_of(ada()), IMPORT_ASKED);
	assert_int_equal(db_number("(SELECT count(*) FROM gap.client)"), 0);
}

/* What each role may not: the site adds no clients of a file, the worker writes no file. */
static void who_may_what(void **state)
{
	(void)state;
	assert_denied(d.web, "SELECT gap.import_apply(1)");
	assert_denied(d.worker, "UPDATE gap.import_row SET client_name = ''");
	assert_denied(d.worker, "UPDATE gap.import_row SET email = ''");
	assert_denied(d.worker, "INSERT INTO gap.import_row (org_id) VALUES (1)");
	assert_denied(d.worker, "UPDATE gap.import_preview SET file_name = ''");
	assert_denied(d.worker, "UPDATE gap.import_preview SET user_id = 1");
	assert_denied(d.worker, "INSERT INTO gap.import_preview (org_id) VALUES (1)");
}

static void nothing_is_imported_while_a_practice_is_connected(void **state)
{
	static const struct sent rows[] = {{"Alpha", "a@a.example"}};
	struct import_preview p;
	struct err e;
	clean();
	assert_ok(write_preview(d.web, *state, ada(), rows, 1, &e));
	(void)db_do("UPDATE gap.organisation SET active_tenant = '" TENANT "'");
	struct import_outcome o = import(*state, ada());
	assert_int_equal(o.state, IMPORT_FAILED);
	assert_int_equal(db_number("(SELECT count(*) FROM gap.client)"), 0);
	/* It stays, says why, and may be imported once the practice is away. */
	assert_ok(import_get(d.web, ada(), &p, &e));
	assert_non_null(strstr(p.said, "Nothing was imported."));
	assert_int_equal(p.counts.clients, 1);
	(void)db_do("UPDATE gap.organisation SET active_tenant = NULL");
	o = import(*state, ada());
	assert_int_equal(o.state, IMPORT_DONE);
	clean();
}

static bool ask_once(struct pg *db, int nth, void *user)
{
	struct err e = {0};
	bool asked;
	(void)nth;
	(void)user;
	return ask(db, ada(), &asked, &e) && asked;
}

static bool work_once(struct pg *db, int nth, void *user)
{
	struct err e = {0};
	struct import_outcome o;
	(void)nth;
	return work(db, user, ada(), &o, &e) && o.state == IMPORT_DONE;
}

/* Two windows, one click each, and workers of whom one came back from the dead: one job, one import. */
static void one_preview_is_imported_once(void **state)
{
	static const struct sent rows[] = {{"Alpha", "a@a.example"}};
	struct err e;
	for (int round = 0; round < 3; round++) {
		clean();
		assert_ok(write_preview(d.web, *state, ada(), rows, 1, &e));
		assert_int_equal(db_race(4, "gap_web", ask_once, NULL), 1);
		assert_int_equal(
			db_number("(SELECT count(*) FROM gap.job WHERE kind = 'import')"), 1);
		assert_int_equal(db_race(4, "gap_worker", work_once, *state), 1);
		assert_int_equal(db_number("(SELECT count(*) FROM gap.client)"), 1);
		assert_int_equal(state_of(ada()), IMPORT_DONE);
	}
}

/* From then on neither Cancel nor another file takes it away. */
static void what_is_asked_for_stays(void **state)
{
	static const struct sent rows[] = {{"Alpha", "a@a.example"}};
	struct import_preview p;
	struct err e;
	bool asked, dropped, told;
	clean();
	assert_ok(write_preview(d.web, *state, ada(), rows, 1, &e));
	assert_ok(ask(d.web, ada(), &asked, &e));
	assert_ok(import_forget(d.web, ada(), &dropped, &e));
	assert_false(dropped);
	assert_fails(write_preview(d.web, *state, ada(), rows, 1, &e), ERR_LIMITED);
	assert_non_null(strstr(e.text, "still being imported"));
	pg_rollback(d.web);
	(void)db_do("UPDATE gap.import_preview SET created_at = now() - interval '25 hours'");
	assert_ok(tidy_org(d.worker, d.org, 400, &e));
	assert_ok(import_get(d.web, ada(), &p, &e));
	assert_int_equal(p.state, IMPORT_ASKED);
	assert_int_equal(p.asked_clients, 1);
	/* Given up by one worker while another is at it: he adds nothing then. */
	assert_ok(pg_begin(d.worker, d.org, &e));
	assert_ok(import_fail(d.worker, ada(), "It failed.", &told, &e));
	assert_true(told);
	assert_ok(import_fail(d.worker, ada(), "It failed.", &told, &e));
	assert_false(told);
	assert_ok(pg_commit(d.worker, &e));
	(void)db_do("UPDATE gap.import_preview SET created_at = now()");
	assert_int_equal(import(*state, ada()).state, IMPORT_DONE);
	assert_ok(import_forget(d.web, ada(), &dropped, &e));
	assert_false(dropped);
	assert_ok(write_preview(d.web, *state, ada(), rows, 1, &e));
	assert_int_equal(state_of(ada()), IMPORT_SHOWN);
	assert_ok(import_forget(d.web, ada(), &dropped, &e));
	assert_true(dropped);
}

/* Asked for on its last minute: what came of it is told for a day as well, and it may be tried again. */
static void what_came_of_it_is_told_for_a_day(void **state)
{
	static const struct sent rows[] = {{"Alpha", "a@a.example"}};
	struct import_preview p;
	struct err e;
	bool asked, told;
	clean();
	assert_ok(write_preview(d.web, *state, ada(), rows, 1, &e));
	assert_ok(ask(d.web, ada(), &asked, &e));
	(void)db_do("UPDATE gap.import_preview SET created_at = now() - interval '25 hours'");
	assert_ok(pg_begin(d.worker, d.org, &e));
	assert_ok(import_fail(d.worker, ada(), "It failed.", &told, &e));
	assert_ok(pg_commit(d.worker, &e));
	assert_ok(tidy_org(d.worker, d.org, 400, &e));
	assert_ok(import_get(d.web, ada(), &p, &e));
	assert_string_equal(p.said, "It failed.");
	assert_ok(ask(d.web, ada(), &asked, &e));
	assert_true(asked);
	(void)db_do("UPDATE gap.import_preview SET state = 'done', asked_at = created_at");
	assert_fails(import_get(d.web, ada(), &p, &e), ERR_NOT_FOUND);
	assert_ok(tidy_org(d.worker, d.org, 400, &e));
	assert_int_equal(db_number("(SELECT count(*) FROM gap.import_preview)"), 0);
}

static void one_file_of_a_firm_at_a_time(void **state)
{
	static const struct sent rows[] = {{"Alpha", "a@a.example"}};
	struct import_outcome o;
	struct err e;
	bool asked;
	clean();
	assert_ok(write_preview(d.web, *state, ada(), rows, 1, &e));
	assert_ok(ask(d.web, ada(), &asked, &e));
	assert_ok(pg_begin(d.super, 0, &e));
	assert_ok(db_try_do(d.super, "SELECT pg_advisory_xact_lock(1010, hashint8(1001))",
		&(int64_t){0}, &e));
	assert_ok(work(d.worker, *state, ada(), &o, &e));
	assert_int_equal(o.state, IMPORT_ASKED);
	pg_rollback(d.super);
	assert_ok(work(d.worker, *state, ada(), &o, &e));
	assert_int_equal(o.state, IMPORT_DONE);
}

static void two_people_do_not_add_the_same_client(void **state)
{
	static const struct sent rows[] = {{"Alpha", "a@a.example"}};
	const struct import_who max = {d.org, d.member};
	struct import_preview p;
	struct err e;
	clean();
	assert_ok(write_preview(d.web, *state, ada(), rows, 1, &e));
	assert_ok(write_preview(d.web, *state, max, rows, 1, &e));
	assert_int_equal(import(*state, ada()).state, IMPORT_DONE);
	assert_int_equal(import(*state, max).state, IMPORT_CHANGED);
	assert_int_equal(db_number("(SELECT count(*) FROM gap.client)"), 1);
	assert_ok(import_get(d.web, max, &p, &e));
	assert_int_equal(p.state, IMPORT_CHANGED);
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
		DB_TEST(who_may_what),
		DB_TEST(nothing_is_imported_while_a_practice_is_connected),
		DB_TEST(one_preview_is_imported_once),
		DB_TEST(what_is_asked_for_stays),
		DB_TEST(what_came_of_it_is_told_for_a_day),
		DB_TEST(one_file_of_a_firm_at_a_time),
		DB_TEST(two_people_do_not_add_the_same_client),
		DB_TEST(old_previews_are_tidied_away),
	};
	return cmocka_run_group_tests(tests, db_set_up, db_tear_down);
}
