#include "io/pg_int.h"

#include "base/log.h"

/* Appendix A of PostgreSQL's manual. Two characters mean a class. The first match counts. */
static const struct {
	const char *sqlstate;
	enum err_kind kind;
} kinds[] = {
	{"08", ERR_UNAVAILABLE},    /* connection */
	{"53", ERR_UNAVAILABLE},    /* resources: disk, memory, connections */
	{"57", ERR_UNAVAILABLE},    /* shutdown, statement timeout */
	{"40001", ERR_UNAVAILABLE}, /* serialization */
	{"40P01", ERR_UNAVAILABLE}, /* deadlock */
	{"55P03", ERR_UNAVAILABLE}, /* lock timeout */
	{"25P03", ERR_UNAVAILABLE}, /* idle in transaction too long: the server closed */
	{"25006", ERR_UNAVAILABLE}, /* read only: a standby answered; ends with the fail-over */
	{"23505", ERR_CONFLICT},    /* unique */
	{"23P01", ERR_CONFLICT},    /* exclusion */
	{"P0001", ERR_CONFLICT},    /* our own RAISE */
	{"42501", ERR_DENIED},	    /* privilege, policy */
};

enum err_kind pg_kind(const char *sqlstate)
{
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (str_starts(str_of(sqlstate), kinds[i].sqlstate))
			return kinds[i].kind;
	return ERR_INTERNAL;
}

static bool is_one_of(const char *sqlstate, const char *states)
{
	return *sqlstate != '\0' && strstr(states, sqlstate) != NULL;
}

bool pg_is_stale(const char *sqlstate)
{
	return is_one_of(sqlstate, "26000 0A000 25006");
}

bool pg_is_passing(const char *sqlstate)
{
	return is_one_of(sqlstate, "40001 40P01 55P03 57014");
}

bool pg_judge(struct err *e, const struct pg_failure *f)
{
	enum err_kind kind = pg_kind(f->sqlstate);
	if (strcmp(f->sqlstate, "P0001") == 0)
		return err_set(e, kind, "%s", f->message);
	if (kind == ERR_UNAVAILABLE)
		return err_set_after(e, kind, 5,
			"The database could not do this now: %s: %s (%s).", f->statement,
			f->message, f->sqlstate);
	if (kind == ERR_INTERNAL)
		return err_set(e, kind, "The database refused: %s: %s (%s).", f->statement,
			f->message, f->sqlstate);
	/*
	 * ERR_CONFLICT and ERR_DENIED are shown to users, to whom names of our tables mean
	 * nothing.
	 */
	log_info("pg.refused", log_text("statement", f->statement),
		log_text("sqlstate", f->sqlstate), log_text("why", f->message));
	if (kind == ERR_DENIED)
		return err_set(e, kind, "This is not allowed.");
	return err_set(e, kind,
		"Something like this is there already. Load the page again and check.");
}

static void copy_cell(struct buf *out, const char *s)
{
	for (size_t plain = strcspn(s, "\\\b\f\n\r\t\v");;
		plain = strcspn(s, "\\\b\f\n\r\t\v")) {
		buf_add(out, s, plain);
		s += plain;
		if (*s == '\0')
			return;
		static const char raw[] = "\\\b\f\n\r\t\v", cooked[] = "\\bfnrtv";
		buf_addc(out, '\\');
		buf_addc(out, cooked[strchr(raw, *s) - raw]);
		s++;
	}
}

void pg_copy_text(struct buf *out, const char *const *cells, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (i != 0)
			buf_addc(out, '\t');
		if (cells[i] == NULL)
			buf_adds(out, "\\N");
		else
			copy_cell(out, cells[i]);
	}
	buf_addc(out, '\n');
}
