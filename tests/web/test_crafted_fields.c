/* Every route of the table times every field that it declares times every bad value times who asks. */
#include "pages/gate.h"
#include "support/crafted.h"

static struct crafted_world w;

/* A return from Xero that nobody waits for is told to the admins, with or without nonsense in it. */
static bool tells_admins(const struct route *r)
{
	return strcmp(r->pattern, "/oauth/xero/callback") == 0;
}

/* What is good enough to be taken goes without the token, so that nothing is taken. */
static void try_value(const struct route *r, size_t field, const char *raw, bool bad)
{
	const char *uri = crafted_address(&w, r), *form = crafted_form(r, field, raw);
	if (r->method == METHOD_GET)
		uri = arena_printf(site.arena, "%s?%s", uri, form);
	for (int who = 0; who < CRAFTED_WHO__MAX; who++) {
		int status = crafted_ask(&w, (enum crafted_who)who, r, uri, NULL, form, bad);
		if (r->method == METHOD_POST && (status < 300 || status > 499))
			fail_msg("POST %s, %s=%.100s: %d", r->pattern, r->fields[field].name,
				raw, status);
	}
}

static void try_lengths(const struct route *r, size_t field)
{
	static const char *const pieces[] = {"a", "%C3%A9", "%F0%9F%A5%9D", "%22", "+x"};
	for (size_t i = 0; i < ARRAY_LEN(pieces); i++) {
		const char *raw = crafted_too_long(&r->fields[field], pieces[i]);
		if (raw != NULL)
			try_value(r, field, raw, true);
	}
}

static void try_field(const struct route *r, size_t field)
{
	const struct field *f = &r->fields[field];
	crafted_sign_in(&w);
	for (size_t i = 0; i < crafted_values_count; i++)
		try_value(
			r, field, crafted_values[i].raw, crafted_is_bad(&crafted_values[i], f));
	try_lengths(r, field);
	if (f->required)
		try_value(r, field, "", true);
	/* Given twice, which value would count? Neither. */
	try_value(r, field, arena_printf(site.arena, "1&%s=1", f->name), true);
}

static void no_bad_value_does_anything(void **state)
{
	(void)state;
	crafted_begin(&w);
	for (size_t i = 0; i < routes_count; i++) {
		const struct route *r = &routes_table[i];
		const char *before = crafted_state();
		for (size_t k = 0; k < r->n_fields; k++)
			try_field(r, k);
		if (!tells_admins(r))
			crafted_same(before, r->pattern);
	}
	crafted_end(&w, "fields");
}

/* What is only strange is taken where it is text; what it may never do is reach beyond its own firm. */
static void strange_texts_stay_at_home(void **state)
{
	(void)state;
	crafted_begin(&w);
	const char *away = sql_state_of(w.away.org_id, 0);
	for (size_t i = 0; i < routes_count; i++) {
		const struct route *r = &routes_table[i];
		/* The log-in's fields are no text that is kept. */
		if (r->method != METHOD_POST || r->gates & GATE_OPEN)
			continue;
		for (size_t k = 0; k < r->n_fields; k++)
			for (size_t v = 0; v < crafted_values_count; v++) {
				if (crafted_is_bad(&crafted_values[v], &r->fields[k]))
					continue;
				if (v % 8 == 0)
					crafted_sign_in(&w);
				const char *form = crafted_form(r, k, crafted_values[v].raw);
				(void)crafted_ask(&w, CRAFTED_ADMIN, r, crafted_address(&w, r),
					NULL, form, true);
			}
	}
	assert_string_equal(sql_state_of(w.away.org_id, 0), away);
	crafted_end(&w, "strange texts");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(no_bad_value_does_anything),
		SITE_TEST(strange_texts_stay_at_home),
	};
	return site_run(tests);
}
