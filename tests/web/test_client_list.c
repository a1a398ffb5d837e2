/* The list of clients: pages, search, filters, CSV. */
#include "support/site_test.h"

enum { MANY = 120 };

#define NAME_100 \
	"WWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWW"
#define NAME_1000                                                                        \
	NAME_100 NAME_100 NAME_100 NAME_100 NAME_100 NAME_100 NAME_100 NAME_100 NAME_100 \
		NAME_100

/* What a practice may call its clients. */
static const char *const hostile[] = {
	"<script>alert(1)</script>",
	"\"><img src=x onerror=alert(1)>",
	"O'Brien & \"Sons\" ]]> {{name}} <% %>",
	"\xE2\x80\xAE"
	"evirdrevo \xD7\xA9\xD7\x9C\xD7\x95\xD7\x9D",
	"100% sure? a=b&c=d#e+f;g",
	"%n%s%x %2541",
	"\xF0\x9F\xA5\x9D Kiwi \xE2\x80\x8D\xE2\x80\x8B Ltd",
	"Z\xCC\x88\xCC\x81\xCC\x82\xCC\x83 combined",
	"line\xE2\x80\xA8"
	"separator",
	"Same name",
	"Same name",
	"Same name",
	NAME_1000,
	NAME_1000 "\xC3\xA9",
	"javascript:alert(1)",
	"=1+1",
	"+64 21",
	"-dash",
	"@home",
	"\xE6\x9D\xB1\xE4\xBA\xAC \xE6\xA0\xAA",
};

static void settle(struct firm *f, struct browser *b)
{
	firm_make(f);
	person_enrol(&f->member);
	person_enrol(&f->admin);
	*b = (struct browser){0};
	browser_enter(b, &f->member, 2);
}

/* The hostile ones, and others up to MANY; all synced. */
static void fill(const struct firm *f)
{
	for (size_t i = 0; i < ARRAY_LEN(hostile); i++)
		(void)firm_client(f, hostile[i], true);
	sql_do("INSERT INTO client (org_id, tenant_id, xpm_id, name, search, flags) SELECT %lld,"
	       " '" SITE_TENANT "', gen_random_uuid(), 'Client ' || i, 'client ' || i, 8"
	       " FROM generate_series(1, %d) i",
		(long long)f->org_id, MANY - (int)ARRAY_LEN(hostile));
}

/* ",1,5,3": the ids on the page, in its order. */
static const char *ids_on(const struct fcgi_answer *r)
{
	static const char mark[] =
		"<th scope=\"row\" data-label=\"Client\"><a href=\"/clients/";
	struct buf b;
	buf_init(&b, site.arena, 65536);
	for (const char *at = r->body.p; (at = strstr(at, mark)) != NULL;) {
		at += strlen(mark);
		buf_printf(&b, ",%.*s", (int)strcspn(at, "\""), at);
	}
	return b.data;
}

/* Where Next or Previous leads; NULL when it is not there. */
static const char *turn(const struct fcgi_answer *r, const char *rel)
{
	const char *end = strstr(r->body.p, arena_printf(site.arena, "rel=\"%s\"", rel));
	if (end == NULL)
		return NULL;
	const char *at = end;
	while (strncmp(at, "href=\"", 6) != 0)
		at--;
	at += 6;
	struct buf b;
	buf_init(&b, site.arena, 65536);
	for (size_t i = 0, n = strcspn(at, "\""); i < n; i++) {
		buf_addc(&b, at[i]);
		if (strncmp(at + i, "&amp;", 5) == 0)
			i += 4;
	}
	return b.data;
}

/* All ids from this page on, in the order of the list. */
static const char *walk(
	struct browser *b, const char *uri, const char *rel, const char **last_r)
{
	const char *all = "";
	bool forth = strcmp(rel, "next") == 0;
	for (int pages = 0; uri != NULL; pages++) {
		assert_true(pages < 10);
		struct fcgi_answer r = browse(b, uri);
		assert_status(r, 200);
		*last_r = uri;
		const char *ids = ids_on(&r);
		all = arena_printf(site.arena, "%s%s", forth ? all : ids, forth ? ids : all);
		uri = turn(&r, rel);
	}
	return all;
}

static void there_and_back_by(struct browser *b, const struct firm *f, const char *from,
	const char *condition, const char *order)
{
	const char *last, *first;
	const char *want = sql_text("SELECT ',' || string_agg(client_id::text, ',' ORDER BY %s)"
				    " FROM client WHERE org_id = %lld AND %s",
		order, (long long)f->org_id, condition);
	assert_string_equal(walk(b, from, "next", &last), want);
	assert_string_equal(walk(b, last, "prev", &first), want);
}

