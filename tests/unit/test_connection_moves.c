/*
 * Every cell of the two state tables, connection and run: state x event. What is
 * expected is written here once more, as the headers' tables show it; each
 * message names the move's number.
 */
#include "core/connection.h"
#include "core/run.h"
#include "test.h"

#include <string.h>

/* Columns: states 1 to 9; each cell "number>state", "." for none. In the order of the events. */
static const char *const connection_table[CONNECTION_EVENT__MAX][CONNECTION__MAX] = {
	{"1>2", ".", ".", ".", "3>2", "4>2", "5>2", "2>2", "."},
	{".", "6>1", ".", ".", ".", ".", ".", ".", "."},
	{".", "7>4", ".", ".", ".", ".", ".", ".", "."},
	{".", "8>5", ".", ".", ".", ".", ".", ".", "."},
	{".", "9>6", ".", ".", ".", ".", ".", ".", "."},
	{".", "10>7", ".", ".", ".", ".", ".", ".", "."},
	{".", "11>8", ".", ".", ".", ".", ".", ".", "."},
	{".", "12>3", ".", ".", ".", ".", ".", ".", "."},
	{".", ".", "13>2", ".", ".", ".", ".", ".", "."},
	{".", "14>4", ".", ".", ".", ".", ".", ".", "."},
	{".", ".", ".", "15>5", "16>5", "17>5", "18>5", "19>5", "."},
	{".", ".", ".", "20>4", "21>6", "22>6", "23>7", "24>8", "."},
	{".", ".", ".", "25>7", "26>7", "27>7", "28>7", "29>7", "."},
	{".", ".", ".", ".", ".", ".", "30>5", ".", "."},
	{".", ".", ".", "31>8", "32>8", "33>8", "34>8", "35>8", "."},
	{".", ".", ".", "36>4", "37>5", "38>6", "39>7", "40>8", "."},
	{".", ".", ".", "41>1", "42>1", "43>1", "44>1", "45>1", "."},
	{".", ".", ".", "46>9", "47>9", "48>9", "49>9", "50>9", "."},
	{".", ".", ".", ".", ".", ".", ".", ".", "51>9"},
	{".", ".", ".", ".", ".", ".", ".", ".", "52>1"},
};

enum { MOVES = 52, RUN_MOVES = 9 };

/* "12>3" to 12 and 3; "." to 0. */
static int read_cell(const char *cell, int *to_r)
{
	int number = 0;
	*to_r = 0;
	if (cell[0] != '.')
		assert_int_equal(sscanf(cell, "%d>%d", &number, to_r), 2);
	return number;
}

static void check_connection(int from, int event)
{
	int to = 0, number = read_cell(connection_table[event][from], &to);
	enum connection_state s = CONNECTION__MAX;
	struct err e = {.kind = ERR_NONE};
	int said = connection_move_number(
		(enum connection_state)from, (enum connection_event)event);
	bool ok = connection_step(
		(enum connection_state)from, (enum connection_event)event, &s, &e);
	if (said != number)
		fail_msg("state %d, event %d: move %d, not %d", from + 1, event, said, number);
	if (number == 0 && (ok || e.kind != ERR_CONFLICT || s != CONNECTION__MAX))
		fail_msg("state %d, event %d is not refused", from + 1, event);
	if (number != 0 && (!ok || (int)s != to - 1))
		fail_msg("move %d leads to state %d, not %d", number, (int)s + 1, to);
}

static void connection_moves_1_to_52_and_every_empty_cell(void **state)
{
	(void)state;
	for (int event = 0; event < CONNECTION_EVENT__MAX; event++)
		for (int from = 0; from < CONNECTION__MAX; from++)
			check_connection(from, event);
}

static void each_number_stands_in_one_cell(void **state)
{
	int seen[MOVES + 1] = {0};
	(void)state;
	for (int event = 0; event < CONNECTION_EVENT__MAX; event++)
		for (int from = 0; from < CONNECTION__MAX; from++)
			seen[connection_move_number(
				(enum connection_state)from, (enum connection_event)event)]++;
	for (int n = 1; n <= MOVES; n++)
		if (seen[n] != 1)
			fail_msg("move %d stands in %d cells", n, seen[n]);
}

/* A state nobody can leave would be a connection nobody can mend. */
static void every_state_can_be_reached_and_left(void **state)
{
	(void)state;
	for (int s = 0; s < CONNECTION__MAX; s++) {
		bool in = false, out = false;
		for (int t = 0; t < CONNECTION__MAX; t++) {
			in |= t != s && connection_may_move((enum connection_state)t,
						(enum connection_state)s);
			out |= t != s && connection_may_move((enum connection_state)s,
						 (enum connection_state)t);
		}
		if (!in || !out)
			fail_msg("state %d: reached %d, left %d", s + 1, in, out);
	}
}

