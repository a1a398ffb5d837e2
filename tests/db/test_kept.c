/* What the privacy page says is stored, against the columns there are. */
#include "support/db.h"

#include "core/kept.h"

/* Columns of the three tables that hold nothing of XPM's: keys, marks and times of our own. */
static const char *const own[] = {"client.org_id", "client.client_id", "client.tenant_id",
	"client.status", "client.archived_at", "client.primary_contact_id", "client.flags",
	"client.fingerprint", "client.created_at", "client.changed_at", "client.changed_run",
	"contact.org_id", "contact.contact_id", "contact.tenant_id", "contact.changed_at",
	"client_contact.org_id", "client_contact.client_id", "client_contact.contact_id",
	"client_contact.tenant_id", "client_contact.ord", "client.held_run", "client.held_gone",
	"contact.created_at", "client_contact.created_at",
	/* Made of the client's and its contacts' stored fields, for the index that searches. */
	"client.search",
	/* Made of marks and times of our own, for the indexes that list. */
	"client.place", "client.newest"};

static bool is_told(const char *column)
{
	for (size_t i = 0; i < kept_count; i++)
		if (kept_table[i].column != NULL && strcmp(kept_table[i].column, column) == 0)
			return true;
	for (size_t i = 0; i < ARRAY_LEN(own); i++)
		if (strcmp(own[i], column) == 0)
			return true;
	return false;
}

static void every_column_that_is_named_is_there(void **state)
{
	for (size_t i = 0; i < kept_count; i++) {
		if (kept_table[i].column == NULL)
			continue;
		const char *there = arena_printf(*state,
			"(SELECT count(*) FROM information_schema.columns WHERE table_schema = 'gap'"
			" AND table_name || '.' || column_name = '%s')",
			kept_table[i].column);
		if (db_number(there) != 1)
			fail_msg("there is no column %s", kept_table[i].column);
	}
}

static void every_column_there_is_has_been_told(void **state)
{
	struct str rest = str_of(db_ask(
		"(SELECT string_agg(table_name || '.' || column_name, ' ') FROM"
		" information_schema.columns WHERE table_schema = 'gap' AND table_name IN"
		" ('client', 'contact', 'client_contact'))"));
	struct str one;
	int n = 0;
	while (str_next(&rest, ' ', &one)) {
		n++;
		if (!is_told(str_dup(*state, one)))
			fail_msg("the privacy page does not tell of %s", str_dup(*state, one));
	}
	assert_true(n > 25);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		DB_TEST(every_column_that_is_named_is_there),
		DB_TEST(every_column_there_is_has_been_told),
	};
	return cmocka_run_group_tests(tests, db_set_up, db_tear_down);
}
