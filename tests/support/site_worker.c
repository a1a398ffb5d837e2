#include "support/site_worker.h"

#include "base/clock.h"
#include "store/stmt.h"
#include "support/site_test.h"
#include "worker/worker.h"

#include <stdlib.h>

int site_work(const char *kind)
{
	const char *url = getenv("GAP_TEST_PG");
	struct arena *home = arena_new();
	const struct worker_settings set = {.version = "test"};
	struct worker w = {.home = home, .arena = arena_new(), .set = &set, .clock = clock_now};
	struct err e;
	int n = 0, wait_s = 0;
	url = arena_printf(home, "%s%sdbname=%s&user=gap_worker", url,
		strchr(url, '?') == NULL ? "?" : "&", site.database);
	w.db = pg_new(home, url, "test-worker", stmt_table, STMT__MAX);
	w.beat = pg_new(home, url, "test-worker", stmt_table, STMT__MAX);
	(void)snprintf(w.name, sizeof w.name, "site-worker");
	sql_do("UPDATE job SET due_at = now() + interval '1 day' WHERE kind <> %s",
		sql_quoted(kind));
	sql_do("UPDATE job SET due_at = now() WHERE kind = %s", sql_quoted(kind));
	for (bool did = true; did; n += did)
		assert_ok(worker_step(&w, &did, &wait_s, &e));
	arena_free(&w.arena);
	arena_free(&home);
	return n;
}
