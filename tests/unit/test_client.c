#include "core/client.h"
#include "test.h"

#define UUID   "10e45ad9-cd3f-42b9-9e7e-056e47c0c109"
#define PERSON "20e45ad9-cd3f-42b9-9e7e-056e47c0c109"
#define OTHER  "30e45ad9-cd3f-42b9-9e7e-056e47c0c109"

static struct client_record good(struct arena *a, const struct xpm_client *seen)
{
	struct client_record r;
	assert_int_equal(client_judge(a, seen, &r), CLIENT_FINE);
	return r;
}

static enum client_rule judged(struct arena *a, const struct xpm_client *seen)
{
	struct client_record r;
	return client_judge(a, seen, &r);
}

static struct xpm_client named(const char *name)
{
	return (struct xpm_client){.uuid = UUID, .name = name};
}

static void blanks_at_the_ends_go_and_those_inside_stay(void **state)
{
	struct xpm_client c = named(" \t\n\xC2\xA0 Alder  &  Co\xE3\x80\x80 ");
	assert_string_equal(good(*state, &c).name, "Alder  &  Co");
	c = named("Alder\nand\tCo");
	assert_string_equal(good(*state, &c).name, "Alder and Co");
}

static void fault_35_direction_marks_and_emoji_are_part_of_a_name(void **state)
{
	struct xpm_client c =
		named("\xE2\x80\xAC\xD8\xA7\xD9\x84 \xF0\x9F\x8C\xB3\xE2\x80\xAC");
	assert_string_equal(good(*state, &c).name, c.name);
}

static void fault_34_control_characters_are_refused(void **state)
{
	static const char *const bad[] = {
		"a\x01", "a\x7F", "a\xC2\x85", "a\x1B[0m", "\xFF", "\xED\xA0\x80"};
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct xpm_client c = named(bad[i]);
		assert_int_equal(judged(*state, &c), CLIENT_BAD_TEXT);
	}
	struct xpm_contact p = {.uuid = PERSON, .phone = "1\x02"};
	struct xpm_client c = named("Alder");
	c.contacts = &p;
	c.n_contacts = 1;
	assert_int_equal(judged(*state, &c), CLIENT_BAD_TEXT);
}

static void what_cannot_be_recognised_again_is_left_out(void **state)
{
	struct xpm_client c = named("Alder");
	c.uuid = NULL;
	assert_int_equal(judged(*state, &c), CLIENT_NO_UUID);
	c.uuid = "78f4dd4c-6c38-4f3b-b04b-47a0b3a1";
	assert_int_equal(judged(*state, &c), CLIENT_NO_UUID);
	c = named(" \xC2\xA0 ");
	assert_int_equal(judged(*state, &c), CLIENT_NO_NAME);
	c = named(NULL);
	assert_int_equal(judged(*state, &c), CLIENT_NO_NAME);
	c = named("Alder");
	c.is_prospect = true;
	assert_int_equal(judged(*state, &c), CLIENT_PROSPECT);
	struct xpm_contact nobody = {.uuid = "7", .name = "Ann"};
	c = named("Alder");
	c.contacts = &nobody;
	c.n_contacts = 1;
	assert_int_equal(judged(*state, &c), CLIENT_BAD_CONTACT);
	nobody.is_deleted = true;
	assert_int_equal(judged(*state, &c), CLIENT_FINE);
	c.n_contacts = CLIENT_CONTACTS_MAX + 1;
	assert_int_equal(judged(*state, &c), CLIENT_TOO_MANY_CONTACTS);
}

static void fault_46_case_folds_to_one_id(void **state)
{
	struct xpm_client c = named("Alder");
	c.uuid = " 10E45AD9-CD3F-42B9-9E7E-056E47C0C109 ";
	assert_string_equal(good(*state, &c).uuid, UUID);
}

