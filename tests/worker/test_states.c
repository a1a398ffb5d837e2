/*
 * The state tables (core/connection.h, core/run.h) against the database: for
 * every state, what each statement that moves one does is what the table says.
 */
#include "store/connections.h"
#include "store/work.h"
#include "support/sync_cases.h"

static void put(enum connection_state s)
{
	(void)db_do(arena_printf(g.home, "UPDATE connection SET state = '%s', cause = NULL",
		connection_state_name(s)));
}

/* The state is now where the event leads from `was`, or, refused, where it was. */
static void check(enum connection_state was, enum connection_event event, bool ok,
	const struct err *e, const char *what)
{
	enum connection_state want = was;
	struct err refused;
	bool may = connection_step(was, event, &want, &refused);
	int number = connection_move_number(was, event);
	if (ok != may || (!ok && e->kind != ERR_CONFLICT))
		fail_msg("%s in state %d (move %d): %s", what, (int)was + 1, number,
			ok ? "not refused" : e->text);
	if (strcmp(world_connection("state"), connection_state_name(want)) != 0)
		fail_msg("%s in state %d (move %d) led to %s", what, (int)was + 1, number,
			world_connection("state"));
}

static void good(enum connection_state s)
{
	struct err e = {.kind = ERR_NONE};
	put(s);
	bool ok = connection_synced(g.w.db, d.org, 1, -1, -1, false, &e);
	check(s, CONNECTION_RUN_GOOD, ok, &e, "a good run");
}

/* As a run does it: by the table, then by the row. */
static void fails(enum connection_state s, enum connection_event event)
{
	struct err e = {.kind = ERR_NONE};
	struct connection_trouble t = {.state = s};
	put(s);
	bool ok = connection_step(s, event, &t.state, &e) &&
		  connection_failed(g.w.db, d.org, 1, &t, &e);
	check(s, event, ok, &e, "a run's end");
}

static void takes(enum connection_state s)
{
	struct err e = {.kind = ERR_NONE};
	const struct connection_taken t = {.grant_id = g.grant_id,
		.user_id = d.admin,
		.tenant = stub_uuid(NULL, 't', 1),
		.xero_connection = stub_uuid(NULL, 'x', 1),
		.tenant_name = "Harbour Practice"};
	put(s);
	bool ok = connection_take(g.w.db, d.org, &t, &e);
	check(s, CONNECTION_TAKEN, ok, &e, "a practice taken");
}

static void disconnects(enum connection_state s)
{
	struct err e = {.kind = ERR_NONE};
	struct pg *web = db_connect(g.home, "gap_web");
	pg_use(web, g.home);
	put(s);
	const struct disconnect_ask ask = {.choice = "edit", .user_id = d.admin};
	bool ok = connections_begin_disconnect(web, d.org, &ask, &e);
	check(s, CONNECTION_DISCONNECT, ok, &e, "Disconnect");
}

static void every_state_against_every_statement_that_moves_it(void **state)
{
	static const enum connection_event ends[] = {CONNECTION_RUN_FAILED, CONNECTION_RUN_HELD,
		CONNECTION_LOST, CONNECTION_MISCONFIGURED, CONNECTION_REMOVED};
	(void)state;
	world_connect();
	for (int i = 0; i < CONNECTION__MAX; i++) {
		enum connection_state s = (enum connection_state)i;
		good(s);
		takes(s);
		disconnects(s);
		for (size_t n = 0; n < ARRAY_LEN(ends); n++)
			fails(s, ends[n]);
	}
}

/* Of 81 pairs, connection_move does those some event leads through, and says ERR_CONFLICT to the others. */
static void no_move_without_an_event(void **state)
{
	int done = 0;
	(void)state;
	world_connect();
	for (int from = 0; from < CONNECTION__MAX; from++) {
		for (int to = 0; to < CONNECTION__MAX; to++) {
			enum connection_state a = (enum connection_state)from,
					      b = (enum connection_state)to;
			struct err e = {.kind = ERR_NONE};
			bool moved = false;
			put(a);
			bool ok = connection_move(g.w.db, d.org, a, b, CAUSE_NONE, &moved, &e);
			assert_int_equal(ok, connection_may_move(a, b));
			assert_int_equal(moved, ok);
			assert_true(ok || e.kind == ERR_CONFLICT);
			assert_string_equal(
				world_connection("state"), connection_state_name(ok ? b : a));
			done += ok;
		}
	}
	assert_in_range(done, 25, 45);
}

