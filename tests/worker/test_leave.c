/* Disconnecting with each choice for the records, and what may follow: read only, removed, taken back. */
#include "store/connections.h"
#include "store/leave.h"
#include "store/clients.h"
#include "support/sync_cases.h"

static void leave(const char *choice)
{
	live();
	(void)db_do("UPDATE connection SET state = 'disconnecting', cause = 'disconnected'"
		    " WHERE org_id = 1001");
	world_queue("disconnect", arena_printf(g.home, "{\"choice\":\"%s\",\"user\":%lld}",
					  choice, (long long)d.admin));
	step();
	assert_string_equal(world_connection("state"), "not_connected");
	assert_int_equal(count("organisation WHERE active_tenant IS NOT NULL"), 0);
	assert_string_equal(
		db_ask("SELECT detail FROM audit_event WHERE event = 'connection.ended'"
		       " ORDER BY seq DESC LIMIT 1"),
		arena_printf(g.home, "Harbour Practice; records: %s", choice));
}

/* By the front door, and by a web process that lost its head. */
static bool writes(struct err *why)
{
	const struct client_edit edit = {.name = "Changed",
		.status = "client",
		.contact_name = "Ann",
		.email = "ann@example.com",
		.phone = ""};
	struct pg *web = db_connect(g.home, "gap_web");
	pg_use(web, g.home);
	bool ok = clients_change(
		web, d.org, db_number("SELECT client_id FROM client"), &edit, why);
	static const char *const raw[] = {"UPDATE client SET name = 'x'",
		"UPDATE contact SET email = 'x'", "UPDATE client_contact SET ord = 9",
		"DELETE FROM client_contact", "DELETE FROM contact", "DELETE FROM client"};
	for (size_t i = 0; i < ARRAY_LEN(raw) && !ok; i++) {
		struct err e;
		int64_t touched = -1;
		assert_ok(pg_begin(web, d.org, &e));
		assert_ok(db_try_do(web, raw[i], &touched, &e));
		pg_rollback(web);
		assert_int_equal(touched, 0);
	}
	return ok;
}

static void kept_editable(void **state)
{
	struct err e;
	(void)state;
	leave("edit");
	assert_ok(writes(&e));
	assert_int_equal(count("client WHERE xpm_id IS NOT NULL"), 1);
	assert_int_equal(count("organisation WHERE kept_tenant IS NOT NULL"), 0);
	assert_int_equal(count("practice_removal"), 0);
}

static void kept_read_only_until_an_admin_says_otherwise(void **state)
{
	struct err e;
	(void)state;
	leave("read_only");
	assert_fails(writes(&e), ERR_CONFLICT);
	assert_non_null(strstr(e.text, "kept read only"));
	world_queue("free", "{\"user\":7}");
	step();
	assert_ok(writes(&e));
	assert_int_equal(count("audit_event WHERE event = 'clients.freed'"), 1);
}

static void read_only_ends_with_a_connection(void **state)
{
	(void)state;
	leave("read_only");
	(void)db_do("DELETE FROM connection");
	world_connect();
	assert_string_equal(world_sync("{\"trigger\":\"reconnect\"}"), "complete");
	assert_int_equal(count("organisation WHERE kept_tenant IS NOT NULL"), 0);
	assert_int_equal(count("organisation WHERE active_tenant IS NOT NULL"), 1);
}

/* What was promised of the records of a practice connected before this one. */
static void leaving_keeps_the_removal_of_another_practice(void **state)
{
	(void)state;
	(void)db_do("INSERT INTO practice_removal (org_id, tenant_id, at, told_at)"
		    " VALUES (1001, gen_random_uuid(), now() + interval '9 days', now())");
	leave("edit");
	assert_int_equal(count("practice_removal WHERE told_at IS NOT NULL AND"
			       " at < now() + interval '10 days'"),
		1);
}

/* As if so many days had gone by. */
static void days_later(int days)
{
	(void)db_do(arena_printf(
		g.home, "UPDATE practice_removal SET at = at - interval '%d days'", days));
	world_due("erase");
}

static void removed_in_thirty_days_after_a_word(void **state)
{
	struct err e;
	(void)state;
	leave("remove");
	assert_int_equal(db_number("SELECT round(extract(epoch FROM at - now()) / 86400) FROM"
				   " practice_removal WHERE org_id = 1001"),
		30);
	assert_int_equal(count("job WHERE kind = 'erase' AND due_at > now() + interval '26"
			       " days'"),
		1);
	assert_ok(writes(&e));
	days_later(20);
	step();
	assert_int_equal(count("notice WHERE kind = 'removal'"), 0);
	days_later(8);
	step();
	assert_int_equal(count("notice WHERE kind = 'removal'"), 1);
	assert_int_equal(
		count("job WHERE kind = 'mail' AND payload LIKE '%will be removed on%'"), 1);
	(void)db_do("DELETE FROM job WHERE kind = 'mail'");
	/* Once. */
	days_later(0);
	step();
	assert_int_equal(count("notice WHERE kind = 'removal'"), 1);
	assert_int_equal(count("client"), 1);
	days_later(3);
	step();
	assert_int_equal(count("client"), 0);
	assert_int_equal(count("contact"), 0);
	assert_int_equal(count("client_change"), 0);
	assert_int_equal(
		count("client_was") + count("contact_was") + count("client_contact_was"), 0);
	assert_int_equal(count("practice_removal"), 0);
	assert_string_equal(db_ask("SELECT detail FROM audit_event WHERE event ="
				   " 'clients.removed'"),
		"1 client that came from XPM");
	assert_int_equal(count("job WHERE kind = 'erase'"), 0);
}

