#include "worker/calls.h"

#include "base/clock.h"
#include "base/log.h"
#include "store/grants.h"

enum { LOOK_MS = 200, WAIT_MS = 60 * 1000, AGAIN_S = 5, DAY_AGAIN_S = 3600 };

static bool take_lane(struct worker *w, const char *tenant, int *lane_r, struct err *e)
{
	int64_t end = clock_mono_ms() + WAIT_MS;
	for (;;) {
		if (!lane_take(w->beat, tenant, CALLS_AT_ONCE, lane_r, e))
			return false;
		if (*lane_r != 0)
			return true;
		if (clock_mono_ms() > end)
			return err_set_after(e, ERR_LIMITED, AGAIN_S,
				"Other calls to this practice are under way.");
		if (!worker_nap(w, LOOK_MS * w->nap_divisor, e))
			return false;
	}
}

/* A failure here must not lose the result of the call. */
static void give_lane(struct worker *w, const char *tenant, int lane)
{
	struct err e;
	if (!lane_give(w->beat, tenant, lane, &e))
		log_err("call.lane", &e);
}

int call_wait_s(const struct xero_answer *w)
{
	if (w->retry_after_s > 0)
		return w->retry_after_s;
	return w->trouble == XERO_DAY ? DAY_AGAIN_S : w->trouble == XERO_MINUTE ? AGAIN_S : 0;
}

/*
 * A day without calls left is not noted here: the next answer is a 429, which says until when.
 */
static void learn(struct worker *w, const char *tenant, const struct xero_answer *answer)
{
	struct err e;
	bool limited = answer->trouble == XERO_MINUTE || answer->trouble == XERO_DAY;
	if (limited && !budget_pause(w->beat, tenant, call_wait_s(answer), &e))
		log_err("call.pause", &e);
	if (answer->day_left <= 0 && answer->breathe_s == 0)
		return;
	if (!budget_learn(w->beat, tenant, w->set->day_budget, answer->day_left,
		    answer->breathe_s, &e))
		log_err("call.learn", &e);
}

/*
 * Counts for the current job's organisation, before the call, so that a call lost on its way
 * counts, too.
 */
static void count(struct worker *w)
{
	struct err e;
	if (w->job.org_id != 0 && !meter_count(w->beat, w->job.org_id, &e))
		log_err("call.meter", &e);
}

static bool call(const struct xero *x, struct arena *a, const struct call *c,
	const struct xero_sink *sink, struct xero_answer *w_r, struct err *e)
{
	if (c->uuid != NULL)
		return x->get(x->self, a, c->access, c->tenant, c->uuid, sink, w_r, e);
	if (c->since != 0)
		return x->list_since(x->self, a, c->access, c->tenant, c->since, sink, w_r, e);
	return x->list(x->self, a, c->access, c->tenant, sink, w_r, e);
}

bool call_practice(struct worker *w, struct arena *a, const struct call *c,
	const struct xero_sink *sink, struct xero_answer *w_r, struct err *e)
{
	int lane = 0;
	*w_r = (struct xero_answer){
		.trouble = XERO_MINUTE, .retry_after_s = AGAIN_S, .day_left = -1};
	if (!take_lane(w, c->tenant, &lane, e))
		return false;
	count(w);
	bool ok = call(w->xero, a, c, sink, w_r, e);
	give_lane(w, c->tenant, lane);
	learn(w, c->tenant, w_r);
	return ok;
}

bool call_connections(struct worker *w, const struct secret *access,
	const struct xero_tenant **rows_r, size_t *n_r, struct xero_answer *w_r, struct err *e)
{
	count(w);
	return w->xero->connections(w->xero->self, w->arena, access, rows_r, n_r, w_r, e);
}

bool call_remove(struct worker *w, const struct secret *access, const char *connection,
	struct xero_answer *w_r, struct err *e)
{
	count(w);
	return w->xero->remove(w->xero->self, w->arena, access, connection, w_r, e);
}
