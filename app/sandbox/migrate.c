#include "sandbox/migrate.h"

#include "base/log.h"
#include "io/file.h"
#include "sandbox/claims.h"
#include "sandbox/fill.h"
#include "sandbox/stmt.h"

enum { MIGRATION_MAX = 256 * 1024 };

static const char migration_dir[] = "app/sandbox/sql/migrations";

static bool is_known(struct pg *db, const char *name, bool *known_r, struct err *e)
{
	struct pg_rows r;
	*known_r = false;
	if (!pg_query(db, SANDBOX_STMT_MIGRATION_TABLE, &r, e))
		return false;
	if (!pg_bool(&r, 0, 0))
		return true;
	if (!pg_query(db, SANDBOX_STMT_MIGRATION_KNOWN, &r, e, PG_TEXT(name)))
		return false;
	*known_r = r.n > 0;
	return true;
}

static bool apply(struct pg *db, struct arena *a, const char *name, struct err *e)
{
	struct str text;
	const char *path = arena_printf(a, "%s/%s", migration_dir, name);
	if (!file_read(a, path, MIGRATION_MAX, &text, e) ||
		!pg_script(db, str_dup(a, text), e) ||
		!pg_exec(db, SANDBOX_STMT_MIGRATION_NOTE, NULL, e, PG_TEXT(name)))
		return false;
	log_info("sandbox.migrated", log_text("migration", name));
	return true;
}

static bool apply_new(struct pg *db, struct arena *a, struct err *e)
{
	const char *const *names;
	size_t n;
	bool known;
	if (!file_list(a, migration_dir, ".sql", &names, &n, e))
		return false;
	for (size_t i = 0; i < n; i++)
		if (!is_known(db, names[i], &known, e) ||
			(!known && !apply(db, a, names[i], e)))
			return false;
	return true;
}

static bool fill_if_empty(struct pg *db, struct arena *a, struct err *e)
{
	struct pg_rows r;
	struct settings settings;
	if (!pg_query(db, SANDBOX_STMT_PRACTICE_IS_EMPTY, &r, e))
		return false;
	if (!pg_bool(&r, 0, 0))
		return true;
	return keys_add(db, a, e) && fill_tenants(db, e) && fault_settings(db, &settings, e) &&
	       fill_practices(db, &settings, e);
}

bool sandbox_migrate(struct pg *db, struct arena *a, struct err *e)
{
	struct pg_rows r;
	pg_use(db, a);
	return pg_begin(db, 0, e) && pg_query(db, SANDBOX_STMT_MIGRATION_LOCK, &r, e) &&
	       apply_new(db, a, e) && fill_if_empty(db, a, e) && pg_commit(db, e);
}
