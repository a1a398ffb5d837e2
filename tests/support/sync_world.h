/*
 * A worker in the test's process over a private database (support/db.h) and
 * the stub as its Xero: connects an organisation to a practice, runs jobs, and
 * reads what became of the tables.
 */
#ifndef GAP_TESTS_SYNC_WORLD_H
#define GAP_TESTS_SYNC_WORLD_H

#include "support/db.h"
#include "support/xero_stub.h"
#include "store/sync.h"
#include "worker/tokens.h"
#include "worker/worker.h"

#include <sys/types.h>

extern struct world {
	struct worker w;
	struct worker_settings set;
	struct stub_xero *x;
	struct arena *home;
	char dir[64];
	int64_t now; /* the worker's clock; 0: the real one */
	int64_t grant_id;
	bool keep_budget; /* else each run begins with a fresh one */
	int64_t line;	  /* of the audit chain, the last one before this test */
} g;

int world_set_up(void **state);
int world_tear_down(void **state);
/* Before each test: empty tables, a new stub, nothing connected. */
int world_begin(void **state);
int world_end(void **state);
#define WORLD_TEST(f) cmocka_unit_test_setup_teardown((f), world_begin, world_end)

/* A worker of its own for a child process: new connections, another name. */
void world_worker(struct worker *w, struct arena *home, const char *name);

/* d.org is connected to practice 1 and waits for its first import. */
void world_connect(void);
/*
 * Besides, n organisations from this number on, each connected for its first import, with the one grant, to a
 * practice of its own, whose id tells the number.
 */
void world_firms(int64_t first, int n);
int64_t world_firm_of(const char *tenant);
/* Within a test: everything as at its beginning, and connected. */
void world_again(void);
/* Runs a sync job now; the run's state, e.g. "complete". */
const char *world_sync(const char *payload);
/* Queues a job and runs due jobs until none is; number of jobs done. */
void world_queue(const char *kind, const char *payload);
int world_work(void);
/* Makes waiting jobs of a kind due now. */
void world_due(const char *kind);

/* Waits for a child of the test; its exit status, 100 when it did not end by itself. */
int world_reap(pid_t pid);

/* One column of the newest run. */
int64_t world_run(const char *column);
const char *world_connection(const char *column);

/* Lines of this test in d.org's audit chain. */
int64_t world_audited(const char *event, const char *result);

/* Everything a person could see of an organisation's synced clients, as one text. */
const char *world_picture(int64_t org);

#endif