static void fault_35_a_long_name_is_cut_at_a_code_point_and_flagged(void **state)
{
	char *name = arena_alloc(*state, CLIENT_NAME_MAX + 3);
	memset(name, 'x', CLIENT_NAME_MAX - 1);
	memcpy(name + CLIENT_NAME_MAX - 1, "\xC3\xA9", 3);
	struct xpm_client c = named(name);
	struct client_record r = good(*state, &c);
	assert_int_equal(strlen(r.name), CLIENT_NAME_MAX - 1);
	assert_int_equal(r.flags & CLIENT_NAME_CUT, CLIENT_NAME_CUT);
	name[CLIENT_NAME_MAX - 1] = '\0';
	assert_int_equal(good(*state, &c).flags & CLIENT_NAME_CUT, 0);
}

static void phone_else_mobile(void **state)
{
	struct xpm_contact p = {
		.uuid = PERSON, .name = "Ann", .phone = " ", .mobile = " 021 1 "};
	struct xpm_client c = named("Alder");
	c.contacts = &p;
	c.n_contacts = 1;
	assert_string_equal(good(*state, &c).contacts[0].phone, "021 1");
	p.phone = "(09) 1";
	assert_string_equal(good(*state, &c).contacts[0].phone, "(09) 1");
	p.phone = p.mobile = NULL;
	assert_null(good(*state, &c).contacts[0].phone);
	assert_null(good(*state, &c).contacts[0].email);
}

static void the_first_primary_counts(void **state)
{
	struct xpm_contact p[] = {{.uuid = OTHER, .email = "a@example.com"},
		{.uuid = PERSON, .is_primary = true}, {.uuid = UUID, .is_primary = true}};
	struct xpm_client c = named("Alder");
	c.contacts = p;
	c.n_contacts = ARRAY_LEN(p);
	struct client_record r = good(*state, &c);
	assert_false(r.contacts[0].is_primary);
	assert_true(r.contacts[1].is_primary);
	assert_false(r.contacts[2].is_primary);
	assert_int_equal(r.flags, CLIENT_TWO_PRIMARIES);
	assert_string_equal(r.contacts[2].name, "");
}

static void the_same_contact_twice_is_one(void **state)
{
	struct xpm_contact p[] = {{.uuid = PERSON, .name = "Ann", .email = "old@example.com"},
		{.uuid = OTHER},
		{.uuid = PERSON,
			.name = "Ann B",
			.email = "new@example.com",
			.is_primary = true}};
	struct xpm_client c = named("Alder");
	c.contacts = p;
	c.n_contacts = ARRAY_LEN(p);
	struct client_record r = good(*state, &c);
	assert_int_equal(r.n_contacts, 2);
	assert_string_equal(r.contacts[0].name, "Ann B");
	assert_true(r.contacts[0].is_primary);
	assert_int_equal(r.flags, 0);
}

static int flags_of(struct arena *a, const char *email, bool primary)
{
	struct xpm_contact p = {.uuid = PERSON, .email = email, .is_primary = primary};
	struct xpm_client c = named("Alder");
	c.contacts = &p;
	c.n_contacts = 1;
	return good(a, &c).flags;
}

static void flags_say_what_to_put_right(void **state)
{
	struct xpm_client c = named("Alder");
	assert_int_equal(good(*state, &c).flags, CLIENT_NO_CONTACT);
	assert_int_equal(flags_of(*state, NULL, true), CLIENT_NO_EMAIL);
	assert_int_equal(flags_of(*state, "a@example.com", false), CLIENT_NO_PRIMARY);
	assert_int_equal(flags_of(*state, "a@example.com", true), 0);
	static const char *const bad[] = {
		"a", "a@", "@b.c", "a@b", "a@b.", "a@.b", "a b@c.d", "a@b@c.d", "a@b.c,d@e.f"};
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_int_equal(flags_of(*state, bad[i], true), CLIENT_BAD_EMAIL);
}

