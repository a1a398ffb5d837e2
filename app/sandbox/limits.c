#include "sandbox/limits.h"

#include "base/log.h"
#include "sandbox/reply.h"
#include "sandbox/stmt.h"

static const char *tenant_name(struct page *p, int tenant_no)
{
	return arena_printf(p->arena, "tenant %d", tenant_no);
}

static long long left(int64_t limit, int64_t used)
{
	return used < limit ? (long long)(limit - used) : 0;
}

static bool take_place(struct page *p, int tenant_no, struct err *e)
{
	struct pg_rows r;
	if (!pg_query(p->db, SANDBOX_STMT_SLOT_TAKE, &r, e, PG_TEXT(tenant_name(p, tenant_no))))
		return false;
	p->place = r.n == 0 ? 0 : (int)pg_int(&r, 0, 0);
	return true;
}

/* The limit that is exceeded; NULL when none is. */
static const char *problem_of(const struct pg_rows *used)
{
	return pg_int(used, 0, 1) > LIMIT_DAY	       ? "day"
	       : pg_int(used, 0, 0) > LIMIT_MINUTE     ? "minute"
	       : pg_int(used, 1, 0) > LIMIT_APP_MINUTE ? "appminute"
						       : NULL;
}

static bool enforce(struct page *p, int tenant_no, const struct pg_rows *used, bool *answered_r,
	struct err *e)
{
	const char *problem = problem_of(used);
	*answered_r = true;
	if (problem != NULL) {
		int column = strcmp(problem, "day") == 0 ? 3 : 2;
		return reply_too_many(p, problem,
			arena_printf(p->arena, "%lld", (long long)pg_int(used, 0, column)));
	}
	if (!take_place(p, tenant_no, e))
		return false;
	if (p->place == 0)
		return reply_too_many(p, "concurrent", NULL);
	*answered_r = false;
	return true;
}

bool limits_enter(struct page *p, int tenant_no, bool *answered_r, struct err *e)
{
	struct pg_rows used;
	*answered_r = false;
	if (!pg_query(p->db, SANDBOX_STMT_USAGE_COUNT, &used, e,
		    PG_TEXT(tenant_name(p, tenant_no))))
		return false;
	if (p->settings.limits && !enforce(p, tenant_no, &used, answered_r, e))
		return false;
	if (!*answered_r)
		p->limit_headers = arena_printf(p->arena,
			"X-DayLimit-Remaining: %lld\r\nX-MinLimit-Remaining: %lld\r\n"
			"X-AppMinLimit-Remaining: %lld\r\n",
			left(LIMIT_DAY, pg_int(&used, 0, 1)),
			left(LIMIT_MINUTE, pg_int(&used, 0, 0)),
			left(LIMIT_APP_MINUTE, pg_int(&used, 1, 0)));
	return true;
}

void limits_leave(struct page *p, int tenant_no)
{
	struct pg_rows r;
	struct err e;
	if (p->place == 0)
		return;
	/* A database connection that was lost has released its places already. */
	if (!pg_query(p->db, SANDBOX_STMT_SLOT_LEAVE, &r, &e,
		    PG_TEXT(tenant_name(p, tenant_no)), PG_INT(p->place)))
		log_err("sandbox.place_kept", &e);
	p->place = 0;
}
