#include "support/match_cases.h"

#include "store/clients.h"

/* Every row of the list, but for when it was made: numbers, fingerprints, contacts, order, history. */
const char *twins_rows(void)
{
	return db_ask(
		"SELECT string_agg(line, E'\\n' ORDER BY line) FROM ("
		" SELECT 'client ' || (to_jsonb(c) - 'created_at')::text AS line FROM client c"
		" UNION ALL SELECT 'contact ' || (to_jsonb(k) - 'created_at' - 'changed_at')::text FROM contact k"
		" UNION ALL SELECT 'link ' || (to_jsonb(l) - 'created_at')::text FROM client_contact l) x");
}

/* The same of the lines of history that matching itself did not write. */
const char *twins_history(void)
{
	return db_ask("SELECT string_agg(to_jsonb(h)::text, E'\\n' ORDER BY change_id)"
		      " FROM client_change h WHERE run_id IS NOT NULL OR by_name = 'By hand'");
}

/* The list as it was at a moment, from what sql/migrations/0006_undo.sql keeps. */
const char *twins_list_at(const char *moment)
{
	return db_ask(arena_printf(g.home,
		"SELECT string_agg(client_id || name || coalesce(xpm_id::text, '-'), ' ' ORDER BY client_id) FROM ("
		" SELECT DISTINCT ON (client_id) client_id, name, xpm_id, created_at FROM ("
		"  SELECT client_id, name, xpm_id, created_at, until FROM client_was WHERE until > '%s'"
		"  UNION ALL SELECT client_id, name, xpm_id, created_at, 'infinity' FROM client) v"
		" ORDER BY client_id, until) x WHERE created_at <= '%s'",
		moment, moment));
}

/* What a person sees of XPM's clients: the picture without contacts by hand, which have no XPM id in it. */
const char *twins_synced(void)
{
	struct str all = str_of(world_picture(d.org)), line;
	struct buf out;
	buf_init(&out, g.home, SIZE_MAX);
	while (str_next(&all, '\n', &line))
		if (!str_starts(line, "contact|Hand|") && !str_starts(line, "link|t|"))
			buf_printf(&out, "%.*s\n", (int)line.n, line.p);
	return out.data;
}

int64_t twins_by_hand(const char *name, const char *email)
{
	int64_t id = 0;
	struct err e;
	const struct client_edit c = {.name = name,
		.status = "client",
		.contact_name = email == NULL ? "" : "Hand",
		.email = email == NULL ? "" : email,
		.phone = ""};
	assert_ok(clients_add(d.web, d.org, &c, &id, &e));
	(void)db_do(arena_printf(g.home,
		"INSERT INTO client_change (org_id, client_id, by_name, field, new)"
		" VALUES (1001, %lld, 'By hand', 'client', 'x')",
		(long long)id));
	return id;
}

int64_t twins_client_of(int xpm)
{
	return db_number(
		arena_printf(g.home, "SELECT client_id FROM client WHERE xpm_id = '%s'",
			stub_uuid(g.home, 'c', xpm)));
}

const struct match_by *twins_ada(void)
{
	static struct match_by by;
	by = (struct match_by){d.org, d.admin, "Ada"};
	return &by;
}

void twins_ask(int64_t hand, int64_t twin)
{
	struct err e;
	assert_ok(pg_begin(d.web, d.org, &e));
	assert_ok(match_ask(d.web, twins_ada(), hand, twin, &e));
	assert_ok(pg_commit(d.web, &e));
}

int64_t twins_newest_pair(void)
{
	return db_number("SELECT pair_id FROM client_pair ORDER BY pair_id DESC LIMIT 1");
}

void twins_wish(int64_t pair, enum pair_wish what)
{
	struct err e;
	assert_ok(pg_begin(d.web, d.org, &e));
	assert_ok(pair_decide(d.web, twins_ada(), pair, what, &e));
	assert_ok(pg_commit(d.web, &e));
}

void twins_only_match_jobs(void)
{
	(void)db_do("UPDATE job SET due_at = now() + interval '1 day' WHERE kind <> 'match'");
	assert_true(world_work() > 0);
}