static void there_and_back(
	struct browser *b, const struct firm *f, const char *from, const char *condition)
{
	there_and_back_by(b, f, from, condition, "name, client_id");
}

static void pages_lose_and_repeat_nobody(void **state)
{
	struct firm f;
	struct browser b;
	(void)state;
	settle(&f, &b);
	firm_connect(&f, "live", NULL);
	fill(&f);
	there_and_back(&b, &f, "/clients", "true");
	there_and_back(&b, &f, "/clients?filter=attention", "flags <> 0");
	there_and_back(&b, &f, "/clients?q=client", "search LIKE '%client%'");
	sql_do("UPDATE client SET archived_at = now() WHERE org_id = %lld",
		(long long)f.org_id);
	there_and_back(&b, &f, "/clients?filter=archived", "true");
	assert_has(browse(&b, "/clients"), "No clients came from XPM");
}

/* A page may begin or end with any of them. */
static void every_name_can_stand_at_the_edge(void **state)
{
	struct firm f;
	struct browser b;
	(void)state;
	settle(&f, &b);
	for (size_t i = 0; i < ARRAY_LEN(hostile); i++) {
		sql_do("DELETE FROM client WHERE org_id = %lld", (long long)f.org_id);
		sql_do("INSERT INTO client (org_id, name) SELECT %lld, %s FROM generate_series(1, 60)",
			(long long)f.org_id, sql_quoted(hostile[i]));
		there_and_back(&b, &f, "/clients", "true");
	}
}

static void names_are_text_and_nothing_else(void **state)
{
	struct firm f;
	struct browser b;
	(void)state;
	settle(&f, &b);
	for (size_t i = 0; i < ARRAY_LEN(hostile); i++) {
		int64_t id = firm_client(&f, hostile[i], false);
		struct fcgi_answer list = browse(&b, "/clients");
		struct fcgi_answer view =
			browse(&b, arena_printf(site.arena, "/clients/%lld", (long long)id));
		assert_status(view, 200);
		assert_has(list, hostile[i]);
		assert_has(view, hostile[i]);
		struct fcgi_answer pages[] = {list, view};
		for (size_t k = 0; k < ARRAY_LEN(pages); k++) {
			assert_null(strstr(pages[k].body.p, "<script>"));
			assert_null(strstr(pages[k].body.p, "<img src=x"));
			assert_null(strstr(pages[k].body.p, "href=\"javascript:"));
		}
		sql_do("UPDATE client SET archived_at = now() WHERE org_id = %lld",
			(long long)f.org_id);
	}
}

/* A name that turns the direction of writing turns only its own. */
static void fault_35_a_name_is_isolated_wherever_it_is_shown(void **state)
{
	static const char *const names[] = {"\xE2\x80\xAEgnirts desrever",
		"\xD7\xA0\xD7\x95\xD7\xA2\xD7\x94 (Ltd) 42", "Ze\xE2\x80\x8Bro",
		"Storm\xCC\x81\xCC\xA7\xCC\x81\xCC\xA7\xCC\x81\xCC\xA7"};
	struct firm f;
	struct browser b;
	(void)state;
	settle(&f, &b);
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		int64_t id = firm_client(&f, names[i], false);
		const char *alone = arena_printf(site.arena, "<bdi>%s</bdi>", names[i]);
		struct fcgi_answer list = browse(&b, "/clients");
		struct fcgi_answer view =
			browse(&b, arena_printf(site.arena, "/clients/%lld", (long long)id));
		assert_has(list, alone);
		assert_has(view, alone);
	}
}

static void odd_places_in_the_list_are_harmless(void **state)
{
	static const char *const pages[] = {"/clients?after=1&from=zzzzzz",
		"/clients?before=1&from=", "/clients?before=1&from=!",
		"/clients?after=9223372036854775807&from=%F0%9F%A5%9D", "/clients?after=1",
		"/clients?before=1", "/clients?from=x", "/clients?after=1&before=1&from=m",
		"/clients?q=x&before=1&from=a", "/clients?filter=archived&after=5&from=a",
		"/clients?watch=1", "/clients?watch=9223372036854775807", "/clients?unknown=1"};
	static const char *const bad[] = {"/clients?after=x", "/clients?before=-1",
		"/clients?after=99999999999999999999", "/clients?filter=nonsense",
		"/clients?watch=1e3"};
	struct firm f;
	struct browser b;
	(void)state;
	settle(&f, &b);
	(void)firm_client(&f, "Middle", false);
	for (size_t i = 0; i < ARRAY_LEN(pages); i++)
		assert_status(browse(&b, pages[i]), 200);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_goes(browse(&b, bad[i]), "/clients");
}

