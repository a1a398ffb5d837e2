#include "pages/health.h"

#include "base/log.h"
#include "store/jobs.h"
#include "store/schema.h"

enum { WORKER_SILENT_S = 60 };

static bool plain(struct page *p, int status, const char *text)
{
	response_begin(p->s, status, "text/plain; charset=utf-8");
	buf_adds(&p->s->body, text);
	return true;
}

bool health_live(struct page *p, struct err *e)
{
	(void)e;
	return plain(p, 200, "ok\n");
}

/*
 * Ready: the database is reachable, its schema is the one of this build, and a worker was seen
 * within a minute. The answer says what is missing.
 */
bool health_ready(struct page *p, struct err *e)
{
	int64_t silent_s;
	int version;
	struct err why;
	(void)e;
	if (!pg_ping(p->db))
		return plain(p, 503, "database: not reachable\n");
	if (!schema_check(p->db, &version, &why)) {
		log_err("ready.schema", &why);
		return plain(p, 503, "migrations: not those of this build\n");
	}
	if (!workers_seen(p->db, &silent_s, &why) || silent_s < 0 || silent_s > WORKER_SILENT_S)
		return plain(p, 503, "worker: not seen within a minute\n");
	return plain(p, 200, "ready\n");
}

bool health_metrics(struct page *p, struct err *e)
{
	int64_t waiting, oldest_s, silent_s;
	if (!jobs_depth(p->db, &waiting, &oldest_s, e) || !workers_seen(p->db, &silent_s, e))
		return false;
	response_begin(p->s, 200, "text/plain; version=0.0.4; charset=utf-8");
	buf_printf(&p->s->body,
		"# HELP gap_jobs_waiting Jobs that are due or leased.\n# TYPE gap_jobs_waiting gauge\n"
		"gap_jobs_waiting %lld\n"
		"# HELP gap_jobs_oldest_seconds Age of the oldest due job.\n# TYPE gap_jobs_oldest_seconds gauge\n"
		"gap_jobs_oldest_seconds %lld\n"
		"# HELP gap_worker_silent_seconds Seconds since a worker was seen; -1 never.\n"
		"# TYPE gap_worker_silent_seconds gauge\ngap_worker_silent_seconds %lld\n",
		(long long)waiting, (long long)oldest_s, (long long)silent_s);
	return true;
}

/* Anybody's browser may send reports, so they are cut and logged, never stored. */
bool health_csp_report(struct page *p, struct err *e)
{
	(void)e;
	log_warn("csp.report", log_text("peer", p->q->peer));
	response_begin(p->s, 204, "text/plain; charset=utf-8");
	return true;
}