/* Columns of the table: runs, the daily check, on the way, who acts. */
static void states_1_to_9_say_who_acts_and_whether_syncs_run(void **state)
{
	static const struct {
		enum connection_runs runs;
		bool checked, coming;
		enum connection_who who;
	} want[CONNECTION__MAX] = {
		{RUNS_NONE, false, false, WHO_ADMIN},
		{RUNS_NONE, false, true, WHO_WORKER},
		{RUNS_NONE, false, true, WHO_ADMIN},
		{RUNS_ALL, false, false, WHO_WORKER},
		{RUNS_ALL, true, false, WHO_NOBODY},
		{RUNS_ALL, true, false, WHO_WORKER},
		{RUNS_ALL, true, false, WHO_ADMIN},
		{RUNS_HEALING, true, false, WHO_ADMIN},
		{RUNS_NONE, false, false, WHO_WORKER},
	};
	(void)state;
	for (int i = 0; i < CONNECTION__MAX; i++) {
		enum connection_state s = (enum connection_state)i;
		const struct connection_look *look = connection_look(s);
		if (look->runs != want[i].runs || look->checked != want[i].checked ||
			look->coming != want[i].coming || look->who != want[i].who)
			fail_msg("state %d is not as the table says", i + 1);
		assert_int_equal(connection_runs(s, false), want[i].runs == RUNS_ALL);
		assert_int_equal(connection_runs(s, true), want[i].runs != RUNS_NONE);
		assert_int_equal(connection_who(s, CAUSE_CONFIG), WHO_OPERATOR);
		assert_int_equal(connection_who(s, CAUSE_NONE), want[i].who);
	}
}

static void states_are_listed_for_the_database(void **state)
{
	char out[CONNECTION_LIST_BYTES];
	(void)state;
	assert_string_equal(connection_leaves(CONNECTION_CALLBACK, out),
		"{not_connected,live,degraded,held,needs_reconnect}");
	assert_string_equal(connection_leaves(CONNECTION_DISCARDED, out), "{held}");
	assert_string_equal(
		connection_before(CONNECTION_DEGRADED, out), "{connecting,live,degraded}");
	assert_string_equal(connection_running(out), "{first_import,live,degraded,held}");
}

static const char *const run_table[RUN_EVENT__MAX][RUN__MAX] = {
	{"1>2", ".", ".", ".", ".", ".", ".", ".", "."},
	{"2>3", ".", ".", ".", ".", ".", ".", ".", "."},
	{"3>4", ".", ".", ".", ".", ".", ".", ".", "."},
	{"4>5", ".", ".", ".", ".", ".", ".", ".", "."},
	{".", ".", ".", ".", "5>6", ".", ".", ".", "."},
	{".", ".", ".", ".", "6>7", ".", ".", ".", "."},
	{"7>8", ".", ".", ".", ".", ".", ".", ".", "."},
	{".", "8>9", "9>9", ".", ".", ".", ".", ".", "."},
};

static int check_run(int from, int event)
{
	int to = 0, number = read_cell(run_table[event][from], &to);
	enum run_state s = RUN__MAX;
	struct err e = {.kind = ERR_NONE};
	bool ok = run_step((enum run_state)from, (enum run_event)event, &s, &e);
	if (run_move_number((enum run_state)from, (enum run_event)event) != number)
		fail_msg("run state %d, event %d is not move %d", from + 1, event, number);
	if (number == 0 && (ok || e.kind != ERR_CONFLICT || s != RUN__MAX))
		fail_msg("run state %d, event %d is not refused", from + 1, event);
	if (number != 0 && (!ok || (int)s != to - 1))
		fail_msg("run move %d leads to state %d, not %d", number, (int)s + 1, to);
	if (number != 0)
		assert_true(run_may_move((enum run_state)from, s));
	return number != 0;
}

static void run_moves_1_to_9_and_every_empty_cell(void **state)
{
	int n = 0;
	(void)state;
	for (int event = 0; event < RUN_EVENT__MAX; event++)
		for (int from = 0; from < RUN__MAX; from++)
			n += check_run(from, event);
	assert_int_equal(n, RUN_MOVES);
	assert_false(run_may_move(RUN_FAILED, RUN_COMPLETE));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(connection_moves_1_to_52_and_every_empty_cell),
		TEST(each_number_stands_in_one_cell),
		TEST(every_state_can_be_reached_and_left),
		TEST(states_1_to_9_say_who_acts_and_whether_syncs_run),
		TEST(states_are_listed_for_the_database),
		TEST(run_moves_1_to_9_and_every_empty_cell),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