static int flags_of_phone(struct arena *a, const char *phone, const char *mobile)
{
	struct xpm_contact p = {.uuid = PERSON,
		.email = "a@example.com",
		.phone = phone,
		.mobile = mobile,
		.is_primary = true};
	struct xpm_client c = named("Alder");
	c.contacts = &p;
	c.n_contacts = 1;
	return good(a, &c).flags;
}

static void words_are_no_phone(void **state)
{
	static const char *const fine[] = {"111", "(09) 123-4567", "+64 21 555 0142",
		"0800 FLOWERS", "\xD9\xA0\xD9\xA9\xD9\xA1",
		"\xEF\xBC\x90\xEF\xBC\x99\xEF\xBC\x91", "", NULL};
	static const char *const bad[] = {
		"ask for Pania", "n/a", "-", "ext 12", "\xE2\x80\xAC"};
	for (size_t i = 0; i < ARRAY_LEN(fine); i++)
		assert_int_equal(flags_of_phone(*state, fine[i], NULL), 0);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_int_equal(flags_of_phone(*state, bad[i], NULL), CLIENT_BAD_PHONE);
	assert_int_equal(flags_of_phone(*state, "", "office"), CLIENT_BAD_PHONE);
	/* The one that is shown counts. */
	assert_int_equal(flags_of_phone(*state, "09 123 4567", "office"), 0);
}

static void only_an_https_link_is_kept(void **state)
{
	struct xpm_client c = named("Alder");
	c.web_url = " https://practicemanager.xero.com/Client/1/Detail ";
	assert_string_equal(
		good(*state, &c).web_url, "https://practicemanager.xero.com/Client/1/Detail");
	static const char *const bad[] = {
		"http://x.example/", "javascript:alert(1)", "https://", "https://a b/", ""};
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		c.web_url = bad[i];
		assert_null(good(*state, &c).web_url);
	}
}

static void archive_follows_the_marks(void **state)
{
	struct xpm_client c = named("Alder");
	assert_int_equal(good(*state, &c).archive, CLIENT_LIVE);
	c.is_archived = true;
	assert_int_equal(good(*state, &c).archive, CLIENT_ARCHIVED);
	c.is_deleted = true;
	assert_int_equal(good(*state, &c).archive, CLIENT_DELETED);
}

/* Every one of the facts makes another fingerprint; blanks at the ends do not. */
static void the_fingerprint_sees_every_fact(void **state)
{
	struct xpm_contact p[2] = {{.uuid = PERSON,
					   .name = "Ann",
					   .email = "a@example.com",
					   .phone = "1",
					   .is_primary = true},
		{.uuid = OTHER, .name = "Bob", .email = "b@example.com", .phone = "2"}};
	struct xpm_client base = {.uuid = UUID,
		.name = "Alder",
		.web_url = "https://x.example/1",
		.contacts = p,
		.n_contacts = 2};
	struct client_record r = good(*state, &base);
	struct xpm_contact q[2];
	struct xpm_client c;
#define DIFFERS(change)                                                                     \
	do {                                                                                \
		memcpy(q, p, sizeof q);                                                     \
		c = base;                                                                   \
		c.contacts = q;                                                             \
		change;                                                                     \
		assert_memory_not_equal(                                                    \
			good(*state, &c).fingerprint, r.fingerprint, sizeof r.fingerprint); \
	} while (0)
	DIFFERS(c.uuid = OTHER);
	DIFFERS(c.name = "Alder ltd");
	DIFFERS(c.web_url = NULL);
	DIFFERS(c.is_archived = true);
	DIFFERS(c.is_deleted = true);
	DIFFERS(c.n_contacts = 1);
	DIFFERS(q[0].uuid = UUID);
	DIFFERS(q[1].name = "Bobby");
	DIFFERS(q[1].email = NULL);
	DIFFERS(q[1].phone = NULL);
	DIFFERS(q[0].is_primary = false);
	DIFFERS(q[1].is_primary = true);
	DIFFERS(q[0] = p[1]; q[1] = p[0]);
	DIFFERS(q[1].email = ""; q[1].phone = "b@example.com2");
	c = base;
	c.name = "  Alder ";
	assert_memory_equal(good(*state, &c).fingerprint, r.fingerprint, sizeof r.fingerprint);
}

