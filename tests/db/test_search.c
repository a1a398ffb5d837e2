/* What the index is asked for: few rows too many, none too few, and soon, whatever somebody types. */
#include "support/db.h"

static void a_search_asks_for_pieces_side_by_side(void **state)
{
	static const char *const made[][2] = {
		{"frankie elderbrook", "%fra%nkie%eld%erb%rook%"},
		{"smith & jones ltd", "%smith%jones%ltd%"},
		{"o''brien", "%o'brien%"},
		{"a & b", "%a & b%"},
		{"50%_\\ off", "%50\\%\\_\\\\ off%"},
		{"jane.robertson@harbour.example", "%jane%rob%ert%son%"},
		{"+64 9 555 0177", "%55 0177%"},
		{"", "%%"},
	};
	for (size_t i = 0; i < ARRAY_LEN(made); i++)
		assert_string_equal(
			db_ask(arena_printf(*state, "search_pattern('%s')", made[i][0])),
			made[i][1]);
}

/*
 * In words of letters, digits, blanks and everything that means something to a pattern: a row with the words whole is
 * never missed. The row is the words with others before and behind them.
 */
static void no_words_are_missed(void **state)
{
	(void)state;
	assert_string_equal(
		db_ask("SELECT count(DISTINCT w) > 15000 AND bool_and('xx' || w || 'yy' LIKE gap.search_pattern(w)) FROM ("
		       "SELECT string_agg((ARRAY['a','b','c','d','e','f','g','h',U&'\\0101',U&'\\0301','1','9',' ','-',"
		       "'%','_','\\','@','.','(','&','+'])[1 + ('x' || left(md5(n || ':' || k), 6))::bit(24)::integer"
		       " % CASE WHEN n % 2 = 0 THEN 13 ELSE 22 END], '' ORDER BY k) AS w"
		       " FROM generate_series(1, 20000) n, generate_series(1, 18) k WHERE k < 4 + n % 15"
		       " GROUP BY n) words"),
		"true");
}

/* Words that would lead a pattern back and forth, against the longest text. */
static void hostile_words_cost_no_time(void **state)
{
	static const char *const words[] = {"repeat('aaa', 33)", "repeat('a', 99) || 'b'",
		"repeat('abc-', 25)", "'abc' || repeat('-', 96)", "repeat('ab-', 33)",
		"repeat('\\%_', 33)", "repeat('abc ', 24) || 'abd'", "repeat('1a', 50)"};
	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		struct err e;
		const char *n;
		pg_use(d.super, *state);
		assert_ok(pg_begin(d.super, 0, &e));
		assert_ok(db_try_ask(
			d.super, "set_config('statement_timeout', '2s', true)", &n, &e));
		assert_ok(db_try_ask(d.super,
			arena_printf(*state,
				"(SELECT count(*) FROM generate_series(1, 1000) g WHERE repeat('aaaabc 1a-', 1638)"
				" || g LIKE gap.search_pattern(%s || g * 0))",
				words[i]),
			&n, &e));
		pg_rollback(d.super);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		DB_TEST(a_search_asks_for_pieces_side_by_side),
		DB_TEST(no_words_are_missed),
		DB_TEST(hostile_words_cost_no_time),
	};
	return cmocka_run_group_tests(tests, db_set_up, db_tear_down);
}