/* Another practice, connected after the first was left, is left as well, and its records are to go, too. */
static void leave_another_for_good(const char *tenant)
{
	(void)db_do(arena_printf(g.home,
		"INSERT INTO client (org_id, tenant_id, xpm_id, name) VALUES"
		" (1001, '%s', gen_random_uuid(), 'Of the second')",
		tenant));
	(void)db_do(arena_printf(g.home,
		"UPDATE connection SET state = 'disconnecting', cause = 'disconnected', tenant_id = '%s',"
		" tenant_name = 'Second Practice', label = 'Our second' WHERE org_id = 1001",
		tenant));
	world_queue("disconnect", "{\"choice\":\"remove\",\"user\":7}");
	step();
}

static void each_practice_goes_on_its_own_date(void **state)
{
	(void)state;
	leave("remove");
	days_later(20);
	step();
	leave_another_for_good(stub_uuid(NULL, 't', 2));
	assert_string_equal(
		db_ask("SELECT string_agg(practice || ' ' || round(extract(epoch FROM at - now()) / 86400),"
		       " ', ' ORDER BY at) FROM practice_removal"),
		"Harbour Practice 10, Our second 30");
	assert_int_equal(count("job WHERE kind = 'erase'"), 2);
	days_later(8);
	assert_true(world_work() >= 2);
	assert_string_equal(
		db_ask("SELECT string_agg(split_part(body, ' will', 1), ', ') FROM notice WHERE kind = 'removal'"),
		"The clients of Harbour Practice");
	days_later(3);
	assert_true(world_work() >= 2);
	assert_string_equal(
		db_ask("SELECT string_agg(name, ', ') FROM client"), "Of the second");
	assert_int_equal(count("practice_removal"), 1);
	days_later(30);
	assert_true(world_work() > 0);
	assert_int_equal(count("client"), 0);
	assert_int_equal(count("practice_removal"), 0);
	assert_int_equal(count("job WHERE kind = 'erase'"), 0);
	assert_int_equal(world_audited("clients.removed", "ok"), 2);
}

static void a_removal_is_cancelled_once(void **state)
{
	struct err e;
	const char *practice = NULL;
	(void)state;
	leave("remove");
	struct pg *web = db_connect(g.home, "gap_web");
	pg_use(web, g.home);
	int64_t removal = db_number("SELECT removal_id FROM practice_removal");
	assert_ok(leave_cancel(web, d.org, removal, &practice, &e));
	assert_string_equal(practice, "Harbour Practice");
	assert_fails(leave_cancel(web, d.org, removal, &practice, &e), ERR_CONFLICT);
	world_due("erase");
	step();
	assert_int_equal(count("client"), 1);
	assert_int_equal(count("job WHERE kind = 'erase'"), 0);
}

static void what_is_by_hand_or_another_practices_stays(void **state)
{
	(void)state;
	leave("remove");
	(void)db_do("INSERT INTO client (org_id, name) VALUES (1001, 'By hand')");
	(void)db_do("INSERT INTO client (org_id, tenant_id, xpm_id, name) VALUES"
		    " (1001, gen_random_uuid(), gen_random_uuid(), 'Of another practice')");
	days_later(30);
	step();
	assert_int_equal(count("client"), 2);
	assert_int_equal(count("client WHERE name = 'Alder'"), 0);
}

static void xero_silent_is_said_until_it_confirms(void **state)
{
	(void)state;
	g.x->on_remove = XERO_DOWN;
	leave("edit");
	assert_string_equal(world_connection("telling_xero"), "true");
	g.x->on_remove = XERO_FINE;
	world_due("remove");
	step();
	assert_string_equal(world_connection("telling_xero"), "false");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(kept_editable),
		WORLD_TEST(kept_read_only_until_an_admin_says_otherwise),
		WORLD_TEST(read_only_ends_with_a_connection),
		WORLD_TEST(leaving_keeps_the_removal_of_another_practice),
		WORLD_TEST(removed_in_thirty_days_after_a_word),
		WORLD_TEST(each_practice_goes_on_its_own_date),
		WORLD_TEST(a_removal_is_cancelled_once),
		WORLD_TEST(what_is_by_hand_or_another_practices_stays),
		WORLD_TEST(xero_silent_is_said_until_it_confirms),
	};
	return cmocka_run_group_tests(tests, world_set_up, world_tear_down);
}
