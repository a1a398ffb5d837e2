/*
 * The list as it was: days of random changes in XPM, by hand and by undoing; each day's list is read as
 * people see it that day, and must be told the same when it is asked for later. Retention takes what is
 * older, and nothing else.
 */
#include "store/as_at.h"
#include "store/undo.h"
#include "store/work.h"
#include "support/sync_cases.h"

enum { DAYS = 14, CLIENTS = 70, CONTACTS = 40 };

static unsigned dice_state;

static int dice(int n)
{
	dice_state = dice_state * 1103515245u + 12345u;
	return (int)(dice_state >> 16) % n;
}

/* Everything is a day older than it was a moment ago; no trigger takes that for a change. */
static void a_day_passes(void)
{
	static const char *const older[] = {
		"UPDATE client SET created_at = created_at - interval '1 day', archived_at = archived_at - interval '1 day'",
		"UPDATE contact SET created_at = created_at - interval '1 day'",
		"UPDATE client_contact SET created_at = created_at - interval '1 day'",
		"UPDATE client_was SET until = until - interval '1 day', created_at = created_at - interval '1 day',"
		" archived_at = archived_at - interval '1 day'",
		"UPDATE contact_was SET until = until - interval '1 day', created_at = created_at - interval '1 day'",
		"UPDATE client_contact_was SET until = until - interval '1 day', created_at = created_at - interval '1 day'",
		"UPDATE client_change SET at = at - interval '1 day'",
		"UPDATE sync_run SET started_at = started_at - interval '1 day', ended_at = ended_at - interval '1 day',"
		" applied_at = applied_at - interval '1 day'",
		"UPDATE organisation SET history_since = history_since - interval '1 day'"};
	(void)db_do("SET session_replication_role = replica");
	for (size_t i = 0; i < ARRAY_LEN(older); i++)
		(void)db_do(older[i]);
	(void)db_do("SET session_replication_role = origin");
}

static const char *text(const char *s)
{
	return s == NULL ? "-" : s;
}

static void add_row(struct buf *b, const struct client_row *r)
{
	buf_printf(b, "%lld|%s|%s|%s|%s|%s|%d|%d\n", (long long)r->client_id, r->name,
		r->status, text(r->contact_name), text(r->email), text(r->phone), r->synced,
		r->flags);
}

static void add_contacts(struct buf *b, const struct client_view *v)
{
	buf_printf(b, "%s|%s|%d\n", v->name, text(v->archived_reason), v->archived_at != 0);
	for (size_t i = 0; i < v->n_contacts; i++)
		buf_printf(b, " %s|%s|%s|%d\n", v->contacts[i].name, text(v->contacts[i].email),
			text(v->contacts[i].phone), v->contacts[i].is_primary);
}

/* As people see it now. */
static const char *list_now(struct arena *a)
{
	struct buf b;
	struct err e;
	struct client_page page;
	struct client_query q = {.filter = CLIENTS_ALL};
	buf_init(&b, a, SIZE_MAX / 4);
	do {
		assert_ok(clients_page(d.web, a, d.org, &q, &page, &e));
		for (size_t i = 0; i < page.n; i++)
			add_row(&b, &page.rows[i]);
		if (page.n > 0) {
			q.key_name = page.rows[page.n - 1].name;
			q.key_id = page.rows[page.n - 1].client_id;
		}
	} while (page.more_after);
	return b.data;
}

static const char *list_then(struct arena *a, const char *day)
{
	struct buf b;
	struct err e;
	struct client_page page;
	const char *name = NULL;
	int64_t id = 0;
	buf_init(&b, a, SIZE_MAX / 4);
	do {
		assert_ok(as_at_page(d.web, a, d.org, day, name, id, &page, &e));
		for (size_t i = 0; i < page.n; i++)
			add_row(&b, &page.rows[i]);
		if (page.n > 0) {
			name = page.rows[page.n - 1].name;
			id = page.rows[page.n - 1].client_id;
		}
	} while (page.more_after);
	return b.data;
}

/* Every client there ever was, archived or not; with day NULL as it is now. */
static const char *clients_of(struct arena *a, const char *day, int64_t most)
{
	struct buf b;
	buf_init(&b, a, SIZE_MAX / 4);
	for (int64_t id = most - CLIENTS - 40; id <= most; id++) {
		struct err e;
		struct client_view v;
		if (day == NULL ? clients_get(d.web, a, d.org, id, &v, &e)
				: as_at_client(d.web, a, d.org, id, day, &v, &e))
			add_contacts(&b, &v);
		else
			assert_int_equal(e.kind, ERR_NOT_FOUND);
	}
	return b.data;
}

static bool take_row(void *user, const struct client_row *r, struct err *e)
{
	(void)e;
	add_row(user, r);
	return true;
}

static const char *day_ago(int days)
{
	return db_ask(arena_printf(g.home,
		"SELECT to_char((now() AT TIME ZONE time_zone)::date - %d, 'YYYY-MM-DD')"
		" FROM organisation WHERE org_id = %lld",
		days, (long long)d.org));
}

