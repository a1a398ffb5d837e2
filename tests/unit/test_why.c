/* Each of the seven reasons, and that a difference has the first that fits. */
#include "core/why.h"
#include "unit/test.h"

#define ID_A "11111111-1111-4111-8111-111111111111"
#define ID_B "22222222-2222-4222-8222-222222222222"
#define ID_C "33333333-3333-4333-8333-333333333333"

struct pair {
	struct xpm_contact people[3];
	struct xpm_client seen;
	struct client_record record;
	struct why_ours ours;
};

/* A client as XPM tells it, and as a sync of just that record has stored it. */
static void synced(struct arena *a, struct pair *p)
{
	p->people[0] = (struct xpm_contact){.uuid = ID_B,
		.name = "Ann",
		.email = "ann@x.example",
		.phone = "1",
		.is_primary = true};
	p->people[1] = (struct xpm_contact){.uuid = ID_C, .name = "Bob"};
	p->seen = (struct xpm_client){.uuid = ID_A,
		.name = "Alder",
		.has_contacts = true,
		.contacts = p->people,
		.n_contacts = 2};
	assert_int_equal(client_judge(a, &p->seen, &p->record), CLIENT_FINE);
	p->ours = (struct why_ours){.name = p->record.name,
		.contacts = p->record.contacts,
		.n_contacts = p->record.n_contacts,
		.fingerprint = p->record.fingerprint,
		.run = WHY_CHANGED};
}

/* The only difference there is. */
static struct why_row only(struct arena *a, const struct pair *p)
{
	const struct why_row *rows;
	size_t n = why_compare(a, &p->ours, &p->seen, &rows);
	if (n != 1)
		fail_msg("%zu differences", n);
	return rows[0];
}

static void no_difference(void **state)
{
	const struct why_row *rows;
	struct pair p;
	synced(*state, &p);
	assert_int_equal(why_compare(*state, &p.ours, &p.seen, &rows), 0);
}

static void changed_held_failed_by_the_newest_sync(void **state)
{
	static const enum why runs[] = {WHY_CHANGED, WHY_HELD, WHY_FAILED};
	struct pair p;
	synced(*state, &p);
	p.seen.name = "Alder & Co";
	for (size_t i = 0; i < ARRAY_LEN(runs); i++) {
		p.ours.run = runs[i];
		struct why_row r = only(*state, &p);
		assert_int_equal(r.reason, runs[i]);
		assert_string_equal(r.what, "Name");
		assert_string_equal(r.ours, "Alder");
		assert_string_equal(r.theirs, "Alder & Co");
	}
}

static void each_field_is_compared(void **state)
{
	static const char *const what[] = {"Contact name", "Email", "Phone", "Primary contact"};
	const struct why_row *rows;
	struct pair p;
	synced(*state, &p);
	p.people[0] = (struct xpm_contact){.uuid = ID_B, .name = "Anna"};
	size_t n = why_compare(*state, &p.ours, &p.seen, &rows);
	assert_int_equal(n, ARRAY_LEN(what));
	for (size_t i = 0; i < n; i++)
		assert_string_equal(rows[i].what, what[i]);
	p.seen.n_contacts = 0;
	n = why_compare(*state, &p.ours, &p.seen, &rows);
	assert_int_equal(n, 2);
	assert_string_equal(rows[0].what, "Contact");
	assert_null(rows[0].theirs);
	synced(*state, &p);
	p.ours.n_contacts = 1;
	assert_null(only(*state, &p).ours);
}

static void undone_counts_for_that_record_alone(void **state)
{
	struct pair p;
	synced(*state, &p);
	p.ours.name = "Before";
	p.ours.undone = true;
	assert_int_equal(only(*state, &p).reason, WHY_UNDONE);
	p.seen.name = "Newer";
	assert_int_equal(only(*state, &p).reason, WHY_CHANGED);
}

static void rules_of_ours(void **state)
{
	struct pair p;
	struct why_row r;
	synced(*state, &p);
	/* Phone, else mobile. */
	p.people[0].phone = NULL;
	p.people[0].mobile = "1";
	r = only(*state, &p);
	assert_int_equal(r.reason, WHY_RULE);
	assert_non_null(strstr(r.detail, "mobile"));
	/* The first of two primaries. */
	synced(*state, &p);
	p.people[1].is_primary = true;
	r = only(*state, &p);
	assert_int_equal(r.reason, WHY_RULE);
	assert_string_equal(r.who, "Bob");
	/* A deleted contact. */
	synced(*state, &p);
	p.people[2] = (struct xpm_contact){.uuid = "44444444-4444-4444-8444-444444444444",
		.name = "Gone",
		.is_deleted = true};
	p.seen.n_contacts = 3;
	assert_int_equal(only(*state, &p).reason, WHY_RULE);
	/* Deleted in XPM, archived here. */
	synced(*state, &p);
	p.seen.is_deleted = true;
	p.ours.archived = true;
	assert_int_equal(only(*state, &p).reason, WHY_RULE);
	/* A record that is skipped. */
	synced(*state, &p);
	p.seen.name = "  ";
	assert_int_equal(only(*state, &p).reason, WHY_RULE);
}

static void a_prospect_is_news_until_a_sync_has_seen_it(void **state)
{
	struct pair p;
	synced(*state, &p);
	p.seen.is_prospect = true;
	assert_int_equal(only(*state, &p).reason, WHY_CHANGED);
	p.ours.archived = true;
	assert_int_equal(only(*state, &p).reason, WHY_RULE);
}

static void archived_on_both_sides_is_no_difference(void **state)
{
	const struct why_row *rows;
	struct pair p;
	synced(*state, &p);
	p.seen.is_archived = true;
	assert_string_equal(only(*state, &p).what, "Status");
	p.ours.archived = true;
	assert_int_equal(why_compare(*state, &p.ours, &p.seen, &rows), 0);
}

static void no_longer_visible(void **state)
{
	const struct why_row *rows;
	struct pair p;
	synced(*state, &p);
	assert_int_equal(why_compare(*state, &p.ours, NULL, &rows), 1);
	assert_int_equal(rows[0].reason, WHY_NOT_VISIBLE);
}

static void names_and_sentences(void **state)
{
	(void)state;
	for (int w = 0; w < WHY__MAX; w++) {
		assert_int_equal(why_parse(why_name((enum why)w)), w);
		assert_true(strlen(why_text((enum why)w)) > 10);
	}
	assert_int_equal(why_parse(NULL), WHY_CHANGED);
	assert_int_equal(why_parse("?"), WHY_CHANGED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(no_difference),
		TEST(changed_held_failed_by_the_newest_sync),
		TEST(each_field_is_compared),
		TEST(undone_counts_for_that_record_alone),
		TEST(rules_of_ours),
		TEST(a_prospect_is_news_until_a_sync_has_seen_it),
		TEST(archived_on_both_sides_is_no_difference),
		TEST(no_longer_visible),
		TEST(names_and_sentences),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
