#include "core/client.h"
#include "core/run.h"
#include "test.h"

#include <string.h>

static enum run_brake brake(int64_t would_go, int64_t live_before, int64_t seen)
{
	const struct run_counts c = {
		.seen = seen, .would_go = would_go, .live_before = live_before};
	return run_brake(&c);
}

static void fewer_than_five_never_brake(void **state)
{
	(void)state;
	assert_int_equal(brake(4, 10, 6), BRAKE_NONE);
	assert_int_equal(brake(4, 5, 1), BRAKE_NONE);
	assert_int_equal(brake(1, 1, 3), BRAKE_NONE);
	assert_int_equal(brake(0, 0, 0), BRAKE_NONE);
}

/* The brake needs more than 10%: exactly 10% goes through. */
static void a_tenth_passes_and_more_is_held(void **state)
{
	(void)state;
	assert_int_equal(brake(5, 49, 44), BRAKE_SHARE);
	assert_int_equal(brake(5, 50, 45), BRAKE_NONE);
	assert_int_equal(brake(5, 51, 46), BRAKE_NONE);
	assert_int_equal(brake(6, 50, 44), BRAKE_SHARE);
	assert_int_equal(brake(10000, 100000, 90000), BRAKE_NONE);
	assert_int_equal(brake(10001, 100000, 89999), BRAKE_SHARE);
}

static void five_of_five_are_held(void **state)
{
	(void)state;
	assert_int_equal(brake(5, 5, 1), BRAKE_SHARE);
}

static void an_empty_list_after_a_filled_one_is_held_whatever_its_size(void **state)
{
	(void)state;
	assert_int_equal(brake(1, 1, 0), BRAKE_EMPTY);
	assert_int_equal(brake(0, 1, 0), BRAKE_EMPTY);
	assert_int_equal(brake(400, 400, 0), BRAKE_EMPTY);
}

/* The first import, and every later one of a practice without clients. */
static void an_empty_list_after_an_empty_one_is_fine(void **state)
{
	(void)state;
	assert_int_equal(brake(0, 0, 0), BRAKE_NONE);
	assert_int_equal(brake(0, 0, 100000), BRAKE_NONE);
}

static void every_state_has_its_words(void **state)
{
	static const char *const want[RUN__MAX][3] = {
		[RUN_RUNNING] = {"running", "Running", "busy"},
		[RUN_COMPLETE] = {"complete", "Complete", "good"},
		[RUN_PROBLEMS] = {"problems", "Complete with problems", "warn"},
		[RUN_FAILED] = {"failed", "Failed", "bad"},
		[RUN_HELD] = {"held", "Held", "warn"},
		[RUN_DISCARDED] = {"discarded", "Discarded", "idle"},
		[RUN_REPLACED] = {"replaced", "Replaced by a newer sync", "idle"},
		[RUN_INTERRUPTED] = {"interrupted", "Interrupted", "warn"},
		[RUN_UNDONE] = {"undone", "Undone", "idle"},
	};
	(void)state;
	for (size_t i = 0; i < RUN__MAX; i++) {
		const char *name = run_state_name((enum run_state)i);
		assert_string_equal(name, want[i][0]);
		assert_string_equal(run_state_text(name), want[i][1]);
		assert_string_equal(run_state_tone(name), want[i][2]);
	}
}

static void every_trigger_has_its_words(void **state)
{
	static const char *const want[RUN_TRIGGER__MAX][2] = {
		[RUN_FIRST] = {"first", "First import"},
		[RUN_SCHEDULED] = {"scheduled", "Scheduled"},
		[RUN_MANUAL] = {"manual", "Manual"},
		[RUN_RECONNECT] = {"reconnect", "Reconnect"},
		[RUN_RETRY] = {"retry", "Retry"},
		[RUN_UNDO] = {"undo", "Undo"},
	};
	(void)state;
	for (size_t i = 0; i < RUN_TRIGGER__MAX; i++) {
		const char *name = run_trigger_name((enum run_trigger)i);
		assert_string_equal(name, want[i][0]);
		assert_string_equal(run_trigger_text(name), want[i][1]);
	}
}