static struct stub_contact somebody(int i)
{
	return (struct stub_contact){.uuid = stub_uuid(NULL, 'p', i),
		.name = arena_printf(g.home, "Person %d", i),
		.email = dice(6) == 0 ? NULL : arena_printf(g.home, "p%d@example.com", i),
		.phone = dice(3) == 0 ? NULL : arena_printf(g.home, "09 %d", i)};
}

/* The same person has the same words wherever it stands. */
static void reword(int person)
{
	const char *phone = arena_printf(g.home, "021 %d", dice(1000));
	for (size_t i = 0; i < g.x->n; i++)
		for (size_t k = 0; k < g.x->clients[i].n_contacts; k++)
			if (strcmp(g.x->clients[i].contacts[k].uuid,
				    stub_uuid(NULL, 'p', person)) == 0)
				g.x->clients[i].contacts[k].phone = phone;
}

static void give(struct stub_client *c, int person)
{
	struct stub_contact k = somebody(person);
	for (size_t i = 0; i < g.x->n; i++)
		for (size_t n = 0; n < g.x->clients[i].n_contacts; n++)
			if (strcmp(g.x->clients[i].contacts[n].uuid, k.uuid) == 0) {
				if (&g.x->clients[i] == c)
					return;
				k = g.x->clients[i].contacts[n];
			}
	if (c->n_contacts == STUB_CONTACTS_MAX)
		return;
	k.primary = dice(3) == 0;
	c->contacts[c->n_contacts++] = k;
}

static void change_one(void)
{
	struct stub_client *c = &g.x->clients[dice((int)g.x->n)];
	switch (dice(9)) {
	case 0:
		c->name = arena_printf(g.home, "Renamed %d", dice(1000));
		break;
	case 1:
		c->archived = !c->archived;
		break;
	case 2:
		c->unlisted = !c->unlisted;
		break;
	case 3:
		c->n_contacts -= c->n_contacts > 0;
		break;
	case 4:
		give(c, dice(CONTACTS));
		break;
	case 5:
		for (size_t i = 0; i < c->n_contacts; i++)
			c->contacts[i].primary = dice(2) == 0;
		break;
	case 6:
		c->prospect = dice(4) == 0;
		break;
	default:
		reword(dice(CONTACTS));
	}
}

static void a_hand_at_work(int day)
{
	struct err e;
	struct client_edit edit = {.name = arena_printf(g.home, "By hand %d", day % 3),
		.status = "prospect",
		.contact_name = "Hanna",
		.email = arena_printf(g.home, "hanna%d@example.com", day),
		.phone = "1"};
	int64_t mine = db_number("SELECT max(client_id) FROM client WHERE xpm_id IS NULL");
	assert_ok(pg_begin(d.web, d.org, &e));
	if (dice(4) == 0) {
		assert_ok(clients_archive(d.web, d.org, mine, dice(2) == 0, &e));
	} else {
		if (dice(3) == 0)
			edit.contact_name = edit.email = edit.phone = "";
		assert_ok(clients_change(d.web, d.org, mine, &edit, &e));
	}
	assert_ok(history_by_hand(d.web, mine, "Ada", &e));
	assert_ok(pg_commit(d.web, &e));
}

static void one_day(int day)
{
	int changes = dice(12);
	for (int i = 0; i < changes; i++)
		change_one();
	if (dice(4) == 0)
		(void)stub_client(g.x, 200 + day, arena_printf(g.home, "New of day %d", day));
	const char *state = world_sync(MANUAL);
	assert_true(strcmp(state, "failed") != 0);
	if (dice(3) == 0) {
		int64_t run = db_number(
			"SELECT coalesce(max(run_id), 0) FROM sync_run WHERE state IN ('complete', 'problems')"
			" AND trigger <> 'undo' AND applied_at IS NOT NULL AND run_id > (SELECT min(run_id) FROM sync_run)");
		(void)db_do(
			"UPDATE job SET due_at = now() + interval '1 day' WHERE due_at <= now()");
		world_queue("undo",
			arena_printf(g.home, "{\"run\":%lld,\"user\":1,\"name\":\"Ada\"}",
				(long long)run));
		step();
	}
	if (dice(2) == 0)
		a_hand_at_work(day);
}

static void the_firm(void)
{
	struct err e;
	int64_t id = 0;
	const struct client_edit edit = {.name = "By hand",
		.status = "client",
		.contact_name = "Hanna",
		.email = "hanna@example.com",
		.phone = ""};
	assert_ok(clients_add(d.web, d.org, &edit, &id, &e));
	for (int i = 0; i < CLIENTS; i++) {
		struct stub_client *c =
			stub_client(g.x, i, arena_printf(g.home, "Client %02d", i));
		for (int k = dice(3); k > 0; k--)
			give(c, dice(CONTACTS));
	}
	first_import();
}