static void search_finds_names_contacts_and_numbers(void **state)
{
	static const char *const words[][2] = {
		{"o'brien & \"sons\"", "O'Brien"},
		{"O'BRIEN", "O'Brien"},
		{"<script>", "<script>alert(1)</script>"},
		{"\xE2\x80\xAE"
		 "evird",
			"evirdrevo"},
		{"\xE6\x9D\xB1\xE4\xBA\xAC", "\xE6\x9D\xB1\xE4\xBA\xAC"},
		{"100%", "100% sure?"},
		{"{{name}}", "{{name}}"},
		{"  kiwi  ", "Kiwi"},
		{"contact of kiwi", "Kiwi"},
		{"=1+1", "=1+1"},
	};
	struct firm f;
	struct browser b;
	(void)state;
	settle(&f, &b);
	firm_connect(&f, "live", NULL);
	sql_do("UPDATE organisation SET mfa_required_at = NULL WHERE org_id = %lld",
		(long long)f.org_id);
	fill(&f);
	sql_do("UPDATE client SET search = lower('%s') WHERE org_id = %lld AND name LIKE '%%Kiwi%%'",
		"\xF0\x9F\xA5\x9D kiwi contact of kiwi kiwi@client.example +64 21 999",
		(long long)f.org_id);
	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		struct fcgi_answer r = browse(&b, arena_printf(site.arena, "/clients?%s",
							  form_of("q", words[i][0], NULL)));
		assert_status(r, 200);
		assert_has(r, words[i][1]);
		assert_has_not(r, "Client 1");
		assert_null(strstr(r.body.p, "<script>"));
	}
	assert_has(browse(&b, "/clients?q=kiwi%40client"), "Kiwi");
	assert_has(browse(&b, "/clients?q=21+999"), "Kiwi");
	/* Wild cards of LIKE are letters here. */
	static const char *const none[] = {"%25%25%25", "____", "%5C", "c_ient", "cl%25nt"};
	for (size_t i = 0; i < ARRAY_LEN(none); i++)
		assert_has(browse(&b, arena_printf(site.arena, "/clients?q=%s", none[i])),
			"No clients match");
}

static void what_was_searched_for_stays_in_its_field(void **state)
{
	static const char *const words[] = {"\"><script>x</script>", "a & b", "'",
		"\xE2\x80\xAE"
		"x",
		"{{words}}"};
	struct firm f;
	struct browser b;
	(void)state;
	settle(&f, &b);
	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		struct fcgi_answer r = browse(&b,
			arena_printf(site.arena, "/clients?%s", form_of("q", words[i], NULL)));
		assert_string_equal(answer_input(&r, "q"), words[i]);
		assert_has(r, "No clients match");
		assert_null(strstr(r.body.p, "<script>x"));
	}
	assert_goes(browse(&b, "/clients?q=" NAME_100 "W"), "/clients");
	assert_goes(browse(&b, "/clients?q=a%0Ab"), "/clients");
	assert_has(browse(&b, "/clients?q="), "No clients yet");
}

static void filters_filter(void **state)
{
	struct firm f;
	struct browser b;
	(void)state;
	settle(&f, &b);
	firm_connect(&f, "live", NULL);
	(void)firm_client(&f, "Fine", true);
	int64_t none = firm_client(&f, "Without contact", true);
	int64_t two = firm_client(&f, "Two primaries", true);
	int64_t gone = firm_client(&f, "Gone", true);
	sql_do("UPDATE client SET flags = 8, primary_contact_id = NULL WHERE client_id = %lld",
		(long long)none);
	sql_do("UPDATE client SET flags = 4 WHERE client_id = %lld", (long long)two);
	sql_do("UPDATE client SET archived_at = now(), archived_reason = 'archived_in_xpm' WHERE"
	       " client_id = %lld",
		(long long)gone);
	const char *const filters[][2] = {
		{"/clients",
			arena_printf(site.arena, "%lld,%lld", (long long)two, (long long)none)},
		{"/clients?filter=no-primary",
			arena_printf(site.arena, "%lld", (long long)none)},
		{"/clients?filter=attention",
			arena_printf(site.arena, "%lld,%lld", (long long)two, (long long)none)},
		{"/clients?filter=archived", arena_printf(site.arena, "%lld", (long long)gone)},
	};
	for (size_t i = 0; i < ARRAY_LEN(filters); i++) {
		struct fcgi_answer r = browse(&b, filters[i][0]);
		const char *ids = ids_on(&r);
		if (i > 0)
			assert_string_equal(ids + 1, filters[i][1]);
		else
			assert_non_null(strstr(ids, filters[i][1]));
		assert_non_null(strstr(r.body.p, "aria-current=\"true\""));
	}
	struct fcgi_answer r = browse(&b, "/clients?filter=attention");
	assert_has(r, "No Primary Contact");
	assert_has(r, "Two primary contacts");
	assert_has(r, "View only");
	/* Searching keeps the filter. */
	assert_string_equal(answer_input(&r, "filter"), "attention");
}