static int64_t a_run_in(enum run_state s)
{
	(void)db_do("DELETE FROM sync_run");
	(void)db_do(arena_printf(g.home,
		"INSERT INTO sync_run (org_id, trigger, tenant_id, state) VALUES (%lld, 'manual', '%s', '%s')",
		(long long)d.org, stub_uuid(NULL, 't', 1), run_state_name(s)));
	return world_run("run_id");
}

static void run_is(enum run_state was, enum run_event event)
{
	enum run_state want = was;
	struct err e;
	bool may = run_step(was, event, &want, &e);
	const char *is = db_ask("SELECT state FROM sync_run");
	if (strcmp(is, run_state_name(want)) != 0)
		fail_msg("run state %d, event %d (%s) led to %s", (int)was + 1, (int)event,
			may ? "allowed" : "refused", is);
}

static void every_run_state_against_every_statement_that_moves_it(void **state)
{
	static const enum run_event ends[] = {
		RUN_TAKEN, RUN_TAKEN_PARTLY, RUN_FAILS, RUN_BRAKED};
	static const enum run_state become[] = {
		RUN_COMPLETE, RUN_PROBLEMS, RUN_FAILED, RUN_HELD};
	struct err e;
	bool done = false;
	(void)state;
	world_connect();
	for (int i = 0; i < RUN__MAX; i++) {
		enum run_state s = (enum run_state)i;
		for (size_t n = 0; n < ARRAY_LEN(ends); n++) {
			const struct run_result r = {.state = become[n]};
			bool ok = run_end(g.w.db, d.org, a_run_in(s), &r, &e);
			assert_int_equal(ok, s == RUN_RUNNING);
			assert_true(ok || e.kind == ERR_CONFLICT);
			run_is(s, ends[n]);
		}
		assert_ok(run_discard(g.w.db, d.org, a_run_in(s), &done, &e));
		assert_int_equal(done, run_move_number(s, RUN_DISCARD) != 0);
		run_is(s, RUN_DISCARD);
		(void)a_run_in(s);
		assert_ok(run_replace_held(g.w.db, d.org, 0, &e));
		run_is(s, RUN_OVERTAKEN);
		(void)a_run_in(s);
		assert_ok(run_interrupt(g.w.db, d.org, "stopped", &e));
		run_is(s, RUN_STOPPED);
	}
	const struct run_result never = {.state = RUN_UNDONE};
	assert_fails(run_end(g.w.db, d.org, a_run_in(RUN_RUNNING), &never, &e), ERR_CONFLICT);
}

static void disconnect_meanwhile(struct stub_xero *s)
{
	(void)s;
	put(CONNECTION_DISCONNECTING);
}

static void connect_meanwhile(struct stub_xero *s)
{
	(void)s;
	put(CONNECTION_CONNECTING);
}

/* A run that fails for its own reasons while somebody ends or makes anew the connection: theirs counts. */
static void fault_66_a_failing_run_takes_nobodys_disconnect_away(void **state)
{
	(void)state;
	live();
	g.x->script[0] = g.x->script[1] = g.x->script[2] =
		(struct stub_step){.break_off = true};
	g.x->steps = 3;
	g.x->step = 0;
	g.x->during = disconnect_meanwhile;
	assert_string_equal(world_sync(MANUAL), "interrupted");
	assert_string_equal(world_connection("state"), "disconnecting");
	assert_string_equal(world_connection("failures"), "0");
}

static void a_failing_run_takes_nobodys_reconnect_away(void **state)
{
	(void)state;
	live();
	g.x->script[0] = g.x->script[1] = g.x->script[2] =
		(struct stub_step){.break_off = true};
	g.x->steps = 3;
	g.x->step = 0;
	g.x->during = connect_meanwhile;
	assert_string_equal(world_sync(MANUAL), "interrupted");
	assert_string_equal(world_connection("state"), "connecting");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(every_state_against_every_statement_that_moves_it),
		WORLD_TEST(no_move_without_an_event),
		WORLD_TEST(every_run_state_against_every_statement_that_moves_it),
		WORLD_TEST(fault_66_a_failing_run_takes_nobodys_disconnect_away),
		WORLD_TEST(a_failing_run_takes_nobodys_reconnect_away),
	};
	return cmocka_run_group_tests(tests, world_set_up, world_tear_down);
}
