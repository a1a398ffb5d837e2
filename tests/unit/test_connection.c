/* The numbers in the names are those of the table in core/connection.h. */
#include "core/connection.h"
#include "test.h"

#include <string.h>

struct want {
	const char *name, *badge, *tone, *button;
	bool enabled, live, has_practice;
};

static void check(enum connection_state s, const struct want *want)
{
	const struct connection_look *look = connection_look(s);
	enum connection_state again = CONNECTION__MAX;
	assert_string_equal(connection_state_name(s), want->name);
	assert_true(connection_state_parse(want->name, &again));
	assert_int_equal(again, s);
	assert_string_equal(look->badge, want->badge);
	assert_string_equal(look->tone, want->tone);
	if (want->button == NULL)
		assert_null(look->button);
	else
		assert_string_equal(look->button, want->button);
	assert_int_equal(look->button_enabled, want->enabled);
	assert_int_equal(look->live, want->live);
	assert_int_equal(look->has_practice, want->has_practice);
}

#define LOOKS(test, s, ...)                           \
	static void test(void **state)                \
	{                                             \
		const struct want want = __VA_ARGS__; \
		(void)state;                          \
		check((s), &want);                    \
	}

LOOKS(state_1_not_connected, CONNECTION_NOT_CONNECTED,
	{"not_connected", "Not connected", "idle", "Connect", true, false, false})
LOOKS(state_2_connecting, CONNECTION_CONNECTING,
	{"connecting", "Connecting", "busy", "Connect", false, false, false})
LOOKS(state_3_choosing, CONNECTION_CHOOSING,
	{"choosing", "Connecting", "busy", NULL, false, false, false})
LOOKS(state_4_first_import, CONNECTION_FIRST_IMPORT,
	{"first_import", "Syncing", "busy", "Disconnect", false, false, true})
LOOKS(state_5_live, CONNECTION_LIVE,
	{"live", "Connected", "good", "Disconnect", true, true, true})
LOOKS(state_6_degraded, CONNECTION_DEGRADED,
	{"degraded", "Connected", "good", "Disconnect", true, true, true})
LOOKS(state_7_held, CONNECTION_HELD,
	{"held", "Connected", "good", "Review changes", true, true, true})
LOOKS(state_8_needs_reconnect, CONNECTION_NEEDS_RECONNECT,
	{"needs_reconnect", "Reconnect needed", "bad", "Reconnect", true, false, true})
LOOKS(state_9_disconnecting, CONNECTION_DISCONNECTING,
	{"disconnecting", "Not connected", "busy", "Connect", false, false, false})

static void the_table_has_nine_states(void **state)
{
	(void)state;
	assert_int_equal(CONNECTION__MAX, 9);
}

static void other_names_are_no_state(void **state)
{
	static const char *const bad[] = {NULL, "", "Live", "live ", "connected", "liv"};
	enum connection_state s = CONNECTION_HELD;
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		assert_false(connection_state_parse(bad[i], &s));
		assert_int_equal(s, CONNECTION_HELD);
	}
}

static void every_cause_has_a_name_of_its_own_that_parses_back(void **state)
{
	(void)state;
	for (int c = CAUSE_NONE + 1; c < CAUSE__MAX; c++) {
		const char *name = connection_cause_name((enum connection_cause)c);
		assert_non_null(name);
		assert_int_equal(connection_cause_parse(name), c);
	}
}

static void no_cause_is_none(void **state)
{
	(void)state;
	assert_null(connection_cause_name(CAUSE_NONE));
	assert_string_equal(connection_cause_text(CAUSE_NONE), "");
	assert_int_equal(connection_cause_parse(NULL), CAUSE_NONE);
	assert_int_equal(connection_cause_parse(""), CAUSE_NONE);
	assert_int_equal(connection_cause_parse("none"), CAUSE_NONE);
	assert_int_equal(connection_cause_parse("Sign_in"), CAUSE_NONE);
}

static void every_cause_has_a_sentence_of_its_own(void **state)
{
	(void)state;
	for (int c = CAUSE_NONE + 1; c < CAUSE__MAX; c++) {
		const char *text = connection_cause_text((enum connection_cause)c);
		size_t n = strlen(text);
		assert_true(n > 20 && n < 240);
		assert_true(text[0] >= 'A' && text[0] <= 'Z');
		assert_int_equal(text[n - 1], '.');
		for (int d = CAUSE_NONE + 1; d < c; d++)
			assert_string_not_equal(
				text, connection_cause_text((enum connection_cause)d));
	}
}

/*
 * The words that the tile and the bar show: they are fixed, and this is a second copy of them.
 */
static void the_sentences_are_those_of_the_product_page(void **state)
{
	static const struct {
		enum connection_cause cause;
		const char *begins;
	} want[] = {
		{CAUSE_CANCELLED, "You did not allow access in Xero. Nothing was connected."},
		{CAUSE_NO_PRACTICE,
			"This Xero login has no access to a Xero Practice Manager account."},
		{CAUSE_EXPIRED,
			"This sign-in link has expired. Select Connect to start again."},
		{CAUSE_PRACTICE_TAKEN, "This practice is already connected to another "
				       "organisation in The Gap."},
		{CAUSE_XERO_DOWN, "Xero is not answering."},
		{CAUSE_FIRST_FAILED, "The first import did not finish. You are connected; we "
				     "will try again."},
		{CAUSE_CONFIG, "Syncing is paused. Our team has been told."},
		{CAUSE_LIMIT, "Xero's limit is reached."},
		{CAUSE_SLOW, "The last sync took too long and was ended."},
		{CAUSE_BRAKE, "Sync paused: "},
		{CAUSE_EMPTY, "Sync paused: "},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(want); i++) {
		const char *text = connection_cause_text(want[i].cause);
		assert_memory_equal(
			text, want[i].begins, strnlen(want[i].begins, strlen(text) + 1));
	}
}