static void every_field_has_its_words(void **state)
{
	static const char *const want[][2] = {
		{"client", "Client added"},
		{"name", "Client name"},
		{"web_url", "Link into XPM"},
		{"archived", "Archived"},
		{"primary", "Primary contact"},
		{"contact", "Contact"},
		{"contact.name", "Contact name"},
		{"contact.email", "Contact email"},
		{"contact.phone", "Contact phone"},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(want); i++)
		assert_string_equal(run_field_text(want[i][0]), want[i][1]);
}

static void unknown_names_show_as_nothing(void **state)
{
	static const char *const bad[] = {NULL, "", "Running", "running ", "contact."};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		assert_string_equal(run_state_text(bad[i]), "");
		assert_string_equal(run_state_tone(bad[i]), "idle");
		assert_string_equal(run_trigger_text(bad[i]), "");
		assert_string_equal(run_field_text(bad[i]), "");
	}
}

static void a_reason_reads_in_words(void **state)
{
	(void)state;
	assert_string_equal(run_value_text("archived", NULL), "Live");
	assert_string_equal(run_value_text("archived", "prospect_in_xpm"), "Prospect in XPM");
	assert_string_equal(run_value_text("archived", "something new"), "Archived");
	assert_string_equal(run_value_text("name", "archived_in_xpm"), "archived_in_xpm");
	assert_null(run_value_text("name", NULL));
}

/* Every reason that the table of clients may hold (sql/migrations). */
static void every_reason_to_archive_has_a_sentence_of_its_own(void **state)
{
	static const char *const reasons[] = {"archived_in_xpm", "deleted_in_xpm",
		"gone_from_xpm", "not_visible", "prospect_in_xpm", "by_hand"};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(reasons); i++) {
		assert_string_not_equal(client_archived_text(reasons[i]), "Archived");
		assert_string_not_equal(client_archived_words(reasons[i]), "Archived");
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(client_archived_text(reasons[i]),
				client_archived_text(reasons[k]));
	}
	assert_string_equal(client_archived_text(NULL), "Archived");
}

static void a_held_run_is_told_with_number_and_what(void **state)
{
	static const struct {
		struct run_held held;
		const char *words;
	} cases[] = {
		{{CAUSE_BRAKE, 41, 0, 0}, "41 clients would be archived"},
		{{CAUSE_BRAKE, 1, 0, 0}, "1 client would be archived"},
		{{CAUSE_BRAKE, 0, 1200, 0}, "1,200 clients would be blanked"},
		{{CAUSE_BRAKE, 41, 3, 0}, "41 clients would be archived and 3 blanked"},
		{{CAUSE_BRAKE, 0, 0, 0}, "many clients would be archived or blanked"},
		{{CAUSE_EMPTY, 412, 0, 0},
			"XPM sent an empty client list, so 412 clients would be archived"},
		{{CAUSE_EMPTY, 0, 0, 0}, "XPM sent an empty client list"},
		{{CAUSE_EDITS, 0, 0, 3}, "3 edits made here would be replaced"},
		{{CAUSE_EDITS, 0, 0, 1}, "1 edit made here would be replaced"},
		{{CAUSE_EDITS, 7, 0, 0}, "edits made here would be replaced"},
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		assert_string_equal(run_held_words(*state, &cases[i].held),
			arena_printf(*state, "Sync paused: %s", cases[i].words));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(fewer_than_five_never_brake),
		TEST(a_tenth_passes_and_more_is_held),
		TEST(five_of_five_are_held),
		TEST(an_empty_list_after_a_filled_one_is_held_whatever_its_size),
		TEST(an_empty_list_after_an_empty_one_is_fine),
		TEST(a_held_run_is_told_with_number_and_what),
		TEST(every_state_has_its_words),
		TEST(every_trigger_has_its_words),
		TEST(every_field_has_its_words),
		TEST(unknown_names_show_as_nothing),
		TEST(a_reason_reads_in_words),
		TEST(every_reason_to_archive_has_a_sentence_of_its_own),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