static const char *csv(struct browser *b, const char *uri)
{
	struct fcgi_answer r = browse(b, uri);
	assert_status(r, 200);
	assert_string_equal(
		fcgi_answer_header(site.arena, &r, "Content-Type"), "text/csv; charset=utf-8");
	assert_string_equal(fcgi_answer_header(site.arena, &r, "Content-Disposition"),
		"attachment; filename=\"clients.csv\"");
	return str_dup(site.arena, r.body);
}

static size_t lines(const char *text)
{
	size_t n = 0;
	for (; (text = strstr(text, "\r\n")) != NULL; text += 2)
		n++;
	return n;
}

static void csv_holds_all_and_disarms_formulas(void **state)
{
	static const char *const rows[] = {"\r\n'=1+1,", "\r\n'+64 21,", "\r\n'-dash,",
		"\r\n'@home,", "\r\n\"O'Brien & \"\"Sons\"\" ]]> {{name}} <% %>\",",
		"\r\n<script>alert(1)</script>,"};
	struct firm f;
	struct browser b;
	(void)state;
	settle(&f, &b);
	firm_connect(&f, "live", NULL);
	fill(&f);
	const char *all = csv(&b, "/clients.csv");
	assert_int_equal(strncmp(all, "Client,Name,Email,Phone,Status,Source\r\n", 39), 0);
	assert_int_equal(lines(all), MANY + 1);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (strstr(all, rows[i]) == NULL)
			fail_msg("the export has no %s", rows[i] + 2);
	/* Numbers begin with a plus. */
	assert_non_null(strstr(all, ",'+64 21 555 "));
	assert_non_null(strstr(all, "No Primary Contact"));
	assert_int_equal(lines(csv(&b, "/clients.csv?filter=no-primary")),
		MANY - ARRAY_LEN(hostile) + 1);
	assert_int_equal(lines(csv(&b, "/clients.csv?filter=archived")), 1);
	assert_int_equal(
		sql_int("SELECT count(*) FROM audit_event WHERE org_id = %lld AND event ="
			" 'clients.exported' AND result = 'ok'",
			(long long)f.org_id),
		3);
}

/* XPM's, by hand, prospects, archived, some in need of a hand; many of them changed at one moment. */
static void fill_all_sorts(const struct firm *f)
{
	fill(f);
	sql_do("UPDATE client SET flags = CASE client_id %% 5 WHEN 0 THEN 0 WHEN 1 THEN 4 ELSE 8 END,"
	       " changed_at = timestamptz '2026-01-01' + client_id %% 7 * interval '1 minute'"
	       " WHERE org_id = %lld",
		(long long)f->org_id);
	sql_do("INSERT INTO client (org_id, name, status, search, flags) SELECT %lld, 'Client of hand ' || i,"
	       " CASE WHEN i %% 2 = 0 THEN 'client' ELSE 'prospect' END, 'client of hand ' || i, i %% 3"
	       " FROM generate_series(1, 130) i",
		(long long)f->org_id);
	sql_do("UPDATE client SET archived_at = now() WHERE org_id = %lld AND client_id %% 3 = 0",
		(long long)f->org_id);
	sql_do("INSERT INTO client_look (org_id, user_id, mark) VALUES (%lld, %lld, '2000-01-01')",
		(long long)f->org_id, (long long)f->member.user_id);
	sql_do("INSERT INTO client_change (org_id, client_id, field, old, new, by_name) SELECT org_id,"
	       " client_id, 'name', 'x', 'y', 'Else' FROM client WHERE org_id = %lld AND client_id %% 2 = 0",
		(long long)f->org_id);
}

