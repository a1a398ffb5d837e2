#include "web/fields.h"

#include "support/fake_request.h"
#include "test.h"

/* Reads one field from a posted form and gives back its sentence, "" when it is fine. */
static const char *sentence(struct arena *a, struct field spec, const char *form)
{
	struct request r = fake_request_of(a, "POST", "/x", form);
	struct field *kept = arena_copy(a, &spec, sizeof spec);
	struct fields f;
	struct err e;
	assert_ok(fields_read(&r, kept, 1, &f, &e));
	assert_int_equal(f.ok, f.error[0] == NULL);
	if (f.error[0] != NULL)
		assert_string_equal(f.text[0], "");
	return f.error[0] == NULL ? "" : f.error[0];
}

static struct fields read_one(struct arena *a, struct field spec, const char *form)
{
	struct request r = fake_request_of(a, "POST", "/x", form);
	struct field *kept = arena_copy(a, &spec, sizeof spec);
	struct fields f;
	struct err e;
	assert_ok(fields_read(&r, kept, 1, &f, &e));
	return f;
}

static const char *accepted(struct arena *a, struct field spec, const char *form)
{
	struct fields f = read_one(a, spec, form);
	if (!f.ok)
		fail_msg("refused: %s", f.error[0]);
	return f.text[0];
}

static char *named(struct arena *a, const char *name, const char *piece, size_t times)
{
	struct buf b;
	buf_init(&b, a, 65536);
	buf_printf(&b, "%s=", name);
	for (size_t i = 0; i < times; i++)
		buf_adds(&b, piece);
	return b.data;
}

static void text_is_trimmed_and_put_back_as_typed(void **state)
{
	struct field spec = {.name = "t", .type = FIELD_TEXT, .label = "a name"};
	struct fields f = read_one(*state, spec, "t=++J%C3%B6rg+%3Cb%3E+");
	assert_true(f.ok);
	assert_string_equal(f.text[0], "J\xC3\xB6rg <b>");
	assert_string_equal(f.typed[0], "  J\xC3\xB6rg <b> ");
}

static void what_is_missing_is_asked_for(void **state)
{
	struct arena *a = *state;
	static const char *const choices[] = {"a", NULL};
	struct field email = {.name = "x",
		.type = FIELD_EMAIL,
		.required = true,
		.label = "your email address"};
	struct field flag = {.name = "x", .type = FIELD_FLAG, .required = true};
	struct field choice = {
		.name = "x", .type = FIELD_CHOICE, .required = true, .choices = choices};
	struct field id = {.name = "x", .type = FIELD_ID, .required = true};
	struct field bare = {.name = "x", .type = FIELD_TEXT, .required = true};
	assert_string_equal(sentence(a, email, ""), "Enter your email address.");
	assert_string_equal(sentence(a, email, "x="), "Enter your email address.");
	assert_string_equal(sentence(a, email, "x=+%09"), "Enter your email address.");
	assert_string_equal(sentence(a, flag, "y=1"), "Tick this box to go on.");
	assert_string_equal(sentence(a, choice, ""), "Choose one of the options.");
	assert_string_equal(sentence(a, id, ""), "Choose one of the options.");
	assert_string_equal(sentence(a, bare, ""), "Enter a value.");
}

static void what_is_not_required_may_be_absent(void **state)
{
	for (int type = FIELD_TEXT; type <= FIELD_CHOICE; type++) {
		struct field spec = {
			.name = "x", .type = (enum field_type)type, .min = 3, .max = 9};
		struct fields f = read_one(*state, spec, "y=1");
		assert_true(f.ok);
		assert_string_equal(f.text[0], "");
		assert_string_equal(f.typed[0], "");
		assert_int_equal(f.number[0], 0);
	}
}

