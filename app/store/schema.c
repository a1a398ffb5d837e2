#include "store/schema.h"

#include "codec/hash.h"
#include "base/log.h"
#include "io/file.h"
#include "store/stmt.h"

enum { FILE_MAX = 4 * 1024 * 1024 };

struct migration {
	int64_t version;
	const char *file;
	struct str text;
	unsigned char checksum[HASH_BYTES];
};

struct set {
	struct migration *items;
	size_t n;
};

static struct str sum_of(const struct migration *m)
{
	return (struct str){(const char *)m->checksum, HASH_BYTES};
}

/* The number in "0002_clients.sql": four digits. */
static int64_t version_of(const char *file)
{
	int64_t version = 0;
	for (int i = 0; i < 4; i++) {
		if (file[i] < '0' || file[i] > '9')
			return -1;
		version = version * 10 + (file[i] - '0');
	}
	return file[4] == '_' ? version : -1;
}

static bool read_file(struct arena *a, const char *dir, struct migration *m, struct err *e)
{
	if (!file_read(a, arena_printf(a, "%s/%s", dir, m->file), FILE_MAX, &m->text, e))
		return false;
	hash_sha256(m->text.p, m->text.n, m->checksum);
	return true;
}

static bool read_set(struct arena *a, const char *dir, struct set *set_r, struct err *e)
{
	const char *const *names;
	size_t n;
	if (!file_list(a, dir, ".sql", &names, &n, e))
		return false;
	if (n == 0)
		return err_set(e, ERR_CONFIG, "There is no migration in %s.", dir);
	*set_r = (struct set){arena_array(a, struct migration, n), n};
	for (size_t i = 0; i < n; i++) {
		struct migration *m = &set_r->items[i];
		*m = (struct migration){.version = version_of(names[i]), .file = names[i]};
		if (m->version != (int64_t)i + 1)
			return err_set(e, ERR_CONFIG,
				"The migrations in %s have a gap or a double: %s stands where"
				" number %zu belongs.",
				dir, names[i], i + 1);
		if (!read_file(a, dir, m, e))
			return false;
	}
	return true;
}

/* The applied migrations must be the same as the files, from the first on. */
static bool check_applied(const struct pg_rows *r, const struct set *set, struct err *e)
{
	for (size_t i = 0; i < r->n; i++) {
		int64_t version = pg_int(r, i, 0);
		if (version > (int64_t)set->n)
			return err_set(e, ERR_CONFIG,
				"The database is at version %lld, which this program does not know"
				" (it knows %zu). Use the newer program.",
				(long long)version, set->n);
		if (version != (int64_t)i + 1)
			return err_set(e, ERR_CONFIG,
				"The database lacks migration %zu but has %lld. Restore a backup.",
				i + 1, (long long)version);
		const struct migration *m = &set->items[i];
		if (!hash_equal(pg_bytes(r, i, 2), sum_of(m)))
			return err_set(e, ERR_CONFIG,
				"Migration %s was changed after it was applied. Put the file back"
				" as it was, and change the schema by a new migration.",
				m->file);
	}
	return true;
}

static bool read_applied(struct pg *db, struct pg_rows *r_r, struct err *e)
{
	*r_r = (struct pg_rows){.n = 0};
	if (!pg_query(db, STMT_SCHEMA_PRESENT, r_r, e))
		return false;
	if (pg_bool(r_r, 0, 0))
		return pg_query(db, STMT_SCHEMA_APPLIED, r_r, e);
	*r_r = (struct pg_rows){.n = 0};
	return true;
}

static bool apply(struct pg *db, const struct migration *m, struct err *e)
{
	if (!pg_begin(db, 0, e))
		return false;
	if (pg_script(db, m->text.p, e) &&
		pg_exec(db, STMT_SCHEMA_RECORD, NULL, e, PG_INT(m->version), PG_TEXT(m->file),
			PG_BYTES(sum_of(m)))) {
		log_info("schema.migrated", log_text("file", m->file));
		return pg_commit(db, e);
	}
	struct err why = *e;
	pg_rollback(db);
	return err_set(e, why.kind, "Migration %s: %.160s", m->file, why.text);
}

static bool migrate(struct pg *db, const struct set *set, int *applied_r, struct err *e)
{
	struct pg_rows r;
	if (!read_applied(db, &r, e) || !check_applied(&r, set, e))
		return false;
	for (size_t i = r.n; i < set->n; i++, ++*applied_r)
		if (!apply(db, &set->items[i], e))
			return false;
	return true;
}

bool schema_migrate(
	struct pg *db, struct arena *a, const char *dir, int *applied_r, struct err *e)
{
	struct set set = {.n = 0};
	struct err ignored;
	*applied_r = 0;
	if (!read_set(a, dir, &set, e) || !pg_exec(db, STMT_SCHEMA_LOCK, NULL, e))
		return false;
	bool ok = migrate(db, &set, applied_r, e);
	/* When the connection was lost, its lock is released already. */
	return pg_exec(db, STMT_SCHEMA_UNLOCK, NULL, ok ? e : &ignored) && ok;
}

bool schema_check(struct pg *db, int *version_r, struct err *e)
{
	struct pg_rows r;
	*version_r = 0;
	if (!pg_query(db, STMT_SCHEMA_PRESENT, &r, e))
		return false;
	if (!pg_bool(&r, 0, 0))
		return err_set(e, ERR_CONFIG,
			"The database has no tables yet. Run gap-admin migrate.");
	if (!pg_query(db, STMT_SCHEMA_VERSION, &r, e))
		return false;
	*version_r = (int)pg_int(&r, 0, 0);
	if (*version_r < SCHEMA_VERSION)
		return err_set(e, ERR_CONFIG,
			"The database is at version %d and this program needs %d. Run gap-admin"
			" migrate.",
			*version_r, SCHEMA_VERSION);
	if (*version_r > SCHEMA_VERSION)
		return err_set(e, ERR_CONFIG,
			"The database is at version %d and this program knows only %d. Use the"
			" newer program.",
			*version_r, SCHEMA_VERSION);
	return true;
}
