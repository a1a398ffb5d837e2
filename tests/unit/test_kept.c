/* The table of what is kept of XPM's answer, against the parser that reads it. */
#include <ctype.h>
#include <stdlib.h>

#include "codec/json.h"
#include "codec/xml.h"
#include "core/kept.h"
#include "xpm_told.h"

#define MARK	    "a5d1c6f0-0000-4000-8000-00000000beef"
#define MARK_SECOND "a5d1c6f0-0000-4000-8000-00000000cafe"

static const char *read_back(struct arena *a, const char *in_client, const char *in_contact)
{
	enum err_kind kind = ERR_NONE;
	const char *doc = arena_printf(a,
		"<Response><Status>OK</Status><Clients><Client>%s<Contacts><Contact>%s</Contact>"
		"</Contacts></Client></Clients></Response>",
		in_client, in_contact);
	const char *text = told(a, XPM_LIST, "text/xml", str_of(doc), SPLIT_NONE, &kind);
	assert_int_equal(kind, ERR_NONE);
	return text;
}

/* What the parser hands on when this one element says something, against nothing at all. */
static bool is_read(struct arena *a, const char *of, const char *name, const char *value)
{
	const char *element = arena_printf(a, "<%s>%s</%s>", name, value, name);
	bool client = strcmp(of, "Client") == 0;
	const char *with = read_back(a, client ? element : "", client ? "" : element);
	return strcmp(with, read_back(a, "", "")) != 0;
}

static void the_parser_reads_what_the_table_says_and_nothing_else(void **state)
{
	struct arena *a = *state;
	for (size_t i = 0; i < kept_count; i++) {
		const struct kept_field *f = &kept_table[i];
		struct str rest = str_of(f->names), one;
		while (str_next(&rest, ',', &one)) {
			const char *name = str_dup(a, str_trim(one));
			bool read =
				is_read(a, f->of, name, MARK) || is_read(a, f->of, name, "Yes");
			if (read != (f->how != KEPT_NEVER))
				fail_msg("%s/%s: the parser %s it", f->of, name,
					read ? "reads" : "does not read");
		}
	}
}

static void of_phone_and_mobile_both_are_read_and_other_names_are_not(void **state)
{
	struct arena *a = *state;
	assert_true(is_read(a, "Contact", "Mobile", MARK_SECOND));
	assert_false(is_read(a, "Contact", "BankName", MARK));
	assert_false(is_read(a, "Client", "Mobile", MARK));
}

static void a_stored_field_names_its_column_and_no_other_does(void **state)
{
	(void)state;
	for (size_t i = 0; i < kept_count; i++) {
		const struct kept_field *f = &kept_table[i];
		assert_int_equal(f->column != NULL, f->how == KEPT_STORED);
		assert_true(f->words[0] != '\0' && f->why[0] != '\0');
	}
}

static void no_name_stands_twice(void **state)
{
	struct arena *a = *state;
	for (size_t i = 0; i < kept_count; i++) {
		struct str rest = str_of(kept_table[i].names), one;
		while (str_next(&rest, ',', &one))
			assert_ptr_equal(kept_find(kept_table[i].of, str_dup(a, str_trim(one))),
				&kept_table[i]);
	}
	assert_null(kept_find("Client", "Nonsense"));
}

/* --- every element that was ever recorded stands in the table ------------------------------------- */

struct walk {
	struct arena *a;
	size_t depth;
	const char *path[16];
	int64_t met;
};

static void meet(struct walk *w, const char *of, const char *name)
{
	w->met++;
	if (kept_find(of, name) == NULL && strcmp(name, "Contacts") != 0)
		fail_msg("XPM sends %s/%s, and the table does not say what becomes of it", of,
			name);
}

static bool open_element(
	void *user, const char *name, const char *const *attributes, struct err *e)
{
	struct walk *w = user;
	(void)attributes, (void)e;
	const char *in = w->depth == 0 ? "" : w->path[w->depth - 1];
	const char *above = w->depth < 2 ? "" : w->path[w->depth - 2];
	bool at_client = strcmp(in, "Client") == 0 &&
			 (strcmp(above, "Clients") == 0 || strcmp(above, "Response") == 0);
	if (at_client || (strcmp(in, "Contact") == 0 && strcmp(above, "Contacts") == 0))
		meet(w, in, name);
	w->path[w->depth++] = arena_strdup(w->a, name);
	return true;
}

static bool close_element(void *user, const char *name, struct err *e)
{
	struct walk *w = user;
	(void)name, (void)e;
	w->depth--;
	return true;
}

static bool leave_text(void *user, const char *name, struct str text, struct err *e)
{
	(void)user, (void)name, (void)text, (void)e;
	return true;
}

static const char *payload(struct arena *a, const char *name)
{
	const char *folder = getenv("GAP_XPM_DATA");
	const char *path = arena_printf(a, "%s/ignitionapp-xpm_ruby/%s.json",
		folder == NULL ? "../shared/data/xpm" : folder, name);
	struct str file = told_file(a, path);
	if (file.n == 0)
		return NULL;
	struct err e = {0};
	const struct json *root = NULL;
	assert_true(json_parse(a, file, &root, &e));
	return json_text(json_get(json_get(json_at(root, 0), "response"), "body"));
}

static void every_recorded_element_is_in_the_table(void **state)
{
	struct arena *a = *state;
	struct err e = {0};
	const char *body = payload(a, "client__list");
	if (body == NULL)
		skip();
	struct walk w = {.a = a};
	const struct xml_handler handler = {open_element, close_element, leave_text, &w};
	struct xml *x = xml_new(a, (struct xml_limits){16, 16, 1 << 20}, &handler);
	if (!xml_feed(x, body, strlen(body), &e) || !xml_end(x, &e))
		fail_msg("%s", e.text);
	assert_true(w.met > 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_parser_reads_what_the_table_says_and_nothing_else),
		TEST(of_phone_and_mobile_both_are_read_and_other_names_are_not),
		TEST(a_stored_field_names_its_column_and_no_other_does),
		TEST(no_name_stands_twice),
		TEST(every_recorded_element_is_in_the_table),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