static void lengths_are_in_code_points(void **state)
{
	struct arena *a = *state;
	struct field spec = {.name = "t", .type = FIELD_TEXT, .min = 2, .max = 3};
	assert_string_equal(sentence(a, spec, "t=%C3%A9%C3%A9%C3%A9"), "");
	assert_string_equal(sentence(a, spec, "t=abcd"), "Use at most 3 characters.");
	assert_string_equal(sentence(a, spec, "t=%C3%A9"), "Use at least 2 characters.");
	assert_string_equal(sentence(a, spec, "t=+a+"), "Use at least 2 characters.");
}

static void every_type_has_a_limit_of_its_own(void **state)
{
	static const struct {
		enum field_type type;
		size_t max;
	} cases[] = {{FIELD_TEXT, 200}, {FIELD_LINES, 2000}, {FIELD_PASSWORD, 1024},
		{FIELD_CODE, 64}};
	struct arena *a = *state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct field spec = {.name = "t", .type = cases[i].type};
		assert_string_equal(sentence(a, spec, named(a, "t", "x", cases[i].max)), "");
		assert_string_equal(sentence(a, spec, named(a, "t", "x", cases[i].max + 1)),
			arena_printf(a, "Use at most %s characters.",
				str_number(a, (int64_t)cases[i].max)));
	}
}

static void text_is_one_line(void **state)
{
	static const char *const bad[] = {"t=a%0Ab", "t=a%0D%0Ab", "t=a%09b", "t=a%7F",
		"t=%1Bx", "t=a%C2%85b", "t=a%E2%80%A8b", "t=a%E2%80%A9"};
	struct field spec = {.name = "t", .type = FIELD_TEXT};
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_string_equal(
			sentence(*state, spec, bad[i]), "Use one line of plain text.");
	assert_string_equal(accepted(*state, spec, "t=%C2%A0x%E2%80%93%F0%9F%98%80"),
		"\xC2\xA0x\xE2\x80\x93\xF0\x9F\x98\x80");
}

static void lines_end_in_lf(void **state)
{
	struct field spec = {.name = "t", .type = FIELD_LINES, .max = 20};
	assert_string_equal(
		accepted(*state, spec, "t=a%0D%0Ab%0Dc%0Ad%09e%0D%0A"), "a\nb\nc\nd\te");
	assert_string_equal(sentence(*state, spec, "t=a%1Bb"), "Use plain text.");
	assert_string_equal(sentence(*state, spec, "t=a%E2%80%A8b"), "Use plain text.");
	assert_string_equal(sentence(*state, spec, named(*state, "t", "a%0D%0A", 11)),
		"Use at most 20 characters.");
}

static void email_is_lenient_about_form(void **state)
{
	static const char *const good[] = {"a@b", "o'neil%2Btag@example.co.nz",
		"x_y.z-1@localhost", "a!#$%25%26'*%2F=?^`{|}~@x",
		"j%C3%B6rg@m%C3%BCller.example"};
	struct field spec = {.name = "m", .type = FIELD_EMAIL, .required = true, .label = "it"};
	for (size_t i = 0; i < ARRAY_LEN(good); i++)
		assert_string_equal(
			sentence(*state, spec, arena_printf(*state, "m=%s", good[i])), "");
	assert_string_equal(accepted(*state, spec, "m=++A@B.example%0A"), "A@B.example");
}

static void email_is_strict_about_bytes(void **state)
{
	static const char *const bad[] = {"a", "@", "a@", "@b", "a@b@c", "a b@c", "a@b c",
		"a%0D%0ABcc:x@y", "a%09@b", "a@b%7F", "%3Ca@b%3E", "a@b,c", "a@b;c", "\"a\"@b",
		"a:b@c", "(x)a@b", "a\\@b", "a%C2%A0@b", "a%E2%80%8B@b", "a@b%E2%80%AEc",
		"a%E3%80%80@b", "a@b%EF%BB%BF", "a@[::1]", "a@b%C2%85c", "a%F3%A0%80%81@b"};
	struct field spec = {.name = "m", .type = FIELD_EMAIL};
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_string_equal(
			sentence(*state, spec, arena_printf(*state, "m=%s", bad[i])),
			"Enter an email address like name@example.com.");
}