static void search_text_is_lower_case_and_finds_digits(void **state)
{
	struct xpm_contact p = {.uuid = PERSON,
		.name = "\xC3\x89mile \xCE\xA9\xD0\x96",
		.email = "E@Example.COM",
		.phone = "+64 (9) 12-34"};
	struct xpm_client c = named("ALDER \xC4\x80\xC5\xBD \xC3\x9F");
	c.contacts = &p;
	c.n_contacts = 1;
	struct client_record r = good(*state, &c);
	assert_string_equal(client_search_text(*state, &r),
		"alder \xC4\x81\xC5\xBE \xC3\x9F \xC3\xA9mile \xCF\x89\xD0\xB6 e@example.com +64 (9) 12-34 +6491234");
}

static void search_text_has_an_end(void **state)
{
	struct xpm_contact *p = arena_array(*state, struct xpm_contact, CLIENT_CONTACTS_MAX);
	char *name = arena_alloc(*state, CONTACT_TEXT_MAX + 1);
	for (size_t i = 0; i + 1 < CONTACT_TEXT_MAX; i += 2)
		memcpy(name + i, "\xC3\xA9", 2);
	for (int i = 0; i < CLIENT_CONTACTS_MAX; i++)
		p[i] = (struct xpm_contact){
			.uuid = arena_printf(
				*state, "%08x-cd3f-42b9-9e7e-056e47c0c109", (unsigned)i),
			.name = name};
	struct xpm_client c = named("Alder");
	c.contacts = p;
	c.n_contacts = CLIENT_CONTACTS_MAX;
	struct client_record r = good(*state, &c);
	const char *text = client_search_text(*state, &r);
	assert_in_range(strlen(text), 1000, 16 * 1024);
	assert_true(str_utf8_valid(str_of(text)));
}

static void every_rule_and_flag_has_words(void **state)
{
	(void)state;
	for (int i = CLIENT_PROSPECT; i < CLIENT_RULE__MAX; i++)
		assert_true(
			strlen(client_rule_text(client_rule_name((enum client_rule)i))) > 10);
	assert_non_null(client_rule_text("unheard of"));
	assert_non_null(client_rule_text(NULL));
	for (int flag = 1; flag < 1 << CLIENT_FLAGS; flag *= 2) {
		assert_non_null(client_flag_chip(flag));
		assert_non_null(client_flag_text(flag));
	}
	assert_string_equal(
		client_flag_chip(CLIENT_NO_EMAIL | CLIENT_NO_PRIMARY), "No email in XPM");
	assert_null(client_flag_chip(0));
	assert_null(client_flag_text(0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(blanks_at_the_ends_go_and_those_inside_stay),
		TEST(fault_35_direction_marks_and_emoji_are_part_of_a_name),
		TEST(fault_34_control_characters_are_refused),
		TEST(what_cannot_be_recognised_again_is_left_out),
		TEST(fault_46_case_folds_to_one_id),
		TEST(fault_35_a_long_name_is_cut_at_a_code_point_and_flagged),
		TEST(phone_else_mobile),
		TEST(the_first_primary_counts),
		TEST(the_same_contact_twice_is_one),
		TEST(flags_say_what_to_put_right),
		TEST(words_are_no_phone),
		TEST(only_an_https_link_is_kept),
		TEST(archive_follows_the_marks),
		TEST(the_fingerprint_sees_every_fact),
		TEST(search_text_is_lower_case_and_finds_digits),
		TEST(search_text_has_an_end),
		TEST(every_rule_and_flag_has_words),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