static void a_missing_permission_names_the_steps(void **state)
{
	static const char steps[] = "Settings > Staff > [you] > Permissions > Advanced > "
				    "Connect third-party add-ons";
	(void)state;
	assert_non_null(strstr(connection_cause_text(CAUSE_NO_PRACTICE), steps));
	assert_non_null(strstr(connection_cause_text(CAUSE_PERMISSION), steps));
}

static void state_8_shows_the_banner_for_good_whatever_the_cause(void **state)
{
	(void)state;
	for (int c = CAUSE_NONE; c < CAUSE__MAX; c++) {
		bool closable = true;
		assert_true(connection_banner(
			CONNECTION_NEEDS_RECONNECT, (enum connection_cause)c, &closable));
		assert_false(closable);
	}
}

/* A try that was refused is not a lost connection. */
static void state_1_shows_the_banner_only_when_a_connection_was_lost(void **state)
{
	(void)state;
	for (int c = CAUSE_NONE; c < CAUSE__MAX; c++) {
		bool closable = false;
		bool lost = c == CAUSE_SIGN_IN || c == CAUSE_PERMISSION ||
			    c == CAUSE_REMOVED_IN_XERO || c == CAUSE_DISCONNECTED;
		assert_int_equal(connection_banner(CONNECTION_NOT_CONNECTED,
					 (enum connection_cause)c, &closable),
			lost);
		/* Only what somebody here did on purpose may be waved away. */
		assert_int_equal(closable, c == CAUSE_DISCONNECTED);
	}
}

static void states_2_to_7_and_9_show_no_banner(void **state)
{
	(void)state;
	for (int s = CONNECTION_CONNECTING; s < CONNECTION__MAX; s++) {
		bool closable = false;
		if (s == CONNECTION_NEEDS_RECONNECT)
			continue;
		for (int c = CAUSE_NONE; c < CAUSE__MAX; c++)
			assert_false(connection_banner(
				(enum connection_state)s, (enum connection_cause)c, &closable));
	}
}

static void health(enum connection_state s, enum connection_cause c, int64_t age_s,
	int64_t failing, const char *word)
{
	const int64_t now = 1000000;
	struct connection_health h =
		connection_health(s, c, age_s < 0 ? 0 : now - age_s, failing, now);
	assert_string_equal(h.word, word);
	assert_true(strlen(h.text) > 10);
	assert_true(strlen(h.tone) > 0);
}

static void health_is_what_matters_most(void **state)
{
	(void)state;
	health(CONNECTION_NOT_CONNECTED, CAUSE_SIGN_IN, 60, 3, "Not connected");
	health(CONNECTION_DISCONNECTING, CAUSE_NONE, 60, 0, "Not connected");
	health(CONNECTION_CONNECTING, CAUSE_NONE, -1, 0, "Connecting");
	health(CONNECTION_FIRST_IMPORT, CAUSE_NONE, -1, 0, "Syncing");
	health(CONNECTION_FIRST_IMPORT, CAUSE_FIRST_FAILED, -1, 0, "Needs attention");
	health(CONNECTION_LIVE, CAUSE_NONE, 60, 0, "In sync");
	health(CONNECTION_LIVE, CAUSE_NONE, 60, 1, "Needs attention");
	health(CONNECTION_LIVE, CAUSE_CONFIG, 60, 0, "Needs attention");
	health(CONNECTION_LIVE, CAUSE_NONE, CONNECTION_STALE_S, 0, "In sync");
	health(CONNECTION_LIVE, CAUSE_NONE, CONNECTION_STALE_S + 1, 0, "Stale");
	health(CONNECTION_DEGRADED, CAUSE_NONE, 60, 0, "Needs attention");
	health(CONNECTION_HELD, CAUSE_BRAKE, 60, 0, "Needs attention");
	health(CONNECTION_NEEDS_RECONNECT, CAUSE_NONE, 60, 0, "Needs attention");
	health(CONNECTION_NEEDS_RECONNECT, CAUSE_PERMISSION, 999999, 0, "Needs attention");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(state_1_not_connected),
		TEST(state_2_connecting),
		TEST(state_3_choosing),
		TEST(state_4_first_import),
		TEST(state_5_live),
		TEST(state_6_degraded),
		TEST(state_7_held),
		TEST(state_8_needs_reconnect),
		TEST(state_9_disconnecting),
		TEST(the_table_has_nine_states),
		TEST(other_names_are_no_state),
		TEST(every_cause_has_a_name_of_its_own_that_parses_back),
		TEST(no_cause_is_none),
		TEST(every_cause_has_a_sentence_of_its_own),
		TEST(the_sentences_are_those_of_the_product_page),
		TEST(a_missing_permission_names_the_steps),
		TEST(state_8_shows_the_banner_for_good_whatever_the_cause),
		TEST(state_1_shows_the_banner_only_when_a_connection_was_lost),
		TEST(states_2_to_7_and_9_show_no_banner),
		TEST(health_is_what_matters_most),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
