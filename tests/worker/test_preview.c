/* Preview first: the list is read and counted, nothing of it is stored before "Import", and the ways out. */
#include "store/clients.h"
#include "store/preview.h"
#include "support/sync_cases.h"

/* As connect_take leaves it. */
static void begin(const char *trigger)
{
	struct err e;
	const struct preview p = {.attempt_id = 7, .user_id = d.admin, .trigger = trigger};
	world_connect();
	(void)db_do("DELETE FROM job");
	assert_ok(pg_begin(d.worker, d.org, &e));
	assert_ok(preview_begin(d.worker, d.org, &p, &e));
	assert_ok(pg_commit(d.worker, &e));
}

static struct preview now(void)
{
	struct preview p;
	struct err e;
	assert_ok(preview_get(d.web, d.org, &p, &e));
	return p;
}

static int64_t stored(void)
{
	return count("client WHERE tenant_id IS NOT NULL") +
	       count("contact WHERE tenant_id IS NOT NULL") + count("sync_run") +
	       count("client_change") + count("client_was");
}

static void hand(const char *name, const char *email)
{
	int64_t id;
	struct err e;
	const struct client_edit c = {.name = name,
		.status = "client",
		.contact_name = "Hand",
		.email = email,
		.phone = ""};
	assert_ok(clients_add(d.web, d.org, &c, &id, &e));
}

static void a_practice(void)
{
	hand("ALDER  & Co", "ann@alder.example");
	hand("Birch Ltd", "nobody@example.com");
	three_clients();
	stub_client(g.x, 4, "Old One")->archived = true;
	stub_client(g.x, 5, "Prospect")->prospect = true;
	(void)stub_client(g.x, 6, " ");
}

static void everything_is_counted_and_nothing_stored(void **state)
{
	(void)state;
	a_practice();
	begin("first");
	assert_false(now().ready);
	assert_int_equal(world_work(), 1);
	struct preview p = now();
	assert_true(p.ready);
	assert_int_equal(p.seen, 6);
	assert_int_equal(p.clients, 4);
	assert_int_equal(p.archived, 1);
	assert_int_equal(p.contacts, 2);
	assert_int_equal(p.prospects, 1);
	assert_int_equal(p.skipped, 1);
	assert_int_equal(p.matches, 1);
	assert_int_equal(stored(), 0);
	assert_string_equal(world_connection("state"), "first_import");
	const struct preview_client *rows;
	const struct preview_skip *skips;
	size_t n;
	struct err e;
	assert_ok(preview_sample(d.web, g.home, d.org, &rows, &n, &e));
	assert_int_equal(n, 4);
	assert_string_equal(rows[0].name, "Alder & Co");
	assert_string_equal(rows[0].email, "ann@alder.example");
	assert_true(rows[3].archived);
	assert_ok(preview_skips(d.web, g.home, d.org, &skips, &n, &e));
	assert_int_equal(n, 1);
	assert_string_equal(skips[0].rule, "no_name");
	/* No run begins before the answer, whoever asks for one. */
	world_queue("sync", MANUAL);
	(void)world_work();
	world_queue("slot", "{}");
	(void)world_work();
	assert_int_equal(stored(), 0);
}

static void answer(bool (*how)(struct pg *, int64_t, struct err *))
{
	struct err e;
	assert_ok(pg_begin(d.web, d.org, &e));
	assert_ok(how(d.web, d.org, &e));
	assert_ok(pg_commit(d.web, &e));
}

static void import_runs(void **state)
{
	struct err e;
	(void)state;
	a_practice();
	begin("first");
	assert_ok(pg_begin(d.web, d.org, &e));
	assert_fails(preview_import(d.web, d.org, &e), ERR_CONFLICT);
	pg_rollback(d.web);
	(void)world_work();
	answer(preview_import);
	(void)world_work();
	assert_string_equal(world_connection("state"), "live");
	assert_int_equal(count("client WHERE tenant_id IS NOT NULL"), 4);
	assert_string_equal(db_ask("SELECT trigger FROM sync_run"), "first");
	assert_false(now().open);
	/* Its hour ends without harm. */
	world_due("preview_end");
	(void)world_work();
	assert_string_equal(world_connection("state"), "live");
	assert_ok(pg_begin(d.web, d.org, &e));
	assert_fails(preview_cancel(d.web, d.org, &e), ERR_CONFLICT);
	pg_rollback(d.web);
}

static void ended(void)
{
	assert_string_equal(world_connection("state"), "not_connected");
	assert_null(world_connection("cause"));
	assert_null(world_connection("former_tenant"));
	assert_int_equal(stored(), 0);
	assert_int_equal(count("tenant_claim"), 0);
	assert_int_equal(count("grant_use"), 0);
	assert_int_equal(count("xero_grant"), 0);
	assert_false(now().open);
	assert_int_equal(count("client"), 2);
}

static void cancel_ends_it(void **state)
{
	(void)state;
	a_practice();
	begin("first");
	(void)world_work();
	answer(preview_cancel);
	assert_string_equal(world_connection("state"), "disconnecting");
	(void)world_work();
	ended();
}

static void an_hour_without_answer_ends_it(void **state)
{
	(void)state;
	a_practice();
	begin("first");
	(void)world_work();
	assert_true(now().ends_at > 0);
	world_due("preview_end");
	(void)world_work();
	ended();
}

static void a_list_that_cannot_be_read(void **state)
{
	(void)state;
	a_practice();
	for (int i = 0; i < 3; i++)
		g.x->script[g.x->steps++] = (struct stub_step){.trouble = XERO_DOWN};
	begin("first");
	(void)world_work();
	struct preview p = now();
	assert_true(p.open && p.failed);
	assert_non_null(p.why);
	assert_int_equal(stored(), 0);
	answer(preview_again);
	(void)world_work();
	assert_true(now().ready);
}

static void a_disconnect_ends_it_too(void **state)
{
	(void)state;
	a_practice();
	begin("first");
	(void)world_work();
	(void)db_do("UPDATE connection SET state = 'disconnecting'");
	world_queue("disconnect", "{}");
	(void)world_work();
	assert_string_equal(world_connection("state"), "not_connected");
	assert_false(now().open);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(everything_is_counted_and_nothing_stored),
		WORLD_TEST(import_runs),
		WORLD_TEST(cancel_ends_it),
		WORLD_TEST(an_hour_without_answer_ends_it),
		WORLD_TEST(a_list_that_cannot_be_read),
		WORLD_TEST(a_disconnect_ends_it_too),
	};
	return cmocka_run_group_tests(tests, world_set_up, world_tear_down);
}