static void email_has_254_bytes(void **state)
{
	struct arena *a = *state;
	struct field spec = {.name = "m", .type = FIELD_EMAIL};
	assert_string_equal(
		sentence(a, spec, arena_printf(a, "%s@b", named(a, "m", "x", 252))), "");
	assert_string_equal(sentence(a, spec, arena_printf(a, "%s@b", named(a, "m", "x", 253))),
		"Use at most 254 characters.");
	assert_string_equal(
		sentence(a, spec, arena_printf(a, "%s@b", named(a, "m", "%C3%A9", 127))),
		"Use at most 254 characters.");
}

static void password_is_as_typed_and_never_put_back(void **state)
{
	struct field spec = {.name = "p",
		.type = FIELD_PASSWORD,
		.required = true,
		.min = 3,
		.max = 8,
		.label = "your password"};
	struct fields f = read_one(*state, spec, "p=+%09%C3%A9+");
	assert_true(f.ok);
	assert_string_equal(f.text[0], " \t\xC3\xA9 ");
	assert_string_equal(f.typed[0], "");
	f = read_one(*state, spec, "p=xy");
	assert_string_equal(f.error[0], "Use at least 3 characters.");
	assert_string_equal(f.typed[0], "");
	assert_string_equal(f.text[0], "");
	assert_string_equal(sentence(*state, spec, "p=123456789"), "Use at most 8 characters.");
	assert_string_equal(sentence(*state, spec, "p="), "Enter your password.");
	assert_string_equal(sentence(*state, spec, "p=+++"), "");
}

static void code_holds_letters_and_digits(void **state)
{
	struct field spec = {.name = "c", .type = FIELD_CODE, .max = 9};
	assert_string_equal(accepted(*state, spec, "c=+050+471+"), "050 471");
	assert_string_equal(accepted(*state, spec, "c=aB3d-EF9h"), "aB3d-EF9h");
	assert_string_equal(sentence(*state, spec, "c=12_4"),
		"Use only the digits and letters of the code.");
	assert_string_equal(sentence(*state, spec, "c=%D9%A1%D9%A2"),
		"Use only the digits and letters of the code.");
	assert_string_equal(
		sentence(*state, spec, "c=1234567890"), "Use at most 9 characters.");
}

static void int_is_strict(void **state)
{
	static const char *const bad[] = {"a", "1.0", "%2B1", "01", "1e2", "0x1", "5", "-4",
		"--1", "1+1", "99999999999999999999"};
	struct field spec = {.name = "n", .type = FIELD_INT, .min = -3, .max = 4};
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_string_equal(
			sentence(*state, spec, arena_printf(*state, "n=%s", bad[i])),
			"Enter a number from -3 to 4.");
	struct fields f = read_one(*state, spec, "n=+-3");
	assert_int_equal(f.number[0], -3);
	assert_string_equal(f.text[0], "-3");
	spec.min = spec.max = 0;
	assert_int_equal(read_one(*state, spec, "n=9000000000").number[0], 9000000000);
	assert_string_equal(sentence(*state, spec, "n=x"), "Enter a whole number, in digits.");
}

static void id_is_positive(void **state)
{
	static const char *const bad[] = {"0", "-1", "01", "x", "9223372036854775808", "1;2"};
	struct field spec = {.name = "i", .type = FIELD_ID};
	assert_int_equal(read_one(*state, spec, "i=9223372036854775807").number[0], INT64_MAX);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_string_equal(
			sentence(*state, spec, arena_printf(*state, "i=%s", bad[i])),
			"Choose one of the options.");
}