static void random_days(struct arena *a, unsigned seed)
{
	const char *lists[DAYS + 1], *clients[DAYS + 1];
	dice_state = seed;
	(void)db_do("UPDATE organisation SET history_since = now()");
	the_firm();
	int64_t most = 0;
	for (int day = 0; day <= DAYS; day++) {
		if (day > 0) {
			a_day_passes();
			one_day(day);
		}
		most = db_number("SELECT max(client_id) FROM client");
		lists[day] = arena_strdup(a, list_now(a));
		clients[day] = arena_strdup(a, clients_of(a, NULL, most));
	}
	for (int day = 0; day <= DAYS; day++) {
		const char *then = arena_strdup(a, day_ago(DAYS - day));
		assert_string_equal(list_then(a, then), lists[day]);
		assert_string_equal(clients_of(a, then, most), clients[day]);
		struct buf b;
		struct err e;
		buf_init(&b, a, SIZE_MAX / 4);
		assert_ok(as_at_each(d.web, d.org, then, take_row, &b, &e));
		assert_string_equal(b.len == 0 ? "" : b.data, lists[day]);
	}
	assert_string_equal(list_then(a, day_ago(DAYS + 1)), "");
}

static void every_day_is_told_as_it_was(void **state)
{
	random_days(*state, 1);
}

static void another_fortnight(void **state)
{
	random_days(*state, 20261103);
}

static void the_days_that_can_be_asked_for(void **state)
{
	struct as_at_days days;
	struct err e;
	assert_ok(as_at_days(d.web, d.org, 400, &days, &e));
	assert_string_equal(days.today, day_ago(0));
	(void)db_do("UPDATE organisation SET history_since = now() - interval '3 days'");
	assert_ok(as_at_days(d.web, d.org, 400, &days, &e));
	assert_string_equal(days.oldest, day_ago(3));
	(void)db_do("UPDATE organisation SET history_since = now() - interval '3 years'");
	assert_ok(as_at_days(d.web, d.org, 400, &days, &e));
	assert_string_equal(days.oldest, day_ago(400));
	/* Another organisation's history is nobody's here. */
	three_clients();
	first_import();
	assert_string_equal(list_then(*state, day_ago(0)), list_now(*state));
	struct client_page page;
	assert_ok(as_at_page(d.web, *state, d.other_org, day_ago(0), NULL, 0, &page, &e));
	assert_int_equal(page.n, 0);
}

/* Three changes, 500, 399 and 0 days ago. */
static void retention_takes_what_is_older(void **state)
{
	struct err e;
	(void)state;
	(void)db_do("UPDATE organisation SET history_since = now()");
	three_clients();
	first_import();
	for (int i = 0; i < 3; i++) {
		struct stub_client *c = stub_find(g.x, 1);
		for (int days = i == 1 ? 101 : i == 2 ? 399 : 0; days > 0; days--)
			a_day_passes();
		c->name = arena_printf(g.home, "Alder %d", i);
		c->contacts[0].phone = arena_printf(g.home, "09 %d", i);
		c->contacts[0].primary = i % 2 == 1;
		c->contacts[1].primary = i % 2 == 0;
		sync_again();
	}
	const char *kept = arena_strdup(g.home, list_then(*state, day_ago(399)));
	const char *before = arena_strdup(g.home, world_picture(d.org));
	int64_t changes = count("client_change"),
		young = count("client_change WHERE at > now() - interval '400 days'");
	assert_true(changes > young && young > 0);
	assert_true(count("client_was") == 3 && count("contact_was") == 3);
	assert_int_equal(count("client_contact_was"), 6);
	assert_ok(tidy_org(d.worker, d.org, 400, &e));
	assert_int_equal(count("client_change"), young);
	assert_int_equal(count("client_was"), 2);
	assert_int_equal(count("contact_was"), 2);
	assert_int_equal(count("client_contact_was"), 4);
	/* The totals of every run are there, the list is as it was, the days that may be asked for too. */
	assert_int_equal(count("sync_run"), 4);
	assert_string_equal(world_picture(d.org), before);
	assert_string_equal(list_then(*state, day_ago(399)), kept);
	/* Nothing of it is due twice. */
	assert_ok(tidy_org(d.worker, d.org, 400, &e));
	assert_int_equal(count("client_was"), 2);
}

/* More than a piece. */
static void retention_goes_in_pieces(void **state)
{
	struct err e;
	(void)state;
	(void)db_do(
		"INSERT INTO client_change (org_id, client_id, run_id, field, at) SELECT 1001, n, 1, 'name',"
		" now() - interval '401 days' FROM generate_series(1, 11000) n");
	(void)db_do(
		"INSERT INTO client_change (org_id, client_id, run_id, field, at) SELECT 1002, n, 1, 'name',"
		" now() - interval '401 days' FROM generate_series(1, 3) n");
	assert_ok(tidy_org(d.worker, d.org, 400, &e));
	assert_int_equal(count("client_change"), 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(every_day_is_told_as_it_was),
		WORLD_TEST(another_fortnight),
		WORLD_TEST(the_days_that_can_be_asked_for),
		WORLD_TEST(retention_takes_what_is_older),
		WORLD_TEST(retention_goes_in_pieces),
	};
	return cmocka_run_group_tests(tests, world_set_up, world_tear_down);
}