/* Every order under every filter, with and without words. */
static void every_order_is_kept_from_page_to_page(void **state)
{
	static const char *const orders[][2] = {{"", "name, client_id"},
		{"name-down", "name DESC, client_id DESC"},
		{"changed", "changed_at DESC, name, client_id"},
		{"source", "xpm_id IS NOT NULL, status DESC, name, client_id"}};
	static const char *const filters[][2] = {{"all", "archived_at IS NULL"},
		{"no-primary", "archived_at IS NULL AND flags & 11 <> 0"},
		{"attention", "archived_at IS NULL AND flags <> 0"},
		{"archived", "archived_at IS NOT NULL"},
		{"xpm", "archived_at IS NULL AND xpm_id IS NOT NULL"},
		{"by-hand", "archived_at IS NULL AND xpm_id IS NULL"},
		{"prospects", "archived_at IS NULL AND status = 'prospect'"},
		{"since", "client_id % 2 = 0"},
		{"all&q=client", "archived_at IS NULL AND search LIKE '%client%'"},
		{"archived&q=client", "archived_at IS NOT NULL AND search LIKE '%client%'"}};
	struct firm f;
	struct browser b;
	(void)state;
	settle(&f, &b);
	fill_all_sorts(&f);
	for (size_t i = 0; i < ARRAY_LEN(orders); i++)
		for (size_t k = 0; k < ARRAY_LEN(filters); k++)
			there_and_back_by(&b, &f,
				arena_printf(site.arena, "/clients?sort=%s&filter=%s",
					orders[i][0], filters[k][0]),
				filters[k][1], orders[i][1]);
}

static void first_in_csv(struct browser *b, const struct firm *f, const char *uri,
	const char *condition, const char *order)
{
	const char *first =
		sql_text("SELECT name || ',' FROM client WHERE org_id = %lld AND"
			 " archived_at IS NULL AND name ~ '^Client' AND %s ORDER BY %s LIMIT 1",
			(long long)f->org_id, condition, order);
	const char *text = strstr(csv(b, uri), "\r\nClient");
	assert_non_null(text);
	assert_int_equal(strncmp(text + 2, first, strlen(first)), 0);
}

static void the_order_stays_with_filters_and_export(void **state)
{
	struct firm f;
	struct browser b;
	(void)state;
	settle(&f, &b);
	fill_all_sorts(&f);
	struct fcgi_answer r = browse(&b, "/clients?sort=changed&q=client");
	assert_has(r, "href=\"/clients?filter=archived&amp;sort=changed\"");
	assert_has(r, "href=\"/clients.csv?sort=changed&amp;q=client\"");
	assert_has(r, "<option value=\"changed\" selected>Last changed</option>");
	assert_has(r, "data-label=\"Last changed\"");
	assert_goes(browse(&b, "/clients?sort=nonsense"), "/clients");
	assert_goes(browse(&b, "/clients?sort=source&after=1&rank=x"), "/clients");
	assert_status(browse(&b, "/clients?sort=source&after=1&rank=9223372036854775807"), 200);
	first_in_csv(&b, &f, "/clients.csv?sort=name-down&filter=by-hand", "xpm_id IS NULL",
		"name DESC");
	first_in_csv(&b, &f, "/clients.csv?sort=source&q=client", "xpm_id IS NULL",
		"status DESC, name");
	first_in_csv(&b, &f, "/clients.csv?sort=changed&filter=xpm", "xpm_id IS NOT NULL",
		"changed_at DESC, name");
}

static void a_long_export_is_streamed_whole(void **state)
{
	struct firm f;
	struct browser b;
	(void)state;
	settle(&f, &b);
	sql_do("INSERT INTO client (org_id, name) SELECT %lld, 'A long name to fill the file ' || i"
	       " FROM generate_series(1, 5000) i",
		(long long)f.org_id);
	assert_int_equal(lines(csv(&b, "/clients.csv")), 5001);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(pages_lose_and_repeat_nobody),
		SITE_TEST(every_name_can_stand_at_the_edge),
		SITE_TEST(names_are_text_and_nothing_else),
		SITE_TEST(fault_35_a_name_is_isolated_wherever_it_is_shown),
		SITE_TEST(odd_places_in_the_list_are_harmless),
		SITE_TEST(search_finds_names_contacts_and_numbers),
		SITE_TEST(what_was_searched_for_stays_in_its_field),
		SITE_TEST(filters_filter),
		SITE_TEST(csv_holds_all_and_disarms_formulas),
		SITE_TEST(every_order_is_kept_from_page_to_page),
		SITE_TEST(the_order_stays_with_filters_and_export),
		SITE_TEST(a_long_export_is_streamed_whole),
	};
	return site_run(tests);
}