static void flag_is_there_or_not(void **state)
{
	struct field spec = {.name = "f", .type = FIELD_FLAG};
	assert_int_equal(read_one(*state, spec, "f=on").number[0], 1);
	assert_int_equal(read_one(*state, spec, "f=").number[0], 1);
	assert_int_equal(read_one(*state, spec, "g=on").number[0], 0);
}

static void choice_is_one_of_the_list(void **state)
{
	static const char *const choices[] = {"name", "updated", NULL};
	struct field spec = {.name = "s", .type = FIELD_CHOICE, .choices = choices};
	struct fields f = read_one(*state, spec, "s=updated");
	assert_string_equal(f.text[0], "updated");
	assert_int_equal(f.number[0], 1);
	assert_string_equal(sentence(*state, spec, "s=Name"), "Choose one of the options.");
	assert_string_equal(sentence(*state, spec, "s=nam"), "Choose one of the options.");
	spec.choices = NULL;
	assert_string_equal(sentence(*state, spec, "s=name"), "Choose one of the options.");
}

static void only_what_is_declared_is_read(void **state)
{
	static const struct field spec[] = {
		{.name = "a", .type = FIELD_TEXT}, {.name = "b", .type = FIELD_TEXT, .max = 2}};
	struct request r = fake_request_of(*state, "POST", "/x?a=query", "role=admin&b=xyz");
	struct fields f;
	struct err e;
	assert_ok(fields_read(&r, spec, ARRAY_LEN(spec), &f, &e));
	assert_string_equal(f.text[0], "");
	assert_null(f.error[0]);
	assert_string_equal(f.error[1], "Use at most 2 characters.");
	assert_string_equal(f.typed[1], "xyz");
	assert_false(f.ok);
	r = fake_request_of(*state, "GET", "/x?a=query", "");
	assert_ok(fields_read(&r, spec, ARRAY_LEN(spec), &f, &e));
	assert_string_equal(f.text[0], "query");
	r = fake_request_of(*state, "HEAD", "/x?a=query", "");
	assert_ok(fields_read(&r, spec, ARRAY_LEN(spec), &f, &e));
	assert_string_equal(f.text[0], "query");
}

static void a_field_given_twice_is_malformed(void **state)
{
	static const struct form_pair pairs[] = {{"a", "1"}, {"a", "2"}};
	static const struct field spec = {.name = "a", .type = FIELD_TEXT};
	struct request r = fake_request_of(*state, "POST", "/x", "");
	struct fields f;
	struct err e;
	r.body = (struct form){pairs, 2};
	assert_fails(fields_read(&r, &spec, 1, &f, &e), ERR_MALFORMED);
}

static void a_handler_may_fail_a_field(void **state)
{
	struct field spec = {.name = "a", .type = FIELD_TEXT};
	struct fields f = read_one(*state, spec, "a=1");
	assert_true(f.ok);
	fields_fail(&f, 0, "This name is already in use.");
	assert_false(f.ok);
	assert_string_equal(f.error[0], "This name is already in use.");
	assert_string_equal(f.typed[0], "1");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(text_is_trimmed_and_put_back_as_typed),
		TEST(what_is_missing_is_asked_for),
		TEST(what_is_not_required_may_be_absent),
		TEST(lengths_are_in_code_points),
		TEST(every_type_has_a_limit_of_its_own),
		TEST(text_is_one_line),
		TEST(lines_end_in_lf),
		TEST(email_is_lenient_about_form),
		TEST(email_is_strict_about_bytes),
		TEST(email_has_254_bytes),
		TEST(password_is_as_typed_and_never_put_back),
		TEST(code_holds_letters_and_digits),
		TEST(int_is_strict),
		TEST(id_is_positive),
		TEST(flag_is_there_or_not),
		TEST(choice_is_one_of_the_list),
		TEST(only_what_is_declared_is_read),
		TEST(a_field_given_twice_is_malformed),
		TEST(a_handler_may_fail_a_field),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
